"""Pictures on badges that come from outside: made anew by a process of their own, and judged by what is seen."""

import io

import pytest
import resvg_py
from PIL import Image, ImageDraw, PngImagePlugin

from credentials.rendering import badge
from credentials.rendering.badge import artwork
from credentials.rendering.badge.look import Look

pytestmark = pytest.mark.one_database

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><rect width="10" height="10" fill="#C0392B"/>
<rect x="10" width="10" height="10" fill="#0A3D62"/></svg>"""


def png(colour: str = "#C0392B", size: tuple[int, int] = (400, 200), *, note: str = "") -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("comment", note)
    made = io.BytesIO()
    Image.new("RGBA", size, colour).save(made, "PNG", pnginfo=said)
    return made.getvalue()


def art(content: bytes, *, drawing: str = "") -> badge.Artwork:
    width, height = Image.open(io.BytesIO(content)).size
    return badge.Artwork("0" * 64, "image/png", width, height, content, drawing)


def seen(found: badge.BadgeArt) -> tuple[Image.Image, Image.Image]:
    """The badge as PNG, and as its SVG is drawn by another program."""
    other = resvg_py.svg_to_bytes(svg_string=badge.draw_svg(found), width=120, height=120, skip_system_fonts=True)
    return Image.open(io.BytesIO(badge.draw_png(found, 120))), Image.open(io.BytesIO(bytes(other)))


def test_a_picture_is_drawn_anew_and_keeps_nothing_of_its_file() -> None:
    made = artwork.made_anew(png(note="secret place", size=(900, 300)), use="artwork", name="a.png")
    assert (made.width, made.height, made.drawing, made.media_type) == (600, 200, "", "image/png")
    assert b"secret place" not in made.content
    drawing = artwork.made_anew(SVG.encode(), use="logo", name="a.svg")
    assert (drawing.width, drawing.height) == (384, 192)
    assert "<script" not in drawing.drawing
    left, right = (Image.open(io.BytesIO(drawing.content)).getpixel((x, 90))[:3] for x in (50, 300))
    assert (left, right) == ((192, 57, 43), (10, 61, 98))


@pytest.mark.parametrize(
    ("content", "use", "words"),
    [
        (png(size=(200, 200)), "artwork", "too small"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><text>a</text></svg>", "logo", "Turn its text into paths"),
        (b"GIF89a", "logo", "not a PNG, JPEG, WebP or SVG"),
        (b"x" * (5 << 20) + b"x", "logo", "larger than 5 MB"),
    ],
)
def test_what_cannot_stand_on_a_badge_is_refused_with_what_to_change(content: bytes, use: str, words: str) -> None:
    with pytest.raises(artwork.PictureRefused, match=words):
        artwork.made_anew(content, use=use, name="a")


def test_a_picture_of_ones_own_is_all_that_is_drawn() -> None:
    for picture in (art(png()), art(png(), drawing=SVG.replace(' xmlns="http://www.w3.org/2000/svg"', ""))):
        for drawn in seen(badge.BadgeArt("Maps", "Northfield", "1", look=Look(artwork="0" * 64), artwork=picture)):
            assert [drawn.getpixel((30, y))[3] for y in (10, 60, 110)] == [0, 255, 0]
            assert drawn.getpixel((30, 60)) == (192, 57, 43, 255)


def test_a_logo_stands_on_its_plate_and_comes_with_nothing_from_outside() -> None:
    plain = badge.BadgeArt("Maps", "Northfield", "1", look=Look(mark="NF"))
    with_logo = badge.BadgeArt("Maps", "Northfield", "1", look=Look(mark="NF", logo="0" * 64), logo=art(png("#F0F")))
    for one, other in zip(seen(plain), seen(with_logo), strict=True):
        assert one.getpixel((60, 25)) != other.getpixel((60, 25)) == (255, 0, 255, 255)
    drawn = badge.draw_svg(with_logo)
    assert drawn.count("href=") == drawn.count('href="data:image/png;base64,') == 1
    assert badge.alternative_text(with_logo).endswith("a stack of stones, under the logo of the issuer")


def test_how_well_a_picture_is_seen() -> None:
    dark, light = art(png("#101010")), art(png("#F8F8F8"))
    grounds = ("#FFFFFF", "#12191F")
    assert [artwork.stands_out(dark, ground) > 15 for ground in grounds] == [True, False]
    assert [artwork.stands_out(light, ground) > 15 for ground in grounds] == [False, True]
    edged = Image.new("RGBA", (64, 64), "#101010")
    ImageDraw.Draw(edged).rectangle((0, 0, 63, 63), outline="#FFFFFF", width=3)
    made = io.BytesIO()
    edged.save(made, "PNG")
    assert all(artwork.stands_out(art(made.getvalue()), ground) > 15 for ground in grounds)
    # Nothing to be seen at all, and one that brings its own ground and is faint on it.
    assert artwork.stands_out(art(png("#00000000")), "#FFFFFF") == 1
    assert artwork.ground_for(light, grounds) == ("#FFFFFF", 1.0)
    white = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(white).ellipse((10, 10, 90, 90), fill="white")
    made = io.BytesIO()
    white.save(made, "PNG")
    assert artwork.ground_for(art(made.getvalue()), grounds)[0] == "#12191F"
