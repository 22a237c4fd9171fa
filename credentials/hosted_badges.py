"""Credentials as hosted badges of Open Badges 2.0, for sites that read nothing newer: rows in, documents out.

Of a credential nothing is said but what was signed, and whether it still counts. What a hosted badge cannot say, that
one is suspended or was replaced, is said as what such sites understand: that it is revoked, with the reason in words.
"""

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from credentials import addresses, queries
from credentials.models import Achievement, Credential, Issuer, StatusEvent
from credentials.standards import data_integrity, open_badges_2
from credentials.standards.open_badges import Alignment

Json = dict[str, Any]


def assertion_of(credential: Credential) -> Json:
    """The assertion as it stands at its address; for credentials in the log. It begins with `revoked` if it is gone."""
    url = addresses.old_assertion_url(credential)
    if reason := _why_gone(credential):
        return open_badges_2.revoked_assertion(id=url, reason=reason)
    signed = json.loads(credential.document)
    [email] = [each for each in signed["credentialSubject"]["identifier"] if each["identityType"] == "emailAddress"]
    ends = signed.get("validUntil")
    return open_badges_2.assertion(
        id=url,
        badge=addresses.old_badge_class_url(credential.award.achievement),
        recipient=open_badges_2.Recipient(identity=email["identityHash"], salt=email["salt"]),
        issued_on=data_integrity.parse_date_time_stamp(signed["awardedDate"]),
        expires=data_integrity.parse_date_time_stamp(ends) if ends else None,
        image=f"{url}/badge.png",
        evidence=[(each["id"], each.get("name", "")) for each in signed.get("evidence", []) if "id" in each],
    )


def badge_class_of(achievement: Achievement) -> Json:
    """The achievement as a badge class; reads its skills and its issuer."""
    skills = [each for each in achievement.skills.all() if each.url]
    return open_badges_2.badge_class(
        id=addresses.old_badge_class_url(achievement),
        name=achievement.name,
        description=achievement.description or achievement.summary,
        image=addresses.badge_url(achievement),
        image_caption=achievement.image_alt,
        criteria_url=addresses.achievement_url(achievement),
        criteria=achievement.criteria,
        issuer=addresses.old_issuer_url(achievement.issuer),
        alignments=[Alignment(name=each.name, url=each.url, framework=each.framework) for each in skills],
        tags=achievement.tags,
        achievement=addresses.achievement_url(achievement),
    )


def profile_of(issuer: Issuer) -> Json:
    """The issuer as a profile; the older standard demands an e-mail address."""
    above = (each.email for each in queries.ancestry(issuer))
    return open_badges_2.profile(
        id=addresses.old_issuer_url(issuer),
        name=issuer.name,
        url=issuer.url or addresses.issuer_url(issuer),
        email=next((each for each in above if each), settings.DEFAULT_FROM_EMAIL),
        description=issuer.description,
    )


def _why_gone(credential: Credential) -> str:
    """Why it counts for nothing at this moment, in the badge's language; empty if it counts, or merely expired."""
    standing = queries.standing_of(credential.award, credential, date.min)
    if standing == "active":
        return ""
    with translation.override(credential.award.achievement.language):
        said, act = {
            "revoked": (_("The issuer revoked it."), StatusEvent.Act.REVOKE),
            "suspended": (_("The issuer suspended it for the time being."), StatusEvent.Act.SUSPEND),
            "superseded": (_("It was replaced by a newer one."), StatusEvent.Act.SUPERSEDE),
        }[standing]
        event = queries.last_event(credential, act)
        return f"{said} {event.get_reason_display()}." if event else said
