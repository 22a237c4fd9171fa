"""Verification of what was issued elsewhere: keys and status asked of the issuer's own site, in every form there is."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from credentials import trust, verification
from credentials.verification import State, Verdict, foreign
from portal.shared import outbound
from tests.cast import make_rhea
from tests.credentials.foreigner import V2, Ecdsa, Foreigner, Rsa, b64, entry, jwk_method, seconds, signed_token
from tests.portal import foreign_site

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

DID = "did:web:college.example"
LIST = "https://status.example/lists/1"
OB3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
NOOR = {"type": "IdentityObject", "identityType": "name", "hashed": False, "identityHash": "Noor Haddad"}


@pytest.fixture(scope="module")
def running_site(tmp_path_factory):
    with foreign_site.running(tmp_path_factory.mktemp("foreign")) as site:
        yield site


@pytest.fixture
def site(running_site, settings, monkeypatch):
    running_site.pages.clear()
    running_site.asked.clear()
    settings.FETCH = True
    monkeypatch.setattr(outbound, "_way_out", running_site.way())
    foreign.forget()
    yield running_site
    foreign.forget()


@pytest.fixture
def college(site) -> Foreigner:
    """A college with a name, whose keys stand on its own site."""
    college = Foreigner(DID)
    site.serve("/.well-known/did.json", json.dumps(college.did_document()))
    return college


def rely_on(identifier: str, **fields: object) -> object:
    said = {"name": "Hill College", "scope": "short courses.", "since": date(2020, 1, 1)} | fields
    return trust.trust_issuer(identifier=identifier, by=make_rhea(), at=datetime.now(UTC), **said)


def judged(content: object) -> verification.Report:
    given = content if isinstance(content, bytes | str) else json.dumps(content)
    return verification.verify(given, at=datetime.now(UTC), seconds=10)


def presented(*held: object) -> dict:
    wallet = Foreigner()
    shown = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": list(held)}
    return wallet.sign(shown, proofPurpose="authentication")


def states(report: verification.Report) -> dict[str, str]:
    return {check.name: check.state.value for check in report.checks}


# --- keys and trust -----------------------------------------------------------------------------------------------


def test_a_credential_of_a_trusted_college_is_valid_every_check_by_itself(college):
    rely_on(DID)

    report = judged(college.credential())

    assert report.verdict is Verdict.VALID
    assert states(report) == {
        "format": "passed",
        "contexts": "passed",
        "signature": "passed",
        "key": "passed",
        "issuer": "passed",
        "dates": "passed",
        "status": "not_applicable",
        "log": "not_applicable",
    }
    assert "Hill College" in report.check("issuer").words


def test_one_of_a_college_that_nobody_relies_on_is_sound_and_not_valid(college):
    report = judged(college.credential())

    assert report.verdict is Verdict.UNKNOWN_ISSUER
    assert states(report)["signature"] == states(report)["key"] == "passed"


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"since": date(2026, 1, 1)}, Verdict.VALID),
        ({"since": date(2026, 1, 2)}, Verdict.UNKNOWN_ISSUER),
        ({"until": date(2026, 1, 1)}, Verdict.VALID),
        ({"until": date(2025, 12, 31)}, Verdict.UNKNOWN_ISSUER),
        ({"kinds": ["Certificate"]}, Verdict.UNKNOWN_ISSUER),
    ],
)
def test_trust_has_dates_and_kinds(college, fields, verdict):
    rely_on(DID, **fields)

    report = judged(college.credential())

    assert report.verdict is verdict
    # It is known, only not for this.
    assert ("does not rely on its issuer for this" in report.title) == (verdict is Verdict.UNKNOWN_ISSUER)
    assert (report.beyond is not None) == (verdict is Verdict.UNKNOWN_ISSUER)


def test_trust_that_was_withdrawn_is_none(college):
    entry_ = rely_on(DID)
    trust.withdraw_trust(entry=entry_, reason="the agreement ended", by=make_rhea(), at=datetime.now(UTC))

    assert judged(college.credential()).verdict is Verdict.UNKNOWN_ISSUER


def test_a_key_that_the_college_does_not_name_is_not_its_own(college, site):
    report = judged(Foreigner(DID).credential())

    assert report.verdict is Verdict.ALTERED
    assert states(report)["key"] == "failed"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "did:web:another.example"},
        {"assertionMethod": []},
        {"assertionMethod": None},
        {"verificationMethod": []},
        {"assertionMethod": 5},
        {"assertionMethod": [7, None, [], {"id": []}]},
        {"verificationMethod": "a text"},
        {"deactivated": True},
    ],
)
def test_a_document_that_does_not_grant_the_key_confirms_nothing(college, site, change):
    site.serve("/.well-known/did.json", json.dumps(college.did_document() | change))

    assert judged(college.credential()).verdict is Verdict.ALTERED


@pytest.mark.parametrize("change", [{"controller": "did:web:another.example"}, {"revoked": "2026-01-01T00:00:00Z"}])
def test_a_key_of_somebody_else_or_one_given_up_confirms_nothing(college, site, change):
    document = college.did_document()
    document["verificationMethod"][0] |= change
    site.serve("/.well-known/did.json", json.dumps(document))

    assert judged(college.credential()).verdict is Verdict.ALTERED


@pytest.mark.parametrize("body", ["", "{", "[]", "x" * 300_000])
def test_a_site_that_says_nothing_sound_leaves_it_unchecked(college, site, body):
    site.serve("/.well-known/did.json", body)

    report = judged(college.credential())

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert states(report)["key"] == states(report)["signature"] == "unknown"


@pytest.mark.parametrize(
    "did",
    [
        "did:web:127.0.0.1",
        "did:web:localhost",
        "did:web:localhost%3A8443",
        "did:web:169.254.169.254:latest:meta-data",
        "did:web:metadata.google.internal",
        "did:web:college.example%3A8443",
        "did:web:college.example:..:..",
        "did:web:0x7f000001.example",
        "did:web:",
        "did:example:1",
    ],
)
def test_addresses_inside_are_never_asked(site, did):
    report = judged(Foreigner(did).credential())

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert site.asked == []


def test_a_thousand_badges_of_one_college_ask_it_once(college, site):
    for _ in range(3):
        judged(college.credential())

    assert site.asked == ["/.well-known/did.json"]


def test_an_installation_that_asks_nobody_says_so(college, site, settings):
    settings.FETCH = False

    report = judged(college.credential())

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert "does not ask other sites" in report.check("key").words
    assert site.asked == []


def test_a_name_cannot_turn_the_words_beside_it_around(trusted):
    report = judged(trusted.credential(name="Wea\u202egniv\u202c \u200eABC"))

    assert report.verdict is Verdict.VALID
    assert report.said.achievement == "Weagniv \u200eABC"


# --- status -------------------------------------------------------------------------------------------------------


@pytest.fixture
def trusted(college) -> Foreigner:
    rely_on(DID)
    return college


@pytest.mark.parametrize(
    ("purpose", "revoked", "verdict"),
    [
        ("revocation", (), Verdict.VALID),
        ("revocation", (8,), Verdict.VALID),
        ("revocation", (7,), Verdict.REVOKED),
        ("suspension", (7,), Verdict.SUSPENDED),
        ("refresh", (7,), Verdict.VALID),
        ("another", (8,), Verdict.VALID),
    ],
)
def test_a_foreign_list_is_asked(trusted, site, purpose, revoked, verdict):
    site.serve("/lists/1", json.dumps(trusted.status_list(LIST, *revoked, purpose=purpose)))

    report = judged(trusted.credential(credentialStatus=entry(LIST, purpose=purpose)))

    assert report.verdict is verdict
    assert states(report)["status"] == ("passed" if verdict is Verdict.VALID else "failed")


def test_what_a_list_says_in_unknown_words_is_not_taken_for_nothing(trusted, site):
    site.serve("/lists/1", json.dumps(trusted.status_list(LIST, 7, purpose="another")))

    report = judged(trusted.credential(credentialStatus=entry(LIST, purpose="another")))

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED


@pytest.mark.parametrize(
    ("keeper", "verdict"), [("did:web:status.example:lists", Verdict.REVOKED), ("", Verdict.COULD_NOT_BE_CHECKED)]
)
def test_a_list_is_the_issuers_or_of_whoever_keeps_it_on_its_own_site(trusted, site, keeper, verdict):
    other = Foreigner(keeper)
    site.serve("/lists/did.json", json.dumps(other.did_document()))
    site.serve("/lists/1", json.dumps(other.status_list(LIST, 7)))

    assert judged(trusted.credential(credentialStatus=entry(LIST))).verdict is verdict


def test_a_list_whose_proof_has_ended_leaves_it_unchecked(trusted, site):
    listed = {name: value for name, value in trusted.status_list(LIST).items() if name != "proof"}
    site.serve("/lists/1", json.dumps(trusted.sign(listed, expires="2026-02-01T00:00:00Z")))

    assert judged(trusted.credential(credentialStatus=entry(LIST))).verdict is Verdict.COULD_NOT_BE_CHECKED


def test_of_several_entries_the_gravest_counts(trusted, site):
    site.serve("/lists/1", json.dumps(trusted.status_list(LIST)))
    other = "https://status.example/lists/2"
    site.serve("/lists/2", json.dumps(trusted.status_list(other, 3)))

    report = judged(trusted.credential(credentialStatus=[entry(LIST), entry(other, 3)]))

    assert report.verdict is Verdict.REVOKED


@pytest.mark.parametrize(
    "change",
    [
        {"id": "https://status.example/lists/9"},
        {"validFrom": "2190-01-01T00:00:00Z"},
        {"validUntil": "2026-01-02T00:00:00Z"},
        {"type": ["VerifiableCredential"]},
        {"credentialSubject": {"id": f"{LIST}#list", "type": "BitstringStatusList", "encodedList": "uH4sI"}},
    ],
)
def test_a_list_that_cannot_be_relied_on_leaves_it_unchecked(trusted, site, change):
    site.serve("/lists/1", json.dumps(trusted.status_list(LIST, **change)))

    report = judged(trusted.credential(credentialStatus=entry(LIST)))

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert states(report)["status"] == "unknown"


def test_a_list_that_was_changed_or_never_signed_leaves_it_unchecked(trusted, site):
    listed = trusted.status_list(LIST)
    for broken in (
        listed | {"credentialSubject": trusted.status_list(LIST, 7)["credentialSubject"]},
        {name: value for name, value in listed.items() if name != "proof"},
        listed | {"issuer": "did:web:another.example"},
    ):
        foreign.forget()
        site.serve("/lists/1", json.dumps(broken))
        assert judged(trusted.credential(credentialStatus=entry(LIST))).verdict is Verdict.COULD_NOT_BE_CHECKED


@pytest.mark.parametrize(
    "change",
    [
        {"statusListIndex": "131072"},
        {"statusListIndex": "-1"},
        {"statusListIndex": "١"},
        {"statusListIndex": None},
        {"statusListCredential": "https://127.0.0.1/lists/1"},
        {"statusListCredential": "http://status.example/lists/1"},
        {"statusListCredential": 7},
        {"statusSize": 2},
        {"statusPurpose": "another"},
        {"type": "AnotherEntry"},
    ],
)
def test_an_entry_that_leads_nowhere_leaves_it_unchecked(trusted, site, change):
    site.serve("/lists/1", json.dumps(trusted.status_list(LIST)))
    token = trusted.token(trusted.body(credentialStatus=entry(LIST) | change))

    assert judged(token).verdict is Verdict.COULD_NOT_BE_CHECKED


def test_where_the_signature_fails_no_status_is_asked(college, site):
    forged = college.credential(credentialStatus=entry(LIST)) | {"name": "Doctor of everything"}

    judged(forged)

    assert "/lists/1" not in site.asked


# --- tokens -------------------------------------------------------------------------------------------------------


def test_tokens_of_all_three_ways_of_writing_are_valid(college, site):
    rely_on(DID)
    ecdsa, rsa = Ecdsa(), Rsa()
    document = college.did_document(jwk_method(DID, "ec", ecdsa.jwk), jwk_method(DID, "rsa", rsa.jwk))
    site.serve("/.well-known/did.json", json.dumps(document))
    now = datetime.now(UTC)
    plain = college.body()
    beside = plain | {
        "iss": DID,
        "jti": plain["id"],
        "sub": "did:example:noor",
        "nbf": seconds(now - timedelta(days=1)),
        "exp": seconds(now + timedelta(days=1)),
    }
    old = {
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential"],
            "credentialSubject": {},
        },
        "iss": DID,
        "sub": "did:example:noor",
        "nbf": seconds(now - timedelta(days=1)),
    }
    for payload in (plain, beside, old):
        for header, sign in (
            ({"alg": "ES256", "kid": f"{DID}#ec", "typ": "vc+jwt"}, ecdsa.sign),
            ({"alg": "ES256", "kid": "#ec"}, ecdsa.sign),
            ({"alg": "RS256", "kid": f"{DID}#rsa", "typ": "JWT"}, rsa.sign),
        ):
            report = judged(signed_token(payload, header, sign))
            assert (report.verdict, report.kind) == (Verdict.VALID, "jwt")
        assert judged(college.token(payload)).verdict is Verdict.VALID
        assert judged(college.token(payload).encode()).verdict is Verdict.VALID


def test_an_envelope_and_a_presentation_of_one_are_opened(trusted):
    token = trusted.token(trusted.body())
    enveloped = {"@context": "x", "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{token}"}

    assert judged(enveloped).verdict is Verdict.VALID
    assert judged({"type": ["VerifiablePresentation"], "verifiableCredential": [enveloped]}).verdict is Verdict.VALID
    assert judged({"type": "VerifiablePresentation", "verifiableCredential": token}).verdict is Verdict.VALID
    assert judged({"type": "VerifiablePresentation", "verifiableCredential": []}).verdict is Verdict.UNREADABLE


def test_a_presentation_of_several_is_taken_apart(trusted, site):
    """Each gets its own verdict, and the whole none that is better than the worst."""
    token = trusted.token(trusted.body(id="https://elsewhere.example/credentials/2"))
    enveloped = {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{token}"}
    expired = trusted.credential(validUntil="2026-02-01T00:00:00Z")
    held = [trusted.credential(), enveloped, expired]

    good = judged(presented(*held[:2]))
    worse = judged(presented(*held))

    assert good.verdict is Verdict.VALID
    assert good.title == "Each credential in this presentation is valid."
    assert states(good) == {"inside": "passed", "presentation": "passed"}
    assert [each.verdict for each in good.inside] == [Verdict.VALID] * 2
    assert all(each.check("signature").state is State.PASSED for each in good.inside)
    assert worse.verdict is Verdict.EXPIRED
    assert worse.reasons == ["Credential 3: This credential expired on Feb. 1, 2026."]
    assert [each.verdict for each in worse.inside] == [Verdict.VALID] * 2 + [Verdict.EXPIRED]
    assert states(worse)["inside"] == "unknown"


def test_whoever_hands_on_several_must_have_signed_them_so(trusted):
    one, two, three = (trusted.credential(id=f"https://elsewhere.example/credentials/{each}") for each in "123")
    shown = presented(one, two)
    assert judged(shown).verdict is Verdict.VALID

    report = judged(shown | {"verifiableCredential": [one, two, three]})

    assert report.verdict is Verdict.ALTERED
    assert states(report) == {"inside": "passed", "presentation": "failed"}
    plain = {name: value for name, value in shown.items() if name != "proof"}
    assert states(judged(plain)) == {"inside": "passed"}


def test_what_a_forgery_in_a_presentation_calls_itself_is_not_told_of_the_whole(trusted):
    forged = trusted.credential() | {"name": "Doctor of Everything"}

    report = judged(presented(trusted.credential(), forged))

    assert report.verdict is Verdict.ALTERED
    assert states(report)["inside"] == "failed"
    assert report.said is None
    assert "Doctor" not in " ".join(map(str, [report.title, *report.reasons]))
    assert [each.is_believed for each in report.inside] == [True, False]


@pytest.mark.parametrize(
    ("typed", "state"), [("Noor Haddad", "passed"), ("Emil", "failed"), ("", None)], ids=["all", "not all", "none"]
)
def test_a_name_must_be_that_of_all_of_them(trusted, typed, state):
    subject = {"id": "did:example:noor", "type": ["AchievementSubject"], "identifier": [NOOR]}
    named = trusted.credential(**{"@context": [V2, OB3], "credentialSubject": subject})
    # Not the same one twice: its nameless parts would look alike, and how many steps that takes hangs on the key.
    another = trusted.credential(
        **{"@context": [V2, OB3], "credentialSubject": subject, "id": "https://elsewhere.example/credentials/2"}
    )
    found = verification.verify(json.dumps(presented(named, another)), at=datetime.now(UTC), name_typed=typed)
    assert states(found).get("name") == state

    nameless = presented(named, trusted.credential())
    found = verification.verify(json.dumps(nameless), at=datetime.now(UTC), name_typed=typed)
    assert states(found).get("name") == {"passed": "unknown"}.get(state, state)


def test_a_token_that_claims_another_way_of_signing_is_refused(college, site):
    """The key says what it is for, not the token (T7)."""
    ecdsa, rsa = Ecdsa(), Rsa()
    document = college.did_document(jwk_method(DID, "ec", ecdsa.jwk), jwk_method(DID, "rsa", rsa.jwk))
    site.serve("/.well-known/did.json", json.dumps(document))

    for header, sign in (
        ({"alg": "ES256", "kid": f"{DID}#rsa"}, rsa.sign),
        ({"alg": "EdDSA", "kid": f"{DID}#ec"}, ecdsa.sign),
        ({"alg": "PS256", "kid": f"{DID}#rsa"}, rsa.sign),
        ({"alg": "ES256", "kid": f"{DID}#ec"}, lambda message: ecdsa.sign(message + b"x")),
        ({"alg": "ES256", "kid": f"{DID}#ec"}, lambda _message: b"\0" * 64),
        ({"alg": "ES256", "kid": f"{DID}#ec"}, lambda _message: b"short"),
    ):
        report = judged(signed_token(college.body(), header, sign))
        assert report.verdict is Verdict.ALTERED
        assert states(report)["signature"] == "failed"


def test_what_a_token_says_of_its_own_key_is_not_looked_at(college):
    ecdsa = Ecdsa()
    header = {"alg": "ES256", "jwk": ecdsa.jwk, "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert"}

    report = judged(signed_token(college.body(), header, ecdsa.sign))

    assert report.verdict is Verdict.ALTERED


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "HS256", "HS512"])
def test_a_token_that_nobody_signed_is_not_signed(college, alg):
    token = f"{b64({'alg': alg})}.{b64(college.body())}."

    report = judged(token)

    assert report.verdict is Verdict.ALTERED
    assert report.title == "This document is not signed."


@pytest.mark.parametrize(
    ("payload", "header"),
    [
        ({"iss": "did:web:another.example"}, {}),
        ({"jti": "https://elsewhere.example/credentials/2"}, {}),
        ({"sub": "did:example:somebody-else"}, {}),
        ({"exp": "tomorrow"}, {}),
        ({"nbf": True}, {}),
        ({"exp": 10**14}, {}),
        ({"vc": []}, {}),
        ({}, {"crit": ["exp"]}),
        ({}, {"b64": False, "crit": ["b64"]}),
    ],
)
def test_a_token_that_says_two_things_cannot_be_read(college, payload, header):
    assert judged(college.token(college.body() | payload, header)).verdict is Verdict.UNREADABLE


@pytest.mark.parametrize(
    ("claim", "verdict"), [({"exp": 1_700_000_000}, Verdict.EXPIRED), ({"nbf": 4_000_000_000}, Verdict.NOT_YET_VALID)]
)
def test_the_dates_of_a_token_count_as_well(trusted, claim, verdict):
    assert judged(trusted.token(trusted.body() | claim)).verdict is verdict


# --- the older data model -----------------------------------------------------------------------------------------


def test_the_older_data_model_is_read(trusted):
    assert judged(trusted.credential_of_2020()).verdict is Verdict.VALID
    assert judged(trusted.credential_of_2020(expirationDate="2026-02-01T00:00:00Z")).verdict is Verdict.EXPIRED
    forged = trusted.credential_of_2020() | {"credentialSubject": {"id": "did:example:mallory"}}
    assert judged(forged).verdict is Verdict.ALTERED


# --- endorsements -------------------------------------------------------------------------------------------------


def endorsement(by: Foreigner, of: str, **changes: object) -> dict:
    return by.credential(
        **{
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            ],
            "id": "https://elsewhere.example/endorsements/1",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "Endorsement",
            "issuer": {"id": by.did, "type": ["Profile"], "name": "Guild of Weavers"},
            "credentialSubject": {"id": of, "type": ["EndorsementSubject"], "endorsementComment": "Fine work."},
        }
        | changes
    )


def endorsed(college: Foreigner, *given: dict) -> dict:
    contexts = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
    return college.credential(
        **{"@context": contexts, "type": ["VerifiableCredential", "OpenBadgeCredential"], "endorsement": list(given)}
    )


def test_an_endorsement_is_judged_by_itself(trusted):
    report = judged(endorsed(trusted, endorsement(Foreigner(), trusted.body()["id"])))

    assert report.verdict is Verdict.VALID
    assert states(report)["endorsements"] == "passed"
    assert [(each.by, each.says, each.state) for each in report.endorsements] == [
        ("Guild of Weavers", "Fine work.", State.PASSED)
    ]


def test_a_bad_endorsement_is_shown_as_bad_and_takes_nothing_away(trusted):
    id_ = trusted.body()["id"]
    for bad in (
        endorsement(Foreigner(), "https://elsewhere.example/credentials/2"),
        endorsement(Foreigner(), id_) | {"name": "Changed"},
        endorsement(Foreigner(), id_, validUntil="2026-02-01T00:00:00Z"),
        endorsement(Foreigner(), id_, validFrom="2190-02-01T00:00:00Z"),
    ):
        report = judged(endorsed(trusted, bad))
        assert report.verdict is Verdict.VALID
        assert states(report)["endorsements"] == "failed"


# --- Open Badges 2.0 ----------------------------------------------------------------------------------------------

BASE = "https://college.example/badges"


def hosted(**changes: object) -> dict:
    return {
        "@context": "https://w3id.org/openbadges/v2",
        "id": f"{BASE}/1.json",
        "type": "Assertion",
        "recipient": {"type": "email", "hashed": False, "identity": "noor@example.org"},
        "badge": f"{BASE}/weaving.json",
        "verification": {"type": "hosted"},
        "issuedOn": "2026-01-01T00:00:00Z",
    } | changes


@pytest.fixture
def old_college(site):
    """A college that still hosts badges of the older standard."""
    issuer = {"@context": "https://w3id.org/openbadges/v2", "id": f"{BASE}/issuer.json", "type": "Issuer"}
    badge = {"@context": "https://w3id.org/openbadges/v2", "id": f"{BASE}/weaving.json", "type": "BadgeClass"}
    site.serve("/badges/issuer.json", json.dumps(issuer | {"name": "Hill College"}))
    site.serve("/badges/weaving.json", json.dumps(badge | {"name": "Weaving", "issuer": f"{BASE}/issuer.json"}))
    site.serve("/badges/1.json", json.dumps(hosted()))
    return site


def test_a_hosted_badge_is_held_against_what_its_issuer_says(old_college):
    unknown = judged(hosted())
    rely_on(f"{BASE}/issuer.json")
    known = judged(hosted())

    assert unknown.verdict is Verdict.UNKNOWN_ISSUER
    assert known.verdict is Verdict.VALID
    assert (known.said.achievement, known.said.issuer) == ("Weaving", "Hill College")
    assert (
        verification.verify(json.dumps(hosted()), at=datetime.now(UTC), name_typed="noor@example.org", seconds=10)
        .check("name")
        .state
        is State.PASSED
    )


def test_a_hosted_badge_that_its_issuer_tells_otherwise_is_altered(old_college):
    report = judged(hosted(recipient={"type": "email", "hashed": False, "identity": "mallory@example.org"}))

    assert report.verdict is Verdict.ALTERED
    assert states(report)["signature"] == "failed"


def test_of_a_hosted_badge_whose_site_is_silent_nobody_knows_the_issuer(site):
    report = judged(hosted(expires="2026-02-01T00:00:00Z"))

    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert not report.is_believed
    assert (report.check("issuer").state, report.check("issuer").words) == (
        State.UNKNOWN,
        "Who issued it could not be found out.",
    )


def test_a_hosted_badge_that_was_withdrawn_or_has_ended(old_college):
    rely_on(f"{BASE}/issuer.json")
    old_college.serve("/badges/1.json", json.dumps({"id": f"{BASE}/1.json", "revoked": True}))
    assert judged(hosted()).verdict is Verdict.REVOKED

    foreign.forget()
    old_college.serve("/badges/1.json", "", status=410)
    assert judged(hosted()).verdict is Verdict.REVOKED

    foreign.forget()
    old_college.serve("/badges/1.json", "", status=404)
    assert judged(hosted()).verdict is Verdict.COULD_NOT_BE_CHECKED

    foreign.forget()
    ended = hosted(expires="2026-02-01T00:00:00Z")
    old_college.serve("/badges/1.json", json.dumps(ended))
    assert judged(ended).verdict is Verdict.EXPIRED


def test_whoever_hosts_a_badge_elsewhere_does_not_speak_for_a_college(old_college):
    rely_on(f"{BASE}/issuer.json")
    forged = hosted(id="https://status.example/badges/1.json")
    old_college.serve("/badges/1.json", json.dumps(forged))

    report = judged(forged)

    assert report.verdict is Verdict.ALTERED
    assert states(report)["key"] == "failed"


def test_an_issuer_that_travels_with_the_badge_lends_itself_no_site(old_college):
    rely_on(f"{BASE}/issuer.json")
    issuer = {"id": f"{BASE}/issuer.json", "verification": {"startsWith": "https://status.example/"}}
    badge = {"id": f"{BASE}/weaving.json", "type": "BadgeClass", "name": "Weaving", "issuer": issuer}
    forged = hosted(id="https://status.example/badges/1.json", badge=badge)
    old_college.serve("/badges/1.json", json.dumps(forged))

    assert judged(forged).verdict is Verdict.ALTERED


def test_a_signed_badge_is_checked_with_the_key_that_its_issuer_publishes(old_college):
    rely_on(f"{BASE}/issuer.json")
    rsa = Rsa()
    issuer = {"id": f"{BASE}/issuer.json", "type": "Issuer", "publicKey": f"{BASE}/key.json"}
    key = {"id": f"{BASE}/key.json", "type": "CryptographicKey", "owner": issuer["id"], "publicKeyPem": rsa.pem}
    old_college.serve("/badges/issuer.json", json.dumps(issuer))
    old_college.serve("/badges/key.json", json.dumps(key))
    assertion = hosted(verification={"type": "signed", "creator": key["id"]})

    assert judged(signed_token(assertion, {"alg": "RS256"}, rsa.sign)).verdict is Verdict.VALID
    assert judged(signed_token(assertion, {"alg": "RS256"}, Rsa().sign)).verdict is Verdict.ALTERED

    foreign.forget()
    listed = issuer | {"revocationList": f"{BASE}/revoked.json"}
    old_college.serve("/badges/issuer.json", json.dumps(listed))
    revoked = {"id": f"{BASE}/revoked.json", "revokedAssertions": [{"id": assertion["id"]}]}
    old_college.serve("/badges/revoked.json", json.dumps(revoked))
    assert judged(signed_token(assertion, {"alg": "RS256"}, rsa.sign)).verdict is Verdict.REVOKED


# --- links --------------------------------------------------------------------------------------------------------


def test_a_link_to_another_site_is_followed_to_the_credential(trusted, site):
    site.serve("/credentials/1", json.dumps(trusted.credential()))

    report = judged("https://college.example/credentials/1")

    assert (report.verdict, report.kind) == (Verdict.VALID, "link")


@pytest.mark.parametrize("body", ["<!doctype html><p>A badge</p>", ""])
def test_a_link_to_a_page_for_people_is_said_to_be_one(site, body):
    site.serve("/credentials/1", body)

    assert judged("https://college.example/credentials/1").verdict is not Verdict.VALID
