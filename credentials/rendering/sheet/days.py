"""Writes a day as paper says it."""

from datetime import date
from functools import lru_cache

from django.utils import formats, translation


@lru_cache(1024)
def day(on: date, language: str) -> str:
    """A day as paper says it."""
    # Read by people of many countries: in English, too, the day stands first and the month in full.
    with translation.override(language):
        return formats.date_format(on, "j F Y" if language.startswith("en") else "DATE_FORMAT")


@lru_cache(64)
def letters_of_days(language: str) -> str:
    """Whatever a day of a year may be written with."""
    return "".join(sorted({*"0123456789", *"".join(day(date(2000, month, 1), language) for month in range(1, 13))}))
