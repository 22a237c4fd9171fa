"""Judges a learner by a rule as people have changed it for that learner: exceptions, sign-offs, attested facts.

An exception rewrites the part it is about, and marks what it lets in; `evaluate` then judges as ever. An exception to
a part that the rule no longer has changes nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, cast

from pathways.rules import pins
from pathways.rules.evaluate import evaluate
from pathways.rules.evaluate import satisfied as is_satisfied
from pathways.rules.evaluation import Evaluation, NodeResult, Taken
from pathways.rules.record import Record
from pathways.rules.requirement import (
    Amount,
    AnyOf,
    Condition,
    Count,
    Fact,
    Holds,
    Order,
    Passed,
    Period,
    Pool,
    Requirement,
    Rule,
    SignedOff,
    Where,
    conditions_of,
    walk,
)
from pathways.rules.results import Found, results_of
from pathways.rules.rulings import (
    AttestedFact,
    ChangedLimit,
    Extension,
    ExtraChoice,
    GivenSignOff,
    RuleException,
    RulingValue,
    Substitution,
    Waiver,
)

WAIVED = "waiver"
# No id that a rule may have holds it, so parts made here cannot be taken for parts of the rule.
JOINT = "~"
# The fields of parts, conditions and tests that hold the name of a fact.
NAMING_A_FACT = ("fact", "same_as", "at_least_fact", "at_most_fact", "less_fact")
LENGTH = re.compile(r"([1-9][0-9]{0,3}) (days|months|years)")

Node = Requirement | Condition
Limits = int | Decimal | Fraction
Times = date | Period


def judge(slug: str, rule: Rule, record: Record, on: date) -> Evaluation:
    """The verdict by the rule of the achievement `slug`, with all that people have decided about this learner, and the
    learner's own choices as far as they make it no worse.

    Its parts are those of the rule as it is written; a part that need not be met is `waived`, with all below it.
    """
    applied = apply(slug, rule, record, on)
    chosen = pins.heeded(slug, applied.rule, applied.record, on)
    evaluation = evaluate(applied.rule, applied.record, on, pins=chosen.here, closed=chosen.closed)
    if chosen.pins:
        evaluation = replace(evaluation, heeded=chosen.pins)
    return applied.told_of(rule, evaluation) if applied.exceptions else evaluation


def satisfied(slug: str, rule: Rule, record: Record, on: date) -> bool:
    """Whether `judge` would say that the rule is satisfied, without the explanation."""
    applied = apply(slug, rule, record, on)
    return is_satisfied(applied.rule, applied.record, on)


def results(slug: str, rule: Rule, record: Record, evaluation: Evaluation) -> dict[str, Found]:
    """What the award bears by a verdict of `judge`, with all that people have decided about this learner."""
    applied = apply(slug, rule, record, evaluation.on)
    return results_of(applied.rule, evaluation, applied.record)


def rests_on(slug: str, rule: Rule, record: Record, on: date) -> frozenset[str]:
    """The decisions, by id, that were in force on this day and that the rule looks at."""
    if not record.rulings:
        return frozenset()
    names, asked = facts_of(rule), sign_offs_of(rule)
    applied = apply(slug, rule, record, on)
    found = {each.id for each in applied.exceptions}
    for each in record.rulings:
        if not each.holds_on(on):
            continue
        # A list of facts is `name.0`, `name.1` …, and the rule speaks of it by its name.
        if isinstance(each, AttestedFact) and not names.isdisjoint({each.name, each.name.rpartition(".")[0]}):
            found.add(each.id)
        if isinstance(each, GivenSignOff) and each.rule == slug and (each.node, each.role) in asked:
            found.add(each.id)
    return frozenset(found)


def nodes_of(rule: Rule) -> dict[str, Node]:
    """Every part and condition of the rule by its id, those that are judged by themselves included."""
    return {each.id: each for root in _roots(rule).values() for each in _every_node(root)}


def limits_of(node: Node) -> dict[str, Limits]:
    """The numbers of a part or condition that an exception may change."""
    return {name: value for name, value in _values(node) if isinstance(value, int | Decimal | Fraction)}


def times_of(node: Node) -> dict[str, Times]:
    """The dates and lengths of time of a part or condition that an exception may change."""
    return {name: value for name, value in _values(node) if isinstance(value, date | Period)}


def read_limit(now: Limits, text: str) -> Limits:
    """The number in place of another of its kind; raises ValueError."""
    try:
        found: Limits = Fraction(text) if isinstance(now, Fraction) else type(now)(text)
    except (InvalidOperation, ZeroDivisionError) as error:
        raise ValueError(text) from error
    if (isinstance(found, Decimal) and not found.is_finite()) or not 0 <= found <= 10**12:
        raise ValueError(text)
    if isinstance(found, Fraction) and found > 1:
        raise ValueError(text)
    return found


def read_time(now: Times, text: str) -> Times:
    """The date, or the length such as `18 months`, in place of another; raises ValueError."""
    if isinstance(now, date):
        return date.fromisoformat(text)
    found = LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(text)
    # Whether it begins with a month stays as the rule says it.
    lengths = {"years": 0, "months": 0, "days": 0, found[2]: int(found[1])}
    return replace(now, years=lengths["years"], months=lengths["months"], days=lengths["days"])


def facts_of(rule: Rule) -> frozenset[str]:
    """The names of the facts that the rule looks at."""
    return frozenset(_facts(rule))


def sign_offs_of(rule: Rule) -> frozenset[tuple[str, str]]:
    """The sign-offs that the rule asks for: part and role."""
    return frozenset((each.id, each.role) for each in nodes_of(rule).values() if isinstance(each, SignedOff))


def can_be_stood_in_for(node: Node) -> bool:
    """Whether a substitution can be made to it."""
    return isinstance(node, Holds | Passed)


def can_be_widened(node: Node) -> bool:
    """Whether an extra choice can be made to it."""
    return isinstance(node, Count | Amount)


def time_words(value: Times) -> str:
    """A date or a length of time as `read_time` reads it; of a length in several units, the largest."""
    if isinstance(value, date):
        return value.isoformat()
    units = (("years", value.years), ("months", value.months), ("days", value.days))
    return next((f"{number} {unit}" for unit, number in units if number), "0 days")


def fits(exception: RuleException, node: Node) -> bool:
    """Whether an exception of this kind can be made to such a part; a value that cannot be read does not fit."""
    match exception:
        case Waiver():
            return True
        case Substitution():
            return can_be_stood_in_for(node)
        case ExtraChoice():
            return can_be_widened(node)
        case ChangedLimit() | Extension():
            return _set(node, exception) != node


@dataclass(frozen=True)
class Applied:
    """A rule and a record as the decisions in force make them, and which exceptions had something to change."""

    rule: Rule
    record: Record
    exceptions: tuple[RuleException, ...] = ()
    waived: frozenset[str] = field(default_factory=frozenset)

    def told_of(self, rule: Rule, evaluation: Evaluation) -> Evaluation:
        """The verdict in terms of the rule as it is written."""
        nodes: dict[str, NodeResult] = {}
        for part in walk(rule.root):
            for id_ in (part.id, *(each.id for each in conditions_of(part))):
                if id_ in self.waived or id_ not in evaluation.nodes:
                    nodes[id_] = NodeResult(node=id_, state="waived", have=Decimal(0), need=Decimal(0))
                else:
                    nodes[id_] = evaluation.nodes[id_]
        allocation: dict[str, tuple[Taken, ...]] = {}
        for id_, taken in evaluation.allocation.items():
            allocation[written(id_)] = allocation.get(written(id_), ()) + taken
        return replace(
            evaluation,
            nodes=nodes,
            allocation=allocation,
            unused=tuple(
                replace(each, node=None if each.node is None else written(each.node)) for each in evaluation.unused
            ),
            missing=tuple(
                tuple(replace(need, node=written(need.node)) for need in completion)
                for completion in evaluation.missing
            ),
        )


def apply(slug: str, rule: Rule, record: Record, on: date) -> Applied:
    """What there is to judge on this day; the very same rule and record where nobody has decided anything."""
    if any(each.id == slug for each in record.others):
        # What an award itself uses is not used elsewhere.
        record = replace(record, others=tuple(each for each in record.others if each.id != slug))
    in_force = [each for each in record.rulings if each.holds_on(on)]
    if not record.rulings:
        return Applied(rule, record)
    about = [each for each in in_force if not isinstance(each, AttestedFact) and each.rule == slug]
    known = nodes_of(rule) if about else {}
    exceptions = tuple(
        each
        for each in about
        if not isinstance(each, GivenSignOff) and each.node in known and fits(each, known[each.node])
    )
    waived = {each.node for each in exceptions if isinstance(each, Waiver)}
    facts = {**record.facts, **_facts_in_force(in_force)}
    gone = {each.name for each in record.rulings if isinstance(each, AttestedFact)} - _facts_in_force(in_force).keys()
    record = replace(
        record,
        facts={name: value for name, value in facts.items() if name not in gone},
        sign_offs=record.sign_offs
        | {(each.node, each.role) for each in about if isinstance(each, GivenSignOff)}
        | {(node, WAIVED) for node in waived},
        holdings=tuple(_marked(record, exceptions)),
    )
    if exceptions:
        rule = _Rewriting(exceptions, waived, known).rule(rule)
    return Applied(rule, record, exceptions, frozenset(waived | _below(known, waived)))


def _facts_in_force(rulings: Sequence[RulingValue]) -> dict[str, str]:
    """The value of each fact: the one attested from the latest day on."""
    facts = [each for each in rulings if isinstance(each, AttestedFact)]
    return {each.name: each.value for each in sorted(facts, key=lambda each: each.since or date.min)}


def _marked(record: Record, exceptions: Sequence[RuleException]) -> Iterator[Any]:
    """The holdings; what an exception lets in says so, for `_let_in` to find."""
    marks: dict[str, set[str]] = {}
    for each in exceptions:
        if isinstance(each, Substitution | ExtraChoice):
            marks.setdefault(each.key, set()).add(_mark(each))
    for holding in record.holdings:
        tags = marks.get(holding.key)
        yield replace(holding, tags=holding.tags | tags) if tags else holding


def _mark(exception: Substitution | ExtraChoice) -> str:
    return f"{JOINT}{exception.id}"


def written(id_: str) -> str:
    """The part of the rule as it is written that a part made here belongs to."""
    return id_.partition(JOINT)[0]


@dataclass(frozen=True)
class _Rewriting:
    """Writes a rule anew with the exceptions in it."""

    exceptions: Sequence[RuleException]
    waived: set[str]
    known: Mapping[str, Node]

    def rule(self, rule: Rule) -> Rule:
        changes: dict[str, Any] = {name: self.part(root) for name, root in _roots(rule).items()}
        return replace(rule, **changes)

    def part(self, part: Requirement) -> Requirement:
        if part.id in self.waived:
            return SignedOff(id=part.id, role=WAIVED)
        inner: dict[str, Any] = {}
        # By what the fields hold and not by their names: a part of a kind that is new to us is looked into as well.
        for each in fields(part):
            value = getattr(part, each.name)
            if isinstance(value, Requirement):
                inner[each.name] = self.part(value)
            elif isinstance(value, tuple) and value and isinstance(value[0], Requirement):
                inner[each.name] = tuple(self.part(below) for below in value)
            elif isinstance(value, tuple) and value and isinstance(value[0], Condition):
                inner[each.name] = tuple(self.conditions(value))
        return cast(Requirement, self.changed(replace(part, **inner) if inner else part))

    def conditions(self, conditions: Sequence[Condition]) -> Iterator[Condition]:
        for each in conditions:
            if each.id in self.waived:
                continue
            if isinstance(each, Order):
                # What is below a waived part is no longer there to come before or after anything.
                there = self.known.keys() - _below(self.known, self.waived)
                each = replace(  # noqa: PLW2901
                    each,
                    first=tuple(id_ for id_ in each.first if id_ in there),
                    then=tuple(id_ for id_ in each.then if id_ in there),
                )
                if not each.first or not each.then:
                    continue
            yield cast(Condition, self.changed(each))

    def changed(self, node: Node) -> Node:
        # What stands in for a part is let in last: it is asked for nothing else.
        for each in sorted(self.exceptions, key=lambda each: isinstance(each, Substitution | ExtraChoice)):
            if each.node == node.id:
                node = _changed(node, each)
        return node


def _below(known: Mapping[str, Node], waived: set[str]) -> set[str]:
    """What lies below the parts that need not be met."""
    parts = [part for id_ in waived if isinstance(part := known[id_], Requirement)]
    return {each.id for part in parts for each in _every_node(part)} - waived


def _changed(node: Node, exception: RuleException) -> Node:
    match exception:
        case Waiver():
            return node
        case Substitution(key=key):
            if isinstance(node, Holds):
                return replace(node, any_of=(*node.any_of, key), where=_let_in(node.where, _mark(exception)))
            return _either(node, exception)
        case ExtraChoice(key=key):
            counting = cast(Count | Amount, node)
            return replace(counting, pool=_widened(counting.pool, key, _mark(exception)))
        case ChangedLimit() | Extension():
            return _set(node, exception)


def _either(node: Node, substitution: Substitution) -> Node:
    """What is asked, or what stands in for it; after a first substitution there is a choice already."""
    own: Requirement
    if isinstance(node, Passed):
        own = replace(node, id=f"{node.id}{JOINT}asked", shared=False)
        parts: tuple[Requirement, ...] = (own,)
        shared = node.shared
    else:
        parts, shared = cast(AnyOf, node).parts, cast(AnyOf, node).shared
    id_ = f"{node.id}{JOINT}{substitution.id}"
    stands_in: Requirement
    # An assessment is named with its course.
    if "/" in substitution.key:
        stands_in = Passed(id=id_, assessment=substitution.key)
    else:
        stands_in = Holds(id=id_, any_of=(substitution.key,))
    return AnyOf(id=node.id, parts=(*parts, stands_in), shared=shared)


def _widened(pool: Pool, key: str, mark: str) -> Pool:
    asked = {each.name: getattr(pool, each.name) for each in fields(Where)}
    where = _let_in(Where(**asked), mark)
    return Pool(
        **{each.name: getattr(where, each.name) for each in fields(Where)},
        achievements=(*pool.achievements, key) if pool.achievements else (),
        without_achievements=tuple(each for each in pool.without_achievements if each != key),
        repeats=pool.repeats,
    )


def _let_in(where: Where, mark: str) -> Where:
    """What fits, or what is marked."""
    if where == Where():
        return where
    return Where(either=(where, Where(tags=(mark,))))


# --- the values of a part -----------------------------------------------------------------------------------------


def _roots(rule: Rule) -> dict[str, Requirement]:
    """What the rule asks, to earn and to keep, by the names of its fields."""
    asked = ((each.name, getattr(rule, each.name)) for each in fields(rule))
    return {name: part for name, part in asked if isinstance(part, Requirement)}


def _every_node(part: Requirement) -> Iterator[Node]:
    yield part
    for each in fields(part):
        value = getattr(part, each.name)
        for below in value if isinstance(value, tuple) else (value,):
            if isinstance(below, Requirement):
                yield from _every_node(below)
            elif isinstance(below, Condition):
                yield below


def _facts(value: Any) -> Iterator[str]:
    """The facts named anywhere in a tree: by a check on one, as a bound, by a day, by properties that follow one."""
    if isinstance(value, tuple):
        for each in value:
            yield from _facts(each)
    elif hasattr(value, "__dataclass_fields__"):
        yield from getattr(value, "tags_as_facts", ())
        if isinstance(value, Fact):
            yield value.name
        yield from filter(None, (getattr(value, name, "") for name in NAMING_A_FACT))
        for each in fields(value):
            yield from _facts(getattr(value, each.name))


def _values(node: Node) -> Iterator[tuple[str, Any]]:
    """The plain values of a part by the names of its fields, those of its pool or its condition on one holding too."""
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, Where):
            for inner in fields(value):
                found = getattr(value, inner.name)
                if not isinstance(found, bool):
                    yield f"{each.name}.{inner.name}", found
        elif not isinstance(value, bool):
            yield each.name, value


def _set(node: Node, exception: ChangedLimit | Extension) -> Node:
    """The part with another value; as it was where the field is not there or the value cannot be read."""
    now = (limits_of(node) if isinstance(exception, ChangedLimit) else times_of(node)).get(exception.field)
    if now is None:
        return node
    try:
        value: Any = (
            read_time(now, exception.value) if isinstance(now, date | Period) else read_limit(now, exception.value)
        )
    except ValueError:
        return node
    outer, _dot, inner = exception.field.partition(".")
    if inner:
        value = replace(getattr(node, outer), **{inner: value})
    changes: dict[str, Any] = {outer: value}
    return replace(node, **changes)
