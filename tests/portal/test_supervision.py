"""Tests of what starts, watches and ends the processes of a one-machine site."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.shared import outbox
from portal.shared.management.commands import up
from portal.shared.supervision import broker, system
from portal.shared.supervision.kin import LIFELINE, Lifeline
from portal.shared.supervision.processes import Child, Family

ROOT = Path(__file__).parents[2]


def wait_for(what: Callable[[], Any], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended; who should have waited for it is gone.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def sleeper(**more: Any) -> Child:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    return Child("sleeper", command, dict(os.environ), cwd=ROOT, **more)


def test_a_child_that_ends_is_started_again_later_each_time(capfd: pytest.CaptureFixture[str]) -> None:
    child = Child("short", [sys.executable, "-c", "print('hello')"], dict(os.environ), cwd=ROOT)
    family = Family()
    family.add(child)
    family.keep(until=lambda: child.deaths >= 2)
    family.end()
    told = capfd.readouterr().out
    assert "short  | hello" in told
    assert "started again in 0.5 s" in told
    assert "started again in 1.0 s" in told


def test_killed_children_come_back_and_end_with_the_family() -> None:
    family = Family()
    child = family.add(sleeper())
    assert child.process
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    family.keep(until=lambda: bool(child.process) and child.process.pid != first)
    assert child.process
    second = child.process.pid
    family.end()
    assert not alive(first)
    assert not alive(second)


@pytest.mark.parametrize(("before", "outlives"), [("signal.SIG_DFL", False), ("signal.SIG_IGN", True)])
def test_only_a_family_started_with_nohup_outlives_its_terminal(before: str, outlives: bool) -> None:
    code = f"""
import os, signal
from portal.shared.supervision.processes import Family
signal.signal(signal.SIGHUP, {before})
family = Family()
family.end_on_signals()
os.kill(os.getpid(), signal.SIGHUP)
print(family.over.is_set(), family.told_by)
"""
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.split() == (["False"] if outlives else ["True", "SIGHUP"])


def test_what_hangs_on_the_lifeline_ends_with_it(tmp_path: Path) -> None:
    line = Lifeline(broker.socket_path(tmp_path, "line"))
    code = "from portal.shared.supervision.kin import hold_lifeline; hold_lifeline(); import time; time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {LIFELINE: str(line.path)})
    assert wait_for(lambda: line._held)
    line.cut()
    assert child.wait(timeout=20) == -signal.SIGTERM


@pytest.mark.django_db
@pytest.mark.one_database
def test_a_site_that_answers_at_once_is_ready_however_often_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("promised", False), ("seen", False), ("_asked_at", 0.0)):
        monkeypatch.setattr(up.Ready, name, value)
    monkeypatch.setattr(up, "site_answers", lambda: True)
    assert not up.Ready.now()
    outbox.run_all_due()
    assert not up.Ready.now(), "it asks no more than five times a second"
    monkeypatch.setattr(up.Ready, "_asked_at", 0.0)
    assert up.Ready.now()
    assert up.Ready.now()


def test_a_broker_that_is_named_is_taken(tmp_path: Path) -> None:
    choice = broker.choose(redis_url="redis://example.org", folder=tmp_path)
    assert (choice.url, choice.command) == ("redis://example.org", None)


def test_no_broker_is_a_choice(tmp_path: Path) -> None:
    choice = broker.choose(redis_url="", folder=tmp_path, embedded=False)
    assert (choice.url, choice.command) == ("", None)


def test_a_long_path_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    place = broker.socket_path(tmp_path / ("long" * 30), "broker.sock")
    assert len(str(place)) <= broker.LONGEST_SOCKET_PATH


def test_the_embedded_server_answers_on_a_private_socket_only(valkey_server: str) -> None:
    assert broker.answers(valkey_server)
    assert Path(valkey_server.removeprefix("unix://")).stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    finding = system.writable(tmp_path / "file" / "folder")
    assert not finding.well
    assert system.writable(tmp_path / "new").well


# --- the whole site ---------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """`manage.py up` in a folder of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.port = free_port()
        self.log = folder / "log"
        self.env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.env |= {"CAIRN_DATA": str(folder), "CAIRN_PORT": str(self.port), "CAIRN_WEB_WORKERS": "1"}
        self.env |= {"CAIRN_WORKERS": "1", "CAIRN_SITE_URL": f"http://localhost:{self.port}"}
        with self.log.open("wb") as log:
            command = [sys.executable, "manage.py", "up", "--no-demo", *arguments]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def told(self) -> str:
        return self.log.read_text()

    def descendants(self) -> list[int]:
        pairs = []
        for told in Path("/proc").glob("[0-9]*/stat"):
            # Whoever has ended meanwhile is nobody's child.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                # The name of the program stands in brackets and may hold anything; behind it the state and the parent.
                pairs.append((int(told.parent.name), int(told.read_text().rpartition(")")[2].split()[1])))
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in pairs if parent == pid]
        return found[1:]

    def command(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.env | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def becomes_ready(self) -> bool:
        wait_for(lambda: "READY" in self.told() or self.process.poll() is not None, 300)
        return "READY" in self.told()

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc as on Linux")
def test_the_whole_site_starts_heals_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with Site(tmp_path, "--no-broker") as site:
        assert site.becomes_ready(), site.told()
        second = site.command("up", CAIRN_PORT=str(free_port()))
        assert second.returncode == 1
        assert "already runs in this folder" in second.stderr
        family = site.descendants()
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(timeout=60) == 0, site.told()
        assert "Ending, as told by SIGINT." in site.told()
        assert wait_for(lambda: not any(map(alive, family)), 40), [pid for pid in family if alive(pid)]
    # The same folder again, with what was prepared; now with a broker, and the end that nobody can prepare for.
    with Site(tmp_path) as site:
        assert site.becomes_ready(), site.told()
        taken = site.command("up", CAIRN_DATA=str(tmp_path / "other"))
        assert taken.returncode == 1
        assert f"CAIRN_PORT={site.port + 1}" in taken.stderr
        before = site.descendants()
        worker = next(pid for pid in before if b"celery" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(worker, signal.SIGKILL)
        assert wait_for(lambda: "worker ended (SIGKILL)" in site.told()), site.told()
        wait_for(lambda: len(site.descendants()) >= len(before), 60)
        doctor = site.command("doctor")
        assert "well   Worker: last heard" in doctor.stdout, doctor.stdout
        family = site.descendants()
        site.process.kill()
        site.process.wait()
        assert wait_for(lambda: not any(map(alive, family)), 40), [pid for pid in family if alive(pid)]
