"""What could still be had on a day: whether a set of offers may do, were there no timetable."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from pathways.rules import exceptions
from pathways.rules.effort import TooCostlyError
from pathways.rules.evaluate import satisfied
from pathways.rules.plan.cover import Demand, bits, things_in
from pathways.rules.plan.demands import Demands
from pathways.rules.plan.offering import Offer
from pathways.rules.plan.reach import Reach
from pathways.rules.plan.relaxed import relaxed
from pathways.rules.record import Record
from pathways.rules.requirement import Rule


class Outlook(Reach):
    """Whether sets of offers may do, each judged once; `asked` is what is asked of any set at the least."""

    def __init__(self, targets: Mapping[str, Rule], record: Record, offer: Offer, on: date) -> None:
        super().__init__(targets, record, offer, on)
        self.asked = Demands(self)
        self._verdicts: dict[tuple[str, int, frozenset[str]], bool] = {}

    def may_do(self, chosen: int) -> bool:
        """Whether these could satisfy every target, were there no timetable."""
        usable, awarded = self.brought_by(chosen)
        return all(each in awarded or self._verdict(each, usable, awarded) for each in self.targets)

    def brought_by(self, chosen: int) -> tuple[int, frozenset[str]]:
        """Of these, the offers for which all that they need is held or comes of others, and what is awarded then."""
        awarded: frozenset[str] = frozenset()
        usable = 0
        while True:
            before = (usable, awarded)
            usable = bits([place for place in things_in(chosen) if self._is_open(place, usable, awarded)])
            awarded |= {
                slug
                for slug in self.rules
                if slug not in awarded and slug in self.stacks and self._verdict(slug, usable, awarded)
            }
            if (usable, awarded) == before:
                return before

    def _is_open(self, place: int, usable: int, awarded: frozenset[str]) -> bool:
        return all(
            key in self.held
            or key in awarded
            or any(
                each.key == key and each.kind != "grade" for other in things_in(usable) for each in self.gains[other]
            )
            for key in self.offerings[place].needs
        )

    def _verdict(self, name: str, usable: int, awarded: frozenset[str]) -> bool:
        offers, stacks = self._looked_at[name]
        asked = (name, usable & offers, awarded & stacks)
        if asked not in self._verdicts and self.asked.rules_out(name, usable):
            self._verdicts[asked] = False
        if asked not in self._verdicts:
            new = [each for place in things_in(asked[1]) for each in self.gains[place]]
            new += [self.gained[slug] for slug in sorted(asked[2])]
            record = replace(self.record, holdings=(*self.record.holdings, *new))
            self._verdicts[asked] = self._may_be_satisfied(name, record)
        return self._verdicts[asked]

    def _may_be_satisfied(self, name: str, record: Record) -> bool:
        if any((each.since or self.on) > self.on or each.until is not None for each in record.rulings):
            # What people decided begins or ends some day: only the day itself can tell.
            return True
        applied = exceptions.apply(name, self.written[name], record, self.on)
        rule = self.rules[name] if applied.rule is self.written[name] else relaxed(applied.rule, record, self.on)
        try:
            return satisfied(rule, applied.record, self.on)
        except TooCostlyError:
            return True

    def cut(self, chosen: int, costs: Sequence[int]) -> Demand:
        """For a set that cannot do: one of these is needed besides, as every set without them cannot do either."""
        rest = self.relevant & ~chosen
        for place in sorted(things_in(rest), key=lambda each: (costs[each], each)):
            if not self.may_do(chosen | 1 << place):
                chosen |= 1 << place
        return Demand(things=tuple((place, 1) for place in things_in(self.relevant & ~chosen)))
