"""Finds the installed faces of a list of families, and measures, shapes and cuts them with HarfBuzz.

A list of families means what it means in CSS: each character is drawn by the first that has it.
"""

import hashlib
import zlib
from dataclasses import dataclass
from functools import lru_cache

import uharfbuzz as hb

from credentials.rendering import fonts

# Fonts of several million bytes: more than these few are not held at once.
_FACES = 24
_SUBSETS = 512


@dataclass(frozen=True)
class Style:
    """The families of a text in their order, and its weight as in CSS."""

    families: tuple[str, ...]
    weight: int = 400


@dataclass(frozen=True)
class Cut:
    """A font with only some glyphs: the file, compressed, and the number that each of them has in it."""

    content: bytes
    length: int
    codes: dict[int, int]


class Face:
    """One face of a font file. Sizes and widths are Pango's: whole 1/1024 of a pixel."""

    def __init__(self, path: str, index: int, weight: int) -> None:
        self.face = hb.Face(hb.Blob.from_file_path(path), index)
        self.key = f"{path}#{index}"
        self.weight = weight
        self.upem = self.face.upem
        self.is_compact = "CFF " in self.face.table_tags
        self.is_variable = bool(self.face.has_var_data)
        self._covered: set[int] = set(self.face.unicodes)
        self._plain = hb.Font(self.face)
        self._widths: dict[int, int] = {}
        self._ready: hb.Face | None = None
        extents = self._plain.get_font_extents("ltr")
        self.ascent = extents.ascender / self.upem
        self.descent = extents.descender / self.upem
        self.name = _name(self.face)
        self.box = _box(self.face, self.upem)

    @property
    def middle(self) -> float:
        """How far the baseline lies below the middle of a line, for a size of one."""
        return (self.ascent + self.descent) / 2

    def draws(self, character: str) -> bool:
        return ord(character) in self._covered

    def draws_all(self, text: str) -> bool:
        return self._covered.issuperset(map(ord, text))

    def sized(self, units: int) -> hb.Font:
        return _sized(self, units)

    def width(self, glyph: int) -> int:
        """In thousandths of the size, as a PDF states it."""
        width = self._widths.get(glyph)
        if width is None:
            width = self._widths[glyph] = round(self._plain.get_glyph_h_advance(glyph) * 1000 / self.upem)
        return width

    def cut(self, glyphs: frozenset[int]) -> Cut:
        return _cut(self, glyphs)

    def ready(self) -> hb.Face:
        """The face prepared for many cuts, where that pays: for the largest it takes a second, and saves little."""
        if self._ready is None:
            self._ready = self.face if self.is_compact else hb.subset_preprocess(self.face)
        return self._ready


@lru_cache(_FACES)
def _sized(face: Face, units: int) -> hb.Font:
    font = hb.Font(face.face)
    font.scale = (units, units)
    return font


_FLAGS = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.DESUBROUTINIZE | hb.SubsetFlags.NOTDEF_OUTLINE
# A PDF places glyphs by itself; nothing but outlines and widths is read from the file.
_DROPPED = ("BASE", "DSIG", "GDEF", "GPOS", "GSUB", "JSTF", "VORG", "gasp", "kern", "vhea", "vmtx")


@lru_cache(_SUBSETS)
def _cut(face: Face, glyphs: frozenset[int]) -> Cut:
    wanted = hb.SubsetInput()
    wanted.glyph_set.update(glyphs)
    wanted.flags = _FLAGS
    wanted.drop_table_tag_set.update(hb_tag(name) for name in _DROPPED)
    plan = hb.SubsetPlan(face.ready(), wanted)
    codes = {glyph: plan.old_to_new_glyph_mapping[glyph] for glyph in glyphs}
    small = plan.execute()
    content = small.blob.data
    if face.is_compact:
        # Out of its wrapping: readers disagree on how glyphs are numbered within it.
        content = small.reference_table("CFF ").data
        if _is_numbered(content):
            # The glyphs keep the numbers that they have in their collection.
            codes = {glyph: glyph for glyph in glyphs}
    return Cut(zlib.compress(content, 6), len(content), codes)


def hb_tag(name: str) -> int:
    return int.from_bytes(name.encode("ascii"), "big")


def _is_numbered(table: bytes) -> bool:
    """Whether a CFF font names its glyphs by number (a ROS operator, 12 30, in its top dictionary)."""
    header = table[2]
    # Name index, then the index of top dictionaries: a count, the size of offsets, offsets, data.
    start = _after_index(table, header)
    return b"\x0c\x1e" in table[start : _after_index(table, start)]


def _after_index(table: bytes, start: int) -> int:
    count = int.from_bytes(table[start : start + 2], "big")
    if not count:
        return start + 2
    size = table[start + 2]
    last = start + 3 + count * size
    return start + 2 + (count + 1) * size + int.from_bytes(table[last : last + size], "big")


def _name(face: hb.Face) -> str:
    name = face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or "Font"
    return "".join(character for character in name if character.isascii() and (character.isalnum() or character == "-"))


def _box(face: hb.Face, upem: int) -> tuple[int, ...]:
    head = face.reference_table("head").data
    edges = (int.from_bytes(head[at : at + 2], "big", signed=True) for at in range(36, 44, 2))
    return tuple(round(edge * 1000 / upem) for edge in edges)


@lru_cache(256)
def named(family: str, weight: int, language: str) -> Face | None:
    """The installed face of exactly that family nearest to the weight; none where it is not installed."""
    found = fonts.face_of(family, weight=weight, language=language)
    if found is None or family not in found.families:
        return None
    return _opened(found.path, found.index, found.weight)


@lru_cache(_FACES)
def _opened(path: str, index: int, weight: int) -> Face:
    return Face(path, index, weight)


def in_order(style: Style, language: str) -> tuple[Face, ...]:
    """The installed faces of the style's families."""
    found = (named(family, style.weight, language) for family in style.families)
    return tuple(face for face in found if face is not None)


def fingerprint(styles: tuple[Style, ...], language: str) -> str:
    """Changes when other fonts are installed, so that what was laid out with the old ones is not filled with new."""
    digest = hashlib.sha256()
    for style in styles:
        for face in in_order(style, language):
            digest.update(face.key.encode())
            digest.update(face.face.reference_table("head").data)
    return digest.hexdigest()
