"""Questions to the database about learning: records for rules, queues, progress."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from credentials.models import Achievement, Award
from pathways.models import Course, Derivation, Enrolment, Grade, Material, MaterialProgress, Ruling, Submission
from pathways.models.rulings import ruling_value
from pathways.rules.record import Holding, HoldingKind, Other, Record, Status
from pathways.rules.rulings import AttestedFact, RulingValue
from portal.accounts.models import User


def institution_day(at: datetime) -> date:
    """The day at that moment in the institution's time zone: rules count in days there."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def grade_holding(grade: Grade) -> Holding:
    """What a grade brings to a rule; needs assessment, course and issuer loaded."""
    return Holding(
        id=f"grade:{grade.uuid}",
        kind="grade",
        key=grade.assessment.key,
        earned_on=grade.earned_on,
        grade=grade.marks * 100 / grade.out_of,
        passed=grade.has_passed,
        issuer=grade.assessment.course.issuer.slug,
        source="assessed",
    )


AWARD_STATUS: dict[str, Status] = {
    Award.Standing.ACTIVE: "active",
    Award.Standing.SUSPENDED: "suspended",
    Award.Standing.REVOKED: "revoked",
}


# The status of an award that its own rule has revoked: it counts nowhere, and does not keep another from being made.
FALLEN: Status = "fallen"


def award_holding(award: Award) -> Holding:
    """What an award brings to a rule; needs achievement, its issuer and its skills loaded."""
    achievement = award.achievement
    return Holding(
        id=f"award:{award.uuid}",
        kind="award",
        key=achievement.slug,
        earned_on=award.awarded_on,
        credits=achievement.credits,
        hours=achievement.workload_hours,
        level=achievement.level,
        until=award.valid_until,
        status=FALLEN if award.earnable_again else AWARD_STATUS[award.standing],
        issuer=achievement.issuer.slug,
        subject=achievement.subject,
        achievement_kind=achievement.kind,
        source="assessed",
        tags=frozenset(achievement.tags),
        skills=frozenset(skill.name for skill in achievement.skills.all()),
    )


def records_of(learner_ids: Iterable[int], *, under_way: bool = False) -> dict[int, Record]:
    """Everything rules may look at, by learner; three or four queries for decisions, and two for what is under way."""
    ids = set(learner_ids)
    holdings: dict[int, list[Holding]] = defaultdict(list)
    released = Grade.objects.filter(learner__in=ids, state=Grade.State.RELEASED)
    for grade in released.select_related("assessment__course__issuer").order_by("id"):
        holdings[grade.learner_id].append(grade_holding(grade))
    awards = Award.objects.filter(learner__in=ids).select_related("achievement__issuer")
    for award in awards.prefetch_related("achievement__skills").order_by("id"):
        holdings[award.learner_id].append(award_holding(award))
    begun = _under_way(ids) if under_way else {}
    rulings = _rulings(ids)
    granted = [
        each for each in awards if each.achievement.kind != SMALLEST_KIND and each.standing == Award.Standing.ACTIVE
    ]
    others = _others(granted)
    return {
        id_: Record(
            holdings=tuple(holdings[id_]),
            under_way=begun.get(id_, frozenset()),
            # Those in force on the day of a decision are found by `exceptions`; these are for whoever only shows them.
            facts={each.name: each.value for each in rulings[id_] if isinstance(each, AttestedFact)},
            rulings=tuple(rulings[id_]),
            others=tuple(others[id_]),
        )
        for id_ in ids
    }


# What uses nothing that another award could use as well: it stands on assessments.
SMALLEST_KIND = Achievement.Kind.MICRO_CREDENTIAL


def _rulings(ids: set[int]) -> dict[int, list[RulingValue]]:
    found: dict[int, list[RulingValue]] = defaultdict(list)
    approved = Ruling.objects.filter(learner__in=ids, state=Ruling.State.APPROVED).order_by("valid_from", "id")
    columns = ("uuid", "kind", "achievement__slug", "node", "terms", "valid_from", "valid_until")
    for id_, uuid, kind, slug, node, terms, since, until in approved.values_list("learner_id", *columns):
        value = ruling_value(uuid=uuid, kind=kind, slug=slug or "", node=node, terms=terms, since=since, until=until)
        found[id_].append(value)
    return found


def let_in_somewhere(ids: Iterable[int]) -> bool:
    """Whether something counts for one of these learners in a rule that does not ask for it."""
    kinds = (Ruling.Kind.SUBSTITUTION, Ruling.Kind.EXTRA_CHOICE)
    return Ruling.objects.filter(learner__in=ids, state=Ruling.State.APPROVED, kind__in=kinds).exists()


def _others(granted: Sequence[Award]) -> dict[int, list[Other]]:
    """The qualifications granted, each with what it uses; no query where there is none."""
    uses: dict[int, frozenset[str]] = {}
    if granted:
        grounds = Derivation.objects.filter(award__in=[each.pk for each in granted]).order_by("id")
        for award_id, allocation in grounds.values_list("award_id", "allocation"):
            uses[award_id] = frozenset(taken["holding"] for part in allocation.values() for taken in part)
    found: dict[int, list[Other]] = defaultdict(list)
    for award in granted:
        found[award.learner_id].append(other_of(award, uses.get(award.pk, frozenset())))
    return found


def other_of(award: Award, uses: frozenset[str]) -> Other:
    """An award as the ledger of what is used where tells of it; needs its achievement loaded."""
    achievement = award.achievement
    return Other(
        id=achievement.slug,
        uses=uses,
        kind=achievement.kind,
        level="" if achievement.level is None else str(achievement.level),
        tags=frozenset(achievement.tags),
        amounts=(("credits", achievement.credits), ("hours", achievement.workload_hours)),
    )


def record_of(learner: User) -> Record:
    """One learner's record, with what is under way."""
    return records_of([learner.pk], under_way=True)[learner.pk]


def _under_way(ids: set[int]) -> dict[int, frozenset[tuple[HoldingKind, str]]]:
    begun: dict[int, set[tuple[HoldingKind, str]]] = defaultdict(set)
    studying = Enrolment.objects.filter(
        learner__in=ids, state=Enrolment.State.ACTIVE, course__achievement__isnull=False
    )
    for learner_id, slug in studying.values_list("learner_id", "course__achievement__slug"):
        begun[learner_id].add(("award", slug))
    handed_in = Submission.objects.filter(learner__in=ids, state=Submission.State.SUBMITTED)
    for learner_id, course, slug in handed_in.values_list("learner_id", "assessment__course__slug", "assessment__slug"):
        begun[learner_id].add(("grade", f"{course}/{slug}"))
    return {id_: frozenset(keys) for id_, keys in begun.items()}


def names_of_keys(keys: Iterable[str]) -> dict[str, str]:
    """What people call the achievements and assessments that a rule names by slug."""
    slugs = set(keys)
    names = dict(
        Achievement.objects.filter(slug__in=[key for key in slugs if "/" not in key]).values_list("slug", "name")
    )
    pairs = [key.split("/", 1) for key in slugs if "/" in key]
    if pairs:
        courses = Course.objects.filter(slug__in=[course for course, _ in pairs]).prefetch_related("assessments")
        for course in courses:
            for assessment in course.assessments.all():
                names[f"{course.slug}/{assessment.slug}"] = f"{assessment.title} ({course.title})"
    return names


def materials_done(enrolment: Enrolment) -> set[int]:
    return set(enrolment.progress.values_list("material_id", flat=True))


def enrolments_with_progress(learner: User) -> QuerySet[Enrolment]:
    """A learner's courses with how many of their materials are done."""
    return (
        Enrolment.objects.filter(learner=learner)
        .select_related("course__achievement", "course__issuer")
        .annotate(
            materials=Count("course__modules__materials", distinct=True),
            materials_done=Count("progress", distinct=True),
        )
    )


def next_material(enrolment: Enrolment) -> Material | None:
    """The first material of the course that the learner has not done."""
    done = MaterialProgress.objects.filter(enrolment=enrolment, material=OuterRef("pk"))
    todo = Material.objects.filter(module__course_id=enrolment.course_id).exclude(Exists(done))
    return todo.select_related("module__course").order_by("module__position", "position").first()


def waiting_for_mark(courses: Sequence[int] | QuerySet[Course]) -> QuerySet[Submission]:
    """Work handed in and not yet graded, oldest first."""
    return (
        Submission.objects.filter(assessment__course__in=courses, state=Submission.State.SUBMITTED)
        .select_related("assessment__course", "learner", "claimed_by")
        .order_by("submitted_at", "id")
    )


def best_grades(learner: User, course: Course) -> dict[int, Grade]:
    """The learner's best released grade by assessment id."""
    best: dict[int, Grade] = {}
    for grade in Grade.objects.filter(learner=learner, assessment__course=course, state=Grade.State.RELEASED):
        share = grade.marks / grade.out_of
        if (
            grade.assessment_id not in best
            or share > best[grade.assessment_id].marks / best[grade.assessment_id].out_of
        ):
            best[grade.assessment_id] = grade
    return best


def search_people(term: str) -> Q:
    """People whose name or address holds the term."""
    return Q(name__icontains=term) | Q(email__icontains=term)
