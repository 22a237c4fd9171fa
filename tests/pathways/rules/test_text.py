"""Rules as text: the same as JSON, in lines that people read, with refusals that name the line."""

from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.rules import notation
from pathways.rules.notation import from_json, to_json
from pathways.rules.requirement import Rule
from pathways.rules.text import (
    TextError,
    clauses_text,
    condition_text,
    from_text,
    head_text,
    read_clauses,
    read_condition,
    read_head,
    to_text,
)
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
        ("all of\n  counts 3; tags a", 2, "one of: count, all of"),
        ("all of\n hold a", 2, "two spaces"),
        ("all of\n\thold a", 2, "two spaces"),
        ("all of\n    hold a", 2, "2 spaces before"),
        ("hold a\nhold b", 2, "one outermost part"),
        ("all of everything", 1, "a semicolon"),
        ("all of\n  hold a; colour red", 2, "one of: "),
        ("all of\n  hold a; graed at least 5", 2, "one of: grade at least, "),
        ("all of\n  hold a; Level at most 5; current", 2, "one of: level at most, "),
        ("all of\n  hold a; current; current", 2, "once only"),
        ("all of\n  hold a; current now", 2, "nothing after"),
        ("all of\n  hold a; level at least high", 2, "a whole number"),
        ("all of\n  hold a; grade at least 2,5", 2, "a number such as 12 or 2.5"),
        ("all of\n  earn 5; earned within a while", 2, "a time such as"),
        ("all of\n  earn 5; earned since soon", 2, "a date"),
        ("all of\n  earn 5; either level at least 5", 2, "clauses in brackets"),
        ("all of\n  earn 5\n    where limit; at least share 4/6", 3, "lowest terms"),
        ("all of\n  earn 5\n    where limits", 3, "one of: where limit"),
        ("hold a #x\n  hold b #y", 2, "no part under “hold”"),
        ("all of #x\n  hold b #x", 2, "each id once"),
        ('hold "a\\q"', 1, "a name in quotes"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int, expected: str) -> None:
    with pytest.raises(TextError) as refusal:
        from_text(text)
    assert refusal.value.line == line
    assert expected in refusal.value.expected


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("hold a; level at least high", 24, "a whole number"),
        ("hold a, b, a", 12, "each name once"),
        ("hold a; either (level at least 5) or (marks a; valid for ever)", 58, "a time such as"),
        ("earn 5; while held (earned since 2024-02-31)", 34, "a date such as"),
        ("earn 5; earned since first (level at least x)", 44, "a whole number"),
        ('earn 5; earned since "born" plus many years', 34, "a time such as"),
        ('earn 5; earned since "born" after', 29, "nothing more, or"),
        ("earn 5; numbers (at least 3)", 17, "“of” to be said here"),
        ("count 2; at most 1 #a b", 21, "an id of letters"),
        ("hold a (b", 8, "a bracket that closes this one"),
        ("hold a) b", 7, "a bracket that opens"),
        ('hold a, "b', 9, "a quote that closes this one"),
        ('hold "a" b', 6, "in quotes as a whole"),
        ('hold a, "a\\u0009c"', 9, "a text of 1 to 200 characters"),
        ("hold a\n-- and that is all\n  where newest; within 1 years", 3, "no condition under “hold”"),
    ],
)
def test_it_is_refused_at_its_column_too(text: str, column: int, expected: str) -> None:
    with pytest.raises(TextError) as refusal:
        from_text(text)
    assert (refusal.value.column, str(refusal.value).split(":")[0]) == (
        column,
        f"line {text.count(chr(10)) + 1}, column {column}",
    )
    assert expected in refusal.value.expected


HOSTILE = {
    "a number of 5,000 digits": f"earn {'9' * 5_000}",
    "a whole number of 5,000 digits": f"hold a; level at least {'9' * 5_000}",
    "a time of 5,000 digits": f"hold a; held for {'9' * 5_000} years",
    "digits of another script": "hold a; held for ٣ years",
    "alternatives 3,000 deep": f"earn 5; {'either (' * 3_000}current{')' * 3_000}",
    "alternatives as deep as brackets may be": f"earn 5; {'either (' * 36}current{')' * 36}",
    "brackets that only open": f"earn 5; {'(' * 40_000}",
    "brackets that only close": f"earn 5; {')' * 40_000}",
    "open quotes, 40 KB of them": "hold " + '"' * 40_001,
    "quoted quotes that never end": "hold " + '"' + '\\"' * 20_000,
    "groups 1,000 deep": "\n".join("  " * depth + "all of" for depth in range(200)),
    "looking into what looks into": "\n".join("  " * depth + "unmet" for depth in range(12)),
    "too many parts": "all of\n" + "  hold a\n" * 600,
    "too many lines": "hold a\n" * 3_000,
    "too long": "hold a" + " " * 300_000,
    "nothing but ends of clauses": "hold a" + ";" * 100_000,
    "nothing but ids": "hold a" + "#" * 100_000,
    "nothing but commas": "hold a" + "," * 50_000,
    "half of a pair of surrogates": 'hold "\\ud800"',
    "a renewal without end": "renewal\n" * 2_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_exhaust_the_reader_is_refused_at_once(name: str) -> None:
    with pytest.raises(TextError) as refusal:
        from_text(HOSTILE[name])
    assert refusal.value.line >= 1
    assert refusal.value.column >= 1


def test_a_long_text_that_says_something_is_read() -> None:
    names = ", ".join(f"a{number}" for number in range(10_000))
    rule = from_text(f"hold {names}")
    assert from_text(to_text(rule)) == rule


WORDS = [
    *WHOLE,
    *WHOLE.split(),
    *WHOLE.splitlines(keepends=True),
    "\n",
    "  ",
    "\r",
    "\t",
    "\0",
    "\u2028",
    "\ud800",
    "٣",
    "9" * 30,
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The text of a rule in which stretches were replaced, doubled or left out."""
    text = draw(st.one_of(st.just(WHOLE), rules(most_leaves=5).map(to_text)))
    for _ in range(draw(st.integers(1, 4))):
        start, length = draw(st.integers(0, len(text))), draw(st.integers(0, 20))
        word = draw(st.one_of(st.sampled_from(WORDS), st.text(max_size=3), st.just(text[start : start + length] * 2)))
        text = text[:start] + word + text[start + length :]
    return text


@settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(mutated(), st.text(max_size=80), st.binary(max_size=80).map(lambda raw: raw.decode("latin-1"))))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    for read in (from_text, read_head, read_condition, partial(read_clauses, notation.POOL_FIELDS)):
        try:
            said = read(text)
        except TextError as refusal:
            assert 1 <= refusal.line <= text.count("\n") + text.count("\r") + 1
            assert refusal.expected
        else:
            assert not isinstance(said, Rule) or from_text(to_text(said)) == said


def test_single_lines_are_written_and_read() -> None:
    data = to_json(from_text(WHOLE))
    limit, order = data["root"]["conditions"]
    assert read_condition(condition_text(limit)) == limit
    assert read_condition(condition_text(order).removeprefix("where ")) == order
    head = {name: value for name, value in data.items() if name != "root"}
    assert read_head(head_text(head)) == head
    pool = {"tags": ["x=y"], "held_for": {"months": 2}, "either": [{"current": True}, {"level_at_least": 5}]}
    said = clauses_text(notation.POOL_FIELDS, pool)
    assert said == "held for 2 months; tags x=y; either (current) or (level at least 5)"
    assert read_clauses(notation.POOL_FIELDS, said.replace("; ", "\n")) == pool
    assert read_clauses(notation.POOL_FIELDS, " \n ") == {}


@pytest.mark.parametrize("text", ["id c2", "type spread", "conditions a", "parts a"])
def test_clauses_say_nothing_of_what_the_line_is(text: str) -> None:
    for kind in (*notation.CONDITIONS, *notation.KINDS):
        with pytest.raises(TextError, match="one of"):
            read_clauses(kind.codecs, text)


@pytest.mark.parametrize("text", ["", "where newest; within 1 years\nwhere together", "hold a"])
def test_what_is_not_one_condition_is_refused(text: str) -> None:
    with pytest.raises(TextError):
        read_condition(text)


@pytest.mark.parametrize("text", ["hold a", "lasts current\nall of\n  hold a", "renewal\n  hold a\nhold b"])
def test_a_part_is_no_line_before_the_outermost_part(text: str) -> None:
    with pytest.raises(TextError, match="one of: lasts"):
        read_head(text)
