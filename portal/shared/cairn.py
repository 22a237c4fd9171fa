"""Draws the cairn: a stack of stones, one for each part of a rule, the same rule always giving the same stack.

Coordinates are those of SVG: x to the right around 0, y downwards, the ground at y = 0; the widest stone measures
about 100.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Literal

State = Literal["earned", "underway", "open"]
STATES: tuple[State, ...] = ("earned", "underway", "open")

Point = tuple[float, float]

_CORNERS = 14  # enough for a pebble, few enough for a small file
_HATCH_GAP = 4.2
# The top is this much narrower than the weights alone would say: equal parts, too, look like a cairn.
_TAPER = 0.42


@dataclass(frozen=True)
class Stone:
    """One stone in its place: `outline` is SVG path data, `corners` the points it runs through."""

    id: str
    state: State
    x: float
    top: float
    bottom: float
    width: float
    corners: tuple[Point, ...]
    outline: str
    hatching: str
    light: str


def stones(parts: Sequence[tuple[str, Decimal | float, State]]) -> tuple[Stone, ...]:
    """The stack for (node id, weight, state), bottom up in the order of the rule.

    Shape, place and width depend on the ids and weights only, so earning a part changes how its stone is filled
    and nothing else.
    """
    heaviest = max((float(weight) for _, weight, _ in parts), default=0.0)
    # Many parts make flatter stones, or the stack becomes a pole.
    flatness = 1.0 if len(parts) <= 5 else (5 / len(parts)) ** 0.8
    stack: list[Stone] = []
    ground = 0.0
    lean = 0.0
    for level, (node, weight, state) in enumerate(parts):
        if state not in STATES:
            raise ValueError(f"a stone is {', '.join(STATES)}, not {state!r}")
        share = math.sqrt(float(weight) / heaviest) if heaviest > 0 else 1.0
        taper = 1 - _TAPER * level / max(len(parts) - 1, 3)
        chance = _chance(node)
        width = (44 + 56 * share) * taper * (0.96 + 0.08 * next(chance))
        height = (14 + 0.115 * width) * (0.9 + 0.25 * next(chance)) * flatness
        # Never so far aside that the stack would fall.
        lean = 0.5 * lean + (next(chance) - 0.5) * 0.11 * width if level else 0.0
        stone = _stone(node, state, x=lean, bottom=ground, width=width, height=height, chance=chance)
        stack.append(stone)
        ground = stone.top + height * 0.055  # stones rest in one another a little
    return tuple(stack)


def svg(stack: Sequence[Stone], *, width: int, height: int, label: str = "") -> str:
    """The stack as one `<svg>` element, standing on the lower edge, without ids, styles or references.

    Colours come from the classes `stone--earned`, `stone--underway`, `stone--open`; the attributes are what is seen
    without a stylesheet. With a label it is a picture with a name; without one it is decoration beside words.
    """
    left, top, right, _ = bounds(stack)
    box = f"{_n(left - 2)} {_n(top - 2)} {_n(right - left + 4)} {_n(-top + 4)}"
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    title = f"<title>{escape(label)}</title>" if label else ""
    drawn = "".join(_drawn(stone) for stone in stack)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cairn" {named} focusable="false" width="{width}"'
        f' height="{height}" viewBox="{box}" preserveAspectRatio="xMidYMax meet">{title}{drawn}</svg>'
    )


def bounds(stack: Sequence[Stone]) -> tuple[float, float, float, float]:
    """The left, top, right and bottom of what is drawn."""
    if not stack:
        return (-50.0, -20.0, 50.0, 0.0)
    xs = [x for stone in stack for x, _ in stone.corners]
    ys = [y for stone in stack for _, y in stone.corners]
    return (min(xs), min(ys), max(xs), max(0.0, *ys))


def _drawn(stone: Stone) -> str:
    line = 'stroke="currentColor" stroke-width="1.6" stroke-linejoin="round"'
    match stone.state:
        case "earned":
            body = f'<path class="stone__body" d="{stone.outline}" fill="currentColor"/>'
            body += f'<path class="stone__light" d="{stone.light}" fill="#fff" fill-opacity=".22"/>'
        case "underway":
            body = f'<path class="stone__body" d="{stone.outline}" fill="none" {line}/>'
            body += f'<path class="stone__hatch" d="{stone.hatching}" fill="none" stroke="currentColor"/>'
        case "open":
            body = f'<path class="stone__body" d="{stone.outline}" fill="none" {line} stroke-dasharray="4 3"/>'
    return f'<g class="stone stone--{stone.state}">{body}</g>'


def _stone(
    node: str, state: State, *, x: float, bottom: float, width: float, height: float, chance: Iterator[float]
) -> Stone:
    waves = [(k, (0.035 if k == 2 else 0.022) * next(chance), math.tau * next(chance)) for k in (2, 3, 5)]
    tilt = math.radians((next(chance) - 0.5) * 4.0)
    corners: list[Point] = []
    for step in range(_CORNERS):
        angle = math.tau * (step + 0.5) / _CORNERS
        # A superellipse: between an ellipse, which rolls away, and a brick.
        cos, sin = math.cos(angle), math.sin(angle)
        radius = (abs(cos) ** 2.5 + abs(sin) ** 2.5) ** (-1 / 2.5)
        radius *= 1 + sum(size * math.cos(k * angle + phase) for k, size, phase in waves)
        corners.append((radius * cos * width / 2, radius * sin * height / 2))
    turned = [(a * math.cos(tilt) - b * math.sin(tilt), a * math.sin(tilt) + b * math.cos(tilt)) for a, b in corners]
    drop = bottom - max(b for _, b in turned)
    placed = tuple((round(x + a, 2), round(drop + b, 2)) for a, b in turned)
    middle = (x, drop)
    # The light falls from above and the left: a smaller stone of the same shape, moved that way, cut by nothing.
    lit = [
        (middle[0] + (a - middle[0]) * 0.78 - width * 0.035, middle[1] + (b - middle[1]) * 0.5 - height * 0.19)
        for a, b in placed
    ]
    return Stone(
        id=node,
        state=state,
        x=round(x, 2),
        top=min(b for _, b in placed),
        bottom=round(bottom, 2),
        width=round(width, 2),
        corners=placed,
        outline=_closed_curve(placed),
        hatching=_hatching(curve_points(placed)),
        light=_closed_curve(lit),
    )


def curve_points(corners: Sequence[Point], steps: int = 5) -> tuple[Point, ...]:
    """Points along the same smooth curve as the outline, for those who cannot draw Bezier curves."""
    found: list[Point] = []
    for a, b, c, d in _windows(corners):
        for step in range(steps):
            t = step / steps
            found.append(
                (
                    _catmull_rom(a[0], b[0], c[0], d[0], t),
                    _catmull_rom(a[1], b[1], c[1], d[1], t),
                )
            )
    return tuple(found)


def _closed_curve(corners: Sequence[Point]) -> str:
    data = [f"M{_n(corners[0][0])} {_n(corners[0][1])}"]
    for a, b, c, d in _windows(corners):
        # A Catmull-Rom span is a Bezier whose handles are a sixth of the neighbours' distance.
        first = (b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6)
        second = (c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6)
        data.append(f"C{_n(first[0])} {_n(first[1])} {_n(second[0])} {_n(second[1])} {_n(c[0])} {_n(c[1])}")
    return "".join(data) + "Z"


def _windows(corners: Sequence[Point]) -> Iterator[tuple[Point, Point, Point, Point]]:
    count = len(corners)
    for i in range(count):
        yield corners[i - 1], corners[i], corners[(i + 1) % count], corners[(i + 2) % count]


def _catmull_rom(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def _hatching(outline: Sequence[Point]) -> str:
    """Slanting lines inside the outline, as one path: a fill pattern would need an id, unique on every page."""
    # Along u = x + y a line rises to the right; v = x - y runs along it.
    turned = [(x + y, x - y) for x, y in outline]
    low, high = min(u for u, _ in turned), max(u for u, _ in turned)
    data: list[str] = []
    u = math.ceil(low / _HATCH_GAP) * _HATCH_GAP
    while u < high:
        crossings: list[float] = []
        for i in range(len(turned)):
            (u1, v1), (u2, v2) = turned[i - 1], turned[i]
            if (u1 <= u) != (u2 <= u):
                crossings.append(v1 + (v2 - v1) * (u - u1) / (u2 - u1))
        crossings.sort()
        for v1, v2 in zip(crossings[::2], crossings[1::2], strict=False):
            data.append(f"M{_n((u + v1) / 2)} {_n((u - v1) / 2)}L{_n((u + v2) / 2)} {_n((u - v2) / 2)}")
        u += _HATCH_GAP
    return "".join(data)


def _chance(node: str) -> Iterator[float]:
    """Numbers from 0 to 1 that depend on the id alone, on any machine and any version of Python."""
    round_ = 0
    while True:
        digest = hashlib.sha256(f"{node}\n{round_}".encode()).digest()
        for i in range(0, 32, 4):
            yield int.from_bytes(digest[i : i + 4], "big") / 0xFFFFFFFF
        round_ += 1


def _n(number: float) -> str:
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
