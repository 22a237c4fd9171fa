"""Grading: drafts, release with what it awards, quizzes, entered marks, regrades."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Award
from pathways import foreseeing, standing
from pathways.dossiers import Dossier, dossiers_of
from pathways.holdings import grade_holding, institution_day
from pathways.marking import mark_answers
from pathways.models import Assessment, CriterionMark, Grade, RubricCriterion, RubricLevel, Submission
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.models import AuditEntry
from portal.shared.refusals import Refusal

CLAIM_LASTS = timedelta(minutes=30)
CENT = Decimal("0.01")
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


class OwnWork(Refusal):
    """Nobody marks their own work."""

    words: ClassVar = _("You cannot mark your own work.")
    status: ClassVar = 403


class NotSubmitted(Refusal):
    """A draft is the learner's own."""

    words: ClassVar = _("This has not been handed in yet.")


class MarksOutOfRange(Refusal):
    """Marks must lie on the scale of the assessment."""

    words: ClassVar = _("Marks must lie between 0 and {out_of}, with at most two decimals.")
    status: ClassVar = 422


class CriterionMissing(Refusal):
    """Each criterion of the rubric needs a level."""

    words: ClassVar = _("Choose a level for: {criteria}.")
    status: ClassVar = 422


class ClaimedByAnother(Refusal):
    """A colleague is marking this now."""

    words: ClassVar = _("{name} is marking this at the moment. Take the next one, or wait until they are done.")


class NothingToRelease(Refusal):
    """There is no draft grade."""

    words: ClassVar = _("There is no draft grade to release here; it may have been released already.")


class ChangedMeanwhile(Refusal):
    """What is released must be what was seen."""

    words: ClassVar = _("{name} has changed the draft grade of {learner} meanwhile. Look at it again, then release it.")


class DayOutOfRange(Refusal):
    """A day that no record has."""

    words: ClassVar = _("The day must lie between 1900 and 2200.")
    status: ClassVar = 422


@dataclass(frozen=True)
class EnteredMark:
    """A mark that was decided elsewhere: an exam sat, or a result carried over."""

    learner: User
    assessment: Assessment
    marks: Decimal
    earned_on: date
    source: str = Grade.Source.ENTERED
    submission: Submission | None = None


@transaction.atomic
def claim(*, submission: Submission, grader: User, at: datetime) -> Submission:
    """Say that this grader is on it; a claim lapses after half an hour without work."""
    # "of": whoever claimed it may be nobody, and PostgreSQL locks no row that an outer join may leave out.
    waiting = Submission.objects.select_for_update(no_key=True, of=("self",)).select_related("claimed_by")
    fresh = waiting.get(pk=submission.pk)
    _refuse_claimed(fresh, grader, at)
    fresh.claimed_by, fresh.claimed_at = grader, at
    fresh.save(update_fields=["claimed_by", "claimed_at"])
    return fresh


def _refuse_claimed(submission: Submission, grader: User, at: datetime) -> None:
    """Whoever claimed it in the last half hour is on it, as it is stored now."""
    claims = Submission.objects.filter(pk=submission.pk, claimed_by__isnull=False, claimed_at__gt=at - CLAIM_LASTS)
    other = User.objects.filter(pk__in=claims.exclude(claimed_by=grader).values("claimed_by")).first()
    if other is not None:
        raise ClaimedByAnother(name=str(other))


@transaction.atomic
def draft_grade(
    *,
    submission: Submission,
    levels: Mapping[RubricCriterion, RubricLevel],
    marks: Decimal | None,
    comment: str,
    criterion_comments: Mapping[int, str],
    grader: User,
    at: datetime,
) -> Grade:
    """Keep a grade that the learner does not see yet.

    With a rubric its levels make the marks, and `marks` is not looked at; without one `marks` is needed. The late
    penalty of the assessment is taken off. Writing again replaces the draft; a released grade stays until the new one
    is released. Refuses ClaimedByAnother while a colleague is on it.
    """
    # A release reads what it is about to release under this lock, so no draft may change meanwhile (C1).
    lock_learners([submission.learner_id])
    _refuse_claimed(submission, grader, at)
    imagined = imagine_grade(submission=submission, levels=levels, marks=marks, comment=comment, grader=grader, at=at)
    kept = ("assessment", "learner", "source", "marks", "late_penalty", "out_of", "pass_marks", "comment", "graded_by")
    grade, _made = Grade.objects.update_or_create(
        submission=submission,
        state=Grade.State.DRAFT,
        defaults={name: getattr(imagined, name) for name in (*kept, "drafted_at", "earned_on")},
    )
    grade.criterion_marks.all().delete()
    CriterionMark.objects.bulk_create(
        CriterionMark(grade=grade, criterion=criterion, level=level, comment=criterion_comments.get(criterion.pk, ""))
        for criterion, level in levels.items()
    )
    return grade


def imagine_grade(
    *,
    submission: Submission,
    levels: Mapping[RubricCriterion, RubricLevel],
    marks: Decimal | None,
    grader: User,
    at: datetime,
    comment: str = "",
) -> Grade:
    """The grade that `draft_grade` would keep, with the same refusals; writes nothing."""
    assessment = submission.assessment
    if submission.learner_id == grader.pk:
        raise OwnWork
    if submission.state == Submission.State.DRAFT:
        raise NotSubmitted
    criteria = list(assessment.criteria.all())
    if criteria:
        missing = [criterion.title for criterion in criteria if criterion not in levels]
        if missing:
            raise CriterionMissing(criteria=", ".join(missing))
        raw = rubric_marks(assessment, criteria, levels)
    elif marks is None:
        raise MarksOutOfRange(out_of=f"{assessment.out_of.normalize():f}")
    else:
        raw = check_marks(marks, assessment)
    penalty = late_penalty(assessment, submission.days_late, raw)
    return Grade(
        assessment=assessment,
        learner=submission.learner,
        submission=submission,
        source=Grade.Source.MARKED,
        marks=raw - penalty,
        late_penalty=penalty,
        out_of=assessment.out_of,
        pass_marks=assessment.pass_marks,
        comment=comment,
        graded_by=grader,
        drafted_at=at,
        earned_on=institution_day(submission.submitted_at or at),
    )


def rubric_marks(
    assessment: Assessment, criteria: Iterable[RubricCriterion], levels: Mapping[RubricCriterion, RubricLevel]
) -> Decimal:
    """The levels' marks on the scale of the assessment: best level everywhere is full marks."""
    reached = sum((levels[criterion].marks for criterion in criteria), Decimal(0))
    best = sum((max(level.marks for level in criterion.levels.all()) for criterion in criteria), Decimal(0))
    return (reached * assessment.out_of / best).quantize(CENT, ROUND_HALF_UP)


def check_marks(marks: Decimal, assessment: Assessment) -> Decimal:
    """The marks, if they lie on the scale with at most two decimals."""
    if not marks.is_finite() or not 0 <= marks <= assessment.out_of or marks != marks.quantize(CENT):
        raise MarksOutOfRange(out_of=f"{assessment.out_of.normalize():f}")
    return marks


def late_penalty(assessment: Assessment, days_late: int, marks: Decimal) -> Decimal:
    """What lateness costs: a share of full marks each day, never more than was reached."""
    lost = assessment.out_of * assessment.late_percent_per_day * days_late / 100
    return min(lost.quantize(CENT, ROUND_HALF_UP), marks)


def would_award(grade: Grade, *, at: datetime) -> list[Achievement]:
    """What releasing this grade would award at that moment, through all levels of stacking; writes nothing."""
    return list(foresee_release(grade, at=at).earns)


def foresee_release(grade: Grade, *, at: datetime) -> foreseeing.Foreseen:
    """What releasing this grade would award, and what it would take and give back, where it replaces another."""
    return foreseeing.foresee_holdings(
        learner_id=grade.learner_id,
        extra=[grade_holding(grade)],
        without=[f"grade:{old.uuid}" for old in _grades_replaced_by([grade])],
        at=at,
    )


def release(*, grades: Sequence[Grade], by: User, at: datetime) -> list[Award]:
    """Let the learners see their grades, and award what these complete, all in one commit.

    A grade already released in place of which this one stands becomes its predecessor. Answers with what was awarded.
    Refuses NothingToRelease, OwnWork, and ChangedMeanwhile when a draft is no longer the one given.
    """
    return standing.in_one_commit(lambda apart: _release_drafts(grades, by=by, at=at, apart=apart))


def _release_drafts(grades: Sequence[Grade], *, by: User, at: datetime, apart: bool) -> list[Award]:
    lock_learners(grade.learner_id for grade in grades)
    known = dossiers_of((grade.learner_id for grade in grades), drafts=[grade.pk for grade in grades])
    rows = {row.id: row for dossier in known.values() for row in dossier.grades}
    drafts = sorted(
        (grade for grade in grades if grade.pk in rows and rows[grade.pk].is_draft), key=lambda each: each.pk
    )
    if not drafts:
        raise NothingToRelease
    if any(draft.learner_id == by.pk for draft in drafts):
        raise OwnWork
    place = {draft.submission_id: draft for draft in drafts if draft.submission_id}
    replaced = [
        Grade(pk=row.id, learner_id=id_, state=Grade.State.REPLACED, replaced_by=place[row.submission_id])
        for id_, dossier in known.items()
        for row in dossier.grades
        if not row.is_draft and row.submission_id in place
    ]
    if replaced:
        Grade.objects.bulk_update(replaced, ["state", "replaced_by"])
    _release_as_seen(drafts, {draft.pk: rows[draft.pk].marks for draft in drafts}, at=at)
    for draft in drafts:
        draft.state, draft.released_at = Grade.State.RELEASED, at
    done, gone = {draft.pk for draft in drafts}, {grade.pk for grade in replaced}
    return _follow_release(
        [(draft, rows[draft.pk].holding.key, known[draft.learner_id].learner) for draft in drafts],
        shaken={grade.learner_id for grade in replaced},
        by=by,
        at=at,
        dossiers={id_: dossier.after_release(done, gone) for id_, dossier in known.items()},
        apart=apart,
    )


def _release_as_seen(drafts: Sequence[Grade], marks: Mapping[int, Decimal], *, at: datetime) -> None:
    """Release the drafts; refuses ChangedMeanwhile where one is no longer what was looked at."""
    if all(draft.marks == marks[draft.pk] for draft in drafts):
        time = connection.ops.adapt_datetimefield_value
        seen = " OR ".join(["(id = %s AND drafted_at = %s)"] * len(drafts))
        values = [value for draft in drafts for value in (draft.pk, time(draft.drafted_at))]
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE pathways_grade SET state = 'released', released_at = %s WHERE state = 'draft' AND ({seen})",  # noqa: S608
                [time(at), *values],
            )
            if cursor.rowcount == len(drafts):
                return
    looked_at = {draft.pk: (draft.marks, draft.drafted_at) for draft in drafts}
    for now in Grade.objects.filter(pk__in=looked_at).select_related("graded_by", "learner").order_by("pk"):
        if (now.marks, now.drafted_at) != looked_at[now.pk]:
            raise ChangedMeanwhile(name=str(now.graded_by), learner=str(now.learner))
    raise NothingToRelease


def enter_marks(*, marks: Sequence[EnteredMark], by: User | None, at: datetime) -> list[Award]:
    """Record marks decided elsewhere as released grades, and award what these complete.

    One mark for each learner and assessment: who has one from before gets the new one in its place. `by` is who
    entered them, none for an import. Belongs to batches of at most 50 learners, so that locks are held briefly.
    """
    return standing.in_one_commit(lambda apart: _enter_marks(marks, by=by, at=at, apart=apart))


def _enter_marks(marks: Sequence[EnteredMark], *, by: User | None, at: datetime, apart: bool) -> list[Award]:
    lock_learners(mark.learner.pk for mark in marks)
    for mark in marks:
        if by is not None and mark.learner.pk == by.pk:
            raise OwnWork
        check_marks(mark.marks, mark.assessment)
        if not EARLIEST <= mark.earned_on <= LATEST:
            raise DayOutOfRange
    drafts = [
        Grade(
            assessment=mark.assessment,
            learner=mark.learner,
            submission=mark.submission,
            source=mark.source,
            marks=mark.marks,
            out_of=mark.assessment.out_of,
            pass_marks=mark.assessment.pass_marks,
            graded_by=by,
            drafted_at=at,
            earned_on=mark.earned_on,
        )
        for mark in marks
    ]
    return _release(drafts, by=by, at=at, apart=apart)


def mark_quiz(*, submission: Submission, at: datetime) -> Grade:
    """Judge a quiz by its questions and release the grade; belongs in the transaction that submits, under its lock."""
    assessment = submission.assessment
    marked = mark_answers(list(assessment.questions.all()), submission.answers)
    possible = sum((each.question.marks for each in marked), Decimal(0))
    reached = sum((each.marks for each in marked), Decimal(0))
    raw = (reached * assessment.out_of / possible).quantize(CENT, ROUND_HALF_UP) if possible else Decimal(0)
    penalty = late_penalty(assessment, submission.days_late, raw)
    grade = Grade(
        assessment=assessment,
        learner=submission.learner,
        submission=submission,
        source=Grade.Source.QUIZ,
        marks=raw - penalty,
        late_penalty=penalty,
        out_of=assessment.out_of,
        pass_marks=assessment.pass_marks,
        drafted_at=at,
        earned_on=institution_day(at),
    )
    _release([grade], by=None, at=at, apart=True)
    return grade


def _release(drafts: Sequence[Grade], *, by: User | None, at: datetime, apart: bool) -> list[Award]:
    """Store new grades as released in place of those they replace, and decide what was earned."""
    replaced = _grades_replaced_by(drafts)
    if replaced:
        Grade.objects.filter(pk__in=[grade.pk for grade in replaced]).update(state=Grade.State.REPLACED)
    for draft in drafts:
        draft.state, draft.released_at = Grade.State.RELEASED, at
    Grade.objects.bulk_create(drafts)
    if replaced:
        _link_replaced(replaced, drafts)
    return _follow_release(
        [(draft, draft.assessment.key, draft.learner) for draft in drafts],
        shaken={grade.learner_id for grade in replaced},
        by=by,
        at=at,
        dossiers=None,
        apart=apart,
    )


_CLOSED = "state = 'graded', claimed_by_id = NULL, claimed_at = NULL"


def _follow_release(
    released: Sequence[tuple[Grade, str, User]],
    *,
    shaken: Collection[int],
    by: User | None,
    at: datetime,
    dossiers: Mapping[int, Dossier] | None,
    apart: bool,
) -> list[Award]:
    """Close the submissions, note who released what, and decide what was earned; with the assessments' keys."""
    submissions = [grade.submission_id for grade, _key, _learner in released if grade.submission_id]
    if submissions:
        places = ", ".join(["%s"] * len(submissions))
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE pathways_submission SET {_CLOSED} WHERE id IN ({places})",  # noqa: S608
                submissions,
            )
    with audit.gathered():
        audit.write(
            AuditEntry(
                **audit.entry_fields(
                    "release grade",
                    grade,
                    actor=by,
                    concerns=learner,
                    at=at,
                    assessment=key,
                    marks=str(grade.marks),
                    source=grade.source,
                )
            )
            for grade, key, learner in released
        )
        return standing.settle(
            learner_ids={grade.learner_id for grade, _key, _learner in released},
            changed={("grade", key) for _grade, key, _learner in released},
            # A regrade may pull the ground from under an award as well as complete one.
            shaken=shaken,
            cause="grade released",
            at=at,
            dossiers=dossiers,
            apart=apart,
        )


def _grades_replaced_by(drafts: Sequence[Grade]) -> list[Grade]:
    submissions = [draft.submission_id for draft in drafts if draft.submission_id]
    released = Grade.objects.filter(state=Grade.State.RELEASED)
    replaced = list(released.filter(submission__in=submissions)) if submissions else []
    entered = {(draft.assessment_id, draft.learner_id) for draft in drafts if not draft.submission_id}
    if entered:
        found = released.filter(
            submission__isnull=True,
            assessment__in={assessment for assessment, _ in entered},
            learner__in={learner for _, learner in entered},
        )
        replaced += [grade for grade in found if (grade.assessment_id, grade.learner_id) in entered]
    return replaced


def _link_replaced(replaced: Sequence[Grade], drafts: Sequence[Grade]) -> None:
    by_place = {(draft.assessment_id, draft.learner_id, draft.submission_id): draft for draft in drafts}
    for old in replaced:
        old.replaced_by = by_place[old.assessment_id, old.learner_id, old.submission_id]
        old.state = Grade.State.REPLACED
    Grade.objects.bulk_update(replaced, ["replaced_by"])
