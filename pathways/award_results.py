"""What an award bears by its rule, as its credential states it: levels, titles, numbers, lists, and its last day."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from pathways.queries import names_of_keys
from pathways.rules import retention
from pathways.rules.evaluation import Evaluation
from pathways.rules.exceptions import results, satisfied
from pathways.rules.record import Record
from pathways.rules.requirement import Expiry, Listing, Rule
from pathways.rules.results import Found


def stated(rule: Rule, found: Mapping[str, Found], record: Record) -> list[dict[str, str]]:
    """The results in the words of a credential; a list names what counted, which costs queries where there is one."""
    return [
        {"name": each.name, "value": words}
        for each in rule.results
        # The last day of validity has a place of its own in a credential.
        if not isinstance(each, Expiry) and (words := _words(found[each.name], record, lists=isinstance(each, Listing)))
    ]


def _words(value: Found, record: Record, *, lists: bool) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value.normalize():f}"
        case list() if lists:
            # What is inside is named by its id; nobody else can tell what that is.
            keys = {each.id: each.key for each in record.holdings}
            wanted = [keys.get(each, each) for each in value]
            names = names_of_keys(set(wanted))
            return ", ".join(names.get(key, key) for key in wanted)
        case list():
            return ", ".join(value)
        case _:
            return str(value)


def says_last_day(rule: Rule) -> bool:
    """Whether the rule itself says how long its awards are valid."""
    return rule.validity is not None or any(isinstance(each, Expiry) for each in rule.results)


def last_day(slug: str, rule: Rule, record: Record, evaluation: Evaluation, *, earned_on: date) -> date | None:
    """The last day of validity by the rule, as far as is known on the day of the verdict; none if it says none.

    The end of the period since `earned_on` or of the last renewal, or the earliest end of what counts.
    """
    return min(_ends(slug, rule, record, evaluation, earned_on), default=None)


def _ends(slug: str, rule: Rule, record: Record, evaluation: Evaluation, earned_on: date) -> Iterator[date]:
    period = retention.valid_until(rule, record, evaluation.on, earned_on=earned_on, satisfied=partial(satisfied, slug))
    if period is not None:
        yield period
    expiries = tuple(each for each in rule.results if isinstance(each, Expiry))
    if expiries:
        # So long after the day means the day it was earned, whenever somebody looks at it again.
        found = results(slug, replace(rule, results=expiries), record, replace(evaluation, on=earned_on))
        yield from (each for each in found.values() if isinstance(each, date))
