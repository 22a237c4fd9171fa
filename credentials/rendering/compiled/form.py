"""The form: a certificate laid out once, its constant objects written and compressed, its slots and holes marked.

It holds nothing of any learner, and travels as JSON, so that workers find what another has compiled.
"""

import base64
import json
import struct
from dataclasses import asdict, dataclass
from typing import Any

from credentials.rendering.compiled.faces import Style
from credentials.rendering.compiled.objects import Piece

#: One entry: kind, offset or container, place in the container.
ENTRY = struct.Struct(">BIH")

#: Changes with what is written here, so that forms of an older Cairn are compiled anew.
EDITION = 1


@dataclass(frozen=True)
class Slot:
    """A line of text that is the learner's: where it is anchored, and how it is set.

    `anchor` tells which point of the line `x` is: its left end, its centre or its right end. `middle` is the height of
    the line's middle, from which the baseline hangs by face and size; `room` is how wide it may be. All in pixels.
    """

    name: str
    number: int
    style: Style
    direction: str
    units: int
    anchor: str
    x: float
    middle: float
    room: float
    alphabet: str = ""


@dataclass(frozen=True)
class CodeSlot:
    """The place of the code that is scanned, for codes of so many modules on a side, the quiet zone counted."""

    number: int
    side: int


@dataclass(frozen=True)
class Form:
    """All of a certificate but what is the learner's. Objects are numbered from 1; `head` holds the constant ones."""

    language: str
    head: bytes
    #: The entries of the constant objects in the stream of references (ISO 32000-1, 7.5.8), that of none before them.
    references: bytes
    dynamic: tuple[tuple[int, tuple[Piece, ...]], ...]
    metadata: tuple[int, tuple[Piece, ...]]
    slots: tuple[Slot, ...]
    #: None where the sheet shows none.
    code: CodeSlot | None
    fonts_number: int
    fonts: bytes
    file_number: int
    file_type: bytes
    root: int
    info: int
    #: The first number that no object of the form has.
    following: int
    seal: bytes


def as_text(form: Form) -> str:
    return json.dumps({"edition": EDITION, "form": asdict(form)}, default=_bytes, separators=(",", ":"))


def from_text(text: str) -> Form:
    """Raises ValueError for the form of another edition, KeyError and TypeError for what is no form."""
    read = json.loads(text, object_hook=_as_bytes)
    if read["edition"] != EDITION:
        raise ValueError("This form was compiled by another edition.")
    form: dict[str, Any] = read["form"]
    return Form(
        **form
        | {
            "dynamic": tuple((number, _pieces(pieces)) for number, pieces in form["dynamic"]),
            "metadata": (form["metadata"][0], _pieces(form["metadata"][1])),
            "slots": tuple(
                Slot(**slot | {"style": Style(tuple(slot["style"]["families"]), slot["style"]["weight"])})
                for slot in form["slots"]
            ),
            "code": CodeSlot(**form["code"]) if form["code"] else None,
        }
    )


def _pieces(pieces: list[Any]) -> tuple[Piece, ...]:
    return tuple(piece if isinstance(piece, bytes) else (piece[0], piece[1]) for piece in pieces)


def _bytes(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    raise TypeError(f"A form holds no {type(value).__name__}.")


def _as_bytes(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["base64"]) if value.keys() == {"base64"} else value
