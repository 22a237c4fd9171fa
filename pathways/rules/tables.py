"""The fields of every kind of part, condition and result, and how each is read and written: one list of them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathways.rules.codecs import (
    DATE,
    DECIMAL,
    NAMES,
    NODE,
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
    FIGURING,
    GIVING,
    LASTING,
    LISTED,
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
    DayTest,
    Duration,
    EachCycle,
    Expiry,
    Fact,
    FactDay,
    Figure,
    Given,
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
)

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
DAY_TESTS = tuple_of(
    object_of(DayTest, {"of": TEXT, "since": DAY, "until": DAY, "after": TEXT, "within": PERIOD}), "objects"
)
MATCHES = tuple_of(object_of(Match, {"of": TEXT, "fact": TEXT}), "objects")
# Filled below, as a pool may ask for other pools and for alternatives to itself.
WHERE_FIELDS: dict[str, Codec] = {}
POOL_FIELDS: dict[str, Codec] = {"achievements": NAMES, "without_achievements": NAMES, "repeats": TRUE}
_NAMED = {"achievements", "without_achievements"}
WHERE = object_of(Where, WHERE_FIELDS, "where")
POOL = object_of(Pool, POOL_FIELDS, "pool")
HOLDING_DAY = {"which": one_of(*WHICH), "pool": POOL, "on": TEXT, **MOVED}
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
    "days": DAY_TESTS,
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
            "at_least_fact": TEXT,
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
        {
            "id": NODE,
            "at_least": WHOLE,
            "at_most": WHOLE,
            "at_least_fact": TEXT,
            "pool": POOL,
            "conditions": OVER_PARTS,
            "shared": TRUE,
        },
    ),
    Kind(
        "amount",
        Amount,
        {
            "id": NODE,
            "at_least": DECIMAL,
            "at_most": DECIMAL,
            "at_least_fact": TEXT,
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
