"""What a rule may say: a closed, frozen tree of parts, each with a stable id.

A part takes holdings. Nothing here evaluates; `evaluate` does, `notation` reads and writes, `explain` speaks. `where`
says what a single holding must be like, `over` what holds over all that a part took, `parts` what is asked for, `whole`
what is said beside that; all are this language, which others take from here.
"""

from collections.abc import Iterator

from pathways.rules.over import (
    MEASURES,
    OVERLAPS,
    ROUNDINGS,
    SHARES,
    SPREADS,
    Average,
    Blend,
    Condition,
    Groups,
    LastOf,
    Limit,
    MarkValue,
    Measure,
    Newest,
    OneYear,
    Order,
    Overlap,
    OverlapOf,
    Pace,
    Rate,
    Rounding,
    ShareOf,
    Span,
    Spread,
    SpreadBy,
    Together,
    Unit,
)
from pathways.rules.parts import (
    TIME_UNITS,
    All,
    Amount,
    AnyOf,
    AtLeast,
    Cap,
    Check,
    Count,
    Duration,
    EachCycle,
    Fact,
    Given,
    Graded,
    Group,
    Holds,
    Leaf,
    Looking,
    Passed,
    Requirement,
    SignedOff,
    TimeUnit,
    Unbroken,
    Unmet,
    WasMet,
)
from pathways.rules.where import (
    ANY_KIND,
    ATTEMPTS,
    STARTS,
    WHICH,
    Attempt,
    Day,
    DayTest,
    FactDay,
    HoldingDay,
    Match,
    NumberTest,
    Period,
    Pool,
    ScaleTest,
    StartOf,
    Today,
    Where,
    Which,
)
from pathways.rules.whole import (
    FIGURE_OVER,
    FIGURING,
    GIVING,
    LASTING,
    LISTED,
    OVER,
    Band,
    Barred,
    Expiry,
    Figure,
    FigureOver,
    Figuring,
    Giving,
    Lasting,
    Levels,
    Listed,
    Listing,
    Over,
    Renewal,
    Result,
    Rule,
    Same,
    Substitute,
    Term,
    Title,
    Titles,
    Total,
    asks_by_facts,
)

__all__ = [
    "ANY_KIND",
    "ATTEMPTS",
    "FIGURE_OVER",
    "FIGURING",
    "GIVING",
    "LASTING",
    "LISTED",
    "MAX_CLAUSES",
    "MAX_DEPTH",
    "MAX_RESULTS",
    "MEASURES",
    "OVER",
    "OVERLAPS",
    "ROUNDINGS",
    "SHARES",
    "SPREADS",
    "STARTS",
    "TIME_UNITS",
    "UNITS",
    "WHICH",
    "All",
    "Amount",
    "AnyOf",
    "AtLeast",
    "Attempt",
    "Average",
    "Band",
    "Barred",
    "Blend",
    "Cap",
    "Check",
    "Condition",
    "Count",
    "Day",
    "DayTest",
    "Duration",
    "EachCycle",
    "Expiry",
    "Fact",
    "FactDay",
    "Figure",
    "FigureOver",
    "Figuring",
    "Given",
    "Giving",
    "Graded",
    "Group",
    "Groups",
    "HoldingDay",
    "Holds",
    "LastOf",
    "Lasting",
    "Leaf",
    "Levels",
    "Limit",
    "Listed",
    "Listing",
    "Looking",
    "MarkValue",
    "Match",
    "Measure",
    "Newest",
    "NumberTest",
    "OneYear",
    "Order",
    "Over",
    "Overlap",
    "OverlapOf",
    "Pace",
    "Passed",
    "Period",
    "Pool",
    "Rate",
    "Renewal",
    "Requirement",
    "Result",
    "Rounding",
    "Rule",
    "Same",
    "ScaleTest",
    "ShareOf",
    "SignedOff",
    "Span",
    "Spread",
    "SpreadBy",
    "StartOf",
    "Substitute",
    "Term",
    "TimeUnit",
    "Title",
    "Titles",
    "Today",
    "Together",
    "Total",
    "Unbroken",
    "Unit",
    "Unmet",
    "WasMet",
    "Where",
    "Which",
    "asks_by_facts",
    "conditions_of",
    "looked_into",
    "needed_parts",
    "roots",
    "walk",
]

MAX_DEPTH = 10
MAX_CLAUSES = 500
MAX_RESULTS = 50

# The names of amounts that are offered; any other may be written.
UNITS: tuple[Unit, ...] = ("credits", "hours", "points")


def roots(rule: Rule) -> tuple[Requirement, ...]:
    """Every outermost part of a rule: what is asked to earn it first, then what else it judges."""
    levels = [part for result in rule.results if isinstance(result, Levels) for part in result.parts]
    said = (rule.root, rule.renewal, rule.keep, rule.reinstatement, *levels)
    return tuple(part for part in said if part is not None)


def walk(requirement: Requirement) -> Iterator[Requirement]:
    """The part itself and everything below it, in written order."""
    yield requirement
    if isinstance(requirement, Group):
        for part in requirement.parts:
            yield from walk(part)


def looked_into(part: Requirement) -> "Requirement | None":
    """The part that a check judges by itself, apart from what this rule takes."""
    return part.part if isinstance(part, Looking) else None


def conditions_of(part: Requirement) -> tuple[Condition, ...]:
    """The conditions over what this part takes."""
    return part.conditions if isinstance(part, Count | Amount | Group) else ()


def needed_parts(group: Group) -> int:
    """How many of the parts of a group must be met."""
    match group:
        case All(parts=parts):
            return len(parts)
        case AnyOf():
            return 1
        case AtLeast(count=count):
            return count
