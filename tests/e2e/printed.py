"""Reads the code out of a printed page as a camera would: by its three finder patterns, not by what we drew."""

import io
import shutil
import subprocess
from itertools import groupby
from statistics import median

from PIL import Image

Point = tuple[float, float]


def photograph(pdf: bytes, *, resolution: int = 200) -> Image.Image:
    """The first page as black and white pixels, printed by poppler."""
    command = ["pdftoppm", "-r", str(resolution), "-f", "1", "-l", "1", "-gray", "-png", "-"]
    told = subprocess.run(command, input=pdf, stdout=subprocess.PIPE, check=True)
    return Image.open(io.BytesIO(told.stdout)).convert("L").point(lambda grey: 0 if grey < 128 else 255)


def has_printer() -> bool:
    return shutil.which("pdftoppm") is not None


def modules(picture: Image.Image) -> list[list[int]]:
    """The dark (1) and light (0) modules of the one code in the picture, row by row."""
    corners, module = _finders(picture)
    left, top = min(x for x, _y in corners), min(y for _x, y in corners)
    right = max(x for x, _y in corners)
    # Finder centres stand 3.5 modules inside each edge, and every side is 17 and four for each version.
    side = 17 + 4 * round(((right - left) / module + 7 - 17) / 4)
    module = (right - left) / (side - 7)
    return [
        [
            int(not picture.getpixel((int(left + (column - 3) * module), int(top + (row - 3) * module))))
            for column in range(side)
        ]
        for row in range(side)
    ]


def _finders(picture: Image.Image) -> tuple[list[Point], float]:
    """The centres of the finder patterns, which alone read 1:1:3:1:1 along rows and columns, and a module's size."""
    down = picture.transpose(Image.Transpose.TRANSPOSE)
    across = _candidates(picture)
    upright = {(round(y), round(x)) for x, y, _size in _candidates(down)}
    sizes, places = [], []
    for x, y, size in across:
        if any(abs(x - other_x) <= size and abs(y - other_y) <= size for other_x, other_y in upright):
            sizes.append(size)
            places.append((x, y))
    groups: list[list[Point]] = []
    for place in places:
        near = next((one for one in groups if abs(one[0][0] - place[0]) + abs(one[0][1] - place[1]) < 40), None)
        if near is None:
            groups.append([place])
        else:
            near.append(place)
    centres = [
        (sum(x for x, _y in one) / len(one), sum(y for _x, y in one) / len(one))
        for one in sorted(groups, key=len, reverse=True)[:3]
    ]
    return centres, median(sizes)


def _candidates(picture: Image.Image) -> list[tuple[float, float, float]]:
    found = []
    width, height = picture.size
    pixels = picture.tobytes()
    for y in range(height):
        runs = [(value, len(list(run))) for value, run in groupby(pixels[y * width : (y + 1) * width])]
        start = 0
        for index, (value, length) in enumerate(runs):
            five = runs[index : index + 5]
            if value == 0 and len(five) == 5:
                total = sum(length for _value, length in five)
                size = total / 7
                if size >= 2 and all(
                    abs(length - wanted * size) <= size * 0.6
                    for (_value, length), wanted in zip(five, (1, 1, 3, 1, 1), strict=True)
                ):
                    found.append((start + total / 2, y + 0.5, size))
            start += length
    return found
