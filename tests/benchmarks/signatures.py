"""Times signatures: `python -m tests.benchmarks.signatures` prints CPU milliseconds of each, beside PyLD alone (P3).

The naive way canonises the whole document and the proof options by PyLD, as libraries do: the signature alone, and with
the check that the signer always makes. Ours is the signer's: from the frozen text to the stored one, hashed by forms of
texts alike, signed by OpenSSL and checked by libsodium. All run in this process, in turn; the documents differ in what
learners differ in. First, the bytes are compared for as many random documents as are asked for, by every way that ours
has, and with pyoxigraph if it is here.
"""

import argparse
import copy
import hashlib
import importlib.util
import json
import random
import string
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyld import jsonld

from credentials.standards import alike, data_integrity, linked_data, multikey
from credentials.standards.contexts import known
from tests.benchmarks.figures import HEAD, Figure, in_turn
from tests.credentials.standards.test_open_badges import full, small

pyoxigraph: Any = importlib.import_module("pyoxigraph") if importlib.util.find_spec("pyoxigraph") else None

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw()
METHOD = f"did:web:learn.example.edu:issuers:science#{multikey.encode_ed25519(PUBLIC)}"
# What ours begins with: the text of each document, as it was frozen.
TEXTS: dict[int, str] = {}
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
    return KEY.sign(naive_digest(document, loader))


def naive_digest(document: dict[str, Any], loader: Callable[..., dict[str, Any]]) -> bytes:
    options = data_integrity.proof_options(METHOD, CREATED)
    parts = [options | {"@context": document["@context"]}, document]
    settings = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader}
    return b"".join(hashlib.sha256(jsonld.normalize(part, settings).encode()).digest() for part in parts)


def naive_checked(document: dict[str, Any], loader: Callable[..., dict[str, Any]] = plain_loader) -> bytes:
    """Signed, and verified as a stranger would: what is stored unseen otherwise."""
    signature = naive(document, loader)
    KEY.public_key().verify(signature, naive_digest(json.loads(json.dumps(document)), loader))
    return signature


def ours(document: dict[str, Any]) -> bytes:
    """The signer's way: from the frozen text to the stored one, verified."""
    options = data_integrity.proof_options(METHOD, CREATED)
    signed = data_integrity.signed_text(TEXTS[id(document)], options, sign=KEY.sign, public_key=PUBLIC)
    return signed.encode()


def ours_unchecked(document: dict[str, Any]) -> bytes:
    """What PyLD alone does, for a comparison of equals."""
    options = data_integrity.proof_options(METHOD, CREATED)
    signature = KEY.sign(data_integrity.hash_text(TEXTS[id(document)], options))
    return multikey.encode_multibase(signature).encode()


def signature_in(signed: bytes) -> bytes:
    return multikey.decode_multibase(json.loads(signed)["proof"][0]["proofValue"])


def as_oxigraph(document: dict[str, Any]) -> str | None:
    """The canonical N-Quads by pyoxigraph of what PyLD expands; None where it is not installed."""
    if pyoxigraph is None:
        return None
    quads = jsonld.to_rdf(document, {"format": "application/n-quads", "documentLoader": known()})
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(quads.encode(), format=pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in dataset))


def compared(documents: list[dict[str, Any]]) -> tuple[int, int, int, int]:
    """How many of them have PyLD's very signature in ours, by which way, and how many were held against pyoxigraph."""
    forms = linked_data.forms_of(known())
    before = forms.counts["by form"]
    alike_bytes = oxigraph = 0
    for document in documents:
        TEXTS[id(document)] = alike.as_text(document)
        alike_bytes += signature_in(ours(document)) == naive(document)
        other = as_oxigraph(document)
        if other is not None:
            oxigraph += other == linked_data.canonical_n_quads(document)
    return alike_bytes, forms.counts["by form"] - before, oxigraph, len(documents)


def figures(rounds: int, compare: int) -> list[Figure]:
    """P3 for the fullest document, and beside it what the naive way costs where it checks as ours does."""
    chance = random.Random(11)  # noqa: S311 (nothing secret)
    found = []
    for make in (full, small):
        base = make()
        documents = [of_another_learner(base, chance) for _ in range(max(compare, 20 * rounds))]
        same, by_form, oxigraph, count = compared(documents[:compare])
        for document in documents:
            TEXTS[id(document)] = alike.as_text(document)
        note = f"{same} of {count} random documents have PyLD's very signature, {by_form} of them by a form"
        if pyoxigraph is None:
            note += "; pyoxigraph is not installed"
        else:
            note += f"; pyoxigraph says the same of {oxigraph}"
        if same < count or (pyoxigraph and oxigraph < count):
            raise SystemExit(f"A signature is not PyLD's: {note}.")
        size = f"{'full' if make is full else 'small'} document, {len(alike.as_text(base))} letters"
        way = Callable[[dict[str, Any]], object]
        kept = partial(naive, loader=known())
        is_full = make is full
        rows: list[tuple[str, way, way, float | None]] = [
            ("signature alone, beside PyLD's", naive, ours_unchecked, 60 if is_full else None),
            ("the same, with contexts PyLD may keep", kept, ours_unchecked, None),
            ("signature and check, beside PyLD's", naive_checked, ours, 60 if is_full else None),
            ("signature and check, beside PyLD's without", naive, ours, None),
        ]
        for what, theirs, mine, wanted in rows:
            times = in_turn(theirs, mine, documents[: 20 * rounds], naive_rounds=rounds)
            found.append(Figure("P3", what, size, *times, wanted, note if theirs is naive_checked else ""))
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "--compared", type=int, default=200, help="random documents of each kind whose bytes are compared"
    )
    asked.add_argument("--rounds", type=int, default=40)
    given = asked.parse_args()
    print(HEAD)
    for figure in figures(given.rounds, given.compared):
        print(figure.line())
    print(dict(linked_data.forms_of(known()).counts), dict(linked_data.shapes_of(known()).counts))


if __name__ == "__main__":
    main()
