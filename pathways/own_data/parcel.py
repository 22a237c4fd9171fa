"""Writes all that is kept about a person into one ZIP: rows as JSON, their files as they are, what explains it."""

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from pathways.own_data import describing, inventory
from pathways.own_data.inventory import Part
from portal.accounts.models import User

AT_ONCE = 200
# Times inside would only say when it was packed, which stands in what explains it (reliability I8).
_NO_TIME = (1980, 1, 1, 0, 0, 0)
# What is packed already grows no smaller.
_PACKED = {".pdf", ".png", ".jpg", ".jpeg", ".webp"}

Progress = Callable[[int, int], None]


def write(target: BinaryIO, person: User, *, at: datetime, progress: Progress = lambda _done, _total: None) -> None:
    """Write the whole of it; `progress` hears after each kind of rows how many are done, of how many."""
    total = len(inventory.PARTS)
    counts: list[tuple[Part, int]] = []
    lost: list[str] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as parcel:
        for done, part in enumerate(inventory.PARTS, start=1):
            counts.append((part, _write_part(parcel, part, person, lost)))
            progress(done, total)
        _write_text(parcel, "README.md", _explained(person, counts, lost, at=at))


def rows_of(person: User, part: Part) -> Iterator[dict[str, Any]]:
    """The person's rows of one kind, in plain values."""
    for row in part.rows_of(person).iterator(chunk_size=AT_ONCE):
        yield describing.described(row, person=person, left_out=part.left_out)


def record_of(person: User) -> dict[str, list[dict[str, Any]]]:
    """All rows of all kinds, by the name of the kind."""
    return {part.name: list(rows_of(person, part)) for part in inventory.PARTS}


def _write_part(parcel: zipfile.ZipFile, part: Part, person: User, lost: list[str]) -> int:
    """One file of rows, and the files that belong to them; how many rows there were."""
    count = 0
    separator = "["
    with parcel.open(_entry(f"data/{part.name}.json"), "w") as target:
        for said in rows_of(person, part):
            target.write(f"{separator}\n{json.dumps(said, ensure_ascii=False, indent=1)}".encode())
            separator, count = ",", count + 1
        target.write(b"\n]\n" if count else b"[]\n")
    if part.files is not None and count:
        for row in part.rows_of(person).iterator(chunk_size=AT_ONCE):
            for file in part.files(row):
                _write_file(parcel, file.name, file.content, file.source, lost)
    return count


def _write_file(parcel: zipfile.ZipFile, name: str, content: bytes, source: Path | None, lost: list[str]) -> None:
    if name in parcel.NameToInfo:
        return
    entry = _entry(name)
    if source is None:
        parcel.writestr(entry, content)
        return
    try:
        # A file that is made again at will may be on its way; the rest is not held back by it.
        with source.open("rb") as stream, parcel.open(entry, "w") as target:
            while chunk := stream.read(1 << 16):
                target.write(chunk)
    except FileNotFoundError:
        lost.append(name)


def _write_text(parcel: zipfile.ZipFile, name: str, text: str) -> None:
    parcel.writestr(_entry(name), text.encode("utf-8"))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    entry.compress_type = zipfile.ZIP_STORED if Path(name).suffix.lower() in _PACKED else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _explained(person: User, counts: list[tuple[Part, int]], lost: list[str], *, at: datetime) -> str:
    """What is in it, field by field, in the person's language."""
    with translation.override(person.language or settings.LANGUAGE_CODE):
        kinds = [
            {
                "part": part,
                "count": count,
                "fields": [
                    (field.name, field.verbose_name) for field in describing.fields_of(part.model, part.left_out)
                ],
                "left_out": part.left_out.items(),
            }
            for part, count in counts
        ]
        context = {"person": person, "kinds": kinds, "lost": lost, "at": at, "site": settings.SITE_URL}
        return render_to_string("own_data/readme.md", context)
