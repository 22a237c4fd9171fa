"""What a compiled part answers for a whole sheet of learners, and how answers are put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from pathways.population.columns import Bits, Sheet

Answer = Callable[[Sheet], Bits]


@dataclass(frozen=True)
class Both:
    """What suffices for a part, and what it needs."""

    least: Answer
    most: Answer


def always(sheet: Sheet) -> Bits:
    return np.ones(sheet.learners, np.bool_)


def never(sheet: Sheet) -> Bits:
    return np.zeros(sheet.learners, np.bool_)


OPEN = Both(never, always)


def once(answer: Answer) -> Answer:
    """What suffices and is needed is worked out once."""

    def kept(sheet: Sheet) -> Bits:
        found = sheet.totals.get(answer)
        if found is None:
            found = sheet.totals[answer] = answer(sheet)
        return found

    return kept


def enough(answers: Sequence[Answer], needed: int) -> Answer:
    if needed >= len(answers):
        return all_of(answers) if needed == len(answers) else never
    if needed == 1:
        return lambda sheet: reduce(np.logical_or, (answer(sheet) for answer in answers))

    def several(sheet: Sheet) -> Bits:
        met = np.zeros(sheet.learners, np.uint16)
        for answer in answers:
            met += answer(sheet)
        return met >= needed

    return several


def all_of(answers: Sequence[Answer]) -> Answer:
    def together(sheet: Sheet) -> Bits:
        found = answers[0](sheet)
        for answer in answers[1:]:
            if not found.any():
                return found
            found = found & answer(sheet)
        return found

    return together
