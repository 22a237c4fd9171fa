"""Composes what a credential says: rows of the database in, the Open Badges 3.0 document to be signed out."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from credentials import addresses
from credentials.models import Achievement, Award, Credential, Issuer
from credentials.standards import contexts, data_integrity

Json = dict[str, Any]

EQF = "European Qualifications Framework"
EQF_LEVEL_URL = "http://data.europa.eu/snb/eqf/{level}"
SCHEMA_URL = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
DEEPEST_ISSUER = 8


@dataclass(frozen=True)
class Part:
    """A component credential that a qualification was built on: its name, and the address of its document."""

    name: str
    url: str


def body_text(
    credential: Credential, award: Award, achievement: Achievement, *, email: str, parts: Sequence[Part] = ()
) -> str:
    """The exact text to be frozen: compact JSON, so that the signed document is this text with a proof put in."""
    return as_text(body(credential, award, achievement, email=email, parts=parts))


def as_text(document: Json) -> str:
    """How documents are written here; the bytes that are hashed, stored, logged and served."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def parsed(text: str) -> Json:
    document: Json = json.loads(text)
    return document


def body(
    credential: Credential, award: Award, achievement: Achievement, *, email: str, parts: Sequence[Part] = ()
) -> Json:
    """The unsigned document. Reads skills and issuer of the achievement, which a caller with many should prefetch."""
    document: Json = {
        "@context": [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES_V3, contexts.OPEN_BADGES_EXTENSIONS],
        "id": credential.document_url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement.name,
        "description": achievement.summary or achievement.description,
        "issuer": _profile(achievement.issuer),
        "validFrom": data_integrity.date_time_stamp(credential.issued_at),
        "awardedDate": data_integrity.date_time_stamp(award.awarded_at),
        "credentialSubject": _subject(credential, award, achievement, email=email),
        "credentialStatus": {
            "id": f"{credential.status_list.url}#{credential.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(credential.status_index),
            "statusListCredential": credential.status_list.url,
        },
        "credentialSchema": [{"id": SCHEMA_URL, "type": "1EdTechJsonSchemaValidator2019"}],
    }
    if award.valid_until:
        # The last day counts whole, in the institution's own time zone.
        next_day = datetime.combine(award.valid_until + timedelta(days=1), time.min, ZoneInfo(settings.TIME_ZONE))
        document["validUntil"] = data_integrity.date_time_stamp(next_day - timedelta(seconds=1))
    if parts:
        document["evidence"] = [{"id": part.url, "type": ["Evidence"], "name": part.name} for part in parts]
    return document


def identity_hash(identity: str, salt: str) -> str:
    """Open Badges 3.0, IdentityObject: the identity comes first, then the salt."""
    return "sha256$" + hashlib.sha256((identity + salt).encode("utf-8")).hexdigest()


def _profile(issuer: Issuer, depth: int = 0) -> Json:
    profile: Json = {"id": addresses.issuer_did(issuer), "type": ["Profile"], "name": issuer.name}
    profile["url"] = issuer.url or addresses.issuer_url(issuer)
    if issuer.email:
        profile["email"] = issuer.email
    if issuer.description:
        profile["description"] = issuer.description
    if issuer.country_code:
        profile["address"] = {"type": ["Address"], "addressCountryCode": issuer.country_code}
        if issuer.region:
            profile["address"]["addressRegion"] = issuer.region
    if issuer.parent and depth < DEEPEST_ISSUER:
        profile["parentOrg"] = _profile(issuer.parent, depth + 1)
    return profile


def _subject(credential: Credential, award: Award, achievement: Achievement, *, email: str) -> Json:
    subject: Json = {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": identity_hash(email.lower(), credential.identity_salt),
                "identityType": "emailAddress",
                "salt": credential.identity_salt,
            },
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": credential.recipient_name,
                "identityType": "name",
            },
        ],
        "achievement": _achievement(achievement, award),
    }
    if achievement.credits:
        subject["creditsEarned"] = _number(achievement.credits)
    if award.results:
        subject["result"] = [
            {
                "type": ["Result"],
                "resultDescription": _result_description_id(achievement, place),
                "value": str(result["value"]),
            }
            for place, result in enumerate(award.results, start=1)
        ]
    return subject


def _achievement(achievement: Achievement, award: Award) -> Json:
    described: Json = {
        "id": addresses.achievement_url(achievement),
        "type": ["Achievement"],
        "achievementType": achievement.kind,
        "name": achievement.name,
        "description": achievement.description or achievement.summary,
        "criteria": {"id": addresses.achievement_url(achievement), "narrative": _narrative(achievement)},
        "image": {"id": addresses.badge_url(achievement), "type": "Image", "caption": achievement.image_alt},
        "creator": {
            "id": addresses.issuer_did(achievement.issuer),
            "type": ["Profile"],
            "name": achievement.issuer.name,
        },
        "inLanguage": achievement.language,
        "version": str(achievement.version),
    }
    if achievement.credits:
        described["creditsAvailable"] = _number(achievement.credits)
    if achievement.subject:
        described["fieldOfStudy"] = achievement.subject
    skills = list(achievement.skills.all())
    alignment = [_alignment(skill.name, skill.url, skill.framework) for skill in skills if skill.url]
    if achievement.level and achievement.level_framework == EQF:
        alignment.insert(0, _alignment(f"EQF {achievement.level}", EQF_LEVEL_URL.format(level=achievement.level), EQF))
    if alignment:
        described["alignment"] = alignment
    # A skill without an address cannot be an alignment.
    if tags := [*achievement.tags, *(skill.name for skill in skills if not skill.url)]:
        described["tag"] = list(dict.fromkeys(tags))
    if award.results:
        described["resultDescription"] = [
            {
                "id": _result_description_id(achievement, place),
                "type": ["ResultDescription"],
                "name": result["name"],
                "resultType": "Result",
            }
            for place, result in enumerate(award.results, start=1)
        ]
    return described


def _narrative(achievement: Achievement) -> str:
    """How it is earned, and those descriptors of the EU standard for which Open Badges has no property, in Markdown."""
    facts = [
        ("Level", f"{achievement.level_framework} {achievement.level}" if achievement.level else ""),
        ("Workload", f"{_number(achievement.workload_hours)} hours" if achievement.workload_hours else ""),
        ("Assessment", achievement.assessment_type),
        ("Participation", achievement.get_participation_display()),
        ("Supervision", achievement.get_supervision_display()),
        ("Quality assurance", achievement.quality_assurance or achievement.issuer.quality_assurance),
    ]
    paragraphs = [achievement.criteria]
    if achievement.outcomes:
        paragraphs.append("**Learning outcomes**\n\n" + "\n".join(f"- {outcome}" for outcome in achievement.outcomes))
    paragraphs.append("\n".join(f"- **{name}:** {value}" for name, value in facts if value))
    return "\n\n".join(paragraph.replace("\r\n", "\n") for paragraph in paragraphs if paragraph)


def _alignment(name: str, url: str, framework: str) -> Json:
    alignment: Json = {"type": ["Alignment"], "targetName": name, "targetUrl": url}
    if framework:
        alignment["targetFramework"] = framework
    return alignment


def _result_description_id(achievement: Achievement, place: int) -> str:
    return f"{addresses.achievement_url(achievement)}#result-{place}"


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)
