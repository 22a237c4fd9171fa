"""The outlines that a badge is drawn with, as points, and how they are written as an SVG path."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from credentials.rendering.badge.art import Point

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Shape:
    points: Sequence[Point]
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    closed: bool = True


def circle(x: float, y: float, radius: float) -> list[Point]:
    return ellipse(x, y, radius, radius)


def ellipse(x: float, y: float, across: float, down: float) -> list[Point]:
    return [(x + across * math.cos(a), y + down * math.sin(a)) for a in (math.tau * i / 180 for i in range(180))]


def scallops(x: float, y: float, radius: float, depth: float) -> list[Point]:
    return [
        (
            x + (radius - depth * abs(math.sin(24 * a))) * math.cos(a),
            y + (radius - depth * abs(math.sin(24 * a))) * math.sin(a),
        )
        for a in (math.tau * i / 480 for i in range(480))
    ]


def segment(x: float, y: float, radius: float, above: float) -> list[Point]:
    """The circle without what lies higher than `above`, counted from its centre."""
    start = math.asin(max(-1.0, min(1.0, above / radius)))
    return [
        (x + radius * math.cos(a), y + radius * math.sin(a))
        for a in (start + (math.pi - 2 * start) * i / 90 for i in range(91))
    ]


def arched(x: float, half: float, top: float, bottom: float) -> list[Point]:
    """A plate whose upper and lower edges swell a little, as a bent ribbon does."""
    across = [half * (i / 24) for i in range(-24, 25)]

    def swell(at: float) -> float:
        return 12 * (1 - (at / half) ** 2)

    upper = [(x + at, top + 12 - swell(at)) for at in across]
    lower = [(x + at, bottom) for at in reversed(across)]
    return upper + lower


def within(line: Sequence[Point], x: float, y: float, radius: float) -> list[Point]:
    """The part of the circle below the line."""
    upper = []
    for px, py in line:
        half = math.sqrt(max(0.0, radius**2 - (px - x) ** 2))
        upper.append((px, min(max(py, y - half), y + half)))
    lower = [(px, y + math.sqrt(max(0.0, radius**2 - (px - x) ** 2))) for px, _ in reversed(line)]
    return upper + lower


def guilloche(x: float, y: float, inner: float, outer: float, colour: str) -> Iterable[Shape]:
    middle, swing = (inner + outer) / 2, (outer - inner) / 2 - 1
    for turn in range(3):
        points = []
        for i in range(36 * 10):
            angle = math.tau * i / 360
            radius = middle + swing * math.sin(36 * angle + math.tau * turn / 3)
            points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
        yield Shape(points, stroke=colour, width=1.5)


def path_data(points: Sequence[Point]) -> str:
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


def mix(one: str, other: str, share: float) -> str:
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _rgb(colour: str) -> Colour:
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))
