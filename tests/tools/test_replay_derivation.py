"""Tests that the replay program agrees with every decision that was right, and with nothing that was changed."""

import copy
import gzip
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pathways.importing.corpus_verdicts import with_approvals
from pathways.rules import notation, receipt
from pathways.rules.notation import from_json, numbered
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Rule
from pathways.rules.rulings import ChangedLimit, Extension, ExtraChoice, Substitution, Waiver
from tests.pathways.rules.random_rules import ON, anything, records
from tests.rules_corpus.reading import real_rules, translations
from tests.tools.replaying import ACHIEVEMENT, Papers, as_program, papers, program, replayed, written

TODAY = date(2026, 11, 21)
REPLAY = program()


def rule_of(*parts: dict[str, Any], **said: object) -> Rule:
    return from_json(numbered({"format": 1, "root": {"type": "all", "id": "top", "parts": list(parts)}, **said}))


TWELVE = rule_of(
    {"type": "holds", "id": "core", "any_of": ["algebra"], "where": {"grade_at_least": 50}},
    {
        "type": "amount",
        "id": "credits",
        "at_least": 10,
        "pool": {"subjects": ["Data"]},
        "conditions": [
            {"type": "limit", "id": "advanced", "of": {"level_at_least": 5}, "at_least_share": "1/2"},
            {"type": "spread", "id": "breadth", "by": "issuer", "at_least": 2},
        ],
    },
    results=[
        {"type": "total", "name": "credits"},
        {"type": "titles", "name": "with", "titles": [{"word": "algebra", "node": "core"}]},
        {"type": "listing", "name": "in", "node": "credits"},
        {"type": "figure", "name": "pairs", "measure": "count", "of": {"subjects": ["Data"]}, "per": 2},
        {"type": "figure", "name": "rounded", "per": 4, "places": 1},
    ],
)


def data(name: str, issuer: str, level: int, worth: int = 5) -> Holding:
    return Holding(
        id=f"award:{name}",
        kind="award",
        key=name,
        earned_on=date(2026, 3, 4),
        credits=Decimal(worth),
        level=level,
        subject="Data",
        issuer=issuer,
    )


ALGEBRA = Holding(id="award:algebra", kind="award", key="algebra", earned_on=date(2026, 1, 2), grade=Decimal("71.5"))
RECORD = Record(holdings=(ALGEBRA, data("tables", "north", 5), data("charts", "south", 4)))


@pytest.fixture
def twelve() -> Papers:
    return copy.deepcopy(papers(TWELVE, RECORD, TODAY))


def ref_of(given: Papers, key: str) -> str:
    return next(ref for ref, each in given.openings["holdings"].items() if each["holding"]["key"] == key)


def resealed(given: Papers) -> Papers:
    """The papers of a forger who makes the hashes fit what was changed."""
    for ref, opening in given.openings["holdings"].items():
        if ref in given.receipt["holdings"]:
            given.receipt["holdings"][ref]["sha256"] = receipt.commitment(opening)
    rule = given.receipt["rule"]
    rule["sha256"] = receipt.digest(receipt.canonical(rule["document"]))
    return given


# --- what is right --------------------------------------------------------------------------------------------------


def test_it_agrees_with_a_decision_that_was_right(tmp_path: Path, twelve: Papers) -> None:
    found = replayed(tmp_path, twelve, REPLAY)
    assert (found["verdict"], found["wrong"], found["missing"]) == ("agrees", [], [])


def test_it_runs_by_itself_and_says_so_by_its_exit(tmp_path: Path, twelve: Papers) -> None:
    text = receipt.canonical(twelve.receipt)
    openings = written(tmp_path, "openings.json", {"receipt": receipt.digest(text), **twelve.openings})
    assert as_program(written(tmp_path, "receipt.json", text), "--openings", openings)[0] == 0
    assert as_program(written(tmp_path, "bare.json", text))[0] == 2
    assert as_program(written(tmp_path, "other.json", text.replace("10", "11")), "--openings", openings)[0] == 1


def test_it_knows_nothing_of_the_site() -> None:
    text = Path(REPLAY.__file__).read_text(encoding="utf-8")
    assert not any(f"import {name}" in text or f"from {name}" in text for name in ("pathways", "credentials", "django"))


def test_it_knows_every_word_of_the_language_as_it_is_now() -> None:
    parts = {**REPLAY.LEAVES, **REPLAY.GROUPS, **REPLAY.CHECKS}
    assert {name: {"id", *fields} for name, fields in parts.items()} == {
        kind.name: set(kind.codecs) for kind in notation.BY_NAME.values()
    }
    assert {name: {"id", *fields} for name, fields in REPLAY.CONDITIONS.items()} == {
        kind.name: set(kind.codecs) for kind in notation.CONDITIONS
    }
    assert set(REPLAY.POOL) == set(notation.POOL_FIELDS)
    assert set(REPLAY.RULE) == {"format", *notation.RULE_FIELDS}
    assert {*REPLAY.RESULTS, "figure", "titles", "levels"} == {kind.name for kind in notation.RESULTS}


def corpus() -> list[Any]:
    found = []
    for rule in real_rules():
        for case in rule.cases:
            edition = next(
                (each for each in translations().get(rule.id, ()) if each.since <= case.on <= each.until), None
            )
            if case.satisfied and not case.keeps and edition is not None:
                found.append(pytest.param(edition.rule, case, id=f"{rule.id} {case.id}"))
    return found


@pytest.mark.parametrize(("rule", "case"), corpus())
def test_it_agrees_with_every_satisfied_case_of_the_corpus(tmp_path: Path, rule: Rule, case: Any) -> None:
    record = with_approvals(case.record, rule, case.on)
    found = replayed(tmp_path, papers(rule, record, case.on), REPLAY)
    assert (found["verdict"], found["wrong"], found["missing"]) == ("agrees", [], [])


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(anything(), records())
def test_it_agrees_with_random_decisions_and_with_no_claim_of_what_was_not_earned(
    tmp_path: Path, rule: Rule, record: Record
) -> None:
    decided = papers(rule, record, ON)
    found = replayed(tmp_path, decided, REPLAY)
    if decided.receipt["satisfied"]:
        assert (found["verdict"], found["wrong"], found["missing"]) == ("agrees", [], [])
        return
    decided.receipt["satisfied"] = True
    claimed = replayed(tmp_path, decided, REPLAY)
    assert claimed["verdict"] == "does not agree"


# --- exceptions -----------------------------------------------------------------------------------------------------


WAIVED = Waiver(id="1", rule="numeracy", node="core")
MADE = {
    "waiver of a part": (WAIVED, ()),
    "waiver of a condition": (Waiver(id="2", rule="numeracy", node="breadth"), ("algebra", "tables", "graphs")),
    "substitution": (Substitution(id="3", rule="numeracy", node="core", key="geometry"), ("geometry",)),
    "extra choice": (ExtraChoice(id="4", rule="numeracy", node="credits", key="history"), ("algebra", "history")),
    "changed limit": (
        ChangedLimit(id="5", rule="numeracy", node="core", field="where.grade_at_least", value="30"),
        ("poor algebra",),
    ),
    "extension": (
        Extension(id="6", rule="numeracy", node="young", field="where.earned_within", value="9 years"),
        ("algebra", "old"),
    ),
}
MORE = {
    "algebra": ALGEBRA,
    "poor algebra": replace(ALGEBRA, grade=Decimal(35)),
    "geometry": Holding(id="award:geometry", kind="award", key="geometry", earned_on=date(2026, 1, 2)),
    "tables": data("tables", "north", 5),
    "graphs": data("graphs", "north", 5),
    "history": replace(data("history", "south", 4), subject="Past"),
    "old": Holding(id="award:first-aid", kind="award", key="first-aid", earned_on=date(2019, 1, 2)),
}


@pytest.mark.parametrize("name", MADE)
def test_it_follows_exceptions_with_their_results_and_refuses_the_same_without_them(tmp_path: Path, name: str) -> None:
    exception, keys = MADE[name]
    held = {MORE[key].id: MORE[key] for key in keys}
    if name not in {"waiver of a condition", "extra choice"}:
        held |= {each.id: each for each in RECORD.holdings if each.subject}
    else:
        held |= {"award:tables": data("tables", "north", 5)}
    rule = TWELVE
    if name == "extension":
        young = {"type": "holds", "id": "young", "any_of": ["first-aid"], "where": {"earned_within": {"years": 3}}}
        rule = rule_of(young)
    decided = papers(rule, Record(holdings=tuple(held.values()), rulings=(exception,)), TODAY)
    assert [each["node"] for each in decided.receipt["exceptions"]] == [exception.node]
    found = replayed(tmp_path, decided, REPLAY)
    assert (found["verdict"], found["wrong"]) == ("agrees", [])

    decided.receipt["exceptions"] = []
    assert replayed(tmp_path, decided, REPLAY)["verdict"] == "does not agree"


REWRITTEN = {
    "names of one achievement": (
        rule_of({"type": "holds", "any_of": ["maths"]}, same=[{"names": ["maths", "algebra"]}]),
        (ALGEBRA,),
    ),
    "a substitute": (
        rule_of(
            {"type": "holds", "any_of": ["maths"]}, substitutes=[{"of": {"tags": ["old"]}, "achievement": "maths"}]
        ),
        (replace(ALGEBRA, tags=frozenset({"old"})),),
    ),
    "a renewal": (
        rule_of(
            {"type": "holds", "any_of": ["algebra"], "where": {"current": True}},
            renewals=[
                {"of": {"achievements": ["algebra"]}, "by": {"achievements": ["tables"]}, "period": {"years": 1}}
            ],
        ),
        (replace(ALGEBRA, until=date(2026, 6, 1)), data("tables", "north", 5)),
    ),
    "what bars another": (
        rule_of(
            {"type": "holds", "any_of": ["tables", "algebra"]},
            barred=[{"names": ["tables", "algebra"], "keeps": "last"}],
        ),
        (ALGEBRA, data("tables", "north", 5)),
    ),
    "a part met in each cycle": (
        rule_of(
            {"type": "holds", "any_of": ["algebra"]},
            {
                "type": "each_cycle",
                "part": {
                    "type": "holds",
                    "any_of": ["algebra", "tables"],
                    "where": {"earned_since": {"fact": "cycle.begins"}},
                },
                "beginning": "2026-01-01",
                "every": {"months": 3},
            },
        ),
        tuple(replace(ALGEBRA, id=f"award:{month}", earned_on=date(2026, month, 2)) for month in (1, 5, 8)),
    ),
    "figures, lists and days": (
        rule_of(
            {"type": "amount", "id": "sum", "at_least": 10, "pool": {"subjects": ["Data"]}},
            results=[
                {"type": "figure", "name": "number", "per": 4},
                {"type": "figure", "name": "word", "bands": [{"word": "good", "at_least": 5}]},
                {"type": "figure", "name": "mean", "give": "average"},
                {
                    "type": "figure",
                    "name": "blend",
                    "give": "average",
                    "blend": [
                        {"of": {}, "share": "1/2", "step": 5},
                        {"of": {}, "share": "1/2", "step": 5, "rounded": "up", "blend": [{"of": {}, "share": "1/1"}]},
                    ],
                },
                {"type": "figure", "name": "held", "over": "held"},
                {"type": "figure", "name": "each", "by": "subject", "at_most_each": "7.5"},
                {"type": "figure", "name": "better", "give": "average", "by": "subject", "at_most_each": "7.5"},
                {"type": "figure", "name": "half", "made_of": [{"result": "blend", "times": "1/3"}], "step": "0.5"},
                {"type": "figure", "name": "trust", "made_of": [{"result": "held"}, {"result": "half"}]},
                {"type": "listing", "name": "parts", "node": "sum"},
                {"type": "listing", "name": "all", "give": "holding"},
                {"type": "expiry", "name": "until", "after": {"years": 3}},
            ],
        ),
        tuple(replace(data(key, "north", 5), grade=Decimal(grade)) for key, grade in (("tables", 61), ("charts", 72))),
    ),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_it_follows_what_a_rule_makes_of_what_is_held(tmp_path: Path, name: str) -> None:
    rule, held = REWRITTEN[name]
    decided = papers(rule, Record(holdings=held), TODAY)
    assert decided.receipt["satisfied"]
    found = replayed(tmp_path, decided, REPLAY)
    assert (found["verdict"], found["wrong"], found["missing"]) == ("agrees", [], [])

    for result, wrong in {
        "number": 9,
        "blend": 66,
        "half": "22.33",
        "each": 8,
        "better": 67,
        "word": "bad",
        "mean": "99",
        "parts": [],
        "until": "2099-01-01",
    }.items():
        if result in decided.receipt["results"]:
            changed = copy.deepcopy(decided)
            changed.receipt["results"][result] = wrong
            assert replayed(tmp_path, changed, REPLAY)["verdict"] == "does not agree"


DATA = {"subjects": ["Data"]}
ASKING = {
    "count": {"type": "count", "id": "asks", "at_least": 1, "at_least_fact": "planned", "pool": DATA},
    "amount": {"type": "amount", "id": "asks", "at_least": 1, "at_least_fact": "planned", "pool": DATA},
    "less": {"type": "amount", "id": "asks", "at_least": 4, "less_fact": "planned", "pool": DATA},
    "limit": {
        "type": "amount",
        "id": "asks",
        "at_least": 1,
        "pool": DATA,
        "conditions": [{"type": "limit", "of": {}, "measure": "count", "at_least_fact": "planned"}],
    },
}


@pytest.mark.parametrize("planned", ["1.5", "2", "many", None])
@pytest.mark.parametrize("kind", ASKING)
def test_it_asks_for_as_much_as_a_fact_says(tmp_path: Path, kind: str, planned: str | None) -> None:
    facts = {} if planned is None else {"planned": planned}
    held = (data("tables", "north", 5, 1), data("charts", "south", 4, 1), data("graphs", "south", 4, 1))
    decided = papers(rule_of(ASKING[kind]), Record(holdings=held, facts=facts), TODAY)
    assert decided.receipt["satisfied"] is (planned in {"1.5", "2"})
    if decided.receipt["satisfied"]:
        assert replayed(tmp_path, decided, REPLAY)["verdict"] == "agrees"
        decided.receipt["allocation"]["asks"].pop()
    decided.receipt["satisfied"] = True
    assert replayed(tmp_path, decided, REPLAY)["verdict"] == "does not agree"


def test_it_cannot_tell_how_much_a_fact_asks_for_that_stays_sealed(tmp_path: Path) -> None:
    record = Record(holdings=(data("tables", "north", 5),), facts={"planned": "1"})
    decided = papers(rule_of(ASKING["count"]), record, TODAY)
    decided.openings["facts"] = {}
    assert replayed(tmp_path, decided, REPLAY)["verdict"] == "cannot be checked"


# What a holding must be like, tags by which it is so, and tags by which it is not.
LIKE = {
    "since": ({"of": "seen", "since": "2026-01-01"}, {"seen=2026-01-01"}, {"seen=2025-12-31"}),
    "until": ({"of": "seen", "until": "2026-01-01"}, {"seen=soon", "seen=2026-01-01"}, {"seen=soon"}),
    "within": ({"of": "seen", "within": {"years": 1}}, {"seen=2025-11-21"}, {"seen=2026-11-22"}),
    "after": ({"of": "earned", "after": "seen"}, {"seen=2026-03-04"}, {"seen=2026-03-05"}),
    "after within": (
        {"of": "earned", "after": "seen", "within": {"months": 1}},
        {"seen=2026-02-04"},
        {"seen=2026-02-03"},
    ),
}


@pytest.mark.parametrize("name", LIKE)
def test_it_reads_days_among_the_properties_of_a_holding(tmp_path: Path, name: str) -> None:
    test, good, bad = LIKE[name]
    rule = rule_of({"type": "holds", "id": "one", "any_of": ["tables"], "where": {"days": [test]}})
    held = data("tables", "north", 5)
    decided = papers(rule, Record(holdings=(replace(held, tags=frozenset(good)),)), TODAY)
    assert decided.receipt["satisfied"]
    assert replayed(tmp_path, decided, REPLAY)["verdict"] == "agrees"

    assert not papers(rule, Record(holdings=(replace(held, tags=frozenset(bad)),)), TODAY).receipt["satisfied"]
    decided.openings["holdings"]["h1"]["holding"]["tags"] = sorted(bad)
    assert replayed(tmp_path, resealed(decided), REPLAY)["verdict"] == "does not agree"


def test_it_takes_shares_of_all_that_the_parts_of_a_whole_require(tmp_path: Path) -> None:
    def asking(share: str) -> Rule:
        parts = [
            {"type": "holds", "id": key, "any_of": [key], "where": {"subjects": ["Data"]}}
            for key in ("tables", "charts")
        ]
        limit = {"type": "limit", "of": {"issuers": ["north"]}, "measure": "count", "share_of": "required"}
        return rule_of({"type": "all", "parts": parts, "conditions": [{**limit, "at_least_share": share}]})

    decided = papers(asking("1/2"), RECORD, TODAY)
    assert decided.receipt["satisfied"]
    assert replayed(tmp_path, decided, REPLAY)["verdict"] == "agrees"

    assert not papers(asking("1/1"), RECORD, TODAY).receipt["satisfied"]
    decided.receipt["rule"]["document"] = notation.to_json(asking("1/1"))
    assert replayed(tmp_path, resealed(decided), REPLAY)["verdict"] == "does not agree"


@pytest.mark.parametrize("name", ["either", "neither"])
def test_it_reads_achievements_among_alternatives(tmp_path: Path, name: str) -> None:
    pool = {**DATA, name: [{"achievements": ["charts"]}]}
    rule = rule_of({"type": "count", "id": "asks", "at_least": 1, "pool": pool})
    decided = papers(rule, RECORD, TODAY)
    assert replayed(tmp_path, decided, REPLAY)["verdict"] == "agrees"

    decided.receipt["rule"]["document"]["root"]["parts"][0]["pool"][name] = [{"without_achievements": ["charts"]}]
    assert replayed(tmp_path, resealed(decided), REPLAY)["verdict"] == "does not agree"


# --- what was changed -----------------------------------------------------------------------------------------------


def amount(given: Papers) -> None:
    given.receipt["allocation"]["credits"][0]["amount"] = "6"


def allocation(given: Papers) -> None:
    given.receipt["allocation"]["core"], given.receipt["allocation"]["credits"] = (
        given.receipt["allocation"]["credits"],
        given.receipt["allocation"]["core"],
    )


def other_rule(given: Papers) -> None:
    given.receipt["rule"]["document"]["root"]["parts"][1]["at_least"] = 15


def missing_part(given: Papers) -> None:
    given.receipt["allocation"]["credits"].pop()


def part_that_is_not_there(given: Papers) -> None:
    given.receipt["allocation"]["core"] = [{"holding": "h9", "amount": "1"}]


def revoked_part(given: Papers) -> None:
    given.openings["holdings"][ref_of(given, "tables")]["holding"]["status"] = "revoked"


def swapped_holding(given: Papers) -> None:
    given.receipt["allocation"]["core"] = [{"holding": ref_of(given, "tables"), "amount": "1"}]


def twice(given: Papers) -> None:
    took = given.receipt["allocation"]["credits"]
    took[:] = [took[0], took[0]]


def poor_grade(given: Papers) -> None:
    given.openings["holdings"][ref_of(given, "algebra")]["holding"]["grade"] = "49.9"


def later_day(given: Papers) -> None:
    given.receipt["evaluated_on"] = "2025-11-21"


def results(given: Papers) -> None:
    given.receipt["results"]["credits"] = "12"


def strange_part(given: Papers) -> None:
    given.receipt["allocation"]["nowhere"] = []


def not_satisfied(given: Papers) -> None:
    given.receipt["satisfied"] = False


def made_up_exception(given: Papers) -> None:
    given.receipt["exceptions"] = [{"type": "waiver", "node": "elsewhere"}]


TAMPERINGS = [
    amount,
    allocation,
    other_rule,
    missing_part,
    part_that_is_not_there,
    revoked_part,
    swapped_holding,
    twice,
    poor_grade,
    later_day,
    results,
    strange_part,
    not_satisfied,
    made_up_exception,
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("clever", [False, True], ids=["plain", "with hashes that fit"])
def test_what_was_changed_is_found_out(
    tmp_path: Path, twelve: Papers, tamper: Callable[[Papers], None], clever: bool
) -> None:
    tamper(twelve)
    found = replayed(tmp_path, resealed(twelve) if clever else twelve, REPLAY)
    assert found["verdict"] == "does not agree"


def test_an_opening_with_another_salt_is_none(tmp_path: Path, twelve: Papers) -> None:
    twelve.openings["holdings"][ref_of(twelve, "tables")]["salt"] = "0" * 32
    assert replayed(tmp_path, twelve, REPLAY)["verdict"] == "does not agree"


# --- what cannot be checked -----------------------------------------------------------------------------------------


def test_what_is_sealed_cannot_be_checked(tmp_path: Path, twelve: Papers) -> None:
    del twelve.openings["holdings"][ref_of(twelve, "tables")]
    found = replayed(tmp_path, twelve, REPLAY)
    assert found["verdict"] == "cannot be checked"
    assert "sealed" in found["missing"][0]


@pytest.mark.parametrize(
    "change",
    [
        lambda root: root["parts"].append({"type": "oracle", "id": "new"}),
        lambda root: root["parts"][1].update(moon="full"),
        lambda root: root["parts"][1]["conditions"].append({"type": "moon", "id": "new"}),
        lambda root: root["parts"][0]["where"].update(moon="full"),
        lambda root: root["parts"][1]["pool"].update(moon="full"),
        lambda root: root["parts"][1]["conditions"][0].update(moon="full"),
    ],
)
def test_what_it_does_not_know_it_does_not_agree_with(
    tmp_path: Path, twelve: Papers, change: Callable[[dict[str, Any]], None]
) -> None:
    change(twelve.receipt["rule"]["document"]["root"])
    assert replayed(tmp_path, resealed(twelve), REPLAY)["verdict"] == "cannot be checked"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"type": 1, "type": 1}', "{}", '{"type": "DerivationReceipt"}', "\x00"]
)
def test_bad_files_are_told_and_nothing_breaks(tmp_path: Path, text: str) -> None:
    status, found = as_program(written(tmp_path, "receipt.json", text))
    assert (status, found["verdict"]) == (2, "cannot be checked")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert as_program(str(tmp_path / "none.json"))[0] == 2


# --- the documents around it ----------------------------------------------------------------------------------------


def status_list(*bits: int) -> dict[str, Any]:
    content = bytearray(16)
    for bit in bits:
        content[bit // 8] |= 1 << (7 - bit % 8)
    encoded = urlsafe_b64encode(gzip.compress(bytes(content))).decode().rstrip("=")
    return {"id": "https://college.example/status/1", "credentialSubject": {"encodedList": f"u{encoded}"}}


def signed(id_: str, key: str, *, bit: int, worth: int, subject: str, awarded: str, **said: object) -> dict[str, Any]:
    return {
        "id": id_,
        "awardedDate": awarded,
        "credentialSubject": {
            "achievement": {"id": f"https://college.example/achievements/{key}", "fieldOfStudy": subject},
            "creditsEarned": worth,
        },
        "credentialStatus": {
            "statusListCredential": "https://college.example/status/1",
            "statusListIndex": str(bit),
        },
        **said,
        "proof": [{"type": "DataIntegrityProof"}],
    }


class Folder:
    """A credential, its receipt and its parts as files, each of which may be changed before they are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts = [
            signed(
                f"https://college.example/credentials/{key}",
                key,
                bit=place,
                worth=5,
                subject="Data",
                awarded="2026-03-04T11:00:00Z",
            )
            for place, key in enumerate(("tables", "charts"), 1)
        ]
        rule = rule_of({"type": "amount", "id": "credits", "at_least": 10, "pool": {}})
        record = Record(holdings=(data("tables", "north", 5), data("charts", "south", 4)))
        self.text = ""
        self.given = papers(rule, record, TODAY)
        for ref, sealed in self.given.receipt["holdings"].items():
            key = self.given.openings["holdings"][ref]["holding"]["key"]
            part = next(each for each in self.parts if each["id"].endswith(key))
            unsigned = {name: value for name, value in part.items() if name != "proof"}
            spelt = json.dumps(unsigned, ensure_ascii=False, separators=(",", ":"))
            sealed["credential"] = {"id": part["id"], "sha256": sha256(spelt.encode()).hexdigest()}
        self.credential = signed(
            "https://college.example/credentials/numeracy",
            "numeracy",
            bit=3,
            worth=10,
            subject="Data",
            awarded="2026-11-21T11:00:00Z",
            evidence=[{"id": part["id"]} for part in self.parts],
        )
        assert self.credential["credentialSubject"]["achievement"]["id"] == ACHIEVEMENT
        self.revoked: list[int] = []
        self.vouch()

    def vouch(self) -> None:
        self.text = receipt.canonical(self.given.receipt)
        digest = b64encode(sha256(self.text.encode()).digest()).decode()
        self.credential["relatedResource"] = [{"id": "…/derivation", "digestSRI": f"sha256-{digest}"}]

    def judged(self) -> dict[str, Any]:
        openings = {"receipt": receipt.digest(self.text), **self.given.openings}
        arguments = {
            "receipt": written(self.folder, "receipt.json", self.text),
            "openings": [written(self.folder, "openings.json", openings)],
            "credential": written(self.folder, "credential.json", self.credential),
            "part": [written(self.folder, f"part-{place}.json", part) for place, part in enumerate(self.parts)],
            "status_list": [written(self.folder, "status.json", status_list(*self.revoked))],
        }
        return REPLAY.verdict_on(REPLAY.Documents(), type("Arguments", (), arguments))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_it_agrees_with_all_documents_and_takes_nothing_on_trust(folder: Folder) -> None:
    assert folder.judged() == {"verdict": "agrees", "wrong": [], "missing": [], "trusted": []}


def test_a_credential_that_vouches_for_another_receipt_is_found_out(folder: Folder) -> None:
    folder.credential["relatedResource"] = [{"id": "…", "digestSRI": "sha256-AAAA"}]
    assert folder.judged()["wrong"] == ["the credential does not vouch for this receipt"]


@pytest.mark.parametrize(("bit", "what"), [(1, "the part h"), (3, "the credential")])
def test_what_was_revoked_since_is_found_out(folder: Folder, bit: int, what: str) -> None:
    folder.revoked = [bit]
    [reason] = folder.judged()["wrong"]
    assert reason.startswith(what)
    assert reason.endswith("was revoked or suspended")


def test_a_part_that_was_changed_is_not_the_one_that_counted(folder: Folder) -> None:
    folder.parts[0]["credentialSubject"]["creditsEarned"] = 9
    assert "is not the one that counted" in folder.judged()["wrong"][0]


def test_a_part_that_the_credential_does_not_name_is_found_out(folder: Folder) -> None:
    folder.credential["evidence"].pop()
    assert "does not name the part" in folder.judged()["wrong"][0]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("credits", "6", "does not have the credits"),
        ("subject", "Past", "not of the subject"),
        ("earned_on", "2026-03-01", "is dated"),
        ("key", "graphs", "its credential is of"),
        ("until", "2027-01-01", "has no date"),
    ],
)
def test_a_holding_that_is_not_what_its_credential_says_is_found_out(
    folder: Folder, field: str, value: str, words: str
) -> None:
    ref = ref_of(folder.given, "tables")
    folder.given.openings["holdings"][ref]["holding"][field] = value
    resealed(folder.given)
    folder.vouch()
    assert any(words in reason for reason in folder.judged()["wrong"])


def test_what_was_not_handed_in_is_told_as_taken_on_trust(folder: Folder) -> None:
    folder.parts.pop()
    found = folder.judged()
    assert found["verdict"] == "agrees"
    assert "was not given" in found["trusted"][0]
