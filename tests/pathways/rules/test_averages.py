"""Averages of grades: of what a part took and of all that is held, of the newest, by other properties, and blended."""

from decimal import Decimal
from typing import Any

import pytest

from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.record import Record
from pathways.rules.results import results_of
from pathways.rules.soundness import check
from pathways.rules.text import TextError, from_text
from tests.pathways.rules.test_language import ON, Told, assert_comes_out, assert_reads_back, had

YEARS = ["a 2022-01-01 credits=30 grade=40", "b 2023-01-01 credits=30 grade=70", "c 2024-01-01 credits=30 grade=60"]
TOLD = [
    Told(
        "the newest that make up so much, whole days together",
        "earn 60\n  where average; at least 65; last 60",
        [YEARS, [*YEARS, "d 2020-01-01 credits=60 grade=10"], YEARS[1:]],
        [[*YEARS[:2], "c 2024-01-01 credits=30 grade=59"], ["a 2024-01-01 credits=90 grade=64"]],
    ),
    Told(
        "of the newest the best, and what lacks of them is nothing",
        "earn 60\n  where average; at least 65; last 60; best 30",
        [[*YEARS[:2], "c 2024-01-01 credits=30 grade=1"]],
        [["b 2023-01-01 credits=30 grade=60", "c 2024-01-01 credits=30 grade=64"]],
    ),
    Told(
        "all that is held enters, and nothing can be left out to raise it",
        "all of\n  earn 60\n  graded; at least 50",
        [YEARS, [*YEARS, "d 2024-02-01 credits=15 grade=30"]],
        [[*YEARS, "d 2024-02-01 credits=60 grade=30"]],
    ),
    Told(
        "what was failed is averaged where its state is named, and the last attempt takes the place of the first",
        "graded; at least 50; statuses active, failed; attempt last",
        [["a 2022-01-01 credits=5 grade=20 status=failed", "a 2023-01-01 credits=5 grade=50"]],
        [
            ["a 2022-01-01 credits=5 grade=60", "a 2023-01-01 credits=5 grade=20 status=failed"],
            ["a 2023-01-01 credits=5 grade=55", "b 2023-01-01 credits=5 grade=40 status=failed"],
        ],
    ),
    Told(
        "of one achievement earned twice the better grade, unless it repeats",
        "graded; at least 50; weight count",
        [["a 2022-01-01 grade=10", "a 2023-01-01 grade=50"]],
        [["a 2022-01-01 grade=49", "a 2021-01-01 grade=10"], [], ["a 2022-01-01"]],
    ),
    Told(
        "each time it was earned",
        "graded; at most 30; weight count; repeats",
        [["a 2022-01-01 grade=10", "a 2023-01-01 grade=50"]],
        [["a 2022-01-01 grade=11", "a 2023-01-01 grade=50"]],
    ),
    Told(
        "over the last so many, grades in words by their values, what has none as zero",
        "graded; at least 3; weight count; last 2; ungraded as zero; values (mark A; value 4) and (mark C; value 2)",
        [["a 2021-01-01", "b 2022-01-01 mark=C", "c 2023-01-01 mark=A"]],
        [["a 2023-01-01", "b 2022-01-01 mark=A", "c 2021-01-01 mark=A"]],
    ),
    Told(
        "another property takes the place of the grade",
        "count 2\n  where average; at least 5.5; weight count; property band; values (mark IX; value 9)",
        [["a 2022-01-01 band=5", "b 2022-01-01 +band=6"], ["a 2022-01-01 band=2", "b 2022-01-01 band=IX"]],
        [["a 2022-01-01 band=5 grade=99", "b 2022-01-01 band=5.9"]],
    ),
    Told(
        "less what a fact brings in",
        "earn 20; less fact carried; at least fact asked",
        [["a 2022-01-01 credits=13"], ["a 2022-01-01 credits=10", "b 2022-01-01 credits=2.5"]],
        [["a 2022-01-01 credits=12"], []],
        facts={"carried": "12.5", "asked": "25"},
    ),
    Told(
        "averages that are rounded before they enter another",
        "graded; at least 4; weight count; blend (tags school; share 1/2; step 0.1; "
        "blend (tags one; share 1/2; step 0.5) and (tags two; share 1/2; step 1; rounded down))"
        " and (tags exam; share 1/2)",
        # 3.75 is 4, 4.9 is 4: 4 and 4.
        [["a 2022-01-01 school one grade=3.75", "b 2022-01-01 school two grade=4.9", "c 2022-01-01 exam grade=4"]],
        [
            ["a 2022-01-01 school one grade=3.74", "b 2022-01-01 school two grade=4.9", "c 2022-01-01 exam grade=4"],
            ["a 2022-01-01 school one grade=3.75", "b 2022-01-01 school two grade=3.9", "c 2022-01-01 exam grade=4"],
            ["a 2022-01-01 school one grade=6", "c 2022-01-01 exam grade=6"],
        ],
    ),
    Told(
        "a quarter from one level and three from another, of each the best",
        "graded; at least 60; blend (level at least 5; level at most 5; share 1/4; best 20)"
        " and (level at least 6; share 3/4; best 20)",
        [
            [
                "a 2022-01-01 level=5 credits=20 grade=48",
                "b 2022-01-01 level=5 credits=20 grade=1",
                "c 2022-01-01 level=6 credits=20 grade=64",
            ]
        ],
        [
            ["a 2022-01-01 level=5 credits=20 grade=47", "c 2022-01-01 level=6 credits=20 grade=64"],
            ["c 2022-01-01 level=6 credits=20 grade=90"],
        ],
    ),
]


@pytest.mark.parametrize("told", TOLD, ids=[each.name for each in TOLD])
def test_what_is_told_comes_out_and_reads_back(told: Told) -> None:
    assert_comes_out(told)
    assert_reads_back(told)


def test_what_an_average_is_met_by_is_all_that_enters_it() -> None:
    rule = from_text("all of\n  hold a\n  graded; at least 50 #mean")
    evaluation = evaluate(rule, Record(holdings=tuple(map(had, YEARS))), ON)
    assert evaluation.relied_on["mean"] == ("a@2022-01-01", "b@2023-01-01", "c@2024-01-01")
    assert evaluation.used == {"a@2022-01-01"}


def _result(rule: str, held: list[str]) -> Any:
    record = Record(holdings=tuple(map(had, held)))
    found = from_text(rule)
    assert check(found) == []
    return results_of(found, evaluate(found, record, ON), record)["it"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("give lowest", 40),
        ("give highest", 70),
        ("give lowest; last 60", 60),
        ("give lowest; bands (word low; at least 40) and (word high; at least 60)", "low"),
        ("give average; last 60", 65),
        ("give average; property credits", 30),
        ("give average; blend (achievements a; share 1/2) and (achievements b; share 1/2)", 55),
        ("give average; blend (achievements a; share 1/2) and (achievements x; share 1/2)", None),
        ("give average; step 25", 50),
        ("give average; step 25; rounded up", 75),
        ("measure count; per 2; step 0.5", Decimal("1.5")),
    ],
)
def test_a_figure_comes_to_it(said: str, found: Any) -> None:
    assert _result(f"result figure it; {said}\nearn 90", YEARS) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("after 1 years; counted first", "2023-01-01"),
        ("after 1 years; counted last", "2025-01-01"),
        ("after 1 years; counted last; latest", "2026-05-01"),
        ("latest", "2026-05-01"),
        ("after 1 years", "2026-05-01"),
        ("after 1 years; latest", "2026-06-30"),
    ],
)
def test_an_expiry_is_counted_from_what_counted(said: str, found: str) -> None:
    held = [f"{each} until=2026-05-01" for each in YEARS]
    assert str(_result(f"result expiry it; {said}\nearn 90", held)) == found


def test_what_is_blended_says_of_each_how_much_of_the_best_counts() -> None:
    rule = from_text("graded; at least 50; best 30; blend (level at least 5; share 1/2)")
    assert [each.code for each in check(rule)] == ["blended_twice"]
    assert [each.code for each in check(from_text("graded; last 30"))] == ["nothing_asked"]
    assert [each.code for each in check(from_text("graded; at least 3; at most 2"))] == ["maximum_below_minimum"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("result figure it; places 1; step 0.5", "rounding_unclear"),
        ("result figure it; give average; blend (share 1/1; rounded up)", "rounding_unclear"),
        ("result figure it; give average; blend (share 1/1; best 3; blend (share 1/1))", "blended_twice"),
        ("result total a\nresult figure it; made of (result a); over held", "made_of_more"),
        ("result figure it; by subject", "groups_unclear"),
        ("result figure it; at most each 5", "groups_unclear"),
        ("result figure it; give lowest; by subject; at most each 5", "groups_unclear"),
        ("result figure it; give average; last 5; by subject; at most each 5", "groups_unclear"),
    ],
)
def test_what_is_rounded_or_made_of_others_says_how_and_nothing_else(said: str, code: str) -> None:
    assert [each.code for each in check(from_text(f"{said}\nearn 90"))] == [code]


@pytest.mark.parametrize(
    "said",
    [
        "result figure it; made of (result it)",
        "result figure it; made of (result later)\nresult total later",
        "result listing it\nresult figure b; made of (result it)",
        "result figure it; places 7",
        "result figure it; step 0",
        "result figure it; step 0.0",
    ],
)
def test_a_result_is_made_of_numbers_above_it_and_rounded_to_something(said: str) -> None:
    with pytest.raises(TextError):
        from_text(f"{said}\nearn 90")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("repeats", 24 + 10),
        ("best 2", 20 + 10),
        ("measure count", 2 + 1),
        ("give average; values (mark E; value 4) and (mark M; value 3) and (mark A; value 2)", 3),
        ("give average; best 20; values (mark E; value 4) and (mark M; value 3) and (mark A; value 2)", "3.5"),
        ("tags s=chemistry", 10),
    ],
)
def test_of_each_group_at_most_so_much_enters(said: str, found: Any) -> None:
    held = [
        "a 2022-01-01 credits=20 mark=M s=physics",
        "b 2022-01-01 credits=10 mark=E s=physics s=zoology",
        "c 2022-01-01 credits=10 mark=A s=chemistry",
        "d 2022-01-01 credits=5 s=physics",
    ]
    most = 2 if "count" in said else 24
    rule = f"result figure it; {said}; over held; by s; at most each {most}\nearn 10"
    assert _result(rule, held) == Decimal(found)


def test_a_result_is_made_of_others_exactly() -> None:
    rule = (
        "result figure base; give average; rates (achievements c; times 2/1)\n"
        "result total points; measure count\n"
        "result figure it; made of (result base; times 11/3) and (result points); minus 1; at most 230; step 0.5; {}\n"
        "earn 90"
    )
    held = ["a 2022-01-01 credits=30 grade=50", "b 2023-01-01 credits=30 grade=60", "c 2024-01-01 credits=30 grade=71"]
    # 63 times 11/3 are 231, with three and without one 233.
    assert _result(rule.format("at most 300").replace("at most 230; ", ""), held) == 233
    assert _result(rule.format("bands (word low; at least 1) and (word high; at least 230)"), held) == "high"
    # A third is not rounded before it is three thirds.
    thirds = (
        "result figure base; measure count; per 3; step {}\nresult figure it; made of (result base; times 3/1)\nearn 30"
    )
    assert _result(thirds.format("0.000001"), held[:1]) == Decimal("0.999999")
    whole = "result figure base; give average\nresult figure it; made of (result base; times 3/1)\nearn 90"
    assert _result(whole, [*held[:2], "c 2024-01-01 credits=30 grade=70.5"]) == Decimal("180.5")
    none = "result figure base; give average\nresult figure it; made of (result base)\nearn 30"
    assert _result(none, ["a 2022-01-01 credits=30"]) is None


def test_thirds_do_not_lengthen_the_newest() -> None:
    # Two thirds of thirty and of fifteen are thirty together, and no third day is reached.
    rule = from_text("earn 45\n  where average; at least 60; last 30; rates (tags t; times 2/3)")
    held = [
        "a 2021-01-01 credits=90 grade=1 t",
        "b 2022-01-01 credits=15 grade=60 t",
        "c 2023-01-01 credits=30 grade=60 t",
    ]
    assert satisfied(rule, Record(holdings=tuple(map(had, held))), ON)
    assert evaluate(rule, Record(holdings=tuple(map(had, held))), ON).nodes["n2"].have == Decimal(60)
