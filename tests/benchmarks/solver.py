"""Times exact allocation beside OR-tools CP-SAT (P7): `python -m tests.benchmarks.solver [ROUNDS]`.

CP-SAT is no part of Cairn: `uv pip install --group benchmarks` brings it. Twenty holdings are allocated to twelve slots
of one each, from the same lists of what fits where, enough and short; and to four sums that share forty holdings. Both
ways answer in one process, in turn; printed are CPU milliseconds (median and quartiles) of CP-SAT with and without
building its model, of our matching alone, and of the whole verdict of ours, which also finds out what fits where.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from ortools.sat.python import cp_model

from pathways.rules.allocate import Matching
from pathways.rules.case import Case
from pathways.rules.compiled import Problem
from pathways.rules.evaluate import problems_of, satisfied
from pathways.rules.record import Record
from pathways.rules.requirement import Rule
from tests.benchmarks.allocation import ON, credit_sums, slots

# What is asked of CP-SAT before it is called hopeless, in seconds.
PATIENCE = 5.0


class Timed:
    """What one way to answer took, and its answer; asked so often in a row that the clock can tell."""

    def __init__(self, name: str, answer: Callable[[], object], *, times: int = 1) -> None:
        self.name = name
        self.answer = answer
        self.times = times
        self.spent: list[float] = []
        self.said: object = None

    def once(self) -> None:
        began = time.process_time()
        for _time in range(self.times):
            self.said = self.answer()
        self.spent.append((time.process_time() - began) * 1000 / self.times)

    @property
    def median(self) -> float:
        return statistics.median(self.spent)

    def line(self) -> str:
        low, middle, high = statistics.quantiles(self.spent, n=4)
        return f"  {self.name:34} {middle:9.3f} ms (quartiles {low:.3f} to {high:.3f}) says {self.said}"


def in_turn(title: str, ways: Sequence[Timed], rounds: int) -> None:
    for _round in range(rounds):
        for way in ways:
            way.once()
    sys.stdout.write(f"{title}, {rounds} rounds\n")
    for way in ways:
        sys.stdout.write(f"{way.line()}; {ways[0].median / way.median:.1f} times as fast as the first\n")


# --- ours ---------------------------------------------------------------------------------------------------------


def matched(problem: Problem) -> bool:
    matching = Matching(problem.fits, problem.slot_room, problem.slot_bucket)
    matching.need = problem.bucket_need[:]
    matching.fill(problem.order)
    return matching.lacking() == 0


# --- CP-SAT -------------------------------------------------------------------------------------------------------


def model_of_slots(problem: Problem) -> cp_model.CpModel:
    """Each item in one slot at most; each slot full."""
    model = cp_model.CpModel()
    inside: list[list[cp_model.IntVar]] = [[] for _ in problem.slot_room]
    for item, fits in enumerate(problem.fits):
        placed = []
        for slot in fits:
            placed.append(model.new_bool_var(f"{item} {slot}"))
            inside[slot].append(placed[-1])
        model.add_at_most_one(placed)
    for slot, room in enumerate(problem.slot_room):
        model.add(sum(inside[slot]) == room)
    return model


def model_of_sums(problem: Problem) -> cp_model.CpModel:
    """Each item in one sum at most; each sum reached."""
    model = cp_model.CpModel()
    used: dict[int, list[cp_model.IntVar]] = {}
    for number, each in enumerate(problem.sums):
        terms = []
        for item, use in each.uses.items():
            chosen = model.new_bool_var(f"{item} {number}")
            used.setdefault(item, []).append(chosen)
            terms.append(use.weight * chosen)
        model.add(sum(terms) >= each.least)
    for choices in used.values():
        model.add_at_most_one(choices)
    return model


def solved(model: cp_model.CpModel) -> bool | str:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_time_in_seconds = PATIENCE
    status = solver.solve(model)
    if status == cp_model.UNKNOWN:
        return "unknown"
    return status in (cp_model.OPTIMAL, cp_model.FEASIBLE)


def whole(rule: Rule, record: Record, on: date) -> bool:
    return satisfied(rule, record, on)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for title, make, model_of in (
        ("20 holdings x 12 slots", slots, model_of_slots),
        ("four sums sharing 40 holdings", credit_sums, model_of_sums),
    ):
        root, *records = make()
        for word, record in zip(("enough", "short"), records, strict=True):
            rule = Rule(root=root)
            [problem] = problems_of(Case(rule, record, ON))
            model = model_of(problem)
            ways = [
                Timed("CP-SAT, building and solving", lambda p=problem, of=model_of: solved(of(p))),
                Timed("CP-SAT, solving alone", partial(solved, model)),
            ]
            if model_of is model_of_slots:
                ways.append(Timed("our matching", partial(matched, problem), times=40))
            ways.append(Timed("our whole verdict", partial(whole, rule, record, ON), times=4))
            in_turn(f"{title}, {word}", ways, rounds if model_of is model_of_slots else 3)


if __name__ == "__main__":
    main()
