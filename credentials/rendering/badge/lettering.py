"""The words of a badge: broken and sized to their places, and set with the fonts that draw them."""

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from PIL import ImageDraw, ImageFont, features

from credentials.rendering import fonts
from credentials.rendering.badge.art import INK, PLATE_BOTTOM, PLATE_TOP, BadgeArt, rank_of


@dataclass(frozen=True)
class Label:
    text: str
    x: float
    baseline: float
    size: float
    colour: str
    bold: bool
    measured: float
    room: float
    direction: str
    rank: bool = False

    families = "Noto Serif, Georgia, P052, DejaVu Serif, serif"


@lru_cache(256)
def labels_of(art: BadgeArt) -> tuple[Label, ...]:
    labels: list[Label] = []
    issuer_lines, issuer_size = fitted(
        art.issuer_name, room=400, height=26, largest=19, smallest=13, lines=1, bold=False
    )
    name_height = PLATE_BOTTOM - PLATE_TOP - 58
    lines, size = fitted(
        art.achievement_name, room=446, height=name_height, largest=44, smallest=17, lines=3, bold=True
    )
    leading = size * 1.16
    middle = PLATE_TOP + 14 + name_height / 2
    first = middle - leading * (len(lines) - 1) / 2 + size * 0.34
    labels += [
        _label(line, baseline=first + i * leading, size=size, colour=INK, bold=True, room=446)
        for i, line in enumerate(lines)
    ]
    labels += [
        _label(line, baseline=PLATE_BOTTOM - 22, size=issuer_size, colour="#4B5862", bold=False, room=400)
        for line in issuer_lines
    ]
    if rank := rank_of(art):
        [shown], size = fitted(rank, room=330, height=34, largest=23, smallest=13, lines=1, bold=True)
        label = _label(shown, baseline=PLATE_BOTTOM + 30, size=size, colour=INK, bold=True, room=330)
        labels.append(replace(label, rank=True))
    return tuple(labels)


def _label(text: str, *, baseline: float, size: float, colour: str, bold: bool, room: float) -> Label:
    direction = "rtl" if is_rtl(text) else "ltr"
    return Label(text, 300, baseline, size, colour, bold, measure(text, size, bold), room, direction)


def fitted(
    text: str, *, room: float, height: float, largest: int, smallest: int, lines: int, bold: bool
) -> tuple[list[str], float]:
    """The text in as few and as even lines as its largest size allows; cut with an ellipsis only when nothing fits."""
    text = " ".join(text.split())
    for size in range(largest, smallest - 1, -1):
        for count in range(1, lines + 1):
            if count * size * 1.16 > height:
                break
            broken = _broken(text, count, size, bold)
            if all(measure(line, size, bold) <= room for line in broken):
                return broken, size
    kept = _broken(text, lines, smallest, bold)
    return [_cut(line, room, smallest, bold) for line in kept], smallest


def _broken(text: str, count: int, size: float, bold: bool) -> list[str]:
    """At most that many lines of about equal length; scripts without spaces break between characters."""
    if count == 1:
        return [text]
    pieces = text.split(" ")
    glue = " "
    if len(pieces) < count:
        pieces, glue = _clusters(text), ""
    target = measure(text, size, bold) / count
    found: list[str] = []
    line = ""
    for piece in pieces:
        longer = f"{line}{glue}{piece}" if line else piece
        # A piece belongs to the line that it lies in for the greater part.
        if line and len(found) < count - 1 and measure(longer, size, bold) - measure(piece, size, bold) / 2 > target:
            found.append(line)
            line = piece
        else:
            line = longer
    return [*found, line]


def _clusters(text: str) -> list[str]:
    found: list[str] = []
    for character in text:
        if found and (unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Mc", "Cf")):
            found[-1] += character
        else:
            found.append(character)
    return found


def _cut(text: str, room: float, size: float, bold: bool) -> str:
    kept = _clusters(text)
    while len(kept) > 1 and measure("".join(kept) + "…", size, bold) > room:
        kept.pop()
    return text if len(kept) == len(_clusters(text)) and measure(text, size, bold) <= room else "".join(kept) + "…"


def write(pen: ImageDraw.ImageDraw, label: Label, scale: float) -> None:
    runs = runs_of(label.text, label.bold)
    widths = [length(part, path, face, label.size * scale) for part, path, face in runs]
    x = label.x * scale - sum(widths) / 2
    if label.direction == "rtl":
        runs, widths = runs[::-1], widths[::-1]
    for (part, path, face), width in zip(runs, widths, strict=True):
        pen.text(
            (x, label.baseline * scale),
            part,
            fill=label.colour,
            font=font_at(path, face, label.size * scale),
            anchor="ls",
            # The face of Pillow itself is set letter after letter.
            direction=label.direction if _SHAPES and path else None,
        )
        x += width


def measure(text: str, size: float, bold: bool) -> float:
    # Measured large and scaled: widths at small sizes are rounded to whole pixels.
    return sum(length(part, path, face, 96) for part, path, face in runs_of(text, bold)) * size / 96


@lru_cache(4096)
def length(text: str, path: str, face: int, size: float) -> float:
    return float(font_at(path, face, size).getlength(text))


# Without Raqm, Pillow sets letter after letter: Latin is right, joined scripts are not.
_SHAPES = bool(features.check("raqm"))
_FAMILIES = {
    "ARABIC": "Noto Naskh Arabic",
    "HEBREW": "Noto Serif Hebrew",
    "DEVANAGARI": "Noto Serif Devanagari",
    "CJK": "Noto Serif CJK SC",
    "HIRAGANA": "Noto Serif CJK JP",
    "KATAKANA": "Noto Serif CJK JP",
    "HANGUL": "Noto Serif CJK KR",
}


@lru_cache(1024)
def runs_of(text: str, bold: bool) -> tuple[tuple[str, str, int], ...]:
    """The text in pieces of one script, each with the font file that draws it; Pillow itself falls back to none."""
    pieces: list[tuple[str, str]] = []
    for character in text:
        script = unicodedata.name(character, "").split(" ")[0] if character.isalpha() else ""
        family = _FAMILIES.get(script, "Noto Serif")
        neutral = not script or unicodedata.combining(character)
        if pieces and (neutral or pieces[-1][1] == family):
            pieces[-1] = (pieces[-1][0] + character, pieces[-1][1])
        else:
            pieces.append((character, family))
    runs = []
    for piece, family in pieces:
        path, face = fonts.font_file("".join(sorted(set(piece))), family, bold=bold) or ("", 0)
        runs.append((piece, path, face))
    return tuple(runs)


@lru_cache(64)
def font_at(path: str, face: int, size: float) -> ImageFont.FreeTypeFont:
    if path:
        return ImageFont.truetype(path, size, index=face)
    # No fontconfig, no Noto: the face that comes with Pillow.
    return cast(ImageFont.FreeTypeFont, ImageFont.load_default(size))


def is_rtl(text: str) -> bool:
    """Whether the text begins with a letter that runs to the left."""
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return False
            case "R" | "AL":
                return True
    return False
