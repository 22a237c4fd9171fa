"""Designs of certificates for tests, with pictures of their own."""

import io

from PIL import Image

from credentials.rendering.design import BLOCKS, BUILT_IN, Design, Palette, Picture, Signer


def picture(name: str, *, size: tuple[int, int] = (60, 20), alternative: str = "", colour: str = "#14407A") -> Picture:
    drawn = io.BytesIO()
    Image.new("RGBA", size, colour).save(drawn, "PNG")
    return Picture(name, "image/png", drawn.getvalue(), *size, alternative)


ACROSS = Design(
    landscape=True,
    blocks=frozenset(BLOCKS),
    logo=picture("logo.png", alternative="Arms of the college"),
    seal=picture("seal.png", size=(40, 40), alternative="Seal of the college"),
    signers=(
        Signer("Ada Okafor", "Dean", picture("hand.png", size=(80, 20))),
        Signer("Rhea Lindqvist", "Registrar"),
    ),
)
PLAIN = Design(
    paper="Letter",
    frame="lines",
    palette=Palette(paper="#FFFFFF", ink="#111111", accent="#7A1022", line="#999999"),
    blocks=BUILT_IN.blocks - {"code", "emblem", "outcomes"},
    before_name="The {issuer} declares that",
    after_name="on {awarded_on} was awarded the",
    closing="With {credits} at {level}.",
    note="Kept in the register of the {parent_issuer}.",
)
