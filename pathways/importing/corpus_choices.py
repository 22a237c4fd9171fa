"""Finds out what a case of a corpus states about choices: what is of use in any, and what counts under a label."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import takewhile

from pathways.importing.corpus import Case
from pathways.rules.evaluate import satisfied
from pathways.rules.evaluation import Evaluation
from pathways.rules.history import in_cycle, stretches
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Duration, Looking, Requirement, Rule, walk
from pathways.rules.retention import EARNED, cycles_of, grace_end
from pathways.rules.subsets import OutOfSteps, Vector, least_sets

# Records judged to find every least set of awards that will do; records of cases are small.
MOST_TRIED = 2_000
NO_WORD = re.compile(r"[^A-Za-z0-9]+")


class _Tried:
    """Judges subsets of a record, each once, and no more than so many."""

    def __init__(self, record: Record, holds: Callable[[Record], bool]) -> None:
        self.record = record
        self.holds = holds
        self._known: dict[Vector, bool] = {}

    def __call__(self, vector: Vector) -> bool:
        if vector not in self._known:
            if len(self._known) == MOST_TRIED:
                raise OutOfSteps
            self._known[vector] = self.holds(replace(self.record, holdings=tuple(self._picked(vector))))
        return self._known[vector]

    def ids(self, vector: Vector) -> set[str]:
        return {each.id for each in self._picked(vector)}

    def _picked(self, vector: Vector) -> list[Holding]:
        return [each for each, is_in in zip(self.record.holdings, vector, strict=True) if is_in]


def useful(record: Record, holds: Callable[[Record], bool]) -> tuple[frozenset[str], bool]:
    """What is in some least set of holdings that will do, by id, and whether all such sets were found."""
    tried = _Tried(record, holds)
    found: set[str] = set()
    try:
        for least in least_sets((1,) * len(record.holdings), tried):
            found |= tried.ids(least)
            if len(found) == len(record.holdings):
                break
    except OutOfSteps:
        return frozenset(found), False
    return frozenset(found), True


def counted(rule: Rule, case: Case, evaluation: Evaluation, record: Record, titles: Mapping[str, str]) -> Iterator[str]:
    """What should count and does not, or under another label: of a part by its id, or else of an achievement."""
    anywhere = counting_in(rule.root, rule, evaluation, record) if case.counts else frozenset()
    parts = {_plain(part.id): part for part in walk(rule.root)}
    for label, ids in case.counts.items():
        part = parts.get(_plain(label)) if label else None
        here = anywhere if part is None else counting_in(part, rule, evaluation, record)
        start = f"counts: {label}: " if label else "counts: "
        if not here.issuperset(ids):
            yield f"{start}{', '.join(ids)} should count, we count {', '.join(sorted(here)) or 'nothing'}"
        if part is None:
            # Of an achievement that was earned several times, the others do not count.
            called = {each.id for each in record.holdings if label and label in (each.key, titles.get(each.key))}
            astray = here & called - set(ids)
        else:
            astray = here & {each for other, named in case.counts.items() if other != label for each in named} - set(
                ids
            )
        if astray:
            yield f"{start}{', '.join(sorted(astray))} should not count there"


def counting_in(part: Requirement, rule: Rule, evaluation: Evaluation, record: Record) -> frozenset[str]:
    """What was taken in a part and below, and by what those parts are met that take nothing."""
    found: set[str] = set()
    for each in walk(part):
        found |= {taken.holding for taken in evaluation.allocation.get(each.id, ())}
        found |= set(evaluation.relied_on.get(each.id, ()))
        if isinstance(each, Duration | Looking) and evaluation.nodes[each.id].state == "met":
            alone = replace(rule, root=each)
            found |= useful(record, lambda held, alone=alone: satisfied(alone, held, evaluation.on))[0]  # type: ignore[misc]
    return frozenset(found)


def _plain(label: str) -> str:
    """A label as an id can be written: `LPIC-2 exams` is `lpic-2-exams`."""
    return NO_WORD.sub("-", label).strip("-").casefold()


def grounds(rule: Rule, record: Record, on: date, *, earned_on: date) -> tuple[Rule, Record, date]:
    """By which rule, with which facts and on which day it was met what an award stands on that was earned earlier.

    What lasts while it is satisfied stands on the last day on which it was; what is valid for a period on what earned
    it, or on what renewed it last.
    """
    record = replace(record, facts={**record.facts, EARNED: earned_on.isoformat()})

    def judge(part: Requirement, held: Record, day: date) -> bool:
        return satisfied(replace(rule, root=part), held, day)

    if rule.lasts == "current":
        runs = list(stretches(rule.keep or rule.root, record, earned_on, on, judge))
        return replace(rule, root=rule.keep or rule.root), record, runs[-1][1] if runs else on
    if rule.renewal is not None and rule.validity is not None:
        before = list(takewhile(lambda cycle: cycle[1] < on, cycles_of(rule, record, earned_on)))
        for cycle in before[::-1]:
            cycled = in_cycle(record, cycle)
            renewed = next(stretches(rule.renewal, cycled, cycle[0], min(on, grace_end(rule, cycle[1])), judge), None)
            if renewed is not None:
                return replace(rule, root=rule.renewal), cycled, renewed[1]
    return rule, record, earned_on
