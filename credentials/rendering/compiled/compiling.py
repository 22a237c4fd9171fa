"""Compiles a PDF that WeasyPrint has printed, with stand-ins for a learner's values, into a form.

Leans on how WeasyPrint writes its content streams: one release of it is pinned, and the test that holds filled
certificates against printed ones is the gate of the next.
"""

import hashlib
import io
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf

from credentials.rendering.compiled.faces import Style
from credentials.rendering.compiled.form import ENTRY, CodeSlot, Form, Slot
from credentials.rendering.compiled.objects import MARK, Marks, Piece, Writer, deflated, joined
from credentials.rendering.compiled.shaping import UNITS, shape
from credentials.rendering.compiled.unfit import Unfit

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@dataclass(frozen=True)
class Place:
    """What the page knows of a slot: its text in the print, its style, and where it stands in its room (pixels).

    `right` is the right end of the room, or its left end for lines that are anchored at the right.
    """

    name: str
    stand_in: str
    style: Style
    anchor: str
    end: float
    width: float = 0.0
    alphabet: str = ""


_TEXT = re.compile(
    rb"BT\n(1 0 0 -1 (?P<x>[-\d.]+) (?P<y>[-\d.]+) Tm\n/(?P<font>\w+) (?P<size>[\d.]+) Tf\n(?P<shown>\[.*?\] TJ\n))ET\n"
)
_CODE = re.compile(
    rb"1 1 1 rg\n\[\] 0 d\n0 J\n0 j\n4 M\n(?:0 0 m\n)+"
    rb"(?P<side>\d+) 0 l\n(?P=side) (?P=side) l\n0 (?P=side) l\nh\nf\nQ\nq\n"
    rb"/a1.0 gs\n[\d. ]+ rg\n\[\] 0 d\n0 J\n0 j\n4 M\n(?P<path>(?:[-\d. ]+ [ml]\n|h\n)+)f\n"
)
_USED_FONT = re.compile(rb"/(\w+) [\d.]+ Tf")


def compile_form(
    pdf: bytes, places: Sequence[Place], stand_ins: Mapping[str, str], *, language: str, with_code: bool = True
) -> Form:
    """The form of a printed page. Raises Unfit where it does not show each value once, as a line of its own."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        if len(document.pages) != 1:
            raise Unfit("several pages")
        return _Compiler(document, places, Marks(stand_ins), language, with_code=with_code).form()


class _Compiler:
    def __init__(
        self, document: pikepdf.Pdf, places: Sequence[Place], marks: Marks, language: str, *, with_code: bool
    ) -> None:
        self.document = document
        self.codes = 1 if with_code else 0
        self.places = {place.stand_in: place for place in places}
        self.marks = marks
        self.language = language
        self.page = document.pages[0].obj
        self.content = self.page.Contents.read_bytes()
        self.fonts = self.page.Resources.Font
        self.specification = document.Root.AF[0]

    def form(self) -> Form:
        pieces, found, side = self._split()
        self._drop_unused_fonts(b"".join(piece for piece in pieces if isinstance(piece, bytes)))
        # 1. What is constant, and what changes with the learner.
        self.page["/Contents"] = pikepdf.Array([])
        reached = self._reached()
        fonts, metadata = self.fonts.objgen[0], self.document.Root.Metadata.objgen[0]
        file = self.specification.EF.F.objgen[0]
        special = [fonts, metadata, file]
        changing = [old for old in reached if old not in special and self._changes(reached[old])]
        # Whoever signs the file later finds these two without unpacking anything, one behind the other.
        plain = (self.document.Root.objgen[0], self.page.objgen[0])
        constant = [old for old in reached if old not in changing and old not in special]
        packed = [old for old in constant if old not in plain and not isinstance(reached[old], pikepdf.Stream)]
        loose = [*plain, *(old for old in constant if isinstance(reached[old], pikepdf.Stream))]
        # 2. Numbers: packed, loose, the pack, constant content; then what changes, and content that does.
        numbering = itertools.count(1)
        numbers = {old: next(numbering) for old in [*packed, *loose]}
        pack = next(numbering)
        static = {place: next(numbering) for place, piece in enumerate(pieces) if isinstance(piece, bytes)}
        numbers |= {old: next(numbering) for old in [*changing, *special]}
        filled_in = {place: next(numbering) for place, piece in enumerate(pieces) if isinstance(piece, str)}
        contents = {**static, **filled_in}
        # 3. The bytes.
        writer = _ContentNaming(numbers, self.marks, [contents[place] for place in range(len(pieces))])
        head = bytearray(HEADER)
        references = [ENTRY.pack(0, 0, 0xFFFF), *(ENTRY.pack(2, pack, place) for place in range(len(packed)))]
        bodies = [
            *((numbers[old], self._whole(writer, reached[old])) for old in loose),
            (pack, _pack([(numbers[old], writer.bytes_of(reached[old])) for old in packed])),
            *((static[place], deflated(pieces[place], level=9)) for place in static),  # type: ignore[arg-type]
        ]
        for number, body in bodies:
            references.append(ENTRY.pack(1, len(head), 0))
            head += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        return Form(
            language=self.language,
            head=bytes(head),
            references=b"".join(references),
            dynamic=tuple((numbers[old], tuple(writer.pieces(reached[old]))) for old in changing),
            metadata=(numbers[metadata], tuple(self._metadata())),
            slots=tuple(_slot(found[name], contents[place], self.language) for place, name in _slots(pieces)),
            code=next((CodeSlot(contents[place], side) for place, piece in enumerate(pieces) if piece == ""), None),
            fonts_number=numbers[fonts],
            fonts=writer.bytes_of(self.fonts)[:-2],
            file_number=numbers[file],
            file_type=self.specification.EF.F.Subtype.unparse(),
            root=numbers[plain[0]],
            info=numbers[self.document.docinfo.objgen[0]],
            following=next(numbering),
            seal=hashlib.sha256(head).digest(),
        )

    def _drop_unused_fonts(self, content: bytes) -> None:
        used = set(_USED_FONT.findall(content))
        for name in list(self.fonts.keys()):
            if name[1:].encode() not in used:
                del self.fonts[name]

    def _split(self) -> tuple[list[bytes | str], dict[str, "_Found"], int]:
        """The content in pieces: bytes, names of slots, and an empty name where the code is drawn."""
        cuts: list[tuple[int, int, str]] = []
        found: dict[str, _Found] = {}
        letters = {name[1:]: _letters(font) for name, font in self.fonts.items()}
        for match in _TEXT.finditer(self.content):
            text = _spelled(match["shown"], letters[match["font"].decode()])
            place = self.places.get(text)
            if place is None:
                continue
            if place.name in found:
                raise Unfit("value shown twice")
            found[place.name] = _Found(place, *(float(match[name]) for name in ("x", "y", "size")))
            cuts.append((*match.span(1), place.name))
        if len(found) != len(self.places):
            raise Unfit("value not shown as one line")
        codes = list(_CODE.finditer(self.content))
        if len(codes) != self.codes:
            raise Unfit("no code to scan")
        cuts += [(*code.span("path"), "") for code in codes]
        pieces: list[bytes | str] = []
        at = 0
        for start, end, name in sorted(cuts):
            pieces += [self.content[at:start], name]
            at = end
        return [*pieces, self.content[at:]], found, int(codes[0]["side"]) if codes else 0

    def _reached(self) -> dict[int, Any]:
        """Every indirect object that the document leads to, in a fixed order."""
        reached: dict[int, Any] = {}
        waiting: list[Any] = [self.document.docinfo, self.document.Root]
        while waiting:
            value = waiting.pop()
            if isinstance(value, pikepdf.Object) and value.is_indirect:
                if value.objgen[0] in reached:
                    continue
                reached[value.objgen[0]] = value
            if isinstance(value, pikepdf.Stream | pikepdf.Dictionary):
                waiting += [entry for _key, entry in sorted(value.items(), reverse=True)]
            elif isinstance(value, pikepdf.Array):
                waiting += reversed(list(value))
        return dict(sorted(reached.items()))

    def _changes(self, value: Any) -> bool:
        if isinstance(value, pikepdf.Stream):
            return False
        return any(not isinstance(piece, bytes) for piece in Writer(_AnyNumber(), self.marks).pieces(value))

    def _whole(self, writer: "_ContentNaming", value: Any) -> bytes:
        if not isinstance(value, pikepdf.Stream):
            return writer.bytes_of(value)
        raw = value.read_raw_bytes()
        head = pikepdf.Dictionary(dict(value.items()) | {"/Length": len(raw)})
        return writer.bytes_of(head) + b"\nstream\n" + raw + b"\nendstream"

    def _metadata(self) -> list[Piece]:
        packet = self.marks.find(self.document.Root.Metadata.read_bytes().decode("utf-8"))
        # The packet is markup, of which only the values are escaped.
        parts: list[Piece] = []
        for i, part in enumerate(packet.split(MARK)):
            parts.append(("xml", f"{MARK}{part}{MARK}") if i % 2 else part.encode("utf-8"))
        return joined(parts)


@dataclass(frozen=True)
class _Found:
    place: Place
    x: float
    y: float
    size: float


class _AnyNumber(dict[int, int]):
    def __missing__(self, key: int) -> int:
        return 0


class _ContentNaming(Writer):
    """Writes the page's content, taken from the page before, as the array of all its pieces."""

    def __init__(self, numbers: Mapping[int, int], marks: Marks, contents: Sequence[int]) -> None:
        super().__init__(numbers, marks)
        self._contents = b"/Contents [" + b" ".join(b"%d 0 R" % number for number in contents) + b"]"

    def bytes_of(self, value: Any) -> bytes:
        [written] = self.pieces(value)
        assert isinstance(written, bytes)  # noqa: S101 - what changes was sorted out before
        return written.replace(b"/Contents[]", self._contents)


def _slot(found: _Found, number: int, language: str) -> Slot:
    """Where a line of any text stands, from where the stand-in does."""
    place = found.place
    units = round(found.size * UNITS)
    line = shape(place.stand_in, place.style, units=units, direction="ltr", language=language)
    width = line.width / UNITS
    share = {"left": 0.0, "centre": 0.5, "right": 1.0}[place.anchor]
    x = found.x + share * width
    room = place.width or abs(place.end - x)
    return Slot(
        name=place.name,
        number=number,
        style=place.style,
        direction="ltr",
        units=units,
        anchor=place.anchor,
        x=x,
        middle=found.y - line.middle * units / UNITS,
        room=room,
        alphabet=place.alphabet,
    )


def _letters(font: Any) -> dict[str, str]:
    """What each glyph of a font spells, by its map to Unicode."""
    table = font.ToUnicode.read_bytes().decode("ascii")
    return {
        code.lower(): bytes.fromhex(text).decode("utf-16-be")
        for code, text in re.findall(r"<([0-9a-fA-F]{4})> <([0-9a-fA-F]*)>", table)
    }


def _spelled(shown: bytes, letters: Mapping[str, str]) -> str:
    codes = "".join(part.decode("ascii") for part in re.findall(rb"<([0-9a-f]*)>", shown))
    return "".join(letters.get(codes[i : i + 4], "\ufffd") for i in range(0, len(codes), 4))


def _slots(pieces: Sequence[bytes | str]) -> list[tuple[int, str]]:
    return [(place, piece) for place, piece in enumerate(pieces) if isinstance(piece, str) and piece]


def _pack(objects: Sequence[tuple[int, bytes]]) -> bytes:
    """An object stream (ISO 32000-1, 7.5.7)."""
    places, bodies = [], bytearray()
    for number, body in objects:
        places.append(b"%d %d" % (number, len(bodies)))
        bodies += body + b"\n"
    index = b" ".join(places) + b"\n"
    return deflated(index + bytes(bodies), b"/Type/ObjStm/N %d/First %d" % (len(objects), len(index)), level=9)
