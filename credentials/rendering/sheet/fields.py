"""What a certificate says: its fields, those that its design shows, and the learner's own as texts."""

from dataclasses import dataclass, replace
from datetime import date

from credentials.rendering import layout
from credentials.rendering.design import BUILT_IN, Design
from credentials.rendering.sheet import lettering
from credentials.rendering.sheet.days import day
from credentials.rendering.sheet.lettering import HALVES, Line
from portal.shared.cairn import Stone


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


def values(fields: CertificateFields) -> dict[str, str]:
    """The learner's own texts, by the names of their places; `stamp` and `day` are for what the file says of itself."""
    fields = as_designed(fields)
    halves = dict(zip(HALVES, name_line(fields).halves, strict=False))
    return (
        (dates(fields) | results(fields))
        | halves
        | {
            "learner": fields.learner_name,
            "code": lettering.in_fours(fields.code),
            "address": without_scheme(fields.verify_url),
            "url": fields.verify_url,
            "stamp": fields.awarded_on.strftime("%Y%m%d000000"),
            "day": fields.awarded_on.isoformat(),
        }
    )


def name_line(fields: CertificateFields) -> Line:
    return lettering.name_line(fields.learner_name, layout.of(fields.design).line)


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


def as_designed(fields: CertificateFields) -> CertificateFields:
    """What of it the design shows."""
    hidden: dict[str, object] = {}
    for block in _HIDDEN_IN_BUILT_IN if fields.design is BUILT_IN else _HELD.keys() - fields.design.blocks:
        hidden |= _HELD[block]
    return replace(fields, **hidden) if any(getattr(fields, name) != none for name, none in hidden.items()) else fields  # type: ignore[arg-type]


_HIDDEN_IN_BUILT_IN = _HELD.keys() - BUILT_IN.blocks


def dates(fields: CertificateFields) -> dict[str, str]:
    language = shown_language(fields)
    texts = {"awarded_on": day(fields.awarded_on, language)}
    if fields.valid_until:
        texts["valid_until"] = day(fields.valid_until, language)
    return texts | {f"part-{place}": day(on, language) for place, (_name, on) in enumerate(fields.parts)}


def results(fields: CertificateFields) -> dict[str, str]:
    if not fields.results:
        return {}
    return {"results": " · ".join(f"{name}: {value}" for name, value in fields.results)}


def without_scheme(url: str) -> str:
    return url.split("://", 1)[-1]
