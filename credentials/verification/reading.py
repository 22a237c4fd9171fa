"""Finds out what somebody handed in: a code, a link, or a credential, by itself, inside a file or in a photograph."""

import base64
import codecs
import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from credentials import queries
from credentials.standards import baking
from credentials.verification import foreign, limits, sheets, tokens
from portal.shared import strict_json

MAX_FILE_BYTES = 5 * 1024 * 1024
# What a telephone takes is larger than any credential.
MAX_PHOTOGRAPH_BYTES = 12 * 1024 * 1024

_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}\Z")
_NEARLY_A_CODE = re.compile(r"[0-9A-Z]{20,32}\Z")
_CODE_LINK = re.compile(r"/c/([^/]{1,80})(?:/(?:embed/|paper/|certificate\.pdf|badge\.(?:png|svg))?)?\Z")
_DOCUMENT_LINK = re.compile(r"/credentials/([0-9a-fA-F-]{36})/?\Z")
_RECORD_PAGE = re.compile(r"/r/([A-Za-z0-9_-]{43})/?\Z")
_ASSERTION_LINK = re.compile(r"/ob2/assertions/([0-9a-fA-F-]{36})/?\Z")
_RECORD_LINK = re.compile(r"/records/([0-9a-fA-F-]{36})/?\Z")
_ENVELOPE = re.compile(r"data:application/vc\+(?:ld\+)?jwt[,;]", re.IGNORECASE)
_PNG = b"\x89PNG\r\n\x1a\n"
_PAGE = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
# No JSON begins with one: RFC 8259, section 8.1.
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKED = _(
    "This is JSON, and begins with an invisible sign (a byte order mark), which some programs put there when they save "
    "a text. Ask the holder for the file as they were given it, or save it as UTF-8 without that mark."
)
_CREDENTIALS = "application/vc, application/ld+json, application/json, application/vc+jwt;q=0.8, image/png;q=0.5"


class NotRead(Exception):
    """Nothing was found to check; `words` say why, to a person."""

    def __init__(self, words: Any) -> None:
        super().__init__(str(words))
        self.words = words


class Unreadable(NotRead):
    """What was handed in is not a credential in any form known here."""


class NotCheckedHere(NotRead):
    """It may be a credential, but of a form, or from a place, that is not checked here."""


class NotSigned(NotRead):
    """It is a credential that nobody signed, or that only pretends to be signed."""


@dataclass(frozen=True)
class Given:
    """What was handed in: a code or the uuid of one of our links, or a document, signed inside or as a token.

    `record` is the secret code, or the uuid, of a record of ours. Of a file its kind and digest; of a PDF, also what
    its pages say, all of it, and whether somebody signed it. `presentation` is what a wallet signed around it; of a
    presentation of `several` credentials, those take the place of the document.
    """

    code: str = ""
    uuid: UUID | None = None
    record: str | UUID = ""
    document: dict[str, Any] | None = None
    token: tokens.Token | None = None
    kind: str = "json"
    file_sha256: str = ""
    pages: tuple[str, ...] | None = None
    pdf: bytes = b""
    is_signed_pdf: bool = False
    presentation: dict[str, Any] | None = None
    several: tuple[Any, ...] = ()


def read(content: bytes | str) -> Given:
    """What this is. Raises Unreadable, NotCheckedHere or NotSigned. Files are opened in a child process, in limits."""
    return _text(content) if isinstance(content, str) else _file(content)


def _text(text: str, *, fetching: bool = True) -> Given:
    plain = text.strip()
    if not plain:
        raise Unreadable(_("There is nothing to check. Type a code, paste a link or a document, or choose a file."))
    if plain.startswith("{"):
        # Half a surrogate cannot be written as UTF-8; it is refused like any other broken text.
        return _json(plain.encode("utf-8", "surrogatepass"))
    if _is_marked(plain.encode("utf-8", "surrogatepass")):
        raise Unreadable(_MARKED)
    if plain.startswith("<"):
        # A badge (SVG) that was opened as text.
        return replace(_baked(plain.encode("utf-8", "surrogatepass")), kind="svg")
    if _WEB.match(plain) or _path_here(plain) is not None:
        return _link(plain, fetching=fetching)
    if len(plain) <= 80 and _CODE.match(code := queries.canonical_code(plain)):
        return Given(code=code, kind="code")
    if tokens.COMPACT.match(plain):
        return _token(plain)
    if len(plain) <= 80 and _NEARLY_A_CODE.match(code):
        raise Unreadable(_mistyped(code))
    raise Unreadable(
        _(
            "This is neither a code, nor a link, nor a document. A code has 26 letters and digits, as in "
            "7K2M 9QXR 4TBN 1VWZ 8HJC 6PDF 3G; a document begins with a curly bracket."
        )
    )


def _mistyped(code: str) -> Any:
    """What is wrong with something that looks like a code."""
    if len(code) == 26:
        return _("No code has the letter U in it. Look at the certificate again: it may be a V.")
    return _(
        "This looks like a code, but has {count} letters and digits instead of 26. Compare it with the certificate, "
        "four by four."
    ).format(count=len(code))


def _path_here(link: str) -> str | None:
    """The path of a link to this site, with http or https before it or neither, as people type it; None for others."""
    here = urlsplit(settings.SITE_URL)
    try:
        parts = urlsplit(link if _WEB.match(link) else f"{here.scheme}://{link}")
    except ValueError:
        return None
    return parts.path if "/" in link and parts.netloc.casefold() == here.netloc.casefold() else None


def _link(link: str, *, fetching: bool) -> Given:
    path = _path_here(link)
    if path is None:
        if not fetching:
            raise NotCheckedHere(_("The credential leads on to another site, and that is not followed."))
        return _from_elsewhere(link)
    if found := _CODE_LINK.match(path):
        return Given(code=queries.canonical_code(found[1]), kind="code")
    if found := _RECORD_PAGE.match(path):
        return Given(record=found[1], kind="link")
    try:
        if found := _DOCUMENT_LINK.match(path) or _ASSERTION_LINK.match(path):
            return Given(uuid=UUID(found[1]), kind="link")
        if found := _RECORD_LINK.match(path):
            return Given(record=UUID(found[1]), kind="link")
    except ValueError:
        pass
    raise Unreadable(
        _("This link leads to this site, but not to a credential. Take the address that stands on the certificate.")
    )


def _from_elsewhere(link: str) -> Given:
    """What another site serves as a credential at this address."""
    try:
        content = foreign.text_at(link, accept=_CREDENTIALS)
    except foreign.NotHad as error:
        raise NotCheckedHere(
            _(
                "This link leads to another site. {why} If you know that site, download the credential there, and "
                "check the file; else ask the holder for it."
            ).format(why=error.words)
        ) from error
    if content[:1024].lstrip()[:1] == b"<" and b"<svg" not in content[:4096]:
        raise NotCheckedHere(
            _("This link leads to a page for people. Download the credential there, and check the file.")
        )
    found = _file(content)
    return found if found.code or found.uuid or found.record else replace(found, kind="link")


def _is_marked(content: bytes) -> bool:
    """Whether this is JSON behind a byte order mark (in UTF-8, or in UTF-16, where it tells which)."""
    return any(content.startswith(mark) and b"{" in content[len(mark) : 64] for mark in _MARKS)


def most_bytes(start: bytes) -> int:
    """How large a file may be that begins so."""
    return MAX_PHOTOGRAPH_BYTES if _is_photograph(start) else MAX_FILE_BYTES


def _is_photograph(start: bytes) -> bool:
    return start.startswith(b"\xff\xd8\xff") or (start.startswith(b"RIFF") and start[8:12] == b"WEBP")


def _file(content: bytes) -> Given:
    if len(content) > most_bytes(content):
        raise Unreadable(_("The file is larger than 5 MB."))
    start = content[:1024].lstrip()
    if content.startswith(_PNG):
        found = replace(_baked_or_photographed(content), kind="png")
    elif _is_photograph(content):
        found = _photographed(content)
    elif b"%PDF-" in content[:1024]:
        found = replace(_embedded(content), kind="pdf")
    elif _PAGE.match(start):
        raise Unreadable(
            _("This is a page for people. Save the credential itself, or its certificate, and check that.")
        )
    elif start.startswith(b"<"):
        found = replace(_baked(content), kind="svg")
    elif start.startswith(b"{"):
        found = _json(content)
    elif tokens.COMPACT.match(content[: tokens.MAX_CHARACTERS + 1].decode("ascii", "replace").strip()):
        found = _token(content.decode("ascii", "replace"))
    elif _is_marked(content):
        raise Unreadable(_MARKED)
    elif not content:
        raise Unreadable(_("The file is empty. Ask whoever sent it to send it again."))
    else:
        raise Unreadable(
            _("This file is of another kind. A credential is a certificate (PDF), a badge (PNG or SVG), or JSON.")
        )
    return replace(found, file_sha256=hashlib.sha256(content).hexdigest())


# --- pictures -----------------------------------------------------------------------------------------------------


def _baked_or_photographed(picture: bytes) -> Given:
    try:
        return _baked(picture)
    except Unreadable:
        if baked_in(picture):
            raise
    return _photographed(picture)


def baked_in(picture: bytes) -> bool:
    """Whether a PNG speaks of a credential inside it, sound or not; else it may be a photograph of a code."""
    return any(standard.keyword + b"\0" in picture for standard in baking.Standard)


def _baked(picture: bytes) -> Given:
    try:
        baked = baking.unbake(picture)
    except baking.NothingBaked:
        raise Unreadable(
            _("There is no credential inside this picture. A screenshot or a re-saved copy loses it.")
        ) from None
    except baking.BadPicture as error:
        raise Unreadable(
            _("The picture cannot be read. Ask the holder for the file as they were given it. ({why})").format(
                why=error
            )
        ) from error
    if _WEB.match(baked.text) and baked.standard is baking.Standard.OPEN_BADGES_2:
        # The oldest badges hold only where their assertion stands.
        return _text(baked.text)
    return _text(baked.text, fetching=False)


def _photographed(picture: bytes) -> Given:
    answer = _asked({"act": "codes", "content": as_text(picture)})
    match answer["outcome"]:
        case "read":
            return replace(_of_codes(answer["found"]), kind="picture")
        case "too-large":
            raise Unreadable(
                _("The picture takes too much time or memory to read. Take a smaller one, or type the code.")
            )
    raise Unreadable(_("The picture is damaged, or of a kind that is not read here. Take another, or type the code."))


def _of_codes(found: list[str]) -> Given:
    """What the square codes lead to, if it is one thing."""
    if not found:
        raise Unreadable(
            _("There is neither a credential nor a readable code in this picture. Type the code that stands beside it.")
        )
    if len(found) > 1:
        raise Unreadable(_("There is more than one code in this picture. Take each by itself."))
    return _text(found[0])


# --- certificates -------------------------------------------------------------------------------------------------


def _embedded(content: bytes) -> Given:
    answer = _asked({"act": "pdf", "content": as_text(content)})
    match answer["outcome"]:
        case "read":
            texts = [base64.b64decode(text) for text in answer["found"]]
        case "locked":
            raise Unreadable(_("The PDF is locked with a password. Save it without one, and try again."))
        case "too-large":
            raise Unreadable(_("The PDF takes too much time or memory to read."))
        case _:
            raise Unreadable(
                _("The PDF is damaged, or is no PDF. Download it again, or type the code that stands on it.")
            )
    if len(texts) > 1:
        raise Unreadable(_("The PDF holds more than one document. Take the right one out, and check it alone."))
    if texts:
        found = _text(texts[0].decode("utf-8", "surrogateescape"), fetching=False)
    elif answer["codes"]:
        found = _of_codes(answer["codes"])
    else:
        raise Unreadable(
            _("There is no credential inside this PDF. A scan, a print-out or a re-saved copy loses it; type its code.")
        )
    pages = answer["pages"]
    return replace(
        found,
        pages=None if pages is None else tuple(pages),
        pdf=content,
        is_signed_pdf=answer["signed"],
    )


def page_texts(content: bytes) -> list[str] | None:
    """What the pages of one of our own certificates say; None where that could not be told in time."""
    pages: list[str] | None = _asked({"act": "text", "content": as_text(content)}).get("pages")
    return pages


def looks(content: bytes, other: bytes) -> dict[str, Any]:
    """Whether the pages of a PDF look like those of another; `outcome` is another than "read" if not found out."""
    return _asked({"act": "alike", "content": as_text(content), "other": as_text(other)})


def seen_on(content: bytes, stated: list[str]) -> dict[str, Any]:
    """Which of these statements, of letters and digits only, can be seen on the pages of a PDF; as `looks`."""
    return _asked({"act": "shown", "content": as_text(content), "stated": stated})


def as_text(content: bytes) -> str:
    """Bytes as a question to a child carries them."""
    return base64.b64encode(content).decode("ascii")


def _asked(question: dict[str, Any]) -> dict[str, Any]:
    try:
        return limits.ask("files", question)
    except limits.GaveUp:
        return {"outcome": "too-large"}


# --- documents ----------------------------------------------------------------------------------------------------


def _json(content: bytes) -> Given:
    # A sheet has a line for each of hundreds, and is judged without reading any vocabulary.
    most = sheets.MAX_BYTES if sheets.MARK in content[:300] else strict_json.MAX_BYTES
    if len(content) > strict_json.MAX_BYTES and sum(map(content.count, (b",", b"[", b"{"))) > sheets.MAX_PARTS:
        raise Unreadable(_("The document is too large."))
    try:
        document = strict_json.loads(content, max_bytes=most)
    except strict_json.BadJson as error:
        raise Unreadable(
            _(
                "This document is not written as it should be: {why} Ask the holder for the file as they were given it."
            ).format(why=error.placed)
        ) from error
    if not isinstance(document, dict):
        raise Unreadable(_("The JSON is not an object."))
    if len(content) > strict_json.MAX_BYTES and not sheets.is_sheet(document):
        raise Unreadable(_("The document is too large."))
    envelope = document.get("id")
    if _is_a(document, "EnvelopedVerifiableCredential") and isinstance(envelope, str) and _ENVELOPE.match(envelope):
        return _token(envelope.partition(",")[2])
    if _is_a(document, "VerifiablePresentation"):
        return _presented(document)
    if isinstance(document.get("payload"), str) and {"signature", "signatures"} & set(document):
        raise NotCheckedHere(_("It is sealed as Europass seals its credentials, and that is not checked here."))
    return Given(document=document)


def _presented(presentation: dict[str, Any]) -> Given:
    """What a wallet hands on. Who handed it on is not shown, but it must not have been changed since."""
    held = presentation.get("verifiableCredential")
    listed = held if isinstance(held, list) else [held]
    if not listed:
        raise Unreadable(_("This holds no credential."))
    found = held_in(listed[0]) if len(listed) == 1 else Given(several=tuple(listed))
    return replace(found, presentation=presentation) if presentation.get("proof") else found


def held_in(item: object) -> Given:
    """A credential as presentations and records hold it: plain, enveloped or a token. Raises Unreadable, NotSigned."""
    if isinstance(item, str):
        return _token(item)
    if not isinstance(item, dict) or _is_a(item, "VerifiablePresentation"):
        raise Unreadable(_("This holds no credential."))
    if _is_a(item, "EnvelopedVerifiableCredential"):
        return _token(str(item.get("id")).partition(",")[2])
    return Given(document=item)


def _token(text: str) -> Given:
    try:
        token = tokens.read(text)
    except tokens.BadToken as error:
        raise Unreadable(str(error)) from error
    if token.algorithm.lower() in {"", "none"}:
        raise NotSigned(_("The token says of itself that nobody signed it."))
    if token.algorithm.startswith("HS"):
        raise NotSigned(_("The token is sealed with a shared secret, so that whoever can check it could have made it."))
    return Given(document=token.document, token=token, kind="jwt")


def _is_a(document: dict[str, Any], kind: str) -> bool:
    types = document.get("type")
    return kind in (types if isinstance(types, list) else [types])


def may_be_read(text: str) -> bool:
    """Whether a text looks like a document, a link, a code or a token; whether it is a good one is another matter."""
    plain = text.strip()
    return bool(
        plain.startswith(("{", "\ufeff"))
        or _WEB.match(plain)
        or _path_here(plain) is not None
        or (len(plain) <= 80 and _CODE.match(queries.canonical_code(plain)))
        or tokens.COMPACT.match(plain)
    )


def may_be_opened(content: bytes) -> bool:
    """Whether a file is of a kind in which credentials come; whether there is one in it is another matter."""
    start = content[:1024]
    return (
        content.startswith(_PNG)
        or _is_photograph(content)
        or b"%PDF-" in start
        or start.lstrip()[:1] in (b"<", b"{")
        or _is_marked(content)
        or tokens.COMPACT.match(content[: tokens.MAX_CHARACTERS + 1].decode("ascii", "replace").strip()) is not None
    )


def code_in(text: str) -> str:
    """The code in a text that is a code, or a link of ours to one; else empty."""
    plain = text.strip()
    if len(plain) > 500 or plain.startswith("{"):
        return ""
    try:
        return _text(plain, fetching=False).code
    except NotRead:
        return ""
