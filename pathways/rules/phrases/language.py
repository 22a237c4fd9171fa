"""The language in which somebody reads: a translator that is handed in, and the mark by which its words are found.

`django.utils.translation` is a `Language` as it stands, and so is a catalogue of Python's own gettext; without any,
`ENGLISH` says what the code says. Messages are whole templates with named places. Where one is chosen from a table it
is marked by `gettext_noop`, a name that `makemessages` looks for.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Protocol


class Language(Protocol):
    """Translates templates; `ngettext` picks the form that goes with a number."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, singular: str, plural: str, number: int, /) -> str: ...


class _English:
    def gettext(self, message: str, /) -> str:
        return message

    def ngettext(self, singular: str, plural: str, number: int, /) -> str:
        return singular if number == 1 else plural


ENGLISH: Language = _English()


def gettext_noop(message: str) -> str:
    """The message as it is; it is translated where it is said."""
    return message


class Phrase(str):
    """Words with something in them: English as they stand, and to be said in other languages by `said_in`."""

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> "Phrase":
        made = super().__new__(cls, template.format(**values))
        made.template, made.values = template, values
        return made


def phrase(template: str, **values: object) -> Phrase:
    """A template, marked to be translated, with what stands in it."""
    return Phrase(template, values)


def said_in(words: str, language: Language) -> str:
    """Words that were marked to be translated, or a phrase with all phrases in it, in that language."""
    if not isinstance(words, Phrase):
        return language.gettext(words) if words else words
    values = {
        name: said_in(each, language) if isinstance(each, Phrase) else each for name, each in words.values.items()
    }
    return language.gettext(words.template).format(**values)


def counted(value: Decimal | int) -> int:
    """The number by which a plural is chosen: a fraction is never one."""
    return int(value) if value == int(value) else max(2, int(value) + 1)


def number(value: Decimal | int) -> str:
    """A decimal without trailing zeros and without an exponent."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def ratio(value: Fraction) -> str:
    """A share or a ratio as it is written in a rule."""
    return f"{value.numerator}/{value.denominator}"


# Words that a rule may hold and that the language knows; any other stands for itself, or for what people call it.
WORDS = {
    "count": gettext_noop("achievements"),
    "credits": gettext_noop("credits"),
    "hours": gettext_noop("hours"),
    "points": gettext_noop("points"),
    "days": gettext_noop("days"),
    "months": gettext_noop("months"),
    "years": gettext_noop("years"),
    "subject": gettext_noop("subject"),
    "issuer": gettext_noop("issuer"),
    "source": gettext_noop("source"),
    "kind": gettext_noop("kind"),
    "level": gettext_noop("level"),
    "achievement": gettext_noop("achievement"),
    "year": gettext_noop("year"),
    "month": gettext_noop("month"),
    "day": gettext_noop("day"),
    "week": gettext_noop("week"),
    "quarter": gettext_noop("quarter"),
    "skills": gettext_noop("skill"),
    "grade": gettext_noop("grade"),
    "first": gettext_noop("first"),
    "last": gettext_noop("last"),
    "best": gettext_noop("best"),
}
