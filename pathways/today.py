"""What a learner should know today: the next step, what is due, what came back, what runs out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from credentials.models import Achievement, Award
from pathways import guidance
from pathways.holdings import institution_day
from pathways.models import Assessment, Course, Enrolment, Grade, Material, Submission
from pathways.queries import enrolments_with_progress, next_material
from portal.accounts.models import User

URGENT = timedelta(days=3)
LATELY = timedelta(days=14)
SOON = timedelta(days=90)
LISTED = 6


@dataclass(frozen=True)
class Next:
    """The one thing to do next."""

    kicker: str
    title: str
    words: str
    url: str
    button: str
    material: Material | None = None


def courses_of(learner: User) -> list[Any]:
    """The learner's places with `materials`, `materials_done` and `last_done_at`, the one last studied first."""
    enrolments = enrolments_with_progress(learner).exclude(state=Enrolment.State.WITHDRAWN)
    found: list[Any] = list(enrolments.annotate(last_done_at=Max("progress__done_at")))
    return sorted(found, key=lambda each: each.last_done_at or each.enrolled_at, reverse=True)


def work_to_do(learner: User) -> QuerySet[Assessment]:
    """What the learner's courses ask for and was not handed in yet, what is due first before the rest."""
    handed_in = Submission.objects.filter(assessment=OuterRef("pk"), learner=learner).exclude(
        state=Submission.State.DRAFT
    )
    graded = Grade.objects.filter(assessment=OuterRef("pk"), learner=learner, state=Grade.State.RELEASED)
    studying = Enrolment.objects.filter(learner=learner, state=Enrolment.State.ACTIVE)
    return (
        Assessment.objects.filter(course__in=studying.values("course"))
        .exclude(kind=Assessment.Kind.EXAM)
        .exclude(Exists(handed_in))
        .exclude(Exists(graded))
        .select_related("course")
        .order_by("course", "position")
    )


def due(work: Sequence[Assessment]) -> list[Assessment]:
    with_date = [each for each in work if each.due_at is not None]
    return sorted(with_date, key=lambda each: (each.due_at, each.pk))[:LISTED]


def feedback(learner: User, at: datetime) -> QuerySet[Grade]:
    """Grades that came back lately."""
    return (
        Grade.objects.filter(learner=learner, state=Grade.State.RELEASED, released_at__gte=at - LATELY)
        .select_related("assessment__course", "submission")
        .order_by("-released_at")[:3]
    )


def expiring(learner: User, at: datetime) -> QuerySet[Award]:
    """Awards that run out soon."""
    today = institution_day(at)
    return (
        Award.objects.filter(
            learner=learner,
            standing=Award.Standing.ACTIVE,
            valid_until__gte=today,
            valid_until__lte=today + SOON,
        )
        .select_related("achievement")
        .prefetch_related("credentials")
        .order_by("valid_until")
    )


def next_step(
    *, courses: Sequence[Any], work: Sequence[Assessment], standings: Sequence[guidance.Standing], at: datetime
) -> Next | None:
    """What is due at once, else the material where the learner stopped, else work that waits, else a way to a goal."""
    urgent = next((each for each in due(work) if each.due_at and at <= each.due_at <= at + URGENT), None)
    if urgent is not None:
        return _hand_in(urgent)
    for enrolment in courses:
        if enrolment.state == Enrolment.State.ACTIVE and enrolment.materials_done < enrolment.materials:
            material = next_material(enrolment)
            if material is not None:
                return _study(enrolment, material, is_begun=enrolment.materials_done > 0)
    if work:
        return _hand_in(min(work, key=lambda each: (each.due_at is None, each.due_at or at, each.pk)))
    return _course_to_take(courses, standings)


def _hand_in(assessment: Assessment) -> Next:
    return Next(
        kicker=assessment.course.title,
        title=assessment.title,
        words=_("Everything before it is done.") if assessment.due_at is None else "",
        url=assessment.get_absolute_url(),
        button=_("Open the quiz") if assessment.kind == Assessment.Kind.QUIZ else _("Work on it"),
    )


def _study(enrolment: Enrolment, material: Material, *, is_begun: bool) -> Next:
    return Next(
        kicker=enrolment.course.title,
        title=material.title,
        words=material.module.title,
        url=material_url(material, enrolment.course),
        button=_("Continue") if is_begun else _("Begin"),
        material=material,
    )


def _course_to_take(courses: Sequence[Enrolment], standings: Sequence[guidance.Standing]) -> Next | None:
    wanted = [key for standing in standings if not standing.is_earned for key in standing.next_keys]
    if not wanted:
        return None
    taken = {each.course_id for each in courses}
    offered = Course.objects.filter(
        state=Course.State.OPEN, achievement__slug__in=wanted, achievement__state=Achievement.State.PUBLISHED
    ).exclude(pk__in=taken)
    course = offered.select_related("achievement").order_by("price", "hours", "pk").first()
    if course is None:
        return None
    return Next(
        kicker=_("Towards your goal"),
        title=course.title,
        words=course.summary,
        url=course.get_absolute_url(),
        button=_("See the course"),
    )


def material_url(material: Material, course: Course) -> str:
    return reverse("me-material", args=[course.slug, material.module.slug, material.slug])


def average_days_to_mark(course: Course) -> Decimal | None:
    """How long marking took lately; nothing while fewer than five show it."""
    pairs: list[tuple[Any, Any]] = list(
        Grade.objects.filter(
            assessment__course=course,
            source=Grade.Source.MARKED,
            released_at__isnull=False,
            submission__submitted_at__isnull=False,
        )
        .order_by("-released_at")
        .values_list("released_at", "submission__submitted_at")[:50]
    )
    if len(pairs) < 5:
        return None
    days = sorted((released - submitted) / timedelta(days=1) for released, submitted in pairs)
    return Decimal(max(round(days[len(days) // 2]), 1))
