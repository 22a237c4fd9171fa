"""Finds the canonical N-Quads of a document: as one written alike, as one of its shape, or the long way."""

from typing import Any

from credentials.standards import alike, rdf_canon, shapes
from credentials.standards.contexts import ContextSet, known

from .expansion import quads
from .refusals import TooLarge
from .size import LIMITS, Limits, check_size

_shapes: dict[int, tuple[ContextSet, shapes.Shapes]] = {}
_forms: dict[int, tuple[ContextSet, alike.Forms]] = {}


def canonical_n_quads(
    document: dict[str, Any],
    *,
    contexts: ContextSet | None = None,
    limits: Limits = LIMITS,
    digest: str = rdf_canon.SHA256,
) -> str:
    """The canonical N-Quads (RDFC-1.0) of a JSON-LD document; every part of it is covered, or it is refused.

    Raises UnknownContext, DataLoss, TooLarge, or BadDocument for anything else that is not sound JSON-LD 1.1.
    """
    contexts = contexts or known()
    # What is kept of documents alike was worked out with SHA-256.
    if limits is not LIMITS or not isinstance(document, dict) or digest != rdf_canon.SHA256:
        return the_long_way(document, contexts, limits, digest)
    return shapes_of(contexts).canonical(
        document, characters=limits.characters, long_way=lambda: the_long_way(document, contexts, limits)
    )


def canonical_of_text(text: str, *, contexts: ContextSet | None = None) -> alike.Canonical | None:
    """What a document comes to as it is written, if it was met written alike; None otherwise.

    It says what `canonical_n_quads` says of the document, of which one then shows it an example by `learn`.
    """
    return forms_of(contexts or known()).canonical(text) if len(text) <= LIMITS.characters else None


def learn(text: str, document: dict[str, Any], canonical: str, *, contexts: ContextSet | None = None) -> None:
    """Take a document that went the way of `canonical_n_quads` as an example of how others are written."""
    forms_of(contexts or known()).learn(text, document, canonical)


def the_long_way(document: dict[str, Any], contexts: ContextSet, limits: Limits, digest: str = rdf_canon.SHA256) -> str:
    check_size(document, limits)
    found = quads(document, contexts)
    if len({term for quad in found for term in quad if term.startswith("_:")}) > limits.blank_nodes:
        raise TooLarge("$", "The document has too many parts without an identifier.")
    try:
        return rdf_canon.canonical_n_quads(found, max_steps=limits.steps, digest=digest)
    except rdf_canon.TooTangled as error:
        raise TooLarge("$", str(error)) from error


def shapes_of(contexts: ContextSet) -> shapes.Shapes:
    """The templates kept for these contexts."""
    _, kept = _shapes.setdefault(id(contexts), (contexts, shapes.Shapes(lambda document: quads(document, contexts))))
    return kept


def forms_of(contexts: ContextSet) -> alike.Forms:
    """The forms kept for these contexts."""
    _, kept = _forms.setdefault(id(contexts), (contexts, alike.Forms(shapes_of(contexts))))
    return kept
