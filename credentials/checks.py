"""Refuses to start under another name than the one that has signed: what was signed bears the first one for ever."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import OperationalError, ProgrammingError

from credentials.log import log_reading

USUAL_PORT = 8000
AT_HOME = ("localhost", "127.0.0.1")


@register(Tags.database)
def name_is_the_one_that_signed(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """That the host and port of the site's address are those under which its log was begun."""
    if not databases:
        return []
    try:
        former = log_reading.other_name()
    except (OperationalError, ProgrammingError):
        # There are no tables yet, so nothing was signed; a database that is away is told of by what needs it.
        return []
    return [] if former is None else [Error(former.words, hint=remedy(former), id="cairn.E101")]


def remedy(former: log_reading.OtherName) -> str:
    """Which setting it was, and what to type, on a machine that listens where it does now."""
    by_default = f"http://localhost:{settings.PORT}"
    if by_default != settings.SITE_URL:
        why, scheme = "CAIRN_SITE_URL is another than it was.", settings.SITE_URL.partition("://")[0]
    elif former.kept.startswith(AT_HOME):
        why, scheme = "CAIRN_PORT is another than it was.", "http"
    else:
        why, scheme = "CAIRN_SITE_URL is missing.", "https"
    port = f" CAIRN_PORT={settings.PORT}" if settings.PORT != USUAL_PORT else ""
    return (
        f"{why} To go on with this site, wherever it listens now: CAIRN_SITE_URL={scheme}://{former.kept}{port} ./run\n"
        "    To begin another one: give it a folder of its own (CAIRN_DATA), and a database of its own (DATABASE_URL)."
    )
