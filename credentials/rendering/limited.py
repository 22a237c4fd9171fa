"""Prints in a child process that may use 1 GiB and 20 CPU seconds, and is stopped with all it started after 30 s.

One child per process and thread-safe, kept for many pages, since loading WeasyPrint costs more than a page. A pipe to a
program, not multiprocessing: Celery's workers are daemons and may have no such children.
"""

import atexit
import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import IO, Any, cast

from credentials.rendering.failures import RendererMissing, RenderFailed

WALL_SECONDS = 30.0
RECYCLED_AFTER = 50
# A certificate is some 60 kB; an answer beyond this is a child gone wrong.
LONGEST_ANSWER = 64 << 20

_ROOT = Path(__file__).resolve().parent.parent.parent
# No secrets of the site: only what Python, fontconfig and macOS need to find their files.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "DYLD_FALLBACK_LIBRARY_PATH")
_PASSED_ON_PREFIXES = ("FONTCONFIG_", "XDG_")


def print_pdf(
    html: str,
    *,
    resources: Mapping[str, tuple[str, bytes]],
    attachment: bytes,
    dated_on: date,
    links: Collection[str] = (),
) -> bytes:
    """As `renderer.print_pdf`, which it calls in the child; RenderFailed also when a limit was reached."""
    job = {
        "html": html,
        "resources": {name: (kind, base64.b64encode(body).decode()) for name, (kind, body) in resources.items()},
        "attachment": base64.b64encode(attachment).decode(),
        "dated_on": dated_on.isoformat(),
        "links": list(links),
    }
    with _one_at_a_time:
        answer = _running_child().ask(job)
    if "missing" in answer:
        # The next try starts afresh: Pango may have been installed since.
        close()
        raise RendererMissing(answer["missing"])
    if "failed" in answer:
        raise RenderFailed(answer["failed"])
    return base64.b64decode(answer["pdf"])


def close() -> None:
    """Stop the child, if there is one; the next page starts another."""
    global _child
    if _child is not None:
        _child.stop()
        _child = None


def environment() -> dict[str, str]:
    """What a child may see of the environment: none of the site's secrets."""
    return {
        name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }


class _Child:
    def __init__(self) -> None:
        self.owner = os.getpid()
        self.pages = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "credentials.rendering.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env=environment() | {"PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        self._jobs, self._answers = cast(IO[bytes], self.process.stdin), cast(IO[bytes], self.process.stdout)
        try:
            with self._in_time():
                self._answer()
        except RenderFailed:
            self.stop()
            raise

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        self.pages += 1
        try:
            with self._in_time():
                self._jobs.write(json.dumps(job).encode() + b"\n")
                self._jobs.flush()
                answer = self._answer()
        except (RenderFailed, OSError) as failure:
            # Half an answer is no answer: the pipe cannot be trusted any more.
            self.stop()
            raise RenderFailed(f"The renderer broke off: {failure}") from failure
        if answer.get("last"):
            self.stop()
        return answer

    def fit(self) -> bool:
        # After a fork the pipes are shared with the process that made them.
        return self.owner == os.getpid() and self.pages < RECYCLED_AFTER and self.process.poll() is None

    def stop(self) -> None:
        if self.owner != os.getpid():
            return
        self._kill()
        self.process.wait()
        self.hang_up()

    def hang_up(self) -> None:
        for pipe in (self._jobs, self._answers):
            with suppress(OSError):
                pipe.close()

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline(LONGEST_ANSWER)
        if not line.endswith(b"\n"):
            # Its own end first, so that the words tell it apart from ours.
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=1)
            self.stop()
            raise RenderFailed(_how_it_ended(self.process.returncode))
        answer: dict[str, Any] = json.loads(line)
        return answer

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        clock = threading.Timer(WALL_SECONDS, self._kill)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _how_it_ended(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "it used up its CPU seconds"
    if code == -signal.SIGKILL:
        return f"it was stopped, after {WALL_SECONDS:.0f} s or by the system for lack of memory"
    return f"it ended with status {code}"


_one_at_a_time = threading.RLock()
_child: _Child | None = None


def _running_child() -> _Child:
    global _child
    if _child is None or not _child.fit():
        if _child is not None:
            _child.stop()
        _child = _Child()
    return _child


def _after_fork() -> None:
    global _child, _one_at_a_time
    if _child is not None:
        # Our copies of the pipes would keep the child alive after its owner; it is not ours to wait for.
        _child.process.returncode = 0
        _child.hang_up()
        _child = None
    _one_at_a_time = threading.RLock()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(close)
