"""Tests the page of examples in a rule: written, changed, taken out, begun from a finding or from a learner."""

from typing import Any

import pytest
from django.test import Client

from credentials.models import Achievement, Issuer
from pathways import rulemaking
from pathways.models import RuleVersion
from portal.accounts.models import User
from tests.cast import make_lena, make_noor, make_rhea
from tests.college import holds_all, publish_rule
from tests.factories import NOON, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db

EXAMPLES = "/registry/achievements/diploma/rule/examples/"


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
def draft(diploma: Achievement, rhea: User) -> RuleVersion:
    document = holds_all("tables", "charts")
    return rulemaking.save_draft(achievement=diploma, document=document, author=rhea, at=NOON)


def written(**fields: Any) -> dict[str, Any]:
    given = {"name": "Has both", "met": "yes", "on": "2026-11-21", "learner": "tables\ncharts", "reason": ""}
    return given | {"revision": "1"} | fields


def test_an_example_is_written_and_shown_with_what_comes_out(
    as_rhea: Client, draft: RuleVersion, django_assert_max_num_queries
) -> None:
    assert as_rhea.post(EXAMPLES, written()).status_code == 302
    wrong = written(name="Has one", learner="tables", revision="2")
    assert as_rhea.post(EXAMPLES, wrong).status_code == 302
    with django_assert_max_num_queries(20):
        page = as_rhea.get(EXAMPLES)
    assert "As expected" in page.text
    assert "“Has one” should meet the rule, and does not. Still needed: Charts." in page.text
    draft.refresh_from_db()
    assert [each["name"] for each in draft.examples] == ["Has both", "Has one"]


def test_an_example_is_changed_and_taken_out(as_rhea: Client, draft: RuleVersion) -> None:
    as_rhea.post(EXAMPLES, written())
    page = as_rhea.get(f"{EXAMPLES}?edit=0")
    assert 'value="Has both"' in page.text
    as_rhea.post(EXAMPLES, written(place="0", name="Holds both", revision="2"))
    draft.refresh_from_db()
    assert [each["name"] for each in draft.examples] == ["Holds both"]
    assert as_rhea.post(EXAMPLES, {"drop": "0", "revision": "3"}).status_code == 302
    draft.refresh_from_db()
    assert draft.examples == []


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"met": "perhaps"},
        {"on": "1500-01-01"},
        {"learner": "tables; level high"},
        {"learner": "a\0"},
        {"learner": "x\n" * 300},
    ],
)
def test_what_is_no_example_is_refused_in_words(as_rhea: Client, draft: RuleVersion, fields: dict[str, str]) -> None:
    answer = as_rhea.post(EXAMPLES, written(**fields))
    assert answer.status_code == 422
    assert "error" in answer.text
    draft.refresh_from_db()
    assert draft.examples == []


@pytest.mark.parametrize(
    "fields", [{"revision": "7"}, {"revision": "x"}, {"place": "5"}, {"place": "a\0b"}, {"drop": "5"}, {"drop": "-1"}]
)
def test_what_has_moved_on_meanwhile_is_refused(as_rhea: Client, draft: RuleVersion, fields: dict[str, str]) -> None:
    assert as_rhea.post(EXAMPLES, written(**fields)).status_code == 409
    draft.refresh_from_db()
    assert draft.examples == []


def test_an_example_of_the_version_in_force_begins_a_draft(as_rhea: Client, diploma: Achievement) -> None:
    assert "There is no rule yet" in as_rhea.get(EXAMPLES).text
    assert as_rhea.post(EXAMPLES, written(revision="0")).status_code == 409
    publish_rule(diploma, holds_all("tables"))
    assert "An example begins a new draft of it." in as_rhea.get(EXAMPLES).text
    assert as_rhea.post(EXAMPLES, written(revision="0", learner="tables")).status_code == 302
    assert RuleVersion.objects.get(state="draft").examples[0]["name"] == "Has both"


def test_an_example_is_begun_from_the_made_up_learner_of_a_finding(
    as_rhea: Client, diploma: Achievement, rhea: User
) -> None:
    document = {
        "format": 1,
        "root": {
            "type": "any",
            "id": "n1",
            "parts": [
                {"type": "holds", "id": "n2", "any_of": ["tables"]},
                {"type": "holds", "id": "n3", "any_of": ["tables"]},
            ],
        },
    }
    rulemaking.save_draft(achievement=diploma, document=document, author=rhea, at=NOON)
    page = as_rhea.get(f"{EXAMPLES}?finding=never_decides:n3")
    assert "tables; earned on" in page.text
    assert as_rhea.get(f"{EXAMPLES}?finding=nothing&edit=x").status_code == 200


def test_an_example_is_begun_from_a_learner_without_the_name(as_rhea: Client, draft: RuleVersion) -> None:
    issue_to(make_lena(), Achievement.objects.get(slug="tables"))
    page = as_rhea.post(EXAMPLES, {"from-learner": "1", "email": "LENA@example.org"})
    assert "tables; earned on 2026-11-21" in page.text
    assert make_lena().name not in page.text
    assert "lena@" not in page.text.lower()


@pytest.mark.parametrize("address", ["noor@example.org", "nobody@example.org", "", "a\0b", "x" * 400])
def test_a_learner_of_other_issuers_is_as_good_as_nobody(as_rhea: Client, draft: RuleVersion, address: str) -> None:
    issue_to(make_noor())
    page = as_rhea.post(EXAMPLES, {"from-learner": "1", "email": address})
    assert page.status_code == 422
    assert "has a record at your issuers" in page.text


def test_strangers_find_no_examples(diploma: Achievement, draft: RuleVersion) -> None:
    stranger = Client()
    assert stranger.get(EXAMPLES).status_code == 302
    stranger.force_login(make_noor())
    assert stranger.get(EXAMPLES).status_code == 404
    assert stranger.post(EXAMPLES, written()).status_code == 404
