"""`load_demonstration`: fills the site with a small college whose people and work are invented."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from pathways.demonstration import content, load
from portal.accounts.models import User


class Command(BaseCommand):
    help = "Load the demonstration college; what is there already is left as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        before = load.totals()
        load.load(at=timezone.now(), progress=self._show)
        self._show("")
        after = load.totals()
        self.stdout.write(f"{'':14}{'in all':>10}{'this run':>10}")
        for name, count in after.items():
            self.stdout.write(f"{name:14}{count:>10,}{count - before[name]:>10,}")
        self.stdout.write(f"{'time':14}{'':>10}{time.monotonic() - begun:>8,.0f} s")
        self.stdout.write("")
        for line in self.logins:
            self.stdout.write(line)

    @property
    def logins(self) -> list[str]:
        """Who may sign in, for those who start the site; nobody where a real institution lives without the college."""
        people = load.logins()
        if User.objects.exists() and not User.objects.filter(email=people[0].address).exists():
            return []
        return [
            f"For demonstration only: everybody's password is {content.college()['password']}",
            *(f"{each.role:14}{each.name:18}{each.address}" for each in people),
        ]

    def _show(self, what: str) -> None:
        """The thing being made, on a line that is written over; nothing where nobody watches."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r{what:<70}", ending="")
            if not what:
                self.stderr.write("\r", ending="")
