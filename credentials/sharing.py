"""Shows a credential, or a record of several, to strangers while its holder says so (T13).

Each time that ends is told in the log, once (decision 0030).
"""

import json
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from credentials import tokens
from credentials.log import log_entries, log_reading
from credentials.models import Credential, LearnerRecord, SharingEnd
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal

Reason = SharingEnd.Reason


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
    if _show(current, act="share credential", by=by, at=at):
        tokens.promise([current])
    return current


@transaction.atomic
def withdraw(
    *, credential: Credential, by: User, at: datetime, reason: str = Reason.UNSAID, note: str = ""
) -> Credential:
    """Show it to nobody else from now on, tell the log, and the holder, should it have been somebody else.

    Nothing happens where it is not shared. Refuses NotYours.
    """
    current = _current(credential, by)
    end = SharingEnd(credential=current, learner=by, at=at, reason=Reason(reason), note=note)
    _hide(current, end, act="stop sharing credential")
    return current


@transaction.atomic
def share_record(*, record: LearnerRecord, by: User, at: datetime) -> LearnerRecord:
    """Let anybody with the link see the record, and all that is in it. Refuses NotYours and RecordNotFinished."""
    current = _current_record(record, by)
    if current.state != LearnerRecord.State.SIGNED:
        raise RecordNotFinished
    _show(current, act="share record", by=by, at=at)
    return current


@transaction.atomic
def withdraw_record(
    *, record: LearnerRecord, by: User, at: datetime, reason: str = Reason.UNSAID, note: str = ""
) -> LearnerRecord:
    """Show the record to nobody else from now on, as `withdraw` does a credential. Refuses NotYours."""
    current = _current_record(record, by)
    end = SharingEnd(record=current, learner=by, at=at, reason=Reason(reason), note=note)
    _hide(current, end, act="stop sharing record")
    return current


def proof_of(end: SharingEnd) -> str:
    """That the log holds it (C2SP tlog-proof), with what opens the entry: for its holder. Raises NotInLog."""
    proof = log_reading.proof_of(end.log_entry)
    opens = {"leaf": proof.leaf.decode("utf-8"), "salt": bytes(end.salt).hex(), "uuid": str(end.of.uuid)}
    return log_reading.tlog_proof(proof, json.dumps(opens).encode("utf-8"))


def _show(row: Credential | LearnerRecord, *, act: str, by: User, at: datetime) -> bool:
    """Let it be seen; whether it was not before."""
    # Asked of the row itself: of two at once only one finds it as it was.
    if not _rows(row).filter(shared_at__isnull=True).update(shared_at=at):
        return False
    row.shared_at = at
    audit.note(act, row, actor=by, at=at, concerns=by)
    return True


def _hide(row: Credential | LearnerRecord, end: SharingEnd, *, act: str) -> None:
    if not _rows(row).filter(shared_at__isnull=False).update(shared_at=None):
        return
    row.shared_at = None
    end.salt = secrets.token_bytes(32)
    end.save()
    log_entries.keep([log_entries.sharing_entry(end)])
    # The note is for the holder alone, so it is not among what registrars read.
    audit.note(act, row, actor=end.learner, at=end.at, concerns=end.learner, reason=end.words)
    outbox.promise("credentials.tell_unshared", end.pk)


def _rows(row: Credential | LearnerRecord) -> QuerySet[Any]:
    return type(row)._default_manager.filter(pk=row.pk)


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
