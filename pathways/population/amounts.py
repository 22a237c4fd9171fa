"""Compiles what single parts take: counts, amounts, and what counts each time that it is repeated."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import groupby
from math import ceil
from operator import itemgetter

import numpy as np

from pathways.population.answers import Answer, Both, never
from pathways.population.columns import Bits, Item, Numbers, Several, Sheet, Spec
from pathways.population.contending import Taking
from pathways.population.counting import Weighing, reached
from pathways.population.fitting import Fit
from pathways.population.knowing import Knowing
from pathways.rules.requirement import Amount, Count, Holds, Measure, Passed


def count(knowing: Knowing, leaf: Taking, part: Holds | Passed | Count, free: Mapping[Item, Spec]) -> Both:
    needed = leaf.needed
    if isinstance(part, Count) and part.at_most is not None and part.at_most < needed:
        return Both(never, never)
    if len(free) < needed:
        return Both(never, never)
    held, may = knowing.kinds.several(leaf.fit.least.values()), knowing.kinds.several(free.values())
    return Both(
        lambda sheet: reached(sheet.count(held), needed, leaf.taken_before(sheet)),
        lambda sheet: reached(sheet.count(may), needed),
    )


def amount(knowing: Knowing, leaf: Taking, part: Amount, free: Mapping[Item, Spec]) -> Both:
    scale = knowing.scale(part)
    least = int(part.at_least * scale)
    most = None if part.at_most is None else int(part.at_most * scale)
    weight = knowing.weights(part.unit, scale)
    largest = max((weight(kind) for spec in leaf.fit.most.values() for kind, _ in spec), default=0)
    even = len({weight(kind) for spec in leaf.fit.most.values() for kind, _ in spec}) <= 1

    surely_held = knowing.weighing(leaf.fit.least.values(), part.unit, scale)
    before = leaf.only_one_before()
    only = None if before is None or most is not None else knowing.weighing(before, part.unit, scale)

    def suffices(sheet: Sheet) -> Bits:
        taken = leaf.taken_before(sheet)
        got = surely_held.total(sheet)
        if taken is None:
            return got >= least
        # It may leave the weightier ones to this part.
        lost = only.lightest(sheet, taken) if only is not None else taken.astype(np.int64) * largest
        return got - lost >= least

    if most is not None:
        # Taken one after another until there is enough, so much may be reached at the end.
        heaviest = (ceil(Fraction(least, largest)) * largest if even else least + largest - 1) if largest else least
        if heaviest > most:
            suffices = never
    losses = _certain_losses(knowing, leaf, free, part.unit, scale)
    may = knowing.weighing(free.values(), part.unit, scale)

    def needs(sheet: Sheet) -> Bits:
        got = may.total(sheet)
        if not losses:
            return got >= least
        lost: Numbers = np.zeros(sheet.learners, np.int64)
        for needed, elsewhere, common in losses:
            taken = np.maximum(needed - sheet.count(elsewhere).astype(np.int32), 0)
            np.maximum(lost, common.lightest(sheet, taken), out=lost)
        return got - lost >= least

    return Both(suffices, needs)


def _certain_losses(
    knowing: Knowing, leaf: Taking, free: Mapping[Item, Spec], unit: Measure, scale: int
) -> list[tuple[int, Several, Weighing]]:
    """Of each needed count that contends: how much it takes, from what is of no use here, and from what is."""
    found = []
    for each in leaf.rivals:
        if each.is_needed and each.is_plain_count and not each.takes_all:
            specs = each.free().items()
            elsewhere = [spec for item, spec in specs if free.get(item) != spec]
            common = [spec for item, spec in specs if free.get(item) == spec]
            found.append((each.needed, knowing.kinds.several(elsewhere), knowing.weighing(common, unit, scale)))
    return found


def most_of(knowing: Knowing, part: Amount, fit: Fit) -> int | None:
    """The most things that it takes, one after another, until there is enough."""
    scale = knowing.scale(part)
    weights = {knowing.weights(part.unit, scale)(kind) for spec in fit.most.values() for kind, _ in spec}
    return ceil(Fraction(int(part.at_least * scale), min(weights))) if weights and min(weights) > 0 else None


def repeating(knowing: Knowing, leaf: Taking, part: Count | Amount) -> Both:
    """Where each repetition counts, whole or in part: judged only if nothing else wants the same things."""
    scale = knowing.scale(part) if isinstance(part, Amount) else 1
    weight = knowing.weights(part.unit if isinstance(part, Amount) else "count", scale)
    needed = int(part.at_least * scale)
    if part.at_most is not None and part.at_most < part.at_least:
        return Both(never, never)
    # What is divided never passes a maximum: so much of the last is left out.
    is_bounded = part.at_most is not None and not (isinstance(part, Amount) and part.divisible)
    alone = not leaf.rivals and not part.conditions and not is_bounded

    def enough(sheet: Sheet, specs: Iterable[Spec]) -> Bits:
        got = np.zeros(sheet.learners, np.int64)
        for spec in specs:
            for kind, pairs in groupby(spec, key=itemgetter(0)):
                got += sheet.how_often(tuple(pairs)) * weight(kind)
        return got >= needed

    least: Answer = (lambda sheet: enough(sheet, leaf.fit.least.values())) if alone else never
    return Both(least, lambda sheet: enough(sheet, leaf.fit.most.values()))
