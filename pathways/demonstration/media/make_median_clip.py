"""Draws the short silent film of the statistics course, and its captions; run by hand, where ffmpeg is installed.

The result, `median.webm` and `median.vtt`, is kept beside it, so that nobody needs ffmpeg to load the college.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
SIZE = (960, 540)
PAPER, INK, TEAL, BRASS, GREY = "#FAF8F3", "#17232B", "#0A5C60", "#B07A12", "#9AA3A8"
FONTS = Path("/usr/share/fonts/truetype/dejavu")
BEFORE = (3, 4, 4, 5, 6, 6, 7, 9, 11)
AFTER = (3, 4, 4, 5, 6, 6, 7, 9, 55)

# Seconds on screen, the waiting times shown, what is marked, and what is said.
SCENES: tuple[tuple[int, tuple[int, ...], frozenset[str], str], ...] = (
    (6, BEFORE, frozenset(), "Nine people wait at a counter. Each dot is one of them."),
    (7, BEFORE, frozenset({"mean"}), "Their mean is a little over 6 minutes."),
    (7, BEFORE, frozenset({"mean", "median"}), "The median, the middle person, is 6. They agree."),
    (6, AFTER, frozenset(), "Now the last person is forgotten, and waits 55 minutes."),
    (8, AFTER, frozenset({"mean"}), "The mean jumps to 11 minutes: longer than eight of the nine people waited."),
    (7, AFTER, frozenset({"mean", "median"}), "The median is still 6: the middle person is the same."),
    (7, AFTER, frozenset({"median"}), "With a few values far out, report the median, and mention them separately."),
)


def main() -> None:
    captions = ["WEBVTT", ""]
    start = 0
    with tempfile.TemporaryDirectory() as folder:
        listing = []
        for number, (seconds, values, marks, words) in enumerate(SCENES):
            _slide(values, marks).save(f"{folder}/{number}.png")
            listing += [f"file '{folder}/{number}.png'", f"duration {seconds}"]
            captions += [f"{_clock(start)} --> {_clock(start + seconds)}", words, ""]
            start += seconds
        listing.append(f"file '{folder}/{len(SCENES) - 1}.png'")
        Path(folder, "slides.txt").write_text("\n".join(listing))
        # Still pictures: ten a second are enough to seek well, and the file stays small.
        encode = ["-vf", "fps=10,format=yuv420p", "-c:v", "libvpx-vp9", "-crf", "34", "-b:v", "0", "-an"]
        ffmpeg = shutil.which("ffmpeg") or "ffmpeg"
        slides = ["-f", "concat", "-safe", "0", "-i", f"{folder}/slides.txt"]
        subprocess.run([ffmpeg, "-y", *slides, *encode, str(HERE / "median.webm")], check=True)  # noqa: S603
    (HERE / "median.vtt").write_text("\n".join(captions))


def _clock(seconds: int) -> str:
    return f"00:{seconds // 60:02}:{seconds % 60:02}.000"


def _slide(values: tuple[int, ...], marks: frozenset[str]) -> Image.Image:
    picture = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(picture)
    large = ImageFont.truetype(str(FONTS / "DejaVuSerif-Bold.ttf"), 34)
    small = ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), 20)
    draw.text((60, 44), "Why the median stays calm", font=large, fill=INK)
    draw.line((60, 360, 900, 360), fill=INK, width=2)
    for minute in range(0, 60, 10):
        draw.line((_x(minute), 360, _x(minute), 368), fill=INK, width=2)
        draw.text((_x(minute), 374), str(minute), font=small, fill=INK, anchor="ma")
    draw.text((900, 400), "minutes of waiting", font=small, fill=INK, anchor="ra")
    for place, value in enumerate(values):
        above = values[:place].count(value)
        is_far = place == len(values) - 1
        _dot(draw, _x(value), 344 - 30 * above, BRASS if is_far else GREY)
    if "mean" in marks:
        _mark(draw, sum(values) / len(values), 190, f"mean {sum(values) / len(values):.3g}", BRASS)
    if "median" in marks:
        _mark(draw, sorted(values)[len(values) // 2], 140, f"median {sorted(values)[len(values) // 2]}", TEAL)
    # The lowest fifth stays empty: the captions are shown there, and the player's buttons.
    return picture


def _x(minute: float) -> float:
    return 80 + 14 * minute


def _dot(draw: ImageDraw.ImageDraw, x: float, y: float, colour: str) -> None:
    draw.ellipse((x - 11, y - 11, x + 11, y + 11), fill=colour, outline=INK, width=2)


def _mark(draw: ImageDraw.ImageDraw, value: float, y: int, words: str, hue: str) -> None:
    font = ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), 20)
    draw.line((_x(value), y + 28, _x(value), 360), fill=hue, width=4)
    draw.text((_x(value) + 8, y), words, font=font, fill=hue)


if __name__ == "__main__":
    main()
