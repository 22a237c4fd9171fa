"""Judges one holding by itself: may it count in this part on this day, and if not, why; and what takes no holding."""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from pathways.rules.evaluation import ReasonCode
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    Amount,
    Check,
    Count,
    Day,
    Duration,
    Fact,
    Given,
    Holds,
    Leaf,
    Passed,
    Period,
    Pool,
    SignedOff,
    Unbroken,
    Where,
)


def moved(day: date, period: Period, sign: int) -> date:
    """The day this much later (sign 1) or earlier (-1); a day that a month lacks becomes its last."""
    months = day.year * 12 + day.month - 1 + sign * (period.years * 12 + period.months)
    year, month = divmod(months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if sign > 0 else date.min
    there = date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    ordinal = there.toordinal() + sign * period.days
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def back(on: date, period: Period) -> date:
    """The first day that still lies within the period before `on`."""
    first = moved(on, period, -1)
    if period.whole_months:
        first = first.replace(day=1)
    return first + timedelta(days=1) if period.exclusive else first


def the_day(day: Day, record: Record) -> date | None:
    """The day that is meant, or none if it depends on a fact that is not known or is no day."""
    if isinstance(day, date):
        return day
    try:
        found = date.fromisoformat(record.facts.get(day.fact, ""))
    except ValueError:
        return None
    found = moved(found, day.plus, 1) if day.plus else found
    return moved(found, day.minus, -1) if day.minus else found


def standing(holding: Holding, on: date) -> ReasonCode | None:
    """Why the holding counts nowhere on this day, whatever a rule asks; none if it stands."""
    if holding.earned_on > on:
        return "dated_later"
    match holding.status:
        case "revoked" | "suspended" | "superseded":
            return holding.status
        case "active" | "expired":
            return None


def why_not(holding: Holding, leaf: Leaf, record: Record, on: date) -> ReasonCode | None:
    """Why this holding cannot count in this part, or none if it can. `not_asked` if the part is about other things."""
    if not _asked(holding, leaf):
        return "not_asked"
    where = leaf.where if isinstance(leaf, Holds | Passed) else leaf.pool
    reason = standing(holding, on) or unfit(holding, where, record, on)
    if reason is None and isinstance(leaf, Passed) and where.grade_at_least is None and not holding.passed:
        return "not_passed"
    if reason is None and isinstance(leaf, Amount) and getattr(holding, leaf.unit) <= 0:
        return "nothing_to_add"
    return reason


def in_pool(holding: Holding, pool: Pool, record: Record, on: date) -> bool:
    """Whether the holding stands and fits the pool."""
    return _named(holding, pool) and standing(holding, on) is None and unfit(holding, pool, record, on) is None


def _asked(holding: Holding, leaf: Leaf) -> bool:
    match leaf:
        case Passed(assessment=assessment):
            return holding.kind == "grade" and holding.key == assessment
        case Holds(any_of=any_of):
            return holding.kind != "grade" and holding.key in any_of
        case Count(pool=pool) | Amount(pool=pool):
            return _named(holding, pool)


def _named(holding: Holding, pool: Pool) -> bool:
    named = not pool.achievements or holding.key in pool.achievements
    return holding.kind != "grade" and named and holding.key not in pool.without_achievements


def unfit(holding: Holding, where: Where, record: Record, on: date) -> ReasonCode | None:
    """The first condition on a single holding that this one does not meet."""
    reason = _quality(holding, where) or _origin(holding, where, record) or _time(holding, where, record, on)
    if reason is None and where.either and all(unfit(holding, each, record, on) for each in where.either):
        return "other_alternative"
    return reason


def _quality(holding: Holding, where: Where) -> ReasonCode | None:
    if where.grade_at_least is not None and (holding.grade is None or holding.grade < where.grade_at_least):
        return "grade_too_low"
    if where.marks and holding.mark not in where.marks:
        return "grade_too_low"
    # A holding without a level has none to show, so it meets neither bound.
    if where.level_at_least is not None and (holding.level is None or holding.level < where.level_at_least):
        return "level_too_low"
    if where.level_at_most is not None and (holding.level is None or holding.level > where.level_at_most):
        return "level_too_high"
    return None


def _origin(holding: Holding, where: Where, record: Record) -> ReasonCode | None:
    as_facts = [
        f"{name.rpartition('.')[2]}={record.facts[name]}" if name in record.facts else ""
        for name in where.tags_as_facts
    ]
    checks: tuple[tuple[bool, ReasonCode], ...] = (
        (not where.kinds or holding.achievement_kind in where.kinds, "other_kind"),
        (not where.subjects or holding.subject in where.subjects, "other_subject"),
        (not where.issuers or holding.issuer in where.issuers, "other_issuer"),
        (not where.sources or holding.source in where.sources, "other_source"),
        (not where.skills or not holding.skills.isdisjoint(where.skills), "other_skill"),
        (not where.tags or not holding.tags.isdisjoint(where.tags), "tag_missing"),
        (holding.tags.issuperset(where.with_tags), "tag_missing"),
        (holding.tags.issuperset(as_facts), "tag_missing"),
        (holding.tags.isdisjoint(where.without_tags), "tag_excluded"),
        (record.used_in.get(holding.id, frozenset()).isdisjoint(where.not_used_in), "used_elsewhere"),
    )
    return next((code for fits, code in checks if not fits), None)


def _time(holding: Holding, where: Where, record: Record, on: date) -> ReasonCode | None:
    earliest = [back(on, where.earned_within)] if where.earned_within is not None else []
    if where.earned_since is not None:
        earliest.append(the_day(where.earned_since, record) or date.max)
    latest = [the_day(where.earned_until, record) or date.min] if where.earned_until is not None else []
    if any(holding.earned_on < day for day in earliest):
        return "earned_too_early"
    if any(holding.earned_on > day for day in latest):
        return "earned_too_late"
    if where.held_for is not None and moved(holding.earned_on, where.held_for, 1) > on:
        return "held_too_short"
    if where.current and (holding.status == "expired" or (holding.until is not None and holding.until < on)):
        return "expired"
    return None


def check_met(check: Check, record: Record, on: date, past: Mapping[str, bool]) -> bool:
    """Whether a part that takes nothing is met; `past` answers for those that look at earlier days."""
    match check:
        case Unbroken(id=node):
            return past[node]
        case Duration(at_least=at_least):
            return duration(check, record, on)[0] >= at_least
        case Fact():
            return _fact(check, record.facts.get(check.name))
        case Given(pool=pool, at_least=least, absent=absent):
            found = [each for each in record.holdings if in_pool(each, pool, record, on)]
            count = len(found) if pool.repeats else len({each.key for each in found})
            return (count >= least) != absent
        case SignedOff(id=node, role=role):
            return (node, role) in record.sign_offs


def duration(check: Duration, record: Record, on: date) -> tuple[Decimal, list[Holding]]:
    """How much time the periods cover by this day, and the holdings that say so."""
    first = back(on, check.within) if check.within is not None else date.min
    found = [
        (max(each.earned_on, first), min(each.to or each.earned_on, on), each)
        for each in sorted(record.holdings, key=lambda each: (each.earned_on, each.id))
        if in_pool(each, check.pool, record, on)
    ]
    found = [each for each in found if each[0] <= each[1]]
    stretches: list[tuple[date, date]] = []
    for start, end, _ in sorted(found, key=lambda each: each[:2]):
        if stretches and start.toordinal() <= stretches[-1][1].toordinal() + 1:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        else:
            stretches.append((start, end))
    days = sum(end.toordinal() - start.toordinal() + 1 for start, end in stretches)
    if check.unit == "days":
        return Decimal(days), [each for _, _, each in found]
    months, left = 0, 0
    for start, end in stretches:
        whole = _whole_months(start, end)
        months += whole
        left += end.toordinal() + 1 - moved(start, Period(months=whole), 1).toordinal()
    covered = Decimal(months) + Decimal(left * 100 // 30) / 100
    return (covered if check.unit == "months" else covered / 12), [each for _, _, each in found]


def _whole_months(start: date, end: date) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    while moved(start, Period(months=months), 1).toordinal() > end.toordinal() + 1:
        months -= 1
    return months


def _fact(check: Fact, value: str | None) -> bool:
    if value is None:
        return False
    if check.one_of and value not in check.one_of:
        return False
    try:
        if check.at_least is not None or check.at_most is not None:
            found = Decimal(value)
            if (check.at_least is not None and found < check.at_least) or (
                check.at_most is not None and found > check.at_most
            ):
                return False
        if check.since is not None or check.until is not None:
            day = date.fromisoformat(value)
            return (check.since is None or day >= check.since) and (check.until is None or day <= check.until)
    except (ValueError, InvalidOperation):
        return False
    return True
