"""Draws the code that leads from paper to the check."""

from functools import lru_cache
from typing import Any

import numpy as np
import segno

from credentials.rendering import qr_content

QUIET = 4
_MASKS = 8

Matrix = np.ndarray[Any, np.dtype[np.uint8]]


def svg(url: str, *, dark: str = "#17232B") -> str:
    """The code as one `<svg>` without size, style or reference: error correction M and four modules of quiet around it.

    Its ground is white whatever the page's colour, or scanners miss it.
    """
    full, runs = _runs(url)
    drawn = "".join(f"M{run >> 8 & 255} {run >> 16}h{run & 255}v1h-{run & 255}z" for run in runs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full} {full}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{full}v{full}h-{full}z"/><path fill="{dark}" d="{drawn}"/></svg>'
    )


def path(url: str) -> tuple[int, bytes]:
    """Modules on a side, quiet zone included, and the dark ones as a path of a PDF's content."""
    full, runs = _runs(url)
    return full, b"".join(map(_rectangles.__getitem__, runs))


class _Rectangles(dict[int, bytes]):
    """The operators of each run that was drawn before: codes of one size have some thousands between them."""

    def __missing__(self, run: int) -> bytes:
        self[run] = b"%d %d %d 1 re\n" % (run >> 8 & 255, run >> 16, run & 255)
        return self[run]


_rectangles = _Rectangles()


@lru_cache(8)
def _runs(url: str) -> tuple[int, list[int]]:
    """Modules on a side, and each row's unbroken dark ones as one number: 2^16 rows, 2^8 columns, length."""
    dark = modules(url)
    side = len(dark)
    framed = np.zeros((side, side + 2), dtype=np.uint8)
    framed[:, 1:-1] = dark
    # Row after row, where dark begins and where it ends, by turns.
    edges = np.flatnonzero(framed[:, 1:] != framed[:, :-1])
    rows, starts = np.divmod(edges[::2], side + 1)
    runs = (rows + QUIET << 16) + (starts + QUIET << 8) + edges[1::2] - edges[::2]
    return side + 2 * QUIET, runs.tolist()


def modules(url: str) -> Matrix:
    """The modules, dark ones as 1, under the mask that ISO/IEC 18004 (7.8.3) scores best.

    Drawn under one mask, from which the other seven follow: to try them all as encoders do would take most of a
    certificate's time.
    """
    version, under_first = _under_first_mask(url)
    side = len(under_first)
    along, across = _number(under_first), _number(under_first.T)
    masks = _between_masks(version)
    scores = [penalty(along ^ down, across ^ over, side) for down, over in masks]
    best, _across = masks[scores.index(min(scores))]
    return _matrix(along ^ best, side)


def _under_first_mask(url: str) -> tuple[int, Matrix]:
    # Only so is the whole of it one segment of bytes, as the drawn one of the same length is.
    if url.isascii() and any(character.islower() for character in url):
        version, level, drawn, content = _drawn(len(url))
        if qr_content.is_known(version, level):
            changed = qr_content.difference(version, level, content, url.encode("ascii"))
            return version, _matrix(drawn ^ changed, 17 + 4 * version)
    code = segno.make(url, error="m", micro=False, mask=0)
    return int(code.version), np.array(code.matrix, dtype=np.uint8)


@lru_cache(64)
def _drawn(length: int) -> tuple[int, str, int, bytes]:
    """A code of that length: its version, level, modules and content."""
    content = "x" * length
    code = segno.make(content, error="m", micro=False, mask=0)
    return int(code.version), str(code.error), _number(np.array(code.matrix, dtype=np.uint8)), content.encode()


@lru_cache(40)
def _between_masks(version: int) -> list[tuple[int, int]]:
    """What sets each mask apart from the first, along rows and along columns, the same for every content.

    The format that names the mask is part of it.
    """
    every = [segno.make("x", error="m", version=version, mask=mask, boost_error=False) for mask in range(_MASKS)]
    drawn = [np.array(code.matrix, dtype=np.uint8) for code in every]
    return [(_number(one ^ drawn[0]), _number((one ^ drawn[0]).T)) for one in drawn]


def _number(symbol: Matrix) -> int:
    """The modules row after row as one long number, so that a shift compares each with its neighbour."""
    return int.from_bytes(np.packbits(symbol, bitorder="little").tobytes(), "little")


def _matrix(number: int, side: int) -> Matrix:
    content = np.frombuffer(number.to_bytes((side * side + 7) // 8, "little"), dtype=np.uint8)
    found: Matrix = np.unpackbits(content, count=side * side, bitorder="little").reshape(side, side)
    return found


def penalty(along: int, across: int, side: int) -> int:
    """The score of a symbol, of which the lowest is the easiest to read (ISO/IEC 18004, table 11).

    It is given along its rows and along its columns.
    """
    pair, block, finder = _starts(side)
    score = 0
    for lines in (along, across):
        same = ~(lines ^ lines >> 1) & pair
        # A run of 5 + i counts 3 + i: one for each five in it, and two more where it begins.
        five = same & same >> 1 & same >> 2 & same >> 3
        score += five.bit_count() + 2 * (five & ~(five << 1)).bit_count()
        light = ~lines
        core = lines & light >> 1 & lines >> 2 & lines >> 3 & lines >> 4 & light >> 5 & lines >> 6
        calm = light & light >> 1 & light >> 2 & light >> 3
        score += 40 * ((core & calm >> 7 & finder).bit_count() + (calm & core >> 4 & finder).bit_count())
    same = ~(along ^ along >> 1)
    score += 3 * (same & same >> side & ~(along ^ along >> side) & block).bit_count()
    return score + 10 * int(abs(along.bit_count() * 100 / side**2 - 50) // 5)


@lru_cache(40)
def _starts(side: int) -> tuple[int, int, int]:
    """Where in a symbol a pair in a row, a block of two by two, and eleven in a row can begin."""

    def first(columns: int, rows: int) -> int:
        row = (1 << columns) - 1
        return sum(row << side * place for place in range(rows))

    return first(side - 1, side), first(side - 1, side - 1), first(side - 10, side)
