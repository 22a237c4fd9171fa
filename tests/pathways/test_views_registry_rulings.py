"""Tests the pages on which decisions about learners are made: what is shown first, and to whom they are closed."""

import pytest
from django.test import Client

from credentials.models import Achievement, IssuerRole
from pathways import enrolment, rulings, standing
from pathways.models import Pathway, Ruling, Signatory
from portal.accounts.models import User
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea, person
from tests.college import LATER, enter, holds_all, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def rhea() -> User:
    return make_rhea()


@pytest.fixture
def certificate(rhea: User) -> Achievement:
    """Of two badges; Lena has one of them."""
    faculty = make_issuer(registrar=rhea, slug="faculty")
    for slug in ("algebra", "geometry"):
        badge = make_achievement(slug=f"{slug}-badge", name=f"{slug.title()}", issuer=faculty)
        course = make_course(slug=slug, achievement=badge)
        exam = make_exam(course)
        publish_rule(badge, passed(f"{slug}/exam"))
        if slug == "algebra":
            enter(make_lena(), exam, 60)
    found = make_achievement(slug="mathematics", name="Mathematics", issuer=faculty)
    publish_rule(found, holds_all("algebra-badge", "geometry-badge"))
    return found


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def part(certificate: Achievement, place: int = 1) -> str:
    return certificate.rule_versions.get(state="published").document["root"]["parts"][place]["id"]


def second_registrar(certificate: Achievement) -> User:
    ria = person("ria@example.edu", "Ria Falk")
    IssuerRole.objects.create(user=ria, issuer=certificate.issuer, role="registrar")
    return ria


SAID = {"email": "LENA@example.org", "reason": "Taught it for ten years.", "valid_from": "2026-11-21"}


def test_an_exception_is_looked_at_then_proposed_then_approved_by_another(rhea: User, certificate: Achievement) -> None:
    client = logged_in(rhea)
    choose = client.get("/registry/achievements/mathematics/exception/")
    assert f"?node={part(certificate)}&amp;kind=waiver" in choose.text
    address = f"/registry/achievements/mathematics/exception/?node={part(certificate)}&kind=waiver"
    looked = client.post(address, SAID)
    assert "“Mathematics” is completed, and is awarded." in looked.text
    assert not Ruling.objects.exists()
    # Another exception than the one looked at is looked at anew.
    other = client.post(address, SAID | {"confirmed": looked.context["seen"], "valid_until": "2026-12-24"})
    assert other.status_code == 200
    assert not Ruling.objects.exists()
    done = client.post(address, SAID | {"confirmed": looked.context["seen"]})
    ruling = Ruling.objects.get()
    assert done.headers["Location"] == f"/registry/exceptions/{ruling.uuid}/"
    page = f"/registry/exceptions/{ruling.uuid}/"
    assert "1 exception waits" in client.get("/registry/").text
    assert "another registrar must approve it" in client.get(page).text
    assert client.post(f"{page}approve/").status_code == 403

    ria = logged_in(second_registrar(certificate))
    assert "What approving it brings about" in ria.get(page).text
    ria.post(f"{page}approve/")
    assert set(make_lena().awards.values_list("achievement__slug", flat=True)) == {"algebra-badge", "mathematics"}
    assert "“Mathematics” no longer stands, and is suspended." in ria.get(page).text
    assert ria.post(f"{page}withdraw/", {"reason": ""}).status_code == 422
    ria.post(f"{page}withdraw/", {"reason": "The papers were another's."})
    assert "Mathematics" in ria.get("/registry/reviews/").text
    assert "1 award fell by itself" in ria.get("/registry/").text


def test_what_an_exception_leaves_undone_is_said_before_it_is_proposed_and_approved(
    rhea: User, certificate: Achievement
) -> None:
    """A waiver of what Lena holds already awards nothing; she still lacks the other part."""
    client = logged_in(rhea)
    address = f"/registry/achievements/mathematics/exception/?node={part(certificate, 0)}&kind=waiver"
    looked = client.post(address, SAID)
    said = "“Mathematics” is not complete by it. Still needed: Geometry."
    assert "No award is touched today." in looked.text
    assert said in looked.text
    client.post(address, SAID | {"confirmed": looked.context["seen"]})
    ria = logged_in(second_registrar(certificate))
    assert said in ria.get(f"/registry/exceptions/{Ruling.objects.get().uuid}/").text
    enough = f"/registry/achievements/mathematics/exception/?node={part(certificate)}&kind=waiver"
    assert "is not complete by it" not in client.post(enough, SAID).text


@pytest.mark.parametrize("kind", ["substitution", "extra-choice", "changed-limit", "extension", "fact", "nonsense"])
def test_each_kind_is_offered_only_where_it_means_something(rhea: User, certificate: Achievement, kind: str) -> None:
    page = logged_in(rhea).get(f"/registry/achievements/mathematics/exception/?node={part(certificate)}&kind={kind}")
    assert ("form" in page.context and page.context.get("kind") == kind) == (kind == "substitution")


def test_what_cannot_be_proposed_says_why(rhea: User, certificate: Achievement) -> None:
    client = logged_in(rhea)
    address = f"/registry/achievements/mathematics/exception/?node={part(certificate)}&kind=substitution"
    page = client.post(address, SAID | {"key": "nothing"})
    assert (page.status_code, "called “nothing”" in page.text) == (422, True)
    page = client.post(address, SAID | {"key": "algebra-badge", "email": "nobody@example.org"})
    assert (page.status_code, "Nobody with this address" in page.text) == (422, True)
    page = client.post(address, SAID | {"key": "x\0y", "valid_from": "yesterday"})
    assert page.status_code == 422


def test_a_fact_is_attested_and_listed(rhea: User, certificate: Achievement, django_assert_max_num_queries) -> None:
    client = logged_in(rhea)
    said = SAID | {"issuer": certificate.issuer.pk, "name": "programme", "value": "law"}
    assert client.post("/registry/facts/", said | {"name": "prior.x"}).status_code == 422
    assert client.post("/registry/facts/", said).status_code == 302
    with django_assert_max_num_queries(16):
        page = client.get("/registry/exceptions/")
    assert "1 decision<" in page.text
    assert "0 decisions" in client.get("/registry/exceptions/?state=proposed&kind=waiver&q=%00nobody").text
    assert client.get("/registry/exceptions/?state=x&kind=y&page=-1").status_code == 200


def test_an_exception_without_a_part_left_says_that_it_no_longer_applies(rhea: User, certificate: Achievement) -> None:
    ruling = rulings.propose(
        learner=make_lena(),
        achievement=certificate,
        kind="waiver",
        node=part(certificate),
        terms={},
        reason="Taught it.",
        by=make_ada(),
        at=NOON,
        valid_from=NOON.date(),
    )
    rulings.approve(ruling=ruling, by=rhea, at=NOON)
    publish_rule(
        certificate, {"format": 1, "root": {"type": "holds", "id": "one", "any_of": ["algebra-badge"]}}, at=LATER
    )
    client = logged_in(rhea)
    assert "no longer applies" in client.get("/registry/exceptions/").text
    assert "No longer applies" in client.get(f"/registry/exceptions/{ruling.uuid}/").text


def test_a_sheet_shows_what_is_waived_why_and_by_whom(rhea: User, certificate: Achievement) -> None:
    lena = make_lena()

    pathway = Pathway.objects.create(
        slug="towards", issuer=certificate.issuer, target=certificate, state="open", title="Towards mathematics"
    )
    enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)
    ruling = rulings.propose(
        learner=lena,
        achievement=certificate,
        kind="waiver",
        node=part(certificate),
        terms={},
        reason="Taught it for ten years.",
        by=make_ada(),
        at=NOON,
        valid_from=NOON.date(),
    )
    rulings.approve(ruling=ruling, by=rhea, at=NOON)
    page = logged_in(lena).get("/me/pathways/towards/")
    assert "Waived" in page.text
    assert "Decided by Rhea Lindqvist: Taught it for ten years." in page.text


def test_strangers_find_nothing(rhea: User, certificate: Achievement) -> None:
    ruling = rulings.propose(
        learner=make_lena(),
        achievement=certificate,
        kind="waiver",
        node=part(certificate),
        terms={},
        reason="Taught it.",
        by=rhea,
        at=NOON,
        valid_from=NOON.date(),
    )
    otto = person("otto@example.edu", "Otto Berg")
    make_issuer(registrar=otto, slug="elsewhere")
    for user in (make_noor(), make_lena(), make_ivo(), otto):
        client = logged_in(user)
        assert client.get(f"/registry/exceptions/{ruling.uuid}/").status_code == 404
        assert client.post(f"/registry/exceptions/{ruling.uuid}/approve/").status_code == 404
        assert client.get("/registry/achievements/mathematics/exception/").status_code == 404
        assert client.get("/registry/sign-offs/").status_code == 404
        assert client.get("/registry/signatories/").status_code == 404
    assert "Lena" not in logged_in(otto).get("/registry/exceptions/").text
    assert "Lena" not in logged_in(otto).get("/registry/reviews/").text
    assert logged_in(make_noor()).get("/registry/reviews/").status_code == 404
    assert Ruling.objects.get().state == "proposed"


def test_who_has_the_role_signs_off_for_those_on_the_way(rhea: User) -> None:
    lena, noor, ivo, ada = make_lena(), make_noor(), make_ivo(), make_ada()
    thesis = make_achievement(slug="thesis", name="Thesis")
    publish_rule(thesis, {"format": 1, "root": {"type": "signed_off", "id": "viva", "role": "dean"}})
    course = make_course(slug="thesis-course", achievement=thesis)
    enrolment.enrol(learner=lena, course=course, at=NOON)
    admin = logged_in(ada)
    said = {"issuer": thesis.issuer.pk, "email": "ivo@example.edu", "role": "dean"}
    assert admin.post("/registry/signatories/", said | {"email": "no@example.edu"}).status_code == 422
    assert admin.post("/registry/signatories/", said).status_code == 302
    client = logged_in(ivo)
    desk = client.get("/registry/sign-offs/")
    assert "Sign off for Lena" in desk.text
    assert client.get(f"/registry/sign-offs/thesis/viva/{noor.uuid}/").status_code == 404
    address = f"/registry/sign-offs/thesis/viva/{lena.uuid}/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "Defended today."}).status_code == 302
    assert lena.awards.get().achievement == thesis
    assert "Nobody waits" in client.get("/registry/sign-offs/").text
    assert client.post(address, {"reason": "Again."}).status_code == 404
    admin.post(f"/registry/signatories/{Signatory.objects.get().pk}/dismiss/")
    assert client.get("/registry/sign-offs/").status_code == 404


def test_what_a_person_suspended_is_no_review(rhea: User, certificate: Achievement) -> None:
    award = make_lena().awards.get()
    standing.suspend(award=award, reason="under-review", public_note="", by=rhea, at=LATER)
    assert "No award waits" in logged_in(rhea).get("/registry/reviews/").text
