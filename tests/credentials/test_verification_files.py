"""Verification of files: codes in photographs, what the pages of a certificate show, and who signed the file itself."""

import datetime
import io
import json
from datetime import UTC

import pikepdf
import pytest
import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from PIL import Image
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko_certvalidator.registry import SimpleCertificateStore

from credentials import verification
from credentials.models import Credential, Rendition
from credentials.rendering import certificate
from credentials.standards import baking
from credentials.verification import Verdict, page_text
from tests.beside import in_a_thread
from tests.credentials.foreigner import Foreigner
from tests.credentials.hostile import empty_png
from tests.credentials.walked import issued, shared

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def judged(content: bytes | str) -> verification.Report:
    return verification.verify(content, at=datetime.datetime.now(UTC))


def states(report: verification.Report) -> dict[str, str]:
    return {check.name: check.state.value for check in report.checks}


def page(*lines: str, carrying: str = "", picture: bytes = b"") -> bytes:
    """A PDF of one page with these lines of text, as any program would write it."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    font = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )
    resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    shown = "BT /F1 12 Tf 50 780 Td 16 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    if picture:
        with Image.open(io.BytesIO(picture)) as opened:
            grey = opened.convert("L")
        image = pikepdf.Stream(
            pdf,
            grey.tobytes(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=grey.width,
            Height=grey.height,
            ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=8,
        )
        resources.XObject = pikepdf.Dictionary(Im0=image)
        shown += " q 200 0 0 200 50 100 cm /Im0 Do Q"
    pdf.pages[0].Resources = resources
    pdf.pages[0].Contents = pdf.make_stream(shown.encode("cp1252"))
    if carrying:
        pdf.attachments["credential.json"] = carrying.encode()
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def code_picture(text: str, kind: str = "png", scale: int = 6) -> bytes:
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="png", scale=scale)
    if kind == "png":
        return out.getvalue()
    converted = io.BytesIO()
    Image.open(out).convert("RGB").rotate(4, expand=True, fillcolor="white").save(converted, kind)
    return converted.getvalue()


# --- photographs --------------------------------------------------------------------------------------------------


@pytest.fixture
def plain_certificate(monkeypatch):
    monkeypatch.setattr(certificate, "render", _plain)


def _plain(fields: certificate.CertificateFields, *, credential_document: bytes) -> bytes:
    lines = (fields.achievement_name, fields.issuer_name, fields.code)
    return page(*lines, carrying=credential_document.decode())


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_photograph_of_the_code_leads_to_the_credential(plain_certificate, kind):
    credential = shared()

    report = judged(code_picture(credential.page_url, kind))

    assert (report.verdict, report.credential) == (Verdict.VALID, credential)


def test_a_scan_as_pdf_is_read_by_its_code(plain_certificate):
    credential = shared()

    assert judged(page("a scan", picture=code_picture(credential.page_url))).credential == credential


@pytest.mark.parametrize("text", ["hello", "https://evil.example/c/1", "javascript:alert(1)", "WIFI:S:x;;"])
def test_a_code_that_leads_elsewhere_is_not_valid(text):
    assert judged(code_picture(text)).verdict in {Verdict.UNREADABLE, Verdict.COULD_NOT_BE_CHECKED}


def test_a_picture_without_a_code_or_with_two_is_said_to_be_so():
    empty = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(empty, "jpeg")
    two = Image.new("L", (900, 400), "white")
    for place, text in enumerate(("one", "two")):
        two.paste(Image.open(io.BytesIO(code_picture(text))).convert("L"), (40 + 450 * place, 60))
    both = io.BytesIO()
    two.save(both, "png")

    assert "neither a credential nor a readable code" in str(judged(empty.getvalue()).reasons[0])
    assert "more than one code" in str(judged(both.getvalue()).reasons[0])


def test_a_photograph_of_many_points_is_unfolded_at_a_part_of_its_size(plain_certificate):
    credential = shared()
    large = Image.new("L", (5_712, 4_284), "white")
    with Image.open(io.BytesIO(code_picture(credential.page_url, scale=40))) as code:
        large.paste(code, (1_500, 1_000))
    taken = io.BytesIO()
    large.save(taken, "jpeg")

    assert judged(taken.getvalue()).credential == credential


def test_a_picture_of_a_billion_points_is_not_unfolded():
    picture = empty_png(20_000)
    assert len(picture) < 100_000

    assert "too much time or memory" in str(judged(picture).reasons[0])


# --- pages --------------------------------------------------------------------------------------------------------


def made(credential: Credential) -> pikepdf.Pdf:
    """The certificate as it was made, without the signature, which would tell of any change."""
    path = credential.renditions.get(kind=Rendition.Kind.PDF).path
    pdf = pikepdf.open(io.BytesIO((settings.MEDIA_ROOT / path).read_bytes()))
    del pdf.Root.AcroForm, pdf.pages[0].Annots
    return pdf


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def test_another_copy_of_a_certificate_says_the_same(plain_certificate):
    report = judged(saved(made(issued())) + b"\n% saved again")

    assert report.verdict is Verdict.VALID
    assert states(report)["pages"] == "passed"


def note() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[50, 700, 400, 800], Contents="Doctor"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: pdf.pages[0].contents_add(b"q 1 1 1 rg 40 770 300 30 re f Q"),
        lambda pdf: pdf.pages[0].contents_add(b"q 0 0 0 rg 60 300 30 12 re f Q"),
        lambda pdf: pdf.pages[0].obj.update({"/Annots": pikepdf.Array([pdf.make_indirect(note())])}),
        lambda pdf: pdf.Root.update({"/AcroForm": pikepdf.Dictionary(Fields=[], XFA=pdf.make_stream(b"<xdp/>"))}),
    ],
    ids=["painted over", "painted beside", "a note", "a form"],
)
def test_a_certificate_of_ours_that_looks_otherwise_is_altered(plain_certificate, change):
    pdf = made(issued())
    change(pdf)

    report = judged(saved(pdf))

    assert report.verdict is Verdict.ALTERED
    assert states(report)["pages"] == "failed"


def test_a_certificate_of_ours_whose_page_was_changed_is_altered(plain_certificate):
    credential = issued()
    lines = (credential.award.achievement.name, credential.issuer.name, credential.code)

    for changed in (("Doctor of everything", *lines[1:]), (*lines, "with distinction"), ()):
        report = judged(page(*changed, carrying=credential.document))
        assert report.verdict is Verdict.ALTERED
        assert states(report)["pages"] == "failed"
        assert states(report)["signature"] == "passed"


def test_the_page_of_another_house_is_held_against_what_was_signed():
    foreigner = Foreigner()
    subject = {"id": "did:example:noor"}
    document = json.dumps(foreigner.credential(name="Weaving by hand", credentialSubject=subject))

    right = judged(page("Certificate", "Weaving by", "hand", carrying=document))
    wrong = judged(page("Certificate", "Weaving by machine", carrying=document))
    empty = judged(page(carrying=document))

    assert states(right)["pages"] == "passed"
    assert (states(wrong)["pages"], wrong.verdict) == ("failed", Verdict.ALTERED)
    assert states(empty)["pages"] == "unknown"


@pytest.mark.parametrize(
    ("shown", "said", "is_missing"),
    [
        ("Lena Çelik-\nŌno", "Lena Çelik-Ōno", False),
        ("LENA C\u0327ELIK O\u0304NO", "Lena Çelik Ōno", False),
        ("Ko\u00admpe\u200btenz", "Kompetenz", False),
        ("e\ufb03cient", "efficient", False),
        ("Lena Celik", "Lena Çelik", True),
        ("Lena", "Lena Ōno", True),
    ],
)
def test_what_print_does_to_words_does_not_change_them(shown, said, is_missing):
    assert bool(page_text.missing([shown], [said])) is is_missing


# --- the signature of the file ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signer() -> SimpleSigner:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hill College")])
    now = datetime.datetime.now(UTC)
    certificate_ = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, False, False, False, False),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SimpleSigner(
        signing_cert=next(iter(load_certs_from_pemder_data(certificate_.public_bytes(serialization.Encoding.DER)))),
        signing_key=load_private_key_from_pemder_data(key.private_bytes(*plain), passphrase=None),
        cert_registry=SimpleCertificateStore(),
    )


def sealed(content: bytes, signer: SimpleSigner) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    out = in_a_thread(sign_pdf, writer, PdfSignatureMetadata(field_name="Seal"), signer=signer)
    return bytes(out.getbuffer())


def test_a_file_that_was_signed_says_by_whom(signer):
    document = json.dumps(Foreigner().credential())

    report = judged(sealed(page("x", carrying=document), signer))

    assert states(report)["pdf_signature"] == "passed"
    assert "Hill College" in report.check("pdf_signature").words


def test_a_file_that_was_changed_after_it_was_signed_is_altered(signer):
    document = json.dumps(Foreigner().credential())
    content = sealed(page("the first text", carrying=document), signer)
    place = content.index(b"stream")

    report = judged(content[: place + 20] + bytes([content[place + 20] ^ 1]) + content[place + 21 :])

    assert report.verdict in {Verdict.ALTERED, Verdict.UNREADABLE}


def test_what_is_written_over_a_signed_page_is_seen(signer):
    content = sealed(page("the first text", carrying=json.dumps(Foreigner().credential())), signer)
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    from pyhanko.pdf_utils import generic

    stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 50 700 Td (with distinction) Tj ET")
    writer.add_stream_to_page(0, writer.add_object(stream))
    out = io.BytesIO()
    writer.write(out)

    report = judged(out.getvalue())

    assert report.verdict is Verdict.ALTERED
    assert states(report)["pdf_signature"] == "failed"


def test_a_file_whose_signature_is_none_is_altered(signer):
    content = sealed(page("Hello", carrying=json.dumps(Foreigner().credential())), signer)
    start = content.index(b"<30") if b"<30" in content else content.index(b"/Contents <") + 10
    end = content.index(b">", start)

    report = judged(content[: start + 1] + b"0" * (end - start - 1) + content[end:])

    assert report.verdict is Verdict.ALTERED
    assert states(report)["pdf_signature"] == "failed"


def test_a_file_that_nobody_signed_says_so():
    report = judged(page("x", carrying=json.dumps(Foreigner().credential())))

    assert states(report)["pdf_signature"] == "not_applicable"


def test_a_drawing_that_was_opened_as_text_is_judged_like_the_file():
    drawing = baking.bake_svg(b'<svg xmlns="http://www.w3.org/2000/svg"/>', json.dumps(Foreigner().credential()))

    reports = [judged(each) for each in (drawing, "\n" + drawing.decode())]

    assert [(report.verdict, report.kind) for report in reports] == [(Verdict.UNKNOWN_ISSUER, "svg")] * 2
