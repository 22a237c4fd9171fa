"""Every rule of the corpus is translated, and all its cases come out as the issuer says."""

from collections import Counter

import pytest

from pathways.importing.corpus import Case, files_under, rules_of
from pathways.importing.corpus_verdicts import faults_of
from pathways.rules.notation import from_json, to_json
from tests.rules_corpus.reading import HERE, all_translations, real_rules, translations

TITLES = {rule.id: rule.titles for rule in real_rules()}
CASES = {f"{rule.id} {case.id}": (rule.id, case) for rule in real_rules() for case in rule.cases}


def test_every_rule_is_translated_and_every_translation_may_be_published() -> None:
    assert all_translations().faults == []
    assert all_translations().refused == {}
    assert set(translations()) == {rule.id for rule in real_rules()}
    assert [rule.unreadable for rule in real_rules() if rule.unreadable] == []


@pytest.mark.parametrize("name", translations())
def test_a_translation_reads_back(name: str) -> None:
    for edition in translations()[name]:
        assert from_json(to_json(edition.rule)) == edition.rule


@pytest.mark.parametrize(("name", "case"), CASES.values(), ids=CASES)
def test_a_case_comes_out_as_the_issuer_says(name: str, case: Case) -> None:
    assert faults_of(case, translations()[name], TITLES[name]) == [], case.why


def test_the_second_set_has_every_word_of_the_vocabulary_three_times() -> None:
    table = (HERE / "README.md").read_text(encoding="utf-8").partition("## Vocabulary of `features`")[2]
    words = {word.strip() for line in table.splitlines()[4:] for word in line.split("|")[1].split(",")}
    said = Counter(
        word for path in files_under(HERE / "more") for rule in rules_of(path) for word in set(rule.features)
    )
    assert len(words) == 50
    assert {word: said[word] for word in words if said[word] < 3} == {}
