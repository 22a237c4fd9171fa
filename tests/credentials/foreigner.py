"""Somebody elsewhere who issues: badges of every standard that is read, status lists, and forgeries."""

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from credentials.standards import data_integrity, linked_data, multikey
from credentials.standards import status_list as bitstring
from tests.factories import NOON

V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
SUITE_2019 = "ecdsa-rdfc-2019"
SUITE_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"

Json = dict[str, Any]


def b64(content: bytes | Json) -> str:
    plain = json.dumps(content).encode() if isinstance(content, dict) else content
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


class Foreigner:
    """Signs with a key of Ed25519, under a did:key unless another DID is given; as tokens also with ES256 and RS256."""

    def __init__(self, did: str = "") -> None:
        self._key = Ed25519PrivateKey.generate()
        self.multikey = multikey.encode_ed25519(self._key.public_key().public_bytes_raw())
        self.did = did or f"did:key:{self.multikey}"
        self.method = f"{self.did}#{self.multikey}"

    def sign(self, document: Json, method: str = "", **changes: object) -> Json:
        options = data_integrity.proof_options(method or self.method, NOON) | changes
        # Not by what we sign with: that refuses options which somebody else may well sign.
        parts = ({**options, "@context": document["@context"]}, document)
        digests = [hashlib.sha256(linked_data.canonical_n_quads(part).encode()).digest() for part in parts]
        return data_integrity.with_proof(document, options, self._key.sign(b"".join(digests)))

    def body(self, **changes: object) -> Json:
        document = {
            "@context": [V2],
            "id": "https://elsewhere.example/credentials/1",
            "type": ["VerifiableCredential"],
            "issuer": self.did,
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:example:noor"},
        }
        return {name: value for name, value in (document | changes).items() if value is not None}

    def endorsement(self, endorsed: str, **changes: object) -> Json:
        """What this body says about the thing of an id, in the form that credentials carry."""
        document = {
            "@context": [V2, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "id": "https://elsewhere.example/endorsements/1",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "Endorsement",
            "issuer": {"id": self.did, "type": ["Profile"], "name": "Hill", "url": "https://elsewhere.example"},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": endorsed, "type": ["EndorsementSubject"], "endorsementComment": "Well made."},
        }
        return self.sign({name: value for name, value in (document | changes).items() if value is not None})

    def credential(self, **changes: object) -> Json:
        return self.sign(self.body(**changes))

    def credential_of_2020(self, **changes: object) -> Json:
        """The older data model, with the proof that most of its badges bear."""
        document = self.body(
            **{"@context": [V1, SUITE_2020], "validFrom": None, "issuanceDate": "2026-01-01T00:00:00Z"} | changes
        )
        options = {
            "type": "Ed25519Signature2020",
            "created": "2026-01-01T00:00:00Z",
            "verificationMethod": self.method,
            "proofPurpose": "assertionMethod",
        }
        parts = [{"@context": document["@context"], **options}, document]
        hashed = b"".join(hashlib.sha256(linked_data.canonical_n_quads(part).encode()).digest() for part in parts)
        return {**document, "proof": {**options, "proofValue": multikey.encode_multibase(self._key.sign(hashed))}}

    def status_list(self, url: str, *revoked: int, purpose: str = "revocation", **changes: object) -> Json:
        bits = bitstring.empty_bits()
        for index in revoked:
            bitstring.set_bit(bits, index)
        composed = bitstring.compose(url=url, issuer=self.did, bits=bits, valid_from=NOON, purpose=purpose)
        return self.sign(composed | changes)

    def did_document(self, *methods: Json) -> Json:
        own = {"id": self.method, "type": "Multikey", "controller": self.did, "publicKeyMultibase": self.multikey}
        listed = [own, *methods]
        return {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": self.did,
            "verificationMethod": listed,
            "assertionMethod": [method["id"] for method in listed],
        }

    def token(self, payload: Json, header: Json | None = None) -> str:
        return signed_token(payload, {"alg": "EdDSA", "kid": self.method} | (header or {}), self._key.sign)


def entry(url: str, index: int = 7, purpose: str = "revocation") -> Json:
    return {
        "id": f"{url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": url,
    }


def signed_token(payload: Json, header: Json, sign: Any) -> str:
    message = f"{b64(header)}.{b64(payload)}"
    return f"{message}.{b64(sign(message.encode()))}"


class ForeignerOfCurve(Foreigner):
    """Signs with ecdsa-rdfc-2019, by a key of P-256 or another curve. Documents may bear proofs already."""

    def __init__(self, curve: ec.EllipticCurve | None = None, did: str = "") -> None:
        self.curve = ec.generate_private_key(curve or ec.SECP256R1())
        point = self.curve.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
        )
        self.multikey = multikey.encode_multibase((b"\x80\x24" if len(point) == 33 else b"\x81\x24") + point)
        self.did = did or f"did:key:{self.multikey}"
        self.method = f"{self.did}#{self.multikey}"
        self.digest = "sha256" if len(point) == 33 else "sha384"

    def sign(self, document: Json, method: str = "", **changes: object) -> Json:
        """Proofs that the document bears are signed along only where `previousProof` names them."""
        options = data_integrity.proof_options(method or self.method, NOON) | {"cryptosuite": SUITE_2019} | changes
        earlier = document.get("proof", [])
        signed = document if "previousProof" in changes else {k: v for k, v in document.items() if k != "proof"}
        parts = ({**options, "@context": document["@context"]}, signed)
        texts = [linked_data.canonical_n_quads(part, digest=self.digest) for part in parts]
        content = b"".join(hashlib.new(self.digest, text.encode()).digest() for text in texts)
        proof = {**options, "proofValue": multikey.encode_multibase(self.raw(content))}
        return {**document, "proof": [*earlier, proof]}

    def raw(self, content: bytes) -> bytes:
        """r and s side by side."""
        digest = hashes.SHA256() if self.digest == "sha256" else hashes.SHA384()
        length = self.curve.key_size // 8
        pair = decode_dss_signature(self.curve.sign(content, ec.ECDSA(digest)))
        return b"".join(number.to_bytes(length, "big") for number in pair)

    @property
    def jwk(self) -> Json:
        numbers, length = self.curve.public_key().public_numbers(), self.curve.key_size // 8
        x, y = (b64(number.to_bytes(length, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": f"P-{self.curve.key_size}", "x": x, "y": y}


class Ecdsa:
    """A key for ES256."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        self.jwk = {
            "kty": "EC",
            "crv": "P-256",
            "x": b64(numbers.x.to_bytes(32, "big")),
            "y": b64(numbers.y.to_bytes(32, "big")),
        }

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Rsa:
    """A key for RS256."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        self.jwk = {"kty": "RSA", "n": b64(numbers.n.to_bytes(256, "big")), "e": "AQAB"}
        self.pem = (
            self.key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def jwk_method(did: str, name: str, jwk: Json) -> Json:
    return {"id": f"{did}#{name}", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk}


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())
