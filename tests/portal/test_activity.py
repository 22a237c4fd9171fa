"""The list of sessions: kept up to date, but not at every page."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from portal.accounts import tasks
from portal.accounts.activity import SECONDS_BETWEEN_NOTES
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    cache.clear()
    client = Client()
    client.force_login(cast.make_lena())
    return client


def seen() -> list[tuple[str, str, object]]:
    return list(UserSession.objects.order_by("pk").values_list("ip", "user_agent", "last_seen_at"))


def test_a_page_notes_who_was_here_and_the_next_page_writes_nothing(
    client: Client, django_assert_num_queries: Any
) -> None:
    client.get("/health/live", headers={"User-Agent": "Firefox"})
    noted = seen()
    assert [each[:2] for each in noted] == [("127.0.0.1", "Firefox")]
    # The session and the person.
    with django_assert_num_queries(2):
        client.get("/health/live", headers={"User-Agent": "Firefox"})
    assert seen() == noted


def test_after_a_while_it_is_noted_again(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.get("/")
        (before,) = seen()
        clock.shift(timedelta(seconds=SECONDS_BETWEEN_NOTES + 1))
        client.get("/")
        (after,) = seen()
    assert after[2] > before[2]


def test_another_client_of_the_same_session_is_noted_at_once(client: Client) -> None:
    client.get("/", headers={"User-Agent": "Firefox"})
    client.get("/", headers={"User-Agent": "Safari"})
    assert [each[1] for each in seen()] == ["Safari"]


def test_a_visitor_leaves_no_trace() -> None:
    Client().get("/")
    assert not UserSession.objects.exists()


@pytest.mark.one_database
def test_a_session_that_has_run_out_is_forgotten_with_the_place_it_was_used_from(client: Client) -> None:
    client.get("/health/live")
    tasks.sweep(0)()
    assert len(seen()) == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    tasks.sweep(0)()
    assert seen() == []
    assert not Session.objects.exists()
