"""Studying: a material done, an exercise tried."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from pathways.marking import Marked, mark_answers
from pathways.models import Enrolment, Material, MaterialProgress


@transaction.atomic
def mark_done(*, enrolment: Enrolment, material: Material, at: datetime) -> None:
    """Tick a material off; doing it twice changes nothing."""
    MaterialProgress.objects.get_or_create(enrolment=enrolment, material=material, defaults={"done_at": at})


@transaction.atomic
def mark_undone(*, enrolment: Enrolment, material: Material) -> None:
    """Take the tick away again."""
    MaterialProgress.objects.filter(enrolment=enrolment, material=material).delete()


def try_exercise(*, enrolment: Enrolment, material: Material, answers: Mapping[str, Any], at: datetime) -> list[Marked]:
    """Judge the answers at once; the exercise is done when all are right. Tries are not kept: it is practice."""
    marked = mark_answers(list(material.questions.all()), answers)
    if marked and all(each.is_right for each in marked):
        mark_done(enrolment=enrolment, material=material, at=at)
    return marked
