"""Issues anew what a key signed that was given up, and says what is left to look at."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from credentials import reissuing
from credentials.models import SigningKey
from portal.shared import outbox


class Command(BaseCommand):
    help = (
        "Issues anew what a key signed that was given up. What was in the log after the newest head that a witness saw "
        "is left for a look at it, unless --doubtful is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="the key, as the DID document named it: z6Mk…")
        parser.add_argument("--doubtful", action="store_true", help="what no witness vouches for, too")

    def handle(self, *args: Any, **options: Any) -> None:
        key = SigningKey.objects.filter(public_multibase=options["key"], purpose=SigningKey.Purpose.CREDENTIALS).first()
        if key is None:
            raise CommandError(f"No key for credentials is called {options['key']}.")
        if key.state != SigningKey.State.COMPROMISED:
            raise CommandError(f"{options['key']} was not given up: what it signed is good.")
        before = reissuing.signed_by(key).count()
        while reissuing.reissue_some(key, at=timezone.now(), doubtful=options["doubtful"]):
            self.stdout.write(f"{before - reissuing.signed_by(key).count()} of {before}", ending="\r")
        outbox.promise("credentials.renew_records", key.pk, version=timezone.now().isoformat())
        left = reissuing.signed_by(key)
        self.stdout.write(
            f"{before - left.count()} credentials are issued anew; {left.count()} wait for a look at them."
        )
        for credential in left.order_by("pk")[:20]:
            self.stdout.write(f"  {credential.code}  {credential}")
