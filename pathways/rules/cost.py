"""Judges a rule before it is published: what can never be met, always is, contradicts itself, or costs too much."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from math import prod
from typing import Literal

from pathways.rules.allocate import Matching
from pathways.rules.candidates import repeats, scopes
from pathways.rules.compiled import is_slot
from pathways.rules.phrases.language import gettext_noop
from pathways.rules.requirement import (
    MAX_CLAUSES,
    MAX_DEPTH,
    All,
    Amount,
    AtLeast,
    Average,
    Blend,
    Check,
    Condition,
    Count,
    Duration,
    EachCycle,
    Fact,
    Figure,
    Given,
    Graded,
    Group,
    Groups,
    Holds,
    LastOf,
    Leaf,
    Limit,
    Newest,
    OneYear,
    Order,
    Overlap,
    Pace,
    Passed,
    Period,
    Pool,
    Requirement,
    Rule,
    Span,
    Spread,
    Together,
    Where,
    conditions_of,
    looked_into,
    needed_parts,
    roots,
    walk,
)
from pathways.rules.scene import required
from pathways.rules.turning import SHORTEST_CYCLE

# Ways through the choices of a rule, and sums that contend for the same holdings, that one evaluation may try. Both
# are far above any rule that was read, and keep the worst record within a second.
MAX_WAYS = 100_000
MAX_CONTENDING_SUMS = 8
# Each day on which such a condition may turn is tried with each day of the others.
MAX_DATE_CONDITIONS = 12

# Conditions of which each case is tried by itself.
OnDates = Order | OneYear | Span | Together | Groups | LastOf
Code = Literal[
    "too_deep",
    "too_many_parts",
    "no_parts",
    "more_than_parts",
    "nothing_named",
    "always_true",
    "maximum_below_minimum",
    "levels_crossed",
    "dates_crossed",
    "more_than_named",
    "all_excluded",
    "demanded_twice",
    "nothing_asked",
    "no_such_part",
    "no_such_day",
    "no_such_word",
    "no_such_period",
    "cycle_too_short",
    "divided_and_counted",
    "blended_twice",
    "not_sought",
    "made_of_more",
    "groups_unclear",
    "rounding_unclear",
    "begins_nothing",
    "share_of_nothing",
    "condition_over_shared",
    "too_many_ways",
    "too_many_sums",
    "too_many_date_conditions",
]

TEXTS: dict[Code, str] = {
    "too_deep": gettext_noop("Parts may be nested at most {limit} deep."),
    "too_many_parts": gettext_noop("A rule may have at most {limit} parts."),
    "no_parts": gettext_noop("This group has no parts."),
    "more_than_parts": gettext_noop("This asks for {count} of {parts} parts, which nobody can meet."),
    "nothing_named": gettext_noop("This names no achievement, so nothing can meet it."),
    "always_true": gettext_noop("This asks for nothing, so everybody meets it."),
    "maximum_below_minimum": gettext_noop("The maximum is below the minimum."),
    "levels_crossed": gettext_noop("The highest level is below the lowest."),
    "dates_crossed": gettext_noop("The last day is before the first."),
    "more_than_named": gettext_noop("This asks for {count} different achievements but names {named}."),
    "all_excluded": gettext_noop("Every achievement that is named is also excluded."),
    "demanded_twice": gettext_noop(
        "Together with other parts this needs {count} different achievements of {named} named ones; "
        "each counts only once."
    ),
    "nothing_asked": gettext_noop("This condition sets no minimum and no maximum."),
    "no_such_part": gettext_noop("This condition names a part that is not below it."),
    "no_such_day": gettext_noop("No year has this day, or not every year has it."),
    "no_such_word": gettext_noop("This compares with a word that is not on its scale."),
    "no_such_period": gettext_noop("This period is no time at all."),
    "cycle_too_short": gettext_noop("What comes round again must take at least {days} days each time."),
    "divided_and_counted": gettext_noop("What counts in part cannot be counted by number."),
    "blended_twice": gettext_noop("Where averages are blended, each says of itself how much of the best counts."),
    "not_sought": gettext_noop(
        "Only a sum can be the greatest of all choices, without rates, and where parts neither share nor divide."
    ),
    "made_of_more": gettext_noop("What is made of other results looks at nothing else."),
    "groups_unclear": gettext_noop(
        "At most so much of each group needs a property to group by, and the other way round; and only sums and "
        "averages over all that counts, or is held, can have it."
    ),
    "rounding_unclear": gettext_noop(
        "This is rounded to places or to a step, not to both; and how it is rounded needs one of them."
    ),
    "begins_nothing": gettext_noop("This says from when it is valid, but not how long."),
    "share_of_nothing": gettext_noop(
        "This share is of what the part requires, but the part requires nothing in that measure."
    ),
    "condition_over_shared": gettext_noop(
        "A condition cannot look at parts that share what they take: it would count it twice."
    ),
    "too_many_ways": gettext_noop("The choices combine in {ways} ways; at most {limit} can be tried."),
    "too_many_date_conditions": gettext_noop(
        "{count} conditions on dates look at the same parts; at most {limit} can be tried."
    ),
    "too_many_sums": gettext_noop("{sums} sums draw on the same holdings; at most {limit} can be tried."),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One reason why a rule must not be published, and the part it is about."""

    code: Code
    node: str
    values: tuple[tuple[str, int], ...] = ()

    @property
    def text(self) -> str:
        return TEXTS[self.code].format(**dict(self.values))


def check(rule: Rule) -> list[Finding]:
    """Everything that forbids publishing this rule; an empty list if nothing does."""
    more = [finding for root in roots(rule)[1:] for finding in check(Rule(root=root))]
    return [*_check_root(rule), *more, *_check_meanings(rule)]


def _check_root(rule: Rule) -> list[Finding]:
    parts = list(walk(rule.root))
    if _depth(rule.root) > MAX_DEPTH:
        return [Finding(code="too_deep", node=rule.root.id, values=(("limit", MAX_DEPTH),))]
    if len(parts) > MAX_CLAUSES:
        return [Finding(code="too_many_parts", node=rule.root.id, values=(("limit", MAX_CLAUSES),))]
    looked_at = {each.id for part in parts if conditions_of(part) for each in walk(part)}
    findings = [finding for part in parts for finding in _check_part(part, under=part.id in looked_at)]
    findings += [finding for part in parts for each in conditions_of(part) for finding in _check_condition(part, each)]
    if not findings:
        findings += _demanded_twice(rule)
        findings += _cost(rule)
    return findings


def _check_cycle(node: str, every: Period) -> Iterator[Finding]:
    if _is_nothing(every):
        yield Finding(code="no_such_period", node=node)
    elif not every.years and not every.months and every.days < SHORTEST_CYCLE:
        yield Finding(code="cycle_too_short", node=node, values=(("days", SHORTEST_CYCLE),))


def _check_meanings(rule: Rule) -> Iterator[Finding]:
    if rule.validity is not None:
        yield from _check_cycle(rule.root.id, rule.validity)
    elif rule.valid_from is not None:
        yield Finding(code="begins_nothing", node=rule.root.id)
    for result in rule.results:
        if isinstance(result, Figure):
            yield from _check_figure(result, rule)
    for substitute in rule.substitutes:
        if not substitute.achievement and not substitute.property:
            yield Finding(code="nothing_named", node=rule.root.id)
    for names in (*(same.names for same in rule.same), *(barred.names for barred in rule.barred)):
        if len(names) < 2:
            yield Finding(code="nothing_named", node=rule.root.id)
    for each in rule.renewals:
        yield from _check_where(rule.root.id, each.of)
        yield from _check_where(rule.root.id, each.by)


def _check_figure(figure: Figure, rule: Rule) -> Iterator[Finding]:
    yield from _check_blend(rule.root.id, figure)
    if figure.places is not None and figure.step is not None:
        yield Finding(code="rounding_unclear", node=rule.root.id)
    if not _has_clear_groups(figure):
        yield Finding(code="groups_unclear", node=rule.root.id)
    if figure.made_of and not _only_made_of(figure):
        yield Finding(code="made_of_more", node=rule.root.id)
    if figure.over == "best" and not _can_be_sought(figure, rule):
        yield Finding(code="not_sought", node=rule.root.id)


def _can_be_sought(figure: Figure, rule: Rule) -> bool:
    """Whether the greatest sum can be asked for as a condition over all that the rule takes."""
    plain = figure.give == "total" and not (figure.rates or figure.values or figure.blend or figure.last or figure.best)
    parts = [each for each in walk(rule.root) if not isinstance(each, Check)]
    sums = [each for each in parts if isinstance(each, Amount)]
    return plain and not any(each.shared for each in parts) and not any(each.divisible or each.rates for each in sums)


def _has_clear_groups(figure: Figure) -> bool:
    """Whether groups are said wholly or not at all, and where the best of them are told by size or grade alone."""
    if not figure.by and figure.at_most_each is None:
        return True
    plain = figure.give in ("total", "average") and figure.over != "best" and not figure.last and not figure.blend
    return plain and bool(figure.by) and figure.at_most_each is not None


def _only_made_of(figure: Figure) -> bool:
    """Whether nothing is said besides what it is made of, and what is done to the sum afterwards."""
    bare = Figure(name=figure.name)
    finishing = {
        name: getattr(bare, name) for name in ("minus", "per", "at_most", "places", "step", "rounded", "bands")
    }
    return replace(figure, **finishing, made_of=()) == bare


def _check_blend(node: str, mean: Graded | Figure | Blend) -> Iterator[Finding]:
    if mean.blend and mean.best is not None:
        yield Finding(code="blended_twice", node=node)
    for each in mean.blend:
        yield from _check_where(node, each.of)
        if each.step is None and each.rounded != "nearest":
            yield Finding(code="rounding_unclear", node=node)
        yield from _check_blend(node, each)


def _is_nothing(period: Period) -> bool:
    return not (period.years or period.months or period.days)


def _depth(part: Requirement) -> int:
    return 1 + max((_depth(each) for each in part.parts), default=0) if isinstance(part, Group) else 1


def _check_part(part: Requirement, *, under: bool) -> Iterator[Finding]:
    match part:
        case Holds(any_of=any_of, where=where):
            if not any_of:
                yield Finding(code="nothing_named", node=part.id)
            yield from _check_where(part.id, where)
        case Passed(where=where):
            yield from _check_where(part.id, where)
        case Count(at_least=least, at_most=most, pool=pool) | Amount(at_least=least, at_most=most, pool=pool):
            # Under a condition, a part may offer what others have to reach with it: "up to 12 from here".
            if least <= 0 and not under and not part.at_least_fact:
                yield Finding(code="always_true", node=part.id)
            if most is not None and most < least:
                yield Finding(code="maximum_below_minimum", node=part.id)
            yield from _check_where(part.id, pool)
            yield from _check_pool(part, pool)
        case _ if isinstance(part, Check):
            yield from _check_check(part)
        case _:
            yield from _check_group(part)


def _check_condition(part: Requirement, condition: Condition) -> Iterator[Finding]:
    below = list(walk(part))
    if _counts_pieces(condition) and any(isinstance(each, Amount) and each.divisible for each in below):
        yield Finding(code="divided_and_counted", node=condition.id)
    if _adds_up(condition) and any(not isinstance(each, Check) and each.shared for each in below[1:]):
        yield Finding(code="condition_over_shared", node=condition.id)
    if _asks_nothing(condition):
        yield Finding(code="nothing_asked", node=condition.id)
    match condition:
        case Limit(at_least=least, at_most=most, at_least_share=low, at_most_share=high, of=pool):
            if (least is not None and most is not None and most < least) or (low and high and high < low):
                yield Finding(code="maximum_below_minimum", node=condition.id)
            yield from _check_where(condition.id, pool)
            if condition.among is not None:
                yield from _check_where(condition.id, condition.among)
            if condition.share_of == "required" and required(part, condition.measure) is None:
                yield Finding(code="share_of_nothing", node=condition.id)
        case Spread(of=pool) | Average(of=pool):
            yield from _check_where(condition.id, pool)
        case Order(first=first, then=then):
            if not first or not then or not {*first, *then} <= {each.id for each in below}:
                yield Finding(code="no_such_part", node=condition.id)
        case OneYear(month=month, day=day):
            if not 1 <= month <= 12 or not 1 <= day <= monthrange(2023, month)[1]:
                yield Finding(code="no_such_day", node=condition.id)


def _asks_nothing(condition: Condition) -> bool:
    match condition:
        case Limit(at_least=None, at_most=None, at_least_share=None, at_most_share=None, at_least_fact=""):
            return True
        case Spread(at_least=None, at_most=None, at_most_each=None) | Average(at_least=None, at_most=None):
            return True
        case Overlap(at_most=None, at_most_share=None) | Span(within=None, at_least=None):
            return True
        case Groups(groups=count, at_least=each):
            return count < 1 or each <= 0
    return False


def _adds_up(condition: Condition) -> bool:
    """Whether the condition would count twice what two parts take; days and kinds are the same however often."""
    if isinstance(condition, Spread):
        return condition.at_most_each is not None
    return not isinstance(condition, Order | OneYear | Span | Together | Newest)


def _counts_pieces(condition: Condition) -> bool:
    match condition:
        case Limit(measure=measure) | Groups(measure=measure) | LastOf(measure=measure) | Overlap(measure=measure):
            return measure == "count"
        case Pace(measure=measure):
            return measure == "count"
        case Spread(measure=measure, at_most_each=most):
            return measure == "count" and most is not None
        case Average(weight=weight):
            return weight == "count"
    return False


def _check_check(part: Check) -> Iterator[Finding]:
    match part:
        case Fact(at_least=least, at_most=most, since=since, until=until):
            if least is not None and most is not None and most < least:
                yield Finding(code="maximum_below_minimum", node=part.id)
            if isinstance(since, date) and isinstance(until, date) and until < since:
                yield Finding(code="dates_crossed", node=part.id)
            if not {part.at_least_word, part.at_most_word} <= {"", *part.scale}:
                yield Finding(code="no_such_word", node=part.id)
            if not part.negated and part == Fact(id=part.id, name=part.name, scale=part.scale):
                yield Finding(code="always_true", node=part.id)
        case Duration():
            yield from _check_duration(part)
        case EachCycle(part=inner, every=every):
            yield from _check_cycle(part.id, every)
            yield from check(Rule(root=inner))
        case _ if (below := looked_into(part)) is not None:
            yield from check(Rule(root=below))
        case Graded():
            yield from _check_graded(part)
        case Given(pool=pool, at_least=at_least):
            if at_least <= 0 and part.at_most is None:
                yield Finding(code="always_true", node=part.id)
            yield from _check_where(part.id, pool)


def _check_duration(part: Duration) -> Iterator[Finding]:
    if part.at_least <= 0:
        yield Finding(code="always_true", node=part.id)
    if bool(part.by) != (part.at_most is not None):
        yield Finding(code="nothing_asked", node=part.id)
    yield from _check_where(part.id, part.pool)


def _check_graded(part: Graded) -> Iterator[Finding]:
    least, most = part.at_least, part.at_most
    if least is None and most is None:
        yield Finding(code="nothing_asked", node=part.id)
    if least is not None and most is not None and most < least:
        yield Finding(code="maximum_below_minimum", node=part.id)
    yield from _check_where(part.id, part.pool)
    yield from _check_blend(part.id, part)


def _check_group(part: Group) -> Iterator[Finding]:
    if not part.parts:
        yield Finding(code="no_parts", node=part.id)
    elif isinstance(part, AtLeast) and part.count < 1:
        yield Finding(code="always_true", node=part.id)
    elif isinstance(part, AtLeast) and part.count > len(part.parts):
        yield Finding(code="more_than_parts", node=part.id, values=(("count", part.count), ("parts", len(part.parts))))


def _check_where(node: str, where: Where) -> Iterator[Finding]:
    least, most = where.level_at_least, where.level_at_most
    if least is not None and most is not None and most < least:
        yield Finding(code="levels_crossed", node=node)
    since, until = where.earned_since, where.earned_until
    if isinstance(since, date) and isinstance(until, date) and until < since:
        yield Finding(code="dates_crossed", node=node)
    if where.earned_within == Period():
        yield Finding(code="dates_crossed", node=node)
    for number in where.numbers:
        if number.times != 1 and not number.at_least_of and not number.at_most_of:
            yield Finding(code="nothing_asked", node=node)
    for scale in where.scales:
        if not {scale.at_least, scale.at_most} <= {"", *scale.scale}:
            yield Finding(code="no_such_word", node=node)
    beside = [pool for pool in (where.while_held, where.if_held, where.unless_held) if pool is not None]
    for each in (*where.either, *where.neither, *beside):
        yield from _check_where(node, each)


def _check_pool(part: Count | Amount, pool: Pool) -> Iterator[Finding]:
    named = set(pool.achievements) - set(pool.without_achievements)
    if pool.achievements and not named:
        yield Finding(code="all_excluded", node=part.id)
    elif named and isinstance(part, Count) and not pool.repeats and part.at_least > len(named):
        yield Finding(code="more_than_named", node=part.id, values=(("count", part.at_least), ("named", len(named))))


def _named(leaf: Leaf) -> tuple[tuple[str, str], ...] | None:
    """The things of which a leaf takes different ones, if it names them; else none."""
    match leaf:
        case Holds(any_of=keys):
            return tuple(("award", key) for key in keys)
        case Passed(assessment=assessment):
            return (("grade", assessment),)
        case Count(pool=pool) if pool.achievements and not pool.repeats:
            return tuple(("award", key) for key in pool.achievements if key not in pool.without_achievements)
    return None


def _demanded_twice(rule: Rule) -> Iterator[Finding]:
    """Parts that must all be met but together name too few different things, each of which counts once."""
    scope = scopes(rule.root)
    leaves = [(leaf, named) for leaf in _forced(rule.root) if (named := _named(leaf)) is not None]
    things = sorted({(scope[leaf.id], *each) for leaf, named in leaves for each in named})
    place = {each: number for number, each in enumerate(things)}
    fits: list[list[int]] = [[] for _ in things]
    for slot, (leaf, named) in enumerate(leaves):
        for each in named:
            fits[place[(scope[leaf.id], *each)]].append(slot)
    needs = [leaf.at_least if isinstance(leaf, Count) else 1 for leaf, _ in leaves]
    matching = Matching(fits, needs, range(len(leaves)))
    matching.need = needs
    matching.fill(range(len(things)))
    for slot, (leaf, _) in enumerate(leaves):
        if matching.filled[slot] < needs[slot]:
            yield Finding(code="demanded_twice", node=leaf.id, values=(("count", sum(needs)), ("named", len(things))))


def _forced(part: Requirement) -> Iterator[Leaf]:
    if isinstance(part, Leaf):
        yield part
    elif isinstance(part, Group) and needed_parts(part) == len(part.parts):
        for each in part.parts:
            yield from _forced(each)


def ways(part: Requirement) -> int:
    """In how many ways the choices of a part can be made; choices among single things are matched, not tried."""
    return _ways(part, under=False)


def _ways(part: Requirement, *, under: bool) -> int:
    if not isinstance(part, Group):
        return 1
    under = under or bool(part.conditions)
    if all(is_slot(each, under=under) for each in part.parts):
        return 1
    inner = [_ways(each, under=under) for each in part.parts]
    if isinstance(part, All):
        return prod(inner)
    if under:
        # A condition may need more of the parts than must be met: every larger choice is tried too.
        return prod(1 + each for each in inner)
    sums = [1] + [0] * needed_parts(part)
    for each in inner:
        for size in range(len(sums) - 1, 0, -1):
            sums[size] += sums[size - 1] * each
    return sums[-1]


def _cost(rule: Rule) -> Iterator[Finding]:
    count = ways(rule.root)
    if count > MAX_WAYS:
        yield Finding(code="too_many_ways", node=rule.root.id, values=(("ways", count), ("limit", MAX_WAYS)))
    turning = [each for part in walk(rule.root) for each in conditions_of(part) if _is_on_dates(each)]
    if len(turning) > MAX_DATE_CONDITIONS:
        yield Finding(
            code="too_many_date_conditions",
            node=turning[0].id,
            values=(("count", len(turning)), ("limit", MAX_DATE_CONDITIONS)),
        )
    scope = scopes(rule.root)
    sums: dict[str, list[Amount]] = {}
    for part in walk(rule.root):
        if isinstance(part, Amount) and not repeats(part):
            sums.setdefault(scope[part.id], []).append(part)
    for contending in sums.values():
        open_to_all = [part for part in contending if not part.pool.achievements]
        rivals = max((sum(not _apart(one.pool, each.pool) for each in open_to_all) for one in open_to_all), default=0)
        if rivals > MAX_CONTENDING_SUMS:
            yield Finding(
                code="too_many_sums",
                node=contending[0].id,
                values=(("sums", rivals), ("limit", MAX_CONTENDING_SUMS)),
            )


def _is_on_dates(condition: Condition) -> bool:
    return isinstance(condition, OnDates) or (isinstance(condition, Average) and condition.last is not None)


def _apart(one: Pool, other: Pool) -> bool:
    """Whether hardly anything is in both pools: they ask for other values of the same property."""
    for name in ("subjects", "kinds", "issuers", "sources", "tags", "with_tags"):
        asked, others = set(getattr(one, name)), set(getattr(other, name))
        if asked and others and asked.isdisjoint(others):
            return True
    return False
