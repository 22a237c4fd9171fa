"""Times baking: `python -m tests.benchmarks.baking` prints CPU milliseconds of each, beside Pillow (P10).

The naive way opens the badge's picture and saves it anew with the credential in a text chunk, as most software does.
Ours puts one chunk before the pixels. Both start from the same picture, which is drawn once for an achievement.
"""

import argparse
import io
import json
import os
import statistics
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from PIL import Image, PngImagePlugin  # noqa: E402

from credentials.rendering import badge  # noqa: E402
from credentials.standards import baking  # noqa: E402

ART = badge.BadgeArt(
    achievement_name="Data Analyst Diploma",
    issuer_name="Northfield College",
    seed="0b9e",
    level="EQF level 6",
    kind="Diploma",
    stones=((60, "earned"), (30, "earned"), (20, "earned")),
)


def naive(picture: bytes, text: str) -> bytes:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("openbadgecredential", text)
    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(out, "PNG", pnginfo=chunks)
    return out.getvalue()


def milliseconds(work: Callable[[bytes, str], bytes], picture: bytes, texts: list[str]) -> list[float]:
    found = []
    for text in texts:
        started = time.process_time_ns()
        work(picture, text)
        found.append((time.process_time_ns() - started) / 1e6)
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--count", type=int, default=2000, help="credentials to bake")
    asked.add_argument("--naive", type=int, default=20, help="credentials to bake by Pillow")
    given = asked.parse_args()
    picture = badge.draw_png(ART)
    texts = [json.dumps({"id": f"urn:uuid:{place:032x}", "proof": "z" * 4000}) for place in range(given.count)]
    naive(picture, texts[0])
    theirs = milliseconds(naive, picture, texts[: given.naive])
    ours = milliseconds(baking.bake_png, picture, texts)
    for name, found in (("Pillow", theirs), ("ours", ours)):
        print(f"{name:8} median {statistics.median(found):.4f} ms, {min(found):.4f} to {max(found):.4f}, {len(found)}")
    print(f"ratio of medians {statistics.median(theirs) / statistics.median(ours):.0f}, needed 1000")
    pixels = Image.open(io.BytesIO(picture)).tobytes()
    for text in texts[:: max(1, given.count // 20)]:
        baked = baking.bake_png(picture, text)
        if baking.unbake_png(baked).text != text or Image.open(io.BytesIO(baked)).tobytes() != pixels:
            raise SystemExit("A baked picture lost its credential or its pixels.")
    print(f"{len(picture)} bytes of picture; credentials and pixels are whole")


if __name__ == "__main__":
    main()
