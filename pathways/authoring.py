"""Writing courses, assessments and pathways, and opening them once they are complete."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement
from pathways.models import (
    Assessment,
    Course,
    CourseStaff,
    Material,
    Module,
    Pathway,
    Question,
    RubricCriterion,
    RubricLevel,
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


@transaction.atomic
def create_course(*, author: User | None, at: datetime, **fields: Any) -> Course:
    """Begin a course as a draft; its author teaches it."""
    course = Course(**fields)
    course.full_clean()
    course.save()
    if author is not None:
        CourseStaff.objects.create(course=course, user=author)
    audit.note("create course", course, actor=author, at=at)
    return course


@transaction.atomic
def edit_course(*, course: Course, author: User, at: datetime, **fields: Any) -> Course:
    """Change the course's description. Raises `SlugFixed` when an opened course would get another short name."""
    if course.opened_at and fields.get("slug", course.slug) != course.slug:
        raise SlugFixed(title=course.title)
    for name, value in fields.items():
        setattr(course, name, value)
    course.full_clean()
    course.save()
    audit.note("edit course", course, actor=author, at=at, fields=sorted(fields))
    return course


@transaction.atomic
def add_staff(*, course: Course, user: User, by: User | None, at: datetime) -> None:
    """Let a person teach and grade the course."""
    _staff, made = CourseStaff.objects.get_or_create(course=course, user=user)
    if made:
        audit.note("add course staff", course, actor=by, concerns=user, at=at)


@transaction.atomic
def remove_staff(*, course: Course, user: User, by: User, at: datetime) -> None:
    """Take the course from a person's hands."""
    removed, _rows = CourseStaff.objects.filter(course=course, user=user).delete()
    if removed:
        audit.note("remove course staff", course, actor=by, concerns=user, at=at)


@transaction.atomic
def add_module(*, course: Course, slug: str, title: str, summary: str = "") -> Module:
    """Append a module."""
    module = Module(course=course, slug=slug, title=title, summary=summary, position=course.modules.count() + 1)
    module.full_clean()
    module.save()
    return module


@transaction.atomic
def add_material(*, module: Module, questions: Sequence[Mapping[str, Any]] = (), **fields: Any) -> Material:
    """Append a material, with its questions if it is an exercise."""
    material = Material(module=module, position=module.materials.count() + 1, **fields)
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
    assessment = Assessment(course=course, position=course.assessments.count() + 1, **fields)
    assessment.full_clean()
    assessment.save()
    _add_questions(questions, assessment=assessment)
    for position, criterion in enumerate(rubric, start=1):
        row = RubricCriterion.objects.create(
            assessment=assessment,
            position=position,
            title=criterion["title"],
            description=criterion.get("description", ""),
        )
        RubricLevel.objects.bulk_create(
            RubricLevel(criterion=row, position=place, **level) for place, level in enumerate(criterion["levels"], 1)
        )
    return assessment


def _add_questions(questions: Sequence[Mapping[str, Any]], **place: Any) -> None:
    rows = [Question(position=position, **place, **question) for position, question in enumerate(questions, start=1)]
    for row in rows:
        row.full_clean()
    Question.objects.bulk_create(rows)


@transaction.atomic
def remove(thing: Module | Material | Assessment) -> None:
    """Take a module, material or assessment out of its course. Raises `HasWork` once learners have handed in."""
    if isinstance(thing, Assessment) and (thing.submissions.exists() or thing.grades.exists()):
        raise HasWork(title=thing.title)
    thing.delete()


@transaction.atomic
def move(thing: Module | Material | Assessment, *, by: int) -> None:
    """Move it up (-1) or down (+1) among its siblings; at the end it stays."""
    siblings: list[Any] = list(
        thing.module.materials.all()
        if isinstance(thing, Material)
        else thing.course.modules.all()
        if isinstance(thing, Module)
        else thing.course.assessments.all()
    )
    here = siblings.index(thing)
    there = min(max(here + by, 0), len(siblings) - 1)
    siblings.insert(there, siblings.pop(here))
    for position, sibling in enumerate(siblings, start=1):
        sibling.position = position
    type(thing).objects.bulk_update(siblings, ["position"])


def missing_for_opening(course: Course) -> list[str]:
    """What the course lacks before learners may come, in words."""
    missing = []
    if not course.summary or not course.description:
        missing.append(gettext("a summary and a description"))
    if not course.hours:
        missing.append(gettext("the hours of study"))
    if not Material.objects.filter(module__course=course).exists() and not course.assessments.exists():
        missing.append(gettext("something to study or to be assessed by"))
    if course.achievement is None:
        missing.append(gettext("the achievement it leads to"))
    elif course.achievement.state != Achievement.State.PUBLISHED:
        missing.append(gettext("its achievement in published form"))
    elif not course.achievement.rule_versions.filter(state=RuleVersion.State.PUBLISHED).exists():
        missing.append(gettext("a published rule for its achievement"))
    for video in Material.objects.filter(module__course=course, kind=Material.Kind.VIDEO):
        if not video.captions or not video.transcript:
            missing.append(gettext("captions and a transcript for “{title}”").format(title=video.title))
    for assessment in course.assessments.prefetch_related("questions", "criteria"):
        if assessment.kind == Assessment.Kind.QUIZ and not assessment.questions.all():
            missing.append(gettext("questions for “{title}”").format(title=assessment.title))
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
