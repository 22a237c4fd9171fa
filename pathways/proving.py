"""Asks the prover about rules of this site: what its catalogue offers, and made-up learners in words."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext

from credentials.models import Achievement
from pathways.models import Assessment
from pathways.rules.explain import number
from pathways.rules.made_up import Entry
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Period


def offered() -> list[Entry]:
    """What can be earned here, withdrawn or not, as a rule sees it; three queries."""
    achievements = Achievement.objects.exclude(state=Achievement.State.DRAFT).order_by("slug")
    assessments = Assessment.objects.select_related("course__issuer").order_by("course__slug", "slug")
    return [
        *(award_entry(each) for each in achievements.select_related("issuer").prefetch_related("skills")),
        *(grade_entry(each) for each in assessments),
    ]


def award_entry(achievement: Achievement) -> Entry:
    """What an award of it would bring; needs its issuer and its skills loaded."""
    months = achievement.validity_months
    return Entry(
        key=achievement.slug,
        credits=achievement.credits,
        hours=achievement.workload_hours,
        level=achievement.level,
        issuer=achievement.issuer.slug,
        subject=achievement.subject,
        achievement_kind=achievement.kind,
        tags=frozenset(achievement.tags),
        skills=frozenset(skill.name for skill in achievement.skills.all()),
        valid_for=Period(months=months) if months else None,
    )


def grade_entry(assessment: Assessment) -> Entry:
    """What a grade of it would bring; needs course and issuer loaded."""
    return Entry(
        key=assessment.key,
        kind="grade",
        issuer=assessment.course.issuer.slug,
        pass_grade=assessment.pass_marks * 100 / assessment.out_of,
    )


def in_words(record: Record, names: Mapping[str, str]) -> list[str]:
    """A learner who was made up, one line for each thing held, known or approved."""
    lines = [_held(each, names) for each in record.holdings]
    lines += [gettext("{fact}: {word}").format(fact=fact, word=word) for fact, word in sorted(record.facts.items())]
    lines += [gettext("approved by {role}").format(role=role) for _node, role in sorted(record.sign_offs)]
    return lines


def keys_of(records: Iterable[Record]) -> set[str]:
    """What these learners hold, by key."""
    return {each.key for record in records for each in record.holdings}


def _held(held: Holding, names: Mapping[str, str]) -> str:
    said = [gettext("earned on {day}").format(day=_day(held.earned_on))]
    if held.grade is not None:
        said.append(gettext("grade {grade} %").format(grade=number(held.grade)))
    if held.mark:
        said.append(gettext("grade {mark}").format(mark=held.mark))
    if held.until is not None:
        said.append(gettext("valid until {day}").format(day=_day(held.until)))
    if held.to is not None:
        said.append(gettext("until {day}").format(day=_day(held.to)))
    return f"{names.get(held.key, held.key)} ({', '.join(said)})"


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
