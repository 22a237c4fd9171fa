"""Keeps awards in line with what they stand on: withdrawn, given back, and whatever follows from any change."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import ClassVar, TypeVar

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from credentials import revocation
from credentials.models import Achievement, Award, StatusEvent
from pathways import awarding, rulebook
from pathways.awarding import Trouble
from pathways.dossiers import Dossier, dossiers_of, records_of
from pathways.holdings import AWARD_STATUS, FALLEN, institution_day
from pathways.models import Derivation, RuleVersion, Ruling
from pathways.rulebook import Entry, Reference
from pathways.rules import retention
from pathways.rules.evaluation import Evaluation
from pathways.rules.exceptions import apply, judge
from pathways.rules.record import Holding, Record, Status
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
    _settle_after(event, award, at=at)
    return event


@transaction.atomic
def suspend(*, award: Award, reason: str, public_note: str, by: User, at: datetime) -> StatusEvent:
    """Withdraw an award for now, and with it the qualifications that no longer stand."""
    _refuse_own(award, by)
    lock_learners([award.learner_id])
    event = revocation.suspend(award=award, reason=reason, public_note=public_note, by=by, at=at)
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
    """Note that the award stands on those of its grounds that still stand, where its rule asks for more."""
    latest = next((each for each in _latest_derivations(award.learner_id) if each.award_id == award.pk), None)
    if latest is None:
        return
    grounds = _Grounds(award.learner_id, records_of([award.learner_id])[award.learner_id], institution_day(at))
    if not grounds.holds(latest):
        _keep(latest, grounds, cause=KEPT_BY_A_PERSON, at=at)


KEPT_BY_A_PERSON = "kept by a person"
KEPT_BY_ITS_RULE = "kept by its rule"


def _keep(derivation: Derivation, grounds: "_Grounds", *, cause: str, at: datetime) -> None:
    """A further derivation, on what is left of the grounds: only what falls later makes the award fall again."""
    left = Derivation(
        award=derivation.award,
        rule_version=derivation.rule_version,
        allocation={
            node: [taken for taken in part if taken["holding"] in grounds.standing]
            for node, part in derivation.allocation.items()
        },
        rulings=[id_ for id_ in derivation.rulings if id_ not in grounds.withdrawn],
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
    # What fell can come back by anything that is earned.
    fallen = {id_ for id_ in ids if known[id_].has_suspended}
    unsure = sorted((fallen | shaken) & set(ids))
    made: list[Award] = []
    asked = set(ids)
    for _round in range(awarding.MAX_ROUNDS):
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
    raise RuntimeError(f"Awards did not come to rest after {awarding.MAX_ROUNDS} rounds.")


def rederive(*, learner_id: int, because_of: StatusEvent | None, at: datetime) -> list[Award]:
    """Bring every award of the learner into line with what it stands on now, up the stack until nothing changes.

    Still satisfied, on the same or other grounds: a new derivation is kept. No longer: what the version of the rule
    says of a fall is done. Suspended for that reason and standing again: reinstated, and in the answer. Belongs in a
    transaction, after `lock_learners`.
    """
    on = institution_day(at)
    back: dict[int, Award] = {}
    causes = {} if because_of is None else {f"award:{because_of.credential.award.uuid}": because_of}
    for _round in range(awarding.MAX_ROUNDS):
        grounds = _Grounds(learner_id, records_of([learner_id])[learner_id], on)
        changed = False
        for derivation in _latest_derivations(learner_id):
            award = derivation.award
            if award.standing == Award.Standing.REVOKED:
                continue
            evaluation = grounds.evaluation(derivation)
            if evaluation.satisfied:
                _keep_new_grounds(derivation, evaluation, grounds.record, at=at)
            counted = evaluation.used if evaluation.satisfied else _used(derivation)
            cause = next((causes[id_] for id_ in sorted(counted) if id_ in causes), because_of)
            match _after(derivation, grounds):
                case Award.Standing.ACTIVE:
                    event = revocation.reinstate(award=award, by=None, at=at, because_of=cause)
                    _promise_word(event)
                    back[award.pk] = award
                case Award.Standing.SUSPENDED | Award.Standing.REVOKED:
                    fallen = _fall(derivation, grounds, at=at, because_of=cause)
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
    raise RuntimeError(f"Awards did not come to rest after {awarding.MAX_ROUNDS} rounds.")


def _keep_new_grounds(derivation: Derivation, evaluation: Evaluation, record: Record, *, at: datetime) -> None:
    entry = rulebook.entry_of(derivation.rule_version)
    fresh = awarding.derivation_of(derivation.award, entry, evaluation, record, cause="re-derived", at=at)
    moved = fresh.grounds_sha256 != derivation.grounds_sha256 and fresh.allocation != derivation.allocation
    if moved or fresh.rulings != sorted(derivation.rulings):
        fresh.save()


def _fall(
    derivation: Derivation, grounds: "_Grounds", *, at: datetime, because_of: StatusEvent | None
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
    """What happens to an award by itself its learner is told; what a person does, that person answers for."""
    outbox.promise("pathways.tell_of_change", event.pk, queue="mail")


def _after(derivation: Derivation, grounds: "_Grounds", standing: str | None = None) -> str | None:
    """How the award will stand, if otherwise than now (or than `standing`); kept in spite of all is not foreseen."""
    award = derivation.award
    now = standing or award.standing
    holds = grounds.holds(derivation)
    if holds and now == Award.Standing.SUSPENDED and _fell_with_its_parts(award):
        return Award.Standing.ACTIVE
    if not holds and now == Award.Standing.ACTIVE:
        revokes = derivation.rule_version.on_fall == RuleVersion.OnFall.REVOKE
        return Award.Standing.REVOKED if revokes else Award.Standing.SUSPENDED
    return None


class _Grounds:
    """What the awards of one learner stand on, on one day."""

    def __init__(self, learner_id: int, record: Record, on: date, *, withdrawn: Collection[str] | None = None) -> None:
        self.record = record
        self.on = on
        self.standing = {holding.id for holding in record.holdings if holding.status == "active"}
        self._learner_id = learner_id
        self._withdrawn = None if withdrawn is None else frozenset(withdrawn)

    @property
    def withdrawn(self) -> frozenset[str]:
        """The decisions about the learner that were taken back; asked for only where an award rests on one."""
        if self._withdrawn is None:
            gone = Ruling.objects.filter(learner=self._learner_id, state=Ruling.State.WITHDRAWN)
            self._withdrawn = frozenset(map(str, gone.values_list("uuid", flat=True)))
        return self._withdrawn

    def evaluation(self, derivation: Derivation) -> Evaluation:
        """Whether the award of this derivation would be made now, by the version that made it."""
        entry, record = self._asked(derivation)
        return judge(entry.slug, entry.rule, record, self.on)

    def holds(self, derivation: Derivation) -> bool:
        """Whether the award still stands: by what its rule says now, or because nothing was taken from its grounds."""
        kept_so_far = derivation.cause in (KEPT_BY_A_PERSON, KEPT_BY_ITS_RULE) and self.all_stands(derivation)
        if kept_so_far:
            return True
        entry, record = self._asked(derivation)
        applied = apply(entry.slug, entry.rule, record, self.on)
        if not retention.stands(applied.rule, applied.record, self.on, earned_on=derivation.award.awarded_on):
            return False
        if entry.rule.lasts == "current":
            return True
        return self.all_stands(derivation) or self.evaluation(derivation).satisfied

    def all_stands(self, derivation: Derivation) -> bool:
        """Whether all that the award was built on still stands; what has merely run out does."""
        return _used(derivation) <= self.standing and (
            not derivation.rulings or self.withdrawn.isdisjoint(derivation.rulings)
        )

    def _asked(self, derivation: Derivation) -> tuple[Entry, Record]:
        entry = rulebook.entry_of(derivation.rule_version)
        own, awarded_on = f"award:{derivation.award.uuid}", derivation.award.awarded_on
        earlier = [
            each
            for each in self.record.holdings
            if each.kind == "award"
            and each.key == entry.slug
            and each.id != own
            and each.status != FALLEN
            and each.earned_on < awarded_on
        ]
        return entry, awarding.newer_than(self.record, earlier)


def _used(derivation: Derivation) -> set[str]:
    return {taken["holding"] for part in derivation.allocation.values() for taken in part}


# An award suspended for one of these, by nobody, comes back by itself.
BY_ITSELF = (StatusEvent.Reason.PART_WITHDRAWN, StatusEvent.Reason.LAPSED)


def _fell_with_its_parts(award: Award) -> bool:
    """Whether it is suspended because of what happened below, and not by a person."""
    # A corrected name is an event too, but says nothing of standing. Ids, because clocks may stand still.
    changes = StatusEvent.objects.filter(credential__award=award).exclude(act=StatusEvent.Act.SUPERSEDE)
    last = changes.order_by("-id").first()
    return last is not None and last.by_id is None and last.reason in BY_ITSELF


def _latest_derivations(learner_id: int) -> list[Derivation]:
    found: dict[int, Derivation] = {}
    derivations = Derivation.objects.filter(award__learner=learner_id).select_related(
        "award__achievement", "rule_version__achievement"
    )
    for derivation in derivations.order_by("id"):
        found[derivation.award_id] = derivation
    return list(found.values())


# --- what soon lapses ---------------------------------------------------------------------------------------------


def lapsing(learner_ids: Collection[int], *, at: datetime, within: int) -> list[tuple[Award, date]]:
    """Awards that stand today and, as things are, no longer so many days from now; each with its last day.

    Only those that last while their rule is satisfied; one query where these learners have none.
    """
    on = institution_day(at)
    lasting = Derivation.objects.filter(
        award__learner__in=learner_ids, award__standing=Award.Standing.ACTIVE, rule_version__document__lasts="current"
    )
    found = []
    for learner_id in sorted(set(lasting.order_by().values_list("award__learner", flat=True))):
        record = records_of([learner_id])[learner_id]
        for derivation in _latest_derivations(learner_id):
            if (
                derivation.award.standing != Award.Standing.ACTIVE
                or derivation.rule_version.document.get("lasts") != "current"
            ):
                continue
            last = _last_day(derivation, learner_id, record, on, within)
            if last is not None:
                found.append((derivation.award, last))
    return found


def _last_day(derivation: Derivation, learner_id: int, record: Record, on: date, within: int) -> date | None:
    """The last of the coming days on which the award stands; none if it stands on all of them, or on none."""

    def holds(days: int) -> bool:
        return _Grounds(learner_id, record, on + timedelta(days=days)).holds(derivation)

    if not holds(0) or holds(within):
        return None
    # With nothing earned in between, it stands up to a day and not after.
    low, high = 0, within
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return on + timedelta(days=low)


# --- foreseeing ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Foreseen:
    """What would follow: awards that would be suspended or, by their rules, revoked; awards that would come back;
    achievements newly earned."""

    falls: tuple[Award, ...] = ()
    ends: tuple[Award, ...] = ()
    returns: tuple[Award, ...] = ()
    earns: tuple[Achievement, ...] = ()


STANDING_AFTER = {
    StatusEvent.Act.REVOKE: Award.Standing.REVOKED,
    StatusEvent.Act.SUSPEND: Award.Standing.SUSPENDED,
    StatusEvent.Act.REINSTATE: Award.Standing.ACTIVE,
}


def foresee(*, award: Award, act: str, at: datetime) -> Foreseen:
    """What revoking, suspending or reinstating the award would bring about; the same steps as the act, in memory."""
    after = STANDING_AFTER[StatusEvent.Act(act)]
    record = _with_status(records_of([award.learner_id])[award.learner_id], award, AWARD_STATUS[after])
    back = [each for each in record.holdings if each.id == f"award:{award.uuid}" and each.status == "active"]
    return _foreseen(award.learner_id, record, institution_day(at), changed=back, decided={award.pk: after})


def foresee_holdings(
    *, learner_id: int, extra: Sequence[Holding], without: Collection[str] = (), at: datetime
) -> Foreseen:
    """What these holdings would bring about if the learner had them, in the place of those `without`."""
    before = records_of([learner_id])[learner_id]
    gone = {*without, *(holding.id for holding in extra)}
    kept = tuple(holding for holding in before.holdings if holding.id not in gone)
    record = replace(before, holdings=(*kept, *extra))
    return _foreseen(learner_id, record, institution_day(at), changed=extra, decided={}, shaken=bool(without))


def foresee_rulings(*, learner_id: int, record: Record, withdrawn: Collection[str] = (), at: datetime) -> Foreseen:
    """What this record would bring about, if people had decided so; `withdrawn` are decisions that would be gone."""
    on = institution_day(at)
    return _foreseen(learner_id, record, on, changed=None, decided={}, withdrawn=withdrawn)


def _foreseen(
    learner_id: int,
    record: Record,
    on: date,
    *,
    changed: Sequence[Holding] | None,
    decided: Mapping[int, str],
    shaken: bool = True,
    withdrawn: Collection[str] | None = None,
) -> Foreseen:
    """`changed` are the holdings that rules are to be asked about; none asks every rule."""
    after: dict[str, list[Award]] = {each: [] for each in Award.Standing.values}
    if shaken or any(holding.status == "suspended" for holding in record.holdings):
        record, after = _follow(learner_id, record, on, decided, withdrawn)
    back = {f"award:{each.uuid}" for each in after[Award.Standing.ACTIVE]}
    extra = None
    if changed is not None:
        extra = [*changed, *(holding for holding in record.holdings if holding.id in back)]
    earns = [] if extra == [] else awarding.would_award(learner_id, extra=extra, on=on, record=record)
    return Foreseen(
        falls=tuple(after[Award.Standing.SUSPENDED]),
        ends=tuple(after[Award.Standing.REVOKED]),
        returns=tuple(after[Award.Standing.ACTIVE]),
        earns=tuple(earns),
    )


def _follow(
    learner_id: int, record: Record, on: date, decided: Mapping[int, str], withdrawn: Collection[str] | None
) -> tuple[Record, dict[str, list[Award]]]:
    """`rederive` in memory: the record after it, and the awards that would stand otherwise, by how."""
    found: dict[str, list[Award]] = {each: [] for each in Award.Standing.values}
    derivations = _latest_derivations(learner_id)
    standing = {each.award_id: each.award.standing for each in derivations} | dict(decided)
    for _round in range(awarding.MAX_ROUNDS):
        before = _Grounds(learner_id, record, on, withdrawn=withdrawn)
        for derivation in derivations:
            each = derivation.award
            # A person has decided about this one; what its rule keeps does not fall.
            if each.pk in decided or standing[each.pk] == Award.Standing.REVOKED:
                continue
            after = _after(derivation, before, standing[each.pk])
            keeps = derivation.rule_version.on_fall == RuleVersion.OnFall.KEEP
            if after is None or (keeps and after != Award.Standing.ACTIVE):
                continue
            found[after].append(each)
            standing[each.pk] = after
            record = _with_status(record, each, FALLEN if after == Award.Standing.REVOKED else AWARD_STATUS[after])
        if record == before.record:
            break
    return record, found


def _with_status(record: Record, award: Award, status: Status) -> Record:
    id_ = f"award:{award.uuid}"
    holdings = (replace(each, status=status) if each.id == id_ else each for each in record.holdings)
    return replace(record, holdings=tuple(holdings))
