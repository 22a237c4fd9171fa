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
    if character.isupper() or character in "mwMW":
        return 0.72
    return 0.28 if character in " iljtfI.,'’-" else 0.56


def _direction(text: str) -> str:
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return "ltr"
