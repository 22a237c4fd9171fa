"""Awards that a registrar makes by hand, with a reason: what no rule could see, and what was once taken back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials import issuance
from credentials.models import Achievement, Award
from pathways import awarding, rulebook, standing
from pathways.holdings import award_holding, institution_day
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.models import AuditEntry
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
    found = confer_to_many(learners=[learner], achievement=achievement, reason=reason, by=by, at=at)[learner.pk]
    if isinstance(found, Refusal):
        raise found
    return found


def confer_to_many(
    *, learners: Sequence[User], achievement: Achievement, reason: str, by: User, at: datetime
) -> dict[int, Award | Refusal]:
    """Award it to each of them, and whatever that completes; for those who cannot have it, why not.

    Belongs in a transaction, after `lock_learners`. Raises `NoReason`, and what `issuance.issue` refuses save what is
    one person's matter: that is in the answer, and keeps nobody else waiting.
    """
    last = _last_awards(learners, achievement)
    outcome: dict[int, Award | Refusal] = dict(_refused(learners, achievement, last, by=by, on=institution_day(at)))
    news = []
    for learner in learners:
        if learner.pk not in outcome:
            edition = last[learner.pk].edition + 1 if learner.pk in last else 1
            news.append(issuance.NewAward(learner=learner, achievement=achievement, awarded_by=by, edition=edition))
    if news and not reason.strip():
        raise NoReason
    awards = issuance.issue(news, at=at)
    if not awards:
        return outcome | {new.learner.pk: _held(new.learner, achievement) for new in news}
    audit.write(
        AuditEntry(**audit.entry_fields("award by hand", award, actor=by, at=at, concerns=award.learner, reason=reason))
        for award in awards
    )
    standing.settle(
        learner_ids=[award.learner_id for award in awards],
        changed=rulebook.references_of_award(achievement),
        cause="awarded by hand",
        at=at,
    )
    made = {award.learner_id: award for award in awards}
    return outcome | {new.learner.pk: made.get(new.learner.pk) or _held(new.learner, achievement) for new in news}


def would_refuse(*, learners: Sequence[User], achievement: Achievement, by: User, at: datetime) -> dict[int, Refusal]:
    """Who of them could not have it, and why, as `confer_to_many` would answer; writes nothing."""
    return _refused(learners, achievement, _last_awards(learners, achievement), by=by, on=institution_day(at))


def _refused(
    learners: Sequence[User], achievement: Achievement, last: Mapping[int, Award], *, by: User, on: date
) -> dict[int, Refusal]:
    found: dict[int, Refusal] = {}
    for learner in learners:
        if learner.pk == by.pk:
            found[learner.pk] = OwnAward()
        elif _stands(last.get(learner.pk), on):
            found[learner.pk] = _held(learner, achievement)
        elif fault := issuance.name_fault(learner.name):
            found[learner.pk] = issuance.NameUnfit(learner=learner, fault=fault)
    return found


def _held(learner: User, achievement: Achievement) -> HeldAlready:
    return HeldAlready(learner=learner, achievement=achievement.name)


def beside_the_name(refusal: Refusal) -> str:
    """Why somebody cannot have it, in words for where their name stands already."""
    if isinstance(refusal, HeldAlready):
        return gettext("Held already. If it is suspended, give it back instead.")
    if isinstance(refusal, issuance.NameUnfit):
        return capfirst(str(refusal.values["fault"]))
    return str(refusal)


def _last_awards(learners: Sequence[User], achievement: Achievement) -> dict[int, Award]:
    """The latest edition that each of them holds; what was revoked is not held."""
    held = Award.objects.filter(learner__in=learners, achievement=achievement)
    return {award.learner_id: award for award in held.exclude(standing=Award.Standing.REVOKED).order_by("edition")}


def _stands(award: Award | None, on: date) -> bool:
    """Whether it keeps a further edition from being awarded: what has run out stays, and another one follows it."""
    return award is not None and not (award.standing == Award.Standing.ACTIVE and award.has_expired(on))


def would_complete(*, learner: User, achievement: Achievement, at: datetime) -> list[Achievement]:
    """What such an award would complete; writes nothing."""
    on = institution_day(at)
    imagined = Award(learner=learner, achievement=achievement, awarded_on=on)
    return awarding.would_award(learner.pk, extra=[award_holding(imagined)], on=on)
