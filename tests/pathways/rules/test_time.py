"""Periods that add up, currency over time, and how long an award stands."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pathways.rules.effort import TooCostlyError, bounded
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.explain import completion_sentence, sentence
from pathways.rules.notation import RuleError, from_json, references, to_json
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Count,
    Duration,
    Holds,
    Period,
    Pool,
    Rule,
    Title,
    Titles,
    Total,
    Unbroken,
    Where,
)
from pathways.rules.results import results_of
from pathways.rules.retention import stands
from pathways.rules.soundness import check
from pathways.rules.text import from_text
from pathways.rules.turning import turning_days

ON = date(2025, 6, 30)


def award(key: str, earned_on: date, **said) -> Holding:
    return Holding(**{"id": f"{key}-{earned_on}", "kind": "award", "key": key, "earned_on": earned_on, **said})


def work(first: date, last: date) -> Holding:
    return award("work", first, to=last)


def covered(*holdings: Holding, unit: str = "months", within: Period | None = None) -> Decimal:
    part = Duration(id="r", at_least=Decimal(1000), unit=unit, pool=Pool(achievements=("work",)), within=within)
    return evaluate(Rule(root=part), Record(holdings=holdings), ON).nodes["r"].have


@pytest.mark.parametrize(
    ("periods", "months"),
    [
        ([work(date(2021, 1, 1), date(2023, 12, 31))], "36"),
        ([work(date(2021, 1, 1), date(2022, 12, 31)), work(date(2021, 1, 1), date(2022, 12, 31))], "24"),
        ([work(date(2021, 1, 1), date(2021, 3, 31)), work(date(2021, 4, 1), date(2021, 6, 30))], "6"),
        ([work(date(2021, 1, 1), date(2021, 3, 15))], "2.5"),
        ([work(date(2021, 1, 1), date(2021, 1, 15)), work(date(2021, 3, 1), date(2021, 3, 15))], "1"),
        ([work(date(2025, 6, 1), date(2025, 12, 31))], "1"),
    ],
)
def test_each_day_counts_once(periods: list[Holding], months: str) -> None:
    assert covered(*periods) == Decimal(months)


def test_a_window_cuts_what_lies_longer_ago() -> None:
    assert covered(work(date(2024, 6, 1), date(2024, 7, 29)), unit="days", within=Period(years=1)) == 30
    assert covered(work(date(2022, 1, 1), date(2023, 12, 31)), unit="years") == 2


def test_a_duration_takes_nothing_and_says_by_what_it_is_met() -> None:
    part = Duration(id="d", at_least=Decimal(12), pool=Pool(achievements=("work",)))
    rule = Rule(root=All(id="r", parts=(part, Holds(id="h", any_of=("work",)))))
    year = work(date(2024, 1, 1), date(2024, 12, 31))
    evaluation = evaluate(rule, Record(holdings=(year,)), ON)
    assert evaluation.satisfied
    assert {node: [each.holding for each in taken] for node, taken in evaluation.allocation.items()} == {
        "d": [year.id],
        "h": [year.id],
    }
    evaluation = evaluate(rule, Record(holdings=(work(date(2024, 1, 1), date(2024, 9, 30)),)), ON)
    assert [completion_sentence(rule, each, {}) for each in evaluation.missing] == [
        "Still needed: 3 more months of work."
    ]
    assert sentence(rule, {}) == "Show at least 12 months of work and hold work."


CURRENT = Holds(id="inner", any_of=("a",), where=Where(earned_within=Period(months=6, whole_months=True)))
UNBROKEN = Unbroken(
    id="r",
    part=CURRENT,
    grace=Period(months=6, whole_months=True),
    restored_by=Pool(achievements=("check",)),
)


@pytest.mark.parametrize(
    ("days", "check_on", "expected"),
    [
        ([], None, True),
        ([date(2023, 1, 10)], None, True),
        # Current to the end of July, and six calendar months of grace to the end of January.
        ([date(2023, 1, 10), date(2024, 1, 31)], None, True),
        ([date(2023, 1, 10), date(2024, 2, 1)], None, False),
        ([date(2023, 1, 10), date(2024, 2, 1)], date(2024, 2, 1), True),
    ],
)
def test_a_gap_longer_than_the_grace_is_mended_only_by_what_restores(
    days: list[date], check_on: date | None, expected: bool
) -> None:
    holdings = [award("a", day) for day in days] + ([award("check", check_on)] if check_on else [])
    assert satisfied(Rule(root=UNBROKEN), Record(holdings=tuple(holdings)), ON) is expected


def test_rules_over_time_are_written_read_checked_and_said() -> None:
    rule = Rule(root=UNBROKEN, lasts="current", grace=Period(months=3))
    assert from_json(to_json(rule)) == rule
    assert references(rule) == {("award", "a"), ("award", "check")}
    assert check(rule) == []
    assert check(Rule(root=Unbroken(id="r", part=Holds(id="x", any_of=()), grace=Period(days=1))))
    assert sentence(rule, {}) == (
        "Have gone no longer than 6 calendar months without this: hold a earned in the last 6 calendar months"
        " (unless restored by check); it lasts while this holds; it stands 3 months longer."
    )


def test_results_are_computed_from_the_verdict() -> None:
    parts = (Holds(id="x", any_of=("a",)), Holds(id="y", any_of=("b",)))
    titles = (Title(word="one", node="x"), Title(word="two", node="y"), Title(word="both", node="r"))
    rule = Rule(
        root=All(id="r", parts=parts),
        results=(
            Titles(name="all", titles=titles),
            Titles(name="last", titles=titles, give="last"),
            Titles(name="number", titles=titles, give="number"),
            Total(name="credits"),
        ),
    )
    assert from_json(to_json(rule)) == rule
    one = Record(holdings=(award("a", ON, credits=Decimal("0.5")),))
    both = Record(holdings=(*one.holdings, award("b", ON, credits=Decimal("0.5"))))
    assert results_of(rule, evaluate(rule, one, ON), one) == {"all": ["one"], "last": "one", "number": 1, "credits": 0}
    assert results_of(rule, evaluate(rule, both, ON), both) == {
        "all": ["one", "two", "both"],
        "last": "both",
        "number": 3,
        "credits": 1,
    }
    assert results_of(rule, evaluate(rule, Record(), ON), Record())["last"] is None
    with pytest.raises(RuleError, match="titles of parts of this rule"):
        from_json(to_json(Rule(root=parts[0], results=rule.results)))


PAIR = Count(id="r", at_least=2, pool=Pool(achievements=("a", "b"), current=True))
PARTS = (
    award("a", date(2023, 3, 1), until=date(2025, 3, 1)),
    award("b", date(2023, 6, 1), until=date(2027, 6, 1)),
)


def held(rule: Rule, on: date, *more: Holding) -> bool:
    return stands(rule, Record(holdings=(*PARTS, *more)), on, earned_on=date(2023, 6, 1))


def test_what_is_kept_stands_whatever_happens() -> None:
    assert held(Rule(root=PAIR), date(2030, 1, 1))
    assert not held(Rule(root=PAIR), date(2023, 5, 31))


def test_what_is_current_falls_after_its_grace_and_comes_back() -> None:
    bare = Rule(root=PAIR, lasts="current")
    assert held(bare, date(2025, 3, 1))
    assert not held(bare, date(2025, 3, 2))
    months = Rule(root=PAIR, lasts="current", grace=Period(months=2))
    assert held(months, date(2025, 5, 1))
    assert not held(months, date(2025, 5, 2))
    year = Rule(root=PAIR, lasts="current", grace_to_year_end=True)
    assert held(year, date(2025, 12, 31))
    assert not held(year, date(2026, 1, 1))
    assert held(year, date(2026, 1, 1), award("a", date(2025, 11, 20), until=date(2027, 11, 20)))
    assert held(bare, date(2025, 12, 1), award("a", date(2025, 11, 20), until=date(2027, 11, 20)))


@pytest.mark.parametrize(
    "said",
    [
        "time 6; achievements work",
        "time 9; achievements work; rate fte",
        "time 5; achievements work; unbroken",
        "time 8; achievements work; caps (tags fte=0.5; at most 2)",
        "time 7; achievements work; by fte; at most 1",
        'time 6; achievements work; since "begun"; until first (achievements end)',
        "time 6; achievements work; within 9 months",
        "all of\n  time 4; achievements work\n  unmet\n    time 9; achievements work",
    ],
)
def test_the_verdict_on_time_spent_changes_on_the_days_that_are_said_to_turn_it(said: str) -> None:
    part = from_text(said).root
    record = Record(
        holdings=(
            award("work", date(2023, 11, 20), to=date(2024, 4, 3), tags=frozenset({"fte=0.5"})),
            award("work", date(2024, 3, 30), to=date(2024, 12, 31), tags=frozenset({"fte=1"})),
            award("end", date(2024, 10, 15)),
        ),
        facts={"begun": "2024-01-31"},
    )
    first, last = date(2023, 12, 30), date(2025, 1, 15)
    turns = [first, *turning_days(part, record, first, last)]
    verdicts = {day: satisfied(Rule(root=part), record, day) for day in turns}
    assert len(set(verdicts.values())) == 2
    for place in range((last - first).days + 1):
        day = first + timedelta(days=place)
        assert satisfied(Rule(root=part), record, day) == verdicts[max(each for each in turns if each <= day)], day


def test_few_days_are_tried_where_time_only_grows() -> None:
    part = from_text("time 6; achievements work").root
    record = Record(holdings=(work(date(2000, 1, 1), date(2024, 12, 31)),))
    assert len(turning_days(part, record, date(2000, 1, 1), ON)) < 10


def test_time_with_few_employers_asks_for_the_property_and_how_many() -> None:
    assert [each.code for each in check(from_text("time 6; achievements work; by employer"))] == ["nothing_asked"]
    assert [each.code for each in check(from_text("time 6; achievements work; at most 2"))] == ["nothing_asked"]
    rule = from_text("time 6; achievements work; by employer; at most 1")
    assert sentence(rule, {}) == "Show at least 6 months of work, all of one employer."
    told = [
        award("work", date(2024, 1, each), to=date(2025, 1, 1), tags=frozenset({f"employer={each}"}))
        for each in range(1, 25)
    ]
    many = from_text("time 600; achievements work; by employer; at most 12")
    with bounded(20_000), pytest.raises(TooCostlyError):
        satisfied(many, Record(holdings=tuple(told)), ON)


def test_so_many_times_another_property_needs_the_property() -> None:
    rule = from_text("hold a; numbers (of hours; at least 5; times 1/2)")
    assert [each.code for each in check(rule)] == ["nothing_asked"]
    rule = from_text("hold a; numbers (of practical; at least of hours; times 1/2)")
    assert sentence(rule, {}) == "Hold a whose practical is at least its own hours times 1/2."
