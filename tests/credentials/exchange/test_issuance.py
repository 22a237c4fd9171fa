"""A small wallet walks the whole way of OpenID4VCI 1.0 by HTTP, and everything that others might try in its place."""

import json
import re
import threading
import time
from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from credentials import revocation, verification
from credentials.exchange import handing_out, nonces, offers, sweeping
from credentials.keys import keyring, token_keys
from credentials.models import (
    Award,
    Credential,
    Token,
    TokenKey,
    UsedNonce,
    WalletCopy,
    WalletOffer,
    WalletTransfer,
)
from credentials.standards import contexts, jose, open_badges
from credentials.verification import Verdict
from portal.shared import outbox
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_lena, make_noor, make_rhea
from tests.credentials.exchange.small_wallet import GRANT, Key, Wallet, b64, unb64
from tests.factories import NOON

pytestmark = pytest.mark.django_db
LDP, JWT = "OpenBadge_ldp_vc", "OpenBadge_jwt_vc_json"


def offered(credential: Credential) -> offers.Offered:
    return offers.offer(credential=credential, by=credential.award.learner, at=timezone.now())


def connected(credential: Credential, key: Key | None = None) -> Wallet:
    """A wallet that has redeemed an offer."""
    made = offered(credential)
    wallet = Wallet(key=key or Key.ed25519())
    assert wallet.redeem(wallet.read(made.link)["pre-authorized_code"], made.number).status_code == 200
    return wallet


def fetched(wallet: Wallet, proof: str, form: str = LDP):
    """What the wallet has in the end: a worker signs between its two questions."""
    waiting = wallet.ask(proof, form=form)
    assert (waiting.status_code, waiting.json()["interval"] > 0) == (202, True), waiting.content
    outbox.run_all_due()
    answer = wallet.ask_again(waiting.json()["transaction_id"])
    assert answer.status_code == 200, answer.content
    return answer.json()


# --- the whole way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "named"),
    [
        pytest.param(Key.ed25519, "did:key", id="did:key"),
        pytest.param(Key.p256, "jwk", id="jwk", marks=pytest.mark.one_database),
        pytest.param(Key.p256, "did:jwk", id="did:jwk", marks=pytest.mark.one_database),
    ],
)
def test_a_learner_adds_a_credential_to_a_wallet(client, signed, make, named):
    lena, key = signed.award.learner, make()
    client.force_login(lena)
    page = client.post(reverse("me-credential-add", args=[signed.uuid]))
    link = page.context["offer"].link
    assert page.status_code == 200
    assert link in page.content.decode().replace("&amp;", "&")
    assert page.context["offer"].number in page.content.decode()

    wallet = Wallet(key=key)
    grant = wallet.read(link)
    assert grant["tx_code"] == {"input_mode": "numeric", "length": 6, "description": grant["tx_code"]["description"]}
    answer = wallet.redeem(grant["pre-authorized_code"], page.context["offer"].number)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer.json() == {"access_token": wallet.token, "token_type": "Bearer", "expires_in": 3600}

    kid = {"did:key": f"{key.did}#{key.did.removeprefix('did:key:')}", "did:jwk": f"{key.did_jwk}#0"}.get(named)
    header = {"typ": "openid4vci-proof+jwt", "alg": key.algorithm}
    given = fetched(wallet, wallet.proof(header=header | ({"kid": kid} if kid else {"jwk": key.jwk})))
    document = given["credentials"][0]["credential"]
    stored = json.loads(signed.document)
    assert document["credentialSubject"] == stored["credentialSubject"] | {
        "id": key.did_jwk if named == "did:jwk" else key.did
    }
    said = {name: value for name, value in document.items() if name not in {"proof", "credentialSubject"}}
    assert said == {name: stored[name] for name in stored if name not in {"proof", "credentialSubject"}}
    assert not open_badges.schema_problems(document, "strict")

    assert wallet.tell(given["notification_id"], "credential_accepted").status_code == 204
    assert WalletTransfer.objects.get().event == "credential_accepted"
    report = verification.verify(json.dumps(document), at=NOON)
    assert report.verdict is Verdict.VALID, report.reasons
    assert report.credential == signed
    acts = list(AuditEntry.objects.filter(concerns=lena).order_by("id").values_list("act", flat=True))
    assert acts[-2:] == ["offer credential to wallet", "hand credential to wallet"]


@pytest.mark.one_database
def test_as_a_token_it_is_bound_to_the_same_key(signed):
    wallet = connected(signed, Key.p256())
    text = fetched(wallet, wallet.proof(), JWT)["credentials"][0]["credential"]
    read = jose.read(text)
    jwk = {key["id"]: key for key in keyring.did_document(signed.issuer)["verificationMethod"]}[read.header["kid"]]
    jose.verify(read, jose.public_key_of(jwk["publicKeyJwk"]))
    assert read.payload["sub"] == read.payload["credentialSubject"]["id"] == wallet.key.did
    assert verification.verify(text, at=NOON).verdict is Verdict.VALID
    # The token for everybody is another one.
    assert not Token.objects.exists()


@pytest.mark.one_database
def test_a_wallet_that_waits_a_moment_is_given_the_copy_at_once(signed, monkeypatch):
    """As it goes while a worker is there: it signs in between two looks."""
    monkeypatch.setattr(handing_out, "WAIT_SECONDS", 5)
    monkeypatch.setattr(time, "sleep", lambda seconds: outbox.run_all_due())
    wallet = connected(signed)
    answer = wallet.ask(wallet.proof())
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert set(answer.json()) == {"credentials", "notification_id"}
    # The same key again, from another offer: what was signed is given out letter by letter.
    again = connected(signed, wallet.key)
    assert again.ask(again.proof()).json()["credentials"] == answer.json()["credentials"]
    assert WalletCopy.objects.count() == 1


@pytest.mark.one_database
def test_so_many_are_kept_waiting_at_once(credential, monkeypatch):
    """The others are told to come back, and the process stays free for everybody else."""
    monkeypatch.setattr(handing_out, "WAIT_SECONDS", 60)
    wallet, slept = connected(credential), []
    monkeypatch.setattr(handing_out, "_waiting", threading.BoundedSemaphore(1))

    def another_comes(_seconds: float) -> None:
        slept.append(wallet.ask(wallet.proof()).status_code)
        monkeypatch.setattr(handing_out, "WAIT_SECONDS", 0)
        WalletCopy.objects.update(text="{}")

    monkeypatch.setattr(time, "sleep", another_comes)
    assert wallet.ask(wallet.proof()).status_code == 200
    assert slept == [202]


@pytest.mark.one_database
def test_the_pages_ask_the_database_so_often(client, credential, django_assert_num_queries):
    client.force_login(credential.award.learner)
    address = reverse("me-credential-add", args=[credential.uuid])
    client.get(address)
    with django_assert_num_queries(4):
        client.get(address)
    with django_assert_num_queries(10):
        client.post(address)
    with django_assert_num_queries(4):
        client.get(reverse("me-wallets"))


@pytest.mark.one_database
def test_a_revoked_credential_is_told_as_such_of_the_copy_too(signed):
    wallet = connected(signed)
    document = fetched(wallet, wallet.proof())["credentials"][0]["credential"]
    revocation.revoke(award=signed.award, by=make_rhea(), at=NOON, reason="issued-in-error", public_note="")
    assert verification.verify(json.dumps(document), at=NOON).verdict is Verdict.REVOKED


@pytest.mark.one_database
def test_only_what_we_signed_is_taken_for_a_copy(signed):
    """Somebody with a key of the issuer could sign one about a key of their own; our rows do not know it."""
    wallet = connected(signed)
    document = fetched(wallet, wallet.proof())["credentials"][0]["credential"]
    WalletCopy.objects.all().delete()
    assert verification.verify(json.dumps(document), at=NOON).verdict is Verdict.ALTERED


@pytest.mark.one_database
def test_metadata_say_where_and_what(client, credential):
    wallet = Wallet()
    wallet.read(offered(credential).link)
    assert wallet.metadata["display"] == [{"name": credential.issuer.name}]
    supported = wallet.metadata["credential_configurations_supported"]
    assert {each["format"] for each in supported.values()} == {"ldp_vc", "jwt_vc_json"}
    assert supported[LDP]["credential_definition"] == {
        "@context": [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES_V3, contexts.OPEN_BADGES_EXTENSIONS],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
    }
    assert supported[JWT]["credential_definition"] == {"type": ["VerifiableCredential", "OpenBadgeCredential"]}
    for each in supported.values():
        assert each["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"] == ["ES256", "EdDSA"]
    server = wallet.server()
    assert GRANT in server["grant_types_supported"]
    assert server["pre-authorized_grant_anonymous_access_supported"] is True
    # Wallets of older drafts look behind the path.
    old = client.get(f"/issuers/{credential.issuer.slug}/.well-known/openid-credential-issuer")
    assert old.json() == wallet.metadata
    assert old["Access-Control-Allow-Origin"] == "*"


# --- the offer ----------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_an_offer_is_for_its_holder_alone(client, credential):
    address = reverse("me-credential-add", args=[credential.uuid])
    assert client.get(address).status_code == 302
    client.force_login(make_noor())
    assert client.get(address).status_code == client.post(address).status_code == 404
    assert not WalletOffer.objects.exists()
    client.force_login(credential.award.learner)
    assert client.get(address).status_code == 200
    assert not WalletOffer.objects.exists()


@pytest.mark.one_database
def test_nothing_kept_opens_anything(credential):
    made = offered(credential)
    wallet = Wallet()
    code = wallet.read(made.link)["pre-authorized_code"]
    wallet.redeem(code, made.number)
    row = json.dumps(WalletOffer.objects.values().get(), default=str)
    for secret in (unquote(made.link).rpartition("/")[2], code, made.number, wallet.token):
        assert not re.search(rf'"{re.escape(secret)}"', row)


@pytest.mark.one_database
def test_only_what_is_in_the_log_and_current_is_offered(credential):
    Credential.objects.filter(pk=credential.pk).update(state=Credential.State.SIGNED)
    credential.refresh_from_db()
    with pytest.raises(offers.NotFinished):
        offered(credential)
    credential.state, credential.superseded_by = Credential.State.LOGGED, credential
    with pytest.raises(offers.Replaced):
        offered(credential)
    credential.superseded_by, credential.award.standing = None, "revoked"
    with pytest.raises(offers.Revoked):
        offered(credential)


@pytest.mark.one_database
def test_a_learner_makes_so_many_offers_in_an_hour(credential, client):
    for _time in range(offers.MOST_IN_AN_HOUR):
        offered(credential)
    with pytest.raises(offers.TooManyOffers):
        offered(credential)
    client.force_login(credential.award.learner)
    assert client.post(reverse("me-credential-add", args=[credential.uuid])).status_code == 429


@pytest.mark.one_database
@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html"])
def test_an_offer_that_is_no_more_is_told_to_programs_in_their_form(credential, accept):
    made = offered(credential)
    address = unquote(made.link).partition("uri=")[2].removeprefix("http://localhost:8000")
    wallet = Wallet()
    assert wallet.redeem(wallet.read(made.link)["pre-authorized_code"], made.number).status_code == 200

    for gone in (address, "/wallet/offers/made-up"):
        answer = Client().get(gone, headers={"accept": accept})
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["detail"] == "This offer has ended, or was used. Ask for a new one."
        assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.one_database
def test_a_new_offer_ends_the_one_before(credential):
    first, second = offered(credential), offered(credential)
    assert (
        Client().get(unquote(first.link).partition("uri=")[2].removeprefix("http://localhost:8000")).status_code == 404
    )
    assert Wallet().read(second.link)


# --- the code -----------------------------------------------------------------------------------------------------


def error_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


@pytest.mark.one_database
def test_code_and_number_are_needed_and_fit_each_other(credential):
    made, other = offered(credential), Wallet()
    code = other.read(made.link)["pre-authorized_code"]
    wrong = f"{(int(made.number) + 1) % 10**6:06}"
    assert error_of(other.redeem(code, None)) == (400, "invalid_request")
    assert error_of(other.redeem("", made.number)) == (400, "invalid_request")
    assert error_of(other.redeem(code, wrong)) == (400, "invalid_grant")
    assert error_of(other.redeem(code + "x", made.number)) == (400, "invalid_grant")
    assert other.redeem(code, made.number).status_code == 200


def test_after_five_wrong_numbers_the_right_one_is_of_no_use(credential):
    made, other = offered(credential), Wallet()
    code = other.read(made.link)["pre-authorized_code"]
    for step in range(1, offers.MOST_WRONG_NUMBERS + 1):
        assert error_of(other.redeem(code, f"{(int(made.number) + step) % 10**6:06}")) == (400, "invalid_grant")
    assert error_of(other.redeem(code, made.number)) == (400, "invalid_grant")
    assert WalletOffer.objects.get().access_sha256 is None


def test_a_code_is_good_once(credential):
    made, thief = offered(credential), Wallet()
    code = thief.read(made.link)["pre-authorized_code"]
    assert thief.redeem(code, made.number).status_code == 200
    assert error_of(Wallet(metadata=thief.metadata).redeem(code, made.number)) == (400, "invalid_grant")
    assert thief.get(unquote(made.link).partition("uri=")[2]).status_code == 404


@pytest.mark.one_database
def test_a_code_is_good_for_ten_minutes_and_access_for_an_hour(credential):
    with time_machine.travel(NOON, tick=False) as clock:
        late = offered(credential)
        wallet = Wallet()
        code = wallet.read(late.link)["pre-authorized_code"]
        clock.shift(offers.LIFE)
        assert error_of(wallet.redeem(code, late.number)) == (400, "invalid_grant")
        wallet = connected(credential)
        clock.shift(offers.ACCESS_LIFE)
        assert wallet.ask(wallet.proof()).status_code == 401


@pytest.mark.one_database
def test_without_access_nothing_is_said(credential):
    wallet = connected(credential)
    proof, wallet.token = wallet.proof(), "guessed"
    for answer in (wallet.ask(proof), wallet.ask_again("x"), wallet.tell("x", "credential_accepted")):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert wallet.client.post("/wallet/credential")["WWW-Authenticate"] == "Bearer"


@pytest.mark.one_database
def test_who_may_no_longer_sign_in_gets_nothing_by_a_wallet_either(credential):
    wallet = connected(credential)
    make_lena().__class__.objects.filter(pk=credential.award.learner_id).update(is_active=False)
    assert wallet.ask(wallet.proof()).status_code == 401


@pytest.mark.one_database
def test_a_wallet_that_asks_by_details_is_told_by_which_name_to_ask(credential):
    made, wallet = offered(credential), Wallet()
    code = wallet.read(made.link)["pre-authorized_code"]
    token_endpoint = "/oauth/token"
    assert wallet.server()["authorization_details_types_supported"] == ["openid_credential"]

    def redeem(details: object):
        form = {"grant_type": GRANT, "pre-authorized_code": code, "tx_code": made.number}
        return wallet.client.post(token_endpoint, form | {"authorization_details": json.dumps(details)})

    wanted = {"type": "openid_credential", "credential_configuration_id": JWT}
    for wrong in ({}, [], ["a"], [wanted | {"type": "x"}], [wanted | {"credential_configuration_id": "x"}]):
        assert error_of(redeem(wrong)) == (400, "invalid_authorization_details")
    for places in ("a", [1], ["https://elsewhere.example"]):
        assert error_of(redeem([wanted | {"locations": places}])) == (400, "invalid_authorization_details")
    answer = redeem([wanted | {"locations": [wallet.issuer]}]).json()
    [granted] = answer["authorization_details"]
    [name] = granted["credential_identifiers"]
    assert granted == wanted | {"locations": [wallet.issuer], "credential_identifiers": [name]}
    wallet.token = answer["access_token"]
    body = {"credential_identifier": name, "proofs": {"jwt": [wallet.proof()]}}
    assert wallet.post(wallet.metadata["credential_endpoint"], body).status_code == 202
    assert WalletCopy.objects.get().form == "jwt_vc_json"


# --- the proof ----------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_a_proof_that_does_not_hold_is_refused(credential):
    wallet, foreign = connected(credential), Key.p256()
    good = {"typ": "openid4vci-proof+jwt", "alg": "EdDSA", "jwk": wallet.key.jwk}
    unsigned = ".".join([b64(json.dumps(good | {"alg": "none"}).encode()), wallet.proof().split(".")[1], ""])
    head, body, tail = wallet.proof().split(".")
    changed = b64(json.dumps(json.loads(unb64(body)) | {"iss": "somebody"}).encode())
    bad = {
        "alg none": unsigned,
        "alg none, and a signature": wallet.proof(header=good | {"alg": "none"}),
        "a MAC": wallet.proof(header=good | {"alg": "HS256"}),
        "an algorithm that the key is not for": wallet.proof(header=good | {"alg": "ES256"}),
        "another type": wallet.proof(header=good | {"typ": "JWT"}),
        "no key": wallet.proof(header={"typ": good["typ"], "alg": "EdDSA"}),
        "two keys": wallet.proof(header=good | {"kid": wallet.key.did}),
        "a key of somebody else": wallet.proof(header=good | {"jwk": Key.ed25519().jwk}),
        "a key of another kind": wallet.proof(header=good | {"jwk": foreign.jwk}),
        "a private key": wallet.proof(header=good | {"jwk": wallet.key.jwk | {"d": "AA"}}),
        "a key elsewhere": wallet.proof(header={**good, "jku": "https://evil.example/keys"}),
        "a DID that has to be looked up": wallet.proof(
            header={"typ": good["typ"], "alg": "EdDSA", "kid": "did:web:evil.example#1"}
        ),
        "a certificate": wallet.proof(header={"typ": good["typ"], "alg": "EdDSA", "x5c": ["AA"]}),
        "something critical": wallet.proof(header=good | {"crit": ["b64"]}),
        "changed after signing": f"{head}.{changed}.{tail}",
        "for somebody else": wallet.proof(aud="https://elsewhere.example"),
        "for nobody": wallet.proof(aud=None),
        "no nonce": wallet.proof(nonce=None),
        "no time": wallet.proof(iat=None),
        "time as text": wallet.proof(iat="now"),
        "old": wallet.proof(iat=int(time.time()) - 3600),
        "of tomorrow": wallet.proof(iat=int(time.time()) + 86_400),
        "no token": "abc",
        "far too long": "a." * 9_000,
    }
    answers = {name: error_of(wallet.ask(proof)) for name, proof in bad.items()}
    assert answers == dict.fromkeys(bad, (400, "invalid_proof"))
    assert not WalletCopy.objects.exists()


def test_a_nonce_is_ours_fresh_and_good_once(credential):
    wallet = connected(credential)
    nonce = wallet.nonce()
    assert wallet.ask(wallet.proof(nonce=nonce)).status_code == 202
    assert error_of(wallet.ask(wallet.proof(nonce=nonce))) == (400, "invalid_nonce")
    assert error_of(wallet.ask(wallet.proof(nonce="made up"))) == (400, "invalid_nonce")
    with time_machine.travel(timezone.now() + nonces.LIFE + timedelta(seconds=5)):
        old = wallet.proof(nonce=nonces.make())
    stale = nonces.make()
    with time_machine.travel(timezone.now() + nonces.LIFE + timedelta(seconds=5)):
        assert error_of(wallet.ask(wallet.proof(nonce=stale))) == (400, "invalid_nonce")
    # Nobody looks at the nonce of a proof that does not hold: it would use up those of others.
    assert error_of(wallet.ask(old)) == (400, "invalid_proof")
    answer = Client().post(reverse("wallet-nonce"))
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.one_database
def test_requests_are_refused_by_the_names_of_the_standard(credential):
    wallet = connected(credential)
    endpoint = wallet.metadata["credential_endpoint"]
    asked = {
        "invalid_credential_request": [
            [],
            {},
            {"proofs": {"jwt": ["x"]}},
            {"credential_configuration_id": 7},
            {"credential_configuration_id": LDP, "credential_identifier": f"{LDP}:{credential.uuid}"},
        ],
        "unknown_credential_configuration": [{"credential_configuration_id": "Diploma"}],
        "unknown_credential_identifier": [{"credential_identifier": "mine"}],
        "invalid_encryption_parameters": [{"credential_configuration_id": LDP, "credential_response_encryption": {}}],
        "invalid_proof": [
            {"credential_configuration_id": LDP},
            {"credential_configuration_id": LDP, "proofs": {}},
            {"credential_configuration_id": LDP, "proofs": {"di_vp": [{}]}},
            {"credential_configuration_id": LDP, "proofs": {"jwt": []}},
            {"credential_configuration_id": LDP, "proofs": {"jwt": [wallet.proof(), wallet.proof()]}},
            {"credential_configuration_id": LDP, "proof": {"proof_type": "jwt", "jwt": wallet.proof()}},
        ],
    }
    for error, bodies in asked.items():
        for body in bodies:
            assert error_of(wallet.post(endpoint, body)) == (400, error), body
    plain = wallet.client.post("/wallet/credential", {"a": "b"}, headers={"Authorization": f"Bearer {wallet.token}"})
    assert error_of(plain) == (400, "invalid_credential_request")


@pytest.mark.one_database
def test_what_was_replaced_or_revoked_meanwhile_is_not_handed_out(credential):
    wallet = connected(credential)
    waiting = wallet.ask(wallet.proof()).json()["transaction_id"]
    Award.objects.filter(pk=credential.award_id).update(standing="revoked")
    assert error_of(wallet.ask(wallet.proof())) == (400, "credential_request_denied")
    Award.objects.filter(pk=credential.award_id).update(standing="active")
    Credential.objects.filter(pk=credential.pk).update(superseded_by=credential.pk)
    assert error_of(wallet.ask(wallet.proof())) == (400, "credential_request_denied")
    assert error_of(wallet.ask_again(waiting)) == (400, "credential_request_denied")


@pytest.mark.one_database
def test_one_offer_is_for_one_wallet(credential):
    wallet = connected(credential)
    for _time in range(handing_out.MOST_TRANSFERS):
        assert wallet.ask(wallet.proof()).status_code == 202
    assert error_of(wallet.ask(wallet.proof())) == (400, "credential_request_denied")


# --- later --------------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_a_transaction_ends_with_the_copy_and_is_nobody_elses(signed):
    wallet = connected(signed)
    transaction = wallet.ask(wallet.proof()).json()["transaction_id"]
    still = wallet.ask_again(transaction)
    assert (still.status_code, still.json()["transaction_id"]) == (202, transaction)
    # Section 9.2: what can be told of comes with what it is about.
    assert set(still.json()) == {"transaction_id", "interval"}
    other = connected(signed)
    for wrong in (transaction, "x", None, 7):
        assert error_of(other.ask_again(wrong)) == (400, "invalid_transaction_id")
    outbox.run_all_due()
    assert wallet.ask_again(transaction).status_code == 200
    assert error_of(wallet.ask_again(transaction)) == (400, "invalid_transaction_id")


@pytest.mark.one_database
def test_what_became_of_it_is_told_by_the_wallet_that_has_it(signed):
    wallet = connected(signed)
    transaction = wallet.ask(wallet.proof()).json()["transaction_id"]
    assert error_of(wallet.tell(transaction, "credential_accepted")) == (400, "invalid_notification_id")
    outbox.run_all_due()
    given = wallet.ask_again(transaction).json()["notification_id"]
    assert error_of(wallet.tell(given, "credential_eaten")) == (400, "invalid_notification_request")
    assert error_of(wallet.tell("x", "credential_deleted")) == (400, "invalid_notification_id")
    assert error_of(connected(signed).tell(given, "credential_deleted")) == (400, "invalid_notification_id")
    for _time in range(2):
        assert wallet.tell(given, "credential_failure").status_code == 204
    assert WalletTransfer.objects.get(uuid=given).event == "credential_failure"


# --- keys and limits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [LDP, JWT])
@pytest.mark.one_database
def test_a_copy_by_a_key_that_was_given_up_is_made_anew(signed, form):
    # The credential itself was signed before, by a key that nobody has stolen; else it would be issued anew.
    keyring.rotate(keyring.active_key("credentials", signed.issuer), by=None, at=NOON)
    wallet = connected(signed)
    first = fetched(wallet, wallet.proof(), form)["credentials"][0]["credential"]
    if form == JWT:
        token_keys.give_up(TokenKey.objects.get(algorithm="ES256"), by=make_ada(), at=NOON, reason="Stolen.")
    else:
        key = keyring.active_key("credentials", signed.issuer)
        keyring.mark_compromised(key=key, by=make_ada(), at=NOON, reason="Stolen.")
    second = fetched(wallet, wallet.proof(), form)["credentials"][0]["credential"]
    assert second != first
    text = second if form == JWT else json.dumps(second)
    assert verification.verify(text, at=NOON).verdict is Verdict.VALID


@pytest.mark.one_database
def test_a_web_process_hands_out_and_signs_nothing(credential, settings):
    wallet = connected(credential)
    settings.ROLE = "web"
    assert wallet.ask(wallet.proof()).status_code == 202
    assert WalletCopy.objects.get().text == ""


@pytest.mark.one_database
def test_wallets_in_browsers_may_ask_from_any_site(credential):
    wallet = connected(credential)
    before = wallet.client.options("/wallet/credential")
    assert (before.status_code, before["Access-Control-Allow-Headers"]) == (204, "Authorization, Content-Type")
    assert wallet.ask("x")["Access-Control-Allow-Origin"] == "*"
    assert wallet.client.get("/wallet/credential")["Allow"] == "POST"


def test_what_opens_nothing_is_forgotten(credential):
    unused = offered(credential)
    wallet = connected(credential)
    wallet.ask(wallet.proof())
    later = timezone.now() + timedelta(days=2)
    sweeping.sweep(at=later)
    assert not UsedNonce.objects.exists()
    assert [offer.transfers.count() for offer in WalletOffer.objects.all()] == [1]
    assert unused.number
