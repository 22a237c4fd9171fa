"""Times a batch from its job rows to its stored files, and kills workers at it: `python -m tests.benchmarks.batch`.

So many learners are named for one achievement, with a database file and a folder of their own. All that follows is
done: awards, signatures, the log, certificates, badges, and messages. `--kills N` gives it to worker processes, of
which N are killed at random moments (SIGKILL), and then counts what is there: each award, leaf and file once.
"""

import argparse
import cProfile
import os
import pstats
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

# Messages are no part of the way from the job row to the stored file, and each goes out by itself.
UNTIMED = ("credentials.announce", "credentials.announce_late")


@contextmanager
def own_site() -> Iterator[Path]:
    """A database file and a folder of its own, with its tables; and Django set up to use them."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "CAIRN_DATA": folder,
            "DATABASE_URL": os.environ.get("BENCHMARK_DATABASE_URL", f"sqlite:///{Path(folder) / 'bench.sqlite3'}"),
            "CAIRN_LOG_LEVEL": "ERROR",
            "CAIRN_ROLE": "worker",
            "REDIS_URL": "",
        }
        import django

        django.setup()
        from django.apps import apps
        from django.conf import settings
        from django.core.management import call_command

        # The tables of the models at once, which takes a tenth of the time.
        settings.MIGRATION_MODULES = {each.label: None for each in apps.get_app_configs()}
        call_command("migrate", verbosity=0, run_syncdb=True)
        yield Path(folder)


def begin(count: int, names: list[str] | None = None, *, number: int = 0) -> Any:
    """Name so many learners for one achievement; the jobs of the batch are promised and not yet done.

    Of several on one site each has another `number`, and with it an achievement, learners and names of its own.
    """
    from django.utils import timezone

    from credentials.models import Issuer
    from pathways import batches
    from portal.accounts.models import User
    from tests.benchmarks.names import names as some_names
    from tests.cast import make_rhea
    from tests.factories import make_achievement, make_issuer

    if number:
        rhea = User.objects.get(email="rhea@example.edu")
        issuer = Issuer.objects.get(slug="computing")
        achievement = make_achievement(issuer=issuer, name=f"Data Analyst Diploma, part {number}")
    else:
        rhea = make_rhea()
        issuer = make_issuer(registrar=rhea, name="Faculty of Computing", slug="computing")
        achievement = make_achievement(issuer=issuer, slug="analyst", name="Data Analyst Diploma")
    everybody = names or list(some_names(count, seed=7 + number))
    people = {f"learner{number}-{place}@example.org": name for place, name in enumerate(everybody)}
    User.objects.bulk_create(User(email=address, name=name) for address, name in people.items())
    return batches.begin(
        uuid=uuid4(),
        achievement=achievement,
        named=batches.named_in("\n".join(list(people)[:count])),
        reason="Passed the final examination.",
        by=rhea,
        at=timezone.now(),
    )


def work(without: tuple[str, ...] = ()) -> tuple[dict[str, float], dict[str, float], Counter[str]]:
    """Do what is due in this process; CPU seconds of each kind of job, of claiming and ending them, and counts."""
    from portal.shared import outbox

    for kind in without:
        outbox._performers.pop(kind, None)

    spent: dict[str, float] = defaultdict(float)
    queueing: dict[str, float] = defaultdict(float)
    counts: Counter[str] = Counter()
    while True:
        began = time.process_time()
        claim = outbox._claim(outbox.QUEUES)
        if claim is None:
            return spent, queueing, counts
        claimed = time.process_time()
        store_time = 0.0

        def timed(store: Any) -> Any:
            def storing() -> None:
                nonlocal store_time
                start = time.process_time()
                store()
                store_time += time.process_time() - start

            return storing

        kind = claim.performer.kind
        if claim.performer.apart:
            # Doing one and ending it alternate, so both count as the work.
            outbox._perform(claim)
            spent[kind] += time.process_time() - claimed
            queueing[kind] += claimed - began
            counts[kind] += len(claim.jobs)
            continue
        store = claim.performer.handler(*outbox._arguments(claim))
        handled = time.process_time()
        if not outbox._finish(claim, timed(store) if store else None):
            raise SystemExit(f"The lease of {kind} was lost.")
        ended = time.process_time()
        spent[kind] += handled - claimed + store_time
        queueing[kind] += claimed - began + (ended - handled - store_time)
        counts[kind] += len(claim.jobs)


def found(batch: Any) -> dict[str, int]:
    """What is there of the batch, to be held against what should be; and no file that is not whole."""
    import hashlib

    from django.conf import settings

    from credentials.models import Award, Checkpoint, Credential, LogEntry, Rendition
    from portal.shared.models import Job

    made = Credential.objects.filter(award__achievement=batch.achievement)
    files = list(Rendition.objects.filter(credential__in=made).values_list("kind", "sha256", "path"))
    whole = Counter(
        kind
        for kind, sha256, path in files
        if hashlib.sha256((settings.MEDIA_ROOT / path).read_bytes()).hexdigest() == sha256
    )
    leaves = LogEntry.objects.filter(credential__in=made, kind="issue", index__isnull=False)
    head = Checkpoint.objects.order_by("-size").first()
    return {
        "awards": Award.objects.filter(achievement=batch.achievement).count(),
        "learners": Award.objects.filter(achievement=batch.achievement).values("learner").distinct().count(),
        "credentials in the log": made.filter(state=Credential.State.LOGGED).count(),
        "different documents": made.values("document_sha256").distinct().count(),
        "leaves": leaves.count(),
        "leaves under the head": leaves.filter(index__lt=head.size).count() if head else 0,
        "certificates": whole["pdf"],
        "badges": whole["png"],
        "jobs set aside": Job.objects.filter(state=Job.State.QUARANTINED).count(),
    }


def messages() -> tuple[int, int]:
    """How many messages went out, and of how many a second time: each kill may cause one such (reliability J10)."""
    import re

    from django.conf import settings

    sent = [
        name
        for file in Path(settings.EMAIL_FILE_PATH).glob("*.log")
        for name in re.findall("^Message-ID: <(credential-.*)>$", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    return len(set(sent)), len(sent) - len(set(sent))


def check_messages(count: int, *, kills: int = 0) -> None:
    different, again = messages()
    print(f"  {different} messages, {again} of them twice")
    if different != count or again > kills:
        raise SystemExit("A message was lost, or too many were sent twice.")


def check(batch: Any, count: int) -> None:
    there = found(batch)
    print("  " + ", ".join(f"{value} {name}" for name, value in there.items()))
    if any(value != (0 if name == "jobs set aside" else count) for name, value in there.items()):
        raise SystemExit(f"Something was lost or made twice: wanted {count} of each.")
    from credentials.log import ledger_check

    if faults := list(ledger_check.faults()):
        raise SystemExit(f"The ledger does not fit: {faults[:3]}")


def one_by_one() -> None:
    """Let each job be claimed and done alone, to see what doing them together is worth."""
    from pathways import batches
    from portal.shared import outbox

    batches.AT_ONCE = 1
    for kind, performer in outbox._performers.items():
        outbox._performers[kind] = replace(performer, batch=1 if performer.batch else None)


def in_this_process(count: int, *, alone: bool, profile: bool) -> None:
    if alone:
        one_by_one()
    batch = begin(count)
    began, wall = time.process_time(), time.perf_counter()
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    spent, queueing, counts = work()
    profiler.disable()
    total = time.process_time() - began
    children = os.times()
    print(
        f"{count} awards: {total:.2f} CPU s here, {children.children_user + children.children_system:.2f} in children"
    )
    print(f"  {total / count * 1e3:.2f} ms each; {time.perf_counter() - wall:.1f} s on the clock")
    to_files = sorted(spent.keys() - {"pathways.award_group", *UNTIMED})
    waited = sum(queueing[kind] for kind in to_files)
    seconds = sum(spent[kind] for kind in to_files) + waited
    print(f"  to the stored files {seconds / count * 1e3:.2f} ms each, queueing {waited / seconds:.1%} (wanted: 10 %)")
    for kind, seconds in sorted(spent.items(), key=lambda one: -one[1]):
        print(f"  {kind:32} {counts[kind]:6} jobs {seconds / count * 1e3:8.3f} ms, queueing {queueing[kind]:.3f} s")
    check(batch, count)
    check_messages(count)
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


def with_kills(count: int, kills: int, workers: int) -> None:
    from django.db.models.functions import Now

    from portal.shared.models import Job

    batch = begin(count)
    chance = random.Random(7)  # noqa: S311 - moments to die at
    command = [sys.executable, "manage.py", "work"]
    running = [subprocess.Popen(command) for _ in range(workers)]
    began, done = time.monotonic(), 0
    try:
        while Job.objects.filter(state=Job.State.PENDING).exclude(due__gt=Now()).exists():
            time.sleep(chance.uniform(0.5, 3.0))
            if done < kills:
                place = chance.randrange(workers)
                os.kill(running[place].pid, signal.SIGKILL)
                running[place].wait()
                running[place] = subprocess.Popen(command)
                done += 1
                # Nobody waits for the lease of the dead in a benchmark.
                time.sleep(0.2)
                Job.objects.filter(state=Job.State.PENDING, lease_until__isnull=False).update(lease_until=Now())
            if time.monotonic() - began > 1_800:
                raise SystemExit("It does not come to an end.")
    finally:
        for each in running:
            each.terminate()
            each.wait()
    print(f"{count} awards, {done} workers killed, {time.monotonic() - began:.0f} s on the clock")
    check(batch, count)
    check_messages(count, kills=done)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--count", type=int, default=1_000)
    asked.add_argument("--kills", type=int, default=0)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--alone", action="store_true", help="one job after the other, and one award in a commit")
    asked.add_argument("--profile", action="store_true")
    given = asked.parse_args()
    with own_site():
        if given.kills:
            with_kills(given.count, given.kills, given.workers)
        else:
            in_this_process(given.count, alone=given.alone, profile=given.profile)


if __name__ == "__main__":
    main()
