"""Tests the certificate: an archivable, accessible PDF with the right words and the credential inside."""

import io
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import pytest

from credentials.rendering import certificate, failures, limited, renderer
from portal.shared import cairn

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = b'{"type": ["VerifiableCredential", "OpenBadgeCredential"], "name": "Data Analyst Diploma"}'

FIELDS = certificate.CertificateFields(
    learner_name="Lena Ortiz",
    achievement_name="Data Analyst Diploma",
    issuer_name="Northfield College",
    parent_issuer_name="Faculty of Computing",
    awarded_on=date(2026, 5, 3),
    valid_until=date(2029, 5, 3),
    credits="60 ECTS credits",
    level="EQF level 5",
    outcomes=("clean and join data", "choose and defend a method"),
    statement="Awarded by the Board of Examiners.",
    verify_url="https://northfield.example/v/7QXM-4K2P",
    code="7QXM-4K2P",
    parts=(("Databases", date(2025, 6, 1)), ("Statistics", date(2026, 5, 3))),
    stones=cairn.stones([("a", 30, "earned"), ("b", 30, "earned")]),
)

# WeasyPrint leaves its colour profile to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")

needs_pango = pytest.mark.skipif(not renderer.is_here(), reason=failures.install_line())


def printed(fields=FIELDS):
    return certificate.render(fields, credential_document=DOCUMENT, printer=renderer.print_pdf)


def opened(pdf):
    return pikepdf.open(io.BytesIO(pdf))


def text_of(pdf):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils): a reader that is not ours")
    told = subprocess.run(["pdftotext", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True)
    # Direction marks are the extractor's own.
    return "".join(c for c in told.stdout.decode() if c not in "\u202a\u202b\u202c\u200e\u200f")


@pytest.fixture(scope="module")
def diploma():
    return printed()


@needs_pango
def test_the_credential_lies_inside_named_as_its_source(diploma):
    with opened(diploma) as pdf:
        [named] = pdf.Root.AF
        assert named.AFRelationship == "/Source"
        inside = pdf.attachments["credential.json"]
        assert inside.obj == named
        assert inside.get_file().read_bytes() == DOCUMENT
        assert inside.get_file().mime_type == "application/vc"


@needs_pango
def test_it_says_that_it_is_an_archive_for_everyone(diploma):
    with opened(diploma) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["pdfuaid:part"] == "1"
        assert b"pdfaExtension:schemas" in pdf.Root.Metadata.read_raw_bytes()
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert metadata["dc:title"] == str(pdf.docinfo.Title) == "Data Analyst Diploma, awarded to Lena Ortiz"


@needs_pango
@pytest.mark.skipif(shutil.which("qpdf") is None, reason="needs qpdf: a checker that is not ours")
def test_another_program_finds_no_fault_in_its_structure(diploma, tmp_path):
    (tmp_path / "diploma.pdf").write_bytes(diploma)
    checked = subprocess.run(["qpdf", "--check", tmp_path / "diploma.pdf"], capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")


@needs_pango
def test_it_can_be_read_aloud(diploma):
    with opened(diploma) as pdf:
        assert pdf.Root.Lang == "en"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert pdf.pages[0].Tabs == "/S"
        elements = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/StructElem"]
        pictures = [str(element.Alt) for element in elements if element.S == "/Figure"]
        assert len(pictures) == 2
        assert "https://northfield.example/v/7QXM-4K2P" in " ".join(pictures)
        assert {"/H1", "/H2", "/P", "/L", "/LI", "/LBody", "/Link"} <= {str(element.S) for element in elements}
        assert all(str(element.P.S) == "/L" for element in elements if element.S == "/LI")


@needs_pango
def test_every_font_is_embedded_and_nothing_runs(diploma):
    with opened(diploma) as pdf:
        descriptors = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/FontName" in o]
        assert descriptors
        assert all("/FontFile3" in d or "/FontFile2" in d for d in descriptors)
        keys = {key for o in pdf.objects if isinstance(o, pikepdf.Dictionary) for key in dict(o)}
        assert not keys & {"/JS", "/JavaScript", "/OpenAction", "/AA", "/Launch"}
        assert [(str(a.A.URI), str(a.Contents)) for a in pdf.pages[0].Annots] == [(FIELDS.verify_url,) * 2]


@needs_pango
def test_the_same_fields_give_the_same_bytes_in_another_process(diploma):
    script = (
        "import django, sys; django.setup()\n"
        "from tests.credentials.rendering.test_certificate import printed\n"
        "sys.stdout.buffer.write(printed())"
    )
    settings = {"DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "portal.settings")}
    environment = os.environ | settings | {"PYTHONHASHSEED": "77"}
    again = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert again.stdout == diploma


@needs_pango
@pytest.mark.parametrize(
    ("name", "language", "direction"),
    [
        ("Søren Łukasz Nguyễn", "en", "ltr"),
        ("Ștefan Özgür Đặng", "de", "ltr"),
        ("李小龍", "zh", "ltr"),
        ("Άννα Παπαδοπούλου", "en", "ltr"),
        ("Ольга Їжакевич", "en", "ltr"),
    ],
)
def test_names_in_any_script_can_be_copied_out_again(name, language, direction):
    fields = replace(FIELDS, learner_name=name, language=language, direction=direction)
    if certificate.missing_glyphs(fields):
        pytest.skip("the fonts of this script are not installed")
    assert name in text_of(printed(fields)).replace("\n", " ")


@needs_pango
@pytest.mark.parametrize(("name", "language"), [("محمد عبد الرحمن", "ar"), ("अनुष्का", "hi"), ("דנה לוי", "he")])
def test_names_in_joined_and_right_to_left_scripts_are_drawn_with_all_letters(name, language):
    fields = replace(FIELDS, learner_name=name, language=language, direction="rtl" if language != "hi" else "ltr")
    if certificate.missing_glyphs(fields):
        pytest.skip("the fonts of this script are not installed")
    found = text_of(printed(fields))
    assert all(letter in found for letter in name if letter.isalpha())


@needs_pango
def test_a_usual_diploma_is_one_page_and_an_endless_one_has_a_supplement(diploma):
    endless = replace(
        FIELDS,
        learner_name="Maria Wilhelmina von Württemberg " * 6,
        outcomes=tuple(f"apply a method to a problem of realistic size, {i}" for i in range(20)),
        parts=tuple((f"Part {i}", date(2025, 6, 1)) for i in range(40)),
    )
    with opened(diploma) as pdf:
        assert len(pdf.pages) == 1
    pdf = printed(endless)
    assert "realistic size, 19" in text_of(pdf)
    with opened(pdf) as pages:
        assert len(pages.pages) >= 2


@needs_pango
def test_words_of_the_learner_are_words_not_markup(diploma):
    hostile = replace(FIELDS, learner_name='<img src="file:///etc/hostname"> {{ fields.code }} & Co')
    assert '<img src="file:///etc/hostname"> {{ fields.code }} & Co' in text_of(printed(hostile)).replace("\n", " ")


def test_a_name_that_no_font_draws_is_refused_before_it_is_printed():
    nobody = replace(FIELDS, learner_name="Lena \ue123")
    with pytest.raises(failures.GlyphsMissing, match="U\\+E123"):
        certificate.render(nobody, credential_document=DOCUMENT, printer=pytest.fail)


@needs_pango
def test_the_child_prints_the_same_bytes_and_so_do_we_after_other_pages(diploma):
    printed(replace(FIELDS, learner_name="Ольга Їжакевич"))
    assert printed() == diploma
    assert certificate.render(FIELDS, credential_document=DOCUMENT) == diploma
    limited.close()
