"""Writes the audit line of an act, in the act's own transaction."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from portal.shared import inserting
from portal.shared.models import AuditEntry
from portal.shared.request_id import current_request_id

_gathered: ContextVar[list[AuditEntry] | None] = ContextVar("_gathered", default=None)


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


def write(lines: Iterable[AuditEntry]) -> None:
    """Write many lines at once, or with others at the end of what is `gathered`."""
    waiting = _gathered.get()
    if waiting is None:
        inserting.insert(lines)
    else:
        waiting += lines


@contextmanager
def gathered() -> Iterator[None]:
    """Let what is written inside be written together at its end; nothing of it when it fails.

    Belongs inside a transaction, and around each part of one that may be undone by itself.
    """
    around = _gathered.get()
    lines: list[AuditEntry] = []
    token = _gathered.set(lines)
    try:
        yield
    finally:
        _gathered.reset(token)
    if around is None:
        inserting.insert(lines)
    else:
        around += lines
