"""What an award bears besides its name: levels, titles, numbers, computed from the verdict."""

from decimal import Decimal

from pathways.rules.evaluation import Evaluation
from pathways.rules.record import Record
from pathways.rules.requirement import Rule, Titles, Total

Found = list[str] | str | int | Decimal | None


def results_of(rule: Rule, evaluation: Evaluation, record: Record) -> dict[str, Found]:
    """Each result of the rule by its name."""
    found: dict[str, Found] = {}
    for result in rule.results:
        match result:
            case Titles():
                found[result.name] = _titles(result, evaluation)
            case Total(measure=measure):
                used = [each for each in record.holdings if each.id in evaluation.used and evaluation.satisfied]
                amounts = [Decimal(1) if measure == "count" else getattr(each, measure) for each in used]
                found[result.name] = sum(amounts, Decimal(0))
    return found


def _titles(result: Titles, evaluation: Evaluation) -> Found:
    words = [title.word for title in result.titles if evaluation.nodes[title.node].state == "met"]
    match result.give:
        case "all":
            return words
        case "last":
            return words[-1] if words else None
        case "number":
            return len(words)
