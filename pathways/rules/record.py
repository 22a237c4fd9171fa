"""What a learner brings to a rule: holdings, what is under way, and facts, as plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

HoldingKind = Literal["award", "grade", "recognised"]
Status = Literal["active", "suspended", "revoked", "superseded", "expired"]


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One released grade, award, or recognised outside credential.

    `key` is the slug of the achievement, or `course-slug/assessment-slug` for a grade. `grade` is in percent of full
    marks, 0 to 100; `passed` says whether a grade reached the pass mark of its own assessment. `until` is the last
    day of validity, included; none means that it does not expire.
    `mark` is a grade in words of some scale. `to` is the last day of a period of work or service, `earned_on` being the
    first.
    """

    id: str
    kind: HoldingKind
    key: str
    earned_on: date
    credits: Decimal = Decimal(0)
    hours: Decimal = Decimal(0)
    points: Decimal = Decimal(0)
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
class Record:
    """Everything about one learner that a rule may look at.

    `under_way` holds (kind, key) of achievements and assessments begun and not finished: ("award", slug) for a course
    or pathway enrolled in, ("grade", "course-slug/assessment-slug") for work handed in and not yet marked. `facts` are
    words, numbers and ISO days by name. `used_in` says, by holding id, of which kinds the granted qualifications are
    that have used it. `sign_offs` holds (part id, role) of approvals given.
    """

    holdings: tuple[Holding, ...] = ()
    under_way: frozenset[tuple[HoldingKind, str]] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    used_in: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sign_offs: frozenset[tuple[str, str]] = frozenset()
