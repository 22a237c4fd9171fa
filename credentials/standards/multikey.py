"""Public keys as text: multibase, Multikey and did:key (W3C Controlled Identifiers 1.0, sections 2.2.2 and 2.4)."""

import base64
import binascii
import re
from dataclasses import dataclass
from enum import Enum

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BASE58_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_VALUES = {letter: value for value, letter in enumerate(BASE58_ALPHABET)}
_PAIRS = [first + second for first in BASE58_ALPHABET for second in BASE58_ALPHABET]
_TEN_DIGITS = 58**10
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")
# Decoding base58 takes quadratic time; no key or signature of ours is longer than this.
MAX_BASE58_CHARACTERS = 256


# Kinds that sign, but no proof that is checked here: P-521 (tokens only), secp256k1, BLS12-381 in both groups, Ed448.
_OTHER_KINDS = (
    (b"\x82\x24", 67),
    (b"\xe7\x01", 33),
    (b"\xea\x01", 48),
    (b"\xeb\x01", 96),
    (b"\x83\x24", 57),
)


class BadMultibase(ValueError):
    """Text that is not multibase, or not a key of a kind known here."""


class KeyKind(Enum):
    """Kinds of public key: the multicodec prefix, and the length of the key in bytes."""

    ED25519 = (b"\xed\x01", 32)
    P256 = (b"\x80\x24", 33)
    P384 = (b"\x81\x24", 49)

    @property
    def prefix(self) -> bytes:
        return self.value[0]

    @property
    def length(self) -> int:
        return self.value[1]


_CURVES: dict[KeyKind, tuple[str, ec.EllipticCurve]] = {
    KeyKind.P256: ("P-256", ec.SECP256R1()),
    KeyKind.P384: ("P-384", ec.SECP384R1()),
}


@dataclass(frozen=True)
class PublicKey:
    """A public key: 32 bytes of Ed25519, or a compressed point of P-256 (33 bytes) or P-384 (49 bytes)."""

    kind: KeyKind
    content: bytes


def encode_base58(content: bytes) -> str:
    """Base58 with the Bitcoin alphabet, without a multibase prefix; leading zero bytes become "1"."""
    number = int.from_bytes(content, "big")
    pairs = []
    while number:
        # Ten digits at once fit a machine's word, and two of them are read from a table.
        number, ten = divmod(number, _TEN_DIGITS)
        for _ in range(5):
            ten, two = divmod(ten, 58 * 58)
            pairs.append(_PAIRS[two])
    zeros = len(content) - len(content.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(pairs)).lstrip("1")


def decode_base58(text: str) -> bytes:
    """The bytes of base58 text of at most 256 characters; raises BadMultibase."""
    if len(text) > MAX_BASE58_CHARACTERS:
        raise BadMultibase("The base58 text is too long.")
    number = 0
    for letter in text:
        value = _BASE58_VALUES.get(letter)
        if value is None:
            raise BadMultibase(f"{letter!r} is not a base58 character.")
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base64url(content: bytes) -> str:
    """Base64url without padding and without a multibase prefix (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """The bytes of unpadded base64url text; raises BadMultibase on padding, other characters or stray bits."""
    if not _BASE64URL.match(text):
        raise BadMultibase("The text is not base64url without padding.")
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise BadMultibase("The text is not base64url without padding.") from error
    # Bits left over at the end would give one content many spellings.
    if encode_base64url(content) != text:
        raise BadMultibase("The base64url text does not end cleanly.")
    return content


def encode_multibase(content: bytes, base: str = "z") -> str:
    """`z` and base58btc, or `u` and base64url without padding."""
    match base:
        case "z":
            return "z" + encode_base58(content)
        case "u":
            return "u" + encode_base64url(content)
    raise BadMultibase(f"The multibase prefix {base!r} is not known here.")


def decode_multibase(text: str) -> bytes:
    """The bytes of `z…` (base58btc) or `u…` (base64url); raises BadMultibase."""
    match text[:1]:
        case "z":
            return decode_base58(text[1:])
        case "u":
            return decode_base64url(text[1:])
    raise BadMultibase("The multibase prefix is neither z nor u.")


def encode_key(key: PublicKey) -> str:
    """The Multikey `z…` of a public key; raises BadMultibase where the length does not fit its kind."""
    _check(key)
    return encode_multibase(key.kind.prefix + key.content)


def decode_key(multikey: str) -> PublicKey:
    """The public key of a `publicKeyMultibase`; raises BadMultibase for private, foreign and misshapen keys."""
    content = decode_multibase(multikey)
    for kind in KeyKind:
        if content.startswith(kind.prefix):
            key = PublicKey(kind, content[len(kind.prefix) :])
            _check(key)
            return key
    raise BadMultibase("The key is not a public key of Ed25519, P-256 or P-384.")


def may_be_key(text: str) -> bool:
    """Whether this may be a public key for signatures, of a kind known here or not."""
    try:
        content = decode_multibase(text)
    except BadMultibase:
        return False
    kinds = [*(kind.value for kind in KeyKind), *_OTHER_KINDS]
    return any(content.startswith(prefix) and len(content) == len(prefix) + length for prefix, length in kinds)


def encode_point(key: ec.EllipticCurvePublicKey) -> str:
    """The Multikey of a public key of P-256 or P-384; empty for another curve."""
    content = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    kind = next((kind for kind, (_, curve) in _CURVES.items() if curve.name == key.curve.name), None)
    return "" if kind is None else encode_key(PublicKey(kind, content))


def encode_ed25519(content: bytes) -> str:
    """The Multikey `z6Mk…` of 32 bytes of a public Ed25519 key."""
    return encode_key(PublicKey(KeyKind.ED25519, content))


def did_key(multikey: str) -> str:
    """`did:key:<multikey>` (did:key method, section 3); raises BadMultibase."""
    return f"did:key:{encode_key(decode_key(multikey))}"


def did_key_method(multikey: str) -> str:
    """The id of the one verification method of a did:key: the multikey again, as fragment."""
    return f"{did_key(multikey)}#{multikey}"


def key_of_did_key(did: str) -> PublicKey:
    """The key of `did:key:…`, with or without the fragment of its method; raises BadMultibase.

    A fragment that is not the multikey itself names no method of this DID and is refused.
    """
    if not did.startswith("did:key:"):
        raise BadMultibase("The identifier is not a did:key.")
    multikey, hash_sign, fragment = did.removeprefix("did:key:").partition("#")
    if hash_sign and fragment != multikey:
        raise BadMultibase("The fragment of the did:key is not its own key.")
    # The method writes keys in base58 only: in another alphabet the same key would be a second issuer.
    if not multikey.startswith("z"):
        raise BadMultibase("The did:key is not written in base58.")
    return decode_key(multikey)


def jwk(key: PublicKey) -> dict[str, str]:
    """The public JsonWebKey: OKP/Ed25519 (RFC 8037, section 2) or EC (RFC 7518, section 6.2)."""
    if key.kind is KeyKind.ED25519:
        return {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(key.content)}
    point = _point(key).public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    x, y = (encode_base64url(part) for part in (point[1 : key.kind.length], point[key.kind.length :]))
    return {"kty": "EC", "crv": _CURVES[key.kind][0], "x": x, "y": y}


def _check(key: PublicKey) -> None:
    if len(key.content) != key.kind.length:
        raise BadMultibase(f"A public {key.kind.name} key has {key.kind.length} bytes, not {len(key.content)}.")
    if key.kind in _CURVES:
        _point(key)


def _point(key: PublicKey) -> ec.EllipticCurvePublicKey:
    name, curve = _CURVES[key.kind]
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, key.content)
    except ValueError as error:
        raise BadMultibase(f"The key is not a point of {name}.") from error
