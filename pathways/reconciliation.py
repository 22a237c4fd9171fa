"""Compares what learners hold with what every rule says, repairs what differs, and raises it as a defect (C7).

What differs because a day has come (something ran out, a waiting time is over) is no defect: it is told apart by asking
again as of the last day on which everything about the learner was known.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F

from credentials.models import Award, StatusEvent
from pathways import lapsing, standing
from pathways.dossiers import records_of
from pathways.holdings import institution_day
from portal.accounts.ledger import lock_learners
from portal.accounts.models import LearnerLedger
from portal.shared import audit, outbox
from portal.shared.models import AuditEntry

logger = logging.getLogger(__name__)

# By this act the audit tells of defects.
DEFECT = "reconciliation found"
MISSED = "missed"
# So long before an award lapses its learner is told.
NOTICE_DAYS = 30


@dataclass(frozen=True)
class Finding:
    """An award that did not stand as it should: missed, or not changed as this act has now changed it."""

    award: Award
    act: str

    @property
    def key(self) -> tuple[int, int, str]:
        """What it is about, whenever it is found."""
        return self.award.learner_id, self.award.achievement_id, self.act


def changed_since_checked(*, after: int, at_most: int) -> list[int]:
    """The next learners, by id, whose record was locked to be changed since it was last compared."""
    changed = LearnerLedger.objects.exclude(sequence=F("checked_sequence")).filter(pk__gt=after)
    return list(changed.order_by("pk").values_list("pk", flat=True)[:at_most])


@transaction.atomic
def reconcile(*, learner_ids: Collection[int], at: datetime) -> list[Finding]:
    """Bring these learners into line with every rule; answer, log and audit what should not have been missing."""
    lock_learners(learner_ids)
    before = transaction.savepoint()
    found = list(_settled(learner_ids, at))
    defects: list[Finding] = []
    if found:
        # Once more from where we were: first as of a day on which all of it was true already, then for good.
        transaction.savepoint_rollback(before)
        early = set(_true_before({each.award.learner_id for each in found}, at))
        found = list(_settled(learner_ids, at))
        defects = [each for each in found if each.key in early]
    else:
        transaction.savepoint_commit(before)
    LearnerLedger.objects.filter(pk__in=learner_ids).update(
        checked_sequence=F("sequence"), checked_on=institution_day(at)
    )
    # Promised once for each last day, however often it is looked at.
    for award, last in lapsing.soon(learner_ids, at=at, within=NOTICE_DAYS):
        outbox.promise("pathways.tell_of_lapse", award.pk, queue="mail", version=last.isoformat())
    for each in defects:
        words = f"{each.act} {each.award}"
        logger.error("Reconciliation found what had been missed: %s (%s)", words, each.award.uuid)
        audit.note(DEFECT, each.award, actor=None, at=at, concerns=each.award.learner, reason=each.act)
    return defects


def recent_defects(*, at_most: int = 20) -> list[AuditEntry]:
    """What was found lately, newest first."""
    return list(AuditEntry.objects.filter(act=DEFECT).select_related("concerns").order_by("-at", "-id")[:at_most])


def _settled(learner_ids: Collection[int], at: datetime) -> Iterator[Finding]:
    """Ask every rule and follow what comes of it; what that changed."""
    last = StatusEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    made = standing.settle(learner_ids=learner_ids, changed=None, shaken=learner_ids, cause="reconciliation", at=at)
    # That something is renewed, and by which version, is found out at night for what stands by an older one.
    renewed = {"act": StatusEvent.Act.SUPERSEDE, "reason": StatusEvent.Reason.RENEWED}
    events = StatusEvent.objects.filter(pk__gt=last, credential__award__learner__in=learner_ids).exclude(**renewed)
    for award in made:
        yield Finding(award, MISSED)
    for event in events.select_related("credential__award__achievement", "credential__award__learner").order_by("pk"):
        yield Finding(event.credential.award, event.act)


def _true_before(learner_ids: Collection[int], at: datetime) -> Iterator[tuple[int, int, str]]:
    """What would have been found on the last day on which all about each learner was known; nothing is kept of it."""
    on = institution_day(at)
    checked = dict(LearnerLedger.objects.filter(pk__in=learner_ids).values_list("pk", "checked_on"))
    records = records_of(learner_ids)
    by_day: dict[date, list[int]] = defaultdict(list)
    for id_ in learner_ids:
        record = records[id_]
        days = [each.earned_on for each in record.holdings]
        days += [each.since for each in record.rulings if each.since is not None]
        known = [day for day in (checked.get(id_), *days) if day is not None and day <= on]
        by_day[max(known, default=on)].append(id_)
    for day, ids in sorted(by_day.items()):
        end = datetime.combine(day, time.max, tzinfo=ZoneInfo(settings.TIME_ZONE))
        now = transaction.savepoint()
        keys = [each.key for each in _settled(ids, min(end, at))]
        transaction.savepoint_rollback(now)
        yield from keys
