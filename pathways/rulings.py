"""Deciding about one learner: facts attested, parts of rules signed off, exceptions proposed and approved."""

from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Issuer
from pathways import signatories, standing
from pathways.holdings import institution_day
from pathways.models import Assessment, RuleVersion, Ruling
from pathways.rules import exceptions, notation
from pathways.rules.exceptions import Node
from pathways.rules.requirement import SignedOff
from pathways.rules.rulings import AttestedFact, GivenSignOff
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal

LONGEST_NAME, LONGEST_VALUE = 60, 200
# Facts that a rule makes up of the award it judges; nobody attests them.
COMPUTED = "prior."


class OwnRecord(Refusal):
    """Nobody decides about their own record."""

    words: ClassVar = _("This is your own record, so somebody else must decide about it.")
    status: ClassVar = 403


class NoReason(Refusal):
    """A decision about a learner is read years later by people who were not there."""

    words: ClassVar = _("Say why.")
    status: ClassVar = 422


class EndsBeforeItBegins(Refusal):
    """The days are the wrong way round, or lie where no record has any."""

    words: ClassVar = _("It must begin between 1900 and 2200, and end on that day or later.")
    status: ClassVar = 422


class UnfitFact(Refusal):
    """The name or the value of a fact cannot be kept."""

    words: ClassVar = _("A fact has a name of at most 60 and a value of at most 200 printable characters.")
    status: ClassVar = 422


class NoSuchPart(Refusal):
    """No version of the rule has this part."""

    words: ClassVar = _("The rule of “{name}” has no such part.")
    status: ClassVar = 422


class DoesNotFit(Refusal):
    """This kind of exception means nothing for this part."""

    words: ClassVar = _("That exception cannot be made to this part of the rule, or would change nothing.")
    status: ClassVar = 422


class UnknownKey(Refusal):
    """What is to count instead does not exist."""

    words: ClassVar = _("There is no published achievement and no assessment called “{key}”.")
    status: ClassVar = 422


class NeedsSecondPerson(Refusal):
    """Whoever proposes an exception does not approve it."""

    words: ClassVar = _("You proposed this exception, so another registrar must approve it.")
    status: ClassVar = 403


class DecidedAlready(Refusal):
    """It no longer waits for anybody."""

    words: ClassVar = _("This was decided already: {state}.")


class NotInForce(Refusal):
    """Only what is in force can be withdrawn."""

    words: ClassVar = _("This is not in force, so there is nothing to withdraw.")


class SignedAlready(Refusal):
    """One sign-off is enough."""

    words: ClassVar = _("This part is signed off for {learner} already.")


# --- facts and sign-offs: one person vouches for them -------------------------------------------------------------


@transaction.atomic
def attest(
    *,
    learner: User,
    issuer: Issuer,
    name: str,
    value: str,
    reason: str,
    by: User,
    at: datetime,
    valid_from: date,
    valid_until: date | None = None,
) -> Ruling:
    """Vouch for a fact about the learner, and settle what it makes true or untrue.

    Of a fact attested more than once, the one that begins last counts. Refuses OwnRecord, NoReason, UnfitFact,
    EndsBeforeItBegins.
    """
    lock_learners([learner.pk])
    name, value = name.strip(), value.strip()
    fits = 0 < len(name) <= LONGEST_NAME and 0 < len(value) <= LONGEST_VALUE and (name + value).isprintable()
    if not fits or name.startswith(COMPUTED):
        raise UnfitFact
    ruling = _ruling(
        learner=learner,
        kind=Ruling.Kind.FACT,
        issuer=issuer,
        terms={"name": name, "value": value},
        reason=reason,
        author=by,
        at=at,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return _vouched(ruling, "attest fact", at=at)


@transaction.atomic
def sign_off(*, learner: User, achievement: Achievement, node: str, reason: str, by: User, at: datetime) -> Ruling:
    """Approve a part for the learner in the role that the rule names, and settle what that completes.

    Refuses OwnRecord, NoReason, NoSuchPart, signatories.NotSignatory, SignedAlready.
    """
    lock_learners([learner.pk])
    part = node_of(achievement, node)
    if not isinstance(part, SignedOff):
        raise NoSuchPart(name=achievement.name)
    if not signatories.may_sign(by, achievement.issuer, part.role):
        raise signatories.NotSignatory(role=part.role)
    there = Ruling.objects.filter(
        learner=learner, achievement=achievement, node=node, kind=Ruling.Kind.SIGN_OFF, state=Ruling.State.APPROVED
    )
    if any(each.terms["role"] == part.role for each in there):
        raise SignedAlready(learner=learner)
    ruling = _ruling(
        learner=learner,
        kind=Ruling.Kind.SIGN_OFF,
        issuer=achievement.issuer,
        achievement=achievement,
        node=node,
        terms={"role": part.role},
        reason=reason,
        author=by,
        at=at,
        valid_from=institution_day(at),
    )
    return _vouched(ruling, "sign off part", at=at)


def _vouched(ruling: Ruling, act: str, *, at: datetime) -> Ruling:
    ruling.state = Ruling.State.APPROVED
    ruling.approver, ruling.decided_at = ruling.author, at
    ruling.save()
    _note(act, ruling, actor=ruling.author, at=at, reason=ruling.reason)
    _settle(ruling, cause=f"{ruling.get_kind_display()} given".lower(), at=at)
    return ruling


# --- exceptions: one person proposes, another approves ------------------------------------------------------------


@transaction.atomic
def propose(
    *,
    learner: User,
    achievement: Achievement,
    kind: str,
    node: str,
    terms: dict[str, str],
    reason: str,
    by: User,
    at: datetime,
    valid_from: date,
    valid_until: date | None = None,
) -> Ruling:
    """Propose an exception to a part of the achievement's rule; nothing changes until another person approves it.

    Refuses OwnRecord, NoReason, EndsBeforeItBegins, NoSuchPart, DoesNotFit, UnknownKey.
    """
    lock_learners([learner.pk])
    ruling = imagine(
        learner=learner,
        achievement=achievement,
        kind=kind,
        node=node,
        terms=terms,
        reason=reason,
        by=by,
        at=at,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    ruling.save()
    _note("propose exception", ruling, actor=by, at=at, reason=reason, node=node, **terms)
    return ruling


def imagine(
    *,
    learner: User,
    achievement: Achievement,
    kind: str,
    node: str,
    terms: dict[str, str],
    reason: str,
    by: User,
    at: datetime,
    valid_from: date,
    valid_until: date | None = None,
) -> Ruling:
    """The exception that `propose` would keep, with the same refusals; writes nothing."""
    ruling = _ruling(
        learner=learner,
        kind=kind,
        issuer=achievement.issuer,
        achievement=achievement,
        node=node,
        terms=terms,
        reason=reason,
        author=by,
        at=at,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    part = node_of(achievement, node)
    if part is None:
        raise NoSuchPart(name=achievement.name)
    try:
        value = ruling.value
    except (TypeError, KeyError) as error:
        raise DoesNotFit from error
    if isinstance(value, AttestedFact | GivenSignOff) or not exceptions.fits(value, part):
        raise DoesNotFit
    if "key" in terms and not _exists(terms["key"]):
        raise UnknownKey(key=terms["key"])
    return ruling


@transaction.atomic
def approve(*, ruling: Ruling, by: User, at: datetime) -> Ruling:
    """Let a proposed exception count, and settle what it makes true or untrue.

    Refuses DecidedAlready, OwnRecord, NeedsSecondPerson.
    """
    fresh = _proposed(ruling, by)
    if needs_another(fresh, by):
        raise NeedsSecondPerson
    decided = {"state": Ruling.State.APPROVED, "approver": by, "decided_at": at}
    _move_on(fresh, decided, act="approve exception", by=by, at=at, reason=fresh.reason)
    _settle(fresh, cause="exception approved", at=at)
    return fresh


@transaction.atomic
def refuse(*, ruling: Ruling, answer: str, by: User, at: datetime) -> Ruling:
    """Decide against a proposed exception; its author may take it back in this way, too.

    Refuses DecidedAlready, OwnRecord, NoReason.
    """
    fresh = _proposed(ruling, by)
    decided = {"state": Ruling.State.REFUSED, "approver": by, "decided_at": at}
    _answer(fresh, decided, answer, act="refuse exception", by=by, at=at)
    return fresh


@transaction.atomic
def withdraw(*, ruling: Ruling, answer: str, by: User, at: datetime) -> Ruling:
    """Take back what was decided, and settle what no longer stands without it.

    Refuses NotInForce, OwnRecord, NoReason.
    """
    fresh = _locked(ruling, by)
    if fresh.state != Ruling.State.APPROVED:
        raise NotInForce
    withdrawn = {"state": Ruling.State.WITHDRAWN, "withdrawn_by": by, "withdrawn_at": at}
    _answer(fresh, withdrawn, answer, act="withdraw decision", by=by, at=at)
    _settle(fresh, cause="decision withdrawn", at=at)
    return fresh


def needs_another(ruling: Ruling, approver: User) -> bool:
    """Whether somebody else must approve it: author and approver differ, except where a site has one registrar."""
    return ruling.author_id == approver.pk and not settings.SINGLE_REGISTRAR


# --- what is decided about ---------------------------------------------------------------------------------------


def node_of(achievement: Achievement, node: str) -> Node | None:
    """The part or condition of the rule in force; if that has none, of the newest version that has."""
    versions = RuleVersion.objects.filter(achievement=achievement).exclude(state=RuleVersion.State.DRAFT)
    for version in sorted(versions, key=lambda each: (each.state == RuleVersion.State.PUBLISHED, each.number or 0))[
        ::-1
    ]:
        found = exceptions.nodes_of(notation.from_json(version.document)).get(node)
        if found is not None:
            return found
    return None


# --- the steps that all share -------------------------------------------------------------------------------------


def _ruling(
    *,
    learner: User,
    kind: str,
    issuer: Issuer,
    reason: str,
    author: User,
    at: datetime,
    valid_from: date,
    valid_until: date | None = None,
    achievement: Achievement | None = None,
    node: str = "",
    terms: dict[str, str],
) -> Ruling:
    if learner.pk == author.pk:
        raise OwnRecord
    if not reason.strip():
        raise NoReason
    last = valid_until or valid_from
    if not 1900 <= valid_from.year <= 2200 or last < valid_from or last.year > 2200:
        raise EndsBeforeItBegins
    return Ruling(
        learner=learner,
        kind=kind,
        issuer=issuer,
        achievement=achievement,
        node=node,
        terms=terms,
        reason=reason.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
        author=author,
        proposed_at=at,
    )


def _locked(ruling: Ruling, by: User) -> Ruling:
    """The decision as it is once everybody else who changes this learner's record is done (C1)."""
    lock_learners([ruling.learner_id])
    fresh = Ruling.objects.select_related("learner", "achievement").get(pk=ruling.pk)
    if fresh.learner_id == by.pk:
        raise OwnRecord
    return fresh


def _proposed(ruling: Ruling, by: User) -> Ruling:
    fresh = _locked(ruling, by)
    if fresh.state != Ruling.State.PROPOSED:
        raise DecidedAlready(state=fresh.get_state_display())
    return fresh


def _answer(ruling: Ruling, changes: dict[str, Any], answer: str, *, act: str, by: User, at: datetime) -> None:
    """Decide against it, and say why."""
    if not answer.strip():
        raise NoReason
    _move_on(ruling, {**changes, "answer": answer.strip()}, act=act, by=by, at=at, reason=answer)


def _move_on(ruling: Ruling, changes: dict[str, Any], *, act: str, by: User, at: datetime, reason: str) -> None:
    Ruling.objects.filter(pk=ruling.pk).update(**changes)
    ruling.refresh_from_db()
    _note(act, ruling, actor=by, at=at, reason=reason)


def _exists(key: str) -> bool:
    if "/" in key:
        course, _slash, slug = key.partition("/")
        return Assessment.objects.filter(course__slug=course, slug=slug).exists()
    return Achievement.objects.filter(slug=key).exclude(state=Achievement.State.DRAFT).exists()


def _settle(ruling: Ruling, *, cause: str, at: datetime) -> None:
    # Every rule: a fact may matter to any, and what an exception lets in may be looked at by more than its own.
    standing.settle(learner_ids=[ruling.learner_id], changed=None, shaken=[ruling.learner_id], cause=cause, at=at)


def _note(act: str, ruling: Ruling, *, actor: User, at: datetime, reason: str, **details: str) -> None:
    audit.note(act, ruling, actor=actor, at=at, concerns=ruling.learner, reason=reason, kind=ruling.kind, **details)
