"""Asks a version that has come into force for everybody, range by range, in jobs that can be stopped and go on.

Columns tell whom the version may give something, so that most people cost nothing; those few are settled like after
any other change, at most fifty in a commit. How far a range is written in the same commit: whatever dies goes on there.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Award
from pathways import rulebook, standing
from pathways.holdings import institution_day
from pathways.models import Rollout, RolloutRange, RuleVersion
from pathways.population.reading import LEARNERS_AT_ONCE, Found, Population
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal

# C4: locks are held for few learners at a time.
SETTLED_AT_ONCE = 50
# A job stops after so long and leaves the rest to the next: what dies repeats little, and a stop is heard soon.
SECONDS_AT_ONCE = 20.0
# How soon to look again whether all that began before the version came into force has ended.
WAIT_FOR_OTHERS = 1.0


class NotRunning(Refusal):
    """There is nothing to stop."""

    words: ClassVar = _("This is not under way any more.")


class NotStopped(Refusal):
    """There is nothing to go on with."""

    words: ClassVar = _("This was not stopped.")


@transaction.atomic
def begin(*, version: RuleVersion, at: datetime) -> Rollout:
    """Divide everybody into ranges and promise the work; a version that has its rollout already keeps it."""
    rollout, is_new = Rollout.objects.get_or_create(version=version, defaults={"begun_at": at, "horizon": _horizon()})
    if not is_new:
        return rollout
    last = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    RolloutRange.objects.bulk_create(
        RolloutRange(rollout=rollout, first=first, last=min(first + LEARNERS_AT_ONCE - 1, last), done_until=first - 1)
        for first in range(1, last + 1, LEARNERS_AT_ONCE)
    )
    rollout.people = User.objects.filter(pk__lte=last).count()
    rollout.save(update_fields=["people"])
    _promise(rollout)
    _end_if_done(rollout.pk, at=at)
    return rollout


@transaction.atomic
def stop(*, rollout: Rollout, by: User, at: datetime) -> None:
    """Let no further group be settled; what was awarded stays. A job at work ends with the group it is at."""
    if not Rollout.objects.filter(pk=rollout.pk, state=Rollout.State.RUNNING).update(state=Rollout.State.STOPPED):
        raise NotRunning
    audit.note("stop rollout", rollout, actor=by, at=at, **_progress(rollout))


@transaction.atomic
def go_on(*, rollout: Rollout, by: User, at: datetime) -> None:
    """Go on where it was stopped."""
    stopped = Rollout.objects.filter(pk=rollout.pk, state=Rollout.State.STOPPED)
    if not stopped.update(state=Rollout.State.RUNNING, goes=F("goes") + 1):
        raise NotStopped
    rollout.refresh_from_db()
    _promise(rollout)
    _end_if_done(rollout.pk, at=at)
    audit.note("go on with rollout", rollout, actor=by, at=at, **_progress(rollout))


def _promise(rollout: Rollout) -> None:
    for part in rollout.ranges.filter(finished_at__isnull=True):
        outbox.promise("pathways.roll_out", part.pk, version=f"{rollout.goes}-{part.done_until}")


def _progress(rollout: Rollout) -> dict[str, Any]:
    found = rollout.ranges.aggregate(asked=Sum("people_asked", default=0), awards=Sum("awards", default=0))
    return {"people": found["asked"], "awards": found["awards"]}


# --- one range --------------------------------------------------------------------------------------------------------


def roll_out(range_id: int, *, at: datetime) -> outbox.Store | None:
    """Ask the version for a range of people, or for as many of them as the time allows; the rest is promised again.

    Raises `outbox.Later` while a transaction may still decide by the rules before.
    """
    part = RolloutRange.objects.select_related("rollout__version__achievement").get(pk=range_id)
    rollout = part.rollout
    if part.finished_at is not None or rollout.state != Rollout.State.RUNNING:
        return None
    if not _all_have_ended_before(rollout.horizon):
        raise outbox.Later(WAIT_FOR_OTHERS, "Transactions that began before the rule came into force still run.")
    version = rollout.version
    if version.pk not in rulebook.current().entries:
        return lambda: _replace(rollout.pk, at=at)
    entry = rulebook.current().entries[version.pk]
    found = Population(entry.rule, version.achievement, institution_day(at)).find(part.done_until + 1, part.last)
    if part.people == 0:
        RolloutRange.objects.filter(pk=part.pk, people=0).update(people=found.asked)
    until = time.monotonic() + SECONDS_AT_ONCE
    for number, group in enumerate(groups_of(found.to_settle)):
        if number and time.monotonic() > until:
            return lambda: _promise_rest(part.pk)
        if not _settle(part, group, found, entry, at=at):
            return None
    return lambda: _finish(part.pk, found.asked, at=at)


def groups_of(ids: list[int]) -> Iterator[list[int]]:
    """So many as are settled in one commit."""
    for start in range(0, len(ids), SETTLED_AT_ONCE):
        yield ids[start : start + SETTLED_AT_ONCE]


def settle_by(entry: rulebook.Entry, learner_ids: list[int], *, at: datetime) -> list[Award]:
    """Give these people what a version gives them that has come into force, and all that follows.

    Belongs in a transaction, after `lock_learners`; what publishing does and what its preview foresees is this.
    """
    return standing.settle(
        learner_ids=learner_ids, changed=entry.references, cause=f"rule published: {entry.number}", at=at
    )


@transaction.atomic
def _settle(part: RolloutRange, group: list[int], found: Found, entry: rulebook.Entry, *, at: datetime) -> bool:
    """Settle a group and note how far the range is; whether it was still this job's turn."""
    lock_learners(group)
    ours = RolloutRange.objects.filter(
        pk=part.pk, done_until=part.done_until, rollout__state=Rollout.State.RUNNING, finished_at__isnull=True
    )
    asked = found.asked_until(group[-1])
    # Whoever else claimed the range meanwhile has moved the mark on; then nothing of this is stored.
    if not ours.update(
        done_until=group[-1],
        people_asked=F("people_asked") + asked - found.asked_until(part.done_until),
        people_settled=F("people_settled") + len(group),
    ):
        return False
    with outbox.in_bulk():
        made = settle_by(entry, group, at=at)
    RolloutRange.objects.filter(pk=part.pk).update(awards=F("awards") + len(made))
    part.done_until = group[-1]
    return True


def _promise_rest(range_id: int) -> None:
    part = RolloutRange.objects.select_related("rollout").get(pk=range_id)
    outbox.promise("pathways.roll_out", part.pk, version=f"{part.rollout.goes}-{part.done_until}")


def _finish(range_id: int, asked: int, *, at: datetime) -> None:
    part = RolloutRange.objects.get(pk=range_id)
    RolloutRange.objects.filter(pk=range_id, finished_at__isnull=True).update(
        finished_at=at, done_until=F("last"), people_asked=max(part.people, part.people_asked)
    )
    _end_if_done(part.rollout_id, at=at)


def _end_if_done(rollout_id: int, *, at: datetime) -> None:
    # Of two workers that finish the last ranges at once one must see both done.
    list(Rollout.objects.select_for_update(no_key=True).filter(pk=rollout_id).values_list("pk"))
    running = Rollout.objects.filter(pk=rollout_id, state__in=(Rollout.State.RUNNING, Rollout.State.STOPPED))
    if not RolloutRange.objects.filter(rollout=rollout_id, finished_at__isnull=True).exists():
        running.update(state=Rollout.State.DONE, ended_at=at)


def _replace(rollout_id: int, *, at: datetime) -> None:
    """A later version is in force, or the achievement is not offered: nobody is to be asked any more."""
    Rollout.objects.filter(pk=rollout_id, state=Rollout.State.RUNNING).update(state=Rollout.State.REPLACED, ended_at=at)


# --- what began before ------------------------------------------------------------------------------------------------


def _horizon() -> str:
    """A mark in the order of transactions: what began after it sees the version in force. SQLite needs none.

    On SQLite whoever writes waits for the one before, and reads after it. On PostgreSQL a grade may be released beside
    us, by the rules before, and be seen by no column; but it is over once all older transactions are.
    """
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        return str(cursor.fetchone()[0])


def _all_have_ended_before(horizon: str) -> bool:
    if not horizon or connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        # Those of this database alone: what runs in another one of the same server decides nothing here. Whoever
        # decides has a number before reading any rule, since locking the learners gives one (C1).
        cursor.execute(
            "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL"
            " AND age(backend_xid) > age(%s::text::xid8::xid))",
            [horizon],
        )
        return bool(cursor.fetchone()[0])


def is_offered(achievement: Achievement) -> bool:
    """Whether rules of this achievement are asked at all."""
    return achievement.state == Achievement.State.PUBLISHED
