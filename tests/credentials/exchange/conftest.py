"""What the tests of the exchange share: credentials in the log, quick files, and nobody who is kept waiting."""

import pytest

from credentials.exchange import handing_out
from credentials.models import Credential
from credentials.rendering import badge, certificate
from tests.cast import make_lena
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import in_a_pdf, issued
from tests.factories import NOON, credential_of, issue_to


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)
    # There is no worker beside these tests to wait for.
    monkeypatch.setattr(handing_out, "WAIT_SECONDS", 0)


@pytest.fixture
def signed(db: None) -> Credential:
    """A credential of Lena's that has gone all its way."""
    return issued()


@pytest.fixture
def credential(db: None) -> Credential:
    """One that looks so, for what asks nobody for a signature: its own take most of a test's time."""
    made = credential_of(issue_to(make_lena()))
    made.state, made.document, made.logged_at = Credential.State.LOGGED, made.body, NOON
    made.save()
    return made
