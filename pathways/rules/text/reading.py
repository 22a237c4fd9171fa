"""Reads rules, and single lines of them, from text; what cannot be read is refused with its line and column.

What can be refused by form alone is refused here; the rest is refused by the reader of the JSON, whose path leads back
to the place in the text.
"""

import re
from collections.abc import Mapping
from typing import Any

from pathways.rules import notation
from pathways.rules.codecs import Codec, RuleError
from pathways.rules.phrases.language import gettext_noop, phrase
from pathways.rules.requirement import MAX_CLAUSES, MAX_DEPTH, Rule
from pathways.rules.text.placed import Line, Said, TextError, lines_of, paired
from pathways.rules.text.values import Reading, read_each
from pathways.rules.text.values import read_value as read_said
from pathways.rules.text.words import (
    BELOW,
    CONDITION_LINES,
    HEAD,
    INDENT,
    PART_LINES,
    RESULT_LINES,
    Clauses,
    LineForm,
    nearest_first,
)

_RESULT = re.compile(r"result\s")
_CONDITION = re.compile(r"where\s")


def from_text(text: str) -> Rule:
    """The rule that this text says. Raises `TextError` with the place of the first thing that cannot be read."""
    reader = _Reader(text)
    data = reader.head()
    data["root"] = reader.root()
    try:
        return notation.from_json(notation.numbered(data))
    except RuleError as fault:
        raise reader.reading.refusal(fault.path, fault.expected) from fault


def read_head(text: str) -> dict[str, Any]:
    """What a rule says besides its outermost part, as JSON; nothing may follow. Raises `TextError`."""
    reader = _Reader(text)
    data = reader.head()
    if reader.waiting:
        raise reader.waiting[-1].refusal(_HEAD_WORDS)
    return data


def read_part(text: str) -> dict[str, Any]:
    """One part and what stands below it, as JSON. Raises `TextError`."""
    return _Reader(text).root()


def read_condition(text: str) -> dict[str, Any]:
    """One condition as JSON; its `where` may be left out. Raises `TextError`."""
    lines = lines_of(text)
    if len(lines) != 1:
        raise TextError(lines[1].line.number if lines else 1, 1, gettext_noop("one condition in one line"))
    said = lines[0]
    if not _CONDITION.match(said.text):
        said = Said(Line(said.line.number, f"where {said.text}", {}), 0, len(said.text) + len("where "))
    return _Reader("").line(paired(said, notation.MAX_JSON_DEPTH), CONDITION_LINES, "$")


def read_clauses(codecs: Mapping[str, Codec], text: str) -> dict[str, Any]:
    """Fields of an object as JSON, said in clauses; not its id, nor what stands below it. Raises `TextError`."""
    reading = Reading()
    pieces: list[Said] = []
    for said in lines_of(text):
        pieces += [each for each in paired(said, notation.MAX_JSON_DEPTH).split(";") if each.text]
    beside = Clauses({name: codec for name, codec in codecs.items() if name not in BELOW})
    return read_each(pieces, beside, pieces[0], "$", reading) if pieces else {}


def read_value(codec: Codec, text: str) -> Any:
    """One value as JSON, said as a clause says it after its name. Raises `TextError`."""
    lines = lines_of(text)
    if len(lines) != 1:
        raise TextError(1, 1, gettext_noop("one line"))
    return read_said(codec, paired(lines[0], notation.MAX_JSON_DEPTH), "$", Reading())


_HEAD_WORDS = phrase(
    gettext_noop("one of: {words}"),
    words=", ".join([*HEAD.by_words, *notation.MORE_ROOTS, *(f.word for f in RESULT_LINES.values())]),
)
_NO_PART, _NO_SECOND = gettext_noop("no part under “{word}”"), gettext_noop("no second part under “{word}”")


class _Reader:
    """Goes through the lines of one text from the first to the last."""

    def __init__(self, text: str) -> None:
        # The next line is the last one waiting.
        self.waiting = lines_of(text)[::-1]
        self.reading = Reading()
        self.ids: set[str] = set()
        self.count = 0

    def head(self) -> dict[str, Any]:
        """All lines before the outermost part."""
        data: dict[str, Any] = {"format": notation.FORMAT}
        results: list[dict[str, Any]] = []
        while self.waiting and self._depth(self.waiting[-1]) == 0:
            line = self.waiting[-1]
            name = line.text.replace(" ", "_")
            found = HEAD.find(line.text)
            if _RESULT.match(line.text):
                self.waiting.pop()
                results.append(self._result(line, f"$.results[{len(results)}]"))
            elif name in notation.MORE_ROOTS:
                self.waiting.pop()
                if name in data or not self.waiting:
                    raise line.refusal(phrase(gettext_noop("“{words}” once, and a part under it"), words=line.text))
                self.reading.places[f"$.{name}"] = line
                data[name] = self._part(1, 1, f"$.{name}")
            elif found is not None:
                self.waiting.pop()
                words, clause = found
                if clause.name in data:
                    raise line.refusal(phrase(gettext_noop("“{words}” once only"), words=words))
                data |= read_each([paired(line, notation.MAX_JSON_DEPTH)], HEAD, line, "$", self.reading)
            else:
                break
        return data | ({"results": results} if results else {})

    def root(self) -> dict[str, Any]:
        """The outermost part, and nothing after it."""
        if not self.waiting:
            raise TextError(1, 1, gettext_noop("a part, such as: all of"))
        part = self._part(0, 1, "$.root")
        if self.waiting:
            raise self.waiting[-1].refusal(gettext_noop("nothing more at this level; a rule has one outermost part"))
        return part

    def _depth(self, said: Said) -> int:
        if said.line.text[: said.start].strip(" ") or said.start % len(INDENT):
            raise TextError(said.line.number, 1, gettext_noop("two spaces for each level"))
        return said.start // len(INDENT)

    def _result(self, line: Said, path: str) -> dict[str, Any]:
        result = self.line(paired(line, notation.MAX_JSON_DEPTH), RESULT_LINES, path)
        if "parts" in RESULT_LINES[result["type"]].kind.codecs:
            result["parts"] = []
            while self.waiting and self._depth(self.waiting[-1]) > 0:
                # The result itself is a level, as it is in JSON.
                result["parts"].append(self._part(1, 2, f"{path}.parts[{len(result['parts'])}]"))
        return result

    def _part(self, indent: int, depth: int, path: str) -> dict[str, Any]:
        """The next part, which stands so far in, and so deep among parts."""
        said = self.waiting.pop()
        if self._depth(said) != indent:
            raise TextError(
                said.line.number, 1, phrase(gettext_noop("{count} spaces before this line"), count=indent * len(INDENT))
            )
        part = self.line(self._bounded(said, depth), PART_LINES, path)
        form = PART_LINES[part["type"]]
        parts: list[Any] = []
        conditions: list[Any] = []
        while self.waiting and self._depth(self.waiting[-1]) > indent:
            following = self.waiting[-1]
            if _CONDITION.match(following.text):
                self.waiting.pop()
                if "conditions" not in form.kind.codecs:
                    raise following.refusal(phrase(gettext_noop("no condition under “{word}”"), word=form.word))
                if self._depth(following) != indent + 1:
                    raise TextError(
                        following.line.number,
                        1,
                        phrase(gettext_noop("{count} spaces before this line"), count=(indent + 1) * len(INDENT)),
                    )
                place = f"{path}.conditions[{len(conditions)}]"
                conditions.append(self.line(self._bounded(following, depth + 1), CONDITION_LINES, place))
            elif "parts" in form.kind.codecs:
                parts.append(self._part(indent + 1, depth + 1, f"{path}.parts[{len(parts)}]"))
            elif "part" in form.kind.codecs and "part" not in part:
                part["part"] = self._part(indent + 1, depth + 1, f"{path}.part")
            else:
                raise following.refusal(phrase(_NO_SECOND if "part" in part else _NO_PART, word=form.word))
        if "parts" in form.kind.codecs:
            part["parts"] = parts
        elif "part" in form.kind.codecs and "part" not in part:
            raise said.refusal(phrase(gettext_noop("a part under “{word}”"), word=form.word))
        if conditions:
            part["conditions"] = conditions
        return part

    def _bounded(self, said: Said, depth: int) -> Said:
        if depth > MAX_DEPTH:
            raise said.refusal(phrase(gettext_noop("parts nested at most {count} deep"), count=MAX_DEPTH))
        self.count += 1
        if self.count > MAX_CLAUSES:
            raise said.refusal(phrase(gettext_noop("at most {count} parts and conditions"), count=MAX_CLAUSES))
        return paired(said, notation.MAX_JSON_DEPTH)

    def line(self, said: Said, forms: Mapping[str, LineForm], path: str) -> dict[str, Any]:
        """One line: the word it begins with, its clauses, and its id."""
        self.reading.places[path] = said
        *before, last = said.split("#")
        data: dict[str, Any] = {}
        if before:
            said = said.part(said.start, before[-1].end)
            data["id"] = self._id(last, path)
        first, *clauses = said.split(";")
        form = next((each for each in forms.values() if f"{first.text} ".startswith(f"{each.word} ")), None)
        if form is None:
            raise first.refusal(nearest_first(first.text, [each.word for each in forms.values()]))
        name = form.kind.name
        data = {"type": name, **data}
        rest = first.after(len(form.word))
        if form.lead is not None:
            data[form.lead] = read_said(form.kind.codecs[form.lead], rest, f"{path}.{form.lead}", self.reading)
        elif rest.text:
            raise rest.refusal(phrase(gettext_noop("a semicolon after “{word}”"), word=form.word))
        return data | read_each(clauses, form.clauses, said, path, self.reading)

    def _id(self, said: Said, path: str) -> str:
        if said.text in self.ids:
            raise said.refusal(phrase(gettext_noop("each id once, but “{node}” stands before"), node=said.text))
        self.ids.add(said.text)
        self.reading.places[f"{path}.id"] = said
        return said.text
