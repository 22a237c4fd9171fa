"""Tests designs of certificates: what may be chosen, and that every choice is filled as it is printed."""

import io
from dataclasses import replace
from datetime import date

import pikepdf
import pytest

from credentials.rendering import certificate, design, failures, renderer, samples
from credentials.rendering.compiled import form
from credentials.rendering.design import BUILT_IN, BadWording, Design, Palette, Signer
from credentials.rendering.sheet import composing
from tests.credentials.rendering.designs import ACROSS, PLAIN
from tests.credentials.rendering.pages import parts_per_million_apart, pixels, tags, words
from tests.credentials.rendering.test_certificate import DOCUMENT, FIELDS

# WeasyPrint leaves its colour profile to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")
needs_pango = pytest.mark.skipif(not renderer.is_here(), reason=failures.install_line())

EVERYTHING = replace(FIELDS, hours="1500 hours", skills=("analyse data", "communicate results"))


def filled(fields, forms):
    return certificate.filled(fields, credential_document=DOCUMENT, printer=renderer.print_pdf, forms=forms)


def printed(fields):
    return certificate.print_whole(fields, credential_document=DOCUMENT, printer=renderer.print_pdf, in_one_line=True)


@needs_pango
@pytest.mark.parametrize("chosen", [ACROSS, PLAIN], ids=["across", "plain"])
def test_a_certificate_of_any_design_is_filled_as_it_is_printed(chosen):
    fields = replace(EVERYTHING, design=chosen)
    forms: dict[str, form.Form | None] = {}
    ours, theirs = filled(fields, forms), printed(fields)
    assert parts_per_million_apart(pixels(ours), pixels(theirs)) <= 30
    assert tags(ours) == tags(theirs)
    assert filled(fields, dict(forms)) == ours
    # ISO 19005-3, 6.2.8: an archive forbids that readers smooth pictures as they like.
    assert b"/Interpolate true" not in ours
    # It travels as text with all its choices.
    [compiled] = forms.values()
    assert form.from_text(form.as_text(compiled)) == compiled
    said = " ".join(words(ours).split())
    if chosen is ACROSS:
        assert all(text in said for text in ("Ada Okafor", "Registrar", "1500 hours", "analyse data"))
        return
    assert "The Northfield College declares that" in said
    assert "on 3 May 2026 was awarded the" in said
    assert "Kept in the register of the Faculty of Computing." in said
    assert "clean and join data" not in said, "what the design leaves out was shown"
    # The day stands in the wording, so another day is another sheet.
    assert "on 4 May 2026" in " ".join(words(filled(replace(fields, awarded_on=date(2026, 5, 4)), forms)).split())
    assert len(forms) == 2


def test_what_a_design_leaves_out_is_not_on_the_sheet():
    hidden = Design(blocks=frozenset())
    fields = replace(EVERYTHING, results=(("Grade", "2.3"),), design=hidden)
    page = composing.whole(fields)
    for text in ("Grade", "Databases", "clean and join", "60 ECTS", "EQF", "2029", "analyse data", "Faculty of Comp"):
        assert text not in page.html
    assert page.resources.keys() == {"certificate.css", "sizes.css", "frame.svg"}
    assert "7QXM-4K2P" in page.html, "the code is left out, and nobody could check it"


def test_a_sheet_speaks_the_language_of_its_design_and_quotes_in_that_of_the_achievement():
    page = composing.whole(replace(FIELDS, design=replace(BUILT_IN, language="de")))
    assert '<html lang="de"' in page.html
    assert '<h1 class="achievement" dir="ltr" lang="en">' in page.html
    assert "3. Mai 2026" in page.html


def test_a_signature_without_its_picture_leaves_room_for_a_pen():
    html = composing.whole(replace(FIELDS, design=Design(signers=(Signer("Ada <Okafor>", "Dean"),)))).html
    assert 'class="signature"' not in html
    assert "Ada &lt;Okafor&gt;" in html


@pytest.mark.parametrize(
    "wording",
    [
        "{learner}",
        "{issuer.pk}",
        "{issuer!r}",
        "{issuer:>9999999}",
        "{0}",
        "{}",
        "{{ fields.code }}",
        "{ issuer }",
        "left {open",
        "shut} too",
        "{% load x %}",
    ],
)
def test_wording_has_no_places_but_those_of_the_closed_set(wording):
    with pytest.raises(BadWording):
        design.places_in(wording)


def test_places_are_filled_as_words_and_never_twice():
    assert design.worded("of {issuer}", {"issuer": "{credits} & Co"}) == "of {credits} & Co"
    assert design.places_in("{issuer} and {level}, {issuer}") == ["issuer", "level", "issuer"]


def test_contrast_is_that_of_the_guidelines():
    assert design.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert design.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    house = Palette()
    assert all(design.contrast(colour, house.paper) >= 4.5 for colour in (house.ink, house.accent, house.quiet))
    # Words that stand back are as quiet as they can be read.
    faint = Palette(paper="#FFFFFF", ink="#757575", accent="#757575", line="#757575")
    assert design.contrast(faint.quiet, "#FFFFFF") >= 4.5


def test_two_designs_with_the_same_choices_are_one():
    assert Design().digest == BUILT_IN.digest
    assert replace(BUILT_IN, blocks=frozenset(sorted(BUILT_IN.blocks, reverse=True))).digest == BUILT_IN.digest
    assert ACROSS.digest != PLAIN.digest != BUILT_IN.digest


@needs_pango
def test_a_sentence_of_ones_own_leaves_a_usual_sheet_one_page():
    # So many outcomes that without the sentence there is room for the large emblem.
    chosen = replace(BUILT_IN, closing="Given by {issuer}.", signers=(Signer("Ada Okafor", "Dean"),))
    fields = samples.fields_of(
        "bare",
        chosen,
        qualification=False,
        issuer_name="Faculty of Numbers",
        parent_issuer_name="The College",
        site_url="https://cairn.example",
    )
    sheet = printed(replace(fields, design=replace(chosen, closing="Given by {issuer}." + "x" * 200)))
    assert "x" * 200 in "".join(words(sheet).split()), "all of it is there"
    assert "x" * 200 not in words(sheet), "and none of it runs over the frame"
    with pikepdf.open(io.BytesIO(printed(fields))) as pdf:
        assert len(pdf.pages) == 1


@needs_pango
@pytest.mark.parametrize("landscape", [False, True])
def test_with_the_longest_name_the_foot_stays_on_the_first_sheet(landscape):
    chosen = replace(
        BUILT_IN,
        landscape=landscape,
        blocks=BUILT_IN.blocks | {"skills"},
        after_name="has reached what the {achievement} asks for, and is awarded it with {credits}.",
        closing="Given at Northfield on {awarded_on}.",
        signers=(Signer("Ada Okafor", "Dean"),),
    )
    fields = samples.fields_of(
        "longest",
        chosen,
        qualification=True,
        issuer_name="Faculty of Numbers",
        parent_issuer_name="The College",
        site_url="https://cairn.example",
    )
    sheets = certificate.print_whole(fields, credential_document=DOCUMENT, printer=renderer.print_pdf)
    first, second = words(sheets).split("\f")[:2]
    assert "Anyone can check this certificate." in first
    assert "The holder is able to" in second
