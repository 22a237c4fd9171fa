"""The exact evaluation against a judge that tries everything, and what must hold for any rule and record."""

import re
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.rules import candidates
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.record import Record
from pathways.rules.requirement import Amount, Count, Rule, walk
from tests.pathways.rules.agreement import assert_agreed
from tests.pathways.rules.judge import judge
from tests.pathways.rules.random_rules import ON, anything, conditioned, holdings, records, rules

# The same examples every time, so that a build never fails by chance; `tests.benchmarks.agreement` looks for new ones.
steady = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(steady, max_examples=200)
some = settings(steady, max_examples=50)


@many
@given(rules(), records())
def test_the_verdict_is_that_of_a_judge_who_tries_everything(rule: Rule, record: Record) -> None:
    assert_agreed(rule, record)


@many
@given(conditioned(), records(most=4))
def test_the_verdict_under_conditions_is_that_of_the_judge(rule: Rule, record: Record) -> None:
    assert_agreed(rule, record)


@many
@given(anything(), records(most=4))
def test_the_verdict_with_conditions_and_checks_anywhere_is_that_of_the_judge(rule: Rule, record: Record) -> None:
    assert_agreed(rule, record)


@some
@given(anything(), records(most=4))
def test_holdings_kept_apart_give_the_same_verdict(rule: Rule, record: Record) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "MAX_VARIANTS", 0)
        assert_agreed(rule, record)


@some
@given(rules(), records())
def test_what_counted_satisfies_the_rule_by_itself_and_nothing_is_idle(rule: Rule, record: Record) -> None:
    evaluation = evaluate(rule, record, ON)
    used = [holding for holding in record.holdings if holding.id in evaluation.used]
    if evaluation.satisfied:
        assert judge(rule, Record(holdings=tuple(used)), ON)
        shares = any(getattr(part, "shared", False) for part in walk(rule.root))
        for idle in () if shares else used:
            assert not judge(rule, Record(holdings=tuple(each for each in used if each is not idle)), ON)
    assert evaluation.used.isdisjoint(each.holding for each in evaluation.unused)
    assert evaluation.used | {each.holding for each in evaluation.unused} == {each.id for each in record.holdings}


@some
@given(rules(), records(), st.randoms())
def test_the_order_of_the_record_changes_nothing(rule: Rule, record: Record, chance) -> None:
    shuffled = list(record.holdings)
    chance.shuffle(shuffled)
    assert evaluate(rule, Record(holdings=tuple(shuffled)), ON) == evaluate(rule, record, ON)


@some
@given(rules(), records(), holdings("more"))
def test_more_never_hurts(rule: Rule, record: Record, more) -> None:
    if satisfied(rule, record, ON):
        assert satisfied(rule, Record(holdings=(*record.holdings, more)), ON)


@some
@given(conditioned(), records(most=4), holdings("more"))
def test_more_never_hurts_under_conditions(rule: Rule, record: Record, more) -> None:
    """Nor where conditions set a maximum: what would pass it is left out."""
    if satisfied(rule, record, ON):
        assert satisfied(rule, replace(record, holdings=(*record.holdings, more)), ON)


@some
@given(rules(), records())
def test_other_names_change_no_verdict(rule: Rule, record: Record) -> None:
    renamed = Record(holdings=tuple(replace(each, id=f"x{9 - int(each.id[1:])}") for each in record.holdings))
    before, after = evaluate(rule, record, ON), evaluate(rule, renamed, ON)
    assert (before.satisfied, len(before.used)) == (after.satisfied, len(after.used))
    assert len(before.missing) == len(after.missing)


@some
@given(anything(), records(most=4))
def test_other_names_of_everything_change_nothing_but_names(rule: Rule, record: Record) -> None:
    """Achievements, properties, other qualifications and parts under other names, in rule and record alike."""
    before, after = evaluate(rule, record, ON), evaluate(renamed(rule), renamed(record), ON)
    assert (after.satisfied, len(after.used)) == (before.satisfied, len(before.used))
    assert {node: each.state for node, each in after.nodes.items()} == {
        renamed(node): each.state for node, each in before.nodes.items()
    }
    assert len(after.missing) == len(before.missing)


# The last come first, so that nothing can hang on the order of the alphabet.
NAMES = {name: f"{chr(219 - ord(name))}-other" for name in "abcdepqijtklyzw"} | {"m/x": "z/other"}


def renamed(value: Any) -> Any:
    if isinstance(value, str):
        return NAMES.get(value) or re.sub(r"^[nc][0-9]+$", lambda node: f"x{999 - int(node[0][1:])}", value)
    if isinstance(value, tuple | frozenset):
        return type(value)(renamed(each) for each in value)
    if is_dataclass(value):
        return replace(value, **{each.name: renamed(getattr(value, each.name)) for each in fields(value)})
    return value


@some
@given(rules(), records())
def test_states_agree_with_the_verdict(rule: Rule, record: Record) -> None:
    evaluation = evaluate(rule, record, ON)
    assert (evaluation.nodes[rule.root.id].state == "met") == evaluation.satisfied
    assert set(evaluation.nodes) == {part.id for part in walk(rule.root)}
    for part in walk(rule.root):
        if isinstance(part, Count | Amount) and part.at_most is not None:
            taken = sum((each.amount for each in evaluation.allocation.get(part.id, ())), Decimal(0))
            assert taken <= part.at_most
