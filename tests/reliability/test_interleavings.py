"""Any order of events ends where a fresh evaluation of the final facts ends."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from credentials.models import Achievement, Award
from pathways import enrolment, reconciliation, rulebook, rulemaking, rulings, standing, versions
from pathways.dossiers import records_of
from pathways.models import Assessment, RuleVersion, Ruling
from pathways.rules import notation
from pathways.rules.evaluate import evaluate
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared.refusals import Refusal
from tests.cast import make_ada, make_lena, make_rhea
from tests.college import enter, holds_all, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, make_achievement
from tests.reliability.oracle import assert_settled

pytestmark = pytest.mark.django_db

BADGES = ("a-badge", "b-badge", "c-badge")
events = st.one_of(
    st.tuples(st.just("mark"), st.integers(0, 2), st.sampled_from([20, 60])),
    st.tuples(st.just("suspend"), st.integers(0, 2)),
    st.tuples(st.just("reinstate"), st.integers(0, 2)),
    st.tuples(st.just("revoke"), st.integers(0, 2)),
    st.tuples(st.just("enrol"), st.integers(0, 2)),
    st.tuples(st.just("publish"), st.sampled_from(["all", "any", "two"])),
)


@dataclass
class College:
    """Three exams with their badges; a certificate of them, whose rule changes; a diploma of the certificate."""

    lena: User
    exams: list[Assessment]


def rule(kind: str) -> dict:
    parts = [{"type": "holds", "any_of": [slug]} for slug in BADGES]
    root = {"type": "at_least", "count": 2, "parts": parts} if kind == "two" else {"type": kind, "parts": parts}
    return {"format": 1, "root": root}


@pytest.fixture
def college() -> College:
    exams = []
    for slug in ("a", "b", "c"):
        course = make_course(slug=slug)
        exams.append(make_exam(course))
        publish_rule(course.achievement, passed(f"{slug}/exam"))
    publish_rule(make_achievement(slug="certificate"), rule("all"))
    publish_rule(make_achievement(slug="diploma"), holds_all("certificate"))
    return College(make_lena(), exams)


def happen(college: College, event: tuple, number: int) -> None:
    at = NOON + timedelta(minutes=number)
    match event:
        case ("mark", place, marks):
            enter(college.lena, college.exams[place], marks, at=at)
        case ("enrol", place):
            enrolment.enrol(learner=college.lena, course=college.exams[place].course, at=at)
        case ("publish", kind):
            certificate = Achievement.objects.get(slug="certificate")
            rulemaking.save_draft(achievement=certificate, document=rule(kind), author=make_rhea(), at=at)
            version = rulemaking.publish(achievement=certificate, approver=make_ada(), at=at)
            lock_learners([college.lena.pk])
            references = set(version.references.values_list("kind", "key"))
            standing.settle(learner_ids=[college.lena.pk], changed=references, cause="rule published", at=at)
        case (act, place):
            award = Award.objects.get(learner=college.lena, achievement__slug=BADGES[place])
            getattr(standing, act)(award=award, reason="under-review", public_note="", by=make_rhea(), at=at)


@given(held=st.booleans(), order=st.lists(events, min_size=2, max_size=7))
@example(held=True, order=[("mark", 0, 20), ("publish", "two")])
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_of_events_ends_as_the_facts_say(college: College, held: bool, order: list[tuple]) -> None:
    with transaction.atomic():
        if held:
            for exam in college.exams:
                enter(college.lena, exam, 60)
        for number, event in enumerate(order):
            with suppress(Refusal, Award.DoesNotExist), transaction.atomic():
                happen(college, event, number)
        assert_stands(college.lena)
        before = list(Award.objects.order_by("pk").values_list("pk", "standing"))
        standing.settle_afresh(learner_ids=[college.lena.pk], cause="again", at=NOON + timedelta(hours=1))
        assert list(Award.objects.order_by("pk").values_list("pk", "standing")) == before
        transaction.set_rollback(True)
    rulebook.forget()


def assert_stands(lena: User) -> None:
    """The oracle, but for the certificate: an award stands by the version in force, or by any it once stood by."""
    record = records_of([lena.pk])[lena.pk]
    certificate = Award.objects.filter(learner=lena, achievement__slug="certificate").first()
    bound = {RuleVersion.objects.get(achievement__slug="certificate", state="published")}
    if certificate is not None:
        bound |= {each.rule_version for each in certificate.derivations.all()}
    satisfied = any(evaluate(notation.from_json(each.document), record, NOON.date()).satisfied for each in bound)
    assert satisfied == (certificate is not None and certificate.standing == "active")
    diploma = Award.objects.filter(learner=lena, achievement__slug="diploma").first()
    assert (diploma is not None and diploma.standing == "active") == satisfied
    if len(bound) == 1:
        assert_settled(NOON.date())


# --- exceptions, the passing of time, and what a rule says of a fall ----------------------------------------------

DAY = timedelta(days=1)
lives = st.one_of(
    st.tuples(st.just("mark"), st.integers(0, 1), st.sampled_from([20, 60])),
    st.tuples(st.just("suspend"), st.integers(0, 1)),
    st.tuples(st.just("reinstate"), st.integers(0, 1)),
    st.tuples(st.just("waive"), st.integers(0, 1)),
    st.tuples(st.just("withdraw"), st.integers(0, 1)),
    st.tuples(st.just("pass"), st.sampled_from([20, 400])),
    st.tuples(st.just("version"), st.sampled_from(["evaluation", "enrolment"])),
)


@dataclass
class Life:
    """Two exams with their badges, the first good for a year; a licence of both that lasts while they do."""

    lena: User
    exams: list[Assessment]
    licence: Achievement
    on_fall: str
    day: int = 0

    @property
    def now(self) -> datetime:
        return NOON + self.day * DAY


LICENCE = {
    "format": 1,
    "lasts": "current",
    "root": {
        "type": "all",
        "id": "all",
        "parts": [
            {"type": "holds", "id": f"{slug}-part", "any_of": [slug], "where": {"current": True}}
            for slug in ("a-badge", "b-badge")
        ],
    },
}


@pytest.fixture(params=["suspend", "revoke"])
def begun(request: pytest.FixtureRequest) -> Life:
    exams = []
    for slug, months in (("a", 12), ("b", None)):
        achievement = make_achievement(slug=f"{slug}-badge", validity_months=months)
        course = make_course(slug=slug, achievement=achievement)
        exams.append(make_exam(course))
        publish_rule(achievement, passed(f"{slug}/exam"))
    licence = make_achievement(slug="licence")
    publish_rule(licence, LICENCE)
    publish_rule(make_achievement(slug="honour"), holds_all("licence"))
    RuleVersion.objects.update(on_fall=request.param)
    return Life(make_lena(), exams, licence, request.param)


def live(life: Life, event: tuple) -> None:
    at = life.now
    match event:
        case ("mark", place, marks):
            enter(life.lena, life.exams[place], marks, at=at)
        case ("pass", days):
            life.day += days
            # Nobody is asked because a day has come, but at night.
            assert reconciliation.reconcile(learner_ids=[life.lena.pk], at=life.now) == []
        case ("waive", place):
            node = LICENCE["root"]["parts"][place]["id"]
            said = {"kind": "waiver", "node": node, "terms": {}, "reason": "Known.", "valid_from": at.date()}
            ruling = rulings.propose(learner=life.lena, achievement=life.licence, by=make_rhea(), at=at, **said)
            rulings.approve(ruling=ruling, by=make_ada(), at=at)
        case ("withdraw", place):
            node = LICENCE["root"]["parts"][place]["id"]
            for ruling in Ruling.objects.filter(node=node, state="approved"):
                rulings.withdraw(ruling=ruling, answer="Unknown.", by=make_rhea(), at=at)
        case ("version", applies_by):
            document = LICENCE if life.licence.rule_versions.count() % 2 else {**LICENCE, "grace": {"days": 1}}
            draft = rulemaking.save_draft(achievement=life.licence, document=document, author=make_rhea(), at=at)
            said = {"applies_by": applies_by, "on_fall": life.on_fall, "effective_on": None}
            versions.set_terms(draft=draft, by=make_rhea(), at=at, **said)
            rulemaking.publish(achievement=life.licence, approver=make_ada(), at=at)
            lock_learners([life.lena.pk])
            standing.settle(learner_ids=[life.lena.pk], changed=None, cause="rule published", at=at)
        case (act, place):
            badge = Award.objects.filter(learner=life.lena, achievement__slug=BADGES[place]).latest("id")
            getattr(standing, act)(award=badge, reason="under-review", public_note="", by=make_rhea(), at=at)


@given(order=st.lists(lives, min_size=3, max_size=8))
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_life_ends_as_its_facts_say_whatever_came_first(begun: Life, order: list[tuple]) -> None:
    life = replace(begun, day=0)
    with transaction.atomic():
        for event in order:
            with suppress(Refusal, Award.DoesNotExist), transaction.atomic():
                live(life, event)
        assert reconciliation.reconcile(learner_ids=[life.lena.pk], at=life.now) == []
        assert_alive(life)
        before = list(Award.objects.order_by("pk").values_list("pk", "standing"))
        standing.settle_afresh(learner_ids=[life.lena.pk], cause="again", at=life.now)
        assert list(Award.objects.order_by("pk").values_list("pk", "standing")) == before
        transaction.set_rollback(True)
    rulebook.forget()


def assert_alive(life: Life) -> None:
    """The licence and what is built on it stand as the badges and the waivers do now, read from the rows alone."""
    today = life.now.date()

    def stands(slug: str) -> bool:
        held = Award.objects.filter(learner=life.lena, achievement__slug=slug, standing="active")
        return any(not each.has_expired(today) for each in held)

    waived = set(Ruling.objects.filter(state="approved", valid_from__lte=today).values_list("node", flat=True))
    satisfied = all(stands(slug) or f"{slug}-part" in waived for slug in ("a-badge", "b-badge"))
    assert stands("licence") == satisfied
    assert stands("honour") == satisfied
    for place, slug in enumerate(("a-badge", "b-badge")):
        fell = [each for each in Award.objects.filter(achievement__slug=slug) if each.standing == "active"]
        grade = life.exams[place].grades.filter(learner=life.lena, state="released").first()
        if fell:
            assert grade is not None
