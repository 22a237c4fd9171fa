"""Looks for the cheapest set of offers by hours or price, or for the soonest, and for how good any other could be."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pathways.rules.plan.answer import Plan
from pathways.rules.plan.cover import NEVER, Demand, Judgement, Search, bits, things_in
from pathways.rules.plan.living import Living
from pathways.rules.plan.program import Proof
from pathways.rules.plan.question import Question
from pathways.rules.plan.telling import Telling

FIRST_STEPS = 120
# How often a program is asked before anything else, and for each day by which something may be finished.
FIRST_ROUNDS, ROUNDS_A_DAY = 8, 12


class Planner:
    """The search for one question."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.living = Living(question)
        self.telling = Telling(self.living)
        self.splits = question.outlook.asked.splits()
        self.looked = 0

    def cheapest(self) -> Iterator[Plan]:
        costs, unit = self.question.costs(self.question.wish.by)
        search = self._search(costs, self.question.left_out)
        proof = Proof(search, self.splits, unit)
        proof.go(FIRST_ROUNDS)
        shown = NEVER
        while True:
            if search.best is not None and search.price < shown:
                shown = search.price
                yield self._found(search, unit)
            if search.is_done or search.is_proved or search.steps >= self.question.wish.steps:
                break
            if search.best is not None and proof.goes_on:
                proof.go(1)
            else:
                self._go_on(search, self.question.wish.steps - search.steps, costs)
        self.looked = search.steps
        if search.best is None and search.floor >= NEVER:
            yield self.telling.hopeless()
        elif search.best is None:
            yield self.telling.none_found(self._bound(search, unit))
        else:
            yield self._found(search, unit)

    def _found(self, search: Search, unit: int) -> Plan:
        # Proved by what was asked for; among plans that are as cheap another may be better by the rest.
        assert search.best is not None  # noqa: S101 (asked only once there is one)
        proved = search.floor // unit >= search.price // unit
        return self._plan(search.best, self._bound(search, unit), proved=proved)

    def _bound(self, search: Search, unit: int) -> Decimal:
        return Decimal(search.floor // unit) / (100 if self.question.wish.by == "price" else 10)

    def _search(self, costs: Sequence[int], excluded: Mapping[int, object]) -> Search:
        demands = self.question.outlook.asked.of_targets()
        demands += [Demand(things=((place, 1),)) for place in things_in(self.question.pinned)]
        out = bits(
            [place for place in range(len(self.question.offerings)) if not self.question.outlook.relevant >> place & 1]
        )
        out |= bits(list(excluded))

        def judged(chosen: int) -> Judgement:
            if not self.question.outlook.may_do(chosen):
                return self.question.outlook.cut(chosen, costs)
            return self.living.goes(chosen) is not None

        return Search(
            costs,
            demands,
            judge=judged,
            follows={place: asked for place in things_in(self.question.usable) if (asked := self._first(place))},
            clashes=self.question.clash,
            excluded=out,
        )

    def _go_on(self, search: Search, steps: int, costs: Sequence[int]) -> None:
        """Search on; where nothing was found after a while, begin with everything and leave out what can be spared."""
        if search.best is not None or search.steps >= FIRST_STEPS:
            search.run(steps)
        elif not search.run(min(FIRST_STEPS, steps)) and not search.is_done:
            start = self._some(search.usable, costs)
            if start is not None:
                search.offer(start)

    def _first(self, place: int) -> list[Demand]:
        return [] if self.question.offerings[place].is_begun else self.question.outlook.asked.first(place)

    def _some(self, usable: int, costs: Sequence[int]) -> int | None:
        """A set that does, with nothing in it that can be spared: everything, less the dearest that can go, in turn.

        Where such a set does not go together in time, what has dates of its own is spared first.
        """
        if not self.question.outlook.may_do(usable):
            return None
        for by_dates in (False, True):
            order = sorted(
                things_in(usable & ~self.question.pinned),
                key=lambda each: (by_dates and self.question.offerings[each].ends_on is None, -costs[each], -each),
            )
            chosen = self._spared(usable, order)
            if self.living.goes(chosen) is not None:
                return chosen
        return None

    def _spared(self, chosen: int, order: Sequence[int]) -> int:
        """Without each of these, in turn, that can be spared; where all of a half can, they are not asked singly."""
        left = chosen & ~bits(order)
        if not order or self.question.outlook.may_do(left):
            return left
        if len(order) == 1:
            return chosen
        half = len(order) // 2
        return self._spared(self._spared(chosen, order[:half]), order[half:])

    def soonest(self) -> Iterator[Plan]:
        """For each day on which something ends: of what can end by then, the set with the fewest hours.

        No plan ends before what it needs can end, nor before there was time for its hours.
        """
        costs, unit = self.question.costs("hours")
        ends = self._ends_alone()
        days = sorted({*ends.values()})
        days = days[bisect_left(days, True, key=lambda day: self.question.outlook.may_do(_by(day, ends))) :]
        if not days:
            yield self.telling.hopeless()
            return
        # What the hours alone forbid, whatever ends when; the set found on the way is the first answer.
        search = self._search(costs, self.question.left_out)
        Proof(search, self.splits, unit).go(FIRST_ROUNDS)
        while search.best is None and not search.is_done and search.steps < self.question.wish.steps // 2:
            self._go_on(search, self.question.wish.steps // 2 - search.steps, costs)
        if search.best is not None:
            yield self._plan(search.best, days[0], proved=days[0] >= self.living.ends_on(search.best))
        self._look(search, self.question.wish.steps // 2, costs)
        if search.best is None and search.floor >= NEVER:
            yield self.telling.hopeless()
            return
        least = self.question.calendar().alone(self.question.on, Decimal(search.floor // unit) / 10)
        best = search.best
        bounds = [date.max]
        if best is not None:
            yield self._plan(best, max(days[0], least), proved=max(days[0], least) >= self.living.ends_on(best))
        for day in days:
            if best is not None and max(day, least) >= self.living.ends_on(best):
                break
            if self.looked >= self.question.wish.steps:
                bounds.append(max(day, least))
                break
            search = self._search(costs, dict.fromkeys(things_in(self.question.outlook.relevant & ~_by(day, ends))))
            Proof(search, self.splits, unit).go(ROUNDS_A_DAY)
            self._look(search, self.question.wish.steps - self.looked, costs)
            if search.floor < NEVER:
                hours = Decimal(search.floor // unit) / 10
                bounds.append(max(day, self.question.calendar().alone(self.question.on, hours)))
            if search.best is not None and (
                best is None or self.living.ends_on(search.best) < self.living.ends_on(best)
            ):
                best = search.best
                yield self._plan(best, min(self.living.ends_on(best), *bounds), proved=False)
        bound = min(bounds)
        if best is None:
            yield self.telling.none_found(bound if bound < date.max else None)
        else:
            last = self.living.ends_on(best)
            yield self._plan(best, min(last, bound), proved=bound >= last)

    def _look(self, search: Search, steps: int, costs: Sequence[int]) -> None:
        while not (search.is_done or search.is_proved) and search.steps < steps:
            self._go_on(search, steps - search.steps, costs)
        self.looked += search.steps

    def _ends_alone(self) -> dict[int, date]:
        """When each offer can end, were there nothing else to study but what must come before it; others are out."""
        calendar = self.question.calendar()
        ends = {
            place: each.ends_on or calendar.alone(each.starts_on or self.question.on, each.hours)
            for place, each in enumerate(self.question.offerings)
            if self.question.usable >> place & 1
        }
        for _round in range(len(ends)):
            before = dict(ends)
            for place in [*ends]:
                each = self.question.offerings[place]
                ready = self._ready(place, before)
                if ready is None or (each.ends_on is not None and ready > self.question.fixed(place).begins_on):
                    del ends[place]
                elif each.ends_on is None:
                    ends[place] = calendar.alone(max(ready, each.starts_on or self.question.on), each.hours)
            if ends == before:
                break
        return ends

    def _ready(self, place: int, ends: Mapping[int, date]) -> date | None:
        """The first day on which what the offer needs could be held; none if it never is."""
        ready = self.question.on
        for key in () if self.question.offerings[place].is_begun else self.question.offerings[place].needs:
            if key not in self.question.outlook.held:
                giving = [ends[each] for each in things_in(self.question.outlook.leading_to(key)) if each in ends]
                if not giving:
                    return None
                ready = max(ready, min(giving))
        return ready

    # How a set of offers goes

    def _plan(self, chosen: int, bound: Decimal | date, *, proved: bool) -> Plan:
        return replace(self.telling.plan(chosen, bound, proved=proved), looked=self.looked)


def _by(day: date, ends: Mapping[int, date]) -> int:
    return bits([place for place, end in ends.items() if end <= day])
