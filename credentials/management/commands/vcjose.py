"""Signs and checks credentials and presentations as tokens from the command line, as the W3C's test suite asks."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from credentials.standards import jose, vc_jose
from portal.shared import strict_json

_KINDS: dict[str, vc_jose.Kind] = {"credential_jose": "vc", "presentation_jose": "vp"}
_MAX_BYTES = 512 * 1024


class Command(BaseCommand):
    help = (
        "Signs a credential or presentation as a token (VC-JOSE-COSE), or checks one, with a key in a file; the result "
        "is written as JSON. Whether a time in the token has passed is not judged."
    )
    # It neither needs the database nor serves anybody.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["issue", "verify"])
        parser.add_argument("--input", type=Path, required=True, help="the document, or the token to check")
        parser.add_argument("--key", type=Path, required=True, help="a JsonWebKey, or a verification method with one")
        parser.add_argument("--feature", choices=sorted(_KINDS), required=True)
        parser.add_argument(
            "--output", type=Path, required=True, help='gets {"result": …, "data": token}, whatever happens'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        kind = _KINDS[options["feature"]]
        act: Callable[[Path, Path, vc_jose.Kind], str] = _issued if options["act"] == "issue" else _verified
        result = {"result": "failure", "data": ""}
        try:
            result = {"result": "success", "data": act(options["input"], options["key"], kind)}
        except (jose.BadJose, vc_jose.Refused, strict_json.BadJson) as refusal:
            self.stderr.write(str(refusal))
        finally:
            # Whoever called reads this file; one that is missing, or an earlier one, would tell them nothing or a lie.
            _write(options["output"], result)


def _issued(document: Path, key_file: Path, kind: vc_jose.Kind) -> str:
    given = _read(key_file)
    jwk = given.get("secretKeyJwk", given)
    return vc_jose.secure(_read(document), kind, jose.private_key_of(jwk), key_id=str(jwk.get("kid", "")))


def _verified(token_file: Path, key_file: Path, kind: vc_jose.Kind) -> str:
    given = _read(key_file)
    text = _content(token_file).decode("utf-8", "replace").strip()
    token = jose.read(text)
    jose.verify(token, jose.public_key_of(given.get("publicKeyJwk", given)))
    vc_jose.opened(token, kind)
    return text


def _write(path: Path, result: dict[str, str]) -> None:
    try:
        path.write_text(json.dumps(result), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


def _read(path: Path) -> dict[str, Any]:
    value = strict_json.loads(_content(path))
    if not isinstance(value, dict):
        raise strict_json.BadJson("$", f"{path.name} does not hold an object.")
    return value


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            content = source.read(_MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _MAX_BYTES:
        raise CommandError(f"{path} is longer than {_MAX_BYTES} bytes.")
    return content
