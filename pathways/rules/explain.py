"""Says rules and verdicts in plain sentences, in the language that is handed in.

`names` maps the keys of achievements, assessments, issuers and the like to what people call them; a key without a name
stands for itself.
"""

from collections.abc import Mapping
from functools import partial

from pathways.rules.evaluation import Completion, Evaluation, Need, NodeResult, ReasonCode, Unused
from pathways.rules.phrases.language import ENGLISH, Language, gettext_noop, number
from pathways.rules.phrases.whole import WholePhrases
from pathways.rules.requirement import (
    Amount,
    Check,
    Condition,
    Count,
    Duration,
    Requirement,
    Rule,
    conditions_of,
    walk,
)

REASONS: dict[ReasonCode, str] = {
    "revoked": gettext_noop("it was revoked"),
    "suspended": gettext_noop("it is suspended"),
    "superseded": gettext_noop("a newer one replaced it"),
    "dated_later": gettext_noop("it is dated after the day of evaluation"),
    "expired": gettext_noop("it has expired"),
    "earned_too_early": gettext_noop("it was earned too early"),
    "earned_too_late": gettext_noop("it was earned too late"),
    "grade_too_low": gettext_noop("its grade is too low"),
    "not_passed": gettext_noop("it was not passed"),
    "level_too_low": gettext_noop("its level is too low"),
    "level_too_high": gettext_noop("its level is too high"),
    "other_issuer": gettext_noop("it comes from another issuer"),
    "other_source": gettext_noop("it comes from a source that does not count here"),
    "other_kind": gettext_noop("it is of another kind"),
    "other_subject": gettext_noop("it belongs to another subject"),
    "other_skill": gettext_noop("it does not show the skill asked for"),
    "tag_missing": gettext_noop("it is not of the group asked for"),
    "tag_excluded": gettext_noop("it is of a group that does not count here"),
    "nothing_to_add": gettext_noop("it adds nothing to the sum"),
    "over_maximum": gettext_noop("the maximum is reached"),
    "repeated": gettext_noop("the same achievement already counts"),
    "used_elsewhere": gettext_noop("another qualification has used it"),
    "other_alternative": gettext_noop("it fits none of the alternatives"),
    "other_status": gettext_noop("its status is another than is asked for"),
    "other_number": gettext_noop("its value is outside what is asked for"),
    "other_attempt": gettext_noop("another attempt at the same counts"),
    "not_as_learner": gettext_noop("it is not what this learner needs"),
    "not_used_there": gettext_noop("it was not used where it had to be"),
    "not_held_then": gettext_noop("something that had to be held on its day was not"),
    "not_held_beside": gettext_noop("something that must be held beside it is missing"),
    "barred": gettext_noop("something that is held bars it"),
    "excluded": gettext_noop("it is excluded"),
    "too_short": gettext_noop("its period is too short"),
    "held_too_short": gettext_noop("it has not been held long enough"),
    "pinned": gettext_noop("it was chosen not to count here"),
    "not_needed": gettext_noop("it is not needed"),
    "not_asked": gettext_noop("no part asks for it"),
}


def sentence(rule: Rule, names: Mapping[str, str], language: Language = ENGLISH) -> str:
    """The whole rule as one sentence."""
    speaker = Speaker(names, language)
    phrase = "; ".join([speaker.part(rule.root, inside=False), *(words for _field, words in speaker.whole(rule))])
    return language.gettext("{sentence}.").format(sentence=phrase[:1].upper() + phrase[1:])


def part_sentence(part: Requirement, names: Mapping[str, str], language: Language = ENGLISH) -> str:
    """One part as one sentence."""
    return sentence(Rule(root=part), names, language)


def node_sentence(
    rule: Rule, evaluation: Evaluation, node: str, names: Mapping[str, str], language: Language = ENGLISH
) -> str:
    """Where one part stands: what it asks, and how much of it is there."""
    speaker = Speaker(names, language)
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
    return language.gettext("{requirement}: {standing}.").format(
        requirement=phrase[:1].upper() + phrase[1:], standing=speaker.standing(result)
    )


def unused_sentence(unused: Unused, name: str, language: Language = ENGLISH) -> str:
    """Why a holding does not count; `name` is what people call the holding."""
    said = language.gettext("{holding} does not count: {reason}.")
    return said.format(holding=name, reason=language.gettext(REASONS[unused.code]))


def completion_sentence(
    rule: Rule, completion: Completion, names: Mapping[str, str], language: Language = ENGLISH
) -> str:
    """What one completing set asks for, as one sentence."""
    speaker = Speaker(names, language)
    parts = {part.id: part for part in walk(rule.root)}
    conditions = {each.id: (each, part) for part in parts.values() for each in conditions_of(part)}
    phrases = [
        speaker.need(parts[need.node], need) if need.node in parts else speaker.lacking(*conditions[need.node])
        for need in completion
    ]
    needs = speaker.joined(phrases, language.gettext("and"))
    return language.gettext("Still needed: {needs}.").format(needs=needs)


class Speaker(WholePhrases):
    """Puts rules and verdicts into words for one reader."""

    def standing(self, result: NodeResult) -> str:
        match result.state:
            case "met":
                return self._("met")
            case "under_way":
                template = self._("under way, {have} of {need}")
            case "open":
                template = self._("open, {have} of {need}")
            case "missing":
                template = self._("missing, {have} of {need}")
        return template.format(have=number(result.have), need=number(result.need))

    def lacking(self, condition: Condition, part: Requirement) -> str:
        return self._("that {condition}").format(condition=self.condition(condition, part))

    def _lacking_check(self, check: Check, need: Need) -> str:
        if not isinstance(check, Duration):
            return self.part(check, inside=False)
        template = self._("{amount} of {pool}") if check.pool.achievements else self._("{amount}{pool}")
        return template.format(amount=self.more(need.amount, check.unit), pool=self.pool(check.pool))

    def need(self, part: Requirement, need: Need) -> str:
        if isinstance(part, Check):
            return self._lacking_check(part, need)
        keys = [key for _, key in need.any_of]
        if isinstance(part, Amount):
            template = self._("{amount} from {names}") if keys else self._("{amount}{pool}")
            return template.format(
                amount=self.more(need.amount, part.unit), names=self.either(keys), pool=self.where(part.pool)
            )
        again = len(keys) > 1 and isinstance(part, Count) and part.pool.repeats
        if keys and need.amount == len(keys) and not again:
            return self.joined((self.name(key) for key in keys), self._("and"))
        if keys and need.amount == 1:
            return self.either(keys)
        if keys:
            return self._("{amount} of {names}").format(amount=number(need.amount), names=self.either(keys))
        pool = self.where(part.pool) if isinstance(part, Count) else ""
        return self._("{amount} more{pool}").format(amount=number(need.amount), pool=pool)
