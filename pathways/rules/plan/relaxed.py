"""Rules without what no timetable needs to be told: what is refused here, no plan can satisfy.

Everything errs on one side. What the relaxed rule lets pass is for the evaluator to judge.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from pathways.rules.record import Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Condition,
    Count,
    Day,
    Duration,
    Fact,
    Given,
    Groups,
    Holds,
    Limit,
    Passed,
    Pool,
    Requirement,
    Rule,
    SignedOff,
    Spread,
    Where,
    conditions_of,
    walk,
)


def relaxed(rule: Rule, record: Record, on: date) -> Rule:
    """The rule without what depends on days to come, on other qualifications, or on not holding something."""
    return Rule(root=_part(rule.root, record, on), same=rule.same, substitutes=rule.substitutes, renewals=rule.renewals)


def _part(part: Requirement, record: Record, on: date) -> Requirement:  # noqa: PLR0911 (one answer per kind)
    match part:
        case Holds() | Passed():
            return replace(part, where=_timeless(part.where, on))
        case Count() | Amount():
            if isinstance(part, Amount) and part.less_fact:
                # What a fact brings in need not be earned.
                part = replace(part, at_least=Decimal(0), less_fact="")
            return replace(part, pool=_timeless(part.pool, on), conditions=tuple(_conditions(part, on)))
        case All() | AnyOf() | AtLeast():
            inner = tuple(_part(each, record, on) for each in part.parts)
            return replace(part, parts=inner, conditions=tuple(_conditions(part, on)))
        case Given(absent=False, at_most=None):
            return replace(part, pool=_timeless(part.pool, on))
        case Fact(since=since, until=until) if _is_fixed(since) and _is_fixed(until):
            return part
        case SignedOff():
            return part
        case Duration(pool=pool) if not any(each.to is not None and each.to > on for each in record.holdings):
            # Time itself adds nothing, and what is studied adds a day.
            if not any((part.within, part.since, part.until, part.caps)) and _timeless(pool, on) == pool:
                return part
    return Given(id=part.id, pool=Pool(), at_least=Decimal(0))


def _is_fixed(day: Day | None) -> bool:
    return day is None or isinstance(day, date)


def _conditions(part: Requirement, on: date) -> Iterator[Condition]:
    for each in conditions_of(part):
        match each:
            case Limit(among=among) if among is None or _is_timeless(among, on):
                yield _limit(each, on)
            case Spread(by=by, of=of, beginning=None) if by not in BY_DAY and _is_timeless(of, on):
                yield each
            case Groups(by=by, beginning=None) if by not in BY_DAY:
                yield replace(each, of=_timeless(each.of, on))
            case Average(at_most=None, of=of, last=None, property="grade") if _timeless(of, on) == of:
                yield each


BY_DAY = ("year", "quarter", "month", "week", "day")
# What is true of a holding on whichever day it is earned, as long as nothing else changes. Every other field is
# dropped: a holding must fit all that are set, so with one of them gone more fits, and never less.
_TIMELESS = {
    "grade_at_least", "level_at_least", "level_at_most", "marks", "scales", "statuses", "issuers", "sources", "kinds",
    "subjects", "skills", "tags", "with_tags", "without_tags", "tags_as_facts", "matches", "not_used_in",
    "uses_at_most", "achievements", "without_achievements", "repeats", "current", "earned_within",
}  # fmt: skip

W = TypeVar("W", bound=Where)


def _timeless(where: W, on: date) -> W:
    """Without the days that something still to be earned may or may not meet; what is past for good stays."""
    kept: dict[str, Any] = {name: getattr(where, name) for name in _TIMELESS if hasattr(where, name)}
    last = where.earned_until
    if isinstance(last, date) and last < on:
        kept["earned_until"] = last
    # Grades are supposed to be as good as can be, so a highest one would say too much.
    kept["numbers"] = tuple(each for each in where.numbers if each.of != "grade")
    kept["either"] = tuple(_timeless(each, on) for each in where.either)
    kept["neither"] = tuple(each for each in where.neither if _timeless(each, on) == each)
    return type(where)(**kept)


def _is_timeless(pool: Pool, on: date) -> bool:
    """Whether it is true of a holding on whichever day that it is in the pool."""
    return _timeless(pool, on) == pool and not pool.current and pool.earned_within is None


def _limit(limit: Limit, on: date) -> Limit:
    of = _timeless(limit.of, on)
    if of != limit.of or of.current or of.earned_within is not None:
        # A maximum over what time alone can make smaller forbids nothing yet.
        return replace(limit, of=of, at_most=None, at_most_share=None)
    return limit


def negotiable(rule: Rule) -> Iterator[SignedOff]:
    """The approvals that a rule asks for: to be had by asking, not by studying."""
    for part in walk(rule.root):
        if isinstance(part, SignedOff):
            yield part
