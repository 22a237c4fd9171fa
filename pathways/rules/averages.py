"""Averages of grades: as sums for the search, as cases where only the newest matter, and as the number they come to."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import prod

from pathways.rules.eligible import in_pool, weighed
from pathways.rules.properties import grade_of
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Average, Blend, Figure, Graded, Rate
from pathways.rules.scene import LEAST_DIFFERENCE, Row, Scene, Trial, is_of, stepped


@dataclass(frozen=True)
class Mark:
    """A holding with its grade as a number and what it weighs."""

    holding: Holding
    grade: Fraction
    weight: Fraction


def grade_in(each: Holding, mean: Average | Graded | Figure) -> Fraction | None:
    """The grade by which a holding enters an average, if it does."""
    found = grade_of(each, mean.values, mean.property)
    if found is None:
        return Fraction(0) if not isinstance(mean, Figure) and mean.ungraded_as_zero else None
    return Fraction(found)


def average_rows(
    average: Average,
    leaves: frozenset[str],
    holdings: Sequence[Holding],
    scene: Scene,
    enters: Callable[[Holding], bool] = lambda each: True,
) -> Iterator[Row]:
    """The sums that an average demands of what `enters` it."""

    def weight(each: Holding) -> Fraction:
        return weighed(each, average.weight, average.rates, scene.record, scene.on)

    def grade(each: Holding) -> Fraction | None:
        return grade_in(each, average) if enters(each) and is_of(each, average.of, scene) else None

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


def newest_trials(
    average: Average, leaves: frozenset[str], dates: Sequence[date], holdings: Sequence[Holding], scene: Scene
) -> list[Trial]:
    """One case for each day back to which the newest that make up `last` may reach; in each it is their average."""
    assert average.last is not None  # noqa: S101 (asked for only then)
    last, least = Fraction(average.last), least_weight(average.rates)

    def since(first: date) -> Callable[[Holding], Fraction]:
        return lambda each: (
            weighed(each, average.weight, average.rates, scene.record, scene.on)
            if each.earned_on >= first and is_of(each, average.of, scene) and grade_in(each, average) is not None
            else Fraction(0)
        )

    trials = []
    # The shortest runs first: few grades are soon told to be enough or not.
    for place, first in reversed(list(enumerate(dates))):
        rows = list(average_rows(average, leaves, holdings, scene, lambda each, first=first: each.earned_on >= first))  # type: ignore[misc]
        # The run of the newest ends with the day on which it reaches the amount; without so much it is everything.
        if place > 0:
            rows.append(Row(average.id, leaves, since(first), last, soft=True))
        if place + 1 < len(dates):
            after = since(dates[place + 1])
            rows.append(Row(average.id, leaves, lambda each, after=after: -after(each), least - last))  # type: ignore[misc]
        trials.append(Trial(rows=tuple(rows)))
    return trials or [Trial(rows=tuple(average_rows(average, leaves, holdings, scene)))]


def least_weight(rates: Sequence[Rate]) -> Fraction:
    """Less than any difference between two sums of weights."""
    return LEAST_DIFFERENCE / prod(each.times.denominator for each in rates)


def average_of(average: Average, holdings: Sequence[Holding], scene: Scene) -> Fraction | None:
    """The average that the condition speaks of; none if nothing has a grade."""
    marks = [
        Mark(each, grade, weighed(each, average.weight, average.rates, scene.record, scene.on))
        for each in holdings
        if is_of(each, average.of, scene) and (grade := grade_in(each, average)) is not None
    ]
    return weighted_average(newest(marks, average.last), average.best)


def newest(marks: Sequence[Mark], last: Decimal | None) -> list[Mark]:
    """Of these the newest, so far back as makes up so much; what was earned on one day belongs together."""
    if last is None:
        return list(marks)
    found: list[Mark] = []
    for day in sorted({each.holding.earned_on for each in marks}, reverse=True):
        if sum((each.weight for each in found), Fraction(0)) >= last:
            break
        found += [each for each in marks if each.holding.earned_on == day]
    return found


def weighted_average(marks: Sequence[Mark], best: Decimal | None) -> Fraction | None:
    """The average of grades by weight; of the best so much only, counting in part what would pass it."""
    if best is None:
        weight = sum((each.weight for each in marks), Fraction(0))
        return sum((each.grade * each.weight for each in marks), Fraction(0)) / weight if weight else None
    left, points = Fraction(best), Fraction(0)
    for each in sorted(marks, key=lambda each: -each.grade):
        part = min(left, each.weight)
        left, points = left - part, points + part * each.grade
    return points / Fraction(best) if marks and best else None


def blended(marks: Sequence[Mark], blend: Sequence[Blend], record: Record, on: date) -> Fraction | None:
    """The averages of several pools, each by its share of all shares; none if one of them has nothing graded."""
    total = Fraction(0)
    for each in blend:
        inside = [mark for mark in marks if in_pool(mark.holding, each.of, record, on)]
        found = blended(inside, each.blend, record, on) if each.blend else weighted_average(inside, each.best)
        if found is None:
            return None
        if each.step is not None:
            found = stepped(found, each.rounded, each.step)
        total += found * each.share
    return total / sum((each.share for each in blend), Fraction(0))


def mean_of(mean: Graded | Figure, marks: Sequence[Mark], record: Record, on: date) -> Fraction | None:
    """What the grades average, as a part or a result says it; none if nothing has a grade."""
    marks = newest(marks, mean.last)
    return blended(marks, mean.blend, record, on) if mean.blend else weighted_average(marks, mean.best)


def held_average(check: Graded, record: Record, on: date) -> Fraction | None:
    """What the grades of all that the record has of the pool average; none if nothing has a grade."""
    return mean_of(check, marks_of(check, record, on), record, on)


def marks_of(check: Graded, record: Record, on: date) -> list[Mark]:
    """The grades that enter such an average, the earliest first; of one achievement the better, unless it repeats."""
    marks = [
        Mark(each, grade, weighed(each, check.weight, check.rates, record, on))
        for each in sorted(record.holdings, key=lambda each: (each.earned_on, each.id))
        if in_pool(each, check.pool, record, on) and (grade := grade_in(each, check)) is not None
    ]
    if check.pool.repeats:
        return marks
    better: dict[str, Mark] = {}
    for each in marks:
        if each.grade > better.setdefault(each.holding.key, each).grade:
            better[each.holding.key] = each
    return list(better.values())
