"""One question of a learner, with what is worked out once for it: what can be taken, and what it costs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pathways.rules.exceptions import judge
from pathways.rules.plan.answer import By, LeftOutCode, Wish
from pathways.rules.plan.cover import bits, things_in
from pathways.rules.plan.offering import Offer, Offering
from pathways.rules.plan.outlook import Outlook
from pathways.rules.plan.relaxed import negotiable
from pathways.rules.plan.timetable import Calendar, Slot, go_together
from pathways.rules.record import Record
from pathways.rules.requirement import Overlap, Rule, Where, conditions_of, walk

# The id of a holding that is still to be awarded.
AWARD = "award:"


class Question:
    """Targets, record, offers and wish, and which of the offers are of any use."""

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
        if each.ends_on is not None and not self.calendar().take(self.fixed(place), each.hours):
            return "too_much_a_week"
        if self.wish.by == "price" and each.price and self.wish.currency not in ("", each.currency):
            return "other_currency"
        return None

    # What a set costs

    def costs(self, by: By) -> tuple[list[int], int]:
        """Whole numbers that compare first by what is asked for, then by the other, then by how many steps; and what
        one tenth of an hour or one hundredth of money is in them."""
        hours = [int(each.hours * 10) for each in self.offerings]
        money = [int(each.price * 100) for each in self.offerings]
        first, second = (money, hours) if by == "price" else (hours, money)
        steps = len(self.offerings) + 1
        whole = (sum(second) + 1) * steps
        return [a * whole + b * steps + 1 for a, b in zip(first, second, strict=True)], whole

    # The cheapest

    def calendar(self) -> Calendar:
        return Calendar(self.on, self.wish.hours_per_week)

    def fixed(self, place: int) -> Slot:
        each = self.offerings[place]
        return self.calendar().fixed(each.starts_on, each.ends_on or self.on)

    def dated(self, chosen: int) -> list[int]:
        places = [place for place in things_in(chosen) if self.offerings[place].ends_on is not None]
        return sorted(places, key=lambda place: (self.fixed(place).begins_on, place))

    def clash(self, chosen: int) -> bool:
        dated = self.dated(chosen)
        asked = bits(dated)
        if asked not in self._clashing:
            slots = [(self.fixed(place), self.offerings[place].hours) for place in dated]
            self._clashing[asked] = not go_together(slots, self.on, self.wish.hours_per_week)
        return self._clashing[asked]


def _named(offering: Offering) -> Offering:
    """With holdings whose ids say where they come from."""
    gains = tuple(
        replace(gain, holding=replace(gain.holding, id=f"offer:{number}:{offering.id}"))
        for number, gain in enumerate(offering.gains)
    )
    return replace(offering, gains=gains)


def _looks_at_use(rule: Rule) -> bool:
    """Whether it matters to the rule what other qualifications have used."""
    for part in walk(rule.root):
        where = getattr(part, "where", None) or getattr(part, "pool", None)
        if isinstance(where, Where) and (where.used_in or where.not_used_in or where.uses_at_most is not None):
            return True
        if any(isinstance(each, Overlap) for each in conditions_of(part)):
            return True
    return False
