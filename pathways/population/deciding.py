"""Decides a rule for many learners: by the columns where they can tell, and by the exact evaluator for the rest."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np

from pathways.population.columns import ANY_DAY, Bits, Columns, Numbers, Sheet
from pathways.population.judging import Judge, Verdicts
from pathways.rules.evaluate import satisfied
from pathways.rules.record import Holding, Record

# The record of the learner with this number in the columns.
RecordOf = Callable[[int], Record]


def decide(judge: Judge, sheet: Sheet, record_of: RecordOf, *, among: Bits | None = None) -> Bits:
    """Who satisfies the rule, exactly, of everybody or of those `among`."""
    verdicts = judge.verdicts(sheet)
    if among is not None:
        verdicts = Verdicts(verdicts.surely & among, verdicts.perhaps & among)
    found = verdicts.surely.copy()
    found[decided(judge, sheet, record_of, np.flatnonzero(verdicts.undecided))] = True
    return found


def decided(judge: Judge, sheet: Sheet, record_of: RecordOf, numbers: Numbers) -> Numbers:
    """Which of these learners satisfy the rule, by the exact evaluator; those who hold alike are judged once."""
    if not len(numbers):
        return numbers
    if not judge.by_items_alone:
        return np.array([each for each in numbers if satisfied(judge.rule, record_of(int(each)), judge.on)], np.int64)
    kinds = judge.kinds_asked()
    if not kinds:
        # Nobody holds anything that the rule looks at: all are alike.
        return numbers if satisfied(judge.rule, _record(judge, []), judge.on) else numbers[:0]
    held = np.stack([sheet.held(((kind, ANY_DAY),))[numbers] for kind in kinds], axis=1)
    packed = np.packbits(held, axis=1)
    _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    verdicts = [
        satisfied(judge.rule, _record(judge, [kinds[each] for each in np.flatnonzero(held[one])]), judge.on)
        for one in first
    ]
    return numbers[np.array(verdicts, np.bool_)[group.reshape(-1)]]


def _record(judge: Judge, kinds: list[int]) -> Record:
    holdings = (replace(judge.kinds.holdings[kind], id=f"kind:{kind}", earned_on=judge.on) for kind in kinds)
    return Record(holdings=tuple(holdings))


class RecordsOf:
    """Records made of columns again, for rules that look at nothing but holdings."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    @cached_property
    def _rows(self) -> tuple[Numbers, Numbers]:
        """The rows in the order of the learners, and where those of each begin."""
        order = np.argsort(self._columns.whose, kind="stable")
        return order, np.searchsorted(self._columns.whose[order], np.arange(self._columns.learners + 1))

    def __call__(self, number: int) -> Record:
        order, starts = self._rows
        rows = order[starts[number] : starts[number + 1]]
        return Record(holdings=tuple(self._holding(int(row)) for row in rows))

    def _holding(self, row: int) -> Holding:
        columns = self._columns
        return columns.kinds.dated(
            int(columns.kind[row]),
            id_=f"row:{row}",
            earned=int(columns.earned[row]),
            until=int(columns.until[row]),
            status=int(columns.status[row]),
        )
