"""The symbols that may stand in the middle of a badge instead of its cairn."""

import math
from collections.abc import Callable, Iterable

from credentials.rendering.badge.art import BRASS, BRASS_FILL, BRASS_LIGHT, PAPER, Palette, Point
from credentials.rendering.badge.outlines import Shape, circle, mix

Place = Callable[[float, float], Point]


def drawn(name: str, palette: Palette, *, x: float, y: float, half: float) -> Iterable[Shape]:
    """The symbol within a square of this half side around the place."""

    def at(across: float, down: float) -> Point:
        return (x + across * half, y + down * half)

    return _SYMBOLS[name](palette, at, half)


def _star(palette: Palette, at: Place, _half: float) -> Iterable[Shape]:
    points = []
    for i in range(10):
        reach, angle = (1.0 if i % 2 == 0 else 0.42), math.tau * i / 10 - math.pi / 2
        points.append(at(reach * math.cos(angle), reach * math.sin(angle)))
    yield Shape(points, fill=BRASS_FILL, stroke=BRASS, width=4)


def _heart(palette: Palette, at: Place, _half: float) -> Iterable[Shape]:
    points = []
    for i in range(90):
        t = math.tau * i / 90
        across = 16 * math.sin(t) ** 3
        up = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append(at(across / 17.5, -(up + 2.5) / 17.5))
    yield Shape(points, fill=palette.stone, stroke=palette.rim_dark, width=4)


def _leaf(palette: Palette, at: Place, _half: float) -> Iterable[Shape]:
    side = [(0.56 * math.sin(math.pi * i / 24) ** 1.2, -1 + 1.75 * i / 24) for i in range(25)]
    outline = [at(px, py) for px, py in side] + [at(-px, py) for px, py in reversed(side)]
    yield Shape(outline, fill=palette.stone, stroke=palette.rim_dark, width=4)
    yield Shape([at(0, -0.7), at(0, 1.0)], stroke=PAPER, width=5, closed=False)
    for down in (-0.3, 0.05, 0.4):
        for way in (-1, 1):
            yield Shape([at(0, down), at(way * 0.32, down - 0.24)], stroke=PAPER, width=4, closed=False)


def _gear(palette: Palette, at: Place, half: float) -> Iterable[Shape]:
    points = []
    for tooth in range(10):
        for share, reach in ((-0.30, 0.74), (-0.20, 0.98), (0.20, 0.98), (0.30, 0.74)):
            angle = math.tau * (tooth + share) / 10
            points.append(at(reach * math.sin(angle), -reach * math.cos(angle)))
    yield Shape(points, fill=palette.stone, stroke=palette.rim_dark, width=4)
    x, y = at(0, 0)
    yield Shape(circle(x, y, 0.34 * half), fill=palette.field, stroke=palette.rim_dark, width=4)


def _chart(palette: Palette, at: Place, _half: float) -> Iterable[Shape]:
    for place, (height, fill) in enumerate(
        ((0.8, palette.stone_light), (1.25, palette.stone), (1.75, BRASS_FILL)), start=-1
    ):
        left, right = place * 0.62 - 0.24, place * 0.62 + 0.24
        bar = [at(left, 0.85 - height), at(right, 0.85 - height), at(right, 0.85), at(left, 0.85)]
        yield Shape(bar, fill=fill, stroke=palette.rim_dark, width=4)
    yield Shape([at(-1, 0.87), at(1, 0.87)], stroke=palette.rim_dark, width=7, closed=False)


def _book(palette: Palette, at: Place, _half: float) -> Iterable[Shape]:
    for way, fill in ((-1, PAPER), (1, mix(PAPER, palette.stone_light, 0.18))):
        top = [(way * i / 12, -0.48 - 0.14 * math.sin(math.pi * i / 12)) for i in range(13)]
        bottom = [(px, py + 1.2) for px, py in reversed(top)]
        yield Shape([at(px, py) for px, py in (*top, *bottom)], fill=fill, stroke=palette.rim_dark, width=4)
        for row in (-0.28, -0.02, 0.24):
            line = [
                (way * (0.14 + 0.7 * i / 8), row - 0.12 * math.sin(math.pi * (0.15 + 0.7 * i / 8))) for i in range(9)
            ]
            yield Shape([at(px, py) for px, py in line], stroke=palette.stone, width=4, closed=False)
    yield Shape([at(0, -0.5), at(0, 0.74)], stroke=palette.rim_dark, width=5, closed=False)


def _flask(palette: Palette, at: Place, half: float) -> Iterable[Shape]:
    glass = [
        (-0.2, -0.95),
        (0.2, -0.95),
        (0.2, -0.3),
        (0.82, 0.78),
        (0.7, 0.95),
        (-0.7, 0.95),
        (-0.82, 0.78),
        (-0.2, -0.3),
    ]
    yield Shape([at(px, py) for px, py in glass], fill=PAPER)
    filled = [(-0.5, 0.22), (0.5, 0.22), (0.82, 0.78), (0.7, 0.95), (-0.7, 0.95), (-0.82, 0.78)]
    yield Shape([at(px, py) for px, py in filled], fill=palette.stone_light)
    yield Shape([at(px, py) for px, py in glass], stroke=palette.rim_dark, width=5)
    yield Shape([at(-0.3, -0.95), at(0.3, -0.95)], stroke=palette.rim_dark, width=8, closed=False)
    for across, down, reach in ((-0.2, 0.55, 0.1), (0.24, 0.68, 0.13)):
        x, y = at(across, down)
        yield Shape(circle(x, y, reach * half), fill=PAPER)


def _compass(palette: Palette, at: Place, half: float) -> Iterable[Shape]:
    x, y = at(0, 0)
    yield Shape(circle(x, y, 0.95 * half), fill=PAPER, stroke=palette.rim_dark, width=7)
    for quarter in range(4):
        angle = math.tau * quarter / 4
        ends = [at(reach * math.sin(angle), -reach * math.cos(angle)) for reach in (0.72, 0.86)]
        yield Shape(ends, stroke=palette.rim_dark, width=5, closed=False)
    turn = math.tau / 10
    tip, side = (math.sin(turn), -math.cos(turn)), (math.cos(turn), math.sin(turn))
    for way, fill, edge in ((1, BRASS_FILL, BRASS), (-1, palette.stone, palette.rim_dark)):
        needle = [
            at(0.66 * way * tip[0], 0.66 * way * tip[1]),
            at(0.17 * side[0], 0.17 * side[1]),
            at(-0.17 * side[0], -0.17 * side[1]),
        ]
        yield Shape(needle, fill=fill, stroke=edge, width=3)
    yield Shape(circle(x, y, 0.08 * half), fill=BRASS_LIGHT, stroke=BRASS, width=2)


_SYMBOLS: dict[str, Callable[[Palette, Place, float], Iterable[Shape]]] = {
    "star": _star,
    "heart": _heart,
    "leaf": _leaf,
    "gear": _gear,
    "chart": _chart,
    "book": _book,
    "flask": _flask,
    "compass": _compass,
}
