"""The command `vcjose`, as the W3C's suite calls it."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.credentials.standards.vectors import FOLDER

INPUTS = FOLDER / "w3c-vc-jose-cose"


def outcome(act: str, source: Path, key: str, feature: str, folder: Path) -> dict[str, str]:
    target = folder / "result.json"
    call_command("vcjose", act, input=source, key=INPUTS / f"vm-{key}.json", feature=feature, output=target)
    written: dict[str, str] = json.loads(target.read_text())
    return written


@pytest.mark.parametrize(
    ("source", "key", "feature"),
    [
        ("credential-minimal.json", "p256", "credential_jose"),
        ("credential-full.json", "p384", "credential_jose"),
        ("presentation-multiple.json", "p521", "presentation_jose"),
        ("presentation-multiple.json", "ed25519", "presentation_jose"),
    ],
)
def test_what_is_issued_is_verified_and_altered_is_not(source: str, key: str, feature: str, tmp_path: Path) -> None:
    issued = outcome("issue", INPUTS / source, key, feature, tmp_path)
    assert issued["result"] == "success"
    token = tmp_path / "token.txt"
    token.write_text(issued["data"] + "\n")
    assert outcome("verify", token, key, feature, tmp_path) == issued
    other = "p256" if key != "p256" else "p384"
    assert outcome("verify", token, other, feature, tmp_path) == {"result": "failure", "data": ""}
    head, body, tail = issued["data"].split(".")
    token.write_text(f"{head}.{body}.{tail[:-8]}AAAAAAAA")
    assert outcome("verify", token, key, feature, tmp_path)["result"] == "failure"


@pytest.mark.parametrize(
    ("act", "source", "key", "feature"),
    [
        ("issue", "credential-unknown-extensions.json", "p521", "credential_jose"),
        ("verify", "credential-minimal.json", "ed25519", "credential_jose"),
        ("verify", "presentation-multiple.json", "ed25519", "presentation_jose"),
        ("verify", "credential-jose-bad-media-type.txt", "ed25519", "credential_jose"),
        ("verify", "credential-jose-vc-vp-claims.txt", "ed25519", "credential_jose"),
        ("verify", "presentation-jose-bad-credential.txt", "ed25519", "presentation_jose"),
        ("verify", "credential-jose-minimal.txt", "ed25519", "credential_jose"),
    ],
)
def test_what_is_not_sound_fails(act: str, source: str, key: str, feature: str, tmp_path: Path) -> None:
    assert outcome(act, INPUTS / source, key, feature, tmp_path) == {"result": "failure", "data": ""}


def test_a_bare_key_is_taken_too(tmp_path: Path) -> None:
    bare = tmp_path / "key.json"
    bare.write_text(json.dumps(json.loads((INPUTS / "vm-p256.json").read_text())["publicKeyJwk"]))
    target = tmp_path / "result.json"
    source = INPUTS / "credential-jose-minimal.txt"
    call_command("vcjose", "verify", input=source, key=bare, feature="credential_jose", output=target)
    assert json.loads(target.read_text()) == {"result": "success", "data": source.read_text().strip()}


@pytest.mark.parametrize("act", ["issue", "verify"])
def test_a_key_for_something_else_is_refused(act: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    method = json.loads((INPUTS / "vm-p256.json").read_text())
    key, target = tmp_path / "key.json", tmp_path / "result.json"
    key.write_text(json.dumps(method[{"issue": "secretKeyJwk", "verify": "publicKeyJwk"}[act]] | {"use": "enc"}))
    source = INPUTS / {"issue": "credential-minimal.json", "verify": "credential-jose-minimal.txt"}[act]
    call_command("vcjose", act, input=source, key=key, feature="credential_jose", output=target)
    assert json.loads(target.read_text()) == {"result": "failure", "data": ""}
    assert "something else than signatures" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named_and_the_result_says_failure(tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    target.write_text('{"result": "success", "data": "of an earlier call"}')
    with pytest.raises(CommandError, match="cannot be read"):
        outcome("verify", tmp_path / "nothing", "p256", "credential_jose", tmp_path)
    assert json.loads(target.read_text()) == {"result": "failure", "data": ""}


def test_a_document_that_is_too_long_fails_with_a_result(tmp_path: Path) -> None:
    source = tmp_path / "long.json"
    source.write_text(" " * 600_000)
    with pytest.raises(CommandError, match="longer than"):
        outcome("issue", source, "p256", "credential_jose", tmp_path)
    assert json.loads((tmp_path / "result.json").read_text())["result"] == "failure"


def test_a_result_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command(
            "vcjose",
            "issue",
            input=INPUTS / "credential-minimal.json",
            key=INPUTS / "vm-p256.json",
            feature="credential_jose",
            output=tmp_path / "nowhere" / "result.json",
        )
