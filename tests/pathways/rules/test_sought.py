"""The greatest sum of all choices as a result of its own, and what stands against asking for it."""

from decimal import Decimal
from itertools import combinations

import pytest

from pathways.rules import tried
from pathways.rules.evaluate import evaluate
from pathways.rules.explain import sentence
from pathways.rules.record import Record
from pathways.rules.results import results_of
from pathways.rules.soundness import check
from pathways.rules.text import from_text
from tests.pathways.rules.test_language import ON, had

# Two subjects of one sitting, the better of which comes second.
RULE = (
    "all of\n  where spread; by sitting; at most 1\n  where limit; measure count; at most 2\n"
    "  count 2; repeats\n    where limit; measure score; at least 10"
)
TOLD = [
    "a 2024-01-01 score=7 sitting=1",
    "b 2024-01-02 score=4 sitting=1",
    "c 2024-01-03 score=5 sitting=1",
    "a 2025-01-01 score=6.5 sitting=2 hard",
    "b 2025-01-02 score=9 sitting=2 hard",
]


def held(said: list[str]) -> Record:
    return Record(holdings=tuple(map(had, said)))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", Decimal("15.5")),
        ("; tags hard", Decimal("15.5")),
        ("; without tags hard", Decimal(12)),
        ("; bands (word low; at least 10) and (word high; at least 15.5)", "high"),
        ("; minus 5; per 2; at most 7; places 1", Decimal("5.3")),
        ("; minus 5; per 2", 5),
    ],
)
def test_the_greatest_sum_of_all_choices_is_a_result(said: str, found: object) -> None:
    rule = from_text(f"result figure it; measure score; over best{said}\n{RULE}")
    assert check(rule) == []
    record = held(TOLD)
    assert results_of(rule, evaluate(rule, record, ON), record) == {"it": found}
    few = held(TOLD[:1])
    assert results_of(rule, evaluate(rule, few, ON), few) == {"it": None}


def test_it_is_the_greatest_that_trying_each_choice_finds() -> None:
    scores = [3, 8, 5, 7, 2, 6, 4]
    told = [f"k{place} 2024-01-01 credits={each % 3 + 1} score={each}" for place, each in enumerate(scores)]
    rule = from_text("result figure it; measure score; over best\nearn 4\n  where limit; at most 6")
    record = held(told)
    choices = [
        few
        for count in range(len(scores) + 1)
        for few in combinations(scores, count)
        if 4 <= sum(each % 3 + 1 for each in few) <= 6
    ]
    assert results_of(rule, evaluate(rule, record, ON), record) == {"it": max(map(sum, choices))}


@pytest.mark.parametrize(
    "said",
    [
        "result figure it; give average; over best\nearn 5",
        "result figure it; over best; best 3\nearn 5",
        "result figure it; over best; rates (tags t; times 2/1)\nearn 5",
        "result figure it; over best\nall of\n  earn 5; shared\n  hold a",
        "result figure it; over best\nearn 5; divisible",
        "result figure it; over best\nearn 5; rates (tags t; times 2/1)",
    ],
)
def test_what_cannot_be_asked_for_over_all_that_is_taken_is_not_sought(said: str) -> None:
    assert [each.code for each in check(from_text(said))] == ["not_sought"]


def test_it_is_said() -> None:
    assert sentence(from_text("result figure it; measure score; over best\nearn 5"), {}).endswith(
        "the greatest sum of the score of any achievement to which any choice comes that would do."
    )


def test_what_takes_too_long_to_seek_cannot_be_published() -> None:
    plain = "earn 60\n  where limit; at most 90\n  where limit; tags t; at least 20"
    assert not tried.who_stalls(from_text(plain))
    assert tried.who_stalls(from_text(f"result figure it; measure points; over best\n{plain}"))
    assert not tried.who_stalls(from_text(f"result figure it; measure score; over best\n{RULE}"))
