"""What of the language learners can be made up for so that a proof may rest on them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pathways.rules.pieces import default_of
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Count,
    Duration,
    Fact,
    FactDay,
    Given,
    Groups,
    Holds,
    Limit,
    MarkValue,
    Newest,
    NumberTest,
    OneYear,
    Order,
    Passed,
    Period,
    Pool,
    Rate,
    Rule,
    Same,
    ScaleTest,
    SignedOff,
    Span,
    Spread,
    Today,
    Together,
    Unmet,
    Where,
)

# What this module can make up holdings for, type by type. Whatever else the language learns to say is searched as well
# as can be, and no proof is claimed then; nor is it for `Unbroken`, under which more may hurt.
_WHERE = (
    "grade_at_least level_at_least level_at_most marks numbers scales earned_since earned_until earned_within held_for"
    " current statuses issuers sources kinds subjects skills tags with_tags without_tags tags_as_facts used_in"
    " not_used_in either neither"
)
KNOWN: Mapping[type, str] = {
    Rule: "root lasts grace grace_to_year_end results same",
    Same: "names",
    Period: "years months days whole_months exclusive",
    FactDay: "fact plus minus",
    Today: "start_of plus minus",
    NumberTest: "of at_least at_most",
    ScaleTest: "of scale at_least at_most",
    Where: _WHERE,
    Pool: f"{_WHERE} achievements without_achievements repeats",
    Limit: "id of measure at_least at_most at_least_share at_most_share share_of rounded among",
    Spread: "id by at_least at_most at_most_each measure of",
    Groups: "id by at_least groups measure of",
    Average: "id at_least at_most weight of best ungraded_as_zero values",
    Newest: "id within",
    Order: "id first then within apart any_order",
    OneYear: "id month day",
    Span: "id within at_least",
    Together: "id",
    MarkValue: "mark value",
    Unmet: "id part",
    Rate: "of times",
    Holds: "id any_of where shared",
    Passed: "id assessment where shared",
    Count: "id at_least pool at_most conditions shared",
    Amount: "id at_least pool at_most unit divisible at_most_each rates conditions shared",
    Fact: "id name one_of at_least at_most since until scale at_least_word at_most_word negated",
    Given: "id pool at_least absent",
    SignedOff: "id role about",
    Duration: "id at_least pool unit within",
    All: "id parts conditions shared",
    AnyOf: "id parts conditions shared",
    AtLeast: "id count parts conditions shared",
}


# Groups of holdings by the day on which each was earned.
BY_DAY = ("year", "quarter", "month", "week", "day")


def known(value: Any) -> bool:
    """Whether all learners who matter can be made up for all that this value of a rule says."""
    if type(value) not in KNOWN:
        return False
    if isinstance(value, Spread | Groups) and value.by in BY_DAY:
        # Whoever earns something each week of a year differs from all who earn less often.
        return False
    if isinstance(value, Unmet) and not isinstance(value.part, Fact) and barring(value) is None:
        return False
    expected = KNOWN[type(value)].split()
    return all(each.name in expected or getattr(value, each.name) == default_of(each) for each in fields(value))


def barring(value: Any) -> Given | None:
    """What must not be held, where a part asks that another is not met which asks for one thing of a pool."""
    if not isinstance(value, Unmet):
        return None
    match value.part:
        case Given(absent=False, at_most=None, measure="count"):
            return Given(id=value.id, pool=value.part.pool, at_least=value.part.at_least, absent=True)
        case Holds(any_of=keys, where=where):
            asked: dict[str, Any] = {name: getattr(where, name) for name in where.said}
            return Given(id=value.id, pool=Pool(achievements=keys, **asked), absent=True)
        case Count(at_least=1, pool=pool, at_least_fact="", conditions=()):
            return Given(id=value.id, pool=pool, absent=True)
    return None
