"""Canonical N-Quads of documents whose shape was met before, without expanding them again.

Documents of one program differ in what their texts say and hardly in how they are built. So a document is taken apart
into its shape (names, nesting, numbers, types, which addresses are equal) and its texts. The second document of a shape
is expanded once more with a mark in the place of each text; where every mark comes out whole, what was learned is a
template, and each further document only fills in its texts and orders its nameless parts anew (RDFC-1.0, section 4.4).
Whatever is in doubt has no template, and goes the long way: a wrong answer is not among what may happen.
"""

import contextlib
import hashlib
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from . import rdf_canon

Quads = Callable[[dict[str, Any]], list[rdf_canon.Quad]]
Shape = tuple[Any, ...]

MAX_SHAPES = 512
# Of how many names, signs and texts a shape may be: whole records are hardly met twice, and a template for such a one
# takes longer than the long way.
MAX_TOKENS = 1_500
# How many hashes of one part are kept, and of how many letters at most; what is longer is worked out each time.
MAX_HASHES = 16
MAX_KEPT = 2_000
# Text under these names decides what other text means, or is itself a name that a context explains (the purpose of a
# proof), so it belongs to the shape; and so does all under "@…".
_DECIDING = frozenset({"type", "@context", "proofPurpose"})
# Addresses that mean themselves in any context, of the kinds that credentials hold. A mark is of the same kind, so that
# a context which shortens such addresses shows.
_ADDRESS = re.compile(r"(https?://|urn:|did:|mailto:)[^\x00-\x20<>\"{}|^`\\]+\Z")
# What some processors put in front of relative addresses; the long way refuses it.
FOREIGN_BASE = "http://example.org/base/"
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_MARK = "\u2045"
_WHOLE_TEXT = re.compile(r"\"(?:https?://|urn:|did:|mailto:)?\u2045(\d+)\u2046\"((?:\^\^<[^<>]*>|@[A-Za-z0-9-]+)?)\Z")
_WHOLE_ADDRESS = re.compile(r"<(?:https?://|urn:|did:|mailto:)\u2045(\d+)\u2046>\Z")
# Tokens of a shape beside names, which are text: an open text, and where objects and lists begin and end.
TEXT, _OBJECT, _END_OBJECT, _LIST, _END_LIST = range(5)


def kind_of(text: str) -> str:
    """How the text begins if it is an address that means itself; empty for any other."""
    address = _ADDRESS.match(text) if ":" in text else None
    return address[1] if address else ""


def is_address(token: Any) -> bool:
    """Whether a token of a shape stands for an open address: its beginning and its slot."""
    return isinstance(token, tuple) and len(token) == 2 and isinstance(token[1], int)


class _Doubtful(Exception):
    """The marks do not come out whole, so nothing sure can be said of other texts."""


class Apart:
    """One document taken apart: its shape, and the texts in the places that the shape leaves open."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._shape: list[Any] = []
        self.texts: list[str] = []
        self._addresses: dict[str, int] = {}
        self._take(document, deciding=False)
        self.shape: Shape = tuple(self._shape)

    def _take(self, value: Any, *, deciding: bool) -> None:
        shape = self._shape
        if isinstance(value, str):
            shape.append((value,) if deciding else self._open(value))
        elif isinstance(value, dict):
            shape.append(_OBJECT)
            for name, member in value.items():
                shape.append(name)
                decides = deciding or name in _DECIDING or name.startswith("@")
                # Most members are text; a call for each would cost more than all the rest.
                if isinstance(member, str):
                    shape.append((member,) if decides else self._open(member))
                else:
                    self._take(member, deciding=decides)
            shape.append(_END_OBJECT)
        elif isinstance(value, list):
            shape.append(_LIST)
            for item in value:
                self._take(item, deciding=deciding)
            shape.append(_END_LIST)
        else:
            # True is 1 and 1.0 is 1 to a dictionary, and not to a signature.
            shape.append((type(value).__name__, repr(value)))

    def _open(self, value: str) -> Any:
        address = _ADDRESS.match(value) if ":" in value else None
        if address is None:
            self.texts.append(value)
            return TEXT
        if value.startswith(FOREIGN_BASE):
            return (value,)
        # Equal addresses are one thing to JSON-LD, so which ones are equal is part of the shape.
        slot = self._addresses.get(value)
        if slot is None:
            slot = self._addresses[value] = len(self.texts)
            self.texts.append(value)
        return address[1], slot


def _marked(document: dict[str, Any], shape: Shape) -> Any:
    """The document with a mark in the place of each text that its shape leaves open."""
    tokens = iter(shape)
    slots = 0

    def copied(value: Any) -> Any:
        nonlocal slots
        token = next(tokens)
        if isinstance(value, dict):
            copy = {}
            for name, member in value.items():
                if _MARK in next(tokens):
                    raise _Doubtful
                copy[name] = copied(member)
            next(tokens)
            return copy
        if isinstance(value, list):
            items = [copied(item) for item in value]
            next(tokens)
            return items
        if token == TEXT:
            slots += 1
            return f"\u2045{slots - 1}\u2046"
        if is_address(token):
            beginning, slot = token
            slots = max(slots, slot + 1)
            return f"{beginning}\u2045{slot}\u2046"
        if isinstance(value, str) and _MARK in value:
            raise _Doubtful
        return value

    return copied(document)


@dataclass(frozen=True)
class Open:
    """A term that a text fills: which text, whether as an address, and what follows it."""

    slot: int
    is_address: bool
    suffix: str = ""

    def around(self) -> tuple[bytes, bytes]:
        """What stands before and after its text, escaped."""
        return (b"<", b">") if self.is_address else (b'"', b'"' + self.suffix.encode())

    def filled(self, texts: Sequence[str]) -> str:
        if self.is_address:
            return f"<{texts[self.slot]}>"
        text = texts[self.slot]
        return (_kept_literal(text) if len(text) <= MAX_KEPT else rdf_canon.literal(text)) + self.suffix


# Most texts of a credential are those of its achievement, and come again with each learner.
_kept_literal = lru_cache(maxsize=4096)(rdf_canon.literal)


def _open(term: str) -> Open | None:
    if _MARK not in term:
        return None
    if found := _WHOLE_ADDRESS.match(term):
        return Open(int(found[1]), is_address=True)
    if found := _WHOLE_TEXT.match(term):
        return Open(int(found[1]), is_address=False, suffix=found[2])
    raise _Doubtful


class _Line:
    """One line of N-Quads in which some terms are filled in later."""

    def __init__(self, quad: rdf_canon.Quad, numbers: Mapping[str, int], shown: Mapping[str, str]) -> None:
        # `shown` is what stands for a term at once; a term with a number is filled in later.
        pieces = []
        filled = []
        for term in quad:
            if term in shown:
                pieces.append(shown[term].replace("%", "%%"))
            elif term in numbers:
                pieces.append("%s")
                filled.append(numbers[term])
            elif term:
                pieces.append(term.replace("%", "%%"))
        self._pattern = " ".join(pieces) + " .\n"
        self.filled = tuple(filled)
        # One that is picked comes by itself, several as a tuple; either is what a pattern takes.
        self._pick = itemgetter(*filled) if filled else tuple

    @property
    def is_constant(self) -> bool:
        return not self.filled

    def with_terms(self, terms: Sequence[str]) -> str:
        return self._pattern % self._pick(terms)


class _Nameless:
    """A part without an identifier, and the lines by which it is told from others (RDFC-1.0, section 4.6)."""

    def __init__(self, name: str, number: int, quads: Sequence[rdf_canon.Quad], numbers: Mapping[str, int]) -> None:
        self.number = number
        shown = {term: "_:a" if term == name else "_:z" for quad in quads for term in quad if term.startswith("_:")}
        lines = [_Line(quad, numbers, shown) for quad in quads]
        self._constant = [line.with_terms(()) for line in lines if line.is_constant]
        self._open = [line for line in lines if not line.is_constant]
        self._numbers = sorted({filled for line in self._open for filled in line.filled})
        # With nothing of the learner's in it, it has the same hash in one document after the other.
        self._known: OrderedDict[tuple[str, ...], str] = OrderedDict()

    def first_hash(self, terms: Sequence[str]) -> str:
        own = tuple([terms[number] for number in self._numbers])
        found = self._known.get(own)
        if found is None:
            found = self._hashed(self._constant + [line.with_terms(terms) for line in self._open])
            if sum(map(len, own)) <= MAX_KEPT:
                self._known[own] = found
            while len(self._known) > MAX_HASHES:
                # Of two threads that are here at once, one may find it done.
                with contextlib.suppress(KeyError):
                    self._known.popitem(last=False)
        return found

    @staticmethod
    def _hashed(lines: list[str]) -> str:
        return hashlib.sha256("".join(sorted(lines)).encode("utf-8")).hexdigest()


class Template:
    """What a shape makes of its texts: lines whose terms are constant, open, or the names of nameless parts."""

    def __init__(self, quads: Sequence[rdf_canon.Quad], *, slots: int, letters: int) -> None:
        # So many letters are in names and in texts that decide.
        self.letters = letters
        self.quads = quads
        terms = dict.fromkeys(term for quad in quads for term in quad)
        self.opens = opens = {term: open_ for term in terms if (open_ := _open(term)) is not None}
        if {open_.slot for open_ in opens.values()} != set(range(slots)):
            raise _Doubtful
        names = [term for term in terms if term.startswith("_:")]
        self._opens = list(opens.values())
        self._numbers = {term: number for number, term in enumerate([*opens, *names])}
        self._names = names
        of_name = {name: [quad for quad in quads if name in quad] for name in names}
        self._nameless = [_Nameless(name, self._numbers[name], own, self._numbers) for name, own in of_name.items()]
        lines = [_Line(quad, self._numbers, {}) for quad in quads]
        self._constant = [line.with_terms(()) for line in lines if line.is_constant]
        is_named = [not any(term.startswith("_:") for term in quad) for quad in quads]
        self._of_named = [line for line, named in zip(lines, is_named, strict=True) if named and not line.is_constant]
        self._of_nameless = [line for line, named in zip(lines, is_named, strict=True) if not named]

    def canonical(self, texts: Sequence[str]) -> str:
        """The canonical N-Quads of the document with these texts."""
        terms = [open_.filled(texts) for open_ in self._opens]
        terms += self._names
        by_hash = {part.first_hash(terms): part.number for part in self._nameless}
        if len(by_hash) < len(self._nameless):
            return self._long(terms)
        for place, hash_ in enumerate(sorted(by_hash)):
            terms[by_hash[hash_]] = f"_:c14n{place}"
        of_nameless = {line.with_terms(terms) for line in self._of_nameless}
        if len(of_nameless) < len(self._of_nameless):
            # Texts that make one statement of two: the hashes above counted both.
            return self._long([*terms[: len(self._opens)], *self._names])
        # What is said twice of something that has an identifier is said once, and names nothing.
        return "".join(sorted(of_nameless.union(self._constant, (line.with_terms(terms) for line in self._of_named))))

    def _long(self, terms: Sequence[str]) -> str:
        """Where nameless parts look alike, more than their own lines must be looked at."""
        filled = {term: terms[number] for term, number in self._numbers.items()}
        return rdf_canon.canonical_n_quads(
            (filled.get(s, s), filled.get(p, p), filled.get(o, o), filled.get(g, g)) for s, p, o, g in self.quads
        )


class _Met:
    """A shape that was met once, and is not worth a template yet."""


class Shapes:
    """The templates of one set of contexts, the longest unused forgotten first; safe for threads.

    `quads` is the long way from a document to its quads; it raises what it raises. `counts` says how documents went.
    """

    def __init__(self, quads: Quads) -> None:
        self._quads = quads
        self._known: OrderedDict[Shape, Template | _Met | None] = OrderedDict()
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def canonical(self, document: dict[str, Any], *, characters: int, long_way: Callable[[], str]) -> str:
        """The canonical N-Quads of a document of at most so many characters; by the long way where that must be."""
        try:
            apart = Apart(document)
        except (RecursionError, AttributeError):
            # Too deep, or names that are no text: for the long way to say.
            return long_way()
        if len(apart.shape) > MAX_TOKENS:
            self.counts["the long way"] += 1
            return long_way()
        known = self._look_up(apart.shape)
        if isinstance(known, Template):
            letters = known.letters + sum(map(len, apart.texts))
            if letters <= characters and not FORBIDDEN.search("".join(apart.texts)):
                self.counts["by template"] += 1
                return known.canonical(apart.texts)
        canonical = long_way()
        self.counts["the long way"] += 1
        if isinstance(known, _Met):
            self._keep(apart.shape, self._template(document, apart, canonical))
        return canonical

    def template_of(self, document: dict[str, Any]) -> tuple[Apart, Template | None]:
        """The document taken apart, and the template of its shape, if there is one by now."""
        apart = Apart(document)
        known = self._look_up(apart.shape)
        return apart, known if isinstance(known, Template) else None

    def _look_up(self, shape: Shape) -> Template | _Met | None:
        """What is known of the shape; none for one that has no template, or that is met for the first time."""
        with self._lock:
            if shape in self._known:
                self._known.move_to_end(shape)
                return self._known[shape]
        self._keep(shape, _Met())
        return None

    def _keep(self, shape: Shape, known: Template | _Met | None) -> None:
        with self._lock:
            self._known[shape] = known
            if len(self._known) > MAX_SHAPES:
                self._known.popitem(last=False)

    def _template(self, document: dict[str, Any], apart: Apart, canonical: str) -> Template | None:
        letters = sum(len(token) for token in apart.shape if isinstance(token, str))
        letters += sum(len(token[0]) for token in apart.shape if isinstance(token, tuple) and len(token) == 1)
        try:
            marked = _marked(document, apart.shape)
            try:
                quads = set(self._quads(marked))
            except Exception as refused:  # of many kinds; the document itself was fine, so the marks are at fault
                raise _Doubtful from refused
            template = Template(sorted(quads), slots=len(apart.texts), letters=letters)
        except _Doubtful:
            return None
        # The proof of the template: of this document it says what the long way says.
        return template if template.canonical(apart.texts) == canonical else None
