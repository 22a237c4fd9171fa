"""What a rule may not say if it is to be published."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Holds,
    Passed,
    Period,
    Pool,
    Requirement,
    Rule,
    Where,
)
from pathways.rules.soundness import check, ways

A = Holds(id="a", any_of=("a",))
B = Holds(id="b", any_of=("b",))


def found(root: Requirement) -> list[tuple[str, str]]:
    return [(finding.code, finding.node) for finding in check(Rule(root=root))]


def test_a_sound_rule_has_no_findings() -> None:
    assert found(All(id="r", parts=(A, B, Amount(id="s", at_least=Decimal(10), pool=Pool())))) == []


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (All(id="x", parts=()), "no_parts"),
        (AnyOf(id="x", parts=()), "no_parts"),
        (AtLeast(id="x", count=3, parts=(A, B)), "more_than_parts"),
        (AtLeast(id="x", count=0, parts=(A, B)), "always_true"),
        (Holds(id="x", any_of=()), "nothing_named"),
        (Count(id="x", at_least=0, pool=Pool()), "always_true"),
        (Amount(id="x", at_least=Decimal(0), pool=Pool()), "always_true"),
        (Count(id="x", at_least=3, at_most=2, pool=Pool()), "maximum_below_minimum"),
        (Count(id="x", at_least=3, pool=Pool(achievements=("p", "q"))), "more_than_named"),
        (Count(id="x", at_least=1, pool=Pool(achievements=("p",), without_achievements=("p",))), "all_excluded"),
        (Holds(id="x", any_of=("p",), where=Where(level_at_least=6, level_at_most=5)), "levels_crossed"),
        (
            Holds(id="x", any_of=("p",), where=Where(earned_since=date(2025, 1, 2), earned_until=date(2025, 1, 1))),
            "dates_crossed",
        ),
        (Passed(id="x", assessment="c/x", where=Where(earned_within=Period())), "dates_crossed"),
    ],
)
def test_what_contradicts_itself_or_asks_nothing_is_found(part: Requirement, code: str) -> None:
    assert found(part) == [(code, "x")]
    assert all(finding.text for finding in check(Rule(root=part)))


def test_one_thing_demanded_twice_is_found_unless_it_may_be_shared() -> None:
    again = Holds(id="again", any_of=("a",))
    assert found(All(id="r", parts=(A, again))) == [("demanded_twice", "again")]
    assert found(All(id="r", parts=(A, replace(again, shared=True)))) == []
    assert found(AnyOf(id="r", parts=(A, again))) == []
    pair = Count(id="pair", at_least=2, pool=Pool(achievements=("a", "b")))
    assert [code for code, _ in found(All(id="r", parts=(A, pair)))] == ["demanded_twice"]


def test_a_rule_with_too_many_ways_is_refused() -> None:
    strands = tuple(
        All(id=f"s{n}", parts=(replace(A, id=f"a{n}", any_of=(f"a{n}",)), replace(B, id=f"b{n}", any_of=(f"b{n}",))))
        for n in range(12)
    )
    six = AtLeast(id="r", count=6, parts=strands)
    assert ways(six) == 924
    assert found(six) == []
    three = All(id="r", parts=tuple(replace(six, id=f"t{n}", parts=_renamed(strands, n)) for n in range(3)))
    assert found(three) == [("too_many_ways", "r")]


def _renamed(parts: tuple[All, ...], number: int) -> tuple[All, ...]:
    return tuple(
        All(
            id=f"{part.id}-{number}",
            parts=tuple(
                Holds(id=f"{each.id}-{number}", any_of=(f"{each.any_of[0]}-{number}",))  # type: ignore[union-attr]
                for each in part.parts
            ),
        )
        for part in parts
    )


def test_too_many_sums_over_the_same_holdings_are_refused() -> None:
    sums = tuple(Amount(id=f"s{n}", at_least=Decimal(10), pool=Pool(level_at_least=n)) for n in range(9))
    assert found(All(id="r", parts=sums)) == [("too_many_sums", "s0")]
    apart = tuple(Amount(id=f"s{n}", at_least=Decimal(10), pool=Pool(tags=(f"area={n}",))) for n in range(12))
    assert found(All(id="r", parts=apart)) == []
