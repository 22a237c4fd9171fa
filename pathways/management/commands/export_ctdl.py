"""`export_ctdl SLUG`: writes a pathway, or the rule of an achievement, in CTDL, and says what CTDL cannot say."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from credentials.models import Achievement
from pathways import in_ctdl
from pathways.models import Pathway


class Command(BaseCommand):
    help = "Write a pathway, or the rule of an achievement, as a CTDL pathway in JSON-LD."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the short name of a pathway, or with --achievement of an achievement")
        parser.add_argument("--achievement", action="store_true", help="the rule of an achievement by itself")
        parser.add_argument("--to", type=Path, help="the file to write; without it, it is shown")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["slug"]
        if options["achievement"]:
            achievement = Achievement.objects.filter(slug=slug).select_related("issuer").first()
            written = in_ctdl.rule_in_ctdl(achievement) if achievement else None
        else:
            pathway = Pathway.objects.filter(slug=slug).select_related("target__issuer", "issuer").first()
            written = in_ctdl.pathway_in_ctdl(pathway) if pathway else None
        if written is None:
            raise CommandError(f"There is no {slug} with a rule in force.")
        text = json.dumps(written.document, ensure_ascii=False, indent=1) + "\n"
        if options["to"]:
            try:
                options["to"].write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{options['to']} cannot be written: {error.strerror}.") from error
        else:
            self.stdout.write(text, ending="")
        for each in written.not_said:
            self.stderr.write(f"not said in CTDL: {each.node or 'the rule'}, {each.field}: {each.reason}")
