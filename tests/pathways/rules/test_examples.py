"""Tests examples in a rule: they read as they are written, and fail where the rule decides otherwise."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pathways.rules import examples, text
from pathways.rules.examples import Example, ExampleError
from pathways.rules.record import Holding, Record
from tests.pathways.rules.random_rules import records
from tests.pathways.rules.test_prove import CATALOGUE

ON = date(2026, 11, 21)
LEARNER = """\
tables; earned on 2026-01-31; credits 5; level 5; tags "a, b", data
statistics/exam; earned on 2026-02-01; grade 55.5; not passed
elsewhere; kind recognised; earned on 2025-01-01; amounts miles 120; subject "Sea; sky"
fact country = DE
approved n3 by dean of studies
used tables in diploma
"""


def test_a_learner_reads_as_written() -> None:
    record = examples.from_text(LEARNER, on=ON)
    tables, exam, elsewhere = record.holdings
    assert (tables.kind, tables.credits, tables.tags) == ("award", Decimal(5), frozenset({"data", "a, b"}))
    assert (exam.kind, exam.grade, exam.passed) == ("grade", Decimal("55.5"), False)
    assert (elsewhere.kind, elsewhere.amounts, elsewhere.subject) == (
        "recognised",
        (("miles", Decimal(120)),),
        "Sea; sky",
    )
    assert record.facts == {"country": "DE"}
    assert record.sign_offs == {("n3", "dean of studies")}
    assert record.used_in == {"h1": frozenset({"diploma"})}
    assert examples.to_text(record) == LEARNER


def test_what_a_line_leaves_out_is_as_in_the_catalogue() -> None:
    [held] = examples.from_text("a; credits 7", on=ON, catalogue=CATALOGUE).holdings
    assert (held.earned_on, held.credits, held.level, held.subject, held.tags) == (ON, 7, 5, "p", frozenset({"t"}))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("; credits 5", "what is held first"),
        ("a; credit 5", "beginning with one of"),
        ("a; credits 5; credits 6", "each clause once"),
        ("a; credits five", "a number such as 2.5"),
        ("a; credits NaN", "a number such as 2.5"),
        ("a; earned on tomorrow", "a date such as"),
        ("a; level high", "a whole number"),
        ("a; kind medal", "one of award, grade, recognised"),
        ('a; subject "x', "written like JSON"),
        ("a; amounts 5", "amounts such as"),
        ("fact country", "fact name = word"),
        ("approved n3", "approved part by role"),
        ("used a in diploma", "something that is held above"),
        ("a\0", "printable"),
        ("x" * 300, "what is held first"),
    ],
)
def test_what_cannot_be_read_names_its_line(line: str, expected: str) -> None:
    with pytest.raises(ExampleError) as refused:
        examples.from_text(f"b\n{line}", on=ON)
    assert refused.value.line == 2
    assert expected in refused.value.expected


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(ExampleError):
        examples.from_text("a\n" * 201, on=ON)


def test_an_example_is_kept_as_json_and_read_again() -> None:
    example = Example(
        name="Transfers", met=True, on=ON, record=examples.from_text(LEARNER, on=ON), reason="Senate, 2025"
    )
    assert examples.from_json(examples.to_json(example)) == example


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"name": "", "met": True, "on": "2026-01-01", "learner": []},
        {"name": "x", "met": 1, "on": "2026-01-01", "learner": []},
        {"name": "x", "met": True, "on": "soon", "learner": []},
        {"name": "x", "met": True, "on": "2026-01-01", "learner": "a"},
        {"name": "x", "met": True, "on": "2026-01-01", "learner": ["a\nb"]},
        {"name": "x", "met": True, "on": "2026-01-01", "learner": [], "more": 1},
    ],
)
def test_json_that_is_no_example_is_refused(data: Any) -> None:
    with pytest.raises(ExampleError):
        examples.from_json(data)


def test_an_example_fails_where_the_rule_decides_otherwise() -> None:
    rule = text.from_text("all of\n  hold a\n  hold b")
    right = Example(name="Has both", met=True, on=ON, record=examples.from_text("a\nb", on=ON))
    wrong = replace(right, name="Has one", record=examples.from_text("a", on=ON))
    [failure] = examples.failing(rule, [right, wrong])
    assert failure.example == wrong
    assert not failure.evaluation.satisfied
    assert failure.evaluation.missing


def _named(record: Record) -> tuple[Holding, ...]:
    return tuple(replace(each, id=f"h{number}") for number, each in enumerate(record.holdings, 1))


@settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), max_examples=50)
@given(records())
def test_any_learner_can_be_written_and_read(record: Record) -> None:
    again = examples.from_text(examples.to_text(record), on=ON)
    assert again.holdings == _named(record)
    assert again.facts == record.facts
