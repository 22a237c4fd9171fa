"""The course builder: a course is begun here, and its outline, people and opening are looked after."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from pathways import access, authoring
from portal.accounts.signed_in import SignedInRequest


@login_required
def show_outline(request: SignedInRequest, slug: str) -> HttpResponse:
    course = access.course_for_staff(request.user, slug)
    context = {
        "course": course,
        "modules": course.modules.prefetch_related("materials"),
        "assessments": course.assessments.all(),
        "missing": authoring.missing_for_opening(course),
    }
    return render(request, "pathways/teaching/build/outline.html", context)
