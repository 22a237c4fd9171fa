"""The grader: one piece of work beside its rubric, and what releasing the grade would award."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pathways import access, grading, roster
from pathways.forms.teaching import GradeForm
from pathways.marking import mark_answers
from pathways.models import Assessment, Grade, Submission
from pathways.queries import waiting_for_mark
from pathways.views.teaching import say_released
from portal.accounts.signed_in import SignedInRequest
from portal.shared.refusals import Refusal


@login_required
def mark(request: SignedInRequest, submission_uuid: UUID) -> HttpResponse:
    """Show the work to mark; keep a draft, and release it if asked."""
    submission = access.submission_for_instructor(request.user, submission_uuid)
    if request.method != "POST":
        try:
            submission.claimed_by = grading.claim(
                submission=submission, grader=request.user, at=timezone.now()
            ).claimed_by
        except Refusal as refusal:
            messages.warning(request, str(refusal))
        return _answer(request, submission, _form(submission))
    form = _form(submission, request.POST)
    if not form.is_valid():
        return _answer(request, submission, form, status=422)
    try:
        grade = grading.draft_grade(submission=submission, grader=request.user, at=timezone.now(), **form.act_fields())
        if "release" in request.POST or "release-next" in request.POST:
            awards = grading.release(grades=[grade], by=request.user, at=timezone.now())
            say_released(request, 1, awards)
            return _after_release(request, submission)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _answer(request, submission, form, status=422)
    messages.success(request, _("Draft saved. The learner does not see it yet."))
    return redirect("teach-mark", submission.uuid)


@login_required
@require_POST
def foresee(request: SignedInRequest, submission_uuid: UUID) -> HttpResponse:
    """For htmx: what the chosen levels come to and would award; keeps nothing."""
    submission = access.submission_for_instructor(request.user, submission_uuid)
    form = _form(submission, request.POST)
    imagined = None
    if form.is_valid():
        try:
            fields = form.act_fields()
            imagined = grading.imagine_grade(
                submission=submission,
                levels=fields["levels"],
                marks=fields["marks"],
                grader=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    return render(request, "pathways/teaching/_foreseen.html", _foreseen(submission, imagined))


def _after_release(request: SignedInRequest, submission: Submission) -> HttpResponse:
    if "release-next" in request.POST:
        waiting = waiting_for_mark(access.courses_taught_by(request.user)).exclude(learner=request.user)
        following = waiting.filter(claimed_by__isnull=True).first() or waiting.first()
        if following is None:
            messages.info(request, _("That was the last one: everything is marked."))
            return redirect("teach")
        return redirect("teach-mark", following.uuid)
    return redirect("teach-mark", submission.uuid)


def _form(submission: Submission, data: Any = None) -> GradeForm:
    grades = submission.grades.prefetch_related("criterion_marks")
    draft = grades.filter(state=Grade.State.DRAFT).first() or grades.filter(state=Grade.State.RELEASED).first()
    return GradeForm(data, assessment=submission.assessment, grade=draft)


def _answer(request: SignedInRequest, submission: Submission, form: GradeForm, *, status: int = 200) -> HttpResponse:
    grades = list(submission.grades.select_related("graded_by", "assessment__course__issuer").order_by("-drafted_at"))
    draft = next((grade for grade in grades if grade.state == Grade.State.DRAFT), None)
    waiting = waiting_for_mark(access.courses_taught_by(request.user)).exclude(learner=request.user)
    is_quiz = submission.assessment.kind == Assessment.Kind.QUIZ
    context = {
        "submission": submission,
        "assessment": submission.assessment,
        "course": submission.assessment.course,
        "files": submission.files.all(),
        "answers": mark_answers(list(submission.assessment.questions.all()), submission.answers) if is_quiz else [],
        "form": form,
        "draft": draft,
        "released": next((grade for grade in grades if grade.state == Grade.State.RELEASED), None),
        "history": [grade for grade in grades if grade.state == Grade.State.REPLACED],
        "attempts": roster.attempts_of(submission.learner, submission.assessment),
        "people": waiting.filter(assessment=submission.assessment)[:20],
        "claimed_by_another": submission.claimed_by if submission.claimed_by != request.user else None,
        **_foreseen(submission, draft),
    }
    return render(request, "pathways/teaching/mark.html", context, status=status)


def _foreseen(submission: Submission, grade: Grade | None) -> dict[str, Any]:
    return {
        "submission": submission,
        "assessment": submission.assessment,
        "imagined": grade,
        "foreseen": grading.foresee_release(grade, at=timezone.now()) if grade is not None else None,
    }
