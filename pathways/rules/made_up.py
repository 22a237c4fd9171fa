"""Made-up learners: a small world in which everything occurs that rules can tell apart, and a search through it.

A rule looks at a holding only through its pools and conditions, so of all holdings that the catalogue could bring, one
of each kind that these tell apart stands for the rest. More never hurts under a rule unless it asks that something is
not held; so to find a learner who meets one rule and not another, sets that the first does not accept rule out all
smaller ones, sets that the second accepts rule out all larger ones, and what is left is tried until nothing is left.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice, product
from math import ceil
from typing import Any, NamedTuple

from pathways.rules.checks import check_met
from pathways.rules.days import moved
from pathways.rules.effort import TooCostlyError
from pathways.rules.eligible import in_pool, why_not
from pathways.rules.equivalence import renamed
from pathways.rules.evaluate import satisfied
from pathways.rules.pieces import default_of, every_part, every_value
from pathways.rules.properties import amount, value_of
from pathways.rules.record import Holding, HoldingKind, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Check,
    Condition,
    Count,
    Duration,
    Fact,
    FactDay,
    Given,
    Groups,
    Holds,
    Leaf,
    Limit,
    Looking,
    Newest,
    NumberTest,
    OneYear,
    Order,
    Passed,
    Period,
    Pool,
    Rate,
    Requirement,
    Rule,
    Same,
    ScaleTest,
    SignedOff,
    Span,
    Spread,
    Today,
    Together,
    Unbroken,
    Where,
)
from pathways.rules.subsets import OutOfSteps, Unexplored, Vector, grown, least_sets, shrunk
from pathways.rules.telling import fact_days, fact_values, turning_days

# What this module can make up holdings for, type by type. Whatever else the language learns to say is searched as well
# as can be, and no proof is claimed then; nor is it for `Unbroken`, under which more may hurt.
_WHERE = (
    "grade_at_least level_at_least level_at_most marks numbers scales earned_since earned_until earned_within held_for"
    " current statuses issuers sources kinds subjects skills tags with_tags without_tags tags_as_facts used_in"
    " not_used_in either neither"
)
KNOWN: Mapping[type, str] = {
    Rule: "root lasts grace grace_to_year_end results same",
    Same: "names",
    Period: "years months days whole_months exclusive",
    FactDay: "fact plus minus",
    Today: "start_of plus minus",
    NumberTest: "of at_least at_most",
    ScaleTest: "of scale at_least at_most",
    Where: _WHERE,
    Pool: f"{_WHERE} achievements without_achievements repeats",
    Limit: "id of measure at_least at_most at_least_share at_most_share share_of rounded",
    Spread: "id by at_least at_most_each measure",
    Groups: "id by at_least groups measure of",
    Average: "id at_least at_most weight of best ungraded_as_zero",
    Newest: "id within",
    Order: "id first then within apart any_order",
    OneYear: "id month day",
    Span: "id within at_least",
    Together: "id",
    Rate: "of times",
    Holds: "id any_of where shared",
    Passed: "id assessment where shared",
    Count: "id at_least pool at_most conditions shared",
    Amount: "id at_least pool at_most unit divisible at_most_each rates conditions shared",
    Fact: "id name one_of at_least at_most since until scale at_least_word at_most_word negated",
    Given: "id pool at_least absent",
    SignedOff: "id role about",
    Duration: "id at_least pool unit within",
    All: "id parts conditions shared",
    AnyOf: "id parts conditions shared",
    AtLeast: "id count parts conditions shared",
}
# Parts times holdings that count as one learner judged; a part that looks at other days weighs as many do.
LIGHT, LOOKING_WEIGHT = 150, 12
# At first so many days on which things may be earned, copies of one thing and things alike are made up; less of each if
# that came to more things than an evaluation under conditions can be asked to judge hundreds of times.
GRAINS = ((12, 8, 40), (4, 4, 12), (2, 2, 6))
MOST_THINGS, MOST_UNDER_CONDITIONS = 60, 30
MOST_ENTRIES_KINDS = 64
MOST_VARIANTS = 256
MOST_LANDS = 48
MOST_ABSENT = 3
MOST_APART = 18


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
    """A made-up holding, and the kinds of the qualifications that have used it."""

    holding: Holding
    used_in: frozenset[str] = frozenset()


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
        said = [value for rule in self.rules for value in every_value(rule)]
        self._names = {name: same.names[0] for rule in self.rules for same in rule.same for name in same.names}
        self._values = list(renamed(tuple(said), self._names)) if self._names else said
        self._wheres = [value for value in self._values if isinstance(value, Where)]
        self._lookers = _lookers(self._values)
        self._dated = any(
            isinstance(value, Order | Span | OneYear | Newest | Duration | Unbroken) for value in self._values
        )
        self._expiring = any(where.current for where in self._wheres) or self._has(Together, Unbroken)
        self._repeats = any(isinstance(where, Pool) and where.repeats for where in self._wheres)
        self._demand = sum(_demand(value, self.catalogue) for value in self._values)
        self._grain = GRAINS[0]
        self._is_known = all(known(value) for value in said) and len({rule.same for rule in self.rules}) == 1
        self.complete = self.complete and self._is_known
        self.lands = tuple(self._lands())

    def _has(self, *types: Any) -> bool:
        return any(isinstance(value, types) for value in self._values)

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
        self.budget.spend(1 + self._asked[id(rule)][1] * len(record.holdings) // LIGHT)
        try:
            return satisfied(rule, record, self.on)
        except TooCostlyError as error:
            raise TooCostly(record) from error

    def reachable(self, rule: Rule) -> tuple[int, Vector] | None:
        """Whether somebody who has everything meets the rule: then the land, and all there is in it."""
        for place, land in enumerate(self.lands):
            if _is_held(land, land.full, self.on) and self.judge(rule, place, land.full):
                return place, land.full
        return None

    def least(self, rule: Rule) -> Record | None:
        """Somebody who meets the rule and would not with anything less."""
        found = self.reachable(rule)
        if found is None:
            return None
        place, vector = found
        return self.lands[place].record(shrunk(vector, lambda each: self.judge(rule, place, each)))

    def differ(self, meets: Rule, fails: Rule) -> Outcome:
        """Somebody who meets the one rule and fails the other, or the proof or the guess that there is nobody."""
        before = self.budget.tried
        proved = self.complete
        try:
            with self.budget.question():
                for place in range(len(self.lands)):
                    found = self._differ_in(place, meets, fails)
                    if found is not None:
                        return Outcome(record=found, proved=True, tried=self.budget.tried - before)
        except OutOfSteps:
            proved = False
        return Outcome(record=None, proved=proved, tried=self.budget.tried - before)

    def _differ_in(self, place: int, meets: Rule, fails: Rule) -> Record | None:
        land = self.lands[place]

        wanted, accepted = self._wanted(place, meets), self._wanted(place, fails)
        if not wanted(land.full):
            return None
        map_ = Unexplored(land.full)
        while (vector := map_.next()) is not None:
            if not wanted(vector):
                map_.rule_out_below(grown(vector, land.full, wanted))
                continue
            least = shrunk(vector, wanted)
            if not accepted(least):
                return land.record(least)
            map_.rule_out_above(shrunk(least, accepted))
        return None

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
        return lambda vector: _is_held(land, vector, self.on) and self.judge(rule, place, vector)

    # Making it up

    def _lands(self) -> Iterator[Land]:
        absent = list({value: None for value in self._values if isinstance(value, Given) and value.absent})
        if len(absent) > MOST_ABSENT or any(each.at_least != 1 or each.pool.repeats for each in absent):
            self.complete = False
        absent = absent[:MOST_ABSENT]
        cases = [
            tuple(each for each, is_held in zip(absent, held, strict=True) if is_held)
            for held in product((False, True), repeat=len(absent))
        ]
        facts = self._facts()
        if len(facts) * len(cases) > MOST_LANDS:
            self.complete = False
        made, chains = 0, None
        for known_facts in facts:
            # Most rules ask nothing of a holding that depends on facts: then the same may be held whatever they are.
            if chains is None or self._facts_of_holdings():
                chains = self._chains(known_facts)
            candidates = Record(facts=known_facts)
            for held in cases:
                if made == MOST_LANDS:
                    return
                made += 1
                pools = [each.pool for each in absent if each not in held]
                kept = (
                    tuple(
                        thing
                        for thing in chain
                        if not isinstance(thing, Held)
                        or not any(in_pool(thing.holding, pool, candidates, self.on) for pool in pools)
                    )
                    for chain in chains
                )
                yield Land(known_facts, tuple(chain for chain in kept if chain), held)

    def _facts(self) -> list[dict[str, str]]:
        """Every set of facts worth telling apart; a fact that is not known is left out."""
        values: dict[str, dict[str | None, None]] = {}
        for value in self._values:
            match value:
                case Fact(name=name):
                    values.setdefault(name, {}).update(dict.fromkeys(fact_values(value, self.on)))
                case FactDay(fact=name):
                    values.setdefault(name, {}).update(dict.fromkeys(fact_days(value, self.on)))
                case Where(tags_as_facts=names):
                    for name in names:
                        values.setdefault(name, {}).update(dict.fromkeys(self._tag_values(name)))
        seen = self._facts_of_holdings()
        told = [list(said) if name in seen else self._told_apart(name, said) for name, said in values.items()]
        combined = product(*(dict.fromkeys((*found, None)) for found in told))
        listed = list(islice(combined, MOST_LANDS + 1))
        if len(listed) > MOST_LANDS:
            self.complete = False
        return [
            {name: said for name, said in zip(values, chosen, strict=True) if said is not None}
            for chosen in listed[:MOST_LANDS]
        ]

    def _facts_of_holdings(self) -> set[str]:
        """The facts by which holdings are judged."""
        found = {name for where in self._wheres for name in where.tags_as_facts}
        return found | {value.fact for value in self._values if isinstance(value, FactDay)}

    def _told_apart(self, name: str, values: Iterable[str | None]) -> list[str | None]:
        """One value of a fact for each set of verdicts on it; that it is not known comes last."""
        checks = [value for value in self._values if isinstance(value, Fact) and value.name == name]
        found: dict[tuple[bool, ...], str | None] = {}
        for value in (None, *values):
            record = Record(facts={} if value is None else {name: value})
            found.setdefault(tuple(check_met(check, record, self.on, {}) for check in checks), value)
        return sorted(found.values(), key=lambda value: value is None)

    def _tag_values(self, name: str) -> list[str]:
        start = name.rpartition(".")[2] + "="
        tags = {tag for entry in self.catalogue for tag in entry.tags if tag.startswith(start)}
        return sorted(tag.removeprefix(start) for tag in tags)

    def _chains(self, facts: Mapping[str, str]) -> list[tuple[Thing, ...]]:
        """What may be held where these facts are known, made up as finely as can be judged."""
        most = MOST_UNDER_CONDITIONS if self._has(Condition) else MOST_THINGS
        for self._grain in GRAINS:
            chains = self._chains_at(facts)
            if sum(len(chain) for chain in chains) <= most:
                break
        return chains

    def _chains_at(self, facts: Mapping[str, str]) -> list[tuple[Thing, ...]]:
        profiles: dict[tuple[Any, ...], list[dict[Any, Held]]] = {}
        for entry in self.catalogue:
            found = self._kinds_of(entry, facts)
            if found:
                # Where repetition counts, a second award of the same is not a first of another.
                own = entry.key if self._repeats else ""
                profiles.setdefault((own, *found), []).append(found)
        if len(profiles) > MOST_ENTRIES_KINDS:
            self.complete = False
        chains: list[tuple[Thing, ...]] = []
        for _profile, alike in islice(profiles.items(), MOST_ENTRIES_KINDS):
            chains += self._alike(alike)
        signed = {(value.id, value.role): None for value in self._values if isinstance(value, SignedOff)}
        return [*chains, *((each,) for each in signed)]

    def _alike(self, alike: list[dict[Any, Held]]) -> Iterator[tuple[Thing, ...]]:
        """Chains of entries that no rule can tell apart."""
        _days, most_copies, most_alike = self._grain
        most_alike = min(most_alike, self._demand)
        if len(alike) > most_alike:
            alike = alike[:most_alike]
            # A share or an average may ask for more than what is demanded outright.
            self.complete = self.complete and most_alike == self._demand and not self._has(Limit, Average, Spread)
        kinds = list(alike[0])
        if self._repeats:
            self.complete = self.complete and self._demand <= most_copies
            for signature in kinds:
                first = alike[0][signature]
                yield tuple(
                    replace(first, holding=replace(first.holding, id=f"{first.holding.id}~{number}"))
                    for number in range(1, min(self._demand, most_copies) + 1)
                )
        elif len(kinds) == 1 or len(kinds) * len(alike) > MOST_APART:
            self.complete = self.complete and len(kinds) == 1
            for turn, signature in enumerate(kinds):
                # Each kind begins at another entry, so that few of two kinds are of different entries.
                start = turn * len(alike) // len(kinds)
                yield tuple(found[signature] for found in (*alike[start:], *alike[:start]))
        else:
            yield from ((found[signature],) for found in alike for signature in kinds)

    def _kinds_of(self, entry: Entry, facts: Mapping[str, str]) -> dict[Any, Held]:
        """One holding of the entry for each kind that the rules tell apart, by what tells it apart."""
        found: dict[Any, Held] = {}
        made = list(islice(self._variants(entry, facts), MOST_VARIANTS + 1))
        if len(made) > MOST_VARIANTS:
            self.complete = False
        for held in made[:MOST_VARIANTS]:
            holding = held.holding
            used = {holding.id: held.used_in} if held.used_in else {}
            called = replace(holding, key=self._names.get(holding.key, holding.key))
            record = Record(holdings=(called,), facts=facts, used_in=used)
            fits = tuple(each.fits(called, record, self.on) for each in self._lookers)
            seen = [each for each, fit in zip(self._lookers, fits, strict=True) if fit]
            # What the rule says beyond what is known here may have a use for what fits nothing.
            if any(each.uses for each in seen) or not self._is_known:
                self.matched |= {each.node for each in seen}
                found.setdefault((fits, *self._seen(holding)), held)
        return found

    def _seen(self, holding: Holding) -> Iterator[Any]:
        """What the rules see of a holding besides whether it fits."""
        yield tuple(amount(holding, measure) for measure in self._measures() if measure != "count")
        by = {value.by for value in self._values if isinstance(value, Spread | Groups)}
        yield tuple(value_of(holding, each) for each in sorted(by))
        yield (holding.grade, holding.mark) if self._has(Average) else None
        yield holding.earned_on if self._dated else None
        yield holding.until if self._has(Together, Unbroken) else None
        yield holding.to if self._has(Duration) else None

    def _measures(self) -> list[str]:
        """Every amount that is added up."""
        found = {value.unit for value in self._values if isinstance(value, Amount)}
        found |= {value.measure for value in self._values if isinstance(value, Limit | Spread | Groups)}
        return sorted(found | {value.weight for value in self._values if isinstance(value, Average)})

    def _variants(self, entry: Entry, facts: Mapping[str, str]) -> Iterator[Held]:
        """What the entry may bring: the best and newest first."""
        scales = [value for value in self._values if isinstance(value, ScaleTest) and value.of == "grade"]
        marks = _all_of(*(where.marks for where in self._wheres), *(each.scale[::-1] for each in scales), ("",))
        sources = _all_of(("assessed",), *(where.sources for where in self._wheres))
        statuses = _all_of(("active",), *(where.statuses for where in self._wheres))
        using = [(), *(kinds for where in self._wheres for kinds in (where.used_in, where.not_used_in) if kinds)]
        number = 0
        for day, (grade, passed), mark, source, status, used in product(
            self._days(entry, facts), self._grades(entry), marks, sources, statuses, dict.fromkeys(using)
        ):
            for to in self._ends(day):
                number += 1
                yield Held(
                    Holding(
                        id=f"{entry.key}#{number}",
                        kind=entry.kind,
                        key=entry.key,
                        earned_on=day,
                        credits=entry.credits,
                        hours=entry.hours,
                        points=entry.points,
                        amounts=entry.amounts,
                        level=entry.level,
                        grade=grade,
                        mark=mark,
                        passed=passed,
                        until=moved(day, entry.valid_for, 1) if entry.valid_for else None,
                        to=to,
                        issuer=entry.issuer,
                        subject=entry.subject,
                        achievement_kind=entry.achievement_kind,
                        source=source,
                        status=status,
                        tags=entry.tags,
                        skills=entry.skills,
                    ),
                    frozenset(used),
                )

    def _grades(self, entry: Entry) -> list[tuple[Decimal | None, bool]]:
        asked = {each.grade_at_least for each in self._wheres if each.grade_at_least is not None}
        for value in self._values:
            if isinstance(value, Average) or (isinstance(value, NumberTest) and value.of == "grade"):
                asked |= {each for each in (value.at_least, value.at_most) if each is not None}
        if entry.kind == "grade":
            asked.add(entry.pass_grade)
        if not asked:
            return [(None, True)]
        below = max(min(asked) - 1, Decimal(0))
        steps = sorted({*asked, below, *({Decimal(100)} if self._has(Average) else ())}, reverse=True)
        return [(each, entry.kind != "grade" or each >= entry.pass_grade) for each in steps]

    def _days(self, entry: Entry, facts: Mapping[str, str]) -> list[date]:
        found = {self.on: None}
        for value in self._values:
            found.update(dict.fromkeys(turning_days(value, self.on, facts)))
        if entry.valid_for and self._expiring:
            last = moved(self.on, entry.valid_for, -1)
            found.update(dict.fromkeys((last, last - timedelta(days=1))))
        days = [day for day in sorted(found, reverse=True) if day <= self.on]
        most = self._grain[0]
        if len(days) > most:
            self.complete = False
            days = [*days[: most // 2], *days[-most // 2 :]]
        return days

    def _ends(self, day: date) -> list[date | None]:
        if not self._has(Duration):
            return [None]
        return [self.on, None] if day < self.on else [None]


def _all_of(*words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for each in words for word in each))


def _weight(part: Requirement) -> int:
    return LOOKING_WEIGHT if isinstance(part, Looking) else 1


def known(value: Any) -> bool:
    """Whether learners can be made up for all that this value of a rule says."""
    if type(value) not in KNOWN:
        return False
    expected = KNOWN[type(value)].split()
    return all(each.name in expected or getattr(value, each.name) == default_of(each) for each in fields(value))


class _Looker(NamedTuple):
    """By what a part or condition looks at one holding; a condition has no use for what no part takes."""

    node: str
    uses: bool
    fits: Callable[[Holding, Record, date], bool]


def _lookers(values: Iterable[Any]) -> list[_Looker]:
    found: dict[Any, _Looker] = {}
    for value in values:
        if isinstance(value, Leaf):
            found[value] = _Looker(value.id, True, partial(_takes, value))
        node = "" if isinstance(value, Leaf) else getattr(value, "id", "")
        for name in (each.name for each in fields(value)):
            pool = getattr(value, name)
            if isinstance(pool, Pool):
                found[node, name, pool] = _Looker(node, isinstance(value, Check), partial(_holds, pool))
    return list(found.values())


def _takes(leaf: Leaf, holding: Holding, record: Record, on: date) -> bool:
    return why_not(holding, leaf, record, on) is None


def _holds(pool: Pool, holding: Holding, record: Record, on: date) -> bool:
    return in_pool(holding, pool, record, on)


def _demand(value: Any, catalogue: Sequence[Entry]) -> int:
    """So many things at the most could be of use to this part or condition."""

    def things(amount: Decimal, measure: str) -> int:
        if measure == "count":
            return ceil(amount)
        smallest = min((found for each in catalogue if (found := _amount(each, measure)) > 0), default=Decimal(1))
        return ceil(amount / smallest)

    match value:
        case Count():
            found = max(value.at_least, value.at_most or 0, 1)
        case Amount():
            found = max(1, things(value.at_least, value.unit))
        case Given(at_least=least, measure=measure):
            found = things(least, measure)
        case Groups(at_least=least, groups=groups, measure=measure):
            found = groups * things(least, measure)
        case Limit(at_least=least, measure=measure) if least is not None:
            found = things(least, measure)
        case Spread(at_least=least):
            found = least or 1
        case _:
            found = int(isinstance(value, Requirement | Limit))
    return found


def _amount(entry: Entry, measure: str) -> Decimal:
    found = getattr(entry, measure, None)
    return found if isinstance(found, Decimal) else dict(entry.amounts).get(measure, Decimal(0))


def _is_held(land: Land, vector: Vector, on: date) -> bool:
    """Whether this learner holds what the land says that its learners hold."""
    if not land.held:
        return True
    record = land.record(vector)
    for given in land.held:
        found = {each.key for each in record.holdings if in_pool(each, given.pool, record, on)}
        if len(found) < given.at_least:
            return False
    return True
