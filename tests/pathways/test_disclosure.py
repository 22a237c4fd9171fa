"""What a learner lets a credential say of how each criterion was judged: nothing, until they ask for it."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from credentials import composition, revocation, sharing, verification
from credentials.models import StatusEvent
from credentials.rendering import certificate
from credentials.standards import open_badges
from credentials.verification import Verdict
from pathways import disclosure, enrolment, grading, submissions
from pathways.models import Course
from portal.shared import outbox
from tests import college
from tests.cast import make_ivo, make_lena, make_noor, make_rhea
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)


@pytest.fixture
def award():
    """Lena's badge in statistics, for an essay that Ivo judged by a rubric."""
    lena, ivo = make_lena(), make_ivo()
    badge = make_achievement(slug="statistics-badge", name="Statistics")
    course = college.make_course(ivo=ivo, achievement=badge)
    essay = college.make_assignment(course, pass_marks=Decimal(7))
    college.publish_rule(badge, college.passed("statistics/essay"), at=NOON)
    enrolment.enrol(learner=lena, course=course, at=NOON)
    draft = submissions.begin(assessment=essay, learner=lena, at=NOON)
    submissions.save_draft(submission=draft, text="Spreads.", answers={}, at=NOON)
    work = submissions.submit(submission=draft, at=NOON)
    grade = grading.draft_grade(
        submission=work,
        levels={each: each.levels.last() for each in essay.criteria.all()},
        marks=None,
        comment="",
        criterion_comments={},
        grader=ivo,
        at=NOON,
    )
    grading.release(grades=[grade], by=ivo, at=NOON)
    outbox.run_all_due()
    return badge.awards.get()


def said(credential):
    return json.loads(credential.body)["credentialSubject"]


def finished(credential):
    outbox.run_all_due()
    credential.refresh_from_db()
    return credential


def test_a_credential_says_nothing_of_criteria_by_itself(award):
    assert "result" not in said(credential_of(award))
    assert "resultDescription" not in said(credential_of(award))["achievement"]


def test_a_learner_has_the_level_of_each_criterion_said(award):
    former = credential_of(award)
    sharing.share(credential=former, by=award.learner, at=NOON)

    newer = finished(disclosure.disclose(award=award, by=award.learner, at=NOON))

    subject = said(newer)
    [description, *_more] = subject["achievement"]["resultDescription"]
    [result, *_others] = subject["result"]
    levels = description["rubricCriterionLevel"]
    assert (
        len(subject["result"]) == len(subject["achievement"]["resultDescription"]) == len(disclosure.criteria_of(award))
    )
    assert description["resultType"] == "RubricCriterionLevel"
    assert result["resultDescription"] == description["id"]
    assert result["achievedLevel"] == levels[-1]["id"]
    assert [level["level"] for level in levels] == [str(place) for place in range(1, len(levels) + 1)]
    assert all(level["points"] for level in levels)
    assert open_badges.lint(json.loads(newer.body)) == []
    assert newer.shared_at is None
    assert verification.verify(newer.document, at=NOON).said.results[0] == (description["name"], levels[-1]["name"])
    assert verification.verify(former.document, at=NOON).verdict is Verdict.SUPERSEDED
    assert former.status_events.get().reason == StatusEvent.Reason.HOLDER_ASKED


@pytest.mark.one_database
def test_it_says_what_passes_between_which_bounds_and_in_which_run_of_the_course(award):
    Course.objects.update(starts_on=date(2026, 2, 2), ends_on=date(2026, 6, 26))

    subject = said(disclosure.disclose(award=award, by=award.learner, at=NOON))

    *criteria, score = subject["achievement"]["resultDescription"]
    assert score | {"id": ""} == {
        "id": "",
        "type": ["ResultDescription"],
        "name": "Essay",
        "resultType": "RawScore",
        "valueMin": "0",
        "valueMax": "10",
        "requiredValue": "7",
    }
    assert subject["result"][-1] == {"type": ["Result"], "resultDescription": score["id"], "value": "10"}
    assert subject["term"] == "2026-02-02/2026-06-26"
    for criterion in criteria:
        [*_lower, highest] = criterion["rubricCriterionLevel"]
        others = 10 - Decimal(highest["points"])
        passing = [level["id"] for level in criterion["rubricCriterionLevel"] if Decimal(level["points"]) + others >= 7]
        below = passing[0] != criterion["rubricCriterionLevel"][0]["id"]
        assert criterion.get("requiredLevel") == (passing[0] if below else None)
    assert any("requiredLevel" in criterion for criterion in criteria)
    assert composition.statement_of(json.loads(credential_of(award).body)).results == ()


def test_a_learner_takes_it_back_and_a_corrected_name_does_not(award):
    disclosure.disclose(award=award, by=award.learner, at=NOON)
    award.refresh_from_db()
    corrected = revocation.supersede(award=award, recipient_name="Lena Ōno", by=make_rhea(), at=NOON)
    assert "result" in said(corrected)

    assert "result" not in said(disclosure.conceal(award=award, by=award.learner, at=NOON))


def test_what_it_says_already_is_not_issued_anew(award):
    with pytest.raises(revocation.NothingToRestate):
        disclosure.conceal(award=award, by=award.learner, at=NOON)
    disclosure.disclose(award=award, by=award.learner, at=NOON)
    with pytest.raises(revocation.NothingToRestate):
        disclosure.disclose(award=award, by=award.learner, at=NOON)


def test_nobody_else_decides_it_and_what_is_revoked_says_nothing_more(award):
    for act in (disclosure.disclose, disclosure.conceal):
        with pytest.raises(disclosure.NotYours):
            act(award=award, by=make_noor(), at=NOON)
    revocation.revoke(award=award, reason="issued-in-error", by=make_rhea(), at=NOON)
    with pytest.raises(revocation.AlreadyRevoked):
        disclosure.disclose(award=award, by=award.learner, at=NOON)


def test_what_no_rubric_judged_has_nothing_to_disclose():
    award = issue_to(make_lena())

    with pytest.raises(disclosure.NothingToDisclose):
        disclosure.disclose(award=award, by=award.learner, at=NOON)


def test_the_page_of_the_credential_offers_it_to_its_holder_alone(client, award):
    credential = credential_of(award)
    change = reverse("me-credential-criteria", args=[credential.uuid])
    client.force_login(make_noor())
    assert client.post(change).status_code == 404
    client.force_login(award.learner)
    assert "Have it said" in client.get(reverse("me-credential", args=[credential.uuid])).content.decode()

    response = client.post(change)

    newer = credential_of(award)
    assert response.url == reverse("me-credential", args=[newer.uuid])
    assert "Leave it out" in client.get(response.url).content.decode()
    assert "Have it said" not in client.get(reverse("me-credential", args=[credential.uuid])).content.decode()
    refused = client.post(reverse("me-credential-criteria", args=[newer.uuid]), follow=True)
    assert "says that already" in refused.content.decode()
    client.post(reverse("me-credential-criteria", args=[newer.uuid]), {"conceal": "1"})
    award.refresh_from_db()
    assert award.criteria == []
