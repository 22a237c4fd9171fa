#!/usr/bin/env python3
"""Checks without any network a credential, a record of several (CLR 2.0), or a signed sheet of checks.

In: the signed document, and as far as they are at hand the DID documents of its issuers, the proofs that the log holds
it or what is inside, the keys of the log and of its witnesses, and the files of how it was decided. Out: each check by
itself, and `holds`, `does not hold` or `cannot be checked`; what was not given is not judged, and that is said.

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
from functools import partial
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


def check_signature(credential: Json, dids: Sequence[Json], contexts: Path) -> str:
    issuer_id = str(issuer_of(credential))
    unsigned = {name: value for name, value in credential.items() if name != "proof"}
    for proof in proofs_in(credential, "eddsa-rdfc-2022"):
        key = key_of(str(proof.get("verificationMethod")), issuer_id, dids)
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        configuration = {"@context": credential.get("@context"), **options}
        check_proof(proof, key, canonical(configuration, contexts), canonical(unsigned, contexts))
    return f"Signed with a key of {issuer_id}."


def check_sheet(sheet: Json, keys: Sequence[Json]) -> str:
    """That the site which the sheet names has signed it, by the keys that it publishes for sheets (eddsa-jcs-2022)."""
    signer = f"{sheet.get('checkedBy')}/verify/keys"
    unsigned = {name: value for name, value in sheet.items() if name != "proof"}
    for proof in proofs_in(sheet, "eddsa-jcs-2022"):
        key = key_of(str(proof.get("verificationMethod")), signer, keys)
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        check_proof(proof, key, in_one_spelling(options), in_one_spelling(unsigned))
    return f"Signed with a key of {sheet.get('checkedBy')}, which checked {len(sheet.get('lines', []))} lines."


def proofs_in(document: Json, suite: str) -> list[Json]:
    """The proofs of a document, each of the kind that is asked for; at least one."""
    proofs = document.get("proof")
    given = proofs if isinstance(proofs, list) else [proofs]
    listed = [proof for proof in given if isinstance(proof, dict)]
    if not listed or len(listed) != len(given):
        raise Fails("Nobody signed it: there is no proof inside.")
    for proof in listed:
        if (proof.get("type"), proof.get("cryptosuite")) != ("DataIntegrityProof", suite):
            raise CannotCheck("The proof is of a kind that this program does not know.")
        if proof.get("proofPurpose") != "assertionMethod":
            raise Fails("The proof was made for another purpose.")
    return listed


def check_proof(proof: Json, key: bytes, configuration: bytes, document: bytes) -> None:
    message = hashlib.sha256(configuration).digest() + hashlib.sha256(document).digest()
    if not holds(key, from_multibase(str(proof.get("proofValue"))), message):
        raise Fails("The signature does not fit the document and the key.")


def in_one_spelling(value: Json) -> bytes:
    """JSON as RFC 8785 has it, for documents that hold no numbers but whole ones."""
    _refuse_fractions(value)
    return json.dumps(_in_order(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _in_order(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_order(each) for each in value]
    if not isinstance(value, dict):
        return value
    # By the units of UTF-16, in which letters beyond the first 65,536 come before some of those.
    return {name: _in_order(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}


def _refuse_fractions(value: Any) -> None:
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(each, float):
            raise CannotCheck("It holds numbers that this program cannot spell as they were signed.")
        _refuse_fractions(each)


def key_of(method: str, issuer_id: str, dids: Sequence[Json]) -> bytes:
    """The 32 bytes of the key that the issuer's own document gives this method."""
    controller, _sharp, fragment = method.partition("#")
    if controller != issuer_id:
        raise Fails("The signature names a key of somebody else than the issuer.")
    if controller.startswith("did:key:"):
        if fragment != controller.removeprefix("did:key:"):
            raise Fails("The signature names a key of somebody else than the issuer.")
        return ed25519(fragment)
    did = next((each for each in dids if each.get("id") == issuer_id), None)
    if did is None:
        raise CannotCheck(f"Without the keys of {issuer_id} (--did) it cannot be told whose key this is.")
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


def check_status(credential: Json, lists: Sequence[Json], dids: Sequence[Json], contexts: Path, at: datetime) -> str:
    entry = credential.get("credentialStatus")
    named = entry.get("statusListCredential") if isinstance(entry, dict) else None
    withdrawn = next((each for each in lists if named and each.get("id") == named), None)
    if not isinstance(entry, dict) or withdrawn is None:
        raise CannotCheck("The status list is not the one that the credential names.")
    _check_list(withdrawn, credential, dids, contexts, at)
    if _tells(withdrawn, "revocation", entry):
        raise Fails("The issuer has withdrawn it, by its own list.")
    said = f"Not withdrawn, as far as the list of {withdrawn.get('validFrom')} tells"
    # A badge may name one list only; the other one stands beside it.
    suspended = next((each for each in lists if each.get("id") == f"{named}/suspension"), None)
    if suspended is None:
        return f"{said}; whether it is suspended, that list does not tell."
    _check_list(suspended, credential, dids, contexts, at)
    if _tells(suspended, "suspension", entry):
        raise Fails("The issuer has suspended it, by its own list.")
    return f"{said}; nor suspended, as far as that of {suspended.get('validFrom')} does."


def _check_list(status_list: Json, credential: Json, dids: Sequence[Json], contexts: Path, at: datetime) -> None:
    if issuer_of(status_list) != issuer_of(credential):
        raise Fails("The status list is that of somebody else.")
    check_signature(status_list, dids, contexts)
    check_dates(status_list, at)


def _tells(status_list: Json, purpose: str, entry: Json) -> bool:
    """Whether the bit of a credential's entry is set."""
    try:
        subject = status_list["credentialSubject"]
        encoded = subject["encodedList"]
        bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
        index = int(entry["statusListIndex"])
        is_set = bits[index // 8] & 0x80 >> index % 8
    except (KeyError, TypeError, ValueError, IndexError, OSError) as error:
        raise CannotCheck("The status list cannot be read.") from error
    if subject.get("statusPurpose") != purpose:
        raise CannotCheck("The status list is for another purpose.")
    return bool(is_set)


def issuer_of(document: Json) -> object:
    issuer = document.get("issuer")
    return issuer.get("id") if isinstance(issuer, dict) else issuer


# --- the log --------------------------------------------------------------------------------------------------------


def check_log(content: bytes, proof: str, keys: Sequence[str], witnesses: Sequence[str]) -> str:
    """That a signed head of the log covers this very document (C2SP tlog-proof)."""
    leaf, salt, index, path, note = proof_parts(proof)
    if not speaks_of(leaf, salt, content):
        raise Fails("The entry of the log is about another document.")
    size, root = signed_head(note, keys)
    if root_by(path, hashlib.sha256(b"\0" + leaf).digest(), index, size) != root:
        raise Fails("The proof does not lead to the signed head of the log.")
    seen = [name for key in witnesses if (name := cosigned(note, key))]
    if len(seen) != len(witnesses):
        raise Fails("Not all of the witnesses that were named have cosigned this head.")
    by = f", cosigned by {', '.join(seen)}" if seen else ""
    return f"Entry {index} of {size}{by}."


def proof_parts(proof: str) -> tuple[bytes, bytes, int, list[bytes], str]:
    """The leaf, its salt, its index, the path from there, and the signed head."""
    head, separator, note = proof.partition("\n\n")
    lines = head.splitlines()
    try:
        if lines[0] != "c2sp.org/tlog-proof@v1" or not separator:
            raise CannotCheck("The proof is not written as it should be.")
        extra = json.loads(base64.b64decode(lines[1].removeprefix("extra "), validate=True))
        path = [base64.b64decode(line, validate=True) for line in lines[3:]]
        leaf, salt = extra["leaf"].encode("utf-8"), bytes.fromhex(extra["salt"])
        return leaf, salt, int(lines[2].removeprefix("index ")), path, note
    except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CannotCheck("The proof is not written as it should be.") from error


def speaks_of(leaf: bytes, salt: bytes, content: bytes) -> bool:
    try:
        digest = json.loads(leaf)["digest"]
    except (KeyError, TypeError, ValueError) as error:
        raise CannotCheck("The proof is not written as it should be.") from error
    return bool(hashlib.sha256(salt + hashlib.sha256(content).digest()).hexdigest() == digest)


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
    except (InvalidSignature, ValueError):
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


@dataclass(frozen=True)
class Papers:
    """What is at hand beside the document."""

    dids: list[Json]
    lists: list[Json]
    proofs: list[str]
    receipts: list[bytes]
    log_keys: list[str]
    witnesses: list[str]
    contexts: Path


def checks(given: argparse.Namespace) -> list[Check]:
    document, content = document_in(given.document)
    papers = Papers(
        dids=[document_in(path)[0] for path in given.did],
        lists=[document_in(path)[0] for path in given.status_list],
        proofs=[bytes_of(path).decode("utf-8", "replace") for path in given.proof],
        receipts=[bytes_of(path) for path in given.receipt],
        log_keys=given.log_key,
        witnesses=given.witness,
        contexts=given.contexts,
    )
    if document.get("type") == "CheckSheet":
        return [_made("signature", lambda: check_sheet(document, papers.dids))]
    at = datetime.now(UTC)
    found = checks_of(document, papers, at)
    about = [("", document, content)]
    if is_record(document):
        try:
            about = inside_of(document)
        except CannotCheck as error:
            return [*found, Check("inside", UNKNOWN, str(error))]
        for name, credential, _content in about:
            found += checks_of(credential, papers, at, of=name)
    found += [_log_check(about, proof, papers) for proof in papers.proofs]
    return found + [_receipt_check(about, receipt) for receipt in papers.receipts]


def checks_of(document: Json, papers: Papers, at: datetime, of: str = "") -> list[Check]:
    """What can be told of one document, whatever it is; the checks are named for what is inside a record."""
    dids, lists, contexts = papers.dids, papers.lists, papers.contexts
    found = [
        _made(of + "signature", lambda: check_signature(document, dids, contexts)),
        _made(of + "dates", lambda: check_dates(document, at)),
    ]
    # A record of many things has no status of its own.
    if lists and ("credentialStatus" in document or not is_record(document)):
        found.append(_made(of + "status", lambda: check_status(document, lists, dids, contexts, at)))
    return found


def _log_check(about: Sequence[tuple[str, Json, bytes]], proof: str, papers: Papers) -> Check:
    """Whether the log holds the one that the proof speaks of."""
    of, content = next(((of, content) for of, _doc, content in about if _speaks_of(proof, content)), ("", about[0][2]))
    return _made(of + "log", lambda: check_log(content, proof, papers.log_keys, papers.witnesses))


def _speaks_of(proof: str, content: bytes) -> bool:
    try:
        leaf, salt, *_rest = proof_parts(proof)
        return speaks_of(leaf, salt, content)
    except CannotCheck:
        return False


def _receipt_check(about: Sequence[tuple[str, Json, bytes]], receipt: bytes) -> Check:
    """Whether one of them vouches for this file."""
    made = [_made(of + "receipt", partial(check_receipt, document, receipt)) for of, document, _content in about]
    return next((each for each in made if each.outcome == HOLDS), made[0])


def is_record(document: Json) -> bool:
    types = document.get("type")
    return "ClrCredential" in (types if isinstance(types, list) else [types])


def inside_of(record: Json) -> list[tuple[str, Json, bytes]]:
    """How the checks of each credential that a record holds are named, the document, and its bytes."""
    subject = record.get("credentialSubject")
    held = subject.get("verifiableCredential") if isinstance(subject, dict) else None
    found = []
    for place, each in enumerate(held if isinstance(held, list) else [], start=1):
        if not isinstance(each, dict) or "proof" not in each:
            raise CannotCheck("The record holds a credential in a form that this program does not read.")
        about = each.get("credentialSubject")
        achievement = about.get("achievement") if isinstance(about, dict) else None
        called = achievement.get("name") if isinstance(achievement, dict) else None
        # Credentials of this kind are written without blanks, so that their bytes can be told from the record.
        text = json.dumps(each, ensure_ascii=False, separators=(",", ":"))
        found.append((f"{place} {called or ''}".strip() + ": ", each, text.encode("utf-8")))
    if not found:
        raise CannotCheck("The record holds no credential.")
    return found


def _made(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, HOLDS, check())
    except Fails as error:
        return Check(name, FAILS, str(error))
    except CannotCheck as error:
        return Check(name, UNKNOWN, str(error))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Checks a credential, a record or a sheet without any network.")
    parser.add_argument("document", type=Path, help="the signed document, byte for byte as it was handed out")
    many: dict[str, Any] = {"type": Path, "action": "append", "default": []}
    parser.add_argument("--did", **many, help="the DID document of an issuer; of a sheet, /verify/keys")
    parser.add_argument("--proof", **many, help="that the log holds it: /c/CODE/log-proof")
    parser.add_argument("--log-key", action="append", default=[], help="a key of the log")
    parser.add_argument("--witness", action="append", default=[], help="a witness who must have cosigned")
    parser.add_argument("--receipt", **many, help="how it was decided: /c/CODE/derivation.json")
    parser.add_argument("--status-list", **many, help="the list under credentialStatus, and the one of suspensions")
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
            if not getattr(given, name) and any(each.name == "dates" for each in found):
                print(f"- not given, and not judged: --{name.replace('_', '-')}")
    return outcome


if __name__ == "__main__":
    sys.exit(main())
