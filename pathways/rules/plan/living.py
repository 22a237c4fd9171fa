"""Lives a set of offers through, day by day, as the evaluator judges it: whether it goes, and when it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from pathways.rules.effort import TooCostlyError
from pathways.rules.exceptions import judge, satisfied
from pathways.rules.plan.cover import bits, things_in
from pathways.rules.plan.question import Question
from pathways.rules.plan.timetable import Slot
from pathways.rules.record import Other, Record


@dataclass(frozen=True)
class Course:
    """How a set of offers goes: when each is studied, what is awarded when, and when each target is met."""

    slots: Mapping[int, Slot]
    record: Record
    awarded: Mapping[str, date]
    met: Mapping[str, date]

    @property
    def ends_on(self) -> date:
        return max(self.met.values())


class Living:
    """Sets of offers, each tried once."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._courses: dict[int, Course | None] = {}

    def goes(self, chosen: int) -> Course | None:
        """How the set goes, day by day, if it meets every target."""
        if chosen not in self._courses:
            try:
                self._courses[chosen] = self._try(chosen)
            except TooCostlyError:
                self._courses[chosen] = None
        return self._courses[chosen]

    def ends_on(self, chosen: int) -> date:
        course = self.goes(chosen)
        assert course is not None  # noqa: S101 (only sets that go are offered to a search)
        return course.ends_on

    def _try(self, chosen: int) -> Course | None:
        calendar = self.question.calendar()
        fixed = {place: self.question.fixed(place) for place in self.question.dated(chosen)}
        if not all(calendar.take(slot, self.question.offerings[place].hours) for place, slot in fixed.items()):
            return None
        waiting = [place for place in things_in(chosen) if self.question.offerings[place].ends_on is None]
        waiting.sort(key=lambda place: (self._deadline(place, fixed), not self._opens(place, chosen), place))
        unsure = [*fixed]
        slots: dict[int, Slot] = {}
        course = self._live(slots)
        while unsure or waiting:
            ready = {place: self._begins(place, course) for place in (*unsure, *waiting)}
            sure = [place for place in unsure if (day := ready[place]) is not None and day <= fixed[place].begins_on]
            free = next((place for place in waiting if ready[place] is not None), None)
            if sure:
                slots |= {place: fixed[place] for place in sure}
                unsure = [place for place in unsure if place not in sure]
            elif free is not None:
                each = self.question.offerings[free]
                slot = calendar.fill(
                    max(ready[free] or self.question.on, each.starts_on or self.question.on), each.hours
                )
                if slot is None:
                    return None
                slots[free] = slot
                waiting.remove(free)
            else:
                return None
            if not (unsure or waiting) or any(self._begins(place, course) is None for place in (*unsure, *waiting)):
                course = self._live(slots)
        return course if self.question.targets.keys() <= course.met.keys() else None

    def _deadline(self, place: int, fixed: Mapping[int, Slot]) -> date:
        """By when it must be finished for the sake of something with dates of its own."""
        days = [
            slot.begins_on
            for each, slot in fixed.items()
            for key in self.question.offerings[each].needs
            if self.question.outlook.leading_to(key) >> place & 1
        ]
        return min(days, default=date.max)

    def _opens(self, place: int, chosen: int) -> bool:
        return any(
            self.question.outlook.leading_to(key) >> place & 1
            for each in things_in(chosen)
            for key in self.question.offerings[each].needs
        )

    def _begins(self, place: int, course: Course) -> date | None:
        """The first day on which everything is held that is needed; none as long as it is not."""
        if self.question.offerings[place].is_begun:
            return self.question.on
        days = [self.question.on]
        for key in self.question.offerings[place].needs:
            earned = [each.earned_on for each in course.record.holdings if each.kind != "grade" and each.key == key]
            if key not in self.question.outlook.held and not earned:
                return None
            days.append(self.question.on if key in self.question.outlook.held else min(earned))
        return max(days)

    def _live(self, slots: Mapping[int, Slot]) -> Course:
        """The days one after the other: what is finished brings its holdings, and rules award what they give."""
        record = self.question.record
        awarded: dict[str, date] = {}
        met: dict[str, date] = {}
        by_day: dict[date, list[int]] = {}
        done = 0
        for place, slot in sorted(slots.items()):
            by_day.setdefault(slot.ends_on, []).append(place)
        for day in sorted(by_day):
            gains = [gain.earned(day) for place in by_day[day] for gain in self.question.offerings[place].gains]
            record = replace(record, holdings=(*record.holdings, *gains))
            today = bits(by_day[day])
            done |= today
            refused: list[str] = []
            waiting = [
                name
                for name in self.question.rules
                if self.question.outlook.touches[name] & today
                and not (name in met or name in awarded or self.question.outlook.asked.rules_out(name, done))
            ]
            # The lowest first, and again only what looks at something that was awarded since.
            waiting.sort(key=lambda name: (self.question.outlook.touches[name].bit_count(), name))
            while waiting:
                name = waiting.pop(0)
                if not satisfied(name, self.question.rules[name], record, day):
                    refused.append(name)
                    continue
                record = self.awarded(name, record, day)
                if name in self.question.targets:
                    met[name] = day
                if name in self.question.offer.stacks:
                    awarded[name] = day
                    again = [each for each in refused if self.question.outlook.looks_at(each, name)]
                    refused = [each for each in refused if each not in again]
                    waiting += again
        return Course(slots=slots, record=record, awarded=awarded, met=met)

    def awarded(self, name: str, record: Record, day: date) -> Record:
        stack = self.question.offer.stacks.get(name)
        if stack is None:
            return record
        others = record.others
        if self.question.tracks_use:
            used = judge(name, self.question.rules[name], record, day).used
            own = stack.gain.holding
            others = (
                *others,
                Other(
                    id=name,
                    uses=used,
                    kind=own.achievement_kind,
                    level="" if own.level is None else str(own.level),
                    tags=own.tags,
                    amounts=(("credits", own.credits), ("hours", own.hours)),
                ),
            )
        return replace(record, holdings=(*record.holdings, stack.gain.earned(day)), others=others)

    # What is said of it
