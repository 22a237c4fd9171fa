"""A name that no font of the site draws: nobody gets a certificate with boxes in it, and everybody is told why."""

import pytest
from django.test import Client

from credentials import renditions
from credentials.models import IssuerRole, Rendition
from credentials.rendering import badge, fonts
from portal.shared import outbox
from portal.shared.models import Job
from tests.cast import make_rhea, person
from tests.credentials.test_walk import ONE_PIXEL
from tests.factories import credential_of, issue_to, make_achievement, make_issuer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

# Letters of scripts that few fonts know; the first that none here draws.
RARE = "\U00030000\U0001d800\U0001bc00\U00018b00\U00014400"
LETTER = next(iter(fonts.missing_glyphs(RARE)), "")
NAME, SAID = f"Lena {LETTER}", f"{LETTER} (U+{ord(LETTER or '?'):04X})"


def test_learner_and_registrar_are_told_which_letter_keeps_a_certificate_waiting(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not LETTER:
        pytest.skip("the fonts of this system draw everything, or nothing is known of them")
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)
    lena, rhea = person("lena@example.org", NAME), make_rhea()
    award = issue_to(lena, make_achievement(issuer=make_issuer(registrar=rhea)))
    credential = credential_of(award)
    outbox.run_all_due()
    assert [each.kind for each in Rendition.objects.filter(credential=credential)] == ["png"]
    assert Job.objects.get(kind="credentials.render_pdf").state == Job.State.PENDING
    client.force_login(lena)
    page = client.get(f"/me/wallet/{credential.uuid}/").text
    assert f"no font of this site draws <bdi>{SAID}</bdi>, and nothing is printed with boxes in it." in page
    assert "Signed document (JSON)" in page
    # Nothing more is sent: the message went out without it.
    assert "you get one message when it is done" not in page
    client.force_login(rhea)
    assert f"No font on this system draws {SAID}." in client.get(f"/registry/awards/{award.uuid}/").text
    desk = client.get("/registry/").text
    assert "mostly for want of a font" in desk
    assert f"/registry/awards/{award.uuid}/" in desk


def test_the_desk_of_another_issuer_says_nothing_of_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_font(*_said: object, **_more: object) -> bytes:
        raise renditions.GlyphsMissing("\u16a0")

    monkeypatch.setattr(renditions.certificate, "render", no_font)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)
    issue_to(person("lena@example.org", "Lena"), make_achievement())
    outbox.run_all_due()
    rhea = make_rhea()
    IssuerRole.objects.create(
        user=rhea, issuer=make_issuer(slug="elsewhere", name="Elsewhere"), role=IssuerRole.Role.REGISTRAR
    )
    client.force_login(rhea)
    assert "mostly for want of a font" not in client.get("/registry/").text
