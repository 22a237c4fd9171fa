"""Derives the whole ledger again from its first leaf, and ends with status 1 if anything does not fit."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from credentials.log import ledger_check
from credentials.models import Checkpoint, Credential, LogEntry


class Command(BaseCommand):
    help = "Checks every log entry, signed head, credential, status bit and file against what they are made from."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for fault in ledger_check.faults():
            found += 1
            self.stdout.write(f"{fault.about} {fault.words}")
        entries, heads, credentials = LogEntry.objects.count(), Checkpoint.objects.count(), Credential.objects.count()
        words = f"{entries} log entries, {heads} signed heads, {credentials} credentials"
        if found:
            raise CommandError(f"{found} faults in {words}.")
        self.stdout.write(f"All is well: {words}.")
