"""Asks a foreign status list: fetched from the address that was signed, its own proof checked, its bit read."""

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from credentials.standards import data_integrity, did_web
from credentials.standards import status_list as bitstring
from credentials.verification import foreign, limits, resolving, tokens
from credentials.verification.said import identifier_of

Json = dict[str, Any]

_MOST_ENTRIES = 4
_SKEW = timedelta(minutes=5)
_INDEX = re.compile(r"[0-9]{1,12}\Z", re.ASCII)


class Told(Enum):
    """What the issuer's status says, or that nobody could find out."""

    STANDS = "stands"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"


# What a set bit means; a message or a hint to fetch it anew takes nothing away.
_TOLD = {
    "revocation": Told.REVOKED,
    "suspension": Told.SUSPENDED,
    "message": Told.STANDS,
    "refresh": Told.STANDS,
}


@dataclass(frozen=True)
class Status:
    """What is told of a credential's status, and why where that is not plain."""

    told: Told
    words: str = ""


class _NotTold(Exception):
    """The list says nothing that may be relied on; the message is for people."""


def status_of(document: Json, *, at: datetime) -> Status:
    """What the status entries of a foreign credential say: the gravest of them; UNKNOWN before STANDS."""
    given = document.get("credentialStatus")
    entries = given if isinstance(given, list) else [given]
    if not entries or len(entries) > _MOST_ENTRIES:
        return Status(Told.UNKNOWN, _("It names more places of its status than are looked at here."))
    found = [_of_entry(entry, document, at=at) for entry in entries]
    for told in (Told.REVOKED, Told.SUSPENDED, Told.UNKNOWN):
        if worst := next((status for status in found if status.told is told), None):
            return worst
    return found[0]


def _of_entry(entry: object, document: Json, *, at: datetime) -> Status:
    if not isinstance(entry, dict):
        return Status(Told.UNKNOWN, _("Its status is not written as it should be."))
    try:
        match entry.get("type"):
            case "BitstringStatusListEntry":
                is_set = _bit(entry, _list_at(entry, document, at=at))
            case "StatusList2021Entry":
                is_set = _bit_of_2021(entry, _list_at(entry, document, at=at))
            case "1EdTechRevocationList":
                is_set = _in_revocation_list(entry, document)
            case _:
                raise _NotTold(_("Its status is told in a way that is not known here."))
    except _NotTold as error:
        return Status(Told.UNKNOWN, str(error))
    told = _TOLD.get(str(entry.get("statusPurpose", "revocation")), Told.UNKNOWN) if is_set else Told.STANDS
    words = _("Its issuer’s list says something of it whose meaning is not known here.")
    return Status(told, words if told is Told.UNKNOWN else "")


def _list_at(entry: Json, document: Json, *, at: datetime) -> Json:
    """The list, once its own signature was checked."""
    url = entry.get("statusListCredential")
    if not isinstance(url, str):
        raise _NotTold(_("Its status is not written as it should be."))
    try:
        content = foreign.text_at(url, accept="application/vc, application/json, application/vc+jwt;q=0.5")
        text = content.decode("utf-8", "replace").strip()
        listed = _signed_token(text, at) if tokens.COMPACT.match(text) else _signed_document(url, at)
    except foreign.NotHad as error:
        raise _NotTold(error.words) from error
    _refuse_list_of_others(identifier_of(listed.get("issuer")), url, document)
    for name, wrong in (("validFrom", 1), ("validUntil", -1), ("issuanceDate", 1), ("expirationDate", -1)):
        if name in listed:
            try:
                moment = data_integrity.parse_date_time_stamp(listed[name])
            except ValueError as error:
                raise _NotTold(_("The list of the issuer is not written as it should be.")) from error
            if (moment - at) * wrong > _SKEW:
                raise _NotTold(_("The list of the issuer is out of date."))
    return listed


def _refuse_list_of_others(issuer_id: str, url: str, document: Json) -> None:
    """The issuer of the credential speaks in its list, or whoever it lets keep lists, on a site of its own.

    A key alone (did:key) belongs to nobody: with it, whoever can put a file at the address could sign a list.
    """
    if issuer_id == identifier_of(document.get("issuer")):
        return
    try:
        site = urlsplit(did_web.url_of(issuer_id) if issuer_id.startswith("did:web:") else issuer_id)
        if site.scheme == "https" and site.netloc.lower() == urlsplit(url).netloc.lower():
            return
    except ValueError:
        pass
    raise _NotTold(_("The list is signed by somebody else than the issuer."))


def _signed_document(url: str, at: datetime) -> Json:
    listed = foreign.json_at(url)
    try:
        proofs = data_integrity.proofs_of(listed)
    except data_integrity.ProofError as error:
        raise _NotTold(_("The list of the issuer is not signed.")) from error
    issuer_id = identifier_of(listed.get("issuer"))
    for proof in proofs[:2]:
        try:
            key = resolving.key_of(str(proof.get("verificationMethod")), issuer_id)
            answer = limits.ask("documents", {"act": "proof", "document": listed, "proof": proof, "key": key.multikey})
        except (resolving.NotHad, limits.GaveUp) as error:
            raise _NotTold(_("The signature of the issuer’s list could not be checked.")) from error
        if answer["outcome"] != "holds":
            raise _NotTold(_("The signature of the issuer’s list does not hold."))
        if "expires" in proof and data_integrity.parse_date_time_stamp(proof["expires"]) <= at:
            raise _NotTold(_("The list of the issuer is out of date."))
    return listed


def _signed_token(text: str, at: datetime) -> Json:
    try:
        token = tokens.read(text)
        method = token.header.get("kid")
        key = resolving.key_of(method if isinstance(method, str) else token.issuer_id, token.issuer_id)
    except (tokens.BadToken, resolving.NotHad) as error:
        raise _NotTold(_("The signature of the issuer’s list could not be checked.")) from error
    if key.algorithm != token.algorithm or not key.verifies(token.signature, token.message):
        raise _NotTold(_("The signature of the issuer’s list does not hold."))
    if (token.expires and token.expires < at - _SKEW) or (token.not_before and token.not_before > at + _SKEW):
        raise _NotTold(_("The list of the issuer is out of date."))
    return token.document


def _bit(entry: Json, listed: Json) -> bool:
    if entry.get("statusSize", 1) != 1:
        raise _NotTold(_("Its status is told in a way that is not known here."))
    try:
        return bitstring.status_in(listed, entry)
    except bitstring.IndexOutOfRange as error:
        raise _NotTold(_("The list of the issuer has no such entry.")) from error
    except bitstring.BadStatusList as error:
        raise _NotTold(_("The list of the issuer is not written as it should be.")) from error


def _bit_of_2021(entry: Json, listed: Json) -> bool:
    """The list before the present one: the same bits, written without the letter that names their alphabet."""
    subject = listed.get("credentialSubject")
    if (
        not isinstance(subject, dict)
        or subject.get("type") != "StatusList2021"
        or subject.get("statusPurpose") != entry.get("statusPurpose")
        or listed.get("id") != entry.get("statusListCredential")
    ):
        raise _NotTold(_("The list of the issuer is not the one that the credential names."))
    index = str(entry.get("statusListIndex"))
    try:
        encoded = str(subject.get("encodedList"))
        packed = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        bits = zlib.decompressobj(wbits=31).decompress(packed, bitstring.MAX_EXPANDED_BYTES)
        if not _INDEX.match(index):
            raise bitstring.BadStatusList(index)
        return bitstring.is_set(bits, int(index))
    except (binascii.Error, zlib.error, bitstring.BadStatusList) as error:
        raise _NotTold(_("The list of the issuer is not written as it should be.")) from error


def _in_revocation_list(entry: Json, document: Json) -> bool:
    """1EdTech's list of revoked ids: unsigned, so that only the issuer's own site vouches for it."""
    try:
        listed = foreign.json_at(str(entry.get("id")))
    except foreign.NotHad as error:
        raise _NotTold(error.words) from error
    revoked = listed.get("revokedCredential")
    if listed.get("issuer") != identifier_of(document.get("issuer")) or not isinstance(revoked, list):
        raise _NotTold(_("The list of the issuer is not the one that the credential names."))
    return any(
        each.get("id") == document.get("id") and each.get("revoked", True) is not False
        if isinstance(each, dict)
        else each == document.get("id")
        for each in revoked
    )
