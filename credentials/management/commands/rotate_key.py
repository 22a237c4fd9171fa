"""Lets the next key of one purpose take over now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from credentials.keys import keyring
from credentials.models import Issuer, SigningKey


class Command(BaseCommand):
    help = "Retires the active key of a purpose and lets the next one sign; what the old one signed stays valid."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("purpose", choices=SigningKey.Purpose.values)
        parser.add_argument("issuer", nargs="?", default="", help="short name of the issuer; none for the log")

    def handle(self, *args: Any, **options: Any) -> None:
        issuer = Issuer.objects.filter(slug=options["issuer"]).first()
        if options["issuer"] and issuer is None:
            raise CommandError(f"There is no issuer {options['issuer']}.")
        try:
            key = keyring.active_key(options["purpose"], issuer)
        except keyring.NoKey as missing:
            raise CommandError(str(missing)) from missing
        successor = keyring.rotate(key, by=None, at=timezone.now())
        self.stdout.write(f"{key.public_multibase} is retired; {successor.public_multibase} signs now.")
