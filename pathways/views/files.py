"""Sends stored files: as downloads that no browser runs, or in ranges, so that a video can be wound."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

CHUNK = 64 * 1024
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
# What people hand in is never a page of this site, whatever it holds (reliability T4).
SANDBOX = "default-src 'none'; sandbox"


def download(stream: BinaryIO, *, name: str, media_type: str) -> HttpResponseBase:
    """An attachment under its own name, in no page's rights."""
    response = FileResponse(stream, as_attachment=True, filename=name, content_type=media_type)
    return guarded(response)


def guarded(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cache-Control"] = "private, no-store"
    return response


def in_ranges(request: HttpRequest, stream: BinaryIO, *, size: int, name: str, media_type: str) -> HttpResponseBase:
    """The file to look at in a page, whole or the one range that was asked for (RFC 9110, 14)."""
    asked = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or not (asked[1] or asked[2]):
        # A range we do not understand may be passed over (14.2); several at once are.
        response: HttpResponseBase = FileResponse(stream, content_type=media_type)
        response["Content-Length"] = str(size)
        return _shown(response, name)
    first = int(asked[1]) if asked[1] else max(size - int(asked[2]), 0)
    last = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
    if first > last:
        stream.close()
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return _shown(response, name)
    stream.seek(first)
    response = StreamingHttpResponse(_chunks(stream, last - first + 1), status=206, content_type=media_type)
    response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last - first + 1)
    return _shown(response, name)


def _shown(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _chunks(stream: BinaryIO, left: int) -> Iterator[bytes]:
    with stream:
        while left > 0 and (chunk := stream.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
