"""Proofs of ecdsa-rdfc-2019: the published vectors hold, and nothing that differs from them in anything."""

import copy

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from credentials.standards import ecdsa_rdfc, linked_data, multikey
from credentials.standards.data_integrity import BadSignature, MalformedProof, UnsupportedProof, WrongPurpose
from credentials.standards.multikey import KeyKind
from tests.credentials.foreigner import Foreigner, ForeignerOfCurve

from .vectors import read, text, with_examples

EXAMPLES = with_examples()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def signed(curve="256"):
    """A published document, its proof, and the key that its method names."""
    document = read(f"w3c-vc-di-ecdsa/signedECDSAP{curve}.json")
    return document, document["proof"], multikey.key_of_did_key(document["proof"]["verificationMethod"])


def verify(document, proof, key, **options):
    ecdsa_rdfc.verify_proof(document, proof, key, contexts=EXAMPLES, **options)


def with_signature(proof, content):
    return proof | {"proofValue": multikey.encode_multibase(content)}


@pytest.mark.parametrize(("curve", "kind"), [("256", KeyKind.P256), ("384", KeyKind.P384)])
def test_w3c_vector(curve, kind):
    document, proof, key = signed(curve)
    body = {name: value for name, value in document.items() if name != "proof"}

    to_sign = ecdsa_rdfc.hash_data(body, proof, kind, contexts=EXAMPLES)

    assert key.kind is kind
    assert to_sign.hex() == text(f"w3c-vc-di-ecdsa/combinedHashECDSAP{curve}.txt")
    verify(document, proof, key)


@pytest.mark.parametrize("curve", ["256", "384"])
@pytest.mark.parametrize(
    "change",
    [
        {"name": "Alumni credential"},
        {"credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Example"}},
        {"validFrom": "2023-01-01T00:00:01Z"},
        {"evidence": {"type": "More"}},
    ],
)
def test_an_altered_document_is_found_out(curve, change):
    document, proof, key = signed(curve)
    with pytest.raises(BadSignature):
        verify(document | change, proof, key)


@pytest.mark.parametrize("curve", ["256", "384"])
@pytest.mark.parametrize(
    "change",
    [
        {"created": "2023-02-24T23:36:39Z"},
        {"expires": "2043-02-24T23:36:38Z"},
        {"domain": "verifier.example"},
        {"id": "urn:uuid:one"},
        {"verificationMethod": "did:web:elsewhere.example#key"},
    ],
)
def test_any_change_of_the_options_is_found_out(curve, change):
    document, proof, key = signed(curve)
    with pytest.raises(BadSignature):
        verify(document, proof | change, key)


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 0), (0, 1), (1, 0), (ORDER, 1), (1, ORDER), (ORDER, ORDER), (2**256 - 1, 2**256 - 1), (1, 1)],
)
def test_no_numbers_but_the_signers_are_taken(r, s):
    document, proof, key = signed()
    with pytest.raises(BadSignature):
        verify(document, with_signature(proof, r.to_bytes(32, "big") + s.to_bytes(32, "big")), key)


def test_another_way_of_writing_the_signature_is_refused():
    document, proof, key = signed()
    raw = multikey.decode_multibase(proof["proofValue"])
    r, s = (int.from_bytes(part, "big") for part in (raw[:32], raw[32:]))

    for other in (encode_dss_signature(r, s), raw + b"\0", b"\0" + raw, raw[:-1], b""):
        with pytest.raises(MalformedProof):
            verify(document, with_signature(proof, other), key)
    for value in (None, 7, "", multikey.encode_multibase(raw, "u"), raw.hex(), "z" + "1" * 5_000):
        with pytest.raises(MalformedProof):
            verify(document, proof | {"proofValue": value}, key)


def test_the_curve_is_that_of_the_key():
    document, proof, key = signed()
    longer, of_longer, longer_key = signed("384")

    for one in ((document, proof, longer_key), (longer, of_longer, key)):
        with pytest.raises(MalformedProof):
            verify(*one)
    with pytest.raises(BadSignature):
        verify(document, proof, multikey.decode_key(ForeignerOfCurve().multikey))
    with pytest.raises(MalformedProof, match="of another kind"):
        verify(document, proof, multikey.decode_key(Foreigner().multikey))


def test_a_key_of_the_longer_curve_goes_with_the_longer_hash():
    longer = ForeignerOfCurve(ec.SECP384R1())
    key = multikey.decode_key(longer.multikey)
    good = longer.credential()
    longer.digest = "sha256"
    with_short = longer.credential()

    ecdsa_rdfc.verify_proof(good, good["proof"][0], key)
    with pytest.raises(BadSignature):
        ecdsa_rdfc.verify_proof(with_short, with_short["proof"][0], key)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"type": "EcdsaSecp256r1Signature2019"}, UnsupportedProof),
        ({"cryptosuite": "ecdsa-jcs-2019"}, UnsupportedProof),
        ({"cryptosuite": "eddsa-rdfc-2022"}, UnsupportedProof),
        ({"proofPurpose": "authentication"}, WrongPurpose),
        ({"proofPurpose": None}, MalformedProof),
        ({"created": "2023-02-24"}, MalformedProof),
        ({"expires": ["never"]}, MalformedProof),
        ({"verificationMethod": 7}, MalformedProof),
        ({"previousProof": "urn:missing"}, MalformedProof),
    ],
)
def test_a_misshapen_proof_is_refused(change, refusal):
    document, proof, key = signed()
    with pytest.raises(refusal):
        verify(document, proof | change, key)


def test_what_no_signature_covers_is_refused():
    document, proof, key = signed()
    with pytest.raises(linked_data.DataLoss):
        ecdsa_rdfc.verify_proof(document | {"@context": document["@context"][:1]}, proof, key)
    with pytest.raises(linked_data.BadDocument):
        verify({name: value for name, value in document.items() if name != "@context"}, proof, key)


def test_a_chain_holds_only_with_the_proof_that_it_builds_on():
    witness, issuer = ForeignerOfCurve(ec.SECP384R1()), ForeignerOfCurve()
    key = multikey.decode_key(issuer.multikey)
    chain = issuer.sign(witness.sign(issuer.body(), id="urn:uuid:one"), previousProof="urn:uuid:one")

    ecdsa_rdfc.verify_proof(chain, chain["proof"][1], key)
    ecdsa_rdfc.verify_proof(chain, chain["proof"][0], multikey.decode_key(witness.multikey))

    broken = copy.deepcopy(chain)
    broken["proof"][0]["created"] = "2020-01-01T00:00:00Z"
    with pytest.raises(BadSignature):
        ecdsa_rdfc.verify_proof(broken, broken["proof"][1], key)
