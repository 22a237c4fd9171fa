"""Withdrawing and giving back awards, and following what that does to the qualifications built on them."""

from datetime import datetime

from django.db import transaction

from credentials import revocation
from credentials.models import Award, StatusEvent
from pathways import awarding, rulebook
from pathways.awarding import Decision
from pathways.models import Derivation
from pathways.queries import institution_day, records_of
from pathways.rules.evaluate import evaluate
from pathways.rules.record import Record
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User


@transaction.atomic
def revoke(*, award: Award, reason: str, public_note: str, by: User, at: datetime) -> StatusEvent:
    """Withdraw an award for good, and suspend for review every qualification that no longer stands without it."""
    lock_learners([award.learner_id])
    event = revocation.revoke(award=award, reason=reason, public_note=public_note, by=by, at=at)
    rederive(learner_id=award.learner_id, because_of=event, at=at)
    return event


@transaction.atomic
def suspend(*, award: Award, reason: str, public_note: str, by: User, at: datetime) -> StatusEvent:
    """Withdraw an award for now, and with it the qualifications that no longer stand."""
    lock_learners([award.learner_id])
    event = revocation.suspend(award=award, reason=reason, public_note=public_note, by=by, at=at)
    rederive(learner_id=award.learner_id, because_of=event, at=at)
    return event


@transaction.atomic
def reinstate(*, award: Award, reason: str, public_note: str, by: User, at: datetime) -> StatusEvent:
    """Give an award back, lift the suspensions that its withdrawal caused, and award what it completes."""
    lock_learners([award.learner_id])
    event = revocation.reinstate(award=award, reason=reason, public_note=public_note, by=by, at=at)
    rederive(learner_id=award.learner_id, because_of=event, at=at)
    awarding.decide_afresh([award.learner_id], cause="award reinstated", at=at)
    return event


def rederive(*, learner_id: int, because_of: StatusEvent | None, at: datetime) -> None:
    """Bring every award of the learner into line with what it stands on now, up the stack until nothing changes.

    Still satisfied, on the same or other grounds: a new derivation is kept. No longer: suspended for review. Suspended
    for that reason and satisfied again: reinstated. Belongs in a transaction, after `lock_learners`.
    """
    on = institution_day(at)
    for _round in range(awarding.MAX_ROUNDS):
        records = records_of([learner_id])
        changed = False
        for derivation in _latest_derivations(learner_id):
            award = derivation.award
            if award.standing == Award.Standing.REVOKED:
                continue
            entry = rulebook.entry_of(derivation.rule_version)
            evaluation = evaluate(entry.rule, records[learner_id], on)
            fell = _fell_with_its_parts(award)
            if evaluation.satisfied:
                decision = Decision(learner_id, entry, evaluation)
                fresh = awarding.derivation_of(award, decision, cause="re-derived", at=at, records=records)
                if fresh.grounds_sha256 != derivation.grounds_sha256 and fresh.allocation != derivation.allocation:
                    fresh.save()
                if award.standing == Award.Standing.SUSPENDED and fell:
                    revocation.reinstate(award=award, by=None, at=at, because_of=because_of)
                    changed = True
            elif award.standing == Award.Standing.ACTIVE and not _merely_expired(derivation, records, learner_id):
                revocation.suspend(
                    award=award, reason=StatusEvent.Reason.PART_WITHDRAWN, by=None, at=at, because_of=because_of
                )
                changed = True
        if not changed:
            return


def _merely_expired(derivation: Derivation, records: dict[int, Record], learner_id: int) -> bool:
    """Whether all that the award was built on still stands and only time has passed: then it is kept."""
    used = {taken["holding"] for part in derivation.allocation.values() for taken in part}
    standing = {holding.id for holding in records[learner_id].holdings if holding.status == "active"}
    return used <= standing


def _fell_with_its_parts(award: Award) -> bool:
    last = StatusEvent.objects.filter(credential__award=award).order_by("-at", "-id").first()
    return last is not None and last.reason == StatusEvent.Reason.PART_WITHDRAWN


def _latest_derivations(learner_id: int) -> list[Derivation]:
    found: dict[int, Derivation] = {}
    derivations = Derivation.objects.filter(award__learner=learner_id).select_related(
        "award__achievement", "rule_version__achievement"
    )
    for derivation in derivations.order_by("evaluated_at", "id"):
        found[derivation.award_id] = derivation
    return list(found.values())
