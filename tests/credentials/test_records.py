"""Records that learners ask for: what is in them, who sees them, and what their checks say."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from credentials import queries, revocation, sharing, verification
from credentials.keys import key_files, keyring
from credentials.models import Achievement, LearnerRecord, SigningKey
from credentials.records import asking, making, renewing
from credentials.rendering import badge, certificate
from credentials.standards import clr, data_integrity, schemas
from credentials.verification import Report, State, Verdict, inside
from credentials.verification.findings import Findings
from credentials.verification.said import said_by
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.foreigner import Foreigner
from tests.credentials.walked import finished, in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: b"")
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)


@pytest.fixture
def stack():
    """Lena holds two parts and the certificate that was built on them, and something else."""
    college = make_issuer(name="College", slug="college")
    faculty = make_issuer(parent=college)
    lena = make_lena()
    first, second, other, whole = (
        make_achievement(issuer=faculty, name=name, kind=kind)
        for name, kind in (
            ("First", Achievement.Kind.MICRO_CREDENTIAL),
            ("Second", Achievement.Kind.MICRO_CREDENTIAL),
            ("Other", Achievement.Kind.MICRO_CREDENTIAL),
            ("Whole", Achievement.Kind.CERTIFICATE),
        )
    )
    parts = [issue_to(lena, each) for each in (first, second)]
    issue_to(lena, other)
    qualification = issue_to(lena, whole, built_on=[part.uuid for part in parts])
    outbox.run_all_due()
    return credential_of(qualification), [credential_of(part) for part in parts]


def made(record):
    outbox.run_all_due()
    record.refresh_from_db()
    return record


def document_of(record):
    return json.loads(record.document)


def names_in(record):
    return sorted(each["name"] for each in clr.credentials_in(document_of(record)))


def edges_of(record):
    names = {
        each["credentialSubject"]["achievement"]["id"]: each["name"] for each in clr.credentials_in(document_of(record))
    }
    found = document_of(record)["credentialSubject"].get("association", [])
    return [(names[each["sourceId"]], each["associationType"], names[each["targetId"]]) for each in found]


def test_a_qualification_comes_with_its_parts(stack):
    qualification, _parts = stack

    record = asking.ask_for_qualification(credential=qualification, at=NOON)
    assert record.state == LearnerRecord.State.ASKED
    record = made(record)

    document = document_of(record)
    assert schemas.problems(clr.SCHEMA, document) == []
    assert document["id"] == record.document_url
    assert document["name"] == "Whole, with what it was built on"
    assert document["partial"] is True
    assert names_in(record) == ["First", "Second", "Whole"]
    assert edges_of(record) == [("First", "isPartOf", "Whole"), ("Second", "isPartOf", "Whole")]
    held = {each["id"]: each for each in clr.credentials_in(document)}
    assert held[qualification.document_url] == json.loads(qualification.document)
    data_integrity.verify_proofs(document, lambda _proof: keyring.public(record.key))
    assert record.key.issuer == qualification.issuer


def test_everything_comes_under_the_name_of_the_institution(stack):
    qualification, _parts = stack

    record = made(asking.ask_for_everything(learner=qualification.award.learner, at=NOON))

    assert names_in(record) == ["First", "Other", "Second", "Whole"]
    assert document_of(record)["partial"] is False
    assert document_of(record)["issuer"]["name"] == "College"
    assert document_of(record)["credentialSubject"]["identifier"][1]["identityHash"] == "Lena Çelik-Ōno"
    assert AuditEntry.objects.filter(act="ask for record", concerns=record.learner).count() == 1
    # No single withdrawal ends it: each credential inside has a status of its own.
    assert "credentialStatus" not in document_of(record)
    assert state_of(verification.verify(record.document, at=NOON), "status") is State.NOT_APPLICABLE


def test_what_the_learner_leaves_out_is_not_told_of(stack):
    qualification, [first, _second] = stack

    record = made(
        asking.ask_for_everything(learner=qualification.award.learner, at=NOON, only=[qualification.uuid, first.uuid])
    )

    assert document_of(record)["partial"] is True
    assert edges_of(record) == [("First", "isPartOf", "Whole")]


def test_a_part_that_had_to_come_first_precedes(stack):
    qualification, [first, second] = stack
    receipt = {
        "rule": {
            "document": {
                "root": {
                    "type": "all",
                    "id": "root",
                    "parts": [
                        {"type": "all", "id": "a", "parts": [{"type": "holds", "id": "a1"}]},
                        {"type": "holds", "id": "b"},
                    ],
                    "conditions": [{"type": "order", "id": "o", "first": ["a"], "then": ["b"]}],
                }
            }
        },
        "holdings": {
            "h1": {"credential": {"id": first.document_url}},
            "h2": {"credential": {"id": second.document_url}},
        },
        "allocation": {"a1": [{"holding": "h1", "amount": None}], "b": [{"holding": "h2", "amount": None}]},
    }
    qualification.derivation = json.dumps(receipt)
    qualification.save(update_fields=["derivation"])

    record = made(asking.ask_for_qualification(credential=qualification, at=NOON))

    assert ("First", "precedes", "Second") in edges_of(record)


def test_the_same_record_is_not_made_twice_but_a_later_one_is(stack):
    qualification, [first, _second] = stack
    record = asking.ask_for_qualification(credential=qualification, at=NOON)

    again = asking.ask_for_qualification(credential=qualification, at=NOON + timedelta(days=1))
    revocation.suspend(award=first.award, reason="under-review", by=make_rhea(), at=NOON)
    later = asking.ask_for_qualification(credential=qualification, at=NOON + timedelta(days=2))

    assert again == record
    assert later != record
    assert later.credentials.count() == 2


def test_a_second_run_of_its_job_changes_nothing(stack):
    record = made(asking.ask_for_qualification(credential=stack[0], at=NOON))

    assert making.make(record.pk, at=NOON) is None


def test_a_part_that_was_issued_anew_is_held_as_it_is_now(stack):
    qualification, [first, _second] = stack
    newer = revocation.supersede(award=first.award, recipient_name="Lena Ōno", by=make_rhea(), at=NOON)
    outbox.run_all_due()

    record = made(asking.ask_for_qualification(credential=qualification, at=NOON))

    assert newer.document_url in [each["id"] for each in clr.credentials_in(document_of(record))]
    assert ("First", "isPartOf", "Whole") in edges_of(record)


def test_what_was_revoked_or_is_somebody_elses_is_refused(stack):
    qualification, _parts = stack
    lena = qualification.award.learner
    others = finished(issue_to(make_noor()))
    revocation.revoke(award=qualification.award, reason="issued-in-error", by=make_rhea(), at=NOON)

    with pytest.raises(asking.NotChoosable):
        asking.ask_for_qualification(credential=qualification, at=NOON)
    for uuid in (qualification.uuid, others.uuid):
        with pytest.raises(asking.NotChoosable):
            asking.ask_for_everything(learner=lena, at=NOON, only=[uuid])
    assert not LearnerRecord.objects.exists()


def test_a_record_of_nothing_or_of_one_without_parts_is_refused(stack):
    _qualification, [first, _second] = stack

    with pytest.raises(asking.NothingToHold):
        asking.ask_for_everything(learner=make_noor(), at=NOON)
    with pytest.raises(asking.NothingToHold):
        asking.ask_for_everything(learner=first.award.learner, at=NOON, only=[])
    with pytest.raises(asking.NoParts):
        asking.ask_for_qualification(credential=first, at=NOON)


def test_a_record_too_large_for_others_is_refused_with_how_many_fit(stack, monkeypatch):
    monkeypatch.setattr("credentials.records.contents.ROOM", 6_000)

    with pytest.raises(asking.TooMuch) as refused:
        asking.ask_for_everything(learner=stack[0].award.learner, at=NOON)

    assert "about 1 fit" in str(refused.value)


def test_nothing_that_does_not_hold_goes_under_a_new_signature(stack):
    qualification, [first, _second] = stack
    first.document = first.document.replace("Lena", "Lina")
    first.save(update_fields=["document"])
    record = asking.ask_for_qualification(credential=qualification, at=NOON)

    with pytest.raises(outbox.Quarantine):
        making.make(record.pk, at=NOON)


def test_while_signing_is_stopped_a_record_waits(stack):
    record = asking.ask_for_qualification(credential=stack[0], at=NOON)
    key_files.stop_switch().parent.mkdir(parents=True, exist_ok=True)
    key_files.stop_switch().touch()

    outbox.run_all_due()

    record.refresh_from_db()
    assert record.state == LearnerRecord.State.ASKED
    assert Job.objects.get(kind="credentials.make_record").attempts == 0


# --- who sees it --------------------------------------------------------------------------------------------------


def test_a_record_is_shared_by_its_holder_alone_and_taken_back(stack):
    record = asking.ask_for_qualification(credential=stack[0], at=NOON)
    with pytest.raises(sharing.RecordNotFinished):
        sharing.share_record(record=record, by=record.learner, at=NOON)
    record = made(record)
    assert verification.verify_shared(record, at=NOON).verdict is Verdict.NOT_SHARED

    with pytest.raises(sharing.NotYours):
        sharing.share_record(record=record, by=make_noor(), at=NOON)
    record = sharing.share_record(record=record, by=record.learner, at=NOON)
    assert verification.verify(record.page_url, at=NOON).verdict is Verdict.VALID
    assert verification.verify(record.document_url, at=NOON).verdict is Verdict.VALID

    record = sharing.withdraw_record(record=record, by=record.learner, at=NOON)
    assert verification.verify(record.page_url, at=NOON).verdict is Verdict.WITHDRAWN


# --- what its check says ------------------------------------------------------------------------------------------


def state_of(report, name):
    return report.check(name).state


def test_a_record_and_each_credential_inside_are_judged_apart(stack):
    qualification, [first, _second] = stack
    record = made(asking.ask_for_qualification(credential=qualification, at=NOON))

    report = verification.verify(record.document, at=NOON)

    assert (report.verdict, str(report.title)) == (Verdict.VALID, "This record is genuine.")
    assert [each.verdict for each in report.inside] == [Verdict.VALID] * 3
    assert state_of(report, "inside") is State.PASSED
    assert state_of(report, "log") is State.NOT_APPLICABLE

    revocation.revoke(award=first.award, reason="issued-in-error", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    report = verification.verify(record.document, at=NOON)

    assert (report.verdict, report.alone) == (Verdict.REVOKED, Verdict.VALID)
    assert str(report.title) == "This record is genuine, but not everything inside holds any more."
    assert [reason.partition(" on ")[0] for reason in report.reasons] == ["“First”: This credential was revoked"]
    assert report.is_believed
    assert {each.said.achievement: each.verdict for each in report.inside} == {
        "First": Verdict.REVOKED,
        "Second": Verdict.VALID,
        "Whole": Verdict.VALID,
    }
    assert report.check("inside").words.startswith("2 of 3 credentials are valid.")


V = Verdict


@pytest.mark.parametrize(
    ("inside_it", "verdict"),
    [
        ([V.VALID, V.EXPIRED], V.VALID),
        ([V.NOT_YET_VALID], V.VALID),
        ([V.VALID, V.SUPERSEDED], V.SUPERSEDED),
        ([V.SUSPENDED, V.SUPERSEDED, V.EXPIRED, V.COULD_NOT_BE_CHECKED], V.SUPERSEDED),
        ([V.SUSPENDED, V.UNKNOWN_ISSUER], V.SUSPENDED),
        ([V.REVOKED, V.ALTERED], V.ALTERED),
        ([V.EXPIRED, V.UNKNOWN_ISSUER], V.UNKNOWN_ISSUER),
        ([V.VALID, V.COULD_NOT_BE_CHECKED, V.UNKNOWN_ISSUER], V.COULD_NOT_BE_CHECKED),
        ([V.VALID, V.UNREADABLE], V.COULD_NOT_BE_CHECKED),
        ([], V.COULD_NOT_BE_CHECKED),
        # More than are looked at.
        ([V.VALID] * inside.MOST + [None], V.COULD_NOT_BE_CHECKED),
    ],
)
def test_a_genuine_record_is_worth_no_more_than_what_is_in_it(inside_it, verdict):
    document = {"credentialSubject": {"verifiableCredential": [{}] * len(inside_it)}}
    reports = [Report(each, title="As it is.") for each in inside_it[: inside.MOST]]

    found, title, reasons = inside.worth(document, said_by({}), reports)

    assert found is verdict
    assert title.startswith("This record is genuine, but not everything inside ")
    assert reasons == ["As it is."] * sum(each not in (V.VALID, None) for each in inside_it)


@pytest.mark.parametrize(
    ("inside_it", "verdict"),
    [
        ([V.VALID, V.VALID], V.VALID),
        ([V.VALID, V.EXPIRED], V.EXPIRED),
        ([V.NOT_YET_VALID, V.VALID], V.NOT_YET_VALID),
        ([V.SUSPENDED, V.EXPIRED], V.SUSPENDED),
        ([V.REVOKED, V.ALTERED, V.UNREADABLE], V.ALTERED),
        ([V.UNKNOWN_ISSUER, V.COULD_NOT_BE_CHECKED], V.COULD_NOT_BE_CHECKED),
        ([V.VALID, V.UNREADABLE], V.COULD_NOT_BE_CHECKED),
        ([V.VALID, V.NOT_SHARED], V.COULD_NOT_BE_CHECKED),
        ([V.VALID] * (inside.MOST + 1), V.COULD_NOT_BE_CHECKED),
    ],
)
def test_a_presentation_is_worth_no_more_than_the_worst_in_it(inside_it, verdict):
    given = iter(inside_it)

    reports, found, _title, reasons = inside.check_presented(
        [{}] * len(inside_it), Findings(), judge=lambda _item: Report(next(given), title="As it is.")
    )

    assert found is verdict
    assert [each.verdict for each in reports] == inside_it[: inside.MOST]
    wrong = [f"Credential {number}: As it is." for number, each in enumerate(inside_it, start=1) if each is not V.VALID]
    assert reasons == (["No more than 100 were looked at."] if len(inside_it) > inside.MOST else wrong)


def test_a_record_of_others_names_is_not_certain():
    held = said_by({"credentialSubject": {"identifier": {"identityType": "name", "identityHash": "Noor Haddad"}}})
    lena = replace(held, holder="Lena")
    document = {"credentialSubject": {"verifiableCredential": [{}]}}

    assert inside.worth(document, lena, [Report(V.VALID, said=lena)])[0] is V.VALID
    assert inside.worth(document, lena, [Report(V.VALID, said=held)])[0] is V.COULD_NOT_BE_CHECKED


def test_a_record_that_was_changed_anywhere_is_found_out(stack):
    record = made(asking.ask_for_qualification(credential=stack[0], at=NOON))
    for old, new in (("Lena Çelik-Ōno", "Noor Haddad"), ('"partial":true', '"partial":false')):
        report = verification.verify(record.document.replace(old, new), at=NOON)

        assert report.verdict is Verdict.ALTERED


def test_a_record_with_a_credential_taken_out_is_found_out(stack):
    document = document_of(made(asking.ask_for_qualification(credential=stack[0], at=NOON)))
    document["credentialSubject"]["verifiableCredential"].pop()

    assert verification.verify(json.dumps(document), at=NOON).verdict is Verdict.ALTERED


def test_what_our_key_signed_and_nobody_asked_for_is_no_record_of_ours(stack):
    record = made(asking.ask_for_qualification(credential=stack[0], at=NOON))
    document = record.document
    record.credentials.clear()
    record.delete()

    report = verification.verify(document, at=NOON)

    assert report.verdict is Verdict.ALTERED
    assert str(report.title) == "The issuer has no record of having made this."


def test_a_record_whose_key_was_given_up_is_worth_nothing_and_can_be_had_anew(stack):
    record = made(asking.ask_for_qualification(credential=stack[0], at=NOON))
    SigningKey.objects.filter(pk=record.key.pk).update(state="compromised", compromised_at=NOON)

    assert verification.verify(record.document, at=NOON).verdict is Verdict.ALTERED
    assert asking.ask_for_qualification(credential=stack[0], at=NOON) != record


def test_a_record_from_elsewhere_is_read_with_what_is_inside(stack):
    qualification, _parts = stack
    hill = Foreigner()
    inner = hill.credential(id="https://elsewhere.example/credentials/7")
    tampered = hill.credential(id="https://elsewhere.example/credentials/8") | {"validFrom": "2025-01-01T00:00:00Z"}
    record = hill.sign(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2", clr.CLR_V2, clr.OPEN_BADGES_V3],
            "id": "https://elsewhere.example/records/1",
            "type": ["VerifiableCredential", "ClrCredential"],
            "name": "Transcript",
            "issuer": {"id": hill.did, "type": ["Profile"], "name": "Hill"},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {
                "id": "did:example:noor",
                "type": ["ClrSubject"],
                "verifiableCredential": [inner, tampered, json.loads(qualification.document)],
            },
        }
    )

    report = verification.verify(json.dumps(record), at=NOON)

    assert report.verdict is Verdict.UNKNOWN_ISSUER
    assert state_of(report, "signature") is State.PASSED
    assert [each.verdict for each in report.inside] == [Verdict.UNKNOWN_ISSUER, Verdict.ALTERED, Verdict.VALID]
    assert state_of(report, "inside") is State.FAILED


@pytest.mark.parametrize("inside", ["no.token.at-all", 7, {"type": "VerifiablePresentation"}, None])
def test_whatever_stands_inside_a_record_gets_an_answer(inside):
    hill = Foreigner()
    record = hill.body(
        **{
            "@context": ["https://www.w3.org/ns/credentials/v2", clr.CLR_V2, clr.OPEN_BADGES_V3],
            "type": ["VerifiableCredential", "ClrCredential"],
            "credentialSubject": {"id": "did:example:noor", "type": ["ClrSubject"], "verifiableCredential": [inside]},
        }
    )

    report = verification.verify(json.dumps(record), at=NOON)

    assert report.verdict is Verdict.ALTERED
    assert [each.verdict for each in report.inside] == [Verdict.UNREADABLE]


# --- with its qualification, and when a key is given up ------------------------------------------------------------


@pytest.mark.one_database
def test_the_record_of_a_qualification_falls_with_it_for_everybody(stack):
    qualification, _parts = stack
    record = made(asking.ask_for_qualification(credential=qualification, at=NOON))
    assert document_of(record)["credentialStatus"] == json.loads(qualification.document)["credentialStatus"]
    assert state_of(verification.verify(record.document, at=NOON), "status") is State.PASSED

    revocation.suspend(award=qualification.award, reason="under-review", by=make_rhea(), at=NOON)
    assert verification.verify(record.document, at=NOON).verdict is Verdict.SUSPENDED

    revocation.revoke(award=qualification.award, reason="misconduct", by=make_rhea(), at=NOON)
    assert verification.verify(record.document, at=NOON).verdict is Verdict.REVOKED


def give_up(key):
    keyring.mark_compromised(key=key, by=make_rhea(), at=NOON, reason="A laptop is gone.")
    outbox.run_all_due()
    # The records wait for their credentials.
    Job.objects.filter(kind="credentials.make_record", state=Job.State.PENDING).update(due=NOON)
    outbox.run_all_due()


def test_records_are_made_anew_with_the_credentials_of_a_given_up_key(stack, client):
    qualification, [first, _second] = stack
    lena = qualification.award.learner
    shared = made(asking.ask_for_qualification(credential=qualification, at=NOON))
    sharing.share_record(record=shared, by=lena, at=NOON)
    # Signed by another key, the institution's, and resting on this one all the same.
    everything = made(asking.ask_for_everything(learner=lena, at=NOON))
    revocation.revoke(award=first.award, reason="issued-in-error", by=make_rhea(), at=NOON)
    give_up(shared.key)

    for former, names in ((shared, ["Second", "Whole"]), (everything, ["Other", "Second", "Whole"])):
        former.refresh_from_db()
        newer = former.superseded_by
        assert newer.state == LearnerRecord.State.SIGNED
        assert newer.recipient_name == former.recipient_name
        assert names_in(newer) == names
        assert newer.is_partial
        assert newer.key.state == SigningKey.State.ACTIVE
        report = verification.verify(newer.document, at=timezone.now())
        assert [each.verdict for each in report.inside] == [Verdict.VALID] * len(names)
    assert shared.superseded_by.shared_at == NOON
    assert everything.superseded_by.shared_at is None
    assert list(queries.records_of(lena).order_by("pk")) == [shared.superseded_by, everything.superseded_by]
    assert verification.verify_ours(shared, at=NOON).verdict is Verdict.ALTERED
    # Whoever has the old link is led on, its holder too.
    assert shared.superseded_by.code in client.get(reverse("record", args=[shared.code])).content.decode()
    client.force_login(lena)
    assert str(shared.superseded_by.uuid) in client.get(reverse("me-record", args=[shared.uuid])).url
    assert state_of(verification.verify_ours(everything, at=NOON), "status") is State.FAILED


@pytest.mark.one_database
def test_a_record_that_is_made_anew_bears_the_name_that_was_corrected_since(stack):
    qualification, [first, second] = stack
    record = made(asking.ask_for_qualification(credential=qualification, at=NOON))
    for part, name, hours in ((second, "Lena Older", 1), (first, "Lena Newer", 2)):
        at = NOON + timedelta(hours=hours)
        revocation.supersede(award=part.award, recipient_name=name, by=make_rhea(), at=at)
    outbox.run_all_due()
    give_up(record.key)

    record.refresh_from_db()
    newer = record.superseded_by
    assert newer.recipient_name == "Lena Newer"
    names = [each["identityHash"] for each in document_of(newer)["credentialSubject"]["identifier"]]
    assert "Lena Newer" in names


@pytest.mark.one_database
def test_a_record_waits_for_what_no_witness_vouches_for(stack):
    record = made(asking.ask_for_qualification(credential=stack[0], at=NOON))
    SigningKey.objects.filter(pk=record.key.pk).update(state="compromised", compromised_at=NOON)

    assert not renewing.renew_some(record.key, at=NOON)

    record.refresh_from_db()
    assert record.superseded_by is None
    assert list(renewing.resting_on(record.key)) == [record]


@pytest.mark.one_database
def test_a_record_that_its_learner_asked_for_meanwhile_is_the_successor(stack, monkeypatch):
    qualification, _parts = stack
    former = made(asking.ask_for_qualification(credential=qualification, at=NOON))
    monkeypatch.setattr(renewing, "renew_some", lambda key, at: False)
    give_up(former.key)
    monkeypatch.undo()
    asked = asking.ask_for_qualification(credential=credential_of(qualification.award), at=NOON)

    renewing.renew_some(former.key, at=NOON)

    former.refresh_from_db()
    assert former.superseded_by == asked


@pytest.mark.one_database
def test_of_a_revoked_qualification_its_parts_are_left_and_of_nothing_no_record(stack):
    qualification, _parts = stack
    record = made(asking.ask_for_qualification(credential=qualification, at=NOON))
    alone = made(asking.ask_for_everything(learner=qualification.award.learner, at=NOON, only=[qualification.uuid]))
    revocation.revoke(award=qualification.award, reason="misconduct", by=make_rhea(), at=NOON)
    give_up(record.key)

    for each in (record, alone):
        each.refresh_from_db()
    assert record.superseded_by.award is None
    assert names_in(record.superseded_by) == ["First", "Second"]
    assert alone.superseded_by is None
