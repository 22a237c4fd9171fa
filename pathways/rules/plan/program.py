"""Says of nested demands what meeting them costs at the least, as an integer program for HiGHS, and by which set.

The demands are inequalities already, so nothing of the rules is read a second time here. HiGHS counts in floating
point: what it calls a bound is taken a little lower. One thread and a limit of nodes, not of time, so that the same
question has the same answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import highspy
import numpy as np

from pathways.rules.plan.cover import JUDGED, NEVER, REFUSED, Demand, Search, Split, bits, things_in

# What asking it takes in steps of the search, and how often it is asked again, with what was refused.
PROGRAMMED, ROUNDS = 5, 40
# Of one part of the first cost: what two bounds may differ by and be the same, and what is taken off each.
_SAME, _TAKEN_OFF = 1e-7, 1e-6


class Proof:
    """Asks for the cheapest set that meets the demands of a search, and has it judged, until it is right.

    What is refused becomes a demand; where only its days are refused, the bound stays what it is. `unit` is one part of
    the first cost. May find a better set for the search, and raises its floor.
    """

    def __init__(self, search: Search, splits: Iterable[Split], unit: int) -> None:
        self._search = search
        self._program = Program(search.costs, search.follows, search.usable, unit)
        for split in splits:
            self._program.split(split)
        self._asked = 0
        self._rounds = ROUNDS

    @property
    def goes_on(self) -> bool:
        """Whether asking again would say anything new."""
        return self._rounds > 0 and not self._search.is_proved

    def go(self, rounds: int) -> None:
        """Ask so often at the most."""
        for _round in range(rounds):
            if not self.goes_on:
                return
            self._rounds -= 1
            self._once()

    def _once(self) -> None:
        search = self._search
        for demand in search.demands[self._asked :]:
            self._program.ask(demand)
        self._asked = len(search.demands)
        found = self._program.least()
        search.steps += PROGRAMMED
        search.least = max(search.least, found.bound)
        if found.chosen is None:
            self._rounds = 0
        elif search.clashes(found.chosen):
            self._program.forbid(things_in(_clash_in(search, found.chosen)))
        elif not search.is_proved:
            said = search.judge(found.chosen)
            search.steps += JUDGED
            if isinstance(said, Demand):
                search.steps += REFUSED
                search.demands.append(said)
                return
            if said:
                search.offer(found.chosen)
            self._rounds = 0


def _clash_in(search: Search, chosen: int) -> int:
    """Of things that do not go together those without which the rest would."""
    for thing in things_in(chosen):
        if search.clashes(chosen & ~(1 << thing)):
            chosen &= ~(1 << thing)
    return chosen


@dataclass(frozen=True)
class Least:
    """No set costs less than `bound`; `chosen` is one that meets the demands, the cheapest if there was time."""

    bound: int
    chosen: int | None


class Program:
    """Which things to take, each or not, so that all demands are met; `unit` is one part of the first cost.

    `follows` are demands that hold once a thing is taken.
    """

    def __init__(self, costs: Sequence[int], follows: Mapping[int, Sequence[Demand]], usable: int, unit: int) -> None:
        self._costs, self._unit = costs, unit
        self._things = {thing: column for column, thing in enumerate(things_in(usable))}
        self._inner: dict[Demand, int] = {}
        self._count = len(self._things)
        # Each row: what stands in it, and what it must come to.
        self._rows: list[tuple[list[tuple[int, float]], float]] = []
        for thing, demands in follows.items():
            for demand in demands:
                if thing in self._things:
                    self._rows.append(([(self._column(demand), 1.0), (self._things[thing], -1.0)], 0.0))

    def ask(self, demand: Demand) -> None:
        """It has to be met."""
        self._rows.append((self._terms(demand), float(demand.need)))

    def split(self, split: Split) -> None:
        """Parts that may not take the same thing."""
        takers: dict[int, list[int]] = {}
        for part, need in split.parts:
            row = []
            for place, weight in part:
                column = self._new()
                takers.setdefault(place, []).append(column)
                row.append((column, weight / need if need else 0.0))
            if need > 0:
                self._rows.append((row, 1.0))
        for place, columns in takers.items():
            row = [(column, -1.0) for column in columns]
            match split.terms[place]:
                case None:
                    self._rows.append((row, -1.0))
                case Demand() as demand:
                    self._rows.append(([*row, (self._column(demand), 1.0)], 0.0))
                case thing if thing in self._things:
                    self._rows.append(([*row, (self._things[thing], 1.0)], 0.0))
                case _:
                    self._rows.append((row, 0.0))

    def forbid(self, things: Iterable[int]) -> None:
        """Not all of these together."""
        row = [(self._things[thing], -1.0) for thing in things]
        self._rows.append((row, 1.0 - len(row)))

    def least(self) -> Least:
        """The cheapest set, or what is known of it within the nodes that are allowed."""
        count = self._count
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = count, len(self._rows)
        model.col_cost_ = np.array(
            [self._costs[thing] / self._unit for thing in self._things] + [0.0] * (count - len(self._things)),
            dtype=np.double,
        )
        model.col_lower_, model.col_upper_ = np.zeros(count), np.ones(count)
        model.integrality_ = [highspy.HighsVarType.kInteger] * count
        model.row_lower_ = np.array([least for _, least in self._rows], dtype=np.double)
        model.row_upper_ = np.full(len(self._rows), highspy.kHighsInf)
        matrix = model.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = np.cumsum([0, *(len(row) for row, _ in self._rows)], dtype=np.int32)
        matrix.index_ = np.array([column for row, _ in self._rows for column, _ in row], dtype=np.int32)
        matrix.value_ = np.array([weight for row, _ in self._rows for _, weight in row], dtype=np.double)
        solver = highspy.Highs()
        for name, value in _OPTIONS.items():
            solver.setOptionValue(name, value)
        solver.passModel(model)
        solver.run()
        return self._read(solver)

    def _read(self, solver: highspy.Highs) -> Least:
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return Least(NEVER, None)
        info = solver.getInfo()
        bound = info.mip_dual_bound
        known = bound > -highspy.kHighsInf
        least = max(0, ceil((bound - _TAKEN_OFF * max(1.0, abs(bound))) * self._unit)) if known else 0
        if info.primal_solution_status != highspy.kSolutionStatusFeasible:
            return Least(least, None)
        values = solver.getSolution().col_value
        return Least(least, bits(thing for thing, column in self._things.items() if values[column] > 0.5))

    def _terms(self, demand: Demand) -> list[tuple[int, float]]:
        row = [
            (self._things[thing], float(min(weight, demand.need)))
            for thing, weight in demand.things
            if thing in self._things
        ]
        return row + [(self._column(each), float(min(weight, demand.need))) for each, weight in demand.demands]

    def _column(self, demand: Demand) -> int:
        """The column that says whether an inner demand is met; it can be only if its row holds."""
        if demand not in self._inner:
            terms = self._terms(demand)
            column = self._inner[demand] = self._new()
            self._rows.append(([*terms, (column, -float(demand.need))], 0.0))
        return self._inner[demand]

    def _new(self) -> int:
        self._count += 1
        return self._count - 1


_OPTIONS: dict[str, bool | int | float] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 1,
    "mip_max_nodes": 200,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": _SAME,
}
