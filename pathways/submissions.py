"""Handing in: a draft that is kept while it is written, files, and the act of submitting with its receipt."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pathways import grading, uploads
from pathways.models import Assessment, Enrolment, Submission, SubmissionFile
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal


class NotHandedIn(Refusal):
    """Nothing is handed in for an exam."""

    words: ClassVar = _("{title} is an exam; its mark is entered by staff.")


class NotStudying(Refusal):
    """Only who studies the course may hand in."""

    words: ClassVar = _("You are not enrolled in {title}. Enrol first, then come back.")


class NoAttemptLeft(Refusal):
    """All attempts are used."""

    words: ClassVar = _("You have used all {allowed} attempts at {title}. Ask your instructor for a further one.")


class AlreadySubmitted(Refusal):
    """What was handed in does not change."""

    words: ClassVar = _("This was handed in already and can no longer be changed.")


class TooLate(Refusal):
    """The time for late work is over."""

    words: ClassVar = _("{title} was due and late work is no longer taken. Ask your instructor for an extension.")


class NothingToSubmit(Refusal):
    """There is neither text nor file nor answer."""

    words: ClassVar = _("There is nothing to hand in yet: write something or add a file.")
    status: ClassVar = 422


class TooManyFiles(Refusal):
    """More files than the assessment takes."""

    words: ClassVar = _("{title} takes {allowed} files. Remove one first.")
    status: ClassVar = 422


@transaction.atomic
def begin(*, assessment: Assessment, learner: User, at: datetime) -> Submission:
    """The learner's draft for this assessment, begun now if there is none."""
    lock_learners([learner.pk])
    if not assessment.is_handed_in:
        raise NotHandedIn(title=assessment.title)
    _refuse_stranger(assessment, learner)
    attempts = list(Submission.objects.filter(assessment=assessment, learner=learner).order_by("attempt"))
    if attempts and attempts[-1].state == Submission.State.DRAFT:
        return attempts[-1]
    if assessment.attempts_allowed and len(attempts) >= assessment.attempts_allowed:
        raise NoAttemptLeft(title=assessment.title, allowed=assessment.attempts_allowed)
    return Submission.objects.create(assessment=assessment, learner=learner, attempt=len(attempts) + 1, saved_at=at)


@transaction.atomic
def save_draft(*, submission: Submission, text: str, answers: Mapping[str, Any], at: datetime) -> Submission:
    """Keep what was typed so far."""
    _refuse_submitted(submission)
    submission.text = text
    submission.answers = dict(answers)
    submission.saved_at = at
    submission.save(update_fields=["text", "answers", "saved_at"])
    return submission


def add_file(*, submission: Submission, stream: BinaryIO, name: str, at: datetime) -> SubmissionFile:
    """Keep a file with the draft; the same content twice is one file. Refusals of `uploads.store` pass through."""
    # Judging and cleaning takes its time, and nobody may wait for it at a lock; a file without a row is harmless.
    stored = uploads.store(stream, name=name)
    return _keep_file(submission, stored, name=name, at=at)


@transaction.atomic
def _keep_file(submission: Submission, stored: uploads.StoredFile, *, name: str, at: datetime) -> SubmissionFile:
    _refuse_submitted(submission)
    there = submission.files.filter(sha256=stored.sha256).first()
    if there:
        return there
    if submission.files.count() >= submission.assessment.files_allowed:
        raise TooManyFiles(title=submission.assessment.title, allowed=submission.assessment.files_allowed)
    return SubmissionFile.objects.create(
        submission=submission,
        name=name[-200:],
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        path=stored.path,
        added_at=at,
    )


@transaction.atomic
def remove_file(*, submission: Submission, file: SubmissionFile) -> None:
    """Take a file out of the draft again."""
    _refuse_submitted(submission)
    submission.files.filter(pk=file.pk).delete()


@transaction.atomic
def submit(*, submission: Submission, at: datetime) -> Submission:
    """Hand in: what is in the draft now is what will be marked. A quiz is marked and its grade released at once."""
    lock_learners([submission.learner_id])
    # Saving and adding files lock this row alone: whoever is at it now is waited for, and then read.
    drafts = Submission.objects.select_for_update(no_key=True, of=("self",))
    fresh = drafts.select_related("assessment__course__issuer", "learner").get(pk=submission.pk)
    if fresh.state != Submission.State.DRAFT:
        raise AlreadySubmitted
    files = list(fresh.files.all())
    is_quiz = fresh.assessment.kind == Assessment.Kind.QUIZ
    if not (files or fresh.text.strip() or (is_quiz and any(_said(each) for each in fresh.answers.values()))):
        raise NothingToSubmit
    _refuse_stranger(fresh.assessment, fresh.learner)
    late = days_late(fresh.assessment, at)
    if late > fresh.assessment.late_days:
        raise TooLate(title=fresh.assessment.title)
    fresh.state = Submission.State.SUBMITTED
    fresh.submitted_at = at
    fresh.days_late = late
    fresh.receipt = receipt_of(fresh, files)
    fresh.save(update_fields=["state", "submitted_at", "days_late", "receipt"])
    audit.note("submit", fresh, actor=fresh.learner, concerns=fresh.learner, at=at, receipt=fresh.receipt)
    if is_quiz:
        grading.mark_quiz(submission=fresh, at=at)
    return fresh


def _refuse_stranger(assessment: Assessment, learner: User) -> None:
    """Who withdrew keeps the draft, and hands it in once they have come back."""
    places = Enrolment.objects.filter(learner=learner, course=assessment.course_id)
    if not places.exclude(state=Enrolment.State.WITHDRAWN).exists():
        raise NotStudying(title=assessment.course.title)


def submit_many(submissions: Sequence[Submission]) -> list[Submission]:
    """Store work that was handed in elsewhere: each submission complete with its attempt and time.

    Belongs in a transaction, after `lock_learners`; those whose attempt exists are passed over and not returned.
    """
    wanted = {(each.assessment_id, each.learner_id, each.attempt): each for each in submissions}
    there = set(
        Submission.objects.filter(
            assessment__in={key[0] for key in wanted}, learner__in={key[1] for key in wanted}
        ).values_list("assessment_id", "learner_id", "attempt")
    )
    fresh = [each for key, each in wanted.items() if key not in there]
    for each in fresh:
        each.state = Submission.State.SUBMITTED
        each.receipt = receipt_of(each, [])
    return Submission.objects.bulk_create(fresh)


def receipt_of(submission: Submission, files: Sequence[SubmissionFile]) -> str:
    """SHA-256 over text, answers, files and time, so that a learner can prove what was handed in and when."""
    content = {
        "assessment": str(submission.assessment_id),
        "attempt": submission.attempt,
        "text": submission.text,
        "answers": submission.answers,
        "files": sorted(file.sha256 for file in files),
        "submitted_at": submission.submitted_at.isoformat() if submission.submitted_at else "",
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _said(answer: Any) -> bool:
    return answer not in (None, "", [])


def days_late(assessment: Assessment, at: datetime) -> int:
    """Begun days since the work was due; 0 when it is in time or nothing is due."""
    if assessment.due_at is None or at <= assessment.due_at:
        return 0
    return math.ceil((at - assessment.due_at) / timedelta(days=1))


def _refuse_submitted(submission: Submission) -> None:
    # Read under a lock, so that saving cannot race with submitting in another window.
    state = Submission.objects.select_for_update(no_key=True).values_list("state", flat=True).get(pk=submission.pk)
    if state != Submission.State.DRAFT:
        raise AlreadySubmitted
