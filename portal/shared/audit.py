"""Writes the audit line of an act, in the act's own transaction."""

from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from portal.shared.models import AuditEntry
from portal.shared.request_id import current_request_id


def note(
    act: str,
    subject: models.Model,
    *,
    actor: AbstractBaseUser | None,
    at: datetime,
    concerns: AbstractBaseUser | None = None,
    reason: str = "",
    **details: Any,
) -> None:
    """Write who did what. `act` is a verb with its object: "release grade". `details` must be plain JSON values."""
    AuditEntry.objects.create(
        **entry_fields(act, subject, actor=actor, at=at, concerns=concerns, reason=reason, **details)
    )


def entry_fields(
    act: str,
    subject: models.Model,
    *,
    actor: AbstractBaseUser | None,
    at: datetime,
    concerns: AbstractBaseUser | None = None,
    reason: str = "",
    **details: Any,
) -> dict[str, Any]:
    """The fields of an audit line, for acts that write many of them at once."""
    return {
        "at": at,
        "actor": actor,
        "act": act,
        "subject_type": subject._meta.label_lower,
        "subject_id": str(getattr(subject, "uuid", subject.pk)),
        "subject_words": str(subject)[:250],
        "concerns": concerns,
        "reason": reason,
        "details": details,
        "request_id": current_request_id(),
    }
