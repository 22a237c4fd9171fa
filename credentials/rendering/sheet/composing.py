"""Composes the page: texts in their sizes, pictures, and how close all is set by how much there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import translation

from credentials.rendering import engraving, layout, qr
from credentials.rendering.design import worded
from credentials.rendering.engraving import Inks
from credentials.rendering.layout import Layout
from credentials.rendering.sheet.fields import (
    CertificateFields,
    as_designed,
    name_line,
    shown_language,
    values,
    without_scheme,
)
from credentials.rendering.sheet.lettering import Line, fitted
from portal.shared.cairn import Stone


@dataclass(frozen=True)
class Page:
    """The page, the table of all that it names, and the day and address it is printed with."""

    html: str
    resources: Mapping[str, tuple[str, bytes]]
    dated_on: date
    links: tuple[str, ...]


def whole(fields: CertificateFields, *, in_one_line: bool = False) -> Page:
    """The page with everything in its place; `in_one_line` as a form has it, whatever room the name takes:
    in one line, or in the two halves of it.
    """
    fields = as_designed(fields)
    return compose(fields, values(fields), name_line(fields), in_one_line=in_one_line)


def compose(
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
        "achievement": fitted(fields.achievement_name, largest=25, smallest=13, room=room.line),
        "issuer": fitted(fields.issuer_name, largest=16, smallest=10, room=room.line),
        "parent": fitted(fields.parent_issuer_name, largest=10, smallest=8, room=room.line),
    }
    sizes = "".join(f".{name}{{font-size:{line.size}pt}}" for name, line in names.items())
    # On one line, whatever the site is called, and the same for every code.
    characters = len(without_scheme(fields.verify_url))
    sizes += f".address{{font-size:{min(9.0, round(room.words / (0.66 * characters), 1))}pt}}"
    lines_of_name = max(1, len(learner.halves)) if in_one_line else 1 + len(learner.text) // 45
    fullness = _room(fields, room, lines_of_name=lines_of_name)
    wording = _wording(fields, texts)
    language = shown_language(fields)
    with translation.override(language):
        html = render_to_string(
            "print/certificate.html",
            {
                "fields": fields,
                "design": design,
                **names,
                **wording,
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
                "is_close": fullness == "supplement"
                and _above_the_foot(fields, wording, lines_of_name=lines_of_name) > (2 if design.signs else 6),
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


def _above_the_foot(fields: CertificateFields, wording: Mapping[str, str], *, lines_of_name: int) -> int:
    """How many lines stand above the foot beyond those that every sheet has."""
    said = (fields.parent_issuer_name, wording["closing"], " · ".join(fields.skills))
    lines = lines_of_name - 1 + sum(1 + len(text) // 60 for text in said if text) + bool(fields.results)
    lines += len(wording["before_name"]) // 70 + len(wording["after_name"]) // 70
    return lines + len(fields.statement) // 95 + len(fields.achievement_name) // 45
