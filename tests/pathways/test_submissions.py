"""Tests handing in: drafts, files, the act with its receipt; first what goes well, then each refusal."""

import io
from datetime import timedelta

import pytest

from pathways import enrolment, submissions
from pathways.models import Assessment, Submission
from portal.accounts.models import User
from tests.cast import make_lena
from tests.college import hand_in, make_assignment, make_course, make_exam, make_quiz
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena() -> User:
    return make_lena()


@pytest.fixture
def essay(lena: User) -> Assessment:
    course = make_course()
    enrolment.enrol(learner=lena, course=course, at=NOON)
    return make_assignment(course, due_at=NOON + timedelta(days=7), late_days=2, files_allowed=1)


@pytest.fixture
def draft(essay: Assessment, lena: User) -> Submission:
    begun = submissions.begin(assessment=essay, learner=lena, at=NOON)
    return submissions.save_draft(submission=begun, text="A spread.", answers={}, at=NOON)


def test_a_draft_is_begun_once_and_handed_in_with_a_receipt(essay: Assessment, lena: User, draft: Submission) -> None:
    assert submissions.begin(assessment=essay, learner=lena, at=NOON) == draft
    done = submissions.submit(submission=draft, at=NOON)
    assert (done.state, done.days_late, len(done.receipt)) == ("submitted", 0, 64)
    assert done.receipt == submissions.receipt_of(done, [])


def test_late_work_is_taken_for_so_many_days(draft: Submission) -> None:
    late = NOON + timedelta(days=7, hours=1)
    assert submissions.submit(submission=draft, at=late).days_late == 1


def test_what_comes_after_those_days_is_too_late(draft: Submission) -> None:
    with pytest.raises(submissions.TooLate):
        submissions.submit(submission=draft, at=NOON + timedelta(days=9, hours=1))
    assert Submission.objects.get().state == "draft"


def test_who_does_not_study_the_course_hands_in_nothing(essay: Assessment, lena: User, draft: Submission) -> None:
    enrolment.withdraw(learner=lena, course=essay.course, at=NOON)
    with pytest.raises(submissions.NotStudying):
        submissions.begin(assessment=essay, learner=lena, at=NOON)
    with pytest.raises(submissions.NotStudying):
        submissions.submit(submission=draft, at=NOON)
    enrolment.enrol(learner=lena, course=essay.course, at=NOON)
    assert submissions.submit(submission=draft, at=NOON).text == "A spread."


def test_an_exam_takes_nothing(essay: Assessment, lena: User) -> None:
    with pytest.raises(submissions.NotHandedIn):
        submissions.begin(assessment=make_exam(essay.course), learner=lena, at=NOON)


def test_attempts_are_counted(essay: Assessment, lena: User) -> None:
    hand_in(lena, essay)
    hand_in(lena, essay)
    with pytest.raises(submissions.NoAttemptLeft):
        submissions.begin(assessment=essay, learner=lena, at=NOON)


def test_what_is_handed_in_does_not_change(draft: Submission) -> None:
    done = submissions.submit(submission=draft, at=NOON)
    with pytest.raises(submissions.AlreadySubmitted):
        submissions.submit(submission=draft, at=NOON)
    with pytest.raises(submissions.AlreadySubmitted):
        submissions.save_draft(submission=done, text="Better.", answers={}, at=NOON)
    with pytest.raises(submissions.AlreadySubmitted):
        submissions.add_file(submission=done, stream=io.BytesIO(b"text\n"), name="notes.txt", at=NOON)
    assert Submission.objects.get().text == "A spread."


def test_there_must_be_something_to_hand_in(essay: Assessment, lena: User) -> None:
    begun = submissions.begin(assessment=essay, learner=lena, at=NOON)
    with pytest.raises(submissions.NothingToSubmit):
        submissions.submit(submission=begun, at=NOON)
    quiz = submissions.begin(assessment=make_quiz(essay.course), learner=lena, at=NOON)
    with pytest.raises(submissions.NothingToSubmit):
        submissions.submit(submission=quiz, at=NOON)


def test_a_file_is_kept_once_and_only_so_many(draft: Submission) -> None:
    said = {"submission": draft, "at": NOON}
    first = submissions.add_file(stream=io.BytesIO(b"one\n"), name="one.txt", **said)
    assert submissions.add_file(stream=io.BytesIO(b"one\n"), name="again.txt", **said) == first
    with pytest.raises(submissions.TooManyFiles):
        submissions.add_file(stream=io.BytesIO(b"two\n"), name="two.txt", **said)
    submissions.remove_file(submission=draft, file=first)
    assert not draft.files.exists()
