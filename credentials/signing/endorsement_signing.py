"""Signs the endorsements that our issuers give, anew where a key was given up; belongs in a worker, may run twice."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from django.db.models import Q

from credentials import composition, endorsing
from credentials.keys import key_files
from credentials.models import GivenEndorsement, SigningKey
from credentials.signing import signer
from credentials.standards import open_badges
from portal.shared import outbox

WAIT_FOR_THE_SWITCH = 60


def sign(given_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Sign one where no signature of it holds; answer what stores it.

    Raises outbox.Quarantine for what fails a check, outbox.Later while signing is stopped.
    """
    given = GivenEndorsement.objects.select_related("issuer__parent", "key").get(pk=given_id)
    holds = given.key is not None and given.key.compromised_at is None
    if holds or given.withdrawn_at is not None:
        return None
    body = endorsing.body_of(given)
    if problems := open_badges.lint(body):
        raise outbox.Quarantine(f"Endorsement {given.uuid}: {problems[0].path}: {problems[0].words}")
    try:
        key = signer.credentials_key(given.issuer, at=at)
        # Not the time of signing, so that a second run gives the same bytes (I8); but no key signs before its time.
        created = max(given.asked_at, key.activated_at or given.asked_at)
        document = composition.as_text(signer.sign_document(body, key, given.issuer, created=created))
    except key_files.SigningStopped as stopped:
        raise outbox.Later(WAIT_FOR_THE_SWITCH, str(stopped)) from stopped

    def store() -> None:
        # A key may have been given up while it signed: what it made is not kept.
        keys = SigningKey.objects.select_for_update(no_key=True)
        if not keys.filter(pk=key.pk, compromised_at__isnull=True).exists():
            raise outbox.Later(0, "The key was given up while it signed.")
        unproven = Q(key__isnull=True) | Q(key__compromised_at__isnull=False)
        GivenEndorsement.objects.filter(unproven, pk=given.pk).update(
            state=GivenEndorsement.State.SIGNED,
            key=key,
            document=document,
            document_sha256=hashlib.sha256(document.encode("utf-8")).hexdigest(),
            signed_at=at,
        )

    return store
