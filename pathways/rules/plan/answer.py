"""What is asked of a planner, and what it answers: plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import ceil
from typing import Literal

from pathways.rules.evaluation import Evaluation

By = Literal["hours", "price", "date"]
BY: tuple[By, ...] = ("hours", "price", "date")
# best: no cheaper plan exists. found: the best that was found; `bound` says what no plan can be below. unknown: none
# was found, though the rules alone would allow one. none: not even everything on offer would do. nothing: all is there.
Outcome = Literal["best", "found", "unknown", "none", "nothing"]
LeftOutCode = Literal["excluded", "over", "full", "too_much_a_week", "other_currency"]
InsteadCode = LeftOutCode | Literal["costs_more", "ends_later", "not_enough", "clashes", "no_better"]

STEPS = 3_000


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the learner wants: the least of what, with how many hours a week, with and without which offers.

    By price, offers in another currency are left out. `steps` is how long to look.
    """

    by: By = "hours"
    hours_per_week: Decimal = Decimal(40)
    currency: str = ""
    chosen: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    steps: int = STEPS


@dataclass(frozen=True, kw_only=True)
class Use:
    """Where something counts: in which part of the rule of what.

    `key` is what counts there; it comes of the offer `by`, or is an achievement that is awarded on the way.
    """

    owner: str
    node: str
    key: str
    by: str
    is_award: bool = False


@dataclass(frozen=True, kw_only=True)
class Instead:
    """Another offer for the same part, and why it is not in the plan; `more` is what it would cost besides."""

    offering: str
    code: InsteadCode
    more: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One offer to take, when, what for, and why this one. With `is_only` there is no way without it."""

    offering: str
    begins_on: date
    ends_on: date
    hours: Decimal
    price: Decimal
    currency: str
    uses: tuple[Use, ...]
    opens: tuple[str, ...]
    is_only: bool
    instead: tuple[Instead, ...]


@dataclass(frozen=True, kw_only=True)
class Approval:
    """An approval that the plan supposes."""

    owner: str
    node: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to take, in order of time, and what comes of it.

    `awards` are the achievements awarded on the way, with their day; `uses` where each counts. `lacking` says, when
    not even everything on offer would do, where each target would stand. `bound` is in hours, money or a day.
    """

    by: By
    on: date
    outcome: Outcome
    steps: tuple[Step, ...] = ()
    awards: Mapping[str, date] = field(default_factory=dict)
    uses: tuple[Use, ...] = ()
    met: Mapping[str, date] = field(default_factory=dict)
    hours: Decimal = Decimal(0)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    finished_on: date | None = None
    bound: Decimal | date | None = None
    approvals: tuple[Approval, ...] = ()
    left_out: Mapping[str, LeftOutCode] = field(default_factory=dict)
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    lacking: Mapping[str, Evaluation] = field(default_factory=dict)
    looked: int = 0

    @property
    def at_most_more(self) -> int | None:
        """By how much another plan could be better at the most: in per cent of it, rounded up, or in days.

        None where there is no plan, or where nothing is known.
        """
        value, bound = self.value, self.bound
        if isinstance(value, date) and isinstance(bound, date):
            return (value - bound).days
        if isinstance(value, Decimal) and isinstance(bound, Decimal) and bound > 0:
            return ceil((value - bound) * 100 / bound)
        return None

    @property
    def value(self) -> Decimal | date | None:
        """What the plan comes to, by what was asked for."""
        match self.by:
            case "hours":
                return self.hours
            case "price":
                return sum(self.prices.values(), Decimal(0))
            case "date":
                return self.finished_on
