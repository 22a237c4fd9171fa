"""Random small rules and records, for properties."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Condition,
    Count,
    Holds,
    Limit,
    Newest,
    OneYear,
    Order,
    Passed,
    Period,
    Pool,
    Requirement,
    Rule,
    Span,
    Spread,
    Together,
    Where,
    walk,
)

ON = date(2025, 6, 1)
KEYS = ("a", "b", "c", "d", "e")
AMOUNTS = tuple(Decimal(each) for each in ("0", "2.5", "5", "7.5", "10"))


def _keys(least: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(KEYS), min_size=least, max_size=3, unique=True).map(tuple)


@st.composite
def wheres(draw: st.DrawFn) -> Where:
    if draw(st.integers(0, 3)):
        return Where()
    return Where(
        grade_at_least=draw(st.sampled_from([None, Decimal(50)])),
        level_at_least=draw(st.sampled_from([None, 5])),
        current=draw(st.booleans()),
    )


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    return Pool(
        achievements=draw(st.one_of(st.just(()), _keys())),
        tags=draw(st.sampled_from([(), (), ("t",)])),
        level_at_least=draw(st.sampled_from([None, None, 5])),
        earned_within=draw(st.sampled_from([None, None, Period(years=2)])),
        repeats=draw(st.integers(0, 5)) == 0,
    )


@st.composite
def leaves(draw: st.DrawFn) -> Requirement:
    shared = draw(st.integers(0, 5)) == 0
    match draw(st.integers(0, 9)):
        case 0 | 1 | 2 | 3:
            return Holds(id="?", any_of=draw(_keys()), where=draw(wheres()), shared=shared)
        case 4:
            return Passed(id="?", assessment="m/x", where=draw(wheres()), shared=shared)
        case 5 | 6 | 7:
            least = draw(st.integers(1, 3))
            most = draw(st.sampled_from([None, least, least + 1]))
            return Count(id="?", at_least=least, at_most=most, pool=draw(pools()), shared=shared)
        case _:
            amount = draw(st.sampled_from(AMOUNTS[1:])) * draw(st.integers(1, 2))
            most = draw(st.sampled_from([None, None, amount, amount + Decimal("2.5")]))
            return Amount(id="?", at_least=amount, at_most=most, pool=draw(pools()), shared=shared)


@st.composite
def parts(draw: st.DrawFn, depth: int = 3) -> Requirement:
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        return draw(leaves())
    inner = tuple(draw(st.lists(parts(depth - 1), min_size=1, max_size=3)))
    shared = draw(st.integers(0, 7)) == 0
    match draw(st.integers(0, 2)):
        case 0:
            return All(id="?", parts=inner, shared=shared)
        case 1:
            return AnyOf(id="?", parts=inner, shared=shared)
        case _:
            return AtLeast(id="?", count=draw(st.integers(1, len(inner))), parts=inner, shared=shared)


@st.composite
def conditions(draw: st.DrawFn, below: tuple[Requirement, ...]) -> Condition:  # noqa: PLR0911 (one kind each)
    half, third = Fraction(1, 2), Fraction(1, 3)
    match draw(st.integers(0, 9)):
        case 0 | 1 | 2:
            measure = draw(st.sampled_from(["count", "credits"]))
            amount = Decimal(draw(st.integers(1, 2))) if measure == "count" else draw(st.sampled_from(AMOUNTS[1:]))
            said = draw(
                st.sampled_from(
                    [
                        {"at_least": amount},
                        {"at_most": amount},
                        {"at_least_share": half},
                        {"at_most_share": half},
                        {"at_least_share": third},
                    ]
                )
            )
            of = draw(st.sampled_from([Pool(), Pool(level_at_least=5), Pool(tags=("t",)), Pool(achievements=("a",))]))
            return Limit(id="?", of=of, measure=measure, **said)
        case 3:
            return Spread(id="?", by="subject", at_least=2)
        case 4:
            return Spread(id="?", by="subject", at_most_each=1)
        case 5:
            return Average(id="?", at_least=Decimal(45), weight=draw(st.sampled_from(["count", "credits"])))
        case 6:
            return Newest(id="?", within=Period(years=1, exclusive=draw(st.booleans())))
        case 7:
            return draw(st.sampled_from([Span(id="?", within=Period(years=1)), OneYear(id="?", month=5, day=31)]))
        case 8 if len(below) > 1:
            within = draw(st.sampled_from([None, Period(years=1)]))
            return Order(id="?", first=("0",), then=("1",), within=within)
        case _:
            return Together(id="?")


@st.composite
def conditioned(draw: st.DrawFn) -> Rule:
    """A rule with conditions over its root and perhaps over a part of it, and nothing shared."""
    inner = tuple(
        replace(each, shared=False)
        for each in draw(st.lists(st.one_of(leaves(), leaves(), parts(1)), min_size=1, max_size=3))
    )
    root: Requirement
    match draw(st.integers(0, 3)):
        case 0:
            root = AnyOf(id="?", parts=inner)
        case 1:
            root = AtLeast(id="?", count=draw(st.integers(1, len(inner))), parts=inner)
        case _:
            root = All(id="?", parts=inner)
    over = tuple(draw(st.lists(conditions(inner), min_size=1, max_size=2)))
    rule = renumbered(replace(_unshared(root), conditions=over))
    return Rule(root=rule)


def _unshared(part: Requirement) -> Requirement:
    given = {**part.__dict__, "shared": False}
    if isinstance(part, All | AnyOf | AtLeast):
        given["parts"] = tuple(_unshared(each) for each in part.parts)
    return type(part)(**given)


def renumbered(part: Requirement) -> Requirement:
    numbers = iter(range(1000))

    def visit(each: Requirement) -> Requirement:
        given = {**each.__dict__, "id": f"n{next(numbers)}"}
        if isinstance(each, All | AnyOf | AtLeast):
            given["parts"] = tuple(visit(below) for below in each.parts)
        over = tuple(replace(condition, id=f"c{next(numbers)}") for condition in getattr(each, "conditions", ()))
        if over:
            # An order names parts by their place until they have their ids.
            ids = [below.id for below in given.get("parts", ())]
            given["conditions"] = tuple(
                replace(condition, first=(ids[0],), then=(ids[1],)) if isinstance(condition, Order) else condition
                for condition in over
            )
        return type(each)(**given)

    return visit(part)


def rules(most_leaves: int = 5) -> st.SearchStrategy[Rule]:
    made = parts().map(lambda part: Rule(root=renumbered(part)))
    return made.filter(lambda rule: sum(not hasattr(part, "parts") for part in walk(rule.root)) <= most_leaves)


@st.composite
def holdings(draw: st.DrawFn, name: str) -> Holding:
    kind = draw(st.sampled_from(["award", "award", "award", "award", "recognised", "grade"]))
    return Holding(
        id=name,
        kind=kind,
        key="m/x" if kind == "grade" else draw(st.sampled_from(KEYS)),
        earned_on=draw(st.sampled_from([date(2020, 1, 1), date(2024, 1, 1), date(2025, 6, 1), date(2025, 6, 2)])),
        credits=draw(st.sampled_from(AMOUNTS)),
        level=draw(st.sampled_from([None, 4, 5])),
        grade=draw(st.sampled_from([None, Decimal(40), Decimal(50)])),
        passed=draw(st.booleans()),
        until=draw(st.sampled_from([None, None, date(2025, 5, 31), date(2025, 6, 1)])),
        status=draw(st.sampled_from(["active", "active", "active", "active", "revoked"])),
        subject=draw(st.sampled_from(["p", "q"])),
        tags=draw(st.sampled_from([frozenset(), frozenset({"t"})])),
    )


@st.composite
def records(draw: st.DrawFn, most: int = 5) -> Record:
    count = draw(st.integers(0, most))
    return Record(holdings=tuple(draw(holdings(f"h{number}")) for number in range(count)))
