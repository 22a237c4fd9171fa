"""Forgets files that are made again at will and that nobody has needed for long: compiled forms, and drawn badges."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

#: What is used is touched then, so its time says when it was needed last.
KEPT_UNUSED = timedelta(days=60)
#: Whoever was writing it is gone.
KEPT_HALF_MADE = timedelta(days=1)


def sweep(*, at: datetime) -> int:
    """Remove them; how many."""
    gone = [path for path in _files() if path.stat().st_mtime < (at - _kept(path)).timestamp()]
    for path in gone:
        # Another sweep may have been here, and whoever reads one at this moment has it open.
        path.unlink(missing_ok=True)
    return len(gone)


def _files() -> Iterator[Path]:
    for name in ("forms", "badges"):
        folder = settings.MEDIA_ROOT / name
        if folder.is_dir():
            yield from (path for path in folder.iterdir() if path.is_file())


def _kept(path: Path) -> timedelta:
    return KEPT_HALF_MADE if path.name.startswith(".new-") else KEPT_UNUSED
