"""`export_person EMAIL --to FILE`: writes everything that is kept about somebody into one file, for them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pathways.own_data import exporting
from portal.accounts.models import User


class Command(BaseCommand):
    help = "Write everything that is kept about a person into a ZIP that only you can read; the audit has a line of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address with which the person signs in")
        parser.add_argument("--to", type=Path, required=True, help="the file to write; one that is there is refused")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError(f"Nobody is registered with {options['email']}.")
        target: Path = options["to"]
        if target.exists() or not target.parent.is_dir():
            raise CommandError(f"{target} is there already, or its folder is not.")
        size = exporting.export_to(target, person=person, at=timezone.now())
        self.stdout.write(f"{target}: {size:,} bytes about {person.email}. Hand it to nobody else.")
