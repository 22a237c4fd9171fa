"""Reads settings from the environment, and says what is wrong with one that cannot be read."""

import contextlib
import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Every name that was asked for, so that a test can compare them with the README's table.
names: set[str] = set()

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}

# The first line of a log's checkpoint is its name, and the site's (credentials/addresses.py).
_LOG_AT_HOME = re.compile(r"((?:localhost|127\.0\.0\.1)(?::\d{1,5})?)/log\n")


def said() -> list[tuple[str, str | None]]:
    """What the environment says to every name that was asked for."""
    return sorted((name, os.environ.get(name)) for name in names)


def text(name: str, default: str = "") -> str:
    names.add(name)
    return os.environ.get(name, default).strip()


def keep_name_at_home(folder: Path) -> None:
    """Let a site that nobody else reaches go on under the name that it has signed with, whichever port is free today.

    What it signed bears the port for ever. A site that others reach must say its name: cookies and mail hang on it.
    """
    if os.environ.get("CAIRN_SITE_URL", "").strip():
        return
    file = Path(os.environ.get("CAIRN_CHECKPOINT_FILE") or folder / "log" / "checkpoint")
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if kept := _LOG_AT_HOME.match(file.read_text(encoding="utf-8")):
            os.environ["CAIRN_SITE_URL"] = f"http://{kept[1]}"


def flag(name: str, default: bool = False) -> bool:
    names.add(name)
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r}: say yes or no.")


def conformance(name: str, site_url: str) -> bool:
    """A flag that only a site which nobody else can reach by its name may have on; refused elsewhere."""
    wanted = flag(name)
    host = urlsplit(site_url).hostname or ""
    # RFC 6761 and RFC 9476 keep these endings out of the public name system for ever.
    reserved = host == "localhost" or host.endswith((".localhost", ".test", ".invalid", ".internal"))
    if wanted and not reserved and host not in {"127.0.0.1", "::1"}:
        raise ImproperlyConfigured(f"{name} signs whatever it is sent, which a site called {host} must not.")
    return wanted


def number(name: str, default: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r}: a whole number is expected.") from None


def words(name: str, default: str = "") -> list[str]:
    """Comma-separated words, blanks dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(url: str, *, sqlite_file: Path) -> dict[str, Any]:
    """Django's database entry for DATABASE_URL, or SQLite in one file when there is none.

    Accepts `postgresql://user:password@host:port/name?sslmode=require` and `sqlite:///file`.
    """
    if not url:
        return sqlite(sqlite_file)
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(f"DATABASE_URL: {parts.scheme!r} is not known; use postgresql://… or sqlite:///….")
    options = dict(parse_qsl(parts.query))
    # A socket folder travels as ?host=/run/…, since a URL has no place for it.
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **options,
            "pool": {"min_size": 1, "max_size": number("DATABASE_POOL", 8), "timeout": 10},
            # T11: no statement holds a worker or a lock for ever.
            "options": "-c statement_timeout=5000 -c lock_timeout=5000",
        },
    }


def broker(redis_url: str) -> str:
    """Celery's address for the bells; empty when there is no broker, and workers look at the table by themselves."""
    # The client and Celery name a socket differently.
    return "redis+socket://" + redis_url.removeprefix("unix://") if redis_url.startswith("unix://") else redis_url


def cache(redis_url: str) -> dict[str, Any]:
    """The shared cache when there is a Redis or Valkey, else one of each process's own; apart from it, kept pages."""
    if not redis_url:
        backend = "django.core.cache.backends.locmem.LocMemCache"
        return {
            "default": {"BACKEND": backend},
            "pages": {"BACKEND": backend, "LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 1000}},
        }
    shared = {
        "BACKEND": "portal.shared.forgiving_cache.ForgivingRedisCache",
        "LOCATION": redis_url,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
    return {"default": {**shared, "KEY_PREFIX": "cairn"}, "pages": {**shared, "KEY_PREFIX": "cairn-pages"}}


def sqlite(file: Path) -> dict[str, Any]:
    """C3: one writer at a time, taken at the start of the transaction; durable at each commit."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        # To open a file anew for each request would cost more than most of them ask of it.
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def secret(name: str, *, file: Path) -> str:
    """The secret in the environment, else the one kept in `file`, made on first use and readable by its owner only."""
    if value := text(name):
        return value
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    fresh = secrets.token_urlsafe(48)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as target:
        target.write(fresh)
    return fresh


def hosts(name: str, site_url: str) -> list[str]:
    """Host names served: those named, else the site's own and, for a site on this machine, its other names."""
    if named := words(name):
        return named
    host = urlsplit(site_url).hostname or "localhost"
    return [host, "127.0.0.1", "[::1]"] if host == "localhost" else [host]
