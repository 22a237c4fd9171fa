"""Looks at everything the site needs, and says what to do about what is not well."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from portal.shared import outbox
from portal.shared.models import Job
from portal.shared.supervision import broker, system
from portal.shared.supervision.system import Finding

LONGEST_SILENCE = 60
LONGEST_DUE = 60


class Command(BaseCommand):
    help = (
        "Check Python, Pango, fonts, files, database, broker, worker and waiting jobs; exit 1 when something is wrong."
    )
    # What is wrong is told below, with the rest.
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for finding in findings():
            sign = "well " if finding.well else "WRONG"
            self.stdout.write(f"{sign}  {finding.name}: {finding.words}")
            if not finding.well:
                wrong += 1
                if finding.remedy:
                    self.stdout.write(f"       → {finding.remedy}")
        if wrong:
            raise SystemExit(1)


def findings() -> Iterator[Finding]:
    """Everything that is looked at, in the order in which one depends on another."""
    yield from system.of_the_machine()
    yield system.writable(Path(settings.DATA_DIR))
    yield of_the_broker()
    try:
        yield from of_the_database()
    except DatabaseError as error:
        words = next(iter(str(error).splitlines()), type(error).__name__)
        yield Finding("Database", False, words, "check DATABASE_URL, and that the server runs")
        return
    yield from of_the_work()


def of_the_broker() -> Finding:
    if not settings.REDIS_URL:
        choice = broker.choose(redis_url="", folder=Path(settings.DATA_DIR) / "run")
        return Finding("Broker", True, f"`up` would use {choice.words}")
    if settings.REDIS_URL.startswith("unix://"):
        well = broker.answers(settings.REDIS_URL)
    else:
        import redis  # noqa: PLC0415 - only a site with a server of its own needs the client here

        try:
            well = bool(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping())
        except redis.RedisError:
            well = False
    return Finding(
        "Broker",
        well,
        "answers" if well else "does not answer; jobs are done all the same, up to two seconds later",
        "check REDIS_URL, and that the server runs",
    )


def of_the_database() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    yield Finding(
        "Database",
        not missing,
        f"{connection.vendor}, {f'{missing} migrations are missing' if missing else 'up to date'}",
        "./run migrate",
    )
    faults = run_checks(databases=["default"], include_deployment_checks=False)
    grave = [fault for fault in faults if fault.is_serious()]
    for fault in grave:
        yield Finding("Settings", False, str(fault.msg), str(fault.hint or ""))
    if not grave:
        yield Finding("Settings", True, "as they must be")


def of_the_work() -> Iterator[Finding]:
    heard = outbox.last_sighting()
    silent = heard is None or heard > LONGEST_SILENCE
    words = "never heard" if heard is None else f"last heard {heard:.0f} s ago"
    yield Finding("Worker", not silent, words, "./run  (or, beside a server of your own: ./run work)")
    age = outbox.age_of_oldest_due()
    yield Finding(
        "Jobs",
        age <= LONGEST_DUE,
        f"the oldest due job has waited {age:.0f} s" if age else "none is waiting",
        "see what the workers say; each job tells its last error under Administration, Jobs",
    )
    waiting = Job.objects.filter(state=Job.State.QUARANTINED).count()
    yield Finding("Quarantine", not waiting, f"{waiting} jobs" if waiting else "empty", "look at them, then retry them")
