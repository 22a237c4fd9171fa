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
    database = connections[DEFAULT_DB_ALIAS]
    own, others = fields[: len(names)], fields[len(names) :]
    same = [*alike.values(), *(field.get_default() for field in rest)]
    constant = [_stored(field, value, database) for field, value in zip(others, same, strict=True)]
    values = [
        [*(_stored(field, value, database) for field, value in zip(own, row, strict=True)), *constant] for row in rows
    ]
    _carry_out(model, columns, values, ending, database)


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
    # Not through the proxy of it, which is asked several times for each value.
    database = connections[DEFAULT_DB_ALIAS]
    values = [[_stored(field, field.pre_save(row, add=True), database) for field in fields] for row in rows]
    return _carry_out(model, columns, values, ending, database)


def _carry_out(
    model: type[models.Model],
    columns: tuple[str, ...],
    rows: Sequence[Sequence[Any]],
    ending: str,
    database: BaseDatabaseWrapper,
) -> dict[Any, int]:
    most = max(1, (database.features.max_query_params or 30_000) // len(columns))
    keys: dict[Any, int] = {}
    with database.cursor() as cursor:
        for start in range(0, len(rows), most):
            some = rows[start : start + most]
            statement = _statement(model._meta.db_table, columns, len(some), ending)
            cursor.execute(statement, [value for row in some for value in row])
            if "RETURNING" in ending:
                keys |= dict(cursor.fetchall())
    return keys


@cache
def _fields(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.local_concrete_fields if not field.primary_key)


# What the database takes as Python has it; bool and JSON, say, are of other kinds.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.ForeignKey)


def _stored(field: Any, value: Any, database: BaseDatabaseWrapper) -> Any:
    if value is None or (isinstance(field, _PLAIN) and type(value) in (str, int)):
        return value
    return field.get_db_prep_save(value, database)


@cache
def _statement(table: str, columns: tuple[str, ...], count: int, ending: str) -> str:
    places = f"({', '.join(['%s'] * len(columns))})"
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([places] * count)} {ending}'  # noqa: S608
