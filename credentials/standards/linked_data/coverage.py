"""Refuses a document of which a part would not be covered by the signature, or would come to mean something else."""

import re
from collections import Counter
from typing import Any

from credentials.standards.shapes import FOREIGN_BASE

from .refusals import BadDocument, DataLoss, TooLarge
from .size import LIMITS, walk

# A base that no honest document names: an IRI that begins with it was relative.
BASE = "relative-iri://document/"
_ABSOLUTE_IRI = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)[^\x00-\x20<>\"{}|^`\\]*\Z")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")


def refuse_dropped(document: dict[str, Any], name: str | None) -> None:
    path = path_of_name(document, name) if name else "$"
    term = name or "a term that a context maps to nothing"
    raise DataLoss(path, term, f"The contexts give no meaning to {term!r} here, so it would not be signed.")


def path_of_name(document: Any, name: str) -> str:
    return next((path for path, _, value in walk(document) if value == name), "$")


def check_expanded(document: dict[str, Any], expanded: list[Any]) -> None:
    """Refuse what the step from expanded JSON-LD to RDF would leave out or alter."""
    for node in expanded:
        _check_node(document, node, alone=True)
    # Parts of one identifier become one thing, and their short lists one long list.
    items: Counter[tuple[object, str]] = Counter()
    for _, _, part in walk(expanded):
        if isinstance(part, dict):
            for name, content in part.items():
                items[part.get("@id", id(part)), name] += len(content) if isinstance(content, list) else 1
    if any(count > LIMITS.items for count in items.values()):
        raise TooLarge("$", f"One thing has more than {LIMITS.items} values of one property.")
    if sum(count * count for count in items.values()) > LIMITS.compared:
        raise TooLarge("$", "Too many values would have to be compared with each other.")


def _check_node(document: Any, node: Any, *, alone: bool = False) -> None:
    if "@value" in node:
        _check_value(document, node)
        return
    if "@list" in node:
        _refuse_index(document, node)
        for item in node["@list"]:
            _check_node(document, item)
        return
    _refuse_index(document, node)
    if alone and set(node) <= {"@id"}:
        raise DataLoss(
            "$", str(node.get("@id", "")), "A part says nothing but its identifier, so it would not be signed."
        )
    for name, content in node.items():
        match name:
            case "@id":
                _check_iri(document, content, blank=True)
            case "@type":
                for type_ in content:
                    _check_iri(document, type_, blank=True)
            case "@graph" | "@included":
                for item in content:
                    _check_node(document, item, alone=True)
            case "@reverse":
                _check_properties(document, content)
            case _:
                _check_properties(document, {name: content})


def _check_properties(document: Any, properties: dict[str, list[Any]]) -> None:
    for name, items in properties.items():
        _check_iri(document, name)
        for item in items:
            _check_node(document, item)


def _check_value(document: Any, value: dict[str, Any]) -> None:
    _refuse_index(document, value)
    language = value.get("@language")
    if language is not None and not _LANGUAGE_TAG.match(language):
        raise DataLoss(_path_of_value(document, language), language, f"{language!r} is not a language tag.")
    datatype = value.get("@type")
    if datatype is not None and datatype != "@json":
        _check_iri(document, datatype)


def _refuse_index(document: Any, node: dict[str, Any]) -> None:
    if "@index" in node:
        raise DataLoss(
            _path_of_value(document, node["@index"]), str(node["@index"]), "The key of a map cannot be signed."
        )


def _check_iri(document: Any, value: Any, *, blank: bool = False) -> None:
    if not isinstance(value, str):
        raise BadDocument("$", f"{value!r} is not an address.")
    if blank and value.startswith("_:"):
        return
    # A document that spells out the base of other processors may have been passed through one.
    for base in (BASE, FOREIGN_BASE):
        if value.startswith(base):
            term = value.removeprefix(base)
            raise DataLoss(
                _path_of_value(document, term, value),
                term if base == BASE else value,
                f"{term!r} is neither a term of a context nor a full address, so it has no fixed meaning.",
            )
    if not _ABSOLUTE_IRI.match(value):
        raise DataLoss(_path_of_value(document, value), value, f"{value!r} is not a valid full address.")


def _path_of_value(document: Any, *wanted: Any) -> str:
    return next((path for path, _, value in walk(document) if isinstance(value, str) and value in wanted), "$")
