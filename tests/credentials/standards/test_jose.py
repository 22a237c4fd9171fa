"""Compact signatures: each kind of key, and everything a token might talk its reader into."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from credentials.standards import jose, multikey

RSA = rsa.generate_private_key(65537, 2048)
KEYS: dict[str, jose.PrivateKey] = {
    "ES256": ec.derive_private_key(11, ec.SECP256R1()),
    "ES384": ec.derive_private_key(12, ec.SECP384R1()),
    "ES512": ec.derive_private_key(13, ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
    "RS256": RSA,
}
PAYLOAD = {"name": "Ærø", "n": 1}


def part(value: Any) -> str:
    return multikey.encode_base64url(json.dumps(value).encode())


def raw(content: bytes) -> str:
    """A token that holds these bytes."""
    return f"{part({})}.{multikey.encode_base64url(content)}.AAAA"


def forged(header: dict[str, Any], key: jose.PrivateKey, payload: Any = PAYLOAD) -> str:
    message = f"{part(header)}.{part(payload)}"
    return f"{message}.{multikey.encode_base64url(jose.sign(message.encode(), key))}"


@pytest.mark.parametrize("algorithm", KEYS)
def test_what_a_key_signed_its_public_half_verifies(algorithm: str) -> None:
    key = KEYS[algorithm]
    token = jose.read(jose.signed({"typ": "vc+jwt"}, PAYLOAD, key))
    assert (token.header, token.payload) == ({"alg": algorithm, "typ": "vc+jwt"}, PAYLOAD)
    jose.verify(token, jose.public_key_of(jose.jwk_of(key.public_key())))


@pytest.mark.parametrize("algorithm", KEYS)
def test_any_byte_altered_makes_the_signature_fail(algorithm: str) -> None:
    key = KEYS[algorithm]
    head, _body, tail = jose.signed({}, PAYLOAD, key).split(".")
    with pytest.raises(jose.BadTokenSignature):
        jose.verify(jose.read(f"{head}.{part({**PAYLOAD, 'n': 2})}.{tail}"), key.public_key())
    with pytest.raises(jose.BadTokenSignature):
        jose.verify(jose.read(f"{jose.signed({}, PAYLOAD, key)}AAAA"), key.public_key())


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES384", "RS256", "PS256", "", "es256"])
def test_the_algorithm_is_the_keys_and_not_the_tokens(algorithm: str) -> None:
    token = jose.read(forged({"alg": algorithm}, KEYS["ES256"]))
    with pytest.raises(jose.BadJose, match="algorithm"):
        jose.verify(token, KEYS["ES256"].public_key())


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": jose.jwk_of(KEYS["ES256"].public_key())},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/chain"},
        {"x5c": ["MII"]},
        {"crit": ["exp"], "exp": 1},
        {"b64": False},
        {"kid": 7},
        {"zip": "DEF"},
    ],
)
def test_a_header_that_brings_or_fetches_a_key_or_demands_more_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(jose.BadJose):
        jose.read(forged({"alg": "ES256", **header}, KEYS["ES256"]))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        f"{part({'alg': 'none'})}.{part(PAYLOAD)}.",
        f"{part([])}.{part(PAYLOAD)}.AAAA",
        f"{part({})}.{part(PAYLOAD)}=.AAAA",
        raw(b'{"a":1,"a":2}'),
        raw(b'{"a":NaN}'),
        raw(b'\xef\xbb\xbf{"a":1}'),
        raw('{"a":1}'.encode("utf-16")),
        raw(b"[" * 100_000),
        "A" * 500_000 + ".A.A",
    ],
)
def test_what_is_no_sound_token_is_refused(token: str) -> None:
    with pytest.raises(jose.BadJose):
        jose.read(token)


def test_what_others_say_of_their_keys_is_passed_over_and_what_they_demand_is_not() -> None:
    more = f"{part({'alg': 'ES256', 'x5c': ['MIIB'], 'jwk': {}, 'jku': 'https://evil.example/'})}.{part(PAYLOAD)}.AAAA"
    assert jose.read(more, of_others=True).header == {"alg": "ES256"}
    for name, value in (("crit", ["exp"]), ("b64", False), ("zip", "DEF"), ("enc", "A128GCM")):
        with pytest.raises(jose.BadJose):
            jose.read(f"{part({'alg': 'ES256', name: value})}.{part(PAYLOAD)}.AAAA", of_others=True)


def test_a_key_under_which_anything_holds_is_no_key() -> None:
    # The neutral element of the curve: OpenSSL takes this one signature for every message.
    key = ed25519.Ed25519PublicKey.from_public_bytes(b"\x01" + bytes(31))
    for message in (b"", b"anything"):
        with pytest.raises(jose.BadTokenSignature):
            jose.verify(jose.Compact({"alg": "EdDSA"}, {}, message, b"\x01" + bytes(63)), key)


def test_a_private_key_is_read_from_its_jwk_and_must_fit_its_public_half() -> None:
    key = KEYS["ES512"]
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    secret = multikey.encode_base64url(key.private_numbers().private_value.to_bytes(66, "big"))
    jwk = {**jose.jwk_of(key.public_key()), "d": secret}
    assert jose.private_key_of(jwk).public_key() == key.public_key()
    other = jose.jwk_of(ec.derive_private_key(99, ec.SECP521R1()).public_key())
    with pytest.raises(jose.BadJose, match="belong together"):
        jose.private_key_of({**jwk, "x": other["x"], "y": other["y"]})


WHOLE = {
    **jose.jwk_of(KEYS["ES256"].public_key()),
    "d": multikey.encode_base64url((11).to_bytes(32, "big")),
}


def test_a_key_may_say_that_it_is_for_signatures():
    for said in ({"use": "sig"}, {"key_ops": ["sign", "verify"]}):
        assert jose.private_key_of(WHOLE | said).public_key() == jose.public_key_of(WHOLE | said)
    for act, other in ((jose.public_key_of, "sign"), (jose.private_key_of, "verify")):
        with pytest.raises(jose.BadJose, match="something else than signatures"):
            act(WHOLE | {"key_ops": [other]})


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {**jose.jwk_of(KEYS["ES256"].public_key()), "alg": "EdDSA"},
        {**WHOLE, "use": "enc"},
        {**WHOLE, "use": None},
        {**WHOLE, "key_ops": ["deriveKey"]},
        {**WHOLE, "key_ops": "sign verify"},
    ],
)
def test_what_is_no_key_is_refused(jwk: object) -> None:
    with pytest.raises(jose.BadJose):
        jose.public_key_of(jwk)
    with pytest.raises(jose.BadJose):
        jose.private_key_of(jwk)
