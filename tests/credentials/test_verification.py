"""Verification: what a credential is worth, in every form it comes in, and what no forgery gets past."""

import copy
import json
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials import keyring, renditions, revocation, sharing, verification
from credentials.issuance import Part
from credentials.models import Credential, LogEntry, SigningKey, StatusList
from credentials.rendering import certificate
from credentials.standards import baking, data_integrity, multikey
from credentials.verification import State, Verdict, limits
from portal.shared import outbox
from tests.cast import make_lena, make_noor, make_rhea
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db

# Jobs sign with the clock of the machine, so checks are made a little later.
NOW = datetime.now(UTC) + timedelta(minutes=1)


def in_a_pdf(fields: object, credential_document: bytes) -> bytes:
    """A PDF of one empty page that carries the document, in place of a certificate that takes a second to print."""
    import io

    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["credential.json"] = credential_document
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def quick_printer(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)


def finished(award) -> Credential:
    outbox.run_all_due()
    return credential_of(award)


def issued(**fields) -> Credential:
    return finished(issue_to(make_lena(), **fields))


def shared(**fields) -> Credential:
    return sharing.share(credential=issued(**fields), by=make_lena(), at=NOON)


def states(report: verification.Report) -> dict[str, str]:
    return {check.name: check.state.value for check in report.checks}


# --- what is good -------------------------------------------------------------------------------------------------


def test_a_document_of_ours_is_valid_and_every_check_says_why():
    credential = issued()

    report = verification.verify(credential.document, at=NOW)

    assert report.verdict is Verdict.VALID
    assert states(report) == dict.fromkeys(
        ["format", "contexts", "signature", "key", "issuer", "dates", "status", "log"], "passed"
    )
    assert report.credential == credential
    assert report.said.holder == "Lena Çelik-Ōno"
    assert "public list says the same" in report.check("status").words
