"""Takes in wallets that register themselves (RFC 7591), as Open Badges 3.0, section 7.2.1, asks them to."""

import re
import secrets
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from credentials.exchange import scopes
from credentials.exchange.authorization import hash_of
from credentials.models import WalletClient

Json = dict[str, Any]

MOST_REDIRECTS, LONGEST_URL = 10, 500
# The texts that a registration must bring, and how long they may be.
_TEXTS = {"client_name": 100, "software_id": 200, "software_version": 100}
_URLS = ("client_uri", "logo_uri", "tos_uri", "policy_uri")
_METHOD = "client_secret_basic"
_GRANTS, _RESPONSES = ("authorization_code", "refresh_token"), ("code",)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\Z")


class BadMetadata(Exception):
    """The registration is refused; `error` is the code of RFC 7591, section 3.2.2."""

    def __init__(self, words: str, error: str = "invalid_client_metadata") -> None:
        super().__init__(words)
        self.error = error


@dataclass(frozen=True)
class Registered:
    """A wallet that was taken in, and its secret, which is told now and never again."""

    client: WalletClient
    secret: str


@transaction.atomic
def register(metadata: Mapping[str, Any]) -> Registered:
    """Keep the wallet as it describes itself. Raises BadMetadata; what is not known here is left out of the answer."""
    texts = {name: _text(metadata, name, longest) for name, longest in _TEXTS.items()}
    urls = {name: _url(metadata.get(name), name) for name in _URLS}
    redirects = _redirects(metadata.get("redirect_uris"))
    # Whoever agrees to a name and a logo must end up with those who stand behind them.
    hosts = {urlsplit(url).netloc.lower() for url in (*urls.values(), *redirects)}
    if len(hosts) != 1:
        raise BadMetadata("All addresses must be of one host.")
    _refuse_other(metadata, "token_endpoint_auth_method", [_METHOD], metadata.get("token_endpoint_auth_method"))
    _refuse_others(metadata, "grant_types", _GRANTS)
    _refuse_others(metadata, "response_types", _RESPONSES)
    secret = secrets.token_urlsafe(32)
    client = WalletClient.objects.create(
        client_id=str(uuid.uuid4()),
        client_secret=hash_of(secret),
        # The library would put the random secret through a hash made slow for passwords, at each request.
        hash_client_secret=False,
        client_type=WalletClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=WalletClient.GRANT_AUTHORIZATION_CODE,
        registration_source=WalletClient.RegistrationSource.DCR,
        name=texts["client_name"],
        redirect_uris=" ".join(redirects),
        about=urls["client_uri"],
        logo=urls["logo_uri"],
        terms=urls["tos_uri"],
        policy=urls["policy_uri"],
        software_id=texts["software_id"],
        software_version=texts["software_version"],
        scope=_scope(metadata.get("scope")),
    )
    return Registered(client, secret)


def described(registered: Registered) -> Json:
    """The answer of RFC 7591, section 3.2.1: what was registered, with what it signs in by."""
    client = registered.client
    return {
        "client_id": client.client_id,
        "client_secret": registered.secret,
        "client_id_issued_at": int(client.created.timestamp()),
        "client_secret_expires_at": 0,
        "client_name": client.name,
        "client_uri": client.about,
        "logo_uri": client.logo,
        "tos_uri": client.terms,
        "policy_uri": client.policy,
        "software_id": client.software_id,
        "software_version": client.software_version,
        "redirect_uris": client.redirect_uris.split(),
        "token_endpoint_auth_method": _METHOD,
        "grant_types": list(_GRANTS),
        "response_types": list(_RESPONSES),
        "scope": client.scope,
    }


def _text(metadata: Mapping[str, Any], name: str, longest: int) -> str:
    value = metadata.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadMetadata(f"{name} is missing.")
    if len(value) > longest:
        raise BadMetadata(f"{name} is longer than {longest} characters.")
    # It is shown in one line, to people who decide by it.
    return " ".join(value.split())


def _url(value: object, name: str, error: str = "invalid_client_metadata") -> str:
    if not isinstance(value, str) or not value:
        raise BadMetadata(f"{name} is missing.", error)
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise BadMetadata(f"{name} is not an address.", error) from None
    if parts.scheme != "https" or not _HOST.match(host) or parts.username is not None or parts.password is not None:
        raise BadMetadata(f"{name} is not an https address of a named host.", error)
    if len(value) > LONGEST_URL or parts.fragment or not value.isascii() or re.search(r"\s", value):
        raise BadMetadata(f"{name} has a fragment or a space, or is longer than {LONGEST_URL} characters.", error)
    return value


def _redirects(value: object) -> list[str]:
    error = "invalid_redirect_uri"
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_REDIRECTS:
        raise BadMetadata(f"redirect_uris must be a list of 1 to {MOST_REDIRECTS} addresses.", error)
    return [_url(each, "redirect_uris", error) for each in value]


def _scope(value: object) -> str:
    wanted = value.split() if isinstance(value, str) else []
    known = [scope for scope in dict.fromkeys(wanted) if scope in scopes.WORDS]
    if not known:
        raise BadMetadata("scope names nothing that can be granted here.")
    return " ".join(known)


def _refuse_others(metadata: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> None:
    value = metadata.get(name, list(allowed))
    if not isinstance(value, list):
        raise BadMetadata(f"{name} must be a list.")
    for each in value:
        _refuse_other(metadata, name, allowed, each)


def _refuse_other(metadata: Mapping[str, Any], name: str, allowed: Collection[str], value: object) -> None:
    if name in metadata and (not isinstance(value, str) or value not in allowed):
        raise BadMetadata(f"{name} may be only {', '.join(allowed)}.")
