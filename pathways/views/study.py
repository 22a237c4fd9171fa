"""Studying: a material with its place in the course, ticks, exercises, and the files of materials."""

import mimetypes
from pathlib import PurePath
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from pathways import access, queries, study, today
from pathways.forms.learning import answer_field, read_answers
from pathways.marking import Marked
from pathways.models import Enrolment, Material, Question
from pathways.views import files
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_or_fragment

# What a browser plays; anything else is offered as a download.
VIDEO = {".mp4": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg"}


@login_required
def continue_course(request: SignedInRequest, slug: str) -> HttpResponse:
    """To the exact place where the learner stopped; with all done, the course at a glance."""
    place = access.enrolment_for_learner(request.user, slug)
    if "all" not in request.GET:
        material = queries.next_material(place)
        if material is not None:
            return redirect(today.material_url(material, place.course))
    outline = _outline(place)
    context = {
        "course": place.course,
        "place": place,
        "modules": outline,
        "assessments": _assessments(place),
        "done": sum(1 for _module, rows in outline for _material, is_done in rows if is_done),
        "total": sum(len(rows) for _module, rows in outline),
    }
    return render(request, "pathways/learning/course.html", context)


@login_required
def show_material(request: SignedInRequest, course: str, module: str, material: str) -> HttpResponse:
    place, found = _material(request, course, module, material)
    return _page(request, place, found)


@login_required
@require_POST
def tick(request: SignedInRequest, course: str, module: str, material: str) -> HttpResponse:
    """Tick a material off, and go on to the next; or take the tick away."""
    place, found = _material(request, course, module, material)
    if "undo" in request.POST:
        study.mark_undone(enrolment=place, material=found)
        return redirect(today.material_url(found, place.course))
    study.mark_done(enrolment=place, material=found, at=timezone.now())
    order = [each for _module, rows in _outline(place) for each, _is_done in rows]
    after = order[order.index(found) + 1 :]
    if after:
        return redirect(today.material_url(after[0], place.course))
    return redirect("me-course", slug=course)


@login_required
@require_POST
def try_exercise(request: SignedInRequest, course: str, module: str, material: str) -> HttpResponse:
    """Judge the answers at once, in the page."""
    place, found = _material(request, course, module, material)
    if found.kind != Material.Kind.EXERCISE:
        raise Http404
    answers = read_answers(list(found.questions.all()), request.POST)
    marked = study.try_exercise(enrolment=place, material=found, answers=answers, at=timezone.now())
    return _page(request, place, found, marked=marked)


@login_required
def send_material_file(request: SignedInRequest, course: str, module: str, material: str) -> HttpResponseBase:
    """A video to play, in ranges; any other file as a download."""
    _place, found = _material(request, course, module, material)
    return file_of(request, found)


def file_of(request: SignedInRequest, found: Material) -> HttpResponseBase:
    """The file of a material that the reader may see."""
    if not found.file:
        raise Http404
    name = PurePath(found.file.name or "").name
    stream = _opened(found.file)
    played = VIDEO.get(PurePath(name).suffix.lower())
    if found.kind == Material.Kind.VIDEO and played:
        return files.in_ranges(request, stream, size=found.file.size, name=name, media_type=played)
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return files.download(stream, name=name, media_type=guessed)


@login_required
def send_captions(request: SignedInRequest, course: str, module: str, material: str) -> HttpResponseBase:
    _place, found = _material(request, course, module, material)
    return captions_of(request, found)


def captions_of(request: SignedInRequest, found: Material) -> HttpResponseBase:
    """The captions of a video that the reader may see."""
    if not found.captions:
        raise Http404
    stream = _opened(found.captions)
    name = PurePath(found.captions.name or "").name
    return files.in_ranges(request, stream, size=found.captions.size, name=name, media_type="text/vtt; charset=utf-8")


def _opened(stored: Any) -> Any:
    try:
        return stored.open("rb")
    except FileNotFoundError:
        raise Http404 from None


def _material(request: SignedInRequest, course: str, module: str, material: str) -> tuple[Enrolment, Material]:
    place = access.enrolment_for_learner(request.user, course)
    found = get_object_or_404(
        Material.objects.select_related("module"),
        module__course=place.course_id,
        module__slug=module,
        slug=material,
    )
    return place, found


def _outline(place: Enrolment) -> list[tuple[Any, list[tuple[Material, bool]]]]:
    """The modules with their materials, each with whether it is done; three queries."""
    done = queries.materials_done(place)
    outline = []
    for module in place.course.modules.prefetch_related("materials"):
        rows = []
        for material in module.materials.all():
            material.module = module
            rows.append((material, material.pk in done))
        outline.append((module, rows))
    return outline


def _assessments(place: Enrolment) -> list[tuple[Any, Any, Any]]:
    """What is assessed in the course, each with the learner's best grade, and the attempt that is being marked."""
    best = queries.best_grades(place.learner, place.course)
    handed_in = queries.being_marked(place.learner).filter(assessment__course=place.course)
    waiting = {each.assessment_id: each for each in handed_in}
    return [(each, best.get(each.pk), waiting.get(each.pk)) for each in place.course.assessments.all()]


def _page(
    request: SignedInRequest, place: Enrolment, material: Material, *, marked: list[Marked] | None = None
) -> HttpResponse:
    outline = _outline(place)
    order = [(each, is_done) for _module, rows in outline for each, is_done in rows]
    here = [each.pk for each, _is_done in order].index(material.pk)
    todo = [each for each, is_done in order if not is_done]
    questions = list(material.questions.all()) if material.kind == Material.Kind.EXERCISE else []
    context = {
        "course": place.course,
        "place": place,
        "material": material,
        "modules": outline,
        "assessments": _assessments(place),
        "is_done": order[here][1],
        "before": order[here - 1][0] if here else None,
        "after": order[here + 1][0] if here + 1 < len(order) else None,
        "minutes_left": sum(each.minutes for each in todo),
        "done": len(order) - len(todo),
        "total": len(order),
        "is_playable": material.kind == Material.Kind.VIDEO
        and PurePath(material.file.name or "").suffix.lower() in VIDEO,
        "questions": question_rows(questions, {}, marked),
        "marked": marked,
        "all_right": bool(marked) and all(each.is_right for each in marked or ()),
    }
    return page_or_fragment(
        request, "pathways/learning/material.html", "pathways/learning/_exercise_answer.html", context
    )


def question_rows(
    questions: list[Question], answers: dict[str, Any], marked: list[Marked] | None = None
) -> list[dict[str, Any]]:
    """What a template needs of each question: its field, what was given, and what is said to it."""
    judged = {each.question.pk: each for each in marked or ()}
    rows = []
    for question in questions:
        verdict = judged.get(question.pk)
        given = verdict.given if verdict else answers.get(str(question.uuid))
        chosen = set(given) if isinstance(given, list) else {given}
        rows.append(
            {
                "question": question,
                "field": answer_field(question),
                "choices": [(index, choice["text"], index in chosen) for index, choice in enumerate(question.choices)],
                "given": given if isinstance(given, str) else "",
                "marked": verdict,
            }
        )
    return rows
