"""Compares two rules: what was added, removed and changed, in words, and who would fare differently.

Parts are the same part if they have the same id. Whether somebody fares differently is asked of the evaluator itself,
about made-up learners: one is found, or it is proved for all that the catalogue offers that there is none, or it is
said among how many none was found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from pathways.rules import notation, text
from pathways.rules.codecs import Codec
from pathways.rules.explain import Speaker
from pathways.rules.made_up import Budget, Entry, Outcome, TooCostly, World
from pathways.rules.made_up.turns import days_to_ask
from pathways.rules.phrases.language import ENGLISH, Language, gettext_noop
from pathways.rules.pieces import every_part
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
from pathways.rules.standing_apart import Apart, lasting_apart, results_apart
from pathways.rules.subsets import OutOfSteps

MOST_LEARNERS = 3_000
# What becomes of an award is judged day by day.
MOST_LATER = 400
# What stands below a part is compared by itself.
BELOW = ("parts", "part", "conditions", "type", "id")

ChangeKind = Literal["added", "removed", "changed", "moved"]
GROUPS: Mapping[type, str] = {
    All: gettext_noop("all of its parts"),
    AnyOf: gettext_noop("one of its parts"),
    AtLeast: gettext_noop("at least {count} of its parts"),
}
CONDITION_CODECS: Mapping[type, Mapping[str, Codec]] = {kind.cls: kind.codecs for kind in notation.CONDITIONS}
BOUNDS: dict[bool, str] = {
    True: gettext_noop("Proved: among all that the catalogue offers there is nobody."),
    False: gettext_noop("Nobody was found among {tried} made-up learners."),
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
    """`gains` shows who meets only the later rule, `loses` who meets only the earlier one.

    Of those who meet both, `stays` shows for whom the award lasts by one rule only, `bears` whose results differ.
    """

    changes: tuple[Change, ...]
    gains: Fares
    loses: Fares
    stays: Apart
    bears: Apart

    @property
    def is_same(self) -> bool:
        """Whether it is proved that nobody fares differently, in earning the award or later."""
        found = (self.gains, self.loses, self.stays, self.bears)
        return all(each.record is None and each.proved for each in found)


def compare(
    before: Rule,
    after: Rule,
    catalogue: Sequence[Entry],
    on: date,
    *,
    names: Mapping[str, str] | None = None,
    language: Language = ENGLISH,
    most: int = MOST_LEARNERS,
) -> Comparison:
    """How the later rule differs from the earlier one, in what it says and in whom it satisfies."""
    return Comparison(
        changes=tuple(changes(before, after, names=names, language=language)),
        gains=fares(after, before, catalogue, on, most=most),
        loses=fares(before, after, catalogue, on, most=most),
        stays=lasting_apart(before, after, catalogue, on, most=min(most, MOST_LATER)),
        bears=results_apart(before, after, catalogue, on, most=min(most, MOST_LATER)),
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
    codecs: Mapping[str, Codec]


def changes(
    before: Rule, after: Rule, *, names: Mapping[str, str] | None = None, language: Language = ENGLISH
) -> Iterator[Change]:
    """What was removed, changed and moved, and what was added, each by its id."""
    speaker = Speaker(names or {}, language)
    old, new = _pieces(before, speaker), _pieces(after, speaker)
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
    yield from _of_the_whole(before, after, speaker)


def _of_the_whole(before: Rule, after: Rule, speaker: Speaker) -> Iterator[Change]:
    """What is said of the rule as a whole, field by field."""
    old, new = (_by_field(rule, speaker) for rule in (before, after))
    written = [notation.to_json(rule) for rule in (before, after)]
    for name in notation.RULE_FIELDS:
        if name == "root" or written[0].get(name) == written[1].get(name):
            continue
        kind: ChangeKind = "changed" if name in old and name in new else "removed" if name in old else "added"
        yield Change(kind=kind, node="", before=_sentence(old.get(name, "")), after=_sentence(new.get(name, "")))


def _by_field(rule: Rule, speaker: Speaker) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in speaker.whole(rule):
        found[name] = f"{found[name]}; {words}" if name in found else words
    return found


def _both(said: Sequence[str], old: _Piece, new: _Piece) -> Iterator[tuple[str, _Piece, _Piece]]:
    yield said[0], old, new
    yield said[1], new, old


def _fields(one: _Piece, other: _Piece) -> str:
    """What the one says that the other does not say so, in the text notation."""
    differing = {name: value for name, value in one.said.items() if name != "type" and other.said.get(name) != value}
    return text.clauses_text(one.codecs, differing) or "–"


def _pieces(rule: Rule, speaker: Speaker) -> dict[str, _Piece]:
    found: dict[str, _Piece] = {}
    under = {
        each.id: part.id
        for part in every_part(rule.root)
        for each in (*(part.parts if isinstance(part, Group) else ()), *_inside(part))
    }
    for part in every_part(rule.root):
        written = notation.PART.write(part)
        found[part.id] = _Piece(
            lambda part=part: _words(part, speaker),  # type: ignore[misc]
            {"type": written["type"], **{name: value for name, value in written.items() if name not in BELOW}},
            under.get(part.id, ""),
            notation.BY_CLASS[type(part)].codecs,
        )
        for condition, said in zip(conditions_of(part), written.get("conditions", ()), strict=True):
            found[condition.id] = _Piece(
                lambda part=part, condition=condition: speaker.condition(condition, part),  # type: ignore[misc]
                said,
                part.id,
                CONDITION_CODECS[type(condition)],
            )
    return found


def _inside(part: Requirement) -> tuple[Requirement, ...]:
    inner = looked_into(part)
    return () if inner is None else (inner,)


def _words(part: Requirement, speaker: Speaker) -> str:
    if isinstance(part, Group):
        said = speaker.language.gettext(GROUPS[type(part)]).format(count=getattr(part, "count", ""))
        return speaker.sharing(said) if part.shared else said
    bare = replace(part, conditions=()) if conditions_of(part) else part  # type: ignore[arg-type]
    return speaker.part(bare, inside=False)


def _sentence(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
