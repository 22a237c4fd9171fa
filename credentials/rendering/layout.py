"""Where things stand on the sheet of a design: margins, room, how much fits; its stylesheet and its pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string

from credentials.rendering import engraving
from credentials.rendering.design import Design

# In the order of the scripts they draw.
_OTHER_SCRIPTS = ("Noto Naskh Arabic", "Noto Serif Hebrew", "Noto Serif Devanagari")
_CHINESE = ("Noto Serif CJK SC", "Noto Serif CJK JP", "Noto Serif CJK KR", "Noto Sans", "DejaVu Serif")
TEXT = ("Noto Serif", *_OTHER_SCRIPTS, *_CHINESE)
DISPLAY = ("Noto Serif Display", *TEXT)
MONO = ("DejaVu Sans Mono", "Noto Sans Mono")
# Where the language says which of the East Asian forms of a character is meant.
TEXT_OF = {
    "ja": ("Noto Serif", "Noto Serif CJK JP", "Noto Serif CJK SC", "DejaVu Serif"),
    "ko": ("Noto Serif", "Noto Serif CJK KR", "Noto Serif CJK SC", "DejaVu Serif"),
    "zh-Hant": ("Noto Serif", "Noto Serif CJK TC", "Noto Serif CJK SC", "DejaVu Serif"),
}

# Millimetres.
_UPRIGHT_TEXT = 160.0
_SIGNER, _SEAL, _SIGNATURES = 42.0, 28.0, 25.0


def pixels(millimetres: float) -> float:
    """Of 1/96 inch, as WeasyPrint lays out."""
    return millimetres / 25.4 * 96


@dataclass(frozen=True)
class Layout:
    """The measures of a sheet in millimetres, but for lines of text, which are in points.

    `airy`, `even` and `dense` say how many lines of detail a sheet takes with ever smaller pictures and gaps.
    """

    width: float
    height: float
    top: float
    side: float
    bottom: float
    foot: float
    code: float
    column: float
    line: float
    words: float
    beside_words: float
    letters: int
    letters_of_two: int
    airy: int
    even: int
    dense: int

    @property
    def left(self) -> float:
        """Where text begins, in pixels."""
        return self.side / 25.4 * 96

    @property
    def right(self) -> float:
        return (self.width - self.side) / 25.4 * 96


@lru_cache(64)
def of(design: Design) -> Layout:
    width, height = design.size
    if design.landscape:
        side = 30.0
        text = width - 2 * side
        # Signatures stand beside the words of the check, and take their room.
        signatures = (_SIGNER + 4) * len(design.signers) + (_SEAL + 4 if design.seal else 0)
        code = 25.0
        return Layout(
            width=width,
            height=height,
            top=17.0,
            side=side,
            bottom=62.0,
            foot=45.0,
            code=code,
            column=text - 60,
            line=_points(text) - 8.5,
            words=_points(text - signatures - code - 6) - 3.5,
            beside_words=pixels(signatures),
            letters=int(text * 0.55),
            letters_of_two=int(text * 0.3),
            airy=-1,
            even=2,
            dense=6,
        )
    # Of two papers the shorter one, and one with signatures, takes fewer lines.
    fewer = round((297 - height) / 5) + (5 if design.signs else 0) + (2 if _has_both_pictures(design) else 0)
    signatures = _SIGNATURES if design.signs else 0.0
    return Layout(
        width=width,
        height=height,
        top=21.0,
        side=(width - _UPRIGHT_TEXT) / 2,
        bottom=76.0 + signatures,
        foot=58.0 + signatures,
        code=31.0,
        column=132.0,
        line=445.0,
        words=345.0,
        beside_words=0.0,
        letters=88,
        letters_of_two=48,
        airy=3 - fewer,
        even=9 - fewer,
        dense=14 - fewer,
    )


def _has_both_pictures(design: Design) -> bool:
    return design.logo is not None and "emblem" in design.blocks


def _points(millimetres: float) -> float:
    return millimetres / 25.4 * 72


@lru_cache(32)
def resources(design: Design) -> Mapping[str, tuple[str, bytes]]:
    """Stylesheet, frame and pictures of a design, by the names that its page uses."""
    width, height = design.size
    found = {
        "certificate.css": ("text/css", _stylesheet(design)),
        **{picture.name: (picture.media_type, picture.content) for picture in design.pictures()},
    }
    draw = {"engraved": engraving.frame, "lines": engraving.ruled}.get(design.frame)
    if draw is not None:
        drawn = draw(width, height, design.palette.inks, paper=design.background is None)
        found["frame.svg"] = ("image/svg+xml", drawn.encode())
    return found


def _stylesheet(design: Design) -> bytes:
    measures = of(design)
    return render_to_string(
        "print/certificate.css",
        {
            "families": families(),
            "design": design,
            "palette": design.palette,
            "room": {name: _number(value) for name, value in vars(measures).items()},
            "signer": _number(_SIGNER),
            "seal": _number(_SEAL),
            "signatures": _number(_SIGNATURES),
        },
    ).encode()


def families() -> dict[str, object]:
    """The families of print, as stylesheets name them."""
    return {
        "text": _quoted(TEXT),
        "display": _quoted(DISPLAY),
        "mono": _quoted(MONO),
        "of": {language: _quoted(names) for language, names in TEXT_OF.items()},
    }


def _number(value: float) -> str:
    """As CSS writes it, whatever the language of the page."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _quoted(families: tuple[str, ...]) -> str:
    return ", ".join(f'"{family}"' for family in families)
