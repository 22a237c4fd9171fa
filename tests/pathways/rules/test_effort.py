"""Tests that a judgement is bounded, says so, and that a rule which would reach the bound is found before."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from pathways.rules import effort, tried
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.record import Record
from pathways.rules.requirement import Holds, Levels, Rule
from pathways.rules.results import results_of
from pathways.rules.retention import stands
from pathways.rules.text import from_text
from tests.benchmarks.worst_case import Maker
from tests.pathways.rules.random_rules import DAYS, anything, records

ON = date(2025, 6, 1)


def costly() -> tuple[Rule, Record]:
    """Many sums and conditions over the same holdings."""
    maker = Maker(4)
    rule = maker.rule()
    return rule, maker.record(60)


def test_past_the_bound_the_verdict_is_unknown_and_not_unmet() -> None:
    rule, record = costly()
    with pytest.raises(effort.TooCostlyError), effort.bounded(20_000):
        satisfied(rule, record, ON)
    with pytest.raises(effort.TooCostlyError), effort.bounded(20_000):
        evaluate(rule, record, ON)


def test_a_judgement_inside_another_shares_its_bound() -> None:
    with effort.bounded(10):
        effort.spend(6)
        with pytest.raises(effort.TooCostlyError), effort.bounded(1_000):
            effort.spend(6)
    # Outside of any bound nothing is counted.
    effort.spend(10**9)


def test_giving_up_is_the_same_every_time() -> None:
    rule, record = costly()

    def gives_up(most: int) -> bool:
        try:
            with effort.bounded(most):
                satisfied(rule, record, ON)
        except effort.TooCostlyError:
            return True
        return False

    bounds = [10**power for power in range(2, 6)]
    assert [gives_up(most) for most in bounds] == [gives_up(most) for most in bounds]


def test_a_plain_rule_does_not_stall() -> None:
    assert not tried.who_stalls(Rule(root=Holds(id="n1", any_of=("algebra",))))


def test_a_rule_that_would_stall_is_found_by_itself() -> None:
    rule = Maker(4).rule()
    found = tried.who_stalls(rule)
    assert found is not None
    with pytest.raises(effort.TooCostlyError), effort.bounded(effort.MOST // tried.MARGIN):
        satisfied(rule, found.record, found.on)


def test_working_out_results_gives_up_past_the_bound() -> None:
    rule, record = costly()
    easy = Rule(root=Holds(id="easy", any_of=(record.holdings[0].key,)))
    levelled = replace(easy, results=(Levels(name="rank", words=("top",), parts=(rule.root,)),))
    evaluation = evaluate(easy, record, ON)
    assert evaluation.satisfied
    with pytest.raises(effort.TooCostlyError), effort.bounded(20_000):
        results_of(levelled, evaluation, record)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(anything(), records())
def test_days_asked_one_after_another_come_out_as_each_by_itself(rule: Rule, record: Record) -> None:
    alone = [satisfied(rule, record, day) for day in DAYS]
    with effort.bounded():
        assert [satisfied(rule, record, day) for day in DAYS] == alone


LASTING = from_text(
    'lasts current\ngrace 6 months\nreinstatement\n  hold b; earned since "prior.fell"\n'
    "all of\n  hold a; current\n  earn 20; unit hours; tags t; repeats; earned within 2 years"
)


def test_each_day_that_is_judged_counts() -> None:
    _, record = list(tried.TrialLearners(LASTING, tried.ON).records())[4]
    with effort.bounded() as once:
        satisfied(LASTING, record, tried.ON)
    assert once.spent > 2 * len(record.holdings)
    with effort.bounded() as lasting:
        stands(LASTING, record, tried.ON, earned_on=date(2023, 6, 1))
    assert lasting.spent > 200 * once.spent // 2
    with pytest.raises(effort.TooCostlyError), effort.bounded(lasting.spent // 2):
        stands(LASTING, record, tried.ON, earned_on=date(2023, 6, 1))


def test_while_somebody_writes_as_much_is_tried_as_a_page_can_wait_for() -> None:
    assert not tried.who_stalls(LASTING, within=tried.WHILE_WRITING)
    # What shows at once is found in that time, too, and what does not is found before publishing.
    assert tried.who_stalls(Maker(4).rule(), within=effort.MOST)
    assert not tried.who_stalls(Maker(4).rule(), within=1_000)
