"""Whether an award that was earned still stands: kept for good, or current with its grace."""

from datetime import date

from pathways.rules.eligible import moved
from pathways.rules.evaluate import last_met, satisfied
from pathways.rules.record import Record
from pathways.rules.requirement import Rule


def stands(rule: Rule, record: Record, on: date, *, earned_on: date) -> bool:
    """Whether what was granted on `earned_on` is still held on `on`; it comes back by itself once satisfied again.

    A revocation is an act of people and not judged here.
    """
    if on < earned_on:
        return False
    if rule.lasts == "kept" or satisfied(rule, record, on):
        return True
    last = _last_satisfied(rule, record, on, earned_on)
    return last is not None and on <= grace_end(rule, last)


def grace_end(rule: Rule, last: date) -> date:
    """The last day on which it still stands, if `last` is the last on which the rule was satisfied."""
    ends = [last]
    if rule.grace is not None:
        ends.append(moved(last, rule.grace, 1))
    if rule.grace_to_year_end:
        ends.append(date(last.year, 12, 31))
    return max(ends)


def _last_satisfied(rule: Rule, record: Record, on: date, earned_on: date) -> date | None:
    days = sorted({earned_on, *(each.earned_on for each in record.holdings if earned_on <= each.earned_on <= on)})
    for place in range(len(days) - 1, -1, -1):
        if satisfied(rule, record, days[place]):
            until = date.fromordinal(days[place + 1].toordinal() - 1) if place + 1 < len(days) else on
            return last_met(rule, record, days[place], until)
    return None
