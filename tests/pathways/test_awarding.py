"""Tests what a released grade awards, through the levels of a stack, in one commit."""

import base64
import hashlib
import json

import pytest

from credentials import addresses, revocation
from credentials.models import Achievement, Award, Credential
from pathways import enrolment, grading, rulebook, stacking, standing, tasks
from pathways.models import Derivation, Grade
from pathways.rules.receipt import commitment
from portal.shared.models import Job
from tests.cast import make_ivo, make_lena, make_noor, make_rhea
from tests.college import (
    LATER,
    decide_afresh,
    enter,
    hand_in,
    holds_all,
    make_assignment,
    make_course,
    make_exam,
    mark,
    passed,
    publish_rule,
)
from tests.factories import NOON, credential_of, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


def stack_of_three() -> tuple[list, dict[str, Achievement]]:
    """Two courses → a certificate of both → a diploma of the certificate."""
    exams = []
    for slug in ("algebra", "geometry"):
        course = make_course(slug=slug)
        exams.append(make_exam(course))
        publish_rule(course.achievement, passed(f"{slug}/exam"))
    certificate = make_achievement(slug="mathematics", name="Mathematics", kind=Achievement.Kind.CERTIFICATE)
    publish_rule(certificate, holds_all("algebra-badge", "geometry-badge"))
    diploma = make_achievement(slug="sciences", name="Sciences", kind=Achievement.Kind.DIPLOMA)
    publish_rule(diploma, holds_all("mathematics"))
    return exams, {"certificate": certificate, "diploma": diploma}


def test_a_last_grade_awards_every_level_in_one_commit() -> None:
    lena = make_lena()
    (algebra, geometry), _stack = stack_of_three()
    assert [award.achievement.slug for award in enter(lena, algebra, 60)] == ["algebra-badge"]
    assert [award.achievement.slug for award in enter(lena, geometry, 60)] == [
        "geometry-badge",
        "mathematics",
        "sciences",
    ]
    assert Credential.objects.filter(award__learner=lena, state="recorded").count() == 4


def test_a_faculty_that_marked_for_its_college_is_named_as_the_source() -> None:
    lena, college = make_lena(), make_issuer(slug="college", name="College")
    faculty = make_issuer(slug="faculty", name="Faculty", parent=college)
    exams = {}
    for slug, issuer in (("algebra", college), ("geometry", faculty)):
        badge = make_achievement(slug=f"{slug}-badge", name=slug.title(), issuer=issuer)
        exams[slug] = make_exam(make_course(slug=slug, achievement=badge))
    marks = make_achievement(slug="marks", name="Marks", issuer=college)
    publish_rule(marks, passed("geometry/exam"))
    own = make_achievement(slug="own", name="Own", issuer=college)
    publish_rule(own, passed("algebra/exam"))
    both = make_achievement(slug="both", name="Both", issuer=college)
    publish_rule(both, holds_all("marks", "own"))
    enter(lena, exams["geometry"], 60)
    enter(lena, exams["algebra"], 60)
    subjects = {
        credential.award.achievement.slug: json.loads(credential.body)["credentialSubject"]
        for credential in Credential.objects.select_related("award__achievement")
    }
    assert set(subjects) == {"marks", "own", "both"}
    assert "source" not in subjects["own"]
    assert "source" not in subjects["both"]
    assert subjects["marks"]["source"] == {
        "id": addresses.issuer_did(faculty),
        "type": ["Profile"],
        "name": "Faculty",
        "url": faculty.url,
    }
    # What is issued anew says it, too.
    award = Award.objects.get(achievement=marks)
    newer = revocation.supersede(award=award, recipient_name="Lena O.", by=make_rhea(), at=LATER)
    assert json.loads(newer.body)["credentialSubject"]["source"] == subjects["marks"]["source"]


def test_a_failed_exam_awards_nothing() -> None:
    (algebra, _geometry), _stack = stack_of_three()
    assert enter(make_lena(), algebra, 39) == []


def test_each_award_keeps_its_grounds() -> None:
    lena = make_lena()
    (algebra, geometry), stack = stack_of_three()
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    derivation = Derivation.objects.get(award__achievement=stack["certificate"])
    used = {taken["holding"] for part in derivation.allocation.values() for taken in part}
    components = Award.objects.filter(learner=lena, achievement__slug__in=["algebra-badge", "geometry-badge"])
    assert used == {f"award:{award.uuid}" for award in components}
    assert derivation.rule_version.number == 1


def test_the_credential_of_a_stack_names_its_parts() -> None:
    lena = make_lena()
    (algebra, geometry), stack = stack_of_three()
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    body = credential_of(Award.objects.get(achievement=stack["certificate"])).body
    for part in Credential.objects.filter(award__achievement__kind=Achievement.Kind.MICRO_CREDENTIAL):
        assert part.document_url in body


def test_deciding_twice_awards_once() -> None:
    lena = make_lena()
    (algebra, _geometry), _stack = stack_of_three()
    enter(lena, algebra, 60)
    assert enter(lena, algebra, 80) == []
    assert decide_afresh(lena) == []
    assert Award.objects.filter(learner=lena).count() == 1


def test_a_learner_is_judged_by_their_own_record() -> None:
    lena, noor = make_lena(), make_noor()
    (algebra, geometry), _stack = stack_of_three()
    enter(lena, algebra, 60)
    assert [award.achievement.slug for award in enter(noor, geometry, 60)] == ["geometry-badge"]


def test_the_cause_stands_when_the_decision_fails(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    lena = make_lena()
    (algebra, _geometry), _stack = stack_of_three()

    def fail(*_args: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(stacking, "judge", fail)
        assert enter(lena, algebra, 60) == []
    assert Grade.objects.filter(learner=lena, state="released").count() == 1
    assert "a job will repeat it" in caplog.text
    assert Job.objects.filter(kind="pathways.decide", subject_id=lena.pk).exists()
    tasks.decide(lena.pk)
    assert Award.objects.get(learner=lena).achievement.slug == "algebra-badge"


def test_releasing_shows_first_what_it_will_award() -> None:
    lena, ivo = make_lena(), make_ivo()
    course = make_course(ivo=ivo)
    essay = make_assignment(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    certificate = make_achievement(slug="numeracy")
    publish_rule(certificate, holds_all("statistics-badge"))
    grade = mark(hand_in(lena, essay), ivo)
    foreseen = grading.would_award(grade, at=NOON)
    assert [achievement.slug for achievement in foreseen] == ["statistics-badge", "numeracy"]
    assert not Award.objects.exists()
    released = grading.release(grades=[grade], by=ivo, at=NOON)
    assert [award.achievement for award in released] == foreseen


def test_a_publication_reaches_those_who_have_earned_it_already() -> None:
    lena = make_lena()
    course = make_course()
    exam = make_exam(course)
    enter(lena, exam, 90)
    publish_rule(course.achievement, passed("statistics/exam"))
    version = course.achievement.rule_versions.get()
    tasks.apply_rule(version.pk)
    for part in version.rollout.ranges.all():
        tasks.roll_out(part.pk)
    assert Award.objects.get().learner == lena


def test_who_enrolled_under_an_easier_version_keeps_it() -> None:
    lena, noor = make_lena(), make_noor()
    course = make_course()
    exam, second = make_exam(course), make_exam(course, slug="oral")
    publish_rule(course.achievement, passed("statistics/exam"))
    enrolment.enrol(learner=lena, course=course, at=NOON)
    publish_rule(course.achievement, passed("statistics/exam", "statistics/oral"), at=LATER)
    assert [award.achievement for award in enter(lena, exam, 50, at=LATER)] == [course.achievement]
    assert enter(noor, exam, 50, at=LATER) == []
    assert [award.achievement for award in enter(noor, second, 50, at=LATER)] == [course.achievement]


def test_withdrawing_a_part_suspends_what_no_longer_stands_and_giving_it_back_restores_it() -> None:
    lena, rhea = make_lena(), make_rhea()
    (algebra, geometry), stack = stack_of_three()
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    part = Award.objects.get(achievement__slug="algebra-badge")
    event = standing.suspend(award=part, reason="under-review", public_note="", by=rhea, at=LATER)
    states = dict(Award.objects.values_list("achievement__slug", "standing"))
    assert states == {
        "algebra-badge": "suspended",
        "geometry-badge": "active",
        "mathematics": "suspended",
        "sciences": "suspended",
    }
    # Each step down the chain names the one above it.
    [fall] = event.consequences.all()
    [further] = fall.consequences.all()
    assert further.credential.award.achievement.slug == "sciences"
    standing.reinstate(award=part, reason="review-ended", public_note="", by=rhea, at=LATER)
    assert set(Award.objects.values_list("standing", flat=True)) == {"active"}
    assert stack["diploma"].awards.count() == 1


def test_a_revoked_award_does_not_come_back_by_itself() -> None:
    lena, rhea = make_lena(), make_rhea()
    (algebra, _geometry), _stack = stack_of_three()
    [award] = enter(lena, algebra, 60)
    standing.revoke(award=award, reason="misconduct", public_note="", by=rhea, at=LATER)
    assert decide_afresh(lena) == []
    assert Award.objects.get(learner=lena).standing == "revoked"


def test_a_lower_regrade_suspends_what_it_had_earned() -> None:
    lena = make_lena()
    (algebra, _geometry), _stack = stack_of_three()
    enter(lena, algebra, 60)
    enter(lena, algebra, 20, at=LATER)
    assert Award.objects.get(learner=lena).standing == "suspended"


def test_the_number_of_queries_does_not_depend_on_the_number_of_rules(django_assert_max_num_queries) -> None:
    lena = make_lena()
    (algebra, _geometry), _stack = stack_of_three()
    for number in range(20):
        publish_rule(
            make_achievement(slug=f"other-{number}"),
            holds_all("geometry-badge", "mathematics"),
        )
    rulebook.current()
    with django_assert_max_num_queries(40):
        enter(lena, algebra, 60)


def test_stranger_rules_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lena = make_lena()
    (algebra, _geometry), _stack = stack_of_three()
    asked: list[str] = []
    real = stacking.judge
    monkeypatch.setattr(stacking, "judge", lambda slug, *rest: asked.append(slug) or real(slug, *rest))
    enter(lena, algebra, 60)
    # The course's own rule, then the certificate that its award might complete.
    assert len(asked) == 2


def test_the_credential_vouches_for_the_receipt_of_its_derivation() -> None:
    lena = make_lena()
    (algebra, geometry), stack = stack_of_three()
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    credential = credential_of(Award.objects.get(achievement=stack["certificate"]))
    digest = base64.b64encode(hashlib.sha256(credential.derivation.encode()).digest()).decode()
    assert json.loads(credential.body)["relatedResource"] == [
        {
            "id": f"{credential.document_url}/derivation",
            "mediaType": "application/json",
            "digestSRI": f"sha256-{digest}",
        }
    ]


def test_a_receipt_names_earlier_parts_and_those_of_the_same_commit_by_their_credentials() -> None:
    lena = make_lena()
    (algebra, geometry), stack = stack_of_three()
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    receipt = json.loads(credential_of(Award.objects.get(achievement=stack["certificate"])).derivation)
    parts = Credential.objects.filter(award__achievement__slug__in=["algebra-badge", "geometry-badge"])
    named = {(each["credential"]["id"], each["credential"]["sha256"]) for each in receipt["holdings"].values()}
    assert named == {(part.document_url, part.body_sha256) for part in parts}


def test_the_openings_of_a_receipt_are_kept_apart_from_it() -> None:
    lena = make_lena()
    (algebra, _geometry), _stack = stack_of_three()
    [award] = enter(lena, algebra, 60)
    derivation = Derivation.objects.get(award=award)
    [(ref, opening)] = derivation.openings["holdings"].items()
    assert opening["holding"]["key"] == "algebra/exam"
    text = credential_of(award).derivation
    assert json.loads(text)["holdings"][ref] == {"sha256": commitment(opening)}
    assert opening["salt"] not in text
    assert award.learner.email not in text


def test_a_receipt_looks_at_the_record_as_it_was_and_not_at_what_it_made() -> None:
    lena = make_lena()
    course = make_course(slug="algebra")
    prize = make_achievement(slug="prize", name="Prize", kind=Achievement.Kind.CERTIFICATE, tags=["final"])
    exam = make_exam(course)
    # Whoever has the prize of the last step already earns nothing here; that step follows in the same commit.
    first = {"type": "passed", "assessment": "algebra/exam"}
    without = {"type": "given", "pool": {"tags": ["final"]}, "absent": True}
    publish_rule(course.achievement, {"format": 1, "root": {"type": "all", "parts": [first, without]}})
    publish_rule(prize, holds_all("algebra-badge"))
    badge, _prize = enter(lena, exam, 60)
    openings = Derivation.objects.get(award=badge).openings["holdings"]
    assert [each["holding"]["key"] for each in openings.values()] == ["algebra/exam"]
