"""One token that changes with the rows that processes keep in memory, whoever changes them and however.

The database's own triggers draw it anew, at random: nothing can be forgotten, and what a failed transaction had drawn
is never drawn again. To look at it is one small read, which others may take into a read of their own.
"""

from typing import Any

from django.apps import apps
from django.db import connections, models

from portal.shared.models import Generation

# Model label to the condition on a changed row, with {row} for it; empty for every row.
_watched: dict[str, str] = {}

TABLE = Generation._meta.db_table


def watch(label: str, *, when: str = "") -> None:
    """Let changes of this model draw a new token; `when` narrows them: "{row}.state <> 'draft'"."""
    _watched[label] = when


def token() -> int | None:
    """The present token, none if nothing was ever changed."""
    return Generation.objects.values_list("token", flat=True).first()


def install(using: str = "default", **_signal: Any) -> None:
    """Make the triggers; done after each migration, since SQLite forgets those of a table that is made anew."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    if Generation._meta.db_table not in present:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for label, when in _watched.items():
            model = apps.get_model(label)
            if model._meta.db_table in present:
                for statement in _statements(connection.vendor, model, when):
                    cursor.execute(statement)


_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {TABLE}_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {TABLE} (id, token) VALUES (1, ('x' || left(md5(gen_random_uuid()::text), 15))::bit(60)::bigint)
    ON CONFLICT (id) DO UPDATE SET token = excluded.token;
    RETURN NULL;
END $$"""  # noqa: S608
# "Or ignore" of whoever changes the row would reach into a trigger, so nothing here leans on a conflict.
_DRAW = f"""
UPDATE {TABLE} SET token = random();
INSERT INTO {TABLE} (id, token) SELECT 1, random() WHERE NOT EXISTS (SELECT 1 FROM {TABLE});"""  # noqa: S608


def _statements(vendor: str, model: type[models.Model], when: str) -> list[str]:
    table = model._meta.db_table
    made = []
    for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("NEW", "OLD")), ("DELETE", ("OLD",))):
        name = f"{table}_{event.lower()}_generation"
        condition = " OR ".join(when.format(row=row) for row in rows) if when else ""
        clause = f"WHEN ({condition})" if condition else ""
        made.append(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if vendor == "postgresql" else ""))
        action = f"EXECUTE FUNCTION {TABLE}_draw()" if vendor == "postgresql" else f"BEGIN {_DRAW} END"
        made.append(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {clause} {action}")
    return made
