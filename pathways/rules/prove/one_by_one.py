"""Made-up learners as they would be if they earned one thing after another, none faster than by full-time study."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_CEILING
from itertools import permutations

from pathways.rules.made_up import Entry
from pathways.rules.record import Holding, HoldingKind, Record

# So many things are tried in every order; of more, so many are tried as the first.
MOST_ORDERED = 4
MOST_FIRST = 8
# Nobody finishes faster than by full-time study, one thing after another.
HOURS_A_WEEK = 40


def orders(record: Record) -> Iterator[tuple[Holding, ...]]:
    """Orders in which to earn these: all of a few; else each first in turn and, after it, what lasts longest."""
    if len(record.holdings) <= MOST_ORDERED:
        yield from permutations(record.holdings)
        return

    def last_day(held: Holding) -> tuple[date, str]:
        return held.until or date.max, held.id

    lasting = sorted(record.holdings, key=last_day, reverse=True)
    for first in lasting[:MOST_FIRST]:
        yield first, *(each for each in lasting if each is not first)


def one_after_another(
    record: Record, order: Sequence[Holding], entries: Mapping[tuple[HoldingKind, str], Entry]
) -> Record:
    """The same learner, who earns these in this order by full-time study, the last no later than now."""
    studied: list[Holding] = []
    latest: date | None = None
    for held in reversed(order):
        earned = held.earned_on if latest is None else min(held.earned_on, latest)
        lasts = None if held.until is None else held.until - held.earned_on
        studied.append(replace(held, earned_on=earned, until=None if lasts is None else earned + lasts))
        latest = earned - timedelta(days=days_of_study(entries[held.kind, held.key]))
    return replace(record, holdings=tuple(studied[::-1]))


def lasting_for_good(record: Record) -> Record:
    return replace(record, holdings=tuple(replace(each, until=None) for each in record.holdings))


def days_of_study(entry: Entry) -> int:
    """Days that full-time study of it takes, rounded up."""
    return int((entry.hours * 7 / HOURS_A_WEEK).to_integral_value(ROUND_CEILING)) if entry.hours else 0
