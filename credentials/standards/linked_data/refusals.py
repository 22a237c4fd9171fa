"""Why a document cannot be signed or checked as linked data."""


class BadDocument(Exception):
    """A document cannot be signed or checked as linked data. `path` says where, as in `$.issuer.name`."""

    def __init__(self, path: str, words: str) -> None:
        super().__init__(f"{path}: {words}")
        self.path = path
        self.words = words


class DataLoss(BadDocument):
    """A part of the document would not be covered by the signature; `term` is the name or address at fault."""

    def __init__(self, path: str, term: str, words: str) -> None:
        super().__init__(path, words)
        self.term = term


class Disguised(BadDocument):
    """It says under another name, or in another place, what programs that read plain JSON look for under its own.

    The signature holds, since the graph is the same; but a validity that has ended, or a status, would be overlooked.
    """


class TooLarge(BadDocument):
    """The document is beyond the limits of size, depth, count or tangle that we are ready to work through."""
