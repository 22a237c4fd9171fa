"""Says of a set of offers what comes of it: when to take each, what for, and why this one and no other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice

from pathways.rules.eligible import why_not
from pathways.rules.evaluation import Evaluation
from pathways.rules.exceptions import judge, satisfied
from pathways.rules.plan.answer import Approval, Instead, LeftOutCode, Plan, Step, Use
from pathways.rules.plan.cover import things_in
from pathways.rules.plan.living import Course, Living
from pathways.rules.plan.question import AWARD
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Leaf, Requirement, walk

MOST_INSTEAD = 4


class Telling:
    """Writes plans, with the reason of every step."""

    def __init__(self, living: Living) -> None:
        self.question = living.question
        self.living = living

    def plan(self, chosen: int, bound: Decimal | date, *, proved: bool) -> Plan:
        course = self.living.goes(chosen)
        assert course is not None  # noqa: S101 (only sets that go are offered to a search)
        evaluations = {
            name: judge(name, self.question.rules[name], _before(course.record, name), day)
            for name, day in {**course.awarded, **course.met}.items()
        }
        uses = self._uses(course, evaluations)
        prices: dict[str, Decimal] = {}
        for place in things_in(chosen):
            each = self.question.offerings[place]
            if each.price:
                prices[each.currency] = prices.get(each.currency, Decimal(0)) + each.price
        order = sorted(
            things_in(chosen), key=lambda each: (course.slots[each].begins_on, course.slots[each].ends_on, each)
        )
        used = {use.by for use in uses if use.is_award}
        used |= {key for place in things_in(chosen) for key in self.question.offerings[place].needs}
        return Plan(
            by=self.question.wish.by,
            on=self.question.on,
            outcome="best" if proved else "found",
            steps=tuple(self._step(place, chosen, course, uses) for place in order),
            awards={
                slug: day
                for slug, day in sorted(course.awarded.items(), key=lambda each: each[1])
                if slug in used or slug in self.question.targets
            },
            uses=uses,
            met=course.met,
            hours=sum((self.question.offerings[place].hours for place in things_in(chosen)), Decimal(0)),
            prices=prices,
            finished_on=course.ends_on,
            bound=bound,
            approvals=tuple(self._approvals(course)),
            left_out=self._left_out_by_name(),
            evaluations={name: evaluations[name] for name in self.question.targets} | self.question.reached,
        )

    def none_found(self, bound: Decimal | date | None) -> Plan:
        return Plan(
            by=self.question.wish.by,
            on=self.question.on,
            outcome="unknown",
            bound=bound,
            left_out=self._left_out_by_name(),
        )

    def _left_out_by_name(self) -> dict[str, LeftOutCode]:
        return {self.question.offerings[place].id: code for place, code in self.question.left_out.items()}

    def hopeless(self) -> Plan:
        """Where each target would stand with everything that is on offer."""
        usable, awarded = self.question.outlook.brought_by(self.question.usable)
        gains = [
            gain.earned(self.question.on)
            for place in things_in(usable)
            for gain in self.question.offerings[place].gains
        ]
        record = replace(self.question.record, holdings=(*self.question.record.holdings, *gains))
        for name in sorted(awarded):
            record = self.living.awarded(name, record, self.question.on)
        lacking = {
            name: verdict
            for name, rule in self.question.targets.items()
            if name not in awarded and not (verdict := judge(name, rule, record, self.question.on)).satisfied
        }
        return Plan(
            by=self.question.wish.by,
            on=self.question.on,
            outcome="none",
            lacking=lacking,
            left_out=self._left_out_by_name(),
        )

    def _uses(self, course: Course, evaluations: Mapping[str, Evaluation]) -> tuple[Use, ...]:
        """Where what is still to be earned counts, from the targets down to the offers; what counts nowhere is not
        in it."""
        coming = {each.id: each for each in course.record.holdings[len(self.question.record.holdings) :]}
        found: list[Use] = []
        # What opens an offer is there for its own sake, too.
        opening = sorted({key for place in course.slots for key in self.question.offerings[place].needs})
        waiting, seen = [*self.question.targets, *opening], set[str]()
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

    def _step(self, place: int, chosen: int, course: Course, uses: Sequence[Use]) -> Step:
        each, slot = self.question.offerings[place], course.slots[place]
        gives = {gain.holding.key for gain in each.gains if gain.holding.kind != "grade"}
        gives |= {key for key in course.awarded if self.question.outlook.touches[key] >> place & 1}
        return Step(
            offering=each.id,
            begins_on=slot.begins_on,
            ends_on=slot.ends_on,
            hours=each.hours,
            price=each.price,
            currency=each.currency,
            uses=tuple(use for use in uses if use.by == each.id and not use.is_award),
            opens=tuple(
                self.question.offerings[other].id
                for other in things_in(chosen)
                if gives & {*self.question.offerings[other].needs}
            ),
            is_only=not self.question.outlook.may_do(self.question.usable & ~(1 << place)),
            instead=tuple(islice(self._instead(place, chosen, uses), MOST_INSTEAD)),
        )

    def _instead(self, place: int, chosen: int, uses: Sequence[Use]) -> Iterator[Instead]:
        """Other offers that the same parts would take, and why they are not taken."""
        own = [use for use in uses if use.by == self.question.offerings[place].id and not use.is_award]
        onward = {use.owner for use in own} - self.question.targets.keys()
        asks = [self._fits(use.owner, use.node) for use in uses if use in own or (use.is_award and use.by in onward)]
        costs, _ = self.question.costs("price" if self.question.wish.by == "price" else "hours")
        for other in sorted(things_in(self.question.outlook.relevant & ~chosen), key=lambda each: (costs[each], each)):
            gains = [*self.question.outlook.gains[other]]
            gains += [
                self.question.outlook.gained[slug]
                for slug in self.question.outlook.stacks
                if self.question.outlook.touches.get(slug, 0) == 1 << other
            ]
            if any(fits(each) for fits in asks for each in gains):
                yield self._compared(place, other, chosen)

    def _compared(self, place: int, other: int, chosen: int) -> Instead:
        id_ = self.question.offerings[other].id
        swapped = chosen & ~(1 << place) | 1 << other
        if other in self.question.left_out:
            return Instead(offering=id_, code=self.question.left_out[other])
        if not self.question.outlook.may_do(swapped):
            return Instead(offering=id_, code="not_enough")
        mine, its = self.question.offerings[place], self.question.offerings[other]
        if self.question.wish.by == "date":
            swapped_course = self.living.goes(swapped)
            if swapped_course is None:
                return Instead(offering=id_, code="clashes")
            later = (swapped_course.ends_on - self.living.ends_on(chosen)).days
            return Instead(offering=id_, code="ends_later" if later > 0 else "no_better", more=Decimal(max(0, later)))
        more = its.price - mine.price if self.question.wish.by == "price" else its.hours - mine.hours
        if more > 0:
            return Instead(offering=id_, code="costs_more", more=more)
        return Instead(offering=id_, code="clashes" if self.living.goes(swapped) is None else "no_better")

    def _fits(self, owner: str, node: str) -> Callable[[Holding], bool]:
        part: Requirement | None = next(
            (each for each in walk(self.question.outlook.rules[owner].root) if each.id == node), None
        )
        if not isinstance(part, Leaf):
            return lambda _holding: False
        return lambda holding: why_not(holding, part, self.question.record, self.question.on) is None

    def _approvals(self, course: Course) -> Iterator[Approval]:
        """Those without which the plan would not come out."""
        for (node, role), owner in self.question.asked_approvals.items():
            day = course.met.get(owner) or course.awarded.get(owner)
            if day is not None:
                record = _before(course.record, owner)
                without = replace(record, sign_offs=record.sign_offs - {(node, role)})
                if not satisfied(owner, self.question.rules[owner], without, day):
                    yield Approval(owner=owner, node=node, role=role)


def _offer_of(holding: str) -> str:
    return holding.split(":", 2)[2]


def _before(record: Record, name: str) -> Record:
    """The record without the award of this very thing, as its rule judged it."""
    return replace(record, holdings=tuple(each for each in record.holdings if each.id != f"{AWARD}{name}"))
