"""The plain cases of evaluation: what counts where, what is missing, and why something does not count."""

from datetime import date
from decimal import Decimal

import pytest

from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.evaluation import Need
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Fact,
    FactDay,
    Given,
    Holds,
    Limit,
    Passed,
    Period,
    Pool,
    Requirement,
    Rule,
    SignedOff,
    Where,
)

ON = date(2025, 6, 30)


def holding(key: str, **said) -> Holding:
    return Holding(**{"id": key, "kind": "award", "key": key, "earned_on": date(2025, 1, 1), **said})


def grade(key: str, **said) -> Holding:
    return holding(key, kind="grade", **said)


def record(*holdings: Holding, **said) -> Record:
    return Record(holdings=holdings, **said)


def holds(node: str, *keys: str, **said) -> Holds:
    return Holds(id=node, any_of=keys, **said)


def taken(root: Requirement, *holdings: Holding) -> dict[str, list[str]]:
    evaluation = evaluate(Rule(root=root), record(*holdings), ON)
    return {node: [each.holding for each in part] for node, part in evaluation.allocation.items()}


def met(root: Requirement, *holdings: Holding) -> bool:
    assert (
        satisfied(Rule(root=root), record(*holdings), ON) == evaluate(Rule(root=root), record(*holdings), ON).satisfied
    )
    return satisfied(Rule(root=root), record(*holdings), ON)


def test_an_award_satisfies_holds() -> None:
    assert met(holds("r", "a", "b"), holding("b"))
    assert not met(holds("r", "a", "b"), holding("c"))


def test_a_recognised_credential_counts_like_an_award_and_a_grade_does_not() -> None:
    assert met(holds("r", "a"), holding("a", kind="recognised"))
    assert not met(holds("r", "a"), grade("a"))


def test_a_passed_assessment_goes_by_its_own_pass_mark_unless_the_rule_sets_one() -> None:
    assert met(Passed(id="r", assessment="c/x"), grade("c/x", grade=Decimal(30), passed=True))
    assert not met(Passed(id="r", assessment="c/x"), grade("c/x", grade=Decimal(70), passed=False))
    own = Passed(id="r", assessment="c/x", where=Where(grade_at_least=Decimal(40)))
    assert met(own, grade("c/x", grade=Decimal(40), passed=False))
    assert not met(own, grade("c/x", grade=Decimal("39.9"), passed=True))


@pytest.mark.parametrize(
    ("where", "fits", "does_not", "code"),
    [
        (Where(level_at_least=5), {"level": 5}, {"level": 4}, "level_too_low"),
        (Where(level_at_least=5), {"level": 5}, {"level": None}, "level_too_low"),
        (Where(level_at_most=5), {"level": 5}, {"level": 6}, "level_too_high"),
        (Where(grade_at_least=Decimal(50)), {"grade": Decimal(50)}, {"grade": None}, "grade_too_low"),
        (Where(current=True), {"until": ON}, {"until": date(2025, 6, 29)}, "expired"),
        (Where(current=True), {"until": None}, {"status": "expired"}, "expired"),
        (
            Where(earned_since=date(2024, 1, 1)),
            {"earned_on": date(2024, 1, 1)},
            {"earned_on": date(2023, 12, 31)},
            "earned_too_early",
        ),
        (
            Where(earned_until=date(2024, 1, 1)),
            {"earned_on": date(2024, 1, 1)},
            {"earned_on": date(2024, 1, 2)},
            "earned_too_late",
        ),
        (
            Where(earned_within=Period(years=5)),
            {"earned_on": date(2020, 6, 30)},
            {"earned_on": date(2020, 6, 29)},
            "earned_too_early",
        ),
        (
            Where(earned_within=Period(months=4)),
            {"earned_on": date(2025, 2, 28)},
            {"earned_on": date(2025, 2, 27)},
            "earned_too_early",
        ),
        (
            Where(earned_within=Period(days=90)),
            {"earned_on": date(2025, 4, 1)},
            {"earned_on": date(2025, 3, 31)},
            "earned_too_early",
        ),
        (Where(issuers=("i",)), {"issuer": "i"}, {"issuer": "j"}, "other_issuer"),
        (Where(sources=("here",)), {"source": "here"}, {"source": "other"}, "other_source"),
        (Where(kinds=("k",)), {"achievement_kind": "k"}, {}, "other_kind"),
        (Where(subjects=("s",)), {"subject": "s"}, {}, "other_subject"),
        (Where(skills=("s", "t")), {"skills": frozenset({"t"})}, {}, "other_skill"),
        (Where(tags=("s", "t")), {"tags": frozenset({"t", "u"})}, {}, "tag_missing"),
        (Where(without_tags=("t",)), {}, {"tags": frozenset({"t"})}, "tag_excluded"),
        (Where(), {}, {"status": "revoked"}, "revoked"),
        (Where(), {}, {"status": "suspended"}, "suspended"),
        (Where(), {"earned_on": ON}, {"earned_on": date(2025, 7, 1)}, "dated_later"),
    ],
)
def test_a_condition_lets_in_what_fits_and_says_why_not(where: Where, fits: dict, does_not: dict, code: str) -> None:
    for part in (holds("r", "a", where=where), Count(id="r", at_least=1, pool=Pool(**where.__dict__))):
        assert met(part, holding("a", **fits))
        evaluation = evaluate(Rule(root=part), record(holding("a", **does_not)), ON)
        assert not evaluation.satisfied
        assert [(each.code, each.node) for each in evaluation.unused] == [(code, "r")]


def test_a_holding_counts_once() -> None:
    both = All(id="r", parts=(holds("one", "a", "b"), holds("two", "a")))
    assert not met(both, holding("a"))
    assert taken(both, holding("a"), holding("b")) == {"one": ["b"], "two": ["a"]}


def test_the_same_achievement_twice_is_one_achievement_unless_repetition_counts() -> None:
    twice = (holding("a", id="1"), holding("a", id="2"))
    assert not met(Count(id="r", at_least=2, pool=Pool()), *twice)
    assert met(Count(id="r", at_least=2, pool=Pool(repeats=True)), *twice)
    evaluation = evaluate(Rule(root=holds("r", "a")), record(*twice), ON)
    assert [(each.holding, each.code) for each in evaluation.unused] == [("2", "repeated")]


def test_repetition_in_one_part_does_not_let_another_part_count_it_twice() -> None:
    root = All(
        id="r", parts=(Count(id="log", at_least=2, pool=Pool(achievements=("a",), repeats=True)), holds("x", "a"))
    )
    assert not met(root, holding("a", id="1"), holding("a", id="2"))
    assert met(root, holding("a", id="1"), holding("a", id="2"), holding("a", id="3"))


def test_a_shared_part_leaves_what_it_takes_to_the_others() -> None:
    root = All(id="r", parts=(holds("one", "a"), Amount(id="sum", at_least=Decimal(5), pool=Pool(), shared=True)))
    assert taken(root, holding("a", credits=Decimal(5))) == {"one": ["a"], "sum": ["a"]}


def test_a_greedy_choice_would_be_wrong() -> None:
    # Taking `a` for the first part, the earliest that fits, would leave nothing for the second.
    root = All(id="r", parts=(holds("one", "a", "b", "c"), holds("two", "a", "b"), holds("three", "a")))
    assert taken(root, holding("c"), holding("b"), holding("a")) == {"one": ["c"], "two": ["b"], "three": ["a"]}
    # The large one fills the pool alone, but then nothing of level 5 is left.
    root = All(
        id="r",
        parts=(
            Amount(id="any", at_least=Decimal(10), pool=Pool()),
            Amount(id="high", at_least=Decimal(10), pool=Pool(level_at_least=5)),
        ),
    )
    small = [holding(f"s{number}", credits=Decimal(5), level=4) for number in range(2)]
    assert met(root, holding("large", credits=Decimal(10), level=5), *small)
    # Six and five fit the two sums only one way round.
    root = All(
        id="r",
        parts=(
            Amount(id="one", at_least=Decimal(7), pool=Pool()),
            Amount(id="two", at_least=Decimal(8), pool=Pool()),
        ),
    )
    assert met(root, *[holding(f"h{size}", credits=Decimal(size)) for size in (2, 3, 4, 6)])
    assert not met(root, *[holding(f"h{size}", credits=Decimal(size)) for size in (1, 2, 5, 6)])


def test_a_choice_among_choices_takes_the_branch_that_leaves_the_rest_possible() -> None:
    root = All(
        id="r",
        parts=(
            AnyOf(id="way", parts=(All(id="w1", parts=(holds("w1a", "a"), holds("w1b", "b"))), holds("w2", "c"))),
            holds("must", "a"),
        ),
    )
    assert taken(root, holding("a"), holding("b"), holding("c")) == {"w2": ["c"], "must": ["a"]}


def test_at_least_takes_whole_parts_to_any_depth() -> None:
    strands = tuple(
        All(id=f"s{number}", parts=(holds(f"s{number}a", f"{number}a"), holds(f"s{number}b", f"{number}b")))
        for number in range(4)
    )
    root = AtLeast(id="r", count=2, parts=strands)
    assert not met(root, holding("0a"), holding("1a"), holding("2a"), holding("2b"))
    assert met(root, holding("0a"), holding("3a"), holding("3b"), holding("2a"), holding("2b"))


def test_amounts_are_exact() -> None:
    tenth = [holding(f"h{number}", credits=Decimal("0.1")) for number in range(3)]
    assert met(Amount(id="r", at_least=Decimal("0.3"), pool=Pool()), *tenth)
    assert met(Amount(id="r", at_least=Decimal("0.3"), at_most=Decimal("0.3"), pool=Pool()), *tenth)


def test_a_surplus_over_the_maximum_is_left_out_and_does_no_harm() -> None:
    part = Amount(id="r", at_least=Decimal(10), at_most=Decimal(12), pool=Pool())
    awards = [holding(f"h{size}", credits=Decimal(size)) for size in (4, 5, 7, 20)]
    evaluation = evaluate(Rule(root=part), record(*awards), ON)
    assert evaluation.satisfied
    assert evaluation.used <= {"h4", "h5", "h7"}
    assert [each.code for each in evaluation.unused if each.holding == "h20"] == ["over_maximum"]
    assert not met(part, holding("h20", credits=Decimal(20)))


def test_hours_and_points_are_amounts_too() -> None:
    assert met(Amount(id="r", at_least=Decimal(8), unit="hours", pool=Pool()), holding("a", hours=Decimal(8)))
    assert not met(Amount(id="r", at_least=Decimal(8), unit="points", pool=Pool()), holding("a", hours=Decimal(8)))


def test_fewest_then_least_versatile_then_earliest_holdings_are_taken() -> None:
    root = All(
        id="r", parts=(holds("one", "a", "b", "c"), AnyOf(id="x", parts=(holds("two", "c"), holds("three", "z"))))
    )
    early, late = holding("a", earned_on=date(2024, 1, 1)), holding("b", earned_on=date(2024, 2, 1))
    versatile = holding("c", earned_on=date(2020, 1, 1))
    assert taken(root, versatile, late, early) == {"one": ["a"], "two": ["c"]}
    total = Amount(id="r", at_least=Decimal(10), pool=Pool())
    sizes = [holding(f"h{size}", credits=Decimal(size)) for size in (3, 4, 3, 10)]
    assert taken(total, *sizes[1:]) == {"r": ["h10"]}


def test_of_repeated_awards_the_better_one_counts() -> None:
    low = holding("a", id="low", grade=Decimal(40), earned_on=date(2020, 1, 1))
    assert taken(holds("r", "a"), low, holding("a", id="high", grade=Decimal(80))) == {"r": ["high"]}


@pytest.mark.parametrize("conditions", [(), (Limit(id="c", of=Pool(), measure="count", at_least=Decimal(1)),)])
def test_of_repeated_awards_the_one_that_fits_under_the_maximum_counts(conditions: tuple[Limit, ...]) -> None:
    exactly = Amount(id="a", at_least=Decimal("2.5"), at_most=Decimal("2.5"), pool=Pool())
    root = AnyOf(id="r", parts=(exactly,), conditions=conditions)
    small = holding("k", id="small", credits=Decimal("2.5"))
    large = holding("k", id="large", credits=Decimal(5))
    assert met(root, small, large)
    assert met(root, large, small)
    assert taken(root, large, small) == {"a": ["small"]}


@pytest.mark.parametrize("conditions", [(), (Limit(id="c", of=Pool(), measure="count", at_least=Decimal(1)),)])
def test_of_repeated_awards_the_smaller_one_may_leave_room_for_another(conditions: tuple[Limit, ...]) -> None:
    root = Amount(id="r", at_least=Decimal(7), at_most=Decimal(7), pool=Pool(), conditions=conditions)
    small, large = holding("k", id="small", credits=Decimal(2)), holding("k", id="large", credits=Decimal(4))
    assert met(root, small, large, holding("l", credits=Decimal(5)))
    assert met(root, small, large, holding("l", credits=Decimal(3)))
    assert not met(root, small, large, holding("l", credits=Decimal(1)))


def test_each_part_has_its_state() -> None:
    root = All(
        id="r",
        parts=(
            holds("done", "a"),
            holds("begun", "b"),
            holds("not", "c"),
            AnyOf(id="way", parts=(holds("w1", "d"), holds("w2", "e"))),
            Amount(id="sum", at_least=Decimal(10), pool=Pool(tags=("t",))),
        ),
    )
    learner = record(
        holding("a"),
        holding("f", credits=Decimal(4), tags=frozenset({"t"})),
        under_way=frozenset({("award", "b")}),
    )
    evaluation = evaluate(Rule(root=root), learner, ON)
    states = {node: result.state for node, result in evaluation.nodes.items()}
    assert states == {
        "r": "under_way",
        "done": "met",
        "begun": "under_way",
        "not": "missing",
        "way": "missing",
        "w1": "open",
        "w2": "open",
        "sum": "under_way",
    }
    assert (evaluation.nodes["sum"].have, evaluation.nodes["sum"].need) == (Decimal(4), Decimal(10))
    assert (evaluation.nodes["r"].have, evaluation.nodes["r"].need) == (Decimal(1), Decimal(5))


def test_the_smallest_completing_sets_are_named() -> None:
    root = AnyOf(
        id="r",
        parts=(
            All(id="long", parts=(holds("l1", "a"), holds("l2", "b"), holds("l3", "c"))),
            All(id="short", parts=(holds("s1", "x"), holds("s2", "y", "z"))),
        ),
    )
    evaluation = evaluate(Rule(root=root), record(holding("x")), ON)
    assert evaluation.missing == ((Need(node="s2", amount=Decimal(1), any_of=(("award", "y"), ("award", "z"))),),)
    assert evaluation.nodes["l1"].state == "open"
    evaluation = evaluate(Rule(root=root), record(holding("x"), holding("a"), holding("b")), ON)
    assert {completion[0].node for completion in evaluation.missing} == {"l3", "s2"}


def test_a_completing_set_never_asks_for_what_is_held_already() -> None:
    root = All(id="r", parts=(holds("one", "a", "b"), holds("two", "a")))
    evaluation = evaluate(Rule(root=root), record(holding("a")), ON)
    assert evaluation.missing == ((Need(node="one", amount=Decimal(1), any_of=(("award", "b"),)),),)


def test_credits_still_missing_are_counted() -> None:
    part = Amount(id="r", at_least=Decimal("7.5"), pool=Pool(tags=("t",)))
    evaluation = evaluate(Rule(root=part), record(holding("a", credits=Decimal(5), tags=frozenset({"t"}))), ON)
    assert evaluation.missing == ((Need(node="r", amount=Decimal("2.5")),),)


def test_many_ways_are_cut_off_and_said() -> None:
    parts = tuple(All(id=f"s{n}", parts=(holds(f"s{n}a", f"{n}a"), holds(f"s{n}b", f"{n}b"))) for n in range(8))
    evaluation = evaluate(Rule(root=AtLeast(id="r", count=3, parts=parts)), record(), ON)
    assert len(evaluation.missing) == 12
    assert evaluation.more_ways


def test_the_verdict_is_plain_data_for_storage() -> None:
    evaluation = evaluate(Rule(root=holds("r", "a")), record(holding("a"), holding("b")), ON)
    assert evaluation.to_json() == {
        "on": "2025-06-30",
        "satisfied": True,
        "allocation": {"r": [{"holding": "a", "amount": "1"}]},
        "nodes": {"r": {"state": "met", "have": "1", "need": "1"}},
        "unused": [{"holding": "b", "code": "not_asked", "node": None}],
        "missing": [],
        "more_ways": False,
    }


def test_a_check_takes_nothing_and_is_met_by_facts_other_holdings_or_approval() -> None:
    root = All(
        id="r",
        parts=(
            Fact(id="level", name="level", one_of=("EMT",)),
            Fact(id="gpa", name="gpa", at_least=Decimal(3)),
            Fact(id="admitted", name="admitted", since=date(2024, 9, 1)),
            Given(id="given", pool=Pool(achievements=("a",))),
            Given(id="barred", pool=Pool(achievements=("x",)), absent=True),
            SignedOff(id="approval", role="director"),
            holds("one", "a"),
        ),
    )
    facts = {"level": "EMT", "gpa": "3.00", "admitted": "2024-09-01"}
    approved = frozenset({("approval", "director")})
    learner = record(holding("a"), facts=facts, sign_offs=approved)
    assert satisfied(Rule(root=root), learner, ON)
    for wrong in (
        {"level": "AEMT"},
        {"gpa": "2.99"},
        {"gpa": "high"},
        {"admitted": "2024-08-31"},
        {"admitted": "soon"},
    ):
        other = record(holding("a"), facts={**facts, **wrong}, sign_offs=approved)
        evaluation = evaluate(Rule(root=root), other, ON)
        assert not evaluation.satisfied
        assert [[need.node for need in each] for each in evaluation.missing] == [[next(iter(wrong))]]
    assert not satisfied(Rule(root=root), record(holding("a"), facts=facts), ON)
    assert not satisfied(Rule(root=root), record(holding("a"), holding("x"), facts=facts, sign_offs=approved), ON)


@pytest.mark.parametrize(
    ("where", "fits", "does_not"),
    [
        (Where(marks=("A", "B")), {"mark": "B"}, {"mark": "B-"}),
        (Where(with_tags=("t", "u")), {"tags": frozenset({"t", "u", "v"})}, {"tags": frozenset({"t"})}),
        (Where(tags_as_facts=("craft.kind",)), {"tags": frozenset({"kind=glider"})}, {"tags": frozenset({"kind=jet"})}),
        (Where(held_for=Period(months=4)), {"earned_on": date(2025, 2, 28)}, {"earned_on": date(2025, 3, 1)}),
        (
            Where(earned_within=Period(years=5, exclusive=True)),
            {"earned_on": date(2020, 7, 1)},
            {"earned_on": date(2020, 6, 30)},
        ),
        (
            Where(earned_within=Period(months=2, whole_months=True)),
            {"earned_on": date(2025, 4, 1)},
            {"earned_on": date(2025, 3, 31)},
        ),
        (
            Where(earned_until=FactDay(fact="born", plus=Period(years=18), minus=Period(days=1))),
            {"earned_on": date(2025, 1, 14)},
            {"earned_on": date(2025, 1, 15)},
        ),
        (Where(earned_since=FactDay(fact="born")), {}, {"earned_on": date(2007, 1, 14)}),
        (Where(either=(Where(level_at_least=5), Where(tags=("t",)))), {"tags": frozenset({"t"})}, {"level": 4}),
        (Where(not_used_in=("certificate",)), {}, {"id": "used"}),
    ],
)
def test_further_conditions_on_one_holding(where: Where, fits: dict, does_not: dict) -> None:
    known = {"facts": {"born": "2007-01-15", "craft.kind": "glider"}, "used_in": {"used": frozenset({"certificate"})}}
    rule = Rule(root=holds("r", "a", where=where))
    assert satisfied(rule, record(holding("a", **fits), **known), ON)
    assert not satisfied(rule, record(holding("a", **does_not), **known), ON)


def test_a_day_that_depends_on_an_unknown_fact_lets_nothing_in() -> None:
    for where in (Where(earned_since=FactDay(fact="born")), Where(earned_until=FactDay(fact="born"))):
        assert not met(holds("r", "a", where=where), holding("a"))


def test_a_pin_decides_where_a_holding_counts_unless_it_alone_would_fail_the_rule() -> None:
    choice = All(id="r", parts=(holds("one", "a", "b"), Count(id="two", at_least=1, pool=Pool())))
    rule, learner = Rule(root=choice), record(holding("a"), holding("b"))
    for pinned, other in (("a", "b"), ("b", "a")):
        evaluation = evaluate(rule, learner, ON, pins={pinned: "two"})
        assert [taken.holding for taken in evaluation.allocation["two"]] == [pinned]
        assert [taken.holding for taken in evaluation.allocation["one"]] == [other]
    only = record(holding("a"), holding("c"))
    evaluation = evaluate(rule, only, ON, pins={"a": "two"})
    assert evaluation.satisfied
    assert [taken.holding for taken in evaluation.allocation["one"]] == ["a"]
    evaluation = evaluate(
        Rule(root=AnyOf(id="r", parts=(holds("x", "a"), holds("y", "a", "b")))), learner, ON, pins={"b": "y"}
    )
    assert evaluation.used == {"b"}


def test_what_is_left_over_never_makes_a_part_look_met_past_its_maximum() -> None:
    root = AnyOf(
        id="r",
        parts=(holds("one", "x"), Amount(id="sum", at_least=Decimal(5), at_most=Decimal(5), pool=Pool(tags=("t",)))),
    )
    evaluation = evaluate(Rule(root=root), record(holding("a", credits=Decimal("7.5"), tags=frozenset({"t"}))), ON)
    assert not evaluation.satisfied
    assert evaluation.nodes["r"].state != "met"
    assert evaluation.nodes["sum"].state != "met"
