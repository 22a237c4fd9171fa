"""What a rule asks for at the very least, whatever the timetable: necessary conditions that a plan can be cut by.

Everything here errs on one side. What `relaxed` or the demands refuse, no timetable can satisfy; what they let pass is
for the evaluator to judge. A part that is not known here asks for nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, TypeVar

from pathways.rules import exceptions
from pathways.rules.compiled import repeats, scopes
from pathways.rules.cover import Demand, bits, things_in
from pathways.rules.effort import TooCostlyError
from pathways.rules.eligible import in_pool, why_not
from pathways.rules.evaluate import satisfied
from pathways.rules.offering import Offer, Offering
from pathways.rules.properties import measured, value_of
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Condition,
    Count,
    Day,
    Duration,
    Fact,
    Given,
    Group,
    Groups,
    Holds,
    Leaf,
    Limit,
    Measure,
    Passed,
    Pool,
    Requirement,
    Rule,
    SignedOff,
    Spread,
    Where,
    conditions_of,
    needed_parts,
    walk,
)

SCALE = 1000
# A thing on offer by its number, what has to be met, or nothing at all: it is there already.
Term = int | Demand | None
Family = tuple[str, str]
Fits = Callable[[Holding], bool]


def relaxed(rule: Rule, record: Record, on: date) -> Rule:
    """The rule without what depends on days to come, on other qualifications, or on not holding something."""
    return Rule(root=_part(rule.root, record, on), same=rule.same, substitutes=rule.substitutes, renewals=rule.renewals)


def _part(part: Requirement, record: Record, on: date) -> Requirement:  # noqa: PLR0911 (one answer per kind)
    match part:
        case Holds() | Passed():
            return replace(part, where=_timeless(part.where, on))
        case Count() | Amount():
            return replace(part, pool=_timeless(part.pool, on), conditions=tuple(_conditions(part, on)))
        case All() | AnyOf() | AtLeast():
            inner = tuple(_part(each, record, on) for each in part.parts)
            return replace(part, parts=inner, conditions=tuple(_conditions(part, on)))
        case Given(absent=False, at_most=None):
            return replace(part, pool=_timeless(part.pool, on))
        case Fact(since=since, until=until) if _is_fixed(since) and _is_fixed(until):
            return part
        case SignedOff():
            return part
        case Duration(pool=pool) if not any(each.to is not None and each.to > on for each in record.holdings):
            # Time itself adds nothing, and what is studied adds a day.
            if not any((part.within, part.since, part.until, part.caps)) and _timeless(pool, on) == pool:
                return part
    return Given(id=part.id, pool=Pool(), at_least=Decimal(0))


def _is_fixed(day: Day | None) -> bool:
    return day is None or isinstance(day, date)


def _conditions(part: Requirement, on: date) -> Iterator[Condition]:
    for each in conditions_of(part):
        match each:
            case Limit():
                yield _limit(each, on)
            case Spread(by=by) if by not in _BY_DAY:
                yield each
            case Groups(by=by, beginning=None) if by not in _BY_DAY:
                yield replace(each, of=_timeless(each.of, on))
            case Average(at_most=None, of=of) if _timeless(of, on) == of:
                yield each


_BY_DAY = ("year", "month", "day")
# What is true of a holding on whichever day it is earned, as long as nothing else changes. Every other field is
# dropped: a holding must fit all that are set, so with one of them gone more fits, and never less.
_TIMELESS = {
    "grade_at_least", "level_at_least", "level_at_most", "marks", "scales", "statuses", "issuers", "sources", "kinds",
    "subjects", "skills", "tags", "with_tags", "without_tags", "tags_as_facts", "matches", "not_used_in",
    "uses_at_most", "achievements", "without_achievements", "repeats", "current", "earned_within",
}  # fmt: skip

W = TypeVar("W", bound=Where)


def _timeless(where: W, on: date) -> W:
    """Without the days that something still to be earned may or may not meet; what is past for good stays."""
    kept: dict[str, Any] = {name: getattr(where, name) for name in _TIMELESS if hasattr(where, name)}
    last = where.earned_until
    if isinstance(last, date) and last < on:
        kept["earned_until"] = last
    # Grades are supposed to be as good as can be, so a highest one would say too much.
    kept["numbers"] = tuple(each for each in where.numbers if each.of != "grade")
    kept["either"] = tuple(_timeless(each, on) for each in where.either)
    kept["neither"] = tuple(each for each in where.neither if _timeless(each, on) == each)
    return type(where)(**kept)


def _limit(limit: Limit, on: date) -> Limit:
    of = _timeless(limit.of, on)
    if of != limit.of or of.current or of.earned_within is not None:
        # A maximum over what time alone can make smaller forbids nothing yet.
        return replace(limit, of=of, at_most=None, at_most_share=None)
    return limit


def negotiable(rule: Rule) -> Iterator[SignedOff]:
    """The approvals that a rule asks for: to be had by asking, not by studying."""
    for part in walk(rule.root):
        if isinstance(part, SignedOff):
            yield part


class Outlook:
    """What could still be had on a day: which offers matter for which rule, and whether a set of them may do.

    `rules` are the targets, and every achievement on the way to them that a rule gives, relaxed.
    """

    def __init__(self, targets: Mapping[str, Rule], record: Record, offer: Offer, on: date) -> None:
        self.on = on
        self.record = record
        self.offerings: Sequence[Offering] = offer.offerings
        awards = [each for each in record.holdings if each.kind != "grade"]
        self.held = frozenset(
            each.key for each in awards if each.status == "active" and (each.until is None or each.until >= on)
        )
        # What was awarded once is awarded again for something new alone, which no rule of its own can tell.
        once = {
            each.key for each in awards if each.status in ("active", "expired", "suspended", "revoked", "superseded")
        }
        self.stacks = {slug: each for slug, each in offer.stacks.items() if slug not in once}
        self.targets = tuple(targets)
        self.written = dict(targets)
        self.rules = {name: relaxed(rule, record, on) for name, rule in targets.items()}
        self.gains = [tuple(gain.earned(on) for gain in each.gains) for each in self.offerings]
        self.gained = {slug: each.gain.earned(on) for slug, each in self.stacks.items()}
        self._demanded: dict[str, Term] = {}
        self._least_of: dict[str, Demand | None] = {}
        self._under_way: set[str] = set()
        self._verdicts: dict[tuple[str, int, frozenset[str]], bool] = {}
        self._looked_at: dict[str, tuple[int, frozenset[str]]] = {}
        self.touches = self._touches()

    # Which offers matter

    def _touches(self) -> dict[str, int]:
        """For each rule on the way, the offers that can do anything for it, directly or through other achievements."""
        found: dict[str, int] = {}
        through: dict[str, set[str]] = {}
        waiting = list(self.targets)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name], through[name] = self._touched(name)
                waiting += sorted(through[name] - found.keys())
        grown = True
        while grown:
            before = dict(found)
            for name, slugs in through.items():
                for slug in slugs:
                    found[name] |= found[slug]
            grown = found != before
        return found

    def _touched(self, name: str) -> tuple[int, set[str]]:
        """The offers that the rule looks at, with all that must come before them, and the achievements on the way."""
        if name not in self.rules:
            self.written[name] = self.stacks[name].rule
            self.rules[name] = relaxed(self.stacks[name].rule, self.record, self.on)
        looks = self._looks(self.rules[name]) if self._is_plain(name) else lambda _each: True
        offers = bits([place for place, gains in enumerate(self.gains) if any(looks(each) for each in gains)])
        stacks = {slug for slug, each in self.gained.items() if slug != name and looks(each)}
        self._looked_at[name] = (offers, frozenset(stacks))
        while True:
            needed = {key for place in things_in(offers) for key in self.offerings[place].needs}
            more = offers
            for key in needed:
                more |= self._giving(key)
            if more == offers:
                return offers, (stacks | needed & self.stacks.keys()) - {name}
            offers = more

    def _giving(self, key: str) -> int:
        found = 0
        for place, gains in enumerate(self.gains):
            if any(each.kind != "grade" and each.key == key for each in gains):
                found |= 1 << place
        return found

    def _looks(self, rule: Rule) -> Fits:
        parts = list(walk(rule.root))
        leaves = [each for each in parts if isinstance(each, Leaf)]
        pools = [each.pool for each in parts if isinstance(each, Given | Duration)]

        def looks(holding: Holding) -> bool:
            return any(why_not(holding, leaf, self.record, self.on) is None for leaf in leaves) or any(
                in_pool(holding, pool, self.record, self.on) for pool in pools
            )

        return looks

    def looks_at(self, name: str, slug: str) -> bool:
        """Whether this rule on the way looks at this achievement on the way."""
        return slug in self._looked_at[name][1]

    def leading_to(self, key: str) -> int:
        """The offers that may help to earn this achievement."""
        return self._giving(key) | self.touches.get(key, 0)

    @property
    def relevant(self) -> int:
        found = 0
        for name in self.targets:
            found |= self.touches[name]
        return found

    # Whether a set may do

    def may_do(self, chosen: int) -> bool:
        """Whether these could satisfy every target, were there no timetable."""
        usable, awarded = self.brought_by(chosen)
        return all(each in awarded or self._verdict(each, usable, awarded) for each in self.targets)

    def brought_by(self, chosen: int) -> tuple[int, frozenset[str]]:
        """Of these, the offers for which all that they need is held or comes of others, and what is awarded then."""
        awarded: frozenset[str] = frozenset()
        usable = 0
        while True:
            before = (usable, awarded)
            usable = bits([place for place in things_in(chosen) if self._is_open(place, usable, awarded)])
            awarded |= {
                slug
                for slug in self.rules
                if slug not in awarded and slug in self.stacks and self._verdict(slug, usable, awarded)
            }
            if (usable, awarded) == before:
                return before

    def _is_open(self, place: int, usable: int, awarded: frozenset[str]) -> bool:
        return all(
            key in self.held
            or key in awarded
            or any(
                each.key == key and each.kind != "grade" for other in things_in(usable) for each in self.gains[other]
            )
            for key in self.offerings[place].needs
        )

    def _verdict(self, name: str, usable: int, awarded: frozenset[str]) -> bool:
        offers, stacks = self._looked_at[name]
        asked = (name, usable & offers, awarded & stacks)
        if asked not in self._verdicts and self.rules_out(name, usable):
            self._verdicts[asked] = False
        if asked not in self._verdicts:
            new = [each for place in things_in(asked[1]) for each in self.gains[place]]
            new += [self.gained[slug] for slug in sorted(asked[2])]
            record = replace(self.record, holdings=(*self.record.holdings, *new))
            self._verdicts[asked] = self._may_be_satisfied(name, record)
        return self._verdicts[asked]

    def rules_out(self, name: str, done: int) -> bool:
        """Whether what the rule asks for at the least shows that these offers cannot do, on whichever days."""
        if name not in self._least_of:
            self._least_of[name] = self._whole(self._of_rule(name))
        least = self._least_of[name]
        return least is not None and not least.met(done)

    def _may_be_satisfied(self, name: str, record: Record) -> bool:
        if any((each.since or self.on) > self.on or each.until is not None for each in record.rulings):
            # What people decided begins or ends some day: only the day itself can tell.
            return True
        applied = exceptions.apply(name, self.written[name], record, self.on)
        rule = self.rules[name] if applied.rule is self.written[name] else relaxed(applied.rule, record, self.on)
        try:
            return satisfied(rule, applied.record, self.on)
        except TooCostlyError:
            return True

    def _is_plain(self, name: str) -> bool:
        """Whether the rule says by itself what counts, without other names, stand-ins or exceptions."""
        rule = self.rules[name]
        own = any(getattr(each, "rule", name) == name for each in self.record.rulings)
        return not (rule.same or rule.substitutes or rule.renewals or own)

    def cut(self, chosen: int, costs: Sequence[int]) -> Demand:
        """For a set that cannot do: one of these is needed besides, as every set without them cannot do either."""
        rest = self.relevant & ~chosen
        for place in sorted(things_in(rest), key=lambda each: (costs[each], each)):
            if not self.may_do(chosen | 1 << place):
                chosen |= 1 << place
        return Demand(things=tuple((place, 1) for place in things_in(self.relevant & ~chosen)))

    # What is asked for at the least

    def demands(self) -> list[Demand]:
        """One for each target that is not satisfied already."""
        return [each for name in self.targets if (each := self._whole(self._of_rule(name))) is not None]

    def first(self, place: int) -> list[Demand]:
        """What has to be earned before this offer can be taken."""
        asked = []
        for key in self.offerings[place].needs:
            if key not in self.held:
                demand = self._whole(self._together([(self._source(key), 1)], 1))
                if demand is not None:
                    asked.append(demand)
        return asked

    def _source(self, key: str) -> Term:
        found: list[Term] = [*things_in(self._giving(key))]
        if key in self.stacks:
            found.append(self._of_rule(key))
        return self._together([(each, 1) for each in found], 1)

    @staticmethod
    def _whole(term: Term) -> Demand | None:
        return Demand(things=((term, 1),)) if isinstance(term, int) else term

    @staticmethod
    def _together(terms: Iterable[tuple[Term, int]], need: int) -> Term:
        """So much of these, said as simply as it can be."""
        things: dict[int, int] = {}
        demands: dict[Demand, int] = {}
        for term, weight in terms:
            if term is None:
                need -= weight
            elif isinstance(term, Demand):
                demands[term] = demands.get(term, 0) + weight
            else:
                things[term] = things.get(term, 0) + weight
        if need <= 0:
            return None
        if not demands and len(things) == 1:
            (thing, weight) = next(iter(things.items()))
            if weight >= need:
                return thing
        if not things and len(demands) == 1 and next(iter(demands.values())) >= need:
            return next(iter(demands))
        return Demand(things=tuple(things.items()), demands=tuple(demands.items()), need=need)

    def _of_rule(self, name: str) -> Term:
        if name in self._under_way:
            # Asked for by itself in a ring: what it asks for beyond that is for `may_do` to say.
            return None
        if name not in self._demanded:
            if name not in self.rules:
                return None
            self._under_way.add(name)
            root = self.rules[name].root
            self._demanded[name] = self._of_part(root, scopes(root)) if self._is_plain(name) else None
            self._under_way.discard(name)
        return self._demanded[name]

    def _of_part(self, part: Requirement, scope: Mapping[str, str]) -> Term:
        match part:
            case Holds() | Passed():
                return self._together([*self._items(part)], 1)
            case Count() | Amount():
                asked = [self._of_leaf(part), *self._of_conditions(part)]
                return self._together([(each, 1) for each in asked], len(asked))
            case All() | AnyOf() | AtLeast():
                return self._of_group(part, scope)
            case Given(pool=pool, at_least=least, measure="count", absent=False):
                fits = [each for each in self.record.holdings if in_pool(each, pool, self.record, self.on)]
                new = self._sources(lambda each: in_pool(each, pool, self.record, self.on), pool.repeats, fits)
                have = len(fits) if pool.repeats else len({each.key for each in fits})
                return self._together([(term, 1) for term, _ in new.values()], ceil(least) - have)
            case Fact() | SignedOff() | Duration():
                return None if satisfied(Rule(root=part), self.record, self.on) else Demand(things=())
        return None

    def _of_group(self, group: Group, scope: Mapping[str, str]) -> Term:
        terms = [(self._of_part(each, scope), 1) for each in group.parts]
        need = needed_parts(group)
        asked: list[Term] = [self._together(terms, need), *self._of_conditions(group)]
        if need == len(group.parts):
            asked += self._apart(group, scope)
        return self._together([(each, 1) for each in asked], len(asked))

    def _fits(self, leaf: Leaf) -> Fits:
        return lambda holding: why_not(holding, leaf, self.record, self.on) is None

    def _held(self, leaf: Leaf) -> list[Holding]:
        return [each for each in self.record.holdings if self._fits(leaf)(each)]

    def _sources(self, fits: Fits, repeated: bool, held: Iterable[Holding]) -> dict[Family, tuple[Term, Holding]]:
        """What else could be had that fits, each achievement or assessment once; the larger where one comes twice."""
        has = set() if repeated else {(_family(each), each.key) for each in held}
        found: dict[Family, list[tuple[Term, Holding]]] = {}
        for place, gains in enumerate(self.gains):
            for each in gains:
                key = (_family(each), each.key)
                if key not in has and fits(each):
                    found.setdefault((key[0], f"{each.key}#{place}") if repeated else key, []).append((place, each))
        for slug, each in self.gained.items():
            if ("award", slug) not in has and slug in self.touches and fits(each):
                found.setdefault(("award", slug), []).append((self._of_rule(slug), each))
        return {
            key: (self._together([(term, 1) for term, _ in sources], 1), max((each for _, each in sources), key=_size))
            for key, sources in found.items()
        }

    def _items(self, leaf: Leaf) -> Iterator[tuple[Term, int]]:
        held = self._held(leaf)
        if held:
            yield None, 1
            return
        for term, _ in self._sources(self._fits(leaf), False, held).values():
            yield term, 1

    def _of_leaf(self, leaf: Count | Amount) -> Term:
        if isinstance(leaf, Amount) and (leaf.divisible or leaf.rates):
            return None
        held = self._held(leaf)
        new = self._sources(self._fits(leaf), repeats(leaf), held).values()
        measure = "count" if isinstance(leaf, Count) else leaf.unit
        have = _sum(held, measure, repeats(leaf))
        return self._together(
            [(term, weight) for term, each in new if (weight := _weight(each, measure))],
            floor(Decimal(leaf.at_least) * SCALE) - have,
        )

    def _of_conditions(self, part: Requirement) -> Iterator[Term]:
        """What the conditions over a part ask of what fits it."""
        for condition in conditions_of(part):
            leaves = [each for each in walk(part) if isinstance(each, Leaf)]
            if any(isinstance(each, Amount) and (each.divisible or each.rates) for each in leaves):
                continue
            match condition:
                case Limit(of=of, measure=measure):
                    least, outside = _asked_by(condition, part)
                    for amount, inside in ((least, True), (outside, False)):
                        if amount > 0:
                            yield self._so_much(
                                leaves,
                                lambda each, of=of, inside=inside: (  # type: ignore[misc]
                                    in_pool(each, of, self.record, self.on) is inside or each.kind == "grade"
                                ),
                                measure,
                                amount,
                            )
                case Spread(by=by, at_least=int() as different) if by not in _BY_DAY:
                    yield self._different(leaves, by, different)

    def _so_much(self, leaves: Sequence[Leaf], fits: Fits, measure: Measure, amount: Fraction) -> Term:
        repeated = any(repeats(each) for each in leaves)

        def counts(holding: Holding) -> bool:
            return fits(holding) and any(self._fits(leaf)(holding) for leaf in leaves)

        held = [each for each in self.record.holdings if counts(each)]
        new = self._sources(counts, repeated, held).values()
        return self._together(
            [(term, weight) for term, each in new if (weight := _weight(each, measure))],
            floor(amount * SCALE) - _sum(held, measure, repeated),
        )

    def _different(self, leaves: Sequence[Leaf], by: str, different: int) -> Term:
        def counts(holding: Holding) -> bool:
            return any(self._fits(leaf)(holding) for leaf in leaves)

        there = {value_of(each, by) for each in self.record.holdings if counts(each)}
        terms: dict[str, list[tuple[Term, int]]] = {}
        for term, each in self._sources(counts, True, ()).values():
            value = value_of(each, by)
            if value not in there:
                terms.setdefault(value, []).append((term, 1))
        return self._together([(self._together(each, 1), 1) for each in terms.values()], different - len(there))

    def _apart(self, group: Group, scope: Mapping[str, str]) -> Iterator[Term]:
        """Parts that must all be met and may not use the same thing: what they take together."""
        counted: dict[str, list[Leaf]] = {}
        summed: dict[tuple[str, str], list[Amount]] = {}
        for leaf in _forced(group):
            if repeats(leaf) or isinstance(leaf, Passed):
                continue
            if isinstance(leaf, Amount) and (leaf.divisible or leaf.rates):
                continue
            if isinstance(leaf, Amount):
                summed.setdefault((scope[leaf.id], leaf.unit), []).append(leaf)
            else:
                counted.setdefault(scope[leaf.id], []).append(leaf)
        for leaves in counted.values():
            if len(leaves) > 1:
                need = sum(each.at_least if isinstance(each, Count) else 1 for each in leaves)
                yield self._so_much(leaves, lambda _each: True, "count", Fraction(need))
        for (_, unit), amounts in summed.items():
            if len(amounts) > 1:
                need_ = sum((Fraction(each.at_least) for each in amounts), Fraction(0))
                yield self._so_much(amounts, lambda _each: True, unit, need_)


def _asked_by(limit: Limit, part: Requirement) -> tuple[Fraction, Fraction]:
    """How much must fit the limit, and how much must not, given how much the part takes at the least."""
    measure = part.unit if isinstance(part, Amount) else "count" if isinstance(part, Count) else ""
    taken = Fraction(part.at_least) if isinstance(part, Amount | Count) and measure == limit.measure else Fraction(0)
    shares = limit.share_of == "taken" and limit.rounded is None
    least = Fraction(limit.at_least or 0)
    if shares:
        least = max(least, taken * (limit.at_least_share or 0))
    outside = Fraction(0)
    if limit.at_most is not None:
        outside = taken - Fraction(limit.at_most)
    if limit.at_most_share is not None and shares:
        outside = max(outside, taken * (1 - limit.at_most_share))
    return least, outside


def _forced(part: Requirement) -> Iterator[Leaf]:
    if isinstance(part, Leaf):
        yield part
    elif isinstance(part, Group) and needed_parts(part) == len(part.parts):
        for each in part.parts:
            yield from _forced(each)


def _family(holding: Holding) -> str:
    return "grade" if holding.kind == "grade" else "award"


def _size(holding: Holding) -> tuple[Decimal, Decimal, Decimal]:
    return holding.credits, holding.hours, holding.points


def _weight(holding: Holding, measure: Measure) -> int:
    return ceil(measured(holding, measure) * SCALE)


def _sum(holdings: Iterable[Holding], measure: Measure, repeated: bool) -> int:
    """What is there, counted in favour of the learner."""
    most: dict[tuple[str, str], int] = {}
    for each in holdings:
        key = (_family(each), each.id if repeated else each.key)
        most[key] = max(most.get(key, 0), _weight(each, measure))
    return sum(most.values())
