"""Documents signed with ecdsa-rdfc-2019, everywhere that proofs of others are judged."""

import copy
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

from credentials import claims, trust, verification
from credentials.standards import ecdsa_rdfc
from credentials.verification import State, Verdict, foreign
from portal.shared import outbound
from tests.cast import make_lena, make_rhea
from tests.credentials.foreigner import V2, Foreigner, ForeignerOfCurve, Json, entry, jwk_method
from tests.portal import foreign_site

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

DID = "did:web:college.example"
LIST = "https://status.example/lists/1"
OB3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
SHORT, LONG = ec.SECP256R1(), ec.SECP384R1()


@pytest.fixture(scope="module")
def running_site(tmp_path_factory: Any) -> Any:
    with foreign_site.running(tmp_path_factory.mktemp("foreign")) as site:
        yield site


@pytest.fixture
def site(running_site: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    running_site.pages.clear()
    settings.FETCH = True
    monkeypatch.setattr(outbound, "_way_out", running_site.way())
    foreign.forget()
    yield running_site
    foreign.forget()


def rely_on(identifier: str) -> None:
    said = {"name": "Hill College", "scope": "short courses.", "since": date(2020, 1, 1)}
    trust.trust_issuer(identifier=identifier, by=make_rhea(), at=datetime.now(UTC), **said)


def judged(document: Json) -> verification.Report:
    return verification.verify(json.dumps(document), at=datetime.now(UTC), seconds=10)


def state(report: verification.Report, name: str) -> State:
    check = report.check(name)
    assert check is not None
    return check.state


def posted(path: str, **body: object) -> Any:
    return Client().post(path, json.dumps(body), content_type="application/json")


# --- page and JSON API --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", [SHORT, LONG], ids=lambda curve: curve.name)
def test_a_credential_of_somebody_relied_on_is_valid_and_an_altered_one_is_not(curve: ec.EllipticCurve) -> None:
    issuer = ForeignerOfCurve(curve)
    rely_on(issuer.did)
    document = issuer.credential()

    assert judged(document).verdict is Verdict.VALID
    assert posted("/api/v1/verify/", credential=document).json()["verdict"] == "valid"

    document["credentialSubject"]["id"] = "did:example:emil"
    report = judged(document)
    assert report.verdict is Verdict.ALTERED
    assert (state(report, "signature"), state(report, "key")) == (State.FAILED, State.PASSED)


@pytest.mark.parametrize("curve", [SHORT, LONG], ids=lambda curve: curve.name)
@pytest.mark.parametrize("as_jwk", [False, True], ids=["Multikey", "JsonWebKey"])
def test_the_key_stands_in_the_issuers_own_document(site: Any, curve: ec.EllipticCurve, as_jwk: bool) -> None:
    college = ForeignerOfCurve(curve, DID)
    rely_on(DID)
    document = college.did_document(*([jwk_method(DID, "ec", college.jwk)] if as_jwk else []))
    site.serve("/.well-known/did.json", json.dumps(document))

    signed = college.sign(college.body(), method=f"{DID}#ec" if as_jwk else "")

    assert judged(signed).verdict is Verdict.VALID


@pytest.mark.parametrize(("curve", "other"), [(SHORT, LONG), (LONG, SHORT), (SHORT, SHORT)])
def test_another_key_under_the_same_name_fits_nothing(
    site: Any, curve: ec.EllipticCurve, other: ec.EllipticCurve
) -> None:
    college, stranger = ForeignerOfCurve(curve, DID), ForeignerOfCurve(other, DID)
    method = jwk_method(DID, "ec", college.jwk)
    site.serve("/.well-known/did.json", json.dumps(college.did_document(method)))

    report = judged(stranger.sign(stranger.body(), method=f"{DID}#ec"))

    assert report.verdict is Verdict.ALTERED
    assert state(report, "signature") is State.FAILED


def test_suite_and_key_must_be_of_one_kind() -> None:
    """A proof by a key that its suite does not know is no proof, and no other program's business either."""
    of_curve, of_ed25519 = ForeignerOfCurve(), Foreigner()
    for document, suite in (
        (of_curve.credential(), "eddsa-rdfc-2022"),
        (of_curve.credential(), "eddsa-jcs-2022"),
        (of_ed25519.credential(), ecdsa_rdfc.SUITE),
    ):
        document["proof"][0]["cryptosuite"] = suite
        report = judged(document)
        assert report.verdict is Verdict.ALTERED
        assert "of another kind than the proof says" in report.check("signature").words


# --- what is in and around a document -----------------------------------------------------------------------------


def test_endorsements_status_lists_and_presentations_are_checked_with_it(site: Any) -> None:
    college, body, wallet = ForeignerOfCurve(LONG, DID), ForeignerOfCurve(), ForeignerOfCurve()
    rely_on(DID)
    site.serve("/.well-known/did.json", json.dumps(college.did_document()))
    site.serve("/lists/1", json.dumps(college.status_list(LIST)))
    given = body.endorsement("https://elsewhere.example/credentials/1")
    document = college.credential(
        **{
            "@context": [V2, OB3],
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "endorsement": [given],
            "credentialStatus": entry(LIST),
        }
    )
    shown = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": [document]}
    shown = wallet.sign(shown, proofPurpose="authentication")

    report = judged(shown)

    assert report.verdict is Verdict.VALID
    assert [each.state for each in report.endorsements] == [State.PASSED]
    assert (state(report, "status"), state(report, "presentation")) == (State.PASSED, State.PASSED)

    given["credentialSubject"]["endorsementComment"] = "Better than well made."
    again = college.sign({name: value for name, value in document.items() if name != "proof"})
    assert [each.state for each in judged(again).endorsements] == [State.FAILED]

    broken = copy.deepcopy(shown)
    broken["proof"][0]["created"] = "2020-01-01T00:00:00Z"
    assert state(judged(broken), "presentation") is State.FAILED

    site.serve("/lists/1", json.dumps(college.status_list(LIST, 7)))
    foreign.forget()
    assert judged(again).verdict is Verdict.REVOKED


def test_a_claim_is_believed_by_it() -> None:
    college = ForeignerOfCurve(LONG)
    rely_on(college.did)

    claim, _is_new = claims.claim(learner=make_lena(), content=json.dumps(college.credential()), at=datetime.now(UTC))
    store = claims.check(claim.pk, at=datetime.now(UTC))

    assert store is not None
    store()
    claim.refresh_from_db()
    assert (claim.verdict, claim.is_signed) == ("valid", True)


# --- VC-API -------------------------------------------------------------------------------------------------------


def assert_verified(path: str, verified: bool, **body: object) -> None:
    answer = posted(path, **body)
    assert (answer.status_code, answer.json()["verified"]) == (200 if verified else 400, verified), answer.text


@pytest.mark.parametrize("curve", [SHORT, LONG], ids=lambda curve: curve.name)
def test_the_vc_api_verifies_credentials_and_presentations(curve: ec.EllipticCurve) -> None:
    issuer, holder = ForeignerOfCurve(curve), ForeignerOfCurve()
    document = issuer.credential()
    shown = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": holder.did}
    shown = holder.sign(
        shown | {"verifiableCredential": [document]}, proofPurpose="authentication", challenge="c-1", domain="us"
    )
    asked = {"challenge": "c-1", "domain": "us"}

    assert_verified("/credentials/verify", True, verifiableCredential=document)
    assert_verified("/presentations/verify", True, verifiablePresentation=shown, options=asked)
    assert_verified("/presentations/verify", False, verifiablePresentation=shown, options=asked | {"challenge": "c"})
    document["validFrom"] = "2026-01-02T00:00:00Z"
    assert_verified("/credentials/verify", False, verifiableCredential=document)
    assert_verified("/presentations/verify", False, verifiablePresentation=shown, options=asked)


@pytest.mark.parametrize("is_chain", [False, True], ids=["set", "chain"])
def test_all_proofs_of_a_set_or_chain_must_hold(is_chain: bool) -> None:
    issuer, witness = ForeignerOfCurve(), ForeignerOfCurve(LONG)
    one = witness.sign(issuer.body(), id="urn:uuid:one")
    both = issuer.sign(one, **({"previousProof": "urn:uuid:one"} if is_chain else {}))

    assert_verified("/credentials/verify", True, verifiableCredential=both)
    assert_verified("/credentials/verify", False, verifiableCredential=one)
    assert state(judged(both), "signature") is State.PASSED
    for place in (0, 1):
        broken = copy.deepcopy(both)
        broken["proof"][place]["created"] = "2020-01-01T00:00:00Z"
        assert_verified("/credentials/verify", False, verifiableCredential=broken)
        assert judged(broken).verdict is Verdict.ALTERED
