"""Public keys of others: as they stand in a DID, a DID document or a key document, and what they verify."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from credentials.standards import jose, multikey

# The multicodec prefix of the curve that only tokens are signed with.
_P521 = b"\x82\x24"


class BadKey(ValueError):
    """What stands there is no public key of a kind known here."""


@dataclass(frozen=True)
class PublicKey:
    """A public key; which algorithm it is for is said by it, never by what it is to verify (reliability T7)."""

    content: jose.PublicKey

    @property
    def algorithm(self) -> str:
        return jose.algorithm_of(self.content)

    @property
    def multikey(self) -> str:
        """The Multikey of a key that proofs of documents are checked with (Ed25519, P-256, P-384); empty for others."""
        match self.content:
            case ed25519.Ed25519PublicKey():
                return multikey.encode_ed25519(self.content.public_bytes_raw())
            case ec.EllipticCurvePublicKey():
                return multikey.encode_point(self.content)
        return ""

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature, as JOSE writes it, is one of this key over the message."""
        try:
            jose.verify(jose.Compact({"alg": self.algorithm}, {}, message, signature), self.content)
        except jose.BadJose:
            return False
        return True


def of_multikey(text: object) -> PublicKey:
    """The key of a `publicKeyMultibase`. Raises BadKey."""
    try:
        content = multikey.decode_multibase(str(text))
        if content.startswith(_P521):
            return PublicKey(ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP521R1(), content[len(_P521) :]))
        return of_jwk(multikey.jwk(multikey.decode_key(str(text))))
    except ValueError as error:
        raise BadKey("The key is none that is known here.") from error


def of_jwk(given: object) -> PublicKey:
    """The key of a JsonWebKey. Raises BadKey, also where a private one was published."""
    if isinstance(given, Mapping) and {"d", "k"} & set(given):
        raise BadKey("What stands there is not a public key.")
    try:
        return PublicKey(jose.public_key_of(given))
    except jose.BadJose as error:
        raise BadKey("The key is none that is known here.") from error


def of_pem(text: object) -> PublicKey:
    """The RSA key of a PEM, as Open Badges 2.0 publishes it. Raises BadKey."""
    try:
        key = serialization.load_pem_public_key(str(text)[:10_000].encode("ascii"))
    except (ValueError, UnicodeEncodeError) as error:
        raise BadKey("The key is none that is known here.") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadKey("The key is of a kind that is not known here.")
    # Its size is judged with those of all others.
    return of_jwk(jose.jwk_of(key))


def of_method(method: Mapping[str, Any]) -> PublicKey:
    """The key of a verification method, in whichever of the usual spellings. Raises BadKey."""
    if {"publicKeyMultibase", "publicKeyJwk"} <= set(method):
        # Controlled Identifiers 1.0, section 2.2: a method has one key, in one spelling.
        raise BadKey("The method has two keys.")
    if "publicKeyMultibase" in method:
        return of_multikey(method["publicKeyMultibase"])
    if "publicKeyJwk" in method:
        return of_jwk(method["publicKeyJwk"])
    raise BadKey("The method has no key in a spelling that is known here.")
