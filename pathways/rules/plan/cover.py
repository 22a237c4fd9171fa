"""Finds the cheapest set of things that meets nested demands, and how cheap any other set could be at the least.

Branch and bound over sets kept as bits of a number. What no demand can say is asked of a judge, whose refusals become
demands too, so that a set that comes out is right whatever the demands leave out. Everything is counted in steps and
not in time, so the answer depends on the arguments alone.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

NEVER = 1 << 80
# What asking the judge, and what finding out what a refusal forbids, takes in steps of the search itself.
JUDGED = 5
REFUSED = 20


@dataclass(frozen=True, eq=False)
class Demand:
    """So much of these together: things by number, and other demands once they are met, each with what it adds."""

    things: tuple[tuple[int, int], ...]
    demands: "tuple[tuple[Demand, int], ...]" = ()
    need: int = 1

    @cached_property
    def plain(self) -> bool:
        return not self.demands and all(weight == 1 for _, weight in self.things)

    @cached_property
    def own(self) -> int:
        """The things that stand in it directly, as bits."""
        return bits(thing for thing, _ in self.things)

    @cached_property
    def reach(self) -> int:
        """Every thing that can do anything for it, as bits."""
        found = self.own
        for demand, _ in self.demands:
            found |= demand.reach
        return found

    @cached_property
    def apart(self) -> bool:
        """Whether no thing does something for two of its parts."""
        parts = [*(1 << thing for thing, _ in self.things), *(demand.reach for demand, _ in self.demands)]
        return sum(each.bit_count() for each in parts) == self.reach.bit_count()

    def met(self, chosen: int) -> bool:
        if self.plain:
            return (self.own & chosen).bit_count() >= self.need
        got = sum(weight for thing, weight in self.things if chosen >> thing & 1)
        return got >= self.need or got + sum(w for each, w in self.demands if each.met(chosen)) >= self.need


# A thing on offer by its number, what has to be met, or nothing at all: it is there already.
Term = int | Demand | None


@dataclass(frozen=True)
class Split:
    """Parts that have all to be met, each by so much of what it may take, and nothing is taken twice.

    What can be taken are the places of `terms`; each part is what it may take, with what that adds, and its need.
    """

    terms: tuple[Term, ...]
    parts: tuple[tuple[tuple[tuple[int, int], ...], int], ...]


def bits(things: Iterable[int]) -> int:
    found = 0
    for thing in things:
        found |= 1 << thing
    return found


def things_in(mask: int) -> Iterator[int]:
    """The numbers of the things in a set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


# What a judge says of a set that meets the demands: fine, not fine whatever the reason, or this is asked for as well.
Judgement = bool | Demand


class Search:
    """A search that can be gone on with: `best` is the best set so far, `floor` what no set can be cheaper than.

    `follows` are demands that hold once a thing is chosen; `clashes` says that the things of a set, and so of every
    larger one, do not go together. `excluded` may not be chosen.
    """

    def __init__(
        self,
        costs: Sequence[int],
        demands: Sequence[Demand],
        *,
        judge: Callable[[int], Judgement],
        follows: Mapping[int, Sequence[Demand]],
        clashes: Callable[[int], bool],
        excluded: int = 0,
    ) -> None:
        self.costs = costs
        self.demands = list(demands)
        self.judge = judge
        self.follows = follows
        self.clashes = clashes
        self.best: int | None = None
        self.price = NEVER
        self.steps = 0
        # The cheapest set that met every demand and was refused all the same: nothing dearer is proved the best.
        self.doubt = NEVER
        # What no set costs less than, by a program or by anything else that was asked.
        self.least = 0
        self.usable = bits(range(len(costs))) & ~excluded
        self._open: list[tuple[int, int, int]] = [(0, 0, excluded)]

    @property
    def floor(self) -> int:
        return min(self.price, max(self.least, min([self.doubt, *(bound for bound, _, _ in self._open)])))

    @property
    def is_done(self) -> bool:
        return not self._open

    @property
    def is_proved(self) -> bool:
        return self.floor >= self.price

    def cost(self, chosen: int) -> int:
        return sum(self.costs[thing] for thing in things_in(chosen))

    def offer(self, chosen: int) -> None:
        """A set that is known to be right."""
        price = self.cost(chosen)
        if price < self.price:
            self.best, self.price = chosen, price

    def run(self, steps: int) -> bool:
        """Search on for so many steps at the most; whether a better set was found, which ends the run."""
        last = self.steps + steps
        while self._open and self.steps < last:
            bound, chosen, excluded = self._open.pop()
            if bound >= self.price:
                continue
            self.steps += 1
            settled = self._settle(chosen, excluded)
            if settled is None:
                continue
            chosen, waiting = settled
            bound = max(bound, self._bound(chosen, excluded, waiting))
            if bound >= self.price:
                continue
            if waiting:
                self._branch(bound, chosen, excluded, waiting)
                continue
            said = self.judge(chosen)
            self.steps += JUDGED
            if isinstance(said, Demand):
                self.steps += REFUSED
                self.demands.append(said)
                self._open.append((bound, chosen, excluded))
            elif said:
                self.offer(chosen)
                return True
            else:
                self.doubt = min(self.doubt, bound)
                self._widen(bound, chosen, excluded)
        return False

    # One set

    def _settle(self, chosen: int, excluded: int) -> tuple[int, list[Demand]] | None:
        """The set with everything that it cannot do without, and the demands with a choice left; none if it is dead."""
        while True:
            before = chosen
            waiting: list[Demand] = []
            todo = [*self.demands]
            for thing in things_in(chosen):
                todo += self.follows.get(thing, ())
            while todo:
                demand = todo.pop()
                if demand.met(chosen):
                    continue
                free = ~excluded
                terms = [(each, weight) for each, weight in demand.demands if self._can(each, free)]
                total = sum(w for thing, w in demand.things if free >> thing & 1) + sum(w for _, w in terms)
                if total < demand.need:
                    return None
                spare = total - demand.need
                for thing, weight in demand.things:
                    if weight > spare and free >> thing & 1:
                        chosen |= 1 << thing
                must = [each for each, weight in terms if weight > spare and not each.met(chosen)]
                todo += must
                # With nothing to spare its parts stand for the whole.
                if spare:
                    waiting.append(demand)
            if chosen == before:
                return None if self.clashes(chosen) else (chosen, [each for each in waiting if not each.met(chosen)])

    def _can(self, demand: Demand, free: int) -> bool:
        if demand.plain:
            return (demand.own & free).bit_count() >= demand.need
        total = sum(weight for thing, weight in demand.things if free >> thing & 1)
        return total + sum(weight for each, weight in demand.demands if self._can(each, free)) >= demand.need

    def _branch(self, bound: int, chosen: int, excluded: int, waiting: Sequence[Demand]) -> None:
        free = ~(chosen | excluded)
        demand = min(waiting, key=lambda each: (bool(each.demands), (each.reach & free).bit_count()))
        while True:
            things = [(self.costs[thing] / weight, thing) for thing, weight in demand.things if free >> thing & 1]
            inner = [
                (self._estimate(each, chosen, excluded, self.costs) / weight, place)
                for place, (each, weight) in enumerate(demand.demands)
                if not each.met(chosen) and self._can(each, ~excluded)
            ]
            if things and (not inner or min(things)[0] <= min(inner)[0]):
                thing = min(things)[1]
                break
            demand = demand.demands[min(inner)[1]][0]
        self._open.append((bound, chosen, excluded | 1 << thing))
        self._open.append((bound, chosen | 1 << thing, excluded))

    def _widen(self, bound: int, chosen: int, excluded: int) -> None:
        """The judge refused for a reason that larger sets may mend: try each of them."""
        left = [thing for thing in range(len(self.costs)) if not (chosen | excluded) >> thing & 1]
        if left:
            thing = min(left, key=lambda each: (self.costs[each], each))
            self._open.append((bound, chosen, excluded | 1 << thing))
            self._open.append((bound, chosen | 1 << thing, excluded))

    # What a set costs at the least

    def _bound(self, chosen: int, excluded: int, waiting: Sequence[Demand]) -> int:
        """What is chosen and, of each demand in turn, what it costs with what others have not used of each cost.

        That is a dual solution of the covering problem without its whole numbers, so nothing costs less.
        """
        left: list[float] = list(self.costs)
        total = float(self.cost(chosen))
        order = sorted(waiting, key=lambda each: (bool(each.demands), (each.reach & ~excluded).bit_count() - each.need))
        for demand in order:
            if demand.demands:
                value = self._estimate(demand, chosen, excluded, left)
                if value:
                    for thing in things_in(demand.reach):
                        left[thing] = 0
            else:
                value = self._plainly(demand, chosen, excluded, left)
            if value >= NEVER:
                return NEVER
            total += value
        return math.ceil(total * (1 - 1e-12) - 1e-6)

    def _plainly(self, demand: Demand, chosen: int, excluded: int, left: list[float]) -> float:
        need = demand.need - sum(weight for thing, weight in demand.things if chosen >> thing & 1)
        taken = chosen | excluded
        rates = sorted(
            (left[thing] / min(weight, need), thing, min(weight, need))
            for thing, weight in demand.things
            if not taken >> thing & 1
        )
        value, rate = 0.0, 0.0
        for rate, thing, weight in rates:
            if weight >= need:
                value += rate * need
                need = 0
                break
            value += left[thing]
            need -= weight
        if need > 0:
            return NEVER
        if rate:
            for _, thing, weight in rates:
                left[thing] = max(0.0, left[thing] - rate * weight)
        return value

    def _estimate(self, demand: Demand, chosen: int, excluded: int, left: Sequence[float]) -> float:
        if demand.met(chosen):
            return 0.0
        values = [
            (0.0 if chosen >> thing & 1 else float(left[thing]), weight)
            for thing, weight in demand.things
            if not excluded >> thing & 1
        ]
        values += [(self._estimate(each, chosen, excluded, left), weight) for each, weight in demand.demands]
        need, value = demand.need, 0.0
        rates = sorted((value / min(weight, need), value, min(weight, need)) for value, weight in values)
        if demand.apart:
            for rate, each, weight in rates:
                if each >= NEVER:
                    continue
                if weight >= need:
                    return value + rate * need
                value += each
                need -= weight
            return NEVER
        # One thing may do for several parts: no less than the dearest of the cheapest parts that are enough.
        for each, weight in sorted(values):
            need -= weight
            value = max(value, each)
            if need <= 0:
                return value
        return NEVER
