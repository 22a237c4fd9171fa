"""What is wrong in the values that parts, conditions and results share: pools, blends and periods."""

from collections.abc import Iterator
from datetime import date

from pathways.rules.requirement import Blend, Figure, Graded, Period, Where
from pathways.rules.soundness.findings import Finding
from pathways.rules.turning import SHORTEST_CYCLE


def check_where(node: str, where: Where) -> Iterator[Finding]:
    least, most = where.level_at_least, where.level_at_most
    if least is not None and most is not None and most < least:
        yield Finding(code="levels_crossed", node=node)
    since, until = where.earned_since, where.earned_until
    if isinstance(since, date) and isinstance(until, date) and until < since:
        yield Finding(code="dates_crossed", node=node)
    if where.earned_within == Period():
        yield Finding(code="dates_crossed", node=node)
    for number in where.numbers:
        if number.times != 1 and not number.at_least_of and not number.at_most_of:
            yield Finding(code="nothing_asked", node=node)
    for scale in where.scales:
        if not {scale.at_least, scale.at_most} <= {"", *scale.scale}:
            yield Finding(code="no_such_word", node=node)
    beside = [pool for pool in (where.while_held, where.if_held, where.unless_held) if pool is not None]
    for each in (*where.either, *where.neither, *beside):
        yield from check_where(node, each)


def check_blend(node: str, mean: Graded | Figure | Blend) -> Iterator[Finding]:
    if mean.blend and mean.best is not None:
        yield Finding(code="blended_twice", node=node)
    for each in mean.blend:
        yield from check_where(node, each.of)
        if each.step is None and each.rounded != "nearest":
            yield Finding(code="rounding_unclear", node=node)
        yield from check_blend(node, each)


def check_cycle(node: str, every: Period) -> Iterator[Finding]:
    if is_nothing(every):
        yield Finding(code="no_such_period", node=node)
    elif not every.years and not every.months and every.days < SHORTEST_CYCLE:
        yield Finding(code="cycle_too_short", node=node, values=(("days", SHORTEST_CYCLE),))


def is_nothing(period: Period) -> bool:
    return not (period.years or period.months or period.days)
