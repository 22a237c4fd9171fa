"""Takes apart what is handed in to be checked at once: a list of codes and links, or a ZIP of files.

All of it comes from strangers, so each number is bounded before anything is unpacked or kept (reliability T4, T11).
"""

import csv
import hashlib
import io
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from credentials import verification
from portal.shared.refusals import Unfit

MAX_BYTES = 5 * 1024 * 1024
MAX_LIST_BYTES = 256 * 1024
MAX_LINES = 500
MAX_FILES = 200
MAX_UNPACKED = 20 * 1024 * 1024
# A list must not make this site ask others more often than its own visitors would.
MAX_ELSEWHERE = 50
MAX_NAME = 200
_MAX_TEXT = 2_000

_HEADINGS = {"code", "link", "url", "credential"}
_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_ENTRY_MARK = b"PK\x01\x02"
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
# Some scripts cannot spell without them.
_JOINERS = "\u200c\u200d"
_PIECE = 64 * 1024


class NotTaken(Unfit):
    """What was handed in is not taken apart; the words say why."""

    words = "{why}"


class TooLarge(NotTaken):
    """There is more of it than is taken at once."""

    words = "{why}"
    status: ClassVar = 413


@dataclass(frozen=True)
class Entry:
    """One thing to check: what it is called, its bytes, and whose it should be, where the list says so."""

    name: str
    content: bytes
    is_text: bool
    name_typed: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def entries(content: bytes) -> list[Entry]:
    """What is to be checked, in its order. Raises NotTaken and TooLarge."""
    return _some(_files(content)) if content.startswith(_MARKS) else _texts(content)


# --- lists --------------------------------------------------------------------------------------------------------


def _texts(content: bytes) -> list[Entry]:
    if len(content) > MAX_LIST_BYTES:
        raise TooLarge(why=_("A list may have 256 KB at most."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise NotTaken(
            why=_("This is neither a list (text, CSV) nor a ZIP of files. A single credential is checked by itself.")
        )
    pairs = [(cells[0], cells[1] if len(cells) > 1 else "") for cells in _rows(text)]
    return listed(pairs[1:] if pairs and pairs[0][0].strip().casefold() in _HEADINGS else pairs)


def listed(pairs: Iterable[tuple[str, str]]) -> list[Entry]:
    """Codes and links, each with the name that it should bear or none. Raises NotTaken and TooLarge."""
    found: list[Entry] = []
    for credential, name in ((credential.strip(), name) for credential, name in pairs):
        if not credential:
            continue
        if len(found) == MAX_LINES:
            raise TooLarge(why=_("A list may have {most} lines at most.").format(most=MAX_LINES))
        if len(credential) > _MAX_TEXT:
            raise NotTaken(why=_("Line {number} is too long to be a code or a link.").format(number=len(found) + 1))
        found.append(Entry(name=plain(credential), content=credential.encode(), is_text=True, name_typed=plain(name)))
    if sum(_leads_elsewhere(entry) for entry in found) > MAX_ELSEWHERE:
        raise TooLarge(why=_("At most {most} links may lead to other sites.").format(most=MAX_ELSEWHERE))
    return _some(found)


def _some(found: list[Entry]) -> list[Entry]:
    if not found:
        raise NotTaken(why=_("There is nothing in it to check."))
    return found


def _rows(text: str) -> Iterator[list[str]]:
    """The cells of each line; they may be parted by commas, semicolons or tabs, as the first line with any says."""
    marks = next((mark for line in text.splitlines() for mark in ("\t", ";", ",") if mark in line), ",")
    try:
        yield from (cells for cells in csv.reader(io.StringIO(text, newline=""), delimiter=marks) if cells)
    except csv.Error as error:
        raise NotTaken(why=_("The list cannot be read as a table.")) from error


def _leads_elsewhere(entry: Entry) -> bool:
    link = entry.content.decode().casefold()
    return link.startswith(("http://", "https://")) and not f"{link}/".startswith(f"{settings.SITE_URL.casefold()}/")


# --- archives -----------------------------------------------------------------------------------------------------


def _files(content: bytes) -> list[Entry]:
    if len(content) > MAX_BYTES:
        raise TooLarge(why=_("A ZIP may have 5 MB at most."))
    # Before the directory is read: a hundred thousand entries fit into a small file.
    if content.count(_ENTRY_MARK) > 2 * MAX_FILES:
        raise TooLarge(why=_("A ZIP may hold {most} files at most.").format(most=MAX_FILES))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if _counts(member)]
            if len(members) > MAX_FILES:
                raise TooLarge(why=_("A ZIP may hold {most} files at most.").format(most=MAX_FILES))
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                raise TooLarge(why=_("The files in the ZIP have more than 20 MB together."))
            return list(_unpacked(archive, members))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise NotTaken(why=_("The ZIP is damaged, or of a kind that is not read here.")) from error


def _counts(member: zipfile.ZipInfo) -> bool:
    """Folders do not, nor what some systems put beside each file."""
    # Asked of a file whose name is empty, `is_dir` stumbles.
    return not member.filename.endswith("/") and not member.filename.startswith("__MACOSX/")


def _unpacked(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Iterator[Entry]:
    left = MAX_UNPACKED
    for member in members:
        if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
            raise NotTaken(why=_("The ZIP is locked, or packed in a way that is not read here."))
        content = _read(archive, member, min(left, verification.MAX_FILE_BYTES))
        left -= len(content)
        # Nothing is ever written under this name: a path in it is only a label (T4).
        label = plain(PurePosixPath(member.filename.replace("\\", "/")).name) or "?"
        yield Entry(name=label, content=content, is_text=False)


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """The file, counted as it unpacks: what the directory says of its size may be a lie."""
    pieces, size = [], 0
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > most:
                raise TooLarge(why=_("A file in the ZIP has more than 5 MB."))
            pieces.append(piece)
    return b"".join(pieces)


def plain(text: str) -> str:
    """The text in one line, without control characters and what turns the direction of writing, cut where too long."""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    kept = "".join(each for each in text if each in _JOINERS or unicodedata.category(each) not in hidden)
    return kept.strip()[:MAX_NAME]
