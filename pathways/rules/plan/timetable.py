"""Puts what is to be studied on a calendar: what has dates keeps them, the rest fills the hours that are left.

Hours are counted in whole small parts, so that the same input gives the same days everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

# A seventieth of an hour: a tenth of an hour a week is a whole number of them a day.
PART = 70
DAYS_AHEAD = 366 * 20


@dataclass(frozen=True, kw_only=True)
class Slot:
    """From when to when something is studied, both days included."""

    begins_on: date
    ends_on: date


class Calendar:
    """The free hours of a learner from a day on, less what is placed."""

    def __init__(self, on: date, hours_per_week: Decimal) -> None:
        self.on = on
        self.daily = max(1, int(hours_per_week * PART) // 7)
        self._taken: dict[int, int] = {}

    def fixed(self, starts_on: date | None, ends_on: date) -> Slot:
        """When something with its own dates is studied by somebody who begins today at the earliest."""
        return Slot(begins_on=max(starts_on or self.on, self.on), ends_on=ends_on)

    def load(self, slot: Slot, hours: Decimal) -> int:
        days = (slot.ends_on - slot.begins_on).days + 1
        return -(-int(hours * PART) // days)

    def take(self, slot: Slot, hours: Decimal) -> bool:
        """Keep these days for it, spread evenly; whether they were free."""
        load = self.load(slot, hours)
        days = range(slot.begins_on.toordinal(), slot.ends_on.toordinal() + 1)
        if any(self._taken.get(day, 0) + load > self.daily for day in days):
            return False
        for day in days:
            self._taken[day] = self._taken.get(day, 0) + load
        return True

    def fill(self, since: date, hours: Decimal) -> Slot | None:
        """The first days with so many hours free; none if that takes longer than anybody plans."""
        left = int(hours * PART)
        day = first = max(since, self.on).toordinal()
        begun = False
        while True:
            free = self.daily - self._taken.get(day, 0)
            if free > 0 and left > 0:
                if not begun:
                    begun, first = True, day
                used = min(free, left)
                left -= used
                self._taken[day] = self._taken.get(day, 0) + used
            if left <= 0:
                break
            day += 1
            if day - self.on.toordinal() > DAYS_AHEAD:
                return None
        return Slot(begins_on=date.fromordinal(first), ends_on=date.fromordinal(day))

    def days_for(self, hours: Decimal) -> int:
        """How many days after the first one the last of so many hours falls, with nothing else to do."""
        return max(0, -(-int(hours * PART) // self.daily) - 1)

    def alone(self, since: date, hours: Decimal) -> date:
        return max(since, self.on) + timedelta(days=self.days_for(hours))


def go_together(slots: Sequence[tuple[Slot, Decimal]], on: date, hours_per_week: Decimal) -> bool:
    """Whether things with dates of their own leave enough hours for each other."""
    calendar = Calendar(on, hours_per_week)
    return all(calendar.take(slot, hours) for slot, hours in slots)
