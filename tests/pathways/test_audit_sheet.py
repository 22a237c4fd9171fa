"""What an audit sheet says of a record: by what each part is met, what is missing, and what cannot count."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pathways.audit_sheet import Line, Sheet, outline_of, sheet_of
from pathways.demonstration import content
from pathways.rules import completing, notation
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AtLeast,
    Count,
    Holds,
    Limit,
    Passed,
    Pool,
    Rule,
    SignedOff,
    Where,
)

ON = date(2026, 11, 21)
NAMES = {"a": "Tables", "b": "Charts", "c": "Sums", "course/exam": "Exam (Course)"}


def holds(key: str, **where: Any) -> Holds:
    return Holds(id=f"h-{key}", any_of=(key,), where=Where(**where))


def award(key: str, **fields: Any) -> Holding:
    given: dict[str, Any] = {"id": f"award:{key}", "kind": "award", "key": key, "earned_on": ON, "credits": Decimal(5)}
    return Holding(**given | fields)


RULE = Rule(
    root=All(
        id="root",
        parts=(
            holds("a"),
            AtLeast(id="two", count=2, parts=(holds("b"), holds("c"), Passed(id="p", assessment="course/exam"))),
            Amount(id="credits", at_least=Decimal(10), pool=Pool(tags=("data",))),
        ),
    )
)


def sheet(rule: Rule, *holdings: Holding, under_way: frozenset[Any] = frozenset()) -> Sheet:
    return sheet_of(rule, Record(holdings=holdings, under_way=under_way), ON, names=NAMES, credits_of={"a": Decimal(5)})


def line(of: Sheet | Line, node: str) -> Line:
    found = of.lines if isinstance(of, Sheet) else of.parts
    return next(each for each in found if each.node == node)


def test_each_top_part_is_a_line_with_what_met_it() -> None:
    found = sheet(RULE, award("a"))
    assert [each.node for each in found.lines] == ["h-a", "two", "credits"]
    assert line(found, "h-a").is_met
    assert [each.name for each in line(found, "h-a").counted] == ["Tables"]
    assert line(found, "h-a").words == "Hold Tables"


def test_a_group_says_how_many_and_leaves_its_parts_to_their_lines() -> None:
    found = line(sheet(RULE), "two")
    assert found.words == "At least 2 of these 3"
    assert [each.words for each in found.parts] == ["Hold Charts", "Hold Sums", "Pass Exam (Course)"]


def test_what_is_missing_names_what_would_do() -> None:
    found = line(line(sheet(RULE, under_way=frozenset({("award", "b")})), "two"), "h-b")
    assert [(each.name, each.is_under_way) for each in found.choices] == [("Charts", True)]
    assert found.state == "under-way"


def test_the_smallest_ways_are_said_whole_and_by_part() -> None:
    found = sheet(Rule(root=All(id="root", parts=(holds("a"), holds("b")))), award("a"))
    assert found.ways == ("Still needed: Charts.",)
    assert line(found, "h-b").needs == ("Charts",)


SHARING = Rule(
    root=All(
        id="root",
        parts=(
            holds("a"),
            AtLeast(id="one", count=1, parts=(holds("b"), holds("c"))),
            Amount(id="credits", at_least=Decimal(10), pool=Pool(achievements=("a", "b", "c")), shared=True),
        ),
    )
)


def sheet_with_gains(rule: Rule, *holdings: Holding, bring: Mapping[str, int]) -> Sheet:
    gains = {key: award(key, id=f"supposed:{key}", credits=Decimal(amount)) for key, amount in bring.items()}
    return sheet_of(rule, Record(holdings=holdings), ON, names=NAMES, credits_of={}, gains=gains)


def test_a_part_that_the_others_fill_as_well_is_not_asked_for_twice() -> None:
    found = sheet_with_gains(SHARING, award("b"), bring={"a": 5, "b": 5, "c": 5})
    assert len(found.evaluation.missing[0]) == 2
    assert found.ways == ("Still needed: Tables.",)
    assert line(found, "credits").is_filled_by_others
    assert line(found, "credits").needs == ()
    assert not line(found, "h-a").is_filled_by_others


def test_what_the_others_do_not_fill_whole_is_asked_for_as_far_as_it_is_left() -> None:
    [way] = sheet_with_gains(SHARING, award("b", credits=Decimal(2)), bring={"a": 5, "b": 2, "c": 5}).ways
    assert way.startswith("Still needed: Tables and 3 more credits from")


def test_of_a_choice_only_what_fills_all_the_rest_is_named() -> None:
    found = sheet_with_gains(SHARING, award("a"), bring={"a": 5, "b": 5, "c": 2})
    assert found.ways == ("Still needed: Charts.",)
    found = sheet_with_gains(SHARING, award("a"), bring={"a": 5, "b": 5, "c": 7})
    assert found.ways == ("Still needed: Charts or Sums.",)


def test_a_choice_beside_what_is_fixed_stays_a_choice() -> None:
    [missing] = sheet_with_gains(SHARING, bring={"a": 5, "b": 5, "c": 5}).missing
    assert [(need.node, [key for _kind, key in need.any_of]) for need in missing] == [
        ("h-a", ["a"]),
        ("one", ["b", "c"]),
    ]


def test_without_knowing_what_is_to_come_each_part_stands_by_itself() -> None:
    found = sheet(SHARING, award("b"))
    assert found.missing == found.evaluation.missing
    assert not line(found, "credits").is_filled_by_others


CERTIFICATE = notation.from_json(
    next(each["rule"] for each in content.college()["qualifications"] if each["slug"] == "certificate-in-data-practice")
)
# Level and credits as the demonstration's courses have them.
COURSES = {each["slug"]: (each["level"], each["credits"]) for each in content.courses()}


def certificate_with(*slugs: str) -> Sheet:
    """Where somebody with these micro-credentials of the demonstration is on the way to its certificate."""
    all_of_them = {
        slug: award(slug, level=level, credits=Decimal(brought)) for slug, (level, brought) in COURSES.items()
    }
    gains = {slug: replace(each, id=f"supposed:{slug}") for slug, each in all_of_them.items()}
    record = Record(holdings=tuple(all_of_them[slug] for slug in slugs))
    return sheet_of(CERTIFICATE, record, ON, names={}, credits_of={}, gains=gains)


CORE = ("data-foundations", "querying-with-sql", "statistics-in-practice")


def test_what_is_of_too_low_a_level_is_not_proposed() -> None:
    found = certificate_with(*CORE, "clear-charts", "spreadsheets-that-last")
    assert found.evaluation.missing[0][0].any_of[-1] == ("award", "spreadsheets-that-last")
    assert found.ways == ("Still needed: 1 more credit from python-for-data or data-protection.",)


def test_of_electives_only_those_that_also_bring_the_level_are_proposed() -> None:
    assert certificate_with(*CORE, "clear-charts").ways == ("Still needed: python-for-data or data-protection.",)


@pytest.mark.parametrize(
    ("pool", "without"),
    [
        (Pool(achievements=("a", "b"), issuers=("here",)), {"issuer": "there"}),
        (Pool(achievements=("a", "b"), subjects=("data",)), {"subject": "care"}),
        (Pool(achievements=("a", "b"), level_at_most=5), {"level": 6}),
        (Pool(achievements=("a", "b")), {"credits": Decimal(0)}),
    ],
)
def test_what_by_its_catalogue_data_adds_nothing_is_not_proposed(pool: Pool, without: dict[str, Any]) -> None:
    rule = Rule(root=Amount(id="credits", at_least=Decimal(5), pool=pool))
    fits: dict[str, Any] = {"issuer": "here", "subject": "data", "level": 5}
    gains = {"a": award("a", **fits), "b": award("b", **fits | without)}
    found = sheet_of(rule, Record(), ON, names=NAMES, credits_of={}, gains=gains)
    assert found.ways == ("Still needed: 5 more credits from Tables.",)


def test_what_could_still_be_earned_with_a_better_grade_stays_proposed() -> None:
    rule = Rule(root=holds("a", grade_at_least=Decimal(60)))
    low = award("a", grade=Decimal(50))
    found = sheet_of(rule, Record(holdings=(low,)), ON, names=NAMES, credits_of={}, gains={"a": award("a")})
    assert found.ways == ("Still needed: Tables.",)


def test_what_would_take_too_long_to_join_stands_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completing, "MOST", 1)
    found = sheet_with_gains(SHARING, award("b"), bring={"a": 5, "b": 5, "c": 5})
    assert found.missing == found.evaluation.missing


def test_what_is_held_and_does_not_count_stays_visible_with_its_reason() -> None:
    rule = Rule(root=All(id="root", parts=(holds("a", earned_since=date(2026, 1, 1)), holds("b"))))
    found = sheet(rule, award("a", earned_on=date(2022, 5, 1)))
    assert [each.words for each in line(found, "h-a").excluded] == ["Tables does not count: it was earned too early."]


def test_there_is_a_stone_for_each_top_part_as_wide_as_its_credits() -> None:
    assert sheet(RULE, award("a")).stones == (
        ("h-a", Decimal(5), "earned"),
        ("two", Decimal(2), "open"),
        ("credits", Decimal(10), "open"),
    )
    assert sheet(RULE, award("a")).done == 1
    assert {state for _, _, state in outline_of(RULE, {}, ON)} == {"open"}


def test_a_rule_that_only_counts_has_that_many_stones() -> None:
    rule = Rule(root=Count(id="n", at_least=3, pool=Pool(achievements=("a", "b", "c"))))
    assert [state for _, _, state in sheet(rule, award("a"), award("b")).stones] == ["earned", "earned", "open"]


def test_a_condition_over_a_part_is_a_line_below_it() -> None:
    level = Limit(id="high", of=Pool(level_at_least=5), at_least=Decimal(5))
    rule = Rule(root=Amount(id="sum", at_least=Decimal(5), pool=Pool(tags=("data",)), conditions=(level,)))
    [found] = sheet(rule, award("a", tags=frozenset({"data"}), level=4)).lines
    [condition] = found.parts
    assert condition.is_condition
    assert not condition.is_met
    assert "level 5" in condition.words


def test_a_check_that_takes_nothing_is_a_line_and_a_stone() -> None:
    rule = Rule(root=All(id="root", parts=(holds("a"), SignedOff(id="ok", role="dean"))))
    found = sheet(rule, award("a"))
    assert [each.node for each in found.lines] == ["h-a", "ok"]
    assert [state for _node, _weight, state in found.stones] == ["earned", "open"]
