"""Times signatures: `python -m tests.benchmarks.signatures` prints CPU milliseconds of each, beside PyLD alone (P3).

The naive way canonises the whole document and the proof options by PyLD, as libraries do, once with contexts that PyLD
may keep worked out and once as its users mostly run it. Ours is the signer's: hashing by templates, Ed25519, and the
check of the finished document as a stranger reads it. All run in this process, in turn; the documents differ in what
learners differ in. First, the bytes are compared for as many random documents as are asked for.
"""

import argparse
import copy
import hashlib
import json
import random
import statistics
import string
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyld import jsonld

from credentials.standards import data_integrity, linked_data, multikey
from credentials.standards.contexts import known
from tests.credentials.standards.test_open_badges import full, small

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw()
METHOD = f"did:web:learn.example.edu:issuers:science#{multikey.encode_ed25519(PUBLIC)}"
CREATED = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LETTERS = string.ascii_letters + " -'äöüßéñŌøłçğ\"\\" + "ديانا李小龍नेहा"


def of_another_learner(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same kind of document with other texts in every place that depends on the learner."""
    changed = copy.deepcopy(document)
    changed["id"] = f"https://learn.example.edu/credentials/{chance.getrandbits(128):032x}"
    changed["credentialStatus"]["id"] = f"https://learn.example.edu/status/3#{chance.randrange(131072)}"
    changed["credentialStatus"]["statusListIndex"] = str(chance.randrange(131072))
    for identity in changed["credentialSubject"]["identifier"]:
        identity["identityHash"] = "".join(chance.choices(LETTERS, k=chance.randrange(1, 40)))
    changed["credentialSubject"]["achievement"]["name"] = "".join(chance.choices(LETTERS, k=30))
    for line in changed["credentialSubject"].get("result", ()):
        if "value" in line:
            line["value"] = str(chance.randrange(100))
    return changed


def plain_loader(url: str, options: object = None) -> dict[str, Any]:
    return {"contextUrl": None, "documentUrl": url, "document": known()[url], "contentType": "application/ld+json"}


def naive(document: dict[str, Any], loader: Callable[..., dict[str, Any]] = plain_loader) -> bytes:
    options = data_integrity.proof_options(METHOD, CREATED)
    parts = [options | {"@context": document["@context"]}, document]
    settings = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader}
    digest = b"".join(hashlib.sha256(jsonld.normalize(part, settings).encode()).digest() for part in parts)
    return KEY.sign(digest)


def ours(document: dict[str, Any]) -> bytes:
    options = data_integrity.proof_options(METHOD, CREATED)
    signature = KEY.sign(data_integrity.hash_data(document, options))
    signed = data_integrity.with_proof(document, options, signature)
    data_integrity.verify_proofs(json.loads(json.dumps(signed)), lambda proof: PUBLIC)
    return signature


def milliseconds(work: Callable[[dict[str, Any]], bytes], documents: list[dict[str, Any]]) -> list[float]:
    found = []
    for document in documents:
        started = time.process_time()
        work(document)
        found.append((time.process_time() - started) * 1_000)
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--compared", type=int, default=200, help="random documents whose bytes are compared")
    asked.add_argument("--rounds", type=int, default=40)
    given = asked.parse_args()
    chance = random.Random(11)  # noqa: S311 (nothing secret)
    for make in (small, full):
        base = make()
        documents = [of_another_learner(base, chance) for _ in range(given.compared)]
        alike = sum(naive(document) == ours(document) for document in documents)
        print(f"{make.__name__}: {alike} of {len(documents)} random documents have PyLD's very signature")
        ways: list[tuple[str, Callable[[dict[str, Any]], bytes]]] = [
            ("PyLD", naive),
            ("PyLD, contexts kept", partial(naive, loader=known())),
            ("ours, checked", ours),
        ]
        times = {name: milliseconds(way, documents[: given.rounds]) for name, way in ways}
        best = statistics.median(times["ours, checked"])
        for name, found in times.items():
            median = statistics.median(found)
            print(
                f"  {name}: median {median:.2f} ms, {min(found):.2f} to {max(found):.2f}, {len(found)} rounds, "
                f"{median / best:.0f} times ours"
            )
    print(dict(linked_data.shapes_of(known()).counts))


if __name__ == "__main__":
    main()
