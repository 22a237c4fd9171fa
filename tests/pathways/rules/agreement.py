"""Where the exact evaluation must agree with the judge, for one rule and one record."""

from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.record import Record
from pathways.rules.requirement import Rule
from tests.pathways.rules.judge import judge, stands
from tests.pathways.rules.random_rules import ON


def assert_agreed(rule: Rule, record: Record) -> bool:
    """The verdict, once both ways of asking, the state of the whole and what counted where all bear it out."""
    verdict = judge(rule, record, ON)
    assert satisfied(rule, record, ON) == verdict
    evaluation = evaluate(rule, record, ON)
    assert evaluation.satisfied == verdict
    assert (evaluation.nodes[rule.root.id].state == "met") == verdict
    if verdict:
        allocation = {node: [each.holding for each in taken] for node, taken in evaluation.allocation.items()}
        assert stands(rule, record, ON, allocation)
    return verdict
