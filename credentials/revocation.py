"""Acts on the status of what was awarded: revoked, suspended, reinstated, superseded; each one leaf of the log."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from credentials import issuance, tokens
from credentials.log import log_entries
from credentials.models import Award, Credential, StatusEvent, StatusList
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit, inserting, outbox
from portal.shared.refusals import Refusal

Act, Reason, Standing = StatusEvent.Act, StatusEvent.Reason, Award.Standing


class AlreadyRevoked(Refusal):
    """Revocation is final: nothing more can become of this award."""

    words = _("“{award}” is revoked. It can be awarded anew, not changed.")


class NotActive(Refusal):
    """Only what counts now can be suspended."""

    words = _("“{award}” is suspended already.")


class NotSuspended(Refusal):
    """There is no suspension to lift."""

    words = _("“{award}” is not suspended.")


class NothingToRestate(Refusal):
    """It says so already."""

    words = _("The credential says that already.")
    status: ClassVar[int] = 422


class NothingToCorrect(Refusal):
    """A successor that says the same would only confuse."""

    words = _("The credential says “{name}” already.")
    status: ClassVar[int] = 422


@transaction.atomic
def revoke(
    *,
    award: Award,
    reason: str,
    by: User | None,
    at: datetime,
    public_note: str = "",
    because_of: StatusEvent | None = None,
) -> StatusEvent:
    """End an award for good. Our own pages say so at once, the published list within a minute (I9).

    What was built on it is the caller's to follow, under the same lock. Refuses AlreadyRevoked.
    """
    current = _locked(award)
    if current.standing == Standing.REVOKED:
        raise AlreadyRevoked(award=current)
    return _change(
        current,
        Act.REVOKE,
        Standing.REVOKED,
        reason=reason,
        by=by,
        at=at,
        public_note=public_note,
        because_of=because_of,
    )


@transaction.atomic
def suspend(
    *,
    award: Award,
    reason: str,
    by: User | None,
    at: datetime,
    public_note: str = "",
    because_of: StatusEvent | None = None,
) -> StatusEvent:
    """Let an award count for nothing until it is reinstated. The list of suspensions follows within a minute.

    Refuses AlreadyRevoked and NotActive.
    """
    current = _locked(award)
    if current.standing == Standing.REVOKED:
        raise AlreadyRevoked(award=current)
    if current.standing == Standing.SUSPENDED:
        raise NotActive(award=current)
    return _change(
        current,
        Act.SUSPEND,
        Standing.SUSPENDED,
        reason=reason,
        by=by,
        at=at,
        public_note=public_note,
        because_of=because_of,
    )


@transaction.atomic
def reinstate(
    *,
    award: Award,
    by: User | None,
    at: datetime,
    reason: str = Reason.REVIEW_ENDED,
    public_note: str = "",
    because_of: StatusEvent | None = None,
) -> StatusEvent:
    """Lift a suspension. Refuses AlreadyRevoked and NotSuspended."""
    current = _locked(award)
    if current.standing == Standing.REVOKED:
        raise AlreadyRevoked(award=current)
    if current.standing == Standing.ACTIVE:
        raise NotSuspended(award=current)
    return _change(
        current,
        Act.REINSTATE,
        Standing.ACTIVE,
        reason=reason,
        by=by,
        at=at,
        public_note=public_note,
        because_of=because_of,
    )


@transaction.atomic
def supersede(*, award: Award, recipient_name: str, by: User, at: datetime, note: str = "") -> Credential:
    """Issue the award's credential anew under a corrected name; the former one is told to be superseded, for ever.

    Shared it stays as the former was, so that old links lead on to it. Refuses AlreadyRevoked, NothingToCorrect and
    issuance.NameUnfit.
    """
    current = _locked(award)
    if current.standing == Standing.REVOKED:
        raise AlreadyRevoked(award=current)
    former = _credential_of(current)
    if former.recipient_name == recipient_name:
        raise NothingToCorrect(name=recipient_name)
    former.award = current
    successors = _succeed([(former, recipient_name)], reason=Reason.CORRECTED, by=by, at=at, note=note)
    _keep_shared([former], successors)
    return successors[0]


@transaction.atomic
def renew(*, award: Award, valid_until: date, at: datetime) -> Credential:
    """Issue the award's credential anew with another last day, by its rule; shared it stays as the former was.

    Refuses AlreadyRevoked.
    """
    current = _locked(award)
    if current.standing == Standing.REVOKED:
        raise AlreadyRevoked(award=current)
    former = _credential_of(current)
    current.valid_until = valid_until
    current.save(update_fields=["valid_until"])
    former.award = current
    successors = _succeed([(former, former.recipient_name)], reason=Reason.RENEWED, by=None, at=at)
    _keep_shared([former], successors)
    return successors[0]


@transaction.atomic
def restate(*, award: Award, criteria: Sequence[Mapping[str, Any]], by: User, at: datetime) -> Credential:
    """Issue the award's credential anew with how each criterion was judged, as `Award.criteria` has it, or without.

    Nothing of it is shared before its holder shares the new one. Refuses AlreadyRevoked, NothingToRestate and
    issuance.BodyTooLarge.
    """
    current = _locked(award)
    if current.standing == Standing.REVOKED:
        raise AlreadyRevoked(award=current)
    wanted = [dict(each) for each in criteria]
    if current.criteria == wanted:
        raise NothingToRestate
    former = _credential_of(current)
    current.criteria = wanted
    current.save(update_fields=["criteria"])
    former.award = current
    return _succeed([(former, former.recipient_name)], reason=Reason.HOLDER_ASKED, by=by, at=at)[0]


@transaction.atomic
def replace(credential_ids: Collection[int], *, at: datetime) -> list[Credential]:
    """Issue anew what a key signed that was given up: the same in all but its link, code and signature (K3).

    Leaves alone what was revoked or superseded by then. Shared they stay as the former ones were.
    """
    found = Credential.objects.filter(pk__in=credential_ids)
    lock_learners(sorted(set(found.values_list("award__learner_id", flat=True))))
    former = list(
        found.filter(superseded_by__isnull=True)
        .exclude(award__standing=Standing.REVOKED)
        .select_related("award__learner", "award__achievement", "award__source", "status_list")
    )
    pairs = [(each, each.recipient_name) for each in former]
    successors = _succeed(pairs, reason=Reason.KEY_GIVEN_UP, by=None, at=at) if pairs else []
    _keep_shared(former, successors)
    return successors


def _keep_shared(former: Sequence[Credential], successors: Sequence[Credential]) -> None:
    for old, new in zip(former, successors, strict=True):
        new.shared_at = old.shared_at
    shared = [new for new in successors if new.shared_at is not None]
    inserting.update_each(shared, ["shared_at"])
    tokens.promise(shared)


def _succeed(
    former: Sequence[tuple[Credential, str]], *, reason: str, by: User | None, at: datetime, note: str = ""
) -> list[Credential]:
    """The successors of credentials of locked learners, each under the name beside it."""
    olds = [old for old, _name in former]
    # An award has one current credential by constraint, so the former steps back before there is a successor to name.
    Credential.objects.filter(pk__in=[old.pk for old in olds]).update(superseded_by=F("pk"))
    successors = issuance.compose_anew(former, at=at)
    for old, new in zip(olds, successors, strict=True):
        old.superseded_by = new
    inserting.update_each(olds, ["superseded_by"])
    events = StatusEvent.objects.bulk_create(
        [StatusEvent(credential=old, act=Act.SUPERSEDE, reason=reason, by=by, at=at) for old in olds]
    )
    # Of what is not signed yet there is nothing to name, and signing leaves the leaf later.
    previous = log_entries.last_entries([old for old in olds if old.state != Credential.State.RECORDED])
    log_entries.keep(
        log_entries.status_entry(event, old, previous=previous[old.pk])
        for event, old in zip(events, olds, strict=True)
        if old.pk in previous
    )
    _carry_on(olds, successors)
    for each in {old.status_list_id: old for old in olds}.values():
        _tell_list(each)
    with audit.gathered():
        for old, new in zip(olds, successors, strict=True):
            audit.note(
                "supersede credential",
                old.award,
                actor=by,
                at=at,
                concerns=old.award.learner,
                reason=note,
                successor=str(new.uuid),
            )
    return successors


def _carry_on(olds: Sequence[Credential], successors: Sequence[Credential]) -> None:
    """Let what was suspended stay so under its new number, in words of its own: signing leaves the leaf (0004)."""
    after = {old.pk: new for old, new in zip(olds, successors, strict=True) if old.award.standing == Standing.SUSPENDED}
    if not after:
        return
    suspensions = StatusEvent.objects.filter(credential__in=after, act=Act.SUSPEND).order_by("id")
    last = {event.credential_id: event for event in suspensions}
    StatusEvent.objects.bulk_create(
        StatusEvent(
            credential=after[id_],
            act=Act.SUSPEND,
            reason=event.reason,
            public_note=event.public_note,
            by_id=event.by_id,
            because_of_id=event.because_of_id,
            carries_on=event,
            at=event.at,
        )
        for id_, event in last.items()
    )


def _locked(award: Award) -> Award:
    """The award as it stands once everybody else who changes this learner's record is done (C1)."""
    lock_learners([award.learner_id])
    return Award.objects.select_related("learner", "achievement").get(pk=award.pk)


def _credential_of(award: Award) -> Credential:
    return Credential.objects.get(award=award, superseded_by__isnull=True)


def _change(
    award: Award,
    act: StatusEvent.Act,
    standing: Award.Standing,
    *,
    reason: str,
    by: User | None,
    at: datetime,
    public_note: str,
    because_of: StatusEvent | None,
) -> StatusEvent:
    credential = _credential_of(award)
    award.standing = standing
    award.save(update_fields=["standing"])
    event = StatusEvent.objects.create(
        credential=credential,
        act=act,
        reason=Reason(reason),
        public_note=public_note,
        by=by,
        because_of=because_of,
        at=at,
    )
    _tell_log(event, credential)
    # Superseded ones of this award had their bits set when they were superseded.
    _tell_list(credential)
    audit.note(
        f"{act.value} award",
        award,
        actor=by,
        at=at,
        concerns=award.learner,
        reason=public_note or str(event.get_reason_display()),
        event=event.pk,
        because_of=because_of.pk if because_of else None,
    )
    return event


def _tell_log(event: StatusEvent, credential: Credential) -> None:
    """Leave the leaf of a change; of what is not signed yet there is nothing to name, and signing leaves it later."""
    if credential.state == Credential.State.RECORDED:
        return
    previous = log_entries.last_entries([credential])[credential.pk]
    log_entries.keep([log_entries.status_entry(event, credential, previous=previous)])


def _tell_list(credential: Credential) -> None:
    StatusList.objects.filter(pk=credential.status_list_id).update(version=F("version") + 1)
    version = StatusList.objects.values_list("version", flat=True).get(pk=credential.status_list_id)
    outbox.promise("credentials.publish_status_list", credential.status_list_id, version=str(version))
