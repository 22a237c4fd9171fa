"""The fields of every kind of result, and of the rule as a whole."""

from pathways.rules.codecs import (
    DECIMAL,
    NAMES,
    NODE,
    PLACES,
    RATIO,
    STEP,
    TEXT,
    TRUE,
    object_of,
    one_of,
    tuple_of,
)
from pathways.rules.requirement import (
    ATTEMPTS,
    FIGURE_OVER,
    FIGURING,
    GIVING,
    LASTING,
    LISTED,
    OVER,
    ROUNDINGS,
    WHICH,
    Band,
    Barred,
    Expiry,
    Figure,
    Levels,
    Listing,
    Renewal,
    Same,
    Substitute,
    Term,
    Title,
    Titles,
    Total,
)
from pathways.rules.tables.conditions import BLEND, MARK_VALUES, RATES
from pathways.rules.tables.holdings import DAY, PERIOD, POOL
from pathways.rules.tables.kinds import Kind, typed
from pathways.rules.tables.parts import PART, PARTS

TITLES = tuple_of(object_of(Title, {"word": TEXT, "node": NODE}), "titles")
BANDS = tuple_of(object_of(Band, {"word": TEXT, "at_least": DECIMAL}), "objects")
TERMS = tuple_of(object_of(Term, {"result": TEXT, "times": RATIO}), "objects")
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
            "over": one_of(*FIGURE_OVER),
            "best": DECIMAL,
            "minus": DECIMAL,
            "per": DECIMAL,
            "at_most": DECIMAL,
            "places": PLACES,
            "step": STEP,
            "rounded": one_of(*ROUNDINGS),
            "values": MARK_VALUES,
            "rates": RATES,
            "bands": BANDS,
            "last": DECIMAL,
            "property": TEXT,
            "blend": BLEND,
            "made_of": TERMS,
            "by": TEXT,
            "at_most_each": DECIMAL,
        },
    ),
    Kind(
        "levels",
        Levels,
        {"name": TEXT, "words": NAMES, "parts": PARTS, "give": one_of(*GIVING), "over": one_of(*OVER)},
    ),
    Kind("listing", Listing, {"name": TEXT, "node": NODE, "give": one_of(*LISTED)}),
    Kind("expiry", Expiry, {"name": TEXT, "after": PERIOD, "of": POOL, "counted": one_of(*WHICH), "latest": TRUE}),
)
# The parts of a rule besides its root.
MORE_ROOTS = ("renewal", "keep", "reinstatement")
RULE_FIELDS = {
    "root": PART,
    "lasts": one_of(*LASTING),
    "grace": PERIOD,
    "grace_to_year_end": TRUE,
    "validity": PERIOD,
    "valid_from": DAY,
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
