"""Experience outside of courses: stated by the learner, attested in the role that its logbook names, taken back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Issuer
from pathways import foreseeing, signatories, standing
from pathways.holdings import experience_holding, institution_day
from pathways.models import Experience, Logbook
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal

State = Experience.State


class NameTaken(Refusal):
    """Rules could not tell the two apart."""

    words: ClassVar = _("“{slug}” is the short name of an achievement or a logbook already.")


class NotADay(Refusal):
    """The days are the wrong way round, lie ahead, or where no record has any."""

    words: ClassVar = _("It must begin in 1900 or later, and have ended by today.")
    status: ClassVar = 422


class TooManyHours(Refusal):
    """No day has more than twenty-four."""

    words: ClassVar = _("So many hours do not fit into these days.")
    status: ClassVar = 422


class OwnExperience(Refusal):
    """Nobody attests their own."""

    words: ClassVar = _("This is your own experience, so somebody else must attest it.")
    status: ClassVar = 403


class DecidedAlready(Refusal):
    """It no longer waits for anybody."""

    words: ClassVar = _("This was decided already: {state}.")


class NotAttested(Refusal):
    """Only what counts can be taken back."""

    words: ClassVar = _("This is not attested, so there is nothing to take back.")


class NoReason(Refusal):
    """A learner must know why."""

    words: ClassVar = _("Say why.")
    status: ClassVar = 422


@transaction.atomic
def open_logbook(*, issuer: Issuer, slug: str, name: str, role: str, by: User, at: datetime) -> Logbook:
    """Let learners log a kind of experience that rules can ask for. Refuses NameTaken."""
    if Achievement.objects.filter(slug=slug).exists() or Logbook.objects.filter(slug=slug).exists():
        raise NameTaken(slug=slug)
    logbook = Logbook.objects.create(issuer=issuer, slug=slug, name=name.strip(), role=role.strip())
    audit.note("open logbook", logbook, actor=by, at=at, role=logbook.role)
    return logbook


@transaction.atomic
def state(
    *,
    learner: User,
    logbook: Logbook,
    begins_on: date,
    ends_on: date,
    hours: Decimal,
    place: str,
    words: str,
    at: datetime,
) -> Experience:
    """Log a period of work or a single entry; it counts for nothing yet. Refuses NotADay and TooManyHours."""
    if not date(1900, 1, 1) <= begins_on <= ends_on <= institution_day(at):
        raise NotADay
    if hours > 24 * ((ends_on - begins_on).days + 1):
        raise TooManyHours
    made = Experience.objects.create(
        learner=learner,
        logbook=logbook,
        begins_on=begins_on,
        ends_on=ends_on,
        hours=hours,
        place=place.strip(),
        words=words.strip(),
        stated_at=at,
    )
    _note("state experience", made, by=learner, at=at)
    return made


@transaction.atomic
def attest(*, experience: Experience, by: User, at: datetime) -> Experience:
    """Vouch for it in the role of its logbook, and settle what it completes.

    Refuses OwnExperience, signatories.NotSignatory, DecidedAlready.
    """
    fresh = _decidable(experience, by)
    return _decide(fresh, State.ATTESTED, "attest experience", by=by, at=at, role=fresh.logbook.role)


@transaction.atomic
def refuse(*, experience: Experience, answer: str, by: User, at: datetime) -> Experience:
    """Decide against it. Refuses OwnExperience, signatories.NotSignatory, DecidedAlready, NoReason."""
    return _decide(_decidable(experience, by), State.REFUSED, "refuse experience", by=by, at=at, answer=_said(answer))


@transaction.atomic
def withdraw(*, experience: Experience, answer: str, by: User, at: datetime) -> Experience:
    """Take back what was attested, and settle what no longer stands without it.

    Refuses OwnExperience, signatories.NotSignatory, NotAttested, NoReason.
    """
    fresh = _signed_by(experience, by)
    if fresh.state != State.ATTESTED:
        raise NotAttested
    return _decide(fresh, State.WITHDRAWN, "withdraw experience", by=by, at=at, answer=_said(answer), taken=True)


def foresee(experience: Experience, *, at: datetime) -> foreseeing.Foreseen:
    """What attesting it would bring about; writes nothing."""
    extra = [experience_holding(experience)]
    return foreseeing.foresee_holdings(learner_id=experience.learner_id, extra=extra, at=at)


def _said(answer: str) -> str:
    if not answer.strip():
        raise NoReason
    return answer.strip()


def _signed_by(experience: Experience, by: User) -> Experience:
    """The entry as it is once everybody else who changes this learner's record is done (C1)."""
    lock_learners([experience.learner_id])
    fresh = Experience.objects.select_related("learner", "logbook__issuer").get(pk=experience.pk)
    if fresh.learner_id == by.pk:
        raise OwnExperience
    if not signatories.may_sign(by, fresh.logbook.issuer, fresh.logbook.role):
        raise signatories.NotSignatory(role=fresh.logbook.role)
    return fresh


def _decidable(experience: Experience, by: User) -> Experience:
    fresh = _signed_by(experience, by)
    if fresh.state != State.STATED:
        raise DecidedAlready(state=fresh.get_state_display())
    return fresh


def _decide(
    experience: Experience,
    state: Experience.State,
    act: str,
    *,
    by: User,
    at: datetime,
    taken: bool = False,
    **changes: Any,
) -> Experience:
    Experience.objects.filter(pk=experience.pk).update(state=state, decided_by=by, decided_at=at, **changes)
    experience.refresh_from_db()
    _note(act, experience, by=by, at=at, reason=experience.answer)
    if state != State.REFUSED:
        ids = [experience.learner_id]
        standing.settle(learner_ids=ids, changed=None, shaken=ids if taken else (), cause=act, at=at)
    return experience


def _note(act: str, experience: Experience, *, by: User, at: datetime, reason: str = "") -> None:
    audit.note(act, experience, actor=by, at=at, concerns=experience.learner, reason=reason)
