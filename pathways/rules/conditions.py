"""Conditions over what parts took, as sums for the search; and where each stands, over what was taken."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pathways.rules.averages import average_of, average_rows
from pathways.rules.days import back, day_before, moved
from pathways.rules.eligible import in_pool
from pathways.rules.properties import called, measured
from pathways.rules.record import Holding, Other, Record
from pathways.rules.requirement import (
    Average,
    Condition,
    Groups,
    LastOf,
    Limit,
    Newest,
    Overlap,
    Pace,
    Requirement,
    Span,
    Spread,
)
from pathways.rules.scene import (
    LEAST_DIFFERENCE,
    Cover,
    Row,
    Scene,
    SomeOf,
    Taking,
    groups_of,
    required,
    rounded,
    spread_of,
)
from pathways.rules.trials import trials_of


def rows_of(
    condition: Condition, part: Requirement, leaves: frozenset[str], holdings: Sequence[Holding], scene: Scene
) -> Iterator[Row]:
    """The sums that this condition demands of what the leaves take."""
    match condition:
        case Limit():
            yield from _limit_rows(condition, part, leaves, scene)
        case Average(last=None):
            yield from average_rows(condition, leaves, holdings, scene)
        case Overlap():
            yield from _overlap_rows(condition, part, leaves, scene)
        case Newest(within=within):
            first = back(scene.on, within)
            yield Row(
                condition.id, leaves, lambda each: Fraction(each.earned_on >= first), Fraction(1), soft=True, each=True
            )
        case Spread(at_most_each=most, measure=measure) if most is not None:
            for value in sorted({value for each in holdings for value in spread_of(condition, each, scene)}):
                yield Row(
                    condition.id,
                    leaves,
                    lambda each, value=value: (  # type: ignore[misc]
                        -measured(each, measure) if value in spread_of(condition, each, scene) else Fraction(0)
                    ),
                    -Fraction(most),
                )
        case Pace(within=within, at_most=most, measure=measure):
            for first in sorted({each.earned_on for each in holdings}):
                last = day_before(moved(first, within, 1))
                yield Row(condition.id, leaves, _between_days(first, last, measure), -Fraction(most))


def _between_days(first: date, last: date, measure: str) -> Callable[[Holding], Fraction]:
    return lambda each: -measured(each, measure) if first <= each.earned_on <= last else Fraction(0)


def _limit_rows(limit: Limit, asked: Requirement, leaves: frozenset[str], scene: Scene) -> Iterator[Row]:
    def part(each: Holding) -> Fraction:
        return whole(each) if in_pool(each, limit.of, scene.record, scene.on) else Fraction(0)

    def whole(each: Holding) -> Fraction:
        return measured(each, limit.measure) if _is_among(each, limit, scene) else Fraction(0)

    each = limit.measure == "count"
    if limit.at_least is not None:
        yield Row(limit.id, leaves, part, Fraction(limit.at_least), soft=True, each=each)
    if limit.at_most is not None:
        yield Row(limit.id, leaves, lambda each: -part(each), -Fraction(limit.at_most))
    amount = required(asked, limit.measure) if limit.share_of == "required" else None
    for share, sign in ((limit.at_least_share, 1), (limit.at_most_share, -1)):
        if share is None:
            continue
        if limit.share_of == "required":
            bound = rounded(share * (amount or 0), limit.rounded)
            yield Row(limit.id, leaves, lambda each, sign=sign: sign * part(each), sign * bound, soft=sign > 0)  # type: ignore[misc]
        else:
            yield Row(
                limit.id,
                leaves,
                lambda each, share=share, sign=sign: sign * (part(each) - share * whole(each)),  # type: ignore[misc]
                _slack(limit, share, sign),
                soft=sign > 0,
            )


def _is_among(each: Holding, limit: Limit, scene: Scene) -> bool:
    return limit.among is None or in_pool(each, limit.among, scene.record, scene.on)


def _slack(limit: Limit, share: Fraction, sign: int) -> Fraction:
    """What the sum of part - share x whole may fall short of, so that rounding the share allows it.

    The part is a whole number: it reaches the share rounded down once it is more than the share less one.
    """
    least = Fraction(1, share.denominator) if limit.measure == "count" else LEAST_DIFFERENCE / share.denominator
    match limit.rounded:
        case "down" if sign > 0:
            return least - 1
        case "up" if sign < 0:
            return least - 1
        case "nearest" if sign > 0:
            return least - Fraction(1, 2)
        case "nearest":
            return -Fraction(1, 2)
    return Fraction(0)


def overlapping(overlap: Overlap, record: Record) -> list[tuple[frozenset[str], Sequence[Other]]]:
    """The uses to be looked at: of each other qualification, or of all of them together."""
    others = [other for other in record.others if other.granted and called(other, overlap.kinds)]
    if overlap.each:
        return [(other.uses, (other,)) for other in others]
    uses = frozenset().union(*(other.uses for other in others))
    return [(uses, others)] if others else []


def size_of(other: Other, measure: str, record: Record) -> Fraction:
    """How large another qualification is: as it says itself, or as what it uses adds up to."""
    for name, much in other.amounts:
        if name == measure:
            return Fraction(much)
    return sum((measured(each, measure) for each in record.holdings if each.id in other.uses), Fraction(0))


def overlap_bound(overlap: Overlap, asked: Requirement, others: Sequence[Other], record: Record) -> Fraction | None:
    """The most that may overlap, if it does not depend on what is taken."""
    share = overlap.at_most_share
    bounds = [Fraction(overlap.at_most)] if overlap.at_most is not None else []
    if share is not None and overlap.share_of != "taken":
        own = required(asked, overlap.measure)
        theirs = min((size_of(other, overlap.measure, record) for other in others), default=None)
        sizes = {"required": [own], "other": [theirs], "smaller": [own, theirs]}[overlap.share_of]
        bounds += [share * size for size in sizes if size is not None]
    return min(bounds, default=None)


def _overlap_rows(overlap: Overlap, asked: Requirement, leaves: frozenset[str], scene: Scene) -> Iterator[Row]:
    for uses, others in overlapping(overlap, scene.record):
        bound = overlap_bound(overlap, asked, others, scene.record)
        if bound is not None:
            yield Row(
                overlap.id,
                leaves,
                lambda each, uses=uses: -measured(each, overlap.measure) if each.id in uses else Fraction(0),  # type: ignore[misc]
                -bound,
            )
        share = overlap.at_most_share
        if share is not None and overlap.share_of == "taken":
            yield Row(
                overlap.id,
                leaves,
                lambda each, uses=uses, share=share: measured(each, overlap.measure) * (share - (each.id in uses)),  # type: ignore[misc]
                Fraction(0),
            )


def cover_of(condition: Condition, leaves: frozenset[str], scene: Scene) -> Cover | None:
    """The number of different values that this condition demands, if it does."""
    if isinstance(condition, Spread) and condition.at_least is not None:
        return Cover(condition.id, leaves, lambda each: spread_of(condition, each, scene), condition.at_least)
    return None


def some_of(condition: Condition, leaves: frozenset[str], holdings: Sequence[Holding], scene: Scene) -> SomeOf | None:
    """The sums of which a condition demands only so many, if it does: one for each group that there is anything of."""
    if not isinstance(condition, Groups):
        return None
    members: dict[str, set[str]] = {}
    for each in holdings:
        for name in groups_of(condition, each, scene):
            members.setdefault(name, set()).add(each.id)

    def row(ids: set[str]) -> Row:
        return Row(
            condition.id,
            leaves,
            lambda each: measured(each, condition.measure) if each.id in ids else Fraction(0),
            Fraction(condition.at_least),
            soft=True,
            each=condition.measure == "count",
        )

    rows = [row(members[name]) for name in sorted(members)]
    # A group of which there is nothing yet may still be begun.
    rows += [row(set())] * (condition.groups - len(rows))
    return SomeOf(tuple(rows), condition.groups)


def standing_of(  # noqa: PLR0911 (one answer per condition)
    condition: Condition, part: Requirement, takings: Sequence[Taking], scene: Scene
) -> tuple[Decimal, Decimal, bool]:
    """How much of the condition is there, how much is asked, and whether it holds, over what its part took."""
    leaves = frozenset(leaf for leaf, _ in takings)
    holdings = [holding for _, holding in takings]

    def reached(rows: Sequence[Row]) -> bool:
        return all(
            sum((row.gain(each) for leaf, each in takings if leaf in row.leaves), Fraction(0)) >= row.least
            for row in rows
        )

    if isinstance(condition, Groups):
        met = len(_full_groups(condition, holdings, scene)) >= condition.groups
        have, need = _shown(condition, holdings, scene)
        return have if not met else need, need, met
    trials = trials_of(condition, leaves, takings, scene)
    if trials is not None and not isinstance(condition, Spread):
        met = (not takings and not _asks_for_something(condition)) or any(
            all(trial.allows(leaf, holding) for leaf, holding in takings) and reached(trial.rows) for trial in trials
        )
        if isinstance(condition, Average):
            return *_shown_average(condition, holdings, scene), met
        have, need = _shown(condition, holdings, scene)
        return have if not met else need, need, met
    met = reached(list(rows_of(condition, part, leaves, holdings, scene)))
    match condition:
        case Spread(at_least=least, at_most=most) if least is not None or most is not None:
            found = len({name for each in holdings for name in spread_of(condition, each, scene)})
            met = met and (least is None or found >= least) and (most is None or found <= most)
            return Decimal(found), Decimal((least if least is not None else most) or 0), met
        case Limit(measure=measure, of=pool):
            among = [each for each in holdings if _is_among(each, condition, scene)]
            some = (each for each in among if in_pool(each, pool, scene.record, scene.on))
            have_of = sum((measured(each, measure) for each in some), Fraction(0))
            whole = sum((measured(each, measure) for each in among), Fraction(0))
            share = condition.at_least_share if condition.at_least_share is not None else condition.at_most_share
            if condition.at_least is not None or (condition.at_most is not None and share is None):
                asked = condition.at_least if condition.at_least is not None else condition.at_most
                return _decimal(have_of), asked or Decimal(0), met
            if condition.share_of == "required":
                bound = rounded((share or 0) * (required(part, measure) or Fraction(0)), condition.rounded)
                return _decimal(have_of), _decimal(bound), met
            return _decimal(100 * have_of / whole if whole else Fraction(0)), _decimal(100 * (share or 0)), met
        case Average():
            return *_shown_average(condition, holdings, scene), met
    return Decimal(int(met)), Decimal(1), met


def _asks_for_something(condition: Condition) -> bool:
    """Whether the condition is not met by nothing at all."""
    match condition:
        case LastOf():
            return True
        case Span(at_least=shortest):
            return shortest is not None
        case Average(best=best, at_least=least):
            return best is not None and least is not None
    return False


def _shown_average(average: Average, holdings: Sequence[Holding], scene: Scene) -> tuple[Decimal, Decimal]:
    wanted = average.at_least if average.at_least is not None else average.at_most
    return _decimal(average_of(average, holdings, scene) or Fraction(0)), wanted or Decimal(0)


def _sums_of_groups(groups: Groups, holdings: Sequence[Holding], scene: Scene) -> dict[str, Fraction]:
    sums: dict[str, Fraction] = {}
    for each in holdings:
        for name in groups_of(groups, each, scene):
            sums[name] = sums.get(name, Fraction(0)) + measured(each, groups.measure)
    return sums


def _full_groups(groups: Groups, holdings: Sequence[Holding], scene: Scene) -> list[str]:
    return [name for name, much in _sums_of_groups(groups, holdings, scene).items() if much >= groups.at_least]


def _shown(condition: Condition, holdings: Sequence[Holding], scene: Scene) -> tuple[Decimal, Decimal]:
    if isinstance(condition, Groups) and condition.groups == 1:
        best = max(_sums_of_groups(condition, holdings, scene).values(), default=Fraction(0))
        return min(_decimal(best), condition.at_least), condition.at_least
    return Decimal(0), Decimal(1)


def _decimal(value: Fraction | int) -> Decimal:
    """For showing only: two places, cut off, so that what falls short never looks reached."""
    return Decimal(int(Fraction(value) * 100)) / 100
