"""The process from which foreign things are worked through: it loads what that takes once, and forks when asked to.

Run as a script by `nursery`; it knows the pure core and nothing of Django. A child that it forks answers questions on a
socket of its own, may be ended at any moment, and knows no secret. Each question and each answer is a JSON object after
its length in four bytes; an order to the nursery is a byte for the kind of the child, and its number in four.
"""

import gc
import importlib.util
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

# What a child is started for: working through linked data, opening files, judging the signatures of PDFs. In this
# order they are loaded, so that the last, which takes longest, keeps nobody waiting who asks for another.
KINDS = ("documents", "files", "signatures")
END = 255
# What a child says when it is there.
READY = b"!"
ORDER = struct.Struct(">BI")
# How much a question may take beyond what the child has when it begins.
MEMORY = 160 * 1024 * 1024

Json = dict[str, Any]
Acts = dict[str, Callable[[Json], Json]]


def read(source: BinaryIO) -> Json | None:
    """The next question; None when whoever asks is gone."""
    head = source.read(4)
    if len(head) < 4:
        return None
    question: Json = json.loads(source.read(struct.unpack(">I", head)[0]))
    return question


def write(target: BinaryIO, answer: Json) -> None:
    content = json.dumps(answer).encode("ascii")
    target.write(struct.pack(">I", len(content)) + content)
    target.flush()


def acts_of(kind: str) -> Acts:
    """What a child of this kind can do. Loaded by its file: the packages around it would bring all of Django."""
    specification = importlib.util.spec_from_file_location(kind, Path(__file__).with_name(f"{kind}.py"))
    if specification is None or specification.loader is None:
        raise RuntimeError(f"There is no child of the kind {kind!r}.")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    found: Acts = module.ACTS
    return found


class Nursery:
    """Loads and forks, and opens nothing of what is asked, so that one bomb leaves the next child as good as new."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._loaded: dict[str, Acts] = {}
        self._children: dict[int, int] = {}

    def run(self) -> None:
        """Until whoever gives the orders is gone; no child outlives it."""
        while True:
            missing = [kind for kind in KINDS if kind not in self._loaded]
            if missing and not select.select([self._line], [], [], 0)[0]:
                self._load(missing[0])
                continue
            order, handles, _flags, _address = socket.recv_fds(self._line, ORDER.size, 1)
            if len(order) < ORDER.size:
                break
            kind, number = ORDER.unpack(order)
            if kind == END:
                self._end(number)
            else:
                self._fork(KINDS[kind], number, handles[0])
        for number in list(self._children):
            self._end(number)

    def _load(self, kind: str) -> None:
        self._loaded[kind] = acts_of(kind)
        # What is loaded is for good: children share its pages with us until they change them.
        gc.collect()
        gc.freeze()

    def _fork(self, kind: str, number: int, handle: int) -> None:
        if kind not in self._loaded:
            self._load(kind)
        pid = os.fork()
        if pid:
            os.close(handle)
            self._children[number] = pid
            return
        try:
            self._line.close()
            _serve(socket.socket(fileno=handle), self._loaded[kind])
        finally:
            os._exit(0)

    def _end(self, number: int) -> None:
        # Until it is waited for, its number is given to no other process.
        pid = self._children.pop(number, None)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _serve(line: socket.socket, acts: Acts) -> None:
    # Not every system can limit itself; the time limit of whoever asks holds everywhere.
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    line.sendall(READY)
    source, target = line.makefile("rb"), line.makefile("wb")
    while (question := read(source)) is not None:
        begun = time.process_time()
        # Of the processor's time, not of the day's: a bomb must not last longer where others keep the machine busy.
        # Whoever overdraws it is ended by the system, in whatever library that may be.
        signal.setitimer(signal.ITIMER_PROF, question["cpu_seconds"])
        answer = _answered(question, acts)
        signal.setitimer(signal.ITIMER_PROF, 0)
        write(target, answer | {"cpu_seconds": time.process_time() - begun})


def _answered(question: Json, acts: Acts) -> Json:
    try:
        return acts[question["act"]](question)
    except MemoryError:
        return {"outcome": "too-large", "words": "The document takes too much memory.", "path": "$"}
    except Exception as error:
        # Libraries meet hostile input in ways of their own; whatever went wrong, nothing was found to hold.
        return {"outcome": "broken", "words": type(error).__name__, "path": "$"}


def main(handle: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    Nursery(socket.socket(fileno=handle)).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
