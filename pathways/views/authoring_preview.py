"""The course builder: a course as its learners will see it, without a place in it and without keeping anything."""

from pathlib import PurePath
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from pathways.forms.learning import read_answers
from pathways.marking import mark_answers
from pathways.models import Assessment, Material
from pathways.views import study
from pathways.views.authoring_pages import assessment_of, course_of, material_of
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_or_fragment


@login_required
def preview_course(request: SignedInRequest, slug: str) -> HttpResponse:
    course = course_of(request, slug)
    context = {
        "course": course,
        "modules": course.modules.prefetch_related("materials"),
        "assessments": course.assessments.all(),
    }
    return render(request, "pathways/teaching/build/preview_course.html", context)


@login_required
def preview_material(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponse:
    """A material; answers to an exercise are judged and forgotten."""
    course = course_of(request, slug)
    material = material_of(course, uuid)
    questions = list(material.questions.all()) if material.kind == Material.Kind.EXERCISE else []
    marked = mark_answers(questions, read_answers(questions, request.POST)) if request.method == "POST" else None
    order = list(Material.objects.filter(module__course=course).order_by("module__position", "position", "id"))
    here = order.index(material)
    context = {
        "course": course,
        "material": material,
        "questions": study.question_rows(questions, {}, marked),
        "marked": marked,
        "all_right": bool(marked) and all(each.is_right for each in marked or ()),
        "is_playable": material.kind == Material.Kind.VIDEO
        and PurePath(material.file.name or "").suffix.lower() in study.VIDEO,
        "before": order[here - 1] if here else None,
        "after": order[here + 1] if here + 1 < len(order) else None,
    }
    return page_or_fragment(
        request,
        "pathways/teaching/build/preview_material.html",
        "pathways/teaching/build/_preview_exercise.html",
        context,
    )


@login_required
def preview_file(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponseBase:
    return study.file_of(request, material_of(course_of(request, slug), uuid))


@login_required
def preview_captions(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponseBase:
    return study.captions_of(request, material_of(course_of(request, slug), uuid))


@login_required
def preview_assessment(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponse:
    """What is asked, with its rubric or its questions; a quiz is judged and forgotten."""
    course = course_of(request, slug)
    assessment = assessment_of(course, uuid)
    questions = list(assessment.questions.all()) if assessment.kind == Assessment.Kind.QUIZ else []
    marked = mark_answers(questions, read_answers(questions, request.POST)) if request.method == "POST" else None
    context = {
        "course": course,
        "assessment": assessment,
        "criteria": assessment.criteria.prefetch_related("levels"),
        "questions": study.question_rows(questions, {}, marked),
        "marked": marked,
    }
    return render(request, "pathways/teaching/build/preview_assessment.html", context)
