"""Tests that a rule written in CTDL reads back the same, says what it could not say, and that bad files are told."""

import copy
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from pathways import ctdl
from pathways.ctdl import BadCtdl, Described, Subject
from pathways.rules.notation import from_json, numbered, to_json
from pathways.rules.requirement import Rule
from tests.pathways.rules.random_rules import anything, conditioned
from tests.rules_corpus.reading import translations

SUBJECT = Subject(
    document="https://college.example/pathways/towards/ctdl.json",
    ctid="ce-0f5a3ad6-9ad3-4a1c-8d38-3a60cbe1a0b7",
    name="Towards numeracy",
    description="From tables to statistics.",
    url="https://college.example/pathways/towards/",
    language="en",
    owner="https://college.example/issuers/numbers",
    target="numeracy",
    described={
        "numeracy": Described(name="Numeracy", url="https://college.example/achievements/numeracy", kind="Certificate"),
        "tables": Described(
            name="Tables", url="https://college.example/achievements/tables", kind="MicroCredential", credits="2.5"
        ),
    },
    words=lambda part: f"Part {part.id}",
)


def rule_of(root: dict[str, Any], **said: object) -> Rule:
    return from_json(numbered({"format": 1, "root": root, **said}))


def holds(*keys: str, **said: object) -> dict[str, Any]:
    return {"type": "holds", "any_of": list(keys), **said}


def document_of(rule: Rule) -> dict[str, Any]:
    return json.loads(json.dumps(ctdl.written(rule, SUBJECT).document))


def nodes_of(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in document["@graph"] if each["@type"] == kind]


def condition_of(document: dict[str, Any]) -> dict[str, Any]:
    [goal] = [each for each in document["@graph"] if "ceterms:hasCondition" in each]
    return goal["ceterms:hasCondition"][0]


THREE = rule_of({"type": "at_least", "count": 2, "parts": [holds("tables"), holds("charts"), holds("means")]})


# --- writing --------------------------------------------------------------------------------------------------------


def test_a_pathway_leads_to_its_destination() -> None:
    document = document_of(THREE)
    [pathway] = nodes_of(document, "ceterms:Pathway")
    [goal] = [each for each in document["@graph"] if each.get("ceterms:codedNotation") == "numeracy"]
    assert pathway["ceterms:name"] == {"en": "Towards numeracy"}
    assert pathway["ceterms:hasDestinationComponent"] == [goal["@id"]]
    assert goal["ceterms:isDestinationComponentOf"] == [pathway["@id"]]
    assert goal["ceterms:proxyFor"] == "https://college.example/achievements/numeracy"
    assert goal["ceterms:credentialType"] == "ceterms:Certificate"
    assert set(pathway["ceasn:hasPart"]) == {each["@id"] for each in document["@graph"]} - {pathway["@id"]}


def test_so_many_of_these_is_said_by_a_required_number() -> None:
    condition = condition_of(document_of(THREE))
    assert condition["ceterms:requiredNumber"] == 2
    assert len(condition["ceterms:hasCondition"]) == 3
    assert ctdl.written(THREE, SUBJECT).not_said == ()


def test_all_and_any_are_said_by_logic() -> None:
    for kind, operator in (("all", "logicOp:And"), ("any", "logicOp:Or")):
        rule = rule_of({"type": kind, "parts": [holds("tables"), holds("charts")]})
        assert condition_of(document_of(rule))["ceterms:logicalOperator"] == operator


def test_a_credential_and_an_assessment_are_components_of_their_kinds() -> None:
    document = document_of(
        rule_of({"type": "all", "parts": [holds("tables"), {"type": "passed", "assessment": "means/exam"}]})
    )
    [assessment] = nodes_of(document, "ceterms:AssessmentComponent")
    tables = next(each for each in document["@graph"] if each.get("ceterms:codedNotation") == "tables")
    assert assessment["ceterms:codedNotation"] == "means/exam"
    assert tables["ceterms:creditValue"][0]["schema:value"] == 2.5


def test_credits_are_said_by_a_constraint_which_is_listed_as_unsettled() -> None:
    rule = rule_of({"type": "amount", "id": "c", "at_least": "7.5", "pool": {"achievements": ["tables", "charts"]}})
    [constraint] = condition_of(document_of(rule))["ceterms:hasConstraint"]
    assert constraint["ceterms:comparator"] == "compare:GTEQ"
    assert constraint["ceterms:rightSource"] == ["7.5"]
    assert [(each.node, each.field) for each in ctdl.written(rule, SUBJECT).not_said] == [("c", "at_least")]


def test_an_order_of_two_achievements_is_a_prerequisite() -> None:
    order = {"type": "order", "id": "o", "first": ["a"], "then": ["b"]}
    parts = [holds("tables", id="a"), holds("charts", id="b")]
    rule = rule_of({"type": "all", "parts": parts, "conditions": [order]})
    by_key = {each.get("ceterms:codedNotation"): each for each in document_of(rule)["@graph"]}
    assert by_key["charts"]["ceterms:prerequisite"] == [by_key["tables"]["@id"]]
    assert ctdl.written(rule, SUBJECT).not_said == ()


@pytest.mark.parametrize(
    ("root", "field"),
    [
        (holds("tables", id="x", where={"grade_at_least": 50}), "where"),
        (holds("tables", id="x", shared=True), "shared"),
        ({"type": "count", "id": "x", "at_least": 1, "pool": {"tags": ["data"]}}, "pool"),
        ({"type": "count", "id": "x", "at_least": 1, "at_most": 2, "pool": {"achievements": ["tables"]}}, "at_most"),
        ({"type": "count", "id": "x", "at_least": 1, "pool": {"achievements": ["a"], "repeats": True}}, "repeats"),
        ({"type": "amount", "id": "x", "at_least": 1, "unit": "hours", "pool": {"achievements": ["a"]}}, "unit"),
        ({"type": "amount", "id": "x", "at_least": 1, "divisible": True, "pool": {"achievements": ["a"]}}, "divisible"),
        ({"type": "signed_off", "id": "x", "role": "examiner"}, "signedoff"),
        (
            {
                "type": "count",
                "id": "x",
                "at_least": 2,
                "pool": {"achievements": ["a", "b"]},
                "conditions": [{"type": "together", "id": "t"}],
            },
            "conditions",
        ),
    ],
)
def test_what_ctdl_cannot_say_is_listed_with_its_part_and_reason(root: dict[str, Any], field: str) -> None:
    document = document_of(rule_of(root))
    listed = nodes_of(document, "ceterms:Pathway")[0]["cairn:partial"]
    assert ("x", field) in {(each["node"], each["field"]) for each in listed}
    assert all(each["reason"].startswith("CTDL") for each in listed)


def test_how_long_it_lasts_is_listed_for_the_rule_as_a_whole() -> None:
    [said] = ctdl.written(rule_of(holds("tables"), lasts="current", grace={"months": 3}), SUBJECT).not_said
    assert (said.node, said.field) == ("", "grace, lasts")


def test_every_address_and_ctid_stands_once_and_stays() -> None:
    document = document_of(THREE)
    ids = [each["@id"] for each in document["@graph"]]
    assert len(ids) == len(set(ids))
    assert document == document_of(THREE)
    assert all(uuid.UUID(each["ceterms:ctid"].removeprefix("ce-")) for each in document["@graph"])
    used = [each for node in document["@graph"] for each in node.get("ceterms:targetComponent", [])]
    assert set(used) <= set(ids)


# --- reading back ---------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, derandomize=True)
@given(anything() | conditioned())
def test_any_rule_reads_back_the_same(rule: Rule) -> None:
    found = ctdl.read(document_of(rule))
    assert (found.rule, found.target, found.is_plain) == (rule, "numeracy", False)


@pytest.mark.parametrize("name", translations())
def test_every_rule_of_the_corpus_reads_back_the_same(name: str) -> None:
    for edition in translations()[name]:
        assert to_json(ctdl.read(document_of(edition.rule)).rule) == to_json(edition.rule)


def test_what_was_listed_as_not_said_is_told_again() -> None:
    rule = rule_of(holds("tables", where={"grade_at_least": 50}))
    assert ctdl.read(document_of(rule)).partial == ctdl.written(rule, SUBJECT).not_said


def test_a_number_that_was_changed_in_ctdl_is_what_counts() -> None:
    document = document_of(THREE)
    condition_of(document)["ceterms:requiredNumber"] = 3
    assert to_json(ctdl.read(document).rule)["root"]["count"] == 3


def plainly(value: Any) -> Any:
    """The document as software sees it that knows CTDL and nothing of ours."""
    if isinstance(value, dict):
        return {name: plainly(each) for name, each in value.items() if not name.startswith("cairn:")}
    return [plainly(each) for each in value] if isinstance(value, list) else value


def test_ctdl_alone_gives_the_rule_as_far_as_it_says_it() -> None:
    inner = {"type": "at_least", "count": 2, "parts": [holds("a"), holds("b"), holds("c")]}
    rule = rule_of({"type": "all", "parts": [holds("tables"), inner, {"type": "passed", "assessment": "means/exam"}]})
    found = ctdl.read(plainly(document_of(rule)))
    assert found.is_plain
    root = to_json(found.rule)["root"]
    assert root["type"] == "all"
    assert root["parts"][1]["count"] == 2
    assert root["parts"][2]["assessment"] == "means/exam"


# --- bad files ------------------------------------------------------------------------------------------------------


def no_pathway(document: dict[str, Any]) -> None:
    document["@graph"] = [each for each in document["@graph"] if each["@type"] != "ceterms:Pathway"]


def two_pathways(document: dict[str, Any]) -> None:
    document["@graph"].append({**nodes_of(document, "ceterms:Pathway")[0], "@id": "https://college.example/other"})


def nowhere(document: dict[str, Any]) -> None:
    nodes_of(document, "ceterms:Pathway")[0]["ceterms:hasDestinationComponent"] = ["https://college.example/none"]


def no_condition(document: dict[str, Any]) -> None:
    for each in document["@graph"]:
        each.pop("ceterms:hasCondition", None)


def no_number(document: dict[str, Any]) -> None:
    condition_of(document)["ceterms:requiredNumber"] = "two"


def unknown_component(document: dict[str, Any]) -> None:
    condition_of(document)["ceterms:hasCondition"][0]["ceterms:targetComponent"] = ["https://college.example/none"]


def half_ours(document: dict[str, Any]) -> None:
    del condition_of(document)["ceterms:hasCondition"][0]["cairn:part"]


def strange_part(document: dict[str, Any]) -> None:
    condition_of(document)["cairn:part"]["type"] = "oracle"


def nameless(document: dict[str, Any]) -> None:
    for each in document["@graph"]:
        each.pop("ceterms:codedNotation", None)
        each.pop("ceterms:proxyFor", None)


def ring(document: dict[str, Any]) -> None:
    condition = condition_of(document)
    condition["@id"] = "https://college.example/ring"
    document["@graph"].append(condition)
    condition["ceterms:hasCondition"] = ["https://college.example/ring"]


SPOILINGS = [
    no_pathway,
    two_pathways,
    nowhere,
    no_condition,
    no_number,
    unknown_component,
    half_ours,
    strange_part,
    nameless,
    ring,
]


@pytest.mark.parametrize("spoil", SPOILINGS, ids=lambda each: each.__name__)
def test_what_cannot_be_read_is_told_with_its_place(spoil: Callable[[dict[str, Any]], None]) -> None:
    document = copy.deepcopy(document_of(THREE))
    spoil(document)
    with pytest.raises(BadCtdl) as refusal:
        ctdl.read(document)
    assert refusal.value.path
    assert refusal.value.expected


@pytest.mark.parametrize("document", [None, [], {}, {"@graph": 1}, {"@graph": [1]}, {"@graph": []}, {"@graph": [{}]}])
def test_what_is_no_document_is_told(document: Any) -> None:
    with pytest.raises(BadCtdl):
        ctdl.read(document)


def test_a_constraint_of_others_is_not_guessed_at() -> None:
    rule = rule_of({"type": "amount", "at_least": 5, "pool": {"achievements": ["tables"]}})
    with pytest.raises(BadCtdl, match="reading is not settled"):
        ctdl.read(plainly(document_of(rule)))
