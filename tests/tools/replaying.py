"""Runs the replay program: in this process where there are many cases, as a program of its own where it matters."""

import importlib.util
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from pathways.rules import receipt
from pathways.rules.exceptions import judge, results
from pathways.rules.record import Record
from pathways.rules.requirement import Rule

PROGRAM = Path(__file__).parents[2] / "tools" / "replay_derivation.py"
ACHIEVEMENT = "https://college.example/achievements/numeracy"


class Papers(NamedTuple):
    """What an outsider is handed for one decision."""

    receipt: dict[str, Any]
    openings: dict[str, Any]


def papers(rule: Rule, record: Record, on: date) -> Papers:
    """The receipt and the openings of a decision that was just made."""
    evaluation = judge("numeracy", rule, record, on)
    sealed = receipt.seal(
        rule,
        record,
        evaluation,
        results=results("numeracy", rule, record, evaluation),
        slug="numeracy",
        achievement=ACHIEVEMENT,
        number=1,
        salt=bytes(32),
        time_zone="Europe/Berlin",
    )
    return Papers(json.loads(sealed.text({})), sealed.openings)


def program() -> ModuleType:
    """The program as a module, by its file: nothing of the project knows its name."""
    spec = importlib.util.spec_from_file_location("replay_derivation", PROGRAM)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written(folder: Path, name: str, value: object) -> str:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return str(path)


def as_program(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Run it as anybody would: no site, no packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(PROGRAM), "--json", *arguments], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def replayed(folder: Path, given: Papers, module: ModuleType) -> dict[str, Any]:
    """What the program makes of these papers, without another process."""
    text = receipt.canonical(given.receipt)
    documents = module.Documents()
    arguments = {
        "receipt": written(folder, "receipt.json", text),
        "openings": [written(folder, "openings.json", {"receipt": receipt.digest(text), **given.openings})],
        "credential": None,
        "part": [],
        "status_list": [],
    }
    return module.verdict_on(documents, type("Arguments", (), arguments))
