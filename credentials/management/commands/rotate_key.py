"""Lets the next key of one purpose take over now, or gives a key up: the present one, or any earlier one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from credentials.keys import keyring
from credentials.log import log_reading
from credentials.models import Issuer, SigningKey
from portal.shared.refusals import Refusal

Purpose = SigningKey.Purpose


class Command(BaseCommand):
    help = "Retires the active key of a purpose, or gives it or an earlier one up, and lets the next one sign."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("purpose", choices=Purpose.values)
        parser.add_argument("issuer", nargs="?", default="", help="short name of the issuer; none for the log")
        # No page has the keys of the site itself.
        parser.add_argument("--compromised", default="", metavar="REASON", help="somebody else may have the key: why")
        parser.add_argument("--key", default="", help="with --compromised: which one, where not the one that signs now")

    def handle(self, *args: Any, **options: Any) -> None:
        issuer = Issuer.objects.filter(slug=options["issuer"]).first()
        if options["issuer"] and issuer is None:
            raise CommandError(f"There is no issuer {options['issuer']}.")
        if (issuer is None) == (options["purpose"] in keyring.ISSUER_PURPOSES):
            raise CommandError("Keys for credentials and status lists belong to an issuer; name it. No others do.")
        if options["key"] and not options["compromised"]:
            raise CommandError("Only the key that signs now can be replaced; an earlier one can be given up.")
        try:
            key = _named(options["key"], options["purpose"], issuer) or keyring.active_key(options["purpose"], issuer)
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


def _named(name: str, purpose: str, issuer: Issuer | None) -> SigningKey | None:
    """The key of this name: as DID documents and the log tell it, or as those who check heads of the log are given it.

    A wrong name is answered with those there are, for nobody has the name of an old key at hand.
    """
    if not name:
        return None
    keys = SigningKey.objects.filter(purpose=purpose, issuer=issuer).order_by("created_at", "pk")
    for key in keys:
        if name.rpartition("#")[2] == key.public_multibase or name == log_reading.verifier_key(key):
            return key
    known = "".join(f"\n  {key.public_multibase}  {key.get_state_display()}" for key in keys)
    raise CommandError(f"No key of this purpose is called {name}. There are:{known or ' none'}")
