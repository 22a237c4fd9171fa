"""Whether a rule costs too much to evaluate: by its ways through choices, sums that contend, and dates to try."""

from collections.abc import Iterator
from math import prod

from pathways.rules.candidates import repeats, scopes
from pathways.rules.compiled import is_slot
from pathways.rules.requirement import (
    All,
    Amount,
    Average,
    Condition,
    Group,
    Groups,
    LastOf,
    OneYear,
    Order,
    Pool,
    Requirement,
    Rule,
    Span,
    Together,
    conditions_of,
    needed_parts,
    walk,
)
from pathways.rules.soundness.findings import Finding

# Ways through the choices of a rule, and sums that contend for the same holdings, that one evaluation may try. Both
# are far above any rule that was read, and keep the worst record within a second.
MAX_WAYS = 100_000
MAX_CONTENDING_SUMS = 8
# Each day on which such a condition may turn is tried with each day of the others.
MAX_DATE_CONDITIONS = 12

# Conditions of which each case is tried by itself.
OnDates = Order | OneYear | Span | Together | Groups | LastOf


def costs_too_much(rule: Rule) -> Iterator[Finding]:
    count = ways(rule.root)
    if count > MAX_WAYS:
        yield Finding(code="too_many_ways", node=rule.root.id, values=(("ways", count), ("limit", MAX_WAYS)))
    turning = [each for part in walk(rule.root) for each in conditions_of(part) if _is_on_dates(each)]
    if len(turning) > MAX_DATE_CONDITIONS:
        yield Finding(
            code="too_many_date_conditions",
            node=turning[0].id,
            values=(("count", len(turning)), ("limit", MAX_DATE_CONDITIONS)),
        )
    scope = scopes(rule.root)
    sums: dict[str, list[Amount]] = {}
    for part in walk(rule.root):
        if isinstance(part, Amount) and not repeats(part):
            sums.setdefault(scope[part.id], []).append(part)
    for contending in sums.values():
        open_to_all = [part for part in contending if not part.pool.achievements]
        rivals = max((sum(not _apart(one.pool, each.pool) for each in open_to_all) for one in open_to_all), default=0)
        if rivals > MAX_CONTENDING_SUMS:
            yield Finding(
                code="too_many_sums",
                node=contending[0].id,
                values=(("sums", rivals), ("limit", MAX_CONTENDING_SUMS)),
            )


def ways(part: Requirement) -> int:
    """In how many ways the choices of a part can be made; choices among single things are matched, not tried."""
    return _ways(part, under=False)


def _ways(part: Requirement, *, under: bool) -> int:
    if not isinstance(part, Group):
        return 1
    under = under or bool(part.conditions)
    if all(is_slot(each, under=under) for each in part.parts):
        return 1
    inner = [_ways(each, under=under) for each in part.parts]
    if isinstance(part, All):
        return prod(inner)
    if under:
        # A condition may need more of the parts than must be met: every larger choice is tried too.
        return prod(1 + each for each in inner)
    sums = [1] + [0] * needed_parts(part)
    for each in inner:
        for size in range(len(sums) - 1, 0, -1):
            sums[size] += sums[size - 1] * each
    return sums[-1]


def _is_on_dates(condition: Condition) -> bool:
    return isinstance(condition, OnDates) or (isinstance(condition, Average) and condition.last is not None)


def _apart(one: Pool, other: Pool) -> bool:
    """Whether hardly anything is in both pools: they ask for other values of the same property."""
    for name in ("subjects", "kinds", "issuers", "sources", "tags", "with_tags"):
        asked, others = set(getattr(one, name)), set(getattr(other, name))
        if asked and others and asked.isdisjoint(others):
            return True
    return False
