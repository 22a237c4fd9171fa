"""Tests the desk of the registry, its achievements, pathways and the least that each role may see."""

import pytest
from django.test import Client

from credentials.models import Achievement, Issuer, IssuerRole
from pathways import authoring, rulemaking
from pathways.models import Pathway
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_lena, make_noor, make_rhea, person
from tests.college import holds_all, publish_rule
from tests.factories import NOON, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def rhea() -> User:
    return make_rhea()


@pytest.fixture
def faculty(rhea: User) -> Issuer:
    return make_issuer(registrar=rhea, slug="faculty", name="Faculty of Data")


@pytest.fixture
def badge(faculty: Issuer) -> Achievement:
    return make_achievement(issuer=faculty, slug="data-literacy", name="Data literacy")


@pytest.fixture
def as_rhea(client: Client, rhea: User, faculty: Issuer) -> Client:
    client.force_login(rhea)
    return client


@pytest.fixture
def as_foreign_registrar(badge: Achievement) -> Client:
    """A registrar of another issuer, for whom nothing here exists."""
    other = person("otto@example.edu", "Otto Berg")
    make_issuer(registrar=other, slug="elsewhere")
    client = Client()
    client.force_login(other)
    return client


def fields_of(achievement: Achievement, **changes: object) -> dict[str, object]:
    """What the form of an achievement sends."""
    sent: dict[str, object] = {
        "slug": achievement.slug,
        "kind": achievement.kind,
        "name": achievement.name,
        "summary": achievement.summary,
        "description": achievement.description,
        "outcomes": "\n".join(achievement.outcomes),
        "criteria": achievement.criteria,
        "level_framework": achievement.level_framework,
        "level": achievement.level or "",
        "credits": str(achievement.credits),
        "workload_hours": str(achievement.workload_hours),
        "assessment_type": achievement.assessment_type,
        "participation": achievement.participation,
        "supervision": achievement.supervision,
        "quality_assurance": achievement.quality_assurance,
        "language": achievement.language,
        "subject": achievement.subject,
        "tags": ", ".join(achievement.tags),
        "validity_months": achievement.validity_months or "",
        "image_alt": achievement.image_alt,
        "version": achievement.version,
        **skill_fields("Reads a table"),
    }
    return sent | changes


def skill_fields(*names: str) -> dict[str, object]:
    sent: dict[str, object] = {"skills-TOTAL_FORMS": len(names), "skills-INITIAL_FORMS": 0}
    for place, name in enumerate(names):
        sent |= {f"skills-{place}-name": name, f"skills-{place}-framework": "", f"skills-{place}-url": ""}
    return sent


# The desk


def test_the_desk_shows_what_waits_and_what_was_done(
    as_rhea: Client, badge: Achievement, faculty: Issuer, django_assert_max_num_queries
) -> None:
    other = make_achievement(issuer=faculty, slug="charts", name="Charts", published=False, outcomes=[])
    colleague = person("baptiste@example.edu", "Baptiste Ndiaye")
    rulemaking.save_draft(achievement=badge, document=holds_all("x"), author=colleague, at=NOON)
    with django_assert_max_num_queries(36):
        page = as_rhea.get("/registry/")
    assert "your approval" in page.text
    assert other.name in page.text
    assert "learning outcomes" in page.text
    assert "saved a draft of the rule" in page.text


def test_the_queries_of_the_desk_do_not_grow(as_rhea: Client, faculty: Issuer, django_assert_max_num_queries) -> None:
    for number in range(6):
        draft = make_achievement(issuer=faculty, name=f"Draft {number}", published=False)
        rulemaking.save_draft(achievement=draft, document=holds_all("x"), author=make_ada(), at=NOON)
    with django_assert_max_num_queries(36):
        as_rhea.get("/registry/")


def test_the_acts_of_other_issuers_are_not_shown(as_foreign_registrar: Client, badge: Achievement) -> None:
    rulemaking.save_draft(achievement=badge, document=holds_all("x"), author=make_ada(), at=NOON)
    assert "Data literacy" not in as_foreign_registrar.get("/registry/").text


def test_an_administrator_of_an_issuer_has_a_desk_without_achievements(client: Client, faculty: Issuer) -> None:
    ada = person("astrid@example.edu", "Astrid Nakamura")
    IssuerRole.objects.create(user=ada, issuer=faculty, role=IssuerRole.Role.ADMINISTRATOR)
    client.force_login(ada)
    assert "Faculty of Data" in client.get("/registry/").text
    assert client.get("/registry/achievements/").status_code == 404


PAGES = [
    "/registry/achievements/data-literacy/",
    "/registry/achievements/data-literacy/edit/",
    "/registry/achievements/data-literacy/badge.svg",
    "/registry/achievements/data-literacy/withdraw/",
    "/registry/achievements/data-literacy/award/",
    "/registry/achievements/data-literacy/rule/",
    "/registry/achievements/data-literacy/rule/publish/",
    "/registry/achievements/data-literacy/rule/compare/",
    "/registry/achievements/data-literacy/rule/1/",
    "/registry/pathways/to-data/",
]
LISTS = [
    "/registry/",
    "/registry/achievements/",
    "/registry/achievements/new/",
    "/registry/awards/",
    "/registry/pathways/",
    "/registry/pathways/new/",
]


@pytest.fixture
def everything(badge: Achievement, faculty: Issuer) -> None:
    """A published rule, a draft, and a pathway, so that each page is there for whoever may see it."""
    part = make_achievement(issuer=faculty, slug="tables", name="Tables")
    publish_rule(badge, holds_all(part.slug))
    rulemaking.save_draft(achievement=badge, document=holds_all(part.slug), author=make_ada(), at=NOON)
    authoring.create_pathway(by=None, at=NOON, slug="to-data", issuer=faculty, target=badge, title="To data")


@pytest.mark.parametrize("address", PAGES + LISTS)
def test_the_registrar_sees_each_page(as_rhea: Client, everything: None, address: str) -> None:
    assert as_rhea.get(address).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_a_registrar_of_another_issuer_finds_nothing(
    as_foreign_registrar: Client, everything: None, address: str
) -> None:
    assert as_foreign_registrar.get(address).status_code == 404
    assert as_foreign_registrar.post(address).status_code in {404, 405}


@pytest.mark.parametrize("address", PAGES + LISTS)
def test_a_learner_finds_no_registry(client: Client, everything: None, address: str) -> None:
    client.force_login(make_lena())
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", PAGES + LISTS)
def test_a_visitor_is_asked_to_sign_in(everything: None, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


@pytest.mark.parametrize("act", ["publish", "withdraw"])
def test_a_stranger_changes_nothing(as_foreign_registrar: Client, badge: Achievement, act: str) -> None:
    assert as_foreign_registrar.post(f"/registry/achievements/data-literacy/{act}/", {"reason": "x"}).status_code == 404
    badge.refresh_from_db()
    assert badge.state == Achievement.State.PUBLISHED


# Achievements


def test_the_list_is_filtered_in_constant_queries(
    as_rhea: Client, faculty: Issuer, badge: Achievement, django_assert_max_num_queries
) -> None:
    make_achievement(issuer=faculty, name="Diploma in data", kind=Achievement.Kind.DIPLOMA)
    issue_to(make_lena(), badge)
    with django_assert_max_num_queries(14):
        page = as_rhea.get("/registry/achievements/")
    assert "2 achievements" in page.text
    found = as_rhea.get("/registry/achievements/?q=dipl&state=published&kind=Diploma").text
    assert "Diploma in data" in found
    assert "Data literacy" not in found
    assert "No achievement fits" in as_rhea.get("/registry/achievements/?q=%00nothing").text


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("achievements", "There is no achievement yet"),
        ("awards", "Nothing is awarded yet"),
        ("exceptions", "Nothing was decided about a single learner yet"),
    ],
)
def test_an_empty_registry_says_how_to_begin_and_a_filter_what_to_drop(as_rhea: Client, page: str, words: str) -> None:
    assert words in as_rhea.get(f"/registry/{page}/").text
    filtered = as_rhea.get(f"/registry/{page}/?q=nobody").text
    assert words not in filtered and "Show all" in filtered


def test_an_achievement_is_written_as_a_draft(as_rhea: Client, faculty: Issuer, badge: Achievement) -> None:
    sent = fields_of(badge, slug="new-one", name="New one", issuer="faculty", outcomes="Reads\r\n\r\nWrites\r\n")
    answer = as_rhea.post("/registry/achievements/new/", sent)
    assert answer.status_code == 302
    made = Achievement.objects.get(slug="new-one")
    assert (made.state, made.outcomes) == (Achievement.State.DRAFT, ["Reads", "Writes"])
    assert [skill.name for skill in made.skills.all()] == ["Reads a table"]


def test_a_foreign_issuer_cannot_be_chosen(as_rhea: Client, badge: Achievement) -> None:
    make_issuer(slug="foreign")
    answer = as_rhea.post("/registry/achievements/new/", fields_of(badge, slug="new-one", issuer="foreign"))
    assert answer.status_code == 422
    assert not Achievement.objects.filter(slug="new-one").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("slug", "new"), ("slug", "no spaces"), ("slug", "data-literacy"), ("name", ""), ("level", "9"), ("credits", "-1"),
     ("credits", "many"), ("workload_hours", "1e99"), ("outcomes", "x" * 501), ("skills-0-url", "not an address")],
)  # fmt: skip
def test_bad_input_is_named_and_nothing_typed_is_lost(
    as_rhea: Client, badge: Achievement, field: str, value: str
) -> None:
    sent = fields_of(badge, slug="new-one", issuer="faculty", description="Words to keep") | {field: value}
    answer = as_rhea.post("/registry/achievements/new/", sent)
    assert answer.status_code == 422
    assert "Words to keep" in answer.text
    assert Achievement.objects.count() == 1


def test_more_lines_for_skills_keep_what_is_typed(as_rhea: Client, badge: Achievement) -> None:
    sent = fields_of(badge, description="Words to keep", **{"more-skills": "1"})
    answer = as_rhea.post("/registry/achievements/data-literacy/edit/", sent)
    assert "Words to keep" in answer.text
    assert 'name="skills-3-name"' in answer.text


def test_editing_a_published_one_makes_its_next_edition(as_rhea: Client, badge: Achievement) -> None:
    as_rhea.post("/registry/achievements/data-literacy/edit/", fields_of(badge, summary="Better said."))
    badge.refresh_from_db()
    assert (badge.summary, badge.version) == ("Better said.", 2)


def test_an_edition_changed_meanwhile_is_not_overwritten(as_rhea: Client, badge: Achievement) -> None:
    Achievement.objects.filter(pk=badge.pk).update(version=2)
    sent = fields_of(badge, summary="Mine")
    answer = as_rhea.post("/registry/achievements/data-literacy/edit/", sent)
    assert answer.status_code == 422
    assert "changed by somebody else" in answer.text
    assert "Mine" in answer.text


def test_the_gate_names_what_is_missing(as_rhea: Client, faculty: Issuer) -> None:
    make_achievement(issuer=faculty, slug="bare", published=False, criteria="", skills=())
    page = as_rhea.get("/registry/achievements/bare/").text
    assert "how it is earned" in page
    assert "a skill" in page
    answer = as_rhea.post("/registry/achievements/bare/publish/", follow=True)
    assert "cannot be published yet" in answer.text
    assert Achievement.objects.get(slug="bare").state == Achievement.State.DRAFT


def test_a_complete_one_is_published(as_rhea: Client, faculty: Issuer) -> None:
    make_achievement(issuer=faculty, slug="whole", published=False)
    as_rhea.post("/registry/achievements/whole/publish/")
    assert Achievement.objects.get(slug="whole").state == Achievement.State.PUBLISHED


def test_withdrawing_asks_first_and_keeps_awards(as_rhea: Client, badge: Achievement) -> None:
    award = issue_to(make_lena(), badge)
    page = as_rhea.get("/registry/achievements/data-literacy/withdraw/").text
    assert "1 award of it stays" in page
    assert as_rhea.post("/registry/achievements/data-literacy/withdraw/", {"reason": ""}).status_code == 422
    as_rhea.post("/registry/achievements/data-literacy/withdraw/", {"reason": "Replaced"})
    badge.refresh_from_db()
    award.refresh_from_db()
    assert (badge.state, award.standing) == (Achievement.State.WITHDRAWN, "active")
    assert AuditEntry.objects.get(act="withdraw achievement").reason == "Replaced"


def test_the_page_of_an_achievement_in_constant_queries(
    as_rhea: Client, badge: Achievement, django_assert_max_num_queries
) -> None:
    for learner in (make_lena(), make_noor()):
        issue_to(learner, badge)
    with django_assert_max_num_queries(27):
        page = as_rhea.get("/registry/achievements/data-literacy/")
    assert make_noor().name in page.text


# Pathways


def pathway_fields(**changes: object) -> dict[str, object]:
    return {
        "title": "To data",
        "slug": "to-data",
        "issuer": "",
        "target": "",
        "summary": "",
        "audience": "",
        "description": "",
        "stages-TOTAL_FORMS": 0,
        "stages-INITIAL_FORMS": 0,
    } | changes


def test_a_pathway_is_written_staged_opened_and_closed(as_rhea: Client, badge: Achievement, faculty: Issuer) -> None:
    part = make_achievement(issuer=faculty, slug="tables", name="Tables")
    publish_rule(badge, holds_all(part.slug))
    base = pathway_fields(issuer=faculty.pk, target=badge.pk)
    assert as_rhea.post("/registry/pathways/new/", base).status_code == 302
    assert "Tables" in as_rhea.get("/registry/pathways/to-data/").text
    stages = {
        "stages-TOTAL_FORMS": 2,
        "stages-0-title": "Second",
        "stages-0-text": "",
        "stages-0-achievements": [part.slug],
        "stages-0-ORDER": "2",
        "stages-1-title": "First",
        "stages-1-text": "Begin here",
        "stages-1-ORDER": "1",
    }
    assert as_rhea.post("/registry/pathways/to-data/", base | stages).status_code == 302
    pathway = Pathway.objects.get()
    assert [stage.title for stage in pathway.stages.all()] == ["First", "Second"]
    assert [each.slug for each in pathway.stages.last().achievements.all()] == ["tables"]
    as_rhea.post("/registry/pathways/to-data/open/")
    pathway.refresh_from_db()
    assert pathway.state == Pathway.State.OPEN
    as_rhea.post("/registry/pathways/to-data/close/")
    pathway.refresh_from_db()
    assert pathway.state == Pathway.State.CLOSED
    assert as_rhea.post("/registry/pathways/to-data/burn/").status_code == 404


def test_a_pathway_without_a_rule_is_not_opened(as_rhea: Client, badge: Achievement, faculty: Issuer) -> None:
    authoring.create_pathway(by=None, at=NOON, slug="to-data", issuer=faculty, target=badge, title="To data")
    page = as_rhea.post("/registry/pathways/to-data/open/", follow=True)
    assert "published rule for its target" in page.text
    assert Pathway.objects.get().state == Pathway.State.DRAFT


def test_a_stage_without_title_is_named(as_rhea: Client, badge: Achievement, faculty: Issuer) -> None:
    authoring.create_pathway(by=None, at=NOON, slug="to-data", issuer=faculty, target=badge, title="To data")
    sent = pathway_fields(
        issuer=faculty.pk,
        target=badge.pk,
        **{"stages-TOTAL_FORMS": 1, "stages-0-title": "", "stages-0-text": "Words to keep", "stages-0-ORDER": "1"},
    )
    answer = as_rhea.post("/registry/pathways/to-data/", sent)
    assert answer.status_code == 422
    assert "Words to keep" in answer.text


def test_a_stranger_opens_no_pathway(as_foreign_registrar: Client, badge: Achievement, faculty: Issuer) -> None:
    authoring.create_pathway(by=None, at=NOON, slug="to-data", issuer=faculty, target=badge, title="To data")
    assert as_foreign_registrar.post("/registry/pathways/to-data/open/").status_code == 404
