"""Whether an award that was earned still stands: kept for good, current with its grace, or renewed period by period."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from pathways.rules import effort
from pathways.rules.days import moved
from pathways.rules.evaluate import satisfied
from pathways.rules.history import Judge, cycles, stretches, was_renewed
from pathways.rules.record import Record
from pathways.rules.requirement import Period, Rule

EARNED = "prior.earned"
FELL = "prior.fell"
_ONE_DAY = Period(days=1)


@effort.bounded()
def stands(rule: Rule, record: Record, on: date, *, earned_on: date) -> bool:
    """Whether what was granted on `earned_on` is still held on `on`.

    A revocation is an act of people and not judged here. Raises effort.TooCostlyError where that cannot be found out.
    """
    if on < earned_on:
        return False
    record = replace(record, facts={**record.facts, EARNED: earned_on.isoformat()})
    return _is_valid(rule, record, on, earned_on) and _is_kept(rule, record, on, earned_on)


def grace_end(rule: Rule, last: date) -> date:
    """The last day on which it still stands, if `last` is the last on which the rule was satisfied."""
    ends = [last]
    if rule.grace is not None:
        ends.append(moved(last, rule.grace, 1))
    if rule.grace_to_year_end:
        ends.append(date(last.year, 12, 31))
    return max(ends)


def expires_on(rule: Rule, record: Record, on: date, *, earned_on: date) -> date | None:
    """The last day of the running period of validity, without any grace; none if it has no periods."""
    running = [last for first, last in _periods(rule, earned_on) if first <= on]
    return running[-1] if running else None


def _periods(rule: Rule, earned_on: date) -> Iterator[tuple[date, date]]:
    """The first and last day of each period of validity: a year is good until the same day of the next, included."""
    if rule.validity is not None:
        for start, end in cycles(earned_on, rule.validity):
            yield start, end if rule.validity.exclusive else moved(end, _ONE_DAY, 1)


def _fallen(record: Record, fell: date) -> Record:
    """The record with the last day on which the award stood, as a fact."""
    return replace(record, facts={**record.facts, FELL: fell.isoformat()})


def _judge(rule: Rule) -> Judge:
    return lambda part, record, on: satisfied(replace(rule, root=part), record, on)


def _is_valid(rule: Rule, record: Record, on: date, earned_on: date) -> bool:
    for cycle in _periods(rule, earned_on):
        if on <= grace_end(rule, cycle[1]):
            return True
        if rule.renewal is None or not was_renewed(rule.renewal, record, cycle, rule.grace, _judge(rule)):
            return _is_reinstated(rule, record, cycle[1], on)
    return True


def _is_reinstated(rule: Rule, record: Record, fell: date, on: date) -> bool:
    """Whether what fell has returned and is still within a period from that day."""
    if rule.falls_for_good or rule.reinstatement is None:
        return False
    record = _fallen(record, fell)
    returned = next(stretches(rule.reinstatement, record, fell, on, _judge(rule)), None)
    return returned is not None and _is_valid(rule, record, on, returned[0])


def _is_kept(rule: Rule, record: Record, on: date, earned_on: date) -> bool:
    if rule.lasts == "kept":
        return True
    asked = rule.keep or rule.root
    judge = _judge(rule)
    runs = list(stretches(asked, record, earned_on, on, judge))
    if rule.falls_for_good or rule.reinstatement is not None:
        return _stands_through(rule, record, on, earned_on, runs)
    return bool(runs) and on <= grace_end(rule, runs[-1][1])


def _stands_through(rule: Rule, record: Record, on: date, earned_on: date, runs: list[tuple[date, date]]) -> bool:
    """Whether it never fell, or returned by what reinstates it and did not fall again."""
    standing_until = earned_on
    for begun, end in runs:
        if begun > grace_end(rule, standing_until) and begun > earned_on:
            break
        standing_until = end
    fell = grace_end(rule, standing_until)
    if on <= fell:
        return True
    if rule.falls_for_good or rule.reinstatement is None:
        return False
    fallen = _fallen(record, fell)
    for begun, _ in stretches(rule.reinstatement, fallen, moved(fell, _ONE_DAY, 1), on, _judge(rule)):
        later = [(max(first, begun), last) for first, last in runs if last >= begun]
        if later and _stands_through(rule, record, on, begun, later):
            return True
        if on <= grace_end(rule, begun):
            return True
    return False
