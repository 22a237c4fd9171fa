"""Puts into words what a rule says as a whole: how long it stands, what renews it, what counts as what, its results."""

from collections.abc import Iterator

from pathways.rules.phrases.language import gettext_noop, number, ratio
from pathways.rules.phrases.parts import PartPhrases
from pathways.rules.requirement import (
    Expiry,
    Figure,
    Levels,
    Listing,
    Period,
    Pool,
    Renewal,
    Requirement,
    Result,
    Rule,
    Substitute,
    Titles,
    Total,
    looked_into,
    roots,
    walk,
)

GIVEN = {
    "all": gettext_noop("all of these words"),
    "last": gettext_noop("the last of these words"),
    "number": gettext_noop("how many of these words"),
}


SUMMED = {
    "counted": gettext_noop("the sum of the {what} of what counted of {pool}"),
    "held": gettext_noop("the sum of the {what} of all that is held of {pool}"),
    "best": gettext_noop("the greatest sum of the {what} of {pool} to which any choice comes that would do"),
}
FIGURED = {
    ("average", "counted"): gettext_noop("the average of the grades, weighted by {what}, of what counted of {pool}"),
    ("average", "held"): gettext_noop("the average of the grades, weighted by {what}, of all that is held of {pool}"),
    ("lowest", "counted"): gettext_noop("the lowest grade of what counted of {pool}"),
    ("lowest", "held"): gettext_noop("the lowest grade of all that is held of {pool}"),
    ("highest", "counted"): gettext_noop("the highest grade of what counted of {pool}"),
    ("highest", "held"): gettext_noop("the highest grade of all that is held of {pool}"),
}


def _every_part(root: Requirement) -> Iterator[Requirement]:
    for part in walk(root):
        yield part
        inner = looked_into(part)
        if inner is not None:
            yield from _every_part(inner)


class WholePhrases(PartPhrases):
    """Words for a rule beside its outermost part."""

    def whole(self, rule: Rule) -> Iterator[tuple[str, str]]:
        """The fields of the rule that say something besides its outermost part, each with its words."""
        yield from self._standing(rule)
        for name, part, template in (
            ("renewal", rule.renewal, self._("each time for as long again by this: {requirement}")),
            ("keep", rule.keep, self._("it is kept by this: {requirement}")),
            ("reinstatement", rule.reinstatement, self._("once lost it returns by this: {requirement}")),
        ):
            if part is not None:
                yield name, template.format(requirement=self.part(part, inside=False))
        if rule.falls_for_good:
            yield "falls_for_good", self._("once lost it does not return")
        for same in rule.same:
            names = self.joined(map(self.name, same.names), self._("and"))
            yield "same", self._("{names} are one and the same").format(names=names)
        for substitute in rule.substitutes:
            yield "substitutes", self._substitute(substitute)
        for barred in rule.barred:
            names = self.joined(map(self.name, barred.names), self._("and"))
            yield (
                "barred",
                self._("of {names} only the {attempt} counts").format(names=names, attempt=self.word(barred.keeps)),
            )
        for renewal in rule.renewals:
            yield "renewals", self._renews(renewal)
        for result in rule.results:
            said = self._("the result “{name}” is {words}")
            yield "results", said.format(name=result.name, words=self._result(result, rule))

    def _standing(self, rule: Rule) -> Iterator[tuple[str, str]]:
        if rule.lasts == "current":
            yield "lasts", self._("it lasts while this holds")
        if rule.validity is not None:
            yield "validity", self._("it is valid for {period}").format(period=self.period(rule.validity))
        if rule.valid_from is not None:
            yield "valid_from", self._("it is valid from {day}").format(day=self.day(rule.valid_from))
        if rule.grace is not None:
            yield "grace", self._("it stands {period} longer").format(period=self.period(rule.grace))
        if rule.grace_to_year_end:
            yield "grace_to_year_end", self._("it stands to the end of that year")

    def _substitute(self, each: Substitute) -> str:
        instead = self.name(each.achievement)
        if not each.achievement:
            instead = self._("what its {property} names").format(property=self.word(each.property))
        said = self._("{pool} stands for {instead}").format(pool=self.some(each.of), instead=instead)
        if each.achievement and each.property:
            said += self._(" or what its {property} names").format(property=self.word(each.property))
        if each.credits is not None:
            said += self._(" with {amount}").format(amount=self.amount(each.credits, "credits"))
        return said

    def _renews(self, renewal: Renewal) -> str:
        said = self._("{by} renews {of}").format(by=self.some(renewal.by), of=self.some(renewal.of))
        if renewal.period is not None:
            said += self._(" for {period}").format(period=self.period(renewal.period))
        if renewal.extends:
            said += self._(" from its old end")
        for period, template in (
            (renewal.extends_within, gettext_noop(" from its old end if that is no more than {period} away")),
            (renewal.grace, gettext_noop(", also within {period} after its end")),
        ):
            if period is not None:
                said += self._(template).format(period=self.period(period))
        return said

    # Results

    def _result(self, result: Result, rule: Rule) -> str:  # noqa: PLR0911 (one phrase each)
        match result:
            case Titles():
                return self._titles(result, rule)
            case Total(measure=measure):
                return self._("the sum of the {what} that counted").format(what=self.word(measure))
            case Figure():
                return self._figure(result)
            case Levels():
                return self._levels(result)
            case Listing(node=node, give=give):
                listed = self._("the achievements") if give == "achievement" else self._("the awards")
                if not node:
                    return self._("{listed} that counted").format(listed=listed)
                return self._("{listed} that counted in “{part}”").format(listed=listed, part=self._asked(rule, node))
            case Expiry(after=after, of=of):
                return self._expiry(result, after, of)

    def _asked(self, rule: Rule, node: str) -> str:
        found = next((part for root in roots(rule) for part in _every_part(root) if part.id == node), None)
        return node if found is None else self.part(found, inside=False)

    def _titles(self, result: Titles, rule: Rule) -> str:
        template = self._("“{word}” by “{part}”")
        words = [template.format(word=each.word, part=self._asked(rule, each.node)) for each in result.titles]
        return self._words_given(result.give, words)

    def _levels(self, result: Levels) -> str:
        words = [
            self._("“{word}” by this: {part}").format(word=word, part=self.part(part))
            for word, part in zip(result.words, result.parts, strict=False)
        ]
        over = self._(" over what counted") if result.over == "counted" else ""
        return self._words_given(result.give, words) + over

    def _words_given(self, give: str, words: list[str]) -> str:
        return self._("{given}: {words}").format(given=self._(GIVEN[give]), words="; ".join(words))

    def _expiry(self, expiry: Expiry, after: Period | None, of: Pool) -> str:
        pool = self.some(of)
        if after is None:
            template = (
                gettext_noop("the latest end of what counted of {pool}")
                if expiry.latest
                else gettext_noop("the earliest end of what counted of {pool}")
            )
            return self._(template).format(pool=pool)
        day = {
            None: gettext_noop("the day"),
            "first": gettext_noop("the day on which the first of it was earned"),
            "last": gettext_noop("the day on which the last of it was earned"),
        }[expiry.counted]
        template = (
            gettext_noop("the latest of the end of what counted of {pool}, and {period} after {day}")
            if expiry.latest
            else gettext_noop("the earliest of the end of what counted of {pool}, and {period} after {day}")
        )
        return self._(template).format(pool=pool, period=self.period(after), day=self._(day))

    def _figure(self, figure: Figure) -> str:
        what, pool = self.word(figure.measure), self.some(figure.of)
        if figure.made_of:
            return self._made_of(figure)
        if figure.give == "total":
            template = self._(SUMMED[figure.over])
        else:
            template = self._(FIGURED[figure.give, "held" if figure.over == "held" else "counted"])
        return self._finished(figure, template.format(what=what, pool=pool))

    def _made_of(self, figure: Figure) -> str:
        terms = [
            each.result
            if each.times == 1
            else self._("{times} times {name}").format(times=ratio(each.times), name=each.result)
            for each in figure.made_of
        ]
        return self._finished(figure, self._("the sum of {results}").format(results=self.joined(terms, self._("and"))))

    def _finished(self, figure: Figure, said: str) -> str:
        if figure.property != "grade":
            said += self._(", taking the {property} for the grade").format(property=self.word(figure.property))
        if figure.last is not None:
            said += self._(", over the last {amount}").format(amount=self.amount(figure.last, figure.measure))
        if figure.at_most_each is not None:
            template = self._(", at most {amount} of it of the same {by}")
            said += template.format(amount=number(figure.at_most_each), by=self.word(figure.by))
        for bound, template in (
            (figure.best, gettext_noop(", the best {number} of it")),
            (figure.minus, gettext_noop(", less {number}")),
            (figure.per, gettext_noop(", divided by {number}")),
            (figure.at_most, gettext_noop(", at most {number}")),
        ):
            if bound is not None:
                said += self._(template).format(number=number(bound))
        if figure.per is not None and figure.places is None and figure.step is None:
            said += self._(", counting whole ones only")
        said += self.values(figure.values) + self.rates(figure.rates) + self.blend(figure.blend, figure.measure)
        said += self.rounding(figure.places, figure.step, figure.rounded)
        if figure.bands:
            bands = [
                self._("“{word}” from {number}").format(word=each.word, number=number(each.at_least))
                for each in figure.bands
            ]
            said += self._(", said as {words}").format(words=self.joined(bands, self._("and")))
        return said
