"""Says a row in plain values, as JSON has them, with the rows that it names called by what people know them by."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Field, ForeignKey, Model
from django.utils.functional import Promise

from portal.accounts.models import User

# By what a row is known, of those that it has.
_KNOWN_BY = ("uuid", "slug", "codename", "name", "title", "attempt")


def described(row: Model, *, person: User, left_out: Collection[str]) -> dict[str, Any]:
    """The row's own values by the names of its fields, all but those left out."""
    said: dict[str, Any] = {}
    if not hasattr(row, "uuid"):
        # Rows of other files name it so.
        said["number"] = row.pk
    for field in fields_of(type(row), left_out):
        if isinstance(field, ForeignKey):
            said[field.name] = named(getattr(row, field.name), person=person)
        else:
            said[field.name] = plain(getattr(row, field.attname))
    for many in row._meta.many_to_many:
        if many.name not in left_out:
            said[many.name] = [named(each, person=person) for each in getattr(row, many.name).all()]
    return said


def fields_of(model: type[Model], left_out: Collection[str]) -> "list[Field[Any, Any]]":
    """The columns that are said of a model: all but its inner number and what is left out."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.name not in left_out and not (field.primary_key and not field.is_relation)
    ]


def named(row: Any, *, person: User) -> Any:
    """How another row is called. People are called by their name, and never by an address that is not the reader's."""
    if row is None:
        return None
    if isinstance(row, User):
        return "you" if row.pk == person.pk else row.name or "somebody"
    columns = {field.name for field in row._meta.concrete_fields}
    known = {name: plain(getattr(row, name)) for name in _KNOWN_BY if name in columns}
    return known or {"number": row.pk}


def plain(value: Any) -> Any:
    """The value as JSON has it. Raises TypeError for what has no plain form, so that nothing is lost unseen."""
    match value:
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case datetime() | date():
            return value.isoformat()
        case Decimal() | UUID() | Promise():
            return str(value)
        case bytes() | memoryview():
            return bytes(value).hex()
    raise TypeError(f"{type(value).__name__} has no plain form.")
