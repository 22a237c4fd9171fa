"""What bounds a judgement: cycles as long as a life, and days that are counted even where nothing is searched."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pathways.rules import allocate, effort, soundness, tried
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    Count,
    Duration,
    EachCycle,
    Fact,
    FactDay,
    Groups,
    Holds,
    LastOf,
    Limit,
    Match,
    Period,
    Pool,
    Rule,
    ScaleTest,
    SignedOff,
    Spread,
    Today,
    WasMet,
    Where,
)
from pathways.rules.retention import stands
from pathways.rules.text import from_text
from pathways.rules.trial_learners import TrialLearners, day_to_try

JOINED = {"joined": "2015-01-01"}


def monthly(*missing: date) -> Record:
    days = [date(year, month, 10) for year in range(2015, 2025) for month in range(1, 13)]
    held = [Holding(id=day.isoformat(), kind="award", key="fee", earned_on=day) for day in days if day not in missing]
    return Record(holdings=tuple(held), facts=JOINED)


EACH_MONTH = Rule(
    root=EachCycle(
        id="r",
        part=Holds(id="paid", any_of=("fee",), where=Where(earned_since=FactDay(fact="cycle.begins"))),
        beginning=FactDay(fact="joined"),
        every=Period(months=1),
    )
)


@pytest.mark.parametrize(
    ("missing", "is_met"), [((), True), ((date(2017, 3, 10),), False), ((date(2024, 5, 10),), False)]
)
def test_no_cycle_of_ten_years_of_months_is_passed_over(missing: tuple[date, ...], *, is_met: bool) -> None:
    assert satisfied(EACH_MONTH, monthly(*missing), date(2024, 12, 31)) == is_met


def test_what_was_last_renewed_long_ago_stands_no_more() -> None:
    renewed = Holding(id="a", kind="award", key="fee", earned_on=date(2015, 1, 20))
    rule = Rule(
        root=Holds(id="r", any_of=("fee",)),
        validity=Period(days=30),
        renewal=Holds(id="n", any_of=("fee",), where=Where(earned_since=FactDay(fact="cycle.begins"))),
    )
    record = Record(holdings=(renewed,))
    assert stands(rule, record, date(2015, 2, 15), earned_on=date(2015, 1, 10))
    assert not stands(rule, record, date(2025, 1, 1), earned_on=date(2015, 1, 10))


def test_a_cycle_of_days_is_refused() -> None:
    rule = Rule(root=Holds(id="r", any_of=("fee",)), validity=Period(days=27))
    assert [each.code for each in soundness.check(rule)] == ["cycle_too_short"]


def test_days_within_days_are_given_up_and_not_published() -> None:
    inner = All(
        id="all",
        parts=(
            Duration(id="time", at_least=Decimal(600), pool=Pool(achievements=("k",))),
            Count(id="three", at_least=3, pool=Pool(tags=("a=1",))),
        ),
    )
    rule = Rule(root=WasMet(id="once", part=WasMet(id="ever", part=inner)))
    assert tried.who_stalls(rule)
    first = date(2020, 1, 1)
    held = tuple(
        Holding(id=str(number), kind="award", key="k", earned_on=first, to=first + timedelta(days=30))
        for number in range(40)
    )
    with effort.bounded(effort.MOST // 10), pytest.raises(effort.TooCostlyError):
        evaluate(rule, Record(holdings=held), date(2026, 1, 1))


LAST_YEAR = LastOf(
    id="last", last=Decimal(30), of=Pool(without_tags=("from=college", "by=examination")), at_least=Decimal(30)
)
RESIDENCY = Rule(
    root=Amount(
        id="r",
        at_least=Decimal(120),
        pool=Pool(),
        conditions=(
            LAST_YEAR,
            Limit(id="college", of=Pool(sources=("college",)), at_most=Decimal(60)),
            Limit(id="exams", of=Pool(tags=("by=examination",)), at_most=Decimal(12)),
        ),
    )
)


def test_a_sum_is_bounded_together_with_what_maxima_leave_out_of_it() -> None:
    # Credits by examination are plenty and hardly count; of sixty things few make up the last year.
    records = [record for is_largest, record in TrialLearners(RESIDENCY, tried.ON).records() if not is_largest]
    for record in records:
        with effort.bounded(effort.MOST // 20):
            satisfied(RESIDENCY, record, tried.ON)
    assert not tried.who_stalls(RESIDENCY)


ASKING = Rule(
    root=All(
        id="all",
        parts=(
            Fact(id="level", name="level", one_of=("masters",)),
            Fact(id="born", name="born", until=Today(minus=Period(years=18))),
            SignedOff(id="signed", role="director"),
            Amount(
                id="miles",
                at_least=Decimal(40),
                unit="miles",
                pool=Pool(achievements=("log",), repeats=True, marks=("B", "A"), with_tags=("night=true",)),
            ),
            Holds(
                id="rated",
                any_of=("medical",),
                where=Where(
                    current=True,
                    scales=(ScaleTest(of="class", scale=("3", "2", "1"), at_least="2"),),
                    matches=(Match(of="type", fact="type"),),
                    earned_since=FactDay(fact="admitted"),
                ),
            ),
            Duration(id="work", at_least=Decimal(2), pool=Pool(achievements=("job",))),
        ),
    )
)


def test_trial_learners_have_facts_units_marks_and_properties_that_a_rule_asks_for() -> None:
    records = [record for _, record in TrialLearners(ASKING, tried.ON).records()]
    assert any(satisfied(ASKING, record, tried.ON) for record in records)
    assert {record.facts["level"] for record in records} == {"masters"}
    assert len([each for each in records[-1].holdings if each.key == "log"]) > 30


def test_what_renews_and_keeps_is_tried_too() -> None:
    costly = WasMet(id="ever", part=Duration(id="time", at_least=Decimal(600), pool=Pool(achievements=("k",))))
    earned = Holds(id="r", any_of=("k",))
    assert not tried.who_stalls(Rule(root=earned))
    assert tried.who_stalls(Rule(root=earned, lasts="current", keep=WasMet(id="once", part=costly)))


def test_learners_are_tried_on_a_day_on_which_the_days_of_the_rule_have_come() -> None:
    late = Rule(root=Holds(id="r", any_of=("k",), where=Where(earned_since=date(2031, 1, 1))))
    assert day_to_try(late, tried.ON) == date(2031, 1, 1)
    assert day_to_try(Rule(root=Holds(id="r", any_of=("k",))), tried.ON) == tried.ON


def test_of_many_months_some_are_found_without_trying_every_choice_of_them() -> None:
    months = Groups(id="g", by="month", at_least=Decimal(4), groups=6, measure="hours")
    rule = Rule(
        root=Amount(
            id="r",
            at_least=Decimal(24),
            unit="hours",
            pool=Pool(repeats=True),
            conditions=(months, Spread(id="s", by="subject", at_most_each=Decimal(12), measure="hours")),
        )
    )
    held = tuple(
        Holding(
            id=str(number),
            kind="award",
            key="log",
            earned_on=date(2023, 1, 10) + timedelta(days=30 * number),
            hours=Decimal(4),
            subject="one" if number < 17 else "two",
        )
        for number in range(20)
    )
    with effort.bounded(effort.MOST // 20):
        assert satisfied(rule, Record(holdings=held), date(2026, 1, 1))
        # Of one subject three months count, and of the other there are but two.
        found = evaluate(rule, Record(holdings=held[:19]), date(2026, 1, 1))
    assert not found.satisfied
    assert sum(need.amount for need in found.missing[0]) > 0


def test_more_classes_of_things_than_calls_go_deep_are_given_up() -> None:
    items = [[allocate.Option(0, ((0, number),), 0, ())] for number in range(1, 1_500)]
    with pytest.raises(effort.TooCostlyError):
        allocate.pack(items, [allocate.Sum(10**6, part=0)])


@pytest.mark.parametrize(
    "conditions",
    [
        ("last of; last 45; at least 30; sources here", "last of; last 12; at least 6; sources here"),
        ("last of; last 45; at least 30; sources here", "limit; level at least 3; at least 45"),
    ],
)
def test_runs_of_the_newest_cost_little_to_try(conditions: tuple[str, ...]) -> None:
    rule = from_text("earn 120" + "".join(f"\n  where {each}" for each in conditions))
    records = [record for is_largest, record in TrialLearners(rule, tried.ON).records() if not is_largest]
    for record in records:
        with effort.bounded(effort.MOST // 40):
            satisfied(rule, record, tried.ON)


def test_the_newest_of_what_is_divided_has_all_its_pieces() -> None:
    rule = from_text("earn 30; unit hours; divisible\n  where last of; last 26; at least 26; tags t; measure hours")
    held = Holding(
        id="h", kind="award", key="log", earned_on=date(2026, 1, 1), hours=Decimal(30), tags=frozenset({"t"})
    )
    assert satisfied(rule, Record(holdings=(held,)), tried.ON)
