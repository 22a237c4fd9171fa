"""Verification: what a credential is worth, in every form it comes in, and what no forgery gets past."""

import copy
import io
import json
import time
import zlib
from datetime import UTC, datetime

import pikepdf
import pytest
from django.conf import settings as site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials import hosted_badges, renditions, revocation, sharing, verification
from credentials.issuance import Part
from credentials.keys import keyring
from credentials.models import Credential, LogEntry, SigningKey, StatusList
from credentials.rendering import certificate
from credentials.standards import baking, data_integrity
from credentials.standards import status_list as bitstring
from credentials.verification import State, Verdict, limits, questions
from portal.shared import outbox
from tests.cast import make_ada, make_lena, make_rhea
from tests.credentials.foreigner import Foreigner
from tests.credentials.walked import finished, in_a_pdf, issued, share, shared
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


# Jobs sign with the clock of the machine, so checks are made a little later.
def now() -> datetime:
    """The moment of the check; asked each time, since the files may be made long after this one was read."""
    return datetime.now(UTC)


ALL = ["format", "contexts", "signature", "key", "issuer", "dates", "status", "log"]


@pytest.fixture(autouse=True)
def quick_printer(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)


def states(report: verification.Report) -> dict[str, str]:
    return {check.name: check.state.value for check in report.checks}


def judged(document: object, **options: object) -> verification.Report:
    text = document if isinstance(document, str) else json.dumps(document)
    return verification.verify(text.encode(), at=now(), **options)


def file_of(credential: Credential, kind: str) -> bytes:
    file, _rendition = renditions.open(credential, kind)
    with file:
        return file.read()


# --- what is good -------------------------------------------------------------------------------------------------


def test_a_document_of_ours_is_valid_and_every_check_says_why():
    credential = issued()

    report = judged(credential.document)

    assert report.verdict is Verdict.VALID
    assert states(report) == dict.fromkeys(ALL, "passed")
    assert report.credential == credential
    assert report.said.holder == "Lena Çelik-Ōno"
    assert "public list says the same" in report.check("status").words
    assert all(check.meaning.proves and check.meaning.does_not and check.words for check in report.checks)


def test_it_is_valid_in_every_form():
    credential = shared()
    svg = baking.bake_svg(b'<svg xmlns="http://www.w3.org/2000/svg"/>', credential.document)

    for content, kind in [
        (credential.code, "code"),
        (f"  {credential.code[:4]}-{credential.code[4:].lower()} ", "code"),
        (credential.page_url, "code"),
        (f"{credential.page_url}embed/", "code"),
        (credential.document_url, "link"),
        (credential.document, "json"),
        (json.dumps(json.loads(credential.document), indent=2), "json"),
        (credential.document.encode(), "json"),
        (file_of(credential, "png"), "png"),
        (file_of(credential, "pdf"), "pdf"),
        (svg, "svg"),
    ]:
        report = verification.verify(content, at=now())
        assert (report.verdict, report.kind) == (Verdict.VALID, kind)


def test_a_file_that_was_not_made_here_is_told_apart_from_the_one_that_was():
    credential = issued()

    made = verification.verify(file_of(credential, "pdf"), at=now())
    copied = verification.verify(in_a_pdf(None, credential.document.encode()) + b"\n", at=now())

    assert made.check("file").state is State.PASSED
    assert copied.check("file").state is State.UNKNOWN
    assert copied.doubts == [copied.check("file")]


def test_it_stays_valid_after_the_key_was_rotated():
    credential = issued()
    keyring.rotate(credential.key, by=None, at=NOON)

    report = judged(credential.document)

    assert report.verdict is Verdict.VALID
    assert "signs no longer" in report.check("key").words


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ("Lena Çelik-Ōno", State.PASSED),
        (" lena  çelik-ōno ", State.PASSED),
        ("Lena C\u0327elik-O\u0304no", State.PASSED),
        ("LENA@example.org", State.PASSED),
        ("Lena", State.FAILED),
        ("noor@example.org", State.FAILED),
    ],
)
def test_a_name_or_address_that_was_typed_is_compared(typed, state):
    report = judged(issued().document, name_typed=typed)

    assert report.check("name").state is state
    assert report.verdict is Verdict.VALID


def test_parts_are_told_with_their_states():
    part, other = shared(make_achievement(name="One")), issued(make_achievement(name="Two"))
    whole = issued(
        parts=[
            Part("One", part.document_url),
            Part("Two", other.document_url),
            Part("Three", "https://elsewhere.example/credentials/3"),
        ]
    )
    revocation.revoke(award=other.award, reason="misconduct", by=make_rhea(), at=NOON)

    report = judged(whole.document)

    assert [(part.name, part.standing, bool(part.page)) for part in report.parts] == [
        ("One", "active", True),
        ("Two", "revoked", False),
        ("Three", "", False),
    ]
    assert report.check("parts").state is State.UNKNOWN
    assert report.verdict is Verdict.VALID


# --- what became of it --------------------------------------------------------------------------------------------


def test_a_revocation_wins_at_once_in_every_form():
    credential = shared()
    revocation.revoke(award=credential.award, reason="misconduct", by=make_rhea(), at=NOON, public_note="See minutes.")

    for content in (credential.code, credential.document, file_of(credential, "png")):
        report = verification.verify(content, at=now())
        assert report.verdict is Verdict.REVOKED
        assert report.title == "This credential was revoked on Nov. 21, 2026."
        assert list(report.reasons) == ["Reason: Misconduct.", "See minutes."]
        assert report.check("status").state is State.FAILED
        assert report.check("signature").state is State.PASSED


def test_a_suspension_is_told_and_its_end_too():
    credential = issued()
    revocation.suspend(award=credential.award, reason="under-review", by=make_rhea(), at=NOON)
    assert judged(credential.document).verdict is Verdict.SUSPENDED

    revocation.reinstate(award=credential.award, by=make_rhea(), at=NOON)
    assert judged(credential.document).verdict is Verdict.VALID


def test_a_superseded_one_is_told():
    former = issued()
    revocation.supersede(award=former.award, recipient_name="Lena Ōno", by=make_rhea(), at=datetime.now(UTC))

    report = judged(former.document)

    assert report.verdict is Verdict.SUPERSEDED
    assert report.title.startswith("This credential was replaced by a newer one on")


def test_a_former_edition_never_says_that_a_withdrawn_award_stands():
    former, rhea = issued(), make_rhea()
    revocation.suspend(award=former.award, reason="under-review", by=rhea, at=NOON)
    newer = revocation.supersede(award=former.award, recipient_name="Lena Ōno", by=rhea, at=NOON)
    outbox.run_all_due()
    for edition in (former, Credential.objects.get(pk=newer.pk)):
        # The one was suspended, the other was never there unsuspended.
        assert judged(edition.document).title == "This credential is suspended. It was suspended on Nov. 21, 2026."

    revocation.reinstate(award=former.award, by=rhea, at=NOON)
    assert judged(former.document).verdict is Verdict.SUPERSEDED
    revocation.revoke(award=former.award, reason="misconduct", by=rhea, at=NOON, public_note="See minutes.")

    report = judged(former.document)
    assert (report.verdict, report.title) == (Verdict.REVOKED, "This credential was revoked on Nov. 21, 2026.")
    assert list(report.reasons) == ["Reason: Misconduct.", "See minutes."]
    gone = hosted_badges.assertion_of(Credential.objects.get(pk=former.pk))
    assert gone["revocationReason"] == "The issuer revoked it. Misconduct."


def test_the_last_day_counts_whole():
    credential = issued(make_achievement(validity_months=1))

    def on(*when: int) -> Verdict:
        return verification.verify(credential.document, at=datetime(*when, tzinfo=UTC)).verdict

    assert on(2026, 12, 21, 23, 59, 59) is Verdict.VALID
    assert on(2026, 12, 22, 0, 6) is Verdict.EXPIRED
    assert on(2026, 11, 1) is Verdict.NOT_YET_VALID


def test_a_list_that_says_revoked_is_believed_against_the_row():
    """Somebody who sets a row back finds that what was published still counts."""
    credential = issued()
    credential.status_list.refresh_from_db()
    bits = bitstring.empty_bits()
    bitstring.set_bit(bits, credential.status_index)
    published = json.loads(credential.status_list.document)
    key = SigningKey.objects.get(issuer=credential.issuer, purpose="status", state="active")
    document = {name: value for name, value in published.items() if name != "proof"}
    document["credentialSubject"]["encodedList"] = bitstring.encode(bits)
    options = data_integrity.proof_options(keyring.method_id(key, credential.issuer), NOON)
    signed = data_integrity.with_proof(
        document, options, keyring.sign(key, data_integrity.hash_data(document, options))
    )
    StatusList.objects.update(document=json.dumps(signed))

    assert judged(credential.document).verdict is Verdict.REVOKED


def test_a_list_that_nobody_signed_leaves_it_unchecked():
    credential = issued()
    listed = StatusList.objects.get()
    StatusList.objects.update(document=listed.document.replace('"ttl":300000', '"ttl":300001'))

    report = judged(credential.document)

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert report.check("status").state is State.UNKNOWN


# --- who may see it -----------------------------------------------------------------------------------------------


def test_a_code_tells_nothing_of_what_is_not_shared():
    credential = issued()

    unshared = verification.verify(credential.code, at=now())
    sharing.withdraw(credential=share(credential), by=make_lena(), at=NOON)
    withdrawn = verification.verify(credential.document_url, at=now())

    assert (unshared.verdict, withdrawn.verdict) == (Verdict.NOT_SHARED, Verdict.WITHDRAWN)
    for report in (unshared, withdrawn):
        assert (report.credential, report.document, report.said, report.checks) == (None, None, None, ())


def test_nothing_is_told_before_it_is_in_the_log():
    credential = credential_of(issue_to(make_lena()))

    assert verification.verify(credential.code, at=now()).verdict is Verdict.NOT_FOUND


# --- forgeries ----------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_can_be_changed(document_of_lena, data):
    original = document_of_lena.encode()
    place = data.draw(st.integers(0, len(original) - 1))
    change = data.draw(st.sampled_from(["replace", "drop", "double"]))
    byte = original[place : place + 1]
    new = {"replace": bytes([data.draw(st.integers(0, 255))]), "drop": b"", "double": byte * 2}[change]
    forged = original[:place] + new + original[place + 1 :]
    try:
        same = json.loads(forged) == json.loads(original)
    except ValueError:
        same = False

    report = verification.verify(forged, at=now())

    assert (report.verdict is Verdict.VALID) == same


@pytest.fixture
def document_of_lena() -> str:
    return issued().document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Doctor of everything"),
        ("validUntil", "2099-01-01T00:00:00Z"),
        ("credentialSubject.creditsEarned", 300),
        ("credentialSubject.identifier.1.identityHash", "Noor Haddad"),
        ("credentialStatus", None),
        ("credentialSubject.honours", "with distinction"),
        ("honours", "with distinction"),
        ("proof.0.created", "2020-01-01T00:00:00Z"),
        ("proof.0.proofPurpose", "authentication"),
        ("issuer.name", "Another faculty"),
        ("type", ["VerifiableCredential"]),
    ],
)
def test_what_was_changed_after_signing_is_called_altered(path, value):
    document = json.loads(issued().document)
    *above, last = path.split(".")
    place = document
    for name in above:
        place = place[int(name) if name.isdigit() else name]
    if value is None:
        del place[last]
    else:
        place[last] = value

    report = judged(document)

    assert report.verdict is Verdict.ALTERED
    assert any(check.state is State.FAILED for check in report.checks)


def test_a_document_without_a_proof_is_not_signed():
    document = json.loads(issued().document)
    del document["proof"]

    assert judged(document).title == "This document is not signed."


def test_a_key_that_was_given_up_confirms_nothing():
    credential = issued()
    keyring.mark_compromised(key=credential.key, by=make_ada(), at=NOON, reason="lost")

    report = judged(credential.document)

    assert report.verdict is Verdict.ALTERED
    assert report.check("key").state is State.FAILED


def test_a_stolen_signature_without_a_record_is_found_out():
    """Signed with the issuer's own key, but never awarded, and not in the log (T10)."""
    credential = issued()
    document = {name: value for name, value in json.loads(credential.document).items() if name != "proof"}
    key = credential.key
    options = data_integrity.proof_options(keyring.method_id(key, credential.issuer), NOON)

    def signed(minted: dict) -> dict:
        return data_integrity.with_proof(minted, options, keyring.sign(key, data_integrity.hash_data(minted, options)))

    nowhere = document["id"][:-4] + ("0000" if document["id"][-4:] != "0000" else "1111")
    unknown = judged(signed(document | {"id": nowhere}))
    assert unknown.verdict is Verdict.ALTERED
    assert unknown.title == "The issuer has no record of having issued this."


def test_a_document_under_our_number_signed_by_somebody_else_is_found_out():
    foreigner = Foreigner()
    document = {name: value for name, value in json.loads(issued().document).items() if name != "proof"}
    document["issuer"] = document["issuer"] | {"id": foreigner.did}

    report = judged(foreigner.sign(document))

    assert report.verdict is Verdict.ALTERED
    assert report.check("log").state is State.FAILED


def test_a_foreign_key_cannot_sign_in_our_name():
    foreigner = Foreigner()
    credential = issued()
    document = {name: value for name, value in json.loads(credential.document).items() if name != "proof"}
    did = document["issuer"]["id"]

    for method in (f"{did}#{foreigner.multikey}", f"{foreigner.did}#{foreigner.multikey}"):
        report = judged(foreigner.sign(document, method))
        assert report.verdict is Verdict.ALTERED
        assert report.check("key").state is State.FAILED


def test_an_issuer_that_was_made_up_here_is_found_out():
    report = judged(Foreigner("did:web:localhost%3A8000:issuers:nobody").credential())

    assert report.verdict is Verdict.ALTERED
    assert report.check("key").state is State.FAILED


def test_a_key_for_status_lists_signs_no_credentials():
    credential = issued()
    document = {name: value for name, value in json.loads(credential.document).items() if name != "proof"}
    key = SigningKey.objects.get(issuer=credential.issuer, purpose="status", state="active")
    options = data_integrity.proof_options(keyring.method_id(key, credential.issuer), NOON)
    signature = keyring.sign(key, data_integrity.hash_data(document, options))

    assert judged(data_integrity.with_proof(document, options, signature)).verdict is Verdict.ALTERED


def test_a_row_that_was_changed_together_with_its_hash_does_not_fit_the_log():
    credential = issued()
    document = {name: value for name, value in json.loads(credential.document).items() if name != "proof"}
    document["name"] = "Doctor of everything"
    options = data_integrity.proof_options(keyring.method_id(credential.key, credential.issuer), NOON)
    signature = keyring.sign(credential.key, data_integrity.hash_data(document, options))
    forged = json.dumps(data_integrity.with_proof(document, options, signature))
    Credential.objects.filter(pk=credential.pk).update(document=forged)

    report = judged(forged)

    assert report.check("signature").state is State.PASSED
    assert report.verdict is Verdict.ALTERED
    assert report.title == "The record of this credential does not fit the public log."


@pytest.mark.parametrize("broken", ["{", "[]", "{}", '{"id": 1}'])
def test_a_row_that_was_broken_gives_a_verdict_and_no_fault(broken):
    credential = shared()
    Credential.objects.filter(pk=credential.pk).update(document=broken)

    assert verification.verify(credential.code, at=now()).verdict is Verdict.UNREADABLE
    assert judged(credential.document).verdict is not Verdict.VALID


def test_a_leaf_that_was_changed_does_not_lead_to_the_signed_root():
    credential = issued()
    entry = LogEntry.objects.get(credential=credential, kind="issue")
    LogEntry.objects.filter(pk=entry.pk).update(leaf=bytes(entry.leaf).replace(b'"version":1', b'"version":2'))

    assert judged(credential.document).check("log").state is State.FAILED


def test_what_is_not_signed_yet_has_no_document():
    award = issue_to(make_lena())
    credential = credential_of(award)

    assert judged(json.loads(credential.body)).verdict is Verdict.ALTERED
    assert judged(Foreigner().credential(id=credential.document_url)).verdict is Verdict.UNKNOWN_ISSUER


# --- foreign credentials ------------------------------------------------------------------------------------------


def test_a_sound_foreign_credential_of_an_unknown_key_is_never_called_valid():
    report = judged(Foreigner().credential())

    assert report.verdict is Verdict.UNKNOWN_ISSUER
    assert states(report) == {
        "format": "passed",
        "contexts": "passed",
        "signature": "passed",
        "key": "passed",
        "issuer": "failed",
        "dates": "passed",
        "status": "not_applicable",
        "log": "not_applicable",
    }


def test_keys_of_other_sites_are_not_asked_for_and_that_is_said():
    report = judged(Foreigner("did:web:college.example").credential())

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert states(report)["key"] == states(report)["signature"] == "unknown"
    assert states(report)["contexts"] == "passed"


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"validUntil": "2026-02-01T00:00:00Z"}, Verdict.EXPIRED),
        ({"validUntil": "9999-12-31T23:59:59Z"}, Verdict.UNKNOWN_ISSUER),
        ({"validFrom": "2190-01-01T00:00:00Z"}, Verdict.NOT_YET_VALID),
        ({"validFrom": None}, Verdict.UNKNOWN_ISSUER),
        ({"validFrom": "yesterday"}, Verdict.UNREADABLE),
        (
            {
                "credentialStatus": {
                    "id": "https://elsewhere.example/status/1#7",
                    "type": "BitstringStatusListEntry",
                    "statusPurpose": "revocation",
                    "statusListIndex": "7",
                    "statusListCredential": "https://elsewhere.example/status/1",
                }
            },
            Verdict.COULD_NOT_BE_CHECKED,
        ),
    ],
)
def test_dates_and_status_of_foreign_credentials(changes, verdict):
    assert judged(Foreigner().credential(**changes)).verdict is verdict


def test_all_proofs_of_a_set_must_hold():
    one = Foreigner()
    document = one.credential()
    broken = copy.deepcopy(document["proof"][0]) | {"created": "2020-01-01T00:00:00Z"}
    document["proof"].append(broken)

    assert judged(document).verdict is Verdict.ALTERED


def test_a_proof_that_has_run_out_no_longer_holds():
    foreigner = Foreigner()
    document = {name: value for name, value in foreigner.credential().items() if name != "proof"}

    report = judged(foreigner.sign(document, expires="2026-11-21T12:30:00Z"))

    assert report.check("signature").state is State.FAILED
    assert report.verdict is Verdict.EXPIRED
    assert report.title == "The signature itself was made to hold for a time that has passed."


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"type": "Ed25519Signature2020"}, Verdict.COULD_NOT_BE_CHECKED),
        ({"cryptosuite": "ecdsa-sd-2023"}, Verdict.COULD_NOT_BE_CHECKED),
        ({"cryptosuite": "ecdsa-rdfc-2019"}, Verdict.ALTERED),
        ({"proofValue": "not base58"}, Verdict.ALTERED),
        ({"verificationMethod": 7}, Verdict.ALTERED),
        ({"created": "once"}, Verdict.ALTERED),
        ({"expires": ["never"]}, Verdict.ALTERED),
    ],
)
def test_proofs_of_other_kinds_and_broken_ones(changes, verdict):
    document = Foreigner().credential()
    document["proof"][0] |= changes

    assert judged(document).verdict is verdict


def test_an_unknown_vocabulary_leaves_it_unchecked():
    document = Foreigner().credential()
    document["@context"].append("https://elsewhere.example/context.json")

    report = judged(document)

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert "elsewhere.example/context.json" in report.check("contexts").words


def test_our_own_status_list_is_a_document_that_holds():
    issued()

    report = judged(StatusList.objects.get().document)

    assert report.verdict is Verdict.VALID
    assert report.check("log").state is State.NOT_APPLICABLE


# --- bad input ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "",
        "   ",
        "hello",
        "{",
        "{}",
        "[]",
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
        '{"a": 12345678901234567890}',
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        "\ud800",
        '{"a": "\ud800"}',
        '{"a":' * 40 + "1" + "}" * 40,
        "{" + " " * 300_000 + "}",
        "A" * 300_000,
        "http://localhost:8000/c/",
        "http://localhost:8000/catalogue/",
        "http://localhost:8000/credentials/------------------------------------",
        b"",
        b"\xff\xfe",
        b"\x00" * 100,
        b"\xef\xbb\xbf{}",
        b'{"a": "\xff"}',
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
        b"%PDF-1.7",
        b"%PDF-1.7\n" + b"1 0 obj " * 1000,
        b"<svg",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<!DOCTYPE svg [<!ENTITY a "aa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        b"PK\x03\x04" + b"\x00" * 100,
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl",
        b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl\n",
        b"{" + b" " * 6_000_000,
        b'{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": [], "issuer": 1}',
        b'{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "VerifiableCredential", "issuer": []}',
    ],
)
def test_whatever_cannot_be_read_is_said_in_words(content):
    report = verification.verify(content, at=now())

    assert report.verdict is Verdict.UNREADABLE
    assert str(report.title)
    assert all(str(reason) for reason in report.reasons)


@pytest.mark.parametrize(
    "content",
    [
        "https://elsewhere.example/credentials/1",
        "http://localhost:8000.elsewhere.example/c/00000000000000000000000000/",
    ],
)
def test_forms_that_are_not_checked_here_are_said_to_be_so(content):
    assert verification.verify(content, at=now()).verdict is Verdict.COULD_NOT_BE_CHECKED


@pytest.mark.parametrize(
    "name", ["id", "type", "issuer", "credentialSubject", "evidence", "proof", "validFrom", "name"]
)
@pytest.mark.parametrize("value", [None, 7, True, "x", [], [[]], {}, [{}], {"@id": "x"}, {"id": []}, [None]])
def test_members_of_the_wrong_shape_give_a_verdict(name, value):
    document = Foreigner().credential()
    document[name] = value

    assert judged(document).verdict is not Verdict.VALID


def test_a_poisonous_document_is_given_up_within_the_limit(monkeypatch):
    """Ten nameless parts that all point at each other: naming them tries every order."""
    nodes = [{"id": f"_:n{n}", "type": "https://x.example/Node"} for n in range(10)]
    for node in nodes:
        node["https://x.example/to"] = [{"id": other["id"]} for other in nodes if other is not node]
    document = Foreigner("did:web:college.example").credential() | {
        "credentialSubject": {"id": "did:example:1", "https://x.example/has": nodes}
    }
    monkeypatch.setattr(limits, "SECONDS", 1.0)
    before = time.monotonic()

    report = judged(document)

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert time.monotonic() - before < 15


def test_a_child_that_takes_too_long_is_ended_and_another_one_answers():
    with pytest.raises(limits.GaveUp):
        limits.ask("documents", {"act": "covered", "document": Foreigner().credential()}, seconds=0)

    assert limits.ask("documents", {"act": "covered", "document": Foreigner().credential()})["outcome"] == "holds"


def test_a_pdf_that_unfolds_into_gigabytes_is_refused():
    packed = zlib.compressobj(9)
    head = packed.compress(b"{") + packed.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block stands alone, so that one can be repeated without packing it again.
    block = packed.compress(b"{" * 1_000_000) + packed.flush(zlib.Z_FULL_FLUSH)
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["bomb.json"] = b"{}"
    pdf.attachments["bomb.json"].get_file().obj.write(head + block * 4_000, filter=pikepdf.Name.FlateDecode)
    out = io.BytesIO()
    pdf.save(out)
    assert len(out.getvalue()) < verification.MAX_FILE_BYTES

    report = verification.verify(out.getvalue(), at=now())

    assert report.verdict is Verdict.UNREADABLE


def test_a_pdf_with_two_documents_is_ambiguous():
    with pikepdf.open(io.BytesIO(in_a_pdf(None, b'{"a": 1}'))) as pdf:
        pdf.attachments["other.json"] = b'{"b": 2}'
        out = io.BytesIO()
        pdf.save(out)

    report = verification.verify(out.getvalue(), at=now())

    assert "more than one document" in str(report.reasons[0])


# --- cost ---------------------------------------------------------------------------------------------------------


def test_a_check_by_code_asks_the_database_a_fixed_number_of_times(django_assert_num_queries):
    credential = shared()
    finished(issue_to(make_lena(), make_achievement()))

    with django_assert_num_queries(8):
        verification.verify(credential.code, at=now())


def test_the_outcome_for_one_text_and_key_is_worked_out_once():
    credential = shared()
    questions.stored_proof.cache_clear()

    for _ in range(3):
        assert verification.verify(credential.code, at=now()).verdict is Verdict.VALID

    assert questions.stored_proof.cache_info().misses == 1
    assert site.SITE_URL in credential.document_url
