"""Reads what a holding is: its amounts, its properties as words and as numbers, and who else uses it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from pathways.rules.record import Holding, Other, Record
from pathways.rules.requirement import ANY_KIND, MarkValue

_FIELDS = {
    "subject": "subject",
    "issuer": "issuer",
    "source": "source",
    "kind": "achievement_kind",
    "level": "level",
    "achievement": "key",
    "status": "status",
}
_AMOUNTS = ("credits", "hours", "points")


def as_number(word: str | None) -> Decimal | None:
    """The number that a word says, if it says one."""
    try:
        found = Decimal(word) if word is not None else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def tagged(holding: Holding, name: str) -> tuple[str, ...]:
    """What the tags `name=value` of the holding say, in order of the alphabet."""
    start = name + "="
    return tuple(sorted(tag[len(start) :] for tag in holding.tags if tag.startswith(start)))


def words_of(holding: Holding, name: str) -> tuple[str, ...]:
    """What a property of the holding says; several words if it has several."""
    match name:
        case "grade":
            return (holding.mark or str(holding.grade),) if holding.mark or holding.grade is not None else ()
        case "year" | "month" | "day":
            return (holding.earned_on.isoformat()[: {"year": 4, "month": 7, "day": 10}[name]],)
        case "quarter" | "week" | "skills" if not tagged(holding, name):
            return _quarter_week_or_skills(holding, name)
    found = getattr(holding, _FIELDS[name]) if name in _FIELDS else None
    if found not in (None, ""):
        return (str(found),)
    return tagged(holding, name)


def _quarter_week_or_skills(holding: Holding, name: str) -> tuple[str, ...]:
    """What is worked out where the holding has no property of its own by this name."""
    if name == "skills":
        return tuple(sorted(holding.skills))
    day = holding.earned_on
    if name == "quarter":
        return (f"{day.year}-Q{(day.month + 2) // 3}",)
    year, week, _ = day.isocalendar()
    return (f"{year}-W{week:02}",)


def values_of(holding: Holding, by: str) -> tuple[str, ...]:
    """The words by which a spread is judged; what says nothing is of a kind of its own."""
    return words_of(holding, by) or ("",)


def value_of(holding: Holding, by: str) -> str:
    """The one word by which a spread or a group is judged; several words together are one."""
    return ", ".join(words_of(holding, by))


def amount(holding: Holding, unit: str) -> Decimal:
    """How much of a unit the holding carries: an amount of its own, or a property of that name that is a number."""
    if unit in _AMOUNTS:
        own: Decimal = getattr(holding, unit)
        return own
    for name, much in holding.amounts:
        if name == unit:
            return much
    if unit in ("grade", "level"):
        return number_of(holding, unit) or Decimal(0)
    return next((said for word in tagged(holding, unit) if (said := as_number(word)) is not None), Decimal(0))


def measured(holding: Holding, measure: str) -> Fraction:
    """How much a holding adds in this measure."""
    return Fraction(1) if measure == "count" else Fraction(amount(holding, measure))


def number_of(holding: Holding, name: str) -> Decimal | None:
    """A property of the holding as a number, if it is one."""
    if name == "grade":
        return holding.grade if holding.grade is not None else as_number(holding.mark)
    if name == "level":
        return None if holding.level is None else Decimal(holding.level)
    if name in _AMOUNTS or any(unit == name for unit, _ in holding.amounts):
        return amount(holding, name)
    return next((much for word in words_of(holding, name) if (much := as_number(word)) is not None), None)


def day_of(holding: Holding, name: str) -> date | None:
    """A property of the holding as a day, if it is one."""
    match name:
        case "earned":
            return holding.earned_on
        case "until":
            return holding.until
        case "to":
            return holding.to or holding.earned_on
    for word in tagged(holding, name):
        try:
            return date.fromisoformat(word)
        except ValueError:
            continue
    return None


def grade_of(holding: Holding, values: tuple[MarkValue, ...], name: str = "grade") -> Decimal | None:
    """The grade, or another property, as a number; a word by what it is worth."""
    if name != "grade":
        words = words_of(holding, name)
        worth = (each.value for each in values if each.mark in words)
        return next(worth, None) if any(each.mark in words for each in values) else number_of(holding, name)
    for each in values:
        if each.mark == holding.mark or (not holding.mark and each.mark == str(holding.grade)):
            return each.value
    return holding.grade


def scaled(holding: Holding, times: Fraction) -> Holding:
    """The same holding with all its amounts so many times as large, exactly, thirds too."""
    if times == 1:
        return holding
    units = {*_AMOUNTS, *(name for name, _ in holding.amounts)}
    units |= {name for name in (tag.partition("=")[0] for tag in holding.tags) if number_of(holding, name) is not None}
    units -= {"grade", "level"}
    much: dict[str, Any] = {unit: Fraction(amount(holding, unit)) * times for unit in sorted(units)}
    given = {name: much.pop(name) for name in _AMOUNTS}
    return replace(holding, **given, amounts=tuple(much.items()))


def carrying(holding: Holding, unit: str, much: Fraction) -> Holding:
    """The same holding with this much of a unit, of which it carried nothing."""
    given: dict[str, Any] = {unit: much} if unit in _AMOUNTS else {"amounts": (*holding.amounts, (unit, much))}
    return replace(holding, **given)


def facts_of(record: Record, name: str) -> tuple[str, ...]:
    """What is known of a fact: one word, or those of a list `name.0`, `name.1` …"""
    if name in record.facts:
        return (record.facts[name],)
    found: list[str] = []
    while (word := record.facts.get(f"{name}.{len(found)}")) is not None:
        found.append(word)
    return tuple(found)


def called(other: Other, kinds: tuple[str, ...]) -> bool:
    """Whether another qualification is of one of these kinds."""
    return not kinds or ANY_KIND in kinds or not other.words.isdisjoint(kinds)


def uses_of(record: Record, holding: str) -> int:
    """How many granted qualifications have used a holding."""
    named = sum(other.granted and holding in other.uses for other in record.others)
    return named or len(record.used_in.get(holding, ()))


def is_used_in(record: Record, holding: str, kinds: tuple[str, ...]) -> bool:
    """Whether a granted qualification of one of these kinds has used a holding."""
    known = record.used_in.get(holding, frozenset())
    if known and (ANY_KIND in kinds or not known.isdisjoint(kinds)):
        return True
    return any(other.granted and holding in other.uses and called(other, kinds) for other in record.others)
