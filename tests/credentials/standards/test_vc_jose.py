"""Credentials and presentations as tokens: what the W3C's suite asks, with its own keys, documents and tokens."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.standards import contexts, jose, vc_jose

from .vectors import read, text

FOLDER = "w3c-vc-jose-cose"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = ec.derive_private_key(11, ec.SECP256R1())


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read(f"{FOLDER}/{name}.json")
    return found


def key(name: str) -> dict[str, Any]:
    return document(f"vm-{name}")


def credential() -> dict[str, Any]:
    return document("credential-minimal")


def presentation(**changes: Any) -> dict[str, Any]:
    return {**document("presentation-multiple"), **changes}


@pytest.mark.parametrize(
    ("name", "kind", "curve"),
    [
        ("credential-minimal", "vc", "p256"),
        ("credential-full", "vc", "p384"),
        ("presentation-multiple", "vp", "p521"),
        ("credential-minimal", "vc", "ed25519"),
    ],
)
def test_a_sound_document_is_secured_as_it_stands(name: str, kind: vc_jose.Kind, curve: str) -> None:
    method = key(curve)
    token = jose.read(vc_jose.secure(document(name), kind, jose.private_key_of(method["secretKeyJwk"]), key_id="#1"))
    jose.verify(token, jose.public_key_of(method["publicKeyJwk"]))
    assert {member: token.header[member] for member in ("typ", "cty", "kid")} == {
        "typ": f"{kind}+jwt",
        "cty": kind,
        "kid": "#1",
    }
    assert vc_jose.opened(token, kind) == token.payload == document(name)


def test_a_published_token_is_opened() -> None:
    token = jose.read(text(f"{FOLDER}/credential-jose-minimal.txt").strip())
    jose.verify(token, jose.public_key_of(key("p256")["publicKeyJwk"]))
    assert vc_jose.opened(token, "vc")["issuer"] == "https://example.issuer/vc-jose-cose"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("credential-jose-vc-vp-claims", "vc"),
        ("credential-jose-bad-media-type", "vc"),
        ("presentation-jose-bad-credential", "vp"),
    ],
)
def test_a_published_token_that_is_signed_but_not_sound_is_refused(name: str, kind: vc_jose.Kind) -> None:
    token = jose.read(text(f"{FOLDER}/{name}.txt").strip())
    jose.verify(token, jose.public_key_of(key("ed25519")["publicKeyJwk"]))
    with pytest.raises(vc_jose.Refused):
        vc_jose.opened(token, kind)


def test_a_badge_may_call_its_token_as_open_badges_has_it_and_nothing_else_may() -> None:
    badge = {
        **credential(),
        "id": "https://learn.example.edu/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
    }
    claims = {"iss": badge["issuer"], "jti": badge["id"]}
    named = {"alg": "ES256", "typ": "JWT"}

    def opened(payload: dict[str, Any], header: dict[str, str] = named, kind: vc_jose.Kind = "vc") -> dict[str, Any]:
        return vc_jose.opened(jose.Compact(header, payload, b"", b""), kind)

    assert opened(badge | claims)["id"] == badge["id"]
    for wrong in (badge, badge | claims | {"iss": "did:example:other"}, credential() | claims):
        with pytest.raises(vc_jose.Refused):
            opened(wrong)
    for header in ({"alg": "ES256"}, {"alg": "ES256", "typ": "vp+jwt"}):
        with pytest.raises(vc_jose.Refused):
            opened(badge | claims, header)
    with pytest.raises(vc_jose.Refused):
        opened(badge | claims, kind="vp")


def test_members_that_only_a_catch_all_vocabulary_knows_are_not_signed() -> None:
    with pytest.raises(vc_jose.Refused, match="badExtension"):
        vc_jose.secure(document("credential-unknown-extensions"), "vc", KEY)
    spelt = {**credential(), "@context": [*credential()["@context"], {"badge": "https://example.org/#badge"}]}
    vc_jose.secure({**spelt, "badge": "gold"}, "vc", KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": None},
        {"@context": ["https://www.w3.org/ns/credentials/examples/v2"]},
        {"@context": [contexts.CREDENTIALS_V2, "https://unknown.example/v1"]},
        {"credentialSubject": {}},
        {"type": ["VerifiableCredential", "no such type"]},
    ],
)
def test_a_credential_that_is_not_well_formed_is_not_signed(change: dict[str, Any]) -> None:
    with pytest.raises(vc_jose.Refused):
        vc_jose.secure({**credential(), **change}, "vc", KEY)


def test_a_presentation_of_something_unsecured_is_not_signed() -> None:
    for held in (credential(), {**presentation()["verifiableCredential"][0], "id": "data:text/plain,hello"}):
        with pytest.raises(vc_jose.Refused):
            vc_jose.secure(presentation(verifiableCredential=[held]), "vp", KEY)


def test_blanks_in_an_envelope_are_signed_as_they_stand() -> None:
    spaced = presentation()
    spaced["verifiableCredential"][1]["id"] += " WyJzYWx0IiwgImlkIl0~"
    assert vc_jose.opened(jose.read(vc_jose.secure(spaced, "vp", KEY)), "vp") == spaced
    spaced["verifiableCredential"][1]["id"] += "\t~"
    with pytest.raises(vc_jose.Refused, match="data: URL"):
        vc_jose.secure(spaced, "vp", KEY)


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://other.example"}, {"jti": "urn:other"}, {"sub": "did:example:x"}, {"vc": {}}, {"issuer": "fake"}],
)
def test_claims_that_contradict_the_credential_are_refused(claims: dict[str, Any]) -> None:
    token = jose.read(jose.signed(vc_jose.header("vc"), {**credential(), **claims}, KEY))
    with pytest.raises(vc_jose.Refused):
        vc_jose.opened(token, "vc")


@pytest.mark.parametrize("beside", ["vp", "@context", "credentialSubject"])
def test_a_token_with_two_documents_is_refused(beside: str) -> None:
    payload = {"iss": credential()["issuer"], "vc": credential()}
    assert vc_jose.opened_old(jose.read(jose.signed({}, payload, KEY)), "vc")
    with pytest.raises(vc_jose.Refused, match=beside):
        vc_jose.opened_old(jose.read(jose.signed({}, {**payload, beside: {}}, KEY)), "vc")


def test_a_token_of_one_kind_is_not_taken_for_the_other() -> None:
    with pytest.raises(vc_jose.Refused):
        vc_jose.opened(jose.read(vc_jose.secure(credential(), "vc", KEY)), "vp")


def test_the_times_of_a_token_are_judged_when_asked() -> None:
    at = int(NOON.timestamp())
    vc_jose.refuse_outside_its_time({"nbf": at, "exp": at + 1}, NOON)
    for claims in ({"nbf": at + 1}, {"exp": at}, {"exp": "2027"}, {"exp": True}, {"exp": 10**30}):
        with pytest.raises(vc_jose.Refused):
            vc_jose.refuse_outside_its_time(claims, NOON)


def test_a_badge_has_the_names_of_jwt_beside_it() -> None:
    badge = {**credential(), "validUntil": "2027-01-01T00:00:00Z"}
    claims = vc_jose.badge_claims(badge)
    assert {name: claims[name] for name in ("iss", "sub", "jti", "nbf", "exp")} == {
        "iss": badge["issuer"],
        "sub": "did:example:123",
        "jti": badge["id"],
        "nbf": 1262373804,
        "exp": 1798761600,
    }
    assert {name: claims[name] for name in badge} == badge
    with pytest.raises(vc_jose.Refused, match="sub"):
        vc_jose.badge_claims({**badge, "credentialSubject": {"name": "Lena"}})
