"""What was handed in and what came back: marks, comments, what it earned."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from credentials.models import Credential
from credentials.queries import standing_of
from pathways import access, today
from pathways.holdings import institution_day
from pathways.marking import mark_answers
from pathways.models import Assessment, Derivation, Grade, Submission
from pathways.views import files
from pathways.views.study import question_rows
from portal.accounts.signed_in import SignedInRequest


@login_required
def show_submission(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    submission = access.submission_for_learner(request.user, uuid)
    if submission.state == Submission.State.DRAFT:
        return redirect("assessment", uuid=submission.assessment.uuid)
    assessment = submission.assessment
    grade = (
        submission.grades.filter(state=Grade.State.RELEASED)
        .select_related("graded_by")
        .prefetch_related("criterion_marks")
        .first()
    )
    attempts = assessment.submissions.filter(learner=request.user).count()
    questions = list(assessment.questions.all()) if grade and assessment.kind == Assessment.Kind.QUIZ else []
    marked = mark_answers(questions, submission.answers) if questions else []
    context = {
        "submission": submission,
        "assessment": assessment,
        "course": assessment.course,
        "files": list(submission.files.all()),
        "grade": grade,
        "criteria": _judged(assessment, grade),
        "earned": _earned_by(grade) if grade else [],
        "questions": question_rows(questions, submission.answers, marked),
        "may_try_again": assessment.is_handed_in
        and (not assessment.attempts_allowed or attempts < assessment.attempts_allowed)
        and submission.attempt == attempts,
        "days_to_mark": today.average_days_to_mark(assessment.course) if grade is None else None,
    }
    return render(request, "pathways/learning/submission.html", context)


def _judged(assessment: Assessment, grade: Grade | None) -> list[dict[str, Any]]:
    """Each criterion with its levels, the one that was given, and the comment."""
    given = {each.criterion_id: each for each in grade.criterion_marks.all()} if grade else {}
    return [
        {"criterion": criterion, "levels": list(criterion.levels.all()), "mark": given.get(criterion.pk)}
        for criterion in assessment.criteria.prefetch_related("levels")
    ]


def _earned_by(grade: Grade) -> list[tuple[Credential, str]]:
    """The credentials of awards that count this grade, and of those that count these awards; each with its standing."""
    derivations = Derivation.objects.filter(award__learner=grade.learner_id).select_related("award")
    used = {
        derivation.award: {taken["holding"] for part in derivation.allocation.values() for taken in part}
        for derivation in derivations.order_by("evaluated_at", "id")
    }
    reached = {f"grade:{grade.uuid}"}
    awards: set[int] = set()
    while more := {award for award, holdings in used.items() if holdings & reached and award.pk not in awards}:
        awards |= {award.pk for award in more}
        reached |= {f"award:{award.uuid}" for award in more}
    found = (
        Credential.objects.filter(award__in=awards, superseded_by__isnull=True)
        .select_related("award__achievement")
        .order_by("issued_at", "id")
    )
    on = institution_day(timezone.now())
    return [(each, standing_of(each.award, each, on)) for each in found]


@login_required
def send_file(request: SignedInRequest, uuid: UUID, file: UUID) -> HttpResponseBase:
    """A file that was handed in, for its learner and for the staff who mark it."""
    submission = access.submission_for_reader(request.user, uuid)
    found = get_object_or_404(submission.files, uuid=file)
    try:
        stream = (Path(settings.MEDIA_ROOT) / found.path).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return files.download(stream, name=found.name, media_type=found.media_type)
