"""Tests the signature in a PDF: accepted by readers that are not ours, and nothing of the file before it is changed."""

import hashlib
import io
import shutil
import subprocess
from datetime import UTC, datetime

import pikepdf
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from credentials.rendering import certificate, failures, pades, renderer
from tests.beside import in_a_thread
from tests.credentials.rendering.test_certificate import DOCUMENT, FIELDS
from tests.credentials.walked import in_a_pdf

AT = datetime(2026, 5, 3, 12, tzinfo=UTC)

# WeasyPrint leaves its colour profile to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")
needs_pango = pytest.mark.skipif(not renderer.is_here(), reason=failures.install_line())


def make_seal(name="Northfield College"):
    private = ec.derive_private_key(20_26, ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .add_extension(pades_key_usage(), critical=True)
        .sign(private, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return pades.Seal(
        made.public_bytes(serialization.Encoding.DER),
        lambda content: private.sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)),
    )


def pades_key_usage():
    return x509.KeyUsage(True, True, False, False, False, False, False, False, False)


SEAL = make_seal()


def judged(pdf):
    """What pyHanko says of the one signature."""
    reader = PdfFileReader(io.BytesIO(pdf))
    [signature] = reader.embedded_signatures
    trusted = ValidationContext(trust_roots=[asn1_x509.Certificate.load(SEAL.certificate)], allow_fetching=False)
    return in_a_thread(validate_pdf_signature, signature, trusted), signature


@pytest.fixture(scope="module")
def filled():
    return certificate.filled(FIELDS, credential_document=DOCUMENT, printer=renderer.print_pdf, forms={})


@needs_pango
def test_a_filled_certificate_is_signed_as_a_whole(filled):
    signed = pades.sign(filled, SEAL, at=AT)
    status, signature = judged(signed)
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.md_algorithm == "sha256"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.self_reported_timestamp == AT
    names = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    # ETSI EN 319 142-1, table 1: the certificate is named, and no second time is claimed.
    assert names == {"content_type", "message_digest", "signing_certificate_v2"}


@needs_pango
def test_nothing_before_the_signature_is_changed(filled):
    signed = pades.sign(filled, SEAL, at=AT)
    assert signed.startswith(filled)
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        assert pdf.attachments["credential.json"].get_file().read_bytes() == DOCUMENT
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.AcroForm.SigFlags == 3
        kinds = [str(annotation.Subtype) for annotation in pdf.pages[0].Annots]
        assert sorted(kinds) == ["/Link", "/Widget"]


@needs_pango
def test_what_weasyprint_prints_is_signed_as_well():
    pdf = certificate.print_whole(FIELDS, credential_document=DOCUMENT, printer=renderer.print_pdf)
    signed = pades.sign(pdf, SEAL, at=AT)
    assert judged(signed)[0].bottom_line
    with pikepdf.open(io.BytesIO(signed)) as read:
        assert read.attachments["credential.json"].get_file().read_bytes() == DOCUMENT


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs pdfsig (poppler-utils): a reader that is not ours")
def test_poppler_accepts_it(tmp_path):
    (tmp_path / "signed.pdf").write_bytes(pades.sign(in_a_pdf(None, DOCUMENT), SEAL, at=AT))
    told = subprocess.run(["pdfsig", tmp_path / "signed.pdf"], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told


def test_the_same_input_gives_the_same_bytes():
    pdf = in_a_pdf(None, DOCUMENT)
    assert pades.sign(pdf, SEAL, at=AT) == pades.sign(pdf, make_seal(), at=AT)
    content, named = pades.sign_and_hash(pdf, SEAL, at=AT)
    assert content == pades.sign(pdf, SEAL, at=AT)
    assert named == hashlib.sha256(content).hexdigest()


def test_a_changed_byte_is_found():
    signed = bytearray(pades.sign(in_a_pdf(None, DOCUMENT), SEAL, at=AT))
    signed[signed.index(b"/MediaBox") + 1 : signed.index(b"/MediaBox") + 9] = b"mEDIAbOX"
    assert not judged(bytes(signed))[0].intact


def test_names_of_any_script_stand_in_it():
    signed = pades.sign(in_a_pdf(None, DOCUMENT), make_seal("大学 (Москва)"), at=AT)
    reader = PdfFileReader(io.BytesIO(signed))
    assert reader.embedded_signatures[0].sig_object["/Name"] == "大学 (Москва)"


@pytest.mark.parametrize("made", [b"", b"%PDF-1.7\n", b"%PDF-1.7\nstartxref\n0\n%%EOF\n"])
def test_what_is_no_pdf_is_refused(made):
    with pytest.raises((ValueError, pikepdf.PdfError)):
        pades.sign(made, SEAL, at=AT)


def test_nothing_is_signed_twice():
    signed = pades.sign(in_a_pdf(None, DOCUMENT), SEAL, at=AT)
    with pytest.raises(ValueError, match="already"):
        pades.sign(signed, SEAL, at=AT)


def test_the_digest_is_that_of_all_but_the_signature():
    signed = pades.sign(in_a_pdf(None, DOCUMENT), SEAL, at=AT)
    signature = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0]
    start, length, after, rest = signature.sig_object["/ByteRange"]
    assert (start, after + rest) == (0, len(signed))
    assert signed[length : length + 1] + signed[after - 1 : after] == b"<>"
    [digest] = [
        a["values"][0].native for a in signature.signer_info["signed_attrs"] if a["type"].native == "message_digest"
    ]
    assert digest == hashlib.sha256(signed[:length] + signed[after:]).digest()
