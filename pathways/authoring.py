"""Writing courses, assessments and pathways, and opening them once they are complete."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Max, Q
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement
from credentials.queries import ancestry
from pathways.editions import current
from pathways.models import (
    Assessment,
    Course,
    CourseStaff,
    Enrolment,
    Material,
    MaterialProgress,
    Module,
    Pathway,
    PathwayEnrolment,
    Question,
    RubricCriterion,
    RubricLevel,
    RuleReference,
    RuleVersion,
    Stage,
)
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal


class NotComplete(Refusal):
    """Something is missing before learners may come."""

    words: ClassVar = _("{title} cannot be opened yet: {missing}")
    status: ClassVar = 422


class SlugFixed(Refusal):
    """Rules name things by their short name."""

    words: ClassVar = _("The short name of {title} stands in rules and addresses and can no longer change.")


class HasWork(Refusal):
    """Learners have handed in work."""

    words: ClassVar = _("Learners have handed in work for {title}, so it stays as it is. Close it and write a new one.")


class NamedByRule(Refusal):
    """A rule asks for it."""

    words: ClassVar = _(
        "A rule of {achievement} that is in force, or still binds learners, asks for {title}. "
        "Let the registrar change the rule first."
    )


class LastOfStaff(Refusal):
    """A course is never without someone who teaches it."""

    words: ClassVar = _("{name} is the last one who teaches {title}. Add someone else first.")


class NotYours(Refusal):
    """A course leads to what its own issuer gives."""

    words: ClassVar = _("{achievement} belongs to another issuer than the course.")
    status: ClassVar = 422


def free_slug(title: str, taken: Collection[str]) -> str:
    """A short name made from the title, different from all that are taken; "part-3" where no letter is Latin."""
    stem = slugify(title)[:70].strip("-_") or "part"
    number = 1
    slug = stem if stem != "part" else "part-1"
    while slug in taken or slug == "new":
        number += 1
        slug = f"{stem}-{number}"
    return slug


@transaction.atomic
def create_course(*, author: User | None, at: datetime, **fields: Any) -> Course:
    """Begin a course as a draft; its author teaches it."""
    prerequisites = fields.pop("prerequisites", ())
    course = Course(**fields)
    course.full_clean()
    course.save()
    course.prerequisites.set(prerequisites)
    if author is not None:
        CourseStaff.objects.create(course=course, user=author)
    audit.note("create course", course, actor=author, at=at)
    return course


@transaction.atomic
def edit_course(*, course: Course, author: User, at: datetime, seen: str | None = None, **fields: Any) -> Course:
    """Change the course's description.

    Raises `SlugFixed` when a course that was opened, or that a rule names, would get another short name; `NotYours`
    for an achievement that neither its issuer nor one above gives;
    `ChangedMeanwhile` when it is no longer in the edition that was seen.
    """
    now = current(course, seen)
    if fields.get("slug", now.slug) != now.slug and (now.opened_at or named_by(now)):
        raise SlugFixed(title=now.title)
    achievement = fields.get("achievement")
    if achievement and achievement.pk != now.achievement_id and achievement.issuer not in ancestry(now.issuer):
        raise NotYours(achievement=achievement.name)
    changed = sorted(fields)
    prerequisites = fields.pop("prerequisites", None)
    for name, value in fields.items():
        setattr(now, name, value)
    now.full_clean()
    now.save()
    if prerequisites is not None:
        now.prerequisites.set(prerequisites)
    audit.note("edit course", now, actor=author, at=at, fields=changed)
    return now


def named_by(thing: Course | Assessment) -> RuleVersion | None:
    """The newest rule, in force or replaced but still binding someone, that names the assessment or one of them."""
    slugs = (
        [f"{thing.slug}/{slug}" for slug in thing.assessments.values_list("slug", flat=True)]
        if isinstance(thing, Course)
        else [f"{thing.course.slug}/{thing.slug}"]
    )
    bound = Q(version__state=RuleVersion.State.PUBLISHED)
    for enrolments in (Enrolment.objects.exclude(state=Enrolment.State.WITHDRAWN), PathwayEnrolment.objects.all()):
        bound |= Q(version__in=enrolments.exclude(rule_version=None).values("rule_version"))
    found = RuleReference.objects.filter(bound, kind="grade", key__in=slugs).select_related("version__achievement")
    reference = found.order_by("-version_id").first()
    return reference.version if reference else None


@transaction.atomic
def add_staff(*, course: Course, user: User, by: User | None, at: datetime) -> None:
    """Let a person teach and grade the course."""
    _staff, made = CourseStaff.objects.get_or_create(course=course, user=user)
    if made:
        audit.note("add course staff", course, actor=by, concerns=user, at=at)


@transaction.atomic
def remove_staff(*, course: Course, user: User, by: User, at: datetime) -> None:
    """Take the course from a person's hands. Raises `LastOfStaff` when nobody would be left."""
    # Two members of staff who remove each other at once must not both succeed.
    Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    staff = set(CourseStaff.objects.filter(course=course).values_list("user_id", flat=True))
    if user.pk not in staff:
        return
    if len(staff) == 1:
        raise LastOfStaff(name=str(user), title=course.title)
    CourseStaff.objects.filter(course=course, user=user).delete()
    audit.note("remove course staff", course, actor=by, concerns=user, at=at)


def _after(siblings: Any) -> int:
    # Not their number: one may have been removed.
    return int(siblings.aggregate(last=Max("position"))["last"] or 0) + 1


@transaction.atomic
def add_module(*, course: Course, slug: str, title: str, summary: str = "") -> Module:
    """Append a module."""
    module = Module(course=course, slug=slug, title=title, summary=summary, position=_after(course.modules))
    module.full_clean()
    module.save()
    return module


@transaction.atomic
def edit_module(
    *, module: Module, author: User, at: datetime, seen: str | None = None, title: str, summary: str
) -> Module:
    """Change what a module is called. Raises `ChangedMeanwhile` when it is no longer in the edition that was seen."""
    now = current(module, seen)
    now.title, now.summary = title, summary
    now.full_clean()
    now.save()
    audit.note("edit module", now, actor=author, at=at, course=module.course.slug)
    return now


@transaction.atomic
def edit_material(
    *, material: Material, author: User, at: datetime, seen: str | None = None, module: Module, **fields: Any
) -> Material:
    """Change a material, or put it last in another module of the course.

    Raises `ChangedMeanwhile` when it is no longer in the edition that was seen.
    """
    now = current(material, seen)
    for name, value in fields.items():
        setattr(now, name, value)
    if module.pk != now.module_id:
        there = dict(module.materials.values_list("slug", "position"))
        if now.slug in there:
            now.slug = free_slug(now.title, there)
        now.module, now.position = module, max(there.values(), default=0) + 1
    now.full_clean()
    now.save()
    audit.note("edit material", now, actor=author, at=at, course=module.course.slug, fields=sorted(fields))
    return now


@transaction.atomic
def add_material(*, module: Module, questions: Sequence[Mapping[str, Any]] = (), **fields: Any) -> Material:
    """Append a material, with its questions if it is an exercise."""
    material = Material(module=module, position=_after(module.materials), **fields)
    material.full_clean()
    material.save()
    _add_questions(questions, material=material)
    return material


@transaction.atomic
def add_assessment(
    *,
    course: Course,
    questions: Sequence[Mapping[str, Any]] = (),
    rubric: Sequence[Mapping[str, Any]] = (),
    **fields: Any,
) -> Assessment:
    """Append an assessment, with its questions (a quiz) or its rubric.

    A question is {kind, prompt, choices | answer, feedback, marks}; a criterion of a rubric is {title, description,
    levels: [{title, description, marks}, … from low to high]}.
    """
    assessment = Assessment(course=course, position=_after(course.assessments), **fields)
    assessment.full_clean()
    assessment.save()
    _add_questions(questions, assessment=assessment)
    add_rubric(assessment, rubric)
    return assessment


def add_rubric(assessment: Assessment, criteria: Sequence[Mapping[str, Any]]) -> None:
    """Write the criteria with their levels, in order."""
    for position, criterion in enumerate(criteria, start=1):
        row = RubricCriterion(
            assessment=assessment,
            position=position,
            title=criterion["title"],
            description=criterion.get("description", ""),
        )
        row.full_clean()
        row.save()
        levels = [
            RubricLevel(criterion=row, position=place, **level) for place, level in enumerate(criterion["levels"], 1)
        ]
        for level in levels:
            level.full_clean()
        RubricLevel.objects.bulk_create(levels)


def _add_questions(questions: Sequence[Mapping[str, Any]], **place: Any) -> None:
    rows = [Question(position=position, **place, **question) for position, question in enumerate(questions, start=1)]
    for row in rows:
        row.full_clean()
    Question.objects.bulk_create(rows)


@transaction.atomic
def remove(thing: Module | Material | Assessment, *, by: User | None = None, at: datetime | None = None) -> None:
    """Take a module, material or assessment out of its course, with an audit line where `by` and `at` are given.

    Raises `HasWork` once learners have begun work, and `NamedByRule` while a rule asks for it.
    """
    if isinstance(thing, Assessment):
        # The full lock: nobody begins a submission before this is decided.
        current(thing, None)
        if thing.submissions.exists() or thing.grades.exists():
            raise HasWork(title=thing.title)
        if version := named_by(thing):
            raise NamedByRule(achievement=version.achievement.name, title=thing.title)
    if by is not None and at is not None:
        audit.note(f"remove {thing._meta.model_name}", thing, actor=by, at=at)
    thing.delete()


@dataclass(frozen=True)
class Going:
    """What goes with a part when it is removed."""

    materials: list[str]
    questions: int
    criteria: int
    ticks: int


def going_with(part: Module | Material | Assessment | Question) -> Going:
    """What removing a part takes along: materials, questions, criteria, and the ticks of learners."""
    if isinstance(part, Module):
        materials = list(part.materials.values_list("title", flat=True))
        inside = Material.objects.filter(module=part)
    else:
        materials = []
        inside = Material.objects.filter(pk=part.pk) if isinstance(part, Material) else Material.objects.none()
    questions = Question.objects.filter(Q(assessment=part) if isinstance(part, Assessment) else Q(material__in=inside))
    return Going(
        materials=materials,
        questions=questions.count(),
        criteria=part.criteria.count() if isinstance(part, Assessment) else 0,
        ticks=MaterialProgress.objects.filter(material__in=inside).count(),
    )


@transaction.atomic
def move(thing: Module | Material | Assessment | Question, *, by: int) -> None:
    """Move it up (-1) or down (+1) among its siblings; at the end it stays."""
    siblings: list[Any] = list(
        thing.module.materials.all()
        if isinstance(thing, Material)
        else (thing.assessment or thing.material).questions.all()  # type: ignore[union-attr]
        if isinstance(thing, Question)
        else thing.course.modules.all()
        if isinstance(thing, Module)
        else thing.course.assessments.all()
    )
    if thing not in siblings:
        return
    here = siblings.index(thing)
    there = min(max(here + by, 0), len(siblings) - 1)
    siblings.insert(there, siblings.pop(here))
    for position, sibling in enumerate(siblings, start=1):
        sibling.position = position
    type(thing).objects.bulk_update(siblings, ["position"])


@dataclass(frozen=True)
class Gap:
    """Something that a course lacks: what, and the part where it is mended."""

    words: str
    part: Course | Material | Assessment | None = None


def missing_for_opening(course: Course) -> list[str]:
    """What the course lacks before learners may come, in words."""
    return [gap.words for gap in gaps(course)]


def gaps(course: Course) -> list[Gap]:
    """What the course lacks before learners may come, each with the part concerned; none: the outline."""
    missing = []
    if not course.summary or not course.description:
        missing.append(Gap(gettext("a summary and a description"), course))
    if not course.hours:
        missing.append(Gap(gettext("the hours of study"), course))
    materials = list(
        Material.objects.filter(module__course=course)
        .select_related("module")
        .prefetch_related("questions")
        .order_by("module__position", "position")
    )
    assessments = list(course.assessments.prefetch_related("questions"))
    if not materials and not assessments:
        missing.append(Gap(gettext("something to study or to be assessed by")))
    if course.achievement is None:
        missing.append(Gap(gettext("the achievement it leads to"), course))
    elif course.achievement.state != Achievement.State.PUBLISHED:
        missing.append(Gap(gettext("its achievement in published form")))
    elif not course.achievement.rule_versions.filter(state=RuleVersion.State.PUBLISHED).exists():
        missing.append(Gap(gettext("a published rule for its achievement")))
    for material in materials:
        if material.kind == Material.Kind.VIDEO and not (material.captions and material.transcript):
            missing.append(
                Gap(gettext("captions and a transcript for “{title}”").format(title=material.title), material)
            )
        if material.kind == Material.Kind.EXERCISE and not material.questions.all():
            missing.append(Gap(gettext("questions for “{title}”").format(title=material.title), material))
    for assessment in assessments:
        if assessment.kind == Assessment.Kind.QUIZ and not assessment.questions.all():
            missing.append(Gap(gettext("questions for “{title}”").format(title=assessment.title), assessment))
    return missing


@transaction.atomic
def open_course(*, course: Course, by: User | None, at: datetime) -> Course:
    """Let learners enrol. Raises `NotComplete` with everything that is missing."""
    missing = missing_for_opening(course)
    if missing:
        raise NotComplete(title=course.title, missing="; ".join(missing) + ".")
    course.state = Course.State.OPEN
    course.opened_at = course.opened_at or at
    course.save(update_fields=["state", "opened_at"])
    audit.note("open course", course, actor=by, at=at)
    return course


@transaction.atomic
def close_course(*, course: Course, by: User | None, at: datetime) -> Course:
    """Take no more learners; those inside go on."""
    course.state = Course.State.CLOSED
    course.save(update_fields=["state"])
    audit.note("close course", course, actor=by, at=at)
    return course


@transaction.atomic
def create_pathway(
    *, by: User | None, at: datetime, stages: Sequence[Mapping[str, Any]] = (), **fields: Any
) -> Pathway:
    """Write a pathway; a stage is {title, text, achievements: [Achievement, …]}."""
    pathway = Pathway(**fields)
    pathway.full_clean()
    pathway.save()
    _set_stages(pathway, stages)
    audit.note("create pathway", pathway, actor=by, at=at)
    return pathway


@transaction.atomic
def edit_pathway(
    *, pathway: Pathway, by: User, at: datetime, stages: Sequence[Mapping[str, Any]] | None = None, **fields: Any
) -> Pathway:
    """Change what a pathway says, and its stages where they are given.

    Raises `SlugFixed` when one that was opened would get another short name or another target.
    """
    current = Pathway.objects.select_for_update(no_key=True).get(pk=pathway.pk)
    changed = [name for name, value in fields.items() if getattr(current, name) != value]
    if current.state != Pathway.State.DRAFT and {"slug", "target"} & set(changed):
        raise SlugFixed(title=current.title)
    for name in changed:
        setattr(current, name, fields[name])
    current.full_clean()
    current.save()
    if stages is not None:
        current.stages.all().delete()
        _set_stages(current, stages)
    audit.note("edit pathway", current, actor=by, at=at, fields=sorted(changed))
    return current


def _set_stages(pathway: Pathway, stages: Sequence[Mapping[str, Any]]) -> None:
    for position, stage in enumerate(stages, start=1):
        row = Stage.objects.create(pathway=pathway, position=position, title=stage["title"], text=stage.get("text", ""))
        row.achievements.set(stage.get("achievements", ()))


@transaction.atomic
def open_pathway(*, pathway: Pathway, by: User | None, at: datetime) -> Pathway:
    """Let learners take it as a goal. Raises `NotComplete` while its target has no rule in force."""
    if not pathway.target.rule_versions.filter(state=RuleVersion.State.PUBLISHED).exists():
        raise NotComplete(title=pathway.title, missing=gettext("a published rule for its target."))
    pathway.state = Pathway.State.OPEN
    pathway.save(update_fields=["state"])
    audit.note("open pathway", pathway, actor=by, at=at)
    return pathway


@transaction.atomic
def close_pathway(*, pathway: Pathway, by: User, at: datetime) -> Pathway:
    """Take no more learners; those on the way go on."""
    pathway.state = Pathway.State.CLOSED
    pathway.save(update_fields=["state"])
    audit.note("close pathway", pathway, actor=by, at=at)
    return pathway
