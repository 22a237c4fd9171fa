"""Acts the demonstration college out: everything comes about through the acts that people use, at times in the past.

Each course, qualification and learner is loaded in a transaction of its own and passed over when it is there, so that
the load may be stopped and repeated, and a second one changes nothing.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction

from credentials import achievements, issuers
from credentials.achievements import Skill
from credentials.models import Achievement, Award, Issuer
from pathways import authoring, enrolment, grading, rulemaking, standing, study, submissions
from pathways.demonstration import attachments, content, offers
from pathways.holdings import institution_day
from pathways.models import (
    Assessment,
    Course,
    Enrolment,
    Grade,
    Material,
    Module,
    Pathway,
    Question,
    RuleVersion,
    Submission,
)
from pathways.rules.examples import Example
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User

Fields = dict[str, Any]
Progress = Callable[[str], None]

ESCO = "European Skills, Competences, Qualifications and Occupations (ESCO)"
COUNTED = {
    "people": User,
    "issuers": Issuer,
    "achievements": Achievement,
    "rules": RuleVersion,
    "courses": Course,
    "modules": Module,
    "materials": Material,
    "questions": Question,
    "assessments": Assessment,
    "pathways": Pathway,
    "enrolments": Enrolment,
    "submissions": Submission,
    "grades": Grade,
    "awards": Award,
}


@dataclass
class College:
    """Who and what is there already, by the keys of the files, while the rest is made."""

    at: datetime
    people: dict[str, User] = field(default_factory=dict)
    issuers: dict[str, Issuer] = field(default_factory=dict)

    @property
    def opened_at(self) -> datetime:
        return self.days_ago(content.college()["opened_days_ago"])

    def days_ago(self, days: int, key: str = "") -> datetime:
        """A moment so many days ago; the key moves it to an hour of its own, so that not all happens at once."""
        return self.at - timedelta(days=days, minutes=zlib.crc32(key.encode()) % 480)


def load(*, at: datetime, progress: Progress = lambda _what: None) -> None:
    """Make whatever of the college is not there yet; `at` is the day from which the files count backwards."""
    college = College(at)
    files = content.college()
    progress("people and issuers")
    _load_people(college, files)
    _load_issuers(college, files)
    for course in content.courses():
        progress(course["title"])
        _load_course(college, course)
    for qualification in files["qualifications"]:
        progress(qualification["name"])
        _load_qualification(college, qualification)
    for pathway in files["pathways"]:
        _load_pathway(college, pathway)
    for learner in files["learners"]:
        progress(learner["name"])
        _load_history(college, learner)
    offers.load(at=at)


def totals() -> dict[str, int]:
    """How many there are of each thing."""
    return {name: model._default_manager.count() for name, model in COUNTED.items()}


@dataclass(frozen=True)
class Login:
    """Somebody as whom a visitor would look round."""

    role: str
    name: str
    address: str


def logins() -> list[Login]:
    """One person of each role, the learner first, and whoever publishes what the registrar writes.

    The password is one for all.
    """
    wanted = {
        "lena": "learner",
        "ivo": "instructor",
        "rhea": "registrar",
        "baptiste": "registrar",
        "astrid": "administrator",
    }
    everybody = (*content.college()["people"], *content.college()["learners"])
    names = {person["key"]: person["name"] for person in everybody}
    return [Login(role, names[key], address_of(key)) for key, role in wanted.items()]


def address_of(key: str) -> str:
    return f"{key}@northfield.example"


@transaction.atomic
def _load_people(college: College, files: Fields) -> None:
    # Hashed once for all: one password is known to everybody anyway, and each hash costs half a second.
    password = make_password(files["password"])
    for person in (*files["people"], *files["learners"]):
        address = address_of(person["key"])
        user = User.objects.filter(email=address).first()
        if user is None:
            rules_all = any(role["role"] == "administrator" for role in person.get("roles", ()))
            user = User.objects.create_user(
                address,
                name=person["name"],
                joined_at=college.opened_at,
                is_staff=rules_all,
                is_superuser=rules_all,
            )
            User.objects.filter(pk=user.pk).update(password=password)
            EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
        college.people[person["key"]] = user


@transaction.atomic
def _load_issuers(college: College, files: Fields) -> None:
    at = college.opened_at
    for issuer in files["issuers"]:
        found = Issuer.objects.filter(slug=issuer["slug"]).first()
        if found is None:
            fields = {key: issuer[key].strip() for key in issuers.EDITABLE if key not in {"name"} and key in issuer}
            parent = college.issuers.get(issuer.get("parent", ""))
            found = issuers.create_issuer(
                slug=issuer["slug"], name=issuer["name"], parent=parent, by=None, at=at, **fields
            )
        college.issuers[issuer["slug"]] = found
    for person in files["people"]:
        for role in person.get("roles", ()):
            user, issuer = college.people[person["key"]], college.issuers[role["issuer"]]
            issuers.grant_role(user=user, issuer=issuer, role=role["role"], by=None, at=at)


@transaction.atomic
def _load_course(college: College, described: Fields) -> None:
    if Course.objects.filter(slug=described["slug"]).exists():
        return
    at = college.opened_at
    issuer = college.issuers[described["issuer"]]
    staff = [college.people[key] for key in described["instructors"]]
    achievement = _published_achievement(
        college,
        issuer,
        described["achievement"]
        | {
            "kind": Achievement.Kind.MICRO_CREDENTIAL,
            "summary": described["summary"],
            **{key: described[key] for key in ("outcomes", "level", "credits", "hours", "participation", "skills")},
        },
    )
    course = authoring.create_course(
        author=staff[0],
        at=at,
        slug=described["slug"],
        issuer=issuer,
        achievement=achievement,
        title=described["title"],
        summary=described["summary"],
        description=described["description"],
        hours=Decimal(described["hours"]),
        language=described["language"],
        price=Decimal(described["price"]),
    )
    for colleague in staff[1:]:
        authoring.add_staff(course=course, user=colleague, by=staff[0], at=at)
    for module in described["modules"]:
        made = authoring.add_module(
            course=course, slug=module["slug"], title=module["title"], summary=module["summary"]
        )
        for material in module["materials"]:
            authoring.add_material(module=made, **_material_fields(material))
    for assessment in described["assessments"]:
        authoring.add_assessment(course=course, **_assessment_fields(college, assessment))
    _publish_rule(college, achievement, described["achievement"]["rule"])
    authoring.open_course(course=course, by=staff[0], at=at)


@transaction.atomic
def _load_qualification(college: College, described: Fields) -> None:
    if Achievement.objects.filter(slug=described["slug"]).exists():
        return
    achievement = _published_achievement(college, college.issuers[described["issuer"]], described)
    _publish_rule(college, achievement, described["rule"], described["examples"])


@transaction.atomic
def _load_pathway(college: College, described: Fields) -> None:
    if Pathway.objects.filter(slug=described["slug"]).exists():
        return
    named = {each.slug: each for each in Achievement.objects.select_related("issuer")}
    target = named[described["target"]]
    registrar = college.people["rhea"]
    pathway = authoring.create_pathway(
        by=registrar,
        at=college.opened_at,
        slug=described["slug"],
        issuer=target.issuer,
        target=target,
        stages=[
            {
                "title": stage["title"],
                "text": stage["text"],
                "achievements": [named[slug] for slug in stage["achievements"]],
            }
            for stage in described["stages"]
        ],
        **{key: described[key] for key in ("title", "summary", "description", "audience")},
    )
    authoring.open_pathway(pathway=pathway, by=registrar, at=college.opened_at)


def _published_achievement(college: College, issuer: Issuer, described: Fields) -> Achievement:
    copied = (
        "slug",
        "kind",
        "name",
        "summary",
        "description",
        "outcomes",
        "criteria",
        "level",
        "assessment_type",
        "participation",
        "supervision",
        "subject",
        "tags",
    )
    achievement = achievements.create_achievement(
        issuer=issuer,
        by=college.people["rhea"],
        at=college.opened_at,
        credits=Decimal(described["credits"]),
        workload_hours=Decimal(described["hours"]),
        validity_months=described.get("validity_months"),
        image_alt=f"A stack of stones, the badge of {described['name']}",
        quality_assurance=issuer.quality_assurance,
        skills=[
            Skill(skill["name"], framework=ESCO if "url" in skill else "", url=skill.get("url", ""))
            for skill in described["skills"]
        ],
        **{key: described[key] for key in copied},
    )
    return achievements.publish_achievement(
        achievement=achievement, by=college.people["baptiste"], at=college.opened_at
    )


def _publish_rule(
    college: College, achievement: Achievement, document: Fields, examples: Iterable[Fields] = ()
) -> None:
    at, rhea = college.opened_at, college.people["rhea"]
    draft = rulemaking.save_draft(achievement=achievement, document=document, author=rhea, at=at)
    for each in examples:
        draft = rulemaking.keep_example(
            achievement=achievement,
            example=_example(each, institution_day(at)),
            author=rhea,
            at=at,
            revision=draft.revision,
        )
    rulemaking.publish(achievement=achievement, approver=college.people["baptiste"], at=at)


def _example(described: Fields, on: date) -> Example:
    names = dict(Achievement.objects.filter(slug__in=described["holds"]).values_list("slug", "name"))
    word = "Enough" if described["satisfied"] else "Not enough"
    return Example(
        name=f"{word}: {', '.join(names[slug] for slug in described['holds'])}"[:200],
        met=described["satisfied"],
        on=on,
        record=rulemaking.read_learner("\n".join(described["holds"]), on),
    )


def _material_fields(described: Fields) -> Fields:
    fields = {key: described[key] for key in ("slug", "kind", "title", "minutes")}
    fields["body"] = described.get("body", described.get("summary", ""))
    match described["kind"]:
        case "exercise":
            fields["questions"] = [content.question_fields(question) for question in described["questions"]]
        case "video":
            for kind, name in (("file", described["video"]), ("captions", described["captions"])):
                fields[kind] = ContentFile((content.MEDIA / name).read_bytes(), name=name)
            fields["transcript"] = described["transcript"]
        case "file":
            fields["file"] = ContentFile(described["content"].encode(), name=described["filename"])
        case "external":
            fields["url"] = described["url"]
    return fields


def _assessment_fields(college: College, described: Fields) -> Fields:
    fields: Fields = {
        "slug": described["slug"],
        "kind": described["kind"],
        "title": described["title"],
        "brief": described["brief"],
        "out_of": Decimal(100),
        "pass_marks": Decimal(described["pass_mark"]),
        "attempts_allowed": described["attempts"],
        "late_days": described.get("late_days", 0),
        "late_percent_per_day": described.get("late_percent_per_day", 0),
        "files_allowed": described.get("files_allowed", 0),
    }
    if "due_in_days" in described:
        due = college.at + timedelta(days=described["due_in_days"])
        fields["due_at"] = due.replace(hour=23, minute=59, second=0, microsecond=0)
    if "questions" in described:
        fields["questions"] = [content.question_fields(question) for question in described["questions"]]
        fields["minutes"] = 3 * len(described["questions"])
    if "rubric" in described:
        fields["rubric"] = content.rubric_fields(described["rubric"])
        fields["minutes"] = 240
    return fields


@dataclass(frozen=True)
class _Event:
    """One thing that a learner, or somebody for them, did so many days ago."""

    days_ago: int
    act: Callable[[datetime], object]


@transaction.atomic
def _load_history(college: College, learner: Fields) -> None:
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
