"""Draws what makes paper look engraved: the frame of interlaced lines, the rosette, the cairn in its ring.

Vectors only, built once per process where they do not depend on the credential.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from portal.shared import cairn


@dataclass(frozen=True)
class Inks:
    """What is engraved in which colour: lines, what honours, and the light that falls on either."""

    paper: str
    line: str
    strong: str
    honour: str
    honour_fill: str
    light: str
    honour_light: str


# The house colours of the light theme (tokens.css); certificates are always light.
HOUSE = Inks(
    paper="#FAF8F3",
    line="#0A5C60",
    strong="#07464A",
    honour="#7D5200",
    honour_fill="#E3A82B",
    light="#5E9A9B",
    honour_light="#F3D487",
)

Point = tuple[float, float]

_EDGE, _BAND, _CORNER = 8.0, 5.2, 9.0


@lru_cache(32)
def frame(width: float, height: float, inks: Inks = HOUSE, *, paper: bool = True) -> str:
    """The sheet: paper, a band of guilloche between two hairlines, and a rosette in each corner. Millimetres.

    Without `paper` the ground is left open, for a picture that lies below.
    """
    inner = _EDGE + _BAND
    middle = _EDGE + _BAND / 2
    strands = []
    # Whole waves only, so that every side begins and ends in its corner alike.
    for start, end in ((_EDGE + _CORNER, width - _EDGE - _CORNER), (_EDGE + _CORNER, height - _EDGE - _CORNER)):
        waves = round((end - start) / 7.6)
        for phase in range(4):
            strands.append((end == width - _EDGE - _CORNER, _wave(start, end, waves, phase / 4)))
    lines = []
    for across, wave in strands:
        for at in (middle, (height if across else width) - middle):
            lines.append(_path([(s, at + d) if across else (at + d, s) for s, d in wave]))
    corner = _EDGE + _CORNER / 2
    corners = [(x, y) for x in (corner, width - corner) for y in (corner, height - corner)]
    squares = "".join(_square(x, y, _CORNER / 2) for x, y in corners)
    rosettes = "".join(_rosette(x, y, 0.9, 3.7, petals=8, turns=2) for x, y in corners)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm"'
        f' viewBox="0 0 {width:g} {height:g}">'
        f"{_ground(width, height, inks) if paper else ''}"
        f'<g fill="none" stroke-linejoin="round">'
        f'<path d="{"".join(lines)}" stroke="{inks.line}" stroke-width=".13"/>'
        f'<path d="{_border(_EDGE, width, height)}" stroke="{inks.line}" stroke-width=".55"/>'
        f'<path d="{_border(_EDGE - 1.1, width, height)}" stroke="{inks.honour_fill}" stroke-width=".2"/>'
        f'<path d="{_border(inner, width, height)}" stroke="{inks.line}" stroke-width=".2"/>'
        f'<path d="{_border(inner + 1.2, width, height)}" stroke="{inks.honour_fill}" stroke-width=".28"/></g>'
        f'<path d="{squares}" fill="{inks.paper}" stroke="{inks.line}" stroke-width=".28"/>'
        f'<path d="{rosettes}" fill="none" stroke="{inks.honour}" stroke-width=".14"/></svg>'
    )


@lru_cache(32)
def ruled(width: float, height: float, inks: Inks = HOUSE, *, paper: bool = True) -> str:
    """A plainer sheet: two lines around it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm"'
        f' viewBox="0 0 {width:g} {height:g}">'
        f"{_ground(width, height, inks) if paper else ''}"
        f'<g fill="none"><path d="{_border(_EDGE, width, height)}" stroke="{inks.line}" stroke-width=".7"/>'
        f'<path d="{_border(_EDGE + 1.8, width, height)}" stroke="{inks.honour_fill}" stroke-width=".3"/></g></svg>'
    )


def _ground(width: float, height: float, inks: Inks) -> str:
    return f'<rect width="{width:g}" height="{height:g}" fill="{inks.paper}"/>'


def emblem(stack: Sequence[cairn.Stone], inks: Inks = HOUSE) -> str:
    """The cairn of this credential in a ring of guilloche: a picture of 60 by 60, to be named where it is used."""
    left, top, right, _ = cairn.bounds(stack)
    scale = min(27 / (right - left), 25 / -top)
    height = -top * scale
    # Standing on its ground, the whole a little above the middle, where the eye looks for it.
    ground = 30 + min(9.5, height / 2 + 2)
    shift = 30 - (left + right) / 2 * scale
    drawn = "".join(_engraved(stone, inks, crowned=index == len(stack) - 1) for index, stone in enumerate(stack))
    place = f"translate({shift:.2f} {ground:.2f}) scale({scale:.4f})"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 60">{_ring(inks)}{_hills(ground, inks)}'
        f'<g transform="{place}" stroke-linejoin="round">{drawn}</g></svg>'
    )


@lru_cache(32)
def _ring(inks: Inks) -> str:
    woven = _rosette(30, 30, 21.4, 28.6, petals=30, turns=4)
    return (
        f'<g fill="none"><path d="{woven}" stroke="{inks.line}" stroke-width=".12"/>'
        f'<circle cx="30" cy="30" r="29.4" stroke="{inks.honour_fill}" stroke-width=".35"/>'
        f'<circle cx="30" cy="30" r="28.8" stroke="{inks.line}" stroke-width=".2"/>'
        f'<circle cx="30" cy="30" r="21.2" stroke="{inks.line}" stroke-width=".2"/>'
        f'<circle cx="30" cy="30" r="20.4" stroke="{inks.honour_fill}" stroke-width=".35"/></g>'
    )


def _hills(ground: float, inks: Inks) -> str:
    """Level lines of the ground that the cairn stands on, inside the ring."""
    lines = []
    for i in range(6):
        y = ground + 0.3 + i * 1.1 + i * i * 0.14
        half = math.sqrt(max(0.0, 19.2**2 - (y + 0.5 - 30) ** 2))
        # Each level a little wider than the one above, until the ring cuts it.
        reach = min(half, 14.5 + i * 1.6)
        steps = max(4, round(reach))
        xs = [reach * s / steps for s in range(-steps, steps + 1)]
        lines.append(_path([(30 + x, y + 0.32 * min(i, 2) * math.sin(x * 0.42 + i * 1.7)) for x in xs]))
    return (
        f'<path d="{"".join(lines)}" fill="none" stroke="{inks.honour_fill}" stroke-width=".2" stroke-linecap="round"/>'
        f'<path d="{lines[0]}" fill="none" stroke="{inks.strong}" stroke-width=".32" stroke-linecap="round"/>'
    )


def _engraved(stone: cairn.Stone, inks: Inks, *, crowned: bool) -> str:
    # Brass is for honours: the stone that completes the stack.
    fill, line, light = (
        (inks.honour_fill, inks.honour, inks.honour_light) if crowned else (inks.line, inks.strong, inks.light)
    )
    if stone.state != "earned":
        return f'<path d="{stone.outline}" fill="{inks.paper}" stroke="{line}" stroke-width="1.2"/>' + (
            f'<path d="{stone.hatching}" fill="none" stroke="{line}" stroke-width=".8"/>'
            if stone.state == "underway"
            else ""
        )
    return (
        f'<path d="{stone.outline}" fill="{fill}"/><path d="{stone.light}" fill="{light}"/>'
        f'<path d="{stone.hatching}" fill="none" stroke="{line}" stroke-width=".55"/>'
        f'<path d="{stone.outline}" fill="none" stroke="{line}" stroke-width="1.1"/>'
    )


def _wave(start: float, end: float, waves: int, phase: float) -> list[Point]:
    """(along, aside) of one strand: a sine within the band, its swing breathing slowly so that strands knot."""
    steps = waves * 6
    found = []
    for i in range(steps + 1):
        turn = math.tau * waves * i / steps
        swing = _BAND / 2 * (0.62 + 0.3 * math.cos(turn / 2 + math.pi * phase))
        found.append((start + (end - start) * i / steps, swing * math.sin(turn + math.tau * phase)))
    return found


def _rosette(x: float, y: float, inner: float, outer: float, *, petals: int, turns: int) -> str:
    middle, swing = (inner + outer) / 2, (outer - inner) / 2
    data = []
    for turn in range(turns):
        shift = math.tau * turn / turns
        steps = petals * 6
        points = []
        for i in range(steps):
            angle = math.tau * i / steps
            radius = middle + swing * math.sin(petals * angle + shift)
            points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
        data.append(_path(points) + "Z")
    return "".join(data)


def _border(inset: float, width: float, height: float) -> str:
    return f"M{inset:g} {inset:g}H{width - inset:g}V{height - inset:g}H{inset:g}Z"


def _square(x: float, y: float, half: float) -> str:
    return f"M{x - half:g} {y - half:g}h{2 * half:g}v{2 * half:g}h{-2 * half:g}z"


def _path(points: Sequence[Point]) -> str:
    # Straight pieces, shorter than the eye resolves: a quarter of the numbers that curves would need.
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
