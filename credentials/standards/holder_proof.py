"""The proof by which a wallet shows that it has the key for a credential (OpenID4VCI 1.0, appendix F.1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from . import jose, multikey

TYPE = "openid4vci-proof+jwt"
ALGORITHMS = ("ES256", "EdDSA")
MAX_CHARACTERS = 8_000
LONGEST_HOLDER = 500


class BadProof(ValueError):
    """It is no proof that anybody holds a key, or none for us; the message says why, in ASCII."""


@dataclass(frozen=True)
class HolderProof:
    """What was proved: that whoever sent it has the key of `holder`, and knew the nonce at that time."""

    holder: str
    nonce: str
    issued_at: datetime


def read(text: object, *, audience: str) -> HolderProof:
    """Check form, key, signature and audience; nonce and time are for the caller to judge. Raises BadProof."""
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise BadProof("The proof is not a signed token.")
    try:
        token = jose.read(text, with_key=True)
    except jose.BadJose as error:
        raise BadProof("The proof is not a signed token, or its header holds what is not taken here.") from error
    if token.header.get("typ") != TYPE:
        raise BadProof(f"The proof is not of the type {TYPE}.")
    # Before any key is looked at: none of the others is for keys of holders, "none" least of all.
    if token.header.get("alg") not in ALGORITHMS:
        raise BadProof(f"The proof is signed with none of {', '.join(ALGORITHMS)}.")
    holder, key = _key_of(token.header)
    try:
        jose.verify(token, key)
    except jose.BadJose as error:
        raise BadProof("The signature of the proof is not of the key that it names.") from error
    if audience not in _texts(token.payload.get("aud")):
        raise BadProof("The proof is for somebody else than this issuer.")
    return HolderProof(holder, _nonce(token.payload), _moment(token.payload.get("iat")))


def _key_of(header: jose.Json) -> tuple[str, jose.PublicKey]:
    """The holder's name and key; exactly one of `kid` and `jwk` says which (x5c is not taken)."""
    kid, jwk = header.get("kid"), header.get("jwk")
    if len(kid or "") > LONGEST_HOLDER:
        raise BadProof("The name of the key is too long.")
    if (kid is None) == (jwk is None):
        raise BadProof("The proof must name its key by kid or by jwk, and not by both.")
    try:
        if kid is None:
            key = _public(jwk)
            return _did_key(key), key
        did = str(kid).partition("#")[0]
        if did.startswith("did:key:"):
            return did, jose.public_key_of(multikey.jwk(multikey.key_of_did_key(str(kid))))
        if did.startswith("did:jwk:") and str(kid) in {did, f"{did}#0"}:
            return did, _public(jose.json_of(did.removeprefix("did:jwk:")))
    except (jose.BadJose, multikey.BadMultibase) as error:
        raise BadProof("The key of the proof cannot be read.") from error
    raise BadProof("The key of the proof must be a did:key, a did:jwk or a jwk.")


def _public(jwk: object) -> jose.PublicKey:
    if isinstance(jwk, dict) and "d" in jwk:
        raise BadProof("The proof gives its private key away.")
    key = jose.public_key_of(jwk)
    if jose.algorithm_of(key) not in ALGORITHMS:
        raise BadProof("The key of the proof is not of a kind taken here.")
    return key


def _did_key(key: jose.PublicKey) -> str:
    match key:
        case ed25519.Ed25519PublicKey():
            held = multikey.PublicKey(multikey.KeyKind.ED25519, key.public_bytes_raw())
        case ec.EllipticCurvePublicKey():
            point = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
            held = multikey.PublicKey(multikey.KeyKind.P256, point)
        case _:
            raise BadProof("The key of the proof is not of a kind taken here.")
    return multikey.did_key(multikey.encode_key(held))


def _texts(value: Any) -> Collection[str]:
    return value if isinstance(value, list) else [value]


def _nonce(payload: jose.Json) -> str:
    nonce = payload.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise BadProof("The proof holds no nonce.")
    return nonce


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadProof("The proof does not say when it was made.")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise BadProof("The proof does not say when it was made.") from error
