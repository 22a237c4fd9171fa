"""Judges one holding by itself: may it count in this part on this day, and if not, why."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pathways.rules.days import back, moved, next_day, start_of
from pathways.rules.evaluation import ReasonCode
from pathways.rules.properties import as_number, day_of, facts_of, is_used_in, measured, number_of, uses_of, words_of
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    Amount,
    Attempt,
    Count,
    Day,
    DayTest,
    FactDay,
    HoldingDay,
    Holds,
    Leaf,
    NumberTest,
    Passed,
    Pool,
    Rate,
    ScaleTest,
    Today,
    Where,
)

STANDING = ("active", "expired")
# The fields that each of the questions below looks at; most pools ask only a few.
QUALITY = {"grade_at_least", "level_at_least", "level_at_most", "marks", "numbers", "scales"}
ORIGIN = {
    "issuers",
    "sources",
    "kinds",
    "subjects",
    "skills",
    "tags",
    "with_tags",
    "without_tags",
    "tags_as_facts",
    "matches",
    "used_in",
    "not_used_in",
    "uses_at_most",
}
BESIDE = {"attempt", "while_held", "if_held", "unless_held", "either", "neither"}
TIME = {each.name for each in fields(Where)} - QUALITY - ORIGIN - BESIDE - {"statuses"}


def the_day(day: Day, record: Record, on: date) -> date | None:
    """The day that is meant, or none if it depends on a fact or a holding that is not known or gives no day."""
    match day:
        case FactDay(fact=fact):
            try:
                found: date | None = date.fromisoformat(record.facts.get(fact, ""))
            except ValueError:
                return None
        case HoldingDay():
            found = _holding_day(day, record, on)
        case Today():
            found = on
        case _:
            return day
    if found is not None and day.start_of is not None:
        found = start_of(found, day.start_of)
    if found is not None and day.plus is not None:
        found = moved(found, day.plus, 1)
    return moved(found, day.minus, -1) if found is not None and day.minus is not None else found


def _holding_day(day: HoldingDay, record: Record, on: date) -> date | None:
    found = [each for each in record.holdings if in_pool(each, day.pool, record, on)]
    if not found:
        return None
    of = (min if day.which == "first" else max)(found, key=lambda each: (each.earned_on, each.id))
    return day_of(of, day.on)


def standing(holding: Holding, on: date, statuses: tuple[str, ...] = ()) -> ReasonCode | None:
    """Why the holding counts nowhere on this day, whatever else a rule asks; none if it stands."""
    if holding.earned_on > on:
        return "dated_later"
    if holding.status in (statuses or STANDING):
        return None
    if statuses:
        return "other_status"
    return holding.status if holding.status in ("suspended", "superseded") else "revoked"  # type: ignore[return-value]


def why_not(holding: Holding, leaf: Leaf, record: Record, on: date) -> ReasonCode | None:
    """Why this holding cannot count in this part, or none if it can. `not_asked` if the part is about other things."""
    if not _asked(holding, leaf):
        return "not_asked"
    where = leaf.where if isinstance(leaf, Holds | Passed) else leaf.pool
    reason = unfit(holding, where, record, on)
    if reason is None and isinstance(leaf, Passed) and where.grade_at_least is None and not holding.passed:
        return "not_passed"
    if reason is None and isinstance(leaf, Amount) and weighed(holding, leaf.unit, leaf.rates, record, on) <= 0:
        return "nothing_to_add"
    return reason


def in_pool(holding: Holding, pool: Pool, record: Record, on: date) -> bool:
    """Whether the holding stands and fits the pool."""
    return _named(holding, pool) and unfit(holding, pool, record, on) is None


def weighed(holding: Holding, measure: str, rates: Sequence[Rate], record: Record, on: date) -> Fraction:
    """How much a holding adds in a measure, by the first rate that fits it."""
    for rate in rates:
        if in_pool(holding, rate.of, record, on):
            return measured(holding, rate.unit or measure) * rate.times
    return measured(holding, measure)


def any_in_pool(pool: Pool, record: Record, on: date) -> bool:
    """Whether the record has anything of the pool."""
    return any(in_pool(each, pool, record, on) for each in record.holdings)


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
    """The first reason why this holding does not stand, or is not what is asked for; none if it is."""
    said = where.said
    reason = standing(holding, on, where.statuses)
    if reason is None and not said.isdisjoint(QUALITY):
        reason = _quality(holding, where, record)
    if reason is None and not said.isdisjoint(ORIGIN):
        reason = _origin(holding, where, record)
    if reason is None and not said.isdisjoint(TIME):
        reason = _time(holding, where, record, on)
    if reason is None and not said.isdisjoint(BESIDE):
        reason = _beside(holding, where, record, on)
    return reason


def _quality(  # noqa: PLR0911 (one answer per reason)
    holding: Holding, where: Where, record: Record
) -> ReasonCode | None:
    if where.grade_at_least is not None and (holding.grade is None or holding.grade < where.grade_at_least):
        return "grade_too_low"
    if where.marks and holding.mark not in where.marks:
        return "grade_too_low"
    # A holding without a level has none to show, so it meets neither bound.
    if where.level_at_least is not None and (holding.level is None or holding.level < where.level_at_least):
        return "level_too_low"
    if where.level_at_most is not None and (holding.level is None or holding.level > where.level_at_most):
        return "level_too_high"
    for number in where.numbers:
        if not _number_fits(holding, number, record):
            return "grade_too_low" if number.of == "grade" else "other_number"
    for scale in where.scales:
        if not _scale_fits(holding, scale, record):
            return "grade_too_low" if scale.of == "grade" else "other_number"
    return None


def _number_fits(holding: Holding, test: NumberTest, record: Record) -> bool:
    found = number_of(holding, test.of)
    if found is None:
        return False
    for bound, fact, sign in ((test.at_least, test.at_least_fact, 1), (test.at_most, test.at_most_fact, -1)):
        if bound is not None and (found - bound) * sign < 0:
            return False
        if fact:
            known = [each for word in facts_of(record, fact) if (each := as_number(word)) is not None]
            if not any((found - each) * sign >= 0 for each in known):
                return False
    for name, sign in ((test.at_least_of, 1), (test.at_most_of, -1)):
        own = number_of(holding, name) if name else found
        if own is None or (Fraction(found) - (Fraction(own) * test.times if name else Fraction(own))) * sign < 0:
            return False
    return True


def _scale_fits(holding: Holding, test: ScaleTest, record: Record) -> bool:
    places = [test.scale.index(word) for word in words_of(holding, test.of) if word in test.scale]
    return any(
        on_scale(place, test.scale, test.at_least, test.at_least_fact, record, sign=1)
        and on_scale(place, test.scale, test.at_most, test.at_most_fact, record, sign=-1)
        for place in places
    )


def on_scale(place: int, scale: tuple[str, ...], word: str, fact: str, record: Record, *, sign: int) -> bool:
    """Whether a place on the scale lies on this side (1: not below, -1: not above) of a word, and of a fact."""
    if word and (word not in scale or (place - scale.index(word)) * sign < 0):
        return False
    known = [scale.index(each) for each in facts_of(record, fact) if each in scale] if fact else [place]
    return any((place - each) * sign >= 0 for each in known)


def _origin(holding: Holding, where: Where, record: Record) -> ReasonCode | None:
    as_facts = all(
        any(f"{name.rpartition('.')[2]}={word}" in holding.tags for word in facts_of(record, name))
        for name in where.tags_as_facts
    )
    matched = all(not set(words_of(holding, each.of)).isdisjoint(facts_of(record, each.fact)) for each in where.matches)
    checks: tuple[tuple[bool, ReasonCode], ...] = (
        (not where.kinds or holding.achievement_kind in where.kinds, "other_kind"),
        (not where.subjects or holding.subject in where.subjects, "other_subject"),
        (not where.issuers or holding.issuer in where.issuers, "other_issuer"),
        (not where.sources or holding.source in where.sources, "other_source"),
        (not where.skills or not holding.skills.isdisjoint(where.skills), "other_skill"),
        (not where.tags or not holding.tags.isdisjoint(where.tags), "tag_missing"),
        (holding.tags.issuperset(where.with_tags), "tag_missing"),
        (as_facts, "tag_missing"),
        (matched, "not_as_learner"),
        (holding.tags.isdisjoint(where.without_tags), "tag_excluded"),
        (not where.not_used_in or not is_used_in(record, holding.id, where.not_used_in), "used_elsewhere"),
        (where.uses_at_most is None or uses_of(record, holding.id) <= where.uses_at_most, "used_elsewhere"),
        (not where.used_in or is_used_in(record, holding.id, where.used_in), "not_used_there"),
    )
    return next((code for fits, code in checks if not fits), None)


def _time(  # noqa: PLR0911 (one answer per reason)
    holding: Holding, where: Where, record: Record, on: date
) -> ReasonCode | None:
    earliest = [back(on, where.earned_within)] if where.earned_within is not None else []
    if where.earned_since is not None:
        earliest.append(the_day(where.earned_since, record, on) or date.max)
    latest = [the_day(where.earned_until, record, on) or date.min] if where.earned_until is not None else []
    if any(holding.earned_on < day for day in earliest):
        return "earned_too_early"
    if any(holding.earned_on > day for day in latest):
        return "earned_too_late"
    if not all(_day_fits(holding, each, record, on) for each in where.days):
        return "other_number"
    ended = holding.to or holding.earned_on
    if where.ended_since is not None and ended < (the_day(where.ended_since, record, on) or date.max):
        return "earned_too_early"
    if where.ended_until is not None and ended > (the_day(where.ended_until, record, on) or date.min):
        return "earned_too_late"
    if where.lasting is not None and moved(holding.earned_on, where.lasting, 1) > next_day(ended):
        return "too_short"
    if where.held_for is not None and moved(holding.earned_on, where.held_for, 1) > on:
        return "held_too_short"
    if where.current and (holding.status == "expired" or (holding.until is not None and holding.until < on)):
        return "expired"
    if where.valid_for is not None and holding.until is not None and holding.until < moved(on, where.valid_for, 1):
        return "expired"
    if where.current_on is not None:
        day = the_day(where.current_on, record, on)
        if day is None or not is_current(holding, day):
            return "expired"
    return None


def _day_fits(holding: Holding, test: DayTest, record: Record, on: date) -> bool:
    found = day_of(holding, test.of)
    if found is None:
        return False
    if test.since is not None and found < (the_day(test.since, record, on) or date.max):
        return False
    if test.until is not None and found > (the_day(test.until, record, on) or date.min):
        return False
    if not test.after:
        return test.within is None or back(on, test.within) <= found <= on
    before = day_of(holding, test.after)
    if before is None or found < before:
        return False
    return test.within is None or before >= back(found, test.within)


def is_current(holding: Holding, day: date) -> bool:
    """Whether the holding was there and valid on a day; the last day of validity counts."""
    return holding.earned_on <= day and (holding.until is None or holding.until >= day)


def _beside(  # noqa: PLR0911 (one answer per reason)
    holding: Holding, where: Where, record: Record, on: date
) -> ReasonCode | None:
    if where.attempt is not None and not _is_attempt(holding, where.attempt, record, on, where.statuses):
        return "other_attempt"
    if where.while_held is not None and not any(
        is_current(each, holding.earned_on) and in_pool(each, where.while_held, record, on) for each in record.holdings
    ):
        return "not_held_then"
    if where.if_held is not None and not any_in_pool(where.if_held, record, on):
        return "not_held_beside"
    if where.unless_held is not None and any_in_pool(where.unless_held, record, on):
        return "barred"
    if where.either and not any(_is_one(holding, each, record, on) for each in where.either):
        return "other_alternative"
    if any(_is_one(holding, each, record, on) for each in where.neither):
        return "excluded"
    return None


def _is_one(holding: Holding, where: Where, record: Record, on: date) -> bool:
    named = not isinstance(where, Pool) or _named(holding, where)
    return named and unfit(holding, where, record, on) is None


def _is_attempt(holding: Holding, attempt: Attempt, record: Record, on: date, statuses: tuple[str, ...]) -> bool:
    same = [
        each
        for each in record.holdings
        if each.key == holding.key
        and (each.kind == "grade") == (holding.kind == "grade")
        and standing(each, on, statuses) is None
    ]
    chosen = attempt_of(same, attempt)
    return chosen is not None and chosen.id == holding.id


def attempt_of(same: list[Holding], attempt: Attempt) -> Holding | None:
    """Of several attempts at one thing the first, the last or the best."""
    if attempt == "first":
        return min(same, key=lambda each: (each.earned_on, each.id), default=None)
    if attempt == "last":
        return max(same, key=lambda each: (each.earned_on, each.id), default=None)
    return max(
        same,
        key=lambda each: (each.grade if each.grade is not None else Decimal(-1), -each.earned_on.toordinal(), each.id),
        default=None,
    )
