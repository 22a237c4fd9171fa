"""Fills a form with a learner's values: shapes them, cuts their fonts, and writes the PDF around the constant part."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from credentials.rendering.compiled.faces import Face
from credentials.rendering.compiled.form import ENTRY, Form, Slot
from credentials.rendering.compiled.objects import deflated, filled, text_string
from credentials.rendering.compiled.shaping import UNITS, Line, Run, shape
from credentials.rendering.compiled.unfit import Unfit

_SHARES = {"left": 0.0, "centre": 0.5, "right": 1.0}


def fill(
    form: Form,
    values: Mapping[str, str],
    *,
    document: bytes,
    modules: tuple[int, bytes],
    sizes: Mapping[str, float],
    directions: Mapping[str, str],
) -> bytes:
    """The certificate. `sizes` are those of slots whose size is the value's own, in points; `modules` is the code.

    Raises Unfit where WeasyPrint would break a line, choose a font or turn a text that we do not.
    """
    lines = {
        slot.name: _line(form, slot, values[slot.name], sizes.get(slot.name), directions.get(slot.name, slot.direction))
        for slot in form.slots
    }
    side, path = modules
    if form.code is not None and side != form.code.side:
        raise Unfit("larger code")
    fonts = _Fonts(form, lines)
    objects: list[tuple[int, bytes]] = [(number, filled(pieces, values)) for number, pieces in form.dynamic]
    number, packet = form.metadata
    objects.append((number, _plain(filled(packet, values), b"/Type/Metadata/Subtype/XML")))
    objects.append((form.fonts_number, form.fonts + fonts.entries() + b">>"))
    objects.append((form.file_number, _file(form, document, values["stamp"])))
    for slot in form.slots:
        objects.append((slot.number, _plain(fonts.shown(slot, *lines[slot.name]))))
    if form.code is not None:
        objects.append((form.code.number, deflated(path)))
    objects.sort()
    objects += fonts.objects()
    return _written(form, objects)


def _line(form: Form, slot: Slot, text: str, size: float | None, direction: str) -> tuple[Line, int]:
    units = slot.units if size is None else int(size * 4 / 3 * UNITS)
    line = _shaped(text, slot, units, direction, form.language)
    if line.width > slot.room * UNITS:
        raise Unfit("overflow")
    return line, units


@lru_cache(256)
def _shaped(text: str, slot: Slot, units: int, direction: str, language: str) -> Line:
    return shape(text, slot.style, units=units, direction=direction, language=language)


class _Fonts:
    """The fonts of one document: a cut of each face, with the glyphs of all lines that it draws."""

    def __init__(self, form: Form, lines: Mapping[str, tuple[Line, int]]) -> None:
        glyphs: dict[Face, dict[int, str]] = {}
        for slot in form.slots:
            line, _units = lines[slot.name]
            for run in line.runs:
                spelled = glyphs.setdefault(run.face, {})
                for number, _advance, _x_offset, _y_offset, letters in run.glyphs:
                    if number not in spelled:
                        spelled[number] = letters
            if slot.alphabet and line.runs:
                # One cut for all learners, whichever letters a code has.
                face = line.runs[0].face
                glyphs[face] = {**_alphabet(slot, form.language), **glyphs[face]}
        self._first = form.following
        self._made = {face: _font(face, tuple(sorted(spelled.items()))) for face, spelled in glyphs.items()}
        self._names = {face: b"/C%d" % place for place, face in enumerate(self._made)}

    def entries(self) -> bytes:
        return b"".join(
            b"%b %d 0 R" % (name, self._first + place * _OBJECTS) for place, name in enumerate(self._names.values())
        )

    def objects(self) -> list[tuple[int, bytes]]:
        found = []
        for place, font in enumerate(self._made.values()):
            number = self._first + place * _OBJECTS
            found += [
                (number, font.composite % (number + 1, number + 4)),
                (number + 1, font.descendant % (number + 2)),
                (number + 2, font.descriptor % (number + 3)),
                (number + 3, font.file),
                (number + 4, font.spelling),
            ]
        return found

    def shown(self, slot: Slot, line: Line, units: int) -> bytes:
        """The operators that show a line, as WeasyPrint writes them, with its roundings to thousandths."""
        x = slot.x - _SHARES[slot.anchor] * line.width / UNITS
        y = slot.middle + line.middle * units / UNITS
        parts = [f"1 0 0 -1 {_number(x)} {_number(y)} Tm\n"]
        for run in line.runs:
            parts.append(f"{self._names[run.face].decode()} {_number(units / UNITS)} Tf\n")
            parts.append(_shown(run, self._made[run.face].codes, units))
        words = "".join(parts).encode("ascii")
        if line.spoken:
            return b"/Span<</ActualText %b>>BDC\n%bEMC\n" % (text_string(line.text), words)
        return words


def _shown(run: Run, codes: Mapping[int, int], units: int) -> str:
    size = units / UNITS
    shown: list[str] = []
    row: list[str] = []

    def end_row() -> None:
        if row:
            shown.append(f"[{''.join(row)}] TJ\n".replace("><", ""))
            row.clear()

    width = run.face.width
    moved = False
    for number, advance, x_offset, y_offset, _letters in run.glyphs:
        offset = x_offset / size
        if y_offset:
            end_row()
            moved = False
            shown.append(f"{_number(y_offset / 1000)} Ts\n")
        if offset:
            # Two marks in a row: without a gap their two numbers are read as one, and what follows is far off the page.
            row.append(f" {_number(-offset)}" if moved else _number(-offset))
        row.append(f"<{codes[number]:04x}>")
        if y_offset:
            end_row()
            shown.append("0 Ts\n")
        kerning = int(width(number) + offset - advance * 1000 / units)
        moved = kerning != 0
        if moved:
            row.append(str(kerning))
    end_row()
    return "".join(shown)


@lru_cache(64)
def _alphabet(slot: Slot, language: str) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for letter in slot.alphabet:
        line = shape(letter, slot.style, units=slot.units, direction="ltr", language=language)
        found.update((glyph.number, glyph.letters) for glyph in line.runs[0].glyphs)
    return found


@dataclass(frozen=True)
class _Font:
    """The objects of a font, with places for the numbers of those that they name."""

    codes: Mapping[int, int]
    composite: bytes
    descendant: bytes
    descriptor: bytes
    file: bytes
    spelling: bytes


_OBJECTS = 5
# For a glyph that is only a part of what the one before it spells: archives ask that each has letters, readers for the
# blind are told the words beside the glyphs.
_NOTHING = "\u200b"


@lru_cache(128)
def _font(face: Face, spelled: tuple[tuple[int, str], ...]) -> _Font:
    cut = face.cut(frozenset(number for number, _letters in spelled))
    seal = hashlib.sha256(repr((face.key, spelled)).encode()).digest()
    # ISO 32000-1, 9.6.4: six capitals tell one cut of a font from another.
    name = b"/%b+%b" % (bytes(65 + byte % 26 for byte in seal[:6]), face.name.encode("ascii"))
    coded = sorted((cut.codes[number], number, letters) for number, letters in spelled)
    widths = b" ".join(b"%d[%d]" % (code, face.width(number)) for code, number, _letters in coded)
    kind, file_key, extra = (
        (b"0", b"/FontFile3", b"/Subtype/CIDFontType0C")
        if face.is_compact
        else (b"2/CIDToGIDMap/Identity", b"/FontFile2", b"/Length1 %d" % cut.length)
    )
    ascent, descent = round(face.ascent * 1000), round(face.descent * 1000)
    return _Font(
        codes=cut.codes,
        composite=b"<</Type/Font/Subtype/Type0/BaseFont%b/Encoding/Identity-H"
        b"/DescendantFonts[%%d 0 R]/ToUnicode %%d 0 R>>" % name,
        descendant=b"<</Type/Font/Subtype/CIDFontType%b/BaseFont%b/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/FontDescriptor %%d 0 R/DW 0/W[%b]>>" % (kind, name, widths),
        descriptor=b"<</Type/FontDescriptor/FontName%b/Flags 4/FontBBox[%b]/ItalicAngle 0/Ascent %d/Descent %d"
        b"/CapHeight %d/StemV 80%b %%d 0 R>>"
        % (name, b" ".join(b"%d" % edge for edge in face.box), ascent, descent, ascent, file_key),
        file=b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (extra, len(cut.content), cut.content),
        spelling=deflated(_spelling([(code, letters or _NOTHING) for code, _number, letters in coded])),
    )


def _spelling(coded: list[tuple[int, str]]) -> bytes:
    """The map from glyphs to what they spell (ISO 32000-1, 9.10.3)."""
    parts = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)"
        "/Supplement 0>>def/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n"
        "1 begincodespacerange<0000><ffff>endcodespacerange\n"
    ]
    for start in range(0, len(coded), 100):
        some = coded[start : start + 100]
        lines = "".join(f"<{code:04x}><{letters.encode('utf-16-be').hex()}>\n" for code, letters in some)
        parts.append(f"{len(some)} beginbfchar\n{lines}endbfchar\n")
    parts.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "".join(parts).encode("ascii")


def _file(form: Form, document: bytes, stamp: str) -> bytes:
    checked = hashlib.md5(document, usedforsecurity=False).hexdigest().encode("ascii")
    moment = b"(D:%bZ)" % stamp.encode("ascii")
    return deflated(
        document,
        b"/Type/EmbeddedFile/Subtype%b/Params<</Size %d/CheckSum<%b>/CreationDate%b/ModDate%b>>"
        % (form.file_type, len(document), checked, moment, moment),
    )


def _plain(content: bytes, extra: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (extra, len(content), content)


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def _written(form: Form, objects: list[tuple[int, bytes]]) -> bytes:
    """The whole file: constant head, what was filled, and the stream of references (ISO 32000-1, 7.5.8)."""
    parts = [form.head]
    at = len(form.head)
    entries = [form.references]
    for number, body in objects:
        entries.append(ENTRY.pack(1, at, 0))
        whole = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        parts.append(whole)
        at += len(whole)
    own = objects[-1][0] + 1
    entries.append(ENTRY.pack(1, at, 0))
    # Of all that differs between documents, so that the same input gives the same bytes.
    seal = hashlib.sha256(b"".join([form.seal, *parts[1:]])).hexdigest()[:32].encode("ascii")
    table = b"".join(entries)
    parts.append(
        b"%d 0 obj\n<</Type/XRef/W[1 4 2]/Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]/Length %d>>\n"
        b"stream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
        % (own, own + 1, form.root, form.info, seal, seal, len(table), table, at)
    )
    return b"".join(parts)
