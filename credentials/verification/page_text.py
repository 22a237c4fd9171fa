"""Whether the page that a person reads says what the signed document inside it says."""

import re
import unicodedata
from collections.abc import Iterable

# Hyphens at line ends, joiners, marks of direction, the stretch of Arabic: none of them is a letter of what is said.
_NO_LETTERS = re.compile("[\\s\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\x00-\x1f-]+")
_PLAIN_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "DIGIT")


def same(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two files say the same on their pages, however their lines are broken."""
    return [plain(page) for page in one] == [plain(page) for page in other]


def missing(pages: Iterable[str], said: Iterable[str]) -> list[str]:
    """Which of these statements no page makes."""
    whole = plain("".join(pages))
    return [each for each in said if each and plain(each) not in whole]


def can_be_compared(text: str) -> bool:
    """Whether programs take text of this kind out of a page as it was put in; of some scripts they do not."""
    return all(
        unicodedata.name(letter, "").startswith(_PLAIN_SCRIPTS)
        for letter in unicodedata.normalize("NFKC", text)
        if letter.isalnum()
    )


def plain(text: str) -> str:
    """The text without what pages add: capitals, breaks, the ligatures and shapes of print."""
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def letters(text: str) -> str:
    """The letters and digits alone."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())
