"""Tests of the outbox: a promise is kept whatever dies, and its result is stored once."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import current_app
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from kombu import pools

from portal import env
from portal.celery import bell
from portal.shared import outbox
from portal.shared.models import Job, WorkerSighting


@pytest.fixture(autouse=True)
def own_performers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(outbox, "_performers", {})
    monkeypatch.setattr(outbox, "_last_periods", {})
    monkeypatch.setattr(outbox, "_silent_until", 0.0)
    yield


@pytest.fixture
def done() -> list[int]:
    return []


@pytest.fixture
def writes(done: list[int]) -> None:
    @outbox.performs("test.write", queue="render", lease=30)
    def write(subject_id: int) -> outbox.Store:
        return lambda: done.append(subject_id)


def due_now(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(due=Now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_what_was_promised_is_done_once(writes: None, done: list[int]) -> None:
    outbox.promise("test.write", 7)
    outbox.promise("test.write", 7)
    assert Job.objects.get().queue == "render"
    assert outbox.run_all_due() == 1
    outbox.promise("test.write", 7)
    assert outbox.run_all_due() == 0
    assert done == [7]
    job = Job.objects.get()
    assert (job.state, job.token, job.lease_until) == ("done", 1, None)
    assert job.done_at is not None


@pytest.mark.django_db
def test_another_version_is_another_promise(writes: None, done: list[int]) -> None:
    outbox.promise_many("test.write", [1, 2], version="a")
    outbox.promise("test.write", 1, version="b")
    outbox.run_all_due()
    assert sorted(done) == [1, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_promise_of_a_failed_act_is_not_kept(writes: None) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.promise("test.write", 7)
        raise ZeroDivisionError
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_only_the_queues_asked_for_are_looked_at(writes: None, done: list[int]) -> None:
    outbox.promise("test.write", 7)
    assert outbox.run_due(["mail"]) == 0
    assert outbox.run_due(["mail", "render"]) == 1


@pytest.mark.django_db
def test_what_is_promised_in_bulk_lets_all_others_go_first(writes: None, done: list[int]) -> None:
    with outbox.in_bulk():
        outbox.promise_many("test.write", [1, 2])
    outbox.promise("test.write", 3)
    assert outbox.run_all_due() == 3
    assert done == [3, 1, 2]
    assert dict(Job.objects.values_list("subject_id", "queue")) == {1: "bulk", 2: "bulk", 3: "render"}


@pytest.mark.django_db
def test_what_follows_a_job_in_bulk_waits_in_bulk_too(writes: None) -> None:
    with outbox.in_bulk():
        outbox.promise("test.first", 1)
    outbox.promise("test.first", 2)
    outbox.promise_many("test.write", [1, 2], like="test.first")
    assert dict(Job.objects.filter(kind="test.write").values_list("subject_id", "queue")) == {1: "bulk", 2: "render"}


@pytest.mark.django_db
def test_a_job_of_an_unknown_kind_waits(writes: None) -> None:
    outbox.promise("test.of_a_newer_release", 7)
    assert outbox.run_all_due() == 0
    assert Job.objects.get().state == "pending"


@pytest.mark.django_db
def test_a_job_that_is_not_due_waits(writes: None) -> None:
    outbox.promise("test.write", 7, due=timezone.now() + timedelta(hours=1))
    assert outbox.run_all_due() == 0
    assert outbox.age_of_oldest_due() == 0


@pytest.mark.django_db
def test_a_failure_is_tried_again_later_and_at_last_quarantined(writes: None) -> None:
    @outbox.performs("test.fail")
    def fail(subject_id: int) -> None:
        raise ValueError("postgresql://user:pass@host broke; password=hunter2")

    outbox.promise("test.fail", 7)
    for attempt in range(1, outbox.ATTEMPTS + 1):
        due_now(Job.objects.get())
        outbox.run_due()
        job = Job.objects.annotate(now=Now()).get()
        assert job.attempts == attempt
        assert "pass@" not in job.last_error
        assert "hunter2" not in job.last_error
        assert job.last_error.startswith("ValueError: ")
        if attempt < outbox.ATTEMPTS:
            assert job.state == "pending"
            assert 0.7 * 2**attempt < (job.due - job.now).total_seconds() < 1.3 * 2**attempt
    assert job.state == "quarantined"
    assert outbox.retry(job.pk)
    assert not outbox.retry(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("pending", 0)


@pytest.mark.django_db
def test_bad_data_is_quarantined_at_once() -> None:
    @outbox.performs("test.refuse")
    def refuse(subject_id: int) -> None:
        raise outbox.Quarantine("The picture is a bomb.")

    outbox.promise("test.refuse", 7)
    outbox.run_due()
    job = Job.objects.get()
    assert (job.state, job.last_error) == ("quarantined", "The picture is a bomb.")


@pytest.mark.django_db
def test_a_busy_database_counts_no_attempt() -> None:
    @outbox.performs("test.busy")
    def busy(subject_id: int) -> None:
        raise OperationalError("database is locked")

    outbox.promise("test.busy", 7)
    assert outbox.run_due() == 1
    job = Job.objects.get()
    assert (job.state, job.attempts, job.last_error) == ("pending", 0, "The database was busy.")


@pytest.mark.django_db
def test_waiting_for_something_counts_no_attempt() -> None:
    @outbox.performs("test.wait")
    def wait(subject_id: int) -> None:
        raise outbox.Later(60, "renderer missing")

    outbox.promise("test.wait", 7)
    assert outbox.run_all_due() == 1
    job = Job.objects.get()
    assert (job.state, job.attempts, job.last_error, job.lease_until) == ("pending", 0, "renderer missing", None)


@pytest.mark.django_db
def test_a_failure_is_let_through_where_somebody_is_watching() -> None:
    @outbox.performs("test.fail")
    def fail(subject_id: int) -> None:
        raise ValueError("broken")

    outbox.promise("test.fail", 7)
    with pytest.raises(ValueError, match="broken"):
        outbox.run_all_due()
    assert Job.objects.get().attempts == 1


@pytest.mark.django_db
def test_a_stale_token_changes_nothing(done: list[int]) -> None:
    @outbox.performs("test.slow")
    def slow(subject_id: int) -> outbox.Store:
        # Meanwhile the lease ran out, and another worker claimed the job.
        Job.objects.update(token=99)
        return lambda: WorkerSighting.objects.create(name="stored", heard_at=Now()) and None

    outbox.promise("test.slow", 7)
    outbox.run_all_due()
    job = Job.objects.get()
    assert (job.state, job.token) == ("pending", 99)
    assert job.lease_until is not None
    assert not WorkerSighting.objects.exists()


@pytest.mark.django_db
def test_a_job_whose_worker_was_killed_is_done_by_another(writes: None, done: list[int]) -> None:
    outbox.promise("test.write", 7)
    assert outbox._claim(outbox.QUEUES)
    assert outbox.run_all_due() == 0
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert outbox.run_all_due() == 1
    job = Job.objects.get()
    assert (job.state, job.attempts, job.token) == ("done", 1, 2)


@pytest.mark.django_db
def test_a_job_that_kills_every_worker_is_quarantined(writes: None, done: list[int]) -> None:
    outbox.promise("test.write", 7)
    for _ in range(outbox.ATTEMPTS):
        assert outbox._claim(outbox.QUEUES)
        Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    outbox.run_due()
    assert Job.objects.get().state == "quarantined"
    assert done == []


@pytest.mark.django_db
def test_a_batch_is_done_together() -> None:
    seen: list[list[int]] = []

    @outbox.performs("test.batch", batch=3)
    def together(subject_ids: list[int]) -> None:
        seen.append(subject_ids)

    outbox.promise_many("test.batch", [1, 2, 3, 4])
    outbox.run_all_due()
    assert seen == [[1, 2, 3], [4]]
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.django_db
def test_one_bad_job_does_not_drag_its_batch_along() -> None:
    @outbox.performs("test.batch", batch=10)
    def together(subject_ids: list[int]) -> None:
        if 3 in subject_ids:
            raise outbox.Quarantine("Three is bad.")

    outbox.promise_many("test.batch", [1, 2, 3, 4])
    outbox.run_due()
    assert dict(Job.objects.values_list("subject_id", "state")) == {1: "done", 2: "done", 3: "quarantined", 4: "done"}


# --- batches whose jobs are done apart ------------------------------------------------------------------------------


class Post:
    """Sends what it is given, in batches; `at` says what happens when a subject's turn has come."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.prepared: list[list[int]] = []
        self.at: dict[int, Callable[[], object]] = {}
        self.closed = 0
        outbox.performs("test.send", queue="mail", lease=30, batch=10, apart=True)(self.perform)

    def perform(self, ids: list[int]) -> outbox.Acts:
        self.prepared.append(ids)
        try:
            for id_ in ids:
                yield partial(self.send, id_)
        finally:
            self.closed += 1

    def send(self, id_: int) -> None:
        self.at.pop(id_, lambda: None)()
        self.sent.append(id_)


def failing(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def states() -> list[tuple[str, int, bool]]:
    rows = Job.objects.order_by("subject_id").values_list("state", "attempts", "lease_until")
    return [(state, attempts, lease is not None) for state, attempts, lease in rows]


@pytest.fixture
def post(db: None) -> Post:
    made = Post()
    outbox.promise_many("test.send", range(4))
    return made


def test_a_batch_done_apart_is_claimed_and_prepared_once(post: Post) -> None:
    assert outbox.run_due() == 4
    assert (post.prepared, post.sent, post.closed) == ([[0, 1, 2, 3]], [0, 1, 2, 3], 1)
    assert states() == [("done", 0, False)] * 4


def test_of_a_batch_done_apart_one_fails_or_waits_alone(post: Post) -> None:
    post.at = {1: failing(ValueError("No such address")), 2: failing(outbox.Later(60, "Not yet"))}
    outbox.run_due()
    assert post.sent == [0, 3]
    assert states() == [("done", 0, False), ("pending", 1, False), ("pending", 0, False), ("done", 0, False)]
    assert Job.objects.get(subject_id=1).last_error == "ValueError: No such address"
    for job in Job.objects.filter(state="pending"):
        due_now(job)
    outbox.run_due()
    assert sorted(post.sent) == [0, 1, 2, 3]
    assert post.closed == len(post.prepared) == 3


def test_whoever_is_told_to_end_amid_a_batch_lets_the_rest_go(post: Post) -> None:
    post.at = {2: failing(SystemExit())}
    with pytest.raises(SystemExit):
        outbox.run_due()
    assert states() == [("done", 0, False), ("done", 0, False), ("pending", 0, True), ("pending", 0, False)]
    assert post.closed == 1
    outbox.run_due()
    assert post.sent == [0, 1, 3]


@pytest.mark.parametrize("died", ["before it was sent", "after it was sent"])
def test_whoever_is_killed_amid_a_batch_sends_one_message_again_at_most(
    post: Post, monkeypatch: pytest.MonkeyPatch, died: str
) -> None:
    with monkeypatch.context() as killed:
        # Nothing of the process is left to tidy up.
        killed.setattr(outbox, "_release", lambda *_claim, **_words: None)
        if died == "before it was sent":
            post.at = {2: failing(SystemExit())}
        else:
            end = outbox._end
            killed.setattr(outbox, "_end", lambda claim: end(claim) if len(post.sent) < 3 else failing(SystemExit())())
        with pytest.raises(SystemExit):
            outbox.run_due()
    assert states() == [("done", 0, False)] * 2 + [("pending", 0, True)] * 2
    Job.objects.filter(state="pending").update(lease_until=Now() - timedelta(seconds=1))
    outbox.run_due()
    assert sorted(post.sent) == ([0, 1, 2, 3] if died == "before it was sent" else [0, 1, 2, 2, 3])
    assert {state for state, _attempts, _leased in states()} == {"done"}


def test_what_there_is_no_time_for_is_anybodys_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "LONGEST_TURN", 0.05)
    post.at = {1: lambda: time.sleep(0.06)}
    claim = outbox._claim(outbox.QUEUES)
    assert claim is not None
    outbox._perform(claim)
    assert states() == [("done", 0, False)] * 2 + [("pending", 0, False)] * 2
    outbox.run_due()
    assert post.sent == [0, 1, 2, 3]


def test_a_job_of_a_batch_that_somebody_else_has_meanwhile_is_not_ended(post: Post) -> None:
    post.at = {1: lambda: Job.objects.filter(subject_id=1).update(token=999)}
    outbox.run_due()
    assert [state for state, _attempts, _leased in states()] == ["done", "pending", "done", "done"]


def test_only_what_is_claimed_in_batches_can_be_done_apart() -> None:
    with pytest.raises(ValueError, match="in batches"):
        outbox.performs("test.alone", apart=True)


@pytest.mark.django_db(transaction=True)
def test_two_claimers_never_hold_the_same_job(writes: None) -> None:
    outbox.promise_many("test.write", range(40))
    held: list[int] = []
    start = threading.Barrier(2)

    def claim_all() -> None:
        try:
            start.wait()
            while claim := outbox._claim(outbox.QUEUES):
                held.extend(job.pk for job in claim.jobs)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim_all) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == len(set(held)) == 40


@pytest.mark.django_db
def test_work_that_takes_too_long_is_interrupted() -> None:
    @outbox.performs("test.sleep", lease=0.2)
    def sleep(subject_id: int) -> None:
        time.sleep(5)

    outbox.promise("test.sleep", 7)
    outbox.run_due(until=time.monotonic() + 1)
    assert Job.objects.get().last_error.startswith("OutOfTime")


@pytest.mark.django_db
def test_the_timetable_promises_once_in_each_period(monkeypatch: pytest.MonkeyPatch, done: list[int]) -> None:
    @outbox.performs("test.hourly", every=3600)
    def hourly(subject_id: int) -> None:
        done.append(subject_id)

    outbox.keep_timetable()
    monkeypatch.setattr(outbox, "_last_periods", {})  # another worker
    outbox.keep_timetable()
    outbox.run_all_due()
    assert done == [0]


@pytest.mark.django_db
def test_the_age_of_the_oldest_due_job_is_told(writes: None) -> None:
    assert outbox.age_of_oldest_due() == 0
    outbox.promise("test.write", 7)
    Job.objects.update(due=Now() - timedelta(seconds=90))
    assert 89 < outbox.age_of_oldest_due() < 120


@pytest.mark.django_db
def test_a_worker_is_seen() -> None:
    assert outbox.last_sighting() is None
    outbox.note_sighting()
    outbox.note_sighting()
    assert WorkerSighting.objects.count() == 1
    seen = outbox.last_sighting()
    assert seen is not None
    assert seen < 60


@pytest.mark.django_db
def test_one_bell_is_rung_for_many_promises(
    writes: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks() as hooks:
        outbox.promise("test.write", 1)
        outbox.promise("test.write", 2)
        outbox.promise("test.write", 3, queue="mail")
    assert [hook.args for hook in hooks] == [("render",), ("mail",)]


@pytest.fixture
def broker_at(settings: Any) -> Iterator[Callable[[str], None]]:
    """Point the bells at a broker, and away again."""
    before = current_app.conf.broker_url

    def point(url: str) -> None:
        settings.CELERY_BROKER_URL = current_app.conf.broker_url = env.broker(url)
        # Connections that were pooled go to the broker before.
        pools.reset()
        current_app._pool = current_app.amqp._producer_pool = None

    yield point
    point("")
    current_app.conf.broker_url = before


@pytest.mark.django_db(transaction=True)
def test_a_bell_carries_nothing_but_the_queue(
    writes: None, done: list[int], valkey_server: str, broker_at: Callable[[str], None]
) -> None:
    broker_at(valkey_server)
    outbox.promise("test.write", 7)
    with redis.Redis(unix_socket_path=valkey_server.removeprefix("unix://")) as client:
        (message,) = client.lrange("render", 0, -1)
        client.delete("render")
    envelope = json.loads(message)
    assert envelope["headers"]["task"] == "portal.bell"
    assert json.loads(base64.b64decode(envelope["body"]))[0] == ["render"]
    bell("render")
    assert done == [7]


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_fails_and_delays_nobody(writes: None, tmp_path: Path, broker_at: Callable[[str], None]) -> None:
    broker_at(f"unix://{tmp_path}/nobody.sock")
    started = time.monotonic()
    for subject in range(20):
        with transaction.atomic():
            outbox.promise("test.write", subject)
    assert time.monotonic() - started < 2
    assert outbox._silent_until > 0
    assert outbox.run_all_due() == 20


@pytest.mark.usefixtures("writes", "worker")
def test_a_worker_beside_the_site_does_what_is_committed(done: list[int]) -> None:
    outbox.promise("test.write", 7)
    deadline = time.monotonic() + 10
    while not done and time.monotonic() < deadline:
        time.sleep(0.05)
    assert done == [7]
