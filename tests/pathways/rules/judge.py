"""A slow judge: tries every assignment of holdings to parts, sharing no code with the evaluation it checks."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product

from pathways.rules.days import back, moved
from pathways.rules.eligible import in_pool, why_not
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Condition,
    Count,
    Fact,
    Given,
    Graded,
    Groups,
    LastOf,
    Limit,
    Newest,
    OneYear,
    Order,
    Overlap,
    Pace,
    Pool,
    Requirement,
    Rule,
    Span,
    Spread,
    Together,
)
from tests.pathways.rules.random_rules import ON, OTHERS

Placed = dict[str, list[Holding]]


def judge(rule: Rule, record: Record, on: date) -> bool:
    """Whether any assignment at all satisfies the rule."""
    checks = _checks(rule, record, on)
    return any(_met(rule.root, placed | checks) for placed in _assignments(rule, record, on))


def stands(rule: Rule, record: Record, on: date, allocation: Mapping[str, Iterable[str]]) -> bool:
    """Whether this allocation, by the ids of holdings, is a fair one and satisfies the rule."""
    by_id = {each.id: each for each in record.holdings}
    placed = {leaf: [by_id[each] for each in ids] for leaf, ids in allocation.items()}
    scope_of = {leaf.id: (scope, leaf) for scope, leaf in _leaves(rule.root, "")}
    taken: list[tuple[str, str]] = []
    plain: list[tuple[str, bool, str]] = []
    for node, holdings in placed.items():
        scope, leaf = scope_of[node]
        for holding in holdings:
            if why_not(holding, leaf, record, on) is not None:
                return False
            taken.append((scope, holding.id))
            if not _repeats(leaf):
                plain.append((scope, holding.kind == "grade", holding.key))
    fair = len(taken) == len(set(taken)) and len(plain) == len(set(plain))
    return fair and _met(rule.root, placed | _checks(rule, record, on))


def _checks(rule: Rule, record: Record, on: date) -> Placed:
    """The checks that are met, as parts that took nothing."""
    met: Placed = {}
    for node, part in _nodes(rule.root).items():
        match part:
            case Fact(name=name, one_of=words) if record.facts.get(name) in words:
                met[node] = []
            case Given(pool=pool, at_least=least, absent=absent):
                found = [each for each in record.holdings if in_pool(each, pool, record, on)]
                many = len(found) if pool.repeats else len({each.key for each in found})
                if (many >= least) != absent:
                    met[node] = []
            case Graded() if _graded(part, record, on):
                met[node] = []
    return met


def _leaves(part: Requirement, scope: str) -> Iterator[tuple[str, Requirement]]:
    scope = part.id if getattr(part, "shared", False) else scope
    if isinstance(part, All | AnyOf | AtLeast):
        for each in part.parts:
            yield from _leaves(each, scope)
    elif not isinstance(part, Fact | Given | Graded):
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
    return _fulfilled(part, placed) and all(
        _holds(condition, part, _inside(part, placed), placed) for condition in getattr(part, "conditions", ())
    )


def _nodes(part: Requirement) -> dict[str, Requirement]:
    return {part.id: part} | {
        node: found for each in getattr(part, "parts", ()) for node, found in _nodes(each).items()
    }


def _taken(part: Requirement, placed: Placed) -> list[Holding]:
    """What the part and everything below it took; a part that is not met took nothing."""
    return _inside(part, placed) if _met(part, placed) else []


def _inside(part: Requirement, placed: Placed) -> list[Holding]:
    if isinstance(part, All | AnyOf | AtLeast):
        return [holding for each in part.parts for holding in _taken(each, placed)]
    return list(placed.get(part.id, ()))


def _measure(holding: Holding, measure: str) -> Decimal:
    return Decimal(1) if measure == "count" else getattr(holding, measure)


def _holds(  # noqa: PLR0911, PLR0912 (one answer per condition)
    condition: Condition, owner: Requirement, taken: list[Holding], placed: Placed
) -> bool:
    nodes = _nodes(owner)
    match condition:
        case Limit(of=pool, measure=measure):
            if condition.among is not None:
                taken = [h for h in taken if in_pool(h, condition.among, Record(), ON)]
            part = sum((_measure(h, measure) for h in taken if in_pool(h, pool, Record(), ON)), Decimal(0))
            whole = sum((_measure(h, measure) for h in taken), Decimal(0))
            low, high = condition.at_least_share, condition.at_most_share
            if condition.share_of == "required":
                whole = Decimal(owner.at_least)
            if condition.rounded is not None:
                bounds = [
                    None if share is None else _rounded(share * Fraction(whole), condition.rounded)
                    for share in (low, high)
                ]
                return (bounds[0] is None or part >= bounds[0]) and (bounds[1] is None or part <= bounds[1])
            return (
                (condition.at_least is None or part >= condition.at_least)
                and (condition.at_most is None or part <= condition.at_most)
                and (low is None or part * low.denominator >= whole * low.numerator)
                and (high is None or part * high.denominator <= whole * high.numerator)
            )
        case Spread(by=by, at_least=least, at_most_each=most, measure=measure):
            looked_at = [h for h in taken if condition.of == Pool() or in_pool(h, condition.of, Record(), ON)]
            sums = _by_group(looked_at, by, measure)
            few = condition.at_most is None or len(sums) <= condition.at_most
            return (few and (least is None or len(sums) >= least)) and (
                most is None or all(each <= most for each in sums.values())
            )
        case Groups(by=by, at_least=least, groups=groups, measure=measure):
            sums = _by_group([holding for holding in taken if _shown(holding, by)], by, measure)
            return sum(each >= least for each in sums.values()) >= groups
        case LastOf(last=last, at_least=least, of=pool, measure=measure):
            inside = [h for h in _newest(taken, last, measure) if in_pool(h, pool, Record(), ON)]
            return sum((_measure(h, measure) for h in inside), Decimal(0)) >= least
        case Overlap(kinds=kinds, at_most=most, each=each_alone, measure=measure):
            others = [other for other in OTHERS if other.granted and (not kinds or other.kind in kinds)]
            shared = [[h for h in taken if h.id in other.uses] for other in others]
            if not each_alone:
                shared = [[h for h in taken if any(h.id in other.uses for other in others)]]
            return all(sum((_measure(h, measure) for h in each), Decimal(0)) <= most for each in shared)
        case Average(weight=weight):
            graded = [h for h in taken if h.grade is not None or condition.ungraded_as_zero]
            if condition.last is not None:
                graded = _newest(graded, condition.last, weight)
            pairs = sorted(((h.grade or Decimal(0), _measure(h, weight)) for h in graded), reverse=True)
            if condition.best is not None:
                left, points = condition.best, Decimal(0)
                for grade, much in pairs:
                    points, left = points + min(left, much) * grade, left - min(left, much)
                return points >= condition.at_least * condition.best
            points, weights = sum((g * w for g, w in pairs), Decimal(0)), sum((w for _, w in pairs), Decimal(0))
            return (condition.at_least is None or points >= condition.at_least * weights) and (
                condition.at_most is None or points <= condition.at_most * weights
            )
        case Newest(within=within):
            return any(holding.earned_on >= back(ON, within) for holding in taken)
        case Span(within=within, at_least=shortest):
            days = [holding.earned_on for holding in taken]
            return (not days and shortest is None) or (
                bool(days)
                and (within is None or min(days) >= back(max(days), within))
                and (shortest is None or min(days) <= moved(max(days), shortest, -1))
            )
        case OneYear(month=month, day=day):
            return len({h.earned_on.year - ((h.earned_on.month, h.earned_on.day) < (month, day)) for h in taken}) < 2
        case Pace(within=within, at_most=most, measure=measure):
            return all(
                sum((_measure(h, measure) for h in taken if first <= h.earned_on < moved(first, within, 1)), Decimal(0))
                <= most
                for first in {h.earned_on for h in taken}
            )
        case Together():
            return not taken or any(
                all(h.earned_on <= day and (h.until is None or h.until >= day) for h in taken)
                for day in (holding.earned_on for holding in taken)
            )
        case Order(first=first, then=then, within=within, any_order=any_order):
            before = [h.earned_on for node in first for h in _taken(nodes[node], placed)]
            after = [h.earned_on for node in then for h in _taken(nodes[node], placed)]
            if not before or not after:
                return True
            last = date.max if within is None else moved(max(before), within, 1)
            if within is not None and within.exclusive:
                last -= timedelta(days=1)
            start = max(before) if condition.apart is None else moved(max(before), condition.apart, 1)
            return (any_order or start <= min(after)) and max(after) <= last


def _newest(taken: list[Holding], last: Decimal, measure: str) -> list[Holding]:
    newest, total = [], Decimal(0)
    for day in sorted({holding.earned_on for holding in taken}, reverse=True):
        if total < last:
            newest += [holding for holding in taken if holding.earned_on == day]
            total = sum((_measure(h, measure) for h in newest), Decimal(0))
    return newest


def _graded(part: Graded, record: Record, on: date) -> bool:
    """By the plain definition: the better of each achievement, then the newest, then the best, then the average."""
    better: dict[str, Holding] = {}
    for h in sorted(record.holdings, key=lambda h: (h.earned_on, h.id)):
        if h.grade is not None and in_pool(h, part.pool, record, on):
            key = h.id if part.pool.repeats else h.key
            if key not in better or h.grade > better[key].grade:
                better[key] = h
    entering = list(better.values())
    if part.last is not None:
        entering = _newest(entering, part.last, part.weight)
    weights = sum((_measure(h, part.weight) for h in entering), Decimal(0))
    points = sum((h.grade * _measure(h, part.weight) for h in entering), Decimal(0))
    return weights > 0 and points >= part.at_least * weights


def _shown(holding: Holding, by: str) -> str:
    if by == "year":
        return str(holding.earned_on.year)
    return str(getattr(holding, {"kind": "achievement_kind", "achievement": "key"}.get(by, by)) or "")


def _by_group(taken: list[Holding], by: str, measure: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for holding in taken:
        sums[_shown(holding, by)] = sums.get(_shown(holding, by), Decimal(0)) + _measure(holding, measure)
    return sums


def _rounded(value: Fraction, how: str) -> int:
    match how:
        case "up":
            return -(-value.numerator // value.denominator)
        case "down":
            return value.numerator // value.denominator
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _fulfilled(part: Requirement, placed: Placed) -> bool:  # noqa: PLR0911 (one answer per part)
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
        case Fact() | Given() | Graded():
            return part.id in placed
        case _:
            return len(placed.get(part.id, ())) == 1
