"""The API of Open Badges 3.0: what another host reads and hands in, held against the published OpenAPI."""

import json
import re
from datetime import timedelta

import jsonschema
import pytest
from django.urls import reverse

from credentials.exchange import held
from credentials.models import Award, Claim, Credential, LearnerRecord
from credentials.standards import schemas
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_noor
from tests.credentials.exchange.host import ADD, CHANGE, PROFILE, READ, RECORDS, Host, connected
from tests.credentials.foreigner import Foreigner
from tests.factories import NOON, credential_of, issue_to

pytestmark = pytest.mark.django_db
PUBLISHED = json.loads((schemas.FOLDER / "ob3/openapi.json").read_text())
LINK = "http://localhost:8000/ims/ob/v3p0/credentials"


def fits(answer, name: str) -> bool:
    """Whether the answer is of this published type."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": PUBLISHED["components"]}
    jsonschema.Draft7Validator(schema).validate(answer.json())
    return True


def logged(learner: User, minutes: int) -> Credential:
    """One that looks as if it had come into the log then; what it says is all that counts here."""
    made = credential_of(issue_to(learner))
    made.state, made.document, made.logged_at = Credential.State.LOGGED, made.body, NOON + timedelta(minutes=minutes)
    made.save()
    return made


def links(answer) -> dict[str, str]:
    found = (each.split("; ") for each in answer["Link"].split(", "))
    return {relation[5:-1]: address[1:-1] for address, relation in found}


def badge(**changes) -> dict:
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "https://elsewhere.example/badges/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Knots",
        "issuer": {"id": "", "type": ["Profile"], "name": "Harbour school"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "identityHash": "lena@example.org",
                    "identityType": "emailAddress",
                    "hashed": False,
                }
            ],
            "achievement": {
                "id": "https://elsewhere.example/achievements/1",
                "type": ["Achievement"],
                "name": "Knots",
                "description": "Ties knots.",
                "criteria": {"narrative": "Tied ten knots."},
            },
        },
    } | changes


@pytest.fixture
def foreigner() -> Foreigner:
    return Foreigner()


# --- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_a_host_reads_what_the_learner_holds_letter_by_letter(signed):
    lena = signed.award.learner
    issue_to(lena)
    issue_to(make_noor())
    answer = connected(lena, READ).get("credentials")
    assert (answer.status_code, answer["X-Total-Count"]) == (200, "1")
    assert {"Link", "X-Total-Count"} <= set(answer["Access-Control-Expose-Headers"].split(", "))
    assert fits(answer, "GetOpenBadgeCredentialsResponse")
    assert signed.document in answer.content.decode()
    assert answer.json()["compactJwsString"] == []
    assert answer["Cache-Control"] == "no-store"


def test_pages_lead_from_one_to_the_next(django_assert_num_queries):
    lena = make_lena()
    made = [logged(lena, place) for place in range(5)]
    host = connected(lena, READ)
    seen, page = [], host.get("credentials", limit=2)
    assert links(page)["last"] == f"{LINK}?limit=2&offset=4"
    while True:
        seen += [each["id"] for each in page.json()["credential"]]
        if "next" not in links(page):
            break
        page = host.client.get(links(page)["next"], headers={"Authorization": f"Bearer {host.access}"})
    assert seen == [each.document_url for each in made]
    assert set(links(page)) == {"first", "last", "prev"}
    beyond = host.get("credentials", limit=2, offset=100)
    assert (beyond.json()["credential"], beyond["X-Total-Count"]) == ([], "5")
    since = host.get("credentials", since=(NOON + timedelta(minutes=2)).isoformat(), limit=1)
    assert since["X-Total-Count"] == "2"
    assert "since=" in links(since)["next"]
    with django_assert_num_queries(3):
        held.page_of(lena, since=None, offset=0, limit=100)


@pytest.mark.one_database
def test_a_query_that_cannot_be_read_is_told():
    host = connected(make_lena(), READ)
    for query in ({"limit": "0"}, {"limit": "x"}, {"offset": "-1"}, {"since": "yesterday"}, {"limit": "²"}):
        answer = host.get("credentials", **query)
        assert answer.status_code == 400
        assert fits(answer, "Imsx_StatusInfo")
        [field] = answer.json()["imsx_codeMinor"]["imsx_codeMinorField"]
        assert field["imsx_codeMinorFieldValue"] == "invalid_query_parameter"


@pytest.mark.one_database
def test_what_was_revoked_stays_and_what_was_replaced_goes():
    lena = make_lena()
    first, second = logged(lena, 1), logged(lena, 2)
    Award.objects.filter(pk=first.award_id).update(standing=Award.Standing.REVOKED)
    Credential.objects.filter(pk=second.pk).update(superseded_by=second.pk)
    answer = connected(lena, READ).get("credentials")
    assert [each["id"] for each in answer.json()["credential"]] == [first.document_url]


@pytest.mark.one_database
def test_without_a_token_or_its_scope_nothing_is_said():
    host = Host()
    for answer in (
        host.get("credentials"),
        host.post("credentials", "{}"),
        host.get("profile"),
        host.put("profile", {}),
    ):
        assert (answer.status_code, fits(answer, "Imsx_StatusInfo")) == (401, True)
        assert answer["WWW-Authenticate"].startswith("Bearer")
    host = connected(make_lena(), PROFILE)
    for answer in (host.get("credentials"), host.post("credentials", "{}"), host.put("profile", {})):
        assert (answer.status_code, fits(answer, "Imsx_StatusInfo")) == (403, True)
        assert "insufficient_scope" in answer["WWW-Authenticate"]
    away = host.client.delete("/ims/ob/v3p0/profile", headers={"Authorization": f"Bearer {host.access}"})
    assert (away.status_code, away["Allow"], fits(away, "Imsx_StatusInfo")) == (405, "GET, PUT", True)


@pytest.mark.one_database
def test_a_host_reads_the_records_that_the_learner_had_made(credential, django_assert_num_queries):
    lena, others = credential.award.learner, {"language": "en", "asked_at": NOON, "recipient_name": "Lena"}
    for place, owner in enumerate((lena, lena, make_noor())):
        LearnerRecord.objects.create(
            learner=owner,
            issuer=credential.issuer,
            content_sha256=str(place),
            state="signed",
            document=f'{{"id":"record {place}",  "name": "Ō"}}',
            signed_at=NOON + timedelta(minutes=place),
            **others,
        )
    LearnerRecord.objects.create(learner=lena, issuer=credential.issuer, content_sha256="being made", **others)
    host = connected(lena, RECORDS, READ, scope=f"{RECORDS} {READ}")
    answer = host.client.get("/ims/clr/v2p0/credentials?limit=1", headers={"Authorization": f"Bearer {host.access}"})
    assert answer.content.decode() == '{"credential":[{"id":"record 0",  "name": "Ō"}],"compactJwsString":[]}'
    assert (answer["X-Total-Count"], "next" in links(answer)) == ("2", True)
    with django_assert_num_queries(2):
        assert held.records_of(lena, since=NOON, offset=0, limit=9).total == 1
    only_badges = connected(lena, READ)
    asked = {"Authorization": f"Bearer {only_badges.access}"}
    assert only_badges.client.get("/ims/clr/v2p0/credentials", headers=asked).status_code == 403


# --- handing in ---------------------------------------------------------------------------------------------------


def test_a_host_hands_in_a_badge_which_is_checked_kept_and_given_out_unaltered(foreigner):
    lena = make_lena()
    host = connected(lena, ADD, READ)
    document = foreigner.sign(badge(issuer={"id": foreigner.did, "type": ["Profile"], "name": "Harbour school"}))
    text = json.dumps(document, indent=1)
    answer = host.post("credentials", text)
    assert (answer.status_code, answer.content.decode()) == (201, text)
    assert fits(answer, "AchievementCredential")
    assert host.get("credentials")["X-Total-Count"] == "0"
    outbox.run_all_due()
    claim = Claim.objects.get(learner=lena)
    assert (claim.achievement, claim.is_signed) == ("Knots", True)
    listed = host.get("credentials")
    assert listed["X-Total-Count"] == "1"
    assert text in listed.content.decode()
    assert host.post("credentials", text).status_code == 304
    newer = foreigner.sign(
        badge(
            issuer={"id": foreigner.did, "type": ["Profile"], "name": "Harbour school"},
            validFrom="2026-02-01T00:00:00Z",
        )
    )
    for forged in (newer | {"name": "Better knots"}, newer):
        assert host.post("credentials", json.dumps(forged)).status_code == 200
        # Nothing takes the place of what is good before it was found to be so itself.
        assert text in host.get("credentials").content.decode()
        outbox.run_all_due()
    [only] = host.get("credentials").json()["credential"]
    assert only["validFrom"] == "2026-02-01T00:00:00Z"


@pytest.mark.one_database
def test_an_edition_that_comes_before_the_first_was_checked_replaces_it(foreigner):
    host = connected(make_lena(), ADD, READ)
    told = {"issuer": {"id": foreigner.did, "type": ["Profile"], "name": "Harbour school"}}
    first, second = (foreigner.sign(badge(**told, validFrom=f"2026-02-0{day}T00:00:00Z")) for day in (1, 2))
    assert [host.post("credentials", json.dumps(each)).status_code for each in (first, first, second)] == [
        201,
        304,
        200,
    ]
    outbox.run_all_due()
    assert host.get("credentials").json()["credential"] == [second]


@pytest.mark.one_database
def test_a_badge_as_a_token_goes_its_own_way(foreigner):
    host = connected(make_lena(), ADD, READ)
    text = foreigner.token(badge(issuer={"id": foreigner.did, "type": ["Profile"], "name": "Harbour school"}))
    assert host.post("credentials", text, "text/plain").status_code == 201
    outbox.run_all_due()
    answer = host.get("credentials")
    assert answer.json() == {"credential": [], "compactJwsString": [text]}
    assert fits(answer, "GetOpenBadgeCredentialsResponse")


@pytest.mark.one_database
def test_what_was_changed_after_it_was_signed_is_not_given_out(foreigner):
    host = connected(make_lena(), ADD, READ)
    document = foreigner.sign(badge(issuer={"id": foreigner.did, "type": ["Profile"], "name": "Harbour school"}))
    assert host.post("credentials", json.dumps(document | {"name": "Better knots"})).status_code == 201
    outbox.run_all_due()
    assert host.get("credentials")["X-Total-Count"] == "0"


@pytest.mark.one_database
def test_ones_own_credential_is_there_already(signed):
    host = connected(signed.award.learner, ADD)
    assert host.post("credentials", signed.document).status_code == 304
    assert not Claim.objects.exists()


NO_BADGES = [
    ("{}", "application/json"),
    ("[]", "application/json"),
    ("{", "application/json"),
    ('{"a": 1, "a": 2}', "application/json"),
    (json.dumps({"type": ["VerifiableCredential"]}), "application/json"),
    (json.dumps(badge(type=["VerifiableCredential", "EndorsementCredential"])), "application/json"),
    ("eyJ.eyJ.x", "text/plain"),
    ("a link", "text/plain"),
    ("{}", "text/plain"),
    ("<xml/>", "application/xml"),
    ("x" * 300_000, "text/plain"),
]


@pytest.mark.one_database
def test_what_is_no_badge_is_refused():
    host = connected(make_lena(), ADD)
    for text, content_type in NO_BADGES:
        answer = host.post("credentials", text, content_type)
        assert (answer.status_code, fits(answer, "Imsx_StatusInfo")) == (400, True), text[:80]
    assert not Claim.objects.exists()


# --- the profile --------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_a_host_reads_the_profile_and_changes_the_name():
    lena = make_lena()
    host = connected(lena, PROFILE, CHANGE)
    answer = host.get("profile")
    assert fits(answer, "Profile")
    assert answer.json() == {
        "id": lena.uuid.urn,
        "type": ["Profile"],
        "name": "Lena Çelik-Ōno",
        "email": "lena@example.org",
    }
    assert host.put("profile", answer.json()).status_code == 304
    changed = host.put("profile", answer.json() | {"name": "Lena Ōno"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Lena Ōno")
    lena.refresh_from_db()
    assert lena.name == "Lena Ōno"
    assert AuditEntry.objects.get(act="change name").details == {"wallet": "Hall of badges"}


@pytest.mark.one_database
def test_what_cannot_be_kept_is_refused_by_name():
    lena = make_lena()
    host = connected(lena, PROFILE, CHANGE)
    changes = [{"name": ""}, {"name": 7}, {"name": "x" * 201}, {"name": "a\u202eb"}, {"email": "x@y.z"}, {"phone": "1"}]
    for change in changes:
        answer = host.put("profile", {"type": ["Profile"], **change})
        assert (answer.status_code, fits(answer, "Imsx_StatusInfo")) == (400, True)
        assert next(iter(change)) in answer.json()["imsx_description"]
    lena.refresh_from_db()
    assert lena.name == "Lena Çelik-Ōno"


# --- the description ----------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_the_service_describes_itself_as_published(client, settings):
    settings.PRIVACY_URL = "https://college.example/privacy"
    answer = client.get(reverse("ob-api-discovery"))
    assert fits(answer, "ServiceDescriptionDocument")
    told = answer.json()
    assert told["paths"] == PUBLISHED["paths"]
    assert told["servers"] == [{"url": "http://localhost:8000/ims/ob/v3p0"}]
    assert told["info"]["contact"]["url"] == "http://localhost:8000"
    scheme = told["components"]["securitySchemes"]["OAuth2ACG"]
    assert scheme["x-imssf-privacyPolicyUrl"] == told["info"]["x-imssf-privacyPolicyUrl"] == settings.PRIVACY_URL
    published = PUBLISHED["components"]["securitySchemes"]["OAuth2ACG"]["flows"]["authorizationCode"]["scopes"]
    assert set(scheme["flows"]["authorizationCode"]["scopes"]) == {*published, "offline_access"}
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.one_database
def test_a_host_of_records_begins_at_their_own_description(client):
    answer = client.get("/ims/clr/v2p0/discovery")
    assert fits(answer, "ServiceDescriptionDocument")
    told = answer.json()
    # No more than there is: records are read here, and made by learners on our pages.
    assert {path: list(operations) for path, operations in told["paths"].items()} == {
        "/credentials": ["get"],
        "/discovery": ["get"],
    }
    [server] = told["servers"]
    assert server["url"] + "/credentials" == "http://localhost:8000" + reverse("clr-api-credentials")
    asked = told["paths"]["/credentials"]["get"]["security"]
    assert asked == [{"OAuth2ACG": [RECORDS]}]
    flow = told["components"]["securitySchemes"]["OAuth2ACG"]["flows"]["authorizationCode"]
    assert set(flow["scopes"]) == {RECORDS, "offline_access"}
    # Whatever is named is there, and nothing else is.
    text = json.dumps(told)
    named = set(re.findall(r"#/components/(\w+/[\w-]+)", text))
    there = {f"{kind}/{name}" for kind, each in told["components"].items() for name in each}
    assert named == there - {"securitySchemes/OAuth2ACG"}
    assert "AchievementCredential" not in text
    assert client.post("/ims/clr/v2p0/discovery").status_code == 405
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.one_database
def test_a_host_finds_all_it_needs_for_records_in_their_description():
    host = connected(make_lena(), RECORDS, at="/ims/clr/v2p0/discovery", scope=RECORDS)
    answer = host.client.get(
        host.description["servers"][0]["url"].removeprefix("http://localhost:8000") + "/credentials",
        headers={"Authorization": f"Bearer {host.access}"},
    )
    assert (answer.status_code, answer.json()) == (200, {"credential": [], "compactJwsString": []})
