"""The smallest sets that complete a rule, where one further award fills several parts at once.

The evaluation counts what each part lacks by itself. Where parts share, or one is a sum over what the others take, a
single award may fill more than one; which, can be told once it is known what each achievement would bring.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, islice

from pathways.rules import effort
from pathways.rules.candidates import repeats
from pathways.rules.eligible import why_not
from pathways.rules.evaluation import Completion, Evaluation, Need, ReasonCode
from pathways.rules.exceptions import judge
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Amount, Count, Leaf, Rule, walk

# What a page may wait for: about a quarter of a second.
MOST = effort.MOST // 8
MOST_TRIED = 24
MOST_WAYS = 12
DEEPEST = 3
# Why something cannot count that stays so whoever earns it, with whatever grade and on whatever day.
BY_CATALOGUE: frozenset[ReasonCode] = frozenset(
    {
        "level_too_low",
        "level_too_high",
        "other_issuer",
        "other_kind",
        "other_subject",
        "other_skill",
        "tag_missing",
        "tag_excluded",
        "nothing_to_add",
    }
)
# What an achievement brings in other units is not in the catalogue.
KNOWN_UNITS = {"credits", "hours"}


def completions(
    slug: str, rule: Rule, record: Record, evaluation: Evaluation, gains: Mapping[str, Holding]
) -> tuple[Completion, ...]:
    """What is missing in a verdict on this record, with nothing asked for that the rest of it fills as well.

    `gains` are what achievements and assessments would bring, by key. Where it would take too long, or what something
    brings is not known, each part stands as the evaluation has it. What would bring nothing that fits is not named.
    """
    less = _Less(slug, rule, evaluation.on, gains)
    try:
        with effort.bounded(MOST):
            missing = tuple(dict.fromkeys(less.fitting(each, record) for each in evaluation.missing))
            if all(len(each) < 2 for each in missing):
                return missing
            found = list(dict.fromkeys(way for each in missing for way in less.of(each, record)))
    except effort.TooCostlyError:
        return evaluation.missing
    fewest = min(map(less.size, found), default=0)
    return tuple(each for each in found if less.size(each) == fewest)[:MOST_WAYS]


def named_by_what_fits(
    rule: Rule, missing: Sequence[Completion], gains: Mapping[str, Holding], on: date
) -> tuple[Completion, ...]:
    """The same without what, by what the catalogue says of it, could not count there."""
    less = _Less("", rule, on, gains)
    return tuple(dict.fromkeys(less.fitting(each, Record()) for each in missing))


class _Less:
    """Leaves out of what is missing what the rest of it brings along."""

    def __init__(self, slug: str, rule: Rule, on: date, gains: Mapping[str, Holding]) -> None:
        self.slug = slug
        self.rule = rule
        self.on = on
        self.gains = gains
        self.parts = {part.id: part for part in walk(rule.root)}
        self.sums = {node for node, part in self.parts.items() if isinstance(part, Amount)}
        # What may be earned again and again is not counted by its names.
        again = {node for node, part in self.parts.items() if isinstance(part, Count) and repeats(part)}
        self.open_ended = self.sums | again

    def fitting(self, completion: Completion, record: Record) -> Completion:
        """The same needs without what, by what the catalogue says of it, could not count there once it is earned."""
        # What people decided about this learner may let in what the rule by itself does not.
        return completion if record.rulings else tuple(self.fitting_need(need, record) for need in completion)

    def fitting_need(self, need: Need, record: Record) -> Need:
        part = self.parts.get(need.node)
        leaves = [each for each in walk(part) if isinstance(each, Leaf)] if part is not None else []
        left = tuple(each for each in need.any_of if not self.never_counts(each[1], leaves, record))
        # Needs without names mean the whole pool: where nothing is left, the names are the better answer.
        enough = bool(left) if need.node in self.open_ended else len(left) >= need.amount
        return replace(need, any_of=left) if enough else need

    def never_counts(self, key: str, leaves: Sequence[Leaf], record: Record) -> bool:
        gain = self.gains.get(key)
        # Of a grade nothing but its marks is known before it is given.
        if gain is None or gain.kind == "grade":
            return False
        if any(isinstance(leaf, Amount) and leaf.unit not in KNOWN_UNITS for leaf in leaves):
            return False
        reasons = {why_not(gain, leaf, record, self.on) for leaf in leaves} - {"not_asked"}
        return bool(reasons) and reasons <= BY_CATALOGUE

    def of(self, completion: Completion, record: Record, depth: int = DEEPEST) -> Iterator[Completion]:
        named = [need for need in completion if self.is_named(need)]
        fixed = tuple(need for need in named if need.amount == len(need.any_of))
        if len(completion) < 2 or not named or not depth:
            yield completion
        elif fixed:
            yield from self.with_fixed(completion, fixed, record, depth)
        else:
            yield from self.with_choice(completion, named[0], record)

    def with_fixed(self, completion: Completion, fixed: Completion, record: Record, depth: int) -> Iterator[Completion]:
        if len(fixed) == len(completion):
            yield from self.without_repetition(fixed, record)
            return
        more = self.with_holdings(record, [key for need in fixed for _kind, key in need.any_of])
        then = judge(self.slug, self.rule, more, self.on)
        if then.satisfied:
            yield fixed
        for rest in then.missing:
            for each in self.of(self.fitting(rest, more), more, depth - 1):
                yield (*fixed, *each)

    def without_repetition(self, fixed: Completion, record: Record) -> Iterator[Completion]:
        """The fewest of these needs that do: one may name what a part that shares asks for again."""
        for count in range(1, len(fixed)):
            for some in combinations(fixed, count):
                keys = [key for need in some for _kind, key in need.any_of]
                if judge(self.slug, self.rule, self.with_holdings(record, keys), self.on).satisfied:
                    yield some
                    return
        yield fixed

    def with_choice(self, completion: Completion, choice: Need, record: Record) -> Iterator[Completion]:
        """Those of a choice by which all else that is missing is filled, if there are any."""
        will_do = []
        for keys in islice(combinations(choice.any_of, int(choice.amount)), MOST_TRIED):
            more = self.with_holdings(record, [key for _kind, key in keys])
            if judge(self.slug, self.rule, more, self.on).satisfied:
                will_do.append(keys)
        if not will_do:
            yield completion
        elif choice.amount == 1:
            yield (replace(choice, any_of=tuple(keys[0] for keys in will_do)),)
        else:
            for keys in will_do:
                yield (replace(choice, any_of=keys),)

    def is_named(self, need: Need) -> bool:
        """Whether it asks for a number of things of which it is known what each would bring."""
        if not need.any_of or need.node in self.open_ended:
            return False
        return all(key in self.gains for _kind, key in need.any_of)

    def size(self, completion: Completion) -> int:
        """How many things it asks for at the least; of a sum it is only known that it is not nothing."""
        return sum(1 if need.node in self.sums or not need.any_of else int(need.amount) for need in completion)

    def with_holdings(self, record: Record, keys: Sequence[str]) -> Record:
        return replace(record, holdings=(*record.holdings, *(self.gains[key] for key in dict.fromkeys(keys))))
