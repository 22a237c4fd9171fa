"""Credentials issued anew for the same award: corrected more than once, renewed, and shared as they were."""

from datetime import date, timedelta

import pytest
from django.core import mail

from credentials import revocation, sharing
from credentials.models import StatusEvent
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
