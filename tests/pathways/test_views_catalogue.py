"""What anybody may visit: front page, catalogue, achievements, courses, pathways with their maps."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from credentials.models import Achievement, AchievementSkill
from pathways import authoring, enrolment
from pathways.models import Course, Enrolment, Pathway, PathwayEnrolment
from tests.cast import make_ivo, make_lena, make_noor, make_rhea
from tests.college import NOON, holds_all, make_assignment, make_course, make_quiz, passed, publish_rule
from tests.factories import issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


def text(client: Client, url: str, status: int = 200, **extra: Any) -> str:
    response = client.get(url, **extra)
    assert response.status_code == status, url
    return response.content.decode()


def make_stack() -> tuple[Pathway, Achievement]:
    """A certificate over two micro-credentials, and the pathway that leads to it."""
    parts = [make_achievement(slug=slug, name=name) for slug, name in (("tables", "Tables"), ("charts", "Charts"))]
    certificate = make_achievement(
        slug="analyst",
        name="Data analyst",
        kind=Achievement.Kind.CERTIFICATE,
        issuer=make_issuer(registrar=make_rhea()),
    )
    publish_rule(certificate, holds_all(*(part.slug for part in parts)))
    pathway = authoring.create_pathway(
        by=None,
        at=NOON,
        slug="into-analysis",
        issuer=certificate.issuer,
        target=certificate,
        title="Into analysis",
        stages=[{"title": "Begin", "text": "With tables.", "achievements": parts[:1]}],
    )
    return authoring.open_pathway(pathway=pathway, by=None, at=NOON), certificate


# The front page


def test_a_visitor_reads_what_it_is_for(client: Client) -> None:
    make_stack()
    page = text(client, "/")
    assert "You learn" in page
    assert "Into analysis" in page


def test_whoever_learns_starts_with_their_learning(client: Client) -> None:
    client.force_login(make_lena())
    assert client.get("/").headers["Location"] == reverse("me")


def test_an_instructor_starts_with_what_waits(client: Client) -> None:
    make_course(ivo=make_ivo())
    client.force_login(make_ivo())
    assert client.get("/").headers["Location"] == reverse("teach")


# The catalogue


def test_the_catalogue_finds_achievements_and_courses_by_words(client: Client) -> None:
    make_course(slug="statistics")
    make_course(slug="gardening")
    page = text(client, "/catalogue/?q=statis")
    assert "2 found" in page
    assert "Gardening" not in page


def test_a_skill_is_found_by_its_name(client: Client) -> None:
    make_achievement(name="Tables", skills=("Pivots a table",))
    assert "1 found" in text(client, "/catalogue/?q=pivots")


def test_drafts_are_not_found(client: Client) -> None:
    make_achievement(name="Secret plan", published=False)
    make_course(slug="unborn", opened=False, achievement=make_achievement(name="Known"))
    page = text(client, "/catalogue/")
    assert "Secret plan" not in page
    assert "Unborn" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=Certificate", ["Analyst"]),
        ("kind=course", ["Sums for all"]),
        ("level=7", ["Analyst"]),
        ("hours=10", ["Short one"]),
        ("language=de", ["Sums for all"]),
        ("skill=Adds", ["Analyst"]),
        ("issuer=north", ["Analyst"]),
        ("level=no&kind=what", ["Analyst", "Short one", "Sums for all"]),
    ],
)
def test_each_facet_narrows_the_search(client: Client, query: str, found: list[str]) -> None:
    make_achievement(
        name="Analyst",
        kind=Achievement.Kind.CERTIFICATE,
        level=7,
        issuer=make_issuer(slug="north"),
        skills=("Adds",),
        workload_hours=Decimal(100),
    )
    make_achievement(name="Short one", level=4, workload_hours=Decimal(5))
    course = make_course(slug="sums", title="Sums for all", language="de", hours=Decimal(20))
    Achievement.objects.filter(pk=course.achievement_id).update(state=Achievement.State.WITHDRAWN, withdrawn_at=NOON)
    page = client.get(f"/catalogue/?{query}").context["page"]
    assert [str(thing) for _what, thing in page] == found


def test_a_facet_says_how_many_it_would_find(client: Client) -> None:
    make_achievement(level=5)
    make_achievement(level=5)
    make_achievement(level=6)
    facets = {facet.name: facet for facet in client.get("/catalogue/?level=6").context["facets"]}
    assert [(option.value, option.count, option.is_chosen) for option in facets["level"].options] == [
        ("5", 2, False),
        ("6", 1, True),
    ]


def test_nothing_found_says_which_filter_to_drop(client: Client) -> None:
    make_achievement(name="Tables", level=5)
    page = text(client, "/catalogue/?q=tables&level=8")
    assert "Dropping one of these would find something" in page
    assert "Level (1)" in " ".join(page.split())


def test_new_words_keep_what_was_chosen(client: Client) -> None:
    make_achievement(level=5)
    page = text(client, "/catalogue/?level=5&sort=newest")
    assert '<input type="hidden" name="level" value="5" form="catalogue-search">' in page
    assert '<input type="hidden" name="sort" value="newest" form="catalogue-search">' in page


def test_the_script_gets_the_results_alone(client: Client) -> None:
    make_achievement(name="Tables")
    page = text(client, "/catalogue/?q=tables", headers={"HX-Request": "true"})
    assert "<html" not in page
    assert 'id="found-count"' in page


def test_the_catalogue_costs_the_same_for_more(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_course(slug="first")
    with django_assert_num_queries(17):
        client.get("/catalogue/")
    make_course()
    for _number in range(8):
        make_achievement()
    with django_assert_num_queries(17):
        client.get("/catalogue/")


def test_a_page_beyond_the_last_is_the_last(client: Client) -> None:
    make_achievement()
    assert "1 found" in text(client, "/catalogue/?page=99")


# One achievement


def test_an_achievement_shows_its_rule_and_what_it_counts_towards(client: Client) -> None:
    _pathway, certificate = make_stack()
    assert certificate.rule_versions.get().sentence in text(client, certificate.get_absolute_url())
    assert "Data analyst" in text(client, "/catalogue/tables/")


def test_a_draft_achievement_does_not_exist(client: Client) -> None:
    draft = make_achievement(published=False)
    text(client, f"/catalogue/{draft.slug}/", 404)


def test_a_withdrawn_achievement_is_kept_and_says_so(client: Client) -> None:
    gone = make_achievement()
    Achievement.objects.filter(pk=gone.pk).update(state=Achievement.State.WITHDRAWN, withdrawn_at=NOON)
    assert "No longer awarded" in text(client, gone.get_absolute_url())


def test_a_holder_sees_that_they_hold_it(client: Client) -> None:
    award = issue_to(make_lena())
    client.force_login(make_lena())
    assert "See yours" in text(client, award.achievement.get_absolute_url())
    client.force_login(make_noor())
    assert "See yours" not in text(client, award.achievement.get_absolute_url())


# One course


def test_a_course_shows_its_outline_and_its_rubric_before(client: Client) -> None:
    course = make_course()
    module = authoring.add_module(course=course, slug="one", title="Means")
    authoring.add_material(module=module, slug="mean", kind="reading", title="The mean", body="Add up.", minutes=12)
    make_assignment(course)
    page = text(client, course.get_absolute_url())
    assert "The mean" in page
    assert "Convincing" in page
    assert "Sign in to enrol" in page


def test_a_draft_course_is_seen_by_its_staff_alone(client: Client) -> None:
    course = make_course(ivo=make_ivo(), opened=False)
    text(client, course.get_absolute_url(), 404)
    client.force_login(make_lena())
    text(client, course.get_absolute_url(), 404)
    client.force_login(make_ivo())
    text(client, course.get_absolute_url())


def test_enrolling_gives_a_place(client: Client) -> None:
    course = make_course()
    client.force_login(make_lena())
    response = client.post(reverse("course-enrol", args=[course.slug]), follow=True)
    assert "You have a place" in response.content.decode()
    assert Enrolment.objects.get().learner == make_lena()


def test_enrolling_twice_says_so_and_changes_nothing(client: Client) -> None:
    course = make_course()
    enrolment.enrol(learner=make_lena(), course=course, at=NOON)
    client.force_login(make_lena())
    response = client.post(reverse("course-enrol", args=[course.slug]), follow=True)
    assert "You are enrolled in" in response.content.decode()
    assert Enrolment.objects.count() == 1


def test_a_closed_course_takes_nobody(client: Client) -> None:
    course = make_course()
    Course.objects.update(state=Course.State.CLOSED)
    client.force_login(make_lena())
    response = client.post(reverse("course-enrol", args=[course.slug]), follow=True)
    assert "does not take enrolments" in response.content.decode()


def test_a_visitor_who_enrols_signs_in_first(client: Client) -> None:
    course = make_course()
    response = client.post(reverse("course-enrol", args=[course.slug]))
    assert response.headers["Location"].startswith(reverse("account_login"))


def test_leaving_a_course_keeps_what_was_earned(client: Client) -> None:
    course = make_course()
    enrolment.enrol(learner=make_lena(), course=course, at=NOON)
    client.force_login(make_lena())
    client.post(reverse("course-withdraw", args=[course.slug]))
    assert Enrolment.objects.get().state == Enrolment.State.WITHDRAWN
    client.force_login(make_noor())
    assert client.post(reverse("course-withdraw", args=[course.slug])).status_code == 404


# Pathways


def test_a_pathway_is_drawn_and_said_the_same(client: Client) -> None:
    _pathway, certificate = make_stack()
    page = text(client, "/pathways/into-analysis/")
    assert page.count("map-card ") == 3
    assert 'class="outline"' in page
    assert certificate.rule_versions.get().sentence in page
    assert 'style="' not in page


def test_the_outline_alone_has_no_map(client: Client) -> None:
    make_stack()
    page = text(client, "/pathways/into-analysis/?view=list")
    assert "map-card" not in page
    assert 'class="outline"' in page


def test_a_chosen_card_is_explained_beside_the_map(client: Client) -> None:
    make_stack()
    page = text(client, "/pathways/into-analysis/?node=card-0", headers={"HX-Request": "true"})
    assert "<html" not in page
    assert "Tables" in page
    assert "Choose a card" in text(client, "/pathways/into-analysis/?node=nothing")


def test_a_learner_sees_what_is_earned_on_the_map(client: Client) -> None:
    make_stack()
    issue_to(make_lena(), Achievement.objects.get(slug="tables"))
    client.force_login(make_lena())
    page = text(client, "/pathways/into-analysis/")
    assert "map-is-earned" in page
    assert "1 of 2 parts" in page
    client.force_login(make_noor())
    assert "map-is-earned" not in text(client, "/pathways/into-analysis/")


def test_starting_a_pathway_leads_to_where_one_stands(client: Client) -> None:
    make_stack()
    client.force_login(make_lena())
    response = client.post("/pathways/into-analysis/start/")
    assert response.headers["Location"] == "/me/pathways/into-analysis/"
    assert PathwayEnrolment.objects.get().learner == make_lena()
    client.post("/pathways/into-analysis/leave/")
    assert PathwayEnrolment.objects.get().left_at is not None


def test_leaving_what_one_never_started_is_refused(client: Client) -> None:
    make_stack()
    client.force_login(make_lena())
    assert client.post("/pathways/into-analysis/leave/").status_code == 409


def test_a_draft_pathway_does_not_exist(client: Client) -> None:
    make_stack()
    Pathway.objects.update(state=Pathway.State.DRAFT)
    text(client, "/pathways/into-analysis/", 404)
    assert "Into analysis" not in text(client, "/pathways/")


def test_the_list_of_pathways_costs_the_same_for_more(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _pathway, certificate = make_stack()
    client.get("/pathways/")
    with django_assert_num_queries(5):
        client.get("/pathways/")
    for number in range(4):
        Pathway.objects.create(
            slug=f"p{number}", issuer=certificate.issuer, target=certificate, title="Again", state=Pathway.State.OPEN
        )
    with django_assert_num_queries(5):
        client.get("/pathways/")


def test_a_micro_credential_is_mapped_to_its_assessments(client: Client) -> None:
    course = make_course()
    make_quiz(course)
    publish_rule(course.achievement, passed("statistics/quiz"))
    Pathway.objects.create(
        slug="numbers", issuer=course.issuer, target=course.achievement, title="Numbers", state=Pathway.State.OPEN
    )
    assert "map-card-assessment" in text(client, "/pathways/numbers/")


def test_skills_lead_to_what_shows_them(client: Client) -> None:
    achievement = make_achievement(skills=("Reads & writes",))
    assert "?skill=Reads%20%26%20writes" in text(client, achievement.get_absolute_url())
    assert AchievementSkill.objects.count() == 1
