"""Tests the API of learning: who may ask, what comes back, marks in once for each key, bad input named."""

import json
from typing import Any

import pytest
from django.test import Client

from credentials.models import Award
from pathways import authoring, enrolment
from pathways.models import Enrolment, Grade
from portal.accounts import tokens
from portal.accounts.models import User
from tests.cast import make_ivo, make_lena, make_noor
from tests.college import enter, holds_all, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db

GRADES = "/api/v1/courses/statistics/grades/"


@pytest.fixture
def course():
    course = make_course(ivo=make_ivo())
    make_exam(course)
    publish_rule(course.achievement, passed("statistics/exam"))
    enrolment.enrol(learner=make_lena(), course=course, at=NOON)
    return course


def as_program(user: User) -> Client:
    from django.utils import timezone

    _token, text = tokens.make(user=user, name="test", at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {text}"})


def marks(*, learner: str = "lena@example.org", value: Any = "71.5", day: Any = "2026-11-20") -> dict[str, Any]:
    return {"assessment": "exam", "marks": [{"learner": learner, "marks": value, "earned_on": day}]}


def send(client: Client, body: Any, *, key: str = "k1", address: str = GRADES) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(address, text, content_type="application/json", headers={"Idempotency-Key": key})


def test_the_catalogue_is_open_to_all(client: Client, course, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(6):
        answer = client.get("/api/v1/achievements/?q=stat")
    assert [each["slug"] for each in answer.json()["results"]] == ["statistics-badge"]
    one = client.get("/api/v1/achievements/statistics-badge/").json()
    assert one["rule"]["version"] == 1
    assert one["rule"]["sentence"]
    assert client.get("/api/v1/courses/").json()["count"] == 1
    assert client.get("/api/v1/courses/statistics/").json()["assessments"][0]["slug"] == "exam"


def test_a_pathway_tells_how_far_the_learner_is(course) -> None:
    certificate = make_achievement(slug="numeracy")
    publish_rule(certificate, holds_all("statistics-badge"))
    pathway = authoring.create_pathway(
        by=None, at=NOON, slug="numbers", issuer=course.issuer, target=certificate, title="Numbers"
    )
    authoring.open_pathway(pathway=pathway, by=None, at=NOON)
    answer = as_program(make_lena()).get("/api/v1/me/pathways/numbers/").json()
    assert answer["satisfied"] is False
    assert "Statistics" in answer["still_needed"][0]


def test_a_pathway_tells_what_is_near_at_hand(course) -> None:
    certificate = make_achievement(slug="numeracy")
    rule = {"type": "passed", "id": "well", "assessment": "statistics/exam", "where": {"grade_at_least": 80}}
    publish_rule(certificate, {"format": 1, "root": rule})
    pathway = authoring.create_pathway(
        by=None, at=NOON, slug="numbers", issuer=course.issuer, target=certificate, title="Numbers"
    )
    authoring.open_pathway(pathway=pathway, by=None, at=NOON)
    enter(make_lena(), course.assessments.get(), 70)
    answer = as_program(make_lena()).get("/api/v1/me/pathways/numbers/prospects/").json()
    assert (answer["satisfied"], answer["earliest"], answer["unknown"]) == (False, None, [])
    assert [(each["node"], each["code"]) for each in answer["near"]] == [("well", "grade_too_low")]
    assert as_program(make_noor()).get("/api/v1/me/pathways/numbers/prospects/").json()["near"] == []


def test_marks_come_in_once_for_each_key(course) -> None:
    ivo = as_program(make_ivo())
    first = send(ivo, marks())
    assert first.status_code == 201
    assert first.json()["awards"][0]["achievement"] == "statistics-badge"
    again = send(ivo, marks())
    assert (again.status_code, again.json()) == (201, first.json())
    assert Grade.objects.count() == 1
    assert Award.objects.count() == 1
    assert send(ivo, marks(value="50")).status_code == 422


def test_marks_without_a_key_are_refused(course) -> None:
    answer = as_program(make_ivo()).post(GRADES, json.dumps(marks()), content_type="application/json")
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["fields"]
    assert not Grade.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (marks(value="100.5"), "marks.0.marks"),
        (marks(value="-1"), "marks.0.marks"),
        (marks(value="1.234"), "marks.0.marks"),
        (marks(value=True), "marks.0.marks"),
        (marks(learner="noor@example.org"), "marks.0.learner"),
        (marks(day="2026-13-01"), "marks.0.earned_on"),
        ({**marks(), "extra": 1}, "extra"),
        ({"assessment": "exam", "marks": marks()["marks"] * 2}, "marks.1.learner"),
        ({"assessment": "exam", "marks": []}, "marks"),
    ],
)
def test_a_bad_mark_is_named_and_nothing_is_written(course, body: Any, field: str) -> None:
    answer = send(as_program(make_ivo()), body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert field in answer.json()["fields"]
    assert not Grade.objects.exists()


def test_a_day_that_no_record_has_is_refused(course) -> None:
    answer = send(as_program(make_ivo()), marks(day="0001-01-01"))
    assert answer.status_code == 422
    assert "1900" in answer.json()["detail"]
    assert not Grade.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 50,
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": 1e400}',
        b"\xff",
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        "3",
    ],
)
def test_what_is_not_plain_json_is_refused(course, text: str | bytes) -> None:
    answer = send(as_program(make_ivo()), text)
    assert answer.status_code == 400
    assert not Grade.objects.exists()


def test_a_stranger_finds_no_course_to_mark(course) -> None:
    assert send(as_program(make_noor()), marks()).status_code == 404
    assert send(Client(), marks()).status_code == 401
    assert not Grade.objects.exists()


@pytest.mark.parametrize(
    "name", ["courses", "grades", "awards", "credentials", "pathways/any", "pathways/any/prospects"]
)
def test_what_is_mine_needs_a_token(client: Client, name: str) -> None:
    answer = client.get(f"/api/v1/me/{name}/")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_enrolling_through_the_api_enrols_once(course) -> None:
    noor = as_program(make_noor())
    for _twice in range(2):
        assert send(noor, {"course": "statistics"}, address="/api/v1/me/courses/").status_code == 201
    assert Enrolment.objects.filter(learner=make_noor()).count() == 1
    assert send(noor, {"course": "statistics"}, key="k2", address="/api/v1/me/courses/").status_code == 409


def test_pages_are_bounded(client: Client, course) -> None:
    for number in range(3):
        make_achievement(slug=f"more-{number}")
    assert len(client.get("/api/v1/achievements/?page_size=2").json()["results"]) == 2
    assert client.get("/api/v1/achievements/?page_size=100000").status_code == 200
    assert client.get("/api/v1/achievements/?page=99").status_code == 404


def test_too_many_requests_are_told_when_to_come_back(client: Client, course, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.shared.rest import ByAddressOrPerson

    monkeypatch.setattr(ByAddressOrPerson, "times", {True: 2, False: 2})
    codes = [client.get("/api/v1/achievements/").status_code for _ in range(3)]
    last = client.get("/api/v1/achievements/")
    assert codes[:2] == [200, 200]
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0


def test_a_token_opens_nothing_once_it_is_withdrawn(course) -> None:
    lena = make_lena()
    program = as_program(lena)
    assert program.get("/api/v1/me/awards/").status_code == 200
    tokens.withdraw(token=lena.api_tokens.get(), by=lena, at=NOON)
    assert program.get("/api/v1/me/awards/").status_code == 401


def test_the_guide_shows_every_operation(client: Client) -> None:
    page = client.get("/developers/").text
    assert "/api/v1/courses/{slug}/grades/" in page
    assert "/api/v1/verify/" in page
