"""Keeps what was handed in, has it judged line by line by a worker, and forgets it: content at once, sheets in time."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from credentials import verification
from credentials.check_sheets import handed_in, results
from credentials.keys import key_files
from credentials.models import CheckLine, CheckSheet
from portal.shared import outbox, rate_limit
from portal.shared.refusals import Refusal

KEPT_FOR = timedelta(days=30)
# How often somebody may hand in, by page and program together.
LIMIT = rate_limit.Limit(times=5, seconds=600)
SECONDS_OF_A_LINE = 5.0
SECONDS_AT_ONCE = 15.0
WAIT_FOR_THE_SWITCH = 60
# More than a worker does in an hour need not wait in the table.
MAX_WAITING = 5_000


class TooBusy(Refusal):
    """So much waits already that nobody could say when this would be done."""

    words = _("Too many lists are waiting to be checked. Try again in some minutes.")
    status: ClassVar = 503


@transaction.atomic
def ask(*, content: bytes | Sequence[tuple[str, str]], language: str, at: datetime) -> CheckSheet:
    """Keep a list, the files of a ZIP, or pairs of code and name, until a worker has judged each.

    Refuses handed_in.NotTaken, handed_in.TooLarge and TooBusy.
    """
    found = handed_in.entries(content) if isinstance(content, bytes) else handed_in.listed(content)
    if CheckLine.objects.filter(verdict="").count() + len(found) > MAX_WAITING:
        raise TooBusy
    sheet = CheckSheet.objects.create(language=language, asked_at=at)
    CheckLine.objects.bulk_create(
        [
            CheckLine(
                sheet=sheet,
                position=position,
                name=entry.name,
                sha256=entry.sha256,
                content=entry.content,
                is_text=entry.is_text,
                name_typed=entry.name_typed,
            )
            for position, entry in enumerate(found, start=1)
        ],
        batch_size=50,
    )
    outbox.promise("credentials.check_sheet", sheet.pk, version="1")
    return sheet


def work_on(sheet_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Judge waiting lines as long as the time allows; answer what promises the rest, or stores the signed sheet.

    Each verdict is kept as soon as it is known, so what dies goes on where it was. No row is locked meanwhile: other
    sites may be asked. Raises outbox.Later while nothing can be signed.
    """
    sheet = CheckSheet.objects.filter(pk=sheet_id, finished_at__isnull=True).first()
    if sheet is None:
        return None
    until = time.monotonic() + SECONDS_AT_ONCE
    with translation.override(sheet.language):
        for line_id in list(sheet.lines.filter(verdict="").values_list("pk", flat=True)):
            _judge(line_id, at=at)
            if time.monotonic() > until:
                break
    waiting = sheet.lines.filter(verdict="").order_by("position").values_list("position", flat=True).first()
    if waiting is not None:
        return lambda: outbox.promise("credentials.check_sheet", sheet.pk, version=str(waiting))
    try:
        document = results.signed(sheet, at=at)
    except key_files.SigningStopped as stopped:
        raise outbox.Later(WAIT_FOR_THE_SWITCH, str(stopped)) from stopped
    return lambda: _finish(sheet, document, at=at)


def _judge(line_id: int, *, at: datetime) -> None:
    line = CheckLine.objects.filter(pk=line_id, verdict="").first()
    if line is None or line.content is None:
        return
    content = bytes(line.content)
    report = verification.verify(
        content.decode() if line.is_text else content,
        at=at,
        name_typed=line.name_typed,
        seconds=SECONDS_OF_A_LINE,
    )
    said = results.of_report(report, asks_name=bool(line.name_typed))
    # Whoever judged it first is believed; the content is forgotten in the same breath.
    CheckLine.objects.filter(pk=line_id, verdict="").update(**said, checked_at=at, content=None)


def _finish(sheet: CheckSheet, document: str, *, at: datetime) -> None:
    CheckSheet.objects.filter(pk=sheet.pk, finished_at__isnull=True).update(document=document, finished_at=at)


def sweep(*, at: datetime) -> int:
    """Remove the sheets whose time is over, whatever became of them; say how many."""
    with transaction.atomic():
        old = CheckSheet.objects.filter(asked_at__lt=at - KEPT_FOR)
        count = old.count()
        old.delete()
    return count
