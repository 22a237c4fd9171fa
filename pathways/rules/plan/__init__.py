"""The cheapest way to finish: what to take, when, and why, by hours, by price or by date, for one target or several.

The evaluator is the judge: what a plan brings, day by day (`living`), satisfies the targets by evaluation. A search
over sets of offers (`planner`, `cover`), cut by what the rules ask for at the very least (`relaxed`, `demands`,
`outlook`), says whether the plan is the best there is or how much better another one could be at the most; `telling`
gives the reasons. It goes on in steps and not in time, so the answer depends on the arguments alone.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from pathways.rules.plan.answer import BY, Approval, By, Instead, LeftOutCode, Plan, Step, Use, Wish
from pathways.rules.plan.offering import Offer
from pathways.rules.plan.planner import Planner
from pathways.rules.plan.question import Question
from pathways.rules.record import Record
from pathways.rules.requirement import Rule

__all__ = ["BY", "Approval", "By", "Instead", "LeftOutCode", "Plan", "Step", "Use", "Wish", "plan", "plans"]


def plan(targets: Mapping[str, Rule], record: Record, offer: Offer, wish: Wish, on: date) -> Plan:
    """The best plan within the steps of the wish. `targets` are rules by the achievement they give, or by any name."""
    *_, last = plans(targets, record, offer, wish, on)
    return last


def plans(targets: Mapping[str, Rule], record: Record, offer: Offer, wish: Wish, on: date) -> Iterator[Plan]:
    """A first plan soon, then each better one, and at last the best again with what is known of others."""
    question = Question(targets, record, offer, wish, on)
    if not question.targets:
        yield Plan(by=wish.by, on=on, outcome="nothing", evaluations=question.reached)
    elif wish.by == "date":
        yield from Planner(question).soonest()
    else:
        yield from Planner(question).cheapest()
