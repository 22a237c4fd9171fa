"""Compact signatures of JOSE (RFC 7515) with the keys of RFC 7517: ES256, ES384, ES512, EdDSA and RS256, and no others.

Which algorithm a key is for is said by the key, never by what it is to verify; a header that brings a key along, names
where one is to be fetched, or demands what is not known here, is refused (RFC 8725, sections 3.1 and 3.10).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from . import data_integrity, multikey

Json = dict[str, Any]
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey

MAX_CHARACTERS = 400_000
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\Z")
_HEADERS = {"alg", "kid", "typ", "cty", "iss"}
# What changes how a token is read, and may not be passed over.
_DEMANDS = {"crit", "b64", "zip", "enc"}
_CURVES: dict[str, tuple[ec.EllipticCurve, str, hashes.HashAlgorithm]] = {
    "P-256": (ec.SECP256R1(), "ES256", hashes.SHA256()),
    "P-384": (ec.SECP384R1(), "ES384", hashes.SHA384()),
    "P-521": (ec.SECP521R1(), "ES512", hashes.SHA512()),
}
_BY_CURVE = {curve.name: (algorithm, digest) for curve, algorithm, digest in _CURVES.values()}
# RFC 7518, section 3.3.
_RSA_BITS = range(2048, 8193)


class BadJose(ValueError):
    """The token or key is not one that is taken here; the message says why."""


class BadTokenSignature(BadJose):
    """The signature is not that of this key over this token."""


@dataclass(frozen=True)
class Compact:
    """A token taken apart; nothing of it is checked but its form."""

    header: Json
    payload: Json
    message: bytes
    signature: bytes


def read(token: str, *, with_key: bool = False, of_others: bool = False) -> Compact:
    """Take a compact token apart; raises BadJose for any other form, and for headers that are not taken here.

    Only where it proves that somebody holds a key, and nothing else (`holder_proof`), may it bring the key along. What
    others have issued may say more of its key than is looked at, and it is left out (RFC 7515, section 4).
    """
    found = _COMPACT.match(token) if len(token) <= MAX_CHARACTERS else None
    if found is None:
        raise BadJose("This is not a signed token of three parts.")
    header, payload = (json_of(part) for part in found.groups()[:2])
    brought = {"jwk"} if with_key else set()
    if of_others:
        header = {name: value for name, value in header.items() if name in _HEADERS | _DEMANDS}
    if unknown := sorted(set(header) - _HEADERS - brought):
        raise BadJose(f"The header holds {unknown[0]!r}, which is not taken here.")
    if not all(isinstance(value, str) for name, value in header.items() if name not in brought):
        raise BadJose("The header holds something else than texts.")
    return Compact(header, payload, token.rpartition(".")[0].encode("ascii"), _bytes(found[3]))


def signed(header: Mapping[str, str], payload: Mapping[str, Any], key: PrivateKey) -> str:
    """The compact token of a payload; `alg` is added to the header as the key says."""
    return signed_by({"alg": algorithm_of(key.public_key()), **header}, payload, lambda message: sign(message, key))


def signed_by(header: Mapping[str, str], payload: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """The compact token of a payload, signed by whoever keeps the key; the header names its algorithm."""
    message = f"{_encoded(header)}.{_encoded(payload)}"
    return f"{message}.{multikey.encode_base64url(sign(message.encode('ascii')))}"


def sign(message: bytes, key: PrivateKey) -> bytes:
    """The signature as JOSE writes it: of elliptic curves r and s, each filled up to the curve's length."""
    match key:
        case ed25519.Ed25519PrivateKey():
            return key.sign(message)
        case rsa.RSAPrivateKey():
            return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    _algorithm, digest = _BY_CURVE[key.curve.name]
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
    length = _half(key.curve)
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


def verify(token: Compact, key: PublicKey) -> None:
    """Return only if the key signed the token; raises BadTokenSignature, and BadJose for another algorithm."""
    if token.header.get("alg") != algorithm_of(key):
        raise BadJose(f"The algorithm {token.header.get('alg')!r} is not the one of the key.")
    try:
        match key:
            case ed25519.Ed25519PublicKey():
                data_integrity.check_signature(token.signature, token.message, key.public_bytes_raw())
            case rsa.RSAPublicKey():
                key.verify(token.signature, token.message, padding.PKCS1v15(), hashes.SHA256())
            case ec.EllipticCurvePublicKey():
                length = _half(key.curve)
                if len(token.signature) != 2 * length:
                    raise BadTokenSignature("The signature does not have the length of its curve.")
                r, s = (int.from_bytes(part, "big") for part in (token.signature[:length], token.signature[length:]))
                key.verify(encode_dss_signature(r, s), token.message, ec.ECDSA(_BY_CURVE[key.curve.name][1]))
    except (InvalidSignature, data_integrity.BadSignature) as error:
        raise BadTokenSignature("The signature does not fit the token and the key.") from error


def algorithm_of(key: PublicKey) -> str:
    """The one algorithm that a key is for."""
    match key:
        case ed25519.Ed25519PublicKey():
            return "EdDSA"
        case rsa.RSAPublicKey():
            return "RS256"
    return _BY_CURVE[key.curve.name][0]


def jwk_of(key: PublicKey) -> Json:
    """The public key as JsonWebKey, with its algorithm (RFC 7517, RFC 8037)."""
    match key:
        case ed25519.Ed25519PublicKey():
            members = {"kty": "OKP", "crv": "Ed25519", "x": multikey.encode_base64url(key.public_bytes_raw())}
        case rsa.RSAPublicKey():
            numbers = key.public_numbers()
            members = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
        case ec.EllipticCurvePublicKey():
            name = next(name for name, (curve, _, _) in _CURVES.items() if curve.name == key.curve.name)
            point, length = key.public_numbers(), _half(key.curve)
            members = {"kty": "EC", "crv": name, "x": _number(point.x, length), "y": _number(point.y, length)}
    return {**members, "alg": algorithm_of(key)}


def private_key_of(jwk: object) -> PrivateKey:
    """The private key of a JsonWebKey; raises BadJose, also for one that is not for signing."""
    given = _key_members(jwk, "sign")
    try:
        match given.get("kty"), given.get("crv"):
            case "OKP", "Ed25519":
                key: PrivateKey = ed25519.Ed25519PrivateKey.from_private_bytes(_bytes(given.get("d")))
            case "EC", str() as name if name in _CURVES:
                key = ec.derive_private_key(int.from_bytes(_bytes(given.get("d")), "big"), _CURVES[name][0])
            case _:
                raise BadJose("The key is not a private key of a kind that signs here.")
    except ValueError as error:
        raise BadJose("The private key is misshapen.") from error
    # What the file says of the public half must be true of the private one.
    _refuse_other(given, key.public_key())
    return key


def public_key_of(jwk: object) -> PublicKey:
    """The public half of a JsonWebKey; raises BadJose, also for one that is not for checking signatures."""
    given = _key_members(jwk, "verify")
    try:
        match given.get("kty"), given.get("crv"):
            case "OKP", "Ed25519":
                key: PublicKey = ed25519.Ed25519PublicKey.from_public_bytes(_bytes(given.get("x")))
            case "EC", str() as name if name in _CURVES:
                x, y = (int.from_bytes(_bytes(given.get(part)), "big") for part in ("x", "y"))
                key = ec.EllipticCurvePublicNumbers(x, y, _CURVES[name][0]).public_key()
            case "RSA", None:
                n, e = (int.from_bytes(_bytes(given.get(part)), "big") for part in ("n", "e"))
                if n.bit_length() not in _RSA_BITS or not 3 <= e < 2**32:
                    raise BadJose("The RSA key is too short, or of an unusual size.")
                key = rsa.RSAPublicNumbers(e, n).public_key()
            case _:
                raise BadJose("The key is not of a kind known here.")
    except ValueError as error:
        raise BadJose("The public key is misshapen.") from error
    if given.get("alg", algorithm_of(key)) != algorithm_of(key):
        raise BadJose(f"The key is for {given['alg']!r}, which keys of its kind are not.")
    return key


def _refuse_other(given: Mapping[str, Any], key: PublicKey) -> None:
    for name, value in jwk_of(key).items():
        if name in given and given[name] != value:
            raise BadJose("The private key and what is said of its public half do not belong together.")


def _key_members(jwk: object, act: str) -> Mapping[str, Any]:
    if not isinstance(jwk, Mapping) or len(jwk) > 32:
        raise BadJose("The key is not a JSON object.")
    # RFC 7517, sections 4.2 and 4.3; a key that says nothing is for everything.
    acts = jwk.get("key_ops", [act])
    if jwk.get("use", "sig") != "sig" or not isinstance(acts, list) or act not in acts:
        raise BadJose("The key says of itself that it is for something else than signatures.")
    return jwk


def _half(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8


def _number(value: int, length: int = 0) -> str:
    return multikey.encode_base64url(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


def _encoded(part: Mapping[str, Any]) -> str:
    text = json.dumps(part, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return multikey.encode_base64url(text.encode("utf-8"))


def json_of(part: str) -> Json:
    """The JSON object that base64url text holds; raises BadJose."""
    try:
        # Of bytes, json would take UTF-16 and a byte order mark as well.
        value = json.loads(_bytes(part).decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadJose("The token does not hold sound JSON.") from error
    if not isinstance(value, dict):
        raise BadJose("The token holds something else than an object.")
    return value


def _once(members: list[tuple[str, Any]]) -> Json:
    # RFC 7515, section 4: of two members of one name, two readers might each take another.
    if len({name for name, _value in members}) != len(members):
        raise ValueError("A name stands twice in one object.")
    return dict(members)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number of JSON.")


def _bytes(text: object) -> bytes:
    if not isinstance(text, str) or not text:
        raise BadJose("A part is missing.")
    try:
        return multikey.decode_base64url(text)
    except multikey.BadMultibase as error:
        raise BadJose(str(error)) from error
