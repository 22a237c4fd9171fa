"""Days and periods: moving a day, and the day that a rule means by a fact, a holding or today."""

import calendar
from datetime import date, timedelta

from pathways.rules.requirement import Period


def moved(day: date, period: Period, sign: int) -> date:
    """The day this much later (sign 1) or earlier (-1); a day that a month lacks becomes its last."""
    months = day.year * 12 + day.month - 1 + sign * (period.years * 12 + period.months)
    year, month = divmod(months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if sign > 0 else date.min
    there = date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    ordinal = there.toordinal() + sign * period.days
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def back(on: date, period: Period) -> date:
    """The first day that still lies within the period before `on`."""
    first = moved(on, period, -1)
    if period.whole_months:
        first = first.replace(day=1)
    return first + timedelta(days=1) if period.exclusive and first < date.max else first


def end_of(day: date, period: Period) -> date:
    """The last day of so long a time that begins on `day`: that day so much later, or the end of its whole month."""
    last = moved(day, period, 1)
    return _month_end(last) if period.whole_months else last


def start_of(day: date, what: str) -> date:
    """The first day of the week, month, quarter or year of a day, or of the year that begins on `what`, as 09-01."""
    match what:
        case "week":
            return date.fromordinal(max(1, day.toordinal() - day.weekday()))
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
    month, first = map(int, what.split("-"))
    begun = day.replace(month=month, day=first)
    return begun if begun <= day else begun.replace(year=max(1, day.year - 1))


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def next_day(day: date) -> date:
    """The day after; the last of all days has none and stands for itself."""
    return day if day == date.max else date.fromordinal(day.toordinal() + 1)


def day_before(day: date) -> date:
    """The day before; the first of all days has none and stands for itself."""
    return day if day == date.min else date.fromordinal(day.toordinal() - 1)


def whole_months(start: date, end: date) -> int:
    """How many whole months lie between these days, both included."""
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    while moved(start, Period(months=months), 1).toordinal() > end.toordinal() + 1:
        months -= 1
    return months


def year_from(beginning: date, day: date) -> int:
    """Which year after `beginning` a day lies in, the first being 0; before it negative."""
    years = day.year - beginning.year
    while moved(beginning, Period(years=abs(years)), 1 if years >= 0 else -1) > day:
        years -= 1
    return years
