"""Puts the conditions over what a part took into words."""

from collections.abc import Mapping
from fractions import Fraction

from pathways.rules.phrases import Phrases, number
from pathways.rules.requirement import (
    Average,
    Condition,
    Groups,
    LastOf,
    Limit,
    Newest,
    OneYear,
    Order,
    Overlap,
    Pace,
    Pool,
    Requirement,
    Span,
    Spread,
    Together,
    walk,
)


def _share(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"


class ConditionPhrases(Phrases):
    """Words for conditions; how a part is said is for others to know."""

    def part(self, part: Requirement, *, inside: bool = True) -> str:
        raise NotImplementedError

    def condition(self, condition: Condition, part: Requirement) -> str:  # noqa: PLR0911, PLR0912 (one phrase each)
        """A condition over what a part takes."""
        match condition:
            case Limit():
                return self._limit(condition)
            case Spread():
                return self._spread(condition)
            case Groups():
                return self._groups(condition)
            case LastOf(last=last, measure=measure, at_least=least, of=of):
                return self._("of the last {last} {what} at least {amount} are {of}").format(
                    last=number(last), what=self.what(measure), amount=number(least), of=self.some(of)
                )
            case Overlap():
                return self._overlap(condition)
            case Average():
                return self._average(condition)
            case Newest(within=within):
                return self._("the newest is from the last {period}").format(period=self.period(within))
            case Order():
                return self._order(condition, {each.id: each for each in walk(part)})
            case OneYear(month=month, day=day):
                return self._("all of it is from one year that begins on {month}-{day}").format(
                    month=f"{month:02}", day=f"{day:02}"
                )
            case Span(within=within, at_least=least):
                said = []
                for period, template in (
                    (within, "no more than {period} lie between the first and the last"),
                    (least, "at least {period} lie between the first and the last"),
                ):
                    if period is not None:
                        said.append(self._(template).format(period=self.period(period)))
                return self.joined(said, self._("and"))
            case Pace(within=within, at_most=most, measure=measure):
                return self._("at most {amount} {what} are from any {period}").format(
                    amount=number(most), what=self.what(measure), period=self.period(within)
                )
            case Together():
                return self._("all of it was current on one and the same day")

    def _limit(self, limit: Limit) -> str:
        said = []
        what = self.what(limit.measure)
        pool = self.pool(limit.of)
        of = " " + self._("from {names}").format(names=pool) if limit.of.achievements else pool
        bounds: tuple[tuple[str | None, str, str], ...] = (
            (
                None if limit.at_least is None else number(limit.at_least),
                "at least {amount} {what} are{of}",
                "it comes to at least {amount} {what} in all",
            ),
            (
                None if limit.at_most is None else number(limit.at_most),
                "at most {amount} {what} are{of}",
                "it comes to at most {amount} {what} in all",
            ),
            (_share(limit.at_least_share), "at least {amount} of the {what} are{of}", "at least {amount} counts"),
            (_share(limit.at_most_share), "at most {amount} of the {what} are{of}", "at most {amount} counts"),
        )
        if limit.at_least_fact:
            fact = self.fact(limit.at_least_fact)
            said.append(self._("as many {what} as {fact} are{of}").format(what=what, fact=fact, of=of))
        for amount, some, whole in bounds:
            if amount is not None:
                said.append(self._(some if of else whole).format(amount=amount, what=what, of=of))
        phrase = self.joined(said, self._("and"))
        if limit.share_of == "required":
            phrase += self._(" (of what is required)")
        return phrase + (self._(f" (rounded {limit.rounded})") if limit.rounded else "")

    def what(self, measure: str) -> str:
        return self._("achievements" if measure == "count" else measure)

    def _spread(self, spread: Spread) -> str:
        said, by = [], self._(spread.by)
        if spread.at_least is not None:
            said.append(self._("there are at least {count} of a different {by}").format(count=spread.at_least, by=by))
        if spread.at_most is not None:
            said.append(self._("there are at most {count} of a different {by}").format(count=spread.at_most, by=by))
        if spread.at_most_each is not None:
            template = (
                "at most {count} are of the same {by}"
                if spread.measure == "count"
                else "at most {count} {what} are of the same {by}"
            )
            said.append(
                self._(template).format(count=number(spread.at_most_each), what=self.what(spread.measure), by=by)
            )
        return self.joined(said, self._("and"))

    def _groups(self, groups: Groups) -> str:
        template = (
            "at least {amount} {what}{of} are of one and the same {by}"
            if groups.groups == 1
            else "in each of at least {count} groups by {by} there are at least {amount} {what}{of}"
        )
        by = self._(groups.by)
        if groups.beginning is not None:
            by = self._("year from {day}").format(day=self.day(groups.beginning))
        of = "" if groups.of == Pool() else " " + self._("from {names}").format(names=self.some(groups.of))
        return self._(template).format(
            count=groups.groups, by=by, amount=number(groups.at_least), what=self.what(groups.measure), of=of
        )

    def _overlap(self, overlap: Overlap) -> str:
        kinds = self.either(overlap.kinds) if overlap.kinds and "*" not in overlap.kinds else self._("qualification")
        said = []
        if overlap.at_most is not None:
            said.append(f"{number(overlap.at_most)} {self.what(overlap.measure)}")
        if overlap.at_most_share is not None:
            template = {
                "taken": "{share} of what counts here",
                "required": "{share} of what is required here",
                "other": "{share} of the other one",
                "smaller": "{share} of the smaller one",
            }[overlap.share_of]
            said.append(self._(template).format(share=_share(overlap.at_most_share)))
        template = (
            "at most {amount} also counts in any one other {kinds}"
            if overlap.each
            else "at most {amount} also counts in another {kinds}"
        )
        return self._(template).format(amount=self.joined(said, self._("and")), kinds=kinds)

    def _average(self, average: Average) -> str:
        said = []
        for bound, template in (
            (average.at_least, "the grades{of} average at least {grade}"),
            (average.at_most, "the grades{of} average at most {grade}"),
        ):
            if bound is not None:
                of = "" if average.of == Pool() else " " + self._("of {names}").format(names=self.some(average.of))
                said.append(self._(template).format(grade=number(bound), of=of))
        phrase = self.joined(said, self._("and"))
        if average.best is not None:
            phrase += self._(" over the best {amount} {what}").format(
                amount=number(average.best), what=self.what(average.weight)
            )
        if average.ungraded_as_zero:
            phrase += self._(", what has no grade counting as zero")
        return phrase

    def _order(self, order: Order, below: Mapping[str, Requirement]) -> str:
        first = self.joined((self.part(below[node]) for node in order.first if node in below), self._("and"))
        then = self.joined((self.part(below[node]) for node in order.then if node in below), self._("and"))
        if order.apart is not None:
            apart = self._("what is asked by “{then}” comes at least {period} after what is asked by “{first}”")
            said = [apart.format(first=first, then=then, period=self.period(order.apart))]
            if order.within is not None:
                said.append(self._("no later than {period}").format(period=self.period(order.within)))
            return self.joined(said, self._("and"))
        if order.within is None:
            return self._("what is asked by “{first}” comes before what is asked by “{then}”").format(
                first=first, then=then
            )
        template = (
            "what is asked by “{then}” comes no later than {period} after what is asked by “{first}”"
            if order.any_order
            else "what is asked by “{then}” comes after what is asked by “{first}”, no later than {period}"
        )
        return self._(template).format(first=first, then=then, period=self.period(order.within))
