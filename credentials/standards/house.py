"""The defaults of this house, which satisfy every verifier that was studied: checked in whatever is to be signed."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from . import linked_data
from .contexts import OPEN_BADGES_EXTENSIONS, UnknownContext, known
from .data_integrity import date_time_stamp, parse_date_time_stamp
from .problems import Problem

Json = dict[str, Any]

HTTPS = re.compile(r"https://[^\s/]|http://localhost[:/]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# What stands under these names was signed by others, or before: it is left alone.
_SIGNED = frozenset({"endorsement", "verifiableCredential"})


def size_problems(document: Any, most: int, *, size: int | None = None) -> list[Problem]:
    """What makes further looking useless: no JSON object, beyond all limits, or more than `most` bytes.

    `size` is given by who has read the document from text, and so knows that JSON can express it.
    """
    if not isinstance(document, dict):
        return [Problem("$", "The credential is not a JSON object.")]
    try:
        linked_data.check_size(document)
        if size is None:
            size = len(json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8"))
    except linked_data.BadDocument as error:
        return [Problem(error.path, error.words)]
    except (TypeError, ValueError):
        return [Problem("$", "The credential holds something that JSON cannot express.")]
    return [Problem("$", f"The credential has {size} bytes, more than {most}.")] if size > most else []


def problems(document: Json, *, contexts: Sequence[str], what: str) -> Iterator[Problem]:
    """Contexts, nothing empty, no control characters but newline, times, addresses, somebody who earned it.

    `contexts` are those that it begins with, which `what` names in words.
    """
    yield from _context_problems(document, contexts, what)
    for path, value in () if _is_plain(document) else _values(document):
        if value is None or value in ("", [], {}):
            yield Problem(path, "Nothing may be empty.")
        if isinstance(value, str) and _CONTROL.search(value):
            yield Problem(path, "The text holds a control character other than a new line.")
        if isinstance(value, dict) and "@context" in value and path != "$":
            yield Problem(f"{path}.@context", "Only the credential itself names contexts.")
    for name in ("id", "issuer.id", "issuer.url"):
        value = member(document, name)
        allowed = name == "issuer.id" and isinstance(value, str) and value.startswith("did:web:")
        if value is not None and not allowed and not (isinstance(value, str) and HTTPS.match(value)):
            yield Problem(f"$.{name}", "This must be a full https address.")
    yield from _time_problems(document)
    for name in ("issuer.name", "issuer.url"):
        if not member(document, name):
            yield Problem(f"$.{name}", "This is missing.")
    subject = document.get("credentialSubject")
    if isinstance(subject, dict) and not subject.get("id") and not subject.get("identifier"):
        yield Problem("$.credentialSubject", "Nothing says who earned this: neither an id nor an identifier.")


def _is_plain(document: Json) -> bool:
    """Whether no value is to be complained of; which one it is, and where, is looked for only then."""
    texts: list[str] = []
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict):
            if not value or ("@context" in value and value is not document):
                return False
            waiting += [member for name, member in value.items() if name not in _SIGNED]
        elif isinstance(value, list):
            if not value:
                return False
            waiting += value
        elif value is None:
            return False
    together = "".join(texts)
    # What is not printable is looked at more closely, which takes some times as long.
    return all(texts) and (together.replace("\n", "").isprintable() or not _CONTROL.search(together))


def _values(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """Every value with its path, but for what is signed already."""
    yield path, value
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in _SIGNED:
                yield from _values(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _values(item, f"{path}[{index}]")


def member(document: Json, name: str) -> Any:
    value: Any = document
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _context_problems(document: Json, beginning: Sequence[str], what: str) -> Iterator[Problem]:
    contexts = document.get("@context")
    if not isinstance(contexts, list) or contexts[: len(beginning)] != list(beginning):
        yield Problem("$.@context", f"The contexts must begin with those of {what}, in this order.")
        return
    if any(not isinstance(context, str) or context not in known() for context in contexts):
        yield Problem("$.@context", "Only contexts from the fixed set may be named.")
    typed = [document.get(name) for name in ("credentialSchema", "refreshService")]
    if OPEN_BADGES_EXTENSIONS not in contexts and '"1EdTech' in json.dumps(typed):
        yield Problem("$.@context", "Types that begin with 1EdTech need the context of the extensions.")


def _time_problems(document: Json) -> Iterator[Problem]:
    moments: dict[str, datetime | None] = {}
    for name in ("validFrom", "validUntil", "awardedDate"):
        if name in document:
            text = document[name]
            moments[name], words = _moment(text) if isinstance(text, str) else (None, (_NO_MOMENT,))
            for each in words:
                yield Problem(f"$.{name}", each)
    begins, ends = moments.get("validFrom"), moments.get("validUntil")
    if begins is not None and ends is not None and ends < begins:
        yield Problem("$.validUntil", "The end lies before the beginning.")


_NO_MOMENT = "This is not a date and time with a zone."


# What was awarded at once has one time.
@lru_cache(256)
def _moment(text: str) -> tuple[datetime | None, tuple[str, ...]]:
    """The moment that a text says, and what is wrong with how it is said."""
    try:
        moment = parse_date_time_stamp(text)
    except ValueError:
        return None, (_NO_MOMENT,)
    words = []
    if date_time_stamp(moment) != text:
        words.append("Times are written in UTC, without fractions, ending in Z.")
    if not 1900 <= moment.year <= 2200:
        words.append("The year lies outside 1900 to 2200.")
    return moment, tuple(words)


def safe_mode_problems(document: Json) -> Iterator[Problem]:
    """What no context gives a meaning to, so that it would not be signed."""
    try:
        linked_data.canonical_n_quads(document)
    except linked_data.BadDocument as error:
        yield Problem(error.path, error.words)
    except UnknownContext as error:
        yield Problem("$.@context", str(error))
