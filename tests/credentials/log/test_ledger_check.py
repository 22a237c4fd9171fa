"""The whole ledger derived again: well when untouched, and each change behind its back is named."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from credentials import renditions, revocation
from credentials.log import ledger_check, transparency_log
from credentials.models import (
    Award,
    Checkpoint,
    Credential,
    Issuer,
    LogEntry,
    LogTile,
    Rendition,
    SigningKey,
    StatusList,
    TokenKey,
)
from credentials.rendering import badge, certificate
from credentials.signing import token_signing
from portal.shared import outbox
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, issue_to, make_achievement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ledger(monkeypatch):
    """Two credentials, one of them revoked, everything done."""
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)
    achievement = make_achievement()
    issue_to(make_lena(), achievement)
    award = issue_to(make_noor(), achievement)
    outbox.run_all_due()
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=NOON)
    outbox.run_all_due()


def test_an_untouched_ledger_is_well(capsys):
    call_command("verify_ledger")

    assert capsys.readouterr().out.startswith("All is well: 13 log entries, 2 signed heads, 2 credentials")


def test_the_command_fails_on_a_fault():
    LogTile.objects.all().delete()

    with pytest.raises(CommandError):
        call_command("verify_ledger")


def _first() -> Credential:
    return Credential.objects.order_by("id").first()


CHANGES = {
    "a changed leaf": lambda: LogEntry.objects.filter(index=3).update(leaf=b"another"),
    "a lost entry": lambda: LogEntry.objects.filter(index=3).update(index=None),
    "a changed tile": lambda: LogTile.objects.update(hashes=b"\0" * 32),
    "a lost tile": lambda: LogTile.objects.all().delete(),
    "another root": lambda: Checkpoint.objects.filter(size=12).update(root=b"\0" * 32),
    "other peaks": lambda: Checkpoint.objects.filter(size=12).update(peaks=b"\0" * 96),
    "another note": lambda: Checkpoint.objects.filter(size=12).update(note="stone\n"),
    "a lost head": lambda: Checkpoint.objects.order_by("-size").first().delete(),
    "a lost copy of the head": lambda: transparency_log.checkpoint_path().unlink(),
    "another body": lambda: Credential.objects.filter(pk=_first().pk).update(body="{}"),
    "another document": lambda: Credential.objects.filter(pk=_first().pk).update(
        document=_first().document.replace("Lena", "Lana")
    ),
    "another salt": lambda: Credential.objects.filter(pk=_first().pk).update(leaf_salt=b"\0" * 32),
    "a hidden revocation": lambda: Award.objects.update(standing="active"),
    "a revocation by nobody": lambda: Award.objects.update(standing="revoked"),
    "another list": lambda: StatusList.objects.update(document=StatusList.objects.get().document.replace("uH4", "uH5")),
    "another list of suspensions": lambda: StatusList.objects.update(
        suspensions=StatusList.objects.get().suspensions.replace("uH4", "uH5")
    ),
    "the list of revocations as that of suspensions": lambda: StatusList.objects.update(
        suspensions=StatusList.objects.get().document, suspensions_token=StatusList.objects.get().token
    ),
    "another token of a list": lambda: StatusList.objects.update(token=StatusList.objects.get().token[:-4] + "AAAA"),
    "a token of another list": lambda: StatusList.objects.update(
        token=token_signing.signed_as_it_stands({"id": "https://another.example/list"}, TokenKey.objects.get())
    ),
    "a key that was slipped in": lambda: SigningKey.objects.create(
        issuer=Issuer.objects.first(), purpose="credentials", state="retired", public_multibase="z6Mk", created_at=NOON
    ),
    "a key that was taken back": lambda: SigningKey.objects.filter(purpose="status", state="active").update(
        state="compromised"
    ),
    "a key for tokens that was slipped in": lambda: TokenKey.objects.create(
        issuer=Issuer.objects.first(), algorithm="RS256", public_jwk={}, thumbprint="t", created_at=NOON
    ),
    "another file": lambda: Path(renditions.settings.MEDIA_ROOT / Rendition.objects.first().path).write_bytes(b"x"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_named(change):
    change()

    assert list(ledger_check.faults())
