"""Judges the parts that take nothing: facts, what the record has, approvals and time spent."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise

from pathways.rules import effort
from pathways.rules.averages import held_average, marks_of
from pathways.rules.days import back, day_before, moved, next_day, whole_months
from pathways.rules.eligible import in_pool, on_scale, the_day
from pathways.rules.properties import as_number, facts_of, measured, number_of, words_of
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Check, Duration, Fact, Given, Graded, Looking, Period, SignedOff


def check_met(check: Check, record: Record, on: date, past: Mapping[str, bool]) -> bool:
    """Whether a part that takes nothing is met; `past` answers for those that look into a part of their own."""
    if isinstance(check, Looking):
        return past[check.id]
    match check:
        case Duration(at_least=at_least):
            return duration(check, record, on)[0] >= at_least
        case Fact():
            return any(_fact(check, word, record, on) for word in facts_of(record, check.name)) != check.negated
        case Given(at_least=least, at_most=most, absent=absent):
            have = given(check, record, on)
            return (have >= least and (most is None or have <= most)) != absent
        case Graded(at_least=low, at_most=high):
            mean = held_average(check, record, on)
            return mean is not None and (low is None or mean >= low) and (high is None or mean <= high)
        case SignedOff(id=node, role=role):
            return (node, role) in record.sign_offs


def given(check: Given, record: Record, on: date) -> Fraction:
    """How much the record has of what is asked for."""
    return sum((measured(each, check.measure) for each in given_by(check, record, on)), Fraction(0))


def relied_on(check: Check, record: Record, on: date) -> list[Holding]:
    """By which holdings a check is met: as few as suffice, the earliest first; of an average all that enter it."""
    if isinstance(check, Graded):
        return [mark.holding for mark in marks_of(check, record, on)]
    if not isinstance(check, Given) or check.absent or check.at_most is not None:
        return []
    found: list[Holding] = []
    have = Fraction(0)
    for each in sorted(given_by(check, record, on), key=lambda each: (each.earned_on, each.id)):
        if have < check.at_least:
            found.append(each)
            have += measured(each, check.measure)
    return found if have >= check.at_least else []


def given_by(check: Given, record: Record, on: date) -> list[Holding]:
    """What the record has of what is asked for; of repeats the larger one, unless repetition counts."""
    found = [each for each in record.holdings if in_pool(each, check.pool, record, on)]
    if not check.pool.repeats:
        best: dict[str, Holding] = {}
        for each in found:
            known = best.get(each.key)
            if known is None or measured(each, check.measure) > measured(known, check.measure):
                best[each.key] = each
        found = list(best.values())
    return found


def _fact(check: Fact, word: str, record: Record, on: date) -> bool:
    return (
        (not check.one_of or word in check.one_of)
        and (not check.same_as or word in facts_of(record, check.same_as))
        and _number_fits(check, word, record)
        and _day_fits(check, word, record, on)
    )


def _number_fits(check: Fact, word: str, record: Record) -> bool:
    if check.scale:
        if word not in check.scale:
            return False
        place = check.scale.index(word)
        return on_scale(place, check.scale, check.at_least_word, check.at_least_fact, record, sign=1) and on_scale(
            place, check.scale, check.at_most_word, check.at_most_fact, record, sign=-1
        )
    for bound, fact, sign in ((check.at_least, check.at_least_fact, 1), (check.at_most, check.at_most_fact, -1)):
        if bound is None and not fact:
            continue
        found = as_number(word)
        if found is None or (bound is not None and (found - bound) * sign < 0):
            return False
        known = (
            [each for other in facts_of(record, fact) if (each := as_number(other)) is not None] if fact else [found]
        )
        if not any((found - each) * sign >= 0 for each in known):
            return False
    return True


def _day_fits(check: Fact, word: str, record: Record, on: date) -> bool:
    if check.since is None and check.until is None:
        return True
    try:
        day = date.fromisoformat(word)
    except ValueError:
        return False
    since = the_day(check.since, record, on) or date.max if check.since is not None else date.min
    until = the_day(check.until, record, on) or date.min if check.until is not None else date.max
    return since <= day <= until


Stretch = tuple[date, date]


def duration(check: Duration, record: Record, on: date) -> tuple[Decimal, list[Holding]]:
    """How much time the periods cover by this day, and the holdings that say so."""
    first = back(on, check.within) if check.within is not None else date.min
    last = on
    if check.since is not None:
        first = max(first, the_day(check.since, record, on) or date.max)
    if check.until is not None:
        last = min(last, the_day(check.until, record, on) or date.min)
    periods = [
        (max(each.earned_on, first), min(each.to or each.earned_on, last), each)
        for each in sorted(record.holdings, key=lambda each: (each.earned_on, each.id))
        if in_pool(each, check.pool, record, on)
    ]
    periods = [each for each in periods if each[0] <= each[1]]
    return max((_spent(check, few, record, on) for few in _choices(check, periods)), key=lambda spent: spent[0])


def _choices(check: Duration, periods: list[tuple[date, date, Holding]]) -> Iterator[list[tuple[date, date, Holding]]]:
    """The periods of each choice of so many values; all of them, if that is not asked."""
    if check.at_most is None:
        yield periods
        return
    values = [set(words_of(each, check.by) or ("",)) for _, _, each in periods]
    names = sorted(set().union(*values))
    for few in combinations(names, min(check.at_most, len(names))):
        effort.spend(4 * (1 + len(periods)))
        yield [each for each, own in zip(periods, values, strict=True) if own.issubset(few)]


def _spent(
    check: Duration, periods: list[tuple[date, date, Holding]], record: Record, on: date
) -> tuple[Decimal, list[Holding]]:
    covered = _covered(check, periods)
    for cap in check.caps:
        others = [each for each in periods if not in_pool(each[2], cap.of, record, on)]
        base = _covered(check, others)
        capped = [each for each in periods if in_pool(each[2], cap.of, record, on)]
        covered -= max(Decimal(0), min(covered - base, _covered(check, capped)) - cap.at_most)
    if check.unbroken:
        runs = _runs(_stretches([(start, end) for start, end, _ in periods]), check.breaks)
        longest = max(runs, key=lambda run: (_length(run, check.unit), run[0]), default=[(date.max, date.min)])
        periods = [each for each in periods if longest[0][0] <= each[0] and each[1] <= longest[-1][1]]
    return covered, [each for _, _, each in periods]


def _covered(check: Duration, periods: list[tuple[date, date, Holding]]) -> Decimal:
    if check.rate:
        return _at_rates(check, periods)
    stretches = _stretches([(start, end) for start, end, _ in periods])
    if check.unbroken:
        return max((_length(run, check.unit) for run in _runs(stretches, check.breaks)), default=Decimal(0))
    return _length(stretches, check.unit)


def _stretches(periods: list[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for start, end in sorted(periods):
        if found and start.toordinal() <= found[-1][1].toordinal() + 1:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _runs(stretches: list[Stretch], breaks: Period | None) -> list[list[Stretch]]:
    """The stretches that follow one another with no longer break than this."""
    runs: list[list[Stretch]] = []
    for start, end in stretches:
        last = date.min if not runs or breaks is None else moved(next_day(runs[-1][-1][1]), breaks, 1)
        if runs and start <= last:
            runs[-1].append((start, end))
        else:
            runs.append([(start, end)])
    return runs


def _length(stretches: list[Stretch], unit: str) -> Decimal:
    if unit == "days":
        return Decimal(sum(end.toordinal() - start.toordinal() + 1 for start, end in stretches))
    months, left = 0, 0
    for start, end in stretches:
        whole = whole_months(start, end)
        months += whole
        # Thirty days of a month of thirty-one are not yet that month.
        left += min(29, next_day(end).toordinal() - moved(start, Period(months=whole), 1).toordinal())
    covered = Decimal(months) + Decimal(left * 100 // 30) / 100
    return covered if unit == "months" else covered / 12


def _at_rates(check: Duration, periods: list[tuple[date, date, Holding]]) -> Decimal:
    """Each stretch of days on which the same periods run counts by their rates together, at most once in all."""
    turns = sorted({start for start, _, _ in periods} | {next_day(end) for _, end, _ in periods})
    by_rate: dict[Decimal, list[Stretch]] = {}
    for start, after in pairwise(turns):
        running = [each for first, last, each in periods if first <= start <= last]
        rate = min(Decimal(1), sum((_rate(number_of(each, check.rate)) for each in running), Decimal(0)))
        if running and rate > 0:
            by_rate.setdefault(rate, []).append((start, day_before(after)))
    total = Decimal(0)
    for rate, stretches in by_rate.items():
        total += _length(_stretches(stretches), check.unit) * rate
    return total


def _rate(said: Decimal | None) -> Decimal:
    if said is None:
        return Decimal(1)
    return said if said <= 1 else said / 100
