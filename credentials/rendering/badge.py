"""Draws the picture of a badge: a cairn in a ring, the achievement's name on a plate, its level on a ribbon.

The PNG is what wallets show and what a credential is baked into; the SVG is the same drawing for pages.
"""

import hashlib
import io
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import cast

from django.utils.translation import gettext
from PIL import Image, ImageDraw, ImageFont, features

from credentials.rendering import fonts
from portal.shared import cairn

Point = tuple[float, float]
Colour = tuple[int, int, int]

_SIDE = 600
# Drawn this much larger and averaged down: even edges, the same on every machine.
_SUPER = 3
_CENTRE: Point = (300.0, 262.0)
_RADIUS = 250.0
_PLATE_TOP, _PLATE_BOTTOM = 372.0, 528.0


@dataclass(frozen=True)
class BadgeArt:
    """What the picture shows; `seed` is the achievement's id and chooses its colours and the shape of its stones."""

    achievement_name: str
    issuer_name: str
    seed: str
    level: str = ""
    kind: str = ""
    stones: tuple[tuple[float, cairn.State], ...] = ((1.0, "earned"),)


@dataclass(frozen=True)
class _Palette:
    rim: str
    rim_dark: str
    field: str
    field_low: str
    stone: str
    stone_light: str


# The house's teal, ink and their neighbours; brass stays the honour on all of them.
_PALETTES = (
    _Palette("#0A5C60", "#07464A", "#DDF0EF", "#F4F7F1", "#0A5C60", "#4C9596"),
    _Palette("#1F4E79", "#163A5C", "#E1ECF8", "#F5F6F2", "#2A5D8C", "#6E9BC4"),
    _Palette("#1B6A3C", "#124A2A", "#E0F1E6", "#F6F7EF", "#2A7348", "#6FAA86"),
    _Palette("#4A3A6B", "#33284C", "#EBE6F4", "#F7F4F0", "#57477A", "#9484B5"),
    _Palette("#7A3B2E", "#592A20", "#F6E7E1", "#F8F4EC", "#8A4838", "#BD8575"),
    _Palette("#2E3F4A", "#17232B", "#E6EBEC", "#F5F4EF", "#3C505C", "#7F919B"),
)
_BRASS, _BRASS_FILL, _BRASS_LIGHT = "#7D5200", "#E3A82B", "#F6DD9C"
_INK, _PAPER = "#17232B", "#FAF8F3"


def alternative_text(art: BadgeArt) -> str:
    """The picture in words, for `alt`."""
    named = {"achievement": art.achievement_name, "issuer": art.issuer_name, "rank": _rank(art)}
    if named["rank"]:
        return gettext("Badge: %(achievement)s (%(rank)s), awarded by %(issuer)s") % named
    return gettext("Badge: %(achievement)s, awarded by %(issuer)s") % named


def draw_png(art: BadgeArt, size: int = 600) -> bytes:
    """The badge as a square PNG with a transparent ground; the same art gives the same bytes on the same machine."""
    scale = size * _SUPER / _SIDE
    canvas = Image.new("RGBA", (size * _SUPER, size * _SUPER), (0, 0, 0, 0))
    pen = ImageDraw.Draw(canvas)
    for shape in _shapes(art):
        points = [(x * scale, y * scale) for x, y in shape.points]
        if shape.fill:
            pen.polygon(points, fill=shape.fill)
        if shape.stroke:
            line = [*points, points[0]] if shape.closed else points
            pen.line(line, fill=shape.stroke, width=max(1, round(shape.width * scale)), joint="curve")
    for label in _labels(art):
        _write(pen, label, scale)
    small = canvas.reduce(_SUPER)
    out = io.BytesIO()
    small.save(out, "PNG", compress_level=6)
    return out.getvalue()


def draw_svg(art: BadgeArt) -> str:
    """The same badge as one `<svg>`: no script, no style, no reference to anything outside."""
    drawn = []
    for shape in _shapes(art):
        data = _path(shape.points) + ("z" if shape.closed else "")
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
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{''.join(drawn)}</svg>"
    )


def _path(points: Sequence[Point]) -> str:
    # Steps in tenths from point to point: a third of the size of absolute places.
    tenths = [(round(x * 10), round(y * 10)) for x, y in points]
    (x, y), rest = tenths[0], tenths[1:]
    data = [f"M{_n(x)} {_n(y)}l"]
    for px, py in rest:
        if (px, py) != (x, y):
            data.append(f"{_n(px - x)} {_n(py - y)} ")
            x, y = px, py
    return "".join(data).replace(" -", "-").rstrip()


def _n(tenths: int) -> str:
    text = f"{tenths / 10:.1f}".removesuffix(".0")
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


@dataclass(frozen=True)
class _Shape:
    points: Sequence[Point]
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    closed: bool = True


@dataclass(frozen=True)
class _Label:
    text: str
    x: float
    baseline: float
    size: float
    colour: str
    bold: bool
    measured: float
    room: float
    direction: str
    rank: bool = False

    families = "Noto Serif, Georgia, P052, DejaVu Serif, serif"


def _shapes(art: BadgeArt) -> Iterable[_Shape]:
    palette = _PALETTES[hashlib.sha256(art.seed.encode()).digest()[0] % len(_PALETTES)]
    x, y = _CENTRE
    # The rim is scalloped like a seal: a brass edge, the colour, a brass hairline.
    yield _Shape(_scallops(x, y, _RADIUS, 5.0), fill=_BRASS_FILL)
    yield _Shape(_scallops(x, y, _RADIUS - 7, 5.0), fill=palette.rim_dark)
    yield _Shape(_circle(x, y, _RADIUS - 16), fill=palette.rim)
    yield from _guilloche(x, y, _RADIUS - 46, _RADIUS - 20, palette.stone_light)
    inner = _RADIUS - 53
    # The sky pales towards the ground.
    for band in range(12):
        share = band / 11
        yield _Shape(
            _segment(x, y, inner, -inner + 2 * inner * band / 12), fill=_mix(palette.field, palette.field_low, share)
        )
    yield from _ground(x, y, inner, palette)
    yield from _stack(art, palette)
    yield from _ribbons(art, palette)


def _stack(art: BadgeArt, palette: _Palette) -> Iterable[_Shape]:
    stack = cairn.stones([(f"{art.seed}/{i}", width, state) for i, (width, state) in enumerate(art.stones)])
    left, top, right, _ = cairn.bounds(stack)
    scale = min(212 / (right - left), 196 / -top)
    middle, ground = _CENTRE[0] - (left + right) / 2 * scale, 350.0

    def placed(points: Iterable[Point]) -> list[Point]:
        return [(middle + px * scale, ground + py * scale) for px, py in points]

    yield _Shape(
        _ellipse(_CENTRE[0], ground, 0.56 * stack[0].width * scale, 7),
        fill=_mix(_floor(palette), palette.rim_dark, 0.45),
    )
    last = len(stack) - 1
    for index, stone in enumerate(stack):
        outline = cairn.curve_points(stone.corners, 4)
        crowned = index == last
        body, light = (_BRASS_FILL, _BRASS_LIGHT) if crowned else (palette.stone, palette.stone_light)
        edge = _BRASS if crowned else palette.rim_dark
        if stone.state != "earned":
            yield _Shape(placed(outline), fill=_PAPER, stroke=edge, width=3)
            continue
        yield _Shape(placed(outline), fill=edge)
        # Light from above and the left: the same stone, smaller and smaller, paler and paler.
        cx, cy = stone.x, (stone.top + stone.bottom) / 2
        height = stone.bottom - stone.top
        for step in range(7):
            share = step / 6
            sx, sy = 0.965 - 0.36 * share, 0.92 - 0.56 * share
            dx, dy = -0.09 * stone.width * share, -(0.03 + 0.17 * share) * height
            moved = [(cx + (px - cx) * sx + dx, cy + (py - cy) * sy + dy) for px, py in outline]
            yield _Shape(placed(moved), fill=_mix(body, light, share * share))


def _ground(x: float, y: float, radius: float, palette: _Palette) -> Iterable[_Shape]:
    """Two ridges behind, and the level lines of the ground in front."""
    for lift, sway, tone in ((262.0, 0.7, 0.14), (300.0, 2.9, 0.24)):
        ridge = [
            (
                x - radius + s * 2 * radius / 60,
                lift + 16 * math.sin(s * 0.19 + sway) + 7 * math.sin(s * 0.47 + sway * 2),
            )
            for s in range(61)
        ]
        yield _Shape(_within(ridge, x, y, radius), fill=_mix(palette.field_low, palette.rim, tone))
    floor = [(x - radius + s * 2 * radius / 60, 344 + 3 * math.sin(s * 0.2)) for s in range(61)]
    yield _Shape(_within(floor, x, y, radius), fill=_floor(palette))
    yield _Shape(_circle(x, y, radius + 2.5), stroke=_BRASS_FILL, width=5)


def _floor(palette: _Palette) -> str:
    return _mix(palette.field_low, palette.rim, 0.38)


def _within(line: Sequence[Point], x: float, y: float, radius: float) -> list[Point]:
    """The part of the circle below the line."""
    upper = []
    for px, py in line:
        half = math.sqrt(max(0.0, radius**2 - (px - x) ** 2))
        upper.append((px, min(max(py, y - half), y + half)))
    lower = [(px, y + math.sqrt(max(0.0, radius**2 - (px - x) ** 2))) for px, _ in reversed(line)]
    return upper + lower


def _ribbons(art: BadgeArt, palette: _Palette) -> Iterable[_Shape]:
    """The plate with the name, its ends folded back behind it; below, when there is one, the ribbon of the level."""
    top, bottom = _PLATE_TOP, _PLATE_BOTTOM
    for side in (-1, 1):

        def at(px: float, py: float, side: int = side) -> Point:
            return (300 + side * px, py)

        tail = [
            at(205, top + 26),
            at(292, top + 26),
            at(272, (top + bottom) / 2 + 16),
            at(292, bottom + 6),
            at(205, bottom + 6),
        ]
        yield _Shape(tail, fill=palette.rim, stroke=_BRASS_FILL, width=2.5)
        yield _Shape([at(246, bottom), at(205, bottom), at(205, bottom + 22)], fill=palette.rim_dark)
    if _rank(art):
        half = 46 + 0.5 * next(label.measured for label in _labels(art) if label.rank)
        low, high = bottom - 4, bottom + 46
        yield _Shape(
            [
                (300 - half, low),
                (300 + half, low),
                (300 + half - 16, (low + high) / 2),
                (300 + half, high),
                (300 - half, high),
                (300 - half + 16, (low + high) / 2),
            ],
            fill=_BRASS_FILL,
            stroke=_BRASS,
            width=2.5,
        )
    yield _Shape(_arched(300, 254, top, bottom), fill=_PAPER, stroke=_BRASS_FILL, width=5)
    yield _Shape(_arched(300, 246, top + 8, bottom - 8), stroke=palette.rim, width=1.6)


def _rank(art: BadgeArt) -> str:
    return " · ".join(filter(None, (art.kind, art.level)))


@lru_cache(256)
def _labels(art: BadgeArt) -> tuple[_Label, ...]:
    labels: list[_Label] = []
    issuer_lines, issuer_size = _fitted(
        art.issuer_name, room=400, height=26, largest=19, smallest=13, lines=1, bold=False
    )
    name_height = _PLATE_BOTTOM - _PLATE_TOP - 58
    lines, size = _fitted(
        art.achievement_name, room=446, height=name_height, largest=44, smallest=17, lines=3, bold=True
    )
    leading = size * 1.16
    middle = _PLATE_TOP + 14 + name_height / 2
    first = middle - leading * (len(lines) - 1) / 2 + size * 0.34
    labels += [
        _label(line, baseline=first + i * leading, size=size, colour=_INK, bold=True, room=446)
        for i, line in enumerate(lines)
    ]
    labels += [
        _label(line, baseline=_PLATE_BOTTOM - 22, size=issuer_size, colour="#4B5862", bold=False, room=400)
        for line in issuer_lines
    ]
    if rank := _rank(art):
        [shown], size = _fitted(rank, room=330, height=34, largest=23, smallest=13, lines=1, bold=True)
        label = _label(shown, baseline=_PLATE_BOTTOM + 30, size=size, colour=_INK, bold=True, room=330)
        labels.append(replace(label, rank=True))
    return tuple(labels)


def _label(text: str, *, baseline: float, size: float, colour: str, bold: bool, room: float) -> _Label:
    direction = "rtl" if _is_rtl(text) else "ltr"
    return _Label(text, 300, baseline, size, colour, bold, _measure(text, size, bold), room, direction)


def _fitted(
    text: str, *, room: float, height: float, largest: int, smallest: int, lines: int, bold: bool
) -> tuple[list[str], float]:
    """The text in as few and as even lines as its largest size allows; cut with an ellipsis only when nothing fits."""
    text = " ".join(text.split())
    for size in range(largest, smallest - 1, -1):
        for count in range(1, lines + 1):
            if count * size * 1.16 > height:
                break
            broken = _broken(text, count, size, bold)
            if all(_measure(line, size, bold) <= room for line in broken):
                return broken, size
    kept = _broken(text, lines, smallest, bold)
    return [_cut(line, room, smallest, bold) for line in kept], smallest


def _broken(text: str, count: int, size: float, bold: bool) -> list[str]:
    """At most that many lines of about equal length; scripts without spaces break between characters."""
    if count == 1:
        return [text]
    pieces = text.split(" ")
    glue = " "
    if len(pieces) < count:
        pieces, glue = _clusters(text), ""
    target = _measure(text, size, bold) / count
    found: list[str] = []
    line = ""
    for piece in pieces:
        longer = f"{line}{glue}{piece}" if line else piece
        # A piece belongs to the line that it lies in for the greater part.
        if line and len(found) < count - 1 and _measure(longer, size, bold) - _measure(piece, size, bold) / 2 > target:
            found.append(line)
            line = piece
        else:
            line = longer
    return [*found, line]


def _clusters(text: str) -> list[str]:
    found: list[str] = []
    for character in text:
        if found and (unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Mc", "Cf")):
            found[-1] += character
        else:
            found.append(character)
    return found


def _cut(text: str, room: float, size: float, bold: bool) -> str:
    kept = _clusters(text)
    while len(kept) > 1 and _measure("".join(kept) + "…", size, bold) > room:
        kept.pop()
    return text if len(kept) == len(_clusters(text)) and _measure(text, size, bold) <= room else "".join(kept) + "…"


def _write(pen: ImageDraw.ImageDraw, label: _Label, scale: float) -> None:
    runs = _runs(label.text, label.bold)
    widths = [_length(part, path, face, label.size * scale) for part, path, face in runs]
    x = label.x * scale - sum(widths) / 2
    if label.direction == "rtl":
        runs, widths = runs[::-1], widths[::-1]
    for (part, path, face), width in zip(runs, widths, strict=True):
        pen.text(
            (x, label.baseline * scale),
            part,
            fill=label.colour,
            font=_font(path, face, label.size * scale),
            anchor="ls",
            # The face of Pillow itself is set letter after letter.
            direction=label.direction if _SHAPES and path else None,
        )
        x += width


def _measure(text: str, size: float, bold: bool) -> float:
    # Measured large and scaled: widths at small sizes are rounded to whole pixels.
    return sum(_length(part, path, face, 96) for part, path, face in _runs(text, bold)) * size / 96


@lru_cache(4096)
def _length(text: str, path: str, face: int, size: float) -> float:
    return float(_font(path, face, size).getlength(text))


# Without Raqm, Pillow sets letter after letter: Latin is right, joined scripts are not.
_SHAPES = bool(features.check("raqm"))
_FAMILIES = {
    "ARABIC": "Noto Naskh Arabic",
    "HEBREW": "Noto Serif Hebrew",
    "DEVANAGARI": "Noto Serif Devanagari",
    "CJK": "Noto Serif CJK SC",
    "HIRAGANA": "Noto Serif CJK JP",
    "KATAKANA": "Noto Serif CJK JP",
    "HANGUL": "Noto Serif CJK KR",
}


@lru_cache(1024)
def _runs(text: str, bold: bool) -> tuple[tuple[str, str, int], ...]:
    """The text in pieces of one script, each with the font file that draws it; Pillow itself falls back to none."""
    pieces: list[tuple[str, str]] = []
    for character in text:
        script = unicodedata.name(character, "").split(" ")[0] if character.isalpha() else ""
        family = _FAMILIES.get(script, "Noto Serif")
        neutral = not script or unicodedata.combining(character)
        if pieces and (neutral or pieces[-1][1] == family):
            pieces[-1] = (pieces[-1][0] + character, pieces[-1][1])
        else:
            pieces.append((character, family))
    runs = []
    for piece, family in pieces:
        path, face = fonts.font_file("".join(sorted(set(piece))), family, bold=bold) or ("", 0)
        runs.append((piece, path, face))
    return tuple(runs)


@lru_cache(64)
def _font(path: str, face: int, size: float) -> ImageFont.FreeTypeFont:
    if path:
        return ImageFont.truetype(path, size, index=face)
    # No fontconfig, no Noto: the face that comes with Pillow.
    return cast(ImageFont.FreeTypeFont, ImageFont.load_default(size))


def _is_rtl(text: str) -> bool:
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return False
            case "R" | "AL":
                return True
    return False


def _guilloche(x: float, y: float, inner: float, outer: float, colour: str) -> Iterable[_Shape]:
    middle, swing = (inner + outer) / 2, (outer - inner) / 2 - 1
    for turn in range(3):
        points = []
        for i in range(36 * 10):
            angle = math.tau * i / 360
            radius = middle + swing * math.sin(36 * angle + math.tau * turn / 3)
            points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
        yield _Shape(points, stroke=colour, width=1.5)


def _scallops(x: float, y: float, radius: float, depth: float) -> list[Point]:
    return [
        (
            x + (radius - depth * abs(math.sin(24 * a))) * math.cos(a),
            y + (radius - depth * abs(math.sin(24 * a))) * math.sin(a),
        )
        for a in (math.tau * i / 480 for i in range(480))
    ]


def _circle(x: float, y: float, radius: float) -> list[Point]:
    return _ellipse(x, y, radius, radius)


def _ellipse(x: float, y: float, across: float, down: float) -> list[Point]:
    return [(x + across * math.cos(a), y + down * math.sin(a)) for a in (math.tau * i / 180 for i in range(180))]


def _segment(x: float, y: float, radius: float, above: float) -> list[Point]:
    """The circle without what lies higher than `above`, counted from its centre."""
    start = math.asin(max(-1.0, min(1.0, above / radius)))
    return [
        (x + radius * math.cos(a), y + radius * math.sin(a))
        for a in (start + (math.pi - 2 * start) * i / 90 for i in range(91))
    ]


def _arched(x: float, half: float, top: float, bottom: float) -> list[Point]:
    """A plate whose upper and lower edges swell a little, as a bent ribbon does."""
    across = [half * (i / 24) for i in range(-24, 25)]

    def swell(at: float) -> float:
        return 12 * (1 - (at / half) ** 2)

    upper = [(x + at, top + 12 - swell(at)) for at in across]
    lower = [(x + at, bottom) for at in reversed(across)]
    return upper + lower


def _mix(one: str, other: str, share: float) -> str:
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _rgb(colour: str) -> Colour:
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))
