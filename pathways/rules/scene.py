"""What conditions are judged against, and the forms in which the search takes their demands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from pathways.rules.days import year_from
from pathways.rules.eligible import in_pool, the_day
from pathways.rules.properties import words_of
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    Check,
    Count,
    Groups,
    Holds,
    Limit,
    Passed,
    Pool,
    Requirement,
    Spread,
    conditions_of,
    walk,
)

Taking = tuple[str, Holding]
# Amounts have at most six places after the point, so that this is less than any difference between two sums.
LEAST_DIFFERENCE = Fraction(1, 10**6)


@dataclass(frozen=True)
class Row:
    """A sum over what is taken that must reach `least`; `gain` is exact. `each` counts holdings, not amounts."""

    condition: str
    leaves: frozenset[str]
    gain: Callable[[Holding], Fraction]
    least: Fraction
    soft: bool = False
    each: bool = False


@dataclass(frozen=True)
class Cover:
    """What is taken must show at least so many different values."""

    condition: str
    leaves: frozenset[str]
    values: Callable[[Holding], Sequence[str]]
    least: int


@dataclass(frozen=True)
class SomeOf:
    """Of these sums so many must be reached, whichever."""

    rows: tuple[Row, ...]
    count: int


@dataclass(frozen=True)
class Trial:
    """One case of a condition that cannot be said as a sum: what each leaf may take in it, and rows it adds."""

    allows: Callable[[str, Holding], bool] = lambda leaf, each: True
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Scene:
    """What conditions are judged against: the parts of the rule, the record and the day."""

    parts: dict[str, Requirement]
    record: Record
    on: date


def leaves_below(parts: dict[str, Requirement], node: str) -> frozenset[str]:
    """The ids of a part and everything below it."""
    return frozenset(each.id for each in walk(parts[node]))


def required(part: Requirement, measure: str) -> Fraction | None:
    """How much a part requires in this measure: by itself, by a minimum over all of it, or by all its parts."""
    said = [
        Fraction(each.at_least)
        for each in conditions_of(part)
        if isinstance(each, Limit)
        and (each.of, each.among, each.measure) == (Pool(), None, measure)
        and each.at_least is not None
    ]
    match part:
        case Holds() | Passed() if measure == "count":
            said.append(Fraction(1))
        case Count(at_least=least) if measure == "count":
            said.append(Fraction(least))
        case Amount(at_least=amount, unit=unit) if measure == unit:
            said.append(Fraction(amount))
        case All(parts=parts):
            below = [required(each, measure) for each in parts if not isinstance(each, Check)]
            said += [sum((each for each in below if each is not None), Fraction(0))] if None not in below else []
    return max(said, default=None)


def rounded(value: Fraction, how: str | None, places: int = 0) -> Fraction:
    """The number rounded up, down, or to the nearest, a half upwards; unchanged if no way is said."""
    if how is None:
        return value
    unit = 10**places
    if how == "up":
        return Fraction(ceil(value * unit), unit)
    return Fraction(floor(value * unit + (Fraction(1, 2) if how == "nearest" else 0)), unit)


def stepped(value: Fraction, how: str, step: Decimal) -> Fraction:
    """The number rounded to whole steps."""
    return rounded(value / Fraction(step), how) * Fraction(step)


def is_of(each: Holding, pool: Pool, scene: Scene) -> bool:
    """Whether a condition looks at this holding."""
    # A pool that asks for nothing means whatever was taken, grades of assessments too.
    return pool == Pool() or in_pool(each, pool, scene.record, scene.on)


def lacking(condition: str, leaves: frozenset[str]) -> Row:
    """A demand that nothing there can meet."""
    return Row(condition, leaves, lambda each: Fraction(0), Fraction(1), soft=True, each=True)


def groups_of(groups: Groups, each: Holding, scene: Scene) -> Sequence[str]:
    """The groups that a holding belongs to; it counts in each of them."""
    return _told_apart(groups, each, scene) or ()


def spread_of(spread: Spread, each: Holding, scene: Scene) -> Sequence[str]:
    """The values by which a holding is told apart; what says nothing is of a kind of its own."""
    found = _told_apart(spread, each, scene)
    return () if found is None else found or ("",)


def _told_apart(by: Groups | Spread, each: Holding, scene: Scene) -> Sequence[str] | None:
    """What a holding says of the property, or in which year from a day it lies; none if it is not looked at."""
    if not is_of(each, by.of, scene):
        return None
    if by.beginning is not None:
        beginning = the_day(by.beginning, scene.record, scene.on)
        return None if beginning is None else (str(year_from(beginning, each.earned_on)),)
    return words_of(each, by.by)
