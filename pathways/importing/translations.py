"""Reads rules that somebody wrote in Cairn's own form for rules of a corpus: one file per issuer, in either notation.

A YAML or JSON file gives each rule under its id: the root part alone, a whole rule (`root` and what else it says), the
text notation as one text, or a list of editions (`since`, `until`, `rule`) of which the one in force on the day
counts. A file in text notation (.rules or .txt) has a line `rule ID; since DAY; until DAY` before each rule or edition,
whose lines stand indented below.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from pathways.importing.corpus_files import ENDINGS, BadFile, load
from pathways.rules.notation import FORMAT, RuleError, from_json, numbered
from pathways.rules.requirement import Rule
from pathways.rules.soundness import check
from pathways.rules.text import INDENT, TextError, from_text

TEXT_ENDINGS = (".rules", ".txt")
HEADING = re.compile(r"rule (?P<id>[^;\s]+)(?P<clauses>(?:; (?:since|until) \d{4}-\d\d-\d\d)*)\s*")


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A rule and the days between which it is in force, both included."""

    rule: Rule
    since: date = date.min
    until: date = date.max


@dataclass(frozen=True, kw_only=True)
class Translations:
    """The editions of each rule, in order, and for each that cannot be used the sentence why not."""

    editions: dict[str, tuple[Edition, ...]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def translations_under(folder: Path) -> Translations:
    """Everything in a folder and below; what cannot be read is told and the rest goes on."""
    found = Translations()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (*ENDINGS, *TEXT_ENDINGS):
            try:
                said = list(_in_text(path) if path.suffix in TEXT_ENDINGS else _in_data(path))
            except BadFile as fault:
                found.faults.append(str(fault))
            else:
                for name, place in said:
                    _add(found, path, name, place)
    return found


def _add(found: Translations, path: Path, name: str, said: Any) -> None:
    if name in found.editions or name in found.refused:
        found.editions.pop(name, None)
        found.refused[name] = f"{path}: {name}: this rule stands in another file too"
        return
    try:
        editions = tuple(sorted(_editions(path, name, said), key=lambda each: each.since))
        for before, after in pairwise(editions):
            if after.since <= before.until:
                raise BadFile(path, name, f"two editions are in force on {after.since}")
    except BadFile as fault:
        found.refused[name] = str(fault)
    else:
        found.editions[name] = editions


def _editions(path: Path, name: str, said: Any) -> Iterator[Edition]:
    for place, each in enumerate(said) if isinstance(said, list) else [(None, {"rule": said})]:
        where = name if place is None else f"{name}[{place}]"
        if not isinstance(each, dict) or "rule" not in each or set(each) - {"rule", "since", "until"}:
            raise BadFile(path, where, "expected an edition of `since`, `until` and `rule`")
        rule = _read(path, where, each["rule"])
        for finding in check(rule):
            raise BadFile(path, f"{where} {finding.node}", f"cannot be published: {finding.text}")
        yield Edition(
            rule=rule,
            since=_day(path, f"{where}.since", each.get("since", date.min)),
            until=_day(path, f"{where}.until", each.get("until", date.max)),
        )


def _read(path: Path, where: str, said: Any) -> Rule:
    try:
        if isinstance(said, str):
            return from_text(said)
        exact = _exact(said)
        whole = exact if isinstance(exact, dict) and "root" in exact else {"root": exact}
        return from_json(numbered({"format": FORMAT, **whole}))
    except RuleError as fault:
        raise BadFile(path, f"{where} {fault.path}", f"expected {fault.expected}") from fault
    except TextError as fault:
        place = f"line {fault.line}" if path.suffix in TEXT_ENDINGS else f"{where} line {fault.line}"
        raise BadFile(path, place, f"expected {fault.expected}") from fault


def _day(path: Path, where: str, said: Any) -> date:
    try:
        return said if isinstance(said, date) else date.fromisoformat(str(said))
    except ValueError:
        raise BadFile(path, where, "expected a day such as 2024-01-31") from None


def _exact(value: Any) -> Any:
    """Days as their words, and fractions as decimals in quotes, as JSON has them."""
    if isinstance(value, dict):
        return {str(key): _exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    return str(value) if isinstance(value, Decimal | date) else value


def _in_data(path: Path) -> Iterator[tuple[str, Any]]:
    said = load(path)
    if said is not None and not isinstance(said, dict):
        raise BadFile(path, "", "expected a table of rules by their ids")
    if said and not {"root", "type"}.isdisjoint(said):
        raise BadFile(path, "", "expected each rule under its id, and here is one without")
    yield from ((str(name), each) for name, each in (said or {}).items())


def _in_text(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(path, "", "cannot be read as text in UTF-8") from error
    found: dict[str, list[dict[str, Any]]] = {}
    editions: list[dict[str, Any]] = []
    body: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("--"):
            continue
        if line.startswith(INDENT):
            if not editions:
                raise BadFile(path, f"line {number}", "expected a line `rule ID` before this rule")
            # Blank lines before it keep the numbers of the lines what they are in the file.
            body += [""] * (number - 1 - len(body)) + [line.removeprefix(INDENT)]
            editions[-1]["rule"] = "\n".join(body)
            continue
        heading = HEADING.fullmatch(line)
        if heading is None:
            raise BadFile(path, f"line {number}", "expected `rule ID`, perhaps with `; since DAY` and `; until DAY`")
        editions = found.setdefault(heading["id"], [])
        clauses = [clause.split() for clause in heading["clauses"].split(";")[1:]]
        editions.append({"rule": "", **dict(clauses)})
        body = []
    yield from found.items()
