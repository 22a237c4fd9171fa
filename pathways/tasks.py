"""What is done later: deciding again after a failure, asking a published rule for everybody, nightly reconciliation."""

import time
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from credentials.models import Award
from pathways import impact, rollout, standing, versions
from pathways.models import RuleVersion
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.refusals import Refusal

# C4: locks are held for few learners at a time.
LEARNERS_AT_ONCE = 50
# A job that asks everybody stops after so long, and leaves the rest to the next: what dies repeats little.
SECONDS_AT_ONCE = 30.0
WAIT_FOR_A_PERSON = 600


@outbox.performs("pathways.decide", queue="issue", lease=60)
def decide(learner_id: int) -> outbox.Store | None:
    """Ask every rule again for one learner, after a decision that failed; what fails again keeps the job waiting."""
    troubles: list[Exception] = []
    with transaction.atomic():
        lock_learners([learner_id])
        standing.settle_afresh(
            learner_ids=[learner_id],
            cause="decided again",
            at=timezone.now(),
            on_trouble=lambda _id, error: troubles.append(error),
        )
    for trouble in troubles:
        if not isinstance(trouble, Refusal):
            raise trouble
    if troubles:
        # A name that cannot be printed, say: nothing is broken, and only a person can do something about it.
        raise outbox.Later(WAIT_FOR_A_PERSON, str(troubles[0]))
    return None


@outbox.performs("pathways.take_effect", queue="bulk", lease=60)
def take_effect(version_id: int) -> None:
    """Let a version decide whose day has come."""
    versions.take_effect(version=RuleVersion.objects.get(pk=version_id), at=timezone.now())


@outbox.performs("pathways.apply_rule", queue="bulk", lease=60)
def apply_rule(version_id: int) -> None:
    """Begin to ask a newly published rule for everybody."""
    rollout.begin(version=RuleVersion.objects.get(pk=version_id), at=timezone.now())


@outbox.performs("pathways.roll_out", queue="bulk", lease=300, versioned=True)
def roll_out(range_id: int, _progress: str = "") -> outbox.Store | None:
    return rollout.roll_out(range_id, at=timezone.now())


@outbox.performs("pathways.count_impact", queue="bulk", lease=300, versioned=True)
def count_impact(count_id: int, _progress: str = "") -> outbox.Store | None:
    return impact.count_on(count_id, at=timezone.now())


@outbox.performs("pathways.reconcile", queue="bulk", lease=300, every=86_400, versioned=True)
def reconcile(_subject_id: int, progress: str = "") -> outbox.Store | None:
    """Ask every rule for everybody; whatever it finds was missed, is awarded now, and is a defect (C7).

    Not so what had run out and was earned again before its end: that could not be awarded earlier.
    """
    night, _comma, after = progress.partition(",")

    def ask(ids: list[int]) -> None:
        for award in _settled_afresh(ids):
            if award.edition == 1:
                standing.logger.error("Reconciliation found an award that had been missed: %s", award.uuid)

    last = _for_everybody(ask, after=int(after or 0))
    if last is None:
        return None
    return lambda: outbox.promise("pathways.reconcile", 0, version=f"{night},{last}")


def _settled_afresh(ids: list[int]) -> list[Award]:
    return standing.settle(learner_ids=ids, changed=None, shaken=ids, cause="reconciliation", at=timezone.now())


def _for_everybody(ask: Callable[[list[int]], None], *, after: int) -> int | None:
    """Ask for group after group of people, each in a commit of its own; answer where to go on, none at the end.

    Everybody, not only whoever has a record: one who gets their first grade in this very moment has none to be seen,
    but waits for our lock, or we for theirs.
    """
    stop = time.monotonic() + SECONDS_AT_ONCE
    while time.monotonic() < stop:
        ids = list(User.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:LEARNERS_AT_ONCE])
        if not ids:
            return None
        with transaction.atomic():
            lock_learners(ids)
            ask(ids)
        after = ids[-1]
    return after
