"""Being assessed: what is asked, the work in progress, its files, and handing it in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pathways import access, submissions
from pathways.forms.learning import FilesForm, WorkForm, read_answers
from pathways.models import Assessment, Submission
from pathways.views.study import question_rows
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_or_fragment
from portal.shared.refusals import Refusal


@login_required
def show_assessment(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    assessment = access.assessment_for_learner(request.user, uuid)
    return render(request, "pathways/learning/assessment.html", _context(request, assessment))


def _context(request: SignedInRequest, assessment: Assessment, **more: Any) -> dict[str, Any]:
    attempts = list(
        assessment.submissions.filter(learner=request.user).prefetch_related("grades", "files").order_by("attempt")
    )
    draft = next((each for each in attempts if each.state == Submission.State.DRAFT), None)
    past = [each for each in attempts if each.state != Submission.State.DRAFT]
    allowed = assessment.attempts_allowed
    left = max(allowed - len(past), 0) if allowed else None
    questions = list(assessment.questions.all())
    now = timezone.now()
    return {
        "assessment": assessment,
        "course": assessment.course,
        "criteria": list(assessment.criteria.prefetch_related("levels")),
        "past": [(each, _released(each)) for each in past],
        "draft": draft,
        "files": list(draft.files.all()) if draft else [],
        "attempts_left": left,
        "may_work": assessment.is_handed_in and (draft is not None or left is None or left > 0),
        "is_late": assessment.due_at is not None and now > assessment.due_at,
        "is_quiz": assessment.kind == Assessment.Kind.QUIZ,
        "questions": question_rows(questions, draft.answers if draft else {}),
        "form": WorkForm(instance=draft),
        "files_form": FilesForm(),
    } | more


def _released(submission: Submission) -> Any:
    return next((grade for grade in submission.grades.all() if grade.state == "released"), None)


@login_required
@require_POST
def save(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Keep what was typed; asked by the script every few seconds, and by the buttons without one."""
    assessment = access.assessment_for_learner(request.user, uuid)
    form = WorkForm(request.POST)
    if not form.is_valid():
        return render(
            request, "pathways/learning/assessment.html", _context(request, assessment, form=form), status=422
        )
    at = timezone.now()
    draft = submissions.begin(assessment=assessment, learner=request.user, at=at)
    answers = read_answers(list(assessment.questions.all()), request.POST)
    submissions.save_draft(submission=draft, text=form.cleaned_data["text"], answers=answers, at=at)
    if "hand_in" in request.POST:
        return redirect("assessment-submit", uuid=uuid)
    if "save" in request.POST:
        messages.success(request, _("Saved."))
        return redirect("assessment", uuid=uuid)
    return HttpResponse(status=204)


@login_required
@require_POST
def add_files(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    assessment = access.assessment_for_learner(request.user, uuid)
    form = FilesForm(request.POST, request.FILES)
    if form.is_valid():
        draft = submissions.begin(assessment=assessment, learner=request.user, at=timezone.now())
        for given in form.cleaned_data["files"]:
            try:
                submissions.add_file(submission=draft, stream=given, name=given.name, at=timezone.now())
            except Refusal as refusal:
                form.add_error("files", str(refusal))
        if form.is_valid():
            form = FilesForm()
    return _files(request, assessment, form)


@login_required
@require_POST
def remove_file(request: SignedInRequest, uuid: UUID, file: UUID) -> HttpResponse:
    assessment = access.assessment_for_learner(request.user, uuid)
    draft = get_object_or_404(Submission, assessment=assessment, learner=request.user, state=Submission.State.DRAFT)
    submissions.remove_file(submission=draft, file=get_object_or_404(draft.files, uuid=file))
    return _files(request, assessment, FilesForm())


def _files(request: SignedInRequest, assessment: Assessment, form: FilesForm) -> HttpResponse:
    if not form.errors and not request.htmx:
        return redirect("assessment", uuid=assessment.uuid)
    context = _context(request, assessment, files_form=form)
    status = 422 if form.errors else 200
    return page_or_fragment(
        request, "pathways/learning/assessment.html", "pathways/learning/_files.html", context, status=status
    )


@login_required
def submit(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """What will be handed in, said honestly; then the act."""
    assessment = access.assessment_for_learner(request.user, uuid)
    draft = Submission.objects.filter(assessment=assessment, learner=request.user, state=Submission.State.DRAFT).first()
    if draft is None:
        return redirect("assessment", uuid=uuid)
    draft.assessment = assessment
    if request.method == "POST":
        try:
            done = submissions.submit(submission=draft, at=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("assessment", uuid=uuid)
        messages.success(request, _("Handed in. Your receipt is below."))
        return redirect("submission", uuid=done.uuid)
    context = _context(request, assessment)
    answered = len(draft.answers)
    context |= {
        "words": len(draft.text.split()),
        "answered": answered,
        "unanswered": len(context["questions"]) - answered,
        "is_empty": not (draft.text.strip() or context["files"] or answered),
    }
    return render(request, "pathways/learning/submit.html", context)
