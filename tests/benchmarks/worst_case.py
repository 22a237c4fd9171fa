"""Hunts for the rule and record that take longest to judge, among random rules that may be published.

`python -m tests.benchmarks.worst_case [SEED] [RULES]` makes so many rules (else 200) of 8 to 28 parts, keeps those that
`soundness.check` and `tried.who_stalls` let through, and judges random records of 20, 60 and 300 holdings by each. It
prints the CPU time of the verdict and of the explained evaluation: median, 99 %, worst, how many were given up, and the
seeds of the worst, to look at again with `python -m tests.benchmarks.worst_case SEED 1`.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from pathways.rules import soundness, text, tried
from pathways.rules.effort import TooCostlyError
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Condition,
    Count,
    Holds,
    Limit,
    OneYear,
    Period,
    Pool,
    Requirement,
    Rule,
    Span,
    Spread,
    Together,
)

ON = date(2025, 6, 1)
SUBJECTS = ("art", "law", "logic", "music", "physics", "rhetoric")
ISSUERS = ("north", "south", "west")


class Maker:
    """One random rule, and records for it, from one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - not a secret
        self.keys = [f"k{number}" for number in range(self.chance.choice([12, 30, 60]))]
        self.number = 0
        self.left = self.chance.randint(8, 28)

    def id(self) -> str:
        self.number += 1
        return f"n{self.number}"

    def rule(self) -> Rule:
        parts: list[Requirement] = []
        while self.left > 0:
            parts.append(self.part(depth=3))
        return Rule(root=All(id=self.id(), parts=tuple(parts), conditions=self.conditions(3)))

    def part(self, depth: int) -> Requirement:
        self.left -= 1
        chance = self.chance
        if depth == 0 or chance.random() < 0.5:
            return self.leaf()
        inner = tuple(self.part(depth - 1) for _ in range(chance.randint(2, 6)))
        conditions = self.conditions(2) if chance.random() < 0.4 else ()
        match chance.randint(0, 2):
            case 0:
                return All(id=self.id(), parts=inner, conditions=conditions)
            case 1:
                return AnyOf(id=self.id(), parts=inner, conditions=conditions)
            case _:
                count = chance.randint(1, len(inner))
                return AtLeast(id=self.id(), count=count, parts=inner, conditions=conditions)

    def leaf(self) -> Requirement:
        chance = self.chance
        conditions = self.conditions(2) if chance.random() < 0.3 else ()
        match chance.randint(0, 4):
            case 0 | 1:
                return Holds(id=self.id(), any_of=tuple(chance.sample(self.keys, chance.randint(1, 6))))
            case 2:
                least = chance.randint(1, 6)
                most = least + chance.randint(0, 3) if chance.random() < 0.3 else None
                return Count(id=self.id(), at_least=least, at_most=most, pool=self.pool(), conditions=conditions)
            case _:
                least = Decimal(chance.randint(4, 80)) / chance.choice([1, 1, 2])
                most = least + chance.randint(0, 6) if chance.random() < 0.3 else None
                return Amount(
                    id=self.id(), at_least=least, at_most=most, unit="credits", pool=self.pool(), conditions=conditions
                )

    def pool(self) -> Pool:
        chance = self.chance
        match chance.randint(0, 4):
            case 0:
                return Pool(level_at_least=chance.randint(4, 6))
            case 1:
                return Pool(level_at_most=chance.randint(5, 7), repeats=chance.random() < 0.3)
            case 2:
                return Pool(tags=(chance.choice("tuv"),))
            case 3:
                return Pool(achievements=tuple(chance.sample(self.keys, chance.randint(3, 12))))
            case _:
                return Pool()

    def conditions(self, most: int) -> tuple[Condition, ...]:
        return tuple(self.condition() for _ in range(self.chance.randint(0, most)))

    def condition(self) -> Condition:  # noqa: PLR0911 - one kind each
        chance = self.chance
        match chance.randint(0, 7):
            case 0:
                return Limit(id=self.id(), measure="credits", at_most=Decimal(chance.randint(5, 40)), of=self.pool())
            case 1:
                return Limit(id=self.id(), measure="credits", at_least=Decimal(chance.randint(5, 60)), of=self.pool())
            case 2:
                return Limit(id=self.id(), measure="credits", at_least_share=Fraction(1, 2), of=self.pool())
            case 3:
                return Limit(id=self.id(), measure="count", at_most=Decimal(chance.randint(1, 6)), of=self.pool())
            case 4:
                return Spread(id=self.id(), by="subject", at_least=chance.randint(2, 5))
            case 5:
                return Spread(id=self.id(), by=chance.choice(["issuer", "subject"]), at_most_each=chance.randint(1, 6))
            case 6:
                return Average(id=self.id(), at_least=Decimal(chance.randint(45, 70)), weight="credits")
            case _:
                within = Period(years=chance.randint(1, 6))
                return chance.choice(
                    [Span(id=self.id(), within=within), Together(id=self.id()), OneYear(id=self.id(), month=9, day=1)]
                )

    def record(self, size: int) -> Record:
        return Record(holdings=tuple(self.holding(number) for number in range(size)))

    def holding(self, number: int) -> Holding:
        chance = self.chance
        earned = ON - timedelta(days=chance.randint(1, 3000))
        return Holding(
            id=f"h{number}",
            kind="award",
            key=chance.choice(self.keys) if number % 2 else f"x{number}",
            earned_on=earned,
            credits=Decimal(chance.choice([1, 2, 3, 4, 5, 6, 7, 10, 15])) / chance.choice([1, 1, 1, 2]),
            level=chance.randint(3, 7),
            grade=Decimal(chance.randint(35, 95)),
            until=earned + timedelta(days=3650) if chance.random() < 0.3 else None,
            issuer=chance.choice(ISSUERS),
            subject=chance.choice(SUBJECTS),
            tags=frozenset(chance.sample("tuv", chance.randint(0, 2))),
        )


def spent(work: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    try:
        answer = work()
    except TooCostlyError:
        answer = "given up"
    return (time.process_time() - start) * 1000, answer


def show(name: str, times: list[tuple[float, int, int, object]]) -> None:
    ordered = sorted(each[0] for each in times)
    given_up = sum(each[3] == "given up" for each in times)
    sys.stdout.write(
        f"{name:9} median {statistics.median(ordered):9.2f} ms   99 % {ordered[int(len(ordered) * 0.99)]:9.1f} ms   "
        f"worst {ordered[-1]:9.1f} ms   given up {given_up} of {len(ordered)}\n"
    )
    for took, seed, size, answer in sorted(times, key=lambda each: -each[0])[:5]:
        sys.stdout.write(f"    seed {seed}, {size} holdings: {took:.1f} ms, {answer}\n")


def main() -> None:
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    verdicts: list[tuple[float, int, int, object]] = []
    explained: list[tuple[float, int, int, object]] = []
    refused = 0
    for seed in range(first, first + wanted):
        maker = Maker(seed)
        rule = maker.rule()
        if soundness.check(rule) or tried.who_stalls(rule):
            refused += 1
            continue
        if wanted == 1:
            sys.stdout.write(f"{text.to_text(rule)}\n")
        for size in (20, 60, 300):
            record = maker.record(size)
            took, answer = spent(lambda rule=rule, record=record: satisfied(rule, record, ON))
            verdicts.append((took, seed, size, answer))
            took, whole = spent(lambda rule=rule, record=record: evaluate(rule, record, ON))
            explained.append((took, seed, size, getattr(whole, "satisfied", whole)))
    sys.stdout.write(f"{wanted - refused} of {wanted} rules may be published; seeds {first} to {first + wanted - 1}\n")
    show("verdict", verdicts)
    show("explained", explained)


if __name__ == "__main__":
    main()
