"""Makes the small files that learners of the demonstration college hand in: a chart, a page, a text."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import pikepdf
from PIL import Image, ImageDraw, ImageFont

PAPER, INK, TEAL, GREY = "#FFFFFF", "#17232B", "#0A5C60", "#7A858D"


def make(described: Mapping[str, Any]) -> BinaryIO:
    """The file that the description asks for, the same each time."""
    match described["kind"]:
        case "chart":
            return io.BytesIO(chart(described["title"], described["values"]))
        case "pdf":
            return io.BytesIO(page(described["title"], described["lines"]))
        case _:
            return io.BytesIO("\n".join([*described["lines"], ""]).encode())


def chart(title: str, values: Mapping[str, float]) -> bytes:
    """A PNG with one bar for each value, the first in colour."""
    width, bar, top = 640, 56, 90
    picture = Image.new("RGB", (width, top + len(values) * (bar + 24) + 20), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((30, 28), title, font=ImageFont.load_default(26), fill=INK)
    words = ImageFont.load_default(18)
    longest = max(values.values())
    for place, (name, value) in enumerate(values.items()):
        y = top + place * (bar + 24)
        end = 170 + 380 * value / longest
        draw.rectangle((170, y, end, y + bar), fill=GREY if place else TEAL)
        draw.text((30, y + bar / 2), name, font=words, fill=INK, anchor="lm")
        draw.text((end + 10, y + bar / 2), f"{value:g}", font=words, fill=INK, anchor="lm")
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def page(title: str, lines: Sequence[str]) -> bytes:
    """A PDF of one A4 page with a heading and some lines."""
    document = pikepdf.new()
    sheet = document.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    sheet.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(font)))
    drawn = [f"BT /F1 18 Tf 60 770 Td ({_escaped(title)}) Tj ET"]
    for place, line in enumerate(lines):
        drawn.append(f"BT /F1 11 Tf 60 {735 - 18 * place} Td ({_escaped(line)}) Tj ET")
    sheet.Contents = document.make_stream("\n".join(drawn).encode("latin-1"))
    target = io.BytesIO()
    # Without an identifier drawn by lot, so that a second load makes the same bytes.
    document.save(target, deterministic_id=True)
    return target.getvalue()


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
