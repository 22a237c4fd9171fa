"""Made-up learners: a small world in which everything occurs that rules can tell apart, and a search through it.

A rule looks at a holding only through its pools and conditions, so of all holdings that the catalogue could bring, one
of each kind that these tell apart stands for the rest. More never hurts under a rule unless it asks that something is
not held; so to find a learner who meets one rule and not another, sets that the first does not accept rule out all
smaller ones, sets that the second accepts rule out all larger ones, and what is left is tried until nothing is left.

`learners` says what may be held and by whom, `known` what of the language can be made up for a proof, `holdings` makes
up what an entry of the catalogue may bring, `facts` what may be known of learners, `turns` the days and words that
rules can tell apart, `lands` puts these together, and `world` searches.
"""

from pathways.rules.made_up.known import known
from pathways.rules.made_up.learners import Entry
from pathways.rules.made_up.world import Budget, Outcome, TooCostly, World

__all__ = ["Budget", "Entry", "Outcome", "TooCostly", "World", "known"]
