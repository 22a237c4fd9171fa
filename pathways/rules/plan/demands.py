"""What rules ask for at the very least, as nested covering demands on what is on offer.

Everything here errs on one side: a part that is not known here asks for nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from pathways.rules.candidates import repeats, scopes
from pathways.rules.eligible import in_pool, why_not
from pathways.rules.evaluate import satisfied
from pathways.rules.plan.cover import Demand, Split, Term, things_in
from pathways.rules.plan.reach import Fits, Reach
from pathways.rules.plan.relaxed import BY_DAY
from pathways.rules.properties import measured, value_of
from pathways.rules.record import Holding
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Duration,
    Fact,
    Given,
    Group,
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
    conditions_of,
    needed_parts,
    walk,
)

SCALE = 1000
Family = tuple[str, str]


class Demands:
    """What is asked for, rule by rule."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self._demanded: dict[str, Term] = {}
        self._least_of: dict[str, Demand | None] = {}
        self._under_way: set[str] = set()

    def of_targets(self) -> list[Demand]:
        """One for each target that is not satisfied already."""
        return [each for name in self.reach.targets if (each := self._whole(self._of_rule(name))) is not None]

    def splits(self) -> list[Split]:
        """For each target the parts that must all be met and may not use the same thing."""
        found: list[Split] = []
        for name in self.reach.targets:
            root = self.reach.rules[name].root
            scope = scopes(root)
            apart: dict[str, list[Leaf]] = {}
            for leaf in _forced(root) if self.reach.is_plain(name) else ():
                if _counts_whole(leaf):
                    apart.setdefault(scope[leaf.id], []).append(leaf)
            found += [self._split(leaves) for leaves in apart.values() if len(leaves) > 1]
        return found

    def first(self, place: int) -> list[Demand]:
        """What has to be earned before this offer can be taken."""
        asked = []
        for key in self.reach.offerings[place].needs:
            if key not in self.reach.held:
                demand = self._whole(self._together([(self._source(key), 1)], 1))
                if demand is not None:
                    asked.append(demand)
        return asked

    def rules_out(self, name: str, done: int) -> bool:
        """Whether what the rule asks for at the least shows that these offers cannot do, on whichever days."""
        if name not in self._least_of:
            self._least_of[name] = self._whole(self._of_rule(name))
        least = self._least_of[name]
        return least is not None and not least.met(done)

    def _source(self, key: str) -> Term:
        found: list[Term] = [*things_in(self.reach.giving(key))]
        if key in self.reach.stacks:
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
            if name not in self.reach.rules:
                return None
            self._under_way.add(name)
            root = self.reach.rules[name].root
            self._demanded[name] = self._of_part(root, scopes(root)) if self.reach.is_plain(name) else None
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
                fits = [
                    each for each in self.reach.record.holdings if in_pool(each, pool, self.reach.record, self.reach.on)
                ]
                new = self._sources(
                    lambda each: in_pool(each, pool, self.reach.record, self.reach.on), pool.repeats, fits
                )
                have = len(fits) if pool.repeats else len({each.key for each in fits})
                return self._together([(term, 1) for term, _ in new.values()], ceil(least) - have)
            case Fact() | SignedOff() | Duration():
                return None if satisfied(Rule(root=part), self.reach.record, self.reach.on) else Demand(things=())
        return None

    def _of_group(self, group: Group, scope: Mapping[str, str]) -> Term:
        terms = [(self._of_part(each, scope), 1) for each in group.parts]
        need = needed_parts(group)
        asked: list[Term] = [self._together(terms, need), *self._of_conditions(group)]
        if need == len(group.parts):
            asked += self._apart(group, scope)
        return self._together([(each, 1) for each in asked], len(asked))

    def _fits(self, leaf: Leaf) -> Fits:
        return lambda holding: why_not(holding, leaf, self.reach.record, self.reach.on) is None

    def _held(self, leaf: Leaf) -> list[Holding]:
        return [each for each in self.reach.record.holdings if self._fits(leaf)(each)]

    def _sources(self, fits: Fits, repeated: bool, held: Iterable[Holding]) -> dict[Family, tuple[Term, Holding]]:
        """What else could be had that fits, each achievement or assessment once; the larger where one comes twice."""
        has = set() if repeated else {(_family(each), each.key) for each in held}
        found: dict[Family, list[tuple[Term, Holding]]] = {}
        for place, gains in enumerate(self.reach.gains):
            for each in gains:
                key = (_family(each), each.key)
                if key not in has and fits(each):
                    found.setdefault((key[0], f"{each.key}#{place}") if repeated else key, []).append((place, each))
        for slug, each in self.reach.gained.items():
            if ("award", slug) not in has and slug in self.reach.touches and fits(each):
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
                case Limit(of=of, measure=measure, among=None):
                    least, outside = _asked_by(condition, part)
                    for amount, inside in ((least, True), (outside, False)):
                        if amount > 0:
                            yield self._so_much(
                                leaves,
                                lambda each, of=of, inside=inside: (  # type: ignore[misc]
                                    in_pool(each, of, self.reach.record, self.reach.on) is inside
                                    or each.kind == "grade"
                                ),
                                measure,
                                amount,
                            )
                case Spread(by=by, at_least=int() as different, of=of, beginning=None) if by not in BY_DAY:
                    if of == Pool():
                        yield self._different(leaves, by, different)

    def _split(self, leaves: Sequence[Leaf]) -> Split:
        terms: dict[tuple[Family, bool], Term] = {}
        parts = []
        for leaf in leaves:
            measure: Measure = leaf.unit if isinstance(leaf, Amount) else "count"
            need = floor(Decimal(leaf.at_least) * SCALE) if isinstance(leaf, Count | Amount) else SCALE
            held = self._held(leaf)
            there: dict[tuple[Family, bool], int] = {}
            for each in held:
                key = ((_family(each), each.key), True)
                there[key], terms[key] = max(there.get(key, 0), _weight(each, measure)), None
            for family, (term, each) in self._sources(self._fits(leaf), False, held).items():
                there[family, False], terms[family, False] = _weight(each, measure), term
            parts.append((there, need))
        places = {key: place for place, key in enumerate(terms)}
        return Split(
            terms=tuple(terms.values()),
            parts=tuple(
                (tuple((places[key], weight) for key, weight in there.items() if weight), need) for there, need in parts
            ),
        )

    def _so_much(self, leaves: Sequence[Leaf], fits: Fits, measure: Measure, amount: Fraction) -> Term:
        repeated = any(repeats(each) for each in leaves)

        def counts(holding: Holding) -> bool:
            return fits(holding) and any(self._fits(leaf)(holding) for leaf in leaves)

        held = [each for each in self.reach.record.holdings if counts(each)]
        new = self._sources(counts, repeated, held).values()
        return self._together(
            [(term, weight) for term, each in new if (weight := _weight(each, measure))],
            floor(amount * SCALE) - _sum(held, measure, repeated),
        )

    def _different(self, leaves: Sequence[Leaf], by: str, different: int) -> Term:
        def counts(holding: Holding) -> bool:
            return any(self._fits(leaf)(holding) for leaf in leaves)

        there = {value_of(each, by) for each in self.reach.record.holdings if counts(each)}
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
            if not _counts_whole(leaf):
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


def _counts_whole(leaf: Leaf) -> bool:
    """Whether it takes each thing once and whole, so that no other part has it too."""
    if repeats(leaf) or isinstance(leaf, Passed):
        return False
    return not (isinstance(leaf, Amount) and (leaf.divisible or leaf.rates))


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
