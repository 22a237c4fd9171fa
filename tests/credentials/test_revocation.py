"""Changes of status: each told at once here, in the list, and in the log."""

import json
from datetime import timedelta

import pytest

from credentials import issuance, revocation, status_lists
from credentials.keys import keyring
from credentials.log import ledger_check
from credentials.models import Award, Credential, LogEntry, StatusEvent, StatusList
from credentials.rendering import badge, certificate
from credentials.standards import data_integrity, status_list
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_lena, make_rhea
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)


def published_bit(credential: Credential) -> bool:
    document = json.loads(StatusList.objects.get(pk=credential.status_list_id).document)
    return status_list.status_in(document, json.loads(credential.body)["credentialStatus"])


def test_a_revocation_is_told_at_once_in_the_list_and_in_the_log():
    award = issue_to(make_lena())
    outbox.run_all_due()
    assert not published_bit(credential_of(award))

    event = revocation.revoke(
        award=award, reason="issued-in-error", by=make_rhea(), at=LATER, public_note="A mix-up of names."
    )
    assert Award.objects.get(pk=award.pk).standing == "revoked"
    outbox.run_all_due()

    assert published_bit(credential_of(award))
    issued, revoked = LogEntry.objects.filter(credential=event.credential).order_by("index")
    leaf = json.loads(bytes(revoked.leaf))
    assert (leaf["event"], leaf["previous"]) == ("revoke", bytes(issued.leaf_hash).hex())
    line = AuditEntry.objects.get(act="revoke award")
    assert (line.actor, line.concerns, line.reason) == (make_rhea(), make_lena(), "A mix-up of names.")
    assert list(ledger_check.faults()) == []


def test_what_is_revoked_is_suspended_no_longer():
    award = issue_to(make_lena())
    outbox.run_all_due()
    revocation.suspend(award=award, reason="under-review", by=make_rhea(), at=LATER)
    outbox.run_all_due()
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=LATER)
    outbox.run_all_due()

    assert (published_bit(credential_of(award)), suspension_bit(credential_of(award))) == (True, False)


def test_what_is_revoked_before_it_is_signed_has_its_leaf_all_the_same():
    award = issue_to(make_lena())
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=NOON)

    outbox.run_all_due()

    leaves = LogEntry.objects.filter(credential=credential_of(award)).order_by("index").values_list("leaf", flat=True)
    events = [json.loads(bytes(leaf))["event"] for leaf in leaves]
    assert events == ["issue", "revoke"]
    assert published_bit(credential_of(award))
    assert list(ledger_check.faults()) == []


def test_a_revoked_award_stays_revoked():
    award = issue_to(make_lena())
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=NOON)

    for act in (revocation.revoke, revocation.suspend):
        with pytest.raises(revocation.AlreadyRevoked):
            act(award=award, reason="misconduct", by=make_rhea(), at=LATER)
    with pytest.raises(revocation.AlreadyRevoked):
        revocation.reinstate(award=award, by=make_rhea(), at=LATER)
    with pytest.raises(revocation.AlreadyRevoked):
        revocation.supersede(award=award, recipient_name="Lena", by=make_rhea(), at=LATER)
    assert StatusEvent.objects.count() == 1


def test_after_a_revocation_it_can_be_awarded_anew():
    lena, achievement = make_lena(), make_achievement()
    revocation.revoke(award=issue_to(lena, achievement), reason="misconduct", by=make_rhea(), at=NOON)

    assert issue_to(lena, achievement).standing == "active"


def suspension_bit(credential: Credential) -> bool:
    row = StatusList.objects.get(pk=credential.status_list_id)
    entry = json.loads(credential.body)["credentialStatus"]
    beside = {
        **entry,
        "statusPurpose": "suspension",
        "statusListCredential": f"{entry['statusListCredential']}/suspension",
    }
    return status_list.status_in(json.loads(row.suspensions), beside)


def test_a_suspension_stands_in_a_list_of_its_own_until_it_ends():
    award = issue_to(make_lena())
    outbox.run_all_due()
    assert not suspension_bit(credential_of(award))
    cause = revocation.suspend(award=award, reason="under-review", by=make_rhea(), at=LATER)
    with pytest.raises(revocation.NotActive):
        revocation.suspend(award=award, reason="under-review", by=make_rhea(), at=LATER)
    outbox.run_all_due()
    assert suspension_bit(credential_of(award))
    assert not published_bit(credential_of(award))
    assert list(ledger_check.faults()) == []

    event = revocation.reinstate(award=award, by=make_rhea(), at=LATER, because_of=cause)
    outbox.run_all_due()

    assert not suspension_bit(credential_of(award))
    assert list(ledger_check.faults()) == []
    assert event.because_of == cause
    assert Award.objects.get(pk=award.pk).standing == "active"
    assert LogEntry.objects.filter(kind="status").count() == 2
    with pytest.raises(revocation.NotSuspended):
        revocation.reinstate(award=award, by=make_rhea(), at=LATER)


def test_a_corrected_name_makes_a_successor_and_the_former_is_told():
    award = issue_to(make_lena(), parts=[issuance.Part("Part", "https://college.example/credentials/1")])
    outbox.run_all_due()
    former = credential_of(award)

    successor = revocation.supersede(award=award, recipient_name="Lena Ōno", by=make_rhea(), at=LATER)
    outbox.run_all_due()

    former.refresh_from_db()
    successor.refresh_from_db()
    assert former.superseded_by == successor == credential_of(award)
    assert published_bit(former)
    assert not published_bit(successor)
    document = json.loads(successor.document)
    assert document["credentialSubject"]["identifier"][1]["identityHash"] == "Lena Ōno"
    assert document["evidence"][0]["name"] == "Part"
    assert document["awardedDate"] == json.loads(former.document)["awardedDate"]
    assert LogEntry.objects.filter(kind="issue").count() == 2
    assert list(ledger_check.faults()) == []
    with pytest.raises(revocation.NothingToCorrect):
        revocation.supersede(award=award, recipient_name="Lena Ōno", by=make_rhea(), at=LATER)


def test_a_successor_with_a_name_that_cannot_be_printed_is_refused():
    award = issue_to(make_lena())

    with pytest.raises(issuance.NameUnfit):
        revocation.supersede(award=award, recipient_name="Le\x07na", by=make_rhea(), at=LATER)

    assert Credential.objects.get().superseded_by is None


def test_a_list_is_signed_with_the_key_for_lists():
    award = issue_to(make_lena())
    outbox.run_all_due()

    row = StatusList.objects.get()
    document = json.loads(row.document)
    assert document["id"] == json.loads(credential_of(award).body)["credentialStatus"]["statusListCredential"]
    key = row.issuer.keys.get(purpose="status", state="active")
    data_integrity.verify_proofs(document, lambda proof: keyring.public(key))
    assert document["proof"][0]["verificationMethod"].endswith(key.public_multibase)


def test_an_older_list_never_replaces_a_newer_one():
    award = issue_to(make_lena())
    row = StatusList.objects.get()
    slow = status_lists.publish(row.pk, at=NOON)
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=LATER)
    status_lists.publish(row.pk, at=LATER)()

    slow()

    assert published_bit(credential_of(award))


def test_a_list_is_made_anew_each_day():
    issue_to(make_lena())
    row = StatusList.objects.get()
    status_lists.publish(row.pk, at=NOON)()
    status_lists.promise_refreshes(0, at=NOON + timedelta(hours=1))()
    assert not Job.objects.filter(version__startswith="at-").exists()

    status_lists.promise_refreshes(0, at=LATER)()
    outbox.run_all_due()

    row.refresh_from_db()
    assert row.published_at != NOON
