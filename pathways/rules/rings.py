"""Finds rules that are built on one another in a ring, so that who starts with nothing can earn none of them.

A pool may take what is built on it and yet be filled by other things first: that is no ring. So what can be earned is
found step by step, from what no rule of the ring decides; whatever is never reached is built on itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar

from pathways.rules.eligible import in_pool
from pathways.rules.equivalence import renamed
from pathways.rules.made_up import Budget, Entry, TooCostly, World
from pathways.rules.made_up.turns import days_to_ask
from pathways.rules.pieces import every_part
from pathways.rules.properties import measured
from pathways.rules.prove import to_earn
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    Amount,
    Count,
    Duration,
    Given,
    Group,
    Holds,
    NumberTest,
    Pool,
    Requirement,
    Rule,
    WasMet,
    Where,
    needed_parts,
)
from pathways.rules.subsets import OutOfSteps
from pathways.rules.trial_learners import day_to_try
from pathways.rules.tried import ON

# What every award of an achievement has, whoever earned it and when.
_FIXED = {
    *("level_at_least", "level_at_most", "issuers", "kinds", "subjects", "skills", "tags", "with_tags"),
    *("without_tags", "achievements", "without_achievements", "repeats"),
}
_FIXED_NUMBERS = ("credits", "hours", "points", "level")
# So many rules of a ring, and so many things for each, are judged by the evaluator too, for so many learners.
MOST_JUDGED, MOST_THINGS, MOST_LEARNERS = 12, 60, 100
W = TypeVar("W", bound=Where)


@dataclass(frozen=True, kw_only=True)
class Edge:
    """In this part the rule of one achievement takes an award of another."""

    awards: str
    part: Requirement
    takes: str


def ring(start: str, needs: Mapping[str, Iterable[str]]) -> list[str]:
    """A way from a thing through what it needs back to itself, beginning and ending with it; empty if there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for there in sorted(needs.get(here, ())):
            if there == start:
                found = [start, here]
                while found[-1] != start:
                    found.append(came_from[found[-1]])
                return found[::-1]
            if there not in came_from:
                came_from[there] = here
                waiting.append(there)
    return []


def rings_of(start: str, needs: Mapping[str, Iterable[str]]) -> set[str]:
    """Everything that lies on some ring with this thing; nothing if it lies on none."""
    needed_by: dict[str, set[str]] = {}
    for one, others in needs.items():
        for other in others:
            needed_by.setdefault(other, set()).add(one)
    return _reached(start, needs) & _reached(start, needed_by)


def _reached(start: str, steps: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = set(steps.get(waiting.pop(), ())) - found
        found |= new
        waiting.extend(new)
    return found


def ring_through(start: str, rules: Mapping[str, Rule], offered: Sequence[Entry]) -> list[Edge]:
    """The ring, part by part, for which nobody can earn this achievement first; empty if it can be earned.

    Whatever none of these rules awards counts as earned. Where only a search could tell, and that has no end within
    its bounds, it counts as possible.
    """
    entries = {each.key: each for each in offered if each.kind == "award" and each.key in rules}
    edges = {slug: list(_edges(slug, rule, entries.values())) for slug, rule in rules.items()}
    members = rings_of(start, {slug: {each.takes for each in found} for slug, found in edges.items()})
    if start not in members:
        return []
    judges: list[Callable[[Rule, Sequence[Entry]], bool]] = [_may_be_met]
    if len(members) <= MOST_JUDGED:
        judges.append(lambda rule, had: _may_be_met(rule, had) and not _is_never_met(rule, had))
    for judge in judges:
        base = [each for each in offered if each.kind != "award" or each.key not in members]
        late = _never_earned({slug: rules[slug] for slug in members}, base, entries, judge)
        if start in late and judge(rules[start], offered):
            had = [each for each in offered if each.kind != "award" or each.key not in late]
            open_ = {slug: edges[slug] for slug in late}
            if judge(rules[start], [each for each in offered if each.kind != "award" or each.key != start]):
                # Something else holds it back, even if it may count itself as well.
                open_[start] = [each for each in edges[start] if each.takes != start]
            return _ring_of_edges(start, open_, rules, had)
    return []


def _never_earned(
    rules: Mapping[str, Rule],
    base: Iterable[Entry],
    entries: Mapping[str, Entry],
    judge: Callable[[Rule, Sequence[Entry]], bool],
) -> set[str]:
    """The achievements that are not earned however many of the others are earned before."""
    had, left = list(base), set(rules)
    while earned := {slug for slug in left if judge(rules[slug], had)}:
        left -= earned
        had += [entries[slug] for slug in sorted(earned) if slug in entries]
    return left


def _ring_of_edges(
    start: str, edges: Mapping[str, list[Edge]], rules: Mapping[str, Rule], had: Sequence[Entry]
) -> list[Edge]:
    needs = {slug: {each.takes for each in found if each.takes in edges} for slug, found in edges.items()}
    way = ring(start, needs)
    found = []
    for one, other in pairwise(way):
        taking = [each for each in edges[one] if each.takes == other]
        # What the ring holds back says more than what could be had without it.
        found.append(min(taking, key=lambda each: _part_may_be_met(each.part, rules[each.awards], had)))
    return found


def _edges(slug: str, rule: Rule, entries: Iterable[Entry]) -> Iterator[Edge]:
    for part in every_part(rule.root):
        for entry in entries:
            if _takes(part, entry, rule):
                yield Edge(awards=slug, part=part, takes=entry.key)


# What a part may take


def _takes(part: Requirement, entry: Entry, rule: Rule) -> bool:
    """Whether an award of this achievement may be of use to this part, by all that is known of it beforehand."""
    match part:
        case Holds(any_of=any_of, where=where):
            asked: Pool | None = _pool_of(where, any_of)
        case Count(pool=pool) | Amount(pool=pool) | Duration(pool=pool):
            asked = pool
        case Given(pool=pool, absent=False):
            asked = pool
        case _:
            asked = None
    if asked is None or _is_from_elsewhere(asked):
        return False
    names = {name: same.names[0] for same in rule.same for name in same.names}
    return any(_fits(each, fixed(renamed(asked, names))) for each in _as_counted(_held(entry), rule, names))


def _pool_of(where: Where, achievements: tuple[str, ...]) -> Pool:
    said: dict[str, Any] = {each.name: getattr(where, each.name) for each in fields(Where)}
    return Pool(**said, achievements=achievements)


def _is_from_elsewhere(where: Where) -> bool:
    return bool(where.sources) and "assessed" not in where.sources


def fixed(where: W) -> W:
    """The same, asking only for what every award of an achievement has; so it never lets in less."""
    known: dict[str, Any] = {
        each.name: _fixed_numbers(where.numbers) if each.name == "numbers" else getattr(where, each.name)
        for each in fields(where)
        if each.name in _FIXED or each.name == "numbers"
    }
    return type(where)(
        **known,
        either=tuple(fixed(each) for each in where.either),
        neither=tuple(each for each in where.neither if fixed(each) == each),
    )


def _fixed_numbers(tests: tuple[NumberTest, ...]) -> tuple[NumberTest, ...]:
    return tuple(
        each for each in tests if each.of in _FIXED_NUMBERS and not each.at_least_fact and not each.at_most_fact
    )


def _held(entry: Entry) -> Holding:
    return Holding(
        id=entry.key,
        kind=entry.kind,
        key=entry.key,
        earned_on=date.min,
        credits=entry.credits,
        hours=entry.hours,
        points=entry.points,
        amounts=entry.amounts,
        level=entry.level,
        issuer=entry.issuer,
        subject=entry.subject,
        achievement_kind=entry.achievement_kind,
        tags=entry.tags,
        skills=entry.skills,
    )


def _as_counted(held: Holding, rule: Rule, names: Mapping[str, str]) -> Iterator[Holding]:
    """What the rule may see it as: itself, by its one name, and whatever it may stand for."""
    called = replace(held, key=names.get(held.key, held.key))
    yield called
    for substitute in rule.substitutes:
        if _fits(called, fixed(renamed(substitute.of, names))):
            said = [tag.partition("=")[2] for tag in held.tags if tag.startswith(f"{substitute.property}=")]
            for key in [substitute.achievement] if substitute.achievement else said:
                credits_ = called.credits if substitute.credits is None else substitute.credits
                yield replace(called, key=names.get(key, key), credits=credits_)


def _fits(held: Holding, pool: Pool) -> bool:
    return in_pool(held, pool, Record(), date.max)


# Whether a rule may be met


def _may_be_met(rule: Rule, had: Sequence[Entry]) -> bool:
    """Never no where somebody who has all of this could meet it: what is not known beforehand may be so."""
    return _part_may_be_met(rule.root, rule, had)


def _part_may_be_met(part: Requirement, rule: Rule, had: Sequence[Entry]) -> bool:
    if isinstance(part, Group):
        return sum(_part_may_be_met(each, rule, had) for each in part.parts) >= needed_parts(part)
    if isinstance(part, WasMet):
        return _part_may_be_met(part.part, rule, had)
    asked = part.where if isinstance(part, Holds) else getattr(part, "pool", None)
    if asked is None or _is_from_elsewhere(asked) or (isinstance(part, Given) and part.absent):
        return True
    useful = [each for each in had if _takes(part, each, rule)]
    least, amounts = Decimal(1), [Fraction(1)] * len(useful)
    if isinstance(part, Count | Amount | Given):
        least = Decimal(part.at_least)
    if isinstance(part, Amount):
        amounts = [_most_of(part, each) for each in useful]
    elif isinstance(part, Given):
        amounts = [measured(_held(each), part.measure) for each in useful]
    if getattr(asked, "repeats", False):
        return least <= 0 or any(each > 0 for each in amounts)
    return sum(amounts) >= least


def _most_of(part: Amount, entry: Entry) -> Fraction:
    """The most that it can add, whichever rate fits it."""
    held = _held(entry)
    return max(
        (measured(held, rate.unit or part.unit) * rate.times for rate in part.rates), default=Fraction(0)
    ) + measured(held, part.unit)


def _is_never_met(rule: Rule, had: Sequence[Entry]) -> bool:
    """Whether it is proved that nobody who has no more than this meets the rule."""
    rule = to_earn(rule)
    useful = [each for each in had if any(_takes(part, each, rule) for part in every_part(rule.root))]
    useful += [each for each in had if each.kind == "grade"]
    if len(useful) > MOST_THINGS:
        return False
    try:
        for day in days_to_ask([rule], day_to_try(rule, ON)):
            world = World([rule], useful, day, Budget(MOST_LEARNERS, MOST_LEARNERS))
            if not world.complete or world.reachable(rule) is not None:
                return False
    except (OutOfSteps, TooCostly):
        return False
    return True
