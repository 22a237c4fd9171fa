"""Reads and writes rules as JSON: strict, lossless, and naming the path of whatever cannot be read.

There is one way to write each rule. A whole number is a JSON number; a fraction is a decimal in quotes ("2.5"), so
that no binary fraction ever enters; a field that says what would hold anyway is refused.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from pathways.rules.codecs import (
    DATE,
    DECIMAL,
    FRACTION,
    MAX_NUMBER,
    NAMES,
    NODE,
    NODE_ID,
    NODES,
    RATIO,
    SHARE_OF,
    TEXT,
    TRUE,
    WHOLE,
    Codec,
    RuleError,
    object_of,
    one_of,
    read_object,
    tuple_of,
    write_object,
)
from pathways.rules.requirement import (
    ATTEMPTS,
    ENDINGS,
    FIGURING,
    GIVING,
    LASTING,
    LISTED,
    MAX_CLAUSES,
    MAX_DEPTH,
    OVER,
    OVERLAPS,
    ROUNDINGS,
    SHARES,
    STARTS,
    TIME_UNITS,
    WHICH,
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Band,
    Barred,
    Cap,
    Count,
    Day,
    Duration,
    EachCycle,
    Expiry,
    Fact,
    FactDay,
    Figure,
    Given,
    Group,
    Groups,
    HoldingDay,
    Holds,
    LastOf,
    Levels,
    Limit,
    Listing,
    MarkValue,
    Match,
    Newest,
    NumberTest,
    OneYear,
    Order,
    Overlap,
    Pace,
    Passed,
    Period,
    Pool,
    Rate,
    Renewal,
    Requirement,
    Rule,
    Same,
    ScaleTest,
    SignedOff,
    Span,
    Spread,
    Substitute,
    Title,
    Titles,
    Today,
    Together,
    Total,
    Unbroken,
    Unmet,
    WasMet,
    Where,
    conditions_of,
    looked_into,
    roots,
    walk,
)
from pathways.rules.turning import within

__all__ = ["FRACTION", "MAX_NUMBER", "NODE_ID", "RuleError"]

FORMAT = 1
# Each part lies in a list in a part; what is left is for conditions and alternatives within them.
MAX_JSON_DEPTH = 2 * MAX_DEPTH + 16

PERIOD = object_of(
    Period, {"years": WHOLE, "months": WHOLE, "days": WHOLE, "whole_months": TRUE, "exclusive": TRUE}, "period"
)
MOVED = {"start_of": one_of(*STARTS), "plus": PERIOD, "minus": PERIOD}
FACT_DAY = {"fact": TEXT, **MOVED}
TODAY = MOVED


def _read_day(value: Any, path: str) -> Day:
    day: Day
    if not isinstance(value, dict):
        day = DATE.read(value, path)
    elif "which" in value:
        day = read_object(HoldingDay, HOLDING_DAY, value, path)
    elif "today" in value:
        TRUE.read(value["today"], f"{path}.today")
        day = read_object(Today, TODAY, value, path, beside="today")
    else:
        day = read_object(FactDay, FACT_DAY, value, path)
    return day


def _write_day(day: Day) -> Any:
    match day:
        case FactDay():
            return write_object(FACT_DAY, day)
        case HoldingDay():
            return write_object(HOLDING_DAY, day)
        case Today():
            return {"today": True, **write_object(TODAY, day)}
    return DATE.write(day)


DAY = Codec(_read_day, _write_day, "day")
BOUNDS = {"at_least": DECIMAL, "at_most": DECIMAL, "at_least_fact": TEXT, "at_most_fact": TEXT}
NUMBER_TESTS = tuple_of(object_of(NumberTest, {"of": TEXT, **BOUNDS}), "objects")
SCALE_TESTS = tuple_of(
    object_of(ScaleTest, {"of": TEXT, "scale": NAMES, **BOUNDS, "at_least": TEXT, "at_most": TEXT}), "objects"
)
MATCHES = tuple_of(object_of(Match, {"of": TEXT, "fact": TEXT}), "objects")
# Filled below, as a pool may ask for other pools and for alternatives to itself.
WHERE_FIELDS: dict[str, Codec] = {}
POOL_FIELDS: dict[str, Codec] = {"achievements": NAMES, "without_achievements": NAMES, "repeats": TRUE}
_NAMED = {"achievements", "without_achievements"}
WHERE = object_of(Where, WHERE_FIELDS, "where")
POOL = object_of(Pool, POOL_FIELDS, "pool")
HOLDING_DAY = {"which": one_of(*WHICH), "pool": POOL, "on": one_of(*ENDINGS), **MOVED}
ALTERNATIVE = Codec(
    lambda value, path: (POOL if isinstance(value, dict) and _NAMED & value.keys() else WHERE).read(value, path),
    lambda value: (POOL if isinstance(value, Pool) else WHERE).write(value),
    "where",
    POOL_FIELDS,
)
EITHER = tuple_of(ALTERNATIVE, "either")
WHERE_FIELDS |= {
    "grade_at_least": DECIMAL,
    "level_at_least": WHOLE,
    "level_at_most": WHOLE,
    "marks": NAMES,
    "numbers": NUMBER_TESTS,
    "scales": SCALE_TESTS,
    "earned_since": DAY,
    "earned_until": DAY,
    "earned_within": PERIOD,
    "ended_since": DAY,
    "ended_until": DAY,
    "lasting": PERIOD,
    "held_for": PERIOD,
    "current": TRUE,
    "current_on": DAY,
    "valid_for": PERIOD,
    "statuses": NAMES,
    "attempt": one_of(*ATTEMPTS),
    "issuers": NAMES,
    "sources": NAMES,
    "kinds": NAMES,
    "subjects": NAMES,
    "skills": NAMES,
    "tags": NAMES,
    "with_tags": NAMES,
    "without_tags": NAMES,
    "tags_as_facts": NAMES,
    "matches": MATCHES,
    "used_in": NAMES,
    "not_used_in": NAMES,
    "uses_at_most": WHOLE,
    "while_held": POOL,
    "if_held": POOL,
    "unless_held": POOL,
    "either": EITHER,
    "neither": EITHER,
}
POOL_FIELDS |= WHERE_FIELDS


@dataclass(frozen=True)
class Kind:
    """One type of part: its name in JSON, its class and its fields."""

    name: str
    cls: type
    codecs: Mapping[str, Codec]


def typed(kinds: Sequence[Kind]) -> Codec:
    """An object that names its own kind in its field `type`."""
    by_name = {kind.name: kind for kind in kinds}
    by_class = {kind.cls: kind for kind in kinds}

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise RuleError(path, "an object")
        name = value.get("type")
        if not isinstance(name, str) or name not in by_name:
            raise RuleError(f"{path}.type", "one of " + ", ".join(by_name))
        return read_object(by_name[name].cls, by_name[name].codecs, value, path, beside="type")

    def write(value: Any) -> dict[str, Any]:
        kind = by_class[type(value)]
        return {"type": kind.name, **write_object(kind.codecs, value)}

    return Codec(read, write)


def _read_part(value: Any, path: str) -> Requirement:
    if not isinstance(value, dict):
        raise RuleError(path, "an object")
    kind = BY_NAME.get(value.get("type", "")) if isinstance(value.get("type"), str) else None
    if kind is None:
        raise RuleError(f"{path}.type", "one of " + ", ".join(BY_NAME))
    part: Requirement = read_object(kind.cls, kind.codecs, value, path, beside="type")
    return part


def _write_part(part: Requirement) -> dict[str, Any]:
    kind = BY_CLASS[type(part)]
    return {"type": kind.name, **write_object(kind.codecs, part)}


PART = Codec(_read_part, _write_part)


RATES = tuple_of(object_of(Rate, {"of": POOL, "times": RATIO, "unit": TEXT}), "objects")
MARK_VALUES = tuple_of(object_of(MarkValue, {"mark": TEXT, "value": DECIMAL}), "objects")
CONDITIONS = (
    Kind(
        "limit",
        Limit,
        {
            "id": NODE,
            "of": POOL,
            "measure": TEXT,
            "at_least": DECIMAL,
            "at_most": DECIMAL,
            "at_least_share": SHARE_OF,
            "at_most_share": SHARE_OF,
            "share_of": one_of(*SHARES),
            "rounded": one_of(*ROUNDINGS),
        },
    ),
    Kind(
        "spread",
        Spread,
        {"id": NODE, "by": TEXT, "at_least": WHOLE, "at_most": WHOLE, "at_most_each": DECIMAL, "measure": TEXT},
    ),
    Kind(
        "groups",
        Groups,
        {"id": NODE, "by": TEXT, "at_least": DECIMAL, "groups": WHOLE, "measure": TEXT, "of": POOL, "beginning": DAY},
    ),
    Kind("last_of", LastOf, {"id": NODE, "last": DECIMAL, "of": POOL, "at_least": DECIMAL, "measure": TEXT}),
    Kind(
        "overlap",
        Overlap,
        {
            "id": NODE,
            "kinds": NAMES,
            "measure": TEXT,
            "at_most": DECIMAL,
            "at_most_share": SHARE_OF,
            "share_of": one_of(*OVERLAPS),
            "each": TRUE,
        },
    ),
    Kind(
        "average",
        Average,
        {
            "id": NODE,
            "at_least": DECIMAL,
            "at_most": DECIMAL,
            "weight": TEXT,
            "of": POOL,
            "best": DECIMAL,
            "ungraded_as_zero": TRUE,
            "values": MARK_VALUES,
            "rates": RATES,
        },
    ),
    Kind("newest", Newest, {"id": NODE, "within": PERIOD}),
    Kind(
        "order",
        Order,
        {"id": NODE, "first": NODES, "then": NODES, "within": PERIOD, "apart": PERIOD, "any_order": TRUE},
    ),
    Kind("one_year", OneYear, {"id": NODE, "month": WHOLE, "day": WHOLE}),
    Kind("span", Span, {"id": NODE, "within": PERIOD, "at_least": PERIOD}),
    Kind("pace", Pace, {"id": NODE, "within": PERIOD, "at_most": DECIMAL, "measure": TEXT}),
    Kind("together", Together, {"id": NODE}),
)
OVER_PARTS = tuple_of(typed(CONDITIONS))
PARTS = tuple_of(PART)
GROUP = {"parts": PARTS, "conditions": OVER_PARTS, "shared": TRUE}
KINDS = (
    Kind("all", All, {"id": NODE, **GROUP}),
    Kind("any", AnyOf, {"id": NODE, **GROUP}),
    Kind("at_least", AtLeast, {"id": NODE, "count": WHOLE, **GROUP}),
    Kind("holds", Holds, {"id": NODE, "any_of": NAMES, "where": WHERE, "shared": TRUE}),
    Kind("passed", Passed, {"id": NODE, "assessment": TEXT, "where": WHERE, "shared": TRUE}),
    Kind(
        "count",
        Count,
        {"id": NODE, "at_least": WHOLE, "at_most": WHOLE, "pool": POOL, "conditions": OVER_PARTS, "shared": TRUE},
    ),
    Kind(
        "amount",
        Amount,
        {
            "id": NODE,
            "at_least": DECIMAL,
            "at_most": DECIMAL,
            "unit": TEXT,
            "divisible": TRUE,
            "at_most_each": DECIMAL,
            "rates": RATES,
            "pool": POOL,
            "conditions": OVER_PARTS,
            "shared": TRUE,
        },
    ),
)
CAPS = tuple_of(object_of(Cap, {"of": POOL, "at_most": DECIMAL}), "objects")
CHECKS = (
    Kind(
        "fact",
        Fact,
        {
            "id": NODE,
            "name": TEXT,
            "one_of": NAMES,
            "at_least": DECIMAL,
            "at_most": DECIMAL,
            "since": DAY,
            "until": DAY,
            "same_as": TEXT,
            "at_least_fact": TEXT,
            "at_most_fact": TEXT,
            "scale": NAMES,
            "at_least_word": TEXT,
            "at_most_word": TEXT,
            "negated": TRUE,
        },
    ),
    Kind(
        "given",
        Given,
        {"id": NODE, "pool": POOL, "at_least": DECIMAL, "at_most": DECIMAL, "measure": TEXT, "absent": TRUE},
    ),
    Kind(
        "duration",
        Duration,
        {
            "id": NODE,
            "at_least": DECIMAL,
            "unit": one_of(*TIME_UNITS),
            "pool": POOL,
            "within": PERIOD,
            "since": DAY,
            "until": DAY,
            "unbroken": TRUE,
            "rate": TEXT,
            "caps": CAPS,
        },
    ),
    Kind("unbroken", Unbroken, {"id": NODE, "part": PART, "grace": PERIOD, "restored_by": POOL}),
    Kind("was_met", WasMet, {"id": NODE, "part": PART, "since": DAY, "until": DAY}),
    Kind("each_cycle", EachCycle, {"id": NODE, "part": PART, "beginning": DAY, "every": PERIOD, "grace": PERIOD}),
    Kind("unmet", Unmet, {"id": NODE, "part": PART}),
    Kind("signed_off", SignedOff, {"id": NODE, "role": TEXT, "about": TEXT}),
)
BY_NAME = {kind.name: kind for kind in (*KINDS, *CHECKS)}
BY_CLASS = {kind.cls: kind for kind in (*KINDS, *CHECKS)}


TITLES = tuple_of(object_of(Title, {"word": TEXT, "node": NODE}), "titles")
BANDS = tuple_of(object_of(Band, {"word": TEXT, "at_least": DECIMAL}), "objects")
RESULTS = (
    Kind("titles", Titles, {"name": TEXT, "titles": TITLES, "give": one_of(*GIVING)}),
    Kind("total", Total, {"name": TEXT, "measure": TEXT}),
    Kind(
        "figure",
        Figure,
        {
            "name": TEXT,
            "give": one_of(*FIGURING),
            "measure": TEXT,
            "of": POOL,
            "over": one_of(*OVER),
            "best": DECIMAL,
            "minus": DECIMAL,
            "per": DECIMAL,
            "at_most": DECIMAL,
            "places": WHOLE,
            "rounded": one_of(*ROUNDINGS),
            "values": MARK_VALUES,
            "rates": RATES,
            "bands": BANDS,
        },
    ),
    Kind(
        "levels",
        Levels,
        {"name": TEXT, "words": NAMES, "parts": PARTS, "give": one_of(*GIVING), "over": one_of(*OVER)},
    ),
    Kind("listing", Listing, {"name": TEXT, "node": NODE, "give": one_of(*LISTED)}),
    Kind("expiry", Expiry, {"name": TEXT, "after": PERIOD, "of": POOL}),
)
# The parts of a rule besides its root.
MORE_ROOTS = ("renewal", "keep", "reinstatement")
RULE_FIELDS = {
    "root": PART,
    "lasts": one_of(*LASTING),
    "grace": PERIOD,
    "grace_to_year_end": TRUE,
    "validity": PERIOD,
    **dict.fromkeys(MORE_ROOTS, PART),
    "falls_for_good": TRUE,
    "same": tuple_of(object_of(Same, {"names": NAMES}), "objects"),
    "substitutes": tuple_of(
        object_of(Substitute, {"of": POOL, "achievement": TEXT, "property": TEXT, "credits": DECIMAL}), "objects"
    ),
    "barred": tuple_of(object_of(Barred, {"names": NAMES, "keeps": one_of(*ATTEMPTS)}), "objects"),
    "renewals": tuple_of(
        object_of(
            Renewal,
            {"of": POOL, "by": POOL, "period": PERIOD, "grace": PERIOD, "extends": TRUE, "extends_within": PERIOD},
        ),
        "objects",
    ),
    "results": tuple_of(typed(RESULTS)),
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
    for root in ("root", *MORE_ROOTS):
        _refuse_too_large(data.get(root), f"$.{root}")
    for place, result in enumerate(data["results"] if isinstance(data.get("results"), list) else ()):
        _refuse_too_large(result, f"$.results[{place}]")
    _refuse_too_large({**data, **dict.fromkeys(("root", "results", *MORE_ROOTS))}, "$")
    if data.get("format") != FORMAT or isinstance(data.get("format"), bool):
        raise RuleError("$.format", f"{FORMAT}, the format that this version reads")
    rule: Rule = read_object(Rule, RULE_FIELDS, data, "$", beside="format")
    seen: set[str] = set()
    for part in (each for root in roots(rule) for each in _every_part(root)):
        for node in (part.id, *(condition.id for condition in conditions_of(part))):
            if node in seen:
                raise RuleError("$.root", f"each id once, but {node!r} stands twice")
            seen.add(node)
    for place, result in enumerate(rule.results):
        if isinstance(result, Levels) and len(result.words) != len(result.parts):
            raise RuleError(f"$.results[{place}].words", "one word for each part")
        nodes = [title.node for title in result.titles] if isinstance(result, Titles) else []
        nodes += [result.node] if isinstance(result, Listing) and result.node else []
        for node in nodes:
            if node not in seen:
                raise RuleError(f"$.results[{place}]", f"titles of parts of this rule, but {node!r} is none")
    return rule


def to_json(rule: Rule) -> dict[str, Any]:
    """Plain data from which `from_json` makes the same rule."""
    return {"format": FORMAT, **write_object(RULE_FIELDS, rule)}


def _refuse_too_large(root: Any, path: str) -> None:
    # Counted before anything is read, so that hostile nesting cannot exhaust the stack.
    clauses, waiting = 0, [(root, 1)]
    while waiting:
        part, deep = waiting.pop()
        clauses += 1
        if deep > MAX_DEPTH:
            raise RuleError(path, f"parts nested at most {MAX_DEPTH} deep")
        if clauses > MAX_CLAUSES:
            raise RuleError(path, f"at most {MAX_CLAUSES} parts")
        if isinstance(part, dict):
            waiting.extend((each, deep + 1) for each in _below(part))
    plain = [(root, 1)]
    while plain:
        value, deep = plain.pop()
        if deep > MAX_JSON_DEPTH:
            raise RuleError(path, f"values nested at most {MAX_JSON_DEPTH} deep")
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
    results = data.get("results")
    waiting = [data.get(root) for root in ("root", *MORE_ROOTS)]
    waiting += (
        [part for each in results if isinstance(each, dict) for part in _below(each)]
        if isinstance(results, list)
        else []
    )
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

    filled = {**data, **{root: number(data[root], 1) for root in ("root", *MORE_ROOTS) if root in data}}
    if isinstance(data.get("results"), list):
        filled["results"] = [
            {**each, "parts": [number(part, 1) for part in each["parts"]]}
            if isinstance(each, dict) and isinstance(each.get("parts"), list)
            else each
            for each in data["results"]
        ]
    return filled


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
    for part in (each for root in roots(rule) for each in _every_part(root)):
        match part:
            case Holds(any_of=any_of):
                found |= {("award", key) for key in any_of}
            case Passed(assessment=assessment):
                found.add(("grade", assessment))
            case Fact(name=name):
                found |= {
                    ("fact", each) for each in (name, part.same_as, part.at_least_fact, part.at_most_fact) if each
                }
            case SignedOff(id=node):
                found.add(("sign_off", node))
        found |= _taken_from(part)
    for each in (each for asked in (*rule.substitutes, *rule.renewals) for each in within(asked)):
        found |= _looked_for(each)
    for same in rule.same:
        if any(("award", name) in found for name in same.names):
            found |= {("award", name) for name in same.names}
    return frozenset(found)


def _taken_from(part: Requirement) -> set[tuple[str, str]]:
    """What a part says besides the parts below it."""
    alone = {each.name: getattr(part, each.name) for each in fields(part) if each.name not in ("parts", "part")}
    conditions = {id(each.of) for each in alone.get("conditions", ()) if hasattr(each, "of")}
    found: set[tuple[str, str]] = set()
    for value in alone.values():
        for each in within(value):
            # What a condition looks at was taken by the part already; only what it needs beside that is new.
            if id(each) not in conditions:
                found |= _looked_for(each)
    return found


def _looked_for(value: Any) -> set[tuple[str, str]]:
    match value:
        case Pool():
            return _pool_references(value)
        case FactDay(fact=fact) | Match(fact=fact):
            return {("fact", fact)}
        case NumberTest() | ScaleTest():
            return {("fact", fact) for fact in (value.at_least_fact, value.at_most_fact) if fact}
    return {("fact", name) for name in value.tags_as_facts} if isinstance(value, Where) else set()


def _pool_references(pool: Pool) -> set[tuple[str, str]]:
    facts = {("fact", name) for name in pool.tags_as_facts}
    for kind, names in (
        ("award", pool.achievements),
        ("tag", pool.tags),
        ("subject", pool.subjects),
        ("skill", pool.skills),
        ("kind", pool.kinds),
        ("issuer", pool.issuers),
    ):
        if names:
            return {(kind, name) for name in names} | facts
    return {("award", "*"), *facts}


def depth(requirement: Requirement) -> int:
    """How deep the parts are nested; a part without parts is 1 deep."""
    if isinstance(requirement, Group):
        return 1 + max((depth(part) for part in requirement.parts), default=0)
    return 1
