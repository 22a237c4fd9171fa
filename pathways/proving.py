"""Asks the prover about rules of this site: what its catalogue offers, and made-up learners in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from credentials.models import Achievement
from pathways.models import Assessment, Logbook
from pathways.queries import names_of_keys
from pathways.rules import compare, examples, notation, standing_apart
from pathways.rules.compare import Change, Fares
from pathways.rules.explain import number
from pathways.rules.made_up import Entry
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Period, Rule
from pathways.rules.results import Found
from pathways.rules.standing_apart import Apart


def offered() -> list[Entry]:
    """What can be earned here, withdrawn or not, as a rule sees it; four queries."""
    achievements = Achievement.objects.exclude(state=Achievement.State.DRAFT).order_by("slug")
    assessments = Assessment.objects.select_related("course__issuer").order_by("course__slug", "slug")
    return [
        *(award_entry(each) for each in achievements.select_related("issuer").prefetch_related("skills")),
        *(grade_entry(each) for each in assessments),
        *(logbook_entry(each) for each in Logbook.objects.select_related("issuer").order_by("slug")),
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
        pass_grade=(assessment.pass_marks * 100 / assessment.out_of).quantize(Decimal("0.01"), ROUND_CEILING),
    )


# As much experience as a life holds: a rule that asks for more can be met by nobody.
HOURS_OF_A_LIFE = Decimal(100_000)


def logbook_entry(logbook: Logbook) -> Entry:
    """What attested experience of this kind may bring; needs its issuer loaded."""
    return Entry(
        key=logbook.slug,
        kind="recognised",
        hours=HOURS_OF_A_LIFE,
        issuer=logbook.issuer.slug,
        tags=frozenset({f"as={logbook.role}"}),
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


@dataclass(frozen=True)
class Shown:
    """Somebody who would fare differently, in words and as an example is written; or nobody, and what that is worth."""

    learner: tuple[str, ...] | None
    text: str
    on: date
    bounds: str


@dataclass(frozen=True)
class Later:
    """Somebody who fares differently after earning, in words, and what each of the rules says; or nobody."""

    learner: tuple[str, ...] | None
    before: str
    after: str
    on: date
    bounds: str


@dataclass(frozen=True)
class Compared:
    """How two rules differ: in what they say, and for whom."""

    changes: tuple[Change, ...]
    gains: Shown
    loses: Shown
    stays: Later
    bears: Later
    is_same: bool


def compared(before: Rule, after: Rule, on: date, *, most: int = compare.MOST_LEARNERS) -> Compared:
    """The later rule beside the earlier one, in the words of the reader."""
    entries = offered()
    keys = {key for rule in (before, after) for _kind, key in notation.references(rule)} | {
        each.key for each in entries
    }
    names = names_of_keys(keys)
    found = compare.compare(before, after, entries, on, names=names, language=translation, most=most)
    return Compared(
        changes=found.changes,
        gains=_shown(found.gains, names),
        loses=_shown(found.loses, names),
        stays=_later(found.stays, names),
        bears=_later(found.bears, names),
        is_same=found.is_same,
    )


def _shown(fares: Fares, names: Mapping[str, str]) -> Shown:
    bounds = gettext(compare.BOUNDS[fares.proved]).format(tried=fares.tried)
    if fares.record is None:
        return Shown(None, "", fares.on, bounds)
    return Shown(tuple(in_words(fares.record, names)), examples.to_text(fares.record), fares.on, bounds)


def _later(apart: Apart, names: Mapping[str, str]) -> Later:
    bounds = gettext(standing_apart.BOUNDS[apart.proved]).format(tried=apart.tried)
    learner = None if apart.record is None else tuple(in_words(apart.record, names))
    return Later(learner, _said(apart.before), _said(apart.after), apart.on, bounds)


def _said(results: Mapping[str, Found]) -> str:
    words = {"yes": gettext("yes"), "no": gettext("no")}
    if set(results) == {"stands"}:
        return words[str(results["stands"])]
    listed = (
        f"{name}: {', '.join(map(str, each)) if isinstance(each, list) else each}" for name, each in results.items()
    )
    return "; ".join(listed) or "–"


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
