"""Draws the picture of a badge: what stands in its ring, the achievement's name on a plate, its level on a ribbon.

Or what its registrar has drawn elsewhere, in place of all that.

The PNG is what wallets show and what a credential is baked into; the SVG is the same drawing for pages.
"""

import io
import math
from collections.abc import Iterable
from html import escape

from django.utils.translation import gettext
from PIL import Image, ImageChops, ImageDraw

from credentials.rendering.badge import composed, scene
from credentials.rendering.badge.art import SIDE, BadgeArt, rank_of
from credentials.rendering.badge.artwork import Artwork, Placed
from credentials.rendering.badge.lettering import Label, labels_of, write
from credentials.rendering.badge.letters import Letters
from credentials.rendering.badge.look import SHAPES, SYMBOLS, Look
from credentials.rendering.badge.outlines import Shape, path_data

__all__ = ["Artwork", "BadgeArt", "Look", "alternative_text", "draw_png", "draw_svg"]

# Drawn this much larger and averaged down: even edges, the same on every machine.
_SUPER = 3


def alternative_text(art: BadgeArt) -> str:
    """The picture in words, for `alt`, from what it is made of."""
    named = {"achievement": art.achievement_name, "issuer": art.issuer_name, "rank": rank_of(art)}
    if named["rank"]:
        said = gettext("Badge: %(achievement)s (%(rank)s), awarded by %(issuer)s") % named
    else:
        said = gettext("Badge: %(achievement)s, awarded by %(issuer)s") % named
    if art.look is None or art.artwork:
        return said
    parts = {"shape": SHAPES[art.look.shape], "symbol": SYMBOLS[art.look.symbol], "ring": art.look.ring}
    if art.look.ring:
        said += gettext(". %(shape)s with %(symbol)s, and around it the words “%(ring)s”") % parts
    else:
        said += gettext(". %(shape)s with %(symbol)s") % parts
    return said + (gettext(", under the logo of the issuer") if art.logo else "")


def _shapes(art: BadgeArt) -> Iterable[Shape | Letters | Placed]:
    if art.artwork:
        scale = SIDE / max(art.artwork.width, art.artwork.height)
        width, height = art.artwork.width * scale, art.artwork.height * scale
        return [Placed(art.artwork, (SIDE - width) / 2, (SIDE - height) / 2, width, height)]
    return composed.shapes(art, art.look) if art.look else scene.shapes(art)


def _labels(art: BadgeArt) -> tuple[Label, ...]:
    return () if art.artwork else labels_of(art)


def draw_png(art: BadgeArt, size: int = 600) -> bytes:
    """The badge as a square PNG with a transparent ground; the same art gives the same bytes on the same machine."""
    scale = size * _SUPER / SIDE
    canvas = Image.new("RGBA", (size * _SUPER, size * _SUPER), (0, 0, 0, 0))
    pen = ImageDraw.Draw(canvas)
    for shape in _shapes(art):
        if isinstance(shape, Letters):
            _fill(canvas, shape, scale)
            continue
        if isinstance(shape, Placed):
            _place(canvas, shape, scale)
            continue
        points = [(x * scale, y * scale) for x, y in shape.points]
        if shape.fill:
            pen.polygon(points, fill=shape.fill)
        if shape.stroke:
            line = [*points, points[0]] if shape.closed else points
            pen.line(line, fill=shape.stroke, width=max(1, round(shape.width * scale)), joint="curve")
    for label in _labels(art):
        write(pen, label, scale)
    small = canvas.reduce(_SUPER)
    out = io.BytesIO()
    small.save(out, "PNG", compress_level=6)
    return out.getvalue()


def draw_svg(art: BadgeArt) -> str:
    """The same badge as one `<svg>`: no script, no style, no reference to anything outside."""
    drawn = []
    for shape in _shapes(art):
        if isinstance(shape, Letters):
            outlines = "z".join(path_data(contour) for glyph in shape.glyphs for contour in glyph)
            drawn.append(f'<path d="{outlines}z" fill="{shape.fill}"/>' if outlines else "")
            continue
        if isinstance(shape, Placed):
            drawn.append(shape.svg())
            continue
        data = path_data(shape.points) + ("z" if shape.closed else "")
        paint = f'fill="{shape.fill or "none"}"'
        if shape.stroke:
            paint += f' stroke="{shape.stroke}" stroke-width="{shape.width:g}" stroke-linejoin="round"'
        drawn.append(f'<path d="{data}" {paint}/>')
    for label in _labels(art):
        # A viewer without our fonts may set wider letters: the length keeps them on the plate.
        long = label.measured > 0.8 * label.room
        fit = f' textLength="{label.measured:.0f}" lengthAdjust="spacingAndGlyphs"' if long else ""
        weight = ' font-weight="600"' if label.bold else ""
        drawn.append(
            f'<text x="{label.x:g}" y="{label.baseline:.1f}" font-size="{label.size:g}" fill="{label.colour}"'
            f' text-anchor="middle" font-family="{label.families}"{weight}{fit}'
            f' direction="{label.direction}">{escape(label.text)}</text>'
        )
    name = escape(alternative_text(art))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{''.join(drawn)}</svg>"
    )


def _place(canvas: Image.Image, placed: Placed, scale: float) -> None:
    size = (max(1, round(placed.width * scale)), max(1, round(placed.height * scale)))
    picture = placed.picture.opened().resize(size, Image.Resampling.LANCZOS)
    canvas.alpha_composite(picture, (round(placed.x * scale), round(placed.y * scale)))


def _fill(canvas: Image.Image, letters: Letters, scale: float) -> None:
    """Each glyph by itself: where two of them touch, as in joined scripts, there is no hole."""
    for glyph in letters.glyphs:
        outlines = [[(x * scale, y * scale) for x, y in contour] for contour in glyph]
        points = [point for outline in outlines for point in outline]
        left, top = (math.floor(min(point[axis] for point in points)) for axis in (0, 1))
        right, bottom = (math.ceil(max(point[axis] for point in points)) for axis in (0, 1))
        size = (right - left + 1, bottom - top + 1)
        mask = Image.new("1", size)
        for outline in outlines:
            one = Image.new("1", size)
            ImageDraw.Draw(one).polygon([(x - left, y - top) for x, y in outline], fill=1)
            mask = ImageChops.logical_xor(mask, one)
        canvas.paste(letters.fill, (left, top), mask)
