"""The days, and what may be known of learners, that rules can tell apart: what lies right before and after a turn."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import takewhile
from math import ceil
from typing import Any

from pathways.rules.days import back, moved
from pathways.rules.eligible import the_day
from pathways.rules.history import cycles
from pathways.rules.pieces import every_value
from pathways.rules.record import Record
from pathways.rules.requirement import (
    Average,
    Day,
    Duration,
    EachCycle,
    Fact,
    FactDay,
    Graded,
    Groups,
    HoldingDay,
    LastOf,
    Newest,
    OneYear,
    Order,
    Pace,
    Period,
    Rule,
    Span,
    Spread,
    Unbroken,
    WasMet,
    Where,
)

MOST_DAYS_TO_ASK = 5
# So many days apart from one another are made up, where a rule asks for some in each of several times.
MOST_STEPS = 12
STEPS: Mapping[str, Period] = {
    "day": Period(days=1),
    "week": Period(days=7),
    "month": Period(months=1),
    "quarter": Period(months=3),
    "year": Period(years=1),
}


def turning_days(value: Any, on: date, facts: Mapping[str, str]) -> Iterator[date]:  # noqa: PLR0912 (one answer per kind)
    """The last day before, and the first after, anything about this value changes."""
    match value:
        case Where():
            yield from _turns_of(value, on, facts)
        case Newest(within=within):
            yield from _around(back(on, within))
        case Span(within=one, at_least=other) | Order(within=one, apart=other):
            yield on - timedelta(days=1)
            for period in (one, other):
                if period is not None:
                    yield from _around(back(on, period))
        case OneYear(month=month, day=day):
            start = date(on.year, month, day)
            yield from _around(start if start <= on else start.replace(year=on.year - 1))
        case Duration(at_least=least, unit=unit):
            # A period of so much time, and one of half of it.
            for much in (ceil(least), max(1, int(least) // 2)):
                yield moved(on, replace(Period(), **{unit: much}), -1)  # type: ignore[arg-type]
        case Unbroken(grace=grace):
            first = back(on, grace)
            yield from (first, back(first, grace) - timedelta(days=2))
        case Spread() | Groups() | Pace() | LastOf():
            yield from _apart(value, on)
        case Average(last=last) | Graded(last=last) if last is not None:
            yield on - timedelta(days=1)
        case WasMet(part=part, since=since, until=until):
            for then in (_known_day(each, on, facts) for each in (since, until)):
                if then is not None and then <= on:
                    yield then
                    yield from (day for inner in every_value(part) for day in turning_days(inner, then, facts))
        case EachCycle():
            yield from _ends_of_cycles(value, on, facts)


def _apart(value: Spread | Groups | Pace | LastOf, on: date) -> Iterator[date]:
    """As many days, each in a group of its own by day, or far enough from the next, as may be asked for."""
    many, step = 1, Period(days=1)
    match value:
        case Spread(by=by):
            many, step = value.at_least or 2, STEPS.get(by, Period())
        case Groups(by=by):
            many, step = value.groups, STEPS.get(by, Period())
        case Pace(within=within):
            many, step = MOST_STEPS, within
            # Too soon after one another.
            yield on - timedelta(days=1)
    day = on
    for _ in range(min(many, MOST_STEPS) if step != Period() else 0):
        yield day
        day = moved(day, step, -1)


def _ends_of_cycles(check: EachCycle, on: date, facts: Mapping[str, str]) -> Iterator[date]:
    """The last day of each of the newest cycles that are over."""
    start = _known_day(check.beginning, on, facts)
    if start is not None:
        over = takewhile(lambda cycle: cycle[1] < on, cycles(start, check.every))
        for _, end in deque(over, maxlen=MOST_STEPS):
            # What comes in the grace after it is too late without one.
            yield from (end, end + timedelta(days=1))[: 1 if check.grace is None else 2]


def beginnings(every: Period, on: date) -> tuple[str, ...]:
    """Days of which one cycle has gone by, and none."""
    return ((moved(on, every, -1) - timedelta(days=1)).isoformat(), on.isoformat())


def _turns_of(where: Where, on: date, facts: Mapping[str, str]) -> Iterator[date]:
    since, until = (_known_day(day, on, facts) for day in (where.earned_since, where.earned_until))
    if since is not None:
        yield from _around(since)
    if until is not None and until < date.max:
        yield from _around(until + timedelta(days=1))
    if where.earned_within is not None:
        yield from _around(back(on, where.earned_within))
    if where.held_for is not None:
        yield moved(on, where.held_for, -1)


def _around(first: date) -> tuple[date, ...]:
    return (first, first - timedelta(days=1)) if first > date.min else (first,)


def _known_day(day: Day | None, on: date, facts: Mapping[str, str]) -> date | None:
    return None if day is None or isinstance(day, HoldingDay) else the_day(day, Record(facts=facts), on)


def fact_values(fact: Fact, on: date) -> Iterator[str]:
    yield from fact.one_of
    yield from fact.scale[::-1]
    for bound, step in ((fact.at_least, -1), (fact.at_most, 1)):
        if bound is not None:
            yield from (str(bound), str(bound + step))
    for said, step in ((fact.since, -1), (fact.until, 1)):
        day = _known_day(said, on, {})
        if day is not None:
            yield from (day.isoformat(), (day + timedelta(days=step)).isoformat())
    # Some word, number or day that nobody asks for.
    yield from ("other", "-1", "1000-01-01")


def fact_days(day: FactDay, on: date) -> Iterator[str]:
    then = moved(on, day.plus, -1) if day.plus else on
    then = moved(then, day.minus, 1) if day.minus else then
    for found in (then, then - timedelta(days=1), moved(then, Period(years=5), -1)):
        yield found.isoformat()


def days_to_ask(rules: Iterable[Rule], on: date) -> list[date]:
    """The day itself, and each later day from which a fixed date of the rules lies in the past."""
    values = [value for rule in rules for value in every_value(rule)]
    turns, waits = set(), [on]
    for value in values:
        if isinstance(value, Where):
            if isinstance(value.earned_since, date):
                turns.add(value.earned_since)
            if isinstance(value.earned_until, date) and value.earned_until < date.max:
                turns.add(value.earned_until + timedelta(days=1))
            if value.held_for is not None:
                waits.append(moved(on, value.held_for, 1))
    coming = {day for day in turns if day > on}
    waited = {moved(day, Period(days=(max(waits) - on).days), 1) for day in coming}
    return [on, *sorted(coming | waited)][:MOST_DAYS_TO_ASK]
