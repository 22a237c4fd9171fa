"""Ends the life of an issuer's key for tokens; the next token asked for makes another."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from credentials import tokens
from credentials.keys import token_keys
from credentials.models import TokenKey


class Command(BaseCommand):
    help = "Retires an issuer's key for tokens, or gives it up: then what it signed is worth nothing any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("issuer", help="short name of the issuer")
        parser.add_argument("algorithm", choices=TokenKey.Algorithm.values)
        parser.add_argument("--compromised", default="", metavar="REASON", help="somebody else may have the key: why")
        parser.add_argument("--key", default="", help="with --compromised: the name of an earlier one")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["key"] and not options["compromised"]:
            raise CommandError("An earlier key signs no longer; it can only be given up.")
        keys = TokenKey.objects.filter(
            issuer__slug=options["issuer"], algorithm=options["algorithm"], compromised_at__isnull=True
        )
        name = options["key"].rpartition("#")[2]
        key = (keys.filter(thumbprint=name) if name else keys.filter(retired_at__isnull=True)).first()
        if key is None and name:
            known = "".join(f"\n  {each}" for each in keys.order_by("pk").values_list("thumbprint", flat=True))
            raise CommandError(f"No key of it that holds is called {name}. There are:{known or ' none'}")
        if key is None:
            raise CommandError(f"{options['issuer']} has no key for {options['algorithm']} in use.")
        if options["compromised"]:
            tokens.give_up(key, by=None, at=timezone.now(), reason=options["compromised"])
            self.stdout.write(f"{key.thumbprint} is given up; its tokens are made anew, of what is shared at once.")
        else:
            token_keys.retire(key, by=None, at=timezone.now())
            self.stdout.write(f"{key.thumbprint} is retired; what it signed stays valid.")
