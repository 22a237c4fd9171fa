"""Finds out what somebody handed in to be checked: a code, a link of ours, or a document, plain or inside a file."""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from credentials import queries
from credentials.standards import baking
from credentials.verification import limits
from portal.shared import strict_json

MAX_FILE_BYTES = 5 * 1024 * 1024

_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}\Z")
_CODE_LINK = re.compile(r"/c/([^/]{1,80})(?:/(?:embed/)?)?\Z")
_DOCUMENT_LINK = re.compile(r"/credentials/([0-9a-fA-F-]{36})/?\Z")
_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z")
_WEB = re.compile(r"https?://", re.IGNORECASE)


class NotRead(Exception):
    """Nothing was found to check; `words` say why, to a person."""

    def __init__(self, words: Any) -> None:
        super().__init__(str(words))
        self.words = words


class Unreadable(NotRead):
    """What was handed in is not a credential in any form known here."""


class NotCheckedHere(NotRead):
    """It may be a credential, but of a form, or from a place, that is not checked here."""


@dataclass(frozen=True)
class Given:
    """What was handed in: a code or the uuid of one of our links, or a document; for a file its kind and digest."""

    code: str = ""
    uuid: UUID | None = None
    document: dict[str, Any] | None = None
    kind: str = "json"
    file_sha256: str = ""


def read(content: bytes | str) -> Given:
    """What this is. Raises Unreadable or NotCheckedHere. A PDF is opened in a child process, within limits."""
    return _text(content) if isinstance(content, str) else _file(content)


def _text(text: str) -> Given:
    plain = text.strip()
    if not plain:
        raise Unreadable(_("There is nothing to check. Type a code, paste a link or a document, or choose a file."))
    if plain.startswith("{"):
        # Half a surrogate cannot be written as UTF-8; it is refused like any other broken text.
        return Given(document=_json(plain.encode("utf-8", "surrogatepass")))
    if _WEB.match(plain):
        return _link(plain)
    if len(plain) <= 80 and _CODE.match(code := queries.canonical_code(plain)):
        return Given(code=code, kind="code")
    if _COMPACT_JWS.match(plain):
        raise NotCheckedHere(_signed_as_token())
    raise Unreadable(
        _(
            "This is neither a code, nor a link, nor a document. A code has 26 letters and digits, as in "
            "7K2M 9QXR 4TBN 1VWZ 8HJC 6PDF 3G; a document begins with a curly bracket."
        )
    )


def _link(link: str) -> Given:
    if not f"{link}/".startswith(f"{settings.SITE_URL}/"):
        raise NotCheckedHere(
            _(
                "This link leads to another site, and pages of other sites are not fetched here. Download the "
                "credential there, and check the file."
            )
        )
    path = urlsplit(link.removeprefix(settings.SITE_URL)).path
    if found := _CODE_LINK.match(path):
        return Given(code=queries.canonical_code(found[1]), kind="code")
    if found := _DOCUMENT_LINK.match(path):
        try:
            return Given(uuid=UUID(found[1]), kind="link")
        except ValueError:
            pass
    raise Unreadable(_("This link leads to this site, but not to a credential."))


def _file(content: bytes) -> Given:
    if len(content) > MAX_FILE_BYTES:
        raise Unreadable(_("The file is larger than 5 MB."))
    start = content[:1024].lstrip()
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        kind, document = "png", _baked(content)
    elif b"%PDF-" in content[:1024]:
        kind, document = "pdf", _embedded(content)
    elif start.startswith(b"<"):
        kind, document = "svg", _baked(content)
    elif start.startswith(b"{"):
        kind, document = "json", _json(content)
    elif _COMPACT_JWS.match(content[:200_000].decode("ascii", "replace").strip()):
        raise NotCheckedHere(_signed_as_token())
    elif not content:
        raise Unreadable(_("The file is empty."))
    else:
        raise Unreadable(
            _("This file is of another kind. A credential is a certificate (PDF), a badge (PNG or SVG), or JSON.")
        )
    return Given(document=document, kind=kind, file_sha256=hashlib.sha256(content).hexdigest())


def _baked(picture: bytes) -> dict[str, Any]:
    try:
        baked = baking.unbake(picture)
    except baking.NothingBaked:
        raise Unreadable(
            _("There is no credential inside this picture. A screenshot or a re-saved copy loses it.")
        ) from None
    except baking.BadPicture as error:
        raise Unreadable(_("The picture cannot be read: {why}").format(why=error)) from error
    if baked.standard is baking.Standard.OPEN_BADGES_2:
        raise NotCheckedHere(
            _("The picture holds an Open Badges 2.0 assertion. Only credentials from version 3.0 on are checked here.")
        )
    if not baked.text.lstrip().startswith("{"):
        raise NotCheckedHere(_signed_as_token())
    return _json(baked.text.encode("utf-8", "surrogatepass"))


def _embedded(content: bytes) -> dict[str, Any]:
    try:
        answer = limits.ask({"act": "pdf", "content": base64.b64encode(content).decode("ascii")})
    except limits.GaveUp:
        answer = {"outcome": "too-large"}
    match answer["outcome"]:
        case "read":
            texts = [base64.b64decode(text) for text in answer["found"]]
        case "locked":
            raise Unreadable(_("The PDF is locked with a password. Save it without one, and try again."))
        case "too-large":
            raise Unreadable(_("The PDF takes too much time or memory to read."))
        case _:
            raise Unreadable(_("The PDF is damaged, or is no PDF."))
    if not texts:
        raise Unreadable(
            _("There is no credential inside this PDF. A scan, a print-out or a re-saved copy loses it; type its code.")
        )
    if len(texts) > 1:
        raise Unreadable(_("The PDF holds more than one document. Take the right one out, and check it alone."))
    if not texts[0].lstrip().startswith(b"{"):
        raise NotCheckedHere(_signed_as_token())
    return _json(texts[0])


def _json(content: bytes) -> dict[str, Any]:
    try:
        document = strict_json.loads(content)
    except strict_json.BadJson as error:
        raise Unreadable(_("{path}: {why}").format(path=error.path, why=error.words)) from error
    if not isinstance(document, dict):
        raise Unreadable(_("The JSON is not an object."))
    return document


def _signed_as_token() -> Any:
    return _(
        "This is a credential in its token form (VC-JWT). Only documents with a proof inside them are checked here."
    )


def code_in(text: str) -> str:
    """The code in a text that is a code, or a link of ours to one; else empty."""
    plain = text.strip()
    if len(plain) > 500 or plain.startswith("{"):
        return ""
    try:
        return _text(plain).code
    except NotRead:
        return ""
