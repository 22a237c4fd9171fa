"""A host registers, asks a learner, and is given tokens; and what must be refused of all that."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_grant_model, get_refresh_token_model

from credentials.exchange import connections, sweeping
from credentials.models import WalletClient
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_noor
from tests.credentials.exchange.host import (
    ADD,
    HOME,
    PROFILE,
    READ,
    STAY,
    Host,
    agree,
    code_in,
    connected,
    registration,
)
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def error_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


@pytest.fixture
def host(db) -> Host:
    return Host().discover().register()


# --- registering --------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_a_host_registers_itself_and_is_told_what_was_kept(db):
    host = Host().discover()
    answer = host.post_json(host.scheme["x-imssf-registrationUrl"], registration(extra="left out"))
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    told = answer.json()
    assert {name: told.pop(name) for name in registration()} == registration()
    assert told.pop("client_secret_expires_at") == 0
    assert told.pop("client_id_issued_at") > 0
    secret = told.pop("client_secret")
    assert set(told) == {"client_id"}
    assert secret not in str(WalletClient.objects.values().get())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_name": ""}, "invalid_client_metadata"),
        ({"client_name": "x" * 101}, "invalid_client_metadata"),
        ({"software_id": None}, "invalid_client_metadata"),
        ({"tos_uri": "http://host.example.org/terms"}, "invalid_client_metadata"),
        ({"logo_uri": "https://elsewhere.example/logo.png"}, "invalid_client_metadata"),
        ({"client_uri": "https://user@host.example.org"}, "invalid_client_metadata"),
        ({"client_uri": "https://host.example.org:x/"}, "invalid_client_metadata"),
        ({"policy_uri": f"{HOME}/a b"}, "invalid_client_metadata"),
        ({"scope": "openid"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "none"}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"grant_types": "authorization_code"}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"{HOME}/back#here"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://elsewhere.example/back"]}, "invalid_client_metadata"),
    ],
)
@pytest.mark.one_database
def test_what_does_not_describe_one_house_is_refused(changes, error):
    answer = Client().post("/oauth/register", json.dumps(registration(**changes)), content_type="application/json")
    assert error_of(answer) == (400, error)
    assert not WalletClient.objects.exists()


@pytest.mark.one_database
def test_a_body_that_is_no_object_is_refused(db):
    for body in ("[]", "{", '{"client_name": NaN}'):
        answer = Client().post("/oauth/register", body, content_type="application/json")
        assert error_of(answer) == (400, "invalid_client_metadata")


@pytest.mark.one_database
def test_registering_without_end_is_refused(db):
    answers = [Client().post("/oauth/register", "{}", content_type="application/json") for _time in range(11)]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0


@pytest.mark.one_database
def test_metadata_name_what_there_is(client, db):
    told = client.get("/.well-known/oauth-authorization-server").json()
    assert told["issuer"] == "http://localhost:8000"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["token_endpoint_auth_methods_supported"] == ["client_secret_basic"]
    for name in ("authorization", "token", "revocation", "registration"):
        assert client.options(urlsplit(told[f"{name}_endpoint"]).path).status_code in {204, 302}


# --- being let in -------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_a_learner_lets_a_host_in(host):
    lena = make_lena()
    answer = agree(host, lena, READ, STAY)
    back = urlsplit(answer["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{HOME}/back"
    told = {name: value for name, [value] in parse_qs(back.query).items()}
    assert told == {"code": told["code"], "scope": f"{READ} {STAY}", "state": "pebble", "iss": "http://localhost:8000"}
    given = host.redeem(told["code"])
    assert (given.status_code, given["Cache-Control"]) == (200, "no-store")
    assert {name: given.json()[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": f"{READ} {STAY}",
    }
    assert AuditEntry.objects.get(act="connect wallet", concerns=lena).details == {"scopes": [READ, STAY]}


@pytest.mark.one_database
def test_the_page_says_who_asks_for_what_and_may_lead_there(host):
    browser = Client()
    browser.force_login(make_lena())
    page = browser.get(host.request(READ, STAY) + "&approval_prompt=auto")
    words = page.content.decode()
    assert "Hall of badges" in words
    assert "host.example.org" in words
    assert "Read all your credentials" in words
    assert "Change your name" not in words
    assert "form-action 'self' https://host.example.org" in page["Content-Security-Policy"]


@pytest.mark.one_database
def test_a_visitor_signs_in_first(host):
    answer = Client().get(host.request(READ))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/oauth/authorize/")


@pytest.mark.one_database
def test_a_learner_may_grant_less_than_was_asked_for(host):
    answer = agree(host, make_lena(), READ, PROFILE, STAY, granted=(PROFILE,))
    given = host.redeem(code_in(answer)).json()
    assert given["scope"] == PROFILE
    assert "refresh_token" not in given
    assert host.get("profile").status_code == 200
    assert host.get("credentials").status_code == 403


@pytest.mark.one_database
def test_what_was_not_asked_for_is_not_granted(host):
    answer = agree(host, make_lena(), READ, granted=(READ, ADD))
    assert host.redeem(code_in(answer)).json()["scope"] == READ


@pytest.mark.one_database
def test_nothing_ticked_is_no_consent(host):
    for granted in ((), (STAY,)):
        answer = agree(host, make_lena(), READ, STAY, granted=granted)
        assert answer.status_code == 422
    assert not get_grant_model().objects.exists()


@pytest.mark.one_database
def test_a_learner_may_refuse(host):
    browser = Client()
    browser.force_login(make_lena())
    page = browser.get(host.request(READ))
    form = {bound.name: bound.value() or "" for bound in page.context["form"].hidden_fields()}
    back = browser.post("/oauth/authorize/", form | {"granted": [READ], "refuse": "yes"})
    assert parse_qs(urlsplit(back["Location"]).query)["error"] == ["access_denied"]
    # A form that somebody has changed leads nowhere else.
    for name in ("redirect_uri", "client_id"):
        changed = browser.post("/oauth/authorize/", form | {name: "https://evil.example/", "refuse": "yes"})
        assert changed.status_code in {400, 422}
    assert not get_grant_model().objects.exists()


@pytest.mark.one_database
def test_agreeing_needs_the_page(host):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_lena())
    assert browser.post("/oauth/authorize/", {"allow": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
    ],
)
@pytest.mark.one_database
def test_a_request_that_is_not_safe_goes_back_with_an_error(host, changes, error):
    browser = Client()
    browser.force_login(make_lena())
    answer = browser.get(host.request(READ, **changes))
    assert answer["Location"].startswith(f"{HOME}/back?")
    assert parse_qs(urlsplit(answer["Location"]).query)["error"] == [error]


@pytest.mark.parametrize("changes", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example/back"}])
@pytest.mark.one_database
def test_a_request_of_nobody_known_stays_here(host, changes):
    browser = Client()
    browser.force_login(make_lena())
    answer = browser.get(host.request(READ, **changes))
    assert answer.status_code == 400
    assert "Nothing was connected" in answer.content.decode()


# --- codes and tokens ---------------------------------------------------------------------------------------------


def test_a_code_is_good_once_for_who_asked_and_with_the_proof(host):
    code = code_in(agree(host, make_lena(), READ))
    assert code not in str(list(get_grant_model().objects.values()))
    thief = Host().discover().register(client_name="Thief")
    thief.verifier = host.verifier
    assert error_of(thief.redeem(code)) == (400, "invalid_grant")
    assert error_of(host.redeem(code, code_verifier="x" * 50)) == (400, "invalid_grant")
    assert error_of(host.redeem(code, code_verifier=None)) == (400, "invalid_request")
    assert error_of(host.redeem(code, redirect_uri=f"{HOME}/other")) == (400, "invalid_request")
    assert host.redeem(code).status_code == 200
    assert error_of(host.redeem(code)) == (400, "invalid_grant")
    for token in (host.access, host.refresh):
        assert not token or token not in str(list(get_access_token_model().objects.values()))


def test_a_code_that_comes_back_ends_what_it_gave_and_nothing_else(db):
    lena = make_lena()
    host = Host().discover().register()
    assert host.redeem(code_in(agree(host, lena, READ))).status_code == 200
    kept = host.access
    code = code_in(agree(host, lena, READ, STAY))
    host.redeem(code)
    host.renew()
    assert host.get("credentials").status_code == 200

    assert error_of(host.redeem(code)) == (400, "invalid_grant")

    assert host.get("credentials").status_code == 401
    assert error_of(host.renew()) == (400, "invalid_grant")
    assert AuditEntry.objects.filter(act="end tokens of a code used twice", concerns=lena).count() == 1
    host.access = kept
    assert host.get("credentials").status_code == 200


@pytest.mark.one_database
def test_a_code_ends_after_ten_minutes(host):
    with time_machine.travel(NOON, tick=False) as clock:
        code = code_in(agree(host, make_lena(), READ))
        clock.shift(timedelta(minutes=10))
        assert error_of(host.redeem(code)) == (400, "invalid_grant")


@pytest.mark.one_database
def test_a_secret_comes_by_the_header_and_fits(host):
    code = code_in(agree(host, make_lena(), READ))
    right, host.secret = host.secret, "guessed"
    refused = host.redeem(code)
    assert error_of(refused) == (401, "invalid_client")
    assert refused["WWW-Authenticate"].startswith("Basic ")
    assert host.revoke("unknown")["WWW-Authenticate"].startswith("Basic ")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{HOME}/back"}
    by_body = {"client_id": host.client_id, "client_secret": right, "code_verifier": host.verifier}
    assert error_of(Client().post("/oauth/token", form | by_body)) == (401, "invalid_client")
    host.secret = right
    assert host.redeem(code).status_code == 200


@pytest.mark.parametrize("grant", ["password", "client_credentials", "implicit", ""])
@pytest.mark.one_database
def test_there_are_no_other_grants(host, grant):
    answer = host.token(grant_type=grant, username="lena@example.org", password="stone-on-stone")
    assert error_of(answer) == (400, "unsupported_grant_type" if grant else "invalid_request")


def test_a_refresh_token_is_good_once_and_its_return_ends_everything(db):
    host = connected(make_lena(), READ, STAY)
    first, access = host.refresh, host.access
    assert first not in str(list(get_refresh_token_model().objects.values()))
    renewed = host.renew()
    assert renewed.json()["scope"] == f"{READ} {STAY}"
    assert host.refresh != first
    assert host.get("credentials").status_code == 200
    stolen, host.access = host.access, access
    assert host.get("credentials").status_code == 401
    # Somebody who kept the first one comes back: nobody can tell who is the thief, so both are out.
    assert error_of(host.renew(first)) == (400, "invalid_grant")
    host.access = stolen
    assert host.get("credentials").status_code == 401
    assert error_of(host.renew()) == (400, "invalid_grant")


@pytest.mark.one_database
def test_what_a_host_gives_back_opens_nothing(db):
    host = connected(make_lena(), READ, STAY)
    other = connected(make_lena(), READ, client_name="Another")
    assert other.revoke(host.access).status_code == 200
    assert host.get("credentials").status_code == 200
    assert host.revoke(host.refresh, token_type_hint="refresh_token").status_code == 200
    assert host.get("credentials").status_code == 401
    assert error_of(host.renew()) == (400, "invalid_grant")
    assert host.revoke("unknown").status_code == 200
    host.secret = "guessed"
    assert host.revoke("unknown").status_code == 401


@pytest.mark.one_database
def test_who_may_no_longer_sign_in_is_read_by_nobody(db):
    lena = make_lena()
    host = connected(lena, READ, STAY)
    lena.is_active = False
    lena.save()
    assert host.get("credentials").status_code == 401
    assert error_of(host.renew()) == (400, "invalid_grant")


# --- looking after it ---------------------------------------------------------------------------------------------


def test_a_learner_sees_what_is_connected_and_disconnects_it(client, django_assert_num_queries):
    lena = make_lena()
    host = connected(lena, READ, STAY)
    connected(make_noor(), READ, client_name="Noor's own")
    client.force_login(lena)
    words = client.get(reverse("me-wallets")).content.decode()
    assert "Hall of badges" in words
    assert "Go on doing so while you are away" in words
    assert "Noor" not in words
    with django_assert_num_queries(3):
        connections.of_learner(lena, at=timezone.now())
    answer = client.post(reverse("me-wallet-disconnect", args=[host.client_id]))
    assert answer.status_code == 302
    assert host.get("credentials").status_code == 401
    assert error_of(host.renew()) == (400, "invalid_grant")
    assert connections.of_learner(lena, at=timezone.now()) == []
    assert AuditEntry.objects.filter(act="disconnect wallet", concerns=lena).count() == 1


@pytest.mark.one_database
def test_a_stranger_disconnects_nothing(client):
    host = connected(make_lena(), READ)
    client.force_login(make_noor())
    assert client.post(reverse("me-wallet-disconnect", args=[host.client_id])).status_code == 404
    assert host.get("credentials").status_code == 200


@pytest.mark.one_database
def test_a_wallet_is_shown_while_it_can_come_back(db):
    lena = make_lena()
    connected(lena, READ)
    connected(lena, READ, STAY, client_name="Stays")
    later = timezone.now() + timedelta(hours=2)
    assert [each.client.name for each in connections.of_learner(lena, at=later)] == ["Stays"]


def test_what_nobody_uses_is_forgotten(db):
    connected(make_lena(), READ)
    Host().discover().register(client_name="Never used")
    with time_machine.travel(timezone.now() + timedelta(days=100)):
        sweeping.sweep(at=timezone.now())
    assert not get_access_token_model().objects.exists()
    assert not WalletClient.objects.filter(name="Never used").exists()


@pytest.mark.one_database
def test_administrators_make_no_tokens(client, admin_user):
    client.force_login(admin_user)
    assert client.get("/admin/oauth2_provider/accesstoken/").status_code == 404
    assert client.get("/admin/credentials/walletclient/add/").status_code == 403
