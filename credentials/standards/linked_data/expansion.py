"""From a document to its quads by PyLD, which is watched while it expands, for what it would drop or take amiss."""

import threading
from typing import Any

from pyld.context_resolver import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor

from credentials.standards import plain_names, rdf_canon
from credentials.standards.contexts import ContextSet, UnknownContext

from .coverage import BASE, check_expanded, path_of_name, refuse_dropped
from .refusals import BadDocument, Disguised
from .size import walk


def quads(document: dict[str, Any], contexts: ContextSet) -> list[rdf_canon.Quad]:
    if not isinstance(document, dict):
        raise BadDocument("$", "The document is not a JSON object.")
    _, expander = _expanders.setdefault(id(contexts), (contexts, _Expander(contexts)))
    return expander.quads(document)


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
            "base": BASE,
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
                refuse_dropped(document, processor.dropped[0])
            check_expanded(document, expanded)
            plain_names.refuse_elsewhere(expanded)
            # The expanded form needs no context and drops nothing more.
            dataset = JsonLdProcessor().to_rdf(expanded, options)
        except JsonLdError as error:
            raise _explained(error) from error
        except plain_names.NotPlain as error:
            words = f"What {error.name!r} says belongs under the name that the vocabulary has for it, in its own place."
            raise Disguised(path_of_name(document, error.name), words) from error
        except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
            # PyLD trips over some misshapen contexts where the specification wants an error of its own.
            raise BadDocument("$", "The document is not sound JSON-LD.") from error
        return [_quad(triple, graph) for graph, triples in dataset.items() for triple in triples]


_expanders: dict[int, tuple[ContextSet, _Expander]] = {}


def _names_only(document: dict[str, Any], contexts: ContextSet) -> bool:
    """Whether every context in the document is the address of a known one, at whatever depth it stands."""
    return all(
        isinstance(url, str) and url in contexts
        for _, _, value in walk(document)
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
