"""Rewriting assessments, their questions and their rubrics, as far as no learner's work hangs on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pathways.authoring import HasWork, SlugFixed, add_rubric, named_by
from pathways.editions import ChangedMeanwhile, current, edition_of_rubric
from pathways.models import Assessment, Material, Question, RubricCriterion, Submission
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal

# What a mark means: the same for everyone whose work is marked.
FIXED_BY_WORK = ("out_of", "pass_marks", "weight", "late_days", "late_percent_per_day")


class RubricTooThin(Refusal):
    """A criterion without a choice judges nothing."""

    words: ClassVar = _("“{title}” needs at least two levels, each with more marks than the one before.")
    status: ClassVar = 422


def is_handed_in(assessment: Assessment) -> bool:
    """Whether learners have handed in work, or have a grade."""
    return assessment.submissions.exclude(state=Submission.State.DRAFT).exists() or assessment.grades.exists()


def is_begun(assessment: Assessment) -> bool:
    """Whether learners have at least seen the questions: a draft's answers point at choices by their place."""
    return assessment.submissions.exists() or assessment.grades.exists()


@transaction.atomic
def edit_assessment(
    *, assessment: Assessment, author: User, at: datetime, seen: str | None = None, **fields: Any
) -> Assessment:
    """Change an assessment.

    Raises `HasWork` when the meaning of marks would change for work that was handed in, `SlugFixed` when the short
    name stands in a rule or the course was opened, `ChangedMeanwhile` when it is not in the edition that was seen.
    """
    now = current(assessment, seen)
    changed = {name for name, value in fields.items() if getattr(now, name) != value}
    if changed & set(FIXED_BY_WORK) and is_handed_in(now):
        raise HasWork(title=now.title)
    if "slug" in changed and (now.course.opened_at or named_by(now)):
        raise SlugFixed(title=now.title)
    for name in changed:
        setattr(now, name, fields[name])
    now.full_clean()
    now.save()
    audit.note("edit assessment", now, actor=author, at=at, fields=sorted(changed))
    return now


@transaction.atomic
def add_question(*, place: Assessment | Material, author: User, at: datetime, **fields: Any) -> Question:
    """Append a question to a quiz or an exercise. Raises `HasWork` once learners have begun the quiz."""
    now = _place(place)
    last = now.questions.order_by("-position").first()
    owner = {"assessment": now} if isinstance(now, Assessment) else {"material": now}
    question = Question(position=last.position + 1 if last else 1, **owner, **fields)
    question.full_clean()
    question.save()
    audit.note("add question", now, actor=author, at=at, question=str(question.uuid))
    return question


@transaction.atomic
def edit_question(
    *, question: Question, author: User, at: datetime, seen: str | None = None, **fields: Any
) -> Question:
    """Change a question. Raises `HasWork` once learners have begun, `ChangedMeanwhile` as for all that is edited."""
    place = _place(_place_of(question))
    now = current(question, seen)
    for name, value in fields.items():
        setattr(now, name, value)
    now.full_clean()
    now.save()
    audit.note("edit question", place, actor=author, at=at, question=str(now.uuid))
    return now


@transaction.atomic
def remove_question(*, question: Question, author: User, at: datetime) -> None:
    """Take a question out. Raises `HasWork` once learners have begun the quiz."""
    place = _place(_place_of(question))
    audit.note("remove question", place, actor=author, at=at, question=str(question.uuid))
    question.delete()


def _place_of(question: Question) -> Assessment | Material:
    place = question.assessment or question.material
    assert place is not None  # noqa: S101 - a constraint of the table, for the type checker
    return place


def _place(place: Assessment | Material) -> Assessment | Material:
    # The full lock on the assessment: nobody begins a submission while its questions change.
    now = current(place, None)
    if isinstance(now, Assessment) and is_begun(now):
        raise HasWork(title=now.title)
    return now


@transaction.atomic
def set_rubric(
    *,
    assessment: Assessment,
    criteria: Sequence[Mapping[str, Any]],
    author: User,
    at: datetime,
    seen: str | None = None,
) -> None:
    """Write the whole rubric anew, in the form that `authoring.add_assessment` takes; none: marks without a rubric.

    Raises `HasWork` once work was handed in, `RubricTooThin` for fewer than two levels or marks that do not rise.
    """
    now = current(assessment, None)
    if is_handed_in(now):
        raise HasWork(title=now.title)
    if seen is not None and edition_of_rubric(now) != seen:
        raise ChangedMeanwhile(title=now.title)
    for criterion in criteria:
        marks = [level["marks"] for level in criterion["levels"]]
        if len(marks) < 2 or any(low >= high for low, high in pairwise(marks)):
            raise RubricTooThin(title=criterion["title"])
    RubricCriterion.objects.filter(assessment=now).delete()
    add_rubric(now, criteria)
    audit.note("set rubric", now, actor=author, at=at, criteria=len(criteria))
