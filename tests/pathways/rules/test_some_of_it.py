"""Conditions over some of what was taken, years that begin in autumn, weeks, breaks, and pass marks of one's own."""

import pytest

from pathways.rules.explain import sentence
from pathways.rules.notation import RuleError, from_json, to_json
from pathways.rules.text import TextError, from_text
from tests.pathways.rules.test_language import Told, assert_comes_out, assert_reads_back

UPPER = ["a 2024-01-01 credits=60 level=4", "b 2024-01-01 credits=30 level=6 in", "c 2024-01-01 credits=30 level=6"]
TOLD = [
    Told(
        "half of the upper credits here, whatever the rest is",
        "earn 120\n  where limit; tags in; at least share 1/2; among (level at least 5)",
        [UPPER, [*UPPER[:2], "c 2024-01-01 credits=30 level=4"]],
        [[UPPER[0], "b 2024-01-01 credits=29 level=6 in", "c 2024-01-01 credits=31 level=6"]],
    ),
    Told(
        "so much of it at most, among some",
        "earn 30\n  where limit; tags in; at most 5; among (level at least 5)",
        [["a 2024-01-01 credits=25 level=4 in", "b 2024-01-01 credits=5 level=5 in"]],
        [["a 2024-01-01 credits=24 level=4 in", "b 2024-01-01 credits=6 level=5 in"]],
    ),
    Told(
        "some come from different subjects, others need not",
        "count 3\n  where spread; by subject; at least 2; level at least 5",
        [["a 2024-01-01 subject=x level=5", "b 2024-01-01 subject=y level=5", "c 2024-01-01 subject=x"]],
        [["a 2024-01-01 subject=x level=5", "b 2024-01-01 subject=y", "c 2024-01-01 subject=z"]],
    ),
    Told(
        "some may not repeat, others may",
        "earn 12; repeats\n  where spread; by achievement; at most each 1; without tags topics",
        [["t 2024-01-01 credits=6 topics", "t 2024-02-01 credits=6 topics"]],
        [["c 2024-01-01 credits=6", "c 2024-02-01 credits=6"]],
    ),
    Told(
        "from few subjects, where it is looked at",
        "count 3\n  where spread; by subject; at most 1; level at least 5",
        [["a 2024-01-01 subject=x level=5", "b 2024-01-01 subject=x level=5", "c 2024-01-01 subject=z"]],
        [["a 2024-01-01 subject=x level=5", "b 2024-01-01 subject=y level=5", "c 2024-01-01 subject=z"]],
    ),
    Told(
        "at most so much in each year that begins in April",
        "earn 20; unit hours; repeats\n  where spread; by year; at most each 10; measure hours; beginning 2020-04-01",
        [["c 2024-03-31 hours=10", "c 2024-04-01 hours=10"]],
        [["c 2024-04-01 hours=10", "c 2025-03-31 hours=10"]],
    ),
    Told(
        "in the school year that runs",
        "earn 10; earned since today start of 09-01",
        [["a 2024-09-01 credits=10"]],
        [["a 2024-08-31 credits=10"]],
    ),
    Told(
        "in the quarter and the week of another award",
        "all of\n  hold a; earned since last (achievements z) start of quarter\n"
        "  hold b; earned since last (achievements z) start of week",
        [["z 2024-05-16", "a 2024-04-01", "b 2024-05-13"]],
        [["z 2024-05-16", "a 2024-03-31", "b 2024-05-13"], ["z 2024-05-16", "a 2024-04-01", "b 2024-05-12"]],
    ),
    Told(
        "in three different weeks, a week of the old year reaching into the new",
        "count 3; repeats\n  where spread; by week; at least 3",
        [["a 2024-12-29", "a 2024-12-30", "a 2025-01-06"]],
        [["a 2024-12-30", "a 2025-01-01", "a 2025-01-06"]],
    ),
    Told(
        "in two quarters, unless the award names its own",
        "count 2; repeats\n  where spread; by quarter; at least 2",
        [["a 2024-03-31", "a 2024-04-01"], ["a 2024-04-01 quarter=Q1", "a 2024-04-02 quarter=Q2"]],
        [["a 2024-04-01", "a 2024-06-30"], ["a 2024-03-31 quarter=Q1", "a 2024-04-01 quarter=Q1"]],
    ),
    Told(
        "each has a pass mark of its own",
        "count 2; numbers (of grade; at least of pass)",
        [["a 2024-01-01 grade=40 pass=40", "b 2024-01-01 grade=70 +pass=60"]],
        [["a 2024-01-01 grade=40 pass=40", "b 2024-01-01 grade=59 pass=60"], ["a 2024-01-01 grade=40", "b 2024-01-01"]],
    ),
    Told(
        "no more of one thing than of another",
        "hold log; numbers (of simulator; at most of flight)",
        [["log 2024-01-01 simulator=10 flight=10"]],
        [["log 2024-01-01 simulator=11 flight=10"]],
    ),
    Told(
        "short breaks do not end a stretch, and do not count",
        "time 300; unit days; achievements w; unbroken; breaks 30 days",
        [["w 2024-01-01 to=2024-05-29", "w 2024-06-29 to=2024-11-26"]],
        [
            ["w 2024-01-01 to=2024-05-29", "w 2024-06-30 to=2024-11-27"],
            ["w 2024-01-01 to=2024-05-28", "w 2024-06-28 to=2024-11-24"],
        ],
    ),
]


@pytest.mark.parametrize("told", TOLD, ids=[each.name for each in TOLD])
def test_what_is_told_comes_out_and_reads_back(told: Told) -> None:
    assert_comes_out(told)
    assert_reads_back(told)


def test_skills_tell_apart_what_shows_them() -> None:
    rule = from_text("count 2\n  where spread; by skills; at least 3")
    document = to_json(rule)
    assert from_json(document) == rule
    assert "skill" in sentence(rule, {})


@pytest.mark.parametrize("start", ["02-29", "9-1", "13-01", "decade", ""])
def test_a_year_begins_on_a_day_that_every_year_has(start: str) -> None:
    with pytest.raises(TextError):
        from_text(f"hold a; earned since today start of {start}")
    part = {"type": "holds", "id": "a", "any_of": ["a"], "where": {"earned_since": {"today": True, "start_of": start}}}
    with pytest.raises(RuleError, match=r"start_of: expected week, month, quarter, year"):
        from_json({"format": 1, "root": part})
