"""What the columns claim is what the exact evaluator says, for any rule and any records; the rest they leave open."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.population.columns import Sheet, of_records
from pathways.population.judging import Judge
from pathways.rules.evaluate import satisfied
from pathways.rules.record import Record
from pathways.rules.requirement import Rule
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
