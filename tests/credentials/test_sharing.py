"""Links taken back: at once, for any reason or none, with one leaf that nobody but their holder can open."""

import base64
import hashlib
import json

import pytest
from django.core import mail

from credentials import revocation, sharing
from credentials.log import ledger_check, log_reading
from credentials.models import Credential, LearnerRecord, LogEntry, SharingEnd
from credentials.records import asking
from credentials.rendering import certificate
from portal.shared import outbox
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to

# What differs with the database is two at once, and that is in test_races.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)


@pytest.fixture
def shared() -> Credential:
    """Lena's, in the log, which anybody with its link may see."""
    credential = credential_of(issue_to(make_lena()))
    outbox.run_all_due()
    mail.outbox.clear()
    return sharing.share(credential=credential, by=make_lena(), at=NOON)


def taken_back() -> list[dict[str, object]]:
    """What the leaves say of links taken back, in the order of the log."""
    outbox.run_all_due()
    return [json.loads(bytes(each.leaf)) for each in LogEntry.objects.filter(kind="sharing").order_by("index")]


def opened(end: SharingEnd) -> dict[str, str]:
    """What the holder is given beside the proof."""
    [extra] = [line for line in sharing.proof_of(end).splitlines() if line.startswith("extra ")]
    found: dict[str, str] = json.loads(base64.b64decode(extra.removeprefix("extra ")))
    return found


def test_a_link_taken_back_twice_has_one_leaf_which_its_holder_can_open(shared: Credential) -> None:
    for _twice in range(2):
        sharing.withdraw(credential=shared, by=make_lena(), at=NOON, reason="astray", note="To the wrong Emil.")
    [leaf] = taken_back()
    end = SharingEnd.objects.get()

    assert set(leaf) == {"version", "event", "at", "digest"}
    assert leaf["event"] == "unshare"
    extra = opened(end)
    assert (json.loads(extra["leaf"]), extra["uuid"]) == (leaf, str(shared.uuid))
    of = hashlib.sha256(extra["uuid"].encode()).digest()
    assert leaf["digest"] == hashlib.sha256(bytes.fromhex(extra["salt"]) + of).hexdigest()
    # Whoever has the proof of the issue has the credential's salt, and is not to find this one by it.
    assert bytes.fromhex(extra["salt"]) != bytes(shared.leaf_salt)
    assert list(ledger_check.faults()) == []


def test_it_is_told_with_the_reason_and_the_note_is_the_holders_alone(shared: Credential) -> None:
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON, reason="astray", note="To the wrong Emil.")
    outbox.run_all_due()

    [message] = mail.outbox
    assert "Why: The link went where it should not – To the wrong Emil." in message.body
    line = AuditEntry.objects.get(act="stop sharing credential")
    assert (line.reason, line.concerns) == ("The link went where it should not", make_lena())


def test_nobody_has_to_say_why(shared: Credential) -> None:
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON)
    outbox.run_all_due()

    assert SharingEnd.objects.get().reason == SharingEnd.Reason.UNSAID
    assert "Why:" not in mail.outbox[0].body
    assert AuditEntry.objects.get(act="stop sharing credential").reason == ""


def test_what_is_shared_again_can_be_taken_back_again_and_nobody_can_tell_that_it_is_the_same(
    shared: Credential,
) -> None:
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON)
    sharing.share(credential=shared, by=make_lena(), at=NOON)
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON)

    first, second = taken_back()
    assert first["digest"] != second["digest"]


def test_what_is_not_shared_leaves_nothing(shared: Credential) -> None:
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON)
    outbox.run_all_due()
    mail.outbox.clear()
    with pytest.raises(sharing.NotYours):
        sharing.withdraw(credential=shared, by=make_noor(), at=NOON)
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON)

    assert len(taken_back()) == 1
    assert not mail.outbox


def test_the_status_of_a_credential_follows_from_its_own_leaves_as_before(shared: Credential) -> None:
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON)
    revocation.revoke(award=shared.award, reason="misconduct", by=make_rhea(), at=NOON)
    outbox.run_all_due()

    issued, revoked = LogEntry.objects.filter(credential=shared).order_by("index")
    assert json.loads(bytes(revoked.leaf))["previous"] == bytes(issued.leaf_hash).hex()


def test_a_corrected_one_is_taken_back_before_it_is_signed(shared: Credential) -> None:
    successor = revocation.supersede(award=shared.award, recipient_name="Lena Ono", by=make_rhea(), at=NOON)
    sharing.withdraw(credential=successor, by=make_lena(), at=NOON)

    assert len(taken_back()) == 1
    assert list(ledger_check.faults()) == []


def test_a_record_is_taken_back_the_same_way() -> None:
    credential_of(issue_to(make_lena()))
    outbox.run_all_due()
    asking.ask_for_everything(learner=make_lena(), at=NOON)
    outbox.run_all_due()
    mail.outbox.clear()
    record = sharing.share_record(record=LearnerRecord.objects.get(), by=make_lena(), at=NOON)
    for _twice in range(2):
        sharing.withdraw_record(record=record, by=make_lena(), at=NOON, reason="seen")
    [_leaf] = taken_back()

    [message] = mail.outbox
    assert message.subject == "No longer shared: Everything that was earned"
    assert "Why: Whoever was to see it has seen it" in message.body
    assert opened(SharingEnd.objects.get())["uuid"] == str(record.uuid)
    assert AuditEntry.objects.get(act="stop sharing record").reason == "Whoever was to see it has seen it"
    assert list(ledger_check.faults()) == []


def test_a_link_taken_back_behind_the_log_is_found(shared: Credential) -> None:
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON)
    with pytest.raises(log_reading.NotInLog):
        sharing.proof_of(SharingEnd.objects.get())
    outbox.run_all_due()
    SharingEnd.objects.update(salt=b"\0" * 32)
    [fault] = ledger_check.faults()
    assert fault.words == "is not what its log entry speaks of."
    LogEntry.objects.filter(kind="sharing").update(sharing_end=None)
    [fault] = ledger_check.faults()
    assert fault.words == "was taken back without an entry for the log."
