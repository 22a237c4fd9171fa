"""Tests the API of credentials: one's own, and checks for everybody."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from credentials import sharing
from credentials.models import Award
from portal.accounts import tokens
from portal.accounts.models import User
from portal.shared import outbox
from tests.cast import make_lena, make_noor
from tests.credentials.foreigner import Foreigner
from tests.factories import credential_of, issue_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def award() -> Award:
    award = issue_to(make_lena())
    outbox.run_all_due()
    return award


def as_program(user: User) -> Client:
    _token, text = tokens.make(user=user, name="test", at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {text}"})


def check(body: object) -> dict:
    answer = Client().post("/api/v1/verify/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_ones_own_credentials_and_the_signed_bytes(award: Award) -> None:
    lena = as_program(make_lena())
    [listed] = lena.get("/api/v1/me/credentials/").json()["results"]
    assert (listed["standing"], listed["state"]) == ("active", "logged")
    answer = lena.get(f"/api/v1/me/credentials/{listed['uuid']}/document/")
    assert answer.content.decode() == credential_of(award).document


def test_a_stranger_finds_no_document(award: Award) -> None:
    noor = as_program(make_noor())
    assert noor.get("/api/v1/me/credentials/").json()["count"] == 0
    assert noor.get(f"/api/v1/me/credentials/{credential_of(award).uuid}/document/").status_code == 404


def test_a_document_is_checked_and_each_check_says_what_it_proves(award: Award) -> None:
    report = check({"credential": json.loads(credential_of(award).document)})
    assert report["verdict"] == "valid"
    assert {each["state"] for each in report["checks"] if each["name"] in {"signature", "key", "status", "log"}} == {
        "passed"
    }
    assert all(each["proves"] and each["does_not_prove"] for each in report["checks"])
    says, credential = report["says"], credential_of(award)
    assert (says["achievement"], says["holder"]) == (award.achievement.name, credential.recipient_name)
    assert (says["id"], says["issuer"]) == (credential.document_url, award.achievement.issuer.name)
    assert says["awarded_at"] and says["valid_until"] is None


def test_a_changed_document_is_altered(award: Award) -> None:
    document = json.loads(credential_of(award).document)
    document["credentialSubject"]["achievement"]["name"] = "Doctor of Everything"
    report = check({"credential": document})
    assert (report["verdict"], report["says"]) == ("altered", None)
    assert report["checked_at"] > "2026"


def test_what_a_stranger_signed_is_not_repeated_even_where_it_has_run_out() -> None:
    stranger = Foreigner()
    for changes, verdict in (({}, "unknown_issuer"), ({"validUntil": "2026-01-02T00:00:00Z"}, "expired")):
        report = check({"credential": stranger.credential(validFrom="2026-01-01T00:00:00Z", **changes)})
        assert (report["verdict"], report["says"]) == (verdict, None)


def test_why_nothing_could_be_read_is_said() -> None:
    report = check({"text": "Doctor of Everything"})
    assert (report["verdict"], report["says"]) == ("unreadable", None)
    assert "neither a code, nor a link" in report["reasons"][0]


def test_a_code_is_checked_once_it_is_shared(award: Award) -> None:
    credential = credential_of(award)
    assert check({"text": credential.code})["verdict"] != "valid"
    sharing.share(credential=credential, by=make_lena(), at=timezone.now())
    assert check({"text": credential.code})["verdict"] == "valid"


@pytest.mark.parametrize("body", [{}, {"text": "a", "credential": {}}, {"credential": {}, "more": 1}, [], "text"])
def test_what_says_nothing_to_check_is_refused(body: object) -> None:
    answer = Client().post("/api/v1/verify/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/v1/verify/", {"text": 5}, "text"),
        ("/api/v1/verify/", {"text": "a", "name": 1.5}, "name"),
        ("/api/v1/verify/", {"text": 0}, "text"),
        ("/api/v1/verify/many/", {"lines": [{"text": "a"}, {"text": 5}]}, "lines.1.text"),
    ],
)
def test_a_number_is_no_text(path: str, body: object, field: str) -> None:
    answer = Client().post(path, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["fields"] == {field: ["Write this as a text, in quotation marks: a number stands here."]}
    said = Client().post("/api/v1/verify/", json.dumps({"text": True}), content_type="application/json")
    assert said.json()["fields"] == {"text": ["Not a valid string."]}


@pytest.mark.one_database
@pytest.mark.parametrize("size", [300_000, 3_000_000])
@pytest.mark.parametrize("path", ["/api/v1/verify/", "/credentials/verify"])
def test_more_than_is_read_is_called_too_large(path: str, size: int) -> None:
    answer = Client().post(path, json.dumps({"text": "x" * size}), content_type="application/json")

    assert answer.status_code == 413


@pytest.mark.one_database
def test_more_than_a_form_may_hold_is_called_too_large() -> None:
    answer = Client().post("/verify/", {"q": "x" * 3_000_000})

    assert answer.status_code == 413
    assert "What was sent is too large" in answer.text
