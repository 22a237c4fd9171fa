"""Every rule of the corpus is translated, and all its cases come out as the issuer says."""

import pytest

from pathways.importing.corpus import Case
from pathways.importing.corpus_verdicts import faults_of
from pathways.rules.notation import from_json, to_json
from tests.rules_corpus.reading import all_translations, real_rules, translations

CASES = {f"{rule.id} {case.id}": (rule.id, case) for rule in real_rules() for case in rule.cases}


def test_every_rule_is_translated_and_every_translation_may_be_published() -> None:
    assert all_translations().faults == []
    assert all_translations().refused == {}
    assert set(translations()) == {rule.id for rule in real_rules()}


@pytest.mark.parametrize("name", translations())
def test_a_translation_reads_back(name: str) -> None:
    for edition in translations()[name]:
        assert from_json(to_json(edition.rule)) == edition.rule


@pytest.mark.parametrize(("name", "case"), CASES.values(), ids=CASES)
def test_a_case_comes_out_as_the_issuer_says(name: str, case: Case) -> None:
    assert faults_of(case, translations()[name]) == [], case.why
