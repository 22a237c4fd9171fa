"""Plans of learners: what is on offer to them, pages, keeping, and the API."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from credentials.models import Achievement
from pathways import authoring, enrolment, guidance, planning, rule_findings, rulemaking
from pathways.holdings import institution_day
from pathways.models import Course, LearningPlan, Pathway
from pathways.plan_words import Words
from pathways.rules import notation
from pathways.rules import plan as planner
from portal.accounts import tokens
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests import college
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea
from tests.factories import NOON, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena() -> User:
    return make_lena()


def today() -> date:
    return institution_day(timezone.now())


def offered(slug: str, *, skills: tuple[str, ...] = (), **fields: Any) -> Course:
    """A course with one assignment, whose passing earns an achievement of the same name."""
    bringing = {"credits": fields.pop("credits")} if "credits" in fields else {}
    achievement = make_achievement(
        slug=slug, name=slug.title(), issuer=faculty(), skills=skills or (f"does {slug}",), **bringing
    )
    course = college.make_course(ivo=make_ivo(), slug=slug, achievement=achievement, **fields)
    college.make_assignment(course)
    college.publish_rule(achievement, college.passed(f"{slug}/essay"))
    return course


def faculty() -> Any:
    from credentials.models import Issuer

    return Issuer.objects.filter(slug="numbers").first() or make_issuer(registrar=make_rhea(), slug="numbers")


def certificate(slug: str, document: dict[str, Any]) -> Achievement:
    achievement = make_achievement(
        slug=slug,
        name=slug.title(),
        issuer=faculty(),
        kind=Achievement.Kind.CERTIFICATE,
        skills=(f"{slug} as a whole",),
    )
    college.publish_rule(achievement, document)
    return achievement


def pathway_to(target: Achievement, learner: User) -> Pathway:
    made = authoring.create_pathway(
        by=make_rhea(), at=timezone.now(), slug="towards", issuer=target.issuer, target=target, title="Towards it"
    )
    authoring.open_pathway(pathway=made, by=make_rhea(), at=timezone.now())
    enrolment.start_pathway(learner=learner, pathway=made, at=timezone.now())
    return made


@pytest.fixture
def small(lena: User) -> Pathway:
    """Two core courses and one of two electives lead to a certificate, the goal of a pathway that Lena follows."""
    offered("reading", hours=Decimal(20), price=Decimal(100))
    offered("writing", hours=Decimal(30), price=Decimal(50))
    offered("drawing", hours=Decimal(10), price=Decimal(90))
    offered("singing", hours=Decimal(25))
    document = {
        "format": 1,
        "root": {
            "type": "all",
            "parts": [
                {"type": "holds", "any_of": ["reading"]},
                {"type": "holds", "any_of": ["writing"]},
                {"type": "holds", "any_of": ["drawing", "singing"]},
            ],
        },
    }
    return pathway_to(certificate("culture", document), lena)


def asked(learner: User, *targets: str, **more: Any) -> planning.Answer:
    return planning.answer(planning.Question(targets=targets, **more), planning.ground_for(learner, today()))


def taken(answer: planning.Answer) -> list[str]:
    return [step.offering for step in answer.plan.steps]


def signed_in(learner: User) -> Client:
    client = Client()
    client.force_login(learner)
    return client


# What is on offer


def test_a_plan_takes_what_costs_least_and_says_when_all_is_awarded(lena: User, small: Pathway) -> None:
    answer = asked(lena, "culture")
    assert sorted(taken(answer)) == ["drawing", "reading", "writing"]
    assert answer.plan.outcome == "best"
    assert answer.plan.hours == 60
    assert answer.plan.awards["culture"] == answer.plan.finished_on
    assert sorted(taken(asked(lena, "culture", by="price"))) == ["reading", "singing", "writing"]


def test_a_course_that_is_begun_costs_nothing_more(lena: User, small: Pathway) -> None:
    enrolment.enrol(learner=lena, course=Course.objects.get(slug="drawing"), at=timezone.now())
    answer = asked(lena, "culture", by="price")
    assert sorted(taken(answer)) == ["drawing", "reading", "writing"]
    assert answer.plan.prices == {"EUR": Decimal(150)}


def test_what_is_held_is_not_planned_again(lena: User, small: Pathway) -> None:
    issue_to(lena, Achievement.objects.get(slug="reading"), at=timezone.now())
    assert sorted(taken(asked(lena, "culture"))) == ["drawing", "writing"]


def test_full_and_closed_courses_are_not_planned(lena: User, small: Pathway) -> None:
    course = Course.objects.get(slug="drawing")
    Course.objects.filter(pk=course.pk).update(places=1)
    enrolment.enrol(learner=make_noor(), course=course, at=timezone.now())
    answer = asked(lena, "culture")
    assert "singing" in taken(answer)
    assert answer.plan.left_out == {"drawing": "full"}
    Course.objects.filter(slug="singing").update(state=Course.State.CLOSED)
    assert asked(lena, "culture").plan.outcome == "none"


def test_prerequisites_come_first(lena: User, small: Pathway) -> None:
    Course.objects.get(slug="reading").prerequisites.set([Achievement.objects.get(slug="writing")])
    order = taken(asked(lena, "culture"))
    assert order.index("writing") < order.index("reading")


def test_two_targets_share_what_they_can(lena: User, small: Pathway) -> None:
    certificate("letters", college.holds_all("reading", "writing"))
    answer = asked(lena, "culture", "letters")
    assert answer.plan.met.keys() == {"culture", "letters"}
    assert len(taken(answer)) == 3


def test_a_target_without_a_rule_is_named(lena: User, small: Pathway) -> None:
    make_achievement(slug="lone", issuer=faculty())
    assert asked(lena, "lone").missing_rules == ("lone",)


def test_the_cheapest_set_of_offers_closes_a_skills_gap(lena: User) -> None:
    offered("one", skills=("counts", "adds"), hours=Decimal(30))
    offered("two", skills=("adds", "draws"), hours=Decimal(10))
    offered("three", skills=("counts",), hours=Decimal(15))
    answer = planning.answer(planning.Question(skills=("counts", "adds", "draws")), planning.ground_for(lena, today()))
    assert sorted(taken(answer)) == ["three", "two"]
    assert answer.plan.outcome == "best"


def test_the_number_of_queries_does_not_grow(lena: User, small: Pathway, django_assert_max_num_queries: Any) -> None:
    planning.ground_for(lena, today())
    with django_assert_max_num_queries(16):
        ground = planning.ground_for(lena, today())
    offered("more")
    offered("yet-more")
    with django_assert_max_num_queries(16):
        planning.ground_for(lena, today())
    with django_assert_max_num_queries(2):
        planning.answer(planning.Question(targets=("culture",)), ground)


# Enrolling


def test_a_full_course_takes_nobody(lena: User) -> None:
    course = offered("small", places=1)
    enrolment.enrol(learner=make_noor(), course=course, at=timezone.now())
    with pytest.raises(enrolment.Full):
        enrolment.enrol(learner=lena, course=course, at=timezone.now())


def test_who_lacks_what_a_course_asks_for_is_refused_until_it_is_held(lena: User) -> None:
    first = offered("first")
    course = offered("second")
    authoring.edit_course(course=course, author=make_ivo(), at=timezone.now(), prerequisites=[first.achievement])
    with pytest.raises(enrolment.NotReady):
        enrolment.enrol(learner=lena, course=course, at=timezone.now())
    issue_to(lena, first.achievement, at=timezone.now())
    enrolment.enrol(learner=lena, course=course, at=timezone.now())


# Pages


def test_the_plan_of_a_pathway_says_each_step_and_why(lena: User, small: Pathway) -> None:
    page = signed_in(lena).get("/me/pathways/towards/plan/").content.decode()
    assert "Drawing" in page
    assert "No plan on offer takes fewer hours." in page
    assert "Singing takes 15 hours more." in page
    assert "There is no way without it." in page
    assert "It earns Drawing. Culture asks to hold Drawing or Singing." in page


@pytest.mark.parametrize("query", ["", "?by=price", "?by=date&hours_per_week=5", "?by=x&hours_per_week=-1&without=no"])
def test_the_plan_answers_any_wish(lena: User, small: Pathway, query: str) -> None:
    assert signed_in(lena).get(f"/me/pathways/towards/plan/{query}").status_code == 200
    assert signed_in(lena).get(f"/me/plans/new/{query or '?'}&target=culture").status_code == 200


def test_a_stranger_has_no_plan_for_the_pathway_of_another(small: Pathway) -> None:
    client = signed_in(make_noor())
    assert client.get("/me/pathways/towards/plan/").status_code == 404
    assert client.get("/me/pathways/towards/what-if/").status_code == 404


def test_a_plan_is_kept_shown_followed_and_dropped(lena: User, small: Pathway) -> None:
    client = signed_in(lena)
    answer = client.post("/me/plans/keep/", {"target": "culture", "by": "price", "hours_per_week": "8"})
    kept = LearningPlan.objects.get()
    assert answer.url == kept.get_absolute_url()
    assert (kept.learner, kept.by, kept.hours_per_week) == (lena, "price", Decimal(8))
    assert AuditEntry.objects.filter(act="keep plan", actor=lena).exists()
    issue_to(lena, Achievement.objects.get(slug="reading"), at=timezone.now())
    assert "1 of 3 steps" in client.get(kept.get_absolute_url()).content.decode()
    assert "1 of 3 steps" in client.get("/me/").content.decode()
    assert "1 of 3 steps" in client.get("/me/plans/").content.decode()
    assert client.post(f"{kept.get_absolute_url()}drop/").status_code == 302
    assert not LearningPlan.objects.exists()


def test_a_stranger_sees_and_drops_no_plan_of_another(lena: User, small: Pathway) -> None:
    signed_in(lena).post("/me/plans/keep/", {"target": "culture"})
    kept = LearningPlan.objects.get()
    client = signed_in(make_noor())
    assert client.get(kept.get_absolute_url()).status_code == 404
    assert client.post(f"{kept.get_absolute_url()}drop/").status_code == 404
    assert LearningPlan.objects.exists()


def test_where_nothing_is_planned_nothing_is_kept(lena: User, small: Pathway) -> None:
    client = signed_in(lena)
    client.post("/me/plans/keep/", {"target": "unheard-of"})
    Course.objects.update(state=Course.State.CLOSED)
    client.post("/me/plans/keep/", {"target": "culture"})
    assert not LearningPlan.objects.exists()


def test_no_more_plans_are_kept_than_anybody_follows(lena: User, small: Pathway, monkeypatch: Any) -> None:
    monkeypatch.setattr(planning, "MOST_PLANS", 1)
    answer = asked(lena, "culture")
    planning.keep(answer=answer, title="One", learner=lena, at=timezone.now())
    with pytest.raises(planning.TooManyPlans):
        planning.keep(answer=answer, title="Two", learner=lena, at=timezone.now())


def test_a_plan_that_was_not_followed_is_behind(lena: User, small: Pathway) -> None:
    kept = planning.keep(answer=asked(lena, "culture"), title="One", learner=lena, at=timezone.now())
    [now] = planning.kept_plans(lena, today())
    assert not now.is_late
    [later] = planning.kept_plans(lena, kept.finished_on + timedelta(days=1))
    assert later.is_late


def test_what_if_shows_the_sheet_with_what_is_supposed_and_changes_nothing(lena: User, small: Pathway) -> None:
    client = signed_in(lena)
    page = client.get("/me/pathways/towards/what-if/?take=reading&take=singing").content.decode()
    assert "0 of 3 parts done now, 2 then." in page
    assert "Nothing is changed" in page
    whole = client.get("/me/plans/what-if/?target=culture&take=reading&take=singing&take=writing").content.decode()
    assert "Culture would be yours" in whole
    assert not lena.awards.exists()


def test_what_if_for_nothing_known_is_not_found(lena: User, small: Pathway) -> None:
    for query in ("", "?target=none", "?target=%00"):
        assert signed_in(lena).get(f"/me/plans/what-if/{query}").status_code == 404


def test_two_goals_are_compared_with_both_together(lena: User, small: Pathway) -> None:
    certificate("letters", college.holds_all("reading", "writing"))
    page = signed_in(lena).get("/me/plans/compare/?target=culture&target=letters").content.decode()
    assert "Culture and Letters" in page
    assert signed_in(lena).get("/me/plans/compare/").status_code == 200


def test_the_gap_shows_what_is_held_and_closes_the_rest(lena: User, small: Pathway) -> None:
    issue_to(lena, Achievement.objects.get(slug="reading"), at=timezone.now())
    client = signed_in(lena)
    page = client.get("/me/plans/skills/?skill=does+reading&skill=does+writing").content.decode()
    assert "1 of 2 skills shown" in page
    assert "It earns Writing." in page
    assert "There is no gap" in client.get("/me/plans/skills/?skill=does+reading").content.decode()
    assert client.get("/me/plans/skills/?like=culture&skill=%00").status_code == 200
    client.post("/me/plans/keep/", {"skill": "does writing"})
    assert LearningPlan.objects.get().skills == ["does writing"]


def test_visitors_are_asked_who_they_are() -> None:
    for path in ("/me/plans/", "/me/plans/new/", "/me/plans/compare/", "/me/plans/skills/", "/me/plans/what-if/"):
        assert Client().get(path).status_code == 302


# Programs


def test_the_api_gives_the_plan_with_its_reasons(lena: User, small: Pathway) -> None:
    _token, text = tokens.make(user=lena, name="for tests", at=timezone.now())
    client = Client(headers={"Authorization": f"Bearer {text}"})
    found = client.get("/api/v1/me/pathways/towards/plan/?by=price").json()
    assert (found["outcome"], found["bound"], found["prices"]) == ("best", "150", {"EUR": "150.00"})
    assert {step["course"] for step in found["steps"]} == {"reading", "writing", "singing"}
    assert all(step["reasons"] for step in found["steps"])
    assert client.get("/api/v1/me/pathways/towards/plan/?by=luck").status_code == 400
    assert Client().get("/api/v1/me/pathways/towards/plan/").status_code == 401


# Courses


def test_a_course_shows_its_places_and_what_it_asks_for(lena: User) -> None:
    first = offered("first")
    course = offered("second", places=2)
    course.prerequisites.set([first.achievement])
    enrolment.enrol_many(course=course, learners=[make_noor()], at=timezone.now())
    page = signed_in(lena).get("/courses/second/").content.decode()
    assert "1 of 2 places free" in page
    assert "Not open to you yet" in page
    assert "/courses/second/enrol/" not in page
    issue_to(lena, first.achievement, at=timezone.now())
    assert "/courses/second/enrol/" in signed_in(lena).get("/courses/second/").content.decode()


def test_authors_say_how_many_places_there_are_and_what_is_asked_for() -> None:
    first = offered("first")
    offered("second")
    client = signed_in(make_ivo())
    said = {
        "title": "Second",
        "slug": "second",
        "hours": "20",
        "language": "en",
        "price": "10",
        "currency": "EUR",
        "achievement": Achievement.objects.get(slug="second").pk,
        "places": "7",
        "prerequisites": [first.achievement.slug],
    }
    page = client.get("/teach/courses/second/build/about/").context
    answer = client.post("/teach/courses/second/build/about/", said | {"seen": page["seen"]})
    assert answer.status_code == 302
    course = Course.objects.get(slug="second")
    assert (course.places, course.prerequisite_slugs) == (7, ["first"])
    itself = said | {"prerequisites": ["second"]}
    assert client.post("/teach/courses/second/build/about/", itself).status_code == 422


def test_the_sheet_asks_for_what_the_plan_takes_where_parts_share(lena: User) -> None:
    for slug, amount in (("tables", 5), ("sums", 5), ("charts", 7)):
        offered(slug, hours=Decimal(20), credits=Decimal(amount))
    parts = [
        {"type": "holds", "any_of": ["tables"]},
        {"type": "holds", "any_of": ["sums", "charts"]},
        {
            "type": "amount",
            "at_least": 12,
            "pool": {"achievements": ["tables", "charts", "sums"]},
            "shared": True,
        },
    ]
    target = make_achievement(slug="analysis", issuer=faculty(), kind=Achievement.Kind.CERTIFICATE)
    document = {"format": 1, "root": {"type": "all", "parts": parts}}
    draft = rulemaking.save_draft(achievement=target, document=document, author=make_rhea(), at=NOON)
    # The prover asks whether the sum adds anything.
    read = {each.key for each in rule_findings.proof(target, notation.from_json(draft.document), NOON)}
    rulemaking.publish(achievement=target, approver=make_ada(), at=NOON, confirmed=read)
    pathway = pathway_to(target, lena)
    issue_to(lena, Achievement.objects.get(slug="tables"))
    assert taken(asked(lena, "analysis")) == ["charts"]
    place = guidance.pathways_of(lena).get(pathway=pathway)
    rule = guidance.bound_rule(place, guidance.rules_in_force())
    assert rule is not None
    assert guidance.sheet_for(lena, rule, today(), slug="analysis").ways == ("Still needed: Charts.",)
    [standing] = guidance.standings_of(lena, today())
    assert (standing.ways, standing.next_keys) == (("Still needed: Charts.",), ("charts",))
    client = signed_in(lena)
    page = client.get(f"/me/pathways/{pathway.slug}/").content.decode()
    assert "Nothing extra" in page


# How good a plan is said to be


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("by", "said", "words"),
    [
        (
            "hours",
            {"hours": Decimal(104), "bound": Decimal(100)},
            "at most 4 % more than the least there can be. No plan takes fewer than 100 hours.",
        ),
        (
            "price",
            {"prices": {"EUR": Decimal("10.01")}, "bound": Decimal(10)},
            "at most 1 % more than the least there can be. No plan costs less than 10.",
        ),
        ("price", {"prices": {"EUR": Decimal(9)}, "bound": Decimal(0)}, "found so far. No plan costs less than 0."),
        (
            "date",
            {"finished_on": date(2026, 3, 2), "bound": date(2026, 3, 1)},
            "at most 1 day later than the soonest there can be. No plan ends before March 1, 2026.",
        ),
    ],
)
def test_a_plan_says_how_much_better_another_could_be(by: planner.By, said: dict[str, Any], words: str) -> None:
    plan = planner.Plan(by=by, on=date(2026, 1, 5), outcome="found", **said)
    assert Words(plan, {}, {}, {}).how_good().endswith(words)
