"""Bounds what a check may cost: foreign documents and files are worked through in child processes, which may be ended.

A check as a whole has so many seconds, and each question to a child what is left of them. A child costs up to a second
to start, so one that answered in time is kept for the next question, and one that was ended is replaced at once.
"""

import atexit
import contextlib
import json
import os
import queue
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from portal.shared import kept_pages

# Whoever waits before a page is answered within two seconds; a worker has time.
SECONDS = 1.5
# Whoever had to wait for a child to start, since somebody's bomb ended the one before, has at least so much.
SECONDS_AT_LEAST = 0.6
SECONDS_OF_A_WORKER = 10.0
SECONDS_TO_START = 30.0
KEPT = 2
# What a child is started for: working through linked data, opening files, judging the signatures of PDFs.
KINDS = ("documents", "files", "signatures")

_SCRIPT = Path(__file__).parent / "children" / "process.py"
_ROOT = _SCRIPT.parents[3]

Json = dict[str, Any]


_until: ContextVar[float | None] = ContextVar("until", default=None)


class GaveUp(Exception):
    """The document could not be worked through within the limits of time and memory."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """All that is asked inside shares so many seconds, or what is left where somebody said less before."""
    deadline = time.monotonic() + seconds
    outer = _until.get()
    token = _until.set(deadline if outer is None else min(deadline, outer))
    try:
        yield
    finally:
        _until.reset(token)


def seconds_left() -> float:
    """How much of its time the check has left; never less than nothing."""
    until = _until.get()
    return SECONDS if until is None else max(0.0, until - time.monotonic())


class _Child:
    """One child; broken for good after the first answer that does not come."""

    def __init__(self, kind: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own script, and nothing of the document
            [sys.executable, "-P", str(_SCRIPT), kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of the site's own environment: what a child does not know cannot leak from it (I12).
            env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=_ROOT,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("A child was started without its pipes.")
        self._questions, self._answers = self._process.stdin, self._process.stdout
        self._ready = False

    def ask(self, question: Json, seconds: float) -> Json:
        if not self._ready:
            begun = time.monotonic()
            self._receive(SECONDS_TO_START)
            self._ready = True
            seconds = max(seconds - (time.monotonic() - begun), min(seconds, SECONDS_AT_LEAST))
        content = json.dumps(question).encode("ascii")
        try:
            self._questions.write(struct.pack(">I", len(content)) + content)
            self._questions.flush()
        except BrokenPipeError as error:
            self.end()
            raise GaveUp from error
        return self._receive(seconds)

    def _receive(self, seconds: float) -> Json:
        deadline = time.monotonic() + seconds
        try:
            length = struct.unpack(">I", self._take(4, deadline))[0]
            answer: Json = json.loads(self._take(length, deadline))
        except BaseException:
            self.end()
            raise
        return answer

    def _take(self, count: int, deadline: float) -> bytes:
        handle = self._answers.fileno()
        poll = select.poll()
        poll.register(handle, select.POLLIN | select.POLLHUP)
        taken = b""
        while len(taken) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise GaveUp("It took too long.")
            piece = os.read(handle, count - len(taken))
            if not piece:
                raise GaveUp("The child ended.")
            taken += piece
        return taken

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._questions, self._answers):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


_idle: "dict[str, queue.LifoQueue[_Child]]" = {kind: queue.LifoQueue(KEPT) for kind in KINDS}


def ask(kind: str, question: Json, *, seconds: float | None = None) -> Json:
    """The child's answer. Raises GaveUp when the check's time is over, or `seconds` if given, or when the child dies.

    However long a child took to start, there is some time left for the question.
    """
    try:
        child = _idle[kind].get_nowait()
    except queue.Empty:
        child = _Child(kind)
    try:
        answer = child.ask(question, seconds_left() if seconds is None else seconds)
    except GaveUp:
        # A busier moment is no property of what was asked.
        kept_pages.forgo()
        # Whoever comes next must not wait for a start that somebody's bomb made necessary.
        _keep(kind, _Child(kind))
        raise
    _keep(kind, child)
    return answer


def warm() -> None:
    """Start a child of each kind, where none waits, without waiting for it: somebody is about to hand something in."""
    with _warming:
        for kind in KINDS:
            if _idle[kind].empty():
                _keep(kind, _Child(kind))


_warming = threading.Lock()


def _keep(kind: str, child: _Child) -> None:
    try:
        _idle[kind].put_nowait(child)
    except queue.Full:
        child.end()


@atexit.register
def end_all() -> None:
    """End the children that wait for a question."""
    for waiting in _idle.values():
        with contextlib.suppress(queue.Empty):
            while True:
                waiting.get_nowait().end()
