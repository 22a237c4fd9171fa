"""Tests the seals of issuers: made once, renewed in time, and used by workers only."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from credentials import renditions
from credentials.keys import key_files, seals
from credentials.models import Rendition, Seal
from credentials.rendering import badge, certificate
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_lena
from tests.credentials.rendering.test_pades import judged
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import finished, in_a_pdf
from tests.factories import NOON, issue_to, make_issuer

pytestmark = pytest.mark.django_db


def test_an_issuer_has_one_seal_with_its_name():
    issuer = make_issuer(name="A Faculty of so many words that no certificate has the room for all of its long name")
    seal = seals.seal_of(issuer, at=NOON)
    assert seals.seal_of(issuer, at=NOON) == seal
    read = x509.load_der_x509_certificate(bytes(seal.certificate))
    assert "A Faculty" in read.subject.rfc4514_string()
    assert read.not_valid_before_utc < NOON < read.not_valid_after_utc == seal.valid_until
    signature = seals.sign(seal, b"content")
    assert signature == seals.sign(seal, b"content")
    read.public_key().verify(signature, b"content", ec.ECDSA(hashes.SHA256()))
    assert AuditEntry.objects.filter(act="make seal").count() == 1


def test_a_seal_that_ends_soon_is_followed_by_another():
    issuer = make_issuer()
    first = seals.seal_of(issuer, at=NOON)
    later = first.valid_until - timedelta(days=300)
    second = seals.seal_of(issuer, at=later)
    assert second != first
    assert list(Seal.objects.filter(retired_at__isnull=True)) == [second]
    # What it signed before can be checked as before.
    assert seals.sign(first, b"content") == seals.sign(first, b"content")


def test_a_process_that_serves_pages_seals_nothing(settings):
    issuer = make_issuer()
    seal = seals.seal_of(issuer, at=NOON)
    key_files.forget()
    settings.ROLE = "web"
    with pytest.raises(key_files.SigningForbidden):
        seals.sign(seal, b"content")
    with pytest.raises(key_files.SigningForbidden):
        seals.seal_of(make_issuer(slug="another"), at=NOON)


def test_each_certificate_is_sealed_by_its_issuer_and_waits_while_signing_is_stopped(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)
    credential = finished(issue_to(make_lena()))
    with renditions.open(credential, Rendition.Kind.PDF)[0] as file:
        sealed = file.read()
    status, signature = judged(sealed)
    assert status.intact
    assert status.valid
    seal = Seal.objects.get()
    assert signature.signer_cert.dump() == bytes(seal.certificate)
    assert signature.self_reported_timestamp >= credential.issued_at

    Rendition.objects.filter(kind=Rendition.Kind.PDF).delete()
    key_files.stop_switch().touch()
    with pytest.raises(outbox.Later):
        renditions.render_pdfs([credential.pk], at=NOON)
    key_files.stop_switch().unlink()
    assert not Job.objects.filter(state=Job.State.QUARANTINED).exists()
