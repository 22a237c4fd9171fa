"""What other sites publish: asked for once, remembered for a minute, and never waited for longer than a check may take.

So a sheet of a thousand badges of one college asks that college once; and nobody is kept waiting by a silent one.
"""

import threading
import time
from collections import OrderedDict
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from credentials.verification import limits
from portal.shared import kept_pages, outbound

REMEMBERED_FOR = 60.0
# A site that was away for a moment is soon asked again.
FAILURE_REMEMBERED_FOR = 5.0
MOST_REMEMBERED = 256
# What is left of a check's time belongs to the proof that the answer is needed for.
KEPT_BACK = 0.4
GONE = 410


class NotHad(Exception):
    """The other site did not say it; `words` tell why, to a person. `gone` if it answered that this was there once.

    Never a sign that anything is wrong, and never one that all is well.
    """

    def __init__(self, words: str, *, gone: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.gone = gone


_remembered: "OrderedDict[str, tuple[float, bytes | NotHad]]" = OrderedDict()
_lock = threading.Lock()


def text_at(url: str, *, accept: str = "application/json") -> bytes:
    """What stands at an https address. Raises NotHad."""
    with _lock:
        until, known = _remembered.get(url, (0.0, b""))
    if until < time.monotonic():
        known = _asked(url, accept)
        kept = FAILURE_REMEMBERED_FOR if isinstance(known, NotHad) else REMEMBERED_FOR
        with _lock:
            _remembered[url] = (time.monotonic() + kept, known)
            _remembered.move_to_end(url)
            while len(_remembered) > MOST_REMEMBERED:
                _remembered.popitem(last=False)
    else:
        kept = until - time.monotonic()
    # What is said of it here holds no longer than what was heard.
    kept_pages.until(timezone.now() + timedelta(seconds=max(0.0, kept)))
    if isinstance(known, NotHad):
        raise known
    return known


def json_at(url: str, *, accept: str = "application/json") -> dict[str, Any]:
    """The JSON object that stands at an https address. Raises NotHad."""
    try:
        value = outbound.read_json(text_at(url, accept=accept))
    except outbound.FetchError as error:
        raise NotHad(_("What stands at {url} is not sound JSON.").format(url=url)) from error
    if not isinstance(value, dict):
        raise NotHad(_("What stands at {url} is not a document.").format(url=url))
    return value


def forget() -> None:
    """Ask anew from now on."""
    with _lock:
        _remembered.clear()


def _asked(url: str, accept: str) -> bytes | NotHad:
    seconds = limits.seconds_left() - KEPT_BACK
    if seconds <= 0:
        return NotHad(_("There was no time left to ask {url}. Try again.").format(url=url))
    try:
        return outbound.fetch(url, accept=accept, seconds=seconds)
    except outbound.FetchError as error:
        return NotHad(_why(error).format(url=url), gone=getattr(error, "status", 0) == GONE)


def _why(error: outbound.FetchError) -> str:
    match error:
        case outbound.SwitchedOff():
            return _("This site does not ask other sites.")
        case outbound.Forbidden():
            return _("{url} is not an address on the open network that may be asked.")
        case outbound.TooLarge():
            return _("What stands at {url} is longer than is read here.")
    return _("{url} could not be reached just now, or did not answer as it should.")
