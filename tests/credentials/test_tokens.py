"""Tests credentials as tokens: what they say, who signs them, whom they convince, and what ends with a key."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from credentials import addresses, composition, revocation, sharing, tokens, verification
from credentials.keys import key_files, keyring, token_keys
from credentials.log import ledger_check
from credentials.models import Credential, LogEntry, Token, TokenKey
from credentials.rendering import badge, certificate
from credentials.signing import token_signing
from credentials.standards import jose, linked_data, vc_jose
from credentials.standards.contexts import CREDENTIALS_V2
from credentials.verification import State, Verdict
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_ada, make_rhea
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import in_a_pdf, shared
from tests.factories import NOON

pytestmark = pytest.mark.django_db
ALGORITHMS = TokenKey.Algorithm.values


@pytest.fixture
def credential(monkeypatch) -> Credential:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)
    return shared()


def asked(client, credential, query="", accept="application/vc+jwt"):
    return client.get(reverse("credential-document", args=[credential.uuid]) + query, headers={"Accept": accept})


def token_of(credential, algorithm="ES256") -> str:
    outbox.run_all_due()
    return tokens.text_of(credential, algorithm)


def published(credential) -> dict[str, dict[str, str]]:
    methods = keyring.did_document(credential.issuer)["verificationMethod"]
    return {each["id"]: each["publicKeyJwk"] for each in methods if each["type"] == "JsonWebKey"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_says_what_the_credential_says_by_a_key_that_the_issuer_publishes(credential, algorithm):
    read = jose.read(token_of(credential, algorithm))
    jwk = published(credential)[read.header["kid"]]
    jose.verify(read, jose.public_key_of(jwk))
    assert read.header == {"alg": algorithm, "kid": read.header["kid"], "typ": "JWT"}
    document = composition.parsed(credential.document)
    number = addresses.subject_id(credential)
    assert read.payload["credentialSubject"] == {"id": number} | document["credentialSubject"]
    assert {name: read.payload[name] for name in ("iss", "jti", "sub", "nbf")} == {
        "iss": document["issuer"]["id"],
        "jti": document["id"],
        "sub": number,
        "nbf": int(credential.issued_at.timestamp()),
    }
    said = {name for name in read.payload if name not in {"iss", "jti", "sub", "nbf", "exp"}}
    assert said == set(document) - {"proof"}
    vc_jose.refuse_outside_its_time(read.payload, NOON)


def test_the_same_credential_gives_the_same_tokens(credential):
    token_of(credential)
    first = dict(Token.objects.values_list("algorithm", "text"))
    Token.objects.all().delete()
    token_signing.sign_tokens([credential.pk], at=NOON)()
    assert dict(Token.objects.values_list("algorithm", "text")) == first
    assert set(first) == set(ALGORITHMS)
    assert token_signing.sign_tokens([credential.pk], at=NOON) is None


def test_the_address_of_a_credential_gives_its_token_to_who_asks_for_one(client, credential):
    waiting = asked(client, credential)
    assert (waiting.status_code, waiting["Retry-After"]) == (503, "2")
    outbox.run_all_due()
    answer = asked(client, credential)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vc+jwt")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in answer["Vary"]
    assert jose.read(answer.content.decode()).header["alg"] == "ES256"
    assert jose.read(asked(client, credential, "?alg=RS256").content.decode()).header["alg"] == "RS256"
    assert asked(client, credential, "?alg=none").status_code == 406
    again = client.get(
        reverse("credential-document", args=[credential.uuid]),
        headers={"Accept": "application/vc+jwt", "If-None-Match": answer["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/vc", "application/vc"),
        ("application/ld+json", "application/ld+json"),
        ("application/vc+ld+json", "application/vc+ld+json"),
        ("application/json", "application/json"),
        ("*/*", "application/vc"),
        ("application/vc+jwt;q=0.5, application/vc", "application/vc"),
    ],
)
def test_all_others_are_given_the_document(client, credential, accept, content_type):
    answer = asked(client, credential, accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert answer.content.decode() == credential.document
    assert asked(client, credential, accept="text/html").status_code == 302
    assert not Token.objects.exists()


def test_with_sharing_the_tokens_are_made_before_a_stranger_asks(client, credential):
    sharing.withdraw(credential=credential, by=credential.award.learner, at=NOON)
    Job.objects.filter(kind="credentials.sign_tokens").delete()
    sharing.share(credential=credential, by=credential.award.learner, at=NOON)
    outbox.run_all_due()
    assert asked(client, credential).status_code == 200
    # What is issued anew stays shared, and is to be had in the same forms.
    newer = revocation.supersede(award=credential.award, recipient_name="Lena O.", by=make_rhea(), at=NOON)
    outbox.run_all_due()
    assert jose.read(asked(client, newer).content.decode()).payload["id"] == newer.document_url
    # Whoever holds the former one as a token renews it in the same form.
    renewed = client.get(reverse("credential-newest", args=[credential.uuid]), headers={"Accept": "application/vc+jwt"})
    assert (renewed["Content-Type"], renewed.content) == ("application/vc+jwt", asked(client, newer).content)


def test_what_only_its_holder_sees_is_made_into_a_token_when_they_ask(client, credential):
    sharing.withdraw(credential=credential, by=credential.award.learner, at=NOON)
    Job.objects.filter(kind="credentials.sign_tokens").delete()
    client.force_login(credential.award.learner)
    assert asked(client, credential).status_code == 503
    outbox.run_all_due()
    assert asked(client, credential).status_code == 200


def test_a_token_is_shown_to_strangers_only_while_the_learner_shares_the_credential(client, credential):
    token_of(credential)
    sharing.withdraw(credential=credential, by=credential.award.learner, at=NOON)
    assert asked(client, credential).status_code == 410
    client.force_login(credential.award.learner)
    assert asked(client, credential).status_code == 200


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_we_believe_our_own_tokens(credential, algorithm):
    report = verification.verify(token_of(credential, algorithm), at=NOON)
    assert report.verdict is Verdict.VALID, report.reasons
    states = {check.name: check.state for check in report.checks}
    assert states["signature"] == states["key"] == states["log"] == State.PASSED
    assert report.credential == credential


@pytest.mark.one_database
def test_the_vc_api_opens_the_envelope_of_a_token(client, credential):
    def judged(text):
        envelope = {"@context": CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential"}
        said = {"verifiableCredential": {**envelope, "id": f"data:application/vc+jwt,{text}"}}
        return client.post("/credentials/verify", said, content_type="application/json")

    assert judged(token_of(credential)).json() == {"verified": True}
    head, body, tail = token_of(credential).split(".")
    changed = judged(f"{head}.{body}.{'A' * len(tail)}")
    assert (changed.status_code, changed.json()["verified"]) == (400, False)


def test_a_token_that_was_changed_is_believed_by_nobody(credential):
    head, body, tail = token_of(credential).split(".")
    forged = json.dumps(jose.read(f"{head}.{body}.{tail}").payload | {"name": "Another"}).encode()
    report = verification.verify(f"{head}.{vc_jose.jose.multikey.encode_base64url(forged)}.{tail}", at=NOON)
    assert report.verdict is Verdict.ALTERED


def test_a_key_for_credentials_signs_no_tokens_and_the_other_way_round(credential):
    text = token_of(credential)
    key = keyring.active_key("credentials", credential.issuer)
    read = jose.read(text)
    header = {"alg": "EdDSA", "kid": keyring.method_id(key, credential.issuer), "typ": "JWT"}
    forged = jose.signed_by(header, read.payload, lambda content: keyring.sign(key, content))
    assert verification.verify(forged, at=NOON).verdict is Verdict.ALTERED


def test_nothing_is_signed_before_it_is_in_the_log_or_while_signing_is_stopped(credential):
    Credential.objects.filter(pk=credential.pk).update(state=Credential.State.SIGNED)
    with pytest.raises(outbox.Later):
        token_signing.sign_tokens([credential.pk], at=NOON)
    Credential.objects.filter(pk=credential.pk).update(state=Credential.State.LOGGED)
    token_signing.sign_tokens([credential.pk], at=NOON)
    key_files.stop_switch().touch()
    with pytest.raises(outbox.Later):
        token_signing.sign_tokens([credential.pk], at=NOON)
    key_files.stop_switch().unlink()
    assert not Token.objects.exists()


def test_an_altered_body_is_signed_by_nobody(credential):
    body = composition.parsed(credential.body)
    body["credentialSubject"]["achievement"].pop("criteria")
    Credential.objects.filter(pk=credential.pk).update(body=composition.as_text(body))
    with pytest.raises(outbox.Quarantine):
        token_signing.sign_tokens([credential.pk], at=NOON)


def test_a_process_that_serves_pages_signs_no_tokens(credential, settings):
    key = token_keys.key_of(credential.issuer, "ES256", at=NOON)
    settings.ROLE = "web"
    with pytest.raises(key_files.SigningForbidden):
        token_keys.sign(key, b"content")
    with pytest.raises(key_files.SigningForbidden):
        token_keys.key_of(credential.issuer, "RS256", at=NOON)


def test_a_retired_key_signs_no_longer_and_its_tokens_stay_good(credential):
    text = token_of(credential)
    key = TokenKey.objects.get(algorithm="ES256")
    token_keys.retire(key, by=make_ada(), at=NOON)
    key.refresh_from_db()
    with pytest.raises(key_files.KeyRefused):
        token_keys.sign(key, b"content")
    assert token_keys.key_of(credential.issuer, "ES256", at=NOON) != key
    assert tokens.text_of(credential, "ES256") == text
    assert verification.verify(text, at=NOON).verdict is Verdict.VALID
    assert AuditEntry.objects.filter(act="retire key for tokens").count() == 1


def test_with_a_key_that_was_given_up_its_tokens_go_and_are_made_anew(credential):
    text = token_of(credential)
    key = TokenKey.objects.get(algorithm="ES256")
    token_keys.give_up(key, by=make_ada(), at=NOON, reason="The disk was stolen.")
    assert token_keys.method_id(key) not in published(credential)
    assert verification.verify(text, at=NOON).verdict is Verdict.ALTERED
    # The credential itself is as good as before.
    assert verification.verify(credential.document, at=NOON).verdict is Verdict.VALID
    seen = {text}
    for _time in range(2):
        with pytest.raises(tokens.NotMadeYet):
            tokens.text_of(credential, "ES256")
        fresh = token_of(credential)
        assert fresh not in seen
        assert verification.verify(fresh, at=NOON).verdict is Verdict.VALID
        seen.add(fresh)
        newest = TokenKey.objects.get(algorithm="ES256", compromised_at__isnull=True)
        token_keys.give_up(newest, by=make_ada(), at=NOON, reason="And again.")


def test_what_strangers_may_ask_for_has_its_tokens_anew_before_they_do(credential):
    sharing.share(credential=credential, by=credential.award.learner, at=NOON)
    outbox.run_all_due()
    former = tokens.text_of(credential, "ES256")
    tokens.give_up(TokenKey.objects.get(algorithm="ES256"), by=make_ada(), at=NOON, reason="The disk was stolen.")
    outbox.run_all_due()
    assert tokens.text_of(credential, "ES256") != former


def test_each_change_of_a_key_for_tokens_is_an_entry_of_the_log(credential):
    first = token_keys.key_of(credential.issuer, "ES256", at=NOON)
    token_keys.retire(first, by=make_ada(), at=NOON)
    token_keys.give_up(first, by=make_ada(), at=NOON, reason="The disk was stolen.")
    outbox.run_all_due()
    said = [json.loads(bytes(leaf)) for leaf in LogEntry.objects.order_by("index").values_list("leaf", flat=True)]
    about = [each for each in said if each.get("key") == first.thumbprint]
    assert [each["event"] for each in about] == ["key-active", "key-retired", "key-compromised"]
    assert {(each["controller"], each["algorithm"]) for each in about} == {
        (addresses.issuer_did(credential.issuer), "ES256")
    }
    assert list(ledger_check.faults()) == []


def test_what_a_key_signed_while_it_was_given_up_is_not_kept(credential):
    store = token_signing.sign_tokens([credential.pk], at=NOON)
    token_keys.give_up(TokenKey.objects.get(algorithm="RS256"), by=make_ada(), at=NOON, reason="Stolen.")
    store()
    assert list(Token.objects.values_list("algorithm", flat=True)) == ["ES256"]


def test_the_did_document_with_keys_for_tokens_is_sound_linked_data(credential):
    token_of(credential)
    document = keyring.did_document(credential.issuer)
    linked_data.canonical_n_quads(document)
    kinds = [method["type"] for method in document["verificationMethod"]]
    assert kinds == ["Multikey"] * len(keyring.published_keys(credential.issuer)) + ["JsonWebKey"] * len(ALGORITHMS)
    assert document["assertionMethod"] == [method["id"] for method in document["verificationMethod"]]
    assert not any("d" in jwk for jwk in published(credential).values())


def test_the_command_ends_a_key(credential):
    slug = credential.issuer.slug
    with pytest.raises(CommandError):
        call_command("end_token_key", slug, "RS256")
    # It signed the status list.
    first = TokenKey.objects.get(algorithm="ES256")
    call_command("end_token_key", slug, "ES256")
    second = token_keys.key_of(credential.issuer, "ES256", at=NOON)
    call_command("end_token_key", slug, "ES256", compromised="The disk was stolen.")
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.retired_at is not None
    assert first.compromised_at is None
    assert second.compromised_at is not None
    assert AuditEntry.objects.get(act="mark key for tokens as compromised").reason == "The disk was stolen."


@pytest.mark.one_database
def test_the_command_gives_an_earlier_key_up_and_what_it_signed_is_made_anew(credential):
    text, slug = token_of(credential), credential.issuer.slug
    earlier = TokenKey.objects.get(algorithm="ES256")
    call_command("end_token_key", slug, "ES256")
    with pytest.raises(CommandError, match="can only be given up"):
        call_command("end_token_key", slug, "ES256", key=earlier.thumbprint)
    with pytest.raises(CommandError, match=earlier.thumbprint):
        call_command("end_token_key", slug, "ES256", key="another", compromised="Found on a lost disk.")

    method = token_keys.method_id(earlier)
    call_command("end_token_key", slug, "ES256", key=method, compromised="Found on a lost disk.")

    assert method not in published(credential)
    assert verification.verify(text, at=NOON).verdict is Verdict.ALTERED
    with pytest.raises(tokens.NotMadeYet):
        tokens.text_of(credential, "ES256")
    assert verification.verify(token_of(credential), at=NOON).verdict is Verdict.VALID
    with pytest.raises(CommandError):
        call_command("end_token_key", slug, "ES256", key=method, compromised="Again.")
