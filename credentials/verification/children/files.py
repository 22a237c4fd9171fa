"""Opens foreign files: what a PDF carries and what its pages say, and the code in a photograph."""

import base64
import io
import itertools
import re
import unicodedata
import warnings
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2
import zxingcpp
from PIL import Image, ImageChops

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
# Pages are drawn to be compared at 90 dots an inch, and at 130 to be read; by how much grey a spot must differ.
_DOTS_TO_COMPARE, _DOTS_TO_SEE = 1.25, 1.8
_DIFFERENCE, _INK = 48, 40
_SQUARE = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

# Both are decided by whoever made the file; Pillow shall refuse, not warn.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS_TAKEN
warnings.simplefilter("error", Image.DecompressionBombWarning)


def pdf(question: Json) -> Json:
    """The texts of the JSON files and tokens that a PDF carries, what its pages say, and whether anybody signed it."""
    content = base64.b64decode(question["content"])
    try:
        with pikepdf.open(io.BytesIO(content)) as opened:
            files = list(itertools.islice(_attached(opened), MAX_ATTACHMENTS + 1))
            if len(files) > MAX_ATTACHMENTS or len(opened.pages) > MAX_PAGES:
                return {"outcome": "too-large"}
            found = {}
            for file in files:
                attached = file.read_bytes()
                if attached.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"ey")):
                    # A document attached under two names is one document. Of one that is too long so much is kept that
                    # it is seen to be so, and that there are two.
                    found[attached[: MAX_ATTACHMENT_BYTES + 1]] = True
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


def _attached(opened: pikepdf.Pdf) -> Iterator[pikepdf.Stream]:
    """Every file that some program would find: several may have one name, and one may have two forms."""
    root = opened.Root
    names = root.get("/Names")
    waiting: list[Any] = [names.get("/EmbeddedFiles")] if isinstance(names, pikepdf.Dictionary) else []
    specifications, seen = _listed(root.get("/AF")), set()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary) or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        specifications += _listed(node.get("/Names"))[1::2]
        waiting += _listed(node.get("/Kids"))
    given = set()
    for specification in specifications:
        forms = specification.get("/EF") if isinstance(specification, pikepdf.Dictionary) else None
        for form in forms.values() if isinstance(forms, pikepdf.Dictionary) else ():
            if isinstance(form, pikepdf.Stream) and form.objgen not in given:
                given.add(form.objgen)
                yield form


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


# --- what a reader of the pages sees ----------------------------------------------------------------------------------


def alike(question: Json) -> Json:
    """Whether two PDFs look alike, page by page, and whether the first may show something else than it shows here."""
    pictures = []
    for name in ("content", "other"):
        opened = pypdfium2.PdfDocument(base64.b64decode(question[name]))
        try:
            if len(opened) > MAX_PAGES:
                return {"outcome": "too-large"}
            pictures.append([_drawn(page, _DOTS_TO_COMPARE) for page in opened])
        finally:
            opened.close()
    same = len(pictures[0]) == len(pictures[1]) and all(map(_look_alike, *pictures))
    return {"outcome": "read", "same": same, "changing": _is_changing(base64.b64decode(question["content"]))}


def shown(question: Json) -> Json:
    """Which of the statements that stand on the pages can be seen there, of some that are all letters and digits."""
    content = base64.b64decode(question["content"])
    opened = pypdfium2.PdfDocument(content)
    seen: set[str] = set()
    try:
        for page in list(opened)[:MAX_PAGES]:
            seen |= _seen_on(page, [each for each in question["stated"] if each not in seen])
    finally:
        opened.close()
    return {"outcome": "read", "seen": sorted(seen), "changing": _is_changing(content)}


def _drawn(page: Any, dots: float) -> Image.Image:
    scale = min(dots, _LONGEST_SIDE / max(page.get_width(), page.get_height(), 1))
    picture: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
    return picture


def _look_alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether there is no spot as large as a letter where they differ; programs smooth edges in ways of their own."""
    if one.size != other.size:
        return False
    return not ImageChops.difference(one, other).reduce(8).point(lambda grey: grey >= _DIFFERENCE).getbbox()


def _seen_on(page: Any, stated: list[str]) -> set[str]:
    """The statements whose letters leave traces in the picture of a page: without the text, it is another there."""
    textpage = page.get_textpage()
    letters = [
        (letter, place)
        for place in range(min(textpage.count_chars(), MAX_PAGE_CHARACTERS))
        for letter in _at(textpage, place)
    ]
    plain = "".join(letter for letter, _place in letters)
    found = {
        each: [place for _letter, place in letters[plain.index(each) :][: len(each)]]
        for each in stated
        if each in plain
    }
    if not found:
        return set()
    boxes = {place: textpage.get_charbox(place) for places in found.values() for place in places}
    whole = _drawn(page, _DOTS_TO_SEE)
    for part in list(page.get_objects(max_depth=1)):
        if part.type in (pypdfium2.raw.FPDF_PAGEOBJ_TEXT, pypdfium2.raw.FPDF_PAGEOBJ_FORM):
            page.remove_obj(part)
    traces = ImageChops.difference(whole, _drawn(page, _DOTS_TO_SEE))
    scale = whole.width / page.get_width()
    visible = {place for place, box in boxes.items() if _has_ink(traces, page, box, scale)}
    return {each for each, places in found.items() if sum(place in visible for place in places) >= 0.8 * len(places)}


def _at(textpage: Any, place: int) -> str:
    letter = unicodedata.normalize("NFKC", textpage.get_text_range(place, 1)).casefold()
    return "".join(each for each in letter if each.isalnum())


def _has_ink(traces: Image.Image, page: Any, box: tuple[float, float, float, float], scale: float) -> bool:
    left, bottom, right, top = box
    height = page.get_height()
    place = (int(left * scale), int((height - top) * scale), int(right * scale) + 1, int((height - bottom) * scale) + 1)
    if (
        (top - bottom) * scale < 2
        or place[0] >= traces.width
        or place[1] >= traces.height
        or place[2] <= 0
        or place[3] <= 0
    ):
        return False
    return traces.crop(place).point(lambda grey: grey >= _INK).getbbox() is not None


def _is_changing(content: bytes) -> bool:
    """Whether what a PDF shows depends on the program that opens it: forms, programs, layers, notes."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        root = opened.Root
        form, names = root.get("/AcroForm"), root.get("/Names")
        layers = isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names
        if "/OCProperties" in root or "/AA" in root or layers or _acts(root.get("/OpenAction")):
            return True
        if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
            return True
        return any(_is_note(note) for page in opened.pages for note in _listed(page.get("/Annots")))


def _acts(action: Any) -> bool:
    return isinstance(action, pikepdf.Dictionary) and action.get("/S") not in ("/GoTo", "/URI")


def _is_note(note: Any) -> bool:
    """Whether something lies over the page: anything but a link, or the place of a signature that draws nothing."""
    if not isinstance(note, pikepdf.Dictionary) or note.get("/Subtype") == "/Link":
        return isinstance(note, pikepdf.Dictionary) and _acts(note.get("/A"))
    return not (note.get("/Subtype") == "/Widget" and note.get("/FT") == "/Sig")


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pikepdf.Array) else []


# --- photographs ------------------------------------------------------------------------------------------------------


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


ACTS = {"pdf": pdf, "text": text, "codes": codes, "alike": alike, "shown": shown}
