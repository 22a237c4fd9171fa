"""Reads the corpus: each case as a record, each translation as a rule, by one mapping for all issuers.

An award of a case becomes a holding: `mc` its key, `date`, `until`, `status`, `credits`, `level` and `grade` what they
are called, `from` its source. Every other property, of the award or else of its catalogue entry, becomes the tag
`name=value`. A status other than active or expired counts as revoked.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from pathways.rules.notation import from_json, numbered
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Rule

HERE = Path(__file__).parent
PLAIN = {"id", "mc", "date", "until", "status", "credits", "level", "grade", "from", "title"}


class Case(NamedTuple):
    """One case of one rule, with the catalogue that its awards refer to."""

    rule: str
    case: dict[str, Any]
    catalogue: dict[str, dict[str, Any]]

    @property
    def on(self) -> date:
        on: date = self.case["at"]
        return on


class _ExactLoader(yaml.SafeLoader):
    """Reads 12.5 as a decimal, never as a binary fraction."""


_ExactLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: Decimal(loader.construct_scalar(node)))


def load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_ExactLoader)  # noqa: S506 (a safe loader)


def cases() -> Iterator[Case]:
    for path in sorted(HERE.glob("*.yaml")):
        if path.name != "not_expressed.yaml":
            for rule in load(path)["rules"]:
                for case in rule["cases"]:
                    yield Case(rule["id"], case, rule["micro_credentials"])


def translations() -> dict[str, Rule]:
    found = {}
    for path in sorted((HERE / "translations").glob("*.yaml")):
        for name, root in load(path).items():
            found[name] = from_json(numbered({"format": 1, "root": _exact(root)}))
    return found


def not_expressed() -> dict[str, list[str]]:
    lacks: dict[str, list[str]] = load(HERE / "not_expressed.yaml")
    return lacks


def record_of(case: Case) -> Record:
    return Record(holdings=tuple(_holding(award, case.catalogue) for award in case.case["awards"]))


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    return str(value) if isinstance(value, Decimal | date) else value


def _holding(award: dict[str, Any], catalogue: dict[str, dict[str, Any]]) -> Holding:
    key = str(award["mc"])
    said = {**catalogue.get(key, catalogue.get(award["mc"], {})), **award}
    status = said.get("status", "active")
    return Holding(
        id=said["id"],
        kind="award",
        key=key,
        earned_on=said["date"],
        until=said.get("until"),
        status=status if status in ("active", "expired") else "revoked",
        credits=Decimal(said.get("credits", 0)),
        level=said.get("level"),
        source=said.get("from", ""),
        tags=frozenset(f"{name}={_word(value)}" for name, value in said.items() if name not in PLAIN),
    )


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
