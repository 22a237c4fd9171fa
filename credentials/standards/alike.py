"""Canonical N-Quads of documents that are written like one before, save for a few texts, without reading them as JSON.

The credentials of one achievement are the same text but for what is the learner's: a name, a few addresses, a result.
From two of them a form is made: the stretches of text that stay, and the places between. A text that has just these
stretches, and in the places texts of the same kind, is a document of the same shape (`shapes`); all that the constant
texts make of it is worked out once, and only statements and nameless parts with a learner's text in them are worked out
again (RDFC-1.0, section 4.4). Whatever is in doubt has no form, or does not fit it, and goes the way of `shapes`.
"""

import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined] # not in the stubs
from operator import itemgetter
from typing import Any

from . import rdf_canon, shapes

MAX_FORMS = 32
# Documents with more texts apart than this are of different achievements, and get a form each.
MOST_APART = 24
_PLACE = re.compile("\u2045(\\d+)\u2046")


@dataclass(frozen=True)
class Canonical:
    """The canonical N-Quads of a document in UTF-8, and the contexts that give its terms their meaning."""

    content: bytes
    contexts: tuple[str, ...]


def as_text(document: Any) -> str:
    """How a document must be written to have a form: with no space between, and no letter escaped without need."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class Forms:
    """The forms of one set of contexts, the longest unused forgotten first; safe for threads."""

    def __init__(self, known: shapes.Shapes) -> None:
        self._shapes = known
        self._forms: list[_Form] = []
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def canonical(self, text: str) -> Canonical | None:
        """What a text comes to that fits a form; None for any other."""
        for form in self._forms:
            found = form.canonical(text)
            if found is not None:
                self.counts["by form"] += 1
                if form is not self._forms[0]:
                    self._put_first(form, instead_of=form)
                return found
        self.counts["by no form"] += 1
        return None

    def learn(self, text: str, document: dict[str, Any], canonical: str) -> None:
        """Make a form for what is written like this, once another such text was met."""
        written = _Written.read(text, document, self._shapes)
        if written is None:
            return
        alike = [form for form in self._forms if form.written.shape == written.shape]
        nearest = min(alike, key=lambda form: len(form.written.apart(written)), default=None)
        if nearest is None or len(nearest.written.apart(written)) > MOST_APART:
            self._put_first(_Form(written, frozenset()))
            return
        form = _Form(written, nearest.open_slots | nearest.written.apart(written))
        found = form.canonical(text)
        # The proof of the form: of this text it says what is known already. One that fails is kept to be met no more.
        self._put_first(form if found and found.content == canonical.encode() else _Form(written, frozenset()), nearest)

    def _put_first(self, form: "_Form", instead_of: "_Form | None" = None) -> None:
        with self._lock:
            others = [each for each in self._forms if each is not instead_of]
            # A new list: whoever goes through the old one meanwhile is not disturbed.
            self._forms = [form, *others][:MAX_FORMS]


@dataclass(frozen=True)
class _Written:
    """A document that was read: its texts by slot, and its text cut at each place where one of them stands."""

    template: shapes.Template
    shape: shapes.Shape
    texts: tuple[str, ...]
    stretches: tuple[str, ...]
    slots: tuple[int, ...]
    kinds: Mapping[int, str]
    contexts: tuple[str, ...]

    @classmethod
    def read(cls, text: str, document: dict[str, Any], known: shapes.Shapes) -> "_Written | None":
        contexts = document.get("@context")
        if not isinstance(contexts, list) or not all(isinstance(each, str) for each in contexts):
            return None
        # The texts before a proof are what is signed; and what is written in another way would not be found again.
        if "proof" in document or as_text(document) != text or _PLACE.search(text):
            return None
        apart, template = known.template_of(document)
        if template is None:
            return None
        slots: list[int] = []
        kinds: dict[int, str] = {}
        for slot, kind in _open_places(apart.shape):
            slots.append(slot)
            if kind:
                kinds[slot] = kind
        stretches = _PLACE.split(as_text(_with_places(document, iter(apart.shape))))[::2]
        if len(stretches) != len(slots) + 1:
            return None
        return cls(
            template, apart.shape, tuple(apart.texts), tuple(stretches), tuple(slots), kinds, tuple(map(str, contexts))
        )

    def apart(self, other: "_Written") -> frozenset[int]:
        """The slots in which another document of the same shape has another text."""
        pairs = zip(self.texts, other.texts, strict=True)
        return frozenset(slot for slot, (one, another) in enumerate(pairs) if one != another)


def _open_places(shape: shapes.Shape) -> Iterator[tuple[int, str]]:
    """For each text that the shape leaves open, in order: its slot, and how it begins if it is an address."""
    slots = 0
    for token in shape:
        if token == shapes.TEXT:
            yield slots, ""
            slots += 1
        elif shapes.is_address(token):
            yield token[1], token[0]
            slots = max(slots, token[1] + 1)


def _with_places(document: dict[str, Any], tokens: Iterator[Any]) -> Any:
    """The document with a numbered mark for each text that its shape leaves open."""
    places = 0

    def copied(value: Any) -> Any:
        nonlocal places
        token = next(tokens)
        if isinstance(value, dict):
            copy = {}
            for name, member in value.items():
                next(tokens)
                copy[name] = copied(member)
            next(tokens)
            return copy
        if isinstance(value, list):
            items = [copied(item) for item in value]
            next(tokens)
            return items
        if token == shapes.TEXT or shapes.is_address(token):
            places += 1
            return f"\u2045{places - 1}\u2046"
        return value

    return copied(document)


class _Form:
    """What texts alike have in common, and what each of them makes of its own."""

    def __init__(self, written: _Written, open_slots: frozenset[int]) -> None:
        self.written = written
        self.open_slots = open_slots
        self._statements: _Statements | None = None
        if not open_slots:
            return
        self._slots = tuple(slot for slot in written.slots if slot in open_slots)
        self._stretches = self._joined()
        self._last = self._stretches.pop()
        self._first_places = [self._slots.index(slot) for slot in sorted(open_slots)]
        self._repeats = [
            (place, self._slots.index(slot))
            for place, slot in enumerate(self._slots)
            if self._slots.index(slot) != place
        ]
        self._kinds = [written.kinds.get(slot, "") for slot in sorted(open_slots)]
        self._fixed_addresses = {written.texts[slot] for slot in written.kinds if slot not in open_slots}
        self._statements = _Statements.of(written, sorted(open_slots))

    def _joined(self) -> list[str]:
        """The stretches of text between the places of open slots, with the texts of all others filled in."""
        found = [self.written.stretches[0]]
        for slot, stretch in zip(self.written.slots, self.written.stretches[1:], strict=True):
            if slot in self.open_slots:
                found.append(stretch)
            else:
                found[-1] += as_text(self.written.texts[slot])[1:-1] + stretch
        return found

    def canonical(self, text: str) -> Canonical | None:
        """What the text comes to; None where it does not fit, or its shape might be another."""
        if self._statements is None:
            return None
        cut = self._cut(text)
        texts = None if cut is None else self._of_the_kinds(cut)
        content = None if texts is None else self._statements.canonical(texts)
        return None if content is None else Canonical(content, self.written.contexts)

    def _cut(self, text: str) -> list[str] | None:
        """The texts in the open places, if all that stands between them is as it was."""
        place = 0
        found = []
        for stretch in self._stretches:
            if not text.startswith(stretch, place):
                return None
            try:
                value, place = scanstring(text, place + len(stretch))
            except ValueError:
                return None
            found.append(value)
            # The closing quote belongs to the next stretch.
            place -= 1
        return found if len(text) - len(self._last) == place and text.endswith(self._last) else None

    def _of_the_kinds(self, cut: list[str]) -> list[str] | None:
        """The texts in the open slots, escaped, if each is of its kind, and the same ones are equal."""
        together = "".join(cut)
        # For others to refuse.
        if not together.isprintable() and shapes.FORBIDDEN.search(together):
            return None
        texts = [cut[place] for place in self._first_places]
        addresses = [value for value, kind in zip(texts, self._kinds, strict=True) if kind]
        fits = (
            all(cut[one] == cut[other] for one, other in self._repeats)
            and list(map(shapes.kind_of, texts)) == self._kinds
            and len(set(addresses)) == len(addresses)
            and self._fixed_addresses.isdisjoint(addresses)
            and not any(value.startswith(shapes.FOREIGN_BASE) for value in addresses)
        )
        if not fits:
            return None
        is_plain = together.isprintable() and '"' not in together and "\\" not in together
        return texts if is_plain else [rdf_canon.escaped(text) for text in texts]


class _Lines:
    """Statements in which terms are filled in; without their subject, where that is a nameless part."""

    def __init__(self, quads: Iterable[Sequence[str]], numbers: Mapping[str, int]) -> None:
        constant: list[bytes] = []
        patterns: list[bytes] = []
        filled: list[int] = []
        for terms in quads:
            pieces = [b"%b" if term in numbers else term.encode().replace(b"%", b"%%") for term in terms]
            line = b" ".join(pieces) + b" .\n"
            own = [numbers[term] for term in terms if term in numbers]
            filled += own
            if own:
                patterns.append(line)
            else:
                constant.append(line % ())
        self.constant = sorted(constant)
        # All of them at once; no statement has a newline but at its end.
        self._pattern = b"".join(patterns)
        self._pick = itemgetter(*filled) if filled else None

    @property
    def is_constant(self) -> bool:
        return self._pick is None

    def filled(self, terms: Sequence[bytes]) -> list[bytes]:
        """The statements with these terms in them, in order of text."""
        if self._pick is None:
            return self.constant
        lines = self.constant + (self._pattern % self._pick(terms)).splitlines(keepends=True)
        lines.sort()
        return lines


class _About:
    """All statements about one thing, in order of text, written without it; or with it, where it is constant."""

    def __init__(self, quads: Iterable[rdf_canon.Quad], numbers: Mapping[str, int], *, named: bool = False) -> None:
        by_predicate: dict[str, list[Sequence[str]]] = {}
        for quad in quads:
            by_predicate.setdefault(quad[1], []).append(quad[0 if named else 1 : 3])
        self._pieces: list[list[bytes] | _Lines] = []
        for predicate in sorted(by_predicate, key=lambda each: f"{each} "):
            lines = _Lines(by_predicate[predicate], numbers)
            before = self._pieces[-1] if self._pieces else None
            if not lines.is_constant:
                self._pieces.append(lines)
            elif isinstance(before, list):
                before += lines.constant
            else:
                self._pieces.append(lines.constant)
        if named:
            self._pieces = [[b"".join(piece)] if isinstance(piece, list) else piece for piece in self._pieces]

    @property
    def is_constant(self) -> bool:
        return all(isinstance(piece, list) for piece in self._pieces)

    def written(self, terms: Sequence[bytes], name: bytes = b"") -> bytes | None:
        """The statements, each behind `name`; None if two of them became one."""
        found: list[bytes] = []
        for piece in self._pieces:
            if isinstance(piece, list):
                found += piece
            else:
                lines = piece.filled(terms)
                if len(lines) > 1 and len(set(lines)) < len(lines):
                    return None
                found += lines
        return name + name.join(found) if found else b""


class _Nameless:
    """A part without an identifier: what tells it from others, and the statements about it under its name."""

    def __init__(self, name: str, quads: Sequence[rdf_canon.Quad], numbers: Mapping[str, int], opens: set[str]) -> None:
        shown = {term: "_:a" if term == name else "_:z" for quad in quads for term in quad if term.startswith("_:")}
        of_learner = {term: numbers[term] for term in opens}
        self._telling = _Lines([[shown.get(term, term) for term in quad[:3]] for quad in quads], of_learner)
        self.hash = self.hash_with(()) if self._telling.is_constant else None
        self._about = _About([quad for quad in quads if quad[0] == name], numbers)
        self._is_constant = self._about.is_constant
        self._by_rank: dict[int, bytes | None] = {}

    def hash_with(self, terms: Sequence[bytes]) -> bytes:
        # In bytes hashes have the same order as in hex.
        return hashlib.sha256(b"".join(self._telling.filled(terms))).digest()

    def said(self, rank: int, terms: Sequence[bytes]) -> bytes | None:
        """All statements about the part, sorted; None if two of them became one."""
        if not self._is_constant:
            return self._about.written(terms, _name(rank) + b" ")
        if rank not in self._by_rank:
            self._by_rank[rank] = self._about.written((), _name(rank) + b" ")
        return self._by_rank[rank]


def _name(rank: int) -> bytes:
    return b"_:c14n%d" % rank


class _Statements:
    """The statements of a form: constant ones, those with a learner's text, and those about nameless parts."""

    def __init__(self, quads: set[rdf_canon.Quad], opens: Mapping[str, shapes.Open], slots: Sequence[int]) -> None:
        self._opens = [(slots.index(each.slot), *each.around()) for each in opens.values()]
        names = sorted({term for quad in quads for term in quad if term.startswith("_:")})
        numbers = {term: number for number, term in enumerate([*opens, *names])}
        by_subject: dict[str, list[rdf_canon.Quad]] = {}
        for quad in quads:
            if quad[0] not in names:
                by_subject.setdefault(quad[0], []).append(quad)
        self._named = [
            (subject.encode() + b" ", _About(own, numbers, named=True))
            for subject, own in by_subject.items()
            if subject not in opens
        ]
        self._of_learner = [(numbers[each], _About(own, numbers)) for each, own in by_subject.items() if each in opens]
        self._parts = [_Nameless(name, [quad for quad in quads if name in quad], numbers, set(opens)) for name in names]
        self._hashes = {part.hash: number for number, part in enumerate(self._parts) if part.hash}
        self._touched = [(number, part) for number, part in enumerate(self._parts) if not part.hash]
        self._names = [_name(rank) for rank in range(len(names))]
        # In text the part of rank 10 comes before that of rank 2.
        self._ranks_in_text = sorted(range(len(names)), key=lambda rank: self._names[rank] + b" ")

    @classmethod
    def of(cls, written: _Written, slots: Sequence[int]) -> "_Statements | None":
        """None where two statements about nameless parts are one, or stand in a graph of their own."""
        fixed = {
            term: open_.filled(written.texts)
            for term, open_ in written.template.opens.items()
            if open_.slot not in slots
        }
        opens = {term: open_ for term, open_ in written.template.opens.items() if open_.slot in slots}
        filled = [
            (fixed.get(s, s), fixed.get(p, p), fixed.get(o, o), fixed.get(g, g))
            for s, p, o, g in written.template.quads
        ]
        about_nameless = [quad for quad in filled if any(term.startswith("_:") for term in quad)]
        plain = all(not graph and predicate not in opens for _, predicate, _, graph in filled)
        if len(set(about_nameless)) < len(about_nameless) or not plain:
            return None
        return cls(set(filled), opens, slots)

    def canonical(self, texts: Sequence[str]) -> bytes | None:
        """The canonical N-Quads with these texts, escaped; None where texts make one thing of two."""
        terms = [before + texts[place].encode() + after for place, before, after in self._opens]
        by_hash = dict(self._hashes)
        for number, part in self._touched:
            by_hash[part.hash_with(terms)] = number
        if len(by_hash) < len(self._parts):
            return None
        in_order = [by_hash[hash_] for hash_ in sorted(by_hash)]
        names = self._names.copy()
        for rank, number in enumerate(in_order):
            names[number] = self._names[rank]
        terms += names
        about = [(name, about.written(terms)) for name, about in self._named]
        for number, of_learner in self._of_learner:
            name = terms[number] + b" "
            about.append((name, of_learner.written(terms, name)))
        about.sort()
        written = [statements for _name, statements in about]
        written += [self._parts[in_order[rank]].said(rank, terms) for rank in self._ranks_in_text]
        return None if None in written else b"".join(written)  # type: ignore[arg-type] # there is none in it
