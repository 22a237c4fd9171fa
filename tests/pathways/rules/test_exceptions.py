"""What people decide about a learner: waivers, substitutions, extra choices, changed limits, extensions, facts."""

from datetime import date
from decimal import Decimal

import pytest

from pathways.rules import notation
from pathways.rules.evaluate import evaluate
from pathways.rules.exceptions import (
    facts_of,
    judge,
    limits_of,
    nodes_of,
    read_limit,
    read_time,
    rests_on,
    satisfied,
    times_of,
)
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AtLeast,
    Count,
    Fact,
    FactDay,
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
from pathways.rules.rulings import (
    AttestedFact,
    ChangedLimit,
    Extension,
    ExtraChoice,
    GivenSignOff,
    RulingValue,
    Substitution,
    Waiver,
)
from pathways.rules.text import from_text

ON = date(2025, 6, 30)
ABOUT = {"id": "r1", "rule": "whole"}


def holding(key: str, **said) -> Holding:
    return Holding(**{"id": key, "kind": "award", "key": key, "earned_on": date(2025, 1, 1), **said})


def judged(root: Requirement, *holdings: Holding, rulings: tuple[RulingValue, ...], on: date = ON, slug: str = "whole"):
    rule, record = Rule(root=root), Record(holdings=holdings, rulings=rulings)
    verdict = judge(slug, rule, record, on)
    assert verdict.satisfied == satisfied(slug, rule, record, on)
    assert set(nodes_of(rule)) == set(verdict.nodes)
    return verdict


A, B = Holds(id="a", any_of=("algebra",)), Holds(id="b", any_of=("biology",))


def test_without_a_decision_the_verdict_is_the_plain_one() -> None:
    rule, record = Rule(root=All(id="all", parts=(A, B))), Record(holdings=(holding("algebra"),))
    assert judge("whole", rule, record, ON) == evaluate(rule, record, ON)


def test_a_waived_part_need_not_be_met_and_says_so() -> None:
    root = All(id="all", parts=(A, B))
    verdict = judged(root, holding("algebra"), rulings=(Waiver(**ABOUT, node="b"),))
    assert verdict.satisfied
    assert {node: result.state for node, result in verdict.nodes.items()} == {"all": "met", "a": "met", "b": "waived"}
    assert verdict.used == {"algebra"}


def test_a_waived_group_waives_all_below_it() -> None:
    inner = AtLeast(id="two", count=2, parts=(A, B))
    verdict = judged(
        All(id="all", parts=(inner, Holds(id="c", any_of=("chemistry",)))), rulings=(Waiver(**ABOUT, node="two"),)
    )
    assert [verdict.nodes[node].state for node in ("two", "a", "b", "c")] == ["waived", "waived", "waived", "missing"]
    assert [[need.node for need in way] for way in verdict.missing] == [["c"]]


def test_a_waived_condition_asks_nothing() -> None:
    limit = Limit(id="deep", of=Pool(level_at_least=6), at_least=Decimal(10))
    root = Amount(id="n", at_least=Decimal(20), pool=Pool(), conditions=(limit,))
    held = holding("algebra", credits=Decimal(20), level=5)
    assert not judged(root, held, rulings=()).satisfied
    verdict = judged(root, held, rulings=(Waiver(**ABOUT, node="deep"),))
    assert verdict.satisfied
    assert verdict.nodes["deep"].state == "waived"


def test_an_order_no_longer_speaks_of_what_lies_below_a_waived_part() -> None:
    inner = All(id="both", parts=(A, B))
    last = Holds(id="c", any_of=("chemistry",))
    root = All(id="all", parts=(inner, last), conditions=(Order(id="order", first=("a",), then=("c",)),))
    assert judged(root, holding("chemistry"), rulings=(Waiver(**ABOUT, node="both"),)).satisfied


def test_a_substitute_counts_whatever_else_the_part_asks() -> None:
    part = Holds(id="a", any_of=("algebra",), where=Where(level_at_least=6))
    substitution = Substitution(**ABOUT, node="a", key="logic")
    verdict = judged(part, holding("logic", level=4), rulings=(substitution,))
    assert verdict.satisfied
    assert [each.holding for each in verdict.allocation["a"]] == ["logic"]
    # What was asked for still counts, on the terms it was asked for.
    assert not judged(part, holding("algebra", level=4), rulings=(substitution,)).satisfied
    assert judged(part, holding("algebra", level=6), rulings=(substitution,)).satisfied


@pytest.mark.parametrize(("key", "kind"), [("old/exam", "grade"), ("logic", "award")])
def test_an_assessment_is_stood_in_for_by_another_or_by_an_award(key: str, kind: str) -> None:
    part = Passed(id="p", assessment="new/exam")
    verdict = judged(part, holding(key, kind=kind), rulings=(Substitution(**ABOUT, node="p", key=key),))
    assert verdict.satisfied
    assert [each.holding for each in verdict.allocation["p"]] == [key]
    assert judged(part, rulings=(Substitution(**ABOUT, node="p", key=key),)).missing[0][0].node == "p"


def test_an_extra_choice_counts_in_a_pool_that_would_not_have_it() -> None:
    pool = Pool(tags=("science",), without_achievements=("logic",))
    root = Count(id="n", at_least=2, pool=pool)
    held = (holding("logic"), holding("physics", tags=frozenset({"science"})), holding("art"))
    assert not judged(root, *held, rulings=()).satisfied
    verdict = judged(root, *held, rulings=(ExtraChoice(**ABOUT, node="n", key="logic"),))
    assert {each.holding for each in verdict.allocation["n"]} == {"logic", "physics"}
    named = Count(id="n", at_least=1, pool=Pool(achievements=("physics",), level_at_least=5))
    assert judged(named, holding("logic"), rulings=(ExtraChoice(**ABOUT, node="n", key="logic"),)).satisfied


def test_a_limit_is_another_for_this_learner() -> None:
    root = Amount(id="n", at_least=Decimal(20), pool=Pool())
    held = holding("algebra", credits=Decimal("18.5"))
    verdict = judged(root, held, rulings=(ChangedLimit(**ABOUT, node="n", field="at_least", value="18.5"),))
    assert verdict.satisfied
    assert verdict.nodes["n"].need == Decimal("18.5")
    graded = Holds(id="a", any_of=("algebra",), where=Where(grade_at_least=Decimal(60)))
    lower = ChangedLimit(**ABOUT, node="a", field="where.grade_at_least", value="50")
    assert judged(graded, holding("algebra", grade=Decimal(55)), rulings=(lower,)).satisfied


def test_a_date_and_a_length_of_time_are_extended() -> None:
    part = Holds(
        id="a", any_of=("algebra",), where=Where(earned_until=date(2024, 12, 31), earned_within=Period(months=5))
    )
    longer = (
        Extension(**ABOUT, node="a", field="where.earned_until", value="2025-01-31"),
        Extension(**ABOUT, node="a", field="where.earned_within", value="1 years"),
    )
    assert not judged(part, holding("algebra"), rulings=longer[:1]).satisfied
    assert judged(part, holding("algebra"), rulings=longer).satisfied


@pytest.mark.parametrize("value", ["", "x", "-1", "1e400", "NaN"])
def test_a_limit_that_cannot_be_read_changes_nothing(value: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_limit(Decimal(1), value)
    root = Amount(id="n", at_least=Decimal(20), pool=Pool())
    assert not judged(root, rulings=(ChangedLimit(**ABOUT, node="n", field="at_least", value=value),)).satisfied
    with pytest.raises(ValueError, match=r".*"):
        read_time(Period(years=1), value)


def test_what_can_be_changed_is_told_by_the_part() -> None:
    part = Holds(id="a", any_of=("x",), where=Where(grade_at_least=Decimal(60), earned_until=ON, current=True))
    assert limits_of(part) == {"where.grade_at_least": Decimal(60)}
    assert times_of(part) == {"where.earned_until": ON}


def test_a_decision_holds_from_its_first_to_its_last_day() -> None:
    dated = Waiver(**ABOUT, node="a", since=date(2025, 6, 1), until=date(2025, 6, 30))
    days = [date(2025, 5, 31), date(2025, 6, 1), date(2025, 6, 30), date(2025, 7, 1)]
    assert [judged(A, rulings=(dated,), on=day).satisfied for day in days] == [False, True, True, False]


def test_a_decision_is_about_one_rule_and_one_part() -> None:
    assert not judged(A, rulings=(Waiver(**ABOUT, node="a"),), slug="another").satisfied
    assert not judged(A, rulings=(Waiver(**ABOUT, node="gone"),)).satisfied
    signed = GivenSignOff(**ABOUT, node="s", role="dean")
    part = SignedOff(id="s", role="dean")
    assert judged(part, rulings=(signed,)).satisfied
    assert not judged(part, rulings=(signed,), slug="another").satisfied


def test_of_a_fact_the_latest_in_force_counts() -> None:
    part = Fact(id="f", name="programme", one_of=("law",))
    facts = (
        AttestedFact(id="1", name="programme", value="arts"),
        AttestedFact(id="2", name="programme", value="law", since=date(2025, 3, 1)),
    )
    assert judged(part, rulings=facts).satisfied
    assert not judged(part, rulings=facts, on=date(2025, 2, 1)).satisfied


def test_a_verdict_rests_on_the_decisions_that_the_rule_looks_at() -> None:
    born = Where(earned_since=FactDay(fact="born", plus=Period(years=18)))
    rule = Rule(root=All(id="all", parts=(A, Holds(id="b", any_of=("biology",), where=born))))
    assert facts_of(rule) == {"born"}
    rulings = (
        AttestedFact(id="1", name="born", value="2000-01-01"),
        AttestedFact(id="2", name="programme", value="law"),
        Waiver(id="3", rule="whole", node="a"),
        Waiver(id="4", rule="whole", node="gone"),
        Waiver(id="5", rule="whole", node="b", until=date(2025, 1, 1)),
    )
    assert rests_on("whole", rule, Record(rulings=rulings), ON) == {"1", "3"}


def test_every_fact_that_a_rule_asks_for_is_known_wherever_it_stands() -> None:
    rule = from_text(
        "all of\n"
        "  count 1; at least fact many\n"
        "    where limit; matches (of field; fact home); at most 3; at least fact some\n"
        "  fact here; same as there; at least fact low; at most fact high\n"
        '  hold biology; tags as facts craft.kind; earned since "born" plus 16 years'
    )
    asked = {"many", "some", "home", "here", "there", "low", "high", "craft.kind", "born"}
    assert facts_of(rule) == asked
    rulings = tuple(AttestedFact(id=name, name=f"{name}.0", value="1") for name in asked)
    assert rests_on("whole", rule, Record(rulings=rulings), ON) == asked


def test_the_rule_itself_stays_as_it_is() -> None:
    rule = Rule(root=All(id="all", parts=(A, B)))
    before = notation.content_hash(rule)
    judge("whole", rule, Record(rulings=(Waiver(**ABOUT, node="a"), Substitution(**ABOUT, node="b", key="x"))), ON)
    assert notation.content_hash(rule) == before
