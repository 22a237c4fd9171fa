"""The days on which the verdict on a record may turn without anything new being earned."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from pathways.rules import effort
from pathways.rules.checks import duration
from pathways.rules.days import day_before, moved, next_day, start_of
from pathways.rules.properties import day_of
from pathways.rules.record import Record
from pathways.rules.requirement import Duration, EachCycle, Period, Today, Unbroken, WasMet
from pathways.rules.rulings import AttestedFact

# A period moved from a day that some months lack leads to a day that several days lead to.
SHORT_MONTHS = 3
LATE_IN_MONTH = 28
# A cycle is four weeks or longer, so these are more than a life has.
MAX_CYCLES = 1_500
SHORTEST_CYCLE = 28
LIFETIME = 120
# So many days at the most lie between a day that is moved and what the usual length of the period leads to.
ROUGHLY = 60


def within(value: Any) -> Iterator[Any]:
    """A part of a rule and everything it is made of, down to periods, days and pools."""
    if isinstance(value, tuple):
        for each in value:
            yield from within(each)
    elif is_dataclass(value):
        yield value
        for each in fields(value):
            yield from within(getattr(value, each.name))
    elif isinstance(value, date):
        yield value


def turning_days(asked: Any, record: Record, first: date, last: date) -> list[date]:
    """The days after `first`, up to `last`, of which the verdict may differ from that of the day before.

    Between two of them, and from `first` to the one next to it, nothing turns. `asked` is a rule or a part.
    """
    parts = list(within(asked))
    durations = [each for each in parts if isinstance(each, Duration)]
    deeper = [each for part in parts if isinstance(part, WasMet | Unbroken | EachCycle) for each in within(part.part)]
    if any(each in deeper or not _only_grows(each) for each in durations):
        # Time spent changes day by day, so any day may be the one on which there is enough.
        return [first + timedelta(days=each) for each in range(1, (last - first).days + 1)]
    found: set[date] = set()
    periods = [(period, _days_of(period)) for period in _periods(parts)]
    earliest, latest = first.toordinal() - ROUGHLY, last.toordinal() + ROUGHLY
    for base in _bases(parts, record):
        found |= {base, next_day(base)}
        for period, days in periods:
            for sign in (1, -1):
                # Most of what comes round again leads far past these days, and moving a day is slow.
                if earliest <= base.toordinal() + sign * days <= latest:
                    found.update(_around(moved(base, period, sign), base))
    if any(isinstance(each, Period) and each.whole_months for each in parts):
        found |= set(_starts(first, last))
    starts = {str(what) for each in parts if (what := getattr(each, "start_of", None))}
    if starts & {"month", "quarter", "year"}:
        found |= set(_starts(first, last))
    if starts - {"month", "quarter", "year"}:
        found |= {day for day in _every_day(first, last) if any(start_of(day, what) == day for what in starts)}
    turns = sorted(day for day in found if first < day <= last)
    if durations:
        turns = sorted({*turns, *_enough(durations, record, [first, *turns, next_day(last)])})
    return turns


def _only_grows(duration: Duration) -> bool:
    """Whether it covers no less from day to day while nothing else turns: nothing drops out of what it looks at."""
    return duration.within is None and not isinstance(duration.since, Today) and not isinstance(duration.until, Today)


def _enough(durations: list[Duration], record: Record, turns: list[date]) -> Iterator[date]:
    """The days between these turns on which there begins to be time enough."""
    for each in durations:

        def lasts(place: int, each: Duration = each) -> bool:
            effort.spend(2 * len(record.holdings))
            return duration(each, record, date.fromordinal(place))[0] >= each.at_least

        for start, after in pairwise(day.toordinal() for day in turns):
            if after - start > 1 and not lasts(start) and lasts(after - 1):
                yield date.fromordinal(bisect_left(range(start, after), True, key=lasts) + start)


def _bases(parts: list[Any], record: Record) -> set[date]:
    days = {each for each in parts if isinstance(each, date)}
    for holding in record.holdings:
        days |= {each for each in (holding.earned_on, holding.until, holding.to) if each is not None}
        named = (day_of(holding, tag.partition("=")[0]) for tag in holding.tags)
        days |= {each for each in named if each is not None}
    for ruling in record.rulings:
        days |= {each for each in (ruling.since, ruling.until) if each is not None}
    attested = (each.value for each in record.rulings if isinstance(each, AttestedFact))
    for word in (*record.facts.values(), *attested):
        try:
            days.add(date.fromisoformat(word))
        except ValueError:
            continue
    return days


def _periods(parts: list[Any]) -> set[Period]:
    """Every period by itself, and what two of one day come to together."""
    single = {each for each in parts if isinstance(each, Period)}
    found = set(single)
    for each in parts:
        plus, minus = getattr(each, "plus", None), getattr(each, "minus", None)
        if plus is not None and minus is not None:
            found.add(
                Period(years=plus.years - minus.years, months=plus.months - minus.months, days=plus.days - minus.days)
            )
    for cycle in (each for each in parts if isinstance(each, EachCycle)):
        every = cycle.every
        days = every.years * 365 + every.months * 30 + every.days
        count = min(MAX_CYCLES, 1 + LIFETIME * 366 // max(1, days))
        # A cycle is over with its end, or with the end of the grace after it.
        for grace in {Period(), cycle.grace or Period()}:
            found |= {
                Period(
                    years=every.years * n + grace.years,
                    months=every.months * n + grace.months,
                    days=every.days * n + grace.days,
                )
                for n in range(1, count)
            }
    return found


def _days_of(period: Period) -> int:
    """How long it usually is."""
    return (period.years * 1461 + 3) // 4 + period.months * 487 // 16 + period.days


def _around(day: date, base: date) -> Iterator[date]:
    wide = SHORT_MONTHS if max(day.day, base.day) >= LATE_IN_MONTH or min(day.day, base.day) <= SHORT_MONTHS else 1
    yield day
    before = after = day
    for _ in range(wide):
        before, after = day_before(before), next_day(after)
        yield before
        yield after


def _every_day(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1))


def _starts(first: date, last: date) -> Iterator[date]:
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = moved(day, Period(months=1), 1)
        if day == date.max:
            return
