"""The cheapest cover against trying every set, and the calendar that plans are placed on."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.rules.plan.cover import Demand, Search, bits, things_in
from pathways.rules.plan.timetable import Calendar, Slot, go_together

steady = settings(derandomize=True, deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))

THINGS = 6
MONDAY = date(2026, 1, 5)


@st.composite
def demands(draw: st.DrawFn, depth: int = 2) -> Demand:
    things = draw(
        st.lists(st.tuples(st.integers(0, THINGS - 1), st.integers(1, 3)), max_size=4, unique_by=lambda e: e[0])
    )
    below = st.tuples(demands(depth - 1), st.integers(1, 2)) if depth else st.nothing()
    inner = draw(st.lists(below, max_size=2)) if depth else []
    return Demand(things=tuple(things), demands=tuple(inner), need=draw(st.integers(1, 4)))


def search(
    costs: list[int], asked: list[Demand], *, clash: int = 0, follows: dict[int, list[Demand]] | None = None
) -> Search:
    made = Search(
        costs,
        asked,
        judge=lambda _chosen: True,
        follows=follows or {},
        clashes=lambda chosen: bool(clash) and chosen & clash == clash,
    )
    while not made.is_done and not made.is_proved:
        made.run(50)
    return made


@steady
@given(
    st.lists(st.integers(0, 9), min_size=THINGS, max_size=THINGS),
    st.lists(demands(), min_size=1, max_size=3),
    st.integers(0, 2**THINGS - 1),
    demands(1),
)
def test_no_set_that_meets_the_demands_is_cheaper(
    costs: list[int], asked: list[Demand], clash: int, later: Demand
) -> None:
    clash = clash if clash.bit_count() > 1 else 0
    found = search(costs, asked, clash=clash, follows={0: [later]})
    fits = [
        sum(costs[thing] for thing in things_in(chosen))
        for chosen in range(2**THINGS)
        if all(each.met(chosen) for each in asked)
        and not (clash and chosen & clash == clash)
        and (not chosen & 1 or later.met(chosen))
    ]
    assert (found.best is None) == (not fits)
    if fits:
        assert found.price == min(fits) == found.floor
        assert all(each.met(found.best or 0) for each in asked)


def test_what_the_judge_asks_for_is_kept() -> None:
    more = Demand(things=((2, 1),))
    made = Search(
        [1, 2, 5],
        [Demand(things=((0, 1), (1, 1)))],
        judge=lambda chosen: True if chosen >> 2 & 1 else more,
        follows={},
        clashes=lambda _chosen: False,
    )
    while not made.is_done:
        made.run(10)
    assert made.best == bits([0, 2])


def test_a_refusal_without_a_reason_leaves_dearer_sets_unproved() -> None:
    made = Search(
        [1, 2],
        [Demand(things=((0, 1), (1, 1)))],
        judge=lambda chosen: chosen != 1,
        follows={},
        clashes=lambda _chosen: False,
    )
    while not made.is_done:
        made.run(10)
    assert made.best == bits([1])
    assert not made.is_proved
    assert made.floor == 1


def test_hours_fill_the_days_that_are_free() -> None:
    calendar = Calendar(MONDAY, Decimal(7))
    fortnight = Slot(begins_on=MONDAY, ends_on=MONDAY + timedelta(days=13))
    assert calendar.take(fortnight, Decimal(7))
    slot = calendar.fill(MONDAY, Decimal(7))
    assert slot == fortnight
    assert not calendar.take(fortnight, Decimal("0.1"))
    assert calendar.fill(MONDAY, Decimal(1)) == Slot(
        begins_on=MONDAY + timedelta(days=14), ends_on=MONDAY + timedelta(days=14)
    )


def test_things_with_dates_go_together_while_there_are_hours() -> None:
    week = Slot(begins_on=MONDAY, ends_on=MONDAY + timedelta(days=6))
    assert go_together([(week, Decimal(4)), (week, Decimal(3))], MONDAY, Decimal(7))
    assert not go_together([(week, Decimal(4)), (week, Decimal(4))], MONDAY, Decimal(7))
