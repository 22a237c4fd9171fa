"""What lies beside and ahead of a verdict: another choice as good, what misses by one thing only, the earliest day.

Each costs several times as much as the verdict, so each is looked for within a bound of its own, and said to be
unknown where that is not enough.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from pathways.rules import effort, exceptions
from pathways.rules import pins as pins_of
from pathways.rules.case import Case
from pathways.rules.days import moved, next_day
from pathways.rules.evaluate import best_of, evaluate, problems_of, satisfied
from pathways.rules.evaluation import Evaluation, NearMiss, Prospects, ReasonCode, Unknown
from pathways.rules.record import Record
from pathways.rules.requirement import Period, Rule, roots
from pathways.rules.turning import turning_days

# A reason of these kinds is nothing that a holding could miss by a little.
NO_MISS: frozenset[ReasonCode] = frozenset(
    {"not_asked", "nothing_to_add", "pinned", "revoked", "superseded", "repeated", "not_needed", "over_maximum"}
)
HORIZON = Period(years=10)
MAX_DAYS = 1_000
# For each of the three questions: about a third of a second.
MOST = effort.MOST // 6

Answer = TypeVar("Answer")


def evaluate_in_full(
    rule: Rule, record: Record, on: date, *, pins: Mapping[str, str] | None = None, until: date | None = None
) -> Evaluation:
    """The verdict with its prospects."""
    evaluation = evaluate(rule, record, on, pins=pins)
    days = (day for day in _days(rule, record, on, until) if satisfied(rule, record, day))
    return replace(evaluation, prospects=_prospects(Case(rule, record, on, pins or {}), evaluation, days))


def judge_in_full(slug: str, rule: Rule, record: Record, on: date, *, until: date | None = None) -> Evaluation:
    """The same for the rule of the achievement `slug`, with all that people have decided about this learner."""
    evaluation = exceptions.judge(slug, rule, record, on)
    applied = exceptions.apply(slug, rule, record, on)
    days = (
        day
        for day in sorted({*_days(rule, record, on, until), *_days_of_rulings(record, on, until)})
        if exceptions.satisfied(slug, rule, record, day)
    )
    chosen = pins_of.heeded(slug, applied.rule, applied.record, on)
    case = Case(applied.rule, applied.record, on, chosen.here, chosen.closed)
    found = _prospects(case, evaluation, days)
    near = dict.fromkeys(replace(each, node=exceptions.written(each.node)) for each in found.near)
    return replace(evaluation, prospects=replace(found, near=tuple(near)))


def _prospects(case: Case, evaluation: Evaluation, days: Iterator[date]) -> Prospects:
    """`days` are those to come, in order, on which what is held satisfies the rule."""
    unknown: list[Unknown] = []
    if evaluation.satisfied:
        other = _within(lambda: has_alternative(case), "alternative", unknown)
        return Prospects(alternative=bool(other), earliest=case.on, unknown=tuple(unknown))
    earliest = _within(lambda: next(days, None), "earliest", unknown)
    near: list[NearMiss] = []

    def look() -> None:
        # One by one, so that what was found before the bound stays found.
        for each in near_misses(case):
            near.append(each)

    _within(look, "near", unknown)
    return Prospects(earliest=earliest, near=tuple(near), unknown=tuple(unknown))


def _within(ask: Callable[[], Answer], name: Unknown, unknown: list[Unknown]) -> Answer | None:
    try:
        with effort.bounded(MOST):
            return ask()
    except effort.TooCostlyError:
        unknown.append(name)
        return None


def has_alternative(case: Case) -> bool:
    """Whether the rule is satisfied, and as well in another way: as few holdings, others or elsewhere."""
    case = case.resolved()
    found = best_of(problems_of(case), strict=True)
    if found is None:
        # The learner's choices were set aside.
        case = case.unchosen()
        found = best_of(problems_of(case), strict=True)
    if found is None:
        return False
    price = found[1][0].price
    taken = {(use.leaf, use.holding.id) for _, use in found[1][0].uses(found[0])}
    for use in sorted(taken):
        other = best_of(problems_of(replace(case, closed=case.closed | {use})), strict=True)
        if other is not None and other[1][0].price == price:
            return True
    return False


def near_misses(case: Case) -> Iterator[NearMiss]:
    """Each holding, and the one reason that keeps it from satisfying the rule; nothing while the rule is satisfied."""
    case = case.resolved().unchosen()
    problems = problems_of(case)
    if best_of(problems, strict=True) is not None:
        return
    candidates = problems[0].candidates
    for place, holding in enumerate(candidates.holdings):
        for leaf in candidates.leaves:
            code = candidates.reasons[leaf.id][place]
            if code is None or code in NO_MISS:
                continue
            forgiven = problems_of(replace(case, opened=frozenset({(leaf.id, holding.id)})))
            if best_of(forgiven, strict=True) is not None:
                yield NearMiss(holding=holding.id, node=leaf.id, code=code)


def earliest_possible(rule: Rule, record: Record, on: date, *, until: date | None = None) -> date | None:
    """The first day from `on` on which what is held now satisfies the rule by the mere passing of time, if any.

    Days up to `until` are looked at, ten years if none is said, and no more than a thousand turns.
    """
    return next((day for day in (on, *_days(rule, record, on, until)) if satisfied(rule, record, day)), None)


def _days(rule: Rule, record: Record, on: date, until: date | None) -> list[date]:
    asked = (roots(rule)[0], rule.renewals)
    return turning_days(asked, record, on, until or moved(on, HORIZON, 1))[:MAX_DAYS]


def _days_of_rulings(record: Record, on: date, until: date | None) -> Iterator[date]:
    """When a decision begins to hold, or no longer does."""
    last = until or moved(on, HORIZON, 1)
    for each in record.rulings:
        for day in (each.since, None if each.until is None else next_day(each.until)):
            if day is not None and on < day <= last:
                yield day
