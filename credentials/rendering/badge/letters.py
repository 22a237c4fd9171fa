"""Words as outlines, so that they can be bent around a ring, and look the same wherever the drawing is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from math import cos, sin
from typing import cast

import uharfbuzz as hb
from PIL import ImageFont

from credentials.rendering.badge.art import Point
from credentials.rendering.badge.lettering import is_rtl, runs_of

Contour = tuple[Point, ...]
Glyph = tuple[Contour, ...]

# A curve of a letter as so many straight steps: enough for a badge a thousand pixels wide.
_QUADRATIC, _CUBIC = 4, 6


@dataclass(frozen=True)
class Letters:
    """Glyphs in their places, filled together; within one, what lies in a contour inside another is a hole."""

    glyphs: Sequence[Glyph]
    fill: str


@dataclass(frozen=True)
class Line:
    """One line of words, in hundredths of its size: from 0 to the right, and up from its baseline."""

    glyphs: tuple[Glyph, ...]
    width: float


@lru_cache(256)
def line_of(text: str, bold: bool) -> Line:
    """The line shaped by HarfBuzz, each run with the font that draws it; a letter that none draws is a box."""
    runs = runs_of(text, bold)
    if is_rtl(text):
        runs = runs[::-1]
    glyphs: list[Glyph] = []
    at = 0.0
    for part, path, face in runs:
        at = _run(glyphs, part, _font(path, face, bold), at)
    return Line(tuple(glyphs), at)


def straight(line: Line, *, x: float, baseline: float, size: float, fill: str) -> Letters:
    """The line with its middle at x."""
    scale = size / 100
    left = x - line.width * scale / 2
    return Letters(
        [
            tuple(tuple((left + px * scale, baseline - py * scale) for px, py in contour) for contour in glyph)
            for glyph in line.glyphs
        ],
        fill,
    )


def bent(line: Line, *, centre: Point, radius: float, size: float, fill: str) -> Letters:
    """The line around the top of a circle, its baseline at this radius; each point is bent, so that joins stay."""
    scale = size / 100
    # Where letters are widest they keep their width; feet are closer, heads further apart.
    middle = radius + 0.35 * size

    def around(point: Point) -> Point:
        angle = (point[0] - line.width / 2) * scale / middle
        away = radius + point[1] * scale
        return (centre[0] + away * sin(angle), centre[1] - away * cos(angle))

    return Letters(
        [tuple(tuple(around(point) for point in contour) for contour in glyph) for glyph in line.glyphs], fill
    )


def _run(glyphs: list[Glyph], text: str, font: hb.Font, at: float) -> float:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    unit = 100 / font.face.upem
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        pen = _Pen(at + position.x_offset * unit, position.y_offset * unit, unit)
        font.draw_glyph_with_pen(info.codepoint, pen)
        if pen.contours:
            glyphs.append(tuple(pen.contours))
        at += position.x_advance * unit
    return at


@lru_cache(32)
def _font(path: str, face: int, bold: bool) -> hb.Font:
    if path:
        blob = hb.Blob.from_file_path(path)
    else:
        # No fontconfig, no Noto: the face that comes with Pillow.
        plain = cast(ImageFont.FreeTypeFont, ImageFont.load_default(20))
        blob = hb.Blob(cast(BytesIO, plain.path).getvalue())
    font = hb.Font(hb.Face(blob, face))
    if font.face.has_var_data and bold:
        font.set_variations({"wght": 600})
    return font


class _Pen:
    """Takes down what a glyph is drawn with, its curves as short straight steps."""

    def __init__(self, x: float, y: float, unit: float) -> None:
        self.contours: list[Contour] = []
        self._x, self._y, self._unit = x, y, unit
        self._line: list[Point] = []

    def moveTo(self, to: Point) -> None:  # noqa: N802 - as HarfBuzz calls it
        self._line = [to]

    def lineTo(self, to: Point) -> None:  # noqa: N802
        self._line.append(to)

    def qCurveTo(self, by: Point, to: Point) -> None:  # noqa: N802
        start = self._line[-1]
        for step in range(1, _QUADRATIC + 1):
            t = step / _QUADRATIC
            self._line.append(_between(_between(start, by, t), _between(by, to, t), t))

    def curveTo(self, one: Point, other: Point, to: Point) -> None:  # noqa: N802
        start = self._line[-1]
        for step in range(1, _CUBIC + 1):
            t = step / _CUBIC
            first, second, third = _between(start, one, t), _between(one, other, t), _between(other, to, t)
            self._line.append(_between(_between(first, second, t), _between(second, third, t), t))

    def closePath(self) -> None:  # noqa: N802
        if len(self._line) > 2:
            self.contours.append(tuple((self._x + x * self._unit, self._y + y * self._unit) for x, y in self._line))
        self._line = []

    endPath = closePath  # noqa: N815


def _between(one: Point, other: Point, share: float) -> Point:
    return (one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share)
