"""Inserts and changes many rows with one statement that is written once and kept; where rows are many or time is dear.

Django writes the text of a statement anew each time, which takes longer than the database needs to carry it out.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
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


def put(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    unless_there: bool = False,
    in_place_of: Sequence[str] = (),
    **alike: Any,
) -> None:
    """Insert rows that are given as values of these fields, without an object for each; `alike` are the same in all.

    All other fields have their defaults. `unless_there` leaves out what a constraint forbids; `in_place_of` names the
    fields of a constraint: a row that is there with the same ones takes over these values.
    """
    meta = model._meta
    given = [*names, *alike]
    rest = [field for field in _fields(model) if field.name not in given and field.db_default is models.NOT_PROVIDED]
    fields: list[Any] = [*map(meta.get_field, given), *rest]
    columns = tuple(str(field.column) for field in fields)
    ending = "ON CONFLICT DO NOTHING" if unless_there else ""
    if in_place_of:
        there = [str(field.column) for field in fields if field.name in in_place_of]
        changed = ", ".join(f'"{column}" = excluded."{column}"' for column in columns if column not in there)
        ending = f"ON CONFLICT ({', '.join(there)}) DO UPDATE SET {changed}"
    same = [*alike.values(), *(field.get_default() for field in rest)]
    constant = [_stored(field, value) for field, value in zip(fields[len(names) :], same, strict=True)]
    own = fields[: len(names)]
    values = [[*map(_stored, own, row), *constant] for row in rows]
    most = max(1, (connection.features.max_query_params or 30_000) // len(columns))
    with connection.cursor() as cursor:
        for start in range(0, len(values), most):
            some = values[start : start + most]
            statement = _statement(meta.db_table, columns, len(some), ending)
            cursor.execute(statement, [value for row in some for value in row])


def _stored(field: Any, value: Any) -> Any:
    if value is None or (type(value) in (str, int) and isinstance(field, _TAKEN_AS_IT_IS)):
        return value
    return field.get_db_prep_save(value, connection)


_TAKEN_AS_IT_IS = (models.CharField, models.TextField, models.IntegerField, models.ForeignKey)


def update_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Store these fields of rows that are there, each with values of its own: by one short statement, done many times.

    Django's `bulk_update` writes one long statement with a case for each row and field, which costs far more.
    """
    if not rows:
        return
    meta = type(rows[0])._meta
    fields: list[Any] = [meta.get_field(name) for name in names]
    places = ", ".join(f'"{field.column}" = %s' for field in fields)
    values = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk] for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{meta.db_table}" SET {places} WHERE id = %s', values)  # noqa: S608


def _insert(rows: Sequence[models.Model], ending: str) -> dict[Any, int]:
    if not rows:
        return {}
    model = type(rows[0])
    # What the database fills in by itself is left to it.
    fields = [each for each in _fields(model) if not isinstance(getattr(rows[0], each.attname), DatabaseDefault)]
    columns = tuple(str(field.column) for field in fields)
    most = max(1, (connection.features.max_query_params or 30_000) // len(columns))
    keys: dict[Any, int] = {}
    # Not through the proxy of it, which is asked several times for each value.
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        for start in range(0, len(rows), most):
            some = rows[start : start + most]
            statement = _statement(model._meta.db_table, columns, len(some), ending)
            cursor.execute(statement, [_value(field, row, database) for row in some for field in fields])
            if "RETURNING" in ending:
                keys |= dict(cursor.fetchall())
    return keys


@cache
def _fields(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.local_concrete_fields if not field.primary_key)


# What the database takes as Python has it; bool and JSON, say, are of other kinds.
_PLAIN = (models.CharField, models.TextField, models.ForeignKey)


def _value(field: Any, row: models.Model, database: BaseDatabaseWrapper) -> Any:
    value = field.pre_save(row, add=True)
    if value is None or (isinstance(field, _PLAIN) and type(value) in (str, int)):
        return value
    return field.get_db_prep_save(value, database)


@cache
def _statement(table: str, columns: tuple[str, ...], count: int, ending: str) -> str:
    places = f"({', '.join(['%s'] * len(columns))})"
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([places] * count)} {ending}'  # noqa: S608
