"""What the pages of the course builder share: finding a part, doing an act, showing a form with another's version."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from pathways import access
from pathways.editions import ChangedMeanwhile
from pathways.models import Assessment, Course, Material, Module, Question
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_or_fragment
from portal.shared.refusals import Refusal

Part = Module | Material | Assessment | Question


@dataclass(frozen=True)
class Difference:
    """A field that someone else changed, as they keep it and as it was typed here."""

    label: str
    theirs: str
    yours: str


def refused_with(form: forms.BaseForm, act: Callable[[], Any]) -> Exception | None:
    """Do the act; when it is refused, say why on the form and answer with the refusal."""
    try:
        act()
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return refusal
    except ValidationError as fault:
        form.add_error(None, fault.messages)
        return fault
    return None


def status_of(refusal: Exception | None) -> int:
    """The status of an answer that shows a form again."""
    return refusal.status if isinstance(refusal, Refusal) else 422


def differences(yours: forms.BaseForm, theirs: forms.BaseForm) -> list[Difference]:
    """Where what was typed differs from what is kept now, field by field."""
    found = []
    for name in dict.fromkeys([*theirs.fields, *yours.fields]):
        kept, typed = (_shown(form, name) for form in (theirs, yours))
        if kept != typed:
            field = (theirs if name in theirs.fields else yours).fields[name]
            found.append(Difference(str(field.widget.attrs.get("aria-label", field.label)), kept, typed))
    return found


def _shown(form: forms.BaseForm, name: str) -> str:
    if name not in form.fields or isinstance(form.fields[name], forms.FileField):
        return ""
    bound = form[name]
    value = bound.value()
    if isinstance(value, list | tuple):
        return ", ".join(str(int(each) + 1) if str(each).isdigit() else str(each) for each in value)
    if isinstance(bound.field, forms.ModelChoiceField):
        return next((str(words) for key, words in bound.field.widget.choices if str(key) == str(value)), "")
    if isinstance(bound.field, forms.DecimalField) and value not in (None, ""):
        # 10 and 10.00 are the same marks.
        try:
            return f"{bound.field.clean(str(value)).normalize():f}"
        except ValidationError:
            return str(value)
    formatted = bound.field.widget.format_value(value) if value is not None else ""
    return str(formatted or "").replace("\r\n", "\n").strip()


def form_page(
    request: SignedInRequest,
    course: Course,
    form: forms.BaseForm,
    *,
    title: Any,
    status: int = 200,
    template: str = "form",
    **context: Any,
) -> HttpResponse:
    """A page of the builder around a form; where Markdown was to be looked at, with how it will look."""
    shown = {
        "course": course,
        "form": form,
        "title": title,
        "back": reverse("build", args=[course.slug]),
        "preview": looked_at(request),
        **context,
    }
    return page_or_fragment(
        request,
        f"pathways/teaching/build/{template}.html",
        "pathways/teaching/build/_preview.html"
        if "preview" in request.POST
        else f"pathways/teaching/build/{template}.html",
        shown,
        status=status,
    )


def looked_at(request: SignedInRequest) -> str | None:
    """The Markdown that was sent to be looked at, none if something else was asked."""
    if "preview" not in request.POST:
        return None
    return next((request.POST[name] for name in ("body", "brief", "description") if name in request.POST), "")


def seen_next(request: SignedInRequest, now: str, theirs: list[Difference] | None) -> str:
    """The edition that the next sending is compared with.

    What the author saw when the form was opened; once both versions were shown, the one that stands now.
    """
    return now if theirs is not None else request.POST.get("seen", now)


def compared(
    refusal: Exception | None, yours: forms.BaseForm, theirs: Callable[[], forms.BaseForm]
) -> list[Difference] | None:
    """Both versions, when the refusal was that another has kept one meanwhile."""
    return differences(yours, theirs()) if isinstance(refusal, ChangedMeanwhile) else None


def course_of(request: SignedInRequest, slug: str) -> Course:
    return access.course_for_staff(request.user, slug)


def module_of(course: Course, slug: str) -> Module:
    module: Module = get_object_or_404(course.modules, slug=slug)
    module.course = course
    return module


def material_of(course: Course, uuid: UUID) -> Material:
    return get_object_or_404(Material.objects.select_related("module"), uuid=uuid, module__course=course)


def assessment_of(course: Course, uuid: UUID) -> Assessment:
    assessment: Assessment = get_object_or_404(course.assessments, uuid=uuid)
    assessment.course = course
    return assessment


def question_of(place: Assessment | Material, uuid: UUID) -> Question:
    question: Question = get_object_or_404(place.questions, uuid=uuid)
    if isinstance(place, Assessment):
        question.assessment = place
    else:
        question.material = place
    return question


def part_of(course: Course, kind: str, key: str) -> Part:
    """The part of the course that an address names: a module by its short name, all else by uuid."""
    if kind == "module":
        return module_of(course, key)
    try:
        uuid = UUID(key)
    except ValueError:
        raise Http404 from None
    if kind == "material":
        return material_of(course, uuid)
    if kind == "assessment":
        return assessment_of(course, uuid)
    if kind == "question":
        questions = Question.objects.select_related("assessment__course", "material__module__course")
        question = get_object_or_404(questions, uuid=uuid)
        if place_course(question) == course:
            return question
    raise Http404


def place_course(question: Question) -> Course | None:
    if question.assessment:
        return question.assessment.course
    return question.material.module.course if question.material else None


def questions_url(course: Course, place: Assessment | Material) -> str:
    """The page of the questions of a quiz or an exercise."""
    kind = "assessment" if isinstance(place, Assessment) else "material"
    return reverse("build-questions", args=[course.slug, kind, place.uuid])


def name_of(part: Part) -> str:
    """What a part is called in a sentence."""
    return _("question %(number)d") % {"number": part.position} if isinstance(part, Question) else part.title
