"""Leaves heads of the log where we cannot take them back: whoever finds one later can hold us to it.

An adapter is anything that takes a signed head and answers with a receipt, as a function of that form:
`def leave(note: str, size: int) -> str`. The one for folders is here; a time stamp, a mailing list or a chain is added
by naming its function in the settings.
"""

import errno
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from credentials.log import log_reading
from credentials.models import Anchor
from portal.shared import outbox

Leave = Callable[[str, int], str]


def anchor_newest(*, at: datetime) -> Callable[[], None] | None:
    """Leave the newest head at each place that has not got it yet; answer what keeps the receipts.

    Raises outbox.Later where a place does not take it; those that did are kept first by the next try, harmlessly.
    """
    head = log_reading.latest()
    if head is None:
        return None
    known = set(head.anchors.values_list("place", flat=True))
    made = []
    for place in settings.ANCHORS:
        if place in known:
            continue
        try:
            receipt = adapter(place)(log_reading.cosigned_note(head), head.size)
        except OSError as error:
            raise outbox.Later(600, f"{place}: {error.strerror}") from error
        made.append(Anchor(checkpoint=head, place=place, receipt=receipt, at=at))
    return (lambda: _keep(made)) if made else None


def adapter(place: str) -> Leave:
    """How a head is left at a place: a folder begins with a slash, all else is the dotted name of a function."""
    if place.startswith("/"):
        return lambda note, size: leave_in_folder(Path(place), note, size)
    found: Leave = import_string(place)
    return found


def leave_in_folder(folder: Path, note: str, size: int) -> str:
    """Write the head into a file of its own, never over another one; answer the file's name.

    Raises OSError where a file of that name holds another head: of another log, or of another history of this one.
    """
    target = folder / f"checkpoint-{size:012d}.txt"
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        # A former try may have got so far; co-signatures may have come since, so only the head is compared.
        if _head(target.read_text(encoding="utf-8", errors="replace")) != _head(note):
            raise OSError(errno.EEXIST, f"{target.name} holds another head, which is not written over") from None
    return target.name


def _head(note: str) -> str:
    """What the signatures under a note are made over."""
    return note.partition("\n\n")[0]


def _keep(made: list[Anchor]) -> None:
    Anchor.objects.bulk_create(made, ignore_conflicts=True)
