"""The public identifiers and addresses that stand inside signed documents, and so may never change their form.

They are spelt out here, not reversed from the URL table: moving a page must not move what was signed.
"""

import uuid
from urllib.parse import urlsplit

from django.conf import settings

from credentials.models import Achievement, Credential, Issuer
from credentials.standards import did_web


def issuer_did(issuer: Issuer) -> str:
    """The did:web of an issuer; its document is served at `issuer_url` + "/did.json"."""
    return did_web.did_of(issuer_url(issuer))


def issuer_url(issuer: Issuer) -> str:
    return f"{settings.SITE_URL}/issuers/{issuer.slug}"


def achievement_url(achievement: Achievement) -> str:
    return f"{settings.SITE_URL}/achievements/{achievement.slug}"


def badge_url(achievement: Achievement) -> str:
    """Where the unbaked picture of an achievement is served, as it looks in this version of it."""
    return f"{achievement_url(achievement)}/badge.png?version={achievement.version}"


def old_assertion_url(credential: Credential) -> str:
    """Where the credential stands as an assertion of Open Badges 2.0, for sites that read nothing newer."""
    return f"{settings.SITE_URL}/ob2/assertions/{credential.uuid}"


def old_badge_class_url(achievement: Achievement) -> str:
    return f"{settings.SITE_URL}/ob2/badges/{achievement.slug}"


def old_issuer_url(issuer: Issuer) -> str:
    return f"{settings.SITE_URL}/ob2/issuers/{issuer.slug}"


def check_url(credential: Credential) -> str:
    """Where the printed code leads: the page that says what the credential is worth."""
    return f"{settings.SITE_URL}/c/{credential.code}/"


def subject_id(credential: Credential) -> str:
    """The name of whom a credential is about, in its tokens: another in each, so that two cannot be put together."""
    return f"urn:uuid:{uuid.uuid5(credential.uuid, 'subject')}"


def sheet_keys_url() -> str:
    """Where the keys that sign sheets of checks are published; it stands in every sheet."""
    return f"{settings.SITE_URL}/verify/keys"


def log_origin() -> str:
    """The name of the transparency log, first line of each of its checkpoints (C2SP tlog-checkpoint)."""
    site = urlsplit(settings.SITE_URL)
    return f"{site.netloc}{site.path}/log"


def site_of_origin(origin: str) -> str:
    """The host, port and path of the site whose log has this name."""
    return origin.removesuffix("/log")
