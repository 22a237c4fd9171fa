"""What an instructor sees of a course: who is in it and where they stand, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from credentials.models import Award
from pathways.models import Assessment, Course, Enrolment, Grade, Submission
from portal.accounts.models import User

REVOKED = Award.Standing.REVOKED


@dataclass(frozen=True)
class Cell:
    """One learner's standing in one assessment."""

    assessment: Assessment
    grade: Grade | None
    submission: Submission | None

    @property
    def state(self) -> str:
        """The state to show, by the names of the design system; empty when nothing was done."""
        if self.grade is not None:
            return "earned" if self.grade.has_passed else "not-yet"
        return "under-way" if self.submission is not None else ""


@dataclass(frozen=True)
class Row:
    """One learner of the roster."""

    enrolment: Enrolment
    cells: tuple[Cell, ...]
    award: Award | None


def enrolments_of(course: Course) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(course=course).select_related("learner").order_by("learner__name", "learner_id")


def rows_of(course: Course, enrolments: Sequence[Enrolment], assessments: Sequence[Assessment]) -> list[Row]:
    """The roster lines of these enrolments, with what the course earned each; three queries however many."""
    learners = [enrolment.learner_id for enrolment in enrolments]
    best: dict[tuple[int, int], Grade] = {}
    for grade in Grade.objects.filter(
        assessment__course=course, learner__in=learners, state=Grade.State.RELEASED
    ).order_by("released_at"):
        key = (grade.learner_id, grade.assessment_id)
        if key not in best or share(grade) >= share(best[key]):
            best[key] = grade
    latest: dict[tuple[int, int], Submission] = {}
    handed_in = Submission.objects.filter(assessment__course=course, learner__in=learners)
    for submission in handed_in.exclude(state=Submission.State.DRAFT).order_by("attempt"):
        latest[submission.learner_id, submission.assessment_id] = submission
    # The latest counts, and what counts goes before what was taken back.
    found = Award.objects.filter(achievement=course.achievement_id, learner__in=learners).order_by("awarded_at", "id")
    awards = {each.learner_id: each for each in sorted(found, key=lambda each: each.standing != REVOKED)}
    return [
        Row(
            enrolment,
            tuple(
                Cell(
                    assessment,
                    best.get((enrolment.learner_id, assessment.pk)),
                    latest.get((enrolment.learner_id, assessment.pk)),
                )
                for assessment in assessments
            ),
            awards.get(enrolment.learner_id),
        )
        for enrolment in enrolments
    ]


def share(grade: Grade) -> Decimal:
    return grade.marks / grade.out_of


def courses_with_work(courses: QuerySet[Course]) -> QuerySet[Course]:
    """Courses with how many learners study, how much waits for a mark, and how many drafts wait for release."""
    submitted = Q(assessments__submissions__state=Submission.State.SUBMITTED)
    drafts = Q(assessments__grades__state=Grade.State.DRAFT)
    return (
        Course.objects.filter(pk__in=courses.values("pk"))
        .select_related("issuer")
        .annotate(
            studying=Count("enrolments", filter=Q(enrolments__state=Enrolment.State.ACTIVE), distinct=True),
            waiting=Count("assessments__submissions", filter=submitted, distinct=True),
            drafts=Count("assessments__grades", filter=drafts, distinct=True),
        )
        .order_by("-waiting", "title")
    )


def drafts_of(courses: QuerySet[Course]) -> QuerySet[Grade]:
    """Grades written and not yet released."""
    return (
        Grade.objects.filter(assessment__course__in=courses, state=Grade.State.DRAFT)
        .select_related("assessment__course__issuer", "learner", "submission")
        .order_by("drafted_at", "id")
    )


def attempts_of(learner: User, assessment: Assessment) -> QuerySet[Submission]:
    return (
        Submission.objects.filter(learner=learner, assessment=assessment)
        .exclude(state=Submission.State.DRAFT)
        .order_by("attempt")
    )
