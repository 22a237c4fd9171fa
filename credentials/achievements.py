"""Acts on achievements: made, edited, published once nothing is missing, withdrawn."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials import composition
from credentials.models import Achievement, AchievementSkill, Award, Credential, Issuer, StatusList
from credentials.standards import open_badges
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal

EDITABLE = (
    "slug",
    "kind",
    "name",
    "summary",
    "description",
    "outcomes",
    "criteria",
    "level_framework",
    "level",
    "credits",
    "workload_hours",
    "assessment_type",
    "participation",
    "supervision",
    "quality_assurance",
    "language",
    "subject",
    "specialization",
    "code",
    "identifiers",
    "translation_of",
    "tags",
    "validity_months",
    "image_alt",
)


class SlugFixed(Refusal):
    """Rules and signed documents name a published achievement by its short name."""

    words = _("The short name of “{achievement}” stands in published rules and credentials, and cannot change.")


class SlugTaken(Refusal):
    """Two achievements would share an address."""

    words = _("There is an achievement with the short name “{slug}” already.")


class StillMissing(Refusal):
    """What a micro-credential must say about itself is not all there."""

    words = _("“{achievement}” cannot be published yet. Missing: {missing}.")
    status: ClassVar[int] = 422


class NotPublishable(Refusal):
    """The achievement is in a state from which this is not done."""

    words = _("“{achievement}” is {state}, and this is not done from there.")


class ChangedMeanwhile(Refusal):
    """Somebody else edited it since it was read."""

    words = _("“{achievement}” was changed by somebody else meanwhile. Look at it again.")


@dataclass(frozen=True)
class Skill:
    """A skill that an achievement shows, with its address in a framework where it has one."""

    name: str
    framework: str = ""
    url: str = ""


@transaction.atomic
def create_achievement(
    *, issuer: Issuer, by: User, at: datetime, skills: Sequence[Skill] = (), **fields: Any
) -> Achievement:
    """Make a draft. `fields` are those of `EDITABLE`. Refuses SlugTaken."""
    _refuse_unknown(fields)
    if Achievement.objects.filter(slug=fields.get("slug")).exists():
        raise SlugTaken(slug=fields["slug"])
    achievement = Achievement(issuer=issuer, **fields)
    _clean(achievement)
    achievement.save()
    _set_skills(achievement, skills)
    audit.note("create achievement", achievement, actor=by, at=at)
    return achievement


@transaction.atomic
def edit_achievement(
    *,
    achievement: Achievement,
    by: User,
    at: datetime,
    skills: Sequence[Skill] | None = None,
    expected_version: int | None = None,
    **fields: Any,
) -> Achievement:
    """Change a draft, or make the next version of a published one; what was awarded before keeps what it says.

    Refuses SlugFixed, SlugTaken, ChangedMeanwhile, and StillMissing where a published one would become incomplete.
    """
    _refuse_unknown(fields)
    current = Achievement.objects.select_for_update(no_key=True).get(pk=achievement.pk)
    if expected_version is not None and expected_version != current.version:
        raise ChangedMeanwhile(achievement=current)
    is_draft = current.state == Achievement.State.DRAFT
    slug = fields.get("slug", current.slug)
    if slug != current.slug and not is_draft:
        raise SlugFixed(achievement=current)
    if slug != current.slug and Achievement.objects.filter(slug=slug).exists():
        raise SlugTaken(slug=slug)
    changed = [name for name, value in fields.items() if getattr(current, name) != value]
    for name in changed:
        setattr(current, name, fields[name])
    _clean(current)
    if skills is not None and list(skills) != skills_of(current):
        _set_skills(current, skills)
        changed.append("skills")
    if not changed:
        return current
    if not is_draft:
        current.version += 1
        if missing := missing_for_publication(current):
            raise StillMissing(achievement=current, missing="; ".join(missing))
    current.save()
    audit.note("edit achievement", current, actor=by, at=at, changed=changed, version=current.version)
    return current


@transaction.atomic
def publish_achievement(*, achievement: Achievement, by: User, at: datetime) -> Achievement:
    """Let it be awarded. Refuses NotPublishable, and StillMissing with everything that is missing."""
    current = Achievement.objects.select_for_update(no_key=True).get(pk=achievement.pk)
    if current.state == Achievement.State.PUBLISHED:
        raise NotPublishable(achievement=current, state=current.get_state_display())
    if missing := missing_for_publication(current):
        raise StillMissing(achievement=current, missing="; ".join(missing))
    current.state = Achievement.State.PUBLISHED
    current.published_at = current.published_at or at
    current.withdrawn_at = None
    current.save()
    audit.note("publish achievement", current, actor=by, at=at, version=current.version)
    return current


@transaction.atomic
def withdraw_achievement(*, achievement: Achievement, by: User, at: datetime, reason: str = "") -> Achievement:
    """Take it out of the catalogue. Those who had begun can still earn it, and what was awarded stays."""
    current = Achievement.objects.select_for_update(no_key=True).get(pk=achievement.pk)
    if current.state != Achievement.State.PUBLISHED:
        raise NotPublishable(achievement=current, state=current.get_state_display())
    current.state = Achievement.State.WITHDRAWN
    current.withdrawn_at = at
    current.save()
    audit.note("withdraw achievement", current, actor=by, at=at, reason=reason)
    return current


def missing_for_publication(achievement: Achievement) -> list[str]:
    """What the achievement does not say yet, in words for its author; empty when it may be published.

    The list is that of the EU standard for micro-credentials. When all of it is there, a sample credential with a
    made-up learner is composed and checked whole, so that no award can fail on what its author wrote.
    """
    wanted: list[tuple[object, str | Promise]] = [
        (achievement.name.strip(), _("a name")),
        (achievement.summary.strip(), _("the sentence that sums it up")),
        (achievement.description.strip(), _("a description")),
        ([outcome for outcome in achievement.outcomes if str(outcome).strip()], _("learning outcomes")),
        (achievement.criteria.strip(), _("how it is earned")),
        (achievement.level, _("a level")),
        (achievement.level_framework.strip(), _("the framework of its level")),
        (achievement.workload_hours, _("the workload in hours")),
        (achievement.credits, _("credits")),
        (achievement.assessment_type.strip(), _("the type of assessment")),
        (
            achievement.quality_assurance.strip() or achievement.issuer.quality_assurance.strip(),
            _("quality assurance"),
        ),
        (achievement.language, _("a language")),
        (achievement.image_alt.strip(), _("its picture in words")),
        (achievement.skills.exists(), _("a skill")),
    ]
    if missing := [str(words) for there, words in wanted if not there]:
        return missing
    return [
        gettext("something sound at {path} ({words})").format(path=problem.path, words=problem.words)
        for problem in open_badges.lint(sample(achievement))
    ]


def sample(achievement: Achievement) -> dict[str, Any]:
    """The body of a credential as it would be issued, for a made-up learner; nothing is stored."""
    made_up = datetime.fromisoformat("2000-01-01T12:00:00+00:00")
    award = Award(
        achievement=achievement,
        awarded_at=made_up,
        awarded_on=made_up.date(),
        valid_until=made_up.date().replace(year=2100) if achievement.validity_months else None,
        results=[{"name": "Result", "value": "100"}],
    )
    credential = Credential(
        uuid=uuid.UUID(int=0),
        award=award,
        recipient_name="Lena Example",
        identity_salt="0" * 32,
        status_list=StatusList(issuer=achievement.issuer, number=1),
        status_index=0,
        issued_at=made_up,
    )
    return composition.body(credential, award, achievement, email="lena@example.org")


def skills_of(achievement: Achievement) -> list[Skill]:
    return [
        Skill(name=skill.name, framework=skill.framework, url=skill.url)
        for skill in achievement.skills.order_by("position", "id")
    ]


def _set_skills(achievement: Achievement, skills: Sequence[Skill]) -> None:
    achievement.skills.all().delete()
    AchievementSkill.objects.bulk_create(
        AchievementSkill(
            achievement=achievement, position=position, name=skill.name, framework=skill.framework, url=skill.url
        )
        for position, skill in enumerate(skills)
    )


def _clean(achievement: Achievement) -> None:
    for name in ("outcomes", "tags", "identifiers"):
        value = getattr(achievement, name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValidationError({name: gettext("A list of texts is expected.")})
    _check_identifiers(achievement.identifiers)
    original = achievement.translation_of
    if original is not None and (original.pk == achievement.pk or original.translation_of_id):
        raise ValidationError({"translation_of": gettext("Name the one that is itself no translation.")})
    # A draft may be without outcomes; publishing asks for them.
    achievement.clean_fields(exclude=["issuer", "outcomes"])


def _check_identifiers(lines: Sequence[str]) -> None:
    for line in lines:
        try:
            open_badges.identifier_of(line)
        except ValueError as error:
            raise ValidationError({"identifiers": str(error)}) from error


def _refuse_unknown(fields: dict[str, Any]) -> None:
    if unknown := set(fields) - set(EDITABLE):
        raise TypeError(f"Not among the fields of an achievement that may be set: {', '.join(sorted(unknown))}.")
