"""Asking to be erased, and what administrators see of it; nobody else's, and no button that erases."""

import pytest
from django.test import Client

from pathways.models import ErasureRequest
from pathways.own_data import erasing
from tests.cast import make_ada, make_ivo, make_lena, make_noor
from tests.college import make_course
from tests.factories import NOON, issue_to
from tests.pathways.own_data.test_views_own_data import signed_in

pytestmark = pytest.mark.django_db


def test_a_learner_sees_what_goes_and_stays_asks_and_takes_it_back(django_assert_num_queries) -> None:
    issue_to(make_lena())
    lena = signed_in(make_lena())
    page = lena.get("/me/data/erasure/").text
    assert "Your awards." in page
    assert "1 signed credential" in page
    assert lena.post("/me/data/erasure/ask/", {}).status_code == 422
    assert not ErasureRequest.objects.exists()
    assert lena.post("/me/data/erasure/ask/", {"understood": "on"})["Location"] == "/me/data/"
    assert "Take it back" in lena.get("/me/data/").text
    assert lena.post("/me/data/erasure/back/").status_code == 302
    assert ErasureRequest.objects.get().state == "taken-back"
    assert "not open any more" in lena.post("/me/data/erasure/back/", follow=True).text


def test_who_they_are_is_asked_first_and_staff_is_refused_in_words() -> None:
    lena = signed_in(make_lena(), lately=False)
    answer = lena.post("/me/data/erasure/ask/", {"understood": "on"})
    assert "/accounts/reauthenticate/" in answer["Location"]
    assert not ErasureRequest.objects.exists()
    make_course(ivo=make_ivo())
    refused = signed_in(make_ivo()).post("/me/data/erasure/ask/", {"understood": "on"})
    assert (refused.status_code, "still has a role" in refused.text) == (409, True)


def test_administrators_see_the_requests_and_may_decline(django_assert_num_queries) -> None:
    ada = signed_in(make_ada())
    requests = [erasing.ask(person=person, at=NOON) for person in (make_lena(), make_noor())]
    ada.get("/operations/erasures/")
    # Session, reader, how many, the page, and what the navigation shows; whatever their number.
    with django_assert_num_queries(5):
        page = ada.get("/operations/erasures/").text
    assert "./run erase_person lena@example.org" in page
    assert page.index("lena@") < page.index("noor@")
    decline = f"/operations/erasures/{requests[0].uuid}/decline/"
    assert "Everything stays as it is" in ada.get(decline).text
    assert ada.post(decline, {"reason": ""}).status_code == 422
    assert ada.post(decline, {"reason": "An audit."}).status_code == 302
    assert ada.post(decline, {"reason": "An audit."}).status_code == 409
    assert "An audit." in signed_in(make_lena()).get("/me/data/").text
    erasing.erase(person=make_noor(), reason="Asked.", at=NOON)
    ended = ada.get("/operations/erasures/?show=ended").text
    assert "Somebody who is erased" in ended
    assert "erased.invalid" not in ended


def test_strangers_find_nothing() -> None:
    request = erasing.ask(person=make_lena(), at=NOON)
    decline = f"/operations/erasures/{request.uuid}/decline/"
    for address in ("/operations/erasures/", decline):
        assert signed_in(make_noor()).get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert signed_in(make_noor()).post(decline, {"reason": "x"}).status_code == 404
    assert signed_in(make_noor()).post("/me/data/erasure/back/").status_code == 404
    assert Client().post("/me/data/erasure/ask/").status_code == 302
    assert ErasureRequest.objects.get().state == "asked"
