"""Records for programs: asked for, listed, and given out byte for byte."""

import pytest
from django.test import Client

from credentials.models import LearnerRecord
from credentials.rendering import certificate
from pathways.own_data import parcel
from portal.shared import outbox
from tests.cast import make_lena, make_noor
from tests.credentials.walked import in_a_pdf
from tests.factories import credential_of, issue_to

pytestmark = pytest.mark.django_db

URL = "/api/v1/me/records/"


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)


@pytest.fixture
def held():
    """Lena's qualification and its part."""
    part = issue_to(make_lena())
    whole = issue_to(make_lena(), built_on=[part.uuid])
    outbox.run_all_due()
    return credential_of(whole), credential_of(part)


def of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def ask(client, said):
    return client.post(URL, said, "application/json")


def test_a_program_asks_and_is_given_the_signed_record(held):
    lena = of(make_lena())
    answer = ask(lena, {"qualification": str(held[0].uuid)})
    assert answer.status_code == 201
    said = answer.json()
    assert (said["state"], said["qualification"]) == ("asked", held[0].award.achievement.slug)
    assert lena.get(f"{URL}{said['uuid']}/document/").status_code == 404
    outbox.run_all_due()

    document = lena.get(f"{URL}{said['uuid']}/document/")

    assert document.content.decode() == LearnerRecord.objects.get().document
    assert document["Content-Type"] == "application/vc"
    [listed] = lena.get(URL).json()["results"]
    assert (listed["uuid"], listed["state"]) == (said["uuid"], "signed")
    assert ask(lena, {"qualification": str(held[0].uuid)}).json()["uuid"] == said["uuid"]


def test_everything_or_some_of_it_is_asked_for_too(held):
    lena = of(make_lena())

    assert ask(lena, {}).json()["is_partial"] is False
    assert ask(lena, {"credentials": [str(held[1].uuid)]}).json()["is_partial"] is True


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"credentials": []}, 400),
        ({"credentials": ["7"]}, 400),
        ({"everything": True}, 400),
        ({"credentials": ["00000000-0000-4000-8000-000000000000"]}, 422),
        ({"qualification": "00000000-0000-4000-8000-000000000000"}, 404),
    ],
)
def test_what_cannot_be_asked_for_is_told(held, said, status):
    assert ask(of(make_lena()), said).status_code == status
    assert not LearnerRecord.objects.exists()


def test_not_both_at_once(held):
    said = {"qualification": str(held[0].uuid), "credentials": [str(held[1].uuid)]}

    assert ask(of(make_lena()), said).status_code == 400


def test_a_record_is_its_learners_alone(held):
    uuid = ask(of(make_lena()), {}).json()["uuid"]
    outbox.run_all_due()

    noor = of(make_noor())
    assert noor.get(f"{URL}{uuid}/document/").status_code == 404
    assert noor.get(URL).json()["results"] == []
    assert ask(noor, {"qualification": str(held[0].uuid)}).status_code == 404
    assert Client().get(URL).status_code == 401


def test_learners_take_their_records_along_with_all_else(held):
    ask(of(make_lena()), {})
    outbox.run_all_due()

    [record] = parcel.record_of(make_lena())["records"]
    assert len(record["credentials"]) == len(held)
