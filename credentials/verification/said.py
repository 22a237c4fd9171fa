"""What a credential says, read from whatever shape a foreign document may have, for showing and nothing else."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from credentials.standards import data_integrity
from credentials.standards.contexts import OPEN_BADGES_V2

_LONGEST = 5_000
_MOST = 50
# Embeddings, overrides and isolates of direction; marks, which only help the letters beside them, stay.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")

Json = dict[str, Any]


@dataclass(frozen=True)
class Identity:
    """Under which name or address it was issued; an address is usually given as a salted hash only."""

    kind: str
    text: str
    hashed: bool
    salt: str = ""


@dataclass(frozen=True)
class Evidence:
    """Something that the credential rests on."""

    name: str
    url: str


@dataclass(frozen=True)
class Said:
    """The statements of a credential; what it does not say is empty."""

    id: str = ""
    achievement: str = ""
    description: str = ""
    criteria: str = ""
    issuer: str = ""
    issuer_id: str = ""
    assessor: str = ""
    subject_id: str = ""
    holder: str = ""
    credits: str = ""
    results: tuple[tuple[str, str], ...] = ()
    identities: tuple[Identity, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    kinds: tuple[str, ...] = ()
    awarded_at: datetime | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def identifier_of(value: Any) -> str:
    """The id of an issuer or a person, which may stand alone or in an object; empty where there is none."""
    return _text(value) or _text(_object(value).get("id"))


def is_assertion(document: Json) -> bool:
    """Whether this is an assertion of Open Badges 2.0, which knows no verifiable credentials."""
    contexts = document.get("@context")
    listed = contexts if isinstance(contexts, list) else [contexts]
    types = document.get("type")
    return OPEN_BADGES_V2 in listed and "Assertion" in (types if isinstance(types, list) else [types])


def is_record(document: Json) -> bool:
    """Whether this is a record that holds credentials of its own (CLR 2.0)."""
    types = document.get("type")
    return "ClrCredential" in (types if isinstance(types, list) else [types])


def is_endorsement(document: Json) -> bool:
    """Whether this says something about a thing, and nothing about who earned it."""
    types = document.get("type")
    return "EndorsementCredential" in (types if isinstance(types, list) else [types])


def said_by_assertion(document: Json, badge: Json, issuer: Json) -> Said:
    """What an Open Badges 2.0 assertion says, with the badge class and the issuer that it leads to."""
    recipient, criteria = _object(document.get("recipient")), _object(badge.get("criteria"))
    identity = Identity(
        kind=_text(recipient.get("type")),
        text=_text(recipient.get("identity")),
        hashed=recipient.get("hashed") is True,
        salt=_text(recipient.get("salt")),
    )
    return Said(
        id=_text(document.get("id")),
        achievement=_shown(badge.get("name")),
        description=_shown(badge.get("description")),
        criteria=_shown(criteria.get("narrative")) or _shown(document.get("narrative")),
        issuer=_shown(issuer.get("name")),
        issuer_id=_text(issuer.get("id")),
        identities=(identity,) if identity.text else (),
        evidence=tuple(
            Evidence(_shown(item.get("name")) or _text(item.get("id")), _text(item.get("id")))
            for item in _objects(document.get("evidence"))
        ),
        awarded_at=_moment(document.get("issuedOn")),
        valid_from=_moment(document.get("issuedOn")),
        valid_until=_moment(document.get("expires")),
    )


def said_by(document: Json) -> Said:
    """Read it. Nothing here raises: what has another shape than expected is taken as not said."""
    subject = _object(document.get("credentialSubject"))
    # A record may list achievements that nobody holds; what it is about is its own name.
    achievement = {} if is_record(document) else _object(subject.get("achievement"))
    issuer = document.get("issuer")
    identities = tuple(_identities(subject))
    criteria = _object(achievement.get("criteria"))
    return Said(
        id=_text(document.get("id")),
        achievement=_shown(achievement.get("name")) or _shown(document.get("name")),
        description=_shown(achievement.get("description")) or _shown(document.get("description")),
        criteria=_shown(criteria.get("narrative")),
        issuer=_shown(_object(issuer).get("name")),
        issuer_id=identifier_of(issuer),
        assessor=_shown(_object(subject.get("source")).get("name")),
        kinds=tuple(_text(kind) for kind in _listed(achievement.get("achievementType"))[:_MOST] if _text(kind)),
        subject_id=_text(subject.get("id")),
        holder=next((_shown(one.text) for one in identities if one.kind == "name" and not one.hashed), ""),
        credits=_number(subject.get("creditsEarned")),
        results=tuple(_results(subject, achievement)),
        identities=identities,
        evidence=tuple(
            Evidence(_shown(item.get("name")) or _text(item.get("id")), _text(item.get("id")))
            for item in _objects(document.get("evidence"))
        ),
        awarded_at=_moment(document.get("awardedDate")),
        # The older data model has other names for the same two.
        valid_from=_moment(document.get("validFrom", document.get("issuanceDate"))),
        valid_until=_moment(document.get("validUntil", document.get("expirationDate"))),
    )


def _identities(subject: Json) -> list[Identity]:
    return [
        Identity(
            kind=_text(one.get("identityType")),
            text=_text(one.get("identityHash")),
            hashed=one.get("hashed") is True,
            salt=_text(one.get("salt")),
        )
        for one in _objects(subject.get("identifier"))
    ]


def _results(subject: Json, achievement: Json) -> list[tuple[str, str]]:
    descriptions = {_text(one.get("id")): one for one in _objects(achievement.get("resultDescription"))}
    found = []
    for one in _objects(subject.get("result")):
        description = descriptions.get(_text(one.get("resultDescription")), {})
        levels = {_text(each.get("id")): each for each in _objects(description.get("rubricCriterionLevel"))}
        level = _shown(levels.get(_text(one.get("achievedLevel")), {}).get("name"))
        if value := _shown(one.get("value")) or level:
            found.append((_shown(description.get("name")), value))
    return found


def _object(value: Any) -> Json:
    """The object, or the first of a list of them."""
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Json]:
    return [item for item in _listed(value)[:_MOST] if isinstance(item, dict)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _shown(value: Any) -> str:
    """A text for people, without what would turn around the words that stand beside it on a page."""
    return _TURNING.sub("", _text(value))


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def _moment(value: Any) -> datetime | None:
    try:
        moment = data_integrity.parse_date_time_stamp(value)
    except ValueError:
        return None
    # Nearer to the ends of the calendar a time cannot be shown in every zone.
    return moment if 1900 <= moment.year <= 2200 else None
