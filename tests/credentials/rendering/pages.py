"""What others see of a certificate: its pixels, its tags, its words."""

import io
import shutil
import subprocess
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageChops

DPI = 100


def pixels(pdf: bytes) -> Image.Image:
    """The first page as poppler draws it."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("needs pdftoppm (poppler-utils): a reader that is not ours")
    drawn = subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-singlefile", "-"], input=pdf, stdout=subprocess.PIPE, check=True
    )
    return Image.open(io.BytesIO(drawn.stdout)).convert("RGB")


def parts_per_million_apart(one: Image.Image, other: Image.Image) -> float:
    assert one.size == other.size
    # The furthest apart of the three colours of each pixel.
    red, green, blue = ImageChops.difference(one, other).split()
    furthest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    same = furthest.histogram()[0]
    every = one.size[0] * one.size[1]
    return (every - same) * 1e6 / every


def words(pdf: bytes) -> str:
    """The text as poppler takes it out, without the marks of direction, which are its own."""
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils): a reader that is not ours")
    told = subprocess.run(["pdftotext", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True)
    return "".join(c for c in told.stdout.decode() if c not in "\u202a\u202b\u202c\u200e\u200f")


def tags(pdf: bytes) -> Any:
    """The tree that is read aloud: kinds, words for pictures, and the marks of the content that each holds."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return _tag(document.Root.StructTreeRoot)


def _tag(element: Any) -> Any:
    if isinstance(element, int):
        return element
    if isinstance(element, pikepdf.Array):
        return [_tag(child) for child in element]
    if element.get("/Type") in ("/MCR", "/OBJR"):
        return str(element.Type), element.get("/MCID")
    children = element.get("/K", [])
    alternative = str(element.Alt) if "/Alt" in element else None
    return str(element.get("/S", "root")), alternative, _tag(children)
