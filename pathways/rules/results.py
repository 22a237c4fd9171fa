"""What an award bears besides its name: levels, titles, numbers, lists and days, computed from the verdict."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm

from pathways.rules import effort
from pathways.rules.averages import Mark, grade_in, mean_of, newest
from pathways.rules.days import end_of
from pathways.rules.eligible import in_pool, weighed
from pathways.rules.equivalence import unified
from pathways.rules.evaluate import satisfied
from pathways.rules.evaluation import Evaluation
from pathways.rules.properties import measured, words_of
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    Expiry,
    Figure,
    Giving,
    Levels,
    Limit,
    Listing,
    Pool,
    Rule,
    Titles,
    Total,
    walk,
)
from pathways.rules.scene import rounded, stepped

Found = list[str] | str | int | Decimal | date | None


@effort.bounded()
def results_of(rule: Rule, evaluation: Evaluation, record: Record) -> dict[str, Found]:
    """Each result of the rule by its name; raises effort.TooCostlyError where working them out is beyond the bound."""
    rule, record = unified(rule, record, evaluation.on)
    numbers: dict[str, Fraction | None] = {}
    found = {}
    for result in rule.results:
        if isinstance(result, Figure | Total):
            numbers[result.name] = _number(result, rule, evaluation, record, numbers)
            found[result.name] = _written(result, numbers[result.name])
        else:
            found[result.name] = _found(result, rule, evaluation, record)
    return found


def _number(
    result: Figure | Total, rule: Rule, evaluation: Evaluation, record: Record, before: Mapping[str, Fraction | None]
) -> Fraction | None:
    """What the result comes to; `before` are the numbers that it may be made of."""
    used = _used(evaluation, record)
    if isinstance(result, Total):
        return sum((counted(each, result.measure, rule, evaluation) for each in used), Fraction(0))
    if not result.made_of:
        return _figure(result, rule, evaluation, record, used)
    total = Fraction(0)
    for each in result.made_of:
        value = before.get(each.result)
        if value is None:
            return None
        total += value * each.times
    return _finished(result, total)


def _written(result: Figure | Total, value: Fraction | None) -> Found:
    if value is None or isinstance(result, Total):
        return None if value is None else as_decimal(value)
    if result.bands:
        reached = [band for band in result.bands if value >= Fraction(band.at_least)]
        return max(reached, key=lambda band: band.at_least).word if reached else None
    whole = result.places == 0 or (result.per is not None and value.denominator == 1)
    return int(value) if whole else as_decimal(value)


def _used(evaluation: Evaluation, record: Record) -> list[Holding]:
    return [each for each in record.holdings if each.id in evaluation.used and evaluation.satisfied]


def _found(result: Titles | Levels | Listing | Expiry, rule: Rule, evaluation: Evaluation, record: Record) -> Found:
    used = _used(evaluation, record)
    match result:
        case Titles(titles=titles, give=give):
            return given([title.word for title in titles if evaluation.nodes[title.node].state == "met"], give)
        case Levels(words=words, parts=parts, give=give, over=over):
            if not evaluation.satisfied:
                return given([], give)
            seen = record if over == "held" else replace(record, holdings=tuple(used))
            earned = (satisfied(replace(rule, root=part), seen, evaluation.on) for part in parts)
            return given([word for word, met in zip(words, earned, strict=True) if met], give)
        case Listing(node=node, give=give_what):
            inside = {part.id for root in walk(rule.root) if root.id == node for part in walk(root)}
            taken = [each for part, each in evaluation.allocation.items() if not node or part in inside]
            ids = {each.holding for part in taken for each in part}
            listed = [each for each in used if each.id in ids]
            return sorted({each.key for each in listed}) if give_what == "achievement" else sorted(h.id for h in listed)
        case Expiry(after=after, of=pool):
            if not evaluation.satisfied:
                return None
            counting = [each for each in used if _is_of(each, pool, record, evaluation.on)]
            ends = [each.until for each in counting if each.until is not None]
            if after is not None:
                days = [each.earned_on for each in counting] if result.counted is not None else [evaluation.on]
                ends += [end_of((max if result.counted == "last" else min)(days), after)] if days else []
            return (max if result.latest else min)(ends, default=None)


def given(words: list[str], give: Giving) -> Found:
    """All the words, the last of them, or how many they are."""
    match give:
        case "all":
            return words
        case "last":
            return words[-1] if words else None
        case "number":
            return len(words)


def _is_of(each: Holding, pool: Pool, record: Record, on: date) -> bool:
    return pool == Pool() or in_pool(each, pool, record, on)


def counted(holding: Holding, measure: str, rule: Rule, evaluation: Evaluation) -> Fraction:
    """How much of a holding counted in a measure: what sums took of it, if sums took it, or all of it, once."""
    units = {part.id: part.unit for part in walk(rule.root) if isinstance(part, Amount)}
    whole = measured(holding, measure)
    taken = [
        Fraction(each.amount)
        for part, takings in evaluation.allocation.items()
        for each in takings
        if each.holding == holding.id and units.get(part) == measure
    ]
    if not taken:
        return whole
    return taken[0] if len(taken) == 1 else min(whole, sum(taken, Fraction(0)))


def greatest(figure: Figure, rule: Rule, record: Record, on: date, *, least: Fraction = Fraction(0)) -> Fraction:
    """The most to which the measure of the pool adds up in any choice that satisfies the rule; one comes to `least`."""
    own = [measured(each, figure.measure) for each in record.holdings]
    bounds = [part.at_most_each for part in walk(rule.root) if isinstance(part, Amount)]
    # Every sum is so many of these steps.
    step = Fraction(1, lcm(*(Fraction(each).denominator for each in (*own, *bounds) if each is not None)))
    low, high = int(least / step), int(sum(own, Fraction(0)) / step)
    while low < high:
        middle = (low + high + 1) // 2
        asked = Limit(id="sought", of=figure.of, measure=figure.measure, at_least=as_decimal(middle * step))
        root = All(id="sought.all", parts=(rule.root,), conditions=(asked,))
        if satisfied(replace(rule, root=root), record, on):
            low = middle
        else:
            high = middle - 1
    return low * step


def _figure(
    figure: Figure, rule: Rule, evaluation: Evaluation, record: Record, used: Sequence[Holding]
) -> Fraction | None:
    if figure.over == "held":
        # Of one achievement held twice the better one, unless repetition counts.
        best: dict[str, Holding] = {}
        for each in record.holdings:
            if in_pool(each, figure.of, record, evaluation.on):
                key = each.id if figure.of.repeats else each.key
                known = best.get(key)
                best[key] = each if known is None else max(known, each, key=lambda one: _rank(one, figure))
        taken = [(each, weighed(each, figure.measure, figure.rates, record, evaluation.on)) for each in best.values()]
    elif not evaluation.satisfied:
        return None
    else:
        taken = [
            (
                each,
                weighed(each, figure.measure, figure.rates, record, evaluation.on)
                if figure.rates
                else counted(each, figure.measure, rule, evaluation),
            )
            for each in used
            if _is_of(each, figure.of, record, evaluation.on)
        ]
    if figure.over == "best":
        least = sum((much for _, much in taken), Fraction(0))
        return _finished(figure, greatest(figure, rule, record, evaluation.on, least=least))
    return _value(figure, _within_groups(figure, taken), record, evaluation.on)


def _within_groups(figure: Figure, taken: Sequence[tuple[Holding, Fraction]]) -> Sequence[tuple[Holding, Fraction]]:
    """Of each group at most so much: of a sum the greater first, of an average the better."""
    if figure.at_most_each is None:
        return taken

    def first(one: tuple[Holding, Fraction]) -> tuple[Fraction, str]:
        grade = one[1] if figure.give == "total" else grade_in(one[0], figure)
        return Fraction(1) if grade is None else -grade, one[0].id

    left: dict[str, Fraction] = {}
    found = []
    for each, much in sorted(taken, key=first):
        group = min(words_of(each, figure.by), default="")
        room = left.setdefault(group, Fraction(figure.at_most_each))
        left[group] = max(Fraction(0), room - much)
        found.append((each, min(much, room)))
    return [(each, much) for each, much in found if much > 0]


def _rank(each: Holding, figure: Figure) -> tuple[Fraction, Fraction, int, str]:
    grade = grade_in(each, figure)
    return (
        measured(each, figure.measure),
        grade if grade is not None else Fraction(-1),
        -each.earned_on.toordinal(),
        each.id,
    )


def _value(figure: Figure, taken: Sequence[tuple[Holding, Fraction]], record: Record, on: date) -> Fraction | None:
    value: Fraction | None
    if figure.give != "total":
        marks = [Mark(each, grade, much) for each, much in taken if (grade := grade_in(each, figure)) is not None]
        if figure.give == "average":
            value = mean_of(figure, marks, record, on)
        else:
            grades = [each.grade for each in newest(marks, figure.last)]
            value = (min if figure.give == "lowest" else max)(grades, default=None)
        if value is None:
            return None
    else:
        parts = sorted((much for _, much in taken), reverse=True)
        value = sum(parts, Fraction(0)) if figure.best is None else sum(parts[: int(figure.best)], Fraction(0))
    return _finished(figure, value)


def _finished(figure: Figure, value: Fraction) -> Fraction:
    """The number with all that is done to it afterwards."""
    if figure.minus is not None:
        value = max(Fraction(0), value - Fraction(figure.minus))
    if figure.per:
        value /= Fraction(figure.per)
        # Where nothing rounds it, only whole ones count: a result "for every five" has nothing for four.
        rounds = figure.places is not None or figure.step is not None
        value = value if rounds else Fraction(math.floor(value))
    if figure.at_most is not None:
        value = min(value, Fraction(figure.at_most))
    if figure.step is not None:
        return stepped(value, figure.rounded, figure.step)
    return value if figure.places is None else rounded(value, figure.rounded, figure.places)


def as_decimal(value: Fraction) -> Decimal:
    """The number in decimals, to six places if it has no end."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact if Fraction(exact) == value else exact.quantize(Decimal("0.000001"))
