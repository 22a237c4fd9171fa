"""Tests what tells two rules apart after earning: how long an award stands, and what it bears."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.made_up import Entry
from pathways.rules.requirement import Holds, Rule
from pathways.rules.results import results_of
from pathways.rules.retention import stands
from pathways.rules.standing_apart import Apart, lasting_apart, results_apart
from pathways.rules.text import from_text

ON = date(2026, 6, 1)
CATALOGUE = [Entry(key=key, credits=Decimal(5)) for key in ("A", "B", "C")]
KEPT = "all of\n  hold A; current\n  hold B"


def _apart(before: str, after: str) -> Apart:
    return lasting_apart(from_text(before), from_text(after), CATALOGUE, ON, most=600)


@pytest.mark.parametrize(
    "after",
    [
        f"lasts current\n{KEPT}",
        f"validity 3 years\n{KEPT}",
        f"validity 3 years\nrenewal\n  hold C\n{KEPT}",
    ],
)
def test_somebody_is_shown_whose_award_stands_by_one_rule_only(after: str) -> None:
    found = _apart(KEPT, after)
    assert found.record is not None
    assert found.proved
    verdicts = [stands(from_text(rule), found.record, found.on, earned_on=ON) for rule in (KEPT, after)]
    assert verdicts == [True, False]
    assert (found.before, found.after) == ({"stands": "yes"}, {"stands": "no"})
    assert all(satisfied(from_text(rule), found.record, ON) for rule in (KEPT, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"lasts current\n{KEPT}", f"lasts current\ngrace 2 months\n{KEPT}"),
        (f"lasts current\n{KEPT}", f"lasts current\nfalls for good\n{KEPT}"),
        (f"lasts current\n{KEPT}", f"lasts current\nkeep\n  hold B\n{KEPT}"),
        (f"lasts current\n{KEPT}", f"lasts current\nreinstatement\n  hold C\n{KEPT}"),
        (f"validity 3 years\n{KEPT}", f"validity 2 years\n{KEPT}"),
        (f"validity 3 years\n{KEPT}", f"validity 3 years\ngrace 60 days\n{KEPT}"),
    ],
)
def test_each_thing_said_of_lasting_tells_rules_apart(before: str, after: str) -> None:
    found = _apart(before, after)
    assert found.record is not None
    verdicts = [stands(from_text(rule), found.record, found.on, earned_on=ON) for rule in (before, after)]
    assert verdicts[0] != verdicts[1]


def test_that_nobody_fares_differently_is_proved_where_the_rules_say_the_same() -> None:
    assert _apart(KEPT, KEPT).proved
    # What is kept for good is the same whatever was asked for earning it.
    found = _apart(KEPT, "hold A")
    assert (found.record, found.proved, found.tried) == (None, True, 0)
    assert found.bounds == "Proved: the rules say the same of it."


def test_no_proof_is_claimed_where_none_was_found() -> None:
    # Of nothing that is offered a month and its days differ in a way that any of the days tried shows.
    found = lasting_apart(from_text("lasts current\nhold X"), from_text("hold X"), CATALOGUE, ON, most=600)
    assert (found.record, found.proved) == (None, False)
    assert found.bounds.startswith("Nobody was found among")


@pytest.mark.parametrize(
    "results",
    [
        'result titles level; titles "both" for b',
        "result total credits",
        "result expiry until; after 3 years",
        "result levels more; words broad\n  count 3",
    ],
)
def test_somebody_is_shown_whose_award_bears_something_else(results: str) -> None:
    plain = "any of\n  hold A #a\n  hold B #b"
    before, after = from_text(f"{plain}"), from_text(f"{results}\n{plain}")
    found = results_apart(before, after, CATALOGUE, ON, most=600)
    assert found.record is not None
    assert found.before == {}
    assert dict(found.after) == results_of(after, evaluate(after, found.record, ON), found.record)


def test_other_numbers_in_a_result_are_shown_by_a_learner() -> None:
    plain = "hold A #a"
    before, after = (from_text(f"result figure sum; per {n}\n{plain}") for n in (2, 5))
    found = results_apart(before, after, CATALOGUE, ON, most=600)
    assert found.before == {"sum": Decimal(2)}
    assert found.after == {"sum": Decimal(1)}


def test_rules_without_results_bear_the_same() -> None:
    rule = Rule(root=Holds(id="a", any_of=("A",)))
    assert results_apart(rule, replace(rule, lasts="current"), CATALOGUE, ON, most=600).proved
