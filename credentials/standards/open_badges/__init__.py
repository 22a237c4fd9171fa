"""Open Badges 3.0: an achievement credential composed by the house defaults, and the check before it is frozen.

Every value given here is text, number or time; nothing is looked up. What the European Union's recommendation on
micro-credentials asks for and Open Badges has no property for (workload, form of participation, supervision …) goes
into the criteria's narrative and into alignments, so that no badge needs a context of our own.
"""

from .checking import MAX_BYTES, lint, lint_text, schema_problems
from .composing import compose, compose_achievement, compose_endorsement
from .terms import (
    IDENTIFIER_TYPES,
    AchievementDescription,
    Alignment,
    Descriptor,
    EvidenceItem,
    Identifier,
    Image,
    IssuerProfile,
    Recipient,
    Related,
    RelatedFile,
    ResultDescription,
    ResultLine,
    RubricLevel,
    StatusEntry,
    eqf_alignment,
    identifier_of,
)

__all__ = [
    "IDENTIFIER_TYPES",
    "MAX_BYTES",
    "AchievementDescription",
    "Alignment",
    "Descriptor",
    "EvidenceItem",
    "Identifier",
    "Image",
    "IssuerProfile",
    "Recipient",
    "Related",
    "RelatedFile",
    "ResultDescription",
    "ResultLine",
    "RubricLevel",
    "StatusEntry",
    "compose",
    "compose_achievement",
    "compose_endorsement",
    "eqf_alignment",
    "identifier_of",
    "lint",
    "lint_text",
    "schema_problems",
]
