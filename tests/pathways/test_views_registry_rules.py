"""Tests the rule page: four views of one rule, saving, trying, publishing, versions."""

import json
from typing import Any

import pytest
from django.test import Client

from credentials.models import Achievement, Award, Issuer
from pathways import rulemaking
from pathways.models import RuleVersion
from pathways.rules.examples import Example
from pathways.rules.examples import from_text as from_lines
from pathways.rules.examples import to_json as to_example
from portal.accounts.models import User
from tests.cast import make_ada, make_lena, make_noor, make_rhea, person
from tests.college import holds_all, publish_rule
from tests.factories import NOON, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db

RULE = "/registry/achievements/diploma/rule/"
TREE: dict[str, Any] = {
    "format": 1,
    "root": {
        "type": "all",
        "id": "n1",
        "parts": [
            {"type": "holds", "id": "n2", "any_of": ["tables"]},
            {
                "type": "amount",
                "id": "n3",
                "at_least": 5,
                "pool": {"tags": ["data"], "held_for": {"months": 2}},
            },
        ],
    },
}


@pytest.fixture
def rhea() -> User:
    return make_rhea()


@pytest.fixture
def faculty(rhea: User) -> Issuer:
    return make_issuer(registrar=rhea, slug="faculty")


@pytest.fixture
def diploma(faculty: Issuer) -> Achievement:
    for slug, name in (("tables", "Tables"), ("charts", "Charts")):
        make_achievement(issuer=faculty, slug=slug, name=name, tags=["data"])
    return make_achievement(issuer=faculty, slug="diploma", name="Diploma in data")


@pytest.fixture
def as_rhea(client: Client, rhea: User, diploma: Achievement) -> Client:
    client.force_login(rhea)
    return client


@pytest.fixture
def as_baptiste(faculty: Issuer) -> Client:
    """A second registrar of the same issuer."""
    baptiste = person("baptiste@example.edu", "Baptiste Ndiaye")
    baptiste.issuer_roles.create(issuer=faculty, role="registrar")
    client = Client()
    client.force_login(baptiste)
    return client


def sent(document: Any, view: str = "form", revision: int = 0, **more: str) -> dict[str, Any]:
    text = document if isinstance(document, str) else json.dumps(document)
    return {"view": view, "revision": revision, "document": text} | more


def typed(text: str, **more: str) -> dict[str, Any]:
    """What the view as text sends."""
    return {"view": "text", "revision": 0, "typed": text} | more


def shown_document(page: Any) -> dict[str, Any]:
    """The document that the page carries to its next request."""
    return json.loads(page.context["document"] or page.context["text"])


# Four views

TEXT = "all of #n1\n  hold tables #n2\n  earn 5; held for 2 months; tags data #n3\n"


def test_form_text_json_and_sentence_say_the_same(as_rhea: Client, django_assert_max_num_queries) -> None:
    # Two of them ask what closes a ring, and for the names of what would.
    with django_assert_max_num_queries(28):
        page = as_rhea.post(RULE, sent(TREE))
    assert 'id="part-n2"' in page.text
    assert "Hold Tables" in page.text
    text = as_rhea.post(RULE, sent(TREE, show="text"))
    assert text.context["text"] == TEXT
    as_json = as_rhea.post(RULE, typed(TEXT, show="json"))
    assert json.loads(as_json.context["text"]) == TREE
    sentence = as_rhea.post(RULE, sent(as_json.context["text"], view="json", show="sentence"))
    assert "Hold Tables and collect at least 5 credits" in sentence.text
    again = as_rhea.post(RULE, sent(sentence.context["document"], view="sentence", show="form"))
    assert shown_document(again) == TREE


def test_a_rule_is_written_and_saved_as_text(as_rhea: Client) -> None:
    answer = as_rhea.post(RULE, typed("all of\r\n  hold tables\r\n  -- or so\r\n  hold charts", save="1"))
    assert answer["Location"].endswith("?view=text")
    assert [part["any_of"] for part in RuleVersion.objects.get().document["root"]["parts"]] == [["tables"], ["charts"]]
    assert as_rhea.get(f"{RULE}?view=text").context["text"] == "all of #n1\n  hold tables #n2\n  hold charts #n3\n"


def test_remarks_in_the_text_survive_looking_at_the_other_views(as_rhea: Client) -> None:
    remarked = f"-- decided in May\n{TEXT}"
    form = as_rhea.post(RULE, typed(remarked, show="form"))
    assert 'name="typed" value="-- decided in May' in form.text
    carried = {"typed": form.context["typed"]}
    sentence = as_rhea.post(RULE, sent(form.context["document"], show="sentence") | carried)
    back = as_rhea.post(RULE, sent(sentence.context["document"], view="sentence", show="text") | carried)
    assert back.context["text"] == remarked
    # Once the rule says something else, its own text is shown.
    changed = {"n2.shown": "1", "n2.any_of": ["charts"]}
    back = as_rhea.post(RULE, sent(form.context["document"], show="text") | carried | changed)
    assert back.context["text"].startswith("all of #n1\n  hold charts #n2")


@pytest.mark.parametrize("show", ["form", "json", "sentence", ""])
def test_text_that_cannot_be_read_is_kept_and_its_line_shown(as_rhea: Client, show: str) -> None:
    wrong = "all of\n  hold tables; graed at least 5\n  hold charts"
    page = as_rhea.post(RULE, typed(wrong, show=show, save="1"))
    assert page.status_code == 422
    assert page.context["view"] == "text"
    assert page.context["text"] == wrong
    assert "Line 2, column 16: expected one of: grade at least" in page.text
    assert (
        '<span class="rule-line-wrong"><span class="rule-number">2</span>  hold tables; graed at least 5' in page.text
    )
    assert 'data-place="2:16"' in page.text
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "(" * 5_000, "hold " + "9" * 5_000 + '"', "all of\n" * 3_000])
def test_hostile_text_is_refused_with_its_place(as_rhea: Client, text: str) -> None:
    page = as_rhea.post(RULE, typed(text.encode("utf-8", "replace").decode(), save="1"))
    assert page.status_code == 422
    assert "Line " in page.text


def test_what_cannot_be_read_is_not_shown_as_text_and_not_lost(as_rhea: Client) -> None:
    fields = {"n3.shown": "1", "n3.at_least": "a few", "n3.pool.tags": "data", "n3.typed": "held for 2 months"}
    page = as_rhea.post(RULE, sent(TREE, show="text") | fields)
    assert page.context["view"] == "form"
    assert "It cannot be shown as text yet" in page.text
    assert 'value="a few"' in page.text
    assert "A number, such as 12 or 2.5." in page.text


def test_fields_of_the_form_change_the_rule_and_say_in_words_what_has_no_field(as_rhea: Client) -> None:
    fields = {
        "n2.shown": "1",
        "n2.any_of": ["tables", "charts", ""],
        "n2.where.grade_at_least": "62,50",
        "n2.where.current": "1",
        "n3.shown": "1",
        "n3.at_least": "7.5",
        "n3.unit": "hours",
        "n3.pool.tags": "data, numbers",
        "n3.pool.earned_within": "2 years 6 months",
        "n3.typed": "held for 3 months; uses at most 1",
    }
    page = as_rhea.post(RULE, sent(TREE) | fields)
    first, second = shown_document(page)["root"]["parts"]
    assert first == {
        "type": "holds",
        "id": "n2",
        "any_of": ["tables", "charts"],
        "where": {"grade_at_least": "62.5", "current": True},
    }
    assert second["pool"] == {
        "tags": ["data", "numbers"],
        "earned_within": {"years": 2, "months": 6},
        "held_for": {"months": 3},
        "uses_at_most": 1,
    }
    assert (second["at_least"], second["unit"]) == ("7.5", "hours")
    assert ">held for 3 months; uses at most 1</textarea>" in page.text


@pytest.mark.parametrize(
    ("act", "ids"),
    [
        ("add:count:n1", ["n1", "n2", "n3", "n4"]),
        ("wrap:n2", ["n1", "n4", "n2", "n3"]),
        ("down:n2", ["n1", "n3", "n2"]),
        ("up:n2", ["n1", "n2", "n3"]),
        ("copy:n2", ["n1", "n2", "n4", "n3"]),
        ("remove:n2", ["n1", "n3"]),
        ("remove:n1", ["n1"]),
        ("wrap:n1", ["n4", "n1", "n2", "n3"]),
        ("unwrap:n1", ["n1", "n2", "n3"]),
        ("burn:n2", ["n1", "n2", "n3"]),
        ("add:nothing:n1", ["n1", "n2", "n3"]),
        ("remove:n99", ["n1", "n2", "n3"]),
        ("condition:nothing:n1", ["n1", "n2", "n3"]),
        ("condition:limit:n2", ["n1", "n2", "n3"]),
        ("drop:n2", ["n1", "n2", "n3"]),
        ("", ["n1", "n2", "n3"]),
    ],
)
def test_each_act_of_the_builder_changes_the_tree(as_rhea: Client, act: str, ids: list[str]) -> None:
    page = as_rhea.post(RULE, sent(TREE, act=act))
    assert page.status_code == 200

    def walked(node: dict[str, Any]) -> list[str]:
        return [node["id"], *(id_ for part in node.get("parts", ()) for id_ in walked(part))]

    assert walked(shown_document(page)["root"]) == ids
    assert not RuleVersion.objects.exists()


def test_facts_approvals_and_time_are_edited_by_form(as_rhea: Client) -> None:
    page = as_rhea.post(RULE, sent(TREE, act="add:fact:n1"))
    document = shown_document(page)
    for type_ in ("signed_off", "duration", "given"):
        document = shown_document(as_rhea.post(RULE, sent(document, act=f"add:{type_}:n1")))
    fact, approval, time, given = (part["id"] for part in document["root"]["parts"][2:])
    fields = {
        f"{fact}.shown": "1",
        f"{fact}.name": "country",
        f"{fact}.one_of": "DE, FR",
        f"{approval}.shown": "1",
        f"{approval}.role": "dean",
        f"{approval}.about": "the thesis",
        f"{time}.shown": "1",
        f"{time}.at_least": "2",
        f"{time}.unit": "years",
        f"{time}.pool.achievements": "tables",
        f"{given}.shown": "1",
        f"{given}.at_least": "1",
        f"{given}.pool.achievements": "charts",
    }
    page = as_rhea.post(RULE, sent(document) | fields)
    assert shown_document(page)["root"]["parts"][2:] == [
        {"type": "fact", "id": fact, "name": "country", "one_of": ["DE", "FR"]},
        {"type": "signed_off", "id": approval, "role": "dean", "about": "the thesis"},
        {"type": "duration", "id": time, "at_least": 2, "unit": "years", "pool": {"achievements": ["tables"]}},
        {"type": "given", "id": given, "pool": {"achievements": ["charts"]}},
    ]
    assert page.context["wrong"] is None


def test_conditions_are_added_filled_in_and_taken_out(as_rhea: Client) -> None:
    document = shown_document(as_rhea.post(RULE, sent(TREE, act="condition:limit:n3")))
    for type_ in ("spread", "average", "overlap", "newest"):
        document = shown_document(as_rhea.post(RULE, sent(document, act=f"condition:{type_}:n3")))
    document = shown_document(as_rhea.post(RULE, sent(document, act="condition:order:n1")))
    [order] = [each["id"] for each in document["root"]["conditions"]]
    limit, spread, average, overlap, newest = (each["id"] for each in document["root"]["parts"][1]["conditions"])
    fields = {
        **{f"{each}.shown": "1" for each in (order, limit, spread, average, overlap, newest)},
        f"{order}.first": "n2",
        f"{order}.then": "n3",
        f"{order}.apart": "6 months",
        f"{limit}.at_least": "",
        f"{limit}.at_least_share": "50 %",
        f"{limit}.share_of": "required",
        f"{limit}.rounded": "up",
        f"{limit}.of.level_at_least": "6",
        f"{limit}.of.tags": "data",
        f"{limit}.typed": "earned since 2024-01-01",
        f"{spread}.by": "issuer",
        f"{spread}.at_least": "3",
        f"{average}.at_least": "62,5",
        f"{average}.weight": "count",
        f"{average}.typed": "values (mark A; value 4) and (mark B; value 3)",
        f"{overlap}.kinds": "diploma",
        f"{overlap}.at_most": "10",
        f"{overlap}.measure": "hours",
        f"{newest}.within": "3 years",
    }
    page = as_rhea.post(RULE, sent(document) | fields)
    assert page.context["wrong"] is None
    root = shown_document(page)["root"]
    assert root["conditions"] == [
        {"type": "order", "id": order, "first": ["n2"], "then": ["n3"], "apart": {"months": 6}}
    ]
    assert root["parts"][1]["conditions"] == [
        {
            "type": "limit",
            "id": limit,
            "of": {"level_at_least": 6, "tags": ["data"], "earned_since": "2024-01-01"},
            "at_least_share": "1/2",
            "share_of": "required",
            "rounded": "up",
        },
        {"type": "spread", "id": spread, "by": "issuer", "at_least": 3},
        {
            "type": "average",
            "id": average,
            "at_least": "62.5",
            "weight": "count",
            "values": [{"mark": "A", "value": 4}, {"mark": "B", "value": 3}],
        },
        {"type": "overlap", "id": overlap, "kinds": ["diploma"], "measure": "hours", "at_most": 10},
        {"type": "newest", "id": newest, "within": {"years": 3}},
    ]
    assert ">values (mark A; value 4) and (mark B; value 3)</textarea>" in page.text
    left = shown_document(as_rhea.post(RULE, sent(shown_document(page), act=f"drop:{order}")))
    assert "conditions" not in left["root"]
    assert as_rhea.post(RULE, sent(left, act="condition:limit:n2")).context["wrong"] is None


def test_what_holds_for_the_whole_rule_is_edited_by_form(as_rhea: Client) -> None:
    fields = {
        "$.shown": "1",
        "$.lasts": "current",
        "$.validity": "3 years",
        "$.grace": "90 days",
        "$.falls_for_good": "1",
        "$.typed": "result total credits\nrenewal\n  earn 10; repeats",
    }
    page = as_rhea.post(RULE, sent(TREE) | fields)
    document = shown_document(page)
    assert page.context["wrong"] is None
    assert {name: document[name] for name in ("lasts", "validity", "grace", "falls_for_good", "results")} == {
        "lasts": "current",
        "validity": {"years": 3},
        "grace": {"days": 90},
        "falls_for_good": True,
        "results": [{"type": "total", "name": "credits"}],
    }
    assert document["renewal"]["at_least"] == 10
    assert "renewal\n  earn 10; repeats #n4</textarea>" in page.text
    emptied = as_rhea.post(RULE, sent(document) | {"$.shown": "1", "$.lasts": "kept", "$.typed": ""})
    assert shown_document(emptied) == TREE


def test_a_part_without_fields_is_edited_in_lines(as_rhea: Client) -> None:
    document = shown_document(as_rhea.post(RULE, sent(TREE, act="add:unmet:n1")))
    id_ = document["root"]["parts"][2]["id"]
    page = as_rhea.post(RULE, sent(document) | {f"{id_}.shown": "1", f"{id_}.typed": "unmet\n  hold charts"})
    part = shown_document(page)["root"]["parts"][2]
    assert (part["id"], part["type"], part["part"]["any_of"]) == (id_, "unmet", ["charts"])
    assert "Not meet this: hold Charts" in page.text


@pytest.mark.parametrize(
    ("fields", "said", "typed"),
    [
        ({"n3.typed": "held for 2 mnths"}, "Line 1, column 10: expected a time", ">held for 2 mnths</textarea>"),
        ({"n3.typed": "either (" * 60}, "nested at most 36 deep", "either (either ("),
        ({"n3.typed": "hold tables"}, "Line 1, column 1: expected one of", ">hold tables</textarea>"),
        ({"n3.pool.earned_within": "a while"}, "A time, such as 2 years 6 months.", 'value="a while"'),
        ({"n3.pool.level_at_least": "high"}, "A whole number, such as 12.", 'value="high"'),
        ({"n3.pool.earned_since": "soon"}, "A day, such as 2026-01-31.", 'value="soon"'),
        ({"n3.pool.issuers": "x" * 201}, "Words separated by commas", "x" * 201),
        ({"$.shown": "1", "$.typed": "renewal"}, "Line 1, column 1: expected “renewal” once", ">renewal</textarea>"),
        ({"$.shown": "1", "$.grace": "soon"}, "A time, such as 2 years 6 months.", 'value="soon"'),
        ({"n4.shown": "1", "n4.of.tags": "", "n4.at_least_share": "3/2"}, "A share, such as 1/2 or 50 %.", "3/2"),
    ],
)
def test_what_cannot_be_read_stays_in_its_field_and_says_what_is_expected(
    as_rhea: Client, fields: dict[str, str], said: str, typed: str
) -> None:
    document = shown_document(as_rhea.post(RULE, sent(TREE, act="condition:limit:n3")))
    page = as_rhea.post(RULE, sent(document, save="1") | {"n3.shown": "1", "n3.at_least": "5"} | fields)
    assert page.status_code == 422
    assert page.context["view"] == "form"
    assert said in page.text
    assert typed in page.text
    assert "cannot be read" in page.text
    assert not RuleVersion.objects.exists()
    # Mended, it is as if nothing had been.
    mended = (
        dict.fromkeys(fields, "")
        | {"n3.at_least": "5", "n4.at_least": "1"}
        | {f"{each}.shown": "1" for each in ("$", "n3", "n4")}
    )
    assert as_rhea.post(RULE, sent(shown_document(page)) | mended).context["wrong"] is None


def test_a_choice_that_the_form_does_not_offer_stays(as_rhea: Client) -> None:
    part = {"type": "amount", "id": "n1", "at_least": 5, "unit": "miles", "pool": {}}
    page = as_rhea.post(RULE, sent({"format": 1, "root": part}) | {"n1.shown": "1", "n1.at_least": "7", "n1.unit": ""})
    assert shown_document(page)["root"] == part | {"at_least": 7}
    assert ">unit miles</textarea>" in page.text


def test_htmx_gets_the_editor_alone(as_rhea: Client) -> None:
    page = as_rhea.post(RULE, sent(TREE, act="wrap:n2"), headers={"HX-Request": "true"})
    assert page.text.lstrip().startswith('<form id="rule"')


def test_text_that_is_no_json_is_kept_and_the_place_named(as_rhea: Client) -> None:
    page = as_rhea.post(RULE, sent('{"format": 1, "root": oops', view="json", save="1"))
    assert page.status_code == 422
    assert "line 1, column" in page.text
    assert "oops" in page.text


@pytest.mark.parametrize(
    "document",
    ["[]", "7", '"x"', "null", '{"root": []}', '{"format": 1, "root": {"type": {}, "id": []}}', "\0", '"\\ud800"',
     "[" * 5_000, '{"format": 1, "root": {"type": "all", "id": "n1", "parts": [7, {"type": "all"}]}}',
     '{"format": 1, "root": {"type": "holds", "id": "n1", "any_of": {"a": []}, "where": []}}',
     '{"format": 1, "root": {"type": "mystery", "id": "n1"}}'],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_words(as_rhea: Client, document: str) -> None:
    for view in ("form", "json", "sentence"):
        page = as_rhea.post(RULE, sent(document, view=view, save="1"))
        assert page.status_code == 422
    assert not RuleVersion.objects.exists()


def test_a_number_that_is_none_stays_typed_and_is_found(as_rhea: Client) -> None:
    page = as_rhea.post(RULE, sent(TREE, save="1") | {"n3.shown": "1", "n3.at_least": "a few", "n3.pool.tags": "data"})
    assert page.status_code == 422
    assert 'value="a few"' in page.text
    assert 'href="#part-n3"' in page.text


def test_findings_lead_to_their_part(as_rhea: Client) -> None:
    empty = {"format": 1, "root": {"type": "all", "id": "n1", "parts": []}}
    page = as_rhea.post(RULE, sent(empty))
    assert "This group has no parts." in page.text
    assert 'href="#part-n1"' in page.text


# Saving


def test_a_draft_is_saved_and_shown_again(as_rhea: Client) -> None:
    answer = as_rhea.post(RULE, sent(TREE, save="1"))
    assert answer.status_code == 302
    draft = RuleVersion.objects.get()
    assert draft.document == TREE
    assert shown_document(as_rhea.get(RULE)) == TREE


def test_a_draft_edited_meanwhile_is_shown_beside_and_neither_is_lost(
    as_rhea: Client, as_baptiste: Client, diploma: Achievement
) -> None:
    theirs = holds_all("charts")
    as_baptiste.post(RULE, sent(theirs, save="1"))
    page = as_rhea.post(RULE, sent(TREE, save="1"))
    assert page.status_code == 409
    assert "Baptiste Ndiaye has saved a newer draft meanwhile" in page.text
    assert "Hold Charts." in page.text
    assert shown_document(page) == TREE
    assert RuleVersion.objects.get().sentence == "Hold Charts."
    # Having seen theirs, Rhea saves again.
    assert as_rhea.post(RULE, sent(TREE, revision=page.context["revision"], save="1")).status_code == 302
    assert RuleVersion.objects.get().document == TREE


# Trying


def test_trying_tells_where_a_learner_would_stand_and_changes_nothing(as_rhea: Client, diploma: Achievement) -> None:
    issue_to(make_lena(), Achievement.objects.get(slug="tables"))
    before = Award.objects.count()
    page = as_rhea.post(RULE, sent(holds_all("tables"), learner="LENA@example.org", **{"try": "1"}))
    assert "Would be earned" in page.text
    page = as_rhea.post(RULE, sent(holds_all("tables", "charts"), learner="lena@example.org", **{"try": "1"}))
    assert "Not met yet" in page.text
    assert "Still needed: Charts." in page.text
    assert Award.objects.count() == before
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize("address", ["noor@example.org", "nobody@example.org", "", "x" * 400, "a\0b"])
def test_only_learners_of_my_issuers_can_be_tried(as_rhea: Client, address: str) -> None:
    issue_to(make_noor())
    page = as_rhea.post(RULE, sent(TREE, learner=address, **{"try": "1"}))
    assert page.status_code == 422
    assert "has a record at your issuers" in page.text
    assert make_noor().name not in page.text


# Publishing


def test_the_author_cannot_publish_and_a_second_registrar_can(as_rhea: Client, as_baptiste: Client) -> None:
    as_rhea.post(RULE, sent(holds_all("tables"), save="1"))
    assert "another registrar must publish it" in as_rhea.get(f"{RULE}publish/").text
    assert as_rhea.post(f"{RULE}publish/", {"revision": "1"}).status_code == 403
    page = as_baptiste.get(f"{RULE}publish/")
    assert "Each of its parts was asked about, with" in page.text
    assert "What will follow" in page.text
    answer = as_baptiste.post(f"{RULE}publish/", {"revision": page.context["draft"].revision})
    assert answer["Location"] == f"{RULE}1/"
    assert RuleVersion.objects.get().state == RuleVersion.State.PUBLISHED


def test_where_there_is_one_registrar_the_author_publishes(as_rhea: Client, settings: Any) -> None:
    settings.SINGLE_REGISTRAR = True
    as_rhea.post(RULE, sent(holds_all("tables"), save="1"))
    assert as_rhea.post(f"{RULE}publish/", {"revision": "1"}).status_code == 302


def test_what_was_not_read_is_not_published(as_rhea: Client, as_baptiste: Client) -> None:
    as_rhea.post(RULE, sent(holds_all("tables"), save="1"))
    as_rhea.post(RULE, sent(holds_all("charts"), revision=1, save="1"))
    answer = as_baptiste.post(f"{RULE}publish/", {"revision": "1"})
    assert answer.status_code == 409
    assert "Hold Charts." in answer.text
    assert RuleVersion.objects.get().state == RuleVersion.State.DRAFT


def test_a_rule_with_findings_is_not_published(as_rhea: Client, as_baptiste: Client) -> None:
    as_rhea.post(RULE, sent(holds_all("nothing-of-this-name"), save="1"))
    page = as_baptiste.get(f"{RULE}publish/")
    assert "no published achievement or assessment called “nothing-of-this-name”" in page.text
    assert "asked about" not in page.text, "nothing is proved about a rule that is wrong in itself"
    assert as_baptiste.post(f"{RULE}publish/", {"revision": "1"}).status_code == 422
    assert RuleVersion.objects.get().state == RuleVersion.State.DRAFT


# Versions


def test_versions_are_listed_shown_and_compared(
    as_rhea: Client, diploma: Achievement, django_assert_max_num_queries
) -> None:
    publish_rule(diploma, holds_all("tables"))
    publish_rule(diploma, holds_all("tables", "charts"))
    page = as_rhea.get(RULE).text
    assert f"{RULE}1/" in page
    assert f"{RULE}2/" in page
    with django_assert_max_num_queries(16):
        first = as_rhea.get(f"{RULE}1/")
    assert "Hold Tables." in first.text
    assert first.context["text"] == "hold tables #n1\n"
    compared = as_rhea.get(f"{RULE}compare/?from=1&to=2")
    assert compared.context["difference"] == [("same", "Hold Tables "), ("new", "and Charts"), ("same", ".")]
    assert "<ins>" in compared.text
    assert as_rhea.get(f"{RULE}3/").status_code == 404
    assert as_rhea.get(f"{RULE}compare/?from=%00&to=nothing").status_code == 200


def test_a_version_shows_the_examples_it_was_published_with(as_rhea: Client, diploma: Achievement) -> None:
    publish_rule(diploma, holds_all("tables"))
    version = RuleVersion.objects.get()
    example = Example(name="Has tables", met=True, on=NOON.date(), record=from_lines("tables", on=NOON.date()))
    RuleVersion.objects.filter(pk=version.pk).update(examples=[to_example(example)])
    page = as_rhea.get(f"{RULE}1/").text
    assert "Has tables" in page
    assert "Meets the rule" in page
    assert "tables; earned on 2026" in page


def test_a_published_version_cannot_be_posted_to(as_rhea: Client, diploma: Achievement) -> None:
    publish_rule(diploma, holds_all("tables"))
    before = RuleVersion.objects.get().content_hash
    as_rhea.post(f"{RULE}1/", sent(TREE, save="1"))
    assert RuleVersion.objects.get().content_hash == before


def test_a_large_rule_is_edited_as_text(as_rhea: Client) -> None:
    parts = [{"type": "holds", "id": f"p{number}", "any_of": ["tables"]} for number in range(200)]
    page = as_rhea.post(RULE, sent({"format": 1, "root": {"type": "any", "id": "n1", "parts": parts}}))
    assert page.context["view"] == "text"


def test_the_draft_of_another_registrar_can_be_read_at_once(as_rhea: Client, diploma: Achievement) -> None:
    rulemaking.save_draft(achievement=diploma, document=TREE, author=make_ada(), at=NOON)
    assert shown_document(as_rhea.get(f"{RULE}?view=sentence")) == TREE


# What the prover finds

IDLE = {
    "format": 1,
    "root": {
        "type": "any",
        "id": "n1",
        "parts": [
            {"type": "holds", "id": "n2", "any_of": ["tables"]},
            {
                "type": "all",
                "id": "n3",
                "parts": [
                    {"type": "holds", "id": "n4", "any_of": ["tables"]},
                    {"type": "holds", "id": "n5", "any_of": ["charts"]},
                ],
            },
        ],
    },
}


def test_findings_show_a_made_up_learner_while_editing(as_rhea: Client) -> None:
    page = as_rhea.post(RULE, sent(IDLE))
    assert "This part never decides" in page.text
    assert "Proved for everything that the catalogue offers." in page.text
    assert "Tables (earned on" in page.text
    assert 'href="#part-n3"' in page.text
    # It is odd and not wrong: no part is marked as one that cannot stay so.
    assert "part-wrong" not in page.text


def test_what_is_odd_is_published_once_it_is_confirmed(as_rhea: Client, as_baptiste: Client) -> None:
    as_rhea.post(RULE, sent(IDLE, save="1"))
    page = as_baptiste.get(f"{RULE}publish/")
    assert 'value="never_decides:n3"' in page.text
    answer = as_baptiste.post(f"{RULE}publish/", {"revision": "1"})
    assert answer.status_code == 422
    assert "confirm that it is meant so" in answer.text
    assert RuleVersion.objects.get().state == RuleVersion.State.DRAFT
    answer = as_baptiste.post(f"{RULE}publish/", {"revision": "1", "confirmed": "never_decides:n3"})
    assert answer.status_code == 302


def test_a_rule_that_nobody_can_meet_cannot_be_published(as_rhea: Client, as_baptiste: Client) -> None:
    unreachable = {"format": 1, "root": {"type": "amount", "id": "n1", "at_least": 60, "pool": {"tags": ["data"]}}}
    as_rhea.post(RULE, sent(unreachable, save="1"))
    page = as_baptiste.get(f"{RULE}publish/")
    assert "not even a learner who has everything" in page.text
    assert "once the findings are mended" in page.text
    assert as_baptiste.post(f"{RULE}publish/", {"revision": "1"}).status_code == 422


def test_an_example_that_fails_is_told_apart_from_findings(
    as_rhea: Client, as_baptiste: Client, diploma: Achievement
) -> None:
    as_rhea.post(RULE, sent(holds_all("tables", "charts"), save="1"))
    enough = Example(name="Tables do", met=True, on=NOON.date(), record=from_lines("tables", on=NOON.date()))
    RuleVersion.objects.filter(achievement=diploma).update(examples=[to_example(enough)])
    page = as_baptiste.get(f"{RULE}publish/")
    assert "1 example is not met" in page.text
    assert "“Tables do” should meet the rule, and does not. Still needed: Charts." in page.text
    assert f'decides as its <a href="{RULE}examples/">examples</a> expect' in page.text
    assert "once the findings are mended" not in page.text
    assert 'name="revision"' not in page.text
    assert as_baptiste.post(f"{RULE}publish/", {"revision": "1"}).status_code == 422


def test_before_publishing_somebody_who_fares_differently_is_shown(
    as_rhea: Client, diploma: Achievement, django_assert_max_num_queries
) -> None:
    publish_rule(diploma, holds_all("tables"))
    as_rhea.post(RULE, sent(holds_all("tables", "charts"), save="1"))
    with django_assert_max_num_queries(55):
        page = as_rhea.get(f"{RULE}publish/")
    assert "Meets only the earlier rule" in page.text
    assert "Proved: among all that the catalogue offers there is nobody." in page.text
    assert "Part by part" in page.text


def test_two_ways_of_saying_the_same_are_shown_to_be_the_same(as_rhea: Client, diploma: Achievement) -> None:
    publish_rule(diploma, holds_all("tables"))
    as_rhea.post(RULE, sent({"format": 1, "root": {"type": "any", "parts": [holds_all("tables")["root"]]}}, save="1"))
    page = as_rhea.get(f"{RULE}compare/?from=1&to=draft")
    assert page.context["compared"].is_same
    assert "Nobody" in page.text


def test_holdings_can_be_invented_and_tried(as_rhea: Client) -> None:
    page = as_rhea.post(RULE, sent(holds_all("tables", "charts"), holdings="tables\ncharts", **{"try": "1"}))
    assert "Would be earned" in page.text
    page = as_rhea.post(RULE, sent(holds_all("tables", "charts"), holdings="tables", **{"try": "1"}))
    assert "Still needed: Charts." in page.text
    page = as_rhea.post(RULE, sent(holds_all("tables"), holdings="tables; level high", **{"try": "1"}))
    assert page.status_code == 422
    assert "line 1: expected after “level” a whole number" in page.text
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense thing", "assessment in the catalogue."),
        ("tabels", "assessment in the catalogue, perhaps “tables”."),
        ("statistics/exma", "assessment in the catalogue."),
    ],
)
def test_only_what_the_catalogue_has_can_be_tried(as_rhea: Client, line: str, said: str) -> None:
    page = as_rhea.post(RULE, sent(holds_all("tables"), holdings=f"charts\n{line}", **{"try": "1"}))
    assert page.status_code == 422
    assert "line 2: expected the short name of an achievement or " + said in page.text
    # The fault stands beside its field, and what was typed stays.
    assert 'aria-describedby="holdings-help holdings-error" aria-invalid="true"' in page.text
    assert 'id="learner-error"' not in page.text
    assert f"charts\n{line}</textarea>" in page.text
    assert "Not met yet" not in page.text


def test_what_was_recognised_from_outside_can_be_tried_by_any_name(as_rhea: Client) -> None:
    page = as_rhea.post(RULE, sent(holds_all("tables"), holdings="elsewhere; kind recognised", **{"try": "1"}))
    assert page.status_code == 200
    assert "Still needed: Tables." in page.text
