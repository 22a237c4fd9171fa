"""Tests the prover: each kind of finding by name, and that every made-up learner really shows what is said of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from pathways.rules import prove, soundness, text
from pathways.rules.evaluate import satisfied
from pathways.rules.made_up import Entry, known
from pathways.rules.made_up.weaker import at_the_least
from pathways.rules.plan.relaxed import relaxed
from pathways.rules.prove import TEXTS, UNDECIDED, Finding, Proof
from pathways.rules.record import Record
from pathways.rules.requirement import (
    All,
    Graded,
    Holds,
    Leaf,
    Period,
    Pool,
    Requirement,
    Rule,
    SignedOff,
    Spread,
    Unmet,
    walk,
)
from tests.pathways.rules.random_rules import anything, conditioned, records, rules

ON = date(2025, 6, 1)
few = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), max_examples=15)


def entry(key: str, amount: str = "5", **fields: object) -> Entry:
    return Entry(key=key, credits=Decimal(amount), **fields)


MONTH = Period(months=1)
CATALOGUE = (
    entry("a", level=5, subject="p", tags=frozenset({"t"})),
    entry("b", level=4, subject="p", tags=frozenset({"t"})),
    entry("c", "2.5", level=5, subject="q"),
    entry("d", "10", level=6, subject="q", tags=frozenset({"t"})),
    entry("short", hours=Decimal(20), valid_for=MONTH),
    entry("long", hours=Decimal(400), valid_for=MONTH),
    entry("longer", hours=Decimal(500), valid_for=MONTH),
    Entry(key="m/x", kind="grade"),
)


def proof(said: str, *, awards: str = "", **bounds: int) -> Proof:
    rule = text.from_text(said)
    assert soundness.check(rule) == []
    return prove.prove(rule, CATALOGUE, ON, awards=awards, **bounds)


def codes(said: str) -> dict[str, str]:
    """Each finding by the part that it is about."""
    return {each.node: each.code for each in proof(said).findings}


@pytest.mark.parametrize(
    "said",
    [
        "all of\n  hold a\n  hold b",
        "any of\n  hold a\n  hold b",
        "at least 2\n  hold a\n  hold b\n  hold c",
        "pass m/x; grade at least 70",
        "earn 10; tags t",
        "earn 10; tags t\n  where limit; at least 5; level at least 6",
        "earn 10\n  where limit; at most 2; level at most 4",
        "count 2\n  where spread; by subject; at least 2",
        "all of\n  hold a\n  approval dean; about the thesis",
        "any of\n  hold a\n  all of\n    fact country; one of DE\n    hold b",
        "all of\n  have; achievements a; absent\n  any of\n    hold b\n    hold c",
        "all of\n  hold a #x\n  hold b #y\n  where order; first x; then y",
        "hold a; earned since 2026-01-01",
        "all of\n  hold a; held for 1 year\n  hold b; earned within 6 months",
        "all of\n  hold short; current\n  hold long; current",
        # What only the prover's search meets, and no proof is claimed of.
        "count 2; tags t\n  where spread; by year; at least 2",
        "earn 10; tags t\n  where groups; by month; at least 5; measure credits; groups 2",
        "count 3; achievements a; repeats\n  where pace; within 30 days; at most 1",
        "graded; at least 60",
        "graded; at least 60; last 10",
        "graded; at least 60; best 10",
        "graded; at least 60; blend (tags t; share 1/2) and (level at least 6; share 1/2)",
        "all of\n  earn 10; tags t\n  graded; at least 60",
        "earn 10; tags t\n  where average; at least 60; last 5",
        'each cycle; beginning 2020-01-01; every 1 years\n  hold a; earned since "cycle.begins"',
        'each cycle; beginning "admitted"; every 2 years\n  hold a; earned since "cycle.begins"',
        "was met; since 2020-01-01; until 2021-01-01\n  hold a",
        "all of\n  hold a\n  unmet\n    hold b",
        "time 2; unit years; unbroken; breaks 30 days",
        "have; achievements a; at most 1",
        "count 2; at least fact much",
        "earn 5; less fact much",
        "fact home; same as place",
        "fact score; at least fact wanted",
        "substitutes (tags t; achievement zzz)\nhold zzz",
    ],
)
def test_nothing_is_found_against_a_sound_rule(said: str) -> None:
    found = proof(said)
    assert found.findings == ()
    assert found.finished


def test_a_rule_that_nobody_can_meet_says_which_part_and_why() -> None:
    found = proof("all of #r\n  hold a; level at least 6 #high\n  earn 60; tags t #much\n  hold b #fine")
    assert {each.node: each.code for each in found.findings} == {
        "r": "never",
        "high": "nothing_fits",
        "much": "not_enough",
    }
    assert all(each.proved for each in found.findings)
    assert found.findings[0].is_error
    # Whoever has all of the catalogue is shown, and does not meet it.
    assert {each.key for each in found.findings[0].example.holdings} == {"a", "b", "d"}


def test_what_a_fact_may_bring_in_whole_is_not_hopeless() -> None:
    rule = text.from_text("earn 1000; tags t; less fact carried")
    assert proof("earn 1000; tags t; less fact carried").findings == ()
    assert [each.at_least for each in (at_the_least(rule.root), relaxed(rule, Record(), ON).root)] == [0, 0]


def test_one_thing_demanded_twice_is_found_where_names_alone_do_not_show_it() -> None:
    found = proof("all of #r\n  count 3; tags t #n1\n  hold d; level at least 6 #n2").findings
    assert [(each.code, each.nodes) for each in found] == [("never", ()), ("counted_once", ("n1", "n2"))]
    assert codes("all of #r\n  count 3; tags t #n1\n  hold d; level at least 6; shared #n2") == {"n2": "implied"}


def test_conditions_that_cannot_hold_together_are_named() -> None:
    said = (
        "earn 10; tags t #r\n  where limit; at most 5; level at least 5 #c1\n"
        "  where limit; at least 10; level at least 6 #c2"
    )
    found = proof(said).findings
    assert [(each.code, each.nodes) for each in found] == [("never", ()), ("contradiction", ("c1", "c2"))]


def test_what_is_met_by_a_learner_who_has_nothing_is_found() -> None:
    assert codes("any of #r\n  hold a\n  have; achievements b; absent") == {"r": "always"}
    assert codes("have; achievements b; absent #r") == {"r": "always"}


def test_a_branch_that_never_decides_is_found_and_of_twins_the_later_one() -> None:
    assert codes("any of\n  hold a #n1\n  all of #n2\n    hold a\n    hold b") == {"n2": "never_decides"}
    assert codes("any of\n  all of #n1\n    hold a\n    hold b\n  hold a #n2") == {"n1": "never_decides"}
    assert codes("any of\n  hold a #n1\n  hold a #n2") == {"n2": "never_decides"}
    assert codes("any of\n  hold a #n1\n  hold a; level at least 8 #n2") == {"n2": "nothing_fits"}


def test_a_branch_that_gives_a_title_is_not_idle() -> None:
    rule = text.from_text(
        'result titles level; titles "basic" for n1, "high" for n2\nany of\n  hold a #n1\n  hold a #n2'
    )
    assert prove.prove(rule, CATALOGUE, ON).findings == ()


def test_a_requirement_that_the_rest_implies_is_found() -> None:
    assert codes("all of\n  hold d #n1\n  count 1; tags t; shared #n2") == {"n2": "implied"}
    assert codes("earn 10; tags t #r\n  where limit; at least 5 #c1") == {"c1": "implied"}
    assert codes("earn 10; tags t #r\n  where limit; at most 15; tags t #c1") == {"c1": "implied"}


def test_a_cap_that_a_surplus_can_always_avoid_is_idle_and_one_that_binds_is_not() -> None:
    assert codes("count 1; tags t #r\n  where limit; at most 1; measure count; level at least 6 #c1") == {
        "c1": "implied"
    }
    assert codes("count 2; tags t #r\n  where limit; at most 0; measure count; level at least 6 #c1") == {}


def test_parts_that_expire_before_the_rest_can_be_finished_are_found() -> None:
    found = proof("all of #r\n  hold long; current\n  hold longer; current").findings
    assert [(each.code, each.proved) for each in found] == [("expires_first", True)]
    first, last = found[0].example.holdings
    assert (last.earned_on - first.earned_on).days == 70
    assert first.until < last.earned_on == ON


def test_an_award_that_would_count_towards_itself_is_found() -> None:
    found = proof("count 2; tags t #r", awards="d").findings
    assert [(each.code, each.node, each.is_error) for each in found] == [("counts_itself", "r", False)]
    # Without itself there are not enough.
    assert [each.code for each in proof("count 3; tags t #r", awards="d").findings] == ["never", "not_enough"]


def test_what_is_not_proved_says_among_how_many_it_was_sought() -> None:
    said = (
        "all of\n  count 3\n    where average; at least 60\n"
        "  count 2; tags t; shared\n    where spread; by subject; at least 2"
    )
    found = proof(said, most_each=5)
    assert any(not each.proved for each in found.findings)
    assert all(each.bounds == f"No counterexample among {each.tried} made-up learners." for each in found.findings)
    assert not proof(said, most=3).finished


def test_what_the_prover_does_not_know_is_never_proved_and_said_of_the_made_up_only() -> None:
    said = "any of\n  hold a #n1\n  all of\n    hold a\n    unbroken; grace 1 year\n      hold b"
    found = proof(said).findings
    assert [each.code for each in found] == ["never_decides"]
    assert not found[0].proved
    assert found[0].text.startswith("No learner made up here needs this part")


def test_what_a_rule_asks_at_the_least_proves_that_nobody_meets_it() -> None:
    found = proof("all of #r\n  hold a\n  graded; at least 70; tags nobody-has #n2").findings
    assert [(each.code, each.node, each.proved) for each in found] == [
        ("never", "r", True),
        ("nothing_fits", "n2", True),
    ]
    assert found[0].is_error
    assert (
        proof("all of\n  hold a; level at least 9\n  each cycle; beginning 2020-01-01; every 1 years\n    hold b")
        .findings[0]
        .is_error
    )


def test_what_may_not_be_held_is_told_from_what_must_be() -> None:
    assert codes("all of #r\n  hold a\n  unmet #n2\n    hold a") == {"r": "contradiction"}
    assert codes("all of #r\n  hold a\n  unmet #n2\n    hold a; level at least 9") == {"n2": "implied"}


def test_an_average_that_a_higher_one_implies_is_said_not_to_be_proved() -> None:
    found = proof("all of\n  hold a\n  graded; at least 60\n  graded; at least 50 #n4").findings
    assert [(each.code, each.node, each.proved) for each in found] == [("implied", "n4", False)]
    assert found[0].text == (
        "Every learner made up here who meets the rest meets this, too; whether all do was not decided."
    )


def test_everything_unproved_has_words_of_its_own() -> None:
    assert UNDECIDED.keys() == TEXTS.keys() - {"always", "too_costly", "counts_itself"}


@pytest.mark.parametrize(
    ("value", "is_known"),
    [
        (SignedOff(id="n", role="dean"), True),
        (object(), False),
        (Spread(id="n", by="subject", at_least=2, at_most=3), True),
        (Spread(id="n", by="year", at_least=2), False),
        (Unmet(id="n", part=Holds(id="m", any_of=("a",))), True),
        (Unmet(id="n", part=All(id="m", parts=(Holds(id="o", any_of=("a",)),))), False),
        (Graded(id="n", pool=Pool(), at_least=Decimal(60)), False),
    ],
)
def test_what_a_proof_may_rest_on(value: object, is_known: bool) -> None:
    assert known(value) is is_known


# Every example shows what is said


def shows(rule: Rule, finding: Finding) -> bool:  # noqa: PLR0911 (one answer per kind)
    """Whether the evaluator agrees with what a finding says of its learner."""
    parts: dict[str, Requirement] = {each.id: each for each in walk(rule.root)}
    record, bare = finding.example, Rule(root=rule.root)
    if record is None:
        return finding.code == "nothing_fits"
    if finding.met is not None and satisfied(bare, record, finding.on) != finding.met:
        return finding.code in {"nothing_fits", "not_enough", "counted_once", "contradiction"}
    match finding.code:
        case "never":
            return not satisfied(bare, record, finding.on)
        case "always":
            return record == Record() and satisfied(bare, record, finding.on)
        case "never_decides":
            return satisfied(Rule(root=parts[finding.node]), record, finding.on)
        case "implied":
            return satisfied(bare, record, finding.on)
        case "expires_first":
            lasting = tuple(replace(each, until=None) for each in record.holdings)
            return satisfied(bare, Record(holdings=lasting), finding.on)
    return not satisfied(Rule(root=parts[finding.node]), record, finding.on)


OFFERED = (
    entry("a", "5", level=5, subject="p", issuer="i", tags=frozenset({"t"})),
    entry("b", "10", level=4, subject="q", issuer="i", tags=frozenset({"t"})),
    entry("c", "2.5", level=5, subject="q", issuer="i"),
    entry("d", "7.5", subject="p", issuer="i"),
    Entry(key="m/x", kind="grade"),
)


@pytest.mark.parametrize(
    "said",
    [
        "any of\n" + "\n".join(f"  hold n{number}" for number in range(70)),
        "any of\n" + "\n".join(f"  all of\n    hold n{number}\n    hold n{number + 34}" for number in range(34)),
        "all of\n" + "\n".join(f"  any of\n    hold n{number}\n    hold n{number + 20}" for number in range(20)),
    ],
)
def test_of_a_long_rule_every_part_is_asked_about(said: str) -> None:
    found = prove.prove(text.from_text(said), [entry(f"n{number}") for number in range(70)], ON)
    assert (found.findings, found.finished) == ((), True)
    # A few for each part, since each is tried on whoever goes by it.
    assert found.tried < 400


def test_in_a_long_rule_a_part_that_asks_for_nothing_more_is_found() -> None:
    branches = "\n".join(f"  all of\n    hold n{number}\n    hold n{number + 12}" for number in range(12))
    found = prove.prove(
        text.from_text(f"any of\n{branches}\n  all of #idle\n    hold n0\n    hold n12\n    hold n1"),
        [entry(f"n{number}") for number in range(24)],
        ON,
    )
    assert [(each.code, each.node, each.proved) for each in found.findings] == [("never_decides", "idle", True)]


@few
@given(anything(3))
def test_every_example_shows_what_its_finding_says(rule: Rule) -> None:
    if soundness.check(rule):
        return
    for finding in prove.prove(rule, OFFERED, ON, most=400, most_each=60).findings:
        assert shows(rule, finding), finding


@few
@given(conditioned())
def test_examples_under_conditions_show_what_their_findings_say(rule: Rule) -> None:
    if soundness.check(rule):
        return
    for finding in prove.prove(rule, OFFERED, ON, most=400, most_each=60).findings:
        assert shows(rule, finding), finding


@few
@given(rules() | conditioned(), records())
def test_what_is_proved_idle_decides_for_no_record_of_the_catalogue(rule: Rule, record: Record) -> None:
    if soundness.check(rule):
        return
    offered = {(each.kind, each.key): each for each in OFFERED}
    held = [
        replace(
            each,
            kind=kind,
            credits=found.credits,
            hours=found.hours,
            level=found.level,
            subject=found.subject,
            tags=found.tags,
            issuer=found.issuer,
            until=None,
            passed=each.kind != "grade" or (each.grade is not None and each.grade >= 50),
        )
        for each in record.holdings
        if (kind := "grade" if each.kind == "grade" else "award") and (found := offered.get((kind, each.key)))
    ]
    shared = any(isinstance(each, Leaf) and each.shared for each in walk(rule.root))
    for finding in prove.prove(rule, OFFERED, ON, most=400, most_each=60).findings:
        if finding.proved and not shared and finding.code in {"never_decides", "implied"}:
            less = prove.without(prove.to_earn(rule), finding.node)
            assert less is not None
            tried = Record(holdings=tuple(held))
            # Several idle parts may stand for one another; each is idle while the others are there.
            assert satisfied(rule, tried, ON) == satisfied(less, tried, ON)
        if finding.proved and finding.code == "never":
            assert not satisfied(rule, Record(holdings=tuple(held)), ON)
