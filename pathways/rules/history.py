"""Judges the parts that look at other days: what was once met, never interrupted, or met in each cycle."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import takewhile

from pathways.rules import effort
from pathways.rules.days import back, day_before, end_of, moved, next_day
from pathways.rules.eligible import in_pool, the_day
from pathways.rules.record import Record
from pathways.rules.requirement import EachCycle, Looking, Period, Requirement, Unbroken, Unmet, WasMet
from pathways.rules.turning import MAX_CYCLES, turning_days

BEGINS = "cycle.begins"
ENDS = "cycle.ends"
# Whether a part, judged by itself, is met by a record on a day.
Judge = Callable[[Requirement, Record, date], bool]


def looked_at(check: Looking, record: Record, on: date, judge: Judge) -> bool:
    """Whether a check that looks into a part of its own is met."""
    match check:
        case Unmet(part=part):
            return not judge(part, record, on)
        case WasMet():
            return _was_met(check, record, on, judge)
        case Unbroken():
            return _unbroken(check, record, on, judge)
        case EachCycle(beginning=beginning, every=every, grace=grace):
            start = the_day(beginning, record, on)
            # At its end, and not on any day of it: what must not be, or not be missing, is not known before.
            return start is not None and all(
                effort.once(_met_at_end, check, record, *cycle, judge)
                for cycle in takewhile(lambda cycle: cycle[0] < on, cycles(start, every))
                if end_with_grace(cycle, grace) < on
            )


def _met_at_end(check: EachCycle, record: Record, begins: date, ends: date, judge: Judge) -> bool:
    cycle = begins, ends
    return _met_between(check.part, in_cycle(record, cycle), ends, end_with_grace(cycle, check.grace), judge)


def stretches(part: Requirement, record: Record, first: date, last: date, judge: Judge) -> Iterator[tuple[date, date]]:
    """The longest runs of days, both included, on which the part is met, in order."""
    days = [first, *turning_days(part, record, first, last)]
    begun: date | None = None
    for day in days:
        met = judge(part, record, day)
        if met and begun is None:
            begun = day
        if not met and begun is not None:
            yield begun, day_before(day)
            begun = None
    if begun is not None:
        yield begun, last


def _was_met(check: WasMet, record: Record, on: date, judge: Judge) -> bool:
    earliest = min((each.earned_on for each in record.holdings), default=on)
    first = min(earliest, on) if check.since is None else the_day(check.since, record, on)
    last = on if check.until is None else the_day(check.until, record, on)
    if first is None or last is None or first > min(last, on):
        return False
    return _met_between(check.part, record, first, min(last, on), judge)


def _met_between(part: Requirement, record: Record, first: date, last: date, judge: Judge) -> bool:
    """Whether the part is met on some day between these, both included; the first such day decides."""
    return any(judge(part, record, day) for day in (first, *turning_days(part, record, first, last)))


def _unbroken(check: Unbroken, record: Record, on: date, judge: Judge) -> bool:
    first = min((each.earned_on for each in record.holdings if each.earned_on <= on), default=on)
    restored = [
        each.earned_on
        for each in record.holdings
        if check.restored_by is not None and in_pool(each, check.restored_by, record, on)
    ]
    # Whatever came before what restores it last does not matter any more.
    mended = max(restored, default=date.min)
    until: date | None = None
    for begun, end in stretches(check.part, record, first, on, judge):
        if until is not None and begun > mended and max(until, mended) < back(begun, check.grace):
            return False
        until = end
    return True


def cycles(beginning: date, every: Period) -> Iterator[tuple[date, date]]:
    """The first and last day of each cycle, one after the other."""
    start = beginning
    for number in range(1, MAX_CYCLES):
        after = moved(
            beginning, Period(years=every.years * number, months=every.months * number, days=every.days * number), 1
        )
        if every.whole_months:
            # A cycle of whole months ends with a month, and the next begins with one.
            after = next_day(end_of(after, Period(whole_months=True)))
        if after <= start or after == date.max:
            return
        yield start, day_before(after)
        start = after


def in_cycle(record: Record, cycle: tuple[date, date]) -> Record:
    """The record with the facts that tell of the running cycle."""
    return replace(record, facts={**record.facts, BEGINS: cycle[0].isoformat(), ENDS: cycle[1].isoformat()})


def end_with_grace(cycle: tuple[date, date], grace: Period | None) -> date:
    """The last day on which a cycle can be renewed."""
    return end_of(cycle[1], grace) if grace is not None else cycle[1]


def was_renewed(part: Requirement, record: Record, cycle: tuple[date, date], last: date, judge: Judge) -> bool:
    """Whether what renews was met on some day from the beginning of the cycle to this last one."""
    return _met_between(part, in_cycle(record, cycle), cycle[0], last, judge)
