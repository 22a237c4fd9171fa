"""Tries a rule on made-up records before it is published, so that none takes a worker's time when learners are judged.

Whether a rule can be slow is not seen from its form: packing is hard in the worst case and easy in nearly all others.
So it is judged on records that searches find hard, within an eighth of what a judgement may do: a real one may be as
much worse than the worst of these. The largest are larger than records are, so that the whole bound is theirs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial

from pathways.rules import effort
from pathways.rules.days import moved
from pathways.rules.evaluate import satisfied
from pathways.rules.history import in_cycle
from pathways.rules.record import Record
from pathways.rules.requirement import Figure, Period, Rule, roots
from pathways.rules.results import greatest
from pathways.rules.retention import EARNED, stands
from pathways.rules.trial_learners import TrialLearners, day_to_try

MARGIN = 8
ON = date(2026, 6, 1)
# So long ago what is judged for whether it still stands was earned, where no period of its own is said.
STOOD = Period(years=3)
# What a page can wait for while somebody writes: less than a fifth of a second. The rest is tried before publishing.
WHILE_WRITING = 100_000


@dataclass(frozen=True)
class Stalling:
    """A made-up record that takes more to judge than is safe, as it is on this day."""

    record: Record
    on: date


@lru_cache(maxsize=512)
def who_stalls(rule: Rule, *, within: int | None = None) -> Stalling | None:
    """The first made-up record that takes more to judge than is safe, of as many as can be tried `within` this."""
    on = day_to_try(rule, ON)
    left = within
    for is_largest, record in TrialLearners(rule, on).records():
        safe = effort.MOST if is_largest else effort.MOST // MARGIN
        for asked, judge in list(_judgements(rule, record, on))[: 1 if is_largest else None]:
            most = safe if left is None else min(safe, left)
            try:
                with effort.bounded(most) as meter:
                    judge()
            except effort.TooCostlyError:
                return Stalling(asked, on) if most == safe else None
            left = None if left is None else left - meter.spent
    return None


def _judgements(rule: Rule, record: Record, on: date) -> Iterator[tuple[Record, Callable[[], bool]]]:
    """What is asked about a learner: each outermost part, whether what was earned still stands, what is sought."""
    earned_on = moved(on, rule.validity or STOOD, -1)
    earlier = in_cycle(replace(record, facts={**record.facts, EARNED: earned_on.isoformat()}), (earned_on, on))
    for part in roots(rule):
        asked = record if part is rule.root else earlier
        yield asked, partial(satisfied, replace(rule, root=part), asked, on)
    if rule.lasts == "current" or rule.validity is not None:
        yield record, partial(stands, rule, record, on, earned_on=earned_on)
    for result in rule.results:
        if isinstance(result, Figure) and result.over == "best":
            yield record, partial(_seeks, result, rule, record, on)


def _seeks(figure: Figure, rule: Rule, record: Record, on: date) -> bool:
    return satisfied(rule, record, on) and greatest(figure, rule, record, on) > 0
