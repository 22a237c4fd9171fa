"""Says rules and verdicts in plain sentences, in any language that translates the templates.

`gettext` gets each template with its placeholders and returns it in the reader's language; `names` maps the keys of
achievements, assessments, issuers and the like to what people call them, and a key without a name stands for itself.
"""

from collections.abc import Mapping
from functools import partial

from pathways.rules.evaluation import Completion, Evaluation, Need, NodeResult, ReasonCode, Unused
from pathways.rules.phrases import Gettext, number
from pathways.rules.phrases_over import ConditionPhrases
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Check,
    Condition,
    Count,
    Duration,
    EachCycle,
    Fact,
    Given,
    Group,
    Holds,
    Leaf,
    Passed,
    Requirement,
    Rule,
    SignedOff,
    Unbroken,
    Unmet,
    WasMet,
    Where,
    conditions_of,
    walk,
)

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
    "pinned": "it was chosen not to count here",
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


class Speaker(ConditionPhrases):
    """Puts parts into words for one reader."""

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

    def _check(self, check: Check) -> str:  # noqa: PLR0911 (one phrase per check)
        match check:
            case SignedOff(role=role, about=about):
                template = "have {about} approved by {role}" if about else "have the approval of {role}"
                return self._(template).format(about=about, role=self.name(role))
            case Given():
                return self._given(check)
            case Fact(name=name):
                return self._fact(check, self.name(name))
            case Duration():
                return self._duration(check)
            case WasMet(part=part):
                when = [
                    self._(template).format(day=self.day(day))
                    for day, template in ((check.since, "on {day} or later"), (check.until, "on {day} or earlier"))
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
            template = "not have {amount} {what} of {pool}" if check.absent else "have {amount} {what} of {pool}"
        else:
            template = "not hold {amount} of {pool}" if check.absent else "already hold {amount} of {pool}"
        amount = self.range_of(number(check.at_least), None if check.at_most is None else number(check.at_most))
        return self._(template).format(amount=amount, what=self.what(check.measure), pool=self.some(check.pool))

    def _duration(self, check: Duration) -> str:
        pool = check.pool
        template = (
            "show at least {amount} {unit} of {pool}" if pool.achievements else "show at least {amount} {unit}{pool}"
        )
        said = self._(template).format(amount=number(check.at_least), unit=self._(check.unit), pool=self.pool(pool))
        if check.unbroken:
            said += " " + self._("without a break")
        if check.within is not None:
            said += " " + self._("in the last {period}").format(period=self.period(check.within))
        for day, template in ((check.since, "from {day} on"), (check.until, "up to {day}")):
            if day is not None:
                said += " " + self._(template).format(day=self.day(day))
        if check.rate:
            said += " " + self._("counted by {property}").format(property=self.name(check.rate))
        for cap in check.caps:
            said += ", " + self._("at most {amount} {unit} of it {pool}").format(
                amount=number(cap.at_most), unit=self._(check.unit), pool=self.some(cap.of)
            )
        return said

    def _fact(self, check: Fact, name: str) -> str:
        said = []
        if check.one_of:
            said.append(self._("is {names}").format(names=self.either(check.one_of)))
        if check.same_as:
            said.append(self._("is {names}").format(names=self.fact(check.same_as)))
        for bound, word, fact, template in (
            (check.at_least, check.at_least_word, check.at_least_fact, "is at least {number}"),
            (check.at_most, check.at_most_word, check.at_most_fact, "is at most {number}"),
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
            "not be someone whose {name} {conditions}" if check.negated else "be someone whose {name} {conditions}"
        )
        conditions = self.joined(said, self._("and")) or self._("is known")
        return self._(template).format(name=name, conditions=conditions)

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
                amount = self.range_of(number(least), None if most is None else number(most))
                amount += self.more_by_fact(leaf.at_least_fact)
                if pool.achievements:
                    return self._("hold {amount} of {pool}").format(amount=amount, pool=self.pool(pool))
                one = least == 1 and most in (None, 1)
                template = "hold {amount} achievement{pool}" if one else "hold {amount} achievements{pool}"
                return self._(template).format(amount=amount, pool=self.pool(pool))
            case Amount():
                return self._amount(leaf)

    def _amount(self, leaf: Amount) -> str:
        amount = self.range_of(number(leaf.at_least), None if leaf.at_most is None else number(leaf.at_most))
        amount += self.more_by_fact(leaf.at_least_fact)
        template = "collect {amount} {unit} from {pool}" if leaf.pool.achievements else "collect {amount} {unit}{pool}"
        said = self._(template).format(amount=amount, unit=self._(leaf.unit), pool=self.pool(leaf.pool))
        if leaf.at_most_each is not None:
            said += self._(", at most {amount} of each").format(amount=number(leaf.at_most_each))
        for rate in leaf.rates:
            said += self._(", counting {pool} {times} times").format(
                pool=self.some(rate.of), times=f"{rate.times.numerator}/{rate.times.denominator}"
            )
        return said + (self._(", also in part") if leaf.divisible else "")

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
        said = []
        if rule.lasts == "current":
            template = "; it lasts while this holds"
            if rule.keep is not None:
                template = "; it lasts while this holds: {requirement}"
            if rule.grace_to_year_end:
                template += ", and then to the end of the year"
            elif rule.grace is not None:
                template += ", and {period} longer"
            said.append(template)
        if rule.validity is not None:
            said.append("; it is valid for {validity}")
            if rule.renewal is not None:
                said.append(", and each time for as long again by this: {renewal}")
        if rule.reinstatement is not None:
            said.append("; once lost it returns by this: {reinstatement}")
        if rule.falls_for_good:
            said.append("; once lost it does not return")
        parts = {"requirement": rule.keep, "renewal": rule.renewal, "reinstatement": rule.reinstatement}
        words = {name: self.part(part, inside=False) for name, part in parts.items() if part is not None}
        words |= {
            name: self.period(each) for name, each in (("period", rule.grace), ("validity", rule.validity)) if each
        }
        return "".join(self._(each).format(**words) for each in said) + self._meant(rule)

    def _meant(self, rule: Rule) -> str:
        said = []
        for same in rule.same:
            said.append(
                self._("; {names} are one and the same").format(
                    names=self.joined(map(self.name, same.names), self._("and"))
                )
            )
        for each in rule.substitutes:
            instead = (
                self.name(each.achievement)
                if each.achievement
                else self._("what its {property} names").format(property=self.name(each.property))
            )
            said.append(self._("; {pool} stands for {instead}").format(pool=self.some(each.of), instead=instead))
        for barred in rule.barred:
            said.append(
                self._("; of {names} only the {attempt} counts").format(
                    names=self.joined(map(self.name, barred.names), self._("and")), attempt=self._(barred.keeps)
                )
            )
        for renewal in rule.renewals:
            said.append(self._("; {by} renews {of}").format(by=self.some(renewal.by), of=self.some(renewal.of)))
        return "".join(said)

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
