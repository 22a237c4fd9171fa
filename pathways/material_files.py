"""Takes the files of materials from authors: videos, captions, documents; judged by content, bounded."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import BinaryIO, ClassVar

import filetype
from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from pathways import uploads
from portal.shared.refusals import Refusal

MB = 1024 * 1024
MAX_VIDEO = 300 * MB
MAX_DOCUMENT = 25 * MB
MAX_CAPTIONS = 1 * MB
CHUNK = 1024 * 1024
VIDEOS = {"video/mp4": ".mp4", "video/x-m4v": ".mp4", "video/webm": ".webm"}
DOCUMENTS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "text/plain": ".txt",
}
ACCEPT_VIDEO = ".mp4,.m4v,.webm"
ACCEPT_CAPTIONS = ".vtt"
_MOMENT = r"(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}"
# WebVTT 4.1: two moments with an arrow between; settings may follow.
_CUE = re.compile(rf"^{_MOMENT}[ \t]+-->[ \t]+{_MOMENT}(?:[ \t].*)?$", re.MULTILINE)


class FileTooLarge(Refusal):
    """More bytes than we keep."""

    words: ClassVar = _("{name} is larger than {limit} MB. Make it smaller and choose it again.")
    status: ClassVar = 413


class NotAVideo(Refusal):
    """Browsers would not play it."""

    words: ClassVar = _("{name} is not an MP4 or WebM video. Save it as one of these and choose it again.")
    status: ClassVar = 415


class NotCaptions(Refusal):
    """Not a WebVTT file."""

    words: ClassVar = _(
        "{name} is not a WebVTT file: it must be UTF-8 text that begins with WEBVTT and holds at least one timed line."
    )
    status: ClassVar = 415


def keep_video(stream: BinaryIO, *, name: str) -> str:
    """Keep a video that browsers play; answers with its path below MEDIA_ROOT."""
    start = stream.read(8192)
    ending = VIDEOS.get(str(filetype.guess_mime(start)))
    if ending is None:
        raise NotAVideo(name=name)
    stream.seek(0)
    return _keep(stream, name=name, ending=ending, limit=MAX_VIDEO)


def keep_captions(stream: BinaryIO, *, name: str) -> str:
    """Keep captions in WebVTT; answers with their path below MEDIA_ROOT."""
    content = _bounded(stream, name=name, limit=MAX_CAPTIONS)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise NotCaptions(name=name) from None
    if not re.match(r"WEBVTT(?:[ \t\n]|$)", text) or "\0" in text or not _CUE.search(text):
        raise NotCaptions(name=name)
    return _keep_bytes(content, name=name, ending=".vtt")


def keep_document(stream: BinaryIO, *, name: str) -> str:
    """Keep a PDF, picture or plain text, pictures made anew; refused as in `uploads`."""
    content = _bounded(stream, name=name, limit=MAX_DOCUMENT)
    clean, media_type = uploads.clean(content, name=name)
    return _keep_bytes(clean, name=name, ending=DOCUMENTS[media_type])


def _bounded(stream: BinaryIO, *, name: str, limit: int) -> bytes:
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise FileTooLarge(name=name, limit=limit // MB)
    return content


def _keep_bytes(content: bytes, *, name: str, ending: str) -> str:
    relative = _path(hashlib.sha256(content).hexdigest(), name, ending)
    _write(relative, [content])
    return relative


def _keep(stream: BinaryIO, *, name: str, ending: str, limit: int) -> str:
    # A video is never held in memory: read once for its hash and size, once more to write it.
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise FileTooLarge(name=name, limit=limit // MB)
        digest.update(chunk)
    stream.seek(0)
    relative = _path(digest.hexdigest(), name, ending)
    _write(relative, iter(lambda: stream.read(CHUNK), b""))
    return relative


def _path(digest: str, name: str, ending: str) -> str:
    # The folder is the content; the name is what a learner finds among their downloads. 100 characters in all.
    stem = slugify(PurePath(name).stem)[:48].strip("-_") or "file"
    return f"materials/{digest[:32]}/{stem}{ending}"


def _write(relative: str, chunks: Iterable[bytes]) -> None:
    target = Path(settings.MEDIA_ROOT) / relative
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as temporary:
        for chunk in chunks:
            temporary.write(chunk)
        temporary.flush()
        os.fsync(temporary.fileno())
    Path(temporary.name).replace(target)
