"""Marks answers to questions: the same for exercises and quizzes, and without a database."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pathways.models import Question


@dataclass(frozen=True)
class Marked:
    """One answer judged: its marks, and what to tell the learner."""

    question: Question
    given: Any
    marks: Decimal
    is_right: bool
    feedback: tuple[str, ...]


def mark_answers(questions: Sequence[Question], answers: Mapping[str, Any]) -> list[Marked]:
    """Judge each question by what was answered under its uuid; no answer is a wrong one, never an error."""
    return [mark_answer(question, answers.get(str(question.uuid))) for question in questions]


def mark_answer(question: Question, given: Any) -> Marked:
    match question.kind:
        case Question.Kind.SINGLE:
            chosen = [given] if isinstance(given, int) else []
            is_right, feedback = _mark_choices(question, chosen)
        case Question.Kind.MULTIPLE:
            chosen = [each for each in given if isinstance(each, int)] if isinstance(given, list) else []
            is_right, feedback = _mark_choices(question, chosen)
        case Question.Kind.NUMBER:
            is_right, feedback = _mark_number(question, given), ()
        case _:
            is_right, feedback = _mark_text(question, given), ()
    explanation = (question.feedback,) if question.feedback else ()
    marks = question.marks if is_right else Decimal(0)
    return Marked(question, given, marks, is_right, (*feedback, *explanation))


def _mark_choices(question: Question, chosen: list[int]) -> tuple[bool, tuple[str, ...]]:
    right = {index for index, choice in enumerate(question.choices) if choice["correct"]}
    said = tuple(
        question.choices[index]["feedback"]
        for index in sorted(set(chosen))
        if 0 <= index < len(question.choices) and question.choices[index].get("feedback")
    )
    return bool(chosen) and set(chosen) == right, said


def _mark_number(question: Question, given: Any) -> bool:
    value = read_number(given)
    if value is None:
        return False
    return abs(value - Decimal(question.answer["value"])) <= Decimal(question.answer.get("tolerance", "0"))


def read_number(given: Any) -> Decimal | None:
    """A number as people type it, with a point or a comma; none if it is not one."""
    try:
        value = Decimal(str(given).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _mark_text(question: Question, given: Any) -> bool:
    if not isinstance(given, str):
        return False
    return plain(given) in {plain(accepted) for accepted in question.answer["accepted"]}


def plain(text: str) -> str:
    """Case, spacing and the way of writing an accent do not decide."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
