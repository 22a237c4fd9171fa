"""Keeps awards in line with what they stand on: withdrawn, given back, and whatever follows from any change."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from credentials import revocation
from credentials.models import Award, StatusEvent
from pathways import award_results, awarding, deriving, rulebook, stacking
from pathways.dossiers import Dossier, dossiers_of, records_of
from pathways.grounds import (
    KEPT_BY_A_PERSON,
    KEPT_BY_ITS_RULE,
    Derived,
    Grounds,
    change_of,
    derived_awards,
    used_by,
)
from pathways.holdings import institution_day
from pathways.models import Derivation, RuleVersion
from pathways.rulebook import Entry, Reference
from pathways.rules.evaluation import Evaluation
from pathways.rules.record import Record
from pathways.rules.requirement import Expiry
from pathways.stacking import Trouble
from portal.accounts.ledger import lock_learners, sequence_of
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal

logger = logging.getLogger(__name__)


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
    _promise_word(event)
    _settle_after(event, award, at=at)
    return event


@transaction.atomic
def suspend(*, award: Award, reason: str, public_note: str, by: User, at: datetime) -> StatusEvent:
    """Withdraw an award for now, and with it the qualifications that no longer stand."""
    _refuse_own(award, by)
    lock_learners([award.learner_id])
    event = revocation.suspend(award=award, reason=reason, public_note=public_note, by=by, at=at)
    _promise_word(event)
    _settle_after(event, award, at=at)
    return event


@transaction.atomic
def reinstate(*, award: Award, reason: str, public_note: str, by: User, at: datetime) -> StatusEvent:
    """Give an award back, lift the suspensions that its withdrawal caused, and award what it completes.

    It then stands by this decision, whatever it has lost: only what falls later makes it fall again.
    """
    _refuse_own(award, by)
    lock_learners([award.learner_id])
    event = revocation.reinstate(award=award, reason=reason, public_note=public_note, by=by, at=at)
    _promise_word(event)
    _keep_on_what_is_left(award, at=at)
    _settle_after(event, award, at=at)
    return event


CAUSES = {
    StatusEvent.Act.REVOKE: "award revoked",
    StatusEvent.Act.SUSPEND: "award suspended",
    StatusEvent.Act.REINSTATE: "award reinstated",
}


def _refuse_own(award: Award, by: User) -> None:
    if award.learner_id == by.pk:
        raise OwnAward


def _settle_after(event: StatusEvent, award: Award, *, at: datetime) -> None:
    settle(
        learner_ids=[award.learner_id],
        changed=rulebook.references_of_award(award.achievement),
        shaken=[award.learner_id],
        cause=CAUSES[StatusEvent.Act(event.act)],
        at=at,
        because_of=event,
    )


def _keep_on_what_is_left(award: Award, *, at: datetime) -> None:
    """Note that the award stands on those of its grounds that still stand, where every version asks for more."""
    derived = next((each for each in derived_awards(award.learner_id) if each.award.pk == award.pk), None)
    if derived is None:
        return
    grounds = Grounds(award.learner_id, records_of([award.learner_id])[award.learner_id], institution_day(at))
    if grounds.version_of(derived) is None:
        _keep(derived.latest, grounds, cause=KEPT_BY_A_PERSON, at=at)


def _keep(derivation: Derivation, grounds: Grounds, *, cause: str, at: datetime) -> None:
    """A further derivation, on what is left of the grounds: only what falls later makes the award fall again."""
    left = Derivation(
        award=derivation.award,
        rule_version=derivation.rule_version,
        allocation={
            node: [taken for taken in part if taken["holding"] in grounds.standing]
            for node, part in derivation.allocation.items()
        },
        rulings=[id_ for id_ in derivation.rulings if id_ not in grounds.withdrawn],
        pins=derivation.pins,
        evaluator_version=derivation.evaluator_version,
        grounds_sha256=derivation.grounds_sha256,
        openings=derivation.openings,
        cause=cause,
        evaluated_at=at,
    )
    left.save()


# --- what follows from a change -----------------------------------------------------------------------------------

Answer = TypeVar("Answer")


class Unfollowed(Exception):
    """What follows from a change failed where nothing kept it apart from the change."""


def in_one_commit(act: Callable[[bool], Answer]) -> Answer:
    """Do an act and what follows from it in one transaction; a failure of what follows never undoes the act.

    `act` is called with whether `settle` must keep `apart` what follows. A transaction of our own can be done again as
    a whole, which spares the savepoint that hardly ever is needed; inside another's the savepoint is set at once.
    """
    if not connection.in_atomic_block:
        try:
            with transaction.atomic():
                return act(False)
        except Unfollowed:
            logger.warning("An act is done again, because what follows from it failed.", exc_info=True)
    with transaction.atomic():
        return act(True)


def settle(
    *,
    learner_ids: Collection[int],
    changed: Iterable[Reference] | None,
    cause: str,
    at: datetime,
    shaken: Collection[int] = (),
    because_of: StatusEvent | None = None,
    dossiers: Mapping[int, Dossier] | None = None,
    apart: bool = True,
) -> list[Award]:
    """Bring these learners' awards into line with a change: what falls, what comes back, what is newly earned.

    `changed` is what a rule must look at to be asked, none for every rule; `shaken` are those from whom something was
    taken. Belongs in the transaction of the cause, after `lock_learners`. Should it fail, the cause still stands: what
    can be done is done, a job repeats the rest for that learner alone, and staff are told (reliability I2, C5).
    `dossiers` are what was read of the learners in this transaction, if that is all still so. Inside `in_one_commit`
    it may go without a savepoint: not `apart`.
    """
    ids = sorted(set(learner_ids))
    references = None if changed is None else set(changed)
    follow = partial(_settle, changed=references, shaken=set(shaken), cause=cause, at=at, because_of=because_of)
    try:
        with transaction.atomic() if apart else nullcontext(), audit.gathered():
            return follow(ids, dossiers=dossiers)
    except outbox.OutOfTime:
        raise
    except Exception as error:
        if not apart:
            raise Unfollowed from error
        logger.warning("What follows from a change is done one by one, because it failed at once.", exc_info=True)
    # One name that cannot be printed, or one rule that fails, must not keep everybody else waiting.
    return [award for id_ in ids for award in _settle_alone(id_, follow)]


def _settle_alone(learner_id: int, follow: Callable[..., list[Award]]) -> list[Award]:
    troubles: list[Exception] = []
    made: list[Award] = []
    try:
        with transaction.atomic(), audit.gathered():
            made = follow([learner_id], on_trouble=lambda _id, error: troubles.append(error))
    except outbox.OutOfTime:
        raise
    except Exception as error:
        troubles.append(error)
    if troubles:
        logger.error("Deciding what was earned failed; a job will repeat it.", exc_info=troubles[0])
        outbox.promise("pathways.decide", learner_id, queue="issue", version=str(sequence_of(learner_id)))
    return made


def settle_afresh(
    *, learner_ids: Collection[int], cause: str, at: datetime, on_trouble: Trouble | None = None
) -> list[Award]:
    """Ask every rule, old grounds and new, whatever changed: for what failed before, and for reconciliation.

    Belongs in a transaction, after `lock_learners`. What fails is raised, or told to `on_trouble`.
    """
    ids = sorted(set(learner_ids))
    return _settle(ids, changed=None, shaken=set(ids), cause=cause, at=at, on_trouble=on_trouble)


def _settle(
    ids: Sequence[int],
    *,
    changed: set[Reference] | None,
    shaken: set[int],
    cause: str,
    at: datetime,
    because_of: StatusEvent | None = None,
    on_trouble: Trouble | None = None,
    dossiers: Mapping[int, Dossier] | None = None,
) -> list[Award]:
    known = dossiers_of(ids) if dossiers is None else dossiers
    # What fell can come back, and what runs out can be renewed, by anything that is earned.
    moving = rulebook.current(known[ids[0]].token).moving if ids else frozenset()
    fallen = {id_ for id_ in ids if known[id_].has_suspended or known[id_].holds_any(moving)}
    unsure = sorted((fallen | shaken) & set(ids))
    made: list[Award] = []
    asked = set(ids)
    for _round in range(stacking.MAX_ROUNDS):
        back = [each for id_ in unsure for each in rederive(learner_id=id_, because_of=because_of, at=at)]
        if changed is not None:
            changed = changed | {
                reference for award in back for reference in rulebook.references_of_award(award.achievement)
            }
        asked |= {award.learner_id for award in back}
        fresh = awarding.award_earned(
            learner_ids=asked,
            changed=changed,
            cause=cause,
            at=at,
            on_trouble=on_trouble,
            # Once anything was looked at again, what was read may no longer be so.
            dossiers=None if unsure else known,
        )
        made += fresh
        earned_by = {award.learner_id for award in fresh}
        unsure = sorted(earned_by & (fallen | shaken))
        if not unsure:
            return made
        asked, changed = set(), set()
    raise RuntimeError(f"Awards did not come to rest after {stacking.MAX_ROUNDS} rounds.")


def rederive(*, learner_id: int, because_of: StatusEvent | None, at: datetime) -> list[Award]:
    """Bring every award of the learner into line with what it stands on now, up the stack until nothing changes.

    Still satisfied, on the same or other grounds: a new derivation is kept. No longer: what the version of the rule
    says of a fall is done. Suspended for that reason and standing again: reinstated, and in the answer. Belongs in a
    transaction, after `lock_learners`.
    """
    on = institution_day(at)
    back: dict[int, Award] = {}
    causes = {} if because_of is None else {f"award:{because_of.credential.award.uuid}": because_of}
    for _round in range(stacking.MAX_ROUNDS):
        known = dossiers_of([learner_id])[learner_id]
        grounds = Grounds(learner_id, known.record, on, pinned=known.pinned)
        changed = False
        for derived in derived_awards(learner_id):
            award = derived.award
            if award.standing == Award.Standing.REVOKED:
                continue
            version = grounds.version_of(derived)
            counted = used_by(derived.latest)
            if version is not None:
                evaluation = grounds.evaluation(derived, version)
                counted = _keep_new_grounds(derived, version, evaluation, grounds.record, at=at) or counted
                if _renew(derived, version, evaluation, grounds, at=at):
                    back[award.pk] = award
                    changed = True
            cause = next((causes[id_] for id_ in sorted(counted) if id_ in causes), because_of)
            match change_of(derived, version):
                case Award.Standing.ACTIVE:
                    event = revocation.reinstate(award=award, by=None, at=at, because_of=cause)
                    _promise_word(event)
                    back[award.pk] = award
                case Award.Standing.SUSPENDED | Award.Standing.REVOKED:
                    fallen = _fall(derived.latest, grounds, at=at, because_of=cause)
                    if fallen is None:
                        continue
                    event = fallen
                    back.pop(award.pk, None)
                case _:
                    continue
            causes[f"award:{award.uuid}"] = event
            changed = True
        if not changed:
            return list(back.values())
    raise RuntimeError(f"Awards did not come to rest after {stacking.MAX_ROUNDS} rounds.")


def _keep_new_grounds(
    derived: Derived, version: Entry, evaluation: Evaluation, record: Record, *, at: datetime
) -> set[str]:
    """Note what the award stands on now, if that is something else; all that counts, if it does by its rule."""
    latest = derived.latest
    if not evaluation.satisfied:
        return set()
    fresh = deriving.derivation_of(derived.award, version, evaluation, record, cause="re-derived", at=at)
    moved = fresh.grounds_sha256 != latest.grounds_sha256 and fresh.allocation != latest.allocation
    if moved or fresh.rulings != sorted(latest.rulings) or version.version_id != latest.rule_version_id:
        fresh.save()
    return set(evaluation.used)


def _renew(derived: Derived, version: Entry, evaluation: Evaluation, grounds: Grounds, *, at: datetime) -> bool:
    """Let the credential say until when the award is valid by its rule now; whether that is another day."""
    award, rule = derived.award, version.rule
    if award.standing != Award.Standing.ACTIVE or not award_results.says_last_day(rule):
        return False
    if not evaluation.satisfied and any(isinstance(each, Expiry) for each in rule.results):
        # The earliest end of what counts, where nothing counts now, stays what it was.
        return False
    since = grounds.begun_on(derived, version)
    until = award_results.last_day(version.slug, rule, grounds.counting(derived.latest), evaluation, earned_on=since)
    if until is None or until == award.valid_until:
        return False
    revocation.renew(award=award, valid_until=until, at=at)
    return True


def _fall(
    derivation: Derivation, grounds: Grounds, *, at: datetime, because_of: StatusEvent | None
) -> StatusEvent | None:
    """Do what the version of the rule says of an award that no longer stands; no event where it is kept."""
    award = derivation.award
    # Nothing was taken away: only time has passed.
    lapsed = grounds.all_stands(derivation)
    reason = StatusEvent.Reason.LAPSED if lapsed else StatusEvent.Reason.PART_WITHDRAWN
    match RuleVersion.OnFall(derivation.rule_version.on_fall):
        case RuleVersion.OnFall.KEEP:
            _keep(derivation, grounds, cause=KEPT_BY_ITS_RULE, at=at)
            audit.note(
                "keep award",
                award,
                actor=None,
                at=at,
                concerns=award.learner,
                reason=str(reason.label),
                because_of=because_of.pk if because_of else None,
            )
            return None
        case RuleVersion.OnFall.REVOKE:
            event = revocation.revoke(award=award, reason=reason, by=None, at=at, because_of=because_of)
            _promise_word(event)
            Award.objects.filter(pk=award.pk).update(earnable_again=True)
            return event
        case RuleVersion.OnFall.SUSPEND:
            event = revocation.suspend(award=award, reason=reason, by=None, at=at, because_of=because_of)
            _promise_word(event)
            return event


def _promise_word(event: StatusEvent) -> None:
    """Its learner is told, whether a person did it or it happened by itself."""
    outbox.promise("pathways.tell_of_change", event.pk, queue="mail")
