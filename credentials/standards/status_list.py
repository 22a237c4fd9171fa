"""Bitstring Status List 1.0: one bit a credential, published as a whole, so that a check tells nobody who asked."""

import gzip
import io
import zlib
from datetime import datetime
from typing import Any

from . import multikey
from .contexts import CREDENTIALS_V2
from .data_integrity import date_time_stamp

# Section 6.1: fewer entries would let a list be traced to few holders.
MIN_ENTRIES = 131_072
# Of foreign lists we expand no more than this: 64 million entries.
MAX_EXPANDED_BYTES = 8 * 1024 * 1024
_MAX_ENCODED_CHARACTERS = 12 * 1024 * 1024


class BadStatusList(ValueError):
    """The list cannot be read (MALFORMED_VALUE_ERROR), is too short or too long (STATUS_LIST_LENGTH_ERROR)."""


class IndexOutOfRange(BadStatusList):
    """The list has no such entry (RANGE_ERROR)."""


def empty_bits(entries: int = MIN_ENTRIES) -> bytearray:
    """The bytes of a list with no bit set; raises BadStatusList below 131,072 entries or beside a multiple of 8."""
    if entries < MIN_ENTRIES or entries % 8:
        raise BadStatusList(f"A status list has at least {MIN_ENTRIES} entries, in full bytes.")
    return bytearray(entries // 8)


def is_set(bits: bytes | bytearray, index: int) -> bool:
    """Whether entry `index` is set. Entry 0 is the highest bit of byte 0 (section 2.2). Raises IndexOutOfRange."""
    _check_index(bits, index)
    return bool(bits[index // 8] & 0x80 >> index % 8)


def set_bit(bits: bytearray, index: int, value: bool = True) -> None:
    """Set or clear entry `index` in place; raises IndexOutOfRange."""
    _check_index(bits, index)
    mask = 0x80 >> index % 8
    if value:
        bits[index // 8] |= mask
    else:
        bits[index // 8] &= ~mask & 0xFF


def encode(bits: bytes | bytearray) -> str:
    """`u` and the base64url of the GZIP of the bits (section 3.3). The same bits always give the same text."""
    if len(bits) * 8 < MIN_ENTRIES:
        raise BadStatusList(f"A status list has at least {MIN_ENTRIES} entries.")
    packed = io.BytesIO()
    # No file name and no time in the header: they would make each text of the same list differ.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as stream:
        stream.write(bits)
    return multikey.encode_multibase(packed.getvalue(), "u")


def decode(encoded: object, *, max_bytes: int = MAX_EXPANDED_BYTES) -> bytes:
    """The bits of an `encodedList` (section 3.4), expanding no more than `max_bytes`; raises BadStatusList."""
    if not isinstance(encoded, str) or len(encoded) > _MAX_ENCODED_CHARACTERS or not encoded.startswith("u"):
        raise BadStatusList("The list is not base64url text that begins with u.")
    try:
        packed = multikey.decode_multibase(encoded)
    except multikey.BadMultibase as error:
        raise BadStatusList("The list is not base64url text that begins with u.") from error
    # 16 + 15 bits of window: a GZIP header is demanded, plain zlib is refused.
    expander = zlib.decompressobj(wbits=31)
    try:
        bits = expander.decompress(packed, max_bytes + 1)
    except zlib.error as error:
        raise BadStatusList("The list is not GZIP.") from error
    if len(bits) > max_bytes:
        raise BadStatusList(f"The list expands to more than {max_bytes} bytes.")
    if not expander.eof or expander.unused_data:
        raise BadStatusList("The list's GZIP is cut off or followed by something else.")
    if len(bits) * 8 < MIN_ENTRIES:
        raise BadStatusList(f"The list has fewer than {MIN_ENTRIES} entries.")
    return bits


def compose(
    *,
    url: str,
    issuer: str | dict[str, Any],
    bits: bytes | bytearray,
    valid_from: datetime,
    valid_until: datetime | None = None,
    purpose: str = "revocation",
    ttl_ms: int | None = None,
) -> dict[str, Any]:
    """The unsigned BitstringStatusListCredential served at `url` (section 2.2). `issuer` is an id or a profile.

    `ttl_ms` says for how many milliseconds the list may be kept. Raises BadStatusList for too few bits.
    """
    subject: dict[str, Any] = {
        "id": f"{url}#list",
        "type": "BitstringStatusList",
        "statusPurpose": purpose,
        "encodedList": encode(bits),
    }
    if ttl_ms is not None:
        subject["ttl"] = ttl_ms
    document: dict[str, Any] = {
        "@context": [CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": date_time_stamp(valid_from),
    }
    if valid_until is not None:
        document["validUntil"] = date_time_stamp(valid_until)
    return {**document, "credentialSubject": subject}


def status_in(list_credential: dict[str, Any], entry: dict[str, Any]) -> bool:
    """Whether the bit of a credential's status entry is set in a list whose proof was verified (section 3.2).

    Checks that list and entry speak of the same purpose and address. Raises BadStatusList or IndexOutOfRange.
    """
    subject = list_credential.get("credentialSubject")
    types = list_credential.get("type")
    if not isinstance(subject, dict) or subject.get("type") not in ("BitstringStatusList", ["BitstringStatusList"]):
        raise BadStatusList("The document is not a status list.")
    if not isinstance(types, list) or "BitstringStatusListCredential" not in types:
        raise BadStatusList("The document is not a status list credential.")
    if list_credential.get("id") != entry.get("statusListCredential"):
        raise BadStatusList("The list is not the one that the credential names.")
    purposes = subject.get("statusPurpose")
    if entry.get("statusPurpose") not in (purposes if isinstance(purposes, list) else [purposes]):
        raise BadStatusList("The list is for another purpose than the credential's entry.")
    return is_set(decode(subject.get("encodedList")), _index(entry.get("statusListIndex")))


def _index(given: object) -> int:
    # A number written as text is the rule; samples of 1EdTech have a plain number.
    text = str(given) if isinstance(given, (str, int)) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise BadStatusList("The entry's index is not a number written as text.")
    return int(text)


def _check_index(bits: bytes | bytearray, index: int) -> None:
    if not 0 <= index < len(bits) * 8:
        raise IndexOutOfRange(f"The list has no entry {index}.")
