"""Tests of what is said to those who ask twice, too often, or while the database is busy."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from portal.accounts.models import User
from portal.shared import idempotency, problems, rate_limit
from portal.shared.busy import BusyMiddleware, is_busy, plain_busy_answer
from portal.shared.models import IdempotentAnswer, RateCount
from portal.shared.rate_limit import Limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena() -> User:
    return User.objects.create_user("lena@example.org", "not used here", name="Lena")


def asks(lena: User, key: str, request: Any, act: Callable[[], idempotency.Answer]) -> idempotency.Answer:
    return idempotency.once(actor=lena, key=key, request=request, act=act, at=timezone.now())


def test_the_same_request_is_done_once(lena: User) -> None:
    done: list[int] = []

    def act() -> idempotency.Answer:
        done.append(1)
        return 201, {"id": len(done)}

    assert asks(lena, "k1", {"a": 1}, act) == (201, {"id": 1})
    assert asks(lena, "k1", {"a": 1}, act) == (201, {"id": 1})
    assert done == [1]


def test_the_same_key_for_something_else_is_refused(lena: User) -> None:
    asks(lena, "k1", {"a": 1}, lambda: (201, {}))
    with pytest.raises(idempotency.KeyReused) as refused:
        asks(lena, "k1", {"a": 2}, lambda: (201, {}))
    assert refused.value.status == 422


def test_a_failed_request_stores_nothing_and_may_be_tried_again(lena: User) -> None:
    def fail() -> idempotency.Answer:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asks(lena, "k1", {}, fail)
    assert asks(lena, "k1", {}, lambda: (200, {"done": True})) == (200, {"done": True})


def test_whoever_comes_second_at_the_same_moment_undoes_its_own_and_gets_the_first_answer(lena: User) -> None:
    def act() -> idempotency.Answer:
        # The other one commits between our look and our insert.
        IdempotentAnswer.objects.create(
            actor=lena,
            key="k1",
            request_hash=idempotency.hash_of({}),
            status=201,
            body={"by": "other"},
            at=timezone.now(),
        )
        User.objects.create_user("made@example.org")
        return 201, {"by": "us"}

    # Our own test transaction stands for both, so that the other's row must be there before ours is undone.
    with pytest.raises(idempotency.KeyReused):
        asks(lena, "k1", {}, act)
    assert not User.objects.filter(email="made@example.org").exists()


@pytest.mark.parametrize("key", ["", " ", "k" * 129, "schlüssel", "a\nb"])
def test_a_key_that_cannot_be_one_is_refused(lena: User, key: str) -> None:
    with pytest.raises(idempotency.KeyMalformed):
        asks(lena, key, {}, lambda: (200, {}))


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    limit = Limit(times=3, seconds=3600)
    verdicts = [rate_limit.spend("verify", "192.0.2.1", limit) for _ in range(4)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False]
    assert 0 < verdicts[-1].retry_after <= 3601
    assert rate_limit.spend("verify", "192.0.2.2", limit).allowed
    assert not RateCount.objects.filter(key__contains="192.0.2").exists()


def test_counting_goes_on_when_the_cache_is_away(settings: Any, tmp_path: Any) -> None:
    from portal import env

    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    settings.CACHES = env.cache(settings.REDIS_URL)
    limit = Limit(times=1, seconds=3600)
    assert rate_limit.spend("verify", "x", limit).allowed
    assert not rate_limit.spend("verify", "x", limit).allowed


def test_a_cache_that_is_away_is_a_miss(settings: Any, tmp_path: Any) -> None:
    from django.core.cache import cache

    from portal import env

    settings.CACHES = env.cache(f"unix://{tmp_path}/nobody.sock")
    cache.set("a", 1)
    assert cache.get("a", "miss") == "miss"
    assert cache.get_many(["a"]) == {}
    assert not cache.delete("a")


def test_the_address_is_taken_from_our_own_proxies_only(settings: Any, rf: RequestFactory) -> None:
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.7"})
    settings.TRUSTED_PROXIES = 0
    assert rate_limit.address_of(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert rate_limit.address_of(request) == "192.0.2.7"
    settings.TRUSTED_PROXIES = 3
    assert rate_limit.address_of(request) == "10.0.0.1"


def locked() -> OperationalError:
    error = OperationalError("database is locked")
    error.__cause__ = sqlite3.OperationalError("database is locked")
    return error


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [("/api/v1/x", "text/html", "application/problem+json"), ("/x", "application/json", "application/problem+json")],
)
def test_a_busy_database_is_no_defect(rf: RequestFactory, path: str, accept: str, kind: str) -> None:
    def unused(request: HttpRequest) -> HttpResponse:
        raise AssertionError

    answer = BusyMiddleware(unused).process_exception(rf.get(path, headers={"Accept": accept}), locked())
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"], answer["Content-Type"]) == (503, "2", kind)


def test_a_busy_database_is_told_even_where_no_page_can_be_drawn(rf: RequestFactory) -> None:
    answer = plain_busy_answer(rf.get("/", headers={"Accept": "text/html"}))
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_a_mistake_of_ours_is_not_called_busy() -> None:
    assert not is_busy(OperationalError("no such table: x"))
    assert not is_busy(ValueError("database is locked"))


def test_a_problem_has_its_members() -> None:
    body = json.loads(problems.problem(422, "Look again.", fields={"marks": ["Too many."]}, kind="bad-input").content)
    assert body == {
        "type": "/problems/bad-input",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "Look again.",
        "fields": {"marks": ["Too many."]},
    }


def test_the_site_says_that_it_lives_and_what_waits(client: Client) -> None:
    assert client.get("/health/live").content == b"alive\n"
    answer = client.get("/health/ready").json()
    assert answer["ready"] is True
    assert answer["work"] == "in time"
    assert client.post("/health/live").status_code == 405
