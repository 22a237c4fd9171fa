"""Takes files from learners: judged by content, bounded, pictures made anew, kept under the hash of what they hold."""

import hashlib
import io
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO, ClassVar

import filetype
import pikepdf
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFile, ImageOps

from portal.shared.refusals import Refusal

MAX_BYTES = 5 * 1024 * 1024
MAX_SIDE = 4096
MAX_PIXELS = 8_000_000
IMAGE_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
ENDINGS = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".txt": "text/plain",
}
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
ACCEPT = ",".join(ENDINGS)


class FileTooLarge(Refusal):
    """More bytes than we keep."""

    words: ClassVar = _("{name} is larger than 5 MB. Make it smaller, or hand it in as several files.")
    status: ClassVar = 413


class FileKindRefused(Refusal):
    """Not one of the kinds we keep."""

    words: ClassVar = _(
        "{name} is not a PDF, PNG, JPEG, WebP or plain text file. Save it as one of these and try again."
    )
    status: ClassVar = 415


class EndingContradicts(Refusal):
    """Named as one kind, and holding another: most likely a file that broke on its way."""

    words: ClassVar = _(
        "{name} does not hold what its ending says: it is damaged, or misnamed. Open it to see what it is, "
        "save it again as a PDF, PNG, JPEG, WebP or plain text file with the ending that belongs to it, and try again."
    )
    status: ClassVar = 415


class FileUnreadable(Refusal):
    """Named as a kind we keep, but damaged or hostile."""

    words: ClassVar = _(
        "{name} could not be read; it may be damaged, locked or too large a picture. Save it again and retry."
    )
    status: ClassVar = 422


@dataclass(frozen=True)
class StoredFile:
    """Where the content lies, below MEDIA_ROOT, and what it is."""

    path: str
    sha256: str
    size: int
    media_type: str


def store(stream: BinaryIO, *, name: str) -> StoredFile:
    """Judge, clean and keep a file. Too large, or refused by `clean`, nothing is kept."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise FileTooLarge(name=name)
    content, media_type = clean(content, name=name)
    return keep(content, media_type=media_type)


def clean(content: bytes, *, name: str) -> tuple[bytes, str]:
    """What may be kept of a document or picture, and what it is.

    Raises `FileKindRefused`, `EndingContradicts`, `FileUnreadable`.
    """
    media_type = media_type_of(content, name=name)
    if _promised(name) not in {None, media_type}:
        raise EndingContradicts(name=name)
    if media_type in IMAGE_FORMATS:
        return _picture_anew(content, media_type, name=name), media_type
    if media_type == "application/pdf":
        _refuse_hostile_pdf(content, name=name)
    return content, media_type


def media_type_of(content: bytes, *, name: str) -> str:
    """The kind by what the file holds; its name decides nothing."""
    guessed = filetype.guess_mime(content)
    if guessed in IMAGE_FORMATS or guessed == "application/pdf":
        return str(guessed)
    if guessed is None and content and _is_text(content):
        return "text/plain"
    raise FileKindRefused(name=name)


def _promised(name: str) -> str | None:
    """The kind that a name's ending promises; none if the ending says nothing that the content could contradict."""
    ending = PurePath(name).suffix.lower()
    known = filetype.get_type(ext=ending.removeprefix("."))
    return ENDINGS.get(ending) or (str(known.mime) if known else None)


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    # An SVG or an HTML page is text too, and would be active content.
    return not CONTROLS.search(text) and not text.lstrip().startswith("<")


def _picture_anew(content: bytes, media_type: str, *, name: str) -> bytes:
    # Libraries that print pages let Pillow fill up half a picture, for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # Size and frames are known from the header, before any pixel is unpacked.
    try:
        with Image.open(io.BytesIO(content), formats=[IMAGE_FORMATS[media_type]]) as picture:
            width, height = picture.size
            frames = getattr(picture, "n_frames", 1)
            if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS or frames != 1:
                raise FileUnreadable(name=name)
            upright = ImageOps.exif_transpose(picture)
            mode = "RGB" if media_type == "image/jpeg" else "RGBA"
            target = io.BytesIO()
            upright.convert(mode).save(target, IMAGE_FORMATS[media_type])
    except FileUnreadable:
        raise
    except Exception as error:  # Pillow raises whatever its decoders raise
        raise FileUnreadable(name=name) from error
    return target.getvalue()


def _refuse_hostile_pdf(content: bytes, *, name: str) -> None:
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            if not document.pages or _acts_by_itself(document):
                raise FileUnreadable(name=name)
    except FileUnreadable:
        raise
    except Exception as error:  # damaged or locked, in one of many ways
        raise FileUnreadable(name=name) from error


def _acts_by_itself(document: pikepdf.Pdf) -> bool:
    """Whether opening it, or a page of it, would run a script, start a program or send something (T4)."""
    root = document.Root
    if "/JavaScript" in root.get("/Names", {}) or "/AA" in root:
        return True
    opening = root.get("/OpenAction")
    # A destination to begin at is a list; an action is a dictionary.
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != pikepdf.Name.GoTo:
        return True
    return any("/AA" in page.obj for page in document.pages)


def keep(content: bytes, *, media_type: str) -> StoredFile:
    """Write under the hash of the content: a temporary name, fsync, rename (reliability J8)."""
    digest = hashlib.sha256(content).hexdigest()
    relative = f"submissions/{digest[:2]}/{digest}"
    target = Path(settings.MEDIA_ROOT) / relative
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as temporary:
            temporary.write(content)
            temporary.flush()
            os.fsync(temporary.fileno())
        Path(temporary.name).replace(target)
    return StoredFile(path=relative, sha256=digest, size=len(content), media_type=media_type)
