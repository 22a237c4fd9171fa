"""Walks through everything that a rule is made of, whatever the language says."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from pathways.rules.requirement import Requirement, looked_into, walk


def every_value(value: Any) -> Iterator[Any]:
    """Everything that a rule is made of, whatever the language says."""
    if is_dataclass(value) and not isinstance(value, type):
        yield value
        for each in fields(value):
            yield from every_value(getattr(value, each.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from every_value(each)


def every_part(root: Requirement) -> Iterator[Requirement]:
    """All parts, those too that a check looks into."""
    for part in walk(root):
        yield part
        inner = looked_into(part)
        if inner is not None:
            yield from every_part(inner)


def default_of(of: Field[Any]) -> Any:
    """What a field says where nothing is said."""
    return of.default if of.default_factory is MISSING else of.default_factory()
