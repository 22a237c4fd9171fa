"""Writes down what is asked of the database and a hash of each answer, so that the same can be asked again later."""

import contextlib
import hashlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

_READS = ("SELECT", "WITH")


class Reading(NamedTuple):
    """One statement with its values, and the hash of the rows that came."""

    statement: str
    values: Any
    answer: bytes


@dataclass
class Readings:
    """What was read, in the order in which it was asked. Not `only_read` where something else was asked as well."""

    taken: list[Reading] = field(default_factory=list)
    only_read: bool = True

    def _take(self, execute: Any, statement: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
        cursor = context["cursor"]
        if isinstance(cursor.cursor, _Given):
            cursor.cursor = cursor.cursor.inner
        answer = execute(statement, values, many, context)
        if _told.get():
            return answer
        if many or not statement.lstrip("( \n").upper().startswith(_READS):
            self.only_read = False
            return answer
        # All at once, and handed on: the rows that are hashed are those that the asker sees, whoever writes meanwhile.
        rows = cursor.cursor.fetchall()
        self.taken.append(Reading(statement, values, _hash(rows)))
        cursor.cursor = _Given(cursor.cursor, rows)
        return answer


_told: ContextVar[bool] = ContextVar("_told", default=False)


@contextlib.contextmanager
def written_down() -> Iterator[Readings]:
    """Write down what is asked inside."""
    readings = Readings()
    with connection.execute_wrapper(readings._take):
        yield readings


@contextlib.contextmanager
def told_by_token() -> Iterator[None]:
    """What is asked inside need not be asked again: the token of `generation`, asked before, tells when it changes."""
    before = _told.set(True)
    try:
        yield
    finally:
        _told.reset(before)


def are_as_before(taken: list[Reading]) -> bool:
    """Ask all of it again, and say whether the database answers as it did; ends at the first that it answers anew."""
    with connection.cursor() as cursor:
        for reading in taken:
            cursor.execute(reading.statement, reading.values)
            if _hash(cursor.fetchall()) != reading.answer:
                return False
    return True


def _hash(rows: Any) -> bytes:
    # As the driver gives them: numbers, text, bytes, times; each is written in one way only.
    return hashlib.blake2b(repr(rows).encode("utf-8", "surrogatepass"), digest_size=16).digest()


class _Given:
    """A cursor whose rows were fetched already."""

    def __init__(self, inner: Any, rows: list[Any]) -> None:
        self.inner = inner
        self._rows = iter(rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        return [row for _count, row in zip(range(size), self._rows, strict=False)]

    def fetchall(self) -> list[Any]:
        return list(self._rows)
