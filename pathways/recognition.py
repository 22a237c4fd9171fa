"""Prior learning: asked for by the learner with a credential from elsewhere, decided by a registrar, taken back.

The claim is kept and checked by `credentials.claims`. What is recognised becomes a holding in the act that recognises
it, and in no other way; a claim, a request and a refusal are none.
"""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from credentials import claims
from credentials.models import Achievement, Claim, Issuer
from credentials.verification import Verdict
from pathways import foreseeing, standing
from pathways.holdings import Terms, institution_day, recognised_holding
from pathways.models import Recognition
from pathways.queries import FALLEN
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal, Unfit

State = Recognition.State

# What may be recognised: the issuer signed it, and does not say that it is void. Whether it is relied on here is for
# the registrar to weigh.
SOUND = frozenset({Verdict.VALID, Verdict.EXPIRED, Verdict.UNKNOWN_ISSUER})
# Asked anew, one of these recognitions would be another's: those that wait and those that count.
OPEN = (State.ASKED, State.RECOGNISED)
MOST_CREDITS = Decimal(300)
MOST_LEVEL = 8


class NotYours(Refusal):
    """A learner asks for themself."""

    words: ClassVar = _("This was handed in by somebody else.")
    status: ClassVar = 403


class NotCheckedYet(Refusal):
    """Nobody could decide on it."""

    words: ClassVar = _("This was not checked yet. Ask when it has been.")


class IssuedHere(Refusal):
    """It would count twice."""

    words: ClassVar = _("This was issued here, and counts already wherever a rule asks for it.")


class NotSound(Unfit):
    """What is altered, revoked, or signed by nobody is no ground for anything."""

    words: ClassVar = _("Nothing can rest on this credential as it is: {title}")


class AskedAlready(Refusal):
    """One request for one credential."""

    words: ClassVar = _("You have asked for this to be recognised already.")


class CountedAlready(Refusal):
    """One credential counts once, whoever brings it, in whatever file."""

    words: ClassVar = _("This very credential counts already, for this learner or for somebody else.")


class NotOffered(Unfit):
    """Nobody can be given what is not published."""

    words: ClassVar = _("“{achievement}” is not in the catalogue.")


class OwnRecord(Refusal):
    """Nobody decides about themself."""

    words: ClassVar = _("This is your own request, so somebody else must decide about it.")
    status: ClassVar = 403


class DecidedAlready(Refusal):
    """It no longer waits for anybody."""

    words: ClassVar = _("This was decided already: {state}.")


class NotRecognised(Refusal):
    """Only what counts can be withdrawn, or be let stand."""

    words: ClassVar = _("This does not count, so there is nothing to take back.")


class NotFallen(Refusal):
    """There is nothing to review."""

    words: ClassVar = _("The credential stands as it did when this was decided.")


class NoReason(Unfit):
    """A learner must know why."""

    words: ClassVar = _("Say why.")


class HolderNotShown(Unfit):
    """A credential that does not say whose it is may be anybody's."""

    words: ClassVar = _("The credential does not show that it is theirs. Say how you made sure.")


class NotADay(Unfit):
    """The days are the wrong way round, lie ahead, or where no record has any."""

    words: ClassVar = _("It must have been earned between 1900 and today, and count until that day or later.")


class NotAnAmount(Unfit):
    """What counts as credits must have some; and nobody earns more than a degree at once."""

    words: ClassVar = _("Give between 0 and 300 credits, and more than none where it counts as mere credits.")


class NotALevel(Unfit):
    """Rules ask for levels of the European framework, which has eight."""

    words: ClassVar = _("Give a level from 1 to 8, or none.")


# --- acts of the learner ------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    *,
    learner: User,
    claim: Claim,
    issuer: Issuer | None = None,
    achievement: Achievement | None = None,
    words: str,
    at: datetime,
) -> Recognition:
    """Ask that a claimed credential counts as an achievement, or as credits with an issuer; it counts for nothing yet.

    Refuses NotYours, NotCheckedYet, IssuedHere, NotSound, NotOffered, AskedAlready.
    """
    if claim.learner_id != learner.pk or claim.dropped_at is not None:
        raise NotYours
    lock_learners([learner.pk])
    current = Claim.objects.get(pk=claim.pk)
    if not current.verdict:
        raise NotCheckedYet
    if current.is_ours:
        raise IssuedHere
    # One that could not be checked may be asked about: it is tried again, and not decided before.
    if not _may_become_sound(current):
        raise NotSound(title=current.title)
    if achievement is not None and achievement.state != Achievement.State.PUBLISHED:
        raise NotOffered(achievement=achievement)
    asked_of = achievement.issuer if achievement is not None else issuer
    if asked_of is None:
        raise ValueError("Somebody must be asked: an achievement or an issuer is needed.")
    if Recognition.objects.filter(claim=current, state__in=OPEN).exists():
        raise AskedAlready
    made = Recognition.objects.create(
        learner=learner, claim=current, issuer=asked_of, achievement=achievement, words=words.strip(), asked_at=at
    )
    claims.watch(claim=current, at=at)
    _note("ask for recognition", made, by=learner, at=at)
    return made


@transaction.atomic
def take_back(*, recognition: Recognition, by: User, at: datetime) -> Recognition:
    """Ask no longer. Refuses NotYours, DecidedAlready."""
    fresh = _locked(recognition)
    if fresh.learner_id != by.pk:
        raise NotYours
    if fresh.state != State.ASKED:
        raise DecidedAlready(state=fresh.get_state_display())
    return _move_on(fresh, {"state": State.DROPPED}, act="take back request", by=by, at=at)


# --- acts of the registrar ----------------------------------------------------------------------------------------


@transaction.atomic
def recognise(
    *, recognition: Recognition, terms: Terms, holder_words: str, answer: str, by: User, at: datetime
) -> Recognition:
    """Let it count from now on as was asked, on these terms, and settle what that completes.

    `holder_words` say how somebody made sure whose the credential is, where it does not show that itself. Refuses
    OwnRecord, DecidedAlready, NoReason, NotSound, HolderNotShown, NotADay, NotAnAmount, NotALevel, CountedAlready.
    """
    fresh = _decidable(recognition, by)
    _refuse_unfit(terms, fresh, at)
    if not is_sound(fresh.claim):
        raise NotSound(title=fresh.claim.title)
    if not fresh.claim.is_theirs and not holder_words.strip():
        raise HolderNotShown
    decided = {
        "state": State.RECOGNISED,
        **asdict(terms),
        "outside_issuer": fresh.claim.issuer_id,
        "holder_words": holder_words.strip(),
        "answer": _said(answer),
        "decided_by": by,
        "decided_at": at,
        "verdict": fresh.claim.verdict,
        "same": fresh.claim.same,
    }
    if Recognition.objects.filter(same=fresh.claim.same, state=State.RECOGNISED).exists():
        raise CountedAlready
    try:
        with transaction.atomic():
            Recognition.objects.filter(pk=fresh.pk).update(**decided)
    except IntegrityError as error:
        # Somebody else was quicker, for another learner.
        raise CountedAlready from error
    return _after(fresh, decided, act="recognise prior learning", by=by, at=at, settles=True)


def foresee(recognition: Recognition, terms: Terms, *, at: datetime) -> foreseeing.Foreseen:
    """What recognising it on these terms would bring about; writes nothing. Refuses NotADay, NotAnAmount, NotALevel."""
    _refuse_unfit(terms, recognition, at)
    holding = recognised_holding(
        uuid=recognition.uuid,
        achievement=recognition.achievement,
        key=recognition.key,
        terms=terms,
        outside_issuer=recognition.claim.issuer_id,
    )
    return foreseeing.foresee_holdings(learner_id=recognition.learner_id, extra=[holding], at=at)


def foresee_withdrawal(recognition: Recognition, *, at: datetime) -> foreseeing.Foreseen:
    """What would follow if it counted no longer; writes nothing."""
    gone = [f"recognised:{recognition.uuid}"]
    return foreseeing.foresee_holdings(learner_id=recognition.learner_id, extra=[], without=gone, at=at)


def _refuse_unfit(terms: Terms, recognition: Recognition, at: datetime) -> None:
    until = terms.valid_until or terms.earned_on
    if not date(1900, 1, 1) <= terms.earned_on <= institution_day(at) or until < terms.earned_on:
        raise NotADay
    if not 0 <= terms.credits <= MOST_CREDITS or (recognition.achievement is None and not terms.credits):
        raise NotAnAmount
    if terms.level is not None and not 1 <= terms.level <= MOST_LEVEL:
        raise NotALevel


@transaction.atomic
def refuse(*, recognition: Recognition, answer: str, by: User, at: datetime) -> Recognition:
    """Decide against it. Refuses OwnRecord, DecidedAlready, NoReason."""
    fresh = _decidable(recognition, by)
    decided = {"state": State.REFUSED, "decided_by": by, "decided_at": at, "answer": _said(answer)}
    return _move_on(fresh, decided, act="refuse recognition", by=by, at=at)


@transaction.atomic
def withdraw(*, recognition: Recognition, answer: str, by: User, at: datetime) -> Recognition:
    """Let it count no longer, and settle what no longer stands without it.

    Refuses OwnRecord, NotRecognised, NoReason.
    """
    fresh = _counting(recognition, by)
    decided = {"state": State.WITHDRAWN, "withdrawn_by": by, "withdrawn_at": at, "answer": _said(answer)}
    return _move_on(fresh, decided, act="withdraw recognition", by=by, at=at, settles=True)


@transaction.atomic
def let_stand(*, recognition: Recognition, answer: str, by: User, at: datetime) -> Recognition:
    """Let it count in spite of what became of the credential. Refuses OwnRecord, NotRecognised, NotFallen, NoReason."""
    fresh = _counting(recognition, by)
    if not has_fallen(fresh):
        raise NotFallen
    _note("let recognition stand", fresh, by=by, at=at, reason=_said(answer), verdict=fresh.claim.verdict)
    Recognition.objects.filter(pk=fresh.pk).update(verdict=fresh.claim.verdict)
    fresh.refresh_from_db()
    return fresh


# --- questions ----------------------------------------------------------------------------------------------------


def is_sound(claim: Claim) -> bool:
    """Whether something may rest on it: its issuer signed it, nothing was changed, and nothing was taken back."""
    return claim.verdict in SOUND and claim.is_signed and bool(claim.same) and not claim.is_ours


def may_be_asked(claim: Claim) -> bool:
    """Whether a learner may ask for its recognition: it is sound, or may be found so when it is tried again."""
    return bool(claim.verdict) and not claim.is_ours and _may_become_sound(claim)


def _may_become_sound(claim: Claim) -> bool:
    return is_sound(claim) or claim.verdict in {Verdict.COULD_NOT_BE_CHECKED, Verdict.NOT_YET_VALID}


def has_fallen(recognition: Recognition) -> bool:
    """Whether the credential is found otherwise than when somebody last decided; needs its claim loaded."""
    return (
        recognition.state == State.RECOGNISED
        and recognition.claim.verdict in FALLEN
        and recognition.claim.verdict != recognition.verdict
    )


def others_of(recognition: Recognition) -> QuerySet[Claim]:
    """Claims of other people to the very same credential."""
    if not recognition.claim.same:
        return Claim.objects.none()
    found = Claim.objects.filter(same=recognition.claim.same, dropped_at__isnull=True)
    return found.exclude(learner=recognition.learner_id).select_related("learner")


# --- the steps that all share -------------------------------------------------------------------------------------


def _said(answer: str) -> str:
    if not answer.strip():
        raise NoReason
    return answer.strip()


def _locked(recognition: Recognition) -> Recognition:
    """The request as it is once everybody else who changes this learner's record is done (C1)."""
    lock_learners([recognition.learner_id])
    found = Recognition.objects.select_related("learner", "claim", "achievement__issuer")
    return found.prefetch_related("achievement__skills").get(pk=recognition.pk)


def _of_somebody_else(recognition: Recognition, by: User) -> Recognition:
    fresh = _locked(recognition)
    if fresh.learner_id == by.pk:
        raise OwnRecord
    return fresh


def _decidable(recognition: Recognition, by: User) -> Recognition:
    fresh = _of_somebody_else(recognition, by)
    if fresh.state != State.ASKED:
        raise DecidedAlready(state=fresh.get_state_display())
    return fresh


def _counting(recognition: Recognition, by: User) -> Recognition:
    fresh = _of_somebody_else(recognition, by)
    if fresh.state != State.RECOGNISED:
        raise NotRecognised
    return fresh


def _move_on(
    recognition: Recognition, changes: dict[str, Any], *, act: str, by: User, at: datetime, settles: bool = False
) -> Recognition:
    Recognition.objects.filter(pk=recognition.pk).update(**changes)
    return _after(recognition, changes, act=act, by=by, at=at, settles=settles)


def _after(
    recognition: Recognition, changes: dict[str, Any], *, act: str, by: User, at: datetime, settles: bool
) -> Recognition:
    """What follows of a change that is stored: the audit line, the message, and what is earned or falls by it."""
    was = recognition.state
    recognition.refresh_from_db(fields=list(changes))
    _note(act, recognition, by=by, at=at, reason=recognition.answer)
    if recognition.state not in OPEN:
        claims.watch(claim=recognition.claim, at=None)
    if recognition.state != State.DROPPED:
        outbox.promise("pathways.tell_of_recognition", recognition.pk, queue="mail", version=recognition.state)
    if settles:
        # Every rule: a pool of credits may be in any of them.
        shaken = [recognition.learner_id] if was == State.RECOGNISED else []
        standing.settle(learner_ids=[recognition.learner_id], changed=None, shaken=shaken, cause=act, at=at)
    return recognition


def _note(act: str, recognition: Recognition, *, by: User, at: datetime, reason: str = "", **details: str) -> None:
    details = {"claim": str(recognition.claim.uuid), **details}
    audit.note(act, recognition, actor=by, at=at, concerns=recognition.learner, reason=reason, **details)
