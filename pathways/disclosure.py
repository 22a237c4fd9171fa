"""Lets learners have said in a credential how each criterion of their work was judged; nobody else decides that."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import revocation
from credentials.models import Award, Credential
from pathways.models import CriterionMark, Derivation, Grade
from portal.accounts.models import User
from portal.shared.refusals import Refusal

GRADE = "grade:"


class NotYours(Refusal):
    """Consent is the holder's alone."""

    words = _("Only the holder decides what a credential discloses.")


class NothingToDisclose(Refusal):
    """It rests on no work that was judged by a rubric."""

    words = _("No work that counted in “{achievement}” was judged by a rubric.")
    status: ClassVar[int] = 422


def criteria_of(award: Award) -> list[dict[str, Any]]:
    """How each criterion of the work that counts in the award was judged, in the form of `Award.criteria`."""
    newest = Derivation.objects.filter(award=award).order_by("evaluated_at", "id").last()
    uuids = list(_graded(newest.allocation.values())) if newest else []
    if not uuids:
        return []
    marks = (
        CriterionMark.objects.filter(grade__uuid__in=uuids, grade__state=Grade.State.RELEASED)
        .select_related("criterion__assessment", "level")
        .prefetch_related("criterion__levels")
        .order_by("grade_id", "criterion__position", "criterion_id")
    )
    return [_criterion(mark) for mark in marks]


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


def _criterion(mark: CriterionMark) -> dict[str, Any]:
    levels = list(mark.criterion.levels.all())
    return {
        "name": _printable(f"{mark.criterion.assessment.title}: {mark.criterion.title}"),
        "levels": [
            {
                "name": _printable(level.title),
                "description": _printable(level.description),
                "points": f"{level.marks.normalize():f}",
            }
            for level in levels
        ],
        "achieved": next(place for place, level in enumerate(levels) if level.pk == mark.level_id),
    }


def _printable(text: str) -> str:
    """Without what cannot be signed."""
    return "".join(each for each in text.replace("\r\n", "\n") if each == "\n" or each.isprintable())
