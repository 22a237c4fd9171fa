"""How a wallet says what it wants while it redeems an offer, and is told by which names to ask (OpenID4VCI 1.0, 5.1.1).

Most wallets ask by the name of a configuration. One that sends `authorization_details` must be answered with
identifiers, and asks by those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from credentials.exchange import metadata
from credentials.models import Credential, WalletCopy
from portal.shared import strict_json

Json = dict[str, Any]

TYPE = "openid_credential"
_MOST = 10


class BadDetails(Exception):
    """They ask for what is not offered here, or are no details at all (RFC 9396, section 5)."""


@dataclass(frozen=True)
class Wanted:
    """One thing that is wanted: by which configuration, and of which issuers if that was said."""

    configuration: str
    locations: tuple[str, ...] | None


def read(text: str) -> list[Wanted]:
    """Raises BadDetails."""
    try:
        given = strict_json.loads(text.encode("utf-8"))
    except strict_json.BadJson as error:
        raise BadDetails("authorization_details is not sound JSON.") from error
    if not isinstance(given, list) or not 1 <= len(given) <= _MOST:
        raise BadDetails(f"authorization_details must be a list of 1 to {_MOST} objects.")
    return [_wanted(each) for each in given]


def answered(wanted: Sequence[Wanted], credential: Credential) -> list[Json]:
    """What is granted of it, each with the one name to ask by. Raises BadDetails for another issuer's."""
    issuer = metadata.issuer_id(credential.issuer)
    if any(each.locations is not None and issuer not in each.locations for each in wanted):
        raise BadDetails("locations does not name the issuer of the offer.")
    return [
        {
            "type": TYPE,
            "locations": [issuer],
            "credential_configuration_id": each.configuration,
            "credential_identifiers": [_identifier(each.configuration, credential)],
        }
        for each in wanted
    ]


def form_named(identifier: object, credential: Credential) -> WalletCopy.Form | None:
    """The form of the credential that an identifier of ours is for."""
    names = {_identifier(name, credential): form for name, form in metadata.CONFIGURATIONS.items()}
    return names.get(identifier) if isinstance(identifier, str) else None


def _identifier(configuration: str, credential: Credential) -> str:
    return f"{configuration}:{credential.uuid}"


def _wanted(given: object) -> Wanted:
    if not isinstance(given, dict) or given.get("type") != TYPE:
        raise BadDetails(f"Each of authorization_details must be an object of the type {TYPE}.")
    name, locations = given.get("credential_configuration_id"), given.get("locations")
    if not isinstance(name, str) or name not in metadata.CONFIGURATIONS:
        raise BadDetails("credential_configuration_id names nothing that is offered here.")
    if locations is not None and not (isinstance(locations, list) and all(isinstance(each, str) for each in locations)):
        raise BadDetails("locations must be a list of texts.")
    return Wanted(name, None if locations is None else tuple(locations))
