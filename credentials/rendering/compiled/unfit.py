"""Says that a certificate cannot be filled into a form exactly as WeasyPrint would print it, and counts how often."""

from collections import Counter

#: How many certificates of this process went the slow way, by reason.
counted: Counter[str] = Counter()


class Unfit(Exception):
    """This text or page goes the WeasyPrint way. The reason is one of a few words, to be counted."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
