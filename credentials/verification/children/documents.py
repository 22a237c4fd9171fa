"""Works through linked data: whether a proof holds, and whether a signature covers everything."""

import hashlib
from typing import Any

from credentials.standards import contexts, data_integrity, ecdsa_rdfc, linked_data, multikey
from credentials.standards.contexts import UnknownContext

Json = dict[str, Any]

_SUITE_2020 = "Ed25519Signature2020"
_ED25519 = multikey.KeyKind.ED25519


def proof(question: Json) -> Json:
    """Whether one proof of a document holds under a key; for assertions, if no other `purpose` is asked for.

    `test_suite` makes known the context that test suites use.
    """
    document, given, key = question["document"], question["proof"], multikey.decode_key(question["key"])
    purpose = question.get("purpose", "assertionMethod")
    known = contexts.for_conformance() if question.get("test_suite") else contexts.known()
    try:
        if given.get("type") == _SUITE_2020:
            _verify_2020(document, given, key, purpose, known)
        elif given.get("cryptosuite") == ecdsa_rdfc.SUITE:
            ecdsa_rdfc.verify_proof(document, given, key, purpose=purpose, contexts=known)
        else:
            _refuse_other_kind(given, key)
            data_integrity.verify_proof(document, given, key.content, purpose=purpose, contexts=known)
    except data_integrity.BadSignature as error:
        return {"outcome": "bad-signature", "words": str(error)}
    except data_integrity.UnsupportedProof as error:
        return {"outcome": "unsupported", "words": str(error)}
    except data_integrity.ProofError as error:
        return {"outcome": "malformed", "words": str(error)}
    except (UnknownContext, linked_data.BadDocument) as error:
        return _unfit(error)
    return {"outcome": "holds"}


def _refuse_other_kind(given: Json, key: multikey.PublicKey) -> None:
    if given.get("cryptosuite") in (data_integrity.RDFC, data_integrity.JCS) and key.kind is not _ED25519:
        raise data_integrity.MalformedProof("The key is of another kind than the proof says.")


def _verify_2020(
    document: Json, given: Json, key: multikey.PublicKey, purpose: str, known: contexts.ContextSet
) -> None:
    """The suite before Data Integrity, which badges on the older data model still bear: read, and never written."""
    if given.get("proofPurpose") != purpose:
        raise data_integrity.WrongPurpose(f"The proof is not for {purpose!r}.")
    try:
        signature = multikey.decode_multibase(str(given.get("proofValue", "")))
        for name in ("created", "expires"):
            if name in given:
                data_integrity.parse_date_time_stamp(given[name])
    except ValueError as error:
        raise data_integrity.MalformedProof(str(error)) from error
    if key.kind is not _ED25519:
        raise data_integrity.MalformedProof("The key is of another kind than the proof says.")
    if len(signature) != 64:
        raise data_integrity.MalformedProof("The proof value is not a signature of 64 bytes.")
    signed = {name: value for name, value in document.items() if name != "proof"}
    options = {name: value for name, value in given.items() if name != "proofValue"}
    try:
        configuration = linked_data.canonical_n_quads({"@context": document["@context"], **options}, contexts=known)
    except linked_data.DataLoss as error:
        raise data_integrity.UnsupportedProof("The document's contexts do not know this kind of proof.") from error
    canonical = [configuration, linked_data.canonical_n_quads(signed, contexts=known)]
    digests = [hashlib.sha256(text.encode("utf-8")).digest() for text in canonical]
    data_integrity.check_signature(signature, b"".join(digests), key.content)


def covered(question: Json) -> Json:
    """Whether a signature would cover every part of a document, for one whose key is not to be had."""
    document = {name: value for name, value in question["document"].items() if name != "proof"}
    try:
        linked_data.canonical_n_quads(document)
    except (UnknownContext, linked_data.BadDocument) as error:
        return _unfit(error)
    return {"outcome": "holds"}


def _unfit(error: UnknownContext | linked_data.BadDocument) -> Json:
    match error:
        case UnknownContext():
            return {"outcome": "unknown-context", "words": error.url}
        case linked_data.DataLoss():
            return {"outcome": "not-covered", "words": error.words, "path": error.path}
        case linked_data.Disguised():
            return {"outcome": "disguised", "words": error.words, "path": error.path}
        case linked_data.TooLarge():
            return {"outcome": "too-large", "words": error.words, "path": error.path}
    return {"outcome": "bad-document", "words": error.words, "path": error.path}


ACTS = {"proof": proof, "covered": covered}
