"""Has records made anew that rested on a key that was given up, once their credentials were issued anew (K3)."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from credentials.former_names import newest_name
from credentials.models import Award, Credential, LearnerRecord, SigningKey
from credentials.records import contents
from portal.accounts.ledger import lock_learners
from portal.shared import audit, inserting, outbox

#: So many in one transaction: enough to be quick, few enough that nobody waits for their record.
GROUP = 50


def resting_on(key: SigningKey) -> QuerySet[LearnerRecord]:
    """What the key signed, or holds what it signed, and was not made anew yet."""
    held = Credential.objects.filter(learner_records=OuterRef("pk"), key=key)
    return LearnerRecord.objects.filter(Q(key=key) | Exists(held), superseded_by__isnull=True)


def renewable(key: SigningKey) -> QuerySet[LearnerRecord]:
    """Those of them of which something stands, and nothing that stands waits to be issued anew itself."""
    standing = _standing(Q(award__credentials__learner_records=OuterRef("pk")))
    waiting = standing.filter(key__state=SigningKey.State.COMPROMISED)
    return resting_on(key).filter(Exists(standing), ~Exists(waiting))


def renew_some(key: SigningKey, *, at: datetime) -> bool:
    """Have the next group made anew, and promise their signatures; whether there are more.

    The new record holds the same credentials as they are now, without those revoked since, under the same name or what
    it was corrected to, and is shared as the former was, whose link leads on to it.
    """
    found = renewable(key).order_by("pk").values_list("pk", "learner")
    waiting = list(found[: GROUP + 1])
    lock_learners(sorted({learner for _pk, learner in waiting[:GROUP]}))
    former = renewable(key).filter(pk__in=[pk for pk, _learner in waiting[:GROUP]])
    for record in former.select_related("learner", "issuer", "award").order_by("pk"):
        _renew(record, at=at)
    return len(waiting) > GROUP


def _renew(former: LearnerRecord, *, at: datetime) -> None:
    held = list(_standing(Q(award__credentials__learner_records=former)).order_by("award__awarded_on", "id").distinct())
    record = _successor(former, held, at=at)
    if inserting.insert_new([record]):
        record.credentials.set(held)
        outbox.promise("credentials.make_record", record.pk)
    else:
        # Its learner was first, and asked for the very same.
        record = LearnerRecord.objects.get(learner=former.learner, content_sha256=record.content_sha256)
    LearnerRecord.objects.filter(pk=former.pk).update(superseded_by=record)
    audit.note("make record anew", former, actor=None, at=at, concerns=former.learner, successor=str(record.uuid))


def _successor(former: LearnerRecord, held: Sequence[Credential], *, at: datetime) -> LearnerRecord:
    awards = {each.award_id for each in held}
    record = LearnerRecord(
        learner=former.learner,
        # Of a qualification that was revoked since, what is left is a record of its parts.
        award=former.award if former.award_id in awards else None,
        issuer=former.issuer,
        recipient_name=newest_name(former),
        is_partial=former.is_partial or len(held) < former.credentials.count(),
        language=former.language,
        identity_salt=secrets.token_hex(16),
        asked_at=at,
        shared_at=former.shared_at,
    )
    record.content_sha256 = contents.digest(record, held)
    return record


def _standing(condition: Q) -> QuerySet[Credential]:
    """The current credentials of awards that were not revoked."""
    current = Credential.objects.filter(condition, superseded_by__isnull=True)
    return current.exclude(award__standing=Award.Standing.REVOKED)
