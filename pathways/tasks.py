"""What is done later: deciding again after a failure, asking a published rule for everybody, nightly reconciliation."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from pathways import awarding
from pathways.models import Enrolment, Grade, RuleVersion
from portal.accounts.ledger import lock_learners
from portal.accounts.models import LearnerLedger
from portal.shared import outbox

# C4: locks are held for few learners at a time.
LEARNERS_AT_ONCE = 50


@outbox.performs("pathways.decide", queue="issue", lease=60)
def decide(learner_id: int) -> outbox.Store | None:
    """Ask every rule again for one learner, after a decision that failed."""
    with transaction.atomic():
        lock_learners([learner_id])
        awarding.decide_afresh([learner_id], cause="decided again", at=timezone.now())
    return None


@outbox.performs("pathways.apply_rule", queue="bulk", lease=1800)
def apply_rule(version_id: int) -> outbox.Store | None:
    """Ask a newly published rule for every learner who has anything, in small commits; may run again from the start."""
    version = RuleVersion.objects.get(pk=version_id)
    references = set(version.references.values_list("kind", "key"))
    for ids in learners_with_records():
        with transaction.atomic():
            lock_learners(ids)
            awarding.award_earned(
                learner_ids=ids, changed=references, cause=f"rule published: {version.number}", at=timezone.now()
            )
    return None


@outbox.performs("pathways.reconcile", queue="bulk", lease=3600, every=86_400)
def reconcile(_subject_id: int) -> outbox.Store | None:
    """Ask every rule for every learner; whatever it finds was missed, is awarded now, and is a defect (C7)."""
    for ids in learners_with_records():
        with transaction.atomic():
            lock_learners(ids)
            missed = awarding.decide_afresh(ids, cause="reconciliation", at=timezone.now())
        for award in missed:
            awarding.logger.error("Reconciliation found an award that had been missed: %s", award.uuid)
    return None


def learners_with_records() -> "list[list[int]]":
    """Ids of everyone who was graded or enrolled, in groups small enough to lock."""
    graded = Grade.objects.filter(learner=OuterRef("pk"))
    enrolled = Enrolment.objects.filter(learner=OuterRef("pk"))
    learners = LearnerLedger.objects.filter(Exists(graded) | Exists(enrolled)).order_by("pk")
    ids = list(learners.values_list("pk", flat=True))
    return [ids[start : start + LEARNERS_AT_ONCE] for start in range(0, len(ids), LEARNERS_AT_ONCE)]
