"""The planner against one who tries every set of offers, and what a plan must say of itself."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.rules.evaluate import satisfied
from pathways.rules.plan import Plan, Wish, plan, plans
from pathways.rules.plan.offering import Gain, Offer, Offering, Stack
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    Average,
    Count,
    Fact,
    Given,
    Holds,
    Limit,
    Order,
    Passed,
    Period,
    Pool,
    Requirement,
    Rule,
    SignedOff,
    Where,
)
from tests.pathways.rules.random_rules import ON, anything, conditioned, holdings, records, rules

steady = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(steady, max_examples=70)
some = settings(steady, max_examples=30)

NOTHING = Record()
FULL_TIME = Decimal(40)


def award(key: str, **said: object) -> Holding:
    fields = {"id": key, "kind": "award", "key": key, "earned_on": ON, "credits": Decimal(5), "hours": Decimal(10)}
    return Holding(**{**fields, **said})  # type: ignore[arg-type]


def course(key: str, hours: int = 10, price: int = 0, **said: object) -> Offering:
    """An offer that brings the achievement of its name."""
    fields = {"id": f"c-{key}", "gains": (Gain(holding=award(key)),), "hours": Decimal(hours), "price": Decimal(price)}
    return Offering(**{**fields, "currency": "EUR", **said})  # type: ignore[arg-type]


def holds(*keys: str, id: str = "") -> Holds:  # noqa: A002
    return Holds(id=id or "-".join(keys), any_of=keys)


def every(*parts: Requirement, **said: object) -> Rule:
    return Rule(root=All(id="all", parts=parts, **said))  # type: ignore[arg-type]


def planned(
    rule: Rule, *offerings: Offering, record: Record = NOTHING, stacks: dict[str, Stack] | None = None, **wish: object
) -> Plan:
    return plan({"goal": rule}, record, Offer(offerings=offerings, stacks=stacks or {}), Wish(**wish), ON)  # type: ignore[arg-type]


def taken(found: Plan) -> list[str]:
    return [step.offering for step in found.steps]


# Against one who tries everything


def _ends(offerings: tuple[Offering, ...]) -> list[tuple[date, Offering]]:
    """Undated offers one after the other, full time."""
    spent, found = Decimal(0), []
    for each in offerings:
        spent += each.hours
        # A day has forty sevenths of an hour.
        found.append((ON + timedelta(days=max(0, -(-int(spent * 70) // 400) - 1)), each))
    return found


def comes_out(
    targets: dict[str, Rule], record: Record, offerings: tuple[Offering, ...], stacks: dict[str, Stack]
) -> bool:
    """Whether the offers meet every target, judged day by day."""
    met = {name for name, rule in targets.items() if satisfied(rule, record, ON)}
    awarded: set[str] = set()
    held = {each.key for each in record.holdings if each.kind != "grade"}
    ends = _ends(offerings)
    for day in sorted({day for day, _ in ends}):
        new = tuple(gain.earned(day) for each_day, each in ends if each_day == day for gain in each.gains)
        record = replace(record, holdings=(*record.holdings, *new))
        while True:
            fresh = [
                name
                for name, each in stacks.items()
                if name not in awarded | held and satisfied(each.rule, record, day)
            ]
            if not fresh:
                break
            awarded.add(fresh[0])
            record = replace(record, holdings=(*record.holdings, stacks[fresh[0]].gain.earned(day)))
        met |= {name for name, rule in targets.items() if satisfied(rule, record, day)}
    return met == targets.keys()


def cheapest(
    targets: dict[str, Rule], record: Record, offerings: tuple[Offering, ...], stacks: dict[str, Stack]
) -> Decimal | None:
    open_ = {name: rule for name, rule in targets.items() if not satisfied(rule, record, ON)}
    found = [
        sum((each.hours for each in some_), Decimal(0))
        for size in range(len(offerings) + 1)
        for some_ in combinations(offerings, size)
        if comes_out(open_, record, some_, stacks)
    ]
    return min(found, default=None)


@st.composite
def offers(draw: st.DrawFn, most: int = 6) -> tuple[Offering, ...]:
    made = []
    for number in range(draw(st.integers(1, most))):
        brings = tuple(
            replace(draw(holdings(f"g{number}-{place}")), status="active", until=None)
            for place in range(draw(st.sampled_from([1, 1, 1, 2])))
        )
        hours = Decimal(draw(st.sampled_from([0, 1, 2, 5, 5, 8, 12])))
        made.append(Offering(id=f"o{number}", gains=tuple(Gain(holding=each) for each in brings), hours=hours))
    return tuple(made)


def agree(found: Plan, best: Decimal | None) -> None:
    assert all(each.satisfied for each in found.evaluations.values())
    match found.outcome:
        case "best":
            assert best is not None
            assert found.hours == best
        case "nothing":
            assert best == 0
        case "found":
            assert best is not None
            assert found.bound is not None
            assert found.bound <= best <= found.hours
        case "none":
            assert best is None
        case "unknown":
            # What time alone forbids is not proved impossible; but nothing that comes out was overlooked.
            assert best is None


@many
@given(rules(), records(most=2), offers())
def test_the_plan_is_as_cheap_as_the_cheapest_of_all_sets(
    rule: Rule, record: Record, on_offer: tuple[Offering, ...]
) -> None:
    agree(planned(rule, *on_offer, record=record), cheapest({"goal": rule}, record, on_offer, {}))


@many
@given(st.one_of(conditioned(), anything()), records(most=2), offers(5))
def test_conditions_and_checks_are_respected(rule: Rule, record: Record, on_offer: tuple[Offering, ...]) -> None:
    agree(planned(rule, *on_offer, record=record), cheapest({"goal": rule}, record, on_offer, {}))


@some
@given(rules(), rules(3), rules(3), records(most=1), offers(5))
def test_stacks_and_several_targets_are_planned_together(
    one: Rule, other: Rule, below: Rule, record: Record, on_offer: tuple[Offering, ...]
) -> None:
    stacks = {"a": Stack(rule=below, gain=Gain(holding=award("a", level=5)))}
    targets = {"one": one, "other": other}
    found = plan(targets, record, Offer(offerings=on_offer, stacks=stacks), Wish(), ON)
    agree(found, cheapest(targets, record, on_offer, stacks))


@some
@given(rules(), records(most=2), offers())
def test_a_plan_comes_out_the_same_in_any_order(rule: Rule, record: Record, on_offer: tuple[Offering, ...]) -> None:
    again = replace(record, holdings=record.holdings[::-1])
    assert planned(rule, *on_offer, record=record) == planned(rule, *on_offer[::-1], record=again)


@some
@given(st.one_of(rules(), anything()), offers())
def test_each_further_answer_is_better_than_the_one_before(rule: Rule, on_offer: tuple[Offering, ...]) -> None:
    found = [each for each in plans({"goal": rule}, NOTHING, Offer(offerings=on_offer), Wish(), ON) if each.steps]
    assert [each.hours for each in found] == sorted((each.hours for each in found), reverse=True)


# What it says


def test_fewest_hours_and_lowest_price_may_be_different_plans() -> None:
    rule = every(holds("a", "b"), holds("c"))
    on_offer = (course("a", 10, 90), course("b", 30, 5), course("c", 8, 20))
    assert taken(planned(rule, *on_offer, by="hours")) == ["c-a", "c-c"]
    assert taken(planned(rule, *on_offer, by="price")) == ["c-b", "c-c"]


def test_what_is_held_is_not_taken_again() -> None:
    rule = every(holds("a"), holds("b"))
    found = planned(rule, course("a"), course("b"), record=Record(holdings=(award("a"),)))
    assert taken(found) == ["c-b"]
    assert found.outcome == "best"


def test_nothing_is_to_do_where_the_rule_is_satisfied() -> None:
    assert planned(every(holds("a")), course("a"), record=Record(holdings=(award("a"),))).outcome == "nothing"


def test_a_stack_on_the_way_is_awarded_on_its_day() -> None:
    below = Rule(root=All(id="r", parts=(Passed(id="q", assessment="x/quiz"), Passed(id="e", assessment="x/exam"))))
    grades = tuple(Gain(holding=award(f"x/{each}", kind="grade")) for each in ("quiz", "exam"))
    offering = Offering(id="x", gains=grades, hours=Decimal(80))
    stacks = {"m": Stack(rule=below, gain=Gain(holding=award("m")))}
    found = planned(every(holds("m"), holds("b")), offering, course("b", 40), stacks=stacks)
    assert found.awards == {"m": found.steps[-1].ends_on}
    assert {(use.owner, use.node, use.by) for use in found.uses} == {
        ("goal", "m", "m"),
        ("goal", "b", "c-b"),
        ("m", "q", "x"),
        ("m", "e", "x"),
    }


def test_a_prerequisite_is_taken_first_though_no_part_asks_for_it() -> None:
    found = planned(every(holds("b")), course("a", 40), course("b", 40, needs=("a",)))
    assert taken(found) == ["c-a", "c-b"]
    first, second = found.steps
    assert first.ends_on <= second.begins_on
    assert first.opens == ("c-b",)
    assert not first.uses


def test_an_offer_that_begins_before_its_prerequisite_can_be_held_is_not_planned() -> None:
    soon = {"starts_on": ON + timedelta(days=3), "ends_on": ON + timedelta(days=20)}
    found = planned(every(holds("b", "d")), course("a", 80), course("b", 10, needs=("a",), **soon), course("d", 90))
    assert taken(found) == ["c-d"]


def test_an_offer_whose_prerequisite_nothing_gives_is_out_of_reach() -> None:
    found = planned(every(holds("b")), course("b", needs=("z",)))
    assert found.outcome == "none"
    assert found.lacking.keys() == {"goal"}


def test_two_offers_at_the_same_time_do_not_go_together_when_the_hours_are_not_there() -> None:
    spring = {"starts_on": ON, "ends_on": ON + timedelta(days=27)}
    autumn = {"starts_on": ON + timedelta(days=90), "ends_on": ON + timedelta(days=117)}
    on_offer = (
        course("a", 40, **spring),
        course("b", 40, **spring),
        replace(course("b", 60, **autumn), id="c-b-again"),
    )
    rule = every(holds("a"), holds("b"))
    assert taken(planned(rule, *on_offer, hours_per_week=Decimal(20))) == ["c-a", "c-b"]
    late = planned(rule, *on_offer, hours_per_week=Decimal(15))
    assert taken(late) == ["c-a", "c-b-again"]
    assert late.outcome == "best"


def test_fewer_hours_a_week_take_longer() -> None:
    rule = every(holds("a"), holds("b"))
    ends = [
        planned(rule, course("a", 40), course("b", 60), by="date", hours_per_week=Decimal(each)).finished_on
        for each in (40, 20, 10)
    ]
    assert ends == [ON + timedelta(days=days) for days in (17, 34, 69)]


def test_by_date_the_soonest_is_taken_though_it_costs_more_hours() -> None:
    late = {"starts_on": ON + timedelta(days=200), "ends_on": ON + timedelta(days=230)}
    on_offer = (course("a", 10, **late), course("b", 60))
    assert taken(planned(every(holds("a", "b")), *on_offer, by="hours")) == ["c-a"]
    found = planned(every(holds("a", "b")), *on_offer, by="date")
    assert taken(found) == ["c-b"]
    assert found.bound == found.finished_on


def test_what_is_full_over_or_too_much_is_left_out_and_named() -> None:
    over = {"starts_on": ON - timedelta(days=60), "ends_on": ON - timedelta(days=1)}
    dense = {"starts_on": ON, "ends_on": ON + timedelta(days=6)}
    on_offer = (
        course("a", 1, places=0),
        course("b", 1, **over),
        course("c", 90, **dense),
        course("d", 30),
        course("e", 1, places=0, is_begun=True),
    )
    found = planned(every(Count(id="two", at_least=2, pool=Pool())), *on_offer)
    assert taken(found) == ["c-d", "c-e"]
    assert found.left_out == {"c-a": "full", "c-b": "over", "c-c": "too_much_a_week"}


def test_by_price_what_is_priced_in_another_currency_is_left_out() -> None:
    on_offer = (course("a", price=10, currency="USD"), course("b", price=90))
    found = planned(every(holds("a", "b")), *on_offer, by="price", currency="EUR")
    assert (taken(found), found.prices) == (["c-b"], {"EUR": Decimal(90)})
    assert found.left_out == {"c-a": "other_currency"}


def test_each_step_says_why_another_offer_is_not_in_its_place() -> None:
    rule = every(holds("a", "b", "d", id="one"))
    found = planned(rule, course("a", 10), course("b", 14), course("d", 1, places=0))
    (step,) = found.steps
    assert [(use.owner, use.node, use.key) for use in step.uses] == [("goal", "one", "a")]
    assert {(each.offering, each.code, each.more) for each in step.instead} == {
        ("c-d", "full", Decimal(0)),
        ("c-b", "costs_more", Decimal(4)),
    }
    assert not step.is_only


def test_the_only_way_is_called_so() -> None:
    assert planned(every(holds("a")), course("a"), course("b")).steps[0].is_only


def test_the_learner_may_choose_and_leave_out() -> None:
    rule = every(holds("a", "b", "c"))
    on_offer = (course("a", 1), course("b", 2), course("c", 3))
    assert taken(planned(rule, *on_offer, without=frozenset({"c-a"}))) == ["c-b"]
    assert taken(planned(rule, *on_offer, chosen=frozenset({"c-c"}))) == ["c-c"]


def test_one_offer_serves_two_targets() -> None:
    targets = {"one": every(holds("a", "b")), "two": every(holds("b", "c"))}
    on_offer = (course("a", 10), course("b", 15), course("c", 10))
    found = plan(targets, NOTHING, Offer(offerings=on_offer), Wish(), ON)
    assert taken(found) == ["c-b"]
    assert found.met.keys() == {"one", "two"}


def test_a_rule_that_forbids_sharing_is_planned_with_more() -> None:
    here = Count(id="n", at_least=1, pool=Pool(kinds=("M",), not_used_in=("Certificate",)))
    stacks = {
        name: Stack(
            rule=every(replace(here, id=f"n-{name}")), gain=Gain(holding=award(name, achievement_kind="Certificate"))
        )
        for name in ("one", "two")
    }
    on_offer = tuple(
        Offering(id=f"c-{key}", gains=(Gain(holding=award(key, achievement_kind="M")),), hours=Decimal(5))
        for key in "ab"
    )
    found = plan(
        {name: each.rule for name, each in stacks.items()},
        NOTHING,
        Offer(offerings=on_offer, stacks=stacks),
        Wish(),
        ON,
    )
    assert taken(found) == ["c-a", "c-b"]


def test_a_maximum_of_one_kind_is_kept() -> None:
    low = Limit(id="low", of=Pool(level_at_most=4), at_most=Decimal(5))
    rule = Rule(root=Amount(id="ten", at_least=Decimal(15), pool=Pool(), conditions=(low,)))
    on_offer = tuple(
        Offering(id=f"c-{key}", gains=(Gain(holding=award(key, level=4 if key in "abc" else 5)),), hours=Decimal(hours))
        for key, hours in (("a", 1), ("b", 1), ("c", 1), ("d", 9), ("e", 9), ("f", 9))
    )
    found = planned(rule, *on_offer)
    # Which of them is all the same.
    assert ["abc".count(each[-1]) for each in taken(found)] == [1, 0, 0]
    assert found.outcome == "best"


def test_an_approval_is_supposed_and_said() -> None:
    rule = every(holds("a"), SignedOff(id="sign", role="head of studies"))
    found = planned(rule, course("a"))
    assert [(each.node, each.role) for each in found.approvals] == [("sign", "head of studies")]


def test_a_fact_that_is_not_so_makes_it_impossible() -> None:
    rule = every(holds("a"), Fact(id="fact", name="declared", one_of=("yes",)))
    found = planned(rule, course("a"))
    assert found.outcome == "none"
    assert found.lacking["goal"].nodes["a"].state == "met"
    assert found.lacking["goal"].nodes["fact"].state != "met"


def test_what_must_not_be_held_is_not_taken_for_another_part() -> None:
    rule = every(holds("b", "c"), Given(id="not", pool=Pool(achievements=("b",)), absent=True))
    assert taken(planned(rule, course("b", 1), course("c", 5))) == ["c-c"]


def test_validity_that_runs_out_before_the_rest_is_there_is_seen() -> None:
    short = replace(course("a", 1), gains=(Gain(holding=award("a"), valid_months=1),))
    long = replace(course("a", 5), id="c-long")
    later = course("b", 10, starts_on=ON + timedelta(days=60), ends_on=ON + timedelta(days=80))
    rule = every(Holds(id="a", any_of=("a",), where=Where(current=True)), holds("b"))
    found = planned(rule, short, long, later)
    assert "c-long" in taken(found)


def test_grades_are_supposed_to_be_good_enough() -> None:
    grade = Gain(holding=award("x/exam", kind="grade", grade=Decimal(100)))
    rule = Rule(root=Passed(id="p", assessment="x/exam", where=Where(grade_at_least=Decimal(85))))
    assert taken(planned(rule, Offering(id="x", gains=(grade,), hours=Decimal(3)))) == ["x"]


def test_an_average_and_an_order_are_kept() -> None:
    rule = every(holds("a"), holds("b"), conditions=(Average(id="av", at_least=Decimal(50)),))
    assert planned(rule, course("a"), course("b")).outcome == "best"
    ordered = Rule(
        root=AnyOf(
            id="any",
            parts=(
                All(id="ab", parts=(holds("a"), holds("b")), conditions=(Order(id="o", first=("a",), then=("b",)),)),
            ),
        )
    )
    assert taken(planned(ordered, course("a"), course("b"))) == ["c-a", "c-b"]


def test_repeated_looking_is_bounded_and_says_what_is_not_proved() -> None:
    on_offer = tuple(course(key, 10 + place) for place, key in enumerate("abcdefgh"))
    rule = every(Count(id="four", at_least=4, pool=Pool(earned_within=Period(years=1))))
    found = planned(rule, *on_offer, steps=1)
    assert found.outcome in ("best", "found")
    assert found.bound is not None
    assert found.hours >= found.bound  # type: ignore[operator]
