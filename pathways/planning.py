"""Plans for one learner: what is on offer to them, the cheapest way to their targets, and the plans that they keep."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, AchievementSkill
from pathways import guidance
from pathways.holdings import described
from pathways.models import Course, Enrolment, LearningPlan, MaterialProgress, PlanStep
from pathways.queries import keys_of, record_of
from pathways.rules import plan as planner
from pathways.rules.eligible import why_not
from pathways.rules.plan import By, Plan, Wish
from pathways.rules.plan.offering import Gain, Offer, Offering, Stack
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import All, Leaf, Pool, Rule, walk
from pathways.rules.requirement import Count as CountOf
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal

MOST_TARGETS = 5
MOST_SKILLS = 20
MOST_PLANS = 20
HOURS_PER_WEEK = Decimal(10)
# How long a page looks for the first answer, and when it is asked to look longer.
STEPS = 500
LONGER = 3_000
# The name under which wanted skills are planned for.
SKILLS = "wanted-skills"
FULL_MARKS = Decimal(100)


class NothingToKeep(Refusal):
    """There is no plan to keep."""

    words: ClassVar = _("There is no plan to keep: nothing is left to do, or nothing that is on offer would do.")
    status: ClassVar = 422


class TooManyPlans(Refusal):
    """A learner keeps so many plans at the most."""

    words: ClassVar = _("You keep {count} plans already. Drop one first.")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a learner asks for: targets or skills, and how the plan shall be."""

    targets: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    by: By = "hours"
    hours_per_week: Decimal = HOURS_PER_WEEK
    without: tuple[str, ...] = ()
    longer: bool = False


def read_by(word: str) -> By:
    """The wish that is meant; hours where it is none."""
    return next((each for each in planner.BY if each == word), "hours")


@dataclass(frozen=True)
class Answer:
    """A plan with everything that is needed to speak of it."""

    question: Question
    plan: Plan
    rules: Mapping[str, Rule]
    achievements: Mapping[str, Achievement]
    courses: Mapping[str, Course]
    record: Record
    names: Mapping[str, str]
    begun: frozenset[str] = field(default_factory=frozenset)
    missing_rules: tuple[str, ...] = ()
    held: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Ground:
    """What is known of a learner and of what is on offer to them; many questions may be asked of it."""

    learner: User
    on: date
    record: Record
    offer: Offer
    achievements: Mapping[str, Achievement]
    courses: Mapping[str, Course]
    bound: Mapping[str, Rule]
    currency: str

    @property
    def held(self) -> frozenset[str]:
        """What is awarded and in force on the day."""
        return frozenset(
            each.key
            for each in self.record.holdings
            if each.kind != "grade" and each.status == "active" and (each.until is None or each.until >= self.on)
        )


def ground_for(learner: User, on: date, *, record: Record | None = None) -> Ground:
    """Everything on offer to the learner on this day; the number of queries does not grow with it."""
    record = record or record_of(learner)
    in_force = guidance.rules_in_force()
    achievements = {
        each.slug: each
        for each in Achievement.objects.filter(state=Achievement.State.PUBLISHED)
        .select_related("issuer")
        .prefetch_related("skills")
    }
    places = {
        each.course_id: each
        for each in Enrolment.objects.filter(learner=learner).exclude(state=Enrolment.State.WITHDRAWN)
    }
    courses = [each for each in _courses(places) if _may_be_taken(each, places.get(each.pk))]
    done = Counter(MaterialProgress.objects.filter(enrolment__learner=learner).values_list("enrolment_id", flat=True))
    offerings = tuple(_offering(each, places.get(each.pk), done) for each in courses)
    stacks = {
        slug: Stack(rule=rule, gain=_gain(achievements[slug], on))
        for slug, rule in sorted(in_force.items())
        if slug in achievements
    }
    bound = {
        place.pathway.target.slug: rule
        for place in guidance.pathways_of(learner)
        if (rule := guidance.bound_rule(place, in_force)) is not None
    }
    priced = Counter(each.currency for each in courses if each.price)
    return Ground(
        learner=learner,
        on=on,
        record=record,
        offer=Offer(offerings=offerings, stacks=stacks),
        achievements=achievements,
        courses={each.slug: each for each in courses},
        bound={**{slug: each.rule for slug, each in stacks.items()}, **bound},
        currency=min(priced, key=lambda each: (-priced[each], each), default=""),
    )


def _courses(places: Mapping[int, Enrolment]) -> QuerySet[Course]:
    active = Count("enrolments", filter=Q(enrolments__state=Enrolment.State.ACTIVE), distinct=True)
    return (
        Course.objects.filter(Q(state=Course.State.OPEN) | Q(pk__in=places))
        .select_related("issuer", "achievement")
        .prefetch_related("assessments", "prerequisites")
        .annotate(taken=active, materials=Count("modules__materials", distinct=True))
        .order_by("slug")
    )


def _may_be_taken(course: Course, place: Enrolment | None) -> bool:
    if place is None:
        return course.state == Course.State.OPEN
    return place.state == Enrolment.State.ACTIVE


def _offering(course: Course, place: Enrolment | None, done: Mapping[int, int]) -> Offering:
    gains = tuple(
        Gain(
            holding=Holding(
                id="",
                kind="grade",
                key=f"{course.slug}/{assessment.slug}",
                earned_on=date.min,
                # Supposed to be as good as a rule may ask; the plan says what it asks.
                grade=FULL_MARKS,
                issuer=course.issuer.slug,
                source="assessed",
            )
        )
        for assessment in course.assessments.all()
    )
    materials: int = course.materials  # type: ignore[attr-defined]
    left = Decimal(1)
    if place is not None and materials:
        left = 1 - Decimal(min(done.get(place.pk, 0), materials)) / materials
    taken: int = course.taken  # type: ignore[attr-defined]
    return Offering(
        id=course.slug,
        gains=gains,
        hours=(course.hours * left).quantize(Decimal("0.1")),
        price=Decimal(0) if place else course.price,
        currency=course.currency,
        starts_on=course.starts_on,
        # Without an end it takes as long as it takes, from its start on.
        ends_on=course.ends_on,
        places=None if course.places is None else max(0, course.places - taken),
        needs=tuple(each.slug for each in course.prerequisites.all()),
        is_begun=place is not None,
    )


def _gain(achievement: Achievement, on: date) -> Gain:
    holding = Holding(id="", earned_on=on, **described(achievement))
    return Gain(holding=holding, valid_months=achievement.validity_months)


# Asking


def answer(question: Question, ground: Ground) -> Answer:
    """The plan for the question. Targets that are held are left out; those without a rule are named."""
    wanted = [slug for slug in question.targets if slug not in ground.held]
    rules = {slug: ground.bound[slug] for slug in wanted if slug in ground.bound}
    if question.skills:
        rules[SKILLS] = rule_for_skills(question.skills)
    wish = Wish(
        by=question.by,
        hours_per_week=question.hours_per_week,
        currency=ground.currency,
        without=frozenset(question.without),
        steps=LONGER if question.longer else STEPS,
    )
    found = planner.plan(rules, ground.record, ground.offer, wish, ground.on)
    keys = keys_of([*rules.values(), *(ground.bound[slug] for slug in found.awards if slug in ground.bound)])
    return Answer(
        question=question,
        plan=found,
        rules={**{slug: ground.bound[slug] for slug in found.awards if slug in ground.bound}, **rules},
        achievements=ground.achievements,
        courses=ground.courses,
        record=ground.record,
        names=_names(ground, keys),
        begun=frozenset(each.id for each in ground.offer.offerings if each.is_begun),
        missing_rules=tuple(slug for slug in wanted if slug not in ground.bound),
        held=ground.held.intersection(question.targets),
    )


def _names(ground: Ground, keys: Iterable[str]) -> dict[str, str]:
    names = {slug: each.name for slug, each in ground.achievements.items()}
    for course in ground.courses.values():
        names |= {f"{course.slug}/{each.slug}": f"{each.title} ({course.title})" for each in course.assessments.all()}
    unknown = {key for key in keys if key not in names}
    return names | (guidance.names_for(unknown).names if unknown else {})  # type: ignore[operator]


def rule_for_skills(skills: Sequence[str]) -> Rule:
    """Each skill shown by something; one achievement may show several."""
    parts = tuple(
        CountOf(id=f"skill-{number}", at_least=1, pool=Pool(skills=(name,), achievements=()), shared=True)
        for number, name in enumerate(skills, start=1)
    )
    return Rule(root=All(id="skills", parts=parts))


@dataclass(frozen=True)
class Skill:
    """A skill of the catalogue: its address in a framework, whether it is held, and by what."""

    name: str
    url: str
    by: tuple[str, ...]


def skills_of_catalogue() -> list[tuple[str, str]]:
    """Every skill that a published achievement shows, with its address in a framework, if it has one."""
    rows = AchievementSkill.objects.filter(achievement__state=Achievement.State.PUBLISHED).values_list("name", "url")
    found: dict[str, str] = {}
    for name, url in rows.order_by("name", "url"):
        found[name] = found.get(name) or url
    return sorted(found.items(), key=lambda each: each[0].casefold())


def gap(skills: Iterable[str], ground: Ground, urls: Mapping[str, str]) -> list[Skill]:
    """Which of these skills the learner shows, and by which achievements in force."""
    shown: dict[str, list[str]] = {}
    for holding in ground.record.holdings:
        if holding.kind != "grade" and holding.key in ground.held:
            for name in sorted(holding.skills):
                shown.setdefault(name, []).append(holding.key)
    return [Skill(name, urls.get(name, ""), tuple(dict.fromkeys(shown.get(name, ())))) for name in skills]


def may_count(rule: Rule, ground: Ground) -> list[Achievement]:
    """The achievements that the learner does not hold and that could count in the rule, were they held today."""
    leaves = [part for part in walk(rule.root) if isinstance(part, Leaf)]
    found = []
    for slug, achievement in ground.achievements.items():
        holding = _gain(achievement, ground.on).earned(ground.on)
        if slug not in ground.held and any(why_not(holding, leaf, ground.record, ground.on) is None for leaf in leaves):
            found.append(achievement)
    return sorted(found, key=lambda each: (each.name.casefold(), each.slug))


def supposed(slugs: Collection[str], ground: Ground) -> tuple[Holding, ...]:
    """What these achievements would bring, were they earned today."""
    gains = {slug: _gain(ground.achievements[slug], ground.on) for slug in slugs if slug in ground.achievements}
    return tuple(
        Holding(**{**gain.earned(ground.on).__dict__, "id": f"supposed:{slug}"}) for slug, gain in gains.items()
    )


# Keeping


@transaction.atomic
def keep(*, answer: Answer, title: str, learner: User, at: datetime) -> LearningPlan:
    """Keep a plan as it is now. Raises `NothingToKeep` and `TooManyPlans`."""
    found = answer.plan
    if not found.steps or found.finished_on is None:
        raise NothingToKeep
    if LearningPlan.objects.filter(learner=learner).count() >= MOST_PLANS:
        raise TooManyPlans(count=MOST_PLANS)
    kept = LearningPlan.objects.create(
        learner=learner,
        title=title[:200],
        skills=list(answer.question.skills),
        by=found.by,
        hours_per_week=answer.question.hours_per_week,
        finished_on=found.finished_on,
        kept_at=at,
    )
    kept.targets.set([answer.achievements[slug] for slug in answer.question.targets if slug in answer.achievements])
    PlanStep.objects.bulk_create(
        PlanStep(
            plan=kept,
            position=position,
            course=answer.courses[step.offering],
            begins_on=step.begins_on,
            ends_on=step.ends_on,
            hours=step.hours,
            price=step.price,
            currency=step.currency,
        )
        for position, step in enumerate(found.steps)
    )
    audit.note("keep plan", kept, actor=learner, concerns=learner, at=at)
    return kept


@transaction.atomic
def drop(*, kept: LearningPlan, learner: User, at: datetime) -> None:
    """Forget a plan; nothing that was begun or earned is touched."""
    audit.note("drop plan", kept, actor=learner, concerns=learner, at=at)
    kept.delete()


@dataclass(frozen=True)
class Kept:
    """A plan that a learner keeps, and how far it is; each step is earned, under way, late or planned."""

    plan: LearningPlan
    steps: tuple[tuple[PlanStep, str], ...]

    @property
    def done(self) -> int:
        return sum(1 for _step, state in self.steps if state == "earned")

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def next(self) -> PlanStep | None:
        return next((step for step, state in self.steps if state != "earned"), None)

    @property
    def is_late(self) -> bool:
        return any(state == "late" for _step, state in self.steps)


def plans_of(learner: User) -> QuerySet[LearningPlan]:
    """The plans that the learner keeps, newest first."""
    return LearningPlan.objects.filter(learner=learner).prefetch_related("targets", "steps__course__achievement")


def kept_plans(learner: User, on: date) -> list[Kept]:
    """Every plan with how far it is; five queries at the most, however many there are."""
    return with_progress(list(plans_of(learner)), learner, on)


def with_progress(plans: Sequence[LearningPlan], learner: User, on: date) -> list[Kept]:
    """How far these plans are."""
    if not plans:
        return []
    places = dict(
        Enrolment.objects.filter(learner=learner)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .values_list("course_id", "state")
    )
    held = set(
        Achievement.objects.filter(awards__learner=learner, awards__standing="active").values_list("pk", flat=True)
    )
    return [Kept(plan, tuple((step, _state(step, places, held, on)) for step in plan.steps.all())) for plan in plans]


def _state(step: PlanStep, places: Mapping[int, str], held: Collection[int], on: date) -> str:
    place = places.get(step.course_id)
    if step.course.achievement_id in held or place == Enrolment.State.COMPLETED:
        return "earned"
    if step.ends_on < on or (place is None and step.begins_on < on):
        return "late"
    return "planned" if place is None else "under-way"
