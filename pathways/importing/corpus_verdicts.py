"""Judges the cases of a corpus by translated rules, and says of each that comes out wrong what and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pathways.importing.corpus import Case, RealRule
from pathways.importing.translations import Edition
from pathways.rules.effort import TooCostlyError
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.evaluation import Evaluation
from pathways.rules.explain import completion_sentence, unused_sentence
from pathways.rules.record import Record
from pathways.rules.requirement import Requirement, Rule, SignedOff, looked_into, roots, walk
from pathways.rules.results import results_of
from pathways.rules.retention import stands


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A rule of the corpus, how many of its cases came out right, and of the others what did not."""

    rule: RealRule
    right: int
    wrong: tuple[tuple[str, str], ...]


def judged(rule: RealRule, editions: tuple[Edition, ...]) -> Judged:
    """Every case of the rule, by the edition in force on its day."""
    wrong = [(case.id, "; ".join(faults)) for case in rule.cases if (faults := _faults(case, editions))]
    return Judged(rule=rule, right=len(rule.cases) - len(wrong), wrong=tuple(wrong))


def _faults(case: Case, editions: tuple[Edition, ...]) -> list[str]:
    try:
        return faults_of(case, editions)
    except TooCostlyError:
        return ["to judge this case would cost more than is allowed"]


def faults_of(case: Case, editions: tuple[Edition, ...]) -> list[str]:
    """What comes out otherwise than the issuer says: verdict, where awards count, which are needed, unused, results."""
    rule = next((each.rule for each in editions if each.since <= case.on <= each.until), None)
    if rule is None:
        return [f"no edition is in force on {case.on}"]
    record = with_approvals(case.record, rule, case.on)
    if case.keeps:
        holds = _holds_still(rule, case)
        held = holds(record)
        faults = (
            [] if held == case.satisfied else [f"still held? we say {_yes(held)}, the issuer {_yes(case.satisfied)}"]
        )
        return faults + (list(_needed(case, record, holds)) if held and not faults else [])
    evaluation = evaluate(rule, record, case.on)
    if evaluation.satisfied != case.satisfied:
        because = "; ".join(_reasons(rule, evaluation))
        return [f"satisfied? we say {_yes(evaluation.satisfied)}, the issuer {_yes(case.satisfied)} ({because})"]
    faults = [*_counted(rule, case, evaluation), *_results(rule, case, evaluation, record)]
    return faults + (list(_needed(case, record, lambda held: satisfied(rule, held, case.on))) if case.satisfied else [])


def with_approvals(record: Record, rule: Rule, on: date) -> Record:
    """The record with each approval that the rule asks of a role whose name is a fact: true, or its day."""
    given = frozenset(
        (part.id, part.role)
        for root in roots(rule)
        for part in _all_parts(root)
        if isinstance(part, SignedOff) and _is_given(record.facts.get(part.role, ""), on)
    )
    return replace(record, sign_offs=record.sign_offs | given)


def _all_parts(root: Requirement) -> Iterator[Requirement]:
    for part in walk(root):
        yield part
        inner = looked_into(part)
        if inner is not None:
            yield from _all_parts(inner)


def _is_given(fact: str, on: date) -> bool:
    try:
        return fact == "true" or date.fromisoformat(fact) <= on
    except ValueError:
        return False


def _holds_still(rule: Rule, case: Case) -> Callable[[Record], bool]:
    earned_on = case.earned_on or case.on
    return lambda record: stands(rule, record, case.on, earned_on=earned_on)


def _counted(rule: Rule, case: Case, evaluation: Evaluation) -> Iterator[str]:
    parts = {part.id: part for part in walk(rule.root)}
    for label, ids in case.counts.items():
        used = _used_below(parts[label], evaluation) if label in parts else evaluation.used
        if not used.issuperset(ids):
            yield f"{label}: {', '.join(ids)} should count, we count {', '.join(sorted(used)) or 'nothing'}"
    spared = evaluation.used.intersection(case.unused)
    if spared:
        yield f"{', '.join(sorted(spared))} should count nowhere"


def _used_below(part: Requirement, evaluation: Evaluation) -> frozenset[str]:
    return frozenset(taken.holding for each in walk(part) for taken in evaluation.allocation.get(each.id, ()))


def _needed(case: Case, record: Record, holds: Callable[[Record], bool]) -> Iterator[str]:
    if case.needed is None:
        return
    needed = {
        each.id
        for each in record.holdings
        if not holds(replace(record, holdings=tuple(other for other in record.holdings if other.id != each.id)))
    }
    if needed != set(case.needed):
        said = ", ".join(sorted(case.needed)) or "none"
        yield f"needed: the issuer says {said}, we say {', '.join(sorted(needed)) or 'none'}"


def _results(rule: Rule, case: Case, evaluation: Evaluation, record: Record) -> Iterator[str]:
    found: dict[str, Any] = dict(results_of(rule, evaluation, record)) if case.result else {}
    for name, said in case.result.items():
        if name not in found:
            yield f"{name}: the issuer says {said}, the rule gives no such result"
        elif _plain(found[name]) != _plain(said):
            yield f"{name}: the issuer says {said}, we say {found[name]}"


def _plain(value: Any) -> Any:
    """The same for equal values, however they are written: 4 and 4.0, a day and its words, lists in any order."""
    if isinstance(value, list | tuple):
        return sorted(map(str, map(_plain, value)))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value).normalize()
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _reasons(rule: Rule, evaluation: Evaluation) -> Iterator[str]:
    if evaluation.satisfied:
        for node, taken in evaluation.allocation.items():
            yield f"{node} counts {', '.join(each.holding for each in taken)}"
        return
    if evaluation.missing:
        yield completion_sentence(rule, evaluation.missing[0], {})
    for unused in evaluation.unused:
        yield unused_sentence(unused, unused.holding)


def _yes(verdict: bool) -> str:
    return "yes" if verdict else "no"
