"""Tests `portal/shared/error_pages.py` and the handlers: faults are said in words, with a number and a way back."""

import pytest

from tests.cast import make_lena

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.styleguide_urls")]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 413, 429, 503])
def test_every_fault_has_a_page_with_a_number_and_a_way_back(client, status):
    answer = client.get(f"/show/{status}/")
    page = answer.content.decode()
    assert answer.status_code == status
    assert answer["X-Request-Id"] in page
    assert page.count("<h1>") == 1
    assert 'class="button"' in page


def test_a_missing_page_is_said_so(client):
    answer = client.get("/lack/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_an_empty_refusal_gets_its_page_and_keeps_its_headers(client):
    assert "no longer shared" in client.get("/gone/").content.decode()
    answer = client.get("/appearance/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "cannot be opened as a page" in answer.content.decode()


def test_a_refusal_with_words_of_its_own_is_left_alone(client):
    assert client.get("/spoken/").content == b"busy"


def test_a_program_gets_no_page(client):
    assert client.get("/gone/", headers={"accept": "application/json"}).content == b""


PEOPLE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nothing/", "", "text/html"),
        ("/nothing/", "*/*", "text/html"),
        ("/nothing/", PEOPLE, "text/html"),
        ("/nothing/", "application/json, text/plain, */*", "application/problem+json"),
        ("/nothing/", "application/problem+json, */*;q=0.1", "application/problem+json"),
        ("/nothing/", "image/png", "application/problem+json"),
        ("/ims/ob/v3p0/nothing", "", "application/problem+json"),
        ("/ims/clr/v2p0/nothing", "*/*", "application/problem+json"),
        ("/ims/ob/v3p0/nothing", PEOPLE, "text/html"),
        ("/wallet/nothing", "*/*", "application/problem+json"),
        ("/.well-known/openid-credential-issuer/issuers/nobody", "application/json, */*", "application/problem+json"),
        ("/api/nothing", PEOPLE, "application/problem+json"),
    ],
)
def test_whoever_asks_for_what_is_not_there_is_told_in_their_form(client, path, accept, kind):
    answer = client.get(path, headers={"accept": accept} if accept else None)

    assert answer.status_code == 404
    assert answer["Content-Type"].partition(";")[0] == kind


def test_a_refusal_is_shown(client):
    answer = client.get("/refuse/")
    assert answer.status_code == 409
    assert "Ivo is marking this paper." in answer.content.decode()


def test_a_refusal_is_shown_beside_the_messages_when_htmx_asked(client):
    answer = client.get("/refuse/", headers={"hx-request": "true"})
    assert answer["HX-Retarget"] == "#messages"
    assert "<html" not in answer.content.decode()
    assert "Ivo is marking this paper." in answer.content.decode()


def test_a_breakdown_needs_nothing_but_a_file(client, django_assert_num_queries):
    client.raise_request_exception = False
    with django_assert_num_queries(0):
        answer = client.get("/break/")
    assert answer.status_code == 500
    assert answer["X-Request-Id"] in answer.content.decode()


def test_a_stale_form_is_explained(client):
    client.handler.enforce_csrf_checks = True
    client.force_login(make_lena())
    answer = client.post("/appearance/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()
