"""Composes an unsigned achievement credential of Open Badges 3.0 by the house defaults, and an achievement alone."""

import base64
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from credentials.standards.contexts import CREDENTIALS_V2, OPEN_BADGES_EXTENSIONS, OPEN_BADGES_V3
from credentials.standards.data_integrity import date_time_stamp
from credentials.standards.identity_hash import identity_hash

from .terms import (
    AchievementDescription,
    Alignment,
    Descriptor,
    EvidenceItem,
    Identifier,
    Image,
    IssuerProfile,
    Recipient,
    Related,
    RelatedFile,
    ResultDescription,
    ResultLine,
    StatusEntry,
)

Json = dict[str, Any]

SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
# No context here defines a kind of terms; this one is Dublin Core's own.
_TERMS = "http://purl.org/dc/terms/RightsStatement"


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
    source: IssuerProfile | None = None,
    endorsements: Sequence[Json] = (),
    refresh_url: str = "",
    terms_url: str = "",
    declares_schema: bool = False,
) -> Json:
    """An unsigned OB 3.0 AchievementCredential (Open Badges 3.0, section on AchievementCredential) as a new dict.

    The same values always give the same members in the same order. Whatever is empty is left out; repeatable properties
    are lists; times are UTC without fractions; numbers are int or float. `source` is who assessed it on behalf of the
    issuer. Where `refresh_url` stands is the newest edition of this credential, for whoever may have it. It is not
    checked here: see `lint`. Raises ValueError for times without a zone and for numbers that are not finite.
    """
    subject = {
        "id": recipient.id,
        "type": ["AchievementSubject"],
        "identifier": identities(recipient),
        "achievement": achievement_node(achievement),
        "activityStartDate": activity_start and date_time_stamp(activity_start),
        "activityEndDate": activity_end and date_time_stamp(activity_end),
        "creditsEarned": _number(credits_earned),
        "licenseNumber": license_number,
        "narrative": narrative,
        "result": [_result(line) for line in results],
        "role": role,
        "source": source and profile(source),
        "term": term,
    }
    # Types that begin with 1EdTech are defined nowhere else.
    extensions = [OPEN_BADGES_EXTENSIONS] if refresh_url or declares_schema else []
    document = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_V3, *extensions],
        "id": id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement.name,
        "description": achievement.description,
        "image": _image(image),
        "issuer": profile(issuer),
        "validFrom": date_time_stamp(valid_from),
        "validUntil": valid_until and date_time_stamp(valid_until),
        "awardedDate": date_time_stamp(awarded_at),
        "credentialSubject": subject,
        "evidence": [_evidence(item) for item in evidence],
        "relatedResource": [_related(file) for file in related],
        "credentialStatus": _status(status),
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}] if declares_schema else [],
        "refreshService": {"id": refresh_url, "type": "1EdTechCredentialRefresh"} if refresh_url else None,
        "termsOfUse": [{"id": terms_url, "type": _TERMS}] if terms_url else [],
        "endorsement": list(endorsements),
    }
    composed: Json = without_the_empty(document)
    return composed


def compose_achievement(of: AchievementDescription, issuer: IssuerProfile) -> Json:
    """The achievement alone, as served at its own address: the same members as inside a credential, and its creator."""
    document = {"@context": [CREDENTIALS_V2, OPEN_BADGES_V3], **achievement_node(of), "creator": profile(issuer)}
    composed: Json = without_the_empty(document)
    return composed


def compose_endorsement(
    *,
    id: str,  # noqa: A002 - the name of the property
    name: str,
    issuer: IssuerProfile,
    endorsed: str,
    comment: str,
    valid_from: datetime,
    valid_until: datetime | None = None,
) -> Json:
    """An unsigned EndorsementCredential about the thing of the id `endorsed`."""
    document = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_V3],
        "id": id,
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": name,
        "issuer": profile(issuer),
        "validFrom": date_time_stamp(valid_from),
        "validUntil": valid_until and date_time_stamp(valid_until),
        "awardedDate": date_time_stamp(valid_from),
        "credentialSubject": {"id": endorsed, "type": ["EndorsementSubject"], "endorsementComment": comment},
    }
    composed: Json = without_the_empty(document)
    return composed


def achievement_node(of: AchievementDescription) -> Json:
    """What was earned, as an Achievement; what is empty has still to be left out."""
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
        "creator": of.creator and profile(of.creator),
        "image": _image(of.image),
        "creditsAvailable": _number(of.credits),
        "humanCode": of.human_code,
        "inLanguage": of.in_language,
        "fieldOfStudy": of.field_of_study,
        "specialization": of.specialization,
        "version": of.version,
        "tag": list(of.tags),
        "otherIdentifier": [_identifier(each) for each in of.identifiers],
        "related": [_related_achievement(each) for each in of.related],
        "alignment": [_alignment(alignment) for alignment in of.alignments],
        "endorsement": list(of.endorsements),
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


def profile(of: IssuerProfile) -> Json:
    """The body as a Profile; what is empty has still to be left out."""
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
        "official": of.official,
        "otherIdentifier": [_identifier(each) for each in of.identifiers],
        "parentOrg": of.parent and profile(of.parent),
        "endorsement": list(of.endorsements),
    }


def _identifier(of: Identifier) -> Json:
    return {"type": "IdentifierEntry", "identifier": of.value, "identifierType": of.type}


def _related_achievement(to: Related) -> Json:
    types = ["Related", to.type] if to.type else ["Related"]
    return {"id": to.id, "type": types, "inLanguage": to.in_language, "version": to.version}


def identities(recipient: Recipient) -> list[Json]:
    """Under which names somebody earned it: the e-mail address only as a salted hash."""
    found: list[Json] = []
    if recipient.email:
        # Hashes compare letter by letter, and most people write their address in lower case.
        email = recipient.email.strip().lower()
        found.append(
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": identity_hash(email, recipient.salt),
                "identityType": "emailAddress",
                "salt": recipient.salt,
            }
        )
    if recipient.name:
        found.append(
            {"type": "IdentityObject", "hashed": False, "identityHash": recipient.name, "identityType": "name"}
        )
    return found


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


def without_the_empty(value: Any) -> Any:
    """The value without None, empty texts, lists and objects, and with plain newlines: forms send a return as well.

    Endorsements are signed already: they are taken over untouched, whatever they hold.
    """
    match value:
        case dict():
            kept = {
                name: member if name == "endorsement" else without_the_empty(member) for name, member in value.items()
            }
            return {name: member for name, member in kept.items() if not _is_empty(member)}
        case list():
            return [item for item in map(without_the_empty, value) if not _is_empty(item)]
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return value


def _is_empty(value: Any) -> bool:
    # Zero and False are said.
    return value is None or (not value and isinstance(value, str | list | dict))
