"""Sums over columns: how many are held of some things, what they weigh, and what the best choice of them weighs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from math import gcd
from typing import Any

import numpy as np

from pathways.population.columns import Bits, Days, Item, Numbers, Sheet, Spec

# A column of 64 bits, and a float, hold which of so many sums can be reached.
_MOST_SUMS = 50


def joined(fits: Iterable[Mapping[Item, Spec]]) -> dict[Item, Spec]:
    found: dict[Item, Spec] = {}
    for fit in fits:
        for item, spec in fit.items():
            found[item] = tuple(sorted({*found.get(item, ()), *spec}))
    return found


def in_both(one: Spec, other: Spec) -> Spec:
    """The holdings that fit both."""
    days: dict[int, list[Days]] = defaultdict(list)
    for kind, each in other:
        days[kind].append(each)
    return tuple(sorted({(kind, mine & each) for kind, mine in one for each in days.get(kind, ())}))


def reached(count: Numbers, needed: int, taken: Numbers | None = None) -> Bits:
    return count >= needed if taken is None else count >= needed + taken


def total(sheet: Sheet, specs: Iterable[Spec], weight: Callable[[int], int]) -> Numbers:
    """What the items weigh that are held, each once and by its heaviest holding."""
    weighed = tuple((spec, tuple(weight(kind) for kind, _ in spec)) for spec in specs)
    found = sheet.totals.get(weighed)
    if found is None:
        found = sheet.totals[weighed] = _weighed(sheet, weighed)
    return found


def _weighed(sheet: Sheet, weighed: Sequence[tuple[Spec, tuple[int, ...]]]) -> Numbers:
    alike: dict[int, list[Spec]] = defaultdict(list)
    wide = sum(max(weights, default=0) for _, weights in weighed) >= 2**31
    total: Numbers = np.zeros(sheet.learners, np.int64 if wide else np.int32)
    for spec, weights in weighed:
        if len(set(weights)) == 1:
            alike[weights[0]].append(spec)
            continue
        heaviest = np.zeros_like(total)
        for pair, each in zip(spec, weights, strict=True):
            np.maximum(heaviest, sheet.held((pair,)).astype(total.dtype) * each, out=heaviest)
        total += heaviest
    for each, several in alike.items():
        total += sheet.count(several).astype(total.dtype) * each
    return total


def lightest(sheet: Sheet, specs: Iterable[Spec], weight: Callable[[int], int], number: Numbers) -> Numbers:
    """What so many of these weigh at the least, of those that each learner holds; each by its lightest holding."""
    alike: dict[int, list[Spec]] = defaultdict(list)
    for spec in specs:
        alike[min(weight(kind) for kind, _ in spec)].append(spec)
    left = number.astype(np.int32)
    weight_of_all = np.zeros(sheet.learners, np.int64)
    for each in sorted(alike):
        if not left.any():
            break
        taken = np.minimum(left, sheet.count(alike[each]))
        weight_of_all += taken.astype(np.int64) * each
        left -= taken
    return weight_of_all


def best_below(sheet: Sheet, specs: Iterable[Spec], weight: Callable[[int], int], most: int) -> Numbers:
    """The most that a choice of these weighs without passing `most`; each spec is of one weight."""
    alike: dict[int, list[Spec]] = defaultdict(list)
    for spec in specs:
        alike[weight(spec[0][0])].append(spec)
    if not alike or not max(alike):
        return np.zeros(sheet.learners, np.int64)
    unit = gcd(*alike)
    room = most // unit
    if len(alike) == 1:
        return np.minimum(sheet.count(alike[unit]).astype(np.int64), room) * unit
    held = total(sheet, (spec for several in alike.values() for spec in several), weight)
    if not is_exact_below(alike.keys(), most):
        # One after another until the next would be too much.
        return np.minimum(held, max(0, most - max(alike) + 1))
    # Bit n: a choice weighs n units. What would pass the last bit is pushed out.
    bits: Any = np.uint32 if room < 23 else np.uint64
    number = np.float32 if room < 23 else np.float64
    sums: Numbers = np.ones(sheet.learners, bits)
    all_sums = bits((1 << (room + 1)) - 1)
    for each, several in alike.items():
        count = sheet.count(several)
        for times in range(1, room // (each // unit) + 1 if each else 1):
            more = (count >= times).astype(bits)
            sums |= ((sums << bits(each // unit)) & all_sums) * more
    # The highest bit: of so few, a float is exact.
    return (np.frexp(sums.astype(number))[1].astype(np.int32) - 1) * unit


def is_exact_below(weights: Set[int], most: int) -> bool:
    """Whether what a choice of such things reaches below a maximum can be told exactly."""
    return len(weights) <= 1 or most // gcd(*weights) <= _MOST_SUMS
