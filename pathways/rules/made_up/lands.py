"""The lands of a made-up world: in each certain facts are known, and only what may be held beside one another is held.

More never hurts within a land, or else no proof rests on it: where a rule asks that something is not held, or that the
grades of all that is held average so much, there are lands in which what would hurt is not to be had.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, islice, product

from pathways.rules.averages import grade_in
from pathways.rules.eligible import in_pool
from pathways.rules.made_up.asked import Asked
from pathways.rules.made_up.facts import of_holdings, sets_of_facts
from pathways.rules.made_up.holdings import Chains
from pathways.rules.made_up.known import barring
from pathways.rules.made_up.learners import Held, Land, Thing
from pathways.rules.record import Record
from pathways.rules.requirement import Barred, Given, Graded, Leaf, Pool, Unmet, walk

MOST_LANDS = 48
MOST_ABSENT = 3
MOST_THINNED = 3

Chain = tuple[Thing, ...]
# Whether something would hurt, where these facts are known.
Hurts = Callable[[Held, Record], bool]


def lands(asked: Asked, made: Chains) -> Iterator[Land]:
    """Every land, those in which everything may be held first."""
    absent = _absent(asked)
    cases = [
        tuple(each for each, is_held in zip(absent, held, strict=True) if is_held)
        for held in product((False, True), repeat=len(absent))
    ]
    thinned = _thinned(asked)
    facts = sets_of_facts(asked)
    asked.leave_open(unless=len(facts) * len(cases) * len(thinned) <= MOST_LANDS)
    chains: Sequence[Chain] | None = None
    for hurts, known_facts, held in islice(product(thinned, facts, cases), MOST_LANDS):
        # Most rules ask nothing of a holding that depends on facts: then the same may be held whatever they are.
        if chains is None or of_holdings(asked):
            chains = made.chains(known_facts)
        record = Record(facts=known_facts)
        pools = [each.pool for each in absent if each not in held]
        hurting: list[Hurts] = [*hurts, *(partial(_is_in, pool, asked) for pool in pools)]
        yield Land(known_facts, _without(chains, hurting, record), held)


def _is_in(pool: Pool, asked: Asked, each: Held, record: Record) -> bool:
    return in_pool(each.holding, pool, record, asked.on)


def _without(chains: Sequence[Chain], hurting: Sequence[Hurts], record: Record) -> tuple[Chain, ...]:
    """The chains without what would hurt where these facts are known."""
    kept = (
        tuple(
            thing for thing in chain if not isinstance(thing, Held) or not any(each(thing, record) for each in hurting)
        )
        for chain in chains
    )
    return tuple(chain for chain in kept if chain)


def _absent(asked: Asked) -> list[Given]:
    absent = list({value: None for value in asked.of(Given) if value.absent})
    asked.leave_open(
        unless=len(absent) <= MOST_ABSENT and not any(each.at_least != 1 or each.pool.repeats for each in absent)
    )
    return absent[:MOST_ABSENT]


def _thinned(asked: Asked) -> list[tuple[Hurts, ...]]:
    """What is not to be had: nothing at first, then all that may hurt, then some of it."""
    found = list(_that_may_hurt(asked))[:MOST_THINNED]
    return [tuple(some) for many in (0, *range(len(found), 0, -1)) for some in combinations(found, many)]


def _that_may_hurt(asked: Asked) -> Iterator[Hurts]:
    for value in asked.values:
        match value:
            case Graded():
                yield _graded_otherwise(value, asked)
            case Given(pool=pool, at_most=most, absent=False) if most is not None:
                yield partial(_is_in, pool, asked)
            case Unmet(part=part) if barring(value) is None:
                keys = {key for leaf in walk(part) if isinstance(leaf, Leaf) for key in _named_by(leaf)}
                yield lambda each, record, keys=keys: each.holding.key in keys  # type: ignore[misc]
            case Barred(names=names):
                yield lambda each, record, names=names: each.holding.key in names[1:]  # type: ignore[misc]


def _graded_otherwise(mean: Graded, asked: Asked) -> Hurts:
    """Whether a grade enters this average and lies outside of what the average must be."""

    def hurts(each: Held, record: Record) -> bool:
        grade = grade_in(each.holding, mean)
        if grade is None or not in_pool(each.holding, mean.pool, record, asked.on):
            return False
        return (mean.at_least is not None and grade < mean.at_least) or (
            mean.at_most is not None and grade > mean.at_most
        )

    return hurts


def _named_by(leaf: Leaf) -> tuple[str, ...]:
    if hasattr(leaf, "assessment"):
        return (leaf.assessment,)
    return leaf.any_of if hasattr(leaf, "any_of") else leaf.pool.achievements
