"""Comprehensive Learner Record 2.0: signed credentials of one learner in one document, and how they belong together.

Each credential inside keeps its own contexts and proof and is taken over untouched. Associations speak of achievements,
not of credentials; each is written once, in one direction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from . import house, schemas
from .contexts import CLR_V2, CREDENTIALS_V2, OPEN_BADGES_V3
from .data_integrity import date_time_stamp
from .open_badges.composing import identities, profile, without_the_empty
from .open_badges.terms import IssuerProfile, Recipient
from .problems import Problem

Json = dict[str, Any]
AssociationType = Literal[
    "exactMatchOf", "isChildOf", "isParentOf", "isPartOf", "isPeerOf", "isRelatedTo", "precedes", "replacedBy"
]

TYPE = "ClrCredential"
# What readers take as one document is 256 KiB; the proof and other people's spaces need room as well.
MAX_BYTES = 240 * 1024
SCHEMA = "clr2/clr_v2p0_clrcredential_schema.json"
_MAX_PROBLEMS = 50


@dataclass(frozen=True, order=True)
class Association:
    """Achievement `source` is such and such of achievement `target`: "source isPartOf target". Both are ids."""

    source: str
    type: AssociationType
    target: str


def compose(
    *,
    id: str,  # noqa: A002 - the name of the property
    name: str,
    description: str,
    issuer: IssuerProfile,
    recipient: Recipient,
    valid_from: datetime,
    credentials: Sequence[Json],
    associations: Sequence[Association] = (),
    achievements: Sequence[Json] = (),
    partial: bool = False,
    status: Json | None = None,
) -> Json:
    """An unsigned ClrCredential; it is not checked here, see `lint`.

    `achievements` are those that associations speak of and no credential inside is about. `partial` says that the
    issuer knows of more than is in it. `status` is an entry of a status list, as a credential has it.
    """
    document = {
        "@context": [CREDENTIALS_V2, CLR_V2, OPEN_BADGES_V3],
        "id": id,
        "type": ["VerifiableCredential", TYPE],
        "name": name,
        "description": description,
        "issuer": profile(issuer),
        "validFrom": date_time_stamp(valid_from),
        "awardedDate": date_time_stamp(valid_from),
        "partial": partial,
        "credentialStatus": status,
        "credentialSubject": {
            "id": recipient.id,
            "type": ["ClrSubject"],
            "identifier": identities(recipient),
            "achievement": list(achievements),
            "association": [
                {"type": "Association", "associationType": each.type, "sourceId": each.source, "targetId": each.target}
                for each in associations
            ],
        },
    }
    composed: Json = without_the_empty(document)
    # They are signed already: taken over untouched, whatever they hold.
    composed["credentialSubject"]["verifiableCredential"] = list(credentials)
    return composed


def lint(document: Json) -> list[Problem]:
    """What a verifier would mind in an unsigned record; empty if nothing.

    Checks size, the house defaults, the published schema of CLR 2.0, that each association has both its ends in the
    record, and that every part would be signed. Never raises for what a document holds.
    """
    if problems := house.size_problems(document, MAX_BYTES):
        return problems
    beginning = [CREDENTIALS_V2, CLR_V2, OPEN_BADGES_V3]
    problems += house.problems(document, contexts=beginning, what="credentials, of CLR and of Open Badges")
    problems += schemas.problems(SCHEMA, document)
    problems += _association_problems(document)
    problems += house.safe_mode_problems(document)
    return list(dict.fromkeys(problems))[:_MAX_PROBLEMS]


def credentials_in(document: Json) -> list[Any]:
    """What a record holds, whatever its shape."""
    held = house.member(document, "credentialSubject.verifiableCredential")
    return held if isinstance(held, list) else [] if held is None else [held]


def achievement_of(credential: Json) -> str:
    """The id of the achievement that a credential is about; empty where it names none."""
    found = house.member(credential, "credentialSubject.achievement.id")
    return found if isinstance(found, str) else ""


def _association_problems(document: Json) -> Iterator[Problem]:
    listed = house.member(document, "credentialSubject.achievement")
    known = {each.get("id") for each in listed if isinstance(each, dict)} if isinstance(listed, list) else set()
    known |= {achievement_of(each) for each in credentials_in(document) if isinstance(each, dict)}
    associations = house.member(document, "credentialSubject.association")
    for place, each in enumerate(associations if isinstance(associations, list) else []):
        for end in ("sourceId", "targetId"):
            if isinstance(each, dict) and each.get(end) not in known:
                yield Problem(
                    f"$.credentialSubject.association[{place}].{end}", "The record holds no achievement of this id."
                )
