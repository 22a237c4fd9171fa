"""Tests what of a rule is left to search: only choices for which the learner has something."""

from datetime import date

import pytest

from pathways.rules.candidates import Candidates
from pathways.rules.case import Case
from pathways.rules.record import Record
from pathways.rules.requirement import walk
from pathways.rules.text import from_text
from tests.pathways.rules.test_language import ON, had


def left(said: str, *held: str, past: dict[str, bool] | None = None, on: date = ON) -> list[str] | None:
    """The parts that are left, by id; none where nothing can be met."""
    record = Record(holdings=tuple(had(each) for each in held))
    found = Candidates(Case(from_text(said), record, on), past or {}).possible()
    return None if found is None else [part.id for part in walk(found.case.rule.root)]


CHOICE = (
    "any of #root\n  all of #one\n    hold a #a\n    hold b #b\n  all of #two\n    hold c #c\n    count 2; tags t #d"
)


def test_a_choice_for_which_nothing_is_held_is_left_out() -> None:
    assert left(CHOICE, "a 2024-01-01", "b 2024-01-01") == ["root", "one", "a", "b"]


def test_where_no_choice_is_left_nothing_is_searched() -> None:
    assert left(CHOICE, "a 2024-01-01", "c 2024-01-01 tags=t") is None


def test_a_choice_keeps_as_many_as_it_needs() -> None:
    said = "at least 2 #root\n  hold a #a\n  hold b #b\n  hold c #c"
    assert left(said, "a 2024-01-01", "c 2024-01-01") == ["root", "a", "c"]
    assert left(said, "a 2024-01-01") is None


def test_what_asks_for_nothing_or_is_met_without_holdings_stays() -> None:
    said = "any of #root\n  earn 5; achievements a #a\n  have; absent; achievements b #gone"
    assert left(said) == ["root", "gone"]
    assert left("all of #root\n  hold a #a\n  unmet #not\n    hold b", "a 2024-01-01", past={"not": True}) is not None


@pytest.mark.parametrize("held", [["a 2024-01-01", "b 2024-01-01"], ["a 2024-01-01", "b 2024-01-01", "c 2024-01-01"]])
def test_what_a_condition_looks_at_is_left_as_it_is_written(held: list[str]) -> None:
    said = "any of #root\n  where limit; at most 20 #limit\n  all of #one\n    hold a #a\n    hold b #b\n  hold c #c"
    assert left(said, *held) == ["root", "one", "a", "b", "c"]
