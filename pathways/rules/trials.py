"""Conditions that are no sums, as cases that are tried one by one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import combinations

from pathways.rules.averages import newest_trials
from pathways.rules.days import back, day_before, moved
from pathways.rules.eligible import in_pool, is_current
from pathways.rules.properties import measured
from pathways.rules.record import Holding
from pathways.rules.requirement import Average, Condition, LastOf, OneYear, Order, Requirement, Span, Spread, Together
from pathways.rules.scene import LEAST_DIFFERENCE, Row, Scene, Taking, Trial, lacking, leaves_below, spread_of


def trials_of(  # noqa: PLR0911 (one answer per condition)
    condition: Condition, leaves: frozenset[str], takings: Sequence[Taking], scene: Scene, *, strict: bool = True
) -> list[Trial] | None:
    """The cases to be tried for a condition that is no sum, of which one must hold; none if it is a sum.

    Those that hold by nothing that is there are left out; they matter where the nearest is looked for, not `strict`.
    """
    own = [holding for leaf, holding in takings if leaf in leaves]
    dates = sorted({holding.earned_on for holding in own})
    match condition:
        case Order():
            return _order_trials(condition, scene.parts, takings)
        case OneYear(month=month, day=day):
            years = sorted({each.year + shift for each in dates for shift in (-1, 0)})
            starts = [date(year, month, day) for year in years]
            return [_between(leaves, start, _day_before_next(start)) for start in starts]
        case Span():
            return _span_trials(condition, leaves, dates)
        case Together():
            return [
                Trial(lambda leaf, each, day=day: leaf not in leaves or is_current(each, day))  # type: ignore[misc]
                for day in dates
            ]
        case Spread(at_most=most) if most is not None:
            return _few_trials(leaves, {each: spread_of(condition, each, scene) for each in own}, most)
        case LastOf():
            looked_at = [(leaf, each) for leaf, each in takings if leaf in leaves] if strict else ()
            return _last_trials(condition, leaves, dates, looked_at, scene)
        case Average(last=last) if last is not None:
            return newest_trials(condition, leaves, dates, own, scene)
    return None


def _day_before_next(start: date) -> date:
    return day_before(start.replace(year=start.year + 1))


def _between(leaves: frozenset[str], first: date, last: date, rows: tuple[Row, ...] = ()) -> Trial:
    return Trial(lambda leaf, each: leaf not in leaves or first <= each.earned_on <= last, rows)


def _span_trials(span: Span, leaves: frozenset[str], dates: Sequence[date]) -> list[Trial]:
    trials = []
    for last in dates:
        # Counted back from the last, as every period is: the months that it crosses are not equally long.
        first = back(last, span.within) if span.within is not None else date.min
        rows: tuple[Row, ...] = ()
        if span.at_least is not None:
            rows = (
                _any_from(span, leaves, date.min, moved(last, span.at_least, -1)),
                _any_from(span, leaves, last, last),
            )
        trials.append(_between(leaves, first, last, rows))
    return trials or ([] if span.at_least is None else [Trial(rows=(lacking(span.id, leaves),))])


def _any_from(span: Span, leaves: frozenset[str], first: date, last: date) -> Row:
    return Row(
        span.id, leaves, lambda each: Fraction(first <= each.earned_on <= last), Fraction(1), soft=True, each=True
    )


def _few_trials(leaves: frozenset[str], values: Mapping[Holding, Sequence[str]], most: int) -> list[Trial]:
    """Each choice of so many values, of which alone something is taken."""
    names = sorted({name for words in values.values() for name in words})
    return [
        Trial(lambda leaf, each, few=frozenset(few): leaf not in leaves or few.issuperset(values[each]))  # type: ignore[misc]
        for few in combinations(names, min(most, len(names)))
    ]


def _last_trials(
    last: LastOf, leaves: frozenset[str], dates: Sequence[date], own: Sequence[Taking], scene: Scene
) -> list[Trial]:
    def since(first: date, *, only: bool) -> Callable[[Holding], Fraction]:
        return lambda each: (
            measured(each, last.measure)
            if each.earned_on >= first and (not only or in_pool(each, last.of, scene.record, scene.on))
            else Fraction(0)
        )

    least = Fraction(last.at_least)
    of_day: dict[date, Fraction] = {first: Fraction(0) for first in dates}
    for (_, day), much in _most_of_each(own, since(date.min, only=True)).items():
        of_day[day] += much
    later = sum(of_day.values(), Fraction(0))
    trials = []
    for place, first in enumerate(dates):
        # What is asked for comes from this day, and from later ones as much as does not make up the amount alone.
        later -= of_day[first]
        if own and of_day[first] + min(later, Fraction(last.last) - LEAST_DIFFERENCE) < least:
            continue
        # A day with nothing of it lets in no more than the next one with some, and leaves more to come after it.
        if own and least > 0 and not of_day[first]:
            continue
        # From this day on there is enough of it, and what came later does not make up the amount alone: so the newest
        # that do reach back as far, or farther, and then there is no less of it.
        rows = [Row(last.id, leaves, since(first, only=True), least, soft=True)]
        if place + 1 < len(dates):
            after = since(dates[place + 1], only=False)
            rows.append(
                Row(last.id, leaves, lambda each, after=after: -after(each), LEAST_DIFFERENCE - Fraction(last.last))  # type: ignore[misc]
            )
        trials.append(Trial(rows=tuple(rows)))
    # The newest day first: where enough is of the last days, it is soon found.
    return trials[::-1] or [Trial(rows=(lacking(last.id, leaves),))]


def _most_of_each(
    takings: Sequence[Taking], much: Callable[[Holding], Fraction]
) -> Mapping[tuple[str, date], Fraction]:
    """The most that each holding may come to in one part: all its pieces there, where it is divided."""
    by_part: dict[tuple[str, str, date], Fraction] = {}
    for leaf, each in takings:
        key = (leaf, each.id, each.earned_on)
        by_part[key] = by_part.get(key, Fraction(0)) + much(each)
    most: dict[tuple[str, date], Fraction] = {}
    for (_, name, day), amount in by_part.items():
        most[name, day] = max(most.get((name, day), Fraction(0)), amount)
    return most


def _order_trials(order: Order, parts: dict[str, Requirement], takings: Sequence[Taking]) -> list[Trial]:
    first = frozenset().union(*(leaves_below(parts, node) for node in order.first))
    then = frozenset().union(*(leaves_below(parts, node) for node in order.then))
    trials = []
    for turn in sorted({holding.earned_on for leaf, holding in takings if leaf in first}):
        last = _last_day(turn, order)
        start = moved(turn, order.apart, 1) if order.apart is not None else turn

        def allows(leaf: str, each: Holding, turn: date = turn, start: date = start, last: date = last) -> bool:
            if leaf in first and each.earned_on > turn:
                return False
            return leaf not in then or ((order.any_order or start <= each.earned_on) and each.earned_on <= last)

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
    return day_before(last) if order.within.exclusive else last
