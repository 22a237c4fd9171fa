"""The child process in which foreign things are worked through: it may be ended at any moment, and knows no secret.

Run as a script by `limits`, with the name of what it is for; it knows the pure core and nothing of Django. Each
question and each answer is a JSON object after its length in four bytes.
"""

import importlib.util
import json
import resource
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

# How much a question may take beyond what the child has when it is ready.
MEMORY = 160 * 1024 * 1024

Json = dict[str, Any]


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


def acts_of(kind: str) -> dict[str, Callable[[Json], Json]]:
    """What a child of this kind can do. Loaded by its file: the packages around it would bring all of Django."""
    specification = importlib.util.spec_from_file_location(kind, Path(__file__).with_name(f"{kind}.py"))
    if specification is None or specification.loader is None:
        raise RuntimeError(f"There is no child of the kind {kind!r}.")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    found: dict[str, Callable[[Json], Json]] = module.ACTS
    return found


def main(kind: str) -> None:
    acts = acts_of(kind)
    # Not every system can limit itself; the time limit of the parent holds everywhere.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    write(target, {"outcome": "ready"})
    while (question := read(source)) is not None:
        try:
            answer = acts[question["act"]](question)
        except MemoryError:
            answer = {"outcome": "too-large", "words": "The document takes too much memory.", "path": "$"}
        except Exception as error:
            # Libraries meet hostile input in ways of their own; whatever went wrong, nothing was found to hold.
            answer = {"outcome": "broken", "words": type(error).__name__, "path": "$"}
        write(target, answer)


if __name__ == "__main__":
    main(sys.argv[1])
