"""Made-up learners on whom a design is tried: names that are long or of other scripts, sheets that are full or bare."""

from dataclasses import replace
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credentials.rendering.design import Design
from credentials.rendering.sheet.fields import CertificateFields
from portal.shared import cairn

SAMPLES: dict[str, str | Promise] = {
    "usual": _("A usual learner"),
    "longest": _("The longest name"),
    "arabic": _("A name from right to left"),
    "chinese": _("A Chinese name"),
    "bare": _("Without its pictures"),
    "full": _("Very many parts"),
}
_CODE = "7K2M9QXR4TBN1VWZ8HJC6PDF3G"
_NAMES = {
    # As long as a name may be.
    "longest": "Maria Wilhelmina Friederike Alexandra Konstantina Theresia Eleonora Philippina Antonia Josepha "
    "von Württemberg zu Hohenlohe-Langenburg-Schillingsfürst und Waldenburg, Gräfin von Gleichen und Castell",
    "arabic": "محمد عبد الرحمن الخوارزمي",
    "chinese": "歐陽李小龍",
}
_OUTCOMES = (
    "read, question and present data of everyday size",
    "choose a method for a question, and defend the choice",
    "say what was found, and what was not",
)


def fields_of(
    sample: str, design: Design, *, qualification: bool, issuer_name: str, parent_issuer_name: str, site_url: str
) -> CertificateFields:
    """The certificate of a sample, with nothing in it that is anybody's."""
    parts: tuple[tuple[str, date], ...] = (
        (("Statistics in Practice", date(2026, 2, 6)), ("Databases", date(2026, 4, 17)), ("Ethics", date(2026, 5, 3)))
        if qualification
        else ()
    )
    outcomes: tuple[str, ...] = _OUTCOMES
    results: tuple[tuple[str, str], ...] = (("Grade", "1.7"),)
    if sample == "full":
        parts = tuple((f"Part {place} of the record", date(2026, 1, place)) for place in range(1, 25)) if parts else ()
        outcomes = tuple(f"{_OUTCOMES[place % 3]} ({place + 1})" for place in range(18))
        results = (("Grade", "1.7"), ("Rank", "7 of 31"), ("Credits with distinction", "45"))
    if sample == "bare":
        signers = tuple(replace(signer, picture=None) for signer in design.signers)
        design = replace(design, logo=None, seal=None, background=None, signers=signers)
    return CertificateFields(
        learner_name=_NAMES.get(sample, "Lena Ortiz"),
        achievement_name="Certificate in Data Practice" if qualification else "Statistics in Practice",
        issuer_name=issuer_name,
        parent_issuer_name=parent_issuer_name,
        awarded_on=date(2026, 5, 3),
        valid_until=date(2029, 5, 3),
        verify_url=f"{site_url}/c/{_CODE}/",
        code=_CODE,
        credits="60 ECTS credits" if qualification else "5 ECTS credits",
        level="EQF level 5",
        hours="1500 hours" if qualification else "125 hours",
        outcomes=outcomes,
        skills=("analyse data", "apply statistical methods", "communicate results"),
        statement="The holder reads, questions and presents data of everyday size.",
        results=results,
        parts=parts,
        stones=cairn.stones([(str(place), 1, "earned") for place in range(3)]),
        design=design,
        direction="rtl" if design.language.partition("-")[0] in ("ar", "he", "fa", "ur") else "ltr",
    )
