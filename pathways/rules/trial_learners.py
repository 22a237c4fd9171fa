"""Makes up records that are hard to judge by a rule: plenty of what it speaks of, with amounts that hardly add up.

They follow from the rule alone, and chance is drawn from their names: the same rule, the same records.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pathways.rules.days import moved
from pathways.rules.eligible import the_day
from pathways.rules.pieces import every_value
from pathways.rules.record import Holding, Other, Record
from pathways.rules.requirement import (
    ANY_KIND,
    Amount,
    Count,
    DayTest,
    Duration,
    Fact,
    FactDay,
    HoldingDay,
    Holds,
    Limit,
    MarkValue,
    Match,
    NumberTest,
    Overlap,
    Passed,
    Period,
    Pool,
    Rule,
    ScaleTest,
    SignedOff,
    Substitute,
    Where,
)

SIZES = (20, 60)
# More than anybody has of different achievements, and of log entries where each counts.
MOST_DIFFERENT, MOST_REPEATED = 120, 200
AMOUNTS = {
    "even": (Decimal(5), Decimal(10)),
    "odd": tuple(map(Decimal, ("3", "4", "6", "7", "11"))),
    "fine": tuple(map(Decimal, ("2.5", "3.25", "4", "7.75"))),
}
NAMED_AMOUNTS = ("credits", "hours", "points")
# What is told of a learner and of an award lies so far back, and awards no further.
SOME_YEARS = Period(years=5)
DAYS_BACK = 1500


class TrialLearners:
    """What a rule speaks of: the keys, levels, tags, facts … that learners must have to count anywhere."""

    def __init__(self, rule: Rule, on: date) -> None:
        self.on = on
        said = list(every_value(rule))
        wheres = [value for value in said if isinstance(value, Where)]
        self.grades = [value.assessment for value in said if isinstance(value, Passed)]
        held = [value.any_of for value in said if isinstance(value, Holds)]
        self.awards = _all_of(*held, *(each.achievements for each in wheres if isinstance(each, Pool)))
        self.awards += [value.achievement for value in said if isinstance(value, Substitute) and value.achievement]
        self.repeats = any(isinstance(each, Pool) and each.repeats for each in wheres)
        levels = {getattr(each, bound) for each in wheres for bound in ("level_at_least", "level_at_most")}
        self.levels = sorted({4, 6} | {each for each in levels if each is not None})
        self.subjects = _words(wheres, "subjects", "subject")
        self.issuers = _words(wheres, "issuers", "issuer")
        self.kinds = _words(wheres, "kinds", "kind")
        self.sources = ["assessed", "assessed", *_words(wheres, "sources", "source")]
        self.statuses = ["active"] * 3 + _all_of(*(each.statuses for each in wheres))
        self.skills = _all_of(*(each.skills for each in wheres))
        self.marks = _all_of(*(each.marks for each in wheres), *_scales_of(said, "grade"))
        self.marks += [value.mark for value in said if isinstance(value, MarkValue)]
        self.tags = sorted({tag for each in wheres for tag in (*each.tags, *each.with_tags, *each.without_tags)})
        self.facts = dict(self._facts(said))
        self.properties = sorted(set(self._properties(said, wheres)))
        units = {getattr(value, name, "") for value in said for name in ("unit", "measure", "weight")}
        self.units = sorted(units - {"", "count", "days", "months", "years", *NAMED_AMOUNTS})
        self.numbers = [value for value in said if isinstance(value, NumberTest)]
        self.works = any(isinstance(value, Duration) for value in said)
        self.runs_out = any(each.current or each.current_on or each.valid_for for each in wheres)
        self.sign_offs = frozenset((value.id, value.role) for value in said if isinstance(value, SignedOff))
        others = [each.used_in + each.not_used_in for each in wheres]
        others += [value.kinds or (ANY_KIND,) for value in said if isinstance(value, Overlap)]
        self.others = _all_of(*others)
        if any(each.uses_at_most is not None for each in wheres):
            self.others.append(ANY_KIND)

    def records(self) -> Iterator[tuple[bool, Record]]:
        """The records, the smallest first, each with whether it is larger than real ones are."""
        largest = MOST_REPEATED if self.repeats else MOST_DIFFERENT
        drawn = [(size, name) for size in SIZES for name in AMOUNTS]
        for size, name in (*drawn, (largest, "odd")):
            yield size == largest, self._record(size, AMOUNTS[name], random.Random(f"{name} {size}"))  # noqa: S311 - not a secret

    def _facts(self, said: Iterable[Any]) -> Iterator[tuple[str, str]]:
        """For each fact something that helps its owner as far as the rule tells."""
        for value in said:
            match value:
                case FactDay(fact=name, plus=plus):
                    yield name, moved(moved(self.on, plus, -1) if plus else self.on, SOME_YEARS, -1).isoformat()
                case Count(at_least_fact=name) | Amount(at_least_fact=name) | Limit(at_least_fact=name) if name:
                    yield name, "10"
                case Amount(less_fact=name) if name:
                    yield name, "1"
                case NumberTest(at_least_fact=least, at_most_fact=most):
                    yield from ((name, word) for name, word in ((least, "50"), (most, "90")) if name)
                case ScaleTest(scale=scale, at_least_fact=least, at_most_fact=most):
                    yield from ((name, word) for name, word in ((least, scale[0]), (most, scale[-1])) if name)
                case Match(of=name, fact=fact):
                    yield fact, f"{name} 1"
                case Where(tags_as_facts=names):
                    yield from ((name, f"{name} 1") for name in names)
                case Fact(name=name):
                    yield name, _word_for(value, self.on)

    def _properties(self, said: Iterable[Any], wheres: Iterable[Where]) -> Iterator[tuple[str, str]]:
        """Words that a property may say, other than tags that are named whole."""
        for where in wheres:
            for name in where.tags_as_facts:
                yield from ((name.rpartition(".")[2], word) for word in (self.facts[name], "other"))
            for match in where.matches:
                yield from ((match.of, word) for word in (self.facts[match.fact], "other"))
        for value in said:
            match value:
                case ScaleTest(of=name, scale=scale) if name != "grade":
                    yield from ((name, word) for word in scale)
                case DayTest(of=name) if name not in ("earned", "until", "to"):
                    yield from ((name, (self.on - timedelta(days=days)).isoformat()) for days in (30, 400))
                case Substitute(property=name) if name:
                    yield from ((name, key) for key in self.awards)
                case Duration(rate=name) if name:
                    yield from ((name, word) for word in ("0.5", "1"))
            by = getattr(value, "by", "")
            if by and isinstance(by, str):
                yield from ((by, f"{by} {number}") for number in range(4))

    def _record(self, size: int, amounts: tuple[Decimal, ...], chance: random.Random) -> Record:
        """Three in four of what is named, and others up to the size; the same again where repetition counts."""
        named = [key for key in dict.fromkeys(self.awards) if chance.random() < 0.75]
        if self.repeats and named:
            keys = [named[place % len(named)] for place in range(size)]
        else:
            keys = named + [f"other-{number}" for number in range(size)]
        held = [
            self._holding(f"award:{place}", key, amounts, chance)
            for place, key in enumerate(keys[: max(size, len(named))])
        ]
        held += [
            Holding(id=f"grade:{key}", kind="grade", key=key, earned_on=self.on - timedelta(days=30), grade=Decimal(70))
            for key in dict.fromkeys(self.grades)
        ]
        return Record(
            holdings=tuple(held),
            facts=self.facts,
            sign_offs=self.sign_offs,
            others=tuple(
                Other(id=f"other {kind}", kind=kind, uses=frozenset(each.id for each in held if chance.random() < 0.4))
                for kind in self.others
            ),
        )

    def _holding(self, id_: str, key: str, amounts: tuple[Decimal, ...], chance: random.Random) -> Holding:
        amount = chance.choice(amounts)
        earned_on = self.on - timedelta(days=chance.randint(1, DAYS_BACK))
        holding = Holding(
            id=id_,
            kind="award",
            key=key,
            earned_on=earned_on,
            credits=amount,
            hours=amount * 10,
            points=amount,
            amounts=tuple((unit, amount) for unit in self.units),
            level=chance.choice(self.levels),
            grade=Decimal(chance.randint(45, 95)),
            issuer=chance.choice(self.issuers),
            subject=chance.choice(self.subjects),
            achievement_kind=chance.choice(self.kinds),
            source=chance.choice(self.sources),
            tags=frozenset(tag for tag in self.tags if chance.random() < 0.6),
        )
        return self._further(holding, chance)

    def _further(self, holding: Holding, chance: random.Random) -> Holding:
        """What only some rules ask for."""
        tags = set(holding.tags)
        names = dict.fromkeys(name for name, _ in self.properties)
        tags |= {f"{name}={chance.choice([word for own, word in self.properties if own == name])}" for name in names}
        numbers = [each for each in self.numbers if each.of not in (*NAMED_AMOUNTS, *self.units, "grade", "level")]
        tags |= {
            f"{each.of}={(each.at_least or each.at_most or Decimal(50)) + chance.randint(0, 1)}" for each in numbers
        }
        days = chance.randint(20, 400)
        return replace(
            holding,
            tags=frozenset(tags),
            mark=chance.choice(self.marks) if self.marks else "",
            status=chance.choice(self.statuses),
            skills=frozenset(skill for skill in self.skills if chance.random() < 0.6),
            to=min(self.on, holding.earned_on + timedelta(days=days)) if self.works else None,
            until=self.on + timedelta(days=days) if self.runs_out and chance.random() < 0.8 else None,
        )


def _word_for(fact: Fact, on: date) -> str:
    bound = fact.until or fact.since
    if bound is not None:
        known = None if isinstance(bound, HoldingDay) else the_day(bound, Record(), on)
        return (known or moved(on, SOME_YEARS, -1)).isoformat()
    words = (*fact.one_of, fact.at_least_word or fact.at_most_word, *fact.scale)
    numbers = (str(each) for each in (fact.at_least, fact.at_most) if each is not None)
    return next((word for word in (*words, *numbers) if word), "50")


def _scales_of(said: Iterable[Any], of: str) -> list[tuple[str, ...]]:
    return [value.scale for value in said if isinstance(value, ScaleTest) and value.of == of]


def _words(wheres: Iterable[Where], name: str, stem: str) -> list[str]:
    return sorted(_all_of(*(getattr(each, name) for each in wheres))) + [f"{stem} {number}" for number in range(4)]


def _all_of(*words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for each in words for word in each))


def day_to_try(rule: Rule, day: date) -> date:
    """That day, or later so that the days which the rule names lie in the past."""
    named = [value for where in every_value(rule) for value in vars(where).values() if isinstance(value, date)]
    past = [each for each in named if each.year < date.max.year - SOME_YEARS.years]
    return max([day, *past])
