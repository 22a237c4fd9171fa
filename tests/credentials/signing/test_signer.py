"""Signing many at once: the documents are those of the general way, and a doubtful signature is stored nowhere."""

import json

import pytest

from credentials import composition
from credentials.keys import keyring
from credentials.models import Credential, SigningKey
from credentials.signing import signer
from credentials.standards import data_integrity, linked_data
from credentials.standards.contexts import known
from tests.cast import person
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db


def waiting(count: int) -> list[Credential]:
    achievement = make_achievement()
    names = ["Lena Ōkubo", 'Ann "Nan" O\'Hara', "ديانا", "李小龍", "Ivo \\ Back"]
    learners = [person(f"{number}@example.org", names[number % len(names)]) for number in range(count)]
    return [credential_of(issue_to(learner, achievement)) for learner in learners]


def test_documents_signed_in_one_batch_are_those_of_the_general_way() -> None:
    credentials = waiting(8)
    forms = linked_data.forms_of(known())
    before = forms.counts["by form"]

    store = signer.sign_credentials([credential.pk for credential in credentials], at=NOON)
    assert store is not None
    store()

    assert forms.counts["by form"] >= before + 4
    for credential in Credential.objects.select_related("key", "issuer"):
        key = credential.key
        assert key is not None
        options = data_integrity.proof_options(keyring.method_id(key, credential.issuer), credential.issued_at)
        body = composition.parsed(credential.body)
        signature = keyring.sign(key, data_integrity.hash_data(body, options))
        assert credential.document == composition.as_text(data_integrity.with_proof(body, options, signature))
        data_integrity.verify_proofs(json.loads(credential.document), lambda _proof, key=key: keyring.public(key))


def test_what_does_not_verify_by_the_published_key_is_not_stored() -> None:
    [credential] = waiting(1)
    keyring.make_missing(credential.issuer, at=NOON)
    of_issuer = SigningKey.objects.filter(purpose=SigningKey.Purpose.CREDENTIALS, issuer=credential.issuer)
    active, following = of_issuer.get(state="active"), of_issuer.get(state="next")
    of_issuer.filter(pk=following.pk).update(public_multibase="z6Mk")
    of_issuer.filter(pk=active.pk).update(public_multibase=following.public_multibase)

    with pytest.raises(signer.SignatureDoubtful):
        signer.sign_credentials([credential.pk], at=NOON)

    credential.refresh_from_db()
    assert credential.state == Credential.State.RECORDED
    assert not credential.document
    assert not signer.journal_file(NOON).exists()
