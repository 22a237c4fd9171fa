"""Says in plain words what lies beside and ahead of a verdict: another choice as good, what nearly does, and when.

It knows verdicts and words, and neither a database nor a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pathways.rules import explain
from pathways.rules.evaluation import Evaluation, Prospects, ReasonCode
from pathways.rules.phrases.language import ENGLISH, Language
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Rule, walk

MOST_MISSES = 10


@dataclass(frozen=True, kw_only=True)
class Miss:
    """A holding that would do, but for one thing."""

    holding: Holding
    node: str
    code: ReasonCode
    words: str


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The prospects as they are read; what is `unknown` was not found out within its bound."""

    is_satisfied: bool
    has_alternative: bool
    earliest: date | None
    misses: tuple[Miss, ...]
    more_misses: int
    unknown: tuple[str, ...]


def outlook_of(
    rule: Rule,
    record: Record,
    evaluation: Evaluation,
    *,
    names: Mapping[str, str],
    language: Language = ENGLISH,
) -> Outlook:
    """Put the prospects of a verdict into words; `names` are by achievement and assessment."""
    prospects = evaluation.prospects or Prospects()
    holdings = {holding.id: holding for holding in record.holdings}
    parts = {part.id: part for part in walk(rule.root)}
    speaker = explain.Speaker(names, language)
    misses = []
    for each in prospects.near[:MOST_MISSES]:
        holding = holdings[each.holding]
        said = language.gettext(
            "{holding} would be enough, but for one thing: {reason}. The rule asks to {requirement}."
        )
        words = said.format(
            holding=speaker.name(holding.key),
            reason=language.gettext(explain.REASONS[each.code]),
            requirement=speaker.part(parts[each.node], inside=False),
        )
        misses.append(Miss(holding=holding, node=each.node, code=each.code, words=words))
    return Outlook(
        is_satisfied=evaluation.satisfied,
        has_alternative=prospects.alternative,
        earliest=prospects.earliest,
        misses=tuple(misses),
        more_misses=max(0, len(prospects.near) - MOST_MISSES),
        unknown=prospects.unknown,
    )
