"""One thing that is wrong with a document: where, and in words for a person."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong, where: `path` as in `$.issuer.name`, `words` for a person."""

    path: str
    words: str
