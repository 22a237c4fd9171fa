"""Reads the code on a printed page as a camera would, and not by what we drew."""

import io
import shutil
import subprocess

import zxingcpp
from PIL import Image


def has_printer() -> bool:
    return shutil.which("pdftoppm") is not None


def read_code(pdf: bytes, *, resolution: int = 200) -> str:
    """What the one code on the first page says, printed by poppler in black and white."""
    command = ["pdftoppm", "-r", str(resolution), "-f", "1", "-l", "1", "-gray", "-png", "-"]
    told = subprocess.run(command, input=pdf, stdout=subprocess.PIPE, check=True)
    picture = Image.open(io.BytesIO(told.stdout)).convert("L").point(lambda grey: 0 if grey < 128 else 255)
    [code] = zxingcpp.read_barcodes(picture)
    return str(code.text)
