"""Gathers what is kept about a learner, for them to take away."""

import json
from datetime import datetime
from typing import Any

from credentials.models import Claim, Credential, LearnerRecord
from pathways import derivations
from pathways.models import (
    Enrolment,
    Experience,
    Grade,
    LearningPlan,
    MaterialProgress,
    PathwayEnrolment,
    Pin,
    Recognition,
    Ruling,
    Submission,
)
from portal.accounts.models import User
from portal.shared.models import AuditEntry


def of(learner: User, *, at: datetime) -> dict[str, Any]:
    """Plain data: the account, what was studied, handed in and graded, every signed credential, every act."""
    return {
        "written_at": at.isoformat(),
        "person": {
            "name": learner.name,
            "email": learner.email,
            "language": learner.language,
            "time_zone": learner.time_zone,
            "joined_at": learner.joined_at.isoformat(),
        },
        "courses": [_enrolment(each) for each in _enrolments(learner)],
        "pathways": [
            {
                "pathway": each.pathway.slug,
                "title": each.pathway.title,
                "started_at": each.started_at.isoformat(),
                "left_at": _moment(each.left_at),
            }
            for each in PathwayEnrolment.objects.filter(learner=learner).select_related("pathway")
        ],
        "choices": [_pin(each) for each in Pin.objects.filter(learner=learner).select_related("achievement")],
        "plans": [_plan(each) for each in _plans(learner)],
        "submissions": [_submission(each) for each in _submissions(learner)],
        "grades": [_grade(each) for each in _grades(learner)],
        "decisions": [_ruling(each) for each in _rulings(learner)],
        "experience": [_experience(each) for each in _logged(learner)],
        "claims": [_claim(each) for each in _claimed(learner)],
        "credentials": [_credential(each) for each in _credentials(learner)],
        "records": [_record(each) for each in LearnerRecord.objects.filter(learner=learner).select_related("award")],
        "acts": [
            {"at": each.at.isoformat(), "act": each.act, "thing": each.subject_words, "reason": each.reason}
            for each in AuditEntry.objects.filter(concerns=learner).iterator()
        ],
    }


def _record(record: LearnerRecord) -> dict[str, Any]:
    """Several credentials in one document, that the learner asked for."""
    return {
        "asked_at": record.asked_at.isoformat(),
        "shared_at": _moment(record.shared_at),
        "document": json.loads(record.document) if record.document else None,
    }


def _pin(pin: Pin) -> dict[str, Any]:
    """What the learner chose about where a holding counts."""
    return {
        "achievement": pin.achievement.slug,
        "part": pin.node,
        "holding": pin.holding,
        "counts_here": pin.here,
        "set_at": pin.set_at.isoformat(),
    }


def _logged(learner: User) -> list[Experience]:
    return list(Experience.objects.filter(learner=learner).select_related("logbook", "decided_by").order_by("id"))


def _experience(entry: Experience) -> dict[str, Any]:
    return {
        "logbook": entry.logbook.slug,
        "state": entry.state,
        "begins_on": entry.begins_on.isoformat(),
        "ends_on": entry.ends_on.isoformat(),
        "hours": str(entry.hours),
        "place": entry.place,
        "words": entry.words,
        "decided_by": str(entry.decided_by) if entry.decided_by else None,
        "decided_as": entry.role,
        "decided_at": _moment(entry.decided_at),
        "answer": entry.answer,
    }


def _claimed(learner: User) -> list[Claim]:
    found = Claim.objects.filter(learner=learner).prefetch_related("recognitions__achievement", "recognitions__issuer")
    return list(found.order_by("id"))


def _claim(claim: Claim) -> dict[str, Any]:
    """A credential from elsewhere, what was found of it, and what was decided about it."""
    return {
        "name": claim.name,
        "sha256": claim.sha256,
        "claimed_at": claim.claimed_at.isoformat(),
        "taken_back_at": _moment(claim.dropped_at),
        "verdict": claim.verdict,
        "title": claim.title,
        "checked_at": _moment(claim.checked_at),
        "achievement": claim.achievement,
        "issuer": claim.issuer_id,
        "holder": claim.holder,
        "requests": [_recognition(each) for each in claim.recognitions.all()],
    }


def _recognition(recognition: Recognition) -> dict[str, Any]:
    return {
        "state": recognition.state,
        "asked_of": recognition.issuer.slug,
        "achievement": recognition.achievement.slug if recognition.achievement else None,
        "words": recognition.words,
        "asked_at": recognition.asked_at.isoformat(),
        "credits": str(recognition.credits),
        "level": recognition.level,
        "subject": recognition.subject,
        "earned_on": recognition.earned_on.isoformat() if recognition.earned_on else None,
        "valid_until": recognition.valid_until.isoformat() if recognition.valid_until else None,
        "decided_at": _moment(recognition.decided_at),
        "answer": recognition.answer,
    }


def _rulings(learner: User) -> list[Ruling]:
    return list(Ruling.objects.filter(learner=learner).select_related("achievement", "approver").order_by("id"))


def _ruling(ruling: Ruling) -> dict[str, Any]:
    """A fact, sign-off or exception; who decided is named, as on the sheet."""
    return {
        "kind": ruling.kind,
        "state": ruling.state,
        "achievement": ruling.achievement.slug if ruling.achievement else None,
        "part": ruling.node,
        "terms": ruling.terms,
        "reason": ruling.reason,
        "valid_from": ruling.valid_from.isoformat(),
        "valid_until": ruling.valid_until.isoformat() if ruling.valid_until else None,
        "decided_by": str(ruling.approver) if ruling.approver else None,
        "decided_at": _moment(ruling.decided_at),
        "answer": ruling.answer,
    }


def _plans(learner: User) -> list[LearningPlan]:
    return list(LearningPlan.objects.filter(learner=learner).prefetch_related("targets", "steps__course"))


def _plan(plan: LearningPlan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "targets": [each.slug for each in plan.targets.all()],
        "skills": plan.skills,
        "by": plan.by,
        "hours_per_week": str(plan.hours_per_week),
        "kept_at": plan.kept_at.isoformat(),
        "steps": [
            {
                "course": each.course.slug,
                "begins_on": each.begins_on.isoformat(),
                "ends_on": each.ends_on.isoformat(),
            }
            for each in plan.steps.all()
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _enrolments(learner: User) -> list[Enrolment]:
    return list(
        Enrolment.objects.filter(learner=learner).select_related("course").prefetch_related("progress__material")
    )


def _enrolment(place: Enrolment) -> dict[str, Any]:
    progress: list[MaterialProgress] = list(place.progress.all())
    return {
        "course": place.course.slug,
        "title": place.course.title,
        "state": place.state,
        "enrolled_at": place.enrolled_at.isoformat(),
        "ended_at": _moment(place.ended_at),
        "materials_done": [{"material": each.material.title, "at": each.done_at.isoformat()} for each in progress],
    }


def _submissions(learner: User) -> list[Submission]:
    found = Submission.objects.filter(learner=learner).select_related("assessment__course").prefetch_related("files")
    return list(found)


def _submission(work: Submission) -> dict[str, Any]:
    return {
        "assessment": work.assessment.key,
        "title": work.assessment.title,
        "attempt": work.attempt,
        "state": work.state,
        "text": work.text,
        "answers": work.answers,
        "submitted_at": _moment(work.submitted_at),
        "receipt": work.receipt,
        "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in work.files.all()],
    }


def _grades(learner: User) -> list[Grade]:
    # A draft grade is the grader's thought, not yet the learner's.
    found = Grade.objects.filter(learner=learner).exclude(state=Grade.State.DRAFT)
    return list(found.select_related("assessment__course"))


def _grade(grade: Grade) -> dict[str, Any]:
    return {
        "assessment": grade.assessment.key,
        "state": grade.state,
        "marks": str(grade.marks),
        "out_of": str(grade.out_of),
        "comment": grade.comment,
        "released_at": _moment(grade.released_at),
    }


def _credentials(learner: User) -> list[Credential]:
    found = Credential.objects.filter(award__learner=learner).select_related("award__achievement")
    return list(found.prefetch_related("award__derivations", "wallet_copies"))


def _credential(credential: Credential) -> dict[str, Any]:
    award = credential.award
    is_finished = credential.state == Credential.State.LOGGED
    return {
        "achievement": award.achievement.slug,
        "name": award.achievement.name,
        "standing": award.standing,
        "awarded_on": award.awarded_on.isoformat(),
        "valid_until": award.valid_until.isoformat() if award.valid_until else None,
        "shared_at": _moment(credential.shared_at),
        # The copies that wallets were given, by the keys that they are bound to.
        "in_wallets": [
            {"key": copy.holder, "form": copy.form, "asked_at": copy.asked_at.isoformat()}
            for copy in credential.wallet_copies.all()
        ],
        "results": award.results,
        # Nothing is shown before it is signed and in the log.
        "document": json.loads(credential.document) if is_finished else None,
        # How it was decided, and what opens the commitments in that: for whomever the learner wants to convince.
        "derivation": json.loads(credential.derivation) if is_finished and credential.derivation else None,
        "openings": derivations.openings_of(award) if is_finished else {},
    }
