"""Signs: credentials, status lists and checkpoints. Only acts that sign import this, and none of them runs in a page.

A credential is signed outside any transaction, checked again as a stranger would, and written to a journal before the
database hears of it; a second run gives the same bytes (reliability 2.2, I8).
"""

import base64
import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Self

from django.conf import settings

from credentials import addresses, composition
from credentials.keys import key_files, keyring
from credentials.log import log_entries, log_reading
from credentials.models import Credential, Issuer, LogEntry, SigningKey, StatusEvent
from credentials.standards import checkpoint, data_integrity, linked_data, open_badges
from credentials.standards.contexts import UnknownContext
from portal.accounts.ledger import lock_learners
from portal.shared import inserting, outbox

Json = composition.Json
Purpose = SigningKey.Purpose


class SignatureDoubtful(Exception):
    """What was signed is not what was asked for, or does not verify; nothing of it may be stored."""


@dataclass(frozen=True)
class Signed:
    """A credential's document as it will be stored and served, and the key that signed it."""

    credential: Credential
    key: SigningKey
    document: str
    sha256: str


def sign_credentials(ids: Sequence[int], *, at: datetime) -> Callable[[], None] | None:
    """Sign those of the credentials that are not signed yet; answer what stores the signatures.

    Raises outbox.Quarantine for a body that fails the check, and outbox.Later while signing is stopped, or while the
    site is run under another name than it has signed with.
    """
    recorded = Credential.objects.filter(pk__in=ids, state=Credential.State.RECORDED)
    waiting = list(recorded.select_related("award").only(*_SIGNED))
    if not waiting:
        return None
    if other := log_reading.other_name():
        raise outbox.Later(60, other.words)
    issuers = Issuer.objects.in_bulk({credential.issuer_id for credential in waiting})
    try:
        keys = {id_: _Signing.of(issuer, at=at) for id_, issuer in issuers.items()}
        signed = [_sign(credential, keys[credential.issuer_id]) for credential in waiting]
    except key_files.SigningStopped as stopped:
        raise outbox.Later(60, str(stopped)) from stopped
    for one in {one.key: one for one in signed}.values():
        _check_as_a_stranger(one)
    write_journal(signed, at=at)
    return lambda: _store(signed, at=at)


# All that a signature and its entry in the log are made of.
_SIGNED = ("uuid", "issuer", "issued_at", "body", "body_sha256", "leaf_salt", "award__learner")


def sign_document(document: Json, key: SigningKey, issuer: Issuer, *, created: datetime) -> Json:
    """The document with its proof, verified. Raises SignatureDoubtful, key_files.KeyRefused."""
    options = data_integrity.proof_options(keyring.method_id(key, issuer), created)
    signature = keyring.sign(key, data_integrity.hash_data(document, options))
    signed = data_integrity.with_proof(document, options, signature)
    # As a stranger reads it: from the text, by the published key, with nothing left over from signing.
    read = composition.parsed(composition.as_text(signed))
    try:
        data_integrity.verify_proofs(read, lambda _proof: keyring.public(key))
    except data_integrity.ProofError as error:
        raise SignatureDoubtful(f"The new signature of {document.get('id')} does not verify.") from error
    if {name: value for name, value in read.items() if name != "proof"} != document:
        raise SignatureDoubtful(f"More than the proof was added to {document.get('id')}.")
    return signed


def sign_checkpoint(head: checkpoint.Checkpoint) -> str:
    """The signed note of a head of the log, verified. Raises keyring.NoKey, key_files.KeyRefused."""
    key = keyring.active_key(Purpose.LOG)
    public = keyring.public(key)
    note = checkpoint.signed(head, name=head.origin, public_key=public, sign=lambda content: keyring.sign(key, content))
    checkpoint.verify(note, name=head.origin, public_key=public, origin=addresses.log_origin())
    return note


def credentials_key(issuer: Issuer, *, at: datetime) -> SigningKey:
    """The key with which the issuer signs credentials, and records of them."""
    return _key_of(issuer, at=at)


def status_key(issuer: Issuer, *, at: datetime) -> SigningKey:
    return _key_of(issuer, at=at, purpose=Purpose.STATUS)


def _key_of(issuer: Issuer, *, at: datetime, purpose: str = Purpose.CREDENTIALS) -> SigningKey:
    try:
        return keyring.active_key(purpose, issuer)
    except keyring.NoKey:
        # Its own job may come later than this one; it then finds nothing left to do.
        keyring.make_missing(issuer, at=at)
        return keyring.active_key(purpose, issuer)


@dataclass(frozen=True)
class _Signing:
    """The key of an issuer, and what is asked of it for each credential."""

    key: SigningKey
    public: bytes
    options: Callable[[datetime], Json]
    sign: Callable[[bytes], bytes]

    @classmethod
    def of(cls, issuer: Issuer, *, at: datetime) -> Self:
        key = _key_of(issuer, at=at)
        method_id = keyring.method_id(key, issuer)
        # What was awarded at once has one time.
        options = lru_cache(16)(partial(data_integrity.proof_options, method_id))
        return cls(key, keyring.public(key), options, keyring.signer(key))


def _sign(credential: Credential, signing: _Signing) -> Signed:
    if hashlib.sha256(credential.body.encode("utf-8")).hexdigest() != credential.body_sha256:
        raise outbox.Quarantine(f"The frozen body of credential {credential.uuid} was altered.")
    if problems := open_badges.lint_text(credential.body, hashed_next=True):
        raise outbox.Quarantine(f"Credential {credential.uuid}: {problems[0].path}: {problems[0].words}")
    # The time of issue, not of signing, so that a second run gives the same bytes (I8).
    options = signing.options(credential.issued_at)
    try:
        # Verified in there, by a library that shares no code with the one that signs.
        text = data_integrity.signed_text(credential.body, options, sign=signing.sign, public_key=signing.public)
    except data_integrity.BadSignature as error:
        raise SignatureDoubtful(f"The new signature of credential {credential.uuid} does not verify.") from error
    except (linked_data.BadDocument, UnknownContext) as refused:
        raise outbox.Quarantine(f"Credential {credential.uuid}: {refused}") from refused
    return Signed(credential, signing.key, text, hashlib.sha256(text.encode("utf-8")).hexdigest())


def _check_as_a_stranger(signed: Signed) -> None:
    """Read a document as others will, from its text and without the forms of texts alike; one of each batch and key."""
    document = composition.parsed(signed.document)
    try:
        data_integrity.verify_proofs(document, lambda _proof: keyring.public(signed.key))
    except data_integrity.ProofError as error:
        raise SignatureDoubtful(f"The signature of credential {signed.credential.uuid} does not verify.") from error
    if composition.as_text({name: value for name, value in document.items() if name != "proof"}) != (
        signed.credential.body
    ):
        raise SignatureDoubtful(f"The document of {signed.credential.uuid} is not its frozen body with a proof.")


def _store(signed: Iterable[Signed], *, at: datetime) -> None:
    """Set SIGNED and leave the entries for the log; runs in the transaction that ends the job."""
    by_id = {one.credential.pk: one for one in signed}
    # First of all: whoever revokes one of these meanwhile waits, and then finds it signed (C1).
    lock_learners(one.credential.award.learner_id for one in by_id.values())
    waiting = Credential.objects.filter(pk__in=by_id, state=Credential.State.RECORDED).order_by("id")
    # What was read before it was signed is frozen, all but its state.
    current = [by_id[id_].credential for id_ in waiting.values_list("pk", flat=True)]
    for credential in current:
        one = by_id[credential.pk]
        credential.state, credential.key, credential.signed_at = Credential.State.SIGNED, one.key, at
        credential.document, credential.document_sha256 = one.document, one.sha256
    inserting.update_each(current, ["state", "key", "signed_at", "document", "document_sha256"])
    log_entries.keep(_entries(current, at=at))


def _entries(credentials: Sequence[Credential], *, at: datetime) -> list[LogEntry]:
    """An issue entry each, followed by the changes of status that came before there was anything to name."""
    events: dict[int, list[StatusEvent]] = {}
    for event in StatusEvent.objects.filter(credential__in=credentials, log_entry__isnull=True).order_by("id"):
        events.setdefault(event.credential_id, []).append(event)
    entries = []
    for credential in credentials:
        entries.append(log_entries.issue_entry(credential, at=at))
        for event in events.get(credential.pk, []):
            entries.append(log_entries.status_entry(event, credential, previous=entries[-1]))
    return entries


# --- the journal --------------------------------------------------------------------------------------------------


def journal_file(at: datetime) -> Path:
    return settings.DATA_DIR / "journal" / f"issued-{at:%Y-%m}.jsonl"


def write_journal(signed: Sequence[Signed], *, at: datetime) -> None:
    """Append what was signed, sealed, one line each; on disk when this returns. Nothing ever reads it but a restore."""
    path = journal_file(at)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = b"".join(
        json.dumps(
            {
                "credential": str(one.credential.uuid),
                "sha256": one.sha256,
                "at": data_integrity.date_time_stamp(at),
                "sealed": base64.b64encode(key_files.seal_journal(one.document.encode("utf-8"))).decode("ascii"),
            }
        ).encode("ascii")
        + b"\n"
        for one in signed
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # One write: lines of two workers never mix.
        if os.write(handle, lines) != len(lines):
            # The torn line ends here, so that the next one can be read.
            os.write(handle, b"\n")
            raise OSError(errno.ENOSPC, "The journal could not be written whole.")
        os.fsync(handle)
    finally:
        os.close(handle)


def read_journal(path: Path) -> Iterable[tuple[str, str]]:
    """Each credential's uuid with its document, as signed; raises key_files.KeyRefused for another secret."""
    with path.open("rb") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                # Torn when the disk was full; what it was to say was signed again.
                continue
            yield entry["credential"], key_files.open_journal(base64.b64decode(entry["sealed"])).decode("utf-8")
