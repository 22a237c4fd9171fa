"""Tests that pathways and rules are served in CTDL, and that the commands write and read them."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from credentials.models import Achievement
from pathways import authoring, ctdl
from pathways.models import Pathway, RuleVersion
from pathways.rules import notation
from tests.cast import make_rhea
from tests.college import holds_all, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db


@pytest.fixture
def pathway() -> Pathway:
    course = make_course(slug="tables")
    make_exam(course)
    publish_rule(course.achievement, passed("tables/exam"))
    make_achievement(slug="charts", name="Charts", issuer=course.issuer)
    target = make_achievement(slug="numeracy", name="Numeracy", issuer=course.issuer, kind=Achievement.Kind.CERTIFICATE)
    publish_rule(target, holds_all("tables-badge", "charts"))
    made = authoring.create_pathway(
        by=make_rhea(), at=NOON, slug="towards", issuer=course.issuer, target=target, title="Towards numeracy"
    )
    authoring.open_pathway(pathway=made, by=make_rhea(), at=NOON)
    return made


@pytest.mark.parametrize(("form", "media_type"), [("json", "application/json"), ("jsonld", "application/ld+json")])
def test_a_pathway_is_served_to_anybody(client: Client, pathway: Pathway, form: str, media_type: str) -> None:
    answer = client.get(f"/pathways/towards/ctdl.{form}")
    assert answer["Content-Type"] == media_type
    assert answer["Access-Control-Allow-Origin"] == "*"
    found = ctdl.read(answer.json())
    assert found.rule == notation.from_json(pathway.target.rule_versions.get().document)
    assert found.target == "numeracy"


def test_it_names_what_it_is_about(client: Client, pathway: Pathway) -> None:
    graph = client.get("/pathways/towards/ctdl.json").json()["@graph"]
    by_key = {each.get("ceterms:codedNotation"): each for each in graph}
    assert by_key[None]["ceterms:name"] == {"en": "Towards numeracy"}
    assert by_key["charts"]["ceterms:name"] == {"en": "Charts"}
    assert by_key["charts"]["ceterms:proxyFor"].endswith("/achievements/charts")
    condition = by_key["numeracy"]["ceterms:hasCondition"][0]
    assert "Charts" in condition["ceterms:description"]["en"]


def test_who_has_it_already_is_told_so(
    client: Client, pathway: Pathway, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = client.get("/pathways/towards/ctdl.json")
    with django_assert_num_queries(3):
        again = client.get("/pathways/towards/ctdl.json", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_the_rule_of_an_achievement_is_served_by_itself(
    client: Client, pathway: Pathway, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):
        answer = client.get("/catalogue/tables-badge/ctdl.json")
    kinds = {each["@type"] for each in answer.json()["@graph"]}
    assert kinds == {"ceterms:Pathway", "ceterms:CredentialComponent", "ceterms:AssessmentComponent"}


def test_what_is_a_draft_or_has_no_rule_is_not_there(client: Client, pathway: Pathway) -> None:
    Pathway.objects.update(state=Pathway.State.DRAFT)
    make_achievement(slug="secret", published=False)
    paths = ["/pathways/towards/ctdl.json", "/catalogue/secret/ctdl.json", "/catalogue/charts/ctdl.jsonld"]
    assert [client.get(path).status_code for path in paths] == [404] * 3


# --- the commands ---------------------------------------------------------------------------------------------------


def exported(folder: Path, *arguments: str) -> Path:
    path = folder / "pathway.json"
    call_command("export_ctdl", *arguments, "--to", str(path))
    return path


def imported(path: Path, *arguments: str) -> str:
    out = io.StringIO()
    call_command("import_ctdl", str(path), *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_what_was_exported_is_shown_in_words(pathway: Pathway, tmp_path: Path) -> None:
    assert "Charts" in imported(exported(tmp_path, "towards"))
    assert not RuleVersion.objects.filter(state=RuleVersion.State.DRAFT).exists()


def test_what_was_exported_becomes_a_draft_with_the_same_rule(pathway: Pathway, tmp_path: Path) -> None:
    path = exported(tmp_path, "numeracy", "--achievement")
    other = make_achievement(slug="other")
    imported(path, "--achievement", "other", "--author", make_rhea().email)
    draft = other.rule_versions.get()
    assert (draft.state, draft.content_hash) == ("draft", pathway.target.rule_versions.get().content_hash)


def test_what_ctdl_cannot_say_is_told_on_export(pathway: Pathway) -> None:
    achievement = make_achievement(slug="good", issuer=pathway.issuer)
    publish_rule(
        achievement,
        {"format": 1, "root": {"type": "holds", "id": "x", "any_of": ["charts"], "where": {"grade_at_least": 50}}},
    )
    told, out = io.StringIO(), io.StringIO()
    call_command("export_ctdl", "good", "--achievement", stdout=out, stderr=told)
    assert told.getvalue().startswith("not said in CTDL: x, where:")
    assert ctdl.read(json.loads(out.getvalue())).partial


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"{", "is not JSON"), (b"{}", "expected an object with a list @graph"), (b"\xff", "is not JSON")],
)
def test_a_bad_file_is_told_and_nothing_is_kept(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        imported(path, "--achievement", make_achievement().slug, "--author", make_rhea().email)
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--achievement", "nothing"), "There is no achievement nothing"),
        (("--achievement", "numeracy", "--author", "nobody@example.org"), "e-mail address of somebody"),
    ],
)
def test_who_and_what_it_is_for_must_be_there(
    pathway: Pathway, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        imported(exported(tmp_path, "towards"), *arguments)


def test_files_and_names_that_are_not_there_are_told(pathway: Pathway, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        imported(tmp_path / "none.json")
    with pytest.raises(CommandError, match="There is no nothing"):
        exported(tmp_path, "nothing")
    with pytest.raises(CommandError, match="cannot be written"):
        exported(tmp_path / "none", "towards")
