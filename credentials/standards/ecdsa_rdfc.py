"""Proofs of ecdsa-rdfc-2019 (W3C vc-di-ecdsa 1.0, section 3.2), which other issuers make: checked here, and never made.

They are made as those of eddsa-rdfc-2022, but the curve of the key says with which hash: SHA-256 with P-256, SHA-384
with P-384, for both parts of what is signed, within the canonicalisation, and in the signature itself.
"""

import hashlib

from . import jose, linked_data, rdf_canon
from .contexts import ContextSet
from .data_integrity import (
    BadSignature,
    Json,
    MalformedProof,
    check_options,
    check_purpose,
    document_signed,
    signature_of,
)
from .multikey import KeyKind, PublicKey, jwk

SUITE = "ecdsa-rdfc-2019"
_DIGESTS = {KeyKind.P256: rdf_canon.SHA256, KeyKind.P384: rdf_canon.SHA384}


def hash_data(document: Json, proof_options: Json, kind: KeyKind, *, contexts: ContextSet | None = None) -> bytes:
    """What a key of this curve signs: the hash of the proof configuration, then of the document without its proof.

    Raises what `data_integrity.hash_data` raises.
    """
    check_options(proof_options, SUITE)
    if "@context" not in document:
        raise linked_data.BadDocument("$", "The document names no context.")
    configuration = {name: value for name, value in proof_options.items() if name != "proofValue"}
    configuration["@context"] = document["@context"]
    digest = _DIGESTS[kind]
    parts = [
        linked_data.canonical_n_quads(part, contexts=contexts, digest=digest) for part in (configuration, document)
    ]
    return b"".join(hashlib.new(digest, part.encode("utf-8")).digest() for part in parts)


def verify_proof(
    document: Json,
    proof: Json,
    key: PublicKey,
    *,
    purpose: str = "assertionMethod",
    contexts: ContextSet | None = None,
) -> None:
    """Check one proof of a document, given with all its proofs; return only if it holds.

    Raises MalformedProof, UnsupportedProof, WrongPurpose, BadSignature, and what `hash_data` raises.
    """
    check_options(proof, SUITE)
    check_purpose(proof, purpose)
    if key.kind not in _DIGESTS:
        raise MalformedProof("The key is of another kind than the proof says.")
    # r and s side by side, each as long as the curve; a compressed point is one byte longer than that.
    signature = signature_of(proof, 2 * (key.kind.length - 1))
    message = hash_data(document_signed(document, proof), proof, key.kind, contexts=contexts)
    public = jose.public_key_of(jwk(key))
    try:
        jose.verify(jose.Compact({"alg": jose.algorithm_of(public)}, {}, message, signature), public)
    except jose.BadTokenSignature as error:
        raise BadSignature("The signature does not fit the document and the key.") from error
