"""The walk of one credential through its jobs: signed, logged, rendered, announced, and nothing shown early."""

import json

import pytest
from django.core import mail

from credentials import keyring, queries, renditions, transparency_log
from credentials.models import Credential, LogEntry, Rendition
from credentials.rendering import certificate
from credentials.rendering.failures import RendererMissing
from credentials.standards import baking, checkpoint, data_integrity, merkle
from portal.shared import outbox
from portal.shared.models import Job
from tests.cast import make_lena
from tests.factories import credential_of, issue_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_printer(monkeypatch):
    """A certificate costs a second to print, and is tested where it is made."""
    monkeypatch.setattr(certificate, "render", lambda fields, credential_document: b"%PDF-" + credential_document)


def test_a_credential_is_signed_logged_rendered_and_announced():
    award = issue_to(make_lena())

    outbox.run_all_due()

    credential = credential_of(award)
    assert credential.state == Credential.State.LOGGED
    assert not Job.objects.exclude(state=Job.State.DONE).exists()
    document = json.loads(credential.document)
    data_integrity.verify_proofs(document, lambda proof: keyring.public(credential.key))
    proof = transparency_log.issue_proof(credential)
    [verifier_key] = transparency_log.verifier_keys()
    name, public = checkpoint.parse_verifier_key(verifier_key)
    head = checkpoint.verify(proof.note, name=name, public_key=public)
    merkle.verify_inclusion(merkle.leaf_hash(proof.leaf), proof.index, head.size, proof.path, head.root)
    file, rendition = renditions.open(credential, "png")
    with file:
        assert baking.unbake_png(file.read()).text == credential.document
    [message] = mail.outbox
    assert message.to == ["lena@example.org"]
    assert credential.code in message.body
    assert queries.progress_of(credential).finished
