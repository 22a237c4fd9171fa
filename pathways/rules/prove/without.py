"""A rule without one of its pieces, or for those who go by one; a piece is a part or a condition."""

from dataclasses import dataclass, replace

from pathways.rules.requirement import (
    All,
    AtLeast,
    Check,
    Condition,
    Group,
    Order,
    Requirement,
    Rule,
    conditions_of,
    needed_parts,
    walk,
)


@dataclass(frozen=True)
class Place:
    """A part or condition, and whether it stands in a choice."""

    piece: Requirement | Condition
    is_choice: bool = False


def places(part: Requirement) -> list[Place]:
    """What stands right under a part. Judged from the last: of two that say the same, the later one is idle."""
    found = [Place(condition) for condition in conditions_of(part)]
    if isinstance(part, Group):
        is_choice = needed_parts(part) < len(part.parts)
        found += [Place(each, is_choice) for each in part.parts]
    return found


def without(rule: Rule, node: str) -> Rule | None:
    """The rule without one part or condition; none if then a group were empty, or the part is the whole.

    A part of a choice is as if it could not be met; any other as if it were met.
    """
    root = _without(rule.root, node)
    return None if root is None or root == rule.root else replace(rule, root=_ordered(root))


def _without(part: Requirement, node: str) -> Requirement | None:
    if any(each.id == node for each in conditions_of(part)):
        kept = tuple(each for each in conditions_of(part) if each.id != node)
        return replace(part, conditions=kept)  # type: ignore[arg-type]
    if not isinstance(part, Group):
        return part
    if any(each.id == node for each in part.parts):
        left = tuple(each for each in part.parts if each.id != node)
        if not left:
            return None
        if isinstance(part, AtLeast) and part.count > len(left):
            return replace(part, parts=left, count=len(left))
        return replace(part, parts=left)
    parts = [_without(each, node) for each in part.parts]
    return None if None in parts else replace(part, parts=tuple(each for each in parts if each is not None))


def _ordered(part: Requirement) -> Requirement:
    """The part with no order that names what is no longer below it."""
    below = {each.id for each in walk(part)}
    kept: list[Condition] = []
    for each in conditions_of(part):
        if isinstance(each, Order):
            first = tuple(node for node in each.first if node in below)
            then = tuple(node for node in each.then if node in below)
            if first and then:
                kept.append(replace(each, first=first, then=then))
        else:
            kept.append(each)
    if tuple(kept) != conditions_of(part):
        part = replace(part, conditions=tuple(kept))  # type: ignore[arg-type]
    if isinstance(part, Group):
        part = replace(part, parts=tuple(_ordered(each) for each in part.parts))
    return part


def without_conditions(part: Requirement) -> Requirement:
    """The part without conditions of its own."""
    return replace(part, conditions=()) if conditions_of(part) else part  # type: ignore[arg-type]


def sharing(part: Requirement) -> Requirement:
    """The part with everything below it sharing what it takes."""
    if isinstance(part, Group):
        part = replace(part, conditions=(), parts=tuple(sharing(each) for each in part.parts))
    return part if isinstance(part, Check) else replace(part, shared=True)


def through(rule: Rule, node: str) -> Rule:
    """The rule for those who go by one of its pieces where they can choose; itself where a condition looks at choices.

    Whoever meets the rule, and would not if that piece were otherwise, goes by it, and so meets this as well.
    """
    root = _through(rule.root, node)
    return rule if root is None else replace(rule, root=root)


def _through(part: Requirement, node: str) -> Requirement | None:
    if part.id == node or any(each.id == node for each in conditions_of(part)):
        return part
    if not isinstance(part, Group) or part.conditions:
        return None
    for place, each in enumerate(part.parts):
        inner = _through(each, node)
        if inner is not None:
            others = (*part.parts[:place], *part.parts[place + 1 :])
            return All(id=part.id, parts=(inner, *_so_many(part, others)), shared=part.shared)
    return None


def _so_many(part: Group, others: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    """What a group asks for besides one of its parts."""
    need = needed_parts(part) - 1
    if need in (0, len(others)):
        return others[:need]
    return (AtLeast(id=f"{part.id}/others", count=need, parts=others),)


def narrowed(rule: Rule) -> Rule:
    """The rule with no more choices than have to be made: the first of them are left."""
    return replace(rule, root=_narrowed(rule.root))


def _narrowed(part: Requirement) -> Requirement:
    if not isinstance(part, Group):
        return part
    return _ordered(replace(part, parts=tuple(map(_narrowed, part.parts[: needed_parts(part)]))))
