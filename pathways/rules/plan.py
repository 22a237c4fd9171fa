"""The cheapest way to finish: what to take, when, and why, by hours, by price or by date, for one target or several.

The evaluator is the judge: what a plan brings, day by day, satisfies the targets by evaluation. A search over sets of
offers, cut by what the rules ask for at the very least, says whether the plan is the best there is or how much better
another one could be at the most. It goes on in steps and not in time, so the answer depends on the arguments alone.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Literal

from pathways.rules.cover import NEVER, Demand, Judgement, Search, bits, things_in
from pathways.rules.effort import TooCostlyError
from pathways.rules.eligible import why_not
from pathways.rules.evaluation import Evaluation
from pathways.rules.exceptions import judge, satisfied
from pathways.rules.offering import Offer, Offering
from pathways.rules.record import Holding, Other, Record
from pathways.rules.relaxed import Outlook, negotiable
from pathways.rules.requirement import Leaf, Overlap, Requirement, Rule, Where, conditions_of, walk
from pathways.rules.timetable import Calendar, Slot, go_together

By = Literal["hours", "price", "date"]
BY: tuple[By, ...] = ("hours", "price", "date")
# best: no cheaper plan exists. found: the best that was found; `bound` says what no plan can be below. unknown: none
# was found, though the rules alone would allow one. none: not even everything on offer would do. nothing: all is there.
Outcome = Literal["best", "found", "unknown", "none", "nothing"]
LeftOutCode = Literal["excluded", "over", "full", "too_much_a_week", "other_currency"]
InsteadCode = LeftOutCode | Literal["costs_more", "ends_later", "not_enough", "clashes", "no_better"]

STEPS = 3_000
FIRST_STEPS = 120
MOST_INSTEAD = 4
# The id of a holding that is still to be awarded.
AWARD = "award:"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the learner wants: the least of what, with how many hours a week, with and without which offers.

    By price, offers in another currency are left out. `steps` is how long to look.
    """

    by: By = "hours"
    hours_per_week: Decimal = Decimal(40)
    currency: str = ""
    chosen: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    steps: int = STEPS


@dataclass(frozen=True, kw_only=True)
class Use:
    """Where something counts: in which part of the rule of what.

    `key` is what counts there; it comes of the offer `by`, or is an achievement that is awarded on the way.
    """

    owner: str
    node: str
    key: str
    by: str
    is_award: bool = False


@dataclass(frozen=True, kw_only=True)
class Instead:
    """Another offer for the same part, and why it is not in the plan; `more` is what it would cost besides."""

    offering: str
    code: InsteadCode
    more: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One offer to take, when, what for, and why this one. With `is_only` there is no way without it."""

    offering: str
    begins_on: date
    ends_on: date
    hours: Decimal
    price: Decimal
    currency: str
    uses: tuple[Use, ...]
    opens: tuple[str, ...]
    is_only: bool
    instead: tuple[Instead, ...]


@dataclass(frozen=True, kw_only=True)
class Approval:
    """An approval that the plan supposes."""

    owner: str
    node: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to take, in order of time, and what comes of it.

    `awards` are the achievements awarded on the way, with their day; `uses` where each counts. `lacking` says, when
    not even everything on offer would do, where each target would stand. `bound` is in hours, money or a day.
    """

    by: By
    on: date
    outcome: Outcome
    steps: tuple[Step, ...] = ()
    awards: Mapping[str, date] = field(default_factory=dict)
    uses: tuple[Use, ...] = ()
    met: Mapping[str, date] = field(default_factory=dict)
    hours: Decimal = Decimal(0)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    finished_on: date | None = None
    bound: Decimal | date | None = None
    approvals: tuple[Approval, ...] = ()
    left_out: Mapping[str, LeftOutCode] = field(default_factory=dict)
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    lacking: Mapping[str, Evaluation] = field(default_factory=dict)
    looked: int = 0

    @property
    def value(self) -> Decimal | date | None:
        """What the plan comes to, by what was asked for."""
        match self.by:
            case "hours":
                return self.hours
            case "price":
                return sum(self.prices.values(), Decimal(0))
            case "date":
                return self.finished_on


def plan(targets: Mapping[str, Rule], record: Record, offer: Offer, wish: Wish, on: date) -> Plan:
    """The best plan within the steps of the wish. `targets` are rules by the achievement they give, or by any name."""
    *_, last = plans(targets, record, offer, wish, on)
    return last


def plans(targets: Mapping[str, Rule], record: Record, offer: Offer, wish: Wish, on: date) -> Iterator[Plan]:
    """A first plan soon, then each better one, and at last the best again with what is known of others."""
    planner = _Planner(targets, record, offer, wish, on)
    if not planner.targets:
        yield Plan(by=wish.by, on=on, outcome="nothing", evaluations=planner.reached)
    elif wish.by == "date":
        yield from planner.soonest()
    else:
        yield from planner.cheapest()


@dataclass(frozen=True)
class _Course:
    """How a set of offers goes: when each is studied, what is awarded when, and when each target is met."""

    slots: Mapping[int, Slot]
    record: Record
    awarded: Mapping[str, date]
    met: Mapping[str, date]

    @property
    def ends_on(self) -> date:
        return max(self.met.values())


class _Planner:
    """One question, with what is worked out once for it."""

    def __init__(self, targets: Mapping[str, Rule], record: Record, offer: Offer, wish: Wish, on: date) -> None:
        self.wish, self.on = wish, on
        self.offerings = tuple(_named(each) for each in sorted(offer.offerings, key=lambda each: each.id))
        stacks = {
            slug: replace(
                each, gain=replace(each.gain, holding=replace(each.gain.holding, id=f"{AWARD}{slug}", earned_on=on))
            )
            for slug, each in sorted(offer.stacks.items())
        }
        # A target is awarded by the rule that is asked about, whichever else may be in force.
        stacks |= {slug: replace(stacks[slug], rule=rule) for slug, rule in targets.items() if slug in stacks}
        self.offer = Offer(offerings=self.offerings, stacks=stacks)
        self.reached = {
            name: verdict for name, rule in targets.items() if (verdict := judge(name, rule, record, on)).satisfied
        }
        self.targets = {name: rule for name, rule in targets.items() if name not in self.reached}
        rules = {**{slug: each.rule for slug, each in stacks.items()}, **self.targets}
        self.asked_approvals = {
            (part.id, part.role): name
            for name, rule in rules.items()
            for part in negotiable(rule)
            if (part.id, part.role) not in record.sign_offs
        }
        self.record = replace(record, sign_offs=record.sign_offs | self.asked_approvals.keys())
        self.outlook = Outlook(self.targets, self.record, self.offer, on)
        self.rules = {name: rules[name] for name in self.outlook.rules}
        self.tracks_use = any(_looks_at_use(rule) for rule in self.rules.values())
        self.left_out = {
            place: code for place in things_in(self.outlook.relevant) if (code := self._left_out(place)) is not None
        }
        self.usable = self.outlook.relevant & ~bits(list(self.left_out))
        self.pinned = bits([place for place in things_in(self.usable) if self.offerings[place].id in wish.chosen])
        self._courses: dict[int, _Course | None] = {}
        self._clashing: dict[int, bool] = {}
        self.looked = 0

    def _left_out(self, place: int) -> LeftOutCode | None:
        each = self.offerings[place]
        if each.id in self.wish.without:
            return "excluded"
        if each.ends_on is not None and each.ends_on < self.on:
            return "over"
        if each.places is not None and each.places <= 0 and not each.is_begun:
            return "full"
        if each.ends_on is not None and not self._calendar().take(self._fixed(place), each.hours):
            return "too_much_a_week"
        if self.wish.by == "price" and each.price and self.wish.currency not in ("", each.currency):
            return "other_currency"
        return None

    # What a set costs

    def _costs(self, by: By) -> tuple[list[int], int]:
        """Whole numbers that compare first by what is asked for, then by the other, then by how many steps; and what
        one tenth of an hour or one hundredth of money is in them."""
        hours = [int(each.hours * 10) for each in self.offerings]
        money = [int(each.price * 100) for each in self.offerings]
        first, second = (money, hours) if by == "price" else (hours, money)
        steps = len(self.offerings) + 1
        whole = (sum(second) + 1) * steps
        return [a * whole + b * steps + 1 for a, b in zip(first, second, strict=True)], whole

    # The cheapest

    def cheapest(self) -> Iterator[Plan]:
        costs, unit = self._costs(self.wish.by)
        search = self._search(costs, self.left_out)
        shown = NEVER
        while True:
            if search.best is not None and search.price < shown:
                shown = search.price
                yield self._found(search, unit)
            if search.is_done or search.is_proved or search.steps >= self.wish.steps:
                break
            self._go_on(search, self.wish.steps - search.steps, costs)
        self.looked = search.steps
        if search.best is None and search.floor >= NEVER:
            yield self.hopeless()
        elif search.best is None:
            yield self._none_found(self._bound(search, unit))
        else:
            yield self._found(search, unit)

    def _found(self, search: Search, unit: int) -> Plan:
        # Proved by what was asked for; among plans that are as cheap another may be better by the rest.
        assert search.best is not None  # noqa: S101 (asked only once there is one)
        proved = search.floor // unit >= search.price // unit
        return self._plan(search.best, self._bound(search, unit), proved=proved)

    def _bound(self, search: Search, unit: int) -> Decimal:
        return Decimal(search.floor // unit) / (100 if self.wish.by == "price" else 10)

    def _search(self, costs: Sequence[int], excluded: Mapping[int, object]) -> Search:
        demands = self.outlook.demands()
        demands += [Demand(things=((place, 1),)) for place in things_in(self.pinned)]
        out = bits([place for place in range(len(self.offerings)) if not self.outlook.relevant >> place & 1])
        out |= bits(list(excluded))

        def judged(chosen: int) -> Judgement:
            if not self.outlook.may_do(chosen):
                return self.outlook.cut(chosen, costs)
            return self._goes(chosen) is not None

        return Search(
            costs,
            demands,
            judge=judged,
            follows={place: asked for place in things_in(self.usable) if (asked := self._first(place))},
            clashes=self._clash,
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
        return [] if self.offerings[place].is_begun else self.outlook.first(place)

    def _some(self, usable: int, costs: Sequence[int]) -> int | None:
        """A set that does, with nothing in it that can be spared: everything, less the dearest that can go, in turn.

        Where such a set does not go together in time, what has dates of its own is spared first.
        """
        if not self.outlook.may_do(usable):
            return None
        for by_dates in (False, True):
            order = sorted(
                things_in(usable & ~self.pinned),
                key=lambda each: (by_dates and self.offerings[each].ends_on is None, -costs[each], -each),
            )
            chosen = self._spared(usable, order)
            if self._goes(chosen) is not None:
                return chosen
        return None

    def _spared(self, chosen: int, order: Sequence[int]) -> int:
        """Without each of these, in turn, that can be spared; where all of a half can, they are not asked singly."""
        left = chosen & ~bits(order)
        if not order or self.outlook.may_do(left):
            return left
        if len(order) == 1:
            return chosen
        half = len(order) // 2
        return self._spared(self._spared(chosen, order[:half]), order[half:])

    # The soonest

    def soonest(self) -> Iterator[Plan]:
        """For each day on which something ends: of what can end by then, the set with the fewest hours.

        No plan ends before what it needs can end, nor before there was time for its hours.
        """
        costs, unit = self._costs("hours")
        ends = self._ends_alone()
        days = sorted({*ends.values()})
        days = days[bisect_left(days, True, key=lambda day: self.outlook.may_do(_by(day, ends))) :]
        if not days:
            yield self.hopeless()
            return
        # What the hours alone forbid, whatever ends when; the set found on the way is the first answer.
        search = self._search(costs, self.left_out)
        while search.best is None and not search.is_done and search.steps < self.wish.steps // 2:
            self._go_on(search, self.wish.steps // 2 - search.steps, costs)
        if search.best is not None:
            yield self._plan(search.best, days[0], proved=days[0] >= self._ends_on(search.best))
        self._look(search, self.wish.steps // 2, costs)
        if search.best is None and search.floor >= NEVER:
            yield self.hopeless()
            return
        least = self._calendar().alone(self.on, Decimal(search.floor // unit) / 10)
        best = search.best
        bounds = [date.max]
        if best is not None:
            yield self._plan(best, max(days[0], least), proved=max(days[0], least) >= self._ends_on(best))
        for day in days:
            if best is not None and max(day, least) >= self._ends_on(best):
                break
            if self.looked >= self.wish.steps:
                bounds.append(max(day, least))
                break
            search = self._search(costs, dict.fromkeys(things_in(self.outlook.relevant & ~_by(day, ends))))
            self._look(search, self.wish.steps - self.looked, costs)
            if search.floor < NEVER:
                hours = Decimal(search.floor // unit) / 10
                bounds.append(max(day, self._calendar().alone(self.on, hours)))
            if search.best is not None and (best is None or self._ends_on(search.best) < self._ends_on(best)):
                best = search.best
                yield self._plan(best, min(self._ends_on(best), *bounds), proved=False)
        bound = min(bounds)
        if best is None:
            yield self._none_found(bound if bound < date.max else None)
        else:
            last = self._ends_on(best)
            yield self._plan(best, min(last, bound), proved=bound >= last)

    def _look(self, search: Search, steps: int, costs: Sequence[int]) -> None:
        while not (search.is_done or search.is_proved) and search.steps < steps:
            self._go_on(search, steps - search.steps, costs)
        self.looked += search.steps

    def _ends_alone(self) -> dict[int, date]:
        """When each offer can end, were there nothing else to study but what must come before it; others are out."""
        calendar = self._calendar()
        ends = {
            place: each.ends_on or calendar.alone(each.starts_on or self.on, each.hours)
            for place, each in enumerate(self.offerings)
            if self.usable >> place & 1
        }
        for _round in range(len(ends)):
            before = dict(ends)
            for place in [*ends]:
                each = self.offerings[place]
                ready = self._ready(place, before)
                if ready is None or (each.ends_on is not None and ready > self._fixed(place).begins_on):
                    del ends[place]
                elif each.ends_on is None:
                    ends[place] = calendar.alone(max(ready, each.starts_on or self.on), each.hours)
            if ends == before:
                break
        return ends

    def _ready(self, place: int, ends: Mapping[int, date]) -> date | None:
        """The first day on which what the offer needs could be held; none if it never is."""
        ready = self.on
        for key in () if self.offerings[place].is_begun else self.offerings[place].needs:
            if key not in self.outlook.held:
                giving = [ends[each] for each in things_in(self.outlook.leading_to(key)) if each in ends]
                if not giving:
                    return None
                ready = max(ready, min(giving))
        return ready

    # How a set of offers goes

    def _calendar(self) -> Calendar:
        return Calendar(self.on, self.wish.hours_per_week)

    def _fixed(self, place: int) -> Slot:
        each = self.offerings[place]
        return self._calendar().fixed(each.starts_on, each.ends_on or self.on)

    def _dated(self, chosen: int) -> list[int]:
        places = [place for place in things_in(chosen) if self.offerings[place].ends_on is not None]
        return sorted(places, key=lambda place: (self._fixed(place).begins_on, place))

    def _clash(self, chosen: int) -> bool:
        dated = self._dated(chosen)
        asked = bits(dated)
        if asked not in self._clashing:
            slots = [(self._fixed(place), self.offerings[place].hours) for place in dated]
            self._clashing[asked] = not go_together(slots, self.on, self.wish.hours_per_week)
        return self._clashing[asked]

    def _goes(self, chosen: int) -> "_Course | None":
        """How the set goes, day by day, if it meets every target."""
        if chosen not in self._courses:
            try:
                self._courses[chosen] = self._try(chosen)
            except TooCostlyError:
                self._courses[chosen] = None
        return self._courses[chosen]

    def _ends_on(self, chosen: int) -> date:
        course = self._goes(chosen)
        assert course is not None  # noqa: S101 (only sets that go are offered to a search)
        return course.ends_on

    def _try(self, chosen: int) -> "_Course | None":
        calendar = self._calendar()
        fixed = {place: self._fixed(place) for place in self._dated(chosen)}
        if not all(calendar.take(slot, self.offerings[place].hours) for place, slot in fixed.items()):
            return None
        waiting = [place for place in things_in(chosen) if self.offerings[place].ends_on is None]
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
                each = self.offerings[free]
                slot = calendar.fill(max(ready[free] or self.on, each.starts_on or self.on), each.hours)
                if slot is None:
                    return None
                slots[free] = slot
                waiting.remove(free)
            else:
                return None
            if not (unsure or waiting) or any(self._begins(place, course) is None for place in (*unsure, *waiting)):
                course = self._live(slots)
        return course if self.targets.keys() <= course.met.keys() else None

    def _deadline(self, place: int, fixed: Mapping[int, Slot]) -> date:
        """By when it must be finished for the sake of something with dates of its own."""
        days = [
            slot.begins_on
            for each, slot in fixed.items()
            for key in self.offerings[each].needs
            if self.outlook.leading_to(key) >> place & 1
        ]
        return min(days, default=date.max)

    def _opens(self, place: int, chosen: int) -> bool:
        return any(
            self.outlook.leading_to(key) >> place & 1
            for each in things_in(chosen)
            for key in self.offerings[each].needs
        )

    def _begins(self, place: int, course: _Course) -> date | None:
        """The first day on which everything is held that is needed; none as long as it is not."""
        if self.offerings[place].is_begun:
            return self.on
        days = [self.on]
        for key in self.offerings[place].needs:
            earned = [each.earned_on for each in course.record.holdings if each.kind != "grade" and each.key == key]
            if key not in self.outlook.held and not earned:
                return None
            days.append(self.on if key in self.outlook.held else min(earned))
        return max(days)

    def _live(self, slots: Mapping[int, Slot]) -> _Course:
        """The days one after the other: what is finished brings its holdings, and rules award what they give."""
        record = self.record
        awarded: dict[str, date] = {}
        met: dict[str, date] = {}
        by_day: dict[date, list[int]] = {}
        done = 0
        for place, slot in sorted(slots.items()):
            by_day.setdefault(slot.ends_on, []).append(place)
        for day in sorted(by_day):
            gains = [gain.earned(day) for place in by_day[day] for gain in self.offerings[place].gains]
            record = replace(record, holdings=(*record.holdings, *gains))
            today = bits(by_day[day])
            done |= today
            refused: list[str] = []
            waiting = [
                name
                for name in self.rules
                if self.outlook.touches[name] & today
                and not (name in met or name in awarded or self.outlook.rules_out(name, done))
            ]
            # The lowest first, and again only what looks at something that was awarded since.
            waiting.sort(key=lambda name: (self.outlook.touches[name].bit_count(), name))
            while waiting:
                name = waiting.pop(0)
                if not satisfied(name, self.rules[name], record, day):
                    refused.append(name)
                    continue
                record = self._awarded(name, record, day)
                if name in self.targets:
                    met[name] = day
                if name in self.offer.stacks:
                    awarded[name] = day
                    again = [each for each in refused if self.outlook.looks_at(each, name)]
                    refused = [each for each in refused if each not in again]
                    waiting += again
        return _Course(slots=slots, record=record, awarded=awarded, met=met)

    def _awarded(self, name: str, record: Record, day: date) -> Record:
        stack = self.offer.stacks.get(name)
        if stack is None:
            return record
        others = record.others
        if self.tracks_use:
            used = judge(name, self.rules[name], record, day).used
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

    def _plan(self, chosen: int, bound: Decimal | date, *, proved: bool) -> Plan:
        course = self._goes(chosen)
        assert course is not None  # noqa: S101 (only sets that go are offered to a search)
        evaluations = {
            name: judge(name, self.rules[name], _before(course.record, name), day)
            for name, day in {**course.awarded, **course.met}.items()
        }
        uses = self._uses(course, evaluations)
        prices: dict[str, Decimal] = {}
        for place in things_in(chosen):
            each = self.offerings[place]
            if each.price:
                prices[each.currency] = prices.get(each.currency, Decimal(0)) + each.price
        order = sorted(
            things_in(chosen), key=lambda each: (course.slots[each].begins_on, course.slots[each].ends_on, each)
        )
        used = {use.by for use in uses if use.is_award}
        used |= {key for place in things_in(chosen) for key in self.offerings[place].needs}
        return Plan(
            by=self.wish.by,
            on=self.on,
            outcome="best" if proved else "found",
            steps=tuple(self._step(place, chosen, course, uses) for place in order),
            awards={
                slug: day
                for slug, day in sorted(course.awarded.items(), key=lambda each: each[1])
                if slug in used or slug in self.targets
            },
            uses=uses,
            met=course.met,
            hours=sum((self.offerings[place].hours for place in things_in(chosen)), Decimal(0)),
            prices=prices,
            finished_on=course.ends_on,
            bound=bound,
            approvals=tuple(self._approvals(course)),
            left_out=self._left_out_by_name(),
            evaluations={name: evaluations[name] for name in self.targets} | self.reached,
            looked=self.looked,
        )

    def _none_found(self, bound: Decimal | date | None) -> Plan:
        return Plan(by=self.wish.by, on=self.on, outcome="unknown", bound=bound, left_out=self._left_out_by_name())

    def _left_out_by_name(self) -> dict[str, LeftOutCode]:
        return {self.offerings[place].id: code for place, code in self.left_out.items()}

    def hopeless(self) -> Plan:
        """Where each target would stand with everything that is on offer."""
        usable, awarded = self.outlook.brought_by(self.usable)
        gains = [gain.earned(self.on) for place in things_in(usable) for gain in self.offerings[place].gains]
        record = replace(self.record, holdings=(*self.record.holdings, *gains))
        for name in sorted(awarded):
            record = self._awarded(name, record, self.on)
        lacking = {
            name: verdict
            for name, rule in self.targets.items()
            if name not in awarded and not (verdict := judge(name, rule, record, self.on)).satisfied
        }
        return Plan(by=self.wish.by, on=self.on, outcome="none", lacking=lacking, left_out=self._left_out_by_name())

    def _uses(self, course: _Course, evaluations: Mapping[str, Evaluation]) -> tuple[Use, ...]:
        """Where what is still to be earned counts, from the targets down to the offers; what counts nowhere is not
        in it."""
        coming = {each.id: each for each in course.record.holdings[len(self.record.holdings) :]}
        found: list[Use] = []
        # What opens an offer is there for its own sake, too.
        opening = sorted({key for place in course.slots for key in self.offerings[place].needs})
        waiting, seen = [*self.targets, *opening], set[str]()
        while waiting:
            owner = waiting.pop(0)
            if owner in seen or owner not in evaluations:
                continue
            seen.add(owner)
            for node, taken in evaluations[owner].allocation.items():
                for each in taken:
                    if each.holding in coming:
                        is_award = each.holding.startswith(AWARD)
                        by = each.holding.removeprefix(AWARD) if is_award else _offer_of(each.holding)
                        key = coming[each.holding].key
                        found.append(Use(owner=owner, node=node, key=key, by=by, is_award=is_award))
                        waiting += [by] if is_award else []
        return tuple(found)

    def _step(self, place: int, chosen: int, course: _Course, uses: Sequence[Use]) -> Step:
        each, slot = self.offerings[place], course.slots[place]
        gives = {gain.holding.key for gain in each.gains if gain.holding.kind != "grade"}
        gives |= {key for key in course.awarded if self.outlook.touches[key] >> place & 1}
        return Step(
            offering=each.id,
            begins_on=slot.begins_on,
            ends_on=slot.ends_on,
            hours=each.hours,
            price=each.price,
            currency=each.currency,
            uses=tuple(use for use in uses if use.by == each.id and not use.is_award),
            opens=tuple(
                self.offerings[other].id for other in things_in(chosen) if gives & {*self.offerings[other].needs}
            ),
            is_only=not self.outlook.may_do(self.usable & ~(1 << place)),
            instead=tuple(islice(self._instead(place, chosen, uses), MOST_INSTEAD)),
        )

    def _instead(self, place: int, chosen: int, uses: Sequence[Use]) -> Iterator[Instead]:
        """Other offers that the same parts would take, and why they are not taken."""
        own = [use for use in uses if use.by == self.offerings[place].id and not use.is_award]
        onward = {use.owner for use in own} - self.targets.keys()
        asks = [self._fits(use.owner, use.node) for use in uses if use in own or (use.is_award and use.by in onward)]
        costs, _ = self._costs("price" if self.wish.by == "price" else "hours")
        for other in sorted(things_in(self.outlook.relevant & ~chosen), key=lambda each: (costs[each], each)):
            gains = [*self.outlook.gains[other]]
            gains += [
                self.outlook.gained[slug]
                for slug in self.outlook.stacks
                if self.outlook.touches.get(slug, 0) == 1 << other
            ]
            if any(fits(each) for fits in asks for each in gains):
                yield self._compared(place, other, chosen)

    def _compared(self, place: int, other: int, chosen: int) -> Instead:
        id_ = self.offerings[other].id
        swapped = chosen & ~(1 << place) | 1 << other
        if other in self.left_out:
            return Instead(offering=id_, code=self.left_out[other])
        if not self.outlook.may_do(swapped):
            return Instead(offering=id_, code="not_enough")
        mine, its = self.offerings[place], self.offerings[other]
        if self.wish.by == "date":
            swapped_course = self._goes(swapped)
            if swapped_course is None:
                return Instead(offering=id_, code="clashes")
            later = (swapped_course.ends_on - self._ends_on(chosen)).days
            return Instead(offering=id_, code="ends_later" if later > 0 else "no_better", more=Decimal(max(0, later)))
        more = its.price - mine.price if self.wish.by == "price" else its.hours - mine.hours
        if more > 0:
            return Instead(offering=id_, code="costs_more", more=more)
        return Instead(offering=id_, code="clashes" if self._goes(swapped) is None else "no_better")

    def _fits(self, owner: str, node: str) -> Callable[[Holding], bool]:
        part: Requirement | None = next(
            (each for each in walk(self.outlook.rules[owner].root) if each.id == node), None
        )
        if not isinstance(part, Leaf):
            return lambda _holding: False
        return lambda holding: why_not(holding, part, self.record, self.on) is None

    def _approvals(self, course: _Course) -> Iterator[Approval]:
        """Those without which the plan would not come out."""
        for (node, role), owner in self.asked_approvals.items():
            day = course.met.get(owner) or course.awarded.get(owner)
            if day is not None:
                record = _before(course.record, owner)
                without = replace(record, sign_offs=record.sign_offs - {(node, role)})
                if not satisfied(owner, self.rules[owner], without, day):
                    yield Approval(owner=owner, node=node, role=role)


def _named(offering: Offering) -> Offering:
    """With holdings whose ids say where they come from."""
    gains = tuple(
        replace(gain, holding=replace(gain.holding, id=f"offer:{number}:{offering.id}"))
        for number, gain in enumerate(offering.gains)
    )
    return replace(offering, gains=gains)


def _offer_of(holding: str) -> str:
    return holding.split(":", 2)[2]


def _by(day: date, ends: Mapping[int, date]) -> int:
    return bits([place for place, end in ends.items() if end <= day])


def _before(record: Record, name: str) -> Record:
    """The record without the award of this very thing, as its rule judged it."""
    return replace(record, holdings=tuple(each for each in record.holdings if each.id != f"{AWARD}{name}"))


def _looks_at_use(rule: Rule) -> bool:
    """Whether it matters to the rule what other qualifications have used."""
    for part in walk(rule.root):
        where = getattr(part, "where", None) or getattr(part, "pool", None)
        if isinstance(where, Where) and (where.used_in or where.not_used_in or where.uses_at_most is not None):
            return True
        if any(isinstance(each, Overlap) for each in conditions_of(part)):
            return True
    return False
