"""The log: grows without gaps, proves what is in it, and stops where history was changed."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.keys import keyring
from credentials.log import transparency_log
from credentials.models import Checkpoint, Credential, LogEntry, LogTile
from credentials.signing import signer
from credentials.standards import checkpoint, merkle
from portal.shared import outbox
from portal.shared.models import Job
from tests.cast import make_ada, make_lena, make_noor, person
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db


def sign_and_sequence(*awards):
    for award in awards:
        signer.sign_credentials([credential_of(award).pk], at=NOON)()
    sequence()


def sequence():
    store = transparency_log.sequence(at=NOON)
    if store:
        store()


def head_of(row: Checkpoint) -> checkpoint.Checkpoint:
    name, public = checkpoint.parse_verifier_key(transparency_log.verifier_keys()[-1])
    return checkpoint.verify(row.note, name=name, public_key=public)


def test_entries_get_places_without_gaps_and_each_can_be_proved():
    achievement = make_achievement()
    sign_and_sequence(issue_to(make_lena(), achievement), issue_to(make_noor(), achievement))

    entries = list(LogEntry.objects.order_by("index"))
    assert [entry.index for entry in entries] == list(range(len(entries)))
    head = head_of(transparency_log.latest())
    assert head.size == len(entries) == 11
    assert head.root == merkle.root_of(bytes(entry.leaf_hash) for entry in entries)
    for entry in entries:
        proof = transparency_log.proof_of(entry)
        merkle.verify_inclusion(merkle.leaf_hash(proof.leaf), proof.index, proof.size, proof.path, head.root)
    assert set(Credential.objects.values_list("state", flat=True)) == {"logged"}


def test_each_head_extends_the_one_before():
    achievement = make_achievement()
    sign_and_sequence(issue_to(make_lena(), achievement))
    first = transparency_log.latest()
    sign_and_sequence(issue_to(make_noor(), achievement))
    second = transparency_log.latest()

    path = transparency_log.consistency_path(first.size)

    assert second.size == first.size + 1
    merkle.verify_consistency(first.size, bytes(first.root), second.size, bytes(second.root), path)


def test_sequencing_with_nothing_new_signs_nothing():
    sign_and_sequence(issue_to(make_lena()))
    sequence()

    assert Checkpoint.objects.count() == 1


def test_hundreds_of_entries_are_taken_in_at_once():
    achievement = make_achievement()
    awards = [issue_to(person(f"l{n}@example.org", f"L {n}"), achievement) for n in range(3)]
    sign_and_sequence(*awards)
    template = LogEntry.objects.filter(kind="key").first()
    LogEntry.objects.bulk_create(
        LogEntry(kind="key", key=template.key, leaf=leaf, leaf_hash=merkle.leaf_hash(leaf), recorded_at=NOON)
        for leaf in (f"stone {n}".encode() for n in range(600))
    )

    sequence()

    head = head_of(transparency_log.latest())
    entries = LogEntry.objects.order_by("index")
    assert head.size == 612
    assert head.root == merkle.root_of(bytes(entry.leaf_hash) for entry in entries)
    assert len(transparency_log.tile(0, 1)) == 256 * 32
    assert transparency_log.tile(1, 0, 2) == bytes(LogTile.objects.get(level=1, index=0).hashes)
    assert transparency_log.entry_bundle(2, 100)
    with pytest.raises(transparency_log.NotInLog):
        transparency_log.tile(0, 2)
    with pytest.raises(transparency_log.NotInLog):
        transparency_log.entry_bundle(2, 101)


def test_a_crash_after_the_head_was_published_is_made_good():
    award = issue_to(make_lena())
    signer.sign_credentials([credential_of(award).pk], at=NOON)()
    transparency_log.sequence(at=NOON)  # its result was never stored
    assert not Checkpoint.objects.exists()

    sequence()

    assert Checkpoint.objects.get().note == transparency_log.checkpoint_path().read_text()
    assert credential_of(award).state == "logged"


def fault_in(change) -> None:
    """A published log, a change behind its back, a new entry: the sequencer must stop, and sign nothing."""
    achievement = make_achievement()
    sign_and_sequence(issue_to(make_lena(), achievement), issue_to(make_noor(), achievement))
    path = transparency_log.checkpoint_path()
    change()
    left = path.read_text() if path.exists() else None
    award = issue_to(person("o@example.org", "Other"), achievement)
    signer.sign_credentials([credential_of(award).pk], at=NOON)()

    with pytest.raises(transparency_log.LogMismatch):
        transparency_log.sequence(at=NOON)

    assert (path.read_text() if path.exists() else None) == left
    assert credential_of(award).state == "signed"


def test_a_restored_old_database_signs_nothing():
    def restore():
        last = LogEntry.objects.order_by("-index").first()
        size = last.index
        last.delete()
        tile = LogTile.objects.get(level=0, index=0)
        tile.hashes = bytes(tile.hashes)[: 32 * size]
        tile.save()
        Checkpoint.objects.all().delete()
        # The new entry takes the lost one's place: same size, other history.

    fault_in(restore)


def test_a_changed_tile_stops_the_log():
    def change():
        tile = LogTile.objects.get(level=0, index=0)
        tile.hashes = b"\0" * 32 + bytes(tile.hashes)[32:]
        tile.save()

    fault_in(change)


def test_a_lost_copy_of_the_head_stops_the_log():
    fault_in(lambda: transparency_log.checkpoint_path().unlink())


def test_a_head_signed_by_no_key_of_ours_stops_the_log():
    def exchange():
        # The same head to the letter, signed by a key that was never the log's.
        head = checkpoint.parse_checkpoint(checkpoint.parse_note(transparency_log.checkpoint_path().read_text()).text)
        stranger = Ed25519PrivateKey.generate()
        raw = stranger.public_key().public_bytes_raw()
        note = checkpoint.signed(head, name=head.origin, public_key=raw, sign=stranger.sign)
        transparency_log.checkpoint_path().write_text(note)

    fault_in(exchange)


def test_a_log_whose_key_was_given_up_grows_on_under_the_next_one():
    achievement = make_achievement()
    sign_and_sequence(issue_to(make_lena(), achievement))
    given_up = keyring.active_key("log")
    keyring.mark_compromised(key=given_up, by=make_ada(), at=NOON, reason="Stolen with a laptop.")

    award = issue_to(make_noor(), achievement)
    sign_and_sequence(award)

    head = transparency_log.latest()
    name, public = checkpoint.parse_verifier_key(transparency_log.verifier_keys()[0])
    assert public != keyring.public(given_up)
    assert checkpoint.verify(head.note, name=name, public_key=public).size == head.size
    assert LogEntry.objects.filter(index__isnull=True).count() == 0
    assert credential_of(award).state == "logged"


def test_what_the_thief_of_a_given_up_key_signed_stops_the_log():
    def forge():
        key = keyring.active_key("log")
        kept = checkpoint.parse_checkpoint(checkpoint.parse_note(transparency_log.checkpoint_path().read_text()).text)
        forged = replace(kept, root=b"\7" * 32)
        note = signer.sign_checkpoint(forged)
        keyring.mark_compromised(key=key, by=make_ada(), at=NOON, reason="Stolen with a laptop.")
        transparency_log.checkpoint_path().write_text(note)

    fault_in(forge)


def test_a_new_leaf_that_was_changed_is_not_signed_for():
    award = issue_to(make_lena())
    signer.sign_credentials([credential_of(award).pk], at=NOON)()
    LogEntry.objects.filter(kind="issue").update(leaf=b"another")

    with pytest.raises(transparency_log.LogMismatch):
        transparency_log.sequence(at=NOON)


def test_a_mismatch_sets_the_job_aside_and_issuance_goes_on_to_signed():
    issue_to(make_lena())
    outbox.run_due(["issue"])
    transparency_log.checkpoint_path().unlink()
    award = issue_to(make_noor())

    outbox.run_due(["issue"])

    assert credential_of(award).state == "signed"
    assert Job.objects.filter(kind="credentials.sequence", state="quarantined").exists()


def test_what_no_head_covers_has_no_proof():
    award = issue_to(make_lena())
    with pytest.raises(transparency_log.NotInLog):
        transparency_log.issue_proof(credential_of(award))
    signer.sign_credentials([credential_of(award).pk], at=NOON)()
    with pytest.raises(transparency_log.NotInLog):
        transparency_log.issue_proof(credential_of(award))


def test_after_rotation_the_new_key_signs_heads_and_old_ones_still_verify():
    achievement = make_achievement()
    sign_and_sequence(issue_to(make_lena(), achievement))
    first = transparency_log.latest()
    keyring.rotate(keyring.active_key("log"), by=None, at=NOON)
    sign_and_sequence(issue_to(make_noor(), achievement))

    newest, oldest = transparency_log.verifier_keys()
    for row, key in ((transparency_log.latest(), newest), (first, oldest)):
        name, public = checkpoint.parse_verifier_key(key)
        assert checkpoint.verify(row.note, name=name, public_key=public).size == row.size
