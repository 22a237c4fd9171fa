"""Studying: materials ticked off and exercises tried."""

import pytest

from pathways import authoring, enrolment, study
from pathways.models import Enrolment, Material, MaterialProgress
from tests.cast import make_lena
from tests.college import LATER, QUESTIONS, make_course
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Enrolment:
    return enrolment.enrol(learner=make_lena(), course=make_course(), at=NOON)


@pytest.fixture
def exercise(place: Enrolment) -> Material:
    module = authoring.add_module(course=place.course, slug="means", title="Means")
    return authoring.add_material(
        module=module, slug="try", kind=Material.Kind.EXERCISE, title="Try", questions=QUESTIONS
    )


def done(place: Enrolment) -> list[MaterialProgress]:
    return list(place.progress.all())


def test_a_material_is_ticked_off_once(place: Enrolment, exercise: Material) -> None:
    study.mark_done(enrolment=place, material=exercise, at=NOON)
    study.mark_done(enrolment=place, material=exercise, at=LATER)
    assert [each.done_at for each in done(place)] == [NOON]


def test_the_tick_is_taken_away_again(place: Enrolment, exercise: Material) -> None:
    study.mark_done(enrolment=place, material=exercise, at=NOON)
    study.mark_undone(enrolment=place, material=exercise)
    study.mark_undone(enrolment=place, material=exercise)
    assert done(place) == []


def test_an_exercise_is_done_when_all_is_right(place: Enrolment, exercise: Material) -> None:
    hexagon, third = exercise.questions.all()
    wrong = study.try_exercise(
        enrolment=place, material=exercise, answers={str(hexagon.uuid): 0, str(third.uuid): "3.3"}, at=NOON
    )
    assert [each.is_right for each in wrong] == [False, True]
    assert done(place) == []
    study.try_exercise(
        enrolment=place, material=exercise, answers={str(hexagon.uuid): 1, str(third.uuid): "3.3"}, at=LATER
    )
    assert [each.done_at for each in done(place)] == [LATER]


def test_an_exercise_without_questions_is_never_done_by_trying(place: Enrolment, exercise: Material) -> None:
    exercise.questions.all().delete()
    assert study.try_exercise(enrolment=place, material=exercise, answers={}, at=NOON) == []
    assert done(place) == []
