"""The monitor finds what somebody with the database, and even with the log's key, did to the log of a real site."""

import dataclasses
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.test import Client

from credentials import addresses, revocation, sharing
from credentials.keys import keyring
from credentials.log import log_reading, transparency_log
from credentials.models import Award, Checkpoint, Cosignature, LogEntry, LogTile, SigningKey, TokenKey
from credentials.signing import signer
from credentials.standards import checkpoint, merkle, multikey
from portal.shared import outbox
from tests.cast import make_lena, make_noor, make_rhea
from tests.factories import NOON, issue_to, make_achievement

pytestmark = pytest.mark.django_db
TOOLS = Path(__file__).parents[2] / "tools"


def load(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    # Data classes look their own module up.
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


MONITOR = load("monitor")


def read(url: str, data: bytes | None = None) -> bytes:
    """What the program would be answered over the network."""
    client, path = Client(), url.removeprefix("http://localhost:8000")
    answer = client.get(path) if data is None else client.post(path, data, content_type="text/plain")
    if answer.status_code != 200:
        raise MONITOR.CannotCheck(f"{url}: {answer.status_code}")
    return answer.content


@pytest.fixture(autouse=True)
def _network(monkeypatch):
    monkeypatch.setattr(MONITOR, "read", read)


@pytest.fixture(autouse=True)
def _no_printing(monkeypatch):
    for kind, performer in list(outbox._performers.items()):
        if kind.startswith("credentials.render"):
            monkeypatch.setitem(outbox._performers, kind, dataclasses.replace(performer, handler=lambda *_: None))


@pytest.fixture
def award() -> Award:
    """One of Lena's in the log of a site, with the keys that signed it."""
    award = issue_to(make_lena(), make_achievement())
    outbox.run_all_due()
    return award


@pytest.fixture
def run(tmp_path, capsys):
    """The program as it is called, with one file for what it has seen; answers status and findings."""

    def run(*arguments: str) -> tuple[int, list[str], dict]:
        keys = [part for key in log_reading.verifier_keys() for part in ("--key", key)]
        state = ["--state", str(tmp_path / "seen.sqlite3"), "--patience", "0", "--json"]
        status = MONITOR.main(["http://localhost:8000/log", *keys, *state, *arguments])
        said = json.loads(capsys.readouterr().out)
        return status, [finding["kind"] for finding in said["findings"]], said

    return run


def grow() -> None:
    issue_to(make_noor(), make_achievement())
    outbox.run_all_due()


def sign_again() -> None:
    """What somebody with the key can do: a new tree over whatever the rows say, and a signed head over it."""
    hashes = [bytes(each) for each in LogEntry.objects.order_by("index").values_list("leaf_hash", flat=True)]
    LogTile.objects.all().delete()
    tiles = log_reading.Tiles()
    merkle.append(tiles, 0, hashes)
    tiles.flush()
    head = checkpoint.Checkpoint(addresses.log_origin(), len(hashes), merkle.root_of(hashes))
    Checkpoint.objects.filter(size__gte=len(hashes)).delete()
    Checkpoint.objects.create(size=head.size, root=head.root, note=signer.sign_checkpoint(head), at=NOON)


def replace_entry(index: int, old: bytes, new: bytes) -> None:
    entry = LogEntry.objects.get(index=index)
    leaf = bytes(entry.leaf).replace(old, new)
    assert leaf != bytes(entry.leaf)
    LogEntry.objects.filter(pk=entry.pk).update(leaf=leaf, leaf_hash=merkle.leaf_hash(leaf))


def test_an_honest_log_fits_as_it_grows(award, run):
    assert run()[:2] == (0, [])
    grow()
    credential = sharing.share(credential=award.credentials.get(), by=make_lena(), at=NOON)
    for _twice in range(2):
        sharing.withdraw(credential=credential, by=make_lena(), at=NOON)
        sharing.share(credential=credential, by=make_lena(), at=NOON)
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=NOON)
    outbox.run_all_due()

    status, findings, said = run("--lists")

    assert (status, findings) == (0, [])
    assert said["size"] == transparency_log.latest().size


def test_a_row_that_was_changed_is_found(award, run):
    run()
    LogEntry.objects.filter(index=0).update(leaf=b'{"event":"nothing"}')

    assert run()[:2] == (1, ["changed", "changed"])


def test_a_row_that_was_changed_before_anybody_looked_is_found(award, run):
    LogEntry.objects.filter(index=0).update(leaf=b'{"event":"nothing"}')

    assert run()[:2] == (1, ["changed"])


def test_history_written_anew_with_the_logs_own_key_is_found(award, run):
    run()
    replace_entry(0, b"20", b"21")
    sign_again()
    assert run()[:2] == (1, ["fork"])

    issue_to(make_noor(), make_achievement())
    transparency_log.checkpoint_path().write_text(transparency_log.latest().note, encoding="utf-8")
    outbox.run_all_due()
    status, findings, _said = run()
    assert (status, set(findings)) == (1, {"changed"})


def test_a_log_that_was_cut_off_is_found(award, run):
    run()
    LogEntry.objects.order_by("-index").first().delete()
    sign_again()

    assert run()[:2] == (1, ["rewritten"])


def test_two_heads_of_one_size_are_a_proof_that_stays(award, run, tmp_path):
    run()
    head = transparency_log.latest()
    other = checkpoint.Checkpoint(addresses.log_origin(), head.size, b"\1" * 32)
    Checkpoint.objects.filter(pk=head.pk).update(note=signer.sign_checkpoint(other), root=other.root)

    assert run()[:2] == (1, ["fork"])

    import sqlite3

    rows = sqlite3.connect(tmp_path / "seen.sqlite3")
    assert rows.execute("SELECT count(*) FROM evidence").fetchone() == (1,)
    rows.close()


def test_a_head_that_the_log_did_not_sign_says_nothing(award, run):
    head = transparency_log.latest()
    Checkpoint.objects.filter(pk=head.pk).update(note=head.note.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n"))

    assert run()[0] == 2


def test_a_revocation_that_is_not_in_the_log_is_found(award, run):
    """Somebody sets the row, and the list follows it, but nothing tells who did it."""
    Award.objects.filter(pk=award.pk).update(standing="revoked")
    revocation._tell_list(award.credentials.get())
    outbox.run_all_due()

    assert run("--lists")[:2] == (1, ["hidden"])


def test_a_revocation_that_the_list_hides_is_found(award, run):
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    Award.objects.filter(pk=award.pk).update(standing="active")
    revocation._tell_list(award.credentials.get())
    outbox.run_all_due()

    assert run("--lists")[:2] == (1, ["hidden"])


def test_a_revocation_for_which_another_is_withdrawn_in_its_place_is_found(award, run):
    other = issue_to(make_noor(), award.achievement)
    revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    assert run("--lists")[:2] == (0, [])
    Award.objects.filter(pk=award.pk).update(standing="active")
    Award.objects.filter(pk=other.pk).update(standing="revoked")
    revocation._tell_list(award.credentials.get())
    outbox.run_all_due()

    status, findings, said = run("--lists")
    assert (status, findings) == (1, ["hidden"])
    assert "withdraws 1 credentials no longer" in said["findings"][0]["words"]


def test_a_suspension_that_the_list_hides_is_found_and_one_that_it_tells_fits(award, run):
    revocation.suspend(award=award, reason="under-review", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    assert run("--lists")[:2] == (0, [])
    revocation.reinstate(award=award, by=make_rhea(), at=NOON)
    revocation.suspend(award=award, reason="under-review", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    assert run("--lists")[:2] == (0, [])

    Award.objects.filter(pk=award.pk).update(standing="active")
    revocation._tell_list(award.credentials.get(superseded_by=None))
    outbox.run_all_due()
    assert run("--lists")[:2] == (1, ["hidden"])


@pytest.mark.one_database
def test_what_is_suspended_and_corrected_stays_so_in_the_log_as_in_the_list(award, run):
    revocation.suspend(award=award, reason="under-review", by=make_rhea(), at=NOON)
    for name in ("Lena Ono", "Lena Ōno"):
        revocation.supersede(award=award, recipient_name=name, by=make_rhea(), at=NOON)
        outbox.run_all_due()
        assert run("--lists")[:2] == (0, [])
    revocation.reinstate(award=award, by=make_rhea(), at=NOON)
    outbox.run_all_due()
    assert run("--lists")[:2] == (0, [])


@pytest.mark.one_database
def test_a_successor_that_the_list_alone_calls_suspended_is_found(award, run):
    """Before, a monitor had to bear with it, and with whoever made use of that."""
    revocation.supersede(award=award, recipient_name="Lena Ono", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    assert run("--lists")[:2] == (0, [])
    Award.objects.filter(pk=award.pk).update(standing="suspended")
    revocation._tell_list(award.credentials.get(superseded_by=None))
    outbox.run_all_due()

    assert run("--lists")[:2] == (1, ["hidden"])


def test_what_is_withdrawn_while_the_lists_are_read_is_no_finding(award, run, monkeypatch):
    """The head was read before, the list after; the next look finds both."""
    of, others = MONITOR.read, []

    def meanwhile(url: str, data: bytes | None = None) -> bytes:
        if "/status/" in url and not others:
            others.append(revocation.revoke(award=award, reason="misconduct", by=make_rhea(), at=NOON))
            outbox.run_all_due()
        return of(url, data)

    monkeypatch.setattr(MONITOR, "read", meanwhile)
    assert run("--lists", "--patience", "0")[:2] == (0, [])
    assert others


@pytest.mark.parametrize(
    "slip_in",
    [
        lambda issuer: SigningKey.objects.create(
            issuer=issuer,
            purpose="credentials",
            state="retired",
            public_multibase=multikey.encode_ed25519(bytes(range(32))),
            created_at=NOON,
        ),
        lambda issuer: TokenKey.objects.create(
            issuer=issuer, algorithm="RS256", public_jwk={"kty": "RSA"}, thumbprint="other", created_at=NOON
        ),
        lambda issuer: (
            keyring.mark_compromised(
                key=issuer.keys.get(purpose="status", state="active"), by=None, at=NOON, reason="?"
            ),
            outbox.run_all_due(),
            SigningKey.objects.filter(state="compromised").update(state="retired"),
        ),
    ],
)
def test_a_key_that_is_published_and_not_in_the_log_is_found(award, run, slip_in):
    assert run("--lists")[:2] == (0, [])
    slip_in(award.achievement.issuer)
    assert run("--lists")[:2] == (1, ["unannounced"])


def test_a_change_of_status_that_follows_from_nothing_is_found(award, run):
    run()
    entry = LogEntry.objects.get(kind="issue")
    said = json.loads(bytes(entry.leaf))
    for leaf in (
        {"event": "revoke", "digest": "00" * 32, "previous": "00" * 32},
        {"event": "unshare", "digest": "11" * 32},
        {"event": "unshare", "digest": "11" * 32},
        {"event": "revoke", "digest": said["digest"], "previous": "00" * 32},
    ):
        content = json.dumps(leaf).encode()
        LogEntry.objects.create(kind="key", leaf=content, leaf_hash=merkle.leaf_hash(content), recorded_at=NOON)
    transparency_log.sequence(at=NOON)()

    assert run()[:2] == (1, ["unfounded", "unfounded", "unfounded"])


@pytest.mark.one_database
def test_a_key_that_was_given_up_is_named_as_long_as_somebody_goes_by_it(award, run, witness):
    earlier = keyring.active_key("log")
    name = log_reading.verifier_key(earlier)
    keyring.rotate(earlier, by=None, at=NOON)
    outbox.run_all_due()
    assert run()[:2] == (0, [])
    keyring.mark_compromised(key=earlier, by=None, at=NOON, reason="An old disk is gone.")
    outbox.run_all_due()

    assert run()[:2] == (0, [])
    status, findings, said = run("--key", name, "--cosign", witness[0])
    assert (status, findings) == (1, ["given-up"])
    assert name in said["findings"][0]["words"]
    assert not Cosignature.objects.exists()


# --- witnesses ----------------------------------------------------------------------------------------------------


@pytest.fixture
def witness(tmp_path, settings) -> tuple[str, str]:
    path = tmp_path / "witness.json"
    key = MONITOR.new_key("witness.example", path)
    settings.WITNESSES = [key]
    return str(path), key


def test_a_witness_cosigns_what_fits_and_everybody_sees_it(award, run, witness):
    path, key = witness
    assert run("--witness", key)[:2] == (1, ["unwitnessed"])

    assert run("--cosign", path)[:2] == (0, [])

    assert run("--witness", key)[:2] == (0, [])
    line = Cosignature.objects.get()
    assert line.witness == "witness.example"
    assert "— witness.example " in Client().get("/log/checkpoint").text
    assert "witness.example" in Client().get("/log/").text


@pytest.mark.one_database
def test_a_witness_that_is_asked_for_cosigns_first_and_then_misses_the_others_only(award, run, witness, tmp_path):
    path, key = witness
    other = MONITOR.new_key("other.example", tmp_path / "other.json")

    assert run("--witness", key, "--cosign", path)[:2] == (0, [])

    _status, _findings, said = run("--witness", key, "--witness", other, "--cosign", path)
    assert [finding["words"] for finding in said["findings"]] == ["other.example has not cosigned the newest head."]
    assert Cosignature.objects.get().witness == "witness.example"


def test_a_witness_does_not_cosign_what_does_not_fit(award, run, witness):
    run()
    LogEntry.objects.filter(index=0).update(leaf=b"{}")

    assert run("--cosign", witness[0])[0] == 1
    assert not Cosignature.objects.exists()


def test_cosigning_twice_keeps_one_line(award, run, witness):
    run("--cosign", witness[0])
    run("--cosign", witness[0])

    assert Cosignature.objects.count() == 1


@pytest.mark.parametrize("change", ["size", "signature", "stranger", "nonsense", "not text"])
def test_what_is_no_cosignature_of_a_known_witness_is_refused(award, tmp_path, settings, witness, change):
    head = MONITOR.Published("http://localhost:8000/log").head(log_reading.verifier_keys())
    if change == "stranger":
        settings.WITNESSES = []
    note = MONITOR.cosign(head, Path(witness[0]), 1_800_000_000)
    note = {
        "size": note.replace(f"\n{head.size}\n", "\n999\n", 1),
        "signature": note[:-8] + "AAAAAA=\n",
        "nonsense": "hello",
        "not text": b"\xff\xfe",
    }.get(change, note)

    answer = Client().post("/log/cosignatures", note, content_type="text/plain")

    assert answer.status_code == 422
    assert not Cosignature.objects.exists()


def test_a_long_note_is_not_read(award):
    assert Client().post("/log/cosignatures", "x" * 10_000, content_type="text/plain").status_code == 413
