"""Reads and writes rules as JSON: strict, lossless, and naming the path of whatever cannot be read.

There is one way to write each rule. A whole number is a JSON number; a fraction is a decimal in quotes ("2.5"), so
that no binary fraction ever enters; a field that says what would hold anyway is refused.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

from pathways.rules.requirement import (
    GIVING,
    LASTING,
    MAX_CLAUSES,
    MAX_DEPTH,
    MEASURES,
    SPREADS,
    TIME_UNITS,
    UNITS,
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Count,
    Day,
    Duration,
    Fact,
    FactDay,
    Given,
    Group,
    Holds,
    Limit,
    Newest,
    OneYear,
    Order,
    Passed,
    Period,
    Pool,
    Requirement,
    Rule,
    SignedOff,
    Span,
    Spread,
    Title,
    Titles,
    Together,
    Total,
    Unbroken,
    Where,
    conditions_of,
    looked_into,
    walk,
)

FORMAT = 1
SHARE = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")
FRACTION = re.compile(r"(0|[1-9][0-9]{0,11})\.[0-9]{1,6}")
NODE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
MAX_NUMBER = 10**12
# Each part lies in a list in a part; what is left is for conditions and alternatives within them.
MAX_JSON_DEPTH = 2 * MAX_DEPTH + 12


class RuleError(ValueError):
    """A rule that cannot be read: where, and what was expected there."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path = path
        self.expected = expected


class Codec(NamedTuple):
    """How one field is read, with its path for the refusal, and written."""

    read: Callable[[Any, str], Any]
    write: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _read_text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 200 or not value.isprintable():
        raise RuleError(path, "a text of 1 to 200 characters")
    return value


def _read_node_id(value: Any, path: str) -> str:
    if not isinstance(value, str) or not NODE_ID.fullmatch(value):
        raise RuleError(path, "an id of letters, digits, '.', '_' and '-', at most 64 of them")
    return value


def _read_whole(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise RuleError(path, "a whole number, 0 or more")
    return value


def _read_decimal(value: Any, path: str) -> Decimal:
    if isinstance(value, str) and FRACTION.fullmatch(value):
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise RuleError(path, 'a whole number, or a decimal in quotes such as "2.5"')
    return Decimal(value)


def _write_decimal(value: Decimal) -> int | str:
    return int(value) if value.as_tuple().exponent == 0 else str(value)


def _read_date(value: Any, path: str) -> date:
    try:
        # date.fromisoformat alone would also take 20240131 and week dates.
        if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise RuleError(path, "a date such as 2024-01-31")


def _read_true(value: Any, path: str) -> bool:
    if value is not True:
        raise RuleError(path, "true, or no such field")
    return True


def _one_of(*choices: str) -> Codec:
    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in choices:
            raise RuleError(path, "one of " + ", ".join(choices))
        return value

    return Codec(read, _same)


def _tuple_of(item: Codec) -> Codec:
    def read(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise RuleError(path, "a list")
        return tuple(item.read(each, f"{path}[{place}]") for place, each in enumerate(value))

    return Codec(read, lambda value: [item.write(each) for each in value])


def _names() -> Codec:
    texts = _tuple_of(TEXT)

    def read(value: Any, path: str) -> tuple[str, ...]:
        names: tuple[str, ...] = texts.read(value, path)
        for place, name in enumerate(names):
            if name in names[:place]:
                raise RuleError(f"{path}[{place}]", "each name once")
        return names

    return Codec(read, texts.write)


TEXT = Codec(_read_text, _same)
NODE = Codec(_read_node_id, _same)
WHOLE = Codec(_read_whole, _same)
DECIMAL = Codec(_read_decimal, _write_decimal)
DATE = Codec(_read_date, date.isoformat)
TRUE = Codec(_read_true, _same)
NAMES = _names()
NODES = _tuple_of(NODE)


def _default(of: Field[Any]) -> Any:
    return of.default if of.default_factory is MISSING else of.default_factory()


def _read_object(cls: type, codecs: Mapping[str, Codec], value: Any, path: str, *, beside: str = "") -> Any:
    if not isinstance(value, dict):
        raise RuleError(path, "an object")
    known = {each.name: each for each in fields(cls)}
    for name in value:
        if name not in codecs and name != beside:
            raise RuleError(f"{path}.{name}", "no such field; known are " + ", ".join(sorted(codecs)))
    given = {}
    for name, codec in codecs.items():
        default = _default(known[name])
        if name in value:
            given[name] = codec.read(value[name], f"{path}.{name}")
            if given[name] == default:
                raise RuleError(f"{path}.{name}", "no such field, as this holds anyway")
        elif default is MISSING:
            raise RuleError(f"{path}.{name}", "this field")
    return cls(**given)


def _write_object(codecs: Mapping[str, Codec], value: Any) -> dict[str, Any]:
    known = {each.name: each for each in fields(value)}
    written = {}
    for name, codec in codecs.items():
        content = getattr(value, name)
        default = _default(known[name])
        if default is MISSING or content != default:
            written[name] = codec.write(content)
    return written


def _object(cls: type, codecs: Mapping[str, Codec]) -> Codec:
    return Codec(
        lambda value, path: _read_object(cls, codecs, value, path),
        lambda value: _write_object(codecs, value),
    )


PERIOD = _object(Period, {"years": WHOLE, "months": WHOLE, "days": WHOLE, "whole_months": TRUE, "exclusive": TRUE})
FACT_DAY = _object(FactDay, {"fact": TEXT, "plus": PERIOD, "minus": PERIOD})


def _read_day(value: Any, path: str) -> Day:
    day: Day = FACT_DAY.read(value, path) if isinstance(value, dict) else _read_date(value, path)
    return day


DAY = Codec(_read_day, lambda value: FACT_DAY.write(value) if isinstance(value, FactDay) else value.isoformat())


def _read_where(value: Any, path: str) -> Where:
    where: Where = _read_object(Where, WHERE_FIELDS, value, path)
    return where


def _write_where(where: Where) -> Any:
    return _write_object(WHERE_FIELDS, where)


WHERE_FIELDS: dict[str, Codec] = {
    "grade_at_least": DECIMAL,
    "level_at_least": WHOLE,
    "level_at_most": WHOLE,
    "marks": NAMES,
    "earned_since": DAY,
    "earned_until": DAY,
    "earned_within": PERIOD,
    "held_for": PERIOD,
    "current": TRUE,
    "issuers": NAMES,
    "sources": NAMES,
    "kinds": NAMES,
    "subjects": NAMES,
    "skills": NAMES,
    "tags": NAMES,
    "with_tags": NAMES,
    "without_tags": NAMES,
    "tags_as_facts": NAMES,
    "not_used_in": NAMES,
}
WHERE = Codec(_read_where, _write_where)
EITHER = _tuple_of(WHERE)
WHERE_FIELDS["either"] = EITHER
POOL_FIELDS = {"achievements": NAMES, "without_achievements": NAMES, "repeats": TRUE, **WHERE_FIELDS}
POOL = _object(Pool, POOL_FIELDS)


@dataclass(frozen=True)
class _Kind:
    """One type of part: its name in JSON, its class and its fields."""

    name: str
    cls: type
    codecs: Mapping[str, Codec]


def _typed(kinds: Sequence[_Kind]) -> Codec:
    """An object that names its own kind in its field `type`."""
    by_name = {kind.name: kind for kind in kinds}
    by_class = {kind.cls: kind for kind in kinds}

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise RuleError(path, "an object")
        name = value.get("type")
        if not isinstance(name, str) or name not in by_name:
            raise RuleError(f"{path}.type", "one of " + ", ".join(by_name))
        return _read_object(by_name[name].cls, by_name[name].codecs, value, path, beside="type")

    def write(value: Any) -> dict[str, Any]:
        kind = by_class[type(value)]
        return {"type": kind.name, **_write_object(kind.codecs, value)}

    return Codec(read, write)


def _read_part(value: Any, path: str) -> Requirement:
    if not isinstance(value, dict):
        raise RuleError(path, "an object")
    kind = BY_NAME.get(value.get("type", "")) if isinstance(value.get("type"), str) else None
    if kind is None:
        raise RuleError(f"{path}.type", "one of " + ", ".join(BY_NAME))
    part: Requirement = _read_object(kind.cls, kind.codecs, value, path, beside="type")
    return part


def _write_part(part: Requirement) -> dict[str, Any]:
    kind = BY_CLASS[type(part)]
    return {"type": kind.name, **_write_object(kind.codecs, part)}


PART = Codec(_read_part, _write_part)


def _read_share(value: Any, path: str) -> Fraction:
    match = SHARE.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 0 < int(match[1]) <= int(match[2]) or gcd(int(match[1]), int(match[2])) != 1:
        raise RuleError(path, 'a share in lowest terms and quotes, such as "2/3"')
    return Fraction(int(match[1]), int(match[2]))


SHARE_OF = Codec(_read_share, lambda value: f"{value.numerator}/{value.denominator}")
CONDITIONS = (
    _Kind(
        "limit",
        Limit,
        {
            "id": NODE,
            "of": POOL,
            "measure": _one_of(*MEASURES),
            "at_least": DECIMAL,
            "at_most": DECIMAL,
            "at_least_share": SHARE_OF,
            "at_most_share": SHARE_OF,
        },
    ),
    _Kind("spread", Spread, {"id": NODE, "by": _one_of(*SPREADS), "at_least": WHOLE, "at_most_each": WHOLE}),
    _Kind("average", Average, {"id": NODE, "at_least": DECIMAL, "weight": _one_of(*MEASURES)}),
    _Kind("newest", Newest, {"id": NODE, "within": PERIOD}),
    _Kind(
        "order",
        Order,
        {"id": NODE, "first": NODES, "then": NODES, "within": PERIOD, "any_order": TRUE},
    ),
    _Kind("one_year", OneYear, {"id": NODE, "month": WHOLE, "day": WHOLE}),
    _Kind("span", Span, {"id": NODE, "within": PERIOD}),
    _Kind("together", Together, {"id": NODE}),
)
OVER = _tuple_of(_typed(CONDITIONS))
PARTS = _tuple_of(PART)
KINDS = (
    _Kind("all", All, {"id": NODE, "parts": PARTS, "conditions": OVER, "shared": TRUE}),
    _Kind("any", AnyOf, {"id": NODE, "parts": PARTS, "conditions": OVER, "shared": TRUE}),
    _Kind("at_least", AtLeast, {"id": NODE, "count": WHOLE, "parts": PARTS, "conditions": OVER, "shared": TRUE}),
    _Kind("holds", Holds, {"id": NODE, "any_of": NAMES, "where": WHERE, "shared": TRUE}),
    _Kind("passed", Passed, {"id": NODE, "assessment": TEXT, "where": WHERE, "shared": TRUE}),
    _Kind(
        "count",
        Count,
        {"id": NODE, "at_least": WHOLE, "at_most": WHOLE, "pool": POOL, "conditions": OVER, "shared": TRUE},
    ),
    _Kind(
        "amount",
        Amount,
        {
            "id": NODE,
            "at_least": DECIMAL,
            "at_most": DECIMAL,
            "unit": _one_of(*UNITS),
            "pool": POOL,
            "conditions": OVER,
            "shared": TRUE,
        },
    ),
)


CHECKS = (
    _Kind(
        "fact",
        Fact,
        {
            "id": NODE,
            "name": TEXT,
            "one_of": NAMES,
            "at_least": DECIMAL,
            "at_most": DECIMAL,
            "since": DATE,
            "until": DATE,
        },
    ),
    _Kind("given", Given, {"id": NODE, "pool": POOL, "at_least": WHOLE, "absent": TRUE}),
    _Kind(
        "duration",
        Duration,
        {"id": NODE, "at_least": DECIMAL, "unit": _one_of(*TIME_UNITS), "pool": POOL, "within": PERIOD},
    ),
    _Kind("unbroken", Unbroken, {"id": NODE, "part": PART, "grace": PERIOD, "restored_by": POOL}),
    _Kind("signed_off", SignedOff, {"id": NODE, "role": TEXT, "about": TEXT}),
)
BY_NAME = {kind.name: kind for kind in (*KINDS, *CHECKS)}
BY_CLASS = {kind.cls: kind for kind in (*KINDS, *CHECKS)}


TITLES = _tuple_of(_object(Title, {"word": TEXT, "node": NODE}))
RESULTS = (
    _Kind("titles", Titles, {"name": TEXT, "titles": TITLES, "give": _one_of(*GIVING)}),
    _Kind("total", Total, {"name": TEXT, "measure": _one_of(*MEASURES)}),
)
RULE_FIELDS = {
    "root": PART,
    "lasts": _one_of(*LASTING),
    "grace": PERIOD,
    "grace_to_year_end": TRUE,
    "results": _tuple_of(_typed(RESULTS)),
}


def _every_part(root: Requirement) -> Iterator[Requirement]:
    """All parts, those too that a check looks into."""
    for part in walk(root):
        yield part
        inner = looked_into(part)
        if inner is not None:
            yield from _every_part(inner)


def from_json(data: Any) -> Rule:
    """The rule that this plain data says. Raises `RuleError` with the path of the first thing that cannot be read."""
    if not isinstance(data, dict):
        raise RuleError("$", "an object")
    _refuse_too_large(data.get("root"))
    if data.get("format") != FORMAT or isinstance(data.get("format"), bool):
        raise RuleError("$.format", f"{FORMAT}, the format that this version reads")
    rule: Rule = _read_object(Rule, RULE_FIELDS, data, "$", beside="format")
    seen: set[str] = set()
    for part in _every_part(rule.root):
        for node in (part.id, *(condition.id for condition in conditions_of(part))):
            if node in seen:
                raise RuleError("$.root", f"each id once, but {node!r} stands twice")
            seen.add(node)
    for place, result in enumerate(rule.results):
        for title in result.titles if isinstance(result, Titles) else ():
            if title.node not in seen:
                raise RuleError(f"$.results[{place}]", f"titles of parts of this rule, but {title.node!r} is none")
    return rule


def to_json(rule: Rule) -> dict[str, Any]:
    """Plain data from which `from_json` makes the same rule."""
    return {"format": FORMAT, **_write_object(RULE_FIELDS, rule)}


def _refuse_too_large(root: Any) -> None:
    # Counted before anything is read, so that hostile nesting cannot exhaust the stack.
    clauses, waiting = 0, [(root, 1)]
    while waiting:
        part, deep = waiting.pop()
        clauses += 1
        if deep > MAX_DEPTH:
            raise RuleError("$.root", f"parts nested at most {MAX_DEPTH} deep")
        if clauses > MAX_CLAUSES:
            raise RuleError("$.root", f"at most {MAX_CLAUSES} parts")
        if isinstance(part, dict):
            waiting.extend((each, deep + 1) for each in _below(part))
    plain = [(root, 1)]
    while plain:
        value, deep = plain.pop()
        if deep > MAX_JSON_DEPTH:
            raise RuleError("$.root", f"values nested at most {MAX_JSON_DEPTH} deep")
        if isinstance(value, dict | list):
            plain.extend((each, deep + 1) for each in (value.values() if isinstance(value, dict) else value))


def _below(part: Mapping[str, Any]) -> list[Any]:
    listed = [each for name in ("parts", "conditions") if isinstance(part.get(name), list) for each in part[name]]
    return [*listed, *([part["part"]] if "part" in part else [])]


def numbered(data: Any) -> Any:
    """The same data with an id for each part that has none, for rules written by hand."""
    if not isinstance(data, dict):
        return data
    taken: set[str] = set()
    waiting = [data.get("root")]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            taken.add(str(part.get("id")))
            waiting.extend(_below(part))
    numbers = (f"n{number}" for number in range(1, 10**6) if f"n{number}" not in taken)

    def number(part: Any, depth: int) -> Any:
        if not isinstance(part, dict) or depth > MAX_DEPTH:
            return part
        filled = dict(part) if "id" in part else {**part, "id": next(numbers)}
        if isinstance(part.get("conditions"), list):
            filled["conditions"] = [number(each, depth + 1) for each in part["conditions"]]
        if isinstance(part.get("parts"), list):
            filled["parts"] = [number(each, depth + 1) for each in part["parts"]]
        if "part" in part:
            filled["part"] = number(part["part"], depth + 1)
        return filled

    return {**data, "root": number(data.get("root"), 1)} if "root" in data else data


def content_hash(rule: Rule) -> str:
    """The SHA-256 of the rule in its one written form, so that equal rules have equal hashes."""
    written = json.dumps(to_json(rule), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def references(rule: Rule) -> frozenset[tuple[str, str]]:
    """What the rule looks at, for an index from cause to affected rules.

    ("award", slug), ("grade", course/assessment), ("fact", name) and ("sign_off", part) name one thing. A pool that
    names no achievements gives the narrowest of ("tag", tag), ("subject", …), ("skill", …), ("kind", …),
    ("issuer", …), or ("award", "*") for any.
    """
    found: set[tuple[str, str]] = set()
    for part in _every_part(rule.root):
        match part:
            case Holds(any_of=any_of):
                found |= {("award", key) for key in any_of}
            case Passed(assessment=assessment):
                found.add(("grade", assessment))
            case Count(pool=pool) | Amount(pool=pool) | Given(pool=pool) | Duration(pool=pool):
                found |= _pool_references(pool)
            case Fact(name=name):
                found.add(("fact", name))
            case Unbroken(restored_by=Pool() as pool):
                found |= _pool_references(pool)
            case SignedOff(id=node):
                found.add(("sign_off", node))
            case All() | AnyOf() | AtLeast():
                pass
    return frozenset(found)


def _pool_references(pool: Pool) -> set[tuple[str, str]]:
    for kind, names in (
        ("award", pool.achievements),
        ("tag", pool.tags),
        ("subject", pool.subjects),
        ("skill", pool.skills),
        ("kind", pool.kinds),
        ("issuer", pool.issuers),
    ):
        if names:
            return {(kind, name) for name in names}
    return {("award", "*")}


def depth(requirement: Requirement) -> int:
    """How deep the parts are nested; a part without parts is 1 deep."""
    if isinstance(requirement, Group):
        return 1 + max((depth(part) for part in requirement.parts), default=0)
    return 1
