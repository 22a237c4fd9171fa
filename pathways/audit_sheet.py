"""Says where somebody stands under a rule, line by line: met by what, under way, missing, and what cannot count.

A learner and a registrar read the same sheet. It knows verdicts and words, and neither a database nor a page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pathways.rules import explain
from pathways.rules.completing import completions
from pathways.rules.evaluate import evaluate
from pathways.rules.evaluation import Completion, Evaluation, NodeResult
from pathways.rules.exceptions import judge
from pathways.rules.phrases.language import ENGLISH, Language
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Condition,
    Count,
    Group,
    Holds,
    Passed,
    Requirement,
    Rule,
    conditions_of,
)

StoneState = Literal["earned", "underway", "open"]
Stone = tuple[str, Decimal, StoneState]

MOST_STONES = 12
STONE_OF: Mapping[str, StoneState] = {"met": "earned", "waived": "earned", "under_way": "underway"}
MOST_CHOICES = 12


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A holding on a line: what it is called, and for how much it counts there."""

    holding: Holding
    name: str
    amount: Decimal
    counts_amount: bool


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """A holding that does not count, and why."""

    holding: Holding
    name: str
    code: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One thing that would do, and whether the learner has begun it."""

    key: str
    name: str
    is_assessment: bool
    is_under_way: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """One part of the rule and where it stands."""

    node: str
    words: str
    result: NodeResult
    unit: str = ""
    counted: tuple[Counted, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    needs: tuple[str, ...] = ()
    is_filled_by_others: bool = False
    choices: tuple[Choice, ...] = ()
    is_condition: bool = False
    parts: "tuple[Line, ...]" = ()

    @property
    def is_met(self) -> bool:
        return self.result.state in {"met", "waived"}

    @property
    def state(self) -> str:
        """The name of the state on pages."""
        return {"met": "earned", "under_way": "under-way", "waived": "waived"}.get(self.result.state, "open")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The whole verdict, as it is read."""

    on: date
    words: str
    evaluation: Evaluation
    lines: tuple[Line, ...]
    excluded: tuple[Excluded, ...]
    ways: tuple[str, ...]
    missing: tuple[Completion, ...]
    stones: tuple[Stone, ...]

    @property
    def is_satisfied(self) -> bool:
        return self.evaluation.satisfied

    @property
    def done(self) -> int:
        return sum(1 for _node, _weight, state in self.stones if state == "earned")

    @property
    def under_way(self) -> int:
        return sum(1 for _node, _weight, state in self.stones if state == "underway")

    @property
    def total(self) -> int:
        return len(self.stones)


def sheet_of(
    rule: Rule,
    record: Record,
    on: date,
    *,
    names: Mapping[str, str],
    credits_of: Mapping[str, Decimal],
    language: Language = ENGLISH,
    slug: str = "",
    gains: Mapping[str, Holding] | None = None,
) -> Sheet:
    """Judge a record and say the verdict; `names` and `credits_of` are by achievement and assessment.

    So is `gains`, what each would bring: what one of them fills together is not asked for twice.

    `slug` is that of the achievement whose rule it is: what people decided about its parts is heeded.
    """
    evaluation = judge(slug, rule, record, on)
    missing = completions(slug, rule, record, evaluation, gains or {})
    writer = _Writer(rule, record, evaluation, names, language)
    writer.missing = missing
    root = writer.line(rule.root)
    return Sheet(
        on=on,
        words=explain.sentence(rule, names, language),
        evaluation=evaluation,
        lines=root.parts if isinstance(rule.root, All) else (root,),
        excluded=tuple(writer.excluded(None)),
        ways=tuple(explain.completion_sentence(rule, each, names, language) for each in missing),
        missing=missing,
        stones=stones(rule, evaluation, credits_of),
    )


def stones(rule: Rule, evaluation: Evaluation, credits_of: Mapping[str, Decimal]) -> tuple[Stone, ...]:
    """The cairn of a verdict: a stone for each top part of the rule, as wide as its credits, bottom up as written.

    A rule that only says "so many of these" has so many stones.
    """
    root = rule.root
    if isinstance(root, All):
        return tuple(
            (part.id, _weight(part, credits_of), STONE_OF.get(evaluation.nodes[part.id].state, "open"))
            for part in root.parts
        )
    result = evaluation.nodes[root.id]
    count = int(result.need) if isinstance(root, AtLeast | Count) else 1
    if count > MOST_STONES or count == 1:
        return ((root.id, _weight(root, credits_of), STONE_OF.get(result.state, "open")),)
    under_way = 0
    if isinstance(root, AtLeast):
        under_way = sum(1 for part in root.parts if evaluation.nodes[part.id].state == "under_way")
    have = min(int(result.have), count)
    begun = min(under_way, count - have)
    states: list[StoneState] = [*["earned"] * have, *["underway"] * begun, *["open"] * (count - have - begun)]  # type: ignore[list-item]
    return tuple((f"{root.id}.{place}", Decimal(1), state) for place, state in enumerate(states, 1))


def outline_of(rule: Rule, credits_of: Mapping[str, Decimal], on: date) -> tuple[Stone, ...]:
    """The cairn of a rule for somebody of whom nothing is known: every stone open."""
    return stones(rule, evaluate(rule, Record(), on), credits_of)


def _weight(part: Requirement, credits_of: Mapping[str, Decimal]) -> Decimal:  # noqa: PLR0911 - one for each kind
    match part:
        case Holds(any_of=keys):
            return max((credits_of.get(key, Decimal(0)) for key in keys), default=Decimal(0)) or Decimal(1)
        case Amount(at_least=amount):
            return amount or Decimal(1)
        case Count(at_least=count):
            return Decimal(count)
        case Passed():
            return Decimal(1)
        case AtLeast(count=count):
            weights = sorted((_weight(each, credits_of) for each in part.parts), reverse=True)
            return sum(weights[:count], Decimal(0)) or Decimal(1)
        case All():
            return sum((_weight(each, credits_of) for each in part.parts), Decimal(0)) or Decimal(1)
        case AnyOf():
            return max((_weight(each, credits_of) for each in part.parts), default=Decimal(1))
        case _:
            # A check takes nothing, but it is a part all the same.
            return Decimal(1)


class _Writer:
    """Puts one verdict into lines."""

    def __init__(
        self, rule: Rule, record: Record, evaluation: Evaluation, names: Mapping[str, str], language: Language
    ) -> None:
        self.rule = rule
        self.record = record
        self.evaluation = evaluation
        self.missing = evaluation.missing
        self.names = names
        self.language = language
        self.speaker = explain.Speaker(names, language)
        self.holdings = {holding.id: holding for holding in record.holdings}

    def line(self, part: Requirement) -> Line:
        parts = tuple(self.line(each) for each in part.parts) if isinstance(part, Group) else ()
        parts += tuple(self.condition(each, part) for each in conditions_of(part))
        return Line(
            node=part.id,
            words=self._words(part),
            result=self.evaluation.nodes[part.id],
            unit=part.unit if isinstance(part, Amount) else "",
            counted=tuple(self._counted(part)),
            excluded=tuple(self.excluded(part.id)),
            needs=tuple(dict.fromkeys(self._needs(part))),
            is_filled_by_others=self._is_filled_by_others(part.id),
            choices=tuple(self._choices(part)),
            parts=parts,
        )

    def condition(self, condition: Condition, part: Requirement) -> Line:
        """A condition over what the part took, as a line below it."""
        phrase = self.speaker.condition(condition, part)
        lacking = [need for completion in self.missing for need in completion if need.node == condition.id]
        return Line(
            node=condition.id,
            words=phrase[:1].upper() + phrase[1:],
            result=self.evaluation.nodes[condition.id],
            needs=(self.speaker.lacking(condition, part),) if lacking else (),
            excluded=tuple(self.excluded(condition.id)),
            is_condition=True,
        )

    def _words(self, part: Requirement) -> str:
        # The parts of a group stand below it as lines of their own, and are not said twice.
        match part:
            case All() if len(part.parts) > 1:
                return self.language.gettext("All of these")
            case AtLeast(count=count) if len(part.parts) > 1:
                words = self.language.gettext("At least {count} of these {total}")
                return words.format(count=count, total=len(part.parts))
            case _ if isinstance(part, Group) and len(part.parts) > 1:
                return self.language.gettext("One of these")
        phrase = self.speaker.part(part, inside=False)
        return phrase[:1].upper() + phrase[1:]

    def _counted(self, part: Requirement) -> Iterator[Counted]:
        for taken in self.evaluation.allocation.get(part.id, ()):
            holding = self.holdings[taken.holding]
            yield Counted(
                holding=holding,
                name=self.names.get(holding.key, holding.key),
                amount=taken.amount,
                counts_amount=isinstance(part, Amount),
            )

    def excluded(self, node: str | None) -> Iterator[Excluded]:
        """The holdings that came nearest to this part, or to none, and do not count there."""
        for unused in self.evaluation.unused:
            # What nobody asks for is no news on a sheet.
            if unused.node == node and unused.code not in {"not_asked", "not_needed"}:
                holding = self.holdings[unused.holding]
                name = self.names.get(holding.key, holding.key)
                words = explain.unused_sentence(unused, name, self.language)
                yield Excluded(holding=holding, name=name, code=unused.code, words=words)

    def _is_filled_by_others(self, node: str) -> bool:
        """Whether the part lacks something by itself, and whatever completes the others fills it as well."""
        by_itself = any(need.node == node for completion in self.evaluation.missing for need in completion)
        return by_itself and not any(need.node == node for completion in self.missing for need in completion)

    def _needs(self, part: Requirement) -> Iterator[str]:
        for completion in self.missing:
            for need in completion:
                if need.node == part.id:
                    yield self.speaker.need(part, need)

    def _choices(self, part: Requirement) -> Iterator[Choice]:
        if self.evaluation.nodes[part.id].state in {"met", "waived"}:
            return
        keys: Sequence[str] = ()
        match part:
            case Passed(assessment=key):
                keys = (key,)
            case Holds(any_of=any_of):
                keys = any_of
            case Count(pool=pool) | Amount(pool=pool):
                keys = pool.achievements
        taken = {taken.holding for taken in self.evaluation.allocation.get(part.id, ())}
        counted = {self.holdings[holding].key for holding in taken}
        for key in [key for key in keys if key not in counted][:MOST_CHOICES]:
            is_assessment = isinstance(part, Passed)
            yield Choice(
                key=key,
                name=self.names.get(key, key),
                is_assessment=is_assessment,
                is_under_way=("grade" if is_assessment else "award", key) in self.record.under_way,
            )
