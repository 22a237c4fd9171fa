"""`manage.py makemigrations`: writes migrations that run several times faster, and makes the same tables."""

from typing import Any, cast

from django.core.management.commands import makemigrations
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

COMING_LAST = {"credentials", "pathways"}
OURS = {"accounts", "shared", *COMING_LAST}


def folded(operations: list[Operation]) -> list[Operation]:
    """The same tables: constraints and indexes stand in the step that makes their table, where its fields all do.

    Each further step makes Django build all models that have to do with that one again, and here nearly all have.
    """
    # A field that comes later, since two tables name each other, may be what a constraint is about.
    later = {each.model_name.lower() for each in operations if isinstance(each, AddField)}
    tables = {each.name.lower(): each for each in operations if isinstance(each, CreateModel)}
    kept = []
    for each in operations:
        model = each.model_name.lower() if isinstance(each, AddConstraint | AddIndex) else ""
        if model not in tables or model in later:
            kept.append(each)
        elif isinstance(each, AddConstraint):
            tables[model].options.setdefault("constraints", []).append(each.constraint)
        elif isinstance(each, AddIndex):
            tables[model].options.setdefault("indexes", []).append(each.index)
    return kept


def last_of_others() -> list[tuple[str, str]]:
    """The last migration of each app that is not ours and has nothing of ours but people."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    bound = {
        app
        for (app, _name), migration in loader.disk_migrations.items()
        if any(other in COMING_LAST for other, _first in migration.dependencies)
    }
    return [leaf for leaf in loader.graph.leaf_nodes() if leaf[0] not in {*OURS, *bound}]


class Command(makemigrations.Command):
    """Django's own, with what it found brought into fewer steps."""

    def write_migration_files(self, changes: dict[str, list[Migration]], *more: Any) -> None:
        for app, migrations in changes.items():
            for migration in migrations:
                cast(Any, migration).operations = folded(list(migration.operations))
                if migration.initial and app in COMING_LAST:
                    # Each step of others would have our many tables built again beside theirs, so they go first.
                    cast(Any, migration).dependencies = sorted({*migration.dependencies, *last_of_others()}, key=str)
        super().write_migration_files(changes, *more)
