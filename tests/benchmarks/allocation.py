"""Times exact allocation: `python -m tests.benchmarks.allocation` prints CPU milliseconds, median and spread.

The first line is the plain size (20 holdings, 12 slots); the others are the corners that a search could stall in, each
once satisfied and once hopeless. They are timed with and without the explanation.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import All, Amount, AtLeast, Holds, Pool, Requirement, Rule

ON = date(2025, 6, 1)
ROUNDS = 30


def award(key: str, amount: int = 5, level: int = 5) -> Holding:
    return Holding(id=key, kind="award", key=key, earned_on=date(2024, 1, 1), credits=Decimal(amount), level=level)


def record(*holdings: Holding) -> Record:
    return Record(holdings=holdings)


def slots() -> tuple[Requirement, Record, Record]:
    chance = random.Random(7)  # noqa: S311
    keys = [f"k{number}" for number in range(20)]
    parts = tuple(Holds(id=f"s{number}", any_of=tuple(chance.sample(keys, 5))) for number in range(12))
    named = {key for part in parts for key in part.any_of}
    few = sorted(named)[:11]
    fill = [f"z{number}" for number in range(9)]
    return All(id="r", parts=parts), record(*map(award, keys)), record(*map(award, few + fill))


def electives() -> tuple[Requirement, Record, Record]:
    keys = [f"k{number}" for number in range(26)]
    groups = tuple(
        AtLeast(
            id=f"g{group}",
            count=4,
            parts=tuple(Holds(id=f"g{group}p{number}", any_of=(keys[group * 4 + number],)) for number in range(10)),
        )
        for group in range(5)
    )
    return All(id="r", parts=groups), record(*map(award, keys[3:24])), record(*map(award, keys[:19]))


def strands() -> tuple[Requirement, Record, Record]:
    parts = tuple(
        All(
            id=f"s{number}",
            parts=(
                Holds(id=f"s{number}a", any_of=(f"a{number}",)),
                Holds(id=f"s{number}b", any_of=(f"b{number}", f"b{(number + 1) % 12}")),
                Holds(id=f"s{number}c", any_of=tuple(f"c{other}" for other in range(12))),
            ),
        )
        for number in range(12)
    )
    own = [f"{letter}{number}" for letter in "ab" for number in range(12)]
    enough, short = [f"c{number}" for number in range(6)], [f"c{number}" for number in range(5)]
    return AtLeast(id="r", count=6, parts=parts), record(*map(award, own + enough)), record(*map(award, own + short))


def credit_sums() -> tuple[Requirement, Record, Record]:
    chance = random.Random(11)  # noqa: S311
    awards = [award(f"k{number}", chance.choice([3, 4, 5, 6, 7, 10, 15]), 4 + number % 3) for number in range(40)]
    total = sum(int(each.credits) for each in awards)
    need = total // 4 - 3
    levels = ((None, None), (5, None), (None, 5), (5, 6))
    root = All(
        id="r",
        parts=tuple(
            Amount(id=f"a{number}", at_least=Decimal(need), pool=Pool(level_at_least=low, level_at_most=high))
            for number, (low, high) in enumerate(levels)
        ),
    )
    return root, record(*awards), record(*awards[:-3])


def timed(work: Callable[[], object]) -> str:
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        spent.append((time.process_time() - start) * 1000)
    quartiles = statistics.quantiles(spent, n=4)
    return f"{quartiles[1]:8.2f} ms (quartiles {quartiles[0]:.2f} to {quartiles[2]:.2f})"


def main() -> None:
    sys.stdout.write(f"{ROUNDS} rounds each, CPU time\n")
    for name, make in (
        ("20 holdings x 12 slots", slots),
        ("five groups of 4 of 10 electives", electives),
        ("924 choices of composite strands", strands),
        ("four sums sharing 40 holdings", credit_sums),
    ):
        root, enough, short = make()
        rule = Rule(root=root)
        for word, learner in (("enough", enough), ("short", short)):
            verdict = satisfied(rule, learner, ON)
            decide = timed(partial(satisfied, rule, learner, ON))
            explain = timed(partial(evaluate, rule, learner, ON))
            sys.stdout.write(f"{name:34} {word:6} -> {verdict!s:5}  verdict {decide}  explained {explain}\n")


if __name__ == "__main__":
    main()
