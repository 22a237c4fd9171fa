"""Tests the pages that explain the site: that help leads where its reader may go, and that what is promised is so."""

import re

import pytest
from django.test import Client

from credentials.check_sheets import checking
from credentials.models import IssuerRole
from portal.accounts.models import User
from tests.cast import make_ada, make_ivo, make_lena, make_rhea
from tests.college import make_course
from tests.factories import make_issuer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGES = ("help", "accessibility", "privacy")


def text_of(client: Client, name: str) -> str:
    answer = client.get(f"/{name}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_found_at_the_foot_of_every_other(client, name):
    assert f'href="/{name}/"' in text_of(client, PAGES[PAGES.index(name) - 1])


def teaching() -> User:
    make_course(ivo=(ivo := make_ivo()))
    return ivo


def registering() -> User:
    make_issuer(registrar=(rhea := make_rhea()))
    return rhea


def administering() -> User:
    IssuerRole.objects.create(user=(ada := make_ada()), issuer=make_issuer(), role=IssuerRole.Role.ADMINISTRATOR)
    return ada


@pytest.mark.parametrize(
    ("section", "reader", "links"),
    [
        ("learner", make_lena, 9),
        ("instructor", teaching, 2),
        ("registrar", registering, 11),
        ("administrator", administering, 5),
        ("administrator", registering, 1),
        ("registrar", make_lena, 0),
    ],
)
def test_help_links_to_what_its_reader_may_open_and_to_nothing_else(client, section, reader, links):
    client.force_login(reader())

    part = text_of(client, "help").split(f'id="{section}"')[1].split("</section>")[0]
    found = re.findall(r'href="(/[^"]*)"', part)

    assert len(found) == links
    assert {client.get(address).status_code for address in found} <= {200}


def test_a_visitor_is_led_to_verification_and_no_further(client, django_assert_num_queries):
    make_issuer()
    # The houses that may be written to.
    with django_assert_num_queries(1):
        page = text_of(client, "help")

    assert 'href="/verify/"' in page.split("<main")[1]
    assert "/registry/" not in page
    assert "mailto:office@example.edu" in page


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("help@college.example", "mailto:help@college.example"),
        ("https://college.example/help", "https://college.example/help"),
    ],
)
def test_whoever_runs_the_site_may_say_whom_to_write_to(client, settings, address, link):
    settings.CONTACT = address
    make_issuer()

    for name in PAGES:
        page = text_of(client, name)
        assert f'<a href="{link}">{address}</a>' in page
        assert "office@example.edu" not in page


def test_a_house_without_an_address_is_not_hidden(client):
    assert "has not said yet to whom to write" in text_of(client, "accessibility")


def test_privacy_gives_the_numbers_by_which_the_program_goes(client, monkeypatch):
    monkeypatch.setattr(checking, "KEPT_FOR", checking.KEPT_FOR * 2)

    page = text_of(client, "privacy")

    assert "the results for 60 days" in page
    assert "Jobs 90 days, answers 7 days" in page


def test_privacy_leads_to_the_words_of_the_house_if_it_has_some(client, settings):
    assert "The words of this house" not in text_of(client, "privacy")
    settings.PRIVACY_URL = "https://college.example/privacy"

    assert '<a href="https://college.example/privacy">' in text_of(client, "privacy")
