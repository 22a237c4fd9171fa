"""Tests `portal/shared/kept_pages.py`: a page is shown again only while it would be made the same."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal import env
from portal.accounts.models import User
from portal.shared import kept_pages, readings
from tests.cast import make_lena, make_noor
from tests.factories import NOON, make_issuer
from tests.portal import kept_urls

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.kept_urls")]


@pytest.fixture(autouse=True)
def nothing_made() -> Iterator[None]:
    kept_urls.made.clear()
    kept_urls.changes_at.clear()
    yield
    caches[kept_pages.CACHE].clear()


def test_it_is_made_once_while_the_database_answers_the_same(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_lena()
    first = client.get("/people/")
    with django_assert_num_queries(2):
        again = client.get("/people/")
    assert first.content == again.content
    assert len(kept_urls.made) == 1


@pytest.mark.parametrize("change", ["update", "insert", "delete", "raw"])
def test_whatever_changes_a_row_that_was_read_has_it_made_anew(client: Client, change: str) -> None:
    lena, noor = make_lena(), make_noor()
    client.get("/people/")
    if change == "update":
        User.objects.filter(pk=noor.pk).update(name="Noor H.")
    elif change == "insert":
        User.objects.bulk_create([User(email="emil@example.org", name="Emil")])
    elif change == "delete":
        lena.delete()
    else:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET name = 'Anders' WHERE id = %s", [lena.pk])
    page = client.get("/people/").content.decode()
    assert len(kept_urls.made) == 2
    assert all(name in page for name in User.objects.values_list("name", flat=True))


def test_one_name_is_kept_for_each_reader_language_and_appearance(client: Client) -> None:
    readers = [Client() for _ in range(4)]
    readers[1].force_login(make_lena())
    readers[2].cookies["theme"] = "dark"
    readers[3].cookies["django_language"] = "de"
    for _round in range(2):
        pages = [reader.get("/people/").content.decode() for reader in readers]
    assert len(kept_urls.made) == len(readers)
    assert "dark" in pages[2]
    client.cookies["theme"] = "no such theme"
    client.get("/people/")
    assert len(kept_urls.made) == len(readers)


def test_what_the_account_says_is_part_of_the_name(client: Client) -> None:
    lena = make_lena()
    client.force_login(lena)
    client.get("/form/")
    User.objects.filter(pk=lena.pk).update(time_zone="Asia/Tokyo")
    client.get("/form/")
    assert len(kept_urls.made) == 2


@pytest.mark.one_database
def test_it_is_made_anew_when_its_time_has_come(client: Client) -> None:
    kept_urls.changes_at[:] = [NOON + timedelta(seconds=90), NOON - timedelta(days=1), datetime.max.replace(tzinfo=UTC)]
    with time_machine.travel(NOON, tick=False) as clock:
        client.get("/people/")
        clock.move_to(NOON + timedelta(seconds=89))
        client.get("/people/")
        assert len(kept_urls.made) == 1
        clock.move_to(NOON + timedelta(seconds=90))
        client.get("/people/")
        assert len(kept_urls.made) == 2
        clock.shift(kept_pages.LONGEST)
        client.get("/people/")
        assert len(kept_urls.made) == 3


@pytest.mark.one_database
@pytest.mark.parametrize("moment", [NOON + timedelta(minutes=3), NOON - timedelta(minutes=1)])
def test_a_moment_gives_way_on_both_sides(client: Client, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    kept_urls.changes_at.append(moment)
    monkeypatch.setattr(kept_urls, "GIVE", timedelta(minutes=2))
    with time_machine.travel(NOON, tick=False) as clock:
        for seconds, made in ((0, 1), (59, 1), (60, 2)):
            clock.move_to(NOON + timedelta(seconds=seconds))
            client.get("/people/")
            assert len(kept_urls.made) == made


def test_each_page_has_a_token_of_its_own_and_every_form_has_it(client: Client) -> None:
    client.force_login(make_lena())
    pages = [client.get("/form/").content.decode() for _ in range(2)]
    tokens = [set(re.findall(r"\w{64}", page)) for page in pages]
    assert len(kept_urls.made) == 1
    assert [len(each) for each in tokens] == [1, 1]
    assert tokens[0] != tokens[1]
    safe = Client(enforce_csrf_checks=True)
    safe.cookies = client.cookies
    assert safe.post("/appearance/", {"theme": "dark", "csrfmiddlewaretoken": tokens[1].pop()}).status_code == 302


def test_a_refusal_has_its_token_too(client: Client) -> None:
    client.force_login(make_lena())
    answer = client.get("/leave/refuse/")
    [token] = re.findall(r"\w{64}", answer.content.decode())
    safe = Client(enforce_csrf_checks=True)
    safe.cookies = client.cookies
    assert answer.status_code == 403
    assert safe.post("/appearance/", {"theme": "dark", "csrfmiddlewaretoken": token}).status_code == 302


def test_who_has_no_session_is_given_no_cookie_and_told_when_it_is_the_same(client: Client) -> None:
    answer = client.get("/people/")
    assert not answer.cookies
    assert "Cookie" in answer["Vary"]
    same = client.get("/people/", headers={"If-None-Match": answer["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    make_noor()
    assert client.get("/people/", headers={"If-None-Match": answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("way", ["people/?show=all", "issuers-counted/", "luck/", "leave/tell/", "leave/bake/"])
def test_some_are_made_each_time(client: Client, way: str) -> None:
    make_issuer()
    for _round in range(2):
        assert client.get(f"/{way}").status_code == 200
    assert len(kept_urls.made) == 2


def test_what_is_no_page_is_answered_as_it_was(client: Client) -> None:
    for _round in range(2):
        assert client.get("/leave/lack/").status_code == 404
        assert client.get("/leave/away/").status_code == 302
        assert client.post("/people/").status_code == 200
    assert kept_urls.made == ["/people/"] * 2


def test_a_message_is_shown_and_not_kept(client: Client) -> None:
    client.get("/form/")
    client.get("/leave/tell/")
    assert "Done." in client.get("/form/").content.decode()
    assert "Done." not in client.get("/form/").content.decode()
    assert kept_urls.made.count("/form/") == 2


@pytest.mark.one_database
def test_processes_keep_together_where_they_share_a_cache_and_do_without(
    client: Client, settings: Any, valkey_server: str, tmp_path: Any
) -> None:
    settings.CACHES = env.cache(valkey_server)
    pages = [client.get("/people/").content for _round in range(2)]
    assert (len(kept_urls.made), pages[0]) == (1, pages[1])
    settings.CACHES = env.cache(f"unix://{tmp_path}/nobody.sock")
    assert [client.get("/people/").content for _round in range(2)] == pages
    assert len(kept_urls.made) == 3


def test_what_a_token_tells_of_is_not_asked_again() -> None:
    with readings.written_down() as read:
        User.objects.count()
        with readings.told_by_token():
            make_issuer()
            list(User.objects.all())
    assert len(read.taken) == 1
    assert read.only_read
    assert readings.are_as_before(read.taken)
    make_noor()
    assert not readings.are_as_before(read.taken)
