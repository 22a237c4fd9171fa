"""Decides what learners have earned, in the transaction of its cause, and follows stacks to their end."""

import hashlib
import json
import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from credentials import addresses, issuance
from credentials.models import Achievement, Award, Credential
from pathways import award_results, rulebook
from pathways.dossiers import Dossier, dossiers_of
from pathways.holdings import FALLEN, award_holding, institution_day, other_of
from pathways.models import Derivation
from pathways.rulebook import Entry, Reference, Rulebook
from pathways.rules import EVALUATOR_VERSION, receipt
from pathways.rules.evaluation import Evaluation, pin_json
from pathways.rules.exceptions import judge, rests_on, results
from pathways.rules.receipt import PartCredential, Sealed
from pathways.rules.record import Holding, Pin, Record
from pathways.rules.results import Found
from pathways.rules.rulings import ExtraChoice, RulingValue, Substitution
from portal.shared import audit, inserting, outbox

logger = logging.getLogger(__name__)

# A stack cannot be deeper than this many qualifications on top of each other; a cycle is refused at publication.
MAX_ROUNDS = 20

# Told which learner could not be awarded something, and why.
Trouble = Callable[[int, Exception], None]


@dataclass(frozen=True)
class Decision:
    """A learner satisfies a rule: which version, on what record; and the award that it makes, not stored yet."""

    learner_id: int
    entry: Entry
    record: Record
    evaluation: Evaluation
    award: Award
    results: Mapping[str, Found]


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
    asked = {id_: _affected(book, pinned[id_], references, records[id_].rulings) for id_ in ids}
    on = institution_day(at)
    achievements = _Achievements(book, (entry for entries in asked.values() for entry in entries), known[ids[0]].token)
    decisions: list[Decision] = []
    for id_ in ids:
        stack = _Stack(id_, book, pinned[id_], achievements, on, on_trouble)
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
    asked = _affected(book, pinned, changed, before.rulings)
    stack = _Stack(learner_id, book, pinned, _Achievements(book, asked, known.token), on, None)
    decisions, _record = stack.follow(asked, replace(before, holdings=(*kept, *(extra or ()))))
    return [decision.award.achievement for decision in decisions]


def _affected(
    book: Rulebook, pinned: Sequence[Entry], changed: set[Reference] | None, rulings: Sequence[RulingValue] = ()
) -> list[Entry]:
    """The rules that look at what changed, those in force first; all of them where nothing is said.

    With the decisions about the learner, those that look at it for this learner alone are among them.
    """
    if changed is None:
        return [book.entries[id_] for id_ in sorted(book.entries)] + list(pinned)
    # What stands in for something is in no index: only this learner's rules look at it.
    let_in = {
        each.rule
        for each in rulings
        if isinstance(each, Substitution | ExtraChoice) and {("award", each.key), ("grade", each.key)} & changed
    }
    ids = book.affected_by(changed)
    if let_in:
        ids |= {id_ for id_, entry in book.entries.items() if entry.slug in let_in}
    in_force = [book.entries[id_] for id_ in sorted(ids)]
    return in_force + [entry for entry in pinned if entry.references & changed or entry.slug in let_in]


class _Achievements:
    """The achievements of a decision, read together when the first is needed: what is asked for and what stacks."""

    def __init__(self, book: Rulebook, asked: Iterable[Entry], token: int | None) -> None:
        self._book = book
        self._asked = list(asked)
        self._token = token
        self.known: dict[int, Achievement] = {}

    def __getitem__(self, id_: int) -> Achievement:
        if id_ not in self.known:
            wanted = {id_} if self.known else {id_, *self._above()}
            self.known |= issuance.what_can_be_awarded(wanted, token=self._token)
        return self.known[id_]

    def _above(self) -> Iterator[int]:
        seen: set[int] = set()
        waiting = self._asked
        while waiting:
            fresh = {entry.achievement_id: entry.slug for entry in waiting if entry.achievement_id not in seen}
            seen |= fresh.keys()
            waiting = [
                self._book.entries[id_] for id_ in self._book.affected_by(("award", slug) for slug in fresh.values())
            ]
        yield from seen


@dataclass(frozen=True)
class _Stack:
    """One learner's rules on one day, followed upwards in memory."""

    learner_id: int
    book: Rulebook
    pinned: Sequence[Entry]
    achievements: _Achievements
    on: date
    on_trouble: Trouble | None

    def follow(self, asked: Sequence[Entry], record: Record) -> tuple[list[Decision], Record]:
        """Everything that is earned, lowest first, and the record with it."""
        decisions: list[Decision] = []
        for _round in range(MAX_ROUNDS):
            fresh = self._decide(asked, record)
            if not fresh:
                return decisions, record
            decisions += fresh
            awards = [decision.award for decision in fresh]
            record = replace(
                record,
                holdings=(*record.holdings, *map(award_holding, awards)),
                others=(*record.others, *(other_of(each.award, each.evaluation.used) for each in fresh)),
            )
            changed = {each for award in awards for each in rulebook.references_of_award(award.achievement)}
            asked = _affected(self.book, self.pinned, changed, record.rulings)
        raise RuntimeError(f"Stacks did not come to rest after {MAX_ROUNDS} rounds.")

    def _decide(self, entries: Sequence[Entry], record: Record) -> list[Decision]:
        """The rules among these that the learner satisfies and holds no award of; the version in force goes first."""
        held: dict[str, list[Holding]] = defaultdict(list)
        for holding in record.holdings:
            if holding.kind == "award":
                held[holding.key].append(holding)
        decisions: list[Decision] = []
        decided: set[str] = set()
        for entry in entries:
            earlier = held[entry.slug]
            # An award of any standing closes the question: what was revoked comes back only by an act of a person.
            # One that has run out can be earned again, on grounds that are all newer; one its rule revoked, on any.
            ended = [each for each in earlier if each.status != FALLEN]
            if entry.slug in decided or not all(has_run_out(each, self.on) for each in ended):
                continue
            try:
                judged = newer_than(record, ended)
                evaluation = judge(entry.slug, entry.rule, judged, self.on)
                if evaluation.satisfied:
                    decisions.append(self._decision(entry, judged, evaluation, edition=1 + len(ended)))
                    decided.add(entry.slug)
            except outbox.OutOfTime:
                raise
            except Exception as error:
                if self.on_trouble is None:
                    raise
                self.on_trouble(self.learner_id, error)
        return decisions

    def _decision(self, entry: Entry, record: Record, evaluation: Evaluation, *, edition: int) -> Decision:
        achievement = self.achievements[entry.achievement_id]
        found = results(entry.slug, entry.rule, record, evaluation) if entry.rule.results else {}
        until = None
        if award_results.says_last_day(entry.rule):
            until = award_results.last_day(entry.slug, entry.rule, record, evaluation, earned_on=self.on)
        award = Award(
            learner_id=self.learner_id,
            achievement=achievement,
            edition=edition,
            awarded_on=self.on,
            valid_until=until or issuance.valid_until(achievement, self.on),
        )
        return Decision(self.learner_id, entry, record, evaluation, award, found)


def has_run_out(holding: Holding, on: date) -> bool:
    """Whether an award only ended by its own date."""
    return holding.status == "active" and holding.until is not None and holding.until < on


def newer_than(record: Record, earlier: Sequence[Holding]) -> Record:
    """What of the record may count for a further edition: all that was earned after the last one."""
    if not earlier:
        return record
    last = max(each.earned_on for each in earlier)
    return replace(record, holdings=tuple(each for each in record.holdings if each.earned_on > last))


def _issue(
    decisions: Sequence[Decision],
    achievements: _Achievements,
    dossiers: Mapping[int, Dossier],
    records: Mapping[int, Record],
    *,
    cause: str,
    at: datetime,
) -> list[Award]:
    if not decisions:
        return []
    sealed = {each.award.uuid: _sealed(each) for each in decisions}
    wanted = [
        issuance.NewAward(
            uuid=decision.award.uuid,
            learner=dossiers[decision.learner_id].learner,
            achievement=decision.award.achievement,
            edition=decision.award.edition,
            results=award_results.stated(decision.entry.rule, decision.results, decision.record),
            valid_until=decision.award.valid_until,
            built_on=[UUID(id_[len("award:") :]) for id_ in sorted(_awards_used(decision))],
            derivation=partial(_receipt, sealed[decision.award.uuid]),
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
        derivation_of(
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
    achievements: _Achievements,
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


def _sealed(decision: Decision) -> Sealed:
    return receipt.seal(
        decision.entry.rule,
        decision.record,
        decision.evaluation,
        results=decision.results,
        slug=decision.entry.slug,
        achievement=addresses.achievement_url(decision.award.achievement),
        number=decision.entry.number,
        salt=secrets.token_bytes(32),
        time_zone=settings.TIME_ZONE,
    )


def _receipt(sealed: Sealed, parts: Mapping[UUID, Credential]) -> str:
    """The text of a receipt, once the credentials of its parts are known."""
    return sealed.text(
        {f"award:{uuid}": PartCredential(each.document_url, each.body_sha256) for uuid, each in parts.items()}
    )


def derivation_of(
    award: Award,
    entry: Entry,
    evaluation: Evaluation,
    record: Record,
    *,
    cause: str,
    at: datetime,
    openings: Mapping[str, Any] | None = None,
) -> Derivation:
    """The grounds of an award: what counted where, and a hash over the rule and the holdings that counted.

    `openings` are those of the receipt that its credential vouches for.
    """
    counted = [holding for holding in record.holdings if holding.id in evaluation.used]
    grounds = {
        "rule": entry.content_hash,
        "holdings": [_holding_json(holding) for holding in sorted(counted, key=lambda each: each.id)],
        "on": evaluation.on.isoformat(),
        "evaluator": EVALUATOR_VERSION,
    }
    return Derivation(
        award=award,
        rule_version_id=entry.version_id,
        allocation={
            node: [{"holding": taken.holding, "amount": str(taken.amount)} for taken in part]
            for node, part in evaluation.allocation.items()
        },
        rulings=sorted(rests_on(entry.slug, entry.rule, record, evaluation.on)),
        pins=[pin_json(each) for each in evaluation.heeded],
        evaluator_version=EVALUATOR_VERSION,
        cause=cause,
        grounds_sha256=hashlib.sha256(json.dumps(grounds, sort_keys=True).encode()).hexdigest(),
        openings=openings or {},
        evaluated_at=at,
    )


def pins_of(derivation: Derivation) -> tuple[Pin, ...]:
    """The learner's choices by which an award was derived; needs it and its achievement loaded."""
    slug = derivation.award.achievement.slug
    return tuple(Pin(rule=slug, **each) for each in derivation.pins)


def _holding_json(holding: Holding) -> dict[str, Any]:
    return {
        "id": holding.id,
        "key": holding.key,
        "earned_on": holding.earned_on.isoformat(),
        "credits": str(holding.credits),
        "grade": None if holding.grade is None else str(holding.grade),
        "until": holding.until.isoformat() if holding.until else None,
    }
