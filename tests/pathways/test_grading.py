"""Tests grading: drafts, claims, release, marks entered, quizzes; first what goes well, then each refusal."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pathways import enrolment, grading, submissions
from pathways.models import Assessment, Grade, Submission
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_ivo, make_lena
from tests.college import LATER, hand_in, make_assignment, make_course, make_exam, make_quiz, mark, passed, publish_rule
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def ivo() -> User:
    return make_ivo()


@pytest.fixture
def essay(ivo: User) -> Assessment:
    return make_assignment(make_course(ivo=ivo))


@pytest.fixture
def work(essay: Assessment) -> Submission:
    return hand_in(make_lena(), essay)


def test_a_draft_is_kept_and_written_again_without_the_learner_seeing_it(work: Submission, ivo: User) -> None:
    mark(work, ivo, level=0)
    again = mark(work, ivo)
    assert Grade.objects.get() == again
    assert (again.state, again.marks, again.criterion_marks.count()) == ("draft", Decimal(10), 2)
    work.refresh_from_db()
    assert work.state == "submitted"


def test_a_released_grade_is_noted_and_earns_what_it_completes(essay: Assessment, work: Submission, ivo: User) -> None:
    publish_rule(essay.course.achievement, passed("statistics/essay"))
    [award] = grading.release(grades=[mark(work, ivo)], by=ivo, at=NOON)
    assert award.achievement == essay.course.achievement
    work.refresh_from_db()
    assert (work.state, work.claimed_by) == ("graded", None)
    assert AuditEntry.objects.get(act="release grade").concerns == make_lena()


def test_a_later_grade_takes_the_place_of_a_released_one(work: Submission, ivo: User) -> None:
    grading.release(grades=[mark(work, ivo, level=0)], by=ivo, at=NOON)
    work.refresh_from_db()
    grading.release(grades=[mark(work, ivo)], by=ivo, at=LATER)
    old, new = Grade.objects.order_by("id")
    assert (old.state, old.replaced_by, new.state) == ("replaced", new, "released")


def test_nobody_marks_or_releases_their_own_work(work: Submission, ivo: User) -> None:
    with pytest.raises(grading.OwnWork):
        mark(work, work.learner)
    draft = mark(work, ivo)
    with pytest.raises(grading.OwnWork):
        grading.release(grades=[draft], by=work.learner, at=NOON)
    assert Grade.objects.get().state == "draft"


def test_what_is_not_handed_in_is_not_marked(work: Submission, ivo: User) -> None:
    Submission.objects.update(state="draft")
    work.refresh_from_db()
    with pytest.raises(grading.NotSubmitted):
        mark(work, ivo)


def test_each_criterion_needs_its_level(essay: Assessment, work: Submission, ivo: User) -> None:
    first = essay.criteria.first()
    said = {"marks": None, "comment": "", "criterion_comments": {}, "grader": ivo, "at": NOON}
    with pytest.raises(grading.CriterionMissing, match="Writing"):
        grading.draft_grade(submission=work, levels={first: first.levels.last()}, **said)
    assert not Grade.objects.exists()


@pytest.mark.parametrize("marks", [None, Decimal(-1), Decimal("10.01"), Decimal("1.005"), Decimal("NaN")])
def test_marks_lie_on_the_scale(ivo: User, marks: Decimal | None) -> None:
    plain = make_assignment(make_course(ivo=ivo), rubric=False)
    work = hand_in(make_lena(), plain)
    said = {"levels": {}, "comment": "", "criterion_comments": {}, "grader": ivo, "at": NOON}
    with pytest.raises(grading.MarksOutOfRange):
        grading.draft_grade(submission=work, marks=marks, **said)


def test_a_claim_keeps_a_colleague_away_until_it_lapses(work: Submission, ivo: User) -> None:
    ada = make_ada()
    grading.claim(submission=work, grader=ivo, at=NOON)
    grading.claim(submission=work, grader=ivo, at=NOON)
    with pytest.raises(grading.ClaimedByAnother, match="Ivo"):
        grading.claim(submission=work, grader=ada, at=NOON + timedelta(minutes=29))
    with pytest.raises(grading.ClaimedByAnother):
        mark(work, ada, at=NOON + timedelta(minutes=29))
    assert not Grade.objects.exists()
    assert mark(work, ada, at=NOON + timedelta(minutes=31)).graded_by == ada


def test_lateness_costs_its_share_and_no_more_than_was_reached(essay: Assessment) -> None:
    essay.late_percent_per_day = 30
    assert grading.late_penalty(essay, 2, Decimal(9)) == 6
    assert grading.late_penalty(essay, 2, Decimal(4)) == 4
    assert grading.late_penalty(essay, 0, Decimal(9)) == 0


def test_there_must_be_a_draft_to_release_and_the_one_that_was_seen(work: Submission, ivo: User) -> None:
    draft = mark(work, ivo)
    grading.release(grades=[draft], by=ivo, at=NOON)
    with pytest.raises(grading.NothingToRelease):
        grading.release(grades=[draft], by=ivo, at=NOON)
    seen = mark(work, ivo, level=0)
    mark(work, ivo, at=LATER)
    with pytest.raises(grading.ChangedMeanwhile):
        grading.release(grades=[seen], by=ivo, at=LATER)


def entered(exam: Assessment, learner: User, **fields) -> grading.EnteredMark:
    said = {"learner": learner, "assessment": exam, "marks": Decimal(60), "earned_on": NOON.date()} | fields
    return grading.EnteredMark(**said)


def test_a_mark_entered_is_released_at_once_and_a_later_one_replaces_it(ivo: User) -> None:
    exam, lena = make_exam(make_course()), make_lena()
    grading.enter_marks(marks=[entered(exam, lena)], by=ivo, at=NOON)
    grading.enter_marks(marks=[entered(exam, lena, marks=Decimal(70))], by=ivo, at=LATER)
    assert list(Grade.objects.order_by("id").values_list("state", "marks")) == [("replaced", 60), ("released", 70)]


def test_marks_entered_are_refused_for_oneself_off_the_scale_and_out_of_time(ivo: User) -> None:
    exam, lena = make_exam(make_course()), make_lena()
    for by, wrong, refusal in (
        (lena, {}, grading.OwnWork),
        (ivo, {"marks": Decimal(101)}, grading.MarksOutOfRange),
        (ivo, {"earned_on": date(1899, 12, 31)}, grading.DayOutOfRange),
    ):
        with pytest.raises(refusal):
            grading.enter_marks(marks=[entered(exam, lena, **wrong)], by=by, at=NOON)
    assert not Grade.objects.exists()


def test_a_quiz_marks_itself_when_it_is_handed_in() -> None:
    quiz, lena = make_quiz(make_course()), make_lena()
    enrolment.enrol(learner=lena, course=quiz.course, at=NOON)
    draft = submissions.begin(assessment=quiz, learner=lena, at=NOON)
    answers = {str(each.uuid): answer for each, answer in zip(quiz.questions.all(), (1, "3.3"), strict=True)}
    submissions.save_draft(submission=draft, text="", answers=answers, at=NOON)
    submissions.submit(submission=draft, at=NOON)
    grade = Grade.objects.get()
    assert (grade.state, grade.source, grade.marks, grade.graded_by) == ("released", "quiz", Decimal(10), None)
