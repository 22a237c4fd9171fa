"""Composes the page that a certificate is printed from: its texts, their sizes, pictures, and places to fill."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import formats, translation

from credentials.rendering import engraving, layout, qr
from credentials.rendering.compiled.compiling import Place
from credentials.rendering.compiled.faces import Style, in_order
from credentials.rendering.design import BUILT_IN, Design, worded
from credentials.rendering.engraving import Inks
from credentials.rendering.layout import DISPLAY, MONO, TEXT, TEXT_OF, Layout
from portal.shared.cairn import Stone

_LARGEST_NAME, _SMALLEST_NAME = 37, 15
# Two lines of a smaller size look better than one of a tiny size.
_TWO_LINES_BELOW = 0.62
_LARGEST_HALF = round(_LARGEST_NAME * _TWO_LINES_BELOW, 1)
_HALVES = ("first-half", "second-half")


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
    hours: str = ""
    skills: tuple[str, ...] = ()
    design: Design = BUILT_IN


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
    #: The two halves of one that a single line does not hold; none where it does, or has no room to be parted.
    halves: tuple[str, ...] = ()


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
    fields = _shown(fields)
    halves = dict(zip(_HALVES, name_line(fields).halves, strict=False))
    return (
        (_dates(fields) | _results(fields))
        | halves
        | {
            "learner": fields.learner_name,
            "code": fields.code,
            "address": _without_scheme(fields.verify_url),
            "url": fields.verify_url,
            "stamp": fields.awarded_on.strftime("%Y%m%d000000"),
            "day": fields.awarded_on.isoformat(),
        }
    )


def name_line(fields: CertificateFields) -> Line:
    return _name_line(fields.learner_name, layout.of(fields.design).line)


@lru_cache(256)
def _name_line(name: str, room: float) -> Line:
    line = _line(name, largest=_LARGEST_NAME, smallest=_SMALLEST_NAME, room=room)
    words = name.split(" ")
    if line.size > _LARGEST_HALF or len(words) < 2:
        return line
    # Where both halves are most alike.
    first, second = min(
        ((" ".join(words[:place]), " ".join(words[place:])) for place in range(1, len(words))),
        key=lambda halves: max(map(_width, halves)),
    )
    size = min(_LARGEST_HALF, 0.9 * room / max(_width(first), _width(second)))
    return replace(line, size=round(max(_SMALLEST_NAME, size), 1), halves=(first, second))


def places_of(line: Line) -> tuple[str, ...]:
    """The places in which a form shows the name."""
    return _HALVES if line.halves else ("learner",)


def shown_language(fields: CertificateFields) -> str:
    """In which the sheet speaks by itself; what it quotes of the credential stays as it is."""
    return fields.design.language or fields.language


#: What a block holds; a sheet without it is composed as if there were none of it.
_HELD: dict[str, dict[str, object]] = {
    "parent": {"parent_issuer_name": ""},
    "statement": {"statement": ""},
    "results": {"results": ()},
    "outcomes": {"outcomes": ()},
    "parts": {"parts": ()},
    "skills": {"skills": ()},
    "credits": {"credits": ""},
    "hours": {"hours": ""},
    "level": {"level": ""},
    "validity": {"valid_until": None},
}


def _shown(fields: CertificateFields) -> CertificateFields:
    """What of it the design shows."""
    hidden: dict[str, object] = {}
    for block in _HIDDEN_IN_BUILT_IN if fields.design is BUILT_IN else _HELD.keys() - fields.design.blocks:
        hidden |= _HELD[block]
    return replace(fields, **hidden) if any(getattr(fields, name) != none for name, none in hidden.items()) else fields  # type: ignore[arg-type]


_HIDDEN_IN_BUILT_IN = _HELD.keys() - BUILT_IN.blocks


def whole(fields: CertificateFields, *, in_one_line: bool = False) -> Page:
    """The page with everything in its place; `in_one_line` as a form has it, whatever room the name takes:
    in one line, or in the two halves of it.
    """
    fields = _shown(fields)
    return _page(fields, values(fields), name_line(fields), in_one_line=in_one_line)


def to_compile(fields: CertificateFields) -> Printing:
    """The same page with stand-ins for what another learner has otherwise."""
    fields = _shown(fields)
    texts = _dates(fields) | _results(fields)
    language, worded_too = shown_language(fields), fields.design.own_places()
    plain = frozenset(
        name for name, text in texts.items() if name not in worded_too and _is_plain(text, language, fields.direction)
    )
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
        in_two_lines=bool(name_line(fields).halves),
    )


_STAND_IN = date(1904, 2, 29)


@lru_cache(64)
def _to_compile(fields: CertificateFields, plain: frozenset[str], *, in_two_lines: bool) -> Printing:
    names = [*(_HALVES if in_two_lines else ("learner",)), "code", "address", *sorted(plain)]
    # No two are parts of each other, and no font joins their letters.
    shown = {name: f"Qz{place}jqZ" for place, name in enumerate([*names, "learner"])}
    url = "https://" + shown["address"].ljust(len(fields.verify_url) - len("https://"), "x")
    shown |= {
        "address": _without_scheme(url),
        "url": url,
        "stamp": _STAND_IN.strftime("%Y%m%d000000"),
        "day": _STAND_IN.isoformat(),
    }
    line = Line(shown["learner"], _LARGEST_NAME, "ltr", spaced=False)
    if in_two_lines:
        line = replace(line, size=_LARGEST_HALF, halves=tuple(shown[name] for name in _HALVES))
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
    language, room = shown_language(fields), layout.of(fields.design)
    display, strong, text, mono = styles(language)
    start, end = ("right", room.left) if fields.direction == "rtl" else ("left", room.right)
    if name in ("code", "address"):
        end += -room.beside_words if start == "left" else room.beside_words
    if name in ("learner", *_HALVES):
        return Place(name, stand_in, display, "centre", end, width=room.right - room.left)
    if name == "code":
        return Place(name, stand_in, mono, start, end, alphabet=_ALPHABET)
    if name == "address":
        return Place(name, stand_in, text, start, end, alphabet=_ALPHABET)
    if name == "results":
        return Place(name, stand_in, strong, "centre", end, width=layout.pixels(room.column))
    if name in ("awarded_on", "valid_until"):
        facts = 1 + sum(map(bool, (fields.valid_until, fields.credits, fields.hours, fields.level)))
        width = (room.right - room.left) / facts - layout.pixels(4)
        return Place(name, stand_in, strong, "centre", end, width=width, alphabet=_letters_of_days(language))
    inset = 0 if fields.outcomes else layout.pixels(14)
    end += inset if start == "right" else -inset
    return Place(name, stand_in, text, start, end, alphabet=_letters_of_days(language))


@lru_cache(64)
def _letters_of_days(language: str) -> str:
    """Whatever a day of a year may be written with."""
    return "".join(sorted({*"0123456789", *"".join(day(date(2000, month, 1), language) for month in range(1, 13))}))


def _dates(fields: CertificateFields) -> dict[str, str]:
    language = shown_language(fields)
    texts = {"awarded_on": day(fields.awarded_on, language)}
    if fields.valid_until:
        texts["valid_until"] = day(fields.valid_until, language)
    return texts | {f"part-{place}": day(on, language) for place, (_name, on) in enumerate(fields.parts)}


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
    design, room = fields.design, layout.of(fields.design)
    names = {
        "learner": learner,
        "achievement": _line(fields.achievement_name, largest=25, smallest=13, room=room.line),
        "issuer": _line(fields.issuer_name, largest=16, smallest=10, room=room.line),
        "parent": _line(fields.parent_issuer_name, largest=10, smallest=8, room=room.line),
    }
    sizes = "".join(f".{name}{{font-size:{line.size}pt}}" for name, line in names.items())
    # On one line, whatever the site is called, and the same for every code.
    characters = len(_without_scheme(fields.verify_url))
    sizes += f".address{{font-size:{min(9.0, round(room.words / (0.66 * characters), 1))}pt}}"
    lines_of_name = max(1, len(learner.halves)) if in_one_line else 1 + len(learner.text) // 45
    fullness = _room(fields, room, lines_of_name=lines_of_name)
    language = shown_language(fields)
    with translation.override(language):
        html = render_to_string(
            "print/certificate.html",
            {
                "fields": fields,
                "design": design,
                **names,
                **_wording(fields, texts),
                "language": language,
                "quoted": "" if language == fields.language else fields.language,
                "awarded_on": texts["awarded_on"],
                "valid_until": texts.get("valid_until"),
                "parts": [(name, texts[f"part-{place}"]) for place, (name, _on) in enumerate(fields.parts)],
                "code": texts["code"],
                "url": texts["url"],
                "address": texts["address"],
                "day": texts["day"],
                "results": texts.get("results", ""),
                "room": fullness,
                "one_line": in_one_line,
            },
        )
    resources = {**layout.resources(design), "sizes.css": ("text/css", sizes.encode())}
    if "emblem" in design.blocks:
        resources["emblem.svg"] = (_SVG, _emblem(fields.stones, design.palette.inks))
    if "code" in design.blocks:
        resources["code.svg"] = (_SVG, qr.svg(texts["url"]).encode())
    return Page(html, resources, dated_on or fields.awarded_on, (texts["url"],))


_SVG = "image/svg+xml"


def _wording(fields: CertificateFields, texts: Mapping[str, str]) -> dict[str, str]:
    """The design's own words with their places filled; empty where the sheet speaks as the site does."""
    design = fields.design
    told = {
        "achievement": fields.achievement_name,
        "issuer": fields.issuer_name,
        "parent_issuer": fields.parent_issuer_name,
        "credits": fields.credits,
        "hours": fields.hours,
        "level": fields.level,
        "awarded_on": texts["awarded_on"],
        "valid_until": texts.get("valid_until", ""),
    }
    return {name: worded(getattr(design, name), told) for name in ("before_name", "after_name", "closing", "note")}


@lru_cache(64)
def _emblem(stones: tuple[Stone, ...], inks: Inks) -> bytes:
    return engraving.emblem(stones, inks).encode()


def _without_scheme(url: str) -> str:
    return url.split("://", 1)[-1]


@lru_cache(1024)
def day(on: date, language: str) -> str:
    """A day as paper says it."""
    # Read by people of many countries: in English, too, the day stands first and the month in full.
    with translation.override(language):
        return formats.date_format(on, "j F Y" if language.startswith("en") else "DATE_FORMAT")


def _line(text: str, *, largest: float, smallest: float, room: float) -> Line:
    width = _width(text) or 1
    size = room / width
    if size < largest * _TWO_LINES_BELOW:
        size = min(largest * _TWO_LINES_BELOW, 1.75 * room / width)
    return Line(
        text=text,
        size=round(max(smallest, min(largest, size)), 1),
        direction=_direction(text),
        # Spacing would tear joined scripts apart.
        spaced=all(ord(character) < 0x0530 or not character.isalpha() for character in text),
    )


def _width(text: str) -> float:
    return sum(map(_breadth, text))


# A serif letter takes half its size, an East Asian one all of it.
@lru_cache(4096)
def _breadth(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if "\u0400" <= character <= "\u04ff":
        # Cyrillic letters run wider.
        return 0.86 if character in "ЖМФШЩЫЮжмфшщыю" else 0.75 if character.isupper() else 0.63
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


def _room(fields: CertificateFields, room: Layout, *, lines_of_name: int) -> str:
    """How full the sheet is, in a word for the stylesheet; what one page cannot hold goes into a supplement."""
    both = fields.outcomes and fields.parts
    letters = room.letters_of_two if both else room.letters
    lines = sum(1 + len(text) // letters for text in fields.outcomes)
    rows = sum(1 + (len(name) + 14) // letters for name, _ in fields.parts)
    # Side by side, the longer column counts.
    load = max(lines, rows) + len(fields.statement) // 95 + len(fields.results) + len(fields.achievement_name) // 45
    load += len(fields.design.closing) // 60 + len(" · ".join(fields.skills)) // 60
    load += lines_of_name - 1
    if load > room.dense:
        return "supplement"
    # Each with the gap before it; where all is set close there is room for both.
    load += (2 if fields.design.closing else 0) + (1 if fields.parent_issuer_name else 0)
    return "airy" if load <= room.airy else "even" if load <= room.even else "dense"
