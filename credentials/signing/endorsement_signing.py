"""Signs the endorsements that our issuers give; belongs in a worker, and may run twice."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from credentials import composition, endorsing
from credentials.keys import key_files
from credentials.models import GivenEndorsement
from credentials.signing import signer
from credentials.standards import open_badges
from portal.shared import outbox

WAIT_FOR_THE_SWITCH = 60


def sign(given_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Sign one; answer what stores it. Raises outbox.Quarantine for what fails a check, outbox.Later while stopped."""
    given = GivenEndorsement.objects.select_related("issuer__parent").get(pk=given_id)
    if given.state == GivenEndorsement.State.SIGNED or given.withdrawn_at is not None:
        return None
    body = endorsing.body_of(given)
    if problems := open_badges.lint(body):
        raise outbox.Quarantine(f"Endorsement {given.uuid}: {problems[0].path}: {problems[0].words}")
    try:
        key = signer.credentials_key(given.issuer, at=at)
        # The time it was asked for, so that a second run gives the same bytes (I8).
        document = composition.as_text(signer.sign_document(body, key, given.issuer, created=given.asked_at))
    except key_files.SigningStopped as stopped:
        raise outbox.Later(WAIT_FOR_THE_SWITCH, str(stopped)) from stopped

    def store() -> None:
        GivenEndorsement.objects.filter(pk=given.pk, state=GivenEndorsement.State.ASKED).update(
            state=GivenEndorsement.State.SIGNED,
            key=key,
            document=document,
            document_sha256=hashlib.sha256(document.encode("utf-8")).hexdigest(),
            signed_at=at,
        )

    return store
