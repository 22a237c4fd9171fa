"""Open Badges 2.0, hosted: three plain documents, each true only because it stands at its address on the issuer's site.

They are written for sites that read nothing newer, and never mixed with the newer form in one document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .contexts import OPEN_BADGES_V2
from .data_integrity import date_time_stamp
from .identity_hash import identity_hash
from .open_badges.composing import without_the_empty
from .open_badges.terms import Alignment

Json = dict[str, Any]

# The name that the newer standard gives to what the older one calls a badge class.
ACHIEVEMENT = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Achievement"


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whose it is, as a salted hash of an e-mail address."""

    identity: str
    salt: str

    @classmethod
    def of_email(cls, email: str, salt: str) -> "Recipient":
        return cls(identity=identity_hash(email.strip().lower(), salt), salt=salt)


def assertion(
    *,
    id: str,  # noqa: A002 - the name of the property
    badge: str,
    recipient: Recipient,
    issued_on: datetime,
    image: str = "",
    expires: datetime | None = None,
    evidence: Sequence[tuple[str, str]] = (),
    narrative: str = "",
) -> Json:
    """That somebody earned the badge class at the address `badge`. `evidence` are addresses with their names."""
    document = {
        "@context": OPEN_BADGES_V2,
        "id": id,
        "type": "Assertion",
        "recipient": {
            "type": "email",
            "hashed": True,
            "salt": recipient.salt,
            "identity": recipient.identity,
        },
        "badge": badge,
        "verification": {"type": "hosted"},
        "issuedOn": date_time_stamp(issued_on),
        "expires": expires and date_time_stamp(expires),
        "image": image,
        "narrative": narrative,
        "evidence": [{"id": url, "type": "Evidence", "name": name} for url, name in evidence],
    }
    composed: Json = without_the_empty(document)
    return composed


def revoked_assertion(*, id: str, reason: str) -> Json:  # noqa: A002 - the name of the property
    """What stands in the place of an assertion that was withdrawn, to be answered with 410 (section on Assertion)."""
    document = {
        "@context": OPEN_BADGES_V2,
        "id": id,
        "type": "Assertion",
        "revoked": True,
        "revocationReason": reason,
    }
    composed: Json = without_the_empty(document)
    return composed


def badge_class(
    *,
    id: str,  # noqa: A002 - the name of the property
    name: str,
    description: str,
    image: str,
    image_caption: str,
    criteria_url: str,
    criteria: str,
    issuer: str,
    alignments: Sequence[Alignment] = (),
    tags: Sequence[str] = (),
    achievement: str = "",
) -> Json:
    """What may be earned. `issuer` is the address of its profile, `achievement` the same in the newer standard."""
    document = {
        "@context": OPEN_BADGES_V2,
        "id": id,
        "type": "BadgeClass",
        "name": name,
        "description": description,
        "image": {"id": image, "type": "Image", "caption": image_caption},
        "criteria": {"id": criteria_url, "narrative": criteria},
        "issuer": issuer,
        "alignment": [
            {
                "targetName": each.name,
                "targetUrl": each.url,
                "targetDescription": each.description,
                "targetFramework": each.framework,
                "targetCode": each.code,
            }
            for each in alignments
        ],
        "tags": list(tags),
        "related": [{"id": achievement, "type": [ACHIEVEMENT]}] if achievement else [],
    }
    composed: Json = without_the_empty(document)
    return composed


def profile(
    *,
    id: str,  # noqa: A002 - the name of the property
    name: str,
    url: str,
    email: str,
    description: str = "",
) -> Json:
    """The body that issues."""
    document = {
        "@context": OPEN_BADGES_V2,
        "id": id,
        "type": "Issuer",
        "name": name,
        "url": url,
        "email": email,
        "description": description,
    }
    composed: Json = without_the_empty(document)
    return composed
