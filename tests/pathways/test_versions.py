"""Tests when a version of a rule decides, for whom the ones before it still do, and what a learner may choose."""

from datetime import date, timedelta

import pytest
from django.test import Client

from credentials.models import Achievement, IssuerRole
from pathways import enrolment, rulebook, rulemaking, tasks, versions
from pathways.models import Pathway, RuleVersion
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import Job
from tests.cast import make_ada, make_lena, make_noor, make_rhea
from tests.college import LATER, decide_afresh, enter, make_course, make_exam, passed, publish_rule
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def two_exams() -> tuple:
    """A course with an easy and a hard exam; its rule asks for the easy one."""
    course = make_course(slug="maths")
    easy, hard = make_exam(course, slug="easy"), make_exam(course, slug="hard")
    publish_rule(course.achievement, passed("maths/easy"))
    return course, easy, hard


def publish(achievement: Achievement, document: dict, *, at=LATER, **terms) -> RuleVersion:
    draft = rulemaking.save_draft(achievement=achievement, document=document, author=make_rhea(), at=at)
    said = {"applies_by": "enrolment", "on_fall": "suspend", "effective_on": None} | terms
    versions.set_terms(draft=draft, by=make_rhea(), at=at, **said)
    return rulemaking.publish(achievement=achievement, approver=make_ada(), at=at)


def held(learner: User) -> list[str]:
    return list(learner.awards.values_list("achievement__slug", flat=True))


BOTH = passed("maths/easy", "maths/hard")


def test_a_version_published_ahead_decides_from_its_day_on() -> None:
    lena, noor = make_lena(), make_noor()
    course, easy, _hard = two_exams()
    ahead = publish(course.achievement, BOTH, effective_on=date(2027, 1, 1))
    assert ahead.state == "scheduled"
    enter(lena, easy, 60, at=LATER)
    assert held(lena) == ["maths-badge"]
    job = Job.objects.get(kind="pathways.take_effect")
    assert job.due.date() in {date(2026, 12, 31), date(2027, 1, 1)}
    assert not versions.take_effect(version=ahead, at=LATER)
    assert versions.take_effect(version=ahead, at=NOON + timedelta(days=60))
    assert not versions.take_effect(version=ahead, at=NOON + timedelta(days=60))
    enter(noor, easy, 60, at=NOON + timedelta(days=61))
    assert held(noor) == []
    assert [each.state for each in course.achievement.rule_versions.order_by("number")] == ["retired", "published"]
    assert Job.objects.filter(kind="pathways.apply_rule", subject_id=ahead.pk).exists()


def test_of_two_versions_that_wait_the_later_one_is_meant() -> None:
    course, _easy, _hard = two_exams()
    first = publish(course.achievement, BOTH, effective_on=date(2027, 1, 1))
    second = publish(course.achievement, passed("maths/hard"), effective_on=date(2027, 2, 1))
    assert RuleVersion.objects.get(pk=first.pk).state == "retired"
    tasks.take_effect(first.pk)
    assert RuleVersion.objects.get(pk=second.pk).state == "scheduled"


def test_a_version_put_in_force_at_once_replaces_one_that_waits() -> None:
    course, _easy, _hard = two_exams()
    waits = publish(course.achievement, BOTH, effective_on=date(2027, 1, 1))
    publish(course.achievement, passed("maths/hard"))
    assert not versions.take_effect(version=waits, at=NOON + timedelta(days=60))


@pytest.mark.parametrize(("applies_by", "earns"), [("enrolment", True), ("earned", True), ("evaluation", False)])
def test_who_enrolled_before_is_never_worse_off_unless_the_version_alone_decides(applies_by: str, earns: bool) -> None:
    lena = make_lena()
    course, easy, _hard = two_exams()
    enrolment.enrol(learner=lena, course=course, at=NOON)
    publish(course.achievement, BOTH, applies_by=applies_by)
    enter(lena, easy, 60, at=LATER)
    assert held(lena) == (["maths-badge"] if earns else [])


@pytest.mark.parametrize(("applies_by", "earns"), [("enrolment", False), ("earned", True), ("evaluation", False)])
def test_a_part_earned_before_may_count_by_the_version_of_its_day(applies_by: str, earns: bool) -> None:
    lena, noor = make_lena(), make_noor()
    course, easy, hard = two_exams()
    publish_rule(course.achievement, BOTH)
    enter(lena, easy, 60)
    publish(course.achievement, passed("maths/hard", "maths/easy"), applies_by=applies_by, at=LATER)
    third = passed("maths/hard")
    publish(
        course.achievement, {**third, "root": third["root"] | {"where": {"grade_at_least": 90}}}, applies_by=applies_by
    )
    enter(lena, hard, 60, at=LATER)
    assert held(lena) == (["maths-badge"] if earns else [])
    enter(noor, easy, 60, at=LATER)
    enter(noor, hard, 60, at=LATER)
    assert held(noor) == []
    rulebook.forget()
    assert decide_afresh(lena, at=LATER) == []


def test_a_learner_may_be_awarded_by_the_newer_version_as_well() -> None:
    lena = make_lena()
    course, _easy, hard = two_exams()
    enrolment.enrol(learner=lena, course=course, at=NOON)
    publish(course.achievement, passed("maths/hard"))
    enter(lena, hard, 60, at=LATER)
    assert held(lena) == ["maths-badge"]


def test_who_moves_up_is_bound_by_the_rule_in_force() -> None:
    lena = make_lena()
    course, easy, _hard = two_exams()
    target = course.achievement
    pathway = Pathway.objects.create(slug="way", issuer=target.issuer, target=target, state="open", title="Way")
    with pytest.raises(enrolment.NotEnrolled):
        enrolment.move_up(learner=lena, pathway=pathway, at=NOON)
    enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)
    with pytest.raises(enrolment.NewestAlready):
        enrolment.move_up(learner=lena, pathway=pathway, at=NOON)
    newest = publish(target, BOTH)
    assert enrolment.move_up(learner=lena, pathway=pathway, at=LATER).rule_version == newest
    enter(lena, easy, 60, at=LATER)
    assert held(lena) == []


def test_terms_are_set_on_a_draft_alone_and_by_an_author_of_it() -> None:
    course, _easy, _hard = two_exams()
    said = {"applies_by": "earned", "on_fall": "keep", "effective_on": None, "by": make_ada(), "at": NOON}
    published = course.achievement.rule_versions.get()
    with pytest.raises(versions.NotADraft):
        versions.set_terms(draft=published, **said)
    draft = rulemaking.save_draft(achievement=course.achievement, document=BOTH, author=make_rhea(), at=NOON)
    with pytest.raises(versions.DayIsPast):
        versions.set_terms(draft=draft, **said | {"effective_on": NOON.date() - timedelta(days=1)})
    set_ = versions.set_terms(draft=draft, **said)
    assert (set_.on_fall, set_.applies_by, set_.revision) == ("keep", "earned", draft.revision + 1)
    with pytest.raises(versions.EditedMeanwhile):
        versions.set_terms(draft=draft, **said)
    with pytest.raises(rulemaking.NeedsSecondPerson):
        rulemaking.publish(achievement=course.achievement, approver=make_ada(), at=NOON)


def test_the_job_of_the_day_is_done_by_a_worker(time_machine) -> None:
    course, _easy, _hard = two_exams()
    ahead = publish(course.achievement, BOTH, effective_on=date(2027, 1, 1))
    outbox.run_all_due()
    assert RuleVersion.objects.get(pk=ahead.pk).state == "scheduled"
    time_machine.move_to(NOON + timedelta(days=60))
    tasks.take_effect(ahead.pk)
    assert RuleVersion.objects.get(pk=ahead.pk).state == "published"


# --- the pages ----------------------------------------------------------------------------------------------------


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_registrar_says_how_a_draft_is_applied() -> None:
    rhea = make_rhea()
    course, _easy, _hard = two_exams()
    IssuerRole.objects.create(user=rhea, issuer=course.achievement.issuer, role="registrar")
    page = f"/registry/achievements/{course.achievement.slug}/rule/terms/"
    assert logged_in(rhea).get(page).status_code == 404
    draft = rulemaking.save_draft(achievement=course.achievement, document=BOTH, author=make_ada(), at=NOON)
    assert logged_in(make_lena()).get(page).status_code == 404
    client = logged_in(rhea)
    assert client.get(page).status_code == 200
    said = {"effective_on": "2100-01-01", "applies_by": "earned", "on_fall": "keep", "revision": draft.revision}
    assert client.post(page, said | {"effective_on": "1999-01-01"}).status_code == 422
    assert client.post(page, said | {"on_fall": "nonsense"}).status_code == 422
    assert client.post(page, said).status_code == 302
    draft.refresh_from_db()
    assert (draft.on_fall, draft.applies_by, draft.effective_on) == ("keep", "earned", date(2100, 1, 1))
    assert client.post(page, said).status_code == 409
    assert "Keep the award" in client.get(page.replace("terms", "publish")).text


def test_a_learner_takes_the_newer_rule_by_one_press() -> None:
    lena = make_lena()
    course, _easy, _hard = two_exams()
    target = course.achievement
    pathway = Pathway.objects.create(slug="way", issuer=target.issuer, target=target, state="open", title="Way")
    place = enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)
    client = logged_in(lena)
    assert "newer version" not in client.get("/me/pathways/way/").text
    newest = publish(target, BOTH)
    assert "Take the newer rule" in client.get("/me/pathways/way/").text
    assert logged_in(make_noor()).post("/me/pathways/way/newer-rule/").status_code == 404
    client.post("/me/pathways/way/newer-rule/")
    place.refresh_from_db()
    assert place.rule_version == newest
    assert "newer version" not in client.get("/me/pathways/way/").text
    assert client.post("/me/pathways/way/newer-rule/").status_code == 302
