"""Composes the page that a certificate is printed from: its texts, their sizes, pictures, and places to fill."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache

from django.template.loader import render_to_string
from django.utils import formats, translation

from credentials.rendering import engraving, qr
from credentials.rendering.compiled.compiling import Place
from credentials.rendering.compiled.faces import Style, in_order
from portal.shared.cairn import Stone

# In the order of the scripts they draw.
_OTHER_SCRIPTS = ("Noto Naskh Arabic", "Noto Serif Hebrew", "Noto Serif Devanagari")
_CHINESE = ("Noto Serif CJK SC", "Noto Serif CJK JP", "Noto Serif CJK KR", "Noto Sans", "DejaVu Serif")
TEXT = ("Noto Serif", *_OTHER_SCRIPTS, *_CHINESE)
DISPLAY = ("Noto Serif Display", *TEXT)
MONO = ("DejaVu Sans Mono", "Noto Sans Mono")
# Where the language says which of the East Asian forms of a character is meant.
TEXT_OF = {
    "ja": ("Noto Serif", "Noto Serif CJK JP", "Noto Serif CJK SC", "DejaVu Serif"),
    "ko": ("Noto Serif", "Noto Serif CJK KR", "Noto Serif CJK SC", "DejaVu Serif"),
    "zh-Hant": ("Noto Serif", "Noto Serif CJK TC", "Noto Serif CJK SC", "DejaVu Serif"),
}

# Pixels of 1/96 inch, as WeasyPrint lays out: the page's text goes from one edge to the other.
_LEFT, _RIGHT = 25 / 25.4 * 96, 185 / 25.4 * 96
# In points: beside the code to scan.
_WORDS = 345.0
_LARGEST_NAME, _SMALLEST_NAME = 37, 15


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
    results: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    direction: str = "ltr"
    parts: tuple[tuple[str, date], ...] = ()
    stones: tuple[Stone, ...] = ()


@dataclass(frozen=True)
class Page:
    """The page, the table of all that it names, and the day and address it is printed with."""

    html: str
    resources: Mapping[str, tuple[str, bytes]]
    dated_on: date
    links: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A name with what its script asks for: a size in points, a direction, and whether letters may stand apart."""

    text: str
    size: float
    direction: str
    spaced: bool


@dataclass(frozen=True)
class Printing:
    """A page to be printed with stand-ins, the places it fills, and what each stand-in holds place for."""

    page: Page
    places: tuple[Place, ...]
    stand_ins: Mapping[str, str]
    #: Of all that is laid out once: two certificates with the same are filled from the same form.
    key: str


def values(fields: CertificateFields) -> dict[str, str]:
    """The learner's own texts, by the names of their places; `stamp` and `day` are for what the file says of itself."""
    return (_dates(fields) | _results(fields)) | {
        "learner": fields.learner_name,
        "code": fields.code,
        "address": _without_scheme(fields.verify_url),
        "url": fields.verify_url,
        "stamp": fields.awarded_on.strftime("%Y%m%d000000"),
        "day": fields.awarded_on.isoformat(),
    }


def name_line(fields: CertificateFields) -> Line:
    return _line(fields.learner_name, largest=_LARGEST_NAME, smallest=_SMALLEST_NAME)


def whole(fields: CertificateFields, *, in_one_line: bool = False) -> Page:
    """The page with everything in its place; `in_one_line` as a form has it, whatever room the name takes."""
    return _page(fields, values(fields), name_line(fields), in_one_line=in_one_line)


def to_compile(fields: CertificateFields) -> Printing:
    """The same page with stand-ins for what another learner has otherwise."""
    texts = _dates(fields) | _results(fields)
    plain = frozenset(name for name, text in texts.items() if _is_plain(text, fields.language, fields.direction))
    return _to_compile(
        replace(
            fields,
            learner_name="",
            code="",
            verify_url="https://".ljust(len(fields.verify_url), "x"),
            awarded_on=_STAND_IN if "awarded_on" in plain else fields.awarded_on,
            valid_until=_STAND_IN if "valid_until" in plain else fields.valid_until,
            # How many there are is part of how full the sheet is.
            results=tuple(("", "") for _each in fields.results) if "results" in plain else fields.results,
            parts=tuple(
                (name, _STAND_IN if f"part-{place}" in plain else on) for place, (name, on) in enumerate(fields.parts)
            ),
        ),
        plain,
    )


_STAND_IN = date(1904, 2, 29)


@lru_cache(64)
def _to_compile(fields: CertificateFields, plain: frozenset[str]) -> Printing:
    names = ["learner", "code", "address", *sorted(plain)]
    # No two are parts of each other, and no font joins their letters.
    shown = {name: f"Qz{place}jqZ" for place, name in enumerate(names)}
    url = "https://" + shown["address"].ljust(len(fields.verify_url) - len("https://"), "x")
    shown |= {
        "address": _without_scheme(url),
        "url": url,
        "stamp": _STAND_IN.strftime("%Y%m%d000000"),
        "day": _STAND_IN.isoformat(),
    }
    line = Line(shown["learner"], _LARGEST_NAME, "ltr", spaced=False)
    texts = _dates(fields) | _results(fields) | shown
    page = _page(fields, texts, line, in_one_line=True, dated_on=_STAND_IN)
    return Printing(
        page=page,
        places=tuple(_place(name, shown[name], fields) for name in names),
        # The longest first: the address is a part of the link.
        stand_ins={text: name for name, text in sorted(shown.items(), key=lambda pair: -len(pair[1]))},
        key=hashlib.sha256(repr((page.html, sorted(page.resources.items()))).encode()).hexdigest(),
    )


def styles(language: str) -> tuple[Style, ...]:
    """All that a form's places may be set in."""
    text = TEXT_OF.get(language, TEXT)
    return Style(DISPLAY, 500), Style(text, 600), Style(text, 400), Style(MONO, 400)


_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _place(name: str, stand_in: str, fields: CertificateFields) -> Place:
    display, strong, text, mono = styles(fields.language)
    start, end = ("right", _LEFT) if fields.direction == "rtl" else ("left", _RIGHT)
    if name == "learner":
        return Place(name, stand_in, display, "centre", end, width=_RIGHT - _LEFT)
    if name == "code":
        return Place(name, stand_in, mono, start, end, alphabet=_ALPHABET)
    if name == "address":
        return Place(name, stand_in, text, start, end, alphabet=_ALPHABET)
    if name == "results":
        return Place(name, stand_in, strong, "centre", end, width=132 / 25.4 * 96)
    if name in ("awarded_on", "valid_until"):
        facts = 1 + sum(map(bool, (fields.valid_until, fields.credits, fields.level)))
        width = (_RIGHT - _LEFT) / facts - 4 / 25.4 * 96
        return Place(name, stand_in, strong, "centre", end, width=width, alphabet=_letters_of_days(fields.language))
    inset = 0 if fields.outcomes else 14 / 25.4 * 96
    end += inset if start == "right" else -inset
    return Place(name, stand_in, text, start, end, alphabet=_letters_of_days(fields.language))


@lru_cache(64)
def _letters_of_days(language: str) -> str:
    """Whatever a day of a year may be written with."""
    return "".join(sorted({*"0123456789", *"".join(_date(date(2000, month, 1), language) for month in range(1, 13))}))


def _dates(fields: CertificateFields) -> dict[str, str]:
    texts = {"awarded_on": _date(fields.awarded_on, fields.language)}
    if fields.valid_until:
        texts["valid_until"] = _date(fields.valid_until, fields.language)
    return texts | {f"part-{place}": _date(on, fields.language) for place, (_name, on) in enumerate(fields.parts)}


def _results(fields: CertificateFields) -> dict[str, str]:
    if not fields.results:
        return {}
    return {"results": " · ".join(f"{name}: {value}" for name, value in fields.results)}


@lru_cache(1024)
def _is_plain(text: str, language: str, direction: str) -> bool:
    """Whether one face draws it, from left to right, as it draws a stand-in; else it is laid out for each day anew."""
    faces = in_order(Style(TEXT_OF.get(language, TEXT)), language)
    return direction == "ltr" and bool(faces) and all(faces[0].draws(character) for character in text)


def _page(
    fields: CertificateFields,
    texts: Mapping[str, str],
    learner: Line,
    *,
    in_one_line: bool,
    dated_on: date | None = None,
) -> Page:
    names = {
        "learner": learner,
        "achievement": _line(fields.achievement_name, largest=25, smallest=13),
        "issuer": _line(fields.issuer_name, largest=16, smallest=10),
        "parent": _line(fields.parent_issuer_name, largest=10, smallest=8),
    }
    sizes = "".join(f".{name}{{font-size:{line.size}pt}}" for name, line in names.items())
    # On one line, whatever the site is called, and the same for every code.
    characters = len(_without_scheme(fields.verify_url))
    sizes += f".address{{font-size:{min(9.0, round(_WORDS / (0.66 * characters), 1))}pt}}"
    room = _room(fields, in_one_line=in_one_line)
    with translation.override(fields.language):
        html = render_to_string(
            "print/certificate.html",
            {
                "fields": fields,
                **names,
                "awarded_on": texts["awarded_on"],
                "valid_until": texts.get("valid_until"),
                "parts": [(name, texts[f"part-{place}"]) for place, (name, _on) in enumerate(fields.parts)],
                "code": texts["code"],
                "url": texts["url"],
                "address": texts["address"],
                "day": texts["day"],
                "results": texts.get("results", ""),
                "room": room,
                "one_line": in_one_line,
            },
        )
    svg = "image/svg+xml"
    resources = {
        "certificate.css": ("text/css", _stylesheet()),
        "sizes.css": ("text/css", sizes.encode()),
        "frame.svg": (svg, engraving.frame().encode()),
        "emblem.svg": (svg, _emblem(fields.stones)),
        "code.svg": (svg, qr.svg(texts["url"]).encode()),
    }
    return Page(html, resources, dated_on or fields.awarded_on, (texts["url"],))


@lru_cache(64)
def _emblem(stones: tuple[Stone, ...]) -> bytes:
    return engraving.emblem(stones).encode()


def _without_scheme(url: str) -> str:
    return url.split("://", 1)[-1]


@lru_cache(1024)
def _date(day: date, language: str) -> str:
    # Read by people of many countries: in English, too, the day stands first and the month in full.
    with translation.override(language):
        return formats.date_format(day, "j F Y" if language.startswith("en") else "DATE_FORMAT")


@cache
def _stylesheet() -> bytes:
    families = {
        "text": _quoted(TEXT),
        "display": _quoted(DISPLAY),
        "mono": _quoted(MONO),
        "of": {language: _quoted(names) for language, names in TEXT_OF.items()},
    }
    return render_to_string("print/certificate.css", {"families": families}).encode()


def _quoted(families: tuple[str, ...]) -> str:
    return ", ".join(f'"{family}"' for family in families)


def _line(text: str, *, largest: float, smallest: float) -> Line:
    # 445 pt is what the sheet leaves; a serif letter takes half its size, an East Asian one all of it.
    width = sum(_breadth(character) for character in text) or 1
    # Two lines of a smaller size look better than one of a tiny size.
    size = 445 / width
    if size < largest * 0.62:
        size = min(largest * 0.62, 1.75 * 445 / width)
    return Line(
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


def _room(fields: CertificateFields, *, in_one_line: bool) -> str:
    """How full the sheet is, in a word for the stylesheet; what one page cannot hold goes into a supplement."""
    both = fields.outcomes and fields.parts
    lines = sum(1 + len(text) // (48 if both else 88) for text in fields.outcomes)
    rows = sum(1 + (len(name) + 14) // (48 if both else 88) for name, _ in fields.parts)
    # Side by side, the longer column counts.
    load = max(lines, rows) + len(fields.statement) // 95 + len(fields.results) + len(fields.achievement_name) // 45
    if not in_one_line:
        load += len(fields.learner_name) // 45
    if load > 14:
        return "supplement"
    return "airy" if load <= 3 else "even" if load <= 9 else "dense"
