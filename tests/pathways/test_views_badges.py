"""The page on which a badge is composed: previewed, drafted, published; for its registrars alone."""

import io
import re
from html import unescape
from typing import Any

import pytest
from PIL import Image

from credentials.models import Achievement, BadgeDesign
from tests.cast import make_ivo, make_lena, make_rhea
from tests.factories import issue_to, make_achievement, make_issuer
from tests.pathways.test_experience import signed_in

# What the acts keep is tried on both databases by their own tests.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OWN = "/registry/achievements/maps/badge/"
SAID = {"shape": "shield", "colour": "blue", "symbol": "book", "ring": "Маршрут", "mark": "NF", "ribbon": "level"}
QUERIES = 9


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
    assert len(addresses) == 5
    drawn = [client.get(address) for address in addresses]
    assert [each["Content-Type"] for each in drawn] == [
        "image/svg+xml",
        "image/svg+xml",
        *["image/png"] * 2,
        "image/svg+xml",
    ]
    assert Image.open(io.BytesIO(drawn[2].content)).size == (64, 64)
    assert drawn[0].content == drawn[1].content != drawn[4].content
    assert b"Maps Maps" in drawn[4].content
    assert client.get(f"{OWN}picture.svg?shape=cloud").status_code == 404


@pytest.mark.parametrize(
    "change", [{"shape": "cloud"}, {"colour": "own", "own_colour": "red"}, {"mark": "LONG"}, {"ring": "x" * 121}]
)
def test_what_is_no_look_is_refused_and_nothing_typed_is_lost(maps: Achievement, change: dict[str, str]) -> None:
    client = signed_in(make_rhea())
    for address in (OWN, f"{OWN}preview/"):
        answer = client.post(address, SAID | change)
        assert answer.status_code == 422
        assert "There is nothing to draw yet." in answer.text
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
