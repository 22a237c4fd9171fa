"""Shapes one line as Pango does for WeasyPrint, or says that it cannot: the same glyphs, to 1/1024 of a pixel."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

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
_CLUSTERS = hb.BufferClusterLevel.MONOTONE_GRAPHEMES


@dataclass(frozen=True)
class Glyph:
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
    """The line at a size in Pango's units. Raises Unfit for missing glyphs and for text of two directions."""
    way = direction_of(text, otherwise=direction)
    if way != direction:
        raise Unfit("mixed direction")
    available = in_order(style, language)
    if not available:
        raise Unfit("missing font")
    parts = _by_face(text, available, style)
    runs = [_run(face, part, units=units, direction=way, language=language) for face, part in parts]
    if way == "rtl":
        runs.reverse()
    return Line(
        text=text,
        runs=runs,
        width=sum(glyph.advance for run in runs for glyph in run.glyphs),
        # The line is as tall as its tallest face asks, and the first of them always has a say.
        middle=max(available[0].middle, *(run.face.middle for run in runs)),
        spoken=way == "ltr" and _needs_words(text, runs),
    )


def direction_of(text: str, *, otherwise: str) -> str:
    """Which way the whole text runs. Raises Unfit where it runs both, as Arabic does around a number."""
    kinds = {unicodedata.bidirectional(character) for character in text}
    rightwards, leftwards = "L" in kinds, bool(kinds & {"R", "AL"})
    if rightwards and leftwards:
        raise Unfit("mixed direction")
    if leftwards or (otherwise == "rtl" and not rightwards):
        if kinds & {"EN", "AN"}:
            raise Unfit("mixed direction")
        return "rtl"
    return "ltr"


def _by_face(text: str, available: Sequence[Face], style: Style) -> list[tuple[Face, str]]:
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
        if face.face.has_var_data or (style.weight >= 600 and face.weight < 600):
            # What Pango makes of them, a weight that is not in the file, is not ours to imitate.
            raise Unfit("font without the weight")
        if face is before:
            parts[-1] = (face, parts[-1][1] + character)
        else:
            parts.append((face, character))
    return parts


def _run(face: Face, text: str, *, units: int, direction: str, language: str) -> Run:
    buffer = hb.Buffer()
    buffer.cluster_level = _CLUSTERS
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    buffer.language = language
    hb.shape(face.sized(units), buffer)
    infos, positions = buffer.glyph_infos, buffer.glyph_positions
    # Where each cluster ends in the text: the next start, whichever way the glyphs run.
    starts = sorted({info.cluster for info in infos})
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
    if any(unicodedata.name(character, "").startswith(_REORDERED) for character in text):
        return True
    # A glyph that stands for two texts, or for none, does not spell what it draws.
    letters: dict[tuple[str, int], str] = {}
    for run in runs:
        for glyph in run.glyphs:
            if not glyph.letters or letters.setdefault((run.face.key, glyph.number), glyph.letters) != glyph.letters:
                return True
    return False
