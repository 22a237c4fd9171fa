"""Keys: made ahead, used through the port only, rotated, given up."""

import io
import json
import uuid
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command

from credentials.keys import key_files, keyring
from credentials.log import ledger_check, log_reading
from credentials.models import LogEntry, SigningKey
from credentials.signing import signer
from credentials.standards import data_integrity
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_ada, make_lena
from tests.factories import NOON, credential_of, issue_to, make_issuer

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=1)


def test_a_new_issuer_gets_an_active_and_a_next_key_for_each_purpose():
    issuer = make_issuer()

    keyring.make_missing(issuer, at=NOON)
    keyring.make_missing(issuer, at=LATER)

    states = sorted(SigningKey.objects.values_list("purpose", "state", "created_at"))
    assert states == [
        (purpose, state, NOON) for purpose in ("credentials", "log", "status") for state in ("active", "next")
    ]


def test_the_port_signs_what_the_public_half_verifies():
    keyring.make_missing(make_issuer(), at=NOON)
    key = keyring.active_key("log")

    signature = keyring.sign(key, b"stone")

    Ed25519PublicKey.from_public_bytes(keyring.public(key)).verify(signature, b"stone")
    assert key_files.public(key.uuid) == keyring.public(key)


def test_the_private_half_is_encrypted_and_readable_by_its_owner_only(own_folder):
    key_id = uuid.uuid4()
    key_files.create(key_id)

    path = own_folder / "keys" / f"{key_id}.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(json.loads(path.read_text())) == ["ciphertext", "nonce", "salt"]


@pytest.mark.parametrize("secret", ["correct horse battery staple", "A" * 64])
def test_a_key_opens_with_its_secret_only(monkeypatch, secret):
    monkeypatch.setenv("CAIRN_KEY_SECRET", secret)
    key_id = uuid.uuid4()
    key_files.create(key_id)
    key_files.forget()
    assert key_files.sign(key_id, b"stone")

    key_files.forget()
    monkeypatch.setenv("CAIRN_KEY_SECRET", "another")
    with pytest.raises(key_files.KeyRefused):
        key_files.sign(key_id, b"stone")


def test_one_key_cannot_be_put_in_the_place_of_another(own_folder):
    first, second = uuid.uuid4(), uuid.uuid4()
    key_files.create(first)
    (own_folder / "keys" / f"{first}.key").rename(own_folder / "keys" / f"{second}.key")

    with pytest.raises(key_files.KeyRefused):
        key_files.sign(second, b"stone")


def test_a_process_that_serves_pages_cannot_sign(settings):
    keyring.make_missing(make_issuer(), at=NOON)
    settings.ROLE = "web"

    with pytest.raises(key_files.SigningForbidden):
        keyring.sign(keyring.active_key("log"), b"stone")
    with pytest.raises(key_files.SigningForbidden):
        key_files.create(uuid.uuid4())


def test_a_key_that_is_not_active_does_not_sign():
    keyring.make_missing(None, at=NOON)

    with pytest.raises(key_files.KeyRefused):
        keyring.sign(SigningKey.objects.get(state="next"), b"stone")


def test_the_switch_stops_all_signing_and_jobs_wait():
    issue_to(make_lena())
    keyring.make_missing(make_issuer(), at=NOON)
    key_files.stop_switch().touch()

    with pytest.raises(key_files.SigningStopped):
        keyring.sign(keyring.active_key("log"), b"stone")
    outbox.run_due()

    assert set(Job.objects.values_list("state", "attempts")) == {("pending", 0)}


def test_the_switch_stops_a_batch_under_way_after_a_second(monkeypatch):
    keyring.make_missing(None, at=NOON)
    key = keyring.active_key("log")
    sign = keyring.signer(key)
    assert sign(b"stone") == keyring.sign(key, b"stone")

    key_files.stop_switch().touch()
    assert key_files.ASKED_EACH <= 1
    monkeypatch.setattr(key_files, "ASKED_EACH", 0)
    with pytest.raises(key_files.SigningStopped):
        sign(b"stone")
    with pytest.raises(key_files.SigningStopped):
        keyring.signer(key)


def test_rotation_lets_the_announced_key_take_over():
    issuer = make_issuer()
    keyring.make_missing(issuer, at=NOON)
    old, announced = (
        keyring.active_key("credentials", issuer),
        SigningKey.objects.get(purpose="credentials", state="next"),
    )

    new = keyring.rotate(old, by=make_ada(), at=LATER)
    again = keyring.rotate(old, by=make_ada(), at=LATER)

    assert new == again == announced
    old.refresh_from_db()
    assert (old.state, old.retired_at) == ("retired", LATER)
    leaves = [json.loads(bytes(entry.leaf)) for entry in LogEntry.objects.filter(key=announced).order_by("id")]
    assert [leaf["event"] for leaf in leaves] == ["key-next", "key-active"]
    assert "key" not in leaves[0]
    assert leaves[0]["key_sha256"] == leaves[1]["key_sha256"]
    assert leaves[1]["key"] == new.public_multibase
    assert AuditEntry.objects.filter(act="retire key", actor=make_ada()).count() == 1


def test_what_a_retired_key_signed_still_verifies_by_the_did_document():
    award = issue_to(make_lena())
    signer.sign_credentials([credential_of(award).pk], at=NOON)()
    credential = credential_of(award)
    keyring.rotate(credential.key, by=None, at=LATER)

    document = keyring.did_document(credential.issuer)

    proof = json.loads(credential.document)["proof"][0]
    assert proof["verificationMethod"] in document["assertionMethod"]
    data_integrity.verify_proofs(json.loads(credential.document), lambda proof: keyring.public(credential.key))


def test_a_compromised_key_leaves_the_did_document_at_once():
    issuer = make_issuer()
    keyring.make_missing(issuer, at=NOON)
    key = keyring.active_key("credentials", issuer)

    keyring.mark_compromised(key=key, by=make_ada(), at=LATER, reason="laptop lost")

    assert keyring.active_key("credentials", issuer) != key
    methods = keyring.did_document(issuer)["assertionMethod"]
    assert not any(key.public_multibase in method for method in methods)
    assert AuditEntry.objects.get(act="mark key as compromised").reason == "laptop lost"
    outbox.run_all_due()
    assert SigningKey.objects.filter(purpose="credentials", state="next").count() == 1
    with pytest.raises(keyring.AlreadyCompromised):
        keyring.mark_compromised(key=key, by=make_ada(), at=LATER, reason="again")


def test_an_active_key_without_a_successor_cannot_be_given_up():
    issuer = make_issuer()
    keyring.make_missing(issuer, at=NOON)
    LogEntry.objects.filter(key__state="next").delete()
    SigningKey.objects.filter(state="next").delete()

    with pytest.raises(keyring.NoNextKey):
        keyring.mark_compromised(key=keyring.active_key("status", issuer), by=make_ada(), at=LATER, reason="lost")


def test_a_page_asks_and_a_worker_rotates():
    issuer = make_issuer()
    keyring.make_missing(issuer, at=NOON)
    key = keyring.active_key("credentials", issuer)

    keyring.ask_rotation(key=key, by=make_ada(), at=LATER)
    outbox.run_all_due()

    key.refresh_from_db()
    assert key.state == "retired"


def test_the_key_of_the_log_is_given_up_by_a_command_and_the_next_one_signs():
    issue_to(make_lena())
    outbox.run_all_due()
    key, told = keyring.active_key("log"), io.StringIO()

    call_command("rotate_key", "log", "--compromised", "Stolen with a laptop.", stdout=told)
    outbox.run_all_due()

    given_up, successor = SigningKey.objects.get(pk=key.pk), keyring.active_key("log")
    assert told.getvalue() == f"{key.public_multibase} is given up; {successor.public_multibase} signs now.\n"
    assert (given_up.state, successor.pk == key.pk) == ("compromised", False)
    assert AuditEntry.objects.get(act="mark key as compromised").reason == "Stolen with a laptop."
    # That event itself is told under a head of the next key, and there is a next one again.
    assert not LogEntry.objects.filter(index__isnull=True).exists()
    assert SigningKey.objects.filter(purpose="log", state="next").count() == 1
    SigningKey.objects.filter(purpose="log", state="next").update(state="retired")
    with pytest.raises(CommandError, match="next key"):
        call_command("rotate_key", "log", "--compromised", "Again.")


@pytest.mark.one_database
def test_an_earlier_key_of_the_log_is_given_up_by_its_name_and_everybody_is_told(client):
    issue_to(make_lena())
    outbox.run_all_due()
    earlier = keyring.active_key("log")
    name, head = log_reading.verifier_key(earlier), log_reading.latest()
    call_command("rotate_key", "log", stdout=io.StringIO())
    outbox.run_all_due()
    present = keyring.active_key("log")
    assert name in log_reading.verifier_keys()

    told = io.StringIO()
    call_command("rotate_key", "log", "--compromised", "An old disk is gone.", "--key", name, stdout=told)
    outbox.run_all_due()

    assert told.getvalue() == f"{earlier.public_multibase} is given up; {present.public_multibase} signs now.\n"
    earlier.refresh_from_db()
    assert (earlier.state, keyring.active_key("log")) == ("compromised", present)
    assert name not in log_reading.verifier_keys()
    page = client.get("/log/").text
    assert "Keys given up" in page and name in page
    event = LogEntry.objects.filter(key=earlier).latest("id")
    assert json.loads(bytes(event.leaf))["event"] == "key-compromised"
    # What it had signed the present key has signed again, with all that came since: its own heads are needed no more.
    newest = log_reading.latest()
    assert newest.size > head.size and event.index < newest.size
    assert log_reading.proof_of(LogEntry.objects.get(index=0)).note == newest.note
    assert list(ledger_check.faults()) == []


@pytest.mark.one_database
def test_what_the_command_cannot_do_it_says_before_it_begins():
    issuer = make_issuer()
    keyring.make_missing(issuer, at=NOON)
    key = keyring.active_key("log")
    for arguments, words in (
        (["log", issuer.slug], "belong to an issuer"),
        (["credentials"], "belong to an issuer"),
        (["status", "nobody"], "There is no issuer nobody"),
        (["log", "--key", key.public_multibase], "Only the key that signs now"),
        (["log", "--compromised", "Lost.", "--key", "z6Mk"], f"There are:\n  {key.public_multibase}  Active"),
        (["checks"], "There is no key"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("rotate_key", *arguments)
    assert not SigningKey.objects.filter(state__in=["retired", "compromised"]).exists()
