"""Bounds how long a job may take, and tells what went wrong in one line that holds no secret (reliability J4, I12)."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

MOST_WORDS = 500
_SECRETS = re.compile(
    r"://[^/\s@]*@"  # user and password in an address
    r"|(?i:(?:password|passphrase|secret|token|key|authorization|cookie)\S*\s*[=:]\s*\S+)"
    r"|[A-Za-z0-9+/_=-]{32,}"  # keys, signatures and tokens are long words
)


class OutOfTime(Exception):
    """The work took longer than its lease allows."""


@contextmanager
def ended_after(seconds: float, *, armed: bool) -> Iterator[None]:
    """End the whole process if this takes so long, where it is one that may be ended (`armed`)."""
    hard = threading.Timer(seconds, os._exit, args=[75])
    hard.daemon = True
    if armed:
        hard.start()
    try:
        yield
    finally:
        hard.cancel()


@contextmanager
def interrupted_after(seconds: float, kind: str) -> Iterator[None]:
    """Raise OutOfTime in the work if it takes so long; only the main thread can be interrupted by a signal."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise OutOfTime(f"{kind} took longer than {seconds:.0f} s.")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def one_line(error: BaseException, *, plain: bool = False) -> str:
    """The error in one line for a job's row, with whatever looks like a secret left out; `plain` without its type."""
    first_line = next(iter(str(error).splitlines()), "")
    words = _SECRETS.sub("[left out]", first_line)
    return (words if plain else f"{type(error).__name__}: {words}")[:MOST_WORDS]
