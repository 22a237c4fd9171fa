"""Random small rules and records, for properties."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from pathways.rules.record import Holding, Other, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Condition,
    Count,
    Fact,
    Given,
    Graded,
    Groups,
    Holds,
    LastOf,
    Leaf,
    Limit,
    Newest,
    OneYear,
    Order,
    Overlap,
    Pace,
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
DAYS = tuple(
    date.fromisoformat(each)
    for each in ("2020-01-01", "2024-01-01", "2024-05-31", "2024-06-01", "2025-05-31", "2025-06-01", "2025-06-02")
)
AMOUNTS = tuple(Decimal(each) for each in ("0", "2.5", "5", "7.5", "10"))
MEASURED = st.sampled_from(["count", "credits"])
# Every record comes with these; the holdings of records are called h0, h1 …
OTHERS = (
    Other(id="y", kind="k", uses=frozenset({"h0", "h1"})),
    Other(id="z", kind="l", uses=frozenset({"h1", "h3"})),
    Other(id="w", kind="k", uses=frozenset({"h2"}), granted=False),
)


def _keys(least: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    # The first keys more often, as in the records, so that what is asked for is often held.
    return st.lists(st.sampled_from("aaabbbccde"), min_size=least, max_size=3, unique=True).map(tuple)


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
        tags=draw(st.sampled_from([(), (), (), ("t",)])),
        level_at_least=draw(st.sampled_from([None, None, None, 5])),
        earned_within=draw(st.sampled_from([None, None, None, Period(years=2)])),
        repeats=draw(st.integers(0, 3)) == 0,
    )


@st.composite
def leaves(draw: st.DrawFn, *, least: int = 1) -> Requirement:
    shared = draw(st.integers(0, 5)) == 0
    match draw(st.integers(0, 9)):
        case 0 | 1 | 2 | 3:
            return Holds(id="?", any_of=draw(_keys()), where=draw(wheres()), shared=shared)
        case 4:
            return Passed(id="?", assessment="m/x", where=draw(wheres()), shared=shared)
        case 5 | 6 | 7:
            count = draw(st.integers(least, 3))
            upto = draw(st.sampled_from([None, count, count + 1]))
            return Count(id="?", at_least=count, at_most=upto, pool=draw(pools()), shared=shared)
        case _:
            amount = draw(st.sampled_from(AMOUNTS[least:])) * draw(st.integers(1, 2))
            most = draw(st.sampled_from([None, None, amount, amount + Decimal("2.5")]))
            unit = draw(st.sampled_from(["credits", "credits", "hours"]))
            return Amount(id="?", at_least=amount, at_most=most, unit=unit, pool=draw(pools()), shared=shared)


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
def conditions(draw: st.DrawFn, below: int) -> Condition:  # noqa: PLR0911, PLR0912 (one kind each)
    """A condition over a part with so many parts below it; an order names them by their place until they have ids."""
    half, third = Fraction(1, 2), Fraction(1, 3)
    match draw(st.integers(-6, 9)):
        case -6:
            share = draw(st.sampled_from([{"at_least_share": half}, {"at_most_share": third}]))
            rounded = draw(st.sampled_from(["up", "down", "nearest"]))
            of = draw(st.sampled_from([Pool(level_at_least=5), Pool(tags=("t",))]))
            return Limit(id="?", of=of, measure="count", rounded=rounded, **share)
        case -5:
            by, measure = draw(st.sampled_from(["subject", "year", "achievement"])), draw(MEASURED)
            return Groups(
                id="?",
                by=by,
                at_least=draw(st.sampled_from(AMOUNTS[1:3])),
                groups=draw(st.integers(1, 2)),
                measure=measure,
            )
        case -4:
            of = draw(st.sampled_from([Pool(level_at_least=5), Pool(tags=("t",))]))
            last = draw(st.sampled_from(AMOUNTS[1:]))
            return LastOf(id="?", last=last, of=of, at_least=last / 2)
        case -3:
            kinds = draw(st.sampled_from([(), ("k",)]))
            most = draw(st.sampled_from(AMOUNTS[:3]))
            return Overlap(id="?", kinds=kinds, measure=draw(MEASURED), at_most=most, each=draw(st.booleans()))
        case -2:
            best = draw(st.sampled_from([None, Decimal(1), Decimal(2)]))
            zero = draw(st.booleans())
            last = draw(st.sampled_from([None, None, Decimal(1), Decimal("7.5")]))
            if best is None and draw(st.booleans()):
                return Average(id="?", at_most=Decimal(45), weight="count", ungraded_as_zero=zero, last=last)
            weight = draw(MEASURED)
            return Average(id="?", at_least=Decimal(45), weight=weight, best=best, ungraded_as_zero=zero, last=last)
        case -1:
            by = draw(st.sampled_from(["achievement", "year"]))
            pace = Pace(id="?", within=draw(st.sampled_from([Period(days=2), Period(years=1)])), at_most=Decimal(1))
            few = Spread(
                id="?", by=by, at_most=draw(st.integers(1, 2)), of=draw(st.sampled_from([Pool(), Pool(tags=("t",))]))
            )
            each = Spread(id="?", by=by, at_most_each=draw(st.sampled_from(AMOUNTS[1:4])), measure="credits")
            return draw(st.sampled_from([pace, few, each]))
        case 0 | 1 | 2:
            measure = draw(st.sampled_from(["count", "credits"]))
            amount = Decimal(draw(st.integers(0, 2))) if measure == "count" else draw(st.sampled_from(AMOUNTS))
            said = draw(
                st.sampled_from(
                    [
                        {"at_least": amount},
                        {"at_most": amount},
                        {"at_least": amount, "at_most": amount},
                        {"at_least_share": half},
                        {"at_most_share": half},
                        {"at_least_share": third},
                        {"at_most_share": third, "at_least": amount},
                    ]
                )
            )
            of = draw(st.sampled_from([Pool(), Pool(level_at_least=5), Pool(tags=("t",)), Pool(achievements=("a",))]))
            among = draw(st.sampled_from([None, None, None, Pool(level_at_least=5), Pool(tags=("t",))]))
            return Limit(id="?", of=of, measure=measure, among=among, **said)
        case 3:
            by = draw(st.sampled_from(["subject", "level", "issuer"]))
            return Spread(id="?", by=by, at_least=2, at_most_each=draw(st.sampled_from([None, None, 1])))
        case 4:
            by = draw(st.sampled_from(["subject", "level", "issuer"]))
            of = draw(st.sampled_from([Pool(), Pool(tags=("t",))]))
            return Spread(id="?", by=by, at_most_each=draw(st.integers(1, 2)), of=of)
        case 5:
            return Average(id="?", at_least=Decimal(45), weight=draw(st.sampled_from(["count", "credits"])))
        case 6:
            return Newest(id="?", within=Period(years=1, exclusive=draw(st.booleans())))
        case 7:
            within = draw(st.sampled_from([Period(years=1), Period(months=1), Period(years=1, exclusive=True)]))
            apart = Span(id="?", at_least=draw(st.sampled_from([Period(months=1), Period(years=1)])))
            return draw(st.sampled_from([Span(id="?", within=within), apart, OneYear(id="?", month=5, day=31)]))
        case 8 if below:
            within = draw(st.sampled_from([None, Period(years=1), Period(years=1, exclusive=True)]))
            places = st.integers(0, below - 1).map(str)
            first, then = (draw(st.lists(places, min_size=1, max_size=2, unique=True)) for _ in range(2))
            backwards = within is not None and draw(st.booleans())
            apart = None if backwards else draw(st.sampled_from([None, None, Period(months=1)]))
            return Order(id="?", first=tuple(first), then=tuple(then), within=within, apart=apart, any_order=backwards)
        case _:
            return Together(id="?")


@st.composite
def conditioned(draw: st.DrawFn) -> Rule:
    """A rule with conditions over its root; parts share only under conditions on days."""
    inner = tuple(draw(st.lists(st.one_of(leaves(), leaves(), parts(1)), min_size=1, max_size=3)))
    root: Requirement
    match draw(st.integers(0, 3)):
        case 0:
            root = AnyOf(id="?", parts=inner)
        case 1:
            root = AtLeast(id="?", count=draw(st.integers(1, len(inner))), parts=inner)
        case _:
            root = All(id="?", parts=inner)
    below = sum(1 for _ in walk(root)) - 1
    over = tuple(draw(st.lists(conditions(below), min_size=1, max_size=2)))
    may_share = all(isinstance(each, Order | OneYear | Span | Together | Newest) for each in over)
    return Rule(root=renumbered(replace(root if may_share else _unshared(root), conditions=over)))


@st.composite
def _anything(draw: st.DrawFn, depth: int, *, under: bool) -> Requirement:
    """A part of any kind with conditions anywhere; only what no condition looks at from above shares."""
    part: Requirement
    match draw(st.integers(0, 11)):
        case 0:
            return Fact(id="?", name="declared", one_of=draw(st.sampled_from([("yes",), ("no",)])))
        case 1:
            if draw(st.integers(0, 2)) == 0:
                last = draw(st.sampled_from([None, Decimal(1), Decimal("7.5")]))
                return Graded(id="?", pool=draw(pools()), at_least=Decimal(45), weight=draw(MEASURED), last=last)
            return Given(id="?", pool=draw(pools()), absent=draw(st.booleans()))
        case chance if depth == 0 or chance < 6:
            # A part that asks for nothing makes sense only where a condition above asks for it.
            part = draw(leaves(least=0 if under else 1))
            over = draw(st.lists(conditions(0), max_size=1)) if isinstance(part, Count | Amount) else []
        case _:
            over = draw(st.lists(st.just(None), max_size=2))
            looked_at = under or bool(over)
            inner = tuple(draw(st.lists(_anything(depth - 1, under=looked_at), min_size=1, max_size=3)))
            count = draw(st.integers(1, len(inner)))
            group = draw(st.sampled_from([All, AnyOf, AtLeast]))
            part = AtLeast(id="?", count=count, parts=inner) if group is AtLeast else group(id="?", parts=inner)
            below = sum(1 for _ in walk(part)) - 1
            over = [draw(conditions(below)) for _ in over]
            part = replace(part, shared=draw(st.integers(0, 5)) == 0)
    if over:
        part = replace(part, conditions=tuple(over))
    return replace(part, shared=False) if under else part


def anything(most_leaves: int = 4) -> st.SearchStrategy[Rule]:
    """A rule of any shape, with conditions and checks anywhere."""
    made = _anything(3, under=False).map(lambda part: Rule(root=renumbered(part)))
    return made.filter(lambda rule: sum(isinstance(part, Leaf) for part in walk(rule.root)) <= most_leaves)


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
            ids = [part.id for below in given.get("parts", ()) for part in walk(below)]
            given["conditions"] = tuple(
                replace(
                    condition,
                    first=tuple(ids[int(place)] for place in condition.first),
                    then=tuple(ids[int(place)] for place in condition.then),
                )
                if isinstance(condition, Order)
                else condition
                for condition in over
            )
        return type(each)(**given)

    return visit(part)


def rules(most_leaves: int = 5) -> st.SearchStrategy[Rule]:
    made = parts().map(lambda part: Rule(root=renumbered(part)))
    return made.filter(lambda rule: sum(not hasattr(part, "parts") for part in walk(rule.root)) <= most_leaves)


@st.composite
def holdings(draw: st.DrawFn, name: str, keys: tuple[str, ...] = KEYS) -> Holding:
    kind = draw(st.sampled_from([*["award"] * 6, "recognised", "grade"]))
    return Holding(
        id=name,
        kind=kind,
        key="m/x" if kind == "grade" else draw(st.sampled_from(keys)),
        earned_on=draw(st.sampled_from(DAYS)),
        credits=draw(st.sampled_from(AMOUNTS)),
        hours=draw(st.sampled_from(AMOUNTS)),
        level=draw(st.sampled_from([None, 4, 5, 5])),
        grade=draw(st.sampled_from([None, Decimal(40), Decimal(50), Decimal(60)])),
        passed=draw(st.booleans()),
        until=draw(st.sampled_from([None, None, date(2025, 5, 31), date(2025, 6, 1)])),
        status=draw(st.sampled_from([*["active"] * 8, "revoked"])),
        subject=draw(st.sampled_from(["p", "q"])),
        issuer=draw(st.sampled_from(["i", "j"])),
        tags=draw(st.sampled_from([frozenset(), frozenset({"t"})])),
    )


@st.composite
def records(draw: st.DrawFn, most: int = 5) -> Record:
    count = draw(st.sampled_from([*range(most + 1), most - 1, most, most]))
    # Few keys make repeats likely: one achievement held twice, with other credits, grades and dates.
    keys = draw(st.sampled_from([KEYS, KEYS[:3], KEYS[:2], KEYS[:1]]))
    held = tuple(draw(holdings(f"h{number}", keys)) for number in range(count))
    return Record(holdings=held, facts={"declared": "yes"}, others=OTHERS)
