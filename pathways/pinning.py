"""Choosing what counts where in a rule, by the learner whose holdings they are; and taking the choice back.

A choice is heeded where it makes the verdict no worse (`rules/pins.py`), so keeping one awards nothing and takes
nothing away: there is nothing to settle.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pathways import choices, guidance, stacking
from pathways.choices import Move
from pathways.holdings import FALLEN, institution_day
from pathways.models import PathwayEnrolment, Pin
from pathways.queries import record_of
from pathways.rules import pins
from pathways.rules.exceptions import apply
from pathways.rules.record import Pin as PinValue
from pathways.rules.record import Record
from pathways.rules.requirement import Rule
from portal.accounts.ledger import lock_learners
from portal.shared import audit
from portal.shared.refusals import Refusal

MOST_PINS = 20


class CannotCount(Refusal):
    """The part does not take such a holding, or there is no such part, holding or rule."""

    words: ClassVar = _("That cannot count there, so there is nothing to choose.")
    status: ClassVar = 422


class MoreWouldBeMissing(Refusal):
    """The choice would be set aside by every decision."""

    words: ClassVar = _("With that choice more would be missing, so it would be set aside. It is not kept.")
    status: ClassVar = 409


class CountsNowhereEvenSo(Refusal):
    """The choice would have no effect."""

    words: ClassVar = _("It would not count there even so: the rule gets by with fewer. The choice is not kept.")
    status: ClassVar = 409


class EarnedAlready(Refusal):
    """What counted when the award was made stays."""

    words: ClassVar = _("You have earned “{name}”, and what counted in it then stays.")


class TooManyPins(Refusal):
    """A learner makes so many choices about one rule at the most."""

    words: ClassVar = _("You have made {count} choices here already. Take one back first.")


REFUSALS: dict[pins.WhyNot, type[Refusal]] = {
    "cannot": CannotCount,
    "worse": MoreWouldBeMissing,
    "idle": CountsNowhereEvenSo,
}


@dataclass(frozen=True)
class Effect:
    """What a choice would change: what counts elsewhere, and which earlier choices would no longer be followed."""

    moves: tuple[Move, ...]
    set_aside: int


def foresee(*, place: PathwayEnrolment, node: str, holding: str, here: bool, at: datetime) -> Effect:
    """What the choice would change; writes nothing. The same refusals as `pin`."""
    rule, before, after = _imagined(place, node, holding, here=here, on=institution_day(at))
    found, first, then = choices.moves(place.pathway.target.slug, rule, before, after, institution_day(at))
    new = after.pins[0]
    gone = [each for each in first.heeded if each not in then.heeded and not _ends(each, new)]
    return Effect(tuple(found), len(gone))


@transaction.atomic
def pin(*, place: PathwayEnrolment, node: str, holding: str, here: bool, at: datetime) -> Pin:
    """Keep the choice, in place of an earlier one that it ends.

    Refuses CannotCount, MoreWouldBeMissing, CountsNowhereEvenSo, EarnedAlready, TooManyPins.
    """
    lock_learners([place.learner_id])
    target = place.pathway.target
    _imagined(place, node, holding, here=here, on=institution_day(at))
    made = choices.pins_of(place.learner, target)
    new = Pin(learner=place.learner, achievement=target, node=node, holding=holding, here=here, set_at=at)
    ended = [each for each in made if _ends(_value(each, target.slug), _value(new, target.slug))]
    if len(made) - len(ended) >= MOST_PINS:
        raise TooManyPins(count=MOST_PINS)
    for each in ended:
        each.delete()
    new.save()
    audit.note("choose what counts", new, actor=place.learner, at=at, concerns=place.learner, node=node, here=here)
    return new


@transaction.atomic
def unpin(*, place: PathwayEnrolment, pin: Pin, at: datetime) -> None:
    """Take a choice back. Refuses EarnedAlready."""
    lock_learners([place.learner_id])
    _refuse_if_earned(place, record_of(place.learner), institution_day(at))
    audit.note("take choice back", pin, actor=place.learner, at=at, concerns=place.learner, node=pin.node)
    pin.delete()


def is_open(place: PathwayEnrolment, record: Record, on: date) -> bool:
    """Whether anything is to be chosen still: no award is held for which it was decided what counts."""
    return not any(
        each.kind == "award"
        and each.key == place.pathway.target.slug
        and each.status != FALLEN
        and not stacking.has_run_out(each, on)
        for each in record.holdings
    )


def _refuse_if_earned(place: PathwayEnrolment, record: Record, on: date) -> None:
    if not is_open(place, record, on):
        raise EarnedAlready(name=place.pathway.target.name)


def _imagined(place: PathwayEnrolment, node: str, holding: str, *, here: bool, on: date) -> tuple[Rule, Record, Record]:
    """The rule that binds the learner, and their record without and with the choice."""
    rule = guidance.bound_rule(place, guidance.rules_in_force())
    before = record_of(place.learner)
    _refuse_if_earned(place, before, on)
    if rule is None:
        raise CannotCount
    slug = place.pathway.target.slug
    new = PinValue(rule=slug, node=node, holding=holding, here=here)
    after = replace(before, pins=(new, *(each for each in before.pins if not _ends(each, new))))
    applied = apply(slug, rule, after, on)
    reason = pins.why_not(new, applied.rule, applied.record, on)
    if reason is not None:
        raise REFUSALS[reason]
    return rule, before, after


def _value(pin: Pin, slug: str) -> PinValue:
    return PinValue(rule=slug, node=pin.node, holding=pin.holding, here=pin.here)


def _ends(earlier: PinValue, new: PinValue) -> bool:
    """Whether both cannot be said: of one holding two different things in one part, or two places."""
    return (
        earlier.rule == new.rule
        and earlier.holding == new.holding
        and (earlier.node == new.node or (earlier.here and new.here))
    )
