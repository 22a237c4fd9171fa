"""Makes up what may be known of learners: each set of facts that the rules can tell apart."""

from collections.abc import Iterable
from itertools import islice, product

from pathways.rules.checks import check_met
from pathways.rules.made_up.asked import Asked
from pathways.rules.made_up.turns import beginnings, fact_days, fact_values
from pathways.rules.record import Record
from pathways.rules.requirement import (
    Amount,
    Count,
    EachCycle,
    Fact,
    FactDay,
    Limit,
    Match,
    NumberTest,
    ScaleTest,
    Where,
)

MOST_SETS = 48


def sets_of_facts(asked: Asked) -> list[dict[str, str]]:
    """Every set of facts worth telling apart; a fact that is not known is left out."""
    values: dict[str, dict[str | None, None]] = {}
    for value in asked.values:
        for name, words in _words(value, asked):
            values.setdefault(name, {}).update(dict.fromkeys(words))
    seen = of_holdings(asked)
    told = [list(said) if name in seen else _told_apart(asked, name, said) for name, said in values.items()]
    combined = product(*(dict.fromkeys((*found, None)) for found in told))
    listed = list(islice(combined, MOST_SETS + 1))
    asked.leave_open(unless=len(listed) <= MOST_SETS)
    return [
        {name: said for name, said in zip(values, chosen, strict=True) if said is not None}
        for chosen in listed[:MOST_SETS]
    ]


def _words(value: object, asked: Asked) -> Iterable[tuple[str, Iterable[str]]]:
    """The facts that something in a rule looks at, with words that it may tell apart."""
    match value:
        case Fact(name=name):
            shared = [each for each in (value.same_as, value.at_least_fact, value.at_most_fact) if each]
            yield name, [*fact_values(value, asked.on), *(["1"] if shared else [])]
            # What it is compared with says the same, or more, or less.
            yield from ((each, ("1", "0", "2")) for each in shared)
        case FactDay(fact=name):
            yield name, fact_days(value, asked.on)
        case Where(tags_as_facts=names):
            yield from ((name, _tag_values(asked, name.rpartition(".")[2])) for name in names)
        case Match(of=of, fact=name):
            yield name, _tag_values(asked, of)
        case Count() | Amount() | Limit():
            least = value.at_least or 0
            if value.at_least_fact:
                yield value.at_least_fact, (str(least), str(least + 1))
            if isinstance(value, Amount) and value.less_fact:
                yield value.less_fact, ("1", str(least))
        case NumberTest() | ScaleTest():
            bounds = value.scale if isinstance(value, ScaleTest) else ("50",)
            yield from ((name, bounds) for name in (value.at_least_fact, value.at_most_fact) if name)
        case EachCycle(beginning=FactDay(fact=name), every=every):
            # One cycle is over, or none is.
            yield name, beginnings(every, asked.on)


def of_holdings(asked: Asked) -> set[str]:
    """The facts by which holdings are judged."""
    found = {name for where in asked.wheres for name in where.tags_as_facts}
    found |= {match.fact for where in asked.wheres for match in where.matches}
    for test in asked.of(NumberTest, ScaleTest):
        found |= {test.at_least_fact, test.at_most_fact} - {""}
    return found | {value.fact for value in asked.of(FactDay)}


def _told_apart(asked: Asked, name: str, values: Iterable[str | None]) -> list[str | None]:
    """One value of a fact for each set of verdicts on it; that it is not known comes last."""
    checks = [value for value in asked.of(Fact) if value.name == name]
    if any(_is_compared(check) for check in asked.of(Fact)) or any(
        name in (value.at_least_fact, getattr(value, "less_fact", "")) for value in asked.of(Count, Amount, Limit)
    ):
        return list(dict.fromkeys(values))
    found: dict[tuple[bool, ...], str | None] = {}
    for value in (None, *values):
        record = Record(facts={} if value is None else {name: value})
        found.setdefault(tuple(check_met(check, record, asked.on, {}) for check in checks), value)
    return sorted(found.values(), key=lambda value: value is None)


def _is_compared(check: Fact) -> bool:
    return bool(check.same_as or check.at_least_fact or check.at_most_fact)


def _tag_values(asked: Asked, name: str) -> list[str]:
    start = f"{name}="
    tags = {tag for entry in asked.catalogue for tag in entry.tags if tag.startswith(start)}
    return sorted(tag.removeprefix(start) for tag in tags)
