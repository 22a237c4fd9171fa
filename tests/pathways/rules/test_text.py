"""Rules as text: the same as JSON, in lines that people read, with refusals that name the line."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.rules.notation import from_json, to_json
from pathways.rules.requirement import Rule
from pathways.rules.text import TextError, from_text, to_text
from tests.pathways.rules.random_rules import conditioned, rules
from tests.rules_corpus.reading import translations

WHOLE = """\
lasts current
grace 2 months
result titles level; titles "with honours" for high; give last
result total credits
all of #root
  where limit; level at least 6; at least share 2/3 #c1
  where order; first basics; then sum; within 1 years exclusive #c2
  hold data-basics, "odd; name", two words; grade at least 62.5; current #basics
  pass course/exam #exam
  at least 2 #two
    any of; shared #way
      fact gpa; at least 3 #gpa
      have; absent; achievements barred #barred
    approval director; about the thesis #sign
    time 36; achievements work; within 8 years #work
    unbroken; grace 6 months whole months; restored by (achievements check) #unbroken
      count 3; tags flown; repeats #flown
  earn 60; at most 72.5; unit hours; earned since "born" plus 18 years minus 1 days #sum
    where spread; by subject; at least 2 #c3
  earn 5; either (level at least 5) or (tags x=y; current) #other
  hold z #high
"""


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(rules(most_leaves=9), conditioned()))
def test_a_rule_survives_the_way_to_text_and_back(rule: Rule) -> None:
    assert from_text(to_text(rule)) == rule


@pytest.mark.parametrize("name", translations())
def test_the_rules_of_real_issuers_survive_it_too(name: str) -> None:
    for edition in translations()[name]:
        assert from_text(to_text(edition.rule)) == edition.rule


def test_a_draft_that_names_nothing_yet_survives_too() -> None:
    assert to_text(from_text("hold #n1")) == "hold #n1\n"


def test_everything_can_be_said_in_text() -> None:
    rule = from_text(WHOLE)
    assert from_text(to_text(rule)) == rule
    assert from_json(to_json(rule)) == rule


def test_ids_and_remarks_may_be_left_out_and_in() -> None:
    rule = from_text("-- what a beginner needs\n\nall of\n  hold a\n  hold b\n")
    assert to_text(rule) == "all of #n1\n  hold a #n2\n  hold b #n3\n"


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "a part"),
        ("lasts current", 1, "a part"),
        ("dance", 1, "one of: all of"),
        ("all of\n hold a", 2, "two spaces"),
        ("all of\n\thold a", 2, "two spaces"),
        ("all of\n    hold a", 2, "2 spaces before"),
        ("hold a\nhold b", 2, "one outermost part"),
        ("all of everything", 1, "a semicolon"),
        ("all of\n  hold a; colour red", 2, "one of: "),
        ("all of\n  hold a; current; current", 2, "once only"),
        ("all of\n  hold a; current now", 2, "nothing after"),
        ("all of\n  hold a; level at least high", 2, "a whole number"),
        ("all of\n  hold a; grade at least 2,5", 2, "decimal in quotes"),
        ("all of\n  earn 5; earned within a while", 2, "a time such as"),
        ("all of\n  earn 5; earned since soon", 2, "a date"),
        ("all of\n  earn 5; either level at least 5", 2, "clauses in brackets"),
        ("all of\n  earn 5\n    where limit; at least share 4/6", 3, "lowest terms"),
        ("all of\n  earn 5\n    where limits", 3, "one of: where limit"),
        ("hold a #x\n  hold b #y", 1, "no such field"),
        ("all of #x\n  hold b #x", 1, "each id once"),
        ('hold "a\\q"', 1, "a name in quotes"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int, expected: str) -> None:
    with pytest.raises(TextError) as refusal:
        from_text(text)
    assert refusal.value.line == line
    assert expected in refusal.value.expected
