"""The migrations make what the models say: the tables of all other tests come straight from the models."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

OURS = ("accounts", "credentials", "pathways", "shared")
MIGRATED = """
import json, django
django.setup()
from django.core.management import call_command
from tests.portal.test_migrations import tables
call_command("migrate", verbosity=0)
print(json.dumps(tables()))
"""


def tables() -> dict[str, Any]:
    """Each table of ours in the database: its columns with type and whether they may be empty, and its constraints."""
    found = {}
    ours = {model._meta.db_table for app in OURS for model in apps.get_app_config(app).get_models(True)}
    with connection.cursor() as cursor:
        for table in sorted(ours):
            columns = {
                column.name: [connection.introspection.get_field_type(column.type_code, column), column.null_ok]
                for column in connection.introspection.get_table_description(cursor, table)
            }
            constraints = connection.introspection.get_constraints(cursor, table)
            # Names that SQLite itself gives tell nothing.
            found[table] = [columns, sorted(name for name in constraints if not name.startswith("__"))]
    return found


@pytest.fixture
def empty(db: None, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the kind of this run."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    name = f"{connection.settings_dict['NAME']}_empty"
    url = os.environ["TEST_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        head, mark, query = url.partition("?")
        yield f"{head.rpartition('/')[0]}/{name}{mark}{query}"
        server.execute(f'DROP DATABASE "{name}"')


def test_the_migrations_make_the_tables_of_the_models(empty: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MIGRATED],
        cwd=settings.BASE_DIR,
        env=os.environ | {"CAIRN_DATA": str(tmp_path), "DATABASE_URL": empty},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == tables()
