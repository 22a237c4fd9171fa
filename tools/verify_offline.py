#!/usr/bin/env python3
"""Checks a credential without any network: its signature, its place in the public log, and the receipt it vouches for.

In: the signed credential, and as far as they are at hand the issuer's DID document, the proof that the log holds it,
the keys of the log and of its witnesses, and the file of how it was decided. Out: each check by itself, and `holds`,
`does not hold` or `cannot be checked`; what was not given is not judged, and that is said.

What nobody can tell without asking: whether it was revoked since. A status list that was fetched may be given, too.

It needs Python 3.11 and `cryptography`; for the signature inside a document also `pyld`, and the JSON-LD contexts that
lie beside it in the site's own source, or in the folder of `--contexts`. One file, no line of the site's own code.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import gzip
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Json = dict[str, Any]

LARGEST = 4 * 1024 * 1024
HOLDS, FAILS, UNKNOWN = 0, 1, 2
WORDS = {HOLDS: "holds", FAILS: "does not hold", UNKNOWN: "cannot be checked"}
CONTEXTS = Path(__file__).resolve().parent.parent / "credentials" / "standards" / "contexts"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
UNDEFINED = "urn:x-undefined:"
SKEW = timedelta(minutes=5)


class Fails(Exception):
    """A check that was made, and does not hold."""


class CannotCheck(Exception):
    """A check that could not be made; never a sign that all is well."""


@dataclass(frozen=True)
class Check:
    """One check: what it is called, how it came out, and why."""

    name: str
    outcome: int
    words: str


# --- documents ------------------------------------------------------------------------------------------------------


def document_in(path: Path) -> tuple[Json, bytes]:
    """The JSON object in a file, and its bytes."""
    content = bytes_of(path)
    try:
        document = json.loads(content, object_pairs_hook=_once)
    except ValueError as error:
        raise CannotCheck(f"{path.name}: {error}") from error
    if not isinstance(document, dict):
        raise CannotCheck(f"{path.name} holds no JSON object.")
    return document, content


def bytes_of(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CannotCheck(f"{path.name}: {error.strerror}") from error
    if len(content) > LARGEST:
        raise CannotCheck(f"{path.name} is too long.")
    return content


def _once(members: list[tuple[str, Any]]) -> Json:
    """An object whose names stand once: else two programs could read two things in it."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a name stands twice in one object")
    return found


# --- the signature --------------------------------------------------------------------------------------------------


def check_signature(credential: Json, did: Json | None, contexts: Path) -> str:
    proofs = credential.get("proof")
    given = proofs if isinstance(proofs, list) else [proofs]
    listed = [proof for proof in given if isinstance(proof, dict)]
    if not listed or len(listed) != len(given):
        raise Fails("Nobody signed it: there is no proof inside.")
    issuer = credential.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, dict) else issuer
    for proof in listed:
        if (proof.get("type"), proof.get("cryptosuite")) != ("DataIntegrityProof", "eddsa-rdfc-2022"):
            raise CannotCheck("The proof is of a kind that this program does not know.")
        if proof.get("proofPurpose") != "assertionMethod":
            raise Fails("The proof was made for another purpose.")
        key = key_of(str(proof.get("verificationMethod")), str(issuer_id), did)
        signature = from_multibase(str(proof.get("proofValue")))
        unsigned = {name: value for name, value in credential.items() if name != "proof"}
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        configuration = {"@context": credential.get("@context"), **options}
        message = b"".join(hashlib.sha256(canonical(part, contexts)).digest() for part in (configuration, unsigned))
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise Fails("The signature does not fit the document and the key.") from error
    return f"Signed with a key of {issuer_id}."


def key_of(method: str, issuer_id: str, did: Json | None) -> bytes:
    """The 32 bytes of the key that the issuer's own document gives this method."""
    controller, _sharp, fragment = method.partition("#")
    if controller != issuer_id:
        raise Fails("The signature names a key of somebody else than the issuer.")
    if controller.startswith("did:key:"):
        if fragment != controller.removeprefix("did:key:"):
            raise Fails("The signature names a key of somebody else than the issuer.")
        return ed25519(fragment)
    if did is None:
        raise CannotCheck("Without the issuer's DID document (--did) it cannot be told whose key this is.")
    if did.get("id") != issuer_id:
        raise Fails("The DID document is that of somebody else.")
    for entry in did.get("verificationMethod", []):
        if entry.get("id") == method and entry.get("controller") == issuer_id:
            if method not in did.get("assertionMethod", []) or "revoked" in entry:
                break
            return ed25519(str(entry.get("publicKeyMultibase")))
    raise Fails("The issuer does not name this key among those it signs with.")


def ed25519(multikey: str) -> bytes:
    content = from_multibase(multikey)
    if content[:2] != b"\xed\x01" or len(content) != 34:
        raise CannotCheck("The key is of a kind that this program does not know.")
    return content[2:]


def from_multibase(text: str) -> bytes:
    if not text.startswith("z") or len(text) > 200 or any(letter not in BASE58 for letter in text[1:]):
        raise Fails("A key or signature is not written as it should be.")
    number = 0
    for letter in text[1:]:
        number = number * 58 + BASE58.index(letter)
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def canonical(document: Json, contexts: Path) -> bytes:
    """The N-Quads of a document in their one order; refuses what no signature would cover."""
    try:
        from pyld import jsonld  # noqa: PLC0415 - all else can be checked without it
    except ImportError as error:
        raise CannotCheck("Without the package pyld the signature cannot be checked.") from error
    known = json.loads(bytes_of(contexts / "index.json"))

    def load(url: str, _options: object = None) -> Json:
        if url not in known:
            raise CannotCheck(f"The vocabulary {url} is not at hand.")
        content = bytes_of(contexts / known[url]["file"])
        return {"contextUrl": None, "documentUrl": url, "document": json.loads(content)}

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    try:
        # Whatever no vocabulary defines would be dropped silently: given a name of its own, it shows.
        guarded = _with_default(document)
        if UNDEFINED in jsonld.normalize(guarded, options):
            raise Fails("Something in it is outside of what was signed: no vocabulary defines it.")
        text: str = jsonld.normalize(document, options)
    except jsonld.JsonLdError as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, CannotCheck):
            raise cause from error
        raise CannotCheck("It is not sound linked data.") from error
    return text.encode("utf-8")


def _with_default(part: Any) -> Any:
    if isinstance(part, list):
        return [_with_default(each) for each in part]
    if not isinstance(part, dict):
        return part
    found = {name: value if name == "@context" else _with_default(value) for name, value in part.items()}
    if "@context" in found:
        given = found["@context"]
        found["@context"] = [*(given if isinstance(given, list) else [given]), {"@vocab": UNDEFINED}]
    return found


# --- dates and status -----------------------------------------------------------------------------------------------


def check_dates(credential: Json, at: datetime) -> str:
    begins, ends = (moment(credential.get(name)) for name in ("validFrom", "validUntil"))
    if begins and begins > at + SKEW:
        raise Fails(f"It is not valid before {begins:%Y-%m-%d}.")
    if ends and ends < at - SKEW:
        raise Fails(f"It expired on {ends:%Y-%m-%d}.")
    return "It has begun, and not ended."


def moment(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError as error:
        raise CannotCheck("One of its dates cannot be read.") from error
    if found.tzinfo is None:
        raise CannotCheck("One of its dates has no zone.")
    return found


def check_status(credential: Json, status_list: Json, did: Json | None, contexts: Path, at: datetime) -> str:
    entry = credential.get("credentialStatus")
    if not isinstance(entry, dict) or status_list.get("id") != entry.get("statusListCredential"):
        raise CannotCheck("The status list is not the one that the credential names.")
    check_signature(status_list, did, contexts)
    check_dates(status_list, at)
    try:
        encoded = status_list["credentialSubject"]["encodedList"]
        bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
        index = int(entry["statusListIndex"])
        is_set = bits[index // 8] & 0x80 >> index % 8
    except (KeyError, TypeError, ValueError, IndexError, OSError) as error:
        raise CannotCheck("The status list cannot be read.") from error
    if is_set:
        raise Fails("The issuer has withdrawn it, by its own list.")
    return f"Not withdrawn, as far as the list of {status_list.get('validFrom')} tells."


# --- the log --------------------------------------------------------------------------------------------------------


def check_log(content: bytes, proof: str, keys: Sequence[str], witnesses: Sequence[str]) -> str:
    """That a signed head of the log covers this very document (C2SP tlog-proof)."""
    head, separator, note = proof.partition("\n\n")
    lines = head.splitlines()
    try:
        if lines[0] != "c2sp.org/tlog-proof@v1" or not separator:
            raise CannotCheck("The proof is not written as it should be.")
        extra = json.loads(base64.b64decode(lines[1].removeprefix("extra "), validate=True))
        index = int(lines[2].removeprefix("index "))
        path = [base64.b64decode(line, validate=True) for line in lines[3:]]
        leaf, salt = extra["leaf"].encode("utf-8"), bytes.fromhex(extra["salt"])
        digest = json.loads(leaf)["digest"]
    except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CannotCheck("The proof is not written as it should be.") from error
    if hashlib.sha256(salt + hashlib.sha256(content).digest()).hexdigest() != digest:
        raise Fails("The entry of the log is about another document.")
    size, root = signed_head(note, keys)
    if root_by(path, hashlib.sha256(b"\0" + leaf).digest(), index, size) != root:
        raise Fails("The proof does not lead to the signed head of the log.")
    seen = [name for key in witnesses if (name := cosigned(note, key))]
    if len(seen) != len(witnesses):
        raise Fails("Not all of the witnesses that were named have cosigned this head.")
    by = f", cosigned by {', '.join(seen)}" if seen else ""
    return f"Entry {index} of {size}{by}."


def root_by(path: Sequence[bytes], leaf: bytes, index: int, size: int) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise Fails("The log had no such entry.")
    position, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Fails("The proof is too long.")
        if position & 1 or position == last:
            found = hashlib.sha256(b"\x01" + sibling + found).digest()
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + sibling).digest()
        position, last = position >> 1, last >> 1
    if last:
        raise Fails("The proof is too short.")
    return found


def signed_head(note: str, keys: Sequence[str]) -> tuple[int, bytes]:
    text, signatures = lines_of(note)
    if not keys:
        raise CannotCheck("Without a key of the log (--log-key) its head cannot be checked.")
    if not any(_signed_by(text.encode(), signatures, *key_parts(key, 1)) for key in keys):
        raise Fails("The head is signed by none of the keys that were given.")
    try:
        _origin, size, root = text.splitlines()[:3]
        return int(size), base64.b64decode(root, validate=True)
    except ValueError as error:
        raise CannotCheck("The head of the log is not written as it should be.") from error


def _signed_by(message: bytes, signatures: list[tuple[str, bytes]], name: str, hint: bytes, public: bytes) -> bool:
    return any(
        (signer, content[:4]) == (name, hint) and holds(public, content[4:], message) for signer, content in signatures
    )


def cosigned(note: str, key: str) -> str:
    """The name of a witness if it cosigned the head."""
    text, signatures = lines_of(note)
    name, hint, public = key_parts(key, 4)
    for signer, content in signatures:
        if (signer, content[:4]) == (name, hint) and len(content) == 76:
            at = int.from_bytes(content[4:12], "big")
            if holds(public, content[12:], f"cosignature/v1\ntime {at}\n{text}".encode()):
                return name
    return ""


def lines_of(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    text, _separator, rest = note.rpartition("\n\n")
    found = []
    for line in rest.splitlines():
        _mark, _, named = line.partition(" ")
        name, _, encoded = named.partition(" ")
        try:
            found.append((name, base64.b64decode(encoded, validate=True)))
        except binascii.Error as error:
            raise CannotCheck("The head of the log is not written as it should be.") from error
    return text + "\n", found


def key_parts(text: str, kind: int) -> tuple[str, bytes, bytes]:
    try:
        name, hint, encoded = text.split("+", 2)
        content = base64.b64decode(encoded, validate=True)
        expected = hashlib.sha256(name.encode() + b"\n" + content).digest()[:4]
    except (ValueError, binascii.Error) as error:
        raise CannotCheck(f"{text!r} is not a key.") from error
    if len(content) != 33 or content[0] != kind or expected.hex() != hint:
        raise CannotCheck(f"{text!r} is not a key of the kind that is asked for.")
    return name, expected, content[1:]


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# --- the receipt ----------------------------------------------------------------------------------------------------


def check_receipt(credential: Json, content: bytes) -> str:
    """That the credential vouches for this file of how it was decided; replaying it is another matter."""
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    related = credential.get("relatedResource")
    listed = related if isinstance(related, list) else [related]
    if any(isinstance(each, dict) and each.get("digestSRI") == f"sha256-{digest}" for each in listed):
        return "The credential vouches for this very file; replay_derivation.py says whether its rule was satisfied."
    raise Fails("The credential vouches for another file, or for none.")


# --- the command ----------------------------------------------------------------------------------------------------


def checks(given: argparse.Namespace) -> list[Check]:
    credential, content = document_in(given.credential)
    did = document_in(given.did)[0] if given.did else None
    at = datetime.now(UTC)
    found = [
        _made("signature", lambda: check_signature(credential, did, given.contexts)),
        _made("dates", lambda: check_dates(credential, at)),
    ]
    if given.status_list:
        listed = document_in(given.status_list)[0]
        found.append(_made("status", lambda: check_status(credential, listed, did, given.contexts, at)))
    if given.proof:
        proof = bytes_of(given.proof).decode("utf-8", "replace")
        found.append(_made("log", lambda: check_log(content, proof, given.log_key, given.witness)))
    if given.receipt:
        receipt = bytes_of(given.receipt)
        found.append(_made("receipt", lambda: check_receipt(credential, receipt)))
    return found


def _made(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, HOLDS, check())
    except Fails as error:
        return Check(name, FAILS, str(error))
    except CannotCheck as error:
        return Check(name, UNKNOWN, str(error))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Checks a credential without any network.")
    parser.add_argument("credential", type=Path, help="the signed document, byte for byte as it was handed out")
    parser.add_argument("--did", type=Path, help="the issuer's DID document")
    parser.add_argument("--proof", type=Path, help="that the log holds it: /c/CODE/log-proof")
    parser.add_argument("--log-key", action="append", default=[], help="a key of the log")
    parser.add_argument("--witness", action="append", default=[], help="a witness who must have cosigned")
    parser.add_argument("--receipt", type=Path, help="how it was decided: /c/CODE/derivation.json")
    parser.add_argument("--status-list", type=Path, help="the list under credentialStatus")
    parser.add_argument("--contexts", type=Path, default=CONTEXTS, help="where JSON-LD contexts are")
    parser.add_argument("--json", action="store_true", help="answer for programs")
    given = parser.parse_args(arguments)
    try:
        found = checks(given)
    except CannotCheck as error:
        found = [Check("document", UNKNOWN, str(error))]
    outcomes = {check.outcome for check in found}
    outcome = FAILS if FAILS in outcomes else UNKNOWN if UNKNOWN in outcomes else HOLDS
    if given.json:
        listed = [{"check": each.name, "outcome": WORDS[each.outcome], "words": each.words} for each in found]
        print(json.dumps({"result": WORDS[outcome], "checks": listed}))
    else:
        print(WORDS[outcome])
        for each in found:
            print(f"- {each.name}: {WORDS[each.outcome]}. {each.words}")
        for name in ("proof", "status_list"):
            if getattr(given, name) is None:
                print(f"- not given, and not judged: --{name.replace('_', '-')}")
    return outcome


if __name__ == "__main__":
    sys.exit(main())
