"""Reads a credential in its token form (compact JWS): the statement inside, and what the signature is made over.

Three ways of writing it are read: W3C VC-JOSE-COSE (the credential is the payload), 1EdTech's for Open Badges 3.0 (the
same with the names of JWT beside it) and that of the older data model (the credential stands under `vc`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from credentials.standards import data_integrity, multikey
from credentials.verification.said import identifier_of
from portal.shared import strict_json

Json = dict[str, Any]

COMPACT = re.compile(r"[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\Z")
MAX_CHARACTERS = 400_000
# Names of JWT (RFC 7519) that are no part of the credential.
_CLAIMS = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce", "vc")


# How tokens that are credentials call themselves, the oldest not at all.
_TYPES = ("", "jwt", "vc+jwt", "vc+ld+jwt", "vc-ld+jwt", "vc+ld+json+jwt")


class BadToken(ValueError):
    """The text is no token, or one that says two things; the message is for people."""


@dataclass(frozen=True)
class Token:
    """A token taken apart, nothing of it checked yet."""

    header: Json
    document: Json
    issuer_id: str
    message: bytes
    signature: bytes
    not_before: datetime | None = None
    expires: datetime | None = None

    @property
    def algorithm(self) -> str:
        found = self.header.get("alg")
        return found if isinstance(found, str) else ""


def read(text: str) -> Token:
    """Take it apart. Raises BadToken, also where claims and credential contradict each other."""
    plain = text.strip()
    if len(plain) > MAX_CHARACTERS or not COMPACT.match(plain):
        raise BadToken(_("This is not a token of three parts."))
    head, body, tail = plain.split(".")
    header, payload = _object(head), _object(body)
    if "crit" in header or header.get("b64") is False:
        raise BadToken(_("The token demands something of whoever reads it that is not known here."))
    if str(header.get("typ", "")).lower().removeprefix("application/") not in _TYPES:
        # RFC 8725, section 3.11: what was signed for another use must not pass for a credential.
        raise BadToken(_("The token says of itself that it is something else than a credential."))
    document = _document(payload)
    issuer_id = identifier_of(document.get("issuer"))
    if payload.get("iss", issuer_id) != issuer_id:
        raise BadToken(_("The token names one issuer, and the credential in it another."))
    if "jti" in payload and document.get("id", payload["jti"]) != payload["jti"]:
        raise BadToken(_("The token has one number, and the credential in it another."))
    subject = identifier_of(document.get("credentialSubject"))
    if subject and payload.get("sub", subject) != subject:
        raise BadToken(_("The token is about one person, and the credential in it about another."))
    try:
        signature = multikey.decode_base64url(tail)
    except multikey.BadMultibase as error:
        raise BadToken(_("The signature of the token is not written as it should be.")) from error
    return Token(
        header=header,
        document=document,
        issuer_id=issuer_id,
        message=f"{head}.{body}".encode("ascii"),
        signature=signature,
        not_before=_moment(payload.get("nbf")),
        expires=_moment(payload.get("exp")),
    )


def _object(part: str) -> Json:
    try:
        value = strict_json.loads(multikey.decode_base64url(part))
    except (multikey.BadMultibase, strict_json.BadJson) as error:
        raise BadToken(_("The token cannot be read: {why}").format(why=error)) from error
    if not isinstance(value, dict):
        raise BadToken(_("The token holds something else than an object."))
    return value


def _document(payload: Json) -> Json:
    """The credential as it would stand alone."""
    inner = payload.get("vc")
    if inner is None:
        return {name: value for name, value in payload.items() if name not in _CLAIMS}
    if not isinstance(inner, dict):
        raise BadToken(_("The token holds something else than an object."))
    if {"@context", "credentialSubject", "vp"} & set(payload):
        # A reader of version 2.0 would take the payload for the credential, and one of 1.1 the claim.
        raise BadToken(_("The token holds two credentials, one in the other."))
    # VC data model 1.1, section 6.3.1: what the claims say is not said again, or said the same.
    document = dict(inner)
    if "iss" in payload:
        document.setdefault("issuer", payload["iss"])
    if "jti" in payload:
        document.setdefault("id", payload["jti"])
    for claim, name in (("nbf", "issuanceDate"), ("exp", "expirationDate")):
        if (moment := _moment(payload.get(claim))) is not None:
            document.setdefault(name, data_integrity.date_time_stamp(moment))
    if isinstance(document.get("credentialSubject"), dict) and "sub" in payload:
        document["credentialSubject"] = {"id": payload["sub"]} | document["credentialSubject"]
    return document


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken(_("A time in the token is not a number."))
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise BadToken(_("A time in the token is beyond the calendar.")) from error
