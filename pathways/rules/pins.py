"""A learner's choices of what counts where, heeded as far as they make the verdict no worse.

A choice is never a reason for which something is not awarded, or for which more is missing: where it would be, it is
set aside. Of choices that do not go together, those that come first in the record are heeded.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from pathways.rules.case import Case, Uses
from pathways.rules.evaluate import as_chosen, problems_of
from pathways.rules.record import Pin, Record
from pathways.rules.requirement import Leaf, Rule, walk

# It cannot count in that part at all; the verdict would be worse; it would not count there even so.
WhyNot = Literal["cannot", "worse", "idle"]


@dataclass(frozen=True)
class Heeded:
    """The choices that are followed, and what they come to for an evaluation: where a holding counts, and may not."""

    pins: tuple[Pin, ...] = ()
    here: Mapping[str, str] = field(default_factory=dict)
    closed: Uses = frozenset()


def heeded(slug: str, rule: Rule, record: Record, on: date) -> Heeded:
    """The learner's choices about the rule of the achievement `slug` that are followed.

    What a choice is about may be gone: a part in a newer version, a holding that was withdrawn. It then means nothing.
    """
    chosen = [each for each in record.pins if each.rule == slug]
    return _Heeding(rule, record, on).of(chosen) if chosen else Heeded()


def why_not(pin: Pin, rule: Rule, record: Record, on: date) -> WhyNot | None:
    """Why a choice would not be followed, were it made before all others in the record; nothing where it would."""
    heeding = _Heeding(rule, record, on)
    leaves = heeding.open_to(pin)
    if not leaves:
        return "cannot"
    trials = list(heeding.trials(Heeded(), pin, leaves))
    if any(heeding.does(each) for each in trials):
        return None
    return "worse" if heeding.uses(trials[0]) is None else "idle"


def could_count(rule: Rule, record: Record, on: date) -> dict[str, tuple[str, ...]]:
    """For each part that takes holdings, by id, those of the learner's that it may take."""
    candidates = problems_of(Case(rule, record, on).resolved())[0].candidates
    return {leaf: tuple(each.id for each in fitting) for leaf, fitting in candidates.fitting.items()}


class _Heeding:
    """Tries choices one after the other on one record."""

    def __init__(self, rule: Rule, record: Record, on: date) -> None:
        self.fitting = could_count(rule, record, on)
        self.below = _leaves_below(rule)
        self.case = Case(rule, record, on).resolved()

    def of(self, chosen: Sequence[Pin]) -> Heeded:
        found = Heeded()
        for pin in chosen:
            leaves = self.open_to(pin)
            if leaves and pin.holding not in found.here:
                found = next((each for each in self.trials(found, pin, leaves) if self.does(each)), found)
        return found

    def open_to(self, pin: Pin) -> set[str]:
        return {leaf for leaf in self.below.get(pin.node, ()) if pin.holding in self.fitting.get(leaf, ())}

    def trials(self, so_far: Heeded, pin: Pin, leaves: Collection[str]) -> Iterator[Heeded]:
        """What may be asked for one choice more: that alone, then in the place of one, then of all that is there."""
        kept = (*so_far.pins, pin)
        if not pin.here:
            yield replace(so_far, pins=kept, closed=so_far.closed | {(leaf, pin.holding) for leaf in leaves})
            return
        alone = replace(so_far, pins=kept, here={**so_far.here, pin.holding: pin.node})
        yield alone
        wanted = {(leaf, each.holding) for each in kept if each.here for leaf in leaves}
        there = sorted(use for use in self.uses(alone) or () if use[0] in leaves and use not in wanted)
        for gone in (*({use} for use in there), set(there)):
            yield replace(alone, closed=alone.closed | gone)

    def does(self, trial: Heeded) -> bool:
        """Whether the verdict is as good, and each holding counts where it is wanted."""
        uses = self.uses(trial)
        return uses is not None and all(
            any((leaf, each.holding) in uses for leaf in self.below[each.node]) for each in trial.pins if each.here
        )

    def uses(self, chosen: Heeded) -> Uses | None:
        """What counts where; nothing where these choices make the verdict worse."""
        found = as_chosen(replace(self.case, pins=chosen.here, closed=chosen.closed))
        if found is None:
            return None
        problem, ways = found
        return frozenset((use.leaf, use.holding.id) for _item, use in ways[0].uses(problem))


def _leaves_below(rule: Rule) -> dict[str, tuple[str, ...]]:
    return {part.id: tuple(each.id for each in walk(part) if isinstance(each, Leaf)) for part in walk(rule.root)}
