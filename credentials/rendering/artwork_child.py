"""The process that makes a badge's picture anew: PNG, JPEG, WebP or SVG in, a line of JSON and a picture out.

Run by `badge.artwork` as `python -m credentials.rendering.artwork_child`, once for each picture, under the limits of
`picture_child`. It knows no Django.
"""

import json
import sys
from typing import Any

import resvg_py

from credentials.rendering import drawings, picture_child


def main() -> None:
    picture_child.limit()
    head = json.loads(sys.stdin.buffer.readline())
    try:
        said, content = made_anew(sys.stdin.buffer.read(), (head["width"], head["height"]), head["least"])
    except picture_child.Refused as refused:
        said, content = {"refused": str(refused)}, b""
    except drawings.Refused as refused:
        said, content = {"refused": f"drawing-{refused.why}", "what": refused.what}, b""
    except (Exception, MemoryError):  # decoders raise whatever they raise
        said, content = {"refused": "broken"}, b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + content)


def made_anew(content: bytes, room: tuple[int, int], least: int) -> tuple[dict[str, Any], bytes]:
    """The picture with nothing of the old file in it, no larger than `room`, and its drawing, if it is one."""
    if _is_drawing(content):
        drawing = drawings.made_anew(content)
        scale = min(room[0] / drawing.width, room[1] / drawing.height)
        size = [max(1, round(side * scale)) for side in (drawing.width, drawing.height)]
        text = drawing.text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        picture = bytes(resvg_py.svg_to_bytes(svg_string=text, width=size[0], height=size[1], skip_system_fonts=True))
        # Written again by Pillow, as every other.
        said, made = picture_child.made_anew(picture, room, flat=False)
        return {**said, "drawing": drawing.text}, made
    said, made = picture_child.made_anew(content, room, flat=False)
    if max(said["width"], said["height"]) < least:
        raise picture_child.Refused("small")
    return {**said, "drawing": ""}, made


def _is_drawing(content: bytes) -> bool:
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and not head[:15].lower().startswith((b"<!doctype html", b"<html"))


if __name__ == "__main__":
    main()
