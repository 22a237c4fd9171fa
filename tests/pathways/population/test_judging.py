"""What the columns claim is what the exact evaluator says, for any rule and any records; the rest they leave open."""

from dataclasses import dataclass, replace
from decimal import Decimal
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
    Count,
    FactDay,
    Given,
    Holds,
    Pool,
    Rule,
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
    assert verdicts(Rule(root=replace(plain, divisible=True)), HELD) == [None, None]
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
