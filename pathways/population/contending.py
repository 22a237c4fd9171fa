"""The parts of a rule that take holdings, and which of them want the same things."""

import numpy as np

from pathways.population.columns import Item, Kinds, Numbers, Several, Sheet, Spec
from pathways.population.fitting import Fit
from pathways.rules.candidates import repeats
from pathways.rules.requirement import Amount, Count, Group, Leaf, Requirement


def scopes_of(root: Requirement) -> dict[str, str]:
    """For each part, the nearest part at or above it that shares (none: the whole rule), whatever kinds there are."""
    found: dict[str, str] = {}

    def visit(part: Requirement, scope: str) -> None:
        scope = part.id if getattr(part, "shared", False) else scope
        found[part.id] = scope
        for each in part.parts if isinstance(part, Group) else ():
            visit(each, scope)

    visit(root, "")
    return found


class Taking:
    """A part that takes holdings, among those that may want the same."""

    def __init__(self, leaf: Leaf, fit: Fit, scope: str, is_needed: bool, known: bool) -> None:
        self.leaf = leaf
        self.fit = fit
        self.scope = scope
        self.is_needed = is_needed
        self.known = known
        self.rivals: list[Taking] = []
        self.before: list[Taking] = []
        self.taken: frozenset[Item] = frozenset()
        self.most_of_amount: int | None = None
        self._before: list[tuple[Taking, Several, Several]] = []

    @property
    def size(self) -> int:
        return len(self.fit.most)

    @property
    def repeats(self) -> bool:
        return repeats(self.leaf)

    @property
    def needed(self) -> int:
        """How many things suffice, if it is a count."""
        return self.leaf.at_least if isinstance(self.leaf, Count) else 1

    def only_one_before(self) -> list[Spec] | None:
        """What a single count before it, which comes first of all, may take of what this one could; else none."""
        if len(self.before) != 1:
            return None
        [rival] = self.before
        common = [item for item in self.fit.least if item in rival.fit.most]
        alike = all(rival.fit.least.get(item) == self.fit.least[item] for item in common)
        if rival.before or not rival.is_plain_count or not alike:
            return None
        return [self.fit.least[item] for item in common]

    @property
    def takes_all(self) -> bool:
        """Whether it is met only by everything that could ever meet it."""
        return self.is_plain_count and self.needed >= self.size

    @property
    def is_plain_count(self) -> bool:
        return self.known and not self.repeats and not isinstance(self.leaf, Amount)

    def contends_with(self, other: "Taking") -> bool:
        return self.scope == other.scope and not self.fit.most.keys().isdisjoint(other.fit.most)

    def free(self) -> dict[Item, Spec]:
        return {item: spec for item, spec in self.fit.most.items() if item not in self.taken}

    def most_taken(self) -> int | None:
        """So many things are the most that it takes to be met; none if that is not known."""
        if not self.known or self.repeats:
            return None
        if not isinstance(self.leaf, Amount):
            return self.needed
        return self.most_of_amount

    def taken_before(self, sheet: Sheet) -> Numbers | None:
        """How many of the things that it could take the parts before it may have taken, each its own things first."""
        if not self.before:
            return None
        found = np.zeros(sheet.learners, np.int32)
        for rival, common_items, own in self._before:
            common = sheet.count(common_items).astype(np.int32)
            most = rival.most_taken()
            if most is not None:
                common = np.minimum(common, np.maximum(most - sheet.count(own).astype(np.int32), 0))
            found += common
        return found

    def prepare(self, kinds: Kinds) -> None:
        """Work out once what the parts before this one may take of it, and what they have for themselves alone."""
        self._before = [
            (each, kinds.several(self._common_with(each)), kinds.several(each.own())) for each in self.before
        ]

    def _common_with(self, rival: "Taking") -> list[Spec]:
        return [spec for item, spec in self.fit.least.items() if item in rival.fit.most]

    def own(self) -> list[Spec]:
        """What nothing else wants."""
        return [spec for item, spec in self.fit.least.items() if not any(item in each.fit.most for each in self.rivals)]
