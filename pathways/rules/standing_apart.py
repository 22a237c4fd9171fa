"""Tells two rules apart by what comes after earning: how long an award stands, and what it bears besides its name.

Whoever is looked for meets both rules. One is found, or it is said that the rules say the same, which proves that there
is nobody, or else among how many learners none was found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from pathways.rules.days import moved
from pathways.rules.effort import TooCostlyError
from pathways.rules.evaluate import evaluate
from pathways.rules.made_up import Budget, Entry, TooCostly, World
from pathways.rules.phrases.language import gettext_noop
from pathways.rules.prove import to_earn
from pathways.rules.record import Record
from pathways.rules.requirement import Period, Rule, roots
from pathways.rules.results import Found, results_of
from pathways.rules.retention import stands
from pathways.rules.subsets import OutOfSteps
from pathways.rules.turning import turning_days

MOST_SETS = 8
MOST_DAYS = 80
# What is earned stands or falls within so long, unless the rules speak of longer times.
AHEAD = Period(years=1)
LASTING = (
    "lasts",
    "grace",
    "grace_to_year_end",
    "validity",
    "valid_from",
    "renewal",
    "keep",
    "reinstatement",
    "falls_for_good",
)
MEANING = ("same", "substitutes", "barred", "renewals")
BOUNDS: Mapping[bool, str] = {
    True: gettext_noop("Proved: the rules say the same of it."),
    False: gettext_noop("Nobody was found among {tried} made-up learners."),
}


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Somebody who meets both rules and fares differently later; or nobody, with what that is worth.

    `before` and `after` are what the rules say of the learner on that day: whether the award stands, or its results.
    """

    record: Record | None
    on: date
    earned_on: date | None = None
    before: Mapping[str, Found] = field(default_factory=dict)
    after: Mapping[str, Found] = field(default_factory=dict)
    proved: bool
    tried: int

    @property
    def bounds(self) -> str:
        return BOUNDS[self.proved].format(tried=self.tried)


def lasting_apart(before: Rule, after: Rule, catalogue: Sequence[Entry], on: date, *, most: int) -> Apart:
    """Somebody for whom an award earned today stands on some later day by one of the rules only."""
    if _says_same(before, after, LASTING):
        return Apart(record=None, on=on, proved=True, tried=0)
    tried = 0
    for record in _met_by_both(before, after, catalogue, on, most):
        for later, day in _lives(record, before, after, on):
            tried += 1
            try:
                verdicts = [stands(rule, later, day, earned_on=on) for rule in (before, after)]
            except TooCostlyError:
                continue
            if verdicts[0] != verdicts[1]:
                said = [{"stands": "yes" if verdict else "no"} for verdict in verdicts]
                return Apart(
                    record=later, on=day, earned_on=on, before=said[0], after=said[1], proved=True, tried=tried
                )
            if tried >= most:
                return Apart(record=None, on=on, proved=False, tried=tried)
    return Apart(record=None, on=on, proved=False, tried=tried)


def results_apart(before: Rule, after: Rule, catalogue: Sequence[Entry], on: date, *, most: int) -> Apart:
    """Somebody whose award would bear another level, title, number, list or day."""
    if (not before.results and not after.results) or _says_same(before, after, ("results",)):
        return Apart(record=None, on=on, proved=True, tried=0)
    tried = 0
    for record in _met_by_both(before, after, catalogue, on, most):
        tried += 1
        try:
            found = [
                {name: each for name, each in results_of(rule, evaluate(rule, record, on), record).items() if each}
                for rule in (before, after)
            ]
        except TooCostlyError:
            continue
        if found[0] != found[1]:
            names = [name for name in {**found[0], **found[1]} if found[0].get(name) != found[1].get(name)]
            said = [{name: each[name] for name in names if name in each} for each in found]
            return Apart(record=record, on=on, before=said[0], after=said[1], proved=True, tried=tried)
    return Apart(record=None, on=on, proved=False, tried=tried)


def _says_same(before: Rule, after: Rule, names: Sequence[str]) -> bool:
    """Whether the rules say the same of this; what it is judged by may be the rule itself, and what names mean."""
    asked = (*names, *MEANING)
    same = all(getattr(before, name) == getattr(after, name) for name in asked)
    # What is kept for good never asks again.
    return same and (before.root == after.root or ("lasts" in names and before.lasts == "kept"))


def _met_by_both(before: Rule, after: Rule, catalogue: Sequence[Entry], on: date, most: int) -> Iterator[Record]:
    """Those who have everything, and some who have as little as will do, of all who meet both rules."""
    budget = Budget(most, most)
    bare = [to_earn(rule) for rule in (before, after)]
    try:
        # What renews, keeps and raises an award is held as well.
        beside = [
            replace(to_earn(rule), root=part)
            for rule in (before, after)
            for part in roots(rule)
            if part is not rule.root
        ]
        world = World([*bare, *beside], catalogue, on, budget)
        for place, land in enumerate(world.lands):
            if all(world.judge(rule, place, land.full) for rule in bare):
                yield land.record(land.full)
        for rule in bare:
            for record in world.sets(rule, MOST_SETS):
                if all(world.verdict(each, record) for each in bare):
                    yield record
    except (OutOfSteps, TooCostly):
        return


def _lives(record: Record, before: Rule, after: Rule, on: date) -> Iterator[tuple[Record, date]]:
    """What may become of a learner: everything lasts, some of it runs out or is lost, or all is earned again."""
    ahead = moved(on, AHEAD, 1)
    for rule in (before, after):
        for period in (rule.validity, rule.grace):
            ahead = moved(ahead, period, 1) if period is not None else ahead
    last = min(ahead, date.max - timedelta(days=1))
    falls = moved(on, Period(months=1), 1)
    lives = [record]
    for gone in (record.holdings, *((each,) for each in record.holdings)):
        ids = {each.id for each in gone}
        ended = tuple(replace(each, until=falls) if each.id in ids else each for each in record.holdings)
        lives.append(replace(record, holdings=ended))
        again = tuple(
            replace(each, id=f"{each.id} again", earned_on=moved(falls, Period(months=6), 1), until=None)
            for each in gone
        )
        lives += [replace(record, holdings=(*record.holdings, *again)), replace(record, holdings=(*ended, *again))]
    for life in lives:
        turns = {day for rule in (before, after) for day in turning_days(rule, life, on, last)}
        days = sorted({*turns, falls, last})
        for place in range(0, len(days), max(1, len(days) // MOST_DAYS)):
            yield life, days[place]
