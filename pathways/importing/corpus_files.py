"""Reads YAML and JSON files of a corpus exactly; says of what cannot be read where it stands and what was expected."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

ENDINGS = (".yaml", ".yml", ".json")


class BadFile(Exception):
    """A file that cannot be read: which, where in it, and what was expected."""

    def __init__(self, path: Path, place: str, expected: str) -> None:
        super().__init__(f"{path}: {place + ': ' if place else ''}{expected}")


class _ExactLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads 12.5 as a decimal, never as a binary fraction, and refuses a key that stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = getattr(key, "value", None)
            if isinstance(name, str) and name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} stands twice", key.start_mark)
            seen.add(name if isinstance(name, str) else None)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _decimal(loader: Any, node: Any) -> Decimal:
    try:
        found = Decimal(loader.construct_scalar(node).replace("_", ""))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise yaml.constructor.ConstructorError(None, None, f"{node.value} is no number", node.start_mark)
    return found


def _day(loader: Any, node: Any) -> Any:
    """A day or a moment; one that no calendar has stays a word, and is refused where a day is asked for."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return loader.construct_scalar(node)


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
_ExactLoader.add_constructor("tag:yaml.org,2002:timestamp", _day)


def load(path: Path) -> Any:
    """What a YAML or JSON file says, exactly. Raises `BadFile`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".json":
            return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once_each)
        return yaml.load(text, Loader=_ExactLoader)  # noqa: S506 (a safe loader)
    except OSError as error:
        raise BadFile(path, "", f"cannot be opened ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadFile(path, f"byte {error.start}", "expected text in UTF-8") from error
    except json.JSONDecodeError as error:
        raise BadFile(path, f"line {error.lineno}", f"cannot be read as JSON ({error.msg})") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}" if mark else ""
        raise BadFile(path, place, f"cannot be read as YAML ({error.problem})") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadFile(path, "", f"cannot be read ({str(error).splitlines()[0]})") from error


def _no_number(said: str) -> None:
    raise ValueError(f"{said} is no number")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


class Said:
    """A value in a file, which knows its place for the sentence that refuses it."""

    def __init__(self, value: Any, path: Path, place: str = "") -> None:
        self.value = value
        self.path = path
        self.place = place

    def refuse(self, expected: str) -> BadFile:
        return BadFile(self.path, self.place, f"expected {expected}")

    def table(self) -> dict[Any, Any]:
        if not isinstance(self.value, dict):
            raise self.refuse("a table of names and values")
        return self.value

    def __getitem__(self, name: str) -> "Said":
        if name not in self.table():
            raise self.refuse(f"{name!r} in it")
        return self.inner(name)

    def __contains__(self, name: str) -> bool:
        return self.table().get(name) is not None

    def inner(self, name: Any) -> "Said":
        return Said(self.table().get(name), self.path, f"{self.place}.{name}" if self.place else str(name))

    def each(self) -> "Iterator[Said]":
        if not isinstance(self.value, list):
            raise self.refuse("a list")
        for place, value in enumerate(self.value):
            yield Said(value, self.path, f"{self.place}[{place}]")

    def text(self) -> str:
        if isinstance(self.value, dict | list) or self.value is None:
            raise self.refuse("a word")
        return word(self.value)

    def texts(self) -> tuple[str, ...]:
        return tuple(each.text() for each in self.each())

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.refuse("true or false")
        return self.value

    def day(self) -> date:
        try:
            if isinstance(self.value, datetime):
                return self.value.date()
            return self.value if isinstance(self.value, date) else date.fromisoformat(str(self.value))
        except ValueError:
            raise self.refuse("a day such as 2024-01-31") from None

    def day_of(self, name: str) -> date | None:
        return self.inner(name).day() if name in self else None


def word(value: Any) -> str:
    """A value as rules ask for it: true and false in small letters, everything else as it is written."""
    return str(value).lower() if isinstance(value, bool) else str(value)
