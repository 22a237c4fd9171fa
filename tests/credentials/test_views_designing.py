"""Tests the pages on which certificates are designed: who may, what is kept, previews, publishing, withdrawing."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from credentials.designs import designing, designs
from credentials.models import CertificatePicture, CertificateProof, CertificateTemplate, IssuerRole
from credentials.rendering import samples
from portal.shared.models import Job
from tests.cast import make_lena, make_noor, make_rhea
from tests.factories import NOON, make_issuer

PLACE = {"slug": "numbers", "scope": "micro-credential"}


def page(name="registry-certificate", **more):
    return reverse(name, kwargs=PLACE | more)


@pytest.fixture
def issuer(db):
    return make_issuer(registrar=make_rhea(), slug="numbers", name="Faculty of Numbers")


@pytest.fixture
def rhea(client, issuer):
    client.force_login(make_rhea())
    return client


def typed(**said):
    """What a browser sends of the form as it stands."""
    return {
        "paper": "A4",
        "orientation": "portrait",
        "frame": "engraved",
        "language": "",
        "colour_paper": "#faf8f3",
        "ink": "#17232b",
        "accent": "#0a5c60",
        "line": "#e3a82b",
        "blocks": ["emblem", "level", "code"],
        "sample": "usual",
    } | said


def arms(name="arms.png", kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (60, 30), "#14407A").save(out, kind)
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def draft():
    return CertificateTemplate.objects.get(published_at__isnull=True)


def test_what_is_typed_is_kept_as_a_draft_and_its_samples_promised(rhea, issuer):
    answer = rhea.post(
        page(),
        typed(
            orientation="landscape",
            before_name="The {issuer}\nsays that",
            signer_1_name="Ada Okafor",
            signer_2_role="Nobody",
            signer_2_name=" ",
            logo=arms(),
            logo_alternative="Arms",
            sample="arabic",
        ),
    )
    assert answer.url == page() + "?sample=arabic#preview"
    kept = draft().choices
    assert (kept["landscape"], kept["palette"]["paper"], kept["blocks"]) == (
        True,
        "#FAF8F3",
        ["emblem", "level", "code"],
    )
    assert kept["before_name"] == "The {issuer} says that"
    assert [signer["name"] for signer in kept["signers"]] == ["Ada Okafor"]
    assert kept["logo"] == {"sha256": CertificatePicture.objects.get().sha256, "alternative": "Arms"}
    assert Job.objects.filter(kind="credentials.prove_certificate").count() == len(samples.SAMPLES)
    # The picture stays until it is removed.
    rhea.post(page(), typed(logo_alternative="Arms of old"))
    assert draft().choices["logo"]["alternative"] == "Arms of old"
    rhea.post(page(), typed(logo_alternative="Arms", logo_remove="on"))
    assert draft().choices["logo"] is None


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"ink": "#dddddd"}, "It cannot be read on this paper"),
        ({"accent": "teal"}, "A colour is # with six digits"),
        ({"closing": "By {learner}."}, "“{learner}” is no place that can be filled"),
        ({"paper": "Tabloid"}, "Select a valid choice"),
        ({"blocks": ["emblem", "password"]}, "Select a valid choice"),
        ({"logo": arms()}, "Say in words what the logo shows"),
        ({"note": "a\u0007b"}, "cannot be printed"),
    ],
)
def test_what_could_not_be_printed_is_said_beside_its_field(rhea, said, words):
    answer = rhea.post(page(), typed(**said))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not CertificateTemplate.objects.exists()


@pytest.mark.one_database
def test_a_drawing_with_scripts_is_no_picture(rhea):
    drawing = SimpleUploadedFile("arms.svg", b"<svg onload='alert(1)'/>", "image/png")
    answer = rhea.post(page(), typed(logo=drawing, logo_alternative="Arms"))
    assert answer.status_code == 422
    assert "drawings (SVG) are not taken" in answer.content.decode()
    large = SimpleUploadedFile("arms.png", bytes(5 * 1024 * 1024 + 1), "image/png")
    assert rhea.post(page(), typed(logo=large, logo_alternative="Arms")).status_code == 413


def test_a_preview_is_drawn_of_what_was_not_kept(rhea, issuer):
    htmx = {"HX-Request": "true"}
    answer = rhea.post(page("registry-certificate-preview"), typed(sample="chinese"), headers=htmx)
    proof = CertificateProof.objects.get()
    assert (proof.sample, CertificateTemplate.objects.count()) == ("chinese", 0)
    assert f'hx-get="{reverse("registry-certificate-proof", args=[proof.uuid])}?asked=1"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    # Without a script the same is a page that looks again by itself.
    answer = rhea.post(page("registry-certificate-preview"), typed(sample="chinese"))
    assert answer.url == reverse("registry-certificate-proof", args=[proof.uuid])
    assert 'http-equiv="refresh"' in rhea.get(answer.url).content.decode()
    picture = reverse("registry-certificate-proof-picture", args=[proof.uuid])
    assert rhea.get(picture).status_code == 404
    CertificateProof.objects.update(
        finished_at=proof.asked_at, picture=b"RIFF", width=9, height=9, missing="歐", pages=2
    )
    shown = rhea.get(answer.url, headers=htmx).content.decode()
    assert picture in shown
    assert "No font of this site draws 歐 (U+6B50)." in shown
    assert "It takes 2 pages." in shown
    # While the next one is drawn it stays in sight, and is asked for no longer than that takes.
    sent = typed(sample="arabic", shown=str(proof.uuid))
    waiting = rhea.post(page("registry-certificate-preview"), sent, headers=htmx).content.decode()
    assert picture in waiting and f"&amp;shown={proof.uuid}" in waiting
    for nothing in ("", "nonsense", str(issuer.pk)):
        again = rhea.post(page("registry-certificate-preview"), sent | {"shown": nothing}, headers=htmx)
        assert picture not in again.content.decode()
    sent = rhea.get(picture)
    assert (sent.content, sent["Content-Type"], sent["X-Content-Type-Options"]) == (b"RIFF", "image/webp", "nosniff")


@pytest.mark.one_database
def test_a_preview_of_what_cannot_be_drawn_says_why(rhea):
    answer = rhea.post(page("registry-certificate-preview"), typed(ink="#dddddd"), headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "It cannot be read on this paper" in answer.content.decode()
    assert rhea.post(page("registry-certificate-preview"), typed(ink="#dddddd")).status_code == 422
    assert not CertificateProof.objects.exists()


def test_a_draft_is_published_with_a_reason_once_its_samples_are_sound(rhea, issuer):
    rhea.post(page(), typed(note="Kept."))
    publish = page("registry-certificate-publish")
    assert "A worker is drawing them" in rhea.get(publish).content.decode()
    refused = rhea.post(publish, {"reason": "New arms."})
    assert refused.status_code == 422
    assert "Not all samples of this draft are drawn yet." in refused.content.decode()
    CertificateProof.objects.update(finished_at=draft().edited_at, pages=1)
    assert "Publish it" in rhea.get(publish).content.decode()
    assert rhea.post(publish, {"reason": ""}).status_code == 422
    assert rhea.post(publish, {"reason": "New arms."}).url == page()
    shown = rhea.get(page()).content.decode()
    assert "In a minute" in shown
    assert "New arms." in shown
    assert rhea.get(publish).status_code == 404, "there is no draft any more"
    # From a version a new draft can begin.
    assert "Kept.</textarea>" in rhea.get(page() + "?from=1").content.decode()
    withdraw = page("registry-certificate-withdraw")
    assert "the built-in certificate" in rhea.get(withdraw).content.decode()
    assert rhea.post(withdraw, {"reason": ""}).status_code == 422
    assert rhea.post(withdraw, {"reason": "Wrong."}).url == page()
    assert rhea.get(withdraw).status_code == 404


def test_a_draft_begins_from_what_counts_pictures_of_a_body_above_included(rhea, issuer):
    college = make_issuer(name="The College")
    issuer.parent = college
    issuer.save()
    logo = designing.take_picture(
        issuer=college, content=arms().read(), name="arms.png", use="logo", landscape=False, by=make_rhea(), at=NOON
    )
    choices = designs.built_in_choices() | {
        "closing": "Given at the college.",
        "logo": {"sha256": logo.sha256, "alternative": "Its arms"},
    }
    template = CertificateTemplate.objects.create(
        issuer=college,
        scope=PLACE["scope"],
        number=3,
        choices=choices,
        author=make_rhea(),
        edited_at=NOON,
        published_by=make_rhea(),
        published_at=NOON,
        begins_at=NOON,
    )
    shown = rhea.get(page()).content.decode()
    assert "Given at the college.</textarea>" in shown
    assert 'hx-trigger="load, input' in shown, "its preview is asked for at once"
    sent = typed(closing="Given at the faculty.", logo_alternative="Its arms")
    assert rhea.post(page("registry-certificate-preview"), sent).status_code == 302
    rhea.post(page(), sent)
    assert draft().choices["logo"] == choices["logo"]
    assert CertificatePicture.objects.filter(issuer=issuer, sha256=logo.sha256).count() == 1
    # What counts no more is no beginning.
    CertificateTemplate.objects.filter(pk=template.pk).update(ends_at=NOON)
    draft().delete()
    assert "Given at" not in rhea.get(page()).content.decode()


def test_a_draft_is_discarded_or_drawn_again(rhea, issuer):
    rhea.post(page(), typed())
    CertificateProof.objects.all().delete()
    assert rhea.post(page("registry-certificate-draft", act="draw")).url == page("registry-certificate-publish")
    assert CertificateProof.objects.count() == len(samples.SAMPLES)
    assert rhea.post(page("registry-certificate-draft", act="discard")).url == page()
    assert rhea.post(page("registry-certificate-draft", act="discard")).status_code == 404


def test_each_page_asks_few_questions(rhea, issuer, django_assert_num_queries):
    rhea.post(page(), typed())
    with django_assert_num_queries(13):
        rhea.get(reverse("registry-certificates"))
    with django_assert_num_queries(11):
        rhea.get(page())


def test_who_administers_an_issuer_designs_too_and_nobody_else(client, issuer):
    proof = designing.ask_proof(
        issuer=issuer, scope=PLACE["scope"], choices=designs.built_in_choices(), sample="usual", at=NOON
    )
    addresses = [
        page(),
        reverse("registry-certificates"),
        reverse("registry-certificate-proof", args=[proof.uuid]),
        page(scope="nonsense"),
    ]
    stranger, administrator = make_noor(), make_lena()
    make_issuer(registrar=stranger)
    IssuerRole.objects.create(user=administrator, issuer=issuer, role=IssuerRole.Role.ADMINISTRATOR)
    client.force_login(stranger)
    # The stranger registers for another body, and so has a list of their own.
    assert [client.get(address).status_code for address in addresses] == [404, 200, 404, 404]
    assert b"Faculty of Numbers" not in client.get(addresses[1]).content
    assert client.post(page(), typed()).status_code == 404
    assert client.post(page("registry-certificate-preview"), typed()).status_code == 404
    client.force_login(administrator)
    assert [client.get(address).status_code for address in addresses] == [200, 200, 200, 404]
    # Of the tabs of the registry they are shown those that open to them.
    tabs = re.search(r'<nav class="tabs".*?</nav>', client.get(addresses[1]).content.decode(), re.DOTALL)
    assert tabs is not None
    opened = re.findall(r'href="([^"]+)"', tabs.group())
    assert len(opened) == 3
    assert {client.get(address).status_code for address in opened} == {200}
