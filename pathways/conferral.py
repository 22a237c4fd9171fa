"""Awards that a registrar makes by hand, with a reason: what no rule could see, and what was once taken back."""

from datetime import date, datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import issuance
from credentials.models import Achievement, Award
from pathways import awarding, rulebook, standing
from pathways.holdings import award_holding, institution_day
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal


class OwnAward(Refusal):
    """Nobody awards anything to themselves."""

    words: ClassVar = _("This is your own record, so another registrar must do it.")
    status: ClassVar = 403


class HeldAlready(Refusal):
    """There is a live award of the same achievement."""

    words: ClassVar = _("{learner} holds “{achievement}” already. If it is suspended, give it back instead.")


class NoReason(Refusal):
    """An award by hand stands on nothing but its reason."""

    words: ClassVar = _("Say why it is awarded by hand.")
    status: ClassVar = 422


@transaction.atomic
def confer(*, learner: User, achievement: Achievement, reason: str, by: User, at: datetime) -> Award:
    """Award it for a reason that no rule knows, and whatever it completes.

    Raises `OwnAward`, `HeldAlready`, `NoReason`, and what `issuance.issue` refuses. It stands on no rule, so nothing
    that is withdrawn elsewhere makes it fall.
    """
    lock_learners([learner.pk])
    if learner.pk == by.pk:
        raise OwnAward
    if not reason.strip():
        raise NoReason
    new = issuance.NewAward(
        learner=learner,
        achievement=achievement,
        awarded_by=by,
        edition=_edition(learner, achievement, institution_day(at)),
    )
    awards = issuance.issue([new], at=at)
    if not awards:
        raise HeldAlready(learner=learner, achievement=achievement.name)
    audit.note("award by hand", awards[0], actor=by, at=at, concerns=learner, reason=reason)
    standing.settle(
        learner_ids=[learner.pk],
        changed=rulebook.references_of_award(achievement),
        cause="awarded by hand",
        at=at,
    )
    return awards[0]


def _edition(learner: User, achievement: Achievement, on: date) -> int:
    """The edition to award: what has run out stays, and a further one follows it."""
    last = Award.objects.filter(learner=learner, achievement=achievement).exclude(standing=Award.Standing.REVOKED)
    latest = last.order_by("-edition").first()
    if latest is None:
        return 1
    ran_out = latest.standing == Award.Standing.ACTIVE and latest.has_expired(on)
    return latest.edition + 1 if ran_out else latest.edition


def would_complete(*, learner: User, achievement: Achievement, at: datetime) -> list[Achievement]:
    """What such an award would complete; writes nothing."""
    on = institution_day(at)
    imagined = Award(learner=learner, achievement=achievement, awarded_on=on)
    return awarding.would_award(learner.pk, extra=[award_holding(imagined)], on=on)
