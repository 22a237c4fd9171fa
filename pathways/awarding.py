"""Awards what learners have earned, in the transaction of its cause, and what that completes in turn."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from credentials import issuance
from credentials.models import Achievement, Award
from pathways import award_results, deriving, rulebook
from pathways.dossiers import Dossier, dossiers_of
from pathways.holdings import institution_day
from pathways.rulebook import Reference
from pathways.rules.record import Holding, Record
from pathways.stacking import Achievements, Decision, Stack, Trouble, affected
from portal.shared import audit, inserting, outbox


def award_earned(
    *,
    learner_ids: Collection[int],
    changed: Iterable[Reference] | None,
    cause: str,
    at: datetime,
    on_trouble: Trouble | None = None,
    dossiers: Mapping[int, Dossier] | None = None,
) -> list[Award]:
    """Award everything that the change has made true for these learners, through all levels of stacking.

    `changed` is what a rule must look at to be asked; none asks them all. Belongs in the transaction of the cause,
    after `lock_learners`. What fails is raised; with `on_trouble` it is told, left out, and all else is awarded.
    `dossiers` are what was read of the learners in this transaction, if that is all still so.
    """
    ids = sorted(set(learner_ids))
    if not ids:
        return []
    known = dossiers_of(ids) if dossiers is None else dossiers
    book = rulebook.current(known[ids[0]].token)
    pinned = {id_: rulebook.bound_by(known[id_].pinned, book, known[id_].record) for id_ in ids}
    references = None if changed is None else set(changed)
    records = {id_: known[id_].record for id_ in ids}
    asked = {id_: affected(book, pinned[id_], references, records[id_].rulings) for id_ in ids}
    on = institution_day(at)
    achievements = Achievements(book, (entry for entries in asked.values() for entry in entries), known[ids[0]].token)
    decisions: list[Decision] = []
    for id_ in ids:
        stack = Stack(id_, book, pinned[id_], achievements, on, on_trouble)
        found, records[id_] = stack.follow(asked[id_], records[id_])
        decisions += found
    if on_trouble is None:
        return _issue(decisions, achievements, known, records, cause=cause, at=at)
    return _issue_one_by_one(decisions, achievements, known, records, cause=cause, at=at, on_trouble=on_trouble)


def would_award(
    learner_id: int, *, extra: Sequence[Holding] | None, on: date, record: Record | None = None
) -> list[Achievement]:
    """What these holdings would complete if the learner had them, through all levels; writes nothing.

    `record` is what else they have, where that is not what is stored. Without `extra` every rule is asked.
    """
    known = dossiers_of([learner_id])[learner_id]
    book = rulebook.current(known.token)
    before = record or known.record
    pinned = rulebook.bound_by(known.pinned, book, before)
    replaced = {holding.id for holding in extra or ()}
    kept = tuple(holding for holding in before.holdings if holding.id not in replaced)
    changed: set[Reference] | None = None
    if extra is not None:
        changed = {reference for each in extra for reference in rulebook.references_of_holding(each)}
    asked = affected(book, pinned, changed, before.rulings)
    stack = Stack(learner_id, book, pinned, Achievements(book, asked, known.token), on, None)
    decisions, _record = stack.follow(asked, replace(before, holdings=(*kept, *(extra or ()))))
    return [decision.award.achievement for decision in decisions]


def _issue(
    decisions: Sequence[Decision],
    achievements: Achievements,
    dossiers: Mapping[int, Dossier],
    records: Mapping[int, Record],
    *,
    cause: str,
    at: datetime,
) -> list[Award]:
    if not decisions:
        return []
    sealed = {each.award.uuid: deriving.seal(each) for each in decisions}
    wanted = [
        issuance.NewAward(
            uuid=decision.award.uuid,
            learner=dossiers[decision.learner_id].learner,
            achievement=decision.award.achievement,
            edition=decision.award.edition,
            results=award_results.stated(decision.entry.rule, decision.results, decision.record),
            valid_until=decision.award.valid_until,
            built_on=[UUID(id_[len("award:") :]) for id_ in sorted(_awards_used(decision))],
            derivation=partial(deriving.receipt_text, sealed[decision.award.uuid]),
            source=_assessor(decision),
        )
        for decision in decisions
    ]
    # Of what this very change has made before, one by one, nothing was read.
    current = {uuid: each for decision in decisions for uuid, each in dossiers[decision.learner_id].credentials.items()}
    here = {new.uuid for new in wanted} | current.keys()
    complete = all(uuid in here for new in wanted for uuid in new.built_on)
    awards = issuance.issue(wanted, at=at, achievements=achievements.known, credentials=current if complete else None)
    by_uuid = {decision.award.uuid: decision for decision in decisions}
    inserting.insert(
        deriving.derivation_of(
            award,
            decision.entry,
            decision.evaluation,
            records[award.learner_id],
            cause=cause,
            at=at,
            openings=sealed[award.uuid].openings,
        )
        for award in awards
        for decision in [by_uuid[award.uuid]]
    )
    return awards


def _issue_one_by_one(
    decisions: Sequence[Decision],
    achievements: Achievements,
    dossiers: Mapping[int, Dossier],
    records: Mapping[int, Record],
    *,
    cause: str,
    at: datetime,
    on_trouble: Trouble,
) -> list[Award]:
    """Issue what can be issued; what fails is told, and what was to stand on it is left for the next time."""
    awards: list[Award] = []
    missing: set[str] = set()
    for decision in decisions:
        if not missing.isdisjoint(_awards_used(decision)):
            missing.add(f"award:{decision.award.uuid}")
            continue
        try:
            with transaction.atomic(), audit.gathered():
                awards += _issue([decision], achievements, dossiers, records, cause=cause, at=at)
        except outbox.OutOfTime:
            raise
        except Exception as error:
            missing.add(f"award:{decision.award.uuid}")
            on_trouble(decision.learner_id, error)
    return awards


def _assessor(decision: Decision) -> str:
    """Whose assessments it was earned by, by short name, where one body marked all of them for the one that awards."""
    ids = decision.evaluation.used
    used = [each for each in decision.record.holdings if each.id in ids]
    bodies = {each.issuer for each in used if each.kind == "grade"}
    only_marked = len(bodies) == 1 and all(each.kind == "grade" for each in used)
    return bodies.pop() if only_marked and decision.award.achievement.issuer.slug not in bodies else ""


def _awards_used(decision: Decision) -> set[str]:
    return {id_ for id_ in decision.evaluation.used if id_.startswith("award:")}
