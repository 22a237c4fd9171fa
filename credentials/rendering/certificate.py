"""Makes the certificate: the sheet of paper, as a PDF, that shows a credential and carries it inside.

A sheet is laid out by WeasyPrint once for all who earn the same, compiled into a form, and filled for each learner.
What a form cannot hold exactly is printed by WeasyPrint itself.
"""

import hashlib
import logging
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from credentials.rendering import fonts, limited, qr
from credentials.rendering.compiled import faces, unfit
from credentials.rendering.compiled.compiling import compile_form
from credentials.rendering.compiled.filling import fill
from credentials.rendering.compiled.form import Form
from credentials.rendering.compiled.shelf import Shelf
from credentials.rendering.compiled.unfit import Unfit
from credentials.rendering.failures import GlyphsMissing
from credentials.rendering.renderer import VERSION
from credentials.rendering.sheet import composing, lettering, stand_ins
from credentials.rendering.sheet.fields import CertificateFields, name_line, shown_language, values

__all__ = ["VERSION", "CertificateFields", "filled", "missing_glyphs", "print_whole", "render"]

logger = logging.getLogger(__name__)

Printer = Callable[..., bytes]
#: Forms by the hash of all that they were laid out from; None where the page cannot be compiled.
Forms = MutableMapping[str, Form | None]


@lru_cache(8)
def shelf_in(folder: Path) -> Forms:
    """The forms kept beside the files that are made from them."""
    return Shelf(folder / "forms")


def render(
    fields: CertificateFields,
    *,
    credential_document: bytes,
    printer: Printer = limited.print_pdf,
    forms: Forms | None = None,
) -> bytes:
    """The certificate as PDF/A-3a and PDF/UA-1 with the signed document inside; same fields, same bytes.

    Raises GlyphsMissing before a name is printed with boxes, RendererMissing without Pango, RenderFailed beyond limits.
    """
    if missing := missing_glyphs(fields):
        raise GlyphsMissing(missing)
    try:
        return filled(
            fields,
            credential_document=credential_document,
            printer=printer,
            forms=shelf_in(settings.MEDIA_ROOT) if forms is None else forms,
        )
    except Unfit as reason:
        unfit.counted[reason.reason] += 1
        logger.info("A certificate was printed, not filled: %s.", reason)
        return print_whole(fields, credential_document=credential_document, printer=printer)


def print_whole(
    fields: CertificateFields,
    *,
    credential_document: bytes,
    printer: Printer = limited.print_pdf,
    in_one_line: bool = False,
) -> bytes:
    """The certificate as WeasyPrint lays it out; `in_one_line` as the form of this sheet is."""
    return _printed(composing.whole(fields, in_one_line=in_one_line), credential_document, printer)


def filled(fields: CertificateFields, *, credential_document: bytes, printer: Printer, forms: Forms) -> bytes:
    """The certificate from the form of its sheet, which is compiled when it is not among `forms`. Raises Unfit."""
    line = name_line(fields)
    form = _form(fields, printer, forms)
    names = lettering.places_of(line)
    return fill(
        form,
        values(fields),
        document=credential_document,
        modules=qr.path(fields.verify_url),
        sizes=dict.fromkeys(names, line.size),
        directions=dict.fromkeys(names, line.direction),
    )


def _form(fields: CertificateFields, printer: Printer, forms: Forms) -> Form:
    printing = stand_ins.to_compile(fields)
    language = shown_language(fields)
    key = _key(printing.key, language)
    if key not in forms:
        try:
            forms[key] = compile_form(
                _printed(printing.page, b"{}", printer),
                printing.places,
                printing.stand_ins,
                language=language,
                with_code="code" in fields.design.blocks,
            )
        except Unfit as reason:
            logger.info("A sheet cannot be compiled: %s.", reason)
            forms[key] = None
    form = forms[key]
    if form is None:
        raise Unfit("sheet")
    return form


@lru_cache(64)
def _key(printing: str, language: str) -> str:
    installed = faces.fingerprint(stand_ins.styles(language), language)
    return hashlib.sha256(f"{VERSION}\0{installed}\0{language}\0{printing}".encode()).hexdigest()


def _printed(page: composing.Page, document: bytes, printer: Printer) -> bytes:
    return printer(
        page.html, resources=page.resources, attachment=document, dated_on=page.dated_on, links=list(page.links)
    )


def missing_glyphs(fields: CertificateFields) -> str:
    """The characters of these fields that no installed font can draw."""
    texts = (
        fields.achievement_name,
        fields.issuer_name,
        fields.parent_issuer_name,
        fields.credits,
        fields.level,
        fields.statement,
        *fields.outcomes,
        *(text for result in fields.results for text in result),
        *(name for name, _ in fields.parts),
        *fields.skills,
        *fields.design.texts(),
    )
    of_all = _missing_in("".join(texts))
    return fonts.missing_glyphs(fields.learner_name + of_all) if of_all else fonts.missing_glyphs(fields.learner_name)


# Many come one after the other who earned the same.
@lru_cache(64)
def _missing_in(text: str) -> str:
    return fonts.missing_glyphs(text)
