"""Rules as JSON: strict, lossless, and naming the path of what cannot be read."""

import json

import pytest
from hypothesis import HealthCheck, given, settings

from pathways.rules.notation import RuleError, content_hash, from_json, numbered, references, to_json
from pathways.rules.requirement import MAX_CLAUSES, MAX_DEPTH, MAX_RESULTS, Rule
from tests.pathways.rules.random_rules import rules

HOLDS = {"type": "holds", "id": "h", "any_of": ["a"]}


def written(root: object) -> dict:
    return {"format": 1, "root": root}


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules(most_leaves=9))
def test_a_rule_survives_the_way_to_json_and_back(rule: Rule) -> None:
    data = json.loads(json.dumps(to_json(rule)))
    assert from_json(data) == rule
    assert to_json(from_json(data)) == data
    assert content_hash(from_json(data)) == content_hash(rule)


def test_everything_a_part_can_say_is_read() -> None:
    data = written(
        {
            "type": "at_least",
            "id": "r",
            "count": 2,
            "parts": [
                {"type": "passed", "id": "p", "assessment": "c/x", "where": {"grade_at_least": "62.5"}},
                {
                    "type": "amount",
                    "id": "s",
                    "at_least": "7.5",
                    "at_most": 20,
                    "unit": "hours",
                    "shared": True,
                    "pool": {
                        "achievements": ["a", "b"],
                        "without_achievements": ["c"],
                        "repeats": True,
                        "level_at_least": 5,
                        "level_at_most": 6,
                        "earned_since": "2024-01-31",
                        "earned_until": "2024-12-31",
                        "earned_within": {"years": 1, "months": 2, "days": 3},
                        "current": True,
                        "issuers": ["i"],
                        "sources": ["s"],
                        "kinds": ["k"],
                        "subjects": ["u"],
                        "skills": ["v"],
                        "tags": ["t"],
                        "without_tags": ["w"],
                    },
                },
                {"type": "any", "id": "o", "parts": [HOLDS]},
                {"type": "all", "id": "q", "parts": [{"type": "count", "id": "n", "at_least": 3, "pool": {}}]},
            ],
        }
    )
    assert to_json(from_json(data)) == data


@pytest.mark.parametrize(
    ("data", "path", "expected"),
    [
        ([], "$", "an object"),
        ({"root": HOLDS}, "$.format", "1, the format"),
        ({"format": 2, "root": HOLDS}, "$.format", "1, the format"),
        ({"format": 1}, "$.root", "this field"),
        ({"format": 1, "root": HOLDS, "extra": 1}, "$.extra", "no such field"),
        (written("x"), "$.root", "an object"),
        (written({"type": "eval"}), "$.root.type", "one of all, any"),
        (written({"type": ["all"]}), "$.root.type", "one of all, any"),
        (written({"type": "holds", "any_of": ["a"]}), "$.root.id", "this field"),
        (written({**HOLDS, "id": "a b"}), "$.root.id", "an id of letters"),
        (written({**HOLDS, "any_of": "a"}), "$.root.any_of", "a list"),
        (written({**HOLDS, "any_of": ["a", "a"]}), "$.root.any_of[1]", "each name once"),
        (written({**HOLDS, "any_of": [""]}), "$.root.any_of[0]", "a text"),
        (written({**HOLDS, "any_of": ["a\u0000"]}), "$.root.any_of[0]", "a text"),
        (written({**HOLDS, "gradeAtLeast": 1}), "$.root.gradeAtLeast", "no such field"),
        (written({**HOLDS, "where": {"grade_at_least": 2.5}}), "$.root.where.grade_at_least", "decimal in quotes"),
        (written({**HOLDS, "where": {"grade_at_least": "3"}}), "$.root.where.grade_at_least", "decimal in quotes"),
        (written({**HOLDS, "where": {"grade_at_least": "1e3"}}), "$.root.where.grade_at_least", "decimal in quotes"),
        (written({**HOLDS, "where": {"grade_at_least": True}}), "$.root.where.grade_at_least", "decimal in quotes"),
        (written({**HOLDS, "where": {"level_at_least": -1}}), "$.root.where.level_at_least", "a whole number"),
        (written({**HOLDS, "where": {"level_at_least": True}}), "$.root.where.level_at_least", "a whole number"),
        (written({**HOLDS, "where": {"earned_since": "20240101"}}), "$.root.where.earned_since", "a date"),
        (written({**HOLDS, "where": {"earned_since": "2024-02-30"}}), "$.root.where.earned_since", "a date"),
        (written({**HOLDS, "where": {"current": "yes"}}), "$.root.where.current", "true"),
        (written({**HOLDS, "where": {}}), "$.root.where", f"no “where” in {HOLDS['id']}, as this holds anyway"),
        (written({**HOLDS, "shared": False}), "$.root.shared", "true"),
        (written({"type": "all", "id": "r", "parts": [HOLDS, HOLDS]}), "$.root", "each id once"),
        (
            written(
                {
                    "type": "all",
                    "id": "r",
                    "parts": [{"type": "amount", "id": "s", "at_least": 1, "pool": {}, "unit": " "}],
                }
            ),
            "$.root.parts[0].unit",
            "a text of 1 to 200 characters",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(data: object, path: str, expected: str) -> None:
    with pytest.raises(RuleError) as refusal:
        from_json(data)
    assert refusal.value.path == path
    assert expected in refusal.value.expected


def test_a_rule_nested_too_deep_is_refused_before_it_is_read() -> None:
    part: dict = HOLDS
    for number in range(MAX_DEPTH - 1):
        part = {"type": "all", "id": f"n{number}", "parts": [part]}
    from_json(written(part))
    for number in range(100_000):
        part = {"type": "all", "id": f"m{number}", "parts": [part]}
    with pytest.raises(RuleError, match="nested at most 10 deep"):
        from_json(written(part))


def test_alternatives_nested_too_deep_are_refused() -> None:
    where: dict = {"current": True}
    for _ in range(50_000):
        where = {"either": [where]}
    with pytest.raises(RuleError, match="values nested"):
        from_json(written({**HOLDS, "where": where}))


def test_a_rule_with_too_many_parts_is_refused() -> None:
    parts = [{**HOLDS, "id": f"h{number}"} for number in range(MAX_CLAUSES)]
    with pytest.raises(RuleError, match="at most 500 parts"):
        from_json(written({"type": "all", "id": "r", "parts": parts}))


def test_parts_without_an_id_can_be_numbered() -> None:
    plain = written({"type": "all", "parts": [{"type": "holds", "any_of": ["a"]}, {**HOLDS, "id": "n1"}]})
    assert [part.id for part in from_json(numbered(plain)).root.parts] == ["n3", "n1"]  # type: ignore[union-attr]


def test_references_name_what_can_change_the_verdict() -> None:
    rule = from_json(
        written(
            {
                "type": "all",
                "id": "r",
                "parts": [
                    HOLDS,
                    {"type": "passed", "id": "p", "assessment": "c/x"},
                    {"type": "count", "id": "t", "at_least": 1, "pool": {"tags": ["t"], "level_at_least": 5}},
                    {"type": "count", "id": "l", "at_least": 1, "pool": {"level_at_least": 5}},
                ],
            }
        )
    )
    assert references(rule) == {("award", "a"), ("grade", "c/x"), ("tag", "t"), ("award", "*")}


def test_two_results_of_one_name_are_refused_with_the_place() -> None:
    root = {"type": "holds", "id": "a", "any_of": ["algebra"]}
    result = {"type": "total", "name": "credits"}
    with pytest.raises(RuleError, match=r"\$\.results\[1\]\.name"):
        from_json({"format": 1, "root": root, "results": [result, {**result, "measure": "hours"}]})


def test_a_rule_has_only_so_many_results() -> None:
    root = {"type": "holds", "id": "a", "any_of": ["algebra"]}
    results = [{"type": "total", "name": f"total {number}"} for number in range(MAX_RESULTS + 1)]
    assert len(from_json({"format": 1, "root": root, "results": results[1:]}).results) == MAX_RESULTS
    with pytest.raises(RuleError, match=r"\$\.results: .*at most 50 results"):
        from_json({"format": 1, "root": root, "results": results})
