"""How times, days and what a single holding must be like are read and written, field by field."""

from typing import Any

from pathways.rules.codecs import (
    DATE,
    DECIMAL,
    NAMES,
    RATIO,
    START_OF,
    TEXT,
    TRUE,
    WHOLE,
    Codec,
    object_of,
    one_of,
    read_object,
    tuple_of,
    write_object,
)
from pathways.rules.requirement import (
    ATTEMPTS,
    WHICH,
    Day,
    DayTest,
    FactDay,
    HoldingDay,
    Match,
    NumberTest,
    Period,
    Pool,
    ScaleTest,
    Today,
    Where,
)

PERIOD = object_of(
    Period, {"years": WHOLE, "months": WHOLE, "days": WHOLE, "whole_months": TRUE, "exclusive": TRUE}, "period"
)
MOVED = {"start_of": START_OF, "plus": PERIOD, "minus": PERIOD}
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
NUMBER_TESTS = tuple_of(
    object_of(NumberTest, {"of": TEXT, **BOUNDS, "at_least_of": TEXT, "at_most_of": TEXT, "times": RATIO}), "objects"
)
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
