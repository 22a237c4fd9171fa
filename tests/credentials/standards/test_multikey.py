import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from credentials.standards import multikey
from credentials.standards.multikey import BadMultibase, KeyKind, PublicKey

from .vectors import read

CASES = read("multikey-did-key.json")["cases"]
RFC_8032 = read("rfc8032-ed25519.json")


@pytest.mark.parametrize("case", CASES)
def test_published_keys_are_written_and_read(case):
    key = PublicKey(KeyKind.ED25519, bytes.fromhex(case["publicKeyHex"]))

    assert multikey.encode_key(key) == case["publicKeyMultibase"]
    assert multikey.decode_key(case["publicKeyMultibase"]) == key
    assert multikey.did_key(case["publicKeyMultibase"]) == case["did"]
    assert multikey.did_key_method(case["publicKeyMultibase"]) == case["verificationMethod"]
    assert multikey.key_of_did_key(case["did"]) == key
    assert multikey.key_of_did_key(case["verificationMethod"]) == key
    assert multikey.jwk(key) == case["jwk"]


@pytest.mark.parametrize(
    ("curve", "kind", "name", "begins"),
    [(ec.SECP256R1(), KeyKind.P256, "P-256", "zDn"), (ec.SECP384R1(), KeyKind.P384, "P-384", "z82")],
)
def test_a_key_of_a_curve_is_a_compressed_point(curve, kind, name, begins):
    point = ec.derive_private_key(11, curve).public_key()
    key = PublicKey(kind, point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
    half = kind.length - 1

    text = multikey.encode_key(key)

    assert text.startswith(begins)
    assert text == multikey.encode_point(point)
    assert multikey.decode_key(text) == key
    numbers = point.public_numbers()
    assert multikey.jwk(key) == {
        "kty": "EC",
        "crv": name,
        "x": multikey.encode_base64url(numbers.x.to_bytes(half, "big")),
        "y": multikey.encode_base64url(numbers.y.to_bytes(half, "big")),
    }


def test_a_key_of_another_curve_has_no_multikey_here():
    assert multikey.encode_point(ec.derive_private_key(11, ec.SECP521R1()).public_key()) == ""


@given(st.binary(max_size=100), st.sampled_from("zu"))
def test_multibase_reads_back(content, base):
    assert multikey.decode_multibase(multikey.encode_multibase(content, base)) == content


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "z0OIl",
        "m" + "AAAA",
        "z" + "2" * 257,
        "uAA==",
        "uAB",
        "uA",
        "u+/+/",
        "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq",
        multikey.encode_multibase(b"\xed\x01" + bytes(31)),
        multikey.encode_multibase(b"\x80\x24\x02" + b"\xff" * 32),
        multikey.encode_multibase(b"\x81\x24\x02" + b"\xff" * 48),
        multikey.encode_multibase(b"\x81\x24\x02" + b"\xff" * 32),
        multikey.encode_multibase(b"\xe7\x01" + bytes(33)),
    ],
)
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(BadMultibase):
        multikey.decode_key(text)


def test_a_fragment_of_another_key_is_refused():
    with pytest.raises(BadMultibase):
        multikey.key_of_did_key(f"{CASES[0]['did']}#{CASES[1]['publicKeyMultibase']}")
    with pytest.raises(BadMultibase):
        multikey.key_of_did_key("did:web:example.edu")


@pytest.mark.parametrize(
    ("content", "may_be"),
    [
        (b"\xed\x01" + bytes(32), True),
        (b"\xe7\x01" + bytes(33), True),
        (b"\xed\x01" + bytes(31), False),
        (b"\xec\x01" + bytes(32), False),
        (b"\x80\x26" + bytes(32), False),
        (b"", False),
    ],
)
def test_a_key_of_another_kind_is_told_from_what_is_none(content, may_be):
    assert multikey.may_be_key(multikey.encode_multibase(content)) is may_be
    assert not multikey.may_be_key("0" + multikey.encode_multibase(content))
