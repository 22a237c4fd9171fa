"""Makes the transcript: a learner's record as pages, archivable and to be read aloud, with the signed record inside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils import translation

from credentials.rendering import fonts, layout, limited, qr
from credentials.rendering.design import BUILT_IN, Design
from credentials.rendering.failures import GlyphsMissing
from credentials.rendering.sheet.days import day


@dataclass(frozen=True)
class Entry:
    """One credential of the record, as it stood on the day of the record; parts are those of a qualification."""

    name: str
    issuer_name: str
    language: str
    awarded_on: date
    expired: bool = False
    valid_until: date | None = None
    level: str = ""
    credits: str = ""
    results: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, date | None], ...] = ()


@dataclass(frozen=True)
class TranscriptFields:
    """What is printed. `title` is the name of the signed record, so that paper and signature say the same."""

    title: str
    holder_name: str
    issuer_name: str
    as_of: date
    verify_url: str
    qualifications: tuple[Entry, ...]
    micro_credentials: tuple[Entry, ...]
    is_partial: bool = False
    credits: str = ""
    language: str = "en"
    direction: str = "ltr"
    design: Design = BUILT_IN


def render(
    fields: TranscriptFields, *, record_document: bytes, printer: Callable[..., bytes] = limited.print_pdf
) -> bytes:
    """The transcript as PDF/A-3a and PDF/UA-1 with the signed record inside; same fields, same bytes.

    Raises GlyphsMissing before a name is printed with boxes, RendererMissing without Pango, RenderFailed beyond limits.
    """
    if missing := missing_glyphs(fields):
        raise GlyphsMissing(missing)
    with translation.override(fields.language):
        html = render_to_string("print/transcript.html", _context(fields))
        resources = _resources(fields)
    return printer(
        html,
        resources=resources,
        attachment=record_document,
        dated_on=fields.as_of,
        links=[fields.verify_url],
    )


def missing_glyphs(fields: TranscriptFields) -> str:
    """The characters of these fields that no installed font can draw."""
    texts = [fields.title, fields.holder_name, fields.issuer_name]
    for entry in (*fields.qualifications, *fields.micro_credentials):
        texts += [entry.name, entry.issuer_name, entry.level, *(name for name, _on in entry.parts)]
        texts += [text for result in entry.results for text in result]
    return fonts.missing_glyphs("".join(texts))


def _context(fields: TranscriptFields) -> dict[str, object]:
    groups = [(True, fields.qualifications), (False, fields.micro_credentials)]
    return {
        "fields": fields,
        "groups": [
            (built, [_row(entry, fields.language) for entry in entries]) for built, entries in groups if entries
        ],
        "count": len(fields.qualifications) + len(fields.micro_credentials),
        "as_of": day(fields.as_of, fields.language),
        "address": fields.verify_url.split("://", 1)[-1],
        "logo": fields.design.logo,
        "day": fields.as_of.isoformat(),
    }


def _row(entry: Entry, language: str) -> dict[str, object]:
    return {
        "entry": entry,
        "awarded_on": day(entry.awarded_on, language),
        "valid_until": day(entry.valid_until, language) if entry.valid_until else "",
        "parts": [(name, day(on, language) if on else "") for name, on in entry.parts],
    }


def _resources(fields: TranscriptFields) -> dict[str, tuple[str, bytes]]:
    style = render_to_string(
        "print/transcript.css",
        {"families": layout.families(), "palette": fields.design.palette, "paper": fields.design.paper},
    )
    found = {
        "transcript.css": ("text/css", style.encode()),
        "code.svg": ("image/svg+xml", qr.svg(fields.verify_url).encode()),
    }
    if logo := fields.design.logo:
        found[logo.name] = (logo.media_type, logo.content)
    return found
