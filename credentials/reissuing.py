"""Finds what a given-up key signed, and has it issued anew, group by group (reliability K3)."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from credentials import revocation
from credentials.models import Award, Checkpoint, Credential, LogEntry, SigningKey

#: So many in one transaction: enough to be quick, few enough that nobody waits for their record.
GROUP = 100


def signed_by(key: SigningKey) -> QuerySet[Credential]:
    """What has to be issued anew: current, not revoked, and signed by this key."""
    return Credential.objects.filter(key=key, superseded_by__isnull=True).exclude(
        award__standing=Award.Standing.REVOKED
    )


def beyond_doubt(key: SigningKey) -> QuerySet[Credential]:
    """Those of them that were in the log before anybody can have forged them.

    That is before the newest head that a witness has seen; where no witness ever saw one, the log is all there is.
    """
    seen = (
        Checkpoint.objects.filter(cosignatures__isnull=False).order_by("-size").values_list("size", flat=True).first()
    )
    if seen is None:
        return signed_by(key)
    entries = LogEntry.objects.filter(credential=OuterRef("pk"), kind=LogEntry.Kind.ISSUE, index__lt=seen)
    return signed_by(key).filter(Exists(entries))


def left_of(keys: Collection[SigningKey]) -> dict[int, tuple[int, int]]:
    """By key that has any: how many are still to be issued anew, and how many of these wait for somebody's look."""
    signed = Credential.objects.filter(key__in=keys, superseded_by__isnull=True)
    counted = signed.exclude(award__standing=Award.Standing.REVOKED).values_list("key").annotate(Count("pk")).order_by()
    by_id = {key.pk: key for key in keys}
    return {id_: (count, count - beyond_doubt(by_id[id_]).count()) for id_, count in counted if id_ is not None}


def reissue_some(key: SigningKey, *, at: datetime, doubtful: bool = False) -> bool:
    """Issue the next group anew, the `doubtful` too if so said; whether there are more."""
    waiting = (signed_by(key) if doubtful else beyond_doubt(key)).order_by("pk").values_list("pk", flat=True)
    ids = list(waiting[: GROUP + 1])
    revocation.replace(ids[:GROUP], at=at)
    return len(ids) > GROUP
