"""Tests the sheet that is printed of a credential: what it says, and to whom."""

import pytest
from django.urls import reverse

from credentials import revocation, verification
from credentials.rendering import badge, certificate, qr
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.walked import in_a_pdf, issued, share
from tests.factories import NOON, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: b"")
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)
    issuer = make_issuer(registrar=make_rhea(), name="Faculty of Numbers")
    return issued(make_achievement(issuer=issuer, name="Counting"), results=[{"name": "Grade", "value": "1.3"}])


def test_one_sheet_says_what_a_credential_is_worth_and_where_to_ask_again(client, credential):
    page = reverse("credential-paper", args=[credential.code])
    assert client.get(page).url == reverse("credential", args=[credential.code]), "it is not shared"
    client.force_login(make_noor())
    assert client.get(page).status_code == 302
    share(credential)
    client.logout()
    answer = client.get(page)
    said = answer.content.decode()
    in_fours = " ".join(credential.code[start : start + 4] for start in range(0, 26, 4))
    for text in ("Faculty of Numbers", "Counting", "Lena Çelik-Ōno", "1.3", in_fours, credential.page_url):
        assert text in said
    assert qr.svg(credential.page_url, dark="#000") in said
    assert verification.verify_ours(credential, at=NOON).title in said
    assert answer["X-Robots-Tag"] == "noindex"
    assert page in client.get(reverse("credential", args=[credential.code])).content.decode()


def test_what_was_revoked_is_printed_as_revoked(client, credential):
    share(credential)
    revocation.revoke(
        award=credential.award, reason="issued-in-error", public_note="Mixed up.", by=make_rhea(), at=NOON
    )
    said = client.get(reverse("credential-paper", args=[credential.code])).content.decode()
    assert "revoked" in said.lower()
    assert "Mixed up." in said


def test_its_holder_may_print_what_is_not_shared(client, credential):
    client.force_login(make_lena())
    said = client.get(reverse("credential-paper", args=[credential.code])).content.decode()
    assert "whoever scans the code is told no more than that" in said


@pytest.mark.one_database
def test_a_code_that_there_is_not_has_no_sheet(client):
    assert client.get(reverse("credential-paper", args=["0" * 26])).url == reverse("credential", args=["0" * 26])
