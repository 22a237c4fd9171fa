"""Conditions over what a part took: they take nothing, overlap freely, and never spoil a surplus."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.evaluation import Need
from pathways.rules.explain import completion_sentence, node_sentence, sentence
from pathways.rules.notation import from_json, to_json
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Condition,
    Count,
    Groups,
    Holds,
    LastOf,
    Limit,
    Newest,
    OneYear,
    Order,
    Overlap,
    Pace,
    Period,
    Pool,
    Requirement,
    Rule,
    Span,
    Spread,
    Together,
)
from pathways.rules.soundness import MAX_DATE_CONDITIONS, check

ON = date(2025, 6, 30)
HIGH = Pool(level_at_least=5)


def award(key: str, amount: int = 5, **said) -> Holding:
    return Holding(
        **{"id": key, "kind": "award", "key": key, "earned_on": date(2025, 1, 1), "credits": Decimal(amount), **said}
    )


def amount(least: int, *conditions: Condition, most: int | None = None) -> Amount:
    return Amount(
        id="r",
        at_least=Decimal(least),
        at_most=None if most is None else Decimal(most),
        pool=Pool(),
        conditions=conditions,
    )


def met(root: Requirement, *holdings: Holding) -> bool:
    rule, record = Rule(root=root), Record(holdings=holdings)
    evaluation = evaluate(rule, record, ON)
    assert evaluation.satisfied == satisfied(rule, record, ON)
    return evaluation.satisfied


def test_a_floor_is_reached_by_taking_more_than_the_part_alone_would() -> None:
    root = amount(10, Limit(id="c", of=HIGH, at_least=Decimal(5)))
    low, high = award("low", 10, level=4), award("high", 5, level=5)
    assert not met(root, low)
    assert met(root, low, high)
    evaluation = evaluate(Rule(root=root), Record(holdings=(low, high, award("other", 10, level=4))), ON)
    assert "high" in evaluation.used


def test_a_floor_over_a_choice_is_reached_by_a_part_that_takes_more_than_one() -> None:
    two = Limit(id="c", of=Pool(), measure="count", at_least=Decimal(2))
    root = AnyOf(id="r", parts=(Count(id="a", at_least=1, pool=Pool()),), conditions=(two,))
    assert met(root, award("x"), award("y"))
    assert not met(replace(root, parts=(Count(id="a", at_least=1, at_most=1, pool=Pool()),)), award("x"), award("y"))


def test_what_an_unmet_part_holds_so_far_makes_no_choice_met() -> None:
    one, two = Holds(id="a", any_of=("x",)), Count(id="b", at_least=2, pool=HIGH)
    root = AnyOf(id="r", parts=(one, two), conditions=(Limit(id="c", of=Pool(), at_least=Decimal(10)),))
    record = Record(holdings=(award("x", 5, level=4), award("y", 5, level=5)))
    evaluation = evaluate(Rule(root=root), record, ON)
    assert not evaluation.satisfied
    assert evaluation.nodes["a"].state == "met"
    assert evaluation.nodes["r"].state == "under_way"


def test_what_passes_a_cap_is_left_out_and_does_no_harm() -> None:
    root = amount(10, Limit(id="c", of=Pool(sources=("other",)), at_most=Decimal(3)))
    assert not met(root, award("a", 4, source="other"), award("b", 6))
    assert met(root, award("a", 4, source="other"), award("c", 3, source="other"), award("b", 7))


def test_a_share_is_of_what_was_taken() -> None:
    root = amount(9, Limit(id="c", of=HIGH, at_least_share=Fraction(2, 3)))
    assert met(root, award("a", 3, level=5), award("b", 3, level=5), award("c", 3, level=4))
    assert not met(root, award("a", 3, level=5), award("b", 3, level=4), award("c", 3, level=4))
    capped = amount(9, Limit(id="c", of=Pool(sources=("other",)), at_most_share=Fraction(1, 3)))
    assert met(capped, award("a", 3, source="other"), award("b", 6))
    assert not met(capped, award("a", 4, source="other"), award("b", 5))


def test_conditions_overlap_on_the_same_holdings() -> None:
    root = amount(
        10,
        Limit(id="c1", of=HIGH, at_least=Decimal(5)),
        Limit(id="c2", of=Pool(subjects=("s",)), at_least=Decimal(5)),
    )
    assert met(root, award("both", 5, level=5, subject="s"), award("x", 5))


def test_a_spread_asks_for_different_subjects_and_caps_each() -> None:
    three = Count(id="r", at_least=3, pool=Pool(), conditions=(Spread(id="c", by="subject", at_least=2),))
    assert not met(three, *[award(key, subject="s") for key in "abc"])
    assert met(three, *[award(key, subject="s") for key in "abc"], award("d", subject="t"))
    capped = Count(id="r", at_least=3, pool=Pool(), conditions=(Spread(id="c", by="issuer", at_most_each=2),))
    assert not met(capped, *[award(key, issuer="i") for key in "abcd"])
    assert met(capped, *[award(key, issuer="i") for key in "abcd"], award("e", issuer="j"))


def test_an_average_is_weighted_and_may_leave_out_the_worst() -> None:
    root = amount(10, Average(id="c", at_least=Decimal(60)))
    good, bad = award("good", 5, grade=Decimal(70)), award("bad", 5, grade=Decimal(50))
    assert met(root, good, bad)
    worse = award("worse", 5, grade=Decimal("49.9"))
    assert not met(root, good, worse)
    assert met(root, good, worse, bad)


def test_a_group_is_as_young_as_its_newest_part() -> None:
    pair = All(
        id="r",
        parts=(Holds(id="x", any_of=("x",)), Holds(id="y", any_of=("y",))),
        conditions=(Newest(id="c", within=Period(years=5, exclusive=True)),),
    )
    old = award("x", earned_on=date(2015, 1, 1))
    assert met(pair, old, award("y", earned_on=date(2020, 7, 1)))
    assert not met(pair, old, award("y", earned_on=date(2020, 6, 30)))


@pytest.mark.parametrize(
    ("condition", "first", "then", "expected"),
    [
        (Order(id="c", first=("x",), then=("y",)), date(2024, 1, 1), date(2024, 1, 1), True),
        (Order(id="c", first=("x",), then=("y",)), date(2024, 1, 2), date(2024, 1, 1), False),
        (Order(id="c", first=("x",), then=("y",), within=Period(years=1)), date(2023, 1, 1), date(2024, 1, 1), True),
        (Order(id="c", first=("x",), then=("y",), within=Period(years=1)), date(2023, 1, 1), date(2024, 1, 2), False),
        (
            Order(id="c", first=("x",), then=("y",), within=Period(years=1, exclusive=True)),
            date(2023, 1, 1),
            date(2024, 1, 1),
            False,
        ),
        (
            Order(id="c", first=("x",), then=("y",), within=Period(years=1), any_order=True),
            date(2024, 1, 2),
            date(2024, 1, 1),
            True,
        ),
        (OneYear(id="c", month=8, day=1), date(2023, 8, 1), date(2024, 7, 31), True),
        (OneYear(id="c", month=8, day=1), date(2023, 7, 31), date(2024, 7, 31), False),
        (Span(id="c", within=Period(months=6)), date(2024, 1, 15), date(2024, 7, 15), True),
        (Span(id="c", within=Period(months=6)), date(2024, 1, 15), date(2024, 7, 16), False),
        (Span(id="c", within=Period(months=6, exclusive=True)), date(2024, 1, 15), date(2024, 7, 15), False),
        (Span(id="c", within=Period(months=1)), date(2024, 2, 29), date(2024, 3, 31), True),
    ],
)
def test_conditions_on_dates_keep_their_boundaries(
    condition: Condition, first: date, then: date, expected: bool
) -> None:
    pair = All(id="r", parts=(Holds(id="x", any_of=("x",)), Holds(id="y", any_of=("y",))), conditions=(condition,))
    assert met(pair, award("x", earned_on=first), award("y", earned_on=then)) is expected


def test_of_a_repeated_award_the_one_that_fits_the_condition_counts() -> None:
    pair = All(
        id="r",
        parts=(Holds(id="x", any_of=("x",)), Holds(id="y", any_of=("y",))),
        conditions=(Span(id="c", within=Period(months=6)),),
    )
    twice = (award("x", id="x1", earned_on=date(2020, 1, 1)), award("x", id="x2", earned_on=date(2024, 1, 1)))
    evaluation = evaluate(Rule(root=pair), Record(holdings=(*twice, award("y", earned_on=date(2024, 2, 1)))), ON)
    assert evaluation.used == {"x2", "y"}


def test_of_repeats_that_do_a_condition_equally_well_the_better_one_counts() -> None:
    root = Count(id="r", at_least=1, pool=Pool(), conditions=(Limit(id="c", of=HIGH, at_least=Decimal(5)),))
    worse, better = (award("x", id=f"x{mark}", level=5, grade=Decimal(mark)) for mark in (50, 70))
    for twice in ((worse, better), (better, worse)):
        assert evaluate(Rule(root=root), Record(holdings=twice), ON).used == {"x70"}


def test_everything_current_on_one_day() -> None:
    pair = All(
        id="r", parts=(Holds(id="x", any_of=("x",)), Holds(id="y", any_of=("y",))), conditions=(Together(id="c"),)
    )
    ended = award("x", earned_on=date(2023, 1, 1), until=date(2024, 6, 1))
    assert met(pair, ended, award("y", earned_on=date(2024, 6, 1)))
    assert not met(pair, ended, award("y", earned_on=date(2024, 6, 2)))


def test_under_a_condition_a_choice_may_take_more_parts_than_it_must() -> None:
    root = AnyOf(
        id="r",
        parts=(
            All(id="p", parts=(Holds(id="x", any_of=("x",)), Holds(id="y", any_of=("y",)))),
            Holds(id="z", any_of=("z",)),
        ),
        conditions=(Limit(id="c", of=Pool(), at_least=Decimal(15)),),
    )
    assert not met(root, award("x"), award("y"))
    assert met(root, award("x"), award("y"), award("z"))


def test_a_part_may_offer_up_to_a_maximum_towards_a_common_floor() -> None:
    root = All(
        id="r",
        parts=(
            Amount(id="shared", at_least=Decimal(0), at_most=Decimal(9), pool=Pool(tags=("bachelor",))),
            Amount(id="own", at_least=Decimal(0), pool=Pool(without_tags=("bachelor",))),
        ),
        conditions=(Limit(id="c", of=Pool(), at_least=Decimal(30)),),
    )
    assert check(Rule(root=root)) == []
    bachelor = [award(f"b{number}", 3, tags=frozenset({"bachelor"})) for number in range(4)]
    assert met(root, *bachelor, award("m", 21))
    assert not met(root, *bachelor, award("m", 20))


def test_what_a_condition_lacks_is_said() -> None:
    rule = Rule(root=amount(10, Limit(id="c", of=HIGH, at_least=Decimal(8))))
    evaluation = evaluate(rule, Record(holdings=(award("low", 10, level=4), award("high", 5, level=5))), ON)
    assert not evaluation.satisfied
    assert evaluation.missing == ((Need(node="c", amount=Decimal(3)),),)
    assert (evaluation.nodes["c"].have, evaluation.nodes["c"].need) == (Decimal(5), Decimal(8))
    assert evaluation.nodes["r"].state == "under_way"
    assert sentence(rule, {}) == "Collect at least 10 credits, where at least 8 credits are at level 5 or above."
    assert node_sentence(rule, evaluation, "c", {}) == "At least 8 credits are at level 5 or above: under way, 5 of 8."
    assert (
        completion_sentence(rule, evaluation.missing[0], {})
        == "Still needed: that at least 8 credits are at level 5 or above."
    )


def test_a_common_floor_over_optional_parts_is_said() -> None:
    optional = Amount(id="o", at_least=Decimal(0), at_most=Decimal(9), pool=Pool(tags=("t",)))
    other = Amount(id="p", at_least=Decimal(0), pool=Pool(tags=("u",)))
    floor = Limit(id="c", of=Pool(), at_least=Decimal(30))
    assert sentence(Rule(root=All(id="r", parts=(optional, other), conditions=(floor,))), {}) == (
        "Collect up to 9 credits from the group t and collect any number of credits from the group u,"
        " where it comes to at least 30 credits in all."
    )


EVERY_CONDITION = (
    Limit(id="c1", of=HIGH, measure="count", at_least=Decimal(1), at_most=Decimal(9)),
    Limit(id="c2", of=Pool(), at_least_share=Fraction(1, 3), at_most_share=Fraction(1, 1)),
    Spread(id="c3", by="subject", at_least=2, at_most_each=3),
    Average(id="c4", at_least=Decimal("2.5"), weight="count"),
    Newest(id="c5", within=Period(years=1)),
    Order(id="c6", first=("x",), then=("y",), within=Period(days=9), any_order=True),
    OneYear(id="c7", month=8, day=1),
    Span(id="c8", within=Period(months=6)),
    Together(id="c9"),
    Groups(id="c10", by="subject", at_least=Decimal(2), groups=2, of=HIGH),
    LastOf(id="c11", last=Decimal(30), at_least=Decimal(15), of=HIGH),
    Overlap(
        id="c12", kinds=("masters",), at_most=Decimal(9), at_most_share=Fraction(1, 2), share_of="other", each=True
    ),
    Pace(id="c13", within=Period(months=1), at_most=Decimal(1)),
)


def test_every_condition_is_written_read_and_said() -> None:
    pair = (Holds(id="x", any_of=("x",)), Holds(id="y", any_of=("y",)))
    rule = Rule(root=AtLeast(id="r", count=1, parts=pair, conditions=EVERY_CONDITION))
    assert from_json(to_json(rule)) == rule
    assert check(rule) == []
    many = tuple(Together(id=f"t{number}") for number in range(MAX_DATE_CONDITIONS + 1))
    too_many = Rule(root=AtLeast(id="r", count=1, parts=pair, conditions=many))
    assert [finding.code for finding in check(too_many)] == ["too_many_date_conditions"]
    said = sentence(rule, {})
    for words in (
        "at most 9",
        "1/3 of the credits counts",
        "different subject",
        "average at least 2.5",
        "newest",
        "no later than",
        "begins on 08-01",
        "no more than 6 months",
        "one and the same day",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Limit(id="c", of=HIGH), "nothing_asked"),
        (Limit(id="c", of=HIGH, at_least=Decimal(2), at_most=Decimal(1)), "maximum_below_minimum"),
        (Spread(id="c", by="subject"), "nothing_asked"),
        (Order(id="c", first=("x",), then=("elsewhere",)), "no_such_part"),
        (OneYear(id="c", month=2, day=29), "no_such_day"),
        (OneYear(id="c", month=13, day=1), "no_such_day"),
    ],
)
def test_a_condition_that_makes_no_sense_is_found(condition: Condition, code: str) -> None:
    rule = Rule(root=All(id="r", parts=(Holds(id="x", any_of=("x",)),), conditions=(condition,)))
    assert [(finding.code, finding.node) for finding in check(rule)] == [(code, "c")]


def test_a_condition_over_parts_that_share_is_found() -> None:
    parts = (Holds(id="x", any_of=("x",)), Holds(id="y", any_of=("x",), shared=True))
    rule = Rule(root=All(id="r", parts=parts, conditions=(Limit(id="c", of=Pool(), at_least=Decimal(1)),)))
    assert [finding.code for finding in check(rule)] == ["condition_over_shared"]
    on_days = Rule(root=All(id="r", parts=parts, conditions=(Newest(id="c", within=Period(years=1)),)))
    assert check(on_days) == []
