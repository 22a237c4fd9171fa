"""The published JSON Schema takes what the reader takes, and refuses what the reader refuses."""

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pathways.rules.notation import RuleError, from_json, to_json
from pathways.rules.requirement import Rule
from pathways.rules.schema import FILE, written
from pathways.rules.text import from_text
from tests.pathways.rules.random_rules import conditioned, rules
from tests.pathways.rules.test_text import WHOLE
from tests.rules_corpus.reading import translations

# What only the reader judges, because it takes more than form to see it.
BEYOND_FORM = (
    "each id once",
    "titles of parts",
    "lowest terms",
    "nested at most",
    "one word for each part",
    "at most 500",
)
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    2,
    7,
    -1,
    1.5,
    10**12,
    10**13,
    "",
    " ",
    "x",
    "1",
    "2.5",
    "2.50",
    "1.0",
    "01.5",
    "1/2",
    "1/1",
    "3/2",
    "2/4",
    "credits",
    "count",
    "kept",
    "all",
    "hold",
    "2024-01-31",
    "2024-02-29",
    "2023-02-29",
    "20240131",
    "0000-01-01",
    "a\n",
    "\u200b",
    "\u00a0",
    "né",
    "x" * 201,
    "#",
    [],
    [""],
    ["x", "x"],
    ["x", "y"],
    {},
    {"years": 1},
    {"years": 0},
    {"fact": "born"},
    {"fact": "born", "plus": {}},
    {"today": True},
    {"today": False},
    {"which": "first", "pool": {}},
    {"id": "n", "type": "holds", "any_of": ["x"]},
    {"type": "count"},
    {"mark": "A", "value": 4},
    [{"tags": ["x"]}],
    [{}],
)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(FILE.read_text(encoding="utf-8")))


@cache
def _documents() -> tuple[dict[str, Any], ...]:
    """Real rules and one that says everything, so that each field has something to be broken."""
    real = [to_json(edition.rule) for editions in translations().values() for edition in editions]
    return (to_json(from_text(WHOLE)), *real)


def test_the_published_file_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == written(), "run: ./run rule_schema"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(_validator().schema)


@pytest.mark.parametrize("name", translations())
def test_the_rules_of_real_issuers_are_valid(name: str) -> None:
    for edition in translations()[name]:
        assert list(_validator().iter_errors(to_json(edition.rule))) == []


@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(rules(most_leaves=9), conditioned()))
def test_every_rule_that_can_be_written_is_valid(rule: Rule) -> None:
    assert _validator().is_valid(to_json(rule))


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_schema_and_reader_refuse_the_same_broken_documents(data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from(_documents())))
    place, key = data.draw(st.sampled_from(list(_places(document))))
    match data.draw(st.sampled_from(("replace", "replace", "drop", "add"))):
        case "replace":
            place[key] = data.draw(st.sampled_from(ODD))
        case "drop":
            del place[key]
        case "add" if isinstance(place, dict):
            place[data.draw(st.sampled_from(("colour", "shared", "current", "at_most", "parts", "where")))] = data.draw(
                st.sampled_from(ODD)
            )
    refusal = _refusal(document)
    if refusal is None or not any(each in refusal for each in BEYOND_FORM):
        assert _validator().is_valid(document) == (refusal is None), refusal


def _refusal(document: Any) -> str | None:
    try:
        from_json(document)
    except RuleError as fault:
        return str(fault)
    return None


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each thing within, by what holds it and its key or place there."""
    for key, each in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(each, dict | list):
            yield from _places(each)
