"""Whether days are alike for a rule: then one of them is judged for all."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date

from pathways.rules.requirement import Newest, Overlap, Rule, Where, conditions_of, walk

# What a pool asks of a holding that no day changes.
_TIMELESS = frozenset(
    {
        "achievements", "without_achievements", "repeats", "grade_at_least", "level_at_least", "level_at_most", "marks",
        "issuers", "sources", "kinds", "subjects", "skills", "tags", "with_tags", "without_tags",
    }
)  # fmt: skip


def by_what_fits_alone(rule: Rule) -> bool:
    """Whether the verdict on a record depends on the day only through what fits where, and which checks are met."""
    if rule.substitutes or rule.barred or rule.renewals:
        return False
    asked = [value for part in walk(rule.root) for value in (*conditions_of(part), *getattr(part, "rates", ()))]
    if any(isinstance(value, Newest | Overlap) for value in asked):
        return False
    if not all(isinstance(getattr(value, "beginning", None), date | None) for value in asked):
        return False
    said = (getattr(value, each.name) for value in asked for each in fields(value))
    return all(each.said <= _TIMELESS for each in _pools_in(said))


def _pools_in(values: Iterable[object]) -> Iterator[Where]:
    for value in values:
        if isinstance(value, Where):
            yield value
        elif isinstance(value, tuple):
            yield from _pools_in(getattr(each, "of", None) for each in value)
