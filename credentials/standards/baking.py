"""Baking: a credential put into a picture, and taken out again (Open Badges 3.0, section 5.3; Open Badges 2.0, Baking).

Pictures are spliced, not drawn anew: every byte that is not the credential stays as it was. What a picture shows is not
signed, only the credential in it is.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

MAX_PICTURE_BYTES = 5_000_000
MAX_TEXT_BYTES = 1_000_000
_MAX_CHUNKS = 10_000
# Of an SVG, which is read whole; drawings of badges have some hundreds, and ten or twenty levels.
_MAX_TAGS, _MAX_ATTRIBUTES, _MAX_DEPTH = 100_000, 50_000, 200
# expat writes the address of its namespace before each name: a long one, and a small file unfolds into gigabytes.
_MAX_NAMESPACE = 300

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXT_CHUNKS = (b"iTXt", b"tEXt", b"zTXt")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+\Z")
_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\Z")
_PREFIX = "openbadges"


class BadPicture(ValueError):
    """The picture is not a sound PNG or SVG, is too large, or holds a credential in a form that is not allowed."""


class NothingBaked(Exception):
    """The picture is sound, but there is no credential in it."""


class Standard(Enum):
    """What is baked in: the PNG keyword, and the namespace and element of the SVG form."""

    OPEN_BADGES_3 = ("openbadgecredential", "https://purl.imsglobal.org/ob/v3p0", "credential")
    CLR_2 = ("clrcredential", "https://purl.imsglobal.org/clr/v2p0", "credential")
    OPEN_BADGES_2 = ("openbadges", "http://openbadges.org", "assertion")

    @property
    def keyword(self) -> bytes:
        return self.value[0].encode("ascii")

    @property
    def namespace(self) -> str:
        return self.value[1]

    @property
    def element(self) -> str:
        """The element's name as expat gives it: namespace, space, local name."""
        return f"{self.value[1]} {self.value[2]}"


_BY_ELEMENT = {standard.element: standard for standard in Standard}
_KEYWORDS = tuple(standard.keyword + b"\0" for standard in Standard)


@dataclass(frozen=True)
class Baked:
    """A credential found in a picture: JSON, a compact JWS, or with Open Badges 2.0 the address of an assertion."""

    standard: Standard
    text: str


def bake_png(picture: bytes, text: str, *, standard: Standard = Standard.OPEN_BADGES_3) -> bytes:
    """The PNG with `text`, JSON or a compact JWS, in one iTXt chunk before the pixels; earlier ones are replaced.

    With Open Badges 2.0 the text may be the address of a hosted assertion. Pixel data is copied unread. Raises
    BadPicture, or ValueError for text that is empty, too long or holds NUL.
    """
    content = _checked_text(text)
    parts = [_PNG_SIGNATURE]
    baked = False
    for kind, start, end in _chunks(picture):
        if kind in _TEXT_CHUNKS and picture[start + 8 : end].startswith(_KEYWORDS):
            continue
        if kind == b"IDAT" and not baked:
            # No compression, no language, no translated keyword.
            parts.append(_chunk(b"iTXt", standard.keyword + b"\0\0\0\0\0" + content))
            baked = True
        parts.append(picture[start:end])
    if not baked:
        raise BadPicture("The PNG has no pixels.")
    return b"".join(parts)


def unbake_png(picture: bytes) -> Baked:
    """The credential in a PNG; raises BadPicture (also for two, or a compressed one) or NothingBaked."""
    found: dict[Standard, str] = {}
    keywords = {standard.keyword: standard for standard in Standard}
    for kind, start, end in _chunks(picture):
        if kind not in _TEXT_CHUNKS:
            continue
        keyword, separator, rest = picture[start + 8 : end - 4].partition(b"\0")
        standard = keywords.get(keyword)
        if standard is None or not separator:
            continue
        if standard in found:
            raise BadPicture(_TWO)
        if zlib.crc32(picture[start + 4 : end - 4]) != int.from_bytes(picture[end - 4 : end], "big"):
            raise BadPicture("The checksum of the credential's chunk is wrong.")
        found[standard] = _chunk_text(kind, standard, rest)
    return _only(found)


def bake_svg(picture: bytes, text: str, *, standard: Standard = Standard.OPEN_BADGES_3) -> bytes:
    """The SVG with `text` as first child of its root, JSON as CDATA, else as attribute; earlier ones go.

    The SVG must be UTF-8. Raises BadPicture, or ValueError for text that is empty, too long or holds NUL.
    """
    _checked_text(text)
    name = standard.value[2]
    reader = _SvgReader(picture)
    if reader.prefixes.get(_PREFIX, standard.namespace) != standard.namespace:
        raise BadPicture(f"The SVG uses the prefix {_PREFIX} for something else.")
    if _COMPACT_JWS.match(text) or _ADDRESS.match(text):
        element = f"<{_PREFIX}:{name} verify={quoteattr(text)}/>"
    else:
        quoted = text.replace("]]>", "]]]]><![CDATA[>")
        element = f"<{_PREFIX}:{name}><![CDATA[{quoted}]]></{_PREFIX}:{name}>"
    start, end = reader.root
    closed = picture[end - 2 : end] == b"/>"
    head = picture[start : end - (2 if closed else 1)]
    if _PREFIX not in reader.prefixes:
        head += f' xmlns:{_PREFIX}="{standard.namespace}"'.encode()
    parts = [picture[:start], head, b">", element.encode("utf-8")]
    if closed:
        parts += [b"</", re.split(rb"[\s/>]", picture[start + 1 : end], maxsplit=1)[0], b">"]
    position = end
    for old_start, old_end in sorted(place for places in reader.ranges.values() for place in places):
        parts.append(picture[position:old_start])
        position = old_end
    baked = b"".join([*parts, picture[position:]])
    # JSON may hold characters that XML cannot: better found here than by whoever opens the badge.
    if unbake_svg(baked) != Baked(standard, text):
        raise BadPicture("The credential cannot be written into this SVG.")
    return baked


def unbake_svg(picture: bytes) -> Baked:
    """The credential in an SVG; raises BadPicture (also for two, a DTD, entities) or NothingBaked."""
    reader = _SvgReader(picture)
    places = sum(len(ranges) for ranges in reader.ranges.values())
    if places > 1 or (places and reader.has_deeper):
        raise BadPicture(_TWO)
    return _only({standard: text for standard, text in reader.texts.items() if text})


def unbake(picture: bytes) -> Baked:
    """The credential in a PNG or an SVG, told apart by content; raises BadPicture or NothingBaked."""
    return unbake_png(picture) if picture.startswith(_PNG_SIGNATURE) else unbake_svg(picture)


# Were one of them taken, nobody would know of the other, and the next program would show that.
_TWO = "It holds two credentials, and programs differ in which one they take."


def _only(found: dict[Standard, str]) -> Baked:
    if len(found) > 1:
        raise BadPicture(_TWO)
    for standard, text in found.items():
        return Baked(standard, text)
    raise NothingBaked("There is no credential in this picture.")


def _checked_text(text: str) -> bytes:
    content = text.encode("utf-8")
    if not 0 < len(content) <= MAX_TEXT_BYTES or "\0" in text:
        raise ValueError("A baked credential is not empty, not over-long, and holds no NUL.")
    return content


def _check_size(picture: bytes) -> None:
    if len(picture) > MAX_PICTURE_BYTES + MAX_TEXT_BYTES:
        raise BadPicture("The picture is too large.")


# PNG


def _chunks(picture: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk, IHDR to IEND (PNG, section 5.3); raises BadPicture at a fault."""
    _check_size(picture)
    if not picture.startswith(_PNG_SIGNATURE):
        raise BadPicture("The picture is not a PNG.")
    start = len(_PNG_SIGNATURE)
    for number in range(_MAX_CHUNKS):
        if start + 12 > len(picture):
            raise BadPicture("The PNG is cut off.")
        length, kind = struct.unpack_from(">I4s", picture, start)
        end = start + 12 + length
        if end > len(picture):
            raise BadPicture("The PNG is cut off.")
        if (number == 0) != (kind == b"IHDR"):
            raise BadPicture("The PNG does not begin with its one header.")
        yield kind, start, end
        if kind == b"IEND":
            if end != len(picture):
                raise BadPicture("Something follows the end of the PNG.")
            return
        start = end
    raise BadPicture("The PNG has too many chunks.")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _chunk_text(kind: bytes, standard: Standard, rest: bytes) -> str:
    """The text after the keyword (PNG, section 11.3.3)."""
    if len(rest) > MAX_TEXT_BYTES:
        raise BadPicture("The credential in the picture is too long.")
    if kind == b"tEXt" and standard is Standard.OPEN_BADGES_2:
        return _sound(rest.decode("latin-1"))
    if kind != b"iTXt" or rest[:1] != b"\0":
        raise BadPicture("The credential is in a compressed or foreign chunk.")
    parts = rest[2:].split(b"\0", 2)
    if len(parts) != 3:
        raise BadPicture("The chunk of the credential is cut off.")
    try:
        return _sound(parts[2].decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadPicture("The credential in the picture is not UTF-8.") from error


def _sound(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise BadPicture("The credential in the picture is empty or holds NUL.")
    return text


# SVG


class _SvgReader:
    """One pass over an SVG: where its root's start tag is, and the credentials among the root's children.

    A document type without declarations of its own is let pass, as older drawing programs write it, and is never
    loaded; a DTD inside the document, entities and other encodings than UTF-8 are refused.
    """

    def __init__(self, picture: bytes) -> None:
        self.root = (0, 0)
        self.prefixes: dict[str, str] = {}
        self.ranges: dict[Standard, list[tuple[int, int]]] = {}
        self.texts: dict[Standard, str] = {}
        # What stands deeper is no credential of the picture, but some programs would find it there.
        self.has_deeper = False
        self._picture = picture
        self._depth = 0
        self._open: tuple[Standard, int] | None = None
        self._read()

    def _read(self) -> None:
        _check_size(self._picture)
        try:
            self._picture.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadPicture("The SVG is not UTF-8.") from error
        attributes = sum(self._picture.count(sign) for sign in (b'="', b"='", b"= "))
        if self._picture.count(b"<") > _MAX_TAGS or attributes > _MAX_ATTRIBUTES:
            raise BadPicture("The SVG has too many parts.")
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = _refuse_entity
        parser.SkippedEntityHandler = _refuse_entity
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser
        try:
            parser.Parse(self._picture, True)
        except expat.ExpatError as error:
            raise BadPicture("The picture is neither a PNG nor a well-formed SVG.") from error

    def _doctype(self, name: str, system: str | None, public: str | None, has_internal_subset: bool) -> None:
        if has_internal_subset:
            raise BadPicture("The SVG declares a DTD of its own.")

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        if len(uri or "") > _MAX_NAMESPACE:
            raise BadPicture("The SVG has a namespace with an over-long name.")
        if self._depth == 0:
            self.prefixes[prefix or ""] = uri or ""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        if self._depth > _MAX_DEPTH:
            raise BadPicture("The SVG is nested too deeply.")
        if self._depth == 0:
            if name not in ("http://www.w3.org/2000/svg svg", "svg"):
                raise BadPicture("The picture is neither a PNG nor an SVG.")
            self.root = (start, self._tag_end(start))
        elif self._open is not None:
            raise BadPicture("The credential in the SVG holds other elements.")
        elif (standard := _BY_ELEMENT.get(name)) is None:
            pass
        elif self._depth == 1:
            self._open = (standard, start)
            self.texts[standard] = attributes.get("verify", "")
        else:
            self.has_deeper = True
        self._depth += 1

    def _text(self, text: str) -> None:
        if self._open is not None:
            standard = self._open[0]
            self.texts[standard] += text
            if len(self.texts[standard]) > MAX_TEXT_BYTES:
                raise BadPicture("The credential in the picture is too long.")

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._open is not None:
            standard, start = self._open
            end = self._tag_end(start)
            if not self._picture.endswith(b"/>", start, end):
                end = self._tag_end(self._parser.CurrentByteIndex)
            self.ranges.setdefault(standard, []).append((start, end))
            self.texts[standard] = self.texts[standard].strip()
            self._open = None

    def _tag_end(self, start: int) -> int:
        """Just after the ">" that ends the tag at `start`; a ">" within quotes does not."""
        found = _TAG.match(self._picture, start)
        if found is None:
            raise BadPicture("The SVG has a tag without an end.")
        return found.end()


_TAG = re.compile(rb"""<(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")


def _refuse_entity(*_: Any) -> None:
    raise BadPicture("The SVG declares or uses entities.")
