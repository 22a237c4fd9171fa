"""What is wrong in a part: it can never be met, always is, or wants what another part takes."""

from collections.abc import Iterator
from datetime import date

from pathways.rules.allocate import Matching
from pathways.rules.candidates import scopes
from pathways.rules.requirement import (
    Amount,
    AtLeast,
    Check,
    Count,
    Duration,
    EachCycle,
    Fact,
    Given,
    Graded,
    Group,
    Holds,
    Leaf,
    Passed,
    Pool,
    Requirement,
    Rule,
    needed_parts,
)
from pathways.rules.soundness.findings import Finding
from pathways.rules.soundness.values import check_blend, check_cycle, check_where


def check_part(part: Requirement, *, under: bool) -> Iterator[Finding]:
    match part:
        case Holds(any_of=any_of, where=where):
            if not any_of:
                yield Finding(code="nothing_named", node=part.id)
            yield from check_where(part.id, where)
        case Passed(where=where):
            yield from check_where(part.id, where)
        case Count(at_least=least, at_most=most, pool=pool) | Amount(at_least=least, at_most=most, pool=pool):
            # Under a condition, a part may offer what others have to reach with it: "up to 12 from here".
            if least <= 0 and not under and not part.at_least_fact:
                yield Finding(code="always_true", node=part.id)
            if most is not None and most < least:
                yield Finding(code="maximum_below_minimum", node=part.id)
            yield from check_where(part.id, pool)
            yield from _check_pool(part, pool)
        case _ if isinstance(part, Check):
            yield from _check_check(part)
        case _:
            yield from _check_group(part)


def _check_check(part: Check) -> Iterator[Finding]:
    match part:
        case Fact(at_least=least, at_most=most, since=since, until=until):
            if least is not None and most is not None and most < least:
                yield Finding(code="maximum_below_minimum", node=part.id)
            if isinstance(since, date) and isinstance(until, date) and until < since:
                yield Finding(code="dates_crossed", node=part.id)
            if not {part.at_least_word, part.at_most_word} <= {"", *part.scale}:
                yield Finding(code="no_such_word", node=part.id)
            if not part.negated and part == Fact(id=part.id, name=part.name, scale=part.scale):
                yield Finding(code="always_true", node=part.id)
        case Duration():
            yield from _check_duration(part)
        case EachCycle(every=every):
            yield from check_cycle(part.id, every)
        case Graded():
            yield from _check_graded(part)
        case Given(pool=pool, at_least=at_least):
            if at_least <= 0 and part.at_most is None:
                yield Finding(code="always_true", node=part.id)
            yield from check_where(part.id, pool)


def _check_duration(part: Duration) -> Iterator[Finding]:
    if part.at_least <= 0:
        yield Finding(code="always_true", node=part.id)
    if bool(part.by) != (part.at_most is not None):
        yield Finding(code="nothing_asked", node=part.id)
    yield from check_where(part.id, part.pool)


def _check_graded(part: Graded) -> Iterator[Finding]:
    least, most = part.at_least, part.at_most
    if least is None and most is None:
        yield Finding(code="nothing_asked", node=part.id)
    if least is not None and most is not None and most < least:
        yield Finding(code="maximum_below_minimum", node=part.id)
    yield from check_where(part.id, part.pool)
    yield from check_blend(part.id, part)


def _check_group(part: Group) -> Iterator[Finding]:
    if not part.parts:
        yield Finding(code="no_parts", node=part.id)
    elif isinstance(part, AtLeast) and part.count < 1:
        yield Finding(code="always_true", node=part.id)
    elif isinstance(part, AtLeast) and part.count > len(part.parts):
        yield Finding(code="more_than_parts", node=part.id, values=(("count", part.count), ("parts", len(part.parts))))


def _check_pool(part: Count | Amount, pool: Pool) -> Iterator[Finding]:
    named = set(pool.achievements) - set(pool.without_achievements)
    if pool.achievements and not named:
        yield Finding(code="all_excluded", node=part.id)
    elif named and isinstance(part, Count) and not pool.repeats and part.at_least > len(named):
        yield Finding(code="more_than_named", node=part.id, values=(("count", part.at_least), ("named", len(named))))


def demanded_twice(rule: Rule) -> Iterator[Finding]:
    """Parts that must all be met but together name too few different things, each of which counts once."""
    scope = scopes(rule.root)
    leaves = [(leaf, named) for leaf in _forced(rule.root) if (named := _named(leaf)) is not None]
    things = sorted({(scope[leaf.id], *each) for leaf, named in leaves for each in named})
    place = {each: number for number, each in enumerate(things)}
    fits: list[list[int]] = [[] for _ in things]
    for slot, (leaf, named) in enumerate(leaves):
        for each in named:
            fits[place[(scope[leaf.id], *each)]].append(slot)
    needs = [leaf.at_least if isinstance(leaf, Count) else 1 for leaf, _ in leaves]
    matching = Matching(fits, needs, range(len(leaves)))
    matching.need = needs
    matching.fill(range(len(things)))
    for slot, (leaf, _) in enumerate(leaves):
        if matching.filled[slot] < needs[slot]:
            yield Finding(code="demanded_twice", node=leaf.id, values=(("count", sum(needs)), ("named", len(things))))


def _forced(part: Requirement) -> Iterator[Leaf]:
    if isinstance(part, Leaf):
        yield part
    elif isinstance(part, Group) and needed_parts(part) == len(part.parts):
        for each in part.parts:
            yield from _forced(each)


def _named(leaf: Leaf) -> tuple[tuple[str, str], ...] | None:
    """The things of which a leaf takes different ones, if it names them; else none."""
    match leaf:
        case Holds(any_of=keys):
            return tuple(("award", key) for key in keys)
        case Passed(assessment=assessment):
            return (("grade", assessment),)
        case Count(pool=pool) if pool.achievements and not pool.repeats:
            return tuple(("award", key) for key in pool.achievements if key not in pool.without_achievements)
    return None
