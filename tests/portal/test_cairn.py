"""Tests the drawing of the cairn."""

import re
from itertools import pairwise
from xml.dom.minidom import parseString

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.shared import cairn

DIPLOMA = [("core", 60, "earned"), ("electives", 30, "underway"), ("project", 20, "open")]
PARTS = st.lists(
    st.tuples(st.text(max_size=12), st.decimals(0, 400, allow_nan=False, places=1), st.sampled_from(cairn.STATES)),
    max_size=30,
)


def test_the_same_rule_gives_the_same_stack_whatever_is_earned():
    before = cairn.stones(DIPLOMA)
    after = cairn.stones([(node, weight, "earned") for node, weight, _ in DIPLOMA])
    assert [stone.outline for stone in before] == [stone.outline for stone in after]


def test_a_known_stone_keeps_its_outline_for_ever():
    assert cairn.stones([("core", 60, "earned")])[0].outline.startswith("M47.9 -12.2C")


def test_another_id_gives_another_stone():
    first, second = (cairn.stones([(node, 1, "open")])[0] for node in ("a", "b"))
    assert first.outline != second.outline


def test_stones_lie_bottom_up_in_the_order_of_the_rule():
    stack = cairn.stones(DIPLOMA)
    assert [stone.id for stone in stack] == ["core", "electives", "project"]
    assert stack[0].bottom == 0
    assert all(lower.top < lower.bottom and upper.bottom <= lower.bottom for lower, upper in pairwise(stack))


def test_more_credits_make_a_wider_stone():
    heavy, light = cairn.stones([("same", 60, "open"), ("same", 15, "open")])
    assert heavy.width > light.width


def test_a_state_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="revoked"):
        cairn.stones([("a", 1, "revoked")])


@given(PARTS)
def test_any_stack_is_well_formed_and_stands_inside_its_bounds(parts):
    stack = cairn.stones(parts)
    left, top, right, bottom = cairn.bounds(stack)
    assert left < right and top < bottom
    picture = parseString(cairn.svg(stack, width=120, height=90))  # noqa: S318  our own drawing
    assert len(picture.getElementsByTagName("g")) == len(parts)


def test_the_picture_obeys_a_strict_policy_and_may_stand_twice_on_a_page():
    drawn = cairn.svg(cairn.stones(DIPLOMA), width=120, height=90)
    assert not re.search(r"style|script|href|url\(|\bid=|\bon\w+=", drawn)
    assert re.findall(r"stone--(\w+)", drawn) == ["earned", "underway", "open"]
    assert drawn.count("stone__hatch") == 1


def test_a_label_is_escaped_and_without_one_the_picture_is_decoration():
    stack = cairn.stones(DIPLOMA)
    assert 'aria-hidden="true"' in cairn.svg(stack, width=9, height=9)
    labelled = cairn.svg(stack, width=9, height=9, label='3 "of" <5>')
    picture = parseString(labelled)  # noqa: S318  our own drawing
    assert picture.documentElement.getAttribute("aria-label") == '3 "of" <5>'
