"""Data Integrity proofs with Ed25519 (W3C VC Data Integrity 1.0, and vc-di-eddsa 1.0: eddsa-rdfc-2022, eddsa-jcs-2022).

No private key comes near this module: it says which 64 bytes are to be signed, puts a finished signature into its
place, and checks. Whether a key belongs to the issuer is for the caller to ask (section 4.3 of the former).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import nacl.bindings
import nacl.exceptions

from . import alike, jcs, linked_data, multikey
from .contexts import ContextSet

RDFC = "eddsa-rdfc-2022"
JCS = "eddsa-jcs-2022"
PROOF_TYPE = "DataIntegrityProof"
# Text that becomes no graph costs no more than to read it: a sheet of five hundred checks is to be signed.
_PLAIN = linked_data.Limits(characters=2_097_152, values=50_000)

Json = dict[str, Any]

# XML Schema 1.1, section 3.4.28: seconds as fine as one likes, and no zone beyond fourteen hours.
_DATE_TIME_STAMP = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))\Z", re.ASCII
)
_MAX_PROOFS = 16


class ProofError(Exception):
    """A proof does not hold, or cannot be judged."""


class MalformedProof(ProofError):
    """The proof lacks a member, or has one of the wrong shape (PROOF_VERIFICATION_ERROR)."""


class UnsupportedProof(ProofError):
    """The proof is of a type or cryptosuite that is not checked here."""


class WrongPurpose(ProofError):
    """The proof was made for another purpose than the one asked for."""


class ExpiredProof(ProofError):
    """The proof's own `expires` has passed."""


class BadSignature(ProofError):
    """The signature is not that of this key over this document and these proof options: something was altered."""


def date_time_stamp(moment: datetime) -> str:
    """`YYYY-MM-DDThh:mm:ssZ` in UTC, fractions cut off; raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("A time without a zone cannot be written into a credential.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def parse_date_time_stamp(text: object) -> datetime:
    """The moment of an xsd:dateTimeStamp, zone required; raises ValueError."""
    if not isinstance(text, str) or not _DATE_TIME_STAMP.match(text):
        raise ValueError(f"{text!r} is not a date and time with a zone.")
    # Python keeps six digits of a second.
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))


def proof_options(verification_method: str, created: datetime, purpose: str = "assertionMethod") -> Json:
    """The options of an eddsa-rdfc-2022 proof: all but the proof value. The method is a full DID URL."""
    return {
        "type": PROOF_TYPE,
        "cryptosuite": RDFC,
        "created": date_time_stamp(created),
        "verificationMethod": verification_method,
        "proofPurpose": purpose,
    }


def hash_data(document: Json, proof_options: Json, *, contexts: ContextSet | None = None) -> bytes:
    """The 64 bytes to sign: SHA-256 of the proof configuration, then of the document (vc-di-eddsa, 3.2.4, 3.3.4).

    `document` carries no `proof`, or, for a chain, the earlier proofs that this one builds on.
    Raises MalformedProof, UnsupportedProof, and for the document linked_data.BadDocument (DataLoss, TooLarge) or
    contexts.UnknownContext. With eddsa-jcs-2022 contexts are hashed but not read.
    """
    check_options(proof_options)
    if proof_options["cryptosuite"] == JCS:
        configuration = {name: value for name, value in proof_options.items() if name != "proofValue"}
        return b"".join(_sha256(_canonical_json(part)) for part in (configuration, document))
    if "@context" not in document:
        raise linked_data.BadDocument("$", "The document names no context.")
    canonical = linked_data.canonical_n_quads(document, contexts=contexts)
    return _hash_of_options(document["@context"], proof_options, contexts) + _sha256(canonical.encode("utf-8"))


def hash_text(text: str, proof_options: Json) -> bytes:
    """The 64 bytes to sign for a document as it is written, for eddsa-rdfc-2022 and the known contexts.

    What `hash_data` says of it, in a fraction of the time where a document written alike was met before. Raises what it
    raises, and ValueError for text that is not an object of JSON, or has a proof already.
    """
    found = linked_data.canonical_of_text(text)
    if found is None:
        document = json.loads(text)
        if not isinstance(document, dict) or "proof" in document:
            raise ValueError("What is to be signed is one JSON object without a proof.")
        if "@context" not in document:
            raise linked_data.BadDocument("$", "The document names no context.")
        canonical = linked_data.canonical_n_quads(document)
        linked_data.learn(text, document, canonical)
        return _hash_of_options(document["@context"], proof_options) + _sha256(canonical.encode("utf-8"))
    return _hash_of_options(found.contexts, proof_options) + _sha256(found.content)


def _hash_of_options(names: Any, options: Json, contexts: ContextSet | None = None) -> bytes:
    """The hash of the proof configuration, for a document with contexts of these names."""
    values = [*names, *options.values()] if isinstance(names, list | tuple) else [None]
    if contexts is None and all(isinstance(value, str) for value in values):
        return _kept_hash(tuple(names), tuple(options.items()))
    return _hashed_options(names, options, contexts)


# A batch is signed by one key, and what was awarded at once has one time.
@lru_cache(maxsize=256)
def _kept_hash(names: tuple[str, ...], options: tuple[tuple[str, str], ...]) -> bytes:
    return _hashed_options(list(names), dict(options), None)


def _hashed_options(names: Any, options: Json, contexts: ContextSet | None) -> bytes:
    check_options(options)
    configuration = {name: value for name, value in options.items() if name != "proofValue"}
    # The document's context gives the proof's terms their meaning; this copy of it is hashed but not published.
    configuration["@context"] = names
    return _sha256(linked_data.canonical_n_quads(configuration, contexts=contexts).encode("utf-8"))


def signed_text(text: str, proof_options: Json, *, sign: Callable[[bytes], bytes], public_key: bytes) -> str:
    """The document as it is written, with `proof` last: a list of the one that `sign` makes, verified.

    The proof is put behind the very text that was hashed, so nothing else can have changed; and whether the signature
    is that of the public key is asked of a library that shares no code with the one that signs. Raises BadSignature,
    and what `hash_text` and `sign` raise.
    """
    if proof_options.get("cryptosuite") != RDFC:
        raise UnsupportedProof("Only eddsa-rdfc-2022 is signed as text.")
    if not text.endswith("}"):
        raise ValueError("The text is not one JSON object.")
    to_sign = hash_text(text, proof_options)
    signature = sign(to_sign)
    check_signature(signature, to_sign, public_key)
    proof = {**proof_options, "proofValue": multikey.encode_multibase(signature)}
    return f'{text[:-1]},"proof":[{alike.as_text(proof)}]}}'


def check_signature(signature: bytes, content: bytes, public_key: bytes) -> None:
    """Check an Ed25519 signature by libsodium; return only if it holds.

    OpenSSL, which makes ours, would take a key of small order, under which one signature fits any document.
    """
    if len(signature) != 64 or len(public_key) != multikey.KeyKind.ED25519.length:
        raise BadSignature("The signature or the key has not the length of an Ed25519 one.")
    try:
        nacl.bindings.crypto_sign_open(signature + content, public_key)
    except nacl.exceptions.BadSignatureError as error:
        raise BadSignature("The signature does not fit the document and the key.") from error


def with_proof(document: Json, proof_options: Json, signature: bytes) -> Json:
    """The document with `proof` last, a list of the one proof made of these options and a 64 byte Ed25519 signature.

    The document given is not changed. Raises ValueError if it has a proof already, or for a signature of wrong length.
    """
    if "proof" in document:
        raise ValueError("The document already has a proof.")
    if len(signature) != 64:
        raise ValueError("An Ed25519 signature has 64 bytes.")
    return {**document, "proof": [{**proof_options, "proofValue": multikey.encode_multibase(signature)}]}


def proofs_of(document: Json) -> list[Json]:
    """The proofs of a document, one or a list of them; raises MalformedProof for none, too many, or no objects."""
    found = document.get("proof")
    given = found if isinstance(found, list) else [found]
    proofs = [proof for proof in given if isinstance(proof, dict)]
    if not proofs or len(proofs) != len(given):
        raise MalformedProof("The document has no proof that is an object.")
    if len(proofs) > _MAX_PROOFS:
        raise MalformedProof("The document has too many proofs.")
    return proofs


def verify_proof(
    document: Json,
    proof: Json,
    public_key: bytes,
    *,
    purpose: str = "assertionMethod",
    at: datetime | None = None,
    contexts: ContextSet | None = None,
) -> None:
    """Check one proof of a document against the 32 bytes of a public Ed25519 key; return only if it holds.

    `document` may be given with its proofs: those that `previousProof` names are found among them and hashed along
    (VC Data Integrity, 4.2.2), all others are left out. With `at`, a proof that has expired by then is refused.
    Raises MalformedProof, UnsupportedProof, WrongPurpose, ExpiredProof, BadSignature, and what `hash_data` raises.
    """
    check_options(proof)
    check_purpose(proof, purpose)
    signature = signature_of(proof)
    check_signature(signature, hash_data(document_signed(document, proof), proof, contexts=contexts), public_key)
    if at is not None and "expires" in proof and parse_date_time_stamp(proof["expires"]) <= at:
        raise ExpiredProof(f"The proof held until {proof['expires']}.")


def verify_proofs(
    document: Json,
    public_key_of: Callable[[Json], bytes],
    *,
    purpose: str = "assertionMethod",
    at: datetime | None = None,
    contexts: ContextSet | None = None,
) -> None:
    """Check every proof of a document, a set or a chain; `public_key_of` finds the key of a proof. All must hold.

    Raises what `verify_proof`, `proofs_of` and `public_key_of` raise.
    """
    for proof in proofs_of(document):
        verify_proof(document, proof, public_key_of(proof), purpose=purpose, at=at, contexts=contexts)


def check_options(options: Json, *suites: str) -> None:
    """Raises MalformedProof, and UnsupportedProof where they are of none of these suites, else of Ed25519."""
    if options.get("type") != PROOF_TYPE:
        raise UnsupportedProof(f"Proofs of type {options.get('type')!r} are not checked here.")
    if options.get("cryptosuite") not in (suites or (RDFC, JCS)):
        raise UnsupportedProof(f"The cryptosuite {options.get('cryptosuite')!r} is not checked here.")
    for name in ("verificationMethod", "proofPurpose"):
        if not isinstance(options.get(name), str) or not options[name]:
            raise MalformedProof(f"The proof has no {name}.")
    for name in ("created", "expires"):
        if name in options:
            try:
                parse_date_time_stamp(options[name])
            except ValueError as error:
                raise MalformedProof(f"The proof's {name} is not a date and time with a zone.") from error


def check_purpose(proof: Json, purpose: str) -> None:
    """Raises WrongPurpose."""
    if proof["proofPurpose"] != purpose:
        raise WrongPurpose(f"The proof is for {proof['proofPurpose']!r}, not for {purpose!r}.")


def signature_of(proof: Json, length: int = 64) -> bytes:
    """The signature in the proof value. Raises MalformedProof."""
    value = proof.get("proofValue")
    # vc-di-eddsa 3.2.2 and vc-di-ecdsa 3.2.2: base58btc and nothing else.
    if not isinstance(value, str) or not value.startswith("z"):
        raise MalformedProof("The proof value is not base58btc text.")
    try:
        signature = multikey.decode_multibase(value)
    except multikey.BadMultibase as error:
        raise MalformedProof("The proof value is not base58btc text.") from error
    if len(signature) != length:
        raise MalformedProof(f"The proof value is not a signature of {length} bytes.")
    return signature


def document_signed(document: Json, proof: Json) -> Json:
    """What this proof was made over: the document without proofs, save the earlier ones that it names."""
    signed = {name: value for name, value in document.items() if name != "proof"}
    earlier = proof.get("previousProof")
    if earlier is not None:
        signed["proof"] = _named(document, proof, [earlier] if isinstance(earlier, str) else earlier)
    if proof["cryptosuite"] == JCS and "@context" in proof:
        signed["@context"] = _proof_context(document.get("@context"), proof["@context"])
    return signed


def _named(document: Json, proof: Json, ids: Iterable[Any]) -> list[Json]:
    wanted = list(ids) if isinstance(ids, list) else []
    if not wanted or not all(isinstance(id_, str) for id_ in wanted):
        raise MalformedProof("The proof's previousProof is neither an id nor a list of ids.")
    others = [other for other in proofs_of(document) if other.get("id") in wanted and other is not proof]
    if {other["id"] for other in others} != set(wanted) or len(others) != len(wanted) or proof.get("id") in wanted:
        raise MalformedProof("An earlier proof, on which this one builds, is not in the document exactly once.")
    return others


def _proof_context(of_document: Any, of_proof: Any) -> Any:
    """The context hashed with eddsa-jcs-2022: the proof's, with which the document's must begin (3.3.2)."""
    document_items = of_document if isinstance(of_document, list) else [of_document]
    proof_items = of_proof if isinstance(of_proof, list) else [of_proof]
    if document_items[: len(proof_items)] != proof_items:
        raise MalformedProof("The document's contexts do not begin with those of its proof.")
    return of_proof


def _canonical_json(part: Json) -> bytes:
    linked_data.check_size(part, _PLAIN)
    try:
        return jcs.canonicalise(part)
    except jcs.NotCanonicalisable as error:
        raise linked_data.BadDocument("$", str(error)) from error


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
