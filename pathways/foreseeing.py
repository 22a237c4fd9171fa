"""Foresees what a change would bring about, in memory: the steps of `standing`, and nothing written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from credentials.models import Achievement, Award, StatusEvent
from pathways import awarding, stacking
from pathways.dossiers import records_of
from pathways.grounds import Grounds, change_of, derived_awards
from pathways.holdings import AWARD_STATUS, FALLEN, institution_day
from pathways.models import RuleVersion, Ruling
from pathways.rules.record import Holding, Record, Status


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


def foresee_ruling(ruling: Ruling, *, at: datetime) -> Foreseen:
    """What a decision about the learner would bring about, were it in force; it need not be stored."""
    record = records_of([ruling.learner_id])[ruling.learner_id]
    imagined = replace(record, rulings=(*record.rulings, ruling.value))
    return _foreseen(ruling.learner_id, imagined, institution_day(at), changed=None, decided={}, withdrawn=())


def foresee_withdrawal(ruling: Ruling, *, at: datetime) -> Foreseen:
    """What taking a decision back would bring about."""
    record = records_of([ruling.learner_id])[ruling.learner_id]
    left = tuple(each for each in record.rulings if each.id != str(ruling.uuid))
    gone = Ruling.objects.filter(learner=ruling.learner_id, state=Ruling.State.WITHDRAWN).values_list("uuid", flat=True)
    withdrawn = {str(ruling.uuid), *map(str, gone)}
    imagined = replace(record, rulings=left)
    on = institution_day(at)
    return _foreseen(ruling.learner_id, imagined, on, changed=None, decided={}, withdrawn=withdrawn)


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
    held = derived_awards(learner_id)
    standing = {each.award.pk: each.award.standing for each in held} | dict(decided)
    for _round in range(stacking.MAX_ROUNDS):
        before = Grounds(learner_id, record, on, withdrawn=withdrawn)
        for derived in held:
            each = derived.award
            # A person has decided about this one; what its rule keeps does not fall.
            if each.pk in decided or standing[each.pk] == Award.Standing.REVOKED:
                continue
            after = change_of(derived, before.version_of(derived), standing[each.pk])
            keeps = derived.latest.rule_version.on_fall == RuleVersion.OnFall.KEEP
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
