"""Puts the parts of a rule into words."""

from pathways.rules.phrases.language import gettext_noop, number
from pathways.rules.phrases.over import ConditionPhrases
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Check,
    Count,
    Duration,
    EachCycle,
    Fact,
    Given,
    Graded,
    Group,
    Holds,
    Leaf,
    Passed,
    Requirement,
    SignedOff,
    Unbroken,
    Unmet,
    WasMet,
    Where,
    conditions_of,
    needed_parts,
)


class PartPhrases(ConditionPhrases):
    """Words for parts, with all that stands below them."""

    def part(self, part: Requirement, *, inside: bool = True) -> str:
        if isinstance(part, Group):
            phrase = self._group(part, inside=inside)
            compound = len(part.parts) > 1 or bool(part.conditions)
        else:
            phrase = self._check(part) if isinstance(part, Check) else self._leaf(part)
            compound = bool(conditions_of(part))
        if not isinstance(part, Check) and part.shared:
            phrase = self.sharing(phrase)
        said = [self.condition(each, part) for each in conditions_of(part)]
        if said:
            phrase = self._("{requirement}, where {conditions}").format(
                requirement=phrase, conditions=self.joined(said, self._("and"))
            )
        return f"({phrase})" if inside and compound else phrase

    def sharing(self, phrase: str) -> str:
        """What a part asks that leaves free what it takes."""
        return self._("{requirement}, which may count in other parts, too").format(requirement=phrase)

    def _check(self, check: Check) -> str:  # noqa: PLR0911 (one phrase per check)
        match check:
            case SignedOff(role=role, about=about):
                template = self._("have {about} approved by {role}") if about else self._("have the approval of {role}")
                return template.format(about=about, role=self.name(role))
            case Given():
                return self._given(check)
            case Graded():
                return self._graded(check)
            case Fact(name=name):
                return self._fact(check, self.name(name))
            case Duration():
                return self._duration(check)
            case WasMet(part=part):
                when = [
                    self._(template).format(day=self.day(day))
                    for day, template in (
                        (check.since, gettext_noop("on {day} or later")),
                        (check.until, gettext_noop("on {day} or earlier")),
                    )
                    if day is not None
                ]
                return self._("have met this{when}: {requirement}").format(
                    when="".join(f" {each}" for each in when), requirement=self.part(part)
                )
            case EachCycle(part=part, every=every, beginning=beginning, grace=grace):
                said = self._("have met this in each {period} from {day}: {requirement}").format(
                    period=self.period(every), day=self.day(beginning), requirement=self.part(part)
                )
                if grace is not None:
                    said += self._(" (or {period} later)").format(period=self.period(grace))
                return said
            case Unmet(part=part):
                return self._("not meet this: {requirement}").format(requirement=self.part(part))
            case Unbroken(part=part, grace=grace, restored_by=restored_by):
                said = self._("have gone no longer than {period} without this: {requirement}").format(
                    period=self.period(grace), requirement=self.part(part)
                )
                if restored_by is not None:
                    said += self._(" (unless restored by {pool})").format(pool=self.pool(restored_by))
                return said

    def _given(self, check: Given) -> str:
        if check.measure != "count":
            amount = self.ranged(check.at_least, check.at_most, check.measure)
            template = self._("not have {amount} of {pool}") if check.absent else self._("have {amount} of {pool}")
        else:
            amount = self.range_of(number(check.at_least), None if check.at_most is None else number(check.at_most))
            template = (
                self._("not hold {amount} of {pool}") if check.absent else self._("already hold {amount} of {pool}")
            )
        return template.format(amount=amount, pool=self.some(check.pool))

    def _graded(self, check: Graded) -> str:
        said = [
            self._(template).format(grade=number(bound))
            for bound, template in (
                (check.at_least, gettext_noop("at least {grade}")),
                (check.at_most, gettext_noop("at most {grade}")),
            )
            if bound is not None
        ]
        phrase = self._("have grades that average {bounds} over all that is held of {pool}").format(
            bounds=self.joined(said, self._("and")), pool=self.some(check.pool)
        )
        return phrase + self.weighing(check.weight) + self.averaging(check) + self.blend(check.blend, check.weight)

    def _duration(self, check: Duration) -> str:
        pool = check.pool
        template = (
            self._("show at least {amount} of {pool}") if pool.achievements else self._("show at least {amount}{pool}")
        )
        said = template.format(amount=self.amount(check.at_least, check.unit), pool=self.pool(pool))
        if check.unbroken:
            said += " " + self._("without a break")
        if check.breaks is not None:
            said += " " + self._("(breaks of up to {period} do not matter)").format(period=self.period(check.breaks))
        if check.within is not None:
            said += " " + self._("in the last {period}").format(period=self.period(check.within))
        for day, template in ((check.since, gettext_noop("from {day} on")), (check.until, gettext_noop("up to {day}"))):
            if day is not None:
                said += " " + self._(template).format(day=self.day(day))
        if check.rate:
            said += " " + self._("counted by {property}").format(property=self.word(check.rate))
        for cap in check.caps:
            said += self._(", at most {amount} of it {pool}").format(
                amount=self.amount(cap.at_most, check.unit), pool=self.some(cap.of)
            )
        if check.at_most is not None:
            said += self.ngettext(
                ", all of one {property}", ", of at most {count} different values of {property}", check.at_most
            ).format(count=check.at_most, property=self.word(check.by))
        return said

    def _fact(self, check: Fact, name: str) -> str:
        said = []
        if check.one_of:
            said.append(self._("is {names}").format(names=self.either(check.one_of)))
        if check.same_as:
            said.append(self._("is {names}").format(names=self.fact(check.same_as)))
        for bound, word, fact, template in (
            (check.at_least, check.at_least_word, check.at_least_fact, gettext_noop("is at least {number}")),
            (check.at_most, check.at_most_word, check.at_most_fact, gettext_noop("is at most {number}")),
        ):
            bounds = [*([] if bound is None else [number(bound)]), *filter(None, [word])]
            for each in (*bounds, *([self.fact(fact)] if fact else [])):
                said.append(self._(template).format(number=each))
        if check.scale:
            said.append(self._("on the scale {words}").format(words=", ".join(check.scale)))
        if check.since is not None:
            said.append(self._("is {day} or later").format(day=self.day(check.since)))
        if check.until is not None:
            said.append(self._("is {day} or earlier").format(day=self.day(check.until)))
        template = (
            self._("not be someone whose {name} {conditions}")
            if check.negated
            else self._("be someone whose {name} {conditions}")
        )
        conditions = self.joined(said, self._("and")) or self._("is known")
        return template.format(name=name, conditions=conditions)

    def _group(self, part: Group, *, inside: bool) -> str:
        named = self._alike(part)
        if named:
            return named
        phrases = [self.part(each) for each in part.parts]
        if isinstance(part, All) and not inside and any("," in phrase for phrase in phrases):
            # On the outermost level a semicolon keeps long parts apart, where brackets would crowd the sentence.
            plain = [self.part(each, inside=False) for each in part.parts]
            return "; ".join(plain[:-1]) + self._("; and {last}").format(last=plain[-1])
        match part:
            case _ if len(phrases) == needed_parts(part) == 1:
                return phrases[0]
            case All():
                return self.joined(phrases, self._("and"))
            case AnyOf():
                return self._("either {parts}").format(parts=self.joined(phrases, self._("or")))
            case AtLeast(count=count):
                return self._("at least {count} of these: {parts}").format(
                    count=count, parts=self.joined(phrases, self._("and"))
                )
        raise AssertionError(part)

    def _alike(self, part: Group) -> str:
        """A group whose parts all hold, or all pass, one plain thing: named in one breath; else nothing."""
        parts = part.parts
        if len(parts) < 2 or not all(isinstance(each, Holds | Passed) for each in parts):
            return ""
        if any(isinstance(each, Holds | Passed) and (each.shared or each.where != Where()) for each in parts):
            return ""
        if len({type(each) for each in parts}) > 1:
            return ""
        holds = isinstance(parts[0], Holds)
        names = []
        for each in parts:
            if isinstance(each, Holds):
                name = self.either(each.any_of)
                names.append(f"({name})" if len(each.any_of) > 1 else name)
            elif isinstance(each, Passed):
                names.append(self.name(each.assessment))
        match part:
            case All():
                template = self._("hold {names}") if holds else self._("pass {names}")
                return template.format(names=self.joined(names, self._("and")))
            case AnyOf():
                template = self._("hold {names}") if holds else self._("pass {names}")
                return template.format(names=self.joined(names, self._("or")))
            case AtLeast(count=count):
                template = (
                    self._("hold at least {count} of {names}") if holds else self._("pass at least {count} of {names}")
                )
                return template.format(count=count, names=self.joined(names, self._("and")))

    def _leaf(self, leaf: Leaf) -> str:
        match leaf:
            case Holds(any_of=any_of, where=where):
                return self._("hold {achievements}").format(achievements=self.either(any_of)) + self.where(where)
            case Passed(assessment=assessment, where=where):
                return self._("pass {assessment}").format(assessment=self.name(assessment)) + self.where(where)
            case Count(at_least=least, at_most=most, pool=pool):
                if pool.achievements:
                    amount = self.range_of(number(least), None if most is None else number(most))
                    template = self._("hold {amount} of {pool}")
                else:
                    amount = self.ranged(least, most, "count")
                    template = self._("hold {amount}{pool}")
                amount += self.more_by_fact(leaf.at_least_fact)
                return template.format(amount=amount, pool=self.pool(pool))
            case Amount():
                return self._amount(leaf)

    def _amount(self, leaf: Amount) -> str:
        amount = self.ranged(leaf.at_least, leaf.at_most, leaf.unit) + self.more_by_fact(leaf.at_least_fact)
        if leaf.less_fact:
            amount += self._(" (less {fact})").format(fact=self.fact(leaf.less_fact))
        template = (
            self._("collect {amount} from {pool}") if leaf.pool.achievements else self._("collect {amount}{pool}")
        )
        said = template.format(amount=amount, pool=self.pool(leaf.pool))
        if leaf.at_most_each is not None:
            said += self._(", at most {amount} of each").format(amount=number(leaf.at_most_each))
        said += self.rates(leaf.rates)
        return said + (self._(", also in part") if leaf.divisible else "")
