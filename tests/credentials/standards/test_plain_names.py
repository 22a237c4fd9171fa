"""What hides from readers of plain JSON is refused; what merely is unusual is not."""

from collections.abc import Callable
from typing import Any

import pytest

from credentials.standards import linked_data
from credentials.standards.contexts import CREDENTIALS_V2, OPEN_BADGES_V3

Json = dict[str, Any]

OF = "https://www.w3.org/2018/credentials#"
ID = "https://a.example/1"
END = "2026-02-01T00:00:00Z"


def document(**more: Any) -> Json:
    return {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_V3],
        "id": ID,
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": "did:example:1", "type": ["Profile"], "name": "Guild"},
        "credentialSubject": {"id": "did:example:2", "type": ["EndorsementSubject"]},
    } | more


def with_context(context: Any, **more: Any) -> Json:
    return document(**{"@context": [CREDENTIALS_V2, OPEN_BADGES_V3, context]} | more)


@pytest.mark.parametrize(
    "hidden",
    [
        document(**{f"{OF}validUntil": {"@value": END}}),
        with_context({"vu": f"{OF}validUntil"}, vu=END),
        with_context({"vu": {"@id": f"{OF}credentialStatus"}}, vu={"id": f"{ID}#2"}),
        with_context({"c": OF}, **{"c:validUntil": END}),
        with_context({"@vocab": f"{OF}valid"}, Until=END),
        with_context({"into": "@nest"}, into={"validUntil": END}),
        with_context({"kind": "@type"}, kind="https://a.example/Type"),
        with_context({"issuer": "https://a.example/issuer"}),
        with_context({"validUntil": None}),
        document(**{"@nest": {"validUntil": END}}),
        document(**{"@included": [{"id": ID, "type": "VerifiableCredential", "validUntil": END}]}),
        document(**{"@reverse": {f"{OF}evidence": {"id": "https://a.example/2"}}}),
        document(**{"http://www.w3.org/1999/02/22-rdf-syntax-ns#type": {"@id": f"{OF}VerifiablePresentation"}}),
        document(**{"@type": ["https://a.example/Type"]}),
        document(evidence=[{"id": ID, "type": ["Evidence", "VerifiableCredential"], "validUntil": END}]),
        document(evidence=[{"id": ID, "type": ["Evidence", "EndorsementCredential", "ClrCredential"]}]),
    ],
)
def test_what_would_be_overlooked_is_refused(hidden: Json) -> None:
    with pytest.raises((linked_data.Disguised, linked_data.DataLoss)):
        linked_data.canonical_n_quads(hidden)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(validUntil=END),
        lambda d: d["@context"].append({"degree": "https://a.example/degree"}) or d.update(degree="BA"),
        lambda d: d["@context"].append({"@vocab": "https://a.example/#"}) or d.update(anything={"within": "it"}),
        lambda d: d.update({"https://a.example/degree": "BA"}),
        lambda d: d.update(evidence=[{"id": ID, "type": ["Evidence"], "name": "the same"}]),
        lambda d: d.update(credentialSubject={"@id": "did:example:2", "@type": ["EndorsementSubject"]}),
    ],
)
def test_what_is_only_unusual_is_not_refused(change: Callable[[Json], object]) -> None:
    unusual = document()
    change(unusual)
    linked_data.canonical_n_quads(unusual)


def test_a_refusal_says_where() -> None:
    with pytest.raises(linked_data.Disguised) as refused:
        linked_data.canonical_n_quads(with_context({"vu": f"{OF}validUntil"}, vu=END))
    assert refused.value.path == "$.vu"
