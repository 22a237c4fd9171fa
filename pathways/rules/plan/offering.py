"""What a plan is made of: things on offer, what each brings, and achievements that a rule of their own gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from pathways.rules.days import moved
from pathways.rules.record import Holding
from pathways.rules.requirement import Period, Rule


@dataclass(frozen=True, kw_only=True)
class Gain:
    """A holding to come: everything about it but the day."""

    holding: Holding
    valid_months: int | None = None

    def earned(self, day: date) -> Holding:
        until = None if self.valid_months is None else moved(day, Period(months=self.valid_months), 1)
        return replace(self.holding, earned_on=day, until=until)


@dataclass(frozen=True, kw_only=True)
class Offering:
    """Something to be taken, whole or not at all, and what it brings once it is finished.

    `hours` and `price` are what is still to be given for it. With `ends_on` it keeps its own days, otherwise it is
    studied from `starts_on`, if that is set, in the hours that are free. `needs` are the achievements to be held
    before it begins. `is_begun` says that the learner has a place already, so that nothing but time is asked.
    """

    id: str
    gains: tuple[Gain, ...]
    hours: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    currency: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    places: int | None = None
    needs: tuple[str, ...] = ()
    is_begun: bool = False


@dataclass(frozen=True, kw_only=True)
class Stack:
    """An achievement that is awarded as soon as its rule is satisfied."""

    rule: Rule
    gain: Gain


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Everything that a learner may take and be awarded; `stacks` by the achievement that they give."""

    offerings: tuple[Offering, ...] = ()
    stacks: Mapping[str, Stack] = field(default_factory=dict)
