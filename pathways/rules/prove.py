"""Proves what a rule cannot say of itself: that nobody can meet it, that everybody does, that a part never decides.

Each finding comes with a made-up learner who shows it, and says whether it is proved for all that the catalogue offers
or only that no counterexample was found among so many learners.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING
from itertools import permutations
from typing import Literal

from pathways.rules.made_up import Budget, Entry, TooCostly, World
from pathways.rules.made_up.turns import days_to_ask
from pathways.rules.made_up.weaker import at_the_least
from pathways.rules.phrases.language import gettext_noop
from pathways.rules.record import Holding, HoldingKind, Record
from pathways.rules.requirement import (
    All,
    AtLeast,
    Check,
    Condition,
    Group,
    Leaf,
    Order,
    Pool,
    Requirement,
    Rule,
    Titles,
    conditions_of,
    needed_parts,
    walk,
)
from pathways.rules.subsets import OutOfSteps

# Learners judged for one rule, and for one question about it: what a page can wait for.
MOST_LEARNERS = 3_000
MOST_FOR_ONE = 300
MOST_SETS = 12
# So many things are tried in every order; of more, so many are tried as the first.
MOST_ORDERED = 4
MOST_FIRST = 8
# Nobody finishes faster than by full-time study, one thing after another.
HOURS_A_WEEK = 40

Code = Literal[
    "never",
    "always",
    "too_costly",
    "nothing_fits",
    "not_enough",
    "counted_once",
    "contradiction",
    "never_decides",
    "implied",
    "expires_first",
    "counts_itself",
]
ERRORS: frozenset[Code] = frozenset({"never", "always", "too_costly"})
TEXTS: dict[Code, str] = {
    "never": gettext_noop("Nobody can meet this: not even a learner who has everything that the catalogue offers."),
    "always": gettext_noop("A learner who has nothing yet already meets this."),
    "too_costly": gettext_noop(
        "This costs too much to evaluate: the learner shown could not be judged within the bound."
    ),
    "nothing_fits": gettext_noop("Nothing that the catalogue offers fits here, so this part is never met."),
    "not_enough": gettext_noop("All that fits here, taken together, is not enough for this part."),
    "counted_once": gettext_noop(
        "These parts can be met one by one and not together, since each thing counts only once: {nodes}."
    ),
    "contradiction": gettext_noop("These can be met one by one and not together: {nodes}."),
    "never_decides": gettext_noop("This part never decides: whoever meets the rule by it meets it without it."),
    "implied": gettext_noop("This asks for nothing more: whoever meets the rest meets this, too."),
    "expires_first": gettext_noop(
        "What is earned first expires before the rest can be finished, at {hours} hours a week."
    ),
    "counts_itself": gettext_noop("An award of this achievement would itself count here."),
}
# What is said of what was not proved: of those who were made up, and no more.
UNDECIDED: dict[Code, str] = {
    "never": gettext_noop("None of the learners made up here meets this; whether somebody could was not decided."),
    "nothing_fits": gettext_noop("Nothing that was made up here fits; whether something could was not decided."),
    "not_enough": gettext_noop(
        "All that was made up here and fits is not enough for this part; whether more could be was not decided."
    ),
    "counted_once": gettext_noop(
        "No learner made up here meets these parts together, since each thing counts only once: {nodes}."
    ),
    "contradiction": gettext_noop("No learner made up here meets these together: {nodes}."),
    "never_decides": gettext_noop(
        "No learner made up here needs this part to meet the rule; whether one could was not decided."
    ),
    "implied": gettext_noop(
        "Every learner made up here who meets the rest meets this, too; whether all do was not decided."
    ),
    "expires_first": gettext_noop(
        "In every order that was tried what is earned first expires before the rest, at {hours} hours a week."
    ),
}
BOUNDS: dict[bool, str] = {
    True: gettext_noop("Proved for everything that the catalogue offers."),
    False: gettext_noop("No counterexample among {tried} made-up learners."),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about a rule, the part it is about, and a made-up learner who shows it.

    `met` is the verdict of the rule on that learner. `nodes` are the parts that belong together in it.
    """

    code: Code
    node: str
    nodes: tuple[str, ...] = ()
    example: Record | None = None
    met: bool | None = None
    on: date
    proved: bool
    tried: int

    @property
    def is_error(self) -> bool:
        """Whether a rule of which this is true must not be published; what is not proved never stands in the way."""
        return self.code in ERRORS and self.proved

    @property
    def key(self) -> str:
        """By this somebody confirms having read it."""
        return f"{self.code}:{self.node}"

    @property
    def values(self) -> dict[str, str | int]:
        return {"nodes": ", ".join(self.nodes), "hours": HOURS_A_WEEK, "tried": self.tried}

    @property
    def template(self) -> str:
        """What it says, to be translated and filled; of what is not proved no more than was seen."""
        return TEXTS[self.code] if self.proved else UNDECIDED.get(self.code, TEXTS[self.code])

    @property
    def text(self) -> str:
        return self.template.format(**self.values)

    @property
    def bounds(self) -> str:
        return BOUNDS[self.proved].format(**self.values)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Everything found about a rule; `finished` says that every question was asked."""

    findings: tuple[Finding, ...]
    finished: bool
    tried: int


def prove(
    rule: Rule,
    catalogue: Sequence[Entry],
    on: date,
    *,
    awards: str = "",
    most: int = MOST_LEARNERS,
    most_each: int = MOST_FOR_ONE,
) -> Proof:
    """What can be found out about a rule that `cost.check` has nothing against. `awards` is the key it awards."""
    budget = Budget(most, most_each)
    # An award of it cannot be what it is first earned by.
    offered = [entry for entry in catalogue if entry.kind == "grade" or entry.key != awards]
    prover = _Prover(rule, offered, on, budget)
    found: list[Finding] = []
    finished = True
    try:
        for finding in prover.findings():
            found.append(finding)
    except OutOfSteps:
        finished = False
    except TooCostly as costly:
        finished = False
        found.append(prover.finding("too_costly", rule.root.id, example=costly.record, proved=True))
    itself = [entry for entry in catalogue if entry.kind == "award" and entry.key == awards]
    if itself and not any(each.is_error for each in found):
        found += _counts_itself(rule, itself[0], on, budget)
    return Proof(findings=tuple(found), finished=finished, tried=budget.tried)


def to_earn(rule: Rule) -> Rule:
    """The rule as it is asked of those who do not hold the award yet, with nothing said of what it bears or lasts."""
    return Rule(
        root=rule.root, same=rule.same, substitutes=rule.substitutes, barred=rule.barred, renewals=rule.renewals
    )


def _counts_itself(rule: Rule, entry: Entry, on: date, budget: Budget) -> Iterator[Finding]:
    world = World([rule], [entry], on, budget)
    for part in walk(rule.root):
        if isinstance(part, Leaf) and part.id in world.matched:
            example = world.lands[0].record(world.lands[0].full)
            yield Finding(code="counts_itself", node=part.id, example=example, met=None, on=on, proved=True, tried=1)


class _Prover:
    """Asks one question after another about one rule."""

    def __init__(self, rule: Rule, catalogue: Sequence[Entry], on: date, budget: Budget) -> None:
        self.rule = to_earn(rule)
        self.catalogue = catalogue
        self.budget = budget
        self.on = on
        # What gives the award a title matters, even if it does not decide.
        self.telling = {title.node for result in rule.results if isinstance(result, Titles) for title in result.titles}

    def finding(
        self,
        code: Code,
        node: str,
        *,
        example: Record | None,
        met: bool | None = None,
        proved: bool,
        nodes: tuple[str, ...] = (),
        tried: int = 1,
    ) -> Finding:
        return Finding(
            code=code, node=node, nodes=nodes, example=example, met=met, on=self.on, proved=proved, tried=tried
        )

    def findings(self) -> Iterator[Finding]:
        root = self.rule.root
        days = days_to_ask([self.rule], self.on)
        worlds = [World([self.rule], self.catalogue, day, self.budget) for day in days]
        reached = next((world for world in worlds if world.reachable(self.rule) is not None), None)
        self.world = reached or worlds[0]
        self.on = self.world.on
        if reached is None:
            yield self.finding("never", root.id, example=self._everything(), met=False, proved=self._is_hopeless(root))
            yield from self._reasons(root)
            return
        if self.world.verdict(self.rule, Record()):
            yield self.finding("always", root.id, example=Record(), met=True, proved=True)
            return
        dead = set()
        for part in self._unreachable(root):
            dead |= {each.id for each in walk(part)}
            yield from self._reasons(part)
        yield from self._idle(dead)
        yield from self._expires_first()

    def _everything(self) -> Record | None:
        lands = self.world.lands
        return lands[0].record(lands[0].full) if lands else None

    # What cannot be met

    def _is_reachable(self, part: Requirement) -> bool:
        return self.world.reachable(replace(self.rule, root=part)) is not None

    def _is_hopeless(self, part: Requirement) -> bool:
        """Whether it is proved that nobody meets a part that nobody made up here does, on any day that was asked."""
        if self.world.complete:
            return True
        less = replace(self.rule, root=at_the_least(part))
        worlds = (World([less], self.catalogue, day, self.budget) for day in days_to_ask([less], self.on))
        return all(world.complete and world.reachable(less) is None for world in worlds)

    def _unreachable(self, part: Requirement) -> Iterator[Requirement]:
        """The outermost parts that nobody can meet, though the rule as a whole can be met."""
        for below in part.parts if isinstance(part, Group) else ():
            if self._is_reachable(below):
                yield from self._unreachable(below)
            else:
                yield below

    def _reasons(self, part: Requirement) -> Iterator[Finding]:
        """Why nobody can meet this part, as far down as it can be said."""
        proved = self._is_hopeless(part)
        example = self._everything()
        if isinstance(part, Leaf | Check) and part.id not in self.world.matched and _looks_at_holdings(part):
            yield self.finding("nothing_fits", part.id, example=None, met=False, proved=proved)
            return
        bare = _bare(part)
        if self._is_reachable(bare):
            nodes = self._core(part)
            yield self.finding(
                "contradiction", part.id, nodes=nodes, example=example, met=False, proved=proved, tried=len(nodes)
            )
            return
        below = bare.parts if isinstance(bare, Group) else ()
        out = [each for each in below if not self._is_reachable(each)]
        for each in out:
            yield from self._reasons(each)
        if below and len(below) - len(out) >= needed_parts(part):  # type: ignore[arg-type]
            nodes = self._core(bare)
            code: Code = "counted_once" if self._is_reachable(_sharing(bare)) else "contradiction"
            yield self.finding(code, part.id, nodes=nodes, example=example, met=False, proved=proved, tried=len(nodes))
        elif not below:
            yield self.finding("not_enough", part.id, example=example, met=False, proved=proved)

    def _core(self, part: Requirement) -> tuple[str, ...]:
        """Parts and conditions of which none can be left out without the rest becoming possible."""
        here = part
        for node in [each.id for each in (*conditions_of(part), *(part.parts if isinstance(part, All) else ()))]:
            less = without(replace(self.rule, root=here), node)
            if less is not None and not self._is_reachable(less.root):
                here = less.root
        return tuple(each.id for each in (*(here.parts if isinstance(here, Group) else ()), *conditions_of(here)))

    # What makes no difference

    def _idle(self, dead: set[str]) -> Iterator[Finding]:
        """Parts that never decide and requirements that the rest implies; each is left out when the next is judged."""
        rule = self.rule
        waiting = _places(self.rule.root)
        while waiting:
            place = waiting.pop()
            below = set() if isinstance(place.piece, Condition) else {each.id for each in walk(place.piece)}
            if place.piece.id in dead:
                continue
            finding = None
            if not below & (dead | self.telling):
                finding, rule = self._idle_one(rule, place)
            if finding is not None:
                yield finding
            elif not isinstance(place.piece, Condition):
                waiting += _places(place.piece)

    def _idle_one(self, rule: Rule, place: "_Place") -> tuple[Finding | None, Rule]:
        node = place.piece.id
        less = without(rule, node)
        if less is None:
            return None, rule
        if place.is_choice:
            outcome = self.world.differ(rule, less)
            if outcome.record is not None:
                return None, rule
            shown = (
                self.world.least(replace(self.rule, root=place.piece))
                if not isinstance(place.piece, Condition)
                else None
            )
            code: Code = "never_decides"
        else:
            outcome = self.world.differ(less, rule)
            if outcome.record is not None:
                return None, rule
            # Under a condition a part may also offer what the others lack.
            offers = self.world.differ(rule, less)
            if offers.record is not None:
                return None, rule
            shown, code = self.world.least(less), "implied"
        met = self.world.verdict(self.rule, shown) if shown is not None else None
        return self.finding(code, node, example=shown, met=met, proved=outcome.proved, tried=outcome.tried), less

    # What does not last until the rest is there

    def _expires_first(self) -> Iterator[Finding]:
        valid = {entry.key: entry for entry in self.catalogue if entry.valid_for is not None}
        if not valid:
            return
        entries = {(entry.kind, entry.key): entry for entry in self.catalogue}
        shown: Record | None = None
        sets, exact = 0, True
        for record in self.world.sets(self.rule, MOST_SETS):
            sets += 1
            exact = exact and len(record.holdings) <= MOST_ORDERED
            studied = [one_after_another(record, order, entries) for order in orders(record)]
            if not any(self.world.verdict(self.rule, _lasting(each)) for each in studied):
                # Something else than what expires keeps it from being earned one after another.
                return
            if any(self.world.verdict(self.rule, each) for each in studied):
                return
            shown = shown or max(studied, key=lambda each: min(held.earned_on for held in each.holdings))
        if shown is not None:
            proved = self.world.complete and exact and sets < MOST_SETS
            yield self.finding("expires_first", self.rule.root.id, example=shown, met=False, proved=proved, tried=sets)


def orders(record: Record) -> Iterator[tuple[Holding, ...]]:
    """Orders in which to earn these: all of a few; else each first in turn and, after it, what lasts longest."""
    if len(record.holdings) <= MOST_ORDERED:
        yield from permutations(record.holdings)
        return

    def last_day(held: Holding) -> tuple[date, str]:
        return held.until or date.max, held.id

    lasting = sorted(record.holdings, key=last_day, reverse=True)
    for first in lasting[:MOST_FIRST]:
        yield first, *(each for each in lasting if each is not first)


def one_after_another(
    record: Record, order: Sequence[Holding], entries: Mapping[tuple[HoldingKind, str], Entry]
) -> Record:
    """The same learner, who earns these in this order by full-time study, the last no later than now."""
    studied: list[Holding] = []
    latest: date | None = None
    for held in reversed(order):
        earned = held.earned_on if latest is None else min(held.earned_on, latest)
        lasts = None if held.until is None else held.until - held.earned_on
        studied.append(replace(held, earned_on=earned, until=None if lasts is None else earned + lasts))
        latest = earned - timedelta(days=days_of_study(entries[held.kind, held.key]))
    return replace(record, holdings=tuple(studied[::-1]))


def _lasting(record: Record) -> Record:
    return replace(record, holdings=tuple(replace(each, until=None) for each in record.holdings))


def days_of_study(entry: Entry) -> int:
    """Days that full-time study of it takes, rounded up."""
    return int((entry.hours * 7 / HOURS_A_WEEK).to_integral_value(ROUND_CEILING)) if entry.hours else 0


# A rule without one of its pieces


@dataclass(frozen=True)
class _Place:
    """A part or condition, and whether it stands in a choice."""

    piece: Requirement | Condition
    is_choice: bool = False


def _places(part: Requirement) -> list[_Place]:
    """What stands right under a part. Judged from the last: of two that say the same, the later one is idle."""
    found = [_Place(condition) for condition in conditions_of(part)]
    if isinstance(part, Group):
        is_choice = needed_parts(part) < len(part.parts)
        found += [_Place(each, is_choice) for each in part.parts]
    return found


def without(rule: Rule, node: str) -> Rule | None:
    """The rule without one part or condition; none if then a group were empty, or the part is the whole.

    A part of a choice is as if it could not be met; any other as if it were met.
    """
    root = _without(rule.root, node)
    return None if root is None or root == rule.root else replace(rule, root=_ordered(root))


def _without(part: Requirement, node: str) -> Requirement | None:
    if any(each.id == node for each in conditions_of(part)):
        kept = tuple(each for each in conditions_of(part) if each.id != node)
        return replace(part, conditions=kept)  # type: ignore[arg-type]
    if not isinstance(part, Group):
        return part
    if any(each.id == node for each in part.parts):
        left = tuple(each for each in part.parts if each.id != node)
        if not left:
            return None
        if isinstance(part, AtLeast) and part.count > len(left):
            return replace(part, parts=left, count=len(left))
        return replace(part, parts=left)
    parts = [_without(each, node) for each in part.parts]
    return None if None in parts else replace(part, parts=tuple(each for each in parts if each is not None))


def _ordered(part: Requirement) -> Requirement:
    """The part with no order that names what is no longer below it."""
    below = {each.id for each in walk(part)}
    kept: list[Condition] = []
    for each in conditions_of(part):
        if isinstance(each, Order):
            first = tuple(node for node in each.first if node in below)
            then = tuple(node for node in each.then if node in below)
            if first and then:
                kept.append(replace(each, first=first, then=then))
        else:
            kept.append(each)
    if tuple(kept) != conditions_of(part):
        part = replace(part, conditions=tuple(kept))  # type: ignore[arg-type]
    if isinstance(part, Group):
        part = replace(part, parts=tuple(_ordered(each) for each in part.parts))
    return part


def _bare(part: Requirement) -> Requirement:
    """The part without conditions of its own."""
    return replace(part, conditions=()) if conditions_of(part) else part  # type: ignore[arg-type]


def _sharing(part: Requirement) -> Requirement:
    """The part with everything below it sharing what it takes."""
    if isinstance(part, Group):
        part = replace(part, conditions=(), parts=tuple(_sharing(each) for each in part.parts))
    return part if isinstance(part, Check) else replace(part, shared=True)


def _looks_at_holdings(part: Requirement) -> bool:
    return isinstance(part, Leaf) or any(isinstance(getattr(part, each.name), Pool) for each in fields(part))
