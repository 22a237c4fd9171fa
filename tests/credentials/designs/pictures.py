"""Pictures of badges as rows, as if they had been handed in and made anew."""

import hashlib
import io

from PIL import Image, ImageDraw

from credentials.models import BadgePicture, Issuer
from tests.cast import make_rhea
from tests.factories import NOON


def keep_picture(issuer: Issuer, *, use: str, colour: str = "#2E86AB", solid: bool = False) -> BadgePicture:
    """A disc of one colour, or a whole rectangle of it, twice as wide as high."""
    picture, made = Image.new("RGBA", (300, 150), colour if solid else (0, 0, 0, 0)), io.BytesIO()
    ImageDraw.Draw(picture).ellipse((20, 10, 280, 140), fill=colour)
    picture.save(made, "PNG")
    return BadgePicture.objects.create(
        issuer=issuer,
        use=use,
        sha256=hashlib.sha256(made.getvalue()).hexdigest(),
        media_type="image/png",
        content=made.getvalue(),
        width=300,
        height=150,
        added_by=make_rhea(),
        added_at=NOON,
    )
