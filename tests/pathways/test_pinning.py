"""Choosing what counts where, and taking it back; what an award keeps of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from credentials.models import Achievement, Award
from pathways import enrolment, pinning
from pathways.models import Derivation, Pathway, PathwayEnrolment, Pin
from pathways.own_data import parcel
from pathways.queries import record_of
from portal.accounts import tokens
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_noor
from tests.college import NOON, decide_afresh, publish_rule
from tests.factories import issue_to, make_achievement

pytestmark = pytest.mark.django_db

RULE = {
    "type": "all",
    "id": "whole",
    "parts": [
        {"type": "holds", "id": "core", "any_of": ["tables", "charts"]},
        {"type": "count", "id": "free", "at_least": 1, "pool": {"achievements": ["tables", "charts", "sums"]}},
        {"type": "holds", "id": "last", "any_of": ["thesis"]},
    ],
}
CHOICES = "/me/pathways/into/choices/"
API = "/api/v1/me/pathways/into/pins/"


@pytest.fixture
def place() -> PathwayEnrolment:
    """Lena on the way to a certificate of three parts, with two awards that would each do for two of them."""
    lena = make_lena()
    for slug in ("tables", "charts", "sums", "thesis"):
        make_achievement(slug=slug, name=slug.title(), credits=Decimal(5))
    certificate = make_achievement(slug="analyst", name="Data analyst", kind=Achievement.Kind.CERTIFICATE)
    publish_rule(certificate, {"format": 1, "root": RULE})
    pathway = Pathway.objects.create(
        slug="into", issuer=certificate.issuer, target=certificate, title="Into analysis", state=Pathway.State.OPEN
    )
    enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)
    for slug in ("tables", "charts"):
        issue_to(lena, Achievement.objects.get(slug=slug))
    return PathwayEnrolment.objects.select_related("pathway__target", "learner").get()


def held(slug: str) -> str:
    return f"award:{Award.objects.get(achievement__slug=slug).uuid}"


def choose(place: PathwayEnrolment, slug: str, node: str, *, here: bool = True) -> Pin:
    return pinning.pin(place=place, node=node, holding=held(slug), here=here, at=NOON)


def finish(place: PathwayEnrolment) -> Derivation:
    """Award what is missing, and with it the certificate."""
    issue_to(place.learner, Achievement.objects.get(slug="thesis"))
    decide_afresh(place.learner)
    return Derivation.objects.get(award__achievement__slug="analyst")


def counted(derivation: Derivation) -> dict[str, list[str]]:
    return {node: [taken["holding"] for taken in part] for node, part in derivation.allocation.items()}


@pytest.mark.parametrize("slug", ["tables", "charts"])
def test_an_award_counts_where_its_learner_chose_and_keeps_that(place: PathwayEnrolment, slug: str) -> None:
    other = {"tables": "charts", "charts": "tables"}[slug]
    choose(place, slug, "free")
    derivation = finish(place)
    assert counted(derivation) == {"core": [held(other)], "free": [held(slug)], "last": [held("thesis")]}
    assert derivation.pins == [{"node": "free", "holding": held(slug), "here": True}]
    # Whatever becomes of the choice, the award was made by it.
    Pin.objects.all().delete()
    decide_afresh(place.learner)
    assert Derivation.objects.filter(award__achievement__slug="analyst").latest() == derivation


def test_what_was_chosen_holds_when_the_award_is_derived_again(place: PathwayEnrolment) -> None:
    issue_to(place.learner, Achievement.objects.get(slug="sums"))
    for node in ("core", "free"):
        choose(place, "tables", node, here=False)
    first = finish(place)
    assert counted(first) == {"core": [held("charts")], "free": [held("sums")], "last": [held("thesis")]}
    Pin.objects.all().delete()
    decide_afresh(place.learner)
    assert Derivation.objects.filter(award__achievement__slug="analyst").latest() == first
    Award.objects.filter(achievement__slug="charts").update(standing="revoked")
    decide_afresh(place.learner)
    again = Derivation.objects.filter(award__achievement__slug="analyst").latest()
    # Without "Charts" it costs something not to count "Tables" for the core; it still does not for the other part.
    assert counted(again) == {"core": [held("tables")], "free": [held("sums")], "last": [held("thesis")]}
    assert [each["node"] for each in again.pins] == ["free"]


def test_what_is_not_to_count_is_noted_and_can_be_taken_back(place: PathwayEnrolment) -> None:
    made = choose(place, "tables", "core", here=False)
    assert [each.node for each in record_of(place.learner).pins] == ["core"]
    pinning.unpin(place=place, pin=made, at=NOON)
    assert record_of(place.learner).pins == ()
    acts = AuditEntry.objects.filter(concerns=place.learner).values_list("act", flat=True)
    assert {"choose what counts", "take choice back"} <= set(acts)


def test_a_new_choice_ends_the_one_that_cannot_be_beside_it(place: PathwayEnrolment) -> None:
    choose(place, "tables", "core")
    choose(place, "tables", "free")
    choose(place, "charts", "free", here=False)
    assert [(each.node, each.here) for each in Pin.objects.all()] == [("free", False), ("free", True)]
    choose(place, "charts", "free")
    assert [(each.node, each.here) for each in Pin.objects.all()] == [("free", True), ("free", True)]


def test_the_effect_is_foreseen_and_nothing_written(place: PathwayEnrolment) -> None:
    asked = {"place": place, "node": "free", "at": NOON}
    effects = [pinning.foresee(**asked, holding=held(slug), here=True) for slug in ("tables", "charts")]
    # One of both counts there anyhow; the other changes places with it.
    assert sorted(len(each.moves) for each in effects) == [0, 2]
    assert not Pin.objects.exists()


def test_a_choice_that_sets_another_aside_says_so(place: PathwayEnrolment) -> None:
    choose(place, "tables", "core", here=False)
    effect = pinning.foresee(place=place, node="free", holding=held("charts"), here=True, at=NOON)
    assert effect.set_aside == 1


@pytest.mark.parametrize("node", ["last", "nowhere"])
@pytest.mark.parametrize("here", [True, False])
def test_what_cannot_count_there_cannot_be_chosen(place: PathwayEnrolment, node: str, here: bool) -> None:
    with pytest.raises(pinning.CannotCount):
        choose(place, "tables", node, here=here)
    with pytest.raises(pinning.CannotCount):
        pinning.pin(place=place, node="core", holding="award:\0", here=True, at=NOON)


def test_a_choice_by_which_more_would_be_missing_is_refused(place: PathwayEnrolment) -> None:
    Award.objects.filter(achievement__slug="charts").update(standing="suspended")
    issue_to(place.learner, Achievement.objects.get(slug="sums"))
    with pytest.raises(pinning.MoreWouldBeMissing):
        choose(place, "tables", "free")
    with pytest.raises(pinning.MoreWouldBeMissing):
        choose(place, "tables", "core", here=False)
    assert not Pin.objects.exists()


def test_after_the_award_nothing_is_chosen_or_taken_back(place: PathwayEnrolment) -> None:
    made = choose(place, "tables", "free")
    finish(place)
    with pytest.raises(pinning.EarnedAlready):
        choose(place, "charts", "free")
    with pytest.raises(pinning.EarnedAlready):
        pinning.unpin(place=place, pin=made, at=NOON)


def test_there_are_not_too_many_choices(place: PathwayEnrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinning, "MOST_PINS", 1)
    choose(place, "tables", "free")
    choose(place, "tables", "core")
    with pytest.raises(pinning.TooManyPins):
        choose(place, "charts", "free")


def test_what_was_chosen_is_among_what_a_learner_takes_away(place: PathwayEnrolment) -> None:
    choose(place, "tables", "free")
    [told] = parcel.record_of(place.learner)["choices"]
    assert (told["achievement"]["slug"], told["node"], told["holding"], told["here"]) == (
        "analyst",
        "free",
        held("tables"),
        True,
    )


# The pages


@pytest.fixture
def lena(client: Client, place: PathwayEnrolment) -> User:
    client.force_login(place.learner)
    return place.learner


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_the_page_shows_the_parts_with_a_choice_and_the_effect_before_anything_is_kept(
    client: Client, lena: User, django_assert_max_num_queries: Any
) -> None:
    client.get(CHOICES)
    with django_assert_max_num_queries(16):
        page = words(client.get(CHOICES))
    assert "Hold Tables or Charts" in page
    assert "Hold Thesis" not in page
    asked = {"node": "core", "holding": held("charts"), "counts": "here"}
    shown = words(client.get(CHOICES, asked))
    assert "If Charts counts here" in shown
    assert not Pin.objects.exists()
    assert client.post(CHOICES, asked).headers["Location"] == CHOICES
    assert "Followed" in words(client.get(CHOICES))
    assert "Your choice: “Charts” counts here: Hold Tables or Charts." in words(client.get("/me/pathways/into/"))
    client.post(f"{CHOICES}{Pin.objects.get().uuid}/back/")
    assert not Pin.objects.exists()


def test_a_part_that_shares_makes_no_choice_where_there_is_none(client: Client, lena: User) -> None:
    certificate = make_achievement(slug="sharing", kind=Achievement.Kind.CERTIFICATE)
    pool = {"achievements": ["tables", "charts", "sums", "thesis"]}
    parts = [
        {"type": "holds", "any_of": ["tables"]},
        {"type": "holds", "any_of": ["charts"]},
        {"type": "amount", "at_least": 15, "pool": pool, "shared": True},
    ]
    publish_rule(certificate, {"format": 1, "root": {"type": "all", "parts": parts}})
    pathway = Pathway.objects.create(
        slug="shared", issuer=certificate.issuer, target=certificate, title="Shared", state=Pathway.State.OPEN
    )
    enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)
    assert "There is nothing to choose" in words(client.get("/me/pathways/shared/choices/"))
    assert "Choose what counts where" not in words(client.get("/me/pathways/shared/"))


def test_a_refusal_is_shown_before_and_after(client: Client, lena: User) -> None:
    asked = {"node": "last", "holding": held("charts"), "counts": "here"}
    assert "there is nothing to choose" in words(client.get(CHOICES, asked))
    assert "there is nothing to choose" in words(client.post(CHOICES, asked), 422)
    assert client.post(CHOICES, {"node": "core"}).status_code == 422


def test_a_choice_that_would_cost_something_is_shown_as_set_aside(client: Client, lena: User, place: Any) -> None:
    choose(place, "charts", "free")
    Award.objects.filter(achievement__slug="tables").update(standing="suspended")
    Award.objects.filter(achievement__slug="charts").update(awarded_on=NOON.date() - timedelta(days=1))
    issue_to(lena, Achievement.objects.get(slug="sums"))
    assert "A choice of yours is set aside" in words(client.get("/me/pathways/into/"))
    assert "Set aside" in words(client.get(CHOICES))


def test_once_earned_the_page_says_that_it_is_decided(client: Client, lena: User, place: Any) -> None:
    choose(place, "charts", "free")
    finish(place)
    page = words(client.get(CHOICES))
    assert "what counted in it then stays" in page
    assert "Take back" not in page
    client.post(f"{CHOICES}{Pin.objects.get().uuid}/back/")
    assert Pin.objects.exists()


def test_a_stranger_chooses_nothing_of_somebody_else(client: Client, lena: User, place: PathwayEnrolment) -> None:
    made = choose(place, "charts", "free")
    noor = make_noor()
    client.force_login(noor)
    assert client.get(CHOICES).status_code == 404
    assert client.post(f"{CHOICES}{made.uuid}/back/").status_code == 404
    enrolment.start_pathway(learner=noor, pathway=place.pathway, at=NOON)
    asked = {"node": "core", "holding": held("charts"), "counts": "here"}
    assert client.post(CHOICES, asked).status_code == 422
    assert client.post(f"{CHOICES}{made.uuid}/back/").status_code == 404
    assert [each.learner for each in Pin.objects.all()] == [lena]


def test_programs_choose_and_take_back(place: PathwayEnrolment) -> None:
    def program(user: User) -> Client:
        return Client(headers={"Authorization": f"Bearer {tokens.make(user=user, name='test', at=NOON)[1]}"})

    def send(client: Client, body: dict[str, Any], key: str) -> Any:
        return client.post(API, body, content_type="application/json", headers={"Idempotency-Key": key})

    lena, asked = program(place.learner), {"node": "core", "holding": held("charts"), "here": True}
    answer = send(lena, asked, "one")
    assert answer.status_code == 201
    [pin] = answer.json()["pins"]
    assert (pin["node"], pin["heeded"]) == ("core", True)
    assert {each["node"] for each in lena.get(API).json()["parts"]} == {"core", "free"}
    assert send(lena, asked | {"node": "last"}, "two").status_code == 422
    noor = program(make_noor())
    assert (send(noor, asked, "three").status_code, noor.get(API).status_code) == (404, 404)
    assert noor.delete(f"{API}{pin['id']}/").status_code == 404
    assert lena.delete(f"{API}{pin['id']}/").status_code == 204
    assert not Pin.objects.exists()
