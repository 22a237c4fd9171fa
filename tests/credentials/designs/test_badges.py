"""Looks of badges: drafted, refused where unreadable, published with a version, and kept for what was issued."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from credentials import renditions
from credentials.designs import badge_pictures, badges
from credentials.models import Achievement, BadgeDesign, BadgePicture
from credentials.rendering.badge import Look
from portal.shared import outbox
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.designs.pictures import keep_picture
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db

BLUE, RED = Look(shape="shield", colour="blue", ring="Numbers"), Look(shape="square", colour="#8B1A1A", mark="NF")


def published(achievement: Achievement, look: Look, *, words: str = "A shield.") -> BadgeDesign:
    badges.save_draft(achievement=achievement, chosen=look, words=words, by=make_rhea(), at=NOON)
    art = renditions.art_with(achievement, look)
    return badges.publish(achievement=achievement, art=art, by=make_rhea(), at=NOON)


def test_a_published_look_is_drawn_from_the_next_version_on(client: Client) -> None:
    achievement = make_achievement(slug="numbers", version=3)
    before = renditions.badge_picture(achievement)
    design = published(achievement, BLUE)
    achievement.refresh_from_db()
    assert (achievement.version, achievement.image_alt, design.since_version) == (4, "A shield.", 4)
    after = renditions.badge_picture(achievement)
    assert after != before
    published(achievement, RED)
    achievement.refresh_from_db()
    pictures = [renditions.badge_picture(achievement, version) for version in (3, 4, 5, 99)]
    assert pictures[:2] == [before, after]
    assert pictures[2] == pictures[3] == renditions.badge_picture(achievement)
    assert client.get("/achievements/numbers/badge.png?version=4").content == after
    assert client.get("/achievements/numbers/badge.png?version=4x").content == pictures[2]
    assert "shield" in AuditEntry.objects.filter(act="publish badge").last().details["look"]["shape"]


def test_a_draft_changes_nothing_and_of_a_draft_achievement_the_last_one_counts() -> None:
    achievement = make_achievement(published=False)
    before = renditions.badge_picture(achievement)
    badges.save_draft(achievement=achievement, chosen=BLUE, words="A shield.", by=make_rhea(), at=NOON)
    assert renditions.badge_picture(achievement) == before
    published(achievement, BLUE)
    published(achievement, RED)
    achievement.refresh_from_db()
    assert achievement.version == 1
    assert badges.look_at(badges.designs_of([achievement.pk])[achievement.pk], 1) == RED


@pytest.mark.one_database
def test_what_was_issued_keeps_its_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions.certificate, "render", in_a_pdf)
    achievement = make_achievement()
    first = credential_of(issue_to(make_lena(), achievement))
    outbox.run_all_due()
    first.refresh_from_db()
    body = json.loads(first.document)["credentialSubject"]["achievement"]
    assert body["image"]["id"].endswith("/badge.png?version=1")
    drawn = renditions.baked_svg(first)
    published(achievement, BLUE)
    achievement.refresh_from_db()
    second = credential_of(issue_to(make_noor(), achievement))
    outbox.run_all_due()
    second.refresh_from_db()
    assert renditions.baked_svg(first) == drawn
    assert renditions.badge_shown(first)[0].endswith("/badge.svg?version=1")
    assert renditions.badge_shown(second)[1] == "A shield."
    assert b"Numbers" in renditions.baked_svg(second)
    # Made again after its file was lost, it is the same.
    there = first.renditions.get(kind="png")
    first.renditions.filter(kind="png").delete()
    renditions.render_pngs([first.pk], at=NOON)()
    assert first.renditions.get(kind="png").sha256 == there.sha256


@pytest.mark.parametrize(
    "chosen",
    [
        {"shape": "cloud"},
        {"colour": "red"},
        {"colour": "#12"},
        {"symbol": "../x"},
        {"ribbon": "gold"},
        {"ring": "x" * 121},
        {"ring": "a\u202eb"},
        {"mark": "LONG"},
        {"mark": "a\x07"},
        {"colour": 3},
        {"font": "Comic"},
        {"logo": "../x"},
        {"artwork": "A" * 64},
    ],
)
@pytest.mark.one_database
def test_what_is_no_look_is_refused(chosen: dict[str, Any]) -> None:
    with pytest.raises(badges.NotALook):
        badges.look_of(chosen)


@pytest.mark.one_database
def test_what_cannot_be_read_is_not_published() -> None:
    achievement = make_achievement()
    for look, words in (
        (Look(colour="#F7F4A0"), "too pale"),
        (Look(ring="\U0001f9ff\U000e0041"), "No font of this site draws"),
        (Look(mark="\ue000"), "U+E000"),
    ):
        art = renditions.art_with(achievement, look)
        faults = badges.faults_of(art).wrong
        if not faults and words != "too pale":
            pytest.skip("a font here draws everything")
        assert words in " ".join(faults)
        with pytest.raises(badges.Unreadable):
            published(achievement, look)
    assert BadgeDesign.objects.get().published_at is None


@pytest.mark.one_database
def test_words_that_are_cut_are_said_and_keep_nothing_back() -> None:
    art = renditions.art_with(make_achievement(), Look(shape="hexagon", ring="W" * 120))
    assert badges.faults_of(art) == badges.Faults(
        (), ("The words around the ring are too long, and end in an ellipsis.",)
    )
    long = replace(art, look=Look(), achievement_name="Wide " * 60)
    assert badges.faults_of(long).notes == ("A line on the plate is too long, and ends in an ellipsis.",)


@pytest.mark.one_database
def test_the_words_are_composed_and_must_be_there() -> None:
    achievement = make_achievement(language="de")
    words = badges.words_of(renditions.art_with(achievement, BLUE), "en")
    assert "Shield with a stack of stones" in words
    assert len(badges.words_of(renditions.art_with(achievement, replace(BLUE, ring="W " * 60)), "en")) <= 250
    with pytest.raises(badges.NoWords):
        badges.save_draft(achievement=achievement, chosen=BLUE, words=" ", by=make_rhea(), at=NOON)


def test_two_who_draft_at_once_do_not_lose_each_others_work() -> None:
    achievement = make_achievement()
    badges.save_draft(achievement=achievement, chosen=BLUE, words="One.", by=make_noor(), at=NOON.replace(hour=13))
    with pytest.raises(badges.ChangedMeanwhile):
        badges.save_draft(achievement=achievement, chosen=RED, words="Two.", by=make_rhea(), at=NOON, read_at=NOON)
    badges.discard_draft(achievement=achievement, by=make_rhea(), at=NOON)
    with pytest.raises(badges.NothingToPublish):
        badges.discard_draft(achievement=achievement, by=make_rhea(), at=NOON)
    with pytest.raises(badges.NothingToPublish):
        badges.publish(achievement=achievement, art=renditions.art_with(achievement, RED), by=make_rhea(), at=NOON)


def test_the_table_keeps_one_design_for_a_version() -> None:
    achievement = make_achievement()
    design = published(achievement, BLUE)
    with pytest.raises(IntegrityError), transaction.atomic():
        BadgeDesign.objects.create(
            achievement=achievement,
            since_version=design.since_version,
            published_at=NOON,
            look={},
            words="x",
            author=make_rhea(),
            edited_at=NOON,
        )


def test_pictures_are_kept_as_long_as_a_badge_shows_them() -> None:
    achievement = make_achievement()
    issuer = achievement.issuer
    unused, logo, own = (
        keep_picture(issuer, use=use, colour=colour)
        for use, colour in (("logo", "#111111"), ("logo", "#222222"), ("artwork", "#2E86AB"))
    )
    published(achievement, replace(BLUE, logo=logo.sha256))
    with_logo = renditions.badge_picture(achievement, 2)
    published(achievement, replace(BLUE, artwork=own.sha256))
    assert renditions.badge_picture(achievement, 3) != with_logo
    assert renditions.badge_picture(achievement, 2) == with_logo
    badge_pictures.sweep(at=NOON + badge_pictures.KEPT_FOR)
    assert BadgePicture.objects.count() == 3
    badge_pictures.sweep(at=NOON + badge_pictures.KEPT_FOR + timedelta(seconds=1))
    assert not BadgePicture.objects.filter(pk=unused.pk).exists()
    assert BadgePicture.objects.count() == 2


@pytest.mark.one_database
def test_pictures_that_can_hardly_be_seen_are_not_published() -> None:
    achievement = make_achievement()
    for use, colour, words in (
        ("artwork", "#FFFDE0", "On a light ground the picture can hardly be seen. Give it a darker edge or ground."),
        ("artwork", "#0B1020", "On a dark ground"),
        ("logo", "#FFFDE0", "The logo is too faint"),
    ):
        picture = keep_picture(achievement.issuer, use=use, colour=colour, solid=True)
        look = replace(BLUE, **{use: picture.sha256})
        [wrong] = badges.faults_of(renditions.art_with(achievement, look)).wrong
        assert wrong.startswith(words)
        assert wrong.endswith("and must be 3.")
        with pytest.raises(badges.Unreadable):
            published(achievement, look)


@pytest.mark.one_database
def test_pictures_of_another_issuer_are_none_here() -> None:
    achievement = make_achievement()
    logo = keep_picture(make_issuer(slug="elsewhere", name="Elsewhere"), use="logo", colour="#775500")
    with pytest.raises(badge_pictures.NoSuchPicture):
        renditions.art_with(achievement, replace(BLUE, logo=logo.sha256))
    with pytest.raises(badge_pictures.NoSuchPicture):
        renditions.art_with(achievement, replace(BLUE, artwork="0" * 64))


@pytest.mark.one_database
def test_a_picture_is_kept_once_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = make_issuer()
    made = badge_pictures.artwork.MadeAnew(b"pixels", "image/png", 30, 30, "")
    monkeypatch.setattr(badge_pictures.artwork, "made_anew", lambda content, *, use, name: made)
    said = {"issuer": issuer, "use": "logo", "content": b"x", "name": "a.png", "by": make_rhea()}
    first = badge_pictures.take(**said, at=NOON)
    again = badge_pictures.take(**said, at=NOON.replace(hour=13))
    assert (again.pk, again.added_at.hour) == (first.pk, 13)
    assert badge_pictures.logo_of(issuer) == first.sha256
    monkeypatch.setattr(badge_pictures, "MOST_PICTURES", 1)
    with pytest.raises(badge_pictures.TooManyPictures):
        badge_pictures.take(**said, at=NOON)
