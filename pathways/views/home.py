"""The front page: what Cairn is for each kind of person; whoever is signed in goes on to where they start."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from credentials.models import Achievement, IssuerRole
from pathways import audit_sheet, catalogue, guidance
from pathways.holdings import institution_day
from pathways.models import Course, CourseStaff, Enrolment, PathwayEnrolment
from pathways.queries import keys_of
from portal.accounts.models import User

SHOWN = 3


def show_home(request: HttpRequest) -> HttpResponse:
    """Public."""
    if request.user.is_authenticated:
        return redirect(_start_of(request.user))
    pathways = list(catalogue.open_pathways()[:SHOWN])
    rules = guidance.rules_in_force() if pathways else {}
    on = institution_day(timezone.now())
    shown = [rules[each.target.slug] for each in pathways if each.target.slug in rules]
    credits_of = guidance.names_for(keys_of(shown)).credits_of if shown else {}
    stacks = {
        each.target.slug: audit_sheet.outline_of(rules[each.target.slug], credits_of, on)
        for each in pathways
        if each.target.slug in rules
    }
    shown_pathways = [(each, stacks.get(each.target.slug, ())) for each in pathways]
    context = {
        "pathways": shown_pathways,
        # As it looks when all is done.
        "hero": [(node, weight, "earned") for node, weight, _ in shown_pathways[0][1]] if shown_pathways else [],
        "achievements": Achievement.objects.filter(state=Achievement.State.PUBLISHED).count(),
        "courses": Course.objects.filter(state=Course.State.OPEN).count(),
    }
    return render(request, "pathways/catalogue/home.html", context)


def _start_of(user: User) -> str:
    """A learner starts with what they learn, staff with what waits for them."""
    learns = (
        Enrolment.objects.filter(learner=user).exists()
        or PathwayEnrolment.objects.filter(learner=user, left_at__isnull=True).exists()
    )
    if not learns and CourseStaff.objects.filter(user=user).exists():
        return _address("teach")
    if not learns and IssuerRole.objects.filter(user=user).exists():
        return _address("registry")
    return reverse("me")


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse("me")
