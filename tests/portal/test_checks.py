"""Tests of the refusal to start with a database that would break a promise."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper

from portal import env
from portal.shared.checks import sqlite_faults


def opened(tmp_path: Any, **options: Any) -> DatabaseWrapper:
    entry = connection.settings_dict | env.sqlite(tmp_path / "x.sqlite3")
    entry["OPTIONS"] = entry["OPTIONS"] | options
    return DatabaseWrapper(entry, "checked")


@pytest.fixture(autouse=True)
def durable() -> Iterator[None]:
    """Undo, for these tests, what the test run does to be quick."""
    from django.db.backends.signals import connection_created

    from tests.conftest import _forgo_durability

    connection_created.disconnect(_forgo_durability)
    yield
    connection_created.connect(_forgo_durability)


@pytest.mark.django_db
def test_our_own_settings_are_safe(tmp_path: Any) -> None:
    checked = opened(tmp_path)
    assert sqlite_faults(checked) == []
    checked.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"transaction_mode": "DEFERRED"}, "IMMEDIATE"),
        ({"timeout": 5}, "20 s"),
        ({"init_command": "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"}, "journal_mode"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}, "synchronous"),
    ],
)
def test_other_settings_are_refused(tmp_path: Any, options: dict[str, Any], words: str) -> None:
    checked = opened(tmp_path, **options)
    faults = sqlite_faults(checked)
    checked.close()
    assert any(words in fault for fault in faults)
