"""Claims to credentials from elsewhere: kept, checked by a worker, and worth nothing by themselves."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction

from credentials import claims, tasks, trust
from credentials.models import Claim, ClaimedFile
from credentials.standards import clr
from credentials.standards.identity_hash import identity_hash
from credentials.verification import foreign
from portal.shared import outbound
from portal.shared.models import AuditEntry, Job
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.foreigner import Foreigner, entry
from tests.factories import NOON
from tests.portal import foreign_site

pytestmark = pytest.mark.django_db

LIST = "https://status.example/lists/1"
LATER = NOON + timedelta(hours=1)
OB3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
V2 = "https://www.w3.org/ns/credentials/v2"


@pytest.fixture(scope="module")
def running_site(tmp_path_factory):
    with foreign_site.running(tmp_path_factory.mktemp("foreign")) as site:
        yield site


@pytest.fixture
def site(running_site, settings, monkeypatch):
    running_site.pages.clear()
    settings.FETCH = True
    monkeypatch.setattr(outbound, "_way_out", running_site.way())
    foreign.forget()
    yield running_site
    foreign.forget()


@pytest.fixture
def college() -> Foreigner:
    """A college that signs with a did:key, and is relied on here."""
    college = Foreigner()
    trust.trust_issuer(
        identifier=college.did,
        name="Hill College",
        scope="short courses",
        since=date(2020, 1, 1),
        by=make_rhea(),
        at=NOON,
    )
    return college


def badge(college: Foreigner, *identities: dict[str, Any], **changes: Any) -> dict[str, Any]:
    subject = {
        "type": ["AchievementSubject"],
        "identifier": [{"type": "IdentityObject", **each} for each in identities],
        "creditsEarned": 5,
        "achievement": {
            "id": "https://elsewhere.example/achievements/1",
            "type": ["Achievement"],
            "name": "Reading maps",
            "description": "Finds the way.",
            "criteria": {"narrative": "Walked ten miles."},
        },
    }
    said = {
        "@context": [V2, OB3],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Reading maps",
        "issuer": {"id": college.did, "type": ["Profile"], "name": "Hill College"},
        "credentialSubject": subject,
    }
    return college.credential(**said | changes)


def address(text: str, *, hashed: bool = True) -> dict[str, Any]:
    shown = identity_hash(text, "pepper") if hashed else text
    return {"identityType": "emailAddress", "hashed": hashed, "identityHash": shown, "salt": "pepper"}


def claimed(content: Any, at: Any = NOON, learner: Any = None) -> Claim:
    """Handed in and checked, as a worker does it."""
    given = json.dumps(content) if isinstance(content, dict) else content
    made, _new = claims.claim(learner=learner or make_lena(), content=given, at=at)
    return checked(made, at=at)


def checked(claim: Claim, at: Any = NOON) -> Claim:
    store = claims.check(claim.pk, at=at)
    if store:
        with transaction.atomic():
            store()
    claim.refresh_from_db()
    return claim


def test_a_claim_is_kept_and_promised_to_be_checked_and_says_what_was_found(college: Foreigner) -> None:
    document = json.dumps(badge(college, address("lena@example.org")))
    claim, is_new = claims.claim(learner=make_lena(), content=document.encode(), at=NOON, name="map\u202e.json")
    assert (is_new, claim.verdict, claim.name) == (True, "", "map.json")
    assert Job.objects.filter(kind="credentials.check_claim", subject_id=claim.pk).count() == 1

    checked(claim)

    assert (claim.verdict, claim.holder, claim.is_signed, claim.is_ours) == ("valid", "address", True, False)
    assert (claim.achievement, claim.issuer, claim.credits) == ("Reading maps", "Hill College", "5")
    assert str(claim.trusted) == "Hill College"
    assert ["signature", "passed"] in [each[:2] for each in claim.checks]
    assert AuditEntry.objects.filter(act="claim credential", concerns=make_lena()).count() == 1


def test_the_same_thing_handed_in_again_is_the_same_claim(college: Foreigner) -> None:
    document = json.dumps(badge(college))
    first, _new = claims.claim(learner=make_lena(), content=document, at=NOON)
    assert claims.claim(learner=make_lena(), content=document.encode(), at=LATER) == (first, False)
    assert claims.claim(learner=make_noor(), content=document, at=LATER)[1]
    # Another copy of it is another file, and the same credential.
    other = claimed(json.dumps(json.loads(document), indent=1))
    assert other.pk != first.pk
    assert other.same == checked(first).same != ""


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("identities", "holder"),
    [
        ([address("lena@example.org")], "address"),
        ([address("Lena@Example.org", hashed=False)], "address"),
        ([address("noor@example.org")], "somebody"),
        ([{"identityType": "name", "hashed": False, "identityHash": "lena çelik-ōno"}], "name"),
        ([], "not-shown"),
    ],
)
def test_whose_it_is_is_compared_with_the_learner(college: Foreigner, identities: Any, holder: str) -> None:
    assert claimed(badge(college, *identities)).holder == holder


@pytest.mark.one_database
def test_only_an_address_that_was_confirmed_shows_the_holder(college: Foreigner) -> None:
    document = badge(college, address("old@example.org"))
    mine = EmailAddress.objects.create(user=make_lena(), email="old@example.org", verified=False)
    claim = claimed(document)
    assert claim.holder == "somebody"
    mine.verified = True
    mine.save()
    assert checked(claim).holder == "address"


@pytest.mark.one_database
def test_what_nobody_here_knows_is_told_apart_from_what_was_altered() -> None:
    stranger = Foreigner()
    found = claimed(badge(stranger))
    assert (found.verdict, found.is_signed) == ("unknown_issuer", True)
    tampered = badge(stranger) | {"name": "Reading stars"}
    found = claimed(tampered)
    assert (found.verdict, found.is_signed) == ("altered", False)


def test_a_withdrawal_is_found_at_the_next_check_and_stays_when_nobody_answers(site: Any, college: Foreigner) -> None:
    site.serve("/lists/1", json.dumps(college.status_list(LIST)))
    claim = claimed(badge(college, credentialStatus=entry(LIST)))
    assert claim.verdict == "valid"
    claims.watch(claim=claim, at=NOON)
    site.serve("/lists/1", json.dumps(college.status_list(LIST, 7)))
    foreign.forget()
    assert checked(claim, at=LATER).verdict == "revoked"
    assert AuditEntry.objects.get(act="find claim changed").details == {"before": "valid", "after": "revoked"}
    site.pages.clear()
    foreign.forget()
    assert checked(claim, at=LATER + timedelta(hours=1)).verdict == "revoked"
    assert (claim.checked_at, claim.tried_at) == (LATER, LATER + timedelta(hours=1))
    assert "could not be checked" in claim.trouble


def test_each_night_what_something_rests_on_is_asked_for_again(college: Foreigner) -> None:
    watched, idle = claimed(badge(college)), claimed(badge(college, name="Other"))
    away = claimed("https://college.example/badge.json")
    assert away.verdict == "could_not_be_checked"
    claims.watch(claim=watched, at=NOON)
    Job.objects.all().delete()
    claims.check_watched(at=LATER)()
    asked = set(Job.objects.filter(kind="credentials.check_claim").values_list("subject_id", flat=True))
    assert asked == {watched.pk, away.pk}
    assert idle.pk not in asked
    Job.objects.all().delete()
    claims.watch(claim=watched, at=None)
    claims.check_watched(at=NOON + claims.TRIED_FOR)()
    assert not Job.objects.exists()


@pytest.mark.one_database
def test_it_is_not_checked_again_within_a_minute(college: Foreigner) -> None:
    claim = claimed(badge(college))
    with pytest.raises(claims.TooSoon):
        claims.check_again(claim=claim, at=NOON + timedelta(seconds=59))
    Job.objects.all().delete()
    for _press in range(2):
        claims.check_again(claim=claim, at=LATER)
    assert Job.objects.get().subject_id == claim.pk


def test_what_is_taken_back_is_forgotten_unless_something_rests_on_it(college: Foreigner) -> None:
    document = badge(college)
    claim = claimed(document)
    claims.watch(claim=claim, at=NOON)
    with pytest.raises(claims.InUse):
        claims.drop(claim=claim, at=LATER)
    claims.watch(claim=claim, at=None)
    claims.drop(claim=claim, at=LATER)
    assert not ClaimedFile.objects.exists()
    assert claims.check(claim.pk, at=LATER) is None
    assert claimed(document).pk != claim.pk


def test_what_was_dropped_while_it_was_being_checked_stays_as_it_was(college: Foreigner) -> None:
    claim, _new = claims.claim(learner=make_lena(), content=json.dumps(badge(college)), at=NOON)
    store = claims.check(claim.pk, at=NOON)
    claims.drop(claim=claim, at=NOON)
    with transaction.atomic():
        store()
    claim.refresh_from_db()
    assert claim.verdict == ""


def test_nothing_and_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lena = make_lena()
    for empty in ("  ", b""):
        with pytest.raises(claims.NothingClaimed):
            claims.claim(learner=lena, content=empty, at=NOON)
    for other in ("my badge", "x" * 5_000):
        with pytest.raises(claims.NoCredential):
            claims.claim(learner=lena, content=other, at=NOON)
    for other_file in (b"PK\x03\x04 a letter", b"my badge", b"\x00"):
        with pytest.raises(claims.OtherKind):
            claims.claim(learner=lena, content=other_file, at=NOON)
    for long in ("x" * (claims.MAX_TEXT_BYTES + 1), bytes(5 * 1024 * 1024 + 1)):
        with pytest.raises(claims.TooLarge):
            claims.claim(learner=lena, content=long, at=NOON)
    monkeypatch.setattr(claims, "MAX_CLAIMS", 1)
    claims.claim(learner=lena, content="{1", at=NOON)
    with pytest.raises(claims.TooMany):
        claims.claim(learner=lena, content="{2", at=NOON)
    assert Claim.objects.count() == 1


@pytest.mark.one_database
def test_hostile_files_end_in_a_verdict() -> None:
    for content in (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"<svg onload='x'/>", '{"a":1,"a":2}', '{"\ud800', "eyJ.e30.x"):
        found = claimed(content)
        assert found.verdict in {"unreadable", "altered"}
        assert not found.is_signed


@pytest.mark.one_database
def test_the_jobs_make_one_call_each(college: Foreigner) -> None:
    claim, _new = claims.claim(learner=make_lena(), content=json.dumps(badge(college)), at=NOON)
    tasks.check_claim(claim.pk, "")()
    claims.watch(claim=claim, at=NOON)
    Job.objects.all().delete()
    tasks.check_watched_claims(0)()
    claim.refresh_from_db()
    assert claim.verdict == "valid"
    assert Job.objects.get().subject_id == claim.pk


# --- several at once, and whose they are --------------------------------------------------------------------------


def record_of(college: Foreigner, *held: Any) -> dict[str, Any]:
    return college.sign(
        {
            "@context": [V2, clr.CLR_V2, OB3],
            "id": "https://elsewhere.example/records/1",
            "type": ["VerifiableCredential", "ClrCredential"],
            "name": "Transcript",
            "issuer": {"id": college.did, "type": ["Profile"], "name": "Hill College"},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {
                "id": "urn:uuid:6b1f7d0c-0d27-4b5c-9d5e-3b8d4e2f1a00",
                "type": ["ClrSubject"],
                "verifiableCredential": list(held),
            },
        }
    )


def checked_with_parts(content: dict[str, Any], at: datetime = NOON) -> Claim:
    whole, _new = claims.claim(learner=make_lena(), content=json.dumps(content), at=at, name="transcript.json")
    claims.check(whole.pk, at=at)()
    for part in whole.parts.all():
        claims.check(part.pk, at=at)()
    whole.refresh_from_db()
    return whole


def test_each_credential_in_a_record_becomes_a_claim_of_its_own(college: Foreigner) -> None:
    mine = badge(college, address("lena@example.org"))
    others = badge(college, address("noor@example.org"), id="https://elsewhere.example/credentials/2")
    altered = badge(college, id="https://elsewhere.example/credentials/3") | {"name": "Reading stars"}
    whole = checked_with_parts(record_of(college, mine, others, altered))

    parts = list(whole.parts.order_by("pk"))
    assert [(part.verdict, part.holder) for part in parts] == [
        ("valid", "address"),
        ("valid", "somebody"),
        ("altered", "not-shown"),
    ]
    assert parts[1].name == "transcript.json, number 2"

    claims.drop(claim=parts[1], at=NOON)
    claims.check(whole.pk, at=LATER)()
    assert whole.parts.filter(dropped_at__isnull=True).count() == 2


@pytest.mark.one_database
def test_a_presentation_of_several_is_taken_apart_and_counts_for_nothing_itself(college: Foreigner) -> None:
    held = [badge(college), badge(college, id="https://elsewhere.example/credentials/2")]
    whole = checked_with_parts({"@context": [V2], "type": "VerifiablePresentation", "verifiableCredential": held})

    assert (whole.verdict, whole.title) == (
        "unreadable",
        "This holds several credentials. Each is claimed by itself.",
    )
    assert [part.verdict for part in whole.parts.all()] == ["valid", "valid"]


@pytest.mark.one_database
def test_no_more_parts_are_taken_than_one_may_have_claims(college: Foreigner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MAX_CLAIMS", 3)
    held = [badge(college, id=f"https://elsewhere.example/credentials/{number}") for number in range(4)]

    assert checked_with_parts(record_of(college, *held, "no credential")).parts.count() == 2


def presentation(wallet: Foreigner, claim: Claim, **changes: Any) -> str:
    said = {"challenge": claim.challenge, "domain": "http://localhost:8000", "proofPurpose": "authentication"} | changes
    document = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": wallet.did}
    return json.dumps(wallet.sign(document, **said))


@pytest.fixture
def bound(college: Foreigner) -> tuple[Foreigner, Claim]:
    """A wallet of Lena's, and her claim to a badge that was issued to its key."""
    wallet = Foreigner()
    made = badge(college)
    subject = made["credentialSubject"] | {"id": wallet.did}
    content = college.sign(
        {name: each for name, each in made.items() if name != "proof"} | {"credentialSubject": subject}
    )
    return wallet, checked_with_parts(content)


def test_who_holds_the_key_of_a_credential_shows_whose_it_is(bound: tuple[Foreigner, Claim]) -> None:
    wallet, claim = bound
    assert (claim.holder, claim.subject_id, claim.can_be_shown) == ("not-shown", wallet.did, True)
    answer = presentation(wallet, claim)

    shown = claims.show_key(claim=claim, presentation=answer, at=NOON)

    assert (shown.holder, shown.is_theirs) == ("key", True)
    assert AuditEntry.objects.filter(act="show key of claim", concerns=make_lena()).count() == 1
    claims.check(claim.pk, at=LATER)()
    claim.refresh_from_db()
    assert claim.holder == "key"
    with pytest.raises(claims.NamesNoKey):
        claims.show_key(claim=claim, presentation=answer, at=NOON)


@pytest.mark.one_database
def test_what_another_key_signed_or_for_another_purpose_shows_nothing(bound: tuple[Foreigner, Claim]) -> None:
    wallet, claim = bound
    thief = Foreigner()
    for answer in (
        presentation(thief, claim),
        presentation(wallet, claim, challenge="another"),
        presentation(wallet, claim, domain="https://elsewhere.example"),
        presentation(wallet, claim, proofPurpose="assertionMethod"),
        presentation(wallet, claim).replace(wallet.did, thief.did),
        json.dumps({"@context": [V2], "type": ["VerifiablePresentation"], "holder": wallet.did}),
        "a.b.c",
        "[]",
        "",
    ):
        with pytest.raises(claims.NotShown):
            claims.show_key(claim=claim, presentation=answer, at=NOON)
    claim.refresh_from_db()
    assert claim.holder == "not-shown"


@pytest.mark.one_database
def test_a_presentation_may_be_a_token(bound: tuple[Foreigner, Claim]) -> None:
    wallet, claim = bound
    payload = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": wallet.did,
        "iss": wallet.did,
        "nonce": claim.challenge,
        "aud": "http://localhost:8000",
    }
    header = {"alg": "EdDSA", "kid": wallet.method, "typ": "vp+jwt", "cty": "vp"}
    answer = wallet.token(payload, header)

    assert claims.show_key(claim=claim, presentation=answer, at=NOON).holder == "key"
