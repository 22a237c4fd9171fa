"""What a single holding must be like: times, days, tests on its properties, and pools as queries over a record."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

Attempt = Literal["first", "last", "best"]
ATTEMPTS: tuple[Attempt, ...] = ("first", "last", "best")
Which = Literal["first", "last"]
WHICH: tuple[Which, ...] = ("first", "last")
# What a day may begin anew with: a week (on Monday), month, quarter or year; or a year from a day of its own, as 09-01.
StartOf = str
STARTS: tuple[StartOf, ...] = ("week", "month", "quarter", "year")
# Among the kinds of qualifications that use something: all of them.
ANY_KIND = "*"


@dataclass(frozen=True, kw_only=True)
class Period:
    """A length of time back from the day of evaluation; the day exactly that long ago still counts.

    With `whole_months` it begins on the first day of the month it leads to; with `exclusive` a day later. Where it says
    how long something lasts from a day (validity, renewal, grace, cycle), it ends with the month that it leads to.
    """

    years: int = 0
    months: int = 0
    days: int = 0
    whole_months: bool = False
    exclusive: bool = False


@dataclass(frozen=True, kw_only=True)
class FactDay:
    """A day that a fact about the learner gives (born, admitted …), or on which its month or year begins, moved."""

    fact: str
    start_of: StartOf | None = None
    plus: Period | None = None
    minus: Period | None = None


@dataclass(frozen=True, kw_only=True)
class HoldingDay:
    """A day of the first or last holding of the pool: the one on which it was earned, `until`, `to`, or a property."""

    which: Which
    pool: "Pool"
    on: str = "earned"
    start_of: StartOf | None = None
    plus: Period | None = None
    minus: Period | None = None


@dataclass(frozen=True, kw_only=True)
class Today:
    """The day of evaluation, or the first day of its month, year or whatever `start_of` names, moved by periods."""

    start_of: StartOf | None = None
    plus: Period | None = None
    minus: Period | None = None


Day = date | FactDay | HoldingDay | Today


@dataclass(frozen=True, kw_only=True)
class NumberTest:
    """A property of the holding is a number between these; bounds may be facts about the learner, or its own.

    `at_least_of` and `at_most_of` name another property of the same holding, such as its pass mark, or so many `times`
    of it. Properties are `grade`, `level`, the amounts (credits, hours …), and what a tag `name=value` gives.
    """

    of: str
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    at_least_fact: str = ""
    at_most_fact: str = ""
    at_least_of: str = ""
    at_most_of: str = ""
    times: Fraction = Fraction(1)


@dataclass(frozen=True, kw_only=True)
class ScaleTest:
    """A property of the holding is a word of this scale, written from low to high, between these.

    `grade` is the mark in words. What is not on the scale fits nothing. Bounds may be facts about the learner.
    """

    of: str
    scale: tuple[str, ...]
    at_least: str = ""
    at_most: str = ""
    at_least_fact: str = ""
    at_most_fact: str = ""


@dataclass(frozen=True, kw_only=True)
class DayTest:
    """A property of the holding is a day between these; or no earlier than another such day, and `within` so long.

    Properties are `earned`, `until`, `to`, and what a tag `name=day` gives.
    """

    of: str
    since: Day | None = None
    until: Day | None = None
    after: str = ""
    within: Period | None = None


@dataclass(frozen=True, kw_only=True)
class Match:
    """A property of the holding is what a fact about the learner says, or one of a list of facts."""

    of: str
    fact: str


@dataclass(frozen=True, kw_only=True)
class Where:
    """What one holding must be like to count in a part; every field that is set must fit.

    Tuples mean "one of these"; `with_tags` means "all of these" and `without_tags` "none of these". `marks` are the
    accepted grades of a scale of words. `earned_since` and `earned_until` are the first and last day, both included;
    a day from a fact or a holding that is not known lets nothing in. `held_for` asks that it was earned at least so
    long ago, `current` that it has not expired on the day of evaluation, `current_on` that it was in force on another
    day, `valid_for` that it remains valid so long. `ended_since` and `ended_until` look at the last day of a period of
    work, `lasting` at how long that period was.

    `used_in` and `not_used_in` ask by which kinds of granted qualifications it has been used ("*" for any), and
    `uses_at_most` by how many. `tags_as_facts` asks, for each fact, for the tag `name=value` with its value (of a
    dotted name the last word); `matches` says the same of any property. `either` asks for one of several further
    conditions, which may name achievements, `neither` for none of them. `attempt` takes only the first, last or
    best of the times an achievement was earned. `while_held` asks that on its day something of that pool was in
    force, `if_held` and `unless_held` that the record has, or has not, something of that pool.

    A holding dated after the day never counts, and one that is not active or expired only where `statuses` names its
    status.
    """

    grade_at_least: Decimal | None = None
    level_at_least: int | None = None
    level_at_most: int | None = None
    marks: tuple[str, ...] = ()
    numbers: tuple[NumberTest, ...] = ()
    scales: tuple[ScaleTest, ...] = ()
    days: tuple[DayTest, ...] = ()
    earned_since: Day | None = None
    earned_until: Day | None = None
    earned_within: Period | None = None
    ended_since: Day | None = None
    ended_until: Day | None = None
    lasting: Period | None = None
    held_for: Period | None = None
    current: bool = False
    current_on: Day | None = None
    valid_for: Period | None = None
    statuses: tuple[str, ...] = ()
    attempt: Attempt | None = None
    issuers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    with_tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    tags_as_facts: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    used_in: tuple[str, ...] = ()
    not_used_in: tuple[str, ...] = ()
    uses_at_most: int | None = None
    while_held: "Pool | None" = None
    if_held: "Pool | None" = None
    unless_held: "Pool | None" = None
    either: "tuple[Where, ...]" = ()
    neither: "tuple[Where, ...]" = ()

    @cached_property
    def said(self) -> frozenset[str]:
        """The names of the fields that ask for something."""
        return frozenset(each.name for each in fields(self) if getattr(self, each.name) != each.default)


@dataclass(frozen=True, kw_only=True)
class Pool(Where):
    """A query over the awards and recognised credentials of a record; empty means all of them.

    The same achievement earned twice is one achievement, unless `repeats` says that repetition counts.
    """

    achievements: tuple[str, ...] = ()
    without_achievements: tuple[str, ...] = ()
    repeats: bool = False
