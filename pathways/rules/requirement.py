"""What a rule may say: a closed, frozen tree of parts, each with a stable id.

A part takes holdings. Nothing here evaluates; `evaluate` does, `notation` reads and writes, `explain` speaks. `where`
says what a single holding must be like, `over` what holds over all that a part took; both are part of this language.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, is_dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from pathways.rules.over import (
    MEASURES,
    OVERLAPS,
    ROUNDINGS,
    SHARES,
    SPREADS,
    Average,
    Condition,
    Groups,
    LastOf,
    Limit,
    MarkValue,
    Measure,
    Newest,
    OneYear,
    Order,
    Overlap,
    OverlapOf,
    Pace,
    Rate,
    Rounding,
    ShareOf,
    Span,
    Spread,
    SpreadBy,
    Together,
    Unit,
)
from pathways.rules.where import (
    ANY_KIND,
    ATTEMPTS,
    STARTS,
    WHICH,
    Attempt,
    Day,
    DayTest,
    FactDay,
    HoldingDay,
    Match,
    NumberTest,
    Period,
    Pool,
    ScaleTest,
    StartOf,
    Today,
    Where,
    Which,
)

__all__ = [
    "ANY_KIND",
    "ATTEMPTS",
    "FIGURING",
    "GIVING",
    "LASTING",
    "LISTED",
    "MAX_CLAUSES",
    "MAX_DEPTH",
    "MAX_RESULTS",
    "MEASURES",
    "OVER",
    "OVERLAPS",
    "ROUNDINGS",
    "SHARES",
    "SPREADS",
    "STARTS",
    "TIME_UNITS",
    "UNITS",
    "WHICH",
    "All",
    "Amount",
    "AnyOf",
    "AtLeast",
    "Attempt",
    "Average",
    "Band",
    "Barred",
    "Cap",
    "Check",
    "Condition",
    "Count",
    "Day",
    "DayTest",
    "Duration",
    "EachCycle",
    "Expiry",
    "Fact",
    "FactDay",
    "Figure",
    "Figuring",
    "Given",
    "Giving",
    "Group",
    "Groups",
    "HoldingDay",
    "Holds",
    "LastOf",
    "Lasting",
    "Leaf",
    "Levels",
    "Limit",
    "Listed",
    "Listing",
    "Looking",
    "MarkValue",
    "Match",
    "Measure",
    "Newest",
    "NumberTest",
    "OneYear",
    "Order",
    "Over",
    "Overlap",
    "OverlapOf",
    "Pace",
    "Passed",
    "Period",
    "Pool",
    "Rate",
    "Renewal",
    "Requirement",
    "Result",
    "Rounding",
    "Rule",
    "Same",
    "ScaleTest",
    "ShareOf",
    "SignedOff",
    "Span",
    "Spread",
    "SpreadBy",
    "StartOf",
    "Substitute",
    "TimeUnit",
    "Title",
    "Titles",
    "Today",
    "Together",
    "Total",
    "Unbroken",
    "Unit",
    "Unmet",
    "WasMet",
    "Where",
    "Which",
    "asks_by_facts",
    "conditions_of",
    "looked_into",
    "needed_parts",
    "roots",
    "walk",
]

MAX_DEPTH = 10
MAX_CLAUSES = 500
MAX_RESULTS = 50

# The names of amounts that are offered; any other may be written.
UNITS: tuple[Unit, ...] = ("credits", "hours", "points")
TimeUnit = Literal["days", "months", "years"]
TIME_UNITS: tuple[TimeUnit, ...] = ("days", "months", "years")
Giving = Literal["all", "last", "number"]
GIVING: tuple[Giving, ...] = ("all", "last", "number")
Lasting = Literal["kept", "current"]
LASTING: tuple[Lasting, ...] = ("kept", "current")
Figuring = Literal["total", "average"]
FIGURING: tuple[Figuring, ...] = ("total", "average")
Over = Literal["counted", "held"]
OVER: tuple[Over, ...] = ("counted", "held")
Listed = Literal["achievement", "holding"]
LISTED: tuple[Listed, ...] = ("achievement", "holding")


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
    counts more or less than its amount, and of one holding at most `at_most_each`.
    """

    id: str
    at_least: Decimal
    pool: Pool
    at_most: Decimal | None = None
    at_least_fact: str = ""
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
    lies outside these days. With `unbroken` the longest stretch alone must be so long. A `rate` names a property
    (a share of full time, up to 1, or in hundredths) by which each period counts, up to once a day in all. Of the pools
    of `caps` at most so much counts.
    """

    id: str
    at_least: Decimal
    pool: Pool
    unit: TimeUnit = "months"
    within: Period | None = None
    since: Day | None = None
    until: Day | None = None
    unbroken: bool = False
    rate: str = ""
    caps: tuple["Cap", ...] = ()


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
Check = Fact | Given | SignedOff | Duration | Unbroken | WasMet | EachCycle | Unmet
Looking = Unbroken | WasMet | EachCycle | Unmet
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


@dataclass(frozen=True, kw_only=True)
class Band:
    """A word for a number from here upwards."""

    word: str
    at_least: Decimal


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A result that is a number, or the word of the highest of its `bands` that the number reaches.

    It adds up a `measure`, or averages grades by it (weighted), over what `counted`, or over all that is `held`, of the
    pool; `best` so much of it, `values` turning words into numbers. From a total `minus` is taken and it is divided by
    `per`; `places` round it, to the nearest and half up where `rounded` does not say otherwise. What is divided and has
    no `places` counts in whole ones only. Over what counted there is none while the rule is not satisfied.
    """

    name: str
    give: Figuring = "total"
    measure: Measure = "credits"
    of: Pool = field(default_factory=Pool)
    over: Over = "counted"
    best: Decimal | None = None
    minus: Decimal | None = None
    per: Decimal | None = None
    at_most: Decimal | None = None
    places: int | None = None
    rounded: Rounding = "nearest"
    values: tuple[MarkValue, ...] = ()
    rates: tuple[Rate, ...] = ()
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A result that lists what counted in a part, or in all: its achievements, or the holdings themselves."""

    name: str
    node: str = ""
    give: Listed = "achievement"


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """A result that is the last day of validity: so long after the day, or the earliest end of what counted."""

    name: str
    after: Period | None = None
    of: Pool = field(default_factory=Pool)


@dataclass(frozen=True, kw_only=True)
class Levels:
    """A result in words that are earned by parts of their own, not needed to satisfy the rule: one part for each word.

    Each part is judged by itself, over what counted or over all that is held; as with titles all words are given, the
    last word only, or how many they are. There is none while the rule is not satisfied.
    """

    name: str
    words: tuple[str, ...]
    parts: "tuple[Requirement, ...]"
    give: Giving = "last"
    over: Over = "held"


Result = Titles | Total | Figure | Levels | Listing | Expiry


@dataclass(frozen=True, kw_only=True)
class Same:
    """Several names of one achievement (renamed, variants): whatever is asked or held, it is one and the same."""

    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Substitute:
    """What is of this pool stands for another achievement: the one named, or the one that its property names.

    It then carries `credits`, if that is said, and the tag `substitute`, by which a limit may hold how many there are.
    """

    of: Pool
    achievement: str = ""
    property: str = ""
    credits: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """Each holding of `by` renews what is of the pool `of` and still valid on its day, or within `grace` after its end.

    What is renewed is then valid for `period` from that day, or as long as what renewed it. With `extends` the period
    begins with the old end and not with the day; with `extends_within` only if that day lies no longer before it.
    """

    of: Pool
    by: Pool
    period: Period | None = None
    grace: Period | None = None
    extends: bool = False
    extends_within: Period | None = None


@dataclass(frozen=True, kw_only=True)
class Barred:
    """Of these achievements only one ever counts: the first or last earned, or the one with the best grade.

    If it does not matter which, a limit says so better.
    """

    names: tuple[str, ...]
    keeps: Attempt


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What must be satisfied to earn an achievement, and how long it stands once earned.

    `kept` stands whatever happens later; `current` stands while the rule is satisfied and, if it no longer is, for the
    `grace` after the last day on which it was, or with `grace_to_year_end` until that year ends.

    With `validity` the award runs for that period from the day it was earned, and with `renewal` for another each
    time that is met by the end of one (or its grace); the facts `prior.earned`, `cycle.begins` and `cycle.ends`
    tell of the day it was earned and of the running period. `keep` replaces the rule itself for asking whether it
    still stands. Once it has fallen, it returns when `reinstatement` is met (`prior.fell` is its last day), if that
    is said, or else by itself; never, with `falls_for_good`.
    """

    root: Requirement
    lasts: Lasting = "kept"
    grace: Period | None = None
    grace_to_year_end: bool = False
    validity: Period | None = None
    renewal: Requirement | None = None
    keep: Requirement | None = None
    reinstatement: Requirement | None = None
    falls_for_good: bool = False
    same: tuple[Same, ...] = ()
    substitutes: tuple[Substitute, ...] = ()
    barred: tuple[Barred, ...] = ()
    renewals: tuple[Renewal, ...] = ()
    results: tuple[Result, ...] = ()

    @cached_property
    def asks_by_facts(self) -> bool:
        """Whether some minimum is a fact about the learner."""
        return asks_by_facts(self)


def asks_by_facts(value: Any) -> bool:
    """Whether some minimum in a rule, or a part of it, is a fact about the learner."""
    if isinstance(value, tuple):
        return any(asks_by_facts(each) for each in value)
    if isinstance(value, Count | Amount | Limit) and value.at_least_fact:
        return True
    return is_dataclass(value) and any(
        asks_by_facts(getattr(value, name))
        for name in ("parts", "part", "conditions", "root", "renewal", "keep", "reinstatement", "results")
        if hasattr(value, name)
    )


def roots(rule: Rule) -> tuple[Requirement, ...]:
    """Every outermost part of a rule: what is asked to earn it first, then what else it judges."""
    levels = [part for result in rule.results if isinstance(result, Levels) for part in result.parts]
    said = (rule.root, rule.renewal, rule.keep, rule.reinstatement, *levels)
    return tuple(part for part in said if part is not None)


def walk(requirement: Requirement) -> Iterator[Requirement]:
    """The part itself and everything below it, in written order."""
    yield requirement
    if isinstance(requirement, Group):
        for part in requirement.parts:
            yield from walk(part)


def looked_into(part: Requirement) -> "Requirement | None":
    """The part that a check judges by itself, apart from what this rule takes."""
    return part.part if isinstance(part, Looking) else None


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
