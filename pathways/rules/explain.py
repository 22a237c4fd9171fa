"""Says rules and verdicts in plain sentences, in any language that translates the templates.

`gettext` gets each template with its placeholders and returns it in the reader's language; `names` maps the keys of
achievements, assessments, issuers and the like to what people call them, and a key without a name stands for itself.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial

from pathways.rules.evaluation import Completion, Evaluation, Need, NodeResult, ReasonCode, Unused
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Average,
    Check,
    Condition,
    Count,
    Day,
    Duration,
    Fact,
    Given,
    Group,
    Holds,
    Leaf,
    Limit,
    Newest,
    OneYear,
    Order,
    Passed,
    Period,
    Pool,
    Requirement,
    Rule,
    SignedOff,
    Span,
    Spread,
    Together,
    Unbroken,
    Where,
    conditions_of,
    walk,
)

Gettext = Callable[[str], str]

REASONS: dict[ReasonCode, str] = {
    "revoked": "it was revoked",
    "suspended": "it is suspended",
    "superseded": "a newer one replaced it",
    "dated_later": "it is dated after the day of evaluation",
    "expired": "it has expired",
    "earned_too_early": "it was earned too early",
    "earned_too_late": "it was earned too late",
    "grade_too_low": "its grade is too low",
    "not_passed": "it was not passed",
    "level_too_low": "its level is too low",
    "level_too_high": "its level is too high",
    "other_issuer": "it comes from another issuer",
    "other_source": "it comes from a source that does not count here",
    "other_kind": "it is of another kind",
    "other_subject": "it belongs to another subject",
    "other_skill": "it does not show the skill asked for",
    "tag_missing": "it is not of the group asked for",
    "tag_excluded": "it is of a group that does not count here",
    "nothing_to_add": "it adds nothing to the sum",
    "over_maximum": "the maximum is reached",
    "repeated": "the same achievement already counts",
    "used_elsewhere": "another qualification has used it",
    "other_alternative": "it fits none of the alternatives",
    "other_status": "its status is another than is asked for",
    "other_number": "its value is outside what is asked for",
    "other_attempt": "another attempt at the same counts",
    "not_as_learner": "it is not what this learner needs",
    "not_used_there": "it was not used where it had to be",
    "not_held_then": "something that had to be held on its day was not",
    "not_held_beside": "something that must be held beside it is missing",
    "barred": "something that is held bars it",
    "excluded": "it is excluded",
    "too_short": "its period is too short",
    "held_too_short": "it has not been held long enough",
    "pinned": "it was chosen to count elsewhere",
    "not_needed": "it is not needed",
    "not_asked": "no part asks for it",
}


def sentence(rule: Rule, names: Mapping[str, str], gettext: Gettext = str) -> str:
    """The whole rule as one sentence."""
    speaker = Speaker(names, gettext)
    phrase = speaker.part(rule.root, inside=False) + speaker.lasting(rule)
    return phrase[:1].upper() + phrase[1:] + gettext(".")


def part_sentence(part: Requirement, names: Mapping[str, str], gettext: Gettext = str) -> str:
    """One part as one sentence."""
    return sentence(Rule(root=part), names, gettext)


def node_sentence(
    rule: Rule, evaluation: Evaluation, node: str, names: Mapping[str, str], gettext: Gettext = str
) -> str:
    """Where one part stands: what it asks, and how much of it is there."""
    speaker = Speaker(names, gettext)
    phrase = next(
        phrase
        for part in walk(rule.root)
        for found, phrase in (
            (part.id, partial(speaker.part, part, inside=False)),
            *((each.id, partial(speaker.condition, each, part)) for each in conditions_of(part)),
        )
        if found == node
    )()
    result = evaluation.nodes[node]
    return gettext("{requirement}: {standing}.").format(
        requirement=phrase[:1].upper() + phrase[1:], standing=speaker.standing(result)
    )


def unused_sentence(unused: Unused, name: str, gettext: Gettext = str) -> str:
    """Why a holding does not count; `name` is what people call the holding."""
    return gettext("{holding} does not count: {reason}.").format(holding=name, reason=gettext(REASONS[unused.code]))


def completion_sentence(rule: Rule, completion: Completion, names: Mapping[str, str], gettext: Gettext = str) -> str:
    """What one completing set asks for, as one sentence."""
    speaker = Speaker(names, gettext)
    parts = {part.id: part for part in walk(rule.root)}
    conditions = {each.id: (each, part) for part in parts.values() for each in conditions_of(part)}
    phrases = [
        speaker.need(parts[need.node], need) if need.node in parts else speaker.lacking(*conditions[need.node])
        for need in completion
    ]
    return gettext("Still needed: {needs}.").format(needs=speaker.joined(phrases, gettext("and")))


def number(value: Decimal | int) -> str:
    """A decimal without trailing zeros and without an exponent."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _share(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"


class Speaker:
    """Puts parts into words for one reader."""

    def __init__(self, names: Mapping[str, str], gettext: Gettext) -> None:
        self.names = names
        self._ = gettext

    def name(self, key: str) -> str:
        return self.names.get(key, key)

    def joined(self, phrases: Iterable[str], word: str) -> str:
        listed = list(phrases)
        if len(listed) < 3:
            return f" {word} ".join(listed)
        return ", ".join(listed[:-1]) + f", {word} " + listed[-1]

    def either(self, keys: Iterable[str]) -> str:
        return self.joined((self.name(key) for key in keys), self._("or"))

    def part(self, part: Requirement, *, inside: bool = True) -> str:
        if isinstance(part, Group):
            phrase = self._group(part, inside=inside)
            compound = len(part.parts) > 1 or bool(part.conditions)
        else:
            phrase = self._check(part) if isinstance(part, Check) else self._leaf(part)
            compound = bool(conditions_of(part))
        said = [self.condition(each, part) for each in conditions_of(part)]
        if said:
            phrase = self._("{requirement}, where {conditions}").format(
                requirement=phrase, conditions=self.joined(said, self._("and"))
            )
        return f"({phrase})" if inside and compound else phrase

    def condition(self, condition: Condition, part: Requirement) -> str:  # noqa: PLR0911 (one phrase per condition)
        """A condition over what a part takes."""
        match condition:
            case Limit():
                return self._limit(condition)
            case Spread(by=by, at_least=least, at_most_each=most):
                said = []
                if least is not None:
                    said.append(
                        self._("there are at least {count} of a different {by}").format(count=least, by=self._(by))
                    )
                if most is not None:
                    said.append(self._("at most {count} are of the same {by}").format(count=most, by=self._(by)))
                return self.joined(said, self._("and"))
            case Average(at_least=least):
                return self._("the grades average at least {grade}").format(grade=number(least))
            case Newest(within=within):
                return self._("the newest is from the last {period}").format(period=self.period(within))
            case Order():
                return self._order(condition, {each.id: each for each in walk(part)})
            case OneYear(month=month, day=day):
                return self._("all of it is from one year that begins on {month}-{day}").format(
                    month=f"{month:02}", day=f"{day:02}"
                )
            case Span(within=within):
                return self._("no more than {period} lie between the first and the last").format(
                    period=self.period(within)
                )
            case Together():
                return self._("all of it was current on one and the same day")

    def _limit(self, limit: Limit) -> str:
        said = []
        what = self._("achievements" if limit.measure == "count" else limit.measure)
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
        for amount, some, whole in bounds:
            if amount is not None:
                said.append(self._(some if of else whole).format(amount=amount, what=what, of=of))
        return self.joined(said, self._("and"))

    def _order(self, order: Order, below: Mapping[str, Requirement]) -> str:
        first = self.joined((self.part(below[node]) for node in order.first if node in below), self._("and"))
        then = self.joined((self.part(below[node]) for node in order.then if node in below), self._("and"))
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

    def _check(self, check: Check) -> str:
        match check:
            case SignedOff(role=role, about=about):
                template = "have {about} approved by {role}" if about else "have the approval of {role}"
                return self._(template).format(about=about, role=self.name(role))
            case Given(pool=pool, at_least=least, absent=absent):
                template = "not hold {amount} of {pool}" if absent else "already hold {amount} of {pool}"
                amount = self._range(number(least), None)
                return self._(template).format(amount=amount, pool=self.pool(pool) or self._("any achievement"))
            case Fact(name=name):
                return self._fact(check, self.name(name))
            case Duration(at_least=least, unit=unit, pool=pool, within=within):
                template = (
                    "show at least {amount} {unit} of {pool}"
                    if pool.achievements
                    else "show at least {amount} {unit}{pool}"
                )
                said = self._(template).format(amount=number(least), unit=self._(unit), pool=self.pool(pool))
                if within is not None:
                    said += " " + self._("in the last {period}").format(period=self.period(within))
                return said
            case Unbroken(part=part, grace=grace, restored_by=restored_by):
                said = self._("have gone no longer than {period} without this: {requirement}").format(
                    period=self.period(grace), requirement=self.part(part)
                )
                if restored_by is not None:
                    said += self._(" (unless restored by {pool})").format(pool=self.pool(restored_by))
                return said

    def _fact(self, check: Fact, name: str) -> str:
        said = []
        if check.one_of:
            said.append(self._("is {names}").format(names=self.either(check.one_of)))
        if check.at_least is not None:
            said.append(self._("is at least {number}").format(number=number(check.at_least)))
        if check.at_most is not None:
            said.append(self._("is at most {number}").format(number=number(check.at_most)))
        if check.since is not None:
            said.append(self._("is {day} or later").format(day=self.day(check.since)))
        if check.until is not None:
            said.append(self._("is {day} or earlier").format(day=self.day(check.until)))
        return self._("be someone whose {name} {conditions}").format(
            name=name, conditions=self.joined(said, self._("and"))
        )

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
            case _ if len(phrases) == 1:
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
        if len(parts) < 2 or not all(isinstance(each, Holds | Passed) and each.where == Where() for each in parts):
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
                template = "hold {names}" if holds else "pass {names}"
                return self._(template).format(names=self.joined(names, self._("and")))
            case AnyOf():
                template = "hold {names}" if holds else "pass {names}"
                return self._(template).format(names=self.joined(names, self._("or")))
            case AtLeast(count=count):
                template = "hold at least {count} of {names}" if holds else "pass at least {count} of {names}"
                return self._(template).format(count=count, names=self.joined(names, self._("and")))

    def _leaf(self, leaf: Leaf) -> str:
        match leaf:
            case Holds(any_of=any_of, where=where):
                return self._("hold {achievements}").format(achievements=self.either(any_of)) + self.where(where)
            case Passed(assessment=assessment, where=where):
                return self._("pass {assessment}").format(assessment=self.name(assessment)) + self.where(where)
            case Count(at_least=least, at_most=most, pool=pool):
                amount = self._range(number(least), None if most is None else number(most))
                if pool.achievements:
                    return self._("hold {amount} of {pool}").format(amount=amount, pool=self.pool(pool))
                one = least == 1 and most in (None, 1)
                template = "hold {amount} achievement{pool}" if one else "hold {amount} achievements{pool}"
                return self._(template).format(amount=amount, pool=self.pool(pool))
            case Amount(at_least=least, at_most=most, unit=unit, pool=pool):
                amount = self._range(number(least), None if most is None else number(most))
                if pool.achievements:
                    template = "collect {amount} {unit} from {pool}"
                else:
                    template = "collect {amount} {unit}{pool}"
                return self._(template).format(amount=amount, unit=self._(unit), pool=self.pool(pool))

    def _range(self, least: str, most: str | None) -> str:
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
        said = [*self._quality(where), *self._origin(where), *self._time(where)]
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

    def _origin(self, where: Where) -> Iterable[str]:
        if where.with_tags:
            groups = self.joined((self.name(key) for key in where.with_tags), self._("and"))
            yield self._("from the group {names}").format(names=groups)
        if where.either:
            each = self.joined((self.where(one).strip() for one in where.either), self._("or"))
            yield self._("either {parts}").format(parts=each)
        for keys, template in (
            (where.kinds, "of the kind {names}"),
            (where.subjects, "in {names}"),
            (where.tags, "from the group {names}"),
            (where.tags_as_facts, "with the learner's own {names}"),
            (where.not_used_in, "not used in another {names}"),
            (where.without_tags, "not from the group {names}"),
            (where.skills, "showing {names}"),
            (where.issuers, "issued by {names}"),
            (where.sources, "obtained by {names}"),
        ):
            if keys:
                yield self._(template).format(names=self.either(keys))

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
        if where.current:
            yield self._("that has not expired")

    def day(self, day: Day) -> str:
        if isinstance(day, date):
            return day.isoformat()
        said = self._("the learner's {fact}").format(fact=self.name(day.fact))
        if day.plus is not None:
            said = self._("{period} after {day}").format(period=self.period(day.plus), day=said)
        if day.minus is not None:
            said = self._("{period} before {day}").format(period=self.period(day.minus), day=said)
        return said

    def period(self, period: Period) -> str:
        said = []
        if period.whole_months:
            return self._("{count} calendar months").format(count=period.years * 12 + period.months)
        for count, one, many in (
            (period.years, "{count} year", "{count} years"),
            (period.months, "{count} month", "{count} months"),
            (period.days, "{count} day", "{count} days"),
        ):
            if count:
                said.append(self._(one if count == 1 else many).format(count=count))
        return self.joined(said or [self._("0 days")], self._("and"))

    def standing(self, result: NodeResult) -> str:
        match result.state:
            case "met":
                return self._("met")
            case "under_way":
                template = "under way, {have} of {need}"
            case "open":
                template = "open, {have} of {need}"
            case "missing":
                template = "missing, {have} of {need}"
        return self._(template).format(have=number(result.have), need=number(result.need))

    def lacking(self, condition: Condition, part: Requirement) -> str:
        return self._("that {condition}").format(condition=self.condition(condition, part))

    def _lacking_check(self, check: Check, need: Need) -> str:
        if not isinstance(check, Duration):
            return self._check(check)
        template = "{amount} more {unit} of {pool}" if check.pool.achievements else "{amount} more {unit}{pool}"
        return self._(template).format(amount=number(need.amount), unit=self._(check.unit), pool=self.pool(check.pool))

    def lasting(self, rule: Rule) -> str:
        if rule.lasts == "kept":
            return ""
        if rule.grace_to_year_end:
            return self._("; it lasts while this holds, and then to the end of the year")
        if rule.grace is not None:
            return self._("; it lasts while this holds, and {period} longer").format(period=self.period(rule.grace))
        return self._("; it lasts while this holds")

    def need(self, part: Requirement, need: Need) -> str:
        if isinstance(part, Check):
            return self._lacking_check(part, need)
        keys = [key for _, key in need.any_of]
        if isinstance(part, Amount):
            template = "{amount} more {unit} from {names}" if keys else "{amount} more {unit}{pool}"
            return self._(template).format(
                amount=number(need.amount),
                unit=self._(part.unit),
                names=self.either(keys),
                pool=self.where(part.pool),
            )
        if keys and need.amount == len(keys):
            return self.joined((self.name(key) for key in keys), self._("and"))
        if keys and need.amount == 1:
            return self.either(keys)
        if keys:
            return self._("{amount} of {names}").format(amount=number(need.amount), names=self.either(keys))
        pool = self.where(part.pool) if isinstance(part, Count) else ""
        return self._("{amount} more{pool}").format(amount=number(need.amount), pool=pool)
