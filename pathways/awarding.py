"""Decides what learners have earned, in the transaction of its cause, and follows stacks to their end."""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from credentials import issuance
from credentials.models import Achievement, Award
from pathways import rulebook
from pathways.models import Derivation
from pathways.queries import award_holding, institution_day, records_of
from pathways.rulebook import Entry, Reference, Rulebook
from pathways.rules import EVALUATOR_VERSION
from pathways.rules.evaluate import evaluate
from pathways.rules.evaluation import Evaluation
from pathways.rules.record import Holding, Record
from portal.accounts.models import User
from portal.shared import outbox

logger = logging.getLogger(__name__)

# A stack cannot be deeper than this many qualifications on top of each other; a cycle is refused at publication.
MAX_ROUNDS = 20


@dataclass(frozen=True)
class Decision:
    """A learner satisfies a rule: which version, on what."""

    learner_id: int
    entry: Entry
    evaluation: Evaluation


def award_earned(
    *, learner_ids: Collection[int], changed: Iterable[Reference], cause: str, at: datetime
) -> list[Award]:
    """Award everything that the change has made true for these learners, through all levels of stacking.

    Belongs in the transaction of the cause, after `lock_learners`. Should the decision itself fail, the cause still
    stands: what was decided is undone, a job repeats it, and the failure is logged for staff (reliability I2, C5).
    """
    try:
        with transaction.atomic():
            return _award_earned(set(learner_ids), set(changed), cause, at)
    except Exception:
        logger.exception("Deciding what was earned failed; a job will repeat it.")
        outbox.promise_many("pathways.decide", sorted(set(learner_ids)), queue="issue", version=at.isoformat())
        return []


def _award_earned(learner_ids: set[int], changed: set[Reference], cause: str, at: datetime) -> list[Award]:
    book = rulebook.current()
    # The first round asks only the rules that look at what changed; a stranger to every rule costs one query.
    pinned = rulebook.pinned_by(learner_ids)
    open_questions = {id_: _affected(book, pinned.get(id_, ()), changed) for id_ in learner_ids}
    if not any(open_questions.values()):
        return []
    records = records_of(learner_ids)
    on = institution_day(at)
    made: list[Award] = []
    for _round in range(MAX_ROUNDS):
        decisions = [
            decision for id_ in sorted(learner_ids) for decision in _decide(id_, open_questions[id_], records[id_], on)
        ]
        if not decisions:
            return made
        awards = _issue(decisions, records, cause=cause, at=at)
        made += awards
        open_questions = defaultdict(list)
        for award in awards:
            id_ = award.learner_id
            records[id_] = replace(records[id_], holdings=(*records[id_].holdings, award_holding(award)))
            references = rulebook.references_of_award(award.achievement)
            known = {entry.version_id for entry in open_questions[id_]}
            for entry in _affected(book, pinned.get(id_, ()), references):
                if entry.version_id not in known:
                    open_questions[id_].append(entry)
    raise RuntimeError(f"Stacks did not come to rest after {MAX_ROUNDS} rounds.")


def _affected(book: Rulebook, pinned: Sequence[Entry], changed: set[Reference]) -> list[Entry]:
    in_force = [book.entries[id_] for id_ in sorted(book.affected_by(changed))]
    return in_force + [entry for entry in pinned if entry.references & changed]


def _decide(learner_id: int, entries: Sequence[Entry], record: Record, on: date) -> list[Decision]:
    """The rules among these that the learner satisfies and has no award of; the version in force goes first."""
    # An award of any standing closes the question: what was revoked comes back only by an act of a person.
    held = {holding.key for holding in record.holdings if holding.kind == "award"}
    decisions: list[Decision] = []
    for entry in entries:
        if entry.slug in held:
            continue
        evaluation = evaluate(entry.rule, record, on)
        if evaluation.satisfied:
            held.add(entry.slug)
            decisions.append(Decision(learner_id, entry, evaluation))
    return decisions


def _issue(decisions: Sequence[Decision], records: dict[int, Record], *, cause: str, at: datetime) -> list[Award]:
    learners = User.objects.in_bulk({decision.learner_id for decision in decisions})
    achievements = (
        Achievement.objects.select_related("issuer__parent")
        .prefetch_related("skills")
        .in_bulk({decision.entry.achievement_id for decision in decisions})
    )
    parts = _parts_of(decisions)
    by_subject: dict[tuple[int, int], Decision] = {}
    wanted: list[issuance.NewAward] = []
    for decision in decisions:
        achievement = achievements[decision.entry.achievement_id]
        by_subject[decision.learner_id, achievement.pk] = decision
        wanted.append(
            issuance.NewAward(
                learner=learners[decision.learner_id],
                achievement=achievement,
                parts=tuple(parts[id_] for id_ in sorted(decision.evaluation.used) if id_ in parts),
            )
        )
    awards = issuance.issue(wanted, at=at)
    Derivation.objects.bulk_create(
        derivation_of(award, by_subject[award.learner_id, award.achievement_id], cause=cause, at=at, records=records)
        for award in awards
    )
    return awards


def _parts_of(decisions: Sequence[Decision]) -> dict[str, issuance.Part]:
    """The component credentials by holding id, for the evidence of what they complete."""
    used = {id_ for decision in decisions for id_ in decision.evaluation.used if id_.startswith("award:")}
    if not used:
        return {}
    awards = Award.objects.filter(uuid__in=[id_.removeprefix("award:") for id_ in used]).select_related("achievement")
    return {
        f"award:{award.uuid}": issuance.Part(name=award.achievement.name, url=credential.document_url)
        for award in awards.prefetch_related("credentials")
        for credential in award.credentials.all()
        if credential.superseded_by_id is None
    }


def derivation_of(
    award: Award, decision: Decision, *, cause: str, at: datetime, records: dict[int, Record]
) -> Derivation:
    """The grounds of an award: what counted where, and a hash over the rule and the holdings that counted."""
    evaluation = decision.evaluation
    counted = [holding for holding in records[decision.learner_id].holdings if holding.id in evaluation.used]
    grounds = {
        "rule": decision.entry.content_hash,
        "holdings": [_holding_json(holding) for holding in sorted(counted, key=lambda each: each.id)],
        "on": evaluation.on.isoformat(),
        "evaluator": EVALUATOR_VERSION,
    }
    return Derivation(
        award=award,
        rule_version_id=decision.entry.version_id,
        allocation={
            node: [{"holding": taken.holding, "amount": str(taken.amount)} for taken in part]
            for node, part in evaluation.allocation.items()
        },
        evaluator_version=EVALUATOR_VERSION,
        cause=cause,
        grounds_sha256=hashlib.sha256(json.dumps(grounds, sort_keys=True).encode()).hexdigest(),
        evaluated_at=at,
    )


def _holding_json(holding: Holding) -> dict[str, Any]:
    return {
        "id": holding.id,
        "key": holding.key,
        "earned_on": holding.earned_on.isoformat(),
        "credits": str(holding.credits),
        "grade": None if holding.grade is None else str(holding.grade),
        "until": holding.until.isoformat() if holding.until else None,
    }


def would_award(learner_id: int, *, extra: Sequence[Holding], on: date) -> list[Achievement]:
    """What these holdings would complete if the learner had them, through all levels; writes nothing."""
    book = rulebook.current()
    pinned = rulebook.pinned_by([learner_id]).get(learner_id, [])
    before = records_of([learner_id])[learner_id]
    replaced = {holding.id for holding in extra}
    kept = tuple(holding for holding in before.holdings if holding.id not in replaced)
    record = replace(before, holdings=(*kept, *extra))
    changed: set[Reference] = {(holding.kind, holding.key) for holding in extra}
    earned: list[Achievement] = []
    for _round in range(MAX_ROUNDS):
        decisions = _decide(learner_id, _affected(book, pinned, changed), record, on)
        if not decisions:
            return earned
        achievements = Achievement.objects.select_related("issuer").prefetch_related("skills")
        found = achievements.in_bulk({decision.entry.achievement_id for decision in decisions})
        changed = set()
        for decision in decisions:
            achievement = found[decision.entry.achievement_id]
            earned.append(achievement)
            imagined = Award(learner_id=learner_id, achievement=achievement, awarded_on=on)
            record = replace(record, holdings=(*record.holdings, award_holding(imagined)))
            changed |= rulebook.references_of_award(achievement)
    return earned


def decide_afresh(learner_ids: Collection[int], *, cause: str, at: datetime) -> list[Award]:
    """Ask every rule for these learners, whatever changed: for imports, published versions and reconciliation.

    Belongs in a transaction, after `lock_learners`.
    """
    every = set(rulebook.current().by_reference)
    return award_earned(learner_ids=learner_ids, changed=every, cause=cause, at=at)
