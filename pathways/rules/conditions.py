"""Conditions over what parts took: as sums for the search, as cases to be tried one by one, and as a verdict."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pathways.rules.eligible import back, in_pool, moved
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    Average,
    Condition,
    Limit,
    Measure,
    Newest,
    OneYear,
    Order,
    Requirement,
    Span,
    Spread,
    Together,
    walk,
)

Taking = tuple[str, Holding]


@dataclass(frozen=True)
class Row:
    """A sum over what is taken that must reach `least`; `gain` is exact. `each` counts holdings, not amounts."""

    condition: str
    leaves: frozenset[str]
    gain: Callable[[Holding], Fraction]
    least: Fraction
    soft: bool = False
    each: bool = False


@dataclass(frozen=True)
class Cover:
    """What is taken must show at least so many different values."""

    condition: str
    leaves: frozenset[str]
    value: Callable[[Holding], str]
    least: int


@dataclass(frozen=True)
class Trial:
    """One case of a condition that cannot be said as a sum: what each leaf may take in it, and a row it adds."""

    allows: Callable[[str, Holding], bool]
    rows: tuple[Row, ...] = ()


def measured(holding: Holding, measure: Measure) -> Fraction:
    """How much a holding adds in this measure."""
    return Fraction(1) if measure == "count" else Fraction(getattr(holding, measure))


def value_of(holding: Holding, by: str) -> str:
    """The subject, issuer … by which a spread is judged."""
    return str(holding.achievement_kind if by == "kind" else getattr(holding, by))


def leaves_below(parts: dict[str, Requirement], node: str) -> frozenset[str]:
    """The ids of a part and everything below it."""
    return frozenset(each.id for each in walk(parts[node]))


def rows_of(
    condition: Condition, leaves: frozenset[str], holdings: Sequence[Holding], record: Record, on: date
) -> Iterator[Row]:
    """The sums that this condition demands of what the leaves take."""
    match condition:
        case Limit():
            yield from _limit_rows(condition, leaves, record, on)
        case Average(at_least=least, weight=weight):
            wanted = Fraction(least)
            yield Row(
                condition.id,
                leaves,
                lambda each: (
                    Fraction(0) if each.grade is None else measured(each, weight) * (Fraction(each.grade) - wanted)
                ),
                Fraction(0),
                soft=True,
            )
        case Newest(within=within):
            first = back(on, within)
            yield Row(
                condition.id, leaves, lambda each: Fraction(each.earned_on >= first), Fraction(1), soft=True, each=True
            )
        case Spread(by=by, at_most_each=most) if most is not None:
            for value in sorted({value_of(each, by) for each in holdings}):
                yield Row(
                    condition.id,
                    leaves,
                    lambda each, value=value: Fraction(-(value_of(each, by) == value)),  # type: ignore[misc]
                    Fraction(-most),
                )


def _limit_rows(limit: Limit, leaves: frozenset[str], record: Record, on: date) -> Iterator[Row]:
    def part(each: Holding) -> Fraction:
        return measured(each, limit.measure) if in_pool(each, limit.of, record, on) else Fraction(0)

    def whole(each: Holding) -> Fraction:
        return measured(each, limit.measure)

    each = limit.measure == "count"
    if limit.at_least is not None:
        yield Row(limit.id, leaves, part, Fraction(limit.at_least), soft=True, each=each)
    if limit.at_most is not None:
        yield Row(limit.id, leaves, lambda each: -part(each), -Fraction(limit.at_most))
    if limit.at_least_share is not None:
        low = limit.at_least_share
        yield Row(limit.id, leaves, lambda each: part(each) - low * whole(each), Fraction(0), soft=True)
    if limit.at_most_share is not None:
        high = limit.at_most_share
        yield Row(limit.id, leaves, lambda each: high * whole(each) - part(each), Fraction(0))


def cover_of(condition: Condition, leaves: frozenset[str]) -> Cover | None:
    """The number of different values that this condition demands, if it does."""
    if isinstance(condition, Spread) and condition.at_least is not None:
        by = condition.by
        return Cover(condition.id, leaves, lambda each: value_of(each, by), condition.at_least)
    return None


def trials_of(
    condition: Condition, leaves: frozenset[str], parts: dict[str, Requirement], takings: Sequence[Taking]
) -> list[Trial] | None:
    """The cases to be tried for a condition on dates, of which one must hold; none if it is no such condition."""
    dates = sorted({holding.earned_on for leaf, holding in takings if leaf in leaves})
    match condition:
        case Order():
            return _order_trials(condition, parts, takings)
        case OneYear(month=month, day=day):
            years = sorted({each.year + shift for each in dates for shift in (-1, 0)})
            starts = [date(year, month, day) for year in years]
            return [_between(leaves, start, _day_before_next(start)) for start in starts]
        case Span(within=within):
            # Counted back from the last, as every period is: the months that it crosses are not equally long.
            return [_between(leaves, back(last, within), last) for last in dates]
        case Together():
            return [
                Trial(lambda leaf, each, day=day: leaf not in leaves or _current(each, day))  # type: ignore[misc]
                for day in dates
            ]
    return None


def _current(holding: Holding, day: date) -> bool:
    return holding.earned_on <= day and (holding.until is None or holding.until >= day)


def _day_before_next(start: date) -> date:
    return date.fromordinal(start.replace(year=start.year + 1).toordinal() - 1)


def _between(leaves: frozenset[str], first: date, last: date) -> Trial:
    return Trial(lambda leaf, each: leaf not in leaves or first <= each.earned_on <= last)


def _order_trials(order: Order, parts: dict[str, Requirement], takings: Sequence[Taking]) -> list[Trial]:
    first = frozenset().union(*(leaves_below(parts, node) for node in order.first))
    then = frozenset().union(*(leaves_below(parts, node) for node in order.then))
    trials = []
    for turn in sorted({holding.earned_on for leaf, holding in takings if leaf in first}):
        last = _last_day(turn, order)

        def allows(leaf: str, each: Holding, turn: date = turn, last: date = last) -> bool:
            if leaf in first and each.earned_on > turn:
                return False
            return leaf not in then or ((order.any_order or turn <= each.earned_on) and each.earned_on <= last)

        rows: tuple[Row, ...] = ()
        if order.within is not None:
            # Otherwise a later turn than the true last of the first would stretch the time that is left.
            rows = (
                Row(order.id, first, lambda each, turn=turn: Fraction(each.earned_on == turn), Fraction(1)),  # type: ignore[misc]
            )
        trials.append(Trial(allows, rows))
    # While the first or what follows is still missing, the other may show what is there.
    trials.append(Trial(lambda leaf, each: leaf not in first))
    trials.append(Trial(lambda leaf, each: leaf not in then))
    return trials


def _last_day(turn: date, order: Order) -> date:
    if order.within is None:
        return date.max
    last = moved(turn, order.within, 1)
    return date.fromordinal(last.toordinal() - 1) if order.within.exclusive else last


def standing_of(
    condition: Condition, takings: Sequence[Taking], parts: dict[str, Requirement], record: Record, on: date
) -> tuple[Decimal, Decimal, bool]:
    """How much of the condition is there, how much is asked, and whether it holds, over what its part took."""
    leaves = frozenset(leaf for leaf, _ in takings)
    holdings = [holding for _, holding in takings]
    trials = trials_of(condition, leaves, parts, takings)
    if trials is not None:
        met = not takings or any(
            all(trial.allows(leaf, holding) for leaf, holding in takings)
            and all(
                sum((row.gain(h) for leaf, h in takings if leaf in row.leaves), Fraction(0)) >= row.least
                for row in trial.rows
            )
            for trial in trials
        )
        return Decimal(int(met)), Decimal(1), met
    met = all(
        sum((row.gain(each) for each in holdings), Fraction(0)) >= row.least
        for row in rows_of(condition, leaves, holdings, record, on)
    )
    match condition:
        case Spread(by=by, at_least=least) if least is not None:
            found = len({value_of(each, by) for each in holdings})
            return Decimal(found), Decimal(least), met and found >= least
        case Limit(measure=measure, of=pool):
            have = sum((measured(each, measure) for each in holdings if in_pool(each, pool, record, on)), Fraction(0))
            whole = sum((measured(each, measure) for each in holdings), Fraction(0))
            share = condition.at_least_share if condition.at_least_share is not None else condition.at_most_share
            if condition.at_least is not None or (condition.at_most is not None and share is None):
                asked = condition.at_least if condition.at_least is not None else condition.at_most
                return _decimal(have), asked or Decimal(0), met
            return _decimal(100 * have / whole if whole else Fraction(0)), _decimal(100 * (share or 0)), met
        case Average(at_least=least, weight=weight):
            graded = [each for each in holdings if each.grade is not None]
            total = sum((measured(each, weight) for each in graded), Fraction(0))
            points = sum((measured(each, weight) * Fraction(each.grade or 0) for each in graded), Fraction(0))
            return _decimal(points / total if total else Fraction(0)), least, met
    return Decimal(int(met)), Decimal(1), met


def _decimal(value: Fraction | int) -> Decimal:
    """For showing only: two places, cut off, so that what falls short never looks reached."""
    return Decimal(int(Fraction(value) * 100)) / 100
