"""Claims and files for programs: handed in by JSON or as files, looked at, shown to be one's own, taken back."""

import io
import json

import pytest
from django.test import Client

from credentials import claims
from credentials.models import Claim
from portal.shared import outbox
from tests.cast import make_lena, make_noor
from tests.credentials.foreigner import Foreigner
from tests.credentials.test_claims import address, badge, college, presentation
from tests.factories import NOON

# What the acts keep is tried on both databases by their own tests.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

__all__ = ["college"]
URL = "/api/v1/me/claims/"


def of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def ask(client, url, said):
    return client.post(url, said, "application/json")


def as_file(content, name="maps.json"):
    file = io.BytesIO(content if isinstance(content, bytes) else json.dumps(content).encode())
    file.name = name
    return file


def test_a_badge_is_handed_in_as_json_or_as_a_file_and_looked_at(college, django_assert_num_queries):
    lena = of(make_lena())
    mine = {"credential": badge(college, address("lena@example.org"))}
    answer = ask(lena, URL, mine)
    assert ask(lena, URL, mine).status_code == 200
    assert (answer.status_code, answer.json()["verdict"]) == (201, "")
    other = lena.post(URL, {"file": as_file(badge(college, id="https://elsewhere.example/credentials/2"))})
    assert other.status_code == 201
    assert other.json()["name"] == "maps.json"
    outbox.run_all_due()

    one = lena.get(f"{URL}{answer.json()['uuid']}/").json()
    assert (one["verdict"], one["holder"], one["achievement"]) == ("valid", "address", "Reading maps")
    with django_assert_num_queries(8):
        assert lena.get(URL).json()["count"] == Claim.objects.count()


def test_a_key_is_shown_and_what_does_not_fit_is_refused_with_why(college):
    wallet, lena = Foreigner(), make_lena()
    made = badge(college)
    bound = {name: each for name, each in made.items() if name != "proof"}
    bound |= {"credentialSubject": made["credentialSubject"] | {"id": wallet.did}}
    claim, _new = claims.claim(learner=lena, content=json.dumps(college.sign(bound)), at=NOON)
    outbox.run_all_due()
    claim.refresh_from_db()
    key = f"{URL}{claim.uuid}/key/"

    refused = ask(of(lena), key, {"presentation": "a.b.c"})
    assert (refused.status_code, "does not show that it is yours" in refused.json()["detail"]) == (422, True)
    shown = ask(of(lena), key, {"presentation": json.loads(presentation(wallet, claim))})
    assert (shown.status_code, shown.json()["holder"]) == (200, "key")


@pytest.mark.parametrize(
    "said", [{}, {"text": " "}, {"text": "maps"}, {"text": "{}", "credential": {}}, {"credential": {}, "more": 1}]
)
def test_nothing_or_several_things_at_once_are_refused(said):
    assert ask(of(make_lena()), URL, said).status_code in {400, 422}
    assert not Claim.objects.exists()


def test_a_file_beyond_the_bound_is_refused_as_on_the_page():
    answer = of(make_lena()).post(URL, {"file": as_file(bytes(5 * 1024 * 1024 + 1))})
    assert answer.status_code == 413


def test_only_its_learner_sees_takes_back_or_shows_a_claim(college):
    claim, _new = claims.claim(learner=make_lena(), content=json.dumps(badge(college)), at=NOON)
    stranger = of(make_noor())
    one = f"{URL}{claim.uuid}/"
    assert stranger.get(one).status_code == stranger.delete(one).status_code == 404
    assert ask(stranger, f"{one}key/", {"presentation": "x"}).status_code == 404
    assert stranger.get(URL).json()["count"] == 0
    assert Client().get(URL).status_code == 401
    assert of(make_lena()).delete(one).status_code == 204
    assert of(make_lena()).get(one).status_code == 404


def test_files_are_checked_alone_and_many_at_once(college):
    file = as_file(badge(college))
    assert Client().post("/api/v1/verify/", {"file": file}).json()["verdict"] == "valid"
    assert Client().post("/api/v1/verify/", {"file": as_file(b""), "name": ""}).json()["verdict"] == "unreadable"
    answer = Client().post("/api/v1/verify/many/", {"file": as_file(b"A,Lena\nB\n", "list.csv")})
    assert answer.status_code == 201
    lines = Client().get(answer.json()["lines"].removeprefix("http://localhost:8000")).json()
    assert [line["name_typed"] for line in lines["results"]] == ["Lena", ""]
    for said in ({}, {"file": "list.csv"}):
        assert ask(Client(), "/api/v1/verify/many/", said).status_code == 400
