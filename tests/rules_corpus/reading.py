"""The corpus in this folder and its translations, read once, by the mapping that the command `rules_corpus` uses."""

from functools import cache
from pathlib import Path

from pathways.importing.corpus import RealRule, files_under, rules_of
from pathways.importing.translations import Edition, Translations, translations_under

HERE = Path(__file__).parent
FOLDER = HERE / "translations"


@cache
def real_rules() -> tuple[RealRule, ...]:
    return tuple(rule for path in files_under(HERE, without=FOLDER) for rule in rules_of(path))


@cache
def all_translations() -> Translations:
    return translations_under(FOLDER)


def translations() -> dict[str, tuple[Edition, ...]]:
    return all_translations().editions
