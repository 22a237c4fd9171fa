"""Tests the proof that a wallet has a key: who is named by which key, and that no other one is believed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.standards import holder_proof, jose, multikey
from tests.credentials.exchange.small_wallet import Key, b64

AUDIENCE = "https://learn.example.edu/issuers/science"
ED25519, P256 = Key.ed25519(), Key.p256()


def proof(key: Key, header: dict | None = None, **claims: object) -> str:
    head = {"typ": "openid4vci-proof+jwt", "alg": key.algorithm} | (header or {"jwk": key.jwk})
    return key.sign(head, {"aud": AUDIENCE, "iat": 1_700_000_000, "nonce": "n"} | claims)


@pytest.mark.parametrize("key", [ED25519, P256], ids=["EdDSA", "ES256"])
def test_each_way_of_naming_a_key_names_its_holder(key):
    did = holder_proof.read(proof(key), audience=AUDIENCE)
    assert did.holder == key.did
    assert (did.nonce, did.issued_at.timestamp()) == ("n", 1_700_000_000)
    for kid in (key.did, f"{key.did}#{key.did.removeprefix('did:key:')}"):
        assert holder_proof.read(proof(key, {"kid": kid}), audience=AUDIENCE).holder == key.did
    for kid in (key.did_jwk, f"{key.did_jwk}#0"):
        assert holder_proof.read(proof(key, {"kid": kid}), audience=AUDIENCE).holder == key.did_jwk


def test_the_audience_may_be_a_list():
    text = proof(ED25519, aud=["https://elsewhere.example", AUDIENCE])
    assert holder_proof.read(text, audience=AUDIENCE).holder == ED25519.did


@pytest.mark.parametrize(
    "header",
    [
        {"kid": Key.ed25519().did},
        {"kid": f"{ED25519.did}#{P256.did.removeprefix('did:key:')}"},
        {"kid": f"{ED25519.did_jwk}#1"},
        {"kid": "did:key:z6Mk"},
        {"kid": "did:jwk:e30"},
        {"kid": "did:jwk:%"},
        {"kid": "did:web:learn.example.edu"},
        {"kid": "did:jwk:" + "a" * 600},
        {"kid": ED25519.did, "jwk": ED25519.jwk},
        {"jwk": "a text"},
        {"jwk": {}},
        {"jwk": {"kty": "RSA", "n": b64(b"\xff" * 256), "e": "AQAB"}},
        {"jwk": {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}},
        {"jwk": {**ED25519.jwk, "d": "AA"}},
        {"jwk": ED25519.jwk, "alg": "none"},
        {"jwk": ED25519.jwk, "alg": "HS256"},
        {"jwk": ED25519.jwk, "typ": "jwt"},
        {"x5c": ["AA"]},
    ],
)
def test_no_other_key_is_believed(header):
    with pytest.raises(holder_proof.BadProof):
        holder_proof.read(proof(ED25519, header), audience=AUDIENCE)


@pytest.mark.parametrize("claims", [{"aud": None}, {"nonce": 7}, {"nonce": ""}, {"iat": True}, {"iat": 1e300}])
def test_what_a_proof_must_say(claims):
    with pytest.raises(holder_proof.BadProof):
        holder_proof.read(proof(ED25519, **claims), audience=AUDIENCE)


def test_a_key_along_is_taken_in_proofs_alone():
    with pytest.raises(jose.BadJose):
        jose.read(proof(ED25519))


@given(st.integers(0), st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_no_byte_can_be_changed(place, by):
    text = proof(P256)
    content = bytearray(text.encode())
    index = place % len(content)
    content[index] ^= by
    with pytest.raises(holder_proof.BadProof):
        holder_proof.read(content.decode("latin-1"), audience=AUDIENCE)


def test_the_did_of_a_wallet_is_the_one_of_the_vectors():
    """Both sides must name a key alike: here ours reads the name that the wallet of the tests has made."""
    for key in (ED25519, P256):
        assert multikey.jwk(multikey.key_of_did_key(key.did)) == key.jwk
