"""Reads the corpus: each case as a record, each translation as a rule, by one mapping for all issuers.

An award of a case becomes a holding: `mc` its key, `date`, `until`, `status`, `credits`, `level` and `grade` what they
are called (a grade in words its mark), `to` the last day of a period, `from` its source. Every other property, of the
award or else of its catalogue entry, becomes the tag `name=value`. A status other than active or expired counts as
revoked. What is known of the learner becomes facts, a list `name.0`, `name.1`, a table `name.key`. An award that
another qualification uses is marked as used in a qualification of its `level`, once that is held.

A translation is the root part of a rule, a whole rule (`root` and what else it says), or a list of editions
(`since`, `until`, `rule`) of which the one in force on the day counts.
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
PLAIN = {"id", "mc", "date", "until", "to", "status", "credits", "level", "grade", "from", "title"}


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


class Edition(NamedTuple):
    """A rule and the days between which it is in force, both included."""

    rule: Rule
    since: date
    until: date


def translations() -> dict[str, list[Edition]]:
    found = {}
    for path in sorted((HERE / "translations").glob("*.yaml")):
        for name, said in load(path).items():
            found[name] = [
                Edition(_rule(each["rule"]), each.get("since", date.min), each.get("until", date.max))
                for each in (said if isinstance(said, list) else [{"rule": said}])
            ]
    return found


def _rule(said: dict[str, Any]) -> Rule:
    return from_json(numbered({"format": 1, **_exact(said if "root" in said else {"root": said})}))


def not_expressed() -> dict[str, list[str]]:
    lacks: dict[str, list[str]] = load(HERE / "not_expressed.yaml")
    return lacks


def record_of(case: Case) -> Record:
    used_in: dict[str, set[str]] = {}
    for other in case.case.get("other_qualifications", ()):
        for used in other["uses"] if other.get("held") else ():
            used_in.setdefault(used, set()).add(str(other.get("level", "")))
    return Record(
        holdings=tuple(_holding(award, case.catalogue) for award in case.case["awards"]),
        facts=dict(_facts(case.case.get("learner", {}))),
        used_in={key: frozenset(kinds) for key, kinds in used_in.items()},
    )


def _facts(said: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in said.items():
        if isinstance(value, list):
            yield from _facts({str(place): each for place, each in enumerate(value)}, f"{prefix}{name}.")
        elif isinstance(value, dict):
            yield from _facts(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _word(value)


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
    grade = Decimal(said["grade"]) if isinstance(said.get("grade"), int) else said.get("grade")
    return Holding(
        id=said["id"],
        kind="award",
        key=key,
        earned_on=said["date"],
        until=said.get("until"),
        status=status if status in ("active", "expired") else "revoked",
        credits=Decimal(said.get("credits", 0)),
        level=said.get("level"),
        grade=grade if isinstance(grade, Decimal) else None,
        mark=str(grade or ""),
        to=said.get("to"),
        source=said.get("from", ""),
        tags=frozenset(f"{name}={_word(value)}" for name, value in said.items() if name not in PLAIN),
    )


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
