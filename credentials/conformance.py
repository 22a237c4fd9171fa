"""Signs what public test suites send, so that they can be pointed at us: off unless this is a site for testing.

The key is no issuer's: it stands in a file of its own, is known as a did:key, and is never trusted by anything here. So
the keys of issuers stay out of reach of pages (reliability K1), and what a test suite was given proves nothing to
anybody.
"""

import copy
import os
import secrets
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.translation import gettext as _

from credentials.standards import contexts, data_integrity, data_model, linked_data, multikey
from credentials.standards import status_list as bitstring
from credentials.standards.problems import Problem

Json = dict[str, Any]

_SUITES = (data_integrity.RDFC, data_integrity.JCS)


class NotOffered(Exception):
    """This site signs nothing for test suites."""


class NotSigned(Exception):
    """The credential is not one that is signed; `problems` say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.words}" for problem in problems))
        self.problems = problems


def issuer() -> str:
    """The did:key in whose name is signed. Raises NotOffered."""
    return multikey.did_key(_multikey(_key()))


def list_url() -> str:
    return f"{settings.SITE_URL}/credentials/status/1"


def issue(credential: object, options: Json, *, at: datetime) -> Json:
    """The credential with a proof, and with a place in a status list if it names none. Raises NotSigned, NotOffered.

    Proofs that it has already stay, so that the new one makes a set of them, or with `previousProof` among the options
    a chain. A credential of version 1.1 gets the context of proofs where it lacks one.
    """
    key = _key()
    if problems := data_model.credential_problems(credential) or _unfit(credential, options):
        raise NotSigned(*problems[:10])
    if not isinstance(credential, dict):
        raise NotSigned(Problem("$", _("The credential is not a JSON object.")))
    document = copy.deepcopy(credential)
    if data_model.version_of(document) == "1.1":
        if contexts.DATA_INTEGRITY_V2 not in document["@context"]:
            document["@context"].append(contexts.DATA_INTEGRITY_V2)
    elif "credentialStatus" not in document:
        document["credentialStatus"] = _place()
    earlier = data_integrity.proofs_of(document) if "proof" in document else []
    proof = data_integrity.proof_options(multikey.did_key_method(_multikey(key)), at) | _asked(options)
    if proof["cryptosuite"] == data_integrity.JCS:
        proof["@context"] = document["@context"]
    try:
        signed = {**document, "proof": [*earlier, proof]}
        to_sign = data_integrity.hash_data(
            data_integrity.document_signed(signed, proof), proof, contexts=contexts.for_conformance()
        )
    except (linked_data.BadDocument, contexts.UnknownContext, data_integrity.ProofError) as error:
        path = error.path if isinstance(error, linked_data.BadDocument) else "$"
        raise NotSigned(Problem(path, str(error))) from error
    proof["proofValue"] = multikey.encode_multibase(key.sign(to_sign))
    # Several test suites know a single proof only as an object.
    return {**document, "proof": [*earlier, proof] if earlier else proof}


def status_list(*, at: datetime) -> Json:
    """The signed list in which credentials of `issue` have their places: nothing on it was ever revoked."""
    document = bitstring.compose(url=list_url(), issuer=issuer(), bits=bitstring.empty_bits(), valid_from=at)
    options = data_integrity.proof_options(multikey.did_key_method(_multikey(_key())), at)
    signature = _key().sign(data_integrity.hash_data(document, options))
    return {**document, "proof": {**options, "proofValue": multikey.encode_multibase(signature)}}


def _unfit(credential: object, options: Json) -> list[Problem]:
    named = data_model.id_of(credential.get("issuer")) if isinstance(credential, dict) else ""
    problems = []
    if named != issuer():
        problems.append(Problem("$.issuer", _("Here only {did} issues.").format(did=issuer())))
    if options.get("cryptosuite", data_integrity.RDFC) not in _SUITES:
        problems.append(Problem("$.options.cryptosuite", _("This cryptosuite is not offered.")))
    entry = credential.get("credentialStatus") if isinstance(credential, dict) else None
    for each in entry if isinstance(entry, list) else [entry]:
        if isinstance(each, dict) and each.get("type") == "BitstringStatusListEntry":
            problems += _entry_problems(each)
    return problems


def _entry_problems(entry: Json) -> list[Problem]:
    """Bitstring Status List 1.0, section 2.1."""
    index = entry.get("statusListIndex")
    sound = {
        "statusPurpose": isinstance(entry.get("statusPurpose"), str),
        "statusListIndex": isinstance(index, str) and index.isascii() and index.isdigit(),
        "statusListCredential": data_model.is_url(entry.get("statusListCredential")),
        "id": "id" not in entry or entry["id"] != entry.get("statusListCredential"),
    }
    return [
        Problem(f"$.credentialStatus.{name}", _("The status entry is malformed."))
        for name, is_sound in sound.items()
        if not is_sound
    ]


def _asked(options: Json) -> Json:
    """What of the options goes into the proof."""
    names = {"cryptosuite": "cryptosuite", "previousProof": "previousProof", "proofId": "id"}
    return {member: options[name] for name, member in names.items() if name in options}


def _place() -> Json:
    index = secrets.randbelow(bitstring.MIN_ENTRIES)
    return {
        "id": f"{list_url()}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": list_url(),
    }


def _multikey(key: Ed25519PrivateKey) -> str:
    return multikey.encode_ed25519(key.public_key().public_bytes_raw())


def _key() -> Ed25519PrivateKey:
    if not settings.CONFORMANCE:
        raise NotOffered
    return _kept(settings.DATA_DIR / "conformance-key")


@lru_cache(maxsize=4)
def _kept(path: Path) -> Ed25519PrivateKey:
    """The key in the file, made on first use; of two that make it at once, both then read the same."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(secrets.token_bytes(32))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
