"""Makes a crowd for the benchmarks: awards at random, and rules of eight shapes that issuers use."""

import random
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from pathways.population.columns import FOR_EVER, Columns, Kinds
from pathways.rules.record import Holding
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Holds,
    Limit,
    Period,
    Pool,
    Requirement,
    Rule,
)

ON = date(2026, 11, 22)
ACHIEVEMENTS, RULES, EACH = 500, 200, 12
RANGE = 65_536
SUBJECTS = [f"subject {number}" for number in range(10)]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def key(number: int) -> str:
    return f"a{number % ACHIEVEMENTS:03}"


def holding(number: int) -> Holding:
    tags = {f"topic {number % 25}"} | ({"core"} if number % 9 == 0 else set())
    return Holding(
        id="",
        kind="award",
        key=key(number),
        earned_on=ON,
        credits=[Decimal(5), Decimal(5), Decimal(5), Decimal(10), Decimal("2.5")][number % 5],
        level=4 + number % 4,
        subject=SUBJECTS[number % 10],
        issuer=f"issuer {number % 7}",
        tags=frozenset(tags),
    )


def rule(number: int, chance: random.Random) -> Rule:
    """One of eight shapes that issuers use, over a stretch of the achievements of its own."""
    first = chance.randrange(ACHIEVEMENTS)
    keys = [key(first + place) for place in range(40)]

    def holds(id_: str, *any_of: str) -> Holds:
        return Holds(id=id_, any_of=any_of)

    def counted(id_: str, least: int, *named: str, **more: Any) -> Count:
        return Count(id=id_, at_least=least, pool=Pool(achievements=named), **more)

    shapes: list[Requirement] = [
        All(id="r", parts=(holds("a", keys[0]), holds("b", *keys[1:3]), holds("c", *keys[3:6]))),
        All(id="r", parts=(holds("a", keys[0], keys[9]), counted("b", 2, *keys[:20]))),
        Amount(id="r", at_least=Decimal(20), pool=Pool(subjects=(SUBJECTS[first % 10],), level_at_least=5)),
        All(
            id="r",
            parts=(
                AtLeast(id="a", count=2, parts=tuple(holds(f"a{place}", keys[place]) for place in range(12))),
                Amount(id="b", at_least=Decimal(15), pool=Pool(tags=(f"topic {first % 25}", "core"))),
            ),
        ),
        counted(
            "r",
            4,
            *keys,
            conditions=(Limit(id="l", of=Pool(level_at_least=6), measure="count", at_least=Decimal(2)),),
        ),
        Amount(
            id="r",
            at_least=Decimal(30),
            pool=Pool(level_at_least=5),
            conditions=(Limit(id="l", of=Pool(subjects=(SUBJECTS[1],)), at_most=Decimal(10)),),
        ),
        AnyOf(
            id="r",
            parts=(
                All(id="x", parts=(holds("a", *keys[:5]), holds("b", *keys[3:9]))),
                Count(
                    id="c",
                    at_least=3,
                    pool=Pool(achievements=tuple(keys[10:30]), earned_within=Period(years=3)),
                ),
            ),
        ),
        All(
            id="r",
            parts=(counted("a", 2, *keys[:15]), counted("b", 2, *keys[10:25]), holds("c", keys[30], keys[31])),
        ),
    ]
    return Rule(root=shapes[number % len(shapes)])


def population(learners: int, kinds: Kinds) -> list[Columns]:
    """Awards at random, some achievements held far more often than others; a few are held twice."""
    chance = np.random.default_rng(1)
    ranges = []
    for start in range(0, learners, RANGE):
        people = min(RANGE, learners - start)
        rows = people * EACH
        ranges.append(
            Columns(
                people,
                kinds,
                np.repeat(np.arange(people, dtype=np.int32), EACH),
                np.minimum(chance.random(rows) ** 1.5 * ACHIEVEMENTS, ACHIEVEMENTS - 1).astype(np.int32),
                (ON.toordinal() - chance.integers(0, 2500, rows)).astype(np.int32),
                np.full(rows, FOR_EVER, np.int32),
                np.ones(rows, np.int8),
            )
        )
    return ranges
