"""Promises work for later in the transaction of its cause, and does what was promised (reliability J1-J7).

The job table is the truth. A Celery message is only a bell that says "look at the table", and workers look by
themselves as well, so a missing broker delays work and loses none.
"""

import logging
import os
import random
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, Q, QuerySet, When
from django.db.models.functions import Now

from portal.shared import inserting
from portal.shared.busy import is_busy
from portal.shared.models import Job, WorkerSighting
from portal.shared.work_limits import OutOfTime as OutOfTime  # noqa: PLC0414 - part of what handlers see of the outbox
from portal.shared.work_limits import ended_after, interrupted_after, one_line

logger = logging.getLogger(__name__)

QUEUES = tuple(Job.Queue.values)
ATTEMPTS = 8
LONGEST_WAIT = 3600
# So long a worker goes on with a batch whose jobs are done apart; the rest is anybody's again.
LONGEST_TURN = 10.0
# After a bell that could not be rung none is tried for so long: a dead broker costs one request a little, not all.
SILENCE_AFTER_DEAD_BROKER = 5.0

Store = Callable[[], None]
#: What does each job of a batch, one after the other; closed when there is no time for the rest.
Acts = Iterator[Callable[[], None]]
Handler = TypeVar("Handler", bound=Callable[..., Store | None] | Callable[..., Acts])


class Quarantine(Exception):
    """The job can never succeed as it stands: set it aside at once, for a person to look at."""


class Later(Exception):
    """What the job needs is not there yet; it waits `seconds` without counting an attempt, and says why."""

    def __init__(self, seconds: float, why: str) -> None:
        self.seconds = seconds
        super().__init__(why)


@dataclass(frozen=True)
class Performer:
    """Who does one kind of job."""

    kind: str
    queue: str
    lease: float
    handler: Callable[..., Any]
    batch: int | None = None
    every: float | None = None
    versioned: bool = False
    apart: bool = False

    @property
    def soft_limit(self) -> float:
        return self.lease * 0.7

    @property
    def hard_limit(self) -> float:
        return self.lease * 0.9


@dataclass(frozen=True)
class Claim:
    """Jobs of one kind that this process holds until the lease ends; each with the token it was claimed under."""

    performer: Performer
    jobs: tuple[Job, ...]


_performers: dict[str, Performer] = {}


def performs(
    kind: str,
    *,
    queue: str = "issue",
    lease: float = 60,
    batch: int | None = None,
    every: float | None = None,
    versioned: bool = False,
    apart: bool = False,
) -> Callable[[Handler], Handler]:
    """Register the function below as the one that does this kind of job; it stands in a package's `tasks.py`.

    It takes the subject's id, or a list of ids if `batch` is given, and works outside any transaction. What it returns,
    if anything, is called inside the transaction that marks the job done, and stores the result; when the lease was
    lost meanwhile, that transaction changes nothing. Everything may run twice. `lease` in seconds bounds the work.
    `every` puts the job on the timetable: it is promised once in each period of so many seconds, with subject 0.
    `versioned` gives the promise's version as a second argument, for work that is done piece by piece.
    `apart` is for a batch of what cannot be taken back, such as messages: the jobs are claimed together, and the
    function yields what does each, in the order of the ids; each is done, fails and ends by itself.
    """
    if queue not in QUEUES:
        raise ValueError(f"There is no queue {queue!r}.")

    if apart and not batch:
        raise ValueError("Only what is claimed in batches can be done apart.")

    def register(handler: Handler) -> Handler:
        known = _performers.get(kind)
        if known and known.handler.__module__ != handler.__module__:
            raise ValueError(f"{kind} is already performed by {known.handler.__module__}.")
        _performers[kind] = Performer(kind, queue, lease, handler, batch, every, versioned, apart)
        return handler

    return register


# --- promising --------------------------------------------------------------------------------------------------


_bulk: ContextVar[bool] = ContextVar("bulk", default=False)


@contextmanager
def in_bulk() -> Iterator[None]:
    """What is promised herein is part of a great work: its jobs wait in `bulk`, and let all others go first."""
    before = _bulk.set(True)
    try:
        yield
    finally:
        _bulk.reset(before)


def promise(
    kind: str, subject_id: int, *, queue: str | None = None, due: datetime | None = None, version: str = ""
) -> None:
    """Write the job into the caller's transaction. The same promise made again, even of a job done, changes nothing."""
    promise_many(kind, [subject_id], queue=queue, due=due, version=version)


def promise_many(
    kind: str,
    subject_ids: Iterable[int],
    *,
    queue: str | None = None,
    due: datetime | None = None,
    version: str = "",
    like: str = "",
) -> None:
    """Promise the same kind of job for many subjects, with one bell.

    `like` is a kind of job that came before: of the subjects for which that one waited in `bulk`, this one does, too.
    """
    ids = list(subject_ids)
    if not ids:
        return
    performer = _performers.get(kind)
    own = performer.queue if performer else Job.Queue.ISSUE.value
    queue = queue or (Job.Queue.BULK.value if _bulk.get() else own)
    in_bulk_before: set[int] = set()
    if like:
        before = Job.objects.filter(kind=like, subject_id__in=ids, queue=Job.Queue.BULK)
        in_bulk_before = set(before.values_list("subject_id", flat=True))
    queues = {id_: Job.Queue.BULK.value if id_ in in_bulk_before else queue for id_ in ids}
    # Unless a time is given the database's clock says when: now.
    when: dict[str, Any] = {} if due is None else {"due": due}
    rows = list(queues.items())
    inserting.put(Job, ("subject_id", "queue"), rows, unless_there=True, kind=kind, version=version, **when)
    for each in dict.fromkeys(queues.values()):
        _ring_after_commit(each)


def _ring_after_commit(queue: str) -> None:
    waiting = (entry[1] for entry in connection.run_on_commit)
    if any(isinstance(hook, partial) and hook.func is ring and hook.args == (queue,) for hook in waiting):
        return
    transaction.on_commit(partial(ring, queue), robust=True)


_silent_until = 0.0


def ring(queue: str) -> None:
    """Tell the workers to look at the table; when nobody can be told, they will see by themselves."""
    global _silent_until
    if not settings.CELERY_BROKER_URL or time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(
            "portal.bell", args=[queue], queue=queue, retry=False, ignore_result=True, expires=60, serializer="json"
        )
    except Exception as error:  # the broker's client raises of many kinds, and none may reach a request
        _silent_until = time.monotonic() + SILENCE_AFTER_DEAD_BROKER
        logger.warning("The bell could not be rung; workers will look by themselves.", extra={"error": one_line(error)})


# --- doing ------------------------------------------------------------------------------------------------------


def run_due(queues: Sequence[str] = QUEUES, *, until: float | None = None, let_failures_through: bool = False) -> int:
    """Do due jobs one claim after another until none is left or the monotonic time `until`; say how many were tried."""
    tried = 0
    while until is None or time.monotonic() < until:
        claim = _claim(queues)
        if claim is None:
            break
        failure = _perform(claim)
        tried += len(claim.jobs)
        if failure is not None and let_failures_through:
            raise failure
    return tried


def run_all_due() -> int:
    """Do all that is due, and what that promises in turn; let the first failure through: for tests and commands."""
    return run_due(let_failures_through=True)


def anything_due(queues: Sequence[str] = QUEUES) -> bool:
    """Whether a job could be claimed now; a plain read, so that looking often costs nothing."""
    return _due(queues).exists()


def _due(queues: Sequence[str]) -> QuerySet[Job]:
    return Job.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=Now()),
        state=Job.State.PENDING,
        due__lte=Now(),
        queue__in=queues,
        kind__in=list(_performers),
    ).order_by("due", "id")


def _claim(queues: Sequence[str]) -> Claim | None:
    """J3: lease the oldest due job, with its like if they are done in batches; under a new token.

    What waits in `bulk` is looked at only while nothing else is due: a fresh award is not to wait for an import.
    """
    urgent = [each for each in queues if each != Job.Queue.BULK]
    return _claim_from(urgent) or _claim_from([each for each in queues if each == Job.Queue.BULK])


def _claim_from(queues: Sequence[str]) -> Claim | None:
    # SQLite's immediate transaction would take the write lock merely to find nothing.
    if not anything_due(queues):
        return None
    with transaction.atomic(durable=True):
        due = _due(queues).only("kind", "subject_id", "version", "attempts", "lease_until", "token")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        first = due.first()
        if first is None:
            return None
        performer = _performers[first.kind]
        jobs = [first]
        # What failed before is tried alone, so that one bad job does not drag its neighbours along.
        if performer.batch and first.attempts == 0 and first.lease_until is None:
            jobs = list(due.filter(kind=first.kind, attempts=0, lease_until__isnull=True)[: performer.batch])
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
            token=F("token") + 1,
            # An old lease means that whoever held it died at this job: that too is an attempt.
            attempts=Case(
                When(lease_until__isnull=False, then=F("attempts") + 1),
                default=F("attempts"),
                output_field=IntegerField(),
            ),
            lease_until=Now() + timedelta(seconds=performer.lease),
        )
        # They are locked, so this is what the statement made of them; the lease is read by the database's clock only.
        for job in jobs:
            job.token += 1
            job.attempts += job.lease_until is not None
        return Claim(performer, tuple(jobs))


def _perform(claim: Claim) -> Exception | None:
    """Do the work, then finish: done, waiting, to be tried again, or quarantined. Return what went wrong."""
    died_too_often = [job for job in claim.jobs if job.attempts >= ATTEMPTS]
    if died_too_often:
        _set_aside(claim, "The worker died at this job each time.")
        return None
    started = time.monotonic()
    try:
        with ended_after(claim.performer.hard_limit, armed=end_process_at_hard_limit):
            if claim.performer.apart:
                return _perform_apart(claim, started)
            with interrupted_after(claim.performer.soft_limit, claim.performer.kind):
                store = claim.performer.handler(*_arguments(claim))
        finished = _finish(claim, store)
    except Exception as error:
        return _not_done(claim, error)
    if not finished:
        logger.warning("A job's lease was lost; its result was dropped.", extra={"kind": claim.performer.kind})
        _release(claim, seconds=0, words="", attempts=0)
        return None
    _tell_done(claim, len(claim.jobs), started)
    return None


def _perform_apart(claim: Claim, started: float) -> Exception | None:
    """Do each job of the batch by itself, and end it before the next begins; return what went wrong first.

    Whoever dies at it leaves one message that may go out again, as if each had been claimed alone (J10).
    """
    performer, waiting, failure, done = claim.performer, list(claim.jobs), None, 0
    end = started + min(LONGEST_TURN, performer.soft_limit / 2)
    try:
        with closing(performer.handler(*_arguments(claim))) as acts:
            while waiting and time.monotonic() < end:
                act, alone = next(acts), Claim(performer, (waiting.pop(0),))
                try:
                    with interrupted_after(started + performer.soft_limit - time.monotonic(), performer.kind):
                        act()
                except Exception as error:
                    failure = _not_done(alone, error) or failure
                    continue
                if not _end(alone):
                    logger.warning("A job's lease was lost after it was done.", extra={"kind": performer.kind})
                done += 1
    finally:
        if waiting:
            _release(Claim(performer, tuple(waiting)), seconds=0, words="", attempts=0)
    _tell_done(claim, done, started)
    return failure


def _not_done(claim: Claim, error: Exception) -> Exception | None:
    """Let the jobs wait, be tried again, or be quarantined; answer the error where it is one."""
    if isinstance(error, Later):
        _release(claim, seconds=error.seconds, words=str(error), attempts=0)
        return None
    if is_busy(error):
        # Nobody's fault, and no reason to quarantine anything.
        _release(claim, seconds=random.uniform(1, 3), words="The database was busy.", attempts=0)  # noqa: S311
        return None
    subjects = [job.subject_id for job in claim.jobs]
    logger.error("A job failed.", exc_info=error, extra={"kind": claim.performer.kind, "subjects": subjects[:10]})
    _fail(claim, error)
    return error


def _tell_done(claim: Claim, count: int, started: float) -> None:
    milliseconds = int((time.monotonic() - started) * 1000)
    logger.info("Jobs done.", extra={"kind": claim.performer.kind, "count": count, "milliseconds": milliseconds})


def _arguments(claim: Claim) -> tuple[Any, ...]:
    if claim.performer.batch:
        return ([job.subject_id for job in claim.jobs],)
    [job] = claim.jobs
    return (job.subject_id, job.version) if claim.performer.versioned else (job.subject_id,)


class _LeaseLost(Exception):
    """Somebody else claimed the job meanwhile."""


def _finish(claim: Claim, store: Store | None) -> bool:
    """Store the result and mark the jobs done in one transaction; all or, if any token is stale, nothing."""
    try:
        with transaction.atomic(durable=True):
            # The result comes first: what it locks must be locked before anything is read (reliability C1).
            if store is not None:
                store()
            if not _end(claim):
                raise _LeaseLost
    except _LeaseLost:
        return False
    return True


def _end(claim: Claim) -> bool:
    """Mark the jobs done; whether all of them were still held."""
    ended = _held(claim).update(state=Job.State.DONE, lease_until=None, done_at=Now(), last_error="")
    return ended == len(claim.jobs)


def _held(claim: Claim) -> QuerySet[Job]:
    """Those of the claim's rows that still carry its tokens."""
    ours = Q(pk__in=[])
    by_token: dict[int, list[int]] = {}
    for job in claim.jobs:
        by_token.setdefault(job.token, []).append(job.pk)
    for token, ids in by_token.items():
        ours |= Q(pk__in=ids, token=token)
    return Job.objects.filter(ours, state=Job.State.PENDING)


def _release(claim: Claim, *, seconds: float, words: str, attempts: int) -> None:
    # One to be done at once keeps its time: a sum of times is written longer on SQLite, and would count as later.
    due = Now() + timedelta(seconds=seconds) if seconds else F("due")
    _held(claim).update(
        due=due,
        lease_until=None,
        last_error=words[:500],
        attempts=F("attempts") + attempts,
    )


def _set_aside(claim: Claim, words: str) -> None:
    _held(claim).update(state=Job.State.QUARANTINED, lease_until=None, last_error=words[:500])
    logger.error("A job was quarantined.", extra={"kind": claim.performer.kind, "error": words[:500]})


def _fail(claim: Claim, error: Exception) -> None:
    if len(claim.jobs) > 1:
        # Which of them is to blame is seen when each is tried alone.
        _release(claim, seconds=0, words=_words(error), attempts=1)
        return
    attempts = claim.jobs[0].attempts + 1
    if isinstance(error, Quarantine) or attempts >= ATTEMPTS:
        _held(claim).update(attempts=attempts)
        _set_aside(claim, _words(error))
        return
    # J5, with jitter so that what failed together does not come back together.
    wait = min(2**attempts, LONGEST_WAIT) * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
    _release(claim, seconds=wait, words=_words(error), attempts=1)


def _words(error: Exception) -> str:
    return one_line(error, plain=isinstance(error, Quarantine))


# Set by worker processes, which are restarted when they end; nobody else may be ended by a slow job.
end_process_at_hard_limit = False


# --- timetable, health, repair ----------------------------------------------------------------------------------

_last_periods: dict[str, int] = {}


def keep_timetable() -> None:
    """Promise what the timetable asks in this period; the unique promise makes it once however many workers do so."""
    for performer in _performers.values():
        if performer.every is None:
            continue
        period = int(time.time() // performer.every)
        if _last_periods.get(performer.kind) != period:
            promise(performer.kind, 0, version=f"{performer.every:.0f}s-{period}")
            _last_periods[performer.kind] = period


def note_sighting() -> None:
    """Leave word that this worker process is alive."""
    name = f"{socket.gethostname()[:80]}:{os.getpid()}"
    if not WorkerSighting.objects.filter(pk=name).update(heard_at=Now()):
        WorkerSighting.objects.bulk_create([WorkerSighting(name=name, heard_at=Now())], ignore_conflicts=True)


def last_sighting() -> float | None:
    """Seconds since any worker was heard, or None if none ever was."""
    row = WorkerSighting.objects.order_by("-heard_at").values_list(Now(), "heard_at").first()
    return (row[0] - row[1]).total_seconds() if row else None


def age_of_oldest_due() -> float:
    """Seconds that the oldest due job has waited; 0 when nothing is due. Above 60 somebody should be told (J9)."""
    row = Job.objects.filter(state=Job.State.PENDING, due__lte=Now()).order_by("due").values_list(Now(), "due").first()
    return max(0.0, (row[0] - row[1]).total_seconds()) if row else 0.0


def retry(job_id: int) -> bool:
    """Give a quarantined job its attempts again; say whether there was one."""
    queue = Job.objects.filter(pk=job_id, state=Job.State.QUARANTINED).values_list("queue", flat=True).first()
    revived = Job.objects.filter(pk=job_id, state=Job.State.QUARANTINED).update(
        state=Job.State.PENDING, attempts=0, due=Now(), lease_until=None
    )
    if revived and queue:
        _ring_after_commit(queue)
    return bool(revived)
