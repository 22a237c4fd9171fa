"""Shapes one line as Pango does for WeasyPrint, or says that it cannot: the same glyphs, to 1/1024 of a pixel."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import uharfbuzz as hb

from credentials.rendering.compiled.faces import Face, Style, in_order
from credentials.rendering.compiled.unfit import Unfit

#: Pango counts in these parts of a pixel.
UNITS = 1024

# Scripts whose glyphs stand in another order than their letters, so that the text must be said beside them.
_REORDERED = (
    *("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA"),
    *("KHMER", "MYANMAR", "BALINESE", "JAVANESE", "THAI", "LAO", "TIBETAN"),
)
# Marks of letters that run leftwards stand before them in a line, and must not be taken for what the letter spells.
_CLUSTERS = {
    "ltr": hb.BufferClusterLevel.MONOTONE_GRAPHEMES,
    "rtl": hb.BufferClusterLevel.MONOTONE_CHARACTERS,
}


class Glyph(NamedTuple):
    """A glyph in a line: its number in the whole font, where it stands, and the letters that it draws."""

    number: int
    advance: int
    x_offset: int
    y_offset: int
    letters: str


@dataclass(frozen=True)
class Run:
    face: Face
    glyphs: Sequence[Glyph]


@dataclass(frozen=True)
class Line:
    """Runs from left to right. `spoken`: the text must be said beside the glyphs, which do not spell it."""

    text: str
    runs: Sequence[Run]
    width: int
    middle: float
    spoken: bool


def shape(text: str, style: Style, *, units: int, direction: str, language: str) -> Line:
    """The line at a size in Pango's units. Raises Unfit for missing glyphs, and numbers within right-to-left text."""
    available = in_order(style, language)
    if not available:
        raise Unfit("missing font")
    runs: list[Run] = []
    stretches = _from_left_to_right(text, direction)
    for stretch, way in stretches:
        parts = _by_face(stretch, available, style)
        shaped = [_run(face, part, units=units, direction=way, language=language) for face, part in parts]
        runs += reversed(shaped) if way == "rtl" else shaped
    return Line(
        text=text,
        runs=runs,
        width=sum(glyph.advance for run in runs for glyph in run.glyphs),
        # The line is as tall as its tallest face asks, and the first of them always has a say.
        middle=max(available[0].middle, *(run.face.middle for run in runs)),
        spoken=all(way == "ltr" for _stretch, way in stretches) and _needs_words(text, runs),
    )


def _from_left_to_right(text: str, direction: str) -> list[tuple[str, str]]:
    """The stretches of a text that run one way each, as they stand from left to right in a line of this direction.

    What the Unicode Bidirectional Algorithm (UAX 9) says of letters, marks, and what stands between them. Raises Unfit
    where it says more: for numbers within right-to-left text, for brackets between two directions, for marks that turn.
    """
    if direction == "ltr" and text.isascii():
        return [(text, direction)]
    kinds = [unicodedata.bidirectional(character) for character in text]
    leftwards, rightwards = "R" in kinds or "AL" in kinds, "L" in kinds
    if not leftwards and (rightwards or direction == "ltr"):
        # Numbers and all that is neutral go with it.
        return [(text, "ltr")]
    if not _SIMPLE.issuperset(kinds) or (rightwards and any(map(unicodedata.mirrored, text))):
        raise Unfit("mixed direction")
    ways = _ways(kinds, direction)
    found = [
        ("".join(character for character, _way in stretch), way)
        for way, stretch in groupby(zip(text, ways, strict=True), key=lambda pair: pair[1])
    ]
    return found if direction == "ltr" else found[::-1]


# UAX 9, table 4: letters, marks, what is neutral, and what is so where there are no numbers (W6).
_SIMPLE = frozenset({"L", "R", "AL", "NSM", "BN", "WS", "ON", "ES", "ET", "CS"})
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def _ways(kinds: Sequence[str], direction: str) -> Iterator[str]:
    """Which way each character runs: marks as what they stand on (W1), what lies between two letters as both do (N1).

    Between letters of two directions it runs as the whole line does (N2).
    """
    before, between = direction, 0
    for kind in kinds:
        way = _STRONG.get(kind)
        if way is not None:
            yield from [way if way == before else direction] * between
            yield way
            before, between = way, 0
        elif between or kind not in ("NSM", "BN"):
            between += 1
        else:
            yield before
    yield from [direction] * between


def _by_face(text: str, available: Sequence[Face], style: Style) -> list[tuple[Face, str]]:
    if text.isascii() and available[0].draws_all(text):
        _refuse_unlike(available[0], style)
        return [(available[0], text)]
    parts: list[tuple[Face, str]] = []
    for character in text:
        before = parts[-1][0] if parts else None
        category = unicodedata.category(character)
        if before is not None and (category == "Zs" or category in ("Mn", "Mc", "Me", "Cf")):
            # Spaces and marks stay with the letter before them.
            if category in ("Mn", "Mc", "Me") and not before.draws(character):
                raise Unfit("missing glyph")
            face = before
        else:
            face = next((face for face in available if face.draws(character)), None)  # type: ignore[assignment]
        if face is None:
            raise Unfit("missing glyph")
        if face is before:
            parts[-1] = (face, parts[-1][1] + character)
        else:
            _refuse_unlike(face, style)
            parts.append((face, character))
    return parts


def _refuse_unlike(face: Face, style: Style) -> None:
    if face.is_variable or (style.weight >= 600 and face.weight < 600):
        # What Pango makes of them, a weight that is not in the file, is not ours to imitate.
        raise Unfit("font without the weight")


def _run(face: Face, text: str, *, units: int, direction: str, language: str) -> Run:
    buffer = hb.Buffer()
    buffer.cluster_level = _CLUSTERS[direction]
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    buffer.language = language
    hb.shape(face.sized(units), buffer)
    infos, positions = buffer.glyph_infos, buffer.glyph_positions
    clusters = [info.cluster for info in infos]
    if direction == "ltr" and clusters == list(range(len(text))):
        # A glyph for each letter, as most names are written.
        simple = [
            Glyph(info.codepoint, at.x_advance, at.x_offset, at.y_offset, letter)
            for info, at, letter in zip(infos, positions, text, strict=True)
        ]
        if not all(glyph.number for glyph in simple):
            raise Unfit("missing glyph")
        return Run(face, simple)
    # Where each cluster ends in the text: the next start, whichever way the glyphs run.
    starts = sorted(set(clusters))
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    glyphs, said = [], set()
    for info, position in zip(infos, positions, strict=True):
        if info.codepoint == 0:
            raise Unfit("missing glyph")
        letters = "" if info.cluster in said else text[info.cluster : ends[info.cluster]]
        said.add(info.cluster)
        glyphs.append(Glyph(info.codepoint, position.x_advance, position.x_offset, position.y_offset, letters))
    return Run(face, glyphs)


def _needs_words(text: str, runs: Sequence[Run]) -> bool:
    if not text.isascii() and any(map(_is_reordered, text)):
        return True
    # A glyph that stands for two texts, or for none, does not spell what it draws.
    letters: dict[tuple[str, int], str] = {}
    for run in runs:
        for glyph in run.glyphs:
            if not glyph.letters or letters.setdefault((run.face.key, glyph.number), glyph.letters) != glyph.letters:
                return True
    return False


@lru_cache(4096)
def _is_reordered(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_REORDERED)
