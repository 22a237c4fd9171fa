"""Tests the pages of instructors: what waits, the grader, rosters, exam marks, releases."""

import pytest
from django.test import Client

from credentials.models import Award
from pathways import grading
from pathways.models import Course, Grade, Submission
from portal.accounts.models import User
from tests.cast import make_ivo, make_lena, make_noor
from tests.college import hand_in, make_assignment, make_course, make_exam, mark, passed, publish_rule
from tests.factories import NOON, issue_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def ivo() -> User:
    return make_ivo()


@pytest.fixture
def lena() -> User:
    return make_lena()


@pytest.fixture
def work(ivo: User, lena: User) -> Submission:
    course = make_course(ivo=ivo)
    essay = make_assignment(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    return hand_in(lena, essay)


@pytest.fixture
def as_ivo(client: Client, ivo: User) -> Client:
    client.force_login(ivo)
    return client


def chosen(work: Submission, place: int = -1) -> dict[str, str]:
    """What the rubric form sends with the same level everywhere."""
    criteria = work.assessment.criteria.prefetch_related("levels")
    return {f"level-{criterion.pk}": str(list(criterion.levels.all())[place].pk) for criterion in criteria}


def test_the_desk_shows_what_waits(as_ivo: Client, work: Submission, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(16):
        page = as_ivo.get("/teach/")
    assert str(work.learner) in page.text


def test_the_grader_says_what_releasing_would_award(as_ivo: Client, work: Submission) -> None:
    answer = as_ivo.post(f"/teach/mark/{work.uuid}/foresee/", chosen(work))
    assert "Releasing this grade awards" in answer.text
    assert work.assessment.course.achievement.name in answer.text
    assert not Grade.objects.exists()
    assert not Award.objects.exists()


def test_low_levels_are_foreseen_to_award_nothing(as_ivo: Client, work: Submission) -> None:
    answer = as_ivo.post(f"/teach/mark/{work.uuid}/foresee/", chosen(work, 0))
    assert "completes nothing yet" in answer.text


def test_a_draft_is_kept_and_the_learner_does_not_see_it(as_ivo: Client, work: Submission) -> None:
    as_ivo.post(f"/teach/mark/{work.uuid}/", {**chosen(work), "comment": "Good.", "save": "1"})
    grade = Grade.objects.get()
    assert (grade.state, grade.marks) == (Grade.State.DRAFT, 10)
    page = as_ivo.get(f"/teach/mark/{work.uuid}/")
    assert "checked" in page.text
    assert "Releasing this grade awards" in page.text


def test_releasing_awards_what_the_page_foresaw(as_ivo: Client, work: Submission) -> None:
    page = as_ivo.post(f"/teach/mark/{work.uuid}/", {**chosen(work), "comment": "", "release-next": "1"}, follow=True)
    assert Award.objects.get().learner == work.learner
    assert "1 grade released." in page.text


def test_a_criterion_left_out_is_named_and_nothing_is_kept(as_ivo: Client, work: Submission) -> None:
    levels = chosen(work)
    levels.popitem()
    page = as_ivo.post(f"/teach/mark/{work.uuid}/", {**levels, "comment": "Kept words", "release": "1"})
    assert page.status_code == 422
    assert "Choose a level for" in page.text
    assert "Kept words" in page.text
    assert not Grade.objects.exists()


def test_a_level_of_another_rubric_is_refused(as_ivo: Client, work: Submission) -> None:
    other = make_assignment(work.assessment.course, slug="other")
    foreign = other.criteria.first().levels.first().pk
    levels = dict.fromkeys(chosen(work), str(foreign))
    page = as_ivo.post(f"/teach/mark/{work.uuid}/", {**levels, "comment": "", "release": "1"})
    assert page.status_code == 422
    assert not Grade.objects.exists()


@pytest.mark.parametrize("address", ["/teach/mark/{}/", "/teach/mark/{}/foresee/"])
def test_a_stranger_finds_no_work(client: Client, work: Submission, address: str) -> None:
    client.force_login(make_noor())
    assert client.post(address.format(work.uuid)).status_code == 404


def test_nobody_finds_their_own_work_to_mark(client: Client, ivo: User) -> None:
    course = make_course(ivo=ivo)
    own = hand_in(ivo, make_assignment(course))
    client.force_login(ivo)
    assert client.get(f"/teach/mark/{own.uuid}/").status_code == 404


def test_who_is_not_signed_in_is_asked_to(client: Client, work: Submission) -> None:
    assert client.get(f"/teach/mark/{work.uuid}/").status_code == 302
    assert client.get("/teach/").status_code == 302


def test_chosen_drafts_are_released_together(as_ivo: Client, ivo: User, work: Submission) -> None:
    mark(work, ivo)
    page = as_ivo.get("/teach/drafts/")
    assert work.assessment.course.achievement.name in page.text
    as_ivo.post("/teach/drafts/release/", {"grade": [str(Grade.objects.get().uuid)]})
    assert Grade.objects.get().state == Grade.State.RELEASED


@pytest.mark.parametrize("value", ["", "nonsense", "00000000-0000-0000-0000-000000000000", "\0"])
def test_releasing_nothing_says_so(as_ivo: Client, work: Submission, value: str) -> None:
    page = as_ivo.post("/teach/drafts/release/", {"grade": [value]}, follow=True)
    assert "Choose at least one grade" in page.text


def test_the_roster_shows_each_learner_in_constant_queries(
    as_ivo: Client, ivo: User, work: Submission, django_assert_max_num_queries
) -> None:
    hand_in(make_noor(), work.assessment)
    with django_assert_max_num_queries(18):
        page = as_ivo.get("/teach/courses/statistics/")
    assert "Noor Haddad" in page.text
    assert as_ivo.get("/teach/courses/statistics/?state=withdrawn").status_code == 200


def test_the_roster_tells_whom_the_course_has_earned_its_credential(as_ivo: Client, work: Submission) -> None:
    hand_in(make_noor(), work.assessment)
    award = issue_to(work.learner, work.assessment.course.achievement)
    page = as_ivo.get("/teach/courses/statistics/").text
    assert (page.count("Awarded"), page.count("not awarded")) == (1, 1)
    Award.objects.filter(pk=award.pk).update(standing="suspended")
    page = as_ivo.get("/teach/courses/statistics/").text
    assert "Awarded" not in page and "Suspended" in page
    Course.objects.update(achievement=None)
    assert "Credential" not in as_ivo.get("/teach/courses/statistics/").text, "it earns none by itself"


def test_exam_marks_are_entered_and_released(as_ivo: Client, ivo: User, work: Submission, lena: User) -> None:
    make_exam(work.assessment.course)
    address = "/teach/courses/statistics/marks/exam/"
    assert lena.name in as_ivo.get(address).text
    as_ivo.post(address, {"sat_on": "2026-11-20", f"marks-{lena.pk}": "71.5"})
    assert str(Grade.objects.get(assessment__slug="exam").marks) == "71.50"


@pytest.mark.parametrize("marks", ["101", "-1", "12.345", "many", "1e400", "NaN"])
def test_impossible_marks_are_refused_beside_the_field(
    as_ivo: Client, ivo: User, work: Submission, lena: User, marks: str
) -> None:
    make_exam(work.assessment.course)
    page = as_ivo.post("/teach/courses/statistics/marks/exam/", {"sat_on": "2026-11-20", f"marks-{lena.pk}": marks})
    assert page.status_code == 422
    assert not Grade.objects.filter(assessment__slug="exam").exists()


def test_a_stranger_finds_no_course_to_teach(client: Client, work: Submission) -> None:
    make_exam(work.assessment.course)
    client.force_login(make_noor())
    assert client.get("/teach/courses/statistics/").status_code == 404
    assert client.get("/teach/courses/statistics/marks/exam/").status_code == 404
    assert "do not teach" in client.get("/teach/").text


def test_the_grader_says_what_a_lower_grade_would_take(as_ivo: Client, work: Submission) -> None:
    from_before = mark(work, make_ivo())
    grading.release(grades=[from_before], by=make_ivo(), at=NOON)
    mark(Submission.objects.get(pk=work.pk), make_ivo(), level=0, at=NOON)
    page = as_ivo.get(f"/teach/mark/{work.uuid}/")
    assert "It takes from" in page.text
    assert "suspended for review" in page.text
