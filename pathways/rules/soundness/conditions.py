"""What is wrong in a condition over a part: it asks for nothing, names what is not there, or would count twice."""

from calendar import monthrange
from collections.abc import Iterator

from pathways.rules.requirement import (
    Amount,
    Average,
    Check,
    Condition,
    Groups,
    LastOf,
    Limit,
    Newest,
    OneYear,
    Order,
    Overlap,
    Pace,
    Requirement,
    Span,
    Spread,
    Together,
    walk,
)
from pathways.rules.scene import required
from pathways.rules.soundness.findings import Finding
from pathways.rules.soundness.values import check_where


def check_condition(part: Requirement, condition: Condition) -> Iterator[Finding]:
    below = list(walk(part))
    if _counts_pieces(condition) and any(isinstance(each, Amount) and each.divisible for each in below):
        yield Finding(code="divided_and_counted", node=condition.id)
    if _adds_up(condition) and any(not isinstance(each, Check) and each.shared for each in below[1:]):
        yield Finding(code="condition_over_shared", node=condition.id)
    if _asks_nothing(condition):
        yield Finding(code="nothing_asked", node=condition.id)
    match condition:
        case Limit(at_least=least, at_most=most, at_least_share=low, at_most_share=high, of=pool):
            if (least is not None and most is not None and most < least) or (low and high and high < low):
                yield Finding(code="maximum_below_minimum", node=condition.id)
            yield from check_where(condition.id, pool)
            if condition.among is not None:
                yield from check_where(condition.id, condition.among)
            if condition.share_of == "required" and required(part, condition.measure) is None:
                yield Finding(code="share_of_nothing", node=condition.id)
        case Spread(of=pool) | Average(of=pool):
            yield from check_where(condition.id, pool)
        case Order(first=first, then=then):
            if not first or not then or not {*first, *then} <= {each.id for each in below}:
                yield Finding(code="no_such_part", node=condition.id)
        case OneYear(month=month, day=day):
            if not 1 <= month <= 12 or not 1 <= day <= monthrange(2023, month)[1]:
                yield Finding(code="no_such_day", node=condition.id)


def _asks_nothing(condition: Condition) -> bool:
    match condition:
        case Limit(at_least=None, at_most=None, at_least_share=None, at_most_share=None, at_least_fact=""):
            return True
        case Spread(at_least=None, at_most=None, at_most_each=None) | Average(at_least=None, at_most=None):
            return True
        case Overlap(at_most=None, at_most_share=None) | Span(within=None, at_least=None):
            return True
        case Groups(groups=count, at_least=each):
            return count < 1 or each <= 0
    return False


def _adds_up(condition: Condition) -> bool:
    """Whether the condition would count twice what two parts take; days and kinds are the same however often."""
    if isinstance(condition, Spread):
        return condition.at_most_each is not None
    return not isinstance(condition, Order | OneYear | Span | Together | Newest)


def _counts_pieces(condition: Condition) -> bool:
    match condition:
        case Limit(measure=measure) | Groups(measure=measure) | LastOf(measure=measure) | Overlap(measure=measure):
            return measure == "count"
        case Pace(measure=measure):
            return measure == "count"
        case Spread(measure=measure, at_most_each=most):
            return measure == "count" and most is not None
        case Average(weight=weight):
            return weight == "count"
    return False
