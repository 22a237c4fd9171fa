"""Brings the Open University Learning Analytics Dataset in: a real college, through the acts that people use.

What we assume, since the data set does not say it: a module brings 30 ECTS credits and 750 hours; names and subjects
are its code and the faculty that the paper names; a module's final result is an assessment of its own with the marks
Fail 0, Pass 1, Distinction 2 of 2, passed from 1 on. Passing it earns the module's micro-credential.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from credentials import achievements, issuers
from credentials.models import Achievement, Award, Issuer
from pathways import authoring, enrolment, grading, rulemaking, submissions
from pathways.importing import oulad_files
from pathways.importing.oulad_files import Presentation, Student
from pathways.models import Assessment, Course, Enrolment, Grade, RuleVersion, Submission
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.accounts.people import register_many
from portal.shared import outbox

LEARNERS_AT_ONCE = 50
MODULES = {
    "AAA": "Social Sciences",
    "BBB": "Social Sciences",
    "CCC": "Science and Technology",
    "DDD": "Science and Technology",
    "EEE": "Science and Technology",
    "FFF": "Science and Technology",
    "GGG": "Social Sciences",
}
KINDS = {"TMA": "Tutor-marked assignment", "CMA": "Computer-marked assignment", "Exam": "Exam"}
FINAL_MARKS = {"Fail": Decimal(0), "Pass": Decimal(1), "Distinction": Decimal(2)}
PASS_PERCENT = Decimal(40)

Progress = Callable[[str, int, int], None]


@dataclass
class Tally:
    """What this run did; zeros say that everything was there."""

    enrolments: int = 0
    submissions: int = 0
    grades: int = 0
    withdrawals: int = 0
    micro_credentials: int = 0
    qualifications: int = 0


@dataclass(frozen=True)
class Desk:
    """The two people who write and approve the imported rules."""

    author: User
    approver: User


def import_folder(folder: Path, *, at: datetime, progress: Progress) -> Tally:
    """Import the data set in `folder`; stopped anywhere, a further run goes on, and one more changes nothing.

    Each fifty learners of a presentation are one commit. Raises `oulad_files.BadDataset` for rows that cannot be; what
    was committed before stays, and the run can be repeated once the file is mended.
    """
    presentations = oulad_files.presentations(folder)
    students = oulad_files.students(folder)
    for presentation in presentations:
        students.setdefault(presentation.name, {})
    tally = Tally()
    total = sum(len(of_one) for of_one in students.values())
    done = 0
    with tempfile.TemporaryDirectory(prefix="oulad-") as spool:
        by_sitting = {sitting.id: each.name for each in presentations for sitting in each.sittings}
        progress("Sorting the marks", 0, total)
        oulad_files.spool_results(folder, Path(spool), by_sitting)
        courses = set_up_college(presentations, at=at)
        for presentation in presentations:
            of_course = students.pop(presentation.name)
            oulad_files.add_results(Path(spool) / f"{presentation.name}.jsonl", of_course)
            course = courses[presentation.name]
            assessments = {assessment.slug: assessment for assessment in course.assessments.all()}
            for assessment in assessments.values():
                assessment.course = course
            for group in _groups(iter(of_course.values())):
                _import_group(presentation, course, assessments, group, tally)
                done += len(group)
                progress(presentation.name, done, total)
    return tally


def set_up_college(presentations: Sequence[Presentation], *, at: datetime) -> dict[str, Course]:
    """The issuers, achievements, rules and courses; those that exist are left as they are."""
    desk = _desk(at)
    college = _issuer("open-college", "Open College (OULAD)", None, desk, at)
    faculties = {
        subject: _issuer(f"open-{subject.split()[0].lower()}", f"Faculty of {subject}", college, desk, at)
        for subject in sorted(set(MODULES.values()))
    }
    courses = {}
    modules: dict[str, list[Presentation]] = {}
    for presentation in presentations:
        modules.setdefault(presentation.module, []).append(presentation)
    for module, given in sorted(modules.items()):
        subject = MODULES.get(module, "Social Sciences")
        achievement = _module_achievement(module, subject, faculties[subject], desk, at)
        for presentation in given:
            courses[presentation.name] = _course(presentation, achievement, desk, at)
        _rule(achievement, _passed_any(given), desk, at)
        for presentation in given:
            _open(courses[presentation.name], desk, at)
    _certificates(college, sorted(modules), desk, at)
    return courses


def _desk(at: datetime) -> Desk:
    people = register_many(
        names_by_email={
            "import.author@oulad.invalid": "Import desk (author)",
            "import.approver@oulad.invalid": "Import desk (approver)",
        },
        at=at,
    )
    return Desk(people["import.author@oulad.invalid"], people["import.approver@oulad.invalid"])


def _issuer(slug: str, name: str, parent: Issuer | None, desk: Desk, at: datetime) -> Issuer:
    there = Issuer.objects.filter(slug=slug).first()
    return there or issuers.create_issuer(
        slug=slug,
        name=name,
        parent=parent,
        by=desk.author,
        at=at,
        description="Made from the Open University Learning Analytics Dataset (Kuzilek et al. 2017, CC BY 4.0).",
        country_code="GB",
        quality_assurance="Assumed for the demonstration: external examiners review each presentation.",
    )


def _achievement(issuer: Issuer, desk: Desk, at: datetime, *, slug: str, skill: str, **fields: Any) -> Achievement:
    there = Achievement.objects.filter(slug=slug).first()
    if there is None:
        there = achievements.create_achievement(
            issuer=issuer,
            by=desk.author,
            at=at,
            skills=[achievements.Skill(name=skill)],
            slug=slug,
            level=5,
            assessment_type="Assignments and a final result",
            quality_assurance="Assumed for the demonstration: external examiners review each presentation.",
            image_alt=f"A stack of stones: {fields['name']}",
            **fields,
        )
    if there.state == Achievement.State.DRAFT:
        there = achievements.publish_achievement(achievement=there, by=desk.approver, at=at)
    return there


def _module_achievement(module: str, subject: str, issuer: Issuer, desk: Desk, at: datetime) -> Achievement:
    return _achievement(
        issuer,
        desk,
        at,
        slug=f"oulad-{module.lower()}",
        skill=f"{subject} ({module})",
        kind=Achievement.Kind.MICRO_CREDENTIAL,
        name=f"Module {module}",
        summary=f"One module of {subject.lower()}, studied at a distance and passed.",
        description=f"Module {module} of the data set. Its real title is not public.",
        outcomes=[f"Has passed the assignments and the final assessment of module {module}"],
        criteria="Final result of one presentation: pass or distinction.",
        credits=Decimal(30),
        workload_hours=Decimal(750),
        subject=subject,
        tags=["oulad", "stem" if subject.startswith("Science") else "social"],
    )


def _certificates(college: Issuer, modules: Sequence[str], desk: Desk, at: datetime) -> None:
    """Two stacked certificates: depth in science and technology, and breadth over both faculties."""
    common = {"outcomes": ["Has combined modules into a larger whole"], "workload_hours": Decimal(1500)}
    depth = _achievement(
        college,
        desk,
        at,
        slug="oulad-certificate-science",
        skill="Science and technology",
        kind=Achievement.Kind.CERTIFICATE,
        name="Certificate in Science and Technology",
        summary="60 credits of science and technology.",
        description="Two different modules of science and technology.",
        criteria="At least 60 credits from modules of science and technology.",
        credits=Decimal(60),
        **common,
    )
    pool = {"tags": ["stem"], "kinds": [str(Achievement.Kind.MICRO_CREDENTIAL)]}
    _rule(depth, {"format": 1, "root": {"type": "amount", "at_least": 60, "pool": pool}}, desk, at)
    breadth = _achievement(
        college,
        desk,
        at,
        slug="oulad-certificate-breadth",
        skill="Working across subjects",
        kind=Achievement.Kind.CERTIFICATE,
        name="Certificate of Breadth",
        summary="One module of each faculty.",
        description="A module of the social sciences and one of science and technology.",
        criteria="One module of each of the two faculties.",
        credits=Decimal(60),
        **common,
    )
    parts = [
        {"type": "count", "at_least": 1, "pool": {"tags": [tag], "kinds": [str(Achievement.Kind.MICRO_CREDENTIAL)]}}
        for tag in ("social", "stem")
    ]
    _rule(breadth, {"format": 1, "root": {"type": "all", "parts": parts}}, desk, at)


def _rule(achievement: Achievement, document: dict[str, Any], desk: Desk, at: datetime) -> None:
    if achievement.rule_versions.filter(state=RuleVersion.State.PUBLISHED).exists():
        return
    rulemaking.save_draft(achievement=achievement, document=document, author=desk.author, at=at)
    rulemaking.publish(achievement=achievement, approver=desk.approver, at=at)


def _passed_any(given: Sequence[Presentation]) -> dict[str, Any]:
    parts = [{"type": "passed", "assessment": f"{slug_of(each)}/result"} for each in given]
    return {"format": 1, "root": parts[0] if len(parts) == 1 else {"type": "any", "parts": parts}}


def slug_of(presentation: Presentation) -> str:
    return f"oulad-{presentation.module}-{presentation.code}".lower()


@transaction.atomic
def _course(presentation: Presentation, achievement: Achievement, desk: Desk, at: datetime) -> Course:
    slug = slug_of(presentation)
    there = Course.objects.filter(slug=slug).select_related("issuer", "achievement").first()
    if there is not None:
        return there
    course = authoring.create_course(
        author=desk.author,
        at=at,
        slug=slug,
        issuer=achievement.issuer,
        achievement=achievement,
        title=f"Module {presentation.name}",
        summary=f"Module {presentation.module} as given from {presentation.starts_on:%B %Y} on.",
        description="Imported from the Open University Learning Analytics Dataset.",
        hours=Decimal(750),
        starts_on=presentation.starts_on,
        ends_on=presentation.ends_on,
    )
    numbers: dict[str, int] = {}
    for sitting in sorted(presentation.sittings, key=lambda each: (each.due_on, each.id)):
        numbers[sitting.kind] = numbers.get(sitting.kind, 0) + 1
        authoring.add_assessment(
            course=course,
            slug=f"a{sitting.id}",
            kind=Assessment.Kind.EXAM if sitting.kind == "Exam" else Assessment.Kind.ASSIGNMENT,
            title=f"{KINDS[sitting.kind]} {numbers[sitting.kind]}",
            out_of=Decimal(100),
            pass_marks=PASS_PERCENT,
            weight=sitting.weight,
            due_at=noon(sitting.due_on) + timedelta(hours=12),
            late_days=600,
        )
    authoring.add_assessment(
        course=course,
        slug="result",
        kind=Assessment.Kind.EXAM,
        title="Final result",
        brief="Decided by the examination board: 0 fail, 1 pass, 2 distinction.",
        out_of=Decimal(2),
        pass_marks=Decimal(1),
    )
    return course


def _open(course: Course, desk: Desk, at: datetime) -> None:
    if course.state == Course.State.DRAFT:
        authoring.open_course(course=course, by=desk.approver, at=at)


def noon(day: Any) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def _groups(students: Iterator[Student]) -> Iterator[list[Student]]:
    while group := list(islice(students, LEARNERS_AT_ONCE)):
        yield group


def _import_group(
    presentation: Presentation,
    course: Course,
    assessments: dict[str, Assessment],
    group: Sequence[Student],
    tally: Tally,
) -> None:
    """One commit: people, places, work, marks and what they earn, withdrawals."""
    with transaction.atomic(), outbox.in_bulk():
        people = register_many(
            names_by_email={email_of(student): f"Learner {student.id}" for student in group},
            at=noon(presentation.starts_on),
        )
        learners = {student.id: people[email_of(student)] for student in group}
        lock_learners(learner.pk for learner in learners.values())
        places = enrolment.enrol_many(course=course, learners=list(learners.values()), at=noon(presentation.starts_on))
        tally.enrolments += len(places)
        work = submissions.submit_many(
            [
                _submission(presentation, assessments, learners[student.id], result)
                for student in group
                for result in student.results
                if not result.is_banked and assessments[f"a{result.sitting}"].is_handed_in
            ]
        )
        tally.submissions += len(work)
        marks = _marks(presentation, assessments, learners, group)
        awards = grading.enter_marks(marks=marks, by=None, at=noon(presentation.ends_on)) if marks else []
        tally.grades += len(marks)
        _count(awards, tally)
        leavers = [learners[student.id] for student in group if student.final_result == "Withdrawn"]
        tally.withdrawals += len(
            enrolment.withdraw_many(course=course, learners=leavers, at=noon(presentation.ends_on))
        )
        enrolment.complete_many(
            course=course,
            learners=[learners[student.id] for student in group if student.final_result in FINAL_MARKS],
            at=noon(presentation.ends_on),
        )


def email_of(student: Student) -> str:
    return f"learner-{student.id}@oulad.invalid"


def _submission(
    presentation: Presentation, assessments: dict[str, Assessment], learner: User, result: oulad_files.Result
) -> Submission:
    assessment = assessments[f"a{result.sitting}"]
    submitted_at = noon(presentation.starts_on) + timedelta(days=result.day)
    return Submission(
        assessment=assessment,
        learner=learner,
        attempt=1,
        saved_at=submitted_at,
        submitted_at=submitted_at,
        days_late=submissions.days_late(assessment, submitted_at),
    )


def _marks(
    presentation: Presentation,
    assessments: dict[str, Assessment],
    learners: dict[str, User],
    group: Sequence[Student],
) -> list[grading.EnteredMark]:
    """The marks of the group that are not there yet; a result without a score waits for its mark."""
    there = set(
        Grade.objects.filter(learner__in=learners.values(), assessment__in=assessments.values())
        .exclude(state=Grade.State.DRAFT)
        .values_list("learner_id", "assessment_id")
    )
    handed_in = {
        (submission.learner_id, submission.assessment_id): submission
        for submission in Submission.objects.filter(learner__in=learners.values(), assessment__in=assessments.values())
    }
    marks = []
    for student in group:
        learner = learners[student.id]
        for result in student.results:
            assessment = assessments[f"a{result.sitting}"]
            if result.score is None or (learner.pk, assessment.pk) in there:
                continue
            marks.append(
                grading.EnteredMark(
                    learner=learner,
                    assessment=assessment,
                    marks=result.score,
                    earned_on=presentation.starts_on + timedelta(days=result.day),
                    source=Grade.Source.BANKED if result.is_banked else Grade.Source.MARKED,
                    submission=handed_in.get((learner.pk, assessment.pk)),
                )
            )
        final = assessments["result"]
        if student.final_result in FINAL_MARKS and (learner.pk, final.pk) not in there:
            marks.append(
                grading.EnteredMark(
                    learner=learner,
                    assessment=final,
                    marks=FINAL_MARKS[student.final_result],
                    earned_on=presentation.ends_on,
                )
            )
    return marks


def _count(awards: Sequence[Award], tally: Tally) -> None:
    stacked = sum(award.achievement.kind != Achievement.Kind.MICRO_CREDENTIAL for award in awards)
    tally.qualifications += stacked
    tally.micro_credentials += len(awards) - stacked


def totals() -> dict[str, int]:
    """What the imported college holds now, whichever run brought it."""
    courses = Course.objects.filter(slug__startswith="oulad-")
    awards = Award.objects.filter(achievement__slug__startswith="oulad-")
    micro = awards.filter(achievement__kind=Achievement.Kind.MICRO_CREDENTIAL).count()
    return {
        "learners": User.objects.filter(email__startswith="learner-", email__endswith="@oulad.invalid").count(),
        "enrolments": Enrolment.objects.filter(course__in=courses).count(),
        "submissions": Submission.objects.filter(assessment__course__in=courses).count(),
        "grades": Grade.objects.filter(assessment__course__in=courses, state=Grade.State.RELEASED).count(),
        "micro_credentials": micro,
        "qualifications": awards.count() - micro,
    }
