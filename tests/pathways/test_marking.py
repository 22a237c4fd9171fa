"""Answers to questions: judged the same in exercises and quizzes, and never an error whatever is sent."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.marking import mark_answer, mark_answers, plain, read_number
from pathways.models import Question

CHOICES = [
    {"text": "Five", "correct": False, "feedback": "That is a pentagon."},
    {"text": "Six", "correct": True},
    {"text": "6", "correct": True},
]


def question(kind: str, **fields: Any) -> Question:
    return Question(kind=kind, prompt="?", marks=Decimal(2), **fields)


SINGLE = question(Question.Kind.SINGLE, choices=CHOICES[:2], feedback="Hexa is six.")
MULTIPLE = question(Question.Kind.MULTIPLE, choices=CHOICES)
NUMBER = question(Question.Kind.NUMBER, answer={"value": "3.3", "tolerance": "0.05"})
TEXT = question(Question.Kind.TEXT, answer={"accepted": ["Café au lait", "coffee"]})


@pytest.mark.parametrize(
    ("asked", "given_", "is_right"),
    [
        (SINGLE, 1, True),
        (SINGLE, 0, False),
        (SINGLE, [1], False),
        (SINGLE, 7, False),
        (SINGLE, None, False),
        (MULTIPLE, [2, 1], True),
        (MULTIPLE, [1], False),
        (MULTIPLE, [0, 1, 2], False),
        (MULTIPLE, [], False),
        (MULTIPLE, 1, False),
        (NUMBER, "3.3", True),
        (NUMBER, " 3,35 ", True),
        (NUMBER, "3.36", False),
        (NUMBER, "NaN", False),
        (NUMBER, "a third", False),
        (TEXT, "  CAFÉ  au lait", True),
        (TEXT, "Cafe\u0301 au lait", True),
        (TEXT, "tea", False),
        (TEXT, 5, False),
    ],
)
def test_an_answer_is_judged(asked: Question, given_: Any, *, is_right: bool) -> None:
    marked = mark_answer(asked, given_)
    assert marked.is_right == is_right
    assert marked.marks == (Decimal(2) if is_right else 0)


def test_what_was_chosen_is_explained_and_then_the_question() -> None:
    assert mark_answer(SINGLE, 0).feedback == ("That is a pentagon.", "Hexa is six.")
    assert mark_answer(SINGLE, 1).feedback == ("Hexa is six.",)


def test_questions_without_an_answer_are_wrong_and_answers_without_a_question_are_nothing() -> None:
    marked = mark_answers([SINGLE, TEXT], {str(TEXT.uuid): "coffee", "another": 1})
    assert [each.is_right for each in marked] == [False, True]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(anything)
def test_no_answer_is_an_error(answer: Any) -> None:
    for each in (SINGLE, MULTIPLE, NUMBER, TEXT):
        assert mark_answer(each, answer).marks in (0, 2)


@pytest.mark.parametrize(("typed", "read"), [("1.50", "1.50"), (" 2,5", "2.5"), ("1e2", "1E+2"), ("-0", "0")])
def test_numbers_are_read_as_people_type_them(typed: str, read: str) -> None:
    assert read_number(typed) == Decimal(read)


@pytest.mark.parametrize("typed", ["", "1,5,0", "inf", "sNaN", None])
def test_what_is_no_number_is_none(typed: Any) -> None:
    assert read_number(typed) is None


@given(st.text())
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert plain(plain(text)) == plain(text)
