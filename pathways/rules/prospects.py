"""What lies beside and ahead of a verdict: another choice as good, what misses by one thing only, the earliest day."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from pathways.rules.days import moved
from pathways.rules.equivalence import unified
from pathways.rules.evaluate import best_of, evaluate, problems_of, satisfied
from pathways.rules.evaluation import Evaluation, NearMiss, Prospects, ReasonCode
from pathways.rules.record import Record
from pathways.rules.requirement import Period, Rule, roots
from pathways.rules.turning import turning_days

# A reason of these kinds is nothing that a holding could miss by a little.
NO_MISS: frozenset[ReasonCode] = frozenset(
    {"not_asked", "nothing_to_add", "pinned", "revoked", "superseded", "repeated", "not_needed", "over_maximum"}
)
HORIZON = Period(years=10)
MAX_DAYS = 1_000


def evaluate_in_full(
    rule: Rule, record: Record, on: date, *, pins: Mapping[str, str] | None = None, until: date | None = None
) -> Evaluation:
    """The verdict with its prospects, which cost several times as much as the verdict alone."""
    evaluation = evaluate(rule, record, on, pins=pins)
    prospects = Prospects(
        alternative=has_alternative(rule, record, on, evaluation, pins=pins),
        earliest=on if evaluation.satisfied else earliest_possible(rule, record, on, until=until),
        near=() if evaluation.satisfied else tuple(near_misses(rule, record, on)),
    )
    return replace(evaluation, prospects=prospects)


def has_alternative(
    rule: Rule, record: Record, on: date, evaluation: Evaluation, *, pins: Mapping[str, str] | None = None
) -> bool:
    """Whether the rule is satisfied as well in another way: as few holdings, others or elsewhere."""
    if not evaluation.satisfied:
        return False
    rule, record = unified(rule, record, on)
    found = best_of(problems_of(rule, record, on, pins=pins), strict=True)
    if found is None:
        # The pins were set aside.
        pins, found = None, best_of(problems_of(rule, record, on), strict=True)
    if found is None:
        return False
    price = found[1][0].price
    taken = {(use.leaf, use.holding.id) for _, use in found[1][0].uses(found[0])}
    for use in sorted(taken):
        other = best_of(problems_of(rule, record, on, pins=pins, closed=frozenset({use})), strict=True)
        if other is not None and other[1][0].price == price:
            return True
    return False


def near_misses(rule: Rule, record: Record, on: date) -> Iterator[NearMiss]:
    """Each holding, and the one reason that keeps it from satisfying the rule; nothing while the rule is satisfied."""
    rule, record = unified(rule, record, on)
    problems = problems_of(rule, record, on)
    if best_of(problems, strict=True) is not None:
        return
    candidates = problems[0].candidates
    for place, holding in enumerate(candidates.holdings):
        for leaf in candidates.leaves:
            code = candidates.reasons[leaf.id][place]
            if code is None or code in NO_MISS:
                continue
            forgiven = problems_of(rule, record, on, opened=frozenset({(leaf.id, holding.id)}))
            if best_of(forgiven, strict=True) is not None:
                yield NearMiss(holding=holding.id, node=leaf.id, code=code)


def earliest_possible(rule: Rule, record: Record, on: date, *, until: date | None = None) -> date | None:
    """The first day from `on` on which what is held now satisfies the rule by the mere passing of time, if any.

    Days up to `until` are looked at, ten years if none is said, and no more than a thousand turns.
    """
    if satisfied(rule, record, on):
        return on
    last = until or moved(on, HORIZON, 1)
    asked = (roots(rule)[0], rule.renewals)
    for day in turning_days(asked, record, on, last)[:MAX_DAYS]:
        if satisfied(rule, record, day):
            return day
    return None
