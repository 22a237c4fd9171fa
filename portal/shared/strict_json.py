"""JSON from outside, read so strictly that every program which reads it sees the same thing."""

import json
import math
import re
from typing import Any, NoReturn

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_DIGITS = 15

# New lines, returns and tabs are ordinary in text; every other control character is refused, as are half surrogates.
_BAD_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class BadJson(ValueError):
    """The bytes are not JSON that we accept. `path` says where, as in `$.a[0]`; `words` say why, to a person."""

    def __init__(self, path: str, words: str) -> None:
        super().__init__(f"{path}: {words}")
        self.path = path
        self.words = words

    @property
    def placed(self) -> str:
        """The words, and before them the place, unless it is the whole."""
        return self.words if self.path == "$" else str(self)


class _Repeated(list[tuple[str, Any]]):
    """The members of an object of which two have one name."""


class _Unheld(str):
    """Why a number cannot be held, in its place."""

    __slots__ = ()


def loads(content: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """The value of UTF-8 JSON (RFC 8259, with the limits of RFC 7493); integers as int, other numbers as float.

    Raises BadJson for: more than `max_bytes`; not UTF-8, a byte order mark; not JSON; nesting beyond `max_depth`; a
    name twice in one object; NaN, Infinity, numbers beyond a double or of more than 15 digits; NUL, other control
    characters but tab, newline and return, and lone surrogates, in names and texts alike.
    """
    if len(content) > max_bytes:
        raise BadJson("$", f"The JSON is longer than {max_bytes} bytes.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJson("$", "The JSON is not UTF-8.") from error
    if text.startswith("\ufeff"):
        raise BadJson("$", "The JSON begins with a byte order mark.")
    try:
        value = json.loads(
            text, object_pairs_hook=_members, parse_int=_integer, parse_float=_fraction, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise BadJson("$", f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except RecursionError as error:
        raise _too_deep(max_depth) from error
    if not _is_sound(value, max_depth):
        _refuse_faults(value, "$", max_depth, max_depth)
    return value


def _members(members: list[tuple[str, Any]]) -> dict[str, Any] | _Repeated:
    found = dict(members)
    return found if len(found) == len(members) else _Repeated(members)


def _integer(spelt: str) -> int | _Unheld:
    return int(spelt) if len(spelt.lstrip("-")) <= MAX_DIGITS else _too_long()


def _fraction(spelt: str) -> float | _Unheld:
    digits = re.split("[eE]", spelt)[0].lstrip("-").replace(".", "").lstrip("0")
    if len(digits) > MAX_DIGITS:
        return _too_long()
    value = float(spelt)
    # 1e-400 would come out as 0: what is too small to hold is as wrong as what is too large.
    return _Unheld("The number is beyond what can be held.") if math.isinf(value) or (value == 0 and digits) else value


def _too_long() -> _Unheld:
    return _Unheld(f"The number has more than {MAX_DIGITS} digits.")


def _refuse_constant(name: str) -> NoReturn:
    raise BadJson("$", f"{name} is not a JSON number.")


def _too_deep(max_depth: int) -> BadJson:
    return BadJson("$", f"The JSON is nested deeper than {max_depth} levels.")


def _is_sound(value: Any, max_depth: int) -> bool:
    """Whether there is nothing to refuse; where it is, is looked for only then. Level by level, all texts at once."""
    texts: list[str] = []
    level = [value]
    for depth in range(max_depth + 1):
        below: list[Any] = []
        for each in level:
            kind = type(each)
            if kind is str:
                texts.append(each)
            elif kind is dict or kind is list:
                if depth == max_depth:
                    return False
                below += each.values() if kind is dict else each
                texts += each if kind is dict else ()
            elif kind is _Unheld or kind is _Repeated:
                return False
        if not below:
            break
        level = below
    return not _BAD_CHARACTER.search("".join(texts))


def _refuse_faults(value: Any, path: str, left: int, max_depth: int) -> None:
    """Raise BadJson for the first fault there is."""
    if left <= 0 and isinstance(value, dict | list):
        raise _too_deep(max_depth)
    match value:
        case dict() | _Repeated():
            members, seen = value.items() if isinstance(value, dict) else value, set()
            for name, member in members:
                _refuse_text(name, path)
                if name in seen:
                    raise BadJson(f"{path}.{name}", "The name stands twice in one object.")
                seen.add(name)
                _refuse_faults(member, f"{path}.{name}", left - 1, max_depth)
        case list():
            for index, item in enumerate(value):
                _refuse_faults(item, f"{path}[{index}]", left - 1, max_depth)
        case _Unheld():
            raise BadJson(path, str(value))
        case str():
            _refuse_text(value, path)


def _refuse_text(text: str, path: str) -> None:
    if _BAD_CHARACTER.search(text):
        raise BadJson(path, "The text holds a control character or half of a surrogate pair.")
