import copy
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from credentials.standards import contexts, open_badges, schemas
from credentials.standards.identity_hash import is_hash_of
from credentials.standards.open_badges import (
    AchievementDescription,
    Alignment,
    Descriptor,
    EvidenceItem,
    Image,
    IssuerProfile,
    Recipient,
    ResultDescription,
    ResultLine,
    RubricLevel,
    StatusEntry,
    compose,
    lint,
    lint_text,
)

from .vectors import read

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SITE = "https://learn.example.edu"
SCIENCE = IssuerProfile(
    id="did:web:learn.example.edu:issuers:science", name="School of Science", url=f"{SITE}/issuers/science"
)
LENA = Recipient(name="Lena Ōkubo", email="Lena@Example.edu", salt="c2FsdA")
STATISTICS = AchievementDescription(
    id=f"{SITE}/achievements/statistics",
    name="Statistics with care",
    description="Reads and makes honest statistics.",
    criteria_narrative="Passed the examination.",
)


def small(**more):
    return compose(
        **{
            "id": f"{SITE}/credentials/0b7e",
            "issuer": SCIENCE,
            "achievement": STATISTICS,
            "recipient": LENA,
            "awarded_at": NOON,
            "valid_from": NOON,
            "status": StatusEntry(list_url=f"{SITE}/status/3", index=94567),
            **more,
        }
    )


def full():
    """Every property that can be given, as a micro-credential of the European recommendation has them."""
    grade = ResultDescription(
        id=f"{SITE}/achievements/statistics#grade",
        name="Grade",
        result_type="LetterGrade",
        allowed_values=["C", "B", "A"],
        required_value="C",
    )
    level = ResultDescription(
        id=f"{SITE}/achievements/statistics#level",
        name="Level",
        result_type="RubricCriterionLevel",
        required_level="urn:uuid:5d4e8b9c-0000-4000-8000-000000000001",
        levels=[
            RubricLevel(
                id="urn:uuid:5d4e8b9c-0000-4000-8000-000000000001",
                name="Sound",
                description="Mostly right",
                level="1",
                points="10",
            )
        ],
    )
    return small(
        issuer=IssuerProfile(
            id=SCIENCE.id,
            name=SCIENCE.name,
            url=SCIENCE.url,
            description="Teaches science.",
            email="science@example.edu",
            image=Image(url=f"{SITE}/logo.png", caption="A prism"),
            country_code="NL",
            region="Utrecht",
            locality="Utrecht",
        ),
        achievement=AchievementDescription(
            id=STATISTICS.id,
            name=STATISTICS.name,
            description=STATISTICS.description,
            achievement_type="MicroCredential",
            criteria_narrative="Passed the examination.",
            criteria_url=f"{SITE}/achievements/statistics/criteria",
            descriptors=[
                Descriptor(label="Workload", text="60 hours"),
                Descriptor(label="Form of participation", text="On site\nand online"),
            ],
            alignments=[
                Alignment(
                    name="statistics",
                    url="http://data.europa.eu/esco/skill/4c1f2d2e",
                    description="Skill",
                    code="S1",
                    framework="ESCO",
                    type="ceasn:Competency",
                ),
                open_badges.eqf_alignment(6, "EQF level 6"),
            ],
            image=Image(url=f"{SITE}/badge.png", caption="A bell curve"),
            credits=Decimal("2.50"),
            tags=["statistics", "data"],
            human_code="STAT-101",
            in_language="en",
            field_of_study="Mathematics",
            specialization="Statistics",
            version="2",
            result_descriptions=[grade, level],
            creator=SCIENCE,
        ),
        recipient=Recipient(
            name=LENA.name,
            email=LENA.email,
            salt=LENA.salt,
            id="did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        ),
        valid_until=NOON + timedelta(days=365),
        results=[
            ResultLine(description_id=grade.id, value="A"),
            ResultLine(description_id=level.id, achieved_level=level.levels[0].id, status="Completed"),
        ],
        evidence=[
            EvidenceItem(
                url=f"{SITE}/evidence/1", name="Essay", narrative="An essay.", description="Ten pages", genre="text"
            )
        ],
        credits_earned=3,
        narrative="Worked with care.",
        image=Image(url=f"{SITE}/credentials/0b7e.png", caption="The badge"),
        activity_start=NOON - timedelta(days=90),
        activity_end=NOON - timedelta(days=1),
        license_number="L-1",
        role="Learner",
        term="Autumn",
        source=SCIENCE,
    )


def test_a_small_credential_is_exactly_this():
    document = small()

    assert lint(document) == []
    assert document == {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "https://learn.example.edu/credentials/0b7e",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Statistics with care",
        "description": "Reads and makes honest statistics.",
        "issuer": {
            "id": "did:web:learn.example.edu:issuers:science",
            "type": ["Profile"],
            "name": "School of Science",
            "url": "https://learn.example.edu/issuers/science",
        },
        "validFrom": "2026-11-21T12:00:00Z",
        "awardedDate": "2026-11-21T12:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": "sha256$b986e21d10da97733b6f775e9c18d84b37c81937c121f26d3b5fa2437067c040",
                    "identityType": "emailAddress",
                    "salt": "c2FsdA",
                },
                {"type": "IdentityObject", "hashed": False, "identityHash": "Lena Ōkubo", "identityType": "name"},
            ],
            "achievement": {
                "id": "https://learn.example.edu/achievements/statistics",
                "type": ["Achievement"],
                "achievementType": "Badge",
                "name": "Statistics with care",
                "description": "Reads and makes honest statistics.",
                "criteria": {"narrative": "Passed the examination."},
            },
        },
        "credentialStatus": {
            "id": "https://learn.example.edu/status/3#94567",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "94567",
            "statusListCredential": "https://learn.example.edu/status/3",
        },
    }


def test_everything_that_can_be_given_passes_every_check():
    document = full()

    assert lint(document) == []
    assert json.dumps(document) == json.dumps(full())
    achievement = document["credentialSubject"]["achievement"]
    assert achievement["criteria"]["narrative"] == (
        "Passed the examination.\n\n- **Workload**: 60 hours\n- **Form of participation**: On site and online"
    )
    assert achievement["creditsAvailable"] == 2.5
    assert document["credentialSubject"]["creditsEarned"] == 3
    assert isinstance(document["credentialSubject"]["creditsEarned"], int)
    assert achievement["alignment"][1]["targetUrl"] == "http://data.europa.eu/snb/eqf/6"


def test_the_address_is_hashed_in_lower_case():
    (hashed, _) = small()["credentialSubject"]["identifier"]

    assert is_hash_of(hashed["identityHash"], "lena@example.edu", hashed["salt"])
    assert "lena@example.edu" not in json.dumps(small()).lower()


def test_nothing_empty_is_written_and_returns_are_plain():
    document = small(
        narrative="One.\r\nTwo. ",
        achievement=AchievementDescription(
            id=STATISTICS.id, name="A", description="B", criteria_narrative="C", tags=["", "x"], alignments=[]
        ),
    )

    assert document["credentialSubject"]["narrative"] == "One.\nTwo."
    assert document["credentialSubject"]["achievement"]["tag"] == ["x"]
    assert "alignment" not in document["credentialSubject"]["achievement"]


def test_times_are_in_utc_and_numbers_finite():
    east = timezone(timedelta(hours=2))
    assert small(awarded_at=datetime(2026, 1, 1, 1, tzinfo=east))["awardedDate"] == "2025-12-31T23:00:00Z"
    with pytest.raises(ValueError, match="zone"):
        small(awarded_at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="finite"):
        small(credits_earned=Decimal("NaN"))
    with pytest.raises(ValueError, match="levels"):
        open_badges.eqf_alignment(9, "EQF level 9")


def test_endorsements_are_taken_over_untouched():
    endorsement = read("1edtech-samples/ob30/endorsement-valid.json")

    document = small(endorsements=[endorsement])

    assert document["endorsement"] == [endorsement]
    assert [problem for problem in lint(document) if not problem.path.startswith("$.endorsement")] == []


def _set(path, value):
    def change(document):
        *steps, last = path
        owner = document
        for step in steps:
            owner = owner[step]
        if value is ...:
            del owner[last]
        else:
            owner[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (_set(["motto"], "Per aspera"), "$.motto"),
        (_set(["credentialSubject", "achievement", "motto"], "x"), "$.credentialSubject.achievement.motto"),
        (_set(["type"], ["VerifiableCredential", "OpenBadgeCredential", "Trophy"]), "$.type[2]"),
        (_set(["type"], ["VerifiableCredential"]), "$.type"),
        (_set(["name"], ""), "$.name"),
        (_set(["name"], None), "$.name"),
        (_set(["name"], 5), "$.name"),
        (_set(["name"], "a\tb"), "$.name"),
        (_set(["name"], "a\x00b"), "$.name"),
        (_set(["name"], "a\ud800b"), "$.name"),
        (_set(["name"], "x" * 70_000), "$"),
        (_set(["@context"], [contexts.OPEN_BADGES_V3, contexts.CREDENTIALS_V2]), "$.@context"),
        (_set(["@context"], [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES_V3, {"@vocab": "urn:x:"}]), "$.@context"),
        (_set(["@context"], [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES_V3, "https://a.example/"]), "$.@context"),
        (_set(["credentialSubject", "@context"], {"x": "urn:x"}), "$.credentialSubject.@context"),
        (_set(["id"], "urn:uuid:0b7e"), "$.id"),
        (_set(["id"], ...), "$"),
        (_set(["issuer", "name"], ...), "$.issuer.name"),
        (_set(["issuer"], SCIENCE.id), "$.issuer.name"),
        (_set(["issuer", "url"], "learn.example.edu"), "$.issuer.url"),
        (_set(["validFrom"], "2026-11-21"), "$.validFrom"),
        (_set(["validFrom"], "2026-11-21T12:00:00+02:00"), "$.validFrom"),
        (_set(["validFrom"], "2226-11-21T12:00:00Z"), "$.validFrom"),
        (_set(["validUntil"], "2026-11-20T12:00:00Z"), "$.validUntil"),
        (_set(["credentialSubject", "identifier"], ...), "$.credentialSubject"),
        (_set(["credentialSubject", "creditsEarned"], "3"), "$.credentialSubject.creditsEarned"),
        (_set(["credentialSubject", "achievement", "criteria"], ...), "$.credentialSubject.achievement"),
        (_set(["credentialSubject", "achievement", "tag"], []), "$.credentialSubject.achievement.tag"),
        (
            _set(["credentialSubject", "achievement", "achievementType"], "Trophy"),
            "$.credentialSubject.achievement.achievementType",
        ),
        (_set(["credentialStatus"], []), "$.credentialStatus"),
        (_set(["credentialStatus", "statusListIndex"], 94567), "$.credentialStatus.statusListIndex"),
        (_set(["credentialStatus", "statusPurpose"], "suspension"), "$.credentialStatus.statusPurpose"),
        (_set(["credentialStatus", "id"], f"{SITE}/status/3"), "$.credentialStatus.id"),
        (
            _set(["credentialSubject", "result"], [{"type": ["Result"], "resultDescription": "urn:no"}]),
            "$.credentialSubject.result[0].resultDescription",
        ),
        (
            _set(["credentialSchema"], [{"id": "https://a.example/s", "type": "1EdTechJsonSchemaValidator2019"}]),
            "$.@context",
        ),
    ],
)
def test_what_a_verifier_would_mind_is_found(change, path):
    document = copy.deepcopy(small())
    change(document)

    assert path in {problem.path for problem in lint(document)}
    assert [problem.path for problem in lint_text(json.dumps(document))] == [problem.path for problem in lint(document)]


@pytest.mark.parametrize("text", ["", "no", '{"a":NaN}', '{"a":[-Infinity]}', '"\ud800"', "[]", "[" * 5_000])
def test_a_text_that_is_no_document_is_minded(text):
    assert [problem.path for problem in lint_text(text)] == ["$"]


def test_a_text_is_as_long_as_it_is_written():
    text = json.dumps(small())
    assert lint_text(text) == []
    assert lint_text(text + " " * open_badges.MAX_BYTES)[0].words.endswith("more than 65536.")


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (
            ResultLine(description_id=f"{SITE}/achievements/statistics#grade", value="F"),
            "$.credentialSubject.result[0].value",
        ),
        (
            ResultLine(description_id=f"{SITE}/achievements/statistics#level", achieved_level="urn:no"),
            "$.credentialSubject.result[0].achievedLevel",
        ),
    ],
)
def test_a_result_keeps_to_its_description(line, path):
    document = full()
    document["credentialSubject"]["result"] = small(results=[line])["credentialSubject"]["result"]

    assert path in {problem.path for problem in lint(document)}


@pytest.mark.parametrize(
    "document", [None, [], {}, "text", {"@context": 5}, {"a": float("nan")}, {"a": object()}, {"type": 5, "issuer": []}]
)
def test_lint_never_raises(document):
    assert lint(document) != []


@pytest.mark.parametrize(
    "name",
    [
        "simple-err-type",
        "simple-err-issuer-type",
        "simple-err-credential-subject-type",
        "simple-err-credential-subject-identifier-type",
        "simple-err-credential-subject-profile-type",
        "simple-err-credential-subject-result-type",
        "simple-err-credential-subject-achievement-result-description-type",
        "simple-err-evidence-type",
        "simple-err-issuer-otheridentifier-type",
        "simple-err-issuer-parentorg-type",
    ],
)
def test_samples_with_a_faulty_type_do_not_pass_the_schema(name):
    assert open_badges.schema_problems(read(f"1edtech-samples/ob30/{name}.json"), "strict") != []


@pytest.mark.parametrize("name", ["simple", "complete", "simple-multiple-proofs", "endorsement-valid"])
def test_samples_that_are_valid_pass_the_schema(name):
    assert open_badges.schema_problems(read(f"1edtech-samples/ob30/{name}.json"), "json-ld") == []


def test_the_schemas_are_the_published_files():
    folder = schemas.FOLDER
    rows = re.findall(r"^\| (\S+\.json) .*`([0-9a-f]{64})` \|$", (folder / "MANIFEST.md").read_text(), re.MULTILINE)

    digests = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.json")
    }
    assert dict(rows) == digests
