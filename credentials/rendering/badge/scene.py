"""The drawing of a badge, from the ground up: rim, sky, hills, the cairn, the plate and the ribbon."""

import hashlib
import math
from collections.abc import Iterable

from credentials.rendering.badge.art import (
    BRASS,
    BRASS_FILL,
    BRASS_LIGHT,
    CENTRE,
    PALETTES,
    PAPER,
    PLATE_BOTTOM,
    PLATE_TOP,
    RADIUS,
    BadgeArt,
    Palette,
    Point,
    rank_of,
    tone_of,
)
from credentials.rendering.badge.lettering import labels_of
from credentials.rendering.badge.outlines import (
    Shape,
    arched,
    circle,
    ellipse,
    guilloche,
    mix,
    scallops,
    segment,
    within,
)
from portal.shared import cairn

# Where whatever stands in the middle stands.
GROUND = 350.0


def shapes(art: BadgeArt) -> Iterable[Shape]:
    """A seal, as it is drawn where nobody has chosen a look; its colour goes by the seed."""
    palette = PALETTES[hashlib.sha256(art.seed.encode()).digest()[0] % len(PALETTES)]
    x, y = CENTRE
    # The rim is scalloped like a seal: a brass edge, the colour, a brass hairline.
    yield Shape(scallops(x, y, RADIUS, 5.0), fill=BRASS_FILL)
    yield Shape(scallops(x, y, RADIUS - 7, 5.0), fill=palette.rim_dark)
    yield Shape(circle(x, y, RADIUS - 16), fill=palette.rim)
    yield from guilloche(x, y, RADIUS - 46, RADIUS - 20, palette.stone_light)
    inner = RADIUS - 53
    # The sky pales towards the ground.
    for band in range(12):
        share = band / 11
        yield Shape(
            segment(x, y, inner, -inner + 2 * inner * band / 12), fill=mix(palette.field, palette.field_low, share)
        )
    yield from ground(x, y, inner, palette)
    yield from stack_of(art, palette)
    yield from ribbons(art, palette)


def stack_of(art: BadgeArt, palette: Palette, *, height: float = 196) -> Iterable[Shape]:
    """The cairn, no higher than this."""
    stack = cairn.stones([(f"{art.seed}/{i}", width, state) for i, (width, state) in enumerate(art.stones)])
    left, top, right, _ = cairn.bounds(stack)
    scale = min(212 / (right - left), height / -top)
    middle, foot = CENTRE[0] - (left + right) / 2 * scale, GROUND

    def placed(points: Iterable[Point]) -> list[Point]:
        return [(middle + px * scale, foot + py * scale) for px, py in points]

    yield Shape(
        ellipse(CENTRE[0], foot, 0.56 * stack[0].width * scale, 7),
        fill=mix(_floor(palette), palette.rim_dark, 0.45),
    )
    last = len(stack) - 1
    for index, stone in enumerate(stack):
        outline = cairn.curve_points(stone.corners, 4)
        crowned = index == last
        body, light = (BRASS_FILL, BRASS_LIGHT) if crowned else (palette.stone, palette.stone_light)
        edge = BRASS if crowned else palette.rim_dark
        if stone.state != "earned":
            yield Shape(placed(outline), fill=PAPER, stroke=edge, width=3)
            continue
        yield Shape(placed(outline), fill=edge)
        # Light from above and the left: the same stone, smaller and smaller, paler and paler.
        cx, cy = stone.x, (stone.top + stone.bottom) / 2
        height = stone.bottom - stone.top
        for step in range(7):
            share = step / 6
            sx, sy = 0.965 - 0.36 * share, 0.92 - 0.56 * share
            dx, dy = -0.09 * stone.width * share, -(0.03 + 0.17 * share) * height
            moved = [(cx + (px - cx) * sx + dx, cy + (py - cy) * sy + dy) for px, py in outline]
            yield Shape(placed(moved), fill=mix(body, light, share * share))


def ground(x: float, y: float, radius: float, palette: Palette) -> Iterable[Shape]:
    """Two ridges behind, and the level lines of the ground in front."""
    for lift, sway, tone in ((262.0, 0.7, 0.14), (300.0, 2.9, 0.24)):
        ridge = [
            (
                x - radius + s * 2 * radius / 60,
                lift + 16 * math.sin(s * 0.19 + sway) + 7 * math.sin(s * 0.47 + sway * 2),
            )
            for s in range(61)
        ]
        yield Shape(within(ridge, x, y, radius), fill=mix(palette.field_low, palette.rim, tone))
    floor = [(x - radius + s * 2 * radius / 60, 344 + 3 * math.sin(s * 0.2)) for s in range(61)]
    yield Shape(within(floor, x, y, radius), fill=_floor(palette))
    yield Shape(circle(x, y, radius + 2.5), stroke=BRASS_FILL, width=5)


def _floor(palette: Palette) -> str:
    return mix(palette.field_low, palette.rim, 0.38)


def ribbons(art: BadgeArt, palette: Palette) -> Iterable[Shape]:
    """The plate with the name, its ends folded back behind it; below, when there is one, the ribbon of the level."""
    top, bottom = PLATE_TOP, PLATE_BOTTOM
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
        yield Shape(tail, fill=palette.rim, stroke=BRASS_FILL, width=2.5)
        yield Shape([at(246, bottom), at(205, bottom), at(205, bottom + 22)], fill=palette.rim_dark)
    if rank_of(art):
        half = 46 + 0.5 * next(label.measured for label in labels_of(art) if label.rank)
        low, high = bottom - 4, bottom + 46
        edge, fill = tone_of(art)
        yield Shape(
            [
                (300 - half, low),
                (300 + half, low),
                (300 + half - 16, (low + high) / 2),
                (300 + half, high),
                (300 - half, high),
                (300 - half + 16, (low + high) / 2),
            ],
            fill=fill,
            stroke=edge,
            width=2.5,
        )
    yield Shape(arched(300, 254, top, bottom), fill=PAPER, stroke=BRASS_FILL, width=5)
    yield Shape(arched(300, 246, top + 8, bottom - 8), stroke=palette.rim, width=1.6)
