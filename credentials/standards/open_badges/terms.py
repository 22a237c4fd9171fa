"""What a badge is composed of, as plain values: texts, numbers and times; nothing is looked up (Open Badges 3.0)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture at an address, or as a small data URI. `caption` is its alternative text."""

    url: str
    caption: str = ""


# OB 3.0, IdentifierTypeEnum; whatever else is meant begins with `ext:`.
IDENTIFIER_TYPES = (
    "name",
    "sourcedId",
    "systemId",
    "productId",
    "userName",
    "accountId",
    "emailAddress",
    "nationalIdentityNumber",
    "isbn",
    "issn",
    "lisSourcedId",
    "oneRosterSourcedId",
    "sisSourcedId",
    "ltiContextId",
    "ltiDeploymentId",
    "ltiToolId",
    "ltiPlatformId",
    "ltiUserId",
    "identifier",
)


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """Under which name or number others know the thing (OB 3.0, IdentifierEntry)."""

    type: str
    value: str


def identifier_of(line: str) -> Identifier:
    """The identifier of a line as people write it, as in `ext:ROR https://ror.org/02crff812`; raises ValueError."""
    kind, _space, value = line.strip().partition(" ")
    known = kind in IDENTIFIER_TYPES or re.fullmatch(r"ext:[A-Za-z0-9._/-]+", kind)
    if not known or not value.strip():
        raise ValueError(f"{line!r} is not a kind of identifier, a space, and the identifier.")
    return Identifier(type=kind, value=value.strip())


@dataclass(frozen=True, kw_only=True)
class IssuerProfile:
    """The body that issues (OB 3.0, Profile). `id` is its did:web; the country is an ISO 3166-1 code of two letters.

    `official` is who signs for it, `parent` the body that it is part of. `endorsements` are signed by others.
    """

    id: str
    name: str
    url: str
    description: str = ""
    email: str = ""
    image: Image | None = None
    country_code: str = ""
    region: str = ""
    locality: str = ""
    official: str = ""
    identifiers: Sequence[Identifier] = ()
    parent: "IssuerProfile | None" = None
    endorsements: Sequence[Json] = ()


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
class Related:
    """The same achievement in another language, version or standard; `type` is the address of what it is there."""

    id: str
    in_language: str = ""
    version: str = ""
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
    identifiers: Sequence[Identifier] = ()
    related: Sequence[Related] = ()
    endorsements: Sequence[Json] = ()


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
