"""What a rule says as a whole: its results, what counts as what, how long it stands, and its outermost parts."""

from dataclasses import dataclass, field, is_dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from pathways.rules.over import Blend, Limit, MarkValue, Measure, Rate, Rounding, SpreadBy
from pathways.rules.parts import Amount, Count, Requirement
from pathways.rules.where import Attempt, Day, Period, Pool, Which

Giving = Literal["all", "last", "number"]
GIVING: tuple[Giving, ...] = ("all", "last", "number")
Lasting = Literal["kept", "current"]
LASTING: tuple[Lasting, ...] = ("kept", "current")
Figuring = Literal["total", "average", "lowest", "highest"]
FIGURING: tuple[Figuring, ...] = ("total", "average", "lowest", "highest")
Over = Literal["counted", "held"]
OVER: tuple[Over, ...] = ("counted", "held")
FigureOver = Literal["counted", "held", "best"]
FIGURE_OVER: tuple[FigureOver, ...] = ("counted", "held", "best")
Listed = Literal["achievement", "holding"]
LISTED: tuple[Listed, ...] = ("achievement", "holding")


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
class Term:
    """Another result that is a number, so many times."""

    result: str
    times: Fraction = Fraction(1)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A result that is a number, or the word of the highest of its `bands` that the number reaches.

    It adds up a `measure`, or averages grades by it (weighted), or takes the lowest or highest of them, over what
    `counted`, or over all that is `held`, of the pool, or the total over whatever choice that satisfies the rule comes
    to most (over `best`); of the newest that make up `last`, of the `best` so much,
    `values` turning words into numbers. Another `property` may take the place of the grade; a `blend` averages each of
    its pools by itself. From a total `minus` is taken and it is divided by
    `per`; `places`, or a `step` such as 0.5, round it, to the nearest and half up where `rounded` does not say
    otherwise. What is divided and not rounded counts in whole ones only. Over what counted there is none while the rule
    is not satisfied.

    Of each group `by` a property at most `at_most_each` of the measure enters, the greater or better first; what
    belongs to several groups is of the first of them by its name.

    With `made_of` it is the sum of other results that were worked out before it, each so many times, and there is none
    while one of them is not there.
    """

    name: str
    give: Figuring = "total"
    measure: Measure = "credits"
    of: Pool = field(default_factory=Pool)
    over: FigureOver = "counted"
    best: Decimal | None = None
    minus: Decimal | None = None
    per: Decimal | None = None
    at_most: Decimal | None = None
    places: int | None = None
    step: Decimal | None = None
    rounded: Rounding = "nearest"
    values: tuple[MarkValue, ...] = ()
    rates: tuple[Rate, ...] = ()
    bands: tuple[Band, ...] = ()
    last: Decimal | None = None
    property: str = "grade"
    blend: tuple[Blend, ...] = ()
    made_of: tuple[Term, ...] = ()
    by: SpreadBy = ""
    at_most_each: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A result that lists what counted in a part, or in all: its achievements, or the holdings themselves."""

    name: str
    node: str = ""
    give: Listed = "achievement"


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """A result that is the last day of validity: so long after the day, or the earliest end of what counted.

    With `counted` so long after the day on which the first, or last, of what counted was earned. With `latest` the last
    of all these days and not the first.
    """

    name: str
    after: Period | None = None
    of: Pool = field(default_factory=Pool)
    counted: Which | None = None
    latest: bool = False


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
    tell of the day it was earned and of the running period. With `valid_from` the first period begins on that day
    instead; the facts `counted.first` and `counted.last` tell when the first and last of what counted was earned. From
    a fixed date one period follows another, and the first is the one in which it was earned. `keep` replaces the rule
    itself for asking whether it still stands. Once it has fallen, it returns when `reinstatement` is met (`prior.fell`
    is its last day), if that is said, or else by itself; never, with `falls_for_good`.
    """

    root: Requirement
    lasts: Lasting = "kept"
    grace: Period | None = None
    grace_to_year_end: bool = False
    validity: Period | None = None
    valid_from: Day | None = None
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
        """Whether some minimum is, or is lowered by, a fact about the learner."""
        return asks_by_facts(self)


def asks_by_facts(value: Any) -> bool:
    """Whether some minimum in a rule, or a part of it, is, or is lowered by, a fact about the learner."""
    if isinstance(value, tuple):
        return any(asks_by_facts(each) for each in value)
    if isinstance(value, Count | Amount | Limit) and (value.at_least_fact or getattr(value, "less_fact", "")):
        return True
    return is_dataclass(value) and any(
        asks_by_facts(getattr(value, name))
        for name in ("parts", "part", "conditions", "root", "renewal", "keep", "reinstatement", "results")
        if hasattr(value, name)
    )
