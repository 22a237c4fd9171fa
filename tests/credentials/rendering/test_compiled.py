"""Tests filled certificates: nobody tells them from what WeasyPrint prints, and what cannot be filled is not."""

import io
import shutil
import subprocess
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date

import pikepdf
import pytest

from credentials.rendering import certificate, failures, renderer
from credentials.rendering.compiled import form, shaping, unfit
from credentials.rendering.compiled.shelf import Shelf
from credentials.rendering.sheet import stand_ins
from tests.credentials.rendering.pages import parts_per_million_apart, pixels, tags, words
from tests.credentials.rendering.test_certificate import DOCUMENT, FIELDS

pytestmark = [
    pytest.mark.skipif(not renderer.is_here(), reason=failures.install_line()),
    # WeasyPrint leaves its colour profile to the collector.
    pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning"),
]

FORMS: dict[str, form.Form | None] = {}


def filled(fields=FIELDS, document=DOCUMENT, forms=FORMS):
    return certificate.filled(fields, credential_document=document, printer=renderer.print_pdf, forms=forms)


def printed(fields=FIELDS):
    return certificate.print_whole(fields, credential_document=DOCUMENT, printer=renderer.print_pdf, in_one_line=True)


def named(name):
    fields = replace(FIELDS, learner_name=name)
    if certificate.missing_glyphs(fields):
        pytest.skip("the fonts of this script are not installed")
    return fields


@pytest.mark.parametrize(
    "name",
    [
        "Søren Łukasz Nguyễn",
        "Sofia Wolff-Pfiffner",
        "محمد عبد الرحمن",
        "دنیا",
        "דנה לוי",
        "अनुष्का श्रीवास्तव",
        "李小龍",
        "Άννα Παπαδοπούλου",
        # Two directions, and two lines.
        "דנה Lena לוי Yusuf",
        "Maria Wilhelmina Friederike Alexandra von Württemberg zu Hohenlohe-Langenburg",
    ],
)
def test_a_filled_certificate_is_the_printed_one(name):
    fields = named(name)
    ours, theirs = filled(fields), printed(fields)
    # The gate of each new WeasyPrint. Design, P2, allows 300.
    assert parts_per_million_apart(pixels(ours), pixels(theirs)) <= 30
    assert tags(ours) == tags(theirs)
    # Programs put marks around what runs the other way than its line.
    assert name in words(ours).replace("\n", " ") or words(ours) == words(theirs)


@pytest.mark.parametrize("name", ["שׁוֹשַׁנָּה בֶּן־דָּוִד", "Zö̱ë Å̧dam"])
def test_a_name_with_marks_upon_marks_is_whole(name):
    # Each mark is moved to its letter and back: only a gap keeps one number from the next, and the name on the sheet.
    fields = named(name)
    ours = filled(fields)
    assert parts_per_million_apart(pixels(ours), pixels(printed(fields))) <= 30
    assert letters(name) in letters(words(ours))


def letters(text):
    """Without marks, which programs take out in orders of their own."""
    return "".join(each for each in unicodedata.normalize("NFD", text) if each.isalpha())


@pytest.mark.parametrize(
    ("name", "direction", "shown"),
    [
        ("Yusuf محمد Kaya", "ltr", "Yusuf دمحم Kaya"),
        ("محمد Yusuf Kaya", "rtl", "Yusuf Kaya دمحم"),
        # What stands between two of one direction goes with them, and what stands between two with the line.
        ("דנה-לוי Lena", "rtl", "Lena יול-הנד"),
        ("דנה, Lena, לוי", "ltr", "הנד, Lena, יול"),
    ],
)
def test_a_line_of_two_directions_is_shown_in_the_order_of_its_stretches(name, direction, shown):
    line = shaping.shape(name, stand_ins.styles("en")[0], units=20 * 1024, direction=direction, language="en")
    assert "".join(glyph.letters for run in line.runs for glyph in run.glyphs) == shown
    assert not line.spoken


def test_every_value_of_the_learner_is_filled_in():
    other = replace(
        FIELDS,
        learner_name="Emil Ångström",
        awarded_on=date(2025, 12, 24),
        valid_until=date(2031, 1, 1),
        code="K2P47QXM",
        verify_url="https://northfield.example/v/K2P4-7QXM",
        parts=(("Databases", date(2024, 2, 29)), ("Statistics", date(2025, 12, 24))),
    )
    forms = dict(FORMS)
    filled(forms=forms)
    before = len(forms)
    ours, theirs = filled(other, forms=forms), printed(other)
    assert len(forms) == before, "it was laid out anew"
    assert parts_per_million_apart(pixels(ours), pixels(theirs)) <= 30
    assert words(ours) == words(theirs)
    assert "K2P4 7QXM" in words(ours), "a code is read out in fours"
    with pikepdf.open(io.BytesIO(ours)) as mine, pikepdf.open(io.BytesIO(theirs)) as whole:
        for name in ("/Title", "/Author", "/Subject", "/CreationDate", "/ModDate"):
            assert mine.docinfo.get(name) == whole.docinfo.get(name)
        assert mine.Root.Metadata.read_bytes() == whole.Root.Metadata.read_bytes()
        assert str(mine.pages[0].Annots[0].A.URI) == other.verify_url
        assert mine.Root.AF[0].EF.F.Params.ModDate == whole.Root.AF[0].EF.F.Params.ModDate


def test_results_are_the_learners_own_and_need_no_sheet_of_their_own():
    forms: dict[str, form.Form | None] = {}
    good = replace(FIELDS, results=(("Grade", "2.3"), ("Rank", "7 of 31")))
    assert parts_per_million_apart(pixels(filled(good, forms=forms)), pixels(printed(good))) <= 30
    better = filled(replace(good, results=(("Grade", "1.0"), ("Rank", "1 of 31"))), forms=forms)
    assert "Grade: 1.0 · Rank: 1 of 31" in words(better)
    assert len(forms) == 1


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="needs qpdf: a checker that is not ours")
def test_another_program_finds_no_fault_in_its_structure(tmp_path):
    (tmp_path / "filled.pdf").write_bytes(filled())
    checked = subprocess.run(["qpdf", "--check", tmp_path / "filled.pdf"], capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")


@pytest.mark.parametrize("name", ["अनुष्का श्रीवास्तव", "زينب عبدالرحمن", "Đặng Thị-Hồng"])
def test_every_glyph_of_a_name_has_letters(name):
    # PDF/A-3a and PDF/UA-1 ask it of each, also of one that is only a part of what the glyph before it spells.
    with pikepdf.open(io.BytesIO(filled(named(name)))) as pdf:
        spelling = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/ToUnicode" in each]
        # As filling writes it, and not WeasyPrint.
        own = [each for each in spelling if b"UCS def/CMapType" in each.ToUnicode.read_bytes()]
        assert own
        for font in own:
            spelled = font.ToUnicode.read_bytes().split(b"beginbfchar")[1].count(b"><")
            glyphs = sum(isinstance(entry, pikepdf.Array) for entry in font.DescendantFonts[0].W)
            assert spelled == glyphs


def test_the_same_values_give_the_same_bytes_and_others_give_others():
    assert filled() == filled()
    assert filled() == filled(forms={})
    assert filled(document=b"{}") != filled()


def test_a_form_travels_as_text():
    filled()
    [compiled, *_] = [one for one in FORMS.values() if one]
    assert form.from_text(form.as_text(compiled)) == compiled
    assert FIELDS.learner_name.encode() not in form.as_text(compiled).encode()
    with pytest.raises(ValueError, match="another edition"):
        form.from_text(form.as_text(compiled).replace(f'"edition":{form.EDITION}', '"edition":0'))


def test_forms_are_kept_for_other_workers(tmp_path):
    first = filled(forms=Shelf(tmp_path))

    def no_printer(*_args, **_fields):
        pytest.fail("it was laid out again")

    again = Shelf(tmp_path)
    pdf = certificate.filled(FIELDS, credential_document=DOCUMENT, printer=no_printer, forms=again)
    assert pdf == first
    [key] = again
    (tmp_path / f"{key}.form").write_text("torn")
    assert key not in Shelf(tmp_path)
    again["of a long sheet"] = None
    assert Shelf(tmp_path)["of a long sheet"] is None
    del again[key]
    assert list(again) == ["of a long sheet"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessenschafe", "overflow"),
        ("Lena (محمد)", "mixed direction"),
        ("محمد 3", "mixed direction"),
        ("Lena \u13a0\u13b6", "missing glyph"),
    ],
)
def test_what_a_form_cannot_hold_is_printed_whole_and_counted(name, reason, monkeypatch):
    monkeypatch.setattr(unfit, "counted", Counter())
    fields = named(name)
    pdf = certificate.render(fields, credential_document=DOCUMENT, printer=renderer.print_pdf, forms=FORMS)
    assert unfit.counted == {reason: 1}
    assert all(letter in words(pdf) for letter in name if letter.isalpha())


def test_a_sheet_of_several_pages_is_never_compiled(monkeypatch):
    monkeypatch.setattr(unfit, "counted", Counter())
    endless = replace(FIELDS, outcomes=tuple(f"apply a method to a problem of realistic size, {i}" for i in range(30)))
    forms: dict[str, form.Form | None] = {}
    for _ in range(2):
        certificate.render(endless, credential_document=DOCUMENT, printer=renderer.print_pdf, forms=forms)
    assert list(forms.values()) == [None]
    assert unfit.counted == {"sheet": 2}


def test_days_that_run_both_ways_are_laid_out_with_the_sheet():
    arabic = replace(FIELDS, language="ar", direction="rtl", learner_name="محمد عبد الرحمن")
    if certificate.missing_glyphs(arabic):
        pytest.skip("the fonts of this script are not installed")
    forms: dict[str, form.Form | None] = {}
    ours = filled(arabic, forms=forms)
    assert parts_per_million_apart(pixels(ours), pixels(printed(arabic))) <= 30
    filled(replace(arabic, awarded_on=date(2025, 1, 1)), forms=forms)
    assert len(forms) == 2


def test_a_line_as_wide_as_its_room_fits_and_a_wider_one_does_not():
    style = stand_ins.styles("en")[0]
    line = shaping.shape("Lena", style, units=37 * 1024, direction="ltr", language="en")
    assert line.width == sum(glyph.advance for run in line.runs for glyph in run.glyphs)
    assert "".join(glyph.letters for run in line.runs for glyph in run.glyphs) == "Lena"
    assert not line.spoken
    assert shaping.shape("अनुष्का", style, units=37 * 1024, direction="ltr", language="en").spoken
