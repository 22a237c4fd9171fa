"""`import_ctdl FILE`: reads the rule of a CTDL pathway, and keeps it as a draft for a registrar to look at."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from credentials.models import Achievement
from pathways import ctdl, rulemaking
from pathways.queries import names_of_keys
from pathways.rules import explain, notation
from portal.accounts.models import User
from portal.shared.refusals import Refusal

LARGEST = 4 * 1024 * 1024


class Command(BaseCommand):
    help = "Read the rule of a CTDL pathway; show it, or with --achievement keep it as the draft of a rule."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a CTDL pathway in JSON-LD")
        parser.add_argument("--achievement", help="the short name of the achievement whose draft it becomes")
        parser.add_argument("--author", help="the e-mail address of the registrar whose draft it is")

    def handle(self, *args: Any, **options: Any) -> None:
        found = self._read(options["file"])
        keys = {key for kind, key in notation.references(found.rule) if kind in {"award", "grade"} and key != "*"}
        self.stdout.write(explain.sentence(found.rule, names_of_keys(keys)))
        if found.is_plain:
            self.stderr.write("Read from CTDL alone: it says how many of which, and nothing finer.")
        if options["achievement"] is None:
            return
        achievement = Achievement.objects.filter(slug=options["achievement"]).first()
        author = User.objects.filter(email=options["author"] or "").first()
        if achievement is None:
            raise CommandError(f"There is no achievement {options['achievement']}.")
        if author is None:
            raise CommandError("--author has to be the e-mail address of somebody here.")
        try:
            rulemaking.save_draft(
                achievement=achievement, document=notation.to_json(found.rule), author=author, at=timezone.now()
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"Kept as the draft of the rule of {achievement.slug}. It awards nothing until it is published."
        )

    def _read(self, path: Path) -> ctdl.Read:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        if len(content) > LARGEST:
            raise CommandError(f"{path} is larger than 4 MiB.")
        try:
            return ctdl.read(json.loads(content))
        except ctdl.BadCtdl as error:
            raise CommandError(f"{path}: {error}") from error
        except (ValueError, RecursionError) as error:
            raise CommandError(f"{path} is not JSON: {error}") from error
