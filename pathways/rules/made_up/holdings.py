"""Makes up what may be held: one holding of each kind that the rules tell apart, for each entry of a catalogue."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice, product
from typing import Any, NamedTuple, get_args

from pathways.rules.days import moved
from pathways.rules.eligible import in_pool, why_not
from pathways.rules.made_up.asked import Asked, all_of
from pathways.rules.made_up.learners import Entry, Held, Thing
from pathways.rules.made_up.turns import turning_days
from pathways.rules.properties import amount, value_of
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    Amount,
    Average,
    Blend,
    Cap,
    Condition,
    Duration,
    Graded,
    Groups,
    LastOf,
    Leaf,
    Limit,
    MarkValue,
    NumberTest,
    Pace,
    Pool,
    Rate,
    ScaleTest,
    SignedOff,
    Spread,
    Together,
    Unbroken,
)

# At first so many days on which things may be earned, copies of one thing and things alike are made up; less of each if
# that came to more things than an evaluation under conditions can be asked to judge hundreds of times.
GRAINS = ((12, 8, 40), (4, 4, 12), (2, 2, 6))
# Where something is asked for time after time, days matter more than copies.
DAY_BY_DAY = ((12, 8, 40), (12, 1, 2), (6, 2, 6), (2, 2, 6))
MOST_THINGS, MOST_UNDER_CONDITIONS = 60, 30
MOST_ENTRIES_KINDS = 512
MOST_VARIANTS = 256
MOST_APART = 18
# What only looks at holdings that something else takes.
OVER_WHAT_IS_TAKEN = (*get_args(Condition), Blend, Cap, Rate)
# Averages of grades, of what a part took or of all that is held.
Means = Average | Graded


class Chains:
    """What may be held, as chains of things that are alike: whoever has the third has the first two."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        # The parts and conditions that something was made up for.
        self.matched: set[str] = set()
        self._lookers = _lookers(asked.values)
        self._grain = GRAINS[0]
        # What was made up for an entry on the same days: a coarser grain often leaves all of them.
        self._made: dict[tuple[Entry, tuple[date, ...]], dict[Any, Held]] = {}

    def chains(self, facts: Mapping[str, str]) -> list[tuple[Thing, ...]]:
        """What may be held where these facts are known, made up as finely as can be judged."""
        most = MOST_UNDER_CONDITIONS if self.asked.has(Condition) else MOST_THINGS
        self._made.clear()
        for grain in DAY_BY_DAY if self.asked.is_day_by_day else GRAINS:
            self._grain = grain
            chains = self._chains_at(facts)
            if sum(len(chain) for chain in chains) <= most:
                break
        return chains

    def _chains_at(self, facts: Mapping[str, str]) -> list[tuple[Thing, ...]]:
        profiles: dict[tuple[Any, ...], list[dict[Any, Held]]] = {}
        for entry in self.asked.catalogue:
            days = tuple(self._days(entry, facts))
            found = self._made.get((entry, days))
            if found is None:
                found = self._made[entry, days] = self._kinds_of(entry, facts, days)
            if found:
                # Where repetition counts, a second award of the same is not a first of another.
                own = entry.key if self.asked.repeats else ""
                profiles.setdefault((own, *found), []).append(found)
        self.asked.leave_open(unless=len(profiles) <= MOST_ENTRIES_KINDS)
        chains: list[tuple[Thing, ...]] = []
        for _profile, alike in islice(profiles.items(), MOST_ENTRIES_KINDS):
            chains += self._alike(alike)
        signed = {(value.id, value.role): None for value in self.asked.of(SignedOff)}
        return [*chains, *((each,) for each in signed)]

    def _alike(self, alike: list[dict[Any, Held]]) -> Iterator[tuple[Thing, ...]]:
        """Chains of entries that no rule can tell apart."""
        _days, most_copies, most_alike = self._grain
        most_alike = min(most_alike, self.asked.demand)
        if len(alike) > most_alike:
            alike = alike[:most_alike]
            # A share or an average may ask for more than what is demanded outright.
            self.asked.leave_open(unless=most_alike == self.asked.demand and not self.asked.has(Limit, Average, Spread))
        kinds = list(alike[0])
        if self.asked.repeats:
            self.asked.leave_open(unless=self.asked.demand <= most_copies)
            for signature in kinds:
                first = alike[0][signature]
                yield tuple(
                    replace(first, holding=replace(first.holding, id=f"{first.holding.id}~{number}"))
                    for number in range(1, min(self.asked.demand, most_copies) + 1)
                )
        elif len(kinds) == 1 or len(kinds) * len(alike) > MOST_APART:
            self.asked.leave_open(unless=len(kinds) == 1)
            for turn, signature in enumerate(kinds):
                # Each kind begins at another entry, so that few of two kinds are of different entries.
                start = turn * len(alike) // len(kinds)
                yield tuple(found[signature] for found in (*alike[start:], *alike[:start]))
        else:
            yield from ((found[signature],) for found in alike for signature in kinds)

    def _kinds_of(self, entry: Entry, facts: Mapping[str, str], days: Sequence[date]) -> dict[Any, Held]:
        """One holding of the entry for each kind that the rules tell apart, by what tells it apart."""
        found: dict[Any, Held] = {}
        made = list(islice(self._variants(entry, days), MOST_VARIANTS + 1))
        self.asked.leave_open(unless=len(made) <= MOST_VARIANTS)
        for held in made[:MOST_VARIANTS]:
            holding = held.holding
            used = {holding.id: held.used_in} if held.used_in else {}
            called = replace(holding, key=self.asked.names.get(holding.key, holding.key))
            record = Record(holdings=(called,), facts=facts, used_in=used)
            fits = tuple(each.fits(called, record, self.asked.on) for each in self._lookers)
            seen = [each for each, fit in zip(self._lookers, fits, strict=True) if fit]
            if any(each.uses for each in seen):
                nodes = frozenset(each.node for each in seen)
                self.matched |= nodes
                found.setdefault((fits, *self._seen(holding)), replace(held, looked_at_by=nodes))
        return found

    def _seen(self, holding: Holding) -> Iterator[Any]:
        """What the rules see of a holding besides whether it fits."""
        yield tuple(amount(holding, measure) for measure in self._measures() if measure != "count")
        by = {value.by for value in self.asked.of(Spread, Groups)}
        yield tuple(value_of(holding, each) for each in sorted(by))
        yield (holding.grade, holding.mark) if self.asked.has(Means) else None
        yield holding.earned_on if self.asked.is_dated else None
        yield holding.until if self.asked.has(Together, Unbroken) else None
        yield holding.to if self.asked.has(Duration) else None

    def _measures(self) -> list[str]:
        """Every amount that is added up."""
        found = {value.unit for value in self.asked.of(Amount)}
        found |= {value.measure for value in self.asked.of(Limit, Spread, Groups, LastOf, Pace)}
        return sorted(found | {value.weight for value in self.asked.of(Means)})

    def _variants(self, entry: Entry, days: Sequence[date]) -> Iterator[Held]:
        """What the entry may bring: the best and newest first."""
        scales = [value for value in self.asked.of(ScaleTest) if value.of == "grade"]
        worth = sorted(self.asked.of(MarkValue), key=lambda each: each.value, reverse=True)
        marks = all_of(
            *(where.marks for where in self.asked.wheres),
            *(each.scale[::-1] for each in scales),
            (each.mark for each in worth),
            ("",),
        )
        sources = all_of(("assessed",), *(where.sources for where in self.asked.wheres))
        statuses = all_of(("active",), *(where.statuses for where in self.asked.wheres))
        using = [(), *(kinds for where in self.asked.wheres for kinds in (where.used_in, where.not_used_in) if kinds)]
        number = 0
        for day, (grade, passed), mark, source, status, used in product(
            days, self._grades(entry), marks, sources, statuses, dict.fromkeys(using)
        ):
            for to in self._ends(day):
                number += 1
                yield Held(
                    Holding(
                        id=f"{entry.key}#{number}",
                        kind=entry.kind,
                        key=entry.key,
                        earned_on=day,
                        credits=entry.credits,
                        hours=entry.hours,
                        points=entry.points,
                        amounts=entry.amounts,
                        level=entry.level,
                        grade=grade,
                        mark=mark,
                        passed=passed,
                        until=moved(day, entry.valid_for, 1) if entry.valid_for else None,
                        to=to,
                        issuer=entry.issuer,
                        subject=entry.subject,
                        achievement_kind=entry.achievement_kind,
                        source=source,
                        status=status,
                        tags=entry.tags,
                        skills=entry.skills,
                    ),
                    frozenset(used),
                )

    def _grades(self, entry: Entry) -> list[tuple[Decimal | None, bool]]:
        asked = {each.grade_at_least for each in self.asked.wheres if each.grade_at_least is not None}
        for value in self.asked.of(Means, NumberTest):
            if isinstance(value, Means) or value.of == "grade":
                asked |= {each for each in (value.at_least, value.at_most) if each is not None}
        if entry.kind == "grade":
            asked.add(entry.pass_grade)
        if not asked:
            return [(None, True)]
        below = max(min(asked) - 1, Decimal(0))
        steps = sorted({*asked, below, *({Decimal(100)} if self.asked.has(Means) else ())}, reverse=True)
        graded = [(each, entry.kind != "grade" or each >= entry.pass_grade) for each in steps]
        ungraded = any(mean.ungraded_as_zero for mean in self.asked.of(Average, Graded)) and entry.kind != "grade"
        return [*graded, (None, True)] if ungraded else graded

    def _days(self, entry: Entry, facts: Mapping[str, str]) -> list[date]:
        found = {self.asked.on: None}
        for value in self.asked.values:
            found.update(dict.fromkeys(turning_days(value, self.asked.on, facts)))
        if entry.valid_for and self.asked.is_expiring:
            last = moved(self.asked.on, entry.valid_for, -1)
            found.update(dict.fromkeys((last, last - timedelta(days=1))))
        days = [day for day in sorted(found, reverse=True) if day <= self.asked.on]
        most = self._grain[0]
        if len(days) > most:
            self.asked.leave_open()
            days = [*days[: most // 2], *days[-most // 2 :]]
        return days

    def _ends(self, day: date) -> list[date | None]:
        if not self.asked.has(Duration):
            return [None]
        return [self.asked.on, None] if day < self.asked.on else [None]


class _Looker(NamedTuple):
    """By what something in a rule looks at one holding; a condition has no use for what no part takes."""

    node: str
    uses: bool
    fits: Callable[[Holding, Record, date], bool]


def _lookers(values: Iterable[Any]) -> list[_Looker]:
    found: dict[Any, _Looker] = {}
    for value in values:
        if isinstance(value, Leaf):
            found[value] = _Looker(value.id, True, partial(_takes, value))
        node = "" if isinstance(value, Leaf) else getattr(value, "id", "")
        for name in (each.name for each in fields(value)):
            pool = getattr(value, name)
            if isinstance(pool, Pool):
                found[node, name, pool] = _Looker(
                    node, not isinstance(value, OVER_WHAT_IS_TAKEN), partial(_holds, pool)
                )
    return list(found.values())


def _takes(leaf: Leaf, holding: Holding, record: Record, on: date) -> bool:
    return why_not(holding, leaf, record, on) is None


def _holds(pool: Pool, holding: Holding, record: Record, on: date) -> bool:
    return in_pool(holding, pool, record, on)
