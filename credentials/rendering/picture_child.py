"""The process that makes a picture anew: bytes in, a line of JSON and bytes out, under limits that it sets itself.

Run by `pictures` as `python -m credentials.rendering.picture_child`, once for each picture. It knows no Django.
"""

import io
import json
import resource
import sys
import warnings
from typing import Any

from PIL import Image, ImageOps

MEMORY = 512 << 20
CPU_SECONDS = 8
# Reliability T4.
MAX_SIDE, MAX_PIXELS = 4096, 8_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
# It stands in the certificate of every learner.
LARGEST = 600_000
# Text keeps away from the edges of a sheet, where frames are.
_INNER = 0.1


def main() -> None:
    limit()
    head = json.loads(sys.stdin.buffer.readline())
    try:
        said, content = made_anew(sys.stdin.buffer.read(), (head["width"], head["height"]), flat=head["flat"])
    except Refused as refused:
        said, content = {"refused": str(refused)}, b""
    except (Exception, MemoryError):  # decoders raise whatever they raise
        said, content = {"refused": "broken"}, b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + content)


def limit() -> None:
    """Let this process use no more than a picture needs, for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # macOS knows this limit and does not keep it; the parent's clock still holds there.
    for what, amount in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS)):
        resource.setrlimit(what, (amount, amount))
    warnings.simplefilter("error", Image.DecompressionBombWarning)


class Refused(Exception):
    """Why it is not taken, in one word: kind, size, frames, detail."""


def made_anew(content: bytes, room: tuple[int, int], *, flat: bool) -> tuple[dict[str, Any], bytes]:
    """The picture with nothing of the old file in it, no larger than `room`; `flat` pictures let nothing through."""
    try:
        opened = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("size") from None
    except Image.UnidentifiedImageError:
        raise Refused("kind") from None
    # Size and frames are known from the header, before any pixel is unpacked.
    with opened:
        if max(opened.size) > MAX_SIDE or opened.width * opened.height > MAX_PIXELS:
            raise Refused("size")
        if getattr(opened, "n_frames", 1) != 1:
            raise Refused("frames")
        picture = ImageOps.exif_transpose(opened).convert("RGBA")
    picture.thumbnail(room)
    on_white = Image.new("RGB", picture.size, "white")
    on_white.paste(picture, mask=picture.getchannel("A"))
    solid = flat or picture.getchannel("A").getextrema() == (255, 255)
    written, media_type = _written(on_white if solid else picture, solid=solid)
    darkest, lightest = luminances(on_white)
    said = {
        "media_type": media_type,
        "width": picture.width,
        "height": picture.height,
        "darkest": darkest,
        "lightest": lightest,
    }
    return said, written


def _written(picture: Image.Image, *, solid: bool) -> tuple[bytes, str]:
    target = io.BytesIO()
    picture.save(target, "PNG", optimize=True)
    if target.tell() <= LARGEST:
        return target.getvalue(), "image/png"
    if solid:
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=88, optimize=True)
        if target.tell() <= LARGEST:
            return target.getvalue(), "image/jpeg"
    raise Refused("detail")


def luminances(picture: Image.Image) -> tuple[float, float]:
    """How dark and how light its inner part is (WCAG 2.2), without the outermost hundredth on either side."""
    across, down = picture.width * _INNER, picture.height * _INNER
    inner = picture.crop((round(across), round(down), round(picture.width - across), round(picture.height - down)))
    inner.thumbnail((160, 160))
    # One channel after the other, straightened by a table of a thousandth's fineness.
    table = [round(1000 * (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4)) for v in _STEPS]
    red, green, blue = (channel.tobytes() for channel in inner.split())
    found = sorted(
        0.2126 * table[r] + 0.7152 * table[g] + 0.0722 * table[b] for r, g, b in zip(red, green, blue, strict=True)
    )
    spare = len(found) // 100
    return round(found[spare] / 1000, 4), round(found[-1 - spare] / 1000, 4)


_STEPS = [step / 255 for step in range(256)]


if __name__ == "__main__":
    main()
