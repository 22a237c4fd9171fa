"""One question to the evaluator: a rule, a record and a day, and in what the question departs from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from pathways.rules.equivalence import unified
from pathways.rules.record import Record
from pathways.rules.requirement import Rule

# A part and a holding, by their ids.
Uses = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """A rule over a record on a day.

    `pins` are the learner's choices, a part for a holding, both by id. Some uses of a holding in a part may be
    `closed`, or `opened` whatever speaks against them, to ask what would be.
    """

    rule: Rule
    record: Record
    on: date
    pins: Mapping[str, str] = field(default_factory=dict)
    closed: Uses = frozenset()
    opened: Uses = frozenset()

    def resolved(self) -> "Case":
        """The same with the equivalences of the rule resolved, as it must be to be searched."""
        rule, record = unified(self.rule, self.record, self.on)
        return replace(self, rule=rule, record=record)

    def unchosen(self) -> "Case":
        """The same without the learner's choices."""
        return replace(self, pins={}, closed=frozenset())
