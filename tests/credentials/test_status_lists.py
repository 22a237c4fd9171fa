"""Tests status lists as tokens: what they say, by which key, to whom they are served, and what ends with the key."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from credentials import addresses, status_lists
from credentials.keys import key_files, keyring, token_keys
from credentials.models import StatusList, TokenKey
from credentials.standards import data_integrity, jose, vc_jose
from credentials.verification import foreign, status_checks
from portal.shared import outbound, outbox
from tests.cast import make_ada, make_lena
from tests.credentials.foreigner import entry
from tests.factories import NOON, issue_to

pytestmark = pytest.mark.django_db
COMPACT = "application/vc+jwt"
SITE = "http://localhost:8000"


@pytest.fixture
def listed() -> StatusList:
    issue_to(make_lena())
    row = StatusList.objects.get()
    status_lists.publish(row.pk, at=NOON)()
    row.refresh_from_db()
    return row


def asked(row: StatusList, accept: str, *, beside: str = "", **headers: str) -> HttpResponse:
    return Client().get(row.url.removeprefix(SITE) + beside, headers={"Accept": accept, **headers})


def published(row: StatusList) -> dict[str, dict[str, str]]:
    methods: Any = keyring.did_document(row.issuer)["verificationMethod"]
    return {each["id"]: each["publicKeyJwk"] for each in methods if each["type"] == "JsonWebKey"}


@pytest.mark.one_database
def test_a_list_as_a_token_says_what_its_document_says_by_a_key_that_the_issuer_publishes(listed):
    token = jose.read(asked(listed, COMPACT).content.decode())
    jose.verify(token, jose.public_key_of(published(listed)[token.header["kid"]]))
    assert {name: token.header[name] for name in ("alg", "typ", "cty")} == {
        "alg": "ES256",
        "typ": "vc+jwt",
        "cty": "vc",
    }
    document = json.loads(listed.document)
    assert vc_jose.opened(token, "vc") == {name: value for name, value in document.items() if name != "proof"}


@pytest.mark.one_database
def test_the_list_of_suspensions_stands_beside_it_in_the_same_forms(listed):
    document = json.loads(asked(listed, "application/vc", beside="/suspension").content)
    assert (document["id"], document["issuer"]) == (f"{listed.url}/suspension", addresses.issuer_did(listed.issuer))
    assert document["credentialSubject"]["statusPurpose"] == "suspension"
    key = listed.issuer.keys.get(purpose="status", state="active")
    data_integrity.verify_proofs(document, lambda _proof: keyring.public(key))
    token = jose.read(asked(listed, COMPACT, beside="/suspension").content.decode())
    assert vc_jose.opened(token, "vc") == {name: value for name, value in document.items() if name != "proof"}
    assert Client().get(f"{listed.url.removeprefix(SITE)[:-1]}2/suspension").status_code == 404


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/vc+jwt", "application/vc+jwt"),
        ("application/vc+jwt, application/json;q=0.5", "application/vc+jwt"),
        ("application/vc+jwt;q=0.5, application/vc", "application/vc"),
        ("application/vc", "application/vc"),
        ("application/json", "application/json"),
        ("text/html", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
    ],
)
def test_each_is_given_the_list_in_the_form_that_is_asked_for(listed, accept, content_type):
    answer = asked(listed, accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert answer.content.decode() == (listed.token if content_type == COMPACT else listed.document)
    assert "Accept" in answer["Vary"]
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "max-age=60" in answer["Cache-Control"]
    again = asked(listed, accept, **{"If-None-Match": answer["ETag"]})
    assert (again.status_code, again["Vary"], again["ETag"]) == (304, answer["Vary"], answer["ETag"])


def test_with_its_key_given_up_the_token_goes_and_is_made_anew_by_another(listed):
    first = TokenKey.objects.get()
    token_keys.give_up(first, by=make_ada(), at=NOON, reason="The disk was stolen.")
    assert asked(listed, COMPACT, beside="/suspension").status_code == 503
    waiting = asked(listed, COMPACT)
    assert (waiting.status_code, waiting["Retry-After"]) == (503, "5")
    assert (waiting["Cache-Control"], waiting["Access-Control-Allow-Origin"]) == ("no-store", "*")
    assert "Accept" in waiting["Vary"]
    # Its proof is by another key.
    assert asked(listed, "application/vc").status_code == 200
    outbox.run_all_due()
    anew = jose.read(asked(listed, COMPACT).content.decode())
    assert anew.header["kid"] != token_keys.method_id(first)
    jose.verify(anew, jose.public_key_of(published(listed)[anew.header["kid"]]))


@pytest.mark.one_database
def test_while_signing_is_stopped_neither_form_is_published(listed):
    StatusList.objects.update(document="", token="", published_version=0)
    key_files.stop_switch().touch()
    with pytest.raises(outbox.Later):
        status_lists.publish(listed.pk, at=NOON)
    key_files.stop_switch().unlink()
    assert asked(listed, COMPACT).status_code == asked(listed, "*/*").status_code == 503


@pytest.mark.one_database
def test_whoever_has_nothing_but_the_network_believes_the_token(listed, monkeypatch):
    def fetch(url: str, *, accept: str, seconds: float) -> bytes:
        return Client().get(url.removeprefix(SITE), headers={"Accept": COMPACT}).content

    monkeypatch.setattr(outbound, "fetch", fetch)
    foreign.forget()
    document = {"issuer": addresses.issuer_did(listed.issuer), "credentialStatus": entry(listed.url)}
    assert status_checks.status_of(document, at=NOON).told is status_checks.Told.STANDS
    foreign.forget()
