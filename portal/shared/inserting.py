"""Inserts many rows with one statement that is written once and kept; where rows are many or the moment is dear.

Django writes the text of a statement anew each time, which takes longer than the database needs to carry it out.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

Row = TypeVar("Row", bound=models.Model)


def insert(rows: Iterable[models.Model], *, unless_there: bool = False) -> None:
    """Insert these rows of one model, or those that no constraint forbids; their keys are not learned."""
    _insert(list(rows), "ON CONFLICT DO NOTHING" if unless_there else "")


def insert_new(rows: Sequence[Row]) -> list[Row]:
    """Insert what no constraint forbids; answer those rows, with their keys. Their model has a `uuid`."""
    keys = _insert(rows, "ON CONFLICT DO NOTHING RETURNING uuid, id")
    made = []
    for row in rows:
        # "On conflict do nothing" does not say what it did; the identifiers that we chose do.
        identifier: Any = row._meta.get_field("uuid")
        key = keys.get(identifier.get_db_prep_value(identifier.value_from_object(row), connection))
        if key is not None:
            row.pk, row._state.adding, row._state.db = key, False, connection.alias
            made.append(row)
    return made


def _insert(rows: Sequence[models.Model], ending: str) -> dict[Any, int]:
    if not rows:
        return {}
    model = type(rows[0])
    values = [_values(row) for row in rows]
    # What the database fills in by itself is left to it.
    columns = tuple(name for name in values[0] if not isinstance(values[0][name], DatabaseDefault))
    most = connection.features.max_query_params or 30_000
    keys: dict[Any, int] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(rows), max(1, most // len(columns))):
            some = values[start : start + max(1, most // len(columns))]
            statement = _statement(connection.vendor, model._meta.db_table, columns, len(some), ending)
            cursor.execute(statement, [each[name] for each in some for name in columns])
            if "RETURNING" in ending:
                keys |= dict(cursor.fetchall())
    return keys


def _values(row: models.Model) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in row._meta.local_concrete_fields:
        if field.primary_key:
            continue
        value = field.pre_save(row, add=True)
        found[str(field.column)] = (
            value if isinstance(value, DatabaseDefault) else field.get_db_prep_save(value, connection)
        )
    return found


@cache
def _statement(_vendor: str, table: str, columns: tuple[str, ...], count: int, ending: str) -> str:
    places = f"({', '.join(['%s'] * len(columns))})"
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([places] * count)} {ending}'  # noqa: S608
