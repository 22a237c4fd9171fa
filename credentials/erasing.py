"""Takes the holder out of their credentials for good, and leaves what the log, status lists and verifiers need.

What is left is told apart from what was never issued, and leads to nobody (reliability I11, T13).
"""

import json
import os
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from credentials.models import Award, Credential, ErasedCredential, LogEntry, SharingEnd, StatusEvent
from portal.accounts.models import User
from portal.shared import outbox

STRIKE = "credentials.strike_journal"
# A worker that was signing when it was erased has written its line by then.
STRIKE_AFTER = timedelta(minutes=5)


def detach(learner: User, *, at: datetime) -> int:
    """Keep a nameless mark of each credential of the learner, and cut the log's rows loose from them; say how many.

    Belongs in the transaction that then removes awards and credentials, after `lock_learners`.
    """
    found = list(Credential.objects.filter(award__learner=learner).select_related("award"))
    ErasedCredential.objects.bulk_create(
        [
            ErasedCredential(
                uuid=each.uuid,
                issuer_id=each.issuer_id,
                achievement_id=each.award.achievement_id,
                awarded_on=each.award.awarded_on,
                document_sha256=each.document_sha256,
                status_list_id=each.status_list_id,
                status_index=each.status_index,
                was_withdrawn=each.superseded_by_id is not None or each.award.standing == Award.Standing.REVOKED,
                was_suspended=each.superseded_by_id is None and each.award.standing == Award.Standing.SUSPENDED,
            )
            for each in found
        ]
    )
    # The leaves stay as they are, byte for byte; that they were of these credentials is known to nobody any more.
    events = StatusEvent.objects.filter(credential__in=found).values("pk")
    ends = SharingEnd.objects.filter(learner=learner).values("pk")
    LogEntry.objects.filter(Q(credential__in=found) | Q(status_event__in=events) | Q(sharing_end__in=ends)).update(
        credential=None, status_event=None, sharing_end=None
    )
    if found:
        outbox.promise(STRIKE, found[0].pk, due=at + STRIKE_AFTER)
    return len(found)


def strike_journal() -> int:
    """Blank the lines of erased credentials in the journal of what was signed; say how many credentials were left.

    Line for line in its place: whoever appends meanwhile is not disturbed, and a second run finds nothing to do.
    """
    waiting = list(ErasedCredential.objects.filter(is_struck=False))
    if waiting:
        names = {str(each.uuid) for each in waiting}
        for path in sorted((settings.DATA_DIR / "journal").glob("issued-*.jsonl")):
            _strike(path, names)
        ErasedCredential.objects.filter(pk__in=[each.pk for each in waiting]).update(is_struck=True)
    return len(waiting)


def _strike(path: Path, names: Collection[str]) -> None:
    with path.open("r+b") as journal:
        place = 0
        for line in iter(journal.readline, b""):
            if _credential_of(line) in names:
                # A line of blanks is passed over when the journal is read, like one torn by a full disk.
                os.pwrite(journal.fileno(), b" " * (len(line.rstrip(b"\n"))), place)
            place += len(line)
        os.fsync(journal.fileno())


def _credential_of(line: bytes) -> str:
    try:
        return str(json.loads(line)["credential"])
    except (ValueError, KeyError, TypeError):
        return ""
