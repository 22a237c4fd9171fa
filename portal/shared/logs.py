"""Log lines for people or for machines: one line each, with the request's id, and control characters made harmless."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from portal.shared.request_id import current_request_id

_ORDINARY = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time"}


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What was given by `extra`."""
    return {name: value for name, value in vars(record).items() if name not in _ORDINARY}


def _harmless(words: str) -> str:
    """Reliability T12: whoever can write a line break into a log can write lines of their own."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in words)


class JsonLines(logging.Formatter):
    """One JSON object for each record."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request_id():
            line["request_id"] = request_id
        line |= _fields(record)
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = "".join(traceback.format_tb(record.exc_info[2]))
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """A line for a person at a terminal; a defect's trace follows it."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        if request_id := current_request_id():
            fields["request"] = request_id[:8]
        words = [
            datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S"),
            record.levelname.lower(),
            _harmless(record.getMessage()),
            *(f"{name}={_harmless(str(value))}" for name, value in fields.items()),
        ]
        line = " ".join(words)
        if record.exc_info and record.exc_info[0]:
            line += "\n" + self.formatException(record.exc_info)
        return line


def settings(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, as lines or as JSON."""
    formatter = "portal.shared.logs.JsonLines" if form == "json" else "portal.shared.logs.PlainLines"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"cairn": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "cairn"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # They tell of their own doings at length.
            **{
                name: {"level": "WARNING"}
                for name in ("celery", "kombu", "fontTools", "weasyprint", "PIL", "pikepdf", "asyncio")
            },
            # A refused or mistyped request is no event of ours; a defect is logged as an error.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": level, "propagate": True},
        },
    }
