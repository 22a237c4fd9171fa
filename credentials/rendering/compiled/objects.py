"""Writes the objects of a PDF as bytes, with holes where each learner's values come."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import pikepdf

#: In a form's bytes: a kind of writing, and a text with the names of values in it.
Hole = tuple[str, str]
Piece = bytes | Hole

# A character that stands in no text of ours, since it cannot be printed; the name of a value stands between two.
MARK = "\x1a"


@dataclass(frozen=True)
class Marks:
    """The texts that a page was printed with instead of a learner's, and the names of those values."""

    names: Mapping[str, str]

    def find(self, text: str) -> str:
        """The text with the name of each value, between marks, where its stand-in was."""
        for stand_in, name in self.names.items():
            text = text.replace(stand_in, f"{MARK}{name}{MARK}")
        return text


def told(template: str, values: Mapping[str, str]) -> str:
    """The reverse of `Marks.find` with a learner's values."""
    parts = template.split(MARK)
    parts[1::2] = [values[name] for name in parts[1::2]]
    return "".join(parts)


def text_string(text: str) -> bytes:
    """A text string (ISO 32000-1, 7.9.2.2): ASCII as it is, all else in UTF-16."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        return b"(" + escaped.encode("ascii") + b")"
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode("ascii") + b">"


WRITERS: dict[str, Callable[[str], bytes]] = {
    "text": text_string,
    "xml": lambda text: escape(text).encode("utf-8"),
}


def filled(pieces: Sequence[Piece], values: Mapping[str, str]) -> bytes:
    return b"".join(
        piece if isinstance(piece, bytes) else WRITERS[piece[0]](told(piece[1], values)) for piece in pieces
    )


class Writer:
    """Turns pikepdf's objects into pieces; references become `numbers[old]`, which the caller has given out."""

    def __init__(self, numbers: Mapping[int, int], marks: Marks) -> None:
        self._numbers = numbers
        self._marks = marks

    def pieces(self, value: Any, *, inside: bool = False) -> list[Piece]:
        return joined(self._write(value, inside=inside))

    def _write(self, value: Any, *, inside: bool = True) -> Iterable[Piece]:
        if inside and isinstance(value, pikepdf.Object) and value.is_indirect:
            yield b" %d 0 R" % self._numbers[value.objgen[0]]
        elif isinstance(value, pikepdf.Dictionary):
            yield b"<<"
            for key, entry in sorted(value.items()):
                yield pikepdf.Name(key).unparse()
                yield from self._write(entry)
            yield b">>"
        elif isinstance(value, pikepdf.Array):
            yield b"["
            for entry in value:
                yield b" "
                yield from self._write(entry)
            yield b"]"
        elif isinstance(value, pikepdf.String):
            found = self._marks.find(str(value))
            if MARK in found:
                yield ("text", found)
            else:
                yield value.unparse()
        elif isinstance(value, pikepdf.Object):
            yield b" " + value.unparse()
        else:
            yield b" " + pikepdf.Array([value]).unparse()[1:-1].strip()


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The same with neighbouring bytes as one."""
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, bytes) and found and isinstance(found[-1], bytes):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def deflated(content: bytes, extra: bytes = b"", *, level: int = 1) -> bytes:
    """A stream, compressed; `extra` are further entries of its dictionary."""
    packed = zlib.compress(content, level)
    return b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (extra, len(packed), packed)
