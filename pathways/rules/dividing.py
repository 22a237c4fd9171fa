"""How much of a holding a sum counts: by rates and maxima per holding, whole or in pieces where it may be divided."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import gcd, lcm

from pathways.rules.eligible import weighed
from pathways.rules.properties import amount, carrying, scaled
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    Amount,
    Average,
    Condition,
    Groups,
    LastOf,
    Leaf,
    Limit,
    Overlap,
    Pace,
    Pool,
    Requirement,
    Spread,
    conditions_of,
    walk,
)
from pathways.rules.scene import required, rounded


class Dividing:
    """The weights of holdings in the sums of one rule, in whole numbers of one scale.

    What is divided falls into pieces of one grain, two, four …, so that every number of grains can be put together.
    """

    def __init__(
        self,
        root: Requirement,
        leaves: Sequence[Leaf],
        scope: Mapping[str, str],
        fitting: Mapping[str, Sequence[Holding]],
        *,
        record: Record,
        on: date,
    ) -> None:
        self.scope = scope
        self.record = record
        self.on = on
        amounts = [leaf for leaf in leaves if isinstance(leaf, Amount)]
        self._counted = {(leaf.id, each.id): self._counts(leaf, each) for leaf in amounts for each in fitting[leaf.id]}
        bounds = [Fraction(each) for leaf in amounts for each in (leaf.at_least, leaf.at_most) if each is not None]
        conditions = [each for part in walk(root) for each in conditions_of(part)]
        if any(leaf.divisible for leaf in amounts):
            bounds += [each for condition in conditions for each in _bounds(condition)]
            bounds += [each for part in walk(root) for each in _shares_of_required(part)]
        self.scale = lcm(*(each.denominator for each in (*bounds, *self._counted.values())))
        whole = {(scope[leaf.id], each.id) for leaf in leaves if not _is_divisible(leaf) for each in fitting[leaf.id]}
        looked_at = {each.id for part in walk(root) if conditions_of(part) for each in walk(part)}
        self._divisible: dict[tuple[str, str], list[Amount]] = {}
        for leaf in amounts:
            for each in fitting[leaf.id] if leaf.divisible else ():
                if (scope[leaf.id], each.id) not in whole:
                    self._divisible.setdefault((scope[leaf.id], each.id), []).append(leaf)
        weights = [self._weight(leaf, held) for (_, held), fits in self._divisible.items() for leaf in fits]
        grain = gcd(*(int(each * self.scale) for each in bounds), *weights)
        shares = any(
            getattr(each, "at_most_share", None) or getattr(each, "at_least_share", None)
            for each in conditions
            if not _is_of_required(each)
        )
        self._grain = 1 if shares else max(1, grain)
        self._split = {
            place
            for place, fits in self._divisible.items()
            if len(fits) > 1 or fits[0].at_most is not None or fits[0].id in looked_at
        }

        # Beside a share everything falls into the smallest pieces, far too many of them.
        self._useful = {
            place: self._most_of(place[1], fits, root) if shares else Fraction(1)
            for place, fits in self._divisible.items()
        }

    def _most_of(self, held: str, fits: Sequence[Amount], root: Requirement) -> Fraction:
        """The share of a holding beyond which a maximum for each value, of which it has one, lets nothing count."""
        share = Fraction(1)
        for part in walk(root):
            most = [
                Fraction(each.at_most_each)
                for each in conditions_of(part)
                if isinstance(each, Spread)
                and each.at_most_each is not None
                and each.of == Pool()
                and all(leaf.unit == each.measure and not leaf.rates for leaf in fits)
            ]
            if most and {leaf.id for leaf in fits} <= {each.id for each in walk(part)}:
                share = min(share, min(most) / max(self._counted[leaf.id, held] for leaf in fits))
        return share

    def _counts(self, leaf: Amount, holding: Holding) -> Fraction:
        counted = weighed(holding, leaf.unit, leaf.rates, self.record, self.on)
        return counted if leaf.at_most_each is None else min(counted, Fraction(leaf.at_most_each))

    def _weight(self, leaf: Amount, held: str) -> int:
        return int(self._counted[leaf.id, held] * self.scale)

    def divides(self, leaf: Amount, holding: Holding) -> bool:
        """Whether the holding may count in part in this sum."""
        return (self.scope[leaf.id], holding.id) in self._split and leaf.divisible

    def whole(self, leaf: Leaf, holding: Holding) -> tuple[Holding, int]:
        """The holding as the part counts it, and its weight there."""
        if not isinstance(leaf, Amount):
            return holding, 1
        counted, own = self._counted[leaf.id, holding.id], Fraction(amount(holding, leaf.unit))
        if counted == own:
            return holding, self._weight(leaf, holding.id)
        # What is counted in another unit carries that much of this one; all else it carries changes in proportion.
        counting = scaled(holding, counted / own) if own else carrying(holding, leaf.unit, counted)
        return counting, self._weight(leaf, holding.id)

    def pieces(self, leaf: Amount, holding: Holding) -> Iterator[tuple[Holding, int]]:
        """The pieces of the holding, the same in each sum of the scope, with their weights in this one."""
        fits = self._divisible[self.scope[leaf.id], holding.id]
        units = gcd(*(self._weight(each, holding.id) // self._grain for each in fits))
        counted, weight = self.whole(leaf, holding)
        # Pieces that could never count would only be searched through.
        size, left = 1, int(units * self._useful[self.scope[leaf.id], holding.id])
        while left > 0:
            size = min(size, left)
            yield scaled(counted, Fraction(size, units)), weight * size // units
            left, size = left - size, size * 2


def _is_divisible(leaf: Leaf) -> bool:
    return isinstance(leaf, Amount) and leaf.divisible


def _is_of_required(condition: Condition) -> bool:
    """Whether its shares are of what the part requires, and so amounts that are known."""
    return isinstance(condition, Limit) and condition.share_of == "required"


def _shares_of_required(part: Requirement) -> Iterator[Fraction]:
    for each in conditions_of(part):
        if isinstance(each, Limit) and _is_of_required(each):
            for share in (each.at_least_share, each.at_most_share):
                if share is not None:
                    yield rounded(share * (required(part, each.measure) or 0), each.rounded)


def _bounds(condition: Condition) -> list[Fraction]:
    match condition:
        case Limit(at_least=least, at_most=most):
            found = [least, most]
        case Spread(at_most_each=most):
            found = [most]
        case Overlap(at_most=most) | Pace(at_most=most):
            found = [most]
        case Groups(at_least=least):
            found = [least]
        case LastOf(last=last, at_least=least):
            found = [last, least]
        case Average(last=last):
            found = [last]
        case _:
            found = []
    return [Fraction(each) for each in found if each is not None]
