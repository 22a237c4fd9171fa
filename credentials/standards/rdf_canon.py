"""RDF Dataset Canonicalization (RDFC-1.0 with SHA-256, or SHA-384) in bounded time.

A quad is four pieces of canonical N-Quads text: subject, predicate, object, graph ("" for the default graph). Blank
nodes are the pieces that begin with "_:". Working on text makes hashing a matter of joining strings.
"""

import hashlib
import re
from collections.abc import Iterable
from itertools import permutations

Quad = tuple[str, str, str, str]
Issued = dict[str, str]

# As hashlib calls them.
SHA256, SHA384 = "sha256", "sha384"

# Honest credentials need a few hundred steps, the worst honest vector of W3C 23,000, poison graphs exponentially many.
MAX_STEPS = 100_000

_POSITIONS = ((0, "s"), (2, "o"), (3, "g"))
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_TO_ESCAPE = re.compile('["\\\\\x00-\x1f\x7f]')
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


class TooTangled(Exception):
    """Blank nodes are so alike that naming them would take more than the allowed number of steps."""


def iri(value: str) -> str:
    """The N-Quads text of an IRI, which the caller has checked."""
    return f"<{value}>"


def literal(value: str, datatype: str = _XSD_STRING, language: str | None = None) -> str:
    """The canonical N-Quads text of a literal (RDFC-1.0, section 5; RDF 1.2 N-Quads, canonical form)."""
    text = f'"{escaped(value)}"'
    if language is not None:
        return f"{text}@{language}"
    return text if datatype == _XSD_STRING else f"{text}^^<{datatype}>"


def escaped(value: str) -> str:
    """The text of a literal between its quotes; of addresses, in which nothing of the kind may stand, themselves."""
    return _TO_ESCAPE.sub(_escape, value)


def canonical_n_quads(quads: Iterable[Quad], *, max_steps: int = MAX_STEPS, digest: str = SHA256) -> str:
    """The canonical N-Quads document: sorted lines, each ended by a newline, blank nodes named `_:c14n0`, `_:c14n1` ….

    The names depend on which hash is used (RDFC-1.0, section 4.1). Raises TooTangled after `max_steps` steps (sections
    4.4 and 7.1: implementations must stop poison graphs).
    """
    return _Canonicalisation(set(quads), max_steps, digest).document()


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"


def _line(quad: Quad) -> str:
    subject, predicate, object_, graph = quad
    return f"{subject} {predicate} {object_} {graph} .\n" if graph else f"{subject} {predicate} {object_} .\n"


def _is_blank(term: str) -> bool:
    return term.startswith("_:")


def _issue(issued: Issued, prefix: str, node: str) -> str:
    """The name of `node`, given to it now if it had none; order of issue is order in the mapping."""
    return issued.setdefault(node, f"{prefix}{len(issued)}")


class _Canonicalisation:
    """One run: the names given so far, and the steps left."""

    def __init__(self, quads: set[Quad], max_steps: int, digest: str) -> None:
        self.quads = quads
        self.digest = digest
        self.steps_left = max_steps
        self.canonical: Issued = {}
        self.first_degree: dict[str, str] = {}
        self.quads_of: dict[str, list[Quad]] = {}
        for quad in quads:
            for node in {quad[position] for position, _ in _POSITIONS if _is_blank(quad[position])}:
                self.quads_of.setdefault(node, []).append(quad)

    def document(self) -> str:
        """Section 4.4.3."""
        alike: dict[str, list[str]] = {}
        for node in self.quads_of:
            self.first_degree[node] = self._hash_first_degree(node)
            alike.setdefault(self.first_degree[node], []).append(node)
        for hash_ in sorted(alike):
            if len(alike[hash_]) == 1:
                _issue(self.canonical, "_:c14n", alike[hash_][0])
        for hash_ in sorted(alike):
            self._name_those_alike(alike[hash_])
        return "".join(sorted(_line(self._renamed(quad)) for quad in self.quads))

    def _name_those_alike(self, nodes: list[str]) -> None:
        results = []
        for node in nodes:
            if node not in self.canonical:
                issued: Issued = {}
                _issue(issued, "_:b", node)
                results.append(self._hash_n_degree(node, issued))
        for _, issued in sorted(results, key=lambda result: result[0]):
            for node in issued:
                _issue(self.canonical, "_:c14n", node)

    def _renamed(self, quad: Quad) -> Quad:
        subject, predicate, object_, graph = quad
        name = self.canonical
        return name.get(subject, subject), predicate, name.get(object_, object_), name.get(graph, graph)

    def _hash_first_degree(self, node: str) -> str:
        """Section 4.6: the node's own quads, it named _:a and every other blank node _:z."""

        def shown(term: str) -> str:
            if not _is_blank(term):
                return term
            return "_:a" if term == node else "_:z"

        lines = [_line((shown(s), p, shown(o), shown(g))) for s, p, o, g in self.quads_of[node]]
        return self._hash("".join(sorted(lines)))

    def _hash_related(self, related: str, quad: Quad, issued: Issued, position: str) -> str:
        """Section 4.7."""
        name = self.canonical.get(related) or issued.get(related) or self.first_degree[related]
        predicate = "" if position == "g" else quad[1]
        return self._hash(f"{position}{predicate}{name}")

    def _hash_n_degree(self, node: str, issued: Issued) -> tuple[str, Issued]:
        """Section 4.8: a hash of what the node is connected to, trying every order of neighbours that look alike."""
        neighbours: dict[str, list[str]] = {}
        self._step(len(self.quads_of[node]))
        for quad in self.quads_of[node]:
            for position, letter in _POSITIONS:
                related = quad[position]
                if _is_blank(related) and related != node:
                    neighbours.setdefault(self._hash_related(related, quad, issued, letter), []).append(related)
        to_hash = ""
        for hash_ in sorted(neighbours):
            best_path, best_issued = "", issued
            for order in permutations(neighbours[hash_]):
                found = self._path(order, issued, best_path)
                if found is not None and (not best_path or found[0] < best_path):
                    best_path, best_issued = found
            to_hash += hash_ + best_path
            issued = best_issued
        return self._hash(to_hash), issued

    def _path(self, order: tuple[str, ...], issued: Issued, best_path: str) -> tuple[str, Issued] | None:
        """The path and names of one order of neighbours, or None as soon as it is worse than the best so far."""
        self._step(len(order) + len(issued))
        issued = dict(issued)
        path = ""
        to_visit = []
        for related in order:
            if related in self.canonical:
                path += self.canonical[related]
            else:
                if related not in issued:
                    to_visit.append(related)
                path += _issue(issued, "_:b", related)
            if _is_worse(path, best_path):
                return None
        for related in to_visit:
            hash_, visited = self._hash_n_degree(related, issued)
            path += f"{_issue(issued, '_:b', related)}<{hash_}>"
            issued = visited
            if _is_worse(path, best_path):
                return None
        return path, issued

    def _hash(self, text: str) -> str:
        return hashlib.new(self.digest, text.encode("utf-8")).hexdigest()

    def _step(self, count: int) -> None:
        self.steps_left -= count
        if self.steps_left < 0:
            raise TooTangled("The document's nameless parts are too much alike to be put in a fixed order.")


def _is_worse(path: str, best_path: str) -> bool:
    return bool(best_path) and len(path) >= len(best_path) and path > best_path
