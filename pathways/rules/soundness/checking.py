"""Asks all that can stand against a rule: of each part and condition, of what it says as a whole, and of its cost."""

from collections.abc import Iterator

from pathways.rules.requirement import (
    MAX_CLAUSES,
    MAX_DEPTH,
    Group,
    Requirement,
    Rule,
    conditions_of,
    looked_into,
    roots,
    walk,
)
from pathways.rules.soundness.conditions import check_condition
from pathways.rules.soundness.cost import costs_too_much
from pathways.rules.soundness.findings import Finding
from pathways.rules.soundness.meanings import check_meanings
from pathways.rules.soundness.parts import check_part, demanded_twice


def check(rule: Rule) -> list[Finding]:
    """Everything that forbids publishing this rule; an empty list if nothing does."""
    more = [finding for root in roots(rule)[1:] for finding in check(Rule(root=root))]
    return [*_check_root(rule), *more, *check_meanings(rule)]


def _check_root(rule: Rule) -> list[Finding]:
    parts = list(walk(rule.root))
    if _depth(rule.root) > MAX_DEPTH:
        return [Finding(code="too_deep", node=rule.root.id, values=(("limit", MAX_DEPTH),))]
    if len(parts) > MAX_CLAUSES:
        return [Finding(code="too_many_parts", node=rule.root.id, values=(("limit", MAX_CLAUSES),))]
    looked_at = {each.id for part in parts if conditions_of(part) for each in walk(part)}
    findings = [finding for part in parts for finding in _check_part(part, under=part.id in looked_at)]
    findings += [finding for part in parts for each in conditions_of(part) for finding in check_condition(part, each)]
    if not findings:
        findings += demanded_twice(rule)
        findings += costs_too_much(rule)
    return findings


def _check_part(part: Requirement, *, under: bool) -> Iterator[Finding]:
    yield from check_part(part, under=under)
    inner = looked_into(part)
    if inner is not None:
        yield from check(Rule(root=inner))


def _depth(part: Requirement) -> int:
    return 1 + max((_depth(each) for each in part.parts), default=0) if isinstance(part, Group) else 1
