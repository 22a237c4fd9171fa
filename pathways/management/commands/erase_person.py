"""`erase_person EMAIL --reason WORDS`: removes a person from everything that is kept, after showing what that means."""

from argparse import ArgumentParser
from copy import copy
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pathways.own_data import erasing, inventory, letters
from portal.accounts.models import User
from portal.shared.refusals import Refusal


class Command(BaseCommand):
    help = "Show what erasing a person would remove and what stays without a name; then do it. It cannot be undone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address with which the person signs in")
        parser.add_argument("--reason", required=True, help="on what ground; it is kept, so it names nobody")
        parser.add_argument("--only-show", action="store_true", help="show it, and do nothing")
        parser.add_argument("--confirmed", metavar="EMAIL", help="the address once more, instead of being asked")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError(f"Nobody is registered with {options['email']}.")
        self._show(person)
        if options["only_show"]:
            return
        typed = options["confirmed"]
        if typed is None:
            typed = input(f"This cannot be undone. To erase {person}, type the address once more: ")
        if typed.strip().lower() != person.email.lower():
            raise CommandError("That is another address. Nothing was erased.")
        former = copy(person)
        try:
            request = erasing.erase(person=person, reason=options["reason"], at=timezone.now())
        except Refusal as refusal:
            raise CommandError(f"{refusal} Nothing was erased.") from refusal
        erasing.finish(request.pk)
        self.stdout.write(f"Erased. Request {request.uuid} keeps what was done; nothing else leads there.")
        try:
            letters.say_goodbye(former, request)
        except OSError as error:
            raise CommandError(f"The person could not be told: {error}") from error

    def _show(self, person: User) -> None:
        found = erasing.preview(person)
        self.stdout.write(f"{person} ({person.email}), here since {person.joined_at:%Y-%m-%d}\n\nGoes:")
        for name, count in found.going.items():
            self.stdout.write(f"{count:>8,}  {name}: {inventory.part(name).about}")
        self.stdout.write(
            f"\nStays, without a name:\n{found.credentials:>8,}  marks that a credential of some number was issued"
            f" ({found.shared:,} are shared now; their links end)\n{found.acts:>8,}  acts, without their words\n"
            "          entries of the log, as they are, without the salts that tie them to documents\n"
        )
