"""Makes the certificate: the sheet of paper, as a PDF, that shows a credential and carries it inside."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.template.loader import render_to_string
from django.utils import formats, translation

from credentials.rendering import engraving, fonts, limited, qr
from credentials.rendering.failures import GlyphsMissing
from portal.shared.cairn import Stone

Printer = Callable[..., bytes]


@dataclass(frozen=True)
class CertificateFields:
    """What is printed. Credits and level come in words ("60 ECTS credits"); parts are those of a qualification."""

    learner_name: str
    achievement_name: str
    issuer_name: str
    awarded_on: date
    verify_url: str
    code: str
    parent_issuer_name: str = ""
    valid_until: date | None = None
    credits: str = ""
    level: str = ""
    outcomes: tuple[str, ...] = ()
    statement: str = ""
    language: str = "en"
    direction: str = "ltr"
    parts: tuple[tuple[str, date], ...] = ()
    stones: tuple[Stone, ...] = ()


def render(fields: CertificateFields, *, credential_document: bytes, printer: Printer = limited.print_pdf) -> bytes:
    """The certificate as PDF/A-3a and PDF/UA-1 with the signed document inside; same fields, same bytes.

    Raises GlyphsMissing before a name is printed with boxes, RendererMissing without Pango, RenderFailed beyond limits.
    """
    if missing := missing_glyphs(fields):
        raise GlyphsMissing(missing)
    html, resources = compose(fields)
    return printer(
        html,
        resources=resources,
        attachment=credential_document,
        dated_on=fields.awarded_on,
        links=[fields.verify_url],
    )


def missing_glyphs(fields: CertificateFields) -> str:
    """The characters of these fields that no installed font can draw."""
    texts = (
        fields.learner_name,
        fields.achievement_name,
        fields.issuer_name,
        fields.parent_issuer_name,
        fields.credits,
        fields.level,
        fields.statement,
        *fields.outcomes,
        *(name for name, _ in fields.parts),
    )
    return fonts.missing_glyphs("".join(texts))


def compose(fields: CertificateFields) -> tuple[str, dict[str, tuple[str, bytes]]]:
    """The page, and the table of all that it names."""
    names = {
        "learner": _line(fields.learner_name, largest=37, smallest=15),
        "achievement": _line(fields.achievement_name, largest=25, smallest=13),
        "issuer": _line(fields.issuer_name, largest=16, smallest=10),
        "parent": _line(fields.parent_issuer_name, largest=10, smallest=8),
    }
    sizes = "".join(f".{name}{{font-size:{line.size}pt}}" for name, line in names.items())
    with translation.override(fields.language):
        html = render_to_string(
            "print/certificate.html",
            {
                "fields": fields,
                **names,
                "awarded_on": _date(fields.awarded_on),
                "valid_until": fields.valid_until and _date(fields.valid_until),
                "parts": [(name, _date(on)) for name, on in fields.parts],
                "room": _room(fields),
                "address": fields.verify_url.split("://", 1)[-1],
            },
        )
    svg = "image/svg+xml"
    return html, {
        "certificate.css": ("text/css", _stylesheet()),
        "sizes.css": ("text/css", sizes.encode()),
        "frame.svg": (svg, engraving.frame().encode()),
        "emblem.svg": (svg, engraving.emblem(fields.stones).encode()),
        "code.svg": (svg, qr.svg(fields.verify_url).encode()),
    }


def _date(day: date) -> str:
    # Read by people of many countries: in English, too, the day stands first and the month in full.
    english = (translation.get_language() or "en").startswith("en")
    return formats.date_format(day, "j F Y" if english else "DATE_FORMAT")


@cache
def _stylesheet() -> bytes:
    return render_to_string("print/certificate.css").encode()


@dataclass(frozen=True)
class _Line:
    """A name with what its script asks for: a size in points, a direction, and whether letters may stand apart."""

    text: str
    size: float
    direction: str
    spaced: bool


def _line(text: str, *, largest: float, smallest: float) -> _Line:
    # 445 pt is what the sheet leaves; a serif letter takes half its size, an East Asian one all of it.
    width = sum(_breadth(character) for character in text) or 1
    # Two lines of a smaller size look better than one of a tiny size.
    size = 445 / width
    if size < largest * 0.62:
        size = min(largest * 0.62, 1.75 * 445 / width)
    return _Line(
        text=text,
        size=round(max(smallest, min(largest, size)), 1),
        direction=_direction(text),
        # Spacing would tear joined scripts apart.
        spaced=all(ord(character) < 0x0530 or not character.isalpha() for character in text),
    )


def _breadth(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character.isupper() or character in "mwMW":
        return 0.72
    return 0.28 if character in " iljtfI.,'’-" else 0.56


def _direction(text: str) -> str:
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return "ltr"


def _room(fields: CertificateFields) -> str:
    """How full the sheet is, in a word for the stylesheet; what one page cannot hold goes into a supplement."""
    both = fields.outcomes and fields.parts
    lines = sum(1 + len(text) // (48 if both else 88) for text in fields.outcomes)
    rows = sum(1 + (len(name) + 14) // (48 if both else 88) for name, _ in fields.parts)
    # Side by side, the longer column counts.
    load = max(lines, rows) + len(fields.statement) // 95 + len(fields.learner_name) // 45
    load += len(fields.achievement_name) // 45
    if load > 14:
        return "supplement"
    return "airy" if load <= 3 else "even" if load <= 9 else "dense"
