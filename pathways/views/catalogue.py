"""What can be earned and studied: the search, one achievement, one course."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials.access import published_achievement
from credentials.models import Achievement, Award
from credentials.queries import endorsements_of
from pathways import access, audit_sheet, enrolment, guidance
from pathways import catalogue as search
from pathways.holdings import institution_day
from pathways.models import Course, Enrolment, RuleVersion
from pathways.queries import keys_of
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_or_fragment
from portal.shared.refusals import Refusal


def show_catalogue(request: HttpRequest) -> HttpResponse:
    """Public."""
    filters = search.Filters.read(request.GET)
    page = search.page_of(filters, request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "facets": search.facets(filters),
        "sorts": search.SORTS.items(),
        # With nothing found: what each filter alone keeps away.
        "freed": _freed(filters) if not page.paginator.count else [],
    }
    return page_or_fragment(
        request, "pathways/catalogue/catalogue.html", "pathways/catalogue/_catalogue_answer.html", context
    )


def _freed(filters: search.Filters) -> list[tuple[str, int]]:
    """The filters whose dropping would find something, with how much."""
    names = [*filters.chosen, *(["words"] if filters.words else [])]
    counted = []
    for name in names:
        fewer = filters.without(name)
        counted.append((name, search.achievements(fewer).count() + search.courses(fewer).count()))
    return [(name, count) for name, count in counted if count]


def show_achievement(request: HttpRequest, slug: str) -> HttpResponse:
    """Public: what is published, or was once."""
    achievement = published_achievement(slug)
    versions = list(
        achievement.rule_versions.exclude(state=RuleVersion.State.DRAFT)
        .select_related("achievement")
        .order_by("-number")
    )
    version = next((each for each in versions if each.state == RuleVersion.State.PUBLISHED), None)
    on = institution_day(timezone.now())
    stones: Any = ()
    if version is not None:
        rule = guidance.rule_of(version)
        known = guidance.names_for(keys_of([rule]))
        stones = audit_sheet.outline_of(rule, known.credits_of, on)
    held = None
    if request.user.is_authenticated:
        held = (
            Award.objects.filter(learner=request.user, achievement=achievement)
            .exclude(standing=Award.Standing.REVOKED)
            .prefetch_related("credentials")
            .first()
        )
    context = {
        "achievement": achievement,
        "versions": versions,
        "version": version,
        "stones": stones,
        "held": held,
        "held_credential": next((each for each in held.credentials.all() if each.superseded_by_id is None), None)
        if held
        else None,
        "skills": list(achievement.skills.all()),
        "endorsements": endorsements_of(achievement, timezone.now()),
        "courses": list(
            achievement.courses.exclude(state=Course.State.DRAFT).select_related("issuer").order_by("state", "title")
        ),
        "pathways": list(achievement.pathways.filter(state="open").select_related("target", "issuer")),
        "counts_towards": guidance.counts_towards(achievement),
    }
    return render(request, "pathways/catalogue/achievement.html", context)


def show_course(request: HttpRequest, slug: str) -> HttpResponse:
    """Public, except a draft, which its staff alone see."""
    course = access.course_for_visitor(request.user if request.user.is_authenticated else None, slug)
    modules = list(course.modules.prefetch_related("materials"))
    place = None
    not_held: list[Achievement] = []
    if request.user.is_authenticated:
        not_held = enrolment.still_to_hold(request.user, course, institution_day(timezone.now()))
        place = (
            Enrolment.objects.filter(learner=request.user, course=course)
            .exclude(state=Enrolment.State.WITHDRAWN)
            .first()
        )
    materials = [material for module in modules for material in module.materials.all()]
    context = {
        "course": course,
        "modules": modules,
        "minutes": sum(material.minutes for material in materials),
        "materials": len(materials),
        "assessments": list(course.assessments.prefetch_related("criteria__levels")),
        "staff": [each.user for each in course.staff.select_related("user")],
        "skills": list(course.achievement.skills.all()) if course.achievement else [],
        "place": place,
        "prerequisites": list(course.prerequisites.all()),
        "not_held": not_held,
        "free_places": enrolment.free_places(course),
    }
    return render(request, "pathways/catalogue/course.html", context)


@login_required
@require_POST
def enrol(request: SignedInRequest, slug: str) -> HttpResponse:
    course = access.course_for_visitor(request.user, slug)
    try:
        enrolment.enrol(learner=request.user, course=course, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("course", slug=slug)
    messages.success(request, _("You have a place in %(title)s.") % {"title": course.title})
    return redirect("me-course", slug=slug)


@login_required
@require_POST
def withdraw(request: SignedInRequest, slug: str) -> HttpResponse:
    course = access.enrolment_for_learner(request.user, slug).course
    enrolment.withdraw(learner=request.user, course=course, at=timezone.now())
    messages.success(request, _("You have left %(title)s. What you earned stays yours.") % {"title": course.title})
    return redirect("course", slug=slug)
