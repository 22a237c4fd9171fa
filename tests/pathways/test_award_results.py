"""Tests what an award bears by its rule, in its credential and on its pages, and how long it is valid."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from credentials import composition
from credentials.models import Award, Credential, StatusEvent
from credentials.rendering import certificate
from credentials.rendering.sheet import composing
from credentials.standards import open_badges
from pathways import lapsing, reconciliation, rulings, standing
from pathways.rules import notation
from pathways.rules.text import from_text
from portal.accounts.models import User
from portal.shared import outbox
from tests.cast import make_ada, make_lena, make_rhea
from tests.college import decide_afresh, enter, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, issue_to, make_achievement

pytestmark = pytest.mark.django_db


def by_text(text: str) -> dict[str, Any]:
    return notation.to_json(from_text(text))


def exam_of(slug: str, **fields: Any):
    achievement = make_achievement(slug=slug, **fields)
    exam = make_exam(make_course(slug=f"{slug}-course", achievement=achievement))
    publish_rule(achievement, passed(f"{slug}-course/exam"))
    return exam


def award_of(lena: User, slug: str) -> Award:
    return Award.objects.get(learner=lena, achievement__slug=slug)


def body_of(award: Award) -> dict[str, Any]:
    return json.loads(Credential.objects.get(award=award, superseded_by=None).body)


# --- results ------------------------------------------------------------------------------------------------------


def test_what_the_rule_works_out_stands_in_the_credential() -> None:
    lena = make_lena()
    exam = exam_of("first", name="First steps")
    publish_rule(
        make_achievement(slug="certificate"),
        by_text(
            "result total credits\n"
            "result listing courses\n"
            "result figure class; measure count; bands (word merit; at least 1) and (word distinction; at least 9)\n"
            "result figure none; give average\n"
            "hold first"
        ),
    )
    enter(lena, exam, 60)
    award = award_of(lena, "certificate")
    assert award.results == [
        {"name": "credits", "value": "2.5"},
        {"name": "courses", "value": "First steps"},
        {"name": "class", "value": "merit"},
    ]
    document = body_of(award)
    subject = document["credentialSubject"]
    names = {each["id"]: each["name"] for each in subject["achievement"]["resultDescription"]}
    said = {names[each["resultDescription"]]: each["value"] for each in subject["result"]}
    assert said == {"credits": "2.5", "courses": "First steps", "class": "merit"}
    assert open_badges.lint(document) == []
    receipt = json.loads(award.credentials.get().derivation)
    assert receipt["results"]["class"] == "merit"


def test_results_follow_the_rule_as_it_was_changed_for_the_learner() -> None:
    lena = make_lena()
    exam = exam_of("first")
    make_achievement(slug="second")
    certificate = make_achievement(slug="certificate")
    publish_rule(certificate, by_text("result total credits\nearn 5; achievements first, second"))
    enter(lena, exam, 60)

    node = certificate.rule_versions.get().document["root"]["id"]
    ruling = rulings.propose(
        learner=lena,
        achievement=certificate,
        kind="changed-limit",
        node=node,
        terms={"field": "at_least", "value": "2"},
        reason="Has taught it.",
        by=make_rhea(),
        at=NOON,
        valid_from=NOON.date(),
    )
    rulings.approve(ruling=ruling, by=make_ada(), at=NOON)
    assert award_of(lena, "certificate").results == [{"name": "credits", "value": "2.5"}]


def test_results_stand_in_the_wallet_and_on_paper() -> None:
    lena = make_lena()
    award = issue_to(lena, results=[{"name": "class", "value": "merit"}, {"name": "all", "value": "x" * 61}])
    said = composition.statement_of(body_of(award))
    # Paper has no room for a long list; it stands in the signed document.
    assert said.results == (("class", "merit"),)
    client = Client()
    client.force_login(lena)
    assert "class: merit" in client.get("/me/wallet/").text
    page = client.get(f"/me/wallet/{award.credentials.get().uuid}/").text
    assert "merit" in page
    fields = certificate.CertificateFields(
        learner_name=lena.name,
        achievement_name="Data literacy",
        issuer_name="Faculty",
        awarded_on=NOON.date(),
        verify_url="https://college.example/c/0",
        code="0",
        results=said.results,
    )
    assert "class: merit" in composing.whole(fields).html


# --- validity -----------------------------------------------------------------------------------------------------


def test_the_rule_says_until_when_an_award_is_valid() -> None:
    lena = make_lena()
    exam = exam_of("first", validity_months=12)
    publish_rule(make_achievement(slug="by-period", validity_months=60), by_text("validity 2 years\nhold first"))
    publish_rule(make_achievement(slug="by-part"), by_text("result expiry until\nhold first"))
    publish_rule(make_achievement(slug="for-ever"), by_text("hold first"))
    enter(lena, exam, 60)
    assert award_of(lena, "by-period").valid_until == date(2028, 11, 21)
    assert award_of(lena, "by-part").valid_until == award_of(lena, "first").valid_until == date(2027, 11, 21)
    assert award_of(lena, "for-ever").valid_until is None
    assert body_of(award_of(lena, "by-period"))["validUntil"] == "2028-11-21T23:59:59Z"
    assert award_of(lena, "by-part").results == []


def test_what_has_run_out_is_not_suspended_and_takes_what_must_be_current_with_it() -> None:
    lena = make_lena()
    exam = exam_of("first")
    publish_rule(make_achievement(slug="licence"), by_text("validity 1 years\nhold first"))
    publish_rule(make_achievement(slug="crew"), by_text("lasts current\ngrace 10 days\nhold licence; current"))
    enter(lena, exam, 60)
    licence, crew = award_of(lena, "licence"), award_of(lena, "crew")
    late = NOON + timedelta(days=350)
    told = {(award.achievement.slug, last) for award, last in lapsing.soon([lena.pk], at=late, within=30)}
    assert told == {("licence", date(2027, 11, 21)), ("crew", date(2027, 12, 1))}
    for days, expected in ((366, "active"), (380, "suspended")):
        assert reconciliation.reconcile(learner_ids=[lena.pk], at=NOON + timedelta(days=days)) == []
        crew.refresh_from_db()
        assert crew.standing == expected
    licence.refresh_from_db()
    assert licence.standing == "active"
    assert not StatusEvent.objects.filter(credential__award=licence).exists()
    assert crew.credentials.get().status_events.get().reason == StatusEvent.Reason.LAPSED


RENEWED = (
    'validity 1 years\ngrace 1 months\nrenewal\n  hold refresher; earned since "cycle.begins"; '
    'earned until "cycle.ends"\nhold first'
)


def renewable() -> tuple[Any, Any]:
    exam, refresher = exam_of("first"), exam_of("refresher")
    publish_rule(make_achievement(slug="licence"), by_text(RENEWED))
    publish_rule(make_achievement(slug="crew"), by_text("lasts current\nhold licence; current"))
    return exam, refresher


def test_what_is_renewed_is_issued_anew_with_its_new_last_day() -> None:
    lena = make_lena()
    exam, refresher = renewable()
    enter(lena, exam, 60)
    former = award_of(lena, "licence").credentials.get()
    enter(lena, refresher, 60, at=NOON + timedelta(days=300))
    award = award_of(lena, "licence")
    assert award.valid_until == date(2028, 11, 21)
    former.refresh_from_db()
    assert former.superseded_by == Credential.objects.get(award=award, superseded_by=None)
    event = former.status_events.get()
    assert (event.act, event.reason, event.by) == ("supersede", "renewed", None)
    assert body_of(award)["validUntil"].startswith("2028-11-21")
    assert reconciliation.reconcile(learner_ids=[lena.pk], at=NOON + timedelta(days=400)) == []
    assert award_of(lena, "crew").standing == "active"
    assert award.credentials.count() == 2


def test_a_renewal_that_falls_ends_the_award_when_it_would_have_ended() -> None:
    lena = make_lena()
    exam, refresher = renewable()
    enter(lena, exam, 60)
    enter(lena, refresher, 60, at=NOON + timedelta(days=300))
    standing.revoke(
        award=award_of(lena, "refresher"),
        reason="misconduct",
        public_note="",
        by=make_rhea(),
        at=NOON + timedelta(days=310),
    )
    assert award_of(lena, "licence").valid_until == date(2027, 11, 21)
    assert reconciliation.reconcile(learner_ids=[lena.pk], at=NOON + timedelta(days=400)) == []
    assert award_of(lena, "licence").standing == "active"
    assert award_of(lena, "crew").standing == "suspended"


def test_what_came_too_late_renews_nothing_and_what_is_earned_again_is_another_edition() -> None:
    lena = make_lena()
    exam = exam_of("first")
    publish_rule(make_achievement(slug="licence"), by_text("validity 1 years\npass first-course/exam"))
    enter(lena, exam, 60)
    after = NOON + timedelta(days=400)
    assert decide_afresh(lena, at=after) == []
    enter(lena, exam, 70, at=after)
    editions = Award.objects.filter(achievement__slug="licence").order_by("edition")
    assert list(editions.values_list("edition", "valid_until")) == [(1, date(2027, 11, 21)), (2, date(2028, 12, 26))]


def test_a_notice_is_sent_once_for_each_last_day() -> None:
    lena = make_lena()
    exam, refresher = renewable()
    enter(lena, exam, 60)
    for days in (340, 341):
        reconciliation.reconcile(learner_ids=[lena.pk], at=NOON + timedelta(days=days))
    enter(lena, refresher, 60, at=NOON + timedelta(days=345))
    reconciliation.reconcile(learner_ids=[lena.pk], at=NOON + timedelta(days=710))
    licence = award_of(lena, "licence")
    told = outbox.Job.objects.filter(kind="pathways.tell_of_lapse", subject_id=licence.pk).order_by("id")
    assert list(told.values_list("version", flat=True)) == ["2027-11-21", "2028-11-21"]
