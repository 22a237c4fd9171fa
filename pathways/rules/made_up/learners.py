"""What may be held and known of in a made-up world, and the learners who have so much of it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pathways.rules.eligible import in_pool
from pathways.rules.record import Holding, HoldingKind, Record
from pathways.rules.requirement import Given, Period
from pathways.rules.subsets import Vector


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the catalogue offers: what an award of it, or a grade of an assessment, brings to a rule.

    `hours` are also the time that it takes to earn; `pass_grade` is the pass mark of an assessment, in percent.
    """

    key: str
    kind: HoldingKind = "award"
    credits: Decimal = Decimal(0)
    hours: Decimal = Decimal(0)
    points: Decimal = Decimal(0)
    amounts: tuple[tuple[str, Decimal], ...] = ()
    level: int | None = None
    issuer: str = ""
    subject: str = ""
    achievement_kind: str = ""
    tags: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    valid_for: Period | None = None
    pass_grade: Decimal = Decimal(50)


@dataclass(frozen=True)
class Held:
    """A made-up holding, the kinds of the qualifications that have used it, and by which parts it was made up for."""

    holding: Holding
    used_in: frozenset[str] = frozenset()
    looked_at_by: frozenset[str] = frozenset()


SignOff = tuple[str, str]
Thing = Held | SignOff


@dataclass(frozen=True)
class Land:
    """One set of facts about a learner, and chains of things that are alike: whoever has the third has the first two.

    `held` are pools of which the learners of this land hold enough to fail a part that forbids it.
    """

    facts: Mapping[str, str]
    chains: tuple[tuple[Thing, ...], ...]
    held: tuple[Given, ...] = ()

    @property
    def full(self) -> Vector:
        return tuple(len(chain) for chain in self.chains)

    def looked_at_by(self, nodes: Set[str]) -> Vector:
        """All that any of these parts and conditions looks at, and as much of what is alike as comes before it."""
        return tuple(
            max((many for many, thing in enumerate(chain, start=1) if _is_for(thing, nodes)), default=0)
            for chain in self.chains
        )

    def record(self, vector: Vector) -> Record:
        """The learner who has so many things of each chain."""
        things = [thing for chain, many in zip(self.chains, vector, strict=True) for thing in chain[:many]]
        held = [thing for thing in things if isinstance(thing, Held)]
        return Record(
            holdings=tuple(each.holding for each in held),
            facts=self.facts,
            used_in={each.holding.id: each.used_in for each in held if each.used_in},
            sign_offs=frozenset(thing for thing in things if not isinstance(thing, Held)),
        )

    def holds_enough(self, vector: Vector, on: date) -> bool:
        """Whether the learner who has so many holds what the land says that its learners hold."""
        if not self.held:
            return True
        record = self.record(vector)
        for given in self.held:
            found = {each.key for each in record.holdings if in_pool(each, given.pool, record, on)}
            if len(found) < given.at_least:
                return False
        return True


def _is_for(thing: Thing, nodes: Set[str]) -> bool:
    return not nodes.isdisjoint(thing.looked_at_by) if isinstance(thing, Held) else thing[0] in nodes
