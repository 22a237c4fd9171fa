"""Stretches of a text that know where they stand, and how they are cut at separators outside quotes and brackets."""

import re
from functools import cache
from typing import NamedTuple

from pathways.rules.phrases.language import gettext_noop, phrase

# The text of a rule is bounded as its JSON is.
MAX_TEXT = 256 * 1024
MAX_LINES = 2_000
# Possessive, so that a quote that never closes is looked at once.
QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_OPENING = re.compile(r'["()]')
_ENDS = re.compile(r"\r\n|\r|\n")


class TextError(ValueError):
    """A text that cannot be read: the line and column, counted from one, and what was expected there."""

    def __init__(self, line: int, column: int, expected: str) -> None:
        super().__init__(f"line {line}, column {column}: expected {expected}")
        self.line = line
        self.column = column
        self.expected = expected


class Line(NamedTuple):
    """One line, and for each quote or bracket that opens in it the place after the one that closes it."""

    number: int
    text: str
    closed: dict[int, int]


class Said(NamedTuple):
    """A stretch of a line, without the blanks around it."""

    line: Line
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.line.text[self.start : self.end]

    @property
    def place(self) -> tuple[int, int]:
        return self.line.number, self.start + 1

    def refusal(self, expected: str) -> TextError:
        return TextError(*self.place, expected)

    def part(self, start: int, end: int | None = None) -> "Said":
        """The stretch between these places of the line, without the blanks around it."""
        text, end = self.line.text, self.end if end is None else end
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        return Said(self.line, start, end)

    def after(self, length: int) -> "Said":
        return self.part(self.start + length)

    def split(self, at: str) -> list["Said"]:
        """The pieces between separators; what stands in quotes or brackets is passed over at once."""
        pieces, begin, place = [], self.start, self.start
        search = _passing(at).search
        while found := search(self.line.text, place, self.end):
            if found[0] == at:
                pieces.append(self.part(begin, found.start()))
                begin = place = found.end()
            else:
                place = self.line.closed[found.start()]
        return [*pieces, self.part(begin)]

    def opened(self) -> int | None:
        """The place after the quote or bracket that this begins with, if it does."""
        return self.line.closed.get(self.start) if self.start < self.end else None

    def within_brackets(self) -> "Said":
        if self.opened() != self.end or self.line.text[self.start] != "(":
            raise self.refusal(gettext_noop("clauses in brackets"))
        return self.part(self.start + 1, self.end - 1)


@cache
def _passing(at: str) -> re.Pattern[str]:
    return re.compile(f'["(]|{re.escape(at)}')


def lines_of(text: str) -> list[Said]:
    """The lines that say something, each with its quotes and brackets paired."""
    if len(text) > MAX_TEXT:
        number = text.count("\n", 0, MAX_TEXT) + 1
        raise TextError(
            number, 1, phrase(gettext_noop("an end before this: at most {count} characters"), count=MAX_TEXT)
        )
    found: list[Said] = []
    for number, line in enumerate(_ENDS.split(text), start=1):
        if not line.strip() or line.lstrip().startswith("--"):
            continue
        if len(found) == MAX_LINES:
            raise TextError(number, 1, phrase(gettext_noop("at most {count} lines"), count=MAX_LINES))
        found.append(Said(Line(number, line, {}), 0, len(line)).part(0))
    return found


def paired(said: Said, most: int) -> Said:
    """The same, its quotes and brackets paired; more than `most` of them within one another are refused."""
    text, closed = said.line.text, said.line.closed
    open_: list[Said] = []
    place = said.start
    while found := _OPENING.search(text, place, said.end):
        here, place = said.part(found.start()), found.end()
        match found[0]:
            case '"':
                quoted = QUOTED.match(text, found.start(), said.end)
                if quoted is None:
                    raise here.refusal(gettext_noop("a quote that closes this one"))
                closed[found.start()] = place = quoted.end()
            case "(":
                if len(open_) == most:
                    raise here.refusal(phrase(gettext_noop("brackets nested at most {count} deep"), count=most))
                open_.append(here)
            case _ if not open_:
                raise here.refusal(gettext_noop("a bracket that opens before this one closes"))
            case _:
                closed[open_.pop().start] = place
    if open_:
        raise open_[-1].refusal(gettext_noop("a bracket that closes this one"))
    return said
