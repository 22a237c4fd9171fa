"""How long an award stands: while its rule holds, for a time, renewed period by period, and what brings it back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from pathways.rules import effort, evaluate, tried
from pathways.rules.exceptions import satisfied
from pathways.rules.explain import sentence
from pathways.rules.notation import from_json, to_json
from pathways.rules.record import Holding, Record
from pathways.rules.results import results_of
from pathways.rules.retention import is_kept, stands, valid_until
from pathways.rules.rulings import Waiver
from pathways.rules.soundness import check
from pathways.rules.text import from_text, to_text
from tests.pathways.rules.test_language import had

EARNED = date(2020, 1, 15)

RULES = {
    "kept": "hold a",
    "current": "lasts current\ngrace 30 days\nhold a; current",
    "for a time": "validity 3 years\nhold a",
    "for a time, the anniversary not": "validity 3 years exclusive\nhold a",
    "renewed": (
        "validity 3 years\ngrace 1 months\nrenewal\n"
        '  earn 30; unit hours; repeats; earned since "cycle.begins"; earned until "cycle.ends"\nhold a'
    ),
    "renewed or back by an exam": (
        "validity 3 years\nrenewal\n"
        '  earn 30; unit hours; repeats; achievements cpd; earned since "cycle.begins"; earned until "cycle.ends"\n'
        "reinstatement\n  hold exam; earned within 1 years\nhold a"
    ),
    "from the first that counted": 'validity 3 years\nvalid from "counted.first"\nall of\n  hold a\n  hold b',
    "from the last that counted": 'validity 3 years\nvalid from "counted.last"\nall of\n  hold a\n  hold b',
    "from the next term": 'validity 1 years exclusive\nvalid from "prior.earned" start of 09-01 plus 1 years\nhold a',
    "by fixed cycles": (
        "validity 2 years exclusive\nvalid from 2001-04-01\nrenewal\n"
        '  earn 30; unit hours; repeats; earned since "cycle.begins"; earned until "cycle.ends"\nhold a'
    ),
    "kept by something else": "lasts current\nkeep\n  hold fee; earned within 1 years\nhold a",
    "lost for good": "lasts current\nfalls for good\nhold a; current",
    "back by an exam": "lasts current\nreinstatement\n  hold exam; earned within 1 years\nhold a; current",
}

CASES = [
    ("kept", [], "2040-01-01", True),
    ("kept", [], "2020-01-14", False),
    ("current", ["a 2020-01-15 until=2021-01-31"], "2021-03-02", True),
    ("current", ["a 2020-01-15 until=2021-01-31"], "2021-03-03", False),
    ("current", ["a 2020-01-15 until=2021-01-31", "a 2022-01-01 id=again"], "2022-01-01", True),
    ("for a time", ["a 2020-01-15"], "2023-01-15", True),
    ("for a time", ["a 2020-01-15"], "2023-01-16", False),
    ("for a time, the anniversary not", ["a 2020-01-15"], "2023-01-15", False),
    ("for a time, the anniversary not", ["a 2020-01-15"], "2023-01-14", True),
    ("from the first that counted", ["a 2018-03-01", "b 2020-01-15"], "2021-03-01", True),
    ("from the first that counted", ["a 2018-03-01", "b 2020-01-15"], "2021-03-02", False),
    ("from the first that counted", ["a 2018-03-01", "a 2019-06-01", "b 2020-01-15"], "2021-03-02", False),
    ("from the last that counted", ["a 2018-03-01", "b 2019-12-01"], "2022-12-01", True),
    ("from the last that counted", ["a 2018-03-01", "b 2019-12-01"], "2022-12-02", False),
    # What is not known leaves it at the day on which it was earned.
    ("from the first that counted", ["a 2018-03-01"], "2023-01-15", True),
    ("from the next term", ["a 2020-01-15"], "2021-08-31", True),
    ("from the next term", ["a 2020-01-15"], "2021-09-01", False),
    ("by fixed cycles", ["a 2020-01-15"], "2021-03-31", True),
    ("by fixed cycles", ["a 2020-01-15"], "2021-04-01", False),
    ("by fixed cycles", ["a 2020-01-15", "cpd 2019-04-01 hours=30"], "2023-03-31", True),
    ("by fixed cycles", ["a 2020-01-15", "cpd 2019-03-31 hours=30"], "2021-04-01", False),
    ("renewed", ["a 2020-01-15"], "2023-02-15", True),
    ("renewed", ["a 2020-01-15"], "2023-02-16", False),
    ("renewed", ["a 2020-01-15", "cpd 2021-01-01 hours=30"], "2026-01-15", True),
    ("renewed", ["a 2020-01-15", "cpd 2021-01-01 hours=60"], "2026-03-15", False),
    ("renewed", ["a 2020-01-15", "cpd 2021-01-01 hours=30", "cpd 2025-01-01 hours=30 id=n"], "2028-01-15", True),
    ("renewed or back by an exam", ["a 2020-01-15"], "2023-06-01", False),
    ("renewed or back by an exam", ["a 2020-01-15", "exam 2023-06-01"], "2023-06-01", True),
    ("renewed or back by an exam", ["a 2020-01-15", "exam 2023-06-01"], "2026-06-01", True),
    ("renewed or back by an exam", ["a 2020-01-15", "exam 2023-06-01"], "2026-06-02", False),
    ("kept by something else", ["a 2020-01-15", "fee 2020-01-15"], "2021-01-15", True),
    ("kept by something else", ["a 2020-01-15", "fee 2020-01-15"], "2021-01-16", False),
    ("kept by something else", ["a 2020-01-15", "fee 2020-01-15", "fee 2022-01-01 id=n"], "2022-01-01", True),
    ("lost for good", ["a 2020-01-15 until=2021-01-15", "a 2021-01-16 id=n"], "2022-01-01", True),
    ("lost for good", ["a 2020-01-15 until=2021-01-15", "a 2021-01-17 id=n"], "2022-01-01", False),
    ("back by an exam", ["a 2020-01-15 until=2021-01-15", "a 2022-01-01 id=n"], "2022-02-01", False),
    ("back by an exam", ["a 2020-01-15 until=2021-01-15", "a 2022-01-01 id=n", "exam 2022-01-15"], "2022-02-01", True),
    ("back by an exam", ["a 2020-01-15 until=2021-01-15", "a 2022-01-01 id=n", "exam 2022-01-15"], "2025-02-01", True),
]


@pytest.mark.parametrize(("name", "held", "on", "expected"), CASES)
def test_what_was_earned_stands_or_not(name: str, held: list[str], on: str, expected: bool) -> None:
    record = Record(holdings=tuple(had(each) for each in held))
    assert stands(from_text(RULES[name]), record, date.fromisoformat(on), earned_on=EARNED) == expected


@pytest.mark.parametrize("name", RULES)
def test_it_is_written_read_and_said(name: str) -> None:
    rule = from_text(RULES[name])
    assert check(rule) == []
    assert from_json(to_json(rule)) == rule
    assert from_text(to_text(rule)) == rule
    assert "{" not in sentence(rule, {})


def test_the_running_period_has_an_end() -> None:
    rule, on = from_text(RULES["renewed"]), date(2020, 2, 1)
    assert valid_until(rule, Record(), on, earned_on=EARNED) == date(2023, 1, 15)
    assert valid_until(rule, Record(), date(2024, 2, 1), earned_on=EARNED) == date(2023, 1, 15)
    assert valid_until(replace(rule, validity=None), Record(), on, earned_on=EARNED) is None


def test_what_is_renewed_runs_on_from_that_day() -> None:
    rule = from_text(RULES["renewed"])
    record = Record(holdings=(had("cpd 2021-01-01 hours=30"), had("cpd 2023-02-10 hours=30 id=late")))
    assert valid_until(rule, record, date(2020, 12, 31), earned_on=EARNED) == date(2023, 1, 15)
    assert valid_until(rule, record, date(2021, 1, 1), earned_on=EARNED) == date(2026, 1, 15)
    back = from_text(RULES["renewed or back by an exam"])
    returned = Record(holdings=(had("exam 2023-06-01"),))
    assert valid_until(back, returned, date(2023, 5, 31), earned_on=EARNED) == date(2023, 1, 15)
    assert valid_until(back, returned, date(2023, 6, 1), earned_on=EARNED) == date(2026, 6, 1)


def test_grace_begins_when_an_exception_ends() -> None:
    rule = from_text("lasts current\ngrace 30 days\nhold a; current")
    waiver = Waiver(id="w", rule="numeracy", node=rule.root.id, since=date(2020, 1, 15), until=date(2020, 3, 31))
    record = Record(rulings=(waiver,))

    def kept(on: date) -> bool:
        return is_kept(rule, record, on, earned_on=EARNED, satisfied=partial(satisfied, "numeracy"))

    assert kept(date(2020, 3, 31))
    assert kept(date(2020, 4, 30))
    assert not kept(date(2020, 5, 1))


def test_a_rule_that_falls_and_rises_again_is_followed_day_by_day() -> None:
    # On 2 March nothing is in force; a search that halves the time would never look there.
    rule = from_text(
        "lasts current\nfalls for good\nany of\n  hold a; current\n  hold b; earned until today minus 60 days"
    )
    held = Record(holdings=(had("a 2020-01-15 until=2020-03-01"), had("b 2020-01-02")))
    assert stands(rule, held, date(2020, 3, 1), earned_on=EARNED)
    assert stands(rule, held, date(2020, 6, 1), earned_on=EARNED)
    later = Record(holdings=(held.holdings[0], had("b 2020-01-03")))
    assert not stands(rule, later, date(2020, 6, 1), earned_on=EARNED)


WHOLE = """\
validity 24 months whole months
grace 1 months whole months
renewal
  count 1; repeats; earned since "cycle.begins"
"""


@pytest.mark.parametrize(
    ("on", "renewed_on", "still"),
    [
        (date(2026, 3, 31), None, True),
        (date(2026, 4, 30), None, True),
        (date(2026, 5, 1), None, False),
        (date(2028, 3, 31), date(2026, 3, 5), True),
        (date(2028, 4, 30), date(2026, 3, 5), True),
        (date(2028, 5, 1), date(2026, 3, 5), False),
        # In the grace of the first period it is renewed for the second.
        (date(2028, 4, 30), date(2026, 4, 30), True),
        (date(2028, 4, 30), date(2026, 5, 1), False),
    ],
)
def test_what_is_valid_for_whole_months_ends_with_a_month(on: date, renewed_on: date | None, *, still: bool) -> None:
    rule = from_text(f"{WHOLE}hold A")
    held = [Holding(id="a", kind="award", key="A", earned_on=date(2024, 3, 1))]
    if renewed_on is not None:
        held.append(Holding(id="b", kind="award", key="B", earned_on=renewed_on))
    # The award itself was earned after the exam, so that the exam renews nothing.
    record = Record(holdings=tuple(held))
    assert stands(rule, record, on, earned_on=date(2024, 3, 10)) == still


def test_what_renews_for_whole_months_lasts_to_the_end_of_one() -> None:
    rule = from_text("renewals (achievements A; by (achievements B); period 12 months whole months)\nhold A; current")
    record = Record(
        holdings=(
            Holding(id="a", kind="award", key="A", earned_on=date(2023, 5, 5), until=date(2024, 5, 5)),
            Holding(id="b", kind="award", key="B", earned_on=date(2024, 5, 5)),
        )
    )
    assert evaluate.satisfied(rule, record, date(2025, 5, 31))
    assert not evaluate.satisfied(rule, record, date(2025, 6, 1))


def test_a_last_day_is_the_end_of_a_whole_month() -> None:
    rule = from_text("result expiry until; after 24 months whole months\nhold A")
    record = Record(holdings=(Holding(id="a", kind="award", key="A", earned_on=date(2024, 2, 1)),))
    assert results_of(rule, evaluate.evaluate(rule, record, date(2024, 2, 10)), record) == {"until": date(2026, 2, 28)}


def test_the_grace_of_each_cycle_ends_on_a_day_that_is_looked_at() -> None:
    rule = from_text(
        "lasts current\nkeep\n  each cycle; beginning 2020-07-01; every 1 years; grace 60 days\n"
        '    any of\n      fact prior.earned; since "cycle.ends" plus 1 days\n'
        '      hold FEE; earned since "cycle.begins"\nhold L'
    )
    record = Record(holdings=(Holding(id="l", kind="award", key="L", earned_on=date(2024, 2, 1)),))
    assert stands(rule, record, date(2024, 8, 29), earned_on=date(2024, 2, 1))
    assert not stands(rule, record, date(2024, 8, 30), earned_on=date(2024, 2, 1))


def test_many_years_looked_at_one_by_one_cost_little() -> None:
    rule = from_text(
        "lasts current\ngrace 30 days\nkeep\n  each cycle; beginning 2005-01-01; every 1 years\n"
        '    earn 12; unit hours; achievements DRILL; repeats; earned since "cycle.begins"; earned until "cycle.ends"\n'
        "hold CREW"
    )
    assert not tried.who_stalls(rule)
    drills = tuple(
        Holding(id=f"d{year}", kind="award", key="DRILL", earned_on=date(year, 5, 10), hours=Decimal(12))
        for year in range(2005, 2025)
    )
    record = Record(holdings=(Holding(id="c", kind="award", key="CREW", earned_on=date(2005, 1, 1)), *drills))
    with effort.bounded(effort.MOST // tried.MARGIN):
        # Nothing was done in 2025; by the grace it stands thirty days longer.
        assert stands(rule, record, date(2025, 12, 31), earned_on=date(2005, 1, 1))
        assert stands(rule, record, date(2026, 1, 30), earned_on=date(2005, 1, 1))
        assert not stands(rule, record, date(2026, 1, 31), earned_on=date(2005, 1, 1))
