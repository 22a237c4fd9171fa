"""Hostile files that more than one signed: documents with proofs of others beside, and presentations of wallets."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from credentials.verification import Verdict
from tests.credentials.foreigner import V2, Foreigner
from tests.credentials.hostile import ALTERED, UNCHECKED, UNKNOWN_ISSUER, Hostile

Json = dict[str, Any]


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _countersigned(document: str) -> Iterator[Hostile]:
    issuer, other, evil = Foreigner(), Foreigner(), Foreigner("did:web:evil.invalid")
    body = issuer.body()
    own, beside = issuer.sign(body)["proof"][0], other.sign(body)["proof"][0]
    unproven = evil.sign(body)["proof"][0]
    broken = beside | {"created": "2020-01-01T00:00:00Z"}
    sets: dict[str, tuple[list[Json], Verdict]] = {
        "by another, too": ([own, beside], UNKNOWN_ISSUER),
        "by another first": ([beside, own], UNKNOWN_ISSUER),
        "by another alone": ([beside], ALTERED),
        "by another, who did not": ([own, broken], ALTERED),
        "by another, whose key is not to be had": ([own, unproven], UNCHECKED),
        "by another, and broken by its issuer": ([beside, own | {"proofValue": beside["proofValue"]}], ALTERED),
    }
    for name, (proofs, verdict) in sets.items():
        yield Hostile(f"signed {name}", _json(body | {"proof": proofs}), verdict)
    ours = json.loads(document)
    added = other.sign({name: value for name, value in ours.items() if name != "proof"})["proof"]
    yield Hostile("ours, signed by another, too", _json(ours | {"proof": [*ours["proof"], *added]}), ALTERED)


def _presentations(document: str) -> Iterator[Hostile]:
    wallet, thief, genuine = Foreigner(), Foreigner(), json.loads(document)
    plain = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": wallet.did}
    shown = wallet.sign(plain | {"verifiableCredential": [genuine]}, proofPurpose="authentication")
    asserted = wallet.sign(plain | {"verifiableCredential": [genuine]})
    forged = genuine | {"name": "Doctor of everything"}
    wrong = {
        "of a forged credential": wallet.sign(
            plain | {"verifiableCredential": [forged]}, proofPurpose="authentication"
        ),
        "for another holder": shown | {"holder": thief.did},
        "with something added": shown | {"id": "https://evil.example/1"},
        "signed for another purpose": asserted,
        "signed in another's name": thief.sign(plain | {"verifiableCredential": [genuine]}),
        "with a proof of nothing": shown | {"proof": [{}]},
    }
    for name, presentation in wrong.items():
        yield Hostile(f"presentation: {name}", _json(presentation), ALTERED)
    for name, presentation in {"signed": shown, "not signed": plain | {"verifiableCredential": [genuine]}}.items():
        yield Hostile(f"presentation: sound, {name}", _json(presentation), Verdict.VALID)
    for name, held in {"second": [genuine, forged], "first": [forged, genuine]}.items():
        yield Hostile(
            f"presentation: of two, the {name} forged", _json(plain | {"verifiableCredential": held}), ALTERED
        )
    several = wallet.sign(
        plain | {"verifiableCredential": [genuine, thief.credential()]}, proofPurpose="authentication"
    )
    more = several | {"verifiableCredential": [*several["verifiableCredential"], wallet.credential()]}
    yield Hostile("presentation: of two, and a third put in", _json(more), ALTERED)
    nested = plain | {"verifiableCredential": [genuine, plain | {"verifiableCredential": [genuine, genuine]}]}
    yield Hostile("presentation: one within another", _json(nested), UNCHECKED)


KINDS: dict[str, Callable[[str], Iterator[Hostile]]] = {
    "countersigned": _countersigned,
    "presentations": _presentations,
}
