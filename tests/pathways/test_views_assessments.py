"""Being assessed: drafts that are kept, files, handing in, receipts, and what comes back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from credentials.models import Award
from pathways import enrolment, grading
from pathways.models import Assessment, Submission, SubmissionFile
from portal.accounts.models import User
from tests.cast import make_ivo, make_lena, make_noor
from tests.college import (
    NOON,
    hand_in,
    make_assignment,
    make_course,
    make_exam,
    make_quiz,
    mark,
    passed,
    publish_rule,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(client: Client) -> User:
    learner = make_lena()
    client.force_login(learner)
    return learner


@pytest.fixture
def essay(lena: User) -> Assessment:
    """An assignment of two attempts in a course where Lena studies and Ivo teaches."""
    course = make_course(ivo=make_ivo())
    course.staff.get_or_create(user=make_ivo())
    enrolment.enrol(learner=lena, course=course, at=NOON)
    return make_assignment(course)


@pytest.fixture
def quiz(lena: User) -> Assessment:
    course = make_course(slug="geometry")
    enrolment.enrol(learner=lena, course=course, at=NOON)
    return make_quiz(course)


def text(client: Client, url: str, status: int = 200, **extra: Any) -> str:
    response = client.get(url, **extra)
    assert response.status_code == status, url
    return " ".join(response.content.decode().split())


def place(assessment: Assessment, path: str = "") -> str:
    return f"{assessment.get_absolute_url()}{path}"


def a_text_file(name: str = "notes.txt", content: bytes = b"What I saw.") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


# Working


def test_the_page_says_what_is_asked_and_judged_before(client: Client, essay: Assessment) -> None:
    page = text(client, place(essay))
    assert "Explain a spread to a friend." in page
    assert "Convincing" in page
    assert "2 of 2 left" in page
    assert not Submission.objects.exists()


def test_what_is_typed_is_kept(client: Client, essay: Assessment) -> None:
    assert client.post(place(essay, "save/"), {"text": "A spread"}).status_code == 204
    assert client.post(place(essay, "save/"), {"text": "A spread says"}).status_code == 204
    draft = Submission.objects.get()
    assert (draft.text, draft.attempt) == ("A spread says", 1)
    assert "A spread says" in text(client, place(essay))


def test_saving_by_the_button_comes_back_to_the_page(client: Client, essay: Assessment) -> None:
    response = client.post(place(essay, "save/"), {"text": "A spread", "save": "1"}, follow=True)
    assert "Saved." in response.content.decode()


def test_too_long_a_text_is_refused_and_not_lost(client: Client, essay: Assessment) -> None:
    response = client.post(place(essay, "save/"), {"text": "x" * 50_001, "save": "1"})
    assert response.status_code == 422
    assert "x" * 50_001 in response.content.decode()


def test_a_quiz_keeps_the_answers_given_so_far(client: Client, quiz: Assessment) -> None:
    single, number = quiz.questions.all()
    client.post(place(quiz, "save/"), {f"answer-{single.uuid}": "1", f"answer-{number.uuid}": ""})
    assert Submission.objects.get().answers == {str(single.uuid): 1}
    assert f'value="1" checked><label for="answer-{single.uuid}-1">' in text(client, place(quiz))


def test_an_exam_takes_nothing(client: Client, essay: Assessment) -> None:
    exam = make_exam(essay.course)
    assert "Nothing is handed in here" in text(client, place(exam))
    assert client.post(place(exam, "save/"), {"text": "x"}).status_code == 409


def test_a_stranger_finds_no_assessment(client: Client, essay: Assessment) -> None:
    client.force_login(make_noor())
    text(client, place(essay), 404)
    for path in ("save/", "files/", "submit/"):
        assert client.post(place(essay, path)).status_code == 404


# Files


def test_a_file_is_added_and_removed(client: Client, essay: Assessment) -> None:
    client.post(place(essay, "files/"), {"files": a_text_file()})
    file = SubmissionFile.objects.get()
    assert (file.name, file.media_type) == ("notes.txt", "text/plain")
    assert "notes.txt" in text(client, place(essay))
    client.post(place(essay, f"files/{file.uuid}/remove/"))
    assert not SubmissionFile.objects.exists()


def test_several_files_come_at_once_and_the_script_gets_the_list(client: Client, essay: Assessment) -> None:
    files = [a_text_file("one.txt", b"1"), a_text_file("two.txt", b"2")]
    response = client.post(place(essay, "files/"), {"files": files}, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert "one.txt" in page
    assert "two.txt" in page
    assert "<html" not in page


def test_a_file_of_another_kind_is_refused_in_words(client: Client, essay: Assessment) -> None:
    evil = a_text_file("page.txt", b"<svg onload=alert(1)>")
    response = client.post(place(essay, "files/"), {"files": evil})
    assert response.status_code == 422
    assert "is not a PDF, PNG" in response.content.decode()
    assert not SubmissionFile.objects.exists()


def test_more_files_than_allowed_are_refused(client: Client, essay: Assessment) -> None:
    files = [a_text_file(f"{number}.txt", str(number).encode()) for number in range(4)]
    response = client.post(place(essay, "files/"), {"files": files})
    assert response.status_code == 422
    assert SubmissionFile.objects.count() == 3


def test_no_file_is_said(client: Client, essay: Assessment) -> None:
    assert client.post(place(essay, "files/")).status_code == 422


def test_a_file_is_sent_as_a_download_to_its_learner_and_staff_alone(client: Client, essay: Assessment) -> None:
    client.post(place(essay, "files/"), {"files": a_text_file()})
    url = f"/me/submissions/{Submission.objects.get().uuid}/files/{SubmissionFile.objects.get().uuid}/"
    response = client.get(url)
    assert response.getvalue() == b"What I saw."
    assert response.headers["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    client.force_login(make_noor())
    assert client.get(url).status_code == 404
    # A draft is the learner's own; staff read it once it is handed in.
    client.force_login(make_ivo())
    assert client.get(url).status_code == 404
    Submission.objects.update(state="submitted", submitted_at=NOON)
    assert client.get(url).getvalue() == b"What I saw."


# Handing in


def test_handing_in_is_looked_over_first(client: Client, essay: Assessment) -> None:
    response = client.post(place(essay, "save/"), {"text": "Three short words", "hand_in": "1"}, follow=True)
    page = " ".join(response.content.decode().split())
    assert "3 words" in page
    assert "1 attempt is left." in page
    assert "can no longer be changed" in page
    assert Submission.objects.get().state == Submission.State.DRAFT


def test_handing_in_gives_a_receipt(client: Client, essay: Assessment) -> None:
    client.post(place(essay, "save/"), {"text": "Done."})
    response = client.post(place(essay, "submit/"), follow=True)
    submission = Submission.objects.get()
    assert submission.state == Submission.State.SUBMITTED
    assert submission.receipt in response.content.decode()
    assert "Being marked" in response.content.decode()


def test_nothing_cannot_be_handed_in(client: Client, essay: Assessment) -> None:
    client.post(place(essay, "save/"), {"text": " "})
    assert "There is nothing to hand in yet" in text(client, place(essay, "submit/"))
    response = client.post(place(essay, "submit/"), follow=True)
    assert "There is nothing to hand in yet" in response.content.decode()
    assert Submission.objects.get().state == Submission.State.DRAFT


def test_too_late_is_said(client: Client, essay: Assessment) -> None:
    Assessment.objects.update(due_at=timezone.now() - timedelta(days=2))
    client.post(place(essay, "save/"), {"text": "Late."})
    assert "This is late" in text(client, place(essay, "submit/"))
    response = client.post(place(essay, "submit/"), follow=True)
    assert "late work is no longer taken" in response.content.decode()


def test_what_is_handed_in_no_longer_changes(client: Client, lena: User, essay: Assessment) -> None:
    Assessment.objects.update(attempts_allowed=1)
    hand_in(lena, essay)
    assert client.post(place(essay, "save/"), {"text": "Better."}).status_code == 409
    assert "You have used all attempts" in text(client, place(essay))


def test_a_quiz_is_marked_at_once(client: Client, quiz: Assessment) -> None:
    single, number = quiz.questions.all()
    client.post(place(quiz, "save/"), {f"answer-{single.uuid}": "0", f"answer-{number.uuid}": "3,3"})
    response = client.post(place(quiz, "submit/"), follow=True)
    page = " ".join(response.content.decode().split())
    assert '<span class="figure">5</span>' in page
    assert "That is a pentagon." in page
    assert "New attempt" in page


# What comes back


def released(learner: User, essay: Assessment) -> Submission:
    submission = hand_in(learner, essay)
    grade = mark(submission, make_ivo())
    grading.release(grades=[grade], by=make_ivo(), at=NOON)
    return submission


def test_feedback_shows_marks_by_criterion_and_comments(client: Client, lena: User, essay: Assessment) -> None:
    page = text(client, released(lena, essay).get_absolute_url())
    assert '<span class="figure">10</span>' in page
    assert page.count('class="given"') == 2
    assert "Well argued." in page
    assert "Ivo Marin" in page


def test_a_draft_grade_is_not_shown(client: Client, lena: User, essay: Assessment) -> None:
    submission = hand_in(lena, essay)
    mark(submission, make_ivo())
    page = text(client, submission.get_absolute_url())
    assert "Well argued." not in page
    assert "Being marked" in page


def test_feedback_says_what_it_earned(client: Client, lena: User, essay: Assessment) -> None:
    publish_rule(essay.course.achievement, passed("statistics/essay"))
    page = text(client, released(lena, essay).get_absolute_url())
    assert "What it earned" in page
    assert f"/me/wallet/{Award.objects.get().credentials.get().uuid}/" in page


@pytest.mark.parametrize(("standing", "said"), [("suspended", "Suspended"), ("revoked", "Revoked")])
def test_what_it_earned_is_not_shown_as_earned_when_it_no_longer_stands(
    client: Client, lena: User, essay: Assessment, standing: str, said: str
) -> None:
    publish_rule(essay.course.achievement, passed("statistics/essay"))
    submission = released(lena, essay)
    Award.objects.update(standing=standing)
    card = text(client, submission.get_absolute_url()).split("What it earned")[1].split("</section>")[0]
    assert said in card
    assert "Earned" not in card


def test_a_strangers_submission_does_not_exist(client: Client, lena: User, essay: Assessment) -> None:
    submission = released(lena, essay)
    client.force_login(make_noor())
    text(client, submission.get_absolute_url(), 404)


def test_a_draft_leads_to_where_it_is_written(client: Client, essay: Assessment) -> None:
    client.post(place(essay, "save/"), {"text": "A spread"})
    response = client.get(Submission.objects.get().get_absolute_url())
    assert response.headers["Location"] == place(essay)


def test_feedback_needs_few_queries(
    client: Client, lena: User, essay: Assessment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    url = released(lena, essay).get_absolute_url()
    client.get(url)
    with django_assert_max_num_queries(22):
        client.get(url)
