"""What credentials say beyond what every one of them must: each member where its source is, and nowhere else."""

import json

import pytest
from django.urls import reverse

from credentials import achievements, addresses, composition, revocation, sharing
from credentials.models import Award, Credential, StatusList
from credentials.rendering import certificate
from credentials.standards import open_badges
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.walked import finished, in_a_pdf, share
from tests.factories import NOON, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)


def body_of(achievement, **fields):
    award = Award(achievement=achievement, awarded_at=NOON, awarded_on=NOON.date(), **fields)
    credential = Credential(
        award=award,
        recipient_name="Lena",
        identity_salt="5a",
        status_list=StatusList(issuer=achievement.issuer, number=1),
        status_index=7,
        issued_at=NOON,
    )
    body = composition.body(credential, award, achievement, email="lena@example.org")
    assert open_badges.lint(body) == []
    return body


def test_an_issuer_says_who_it_is_elsewhere_who_signs_and_what_it_is_part_of():
    above = make_issuer(slug="college", name="College", url="")
    issuer = make_issuer(
        parent=above,
        locality="Ulm",
        official="Rhea Lindqvist",
        identifiers=["ext:ROR https://ror.org/02crff812", "sourcedId 12"],
        terms_url="https://faculty.example.edu/terms",
    )

    body = body_of(make_achievement(issuer=issuer))

    assert body["issuer"]["parentOrg"] == {
        "id": addresses.issuer_did(above),
        "type": ["Profile"],
        "name": "College",
        "url": addresses.issuer_url(above),
    }
    assert body["issuer"]["official"] == "Rhea Lindqvist"
    assert body["issuer"]["address"]["addressLocality"] == "Ulm"
    assert body["issuer"]["otherIdentifier"] == [
        {"type": "IdentifierEntry", "identifier": "https://ror.org/02crff812", "identifierType": "ext:ROR"},
        {"type": "IdentifierEntry", "identifier": "12", "identifierType": "sourcedId"},
    ]
    assert [each["id"] for each in body["termsOfUse"]] == ["https://faculty.example.edu/terms"]
    assert composition.statement_of(body).parent_issuer_name == "College"


def test_an_achievement_says_its_code_its_focus_and_what_it_translates():
    original = make_achievement(slug="weben", language="de", version=3)
    achievement = make_achievement(
        code="WEAV-1",
        specialization="Tapestry",
        identifiers=["ext:CIP 50.0712"],
        translation_of=original,
        tags=["loom"],
    )

    said = body_of(achievement)["credentialSubject"]["achievement"]

    assert (said["humanCode"], said["fieldOfStudy"], said["specialization"]) == ("WEAV-1", "Data", "Tapestry")
    assert said["otherIdentifier"][0]["identifier"] == "50.0712"
    assert said["related"] == [
        {"id": addresses.achievement_url(original), "type": ["Related"], "inLanguage": "de", "version": "3"}
    ]
    assert said["alignment"][-1]["targetType"] == "ceasn:Competency"
    assert (said["tag"], said["version"], said["inLanguage"]) == (["loom"], "1", "en")


def test_what_nobody_said_is_not_there():
    body = body_of(make_achievement())

    assert not {"official", "otherIdentifier", "parentOrg"} & set(body["issuer"])
    assert not {"humanCode", "specialization", "otherIdentifier", "related"} & set(
        body["credentialSubject"]["achievement"]
    )
    assert "termsOfUse" not in body


def test_every_credential_names_its_schema_and_where_its_newest_edition_is():
    body = body_of(make_achievement())

    assert body["@context"][2] == "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
    assert body["refreshService"] == {"id": f"{body['id']}/newest", "type": "1EdTechCredentialRefresh"}
    assert body["credentialSchema"][0]["type"] == "1EdTechJsonSchemaValidator2019"


def test_the_achievements_own_document_leads_to_its_older_form(client):
    achievement = make_achievement()

    said = client.get(f"/achievements/{achievement.slug}").json()

    assert said["related"] == [
        {"id": addresses.old_badge_class_url(achievement), "type": ["Related", composition.BADGE_CLASS]}
    ]


def test_the_newest_edition_is_given_while_it_is_shared(client):
    former = share(finished(issue_to(make_lena())))
    address = reverse("credential-newest", args=[former.uuid])
    assert client.get(address).content.decode() == former.document

    newer = finished(revocation.supersede(award=former.award, recipient_name="Lena Ōno", by=make_rhea(), at=NOON).award)
    sharing.withdraw(credential=newer, by=make_lena(), at=NOON)
    assert client.get(address).status_code == 404
    sharing.share(credential=newer, by=make_lena(), at=NOON)

    for each in (former, newer):
        response = client.get(reverse("credential-newest", args=[each.uuid]))
        assert (response.content.decode(), response["Content-Type"]) == (newer.document, "application/vc")
    private = finished(issue_to(make_noor()))
    assert client.get(reverse("credential-newest", args=[private.uuid])).status_code == 404
    assert json.loads(newer.document)["refreshService"]["id"] == newer.newest_url


@pytest.mark.parametrize("line", ["ROR 7", "ext:ROR", "", "ext: 7", "sourcedId"])
def test_a_line_that_is_no_identifier_is_refused(line):
    with pytest.raises(ValueError, match="is not a kind of identifier"):
        open_badges.identifier_of(line)


def test_a_translation_of_a_translation_is_refused():
    original = make_achievement()
    second = make_achievement(translation_of=original)
    third = make_achievement()

    for wrong in (second, third):
        with pytest.raises(achievements.ValidationError):
            achievements.edit_achievement(achievement=third, by=make_rhea(), at=NOON, translation_of=wrong)
    assert (
        achievements.edit_achievement(
            achievement=third, by=make_rhea(), at=NOON, translation_of=original
        ).translation_of
        == original
    )


@pytest.mark.parametrize(
    ("count", "words"), [(None, ""), (1.0, "1 ECTS credit"), (0.5, "0.5 ECTS credits"), (60.0, "60 ECTS credits")]
)
def test_paper_counts_credits_as_people_do(count, words):
    assert composition._credits_in_words(count, "en") == words
