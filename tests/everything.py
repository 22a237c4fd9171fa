"""Every check there is, one after another, as `./run test` calls it; a summary says what was had and what not."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
NO_POSTGRES = 4
NO_TESTS = 5


@dataclass
class Outcome:
    """How one check ended."""

    name: str
    well: bool
    seconds: float
    words: str = ""
    lacking: list[str] = field(default_factory=list)
    closing: str = ""


def run(name: str, command: Sequence[str | Path], *, env: dict[str, str]) -> Outcome:
    """One of the quick checks: silent when it is well."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"\n--- {name}\n{done.stdout}{done.stderr}", flush=True)
    return Outcome(name, done.returncode == 0, time.monotonic() - started)


def run_pytest(name: str, arguments: Sequence[str], chosen: Sequence[str], *, env: dict[str, str]) -> Outcome:
    """The tests themselves, shown as they run; skipped ones are remembered with their reason.

    `chosen` is what a person asked for beside: then one of the two databases may have no test of it.
    """
    print(f"\n--- {name}", flush=True)
    started = time.monotonic()
    # One more than the cores of a small machine: some tests wait for a browser, a worker or a clock.
    workers = str(1 + (os.cpu_count() or 2))
    command = [PYTHON, "-W", "error::ResourceWarning", "-m", "pytest", "-q", "-rs", "-n", workers]
    command += ["--dist", "worksteal", *arguments, *chosen]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        lines = []
        for line in run.stdout or ():
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    lacking = [match[1] for line in lines if (match := re.match(r"SKIPPED \[\d+\] (.*)", line))]
    closing = next((line for line in reversed(lines) if line), "")
    if run.returncode == NO_POSTGRES:
        return Outcome(name, True, time.monotonic() - started, lacking=[f"the whole run: {closing}"], closing=closing)
    well = run.returncode == 0 or bool(chosen and run.returncode == NO_TESTS)
    return Outcome(name, well, time.monotonic() - started, lacking=lacking, closing=closing)


def templates() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]


def main(arguments: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="cairn-everything-"))
    # How a site here is set up must not decide what its tests find.
    env = {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}
    env |= {"CAIRN_DATA": str(folder)}
    # A run starts dozens of processes; without compiled files each of them would compile all of Cairn again.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    # Workers of a parallel run must collect the same tests, also where cases come out of a set.
    env.setdefault("PYTHONHASHSEED", "0")
    for name in ("DATABASE_URL", "REDIS_URL"):
        env.pop(name, None)
    manage = [PYTHON, "-W", "error", "manage.py"]
    try:
        with ThreadPoolExecutor(1) as beside:
            # It keeps one core busy for long, so the tests begin beside it.
            mypy = [PYTHON, "-m", "mypy", "--no-incremental", "portal", "credentials", "pathways"]
            types = beside.submit(run, "types", mypy, env=env)
            outcomes = [
                run("ruff check", [BIN / "ruff", "check", "--no-cache", "."], env=env),
                run("ruff format", [BIN / "ruff", "format", "--no-cache", "--check", "."], env=env),
                run("import contracts", [BIN / "lint-imports", "--no-cache"], env=env),
                run("migrations", [*manage, "makemigrations", "--check", "--dry-run"], env=env),
                run("templates", [BIN / "djade", "--check", "--target-version", "5.2", *templates()], env=env),
                run("dependencies", [BIN / "deptry", "."], env=env),
                run_pytest("tests on SQLite", ["--database=sqlite"], arguments, env=env),
                # Browsers see the same pages whatever keeps the rows.
                run_pytest("tests on PostgreSQL", ["--database=postgresql", "-m", "not browser"], arguments, env=env),
            ]
            outcomes.insert(3, types.result())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return summary(outcomes)


def summary(outcomes: list[Outcome]) -> int:
    print("\n--- summary")
    for outcome in outcomes:
        print(f"{'well ' if outcome.well else 'WRONG'}  {outcome.name} ({outcome.seconds:.0f} s)")
        for words in outcome.lacking:
            print(f"       could not be had: {words}")
    lacking = any(outcome.lacking for outcome in outcomes)
    if lacking and os.environ.get("CI"):
        print("WRONG  with CI set, what could not be had is a failure")
    for outcome in outcomes:
        if outcome.closing:
            print(f"{outcome.name}: {outcome.closing}")
    failed = any(not outcome.well for outcome in outcomes) or (lacking and bool(os.environ.get("CI")))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
