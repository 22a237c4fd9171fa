"""Proves what a rule cannot say of itself: that nobody can meet it, that everybody does, that a part never decides.

Each finding comes with a made-up learner who shows it, and says whether it is proved for all that the catalogue offers
or only that no counterexample was found among so many learners.
"""

from .findings import BOUNDS, TEXTS, UNDECIDED, Code, Finding, Proof
from .questions import MOST_FOR_ONE, MOST_LEARNERS, prove, to_earn
from .without import without

__all__ = [
    "BOUNDS",
    "MOST_FOR_ONE",
    "MOST_LEARNERS",
    "TEXTS",
    "UNDECIDED",
    "Code",
    "Finding",
    "Proof",
    "prove",
    "to_earn",
    "without",
]
