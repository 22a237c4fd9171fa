"""Judges a rule for all learners at once: surely satisfied, surely not, or left to the exact evaluator.

Each part is compiled to two answers. At the most: what must hold for it to be satisfied, as if nothing counted
elsewhere. At the least: what suffices, whatever the parts before it in a fixed order have taken. Between the two, and
wherever a part says what is not known here, nothing is claimed.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from math import ceil

import numpy as np

from pathways.population import amounts
from pathways.population.answers import OPEN, Answer, Both, all_of, enough, never
from pathways.population.columns import Bits, Kinds, Several, Sheet
from pathways.population.conditions import alone, needs_of_conditions, with_conditions
from pathways.population.contending import Taking, scopes_of
from pathways.population.counting import joined, reached
from pathways.population.fitting import Fit, NotKnown
from pathways.population.knowing import Knowing
from pathways.rules.equivalence import renamed
from pathways.rules.made_up.weaker import at_the_least
from pathways.rules.requirement import (
    All,
    Amount,
    Count,
    Given,
    Graded,
    Group,
    Holds,
    Leaf,
    Passed,
    Pool,
    Requirement,
    Rule,
    conditions_of,
    needed_parts,
    walk,
)

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


class Judge:
    """One rule on one day, compiled for the kinds of holdings known when it was made."""

    def __init__(self, rule: Rule, kinds: Kinds, on: date) -> None:
        names = {name: each.names[0] for each in rule.same for name in each.names}
        self.rule = renamed(replace(rule, same=()), names) if names else rule
        self.on = on
        self.kinds = kinds.renamed(names) if names else kinds
        self._knowing = Knowing(self.kinds, on)
        self.leaves: list[Taking] = []
        try:
            self._knowing.check_rule(self.rule)
            self._scopes = scopes_of(self.rule.root)
            self._compile_leaves(self.rule.root)
            self._both = self._part(self.rule.root)
        except NotKnown as why:
            self._knowing.leave_open(rule.root.id, why)
            self._both = OPEN

    @property
    def by_items_alone(self) -> bool:
        """Whether the verdict depends on nothing but which items are held: then learners alike are judged once."""
        return self._knowing.by_items_alone

    @property
    def left_open(self) -> Mapping[str, str]:
        """Of which parts and conditions the columns cannot tell of everybody whether they are met, and why."""
        return self._knowing.left_open

    def verdicts(self, sheet: Sheet) -> Verdicts:
        """Of everybody in the sheet."""
        perhaps = self._both.most(sheet)
        found = Verdicts(self._both.least(sheet) & perhaps if perhaps.any() else perhaps, perhaps)
        sheet.forget_totals()
        return found

    def kinds_asked(self) -> list[int]:
        """The kinds of holdings that any part looks at."""
        specs = [spec for fit in self._knowing.fits.values() for spec in fit.most.values()]
        return sorted({kind for spec in specs for kind, _ in spec})

    # --- what takes holdings -------------------------------------------------------------------------------------

    def _compile_leaves(self, root: Requirement) -> None:
        self._by_id: dict[str, Taking] = {}
        needed = {part.id for part in _always_needed(root)}
        self._collect(root, needed)
        # What can be taken from few is taken first.
        order = sorted(self.leaves, key=lambda each: each.size)
        for place, leaf in enumerate(order):
            leaf.rivals = [each for each in self.leaves if each is not leaf and leaf.contends_with(each)]
            leaf.before = [each for each in order[:place] if leaf.contends_with(each)]
        for leaf in self.leaves:
            if isinstance(leaf.leaf, Amount) and leaf.known:
                leaf.most_of_amount = amounts.most_of(self._knowing, leaf.leaf, leaf.fit)
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
            self._knowing.fits[part.id] = leaf.fit
            self._knowing.note(leaf.fit)
            for each in walk(part):
                self._by_id[each.id] = leaf
        elif isinstance(part, Group):
            for each in part.parts:
                self._collect(each, needed)

    def _fit(self, part: Leaf) -> Fit | None:
        try:
            self._knowing.check(part)
            return self._knowing.fit_of_leaf(part)
        except NotKnown as why:
            self._knowing.leave_open(part.id, why)
            return None

    def _choice(self, group: Group, is_needed: bool) -> Taking | None:
        """A choice among single things as if it were a count of them, where that is the same."""
        count = needed_parts(group)
        if count >= len(group.parts) or group.conditions or not self._knows(group):
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

    def _knows(self, part: Requirement) -> bool:
        try:
            self._knowing.check(part)
        except NotKnown:
            return False
        return True

    def _part(self, part: Requirement) -> Both:
        try:
            if not isinstance(part, Graded):
                self._knowing.check(part)
            if part.id in self._by_id:
                return self._leaf(self._by_id[part.id])
            if isinstance(part, Given):
                return self._given(part)
            if isinstance(part, Group):
                return self._group(part)
            if isinstance(part, Graded):
                return self._graded(part)
            raise NotKnown(type(part).__name__)
        except NotKnown as why:
            self._knowing.leave_open(part.id, why)
            return OPEN

    def _given(self, part: Given) -> Both:
        fit = self._knowing.fit_of_pool(part.id, part.pool)
        repeats, wanted = part.pool.repeats, ceil(part.at_least)
        self._knowing.by_items_alone &= not repeats

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
            return Both(lambda sheet: ~perhaps(sheet), lambda sheet: ~surely(sheet))
        return Both(surely, perhaps)

    def _graded(self, part: Graded) -> Both:
        """Grades average so much only if one of them is so high; of whom that is so, the exact evaluator is asked."""
        self._knowing.leave_open(part.id, NotKnown("Graded"))
        needed = at_the_least(part)
        if not isinstance(needed, Given) or needed.at_least <= 0:
            return OPEN
        return Both(never, self._given(needed).most)

    def _group(self, group: Group) -> Both:
        parts = [self._part(each) for each in group.parts]
        needed = needed_parts(group)
        least, most = enough([each.least for each in parts], needed), enough([each.most for each in parts], needed)
        if isinstance(group, All):
            most = all_of([most, *self._together(group)])
        if not group.conditions:
            return Both(least, most)
        self._knowing.note_open(group.id, "conditions over several parts")
        return Both(never, all_of([most, *self._needs_of_conditions(group)]))

    def _needs_of_conditions(self, part: Requirement) -> Iterable[Answer]:
        below = {id(leaf): leaf for each in walk(part) if (leaf := self._by_id.get(each.id))}
        return needs_of_conditions(self._knowing, part, list(below.values()))

    def _leaf(self, leaf: Taking) -> Both:
        if not leaf.known:
            return OPEN
        part = leaf.leaf
        if isinstance(part, Count | Amount) and leaf.repeats:
            self._knowing.by_items_alone = False
            return amounts.repeating(self._knowing, leaf, part)
        free = leaf.free()
        knowing = self._knowing
        both = (
            amounts.amount(knowing, leaf, part, free)
            if isinstance(part, Amount)
            else amounts.count(knowing, leaf, part, free)
        )
        over = conditions_of(part)
        if not over:
            return both
        most = [both.most, *self._needs_of_conditions(part)]
        answer = with_conditions(self._knowing, leaf)
        if answer is None:
            return Both(never, all_of(most))
        # What would suffice if nobody else wanted anything is needed, too, where it is exact.
        return Both(alone(leaf, answer.least), all_of([*most, answer.most]))

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


def _always_needed(part: Requirement) -> Iterable[Requirement]:
    """The parts without which the whole cannot be met."""
    yield part
    if isinstance(part, Group) and needed_parts(part) == len(part.parts):
        for each in part.parts:
            yield from _always_needed(each)
