"""The process that prints: reads one job a line from its input, answers one line each, under limits it sets itself.

Run by `limited` as `python -m credentials.rendering.child`. It knows no settings, no database and no keys.
"""

import base64
import json
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from datetime import date
from typing import Any, BinaryIO

MEMORY = 1 << 30
CPU_SECONDS = 20


def main() -> None:
    """Answer jobs until the input ends; the parent's death ends it too."""
    # Whatever a library prints must not reach the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which closes our input
    _limit(resource.RLIMIT_CORE, 0)
    # macOS knows this limit and does not keep it; the parent's clock still holds there.
    _limit(resource.RLIMIT_AS, MEMORY)
    # Imported under the limits, once for many jobs.
    from credentials.rendering import renderer  # noqa: PLC0415

    _answer(answers, {"ready": True})
    for line in sys.stdin.buffer:
        _limit(resource.RLIMIT_CPU, int(time.process_time()) + CPU_SECONDS, soft_only=True)
        try:
            _answer(answers, {"pdf": base64.b64encode(_print(renderer, json.loads(line))).decode()})
        except renderer.RendererMissing as missing:
            _answer(answers, {"missing": str(missing)})
        except MemoryError:
            _answer(answers, {"failed": "The page needed more memory than a certificate may.", "last": True})
            return
        except Exception as failure:  # the parent raises it again
            _answer(answers, {"failed": f"{type(failure).__name__}: {failure}"})


def _print(renderer: Any, job: dict[str, Any]) -> bytes:
    pdf: bytes = renderer.print_pdf(
        job["html"],
        resources={name: (kind, base64.b64decode(body)) for name, (kind, body) in job["resources"].items()},
        attachment=base64.b64decode(job["attachment"]),
        dated_on=date.fromisoformat(job["dated_on"]),
        links=job["links"],
    )
    return pdf


def _answer(answers: BinaryIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _limit(what: int, amount: int, *, soft_only: bool = False) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        amount = min(amount, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (amount, hard if soft_only else amount))


if __name__ == "__main__":
    main()
