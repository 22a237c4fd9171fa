"""Gets and ends child processes: forked by one process that has loaded everything, in the time that a fork takes.

Loading takes up to a second of the processor; without this, every bomb that a child is ended for would cost whoever
comes next as much, and on a busy machine five times that.
"""

import contextlib
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from credentials.verification.children.process import END, KINDS, ORDER, READY

_SCRIPT = Path(__file__).parent / "children" / "process.py"
_ROOT = _SCRIPT.parents[3]

# Whoever comes before everything is loaded waits for it, and has at least so much for the question.
SECONDS_TO_START = 30.0
SECONDS_AT_LEAST = 0.6

Json = dict[str, Any]


class Lost(Exception):
    """The answer did not come in time, or the child ended without one."""


class Child:
    """One child; of no use after the first answer that does not come, and then to be ended."""

    def __init__(self, nursery: "_Nursery", number: int, line: socket.socket) -> None:
        self._nursery = nursery
        self._number = number
        self._line = line
        self._is_ready = False

    def ask(self, question: Json, seconds: float) -> Json:
        """The answer, if it comes within these seconds; raises Lost."""
        content = json.dumps(question).encode("ascii")
        try:
            until = time.monotonic() + seconds
            if not self._nursery.is_ready:
                # The site itself has only just begun, and nobody's document is to blame for that.
                self._take(len(READY), time.monotonic() + SECONDS_TO_START)
                self._nursery.is_ready = self._is_ready = True
                until = max(until, time.monotonic() + min(seconds, SECONDS_AT_LEAST))
            elif not self._is_ready:
                self._take(len(READY), until)
                self._is_ready = True
            self._limit(until)
            self._line.sendall(struct.pack(">I", len(content)) + content)
            length = struct.unpack(">I", self._take(4, until))[0]
            answer: Json = json.loads(self._take(length, until))
        except OSError as error:
            raise Lost from error
        return answer

    def _take(self, count: int, until: float) -> bytes:
        taken = bytearray()
        while len(taken) < count:
            self._limit(until)
            piece = self._line.recv(count - len(taken))
            if not piece:
                raise Lost
            taken += piece
        return bytes(taken)

    def _limit(self, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise Lost
        self._line.settimeout(left)

    def leave(self) -> None:
        """Have no more to do with it."""
        self._line.close()

    def end(self) -> None:
        self.leave()
        self._nursery.end(self._number)


class _Nursery:
    """The process that forks, as it is seen from here."""

    def __init__(self) -> None:
        # Whether any child of it was ever there.
        self.is_ready = False
        self._line, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own script, and nothing of any document
                [sys.executable, "-P", str(_SCRIPT), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Nothing of the site's own environment: what a child does not know cannot leak from it (I12).
                env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
                cwd=_ROOT,
            )

    def child(self, kind: str) -> Child:
        """Raises OSError where the process is no more."""
        ours, theirs = socket.socketpair()
        number = next(self._numbers) & 0xFFFFFFFF
        try:
            with theirs, self._lock:
                socket.send_fds(self._line, [ORDER.pack(KINDS.index(kind), number)], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        return Child(self, number, ours)

    def end(self, number: int) -> None:
        with contextlib.suppress(OSError), self._lock:
            self._line.sendall(ORDER.pack(END, number))

    def leave(self) -> None:
        """Have no more to do with it."""
        self._line.close()

    def close(self) -> None:
        self.leave()
        self._process.kill()
        self._process.wait()


_now: list[_Nursery] = []
_opening = threading.Lock()


def child(kind: str) -> Child:
    """A child that is about to be; it takes questions at once, and answers when it is there."""
    with _opening:
        if not _now:
            _now.append(_Nursery())
        try:
            return _now[0].child(kind)
        except OSError:
            _now.pop().close()
            _now.append(_Nursery())
            return _now[0].child(kind)


def close() -> None:
    """End the nursery, and with it every child."""
    with _opening:
        while _now:
            _now.pop().close()


def _leave() -> None:
    """A process that was forked from ours must not give orders over our line, nor hold it open."""
    while _now:
        _now.pop().leave()


os.register_at_fork(after_in_child=_leave)
