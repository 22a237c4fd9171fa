"""Makes what tests are about, by plain functions, through the acts where an act exists."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from credentials import issuance
from credentials.models import Achievement, AchievementSkill, Award, Credential, Issuer, IssuerRole
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)

_numbers = itertools.count(1)


def make_issuer(*, registrar: User | None = None, **fields: Any) -> Issuer:
    number = next(_numbers)
    issuer = Issuer.objects.create(
        **{
            "slug": f"issuer-{number}",
            "name": f"Faculty {number}",
            "description": "Teaches what can be built on.",
            "url": "https://faculty.example.edu",
            "email": "office@example.edu",
            "country_code": "DE",
            "quality_assurance": "Reviewed every year by the faculty board.",
        }
        | fields
    )
    if registrar:
        IssuerRole.objects.create(user=registrar, issuer=issuer, role=IssuerRole.Role.REGISTRAR)
    return issuer


def make_achievement(
    *, published: bool = True, skills: tuple[str, ...] = ("Reads a table",), **fields: Any
) -> Achievement:
    """A micro-credential with every descriptor that publishing asks for."""
    number = next(_numbers)
    issuer = fields.pop("issuer", None) or make_issuer()
    achievement = Achievement.objects.create(
        **{
            "slug": f"achievement-{number}",
            "issuer": issuer,
            "kind": Achievement.Kind.MICRO_CREDENTIAL,
            "name": f"Data literacy {number}",
            "summary": "Reads, questions and presents data.",
            "description": "The holder reads, questions and presents data of everyday size.",
            "outcomes": ["Reads a table", "Questions a chart"],
            "criteria": "Passed the quiz with at least 60 %.",
            "level": 5,
            "credits": Decimal("2.5"),
            "workload_hours": Decimal(60),
            "assessment_type": "Written assignment, marked by rubric",
            "quality_assurance": "A second marker reads one in five.",
            "language": "en",
            "subject": "Data",
            "image_alt": "Four stacked stones",
            "state": Achievement.State.PUBLISHED if published else Achievement.State.DRAFT,
            "published_at": NOON if published else None,
        }
        | fields
    )
    for position, skill in enumerate(skills):
        AchievementSkill.objects.create(
            achievement=achievement,
            position=position,
            name=skill,
            framework="ESCO",
            url=f"http://data.europa.eu/esco/skill/{number}-{position}",
        )
    return achievement


def issue_to(learner: User, achievement: Achievement | None = None, *, at: datetime = NOON, **fields: Any) -> Award:
    """An award as an act would make it: under the learner's lock, its jobs promised and not yet done."""
    with transaction.atomic():
        lock_learners([learner.pk])
        [award] = issuance.issue(
            [issuance.NewAward(learner=learner, achievement=achievement or make_achievement(), **fields)], at=at
        )
    return award


def credential_of(award: Award) -> Credential:
    return Credential.objects.get(award=award, superseded_by__isnull=True)
