"""What bounds a judgement: cycles as long as a life, and days that are counted even where nothing is searched."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pathways.rules import cost, effort, tried
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Count,
    Duration,
    EachCycle,
    FactDay,
    Holds,
    Period,
    Pool,
    Rule,
    WasMet,
    Where,
)
from pathways.rules.retention import stands

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
    assert [each.code for each in cost.check(rule)] == ["cycle_too_short"]


def test_days_within_days_are_given_up_and_not_published() -> None:
    inner = All(
        id="all",
        parts=(
            Duration(id="time", at_least=Decimal(600), pool=Pool(achievements=("k",))),
            Count(id="three", at_least=3, pool=Pool(tags=("a=1",))),
        ),
    )
    rule = Rule(root=WasMet(id="once", part=WasMet(id="ever", part=inner)))
    assert tried.stalls(rule)
    first = date(2020, 1, 1)
    held = tuple(
        Holding(id=str(number), kind="award", key="k", earned_on=first, to=first + timedelta(days=30))
        for number in range(40)
    )
    with effort.bounded(effort.MOST // 10), pytest.raises(effort.TooCostlyError):
        evaluate(rule, Record(holdings=held), date(2026, 1, 1))
