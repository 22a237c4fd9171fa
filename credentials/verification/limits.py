"""Asks a child process about a foreign document, and ends it when it takes longer than two seconds.

A child costs a third of a second to start, so one that answered in time is kept for the next question.
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
import time
from pathlib import Path
from typing import Any

SECONDS = 2.0
SECONDS_TO_START = 30.0
KEPT = 2

_SCRIPT = Path(__file__).with_name("child.py")
_ROOT = _SCRIPT.parent.parent.parent

Json = dict[str, Any]


class GaveUp(Exception):
    """The document could not be worked through within the limits of time and memory."""


class _Child:
    """One child; broken for good after the first answer that does not come."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own script, and nothing of the document
            [sys.executable, "-P", str(_SCRIPT)],
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
        self._receive(SECONDS_TO_START)

    def ask(self, question: Json, seconds: float) -> Json:
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


_idle: "queue.LifoQueue[_Child]" = queue.LifoQueue(KEPT)


def ask(question: Json, *, seconds: float = SECONDS) -> Json:
    """The child's answer. Raises GaveUp after `seconds`, not counting the start of a child, or when it dies."""
    try:
        child = _idle.get_nowait()
    except queue.Empty:
        child = _Child()
    answer = child.ask(question, seconds)
    try:
        _idle.put_nowait(child)
    except queue.Full:
        child.end()
    return answer


@atexit.register
def end_all() -> None:
    """End the children that wait for a question."""
    while True:
        try:
            _idle.get_nowait().end()
        except queue.Empty:
            return
