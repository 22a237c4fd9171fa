"""Everything that some rules say, in one list, and whether learners who are made up by it are all that matter."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import ceil
from typing import Any

from pathways.rules.equivalence import renamed
from pathways.rules.made_up.known import BY_DAY, barring, known
from pathways.rules.made_up.learners import Entry
from pathways.rules.pieces import every_value
from pathways.rules.requirement import (
    Amount,
    Average,
    Count,
    Duration,
    EachCycle,
    Given,
    Graded,
    Groups,
    LastOf,
    Limit,
    Newest,
    OneYear,
    Order,
    Pace,
    Pool,
    Requirement,
    Rule,
    Span,
    Spread,
    Together,
    Unbroken,
    WasMet,
    Where,
)

# What looks at the day on which a holding was earned, besides what a pool says of it.
_DATED = (Order, Span, OneYear, Newest, Duration, Unbroken, Pace, LastOf, WasMet, EachCycle)


class Asked:
    """What rules on one day look at, of what a catalogue offers."""

    def __init__(self, rules: Sequence[Rule], catalogue: Sequence[Entry], on: date) -> None:
        self.rules, self.catalogue, self.on = rules, catalogue, on
        said = [value for rule in rules for value in every_value(rule)]
        self.names = {name: same.names[0] for rule in rules for same in rule.same for name in same.names}
        values = list(renamed(tuple(said), self.names)) if self.names else said
        # What must not be held is asked for in the words of "have … absent", however it is said.
        self.values = [*values, *(given for value in values if (given := barring(value)) is not None)]
        self.wheres = [value for value in self.values if isinstance(value, Where)]
        grouped = any(value.by in BY_DAY for value in self.of(Spread, Groups))
        self.is_day_by_day = grouped or self.has(Pace, EachCycle)
        lately = any(value.last is not None for value in self.of(Average, Graded))
        self.is_dated = grouped or lately or self.has(*_DATED)
        self.is_expiring = any(where.current for where in self.wheres) or self.has(Together, Unbroken)
        self.repeats = any(isinstance(where, Pool) and where.repeats for where in self.wheres)
        self.demand = max(1, sum(_demand(value, catalogue) for value in self.values))
        self.is_known = all(known(value) for value in said) and len({rule.same for rule in rules}) == 1
        # Whether all that matters has been made up: then what is not found is not there.
        # Several averages may lie apart by less than any grade that is made up.
        self.complete = self.is_known and len({_nameless(value) for value in self.of(Average)}) < 2

    def has(self, *types: Any) -> bool:
        """Whether anything of these kinds is said."""
        return any(isinstance(value, types) for value in self.values)

    def of(self, *types: Any) -> Iterator[Any]:
        """Everything of these kinds that is said."""
        return (value for value in self.values if isinstance(value, types))

    def leave_open(self, unless: bool = False) -> None:
        """Note that not everything that matters was made up, `unless` this holds."""
        self.complete = self.complete and unless


def _nameless(value: Any) -> Any:
    return replace(value, id="n")


def _demand(value: Any, catalogue: Sequence[Entry]) -> int:
    """So many things at the most could be of use to this part or condition."""

    def things(amount: Decimal, measure: str) -> int:
        if measure == "count":
            return ceil(amount)
        smallest = min((found for each in catalogue if (found := amount_of(each, measure)) > 0), default=Decimal(1))
        return ceil(amount / smallest)

    match value:
        case Count():
            found = max(value.at_least, value.at_most or 0, 1)
        case Amount():
            found = max(1, things(value.at_least, value.unit))
        case Given(at_least=least, measure=measure):
            found = things(least, measure)
        case Groups(at_least=least, groups=groups, measure=measure):
            found = groups * things(least, measure)
        case Limit(at_least=least, measure=measure) if least is not None:
            found = things(least, measure)
        case Spread(at_least=least):
            found = least or 1
        case _:
            found = int(isinstance(value, Requirement | Limit))
    return found


def amount_of(entry: Entry, measure: str) -> Decimal:
    """How much of a measure an award of the entry brings."""
    found = getattr(entry, measure, None)
    return found if isinstance(found, Decimal) else dict(entry.amounts).get(measure, Decimal(0))


def all_of(*words: Iterable[str]) -> list[str]:
    """Every word once, in order."""
    return list(dict.fromkeys(word for each in words for word in each))
