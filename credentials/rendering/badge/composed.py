"""The drawing of a badge whose look somebody has chosen: shape, ring of words, symbol and mark, from the ground up."""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from credentials.rendering.badge import symbols
from credentials.rendering.badge.art import (
    BRASS_FILL,
    CENTRE,
    INK,
    PALETTES,
    PAPER,
    BadgeArt,
    Palette,
    Point,
)
from credentials.rendering.badge.artwork import Artwork, Placed, ground_for
from credentials.rendering.badge.lettering import fitted
from credentials.rendering.badge.letters import Letters, bent, line_of, straight
from credentials.rendering.badge.look import COLOURS, Look
from credentials.rendering.badge.outlines import Shape, circle, guilloche, mix, scallops, segment
from credentials.rendering.badge.scene import GROUND, ground, ribbons, stack_of
from credentials.rendering.design import contrast

# Of the arc above the plate, in radians; the words keep away from its ends.
_ARC = math.radians(204)
_MARK_RADIUS = 29.0
_LOGO_HEIGHT = 62.0
# What a logo may stand on, the first where it can be read there.
LOGO_GROUNDS = (PAPER, INK)

Outline = Callable[[float], list[Point]]


def shapes(art: BadgeArt, look: Look) -> Iterable[Shape | Letters | Placed]:
    """Everything that is drawn before the words on plate and ribbon."""
    palette = palette_of(look)
    x, y = CENTRE
    outline, radius = _OUTLINES[look.shape]
    yield Shape(outline(0), fill=BRASS_FILL)
    yield Shape(outline(7), fill=palette.rim_dark)
    yield Shape(outline(16), fill=palette.rim)
    inner = radius - 53
    if look.ring:
        yield from _ring(look, palette, radius)
    else:
        yield from guilloche(x, y, radius - 46, radius - 20, palette.stone_light)
    for band in range(12):
        share = band / 11
        sky = segment(x, y, inner, -inner + 2 * inner * band / 12)
        yield Shape(sky, fill=mix(palette.field, palette.field_low, share))
    yield from ground(x, y, inner, palette)
    top = y - inner + 22
    if art.logo:
        yield from _logo(art.logo, inner)
        top = y - inner + 26 + _LOGO_HEIGHT
    elif look.mark:
        yield from _mark(look, palette, y - inner + 14 + _MARK_RADIUS)
        top = y - inner + 22 + 2 * _MARK_RADIUS
    room = GROUND - 4 - top
    if look.symbol == "cairn":
        yield from stack_of(art, palette, height=min(196, room))
    else:
        half = min(86, room / 2)
        yield from symbols.drawn(look.symbol, palette, x=x, y=GROUND - 4 - half, half=half)
    yield from ribbons(art, palette)


def palette_of(look: Look) -> Palette:
    """The six colours that go with the one that was chosen."""
    if look.colour in COLOURS:
        return PALETTES[list(COLOURS).index(look.colour)]
    return Palette(
        rim=look.colour.upper(),
        rim_dark=mix(look.colour, "#000000", 0.3),
        field=mix(look.colour, PAPER, 0.86),
        field_low=mix(look.colour, PAPER, 0.95),
        stone=mix(look.colour, "#000000", 0.08),
        stone_light=mix(look.colour, PAPER, 0.4),
    )


def ink_on(palette: Palette) -> str:
    """The colour of words on the rim: light or dark, whichever is read more easily."""
    return max((PAPER, INK), key=lambda ink: contrast(ink, palette.rim))


def ring_lines(look: Look) -> tuple[list[str], float]:
    """The words around the ring, in one or two lines, and their size; cut with an ellipsis where nothing else fits."""
    return _fitted_ring(look.ring, _OUTLINES[look.shape][1])


@lru_cache(128)
def _fitted_ring(words: str, radius: float) -> tuple[list[str], float]:
    # The lower of two lines is the shorter way round.
    room = (radius - 44) * _ARC
    return fitted(words, room=room, height=29, largest=24, smallest=12, lines=2, bold=True)


def ring_is_cut(look: Look) -> bool:
    """Whether not all the words around the ring are to be seen."""
    lines, _size = ring_lines(look)
    return "".join("".join(lines).split()) != "".join(look.ring.split())


def _ring(look: Look, palette: Palette, radius: float) -> Iterable[Letters]:
    lines, size = ring_lines(look)
    # Between rim and field, each line in its share of the room.
    for place, words in enumerate(lines):
        share = (place + 0.5) / len(lines)
        middle = radius - 18 - 29 * share
        yield bent(line_of(words, True), centre=CENTRE, radius=middle - 0.34 * size, size=size, fill=ink_on(palette))


def _mark(look: Look, palette: Palette, y: float) -> Iterable[Shape | Letters]:
    """The issuer's letters in a roundel, as large as they fit."""
    x = CENTRE[0]
    yield Shape(circle(x, y, _MARK_RADIUS), fill=BRASS_FILL)
    yield Shape(circle(x, y, _MARK_RADIUS - 3), fill=palette.rim)
    line = line_of(look.mark, True)
    size = min(30.0, 100 * 1.5 * (_MARK_RADIUS - 3) / line.width) if line.width else 30.0
    yield straight(line, x=x, baseline=y + 0.35 * size, size=size, fill=ink_on(palette))


def _logo(logo: Artwork, inner: float) -> Iterable[Shape | Placed]:
    """The issuer's picture on a plate of its own, whose ground lets it be seen, as wide as the ring leaves room."""
    x, y = CENTRE
    top, reach = y - inner + 18, inner - 18
    room = 2 * math.sqrt(inner**2 - reach**2) - 30
    scale = min(room / logo.width, (_LOGO_HEIGHT - 14) / logo.height)
    width, height = logo.width * scale, logo.height * scale
    ground, _contrast = ground_for(logo, LOGO_GROUNDS)
    half = width / 2 + 11
    plate = [(x - half, top), (x + half, top), (x + half, top + _LOGO_HEIGHT), (x - half, top + _LOGO_HEIGHT)]
    yield Shape(_rounded(plate, 10), fill=ground, stroke=BRASS_FILL, width=3)
    yield Placed(logo, x - width / 2, top + (_LOGO_HEIGHT - height) / 2, width, height)


# --- outlines, drawn in by so much --------------------------------------------------------------------------------


def _seal(by: float) -> list[Point]:
    return scallops(*CENTRE, 250 - by, 5.0) if by < 16 else circle(*CENTRE, 250 - by)


def _circle(by: float) -> list[Point]:
    return circle(*CENTRE, 250 - by)


def _polygon(corners: int, apothem: float, turn: float) -> Outline:
    def outline(by: float) -> list[Point]:
        reach = (apothem - by) / math.cos(math.pi / corners)
        angles = (math.tau * (i + turn) / corners - math.pi / 2 for i in range(corners))
        points = [(CENTRE[0] + reach * math.cos(a), CENTRE[1] + reach * math.sin(a)) for a in angles]
        return _rounded(points, 18)

    return outline


def _square(by: float) -> list[Point]:
    x, y = CENTRE
    half = 240 - by
    corners = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    return _rounded(corners, max(6.0, 44 - by))


def _shield(by: float) -> list[Point]:
    x, y = CENTRE
    half, top = 236.0 - by, y - 240 + by
    upper = [(x - half, top), (x - half / 2, top + 8), (x, top - 6 + by / 8), (x + half / 2, top + 8), (x + half, top)]
    side = [(x + half * math.cos(t) ** 0.9, y + 40 + (292 - by) * math.sin(t)) for t in _steps(math.pi / 2, 24)]
    other = [(2 * x - px, py) for px, py in reversed(side[:-1])]
    return [*upper, *side, *other]


def _steps(end: float, count: int) -> Iterable[float]:
    # Short of the very end: the cosine there is zero only nearly, on either side of it.
    return (end * i / count * 0.999999 for i in range(count + 1))


def _rounded(corners: Sequence[Point], radius: float) -> list[Point]:
    """The polygon with its corners cut to quadratic curves."""
    points: list[Point] = []
    for i, (x, y) in enumerate(corners):
        before, after = corners[i - 1], corners[(i + 1) % len(corners)]
        one, other = _towards((x, y), before, radius), _towards((x, y), after, radius)
        for step in range(7):
            t = step / 6
            points.append(
                (
                    (1 - t) ** 2 * one[0] + 2 * t * (1 - t) * x + t * t * other[0],
                    (1 - t) ** 2 * one[1] + 2 * t * (1 - t) * y + t * t * other[1],
                )
            )
    return points


def _towards(start: Point, to: Point, by: float) -> Point:
    length = math.dist(start, to)
    return (start[0] + (to[0] - start[0]) * by / length, start[1] + (to[1] - start[1]) * by / length)


# Each with the radius of the greatest ring within it.
_OUTLINES: dict[str, tuple[Outline, float]] = {
    "seal": (_seal, 250.0),
    "circle": (_circle, 250.0),
    "hexagon": (_polygon(6, 222, 0), 222.0),
    "octagon": (_polygon(8, 240, 0.5), 240.0),
    "shield": (_shield, 232.0),
    "square": (_square, 240.0),
}
