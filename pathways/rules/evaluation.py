"""The verdict of one evaluation as plain frozen values: what counted where, what is missing, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pathways.rules.record import HoldingKind, Pin

# met: satisfied. under_way: begun, or some of it counted. missing: not begun, and part of the shortest way.
# open: not begun, and not on the shortest way (another part of the same choice is nearer, or suffices).
# waived: need not be met, by a person's decision about this learner.
State = Literal["met", "under_way", "open", "missing", "waived"]

# Why a holding does not count in a part, or at all.
ReasonCode = Literal[
    "revoked",
    "suspended",
    "superseded",
    "dated_later",
    "expired",
    "earned_too_early",
    "earned_too_late",
    "grade_too_low",
    "not_passed",
    "level_too_low",
    "level_too_high",
    "other_issuer",
    "other_source",
    "other_kind",
    "other_subject",
    "other_skill",
    "tag_missing",
    "tag_excluded",
    "used_elsewhere",
    "other_alternative",
    "other_status",
    "other_number",
    "other_attempt",
    "not_as_learner",
    "not_used_there",
    "not_held_then",
    "not_held_beside",
    "barred",
    "excluded",
    "too_short",
    "held_too_short",
    "pinned",
    "nothing_to_add",
    "over_maximum",
    "repeated",
    "not_needed",
    "not_asked",
]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A holding that counts in a part, and for how much."""

    holding: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class NodeResult:
    """Where one part stands: `have` of `need` (parts of a group, achievements of a count, credits of an amount)."""

    node: str
    state: State
    have: Decimal
    need: Decimal


@dataclass(frozen=True, kw_only=True)
class Unused:
    """A holding that does not count; `node` is the part it came nearest to, none if no part asks for it."""

    holding: str
    code: ReasonCode
    node: str | None = None


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """A holding that alone would satisfy the rule, did it not fail this part for this one reason."""

    holding: str
    node: str
    code: ReasonCode


Unknown = Literal["alternative", "earliest", "near"]


@dataclass(frozen=True, kw_only=True)
class Prospects:
    """What lies beside and ahead of a verdict.

    `alternative` says whether another choice is as good, `earliest` the first day on which what is held will do by the
    mere passing of time, `near` what misses by one thing only; `unknown` names those of which no more could be found
    out within their bound.
    """

    alternative: bool = False
    earliest: date | None = None
    near: tuple[NearMiss, ...] = ()
    unknown: tuple[Unknown, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is still to be earned for one part: so many of these, or so much from its pool when no keys are named."""

    node: str
    amount: Decimal
    any_of: tuple[tuple[HoldingKind, str], ...] = ()


Completion = tuple[Need, ...]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The verdict on one record, with its reasons.

    `missing` holds the smallest sets that would complete the rule, counted in achievements still to be earned;
    `more_ways` says that there are further sets of that size than those listed. `relied_on` are the holdings by which
    the parts are met that take nothing; they stay free. `prospects` are there if they were asked for. `heeded` are
    the learner's choices that were followed: they made the verdict no worse.
    """

    on: date
    satisfied: bool
    allocation: Mapping[str, tuple[Taken, ...]] = field(default_factory=dict)
    nodes: Mapping[str, NodeResult] = field(default_factory=dict)
    unused: tuple[Unused, ...] = ()
    missing: tuple[Completion, ...] = ()
    more_ways: bool = False
    relied_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prospects: Prospects | None = None
    heeded: tuple[Pin, ...] = ()

    @property
    def used(self) -> frozenset[str]:
        """The ids of all holdings that counted."""
        return frozenset(taken.holding for part in self.allocation.values() for taken in part)

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage, the same for the same verdict."""
        return {
            "on": self.on.isoformat(),
            "satisfied": self.satisfied,
            "allocation": {
                node: [{"holding": taken.holding, "amount": str(taken.amount)} for taken in part]
                for node, part in self.allocation.items()
            },
            "nodes": {
                node: {"state": result.state, "have": str(result.have), "need": str(result.need)}
                for node, result in self.nodes.items()
            },
            "unused": [{"holding": each.holding, "code": each.code, "node": each.node} for each in self.unused],
            "missing": [
                [
                    {"node": need.node, "amount": str(need.amount), "any_of": [list(key) for key in need.any_of]}
                    for need in completion
                ]
                for completion in self.missing
            ],
            "more_ways": self.more_ways,
            **({"relied_on": {node: list(ids) for node, ids in self.relied_on.items()}} if self.relied_on else {}),
            **({"prospects": _prospects_json(self.prospects)} if self.prospects is not None else {}),
            **({"pins": [pin_json(each) for each in self.heeded]} if self.heeded else {}),
        }


def pin_json(pin: Pin) -> dict[str, Any]:
    """A choice as plain data; whose rule it is about is known where it is kept."""
    return {"node": pin.node, "holding": pin.holding, "here": pin.here}


def _prospects_json(prospects: Prospects) -> dict[str, Any]:
    return {
        "alternative": prospects.alternative,
        "earliest": prospects.earliest.isoformat() if prospects.earliest is not None else None,
        "near": [{"holding": each.holding, "node": each.node, "code": each.code} for each in prospects.near],
        **({"unknown": list(prospects.unknown)} if prospects.unknown else {}),
    }
