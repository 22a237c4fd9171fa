"""Finds the awards that will soon be no more, so that their learners can be told in time."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from credentials.models import Award
from pathways.dossiers import records_of
from pathways.grounds import Derived, Grounds, derived_awards
from pathways.holdings import institution_day
from pathways.models import Derivation
from pathways.rules.record import Record


def soon(learner_ids: Collection[int], *, at: datetime, within: int) -> list[tuple[Award, date]]:
    """Awards that count today and, as things are, no longer so many days from now; each with its last day.

    Those that run out by then, and those that last only while their rule is satisfied; two queries where these
    learners have none.
    """
    on = institution_day(at)
    ending = Award.objects.filter(
        learner__in=learner_ids,
        standing=Award.Standing.ACTIVE,
        valid_until__gte=on,
        valid_until__lt=on + timedelta(days=within),
    )
    found = {each.pk: (each, each.valid_until) for each in ending if each.valid_until is not None}
    lasting = Derivation.objects.filter(
        award__learner__in=learner_ids, award__standing=Award.Standing.ACTIVE, rule_version__document__lasts="current"
    )
    for learner_id in sorted(set(lasting.order_by().values_list("award__learner", flat=True))):
        record = records_of([learner_id])[learner_id]
        for derived in derived_awards(learner_id):
            award, lasts = derived.award, derived.latest.rule_version.document.get("lasts")
            if award.standing != Award.Standing.ACTIVE or lasts != "current":
                continue
            last = _last_day(derived, learner_id, record, on, within)
            if last is not None and (award.pk not in found or last < found[award.pk][1]):
                found[award.pk] = award, last
    return list(found.values())


def _last_day(derived: Derived, learner_id: int, record: Record, on: date, within: int) -> date | None:
    """The last of the coming days on which the award stands; none if it stands on all of them, or on none."""

    def holds(days: int) -> bool:
        return Grounds(learner_id, record, on + timedelta(days=days)).version_of(derived) is not None

    if not holds(0) or holds(within):
        return None
    # With nothing earned in between, it stands up to a day and not after.
    low, high = 0, within
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return on + timedelta(days=low)
