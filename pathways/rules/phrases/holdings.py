"""Puts into words what a single holding must be like: pools, tests, days and periods."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from pathways.rules.phrases.language import WORDS, Language, counted, gettext_noop, number, ratio
from pathways.rules.requirement import (
    Day,
    DayTest,
    FactDay,
    HoldingDay,
    NumberTest,
    Period,
    Pool,
    ScaleTest,
    Today,
    Where,
)


class Phrases:
    """Words for one reader."""

    def __init__(self, names: Mapping[str, str], language: Language) -> None:
        self.names = names
        self.language = language
        self._ = language.gettext
        self.ngettext = language.ngettext

    def name(self, key: str) -> str:
        """What people call it; a key without a name stands for itself."""
        return self.names.get(key, key)

    def word(self, key: str) -> str:
        """A word of the language, or what people call it."""
        return self._(WORDS[key]) if key in WORDS and key not in self.names else self.name(key)

    def amount(self, value: Decimal | int, measure: str) -> str:
        """So much of it, with its unit."""
        count = counted(value)
        match measure:
            case "count":
                template = self.ngettext("{amount} achievement", "{amount} achievements", count)
            case "credits":
                template = self.ngettext("{amount} credit", "{amount} credits", count)
            case "hours":
                template = self.ngettext("{amount} hour", "{amount} hours", count)
            case "points":
                template = self.ngettext("{amount} point", "{amount} points", count)
            case "days":
                template = self.ngettext("{amount} day", "{amount} days", count)
            case "months":
                template = self.ngettext("{amount} month", "{amount} months", count)
            case "years":
                template = self.ngettext("{amount} year", "{amount} years", count)
            case _:
                template = self._("{amount} {unit}")
        return template.format(amount=number(value), unit=self.word(measure))

    def more(self, value: Decimal | int, measure: str) -> str:
        """So much of it yet to come, with its unit."""
        count = counted(value)
        match measure:
            case "credits":
                template = self.ngettext("{amount} more credit", "{amount} more credits", count)
            case "hours":
                template = self.ngettext("{amount} more hour", "{amount} more hours", count)
            case "points":
                template = self.ngettext("{amount} more point", "{amount} more points", count)
            case "days":
                template = self.ngettext("{amount} more day", "{amount} more days", count)
            case "months":
                template = self.ngettext("{amount} more month", "{amount} more months", count)
            case "years":
                template = self.ngettext("{amount} more year", "{amount} more years", count)
            case _:
                template = self._("{amount} more {unit}")
        return template.format(amount=number(value), unit=self.word(measure))

    def joined(self, phrases: Iterable[str], word: str) -> str:
        listed = list(phrases)
        if len(listed) < 3:
            return f" {word} ".join(listed)
        return ", ".join(listed[:-1]) + f", {word} " + listed[-1]

    def either(self, keys: Iterable[str]) -> str:
        return self.joined((self.name(key) for key in keys), self._("or"))

    def ranged(self, least: Decimal | int, most: Decimal | int | None, measure: str) -> str:
        """Between so much and so much, with its unit."""
        if least == 0 and most is None:
            return self._("any number of {unit}").format(unit=self.word(measure))
        least_said = self.amount(least, measure) if most in (None, least) else number(least)
        return self.range_of(least_said, None if most is None else self.amount(most, measure))

    def range_of(self, least: str, most: str | None) -> str:
        if least == "0":
            return self._("up to {most}").format(most=most) if most is not None else self._("any number of")
        if most is None:
            return self._("at least {least}").format(least=least)
        if most == least:
            return self._("exactly {least}").format(least=least)
        return self._("{least} to {most}").format(least=least, most=most)

    def pool(self, pool: Pool) -> str:
        listed = self.either(pool.achievements)
        if pool.without_achievements:
            listed += self._(" other than {achievements}").format(achievements=self.either(pool.without_achievements))
        repeats = self._(", repetitions included") if pool.repeats else ""
        return listed + self.where(pool) + repeats

    def where(self, where: Where) -> str:
        said = [*self._quality(where), *self._origin(where), *self._time(where), *self._beside(where)]
        return "".join(" " + phrase for phrase in said)

    def _quality(self, where: Where) -> Iterable[str]:
        if where.grade_at_least is not None:
            yield self._("with at least {grade} % of the marks").format(grade=number(where.grade_at_least))
        if where.marks:
            yield self._("graded {marks}").format(marks=self.either(where.marks))
        if where.level_at_least is not None and where.level_at_least == where.level_at_most:
            yield self._("at level {level}").format(level=where.level_at_least)
        elif where.level_at_least is not None and where.level_at_most is not None:
            yield self._("at level {least} to {most}").format(least=where.level_at_least, most=where.level_at_most)
        elif where.level_at_least is not None:
            yield self._("at level {level} or above").format(level=where.level_at_least)
        elif where.level_at_most is not None:
            yield self._("at level {level} or below").format(level=where.level_at_most)
        tests: tuple[NumberTest | ScaleTest, ...] = (*where.numbers, *where.scales)
        for test in tests:
            yield self._("whose {property} {conditions}").format(
                property=self.word(test.of), conditions=self._bounds(test)
            )

    def _bounds(self, test: NumberTest | ScaleTest) -> str:
        said = []
        for bound, fact, template in (
            (test.at_least, test.at_least_fact, gettext_noop("is at least {bound}")),
            (test.at_most, test.at_most_fact, gettext_noop("is at most {bound}")),
        ):
            if bound not in (None, ""):
                word = bound if isinstance(bound, str) else number(bound)
                said.append(self._(template).format(bound=word))
            if fact:
                said.append(self._(template).format(bound=self.fact(fact)))
        if isinstance(test, NumberTest):
            for own, template in (
                (test.at_least_of, gettext_noop("is at least its own {property}")),
                (test.at_most_of, gettext_noop("is at most its own {property}")),
            ):
                if own:
                    word = self.word(own)
                    if test.times != 1:
                        word = self._("{property} times {times}").format(property=word, times=ratio(test.times))
                    said.append(self._(template).format(property=word))
        if isinstance(test, ScaleTest):
            said.append(self._("on the scale {words}").format(words=", ".join(test.scale)))
        return self.joined(said, self._("and"))

    def more_by_fact(self, name: str) -> str:
        return self._(" and as many as {fact}").format(fact=self.fact(name)) if name else ""

    def fact(self, name: str) -> str:
        return self._("the learner's {fact}").format(fact=self.name(name))

    def _origin(self, where: Where) -> Iterable[str]:
        if where.with_tags:
            groups = self.joined((self.name(key) for key in where.with_tags), self._("and"))
            yield self._("from the group {names}").format(names=groups)
        if where.either:
            each = self.joined((self.alternative(one) for one in where.either), self._("or"))
            yield self._("either {parts}").format(parts=each)
        for keys, template in (
            (where.kinds, gettext_noop("of the kind {names}")),
            (where.subjects, gettext_noop("in {names}")),
            (where.tags, gettext_noop("from the group {names}")),
            (where.tags_as_facts, gettext_noop("with the learner's own {names}")),
            (where.used_in, gettext_noop("used in {names}")),
            (where.not_used_in, gettext_noop("not used in another {names}")),
            (where.without_tags, gettext_noop("not from the group {names}")),
            (where.skills, gettext_noop("showing {names}")),
            (where.issuers, gettext_noop("issued by {names}")),
            (where.sources, gettext_noop("obtained by {names}")),
            (where.statuses, gettext_noop("with the status {names}")),
        ):
            if keys:
                yield self._(template).format(names=self._("qualification") if "*" in keys else self.either(keys))
        for match in where.matches:
            yield self._("whose {property} is {fact}").format(property=self.word(match.of), fact=self.fact(match.fact))
        if where.uses_at_most is not None:
            yield self.ngettext(
                "used in no more than {count} other qualification",
                "used in no more than {count} other qualifications",
                where.uses_at_most,
            ).format(count=where.uses_at_most)

    def _time(self, where: Where) -> Iterable[str]:
        if where.earned_since is not None and where.earned_until is not None:
            yield self._("earned from {first} to {last}").format(
                first=self.day(where.earned_since), last=self.day(where.earned_until)
            )
        elif where.earned_since is not None:
            yield self._("earned on {day} or later").format(day=self.day(where.earned_since))
        elif where.earned_until is not None:
            yield self._("earned on {day} or earlier").format(day=self.day(where.earned_until))
        if where.earned_within is not None:
            yield self._("earned in the last {period}").format(period=self.period(where.earned_within))
        if where.held_for is not None:
            yield self._("held for at least {period}").format(period=self.period(where.held_for))
        for day, template in (
            (where.ended_since, gettext_noop("that ended on {day} or later")),
            (where.ended_until, gettext_noop("that ended on {day} or earlier")),
            (where.current_on, gettext_noop("that was valid on {day}")),
        ):
            if day is not None:
                yield self._(template).format(day=self.day(day))
        for test in where.days:
            yield self._day_test(test)
        if where.lasting is not None:
            yield self._("that lasted at least {period}").format(period=self.period(where.lasting))
        if where.current:
            yield self._("that has not expired")
        if where.valid_for is not None:
            yield self._("that remains valid for {period}").format(period=self.period(where.valid_for))
        if where.attempt is not None:
            yield self._("of the {attempt} attempt").format(attempt=self.word(where.attempt))

    def _day_test(self, test: DayTest) -> str:
        said = []
        if test.since is not None:
            said.append(self._("is {day} or later").format(day=self.day(test.since)))
        if test.until is not None:
            said.append(self._("is {day} or earlier").format(day=self.day(test.until)))
        if test.after:
            template = (
                gettext_noop("comes after {other}")
                if test.within is None
                else gettext_noop("comes after {other}, no later than {period}")
            )
            period = "" if test.within is None else self.period(test.within)
            said.append(self._(template).format(other=self.word(test.after), period=period))
        elif test.within is not None:
            said.append(self._("lies in the last {period}").format(period=self.period(test.within)))
        return self._("whose {property} {conditions}").format(
            property=self.word(test.of), conditions=self.joined(said, self._("and"))
        )

    def _beside(self, where: Where) -> Iterable[str]:
        for pool, template in (
            (where.while_held, gettext_noop("earned while holding {pool}")),
            (where.if_held, gettext_noop("if {pool} is held")),
            (where.unless_held, gettext_noop("unless {pool} is held")),
        ):
            if pool is not None:
                yield self._(template).format(pool=self.some(pool))
        if where.neither:
            each = self.joined((self.alternative(one) for one in where.neither), self._("or"))
            yield self._("but neither {parts}").format(parts=each)

    def alternative(self, where: Where) -> str:
        return (self.pool(where) if isinstance(where, Pool) else self.where(where)).strip()

    def some(self, pool: Pool) -> str:
        """A pool in the middle of a sentence."""
        return self.pool(pool).strip() or self._("any achievement")

    def day(self, day: Day) -> str:
        match day:
            case FactDay(fact=fact):
                said = self.fact(fact)
            case HoldingDay():
                template = {
                    ("first", "earned"): gettext_noop("the day of the first of {pool}"),
                    ("last", "earned"): gettext_noop("the day of the last of {pool}"),
                    ("first", "until"): gettext_noop("the last day of validity of the first of {pool}"),
                    ("last", "until"): gettext_noop("the last day of validity of the last of {pool}"),
                    ("first", "to"): gettext_noop("the end of the first of {pool}"),
                    ("last", "to"): gettext_noop("the end of the last of {pool}"),
                }.get((day.which, day.on), gettext_noop("the day “{property}” of the {which} of {pool}"))
                said = self._(template).format(
                    pool=self.some(day.pool), property=self.word(day.on), which=self.word(day.which)
                )
            case Today():
                said = self._("the day of evaluation")
            case _:
                return day.isoformat()
        if day.start_of is not None:
            template = {
                "week": gettext_noop("the first day of the week of {day}"),
                "month": gettext_noop("the first day of the month of {day}"),
                "quarter": gettext_noop("the first day of the quarter of {day}"),
                "year": gettext_noop("the first day of the year of {day}"),
            }.get(day.start_of, gettext_noop("the last {month_and_day} up to {day}"))
            said = self._(template).format(day=said, month_and_day=day.start_of)
        if day.plus is not None:
            said = self._("{period} after {day}").format(period=self.period(day.plus), day=said)
        if day.minus is not None:
            said = self._("{period} before {day}").format(period=self.period(day.minus), day=said)
        return said

    def period(self, period: Period) -> str:
        said = []
        months = period.years * 12 + period.months
        if period.whole_months:
            said.append(self.ngettext("{count} calendar month", "{count} calendar months", months).format(count=months))
        else:
            said += [
                self.amount(each, unit) for each, unit in ((period.years, "years"), (period.months, "months")) if each
            ]
        if period.days:
            said.append(self.amount(period.days, "days"))
        phrase = self.joined(said or [self.amount(0, "days")], self._("and"))
        return self._("{period} less one day").format(period=phrase) if period.exclusive else phrase
