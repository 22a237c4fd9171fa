"""The page on which a badge is composed: previewed, drafted, published; for its registrars alone."""

import io
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from credentials.models import Achievement, BadgeDesign, BadgePicture
from tests.cast import make_ivo, make_lena, make_rhea
from tests.credentials.designs.pictures import keep_picture
from tests.factories import issue_to, make_achievement, make_issuer
from tests.pathways.test_experience import signed_in

# What the acts keep is tried on both databases by their own tests.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OWN = "/registry/achievements/maps/badge/"
SAID = {"shape": "shield", "colour": "blue", "symbol": "book", "ring": "Маршрут", "mark": "NF", "ribbon": "level"}
QUERIES = 10


@pytest.fixture
def maps() -> Achievement:
    issuer = make_issuer(registrar=make_rhea(), name="Northfield Faculty of Maps")
    return make_achievement(slug="maps", name="Maps", issuer=issuer)


def test_a_registrar_previews_saves_and_publishes(maps: Achievement) -> None:
    client = signed_in(make_rhea())
    issue_to(make_lena(), maps)
    first = client.get(OWN).text
    assert 'value="Northfield Faculty of Maps"' in first
    assert 'value="NFM"' in first
    assert client.post(f"{OWN}publish/").status_code == 409
    page = client.post(f"{OWN}preview/", SAID)
    assert "Shield with an open book, and around it the words “Маршрут”" in page.text
    assert not BadgeDesign.objects.exists()
    fragment = client.post(f"{OWN}preview/", SAID, headers={"HX-Request": "true"}).text
    assert fragment.startswith('<div id="badge-preview"')
    assert client.post(OWN, SAID | {"words": ""}).status_code == 302
    assert BadgeDesign.objects.get().words.endswith("“Маршрут”")
    page = client.get(OWN).text
    assert "From version 2 of the achievement on" in page
    assert "1 credential that was issued keeps its picture." in page
    assert client.post(f"{OWN}publish/").status_code == 302
    maps.refresh_from_db()
    assert (maps.version, maps.image_alt) == (2, BadgeDesign.objects.get().words)
    assert "Published" in client.get(OWN).text


def test_each_picture_of_the_page_is_drawn(maps: Achievement) -> None:
    client = signed_in(make_rhea())
    page = client.post(f"{OWN}preview/", SAID).text
    addresses = [unescape(found) for found in re.findall(r'<img src="([^"]+)"', page)]
    drawn = {address: client.get(address) for address in addresses}
    kinds = [drawn[address]["Content-Type"] for address in addresses]
    assert kinds == ["image/svg+xml"] * 2 + ["image/png"] * 6 + ["image/svg+xml"] * 3
    sizes = [Image.open(io.BytesIO(drawn[address].content)).size[0] for address in addresses[2:8]]
    assert sizes == [32, 64, 128] * 2
    words = [drawn[address].content.decode() for address in addresses if ".svg" in address]
    assert words[0] == words[1]
    assert ["Maps Maps" in each for each in words] == [False, False, True, False, False]
    assert "Маршрут Маршрут Маршрут" in words[3]
    assert "كلية" in words[4]
    assert client.get(f"{OWN}picture.svg?shape=cloud").status_code == 404


@pytest.mark.parametrize(
    "change", [{"shape": "cloud"}, {"colour": "own", "own_colour": "red"}, {"mark": "LONG"}, {"ring": "x" * 121}]
)
def test_what_is_no_look_is_refused_and_nothing_typed_is_lost(maps: Achievement, change: dict[str, str]) -> None:
    client = signed_in(make_rhea())
    for address in (OWN, f"{OWN}preview/"):
        answer = client.post(address, SAID | change)
        assert answer.status_code == 422
        assert "This cannot be drawn yet" in answer.text
    assert not BadgeDesign.objects.exists()


def test_what_cannot_be_read_is_said_and_not_published(maps: Achievement) -> None:
    client = signed_in(make_rhea())
    pale = SAID | {"colour": "own", "own_colour": "#f7f4a0"}
    assert "This cannot be published so" in client.post(f"{OWN}preview/", pale).text
    assert client.post(OWN, pale).status_code == 302
    assert 'value="#f7f4a0"' in client.get(OWN).text
    assert client.post(f"{OWN}publish/").status_code == 422
    assert client.post(f"{OWN}discard/").status_code == 302
    assert not BadgeDesign.objects.exists()


def test_words_of_ones_own_are_kept(maps: Achievement) -> None:
    client = signed_in(make_rhea())
    client.post(OWN, SAID | {"words": "A blue shield."})
    assert "A blue shield." in client.get(OWN).text


def a_picture(colour: str = "#2E86AB", side: int = 300) -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(made, "PNG")
    return SimpleUploadedFile("seal.png", made.getvalue(), "image/png")


def test_a_picture_of_ones_own_takes_the_place_of_the_composed_badge(maps: Achievement) -> None:
    client = signed_in(make_rhea())
    unsaid = client.post(OWN, SAID | {"artwork": a_picture()})
    assert unsaid.status_code == 422
    assert "On white" in unsaid.text, "what is chosen besides is still to be seen"
    assert "Say what your picture shows" in unsaid.text
    assert not BadgePicture.objects.exists()
    assert client.post(OWN, SAID | {"artwork": a_picture(), "words": "A blue square."}).status_code == 302
    page = client.get(OWN).text
    assert f"artwork={BadgePicture.objects.get(use='artwork').sha256}" in page
    assert 'alt="A blue square."' in page
    assert "With words that run to the left" not in page
    assert client.post(f"{OWN}publish/").status_code == 302
    maps.refresh_from_db()
    drawn = Image.open(io.BytesIO(client.get("/achievements/maps/badge.png").content))
    assert (maps.image_alt, drawn.size, drawn.getpixel((300, 300))) == (
        "A blue square.",
        (600, 600),
        (46, 134, 171, 255),
    )
    # What nobody ticks any more is composed again.
    client.post(OWN, SAID | {"words": ""})
    assert BadgeDesign.objects.get(published_at=None).look["artwork"] == ""


def test_what_is_no_picture_is_refused_beside_its_field_and_nothing_typed_is_lost(maps: Achievement) -> None:
    client = signed_in(make_rhea())
    script = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script></svg>'
    answer = client.post(OWN, SAID | {"logo": SimpleUploadedFile("logo.svg", script)})
    assert answer.status_code == 422
    assert "logo.svg: this drawing has “script”, which no badge may have. Remove it." in unescape(answer.text)
    assert 'value="Маршрут"' in answer.text
    assert not BadgeDesign.objects.exists()
    # What could be published is the draft from before, and not what stands in the form: so that is not offered here.
    client.post(OWN, SAID)
    assert "Publish the draft" in client.get(OWN).text
    again = client.post(OWN, SAID | {"logo": SimpleUploadedFile("logo.svg", script)})
    assert "Publish the draft" not in again.text


def test_the_logo_of_an_issuer_is_offered_for_its_other_badges_and_for_no_one_elses(maps: Achievement) -> None:
    client = signed_in(make_rhea())
    logo = keep_picture(maps.issuer, use="logo")
    make_achievement(slug="atlas", name="Atlas", issuer=maps.issuer)
    assert f"logo={logo.sha256}" in client.get("/registry/achievements/atlas/badge/").text
    client.post(OWN, SAID | {"shows_logo": "on"})
    assert BadgeDesign.objects.get().look["logo"] == logo.sha256
    assert "under the logo of the issuer" in client.get(OWN).text
    elsewhere = make_issuer(registrar=make_rhea(), slug="elsewhere", name="Elsewhere")
    make_achievement(slug="there", name="There", issuer=elsewhere)
    address = "/registry/achievements/there/badge/"
    assert "shows_logo" not in client.get(address).text
    assert client.get(f"{address}picture.png?logo={logo.sha256}").status_code == 404


def test_a_faculty_without_a_logo_is_offered_its_colleges_and_is_told_so(maps: Achievement) -> None:
    client = signed_in(make_rhea())
    department = make_issuer(slug="atlases", name="Department of Atlases", parent=maps.issuer)
    atlas = make_achievement(slug="atlas", name="Atlas", issuer=department)
    address = "/registry/achievements/atlas/badge/"
    assert "The logo is that of" not in client.get(address).text
    logo = keep_picture(maps.issuer, use="logo")
    page = client.get(address).text
    assert f"logo={logo.sha256}" in page
    assert "The logo is that of Northfield Faculty of Maps, of which Department of Atlases is a part." in page
    client.post(address, SAID | {"shows_logo": "on"})
    assert client.post(f"{address}publish/").status_code == 302
    assert BadgeDesign.objects.get(achievement=atlas).look["logo"] == logo.sha256
    assert client.get("/achievements/atlas/badge.png").status_code == 200
    # What was published stays, and for the next badge one of its own goes first.
    own = keep_picture(department, use="logo", colour="#775500")
    assert "The logo is that of" in client.get(address).text
    second = make_achievement(slug="globe", name="Globe", issuer=department)
    fresh = client.get(f"/registry/achievements/{second.slug}/badge/").text
    assert f"logo={own.sha256}" in fresh
    assert "The logo is that of" not in fresh


def test_the_page_asks_the_same_whatever_is_there(maps: Achievement, django_assert_num_queries: Any) -> None:
    client = signed_in(make_rhea())
    client.get(OWN)
    with django_assert_num_queries(QUERIES):
        client.post(f"{OWN}preview/", SAID)


def test_a_stranger_finds_nothing(maps: Achievement) -> None:
    elsewhere = make_ivo()
    make_issuer(registrar=elsewhere)
    for stranger in (make_lena(), elsewhere):
        client = signed_in(stranger)
        for address in (OWN, f"{OWN}picture.svg"):
            assert client.get(address).status_code == 404
        for address in (OWN, f"{OWN}preview/", f"{OWN}publish/", f"{OWN}discard/"):
            assert client.post(address, SAID).status_code == 404
    assert not BadgeDesign.objects.exists()
