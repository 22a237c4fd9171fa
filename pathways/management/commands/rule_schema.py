"""`rule_schema`: writes the published JSON Schema of rules anew, after the language has grown."""

from typing import Any

from django.core.management.base import BaseCommand

from pathways.rules import schema


class Command(BaseCommand):
    # Nothing of the site is asked, so nothing of it needs to be well.
    requires_system_checks = ()
    help = "Write the JSON Schema of rules anew."

    def handle(self, *args: Any, **options: Any) -> None:
        schema.FILE.write_text(schema.written(), encoding="utf-8")
        self.stdout.write(f"{schema.FILE.name} is written.")
