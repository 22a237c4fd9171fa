"""Conditions over what parts took: as sums for the search, and as cases to be tried one by one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import ceil, floor

from pathways.rules.days import back, day_before, moved, year_from
from pathways.rules.eligible import in_pool, is_current, the_day, weighed
from pathways.rules.properties import called, grade_of, measured, values_of, words_of
from pathways.rules.record import Holding, Other, Record
from pathways.rules.requirement import (
    All,
    Amount,
    Average,
    Check,
    Condition,
    Count,
    Groups,
    Holds,
    LastOf,
    Limit,
    Newest,
    OneYear,
    Order,
    Overlap,
    Pace,
    Passed,
    Pool,
    Requirement,
    Span,
    Spread,
    Together,
    conditions_of,
    walk,
)

Taking = tuple[str, Holding]
# Amounts have at most six places after the point, so that this is less than any difference between two sums.
LEAST_DIFFERENCE = Fraction(1, 10**6)


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
    values: Callable[[Holding], Sequence[str]]
    least: int


@dataclass(frozen=True)
class SomeOf:
    """Of these sums so many must be reached, whichever."""

    rows: tuple[Row, ...]
    count: int


@dataclass(frozen=True)
class Trial:
    """One case of a condition that cannot be said as a sum: what each leaf may take in it, and rows it adds."""

    allows: Callable[[str, Holding], bool] = lambda leaf, each: True
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Scene:
    """What conditions are judged against: the parts of the rule, the record and the day."""

    parts: dict[str, Requirement]
    record: Record
    on: date


def leaves_below(parts: dict[str, Requirement], node: str) -> frozenset[str]:
    """The ids of a part and everything below it."""
    return frozenset(each.id for each in walk(parts[node]))


def required(part: Requirement, measure: str) -> Fraction | None:
    """How much a part requires in this measure: by itself, by a minimum over all of it, or by all its parts."""
    said = [
        Fraction(each.at_least)
        for each in conditions_of(part)
        if isinstance(each, Limit) and each.of == Pool() and each.measure == measure and each.at_least is not None
    ]
    match part:
        case Holds() | Passed() if measure == "count":
            said.append(Fraction(1))
        case Count(at_least=least) if measure == "count":
            said.append(Fraction(least))
        case Amount(at_least=amount, unit=unit) if measure == unit:
            said.append(Fraction(amount))
        case All(parts=parts):
            below = [required(each, measure) for each in parts if not isinstance(each, Check)]
            said += [sum((each for each in below if each is not None), Fraction(0))] if None not in below else []
    return max(said, default=None)


def rows_of(
    condition: Condition, part: Requirement, leaves: frozenset[str], holdings: Sequence[Holding], scene: Scene
) -> Iterator[Row]:
    """The sums that this condition demands of what the leaves take."""
    match condition:
        case Limit():
            yield from _limit_rows(condition, part, leaves, scene)
        case Average():
            yield from _average_rows(condition, leaves, holdings, scene)
        case Overlap():
            yield from _overlap_rows(condition, part, leaves, scene)
        case Newest(within=within):
            first = back(scene.on, within)
            yield Row(
                condition.id, leaves, lambda each: Fraction(each.earned_on >= first), Fraction(1), soft=True, each=True
            )
        case Spread(by=by, at_most_each=most, measure=measure) if most is not None:
            for value in sorted({value for each in holdings for value in values_of(each, by)}):
                yield Row(
                    condition.id,
                    leaves,
                    lambda each, value=value: -measured(each, measure) if value in values_of(each, by) else Fraction(0),  # type: ignore[misc]
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
        return measured(each, limit.measure) if in_pool(each, limit.of, scene.record, scene.on) else Fraction(0)

    def whole(each: Holding) -> Fraction:
        return measured(each, limit.measure)

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


def rounded(value: Fraction, how: str | None, places: int = 0) -> Fraction:
    """The number rounded up, down, or to the nearest, a half upwards; unchanged if no way is said."""
    if how is None:
        return value
    unit = 10**places
    if how == "up":
        return Fraction(ceil(value * unit), unit)
    return Fraction(floor(value * unit + (Fraction(1, 2) if how == "nearest" else 0)), unit)


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


def _average_rows(average: Average, leaves: frozenset[str], holdings: Sequence[Holding], scene: Scene) -> Iterator[Row]:
    def weight(each: Holding) -> Fraction:
        return weighed(each, average.weight, average.rates, scene.record, scene.on)

    def grade(each: Holding) -> Fraction | None:
        if not _is_of(each, average.of, scene):
            return None
        found = grade_of(each, average.values)
        if found is None:
            return Fraction(0) if average.ungraded_as_zero else None
        return Fraction(found)

    for bound, sign in ((average.at_least, 1), (average.at_most, -1)):
        if bound is None:
            continue
        wanted = Fraction(bound)
        if average.best is not None and sign > 0:
            # The best n come to at least n times the average if, for every grade g, n x g and what exceeds g do.
            grades = sorted({found for each in holdings if (found := grade(each)) is not None and found < wanted})
            for over in [Fraction(0), *(each for each in grades if each > 0)]:
                yield Row(
                    average.id,
                    leaves,
                    lambda each, over=over: (  # type: ignore[misc]
                        weight(each) * max(Fraction(0), (grade(each) or Fraction(0)) - over)
                    ),
                    Fraction(average.best) * (wanted - over),
                    soft=True,
                )
            continue

        def gain(each: Holding, wanted: Fraction = wanted, sign: int = sign) -> Fraction:
            found = grade(each)
            return Fraction(0) if found is None else sign * weight(each) * (found - wanted)

        yield Row(average.id, leaves, gain, Fraction(0), soft=True)


def _is_of(each: Holding, pool: Pool, scene: Scene) -> bool:
    # A pool that asks for nothing means whatever was taken, grades of assessments too.
    return pool == Pool() or in_pool(each, pool, scene.record, scene.on)


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


def cover_of(condition: Condition, leaves: frozenset[str]) -> Cover | None:
    """The number of different values that this condition demands, if it does."""
    if isinstance(condition, Spread) and condition.at_least is not None:
        by = condition.by
        return Cover(condition.id, leaves, lambda each: values_of(each, by), condition.at_least)
    return None


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
        case Spread(by=by, at_most=most) if most is not None:
            return _few_trials(leaves, {each: values_of(each, by) for each in own}, most)
        case LastOf():
            return _last_trials(condition, leaves, dates, own if strict else (), scene)
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
    return trials or ([] if span.at_least is None else [Trial(rows=(_lacking(span.id, leaves),))])


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


def groups_of(groups: Groups, each: Holding, scene: Scene) -> Sequence[str]:
    """The groups that a holding belongs to; it counts in each of them."""
    if not _is_of(each, groups.of, scene):
        return ()
    if groups.beginning is not None:
        beginning = the_day(groups.beginning, scene.record, scene.on)
        return () if beginning is None else (str(year_from(beginning, each.earned_on)),)
    return words_of(each, groups.by)


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


def _lacking(condition: str, leaves: frozenset[str]) -> Row:
    """A demand that nothing there can meet."""
    return Row(condition, leaves, lambda each: Fraction(0), Fraction(1), soft=True, each=True)


def _last_trials(
    last: LastOf, leaves: frozenset[str], dates: Sequence[date], own: Sequence[Holding], scene: Scene
) -> list[Trial]:
    def since(first: date, *, only: bool) -> Callable[[Holding], Fraction]:
        return lambda each: (
            measured(each, last.measure)
            if each.earned_on >= first and (not only or in_pool(each, last.of, scene.record, scene.on))
            else Fraction(0)
        )

    least = Fraction(last.at_least)
    of_day: dict[date, Fraction] = {first: Fraction(0) for first in dates}
    for each in {each.id: each for each in own}.values():
        much = since(date.min, only=True)(each)
        of_day[each.earned_on] += much
    later = sum(of_day.values(), Fraction(0))
    trials = []
    for place, first in enumerate(dates):
        # What is asked for comes from this day, and from later ones as much as does not make up the amount alone.
        later -= of_day[first]
        if (
            own
            and place + 1 < len(dates)
            and of_day[first] + min(later, Fraction(last.last) - LEAST_DIFFERENCE) < least
        ):
            continue
        rows = [Row(last.id, leaves, since(first, only=True), least, soft=True)]
        # The run of the newest ends with the day on which it reaches the amount; without so much it is everything.
        if place > 0:
            rows.append(Row(last.id, leaves, since(first, only=False), Fraction(last.last), soft=True))
        if place + 1 < len(dates):
            after = since(dates[place + 1], only=False)
            rows.append(
                Row(last.id, leaves, lambda each, after=after: -after(each), LEAST_DIFFERENCE - Fraction(last.last))  # type: ignore[misc]
            )
        trials.append(Trial(rows=tuple(rows)))
    return trials or [Trial(rows=(_lacking(last.id, leaves),))]


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
        have, need = _shown(condition, holdings, scene)
        return have if not met else need, need, met
    met = reached(list(rows_of(condition, part, leaves, holdings, scene)))
    match condition:
        case Spread(by=by, at_least=least, at_most=most) if least is not None or most is not None:
            found = len({name for each in holdings for name in values_of(each, by)})
            met = met and (least is None or found >= least) and (most is None or found <= most)
            return Decimal(found), Decimal((least if least is not None else most) or 0), met
        case Limit(measure=measure, of=pool):
            some = (each for each in holdings if in_pool(each, pool, scene.record, scene.on))
            have_of = sum((measured(each, measure) for each in some), Fraction(0))
            whole = sum((measured(each, measure) for each in holdings), Fraction(0))
            share = condition.at_least_share if condition.at_least_share is not None else condition.at_most_share
            if condition.at_least is not None or (condition.at_most is not None and share is None):
                asked = condition.at_least if condition.at_least is not None else condition.at_most
                return _decimal(have_of), asked or Decimal(0), met
            if condition.share_of == "required":
                bound = rounded((share or 0) * (required(part, measure) or Fraction(0)), condition.rounded)
                return _decimal(have_of), _decimal(bound), met
            return _decimal(100 * have_of / whole if whole else Fraction(0)), _decimal(100 * (share or 0)), met
        case Average():
            wanted = condition.at_least if condition.at_least is not None else condition.at_most
            return _decimal(average_of(condition, holdings, scene) or Fraction(0)), wanted or Decimal(0), met
    return Decimal(int(met)), Decimal(1), met


def _asks_for_something(condition: Condition) -> bool:
    """Whether the condition is not met by nothing at all."""
    return isinstance(condition, LastOf) or (isinstance(condition, Span) and condition.at_least is not None)


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


def average_of(average: Average, holdings: Sequence[Holding], scene: Scene) -> Fraction | None:
    """The average that the condition speaks of; none if nothing has a grade."""
    graded: list[tuple[Fraction, Fraction]] = []
    for each in holdings:
        if _is_of(each, average.of, scene):
            found = grade_of(each, average.values)
            if found is not None or average.ungraded_as_zero:
                weight = weighed(each, average.weight, average.rates, scene.record, scene.on)
                graded.append((Fraction(found or 0), weight))
    return weighted_average(graded, average.best)


def weighted_average(graded: Sequence[tuple[Fraction, Fraction]], best: Decimal | None) -> Fraction | None:
    """The average of grades by weight; of the best so much only, counting in part what would pass it."""
    if best is None:
        weight = sum((each for _, each in graded), Fraction(0))
        return sum((grade * each for grade, each in graded), Fraction(0)) / weight if weight else None
    left, points = Fraction(best), Fraction(0)
    for grade, weight in sorted(graded, key=lambda each: -each[0]):
        part = min(left, weight)
        left, points = left - part, points + part * grade
    return points / Fraction(best) if graded and best else None


def _decimal(value: Fraction | int) -> Decimal:
    """For showing only: two places, cut off, so that what falls short never looks reached."""
    return Decimal(int(Fraction(value) * 100)) / 100
