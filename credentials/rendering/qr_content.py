"""Changes what a drawn code says without drawing it anew: all of a QR code but its mask is linear in its content.

Codes of one site differ in a few characters. What one bit of content changes, in the data and in its error correction,
is worked out once (ISO/IEC 18004, 7.5 to 7.7); a new code is the drawn one with those changes laid over it.
"""

from functools import lru_cache

#: For the versions and levels that an address of up to 180 characters has: error correction per block, and blocks by
#: the data that they hold (ISO/IEC 18004, table 9). A level above M is what a version has room for unasked.
_BLOCKS: dict[tuple[int, str], tuple[int, tuple[int, ...]]] = {
    (1, "M"): (10, (16,)),
    (1, "Q"): (13, (13,)),
    (1, "H"): (17, (9,)),
    (2, "M"): (16, (28,)),
    (2, "Q"): (22, (22,)),
    (3, "M"): (26, (44,)),
    (3, "Q"): (18, (17,) * 2),
    (4, "M"): (18, (32,) * 2),
    (4, "Q"): (26, (24,) * 2),
    (5, "M"): (24, (43,) * 2),
    (6, "M"): (16, (27,) * 4),
    (7, "M"): (18, (31,) * 4),
    (8, "M"): (22, (38,) * 2 + (39,) * 2),
    (9, "M"): (22, (36,) * 3 + (37,) * 2),
}
_ALIGNED = {2: (18,), 3: (22,), 4: (26,), 5: (30,), 6: (34,), 7: (6, 22, 38), 8: (6, 24, 42), 9: (6, 26, 46)}


def is_known(version: int, level: str) -> bool:
    return (version, level) in _BLOCKS


def difference(version: int, level: str, one: bytes, other: bytes) -> int:
    """The modules in which two codes of the same length and mask differ, as a number: row after row, lowest bit first.

    Both are bytes (mode 0100) in one segment, at a version and level that `is_known`.
    """
    found = 0
    for place, (here, there) in enumerate(zip(one, other, strict=True)):
        if changed := here ^ there:
            found ^= _change(version, level, place, changed)
    return found


@lru_cache(8192)
def _change(version: int, level: str, place: int, bits: int) -> int:
    """What a changed byte of content changes: all that each of its bits does."""
    found = 0
    while bits:
        lowest = bits & -bits
        found ^= _change_of_one(version, level, place, lowest)
        bits ^= lowest
    return found


@lru_cache(8192)
def _change_of_one(version: int, level: str, place: int, bits: int) -> int:
    """The byte lies across two codewords, after 4 bits of mode and 8 of length."""
    return _codeword(version, level, place + 1, bits >> 4) ^ _codeword(version, level, place + 2, (bits & 15) << 4)


def _codeword(version: int, level: str, place: int, bits: int) -> int:
    correction, blocks = _BLOCKS[version, level]
    # Which block holds it, and where.
    block, within = 0, place
    while within >= blocks[block]:
        within -= blocks[block]
        block += 1
    changed = {_interleaved(blocks, block, within): bits}
    remainder = _remainder(correction, blocks[block] - within, bits)
    for step, value in enumerate(remainder):
        changed[sum(blocks) + step * len(blocks) + block] = value
    modules = _modules(version)
    found = 0
    for codeword, value in changed.items():
        for bit in range(8):
            if value >> (7 - bit) & 1:
                found |= 1 << modules[codeword * 8 + bit]
    return found


def _interleaved(blocks: tuple[int, ...], block: int, within: int) -> int:
    """Where a codeword of a block comes in the sequence: the first of each block, then the second of each."""
    return sum(min(length, within) for length in blocks) + sum(1 for length in blocks[:block] if length > within)


def _remainder(correction: int, steps: int, value: int) -> list[int]:
    """The error correction of a codeword followed by `steps` - 1 of nothing."""
    # As many times that of a 1 in its place.
    return [_times(value, each) for each in _remainder_of_one(correction, steps)]


@lru_cache(1024)
def _remainder_of_one(correction: int, steps: int) -> list[int]:
    generator = _generator(correction)
    rest = generator
    for _step in range(steps - 1):
        rest = [a ^ _times(rest[0], b) for a, b in zip([*rest[1:], 0], generator, strict=True)]
    return rest


@lru_cache(40)
def _generator(count: int) -> list[int]:
    found = [1]
    for power in range(count):
        root = _POWERS[power]
        found = [a ^ _times(root, b) for a, b in zip([*found, 0], [0, *found], strict=True)]
    return found[1:]


def _powers() -> list[int]:
    # The field of 256 by x^8 + x^4 + x^3 + x^2 + 1.
    found = [1]
    while len(found) < 255:
        doubled = found[-1] << 1
        found.append(doubled ^ 0x11D if doubled > 255 else doubled)
    return found


_POWERS = _powers()
_LOGARITHMS = {value: power for power, value in enumerate(_POWERS)}


def _times(one: int, other: int) -> int:
    return _POWERS[(_LOGARITHMS[one] + _LOGARITHMS[other]) % 255] if one and other else 0


@lru_cache(9)
def _modules(version: int) -> list[int]:
    """The places of the bits of all codewords, in their order: up and down in pairs of columns, from the right."""
    side = 17 + 4 * version
    taken = _taken(version, side)
    found = []
    for turn, right in enumerate([*range(side - 1, 6, -2), *range(5, 0, -2)]):
        for step in range(side):
            row = step if turn % 2 else side - 1 - step
            found += [row * side + column for column in (right, right - 1) if (row, column) not in taken]
    return found


def _taken(version: int, side: int) -> set[tuple[int, int]]:
    """The modules of finders, timing, alignment, format and version, which hold no content."""
    taken = {(row, column) for row in range(9) for column in (*range(9), *range(side - 8, side))}
    taken |= {(row, column) for row in range(side - 8, side) for column in range(9)}
    taken |= {(6, place) for place in range(side)} | {(place, 6) for place in range(side)}
    centres = _ALIGNED.get(version, ())
    corners = {(6, 6), (6, side - 7), (side - 7, 6)}
    for centre in {(a, b) for a in centres for b in centres} - corners:
        taken |= {(centre[0] + down, centre[1] + across) for down in range(-2, 3) for across in range(-2, 3)}
    if version >= 7:
        taken |= {(row, side - 11 + column) for row in range(6) for column in range(3)}
        taken |= {(side - 11 + row, column) for row in range(3) for column in range(6)}
    return taken
