"""`rules_corpus CORPUS --rules FOLDER`: holds rules that somebody translated against the cases of a corpus."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pathways.importing.corpus import RealRule, files_under, rules_of
from pathways.importing.corpus_files import BadFile
from pathways.importing.corpus_verdicts import judged, unpublishable
from pathways.importing.translations import Translations, translations_under


class Command(BaseCommand):
    # Nothing of the site is asked, so nothing of it needs to be well.
    requires_system_checks = ()
    help = "Evaluate every case of a corpus of real rules by their translations; see docs/rules.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("corpus", type=Path, help="a folder of corpus files, or one file")
        parser.add_argument(
            "--rules", type=Path, required=True, help="a folder with the translations, a file an issuer"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        corpus, folder = options["corpus"], options["rules"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        if not corpus.exists():
            raise CommandError(f"{corpus} does not exist.")
        files = files_under(corpus, without=folder) if corpus.is_dir() else [corpus]
        if not files:
            raise CommandError(f"There is no corpus file (.yaml, .yml or .json) under {corpus}.")
        translations = translations_under(folder)
        self.faults = list(translations.faults)
        rules = self._rules(files)
        width = max([len("rule"), *(len(rule.id) for rule in rules)]) + 2
        self.stdout.write(f"{'rule':{width}}{'expressed':11}{'cases right':>12}")
        tallies = [self._show(rule, translations, width) for rule in rules]
        for fault in self.faults:
            self.stdout.write(f"cannot be read: {fault}")
        left = sorted({*translations.editions, *translations.refused} - {rule.id for rule in rules})
        if left and any(rule.id not in translations.editions for rule in rules):
            self.stdout.write(f"translated, but not in this corpus: {', '.join(left)}")
        expressed, right = sum(each[0] for each in tallies), sum(each[1] for each in tallies)
        cases = sum(map(_size, rules))
        self.stdout.write(f"{expressed} of {len(rules)} rules expressed, {right} of {cases} cases right")
        if self.faults or not cases or expressed < len(rules) or right < cases:
            raise SystemExit(1)

    def _rules(self, files: list[Path]) -> list[RealRule]:
        rules: dict[str, RealRule] = {}
        for path in files:
            try:
                for rule in rules_of(path):
                    if rule.id in rules:
                        raise BadFile(path, rule.id, "this rule stands in another file too")
                    rules[rule.id] = rule
            except BadFile as fault:
                self.faults.append(str(fault))
        return list(rules.values())

    def _show(self, rule: RealRule, translations: Translations, width: int) -> tuple[bool, int]:
        """Writes the lines of one rule; answers whether it is expressed, and how many of its cases are right."""
        editions = translations.editions.get(rule.id)
        verdict = judged(rule, editions) if editions is not None else None
        against = unpublishable(rule, editions) if editions is not None else None
        is_expressed = verdict is not None and against is None
        right = verdict.right if verdict is not None else 0
        said = "yes" if is_expressed else "no"
        self.stdout.write(f"{rule.id:{width}}{said:11}{f'{right} of {_size(rule)}':>12}")
        if verdict is None:
            self.stdout.write(f"    {translations.refused.get(rule.id, 'there is no translation')}")
        if against is not None:
            self.stdout.write(f"    {against}")
        for case, fault in verdict.wrong if verdict is not None else ():
            self.stdout.write(f"    {case}: {fault}")
        for case, fault in rule.unreadable:
            self.stdout.write(f"    {case}: cannot be read: {fault}")
        return is_expressed, right


def _size(rule: RealRule) -> int:
    return len(rule.cases) + len(rule.unreadable)
