"""Starts the whole site on one machine, watches over it, and leaves nothing behind when it ends."""

import fcntl
import hashlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import run_checks
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from portal.shared import outbox
from portal.shared.models import Job
from portal.shared.supervision import broker, system
from portal.shared.supervision.kin import LIFELINE, Lifeline
from portal.shared.supervision.processes import Child, Family, say

# What may hold or open a signing key stays out of the web processes (reliability K1).
KEPT_FROM_THE_WEB = "CAIRN_KEY"
PATIENCE = 180.0


class Command(BaseCommand):
    help = "Prepare the database and serve the site with its worker and broker, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="do not load the demonstration college")
        parser.add_argument("--no-broker", action="store_true", help="let workers look at the job table by themselves")
        parser.add_argument("--require-pdf", action="store_true", help="refuse to start when PDFs cannot be made")

    def handle(self, *args: Any, **options: Any) -> None:
        data = Path(settings.DATA_DIR)
        look_at_the_machine(data, require_pdf=options["require_pdf"])
        lock = take_lock(data / "up.lock")
        check_port(settings.BIND, settings.PORT)
        check_settings()
        run = data / "run"
        family = Family()
        prepare(data)
        # Until here Ctrl-C simply ends the command; from here there are children to end first.
        family.end_on_signals()
        choice = broker.choose(redis_url=settings.REDIS_URL, folder=run, embedded=not options["no_broker"])
        lifeline = Lifeline(broker.socket_path(run, "lifeline.sock"))
        try:
            ready = serve(family, choice, lifeline, demonstration=not options["no_demo"])
        finally:
            say("", f"Ending, as told by {family.told_by}." if family.told_by else "Ending.")
            family.end()
            lifeline.cut()
            connection.close()
            lock.close()
        if not ready:
            raise CommandError("The site did not become ready; the lines above say why.")


# --- before the first child --------------------------------------------------------------------------------------


def look_at_the_machine(data: Path, *, require_pdf: bool) -> None:
    files = system.writable(data)
    if not files.well:
        raise CommandError(f"{files.words}. {files.remedy}")
    for finding in system.of_the_machine():
        if not finding.well:
            say("", f"{finding.name}: {finding.words}. To have it:\n    {finding.remedy}")
            if require_pdf and finding.name == "Pango":
                raise CommandError("PDFs were required.")


def take_lock(file: Path) -> IO[str]:
    """One site in one folder: two would start two brokers on one socket."""
    handle = file.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        raise CommandError(f"Cairn already runs in this folder (process {handle.read().strip() or '?'}).") from None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is not free ({error.strerror}); choose another: CAIRN_PORT={port + 1} ./run"
            ) from None


def check_settings() -> None:
    """What must not begin with what the database holds: told before anything is changed there."""
    grave = [fault for fault in run_checks(databases=["default"]) if fault.is_serious()]
    if grave:
        raise CommandError("\n".join(f"{fault.msg}\n    {fault.hint or ''}".rstrip() for fault in grave))


def prepare(data: Path) -> None:
    call_command("migrate", interactive=False, verbosity=0)
    stamp = data / "static.stamp"
    state = state_of_static_files()
    if not (stamp.exists() and stamp.read_text() == state):
        say("", "Collecting static files.")
        # A megabyte of a viewer that no page of ours loads would take most of the time.
        call_command("collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=["redoc*"])
        stamp.write_text(state)


def state_of_static_files() -> str:
    """Changes when a static file is added, removed or edited."""
    digest = hashlib.sha256(str(settings.STATIC_ROOT).encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda pair: pair[0]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


# --- the children --------------------------------------------------------------------------------------------------


def serve(family: Family, choice: broker.Broker, lifeline: Lifeline, *, demonstration: bool) -> bool:
    """Run until told to stop; say whether the site ever became ready."""
    say("", f"Broker: {choice.words}.")
    env = os.environ | {LIFELINE: str(lifeline.path), "REDIS_URL": choice.url, "PYTHONUNBUFFERED": "1"}
    started = time.monotonic()
    for child in children(choice, env):
        family.add(child)
        if child.name == "broker":
            family.keep(until=lambda: broker.answers(choice.url) or time.monotonic() - started > PATIENCE)
    connection.close()
    Ready.promised = Ready.seen = False
    family.keep(until=lambda: Ready.now() or time.monotonic() - started > PATIENCE)
    ready = Ready.now()
    if ready:
        announce(time.monotonic() - started)
        loading = load_demonstration(env) if demonstration else None
        family.keep()
        if loading and loading.poll() is None:
            loading.terminate()
            loading.wait(timeout=20)
    # Told to stop before it was ready is no failure.
    return ready or time.monotonic() - started <= PATIENCE


def children(choice: broker.Broker, env: dict[str, str]) -> Iterator[Child]:
    root = Path(settings.BASE_DIR)
    prefix = settings.LOG_FORM != "json"
    python = sys.executable
    if choice.command:
        yield Child("broker", choice.command, env, cwd=root, prefix=prefix)
    worker = env | {"CAIRN_ROLE": "worker"}
    if choice.url:
        command = [
            python,
            "-m",
            "celery",
            "--quiet",
            "-A",
            "portal",
            "worker",
            "--loglevel",
            "warning",
            "--hostname",
            "cairn@%h",
        ]
        command += ["--concurrency", str(settings.WORKERS), "--queues", ",".join(settings.WORKER_QUEUES)]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        yield Child("worker", command, worker, cwd=root, prefix=prefix)
    else:
        for number in range(1, settings.WORKERS + 1):
            yield Child(f"work-{number}", [python, "manage.py", "work"], worker, cwd=root, prefix=prefix)
    web = {name: value for name, value in env.items() if not name.startswith(KEPT_FROM_THE_WEB)}
    command = [python, "-m", "granian", "--interface", "wsgi", "--host", settings.BIND, "--port", str(settings.PORT)]
    command += ["--workers", str(settings.WEB_WORKERS), "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    command += ["--respawn-failed-workers", "portal.wsgi:application"]
    yield Child("web", command, web | {"CAIRN_ROLE": "web"}, cwd=root, prefix=prefix)


class Ready:
    """Ready means that the site answers and that a worker has done one job; once it was seen, it stays so."""

    promised = False
    seen = False
    subject = 0
    _asked_at = 0.0

    @classmethod
    def now(cls) -> bool:
        if cls.seen or time.monotonic() - cls._asked_at < 0.2:
            return cls.seen
        cls._asked_at = time.monotonic()
        if not cls.promised:
            cls.subject = time.time_ns() // 1_000_000
            outbox.promise("shared.answer", cls.subject)
            cls.promised = True
        done = Job.objects.filter(kind="shared.answer", subject_id=cls.subject, state=Job.State.DONE).exists()
        cls.seen = done and site_answers()
        return cls.seen


def site_answers() -> bool:
    host = "127.0.0.1" if settings.BIND in {"0.0.0.0", ""} else settings.BIND  # noqa: S104 - compared, not bound
    call = http.client.HTTPConnection(host, settings.PORT, timeout=5)
    try:
        call.request("GET", "/health/live", headers={"Host": settings.ALLOWED_HOSTS[0].lstrip(".")})
        return call.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        call.close()


# --- after it -----------------------------------------------------------------------------------------------------


def announce(seconds: float) -> None:
    site = urlsplit(settings.SITE_URL)
    elsewhere = site.hostname in {"localhost", "127.0.0.1"} and site.port != settings.PORT
    here = f"http://{site.hostname}:{settings.PORT}" if elsewhere else settings.SITE_URL
    say("", "")
    say("", f"READY after {seconds:.1f} s: {here}")
    if elsewhere:
        say(
            "", f"    It was begun as {settings.SITE_URL}, and keeps that name in all that it signs and in links to it."
        )
        say("", "    To begin another one here, give it a folder of its own: CAIRN_DATA=FOLDER ./run")
    if not apps.get_model("credentials", "Issuer").objects.exists() and "load_demonstration" not in get_commands():
        return
    for line in demonstration_logins():
        say("", f"    {line}")
    say("", "Ctrl-C ends it.")


def demonstration_logins() -> list[str]:
    """What the command that loads the college says about who may sign in; the college is known to it alone."""
    name = "load_demonstration"
    if name not in get_commands():
        return []
    command = load_command_class(get_commands()[name], name)
    return [str(line) for line in getattr(command, "logins", [])]


def load_demonstration(env: dict[str, str]) -> "subprocess.Popen[bytes] | None":
    """On the first run, load the demonstration college in the background, so that the page answers at once."""
    if "load_demonstration" not in get_commands() or apps.get_model("credentials", "Issuer").objects.exists():
        return None
    child = Child(
        "demo",
        [sys.executable, "manage.py", "load_demonstration"],
        env | {"CAIRN_ROLE": "command"},
        cwd=Path(settings.BASE_DIR),
        prefix=settings.LOG_FORM != "json",
    )
    child.start()
    return child.process
