"""The course builder: modules, materials and assessments are written here."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pathways import authoring, authoring_assessments
from pathways.editions import edition_of
from pathways.forms.authoring import AssessmentForm, MaterialForm, ModuleForm
from pathways.models import Assessment, Course, Material, Module
from pathways.views.authoring_pages import (
    assessment_of,
    compared,
    course_of,
    form_page,
    material_of,
    module_of,
    questions_url,
    refused_with,
    seen_next,
    status_of,
)
from portal.accounts.signed_in import SignedInRequest


def _is_kept(request: SignedInRequest) -> bool:
    """Whether the form was sent to be kept, and not to look at its Markdown."""
    return request.method == "POST" and "preview" not in request.POST


@login_required
def add_module(request: SignedInRequest, slug: str) -> HttpResponse:
    course = course_of(request, slug)
    form = ModuleForm(request.POST or None, instance=Module(course=course))
    status = 200
    if _is_kept(request):
        status = 422
        if form.is_valid():
            taken = set(course.modules.values_list("slug", flat=True))
            own = authoring.free_slug(form.cleaned_data["title"], taken)
            refusal = refused_with(form, lambda: authoring.add_module(course=course, slug=own, **form.cleaned_data))
            if refusal is None:
                messages.success(request, _("The module stands last. Now its materials."))
                return redirect(f"{reverse('build', args=[slug])}#module-{own}")
            status = status_of(refusal)
    return form_page(request, course, form, title=_("New module"), status=status)


@login_required
def edit_module(request: SignedInRequest, slug: str, module: str) -> HttpResponse:
    course = course_of(request, slug)
    there = module_of(course, module)
    form = ModuleForm(request.POST or None, instance=module_of(course, module))
    status, theirs = 200, None
    if _is_kept(request):
        status = 422
        if form.is_valid():
            refusal = refused_with(
                form,
                lambda: authoring.edit_module(
                    module=there,
                    author=request.user,
                    at=timezone.now(),
                    seen=request.POST.get("seen", ""),
                    **form.cleaned_data,
                ),
            )
            if refusal is None:
                messages.success(request, _("The module is kept."))
                return redirect(f"{reverse('build', args=[slug])}#module-{module}")
            status = status_of(refusal)
            there = module_of(course, module)
            theirs = compared(refusal, form, lambda: ModuleForm(instance=module_of(course, module)))
    return form_page(
        request,
        course,
        form,
        title=there.title,
        kicker=_("Module"),
        status=status,
        seen=seen_next(request, edition_of(there), theirs),
        differences=theirs,
    )


@login_required
def add_material(request: SignedInRequest, slug: str, module: str, kind: str) -> HttpResponse:
    course = course_of(request, slug)
    if kind not in Material.Kind.values:
        raise Http404
    material = Material(module=module_of(course, module), kind=kind)
    form = _material_form(request, course, material)
    status = 200
    if _is_kept(request):
        status = 422
        if form.is_valid():
            chosen: Module = form.cleaned_data["module"]
            own = authoring.free_slug(form.cleaned_data["title"], set(chosen.materials.values_list("slug", flat=True)))
            made: list[Material] = []
            refusal = refused_with(
                form,
                lambda: made.append(authoring.add_material(module=chosen, slug=own, kind=kind, **form.act_fields())),
            )
            if refusal is None:
                messages.success(request, _("“%(title)s” is kept.") % {"title": made[0].title})
                if kind == Material.Kind.EXERCISE:
                    return redirect(questions_url(course, made[0]))
                return redirect(f"{reverse('build', args=[slug])}#material-{made[0].uuid}")
            status = status_of(refusal)
    return _material_page(request, course, form, material, status=status)


@login_required
def edit_material(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponse:
    course = course_of(request, slug)
    there = material_of(course, uuid)
    form = _material_form(request, course, material_of(course, uuid))
    status, theirs = 200, None
    if _is_kept(request):
        status = 422
        if form.is_valid():
            refusal = refused_with(
                form,
                lambda: authoring.edit_material(
                    material=there,
                    author=request.user,
                    at=timezone.now(),
                    seen=request.POST.get("seen", ""),
                    **form.cleaned_data,
                ),
            )
            if refusal is None:
                messages.success(request, _("“%(title)s” is kept.") % {"title": form.cleaned_data["title"]})
                return redirect(f"{reverse('build', args=[slug])}#material-{uuid}")
            status = status_of(refusal)
            there = material_of(course, uuid)
            theirs = compared(
                refusal, form, lambda: MaterialForm(instance=material_of(course, uuid), modules=course.modules.all())
            )
    return _material_page(
        request,
        course,
        form,
        there,
        status=status,
        seen=seen_next(request, edition_of(there), theirs),
        differences=theirs,
    )


def _material_form(request: SignedInRequest, course: Course, material: Material) -> MaterialForm:
    return MaterialForm(request.POST or None, request.FILES or None, instance=material, modules=course.modules.all())


def _material_page(
    request: SignedInRequest, course: Course, form: MaterialForm, material: Material, **context: Any
) -> HttpResponse:
    return form_page(
        request,
        course,
        form,
        title=material.title or _("New: %(kind)s") % {"kind": material.get_kind_display()},
        kicker=material.get_kind_display(),
        material=material,
        previews="body",
        questions=questions_url(course, material) if material.pk and material.kind == Material.Kind.EXERCISE else "",
        template="material_form",
        **context,
    )


@login_required
def add_assessment(request: SignedInRequest, slug: str, kind: str) -> HttpResponse:
    course = course_of(request, slug)
    if kind not in Assessment.Kind.values:
        raise Http404
    assessment = Assessment(course=course, kind=kind)
    form = AssessmentForm(request.POST or None, instance=assessment)
    status = 200
    if _is_kept(request):
        status = 422
        if form.is_valid():
            made: list[Assessment] = []
            refusal = refused_with(
                form,
                lambda: made.append(authoring.add_assessment(course=course, kind=kind, **form.cleaned_data)),
            )
            if refusal is None:
                messages.success(request, _("“%(title)s” is kept.") % {"title": made[0].title})
                return redirect(_next_of(course, made[0]))
            status = status_of(refusal)
    return _assessment_page(request, course, form, Assessment(course=course, kind=kind), status=status)


def _next_of(course: Course, assessment: Assessment) -> str:
    """A new quiz wants questions, and work that is handed in a rubric."""
    if assessment.kind == Assessment.Kind.QUIZ:
        return questions_url(course, assessment)
    if assessment.kind == Assessment.Kind.EXAM:
        return f"{reverse('build', args=[course.slug])}#assessment-{assessment.uuid}"
    return reverse("build-rubric", args=[course.slug, assessment.uuid])


@login_required
def edit_assessment(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponse:
    course = course_of(request, slug)
    there = assessment_of(course, uuid)
    fixed = {
        "handed_in": authoring_assessments.is_handed_in(there),
        "slug_fixed": bool(course.opened_at or authoring.named_by(there)),
    }
    form = AssessmentForm(request.POST or None, instance=assessment_of(course, uuid), **fixed)
    status, theirs = 200, None
    if _is_kept(request):
        status = 422
        if form.is_valid():
            refusal = refused_with(
                form,
                lambda: authoring_assessments.edit_assessment(
                    assessment=there,
                    author=request.user,
                    at=timezone.now(),
                    seen=request.POST.get("seen", ""),
                    **form.cleaned_data,
                ),
            )
            if refusal is None:
                messages.success(request, _("“%(title)s” is kept.") % {"title": form.cleaned_data["title"]})
                return redirect(f"{reverse('build', args=[slug])}#assessment-{uuid}")
            status = status_of(refusal)
            there = assessment_of(course, uuid)
            theirs = compared(refusal, form, lambda: AssessmentForm(instance=assessment_of(course, uuid), **fixed))
    return _assessment_page(
        request,
        course,
        form,
        there,
        status=status,
        seen=seen_next(request, edition_of(there), theirs),
        differences=theirs,
        **fixed,
    )


def _assessment_page(
    request: SignedInRequest, course: Course, form: AssessmentForm, assessment: Assessment, **context: Any
) -> HttpResponse:
    return form_page(
        request,
        course,
        form,
        title=assessment.title or _("New: %(kind)s") % {"kind": assessment.get_kind_display()},
        kicker=assessment.get_kind_display(),
        assessment=assessment,
        previews="brief",
        **context,
    )
