"""Refuses to start with settings under which a promise of ours would not hold."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# What C3 asks, as SQLite itself names it: 2 is FULL, 3 is EXTRA.
PRAGMAS: dict[str, set[Any]] = {"journal_mode": {"wal"}, "synchronous": {2, 3}, "foreign_keys": {1}}
LEAST_TIMEOUT = 20


@register(Tags.database)
def sqlite_is_safe(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Reliability C3: immediate transactions, patience, a write-ahead log, durable commits, foreign keys."""
    return [
        Error(fault, hint="Leave DATABASE_URL empty, or remove what changes these settings.", id=f"cairn.E{number:03}")
        for alias in databases or []
        if connections[alias].vendor == "sqlite"
        for number, fault in enumerate(sqlite_faults(connections[alias]), start=1)
    ]


def sqlite_faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Each setting of this SQLite connection that is not as it must be, in words."""
    options = connection.settings_dict.get("OPTIONS", {})
    faults = []
    if str(options.get("transaction_mode", "")).upper() != "IMMEDIATE":
        faults.append("SQLite must begin its transactions IMMEDIATE, or two writers fail each other.")
    if options.get("timeout", 0) < LEAST_TIMEOUT:
        faults.append(f"SQLite must wait {LEAST_TIMEOUT} s for another writer.")
    with connection.cursor() as cursor:
        for name, allowed in PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}")
            (value,) = cursor.fetchone()
            if value not in allowed:
                faults.append(f"SQLite has {name} = {value}; it must be one of {sorted(allowed)}.")
    return faults
