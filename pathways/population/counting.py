"""Sums over columns: how many are held of some things, what they weigh, and what the best choice of them weighs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import groupby
from math import gcd
from operator import itemgetter
from typing import Any

import numpy as np

from pathways.population.columns import Bits, Days, Item, Kinds, Numbers, Sheet, Spec

# A column of 64 bits, and a float, hold which of so many sums can be reached.
_MOST_SUMS = 50


class Weighing:
    """Some items and what each weighs, by its heaviest holding."""

    def __init__(self, kinds: Kinds, specs: Iterable[Spec], weights: Sequence[int]) -> None:
        alike: dict[int, list[Spec]] = defaultdict(list)
        # Items that weigh more by one holding than by another.
        self._uneven: list[list[tuple[Spec, int]]] = []
        lightest: dict[int, list[Spec]] = defaultdict(list)
        most = 0
        for spec in specs:
            found = {weights[kind] for kind, _ in spec}
            most += max(found, default=0)
            lightest[min(found, default=0)].append(spec)
            if len(found) == 1:
                alike[found.pop()].append(spec)
            else:
                by_kind = groupby(spec, key=itemgetter(0))
                self._uneven.append([(tuple(pairs), weights[kind]) for kind, pairs in by_kind])
        self.even = not self._uneven
        self._number: Any = np.int64 if most >= 2**31 else np.int32
        self._alike = {weight: kinds.several(those) for weight, those in alike.items()}
        self._lightest = {weight: kinds.several(lightest[weight]) for weight in sorted(lightest)}

    @property
    def weights(self) -> Set[int]:
        """Of everything that always weighs the same."""
        return self._alike.keys()

    def total(self, sheet: Sheet) -> Numbers:
        """What the items weigh that are held, each once."""
        found = sheet.totals.get(self)
        if found is None:
            found = sheet.totals[self] = self._sum(sheet)
        return found

    def _sum(self, sheet: Sheet) -> Numbers:
        total: Numbers = np.zeros(sheet.learners, self._number)
        for uneven in self._uneven:
            heaviest = np.zeros_like(total)
            for spec, weight in uneven:
                np.maximum(heaviest, sheet.held(spec).astype(self._number) * weight, out=heaviest)
            total += heaviest
        for weight, several in self._alike.items():
            total += sheet.count(several).astype(self._number) * weight
        return total

    def lightest(self, sheet: Sheet, number: Numbers) -> Numbers:
        """What so many of these weigh at the least, of those that each learner holds; each by its lightest holding."""
        left = number.astype(np.int32)
        total: Numbers = np.zeros(sheet.learners, np.int64)
        for weight, several in self._lightest.items():
            if not left.any():
                break
            taken = np.minimum(left, sheet.count(several))
            total += taken.astype(np.int64) * weight
            left -= taken
        return total

    def is_exact_below(self, most: int) -> bool:
        """Whether what a choice of these reaches below a maximum can be told exactly."""
        return self.even and (len(self._alike) <= 1 or most // gcd(*self._alike) <= _MOST_SUMS)

    def best_below(self, sheet: Sheet, most: int) -> Numbers:
        """The most that a choice of these weighs without passing `most`; they weigh the same by every holding."""
        if not self._alike or not max(self._alike):
            return np.zeros(sheet.learners, np.int32)
        unit = gcd(*self._alike)
        room = most // unit
        if len(self._alike) == 1:
            return np.minimum(sheet.count(self._alike[unit]).astype(np.int64), room) * unit
        if not self.is_exact_below(most):
            # One after another until the next would be too much.
            return np.minimum(self.total(sheet), max(0, most - max(self._alike) + 1))
        # Bit n: a choice weighs n units. What would pass the last bit is pushed out.
        bits: Any = np.uint32 if room < 23 else np.uint64
        number = np.float32 if room < 23 else np.float64
        sums: Numbers = np.ones(sheet.learners, bits)
        all_sums = bits((1 << (room + 1)) - 1)
        for weight, several in self._alike.items():
            count = sheet.count(several)
            for times in range(1, room // (weight // unit) + 1 if weight else 1):
                more = (count >= times).astype(bits)
                sums |= ((sums << bits(weight // unit)) & all_sums) * more
        # The highest bit: of so few, a float is exact.
        return (np.frexp(sums.astype(number))[1].astype(np.int32) - 1) * unit


def joined(fits: Iterable[Mapping[Item, Spec]]) -> dict[Item, Spec]:
    """All the items of several fits, each by whatever makes it count in any."""
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
    return tuple(sorted({(kind, mine.both(each)) for kind, mine in one for each in days.get(kind, ())}))


def reached(count: Numbers, needed: int, taken: Numbers | None = None) -> Bits:
    """Where there are so many, besides those that may be taken."""
    return count >= needed if taken is None else count >= needed + taken
