"""`import_oulad FOLDER`: brings the Open University Learning Analytics Dataset in as a college of its own."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pathways.importing import oulad
from pathways.importing.oulad_files import BadDataset

WIDTH = 30


class Command(BaseCommand):
    help = "Import the Open University Learning Analytics Dataset from a folder; may be stopped and repeated at will."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="holds courses.csv, assessments.csv, studentInfo.csv(.gz), …")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        begun = time.monotonic()
        bar = _Bar(self)
        try:
            tally = oulad.import_folder(folder, at=timezone.now(), progress=bar.show)
        except BadDataset as error:
            raise CommandError(
                f"{error} Nothing of the rows after it was imported; mend the file and run again."
            ) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was imported stays; run the command again to go on.") from None
        bar.end()
        self._table(oulad.totals(), vars(tally), time.monotonic() - begun)

    def _table(self, totals: dict[str, int], made: dict[str, int], seconds: float) -> None:
        self.stdout.write(f"{'':20}{'in all':>12}{'this run':>12}")
        for name, count in totals.items():
            fresh = made.get(name)
            self.stdout.write(f"{name.replace('_', '-'):20}{count:>12,}{'' if fresh is None else f'{fresh:,}':>12}")
        self.stdout.write(f"{'time':20}{'':>12}{f'{seconds:,.0f} s':>12}")


class _Bar:
    """A line that grows on a terminal; now and then a line in a file."""

    def __init__(self, command: BaseCommand) -> None:
        self.command = command
        self.live = sys.stderr.isatty()
        self.last = 0.0

    def show(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.last < (0.2 if self.live else 10) and done < total:
            return
        self.last = now
        filled = WIDTH * done // total if total else WIDTH
        line = f"[{'█' * filled}{'·' * (WIDTH - filled)}] {done:,} of {total:,}  {what}"
        if self.live:
            self.command.stderr.write(f"\r{line:<78}", ending="")
            self.command.stderr.flush()
        else:
            self.command.stderr.write(line)

    def end(self) -> None:
        if self.live:
            self.command.stderr.write("")
