"""JSON in one fixed spelling (RFC 8785, JSON Canonicalization Scheme)."""

import json
import math
from decimal import Decimal
from typing import Any

# Beyond this, JSON numbers of other languages lose digits (RFC 8785, section 3.2.2.3, by way of RFC 7493).
_LARGEST_EXACT = 2**53


class NotCanonicalisable(ValueError):
    """The value has no canonical JSON form: not JSON, not a finite number, or not Unicode text."""


def canonicalise(value: Any) -> bytes:
    """The canonical UTF-8 of a JSON value of dicts, lists, strings, numbers, booleans and None.

    Raises NotCanonicalisable for NaN, infinities, integers beyond ±2^53, lone surrogates, and names that are no text.
    """
    try:
        return _text(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonicalisable("The text holds half of a surrogate pair.") from error


def _text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            # json.dumps escapes exactly what section 3.2.2.2 wants, with the same short forms.
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return _number(value)
        case list() | tuple():
            return "[" + ",".join(map(_text, value)) + "]"
        case dict():
            return "{" + ",".join(f"{_text(name)}:{_text(value[name])}" for name in _sorted_names(value)) + "}"
    raise NotCanonicalisable(f"A {type(value).__name__} is not JSON.")


def _sorted_names(members: dict[Any, Any]) -> list[str]:
    """Names in the order of their UTF-16 code units (section 3.2.3), which is not that of code points."""
    if not all(isinstance(name, str) for name in members):
        raise NotCanonicalisable("A member's name is not text.")
    return sorted(members, key=lambda name: name.encode("utf-16-be"))


def _number(value: int | float) -> str:
    """The number as ECMAScript writes it (section 3.2.2.3)."""
    if isinstance(value, int):
        if abs(value) > _LARGEST_EXACT:
            raise NotCanonicalisable("The integer is beyond 2^53.")
        return str(value)
    if not math.isfinite(value):
        raise NotCanonicalisable("The number is not finite.")
    if value == 0:
        return "0"
    # repr gives the shortest digits that read back as the same double, as ECMAScript demands.
    sign, digit_tuple, exponent = Decimal(repr(value)).normalize().as_tuple()
    digits = "".join(map(str, digit_tuple))
    point = len(digits) + int(exponent)
    minus = "-" if sign else ""
    if len(digits) <= point <= 21:
        return minus + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{minus}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{digits}"
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{minus}{mantissa}e{point - 1:+d}"
