"""How lines of a text begin, which clauses may follow, and the words by which each is found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from difflib import get_close_matches
from typing import NamedTuple

from pathways.rules import notation
from pathways.rules.codecs import Codec, default
from pathways.rules.notation import Kind
from pathways.rules.phrases.language import gettext_noop, phrase

INDENT = "  "
# Fields whose own fields are written as clauses of the same line.
FLAT = ("where", "pool", "of")
BELOW = ("id", "parts", "part", "conditions")


def spoken(name: str) -> str:
    return name.replace("_", " ")


def is_flat(name: str, codec: Codec) -> bool:
    """Whether the fields of this field are written as clauses of the same line."""
    return name in FLAT and codec.kind in ("pool", "where")


class Clause(NamedTuple):
    """A field that a clause speaks of: its name, the flat field that it lies in, if any, and how it is read."""

    name: str
    home: str
    codec: Codec


class Clauses:
    """The clauses that may stand in one place."""

    def __init__(self, codecs: Mapping[str, Codec], must: Iterable[str] = ()) -> None:
        self.by_words: dict[str, Clause] = {}
        for home, codec in codecs.items():
            if is_flat(home, codec):
                for name, inner in (codec.fields or {}).items():
                    self.by_words[spoken(name)] = Clause(name, home, inner)
        # What stands beside a pool is meant rather than what stands in it.
        for name, codec in codecs.items():
            if not is_flat(name, codec):
                self.by_words[spoken(name)] = Clause(name, "", codec)
        self.must = tuple(must)
        self.empty_pools = tuple(name for name in self.must if name in codecs and is_flat(name, codecs[name]))
        self._longest = max((words.count(" ") + 1 for words in self.by_words), default=0)

    def find(self, said: str) -> tuple[str, Clause] | None:
        """The clause that this begins with; the longest, as `at least share` begins with `at least`."""
        words = said.split(" ", self._longest)
        for count in range(min(len(words), self._longest), 0, -1):
            begun = " ".join(words[:count])
            if begun in self.by_words:
                return begun, self.by_words[begun]
        return None

    def expected(self, said: str) -> str:
        """The words that may stand there."""
        return nearest_first(said, list(self.by_words))


def nearest_first(said: str, words: Sequence[str]) -> str:
    """The words that may stand where this does, first those that come nearest to it."""
    # What is compared is short, however long the text.
    begun = said[:40].lower().split()[:4]
    near = [
        match
        for count in range(len(begun), 0, -1)
        for match in get_close_matches(" ".join(begun[:count]), words, n=1, cutoff=0.75)
    ]
    return phrase(gettext_noop("one of: {words}"), words=", ".join(dict.fromkeys([*near, *words])))


_KNOWN: dict[int, tuple[Mapping[str, Codec], Clauses]] = {}


def clauses_of(codec: Codec) -> Clauses:
    """The clauses of an object in brackets, worked out once."""
    codecs = codec.fields or {}
    if id(codecs) not in _KNOWN:
        _KNOWN[id(codecs)] = codecs, Clauses(codecs, _must(codec.cls) if codec.cls else ())
    return _KNOWN[id(codecs)][1]


def _must(cls: type) -> list[str]:
    return [each.name for each in fields(cls) if default(each) is MISSING]


class LineForm:
    """How a line of one kind begins, with the field that follows at once, and the clauses after it."""

    def __init__(self, word: str, lead: str | None, kind: Kind) -> None:
        self.word, self.lead, self.kind = word, lead, kind
        codecs = {name: codec for name, codec in kind.codecs.items() if name != lead and name not in BELOW}
        self.clauses = Clauses(codecs, (name for name in _must(kind.cls) if name in codecs))


_PART_WORDS: dict[str, tuple[str, str | None]] = {
    "all": ("all of", None),
    "any": ("any of", None),
    "at_least": ("at least", "count"),
    "holds": ("hold", "any_of"),
    "passed": ("pass", "assessment"),
    "count": ("count", "at_least"),
    "amount": ("earn", "at_least"),
    "fact": ("fact", "name"),
    "given": ("have", None),
    "graded": ("graded", None),
    "duration": ("time", "at_least"),
    "unbroken": ("unbroken", None),
    "was_met": ("was met", None),
    "each_cycle": ("each cycle", None),
    "unmet": ("unmet", None),
    "signed_off": ("approval", "role"),
}
PART_LINES = {name: LineForm(*words, notation.BY_NAME[name]) for name, words in _PART_WORDS.items()}
CONDITION_LINES = {kind.name: LineForm(f"where {spoken(kind.name)}", None, kind) for kind in notation.CONDITIONS}
RESULT_LINES = {kind.name: LineForm(f"result {kind.name}", "name", kind) for kind in notation.RESULTS}
# What is said of the whole rule in lines of its own, one field each.
HEAD = Clauses(
    {
        name: codec
        for name, codec in notation.RULE_FIELDS.items()
        if name not in ("root", "results", *notation.MORE_ROOTS)
    }
)
