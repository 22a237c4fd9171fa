"""Lets learners have said in a credential how each criterion of their work was judged; nobody else decides that."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import revocation
from credentials.models import Award, Credential
from pathways.models import CriterionMark, Derivation, Grade
from portal.accounts.models import User
from portal.shared.refusals import Refusal, Unfit

GRADE = "grade:"


class NotYours(Refusal):
    """Consent is the holder's alone."""

    words = _("Only the holder decides what a credential discloses.")


class NothingToDisclose(Unfit):
    """It rests on no work that was judged by a rubric."""

    words = _("No work that counted in “{achievement}” was judged by a rubric.")


def criteria_of(award: Award) -> list[dict[str, Any]]:
    """How each criterion of the work that counts in the award was judged, and what each work was worth in all.

    In the form of `Award.criteria`.
    """
    newest = Derivation.objects.filter(award=award).order_by("evaluated_at", "id").last()
    uuids = list(_graded(newest.allocation.values())) if newest else []
    if not uuids:
        return []
    marks = (
        CriterionMark.objects.filter(grade__uuid__in=uuids, grade__state=Grade.State.RELEASED)
        .select_related("criterion", "level", "grade__assessment__course")
        .prefetch_related("criterion__levels")
        .order_by("grade_id", "criterion__position", "criterion_id")
    )
    by_grade: dict[Grade, list[CriterionMark]] = {}
    for mark in marks:
        by_grade.setdefault(mark.grade, []).append(mark)
    criteria = [_criterion(mark, among) for among in by_grade.values() for mark in among]
    return criteria + [_score(grade) for grade in by_grade]


@transaction.atomic
def disclose(*, award: Award, by: User, at: datetime) -> Credential:
    """Issue the credential anew with the level of each criterion; the new one is shared with nobody yet.

    Refuses NotYours, NothingToDisclose, and what `revocation.restate` refuses.
    """
    _refuse_others(award, by)
    criteria = criteria_of(award)
    if not criteria:
        raise NothingToDisclose(achievement=award.achievement)
    return revocation.restate(award=award, criteria=criteria, by=by, at=at)


@transaction.atomic
def conceal(*, award: Award, by: User, at: datetime) -> Credential:
    """Issue the credential anew without them. Whoever has the former one still has it.

    Refuses NotYours, and what `revocation.restate` refuses.
    """
    _refuse_others(award, by)
    return revocation.restate(award=award, criteria=[], by=by, at=at)


def _refuse_others(award: Award, by: User) -> None:
    if award.learner_id != by.pk:
        raise NotYours


def _graded(parts: Iterable[list[dict[str, Any]]]) -> Iterable[UUID]:
    for part in parts:
        for taken in part:
            if taken["holding"].startswith(GRADE):
                yield UUID(taken["holding"].removeprefix(GRADE))


def _criterion(mark: CriterionMark, among: Sequence[CriterionMark]) -> dict[str, Any]:
    levels = list(mark.criterion.levels.all())
    said: dict[str, Any] = {
        "name": _printable(f"{mark.grade.assessment.title}: {mark.criterion.title}"),
        "levels": [
            {
                "name": _printable(level.title),
                "description": _printable(level.description),
                "points": _plain(level.marks),
            }
            for level in levels
        ],
        "achieved": next(place for place, level in enumerate(levels) if level.pk == mark.level_id),
    }
    required = _required(mark, among)
    return said | ({"required": required} if required else {})


def _required(mark: CriterionMark, among: Sequence[CriterionMark]) -> int:
    """The lowest level with which the work can pass at all, everything else being at its best; 0 asks for nothing."""
    others = sum(
        (max(level.marks for level in each.criterion.levels.all()) for each in among if each is not mark), Decimal(0)
    )
    enough = (level.marks + others >= mark.grade.pass_marks for level in mark.criterion.levels.all())
    return next((place for place, passes in enumerate(enough) if passes), 0)


def _score(grade: Grade) -> dict[str, Any]:
    """The marks, between which bounds they are, how many pass, and in which run of its course that was."""
    course = grade.assessment.course
    score = {
        "marks": _plain(grade.marks),
        "out_of": _plain(grade.out_of),
        "pass_marks": _plain(grade.pass_marks),
    }
    if course.starts_on and course.ends_on:
        score["term"] = f"{course.starts_on.isoformat()}/{course.ends_on.isoformat()}"
    return {"name": _printable(grade.assessment.title), "score": score}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _printable(text: str) -> str:
    """Without what cannot be signed."""
    return "".join(each for each in text.replace("\r\n", "\n") if each == "\n" or each.isprintable())
