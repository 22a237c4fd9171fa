"""Says of a part which kinds of holdings may count in it, and on which days; asks the exact evaluator for each kind."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar, cast

from pathways.population.columns import FOR_EVER, Days, Item, Kinds, Spec
from pathways.rules.days import back, moved
from pathways.rules.eligible import in_pool, why_not
from pathways.rules.record import Record
from pathways.rules.requirement import Amount, Count, Holds, Leaf, Passed, Period, Pool, Where
from pathways.rules.where import NumberTest, ScaleTest

# Of a holding by itself; the exact evaluator judges them for each kind of holding.
_OF_THE_KIND = frozenset(
    {
        "grade_at_least", "level_at_least", "level_at_most", "marks", "issuers", "sources", "kinds", "subjects",
        "skills", "tags", "with_tags", "without_tags", "achievements", "without_achievements", "repeats",
    }
)  # fmt: skip
_OF_THE_DAY = frozenset({"earned_since", "earned_until", "earned_within", "held_for", "current"})
# Of more than the holding's kind: what is known of the learner, what else is held, other days. Each of them only shuts
# out, so without them more fits, but not for certain. "statuses", which lets more in, must never be among them.
_OF_MORE = frozenset(
    {
        "tags_as_facts", "matches", "used_in", "not_used_in", "uses_at_most", "attempt", "while_held", "if_held",
        "unless_held", "neither", "days", "ended_since", "ended_until", "lasting", "valid_for", "current_on",
    }
)  # fmt: skip
# Properties of a holding that its kind does not tell.
NOT_OF_THE_KIND = frozenset({"year", "quarter", "month", "week", "day", "status"})
_NOBODY = Record()

Test = TypeVar("Test", NumberTest, ScaleTest)


class NotKnown(Exception):
    """A part says what the columns do not know, in the words of the language; only the exact evaluator can judge it."""


@dataclass(frozen=True)
class _Option:
    """One way in which a holding may fit: what its kind must be like, its days, and whether that is all."""

    where: Where
    days: Days
    certain: bool


@dataclass(frozen=True)
class Fit:
    """What may count in a part, item by item: at the most, and what counts for certain."""

    most: Mapping[Item, Spec]
    least: Mapping[Item, Spec]

    @property
    def certain(self) -> bool:
        return self.most == self.least


def said(value: object, known: Iterable[str]) -> Iterator[str]:
    """The fields of a part that say something; raises NotKnown where one of them is none of those known."""
    for each in fields(value):  # type: ignore[arg-type]
        default = each.default_factory() if callable(each.default_factory) else each.default
        if getattr(value, each.name) != default:
            if each.name not in known:
                raise NotKnown(f"{type(value).__name__}.{each.name}")
            yield each.name


def fit_of_leaf(leaf: Leaf, kinds: Kinds, on: date) -> Fit:
    """The holdings that may count in a leaf. Raises NotKnown."""
    match leaf:
        case Passed(assessment=assessment, where=where):
            items: Iterable[Item] = [("grade", assessment)]
        case Holds(any_of=any_of, where=where):
            items = [("award", key) for key in any_of]
        case Count(pool=pool) | Amount(pool=pool):
            where, items = pool, _items_of(pool, kinds)
        case _:
            raise NotKnown(type(leaf).__name__)
    key = (type(leaf), where, tuple(items) if not isinstance(leaf, Count | Amount) else getattr(leaf, "unit", ""), on)
    if key in kinds.fits:
        return cast(Fit, kinds.fits[key])
    in_leaf = "where" if isinstance(leaf, Holds | Passed) else "pool"
    asked: list[tuple[_Option, Any]] = []
    for each in _options(where, on):
        inner: dict[str, Any] = {in_leaf: each.where}
        asked.append((each, replace(leaf, **inner)))
    found = kinds.fits[key] = _fit(
        items, kinds, asked, lambda number, part: why_not(kinds.holdings[number], part, _NOBODY, on) is None
    )
    return found


def fit_of_pool(pool: Pool, kinds: Kinds, on: date) -> Fit:
    """The holdings that are in a pool. Raises NotKnown."""
    if (pool, on) in kinds.fits:
        return cast(Fit, kinds.fits[pool, on])
    asked = [(each, each.where) for each in _options(pool, on)]
    found = kinds.fits[pool, on] = _fit(
        _items_of(pool, kinds),
        kinds,
        asked,
        lambda number, part: in_pool(kinds.holdings[number], part, _NOBODY, on),
    )
    return found


def _items_of(pool: Pool, kinds: Kinds) -> Iterable[Item]:
    return [("award", key) for key in pool.achievements] if pool.achievements else list(kinds.by_item)


def _fit(
    items: Iterable[Item], kinds: Kinds, asked: list[tuple[_Option, Any]], fits: Callable[[int, Any], bool]
) -> Fit:
    most: dict[Item, Spec] = {}
    least: dict[Item, Spec] = {}
    for item in items:
        pairs = [
            (number, option.days, option.certain)
            for number in kinds.by_item.get(item, ())
            for option, part in asked
            if fits(number, part)
        ]
        if pairs:
            most[item] = tuple(sorted({(number, days) for number, days, _ in pairs}))
            sure = tuple(sorted({(number, days) for number, days, certain in pairs if certain}))
            if sure:
                least[item] = sure
    return Fit(most, least)


def _options(where: Where, on: date) -> list[_Option]:
    """Every way to fit: the conditions themselves, with each of their alternatives."""
    names = set(said(where, _OF_THE_KIND | _OF_THE_DAY | _OF_MORE | {"either", "numbers", "scales"}))
    days, known = _days(where, on)
    bare = _without(where, (_OF_THE_DAY | _OF_MORE | {"either"}) & names)
    bare = replace(bare, numbers=tuple(_of_the_kind(where.numbers)), scales=tuple(_of_the_kind(where.scales)))
    certain = not names & _OF_MORE and (bare.numbers, bare.scales) == (where.numbers, where.scales)
    if not where.either:
        return [_Option(bare, days, certain and known)]
    return [
        _Option(replace(bare, either=(each.where,)), days.both(each.days), certain and known and each.certain)
        for alternative in where.either
        for each in _options(alternative, on)
    ]


def _of_the_kind(tests: Iterable[Test]) -> Iterator[Test]:
    """The tests that look at nothing but the kind of holding."""
    for each in tests:
        names = {each.of, getattr(each, "at_least_of", ""), getattr(each, "at_most_of", "")}
        if not each.at_least_fact and not each.at_most_fact and NOT_OF_THE_KIND.isdisjoint(names):
            yield each


def _without(where: Where, names: Iterable[str]) -> Where:
    defaults: dict[str, Any] = {each.name: each.default for each in fields(where)}
    return replace(where, **{name: defaults[name] for name in names})


def _days(where: Where, on: date) -> tuple[Days, bool]:
    """The days that fit at the most, and whether they are all that is asked of the days."""
    found = Days(current=where.current)
    if where.earned_within is not None:
        found = found.both(Days(first=back(on, where.earned_within).toordinal()))
    if where.held_for is not None:
        found = found.both(Days(last=_last_held(where.held_for, on)))
    if isinstance(where.earned_since, date):
        found = found.both(Days(first=where.earned_since.toordinal()))
    if isinstance(where.earned_until, date):
        found = found.both(Days(last=where.earned_until.toordinal()))
    named = (each for each in (where.earned_since, where.earned_until) if each is not None)
    return found, all(isinstance(each, date) for each in named)


def _last_held(period: Period, on: date) -> int:
    """The last day from which, a period later, it is no later than today."""
    low, high = 0, min(on.toordinal(), FOR_EVER)
    while low < high:
        middle = (low + high + 1) // 2
        if moved(date.fromordinal(middle), period, 1) <= on:
            low = middle
        else:
            high = middle - 1
    return low
