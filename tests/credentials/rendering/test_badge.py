"""Tests the badge picture."""

import io
import re
from dataclasses import replace

import pytest
from PIL import Image

from credentials.rendering import badge, fonts
from credentials.rendering.badge import lettering

ART = badge.BadgeArt(
    achievement_name="Data Analyst Diploma",
    issuer_name="Northfield College",
    seed="0b9e",
    level="EQF level 6",
    kind="Diploma",
    stones=((60, "earned"), (30, "earned"), (20, "earned")),
)


def picture(art=ART, size=600):
    return Image.open(io.BytesIO(badge.draw_png(art, size)))


def test_it_is_a_square_picture_on_a_transparent_ground():
    drawn = picture(size=300)
    assert (drawn.format, drawn.mode, drawn.size) == ("PNG", "RGBA", (300, 300))
    assert drawn.getpixel((2, 2))[3] == 0
    assert drawn.getpixel((150, 60))[3] == 255


def test_the_same_art_gives_the_same_bytes():
    first = badge.draw_png(ART, 300)
    lettering.labels_of.cache_clear()
    lettering.runs_of.cache_clear()
    assert badge.draw_png(ART, 300) == first


@pytest.mark.parametrize(
    "change",
    [
        {"achievement_name": "Data Engineer Diploma"},
        {"issuer_name": "Southfield College"},
        {"level": "EQF level 5"},
        {"kind": ""},
        {"seed": "1"},
        {"stones": ((60, "earned"),)},
    ],
)
def test_everything_said_can_be_seen(change):
    assert picture(size=200).tobytes() != picture(replace(ART, **change), 200).tobytes()
    assert badge.draw_svg(ART) != badge.draw_svg(replace(ART, **change))


@pytest.mark.parametrize(
    "name",
    [
        "A",
        "Introduction to Databases",
        "Postgraduate Certificate in the Responsible Use of Very Large Administrative Data Sets " * 2,
        "Pneumonoultramicroscopicsilicovolcanoconiosis-Awareness-Certificate",
        "دبلوم تحليل البيانات",
        "数据伦理与负责任的人工智能应用证书" * 3,
        "अनुप्रयुक्त सांख्यिकी",
        "e\u0301\u0302" * 80,
    ],
)
def test_no_name_leaves_its_plate(name):
    for label in lettering.labels_of(replace(ART, achievement_name=name)):
        assert label.measured <= label.room + 0.5
    baselines = [label.baseline for label in lettering.labels_of(replace(ART, achievement_name=name))]
    assert baselines == sorted(baselines)


def test_a_name_is_broken_not_shortened_while_there_is_room():
    name = "Certificate in the Responsible Use of Administrative Data"
    shown = [
        label.text
        for label in lettering.labels_of(replace(ART, achievement_name=name))
        if label.bold and not label.rank
    ]
    assert " ".join(shown) == name


def test_names_in_joined_scripts_are_shaped():
    if fonts.missing_glyphs("بيت") or not lettering._SHAPES:
        pytest.skip("no Arabic font, or no Raqm")
    # Joined letters are narrower than the same letters standing alone.
    alone = sum(lettering.measure(letter, 40, True) for letter in "بيت")
    assert lettering.measure("بيت", 40, True) < 0.8 * alone


def test_the_svg_runs_nothing_and_fetches_nothing():
    drawn = badge.draw_svg(replace(ART, achievement_name='<script>alert("1")</script>'))
    assert not re.search(r"<script|style|href|url\(|\bid=|\bon\w+=|<image|<foreignObject", drawn)
    assert "&lt;script&gt;" in drawn
    assert len(drawn) < 70_000


def test_the_words_name_achievement_rank_and_issuer():
    assert (
        badge.alternative_text(ART)
        == "Badge: Data Analyst Diploma (Diploma · EQF level 6), awarded by Northfield College"
    )
    plain = replace(ART, kind="", level="")
    assert badge.alternative_text(plain) == "Badge: Data Analyst Diploma, awarded by Northfield College"


def test_it_is_drawn_without_fontconfig(monkeypatch):
    lettering.runs_of.cache_clear()
    lettering.labels_of.cache_clear()
    monkeypatch.setattr(fonts, "font_file", lambda *_, **__: None)
    try:
        assert picture(size=200).getpixel((100, 40))[3] == 255
    finally:
        lettering.runs_of.cache_clear()
        lettering.labels_of.cache_clear()
