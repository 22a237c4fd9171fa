"""Tells whether something is still as its author saw it, so that two who write at once do not undo each other."""

import hashlib
import json
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from pathways.models import Assessment, Course, Material, Module, Question
from portal.shared.refusals import Refusal

Row = TypeVar("Row", bound=Model)

# What an author may change; a move to another place is no change of content.
CONTENT: dict[type[Model], tuple[str, ...]] = {
    Course: (
        "slug",
        "title",
        "summary",
        "description",
        "achievement_id",
        "hours",
        "language",
        "price",
        "currency",
        "starts_on",
        "ends_on",
        "places",
        "prerequisite_slugs",
    ),
    Module: ("title", "summary"),
    Material: ("module_id", "title", "body", "minutes", "file", "captions", "transcript", "url"),
    Assessment: (
        "slug",
        "title",
        "brief",
        "out_of",
        "pass_marks",
        "weight",
        "attempts_allowed",
        "due_at",
        "late_days",
        "late_percent_per_day",
        "files_allowed",
        "minutes",
    ),
    Question: ("kind", "prompt", "choices", "answer", "feedback", "marks"),
}


class ChangedMeanwhile(Refusal):
    """Someone else has kept another version since the page was opened."""

    words: ClassVar = _(
        "“{title}” was changed by someone else while you wrote. Nothing of yours is lost: compare, and keep again."
    )


class Gone(Refusal):
    """Someone else has removed it since the page was opened."""

    words: ClassVar = _("“{title}” was removed by someone else while you wrote.")


def edition_of(row: Model) -> str:
    """A hash of the content of a row."""
    return _hash([getattr(row, name) for name in CONTENT[type(row)]])


def edition_of_rubric(assessment: Assessment) -> str:
    """The same for a whole rubric; two queries."""
    return _hash(
        [
            [criterion.title, criterion.description]
            + [[level.title, level.description, level.marks] for level in criterion.levels.all()]
            for criterion in assessment.criteria.prefetch_related("levels")
        ]
    )


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> str:
    # 10 and 10.00 are the same marks, before a table has read them and after.
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def current(row: Row, seen: str | None) -> Row:
    """The row as it is now, locked. Refused (`ChangedMeanwhile`, `Gone`) when it is not as it was seen."""
    now = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if now is None:
        raise Gone(title=str(row))
    if seen is not None and edition_of(now) != seen:
        raise ChangedMeanwhile(title=str(now))
    return now
