"""Reads what pages need to guide a learner: the rules on a way, the names in them, and where the learner stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext

from credentials.models import Achievement, Award
from pathways import audit_sheet, mapping, outlook, rulebook
from pathways.audit_sheet import Sheet, Stone
from pathways.models import PathwayEnrolment, RuleReference, RuleVersion, Ruling
from pathways.outlook import Outlook
from pathways.queries import gains_of, keys_of, names_of_keys, record_of
from pathways.rules.exceptions import judge
from pathways.rules.prospects import judge_in_full
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Rule
from portal.accounts.models import User


def rules_in_force() -> dict[str, Rule]:
    """By the slug of what they award."""
    return {entry.slug: entry.rule for entry in rulebook.current().entries.values()}


def rule_of(version: RuleVersion) -> Rule:
    """Needs the achievement loaded."""
    return rulebook.entry_of(version).rule


@dataclass(frozen=True)
class Names:
    """What is called how, and how many credits it brings, by achievement slug or assessment key."""

    names: Mapping[str, str]
    credits_of: Mapping[str, Decimal]


def names_for(keys: Iterable[str]) -> Names:
    """Three queries at the most."""
    wanted = set(keys)
    slugs = [key for key in wanted if "/" not in key]
    return Names(
        names=names_of_keys(wanted),
        credits_of=dict(Achievement.objects.filter(slug__in=slugs).values_list("slug", "credits")),
    )


def gains_for(rules: Iterable[Rule], on: date) -> dict[str, Holding]:
    """What each achievement and assessment that these rules name would bring, were it earned today; two queries."""
    return gains_of(keys_of(rules), on)


def sheet_for(learner: User, rule: Rule, on: date, *, slug: str, record: Record | None = None) -> Sheet:
    """The learner's audit sheet under a rule of the achievement `slug`."""
    record = record or record_of(learner)
    known = names_for(keys_of([rule]) | {holding.key for holding in record.holdings})
    return audit_sheet.sheet_of(
        rule,
        record,
        on,
        names=known.names,
        credits_of=known.credits_of,
        gains=gains_for([rule], on),
        language=translation,
        slug=slug,
    )


def left_under(ruling: Ruling, *, on: date) -> str:
    """What the learner would still lack for the award were this ruling in force, the least of it, as a sentence.

    Nothing, if nothing would be lacking, the award stands already or there is no rule. By the rule in force, whose
    parts rulings speak of.
    """
    rule = rules_in_force().get(ruling.achievement.slug) if ruling.achievement else None
    if rule is None or ruling.achievement is None:
        return ""
    held = Award.objects.filter(learner=ruling.learner, achievement=ruling.achievement)
    if held.filter(standing=Award.Standing.ACTIVE).exists():
        return ""
    record = record_of(ruling.learner)
    imagined = replace(record, rulings=(*record.rulings, ruling.value))
    sheet = sheet_for(ruling.learner, rule, on, slug=ruling.achievement.slug, record=imagined)
    if sheet.is_satisfied:
        return ""
    said = gettext("“{name}” is not complete by it.").format(name=ruling.achievement.name)
    return " ".join([said, *sheet.ways[:1]])


def outlook_for(learner: User, rule: Rule, on: date, *, slug: str, record: Record | None = None) -> Outlook:
    """What lies beside and ahead of the learner's sheet under a rule of the achievement `slug`."""
    record = record or record_of(learner)
    known = names_of_keys(keys_of([rule]) | {holding.key for holding in record.holdings})
    evaluation = judge_in_full(slug, rule, record, on)
    return outlook.outlook_of(rule, record, evaluation, names=known, language=translation)


@dataclass(frozen=True)
class Standing:
    """A pathway that a learner has taken as a goal, and how far it is."""

    place: PathwayEnrolment
    stones: tuple[Stone, ...]
    ways: tuple[str, ...]
    next_keys: tuple[str, ...]
    # Of the award it leads to: active, suspended, revoked or expired; empty where there is none.
    award: str

    @property
    def is_earned(self) -> bool:
        return self.award == "active"

    @property
    def done(self) -> int:
        return sum(1 for _node, _weight, state in self.stones if state == "earned")


def pathways_of(learner: User) -> QuerySet[PathwayEnrolment]:
    """The pathways that the learner follows, newest first."""
    return PathwayEnrolment.objects.filter(learner=learner, left_at__isnull=True).select_related(
        "pathway__issuer", "pathway__target__issuer", "rule_version__achievement"
    )


def standings_of(learner: User, on: date, *, record: Record | None = None) -> list[Standing]:
    """How far the learner is on each pathway; the number of queries does not grow with them."""
    places = list(pathways_of(learner))
    if not places:
        return []
    in_force = rules_in_force()
    rules = {place.pk: rule for place in places if (rule := bound_rule(place, in_force)) is not None}
    record = record or record_of(learner)
    known = names_for(keys_of(rules.values()) | {holding.key for holding in record.holdings})
    gains = gains_for(rules.values(), on)
    found = []
    for place in places:
        award = award_standing(record, place.pathway.target.slug, on)
        if place.pk not in rules:
            found.append(Standing(place, (), (), (), award))
            continue
        sheet = audit_sheet.sheet_of(
            rules[place.pk],
            record,
            on,
            names=known.names,
            credits_of=known.credits_of,
            gains=gains,
            language=translation,
            slug=place.pathway.target.slug,
        )
        first = sheet.missing[0] if sheet.missing else ()
        keys = tuple(key for need in first for _kind, key in need.any_of)
        found.append(Standing(place, sheet.stones, sheet.ways, keys, award))
    return found


# The best first: of several awards of one achievement the one that is worth most speaks.
_WORTH = ("active", "suspended", "expired", "revoked")


def award_standing(record: Record, slug: str, on: date) -> str:
    """What the learner's award of this achievement is worth on that day, as one of `_WORTH`; empty without one."""
    held = {
        "expired" if each.status == "active" and each.until is not None and each.until < on else str(each.status)
        for each in record.holdings
        if each.kind == "award" and each.key == slug
    }
    return next((each for each in _WORTH if each in held), "")


def bound_rule(place: PathwayEnrolment, in_force: Mapping[str, Rule]) -> Rule | None:
    """The rule that binds the learner: that of the day they started, else the one in force."""
    if place.rule_version is not None:
        return rule_of(place.rule_version)
    return in_force.get(place.pathway.target.slug)


# Maps


AWARD_STANDING: Mapping[str, mapping.Standing] = {
    Award.Standing.ACTIVE: "earned",
    Award.Standing.SUSPENDED: "suspended",
    Award.Standing.REVOKED: "revoked",
}


@dataclass(frozen=True)
class Chart:
    """The map of a way, with what its cards are called and, for a learner, where each stands."""

    drawn: mapping.PathwayMap
    rule: Rule
    achievements: Mapping[str, Achievement]
    names: Mapping[str, str]
    credits_of: Mapping[str, Decimal]
    standing: Mapping[str, mapping.Standing]
    counts: Mapping[str, Decimal]
    record: Record | None


def chart_of(target: Achievement, rule: Rule, *, learner: User | None, on: date) -> Chart:
    """The map to an achievement under a rule; with a learner, where each card stands."""
    rules = rules_in_force() | {target.slug: rule}
    goal = mapping.grow(target.slug, rules)
    steps = list(mapping.steps(goal))
    keys = {step.key for step in steps if step.key} | keys_of([rule])
    achievements = {each.slug: each for each in Achievement.objects.filter(slug__in=keys).select_related("issuer")}
    standing: dict[str, mapping.Standing] = {}
    counts: dict[str, Decimal] = {}
    record = None
    if learner is not None:
        record = record_of(learner)
        owners = {step.owner for step in steps if step.owner}
        evaluations = {owner: judge(owner, rules[owner], record, on) for owner in sorted(owners)}
        held = held_by(record)
        for step in steps:
            standing[step.address] = mapping.standing(step, held, evaluations)
            result = mapping.result_of(step, evaluations)
            if result is not None:
                counts[step.address] = min(result.have, result.need)
    return Chart(
        drawn=mapping.layout(goal),
        rule=rule,
        achievements=achievements,
        names=names_of_keys(keys),
        credits_of={slug: each.credits for slug, each in achievements.items()},
        standing=standing,
        counts=counts,
        record=record,
    )


def held_by(record: Record) -> dict[tuple[str, str], mapping.Standing]:
    """What the record says of each achievement and assessment: earned, under way, suspended, revoked."""
    held: dict[tuple[str, str], mapping.Standing] = dict.fromkeys(record.under_way, "under-way")
    for holding in record.holdings:
        if holding.kind == "recognised":
            # As good as the award that it stands for, and said as what it is.
            if held.get(("award", holding.key)) != "earned":
                held["award", holding.key] = "recognised"
            continue
        place = (holding.kind, holding.key)
        if holding.kind == "grade":
            if holding.passed:
                held[place] = "earned"
        elif held.get(place) != "earned" and holding.status in AWARD_STANDING:
            held[place] = AWARD_STANDING[holding.status]
    return held


# What is built on what


def counts_towards(achievement: Achievement) -> list[Achievement]:
    """The published achievements whose rule in force names this one, by name."""
    awarding = RuleReference.objects.filter(
        version__state=RuleVersion.State.PUBLISHED, kind="award", key=achievement.slug
    )
    return list(
        Achievement.objects.filter(
            state=Achievement.State.PUBLISHED, pk__in=awarding.values("version__achievement")
        ).select_related("issuer")
    )
