"""Lives the past of each learner of the demonstration college through, by the acts of those who had a part in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from credentials.models import Award
from pathways import enrolment, grading, standing, study, submissions
from pathways.demonstration import attachments, content
from pathways.demonstration.college import College, Fields
from pathways.holdings import institution_day
from pathways.models import Assessment, Course, Enrolment, Material, Pathway, Submission
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User


@dataclass(frozen=True)
class _Event:
    """One thing that a learner, or somebody for them, did so many days ago."""

    days_ago: int
    act: Callable[[datetime], object]


@transaction.atomic
def load_history(college: College, learner: Fields) -> None:
    """Live a learner's past through, day by day."""
    user = college.people[learner["key"]]
    if Enrolment.objects.filter(learner=user).exists():
        return
    courses = Course.objects.prefetch_related("modules__materials", "assessments__questions")
    by_slug = {course.slug: course for course in courses.filter(slug__in=[c["course"] for c in learner["courses"]])}
    events = list(_pathway_events(user, learner))
    for place in learner["courses"]:
        events += _Place(college, learner, user, by_slug[place["course"]], place).events()
    for event in sorted(events, key=lambda each: -each.days_ago):
        event.act(college.days_ago(event.days_ago, learner["key"]))


def _pathway_events(user: User, learner: Fields) -> Iterator[_Event]:
    for chosen in learner.get("pathways", ()):
        pathway = Pathway.objects.select_related("target").get(slug=chosen["pathway"])
        yield _Event(
            chosen["days_ago"],
            lambda at, pathway=pathway: enrolment.start_pathway(learner=user, pathway=pathway, at=at),  # type: ignore[misc]
        )


@dataclass
class _Place:
    """A learner's place in one course, and what they did there."""

    college: College
    learner: Fields
    user: User
    course: Course
    told: Fields
    enrolment: Enrolment = field(init=False)

    def __post_init__(self) -> None:
        self.materials = [material for module in self.course.modules.all() for material in module.materials.all()]
        self.assessments = {assessment.slug: assessment for assessment in self.course.assessments.all()}
        self.described = next(each for each in content.courses() if each["slug"] == self.course.slug)

    def events(self) -> Iterator[_Event]:
        yield _Event(self.told["enrolled"], self._enrol)
        work = [*self.told.get("work", ()), *self._work_of_completion()]
        yield from self._study(last_day=max((each["days_ago"] for each in work), default=0))
        for each in work:
            yield from self._work(each)
        if "withdrawn" in self.told:
            yield _Event(
                self.told["withdrawn"], lambda at: enrolment.withdraw(learner=self.user, course=self.course, at=at)
            )
        if "completed" in self.told:
            yield _Event(self.told["completed"]["days_ago"], self._complete)
        if "award_then" in self.told:
            yield _Event(self.told["award_then"]["days_ago"], self._take_back)

    def _work_of_completion(self) -> Iterator[Fields]:
        """What somebody handed in who completed the course: all questions right, one level throughout."""
        completed = self.told.get("completed")
        if completed is None:
            return
        day = completed["days_ago"]
        for slug, assessment in self.assessments.items():
            match assessment.kind:
                case Assessment.Kind.QUIZ:
                    yield {"assessment": slug, "days_ago": day + 4, "right": assessment.questions.count()}
                case Assessment.Kind.EXAM:
                    yield {"assessment": slug, "days_ago": day + 1, "mark": completed["exam"]}
                case _:
                    criteria = assessment.criteria.count()
                    yield {
                        "assessment": slug,
                        "days_ago": day + 3,
                        "words": content.earlier_work()[assessment.key].format(place=self.learner["place"]),
                        "levels": [completed["level"]] * criteria,
                        "comment": content.college()["comments"][completed["level"]],
                        "marked_days_ago": day,
                        "by": self.described["instructors"][0],
                    }

    def _study(self, *, last_day: int) -> Iterator[_Event]:
        """Materials done one after the other, between enrolment and the first work handed in."""
        told = "all" if "completed" in self.told else self.told.get("studied", 0)
        done = self.materials if told == "all" else self.materials[: int(told)]
        first_day = max(self.told["enrolled"] - 1, 1)
        last_day = min(last_day + 1, first_day)
        for number, material in enumerate(done):
            day = first_day - (first_day - last_day) * number // max(len(done), 1)
            yield _Event(day, lambda at, material=material: self._mark_done(material, at))  # type: ignore[misc]

    def _work(self, told: Fields) -> Iterator[_Event]:
        assessment = self.assessments[told["assessment"]]
        match assessment.kind:
            case Assessment.Kind.EXAM:
                yield _Event(told["days_ago"], lambda at: self._enter_mark(assessment, told, at))
            case Assessment.Kind.QUIZ:
                yield _Event(told["days_ago"], lambda at: self._sit_quiz(assessment, told["right"], at))
            case _:
                yield _Event(told["days_ago"], lambda at: self._hand_in(assessment, told, at))
                if "levels" in told:
                    yield _Event(told["marked_days_ago"], lambda at: self._mark(assessment, told, at))

    def _enrol(self, at: datetime) -> None:
        self.enrolment = enrolment.enrol(learner=self.user, course=self.course, at=at)

    def _mark_done(self, material: Material, at: datetime) -> None:
        study.mark_done(enrolment=self.enrolment, material=material, at=at)

    def _sit_quiz(self, assessment: Assessment, right: int, at: datetime) -> None:
        answers = {
            str(question.uuid): content.answer_to(
                question.kind, question.choices, question.answer, right=number < right
            )
            for number, question in enumerate(assessment.questions.all())
        }
        draft = submissions.begin(assessment=assessment, learner=self.user, at=at)
        submissions.save_draft(submission=draft, text="", answers=answers, at=at)
        submissions.submit(submission=draft, at=at)

    def _hand_in(self, assessment: Assessment, told: Fields, at: datetime) -> None:
        draft = submissions.begin(assessment=assessment, learner=self.user, at=at)
        text = told["words"] if "words" in told else content.submission_text(told["text"])
        submissions.save_draft(submission=draft, text=text, answers={}, at=at)
        for file in told.get("files", ()):
            submissions.add_file(submission=draft, stream=attachments.make(file), name=file["name"], at=at)
        submissions.submit(submission=draft, at=at)

    def _mark(self, assessment: Assessment, told: Fields, at: datetime) -> None:
        submission = Submission.objects.filter(assessment=assessment, learner=self.user).latest("attempt")
        grader = self.college.people[told["by"]]
        criteria = assessment.criteria.prefetch_related("levels")
        grade = grading.draft_grade(
            submission=submission,
            levels={
                criterion: next(level for level in criterion.levels.all() if level.title == title)
                for criterion, title in zip(criteria, told["levels"], strict=True)
            },
            marks=None,
            comment=told["comment"],
            criterion_comments={},
            grader=grader,
            at=at,
        )
        if not told.get("drafted"):
            grading.release(grades=[grade], by=grader, at=at)

    def _enter_mark(self, assessment: Assessment, told: Fields, at: datetime) -> None:
        mark = grading.EnteredMark(
            learner=self.user, assessment=assessment, marks=Decimal(told["mark"]), earned_on=institution_day(at)
        )
        examiner = self.college.people[self.described["instructors"][0]]
        grading.enter_marks(marks=[mark], by=examiner, at=at)

    def _complete(self, at: datetime) -> None:
        lock_learners([self.user.pk])
        instructor = self.college.people[self.described["instructors"][0]]
        enrolment.complete_many(course=self.course, learners=[self.user], at=at, actor=instructor)

    def _take_back(self, at: datetime) -> None:
        told = self.told["award_then"]
        act = standing.revoke if told["act"] == "revoke" else standing.suspend
        act(
            award=Award.objects.get(learner=self.user, achievement=self.course.achievement),
            reason=told["reason"],
            public_note=told["public_note"],
            by=self.college.people["rhea"],
            at=at,
        )
