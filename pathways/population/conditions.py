"""Compiles conditions over what parts take: what they need at the least, and where they can be told exactly."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np

from pathways.population.answers import Answer, Both, all_of, always, never, once
from pathways.population.columns import ANY_DAY, Bits, Item, Sheet, Spec
from pathways.population.contending import Taking
from pathways.population.counting import in_both, joined, reached
from pathways.population.fitting import NOT_OF_THE_KIND, Fit, NotKnown
from pathways.population.knowing import Knowing
from pathways.rules.properties import value_of
from pathways.rules.requirement import (
    Amount,
    Condition,
    Count,
    Given,
    Group,
    Leaf,
    Limit,
    Measure,
    Pool,
    Requirement,
    Spread,
    conditions_of,
    walk,
)


def needs_of_conditions(knowing: Knowing, part: Requirement, below: Sequence[Taking]) -> Iterator[Answer]:
    """What must be held for the conditions of a part to hold, whatever is taken by the leaves below it."""
    looks_at_all = (
        all(isinstance(each, Leaf | Group | Given) for each in walk(part))
        and len({each.scope for each in below}) <= 1
        and all(each.known and not each.repeats for each in below)
    )
    for condition in conditions_of(part):
        if not _by_items_alone(condition):
            knowing.by_items_alone = False
        try:
            # Whatever it says of its pool is looked at, be it of no use here: days and facts matter to the verdict.
            fit = knowing.fit_of_pool(condition.id, condition.of) if isinstance(condition, Limit) else None
        except NotKnown as why:
            knowing.leave_open(condition.id, why)
            continue
        if fit is not None and looks_at_all and isinstance(condition, Limit) and condition.at_least is not None:
            yield _limit_needs(knowing, condition, fit, below)


def _by_items_alone(condition: Condition) -> bool:
    """Whether it looks at nothing but which items are taken; the pool of a limit apart."""
    match condition:
        case Limit(at_least_fact=fact, among=among):
            return not fact and among is None
        case Spread(by=by, of=of, beginning=beginning):
            return by not in NOT_OF_THE_KIND and of == Pool() and beginning is None
    return False


def _limit_needs(knowing: Knowing, limit: Limit, fit: Fit, below: Sequence[Taking]) -> Answer:
    wanted = limit.at_least or Decimal(0)
    specs = joined(each.fit.most for each in below)
    inside = [both for item, spec in specs.items() if (both := in_both(spec, fit.most.get(item, ())))]
    scale = knowing.scale_of(limit.measure, (wanted,))
    weighing = knowing.weighing(inside, limit.measure, scale)
    return lambda sheet: weighing.total(sheet) >= int(wanted * scale)


def with_conditions(knowing: Knowing, leaf: Taking) -> Both | None:
    """A leaf with conditions over it as if nothing else wanted its holdings, where that can be said of counts."""
    part = leaf.leaf
    assert isinstance(part, Count | Amount)  # noqa: S101 (other leaves have none)
    try:
        for condition in part.conditions:
            knowing.check(condition)
        if part.at_most is None and all(_asks_for_more(each) for each in part.conditions):
            answer = once(_all_taken(knowing, leaf, part))
            return Both(answer, answer if leaf.fit.certain else always)
        if len(part.conditions) == 1 and isinstance(part.conditions[0], Limit):
            return _under_a_maximum(knowing, leaf, part, part.conditions[0])
    except NotKnown as why:
        knowing.note_open(part.id, str(why))
        return None
    knowing.note_open(part.id, "several conditions with a maximum")
    return None


def alone(leaf: Taking, answer: Answer) -> Answer:
    """What suffices if no other part takes what this one may take; it may take more than its count itself."""
    if not leaf.rivals:
        return answer
    if len(leaf.before) < len(leaf.rivals):
        return never

    def undisturbed(sheet: Sheet) -> Bits:
        taken = leaf.taken_before(sheet)
        return answer(sheet) if taken is None else answer(sheet) & (taken == 0)

    return undisturbed


def _all_taken(knowing: Knowing, leaf: Taking, part: Count | Amount) -> Answer:
    """Where nothing sets a maximum it may take everything, and each condition is met that is then met."""
    specs = leaf.fit.least
    answers: list[Answer] = [_enough_of(knowing, part, specs)]
    for condition in part.conditions:
        answers.append(_met_by_all(knowing, condition, specs))
    return all_of(answers)


def _enough_of(knowing: Knowing, part: Count | Amount, specs: Mapping[Item, Spec]) -> Answer:
    if isinstance(part, Count):
        several = knowing.kinds.several(specs.values())
        return lambda sheet: reached(sheet.count(several), part.at_least)
    scale = knowing.scale(part)
    weight = knowing.weights(part.unit, scale)
    for spec in specs.values():
        _same(spec, weight)
    weighing = knowing.weighing(specs.values(), part.unit, scale)
    return lambda sheet: weighing.total(sheet) >= int(part.at_least * scale)


def _met_by_all(knowing: Knowing, condition: Condition, specs: Mapping[Item, Spec]) -> Answer:
    match condition:
        case Limit(at_least=wanted, measure=measure) if wanted is not None:
            scale = knowing.scale_of(measure, (wanted,))
            weight = knowing.weights(measure, scale)
            inside = _surely_inside(knowing, condition, specs, weight)
            weighing = knowing.weighing(inside.values(), measure, scale)
            return lambda sheet: weighing.total(sheet) >= int(wanted * scale)
        case Spread(by=by, at_least=least) if least is not None:
            kinds = knowing.kinds.holdings
            values: dict[str, list[Spec]] = defaultdict(list)
            for spec in specs.values():
                found = {value_of(kinds[kind], by) for kind, _ in spec}
                # Of a kind of holding the dates are not known.
                if len(found) > 1 or by in NOT_OF_THE_KIND:
                    raise NotKnown(f"Spread.by {by}")
                values[found.pop()].append(spec)
            groups = [knowing.kinds.several(each) for each in values.values()]
            return lambda sheet: (
                sum((sheet.count(each) > 0).astype(np.int32) for each in groups) + np.zeros(sheet.learners, np.int32)
                >= least
            )
    raise NotKnown(type(condition).__name__)


def _surely_inside(
    knowing: Knowing, limit: Limit, specs: Mapping[Item, Spec], weight: Callable[[int], int]
) -> dict[Item, Spec]:
    """The items that are in the pool of the limit by whichever holding they count; NotKnown if that is not sure."""
    fit = knowing.fit_of_pool(limit.id, limit.of)
    if not fit.certain:
        raise NotKnown("Limit.of a learner")
    inside: dict[Item, Spec] = {}
    for item, spec in specs.items():
        _same(spec, weight)
        found = set(fit.most.get(item, ()))
        if found.issuperset(spec) or {(kind, ANY_DAY) for kind, _ in spec} <= found:
            inside[item] = spec
        elif not {kind for kind, _ in spec}.isdisjoint(kind for kind, _ in found):
            raise NotKnown("Limit.of some of what an item counts by")
    return inside


def _same(spec: Spec, weight: Callable[[int], int]) -> None:
    if len({weight(kind) for kind, _ in spec}) > 1:
        raise NotKnown("an item that counts for more or less")


def _under_a_maximum(knowing: Knowing, leaf: Taking, part: Count | Amount, limit: Limit) -> Both | None:
    """What lies outside of a maximum counts whole, and of what lies inside as much as is allowed."""
    measure: Measure = "count" if isinstance(part, Count) else part.unit
    others = (limit.at_least, limit.at_least_share, limit.at_most_share)
    if limit.at_most is None or limit.measure != measure or any(each is not None for each in others):
        return None
    amounts = (Decimal(part.at_least), limit.at_most, Decimal(part.at_most or 0))
    scale = knowing.scale_of(measure, amounts)
    weight = knowing.weights(measure, scale)
    specs = leaf.fit.least
    for spec in specs.values():
        _same(spec, weight)
    inside = _surely_inside(knowing, limit, specs, weight)
    outside = knowing.weighing([spec for item, spec in specs.items() if item not in inside], measure, scale)
    within = knowing.weighing(inside.values(), measure, scale)
    most, wanted = int(limit.at_most * scale), int(Decimal(part.at_least) * scale)

    @once
    def answer(sheet: Sheet) -> Bits:
        return outside.total(sheet) + within.best_below(sheet, most) >= wanted

    is_exact = leaf.fit.certain and within.is_exact_below(most)
    exact = answer if is_exact else always
    if part.at_most is not None:
        # One after another until there is enough: the last may pass the maximum.
        largest = max((weight(kind) for spec in specs.values() for kind, _ in spec), default=0)
        if wanted + largest - 1 > int(Decimal(part.at_most) * scale):
            return Both(never, exact)
    return Both(answer, exact)


def _asks_for_more(condition: Condition) -> bool:
    """Whether more of everything never hurts it."""
    match condition:
        case Limit(at_least=wanted, at_most=None, at_least_share=None, at_most_share=None):
            return wanted is not None
        case Spread(at_least=least, at_most_each=None):
            return least is not None
    return False
