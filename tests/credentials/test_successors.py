"""Credentials issued anew for the same award: corrected more than once, renewed, and shared as they were."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core import mail

from credentials import queries, revocation, sharing
from credentials.log import ledger_check
from credentials.models import Credential, LogEntry, StatusEvent
from credentials.rendering import certificate
from portal.shared import outbox
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_rhea
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db


def test_what_was_corrected_can_be_corrected_again() -> None:
    award, rhea = issue_to(make_lena()), make_rhea()
    for name in ("Lena Çelik", "Lena Ōno"):
        revocation.supersede(award=award, recipient_name=name, by=rhea, at=NOON)
    names = award.credentials.order_by("id").values_list("recipient_name", "superseded_by__recipient_name")
    assert list(names)[1:] == [("Lena Çelik", "Lena Ōno"), ("Lena Ōno", None)]


def test_a_corrected_name_is_told_as_such_and_in_one_message(monkeypatch) -> None:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    award = issue_to(make_lena())
    outbox.run_all_due()
    revocation.supersede(award=award, recipient_name="Lena Ōno", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    assert [message.subject for message in mail.outbox] == [
        f"Your credential is ready: {award.achievement}",
        f"Issued anew: {award.achievement}",
    ]
    assert "Dear Lena Ōno," in mail.outbox[1].body
    assert "you have earned" not in mail.outbox[1].body
    assert "under the name Lena Ōno, in place of Lena Çelik-Ōno." in mail.outbox[1].body
    assert "leads on to this one once you share it" in mail.outbox[1].body


def test_a_corrected_credential_stays_shared_and_what_was_not_shared_is_not() -> None:
    lena, rhea = make_lena(), make_rhea()
    for is_shared in (True, False):
        award = issue_to(lena, make_achievement())
        outbox.run_due(["issue"])
        former = credential_of(award)
        if is_shared:
            sharing.share(credential=former, by=lena, at=NOON)
        successor = revocation.supersede(award=award, recipient_name="Lena Ōno", by=rhea, at=NOON, note="Her passport.")
        successor.refresh_from_db()
        assert successor.shared_at == (NOON if is_shared else None)
    assert AuditEntry.objects.filter(act="supersede credential", reason="Her passport.").count() == 2


def test_who_stops_sharing_is_told_once_and_each_time(monkeypatch) -> None:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    lena = make_lena()
    credential = credential_of(issue_to(lena))
    outbox.run_all_due()
    mail.outbox.clear()
    for hours in (1, 2):
        sharing.share(credential=credential, by=lena, at=NOON + timedelta(hours=hours))
        for _again in range(2):
            sharing.withdraw(credential=credential, by=lena, at=NOON + timedelta(hours=hours))
    outbox.run_all_due()
    assert [message.subject for message in mail.outbox] == [f"No longer shared: {credential.award.achievement}"] * 2
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 2


def test_a_renewed_credential_says_its_new_last_day_and_stays_shared() -> None:
    lena = make_lena()
    award = issue_to(lena, valid_until=date(2027, 1, 1), results=[{"name": "class", "value": "merit"}])
    former = credential_of(award)
    outbox.run_due(["issue"])
    former.refresh_from_db()
    sharing.share(credential=former, by=lena, at=NOON)
    successor = revocation.renew(award=award, valid_until=date(2029, 1, 1), at=NOON)
    award.refresh_from_db()
    successor.refresh_from_db()
    former.refresh_from_db()
    assert award.valid_until == date(2029, 1, 1)
    assert '"validUntil":"2029-01-01T23:59:59Z"' in successor.body
    assert '"value":"merit"' in successor.body
    assert successor.shared_at == former.shared_at == NOON
    assert former.status_events.get().reason == StatusEvent.Reason.RENEWED


def test_what_is_revoked_is_not_renewed() -> None:
    award = issue_to(make_lena())
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=NOON)
    with pytest.raises(revocation.AlreadyRevoked):
        revocation.renew(award=award, valid_until=date(2029, 1, 1), at=NOON)


def suspended(because_of: StatusEvent | None = None) -> Credential:
    """Of Lena, by Rhea on the day before, in the log."""
    award, day_before = issue_to(make_lena()), NOON - timedelta(days=1)
    outbox.run_due(["issue"])
    revocation.suspend(
        award=award, reason="under-review", by=make_rhea(), at=day_before, public_note="Soon.", because_of=because_of
    )
    return credential_of(award)


JUDGED = {"name": "Clear", "levels": [{"name": "Yes", "description": "", "points": "1"}], "achieved": 0, "required": 0}
ANEW: dict[str, Callable[[Credential], object]] = {
    "corrected": lambda old: revocation.supersede(award=old.award, recipient_name="Lena Ōno", by=make_rhea(), at=NOON),
    "restated": lambda old: revocation.restate(award=old.award, criteria=[JUDGED], by=make_lena(), at=NOON),
    "its key given up": lambda old: revocation.replace([old.pk], at=NOON),
}


@pytest.mark.one_database
@pytest.mark.parametrize("issue_anew", ANEW.values(), ids=ANEW)
def test_what_is_issued_anew_while_suspended_is_so_by_a_leaf_of_its_own(issue_anew) -> None:
    cause = revocation.suspend(award=issue_to(make_lena()), reason="misconduct", by=make_rhea(), at=NOON)
    former = suspended(because_of=cause)
    issue_anew(former)
    outbox.run_due(["issue"])

    successor = credential_of(former.award)
    assert successor != former
    first, own = StatusEvent.objects.filter(credential__in=[former, successor], act="suspend").order_by("id")
    # It says when, why and by whom it was suspended, as the former does; it only has to be said of this one, too.
    assert own.carries_on == first
    assert (own.credential, own.at, own.by, own.because_of) == (successor, first.at, make_rhea(), cause)
    assert (own.reason, own.public_note) == ("under-review", "Soon.")
    leaves = LogEntry.objects.filter(credential=successor).order_by("index").values_list("leaf", flat=True)
    assert [json.loads(bytes(leaf))["event"] for leaf in leaves] == ["issue", "suspend"]
    assert queries.last_event(successor, "suspend") == own
    assert [each.act for each in queries.history_of(former.award)] == ["suspend", "supersede"]
    assert list(ledger_check.faults()) == []


def test_what_counts_again_before_the_successor_is_signed_has_all_its_leaves() -> None:
    former = suspended()
    successor = revocation.supersede(award=former.award, recipient_name="Lena Ōno", by=make_rhea(), at=NOON)
    revocation.reinstate(award=former.award, by=make_rhea(), at=NOON)
    anew = revocation.supersede(award=former.award, recipient_name="Lena Ono", by=make_rhea(), at=NOON)
    outbox.run_due(["issue"])

    def events(credential: Credential) -> list[str]:
        leaves = LogEntry.objects.filter(credential=credential).order_by("index").values_list("leaf", flat=True)
        return [json.loads(bytes(leaf))["event"] for leaf in leaves]

    assert events(successor) == ["issue", "suspend", "reinstate", "supersede"]
    assert events(anew) == ["issue"]
    assert list(ledger_check.faults()) == []


@pytest.mark.one_database
def test_a_successor_that_is_suspended_without_a_word_of_its_own_is_found() -> None:
    former = suspended()
    revocation.supersede(award=former.award, recipient_name="Lena Ōno", by=make_rhea(), at=NOON)
    StatusEvent.objects.filter(carries_on__isnull=False).delete()
    outbox.run_due(["issue"])

    assert [fault.words for fault in ledger_check.faults()] == ["is suspended, and nothing says who did it."]
