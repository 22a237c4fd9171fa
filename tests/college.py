"""Makes courses, rules and graded work for tests, through the acts."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from credentials.models import Achievement, Award
from pathways import authoring, enrolment, grading, rulemaking, standing, submissions
from pathways.models import Assessment, Course, Grade, RuleVersion, Submission
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from tests.cast import make_ada, make_rhea
from tests.factories import NOON, make_achievement

RUBRIC = [
    {
        "title": "Reasoning",
        "levels": [
            {"title": "Missing", "marks": Decimal(0)},
            {"title": "Sound", "marks": Decimal(3)},
            {"title": "Convincing", "marks": Decimal(5)},
        ],
    },
    {
        "title": "Writing",
        "levels": [{"title": "Hard to read", "marks": Decimal(1)}, {"title": "Clear", "marks": Decimal(5)}],
    },
]
QUESTIONS = [
    {
        "kind": "single",
        "prompt": "How many sides has a hexagon?",
        "choices": [
            {"text": "Five", "correct": False, "feedback": "That is a pentagon."},
            {"text": "Six", "correct": True},
        ],
    },
    {
        "kind": "number",
        "prompt": "A third of 10, to one decimal?",
        "answer": {"value": "3.3", "tolerance": "0.05"},
    },
]


def make_course(*, ivo: User | None = None, slug: str = "statistics", opened: bool = True, **fields: Any) -> Course:
    """An open course that earns an achievement of its own, without assessments or a rule."""
    achievement = fields.pop("achievement", None) or make_achievement(slug=f"{slug}-badge", name=f"{slug.title()}")
    course = authoring.create_course(
        author=ivo,
        at=NOON,
        **{
            "slug": slug,
            "issuer": achievement.issuer,
            "achievement": achievement,
            "title": slug.title(),
            "summary": "What can be learned from numbers.",
            "description": "Means, spreads, and what they hide.",
            "hours": Decimal(20),
        }
        | fields,
    )
    if opened:
        Course.objects.filter(pk=course.pk).update(state=Course.State.OPEN, opened_at=NOON)
        course.refresh_from_db()
    return course


def make_assignment(course: Course, *, slug: str = "essay", rubric: bool = True, **fields: Any) -> Assessment:
    return authoring.add_assessment(
        course=course,
        slug=slug,
        kind=Assessment.Kind.ASSIGNMENT,
        title=slug.title(),
        brief="Explain a spread to a friend.",
        rubric=RUBRIC if rubric else (),
        **{"out_of": Decimal(10), "pass_marks": Decimal(5), "attempts_allowed": 2} | fields,
    )


def make_quiz(course: Course, *, slug: str = "quiz", **fields: Any) -> Assessment:
    return authoring.add_assessment(
        course=course,
        slug=slug,
        kind=Assessment.Kind.QUIZ,
        title=slug.title(),
        questions=QUESTIONS,
        **{"out_of": Decimal(10), "pass_marks": Decimal(5), "attempts_allowed": 2} | fields,
    )


def make_exam(course: Course, *, slug: str = "exam", **fields: Any) -> Assessment:
    return authoring.add_assessment(
        course=course,
        slug=slug,
        kind=Assessment.Kind.EXAM,
        title=slug.title(),
        **{"out_of": Decimal(100), "pass_marks": Decimal(40)} | fields,
    )


def _all(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return parts[0] if len(parts) == 1 else {"type": "all", "parts": parts}


def passed(*keys: str) -> dict[str, Any]:
    """The rule "all of these assessments are passed"."""
    return {"format": 1, "root": _all([{"type": "passed", "assessment": key} for key in keys])}


def holds_all(*slugs: str) -> dict[str, Any]:
    return {"format": 1, "root": _all([{"type": "holds", "any_of": [slug]} for slug in slugs])}


def publish_rule(achievement: Achievement, document: Mapping[str, Any], *, at: datetime = NOON) -> RuleVersion:
    """Written by Rhea, put in force by Ada."""
    rulemaking.save_draft(achievement=achievement, document=document, author=make_rhea(), at=at)
    return rulemaking.publish(achievement=achievement, approver=make_ada(), at=at)


def hand_in(
    learner: User, assessment: Assessment, *, text: str = "A spread says how far things lie apart."
) -> Submission:
    """Enrol if need be, write and submit."""
    if not learner.enrolments.filter(course=assessment.course).exists():
        enrolment.enrol(learner=learner, course=assessment.course, at=NOON)
    draft = submissions.begin(assessment=assessment, learner=learner, at=NOON)
    submissions.save_draft(submission=draft, text=text, answers={}, at=NOON)
    return submissions.submit(submission=draft, at=NOON)


def mark(submission: Submission, grader: User, *, level: int = -1, at: datetime = NOON) -> Grade:
    """A draft grade with the same level (0 lowest, -1 best) for each criterion."""
    criteria = list(submission.assessment.criteria.prefetch_related("levels"))
    return grading.draft_grade(
        submission=submission,
        levels={criterion: list(criterion.levels.all())[level] for criterion in criteria},
        marks=None,
        comment="Well argued.",
        criterion_comments={},
        grader=grader,
        at=at,
    )


def enter(
    learner: User, assessment: Assessment, marks: int, *, on: date | None = None, at: datetime = NOON
) -> list[Award]:
    """An exam mark, entered by the office."""
    entered = grading.EnteredMark(
        learner=learner, assessment=assessment, marks=Decimal(marks), earned_on=on or at.date()
    )
    return grading.enter_marks(marks=[entered], by=make_ada(), at=at)


def decide_afresh(learner: User, *, at: datetime = NOON) -> list[Award]:
    with transaction.atomic():
        lock_learners([learner.pk])
        return standing.settle_afresh(learner_ids=[learner.pk], cause="test", at=at)


LATER = datetime(2026, 12, 1, 12, 0, 0, tzinfo=UTC)
