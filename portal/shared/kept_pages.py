"""Keeps pages that were made, and shows one again only while it would be made the same.

Nobody lists what a page hangs on, so nothing can be missing from the list: while a page is made, each question to the
database is written down with a hash of the answer, and before the page is shown again each is asked again
(portal/decisions/0003). What else it hangs on is in the name under which it is kept: address, reader, language, zone,
appearance, and the program itself. Time is told by `until`.
"""

import hashlib
import secrets
import zlib
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag

from portal import env
from portal.shared import reader, readings

# Whatever else, a page is made anew after so long: clocks may differ by as much, too (reliability C8).
LONGEST = timedelta(minutes=5)
CACHE = "pages"
_PARTS = ("portal", "credentials", "pathways", "templates", "locale")

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class _Kept:
    """A page with all that was read for it. Where `hole` stands in its body belongs a token of each request's own."""

    until: datetime
    taken: list[readings.Reading]
    headers: dict[str, str]
    hole: bytes
    body: bytes
    etag: str

    @property
    def still_holds(self) -> bool:
        return timezone.now() < self.until and readings.are_as_before(self.taken)


@dataclass
class _Making:
    """A page that is being made."""

    begun: datetime
    until: datetime
    hole: str = field(default_factory=lambda: secrets.token_hex(32))


_making: ContextVar[_Making | None] = ContextVar("_making", default=None)


def keep(view: View) -> View:
    """Show what this view of GET answered before, for as long as it would answer the same; the innermost decorator.

    The view may look at the reader, their session and the address, and at no other part of the request; it says by
    `until` when it would say something else without any change of a row. Kept are pages without a query, and none
    while there is a message to show.
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if not _may_keep(request):
            return view(request, *args, **named)
        name = _name(request)
        kept = caches[CACHE].get(name)
        if kept is not None and kept.still_holds:
            return _answered(request, kept)
        return _made(request, name, lambda: view(request, *args, **named))

    return shown


def until(*moments: datetime | None, give: timedelta = timedelta(0)) -> None:
    """The page that is being made may say something else from each of these moments on, or from `give` around it.

    Moments that have passed do not count. Outside of a page that is to be kept it does nothing.
    """
    making = _making.get()
    if making is None:
        return
    for moment in moments:
        if moment is None:
            continue
        for shift in {-give, timedelta(0), give}:
            try:
                changes = moment + shift
            except OverflowError:
                continue
            if making.begun <= changes < making.until:
                making.until = changes


def until_next_day(at: datetime) -> None:
    """The page says something else when the institution's next day begins."""
    zone = ZoneInfo(settings.TIME_ZONE)
    tomorrow = timezone.localtime(at, zone).date() + timedelta(days=1)
    until(datetime.combine(tomorrow, datetime.min.time(), zone))


def forgo() -> None:
    """The page that is being made is good for this once: what it says hangs on luck."""
    making = _making.get()
    if making is not None:
        making.until = making.begun


def token_or_hole(request: HttpRequest) -> dict[str, str]:
    """For templates: where the token against forged requests belongs, a page that is to be kept has a hole."""
    making = _making.get()
    return {} if making is None else {"csrf_token": making.hole}


def _may_keep(request: HttpRequest) -> bool:
    # Whoever puts numbers after a question mark would have the same page kept as often as they like.
    plain = request.method in {"GET", "HEAD"} and not request.META.get("QUERY_STRING") and not settings.DEBUG
    # Parts of pages travel with messages of their own.
    return plain and not getattr(request, "htmx", None) and not messages.get_messages(request)


def _made(request: HttpRequest, name: str, make: Callable[[], HttpResponse]) -> HttpResponse:
    begun = timezone.now()
    making = _Making(begun, begun + LONGEST)
    before = _making.set(making)
    try:
        with readings.written_down() as read:
            response = make()
    finally:
        _making.reset(before)
    hole = making.hole.encode("ascii")
    is_page = type(response) is HttpResponse and response.status_code == HTTPStatus.OK and not response.cookies
    if not is_page:
        if not response.streaming and hole in response.content:
            response.content = _with_token(response.content, hole, request)
        return response
    body = response.content
    etag = "" if hole in body else quote_etag(hashlib.blake2b(body, digest_size=16).hexdigest())
    kept = _Kept(making.until, read.taken, dict(response.items()), hole, zlib.compress(body, 1), etag)
    changed = bool(messages.get_messages(request)) or request.session.modified
    if read.only_read and not changed and making.until > begun:
        caches[CACHE].set(name, kept, timeout=LONGEST.total_seconds())
    return _answered(request, kept)


def _answered(request: HttpRequest, kept: _Kept) -> HttpResponse:
    body = zlib.decompress(kept.body)
    if not kept.etag:
        return HttpResponse(_with_token(body, kept.hole, request), headers=kept.headers)
    response = HttpResponse(body, headers={**kept.headers, "ETag": kept.etag})
    # The appearance of whoever has no account is in a cookie.
    patch_vary_headers(response, ["Cookie"])
    answer = get_conditional_response(request, etag=kept.etag, response=response)
    return answer if isinstance(answer, HttpResponse) else response


def _with_token(body: bytes, hole: bytes, request: HttpRequest) -> bytes:
    return body.replace(hole, get_token(request).encode("ascii"))


def _name(request: HttpRequest) -> str:
    """Of all that a page hangs on beside the rows that are read for it, in one hash."""
    user = request.user
    # Their row was read before the view was called.
    account = {each.attname: getattr(user, each.attname) for each in user._meta.concrete_fields} if user.pk else None
    session = sorted(request.session.items()) if request.session.session_key else []
    parts = (
        program(),
        request.scheme,
        request.get_host(),
        request.path,
        translation.get_language(),
        timezone.get_current_timezone_name(),
        reader.appearance(request)["theme"],
        account,
        session,
    )
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()


@cache
def program() -> str:
    """The hash of all that makes pages: code, templates, translations, libraries, and what the installation set.

    Worked out once, when a web process starts, so that it is of the files that the process has read.
    """
    found = hashlib.blake2b(digest_size=32)
    root = Path(settings.BASE_DIR)
    files = [
        each
        for part in ("portal", "credentials", "pathways", "templates", "locale")
        for each in (root / part).rglob("*")
    ]
    files += [root / "requirements.lock", Path(settings.STATIC_ROOT or root) / "staticfiles.json"]
    for file in sorted(files):
        if file.suffix != ".pyc" and file.is_file():
            found.update(repr((str(file), file.stat().st_size)).encode())
            found.update(file.read_bytes())
    found.update(repr(env.said()).encode())
    return found.hexdigest()
