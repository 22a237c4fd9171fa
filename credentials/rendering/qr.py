"""Draws the code that leads from paper to the check."""

from functools import lru_cache
from typing import Any

import numpy as np
import segno

QUIET = 4
_MASKS = 8

Matrix = np.ndarray[Any, np.dtype[np.uint8]]


def svg(url: str, *, dark: str = "#17232B") -> str:
    """The code as one `<svg>` without size, style or reference: error correction M and four modules of quiet around it.

    Its ground is white whatever the page's colour, or scanners miss it.
    """
    full, runs = _runs(url)
    drawn = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in runs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full} {full}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{full}v{full}h-{full}z"/><path fill="{dark}" d="{drawn}"/></svg>'
    )


def path(url: str) -> tuple[int, bytes]:
    """Modules on a side, quiet zone included, and the dark ones as a path of a PDF's content."""
    full, runs = _runs(url)
    drawn = "".join([f"{x} {y} {n} 1 re\n" for x, y, n in runs])
    return full, drawn.encode("ascii")


@lru_cache(8)
def _runs(url: str) -> tuple[int, list[tuple[int, int, int]]]:
    """Modules on a side, and each row's unbroken dark ones: column, row, length."""
    dark = modules(url)
    side = len(dark)
    edges = np.diff(dark.astype(np.int8), axis=1, prepend=0, append=0)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    found = zip((starts + QUIET).tolist(), (rows + QUIET).tolist(), (ends - starts).tolist(), strict=True)
    return side + 2 * QUIET, list(found)


def modules(url: str) -> Matrix:
    """The modules, dark ones as 1, under the mask that ISO/IEC 18004 (7.8.3) scores best.

    Segno draws them under one mask; it would take most of a certificate's time to let it try all eight.
    """
    code = segno.make(url, error="m", micro=False, mask=0)
    candidates = np.array(code.matrix, dtype=np.uint8) ^ _between_masks(int(code.version))
    scores = [penalty(candidate) for candidate in candidates]
    best: Matrix = candidates[scores.index(min(scores))]
    return best


@lru_cache(40)
def _between_masks(version: int) -> Matrix:
    """What sets each mask apart from the first, the format that names it included: the same for every content."""
    drawn = [segno.make("x", error="m", version=version, mask=mask).matrix for mask in range(_MASKS)]
    masks: Matrix = np.array(drawn, dtype=np.uint8)
    return masks ^ masks[0]


def penalty(symbol: Matrix) -> int:
    """The score of a symbol, of which the lowest is the easiest to read (ISO/IEC 18004, table 11).

    Each is one long number, row after row, so that a shift compares all modules with their neighbours at once.
    """
    side = len(symbol)
    pair, block, finder = _starts(side)
    score = 0
    for lines in (symbol, symbol.T):
        modules = int.from_bytes(np.packbits(lines, bitorder="little").tobytes(), "little")
        same = ~(modules ^ modules >> 1) & pair
        # A run of 5 + i counts 3 + i: one for each five in it, and two more where it begins.
        five = same & same >> 1 & same >> 2 & same >> 3
        score += five.bit_count() + 2 * (five & ~(five << 1)).bit_count()
        light = ~modules
        core = modules & light >> 1 & modules >> 2 & modules >> 3 & modules >> 4 & light >> 5 & modules >> 6
        calm = light & light >> 1 & light >> 2 & light >> 3
        score += 40 * ((core & calm >> 7 & finder).bit_count() + (calm & core >> 4 & finder).bit_count())
        if lines is symbol:
            score += 3 * (same & same >> side & ~(modules ^ modules >> side) & block).bit_count()
            score += 10 * int(abs(modules.bit_count() * 100 / side**2 - 50) // 5)
    return score


@lru_cache(40)
def _starts(side: int) -> tuple[int, int, int]:
    """Where in a symbol a pair in a row, a block of two by two, and eleven in a row can begin."""

    def first(columns: int, rows: int) -> int:
        row = (1 << columns) - 1
        return sum(row << side * place for place in range(rows))

    return first(side - 1, side), first(side - 1, side - 1), first(side - 10, side)
