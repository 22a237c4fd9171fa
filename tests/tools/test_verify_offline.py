"""The offline verifier agrees with what is right, with nothing that was changed, and says what it was not given."""

import json
from pathlib import Path

import pytest
from django.test import Client

from credentials import revocation, sharing
from credentials.check_sheets import checking, results
from credentials.keys import keyring
from credentials.log import log_reading
from credentials.models import Credential
from credentials.records import asking
from portal.shared import outbox
from tests.cast import make_lena, make_rhea
from tests.factories import NOON, credential_of, issue_to, make_achievement
from tests.tools.test_monitor import MONITOR, _network, _no_printing, load  # noqa: F401 - fixtures that hold here, too

pytestmark = pytest.mark.django_db

OFFLINE = load("verify_offline")


@pytest.fixture
def credential() -> Credential:
    """One of Lena's in the log, shared."""
    award = issue_to(make_lena(), make_achievement())
    outbox.run_all_due()
    return sharing.share(credential=credential_of(award), by=make_lena(), at=NOON)


class Papers:
    """What a holder has on a disk, each file to be changed before the program is asked."""

    def __init__(self, folder: Path, credential: Credential) -> None:
        client = Client()
        self.folder = folder
        self.files: dict[str, bytes] = {
            "credential": credential.document.encode(),
            "did": json.dumps(keyring.did_document(credential.issuer)).encode(),
            "proof": client.get(f"/c/{credential.code}/log-proof").content,
            "status-list": client.get(credential.status_list.url.removeprefix("http://localhost:8000")).content,
        }
        self.keys = log_reading.verifier_keys()

    def ask(self, capsys: object, *more: str) -> tuple[str, dict[str, str]]:
        """The verdict, and how each check came out."""
        arguments = []
        for name, content in self.files.items():
            path = self.folder / name
            path.write_bytes(content)
            arguments += [str(path)] if name == "credential" else [f"--{name}", str(path)]
        for key in self.keys:
            arguments += ["--log-key", key]
        status = OFFLINE.main([*arguments, "--json", *more])
        said = json.loads(capsys.readouterr().out)
        assert OFFLINE.WORDS[status] == said["result"]
        return said["result"], {check["check"]: check["outcome"] for check in said["checks"]}


@pytest.fixture
def papers(tmp_path, credential) -> Papers:
    return Papers(tmp_path, credential)


def test_what_is_right_holds(papers, capsys):
    assert papers.ask(capsys) == (
        "holds",
        {"signature": "holds", "dates": "holds", "status": "holds", "log": "holds"},
    )


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (("credential", b"Data literacy", b"Data mastery"), "signature"),
        (("credential", b"Data literacy", b"Data mastery"), "log"),
        (("credential", b'"proof":[', b'"honours":"with distinction","proof":['), "signature"),
        (("credential", b'"proofPurpose":"assertionMethod"', b'"proofPurpose":"authentication"'), "signature"),
        (("did", b'"assertionMethod": ["did', b'"assertionMethod": ["xid'), "signature"),
        (("proof", b"\nindex ", b"\nindex 1"), "log"),
        (("status-list", b'"ttl":300000', b'"ttl":300001'), "status"),
    ],
)
def test_what_was_changed_does_not_hold(papers, capsys, change, check):
    file, old, new = change
    assert old in papers.files[file]
    papers.files[file] = papers.files[file].replace(old, new)

    result, outcomes = papers.ask(capsys)

    assert (result, outcomes[check]) == ("does not hold", "does not hold")


def test_a_head_of_another_log_does_not_hold(papers, capsys):
    name, hint, _key = papers.keys[0].split("+", 2)
    typed = bytes([1]) + bytes(32)
    hint = OFFLINE.hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4].hex()
    papers.keys = [f"{name}+{hint}+{OFFLINE.base64.b64encode(typed).decode()}"]

    assert papers.ask(capsys)[1]["log"] == "does not hold"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("credential", b"[]"),
        ("credential", b'{"a": 1, "a": 2}'),
        ("credential", b"\xff"),
        ("proof", b"hello"),
        ("did", b'{"id": "did:web:somebody.example"}'),
        ("status-list", b'{"id": "https://somebody.example/list"}'),
    ],
)
def test_what_cannot_be_read_cannot_be_checked(papers, capsys, file, content):
    papers.files[file] = content

    assert papers.ask(capsys)[0] == "cannot be checked"


def test_what_is_missing_is_never_taken_for_good(papers, capsys):
    del papers.files["did"]
    papers.keys = []

    result, outcomes = papers.ask(capsys)

    assert result == "cannot be checked"
    assert (outcomes["signature"], outcomes["log"]) == ("cannot be checked", "cannot be checked")


def test_a_revoked_one_is_told_by_the_list(papers, capsys, credential):
    revocation.revoke(award=credential.award, reason="misconduct", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    url = credential.status_list.url.removeprefix("http://localhost:8000")
    papers.files["status-list"] = Client().get(url).content

    assert papers.ask(capsys)[1]["status"] == "does not hold"


def test_a_suspension_is_told_by_the_list_beside_the_one_that_it_names(papers, credential, capsys):
    def outcome() -> str:
        listed = (credential.status_list.url, credential.status_list.suspensions_url)
        first, second = (Client().get(url.removeprefix("http://localhost:8000")).content for url in listed)
        papers.files["status-list"] = first
        path = papers.folder / "suspensions"
        path.write_bytes(second)
        return papers.ask(capsys, "--status-list", str(path))[1]["status"]

    assert outcome() == "holds"
    revocation.suspend(award=credential.award, reason="under-review", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    assert outcome() == "does not hold"
    # The list that the badge names says nothing of it, and the program says so.
    assert (
        OFFLINE.main(
            [
                str(papers.folder / "credential"),
                "--did",
                str(papers.folder / "did"),
                "--status-list",
                str(papers.folder / "status-list"),
            ]
        )
        == 0
    )
    assert "whether it is suspended, that list does not tell" in capsys.readouterr().out


def test_a_witness_that_did_not_cosign_is_missed(papers, capsys, tmp_path, settings, credential):
    path = tmp_path / "witness.json"
    key = MONITOR.new_key("witness.example", path)
    settings.WITNESSES = [key]
    assert papers.ask(capsys, "--witness", key)[1]["log"] == "does not hold"

    head = MONITOR.Published("http://localhost:8000/log").head(papers.keys)
    MONITOR.read("http://localhost:8000/log/cosignatures", MONITOR.cosign(head, path, 1_800_000_000).encode())
    papers.files["proof"] = Client().get(f"/c/{credential.code}/log-proof").content

    assert papers.ask(capsys, "--witness", key)[1]["log"] == "holds"


def test_a_receipt_is_the_one_that_the_credential_vouches_for():
    receipt = b'{"rule": 1}'
    digest = OFFLINE.base64.b64encode(OFFLINE.hashlib.sha256(receipt).digest()).decode()
    vouching = {"relatedResource": [{"id": "x", "digestSRI": f"sha256-{digest}"}]}

    assert OFFLINE.check_receipt(vouching, receipt)
    for credential, content in ((vouching, b"{}"), ({}, receipt)):
        with pytest.raises(OFFLINE.Fails):
            OFFLINE.check_receipt(credential, content)


@pytest.mark.one_database
def test_a_record_and_each_credential_in_it_are_checked_apart(papers, capsys, credential):
    lena = credential.award.learner
    other = credential_of(issue_to(lena, make_achievement(issuer=credential.issuer, name="Other")))
    outbox.run_all_due()
    record = asking.ask_for_everything(learner=lena, at=NOON)
    outbox.run_all_due()
    record.refresh_from_db()
    papers.files["credential"] = record.document.encode()
    first, second = f"1 {credential.award.achievement.name}: ", "2 Other: "
    signed = {f"{of}{name}": "holds" for of in ("", first, second) for name in ("signature", "dates")}

    assert papers.ask(capsys) == (
        "holds",
        signed | {f"{first}status": "holds", f"{second}status": "holds", f"{first}log": "holds"},
    )

    revocation.revoke(award=other.award, reason="misconduct", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    papers.files["status-list"] = Client().get(other.status_list.url.removeprefix("http://localhost:8000")).content
    papers.files["credential"] = record.document.replace("Data literacy", "Data mastery").encode()
    result, outcomes = papers.ask(capsys)

    assert result == "does not hold"
    assert {name for name, outcome in outcomes.items() if outcome == "does not hold"} == {
        "signature",
        first.replace("literacy", "mastery") + "signature",
        "2 Other: status",
        "log",
    }


@pytest.mark.one_database
@pytest.mark.parametrize("held", [[], ["a.b.c"], [{"id": "https://elsewhere.example/1"}]])
def test_what_a_record_holds_in_another_form_cannot_be_checked(held):
    record = {"type": ["ClrCredential"], "credentialSubject": {"verifiableCredential": held}}

    with pytest.raises(OFFLINE.CannotCheck):
        OFFLINE.inside_of(record)


@pytest.mark.one_database
def test_a_sheet_of_checks_is_the_word_of_the_site_that_it_names(tmp_path, capsys):
    sheet = checking.ask(content=[("7K2M", "Lena 🪨")], language="en", at=NOON)
    outbox.run_all_due()
    sheet.refresh_from_db()
    paths = [tmp_path / name for name in ("sheet.json", "keys.json")]
    paths[1].write_text(results.keys_text())
    for document, outcome in ((sheet.document, OFFLINE.HOLDS), (sheet.document.replace("🪨", "🪵"), OFFLINE.FAILS)):
        paths[0].write_text(document)
        assert OFFLINE.main([str(paths[0]), "--did", str(paths[1])]) == outcome
    paths[0].write_text(sheet.document.replace('"position": 1', '"position": 1.5'))
    assert OFFLINE.main([str(paths[0]), "--did", str(paths[1])]) == OFFLINE.UNKNOWN
    assert OFFLINE.main([str(paths[0])]) == OFFLINE.UNKNOWN


def test_no_line_of_the_site_is_needed():
    for name in ("monitor", "verify_offline"):
        text = (Path(OFFLINE.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        assert not any(
            f"{word} {package}" in text for word in ("import", "from") for package in ("credentials", "portal")
        )
