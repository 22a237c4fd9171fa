"""The course builder: a course is begun here, and its outline, people and opening are looked after."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pathways import access, authoring
from pathways.editions import edition_of
from pathways.forms.authoring import CourseForm, NewCourseForm, StaffForm
from pathways.models import Assessment, Course, Material
from pathways.views.authoring_pages import (
    compared,
    course_of,
    form_page,
    name_of,
    part_of,
    questions_url,
    refused_with,
    seen_next,
    status_of,
)
from portal.accounts.models import User
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_or_fragment
from portal.shared.refusals import Refusal


@login_required
def create_course(request: SignedInRequest) -> HttpResponse:
    issuers = access.issuers_for_authors(request.user)
    if not issuers.exists():
        raise Http404
    form = NewCourseForm(request.POST or None, issuers=issuers)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            made: list[Course] = []
            refusal = refused_with(
                form,
                lambda: made.append(
                    authoring.create_course(author=request.user, at=timezone.now(), **form.cleaned_data)
                ),
            )
            if refusal is None:
                messages.success(request, _("“%(title)s” is begun. Only its staff see it yet.") % {"title": made[0]})
                return redirect("build", made[0].slug)
            status = status_of(refusal)
    return render(request, "pathways/teaching/build/new.html", {"form": form}, status=status)


@login_required
def show_outline(request: SignedInRequest, slug: str) -> HttpResponse:
    return _outline(request, course_of(request, slug))


def _outline(request: SignedInRequest, course: Course) -> HttpResponse:
    modules = list(course.modules.prefetch_related("materials__questions"))
    context = {
        "course": course,
        "modules": modules,
        "assessments": list(course.assessments.prefetch_related("questions", "criteria")),
        "gaps": [(gap.words, _place_of_gap(course, gap)) for gap in authoring.gaps(course)],
        "material_kinds": Material.Kind.choices,
        "assessment_kinds": Assessment.Kind.choices,
        "minutes": sum(material.minutes for module in modules for material in module.materials.all()),
    }
    return page_or_fragment(
        request, "pathways/teaching/build/outline.html", "pathways/teaching/build/_outline.html", context
    )


def _place_of_gap(course: Course, gap: authoring.Gap) -> str:
    part = gap.part
    if isinstance(part, Course):
        return reverse("build-about", args=[course.slug])
    if isinstance(part, Assessment) or (isinstance(part, Material) and part.kind == Material.Kind.EXERCISE):
        return questions_url(course, part)
    if isinstance(part, Material):
        return reverse("build-material", args=[course.slug, part.uuid])
    return ""


@login_required
def edit_course(request: SignedInRequest, slug: str) -> HttpResponse:
    course = course_of(request, slug)
    sent = request.POST or None
    form = CourseForm(sent, instance=_copy(course))
    status, theirs = 200, None
    if request.method == "POST" and "preview" not in request.POST:
        status = 422
        if form.is_valid():
            refusal = refused_with(
                form,
                lambda: authoring.edit_course(
                    course=course,
                    author=request.user,
                    at=timezone.now(),
                    seen=request.POST.get("seen", ""),
                    **form.cleaned_data,
                ),
            )
            if refusal is None:
                messages.success(request, _("The course is kept."))
                return redirect("build", form.cleaned_data["slug"])
            status = status_of(refusal)
            course = course_of(request, slug)
            theirs = compared(refusal, form, lambda: CourseForm(instance=_copy(course)))
    return form_page(
        request,
        course,
        form,
        title=_("About the course"),
        status=status,
        here="about",
        seen=seen_next(request, edition_of(course), theirs),
        differences=theirs,
        previews="description",
    )


def _copy(course: Course) -> Course:
    """A form writes what was typed into its instance; the page still speaks of the course as it is."""
    copied = Course.objects.get(pk=course.pk)
    copied.issuer = course.issuer
    return copied


@login_required
@require_POST
def change_state(request: SignedInRequest, slug: str, act: str) -> HttpResponse:
    course = course_of(request, slug)
    acts: dict[str, Any] = {"open": authoring.open_course, "close": authoring.close_course}
    if act not in acts:
        raise Http404
    try:
        acts[act](course=course, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        said = {
            "open": _("The course is open: learners may enrol."),
            "close": _("The course takes no more learners. Those inside go on."),
        }
        messages.success(request, said[act])
    return redirect("build", slug)


@login_required
@require_POST
def move(request: SignedInRequest, slug: str, kind: str, key: str, way: str) -> HttpResponse:
    """One place up or down among its siblings."""
    course = course_of(request, slug)
    part = part_of(course, kind, key)
    if way not in {"up", "down"}:
        raise Http404
    authoring.move(part, by=-1 if way == "up" else 1)
    if kind == "question":
        place = part.assessment or part.material  # type: ignore[union-attr]
        return redirect(f"{questions_url(course, place)}#question-{key}")  # type: ignore[arg-type]
    if request.htmx:
        return _outline(request, course)
    return redirect(f"{reverse('build', args=[slug])}#{kind}-{key}")


@login_required
def remove(request: SignedInRequest, slug: str, kind: str, key: str) -> HttpResponse:
    """Say what goes, and let it go."""
    course = course_of(request, slug)
    part = part_of(course, kind, key)
    if kind == "question":
        raise Http404
    refused = ""
    if request.method == "POST":
        try:
            authoring.remove(part, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refusal as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("“%(title)s” is removed.") % {"title": name_of(part)})
            return redirect("build", slug)
    context = {"course": course, "part": part, "kind": kind, "going": authoring.going_with(part), "refused": refused}
    return render(request, "pathways/teaching/build/remove.html", context, status=409 if refused else 200)


@login_required
def show_people(request: SignedInRequest, slug: str) -> HttpResponse:
    course = course_of(request, slug)
    form = StaffForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and form.user:
            authoring.add_staff(course=course, user=form.user, by=request.user, at=timezone.now())
            messages.success(request, _("%(name)s teaches this course now.") % {"name": form.user})
            return redirect("build-people", slug)
    staff = course.staff.select_related("user").order_by("user__name")
    context = {"course": course, "form": form, "staff": staff, "here": "people"}
    return render(request, "pathways/teaching/build/people.html", context, status=status)


@login_required
def remove_person(request: SignedInRequest, slug: str, person_uuid: UUID) -> HttpResponse:
    """Ask, and take the course from a person's hands."""
    course = course_of(request, slug)
    person = get_object_or_404(User, uuid=person_uuid, taught__course=course)
    refused = ""
    if request.method == "POST":
        try:
            authoring.remove_staff(course=course, user=person, by=request.user, at=timezone.now())
        except Refusal as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("%(name)s no longer teaches “%(title)s”.") % {"name": person, "title": course})
            stays = access.courses_taught_by(request.user).filter(pk=course.pk).exists()
            return redirect("build-people", slug) if stays else redirect("teach")
    context = {"course": course, "person": person, "refused": refused, "here": "people"}
    return render(request, "pathways/teaching/build/remove_person.html", context, status=409 if refused else 200)
