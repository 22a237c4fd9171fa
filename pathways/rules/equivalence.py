"""Makes of a rule and a record what they mean by their equivalences: one name for each achievement, and what stands in.

Renewals lengthen validity, substitutes take the place of what they stand for, of barred achievements one is left, and
all names of one achievement become the first.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from math import ceil
from typing import Any

from pathways.rules.days import back, end_of
from pathways.rules.eligible import attempt_of, in_pool, standing
from pathways.rules.properties import as_number, facts_of, tagged
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Amount, Barred, Count, Limit, Renewal, Rule, Substitute

SUBSTITUTE = "substitute"
# More than any record holds.
UNREACHABLE = Decimal(10**9)


def unified(rule: Rule, record: Record, on: date) -> tuple[Rule, Record]:
    """The same rule and record with nothing left to translate."""
    if rule.asks_by_facts:
        rule = _with_facts(rule, record)
    if not (rule.same or rule.substitutes or rule.barred or rule.renewals):
        return rule, record
    names = {name: each.names[0] for each in rule.same for name in each.names}
    if names:
        rule, record = renamed(rule, names), _renamed_record(record, names)
    for renewal in rule.renewals:
        record = _renewed(record, renewal, on)
    for substitute in rule.substitutes:
        record = _substituted(record, substitute, names, on)
    for barred in rule.barred:
        record = _unbarred(record, barred, on)
    return rule, record


def _with_facts(value: Any, record: Record) -> Any:
    """The same part of a rule with the minima that facts ask for; a fact that is not known asks for all there is."""
    if isinstance(value, tuple):
        return tuple(_with_facts(each, record) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    given = {
        name: _with_facts(getattr(value, name), record)
        for name in ("parts", "part", "conditions", "root", "renewal", "keep", "reinstatement", "results")
        if hasattr(value, name)
    }
    if isinstance(value, Count | Amount | Limit) and value.at_least_fact:
        known = [each for word in facts_of(record, value.at_least_fact) if (each := as_number(word)) is not None]
        asked = max(value.at_least or Decimal(0), min(known, default=UNREACHABLE))
        given |= {"at_least": ceil(asked) if isinstance(value, Count) else asked, "at_least_fact": ""}
    if isinstance(value, Amount) and value.less_fact:
        brought = [each for word in facts_of(record, value.less_fact) if (each := as_number(word)) is not None]
        asked = given.get("at_least", value.at_least) - max((Decimal(0), *brought))
        given |= {"at_least": max(Decimal(0), asked), "less_fact": ""}
    return replace(value, **given) if given else value


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The same part of a rule with each achievement called by its one name."""
    if isinstance(value, tuple):
        return tuple(renamed(each, names) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    given: dict[str, Any] = {}
    for each in fields(value):
        content = getattr(value, each.name)
        if each.name in ("achievements", "without_achievements", "any_of"):
            given[each.name] = tuple(dict.fromkeys(names.get(name, name) for name in content))
        elif isinstance(content, tuple) or is_dataclass(content):
            given[each.name] = renamed(content, names)
    return replace(value, **given)


def _renamed_record(record: Record, names: Mapping[str, str]) -> Record:
    def called(each: Holding) -> Holding:
        return each if each.kind == "grade" or each.key not in names else replace(each, key=names[each.key])

    under_way = frozenset((kind, names.get(key, key) if kind != "grade" else key) for kind, key in record.under_way)
    return replace(record, holdings=tuple(called(each) for each in record.holdings), under_way=under_way)


def _substituted(record: Record, substitute: Substitute, names: Mapping[str, str], on: date) -> Record:
    def stands_for(each: Holding) -> Holding:
        if not in_pool(each, substitute.of, record, on):
            return each
        found = (substitute.achievement,) if substitute.achievement else tagged(each, substitute.property)
        if not found:
            return each
        key = names.get(found[0], found[0])
        carried = each.credits if substitute.credits is None else substitute.credits
        return replace(each, key=key, credits=carried, tags=each.tags | {SUBSTITUTE})

    return replace(record, holdings=tuple(stands_for(each) for each in record.holdings))


def _unbarred(record: Record, barred: Barred, on: date) -> Record:
    rivals = [
        each
        for each in record.holdings
        if each.kind != "grade" and each.key in barred.names and standing(each, on) is None
    ]
    kept = attempt_of(rivals, barred.keeps)
    losers = {each.id for each in rivals if kept is not None and each.key != kept.key}
    return replace(record, holdings=tuple(each for each in record.holdings if each.id not in losers))


def _renewed(record: Record, renewal: Renewal, on: date) -> Record:
    renewing = sorted(
        (each for each in record.holdings if in_pool(each, renewal.by, record, on)),
        key=lambda each: (each.earned_on, each.id),
    )

    def lasting(each: Holding) -> Holding:
        until = each.until
        if until is None or not in_pool(each, renewal.of, record, on):
            return each
        for by in renewing:
            last = end_of(until, renewal.grace) if renewal.grace is not None else until
            if by.id != each.id and each.earned_on <= by.earned_on <= last:
                new = by.until
                if renewal.period is not None:
                    near = renewal.extends_within is not None and by.earned_on >= back(until, renewal.extends_within)
                    new = end_of(until if renewal.extends or near else by.earned_on, renewal.period)
                if new is None:
                    until = None
                    break
                until = max(until, new)
        status = "active" if each.status == "expired" and (until is None or until >= on) else each.status
        return replace(each, until=until, status=status)

    return replace(record, holdings=tuple(lasting(each) for each in record.holdings))
