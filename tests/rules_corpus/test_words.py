"""Every word of the language is known to every tool, or the tool says that it does not decide it."""

import pytest

from pathways.rules.evaluate import satisfied
from pathways.rules.text import from_text
from tests.pathways.rules.test_language import ON, TOLD, Told, record_of
from tests.rules_corpus.words import (
    Word,
    columns,
    compared,
    completing,
    decisions,
    evaluator,
    explained,
    in_ctdl,
    in_schema,
    noted,
    planned,
    proved,
    replay_of,
    sample,
    spoken,
    told_of,
    words,
)

WORDS = words()


def silent(tool: object, *wrong: str) -> list[str]:
    return [str(word) for word in WORDS if tool(word) in wrong]  # type: ignore[operator]


def test_every_word_has_an_example_and_a_decision() -> None:
    assert len(WORDS) > 200
    assert [str(word) for word in WORDS if sample(word) is None] == []
    assert [str(word) for word in WORDS if next(decisions(word), None) is None] == []


def test_both_notations_the_schema_and_ctdl_give_every_word_back() -> None:
    assert silent(noted, "no") == []
    assert {in_schema(word) for word in WORDS} == {"yes"}
    assert silent(in_ctdl, "lost") == []


def test_every_word_is_said_in_the_sentence_and_told_where_it_comes_or_goes() -> None:
    assert silent(spoken, "silent") == []
    assert silent(compared, "not said") == []


def test_verdicts_and_what_is_missing_are_told_for_every_word() -> None:
    assert silent(explained, "no") == []
    # How much is asked for, only the learner's fact would say.
    assert silent(completing, "not named") == ["Count.at_least_fact"]


@pytest.mark.parametrize("told", TOLD, ids=[each.name for each in TOLD])
def test_the_columns_say_what_the_evaluator_says_or_leave_it_open(told: Told) -> None:
    rule = from_text(told.rule)
    held = [record_of(each, told) for each in (*told.met, *told.unmet)]
    for record, verdict in zip(held, told_of(rule, held, ON), strict=True):
        assert verdict in (None, satisfied(rule, record, ON))


@pytest.mark.parametrize("told", TOLD, ids=[each.name for each in TOLD])
def test_whoever_is_outside_can_replay_it(told: Told) -> None:
    rule = from_text(told.rule)
    for held in told.met:
        assert replay_of(rule, record_of(held, told), ON) == "agrees"


def test_each_tool_has_an_answer_in_words_for_one_of_the_newest() -> None:
    word = next(word for word in WORDS if str(word) == "Graded.blend")
    said = [tool(word) for tool in (evaluator, columns, planned, proved)]
    assert said[0].startswith("exact")
    assert said[1] in ("tell all", "tell some", "leave open")
    assert said[2:] == ["judged only", "searches"]


def test_a_word_that_is_not_there_has_no_example() -> None:
    assert sample(Word(Told, "name")) is None
