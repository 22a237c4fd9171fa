"""Fits a name to the room it has: its size by what its letters are likely to take, one line or two, its direction."""

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

LARGEST_NAME, _SMALLEST_NAME = 37, 15
# Two lines of a smaller size look better than one of a tiny size.
_TWO_LINES_BELOW = 0.62
LARGEST_HALF = round(LARGEST_NAME * _TWO_LINES_BELOW, 1)
HALVES = ("first-half", "second-half")


@dataclass(frozen=True)
class Line:
    """A name with what its script asks for: a size in points, a direction, and whether letters may stand apart."""

    text: str
    size: float
    direction: str
    spaced: bool
    #: The two halves of one that a single line does not hold; none where it does, or has no room to be parted.
    halves: tuple[str, ...] = ()


@lru_cache(256)
def name_line(name: str, room: float) -> Line:
    line = fitted(name, largest=LARGEST_NAME, smallest=_SMALLEST_NAME, room=room)
    words = name.split(" ")
    if line.size > LARGEST_HALF or len(words) < 2:
        return line
    # Where both halves are most alike.
    first, second = min(
        ((" ".join(words[:place]), " ".join(words[place:])) for place in range(1, len(words))),
        key=lambda halves: max(map(_width, halves)),
    )
    size = min(LARGEST_HALF, 0.9 * room / max(_width(first), _width(second)))
    return replace(line, size=round(max(_SMALLEST_NAME, size), 1), halves=(first, second))


def places_of(line: Line) -> tuple[str, ...]:
    """The places in which a form shows the name."""
    return HALVES if line.halves else ("learner",)


def fitted(text: str, *, largest: float, smallest: float, room: float) -> Line:
    width = _width(text) or 1
    size = room / width
    if size < largest * _TWO_LINES_BELOW:
        size = min(largest * _TWO_LINES_BELOW, 1.75 * room / width)
    return Line(
        text=text,
        size=round(max(smallest, min(largest, size)), 1),
        direction=_direction(text),
        # Spacing would tear joined scripts apart.
        spaced=all(ord(character) < 0x0530 or not character.isalpha() for character in text),
    )


def _width(text: str) -> float:
    return sum(map(_breadth, text))


# What a letter of these takes on the average; where most are as broad as Latin ones, nothing is said.
_BROAD = (
    (0x0B80, 0x0BFF, 1.0),  # Tamil
    (0x0C00, 0x0CFF, 0.8),  # Telugu, Kannada
    (0x0D00, 0x0D7F, 1.0),  # Malayalam
    (0x0D80, 0x0DFF, 0.9),  # Sinhala
    (0x1000, 0x109F, 0.85),  # Burmese
    (0x1200, 0x13FF, 0.75),  # Ethiopic, Cherokee
    (0x1780, 0x18AF, 0.75),  # Khmer, Mongolian
)


# A serif letter takes half its size, an East Asian one all of it.
@lru_cache(4096)
def _breadth(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if "\u0400" <= character <= "\u04ff":
        # Cyrillic letters run wider.
        return 0.86 if character in "ЖМФШЩЫЮжмфшщыю" else 0.75 if character.isupper() else 0.63
    if broad := next((breadth for first, last, breadth in _BROAD if first <= ord(character) <= last), 0):
        return broad
    if character.isupper() or character in "mwMW":
        return 0.72
    return 0.28 if character in " iljtfI.,'’-" else 0.56


def in_fours(code: str) -> str:
    """A code in groups of four, as people read it out and compare it; typed so, it is read as well."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def _direction(text: str) -> str:
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return "ltr"
