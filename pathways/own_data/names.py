"""Acts on names that stand wrong on credentials: a holder asks, a registrar corrects or declines."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import issuance, revocation
from credentials.models import Award, Credential
from pathways import standing
from pathways.models import NameRequest
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal, Unfit

State = NameRequest.State


class NotYours(Refusal):
    """Only its holder says how their name is written."""

    words: ClassVar = _("Only the holder asks for another name.")
    status: ClassVar = 403


class AskedAlready(Refusal):
    """Two wishes at once would leave the registrar to guess."""

    words: ClassVar = _("You have asked for another name already. Take that back first.")


class NotOpen(Refusal):
    """It was decided, or taken back."""

    words: ClassVar = _("This request is not open any more.")


class NoAnswer(Unfit):
    """Whoever asks is told why."""

    words: ClassVar = _("Say why it stays.")


@transaction.atomic
def ask(*, award: Award, wanted: str, why: str, note: str, by: User, at: datetime) -> NameRequest:
    """Ask that the award's credential bears this name.

    Refuses NotYours, AskedAlready, revocation.AlreadyRevoked, revocation.NothingToCorrect and issuance.NameUnfit.
    """
    if award.learner_id != by.pk:
        raise NotYours
    lock_learners([by.pk])
    current = Credential.objects.select_related("award__achievement").get(award=award, superseded_by__isnull=True)
    if current.award.standing == Award.Standing.REVOKED:
        raise revocation.AlreadyRevoked(award=current.award.achievement)
    wanted = wanted.strip()
    if current.recipient_name == wanted:
        raise revocation.NothingToCorrect(name=wanted)
    if fault := issuance.name_fault(wanted):
        raise issuance.NameUnfit(learner=by, fault=fault)
    if award.name_requests.filter(state=State.ASKED).exists():
        raise AskedAlready
    request = NameRequest.objects.create(
        award=award, former=current.recipient_name, wanted=wanted, why=why, note=note, asked_at=at
    )
    audit.note("ask for another name", request, actor=by, at=at, concerns=by, reason=note)
    return request


@transaction.atomic
def take_back(*, request: NameRequest, by: User, at: datetime) -> None:
    """Leave the name as it is. Refuses NotYours and NotOpen."""
    if request.award.learner_id != by.pk:
        raise NotYours
    current = _open(request)
    NameRequest.objects.filter(pk=current.pk).update(state=State.TAKEN_BACK)
    audit.note("take back another name", current, actor=by, at=at, concerns=by)


@transaction.atomic
def correct(*, award: Award, recipient_name: str, note: str, by: User, at: datetime) -> Credential:
    """Issue the award's credential anew under this name, and close what its holder asked for, if they did.

    The former one's link leads on to it, and its holder is told by the message of the new one. Refuses
    standing.OwnAward, and as `revocation.supersede` does.
    """
    if award.learner_id == by.pk:
        raise standing.OwnAward
    lock_learners([award.learner_id])
    anew = revocation.supersede(award=award, recipient_name=recipient_name.strip(), note=note, by=by, at=at)
    open_ = NameRequest.objects.filter(award=award, state=State.ASKED)
    open_.update(state=State.CORRECTED, decided_by=by, decided_at=at)
    return anew


@transaction.atomic
def decline(*, request: NameRequest, answer: str, by: User, at: datetime) -> None:
    """Leave the name as it is, and tell its holder why. Refuses NotOpen, NoAnswer and standing.OwnAward."""
    if not answer.strip():
        raise NoAnswer
    if request.award.learner_id == by.pk:
        raise standing.OwnAward
    current = _open(request)
    NameRequest.objects.filter(pk=current.pk).update(
        state=State.DECLINED, answer=answer.strip(), decided_by=by, decided_at=at
    )
    audit.note("decline another name", current, actor=by, at=at, concerns=current.award.learner, reason=answer.strip())
    outbox.promise("pathways.tell_of_name", current.pk)


def _open(request: NameRequest) -> NameRequest:
    lock_learners([request.award.learner_id])
    current = NameRequest.objects.select_related("award__learner").get(pk=request.pk)
    if current.state != State.ASKED:
        raise NotOpen
    return current
