"""The map of a pathway: where cards, frames and edges stand, and what they say of a learner."""

from datetime import date
from decimal import Decimal

import pytest

from pathways import mapping
from pathways.rules.evaluate import evaluate
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Holds,
    Passed,
    Pool,
    Rule,
    SignedOff,
    Spread,
)

ON = date(2026, 11, 21)


def holds(key: str) -> Holds:
    return Holds(id=f"h-{key}", any_of=(key,))


CERTIFICATE = Rule(
    root=All(
        id="root",
        parts=(holds("a"), holds("b"), AtLeast(id="some", count=2, parts=(holds("c"), holds("d"), holds("e")))),
    )
)
MICRO = Rule(root=Passed(id="p", assessment="course-a/exam"))
DIPLOMA = Rule(root=All(id="root", parts=(holds("certificate"), holds("capstone"))))
RULES = {"diploma": DIPLOMA, "certificate": CERTIFICATE, "a": MICRO}


def drawn() -> mapping.PathwayMap:
    return mapping.layout(mapping.grow("diploma", RULES))


def card(of: mapping.PathwayMap, key: str) -> mapping.Card:
    [found] = [each for each in of.cards if each.step.key == key]
    return found


def test_a_stack_of_stacks_is_unfolded_with_the_goal_at_the_end() -> None:
    found = drawn()
    assert found.columns == 3
    assert card(found, "diploma").column == 3
    assert card(found, "diploma").is_goal
    assert card(found, "certificate").column == card(found, "capstone").column == 2
    assert {card(found, key).column for key in "abcde"} == {1}


def test_a_micro_credential_is_not_unfolded_into_assessments_unless_it_is_the_goal() -> None:
    assert card(drawn(), "a").step.parts == ()
    alone = mapping.layout(mapping.grow("a", RULES))
    assert [each.step.kind for each in alone.cards] == ["assessment", "achievement"]


def test_a_choice_is_a_frame_around_its_parts() -> None:
    [frame] = drawn().frames
    assert (frame.step.need, len(frame.step.parts)) == (2, 3)
    inside = [card(drawn(), key) for key in "cde"]
    assert frame.column == 1
    assert frame.columns == 1
    assert frame.row < min(each.row for each in inside)
    assert frame.row + frame.rows > max(each.row + mapping.CARD_ROWS for each in inside)


def test_no_two_cards_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for each in drawn().cards:
        cells = {(each.column, each.row + i) for i in range(mapping.CARD_ROWS)}
        assert not cells & taken
        taken |= cells


def test_each_part_of_a_card_leads_to_it_from_the_column_before() -> None:
    found = drawn()
    # Two parts of the diploma; two cards and one frame of the certificate. What stands in a frame has no line.
    assert len(found.edges) == 5
    for edge in found.edges:
        assert edge.x1 < edge.x2
        assert 0 < edge.y1 < found.height
    assert max(edge.x2 for edge in found.edges) < found.width


def test_the_same_rule_gives_the_same_map() -> None:
    assert drawn() == drawn()


@pytest.mark.parametrize(
    ("part", "need", "unit"),
    [
        (Holds(id="x", any_of=("a", "b")), Decimal(1), ""),
        (Count(id="x", at_least=2, pool=Pool(achievements=("a", "b", "c"))), Decimal(2), ""),
        (Amount(id="x", at_least=Decimal("7.5"), pool=Pool(achievements=("a", "b"))), Decimal("7.5"), "credits"),
        (AnyOf(id="x", parts=(holds("a"), holds("b"))), Decimal(1), ""),
    ],
)
def test_what_names_its_achievements_is_a_choice(part: object, need: Decimal, unit: str) -> None:
    goal = mapping.grow("x", {"x": Rule(root=part)})  # type: ignore[arg-type]
    [choice] = goal.parts
    assert (choice.kind, choice.need, choice.unit) == ("choice", need, unit)


def test_what_is_drawn_already_is_not_drawn_again() -> None:
    again = Amount(id="sum", at_least=Decimal(10), pool=Pool(achievements=("a", "b", "c")))
    only = Amount(id="only", at_least=Decimal(5), pool=Pool(achievements=("a",)))
    goal = mapping.grow("x", {"x": Rule(root=All(id="root", parts=(holds("a"), holds("b"), again, only)))})
    [_a, _b, rest, words] = goal.parts
    assert ([part.key for part in rest.parts], rest.also) == (["c"], ("a", "b"))
    assert (words.kind, words.also) == ("pool", ("a",))


def test_many_cards_of_a_choice_stand_side_by_side_in_its_frame() -> None:
    keys = ("a", "b", "c", "d", "e")
    found = mapping.layout(mapping.grow("x", {"x": Rule(root=Count(id="n", at_least=2, pool=Pool(achievements=keys)))}))
    [frame] = found.frames
    assert (frame.column, frame.columns, found.columns) == (1, 2, 3)
    assert {(each.column, each.row) for each in found.cards if not each.is_goal} == {
        (1, 3),
        (2, 3),
        (1, 8),
        (2, 8),
        (1, 13),
    }


def test_a_pool_that_names_none_is_one_card() -> None:
    goal = mapping.grow("x", {"x": Rule(root=Count(id="x", at_least=3, pool=Pool(tags=("data",))))})
    assert [part.kind for part in goal.parts] == ["pool"]


def test_too_many_cards_fold_to_the_first_level() -> None:
    rules = {f"s{i}": Rule(root=All(id="r", parts=tuple(holds(f"m{i}-{j}") for j in range(20)))) for i in range(20)}
    rules["goal"] = Rule(root=All(id="r", parts=tuple(holds(f"s{i}") for i in range(20))))
    assert len(mapping.layout(mapping.grow("goal", rules)).cards) == 21


def test_rules_that_ask_for_each_other_end() -> None:
    rules = {"a": Rule(root=holds("b")), "b": Rule(root=holds("a"))}
    assert len(list(mapping.steps(mapping.grow("a", rules)))) == 3


def test_states_follow_from_what_is_held() -> None:
    goal = mapping.grow("diploma", RULES)
    holding = Holding(id="award:1", kind="award", key="c", earned_on=ON, credits=Decimal(5))
    record = Record(holdings=(holding,), under_way=frozenset({("award", "a")}))
    evaluations = {key: evaluate(rule, record, ON) for key, rule in RULES.items()}
    held: dict[tuple[str, str], mapping.Standing] = {("award", "c"): "earned", ("award", "a"): "under-way"}
    said = {step.key or step.node: mapping.standing(step, held, evaluations) for step in mapping.steps(goal)}
    assert said == {
        "diploma": "under-way",
        "certificate": "under-way",
        "a": "under-way",
        "b": "open",
        "some": "under-way",
        "c": "earned",
        "d": "open",
        "e": "open",
        "capstone": "open",
    }


def test_a_check_has_its_card_and_conditions_stay_with_their_part() -> None:
    spread = Spread(id="wide", by="subject", at_least=2)
    some = AtLeast(id="some", count=1, parts=(holds("a"),), conditions=(spread,))
    goal = mapping.grow("x", {"x": Rule(root=All(id="root", parts=(some, SignedOff(id="ok", role="dean"))))})
    choice, check = goal.parts
    assert (choice.kind, choice.over) == ("choice", some)
    assert check.kind == "check"
    assert len(mapping.layout(goal).cards) == 3
