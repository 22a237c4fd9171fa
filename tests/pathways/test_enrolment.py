"""Tests joining and leaving courses and pathways; first what goes well, then each refusal."""

import pytest

from pathways import enrolment
from pathways.models import Course, Enrolment, Pathway, PathwayEnrolment
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests.cast import make_ivo, make_lena, make_noor
from tests.college import LATER, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena() -> User:
    return make_lena()


@pytest.fixture
def course() -> Course:
    made = make_course()
    make_exam(made)
    publish_rule(made.achievement, passed("statistics/exam"))
    return made


@pytest.fixture
def pathway(course: Course) -> Pathway:
    target = course.achievement
    return Pathway.objects.create(slug="way", issuer=target.issuer, target=target, state="open", title="Way")


def test_a_place_is_bound_to_the_rule_in_force(lena: User, course: Course) -> None:
    place = enrolment.enrol(learner=lena, course=course, at=NOON)
    assert place.rule_version == course.achievement.rule_versions.get()
    assert AuditEntry.objects.get(act="enrol").concerns == lena


def test_who_withdrew_comes_back_to_the_rule_of_that_day(lena: User, course: Course) -> None:
    enrolment.enrol(learner=lena, course=course, at=NOON)
    enrolment.withdraw(learner=lena, course=course, at=NOON)
    assert Enrolment.objects.get().state == "withdrawn"
    newer = publish_rule(course.achievement, passed("statistics/exam"), at=LATER)
    assert enrolment.enrol(learner=lena, course=course, at=LATER).rule_version == newer
    assert Enrolment.objects.get().ended_at is None


def test_many_are_enrolled_withdrawn_and_completed_at_once(lena: User, course: Course) -> None:
    noor, ivo = make_noor(), make_ivo()
    assert len(enrolment.enrol_many(course=course, learners=[lena, noor], at=NOON, actor=ivo)) == 2
    assert enrolment.enrol_many(course=course, learners=[lena, noor], at=NOON, actor=ivo) == []
    enrolment.complete_many(course=course, learners=[lena], at=NOON, actor=ivo)
    enrolment.withdraw_many(course=course, learners=[noor], at=NOON, actor=ivo)
    assert dict(Enrolment.objects.values_list("learner__email", "state")) == {
        lena.email: "completed",
        noor.email: "withdrawn",
    }
    assert set(AuditEntry.objects.filter(act="enrol").values_list("actor__email", flat=True)) == {ivo.email}


def test_a_closed_course_a_second_place_and_no_place_are_refused(lena: User, course: Course) -> None:
    with pytest.raises(enrolment.NotEnrolled):
        enrolment.withdraw(learner=lena, course=course, at=NOON)
    enrolment.enrol(learner=lena, course=course, at=NOON)
    with pytest.raises(enrolment.AlreadyThere):
        enrolment.enrol(learner=lena, course=course, at=NOON)
    course.state = Course.State.CLOSED
    with pytest.raises(enrolment.NotOpen):
        enrolment.enrol(learner=make_noor(), course=course, at=NOON)


def test_a_pathway_is_begun_left_and_begun_again(lena: User, course: Course, pathway: Pathway) -> None:
    place = enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)
    assert enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON) == place
    enrolment.leave_pathway(learner=lena, pathway=pathway, at=NOON)
    with pytest.raises(enrolment.NotEnrolled):
        enrolment.leave_pathway(learner=lena, pathway=pathway, at=NOON)
    newer = publish_rule(course.achievement, passed("statistics/exam"), at=LATER)
    assert enrolment.start_pathway(learner=lena, pathway=pathway, at=LATER).rule_version == newer
    assert PathwayEnrolment.objects.get().left_at is None
    assert AuditEntry.objects.filter(act="start pathway").count() == 2


def test_a_closed_pathway_takes_nobody(lena: User, pathway: Pathway) -> None:
    pathway.state = Pathway.State.CLOSED
    with pytest.raises(enrolment.NotOpen):
        enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)


def test_what_has_no_rule_binds_nobody() -> None:
    assert enrolment.rule_in_force(None) is None
    assert enrolment.rule_in_force(make_achievement()) is None
