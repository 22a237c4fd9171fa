"""Tests who sees how a credential was derived, and that an outsider can follow it with what the site hands out."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from credentials import revocation, sharing
from credentials.models import Achievement, Award, Credential
from credentials.rendering import certificate
from pathways.rules.receipt import commitment
from portal.shared import outbox
from tests.cast import make_lena, make_noor, make_rhea
from tests.college import enter, holds_all, make_course, make_exam, passed, publish_rule
from tests.credentials.walked import in_a_pdf, issued, share
from tests.factories import credential_of, make_achievement, make_issuer
from tests.tools.replaying import as_program, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_printer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "render", in_a_pdf)


@pytest.fixture
def stack() -> dict[str, Credential]:
    """Lena's two badges and the certificate that stands on them; the certificate is shared."""
    lena, now = make_lena(), timezone.now()
    issuer = make_issuer(registrar=make_rhea())
    exams = []
    for slug in ("algebra", "geometry"):
        course = make_course(
            slug=slug, achievement=make_achievement(slug=f"{slug}-badge", name=slug.title(), issuer=issuer)
        )
        exams.append(make_exam(course))
        publish_rule(course.achievement, passed(exams[-1].key))
    both = make_achievement(slug="mathematics", name="Mathematics", issuer=issuer, kind=Achievement.Kind.CERTIFICATE)
    publish_rule(both, holds_all("algebra-badge", "geometry-badge"))
    for exam in exams:
        enter(lena, exam, 60, at=now)
    outbox.run_all_due()
    made = {award.achievement.slug: credential_of(award) for award in Award.objects.filter(learner=lena)}
    share(made["mathematics"])
    return made


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def addresses(credential: Credential) -> list[str]:
    return [f"/c/{credential.code}/{name}" for name in ("derivation.json", "derived/", "openings.json")]


def test_the_receipt_is_the_file_that_the_credential_vouches_for(client: Client, stack: dict[str, Credential]) -> None:
    credential = stack["mathematics"]
    [related] = json.loads(credential.document)["relatedResource"]
    by_code, by_id = client.get(f"/c/{credential.code}/derivation.json"), client.get(f"{credential.derivation_url}")
    digest = base64.b64encode(hashlib.sha256(by_code.content).digest()).decode()
    assert related == {
        "id": credential.derivation_url,
        "mediaType": "application/json",
        "digestSRI": f"sha256-{digest}",
    }
    assert by_id.content == by_code.content
    assert by_code["Content-Type"] == "application/json"


def test_who_has_the_receipt_already_is_told_so(
    client: Client, stack: dict[str, Credential], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = addresses(stack["mathematics"])[0]
    first = client.get(path)
    assert first["Cache-Control"] == "no-cache"
    with django_assert_num_queries(3):
        again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_strangers_see_nothing_of_what_is_not_shared(client: Client, stack: dict[str, Credential]) -> None:
    for visitor in (client, signed_in(make_noor())):
        assert [visitor.get(path).status_code for path in addresses(stack["algebra-badge"])] == [404] * 3
    for insider in (signed_in(make_lena()), signed_in(make_rhea())):
        assert [insider.get(path).status_code for path in addresses(stack["algebra-badge"])] == [200] * 3


def test_what_its_holder_took_back_is_gone(client: Client, stack: dict[str, Credential]) -> None:
    sharing.withdraw(credential=stack["mathematics"], by=make_lena(), at=timezone.now())
    assert [client.get(path).status_code for path in addresses(stack["mathematics"])] == [410] * 3


def test_a_code_that_there_is_not_leads_nowhere(client: Client) -> None:
    for code in ("0" * 26, "nonsense"):
        assert [client.get(f"/c/{code}/{name}").status_code for name in ("derived/", "openings.json")] == [404] * 2


def test_what_a_person_decided_has_no_receipt(client: Client) -> None:
    credential = share(issued())
    assert "relatedResource" not in json.loads(credential.body)
    assert [client.get(path).status_code for path in addresses(credential)] == [404] * 3
    assert b"derivation.json" not in client.get(f"/c/{credential.code}/").content


def test_the_page_of_the_credential_leads_to_it(client: Client, stack: dict[str, Credential]) -> None:
    page = client.get(f"/c/{stack['mathematics'].code}/").content.decode()
    assert all(path in page for path in addresses(stack["mathematics"])[:2])


def test_the_page_says_the_rule_with_what_counted(
    client: Client, stack: dict[str, Credential], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        page = client.get(addresses(stack["mathematics"])[1]).content.decode()
    assert "All of these" in page
    assert all(stack[f"{slug}-badge"].document_url in page for slug in ("algebra", "geometry"))
    assert hashlib.sha256(stack["mathematics"].derivation.encode()).hexdigest() in page


def test_a_result_that_is_no_credential_is_shown_sealed(client: Client, stack: dict[str, Credential]) -> None:
    page = client.get(addresses(share(stack["algebra-badge"]))[1]).content.decode()
    assert "A result of the holder, sealed" in page
    assert "60" not in page.split("<main", 1)[1].split("SHA-256")[0]


def test_strangers_are_given_the_openings_of_shared_parts_only(client: Client, stack: dict[str, Credential]) -> None:
    path = addresses(stack["mathematics"])[2]
    assert client.get(path).json()["holdings"] == {}
    share(stack["algebra-badge"])
    [(ref, opening)] = client.get(path).json()["holdings"].items()
    assert opening["holding"]["key"] == "algebra-badge"
    assert json.loads(stack["mathematics"].derivation)["holdings"][ref]["sha256"] == commitment(opening)
    assert len(signed_in(make_lena()).get(path).json()["holdings"]) == 2


def test_the_openings_are_kept_by_no_cache(
    client: Client, stack: dict[str, Credential], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):
        answer = client.get(addresses(stack["mathematics"])[2])
    assert "no-store" in answer["Cache-Control"]


def test_a_corrected_name_keeps_the_receipt(client: Client, stack: dict[str, Credential]) -> None:
    old = stack["mathematics"]
    revocation.supersede(award=old.award, recipient_name="Lena Ōno", by=make_rhea(), at=timezone.now())
    outbox.run_all_due()
    new = share(credential_of(old.award))
    assert client.get(addresses(new)[0]).content.decode() == old.derivation
    [related] = json.loads(new.document)["relatedResource"]
    assert related["id"] == new.derivation_url


def test_an_outsider_replays_the_decision_from_what_the_site_hands_out(
    client: Client, stack: dict[str, Credential], tmp_path: Path
) -> None:
    share(stack["algebra-badge"])
    share(stack["geometry-badge"])
    credential = stack["mathematics"]
    receipt = client.get(f"/c/{credential.code}/derivation.json").content.decode()
    found = [written(tmp_path, "derivation.json", receipt)]
    openings = client.get(f"/c/{credential.code}/openings.json").content.decode()
    found += ["--openings", written(tmp_path, "openings.json", openings)]
    document = client.get(credential.document_url, headers={"accept": "application/vc"}).content.decode()
    found += ["--credential", written(tmp_path, "credential.json", document)]
    for place, sealed in enumerate(json.loads(receipt)["holdings"].values()):
        part = client.get(sealed["credential"]["id"], headers={"accept": "application/vc"}).content.decode()
        found += ["--part", written(tmp_path, f"part-{place}.json", part)]
    listed = client.get(json.loads(document)["credentialStatus"]["statusListCredential"]).content.decode()
    found += ["--status-list", written(tmp_path, "list.json", listed)]

    assert as_program(*found) == (0, {"verdict": "agrees", "wrong": [], "missing": [], "trusted": []})

    part = stack["algebra-badge"]
    revocation.revoke(award=part.award, reason="misconduct", by=make_rhea(), at=timezone.now())
    outbox.run_all_due()
    listed = client.get(json.loads(document)["credentialStatus"]["statusListCredential"]).content.decode()
    written(tmp_path, "list.json", listed)
    status, told = as_program(*found)
    assert (status, told["verdict"]) == (1, "does not agree")
