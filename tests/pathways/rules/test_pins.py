"""A learner's choices of what counts where: heeded, set aside, gone."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.rules import effort
from pathways.rules import evaluate as evaluating
from pathways.rules.case import Case
from pathways.rules.exceptions import judge, satisfied
from pathways.rules.pins import could_count, why_not
from pathways.rules.prospects import judge_in_full
from pathways.rules.record import Pin, Record
from pathways.rules.requirement import Leaf, Rule, walk
from pathways.rules.rulings import Substitution
from pathways.rules.text import from_text
from tests.pathways.rules.judge import judge as by_trying_everything
from tests.pathways.rules.random_rules import ON as RANDOM_ON
from tests.pathways.rules.random_rules import records, rules
from tests.pathways.rules.test_language import ON, had

RULE = from_text("all of\n  hold a, b #one\n  earn 5; achievements a, b, c #two")
A, B, C = "a@2024-01-01", "b@2024-01-01", "c@2024-01-01"


def pin(holding: str, node: str, *, here: bool = True, rule: str = "goal") -> Pin:
    return Pin(rule=rule, node=node, holding=holding, here=here)


def record(*keys: str, pins: tuple[Pin, ...] = ()) -> Record:
    return Record(holdings=tuple(had(f"{key} 2024-01-01 credits=5") for key in keys), pins=pins)


def counted(judged: Record, rule: object = RULE) -> dict[str, list[str]]:
    allocation = judge("goal", rule, judged, ON).allocation  # type: ignore[arg-type]
    return {node: [taken.holding for taken in part] for node, part in allocation.items()}


@pytest.mark.parametrize("chosen", [A, B])
def test_a_holding_counts_where_the_learner_wants_it(chosen: str) -> None:
    found = counted(record("a", "b", "c", pins=(pin(chosen, "one"),)))
    assert found["one"] == [chosen]
    found = counted(record("a", "b", "c", pins=(pin(chosen, "two"),)))
    assert found["two"] == [chosen]


def test_a_holding_takes_the_place_of_another_and_not_of_one_that_is_wanted_there() -> None:
    rule = from_text("at least 2\n  hold a #a\n  hold b #b\n  hold c #c")
    assert counted(record("a", "b", "c"), rule) == {"a": [A], "b": [B]}
    assert C in judge("goal", rule, record("a", "b", "c", pins=(pin(C, "c"),)), ON).used
    pool = from_text("earn 10; achievements a, b, c, d #sum")
    wanted = (pin(C, "sum"), pin("d@2024-01-01", "sum"))
    assert counted(record("a", "b", "c", "d", pins=wanted), pool) == {"sum": [C, "d@2024-01-01"]}


def test_a_holding_that_counts_where_it_is_wanted_still_counts_in_parts_that_share() -> None:
    rule = from_text("all of\n  hold a, b #one\n  hold a, b #two\n  earn 10; achievements a, b; shared #sum")
    found = counted(record("a", "b", pins=(pin(B, "one"),)), rule)
    assert (found["one"], found["two"], sorted(found["sum"])) == ([B], [A], [A, B])


def test_a_holding_that_would_not_count_there_even_so_is_not_heeded() -> None:
    rule = from_text("any of\n  all of\n    hold a #a\n    hold b #b\n  earn 15; achievements a, b, c #sum")
    assert judge("goal", rule, record("a", "b", "c", pins=(pin(C, "sum"),)), ON).heeded == ()


def test_a_holding_does_not_count_where_the_learner_does_not_want_it() -> None:
    assert counted(record("a", "b", "c", pins=(pin(A, "one", here=False),)))["one"] == [B]
    chosen = (pin(A, "one", here=False), pin(A, "two", here=False))
    evaluation = judge("goal", RULE, record("a", "b", "c", pins=chosen), ON)
    assert A not in evaluation.used
    assert [(each.holding, each.code) for each in evaluation.unused if each.holding == A] == [(A, "pinned")]
    assert evaluation.heeded == chosen


def test_a_choice_never_keeps_a_rule_from_being_satisfied() -> None:
    judged = record("a", "c", pins=(pin(A, "two"),))
    evaluation = judge("goal", RULE, judged, ON)
    assert evaluation.satisfied
    assert satisfied("goal", RULE, judged, ON)
    assert evaluation.heeded == ()
    assert counted(judged)["one"] == [A]


def test_a_choice_never_makes_more_missing() -> None:
    free, chosen = record("a"), record("a", pins=(pin(A, "one", here=False), pin(A, "two", here=False)))
    assert judge("goal", RULE, chosen, ON).heeded == (pin(A, "one", here=False),)
    assert judge("goal", RULE, chosen, ON).missing != judge("goal", RULE, free, ON).missing
    assert len(judge("goal", RULE, chosen, ON).missing[0]) == len(judge("goal", RULE, free, ON).missing[0]) == 1


def test_an_unfinished_rule_shows_what_the_learner_chose() -> None:
    rule = from_text("all of\n  hold a, b #one\n  hold a, b, c #two\n  hold d #three")
    assert counted(record("a", "b", pins=(pin(B, "one"),)), rule)["one"] == [B]
    assert counted(record("a", "b", pins=(pin(B, "two"),)), rule)["two"] == [B]


def test_of_choices_that_do_not_go_together_the_first_is_heeded() -> None:
    both = (pin(A, "one", here=False), pin(B, "one", here=False))
    assert judge("goal", RULE, record("a", "b", "c", pins=both), ON).heeded == both[:1]
    assert judge("goal", RULE, record("a", "b", "c", pins=both[::-1]), ON).heeded == both[1:]


@pytest.mark.parametrize(
    "meaningless",
    [pin("gone@2024-01-01", "one"), pin(A, "no such part"), pin(C, "one"), pin(A, "one", rule="another")],
)
def test_a_choice_about_what_is_not_there_means_nothing(meaningless: Pin) -> None:
    evaluation = judge("goal", RULE, record("a", "b", "c", pins=(meaningless,)), ON)
    assert evaluation.heeded == ()
    assert evaluation.allocation == judge("goal", RULE, record("a", "b", "c"), ON).allocation


def test_a_choice_about_a_part_that_was_changed_for_the_learner_holds() -> None:
    rule = from_text("all of\n  pass course/exam #one\n  earn 5; achievements a, c #two")
    instead = Substitution(id="s", rule="goal", node="one", key="a")
    chosen = Record(holdings=record("a", "c").holdings, rulings=(instead,), pins=(pin(A, "one"),))
    assert counted(chosen, rule) == {"one": [A], "two": [C]}


def test_what_would_take_too_long_to_heed_is_not_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    free = evaluating.problems_of

    def costly(case: Case) -> object:
        if case.pins or case.closed:
            raise effort.TooCostlyError
        return free(case)

    monkeypatch.setattr(evaluating, "problems_of", costly)
    assert judge("goal", RULE, record("a", "b", "c", pins=(pin(B, "one"),)), ON).heeded == ()


def test_why_a_choice_would_not_be_followed_is_told() -> None:
    brought = record("a", "b", "c")
    assert why_not(pin(B, "one"), RULE, brought, ON) is None
    assert why_not(pin(C, "one"), RULE, brought, ON) == "cannot"
    assert why_not(pin(A, "two"), RULE, record("a", "c"), ON) == "worse"
    rule = from_text("any of\n  all of\n    hold a #a\n    hold b #b\n  earn 15; achievements a, b, c #sum")
    assert why_not(pin(C, "sum"), rule, brought, ON) == "idle"


def test_what_could_count_is_told_by_part() -> None:
    assert could_count(RULE, record("a", "b", "c"), ON) == {"one": (A, B), "two": (A, B, C)}


def test_a_verdict_says_which_choices_it_heeds() -> None:
    chosen = pin(B, "one")
    assert judge("goal", RULE, record("a", "b", "c", pins=(chosen,)), ON).to_json()["pins"] == [
        {"node": "one", "holding": B, "here": True}
    ]
    assert "pins" not in judge("goal", RULE, record("a", "b", "c"), ON).to_json()


def test_another_choice_is_looked_for_beside_what_was_chosen() -> None:
    rule = from_text("hold a, b #only")
    prospects = judge_in_full("goal", rule, record("a", "b", pins=(pin(A, "only", here=False),)), ON).prospects
    assert prospects is not None
    assert not prospects.alternative
    assert judge_in_full("goal", rule, record("a", "b"), ON).prospects.alternative  # type: ignore[union-attr]


@settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)
@given(rules(), records(most=4), st.data())
def test_choices_never_change_the_verdict_and_those_heeded_are_followed(
    rule: Rule, brought: Record, data: st.DataObject
) -> None:
    leaves = [part.id for part in walk(rule.root) if isinstance(part, Leaf)]
    pins = tuple(
        pin(held.id, data.draw(st.sampled_from(leaves)), here=data.draw(st.booleans()))
        for held in brought.holdings[: 3 if leaves else 0]
    )
    evaluation = judge("goal", rule, replace(brought, pins=pins), RANDOM_ON)
    assert evaluation.satisfied == by_trying_everything(rule, brought, RANDOM_ON)
    if evaluation.satisfied:
        used = tuple(held for held in brought.holdings if held.id in evaluation.used)
        assert by_trying_everything(rule, replace(brought, holdings=used), RANDOM_ON)
    for each in evaluation.heeded:
        there = {taken.holding for taken in evaluation.allocation.get(each.node, ())}
        assert (each.holding in there) == each.here
