"""Tests the acts of authors: what may still change, and what work, rules and other authors hold fast."""

from decimal import Decimal

import pytest

from pathways import authoring, authoring_assessments, enrolment, submissions
from pathways.editions import ChangedMeanwhile, Gone, edition_of
from pathways.models import Assessment, Course, RubricCriterion
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_ivo, make_lena, make_rhea
from tests.college import (
    LATER,
    NOON,
    QUESTIONS,
    hand_in,
    make_assignment,
    make_course,
    make_exam,
    make_quiz,
    passed,
    publish_rule,
)
from tests.factories import make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def ivo() -> User:
    return make_ivo()


@pytest.fixture
def course(ivo: User) -> Course:
    return make_course(ivo=ivo)


def test_an_edit_that_saw_the_last_edition_is_kept_and_noted(course: Course, ivo: User) -> None:
    module = authoring.add_module(course=course, slug="basics", title="Basics")
    kept = authoring.edit_module(
        module=module, author=ivo, at=NOON, seen=edition_of(module), title="Grounds", summary="Where it begins."
    )
    assert kept.title == "Grounds"
    assert AuditEntry.objects.filter(act="edit module", actor=ivo).exists()


def test_an_edit_that_saw_an_older_edition_is_refused(course: Course, ivo: User) -> None:
    module = authoring.add_module(course=course, slug="basics", title="Basics")
    old = edition_of(module)
    authoring.edit_module(module=module, author=ivo, at=NOON, title="Grounds", summary="")
    with pytest.raises(ChangedMeanwhile):
        authoring.edit_module(module=module, author=ivo, at=NOON, seen=old, title="Mine", summary="")
    module.refresh_from_db()
    assert module.title == "Grounds"


def test_an_edit_of_what_was_removed_is_refused(course: Course, ivo: User) -> None:
    essay = make_assignment(course)
    there = Assessment.objects.get(pk=essay.pk)
    authoring.remove(there)
    with pytest.raises(Gone):
        authoring_assessments.edit_assessment(assessment=essay, author=ivo, at=NOON, title="Late")


def test_a_move_changes_no_edition(course: Course) -> None:
    essay = make_assignment(course)
    make_quiz(course)
    before = edition_of(essay)
    authoring.move(essay, by=1)
    essay.refresh_from_db()
    assert essay.position == 2
    assert edition_of(essay) == before


def test_what_is_added_after_a_removal_stands_last(course: Course) -> None:
    first, second = make_exam(course, slug="a"), make_exam(course, slug="b")
    authoring.remove(first)
    assert make_exam(course, slug="c").position > second.position


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Means & Spreads", "means-spreads"), ("New", "new-2"), ("بداية", "part-1"), ("Taken", "taken-2")],
)
def test_a_short_name_is_made_from_any_title(title: str, slug: str) -> None:
    assert authoring.free_slug(title, {"taken"}) == slug


def test_an_achievement_of_another_issuer_is_refused(course: Course, ivo: User) -> None:
    with pytest.raises(authoring.NotYours):
        authoring.edit_course(course=course, author=ivo, at=NOON, achievement=make_achievement())


def test_an_achievement_of_the_issuer_above_is_taken(ivo: User) -> None:
    above = make_issuer()
    course = make_course(ivo=ivo, achievement=make_achievement(issuer=make_issuer(parent=above)))
    higher = make_achievement(issuer=above)
    assert authoring.edit_course(course=course, author=ivo, at=NOON, achievement=higher).achievement == higher


@pytest.mark.parametrize("field", ["out_of", "pass_marks", "weight", "late_days", "late_percent_per_day"])
def test_what_marks_mean_is_fixed_by_work(course: Course, ivo: User, field: str) -> None:
    essay = make_assignment(course)
    hand_in(make_lena(), essay)
    with pytest.raises(authoring.HasWork):
        authoring_assessments.edit_assessment(assessment=essay, author=ivo, at=NOON, **{field: Decimal(7)})
    kept = authoring_assessments.edit_assessment(assessment=essay, author=ivo, at=NOON, title="Clearer", due_at=LATER)
    assert (kept.title, kept.due_at) == ("Clearer", LATER)


def test_a_rubric_is_fixed_by_work_that_was_handed_in(course: Course, ivo: User) -> None:
    essay = make_assignment(course)
    hand_in(make_lena(), essay)
    with pytest.raises(authoring.HasWork):
        authoring_assessments.set_rubric(assessment=essay, criteria=[], author=ivo, at=NOON)
    assert RubricCriterion.objects.count() == 2


def test_questions_are_fixed_by_a_draft_whose_answers_point_at_them(course: Course, ivo: User) -> None:
    quiz = make_quiz(course)
    enrolment.enrol(learner=make_lena(), course=course, at=NOON)
    submissions.begin(assessment=quiz, learner=make_lena(), at=NOON)
    question = quiz.questions.first()
    assert question is not None
    with pytest.raises(authoring.HasWork):
        authoring_assessments.edit_question(question=question, author=ivo, at=NOON, prompt="Other?")
    with pytest.raises(authoring.HasWork):
        authoring_assessments.remove_question(question=question, author=ivo, at=NOON)


def test_a_rubric_whose_marks_do_not_rise_is_refused(course: Course, ivo: User) -> None:
    essay = make_assignment(course)
    levels = [{"title": "Low", "marks": Decimal(2)}, {"title": "High", "marks": Decimal(2)}]
    with pytest.raises(authoring_assessments.RubricTooThin):
        authoring_assessments.set_rubric(
            assessment=essay, criteria=[{"title": "Style", "levels": levels}], author=ivo, at=NOON
        )
    assert RubricCriterion.objects.count() == 2


def test_an_assessment_that_a_rule_in_force_names_stays(course: Course) -> None:
    essay, exam = make_assignment(course), make_exam(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    with pytest.raises(authoring.NamedByRule):
        authoring.remove(essay)
    authoring.remove(exam)


def test_a_rule_that_was_replaced_and_binds_nobody_holds_nothing(course: Course) -> None:
    essay, _exam = make_assignment(course), make_exam(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    publish_rule(course.achievement, passed("statistics/exam"), at=LATER)
    assert authoring.named_by(essay) is None
    authoring.remove(essay)


def test_removing_says_what_goes(course: Course) -> None:
    module = authoring.add_module(course=course, slug="basics", title="Basics")
    authoring.add_material(module=module, slug="a", kind="exercise", title="Try", questions=QUESTIONS)
    going = authoring.going_with(module)
    assert (going.materials, going.questions, going.ticks) == (["Try"], 2, 0)
    assert authoring.going_with(make_assignment(course)).criteria == 2


def test_the_last_of_the_staff_stays(course: Course, ivo: User) -> None:
    with pytest.raises(authoring.LastOfStaff):
        authoring.remove_staff(course=course, user=ivo, by=ivo, at=NOON)
    authoring.add_staff(course=course, user=make_rhea(), by=ivo, at=NOON)
    authoring.remove_staff(course=course, user=ivo, by=ivo, at=NOON)
    authoring.remove_staff(course=course, user=make_ada(), by=ivo, at=NOON)
    assert course.staff.get().user == make_rhea()


def test_an_exercise_without_questions_keeps_a_course_from_opening(course: Course) -> None:
    module = authoring.add_module(course=course, slug="basics", title="Basics")
    authoring.add_material(module=module, slug="a", kind="exercise", title="Try")
    assert "questions for “Try”" in authoring.missing_for_opening(course)
