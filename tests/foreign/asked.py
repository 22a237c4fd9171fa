"""Asks Digital Bazaar's libraries about credentials: they share no line with ours, and are installed once."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

FOREIGN = Path(__file__).parent


class NotHere(Exception):
    """Node.js, or its packages, are not to be had."""


def installed() -> Path:
    """The foreign packages, installed once for each lock file; CAIRN_TEST_NODE_CACHE says where they are kept."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise NotHere("no Node.js")
    lock = (FOREIGN / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("CAIRN_TEST_NODE_CACHE", tempfile.gettempdir()))
    folder = cache / f"cairn-foreign-{os.getuid()}-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "done").exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(FOREIGN / name, folder)
        made = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            check=False,
            cwd=folder,
            capture_output=True,
            timeout=300,
        )
        if made.returncode:
            raise NotHere("the foreign packages could not be installed")
        (folder / "done").touch()
    # Modules are looked for beside the script.
    shutil.copy(FOREIGN / "verify.mjs", folder)
    return folder


def verdicts(folder: Path, given: dict[str, Any], beside: Path) -> dict[str, dict[str, Any]]:
    """Hand the documents over by a file in `beside`, and answer the verdicts by the ids of the credentials."""
    (beside / "documents.json").write_text(json.dumps(given), encoding="utf-8")
    run = subprocess.run(
        ["node", str(folder / "verify.mjs"), str(beside)], check=False, capture_output=True, text=True, timeout=300
    )
    if run.returncode:
        raise AssertionError(run.stderr)
    return {verdict["id"]: verdict for verdict in map(json.loads, run.stdout.splitlines())}
