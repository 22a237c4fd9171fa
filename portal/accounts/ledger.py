"""The lock that whoever changes a learner's grades, awards or statuses takes first."""

from collections.abc import Iterable

from django.db import connection

from portal.accounts.models import LearnerLedger


def lock_learners(learner_ids: Iterable[int]) -> None:
    """Lock the learners' ledgers, in ascending order so that two acts cannot wait for each other.

    Must be the first statement of the transaction: under READ COMMITTED every later read then sees what the previous
    holder committed (reliability C1, C2). Ledgers that do not exist yet are made. On SQLite the immediate transaction
    is the lock, and the update below is cheap.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("lock_learners belongs at the start of a transaction.")
    ids = sorted(set(learner_ids))
    if not ids:
        return
    # An update of one row locks it; of several it would lock them in whatever order it meets them.
    if len(ids) > 1 and connection.features.has_select_for_update:
        list(LearnerLedger.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    if _count_on(ids) == len(ids):
        return
    LearnerLedger.objects.bulk_create([LearnerLedger(learner_id=id_) for id_ in ids], ignore_conflicts=True)
    lock_learners(ids)


def _count_on(ids: list[int]) -> int:
    # Written by hand: every act on a record begins with it, and Django writes a statement longer than this one takes.
    places = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {_LEDGERS} SET sequence = sequence + 1 WHERE learner_id IN ({places})", ids)  # noqa: S608
        return int(cursor.rowcount)


_LEDGERS = LearnerLedger._meta.db_table


def sequence_of(learner_id: int) -> int:
    """How often the record was locked to be changed: tells one change from the next where clocks may not."""
    return LearnerLedger.objects.values_list("sequence", flat=True).get(pk=learner_id)
