"""Composes the page of a form: stand-ins for what each learner has otherwise, and the places where these stand."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from credentials.rendering import layout
from credentials.rendering.compiled.compiling import Place
from credentials.rendering.compiled.faces import Style, in_order
from credentials.rendering.layout import DISPLAY, MONO, TEXT, TEXT_OF
from credentials.rendering.sheet.composing import Page, compose
from credentials.rendering.sheet.days import letters_of_days
from credentials.rendering.sheet.fields import (
    CertificateFields,
    as_designed,
    dates,
    name_line,
    results,
    shown_language,
    without_scheme,
)
from credentials.rendering.sheet.lettering import HALVES, LARGEST_HALF, LARGEST_NAME, Line


@dataclass(frozen=True)
class Printing:
    """A page to be printed with stand-ins, the places it fills, and what each stand-in holds place for."""

    page: Page
    places: tuple[Place, ...]
    stand_ins: Mapping[str, str]
    #: Of all that is laid out once: two certificates with the same are filled from the same form.
    key: str


def to_compile(fields: CertificateFields) -> Printing:
    """The same page with stand-ins for what another learner has otherwise."""
    fields = as_designed(fields)
    texts = dates(fields) | results(fields)
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
    names = [*(HALVES if in_two_lines else ("learner",)), "code", "address", *sorted(plain)]
    # No two are parts of each other, and no font joins their letters.
    shown = {name: f"Qz{place}jqZ" for place, name in enumerate([*names, "learner"])}
    url = "https://" + shown["address"].ljust(len(fields.verify_url) - len("https://"), "x")
    shown |= {
        "address": without_scheme(url),
        "url": url,
        "stamp": _STAND_IN.strftime("%Y%m%d000000"),
        "day": _STAND_IN.isoformat(),
    }
    line = Line(shown["learner"], LARGEST_NAME, "ltr", spaced=False)
    if in_two_lines:
        line = replace(line, size=LARGEST_HALF, halves=tuple(shown[name] for name in HALVES))
    texts = dates(fields) | results(fields) | shown
    page = compose(fields, texts, line, in_one_line=True, dated_on=_STAND_IN)
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


# The gap is that between the groups of a code.
_ALPHABET = " 0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _place(name: str, stand_in: str, fields: CertificateFields) -> Place:
    language, room = shown_language(fields), layout.of(fields.design)
    display, strong, text, mono = styles(language)
    start, end = ("right", room.left) if fields.direction == "rtl" else ("left", room.right)
    if name in ("code", "address"):
        end += -room.beside_words if start == "left" else room.beside_words
    if name in ("learner", *HALVES):
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
        return Place(name, stand_in, strong, "centre", end, width=width, alphabet=letters_of_days(language))
    inset = 0 if fields.outcomes else layout.pixels(14)
    end += inset if start == "right" else -inset
    return Place(name, stand_in, text, start, end, alphabet=letters_of_days(language))


@lru_cache(1024)
def _is_plain(text: str, language: str, direction: str) -> bool:
    """Whether one face draws it, from left to right, as it draws a stand-in; else it is laid out for each day anew."""
    faces = in_order(Style(TEXT_OF.get(language, TEXT)), language)
    return direction == "ltr" and bool(faces) and all(faces[0].draws(character) for character in text)
