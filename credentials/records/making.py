"""Signs the records that were asked for; belongs in a worker, and may run twice."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from credentials import composition
from credentials.keys import key_files, keyring
from credentials.models import Credential, LearnerRecord, SigningKey
from credentials.records import contents
from credentials.signing import signer
from credentials.standards import clr, data_integrity
from portal.shared import outbox

WAIT_FOR_THE_SWITCH = 60
WAIT_FOR_THE_LOG = 5


def make(record_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Compose the record, check it, sign it and verify it; answer what stores it.

    Raises outbox.Quarantine for what fails a check, and outbox.Later while signing is stopped or a credential that was
    issued anew for it is still being made.
    """
    record = LearnerRecord.objects.select_related("issuer__parent", "learner", "award__achievement").get(pk=record_id)
    if record.state == LearnerRecord.State.SIGNED or record.superseded_by_id is not None:
        return None
    held = record.credentials.select_related("key").order_by("award__awarded_on", "id")
    credentials = list(held)
    if any(credential.state != Credential.State.LOGGED for credential in credentials):
        raise outbox.Later(WAIT_FOR_THE_LOG, "A credential for it is still being made.")
    for credential in credentials:
        _refuse_broken(credential)
    document = contents.document(record, credentials)
    if problems := clr.lint(document):
        raise outbox.Quarantine(f"Record {record.uuid}: {problems[0].path}: {problems[0].words}")
    key = signer.credentials_key(record.issuer, at=at)
    try:
        # The time it was asked for, so that a second run gives the same bytes (I8).
        signed = signer.sign_document(document, key, record.issuer, created=record.asked_at)
    except key_files.SigningStopped as stopped:
        raise outbox.Later(WAIT_FOR_THE_SWITCH, str(stopped)) from stopped
    return lambda: _store(record, composition.as_text(signed), key, at=at)


def _refuse_broken(credential: Credential) -> None:
    """Nothing goes under a new signature that does not hold under its own."""
    key = credential.key
    try:
        if key is None or key.state == SigningKey.State.COMPROMISED:
            raise data_integrity.ProofError("Its key was given up.")
        public = keyring.public(key)
        data_integrity.verify_proofs(composition.parsed(credential.document), lambda _proof: public)
    except data_integrity.ProofError as error:
        raise outbox.Quarantine(f"Credential {credential.uuid}: {error}") from error


def _store(record: LearnerRecord, document: str, key: SigningKey, *, at: datetime) -> None:
    # The key may have been given up while it signed: what it made is not kept.
    if SigningKey.objects.filter(pk=key.pk, state=SigningKey.State.COMPROMISED).exists():
        raise outbox.Later(WAIT_FOR_THE_SWITCH, "The key was given up meanwhile.")
    LearnerRecord.objects.filter(pk=record.pk, state=LearnerRecord.State.ASKED).update(
        state=LearnerRecord.State.SIGNED,
        key=key,
        document=document,
        document_sha256=hashlib.sha256(document.encode("utf-8")).hexdigest(),
        signed_at=at,
    )
