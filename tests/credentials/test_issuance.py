"""Issuing: awards once, bodies frozen, jobs promised."""

import hashlib
import json
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from credentials import issuance
from credentials.issuance import NewAward, Part
from credentials.models import Achievement, Award, Credential
from credentials.standards import open_badges
from portal.accounts.ledger import lock_learners
from portal.shared.models import AuditEntry, Job
from tests.cast import make_lena, make_noor, make_rhea, person
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


def test_an_award_is_recorded_with_its_frozen_body_and_its_job():
    lena = make_lena()
    achievement = make_achievement(validity_months=24)

    award = issue_to(lena, achievement, awarded_by=make_rhea())

    credential = credential_of(award)
    assert (award.awarded_on, award.valid_until) == (date(2026, 11, 21), date(2028, 11, 21))
    assert credential.state == Credential.State.RECORDED
    assert credential.document == ""
    assert hashlib.sha256(credential.body.encode()).hexdigest() == credential.body_sha256
    assert len(credential.code) == 26
    assert Job.objects.filter(kind="credentials.sign", subject_id=credential.pk).exists()
    line = AuditEntry.objects.get(act="award")
    assert (line.actor, line.concerns) == (make_rhea(), lena)


def test_the_body_says_who_earned_what_from_whom():
    lena = make_lena()
    college = make_issuer(name="College")
    achievement = make_achievement(issuer=make_issuer(parent=college, slug="science"), skills=("Reads a table",))

    award = issue_to(
        lena,
        achievement,
        results=[{"name": "Quiz", "value": "82 %"}],
        parts=[Part("Reading data", "https://college.example/credentials/1")],
    )

    credential = credential_of(award)
    body = json.loads(credential.body)
    assert body["id"] == credential.document_url
    assert body["issuer"]["id"].endswith(":issuers:science")
    assert body["issuer"]["parentOrg"]["name"] == "College"
    assert body["validFrom"] == "2026-11-21T12:00:00Z"
    email, name = body["credentialSubject"]["identifier"]
    expected = hashlib.sha256(f"lena@example.org{credential.identity_salt}".encode()).hexdigest()
    assert email["identityHash"] == f"sha256${expected}"
    assert name["identityHash"] == "Lena Çelik-Ōno"
    described = body["credentialSubject"]["achievement"]
    assert described["creditsAvailable"] == body["credentialSubject"]["creditsEarned"] == 2.5
    assert described["alignment"][0]["targetUrl"] == "http://data.europa.eu/snb/eqf/5"
    assert body["credentialSubject"]["result"][0]["value"] == "82 %"
    assert body["evidence"][0]["id"] == "https://college.example/credentials/1"
    assert body["credentialStatus"]["statusListIndex"] == str(credential.status_index)
    assert "lena@example.org" not in credential.body


def test_the_body_passes_the_whole_check():
    award = issue_to(
        make_lena(),
        make_achievement(issuer=make_issuer(parent=make_issuer()), validity_months=1),
        results=[{"name": "Quiz", "value": "82 %"}],
        parts=[Part("Reading data", "https://college.example/credentials/1")],
    )

    assert open_badges.lint(json.loads(credential_of(award).body)) == []


def test_a_second_award_of_the_same_is_passed_over():
    lena, achievement = make_lena(), make_achievement()
    issue_to(lena, achievement)

    with transaction.atomic():
        assert issuance.issue([NewAward(lena, achievement)], at=NOON) == []

    assert Award.objects.count() == Credential.objects.count() == 1
    assert AuditEntry.objects.filter(act="award").count() == 1


def test_a_further_edition_is_an_award_of_its_own():
    lena, achievement = make_lena(), make_achievement()
    issue_to(lena, achievement)
    issue_to(lena, achievement, edition=2)

    assert Award.objects.count() == 2


def test_of_a_batch_only_the_new_ones_are_made():
    lena, noor, achievement = make_lena(), make_noor(), make_achievement()
    issue_to(lena, achievement)

    with transaction.atomic():
        made = issuance.issue([NewAward(lena, achievement), NewAward(noor, achievement)], at=NOON)

    assert [award.learner for award in made] == [noor]


def test_the_number_of_queries_does_not_depend_on_the_number_of_awards():
    achievement = make_achievement()
    crowd = [person(f"learner{n}@example.org", f"Learner {n}") for n in range(41)]

    def queries_for(learners):
        with transaction.atomic():
            lock_learners([learner.pk for learner in learners])
            with CaptureQueriesContext(connection) as captured:
                issuance.issue([NewAward(learner, achievement) for learner in learners], at=NOON)
        return len(captured)

    issue_to(make_lena(), achievement)  # opens the status list
    assert queries_for(crowd[:1]) == queries_for(crowd[1:]) == 6


def test_a_draft_cannot_be_awarded():
    with pytest.raises(issuance.NotPublished):
        issue_to(make_lena(), make_achievement(published=False))

    assert not Award.objects.exists()


def test_what_was_withdrawn_is_still_earned_by_those_who_had_begun():
    assert issue_to(make_lena(), make_achievement(state=Achievement.State.WITHDRAWN))


@pytest.mark.parametrize("name", ["", "   ", "Le\x07na", "Lena\nRegistrar", "Lena\u202eanel"])
def test_a_name_that_cannot_be_printed_is_refused(name):
    with pytest.raises(issuance.NameUnfit):
        issue_to(person("x@example.org", name))

    assert not Award.objects.exists()


def test_a_name_with_joiners_is_printed_as_it_is():
    award = issue_to(person("x@example.org", "نیلوفر می\u200cخواهد"))

    assert credential_of(award).recipient_name == "نیلوفر می\u200cخواهد"


def test_a_result_that_cannot_be_signed_is_refused():
    with pytest.raises(issuance.TextUnfit):
        issue_to(make_lena(), results=[{"name": "Quiz", "value": "82\x00"}])

    assert not Award.objects.exists()


def test_a_body_that_is_too_large_is_refused():
    with pytest.raises(issuance.BodyTooLarge):
        issue_to(make_lena(), make_achievement(description="long " * 14_000))

    assert not Award.objects.exists()


def test_issuing_outside_a_transaction_is_a_defect(transactional_db):
    with pytest.raises(RuntimeError):
        issuance.issue([], at=NOON)
