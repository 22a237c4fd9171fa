"""Makes the keys that issuers and the log lack, as the worker does by itself for each new issuer."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from credentials.keys import keyring
from credentials.models import Issuer


class Command(BaseCommand):
    help = "Makes the signing keys that are missing, for all issuers and for the log."

    def handle(self, *args: Any, **options: Any) -> None:
        made = keyring.make_missing(None, at=timezone.now())
        for issuer in Issuer.objects.order_by("slug"):
            made += keyring.make_missing(issuer, at=timezone.now())
        for key in made:
            self.stdout.write(f"{key.issuer or 'log'}: {key.get_purpose_display()}: {key.public_multibase}")
        if not made:
            self.stdout.write("Every key is there.")
