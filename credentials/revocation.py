"""Acts on the status of what was awarded: revoked, suspended, reinstated, superseded; each one leaf of the log."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from credentials import issuance, log_entries
from credentials.models import Award, Credential, StatusEvent, StatusList
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit, outbox
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
    event = _change(
        current,
        Act.REVOKE,
        Standing.REVOKED,
        reason=reason,
        by=by,
        at=at,
        public_note=public_note,
        because_of=because_of,
    )
    # Superseded ones of this award had their bits set when they were superseded.
    _tell_list(event.credential)
    return event


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
    """Let an award count for nothing until it is reinstated. Refuses AlreadyRevoked and NotActive."""
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
    successor = _succeed(
        current, former, recipient_name=recipient_name, reason=Reason.CORRECTED, by=by, at=at, note=note
    )
    _keep_shared(former, successor)
    return successor


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
    name = former.recipient_name
    successor = _succeed(current, former, recipient_name=name, reason=Reason.RENEWED, by=None, at=at)
    _keep_shared(former, successor)
    return successor


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
    name = former.recipient_name
    return _succeed(current, former, recipient_name=name, reason=Reason.HOLDER_ASKED, by=by, at=at)


def _keep_shared(former: Credential, successor: Credential) -> None:
    if former.shared_at is not None:
        Credential.objects.filter(pk=successor.pk).update(shared_at=former.shared_at)


def _succeed(
    award: Award,
    former: Credential,
    *,
    recipient_name: str,
    reason: str,
    by: User | None,
    at: datetime,
    note: str = "",
) -> Credential:
    # An award has one current credential by constraint, so the former steps back before there is a successor to name.
    Credential.objects.filter(pk=former.pk).update(superseded_by=former)
    successor = issuance.compose_anew(former, recipient_name=recipient_name, at=at)
    Credential.objects.filter(pk=former.pk).update(superseded_by=successor)
    event = StatusEvent.objects.create(credential=former, act=Act.SUPERSEDE, reason=reason, by=by, at=at)
    _tell_log(event, former)
    _tell_list(former)
    audit.note(
        "supersede credential",
        award,
        actor=by,
        at=at,
        concerns=award.learner,
        reason=note,
        successor=str(successor.uuid),
    )
    return successor


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
