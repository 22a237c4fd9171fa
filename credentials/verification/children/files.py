"""Opens foreign files: what a PDF carries and what its pages say, and the code in a photograph."""

import base64
import io
import re
import warnings
from typing import Any

import pikepdf
import pypdfium2
import zxingcpp
from PIL import Image

Json = dict[str, Any]

MAX_ATTACHMENTS = 16
MAX_ATTACHMENT_BYTES = 256 * 1024
MAX_PAGES = 20
MAX_PAGES_LOOKED_AT = 2
MAX_PAGE_CHARACTERS = 100_000
# A page at 300 dots an inch, or what a telephone takes.
MAX_PIXELS = 16_000_000
# A photograph of more points is unfolded at a half, a quarter or an eighth of its size.
MAX_PIXELS_TAKEN = 64_000_000
_LONGEST_SIDE, _SHORTEST_SIDE = 2_400, 1_500
_SQUARE = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

# Both are decided by whoever made the file; Pillow shall refuse, not warn.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS_TAKEN
warnings.simplefilter("error", Image.DecompressionBombWarning)


def pdf(question: Json) -> Json:
    """The texts of the JSON files and tokens that a PDF carries, what its pages say, and whether anybody signed it."""
    content = base64.b64decode(question["content"])
    try:
        with pikepdf.open(io.BytesIO(content)) as opened:
            if len(opened.attachments) > MAX_ATTACHMENTS or len(opened.pages) > MAX_PAGES:
                return {"outcome": "too-large"}
            found = {}
            for name, specification in opened.attachments.items():
                attached = specification.get_file().read_bytes()
                if len(attached) <= MAX_ATTACHMENT_BYTES and attached.lstrip()[:1] in (b"{", b"e"):
                    # A document attached under two names is one document.
                    found[attached] = name
            signed = b"/ByteRange" in content or _has_signature(opened)
    except pikepdf.PasswordError:
        return {"outcome": "locked"}
    pages, seen = _read_pages(content, looking=not found)
    return {
        "outcome": "read",
        "found": [base64.b64encode(text).decode("ascii") for text in found],
        "signed": signed,
        "pages": pages,
        "codes": seen,
    }


def _has_signature(opened: pikepdf.Pdf) -> bool:
    form = opened.Root.get("/AcroForm")
    fields: Any = form.get("/Fields", []) if isinstance(form, pikepdf.Dictionary) else []
    return any(
        field.get("/FT") == "/Sig" and "/V" in field for field in fields if isinstance(field, pikepdf.Dictionary)
    )


def _read_pages(content: bytes, *, looking: bool) -> tuple[list[str] | None, list[str]]:
    """What each page says, None where that cannot be told; and the square codes on them, if asked to look for such."""
    codes_seen: list[str] = []
    try:
        opened = pypdfium2.PdfDocument(content)
        try:
            texts = [page.get_textpage().get_text_bounded()[:MAX_PAGE_CHARACTERS] for page in opened]
            for page in list(opened)[: MAX_PAGES_LOOKED_AT if looking else 0]:
                scale = min(3.0, _LONGEST_SIDE / max(page.get_width(), page.get_height(), 1))
                codes_seen += _codes_in(page.render(scale=scale, grayscale=True).to_pil())
        finally:
            opened.close()
    except pypdfium2.PdfiumError:
        return None, []
    # Half a surrogate cannot be written into the answer.
    return [re.sub("[\ud800-\udfff]", "", text) for text in texts], list(dict.fromkeys(codes_seen))


def text(question: Json) -> Json:
    """What the pages of a PDF of ours say."""
    return {"outcome": "read", "pages": _read_pages(base64.b64decode(question["content"]), looking=False)[0]}


def codes(question: Json) -> Json:
    """What the square codes in a photograph say."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(question["content"])), formats=("PNG", "JPEG", "WEBP")) as opened:
            # A photograph can be opened smaller than it is, in a fraction of the time and memory; nothing else can.
            side = _LONGEST_SIDE if opened.width * opened.height <= MAX_PIXELS else _SHORTEST_SIDE
            opened.draft("L", (side, side))
            if opened.width * opened.height > MAX_PIXELS:
                return {"outcome": "too-large"}
            opened.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            picture = opened.convert("LA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"outcome": "too-large"}
    # What lies behind transparent parts is white, as on paper.
    paper = Image.new("L", picture.size, "white")
    paper.paste(picture.getchannel("L"), mask=picture.getchannel("A"))
    return {"outcome": "read", "found": _codes_in(paper)}


def _codes_in(picture: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(picture, formats=_SQUARE, text_mode=zxingcpp.TextMode.Plain)
    return list(dict.fromkeys(code.text for code in found if code.valid))[:4]


ACTS = {"pdf": pdf, "text": text, "codes": codes}
