#!/usr/bin/env python3
"""Replays the decision behind a credential from its public documents, without the site that made it.

In: the receipt of the derivation, the credential that vouches for it, the credentials of its parts, the openings of
what the receipt seals, and status lists. Out: `agrees`, `does not agree` or `cannot be checked`, each with its reasons.
It needs Python 3.11 and nothing else: one file, no network, no database, no line of the site's own code. It does not
search for an allocation, as the site does; it checks the one it is given, which is far easier to get right.

Signatures are for any verifier of Open Badges 3.0 to check; this program checks that the documents fit each other.
"""

from __future__ import annotations

import argparse
import base64
import calendar
import gzip
import hashlib
import json
import math
import sys
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Stretch = tuple[date, date]
PeriodHeld = tuple[date, date, "Held"]
# What each part took, by its id; and what counted, with how much of it.
Taken = dict[str, list["Took"]]
Counted = Sequence[tuple["Held", Fraction]]

LARGEST = 4 * 1024 * 1024
MOST_TRIES = 20_000
MOST_DAYS = 40_000
MOST_CYCLES = 1_500
MOST_DIGITS = 100
# What is asked for where a fact that is not known says how much: more than anybody holds.
UNREACHABLE = Fraction(10**9)
STANDING = ("active", "expired")
PLAIN_AMOUNTS = ("credits", "hours", "points")


class DoesNotFit(Exception):
    """Something is not as the receipt, or the rule, says."""


class CannotCheck(Exception):
    """Something is missing, or is said in a way that this program does not know."""


# --- reading --------------------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """The spelling in which receipts are hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(path: str) -> tuple[bytes, Json]:
    """A file's bytes, and what they say as JSON in which no name stands twice."""

    def once(pairs: list[tuple[str, Any]]) -> Json:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands twice in one object")
        return found

    content = Path(path).read_bytes()
    if len(content) > LARGEST:
        raise CannotCheck(f"{path}: larger than this program reads")
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise CannotCheck(f"{path}: not JSON ({error})") from None
    if not isinstance(value, dict):
        raise CannotCheck(f"{path}: not a JSON object")
    return content, value


def number(value: Any) -> Fraction:
    """A number exactly: a whole one, or a text such as "2.5" or "2/3"."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise CannotCheck(f"{value!r} is not a number as rules write it")
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise CannotCheck(f"{value!r} is not a number") from None


def number_or_none(word: str) -> Fraction | None:
    """The number that a word says, if it says one; a ratio is none."""
    try:
        found = Decimal(word)
    except InvalidOperation:
        return None
    if not found.is_finite():
        return None
    if abs(found.adjusted()) > MOST_DIGITS:
        raise CannotCheck(f"{word} is a number larger or smaller than this program reads")
    return Fraction(found)


def day_of(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise CannotCheck(f"{value!r} is not a day") from None


def only(node: Json, what: str, *names: str) -> None:
    """Refuse what this program does not know of: it may be what the verdict hangs on."""
    strange = sorted(set(node) - set(names))
    if strange:
        raise CannotCheck(f"{what} says “{strange[0]}”, which this program does not know")


# --- days -----------------------------------------------------------------------------------------------------------


def moved(day: date, period: Json, sign: int) -> date:
    """So much later or earlier; a day that the month lacks becomes its last."""
    only(period, "a period", "years", "months", "days", "whole_months", "exclusive")
    months = day.year * 12 + day.month - 1 + sign * (12 * period.get("years", 0) + period.get("months", 0))
    year, month = months // 12, months % 12 + 1
    if not 1 <= year <= 9999:
        return date.max if sign > 0 else date.min
    there = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    try:
        return there + timedelta(days=sign * period.get("days", 0))
    except OverflowError:
        return date.max if sign > 0 else date.min


def earliest_within(on: date, period: Json) -> date:
    """The first day that lies within the period before `on`."""
    first = moved(on, period, -1)
    if period.get("whole_months"):
        first = first.replace(day=1)
    return first + timedelta(days=1) if period.get("exclusive") else first


def end_of(day: date, period: Json) -> date:
    """The last day of so long a time from `day`; of whole months the end of that month."""
    last = moved(day, period, 1)
    if period.get("whole_months"):
        last = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    return last


def first_of(day: date, what: str) -> date:
    """The day on which the week, month, quarter or year of a day began, or the year that begins on such a day."""
    begins = {
        "week": day - timedelta(days=day.weekday()) if day.toordinal() > day.weekday() else day,
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }
    if what in begins:
        return begins[what]
    same_year = date(day.year, int(what[:2]), int(what[3:]))
    return same_year if same_year <= day else same_year.replace(year=max(1, day.year - 1))


def after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def before(day: date) -> date:
    return day if day == date.min else day - timedelta(days=1)


# --- what is held ---------------------------------------------------------------------------------------------------


HOLDING = """kind key earned_on credits hours points amounts level grade mark passed until to status issuer subject
achievement_kind source tags skills used_in""".split()  # noqa: SIM905 - shorter than a line for each


class Held:
    """One holding, read from its opening."""

    def __init__(self, ref: str, said: Json) -> None:
        only(said, f"the opening of {ref}", *HOLDING)
        self.ref, self.said = ref, said
        self.kind, self.key = said["kind"], said["key"]
        self.earned_on = day_of(said["earned_on"])
        self.until = day_of(said["until"]) if "until" in said else None
        self.to = day_of(said["to"]) if "to" in said else None
        self.level = said.get("level")
        self.grade = number(said["grade"]) if "grade" in said else None
        self.mark = said.get("mark", "")
        self.passed = said.get("passed", True)
        self.status = said.get("status", "active")
        self.tags = set(said.get("tags", ()))
        self.is_grade = self.kind == "grade"
        self.amounts = {name: number(said.get(name, 0)) for name in PLAIN_AMOUNTS}
        self.amounts |= {name: number(much) for name, much in said.get("amounts", ())}

    def tagged(self, name: str) -> list[str]:
        return sorted(tag[len(name) + 1 :] for tag in self.tags if tag.startswith(name + "="))

    def amount(self, unit: str) -> Fraction:
        if unit in self.amounts:
            return self.amounts[unit]
        if unit in ("grade", "level"):
            return self.number(unit) or Fraction(0)
        found = [much for word in self.tagged(unit) if (much := number_or_none(word)) is not None]
        return found[0] if found else Fraction(0)

    def words(self, name: str) -> list[str]:
        """What a property says."""
        if name == "grade":
            return [self.mark or self.said["grade"]] if self.mark or self.grade is not None else []
        if name in ("year", "month", "day"):
            return [self.earned_on.isoformat()[: {"year": 4, "month": 7, "day": 10}[name]]]
        if name in ("quarter", "week", "skills") and not self.tagged(name):
            year, week, _ = self.earned_on.isocalendar()
            of_day = {
                "quarter": f"{self.earned_on.year}-Q{(self.earned_on.month + 2) // 3}",
                "week": f"{year}-W{week:02}",
            }
            return [of_day[name]] if name in of_day else sorted(self.said.get("skills", ()))
        field = {"achievement": "key", "kind": "achievement_kind"}.get(name, name)
        if name in ("subject", "issuer", "source", "kind", "level", "achievement", "status"):
            own = {"status": self.status, "achievement": self.key}
            found = own[name] if name in own else self.said.get(field, "")
            if found not in ("", None):
                return [str(found)]
        return self.tagged(name)

    def number(self, name: str) -> Fraction | None:
        if name == "grade":
            return self.grade if self.grade is not None else number_or_none(self.mark)
        if name == "level":
            return None if self.level is None else Fraction(self.level)
        if name in self.amounts:
            return self.amounts[name]
        return next((much for word in self.words(name) if (much := number_or_none(word)) is not None), None)

    def day(self, name: str) -> date | None:
        """A property as a day, if it says one."""
        if name in ("earned", "until", "to"):
            return {"earned": self.earned_on, "until": self.until, "to": self.to or self.earned_on}[name]
        for word in self.tagged(name):
            try:
                return date.fromisoformat(word)
            except ValueError:
                continue
        return None

    def in_force(self, day: date) -> bool:
        return self.earned_on <= day and (self.until is None or day <= self.until)


class Took:
    """A holding in the part that took it: its amount there, in this unit; all else it carries counts in proportion."""

    def __init__(self, leaf: str, held: Held, amount: Fraction, unit: str | None = None) -> None:
        self.leaf, self.held, self.amount, self.unit = leaf, held, amount, unit
        whole = held.amount(unit) if unit else Fraction(0)
        self.times = amount / whole if whole else Fraction(1)

    def measured(self, measure: str) -> Fraction:
        if measure == "count":
            return Fraction(1)
        return self.amount if measure == self.unit else self.held.amount(measure) * self.times


# --- one rule, one record, one day ----------------------------------------------------------------------------------

WHERE = [
    "grade_at_least",
    "level_at_least",
    "level_at_most",
    "marks",
    "numbers",
    "scales",
    "days",
    "earned_since",
    "earned_until",
    "earned_within",
    "ended_since",
    "ended_until",
    "lasting",
    "held_for",
    "current",
    "current_on",
    "valid_for",
    "statuses",
    "attempt",
    "issuers",
    "sources",
    "kinds",
    "subjects",
    "skills",
    "tags",
    "with_tags",
    "without_tags",
    "tags_as_facts",
    "matches",
    "used_in",
    "not_used_in",
    "uses_at_most",
    "while_held",
    "if_held",
    "unless_held",
    "either",
    "neither",
]
POOL = [*WHERE, "achievements", "without_achievements", "repeats"]
LEAVES = {
    "holds": ("any_of", "where", "shared"),
    "passed": ("assessment", "where", "shared"),
    "count": ["at_least", "at_most", "at_least_fact", "pool", "conditions", "shared"],
    "amount": [
        "at_least",
        "at_most",
        "at_least_fact",
        "less_fact",
        "unit",
        "pool",
        "divisible",
        "at_most_each",
        "rates",
        "conditions",
        "shared",
    ],
}
GROUPS = {
    "all": ("parts", "conditions", "shared"),
    "any": ("parts", "conditions", "shared"),
    "at_least": ("count", "parts", "conditions", "shared"),
}
FACT = [
    "name",
    "one_of",
    "at_least",
    "at_most",
    "since",
    "until",
    "same_as",
    "at_least_fact",
    "at_most_fact",
    "scale",
    "at_least_word",
    "at_most_word",
    "negated",
]
CHECKS = {
    "fact": FACT,
    "given": ("pool", "at_least", "at_most", "measure", "absent"),
    "signed_off": ("role", "about"),
    "graded": [
        "at_least",
        "at_most",
        "pool",
        "weight",
        "last",
        "best",
        "ungraded_as_zero",
        "values",
        "rates",
        "property",
        "blend",
    ],
    "duration": [
        "at_least",
        "unit",
        "pool",
        "within",
        "since",
        "until",
        "unbroken",
        "breaks",
        "rate",
        "caps",
        "by",
        "at_most",
    ],
    "unbroken": ("part", "grace", "restored_by"),
    "was_met": ("part", "since", "until"),
    "each_cycle": ("part", "beginning", "every", "grace"),
    "unmet": ("part",),
}
CONDITIONS = {
    "limit": [
        "of",
        "measure",
        "at_least",
        "at_most",
        "at_least_share",
        "at_most_share",
        "share_of",
        "rounded",
        "at_least_fact",
        "among",
    ],
    "spread": ("by", "at_least", "at_most", "at_most_each", "measure", "of", "beginning"),
    "pace": ("within", "at_most", "measure"),
    "groups": ("by", "at_least", "groups", "measure", "of", "beginning"),
    "last_of": ("last", "of", "at_least", "measure"),
    "overlap": ("kinds", "measure", "at_most", "at_most_share", "share_of", "each"),
    "average": [
        "at_least",
        "at_most",
        "weight",
        "of",
        "rates",
        "best",
        "ungraded_as_zero",
        "values",
        "last",
        "property",
    ],
    "newest": ("within",),
    "order": ("first", "then", "within", "apart", "any_order"),
    "one_year": ("month", "day"),
    "span": ("within", "at_least"),
    "together": (),
}
RULE = [
    "format",
    "root",
    "lasts",
    "grace",
    "grace_to_year_end",
    "validity",
    "valid_from",
    "renewal",
    "keep",
    "reinstatement",
    "falls_for_good",
    "same",
    "substitutes",
    "barred",
    "renewals",
    "results",
]


def every_part(part: Json) -> Iterator[Json]:
    """The part and everything below it that belongs to the same allocation."""
    yield part
    for each in part.get("parts", ()) if part.get("type") in GROUPS else ():
        yield from every_part(each)


class Case:
    """What there is to judge by: what is held, what is known, and what people decided."""

    def __init__(
        self,
        holdings: dict[str, Held],
        facts: Mapping[str, str | None],
        sign_offs: Sequence[list[str]],
        others: Sequence[Json],
        exceptions: dict[str, list[Json]],
    ) -> None:
        self.holdings, self.facts, self.sign_offs, self.others = holdings, facts, sign_offs, others
        self.exceptions = exceptions
        # What the documents cannot show, because it is about what is not there.
        self.on_trust: set[str] = set()

    def known(self, name: str) -> list[str | None]:
        if name in self.facts:
            return [self.facts[name]]
        found: list[str | None] = []
        while f"{name}.{len(found)}" in self.facts:
            found.append(self.facts[f"{name}.{len(found)}"])
        return found

    def told(self, facts: Mapping[str, str | None]) -> Case:
        """The same with further facts; what is taken on trust is kept in one place."""
        case = Case(self.holdings, {**self.facts, **facts}, self.sign_offs, self.others, self.exceptions)
        case.on_trust = self.on_trust
        return case

    def words(self, name: str) -> list[str]:
        """What is known of a fact."""
        found = self.known(name)
        opened = [word for word in found if word is not None]
        if len(opened) < len(found):
            raise CannotCheck(f"the fact “{name}” is sealed, and was not opened")
        return opened


class Judge:
    """Judges by one case on one day."""

    def __init__(self, case: Case, on: date) -> None:
        self.case, self.on = case, on

    # One holding

    def stands(self, held: Held, statuses: Sequence[str] = ()) -> bool:
        return held.earned_on <= self.on and held.status in (tuple(statuses) or STANDING)

    def in_pool(self, held: Held, pool: Json) -> bool:
        only(pool, "a pool", *POOL)
        return self.named(held, pool) and self.fits(held, pool)

    def named(self, held: Held, pool: Json) -> bool:
        wanted, without = pool.get("achievements"), pool.get("without_achievements", ())
        return not held.is_grade and (not wanted or held.key in wanted) and held.key not in without

    def fits(self, held: Held, where: Json) -> bool:
        """Whether the holding stands and is as asked."""
        only(where, "what a holding must be like", *POOL)
        return (
            self.stands(held, where.get("statuses", ()))
            and self.is_good_enough(held, where)
            and self.comes_from(held, where)
            and self.is_of_its_time(held, where)
            and self.beside(held, where)
        )

    def is_good_enough(self, held: Held, where: Json) -> bool:
        if "grade_at_least" in where and (held.grade is None or held.grade < number(where["grade_at_least"])):
            return False
        if where.get("marks") and held.mark not in where["marks"]:
            return False
        if "level_at_least" in where and (held.level is None or held.level < where["level_at_least"]):
            return False
        if "level_at_most" in where and (held.level is None or held.level > where["level_at_most"]):
            return False
        numbers = where.get("numbers", ())
        if not all(
            self.number_fits(held.number(test["of"]), test) and self.own_number_fits(held, test) for test in numbers
        ):
            return False
        return all(
            any(self.scale_fits(word, test) for word in held.words(test["of"])) for test in where.get("scales", ())
        )

    def number_fits(self, found: Fraction | None, test: Json) -> bool:
        bounds = (("at_least", 1), ("at_most", -1))
        named = (f"{bound}{by}" for bound, _ in bounds for by in ("", "_fact", "_of"))
        only(test, "a test of a number", "of", *named, "times")
        return found is not None and all(
            self.on_side(found, test.get(bound), test.get(f"{bound}_fact", ""), sign) for bound, sign in bounds
        )

    def own_number_fits(self, held: Held, test: Json) -> bool:
        """Whether the number is on the right side of another property of the same holding, if one is named."""
        found = held.number(test["of"])
        for name, sign in ((test.get("at_least_of"), 1), (test.get("at_most_of"), -1)):
            own = held.number(name) if name else found
            times = Fraction(test.get("times", 1)) if name else Fraction(1)
            if found is None or own is None or (found - own * times) * sign < 0:
                return False
        return True

    def on_side(self, found: Fraction, bound: Any, fact: str, sign: int) -> bool:
        if bound is not None and (found - number(bound)) * sign < 0:
            return False
        if not fact:
            return True
        known = [much for word in self.case.words(fact) if (much := number_or_none(word)) is not None]
        return any((found - much) * sign >= 0 for much in known)

    def scale_fits(self, word: str, test: Json) -> bool:
        only(test, "a test by a scale", "of", "scale", "at_least", "at_most", "at_least_fact", "at_most_fact")
        return self.on_scale(word, test, ("at_least", 1), ("at_most", -1), suffix="")

    def on_scale(self, word: str, test: Json, *bounds: tuple[str, int], suffix: str) -> bool:
        scale = test["scale"]
        if word not in scale:
            return False
        place = scale.index(word)
        for bound, sign in bounds:
            named, fact = test.get(bound + suffix, ""), test.get(f"{bound}_fact", "")
            if named and (named not in scale or (place - scale.index(named)) * sign < 0):
                return False
            known = [scale.index(each) for each in self.case.words(fact) if each in scale] if fact else [place]
            if not any((place - each) * sign >= 0 for each in known):
                return False
        return True

    def comes_from(self, held: Held, where: Json) -> bool:
        said = held.said
        one_of = (
            ("kinds", said.get("achievement_kind", "")),
            ("subjects", said.get("subject", "")),
            ("issuers", said.get("issuer", "")),
            ("sources", said.get("source", "")),
        )
        if any(where.get(name) and value not in where[name] for name, value in one_of):
            return False
        if where.get("skills") and not set(where["skills"]) & set(said.get("skills", ())):
            return False
        if where.get("tags") and not set(where["tags"]) & held.tags:
            return False
        if not set(where.get("with_tags", ())) <= held.tags or set(where.get("without_tags", ())) & held.tags:
            return False
        for name in where.get("tags_as_facts", ()):
            last = name.rpartition(".")[2]
            if not any(f"{last}={word}" in held.tags for word in self.case.words(name)):
                return False
        for match in where.get("matches", ()):
            only(match, "a match", "of", "fact")
            if not set(held.words(match["of"])) & set(self.case.words(match["fact"])):
                return False
        return self.uses_fit(held, where)

    def uses_fit(self, held: Held, where: Json) -> bool:
        users = [other for other in self.case.others if other.get("granted", True) and held.ref in other["uses"]]
        known = set(held.said.get("used_in", ()))

        def used_in(kinds: Sequence[str]) -> bool:
            if known and ("*" in kinds or known & set(kinds)):
                return True
            return any(self.called(other, kinds) for other in users)

        if where.get("not_used_in") and used_in(where["not_used_in"]):
            return False
        if where.get("used_in") and not used_in(where["used_in"]):
            return False
        return "uses_at_most" not in where or (len(users) or len(known)) <= where["uses_at_most"]

    def called(self, other: Json, kinds: Sequence[str]) -> bool:
        words = {other.get("id"), other.get("kind"), other.get("level"), *other.get("tags", ())}
        return not kinds or "*" in kinds or bool(words & set(kinds))

    def is_of_its_time(self, held: Held, where: Json) -> bool:
        on, ended = self.on, held.to or held.earned_on
        first = [earliest_within(on, where["earned_within"])] if "earned_within" in where else []
        first += [self.the_day(where["earned_since"]) or date.max] if "earned_since" in where else []
        if any(held.earned_on < day for day in first):
            return False
        if "earned_until" in where and held.earned_on > (self.the_day(where["earned_until"]) or date.min):
            return False
        if not all(self.day_fits(held, test) for test in where.get("days", ())):
            return False
        if "ended_since" in where and ended < (self.the_day(where["ended_since"]) or date.max):
            return False
        if "ended_until" in where and ended > (self.the_day(where["ended_until"]) or date.min):
            return False
        if "lasting" in where and moved(held.earned_on, where["lasting"], 1) > after(ended):
            return False
        if "held_for" in where and moved(held.earned_on, where["held_for"], 1) > on:
            return False
        if where.get("current") and (held.status == "expired" or (held.until is not None and held.until < on)):
            return False
        if "valid_for" in where and held.until is not None and held.until < moved(on, where["valid_for"], 1):
            return False
        if "current_on" in where:
            day = self.the_day(where["current_on"])
            return day is not None and held.in_force(day)
        return True

    def day_fits(self, held: Held, test: Json) -> bool:
        """Whether a property of a holding is a day such as is asked."""
        only(test, "a test of a day", "of", "since", "until", "after", "within")
        found = held.day(test["of"])
        if found is None:
            return False
        if "since" in test and found < (self.the_day(test["since"]) or date.max):
            return False
        if "until" in test and found > (self.the_day(test["until"]) or date.min):
            return False
        if not test.get("after"):
            return "within" not in test or earliest_within(self.on, test["within"]) <= found <= self.on
        first = held.day(test["after"])
        if first is None or found < first:
            return False
        return "within" not in test or first >= earliest_within(found, test["within"])

    def the_day(self, said: Any) -> date | None:
        """The day that is meant; none where it hangs on what is not known."""
        if isinstance(said, str):
            return day_of(said)
        if "fact" in said:
            only(said, "a day", "fact", "start_of", "plus", "minus")
            words = self.case.words(said["fact"])
            try:
                found = date.fromisoformat(words[0]) if words else None
            except ValueError:
                found = None
        elif "pool" in said:
            only(said, "a day", "which", "pool", "on", "start_of", "plus", "minus")
            found = self.day_of_holding(said)
        else:
            only(said, "a day", "today", "start_of", "plus", "minus")
            found = self.on
        if found is not None and "start_of" in said:
            found = first_of(found, said["start_of"])
        if found is not None and "plus" in said:
            found = moved(found, said["plus"], 1)
        return moved(found, said["minus"], -1) if found is not None and "minus" in said else found

    def day_of_holding(self, said: Json) -> date | None:
        found = [each for each in self.case.holdings.values() if self.in_pool(each, said["pool"])]
        self.case.on_trust.add(f"that nothing else was held that would be the {said['which']} of its kind")
        if not found:
            return None
        turn = (min if said["which"] == "first" else max)(each.earned_on for each in found)
        days = {each.day(said.get("on", "earned")) for each in found if each.earned_on == turn}
        if len(days) > 1:
            # Among those of one day the site goes by numbers of its own, which its documents do not tell.
            raise CannotCheck(f"which of several earned on {turn} is the {said['which']}")
        return days.pop()

    def beside(self, held: Held, where: Json) -> bool:
        everything = self.case.holdings.values()
        if "attempt" in where and not self.is_attempt(held, where):
            return False
        if "while_held" in where and not any(
            each.in_force(held.earned_on) and self.in_pool(each, where["while_held"]) for each in everything
        ):
            return False
        if "if_held" in where and not any(self.in_pool(each, where["if_held"]) for each in everything):
            return False
        if "unless_held" in where:
            self.case.on_trust.add("that nothing was held that would have barred what counted")
            if any(self.in_pool(each, where["unless_held"]) for each in everything):
                return False
        if where.get("either") and not any(self.is_one(held, each) for each in where["either"]):
            return False
        return not any(self.is_one(held, each) for each in where.get("neither", ()))

    def is_one(self, held: Held, where: Json) -> bool:
        """Whether the holding is as an alternative says, which may name achievements."""
        is_pool = "achievements" in where or "without_achievements" in where
        return self.in_pool(held, where) if is_pool else self.fits(held, where)

    def is_attempt(self, held: Held, where: Json) -> bool:
        same = [
            each
            for each in self.case.holdings.values()
            if (each.key, each.is_grade) == (held.key, held.is_grade) and self.stands(each, where.get("statuses", ()))
        ]
        self.case.on_trust.add("that there was no further attempt at what counted")
        match where["attempt"]:
            case "first":
                return held.earned_on == min(each.earned_on for each in same)
            case "last":
                return held.earned_on == max(each.earned_on for each in same)
            case "best":
                return (held.grade or -1) == max(each.grade or -1 for each in same)
        raise CannotCheck(f"which attempt is meant by “{where['attempt']}”")

    # A part that takes holdings

    def may_take(self, leaf: Json, held: Held) -> bool:
        """Whether the holding may count in the part."""
        let_in = {each["key"] for each in self.case.exceptions.get(leaf["id"], ()) if "key" in each}
        match leaf["type"]:
            case "holds" | "passed":
                if held.key in let_in:
                    # What stands in for something is asked for nothing else.
                    return self.stands(held) and (not held.is_grade or held.passed)
                if leaf["type"] == "holds":
                    return not held.is_grade and held.key in leaf["any_of"] and self.fits(held, leaf.get("where", {}))
                where = leaf.get("where", {})
                asked = held.is_grade and held.key == leaf["assessment"] and self.fits(held, where)
                return asked and ("grade_at_least" in where or held.passed)
            case "count" | "amount":
                if leaf["type"] == "amount" and self.most(leaf, held) <= 0:
                    return False
                if held.key in let_in and not held.is_grade:
                    return self.stands(held)
                return self.in_pool(held, leaf["pool"])
        raise CannotCheck(f"part {leaf['id']} is of the type “{leaf['type']}”, which this program does not know")

    def most(self, leaf: Json, held: Held) -> Fraction:
        """For how much the holding may count in the part."""
        if leaf["type"] != "amount":
            return Fraction(1)
        much = self.weighed(Took(leaf["id"], held, Fraction(1)), leaf.get("unit", "credits"), leaf.get("rates", ()))
        return min(much, number(leaf["at_most_each"])) if "at_most_each" in leaf else much

    def weighed(self, took: Took, measure: str, rates: Sequence[Json]) -> Fraction:
        """How much a holding adds in a measure, by the first rate that fits it."""
        for rate in rates:
            only(rate, "a rate", "of", "times", "unit")
            if self.in_pool(took.held, rate["of"]):
                return took.measured(rate.get("unit") or measure) * number(rate["times"])
        return took.measured(measure)

    # A part that takes nothing

    def check_holds(self, part: Json) -> bool:
        match part["type"]:
            case "fact":
                words = self.case.words(part["name"])
                return any(self.fact_fits(part, word) for word in words) != part.get("negated", False)
            case "given":
                return self.given_holds(part)
            case "graded":
                return self.grades_average(part)
            case "signed_off":
                return [part["id"], part["role"]] in self.case.sign_offs
            case "duration":
                return self.time_spent(part) >= number(part["at_least"])
            case "unbroken":
                return self.was_unbroken(part)
            case "was_met":
                return self.was_met(part)
            case "each_cycle":
                return self.was_met_each_cycle(part)
            case "unmet":
                self.case.on_trust.add(f"that nothing else was held by which part {part['part']['id']} would be met")
                return not could_be_met(self, part["part"])
        raise CannotCheck(f"part {part['id']} is of the type “{part['type']}”, which this program does not know")

    def fact_fits(self, part: Json, word: str) -> bool:
        if part.get("one_of") and word not in part["one_of"]:
            return False
        if part.get("same_as") and word not in self.case.words(part["same_as"]):
            return False
        if part.get("scale"):
            bounds = (("at_least", 1), ("at_most", -1))
            if not self.on_scale(word, part, *bounds, suffix="_word"):
                return False
        else:
            asked = [name for name in ("at_least", "at_most", "at_least_fact", "at_most_fact") if part.get(name)]
            asked += [name for name in ("at_least", "at_most") if name in part]
            much = number_or_none(word)
            if asked and (
                much is None
                or not self.on_side(much, part.get("at_least"), part.get("at_least_fact", ""), 1)
                or not self.on_side(much, part.get("at_most"), part.get("at_most_fact", ""), -1)
            ):
                return False
        if "since" not in part and "until" not in part:
            return True
        try:
            day = date.fromisoformat(word)
        except ValueError:
            return False
        since = (self.the_day(part["since"]) or date.max) if "since" in part else date.min
        until = (self.the_day(part["until"]) or date.min) if "until" in part else date.max
        return since <= day <= until

    def given_holds(self, part: Json) -> bool:
        measure = part.get("measure", "count")
        much: dict[str, Fraction] = {}
        for each in self.case.holdings.values():
            if self.in_pool(each, part["pool"]):
                # One achievement held twice is one, unless repetition counts.
                name = each.ref if part["pool"].get("repeats") else each.key
                own = Fraction(1) if measure == "count" else each.amount(measure)
                much[name] = max(own, much.get(name, own))
        have = sum(much.values(), Fraction(0))
        inside = have >= number(part.get("at_least", 1)) and ("at_most" not in part or have <= number(part["at_most"]))
        if part.get("absent") or "at_most" in part:
            self.case.on_trust.add(f"that nothing else was held that part {part['id']} asks about")
        return inside != part.get("absent", False)

    def grades_average(self, part: Json) -> bool:
        """Whether the grades of all that was held average so much, as far as the documents show what was held."""
        self.case.on_trust.add(f"that nothing else was held whose grade part {part['id']} would average")
        better: dict[str, Mark] = {}
        for each in sorted(self.case.holdings.values(), key=lambda each: each.earned_on):
            found = grade_by(each, part) if self.in_pool(each, part["pool"]) else None
            name = each.ref if part["pool"].get("repeats") else each.key
            if found is not None and (name not in better or found > better[name][1]):
                much = self.weighed(Took("", each, Fraction(1)), part.get("weight", "credits"), part.get("rates", ()))
                better[name] = each, found, much
        mean = self.average_of(part, list(better.values()))
        return mean is not None and all(
            (mean - number(part[bound])) * sign >= 0
            for bound, sign in (("at_least", 1), ("at_most", -1))
            if bound in part
        )

    def average_of(self, said: Json, marks: Sequence[Mark]) -> Fraction | None:
        """What these grades average: the newest of them, the best so much, or pool by pool; none if nothing does."""
        return self.blend_of(newest_marks(marks, said), said)

    def blend_of(self, marks: Sequence[Mark], said: Json) -> Fraction | None:
        """The averages of several pools, each by its share and rounded as it says; or the one average of all."""
        if not said.get("blend"):
            return mean(marks, said)
        shares = blended = Fraction(0)
        for each in said["blend"]:
            only(each, "a blend", "of", "share", "best", "step", "rounded", "blend")
            inside = [mark for mark in marks if self.in_pool(mark[0], each["of"])]
            found = self.blend_of(inside, each)
            if found is None:
                return None
            if "step" in each:
                found = stepped(found, each)
            shares, blended = shares + number(each["share"]), blended + found * number(each["share"])
        return blended / shares

    def time_spent(self, part: Json) -> Fraction:
        first = earliest_within(self.on, part["within"]) if "within" in part else date.min
        last = self.on
        if "since" in part:
            first = max(first, self.the_day(part["since"]) or date.max)
        if "until" in part:
            last = min(last, self.the_day(part["until"]) or date.min)
        periods = []
        for each in self.case.holdings.values():
            if self.in_pool(each, part["pool"]):
                start, end = max(each.earned_on, first), min(each.to or each.earned_on, last)
                if start <= end:
                    periods.append((start, end, each))
        return max(self.time_of(part, few) for few in self.of_few_values(part, periods))

    def of_few_values(self, part: Json, periods: Sequence[PeriodHeld]) -> Iterator[Sequence[PeriodHeld]]:
        """The periods of each choice of so many values of a property; all of them, if that is not asked."""
        if "at_most" not in part:
            yield periods
            return
        values = [set(each.words(part["by"]) or [""]) for _, _, each in periods]
        names = sorted(set().union(*values))
        if math.comb(len(names), min(part["at_most"], len(names))) > MOST_TRIES:
            raise CannotCheck("a part chooses among more values than this program tries")
        for few in combinations(names, min(part["at_most"], len(names))):
            yield [each for each, own in zip(periods, values, strict=True) if own.issubset(few)]

    def time_of(self, part: Json, periods: Sequence[PeriodHeld]) -> Fraction:
        spent = self.covered(part, periods)
        for cap in part.get("caps", ()):
            only(cap, "a cap", "of", "at_most")
            capped = [each for each in periods if self.in_pool(each[2], cap["of"])]
            others = [each for each in periods if each not in capped]
            by_cap = min(spent - self.covered(part, others), self.covered(part, capped))
            spent -= max(Fraction(0), by_cap - number(cap["at_most"]))
        return spent

    def covered(self, part: Json, periods: Sequence[PeriodHeld]) -> Fraction:
        unit = part.get("unit", "months")
        if part.get("rate"):
            return self.covered_at_rates(part, periods, unit)
        stretches = joined([each[:2] for each in periods])
        if part.get("unbroken"):
            return max((length(run, unit) for run in runs(stretches, part.get("breaks"))), default=Fraction(0))
        return length(stretches, unit)

    def covered_at_rates(self, part: Json, periods: Sequence[PeriodHeld], unit: str) -> Fraction:
        turns = sorted({start for start, _, _ in periods} | {after(end) for _, end, _ in periods})
        by_rate: dict[Fraction, list[Stretch]] = {}
        for start, following in pairwise(turns):
            running = [each for first, last, each in periods if first <= start <= last]
            rate = min(Fraction(1), sum((share_of_time(each.number(part["rate"])) for each in running), Fraction(0)))
            if running and rate > 0:
                by_rate.setdefault(rate, []).append((start, before(following)))
        return sum((length(joined(found), unit) * rate for rate, found in by_rate.items()), Fraction(0))

    def was_met(self, part: Json) -> bool:
        since = (self.the_day(part["since"]) or date.max) if "since" in part else date.min
        until = min((self.the_day(part["until"]) or date.min) if "until" in part else date.max, self.on)
        return any(could_be_met(Judge(self.case, day), part["part"]) for day in self.days(since, until))

    def was_unbroken(self, part: Json) -> bool:
        restoring = self.case.holdings.values() if "restored_by" in part else ()
        # What restores it makes up for all that came before.
        mended = max(
            (each.earned_on for each in restoring if self.in_pool(each, part["restored_by"])), default=date.min
        )
        last: date | None = None
        for day in self.days(date.min, self.on):
            if could_be_met(Judge(self.case, day), part["part"]):
                # It begins anew where it was not met the day before.
                met_until = max(last, mended) if last is not None and last < before(day) else None
                if met_until is not None and day > mended and met_until < earliest_within(day, part["grace"]):
                    return False
                last = day
        return True

    def was_met_each_cycle(self, part: Json) -> bool:
        beginning = self.the_day(part["beginning"])
        if beginning is None:
            return False
        start = beginning
        for count in range(1, MOST_CYCLES):
            every = {name: each * count for name, each in part["every"].items()}
            following = moved(beginning, every, 1)
            if every.get("whole_months"):
                following = after(end_of(following, {"whole_months": True}))
            last = end_of(before(following), part["grace"]) if "grace" in part else before(following)
            if following <= start or last >= self.on:
                break
            facts = {"cycle.begins": start.isoformat(), "cycle.ends": before(following).isoformat()}
            case = self.case.told(facts)
            end = before(following)
            days = ((last - end).days + 1) if (last - end).days < MOST_DAYS else 0
            if not any(could_be_met(Judge(case, end + timedelta(days=place)), part["part"]) for place in range(days)):
                return False
            start = following
        return True

    def days(self, since: date, until: date) -> Iterator[date]:
        """Each day on which anything was there; before that nothing is met by what is held."""
        earned = [each.earned_on for each in self.case.holdings.values()]
        first = max(since, min(earned, default=until))
        if (until - first).days > MOST_DAYS:
            raise CannotCheck("a part looks back over more days than this program tries")
        for place in range((until - first).days + 1):
            yield first + timedelta(days=place)


def joined(periods: Iterable[Stretch]) -> list[Stretch]:
    """Periods as stretches in which no day is missing."""
    found: list[Stretch] = []
    for start, end in sorted(periods):
        if found and start <= after(found[-1][1]):
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


Dated = tuple[date, Fraction, Fraction]
# A holding with its grade as a number, and what that weighs.
Mark = tuple["Held", Fraction, Fraction]


def grade_by(held: Held, said: Json) -> Fraction | None:
    """The grade, or the property that takes its place, as a number."""
    worth = {each["mark"]: number(each["value"]) for each in said.get("values", ())}
    name = said.get("property", "grade")
    if name == "grade":
        found = worth.get(held.mark or held.said.get("grade", ""), held.grade)
    else:
        found = next((worth[word] for word in held.words(name) if word in worth), held.number(name))
    return Fraction(0) if found is None and said.get("ungraded_as_zero") else found


def newest_of(dated: Sequence[Dated], said: Json) -> list[Dated]:
    """Of what is graded the newest, so far back as makes up `last`; what is of one day belongs together."""
    found: list[Dated] = []
    for day in sorted({day for day, _, _ in dated}, reverse=True):
        if "last" in said and sum(weight for _, _, weight in found) >= number(said["last"]):
            break
        found += [each for each in dated if each[0] == day]
    return found


def newest_marks(marks: Sequence[Mark], said: Json) -> list[Mark]:
    """Of these grades those that the newest so much is made of."""
    days = {day for day, _, _ in newest_of([(held.earned_on, grade, much) for held, grade, much in marks], said)}
    return [each for each in marks if each[0].earned_on in days]


def mean(marks: Sequence[Mark], said: Json) -> Fraction | None:
    """The average by weight, of the best so much where that is said; none of nothing."""
    points, weight = best_of([(held.earned_on, grade, much) for held, grade, much in marks], said)
    return points / weight if marks and weight else None


def best_of(dated: Sequence[Dated], said: Json) -> tuple[Fraction, Fraction]:
    """The grades times their weights, and the weights, of the best so much; what lacks of it counts as zero."""
    weight = points = Fraction(0)
    most = number(said["best"]) if "best" in said else None
    for _, grade, own in sorted(dated, key=lambda each: -each[1]):
        part = own if most is None else min(own, most - weight)
        weight, points = weight + part, points + part * grade
    return points, weight if most is None else most


def runs(stretches: Sequence[Stretch], breaks: Json | None) -> list[list[Stretch]]:
    """The stretches between which no longer break lies."""
    found: list[list[Stretch]] = []
    for start, end in stretches:
        if found and breaks is not None and start <= moved(after(found[-1][-1][1]), breaks, 1):
            found[-1].append((start, end))
        else:
            found.append([(start, end)])
    return found


def share_of_time(said: Fraction | None) -> Fraction:
    """A share of full time, written as one or in hundredths; full time where nothing is said."""
    if said is None:
        return Fraction(1)
    return said if said <= 1 else said / 100


def length(stretches: Sequence[Stretch], unit: str) -> Fraction:
    """How long the stretches are: whole months, and thirty days to the month for what is left, to the hundredth."""
    if unit == "days":
        return Fraction(sum((end - start).days + 1 for start, end in stretches))
    months, left = 0, 0
    for start, end in stretches:
        whole = 0
        while moved(start, {"months": whole + 1}, 1) <= after(end):
            whole += 1
        months += whole
        left += (after(end) - moved(start, {"months": whole}, 1)).days
    found = months + Fraction(left * 100 // 30, 100)
    return found if unit == "months" else found / 12


# --- an allocation against a rule -----------------------------------------------------------------------------------


class Allocation:
    """What counted where, judged as a whole."""

    def __init__(self, judge: Judge, root: Json, taken: Taken) -> None:
        self.judge, self.root, self.taken = judge, root, taken
        self.parts = {part["id"]: part for part in every_part(root)}
        self.state: dict[str, bool] = {}

    def is_met(self, part: Json) -> bool:
        """Whether the part is met by what it took, and every condition over that holds."""
        if part["id"] not in self.state:
            self.state[part["id"]] = self.is_waived(part) or (
                self.is_fulfilled(part) and not self.broken_conditions(part)
            )
        return self.state[part["id"]]

    def is_waived(self, node: Json) -> bool:
        return any(each["type"] == "waiver" for each in self.judge.case.exceptions.get(node["id"], ()))

    def is_fulfilled(self, part: Json) -> bool:
        took = self.taken.get(part["id"], [])
        match part["type"]:
            case "all" | "any" | "at_least":
                met = sum(self.is_met(each) for each in part["parts"])
                needed: int = {"all": len(part["parts"]), "any": 1}.get(part["type"]) or part["count"]
                return met >= needed
            case "holds" | "passed":
                return len(took) == 1
            case "count":
                return part["at_least"] <= len(took) <= part.get("at_most", len(took))
            case "amount":
                much = sum((each.amount for each in took), Fraction(0))
                return number(part["at_least"]) <= much and ("at_most" not in part or much <= number(part["at_most"]))
        return self.judge.check_holds(part)

    def inside(self, part: Json) -> list[Took]:
        """What the part and all below it took; a part that is not met takes nothing in the end."""
        if part["type"] in GROUPS:
            return [each for below in part["parts"] if self.is_met(below) for each in self.inside(below)]
        return list(self.taken.get(part["id"], ())) if part["type"] in LEAVES else []

    def broken_conditions(self, part: Json) -> list[str]:
        took = self.inside(part)
        return [
            each["id"]
            for each in part.get("conditions", ())
            if not self.is_waived(each) and not self.condition_holds(each, part, took)
        ]

    def condition_holds(self, said: Json, part: Json, took: Sequence[Took]) -> bool:
        judge = self.judge
        days = [each.held.earned_on for each in took]
        match said["type"]:
            case "limit":
                return self.limit_holds(said, part, took)
            case "spread":
                return self.spread_holds(said, took)
            case "groups":
                return self.groups_hold(said, took)
            case "pace":
                return self.pace_holds(said, took)
            case "last_of":
                return self.newest_hold(said, took)
            case "overlap":
                return self.overlap_holds(said, part, took)
            case "average":
                return self.average_holds(said, took)
            case "newest":
                return any(day >= earliest_within(judge.on, said["within"]) for day in days)
            case "order":
                return self.order_holds(said)
            case "one_year":
                return len({day.year - ((day.month, day.day) < (said["month"], said["day"])) for day in days}) <= 1
            case "span":
                if days and "within" in said and min(days) < earliest_within(max(days), said["within"]):
                    return False
                if "at_least" not in said:
                    return True
                return bool(days) and min(days) <= moved(max(days), said["at_least"], -1)
            case "together":
                return not took or any(all(each.held.in_force(day) for each in took) for day in days)
        raise CannotCheck(f"condition {said['id']} is of the type “{said['type']}”, which this program does not know")

    def of(self, pool: Json, took: Sequence[Took]) -> list[Took]:
        return [each for each in took if self.judge.in_pool(each.held, pool)]

    def limit_holds(self, said: Json, part: Json, took: Sequence[Took]) -> bool:
        measure = said.get("measure", "credits")
        took = self.of(said["among"], took) if "among" in said else took
        have = sum((each.measured(measure) for each in self.of(said["of"], took)), Fraction(0))
        whole = sum((each.measured(measure) for each in took), Fraction(0))
        if said.get("share_of", "taken") == "required":
            whole = self.required(part, measure) or Fraction(0)

        def share(name: str) -> Fraction:
            return rounded(number(said[name]) * whole, said.get("rounded"))

        return (
            ("at_least" not in said or have >= number(said["at_least"]))
            and ("at_most" not in said or have <= number(said["at_most"]))
            and ("at_least_share" not in said or have >= share("at_least_share"))
            and ("at_most_share" not in said or have <= share("at_most_share"))
        )

    def spread_holds(self, said: Json, took: Sequence[Took]) -> bool:
        measure = said.get("measure", "count")
        much: dict[str | int, Fraction] = defaultdict(Fraction)
        for each in self.of(said["of"], took) if "of" in said else took:
            # What belongs to several counts for each; what says nothing is of a kind of its own.
            names = self.told_apart(said, each)
            for word in ([""] if names == [] else names) or ():
                much[word] += each.measured(measure)
        if not said.get("at_least", 0) <= len(much) <= said.get("at_most", len(much)):
            return False
        return "at_most_each" not in said or all(each <= number(said["at_most_each"]) for each in much.values())

    def pace_holds(self, said: Json, took: Sequence[Took]) -> bool:
        measure, most = said.get("measure", "count"), number(said["at_most"])
        for first in {each.held.earned_on for each in took}:
            end = moved(first, said["within"], 1)
            inside = [each.measured(measure) for each in took if first <= each.held.earned_on < end]
            if sum(inside, Fraction(0)) > most:
                return False
        return True

    def groups_hold(self, said: Json, took: Sequence[Took]) -> bool:
        measure = said.get("measure", "count")
        much: dict[str | int, Fraction] = defaultdict(Fraction)
        for each in self.of(said["of"], took) if "of" in said else took:
            for name in self.told_apart(said, each) or ():
                much[name] += each.measured(measure)
        return sum(each >= number(said["at_least"]) for each in much.values()) >= said.get("groups", 1)

    def told_apart(self, said: Json, each: Took) -> list[str | int] | None:
        """What a holding says of a property, or in which year from a day it lies; none where that day is not known."""
        if "beginning" not in said:
            return list(dict.fromkeys(each.held.words(said["by"])))
        beginning = self.judge.the_day(said["beginning"])
        return None if beginning is None else [year_from(beginning, each.held.earned_on)]

    def newest_hold(self, said: Json, took: Sequence[Took]) -> bool:
        measure = said.get("measure", "credits")
        some, so_far = [], Fraction(0)
        for day in sorted({each.held.earned_on for each in took}, reverse=True):
            if so_far >= number(said["last"]):
                break
            some += [each for each in took if each.held.earned_on == day]
            so_far = sum((each.measured(measure) for each in some), Fraction(0))
        have = sum((each.measured(measure) for each in self.of(said["of"], some)), Fraction(0))
        return have >= number(said["at_least"])

    def overlap_holds(self, said: Json, part: Json, took: Sequence[Took]) -> bool:
        measure, kinds = said.get("measure", "credits"), said.get("kinds", ())
        others = [
            each for each in self.judge.case.others if each.get("granted", True) and self.judge.called(each, kinds)
        ]
        self.judge.case.on_trust.add("that no other qualification has used what counted")
        for together in [[each] for each in others] if said.get("each") else [others] if others else []:
            uses = {ref for other in together for ref in other["uses"]}
            have = sum((each.measured(measure) for each in took if each.held.ref in uses), Fraction(0))
            if "at_most" in said and have > number(said["at_most"]):
                return False
            if "at_most_share" not in said:
                continue
            share, of = number(said["at_most_share"]), said.get("share_of", "taken")
            own = sum((each.measured(measure) for each in took), Fraction(0))
            sizes = [own] if of == "taken" else [self.required(part, measure)] if of in ("required", "smaller") else []
            sizes += [size_of(other, measure, said) for other in together] if of in ("other", "smaller") else []
            if any(size is not None and have > share * size for size in sizes):
                return False
        return True

    def average_holds(self, said: Json, took: Sequence[Took]) -> bool:
        dated = []
        for each in self.of(said["of"], took) if "of" in said else took:
            grade = grade_by(each.held, said)
            if grade is not None:
                weight = self.judge.weighed(each, said.get("weight", "credits"), said.get("rates", ()))
                dated.append((each.held.earned_on, grade, weight))
        graded = newest_of(dated, said)
        whole, all_of_it = best_of(graded, {})
        if "at_most" in said and whole > number(said["at_most"]) * all_of_it:
            return False
        points, weight = best_of(graded, said)
        return "at_least" not in said or points >= number(said["at_least"]) * weight

    def order_holds(self, said: Json) -> bool:
        def days(nodes: Sequence[str]) -> list[date]:
            there = [self.parts[node] for node in nodes if node in self.parts and not self.is_waived(self.parts[node])]
            return [each.held.earned_on for part in there if self.is_met(part) for each in self.inside(part)]

        first, then = days(said["first"]), days(said["then"])
        if not first or not then:
            return True
        turn = max(first)
        start = moved(turn, said["apart"], 1) if "apart" in said else turn
        last = date.max
        if "within" in said:
            last = moved(turn, said["within"], 1)
            last = before(last) if said["within"].get("exclusive") else last
        return (said.get("any_order", False) or start <= min(then)) and max(then) <= last

    def required(self, part: Json, measure: str) -> Fraction | None:
        """How much a part requires in a measure: by itself, by a minimum over all of it, or by all its parts."""
        said = [
            number(each["at_least"])
            for each in part.get("conditions", ())
            if (each["type"], each.get("of"), each.get("measure", "credits")) == ("limit", {}, measure)
            and "among" not in each
            and "at_least" in each
            and not self.is_waived(each)
        ]
        own = {"count": "count", "holds": "count", "passed": "count", "amount": part.get("unit", "credits")}
        # An assessment for which something else may stand in is no longer the only thing asked.
        made = {each["type"] for each in self.judge.case.exceptions.get(part["id"], ())}
        replaced = part["type"] == "passed" and "substitution" in made
        if own.get(part["type"]) == measure and not replaced:
            said.append(number(part.get("at_least", 1)))
        if part["type"] == "all":
            asking = [each for each in part["parts"] if each["type"] not in CHECKS and not self.is_waived(each)]
            below = [self.required(each, measure) for each in asking]
            if None not in below:
                said.append(sum((each for each in below if each is not None), Fraction(0)))
        return max(said, default=None)


def stepped(value: Fraction, said: Json) -> Fraction:
    """The number rounded to whole steps."""
    step = number(said["step"])
    return rounded(value / step, said.get("rounded", "nearest")) * step


def rounded(value: Fraction, how: str | None) -> Fraction:
    match how:
        case None:
            return value
        case "up":
            return Fraction(math.ceil(value))
        case "down":
            return Fraction(math.floor(value))
        case "nearest":
            return Fraction(math.floor(value + Fraction(1, 2)))
    raise CannotCheck(f"how “{how}” rounds")


def size_of(other: Json, measure: str, said: Json) -> Fraction:
    """How large another qualification says it is; what it uses is sealed here in part only, and tells no size."""
    for name, much in other.get("amounts", ()):
        if name == measure:
            return number(much)
    raise CannotCheck(f"condition {said['id']} compares with another qualification that does not say how large it is")


def year_from(beginning: date, day: date) -> int:
    years = day.year - beginning.year
    while moved(beginning, {"years": abs(years)}, 1 if years >= 0 else -1) > day:
        years -= 1
    return years


def scopes(root: Json) -> dict[str, str]:
    """For each part the nearest part at or above it that shares what it takes; none: the whole rule."""
    found = {}

    def visit(part: Json, scope: str) -> None:
        scope = part["id"] if part.get("shared") else scope
        found[part["id"]] = scope
        for each in part.get("parts", ()) if part["type"] in GROUPS else ():
            visit(each, scope)

    visit(root, "")
    return found


def counted_fairly(judge: Judge, root: Json, taken: Taken) -> Iterator[str]:
    """Say where something counts that may not, for more than it may, or twice."""
    scope = scopes(root)
    seen: set[tuple[str, str]] = set()
    families: set[tuple[str, bool, str]] = set()
    divided: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    leaves = {part["id"]: part for part in every_part(root) if part["type"] in LEAVES}
    for node, took in taken.items():
        leaf = leaves[node]
        for each in took:
            if not judge.may_take(leaf, each.held):
                yield f"{each.held.ref} counts in part {node}, and may not"
            most = judge.most(leaf, each.held)
            if leaf.get("divisible"):
                divided[scope[node], each.held.ref] += each.amount / most if most else Fraction(0)
                if not 0 < each.amount <= most:
                    yield f"{each.held.ref} counts for {each.amount} in part {node}, and may for {most} at the most"
                continue
            if each.amount != most:
                yield f"{each.held.ref} counts for {each.amount} in part {node}, and should for {most}"
            if (scope[node], each.held.ref) in seen:
                yield f"{each.held.ref} counts twice"
            seen.add((scope[node], each.held.ref))
            family = (scope[node], each.held.is_grade, each.held.key)
            if not leaf.get("pool", {}).get("repeats"):
                if family in families:
                    yield f"“{each.held.key}” counts twice, and repetition does not count"
                families.add(family)
    for (where, ref), share in divided.items():
        if share > 1 or (where, ref) in seen:
            yield f"{ref} counts for more than it is"


def could_be_met(judge: Judge, root: Json) -> bool:
    """Whether what is held could meet a part that is judged by itself: a small search, which says when it gives up."""
    understood(root)
    leaves = [part for part in every_part(root) if part["type"] in LEAVES]
    scope = scopes(root)
    held = sorted(judge.case.holdings.values(), key=lambda each: (each.earned_on, each.ref))
    choices = []
    for where in dict.fromkeys(scope[leaf["id"]] for leaf in leaves):
        for each in held:
            fitting = [leaf for leaf in leaves if scope[leaf["id"]] == where and judge.may_take(leaf, each)]
            if fitting:
                choices.append([None, *((leaf, each) for leaf in fitting)])
    if len(leaves) == 1 and not root.get("conditions") and "at_most" not in leaves[0]:
        # Everything that fits a single part may as well be taken.
        choices = [each[1:] for each in choices]
    elif any(leaf.get("divisible") for leaf in leaves):
        raise CannotCheck(f"part {root['id']} divides what it takes, which this program does not search through")
    if math.prod(len(each) for each in choices) > MOST_TRIES:
        raise CannotCheck(f"part {root['id']} looks at more than this program tries")
    return any(
        Allocation(judge, root, placed(judge, scope, [one for one in picked if one is not None])).is_met(root)
        for picked in product(*choices)
    )


def placed(judge: Judge, scope: Mapping[str, str], picked: Sequence[tuple[Json, Held]]) -> Taken:
    """What is taken if these are put where they are picked for; what may not count twice is left out."""
    taken: Taken = {}
    families: set[tuple[str, bool, str]] = set()
    for leaf, held in picked:
        family = (scope[leaf["id"]], held.is_grade, held.key)
        single = leaf["type"] in ("holds", "passed") and leaf["id"] in taken
        repeats = leaf.get("pool", {}).get("repeats") or leaf.get("divisible")
        if not single and (repeats or family not in families):
            if not repeats:
                families.add(family)
            taken.setdefault(leaf["id"], []).append(took(judge, leaf, held))
    return taken


def took(judge: Judge, leaf: Json, held: Held, amount: Fraction | None = None) -> Took:
    unit = leaf.get("unit", "credits") if leaf["type"] == "amount" else None
    return Took(leaf["id"], held, judge.most(leaf, held) if amount is None else amount, unit)


def understood(root: Json) -> None:
    """Refuse a rule that says anything this program does not know."""
    known = {**LEAVES, **GROUPS, **CHECKS}
    for part in every_part(root):
        name = part.get("type")
        if name not in known:
            raise CannotCheck(f"part {part.get('id')} is of the type “{name}”, which this program does not know")
        only(part, f"part {part['id']}", "type", "id", *known[name])
        for condition in part.get("conditions", ()):
            if condition.get("type") not in CONDITIONS:
                raise CannotCheck(
                    f"condition {condition.get('id')} is of the type “{condition.get('type')}”, "
                    "which this program does not know"
                )
            only(condition, f"condition {condition['id']}", "type", "id", *CONDITIONS[condition["type"]])
        if "part" in part:
            understood(part["part"])


# --- names, substitutes and renewals ----------------------------------------------------------------------------------


def rewritten(rule: Json, root: Json, case: Case, on: date) -> Json:
    """What is held as the rule means it: one name for each achievement, what stands in for it, what was renewed."""
    names = {name: each["names"][0] for each in rule.get("same", ()) for name in each["names"]}
    root = renamed(with_facts(root, case), names)
    for exceptions in case.exceptions.values():
        for each in exceptions:
            if "key" in each:
                each["key"] = names.get(each["key"], each["key"])
    for held in case.holdings.values():
        held.key = held.key if held.is_grade else names.get(held.key, held.key)
    for renewal in rule.get("renewals", ()):
        renew(Judge(case, on), renamed(renewal, names))
    for each in rule.get("substitutes", ()):
        stand_in(Judge(case, on), renamed(each, names), names)
    for each in rule.get("barred", ()):
        bar(Judge(case, on), each, names)
        case.on_trust.add("that nothing else was held of what bars each other")
    return root


def with_facts(value: Any, case: Case) -> Any:
    """The same part of a rule with the minima that facts ask for; a fact that is not known asks for all there is."""
    if isinstance(value, list):
        return [with_facts(each, case) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: with_facts(content, case) for name, content in value.items()}
    if found.get("type") in ("count", "amount", "limit") and (fact := found.pop("at_least_fact", "")):
        known = [much for word in case.words(fact) if (much := number_or_none(word)) is not None]
        asked = max(number(found.get("at_least", 0)), min(known, default=UNREACHABLE))
        found["at_least"] = math.ceil(asked) if found["type"] == "count" else str(asked)
    if found.get("type") == "amount" and (fact := found.pop("less_fact", "")):
        brought = [much for word in case.words(fact) if (much := number_or_none(word)) is not None]
        found["at_least"] = str(max(Fraction(0), number(found["at_least"]) - max((Fraction(0), *brought))))
    return found


def bar(judge: Judge, barred: Json, names: Mapping[str, str]) -> None:
    """Of achievements that bar each other one is left; what it bars stands no more."""
    only(barred, "what bars each other", "names", "keeps")
    keys = {names.get(name, name) for name in barred["names"]} | set(barred["names"])
    rivals = [each for each in judge.case.holdings.values() if not each.is_grade and each.key in keys]
    rivals = sorted((each for each in rivals if judge.stands(each)), key=lambda each: each.earned_on)
    if len({each.key for each in rivals}) < 2:
        return
    days, best = [each.earned_on for each in rivals], max((each.grade or -1) for each in rivals)
    kept = {
        "first": [each for each in rivals if each.earned_on == days[0]],
        "last": [each for each in rivals if each.earned_on == days[-1]],
        "best": [each for each in rivals if (each.grade or -1) == best],
    }.get(barred["keeps"], [])
    if len({each.key for each in kept}) != 1:
        raise CannotCheck("of several that bar each other, which one counts")
    for each in rivals:
        if each.key != kept[0].key:
            each.status = "barred"


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The same part of a rule with each achievement called by its one name."""
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, content in value.items():
        if name in ("achievements", "without_achievements", "any_of"):
            found[name] = list(dict.fromkeys(names.get(each, each) for each in content))
        else:
            found[name] = renamed(content, names)
    return found


def renew(judge: Judge, renewal: Json) -> None:
    """Each holding of `by` lengthens what is of the pool `of` and still valid on its day, or within the grace."""
    only(renewal, "a renewal", "of", "by", "period", "grace", "extends", "extends_within")
    everything = list(judge.case.holdings.values())
    renewing = sorted(
        (each for each in everything if judge.in_pool(each, renewal["by"])), key=lambda each: (each.earned_on, each.ref)
    )
    changes: list[tuple[Held, date | None]] = []
    for held in everything:
        if held.until is None or not judge.in_pool(held, renewal["of"]):
            continue
        until = held.until
        lasts = False
        for by in renewing:
            last = end_of(until, renewal["grace"]) if "grace" in renewal else until
            if by is held or not held.earned_on <= by.earned_on <= last:
                continue
            ends = by.until
            if "period" in renewal:
                near = "extends_within" in renewal and by.earned_on >= earliest_within(until, renewal["extends_within"])
                ends = end_of(until if renewal.get("extends") or near else by.earned_on, renewal["period"])
            if ends is None:
                lasts = True
                break
            until = max(until, ends)
        changes.append((held, None if lasts else until))
    for held, ends in changes:
        held.until = ends
        if held.status == "expired" and (ends is None or ends >= judge.on):
            held.status = "active"


def stand_in(judge: Judge, substitute: Json, names: Mapping[str, str]) -> None:
    """What is of the pool stands for another achievement, with the credits that are said."""
    only(substitute, "a substitute", "of", "achievement", "property", "credits")
    for held in [each for each in judge.case.holdings.values() if judge.in_pool(each, substitute["of"])]:
        found = [substitute["achievement"]] if substitute.get("achievement") else held.tagged(substitute["property"])
        if found:
            held.key = names.get(found[0], found[0])
            held.tags = held.tags | {"substitute"}
            if "credits" in substitute:
                held.amounts["credits"] = number(substitute["credits"])


# --- exceptions -----------------------------------------------------------------------------------------------------


def excepted(root: Json, exceptions: Sequence[Json]) -> tuple[Json, dict[str, list[Json]]]:
    """The rule with the numbers and times that people changed, and all exceptions by their part."""
    root = json.loads(json.dumps(root))
    nodes = {}
    for part in with_inner(root):
        nodes[part["id"]] = part
        nodes |= {each["id"]: each for each in part.get("conditions", ())}
    found: dict[str, list[Json]] = {}
    for each in exceptions:
        only(each, "an exception", "type", "node", "key", "field", "value")
        node = nodes.get(each["node"])
        if node is None:
            raise DoesNotFit(f"an exception is made to part {each['node']}, which the rule does not have")
        found.setdefault(each["node"], []).append(each)
        match each["type"]:
            case "waiver" | "substitution":
                pass
            case "extra_choice":
                pool = node["pool"]
                if pool.get("without_achievements"):
                    pool["without_achievements"] = [key for key in pool["without_achievements"] if key != each["key"]]
            case "changed_limit" | "extension":
                change(node, each["field"].split("."), each["value"])
            case _:
                raise CannotCheck(f"an exception of the type “{each['type']}”, which this program does not know")
    return root, found


def with_inner(part: Json) -> Iterator[Json]:
    for each in every_part(part):
        yield each
        if "part" in each:
            yield from with_inner(each["part"])


def change(node: Json, steps: Sequence[str], value: str) -> None:
    for step in steps[:-1]:
        node = node.setdefault(step, {})
    before_it = node.get(steps[-1])
    amount, _space, unit = value.partition(" ")
    if unit in ("days", "months", "years") and amount.isdecimal():
        kept = {
            name: True for name in ("whole_months", "exclusive") if isinstance(before_it, dict) and name in before_it
        }
        node[steps[-1]] = {unit: int(amount), **kept}
    else:
        node[steps[-1]] = int(value) if value.isdecimal() else value


# --- documents ------------------------------------------------------------------------------------------------------


class Documents:
    """What was handed in, fitted together. `wrong`, `missing` and `trusted` collect what is found."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.missing: list[str] = []
        self.trusted: set[str] = set()
        self.receipt: Json = {}
        self.credential: Json = {}
        # By the address of each; what was opened by its number, its kind and name, or its kind and hash.
        self.parts: Json = {}
        self.lists: Json = {}
        self.openings: dict[Any, Any] = {}

    def read(self, arguments: Any) -> None:
        content, self.receipt = read(arguments.receipt)
        self.check_receipt(content)
        digest = sha256(content)
        for path in arguments.openings:
            self.check_openings(path, read(path)[1], digest)
        for path in arguments.status_list:
            found = read(path)[1]
            self.lists[str(found.get("id"))] = found
        for path in arguments.part:
            found = read(path)[1]
            self.parts[str(found.get("id"))] = found
        if arguments.credential:
            self.credential = read(arguments.credential)[1]
            self.check_credential(content)
        else:
            self.trusted.add("that the issuer made this receipt: no credential was given that vouches for it")
        self.check_parts()

    def check_receipt(self, content: bytes) -> None:
        receipt = self.receipt
        names = [
            "type",
            "format",
            "achievement",
            "rule",
            "evaluated_on",
            "time_zone",
            "evaluator",
            "satisfied",
            "holdings",
            "facts",
            "others",
        ]
        only(receipt, "the receipt", *names, "sign_offs", "allocation", "exceptions", "results")
        if receipt.get("type") != "DerivationReceipt" or receipt.get("format") != 1:
            raise CannotCheck("the receipt is not of a form that this program knows")
        if content != canonical(receipt):
            self.wrong.append("the receipt is not spelt as receipts are, so that its hash says nothing")
        if sha256(canonical(receipt["rule"]["document"])) != receipt["rule"]["sha256"]:
            self.wrong.append("the rule in the receipt is not the one whose hash it names")
        if receipt["satisfied"] is not True:
            self.wrong.append("the receipt itself says that the rule was not satisfied")

    def check_openings(self, path: str, given: Json, digest: str) -> None:
        if given.get("receipt") != digest:
            self.wrong.append(f"{path}: these openings are of another receipt")
        for ref, opening in given.get("holdings", {}).items():
            sealed = self.receipt["holdings"].get(ref)
            if sealed is None or sha256(canonical(opening)) != sealed["sha256"]:
                self.wrong.append(f"the opening of {ref} is not what the receipt seals")
            else:
                self.openings[ref] = opening["holding"]
        for name, opening in given.get("facts", {}).items():
            if sha256(canonical(opening)) != self.receipt["facts"].get(name):
                self.wrong.append(f"the opening of the fact “{name}” is not what the receipt seals")
            else:
                self.openings["fact", name] = opening["value"]
        for opening in given.get("others", ()):
            digest_of = sha256(canonical(opening))
            if digest_of not in self.receipt["others"]:
                self.wrong.append("the opening of another qualification is not what the receipt seals")
            else:
                self.openings["other", digest_of] = opening["other"]

    def check_credential(self, content: bytes) -> None:
        credential, receipt = self.credential, self.receipt
        digest = "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()
        related = credential.get("relatedResource", [])
        vouched = [each.get("digestSRI") for each in (related if isinstance(related, list) else [related])]
        if digest not in vouched:
            self.wrong.append("the credential does not vouch for this receipt")
        achievement = credential.get("credentialSubject", {}).get("achievement", {}).get("id")
        if achievement != receipt["achievement"]:
            self.wrong.append(f"the credential is of {achievement}, the receipt of {receipt['achievement']}")
        self.check_day("the credential", credential.get("awardedDate"), day_of(receipt["evaluated_on"]))
        self.check_status("the credential", credential)
        evidence = credential.get("evidence", [])
        named = {each.get("id") for each in evidence}
        used = {taken["holding"] for part in receipt["allocation"].values() for taken in part}
        for ref in sorted(used):
            part = receipt["holdings"].get(ref, {}).get("credential")
            if part is not None and part["id"] not in named:
                self.wrong.append(f"the credential does not name the part {part['id']} as its evidence")

    def check_parts(self) -> None:
        used = {taken["holding"] for part in self.receipt["allocation"].values() for taken in part}
        for ref, sealed in self.receipt["holdings"].items():
            part = sealed.get("credential")
            if part is None:
                if ref in self.openings:
                    self.trusted.add(f"what {ref} says: it is no credential of its own")
                continue
            document = self.parts.get(part["id"])
            if document is None:
                if ref in used:
                    self.trusted.add(f"what {ref} says: its credential {part['id']} was not given")
                continue
            self.check_part(ref, part, document)

    def check_part(self, ref: str, part: Json, document: Json) -> None:
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        spelt = json.dumps(unsigned, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        if sha256(spelt) != part["sha256"]:
            self.wrong.append(f"the credential {part['id']} is not the one that counted as {ref}")
            return
        self.check_status(f"the part {ref}", document)
        said = self.openings.get(ref)
        if said is None:
            return
        subject = document.get("credentialSubject", {})
        achievement = subject.get("achievement", {})
        if str(achievement.get("id", "")).rpartition("/")[2] != said["key"]:
            self.wrong.append(f"{ref} counted as “{said['key']}”, and its credential is of {achievement.get('id')}")
        if number(said.get("credits", 0)) != Fraction(str(subject.get("creditsEarned", 0))):
            self.wrong.append(f"{ref} does not have the credits that its credential says")
        if said.get("subject", "") != achievement.get("fieldOfStudy", ""):
            self.wrong.append(f"{ref} is not of the subject that its credential says")
        self.check_day(ref, document.get("awardedDate"), day_of(said["earned_on"]))
        if "validUntil" in document or "until" in said:
            self.check_day(ref, document.get("validUntil"), day_of(said["until"]) if "until" in said else None)

    def check_day(self, what: str, moment: Any, day: date | None) -> None:
        """Whether a moment lies on a day in the institution's own time zone, or near it if that zone is not here."""
        try:
            read_moment = datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
        except ValueError:
            self.wrong.append(f"{what} has no date where there should be {day}")
            return
        try:
            zone = zoneinfo.ZoneInfo(self.receipt["time_zone"])
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            self.trusted.add(f"the very day of {what}: this machine does not know the time zone")
            if day is None or abs((read_moment.date() - day).days) > 1:
                self.wrong.append(f"{what} is dated {moment}, and not {day}")
            return
        if day != read_moment.astimezone(zone).date():
            self.wrong.append(f"{what} is dated {moment}, and not {day}")

    def check_status(self, what: str, document: Json) -> None:
        entry = document.get("credentialStatus")
        if not isinstance(entry, dict):
            return
        listed = self.lists.get(str(entry.get("statusListCredential")))
        if listed is None:
            self.trusted.add(f"that {what} still stands: no status list was given for it")
            return
        if bit_of(listed, entry):
            self.wrong.append(f"{what} was revoked or suspended")


def bit_of(listed: Json, entry: Json) -> bool:
    """One bit of a Bitstring Status List 1.0, the first being the highest of the first byte."""
    try:
        encoded = listed["credentialSubject"]["encodedList"].removeprefix("u")
        bits = gzip.decompress(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        index = int(entry["statusListIndex"])
        return bool(bits[index // 8] >> (7 - index % 8) & 1)
    except (KeyError, ValueError, IndexError, OSError, EOFError, TypeError, AttributeError) as error:
        raise CannotCheck(f"the status list {listed.get('id')} cannot be read ({error})") from None


# --- the whole ------------------------------------------------------------------------------------------------------


def replay(documents: Documents) -> None:
    """Check the allocation and the results of a receipt."""
    receipt = documents.receipt
    rule = receipt["rule"]["document"]
    only(rule, "the rule", *RULE)
    if rule.get("format") != 1:
        raise CannotCheck("the rule is not of a format that this program knows")
    root, exceptions = excepted(rule["root"], receipt["exceptions"])
    understood(root)
    used = [ref for part in receipt["allocation"].values() for ref in (taken["holding"] for taken in part)]
    sealed = sorted(set(used) - set(documents.openings))
    for ref in sealed:
        if ref not in receipt["holdings"]:
            raise DoesNotFit(f"{ref} counts, and is not among the holdings")
    looked_at = sorted(ref for ref in receipt["holdings"] if ref not in documents.openings)
    if looked_at:
        raise CannotCheck(f"{', '.join(looked_at)}: sealed, and not opened")
    case = Case(
        {ref: Held(ref, documents.openings[ref]) for ref in receipt["holdings"]},
        {name: documents.openings.get(("fact", name)) for name in receipt["facts"]},
        receipt["sign_offs"],
        others_of(documents),
        exceptions,
    )
    judge = Judge(case, day_of(receipt["evaluated_on"]))
    root = rewritten(rule, root, case, judge.on)
    parts = {part["id"]: part for part in every_part(root)}
    taken = {}
    for node, allotted in receipt["allocation"].items():
        if node not in parts:
            raise DoesNotFit(f"something counts in part {node}, which the rule does not have")
        if parts[node]["type"] == "duration":
            # It takes nothing; what stands there shows by what it was met.
            continue
        if parts[node]["type"] not in LEAVES:
            raise DoesNotFit(f"something counts in part {node}, which takes nothing")
        taken[node] = [
            took(judge, parts[node], case.holdings[each["holding"]], number(each["amount"])) for each in allotted
        ]
    documents.wrong += counted_fairly(judge, root, taken)
    allocation = Allocation(judge, root, taken)
    if not allocation.is_met(root):
        documents.wrong += [f"the rule is not met: {words}" for words in lacking(allocation, root)]
    check_results(documents, rule.get("results", ()), allocation)
    documents.trusted |= case.on_trust


def others_of(documents: Documents) -> list[Json]:
    found = []
    for digest in documents.receipt["others"]:
        if ("other", digest) not in documents.openings:
            raise CannotCheck("another qualification is sealed, and was not opened")
        found.append(documents.openings["other", digest])
    return found


def lacking(allocation: Allocation, part: Json) -> list[str]:
    """The innermost parts by which the whole is not met."""
    if part["type"] in GROUPS:
        below = [words for each in part["parts"] if not allocation.is_met(each) for words in lacking(allocation, each)]
        if not allocation.is_fulfilled(part):
            return below or [f"part {part['id']}"]
    elif not allocation.is_fulfilled(part):
        return [f"part {part['id']}"]
    return [f"condition {node} of part {part['id']}" for node in allocation.broken_conditions(part)]


def check_results(documents: Documents, asked: Sequence[Json], allocation: Allocation) -> None:
    given = documents.receipt["results"]
    if set(given) != {each["name"] for each in asked}:
        documents.wrong.append("the results are not those that the rule asks for")
        return
    numbers: dict[str, Fraction | None] = {}
    for each in asked:
        name, found = each["name"], given[each["name"]]
        match each["type"]:
            case "total" | "figure" | "listing" | "expiry" if can_work_out(each, numbers):
                expected: Any
                if each["type"] == "figure":
                    numbers[name] = figure(each, allocation, numbers)
                    expected = banded(each, numbers[name])
                else:
                    expected = RESULTS[each["type"]](each, allocation)
                    numbers |= {name: expected} if each["type"] == "total" else {}
                if not is_same(found, expected):
                    documents.wrong.append(f"the result “{name}” is {found}, and does not follow from what counted")
            case "titles":
                only(each, f"the result “{name}”", "type", "name", "titles", "give")
                check_titles(documents, each, found, allocation)
            case _:
                documents.trusted.add(f"the result “{name}”, which this program cannot work out")


def can_work_out(asked: Json, numbers: Mapping[str, Fraction | None]) -> bool:
    """Whether it is of what counted: all that was held is not in the documents; or made of what is."""
    return asked.get("over", "counted") == "counted" and all(
        each["result"] in numbers for each in asked.get("made_of", ())
    )


def is_same(found: Any, expected: Any) -> bool:
    """Whether a result says what it should; a number without end is rounded to six places."""
    if isinstance(expected, Fraction):
        return isinstance(found, int | str) and abs(number(found) - expected) <= Fraction(1, 2_000_000)
    return sorted(found) == expected if isinstance(expected, list) else found == expected


def counted_once(allocation: Allocation) -> dict[str, list[tuple[Json, Took]]]:
    """What counted, each holding once, however often it was shared."""
    by_ref: dict[str, list[tuple[Json, Took]]] = {}
    for node, taken in allocation.taken.items():
        for each in taken:
            by_ref.setdefault(each.held.ref, []).append((allocation.parts[node], each))
    return by_ref


def counted(places: Sequence[tuple[Json, Took]], measure: str) -> Fraction:
    """How much of a holding counted: what sums in this measure took of it, or else all of it."""
    held = places[0][1].held
    whole = Fraction(1) if measure == "count" else held.amount(measure)
    sums = [each.amount for part, each in places if part["type"] == "amount" and each.unit == measure]
    if not sums:
        return whole
    return sums[0] if len(sums) == 1 else min(whole, sum(sums, Fraction(0)))


def total(asked: Json, allocation: Allocation) -> Fraction:
    only(asked, "a total", "type", "name", "measure")
    measure = asked.get("measure", "credits")
    return sum((counted(places, measure) for places in counted_once(allocation).values()), Fraction(0))


FIGURE = (
    "type", "name", "give", "measure", "of", "over", "best", "minus", "per", "at_most", "places", "rounded", "rates",
    "values", "bands", "last", "property", "blend", "step", "made_of", "by",
    "at_most_each",
)  # fmt: skip


def figure(asked: Json, allocation: Allocation, numbers: Mapping[str, Fraction | None]) -> Fraction | None:
    """The number before it is said as the word of a band; `numbers` are those that it may be made of."""
    only(asked, "a figure", *FIGURE)
    if asked.get("made_of"):
        value: Fraction | None = made_of(asked, numbers)
    else:
        value = of_what_counted(asked, allocation)
    return None if value is None else finished(asked, value)


def made_of(asked: Json, numbers: Mapping[str, Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for each in asked["made_of"]:
        only(each, "what a result is made of", "result", "times")
        value = numbers[each["result"]]
        if value is None:
            return None
        total += value * number(each.get("times", 1))
    return total


def of_what_counted(asked: Json, allocation: Allocation) -> Fraction | None:
    measure, judge = asked.get("measure", "credits"), allocation.judge
    taken = []
    for places in counted_once(allocation).values():
        held = places[0][1].held
        if "of" in asked and not judge.in_pool(held, asked["of"]):
            continue
        if asked.get("rates"):
            much = judge.weighed(Took("", held, Fraction(1)), measure, asked["rates"])
        else:
            much = counted(places, measure)
        taken.append((held, much))
    inside = within_groups(asked, taken)
    return summed(asked, inside) if asked.get("give", "total") == "total" else of_grades(asked, inside, judge)


def within_groups(asked: Json, taken: Counted) -> Counted:
    """Of each group at most so much: of a sum the greater first, of an average the better."""
    if "at_most_each" not in asked:
        return taken

    def rank(one: tuple[Held, Fraction]) -> Fraction:
        grade = one[1] if asked.get("give", "total") == "total" else grade_by(one[0], asked)
        return Fraction(-1) if grade is None else grade

    left: dict[str, Fraction] = {}
    found = []
    for held, much in sorted(taken, key=rank, reverse=True):
        group = min(held.words(asked["by"]), default="")
        room = left.setdefault(group, number(asked["at_most_each"]))
        left[group] = max(Fraction(0), room - much)
        found.append((held, min(much, room)))
    return [(held, much) for held, much in found if much > 0]


def finished(asked: Json, value: Fraction) -> Fraction:
    value = max(Fraction(0), value - number(asked["minus"])) if "minus" in asked else value
    if "per" in asked:
        value /= number(asked["per"])
        # Where nothing rounds it, only whole ones count.
        value = value if "places" in asked or "step" in asked else Fraction(math.floor(value))
    value = min(value, number(asked["at_most"])) if "at_most" in asked else value
    if "step" in asked:
        value = stepped(value, asked)
    if "places" in asked:
        value = rounded(value * 10 ** asked["places"], asked.get("rounded", "nearest")) / 10 ** asked["places"]
    return value


def banded(asked: Json, value: Fraction | None) -> Fraction | str | None:
    """The number, or the word of the highest band that it reaches."""
    if value is None or not asked.get("bands"):
        return value
    reached = [band for band in asked["bands"] if value >= number(band["at_least"])]
    return max(reached, key=lambda band: number(band["at_least"]))["word"] if reached else None


def summed(asked: Json, taken: Counted) -> Fraction:
    parts = sorted((much for _, much in taken), reverse=True)
    return sum(parts[: asked["best"]] if "best" in asked else parts, Fraction(0))


def of_grades(asked: Json, taken: Counted, judge: Judge) -> Fraction | None:
    """The average, the lowest or the highest of the grades of what counted; none if nothing is graded."""
    marks = [(held, grade, much) for held, much in taken if (grade := grade_by(held, asked)) is not None]
    if asked["give"] == "average":
        return judge.average_of(asked, marks)
    grades = [grade for _, grade, _ in newest_marks(marks, asked)]
    return (min if asked["give"] == "lowest" else max)(grades, default=None)


def listing(asked: Json, allocation: Allocation) -> list[str]:
    only(asked, "a listing", "type", "name", "node", "give")
    node = asked.get("node", "")
    inside = {part["id"] for part in every_part(allocation.parts[node])} if node else set(allocation.taken)
    held = [each.held for part, taken in allocation.taken.items() if part in inside for each in taken]
    return sorted({each.key if asked.get("give", "achievement") == "achievement" else each.ref for each in held})


def expiry(asked: Json, allocation: Allocation) -> str | None:
    only(asked, "an expiry", "type", "name", "after", "of", "counted", "latest")
    judge = allocation.judge
    held = [places[0][1].held for places in counted_once(allocation).values()]
    held = [each for each in held if "of" not in asked or judge.in_pool(each, asked["of"])]
    ends = [each.until for each in held if each.until is not None]
    if "after" in asked:
        days = [each.earned_on for each in held] if "counted" in asked else [judge.on]
        ends += [end_of((max if asked.get("counted") == "last" else min)(days), asked["after"])] if days else []
    return (max if asked.get("latest") else min)(ends).isoformat() if ends else None


RESULTS = {"total": total, "listing": listing, "expiry": expiry}


def check_titles(documents: Documents, asked: Json, found: Any, allocation: Allocation) -> None:
    waived = [each["node"] for each in documents.receipt["exceptions"] if each["type"] == "waiver"]
    # What need not be met, and all below it, bears no word.
    spared = {part["id"] for node in waived if node in allocation.parts for part in every_part(allocation.parts[node])}
    met = [
        title["word"]
        for title in asked["titles"]
        if title["node"] in allocation.parts
        and title["node"] not in spared
        and allocation.is_met(allocation.parts[title["node"]])
    ]
    known = [title["word"] for title in asked["titles"]]
    words = found if isinstance(found, list) else [] if found is None else [found]
    match asked.get("give", "all"):
        case "number":
            fits = isinstance(found, int) and len(met) <= found <= len(known)
        case "all":
            fits = set(met) <= set(words) <= set(known)
        case _:
            fits = set(words) <= set(known) and (not met or bool(words))
    if not fits:
        documents.wrong.append(f"the result “{asked['name']}” does not follow from the parts that are met")
    elif words != met and found != len(met):
        documents.trusted.add(f"the result “{asked['name']}”: a part bears it that nothing was needed to count in")


def verdict_on(documents: Documents, arguments: Any) -> Json:
    """Read everything and judge it. What is wrong is wrong, whatever else could not be looked at."""
    try:
        documents.read(arguments)
        replay(documents)
    except DoesNotFit as reason:
        documents.wrong.append(str(reason))
    except CannotCheck as reason:
        documents.missing.append(str(reason))
    except OSError as error:
        documents.missing.append(str(error))
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        documents.missing.append(f"a document has another shape than it should ({type(error).__name__}: {error})")
    verdict = "does not agree" if documents.wrong else "cannot be checked" if documents.missing else "agrees"
    found = {"wrong": documents.wrong, "missing": documents.missing, "trusted": sorted(documents.trusted)}
    return {"verdict": verdict, **found}


def main() -> int:
    parser = argparse.ArgumentParser(description="Replay the decision behind a credential from its public documents.")
    parser.add_argument("receipt", help="the receipt of the derivation")
    parser.add_argument("--credential", help="the signed credential that vouches for it")
    parser.add_argument("--openings", action="append", default=[], help="what opens the sealed holdings")
    parser.add_argument("--part", action="append", default=[], help="the signed credential of a part")
    parser.add_argument("--status-list", action="append", default=[], help="a status list that a credential names")
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    arguments = parser.parse_args()
    found = verdict_on(Documents(), arguments)
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        print(found["verdict"])
        for reason in found["wrong"]:
            print(f"- does not fit: {reason}")
        for reason in found["missing"]:
            print(f"- cannot be checked: {reason}")
        for reason in found["trusted"]:
            print(f"- taken on the issuer’s word: {reason}")
    return {"agrees": 0, "does not agree": 1, "cannot be checked": 2}[found["verdict"]]


if __name__ == "__main__":
    sys.exit(main())
