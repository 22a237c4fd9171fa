"""Work of the house itself: a job that proves that jobs are done, and the sweeping of what is no longer asked for."""

from datetime import timedelta

from django.db.models.functions import Now

from portal.shared import outbox
from portal.shared.models import IdempotentAnswer, Job, RateCount, WorkerSighting

KEEP_ANSWERS = timedelta(days=7)
KEEP_DONE_JOBS = timedelta(days=90)


@outbox.performs("shared.answer", lease=20)
def answer(subject_id: int) -> None:
    """Nothing but done: whoever promised it sees that a worker is there."""


@outbox.performs("shared.sweep", queue="bulk", lease=300, every=3600)
def sweep(subject_id: int) -> outbox.Store:
    def remove() -> None:
        IdempotentAnswer.objects.filter(at__lt=Now() - KEEP_ANSWERS).delete()
        Job.objects.filter(state=Job.State.DONE, done_at__lt=Now() - KEEP_DONE_JOBS).delete()
        Job.objects.filter(kind="shared.answer", state=Job.State.DONE, done_at__lt=Now() - timedelta(hours=1)).delete()
        RateCount.objects.filter(ends_at__lt=Now()).delete()
        WorkerSighting.objects.filter(heard_at__lt=Now() - timedelta(days=1)).delete()

    return remove
