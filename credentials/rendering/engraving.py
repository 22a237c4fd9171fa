"""Draws what makes paper look engraved: the frame of interlaced lines, the rosette, the cairn in its ring.

Vectors only, built once per process where they do not depend on the credential.
"""

import math
from collections.abc import Sequence
from functools import cache

from portal.shared import cairn

# The house colours of the light theme (tokens.css); certificates are always light.
PAPER = "#FAF8F3"
TEAL, TEAL_STRONG = "#0A5C60", "#07464A"
BRASS, BRASS_FILL = "#7D5200", "#E3A82B"

Point = tuple[float, float]

_WIDTH, _HEIGHT = 210.0, 297.0  # A4
_EDGE, _BAND, _CORNER = 8.0, 5.2, 9.0


@cache
def frame() -> str:
    """The sheet: paper, a band of guilloche between two hairlines, and a rosette in each corner. Millimetres."""
    inner = _EDGE + _BAND
    middle = _EDGE + _BAND / 2
    strands = []
    # Whole waves only, so that every side begins and ends in its corner alike.
    for start, end in ((_EDGE + _CORNER, _WIDTH - _EDGE - _CORNER), (_EDGE + _CORNER, _HEIGHT - _EDGE - _CORNER)):
        waves = round((end - start) / 7.6)
        for phase in range(4):
            strands.append((end == _WIDTH - _EDGE - _CORNER, _wave(start, end, waves, phase / 4)))
    lines = []
    for across, wave in strands:
        for at in (middle, (_HEIGHT if across else _WIDTH) - middle):
            lines.append(_path([(s, at + d) if across else (at + d, s) for s, d in wave]))
    corner = _EDGE + _CORNER / 2
    corners = [(x, y) for x in (corner, _WIDTH - corner) for y in (corner, _HEIGHT - corner)]
    squares = "".join(_square(x, y, _CORNER / 2) for x, y in corners)
    rosettes = "".join(_rosette(x, y, 0.9, 3.7, petals=8, turns=2) for x, y in corners)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH:g}mm" height="{_HEIGHT:g}mm"'
        f' viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}">'
        f'<rect width="{_WIDTH:g}" height="{_HEIGHT:g}" fill="{PAPER}"/>'
        f'<g fill="none" stroke-linejoin="round">'
        f'<path d="{"".join(lines)}" stroke="{TEAL}" stroke-width=".13"/>'
        f'<path d="{_border(_EDGE)}" stroke="{TEAL}" stroke-width=".55"/>'
        f'<path d="{_border(_EDGE - 1.1)}" stroke="{BRASS_FILL}" stroke-width=".2"/>'
        f'<path d="{_border(inner)}" stroke="{TEAL}" stroke-width=".2"/>'
        f'<path d="{_border(inner + 1.2)}" stroke="{BRASS_FILL}" stroke-width=".28"/></g>'
        f'<path d="{squares}" fill="{PAPER}" stroke="{TEAL}" stroke-width=".28"/>'
        f'<path d="{rosettes}" fill="none" stroke="{BRASS}" stroke-width=".14"/></svg>'
    )


def emblem(stack: Sequence[cairn.Stone]) -> str:
    """The cairn of this credential in a ring of guilloche: a picture of 60 by 60, to be named where it is used."""
    left, top, right, _ = cairn.bounds(stack)
    scale = min(27 / (right - left), 25 / -top)
    height = -top * scale
    # Standing on its ground, the whole a little above the middle, where the eye looks for it.
    ground = 30 + min(9.5, height / 2 + 2)
    shift = 30 - (left + right) / 2 * scale
    drawn = "".join(_engraved(stone, crowned=index == len(stack) - 1) for index, stone in enumerate(stack))
    place = f"translate({shift:.2f} {ground:.2f}) scale({scale:.4f})"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 60">{_ring()}{_hills(ground)}'
        f'<g transform="{place}" stroke-linejoin="round">{drawn}</g></svg>'
    )


@cache
def _ring() -> str:
    woven = _rosette(30, 30, 21.4, 28.6, petals=30, turns=4)
    return (
        f'<g fill="none"><path d="{woven}" stroke="{TEAL}" stroke-width=".12"/>'
        f'<circle cx="30" cy="30" r="29.4" stroke="{BRASS_FILL}" stroke-width=".35"/>'
        f'<circle cx="30" cy="30" r="28.8" stroke="{TEAL}" stroke-width=".2"/>'
        f'<circle cx="30" cy="30" r="21.2" stroke="{TEAL}" stroke-width=".2"/>'
        f'<circle cx="30" cy="30" r="20.4" stroke="{BRASS_FILL}" stroke-width=".35"/></g>'
    )


def _hills(ground: float) -> str:
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
        f'<path d="{"".join(lines)}" fill="none" stroke="{BRASS_FILL}" stroke-width=".2" stroke-linecap="round"/>'
        f'<path d="{lines[0]}" fill="none" stroke="{TEAL_STRONG}" stroke-width=".32" stroke-linecap="round"/>'
    )


def _engraved(stone: cairn.Stone, *, crowned: bool) -> str:
    # Brass is for honours: the stone that completes the stack.
    fill, line, light = (BRASS_FILL, BRASS, "#F3D487") if crowned else (TEAL, TEAL_STRONG, "#5E9A9B")
    if stone.state != "earned":
        return f'<path d="{stone.outline}" fill="{PAPER}" stroke="{line}" stroke-width="1.2"/>' + (
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


def _border(inset: float) -> str:
    return f"M{inset:g} {inset:g}H{_WIDTH - inset:g}V{_HEIGHT - inset:g}H{inset:g}Z"


def _square(x: float, y: float, half: float) -> str:
    return f"M{x - half:g} {y - half:g}h{2 * half:g}v{2 * half:g}h{-2 * half:g}z"


def _path(points: Sequence[Point]) -> str:
    # Straight pieces, shorter than the eye resolves: a quarter of the numbers that curves would need.
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
