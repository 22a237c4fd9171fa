"""A slow judge: tries every assignment of holdings to parts, sharing no code with the evaluation it checks."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product

from pathways.rules.eligible import why_not
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import All, Amount, AnyOf, AtLeast, Count, Requirement, Rule

Placed = dict[str, list[Holding]]


def judge(rule: Rule, record: Record, on: date) -> bool:
    """Whether any assignment at all satisfies the rule."""
    return any(_met(rule.root, placed) for placed in _assignments(rule, record, on))


def fewest_missing(rule: Rule, record: Record, on: date, spare: list[Holding]) -> int | None:
    """How many of the spare holdings must be added, at the least, to satisfy the rule; none if all do not."""
    fewest = None
    for mask in range(2 ** len(spare)):
        added = [holding for place, holding in enumerate(spare) if mask >> place & 1]
        if (fewest is None or len(added) < fewest) and judge(rule, Record(holdings=(*record.holdings, *added)), on):
            fewest = len(added)
    return fewest


def _leaves(part: Requirement, scope: str) -> Iterator[tuple[str, Requirement]]:
    scope = part.id if getattr(part, "shared", False) else scope
    if isinstance(part, All | AnyOf | AtLeast):
        for each in part.parts:
            yield from _leaves(each, scope)
    else:
        yield scope, part


def _repeats(leaf: Requirement) -> bool:
    return isinstance(leaf, Count | Amount) and leaf.pool.repeats


def _assignments(rule: Rule, record: Record, on: date) -> Iterator[Placed]:
    by_scope: dict[str, list[Requirement]] = {}
    for scope, leaf in _leaves(rule.root, ""):
        by_scope.setdefault(scope, []).append(leaf)
    choices = []
    for leaves in by_scope.values():
        for holding in record.holdings:
            choices.append([None, *(leaf for leaf in leaves if why_not(holding, leaf, record, on) is None)])
    count = len(record.holdings)
    for picked in product(*choices):
        placed: Placed = {}
        fair = True
        for number in range(len(by_scope)):
            plain_keys = []
            for holding, leaf in zip(record.holdings, picked[number * count : (number + 1) * count], strict=True):
                if leaf is not None:
                    placed.setdefault(leaf.id, []).append(holding)
                    if not _repeats(leaf):
                        plain_keys.append((holding.kind == "grade", holding.key))
            fair = fair and len(plain_keys) == len(set(plain_keys))
        if fair:
            yield placed


def _met(part: Requirement, placed: Placed) -> bool:
    match part:
        case All(parts=parts):
            return all(_met(each, placed) for each in parts)
        case AnyOf(parts=parts):
            return any(_met(each, placed) for each in parts)
        case AtLeast(count=count, parts=parts):
            return sum(_met(each, placed) for each in parts) >= count
        case Count(at_least=least, at_most=most):
            got = len(placed.get(part.id, ()))
            return least <= got and (most is None or got <= most)
        case Amount(at_least=least, at_most=most, unit=unit):
            total = sum((getattr(each, unit) for each in placed.get(part.id, ())), Decimal(0))
            return least <= total and (most is None or total <= most)
        case _:
            return len(placed.get(part.id, ())) == 1
