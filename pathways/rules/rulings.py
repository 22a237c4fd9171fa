"""What people have decided about one learner, as plain frozen values that rules look at.

Each is dated: it holds from `since` to `until`, both days included, where these are given. `id` names the decision.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class _Dated:
    id: str
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, kw_only=True)
class AttestedFact(_Dated):
    """A fact about the learner that a person vouches for: a word, a number, or an ISO day."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class _OfPart(_Dated):
    """About one part or condition, by its id, of whichever versions of the rule of the achievement `rule` have it."""

    rule: str
    node: str


@dataclass(frozen=True, kw_only=True)
class GivenSignOff(_OfPart):
    """A person in this role has approved the part for the learner."""

    role: str


@dataclass(frozen=True, kw_only=True)
class Waiver(_OfPart):
    """The part need not be met; it takes nothing."""


@dataclass(frozen=True, kw_only=True)
class Substitution(_OfPart):
    """In the part that asks for something named, this achievement or assessment does as well, whatever else it asks."""

    key: str


@dataclass(frozen=True, kw_only=True)
class ExtraChoice(_OfPart):
    """In the part that counts what lies in a pool, this achievement counts as well, whatever else the pool asks."""

    key: str


@dataclass(frozen=True, kw_only=True)
class ChangedLimit(_OfPart):
    """A number of the part is another one; `field` names it, such as `at_least` or `where.grade_at_least`."""

    field: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Extension(_OfPart):
    """A date or a length of time of the part is another one; a length is so many `days`, `months` or `years`."""

    field: str
    value: str


RuleException = Waiver | Substitution | ExtraChoice | ChangedLimit | Extension
RulingValue = AttestedFact | GivenSignOff | RuleException
