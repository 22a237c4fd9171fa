"""Tries a rule on made-up records before it is published, so that none takes a worker's time when learners are judged.

Whether a rule can be slow is not seen from its form: packing is hard in the worst case and easy in nearly all others.
So it is judged on records that searches find hard (plenty of what it asks for, nearly enough, amounts that hardly add
up), with an eighth of what a judgement may do. They follow from the rule alone: the same rule, the same answer.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from pathways.rules import effort
from pathways.rules.evaluate import satisfied
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    Amount,
    Count,
    Holds,
    Limit,
    Passed,
    Pool,
    Requirement,
    Rule,
    Where,
    conditions_of,
    looked_into,
    roots,
    walk,
)

# An eighth: a real record may be as much worse than the worst of these.
MARGIN = 8
SIZES = (20, 60, 300)
ON = date(2026, 6, 1)
AMOUNTS = {
    "even": (Decimal(5), Decimal(10)),
    "odd": tuple(map(Decimal, ("3", "4", "6", "7", "11"))),
    "fine": tuple(map(Decimal, ("2.5", "3.25", "4", "7.75"))),
}


@lru_cache(maxsize=512)
def stalls(rule: Rule) -> bool:
    """Whether judging one of the made-up records takes more than an eighth of what is allowed."""
    try:
        for record in _records(rule):
            with effort.bounded(effort.MOST // MARGIN):
                satisfied(rule, record, ON)
    except effort.TooCostlyError:
        return True
    return False


def _records(rule: Rule) -> Iterator[Record]:
    asked = _Asked(rule)
    for size in SIZES:
        for name, amounts in AMOUNTS.items():
            yield asked.record(size, amounts, random.Random(f"{name} {size}"))  # noqa: S311 - not a secret


def _every_part(rule: Rule) -> Iterator[Requirement]:
    """Whatever is judged, on whatever day: parts that look at other days, and what keeps or renews, with all below."""
    waiting = list(roots(rule))
    while waiting:
        for part in walk(waiting.pop()):
            yield part
            below = looked_into(part)
            if below is not None:
                waiting.append(below)


class _Asked:
    """What a rule speaks of: the keys, levels, tags … that holdings must have to count anywhere."""

    def __init__(self, rule: Rule) -> None:
        self.awards: list[str] = []
        self.grades: list[str] = []
        self.wheres: list[Where] = []
        for part in _every_part(rule):
            match part:
                case Holds(any_of=keys):
                    self.awards += keys
                case Passed(assessment=key):
                    self.grades.append(key)
                case Count(pool=pool) | Amount(pool=pool):
                    self.awards += pool.achievements
                    self.wheres.append(pool)
            self.wheres += [each.of for each in conditions_of(part) if isinstance(each, Limit)]
        levels = {getattr(each, bound) for each in self.wheres for bound in ("level_at_least", "level_at_most")}
        self.levels = sorted({4, 6} | {each for each in levels if isinstance(each, int)})
        tagged = [each for each in self.wheres if isinstance(each, Pool)]
        self.tags = sorted({tag for each in tagged for tag in (*each.tags, *each.with_tags)})
        self.subjects = self._words("subjects", "subject")
        self.issuers = self._words("issuers", "issuer")
        self.kinds = self._words("kinds", "kind")

    def _words(self, name: str, stem: str) -> list[str]:
        named = {word for each in self.wheres for word in getattr(each, name, ())}
        return sorted(map(str, named)) + [f"{stem} {number}" for number in range(4)]

    def record(self, size: int, amounts: tuple[Decimal, ...], chance: random.Random) -> Record:
        """Three in four of what is named, and others up to the size."""
        named = [key for key in dict.fromkeys(self.awards) if chance.random() < 0.75]
        keys = (named + [f"other-{number}" for number in range(size)])[: max(size, len(named))]
        held = [self._holding(f"award:{key}", key, amounts, chance) for key in keys]
        held += [
            Holding(id=f"grade:{key}", kind="grade", key=key, earned_on=ON - timedelta(days=30), grade=Decimal(70))
            for key in dict.fromkeys(self.grades)
        ]
        return Record(holdings=tuple(held))

    def _holding(self, id_: str, key: str, amounts: tuple[Decimal, ...], chance: random.Random) -> Holding:
        amount = chance.choice(amounts)
        return Holding(
            id=id_,
            kind="award",
            key=key,
            earned_on=ON - timedelta(days=chance.randint(1, 1500)),
            credits=amount,
            hours=amount * 10,
            points=amount,
            level=chance.choice(self.levels),
            grade=Decimal(chance.randint(45, 95)),
            issuer=chance.choice(self.issuers),
            subject=chance.choice(self.subjects),
            achievement_kind=chance.choice(self.kinds),
            source=chance.choice(["assessed", "assessed", "recognised", "transferred"]),
            tags=frozenset(tag for tag in self.tags if chance.random() < 0.6),
        )
