"""What counts in part counts as if each unit of it were an entry of its own, and is never counted twice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.rules import effort, soundness, tried
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import All, Amount, Limit, Pool, Requirement, Rule, Spread, walk
from pathways.rules.text import from_text

ON = date(2025, 6, 30)
steady = settings(derandomize=True, deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


@st.composite
def logs(draw: st.DrawFn) -> Record:
    count = draw(st.integers(1, 3))
    return Record(
        holdings=tuple(
            Holding(
                id=f"h{number}",
                kind="award",
                key=draw(st.sampled_from(["flight", "simulator"])),
                earned_on=date(2024, 1, 1 + number // 2),
                hours=Decimal(draw(st.integers(1, 5))),
                tags=draw(st.sampled_from([frozenset(), frozenset({"night"})])),
            )
            for number in range(count)
        )
    )


POOLS = (Pool(), Pool(achievements=("flight",)), Pool(tags=("night",)))


@st.composite
def divided(draw: st.DrawFn) -> Rule:
    parts = tuple(
        Amount(
            id=f"p{number}",
            at_least=Decimal(draw(st.integers(0, 5))),
            at_most=draw(st.sampled_from([None, None, Decimal(5)])),
            unit="hours",
            divisible=True,
            pool=draw(st.sampled_from(POOLS)),
        )
        for number in range(draw(st.integers(1, 2)))
    )
    of = draw(st.sampled_from(POOLS[1:]))
    amount, half = Decimal(draw(st.integers(1, 4))), Fraction(1, 2)
    said: dict[str, object] = draw(
        st.sampled_from(
            [
                {"at_most": amount},
                {"at_least": amount},
                {"at_most_share": half},
                {"at_least_share": half},
                {"at_least": amount, "at_most": amount},
            ]
        )
    )
    over: list[Limit | Spread] = [Limit(id="c", of=of, measure="hours", **said)]  # type: ignore[arg-type]
    over += [Limit(id="d", of=Pool(), measure="hours", at_least=Decimal(draw(st.integers(1, 8))))]
    if draw(st.booleans()):
        over.append(
            Spread(id="e", by=draw(st.sampled_from(["achievement", "day"])), at_most_each=Decimal(3), measure="hours")
        )
    return Rule(root=All(id="r", parts=parts, conditions=tuple(over[: draw(st.integers(0, 3))])))


def in_units(record: Record) -> Record:
    return Record(
        holdings=tuple(
            replace(each, id=f"{each.id}.{unit}", hours=Decimal(1))
            for each in record.holdings
            for unit in range(int(each.hours))
        )
    )


def counted_whole(part: Requirement) -> Requirement:
    assert isinstance(part, All)
    parts = [each for each in walk(part) if isinstance(each, Amount)]
    return replace(
        part, parts=tuple(replace(each, divisible=False, pool=replace(each.pool, repeats=True)) for each in parts)
    )


@steady
@given(divided(), logs())
def test_the_verdict_is_that_over_single_units(rule: Rule, record: Record) -> None:
    assert satisfied(rule, record, ON) == satisfied(Rule(root=counted_whole(rule.root)), in_units(record), ON)


@steady
@given(divided(), logs())
def test_no_more_of_an_entry_counts_than_there_is(rule: Rule, record: Record) -> None:
    evaluation = evaluate(rule, record, ON)
    for holding in record.holdings:
        taken = [each.amount for part in evaluation.allocation.values() for each in part if each.holding == holding.id]
        assert sum(taken, Decimal(0)) <= holding.hours


PRACTICE = from_text(
    "earn 40; unit hours; divisible; achievements CPD; repeats\n"
    "  where spread; by day; at most each 8; measure hours\n"
    "  where limit; tags structured; measure hours; at least share 1/2"
)


@pytest.mark.parametrize(
    ("hours", "of_a_day", "every", "met"),
    [
        (["3", "5", "9"] * 7, 2, 7, False),
        (["3", "5", "9"] * 7, 1, 7, False),
        (["3", "5", "9"] * 7, 2, 2, True),
        (["2.5", "3.25", "10"] * 10, 3, 5, True),
        (["2.5", "3.25", "10"] * 7, 3, 9, False),
    ],
)
def test_a_maximum_for_each_day_and_a_share_cost_little_met_or_not(
    hours: list[str], of_a_day: int, every: int, *, met: bool
) -> None:
    held = [
        Holding(
            id=f"h{number}",
            kind="award",
            key="CPD",
            earned_on=date(2024, 1, 1 + number // of_a_day),
            hours=Decimal(each),
            tags=frozenset({"structured"} if number % every == 0 else ()),
        )
        for number, each in enumerate(hours)
    ]
    with effort.bounded(effort.MOST // tried.MARGIN):
        assert satisfied(PRACTICE, Record(holdings=tuple(held)), ON) is met


def test_a_rule_with_a_maximum_for_each_day_and_a_share_can_be_published() -> None:
    assert not soundness.check(PRACTICE)
    assert not tried.who_stalls(PRACTICE)


def test_many_entries_are_divided_in_time() -> None:
    rule = from_text(
        "earn 1500; unit hours; divisible\n"
        "  where limit; achievements simulator; at most 100; measure hours\n"
        "  where limit; tags night; at least 100; measure hours\n"
    )
    hours = [Decimal(37) + number for number in range(30)]
    record = Record(
        holdings=tuple(
            Holding(
                id=f"h{number}",
                kind="award",
                key="simulator" if number % 5 == 0 else "flight",
                earned_on=date(2024, 1, 1),
                hours=each + Decimal("0.1"),
                tags=frozenset({"night"} if number % 7 == 0 else ()),
            )
            for number, each in enumerate(hours)
        )
    )
    assert not satisfied(rule, record, ON) or sum(each.hours for each in record.holdings) >= 1500
    evaluation = evaluate(rule, record, ON)
    simulated = {each.id: each.hours for each in record.holdings if each.key == "simulator"}
    taken = sum(each.amount for part in evaluation.allocation.values() for each in part if each.holding in simulated)
    assert taken <= 100


@pytest.mark.parametrize("condition", ["", "\n    where newest; within 5 years"])
def test_many_achievements_both_counted_once_and_repeated_are_no_trouble(condition: str) -> None:
    rule = from_text(f"all of\n  count 1; achievements a, b, c, d, e, f, g, h, i, j, k\n  count 1; repeats{condition}")
    record = Record(
        holdings=tuple(
            Holding(id=f"{key}{number}", kind="award", key=key, earned_on=date(2024, 1, 1 + number))
            for key in "abcdefghijk"
            for number in range(2)
        )
    )
    assert satisfied(rule, record, ON)
    assert not satisfied(rule, Record(holdings=record.holdings[:1]), ON)
    assert len(evaluate(rule, record, ON).used) == 2


OF_REQUIRED = from_text(
    "earn 40; unit hours; divisible; repeats\n"
    "  where limit; tags reading; measure hours; at most share 1/3; share of required\n"
    "  where limit; tags local; measure hours; at least share 3/8; share of required"
)


@pytest.mark.parametrize(
    ("other", "local", "met"),
    [("11.75", "15", True), ("11.5", "15", False), ("30", "14.75", False), ("12", "15", True)],
)
def test_a_share_of_what_is_required_is_an_amount_and_divides_as_one(other: str, local: str, *, met: bool) -> None:
    told = {"a": ("20", ["reading"]), "b": (other, []), "c": (local, ["local"])}
    held = [
        Holding(id=name, kind="award", key="x", earned_on=ON, hours=Decimal(hours), tags=frozenset(tags))
        for name, (hours, tags) in told.items()
    ]
    with effort.bounded(20_000):
        assert satisfied(OF_REQUIRED, Record(holdings=tuple(held)), ON) is met
    assert not tried.who_stalls(OF_REQUIRED)
