"""Bad input at every endpoint of the exchange: refused in the words of its standard, with nothing written."""

import pytest
from django.apps import apps
from django.test import Client

from credentials.models import WalletOffer
from tests.cast import make_lena
from tests.credentials.exchange.host import ADD, CHANGE, READ, Host, connected
from tests.credentials.exchange.test_issuance import connected as wallet_of

pytestmark = pytest.mark.django_db

# How often somebody asked is counted whatever the answer is.
COUNTED = {"RateCount", "Session", "UserSession"}
FORM = "application/x-www-form-urlencoded"
QUERIES = ["?client_id=%zz", "?client_id=%00", "?scope=%ff%fe"]
BODIES = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"grant_type=%zz",
    b"grant_type=authorization_code&code=%00",
    b"grant_type=authorization_code&grant_type=refresh_token",
    b"grant_type=refresh_token&refresh_token=%f0%9f%98%80",
    b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code&pre-authorized_code=%00&tx_code=%00",
]
DOCUMENTS = [
    b"",
    b"null",
    b"[]",
    b'"a"',
    b"{",
    b'{"a": 1, "a": 2}',
    b'{"a": NaN}',
    b'{"a": "\\ud800"}',
    b'{"a": "\\u0000"}',
    b"[" * 100,
    b'{"a": 1e400}',
    b"\xff\xfe",
    b'{"credential_configuration_id": {"a": []}, "proofs": [], "transaction_id": {}, "notification_id": []}',
    b'{"credential_configuration_id": "OpenBadge_ldp_vc", "proofs": {"jwt": [{}]}}',
    b'{"client_name": ["a"], "redirect_uris": [1, null], "scope": {}}',
    b'{"name": {}, "type": 1}',
]
AUTHORIZATIONS = [
    "",
    "Bearer",
    "Bearer \xff",
    "Basic",
    "Basic !!!",
    "Basic YQ==",
    "Basic /w==",
    "Basic AAAA",
    "Bearer " + "x" * 9_000,
]


def written() -> dict[str, int]:
    return {
        model.__name__: model.objects.count()
        for model in apps.get_models()
        if model.__name__ not in COUNTED and model._meta.managed and not model._meta.proxy
    }


def test_no_database_is_asked_for_what_it_cannot_hold(db):
    host = connected(make_lena(), READ)
    browser = Client()
    browser.force_login(make_lena())
    nul = {"client_id": host.client_id, "redirect_uri": "\0", "scope": "\0", "state": "\0", "allow": "yes"}
    answers = [
        browser.get("/oauth/authorize/?client_id=%00"),
        browser.get(host.request(READ, redirect_uri="\0")),
        browser.post("/oauth/authorize/", nul),
        browser.post("/oauth/authorize/", nul | {"client_id": "\0"}),
        browser.post("/oauth/token", BODIES[4], content_type=FORM, headers={"Authorization": "Basic AGE6AA=="}),
        browser.get("/wallet/offers/%00"),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 422, 400, 401, 404]


@pytest.mark.one_database
def test_nothing_breaks_and_nothing_is_written(credential):
    host, wallet = connected(make_lena(), READ, ADD, CHANGE), wallet_of(credential)
    browser = Client(raise_request_exception=False)
    browser.force_login(make_lena())
    before, wrong = written(), []

    def note(what: str, answer) -> None:
        if not 300 <= answer.status_code < 500:
            wrong.append(f"{what}: {answer.status_code}")

    for query in QUERIES:
        note(f"authorize {query[:40]}", browser.get(f"/oauth/authorize/{query}"))
    for form in ({"client_id": "\0"}, {"client_id": host.client_id, "redirect_uri": "\0", "scope": "x" * 9_000}):
        note(f"consent {form}", browser.post("/oauth/authorize/", form | {"allow": "yes"}))
    for authorization in AUTHORIZATIONS:
        asked = {"Authorization": authorization}
        note(f"token {authorization[:20]}", browser.post("/oauth/token", BODIES[4], content_type=FORM, headers=asked))
        note(f"profile {authorization[:20]}", browser.get("/ims/ob/v3p0/profile", headers=asked))
    for body in BODIES:
        note(f"token {body[:40]!r}", browser.post("/oauth/token", body, content_type=FORM))
    for body in DOCUMENTS:
        asked = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {wallet.token}"}}
        for path in ("/wallet/credential", "/wallet/deferred", "/wallet/notification", "/oauth/register"):
            note(f"{path} {body[:40]!r}", browser.post(path, body, **asked))
        asked["headers"] = {"Authorization": f"Bearer {host.access}"}
        note(f"credentials {body[:40]!r}", browser.post("/ims/ob/v3p0/credentials", body, **asked))
        note(f"profile {body[:40]!r}", browser.put("/ims/ob/v3p0/profile", body, **asked))
    for secret in ("%00", "%f0%9f%98%80" * 500):
        note(f"offer {secret[:20]}", browser.get(f"/wallet/offers/{secret}"))
    assert not wrong, "\n".join(wrong)
    assert written() == before
    assert WalletOffer.objects.get().transfers.count() == 0


@pytest.mark.one_database
def test_a_request_beyond_what_is_read_is_refused(db):
    answer = Client(raise_request_exception=False).post(
        "/oauth/register", b" " * 3_000_000, content_type="application/json"
    )
    assert answer.status_code in {400, 413}
    assert Host().client.get("/wallet/offers/").status_code == 404
