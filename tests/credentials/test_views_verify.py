"""Tests the page on which anybody checks a credential: what it answers, and what it says beside the field."""

import io
import json

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from credentials.models import Credential
from credentials.rendering import certificate
from credentials.standards import baking
from credentials.views import verify
from portal.shared.rate_limit import Limit
from tests.cast import make_lena
from tests.credentials.foreigner import Foreigner
from tests.credentials.hostile import empty_png
from tests.credentials.test_verification_files import code_picture
from tests.credentials.walked import in_a_pdf, issued, shared
from tests.factories import credential_of, issue_to

pytestmark = pytest.mark.django_db
once = pytest.mark.one_database

CODE = "7K2M9QXR4TBN1VWZ8HJC6PDF3G"


@pytest.fixture(autouse=True)
def quick_printer(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)


def page_of(credential: Credential) -> str:
    return reverse("credential", args=[credential.code])


def upload(client: Client, content: bytes, called: str = "credential.json", *, field: str = "file", **fields: str):
    return client.post("/verify/", {field: SimpleUploadedFile(called, content), **fields})


def in_fours(code: str) -> str:
    return " ".join(code[i : i + 4] for i in range(0, 26, 4))


def test_the_page_asks_for_something_to_check(client):
    response = client.get("/verify/")

    assert response.status_code == 200
    assert b"It is not kept" in response.content
    assert b"What helps" not in response.content
    # A telephone goes to its camera at once.
    assert b'capture="environment"' in response.content


@pytest.mark.parametrize("way", ["code", "spaced", "copied", "link"])
def test_a_code_or_a_link_leads_to_the_page_of_the_credential(client, way):
    credential = shared()
    spaced = in_fours(credential.code)
    copied = spaced.replace(" ", "\u00a0", 2).replace(" ", "\n", 1).replace(" ", "\u2013")
    typed = {"code": credential.code, "spaced": spaced.lower(), "copied": copied, "link": credential.page_url}[way]

    for response in (client.post("/verify/", {"q": typed}), client.get("/verify/", {"q": typed})):
        assert response.status_code == 302
        assert response.url == page_of(credential)


@once
@pytest.mark.parametrize(
    "form",
    [
        "{host}{path}",
        "https://{host}{path}",
        "HTTP://{host}{path}?a=b#c",
        "{site}{path}certificate.pdf",
        "{site}{path}badge.png",
        "{site}{path}paper/",
    ],
)
def test_a_link_to_this_site_is_taken_as_people_type_it(client, form):
    credential = shared()
    host, path = settings.SITE_URL.partition("://")[2], page_of(credential)

    response = client.post("/verify/", {"q": form.format(host=host, path=path, site=settings.SITE_URL)})

    assert (response.status_code, response.url) == (302, path)


@once
@pytest.mark.parametrize("host", ["evil.example", "{host}.evil.example", "{host}@evil.example", "user@{host}"])
def test_a_link_to_another_site_is_not_taken_for_one_to_this(client, host):
    host = host.format(host=settings.SITE_URL.partition("://")[2])
    path = page_of(shared())

    responses = [client.post("/verify/", {"q": f"{scheme}{host}{path}"}) for scheme in ("", "http://", "https://")]

    assert {response.status_code for response in responses} <= {200, 422}
    assert not any(b"This credential is valid" in response.content for response in responses)


@pytest.mark.parametrize("form", ["text", "json", "pdf", "png"])
def test_a_document_is_judged_in_every_form_and_its_file_is_told_apart(client, form):
    credential = issued()
    files = {rendition.kind: rendition for rendition in credential.renditions.all()}
    if form == "text":
        response = client.post("/verify/", {"q": credential.document})
    elif form == "json":
        response = upload(client, credential.document.encode())
    else:
        response = upload(client, (settings.MEDIA_ROOT / files[form].path).read_bytes(), f"x.{form}")

    assert response.status_code == 200
    page = response.content.decode()
    assert "This credential is valid." in page
    assert "Lena Çelik-Ōno" in page
    assert ("the very file that was made here" in page) == (form in {"pdf", "png"})


def test_a_presentation_of_several_is_shown_one_by_one(client):
    genuine = json.loads(issued().document)
    shown = {"@context": genuine["@context"][:1], "type": "VerifiablePresentation"}
    held = [genuine, genuine | {"name": "Doctor of Everything"}]

    page = client.post("/verify/", {"q": json.dumps(shown | {"verifiableCredential": held})}).content.decode()

    assert "Not every credential in this presentation is valid." in page
    assert "Credential 2: This document was changed after it was signed" in page
    assert "1 of 2 credentials is valid." in page or "1 of 2 credentials are valid." in page
    assert page.count("Nothing of this is confirmed.") == 1
    assert "The whole is worth no more than the worst of them." in page

    good = client.post("/verify/", {"q": json.dumps(shown | {"verifiableCredential": [genuine] * 2})}).content.decode()
    assert "Each credential in this presentation is valid." in good
    assert "2 of 2 credentials are valid." in good
    assert "What that means" not in good


@pytest.mark.parametrize("form", ["svg", "old-svg", "old-png"])
def test_a_badge_baked_on_request_is_known_again_and_another_picture_is_not(client, form):
    credential = shared()
    place, kind = {
        "svg": (reverse("credential-svg", args=[credential.code]), "svg"),
        "old-svg": (reverse("ob2-svg", args=[credential.uuid]), "svg"),
        "old-png": (reverse("ob2-png", args=[credential.uuid]), "png"),
    }[form]
    picture = client.get(place).content
    if kind == "svg":
        other = picture.replace(b"</svg>", b"<desc>more</desc></svg>")
    else:
        drawn = io.BytesIO()
        Image.new("RGB", (8, 8), "red").save(drawn, "PNG")
        other = baking.bake_png(drawn.getvalue(), baking.unbake(picture).text, standard=baking.Standard.OPEN_BADGES_2)

    for content, known in ((picture, True), (other, False)):
        page = upload(client, content, f"x.{kind}").content.decode()
        assert "This credential is valid." in page
        assert ("the very file that was made here" in page) == known


def test_a_photograph_comes_first_and_leads_to_the_credential(client):
    credential = shared()
    photograph = SimpleUploadedFile("IMG_1.jpg", code_picture(credential.page_url, "jpeg"))

    response = client.post("/verify/", {"photograph": photograph, "q": "typed before"})

    assert response.status_code == 200
    assert "This credential is valid." in response.content.decode()


def test_a_typed_name_is_compared_and_never_stands_in_an_address(client):
    credential = shared()

    right = client.post("/verify/", {"q": credential.code, "name": "lena  ÇELIK-ŌNO"})
    mail = client.post("/verify/", {"q": credential.document, "name": "lena@example.org"})
    wrong = client.post("/verify/", {"q": credential.code, "name": "Noor Haddad"})

    assert right.status_code == mail.status_code == wrong.status_code == 200
    assert "It was issued to" in right.content.decode()
    assert "It was issued to" in mail.content.decode()
    assert "It was not issued to “Noor Haddad”." in wrong.content.decode()


# --- beside the field ---------------------------------------------------------------------------------------------


def beside(response, field: str) -> str:
    """The words beside a field of a page that asks once more; empty where there are none."""
    assert b"Check a credential</h1>" in response.content
    return " ".join(response.context["form"].errors.get(field, []))


@once
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Type a code, paste a link"),
        ("hello there", "neither a code, nor a link"),
        (CODE[:25], "has 25 letters and digits instead of 26"),
        (f"U{CODE[1:]}", "No code has the letter U"),
        ("http://localhost:8000/about/", "but not to a credential"),
        ('{"a":', "This is not JSON: "),
        ("{}", "does not begin with the context of verifiable credentials"),
        ("\x00", "Null characters"),
        ("x" * 270_000, "at most"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field_and_nothing_is_lost(client, typed, words):
    response = client.post("/verify/", {"q": typed, "name": "Lena"})

    assert response.status_code == 422
    assert words in beside(response, "q")
    assert b"Ask the holder for the file" in response.content
    assert b'aria-invalid="true"' in response.content
    assert response.context["form"]["q"].value() == typed
    assert b'value="Lena"' in response.content


@once
def test_a_document_that_says_something_and_is_no_credential_gets_its_verdict(client):
    response = client.post("/verify/", {"q": '{"issuer": "https://hill.example", "name": "Maps"}'})

    assert response.status_code == 200
    page = response.content.decode()
    assert "No credential could be read from this." in page
    assert "does not begin with the context of verifiable credentials" in page


@once
@pytest.mark.parametrize("dates", [{"validUntil": "2001-01-01T00:00:00Z"}, {"validFrom": "2190-01-01T00:00:00Z"}])
def test_what_is_outside_its_dates_and_by_a_stranger_is_called_so_and_not_believed(client, dates):
    response = client.post("/verify/", {"q": json.dumps(Foreigner().credential(**dates))})

    page = response.content.decode()
    assert ("This credential expired on" in page) is ("validUntil" in dates)
    assert ("This credential is not valid before" in page) is ("validFrom" in dates)
    assert "Nobody here knows who stands behind did:key:" in page
    assert "Nothing of this is confirmed." in page
    assert "It was good until then." not in page
    assert not response.context["believed"]


def photograph_of(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, "white").save(out, "jpeg")
    return out.getvalue()


@once
@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "The file is empty."),
        (b"PK\x03\x04 a letter", 422, "This file is of another kind."),
        (b"%PDF-1.7 broken", 422, "The PDF is damaged"),
        (b"\n<!DOCTYPE html><title>Badge</title>", 422, "This is a page for people."),
        (b'{"name": 1, "name": 2}', 422, "Ask the holder for the file as they were given it."),
        (b'\xef\xbb\xbf{"name": 1}', 422, "save it as UTF-8 without that mark"),
        (b'\xef\xbb\xbf\r\n{"name": 1}', 422, "a byte order mark"),
        ('{"name": "x"}'.encode("utf-16-le").join([b"\xff\xfe", b""]), 422, "a byte order mark"),
        ('{"name": "x"}'.encode("utf-16-be").join([b"\xfe\xff", b""]), 422, "a byte order mark"),
        (b"\xef\xbb\xbfa letter", 422, "This file is of another kind."),
        (empty_png(20), 422, "neither a credential nor a readable code"),
        (b"\xff\xd8\xff broken", 422, "The picture is damaged"),
        (b"{" + b" " * 5_300_000, 413, "larger than 5 MB"),
        (b"\xff\xd8\xff" + b" " * 12_600_000, 413, "larger than 12 MB"),
    ],
    ids=[
        "empty",
        "another kind",
        "a broken PDF",
        "a web page",
        "a broken document",
        "a marked document",
        "a marked document, and space",
        "UTF-16, little end first",
        "UTF-16, big end first",
        "a marked text",
        "a picture of nothing",
        "a broken picture",
        "large",
        "a large picture",
    ],
)
def test_a_file_that_cannot_be_read_is_named_beside_its_field(client, content, status, words):
    response = upload(client, content, "letter <b>.docx", name="Lena")

    assert response.status_code == status
    assert words in beside(response, "file")
    assert (b"letter &lt;b&gt;.docx" in response.content) == (status == 422)
    assert b'value="Lena"' in response.content


@once
def test_a_pasted_document_that_begins_with_a_byte_order_mark_is_called_so(client):
    response = client.post("/verify/", {"q": '\ufeff{"name": 1}'})

    assert response.status_code == 422
    assert "a byte order mark" in beside(response, "q")


@once
def test_a_photograph_without_a_code_is_refused_beside_its_own_field(client):
    response = upload(client, photograph_of((300, 300)), "IMG_1.jpg", field="photograph")

    assert response.status_code == 422
    assert "IMG_1.jpg" in beside(response, "photograph")


def test_a_code_under_which_nothing_is_kept_is_said_beside_the_field(client):
    unfinished = credential_of(issue_to(make_lena())).code

    for code in (CODE, unfinished):
        for name in ("", "Lena"):
            response = client.post("/verify/", {"q": in_fours(code), "name": name})
            assert response.status_code == 422
            assert "Nothing was issued here under this code." in beside(response, "q")
            assert response.context["form"]["q"].value() == in_fours(code)


@once
def test_a_photographed_code_that_leads_to_nothing_is_a_finding_and_no_mistake_of_typing(client):
    response = upload(client, code_picture(f"http://localhost:8000/c/{CODE}/"), "code.png", field="photograph")

    assert response.status_code == 200
    assert "There is nothing to check under this code or link." in response.content.decode()


@once
@pytest.mark.parametrize(
    "body", [b"q=%FF%FE&name=%00", b"q=%ED%A0%80", b"q=%7B%22a%22%3A%221%22%7D&name=" + b"x" * 300]
)
def test_broken_forms_get_an_answer(client, body):
    response = client.post("/verify/", body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 422


def test_whoever_checks_too_often_waits_and_loses_nothing(client, monkeypatch):
    monkeypatch.setattr(verify, "LIMIT", Limit(times=1, seconds=60))
    client.post("/verify/", {"q": CODE})

    response = client.post("/verify/", {"q": CODE})

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 61
    assert "min, then try again" in beside(response, "__all__")
    assert CODE.encode() in response.content
