"""A worker without a broker: looks at the job table every two seconds, and does what is due."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.celery import working
from portal.shared import outbox
from portal.shared.supervision.kin import hold_lifeline


class Command(BaseCommand):
    help = "Do the jobs that are due, and go on looking; for a site without Redis or Valkey."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            tried = outbox.run_due()
            self.stdout.write(f"{tried} jobs tried.")
            return
        hold_lifeline()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, frame: working.stop())
        working.look_until_over()
