"""Tests the comparison of two rules: what it says of each part, and that its learners really fare differently."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from pathways.rules import soundness, text
from pathways.rules.compare import Change, Comparison, changes, compare, fares
from pathways.rules.evaluate import satisfied
from pathways.rules.made_up import Entry
from pathways.rules.requirement import Rule
from tests.pathways.rules.random_rules import ON, anything
from tests.pathways.rules.test_prove import CATALOGUE, OFFERED

few = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)


def compared(before: str, after: str) -> Comparison:
    return compare(text.from_text(before), text.from_text(after), CATALOGUE, ON)


def said(before: str, after: str) -> list[Change]:
    return list(changes(text.from_text(before), text.from_text(after)))


def test_the_same_rule_is_the_same_and_nobody_fares_differently() -> None:
    found = compared("hold a #n1", "hold a #n1")
    assert found.changes == ()
    assert found.is_same


def test_a_changed_part_is_said_as_it_was_and_as_it_is() -> None:
    [change] = said("earn 5; tags t #n1", "earn 10; tags t #n1")
    assert (change.kind, change.node) == ("changed", "n1")
    assert change.before.startswith("Collect at least 5 credits")
    assert change.after.startswith("Collect at least 10 credits")


def test_parts_that_came_and_went_are_named() -> None:
    found = said("all of #r\n  hold a #n1\n  hold b #n2", "all of #r\n  hold a #n1\n  hold c #n3")
    assert [(each.kind, each.node, each.before or each.after) for each in found] == [
        ("removed", "n2", "Hold b"),
        ("added", "n3", "Hold c"),
    ]


def test_a_group_says_how_many_of_its_parts_it_asks_for() -> None:
    parts = "\n  hold a #n1\n  hold b #n2\n  hold c #n3"
    [change] = said(f"any of #r{parts}", f"at least 2 #r{parts}")
    assert (change.before, change.after) == ("One of its parts", "At least 2 of its parts")


def test_a_part_that_only_moved_is_said_to_have_moved() -> None:
    before = "all of #r\n  any of #g\n    hold a #n1\n    hold b #n2\n  hold c #n3"
    after = "all of #r\n  any of #g\n    hold a #n1\n    hold b #n2\n    hold c #n3"
    assert [(each.kind, each.node) for each in said(before, after)] == [("moved", "n3")]


def test_a_condition_is_a_piece_of_its_own() -> None:
    before = "earn 10 #r\n  where limit; at most 5; level at most 4 #c1"
    after = "earn 10 #r\n  where limit; at most 2; level at most 4 #c1"
    [change] = said(before, after)
    assert (change.kind, change.node) == ("changed", "c1")
    assert change.before.startswith("At most 5 credits")
    assert change.after.startswith("At most 2 credits")


def test_a_part_that_comes_to_share_is_said_to() -> None:
    [change] = said("all of #r\n  hold a #n1\n  hold b #n2", "all of #r\n  hold a #n1\n  hold b; shared #n2")
    assert change.before == "Hold b"
    assert change.after == "Hold b, which may count in other parts, too"
    [change] = said("all of #r\n  any of #g\n    hold a #a", "all of #r\n  any of; shared #g\n    hold a #a")
    assert change.after == "One of its parts, which may count in other parts, too"


def test_what_no_sentence_tells_apart_is_said_in_the_words_of_the_text() -> None:
    before, after = "fact gpa; at least 3; same as target #n1", "fact gpa; at least 3; one of target #n1"
    [change] = list(changes(text.from_text(before), text.from_text(after), names={"target": "the learner's target"}))
    assert "{" not in change.before + change.after
    assert (change.before == change.after) is False


def test_how_long_it_lasts_is_a_change_of_the_whole() -> None:
    found = said("hold a #n1", "lasts current\nhold a #n1")
    assert [(each.kind, each.node, each.after) for each in found] == [("added", "", "It lasts while this holds")]


def test_each_setting_of_the_whole_is_said_in_words_before_and_after() -> None:
    before = "validity 1 years\ngrace 30 days\nresult total credits\nrenewal\n  earn 5 #e\nhold a #n1"
    after = "validity 2 years\ngrace 30 days\nresult total hours; measure hours\nsame (names a, b)\nhold a #n1"
    assert [(each.kind, each.before, each.after) for each in said(before, after)] == [
        ("changed", "It is valid for 1 year", "It is valid for 2 years"),
        ("removed", "Each time for as long again by this: collect at least 5 credits", ""),
        ("added", "", "A and b are one and the same"),
        (
            "changed",
            "The result “credits” is the sum of the credits that counted",
            "The result “hours” is the sum of the hours that counted",
        ),
    ]


def test_somebody_who_gains_and_somebody_who_loses_are_shown() -> None:
    found = compared("all of #r\n  hold a #n1\n  hold b #n2", "all of #r\n  hold a #n1\n  hold c #n3")
    assert {each.key for each in found.gains.record.holdings} == {"a", "c"}
    assert {each.key for each in found.loses.record.holdings} == {"a", "b"}
    assert not found.is_same


def test_one_direction_is_proved_where_a_rule_only_asks_for_more() -> None:
    found = compared("hold a #n1", "all of #r\n  hold a #n1\n  pass m/x #n2")
    assert found.gains.record is None
    assert found.gains.proved
    assert found.gains.bounds == "Proved: among all that the catalogue offers there is nobody."
    assert [each.key for each in found.loses.record.holdings] == ["a"]


def test_two_ways_of_saying_the_same_are_proved_the_same() -> None:
    found = compared("any of #r\n  hold a #n1\n  hold b #n2", "hold a, b #r")
    assert found.is_same
    assert found.changes


def test_a_date_to_come_is_looked_beyond() -> None:
    found = compared("hold a #r", "hold a; earned until 2027-01-01 #r")
    assert found.loses.record is not None
    assert found.loses.on.year == 2027


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("graded; at least 60 #r", "graded; at least 70 #r"),
        ("graded; at least 60 #r", "graded; at least 60; ungraded as zero #r"),
        ("earn 10; tags t #r\n  where average; at least 60 #c", "earn 10; tags t #r\n  where average; at least 61 #c"),
        ("count 2; tags t #r", "count 2; tags t #r\n  where spread; by year; at least 2 #c"),
        (
            "count 2; achievements a; repeats #r",
            "count 2; achievements a; repeats #r\n  where pace; within 7 days; at most 1 #c",
        ),
        (
            "each cycle; beginning 2022-01-01; every 1 years; grace 6 months #r\n  hold a #n",
            "each cycle; beginning 2022-01-01; every 1 years #r\n  hold a #n",
        ),
        ("have; achievements a; repeats #r", "have; achievements a; repeats; at most 1 #r"),
    ],
)
def test_whom_a_new_word_shuts_out_is_shown_and_more_is_not_claimed(lower: str, higher: str) -> None:
    found = compared(lower, higher)
    assert found.loses.record is not None
    assert found.gains.record is None
    assert found.changes
    assert not found.is_same


def test_where_the_bound_is_reached_nothing_is_claimed() -> None:
    parts = "".join(f"\n  earn {number}; tags t #n{number}" for number in (5, 10))
    found = fares(text.from_text(f"all of #r{parts}"), text.from_text(f"all of #q{parts}"), CATALOGUE, ON, most=2)
    assert found.record is None
    assert not found.proved
    assert found.bounds == f"Nobody was found among {found.tried} made-up learners."


@few
@given(anything(2), anything(2))
def test_whoever_is_shown_really_fares_differently(one: Rule, other: Rule) -> None:
    if soundness.check(one) or soundness.check(other):
        return
    for meets, fails in ((one, other), (other, one)):
        found = fares(meets, fails, OFFERED, ON, most=300)
        if found.record is not None:
            assert satisfied(meets, found.record, found.on)
            assert not satisfied(fails, found.record, found.on)


def test_amounts_that_differ_by_less_than_anything_offered_make_no_difference() -> None:
    # Credits come in steps of 2.5, so 4 asks for what 5 asks for.
    assert min(each.credits for each in CATALOGUE if each.credits) == Decimal("2.5")
    assert compared("earn 4 #r", "earn 5 #r").is_same


def test_rules_that_differ_only_in_lasting_are_not_the_same() -> None:
    found = compare(
        text.from_text("hold A; current"), text.from_text("lasts current\nhold A; current"), [Entry(key="A")], ON
    )
    assert found.gains.record is None
    assert found.loses.record is None
    assert found.stays.record is not None
    assert (found.bears.record, found.bears.proved) == (None, True)
    assert not found.is_same


def test_rules_that_differ_only_in_results_are_not_the_same() -> None:
    found = compare(
        text.from_text("hold A"), text.from_text("result total courses; measure count\nhold A"), [Entry(key="A")], ON
    )
    assert found.bears.after == {"courses": 1}
    assert (found.stays.record, found.stays.proved) == (None, True)
    assert not found.is_same
