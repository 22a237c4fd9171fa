"""Judges a rule for all learners at once: surely satisfied, surely not, or left to the exact evaluator.

Each part is compiled to two answers. At the most: what must hold for it to be satisfied, as if nothing counted
elsewhere. At the least: what suffices, whatever the parts before it in a fixed order have taken. Between the two, and
wherever a part says what is not known here, nothing is claimed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import combinations, groupby
from math import ceil, lcm
from operator import itemgetter

import numpy as np

from pathways.population.columns import ANY_DAY, Bits, Item, Kinds, Numbers, Several, Sheet, Spec
from pathways.population.contending import Taking, scopes_of
from pathways.population.counting import Weighing, in_both, joined, reached
from pathways.population.fitting import Fit, NotKnown, fit_of_leaf, fit_of_pool, said
from pathways.rules.equivalence import renamed
from pathways.rules.properties import value_of
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Condition,
    Count,
    Given,
    Group,
    Holds,
    Leaf,
    Limit,
    Measure,
    Newest,
    Passed,
    Pool,
    Requirement,
    Rule,
    Spread,
    conditions_of,
    needed_parts,
    walk,
)

Answer = Callable[[Sheet], Bits]
# What a rule says of how an award lasts, and what it bears, does not matter to whether it is earned.
_EARNING = frozenset(
    {
        "root", "lasts", "grace", "grace_to_year_end", "validity", "renewal", "keep", "reinstatement",
        "falls_for_good", "results", "same",
    }
)  # fmt: skip
_FIELDS: Mapping[type, frozenset[str]] = {
    Holds: frozenset({"id", "any_of", "where", "shared"}),
    Passed: frozenset({"id", "assessment", "where", "shared"}),
    Count: frozenset({"id", "at_least", "pool", "at_most", "conditions", "shared"}),
    Amount: frozenset({"id", "at_least", "pool", "at_most", "unit", "conditions", "shared"}),
    Given: frozenset({"id", "pool", "at_least", "absent"}),
    All: frozenset({"id", "parts", "conditions", "shared"}),
    AnyOf: frozenset({"id", "parts", "conditions", "shared"}),
    AtLeast: frozenset({"id", "count", "parts", "conditions", "shared"}),
    Limit: frozenset({"id", "of", "measure", "at_least", "at_most", "at_least_share", "at_most_share"}),
    Spread: frozenset({"id", "by", "at_least", "at_most_each"}),
    Newest: frozenset({"id", "within"}),
}
# More leaves than this that contend for the same holdings are only looked at two by two, and all together.
_MOST_PAIRS = 60


@dataclass(frozen=True)
class Verdicts:
    """For each learner: surely satisfied, or perhaps; who is neither is surely not."""

    surely: Bits
    perhaps: Bits

    @property
    def undecided(self) -> Bits:
        return self.perhaps & ~self.surely


@dataclass(frozen=True)
class _Both:
    """What suffices for a part, and what it needs."""

    least: Answer
    most: Answer


def _always(sheet: Sheet) -> Bits:
    return np.ones(sheet.learners, np.bool_)


def _never(sheet: Sheet) -> Bits:
    return np.zeros(sheet.learners, np.bool_)


_OPEN = _Both(_never, _always)


class Judge:
    """One rule on one day, compiled for the kinds of holdings known when it was made."""

    def __init__(self, rule: Rule, kinds: Kinds, on: date) -> None:
        names = {name: each.names[0] for each in rule.same for name in each.names}
        self.rule = renamed(replace(rule, same=()), names) if names else rule
        self.on = on
        self.kinds = kinds.renamed(names) if names else kinds
        # Whether the verdict depends on nothing but which items are held: then learners alike are judged once.
        self.by_items_alone = True
        self.leaves: list[Taking] = []
        try:
            list(said(self.rule, _EARNING))
            self._scopes = scopes_of(self.rule.root)
            self._compile_leaves(self.rule.root)
            self._both = self._part(self.rule.root)
        except NotKnown:
            self.by_items_alone = False
            self._both = _OPEN

    def verdicts(self, sheet: Sheet) -> Verdicts:
        """Of everybody in the sheet."""
        perhaps = self._both.most(sheet)
        found = Verdicts(self._both.least(sheet) & perhaps if perhaps.any() else perhaps, perhaps)
        sheet.forget_totals()
        return found

    def kinds_asked(self) -> list[int]:
        """The kinds of holdings that any part looks at."""
        specs = [spec for fit in self._fits.values() for spec in fit.most.values()]
        return sorted({kind for spec in specs for kind, _ in spec})

    # --- what takes holdings -------------------------------------------------------------------------------------

    def _compile_leaves(self, root: Requirement) -> None:
        self._fits: dict[str, Fit] = {}
        self._by_id: dict[str, Taking] = {}
        self._weighings: dict[object, Weighing] = {}
        needed = {part.id for part in _always_needed(root)}
        self._collect(root, needed)
        # What can be taken from few is taken first.
        order = sorted(self.leaves, key=lambda each: each.size)
        for place, leaf in enumerate(order):
            leaf.rivals = [each for each in self.leaves if each is not leaf and leaf.contends_with(each)]
            leaf.before = [each for each in order[:place] if leaf.contends_with(each)]
        for leaf in self.leaves:
            if isinstance(leaf.leaf, Amount) and leaf.known:
                leaf.most_of_amount = self._most_of(leaf.leaf, leaf.fit)
            # A needed part that takes all that could ever meet it takes it from all others.
            leaf.taken = frozenset(
                item for each in leaf.rivals if each.is_needed and each.takes_all for item in each.fit.most
            )
            leaf.prepare(self.kinds)

    def _collect(self, part: Requirement, needed: Set[str]) -> None:
        leaf = self._choice(part, part.id in needed) if isinstance(part, Group) else None
        if leaf is None and isinstance(part, Leaf):
            fit = self._fit(part)
            known = fit is not None
            # What is not known may take anything from the others.
            fit = fit or Fit(dict.fromkeys(self.kinds.by_item, ()), {})
            leaf = Taking(part, fit, self._scopes[part.id], part.id in needed, known)
        if leaf is not None:
            self.leaves.append(leaf)
            self._fits[part.id] = leaf.fit
            self._note(leaf.fit)
            for each in walk(part):
                self._by_id[each.id] = leaf
        elif isinstance(part, Group):
            for each in part.parts:
                self._collect(each, needed)

    def _fit(self, part: Leaf) -> Fit | None:
        try:
            list(said(part, _FIELDS.get(type(part), frozenset())))
            return fit_of_leaf(part, self.kinds, self.on)
        except NotKnown:
            self.by_items_alone = False
            return None

    def _choice(self, group: Group, is_needed: bool) -> Taking | None:
        """A choice among single things as if it were a count of them, where that is the same."""
        count = needed_parts(group)
        if count >= len(group.parts) or group.conditions or any(True for _ in self._unknown(group)):
            return None
        if not all(isinstance(each, Holds | Passed) and not each.shared for each in group.parts):
            return None
        fits = [self._fit(each) for each in group.parts if isinstance(each, Holds | Passed)]
        found = [each for each in fits if each is not None]
        if len(found) < len(fits):
            return None
        most, least = joined(each.most for each in found), joined(each.least for each in found)
        if count != 1 and (any(len(each.most) > 1 for each in found) or len(most) < sum(len(e.most) for e in found)):
            return None
        scope = self._scopes[group.parts[0].id]
        return Taking(Count(id=group.id, at_least=count, pool=Pool()), Fit(most, least), scope, is_needed, True)

    @staticmethod
    def _unknown(part: Requirement) -> Iterator[Requirement]:
        try:
            list(said(part, _FIELDS.get(type(part), frozenset())))
        except NotKnown:
            yield part

    def _note(self, fit: Fit) -> None:
        if not fit.certain or any(days != ANY_DAY for spec in fit.most.values() for _, days in spec):
            self.by_items_alone = False

    def _part(self, part: Requirement) -> _Both:
        try:
            list(said(part, _FIELDS.get(type(part), frozenset())))
            if part.id in self._by_id:
                return self._leaf(self._by_id[part.id])
            if isinstance(part, Given):
                return self._given(part)
            if isinstance(part, Group):
                return self._group(part)
        except NotKnown:
            pass
        self.by_items_alone = False
        return _OPEN

    def _given(self, part: Given) -> _Both:
        fit = fit_of_pool(part.pool, self.kinds, self.on)
        self._fits[part.id] = fit
        self._note(fit)
        repeats, wanted = part.pool.repeats, ceil(part.at_least)
        self.by_items_alone &= not repeats

        def found(several: Several) -> Answer:
            def counted(sheet: Sheet) -> Bits:
                if repeats:
                    each = (sheet.how_often(spec) for spec in several.specs)
                    return sum(each, np.zeros(sheet.learners, np.int32)) >= wanted
                return sheet.count(several) >= wanted

            return counted

        surely = found(self.kinds.several(fit.least.values()))
        perhaps = found(self.kinds.several(fit.most.values()))

        if part.absent:
            return _Both(lambda sheet: ~perhaps(sheet), lambda sheet: ~surely(sheet))
        return _Both(surely, perhaps)

    def _group(self, group: Group) -> _Both:
        parts = [self._part(each) for each in group.parts]
        needed = needed_parts(group)
        least, most = _enough([each.least for each in parts], needed), _enough([each.most for each in parts], needed)
        if isinstance(group, All):
            most = _all_of([most, *self._together(group)])
        if not group.conditions:
            return _Both(least, most)
        return _Both(_never, _all_of([most, *self._needs_of_conditions(group)]))

    def _leaf(self, leaf: Taking) -> _Both:
        if not leaf.known:
            return _OPEN
        part = leaf.leaf
        if isinstance(part, Count | Amount) and part.pool.repeats:
            self.by_items_alone = False
            return self._repeating(leaf, part)
        free = leaf.free()
        both = self._amount(leaf, part, free) if isinstance(part, Amount) else self._count(leaf, part, free)
        over = conditions_of(part)
        if not over:
            return both
        most = [both.most, *self._needs_of_conditions(part)]
        answer = self._with_conditions(leaf)
        if answer is None:
            return _Both(_never, _all_of(most))
        # What would suffice if nobody else wanted anything is needed, too, where it is exact.
        return _Both(self._alone(leaf, answer.least), _all_of([*most, answer.most]))

    def _count(self, leaf: Taking, part: Holds | Passed | Count, free: Mapping[Item, Spec]) -> _Both:
        needed = leaf.needed
        if isinstance(part, Count) and part.at_most is not None and part.at_most < needed:
            return _Both(_never, _never)
        if len(free) < needed:
            return _Both(_never, _never)
        held, may = self.kinds.several(leaf.fit.least.values()), self.kinds.several(free.values())
        return _Both(
            lambda sheet: reached(sheet.count(held), needed, leaf.taken_before(sheet)),
            lambda sheet: reached(sheet.count(may), needed),
        )

    def _amount(self, leaf: Taking, part: Amount, free: Mapping[Item, Spec]) -> _Both:
        scale = self._scale(part)
        least = int(part.at_least * scale)
        most = None if part.at_most is None else int(part.at_most * scale)
        weight = self._weights(part.unit, scale)
        largest = max((weight(kind) for spec in leaf.fit.most.values() for kind, _ in spec), default=0)
        even = len({weight(kind) for spec in leaf.fit.most.values() for kind, _ in spec}) <= 1

        surely_held = self._weighing(leaf.fit.least.values(), part.unit, scale)
        before = leaf.only_one_before()
        only = None if before is None or most is not None else self._weighing(before, part.unit, scale)

        def suffices(sheet: Sheet) -> Bits:
            taken = leaf.taken_before(sheet)
            got = surely_held.total(sheet)
            if taken is None:
                return got >= least
            # It may leave the weightier ones to this part.
            lost = only.lightest(sheet, taken) if only is not None else taken.astype(np.int64) * largest
            return got - lost >= least

        if most is not None:
            # Taken one after another until there is enough, so much may be reached at the end.
            heaviest = (ceil(Fraction(least, largest)) * largest if even else least + largest - 1) if largest else least
            if heaviest > most:
                suffices = _never
        losses = self._certain_losses(leaf, free, part.unit, scale)
        may = self._weighing(free.values(), part.unit, scale)

        def needs(sheet: Sheet) -> Bits:
            got = may.total(sheet)
            if not losses:
                return got >= least
            lost: Numbers = np.zeros(sheet.learners, np.int64)
            for needed, elsewhere, common in losses:
                taken = np.maximum(needed - sheet.count(elsewhere).astype(np.int32), 0)
                np.maximum(lost, common.lightest(sheet, taken), out=lost)
            return got - lost >= least

        return _Both(suffices, needs)

    def _certain_losses(
        self, leaf: Taking, free: Mapping[Item, Spec], unit: Measure, scale: int
    ) -> list[tuple[int, Several, Weighing]]:
        """Of each needed count that contends: how much it takes, from what is of no use here, and from what is."""
        found = []
        for each in leaf.rivals:
            if each.is_needed and each.is_plain_count and not each.takes_all:
                specs = each.free().items()
                elsewhere = [spec for item, spec in specs if free.get(item) != spec]
                common = [spec for item, spec in specs if free.get(item) == spec]
                found.append((each.needed, self.kinds.several(elsewhere), self._weighing(common, unit, scale)))
        return found

    def _weighing(self, specs: Iterable[Spec], measure: Measure, scale: int) -> Weighing:
        wanted = (tuple(sorted(specs)), measure, scale)
        if wanted not in self._weighings:
            self._weighings[wanted] = Weighing(self.kinds, wanted[0], self.kinds.weights(measure, scale))
        return self._weighings[wanted]

    def _most_of(self, part: Amount, fit: Fit) -> int | None:
        """The most things that it takes, one after another, until there is enough."""
        scale = self._scale(part)
        weights = {self._weights(part.unit, scale)(kind) for spec in fit.most.values() for kind, _ in spec}
        return ceil(Fraction(int(part.at_least * scale), min(weights))) if weights and min(weights) > 0 else None

    def _repeating(self, leaf: Taking, part: Count | Amount) -> _Both:
        """Where each repetition counts: judged only if nothing else wants the same things."""
        scale = self._scale(part) if isinstance(part, Amount) else 1
        weight = self._weights(part.unit if isinstance(part, Amount) else "count", scale)
        needed = int(part.at_least * scale)
        alone = not leaf.rivals and not part.conditions and part.at_most is None

        def enough(sheet: Sheet, specs: Iterable[Spec]) -> Bits:
            got = np.zeros(sheet.learners, np.int64)
            for spec in specs:
                for kind, pairs in groupby(spec, key=itemgetter(0)):
                    got += sheet.how_often(tuple(pairs)) * weight(kind)
            return got >= needed

        least: Answer = (lambda sheet: enough(sheet, leaf.fit.least.values())) if alone else _never
        return _Both(least, lambda sheet: enough(sheet, leaf.fit.most.values()))

    def _scale(self, part: Amount) -> int:
        return self._scale_of(part.unit, (part.at_least, part.at_most or Decimal(0)))

    def _scale_of(self, measure: Measure, amounts: Sequence[Decimal]) -> int:
        own = (Fraction(each).denominator for each in amounts)
        return lcm(*own) if measure == "count" else lcm(self.kinds.fineness(measure), *own)

    def _weights(self, measure: Measure, scale: int) -> Callable[[int], int]:
        return self.kinds.weights(measure, scale).__getitem__

    # --- several leaves together ----------------------------------------------------------------------------------

    def _together(self, group: All) -> Iterable[Answer]:
        """Leaves that must all be met need, any two and all that contend, as many things as they take together."""
        below = {each.id for each in group.parts}
        leaves = [each for each in self.leaves if each.leaf.id in below and each.is_plain_count and not each.takes_all]
        pairs = [pair for pair in combinations(leaves, 2) if pair[0].contends_with(pair[1])]
        for pair in pairs[:_MOST_PAIRS]:
            yield self._hold_together(pair)
        contending = {id(each): each for pair in pairs for each in pair}
        if len(contending) > 2:
            yield self._hold_together(list(contending.values()))

    def _hold_together(self, leaves: Sequence[Taking]) -> Answer:
        several = self.kinds.several(joined(each.free() for each in leaves).values())
        needed = sum(each.needed for each in leaves)
        return lambda sheet: reached(sheet.count(several), needed)

    # --- conditions ------------------------------------------------------------------------------------------------

    def _needs_of_conditions(self, part: Requirement) -> Iterable[Answer]:
        """What must be held for the conditions of a part to hold, whatever it takes."""
        below = list({id(leaf): leaf for each in walk(part) if (leaf := self._by_id.get(each.id))}.values())
        self.by_items_alone &= all(isinstance(each, Limit | Spread) for each in conditions_of(part))
        if any(not isinstance(each, Leaf | Group | Given) for each in walk(part)):
            return
        if len({each.scope for each in below}) > 1:
            return
        if any(not each.known or each.repeats for each in below):
            return
        for condition in conditions_of(part):
            try:
                list(said(condition, _FIELDS.get(type(condition), frozenset())))
                if isinstance(condition, Limit) and condition.at_least is not None:
                    yield self._limit_needs(condition, condition.at_least, below)
            except NotKnown:
                continue

    def _limit_needs(self, limit: Limit, wanted: Decimal, below: Sequence[Taking]) -> Answer:
        fit = fit_of_pool(limit.of, self.kinds, self.on)
        self._fits[limit.id] = fit
        self._note(fit)
        specs = joined(each.fit.most for each in below)
        inside = [both for item, spec in specs.items() if (both := in_both(spec, fit.most.get(item, ())))]
        scale = self._scale_of(limit.measure, (wanted,))
        weighing = self._weighing(inside, limit.measure, scale)
        return lambda sheet: weighing.total(sheet) >= int(wanted * scale)

    def _with_conditions(self, leaf: Taking) -> _Both | None:
        """A leaf with conditions over it as if nothing else wanted its holdings, where that can be said of counts."""
        part = leaf.leaf
        assert isinstance(part, Count | Amount)  # noqa: S101 (other leaves have none)
        try:
            for condition in part.conditions:
                list(said(condition, _FIELDS.get(type(condition), frozenset())))
            if part.at_most is None and all(_asks_for_more(each) for each in part.conditions):
                answer = self._all_taken(leaf, part)
                answer = _once(answer)
                return _Both(answer, answer if leaf.fit.certain else _always)
            if len(part.conditions) == 1 and isinstance(part.conditions[0], Limit):
                return self._under_a_maximum(leaf, part, part.conditions[0])
        except NotKnown:
            pass
        return None

    @staticmethod
    def _alone(leaf: Taking, answer: Answer) -> Answer:
        """What suffices if no other part takes what this one may take; it may take more than its count itself."""
        if not leaf.rivals:
            return answer
        if len(leaf.before) < len(leaf.rivals):
            return _never

        def alone(sheet: Sheet) -> Bits:
            taken = leaf.taken_before(sheet)
            return answer(sheet) if taken is None else answer(sheet) & (taken == 0)

        return alone

    def _all_taken(self, leaf: Taking, part: Count | Amount) -> Answer:
        """Where nothing sets a maximum it may take everything, and each condition is met that is then met."""
        specs = leaf.fit.least
        answers: list[Answer] = [self._enough_of(part, specs)]
        for condition in part.conditions:
            answers.append(self._met_by_all(condition, specs))
        return _all_of(answers)

    def _enough_of(self, part: Count | Amount, specs: Mapping[Item, Spec]) -> Answer:
        if isinstance(part, Count):
            several = self.kinds.several(specs.values())
            return lambda sheet: reached(sheet.count(several), part.at_least)
        scale = self._scale(part)
        weight = self._weights(part.unit, scale)
        for spec in specs.values():
            self._same(spec, weight)
        weighing = self._weighing(specs.values(), part.unit, scale)
        return lambda sheet: weighing.total(sheet) >= int(part.at_least * scale)

    def _met_by_all(self, condition: Condition, specs: Mapping[Item, Spec]) -> Answer:
        match condition:
            case Limit(at_least=wanted, measure=measure) if wanted is not None:
                scale = self._scale_of(measure, (wanted,))
                weight = self._weights(measure, scale)
                inside = self._surely_inside(condition, specs, weight)
                weighing = self._weighing(inside.values(), measure, scale)
                return lambda sheet: weighing.total(sheet) >= int(wanted * scale)
            case Spread(by=by, at_least=least) if least is not None:
                kinds = self.kinds.holdings
                values: dict[str, list[Spec]] = defaultdict(list)
                for spec in specs.values():
                    found = {value_of(kinds[kind], by) for kind, _ in spec}
                    # Of a kind of holding the dates are not known.
                    if len(found) > 1 or by in ("year", "month", "day"):
                        raise NotKnown
                    values[found.pop()].append(spec)
                groups = [self.kinds.several(each) for each in values.values()]
                return lambda sheet: (
                    sum((sheet.count(each) > 0).astype(np.int32) for each in groups)
                    + np.zeros(sheet.learners, np.int32)
                    >= least
                )
        raise NotKnown

    def _surely_inside(
        self, limit: Limit, specs: Mapping[Item, Spec], weight: Callable[[int], int]
    ) -> dict[Item, Spec]:
        """The items that are in the pool of the limit by whichever holding they count; NotKnown if that is not sure."""
        fit = fit_of_pool(limit.of, self.kinds, self.on)
        self._fits[limit.id] = fit
        self._note(fit)
        if not fit.certain:
            raise NotKnown
        inside: dict[Item, Spec] = {}
        for item, spec in specs.items():
            self._same(spec, weight)
            found = set(fit.most.get(item, ()))
            if found.issuperset(spec) or {(kind, ANY_DAY) for kind, _ in spec} <= found:
                inside[item] = spec
            elif not {kind for kind, _ in spec}.isdisjoint(kind for kind, _ in found):
                raise NotKnown
        return inside

    @staticmethod
    def _same(spec: Spec, weight: Callable[[int], int]) -> None:
        if len({weight(kind) for kind, _ in spec}) > 1:
            raise NotKnown

    def _under_a_maximum(self, leaf: Taking, part: Count | Amount, limit: Limit) -> _Both | None:
        """What lies outside of a maximum counts whole, and of what lies inside as much as is allowed."""
        measure: Measure = "count" if isinstance(part, Count) else part.unit
        others = (limit.at_least, limit.at_least_share, limit.at_most_share)
        if limit.at_most is None or limit.measure != measure or any(each is not None for each in others):
            return None
        amounts = (Decimal(part.at_least), limit.at_most, Decimal(part.at_most or 0))
        scale = self._scale_of(measure, amounts)
        weight = self._weights(measure, scale)
        specs = leaf.fit.least
        for spec in specs.values():
            self._same(spec, weight)
        inside = self._surely_inside(limit, specs, weight)
        outside = self._weighing([spec for item, spec in specs.items() if item not in inside], measure, scale)
        within = self._weighing(inside.values(), measure, scale)
        most, wanted = int(limit.at_most * scale), int(Decimal(part.at_least) * scale)

        @_once
        def answer(sheet: Sheet) -> Bits:
            return outside.total(sheet) + within.best_below(sheet, most) >= wanted

        is_exact = leaf.fit.certain and within.is_exact_below(most)
        exact = answer if is_exact else _always
        if part.at_most is not None:
            # One after another until there is enough: the last may pass the maximum.
            largest = max((weight(kind) for spec in specs.values() for kind, _ in spec), default=0)
            if wanted + largest - 1 > int(Decimal(part.at_most) * scale):
                return _Both(_never, exact)
        return _Both(answer, exact)


def _always_needed(part: Requirement) -> Iterable[Requirement]:
    """The parts without which the whole cannot be met."""
    yield part
    if isinstance(part, Group) and needed_parts(part) == len(part.parts):
        for each in part.parts:
            yield from _always_needed(each)


def _once(answer: Answer) -> Answer:
    """What suffices and is needed is worked out once."""

    def kept(sheet: Sheet) -> Bits:
        found = sheet.totals.get(answer)
        if found is None:
            found = sheet.totals[answer] = answer(sheet)
        return found

    return kept


def _enough(answers: Sequence[Answer], needed: int) -> Answer:
    if needed >= len(answers):
        return _all_of(answers) if needed == len(answers) else _never
    if needed == 1:
        return lambda sheet: reduce(np.logical_or, (answer(sheet) for answer in answers))

    def several(sheet: Sheet) -> Bits:
        met = np.zeros(sheet.learners, np.uint16)
        for answer in answers:
            met += answer(sheet)
        return met >= needed

    return several


def _all_of(answers: Sequence[Answer]) -> Answer:
    def together(sheet: Sheet) -> Bits:
        found = answers[0](sheet)
        for answer in answers[1:]:
            if not found.any():
                return found
            found = found & answer(sheet)
        return found

    return together


def _asks_for_more(condition: Condition) -> bool:
    """Whether more of everything never hurts it."""
    match condition:
        case Limit(at_least=wanted, at_most=None, at_least_share=None, at_most_share=None):
            return wanted is not None
        case Spread(at_least=least, at_most_each=None):
            return least is not None
    return False
