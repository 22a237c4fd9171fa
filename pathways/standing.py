"""Withdrawing and giving back awards, and following what that does to the qualifications built on them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import revocation
from credentials.models import Achievement, Award, StatusEvent
from pathways import awarding, rulebook
from pathways.awarding import Decision
from pathways.models import Derivation
from pathways.queries import AWARD_STATUS, institution_day, records_of
from pathways.rules.evaluate import evaluate
from pathways.rules.record import Record
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared.refusals import Refusal


class OwnAward(Refusal):
    """Nobody decides about what they hold themselves."""

    words: ClassVar = _("This is your own award, so another registrar must decide about it.")
    status: ClassVar = 403


@transaction.atomic
def revoke(*, award: Award, reason: str, public_note: str, by: User, at: datetime) -> StatusEvent:
    """Withdraw an award for good, and suspend for review every qualification that no longer stands without it."""
    _refuse_own(award, by)
    lock_learners([award.learner_id])
    event = revocation.revoke(award=award, reason=reason, public_note=public_note, by=by, at=at)
    rederive(learner_id=award.learner_id, because_of=event, at=at)
    return event


@transaction.atomic
def suspend(*, award: Award, reason: str, public_note: str, by: User, at: datetime) -> StatusEvent:
    """Withdraw an award for now, and with it the qualifications that no longer stand."""
    _refuse_own(award, by)
    lock_learners([award.learner_id])
    event = revocation.suspend(award=award, reason=reason, public_note=public_note, by=by, at=at)
    rederive(learner_id=award.learner_id, because_of=event, at=at)
    return event


@transaction.atomic
def reinstate(*, award: Award, reason: str, public_note: str, by: User, at: datetime) -> StatusEvent:
    """Give an award back, lift the suspensions that its withdrawal caused, and award what it completes."""
    _refuse_own(award, by)
    lock_learners([award.learner_id])
    event = revocation.reinstate(award=award, reason=reason, public_note=public_note, by=by, at=at)
    rederive(learner_id=award.learner_id, because_of=event, at=at)
    awarding.decide_afresh([award.learner_id], cause="award reinstated", at=at)
    return event


def _refuse_own(award: Award, by: User) -> None:
    if award.learner_id == by.pk:
        raise OwnAward


@dataclass(frozen=True)
class Foreseen:
    """What would follow: awards that would be suspended, awards that would come back, achievements newly earned."""

    falls: tuple[Award, ...] = ()
    returns: tuple[Award, ...] = ()
    earns: tuple[Achievement, ...] = ()


STANDING_AFTER = {
    StatusEvent.Act.REVOKE: Award.Standing.REVOKED,
    StatusEvent.Act.SUSPEND: Award.Standing.SUSPENDED,
    StatusEvent.Act.REINSTATE: Award.Standing.ACTIVE,
}


def foresee(*, award: Award, act: str, at: datetime) -> Foreseen:
    """What revoking, suspending or reinstating the award would bring about; the same steps as the act, in memory."""
    id_, on = award.learner_id, institution_day(at)
    derivations = _latest_derivations(id_)
    standing = {each.award_id: each.award.standing for each in derivations}
    standing[award.pk] = STANDING_AFTER[StatusEvent.Act(act)]
    record = _with_standing(records_of([id_])[id_], award, standing[award.pk])
    falls: list[Award] = []
    returns: list[Award] = []
    for _round in range(awarding.MAX_ROUNDS):
        before = record
        for derivation in derivations:
            each = derivation.award
            now = standing[each.pk]
            satisfied = evaluate(rulebook.entry_of(derivation.rule_version).rule, before, on).satisfied
            if satisfied and now == Award.Standing.SUSPENDED and each.pk != award.pk and _fell_with_its_parts(each):
                after = Award.Standing.ACTIVE
                returns.append(each)
            elif not satisfied and now == Award.Standing.ACTIVE and not _merely_expired(derivation, {id_: before}, id_):
                after = Award.Standing.SUSPENDED
                falls.append(each)
            else:
                continue
            standing[each.pk] = after
            record = _with_standing(record, each, after)
        if record == before:
            break
    earns: list[Achievement] = []
    if act == StatusEvent.Act.REINSTATE:
        back = {f"award:{each.uuid}" for each in (award, *returns)}
        extra = [holding for holding in record.holdings if holding.id in back and holding.status == "active"]
        earns = awarding.would_award(id_, extra=extra, on=on)
    return Foreseen(tuple(falls), tuple(returns), tuple(earns))


def _with_standing(record: Record, award: Award, standing: str) -> Record:
    id_, status = f"award:{award.uuid}", AWARD_STATUS[standing]
    holdings = (replace(each, status=status) if each.id == id_ else each for each in record.holdings)
    return replace(record, holdings=tuple(holdings))


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
