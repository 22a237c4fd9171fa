"""Open Badges 3.0: an achievement credential composed by the house defaults, and the check before it is frozen.

Every value given here is text, number or time; nothing is looked up. What the European Union's recommendation on
micro-credentials asks for and Open Badges has no property for (workload, form of participation, supervision …) goes
into the criteria's narrative and into alignments, so that no badge needs a context of our own.
"""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs
from jsonschema import Draft201909Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry

from . import linked_data
from .contexts import CREDENTIALS_V2, OPEN_BADGES_EXTENSIONS, OPEN_BADGES_V3, UnknownContext, known
from .data_integrity import date_time_stamp, parse_date_time_stamp
from .identity_hash import identity_hash
from .problems import Problem

Json = dict[str, Any]

MAX_BYTES = 64 * 1024
_SCHEMAS = Path(__file__).parent / "schemas" / "ob3"
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_HTTPS = re.compile(r"https://[^\s/]|http://localhost[:/]")
_MAX_WORDS = 300
_MAX_PROBLEMS = 50


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture at an address, or as a small data URI. `caption` is its alternative text."""

    url: str
    caption: str = ""


@dataclass(frozen=True, kw_only=True)
class IssuerProfile:
    """The body that issues (OB 3.0, Profile). `id` is its did:web; the country is an ISO 3166-1 code of two letters."""

    id: str
    name: str
    url: str
    description: str = ""
    email: str = ""
    image: Image | None = None
    country_code: str = ""
    region: str = ""
    locality: str = ""


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """What an achievement corresponds to elsewhere: a competency, a level of a framework, another achievement."""

    name: str
    url: str
    description: str = ""
    code: str = ""
    framework: str = ""
    type: str = ""


@dataclass(frozen=True, kw_only=True)
class Descriptor:
    """One line of the narrative, as label and text in the badge's language: "Workload", "60 hours"."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RubricLevel:
    """A level of a result, from low to high (OB 3.0, RubricCriterionLevel)."""

    id: str
    name: str
    description: str = ""
    level: str = ""
    points: str = ""


@dataclass(frozen=True, kw_only=True)
class ResultDescription:
    """A result that holders of the achievement may have (OB 3.0, ResultDescription). Values are texts, low to high."""

    id: str
    name: str
    result_type: str
    allowed_values: Sequence[str] = ()
    value_min: str = ""
    value_max: str = ""
    required_value: str = ""
    required_level: str = ""
    levels: Sequence[RubricLevel] = ()


@dataclass(frozen=True, kw_only=True)
class AchievementDescription:
    """What was earned (OB 3.0, Achievement). `in_language` is a BCP 47 tag, `credits` what it is worth."""

    id: str
    name: str
    description: str
    achievement_type: str = "Badge"
    criteria_narrative: str = ""
    criteria_url: str = ""
    descriptors: Sequence[Descriptor] = ()
    alignments: Sequence[Alignment] = ()
    image: Image | None = None
    credits: Decimal | int | None = None
    tags: Sequence[str] = ()
    human_code: str = ""
    in_language: str = ""
    field_of_study: str = ""
    specialization: str = ""
    version: str = ""
    result_descriptions: Sequence[ResultDescription] = ()
    creator: IssuerProfile | None = None


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who earned it: a name to be read, an e-mail address to be hashed with a salt, the DID of a wallet."""

    name: str = ""
    email: str = ""
    salt: str = ""
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """A result reached. `description_id` is the id of one of the achievement's result descriptions."""

    description_id: str
    value: str = ""
    achieved_level: str = ""
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class EvidenceItem:
    """What the award rests on: something at an address, or told in words (OB 3.0, Evidence)."""

    url: str = ""
    name: str = ""
    narrative: str = ""
    description: str = ""
    genre: str = ""


@dataclass(frozen=True, kw_only=True)
class RelatedFile:
    """A file that the credential vouches for byte for byte (VC 2.0, section 5.3). `sha256` is in hexadecimal digits."""

    url: str
    sha256: str
    media_type: str


@dataclass(frozen=True, kw_only=True)
class StatusEntry:
    """The credential's bit in a published status list (Bitstring Status List 1.0, section 2.1)."""

    list_url: str
    index: int
    purpose: str = "revocation"


def eqf_alignment(level: int, name: str) -> Alignment:
    """Level 1 to 8 of the European Qualifications Framework, under its published address and a name to be read."""
    if not 1 <= level <= 8:
        raise ValueError("The European Qualifications Framework has the levels 1 to 8.")
    return Alignment(
        name=name,
        url=f"http://data.europa.eu/snb/eqf/{level}",
        code=str(level),
        framework="European Qualifications Framework",
    )


def compose(
    *,
    id: str,  # noqa: A002 - the name of the property
    issuer: IssuerProfile,
    achievement: AchievementDescription,
    recipient: Recipient,
    awarded_at: datetime,
    valid_from: datetime,
    valid_until: datetime | None = None,
    status: StatusEntry | None = None,
    results: Sequence[ResultLine] = (),
    evidence: Sequence[EvidenceItem] = (),
    related: Sequence[RelatedFile] = (),
    credits_earned: Decimal | int | None = None,
    narrative: str = "",
    image: Image | None = None,
    activity_start: datetime | None = None,
    activity_end: datetime | None = None,
    license_number: str = "",
    role: str = "",
    term: str = "",
    endorsements: Sequence[Json] = (),
) -> Json:
    """An unsigned OB 3.0 AchievementCredential (Open Badges 3.0, section on AchievementCredential) as a new dict.

    The same values always give the same members in the same order. Whatever is empty is left out; repeatable properties
    are lists; times are UTC without fractions; numbers are int or float. It is not checked here: see `lint`. Raises
    ValueError for times without a zone and for numbers that are not finite.
    """
    subject = {
        "id": recipient.id,
        "type": ["AchievementSubject"],
        "identifier": _identities(recipient),
        "achievement": _achievement(achievement),
        "activityStartDate": activity_start and date_time_stamp(activity_start),
        "activityEndDate": activity_end and date_time_stamp(activity_end),
        "creditsEarned": _number(credits_earned),
        "licenseNumber": license_number,
        "narrative": narrative,
        "result": [_result(line) for line in results],
        "role": role,
        "term": term,
    }
    document = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_V3],
        "id": id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement.name,
        "description": achievement.description,
        "image": _image(image),
        "issuer": _profile(issuer),
        "validFrom": date_time_stamp(valid_from),
        "validUntil": valid_until and date_time_stamp(valid_until),
        "awardedDate": date_time_stamp(awarded_at),
        "credentialSubject": subject,
        "evidence": [_evidence(item) for item in evidence],
        "relatedResource": [_related(file) for file in related],
        "credentialStatus": _status(status),
    }
    composed = _without_the_empty(document)
    if endorsements:
        # They are signed already: taken over untouched, whatever they hold.
        composed["endorsement"] = list(endorsements)
    return composed


def compose_achievement(of: AchievementDescription, issuer: IssuerProfile) -> Json:
    """The achievement alone, as served at its own address: the same members as inside a credential, and its creator."""
    document = {"@context": [CREDENTIALS_V2, OPEN_BADGES_V3], **_achievement(of), "creator": _profile(issuer)}
    composed: Json = _without_the_empty(document)
    return composed


def _achievement(of: AchievementDescription) -> Json:
    narrative = "\n\n".join(
        part for part in (of.criteria_narrative.strip(), "\n".join(map(_descriptor, of.descriptors))) if part
    )
    return {
        "id": of.id,
        "type": ["Achievement"],
        "achievementType": of.achievement_type,
        "name": of.name,
        "description": of.description,
        "criteria": {"id": of.criteria_url, "narrative": narrative},
        "creator": of.creator and _profile(of.creator),
        "image": _image(of.image),
        "creditsAvailable": _number(of.credits),
        "humanCode": of.human_code,
        "inLanguage": of.in_language,
        "fieldOfStudy": of.field_of_study,
        "specialization": of.specialization,
        "version": of.version,
        "tag": list(of.tags),
        "alignment": [_alignment(alignment) for alignment in of.alignments],
        "resultDescription": [_result_description(result) for result in of.result_descriptions],
    }


def _descriptor(descriptor: Descriptor) -> str:
    return f"- **{descriptor.label}**: {' '.join(descriptor.text.split())}"


def _alignment(of: Alignment) -> Json:
    return {
        "type": ["Alignment"],
        "targetName": of.name,
        "targetUrl": of.url,
        "targetDescription": of.description,
        "targetCode": of.code,
        "targetFramework": of.framework,
        "targetType": of.type,
    }


def _result_description(of: ResultDescription) -> Json:
    return {
        "id": of.id,
        "type": ["ResultDescription"],
        "name": of.name,
        "resultType": of.result_type,
        "allowedValue": list(of.allowed_values),
        "valueMin": of.value_min,
        "valueMax": of.value_max,
        "requiredValue": of.required_value,
        "requiredLevel": of.required_level,
        "rubricCriterionLevel": [
            {
                "id": level.id,
                "type": ["RubricCriterionLevel"],
                "name": level.name,
                "description": level.description,
                "level": level.level,
                "points": level.points,
            }
            for level in of.levels
        ],
    }


def _result(line: ResultLine) -> Json:
    return {
        "type": ["Result"],
        "resultDescription": line.description_id,
        "value": line.value,
        "achievedLevel": line.achieved_level,
        "status": line.status,
    }


def _evidence(item: EvidenceItem) -> Json:
    return {
        "id": item.url,
        "type": ["Evidence"],
        "name": item.name,
        "narrative": item.narrative,
        "description": item.description,
        "genre": item.genre,
    }


def _related(file: RelatedFile) -> Json:
    # Subresource Integrity, section 3.1: the hash as base64.
    digest = base64.b64encode(bytes.fromhex(file.sha256)).decode("ascii")
    return {"id": file.url, "mediaType": file.media_type, "digestSRI": f"sha256-{digest}"}


def _profile(of: IssuerProfile) -> Json:
    address = {
        "addressCountryCode": of.country_code,
        "addressRegion": of.region,
        "addressLocality": of.locality,
    }
    return {
        "id": of.id,
        "type": ["Profile"],
        "name": of.name,
        "url": of.url,
        "description": of.description,
        "email": of.email,
        "image": _image(of.image),
        "address": {"type": ["Address"], **address} if any(address.values()) else None,
    }


def _identities(recipient: Recipient) -> list[Json]:
    identities = []
    if recipient.email:
        # Hashes compare letter by letter, and most people write their address in lower case.
        email = recipient.email.strip().lower()
        identities.append(
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": identity_hash(email, recipient.salt),
                "identityType": "emailAddress",
                "salt": recipient.salt,
            }
        )
    if recipient.name:
        identities.append(
            {"type": "IdentityObject", "hashed": False, "identityHash": recipient.name, "identityType": "name"}
        )
    return identities


def _image(image: Image | None) -> Json | None:
    return None if image is None else {"id": image.url, "type": "Image", "caption": image.caption}


def _status(entry: StatusEntry | None) -> Json | None:
    if entry is None:
        return None
    return {
        # The schemas of Open Badges demand an id, and it must not be the list's own address (section 2.1).
        "id": f"{entry.list_url}#{entry.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": entry.purpose,
        "statusListIndex": str(entry.index),
        "statusListCredential": entry.list_url,
    }


def _number(value: Decimal | int | None) -> int | float | None:
    if value is None:
        return None
    if not Decimal(value).is_finite():
        raise ValueError(f"{value} is not a finite number.")
    return int(value) if value == int(value) else float(value)


def _without_the_empty(value: Any) -> Any:
    """The value without None, empty texts, lists and objects, and with plain newlines: forms send a return as well."""
    match value:
        case dict():
            kept = {name: _without_the_empty(member) for name, member in value.items()}
            return {name: member for name, member in kept.items() if member not in (None, "", [], {})}
        case list():
            return [item for item in map(_without_the_empty, value) if item not in (None, "", [], {})]
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return value


# Checking


def lint(document: Json) -> list[Problem]:
    """What a verifier would mind in an unsigned achievement or endorsement credential; empty if nothing.

    Checks, in this order: size (64 KiB of JSON), the house defaults (contexts, nothing empty, no control characters but
    newline, times, addresses, one status entry), both published schemas (OB 3.0, `strict` and `json-ld`), results that
    fit their descriptions, and that every part would be signed (`linked_data`). Never raises for what a document holds.
    """
    if not isinstance(document, dict):
        return [Problem("$", "The credential is not a JSON object.")]
    try:
        linked_data.check_size(document)
        size = len(json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8"))
    except linked_data.BadDocument as error:
        return [Problem(error.path, error.words)]
    except (TypeError, ValueError):
        return [Problem("$", "The credential holds something that JSON cannot express.")]
    problems = list(_house_problems(document))
    if size > MAX_BYTES:
        problems.insert(0, Problem("$", f"The credential has {size} bytes, more than {MAX_BYTES}."))
    for variant in ("strict", "json-ld"):
        problems += schema_problems(document, variant)
    problems += _result_problems(document)
    problems += _safe_mode_problems(document)
    return list(dict.fromkeys(problems))[:_MAX_PROBLEMS]


def schema_problems(document: Json, variant: Literal["strict", "json-ld"]) -> list[Problem]:
    """Where a credential departs from the published JSON Schema of its type (achievement or endorsement, OB 3.0)."""
    types = document.get("type")
    name = "endorsement" if isinstance(types, list) and "EndorsementCredential" in types else "achievement"
    # One judges a hundred times as fast, the other knows which of many reasons is the telling one.
    if _judge(name, variant).is_valid(document):
        return []
    found = [_schema_problem(error) for error in _explainer(name, variant).iter_errors(document)]
    return found or [Problem("$", "The credential does not fit the published schema.")]


@cache
def _judge(name: str, variant: str) -> jsonschema_rs.Draft201909Validator:
    return jsonschema_rs.Draft201909Validator(
        _schema(name, variant), formats={"date-time": _is_date_time}, validate_formats=True, retriever=_nowhere
    )


def _nowhere(address: str) -> Json:
    # No reference may lead to the network.
    raise LookupError(address)


@cache
def _explainer(name: str, variant: str) -> Draft201909Validator:
    formats = FormatChecker(formats=())
    formats.checks("date-time")(_is_date_time)
    # An empty registry, so that no reference can lead to the network.
    return Draft201909Validator(_schema(name, variant), registry=Registry(), format_checker=formats)


def _schema(name: str, variant: str) -> Json:
    file = f"strict/{name}credential.json" if variant == "strict" else f"json-ld/ob_v3p0_{name}credential_schema.json"
    schema: Json = json.loads((_SCHEMAS / file).read_bytes())
    return schema


def _is_date_time(value: object) -> bool:
    try:
        return not isinstance(value, str) or bool(parse_date_time_stamp(value))
    except ValueError:
        return False


def _schema_problem(error: ValidationError) -> Problem:
    deepest = best_match([error]) or error
    return Problem(_path(deepest.absolute_path), _shortened(deepest.message))


def _path(steps: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _shortened(words: str) -> str:
    return words if len(words) <= _MAX_WORDS else words[: _MAX_WORDS - 1] + "…"


def _values(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """Every value with its path; endorsements are signed by others and are left alone."""
    yield path, value
    if isinstance(value, dict):
        for name, member in value.items():
            if name != "endorsement":
                yield from _values(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _values(item, f"{path}[{index}]")


def _house_problems(document: Json) -> Iterator[Problem]:
    yield from _context_problems(document)
    for path, value in _values(document):
        if value is None or value in ("", [], {}):
            yield Problem(path, "Nothing may be empty.")
        if isinstance(value, str) and _CONTROL.search(value):
            yield Problem(path, "The text holds a control character other than a new line.")
        if isinstance(value, dict) and "@context" in value and path != "$":
            yield Problem(f"{path}.@context", "Only the credential itself names contexts.")
    for name in ("id", "issuer.id", "issuer.url"):
        value = _member(document, name)
        allowed = name == "issuer.id" and isinstance(value, str) and value.startswith("did:web:")
        if value is not None and not allowed and not (isinstance(value, str) and _HTTPS.match(value)):
            yield Problem(f"$.{name}", "This must be a full https address.")
    yield from _time_problems(document)
    for name in ("issuer.name", "issuer.url"):
        if not _member(document, name):
            yield Problem(f"$.{name}", "This is missing.")
    subject = document.get("credentialSubject")
    if isinstance(subject, dict) and not subject.get("id") and not subject.get("identifier"):
        yield Problem("$.credentialSubject", "Nothing says who earned this: neither an id nor an identifier.")
    yield from _status_problems(document.get("credentialStatus"))


def _member(document: Json, name: str) -> Any:
    value: Any = document
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _context_problems(document: Json) -> Iterator[Problem]:
    contexts = document.get("@context")
    if not isinstance(contexts, list) or contexts[:2] != [CREDENTIALS_V2, OPEN_BADGES_V3]:
        yield Problem(
            "$.@context", "The contexts must begin with those of credentials and of Open Badges, in this order."
        )
        return
    if any(not isinstance(context, str) or context not in known() for context in contexts):
        yield Problem("$.@context", "Only contexts from the fixed set may be named.")
    if '"1EdTech' in json.dumps(document.get("credentialSchema")) and OPEN_BADGES_EXTENSIONS not in contexts:
        yield Problem("$.@context", "Types that begin with 1EdTech need the context of the extensions.")


def _time_problems(document: Json) -> Iterator[Problem]:
    moments: dict[str, datetime] = {}
    for name in ("validFrom", "validUntil", "awardedDate"):
        if name in document:
            try:
                moments[name] = parse_date_time_stamp(document[name])
            except ValueError:
                yield Problem(f"$.{name}", "This is not a date and time with a zone.")
            else:
                if date_time_stamp(moments[name]) != document[name]:
                    yield Problem(f"$.{name}", "Times are written in UTC, without fractions, ending in Z.")
                if not 1900 <= moments[name].year <= 2200:
                    yield Problem(f"$.{name}", "The year lies outside 1900 to 2200.")
    if "validUntil" in moments and "validFrom" in moments and moments["validUntil"] < moments["validFrom"]:
        yield Problem("$.validUntil", "The end lies before the beginning.")


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
    if not isinstance(status.get("statusListCredential"), str) or not _HTTPS.match(status["statusListCredential"]):
        yield Problem("$.credentialStatus.statusListCredential", "This must be a full https address.")
    if status.get("id") == status.get("statusListCredential"):
        yield Problem("$.credentialStatus.id", "The entry's id must differ from the address of the list.")


def _result_problems(document: Json) -> Iterator[Problem]:
    """OB 3.0, Result: each speaks of a description in the same achievement, and keeps to what that allows."""
    results = _member(document, "credentialSubject.result")
    given = _member(document, "credentialSubject.achievement.resultDescription")
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


def _safe_mode_problems(document: Json) -> Iterator[Problem]:
    try:
        linked_data.canonical_n_quads(document)
    except linked_data.BadDocument as error:
        yield Problem(error.path, error.words)
    except UnknownContext as error:
        yield Problem("$.@context", str(error))
