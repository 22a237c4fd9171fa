"""How a badge is composed: its shape, colour, ring, symbol, mark and ribbon, as a registrar chooses them."""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as p_

SHAPES: dict[str, Promise] = {
    "seal": p_("shape", "Seal"),
    "circle": p_("shape", "Circle"),
    "hexagon": p_("shape", "Hexagon"),
    "octagon": p_("shape", "Octagon"),
    "shield": p_("shape", "Shield"),
    "square": p_("shape", "Square"),
}
COLOURS: dict[str, Promise] = {
    "teal": p_("colour", "Teal"),
    "blue": p_("colour", "Blue"),
    "green": p_("colour", "Green"),
    "violet": p_("colour", "Violet"),
    "rust": p_("colour", "Rust"),
    "slate": p_("colour", "Slate"),
}
SYMBOLS: dict[str, Promise] = {
    "cairn": _("a stack of stones"),
    "book": _("an open book"),
    "chart": _("a chart of three bars"),
    "compass": _("a compass"),
    "flask": _("a flask"),
    "gear": _("a gear"),
    "heart": _("a heart"),
    "leaf": _("a leaf"),
    "star": _("a star"),
}
RIBBONS: dict[str, Promise] = {
    "level": _("Kind and level"),
    "kind": _("Kind only"),
    "none": _("No ribbon"),
}
MOST_ON_RING, MOST_IN_MARK = 120, 3
HEX = re.compile(r"#[0-9A-Fa-f]{6}\Z")
HASH = re.compile(r"(?:[0-9a-f]{64})?\Z")


@dataclass(frozen=True)
class Look:
    """What a registrar chooses. `colour` is one of `COLOURS` or #RRGGBB; `mark` are the issuer's letters, if any.

    `logo` and `artwork` are pictures by their hashes: the issuer's mark in place of its letters, and a picture in place
    of everything that is composed.
    """

    shape: str = "seal"
    colour: str = "teal"
    ring: str = ""
    symbol: str = "cairn"
    mark: str = ""
    ribbon: str = "level"
    logo: str = ""
    artwork: str = ""
