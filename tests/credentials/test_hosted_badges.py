"""Badges of Open Badges 2.0: at their addresses while they are shared, gone when they count no more, read by our own
reader as a stranger's."""

import json
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from credentials import addresses, hosted_badges, revocation, sharing, trust, verification
from credentials.rendering import certificate
from credentials.standards import baking, identity_hash
from credentials.verification import State, Verdict, foreign
from portal.shared import outbound
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.walked import finished, in_a_pdf, share
from tests.factories import NOON, issue_to, make_achievement, make_issuer
from tests.portal import foreign_site

pytestmark = pytest.mark.django_db

OURS = "https://learn.example.edu"
NAMES = ("learn.example.edu",)


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch, settings):
    settings.SITE_URL = OURS
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)


@pytest.fixture
def shared():
    issuer = make_issuer(email="", parent=make_issuer(email="top@example.edu"))
    return share(finished(issue_to(make_lena(), make_achievement(issuer=issuer, validity_months=12))))


def path_of(url: str) -> str:
    return url.removeprefix(OURS)


def assertion_at(client, credential, status=200):
    response = client.get(path_of(addresses.old_assertion_url(credential)))
    assert response.status_code == status
    return response.json()


def test_an_assertion_leads_to_its_badge_class_and_that_to_its_issuer(client, shared):
    assertion = assertion_at(client, shared)
    badge = client.get(path_of(assertion["badge"])).json()
    issuer = client.get(path_of(badge["issuer"])).json()

    assert assertion["type"] == "Assertion"
    assert assertion["@context"] == badge["@context"] == issuer["@context"] == "https://w3id.org/openbadges/v2"
    assert assertion["id"] == f"{OURS}/ob2/assertions/{shared.uuid}"
    assert (assertion["verification"], assertion["issuedOn"]) == ({"type": "hosted"}, "2026-11-21T12:00:00Z")
    assert assertion["expires"] == json.loads(shared.document)["validUntil"]
    recipient = assertion["recipient"]
    assert (recipient["type"], recipient["hashed"]) == ("email", True)
    assert identity_hash.is_hash_of(recipient["identity"], "lena@example.org", recipient["salt"])
    assert "Lena" not in json.dumps(assertion)
    achievement = shared.award.achievement
    assert (badge["type"], badge["name"]) == ("BadgeClass", achievement.name)
    assert badge["criteria"]["narrative"] == achievement.criteria
    assert badge["alignment"][0]["targetName"] == "Reads a table"
    assert badge["related"][0]["id"] == addresses.achievement_url(achievement)
    assert (issuer["type"], issuer["id"], issuer["email"]) == ("Issuer", badge["issuer"], "top@example.edu")


def test_programs_of_any_site_read_them_and_people_are_sent_on(client, shared):
    response = client.get(f"/ob2/assertions/{shared.uuid}")
    assert (response["Content-Type"], response["Access-Control-Allow-Origin"]) == ("application/json", "*")
    pages = {
        f"/ob2/assertions/{shared.uuid}": reverse("credential", args=[shared.code]),
        f"/ob2/badges/{shared.award.achievement.slug}": reverse("achievement", args=[shared.award.achievement.slug]),
        f"/ob2/issuers/{shared.issuer.slug}": reverse("issuer", args=[shared.issuer.slug]),
    }
    for path, page in pages.items():
        assert client.get(path, headers={"Accept": "text/html"}).url == page
        linked = client.get(path, headers={"Accept": "application/ld+json"})
        assert linked["Content-Type"] == "application/ld+json"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (revocation.revoke, "The issuer revoked it. Issued in error."),
        (revocation.suspend, "The issuer suspended it for the time being. Issued in error."),
    ],
)
def test_what_counts_no_more_is_gone_and_says_why(client, shared, act, said):
    act(award=shared.award, reason="issued-in-error", by=make_rhea(), at=NOON)

    assert assertion_at(client, shared, 410) == {
        "@context": "https://w3id.org/openbadges/v2",
        "id": addresses.old_assertion_url(shared),
        "type": "Assertion",
        "revoked": True,
        "revocationReason": said,
    }


def test_what_was_replaced_or_reinstated_is_told_as_it_stands(client, shared):
    revocation.suspend(award=shared.award, reason="under-review", by=make_rhea(), at=NOON)
    revocation.reinstate(award=shared.award, by=make_rhea(), at=NOON)
    assert "revoked" not in assertion_at(client, shared)

    revocation.supersede(award=shared.award, recipient_name="Lena Ōno", by=make_rhea(), at=NOON)
    assert assertion_at(client, shared, 410)["revocationReason"].startswith("It was replaced by a newer one.")


def test_what_is_not_shared_is_not_there_and_never_gone(client, shared):
    """410 would tell a reader of hosted badges that it was revoked."""
    other = finished(issue_to(make_noor()))
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON)

    for credential in (shared, other):
        for ending in ("", "/badge.png", "/badge.svg"):
            assert client.get(f"/ob2/assertions/{credential.uuid}{ending}").status_code == 404
    client.force_login(make_lena())
    assert client.get(f"/ob2/assertions/{shared.uuid}").status_code == 200


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_badges_are_baked_with_the_address_and_lead_back_to_the_credential(client, shared, kind):
    response = client.get(f"/ob2/assertions/{shared.uuid}/badge.{kind}")

    baked = baking.unbake(response.content)
    assert baked == baking.Baked(baking.Standard.OPEN_BADGES_2, addresses.old_assertion_url(shared))
    report = verification.verify(response.content, at=NOON)
    assert (report.verdict, report.credential) == (Verdict.VALID, shared)


def test_a_copy_of_an_assertion_is_judged_by_the_credential_and_a_changed_one_is_found_out(client, shared):
    assertion = assertion_at(client, shared)

    assert verification.verify(json.dumps(assertion), at=NOON).verdict is Verdict.VALID
    assert verification.verify(assertion["id"], at=NOON).verdict is Verdict.VALID
    changed = assertion | {"issuedOn": "2020-01-01T00:00:00Z"}
    assert verification.verify(json.dumps(changed), at=NOON).verdict is Verdict.ALTERED
    sharing.withdraw(credential=shared, by=make_lena(), at=NOON)
    assert verification.verify(json.dumps(assertion), at=NOON).verdict is Verdict.WITHDRAWN


def test_the_pages_lead_to_the_old_form_and_the_did_document_names_the_old_issuer(client, shared):
    page = client.get(reverse("credential", args=[shared.code])).content.decode()

    for name in ("ob2-assertion", "ob2-png", "ob2-svg"):
        assert reverse(name, args=[shared.uuid]) in page
    did = client.get(reverse("issuer-did", args=[shared.issuer.slug])).json()
    assert addresses.old_issuer_url(shared.issuer) in did["alsoKnownAs"]


# --- our own reader of the older standard, as a stranger to us ----------------------------------------------------


@pytest.fixture
def elsewhere(shared, tmp_path, settings, monkeypatch):
    """The same site as it looks from another: its documents are asked for over the network."""
    with foreign_site.running(tmp_path, NAMES) as site:
        settings.FETCH = True
        monkeypatch.setattr(outbound, "_way_out", site.way(NAMES))
        foreign.forget()
        assertion = hosted_badges.assertion_of(shared)
        achievement = shared.award.achievement
        documents = [assertion, hosted_badges.badge_class_of(achievement), hosted_badges.profile_of(achievement.issuer)]
        for document in documents:
            site.serve(path_of(document["id"]), json.dumps(document))
        settings.SITE_URL = "https://other.example"
        trust.trust_issuer(
            identifier=documents[2]["id"], name="Learn", scope="All.", since=date(2020, 1, 1), by=make_rhea(), at=NOON
        )
        yield site, assertion
        foreign.forget()


def test_our_own_reader_accepts_them(elsewhere):
    _site, assertion = elsewhere

    for given in (json.dumps(assertion), assertion["id"]):
        report = verification.verify(given, at=NOON, name_typed="lena@example.org", seconds=10)

        assert report.verdict is Verdict.VALID
        assert {report.check(name).state for name in ("format", "signature", "key", "status", "name")} == {State.PASSED}


def test_our_own_reader_sees_that_it_is_gone(elsewhere):
    site, assertion = elsewhere
    site.serve(path_of(assertion["id"]), "{}", status=410)

    report = verification.verify(json.dumps(assertion), at=datetime.now(UTC), seconds=10)

    assert report.verdict is Verdict.REVOKED
