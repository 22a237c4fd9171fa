"""Makes and keeps the seals that issuers put on their PDFs: a P-256 key and a certificate of it for each.

The certificate is the issuer's own: a reader of PDFs finds the file whole and by whom, and asks whether to trust them.
The credential inside is proved by other keys. Only workers have the private halves (reliability K1).
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from credentials.keys import key_files
from credentials.models import Issuer, Seal
from portal.shared import audit

LASTS = timedelta(days=3652)
# Long before its end another takes over, so that what it signs last is still to be checked for years.
RENEWED_BEFORE = timedelta(days=365)
# X.520 allows no longer names.
LONGEST_NAME = 64

_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")


def seal_of(issuer: Issuer, *, at: datetime) -> Seal:
    """The issuer's seal, made if there is none or if it ends soon. Belongs in a worker; raises key_files.KeyRefused."""
    found = Seal.objects.filter(issuer=issuer, retired_at__isnull=True).first()
    if found is not None and found.valid_until - RENEWED_BEFORE > at:
        return found
    try:
        return _made(issuer, at=at)
    except IntegrityError:
        # Another worker was first; its key is as good.
        return Seal.objects.get(issuer=issuer, retired_at__isnull=True)


def sign(seal: Seal, content: bytes) -> bytes:
    """ECDSA with SHA-256 in DER, the same each time. Raises key_files.KeyRefused in a page or when stopped."""
    return key_files.sign_p256(seal.uuid, content)


def signer(seal: Seal) -> Callable[[bytes], bytes]:
    """What signs many as `sign` does, and raises what it raises."""
    return key_files.signer_p256(seal.uuid)


@transaction.atomic
def _made(issuer: Issuer, *, at: datetime) -> Seal:
    key_id = uuid.uuid4()
    # The private half first, so that no row ever lacks one.
    key_files.create_p256(key_id)
    certificate = key_files.certify_p256(key_id, _certificate(issuer, key_id, at=at))
    Seal.objects.filter(issuer=issuer, retired_at__isnull=True).update(retired_at=at)
    seal = Seal.objects.create(
        uuid=key_id,
        issuer=issuer,
        certificate=certificate.public_bytes(Encoding.DER),
        created_at=at,
        valid_until=certificate.not_valid_after_utc,
    )
    audit.note("make seal", seal, actor=None, at=at)
    return seal


def _certificate(issuer: Issuer, key_id: uuid.UUID, *, at: datetime) -> x509.CertificateBuilder:
    # RFC 5280, with what RFC 9336 asks of a signer of documents.
    name = x509.Name(
        [
            *([x509.NameAttribute(NameOID.COUNTRY_NAME, issuer.country_code)] if issuer.country_code else []),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, issuer.name[:LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, _("Seal of {issuer}").format(issuer=issuer.name)[:LONGEST_NAME]),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .serial_number(key_id.int >> 1)
        .not_valid_before(at - timedelta(minutes=5))
        .not_valid_after(at + LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNS_DOCUMENTS, critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
    )


_SIGNS_DOCUMENTS = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
