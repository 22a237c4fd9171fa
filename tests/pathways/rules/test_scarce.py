"""Tests that what is scarce cuts the search, and changes no answer."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.rules import effort, scarce
from pathways.rules.evaluate import evaluate
from pathways.rules.record import Record
from pathways.rules.requirement import All, AtLeast, Holds, Rule
from tests.benchmarks.allocation import ON, award, strands

KEYS = [f"k{number}" for number in range(9)]


def strand(number: int, accepted: list[list[str]]) -> All:
    return All(
        id=f"s{number}",
        parts=tuple(Holds(id=f"s{number}p{place}", any_of=tuple(keys)) for place, keys in enumerate(accepted)),
    )


@st.composite
def composite_choices(draw: st.DrawFn) -> tuple[Rule, Record]:
    """Some of a few strands, each of two or three things that several strands want; and some things held."""
    some_keys = st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True)
    strands_ = draw(st.lists(st.lists(some_keys, min_size=2, max_size=3), min_size=2, max_size=6))
    count = draw(st.integers(1, len(strands_)))
    held = draw(st.lists(st.sampled_from(KEYS), unique=True))
    parts = tuple(strand(number, accepted) for number, accepted in enumerate(strands_))
    return Rule(root=AtLeast(id="r", count=count, parts=parts)), Record(holdings=tuple(map(award, held)))


@settings(derandomize=True, deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(composite_choices())
def test_the_evaluation_is_the_same_whether_anything_is_known_to_be_scarce_or_not(asked: tuple[Rule, Record]) -> None:
    rule, record = asked
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scarce, "MAX_SETS", 0)
        plain = evaluate(rule, record, ON)
    assert evaluate(rule, record, ON) == plain


def explained_within(most: int) -> int:
    """How many ways to complete the hopeless choice among 924 are told, within so much effort."""
    root, _, short = strands()
    with effort.bounded(most):
        evaluation = evaluate(Rule(root=root), short, ON)
    assert not evaluation.satisfied
    return len(evaluation.missing)


def test_a_hopeless_choice_among_hundreds_is_explained_without_trying_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert explained_within(2_000) == 12
    monkeypatch.setattr(scarce, "MAX_SETS", 0)
    with pytest.raises(effort.TooCostlyError):
        explained_within(2_000)
