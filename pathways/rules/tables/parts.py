"""The fields of every kind of part."""

from typing import Any

from pathways.rules.codecs import (
    DECIMAL,
    NAMES,
    NODE,
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
from pathways.rules.phrases.language import gettext_noop, phrase
from pathways.rules.requirement import (
    TIME_UNITS,
    All,
    Amount,
    AnyOf,
    AtLeast,
    Cap,
    Count,
    Duration,
    EachCycle,
    Fact,
    Given,
    Graded,
    Holds,
    Passed,
    Requirement,
    SignedOff,
    Unbroken,
    Unmet,
    WasMet,
)
from pathways.rules.tables.conditions import BLEND, MARK_VALUES, OVER_PARTS, RATES
from pathways.rules.tables.holdings import DAY, PERIOD, POOL, WHERE
from pathways.rules.tables.kinds import Kind


def _read_part(value: Any, path: str) -> Requirement:
    if not isinstance(value, dict):
        raise RuleError(path, gettext_noop("an object"))
    kind = BY_NAME.get(value.get("type", "")) if isinstance(value.get("type"), str) else None
    if kind is None:
        raise RuleError(f"{path}.type", phrase(gettext_noop("one of {words}"), words=", ".join(BY_NAME)))
    part: Requirement = read_object(kind.cls, kind.codecs, value, path, beside="type")
    return part


def _write_part(part: Requirement) -> dict[str, Any]:
    kind = BY_CLASS[type(part)]
    return {"type": kind.name, **write_object(kind.codecs, part)}


PART = Codec(_read_part, _write_part)


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
            "less_fact": TEXT,
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
        "graded",
        Graded,
        {
            "id": NODE,
            "at_least": DECIMAL,
            "at_most": DECIMAL,
            "pool": POOL,
            "weight": TEXT,
            "last": DECIMAL,
            "best": DECIMAL,
            "ungraded_as_zero": TRUE,
            "values": MARK_VALUES,
            "rates": RATES,
            "property": TEXT,
            "blend": BLEND,
        },
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
            "breaks": PERIOD,
            "rate": TEXT,
            "caps": CAPS,
            "by": TEXT,
            "at_most": WHOLE,
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
