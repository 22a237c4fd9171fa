"""Takes a person out of everything that is kept, for good: `erase`, then `finish`. There is no other way in.

What goes are all rows that the inventory names, in one commit with what stays without a name: the account as a
stranger's, acts without words, and of each credential a mark that leads to nobody. Files follow after that commit, and
are named in the request until they are gone: a crash at any point is mended by calling `finish` again.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from credentials import erasing
from credentials.models import IssuerRole, LogEntry, Rendition, Transcript
from pathways.models import CourseStaff, DataExport, ErasureRequest, ImpactLine, Signatory, SubmissionFile
from pathways.own_data import exporting, inventory, work
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.models import AuditEntry
from portal.shared.refusals import Refusal, Unfit

State = ErasureRequest.State
JOB = "pathways.finish_erasure"
# Addresses under this name reach nobody (RFC 2606).
NOWHERE = "erased.invalid"
WORDS = "erased"
# Rows that stay, without what says whose they are; every other kind goes.
KEPT_NAMELESS: tuple[type[Model], ...] = (
    User,
    AuditEntry,
    LogEntry,
    inventory.AdministrationEntry,
    ErasureRequest,
)


class StillActs(Refusal):
    """Who teaches, registers or administers is needed by others; that ends first."""

    words: ClassVar = _("{person} still has a role, a course or the administration. End that first.")


class AlreadyErased(Refusal):
    """There is nothing left to erase."""

    words: ClassVar = _("This account was erased already.")


class NotOpen(Refusal):
    """It was decided, or taken back."""

    words: ClassVar = _("This request is not open any more.")


class NoReason(Unfit):
    """What cannot be undone is never done without saying why."""

    words: ClassVar = _("Say why.")


@dataclass(frozen=True)
class Preview:
    """What would go, by kind and number, and what would stay without a name."""

    going: dict[str, int]
    credentials: int
    shared: int
    acts: int


# --- asking -------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(*, person: User, at: datetime) -> ErasureRequest:
    """Ask an administrator to erase everything; asked already, it is the same request. Refuses StillActs."""
    lock_learners([person.pk])
    found = ErasureRequest.objects.filter(person=person, state=State.ASKED).first()
    if found is not None:
        return found
    _refuse_staff(person)
    request = ErasureRequest.objects.create(person=person, asked_at=at)
    audit.note("ask for erasure", request, actor=person, at=at, concerns=person)
    return request


@transaction.atomic
def take_back(*, request: ErasureRequest, at: datetime) -> None:
    """Let everything be as it was. Refuses NotOpen."""
    current = _open(request)
    current.state = State.TAKEN_BACK
    current.save(update_fields=["state"])
    audit.note("take back erasure", current, actor=current.person, at=at, concerns=current.person)


@transaction.atomic
def decline(*, request: ErasureRequest, reason: str, by: User, at: datetime) -> None:
    """Leave everything as it is, and tell the person why. Refuses NotOpen and NoReason."""
    if not reason.strip():
        raise NoReason
    current = _open(request)
    current.state, current.decided_by, current.decided_at, current.reason = State.DECLINED, by, at, reason.strip()
    current.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    audit.note("decline erasure", current, actor=by, at=at, concerns=current.person, reason=current.reason)
    outbox.promise("pathways.tell_of_erasure", current.pk)


def _open(request: ErasureRequest) -> ErasureRequest:
    lock_learners([request.person_id])
    current = ErasureRequest.objects.select_related("person").get(pk=request.pk)
    if current.state != State.ASKED:
        raise NotOpen
    return current


# --- the act ------------------------------------------------------------------------------------------------------


def preview(person: User) -> Preview:
    """What `erase` would do; nothing is written."""
    going = {
        part.name: count
        for part in inventory.PARTS
        if part.model not in KEPT_NAMELESS and (count := part.rows_of(person, whole=True).count())
    }
    credentials = inventory.part("credentials").rows_of(person)
    return Preview(
        going=going,
        credentials=credentials.count(),
        shared=credentials.filter(shared_at__isnull=False).count(),
        acts=AuditEntry.objects.filter(concerns=person).count(),
    )


@transaction.atomic
def erase(*, person: User, reason: str, at: datetime) -> ErasureRequest:
    """Remove the person from every row, in this one commit; `finish` then removes the files, by a job if need be.

    Cannot be undone. Refuses StillActs, AlreadyErased, NoReason and work.StillAtIt.
    """
    lock_learners([person.pk])
    person = User.objects.get(pk=person.pk)
    if is_erased(person):
        raise AlreadyErased
    if not reason.strip():
        raise NoReason
    _refuse_staff(person)
    work.refuse_running(person)
    files = sorted(_files_of(person))
    request = ErasureRequest.objects.filter(person=person, state=State.ASKED).first()
    request = request or ErasureRequest(person=person, asked_at=at)
    Session.objects.filter(session_key__in=UserSession.objects.filter(user=person).values("session_key")).delete()
    work.forget(person)
    erasing.detach(person, at=at)
    gone = _remove_rows(person)
    _take_names_away(person)
    request.state, request.decided_at, request.reason = State.ERASED, at, reason.strip()
    request.gone, request.files = gone, files
    request.save()
    ErasureRequest.objects.filter(person=person).exclude(pk=request.pk).update(reason="")
    audit.note("erase person", request, actor=None, at=at, concerns=person, reason=request.reason)
    outbox.promise(JOB, request.pk)
    return request


def finish(request_id: int) -> None:
    """Remove the files of whoever was erased, all that no row of anybody else names. May run any number of times."""
    request = ErasureRequest.objects.filter(pk=request_id, state=State.ERASED).first()
    if request is None:
        return
    for path in request.files:
        if not _is_named(path):
            (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)
    ErasureRequest.objects.filter(pk=request_id, state=State.ERASED).update(state=State.DONE, files=[])


def is_erased(person: User) -> bool:
    """Whether this is what is left of somebody who was erased."""
    return person.email.endswith(f"@{NOWHERE}")


def _refuse_staff(person: User) -> None:
    acts = any(model._default_manager.filter(user=person).exists() for model in (IssuerRole, CourseStaff, Signatory))
    if acts or person.is_staff or person.is_superuser:
        raise StillActs(person=person)


def _remove_rows(person: User) -> dict[str, int]:
    """Delete the rows themselves, whatever names what, and answer how many of each kind.

    The database holds them against each other at the commit: a relation that nobody thought of undoes the whole.
    """
    wanted: dict[str, tuple[type[Model], list[Any]]] = {}
    for part in inventory.PARTS:
        if part.model not in KEPT_NAMELESS:
            rows = part.rows_of(person, whole=True).values_list("pk", flat=True)
            wanted[part.name] = part.model, list(rows)
    wanted["rehearsals"] = ImpactLine, list(ImpactLine.objects.filter(learner=person).values_list("pk", flat=True))
    for model, keys in wanted.values():
        for many in model._meta.many_to_many:
            through: Any = many.remote_field.through
            own = many.m2m_field_name()
            _delete(through._base_manager.filter(**{f"{own}__in": keys}))
        _delete(model._base_manager.filter(pk__in=keys))
    person.groups.clear()
    person.user_permissions.clear()
    return {name: len(keys) for name, (_model, keys) in wanted.items() if keys}


def _delete(rows: QuerySet[Any]) -> None:
    rows._raw_delete(rows.db)


def _take_names_away(person: User) -> None:
    """Leave of the account and of the acts what names nobody."""
    nobody = uuid.uuid4()
    User.objects.filter(pk=person.pk).update(
        uuid=nobody,
        email=f"{nobody}@{NOWHERE}",
        name="",
        password=make_password(None),
        language="",
        time_zone="",
        theme=User.Theme.AUTO,
        is_active=False,
        last_login=None,
    )
    AuditEntry.objects.filter(concerns=person).update(
        subject_words=WORDS, subject_id=str(nobody), reason="", details={}, request_id=""
    )
    AuditEntry.objects.filter(subject_type=User._meta.label_lower, subject_id=str(person.uuid)).update(
        subject_words=WORDS, subject_id=str(nobody), reason="", details={}, request_id=""
    )


# --- files --------------------------------------------------------------------------------------------------------

_NAMED_BY: tuple[type[Model], ...] = (SubmissionFile, Rendition, Transcript)


def _files_of(person: User) -> Iterator[str]:
    for name in ("submission-files", "renditions", "transcripts"):
        yield from (path for path in inventory.part(name).rows_of(person).values_list("path", flat=True) if path)
    for export in DataExport.objects.filter(person=person):
        yield exporting.path_of(export)


def _is_named(path: str) -> bool:
    """Whether somebody else has the very same file: what learners hand in is kept once for all of them."""
    return any(model._default_manager.filter(path=path).exists() for model in _NAMED_BY)
