"""Questions to the database about learning: records for rules, queues, progress."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from credentials.models import Achievement
from credentials.verification import Verdict
from pathways.dossiers import records_of
from pathways.holdings import described
from pathways.models import Course, Enrolment, Grade, Logbook, Material, MaterialProgress, Recognition, Submission
from pathways.models.recognition import CREDITS
from pathways.rules import notation
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Rule
from portal.accounts.models import User

_AS_CREDITS = re.compile(CREDITS + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
# What is found of a credential from elsewhere that a person must look at again, if something rests on it.
FALLEN = frozenset(
    {
        Verdict.REVOKED,
        Verdict.SUSPENDED,
        Verdict.SUPERSEDED,
        Verdict.ALTERED,
        Verdict.UNKNOWN_ISSUER,
        Verdict.UNREADABLE,
    }
)
# Recognitions whose credential is found otherwise than when somebody last decided (`recognition.has_fallen`).
FELL = Q(state=Recognition.State.RECOGNISED, claim__verdict__in=sorted(FALLEN)) & ~Q(claim__verdict=F("verdict"))


def record_of(learner: User) -> Record:
    """One learner's record, with what is under way."""
    return records_of([learner.pk], under_way=True)[learner.pk]


def keys_of(rules: Iterable[Rule]) -> set[str]:
    """Every achievement and assessment that these rules name."""
    return {
        key for rule in rules for kind, key in notation.references(rule) if kind in {"award", "grade"} and key != "*"
    }


def names_of_keys(keys: Iterable[str]) -> dict[str, str]:
    """What people call the achievements, assessments and logbooks that a rule names."""
    slugs = set(keys)
    names = dict(
        Achievement.objects.filter(slug__in=[key for key in slugs if "/" not in key]).values_list("slug", "name")
    )
    if others := [key for key in slugs if "/" not in key and key not in names]:
        names |= dict(Logbook.objects.filter(slug__in=others).values_list("slug", "name"))
        if uuids := [found[1] for key in others if (found := _AS_CREDITS.fullmatch(key))]:
            as_credits = Recognition.objects.filter(uuid__in=uuids).select_related("claim")
            names |= {each.key: str(each.claim) for each in as_credits}
    pairs = [key.split("/", 1) for key in slugs if "/" in key]
    if pairs:
        courses = Course.objects.filter(slug__in=[course for course, _ in pairs]).prefetch_related("assessments")
        for course in courses:
            for assessment in course.assessments.all():
                names[f"{course.slug}/{assessment.slug}"] = f"{assessment.title} ({course.title})"
    return names


def materials_done(enrolment: Enrolment) -> set[int]:
    return set(enrolment.progress.values_list("material_id", flat=True))


def enrolments_with_progress(learner: User) -> QuerySet[Enrolment]:
    """A learner's courses with how many of their materials are done."""
    return (
        Enrolment.objects.filter(learner=learner)
        .select_related("course__achievement", "course__issuer")
        .annotate(
            materials=Count("course__modules__materials", distinct=True),
            materials_done=Count("progress", distinct=True),
        )
    )


def next_material(enrolment: Enrolment) -> Material | None:
    """The first material of the course that the learner has not done."""
    done = MaterialProgress.objects.filter(enrolment=enrolment, material=OuterRef("pk"))
    todo = Material.objects.filter(module__course_id=enrolment.course_id).exclude(Exists(done))
    return todo.select_related("module__course").order_by("module__position", "position").first()


def waiting_for_mark(courses: Sequence[int] | QuerySet[Course]) -> QuerySet[Submission]:
    """Work handed in and not yet graded, oldest first."""
    return (
        Submission.objects.filter(assessment__course__in=courses, state=Submission.State.SUBMITTED)
        .select_related("assessment__course", "learner", "claimed_by")
        .order_by("submitted_at", "id")
    )


def being_marked(learner: User) -> QuerySet[Submission]:
    """The learner's own work that was handed in and is not graded yet, newest first."""
    return (
        Submission.objects.filter(learner=learner, state=Submission.State.SUBMITTED)
        .select_related("assessment__course")
        .order_by("-submitted_at", "-id")
    )


def best_grades(learner: User, course: Course) -> dict[int, Grade]:
    """The learner's best released grade by assessment id."""
    best: dict[int, Grade] = {}
    for grade in Grade.objects.filter(learner=learner, assessment__course=course, state=Grade.State.RELEASED):
        share = grade.marks / grade.out_of
        if (
            grade.assessment_id not in best
            or share > best[grade.assessment_id].marks / best[grade.assessment_id].out_of
        ):
            best[grade.assessment_id] = grade
    return best


def gains_of(keys: Iterable[str], on: date) -> dict[str, Holding]:
    """What each of these achievements and assessments would bring, were it earned that day; two queries."""
    wanted = set(keys)
    achievements = Achievement.objects.filter(slug__in=[key for key in wanted if "/" not in key])
    gains = {
        each.slug: Holding(id=f"supposed:{each.slug}", earned_on=on, **described(each))
        for each in achievements.select_related("issuer").prefetch_related("skills")
    }
    # Supposed to be as good as a rule may ask.
    return gains | {
        key: Holding(id=f"supposed:{key}", kind="grade", key=key, earned_on=on, grade=Decimal(100), source="assessed")
        for key in wanted
        if "/" in key
    }


def search_people(term: str) -> Q:
    """People whose name or address holds the term."""
    return Q(name__icontains=term) | Q(email__icontains=term)
