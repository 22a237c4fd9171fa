"""What a rule may say: a closed, frozen tree of parts, each with a stable id.

A part takes holdings. Nothing here evaluates; `evaluate` does, `notation` reads and writes, `explain` speaks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

MAX_DEPTH = 10
MAX_CLAUSES = 500

Unit = Literal["credits", "hours", "points"]
UNITS: tuple[Unit, ...] = ("credits", "hours", "points")
Measure = Literal["count", "credits", "hours", "points"]
MEASURES: tuple[Measure, ...] = ("count", "credits", "hours", "points")
TimeUnit = Literal["days", "months", "years"]
TIME_UNITS: tuple[TimeUnit, ...] = ("days", "months", "years")
Giving = Literal["all", "last", "number"]
GIVING: tuple[Giving, ...] = ("all", "last", "number")
Lasting = Literal["kept", "current"]
LASTING: tuple[Lasting, ...] = ("kept", "current")
SpreadBy = Literal["subject", "issuer", "source", "kind", "level"]
SPREADS: tuple[SpreadBy, ...] = ("subject", "issuer", "source", "kind", "level")


@dataclass(frozen=True, kw_only=True)
class Period:
    """A length of time back from the day of evaluation; the day exactly that long ago still counts.

    With `whole_months` it begins on the first day of the month it leads to; with `exclusive` a day later.
    """

    years: int = 0
    months: int = 0
    days: int = 0
    whole_months: bool = False
    exclusive: bool = False


@dataclass(frozen=True, kw_only=True)
class FactDay:
    """A day that a fact about the learner gives (born, admitted …), moved by periods."""

    fact: str
    plus: Period | None = None
    minus: Period | None = None


Day = date | FactDay


@dataclass(frozen=True, kw_only=True)
class Where:
    """What one holding must be like to count in a part; every field that is set must fit.

    Tuples mean "one of these"; `with_tags` means "all of these" and `without_tags` "none of these". `marks` are the
    accepted grades of a scale of words. `earned_since` and `earned_until` are the first and last day, both included;
    a day from a fact that is not known lets nothing in. `held_for` asks that it was earned at least so long ago,
    `current` that it has not expired on the day of evaluation, `not_used_in` that no granted qualification of these
    kinds has used it. `tags_as_facts` asks, for each fact, for the tag `name=value` with its value (of a dotted name
    the last word); `either` for one of several further conditions.

    A revoked or suspended holding, or one dated after the day, never counts anywhere and need not be excluded.
    """

    grade_at_least: Decimal | None = None
    level_at_least: int | None = None
    level_at_most: int | None = None
    marks: tuple[str, ...] = ()
    earned_since: Day | None = None
    earned_until: Day | None = None
    earned_within: Period | None = None
    held_for: Period | None = None
    current: bool = False
    issuers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    with_tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    tags_as_facts: tuple[str, ...] = ()
    not_used_in: tuple[str, ...] = ()
    either: "tuple[Where, ...]" = ()


@dataclass(frozen=True, kw_only=True)
class Pool(Where):
    """A query over the awards and recognised credentials of a record; empty means all of them.

    The same achievement earned twice is one achievement, unless `repeats` says that repetition counts.
    """

    achievements: tuple[str, ...] = ()
    without_achievements: tuple[str, ...] = ()
    repeats: bool = False


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Of everything the part took, so much must be, or at most so much may be, of this kind.

    Shares are of everything the part took, in the same measure. What would pass a maximum is left out.
    """

    id: str
    of: Pool
    measure: Measure = "credits"
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    at_least_share: Fraction | None = None
    at_most_share: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What the part took comes from at least so many different subjects, issuers …, or at most so many from each."""

    id: str
    by: SpreadBy
    at_least: int | None = None
    at_most_each: int | None = None


@dataclass(frozen=True, kw_only=True)
class Average:
    """The grades of what the part took average at least this, weighted; what has no grade does not enter."""

    id: str
    at_least: Decimal
    weight: Measure = "credits"


@dataclass(frozen=True, kw_only=True)
class Newest:
    """The newest of what the part took was earned within this time: the part as a whole is that young."""

    id: str
    within: Period


@dataclass(frozen=True, kw_only=True)
class Order:
    """Everything that the parts `first` took was earned by the day that anything `then` was; the same day will do.

    With `within`, what came then came no later than so long after the last of the first; with `any_order` only that
    is asked.
    """

    id: str
    first: tuple[str, ...]
    then: tuple[str, ...]
    within: Period | None = None
    any_order: bool = False


@dataclass(frozen=True, kw_only=True)
class OneYear:
    """Everything the part took was earned in one year that begins on this day, such as 1 August."""

    id: str
    month: int
    day: int


@dataclass(frozen=True, kw_only=True)
class Span:
    """From the first to the last of what the part took is no longer than this."""

    id: str
    within: Period


@dataclass(frozen=True, kw_only=True)
class Together:
    """There is one day on which everything the part took was current."""

    id: str


# A condition is checked over what a part, with everything below it, took; it takes nothing, so conditions overlap.
Condition = Limit | Spread | Average | Newest | Order | OneYear | Span | Together


@dataclass(frozen=True, kw_only=True)
class Holds:
    """Takes one award or recognised credential of any of the named achievements."""

    id: str
    any_of: tuple[str, ...]
    where: Where = field(default_factory=Where)
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Passed:
    """Takes one released grade of the assessment `course-slug/assessment-slug`.

    With `where.grade_at_least` that minimum decides, otherwise the pass mark of the assessment itself does.
    """

    id: str
    assessment: str
    where: Where = field(default_factory=Where)
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Count:
    """Takes `at_least` to `at_most` different achievements of the pool; a surplus is left out and does no harm."""

    id: str
    at_least: int
    pool: Pool
    at_most: int | None = None
    conditions: tuple[Condition, ...] = ()
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Amount:
    """Takes holdings of the pool whose credits add up to `at_least`, and to `at_most` at the most.

    A holding counts whole or not at all, so one that would pass `at_most` is left out.
    """

    id: str
    at_least: Decimal
    pool: Pool
    at_most: Decimal | None = None
    unit: Unit = "credits"
    conditions: tuple[Condition, ...] = ()
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Takes nothing: met if a fact about the learner is one of these words, or lies between these numbers or days.

    A fact that is not known meets nothing.
    """

    id: str
    name: str
    one_of: tuple[str, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """Takes nothing: met if the record has, or with `absent` has not, holdings of the pool, whatever counts where."""

    id: str
    pool: Pool
    at_least: int = 1
    absent: bool = False


@dataclass(frozen=True, kw_only=True)
class SignedOff:
    """Takes nothing: met once a person in this role has approved this part for the learner."""

    id: str
    role: str
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Duration:
    """Takes nothing away: met if the periods of the pool cover so much time, each day counted once.

    A period runs from `earned_on` to `to`. Months are whole ones within each unbroken stretch; what is left over of
    the stretches counts thirty days to the month. `within` leaves out what lies longer ago.
    """

    id: str
    at_least: Decimal
    pool: Pool
    unit: TimeUnit = "months"
    within: Period | None = None


@dataclass(frozen=True, kw_only=True)
class Unbroken:
    """Takes nothing: met unless `part`, once met, was ever out of force for longer than `grace`.

    A holding of `restored_by` mends any gap before it. What the part asks now is for another part to say.
    """

    id: str
    part: "Requirement"
    grace: Period
    restored_by: Pool | None = None


@dataclass(frozen=True, kw_only=True)
class All:
    """Every part."""

    id: str
    parts: "tuple[Requirement, ...]"
    conditions: tuple[Condition, ...] = ()
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class AnyOf:
    """One of the parts, whichever."""

    id: str
    parts: "tuple[Requirement, ...]"
    conditions: tuple[Condition, ...] = ()
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class AtLeast:
    """`count` or more of the parts."""

    id: str
    count: int
    parts: "tuple[Requirement, ...]"
    conditions: tuple[Condition, ...] = ()
    shared: bool = False


# `shared` on a part: what it takes stays free for the other parts, and it may take what they took. Inside the part
# each holding still counts once.
Leaf = Holds | Passed | Count | Amount
Check = Fact | Given | SignedOff | Duration | Unbroken
Group = All | AnyOf | AtLeast
Requirement = Leaf | Check | Group


@dataclass(frozen=True, kw_only=True)
class Title:
    """A word that the result bears when a part is met."""

    word: str
    node: str


@dataclass(frozen=True, kw_only=True)
class Titles:
    """A result made of the parts that are met: all their words, the last word only, or how many they are."""

    name: str
    titles: tuple[Title, ...]
    give: Giving = "all"


@dataclass(frozen=True, kw_only=True)
class Total:
    """A result that adds up what counted, each holding once; nothing while the rule is not satisfied."""

    name: str
    measure: Measure = "credits"


Result = Titles | Total


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What must be satisfied to earn an achievement, and how long it stands once earned.

    `kept` stands whatever happens later; `current` stands while the rule is satisfied and, if it no longer is, for the
    `grace` after the last day on which it was, or with `grace_to_year_end` until that year ends.
    """

    root: Requirement
    lasts: Lasting = "kept"
    grace: Period | None = None
    grace_to_year_end: bool = False
    results: tuple[Result, ...] = ()


def walk(requirement: Requirement) -> Iterator[Requirement]:
    """The part itself and everything below it, in written order."""
    yield requirement
    if isinstance(requirement, Group):
        for part in requirement.parts:
            yield from walk(part)


def looked_into(part: Requirement) -> "Requirement | None":
    """The part that a check judges by itself, apart from what this rule takes."""
    return part.part if isinstance(part, Unbroken) else None


def conditions_of(part: Requirement) -> tuple[Condition, ...]:
    """The conditions over what this part takes."""
    return part.conditions if isinstance(part, Count | Amount | Group) else ()


def needed_parts(group: Group) -> int:
    """How many of the parts of a group must be met."""
    match group:
        case All(parts=parts):
            return len(parts)
        case AnyOf():
            return 1
        case AtLeast(count=count):
            return count
