"""The form of credentials and presentations: the published inputs of the W3C's suite, and what they leave out."""

import base64
import hashlib
from typing import Any

import pytest

from credentials.standards import contexts, data_model, linked_data

from .vectors import FOLDER, read

INPUTS = FOLDER / "w3c-vcdm2-inputs"
ISSUER = "did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj"
# Their reason lies elsewhere: in what is missing from the request, in proofs, or in what a presentation holds; and one
# good input holds a proof whose terms no context of it defines.
JUDGED_ELSEWHERE = {
    "credential-proof-ok.json",
    "credential-no-issuer-fail.json",
    "credential-proof-missing-type-fail.json",
    "presentation-vc-missing-required-type-fail.json",
    "presentation-enveloped-vc-missing-type-fail.json",
}
NAMES = sorted(str(path.relative_to(INPUTS)) for path in INPUTS.rglob("*.json"))
NAMES = [name for name in NAMES if name not in JUDGED_ELSEWHERE]


def given(name: str) -> dict[str, Any]:
    """An input as the suite sends it: with our issuer, and its placeholders for times filled in."""
    document = read(f"w3c-vcdm2-inputs/{name}")
    if "presentation" not in name:
        issuer = document.setdefault("issuer", ISSUER)
        if isinstance(issuer, dict):
            issuer.setdefault("id", ISSUER)
    words = {"PAST DATE": "2025-01-01T00:00:00Z", "FUTURE DATE": "2100-01-01T00:00:00Z"}
    for member in ("validFrom", "validUntil"):
        if document.get(member) in words:
            document[member] = words[document[member]]
    return document


def is_well_formed(document: dict[str, Any], *, presentation: bool) -> bool:
    problems = data_model.presentation_problems if presentation else data_model.credential_problems
    if problems(document):
        return False
    try:
        linked_data.canonical_n_quads(document, contexts=contexts.for_conformance())
    except (linked_data.BadDocument, contexts.UnknownContext):
        return False
    return True


@pytest.mark.parametrize("name", [name for name in NAMES if "-ok" in name])
def test_a_good_input_of_the_w3c_is_well_formed(name: str) -> None:
    assert is_well_formed(given(name), presentation="presentation" in name)


@pytest.mark.parametrize("name", [name for name in NAMES if "-fail" in name])
def test_a_faulty_input_of_the_w3c_is_refused(name: str) -> None:
    assert not is_well_formed(given(name), presentation="presentation" in name)


def credential(**changes: Any) -> dict[str, Any]:
    document = {
        "@context": [contexts.CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "credentialSubject": {"id": "did:example:subject"},
    }
    return {name: member for name, member in {**document, **changes}.items() if member is not ...}


def paths(document: object) -> list[str]:
    return [problem.path for problem in data_model.credential_problems(document)]


def test_a_minimal_credential_is_well_formed() -> None:
    assert paths(credential()) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"@context": ...}, "$.@context"),
        ({"@context": 4}, "$.@context"),
        ({"@context": [4]}, "$.@context"),
        ({"@context": [contexts.CREDENTIALS_V2, None]}, "$.@context"),
        ({"@context": []}, "$.@context"),
        ({"@context": [contexts.CREDENTIALS_V2, contexts.CREDENTIALS_V1]}, "$.@context"),
        ({"type": ...}, "$.type"),
        ({"type": 4}, "$.type"),
        ({"type": []}, "$.type"),
        ({"type": ["VerifiableCredential", None]}, "$.type"),
        ({"type": "string"}, "$.type"),
        ({"issuer": ...}, "$.issuer"),
        ({"issuer": []}, "$.issuer"),
        ({"issuer": True}, "$.issuer"),
        ({"credentialSubject": ...}, "$.credentialSubject"),
        ({"credentialSubject": []}, "$.credentialSubject"),
        ({"credentialSubject": "did:example:1234"}, "$.credentialSubject"),
        ({"credentialSubject": {"id": "plain"}}, "$.credentialSubject[0].id"),
        ({"validFrom": "2026-01-01T00:00:00"}, "$.validFrom"),
        ({"validFrom": "2026-01-02T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"}, "$.validUntil"),
        ({"proof": None}, "$.proof"),
        ({"proof": []}, "$.proof"),
        ({"proof": {"created": "2026-01-01T00:00:00Z"}}, "$.proof[0].type"),
        ({"evidence": []}, "$.evidence"),
        ({"termsOfUse": {"type": ["A", 3]}}, "$.termsOfUse[0].type"),
        ({"name": [{"@value": "Hund"}, 3]}, "$.name"),
        ({"description": {"@value": "x", "@direction": "up"}}, "$.description"),
        ({"relatedResource": "https://example.org/"}, "$.relatedResource"),
    ],
)
def test_what_is_misshapen_is_named_by_its_path(change: dict[str, Any], path: str) -> None:
    assert path in paths(credential(**change))


def test_a_document_that_is_no_object_is_refused() -> None:
    assert paths([]) == ["$"]
    assert [problem.path for problem in data_model.presentation_problems("vp")] == ["$"]


def test_version_1_needs_its_date_of_issue_and_reads_it_without_a_zone() -> None:
    old = credential(**{"@context": [contexts.CREDENTIALS_V1]})
    assert paths(old) == ["$.issuanceDate"]
    assert paths({**old, "issuanceDate": "2020-03-16T22:37:26"}) == []
    assert paths({**old, "issuanceDate": "2020-03-16T22:37:26Z", "expirationDate": "2019-01-01T00:00:00Z"}) == [
        "$.expirationDate"
    ]


def resource(**members: Any) -> dict[str, Any]:
    return credential(relatedResource=[{"id": contexts.CREDENTIALS_V2, **members}])


def test_the_digest_of_a_resource_we_have_must_fit() -> None:
    content = contexts.file_of(contexts.CREDENTIALS_V2)
    assert content is not None
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    plain = "u" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    hashed = "u" + base64.urlsafe_b64encode(b"\x12\x20" + hashlib.sha256(content).digest()).decode().rstrip("=")
    assert paths(resource(digestSRI=f"sha384-{digest}", digestMultibase=plain)) == []
    assert paths(resource(digestMultibase=hashed)) == []
    assert paths(resource(digestSRI=f"sha384-A{digest[1:]}")) == ["$.relatedResource[0].digestSRI"]
    assert paths(resource(digestMultibase=f"{plain[:-2]}AA")) == ["$.relatedResource[0].digestMultibase"]
    assert paths(resource(digestSRI="md5-abc")) == ["$.relatedResource[0].digestSRI"]


def test_a_digest_is_of_the_length_of_its_algorithm_even_of_what_we_have_not() -> None:
    def elsewhere(**members: str) -> list[str]:
        return paths(credential(relatedResource=[{"id": "https://example.org/one", **members}]))

    def multibase(content: bytes) -> str:
        return "u" + base64.urlsafe_b64encode(content).decode().rstrip("=")

    assert elsewhere(digestSRI="sha256-" + "ab" * 32) == ["$.relatedResource[0].digestSRI"]
    assert elsewhere(digestMultibase=multibase(b"e442356  reports/resource.json")) == [
        "$.relatedResource[0].digestMultibase"
    ]
    assert elsewhere(digestMultibase=multibase(b"\x13\x40" + bytes(64))) == []
    assert elsewhere(digestMultibase=multibase(b"\x13\x40" + bytes(32))) == ["$.relatedResource[0].digestMultibase"]
    long = hashlib.sha384(contexts.file_of(contexts.CREDENTIALS_V2) or b"").digest()
    assert paths(resource(digestMultibase=multibase(b"\x20\x30" + long))) == []
    assert paths(resource(digestMultibase=multibase(b"\x20\x30" + long[::-1]))) == [
        "$.relatedResource[0].digestMultibase"
    ]


def test_a_resource_is_named_once_and_with_a_digest() -> None:
    one = {"id": "https://example.org/one", "digestSRI": "sha256-" + "A" * 43 + "="}
    assert paths(credential(relatedResource=[one])) == []
    assert paths(credential(relatedResource=[one, one])) == ["$.relatedResource[1].id"]
    assert paths(credential(id=one["id"], relatedResource=one)) == ["$.relatedResource[0].id"]
    assert paths(credential(relatedResource=[{"id": one["id"]}])) == ["$.relatedResource[0]"]
    assert paths(credential(relatedResource=["https://example.org/one"])) == ["$.relatedResource"]
    assert paths(credential(relatedResource=[{"digestSRI": one["digestSRI"]}])) == ["$.relatedResource[0].id"]


def test_an_envelope_names_its_context_its_one_type_and_its_content() -> None:
    envelope = {"@context": contexts.CREDENTIALS_V2, "type": data_model.ENVELOPED_CREDENTIAL, "id": "data:a/b,c"}
    kind = data_model.ENVELOPED_CREDENTIAL
    assert data_model.envelope_problems(envelope, kind) == []
    changes: list[dict[str, Any]] = [
        {"@context": []},
        {"@context": [contexts.EXAMPLES_V2]},
        {"type": "VerifiableCredential"},
        {"type": None},
        {"id": "c"},
        {"id": "data:nothing"},
    ]
    for change in changes:
        assert len(data_model.envelope_problems({**envelope, **change}, kind)) == 1
    assert data_model.envelope_problems("data:a/b,c", kind)


def test_a_presentation_holds_objects_only() -> None:
    assert data_model.credentials_in({"verifiableCredential": {"id": "x"}}) == [{"id": "x"}]
    assert data_model.credentials_in({"verifiableCredential": [{"id": "x"}, "eyJ"]}) == []
