"""Acts on the copy that a person gets of their own data: asked for, made by a worker, opened, and forgotten."""

import hashlib
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pathways.models import DataExport
from pathways.own_data import parcel
from portal.accounts.models import User
from portal.shared import audit, inserting, outbox
from portal.shared.rate_limit import Limit, spend
from portal.shared.refusals import Refusal

JOB = "pathways.export_data"
KEPT_FOR = timedelta(days=7)
# One that was never made, whatever the reason, must not keep its person from asking again for ever.
GIVEN_UP_AFTER = timedelta(days=1)
LIMIT = Limit(3, 86_400)
FOLDER = "exports"
_SECONDS_BETWEEN_NOTES = 1.0


class NotThere(Refusal):
    """There is no such file yet, or no more."""

    words: ClassVar = _("This copy is gone, or not made yet. Ask for a new one.")
    status: ClassVar = 404


@transaction.atomic
def ask(*, person: User, at: datetime) -> DataExport:
    """Have a copy made; one that is being made already is that one. Refuses rate_limit.TooOften."""
    waiting = DataExport.objects.filter(person=person, made_at__isnull=True).first()
    if waiting is not None:
        return waiting
    spend("export of data", str(person.uuid), LIMIT).demand()
    export = DataExport(person=person, asked_at=at)
    if not inserting.insert_new([export]):
        return DataExport.objects.get(person=person, made_at__isnull=True)
    outbox.promise(JOB, export.pk)
    audit.note("ask for copy of data", export, actor=person, at=at, concerns=person)
    return export


def make(export_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Write the copy into its file, and answer what stores that it is there. Belongs in a worker; may run twice."""
    export = DataExport.objects.select_related("person").filter(pk=export_id, made_at__isnull=True).first()
    if export is None:
        return None
    target = _file(export)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Each run has a file of its own: of two, the one whose lease was lost may still be writing.
    temporary = target.with_name(f".new-{os.getpid()}-{time.monotonic_ns()}")
    try:
        with _opened(temporary) as stream:
            parcel.write(stream, export.person, at=at, progress=_noted(export))
            stream.flush()
            os.fsync(stream.fileno())
        with temporary.open("rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        size = temporary.stat().st_size
        temporary.rename(target)
    finally:
        temporary.unlink(missing_ok=True)
    made = {"made_at": at, "expires_at": at + KEPT_FOR, "size": size, "sha256": sha256}

    def store() -> None:
        DataExport.objects.filter(pk=export.pk).update(**made)
        outbox.promise("pathways.tell_of_export", export.pk)

    return store


def open(export: DataExport, *, at: datetime) -> BinaryIO:  # noqa: A001 - read as exporting.open
    """The file. Whether somebody may have it is asked of `access` before. Refuses NotThere."""
    if export.expires_at is None or export.expires_at <= at:
        raise NotThere
    try:
        return _file(export).open("rb")
    except FileNotFoundError:
        raise NotThere from None


def sweep(*, at: datetime) -> int:
    """Forget the copies whose time is over, file first, and what a crash left of others; say how many copies."""
    over = list(DataExport.objects.filter(expires_at__lte=at))
    over += DataExport.objects.filter(made_at__isnull=True, asked_at__lt=at - GIVEN_UP_AFTER)
    for export in over:
        _file(export).unlink(missing_ok=True)
    DataExport.objects.filter(pk__in=[each.pk for each in over]).delete()
    forgotten = (at - GIVEN_UP_AFTER).timestamp()
    for orphan in (Path(settings.MEDIA_ROOT) / FOLDER).glob(".new-*"):
        if orphan.stat().st_mtime < forgotten:
            orphan.unlink(missing_ok=True)
    return len(over)


def export_to(target: Path, *, person: User, at: datetime) -> int:
    """Write somebody's copy for an administrator at this machine, and the line of it; answer the number of bytes.

    Raises FileExistsError: what is there is never overwritten.
    """
    with transaction.atomic():
        audit.note("export data of person", person, actor=None, at=at, concerns=person)
    with _opened(target) as stream:
        parcel.write(stream, person, at=at)
        stream.flush()
        os.fsync(stream.fileno())
        return stream.tell()


def _opened(path: Path) -> BinaryIO:
    """A new file that only its owner reads."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def path_of(export: DataExport) -> str:
    """Where the file lies below MEDIA_ROOT; the folder is served by nobody but the view that asks whose it is."""
    return f"{FOLDER}/{export.uuid}.zip"


def _file(export: DataExport) -> Path:
    return Path(settings.MEDIA_ROOT) / path_of(export)


def _noted(export: DataExport) -> parcel.Progress:
    """Keeps in the row how far it is, once a second at most."""
    last = 0.0

    def note(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_NOTES or not last:
            last = time.monotonic()
            DataExport.objects.filter(pk=export.pk).update(done=done, total=total)

    return note
