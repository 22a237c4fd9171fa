"""Children that never outlive their parent, however the parent ends."""

import contextlib
import ctypes
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIFELINE = "CAIRN_LIFELINE"


def die_with_parent(number: int = signal.SIGTERM) -> Callable[[], None] | None:
    """What a child runs before its program so that Linux ends it when the parent dies; nothing elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)
        # The parent may have died before the line above.
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


class Lifeline:
    """A socket that the supervisor keeps open and descendants listen to: when it closes, the supervisor is gone.

    The portable way, beside the kernel's; it also reaches grandchildren, whom a death signal does not.
    """

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self.path = path
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(path))
        path.chmod(0o600)
        self._door.listen(64)
        self._held: list[socket.socket] = []
        threading.Thread(target=self._let_in, name="lifeline", daemon=True).start()

    def _let_in(self) -> None:
        while True:
            try:
                self._held.append(self._door.accept()[0])
            except OSError:
                return

    def cut(self) -> None:
        self._door.close()
        for held in self._held:
            held.close()
        self.path.unlink(missing_ok=True)


def hold_lifeline() -> None:
    """In a descendant of the supervisor: end when it does. Without a supervisor, nothing."""
    path = os.environ.get(LIFELINE)
    if not path:
        return
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.connect(path)
    except OSError:
        os._exit(1)

    def wait() -> None:
        with contextlib.suppress(OSError):
            line.recv(1)
        os.kill(os.getpid(), signal.SIGTERM)
        # Whoever does not heed the signal in time is ended.
        threading.Event().wait(20)
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
