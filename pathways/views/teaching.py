"""The desk of instructors: what waits, a course's roster, exam marks, release of drafts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from credentials.models import Award
from pathways import access, grading, roster
from pathways.forms.teaching import MarksForm, ReleaseForm
from pathways.holdings import institution_day
from pathways.models import Assessment, Enrolment, Grade
from pathways.queries import waiting_for_mark
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment
from portal.shared.refusals import Refusal


@login_required
def show_desk(request: SignedInRequest) -> HttpResponse:
    courses = access.courses_taught_by(request.user)
    waiting = waiting_for_mark(courses).exclude(learner=request.user)
    queue = page_of(waiting, request)
    may_teach = courses.exists()
    context = {
        "queue": queue,
        "courses": page_of(roster.courses_with_work(courses), request, "courses"),
        "drafts": roster.drafts_of(courses).count(),
        "may_teach": may_teach,
        # Whoever has a course may begin another for its issuer.
        "may_author": may_teach or access.issuers_for_authors(request.user).exists(),
    }
    return page_or_fragment(request, "pathways/teaching/desk.html", "pathways/teaching/_queue.html", context)


@login_required
def show_course(request: SignedInRequest, slug: str) -> HttpResponse:
    course = access.course_for_staff(request.user, slug)
    assessments = list(course.assessments.all())
    wanted = request.GET.get("state", "")
    enrolments = roster.enrolments_of(course)
    if wanted in Enrolment.State.values:
        enrolments = enrolments.filter(state=wanted)
    page = page_of(enrolments, request)
    context = {
        "course": course,
        "assessments": assessments,
        "page": page,
        "rows": roster.rows_of(course, list(page.object_list), assessments),
        "wanted": wanted,
        "states": Enrolment.State.choices,
        "waiting": waiting_for_mark([course.pk]).exclude(learner=request.user).count(),
        "exams": [each for each in assessments if not each.is_handed_in],
    }
    return page_or_fragment(request, "pathways/teaching/course.html", "pathways/teaching/_roster.html", context)


@login_required
def enter_marks(request: SignedInRequest, slug: str, assessment_slug: str) -> HttpResponse:
    """Marks of an exam, for the learners of one page of the roster."""
    course = access.course_for_staff(request.user, slug)
    assessment = get_object_or_404(course.assessments.filter(kind=Assessment.Kind.EXAM), slug=assessment_slug)
    assessment.course = course
    enrolments = roster.enrolments_of(course).exclude(state=Enrolment.State.WITHDRAWN).exclude(learner=request.user)
    page = page_of(enrolments, request)
    learners = [enrolment.learner for enrolment in page.object_list]
    form = MarksForm(
        request.POST or None,
        assessment=assessment,
        learners=learners,
        initial={"sat_on": institution_day(timezone.now())},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            entered = [
                grading.EnteredMark(
                    learner=learner, assessment=assessment, marks=marks, earned_on=form.cleaned_data["sat_on"]
                )
                for learner, marks in form.entered()
            ]
            try:
                awards = grading.enter_marks(marks=entered, by=request.user, at=timezone.now()) if entered else []
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                say_released(request, len(entered), awards)
                return redirect(request.get_full_path())
    released = Grade.objects.filter(assessment=assessment, learner__in=learners, state=Grade.State.RELEASED)
    context = {
        "course": course,
        "assessment": assessment,
        "form": form,
        "page": page,
        "grades": {grade.learner_id: grade for grade in released},
    }
    return render(request, "pathways/teaching/marks.html", context, status=status)


@login_required
def show_drafts(request: SignedInRequest) -> HttpResponse:
    """Drafts with what releasing each would award; what is chosen is released together."""
    courses = access.courses_taught_by(request.user)
    page = page_of(roster.drafts_of(courses).exclude(learner=request.user), request)
    now = timezone.now()
    foreseen = [(grade, grading.would_award(grade, at=now)) for grade in page.object_list]
    return render(request, "pathways/teaching/drafts.html", {"page": page, "foreseen": foreseen})


@login_required
@require_POST
def release_drafts(request: SignedInRequest) -> HttpResponse:
    courses = access.courses_taught_by(request.user)
    form = ReleaseForm(request.POST, drafts=roster.drafts_of(courses).exclude(learner=request.user))
    grades = list(form.cleaned_data["grade"]) if form.is_valid() else []
    if not grades:
        messages.warning(request, _("Choose at least one grade to release."))
        return redirect("teach-drafts")
    try:
        awards = grading.release(grades=grades, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        say_released(request, len(grades), awards)
    return redirect("teach-drafts")


def say_released(request: SignedInRequest, count: int, awards: list[Award]) -> None:
    """Tell what was released and what it awarded."""
    words = ngettext("%(count)d grade released.", "%(count)d grades released.", count) % {"count": count}
    if awards:
        names = "; ".join(f"{award.achievement.name} – {award.learner}" for award in awards[:5])
        more = len(awards) - 5
        if more > 0:
            names += " " + ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more}
        words += " " + _("Awarded: %(names)s.") % {"names": names}
    messages.success(request, words)
