"""What is done later: deciding again after a failure, asking a published rule for everybody, nightly reconciliation."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from django.db import transaction
from django.utils import timezone

from pathways import batches, impact, notices, reconciliation, rollout, standing, versions
from pathways.demonstration import afterwards
from pathways.models import RuleVersion
from pathways.own_data import erasing, exporting, letters
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


@outbox.performs("pathways.tell_of_change", queue="mail", lease=60)
def tell_of_change(event_id: int) -> None:
    notices.tell_of_change(event_id)


@outbox.performs("pathways.tell_of_lapse", queue="mail", lease=60, versioned=True)
def tell_of_lapse(award_id: int, until: str) -> None:
    notices.tell_of_lapse(award_id, date.fromisoformat(until))


@outbox.performs("pathways.tell_of_recognition", queue="mail", lease=60, versioned=True)
def tell_of_recognition(recognition_id: int, _state: str) -> None:
    notices.tell_of_recognition(recognition_id)


@outbox.performs(exporting.JOB, queue="bulk", lease=600)
def export_data(export_id: int) -> outbox.Store | None:
    """Write the copy of a person's data."""
    return exporting.make(export_id, at=timezone.now())


@outbox.performs("pathways.tell_of_export", queue="mail", lease=60)
def tell_of_export(export_id: int) -> None:
    letters.tell_of_export(export_id)


@outbox.performs(erasing.JOB, queue="issue", lease=300)
def finish_erasure(request_id: int) -> None:
    """Remove the files of whoever was erased."""
    erasing.finish(request_id)


@outbox.performs("pathways.tell_of_name", queue="mail", lease=60)
def tell_of_name(request_id: int) -> None:
    letters.tell_of_name(request_id)


@outbox.performs("pathways.tell_of_erasure", queue="mail", lease=60)
def tell_of_erasure(request_id: int) -> None:
    letters.tell_of_erasure(request_id)


@outbox.performs("pathways.sweep_own_data", queue="bulk", lease=120, every=3_600)
def sweep_own_data(_subject_id: int) -> None:
    """Forget the copies of people's data whose time is over."""
    exporting.sweep(at=timezone.now())


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


@outbox.performs("pathways.award_group", queue="bulk", lease=300, versioned=True)
def award_group(batch_id: int, version: str) -> outbox.Store | None:
    """The version tells which group of the batch, and after how many stops."""
    _goes, group = version.split("-")
    return batches.award_group(batch_id, int(group), at=timezone.now())


@outbox.performs("pathways.count_impact", queue="bulk", lease=300, versioned=True)
def count_impact(count_id: int, _progress: str = "") -> outbox.Store | None:
    return impact.count_on(count_id, at=timezone.now())


@outbox.performs("pathways.reconcile", queue="bulk", lease=300, every=86_400, versioned=True)
def reconcile(_subject_id: int, progress: str = "") -> outbox.Store | None:
    """Compare everybody with every rule, and let what runs out today run out (C7)."""
    night, _comma, after = progress.partition(",")
    last = _in_groups(_everybody, after=int(after or 0))
    if last is None:
        return None
    return lambda: outbox.promise("pathways.reconcile", 0, version=f"{night},{last}")


@outbox.performs("pathways.reconcile_changed", queue="bulk", lease=300, every=3_600, versioned=True)
def reconcile_changed(_subject_id: int, progress: str = "") -> outbox.Store | None:
    """Compare those whose record was changed since it was last compared (C7)."""
    hour, _comma, after = progress.partition(",")
    last = _in_groups(reconciliation.changed_since_checked, after=int(after or 0))
    if last is None:
        return None
    return lambda: outbox.promise("pathways.reconcile_changed", 0, version=f"{hour},{last}")


@outbox.performs(afterwards.JOB, queue="bulk", lease=120)
def go_on_with_demonstration(begun: int) -> None:
    """The subject is when the college was loaded, in seconds since 1970."""
    afterwards.go_on(begun_at=datetime.fromtimestamp(begun, UTC), at=timezone.now())


def _everybody(*, after: int, at_most: int) -> list[int]:
    """Not only whoever has a record: one who gets their first grade in this very moment has none to be seen, but waits
    for our lock, or we for theirs."""
    return list(User.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:at_most])


def _in_groups(next_of: Callable[..., list[int]], *, after: int) -> int | None:
    """Compare group after group of people, each in a commit of its own; answer where to go on, none at the end."""
    stop = time.monotonic() + SECONDS_AT_ONCE
    while time.monotonic() < stop:
        ids = next_of(after=after, at_most=LEARNERS_AT_ONCE)
        if not ids:
            return None
        reconciliation.reconcile(learner_ids=ids, at=timezone.now())
        after = ids[-1]
    return after
