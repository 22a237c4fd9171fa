"""Tests that rules built on one another are told from rules that may also count what is built on them."""

from decimal import Decimal
from typing import Any

import pytest

from pathways.rules import rings, text
from pathways.rules.made_up import Entry

DATA = frozenset({"data"})


def entry(key: str, amount: str = "5", **fields: Any) -> Entry:
    return Entry(key=key, credits=Decimal(amount), **fields)


# What no rule awards, and what the rules below award.
PLAIN = (
    entry("tables", level=4, subject="p", tags=DATA),
    entry("charts", level=5, subject="q", tags=DATA, skills=frozenset({"draws"})),
    entry("poems", "10", level=6, issuer="arts", achievement_kind="badge"),
)
BUILT = (
    entry("diploma", "30", level=5, subject="p", tags=DATA, issuer="faculty", achievement_kind="diploma"),
    entry("honours", "20", level=7, subject="q", tags=DATA, issuer="faculty", skills=frozenset({"draws"})),
)


def way(diploma: str, honours: str = "hold diploma") -> list[tuple[str, str, str]]:
    """The ring through the diploma, each step with the part by which it is taken."""
    rules = {"diploma": text.from_text(diploma), "honours": text.from_text(honours)}
    found = rings.ring_through("diploma", rules, [*PLAIN, *BUILT])
    return [(each.awards, each.part.id, each.takes) for each in found]


def test_a_ring_is_named_from_end_to_end() -> None:
    needs = {"a": ["b"], "b": ["x", "c"], "c": ["a"]}
    assert rings.ring("a", needs) == ["a", "b", "c", "a"]
    assert rings.ring("x", needs) == []
    assert rings.ring("a", {"a": ["a"]}) == ["a", "a"]
    assert rings.rings_of("a", {**needs, "d": ["a"]}) == {"a", "b", "c"}


@pytest.mark.parametrize(
    "pool",
    [
        "count 2; skills draws; without achievements diploma",
        "count 2; subjects q",
        "count 1; issuers faculty",
        "count 2; level at least 6",
        "count 1; numbers (of credits; at least 15; at most 25)",
        "earn 21; without achievements diploma",
        "earn 1; issuers faculty; repeats",
        "have; level at least 7",
        "time 3; level at least 7",
        "count 4; neither (achievements diploma)",
        "count 2; either (subjects q) or (level at least 7)",
        "count 2; tags data\n  where limit; at least 1; level at least 7",
    ],
)
def test_a_pool_that_cannot_be_filled_without_what_is_built_on_it_closes_a_ring(pool: str) -> None:
    assert way(pool) == [("diploma", "n1", "honours"), ("honours", "n1", "diploma")]
    # Once nothing is built on it, the same pool is only one that can be filled.
    assert way(pool, "hold poems") == []


@pytest.mark.parametrize(
    "rule",
    [
        "count 2; tags data",
        "count 3",
        "earn 20",
        "any of\n  count 3; tags data\n  hold poems",
        "all of\n  count 1; tags data\n  count 1; tags data; level at least 5",
        "unmet\n  count 3; tags data",
        "have; absent; issuers faculty",
        "have; at least 10; measure credits",
        "at least 1\n  count 2; subjects q\n  fact programme; one of law",
    ],
)
def test_a_pool_that_may_also_take_what_is_built_on_it_closes_none(rule: str) -> None:
    assert way(rule) == []


def test_a_pool_that_needs_the_very_award_is_a_ring_of_one() -> None:
    assert way("count 3; tags data; without achievements honours") == [("diploma", "n1", "diploma")]


def test_what_counts_once_is_not_there_for_two_parts() -> None:
    two = "all of\n  count 2; tags data\n  count 1; tags data; level at least 5"
    assert way(two) == [("diploma", "n2", "honours"), ("honours", "n1", "diploma")]
    assert way(two.replace("count 1;", "count 1; shared;")) == []


def test_what_must_come_from_elsewhere_is_no_award_of_these_rules() -> None:
    assert way("count 1; issuers faculty; sources elsewhere") == []


def test_other_names_and_substitutes_close_a_ring_too() -> None:
    assert way("count 2; subjects q", "same (names licence, diploma)\nhold licence")[-1] == ("honours", "n1", "diploma")
    assert way("count 2; subjects q", "substitutes (kinds diploma; achievement degree)\nhold degree")


def test_what_nobody_can_meet_at_all_is_no_ring() -> None:
    assert way("count 9; tags data") == []


def test_a_ring_that_this_achievement_is_no_part_of_is_not_its_own() -> None:
    rules = {
        "diploma": text.from_text("all of\n  hold honours\n  hold tables"),
        "honours": text.from_text("count 2; skills draws"),
    }
    offered = [*PLAIN, *BUILT]
    assert rings.ring_through("diploma", rules, offered) == []
    assert [each.takes for each in rings.ring_through("honours", rules, offered)] == ["honours"]
