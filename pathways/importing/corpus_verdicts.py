"""Judges the cases of a corpus by translated rules, and says of each that comes out wrong what and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from pathways.importing.corpus import Case, RealRule
from pathways.importing.corpus_choices import counted, grounds, useful
from pathways.importing.translations import Edition
from pathways.rules import prove, tried
from pathways.rules.effort import TooCostlyError
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.evaluation import Evaluation, ReasonCode
from pathways.rules.explain import completion_sentence, unused_sentence
from pathways.rules.record import Record
from pathways.rules.requirement import Requirement, Rule, SignedOff, looked_into, roots, walk
from pathways.rules.results import results_of
from pathways.rules.retention import stands

# Why something does not count that would do no harm.
SURPLUS: frozenset[ReasonCode | None] = frozenset({None, "not_needed", "nothing_to_add"})


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A rule of the corpus, how many of its cases came out right, and of the others what did not."""

    rule: RealRule
    right: int
    wrong: tuple[tuple[str, str], ...]


def judged(rule: RealRule, editions: tuple[Edition, ...]) -> Judged:
    """Every case of the rule, by the edition in force on its day."""
    wrong = [(case.id, "; ".join(faults)) for case in rule.cases if (faults := _faults(case, editions, rule.titles))]
    return Judged(rule=rule, right=len(rule.cases) - len(wrong), wrong=tuple(wrong))


def unpublishable(rule: RealRule, editions: tuple[Edition, ...]) -> str | None:
    """Why a translation that reads well could still not be published, or none if it could.

    That somebody can meet it, its cases show.
    """
    for edition in editions:
        day = max([each.on for each in rule.cases if edition.since <= each.on <= edition.until], default=tried.ON)
        if satisfied(edition.rule, Record(), day):
            return f"cannot be published: {prove.TEXTS['always']}"
        if tried.who_stalls(edition.rule):
            return "cannot be published: some learners would take too long to judge by it"
    return None


def _faults(case: Case, editions: tuple[Edition, ...], titles: Mapping[str, str]) -> list[str]:
    try:
        return faults_of(case, editions, titles)
    except TooCostlyError:
        return ["to judge this case would cost more than is allowed"]
    except (OverflowError, ValueError, ArithmeticError) as error:
        return [f"a day or number of this case is beyond what can be judged ({error})"]


def faults_of(case: Case, editions: tuple[Edition, ...], titles: Mapping[str, str] | None = None) -> list[str]:
    """What comes out otherwise than the issuer says: verdict, where awards count, which are needed, unused, results.

    `titles` are what the issuer calls achievements, by their keys: what counts may be told under these words.
    """
    rule = next((each.rule for each in editions if each.since <= case.on <= each.until), None)
    if rule is None:
        return [f"no edition is in force on {case.on}"]
    record = with_approvals(case.record, rule, case.on)
    if case.keeps:
        earned_on = case.earned_on or case.on
        holds = partial(_stands, rule, case.on, earned_on)
        if holds(record) != case.satisfied:
            said = [_yes(not case.satisfied), _yes(case.satisfied)]
            return [f"still held? we say {said[0]}, the issuer {said[1]}"]
        rule, record, on = grounds(rule, record, case.on, earned_on=earned_on)
    else:
        holds, on = partial(_earned, rule, case.on), case.on
    evaluation = evaluate(rule, record, on)
    if not case.keeps and evaluation.satisfied != case.satisfied:
        because = "; ".join(_reasons(rule, evaluation))
        return [f"satisfied? we say {_yes(evaluation.satisfied)}, the issuer {_yes(case.satisfied)} ({because})"]
    faults = [*_results(rule, case, evaluation, record), *counted(rule, case, evaluation, record, titles or {})]
    if case.satisfied:
        faults += [*_needed(case, record, holds), *_unused(case, evaluation, record, holds)]
    return faults


def _earned(rule: Rule, on: date, record: Record) -> bool:
    return satisfied(rule, record, on)


def _stands(rule: Rule, on: date, earned_on: date, record: Record) -> bool:
    return stands(rule, record, on, earned_on=earned_on)


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


def _needed(case: Case, record: Record, holds: Callable[[Record], bool]) -> Iterator[str]:
    if case.needed is None:
        return
    needed = {each.id for each in record.holdings if not holds(_without(record, each.id))}
    if needed != set(case.needed):
        said = ", ".join(sorted(case.needed)) or "none"
        yield f"needed: the issuer says {said}, we say {', '.join(sorted(needed)) or 'none'}"


def _without(record: Record, holding: str) -> Record:
    return replace(record, holdings=tuple(each for each in record.holdings if each.id != holding))


def _unused(case: Case, evaluation: Evaluation, record: Record, holds: Callable[[Record], bool]) -> Iterator[str]:
    """Awards that are said to count in no choice, and do; and those that count in none, which is not said."""
    if case.unused is None:
        return
    of_use, all_tried = useful(record, holds)
    spared = of_use.intersection(case.unused)
    if spared:
        yield f"unused: {', '.join(sorted(spared))} should count in no choice, and in one of ours does"
    reasons = {each.holding: each.code for each in evaluation.unused}
    left = {each.id for each in record.holdings} - of_use - set(case.unused) if all_tried else set()
    # What is merely too much may still be put beside the rest, and then it counts.
    idle = sorted(each for each in left if reasons.get(each) not in SURPLUS)
    if idle:
        yield f"unused: {', '.join(idle)} counts in no choice of ours, which the issuer does not say"


def _results(rule: Rule, case: Case, evaluation: Evaluation, record: Record) -> Iterator[str]:
    found: dict[str, Any] = dict(results_of(rule, evaluation, record)) if case.result else {}
    for name, said in case.result.items():
        if not name:
            # The case does not say which: the award has one.
            if _plain(said) not in [_plain(each) for each in found.values()]:
                ours = ", ".join(map(str, found.values())) or "nothing"
                yield f"result: the issuer says {said}, we say {ours}"
        elif name not in found:
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
