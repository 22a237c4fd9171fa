"""Every rule of the corpus is either translated, and all its cases come out right, or listed with what it lacks."""

from dataclasses import replace

import pytest

from pathways.rules.cost import check
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.notation import from_json, to_json
from pathways.rules.results import results_of
from pathways.rules.retention import stands
from tests.rules_corpus.reading import Case, cases, not_expressed, record_of, translations

RULES = translations()
CASES = [case for case in cases() if case.rule in RULES]


def test_each_rule_is_translated_or_listed_with_what_it_lacks() -> None:
    corpus = {case.rule for case in cases()}
    listed = [rule for rules in not_expressed().values() for rule in rules]
    assert len(listed) == len(set(listed))
    assert set(listed).isdisjoint(RULES)
    assert set(listed) | set(RULES) == corpus


@pytest.mark.parametrize("name", RULES)
def test_a_translation_may_be_published_and_reads_back(name: str) -> None:
    for edition in RULES[name]:
        assert check(edition.rule) == []
        assert from_json(to_json(edition.rule)) == edition.rule


@pytest.mark.parametrize("case", CASES, ids=[case.case["id"] for case in CASES])
def test_a_case_comes_out_as_the_issuer_says(case: Case) -> None:
    (rule,) = [edition.rule for edition in RULES[case.rule] if edition.since <= case.on <= edition.until]
    record, expect = record_of(case), case.case["expect"]
    if case.case.get("asks") == "keep":
        held = stands(rule, record, case.on, earned_on=case.case["prior"]["earned"])
        assert held == expect["satisfied"], case.case["why"]
        return
    evaluation = evaluate(rule, record, case.on)
    assert evaluation.satisfied == expect["satisfied"], case.case["why"]
    for counted in expect.get("counts", {}).values():
        assert evaluation.used.issuperset(counted)
    assert evaluation.used.isdisjoint(expect.get("unused", ()))
    if "result" in expect:
        assert results_of(rule, evaluation, record) == expect["result"]
    if "needed" in expect:
        awards = [holding.id for holding in record.holdings]
        needed = [
            each
            for each in awards
            if not satisfied(rule, replace(record, holdings=tuple(h for h in record.holdings if h.id != each)), case.on)
        ]
        assert needed == (awards if expect["needed"] == "all" else expect["needed"])
