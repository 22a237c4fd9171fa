"""From a JSON-LD document to canonical N-Quads, refusing whatever would be left unsigned.

JSON-LD drops what no context defines without a word: it could then be changed at will under a valid signature. This
module is the "safe mode" that 1EdTech and W3C ask for (VC Data Integrity 1.0, section 4.2, DATA_LOSS_DETECTION_ERROR).
"""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyld.context_resolver import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor

from . import alike, plain_names, rdf_canon, shapes
from .contexts import ContextSet, UnknownContext, known

# A base that no honest document names: an IRI that begins with it was relative.
_BASE = "relative-iri://document/"
# What other processors put in front of relative IRIs. A document that spells it out may have been passed through one.
_FOREIGN_BASE = "http://example.org/base/"
_ABSOLUTE_IRI = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)[^\x00-\x20<>\"{}|^`\\]*\Z")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_FORBIDDEN_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class BadDocument(Exception):
    """A document cannot be signed or checked as linked data. `path` says where, as in `$.issuer.name`."""

    def __init__(self, path: str, words: str) -> None:
        super().__init__(f"{path}: {words}")
        self.path = path
        self.words = words


class DataLoss(BadDocument):
    """A part of the document would not be covered by the signature; `term` is the name or address at fault."""

    def __init__(self, path: str, term: str, words: str) -> None:
        super().__init__(path, words)
        self.term = term


class Disguised(BadDocument):
    """It says under another name, or in another place, what programs that read plain JSON look for under its own.

    The signature holds, since the graph is the same; but a validity that has ended, or a status, would be overlooked.
    """


class TooLarge(BadDocument):
    """The document is beyond the limits of size, depth, count or tangle that we are ready to work through."""


@dataclass(frozen=True)
class Limits:
    """How much of a document we are ready to work through."""

    characters: int = 262_144
    depth: int = 32
    values: int = 10_000
    # Of one property of one thing: PyLD compares each with all others.
    items: int = 500
    blank_nodes: int = 1_500
    steps: int = rdf_canon.MAX_STEPS


LIMITS = Limits()


def canonical_n_quads(document: dict[str, Any], *, contexts: ContextSet | None = None, limits: Limits = LIMITS) -> str:
    """The canonical N-Quads (RDFC-1.0) of a JSON-LD document; every part of it is covered, or it is refused.

    Raises UnknownContext, DataLoss, TooLarge, or BadDocument for anything else that is not sound JSON-LD 1.1.
    """
    contexts = contexts or known()
    if limits is not LIMITS or not isinstance(document, dict):
        return _canonical(document, contexts, limits)
    return shapes_of(contexts).canonical(
        document, characters=limits.characters, long_way=lambda: _canonical(document, contexts, limits)
    )


def canonical_of_text(text: str, *, contexts: ContextSet | None = None) -> alike.Canonical | None:
    """What a document comes to as it is written, if it was met written alike; None otherwise.

    It says what `canonical_n_quads` says of the document, of which one then shows it an example by `learn`.
    """
    return forms_of(contexts or known()).canonical(text) if len(text) <= LIMITS.characters else None


def learn(text: str, document: dict[str, Any], canonical: str, *, contexts: ContextSet | None = None) -> None:
    """Take a document that went the way of `canonical_n_quads` as an example of how others are written."""
    forms_of(contexts or known()).learn(text, document, canonical)


def _canonical(document: dict[str, Any], contexts: ContextSet, limits: Limits) -> str:
    check_size(document, limits)
    quads = _quads(document, contexts)
    if len({term for quad in quads for term in quad if term.startswith("_:")}) > limits.blank_nodes:
        raise TooLarge("$", "The document has too many parts without an identifier.")
    try:
        return rdf_canon.canonical_n_quads(quads, max_steps=limits.steps)
    except rdf_canon.TooTangled as error:
        raise TooLarge("$", str(error)) from error


def shapes_of(contexts: ContextSet) -> shapes.Shapes:
    """The templates kept for these contexts."""
    _, kept = _shapes.setdefault(id(contexts), (contexts, shapes.Shapes(lambda document: _quads(document, contexts))))
    return kept


def forms_of(contexts: ContextSet) -> alike.Forms:
    """The forms kept for these contexts."""
    _, kept = _forms.setdefault(id(contexts), (contexts, alike.Forms(shapes_of(contexts))))
    return kept


def check_size(document: Any, limits: Limits = LIMITS) -> None:
    """Refuse a document beyond the limits (TooLarge), or with characters of no sure canonical form (BadDocument).

    Control characters other than tab, newline and return are refused because libraries escape them differently.
    """
    if _is_within(document, limits):
        return
    characters = 0
    for values, (path, depth, value) in enumerate(_walk(document), start=1):
        if isinstance(value, str):
            characters += len(value)
            if _FORBIDDEN_CHARACTER.search(value):
                raise BadDocument(path, "The text holds a control character.")
        if depth > limits.depth:
            raise TooLarge(path, f"The document is nested deeper than {limits.depth} levels.")
        if characters > limits.characters:
            raise TooLarge(path, f"The document is longer than {limits.characters} characters.")
        if isinstance(value, list) and len(value) > limits.items:
            raise TooLarge(path, f"The list has more than {limits.items} items.")
        if values > limits.values:
            raise TooLarge(path, f"The document has more than {limits.values} values.")


def _is_within(document: Any, limits: Limits) -> bool:
    """Whether there is nothing to refuse; where it is, is looked for only then. By levels, since depth is a limit."""
    texts: list[str] = []
    values, level = 1, [document]
    for _depth in range(limits.depth + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                texts.append(value)
            elif isinstance(value, dict):
                values += 2 * len(value)
                texts += value
                below += value.values()
            elif isinstance(value, list):
                if len(value) > limits.items:
                    return False
                values += len(value)
                below += value
        if values > limits.values:
            return False
        if not below:
            try:
                together = "".join(texts)
            except TypeError:
                # A name that is no text, which JSON does not have.
                return False
            return len(together) <= limits.characters and not _FORBIDDEN_CHARACTER.search(together)
        level = below
    return False


def _walk(value: Any, path: str = "$", depth: int = 0) -> Iterator[tuple[str, int, Any]]:
    """Every value and every name in a JSON value, with its path. Not recursive: depth is what it guards against."""
    waiting = [(path, depth, value)]
    while waiting:
        path, depth, value = waiting.pop()
        yield path, depth, value
        if isinstance(value, dict):
            for name, member in value.items():
                yield f"{path}.{name}", depth, name
                waiting.append((f"{path}.{name}", depth + 1, member))
        elif isinstance(value, list):
            waiting.extend((f"{path}[{index}]", depth + 1, item) for index, item in enumerate(value))


class _Expander:
    """PyLD with our contexts, one document at a time: its cache of processed contexts is not made for threads."""

    def __init__(self, contexts: ContextSet) -> None:
        self._contexts = contexts
        self._processed: dict[str, Any] = {}
        self._lock = threading.Lock()

    def quads(self, document: dict[str, Any]) -> list[rdf_canon.Quad]:
        # Documents with contexts written inside them can leave PyLD's cache broken for the next document, or fill it.
        # They get a cache of their own; only those that name known contexts share ours, which is what makes it fast.
        if _names_only(document, self._contexts):
            with self._lock:
                return self._quads(document, self._processed)
        return self._quads(document, {})

    def _quads(self, document: dict[str, Any], processed: dict[str, Any]) -> list[rdf_canon.Quad]:
        options = {
            "base": _BASE,
            "documentLoader": self._contexts,
            "contextResolver": ContextResolver(processed, self._contexts),
            "processingMode": "json-ld-1.1",
            # JSON-LD 1.1 API, section 8: the direction of a text goes into its datatype, or it would be dropped.
            "rdfDirection": "i18n-datatype",
        }
        processor = _NotingDropped()
        try:
            plain_names.refuse_other_meanings(document)
            expanded = processor.expand(document, options)
            if processor.dropped:
                _refuse_dropped(document, processor.dropped[0])
            _check_expanded(document, expanded)
            plain_names.refuse_elsewhere(expanded)
            # The expanded form needs no context and drops nothing more.
            dataset = JsonLdProcessor().to_rdf(expanded, options)
        except JsonLdError as error:
            raise _explained(error) from error
        except plain_names.NotPlain as error:
            words = f"What {error.name!r} says belongs under the name that the vocabulary has for it, in its own place."
            raise Disguised(_path_of_name(document, error.name), words) from error
        except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
            # PyLD trips over some misshapen contexts where the specification wants an error of its own.
            raise BadDocument("$", "The document is not sound JSON-LD.") from error
        return [_quad(triple, graph) for graph, triples in dataset.items() for triple in triples]


def _names_only(document: dict[str, Any], contexts: ContextSet) -> bool:
    """Whether every context in the document is the address of a known one, at whatever depth it stands."""
    return all(
        isinstance(url, str) and url in contexts
        for _, _, value in _walk(document)
        if isinstance(value, dict) and "@context" in value
        for url in (value["@context"] if isinstance(value["@context"], list) else [value["@context"]])
    )


class _NotingDropped(JsonLdProcessor):
    """Notes each name that no context defines, as the document spells it, and each value that comes to nothing."""

    def __init__(self) -> None:
        super().__init__(on_property_dropped=self._note)
        self.dropped: list[str | None] = []

    def _note(self, name: str | None) -> None:
        self.dropped.append(name)

    def _expand(self, active_ctx: Any, active_property: Any, element: Any, options: Any, **more: Any) -> Any:
        # PyLD reports names but not values: text that stands where only objects may is dropped without a word.
        expanded = super()._expand(active_ctx, active_property, element, options, **more)
        if expanded is None and element is not None:
            self._note(element if isinstance(element, str) else active_property)
        return expanded

    def _expand_object(
        self, active_ctx: Any, active_property: Any, expanded: Any, element: Any, *more: Any, **named: Any
    ) -> None:
        plain_names.check(
            {name: self._expand_iri(active_ctx, name, vocab=True) for name in element if name != "@context"}
        )
        super()._expand_object(active_ctx, active_property, expanded, element, *more, **named)


_expanders: dict[int, tuple[ContextSet, _Expander]] = {}
_shapes: dict[int, tuple[ContextSet, shapes.Shapes]] = {}
_forms: dict[int, tuple[ContextSet, alike.Forms]] = {}


def _quads(document: dict[str, Any], contexts: ContextSet) -> list[rdf_canon.Quad]:
    if not isinstance(document, dict):
        raise BadDocument("$", "The document is not a JSON object.")
    _, expander = _expanders.setdefault(id(contexts), (contexts, _Expander(contexts)))
    return expander.quads(document)


def _explained(error: BaseException) -> Exception:
    """What PyLD's layered exceptions come down to."""
    cause: BaseException | None = error
    words = str(getattr(error, "args", [error])[0])
    while cause is not None:
        if isinstance(cause, UnknownContext):
            return cause
        words = str(cause.args[0]) if cause.args else words
        cause = cause.__cause__
    return BadDocument("$", words)


def _refuse_dropped(document: dict[str, Any], name: str | None) -> None:
    path = _path_of_name(document, name) if name else "$"
    term = name or "a term that a context maps to nothing"
    raise DataLoss(path, term, f"The contexts give no meaning to {term!r} here, so it would not be signed.")


def _path_of_name(document: Any, name: str) -> str:
    return next((path for path, _, value in _walk(document) if value == name), "$")


def _check_expanded(document: dict[str, Any], expanded: list[Any]) -> None:
    """Refuse what the step from expanded JSON-LD to RDF would leave out or alter."""
    for node in expanded:
        _check_node(document, node, alone=True)
    # Parts of one identifier become one thing, and their short lists one long list.
    items: Counter[tuple[str, str]] = Counter()
    for _, _, part in _walk(expanded):
        if isinstance(part, dict) and "@id" in part:
            for name, content in part.items():
                items[part["@id"], name] += len(content) if isinstance(content, list) else 1
    if any(count > LIMITS.items for count in items.values()):
        raise TooLarge("$", f"One thing has more than {LIMITS.items} values of one property.")


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
    for base in (_BASE, _FOREIGN_BASE):
        if value.startswith(base):
            term = value.removeprefix(base)
            raise DataLoss(
                _path_of_value(document, term, value),
                term if base == _BASE else value,
                f"{term!r} is neither a term of a context nor a full address, so it has no fixed meaning.",
            )
    if not _ABSOLUTE_IRI.match(value):
        raise DataLoss(_path_of_value(document, value), value, f"{value!r} is not a valid full address.")


def _path_of_value(document: Any, *wanted: Any) -> str:
    return next((path for path, _, value in _walk(document) if isinstance(value, str) and value in wanted), "$")


def _quad(triple: dict[str, Any], graph: str) -> rdf_canon.Quad:
    return (
        _term(triple["subject"]),
        _term(triple["predicate"]),
        _term(triple["object"]),
        "" if graph == "@default" else graph if graph.startswith("_:") else rdf_canon.iri(graph),
    )


def _term(term: dict[str, Any]) -> str:
    match term["type"]:
        case "blank node":
            return str(term["value"])
        case "IRI":
            return rdf_canon.iri(term["value"])
    return rdf_canon.literal(str(term["value"]), term["datatype"], term.get("language"))
