"""Follows what learners have earned upwards through their stacks, in memory; writes nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from credentials import issuance
from credentials.models import Achievement, Award
from pathways import award_results, rulebook
from pathways.holdings import FALLEN, award_holding, other_of
from pathways.rulebook import Entry, Reference, Rulebook
from pathways.rules.evaluation import Evaluation
from pathways.rules.exceptions import judge, results
from pathways.rules.record import Holding, Record
from pathways.rules.results import Found
from pathways.rules.rulings import ExtraChoice, RulingValue, Substitution
from portal.shared import outbox

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


def affected(
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


class Achievements:
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
class Stack:
    """One learner's rules on one day, followed upwards in memory."""

    learner_id: int
    book: Rulebook
    pinned: Sequence[Entry]
    achievements: Achievements
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
            asked = affected(self.book, self.pinned, changed, record.rulings)
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
