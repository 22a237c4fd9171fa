"""VC-API as public test suites ask it: one test for each thing that theirs look at, and what ours must refuse."""

import copy
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from credentials import conformance, revocation
from credentials.standards import contexts, data_integrity, ecdsa_rdfc, jose, multikey, status_list, vc_jose
from credentials.verification import foreign, limits
from portal import env
from portal.accounts import tokens
from portal.shared import outbox
from tests.cast import make_lena, make_rhea
from tests.credentials.standards.test_data_model import INPUTS, NAMES, given
from tests.credentials.standards.vectors import read
from tests.factories import credential_of, issue_to

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MULTIKEY = multikey.encode_ed25519(KEY.public_key().public_bytes_raw())
DID = multikey.did_key(MULTIKEY)
SITE = "https://cairn.test"
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def test_site(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.CONFORMANCE, settings.SITE_URL, settings.DATA_DIR = True, SITE, tmp_path
    foreign.forget()
    yield


@pytest.fixture
def program() -> Client:
    _token, text = tokens.make(user=make_lena(), name="suite", at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {text}"})


def post(client: Client, path: str, body: object) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")


def issue(program: Client, credential: object, **options: Any) -> Any:
    return post(program, "/credentials/issue", {"credential": credential, "options": options})


def issued(program: Client, credential: Json, **options: Any) -> Json:
    answer = issue(program, credential, **options)
    assert answer.status_code == 201, answer.text
    signed: Json = answer.json()["verifiableCredential"]
    return signed


def verify(credential: object, **options: Any) -> Any:
    return post(Client(), "/credentials/verify", {"verifiableCredential": credential, "options": options})


def verify_vp(presentation: object, **options: Any) -> Any:
    return post(Client(), "/presentations/verify", {"verifiablePresentation": presentation, "options": options})


def plain(**changes: Any) -> Json:
    document = {
        "@context": [contexts.CREDENTIALS_V2],
        "id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d",
        "type": ["VerifiableCredential"],
        "issuer": changes["issuer"] if "issuer" in changes else conformance.issuer(),
        "credentialSubject": {"id": "did:example:subject", "name": "Lena"},
    }
    return {name: member for name, member in {**document, **changes}.items() if member is not ...}


def proven(document: Json, *, purpose: str = "assertionMethod", key: Ed25519PrivateKey = KEY, **members: Any) -> Json:
    """Signed by somebody whom nobody here knows."""
    earlier = document.get("proof", [])
    method = multikey.did_key_method(multikey.encode_ed25519(key.public_key().public_bytes_raw()))
    options = {**data_integrity.proof_options(method, timezone.now(), purpose), **members}
    whole = {**document, "proof": [*earlier, options]}
    signed = data_integrity.document_signed(whole, options)
    to_sign = data_integrity.hash_data(signed, options, contexts=contexts.for_conformance())
    return {**document, "proof": [*earlier, {**options, "proofValue": multikey.encode_multibase(key.sign(to_sign))}]}


def foreign_credential(**changes: Any) -> Json:
    return proven(plain(issuer=DID, **changes))


def presentation(**changes: Any) -> Json:
    document = {"@context": [contexts.CREDENTIALS_V2], "type": ["VerifiablePresentation"], **changes}
    return proven(document, purpose="authentication", challenge="c-1", domain="verifier.example")


def assert_verified(answer: Any) -> None:
    assert (answer.status_code, answer.json()["verified"]) == (200, True), answer.text


def assert_refused(answer: Any) -> None:
    assert answer.status_code == 400
    assert answer.json()["verified"] is False
    assert answer.json()["errors"]


# --- who may ask --------------------------------------------------------------------------------------------------


def test_only_the_signed_in_have_anything_signed() -> None:
    assert issue(Client(), plain()).status_code == 401


def test_nothing_is_signed_on_an_ordinary_site(program: Client, settings: Any) -> None:
    document = plain()
    settings.CONFORMANCE = False
    assert issue(program, document).status_code == 404
    assert Client().get("/credentials/status/1").status_code == 404
    with pytest.raises(conformance.NotOffered):
        conformance.issue(document, {}, at=timezone.now())


def test_an_ordinary_site_verifies_but_knows_no_context_of_test_suites(settings: Any) -> None:
    settings.CONFORMANCE = False
    assert_verified(verify(foreign_credential()))
    assert_refused(verify(foreign_credential(**{"@context": [contexts.CREDENTIALS_V2, contexts.EXAMPLES_V2]})))


# --- issuing: VC-API, data model, Data Integrity, status list -------------------------------------------------------


def test_an_issued_credential_is_whole_and_verifies(program: Client) -> None:
    document = plain(validFrom="2026-01-01T00:00:00Z")
    signed = issued(program, document)
    proof = signed["proof"]
    assert {name: signed[name] for name in document} == document
    assert isinstance(proof, dict)
    assert (proof["type"], proof["cryptosuite"], proof["proofPurpose"]) == (
        "DataIntegrityProof",
        "eddsa-rdfc-2022",
        "assertionMethod",
    )
    assert proof["verificationMethod"].startswith(conformance.issuer() + "#z6Mk")
    assert len(multikey.decode_multibase(proof["proofValue"])) == 64
    assert_verified(verify(signed, checks=["proof", "credentialStatus"]))
    assert_verified(verify(signed))


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("credential", "names")) and "-ok" in name])
def test_a_good_input_of_the_data_model_suite_is_issued(program: Client, name: str) -> None:
    document = given(name)
    document["issuer"] = (
        {**document["issuer"], "id": conformance.issuer()}
        if isinstance(document["issuer"], dict)
        else conformance.issuer()
    )
    assert issue(program, document).status_code == 201


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.startswith(("credential", "names")) and "-fail" in name]
)
def test_a_faulty_input_of_the_data_model_suite_is_refused(program: Client, name: str) -> None:
    document = read(f"{INPUTS.name}/{name}")
    if "issuer" not in name or "names" in name:
        document["issuer"] = {**document.get("issuer", {}), "id": conformance.issuer()}
    assert issue(program, document).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"@context": ...},
        *({"@context": value} for value in (4, False, None, [])),
        {"type": ...},
        *({"type": value} for value in (4, True, None, [])),
        {"issuer": ...},
        *({"issuer": value} for value in (4, True, None, [])),
        {"issuer": DID},
        {"issuer": {"name": "nobody"}},
        {"credentialSubject": ...},
        *({"credentialSubject": value} for value in (4, True, None, [], "did:example:1234")),
        {"statusEntry": {"type": "BitstringStatusListEntry", "statusListIndex": True}},
        {"credentialStatus": {"type": "BitstringStatusListEntry", "statusListIndex": True}},
        {"undefinedTerm": "x"},
    ],
)
def test_what_the_vc_api_suite_sends_wrong_is_answered_with_400(program: Client, change: Json) -> None:
    answer = issue(program, plain(**change))
    assert answer.status_code == 400
    assert answer.json()["errors"]


@pytest.mark.parametrize("body", [{"verifiableCredential": {}}, [], "x", {"credential": {}, "options": []}])
def test_a_body_of_another_form_is_answered_with_400(program: Client, body: object) -> None:
    assert post(program, "/credentials/issue", body).status_code == 400
    assert post(Client(), "/presentations/verify", body).status_code == 400


def test_a_body_that_is_no_json_is_answered_with_400() -> None:
    answer = Client().post("/credentials/verify", '{"a": 1, "a": 2}', content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["verified"] is False
    assert answer.json()["errors"][0]["type"].endswith("PARSING_ERROR")


def test_a_credential_of_version_1_is_issued_with_the_context_of_its_proof(program: Client) -> None:
    old = plain(**{"@context": [contexts.CREDENTIALS_V1]}, issuanceDate="2020-01-01T00:00:00Z")
    old["expirationDate"] = "2100-01-01T00:00:00Z"
    del old["credentialSubject"]["name"]
    signed = issued(program, old)
    assert signed["@context"] == [contexts.CREDENTIALS_V1, contexts.DATA_INTEGRITY_V2]
    assert_verified(verify(signed))


def test_a_status_entry_leads_to_a_list_that_is_a_credential(program: Client) -> None:
    signed = issued(program, plain())
    entry = signed["credentialStatus"]
    assert set(entry) == {"id", "type", "statusPurpose", "statusListIndex", "statusListCredential"}
    assert entry["statusListCredential"].startswith("https://")
    assert 0 <= int(entry["statusListIndex"]) < status_list.MIN_ENTRIES
    answer = Client().get(entry["statusListCredential"].removeprefix(SITE))
    listed = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert set(listed["credentialSubject"]) == {"id", "type", "statusPurpose", "encodedList"}
    assert listed["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert len(status_list.decode(listed["credentialSubject"]["encodedList"])) * 8 >= status_list.MIN_ENTRIES
    assert status_list.status_in(listed, entry) is False
    assert_verified(verify(listed))


@pytest.mark.parametrize("index", ["131072", "-1", "x", "9" * 30])
def test_a_place_beyond_the_list_is_refused(program: Client, index: str) -> None:
    entry = {**issued(program, plain())["credentialStatus"], "statusListIndex": index}
    assert_refused(verify(foreign_credential(credentialStatus=entry)))


def test_a_status_list_is_a_credential_to_whoever_asks_for_one() -> None:
    asked = Client().get("/credentials/status/1", headers={"Accept": "application/vc"})
    assert asked["Content-Type"] == "application/vc"
    anything = Client().get("/credentials/status/1", headers={"Accept": "*/*"})
    assert anything["Content-Type"] == "application/json"


def test_a_second_proof_makes_a_set_and_one_that_names_the_first_a_chain(program: Client) -> None:
    first = issued(program, plain(), proofId="urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544")
    both = issued(program, first)
    assert len(both["proof"]) == 2
    assert_verified(verify(both))
    chain = issued(program, first, previousProof=first["proof"]["id"])
    assert_verified(verify(chain))
    chain["proof"] = chain["proof"][1:]
    assert_refused(verify(chain))
    assert issue(program, first, previousProof="urn:missing").status_code == 400


def test_the_other_cryptosuite_is_issued_when_asked(program: Client) -> None:
    signed = issued(program, plain(), cryptosuite="eddsa-jcs-2022")
    assert signed["proof"]["@context"] == signed["@context"]
    assert_verified(verify(signed))
    assert issue(program, plain(), cryptosuite="ecdsa-rdfc-2019").status_code == 400


def test_the_key_stays_the_same_and_is_no_issuers() -> None:
    first = conformance.issuer()
    conformance._kept.cache_clear()
    assert conformance.issuer() == first
    assert first.startswith("did:key:z6Mk")


# --- verifying credentials ----------------------------------------------------------------------------------------


def test_a_credential_of_a_stranger_is_judged_like_any_other() -> None:
    assert_verified(verify(foreign_credential()))


def damaged(**members: Any) -> Json:
    signed = foreign_credential()
    signed["proof"] = {name: value for name, value in {**signed["proof"][0], **members}.items() if value is not ...}
    return signed


@pytest.mark.parametrize(
    "members",
    [
        {"type": ...},
        {"type": "UnknownProofType"},
        {"cryptosuite": ...},
        {"cryptosuite": "UnknownCryptosuite"},
        {"verificationMethod": ...},
        {"verificationMethod": "did:key:invalidVm"},
        {"verificationMethod": ["not-a-url"]},
        {"proofPurpose": ...},
        {"proofPurpose": "invalidPurpose"},
        {"proofPurpose": "authentication"},
        {"proofValue": ...},
        {"proofValue": None},
        {"proofValue": "invalidProofValue"},
        {"proofValue": "u" + "A" * 86},
        {"created": ...},
        {"created": "invalidDate"},
        {"expires": "invalidDate"},
        {"previousProof": "urn:uuid:missing"},
        {"previousProof": ["urn:uuid:missing"]},
    ],
)
def test_a_damaged_proof_is_refused(members: Json) -> None:
    assert_verified(verify(damaged()))
    assert_refused(verify(damaged(**members)))


@pytest.mark.parametrize("proof", [..., None, "string", 10, True, []])
def test_a_credential_without_a_proof_is_refused(proof: object) -> None:
    signed = foreign_credential()
    signed["proof"] = proof
    assert_refused(verify({name: value for name, value in signed.items() if value is not ...}))


@pytest.mark.parametrize("member", ["@context", "type", "issuer", "credentialSubject"])
def test_a_member_that_is_missing_or_misshapen_is_refused(member: str) -> None:
    for value in ("string", {}, None, 10, True, [], [None], [10], [[]], [{}]):
        assert_refused(verify({**foreign_credential(), member: value}))
    signed = foreign_credential()
    del signed[member]
    assert_refused(verify(signed))


@pytest.mark.parametrize("document", [None, "eyJ", [], {}, {"type": ["NonconformingDocument"]}])
def test_what_is_no_credential_is_refused(document: object) -> None:
    assert_refused(verify(document))
    assert_refused(verify_vp(document))


def test_what_was_added_afterwards_is_refused() -> None:
    for change in ("undefinedTerm", "name"):
        signed = foreign_credential()
        signed["credentialSubject"][change] = "added"
        assert_refused(verify(signed))
    signed = foreign_credential()
    signed["type"].append("UndefinedType")
    assert_refused(verify(signed))


def test_a_purpose_challenge_or_domain_that_was_not_meant_is_refused() -> None:
    assert_refused(verify(foreign_credential(), expectedProofPurpose="authentication"))
    assert_verified(verify(foreign_credential(), expectedProofPurpose="assertionMethod"))
    for options in ({"expectedProofPurpose": 5}, {"challenge": []}, {"checks": "proof"}):
        assert verify(foreign_credential(), **options).status_code == 400


def test_the_signature_of_somebody_else_is_refused() -> None:
    assert_refused(verify(proven(plain(issuer="did:example:acme"))))
    other = multikey.encode_ed25519(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    assert_refused(verify(proven(plain(issuer=multikey.did_key(other)))))


def test_a_key_that_is_not_the_issuers_passes_with_a_warning_in_a_test_suite_only(settings: Any) -> None:
    signed = proven(plain(issuer="https://vc.example/issuers/5678"))
    answer = verify(signed)
    assert_verified(answer)
    assert answer.json()["warnings"]
    settings.CONFORMANCE = False
    assert_refused(verify(signed))


@pytest.mark.parametrize("is_chain", [False, True])
def test_another_may_vouch_beside_the_issuer_but_not_in_its_place(is_chain: bool) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    witnessed = proven(plain(issuer=DID), key=other, id="urn:uuid:witness")
    both = proven(witnessed, previousProof="urn:uuid:witness") if is_chain else proven(witnessed)
    answer = verify(both)
    assert_verified(answer)
    assert len(answer.json()["warnings"]) == 1
    assert_refused(verify(witnessed))
    broken = copy.deepcopy(both)
    broken["proof"][0]["proofValue"] = broken["proof"][1]["proofValue"]
    assert_refused(verify(broken))


@pytest.mark.parametrize("folder", ["proof-set", "proof-chain"])
def test_every_proof_of_a_set_or_chain_must_hold(folder: str) -> None:
    one = proven(plain(issuer=DID), id="urn:uuid:one")
    two = proven(one, previousProof="urn:uuid:one") if folder == "proof-chain" else proven(one)
    assert_verified(verify(two))
    for place in (0, 1):
        broken = copy.deepcopy(two)
        broken["proof"][place]["created"] = "2020-01-01T00:00:00Z"
        assert_refused(verify(broken))


def test_dates_count_unless_only_other_checks_are_asked_for() -> None:
    old = foreign_credential(validFrom="2020-01-01T00:00:00Z", validUntil="2021-01-01T00:00:00Z")
    assert_refused(verify(old))
    assert_verified(verify(old, checks=["proof"]))
    future = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert_refused(verify(foreign_credential(validFrom=future)))


def test_an_expired_proof_is_refused() -> None:
    assert_refused(verify(proven(plain(issuer=DID), expires="2021-01-01T00:00:00Z")))


def test_a_status_that_cannot_be_looked_up_is_an_error_and_not_a_pass() -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "1",
        "statusListCredential": "https://elsewhere.example/status/1",
    }
    signed = foreign_credential(credentialStatus=entry)
    assert_refused(verify(signed))
    assert_verified(verify(signed, checks=["proof"]))
    ours = {**entry, "statusListCredential": f"{SITE}/credentials/status/1"}
    assert_verified(verify(foreign_credential(credentialStatus=[ours])))
    assert_refused(verify(foreign_credential(credentialStatus=[ours, entry])))


def test_a_document_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_question: object, **_more: object) -> None:
        raise limits.GaveUp

    signed = foreign_credential()
    monkeypatch.setattr(limits, "ask", give_up)
    assert_refused(verify(signed))


def test_what_names_an_issuer_of_ours_is_judged_by_all_that_is_known(settings: Any) -> None:
    award = issue_to(make_lena())
    outbox.run_all_due()
    document = json.loads(credential_of(award).document)
    assert_verified(verify(document))
    altered = verify(document | {"name": "Doctor of Everything"})
    assert_refused(altered)
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=timezone.now())
    revoked = verify(document)
    assert_refused(revoked)
    kinds = [answer.json()["errors"][0]["type"].partition("#")[2] for answer in (altered, revoked)]
    assert kinds == ["CRYPTOGRAPHIC_SECURITY_ERROR", "STATUS_ERROR"]


def test_a_credential_that_was_signed_for_another_asker_is_refused() -> None:
    signed = proven(plain(issuer=DID), challenge="c-1", domain=["verifier.example", "other.example"])
    assert_verified(verify(signed))
    assert_verified(verify(signed, challenge="c-1", domain="other.example"))
    for options, kind in (({"challenge": "c-2"}, "INVALID_CHALLENGE_ERROR"), ({"domain": "x"}, "INVALID_DOMAIN_ERROR")):
        answer = verify(signed, **options)
        assert_refused(answer)
        assert answer.json()["errors"][0]["type"].endswith(kind)
        assert_refused(verify(foreign_credential(), **options))


# --- presentations ------------------------------------------------------------------------------------------------


def test_a_presentation_is_verified_with_all_that_it_holds() -> None:
    assert_verified(verify_vp(presentation()))
    held = [foreign_credential(), foreign_credential(id="urn:uuid:other")]
    assert_verified(verify_vp(presentation(verifiableCredential=held)))
    assert_verified(verify_vp(presentation(holder=DID, verifiableCredential=held)))
    assert_verified(
        verify_vp(presentation(holder={"id": DID}, id="urn:uuid:vp"), challenge="c-1", domain="verifier.example")
    )
    held[1]["credentialSubject"]["name"] = "Emil"
    assert_refused(verify_vp(presentation(verifiableCredential=held)))


def test_a_presentation_for_another_asker_is_refused() -> None:
    for options in ({"challenge": "c-2"}, {"domain": "other.example"}):
        assert_refused(verify_vp(presentation(), **options))
    assert_refused(verify_vp(proven({"@context": [contexts.CREDENTIALS_V2], "type": ["VerifiablePresentation"]})))


def test_a_presentation_by_another_than_its_holder_is_refused() -> None:
    assert_refused(verify_vp(presentation(holder="did:example:acme")))


def test_an_unsigned_or_altered_presentation_is_refused() -> None:
    unsigned = presentation()
    del unsigned["proof"]
    assert_refused(verify_vp(unsigned))
    altered = presentation()
    altered["proof"][0]["proofValue"] = "z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh"
    assert_refused(verify_vp(altered))
    without = presentation()
    del without["@context"]
    assert_refused(verify_vp(without))
    for wrong in ("https://example.com", "https ://not-a-url/contexts/example/v1", 123192875):
        added = presentation()
        added["@context"] = [contexts.CREDENTIALS_V2, wrong]
        assert_refused(verify_vp(added))


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("presentation") and "-fail" in name])
def test_a_faulty_presentation_of_the_data_model_suite_is_refused(name: str) -> None:
    assert_refused(verify_vp(read(f"{INPUTS.name}/{name}")))


@pytest.mark.parametrize(
    "name",
    [name for name in NAMES if name.startswith("presentation") and "-ok" in name and "envelope" not in name],
)
def test_a_good_presentation_of_the_data_model_suite_is_verified(name: str) -> None:
    """As the suite sends it: each credential signed by the one who presents it, in whose name it then is."""
    document = read(f"{INPUTS.name}/{name}")
    if "verifiableCredential" in document:
        document["verifiableCredential"] = [
            proven({**credential, "issuer": DID}) for credential in document["verifiableCredential"]
        ]
    if "holder" in document:
        document["holder"] = {"id": DID} if isinstance(document["holder"], dict) else DID
    assert_verified(verify_vp(proven(document, purpose="authentication", challenge="c-1"), checks=[]))


def test_what_only_the_presentation_secures_must_be_its_holders_own() -> None:
    own = plain(issuer=DID)
    assert_verified(verify_vp(presentation(holder=DID, verifiableCredential=[own])))
    assert_refused(verify_vp(presentation(verifiableCredential=[own])))
    assert_refused(verify_vp(presentation(holder=DID, verifiableCredential=[plain(issuer="did:example:alice")])))
    assert_refused(verify_vp(presentation(holder=DID, verifiableCredential=[plain(issuer=DID, validFrom="2020")])))


def test_more_credentials_than_are_looked_at_are_refused() -> None:
    held = [plain(issuer=DID, id=f"urn:uuid:{number}") for number in range(21)]
    assert_refused(verify_vp(presentation(holder=DID, verifiableCredential=held)))


# --- envelopes ----------------------------------------------------------------------------------------------------

P256 = ec.derive_private_key(7, ec.SECP256R1())


def p256_did() -> str:
    numbers = P256.public_key().public_numbers()
    point = bytes([2 + numbers.y % 2]) + numbers.x.to_bytes(32, "big")
    return "did:key:" + multikey.encode_key(multikey.PublicKey(multikey.KeyKind.P256, point))


def envelope(kind: vc_jose.Kind, payload: Json, header: dict[str, str] | None = None, **changes: Any) -> Json:
    did = p256_did()
    head = {**vc_jose.header(kind, f"{did}#{did.removeprefix('did:key:')}"), **(header or {})}
    name = "EnvelopedVerifiableCredential" if kind == "vc" else "EnvelopedVerifiablePresentation"
    token = jose.signed(head, payload, P256)
    document = {"@context": contexts.CREDENTIALS_V2, "type": name, "id": f"data:application/{kind}+jwt,{token}"}
    return {**document, **changes}


@pytest.mark.parametrize(
    ("curve", "prefix"), [(ec.SECP384R1(), b"\x81\x24"), (ec.SECP521R1(), b"\x82\x24")], ids=["ES384", "ES512"]
)
def test_envelopes_are_opened_with_keys_of_longer_curves(curve: ec.EllipticCurve, prefix: bytes) -> None:
    key = ec.derive_private_key(11, curve)
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    name = multikey.encode_multibase(prefix + point)
    document = plain(issuer=f"did:key:{name}")
    token = jose.signed(vc_jose.header("vc", f"did:key:{name}#{name}"), document, key)
    opened = {"@context": contexts.CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential"}
    assert_verified(verify(opened | {"id": f"data:application/vc+jwt,{token}"}))
    head, body, _tail = token.split(".")
    other = jose.signed(vc_jose.header("vc"), document | {"id": "urn:uuid:other"}, key).rpartition(".")[2]
    assert_refused(verify(opened | {"id": f"data:application/vc+jwt,{head}.{body}.{other}"}))


def test_an_enveloped_credential_for_another_asker_is_refused() -> None:
    token = envelope("vc", plain(issuer=p256_did()) | {"nonce": "c-1", "aud": "verifier.example"})
    assert_verified(verify(token, challenge="c-1", domain="verifier.example"))
    for options in ({"challenge": "c-2"}, {"domain": "other.example"}):
        assert_refused(verify(token, **options))


def test_a_proof_by_a_key_of_another_kind_is_said_to_be_one() -> None:
    point = ec.derive_private_key(11, ec.SECP521R1()).public_key()
    content = b"\x82\x24" + point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    longest = f"did:key:{multikey.encode_multibase(content)}"
    for did, suite in ((p256_did(), data_integrity.RDFC), (DID, ecdsa_rdfc.SUITE), (longest, ecdsa_rdfc.SUITE)):
        signed = proven(plain(issuer=did))
        method = f"{did}#{did.removeprefix('did:key:')}"
        proof = {**signed["proof"][0], "verificationMethod": method, "cryptosuite": suite}
        answer = verify({**signed, "proof": [proof]})
        assert_refused(answer)
        assert "of another kind" in answer.json()["errors"][0]["detail"]


def test_an_enveloped_credential_is_opened_and_judged() -> None:
    document = plain(issuer=p256_did())
    assert_verified(verify(envelope("vc", document)))
    assert_verified(verify_vp(presentation(verifiableCredential=[envelope("vc", document)])))
    changes: list[Json] = [
        {"@context": []},
        {"@context": contexts.EXAMPLES_V2},
        {"type": "VerifiableCredential"},
        {"type": None},
        {"id": envelope("vc", document)["id"].partition(",")[2]},
        {"id": envelope("vc", document)["id"] + "AAAA"},
        {"id": "data:text/plain,hello"},
    ]
    for change in changes:
        assert_refused(verify(envelope("vc", document, **change)))
    assert_refused(verify(envelope("vc", plain(issuer=DID))))
    assert_refused(verify(envelope("vc", {**document, "validUntil": "2020-01-01T00:00:00Z"})))
    assert_refused(verify(envelope("vc", {**document, "exp": 1})))
    assert_refused(verify(envelope("vc", {**document, "vc": {}})))


def test_an_enveloped_presentation_is_opened_and_judged() -> None:
    held = envelope("vc", plain(issuer=p256_did()))
    vp = {
        "@context": [contexts.CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": p256_did(),
        "verifiableCredential": [held],
    }
    assert_verified(verify_vp(envelope("vp", vp)))
    assert_verified(
        verify_vp(envelope("vp", {**vp, "aud": "a.example", "nonce": "n"}), domain="a.example", challenge="n")
    )
    assert_refused(verify_vp(envelope("vp", {**vp, "aud": "a.example", "nonce": "n"}), challenge="other"))
    assert_refused(verify_vp(envelope("vp", vp), domain="a.example"))
    assert_refused(verify_vp(envelope("vp", vp, type="VerifiablePresentation")))
    assert_refused(verify_vp(envelope("vp", {**vp, "holder": DID})))


def test_tokens_of_version_1_are_read_under_their_own_name_only() -> None:
    inner = plain(issuer=p256_did())
    old = {"typ": "JWT"}
    assert_verified(verify(envelope("vc", {"iss": p256_did(), "vc": inner}, old)))
    assert_refused(verify(envelope("vc", {"iss": DID, "vc": inner}, old)))
    assert_refused(verify(envelope("vc", {"iss": p256_did(), "vc": inner})))
    vp = {"@context": [contexts.CREDENTIALS_V2], "type": ["VerifiablePresentation"]}
    assert_verified(verify_vp(envelope("vp", {"iss": p256_did(), "aud": "example.com", "vp": vp}, old)))


# --- how to point a suite at us -----------------------------------------------------------------------------------


def test_the_command_tells_issuer_addresses_and_token(settings: Any) -> None:
    out = io.StringIO()
    call_command("conformance", email=make_lena().email, stdout=out)
    told = json.loads(out.getvalue())
    assert told["issuer"] == conformance.issuer()
    suite = Client(headers={"Authorization": f"Bearer {told['token']}"})
    assert post(suite, told["issue"].removeprefix(SITE), {"credential": plain()}).status_code == 201
    with pytest.raises(CommandError, match="nobody"):
        call_command("conformance", email="nobody@example.org", stdout=out)
    settings.CONFORMANCE = False
    with pytest.raises(CommandError, match="CAIRN_CONFORMANCE"):
        call_command("conformance", stdout=out)


@pytest.mark.parametrize(
    "site",
    ["http://localhost:8000", "https://cairn.test", "https://a.localhost", "http://127.0.0.1:1", "http://[::1]:1"],
)
def test_a_site_that_nobody_else_reaches_may_serve_test_suites(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAIRN_CONFORMANCE", "yes")
    assert env.conformance("CAIRN_CONFORMANCE", site) is True
    monkeypatch.delenv("CAIRN_CONFORMANCE")
    assert env.conformance("CAIRN_CONFORMANCE", site) is False


@pytest.mark.parametrize(
    "site", ["https://learn.example.edu", "https://localhost.example.edu", "http://10.0.0.7", "https://"]
)
def test_a_site_that_others_reach_refuses_to_start_with_it(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAIRN_CONFORMANCE", "yes")
    with pytest.raises(ImproperlyConfigured, match="CAIRN_CONFORMANCE"):
        env.conformance("CAIRN_CONFORMANCE", site)
