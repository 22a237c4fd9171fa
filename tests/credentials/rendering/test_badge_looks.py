"""Badges whose look was chosen: every shape and symbol, words of any script on the ring, and the same bytes again."""

import io
import re
from dataclasses import replace
from math import dist

import pytest
from PIL import Image

from credentials.rendering import badge, fonts
from credentials.rendering.badge import composed, lettering, letters
from credentials.rendering.badge.art import CENTRE
from credentials.rendering.badge.look import COLOURS, SHAPES, SYMBOLS, Look

ART = badge.BadgeArt(
    achievement_name="Certificate in Data Practice",
    issuer_name="Northfield College",
    seed="0b9e",
    level="EQF 5",
    kind="Certificate",
    stones=((1.0, "earned"),) * 3,
    look=Look(shape="hexagon", colour="blue", ring="Faculty of Numbers", mark="NC"),
)
LONGEST = "Postgraduate school of the responsible use of large administrative data sets in public service, and beyond"


def with_look(**changes: str) -> badge.BadgeArt:
    return replace(ART, look=replace(ART.look, **changes))


def pixels(art: badge.BadgeArt, size: int = 120) -> bytes:
    return Image.open(io.BytesIO(badge.draw_png(art, size))).tobytes()


def bent_words(art: badge.BadgeArt) -> list[tuple[float, float]]:
    drawn = [each for each in composed.shapes(art, art.look) if isinstance(each, letters.Letters)]
    return [point for glyph in drawn[0].glyphs for contour in glyph for point in contour]


def test_every_choice_can_be_seen_and_each_is_drawn() -> None:
    seen = {badge.draw_svg(ART)}
    choices = [("shape", SHAPES), ("colour", COLOURS), ("symbol", SYMBOLS), ("ribbon", ("kind", "none"))]
    for name, values in choices:
        seen |= {badge.draw_svg(with_look(**{name: value})) for value in values if value != getattr(ART.look, name)}
    others = {"ring": "", "mark": "", "colour": "#B03A5B"}
    seen |= {badge.draw_svg(with_look(**{name: value})) for name, value in others.items()}
    assert len(seen) == 1 + (len(SHAPES) - 1) + (len(COLOURS) - 1) + (len(SYMBOLS) - 1) + 2 + 3
    assert len({pixels(with_look(shape=shape), 50) for shape in SHAPES}) == len(SHAPES)


def test_the_same_look_gives_the_same_bytes_and_a_drawing_needs_no_fonts_for_its_ring() -> None:
    first, drawing = badge.draw_png(ART, 200), badge.draw_svg(ART)
    for cache in (lettering.labels_of, lettering.runs_of, letters.line_of, letters._font, composed._fitted_ring):
        cache.cache_clear()
    assert (badge.draw_png(ART, 200), badge.draw_svg(ART)) == (first, drawing)
    assert "Faculty of Numbers" not in re.sub(r"<title>.*?</title>|aria-label=\"[^\"]*\"", "", drawing)
    assert not re.search(r"<script|style|href|url\(|\bid=|\bon\w+=|<image|<foreignObject", drawing)


def test_level_and_kind_choose_the_ribbon() -> None:
    assert len({badge.draw_svg(replace(ART, level=f"EQF {level}")).count("#D3A077") for level in (2, 5, 7)}) == 2
    assert composed.palette_of(Look()).rim == "#0A5C60"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "ring", ["A", LONGEST, "كلية الشمال للعلوم التطبيقية" * 3, "कला और विज्ञान संकाय", "数据科学" * 25]
)
def test_no_words_leave_their_ring(shape: str, ring: str) -> None:
    art = with_look(shape=shape, ring=ring)
    radius = composed._OUTLINES[shape][1]
    for point in bent_words(art):
        assert radius - 53 <= dist(point, CENTRE) <= radius - 14
        # Nor do they come down to the plate.
        assert point[1] < 372


def test_words_shrink_before_they_are_broken_and_are_broken_before_they_are_cut() -> None:
    short, long = composed.ring_lines(Look(ring="Faculty")), composed.ring_lines(Look(shape="hexagon", ring=LONGEST))
    assert (short[0], short[1]) == (["Faculty"], 24)
    assert len(long[0]) == 2
    assert long[1] < 24
    assert not composed.ring_is_cut(Look(shape="hexagon", ring=LONGEST))
    assert composed.ring_is_cut(Look(shape="hexagon", ring="数" * 120))
    assert composed.ring_lines(Look(shape="hexagon", ring="数" * 120))[0][-1].endswith("…")


def test_joined_letters_stay_joined_around_the_ring() -> None:
    if fonts.missing_glyphs("بيت"):
        pytest.skip("no Arabic font")
    together = letters.line_of("بيت", True).width
    assert together < 0.8 * sum(letters.line_of(letter, True).width for letter in "بيت")


def test_holes_stay_open_where_glyphs_have_them() -> None:
    look = Look(shape="circle", ring="OOOOOOOO", colour="slate")
    [first, *_others] = letters.line_of("O", True).glyphs
    assert len(first) == 2
    assert pixels(replace(ART, look=look)) != pixels(replace(ART, look=replace(look, ring="00000000")))


def test_it_is_drawn_without_fontconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    caches = (lettering.labels_of, lettering.runs_of, letters.line_of, composed._fitted_ring)
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(fonts, "font_file", lambda *_, **__: None)
    try:
        assert len(bent_words(ART)) > 100
        assert pixels(ART)
    finally:
        for cache in caches:
            cache.cache_clear()


def test_the_words_name_every_part() -> None:
    assert badge.alternative_text(ART) == (
        "Badge: Certificate in Data Practice (Certificate · EQF 5), awarded by Northfield College. "
        "Hexagon with a stack of stones, and around it the words “Faculty of Numbers”"
    )
    assert badge.alternative_text(with_look(ring="", ribbon="none")).endswith("College. Hexagon with a stack of stones")
