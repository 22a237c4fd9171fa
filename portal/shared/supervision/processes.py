"""Keeps a family of processes running: starts them, prints what they say, starts them again, and ends them all."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from portal.shared.supervision.kin import die_with_parent

LONGEST_WAIT = 30.0
LONG_ENOUGH = 30.0

_printing = threading.Lock()


def say(name: str, line: str) -> None:
    """Print one whole line, whoever else is printing."""
    with _printing:
        sys.stdout.write(f"{name:<6} | {line}\n" if name else f"{line}\n")
        sys.stdout.flush()


class Child:
    """One process that should always be there."""

    def __init__(
        self, name: str, command: list[str], env: Mapping[str, str], *, cwd: Path, prefix: bool = True
    ) -> None:
        self.name = name
        self.command = command
        self.env = dict(env)
        self.cwd = cwd
        self.prefix = prefix
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0
        self._started_at = 0.0
        self._again_at = 0.0

    def start(self) -> None:
        self._started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            self.command,
            env=self.env,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own: Ctrl-C reaches us alone, and we end it and all its descendants.
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - one call of the kernel, no lock taken
        )
        threading.Thread(target=self._pass_on, args=[self.process], name=f"log-{self.name}", daemon=True).start()

    def _pass_on(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        with process.stdout as lines:
            for line in lines:
                say(self.name if self.prefix else "", line.decode(errors="replace").rstrip())

    def look_after(self) -> None:
        """Start it again when it has ended, later each time it ends soon."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.process = None
        self.deaths = 1 if now - self._started_at > LONG_ENOUGH else self.deaths + 1
        wait = min(0.5 * 2 ** (self.deaths - 1), LONGEST_WAIT)
        self._again_at = now + wait
        say("", f"{self.name} ended ({_ending(code)}); it is started again in {wait:.1f} s.")

    def ask_to_end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def end(self, *, patience: float) -> None:
        """Wait for the process, then end its whole group, so that nothing is left."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            say("", f"{self.name} did not end in time and is ended by force.")
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


class Family:
    """All the children, in the order in which they start; they end in the opposite order."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.over = threading.Event()
        self._hurry = False
        self.told_by = ""

    def add(self, child: Child) -> Child:
        self.children.append(child)
        child.start()
        return child

    def end_on_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        # Whoever started us with nohup wants us to outlive their terminal.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_signal)

    def _on_signal(self, number: int, frame: object) -> None:
        # Asked twice means: do not wait for the work in hand.
        self._hurry = self.over.is_set()
        self.told_by = signal.Signals(number).name
        self.over.set()

    def keep(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Look after everybody until told to stop, or `until` is true."""
        while not self.over.is_set() and not until():
            for child in self.children:
                child.look_after()
            self.over.wait(0.1)

    def end(self) -> None:
        self.over.set()
        for child in reversed(self.children):
            child.ask_to_end()
            # The broker goes last: a worker says goodbye to it.
            if child is not self.children[0]:
                child.end(patience=0 if self._hurry else 15)
        if self.children:
            self.children[0].end(patience=5)
