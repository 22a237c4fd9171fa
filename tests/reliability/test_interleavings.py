"""Any order of events ends where a fresh evaluation of the final facts ends."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.models import Achievement, Award
from pathways import enrolment, rulebook, rulemaking, standing
from pathways.dossiers import records_of
from pathways.models import Assessment, RuleVersion
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
    publish_rule(make_achievement(slug="certificate"), rule("any"))
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


@given(order=st.lists(events, min_size=3, max_size=9))
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_of_events_ends_as_the_facts_say(college: College, order: list[tuple]) -> None:
    with transaction.atomic():
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
    """The oracle, but for the certificate: what was awarded under one version is judged by that version."""
    record = records_of([lena.pk])[lena.pk]
    certificate = Award.objects.filter(learner=lena, achievement__slug="certificate").first()
    versions = RuleVersion.objects.filter(achievement__slug="certificate")
    if certificate is None:
        bound = [versions.get(state="published")]
    else:
        bound = [certificate.derivations.latest("id").rule_version]
    satisfied = any(evaluate(notation.from_json(each.document), record, NOON.date()).satisfied for each in bound)
    assert satisfied == (certificate is not None and certificate.standing == "active")
    diploma = Award.objects.filter(learner=lena, achievement__slug="diploma").first()
    assert (diploma is not None and diploma.standing == "active") == satisfied
    if certificate is None or certificate.derivations.latest("id").rule_version.state == "published":
        assert_settled(NOON.date())
