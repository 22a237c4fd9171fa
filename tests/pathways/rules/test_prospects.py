"""Other choices as good, what misses by one thing, and the earliest day."""

from datetime import date

import pytest

from pathways.rules import prospects as prospects_of
from pathways.rules.case import Case
from pathways.rules.evaluate import evaluate
from pathways.rules.evaluation import NearMiss
from pathways.rules.prospects import (
    earliest_possible,
    evaluate_in_full,
    has_alternative,
    judge_in_full,
    near_misses,
)
from pathways.rules.record import Record
from pathways.rules.rulings import Waiver
from pathways.rules.text import from_text
from tests.pathways.rules.test_language import ON, had


def held(*said: str) -> Record:
    return Record(holdings=tuple(had(each) for each in said))


@pytest.mark.parametrize(
    ("rule", "record", "expected"),
    [
        ("hold a, b", ["a 2024-01-01", "b 2024-01-01"], True),
        ("hold a", ["a 2024-01-01", "b 2024-01-01"], False),
        ("all of\n  hold a, b\n  hold a, b", ["a 2024-01-01", "b 2024-01-01"], True),
        ("all of\n  hold a, b\n  hold b", ["a 2024-01-01", "b 2024-01-01"], False),
        ("earn 10", ["a 2024-01-01 credits=10", "b 2024-01-01 credits=5", "c 2024-01-01 credits=5"], False),
        ("hold a", [], False),
    ],
)
def test_another_choice_as_good_is_said(rule: str, record: list[str], expected: bool) -> None:
    assert has_alternative(Case(from_text(rule), held(*record), ON)) == expected


def test_what_misses_by_one_thing_is_named_with_the_reason() -> None:
    rule = from_text("all of\n  hold a #first\n  hold b; grade at least 50; current #second")
    record = held("a 2024-01-01", "b 2024-01-01 grade=49", "b 2020-01-01 id=old grade=70 until=2021-01-01")
    assert list(near_misses(Case(rule, record, ON))) == [
        NearMiss(holding="old", node="second", code="expired"),
        NearMiss(holding="b@2024-01-01", node="second", code="grade_too_low"),
    ]
    assert list(near_misses(Case(rule, held("b 2024-01-01 grade=49"), ON))) == []


def test_a_verdict_in_full_says_all_of_it() -> None:
    rule = from_text("hold a; held for 6 months #only")
    prospects = evaluate_in_full(rule, held("a 2025-02-28"), ON).prospects
    assert prospects is not None
    assert (prospects.alternative, prospects.earliest) == (False, date(2025, 8, 28))
    assert [each.code for each in prospects.near] == ["held_too_short"]
    assert evaluate_in_full(rule, held("a 2025-02-28"), ON).to_json()["prospects"]["earliest"] == "2025-08-28"
    assert "prospects" not in evaluate(rule, held("a 2025-02-28"), ON).to_json()


def test_a_choice_of_the_learner_is_no_longer_open() -> None:
    rule, brought = from_text("hold a, b #only"), held("a 2024-01-01", "b 2024-01-01")
    chosen = {"b@2024-01-01": "only"}
    assert evaluate_in_full(rule, brought, ON, pins=chosen).used == {"b@2024-01-01"}


def test_what_a_check_relied_on_is_said_and_stays_free() -> None:
    rule = from_text("all of\n  have; achievements a, b; at least 2 #check\n  hold a #part")
    evaluation = evaluate(rule, held("a 2024-01-01", "b 2024-01-01"), ON)
    assert evaluation.relied_on == {"check": ("a@2024-01-01", "b@2024-01-01")}
    assert evaluation.used == {"a@2024-01-01"}


@pytest.mark.parametrize(
    ("rule", "record", "expected"),
    [
        ("hold a; held for 6 months", ["a 2025-02-28"], date(2025, 8, 28)),
        ("hold a", ["a 2025-09-01"], date(2025, 9, 1)),
        ("hold a", ["a 2025-01-01"], ON),
        ("hold a", [], None),
        ("all of\n  hold a\n  fact born; until today minus 18 years", ["a 2025-01-01"], date(2026, 2, 28)),
        ("time 12; achievements work", ["work 2025-01-01 to=2025-12-31"], date(2025, 12, 31)),
        ("hold a; held for 6 months; current", ["a 2025-02-28 until=2025-08-27"], None),
    ],
)
def test_the_earliest_day_is_found(rule: str, record: list[str], expected: date | None) -> None:
    brought = Record(holdings=held(*record).holdings, facts={"born": "2008-02-28"})
    assert earliest_possible(from_text(rule), brought, ON) == expected


def test_decisions_about_the_learner_are_heeded_in_what_lies_ahead() -> None:
    rule = from_text("all of\n  hold a #one\n  hold b; grade at least 50 #two")
    waiver = Waiver(id="w", rule="goal", node="two", since=date(2025, 9, 1))
    record = Record(holdings=held("a 2024-01-01", "b 2024-01-01 grade=40").holdings, rulings=(waiver,))
    prospects = judge_in_full("goal", rule, record, ON).prospects
    assert prospects is not None
    assert prospects.earliest == date(2025, 9, 1)
    assert [(each.holding, each.node) for each in prospects.near] == [("b@2024-01-01", "two")]
    assert judge_in_full("another", rule, record, ON).prospects.earliest is None  # type: ignore[union-attr]


def test_what_would_be_too_costly_to_find_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prospects_of, "MOST", 1)
    missing = evaluate_in_full(from_text("hold a; grade at least 50"), held("a 2025-09-01 grade=40"), ON)
    assert not missing.satisfied
    assert missing.to_json()["prospects"] == {
        "alternative": False,
        "earliest": None,
        "near": [],
        "unknown": ["earliest", "near"],
    }
    satisfied = evaluate_in_full(from_text("hold a, b"), held("a 2024-01-01", "b 2024-01-01"), ON).prospects
    assert satisfied is not None
    assert satisfied.unknown == ("alternative",)
