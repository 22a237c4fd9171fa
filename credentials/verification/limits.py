"""Bounds what a check may cost: foreign documents and files are worked through in child processes, which may be ended.

A check as a whole has so many seconds, of the day and of the processor, and each question to a child what is left of
them. A child that answered is kept for the next question, and one that was ended is replaced at once.
"""

import atexit
import contextlib
import os
import queue
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NoReturn

from credentials.verification import nursery
from credentials.verification.children.process import KINDS
from portal.shared import kept_pages

# Whoever waits before a page is answered within two seconds; a worker has time.
SECONDS = 1.3
SECONDS_OF_A_WORKER = 10.0
# How much of its time a check may have of the processor: the same on a machine that is busy with other things.
SHARE = 0.5
KEPT = 2

Json = dict[str, Any]


class GaveUp(Exception):
    """The document could not be worked through within the limits of time and memory."""


class _Allowance:
    """What a check has left: until when it may last, and how many seconds of the processor its questions may take."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.work = seconds * SHARE


_allowance: ContextVar[_Allowance | None] = ContextVar("allowance", default=None)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """All that is asked inside shares so many seconds, or what is left where somebody said less before."""
    outer = _allowance.get()
    if outer is not None and outer.until <= time.monotonic() + seconds:
        yield
        return
    token = _allowance.set(_Allowance(seconds))
    try:
        yield
    finally:
        _allowance.reset(token)


def seconds_left() -> float:
    """How much of its time the check has left; never less than nothing."""
    allowance = _allowance.get()
    return SECONDS if allowance is None else max(0.0, allowance.until - time.monotonic())


_idle: "dict[str, queue.LifoQueue[nursery.Child]]" = {kind: queue.LifoQueue(KEPT) for kind in KINDS}


def ask(kind: str, question: Json, *, seconds: float | None = None) -> Json:
    """The child's answer. Raises GaveUp when the check's time, or `seconds` if given, is over, or the child dies."""
    allowance = _allowance.get() or _Allowance(SECONDS)
    left = max(0.0, allowance.until - time.monotonic()) if seconds is None else seconds
    if left <= 0 or allowance.work <= 0:
        _give_up()
    try:
        child = _idle[kind].get_nowait()
    except queue.Empty:
        child = nursery.child(kind)
    try:
        answer = child.ask({**question, "cpu_seconds": allowance.work}, left)
    except nursery.Lost:
        # Whatever it was that took all of it, the rest of the document is by the same hand.
        allowance.work = 0.0
        child.end()
        # Whoever comes next must not wait for a start that somebody's bomb made necessary.
        _keep(kind, nursery.child(kind))
        _give_up()
    except BaseException:
        child.end()
        raise
    allowance.work -= answer.pop("cpu_seconds")
    if answer["outcome"] == "too-large":
        # Whoever hands in one bomb has others: each leaves the next half of what there was.
        allowance.work /= 2
    _keep(kind, child)
    return answer


def _give_up() -> NoReturn:
    # A busier moment is no property of what was asked.
    kept_pages.forgo()
    raise GaveUp("It takes too long.")


def warm() -> None:
    """Start a child of each kind, where none waits, without waiting for it: somebody is about to hand something in."""
    with _warming:
        for kind in KINDS:
            if _idle[kind].empty():
                _keep(kind, nursery.child(kind))


_warming = threading.Lock()


def _keep(kind: str, child: nursery.Child) -> None:
    try:
        _idle[kind].put_nowait(child)
    except queue.Full:
        child.end()


@atexit.register
def end_all() -> None:
    """End the children that wait for a question, and the process they come from."""
    for child in _taken():
        child.end()
    nursery.close()


def _taken() -> Iterator[nursery.Child]:
    for waiting in _idle.values():
        with contextlib.suppress(queue.Empty):
            while True:
                yield waiting.get_nowait()


def _leave() -> None:
    """Two processes must not put their questions to one child."""
    for waiting in _idle.values():
        for child in waiting.queue:
            child.leave()
    # New ones, since nobody can tell who held their locks when it was forked.
    _idle.update({kind: queue.LifoQueue(KEPT) for kind in KINDS})


os.register_at_fork(after_in_child=_leave)
