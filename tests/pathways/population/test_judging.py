"""What the columns claim is what the exact evaluator says, for any rule and any records; the rest they leave open."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.population import deciding
from pathways.population.columns import Sheet, of_records
from pathways.population.judging import Judge
from pathways.rules.evaluate import satisfied
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Blend,
    Count,
    FactDay,
    Given,
    Graded,
    Holds,
    Limit,
    Match,
    NumberTest,
    Pool,
    Requirement,
    Rule,
    Spread,
    Substitute,
)
from tests.pathways.rules.random_rules import ON, anything, conditioned, records, rules

some_records = st.lists(records(), min_size=1, max_size=6)


def verdicts(rule: Rule, held: list[Record]) -> list[bool | None]:
    columns = of_records(held)
    found = Judge(rule, columns.kinds, ON).verdicts(Sheet(columns, ON))
    return [
        True if surely else None if perhaps else False
        for surely, perhaps in zip(found.surely, found.perhaps, strict=True)
    ]


def assert_never_wrong(rule: Rule, held: list[Record]) -> None:
    for record, verdict in zip(held, verdicts(rule, held), strict=True):
        if verdict is not None:
            assert satisfied(rule, record, ON) == verdict


@settings(max_examples=40, deadline=None, derandomize=True)
@given(rules(), some_records)
def test_what_is_claimed_of_plain_rules_is_so(rule: Rule, held: list[Record]) -> None:
    assert_never_wrong(rule, held)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(conditioned(), some_records)
def test_what_is_claimed_of_rules_with_conditions_is_so(rule: Rule, held: list[Record]) -> None:
    assert_never_wrong(rule, held)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(anything(), some_records)
def test_what_is_claimed_of_any_rule_is_so(rule: Rule, held: list[Record]) -> None:
    assert_never_wrong(rule, held)


def decided(rule: Rule, held: list[Record]) -> list[bool]:
    columns = of_records(held)
    judge, sheet = Judge(rule, columns.kinds, ON), Sheet(columns, ON)
    return [bool(each) for each in deciding.decide(judge, sheet, held.__getitem__)]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(anything(), some_records)
def test_what_is_decided_of_any_rule_is_what_the_evaluator_says(rule: Rule, held: list[Record]) -> None:
    assert decided(rule, held) == [satisfied(rule, record, ON) for record in held]


TWO = Pool(achievements=("a", "b"))
LATE = Limit(id="l", of=Pool(earned_since=date(2023, 6, 1)), measure="count", at_most=Decimal(0))


@pytest.mark.parametrize(
    "root",
    [
        Count(id="r", at_least=2, pool=TWO, conditions=(Spread(id="s", by="year", at_least=2),)),
        All(id="r", parts=(Count(id="c", at_least=2, pool=TWO),), conditions=(LATE,)),
        Count(
            id="r",
            at_least=2,
            pool=TWO,
            conditions=(Limit(id="l", of=Pool(), measure="count", at_least_fact="asked"),),
        ),
    ],
)
def test_who_holds_the_same_is_not_judged_alike_where_more_than_that_matters(root: Requirement) -> None:
    def record(last: date, asked: str) -> Record:
        days = (("a", date(2023, 1, 1)), ("b", last))
        holdings = tuple(Holding(id=key, kind="award", key=key, earned_on=day) for key, day in days)
        return Record(holdings=holdings, facts={"asked": asked})

    held = [record(date(2023, 1, 1), "1"), record(date(2024, 1, 1), "3")]
    said = [satisfied(Rule(root=root), each, ON) for each in held]
    assert decided(Rule(root=root), held) == said
    assert len(set(said)) == 2


def test_what_is_left_open_is_told_with_the_reason() -> None:
    capped = Amount(id="a", at_least=Decimal(5), pool=Pool(), at_most_each=Decimal(2))
    retired = Count(id="c", at_least=1, pool=Pool(statuses=("retired",)))
    rule = Rule(root=All(id="r", parts=(capped, retired, Holds(id="h", any_of=("a",)))))
    kinds = of_records(HELD).kinds
    assert Judge(rule, kinds, ON).left_open == {"a": "Amount.at_most_each", "c": "Pool.statuses"}


def test_whoever_has_no_grade_so_high_is_told_and_the_rest_is_left_to_the_evaluator() -> None:
    def record(*grades: int | None) -> Record:
        marks = (None if grade is None else Decimal(grade) for grade in grades)
        return Record(
            holdings=tuple(
                Holding(id=f"h{n}", kind="award", key=f"k{n}", earned_on=ON, grade=mark, credits=Decimal(5))
                for n, mark in enumerate(marks)
            )
        )

    held = [record(50, 59), record(60), record(59, 61), record(None), record()]
    rule = Rule(root=Graded(id="r", pool=Pool(), at_least=Decimal(60)))
    assert verdicts(rule, held) == [False, None, None, False, False]
    assert decided(rule, held) == [False, True, True, False, False]
    # What may count as zero, or is worth something else in words, is told by the evaluator alone.
    assert verdicts(replace(rule, root=replace(rule.root, ungraded_as_zero=True)), held) == [None] * 5
    # What is rounded may come to more than any grade.
    up = Blend(of=Pool(), share=Fraction(1), step=Decimal(10), rounded="up")
    nested = Blend(of=Pool(), share=Fraction(1), blend=(up,))
    for blend in (up, nested):
        rounding = replace(rule, root=replace(rule.root, blend=(blend,)))
        assert verdicts(rounding, held[:1]) == [None]
        assert decided(rounding, held[:1]) == [True]


def test_a_divided_amount_is_told_by_its_sum() -> None:
    def record(*amounts: int) -> Record:
        days = (Holding(id=f"h{n}", kind="award", key="a", earned_on=ON, hours=Decimal(n)) for n in amounts)
        return Record(holdings=tuple(days))

    held = [record(3), record(3, 2), record(7), record()]
    hours = Amount(id="r", at_least=Decimal(5), at_most=Decimal(6), pool=Pool(), unit="hours", divisible=True)
    assert verdicts(Rule(root=hours), held) == [False, True, True, False]
    assert decided(Rule(root=replace(hours, at_most=Decimal(4))), held) == [False] * 4


def test_what_more_than_the_kind_tells_only_shuts_out() -> None:
    """Properties of the holding itself are told; what the learner's facts say of them only keeps people out."""
    held = [
        Record(holdings=(Holding(id="h", kind="award", key="a", earned_on=ON, points=Decimal(points)),))
        for points in (3, 7)
    ]
    five = Pool(numbers=(NumberTest(of="points", at_least=Decimal(5)),))
    assert verdicts(Rule(root=Count(id="r", at_least=1, pool=five)), held) == [False, True]
    own = Pool(numbers=(*five.numbers, NumberTest(of="points", at_least_fact="asked")))
    assert verdicts(Rule(root=Count(id="r", at_least=1, pool=own)), held) == [False, None]
    matching = Pool(matches=(Match(of="subject", fact="asked"),), kinds=("Certificate",))
    assert verdicts(Rule(root=Count(id="r", at_least=1, pool=matching)), held) == [False, False]


@dataclass(frozen=True, kw_only=True)
class OfTomorrow:
    """A kind of part that nobody here knows yet."""

    id: str


HELD = [
    Record(holdings=(Holding(id="h", kind="award", key="a", earned_on=ON, credits=Decimal(5)),)),
    Record(),
]


def test_a_part_of_an_unknown_kind_is_left_open() -> None:
    unknown: Any = OfTomorrow(id="u")
    rule = Rule(root=All(id="r", parts=(unknown, Holds(id="h", any_of=("a",)))))
    assert verdicts(rule, HELD) == [None, False]
    rule = Rule(root=AnyOf(id="r", parts=(unknown, Holds(id="h", any_of=("a",)))))
    assert verdicts(rule, HELD) == [True, None]


def test_a_known_part_that_says_something_unknown_is_left_open() -> None:
    plain = Amount(id="r", at_least=Decimal(5), pool=Pool())
    assert verdicts(Rule(root=plain), HELD) == [True, False]
    assert verdicts(Rule(root=replace(plain, at_most_each=Decimal(2))), HELD) == [None, None]
    assert verdicts(Rule(root=replace(plain, pool=Pool(statuses=("retired",)))), HELD) == [None, None]
    assert verdicts(Rule(root=plain, substitutes=(Substitute(of=Pool(), achievement="b"),)), HELD) == [None, None]


def test_a_day_that_depends_on_the_learner_lets_nothing_in_for_certain() -> None:
    since = Pool(earned_since=FactDay(fact="born"))
    assert verdicts(Rule(root=Count(id="r", at_least=1, pool=since)), HELD) == [None, False]
    absent = Given(id="r", pool=since, absent=True)
    assert verdicts(Rule(root=absent), HELD) == [None, True]


def test_learners_who_hold_alike_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two parts of a choice that contend: what columns leave open goes to the exact evaluator."""
    asked: list[Record] = []
    monkeypatch.setattr(
        deciding, "satisfied", lambda rule, record, on: asked.append(record) or satisfied(rule, record, on)
    )
    choice = AtLeast(
        id="r",
        count=2,
        parts=tuple(Holds(id=f"p{place}", any_of=any_of) for place, any_of in enumerate(("ab", "bc", "cd"))),
    )
    keys = (("b",), ("b",), ("b", "c"), ("a", "d"), ("c",), ("b",), ())
    held = [
        Record(holdings=tuple(Holding(id=key, kind="award", key=key, earned_on=ON) for key in some)) for some in keys
    ]
    rule = Rule(root=choice)
    columns = of_records(held)
    judge = Judge(rule, columns.kinds, ON)
    sheet = Sheet(columns, ON)
    found = deciding.decide(judge, sheet, deciding.RecordsOf(columns))
    assert found.tolist() == [satisfied(rule, record, ON) for record in held]
    assert (len(asked), int(judge.verdicts(sheet).undecided.sum())) == (2, 4)
