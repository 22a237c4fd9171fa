"""What is known while one rule is compiled: the kinds of holdings, what parts say, and what stays open."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm

from pathways.population.columns import ANY_DAY, Kinds, Spec
from pathways.population.counting import Weighing
from pathways.population.fitting import Fit, NotKnown, fit_of_leaf, fit_of_pool, said
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Given,
    Holds,
    Leaf,
    Limit,
    Measure,
    Newest,
    Passed,
    Pool,
    Rule,
    Spread,
)

# What a rule says of how an award lasts, and what it bears, does not matter to whether it is earned.
_EARNING = frozenset(
    {
        "root", "lasts", "grace", "grace_to_year_end", "validity", "valid_from", "renewal", "keep", "reinstatement",
        "falls_for_good", "results", "same",
    }
)  # fmt: skip
_FIELDS: Mapping[type, frozenset[str]] = {
    Holds: frozenset({"id", "any_of", "where", "shared"}),
    Passed: frozenset({"id", "assessment", "where", "shared"}),
    Count: frozenset({"id", "at_least", "pool", "at_most", "conditions", "shared"}),
    Amount: frozenset({"id", "at_least", "pool", "at_most", "unit", "conditions", "shared", "divisible"}),
    Given: frozenset({"id", "pool", "at_least", "absent"}),
    All: frozenset({"id", "parts", "conditions", "shared"}),
    AnyOf: frozenset({"id", "parts", "conditions", "shared"}),
    AtLeast: frozenset({"id", "count", "parts", "conditions", "shared"}),
    Limit: frozenset({"id", "of", "measure", "at_least", "at_most", "at_least_share", "at_most_share"}),
    Spread: frozenset({"id", "by", "at_least", "at_most_each"}),
    Newest: frozenset({"id", "within"}),
}


class Knowing:
    """Of one rule, on one day, for the kinds of holdings known now."""

    def __init__(self, kinds: Kinds, on: date) -> None:
        self.kinds = kinds
        self.on = on
        # Whether the verdict depends on nothing but which items are held: then learners alike are judged once.
        self.by_items_alone = True
        # What only the exact evaluator can judge, by part or condition, in the words of the language.
        self.left_open: dict[str, str] = {}
        self.fits: dict[str, Fit] = {}
        self._weighings: dict[object, Weighing] = {}

    def note_open(self, node: str, why: str) -> None:
        """Note that the columns cannot tell of everybody whether this part or condition is met."""
        self.left_open.setdefault(node, why)

    def leave_open(self, node: str, why: NotKnown) -> None:
        """Note that the columns say nothing of it; what it looks at may be more than which items are held."""
        self.note_open(node, str(why))
        self.by_items_alone = False

    def check(self, part: object) -> None:
        """Raise NotKnown where a part or condition says what nobody here knows."""
        list(said(part, _FIELDS.get(type(part), frozenset())))

    def check_rule(self, rule: Rule) -> None:
        list(said(rule, _EARNING))

    def fit_of_leaf(self, leaf: Leaf) -> Fit:
        return fit_of_leaf(leaf, self.kinds, self.on)

    def fit_of_pool(self, node: str, pool: Pool) -> Fit:
        """The holdings in a pool that a part or condition looks at."""
        found = self.fits[node] = fit_of_pool(pool, self.kinds, self.on)
        self.note(found)
        return found

    def note(self, fit: Fit) -> None:
        """Where days or the learner matter, not only which items are held."""
        if not fit.certain or any(days != ANY_DAY for spec in fit.most.values() for _, days in spec):
            self.by_items_alone = False

    def weighing(self, specs: Iterable[Spec], measure: Measure, scale: int) -> Weighing:
        wanted = (tuple(sorted(specs)), measure, scale)
        if wanted not in self._weighings:
            self._weighings[wanted] = Weighing(self.kinds, wanted[0], self.kinds.weights(measure, scale))
        return self._weighings[wanted]

    def scale(self, part: Amount) -> int:
        """In how many parts of one an amount is a whole number."""
        return self.scale_of(part.unit, (part.at_least, part.at_most or Decimal(0)))

    def scale_of(self, measure: Measure, amounts: Sequence[Decimal]) -> int:
        own = (Fraction(each).denominator for each in amounts)
        return lcm(*own) if measure == "count" else lcm(self.kinds.fineness(measure), *own)

    def weights(self, measure: Measure, scale: int) -> Callable[[int], int]:
        return self.kinds.weights(measure, scale).__getitem__
