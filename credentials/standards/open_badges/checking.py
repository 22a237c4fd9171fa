"""Checks an unsigned credential of Open Badges 3.0 before it is frozen: what a verifier would mind in it."""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

from credentials.standards import house, schemas
from credentials.standards.contexts import CREDENTIALS_V2, OPEN_BADGES_V3
from credentials.standards.problems import Problem

Json = dict[str, Any]

MAX_BYTES = 64 * 1024
_MAX_PROBLEMS = 50


def lint(document: Json, *, hashed_next: bool = False) -> list[Problem]:
    """What a verifier would mind in an unsigned achievement or endorsement credential; empty if nothing.

    Checks, in this order: size (64 KiB of JSON), the house defaults (contexts, nothing empty, no control characters but
    newline, times, addresses, one status entry), both published schemas (OB 3.0, `strict` and `json-ld`), results that
    fit their descriptions, and that every part would be signed (`linked_data`). Never raises for what a document holds.
    The last is left out for whoever has it `hashed_next`, which refuses the same (BadDocument, UnknownContext).
    """
    return house.size_problems(document, MAX_BYTES) or _problems(document, hashed_next=hashed_next)


def lint_text(text: str, *, hashed_next: bool = False) -> list[Problem]:
    """The same of a document as it is written, which then need not be written to know its size."""
    try:
        document, size = _STRICT.decode(text), len(text.encode("utf-8"))
    except (ValueError, RecursionError):
        return [Problem("$", "The credential is not JSON.")]
    problems = house.size_problems(document, MAX_BYTES, size=size)
    return problems or _problems(document, hashed_next=hashed_next)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON.")


_STRICT = json.JSONDecoder(parse_constant=_refuse_constant)


def _problems(document: Json, *, hashed_next: bool) -> list[Problem]:
    problems: list[Problem] = []
    what = "credentials and of Open Badges"
    problems += house.problems(document, contexts=[CREDENTIALS_V2, OPEN_BADGES_V3], what=what)
    problems += _status_problems(document.get("credentialStatus"))
    for variant in ("strict", "json-ld"):
        problems += schema_problems(document, variant)
    problems += _result_problems(document)
    if not hashed_next:
        problems += house.safe_mode_problems(document)
    return list(dict.fromkeys(problems))[:_MAX_PROBLEMS]


def schema_problems(document: Json, variant: Literal["strict", "json-ld"]) -> list[Problem]:
    """Where a credential departs from the published JSON Schema of its type (achievement or endorsement, OB 3.0)."""
    types = document.get("type")
    name = "endorsement" if isinstance(types, list) and "EndorsementCredential" in types else "achievement"
    file = f"strict/{name}credential.json" if variant == "strict" else f"json-ld/ob_v3p0_{name}credential_schema.json"
    return schemas.problems(f"ob3/{file}", document)


def _status_problems(status: Any) -> Iterator[Problem]:
    if status is None:
        return
    if not isinstance(status, dict):
        yield Problem("$.credentialStatus", "There must be one status entry, as an object.")
        return
    if status.get("type") != "BitstringStatusListEntry":
        yield Problem("$.credentialStatus.type", "The status must be an entry of a bitstring list.")
        return
    if status.get("statusPurpose") != "revocation":
        yield Problem("$.credentialStatus.statusPurpose", "Verifiers look at the purpose revocation only.")
    index = status.get("statusListIndex")
    if not isinstance(index, str) or not re.fullmatch(r"0|[1-9][0-9]{0,11}", index):
        yield Problem("$.credentialStatus.statusListIndex", "The index must be a number written as text.")
    if not isinstance(status.get("statusListCredential"), str) or not house.HTTPS.match(status["statusListCredential"]):
        yield Problem("$.credentialStatus.statusListCredential", "This must be a full https address.")
    if status.get("id") == status.get("statusListCredential"):
        yield Problem("$.credentialStatus.id", "The entry's id must differ from the address of the list.")


def _result_problems(document: Json) -> Iterator[Problem]:
    """OB 3.0, Result: each speaks of a description in the same achievement, and keeps to what that allows."""
    results = house.member(document, "credentialSubject.result")
    given = house.member(document, "credentialSubject.achievement.resultDescription")
    descriptions = {
        description["id"]: description
        for description in (given if isinstance(given, list) else [])
        if isinstance(description, dict) and isinstance(description.get("id"), str)
    }
    for index, result in enumerate(results if isinstance(results, list) else []):
        path = f"$.credentialSubject.result[{index}]"
        wanted = result.get("resultDescription") if isinstance(result, dict) else None
        if wanted is None:
            continue
        description = descriptions.get(wanted) if isinstance(wanted, str) else None
        if description is None:
            yield Problem(f"{path}.resultDescription", "The achievement has no such result description.")
            continue
        allowed = description.get("allowedValue")
        if isinstance(allowed, list) and "value" in result and result["value"] not in allowed:
            yield Problem(f"{path}.value", "The value is not among those that the description allows.")
        levels = description.get("rubricCriterionLevel")
        ids = [level.get("id") for level in levels if isinstance(level, dict)] if isinstance(levels, list) else []
        if "achievedLevel" in result and result["achievedLevel"] not in ids:
            yield Problem(f"{path}.achievedLevel", "The description has no such level.")
        if description.get("resultType") == "Status" and "status" not in result:
            yield Problem(f"{path}.status", "A result of this type must have a status.")
