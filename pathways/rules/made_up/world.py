"""A made-up world: who may live in it, and the search for somebody in it who meets a rule or tells two apart."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, islice

from pathways.rules.effort import TooCostlyError
from pathways.rules.evaluate import satisfied
from pathways.rules.made_up.asked import Asked
from pathways.rules.made_up.holdings import Chains
from pathways.rules.made_up.lands import lands
from pathways.rules.made_up.learners import Entry, Land
from pathways.rules.pieces import every_part
from pathways.rules.record import Record
from pathways.rules.requirement import Amount, Looking, Requirement, Rule, conditions_of, walk
from pathways.rules.subsets import OutOfSteps, Unexplored, Vector, grown, least_sets, shrunk

# Parts times holdings that count as one learner judged: then each takes a fraction of a millisecond. With nothing held
# a part still has to be read, which takes as long as this many holdings do. Sums, and parts under conditions, take
# longer than what is counted, and a part that looks at other days asks about each of them.
LIGHT, READING = 600, 10
SUM_WEIGHT, LOOKING_WEIGHT = 4, 12
# Where more may hurt, so many who have two things only are tried, too.
MOST_PAIRS = 40


class TooCostly(Exception):
    """A made-up learner whom the evaluation cannot judge within its own bound."""

    def __init__(self, record: Record) -> None:
        super().__init__("a learner costs too much to judge")
        self.record = record


@dataclass
class Budget:
    """How much may be judged in all, and how much for one question: a learner costs 1, or more under a large rule."""

    most: int
    most_each: int
    spent: int = 0
    tried: int = 0
    _until: int | None = None

    def spend(self, cost: int) -> None:
        """Count one learner, who costs so much to judge."""
        if self.spent >= (self.most if self._until is None else self._until):
            raise OutOfSteps
        self.spent += cost
        self.tried += 1

    @contextmanager
    def question(self) -> Iterator[None]:
        """Within it, no more are judged than one question may cost."""
        self._until = min(self.most, self.spent + self.most_each)
        try:
            yield
        finally:
            self._until = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A learner as asked for, or none; `proved` says that there is none among all that the catalogue allows."""

    record: Record | None
    proved: bool
    tried: int


@dataclass
class World:
    """All that may be held, signed and known by those who are judged by these rules, on one day."""

    rules: Sequence[Rule]
    catalogue: Sequence[Entry]
    on: date
    budget: Budget
    complete: bool = True
    lands: tuple[Land, ...] = ()
    matched: set[str] = field(default_factory=set)
    # By the identity of the rule: its hash would be that of the whole tree, each time.
    _judged: dict[tuple[int, int, Vector], bool] = field(default_factory=dict)
    _asked: dict[int, tuple[Rule, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        asked = Asked(self.rules, self.catalogue, self.on)
        chains = Chains(asked)
        self.lands = tuple(lands(asked, chains))
        self.matched = chains.matched
        self.complete = self.complete and asked.complete

    # Judging

    def judge(self, rule: Rule, place: int, vector: Vector) -> bool:
        """The evaluator's own verdict, asked once for each learner."""
        key = (id(rule), place, vector)
        if key not in self._judged:
            self._judged[key] = self.verdict(rule, self.lands[place].record(vector))
        return self._judged[key]

    def verdict(self, rule: Rule, record: Record) -> bool:
        if id(rule) not in self._asked:
            self._asked[id(rule)] = rule, sum(_weight(part) for part in every_part(rule.root))
        self.budget.spend(1 + self._asked[id(rule)][1] * (READING + len(record.holdings)) // LIGHT)
        try:
            return satisfied(rule, record, self.on)
        except TooCostlyError as error:
            raise TooCostly(record) from error

    def reachable(self, rule: Rule) -> tuple[int, Vector] | None:
        """Whether somebody who has everything meets the rule: then the land, and all there is in it."""
        for place, land in enumerate(self.lands):
            if land.holds_enough(land.full, self.on) and self.judge(rule, place, land.full):
                return place, land.full
        return None

    def least(self, rule: Rule) -> Record | None:
        """Somebody who meets the rule and would not with anything less."""
        found = self.reachable(rule)
        if found is None:
            return None
        place, vector = found
        return self.lands[place].record(shrunk(vector, lambda each: self.judge(rule, place, each)))

    def differ(self, meets: Rule, fails: Rule, *, likely: Rule | None = None) -> Outcome:
        """Somebody who meets the one rule and fails the other, or the proof or the guess that there is nobody.

        Whoever has what the rule `likely` looks at, and no more, is tried before all others.
        """
        before = self.budget.tried
        proved = self.complete
        try:
            with self.budget.question():
                for place in range(len(self.lands)):
                    found = self._differ_in(place, meets, fails, likely)
                    if found is not None:
                        return Outcome(record=found, proved=True, tried=self.budget.tried - before)
        except OutOfSteps:
            proved = False
        return Outcome(record=None, proved=proved, tried=self.budget.tried - before)

    def _differ_in(self, place: int, meets: Rule, fails: Rule, likely: Rule | None) -> Record | None:
        land = self.lands[place]
        wanted, accepted = self._wanted(place, meets), self._wanted(place, fails)
        if likely is not None:
            few = land.looked_at_by(_nodes(likely))
            if wanted(few) and not accepted(few):
                return land.record(few)
        if not wanted(land.full):
            return None
        map_ = Unexplored(land.full)
        # Who has little is soon judged.
        vector: Vector | None = land.looked_at_by(_nodes(meets))
        while vector is not None:
            if wanted(vector):
                least = shrunk(vector, wanted)
                if not accepted(least):
                    return land.record(least)
                map_.rule_out_above(shrunk(least, accepted))
            else:
                map_.rule_out_below(grown(vector, land.full, wanted))
            vector = map_.next()
        # Where more may hurt, who has little was accepted, and who has more is perhaps not.
        others = () if self.complete else (land.full, *islice(pairs(land.full), MOST_PAIRS))
        found = (each for each in others if wanted(each) and not accepted(each))
        return next(
            (land.record(shrunk(each, lambda less: wanted(less) and not accepted(less))) for each in found), None
        )

    def sets(self, rule: Rule, most: int) -> Iterator[Record]:
        """Different least sets that meet the rule, at most so many."""
        found = (
            land.record(least)
            for place, land in enumerate(self.lands)
            for least in least_sets(land.full, self._wanted(place, rule))
        )
        yield from islice(found, most)

    def _wanted(self, place: int, rule: Rule) -> Callable[[Vector], bool]:
        """Whether a learner of this land meets the rule; the larger the vector, the sooner."""
        land = self.lands[place]
        return lambda vector: land.holds_enough(vector, self.on) and self.judge(rule, place, vector)


def pairs(full: Vector) -> Iterator[Vector]:
    """Whoever has one thing of each of two chains."""
    for two in combinations(range(len(full)), 2):
        yield tuple(int(place in two) for place in range(len(full)))


def _nodes(rule: Rule) -> frozenset[str]:
    return frozenset(each.id for part in walk(rule.root) for each in (part, *conditions_of(part)))


def _weight(part: Requirement) -> int:
    if isinstance(part, Looking):
        return LOOKING_WEIGHT
    return SUM_WEIGHT if isinstance(part, Amount) or conditions_of(part) else 1
