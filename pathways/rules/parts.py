"""The parts of a rule: those that take holdings, those that take nothing, and groups of them."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from pathways.rules.over import Blend, Condition, MarkValue, Measure, Rate, Unit
from pathways.rules.where import Day, Period, Pool, Where

TimeUnit = Literal["days", "months", "years"]
TIME_UNITS: tuple[TimeUnit, ...] = ("days", "months", "years")


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
    """Takes `at_least` to `at_most` different achievements of the pool; a surplus is left out and does no harm.

    `at_least_fact` names a fact about the learner that asks for more; while it is not known, nothing suffices.
    """

    id: str
    at_least: int
    pool: Pool
    at_most: int | None = None
    at_least_fact: str = ""
    conditions: tuple[Condition, ...] = ()
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Amount:
    """Takes holdings of the pool whose credits add up to `at_least`, and to `at_most` at the most.

    A holding counts whole or not at all, so one that would pass `at_most` is left out; unless what is logged is
    `divisible`, as hours and miles are: then it counts in part, and each part of it once. What a part that counts
    whole may take too, is not divided. As with a count, `at_least_fact` may ask for more. By `rates` some of it
    counts more or less than its amount, and of one holding at most `at_most_each`. `less_fact` names a fact that brings
    in so much of it from elsewhere, as hours carried over; while it is not known, it brings nothing.
    """

    id: str
    at_least: Decimal
    pool: Pool
    at_most: Decimal | None = None
    at_least_fact: str = ""
    less_fact: str = ""
    unit: Unit = "credits"
    divisible: bool = False
    at_most_each: Decimal | None = None
    rates: tuple[Rate, ...] = ()
    conditions: tuple[Condition, ...] = ()
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Takes nothing: met if a fact about the learner is one of these words, or lies between these numbers or days.

    Bounds may be other facts: `same_as`, `at_least_fact`, `at_most_fact`; words compare along a `scale`, from low to
    high. A list of facts (`name.0`, `name.1` …) meets it if one of them does. A fact that is not known meets nothing.
    `negated` turns the answer round, so that what is not known meets it.
    """

    id: str
    name: str
    one_of: tuple[str, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    since: Day | None = None
    until: Day | None = None
    same_as: str = ""
    at_least_fact: str = ""
    at_most_fact: str = ""
    scale: tuple[str, ...] = ()
    at_least_word: str = ""
    at_most_word: str = ""
    negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Given:
    """Takes nothing: met if the record has, or with `absent` has not, so much of the pool, whatever counts where."""

    id: str
    pool: Pool
    at_least: Decimal = Decimal(1)
    at_most: Decimal | None = None
    measure: Measure = "count"
    absent: bool = False


@dataclass(frozen=True, kw_only=True)
class Graded:
    """Takes nothing: met if the grades of all that the record has of the pool average at least, or at most, this.

    Nothing can be left out of it to raise it, as of what a part takes. Of one achievement earned twice the better grade
    enters, unless repetition counts. `weight`, `last`, `best`, `values`, `rates` and `property` are those of an average
    over what a part took; a `blend` averages each of its pools by itself. Nothing graded meets nothing.
    """

    id: str
    pool: Pool
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    weight: Measure = "credits"
    last: Decimal | None = None
    best: Decimal | None = None
    ungraded_as_zero: bool = False
    values: tuple[MarkValue, ...] = ()
    rates: tuple[Rate, ...] = ()
    property: str = "grade"
    blend: tuple[Blend, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SignedOff:
    """Takes nothing: met once a person in this role has approved this part for the learner."""

    id: str
    role: str
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Cap:
    """Of time spent in this pool, at most so much counts."""

    of: Pool
    at_most: Decimal


@dataclass(frozen=True, kw_only=True)
class Duration:
    """Takes nothing away: met if the periods of the pool cover so much time, each day counted once.

    A period runs from `earned_on` to `to`. Months are whole ones within each unbroken stretch; what is left over of
    the stretches counts thirty days to the month. `within` leaves out what lies longer ago, `since` and `until` what
    lies outside these days. With `unbroken` the longest stretch alone must be so long; `breaks` no longer than this do
    not end it, and do not count. A `rate` names a property
    (a share of full time, up to 1, or in hundredths) by which each period counts, up to once a day in all. Of the pools
    of `caps` at most so much counts. The periods are of `at_most` different values of the property `by`, whichever
    choice of values has most.
    """

    id: str
    at_least: Decimal
    pool: Pool
    unit: TimeUnit = "months"
    within: Period | None = None
    since: Day | None = None
    until: Day | None = None
    unbroken: bool = False
    breaks: Period | None = None
    rate: str = ""
    caps: tuple["Cap", ...] = ()
    by: str = ""
    at_most: int | None = None


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
class WasMet:
    """Takes nothing: met if `part` was met on some day from `since` to `until`, each up to the day of evaluation.

    It is judged on that day by what was there then; what came or expired later does not matter.
    """

    id: str
    part: "Requirement"
    since: Day | None = None
    until: Day | None = None


@dataclass(frozen=True, kw_only=True)
class EachCycle:
    """Takes nothing: met if `part` was met at the end, or in the `grace` after it, of each cycle that is over.

    Cycles follow one another from the day `beginning`, each so long as `every`. Within `part` the facts `cycle.begins`
    and `cycle.ends` are the first and last day of the cycle that is judged.
    """

    id: str
    part: "Requirement"
    beginning: Day
    every: Period
    grace: Period | None = None


@dataclass(frozen=True, kw_only=True)
class Unmet:
    """Takes nothing: met if `part`, judged by itself, is not."""

    id: str
    part: "Requirement"


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
Check = Fact | Given | Graded | SignedOff | Duration | Unbroken | WasMet | EachCycle | Unmet
Looking = Unbroken | WasMet | EachCycle | Unmet
Group = All | AnyOf | AtLeast
Requirement = Leaf | Check | Group
