"""Signs a certificate's PDF: PAdES B-B, P-256, as an incremental update written from a template (ETSI EN 319 142-1).

Nothing of the file before it is changed, so that what was embedded and archived stays as it was. The signature is
invisible: outside the page, where neither readers for the blind nor archives ask for a picture of it.
"""

import hashlib
import io
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.rendering.compiled.objects import Marks, Writer, text_string

#: A signature of P-256 in DER: two numbers of at most 33 bytes.
_LONGEST_SIGNATURE = 72
_ENTRY = struct.Struct(">BIH")


@dataclass(frozen=True)
class Seal:
    """Who signs: a certificate (DER), and the act that signs a content by its key, ECDSA with SHA-256, in DER."""

    certificate: bytes
    sign: Callable[[bytes], bytes]

    @cached_property
    def message(self) -> "_Message":
        return _Message(self.certificate)


class Signed(NamedTuple):
    """A signed PDF, and the SHA-256 of all of it, in hex."""

    content: bytes
    sha256: str


def sign(pdf: bytes, seal: Seal, *, at: datetime, field: str = "Signature") -> bytes:
    """The PDF with one more update that signs all of it; `at` is the time it claims. The same input, the same bytes.

    Raises ValueError for a file that this cannot extend: one with a form or a signature already, or without pages.
    """
    return sign_and_hash(pdf, seal, at=at, field=field).content


def sign_and_hash(pdf: bytes, seal: Seal, *, at: datetime, field: str = "Signature") -> Signed:
    """As `sign`, with the hash that names the file: most of it is worked out for the signature as well."""
    end = _end_of(pdf)
    signature, widget, table = end.size, end.size + 1, end.size + 2
    message = seal.message
    moment = at.astimezone(UTC).strftime("%Y%m%d%H%M%S").encode("ascii")
    bodies = [
        (
            signature,
            b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:%b+00'00')/Name%b/ByteRange"
            b"[%b]/Contents<%b>>>" % (moment, text_string(message.name), _ROOM_FOR_RANGE, b"0" * (2 * message.longest)),
        ),
        (
            widget,
            # Printed, so that it may stand in an archive (ISO 19005-3, 6.3.2); locked; in no place on the page.
            b"<</Type/Annot/Subtype/Widget/FT/Sig/T%b/TU%b/V %d 0 R/F 132/Rect[0 0 0 0]/P %d 0 R>>"
            % (text_string(field), text_string(f"Signature of {message.name}"), signature, end.page_number),
        ),
        (end.root_number, end.root[:-2] + b"/AcroForm<</Fields[%d 0 R]/SigFlags 3>>>>" % widget),
        (end.page_number, _with_annotation(end.page, widget)),
    ]
    update = bytearray(b"" if pdf.endswith(b"\n") else b"\n")
    places = {}
    for number, body in bodies:
        places[number] = len(pdf) + len(update)
        update += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    places[table] = len(pdf) + len(update)
    update += _references(end, places, table)
    # The hole in what is signed is the signature itself, its brackets included.
    hole = update.index(b"/Contents<") + len(b"/Contents")
    after = hole + 2 * message.longest + 2
    range_ = b"0 %d %d %d" % (len(pdf) + hole, len(pdf) + after, len(update) - after)
    where = update.index(_ROOM_FOR_RANGE)
    update[where : where + len(_ROOM_FOR_RANGE)] = range_.ljust(len(_ROOM_FOR_RANGE))
    digest = hashlib.sha256(pdf)
    digest.update(memoryview(update)[:hole])
    whole = digest.copy()
    digest.update(memoryview(update)[after:])
    signed = message.signed(digest.digest(), seal.sign).hex().encode("ascii")
    update[hole + 1 : hole + 1 + len(signed)] = signed
    whole.update(memoryview(update)[hole:])
    return Signed(pdf + update, whole.hexdigest())


_ROOM_FOR_RANGE = b" " * 32


# --- where the file ends ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _End:
    """What an update has to know of the file before it."""

    size: int
    root_number: int
    root: bytes
    page_number: int
    page: bytes
    information: int
    seals: bytes
    before: int


_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_OURS = re.compile(
    rb"\d+ 0 obj\n<</Type/XRef/W\[1 4 2\]/Size (\d+)/Root (\d+) 0 R/Info (\d+) 0 R/ID\[(<\w+><\w+>)\]"
    rb"/Length \d+>>\nstream\n"
)
_PAGE = re.compile(rb"/Type /Page\b")
_OBJECT = re.compile(rb"(\d+) 0 obj\n(<<.*?>>)\nendobj\n", re.DOTALL)


def _end_of(pdf: bytes) -> _End:
    start = _START.search(pdf, max(0, len(pdf) - 64))
    if start is None:
        raise ValueError("The PDF does not end as one.")
    before = int(start[1])
    ours = _OURS.match(pdf, before)
    end = _of_any(pdf, before) if ours is None else _of_ours(pdf, before, ours)
    if b"/AcroForm" in end.root:
        raise ValueError("The PDF holds a form or a signature already.")
    return end


def _of_ours(pdf: bytes, before: int, trailer: re.Match[bytes]) -> _End:
    """A file that was filled from a form: the page stands right after the root."""
    size, root, information = (int(trailer[place]) for place in (1, 2, 3))
    _kind, offset, _place = _ENTRY.unpack_from(pdf, trailer.end() + root * _ENTRY.size)
    first = _OBJECT.match(pdf, offset)
    second = first and _OBJECT.match(pdf, first.end())
    if first is None or second is None or not _PAGE.search(second[2]):
        return _of_any(pdf, before)
    return _End(size, root, first[2], int(second[1]), second[2], information, trailer[4], before)


def _of_any(pdf: bytes, before: int) -> _End:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        size = int(document.trailer.Size)
        page = document.pages[0].obj
        writer = Writer({number: number for number in range(size)}, Marks({}))
        root, leaf = (
            b"".join(piece for piece in writer.pieces(value) if isinstance(piece, bytes))
            for value in (document.Root, page)
        )
        identity = document.trailer.get("/ID")
        seals = b"".join(b"<%b>" % bytes(part).hex().encode("ascii") for part in identity or ())
        return _End(
            size=size,
            root_number=document.Root.objgen[0],
            root=root,
            page_number=page.objgen[0],
            page=leaf,
            information=document.docinfo.objgen[0],
            seals=seals,
            before=before,
        )


def _with_annotation(page: bytes, widget: int) -> bytes:
    head, found, tail = page.partition(b"/Annots[")
    if found:
        return b"%b/Annots[%d 0 R %b" % (head, widget, tail)
    return page[:-2] + b"/Annots[%d 0 R]>>" % widget


def _references(end: _End, places: dict[int, int], table: int) -> bytes:
    """A stream of references for the objects of the update alone (ISO 32000-1, 7.5.8)."""
    numbers = sorted(places)
    index = b" ".join(b"%d 1" % number for number in numbers)
    entries = b"".join(_ENTRY.pack(1, places[number], 0) for number in numbers)
    return (
        b"%d 0 obj\n<</Type/XRef/W[1 4 2]/Size %d/Index[%b]/Prev %d/Root %d 0 R/Info %d 0 R/ID[%b]/Length %d>>\n"
        b"stream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
        % (
            table,
            table + 1,
            index,
            end.before,
            end.root_number,
            end.information,
            end.seals,
            len(entries),
            entries,
            places[table],
        )
    )


# --- the signed message -------------------------------------------------------------------------------------------


class _Message:
    """The CMS message of a signer (RFC 5652), whole but for the digest and the signature."""

    def __init__(self, certificate: bytes) -> None:
        read = x509.load_der_x509_certificate(certificate)
        names = read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        self.name = str(names[0].value) if names else read.subject.rfc4514_string()
        # RFC 5035: which certificate is meant, so that none of the same key can be put in its place.
        meant = _tlv(0x30, _tlv(0x30, _tlv(0x30, _tlv(0x04, hashlib.sha256(certificate).digest()))))
        self._fixed = [
            _tlv(0x30, _CONTENT_TYPE + _tlv(0x31, _DATA)),
            _tlv(0x30, _SIGNING_CERTIFICATE_V2 + _tlv(0x31, meant)),
        ]
        issuer = read.issuer.public_bytes()
        serial = read.serial_number
        number = _tlv(0x02, serial.to_bytes(serial.bit_length() // 8 + 1, "big"))
        self._signer = _tlv(0x02, b"\x01") + _tlv(0x30, issuer + number) + _SHA256
        self._head = (
            _tlv(0x02, b"\x01") + _tlv(0x31, _SHA256) + _tlv(0x30, _DATA) + _tlv(0xA0, read.public_bytes(Encoding.DER))
        )
        self.longest = len(self._whole(self._attributes(bytes(32)), bytes(_LONGEST_SIGNATURE)))

    def signed(self, digest: bytes, sign: Callable[[bytes], bytes]) -> bytes:
        attributes = self._attributes(digest)
        # RFC 5652, 5.4: what is signed has the tag of a set, not that of its place in the message.
        return self._whole(attributes, sign(_tlv(0x31, attributes)))

    def _attributes(self, digest: bytes) -> bytes:
        return b"".join(sorted([*self._fixed, _tlv(0x30, _MESSAGE_DIGEST + _tlv(0x31, _tlv(0x04, digest)))]))

    def _whole(self, attributes: bytes, signature: bytes) -> bytes:
        signer = _tlv(0x30, self._signer + _tlv(0xA0, attributes) + _ECDSA_WITH_SHA256 + _tlv(0x04, signature))
        return _tlv(0x30, _SIGNED_DATA + _tlv(0xA0, _tlv(0x30, self._head + _tlv(0x31, signer))))


def _tlv(tag: int, content: bytes) -> bytes:
    """DER: tag, length, content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def _oid(text: str) -> bytes:
    first, second, *rest = (int(part) for part in text.split("."))
    coded = [40 * first + second]
    for part in rest:
        digits = [part & 0x7F]
        while part := part >> 7:
            digits.append(0x80 | part & 0x7F)
        coded += reversed(digits)
    return _tlv(0x06, bytes(coded))


_DATA = _oid("1.2.840.113549.1.7.1")
_SIGNED_DATA = _oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = _oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = _oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = _oid("1.2.840.113549.1.9.16.2.47")
_SHA256 = _tlv(0x30, _oid("2.16.840.1.101.3.4.2.1"))
_ECDSA_WITH_SHA256 = _tlv(0x30, _oid("1.2.840.10045.4.3.2"))
