"""What a rule asks at the least, in words that learners can be made up for: who fails this, fails the rule."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from pathways.rules.made_up.known import known
from pathways.rules.pieces import default_of, every_value
from pathways.rules.requirement import (
    Blend,
    Check,
    Given,
    Graded,
    Group,
    NumberTest,
    Pool,
    Requirement,
    conditions_of,
)


def at_the_least(part: Requirement) -> Requirement:
    """The part with everything left out, or asked for less, that no proof can rest on."""
    kept = tuple(each for each in conditions_of(part) if _is_known(each))
    if kept != conditions_of(part):
        part = replace(part, conditions=kept)  # type: ignore[arg-type]
    if isinstance(part, Group):
        return replace(part, parts=tuple(at_the_least(each) for each in part.parts))
    if _is_known(part):
        return part
    if isinstance(part, Graded):
        return _some_grade(part)
    # What was met on another day may have been met by what is no longer so.
    return _nothing(part) if isinstance(part, Check) else _with_defaults(part)


def _is_known(value: Any) -> bool:
    return all(known(each) for each in every_value(value))


def _nothing(part: Requirement) -> Given:
    return Given(id=part.id, pool=Pool(), at_least=Decimal(0))


def _some_grade(mean: Graded) -> Requirement:
    """For grades to average so much, one of them must be so high, if nothing is rounded."""
    plain = not (mean.values or mean.ungraded_as_zero) and mean.property == "grade" and _is_known(mean.pool)
    plain = plain and not any(isinstance(each, Blend) and each.step is not None for each in every_value(mean.blend))
    if not plain or mean.at_least is None:
        return _nothing(mean)
    least = NumberTest(of="grade", at_least=mean.at_least)
    return Given(id=mean.id, pool=replace(mean.pool, numbers=(*mean.pool.numbers, least)))


def _with_defaults(leaf: Requirement) -> Requirement:
    """A leaf that takes whatever fits the fields that are known, and asks for no more than they say."""
    given: dict[str, Any] = {}
    for each in fields(leaf):
        value = getattr(leaf, each.name)
        if isinstance(value, Pool) or each.name == "where":
            given[each.name] = _wider(value)
    if getattr(leaf, "less_fact", ""):
        # A fact may bring in all of it.
        given |= {"at_least": Decimal(0), "less_fact": ""}
    return replace(leaf, **given)


def _wider(where: Any) -> Any:
    """The pool without what is not known of a holding: each field only shuts out, but for the statuses."""
    if where.statuses:
        return where
    return replace(
        where,
        **{
            each.name: default_of(each)
            for each in fields(where)
            if not all(known(value) for value in every_value(_only(where, each.name)))
        },
    )


def _only(where: Any, name: str) -> Any:
    return type(where)(**{name: getattr(where, name)})
