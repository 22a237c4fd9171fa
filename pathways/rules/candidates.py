"""Which holdings may count in which part, judged once for a case, and which of them stand for the same."""

from collections.abc import Hashable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from operator import is_

from pathways.rules.case import Case
from pathways.rules.checks import check_met
from pathways.rules.eligible import weighed, why_not
from pathways.rules.record import Holding
from pathways.rules.requirement import Amount, Check, Count, Group, Leaf, Requirement, conditions_of, needed_parts, walk

# Within one scope (the rule, or a part that shares) an achievement or assessment counts once.
ItemKey = tuple[str, str, str]
# Choices of the one holding that stands for each achievement that is both counted once and repeated.
MAX_VARIANTS = 64


@dataclass(frozen=True)
class Variant:
    """Which holding stands for an achievement both counted once and repeated; or that its holdings are kept apart."""

    standing_in: Mapping[ItemKey, str]
    apart: frozenset[ItemKey] = frozenset()


def scopes(root: Requirement) -> dict[str, str]:
    """For each part, the nearest part at or above it that shares (none: the whole rule)."""
    found: dict[str, str] = {}

    def visit(part: Requirement, scope: str) -> None:
        scope = part.id if not isinstance(part, Check) and part.shared else scope
        found[part.id] = scope
        if isinstance(part, Group):
            for each in part.parts:
                visit(each, scope)

    visit(root, "")
    return found


class Candidates:
    """Which holdings may count in which leaf, judged once for a rule, a record and a day."""

    def __init__(self, case: Case, past: Mapping[str, bool]) -> None:
        self.case = case
        rule, record, on, pins = case.rule, case.record, case.on, case.pins
        self.scope = scopes(rule.root)
        self.leaves: list[Leaf] = [part for part in walk(rule.root) if isinstance(part, Leaf)]
        self.checks = {
            part.id: check_met(part, record, on, past) for part in walk(rule.root) if isinstance(part, Check)
        }
        # One order for everything, so that the order of the record never matters.
        self.holdings = sorted(record.holdings, key=lambda each: (each.earned_on, each.id))
        self.reasons = {leaf.id: [why_not(each, leaf, record, on) for each in self.holdings] for leaf in self.leaves}
        for node, held in (*case.closed, *case.opened):
            place = next(number for number, each in enumerate(self.holdings) if each.id == held)
            self.reasons[node][place] = "pinned" if (node, held) in case.closed else None
        self.has_conditions = any(conditions_of(part) for part in walk(rule.root))
        self.pinned = frozenset(pins)
        below = {part.id: {each.id for each in walk(part)} for part in walk(rule.root) if part.id in pins.values()}
        for leaf in self.leaves if below else ():
            for place, each in enumerate(self.holdings):
                chosen = below.get(pins.get(each.id, ""))
                if chosen is None or leaf.id in chosen or self.reasons[leaf.id][place] is not None:
                    continue
                # A part that shares takes nothing from the one that was chosen.
                if self.scope[leaf.id] in {self.scope[part] for part in chosen}:
                    self.reasons[leaf.id][place] = "pinned"
        self.fitting = {
            leaf.id: [each for each, reason in zip(self.holdings, self.reasons[leaf.id], strict=True) if reason is None]
            for leaf in self.leaves
        }

    def possible(self) -> "Candidates | None":
        """The same of the rule without the choices that these holdings cannot meet; none if they cannot meet the rule.

        The verdict is the same, and a long rule is searched only where the learner has something.
        """
        root = self._possible(self.case.rule.root, under=False)
        if root is None or root is self.case.rule.root:
            return self if root else None
        left = copy(self)
        left.case = replace(self.case, rule=replace(self.case.rule, root=root))
        left.leaves = [part for part in walk(root) if isinstance(part, Leaf)]
        return left

    def _possible(self, part: Requirement, *, under: bool) -> Requirement | None:
        """The part without what cannot be met in it, or none. What a condition looks at is left as it is written."""
        if isinstance(part, Check):
            return part if self.checks[part.id] else None
        if not isinstance(part, Group):
            return part if len(self.fitting[part.id]) >= _least(part) else None
        under = under or bool(part.conditions)
        found = [self._possible(each, under=under) for each in part.parts]
        parts = tuple(each for each in found if each is not None)
        if len(parts) < needed_parts(part):
            return None
        is_same = len(parts) == len(part.parts) and all(map(is_, parts, part.parts))
        return part if under or is_same else replace(part, parts=parts)

    @property
    def alike(self) -> Hashable:
        """What fits where, and which parts that take nothing are met: days on which this is the same are alike."""
        fits = tuple(tuple(reason is None for reason in reasons) for reasons in self.reasons.values())
        return fits, tuple(self.checks.values())

    def variants(self) -> Iterator[Variant]:
        """Where repetition counts in one part and not in another of the same scope: each choice of the one holding
        that stands for its achievement in the parts where repetition does not count. If there are too many choices,
        the holdings are kept apart, and that each achievement counts once there is for the packing to see to."""
        loose: dict[ItemKey, None] = {}
        for leaf in self.leaves:
            if repeats(leaf):
                for each in self.fitting[leaf.id]:
                    loose.setdefault((self.scope[leaf.id], family(each), each.key))
        # Of holdings that can do the same in every part one stands for all.
        alike: dict[ItemKey, dict[tuple[object, ...], str]] = {}
        for leaf in self.leaves:
            for each in () if repeats(leaf) else self.fitting[leaf.id]:
                key = (self.scope[leaf.id], family(each), each.key)
                if key in loose:
                    alike.setdefault(key, {}).setdefault(self._abilities(each), each.id)
        contested = {key: list(ids.values()) for key, ids in alike.items()}
        if prod(len(each) for each in contested.values()) > MAX_VARIANTS:
            yield Variant({}, frozenset(contested))
            return
        for chosen in product(*contested.values()):
            yield Variant(dict(zip(contested, chosen, strict=True)))

    def _abilities(self, holding: Holding) -> tuple[object, ...]:
        fits = [leaf for leaf in self.leaves if any(each.id == holding.id for each in self.fitting[leaf.id])]
        record, on = self.case.record, self.case.on
        amounts = [weighed(holding, leaf.unit, leaf.rates, record, on) for leaf in fits if isinstance(leaf, Amount)]
        # A condition may look at anything that a holding is, and at who else uses it.
        beside = replace(holding, id="") if self.has_conditions else None
        used = tuple(holding.id in other.uses for other in record.others) if self.has_conditions else ()
        return tuple(leaf.id for leaf in fits), tuple(amounts), beside, used


def _least(leaf: Leaf) -> int:
    """So many holdings at the least, whichever they are."""
    match leaf:
        case Count(at_least=least):
            return least
        case Amount(at_least=least):
            return int(least > 0)
    return 1


def repeats(leaf: Requirement) -> bool:
    """Whether the same achievement earned twice counts twice in this part."""
    return isinstance(leaf, Count | Amount) and (leaf.pool.repeats or (isinstance(leaf, Amount) and leaf.divisible))


def family(holding: Holding) -> str:
    # An award and a recognised credential of the same achievement are that achievement held twice.
    return "grade" if holding.kind == "grade" else "award"
