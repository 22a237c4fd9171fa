"""Lets the next key of one purpose take over now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from credentials.keys import keyring
from credentials.models import Issuer, SigningKey
from portal.shared.refusals import Refusal


class Command(BaseCommand):
    help = "Retires the active key of a purpose, or gives it up, and lets the next one sign."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("purpose", choices=SigningKey.Purpose.values)
        parser.add_argument("issuer", nargs="?", default="", help="short name of the issuer; none for the log")
        # No page has the keys of the site itself.
        parser.add_argument("--compromised", default="", metavar="REASON", help="somebody else may have the key: why")

    def handle(self, *args: Any, **options: Any) -> None:
        issuer = Issuer.objects.filter(slug=options["issuer"]).first()
        if options["issuer"] and issuer is None:
            raise CommandError(f"There is no issuer {options['issuer']}.")
        try:
            key = keyring.active_key(options["purpose"], issuer)
        except keyring.NoKey as missing:
            raise CommandError(str(missing)) from missing
        at, reason = timezone.now(), options["compromised"]
        if reason:
            try:
                keyring.mark_compromised(key=key, by=None, at=at, reason=reason)
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal
            successor, became = keyring.active_key(key.purpose, issuer), "given up"
        else:
            successor, became = keyring.rotate(key, by=None, at=at), "retired, and what it signed stays valid"
        self.stdout.write(f"{key.public_multibase} is {became}; {successor.public_multibase} signs now.")
