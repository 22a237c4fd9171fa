"""Tests that a receipt says enough to follow a decision, always the same, and nothing of the person."""

import json
from datetime import date
from decimal import Decimal

from pathways.rules import receipt
from pathways.rules.evaluate import evaluate
from pathways.rules.exceptions import results
from pathways.rules.notation import content_hash, from_json, numbered
from pathways.rules.receipt import PartCredential
from pathways.rules.record import Holding, Record

ON = date(2026, 11, 21)
SALT = bytes(range(32))


def make_rule(root: dict, **said: object):
    return from_json(numbered({"format": 1, "root": root, **said}))


TWO = make_rule(
    {
        "type": "all",
        "parts": [
            {"type": "holds", "any_of": ["algebra"]},
            {"type": "amount", "at_least": 5, "pool": {"subjects": ["Data"]}},
        ],
    },
    results=[{"type": "total", "name": "credits"}],
)
ALGEBRA = Holding(id="award:1", kind="award", key="algebra", earned_on=date(2026, 1, 2), grade=Decimal("71.5"))
TABLES = Holding(
    id="award:2", kind="award", key="tables", earned_on=date(2025, 3, 4), credits=Decimal(5), subject="Data"
)
IDLE = Holding(id="grade:3", kind="grade", key="dance/exam", earned_on=date(2025, 3, 4))
RECORD = Record(holdings=(ALGEBRA, TABLES, IDLE))


def sealed(rule=TWO, record=RECORD, **said: object):
    evaluation = evaluate(rule, record, ON)
    return receipt.seal(
        rule,
        record,
        evaluation,
        **{
            "results": results("numeracy", rule, record, evaluation),
            "slug": "numeracy",
            "achievement": "https://college.example/achievements/numeracy",
            "number": 3,
            "salt": SALT,
            "time_zone": "Europe/Berlin",
        }
        | said,
    )


def written(**given: object) -> dict:
    return json.loads(sealed(**given).text({}))


def test_a_receipt_says_rule_day_allocation_and_result() -> None:
    said = written()

    assert said["rule"]["number"] == 3
    assert said["rule"]["sha256"] == content_hash(TWO)
    assert said["evaluated_on"] == "2026-11-21"
    assert said["satisfied"] is True
    assert {node: [each["amount"] for each in part] for node, part in said["allocation"].items()} == {
        "n2": ["1"],
        "n3": ["5"],
    }
    assert said["results"] == {"credits": "5"}


def test_nothing_of_a_holding_stands_in_it() -> None:
    text = sealed().text({})

    assert not any(word in text for word in ("2026-01-02", "71.5", "award:1", "tables", "dance"))


def test_only_what_counted_is_committed_to() -> None:
    assert len(written()["holdings"]) == 2


def test_each_commitment_opens_by_itself() -> None:
    decision = sealed()
    said = json.loads(decision.text({}))

    for ref, opening in decision.openings["holdings"].items():
        assert receipt.commitment(opening) == said["holdings"][ref]["sha256"]
    salts = [opening["salt"] for opening in decision.openings["holdings"].values()]
    assert len(set(salts)) == 2


def test_a_part_with_a_credential_is_named_by_it() -> None:
    decision = sealed()
    said = json.loads(decision.text({"award:1": PartCredential("https://college.example/credentials/1", "ab" * 32)}))

    named = [each["credential"] for each in said["holdings"].values() if "credential" in each]
    assert named == [{"id": "https://college.example/credentials/1", "sha256": "ab" * 32}]


def test_the_same_decision_gives_the_same_receipt_whatever_the_order_of_the_record() -> None:
    turned = Record(holdings=RECORD.holdings[::-1])

    assert sealed().text({}) == sealed(record=turned).text({})
    assert sealed().text({}) != sealed(salt=bytes(32)).text({})


def test_facts_the_rule_looks_at_are_committed_to_and_no_others() -> None:
    rule = make_rule(
        {
            "type": "all",
            "parts": [
                {"type": "fact", "name": "declared", "one_of": ["maths"]},
                {"type": "holds", "any_of": ["algebra"], "where": {"earned_since": {"fact": "admitted"}}},
            ],
        }
    )
    facts = {"declared": "maths", "admitted": "2025-09-01", "born": "2000-01-01"}
    decision = sealed(rule=rule, record=Record(holdings=(ALGEBRA,), facts=facts))
    said = json.loads(decision.text({}))

    assert said["facts"].keys() == {"declared", "admitted"}
    assert "2025-09-01" not in decision.text({})
    assert receipt.commitment(decision.openings["facts"]["admitted"]) == said["facts"]["admitted"]


def test_what_a_check_was_judged_by_is_committed_to() -> None:
    pool = {"type": "given", "pool": {"achievements": ["tables"]}}
    rule = make_rule({"type": "all", "parts": [{"type": "holds", "any_of": ["algebra"]}, pool]})

    keys = {each["holding"]["key"] for each in sealed(rule=rule).openings["holdings"].values()}
    assert keys == {"algebra", "tables"}


def test_a_rule_that_looks_at_earlier_days_is_given_all_that_was_there() -> None:
    unbroken = {"type": "unbroken", "part": {"type": "holds", "any_of": ["tables"]}, "grace": {"years": 1}}
    rule = make_rule({"type": "all", "parts": [{"type": "holds", "any_of": ["algebra"]}, unbroken]})

    assert len(written(rule=rule)["holdings"]) == 3


def test_sign_offs_of_this_rule_are_told() -> None:
    rule = make_rule({"type": "signed_off", "id": "board", "role": "examiner"})
    record = Record(sign_offs=frozenset({("board", "examiner"), ("elsewhere", "examiner")}))

    assert written(rule=rule, record=record)["sign_offs"] == [["board", "examiner"]]
