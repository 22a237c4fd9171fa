"""What grades and awards bring to a rule."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from credentials.models import Achievement, Award
from pathways.models import Experience, Grade
from pathways.rules.record import Holding, Other, Status

# The status of an award that its own rule has revoked: it counts nowhere, and does not keep another from being made.
FALLEN: Status = "fallen"
AWARD_STATUS: dict[str, Status] = {
    Award.Standing.ACTIVE: "active",
    Award.Standing.SUSPENDED: "suspended",
    Award.Standing.REVOKED: "revoked",
}


def institution_day(at: datetime) -> date:
    """The day at that moment in the institution's time zone: rules count in days there."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def grade_holding(grade: Grade) -> Holding:
    """What a grade brings to a rule; needs assessment, course and issuer loaded."""
    return marks_holding(
        uuid=grade.uuid,
        key=grade.assessment.key,
        earned_on=grade.earned_on,
        marks=grade.marks,
        out_of=grade.out_of,
        pass_marks=grade.pass_marks,
        issuer=grade.assessment.course.issuer.slug,
    )


def marks_holding(
    *, uuid: UUID, key: str, earned_on: date, marks: Decimal, out_of: Decimal, pass_marks: Decimal, issuer: str
) -> Holding:
    """What marks bring to a rule, whether they are stored yet or not."""
    return Holding(
        id=f"grade:{uuid}",
        kind="grade",
        key=key,
        earned_on=earned_on,
        grade=marks * 100 / out_of,
        passed=marks >= pass_marks,
        issuer=issuer,
        source="assessed",
    )


def award_holding(award: Award) -> Holding:
    """What an award brings to a rule; needs achievement, its issuer and its skills loaded."""
    return Holding(
        id=f"award:{award.uuid}",
        earned_on=award.awarded_on,
        until=award.valid_until,
        status=award_status(award.standing, earnable_again=award.earnable_again),
        **described(award.achievement),
    )


def experience_holding(experience: Experience) -> Holding:
    """What attested experience brings to a rule; needs its logbook and issuer loaded."""
    return logged_holding(
        uuid=experience.uuid,
        key=experience.logbook.slug,
        begins_on=experience.begins_on,
        ends_on=experience.ends_on,
        hours=experience.hours,
        issuer=experience.logbook.issuer.slug,
        role=experience.role or experience.logbook.role,
    )


def logged_holding(
    *, uuid: UUID, key: str, begins_on: date, ends_on: date, hours: Decimal, issuer: str, role: str
) -> Holding:
    """What an entry of a logbook brings to a rule, once somebody in this role attests it."""
    return Holding(
        id=f"experience:{uuid}",
        kind="recognised",
        key=key,
        earned_on=begins_on,
        to=ends_on,
        hours=hours,
        issuer=issuer,
        source="attested",
        tags=frozenset({f"as={role}"}),
    )


@dataclass(frozen=True, kw_only=True)
class Terms:
    """As how much prior learning counts, and on which days."""

    credits: Decimal
    level: int | None = None
    subject: str = ""
    earned_on: date
    valid_until: date | None = None


def recognised_holding(
    *, uuid: UUID, achievement: Achievement | None, key: str, terms: Terms, outside_issuer: str
) -> Holding:
    """What prior learning brings that is recognised as this achievement, or as mere credits.

    Needs the achievement's issuer and skills loaded.
    """
    as_said = described(achievement) if achievement is not None else {}
    counting = {
        "kind": "recognised",
        "key": key,
        "credits": terms.credits,
        "level": terms.level,
        "subject": terms.subject or as_said.get("subject", ""),
        # A rule that asks for issuers must tell ours from others.
        "issuer": outside_issuer,
        "source": "recognised",
    }
    return Holding(id=f"recognised:{uuid}", earned_on=terms.earned_on, until=terms.valid_until, **(as_said | counting))


def award_status(standing: str, *, earnable_again: bool) -> Status:
    return FALLEN if earnable_again else AWARD_STATUS[standing]


def described(achievement: Achievement) -> dict[str, Any]:
    """What every award of this achievement brings; needs its issuer and its skills loaded."""
    return {
        "kind": "award",
        "key": achievement.slug,
        "credits": achievement.credits,
        "hours": achievement.workload_hours,
        "level": achievement.level,
        "issuer": achievement.issuer.slug,
        "subject": achievement.subject,
        "achievement_kind": achievement.kind,
        "source": "assessed",
        "tags": frozenset(achievement.tags),
        "skills": frozenset(skill.name for skill in achievement.skills.all()),
    }


# What uses nothing that another award could use as well: it stands on assessments.
SMALLEST_KIND = Achievement.Kind.MICRO_CREDENTIAL


def other_of(award: Award, uses: frozenset[str]) -> Other:
    """An award as the ledger of what is used where tells of it; needs its achievement loaded."""
    return other(award.achievement, uses)


def other(achievement: Achievement, uses: frozenset[str]) -> Other:
    """An award of this achievement that uses these holdings, for that ledger."""
    return Other(
        id=achievement.slug,
        uses=uses,
        kind=achievement.kind,
        level="" if achievement.level is None else str(achievement.level),
        tags=frozenset(achievement.tags),
        amounts=(("credits", achievement.credits), ("hours", achievement.workload_hours)),
    )
