"""How single values of a rule are read from JSON, strictly and with the path of what cannot be read, and written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

from pathways.rules.phrases.language import gettext_noop, phrase

SHARE = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")
FRACTION = re.compile(r"(0|[1-9][0-9]{0,11})\.[0-9]{1,6}")
# Every year has these days.
START = re.compile(
    r"week|month|quarter|year|(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8])"
)
NODE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
MAX_NUMBER = 10**12
# As many as any number is written with.
MAX_PLACES = 6


class RuleError(ValueError):
    """A rule that cannot be read: where, and what was expected there."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path = path
        self.expected = expected


class HoldsAnyway(RuleError):
    """A clause that says what holds without it, and the part or condition that it stands in, once that is known."""

    def __init__(self, path: str, clause: str, node: str = "") -> None:
        where = f" in {node}" if node else ""
        super().__init__(path, f"no “{clause}”{where}, as this holds anyway")
        self.clause = clause
        self.node = node


class Codec(NamedTuple):
    """How one field is read, with its path for the refusal, and written; the text has a form for each kind of value.

    What can be read besides is told to the JSON Schema: the class and `fields` of an object, the `item` of a list, the
    `choices` among words.
    """

    read: Callable[[Any, str], Any]
    write: Callable[[Any], Any]
    kind: str = "word"
    fields: "Mapping[str, Codec] | None" = None
    cls: type | None = None
    item: "Codec | None" = None
    choices: tuple[str, ...] = ()


def _same(value: Any) -> Any:
    return value


def _read_text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 200 or not value.isprintable():
        raise RuleError(path, gettext_noop("a text of 1 to 200 characters"))
    return value


def _read_node_id(value: Any, path: str) -> str:
    if not isinstance(value, str) or not NODE_ID.fullmatch(value):
        raise RuleError(path, gettext_noop("an id of letters, digits, '.', '_' and '-', at most 64 of them"))
    return value


def _read_whole(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise RuleError(path, gettext_noop("a whole number, 0 or more"))
    return value


def _read_places(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_PLACES:
        raise RuleError(path, phrase(gettext_noop("a whole number from 0 to {most}"), most=MAX_PLACES))
    return value


def _read_step(value: Any, path: str) -> Decimal:
    step = _read_decimal(value, path)
    if step == 0:
        raise RuleError(path, gettext_noop("a number above 0"))
    return step


def _read_decimal(value: Any, path: str) -> Decimal:
    if isinstance(value, str) and FRACTION.fullmatch(value):
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise RuleError(path, gettext_noop('a whole number, or a decimal in quotes such as "2.5"'))
    return Decimal(value)


def _write_decimal(value: Decimal | int) -> int | str:
    return int(value) if Decimal(value).as_tuple().exponent == 0 else str(value)


def _read_date(value: Any, path: str) -> date:
    try:
        # date.fromisoformat alone would also take 20240131 and week dates.
        if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise RuleError(path, gettext_noop("a date such as 2024-01-31"))


def _read_true(value: Any, path: str) -> bool:
    if value is not True:
        raise RuleError(path, gettext_noop("true, or no such field"))
    return True


def one_of(*choices: str) -> Codec:
    """One of these words."""

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in choices:
            raise RuleError(path, phrase(gettext_noop("one of {words}"), words=", ".join(choices)))
        return value

    return Codec(read, _same, "choice", choices=choices)


def tuple_of(item: Codec, kind: str = "list") -> Codec:
    """A list of values; in text a list of objects stands in brackets."""

    def read(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise RuleError(path, gettext_noop("a list"))
        return tuple(item.read(each, f"{path}[{place}]") for place, each in enumerate(value))

    return Codec(read, lambda value: [item.write(each) for each in value], kind, item.fields, item=item)


def _names() -> Codec:
    texts = tuple_of(TEXT)

    def read(value: Any, path: str) -> tuple[str, ...]:
        names: tuple[str, ...] = texts.read(value, path)
        seen: set[str] = set()
        for place, name in enumerate(names):
            if name in seen:
                raise RuleError(f"{path}[{place}]", gettext_noop("each name once"))
            seen.add(name)
        return names

    return Codec(read, texts.write, "names", item=TEXT)


def _read_start(value: Any, path: str) -> str:
    if not isinstance(value, str) or not START.fullmatch(value):
        raise RuleError(
            path, gettext_noop("week, month, quarter, year, or the day on which a year begins, such as 09-01")
        )
    return value


TEXT = Codec(_read_text, _same)
START_OF = Codec(_read_start, _same)
NODE = Codec(_read_node_id, _same)
WHOLE = Codec(_read_whole, _same, "number")
DECIMAL = Codec(_read_decimal, _write_decimal, "number")
PLACES = Codec(_read_places, _same, "number")
STEP = Codec(_read_step, _write_decimal, "number")
DATE = Codec(_read_date, date.isoformat, "plain")
TRUE = Codec(_read_true, _same, "flag")
NAMES = _names()
NODES = tuple_of(NODE, "names")


def default(of: Field[Any]) -> Any:
    """What a field holds if it is not said; MISSING if it must be."""
    return of.default if of.default_factory is MISSING else of.default_factory()


def read_object(cls: type, codecs: Mapping[str, Codec], value: Any, path: str, *, beside: str = "") -> Any:
    """The object of this class; `beside` names one more field that is read elsewhere."""
    if not isinstance(value, dict):
        raise RuleError(path, gettext_noop("an object"))
    known = {each.name: each for each in fields(cls)}
    for name in value:
        if name not in codecs and name != beside:
            raise RuleError(
                f"{path}.{name}",
                phrase(gettext_noop("no such field; known are {words}"), words=", ".join(sorted(codecs))),
            )
    given = {}
    for name, codec in codecs.items():
        otherwise = default(known[name])
        if name in value:
            try:
                given[name] = codec.read(value[name], f"{path}.{name}")
                if given[name] == otherwise:
                    raise HoldsAnyway(f"{path}.{name}", _clause(name, value[name]))
            except HoldsAnyway as useless:
                node = value.get("id")
                if useless.node or not isinstance(node, str):
                    raise
                raise HoldsAnyway(useless.path, useless.clause, node) from None
        elif otherwise is MISSING:
            raise RuleError(f"{path}.{name}", gettext_noop("this field"))
    return cls(**given)


def _clause(name: str, value: Any) -> str:
    """A field as people read it: its name, and what it says if that is short."""
    said = value if isinstance(value, list) else [value]
    plain = ", ".join(
        str(each) for each in said if isinstance(each, str | int | Decimal) and not isinstance(each, bool)
    )
    return f"{name.replace('_', ' ')} {plain}".strip()


def write_object(codecs: Mapping[str, Codec], value: Any) -> dict[str, Any]:
    """The fields that say something else than would hold anyway."""
    known = {each.name: each for each in fields(value)}
    written = {}
    for name, codec in codecs.items():
        content = getattr(value, name)
        otherwise = default(known[name])
        if otherwise is MISSING or content != otherwise:
            written[name] = codec.write(content)
    return written


def object_of(cls: type, codecs: Mapping[str, Codec], kind: str = "object") -> Codec:
    """An object with these fields, no more."""
    return Codec(
        lambda value, path: read_object(cls, codecs, value, path),
        lambda value: write_object(codecs, value),
        kind,
        codecs,
        cls,
    )


def _read_share(value: Any, path: str) -> Fraction:
    match = SHARE.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 0 < int(match[1]) <= int(match[2]) or gcd(int(match[1]), int(match[2])) != 1:
        raise RuleError(path, gettext_noop('a share in lowest terms, at most 1, such as "2/3"'))
    return Fraction(int(match[1]), int(match[2]))


def _read_ratio(value: Any, path: str) -> Fraction:
    match = SHARE.fullmatch(value) if isinstance(value, str) else None
    if match is None or gcd(int(match[1]), int(match[2])) != 1:
        raise RuleError(path, gettext_noop('a ratio in lowest terms, such as "1/2" or "3/1"'))
    return Fraction(int(match[1]), int(match[2]))


def _write_fraction(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


SHARE_OF = Codec(_read_share, _write_fraction, "plain")
RATIO = Codec(_read_ratio, _write_fraction, "plain")
