"""Shows a credential, or a record of several, to strangers while its holder says so (T13)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import tokens
from credentials.models import Credential, LearnerRecord
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal


class NotYours(Refusal):
    """Consent is the holder's alone."""

    words = _("Only the holder decides who sees a credential.")


class NotFinished(Refusal):
    """Nothing is shown before it is in the log (I4)."""

    words = _("This credential is still being made. It can be shared as soon as it is in the log.")


class RecordNotFinished(Refusal):
    """There is nothing to show yet."""

    words = _("This record is still being made. It can be shared as soon as it is signed.")


@transaction.atomic
def share(*, credential: Credential, by: User, at: datetime) -> Credential:
    """Let anybody with the link see it. Refuses NotYours and NotFinished; shared already, it stays as it was."""
    current = _current(credential, by)
    if current.state != Credential.State.LOGGED:
        raise NotFinished
    if _show(current, since=at, act="share credential", by=by, at=at):
        tokens.promise([current])
    return current


@transaction.atomic
def withdraw(*, credential: Credential, by: User, at: datetime) -> Credential:
    """Show it to nobody else from now on, and tell the holder, should it have been somebody else. Refuses NotYours."""
    current = _current(credential, by)
    if _show(current, since=None, act="stop sharing credential", by=by, at=at):
        outbox.promise("credentials.tell_unshared", current.pk, version=at.isoformat())
    return current


@transaction.atomic
def share_record(*, record: LearnerRecord, by: User, at: datetime) -> LearnerRecord:
    """Let anybody with the link see the record, and all that is in it. Refuses NotYours and RecordNotFinished."""
    current = _current_record(record, by)
    if current.state != LearnerRecord.State.SIGNED:
        raise RecordNotFinished
    _show(current, since=at, act="share record", by=by, at=at)
    return current


@transaction.atomic
def withdraw_record(*, record: LearnerRecord, by: User, at: datetime) -> LearnerRecord:
    """Show the record to nobody else from now on. Refuses NotYours."""
    current = _current_record(record, by)
    _show(current, since=None, act="stop sharing record", by=by, at=at)
    return current


def _show(row: Credential | LearnerRecord, *, since: datetime | None, act: str, by: User, at: datetime) -> bool:
    """Let it be seen since then, or no longer; whether that changed anything."""
    if (row.shared_at is None) == (since is None):
        return False
    row.shared_at = since
    row.save(update_fields=["shared_at"])
    audit.note(act, row, actor=by, at=at, concerns=by)
    return True


def _current_record(record: LearnerRecord, by: User) -> LearnerRecord:
    current = LearnerRecord.objects.select_related("award__achievement").get(pk=record.pk)
    if current.learner_id != by.pk:
        raise NotYours
    return current


def _current(credential: Credential, by: User) -> Credential:
    current = Credential.objects.select_related("award__achievement").get(pk=credential.pk)
    if current.award.learner_id != by.pk:
        raise NotYours
    return current
