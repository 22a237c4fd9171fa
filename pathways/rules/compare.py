"""Compares two rules: what was added, removed and changed, in words, and who would fare differently.

Parts are the same part if they have the same id. Whether somebody fares differently is asked of the evaluator itself,
about made-up learners: one is found, or it is proved for all that the catalogue offers that there is none, or it is
said among how many none was found.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from pathways.rules import notation
from pathways.rules.explain import Gettext, Speaker
from pathways.rules.made_up import Budget, Entry, Outcome, TooCostly, World, days_to_ask, every_part
from pathways.rules.prove import to_earn
from pathways.rules.record import Record
from pathways.rules.requirement import (
    All,
    AnyOf,
    AtLeast,
    Group,
    Requirement,
    Rule,
    conditions_of,
    looked_into,
)
from pathways.rules.subsets import OutOfSteps

MOST_LEARNERS = 3_000
# What stands below a part is compared by itself.
BELOW = ("parts", "part", "conditions", "type", "id")

ChangeKind = Literal["added", "removed", "changed", "moved"]
GROUPS: Mapping[type, str] = {
    All: "all of its parts",
    AnyOf: "one of its parts",
    AtLeast: "at least {count} of its parts",
}
BOUNDS: dict[bool, str] = {
    True: "Proved: among all that the catalogue offers there is nobody.",
    False: "Nobody was found among {tried} made-up learners.",
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one part, condition, or of the rule as a whole (no node), in words."""

    kind: ChangeKind
    node: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Fares:
    """Somebody who is satisfied under one rule only, on that day; or none, with what that is worth."""

    record: Record | None
    on: date
    proved: bool
    tried: int

    @property
    def bounds(self) -> str:
        return BOUNDS[self.proved].format(tried=self.tried)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`gains` shows who meets only the later rule, `loses` who meets only the earlier one."""

    changes: tuple[Change, ...]
    gains: Fares
    loses: Fares

    @property
    def is_same(self) -> bool:
        """Whether it is proved that nobody fares differently."""
        return all(each.record is None and each.proved for each in (self.gains, self.loses))


def compare(
    before: Rule,
    after: Rule,
    catalogue: Sequence[Entry],
    on: date,
    *,
    names: Mapping[str, str] | None = None,
    gettext: Gettext = str,
    most: int = MOST_LEARNERS,
) -> Comparison:
    """How the later rule differs from the earlier one, in what it says and in whom it satisfies."""
    return Comparison(
        changes=tuple(changes(before, after, names=names, gettext=gettext)),
        gains=fares(after, before, catalogue, on, most=most),
        loses=fares(before, after, catalogue, on, most=most),
    )


def fares(meets: Rule, fails: Rule, catalogue: Sequence[Entry], on: date, *, most: int = MOST_LEARNERS) -> Fares:
    """Somebody who meets the one rule and not the other, today or once their fixed dates have passed."""
    budget = Budget(most, most)
    rules = [to_earn(meets), to_earn(fails)]
    if rules[0] == rules[1]:
        return Fares(record=None, on=on, proved=True, tried=0)
    proved = True
    try:
        for day in days_to_ask(rules, on):
            outcome: Outcome = World(rules, catalogue, day, budget).differ(*rules)
            if outcome.record is not None:
                return Fares(record=outcome.record, on=day, proved=True, tried=budget.tried)
            proved = proved and outcome.proved
    except (OutOfSteps, TooCostly):
        proved = False
    return Fares(record=None, on=on, proved=proved, tried=budget.tried)


# In words


@dataclass(frozen=True)
class _Piece:
    """A part or condition as one of the rules has it."""

    words: Callable[[], str]
    said: Mapping[str, Any]
    under: str


def changes(
    before: Rule, after: Rule, *, names: Mapping[str, str] | None = None, gettext: Gettext = str
) -> Iterator[Change]:
    """What was removed, changed and moved, and what was added, each by its id."""
    speaker = Speaker(names or {}, gettext)
    old, new = _pieces(before, speaker, gettext), _pieces(after, speaker, gettext)
    for node, piece in old.items():
        if node not in new:
            yield Change(kind="removed", node=node, before=_sentence(piece.words()))
        elif piece.said != new[node].said:
            said = [_sentence(piece.words()), _sentence(new[node].words())]
            if said[0] == said[1]:
                said = [f"{words} ({_fields(one, other)})" for words, one, other in _both(said, piece, new[node])]
            yield Change(kind="changed", node=node, before=said[0], after=said[1])
        elif piece.under != new[node].under:
            yield Change(kind="moved", node=node, before=_sentence(piece.words()), after=_sentence(new[node].words()))
    for node, piece in new.items():
        if node not in old:
            yield Change(kind="added", node=node, after=_sentence(piece.words()))
    plain = [{**notation.to_json(rule), "root": None} for rule in (before, after)]
    if plain[0] != plain[1]:
        yield Change(kind="changed", node="", before=_fields(*plain), after=_fields(*plain[::-1]))


def _both(said: Sequence[str], old: _Piece, new: _Piece) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    yield said[0], old.said, new.said
    yield said[1], new.said, old.said


def _fields(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What the one says that the other does not say so, as the notation writes it."""
    differing = [
        name for name in (*one, *(name for name in other if name not in one)) if one.get(name) != other.get(name)
    ]
    return "; ".join(
        f"{name.replace('_', ' ')}: {json.dumps(one[name], ensure_ascii=False) if name in one else '–'}"
        for name in differing
    )


def _pieces(rule: Rule, speaker: Speaker, gettext: Gettext) -> dict[str, _Piece]:
    found: dict[str, _Piece] = {}
    under = {
        each.id: part.id
        for part in every_part(rule.root)
        for each in (*(part.parts if isinstance(part, Group) else ()), *_inside(part))
    }
    for part in every_part(rule.root):
        written = notation.PART.write(part)
        found[part.id] = _Piece(
            lambda part=part: _words(part, speaker, gettext),  # type: ignore[misc]
            {"type": written["type"], **{name: value for name, value in written.items() if name not in BELOW}},
            under.get(part.id, ""),
        )
        for condition, said in zip(conditions_of(part), written.get("conditions", ()), strict=True):
            found[condition.id] = _Piece(
                lambda part=part, condition=condition: speaker.condition(condition, part),  # type: ignore[misc]
                said,
                part.id,
            )
    return found


def _inside(part: Requirement) -> tuple[Requirement, ...]:
    inner = looked_into(part)
    return () if inner is None else (inner,)


def _words(part: Requirement, speaker: Speaker, gettext: Gettext) -> str:
    if isinstance(part, Group):
        template = GROUPS.get(type(part))
        return gettext(template).format(count=getattr(part, "count", "")) if template else type(part).__name__
    bare = replace(part, conditions=()) if conditions_of(part) else part  # type: ignore[arg-type]
    return speaker.part(bare, inside=False)


def _sentence(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
