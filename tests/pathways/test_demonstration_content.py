"""The files of the demonstration college hold together: names resolve, questions have answers, rubrics add up."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pathways.demonstration import content
from pathways.rules import notation, soundness
from pathways.rules.evaluate import evaluate
from pathways.rules.record import Holding, Record

COURSES = {course["slug"]: course for course in content.courses()}
COLLEGE = content.college()
QUALIFICATIONS = {each["slug"]: each for each in COLLEGE["qualifications"]}
PEOPLE = {each["key"] for each in COLLEGE["people"]}
KINDS = {"reading", "video", "file", "exercise", "external"}
TODAY = date(2026, 1, 15)

EACH_COURSE = pytest.mark.parametrize("course", COURSES.values(), ids=COURSES.keys())
EACH_LEARNER = pytest.mark.parametrize(
    "learner", COLLEGE["learners"], ids=[each["key"] for each in COLLEGE["learners"]]
)
EACH_QUALIFICATION = pytest.mark.parametrize("qualification", QUALIFICATIONS.values(), ids=QUALIFICATIONS.keys())


def materials(course: dict[str, Any]) -> list[dict[str, Any]]:
    return [material for module in course["modules"] for material in module["materials"]]


def questions(course: dict[str, Any]) -> list[dict[str, Any]]:
    places = [*materials(course), *course["assessments"]]
    return [question for place in places for question in place.get("questions", ())]


def assessment(course: str, slug: str) -> dict[str, Any]:
    return next(each for each in COURSES[course]["assessments"] if each["slug"] == slug)


def test_there_are_a_dozen_courses_of_three_issuers() -> None:
    issuers = {issuer["slug"] for issuer in COLLEGE["issuers"]}
    assert len(COURSES) >= 12
    assert {course["issuer"] for course in COURSES.values()} == issuers
    assert {issuer.get("parent") for issuer in COLLEGE["issuers"]} - {None} <= issuers


@EACH_COURSE
def test_short_names_are_unique_in_a_course(course: dict[str, Any]) -> None:
    assert course["achievement"]["slug"] == course["slug"]
    for names in (
        [module["slug"] for module in course["modules"]],
        [each["slug"] for each in course["assessments"]],
        *([material["slug"] for material in module["materials"]] for module in course["modules"]),
    ):
        assert len(names) == len(set(names))


@EACH_COURSE
def test_a_course_says_all_that_publishing_asks_for(course: dict[str, Any]) -> None:
    assert course["title"] and course["description"] and course["outcomes"] and course["skills"]
    assert len(course["summary"]) <= 250
    assert 1 <= course["level"] <= 8
    # A European credit is 25 to 30 hours of work.
    assert course["hours"] == 25 * course["credits"]
    assert Decimal(course["price"]) > 0
    assert set(course["instructors"]) <= PEOPLE
    for key in ("name", "description", "criteria", "assessment_type", "supervision", "subject", "tags"):
        assert course["achievement"][key]


@EACH_COURSE
def test_a_course_has_readings_and_exercises(course: dict[str, Any]) -> None:
    kinds = Counter(material["kind"] for material in materials(course))
    assert 2 <= len(course["modules"]) <= 4
    assert set(kinds) <= KINDS
    assert kinds["reading"] >= 2
    assert kinds["exercise"] >= 1
    for material in materials(course):
        if material["kind"] == "reading":
            assert len(material["body"].split()) >= 180, material["slug"]
            assert material["body"].startswith("## "), material["slug"]


@EACH_COURSE
def test_every_question_has_its_answer_and_a_word_for_each_wrong_one(course: dict[str, Any]) -> None:
    for question in questions(course):
        fields = content.question_fields(question)
        match question["kind"]:
            case "single" | "multiple":
                right = [choice for choice in fields["choices"] if choice["correct"]]
                assert len(right) == 1 if question["kind"] == "single" else len(right) >= 2, question["ask"]
                assert len(fields["choices"]) > len(right), question["ask"]
                assert all(choice["feedback"] for choice in fields["choices"] if not choice["correct"])
                assert len({choice["text"] for choice in fields["choices"]}) == len(fields["choices"])
            case "number":
                assert Decimal(fields["answer"]["value"]).is_finite()
                assert fields["feedback"]
            case "text":
                assert all(isinstance(accepted, str) for accepted in fields["answer"]["accepted"])
                assert fields["feedback"]
            case kind:
                pytest.fail(f"no such kind of question: {kind}")


def test_right_answers_do_not_always_stand_first() -> None:
    places = Counter(
        next(index for index, choice in enumerate(content.question_fields(question)["choices"]) if choice["correct"])
        for course in COURSES.values()
        for question in questions(course)
        if question["kind"] == "single"
    )
    assert places[0] < places.total() / 2


@EACH_COURSE
def test_rubrics_add_up_to_a_hundred(course: dict[str, Any]) -> None:
    for each in course["assessments"]:
        assert (each["kind"] in {"assignment", "portfolio"}) == ("rubric" in each)
        if "rubric" not in each:
            continue
        criteria = content.rubric_fields(each["rubric"])
        assert 3 <= len(criteria) <= 4
        assert sum(criterion["levels"][-1]["marks"] for criterion in criteria) == 100
        for criterion in criteria:
            marks = [level["marks"] for level in criterion["levels"]]
            assert len(marks) == 4
            assert marks == sorted(set(marks))
            assert marks[0] == 0
            assert all(level["description"] for level in criterion["levels"])


@EACH_COURSE
def test_videos_have_captions_and_a_transcript_and_files_are_there(course: dict[str, Any]) -> None:
    for material in materials(course):
        match material["kind"]:
            case "video":
                assert (content.MEDIA / material["video"]).stat().st_size < 300_000
                captions = (content.MEDIA / material["captions"]).read_text()
                assert captions.startswith("WEBVTT\n")
                assert " --> " in captions
                assert material["transcript"].strip()
            case "file":
                assert material["content"].strip()
                assert material["filename"]
            case "external":
                assert material["url"].startswith("https://")


@EACH_COURSE
def test_the_rule_of_a_course_asks_for_its_own_assessments(course: dict[str, Any]) -> None:
    rule = notation.from_json(course["achievement"]["rule"])
    expected = {("grade", f"{course['slug']}/{each['slug']}") for each in course["assessments"]}
    assert notation.references(rule) == expected
    assert soundness.check(rule) == []


def test_kinds_of_assessment_are_spread_over_the_courses() -> None:
    kinds = Counter(each["kind"] for course in COURSES.values() for each in course["assessments"])
    assert kinds["portfolio"] >= 2
    assert kinds["exam"] >= 2
    assert kinds["assignment"] >= 10
    assert kinds["quiz"] >= 12


@EACH_QUALIFICATION
def test_a_qualification_names_what_exists(qualification: dict[str, Any]) -> None:
    rule = notation.from_json(qualification["rule"])
    named = {key for kind, key in notation.references(rule) if kind == "award"}
    assert named <= {*COURSES, *QUALIFICATIONS}
    assert soundness.check(rule) == []
    assert notation.to_json(rule) == qualification["rule"]


@EACH_QUALIFICATION
def test_a_qualification_judges_its_examples_as_written(qualification: dict[str, Any]) -> None:
    rule = notation.from_json(qualification["rule"])
    for example in qualification["examples"]:
        holdings = [holding(slug) for slug in example["holds"]]
        holdings += [holding(slug, until=date(2025, 12, 31)) for slug in example.get("expired", ())]
        verdict = evaluate(rule, Record(holdings=tuple(holdings)), TODAY)
        assert verdict.satisfied is example["satisfied"], example


def holding(slug: str, until: date | None = None) -> Holding:
    described = COURSES.get(slug) or QUALIFICATIONS[slug]
    return Holding(
        id=f"award:{slug}",
        kind="award",
        key=slug,
        earned_on=date(2024, 1, 1),
        credits=Decimal(described["credits"]),
        level=described["level"],
        until=until,
    )


def test_pathways_lead_to_qualifications_by_stages_that_exist() -> None:
    assert len(COLLEGE["pathways"]) == 3
    for pathway in COLLEGE["pathways"]:
        assert pathway["target"] in QUALIFICATIONS
        assert pathway["summary"] and pathway["description"] and pathway["audience"]
        for stage in pathway["stages"]:
            assert stage["text"]
            assert set(stage["achievements"]) <= {*COURSES, *QUALIFICATIONS}


def test_people_are_named_once() -> None:
    keys = [each["key"] for each in (*COLLEGE["people"], *COLLEGE["learners"])]
    assert len(keys) == len(set(keys))
    roles = Counter(role["role"] for person in COLLEGE["people"] for role in person.get("roles", ()))
    assert roles["administrator"] >= 1
    assert roles["registrar"] >= 2


@EACH_LEARNER
def test_a_history_names_what_exists_and_runs_forward(learner: dict[str, Any]) -> None:
    pathways = {pathway["slug"] for pathway in COLLEGE["pathways"]}
    for place in learner.get("pathways", ()):
        assert place["pathway"] in pathways
    for place in learner["courses"]:
        course = COURSES[place["course"]]
        if completed := place.get("completed"):
            assert place["enrolled"] > completed["days_ago"] + 5
            needs = {each["kind"] for each in course["assessments"]}
            assert ("exam" in needs) == ("exam" in completed)
            assert bool(needs & {"assignment", "portfolio"}) == ("level" in completed)
        if then := place.get("award_then"):
            assert then["act"] in {"revoke", "suspend"}
            assert then["days_ago"] < place["completed"]["days_ago"]
        studied = place.get("studied", 0)
        assert studied == "all" or studied <= len(materials(course))
        days = [place["enrolled"], *(work["days_ago"] for work in place.get("work", ()))]
        assert days == sorted(days, reverse=True) or "exam" in str(place)
        assert all(day >= 1 for day in days)


@EACH_LEARNER
def test_work_fits_its_assessment(learner: dict[str, Any]) -> None:
    for place in learner["courses"]:
        attempts: Counter[str] = Counter()
        for work in place.get("work", ()):
            asked = assessment(place["course"], work["assessment"])
            attempts[asked["slug"]] += 1
            match asked["kind"]:
                case "quiz":
                    assert 0 <= work["right"] <= len(asked["questions"])
                case "exam":
                    assert 0 <= work["mark"] <= 100
                case _:
                    assert len(content.submission_text(work["text"]).split()) >= 60
                    assert ("levels" in work) == ("marked_days_ago" in work) == ("by" in work)
                    if "levels" in work:
                        assert len(work["levels"]) == len(asked["rubric"]["criteria"])
                        assert set(work["levels"]) <= set(asked["rubric"]["scale"])
                        assert work["by"] in COURSES[place["course"]]["instructors"]
        for slug, count in attempts.items():
            assert count <= assessment(place["course"], slug)["attempts"]


def test_work_waits_to_be_marked() -> None:
    waiting = [
        work
        for learner in COLLEGE["learners"]
        for place in learner["courses"]
        for work in place.get("work", ())
        if "text" in work and "levels" not in work
    ]
    assert len(waiting) >= 12


def test_earlier_work_stands_for_every_written_assessment() -> None:
    written = {
        f"{course['slug']}/{each['slug']}"
        for course in COURSES.values()
        for each in course["assessments"]
        if "rubric" in each
    }
    assert set(content.earlier_work()) == written
    assert all(len(text.split()) >= 40 for text in content.earlier_work().values())
