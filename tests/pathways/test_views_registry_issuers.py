"""Tests issuers, roles and keys for their administrators, and the work of the site for the site's."""

import time

import pytest
from django.test import Client

from credentials.keys import keyring
from credentials.models import Issuer, IssuerRole, SigningKey
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_ada, make_lena, make_rhea, person
from tests.factories import NOON, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid() -> User:
    return person("astrid@example.edu", "Astrid Nakamura")


@pytest.fixture
def college(astrid: User) -> Issuer:
    issuer = make_issuer(slug="college", name="College", registrar=make_rhea())
    IssuerRole.objects.create(user=astrid, issuer=issuer, role=IssuerRole.Role.ADMINISTRATOR)
    keyring.make_missing(issuer, at=NOON)
    return issuer


@pytest.fixture
def key(college: Issuer) -> SigningKey:
    return keyring.active_key("credentials", college)


@pytest.fixture
def as_astrid(client: Client, astrid: User, college: Issuer) -> Client:
    """Signed in, and lately asked for the password."""
    client.force_login(astrid)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(astrid.pk)
    session.save()
    return client


@pytest.fixture
def strangers(college: Issuer) -> list[Client]:
    """An administrator elsewhere, a registrar here, and a learner."""
    elsewhere = person("otto@example.edu", "Otto Berg")
    IssuerRole.objects.create(user=elsewhere, issuer=make_issuer(), role=IssuerRole.Role.ADMINISTRATOR)
    clients = []
    for user in (elsewhere, make_rhea(), make_lena()):
        clients.append(Client())
        clients[-1].force_login(user)
    return clients


def said(issuer: Issuer, **changes: str) -> dict[str, str]:
    names = ("name", "description", "url", "email", "country_code", "region", "quality_assurance")
    return {name: getattr(issuer, name) for name in names} | changes


def test_an_issuer_is_shown_and_edited(as_astrid: Client, college: Issuer, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(18):
        page = as_astrid.get("/registry/issuers/college/")
    assert "did:web:" in page.text
    assert "Rhea Lindqvist" in page.text
    as_astrid.post("/registry/issuers/college/", said(college, name="The College"))
    college.refresh_from_db()
    assert college.name == "The College"


def test_bad_input_about_an_issuer_is_named_and_kept(as_astrid: Client, college: Issuer) -> None:
    page = as_astrid.post("/registry/issuers/college/", said(college, country_code="Germany", name="Kept words"))
    assert page.status_code == 422
    assert "Kept words" in page.text
    college.refresh_from_db()
    assert college.name == "College"


def test_an_issuer_is_made_below_one_that_is_administered(as_astrid: Client, college: Issuer) -> None:
    make_issuer(slug="foreign")
    sent = said(college, name="Faculty", slug="faculty", parent="foreign")
    assert as_astrid.post("/registry/issuers/new/", sent).status_code == 422
    assert as_astrid.post("/registry/issuers/new/", sent | {"parent": ""}).status_code == 422
    assert as_astrid.post("/registry/issuers/new/", sent | {"parent": "college", "slug": "college"}).status_code == 422
    assert as_astrid.post("/registry/issuers/new/", sent | {"parent": "college"}).status_code == 302
    assert Issuer.objects.get(slug="faculty").parent == college


def test_roles_are_granted_and_withdrawn(as_astrid: Client, college: Issuer) -> None:
    lena = make_lena()
    as_astrid.post("/registry/issuers/college/roles/", {"email": "LENA@example.org", "role": "registrar"})
    granted = IssuerRole.objects.get(user=lena)
    assert AuditEntry.objects.filter(act="grant role", concerns=lena).exists()
    as_astrid.post(f"/registry/issuers/college/roles/{granted.pk}/withdraw/")
    assert not IssuerRole.objects.filter(user=lena).exists()


@pytest.mark.parametrize("sent", [{"email": "nobody@example.org", "role": "registrar"}, {"email": "", "role": ""}])
def test_a_role_for_nobody_is_refused(as_astrid: Client, sent: dict[str, str]) -> None:
    before = IssuerRole.objects.count()
    assert as_astrid.post("/registry/issuers/college/roles/", sent).status_code == 422
    assert IssuerRole.objects.count() == before


def test_the_last_administrator_stays(as_astrid: Client, astrid: User, college: Issuer) -> None:
    own = IssuerRole.objects.get(user=astrid)
    page = as_astrid.post(f"/registry/issuers/college/roles/{own.pk}/withdraw/", follow=True)
    assert "last administrator" in page.text
    assert IssuerRole.objects.filter(pk=own.pk).exists()


def test_a_role_of_another_issuer_is_not_withdrawn_here(as_astrid: Client, college: Issuer) -> None:
    foreign = IssuerRole.objects.create(user=make_lena(), issuer=make_issuer(), role="registrar")
    assert as_astrid.post(f"/registry/issuers/college/roles/{foreign.pk}/withdraw/").status_code == 404


def test_replacing_a_key_promises_a_job(as_astrid: Client, key: SigningKey) -> None:
    address = f"/registry/issuers/college/keys/{key.uuid}/rotate/"
    assert "What will follow" in as_astrid.get(address).text
    as_astrid.post(address)
    assert Job.objects.filter(kind="credentials.rotate_key", subject_id=key.pk).exists()
    assert "being replaced" in as_astrid.get("/registry/issuers/college/").text
    outbox.run_all_due()
    key.refresh_from_db()
    assert key.state == SigningKey.State.RETIRED


def test_giving_a_key_up_says_how_many_credentials_fall(as_astrid: Client, college: Issuer, key: SigningKey) -> None:
    issue_to(make_lena(), make_achievement(issuer=college))
    outbox.run_due()
    address = f"/registry/issuers/college/keys/{key.uuid}/compromised/"
    assert "1 credential that it signed no longer verifies" in as_astrid.get(address).text
    assert as_astrid.post(address, {"reason": ""}).status_code == 422
    as_astrid.post(address, {"reason": "The disk was stolen."})
    key.refresh_from_db()
    assert key.state == SigningKey.State.COMPROMISED
    shown = as_astrid.get("/registry/issuers/college/").text
    assert "1 credential still to be issued anew" in shown
    assert "gave a key up" in shown and "(The disk was stolen.)" in shown
    assert as_astrid.post(address, {"reason": "Again"}).status_code == 422


def test_a_key_that_signed_no_credential_is_given_up_by_words_of_its_own(
    as_astrid: Client, college: Issuer, key: SigningKey
) -> None:
    status = keyring.active_key("status", college)
    waiting = SigningKey.objects.get(issuer=college, purpose="credentials", state="next")
    for each, words in ((status, "are signed anew by a worker"), (waiting, "It has signed nothing yet")):
        shown = as_astrid.get(f"/registry/issuers/college/keys/{each.uuid}/compromised/").text
        assert words in shown and "credentials that it signed" not in shown


def test_keys_ask_for_the_password_first(client: Client, astrid: User, key: SigningKey) -> None:
    client.force_login(astrid)
    for act in ("rotate", "compromised"):
        answer = client.post(f"/registry/issuers/college/keys/{key.uuid}/{act}/", {"reason": "Mine"})
        assert answer.status_code == 302
        assert "/accounts/reauthenticate/" in answer["Location"]
    key.refresh_from_db()
    assert key.state == SigningKey.State.ACTIVE
    assert not Job.objects.filter(kind="credentials.rotate_key").exists()


def test_a_key_of_another_issuer_is_not_found(as_astrid: Client, key: SigningKey) -> None:
    foreign = make_issuer(slug="foreign")
    keyring.make_missing(foreign, at=NOON)
    other = keyring.active_key("credentials", foreign)
    for slug in ("college", "foreign"):
        assert as_astrid.post(f"/registry/issuers/{slug}/keys/{other.uuid}/rotate/").status_code == 404


def test_strangers_find_no_issuer_to_administer(strangers: list[Client], college: Issuer, key: SigningKey) -> None:
    role = IssuerRole.objects.filter(issuer=college).first()
    for who in strangers:
        assert who.get("/registry/issuers/college/").status_code == 404
        assert who.post("/registry/issuers/college/", said(college, name="Mine")).status_code == 404
        assert who.post("/registry/issuers/college/roles/", {"email": "x@y.zz", "role": "registrar"}).status_code == 404
        assert who.post(f"/registry/issuers/college/roles/{role.pk}/withdraw/").status_code == 404
        for act in ("rotate", "compromised"):
            assert who.get(f"/registry/issuers/college/keys/{key.uuid}/{act}/").status_code == 404
            assert who.post(f"/registry/issuers/college/keys/{key.uuid}/{act}/").status_code == 404
    assert strangers[1].get("/registry/issuers/new/").status_code == 404
    assert Client().get("/registry/issuers/college/").status_code == 302
    college.refresh_from_db()
    assert college.name == "College"


# The work of the site


@pytest.fixture
def as_ada(client: Client) -> Client:
    client.force_login(make_ada())
    return client


@pytest.fixture
def stuck() -> Job:
    return Job.objects.create(
        kind="credentials.render_pdf", subject_id=7, queue="render", state="quarantined", attempts=8, last_error="Torn"
    )


def test_the_work_of_the_site_is_shown_and_a_job_tried_again(
    as_ada: Client, stuck: Job, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(18):
        page = as_ada.get("/operations/")
    assert "Torn" in page.text
    assert as_ada.get("/operations/?state=pending").status_code == 200
    assert as_ada.get("/operations/?state=nonsense&page=x").status_code == 200
    as_ada.post(f"/operations/jobs/{stuck.pk}/retry/")
    stuck.refresh_from_db()
    assert (stuck.state, stuck.attempts) == ("pending", 0)
    assert AuditEntry.objects.get(act="retry job").actor == make_ada()
    again = as_ada.post(f"/operations/jobs/{stuck.pk}/retry/", follow=True)
    assert "not set aside any more" in again.text


def test_the_doctor_is_asked_only_when_somebody_wants_to_know(as_ada: Client) -> None:
    assert "What the doctor finds" in as_ada.get("/operations/?look=1").text


def test_the_work_of_the_site_is_for_its_administrators(strangers: list[Client], as_astrid: Client, stuck: Job) -> None:
    for who in (*strangers, as_astrid):
        assert who.get("/operations/").status_code == 404
        assert who.post(f"/operations/jobs/{stuck.pk}/retry/").status_code == 404
    assert Client().get("/operations/").status_code == 302
    stuck.refresh_from_db()
    assert stuck.state == "quarantined"
