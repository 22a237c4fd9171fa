"""Rules and verdicts as sentences that people read."""

import re
from datetime import date
from decimal import Decimal

import pytest

from pathways.rules.completing import named_by_what_fits
from pathways.rules.evaluate import evaluate
from pathways.rules.explain import completion_sentence, node_sentence, part_sentence, sentence, unused_sentence
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Holds,
    Passed,
    Period,
    Pool,
    Requirement,
    Rule,
    Where,
)
from pathways.rules.text import from_text

NAMES = {"a": "Data Basics", "b": "Statistics", "c": "Ethics", "m/x": "Final exam", "t": "electives"}
A, B, C = (Holds(id=key, any_of=(key,)) for key in "abc")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (A, "Hold Data Basics."),
        (Holds(id="r", any_of=("a", "b", "c")), "Hold Data Basics, Statistics, or Ethics."),
        (
            Holds(id="r", any_of=("a",), where=Where(level_at_least=5, current=True)),
            "Hold Data Basics at level 5 or above that has not expired.",
        ),
        (
            Passed(id="r", assessment="m/x", where=Where(grade_at_least=Decimal("62.50"))),
            "Pass Final exam with at least 62.5 % of the marks.",
        ),
        (All(id="r", parts=(A, B)), "Hold Data Basics and Statistics."),
        (
            All(id="r", parts=(A, AnyOf(id="o", parts=(B, C)))),
            "Hold Data Basics and (hold Statistics or Ethics).",
        ),
        (
            AtLeast(id="r", count=2, parts=(A, B, C)),
            "Hold at least 2 of Data Basics, Statistics, and Ethics.",
        ),
        (
            Count(id="r", at_least=2, pool=Pool(achievements=("a", "b", "c"))),
            "Hold at least 2 of Data Basics, Statistics, or Ethics.",
        ),
        (Count(id="r", at_least=1, pool=Pool(tags=("t",))), "Hold at least 1 achievement from the group electives."),
        (
            Amount(
                id="r", at_least=Decimal(60), at_most=Decimal("72.5"), pool=Pool(earned_within=Period(years=1, days=2))
            ),
            "Collect 60 to 72.5 credits earned in the last 1 year and 2 days.",
        ),
        (
            Amount(
                id="r",
                at_least=Decimal(8),
                at_most=Decimal(8),
                unit="hours",
                pool=Pool(achievements=("a",), repeats=True),
            ),
            "Collect exactly 8 hours from Data Basics, repetitions included.",
        ),
        (
            Count(
                id="r",
                at_least=3,
                pool=Pool(
                    without_achievements=("a",),
                    earned_since=date(2024, 1, 1),
                    earned_until=date(2024, 12, 31),
                    issuers=("The College",),
                ),
            ),
            "Hold at least 3 achievements other than Data Basics issued by The College"
            " earned from 2024-01-01 to 2024-12-31.",
        ),
    ],
)
def test_a_rule_is_one_plain_sentence(part: Requirement, said: str) -> None:
    assert part_sentence(part, NAMES) == said


def test_every_template_goes_through_the_translator() -> None:
    class Loud:
        def gettext(self, message: str) -> str:
            return re.sub(r"(?<![{a-z])[a-z]+(?![a-z}])", lambda word: word[0].upper(), message)

        def ngettext(self, singular: str, plural: str, number: int) -> str:
            return self.gettext(f"{singular} ({number})")

    assert sentence(Rule(root=A), NAMES, Loud()) == "HOLD Data Basics."
    three = Rule(root=Count(id="r", at_least=3, pool=Pool()))
    assert sentence(three, NAMES, Loud()) == "HOLD AT LEAST 3 ACHIEVEMENT (3)."


def test_a_verdict_is_said_part_by_part() -> None:
    rule = Rule(root=All(id="r", parts=(A, Amount(id="s", at_least=Decimal(10), pool=Pool(tags=("t",))))))
    given = Holding(
        id="1", kind="award", key="e", earned_on=date(2025, 1, 1), credits=Decimal("2.5"), tags=frozenset({"t"})
    )
    old = Holding(id="2", kind="award", key="a", earned_on=date(2025, 1, 1), status="revoked")
    evaluation = evaluate(rule, Record(holdings=(given, old)), date(2025, 6, 1))
    assert node_sentence(rule, evaluation, "a", NAMES) == "Hold Data Basics: missing, 0 of 1."
    assert (
        node_sentence(rule, evaluation, "s", NAMES)
        == "Collect at least 10 credits from the group electives: under way, 2.5 of 10."
    )
    assert [completion_sentence(rule, each, NAMES) for each in evaluation.missing] == [
        "Still needed: Data Basics and 7.5 more credits from the group electives."
    ]
    assert unused_sentence(evaluation.unused[0], "Data Basics") == "Data Basics does not count: it was revoked."


@pytest.mark.parametrize(
    ("said", "needed"),
    [
        ("count 5; achievements gift; repeats", "Still needed: 5 of gift."),
        ("count 2; achievements gift, sale; repeats", "Still needed: 2 of gift or sale."),
        ("count 2; achievements gift, sale", "Still needed: gift and sale."),
    ],
)
def test_what_may_be_earned_again_is_asked_for_as_often_as_it_is_missing(said: str, needed: str) -> None:
    rule = from_text(said)
    evaluation = evaluate(rule, Record(), date(2026, 6, 1))
    assert [completion_sentence(rule, each, {}) for each in evaluation.missing] == [needed]


def test_what_can_never_count_is_not_named_as_missing() -> None:
    rule, on = from_text("hold a, b, c; level at least 6"), date(2026, 6, 1)
    gains = {
        key: Holding(id=key, kind="award", key=key, earned_on=on, level=level)
        for key, level in (("a", 5), ("b", 6), ("c", 7))
    }
    missing = evaluate(rule, Record(), on).missing
    fitting = named_by_what_fits(rule, missing, gains, on)
    assert [completion_sentence(rule, each, {}) for each in fitting] == ["Still needed: b or c."]
    # Where nothing would fit, the names are the better answer.
    assert named_by_what_fits(rule, missing, {"a": gains["a"]}, on) != ()
