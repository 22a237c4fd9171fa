"""Pictures on badges that come from outside: made anew in a child process, and judged by what can be seen of them."""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from PIL import Image

from credentials.rendering import pictures
from credentials.rendering.design import LEAST_CONTRAST, contrast_of, luminance, luminance_of
from portal.shared.refusals import Refusal

#: For each use how large a picture is kept, and how large its longer side has to be if it is no drawing.
USES = {"logo": (510, 192, 48), "artwork": (600, 600, 256)}
TAKEN = "image/png,image/jpeg,image/webp,image/svg+xml"
# Of what is seen of a picture, the part that has to stand out.
_CLEAREST = 0.05
_WHOLE = 0.97


class PictureRefused(Refusal):
    """Not a picture that can stand on a badge."""

    words = _("{name}: {why}")
    status: ClassVar[int] = 422


_WHY = {
    **pictures.WHY,
    "kind": _("this is not a PNG, JPEG, WebP or SVG picture. Save it as one of these."),
    "small": _("this picture is too small to be drawn well. Hand in a larger one, or a drawing (SVG)."),
    "drawing-large": _("this drawing is larger than 1 MB. Simplify its paths."),
    "drawing-detail": _("this drawing has too many parts, or too many groups within groups. Simplify it."),
    "drawing-broken": _("this drawing could not be read: it is not well-formed SVG in UTF-8."),
    "drawing-entities": _("this drawing declares entities or a document type of its own. Save it as plain SVG."),
    "drawing-size": _("this drawing says neither a view box nor a size that can be used."),
    "drawing-empty": _("there is nothing to be seen in this drawing."),
    "drawing-text": _("this drawing has text, which others may see in another font. Turn its text into paths."),
    "drawing-image": _("this drawing has a picture inside it. Hand that in as PNG, or draw it as paths."),
    "drawing-use": _("this drawing has linked copies. Unlink them, or save it as plain SVG."),
    "drawing-style": _("this drawing has a style sheet. Save it with presentation attributes instead."),
    "drawing-element": _("this drawing has “{what}”, which no badge may have. Remove it."),
    "drawing-attribute": _("this drawing uses “{what}”, which not everybody’s program draws. Flatten it first."),
    "drawing-value": _("this drawing has a value of “{what}” that cannot be read. Save it as plain SVG."),
}


@dataclass(frozen=True)
class Artwork:
    """A picture as it was made anew: PNG or JPEG, and the drawing that it was made from, if it is one."""

    sha256: str
    media_type: str
    width: int
    height: int
    content: bytes = field(repr=False)
    drawing: str = field(default="", repr=False)

    def opened(self) -> Image.Image:
        return Image.open(BytesIO(self.content)).convert("RGBA")


@dataclass(frozen=True)
class Placed:
    """A picture and the rectangle that it fills; it has the proportions of the picture."""

    picture: Artwork
    x: float
    y: float
    width: float
    height: float

    def svg(self) -> str:
        place = f'x="{self.x:.1f}" y="{self.y:.1f}" width="{self.width:.1f}" height="{self.height:.1f}"'
        if self.picture.drawing:
            return self.picture.drawing.replace("<svg", f"<svg {place}", 1)
        inside = b64encode(self.picture.content).decode()
        return f'<image {place} href="data:{self.picture.media_type};base64,{inside}"/>'


@dataclass(frozen=True)
class MadeAnew:
    """What a child process made of a file."""

    content: bytes
    media_type: str
    width: int
    height: int
    drawing: str


def made_anew(content: bytes, *, use: str, name: str) -> MadeAnew:
    """The picture for its use: logo or artwork. Raises PictureRefused."""
    width, height, least = USES[use]
    try:
        said, made = pictures.in_a_child(
            "credentials.rendering.artwork_child",
            json.dumps({"width": width, "height": height, "least": least}),
            content,
        )
    except pictures.NotMade as failure:
        raise PictureRefused(name=name, why=_WHY[str(failure)]) from failure
    if why := said.get("refused"):
        raise PictureRefused(name=name, why=str(_WHY[why]).format(what=said.get("what", "")))
    return MadeAnew(made, said["media_type"], said["width"], said["height"], said["drawing"])


# --- what can be seen ---------------------------------------------------------------------------------------------


def stands_out(picture: Artwork, ground: str) -> float:
    """The contrast with the ground that the clearest part of what is seen of the picture has (WCAG 2.2)."""
    seen, _share = _seen(picture)
    if not seen:
        return 1.0
    light = luminance_of(ground)
    found = sorted((contrast_of(each, light) for each in seen), reverse=True)
    return found[int(len(found) * _CLEAREST)]


def ground_for(picture: Artwork, grounds: tuple[str, str]) -> tuple[str, float]:
    """The first of two grounds that lets the picture be read, else the better, and how well it stands out from it.

    Of a picture that brings its own ground: how well that can be read.
    """
    seen, share = _seen(picture)
    if seen and share >= _WHOLE:
        spare = int(len(seen) * _CLEAREST)
        return grounds[0], contrast_of(seen[spare], seen[-1 - spare])
    found = [(ground, stands_out(picture, ground)) for ground in grounds]
    return next((each for each in found if each[1] >= LEAST_CONTRAST), max(found, key=lambda each: each[1]))


@lru_cache(32)
def _seen(picture: Artwork) -> tuple[tuple[float, ...], float]:
    """The luminances of what is seen of it, in order, and how much of the whole that is."""
    small = picture.opened()
    small.thumbnail((64, 64))
    pixels = small.tobytes()
    lights = sorted(
        luminance((red, green, blue))
        for red, green, blue, alpha in zip(*(pixels[channel::4] for channel in range(4)), strict=True)
        if alpha >= 128
    )
    return tuple(lights), len(lights) / (small.width * small.height)
