"""Finds the key that a foreign issuer gives a verification method: by itself, or at the issuer's own address.

What an issuer's own document says is believed of that issuer only, and only for making assertions.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from credentials.standards import did_web, multikey
from credentials.verification import foreign, public_keys
from credentials.verification.public_keys import PublicKey

Json = dict[str, Any]

_ACCEPT = "application/did+json, application/did, application/json"


class NotHad(Exception):
    """Whose key it is could not be found out; `words` say why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class NotTheirs(NotHad):
    """The issuer's own document does not give it this key."""


def key_of(method: str, issuer_id: str) -> PublicKey:
    """The key of a method that begins with the issuer's own id or lies on its own site. Raises NotHad, NotTheirs.

    `method` without a fragment stands for the one key that the issuer has.
    """
    did = method.partition("#")[0]
    if issuer_id.startswith("did:"):
        if did != issuer_id:
            raise NotTheirs(_("The signature names a key of somebody else than the issuer."))
        if issuer_id.startswith("did:key:"):
            return _of_did_key(method)
        if issuer_id.startswith("did:jwk:"):
            return _of_did_jwk(method)
        if issuer_id.startswith("did:web:"):
            return _granted(_document_of(issuer_id), method, issuer_id)
        raise NotHad(_("Keys of the kind {kind} are not known here.").format(kind=":".join(issuer_id.split(":")[:2])))
    return _of_site(method, issuer_id)


def _of_did_key(method: str) -> PublicKey:
    did, sharp, fragment = method.partition("#")
    text = did.removeprefix("did:key:")
    if sharp and fragment != text:
        raise NotTheirs(_("The signature names a key of somebody else than the issuer."))
    try:
        # The method writes keys in base58 only: in another alphabet the same key would be a second issuer.
        return public_keys.of_multikey(text if text.startswith("z") else "")
    except public_keys.BadKey as error:
        if not text.startswith("z") or not multikey.may_be_key(text):
            raise NotTheirs(_("What the issuer calls its key is no key that could sign.")) from error
        raise NotHad(_("The key that the signature names is none that is known here.")) from error


def _of_did_jwk(method: str) -> PublicKey:
    did, sharp, fragment = method.partition("#")
    if sharp and fragment != "0":
        raise NotTheirs(_("The signature names a key of somebody else than the issuer."))
    try:
        return public_keys.of_jwk(json.loads(multikey.decode_base64url(did.removeprefix("did:jwk:")[:4_000])))
    except ValueError as error:
        raise NotHad(_("The key that the signature names is none that is known here.")) from error


def _document_of(did: str) -> Json:
    try:
        document = foreign.json_at(did_web.url_of(did), accept=_ACCEPT)
    except did_web.BadDidWeb as error:
        raise NotHad(
            _("{issuer} is not an address on the open network that may be asked.").format(issuer=did)
        ) from error
    except foreign.NotHad as error:
        raise NotHad(error.words) from error
    if document.get("deactivated") is True:
        raise NotTheirs(_("{issuer} says of itself that it signs no longer.").format(issuer=did))
    if document.get("id") != did:
        raise NotTheirs(
            _("What stands at the address of {issuer} is the document of somebody else.").format(issuer=did)
        )
    return document


def _granted(document: Json, method: str, owner: str) -> PublicKey:
    """The key of a method that its owner's document lets make assertions (Controlled Identifiers 1.0, section 3.3)."""
    entries = [entry for entry in _listed(document.get("verificationMethod")) if isinstance(entry, dict)]
    granted = _listed(document.get("assertionMethod"))
    entries += [entry for entry in granted if isinstance(entry, dict)]
    names = [_absolute(entry.get("id") if isinstance(entry, dict) else entry, owner) for entry in granted]
    wanted = method if "#" in method else names[0] if len(names) == 1 else ""
    found = [entry for entry in entries if _absolute(entry.get("id"), owner) == wanted]
    if not wanted or wanted not in names or len(found) != 1:
        raise NotTheirs(_("{issuer} does not name this key among those it signs with.").format(issuer=owner))
    entry = found[0]
    if entry.get("controller") != owner or "revoked" in entry or "expires" in entry:
        raise NotTheirs(_("{issuer} does not sign with this key, or no longer.").format(issuer=owner))
    try:
        return public_keys.of_method(entry)
    except public_keys.BadKey as error:
        raise NotHad(_("The key that the signature names is none that is known here.")) from error


def _of_site(method: str, issuer_id: str) -> PublicKey:
    """The key at an https address of the issuer's own site: a key document, a JWK, or the issuer's own document."""
    if _site(method) != _site(issuer_id) or not _site(issuer_id):
        raise NotTheirs(_("The signature names a key of somebody else than the issuer."))
    try:
        document = foreign.json_at(method.partition("#")[0], accept=_ACCEPT)
    except foreign.NotHad as error:
        raise NotHad(error.words) from error
    if "kty" in document:
        return _known(lambda: public_keys.of_jwk(document))
    if document.get("controller") == issuer_id and document.get("id", method) == method:
        if "revoked" in document or "expires" in document:
            raise NotTheirs(_("{issuer} does not sign with this key, or no longer.").format(issuer=issuer_id))
        return _known(lambda: public_keys.of_method(document))
    if document.get("id") == issuer_id:
        return _granted(document, method, issuer_id)
    raise NotTheirs(_("{issuer} does not name this key among those it signs with.").format(issuer=issuer_id))


def _known(make: Any) -> PublicKey:
    try:
        key: PublicKey = make()
    except public_keys.BadKey as error:
        raise NotHad(_("The key that the signature names is none that is known here.")) from error
    return key


def _site(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme == "https" else ""


def _listed(value: object) -> list[Any]:
    return value[:100] if isinstance(value, list) else [] if value is None else [value]


def _absolute(id_: object, owner: str) -> str:
    if not isinstance(id_, str):
        return ""
    return owner + id_ if id_.startswith("#") else id_
