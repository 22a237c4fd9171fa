"""Times hostile files: `python -m tests.benchmarks.hostile_files [busy]` judges each as a page does, within its limits.

Prints the slowest of them, what they take of the processor, and the most memory that any process of the check had;
wanted: two seconds and 300 MiB, also beside so many busy processes as are asked for (for at most a minute). Each must
get the verdict that its maker wrote down; beside busy processes one may be given up for want of time, which is told.
The site it runs on is one of its own, in a folder that goes away.
"""

import contextlib
import datetime
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SECONDS_BUSY = 50.0
_TICK = os.sysconf("SC_CLK_TCK")


def main(busy: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="cairn-hostile-"))
    os.environ |= {"CAIRN_DATA": str(folder), "CAIRN_FETCH": "no", "DJANGO_SETTINGS_MODULE": "portal.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    from credentials import verification
    from credentials.rendering import certificate
    from credentials.verification import limits
    from tests.credentials import disguises, handed_on, hostile
    from tests.credentials.walked import in_a_pdf, issued
    from tests.factories import make_achievement

    call_command("migrate", verbosity=0)
    certificate.render = in_a_pdf
    document = issued(make_achievement(name="Data literacy")).document
    kinds = hostile.KINDS | disguises.KINDS | handed_on.KINDS
    given = [file for files in kinds.values() for file in files(document)]
    limits.warm()
    time.sleep(3)
    figures, wrong = [], []
    memory: dict[int, float] = {}
    with _beside(busy):
        until = time.monotonic() + SECONDS_BUSY
        for file in given:
            if busy and time.monotonic() > until:
                break
            worked, begun = time.process_time() + _of_children(memory), time.monotonic()
            report = verification.verify(file.content, at=datetime.datetime.now(datetime.UTC))
            lasted = time.monotonic() - begun
            figures.append((lasted, time.process_time() + _of_children(memory) - worked, file.name))
            if report.verdict is not file.verdict:
                wrong.append((file.name, report.verdict.value, file.verdict.value))
    limits.end_all()
    shutil.rmtree(folder)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(figures)} of {len(given)} files beside {busy} busy processes")
    print(f"at most {max(memory.values()):.0f} MiB in a child, {own:.0f} MiB here, where they were also made")
    for lasted, worked, name in sorted(figures, reverse=True)[:8]:
        print(f"  {lasted:6.2f} s  {worked:6.2f} CPU s  {name}")
    print(f"  most of the processor: {max(worked for _lasted, worked, _name in figures):.2f} CPU s")
    for name, found, wanted in wrong:
        print(f"  WRONG: {name}: {found}, wanted {wanted}")
    return 1 if wrong and not busy else 0


@contextlib.contextmanager
def _beside(busy: int) -> Iterator[None]:
    # Each ends by itself, should nobody be there to end it.
    program = f"import time\nuntil = time.monotonic() + {SECONDS_BUSY + 10}\nwhile time.monotonic() < until: pass"
    others = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(busy)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def _of_children(memory: dict[int, float], parent: int = 0) -> float:
    """Seconds of the processor that our children and theirs have taken, but for busy ones; notes the memory of each."""
    seconds = 0.0
    for listed in Path(f"/proc/{parent or os.getpid()}/task").glob("*/children"):
        for child in map(int, listed.read_text().split()):
            with contextlib.suppress(OSError):
                place = Path(f"/proc/{child}")
                if b"while time.monotonic" in (place / "cmdline").read_bytes():
                    continue
                spent = (place / "stat").read_text().rpartition(")")[2].split()[11:15]
                seconds += sum(map(int, spent)) / _TICK + _of_children(memory, child)
                status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
                memory[child] = int(status.get("VmHWM", "0").split()[0]) / 1024
    return seconds


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
