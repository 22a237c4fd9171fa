"""Tells how to point a public test suite at this site: who issues, where, and with which token."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from credentials import conformance
from portal.accounts import tokens
from portal.accounts.models import User


class Command(BaseCommand):
    help = "Prints, as JSON, the issuer and addresses for test suites of the VC-API, and with --for a new token."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--for", dest="email", default="", help="e-mail address of the person whose token is made")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = {"issuer": conformance.issuer()}
        except conformance.NotOffered as error:
            raise CommandError("Set CAIRN_CONFORMANCE=yes, for this command and for the site.") from error
        for name, path in (
            ("issue", "/credentials/issue"),
            ("verify", "/credentials/verify"),
            ("verifyPresentation", "/presentations/verify"),
        ):
            told[name] = settings.SITE_URL + path
        if options["email"]:
            user = User.objects.filter(email__iexact=options["email"]).first()
            if user is None:
                raise CommandError(f"There is nobody with the address {options['email']}.")
            _token, told["token"] = tokens.make(user=user, name="conformance", at=timezone.now())
        self.stdout.write(json.dumps(told, indent=2))
