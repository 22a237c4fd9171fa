"""Conditions over what a part, with everything below it, took; they take nothing, so they overlap freely."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pathways.rules.where import Day, Period, Pool

# "count" or the name of an amount: credits, hours, days, months, miles, points, landings …
Measure = str
Unit = str
MEASURES: tuple[Measure, ...] = ("count", "credits", "hours", "points")
# A property by which holdings are grouped: one of these, or the name of a tag `name=value`.
SpreadBy = str
SPREADS: tuple[SpreadBy, ...] = (
    "subject",
    "issuer",
    "source",
    "kind",
    "level",
    "achievement",
    "skills",
    "year",
    "quarter",
    "month",
    "week",
    "day",
)
ShareOf = Literal["taken", "required"]
SHARES: tuple[ShareOf, ...] = ("taken", "required")
Rounding = Literal["up", "down", "nearest"]
ROUNDINGS: tuple[Rounding, ...] = ("up", "down", "nearest")
OverlapOf = Literal["taken", "required", "other", "smaller"]
OVERLAPS: tuple[OverlapOf, ...] = ("taken", "required", "other", "smaller")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Of everything the part took, so much must be, or at most so much may be, of this kind.

    Shares are of everything the part took, in the same measure, or of what the part requires, and may be rounded to
    whole numbers. `at_least_fact` names a fact about the learner that asks for more. What would pass a maximum is left
    out. With `among` only what is of that pool is looked at: shares are of that, and so is what is counted.
    """

    id: str
    of: Pool
    measure: Measure = "credits"
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    at_least_share: Fraction | None = None
    at_most_share: Fraction | None = None
    share_of: ShareOf = "taken"
    rounded: Rounding | None = None
    at_least_fact: str = ""
    among: Pool | None = None


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What the part took comes from so many different subjects, issuers …, or at most so much from each.

    What belongs to several of them counts for each. Only what is of the pool `of` is looked at. Years are those of the
    calendar, or begin on `beginning`.
    """

    id: str
    by: SpreadBy
    at_least: int | None = None
    at_most: int | None = None
    at_most_each: Decimal | None = None
    measure: Measure = "count"
    of: Pool = field(default_factory=Pool)
    beginning: Day | None = None


@dataclass(frozen=True, kw_only=True)
class Groups:
    """In at least so many of the groups by a property, what the part took comes to at least so much in each.

    One group is concentration ("at least 12 credits in one subject"), several are breadth ("20 hours in each of three
    years"). Years are those of the calendar, or begin on `beginning`.
    """

    id: str
    by: SpreadBy
    at_least: Decimal
    groups: int = 1
    measure: Measure = "count"
    of: Pool = field(default_factory=Pool)
    beginning: Day | None = None


@dataclass(frozen=True, kw_only=True)
class LastOf:
    """Of the newest of what the part took, so far back as makes up `last`, so much is of this kind.

    What was earned on one day belongs together.
    """

    id: str
    last: Decimal
    of: Pool
    at_least: Decimal
    measure: Measure = "credits"


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Of what the part took, other granted qualifications of these kinds have used at most so much.

    A share is of what this part took or requires, of the other qualification, or of the smaller of the two. With `each`
    every other qualification is looked at by itself; otherwise they are taken together.
    """

    id: str
    kinds: tuple[str, ...] = ()
    measure: Measure = "credits"
    at_most: Decimal | None = None
    at_most_share: Fraction | None = None
    share_of: OverlapOf = "taken"
    each: bool = False


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What is of this pool counts so many times its amount, perhaps in another unit; the first that fits decides."""

    of: Pool
    times: Fraction
    unit: Unit = ""


@dataclass(frozen=True, kw_only=True)
class MarkValue:
    """What a grade in words is worth as a number."""

    mark: str
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Blend:
    """The average of what is of this pool, or of the best so much of it, makes up this share of the whole.

    It may be blended of others in turn, and be rounded to a `step` before it enters: to the nearest and half up, if
    `rounded` does not say otherwise.
    """

    of: Pool
    share: Fraction
    best: Decimal | None = None
    step: Decimal | None = None
    rounded: Rounding = "nearest"
    blend: "tuple[Blend, ...]" = ()


@dataclass(frozen=True, kw_only=True)
class Average:
    """The grades of what the part took (of this pool) average at least, or at most, this, weighted.

    What has no grade does not enter, or counts as zero if `ungraded_as_zero`. With `best` only the best so many count,
    and what lacks of them counts as zero; with `last` only the newest, so far back as makes up so much, what was earned
    on one day belonging together. `values` turn grades in words into numbers. Another `property` may take the place
    of the grade.
    """

    id: str
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    weight: Measure = "credits"
    of: Pool = field(default_factory=Pool)
    best: Decimal | None = None
    ungraded_as_zero: bool = False
    values: tuple[MarkValue, ...] = ()
    rates: tuple[Rate, ...] = ()
    last: Decimal | None = None
    property: str = "grade"


@dataclass(frozen=True, kw_only=True)
class Newest:
    """The newest of what the part took was earned within this time: the part as a whole is that young."""

    id: str
    within: Period


@dataclass(frozen=True, kw_only=True)
class Order:
    """Everything that the parts `first` took was earned by the day that anything `then` was; the same day will do.

    With `apart`, at least so long lies between the last of the first and the first of what follows. With `within`,
    what came then came no later than so long after the last of the first; with `any_order` only that is asked.
    """

    id: str
    first: tuple[str, ...]
    then: tuple[str, ...]
    within: Period | None = None
    apart: Period | None = None
    any_order: bool = False


@dataclass(frozen=True, kw_only=True)
class OneYear:
    """Everything the part took was earned in one year that begins on this day, such as 1 August."""

    id: str
    month: int
    day: int


@dataclass(frozen=True, kw_only=True)
class Span:
    """From the first to the last of what the part took is no longer than `within`, and no shorter than `at_least`."""

    id: str
    within: Period | None = None
    at_least: Period | None = None


@dataclass(frozen=True, kw_only=True)
class Pace:
    """In any such time at most so much of what the part took was earned: one a week, thirty hours in a year."""

    id: str
    within: Period
    at_most: Decimal
    measure: Measure = "count"


@dataclass(frozen=True, kw_only=True)
class Together:
    """There is one day on which everything the part took was current."""

    id: str


# A condition is checked over what a part, with everything below it, took; it takes nothing, so conditions overlap.
Condition = Limit | Spread | Groups | LastOf | Overlap | Average | Newest | Order | OneYear | Span | Pace | Together
