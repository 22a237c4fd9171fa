"""Tests `rules_corpus`: the mapping of cases to records, what is compared, and how bad files are told."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from pathways.importing.corpus import rules_of
from pathways.rules.record import Record

CORPUS = """
issuer: {id: acme, name: Acme, country: XX, kind: school}
rules:
- id: acme-stack
  name: Stack
  features: [all]
  micro_credentials:
    A: {title: first, credits: 7.5, area: [north, cold], kind: course}
    B: {title: second, credits: 5, hours: 40}
    10: {title: a number as its name}
  cases:
  - id: acme-stack-01
    at: 2025-06-01
    learner: {born: 2000-01-31, gpa: 3.10, member: true, tongues: [french, german], home: {city: Cork}}
    prior: {earned: 2024-01-01}
    other_qualifications:
    - {qualification: other-one, level: masters, credits: 60, uses: [a1], held: true}
    - {qualification: other-two, kind: certificate, uses: [a2], held: false}
    awards:
    - {id: a1, mc: A, date: 2025-01-01, until: 2026-01-01, grade: 71.5, from: elsewhere, status: expired}
    - {id: a2, mc: B, date: 2025-02-01, to: 2025-03-01, credits: 6, grade: B+, level: 5, approved: true}
    - {id: a3, mc: 10, date: 2025-02-01, status: returned, nights: 2.5, place: {country: IE}}
    expect: {satisfied: true, needed: [a1, a2], unused: [a3], counts: {first: [a1]}, result: {total: 13.50}}
    why: both
  - id: acme-stack-02
    at: 2025-06-01
    awards:
    - {id: a1, mc: A, date: 2025-01-01}
    expect: {satisfied: false}
    why: one is missing
"""
GOOD = """
acme-stack:
  root:
    type: all
    parts:
    - {id: first, type: holds, any_of: [A]}
    - {type: amount, at_least: 6, pool: {achievements: [B]}}
  results: [{type: total, name: total}]
"""


def _ran(tmp_path: Path, corpus: str = CORPUS, ending: str = "yaml", **translations: str) -> tuple[int, str]:
    """The exit code and what is printed."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "rules").mkdir()
    (tmp_path / "corpus" / "acme.yaml").write_text(corpus)
    for name, text in translations.items():
        (tmp_path / "rules" / f"{name}.{ending}").write_text(text)
    output, code = StringIO(), 0
    try:
        call_command("rules_corpus", tmp_path / "corpus", rules=tmp_path / "rules", stdout=output)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, output.getvalue()


def _record(tmp_path: Path) -> Record:
    (tmp_path / "acme.yaml").write_text(CORPUS)
    return rules_of(tmp_path / "acme.yaml")[0].cases[0].record


def test_right_translations_end_well(tmp_path: Path) -> None:
    code, said = _ran(tmp_path, acme=GOOD)
    assert said.splitlines()[-1] == "1 of 1 rules expressed, 2 of 2 cases right"
    assert code == 0


def test_awards_become_holdings(tmp_path: Path) -> None:
    first, second, third = _record(tmp_path).holdings
    assert (first.key, first.earned_on, first.until) == ("A", date(2025, 1, 1), date(2026, 1, 1))
    assert (first.credits, first.grade, first.source) == (Decimal("7.5"), Decimal("71.5"), "elsewhere")
    assert first.status == "expired"
    assert {"area=north", "area=cold", "kind=course", "id=a1"} <= first.tags
    assert first.achievement_kind == "course"
    assert (second.credits, second.hours, second.mark, second.grade) == (Decimal(6), Decimal(40), "B+", None)
    assert (second.level, second.to) == (5, date(2025, 3, 1))
    assert {"approved=true", "level=5"} <= second.tags
    assert third.key == "10"
    assert (third.status, third.amounts) == ("returned", (("nights", Decimal("2.5")),))
    assert {"status=returned", "place.country=IE"} <= third.tags


def test_what_is_known_of_the_learner_becomes_facts(tmp_path: Path) -> None:
    facts = dict(_record(tmp_path).facts)
    assert (
        facts.items() >= {"born": "2000-01-31", "gpa": "3.10", "member": "true", "prior.earned": "2024-01-01"}.items()
    )
    assert facts.items() >= {"tongues.0": "french", "tongues.german": "true", "tongues.count": "2"}.items()
    assert facts["home.city"] == "Cork"
    assert facts["other.other-one.held"] == "true"


def test_other_qualifications_are_in_the_record(tmp_path: Path) -> None:
    one, two = _record(tmp_path).others
    assert (one.id, one.level, one.uses, one.granted) == ("other-one", "masters", {"a1"}, True)
    assert one.amounts == (("credits", Decimal(60)),)
    assert (two.kind, two.granted) == ("certificate", False)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("{type: holds, any_of: [A]}", "acme-stack-02: satisfied? we say yes, the issuer no (n1 counts a1)"),
        ("{type: holds, any_of: [C]}", "acme-stack-01: satisfied? we say no, the issuer yes (Still needed: C"),
        ("{type: amount, at_least: 6, pool: {}}", "needed: the issuer says a1, a2, we say none"),
        (
            GOOD.split(":", 1)[1].replace("id: first, ", "").replace("[B]", "[B]}, id: first, where: {"),
            "expected no such",
        ),
        (GOOD.split(":", 1)[1].replace("name: total", "name: sum"), "total: the issuer says 13.50, the rule gives no"),
        (GOOD.split(":", 1)[1].replace("name: total", "name: total, measure: count"), "says 13.50, we say 2"),
    ],
)
def test_wrong_translations_say_what_came_out_and_why(tmp_path: Path, wrong: str, sentence: str) -> None:
    code, said = _ran(tmp_path, acme=f"acme-stack: {wrong}")
    assert sentence in said
    assert code == 1


def test_a_missing_translation_is_told(tmp_path: Path) -> None:
    code, said = _ran(tmp_path)
    assert "there is no translation" in said
    assert said.splitlines()[-1] == "0 of 1 rules expressed, 0 of 2 cases right"
    assert code == 1


TEXT = """\
-- Remarks may stand anywhere.
rule acme-stack; until 2025-05-31
  hold A

rule acme-stack; since 2025-06-01
  result total total
  all of
    hold A #first
    earn 6; achievements B
"""


def test_a_file_in_text_notation_holds_rules_under_their_ids_with_editions(tmp_path: Path) -> None:
    code, said = _ran(tmp_path, ending="rules", acme=TEXT)
    assert said.splitlines()[-1] == "1 of 1 rules expressed, 2 of 2 cases right"
    assert code == 0


def test_text_notation_may_stand_in_data_too(tmp_path: Path) -> None:
    code, _ = _ran(
        tmp_path, acme="acme-stack: |\n  result total total\n  all of\n    hold A\n    earn 6; achievements B\n"
    )
    assert code == 0


def test_editions_that_leave_the_day_out_are_told(tmp_path: Path) -> None:
    code, said = _ran(tmp_path, acme="acme-stack: [{until: 2025-05-31, rule: {type: holds, any_of: [A]}}]")
    assert "acme-stack-01: no edition is in force on 2025-06-01" in said
    assert code == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("acme-stack: {type: hold}", "acme.yaml: acme-stack $.root.type: expected one of all, any"),
        ("acme-stack: {type: count, at_least: 0, pool: {}}", "cannot be published: "),
        ("acme-stack: {type: [}", "acme.yaml: line 1: cannot be read as YAML"),
        ("- acme-stack", "acme.yaml: expected a table of rules by their ids"),
        ("{type: holds, any_of: [A]}", "acme.yaml: expected each rule under its id, and here is one without"),
        ("acme-stuck: hold A", "translated, but not in this corpus: acme-stuck"),
        ("a: 1\na: 2", "acme.yaml: line 2: cannot be read as YAML ('a' stands twice)"),
        ("a: .nan", "is no number"),
        ("acme-stack: [{since: 2025-13-01, rule: hold A}]", "acme.yaml: acme-stack[0].since: expected a day such as"),
        ("acme-stack: [{from: 2025-01-01}]", "acme-stack[0]: expected an edition of"),
        ("acme-stack: 'hold A; levl at least 3'", "acme.yaml: acme-stack line 1: expected one of: level at least"),
    ],
)
def test_unreadable_translations_are_told_with_file_and_place(tmp_path: Path, text: str, sentence: str) -> None:
    code, said = _ran(tmp_path, acme=text)
    assert sentence in said
    assert code == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rule acme-stack\n  hold A; levl at least 3\n", "acme.rules: line 2: expected one of: level at least"),
        ("  hold A\n", "acme.rules: line 1: expected a line `rule ID` before this rule"),
        ("\nhold A\n", "acme.rules: line 2: expected `rule ID`"),
        ("rule acme-stack; since 2025-02-30\n  hold A\n", "acme.rules: acme-stack[0].since: expected a day"),
    ],
)
def test_unreadable_text_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    code, said = _ran(tmp_path, ending="rules", acme=text)
    assert sentence in said
    assert code == 1


def test_a_file_in_json_is_read_as_json(tmp_path: Path) -> None:
    part = '{"type": "amount", "at_least": 12.5, "pool": {"achievements": ["A", "B"]}}'
    code, said = _ran(tmp_path, ending="json", acme=f'{{\n\t"acme-stack": {part}\n}}')
    assert "gives no such result" in said
    assert "needed" not in said
    assert code == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1,\n"b": }', "acme.json: line 2: cannot be read as JSON (Expecting value)"),
        ('{"a": 1, "a": 2}', "acme.json: cannot be read ('a' stands twice)"),
        ('{"a": NaN}', "acme.json: cannot be read (NaN is no number)"),
        ("[" * 100_000, "acme.json: cannot be read"),
    ],
)
def test_unreadable_json_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    code, said = _ran(tmp_path, ending="json", acme=text)
    assert sentence in said
    assert code == 1


def test_a_rule_that_two_files_give_is_refused(tmp_path: Path) -> None:
    code, said = _ran(tmp_path, acme=GOOD, other=GOOD)
    assert "other.yaml: acme-stack: this rule stands in another file too" in said
    assert code == 1


def test_editions_that_overlap_are_refused(tmp_path: Path) -> None:
    code, said = _ran(tmp_path, acme="acme-stack: [{rule: hold A}, {since: 2025-01-01, rule: hold B}]")
    assert "two editions are in force on 2025-01-01" in said
    assert code == 1


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("at: 2025-06-01", "at: soon", "acme.yaml: rules[0].cases[0].at: expected a day such as 2024-01-31"),
        ("at: 2025-06-01", "at: 2025-13-01", "acme.yaml: rules[0].cases[0].at: expected a day such as 2024-01-31"),
        ("mc: B, ", "", "rules[0].cases[0].awards[1]: expected 'mc' in it"),
        ("satisfied: true", "satisfied: perhaps", "expect.satisfied: expected true or false"),
        ("id: a2, mc: B", "id: a1, mc: B", "rules[0].cases[0].awards: expected each id once"),
        ("rules:", "rulez:", "acme.yaml: expected 'rules' in it"),
        (
            "    at: 2025-06-01\n    awards",
            "    asks: drop\n    at: 2025-06-01\n    awards",
            "asks: expected earn or keep",
        ),
        ("    at: 2025-06-01\n    awards", "    asks: keep\n    at: 2025-06-01\n    awards", "expected 'prior' in it"),
    ],
)
def test_unreadable_corpus_files_are_told_with_their_place(
    tmp_path: Path, before: str, after: str, sentence: str
) -> None:
    assert before in CORPUS
    code, said = _ran(tmp_path, CORPUS.replace(before, after, 1), acme=GOOD)
    assert sentence in said
    assert code == 1


def test_no_text_at_all_is_told(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "acme.rules").write_bytes(b"\xff\xfe\x00")
    output = StringIO()
    with pytest.raises(SystemExit):
        call_command("rules_corpus", tmp_path / "acme.yaml", rules=tmp_path, stdout=output)
    assert output.getvalue().count("UTF-8") == 3


def test_folders_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("rules_corpus", tmp_path, rules=tmp_path / "none")
    with pytest.raises(CommandError, match="does not exist"):
        call_command("rules_corpus", tmp_path / "none", rules=tmp_path)
    with pytest.raises(CommandError, match="no corpus file"):
        call_command("rules_corpus", tmp_path, rules=tmp_path)


def test_a_case_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    code, said = _ran(tmp_path, CORPUS.replace("mc: A, date: 2025-01-01}", "mc: A}"), acme=GOOD)
    assert "acme-stack-02: cannot be read: " in said
    assert said.splitlines()[-1] == "1 of 1 rules expressed, 1 of 2 cases right"
    assert code == 1


def _judged(tmp_path: Path, awards: str, expect: str, rule: str, more: str = "") -> tuple[int, str]:
    corpus = f"""
rules:
- id: r
  micro_credentials: {{A: {{title: Algebra One}}, B: , C: Calculus}}
  cases:
  - id: r-01
    at: 2025-06-01
{more}
    awards: {awards}
    expect: {expect}
"""
    lines = "".join(f"  {line}\n" for line in rule.splitlines())
    return _ran(tmp_path, corpus, ending="rules", r=f"rule r\n{lines}")


A1 = "{id: a1, mc: A, date: 2025-01-01, credits: 30}"
A2 = "{id: a2, mc: A, date: 2025-02-01, credits: 30}"
B = "{id: b, mc: B, date: 2025-03-01, credits: 30}"
C = "{id: c, mc: C, date: 2025-03-01, credits: 10}"


@pytest.mark.parametrize(
    ("rule", "counts", "fault"),
    [
        ("hold A", "{A: [a2]}", "counts: A: a2 should count, we count a1"),
        ("hold A; earned until 2025-01-31", "{A: [a1]}", ""),
        ("hold A; earned until 2025-01-31", "{Algebra One: a1}", ""),
        ("hold A; earned until 2025-01-31", "[a1]", ""),
        ("hold A", "{Algebra One: [a1], anything: a1}", ""),
        ("count 2; achievements A; repeats", "{A: [a1]}", "counts: A: a2 should not count there"),
        ("all of\n  hold A #the-first\n  hold B", "{The first: [b]}", "The first: b should count, we count a1"),
        ("all of\n  hold B #two\n  have; achievements A; earned until 2025-01-31 #one", "{one: [a1], two: [b]}", ""),
        (
            "all of\n  hold B #two\n  have; achievements A, B; at least 2 #one",
            "{one: [a1], two: [b]}",
            "counts: one: b should not count",
        ),
    ],
)
def test_what_counts_where_is_told_by_part_and_by_achievement(
    tmp_path: Path, rule: str, counts: str, fault: str
) -> None:
    code, said = _judged(tmp_path, f"[{A1}, {A2}, {B}]", f"{{satisfied: true, counts: {counts}}}", rule)
    assert fault in said
    assert code == (1 if fault else 0)


def test_periods_by_which_a_time_is_reached_count(tmp_path: Path) -> None:
    worked = "[{id: w1, mc: W, date: 2020-01-01, to: 2022-12-31}, {id: w2, mc: W, date: 2025-05-01, to: 2025-05-02}]"
    expect = "{satisfied: true, needed: [w1], counts: {work: [w1]}, unused: [w2]}"
    code, said = _judged(tmp_path, worked, expect, "time 24; achievements W #work")
    assert code == 0, said


@pytest.mark.parametrize(
    ("rule", "unused", "fault"),
    [
        ("hold B", "[a1, a2, c]", ""),
        ("hold B", "[a1, a2]", "unused: c counts in no choice of ours, which the issuer does not say"),
        # Which of the two counts is open, so that either may be said to be of no use in one choice, and in none.
        ("count 2", "[c]", "unused: c should count in no choice, and in one of ours does"),
        ("count 2", "[a1]", "unused: a1 should count in no choice"),
        ("all of\n  hold A\n  hold B", "[c]", ""),
        # The ten are too much beside sixty, but a choice with them is one.
        ("earn 60", "[]", ""),
        ("earn 60", "[c]", ""),
    ],
)
def test_what_is_of_no_use_is_looked_for_in_every_choice(tmp_path: Path, rule: str, unused: str, fault: str) -> None:
    code, said = _judged(tmp_path, f"[{A1}, {A2}, {B}, {C}]", f"{{satisfied: true, unused: {unused}}}", rule)
    assert fault in said
    assert code == (1 if fault else 0)


def test_a_result_may_be_one_word_and_a_table_of_tables(tmp_path: Path) -> None:
    rule = "result total sum.credits\nhold B"
    for number, (result, right) in enumerate(
        [("30", True), ("30.0", True), ("31", False), ("{sum: {credits: 30}}", True), ("{sum: 30}", False)]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        code, said = _judged(folder, f"[{B}]", f"{{satisfied: true, result: {result}}}", rule)
        assert (code == 0) == right, said


def test_a_case_may_have_no_awards(tmp_path: Path) -> None:
    corpus = "rules: [{id: r, cases: [{id: c, at: 2025-06-01, expect: {satisfied: true}}]}]"
    code, said = _ran(tmp_path, corpus, ending="rules", r="rule r\n  have; absent\n")
    assert said.splitlines()[:2] == ["rule  expressed   cases right", "r     no               1 of 1"]
    assert said.splitlines()[-1].endswith("1 of 1 cases right")
    assert code == 1


def test_another_qualification_may_be_held_since_a_day(tmp_path: Path) -> None:
    more = "    other_qualifications: [{id: x, held: 2025-06-01, uses: b}, {name: y, held: 2025-06-02, uses: [c]}]"
    code, said = _judged(
        tmp_path, f"[{B}, {C}]", "{satisfied: true, needed: [b, c]}", "all of\n  hold B; used in x\n  hold C", more
    )
    assert code == 0, said
    (tmp_path / "y").mkdir()
    code, _ = _judged(tmp_path / "y", f"[{C}]", "{satisfied: false}", "hold C; used in y", more.replace("b}", "[]}"))
    assert code == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("{id: r}", "rules[0]: expected 'cases' in it"),
        ("{cases: []}", "rules[0]: expected 'id' in it"),
        ("7", "rules[0]: expected a table of names and values"),
        ("{id: r, cases: 7}", "rules[0].cases: expected a list"),
        ("{id: r, micro_credentials: [A], cases: []}", "micro_credentials: expected a table"),
        ("{id: r, cases: [{at: 2025-01-01, expect: {satisfied: true}}]}", "rules[0].cases[0]: expected 'id' in it"),
        ("{id: r, cases: [7]}", "rules[0].cases[0]: expected a table"),
        ("{id: r, cases: [{id: c, at: 2025-01-01, expect: }]}", "cases[0].expect: expected a table"),
        (
            "{id: r, cases: [{id: c, at: 2025-01-01, expect: {satisfied: true, needed: [x]}}]}",
            "expect.needed: expected ids of awards of this case, not x",
        ),
        (
            "{id: r, cases: [{id: c, at: 2025-01-01, awards: [{id: a, mc: A, date: 2025-01-01, until: x}]}]}",
            "cases[0]: expected 'expect' in it",
        ),
        (
            "{id: r, cases: [{id: c, at: 2025-01-01, awards: [{id: a, mc: A, date: 2025-01-01, until: x}],"
            " expect: {satisfied: true}}]}",
            "awards[0].until: expected a day",
        ),
    ],
)
def test_what_is_wrong_with_one_rule_is_told_and_leaves_the_others(tmp_path: Path, wrong: str, sentence: str) -> None:
    good = "{id: good, cases: [{id: good-1, at: 2025-01-01, awards: [], expect: {satisfied: false}}]}"
    code, said = _ran(
        tmp_path, f"rules: [{wrong}, {good}]", ending="rules", good="rule good\n  hold A\n", r="rule r\n  hold A\n"
    )
    assert sentence in said
    assert said.splitlines()[-1].endswith("1 of 2 cases right")
    assert code == 1


@pytest.mark.parametrize(
    "rule",
    [
        "hold A; valid for 9000 years",
        "renewals (achievements A; by (achievements A); period 9000 years; extends)\nhold A; current",
        "lasts current\ngrace 9000 years\nhold A; current",
        "hold A; earned since today plus 9000 years",
        "hold A; earned since 2025-01-01; earned within 9000 years",
        "time 36; achievements A; within 9000 years",
    ],
)
def test_days_at_the_end_of_the_calendar_are_judged(tmp_path: Path, rule: str) -> None:
    _code, said = _judged(
        tmp_path, "[{id: a, mc: A, date: 0001-01-01, until: 9999-12-31, to: 9999-12-31}]", "{satisfied: true}", rule
    )
    assert said.splitlines()[-1] in (
        "1 of 1 rules expressed, 1 of 1 cases right",
        "1 of 1 rules expressed, 0 of 1 cases right",
    )
    assert "beyond what can be judged" not in said


def test_what_counts_may_be_said_alone_and_by_groups(tmp_path: Path) -> None:
    said = "counts: {first: a1, all: {of A: [a1], of B: a2}}"
    (tmp_path / "acme.yaml").write_text(CORPUS.replace("counts: {first: [a1]}", said))
    assert rules_of(tmp_path / "acme.yaml")[0].cases[0].counts == {"first": ("a1",), "all": ("a1", "a2")}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("count 0; at most 2; tags elective\n  where limit; at most 3", "A learner who has nothing yet already meets"),
        ("have; absent; achievements X", "A learner who has nothing yet already meets"),
        (
            "was met\n  was met\n    all of\n      time 600; achievements W\n      count 3; tags a=1",
            "some learners would take too long",
        ),
    ],
)
def test_what_could_not_be_published_is_not_expressed(tmp_path: Path, rule: str, why: str) -> None:
    code, said = _judged(tmp_path, f"[{B}]", "{satisfied: true}", rule)
    assert f"cannot be published: {why}" in said
    assert said.splitlines()[-1].startswith("0 of 1 rules expressed")
    assert code == 1


KEPT = """
rules:
- id: kept
  cases:
  - id: kept-01
    asks: keep
    at: 2026-01-01
    prior: {earned: 2024-01-01}
    awards: [{id: a1, mc: A, date: 2023-01-01, until: 2025-01-01}]
    expect: {satisfied: false}
    why: it has expired
"""


def test_what_was_earned_is_asked_whether_it_still_stands(tmp_path: Path) -> None:
    code, _ = _ran(tmp_path, KEPT, ending="rules", kept="rule kept\n  lasts current\n  hold A; current\n")
    assert code == 0


def test_what_wrongly_still_stands_is_told(tmp_path: Path) -> None:
    code, said = _ran(tmp_path, KEPT, ending="rules", kept="rule kept\n  hold A\n")
    assert "kept-01: still held? we say yes, the issuer no" in said
    assert code == 1


def test_an_approval_is_given_by_a_fact_of_the_name_of_the_role(tmp_path: Path) -> None:
    corpus = """
rules:
- id: signed
  cases:
  - {id: s-1, at: 2025-01-01, learner: {director: true}, awards: [], expect: {satisfied: true}}
  - {id: s-2, at: 2025-01-01, learner: {director: 2025-01-01}, awards: [], expect: {satisfied: true}}
  - {id: s-3, at: 2025-01-01, learner: {director: 2025-01-02}, awards: [], expect: {satisfied: false}}
  - {id: s-4, at: 2025-01-01, learner: {director: false}, awards: [], expect: {satisfied: false}}
  - {id: s-5, at: 2025-01-01, awards: [], expect: {satisfied: false}}
"""
    code, _ = _ran(tmp_path, corpus, ending="rules", signed="rule signed\n  approval director\n")
    assert code == 0
