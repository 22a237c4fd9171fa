"""What a learner brings to a rule: holdings, what is under way, and facts, as plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from pathways.rules.rulings import RulingValue

HoldingKind = Literal["award", "grade", "recognised"]
# Issuers have further words (retired, returned, failed …); they count only where a rule names them.
Status = str


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One released grade, award, or recognised outside credential.

    `key` is the slug of the achievement, or `course-slug/assessment-slug` for a grade. `grade` is in percent of full
    marks, 0 to 100; `passed` says whether a grade reached the pass mark of its own assessment. `until` is the last
    day of validity, included; none means that it does not expire. `amounts` are further amounts by name (days,
    miles, landings …). `mark` is a grade in words of some scale. A tag `name=value` is a property that rules may
    ask for by its name. `to` is the last day of a period of work or service, `earned_on` being the first.
    """

    id: str
    kind: HoldingKind
    key: str
    earned_on: date
    credits: Decimal = Decimal(0)
    hours: Decimal = Decimal(0)
    points: Decimal = Decimal(0)
    amounts: tuple[tuple[str, Decimal], ...] = ()
    level: int | None = None
    grade: Decimal | None = None
    mark: str = ""
    passed: bool = True
    until: date | None = None
    to: date | None = None
    status: Status = "active"
    issuer: str = ""
    subject: str = ""
    achievement_kind: str = ""
    source: str = ""
    tags: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Other:
    """Another qualification of the learner, with the holdings, by id, that it uses; granted, or only aimed at."""

    id: str
    uses: frozenset[str] = frozenset()
    granted: bool = True
    kind: str = ""
    level: str = ""
    tags: frozenset[str] = frozenset()
    amounts: tuple[tuple[str, Decimal], ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """What a rule may call it: its id, kind, level or a tag."""
        return frozenset({self.id, self.kind, self.level} - {""}) | self.tags


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A learner's choice in the rule of the achievement `rule`: that a holding counts in a part, or does not there."""

    rule: str
    node: str
    holding: str
    here: bool = True


@dataclass(frozen=True, kw_only=True)
class Record:
    """Everything about one learner that a rule may look at.

    `under_way` holds (kind, key) of achievements and assessments begun and not finished: ("award", slug) for a course
    or pathway enrolled in, ("grade", "course-slug/assessment-slug") for work handed in and not yet marked. `facts`
    are words, numbers and ISO days by name. `used_in` says, by holding id, of which kinds the granted
    qualifications are that have used it; `others` says more of other qualifications, granted or not. `sign_offs`
    holds (part id, role) of approvals given. `pins` are the learner's choices, the one that goes first at first.
    """

    holdings: tuple[Holding, ...] = ()
    under_way: frozenset[tuple[HoldingKind, str]] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    used_in: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sign_offs: frozenset[tuple[str, str]] = frozenset()
    others: tuple[Other, ...] = ()
    rulings: tuple[RulingValue, ...] = ()
    pins: tuple[Pin, ...] = ()
