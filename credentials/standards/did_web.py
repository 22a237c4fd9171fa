"""Issuers as did:web: identifier and address, and the DID document with its history of keys (did:web method draft)."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from . import multikey
from .contexts import DID_V1, JWK_V1, MULTIKEY_V1

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,200}\Z")
_PORT = re.compile(r"[1-9][0-9]{0,4}\Z")
_LOCAL = "localhost"
_WELL_KNOWN = "/.well-known/did.json"


class BadDidWeb(ValueError):
    """The text is not a did:web identifier, or not an address that one can stand for."""


def url_of(did: str) -> str:
    """Where the DID document of a did:web is served (did:web, section 2.5.2).

    `did:web:example.edu` gives `https://example.edu/.well-known/did.json`, `did:web:example.edu:a:b` gives
    `https://example.edu/a/b/did.json`, a port is written `%3A8000`. Only `localhost`, the demonstration on one machine,
    is reached by http. Raises BadDidWeb; IP addresses are refused, as the method demands.
    """
    if not did.startswith("did:web:"):
        raise BadDidWeb(f"{did!r} is not a did:web.")
    authority, *segments = did.removeprefix("did:web:").split(":")
    host, port = _host_and_port(re.sub("%3a", ":", authority, flags=re.IGNORECASE))
    if any(not _SEGMENT.match(segment) or segment in (".", "..") for segment in segments):
        raise BadDidWeb(f"The path of {did!r} has a part that is not plain.")
    path = "/" + "/".join(segments) + "/did.json" if segments else _WELL_KNOWN
    return f"{_scheme(host)}://{host}{':' + port if port else ''}{path}"


def did_of(url: str) -> str:
    """The did:web of an https address, with or without its ending `/did.json`; the reverse of `url_of`.

    `https://learn.example.edu/issuers/science` gives `did:web:learn.example.edu:issuers:science`. Raises BadDidWeb.
    """
    parts = urlsplit(url)
    if parts.query or parts.fragment or parts.username is not None:
        raise BadDidWeb(f"{url!r} has more than a host and a path.")
    host, port = _host_and_port(parts.netloc.lower())
    if parts.scheme != _scheme(host):
        raise BadDidWeb(f"{url!r} does not begin with {_scheme(host)}.")
    path = parts.path.removesuffix(_WELL_KNOWN).removesuffix("/did.json").strip("/")
    segments = path.split("/") if path else []
    if any(not _SEGMENT.match(segment) or segment in (".", "..") for segment in segments):
        raise BadDidWeb(f"The path of {url!r} has a part that is not plain.")
    return ":".join(["did:web", host + (f"%3A{port}" if port else ""), *segments])


def method_id(did: str, public_key: str) -> str:
    """The id of a verification method: the DID and, as fragment, the Multikey itself. Raises multikey.BadMultibase."""
    multikey.decode_key(public_key)
    return f"{did}#{public_key}"


def did_document(
    did: str,
    *,
    public_keys: Sequence[str],
    token_keys: Mapping[str, Mapping[str, str]] | None = None,
    also_known_as: Sequence[str] = (),
) -> dict[str, Any]:
    """The DID document: each Multikey, active or retired, as a method that may assert (Controlled Identifiers 1.0).

    `token_keys` are the public keys of tokens, as JsonWebKeys by the last part of their names. Retired keys stay, so
    that what they signed still verifies; a compromised key is simply not given. Order is kept, repeats are left out.
    Raises BadDidWeb or multikey.BadMultibase.
    """
    url_of(did)
    keys = list(dict.fromkeys(public_keys))
    ids = [method_id(did, key) for key in keys]
    document: dict[str, Any] = {"@context": [DID_V1, MULTIKEY_V1], "id": did}
    if also_known_as:
        document["alsoKnownAs"] = list(also_known_as)
    # Ids in full and methods by name, not embedded: the 1EdTech resolver knows no other form.
    document["verificationMethod"] = [
        {"id": id_, "type": "Multikey", "controller": did, "publicKeyMultibase": key}
        for id_, key in zip(ids, keys, strict=True)
    ]
    if token_keys:
        document["@context"].append(JWK_V1)
        document["verificationMethod"] += [
            {"id": f"{did}#{name}", "type": "JsonWebKey", "controller": did, "publicKeyJwk": dict(jwk)}
            for name, jwk in token_keys.items()
        ]
    document["assertionMethod"] = [method["id"] for method in document["verificationMethod"]]
    return document


def assertion_key(document: dict[str, Any], method: str) -> multikey.PublicKey:
    """The key that a DID document gives a method for assertions; raises BadDidWeb where it grants none.

    The method must stand in `verificationMethod`, be named in `assertionMethod`, be controlled by the document's own
    id, and bear no `revoked` or `expires` (Controlled Identifiers 1.0, section 3.3). Raises multikey.BadMultibase for a
    key of another kind.
    """
    granted = document.get("assertionMethod")
    if not isinstance(granted, list) or method not in granted:
        raise BadDidWeb(f"{method!r} may not make assertions for {document.get('id')!r}.")
    methods = document.get("verificationMethod")
    found = (
        [entry for entry in methods if isinstance(entry, dict) and entry.get("id") == method]
        if isinstance(methods, list)
        else []
    )
    if len(found) != 1:
        raise BadDidWeb(f"{method!r} is not in the DID document exactly once.")
    entry = found[0]
    if entry.get("controller") != document.get("id") or entry.get("type") != "Multikey":
        raise BadDidWeb(f"{method!r} is not a Multikey controlled by {document.get('id')!r}.")
    if "revoked" in entry or "expires" in entry:
        raise BadDidWeb(f"{method!r} is revoked or limited in time.")
    return multikey.decode_key(str(entry.get("publicKeyMultibase", "")))


def _scheme(host: str) -> str:
    return "http" if host == _LOCAL else "https"


def _host_and_port(authority: str) -> tuple[str, str]:
    host, colon, port = authority.partition(":")
    if unquote(host) != host or not all(_LABEL.match(label) for label in host.split(".")) or len(host) > 253:
        raise BadDidWeb(f"{authority!r} is not a host name in lower case.")
    if colon and (not _PORT.match(port) or int(port) > 65_535):
        raise BadDidWeb(f"{port!r} is not a port.")
    if _is_address(host) or ("." not in host and host != _LOCAL):
        raise BadDidWeb(f"{host!r} is not the name of a host on the network.")
    return host, port


def _is_address(host: str) -> bool:
    # A name whose last label is a number is read as an IPv4 address by browsers, whatever stands before it.
    last = host.rsplit(".", 1)[-1]
    if last.isdigit() or re.match(r"0x[0-9a-f]*\Z", last):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
