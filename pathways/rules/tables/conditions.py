"""The fields of every kind of condition over what a part took."""

from pathways.rules.codecs import (
    DECIMAL,
    NAMES,
    NODE,
    NODES,
    RATIO,
    SHARE_OF,
    STEP,
    TEXT,
    TRUE,
    WHOLE,
    Codec,
    object_of,
    one_of,
    tuple_of,
)
from pathways.rules.requirement import (
    OVERLAPS,
    ROUNDINGS,
    SHARES,
    Average,
    Blend,
    Groups,
    LastOf,
    Limit,
    MarkValue,
    Newest,
    OneYear,
    Order,
    Overlap,
    Pace,
    Rate,
    Span,
    Spread,
    Together,
)
from pathways.rules.tables.holdings import DAY, PERIOD, POOL
from pathways.rules.tables.kinds import Kind, typed

RATES = tuple_of(object_of(Rate, {"of": POOL, "times": RATIO, "unit": TEXT}), "objects")
MARK_VALUES = tuple_of(object_of(MarkValue, {"mark": TEXT, "value": DECIMAL}), "objects")
_BLENDED: dict[str, Codec] = {
    "of": POOL,
    "share": SHARE_OF,
    "best": DECIMAL,
    "step": STEP,
    "rounded": one_of(*ROUNDINGS),
}
BLEND = tuple_of(object_of(Blend, _BLENDED), "objects")
_BLENDED["blend"] = BLEND
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
            "among": POOL,
        },
    ),
    Kind(
        "spread",
        Spread,
        {
            "id": NODE,
            "by": TEXT,
            "at_least": WHOLE,
            "at_most": WHOLE,
            "at_most_each": DECIMAL,
            "measure": TEXT,
            "of": POOL,
            "beginning": DAY,
        },
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
            "last": DECIMAL,
            "property": TEXT,
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
