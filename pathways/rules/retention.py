"""Whether an award that was earned still stands, and until when: kept for good, current with its grace, renewed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from pathways.rules import effort, evaluate
from pathways.rules.days import day_before, end_of, moved
from pathways.rules.eligible import the_day
from pathways.rules.history import cycles, end_with_grace, stretches, was_renewed
from pathways.rules.record import Record
from pathways.rules.requirement import FactDay, Period, Requirement, Rule
from pathways.rules.turning import turning_days

EARNED = "prior.earned"
FELL = "prior.fell"
# The days on which the first and the last of what counted had been earned, when the award was.
COUNTED = ("counted.first", "counted.last")
_ONE_DAY = Period(days=1)
# The first and last day of a time, both included.
Stretch = tuple[date, date]
# Whether a record satisfies a rule on a day. Whoever has decisions of people to mind gives a judge that minds them on
# the very day that is looked back at: what was waived once was met then, even if it is waived no longer.
Satisfied = Callable[[Rule, Record, date], bool]


@effort.bounded()
def stands(rule: Rule, record: Record, on: date, *, earned_on: date) -> bool:
    """Whether what was granted on `earned_on` is still held on `on`: it has not fallen, nor run out past its grace.

    A revocation is an act of people and not judged here. Raises effort.TooCostlyError where that cannot be found out.
    """
    if not is_kept(rule, record, on, earned_on=earned_on):
        return False
    until = valid_until(rule, record, on, earned_on=earned_on)
    return until is None or on <= grace_end(rule, until)


@effort.bounded()
def is_kept(
    rule: Rule, record: Record, on: date, *, earned_on: date, satisfied: Satisfied = evaluate.satisfied
) -> bool:
    """Whether what was granted on `earned_on` has not fallen by `on`, however long it is valid.

    Raises effort.TooCostlyError where that cannot be found out.
    """
    return on >= earned_on and (
        rule.lasts == "kept" or _Life.since(earned_on, rule, record, on, satisfied).is_kept(earned_on)
    )


@effort.bounded()
def valid_until(
    rule: Rule, record: Record, on: date, *, earned_on: date, satisfied: Satisfied = evaluate.satisfied
) -> date | None:
    """The last day of the last period of validity that is known of by `on`, without any grace; none without periods.

    What is renewed already runs to the end of the next period. Raises effort.TooCostlyError.
    """
    return _Life.since(earned_on, rule, record, on, satisfied).valid_until(earned_on)


def grace_end(rule: Rule, last: date) -> date:
    """The last day on which it still stands, if `last` is the last on which the rule was satisfied."""
    ends = [last]
    if rule.grace is not None:
        ends.append(end_of(last, rule.grace))
    if rule.grace_to_year_end:
        ends.append(date(last.year, 12, 31))
    return max(ends)


def periods(rule: Rule, record: Record, earned_on: date) -> Iterator[tuple[date, date]]:
    """The first and last day of each period of validity: a year is good until the same day of the next, included."""
    for start, end in cycles_of(rule, record, earned_on):
        whole = rule.validity is None or rule.validity.exclusive or rule.validity.whole_months
        yield start, end if whole else moved(end, _ONE_DAY, 1)


def cycles_of(rule: Rule, record: Record, earned_on: date) -> Iterator[tuple[date, date]]:
    """The first and last day of each cycle of an award's validity, the next beginning on the day after the last."""
    if rule.validity is not None:
        for cycle in cycles(_first_day(rule, record, earned_on), rule.validity):
            # Where one follows another from a fixed date, whoever comes later has not missed the earlier ones.
            if not isinstance(rule.valid_from, date) or cycle[1] >= earned_on:
                yield cycle


def _first_day(rule: Rule, record: Record, earned_on: date) -> date:
    """The day on which the first period begins: as the rule says, or else, and where that is not known, `earned_on`."""
    day = rule.valid_from
    if day is None:
        return earned_on
    facts = {**record.facts, EARNED: earned_on.isoformat()}
    if isinstance(day, FactDay) and day.fact in COUNTED:
        evaluation = evaluate.evaluate(rule, replace(record, facts=facts), earned_on)
        counted = [each.earned_on for each in record.holdings if evaluation.satisfied and each.id in evaluation.used]
        if counted:
            facts |= {COUNTED[0]: min(counted).isoformat(), COUNTED[1]: max(counted).isoformat()}
    return the_day(day, replace(record, facts=facts), earned_on) or earned_on


@dataclass(frozen=True)
class _Life:
    """What became of an award up to a day."""

    rule: Rule
    record: Record
    on: date
    satisfied: Satisfied

    @classmethod
    def since(cls, earned_on: date, rule: Rule, record: Record, on: date, satisfied: Satisfied) -> "_Life":
        facts = {**record.facts, EARNED: earned_on.isoformat()}
        return cls(rule, replace(record, facts=facts), on, satisfied)

    def valid_until(self, earned_on: date) -> date | None:
        last: date | None = None
        for first, last in periods(self.rule, self.record, earned_on):
            if not self._is_renewed((first, last)):
                returned = next(self._returns(last, last), None) if self.on > last else None
                return last if returned is None else self.valid_until(returned)
        return last

    def is_kept(self, earned_on: date) -> bool:
        asked = self.rule.keep or self.rule.root
        if not self.rule.falls_for_good and self.rule.reinstatement is None:
            return self._was_met_lately(asked, earned_on)
        return self._stands_through(earned_on, list(stretches(asked, self.record, earned_on, self.on, self._judge)))

    def _was_met_lately(self, part: Requirement, earned_on: date) -> bool:
        """Whether it is met, or was on a day that is not further back than the grace reaches."""
        last = self.on
        for day in reversed([earned_on, *turning_days(part, self.record, earned_on, self.on)]):
            # What was before the last day that may still help needs no look: it may be long ago, and costly.
            if self.on > grace_end(self.rule, last):
                return False
            if self._judge(part, self.record, day):
                return True
            last = day_before(day)
        return False

    def _is_renewed(self, cycle: Stretch) -> bool:
        """Whether what renews was met in this period or the grace after it, as far as that is over."""
        last = min(self.on, end_with_grace(cycle, self.rule.grace))
        renewal = self.rule.renewal
        return renewal is not None and cycle[0] <= last and was_renewed(renewal, self.record, cycle, last, self._judge)

    def _returns(self, fell: date, first: date) -> Iterator[date]:
        """The days, from this first one, on which what stood until `fell` begins to be back."""
        if self.rule.reinstatement is None or self.rule.falls_for_good:
            return
        # The last day on which the award stood is a fact.
        fallen = replace(self.record, facts={**self.record.facts, FELL: fell.isoformat()})
        for begun, _ in stretches(self.rule.reinstatement, fallen, first, self.on, self._judge):
            yield begun

    def _stands_through(self, earned_on: date, runs: list[Stretch]) -> bool:
        """Whether it never fell, or returned by what reinstates it and did not fall again."""
        standing_until = earned_on
        for begun, end in runs:
            if begun > grace_end(self.rule, standing_until) and begun > earned_on:
                break
            standing_until = end
        fell = grace_end(self.rule, standing_until)
        if self.on <= fell:
            return True
        for begun in self._returns(fell, moved(fell, _ONE_DAY, 1)):
            later = [(max(first, begun), last) for first, last in runs if last >= begun]
            if later and self._stands_through(begun, later):
                return True
            if self.on <= grace_end(self.rule, begun):
                return True
        return False

    def _judge(self, part: Requirement, record: Record, on: date) -> bool:
        return self.satisfied(replace(self.rule, root=part), record, on)
