"""The single questions of a judgement that need no more than what is asked: rows, one document, one proof, one name."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from credentials import addresses
from credentials.log import log_reading
from credentials.models import Credential, GivenEndorsement, LearnerRecord, LogEntry
from credentials.standards import (
    checkpoint,
    data_integrity,
    data_model,
    did_web,
    identity_hash,
    linked_data,
    merkle,
    multikey,
)
from credentials.standards import status_list as bitstring
from credentials.standards.contexts import CREDENTIALS_V2, UnknownContext
from credentials.verification.report import LogPlace
from credentials.verification.said import said_by

Json = dict[str, Any]

CONTEXT_V1 = "https://www.w3.org/2018/credentials/v1"
_ELSEWHERE = ("$.proof", "$.validFrom", "$.validUntil", "$.issuanceDate", "$.expirationDate")
_OUR_CREDENTIAL = re.compile(r"/credentials/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")
_OUR_ASSERTION = re.compile(r"/ob2/assertions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")
_OUR_ENDORSEMENT = re.compile(r"/endorsements/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")
_OUR_RECORD = re.compile(r"/records/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")


def fault_of_shape(document: Json) -> str:
    contexts, types = document.get("@context"), document.get("type")
    listed = types if isinstance(types, list) else [types]
    if not isinstance(contexts, list) or not contexts or contexts[0] not in (CREDENTIALS_V2, CONTEXT_V1):
        return _("It does not begin with the context of verifiable credentials.")
    if "VerifiableCredential" not in listed:
        return _("It is not of the type VerifiableCredential.")
    if not said_by(document).issuer_id:
        return _("It names no issuer.")
    subject = document.get("credentialSubject")
    if not subject or not isinstance(subject, (dict, list)):
        return _("It says nothing about anybody: there is no credentialSubject.")
    # Of its proofs and its times, each has a check of its own that says more.
    problems = [each for each in data_model.credential_problems(document) if not each.path.startswith(_ELSEWHERE)]
    return f"{problems[0].path}: {problems[0].words}" if problems else ""


def is_status_list(document: Json) -> bool:
    types = document["type"]
    return isinstance(types, list) and "BitstringStatusListCredential" in types


def uuid_of_ours(url: str) -> UUID | None:
    return _uuid_in(url, _OUR_CREDENTIAL)


def uuid_of_our_record(url: str) -> UUID | None:
    return _uuid_in(url, _OUR_RECORD)


def uuid_of_our_endorsement(url: str) -> UUID | None:
    return _uuid_in(url, _OUR_ENDORSEMENT)


def uuid_of_our_assertion(url: str) -> UUID | None:
    """Of a credential of ours, from the address where it is hosted as a badge of Open Badges 2.0."""
    return _uuid_in(url, _OUR_ASSERTION)


def _uuid_in(url: str, form: re.Pattern[str]) -> UUID | None:
    found = form.fullmatch(url.removeprefix(settings.SITE_URL)) if url.startswith(settings.SITE_URL) else None
    return UUID(found[1]) if found else None


def slug_of_issuer(did: str) -> str:
    """The short name of one of our issuers in its DID; whether there is such a one is for the database to say."""
    try:
        prefix = did_web.did_of(f"{settings.SITE_URL}/issuers/x")[:-1]
    except did_web.BadDidWeb:
        return ""
    slug = did.removeprefix(prefix) if did.startswith(prefix) else ""
    return slug if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", slug) else ""


def stored_document(row: Credential | LearnerRecord | GivenEndorsement) -> Json:
    """What the row holds; empty where somebody broke it."""
    try:
        document = json.loads(row.document)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


@lru_cache(maxsize=512)
def stored_proof(document: str, public: str) -> str:
    """The outcome for one text and one key never changes, so it is worked out once."""
    parsed = json.loads(document)
    try:
        data_integrity.verify_proofs(parsed, lambda _proof: multikey.decode_key(public).content)
    except data_integrity.BadSignature:
        return "bad-signature"
    except (data_integrity.ProofError, linked_data.BadDocument, UnknownContext):
        return "malformed"
    return "holds"


@lru_cache(maxsize=64)
def told_by_list(document: str, keys: frozenset[str], entry: str) -> bool | None:
    """What a published list says of an entry; None where the list is not properly signed or cannot be read."""
    try:
        listed = json.loads(document)
        data_integrity.verify_proofs(listed, _one_of(keys, listed))
        return bitstring.status_in(listed, json.loads(entry))
    except (data_integrity.ProofError, linked_data.BadDocument, UnknownContext, ValueError, LookupError):
        return None


def _one_of(keys: frozenset[str], listed: Mapping[str, Any]) -> Callable[[Json], bytes]:
    def key_of(proof: Json) -> bytes:
        did, _sign, fragment = str(proof.get("verificationMethod")).partition("#")
        if fragment not in keys or did != listed.get("issuer"):
            raise LookupError(fragment)
        return multikey.decode_key(fragment).content

    return key_of


def place_in_log(credential: Credential) -> LogPlace:
    """Prove that the log holds this very document. Raises NotInLog, BadProof, MissingTile, NotSigned, BadNote."""
    entry = LogEntry.objects.filter(credential=credential, kind=LogEntry.Kind.ISSUE).first()
    if entry is None:
        raise log_reading.NotInLog
    proof = log_reading.proof_of(entry)
    # Worked out anew from the document, so that a row that was changed with its hash is found out.
    digest = hashlib.sha256(credential.document.encode("utf-8")).digest()
    expected = hashlib.sha256(bytes(credential.leaf_salt) + digest).hexdigest()
    head = _signed_head(proof.note)
    merkle.verify_inclusion(merkle.leaf_hash(proof.leaf), proof.index, head.size, proof.path, head.root)
    if json.loads(proof.leaf).get("digest") != expected:
        raise merkle.BadProof("The leaf is of another document.")
    return LogPlace(proof.index, head.size)


def _signed_head(note: str) -> checkpoint.Checkpoint:
    for verifier_key in log_reading.verifier_keys():
        name, public = checkpoint.parse_verifier_key(verifier_key)
        try:
            return checkpoint.verify(note, name=name, public_key=public, origin=addresses.log_origin())
        except checkpoint.NotSigned:
            continue
    raise checkpoint.NotSigned("No key of the log signed its newest head.")


def is_identity(typed: str, identity: str, *, hashed: bool, salt: str) -> bool:
    if hashed:
        return identity_hash.is_hash_of(identity, typed, salt)
    return _plain(typed) == _plain(identity)


def _plain(name: str) -> str:
    """A name as people compare it: spaces, capitals and the spelling of accents apart."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
