"""Puts the conditions over what a part took into words."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from decimal import Decimal

from pathways.rules.phrases.holdings import Phrases
from pathways.rules.phrases.language import counted, gettext_noop, number, ratio
from pathways.rules.requirement import (
    Average,
    Blend,
    Condition,
    Graded,
    Groups,
    LastOf,
    Limit,
    MarkValue,
    Newest,
    OneYear,
    Order,
    Overlap,
    Pace,
    Pool,
    Rate,
    Requirement,
    Span,
    Spread,
    Together,
    walk,
)

ROUNDED = {
    "up": gettext_noop(" (rounded up)"),
    "down": gettext_noop(" (rounded down)"),
    "nearest": gettext_noop(" (rounded to the nearest)"),
}


class ConditionPhrases(Phrases, ABC):
    """Words for conditions; how a part is said is for others to know."""

    @abstractmethod
    def part(self, part: Requirement, *, inside: bool = True) -> str:
        """A part in words; `inside` says that it stands in another phrase."""

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
                return self.ngettext(
                    "of the last {last} at least {amount} is {of}",
                    "of the last {last} at least {amount} are {of}",
                    counted(least),
                ).format(last=self.amount(last, measure), amount=number(least), of=self.some(of))
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
                    (within, gettext_noop("no more than {period} lie between the first and the last")),
                    (least, gettext_noop("at least {period} lie between the first and the last")),
                ):
                    if period is not None:
                        said.append(self._(template).format(period=self.period(period)))
                return self.joined(said, self._("and"))
            case Pace(within=within, at_most=most, measure=measure):
                return self.ngettext(
                    "at most {amount} is from any {period}", "at most {amount} are from any {period}", counted(most)
                ).format(amount=self.amount(most, measure), period=self.period(within))
            case Together():
                return self._("all of it was current on one and the same day")

    def _limit(self, limit: Limit) -> str:
        what = self.word(limit.measure)
        pool = self.pool(limit.of)
        of = " " + self._("from {names}").format(names=pool) if limit.of.achievements else pool
        said = []
        if limit.at_least_fact:
            fact = self.fact(limit.at_least_fact)
            said.append(self._("as many {what} as {fact} are{of}").format(what=what, fact=fact, of=of))
        if limit.at_least is not None:
            template = (
                self.ngettext("at least {amount} is{of}", "at least {amount} are{of}", counted(limit.at_least))
                if of
                else self._("it comes to at least {amount} in all")
            )
            said.append(template.format(amount=self.amount(limit.at_least, limit.measure), of=of))
        if limit.at_most is not None:
            template = (
                self.ngettext("at most {amount} is{of}", "at most {amount} are{of}", counted(limit.at_most))
                if of
                else self._("it comes to at most {amount} in all")
            )
            said.append(template.format(amount=self.amount(limit.at_most, limit.measure), of=of))
        for share, some_share, whole in (
            (
                limit.at_least_share,
                gettext_noop("at least {share} of the {what} are{of}"),
                gettext_noop("at least {share} of the {what} counts"),
            ),
            (
                limit.at_most_share,
                gettext_noop("at most {share} of the {what} are{of}"),
                gettext_noop("at most {share} of the {what} counts"),
            ),
        ):
            if share is not None:
                said.append(self._(some_share if of else whole).format(share=ratio(share), what=what, of=of))
        phrase = self.joined(said, self._("and"))
        if limit.among is not None:
            phrase = self._("among {pool}, {conditions}").format(pool=self.some(limit.among), conditions=phrase)
        if limit.share_of == "required":
            phrase += self._(" (of what is required)")
        return phrase + (self._(ROUNDED[limit.rounded]) if limit.rounded else "")

    def _spread(self, spread: Spread) -> str:
        said, by = [], self._told_apart(spread)
        if spread.at_least is not None:
            said.append(
                self.ngettext(
                    "there is at least {count} of a different {by}",
                    "there are at least {count} of a different {by}",
                    spread.at_least,
                ).format(count=spread.at_least, by=by)
            )
        if spread.at_most is not None:
            said.append(
                self.ngettext(
                    "there is at most {count} of a different {by}",
                    "there are at most {count} of a different {by}",
                    spread.at_most,
                ).format(count=spread.at_most, by=by)
            )
        if spread.at_most_each is not None:
            most = spread.at_most_each
            amount = number(most) if spread.measure == "count" else self.amount(most, spread.measure)
            said.append(
                self.ngettext(
                    "at most {amount} is of the same {by}", "at most {amount} are of the same {by}", counted(most)
                ).format(amount=amount, by=by)
            )
        phrase = self.joined(said, self._("and"))
        if spread.of == Pool():
            return phrase
        return self._("among {pool}, {conditions}").format(pool=self.some(spread.of), conditions=phrase)

    def _told_apart(self, by: Groups | Spread) -> str:
        if by.beginning is None:
            return self.word(by.by)
        return self._("{by} from {day}").format(by=self.word(by.by), day=self.day(by.beginning))

    def _groups(self, groups: Groups) -> str:
        by = self._told_apart(groups)
        of = "" if groups.of == Pool() else " " + self._("from {names}").format(names=self.some(groups.of))
        amount = self.amount(groups.at_least, groups.measure)
        if groups.groups != 1:
            template = self._("in each of at least {count} groups by {by} there are at least {amount}{of}")
        else:
            template = self.ngettext(
                "at least {amount}{of} is of one and the same {by}",
                "at least {amount}{of} are of one and the same {by}",
                counted(groups.at_least),
            )
        return template.format(count=groups.groups, by=by, amount=amount, of=of)

    def _overlap(self, overlap: Overlap) -> str:
        kinds = self.either(overlap.kinds) if overlap.kinds and "*" not in overlap.kinds else self._("qualification")
        said = []
        if overlap.at_most is not None:
            said.append(self.amount(overlap.at_most, overlap.measure))
        if overlap.at_most_share is not None:
            template = {
                "taken": gettext_noop("{share} of what counts here"),
                "required": gettext_noop("{share} of what is required here"),
                "other": gettext_noop("{share} of the other one"),
                "smaller": gettext_noop("{share} of the smaller one"),
            }[overlap.share_of]
            said.append(self._(template).format(share=ratio(overlap.at_most_share)))
        template = (
            gettext_noop("at most {amount} also counts in any one other {kinds}")
            if overlap.each
            else gettext_noop("at most {amount} also counts in another {kinds}")
        )
        return self._(template).format(amount=self.joined(said, self._("and")), kinds=kinds)

    def _average(self, average: Average) -> str:
        said = []
        for bound, template in (
            (average.at_least, gettext_noop("the grades{of} average at least {grade}")),
            (average.at_most, gettext_noop("the grades{of} average at most {grade}")),
        ):
            if bound is not None:
                of = "" if average.of == Pool() else " " + self._("of {names}").format(names=self.some(average.of))
                said.append(self._(template).format(grade=number(bound), of=of))
        phrase = self.joined(said, self._("and"))
        return phrase + self.weighing(average.weight) + self.averaging(average)

    def weighing(self, weight: str) -> str:
        """By what grades are weighted, where it is not by credits."""
        if weight == "count":
            return self._(", each weighing the same")
        return self._(", weighted by {what}").format(what=self.word(weight)) if weight != "credits" else ""

    def averaging(self, mean: Average | Graded) -> str:
        """How an average is taken, besides what weighs."""
        said = ""
        if mean.property != "grade":
            said += self._(", taking the {property} for the grade").format(property=self.word(mean.property))
        if mean.last is not None:
            said += self._(" over the last {amount}").format(amount=self.amount(mean.last, mean.weight))
        if mean.best is not None:
            said += self._(" over the best {amount}").format(amount=self.amount(mean.best, mean.weight))
        if mean.ungraded_as_zero:
            said += self._(", what has no grade counting as zero")
        return said + self.values(mean.values) + self.rates(mean.rates)

    def blend(self, blend: Iterable[Blend], measure: str) -> str:
        """The averages that make up one, each with its share."""
        said = []
        for each in blend:
            template = (
                gettext_noop("{share} from {pool}")
                if each.best is None
                else gettext_noop("{share} from the best {amount} of {pool}")
            )
            amount = "" if each.best is None else self.amount(each.best, measure)
            words = self._(template).format(share=ratio(each.share), pool=self.some(each.of), amount=amount)
            inner = (self.blend(each.blend, measure) + self.rounding(None, each.step, each.rounded)).removeprefix(", ")
            said.append(self._("{words} ({inner})").format(words=words, inner=inner) if inner else words)
        return self._(", made up of {shares}").format(shares=self.joined(said, self._("and"))) if said else ""

    def rounding(self, places: int | None, step: Decimal | None, how: str) -> str:
        """To what a number is rounded, and how."""
        said = ""
        if places is not None:
            said = self.ngettext(", to {count} decimal place", ", to {count} decimal places", places).format(
                count=places
            )
        if step is not None:
            said += self._(", to steps of {number}").format(number=number(step))
        return said + (self._(ROUNDED[how]) if how != "nearest" else "")

    def values(self, values: Iterable[MarkValue]) -> str:
        """What grades in words are worth."""
        said = [self._("{mark} for {value}").format(mark=each.mark, value=number(each.value)) for each in values]
        return self._(", taking {values}").format(values=self.joined(said, self._("and"))) if said else ""

    def rates(self, rates: Iterable[Rate]) -> str:
        """What counts more or less than its amount."""
        said = ""
        for rate in rates:
            template = (
                self._(", counting {pool} {times} times in {unit}")
                if rate.unit
                else self._(", counting {pool} {times} times")
            )
            said += template.format(pool=self.some(rate.of), times=ratio(rate.times), unit=self.word(rate.unit))
        return said

    def _order(self, order: Order, below: Mapping[str, Requirement]) -> str:
        first = self.joined((self.part(below[node]) for node in order.first if node in below), self._("and"))
        then = self.joined((self.part(below[node]) for node in order.then if node in below), self._("and"))
        if order.any_order and order.within is not None:
            template = self._("what is asked by “{then}” comes no later than {period} after what is asked by “{first}”")
            return template.format(first=first, then=then, period=self.period(order.within))
        if order.any_order:
            template = self._("what is asked by “{first}” and by “{then}” comes in any order")
        elif order.apart is not None and order.within is not None:
            template = self._(
                "what is asked by “{then}” comes at least {apart} and no later than {period} "
                "after what is asked by “{first}”"
            )
        elif order.apart is not None:
            template = self._("what is asked by “{then}” comes at least {apart} after what is asked by “{first}”")
        elif order.within is not None:
            template = self._(
                "what is asked by “{then}” comes after what is asked by “{first}”, no later than {period}"
            )
        else:
            template = self._("what is asked by “{first}” comes before what is asked by “{then}”")
        times = {name: self.period(each) for name, each in (("apart", order.apart), ("period", order.within)) if each}
        return template.format(first=first, then=then, **times)
