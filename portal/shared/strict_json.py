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
# A text that never ends is taken to the end at once, or looking for its end would take quadratic time.
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


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


class _Members(list[tuple[str, Any]]):
    """An object as its members stand in the text, so that repeated names can be seen and placed."""


def loads(content: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """The value of UTF-8 JSON (RFC 8259, with the limits of RFC 7493); integers as int, other numbers as float.

    Raises BadJson for: more than `max_bytes`; not UTF-8, a byte order mark; not JSON; nesting beyond `max_depth`; a
    name twice in one object; NaN, Infinity, numbers beyond a double or of more than 15 digits; NUL, other control
    characters but tab, newline and return, and lone surrogates, in names and texts alike.
    """
    if len(content) > max_bytes:
        raise BadJson("$", f"The JSON is longer than {max_bytes} bytes.")
    _check_depth(content, max_depth)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJson("$", "The JSON is not UTF-8.") from error
    if text.startswith("\ufeff"):
        raise BadJson("$", "The JSON begins with a byte order mark.")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_Members,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise BadJson("$", f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    return _checked(value, "$")


class _Number(str):
    """A number as it is spelt, to be judged once its place is known."""

    __slots__ = ()


def _check_depth(content: bytes, max_depth: int) -> None:
    """Before parsing, which would otherwise run into the interpreter's own limit."""
    depth = 0
    for found in _BRACKETS.finditer(content):
        match found.group():
            case b"[" | b"{":
                depth += 1
            case b"]" | b"}":
                depth -= 1
        if depth > max_depth:
            raise BadJson("$", f"The JSON is nested deeper than {max_depth} levels.")


def _refuse_constant(name: str) -> NoReturn:
    raise BadJson("$", f"{name} is not a JSON number.")


def _checked(value: Any, path: str) -> Any:
    match value:
        case _Members():
            return _object(value, path)
        case list():
            return [_checked(item, f"{path}[{index}]") for index, item in enumerate(value)]
        case _Number():
            return _number(value, path)
        case str():
            return _text(value, path)
    return value


def _object(members: _Members, path: str) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for name, value in members:
        _text(name, path)
        if name in checked:
            raise BadJson(f"{path}.{name}", "The name stands twice in one object.")
        checked[name] = _checked(value, f"{path}.{name}")
    return checked


def _text(text: str, path: str) -> str:
    if _BAD_CHARACTER.search(text):
        raise BadJson(path, "The text holds a control character or half of a surrogate pair.")
    return text


def _number(spelt: str, path: str) -> int | float:
    mantissa = re.split("[eE]", spelt)[0]
    digits = mantissa.lstrip("-").replace(".", "").lstrip("0")
    if len(digits) > MAX_DIGITS:
        raise BadJson(path, f"The number has more than {MAX_DIGITS} digits.")
    if mantissa == spelt and "." not in spelt:
        return int(spelt)
    value = float(spelt)
    # 1e-400 would come out as 0: what is too small to hold is as wrong as what is too large.
    if math.isinf(value) or (value == 0 and digits):
        raise BadJson(path, "The number is beyond what can be held.")
    return value
