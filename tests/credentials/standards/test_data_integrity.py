import contextlib
import copy
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.standards import contexts, data_integrity, linked_data, multikey
from credentials.standards.data_integrity import (
    BadSignature,
    ExpiredProof,
    MalformedProof,
    UnsupportedProof,
    WrongPurpose,
    verify_proof,
    verify_proofs,
)

from .vectors import FOLDER, read, text, with_examples

EXAMPLES = with_examples()
NOON = datetime(2026, 11, 21, 12, 0, 0, 999_999, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
METHOD = multikey.did_key_method(multikey.encode_ed25519(PUBLIC))


def badge():
    return read("ob3-clr2-signing/ob30.unsigned.json")


def key_of(proof):
    return multikey.key_of_did_key(proof["verificationMethod"]).content


def signed(document):
    options = data_integrity.proof_options(METHOD, NOON)
    return data_integrity.with_proof(document, options, KEY.sign(data_integrity.hash_data(document, options)))


# The published vectors, byte for byte.


@pytest.mark.parametrize("name", ["ob30", "clr20"])
def test_1edtech_signing_vector(name):
    folder = "ob3-clr2-signing"
    document, published = read(f"{folder}/{name}.unsigned.json"), read(f"{folder}/{name}.signed.json")
    (proof,) = data_integrity.proofs_of(published)
    options = {member: value for member, value in proof.items() if member != "proofValue"}
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(read(f"{folder}/key.json")["seedHex"]))

    to_sign = data_integrity.hash_data(document, options)
    made = data_integrity.with_proof(document, options, key.sign(to_sign))

    assert linked_data.canonical_n_quads(document) == text(f"{folder}/{name}.document.nq")
    assert to_sign.hex() == read(f"{folder}/{name}.hashes.json")["data"]
    assert made["proof"][0]["proofValue"] == proof["proofValue"]
    assert made == {**published, "proof": [proof]}
    verify_proof(published, proof, key.public_key().public_bytes_raw())
    verify_proof(made, made["proof"][0], key.public_key().public_bytes_raw())


@pytest.mark.parametrize(
    ("folder", "ending", "signed_name"),
    [("eddsa-rdfc-2022", "DataInt", "signedDataInt"), ("eddsa-jcs-2022", "JCS", "signedJCS")],
)
def test_w3c_signing_vector(folder, ending, signed_name):
    folder = f"w3c-vc-di-eddsa/{folder}"
    document = read("w3c-vc-di-eddsa/unsigned.json")
    options = read(f"{folder}/proofConfig{ending}.json")
    if ending == "DataInt":
        options.pop("@context")
    secret = multikey.decode_multibase(read("w3c-vc-di-eddsa/keyPair.json")["privateKeyMultibase"])[2:]

    to_sign = data_integrity.hash_data(document, options, contexts=EXAMPLES)
    signature = Ed25519PrivateKey.from_private_bytes(secret).sign(to_sign)
    made = data_integrity.with_proof(document, options, signature)

    assert to_sign.hex() == text(f"{folder}/combinedHash{ending}.txt").strip()
    assert signature.hex() == text(f"{folder}/sigHex{ending}.txt").strip()
    published = read(f"{folder}/{signed_name}.json")
    assert made == {**published, "proof": [published["proof"]]}
    verify_proofs(published, key_of, contexts=EXAMPLES)


@pytest.mark.parametrize("name", ["signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"])
def test_w3c_proof_set_or_chain(name):
    document = read(f"w3c-vc-di-eddsa/proof-set-chain/{name}.json")

    verify_proofs(document, key_of, contexts=EXAMPLES)

    document["name"] += "!"
    for proof in data_integrity.proofs_of(document):
        with pytest.raises(BadSignature):
            verify_proof(document, proof, key_of(proof), contexts=EXAMPLES)


def test_a_1edtech_sample_with_a_did_key_holds():
    verify_proofs(read("1edtech-samples/ob30/simple-did-key-method.json"), key_of)


# Our own proofs.


def test_a_proof_is_reproducible_and_a_list_of_one():
    document = signed(badge())

    assert document == signed(badge())
    assert list(document)[-1] == "proof"
    (proof,) = document["proof"]
    assert proof["created"] == "2026-11-21T12:00:00Z"
    assert proof["cryptosuite"] == "eddsa-rdfc-2022"
    assert proof["proofPurpose"] == "assertionMethod"
    verify_proofs(document, key_of)


def test_the_order_of_members_and_the_spelling_of_numbers_do_not_matter():
    document = badge()
    document["credentialSubject"]["creditsEarned"] = 3
    document = signed(document)

    turned = json.loads(
        json.dumps(dict(reversed(document.items()))).replace('"creditsEarned": 3', '"creditsEarned": 3.0')
    )

    verify_proofs(turned, key_of)


def _leaves(value, path=()):
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path


# Of the large sample every tenth leaf, for the sake of time; all of them were tried once.
@pytest.mark.parametrize(
    ("name", "every"), [("ob3-clr2-signing/ob30.unsigned.json", 1), ("1edtech-samples/ob30/complete.json", 10)]
)
def test_no_leaf_can_be_changed(name, every):
    original = read(name)
    original.pop("proof", None)
    original = signed(original)
    for path in list(_leaves(original))[::every]:
        document = copy.deepcopy(original)
        owner = document
        for name_or_index in path[:-1]:
            owner = owner[name_or_index]
        owner[path[-1]] = "2011-02-02T00:00:00Z" if "T00" in str(owner[path[-1]]) else f"{owner[path[-1]]}x"
        with pytest.raises((data_integrity.ProofError, linked_data.BadDocument, contexts.UnknownContext)):
            verify_proof(document, document["proof"][0], PUBLIC)


def test_no_member_can_be_taken_away_or_added():
    original = signed(badge())
    for name in set(original) - {"proof"}:
        document = {member: value for member, value in original.items() if member != name}
        with pytest.raises((data_integrity.ProofError, linked_data.BadDocument)):
            verify_proof(document, document["proof"][0], PUBLIC)
    with pytest.raises(BadSignature):
        verify_proof({**original, "description": "more"}, original["proof"][0], PUBLIC)


def test_another_key_does_not_fit():
    document = signed(badge())
    with pytest.raises(BadSignature):
        verify_proof(document, document["proof"][0], bytes.fromhex(read("ob3-clr2-signing/key.json")["publicKeyHex"]))


def test_a_key_of_another_kind_does_not_fit():
    document = signed(badge())
    with pytest.raises(BadSignature):
        verify_proof(document, document["proof"][0], b"\x02" + bytes(32))


def test_a_proof_for_another_purpose_is_refused():
    document = signed(badge())
    with pytest.raises(WrongPurpose):
        verify_proof(document, document["proof"][0], PUBLIC, purpose="authentication")


def test_an_expired_proof_is_refused():
    options = data_integrity.proof_options(METHOD, NOON) | {"expires": "2027-01-01T00:00:00Z"}
    document = data_integrity.with_proof(badge(), options, KEY.sign(data_integrity.hash_data(badge(), options)))

    verify_proof(document, document["proof"][0], PUBLIC, at=datetime(2026, 12, 31, tzinfo=UTC))
    with pytest.raises(ExpiredProof):
        verify_proof(document, document["proof"][0], PUBLIC, at=datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", ["created", "expires"])
def test_a_time_of_the_proof_without_a_zone_is_malformed(name):
    # Data Integrity 1.0, section 2.1: it must be a dateTimeStamp; whether others are taken is left to the processor.
    document = badge()
    signed = data_integrity.proof_options(METHOD, NOON) | {name: "2026-11-21T12:00:00Z"}
    made = data_integrity.with_proof(document, signed, KEY.sign(data_integrity.hash_data(document, signed)))
    (proof,) = made["proof"]
    with pytest.raises(MalformedProof, match=name):
        verify_proof(document, proof | {name: "2026-11-21T12:00:00"}, PUBLIC)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"type": "Ed25519Signature2020"}, UnsupportedProof),
        ({"cryptosuite": "ecdsa-rdfc-2019"}, UnsupportedProof),
        ({"cryptosuite": ["eddsa-rdfc-2022"]}, UnsupportedProof),
        ({"proofValue": None}, MalformedProof),
        ({"proofValue": "u" + "A" * 86}, MalformedProof),
        ({"proofValue": "z" + "1" * 63}, MalformedProof),
        ({"proofValue": "z" + "2" * 10_000}, MalformedProof),
        ({"created": "2026-11-21"}, MalformedProof),
        ({"created": "2026-13-41T12:00:00Z"}, MalformedProof),
        ({"created": 5}, MalformedProof),
        ({"proofPurpose": None}, MalformedProof),
        ({"verificationMethod": {"id": METHOD}}, MalformedProof),
        ({"previousProof": "urn:missing"}, MalformedProof),
        ({"previousProof": 7}, MalformedProof),
        ({"previousProof": []}, MalformedProof),
        ({"id": "urn:a", "previousProof": "urn:a"}, MalformedProof),
    ],
)
def test_a_misshapen_proof_is_refused(change, refusal):
    document = signed(badge())
    document["proof"][0] |= change
    with pytest.raises(refusal):
        verify_proof(document, document["proof"][0], PUBLIC)


@pytest.mark.parametrize("proof", [None, [], "proof", [None], [{}] * 17])
def test_a_document_without_sound_proofs_is_refused(proof):
    with pytest.raises(MalformedProof):
        data_integrity.proofs_of({**badge(), "proof": proof})


def test_jcs_contexts_must_begin_with_those_of_the_proof():
    document = read("w3c-vc-di-eddsa/eddsa-jcs-2022/signedJCS.json")
    document["@context"].append("https://more.example/context")
    verify_proofs(document, key_of)

    document["@context"].insert(0, "https://more.example/context")
    with pytest.raises(MalformedProof):
        verify_proofs(document, key_of)


def test_with_jcs_too_a_document_must_be_sound():
    document = read("w3c-vc-di-eddsa/eddsa-jcs-2022/signedJCS.json")
    for member in ({"n": 2**60}, {"n": float("nan")}, {"n": "\0"}):
        with pytest.raises(linked_data.BadDocument):
            verify_proofs(document | member, key_of)
    deep = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(linked_data.TooLarge):
        verify_proofs(document | {"n": deep}, key_of)


def test_a_second_proof_is_not_put_over_the_first():
    document = signed(badge())
    with pytest.raises(ValueError, match="already"):
        data_integrity.with_proof(document, document["proof"][0], bytes(64))
    with pytest.raises(ValueError, match="64"):
        data_integrity.with_proof(badge(), document["proof"][0], bytes(63))


def test_times_are_written_in_utc_without_fractions():
    east = timezone(timedelta(hours=5, minutes=30))
    assert data_integrity.date_time_stamp(datetime(2026, 1, 1, 1, 0, 0, 5, tzinfo=east)) == "2025-12-31T19:30:00Z"
    with pytest.raises(ValueError, match="zone"):
        data_integrity.date_time_stamp(datetime(2026, 1, 1))  # noqa: DTZ001


# Safe mode.


@pytest.mark.parametrize(
    ("change", "term"),
    [
        ({"motto": "Per aspera"}, "motto"),
        ({"type": ["VerifiableCredential", "OpenBadgeCredential", "Trophy"]}, "Trophy"),
        ({"id": "credentials/1"}, "credentials/1"),
        ({"id": "http://example.org/base/1"}, "http://example.org/base/1"),
        ({"id": "https://example.org/a b"}, "https://example.org/a b"),
        ({"id": "https://example.org/a>b"}, "https://example.org/a>b"),
        ({"evidence": [{"id": "https://example.org/1", "type": ["Evidence"], "size": 3}]}, "size"),
        ({"@context": [*badge()["@context"], {"name": None}]}, None),
        ({"name": {"@value": "Badge", "@language": "no such!"}}, "no such!"),
        ({"@foo": 1}, None),
    ],
)
def test_what_would_be_left_unsigned_is_refused_by_name(change, term):
    document = {**badge(), **change}
    with pytest.raises((linked_data.DataLoss, linked_data.BadDocument)) as refusal:
        data_integrity.hash_data(document, data_integrity.proof_options(METHOD, NOON))
    if term is not None:
        assert isinstance(refusal.value, linked_data.DataLoss)
        assert refusal.value.term == term
        assert refusal.value.path != "$"


def test_the_direction_of_a_text_is_signed_along():
    document = {**badge(), "name": {"@value": "شهادة", "@language": "ar", "@direction": "rtl"}}
    assert "^^<https://www.w3.org/ns/i18n#ar_rtl>" in linked_data.canonical_n_quads(document)
    turned = signed(document)
    turned["name"]["@direction"] = "ltr"
    with pytest.raises(BadSignature):
        verify_proofs(turned, key_of)


def test_a_member_slipped_into_a_signed_document_is_refused():
    document = signed(badge())
    document["credentialSubject"]["achievement"]["grade"] = "A"
    with pytest.raises(linked_data.DataLoss) as refusal:
        verify_proof(document, document["proof"][0], PUBLIC)
    assert refusal.value.path == "$.credentialSubject.achievement.grade"


def test_an_unknown_context_is_named():
    document = {**badge(), "@context": [*badge()["@context"], "https://evil.example/context"]}
    with pytest.raises(contexts.UnknownContext) as refusal:
        data_integrity.hash_data(document, data_integrity.proof_options(METHOD, NOON))
    assert refusal.value.url == "https://evil.example/context"


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_control_characters_are_refused(character):
    with pytest.raises(linked_data.BadDocument) as refusal:
        linked_data.canonical_n_quads({**badge(), "name": f"Team{character}work"})
    assert refusal.value.path == "$.name"


def _deep():
    value = {"id": "urn:a"}
    for _ in range(40):
        value = {"related": value}
    return {**badge(), "evidence": value}


@pytest.mark.parametrize(
    "document",
    [
        _deep(),
        {**badge(), "name": "x" * 300_000},
        {**badge(), "tag": [1] * 30_000},
        {**badge(), "evidence": [{"type": ["Evidence"], "name": str(number)} for number in range(501)]},
        {"@context": {"p": "urn:p", "q": "urn:q"}, "q": [{"@id": "urn:a", "p": list("ab")} for _ in range(300)]},
        {
            "@context": {"p": "urn:p"},
            "p": [{"p": [{"p": str(four * number)} for four in range(4)]} for number in range(400)],
        },
        # All alike and related to one another: the order of such parts is exponentially hard to fix.
        {
            "@context": {"p": {"@id": "urn:p", "@type": "@id"}},
            "@graph": [{"@id": f"_:n{a}", "p": [f"_:n{b}" for b in range(12) if b != a]} for a in range(12)],
        },
    ],
    ids=["deep", "long", "many", "list", "merged", "nameless", "tangled"],
)
def test_a_document_beyond_the_limits_is_refused(document):
    with pytest.raises(linked_data.TooLarge):
        linked_data.canonical_n_quads(document)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"@context": contexts.CREDENTIALS_V2, "@graph": ["https://example.org/1"]},
        {"@context": contexts.CREDENTIALS_V2, "id": 5},
        {"@context": 5},
        {"@context": [contexts.CREDENTIALS_V2, {"id": "urn:other"}], "id": "urn:a"},
    ],
)
def test_unsound_json_ld_is_refused(document):
    with pytest.raises(linked_data.BadDocument):
        linked_data.canonical_n_quads(document)


@pytest.mark.parametrize(
    "context",
    [
        {"@vocab": None},
        {"@direction": None},
        {"@language": None, "@index": ""},
        {"name": {"@id": []}},
        [contexts.OPEN_BADGES_V3, {"@direction": {"evidence": 1.5}, "@nest": {"@propagate": True}, "evidence": []}],
        [contexts.CREDENTIALS_V2, {"@propagate": False, "name": {"@index": {"@propagate": 1.5}, "@nest": 1}}],
    ],
)
def test_a_misshapen_context_is_refused_and_harms_no_later_document(context):
    before = linked_data.canonical_n_quads(badge())
    for _ in range(3):
        with pytest.raises(linked_data.BadDocument):
            linked_data.canonical_n_quads({"@context": context, "id": "urn:a", "name": "b"})

    assert linked_data.canonical_n_quads(badge()) == before == text("ob3-clr2-signing/ob30.document.nq")


VALUES = st.recursive(
    st.sampled_from(
        [None, True, 1, 1.5, "", "a", "urn:a", "_:b", "@type", "@id", contexts.CREDENTIALS_V2, contexts.OPEN_BADGES_V3]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "@id",
                    "@type",
                    "@value",
                    "@language",
                    "@graph",
                    "@list",
                    "@set",
                    "@context",
                    "@reverse",
                    "@nest",
                    "@index",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=100, deadline=None)
@given(VALUES, VALUES)
def test_any_json_is_read_or_refused(context, value):
    with contextlib.suppress(linked_data.BadDocument, contexts.UnknownContext):
        linked_data.canonical_n_quads({"@context": context, "name": value})
    with contextlib.suppress(linked_data.BadDocument, contexts.UnknownContext):
        linked_data.canonical_n_quads(value)


def test_the_samples_that_1edtech_calls_valid_pass_safe_mode():
    for name in ("simple", "complete", "simple-multiple-proofs", "endorsement-valid", "simple-did-web-method"):
        document = read(f"1edtech-samples/ob30/{name}.json")
        document.pop("proof", None)
        assert len(hashlib.sha256(linked_data.canonical_n_quads(document).encode()).digest()) == 32
    assert (FOLDER / "1edtech-samples/LICENSE.apache-2.0.txt").exists()
